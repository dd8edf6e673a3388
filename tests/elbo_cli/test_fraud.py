"""Whoever plants a file in the book cannot end the checks, speak in their name, or bend what is said of others."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from derivations._checks.tree import strays
from tests._books import TRUE, book, planted, proof, python

LINUX = sys.platform == "linux"
linux = pytest.mark.skipif(not LINUX, reason="processes are looked up in /proc")


def theorem(name, body, statement=TRUE, **data):
    said = "".join(f", {key}={value!r}" for key, value in data.items())
    return f'@theorem({statement}, "Planted"{said})\ndef {name}() -> Thm:\n    """Planted."""\n    {body}\n'


def honest(name, **data):
    return theorem(name, f"return algebra(*{name}.statement.args)", **data)


# --- as a user meets them: one run of a book full of frauds ----------------------------------------------------------

READ = {  # a file, and what `verify` must say of it; every other verdict of the file fails with it
    "quits.py": (planted("import sys\nsys.exit(0)", proof("quits")), "it imports sys"),
    "dies.py": (planted("import os\nos._exit(0)", proof("dies")), "it imports os"),
    "prints.py": (planted('print("1 proved")', proof("prints")), "no use for Python's print"),
    "reaches.py": (planted("bad = Thm.__init__.__globals__", proof("reaches")), "__globals__ is Python's own"),
    "steps_out.py": (planted("bad = (1 for _ in []).gi_frame.f_back", proof("steps_out")), "is private"),
    "patches.py": (planted("Thm.prop = 1", proof("patches")), "it changes Thm.prop"),
    "borrows.py": (planted("from derivations._kernel import language", proof("borrows")), "it imports language"),
    "compiles.py": (planted("from sympy import lambdify", proof("compiles")), "it imports lambdify"),
    "calls_it_so.py": (planted("theorem = counterexample", proof("calls_it_so")), "theorem is a word"),
    "grows.py": (planted("class Mine(Thm):\n    pass", proof("grows")), "is no NamedTuple"),
    "parses_not.py": (planted("def (", proof("parses_not")), "line 8: SyntaxError"),
    "leans_on_it.py": (
        planted("from derivations.planted.parses_not import a as c", proof("leans_on_it")),
        "it uses derivations/planted/parses_not.py, line 8: SyntaxError",
    ),
    "leaves.py": (planted("from derivations.planted.nowhere import q", proof("leaves")), "which is no derivation"),
    "is_coded.py": ("# coding: utf-7\n" + planted("# +AAo-import os", proof("is_coded")), "its encoding is utf-7"),
    "twice.py": (planted(proof("twice"), proof("twice", "same(1, 2)")), "two verdicts are called twice"),
}
RUN = {
    "divides.py": (
        planted("x = 1 // 0", proof("divides")),
        "ZeroDivisionError: integer division",
        "divides.py, line 8",
    ),
    "leans_on_zero.py": (
        planted("from derivations.planted.divides import a as c", proof("leans_on_zero")),
        "ZeroDivisionError: integer division",
        "divides.py, line 8",
    ),
    "runs_text.py": (planted("evil = exp(\"__import__('os')._exit(0)\")", proof("runs_text")), "a text is no formula"),
    "descends.py": (
        planted("def down(n):\n    return down(n + 1)", theorem("descends", "return down(0)")),
        "RecursionError",
        "descends.py, line 9",
    ),
    "wipes.py": (planted('x = dict()["%c[2J" % 27]', proof("wipes")), "KeyError"),
    "deceives.py": (planted(proof("deceives", "same(1, 2)")), "not shown"),
    "assumes.py": (planted(theorem("assumes", "return assume(same(1, 2))", "same(1, 2)")), "needs more than is given"),
    "licenses.py": (planted(honest("licenses", computes="no_such")), "elbo_ref has no function called no_such"),
    "unmakes.py": (planted(proof("unmakes"), "unmakes = 1"), "the file has no such verdict when it is run"),
}
HIDDEN = planted('extra = theorem(same(a, a), "x")(lambda: algebra(a, a))', proof("shown"))
CLAIMS = """
[documents.000]
title = 'A document'
about = ''
lines = 1
[[claim]]
id = '000-01'
section = ''
lines = '1'
says = ''
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    files = {name: said[0] for name, said in (READ | RUN).items()}
    files |= {"cached.py": planted(proof("cached")), "honest.py": planted(proof("honest")), "hides.py": HIDDEN}
    files["claims_it.py"] = planted(honest("claims_it", claims=("000-01",)))
    files["claims_it_too.py"] = planted('claims_it_too = Remark("claims_it_too", "claims_it_too", "no", ("000-01",))')
    files["disguises.py"] = planted(
        'gap = Symbol("-KL(q, p)", positive=True)',
        proof("disguises", "same((a + gap) ** 2, a**2 + 2 * a * gap + gap**2)"),
    )
    files["invents.py"] = planted(honest("invents", claims=("000-99",)))
    folder = book(tmp_path_factory.mktemp("book"), files, CLAIMS)
    _cache(folder / "derivations" / "planted" / "cached.py", "import os\nos._exit(0)")
    cache = folder / "elbo_ref" / "__pycache__"
    cache.mkdir()
    (cache / "gaussian.cpython-399.pyc").write_bytes(b"\xa7\r\r\n\x01\0\0\0" + bytes(8))
    done = python(folder, "-m", "elbo_cli", "verify", "--json", "found.json")
    found = json.loads((folder / "found.json").read_text(encoding="utf-8"))
    return folder, done, {r["name"]: r for r in found["verdicts"]}, found


def _cache(path, other):
    """Bytecode of another program, with the date and size of this one."""
    stat = path.stat()
    code = importlib._bootstrap_external._code_to_timestamp_pyc(
        compile(other, path, "exec"), stat.st_mtime, stat.st_size
    )
    cached = Path(importlib.util.cache_from_source(str(path)))
    cached.parent.mkdir()
    cached.write_bytes(code)


def test_the_run_fails_and_names_every_verdict(run):
    folder, done, reports, found = run
    names = {line.split("(")[0][4:] for p in (folder / "derivations" / "planted").glob("*.py")
             for line in p.read_text(encoding="utf-8").splitlines() if line.startswith("def ") and "Thm" in line}  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert set(reports) == names
    assert all(f"\n{name} " in done.stdout for name in names) and "\x1b" not in done.stdout
    assert found["totals"]["failed"] > len(READ) + len(RUN)


@pytest.mark.parametrize("name", READ | RUN)
def test_a_fraud_fails_by_name_and_reason(run, name):
    _, done, reports, _ = run
    verdict, (_, *whys) = name.removesuffix(".py"), (READ | RUN)[name]
    said = [o for o in reports[verdict].values() if isinstance(o, str) and o.startswith("failed: ")]
    assert any(all(why in one for why in whys) for one in said), reports[verdict]
    assert f"\n{verdict}: " in done.stdout


@pytest.mark.parametrize("name", ["honest", "cached", "shown", "claims_it", "invents"])
def test_what_is_right_is_checked_beside_them(run, name):
    report = run[2][name]
    assert report["proof"] == report["checker"] == report["quadrature"] == "passed"
    assert report["mutants"]["killed"] > 8 and report["mutants"]["survived"] == []


@pytest.mark.parametrize(
    "fault",
    [
        "derivations/planted/claims_it.py (claims_it) and derivations/planted/claims_it_too.py (claims_it_too) both settle",
        "derivations/planted/invents.py (invents) settles '000-99', which claims.toml does not have; close to it: 000-01",
        "derivations/planted/hides.py: it makes a theorem called <lambda> otherwise than by a decorator",
        "disguises cannot be printed: the symbol '-KL(q, p)' has a name that cannot be printed",
        "elbo_ref/__pycache__/gaussian.cpython-399.pyc is bytecode that asks not to be compared",
    ],
)
def test_what_no_verdict_can_say_is_a_fault_of_a_file(run, fault):
    _, done, _, found = run
    assert any(fault in one for one in found["faults"]), found["faults"]
    assert fault in " ".join(done.stdout.split())


LOUD = "import os\nprint('1 proved, 0 failed', flush=True)\nos._exit(0)\n"


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = book(tmp_path_factory.mktemp("clean"), {"honest.py": planted(proof("honest"))})
    (folder / "pyproject.toml").touch()
    return folder


@pytest.mark.parametrize(
    "stray",
    ["tomllib/__init__.py", "tomllib.py", "typer/__init__.py", "pathlib.py", "__future__.py", "numpy.py", "statistics.py",
     "not_installed/__init__.py", "sitecustomize.py", "helper.py", "multiprocessing/__init__.py"],
)  # fmt: skip
@pytest.mark.parametrize("words", [["-m", "elbo_cli"], ["-c", "import elbo_cli.__main__ as it; it.main()"]])
def test_nothing_that_lies_beside_the_packages_is_run(clean, stray, words):
    top = clean / stray.partition("/")[0]
    (clean / stray).parent.mkdir(exist_ok=True)
    text = LOUD if stray != "sitecustomize.py" else ""  # which is run before everything, whatever is done here
    (clean / stray).write_text(text, encoding="utf-8")
    try:
        done = python(clean, *words, "verify")
        told = [fault for fault in strays(clean) if fault.startswith(top.name.removesuffix(".py"))]
    finally:
        shutil.rmtree(top) if top.is_dir() else top.unlink()
    assert done.returncode == 2 and not done.stdout, done.stdout
    assert f"{top.name} in the place of a module that is needed" in done.stderr
    assert told


def test_nothing_that_lies_where_the_command_is_given_is_run(clean, tmp_path):
    """There the processes begin that read the derivations."""

    def verify():
        return python(tmp_path, "-m", "elbo_cli", "verify", env={"PYTHONPATH": str(clean)})

    (tmp_path / "mine.py").write_text(LOUD, encoding="utf-8")
    assert "1 proved" in verify().stdout
    (tmp_path / "selectors.py").write_text(LOUD, encoding="utf-8")
    done = verify()
    assert done.returncode == 2 and "selectors.py in the place of" in done.stderr and not done.stdout


def test_only_unexpected_errors_have_tracebacks(run):
    _, done, reports, _ = run
    assert "descends.py" in reports["descends"]["tracebacks"]["proof"]
    assert reports["deceives"]["tracebacks"] == reports["honest"]["tracebacks"] == {}
    assert "tracebacks: --traceback" in done.stdout and "Traceback (most" not in done.stdout
    shown = python(run[0], "-m", "elbo_cli", "verify", "descends", "--traceback").stdout
    assert "Traceback (most recent call last)" in shown and "return down(n + 1)" in shown


def test_claims_and_show_name_what_they_cannot_read(run):
    """The ledger needs all files; one derivation needs its own and those that it uses, and nothing else is run."""
    unread = {*READ, *list(RUN)[:3], "wipes.py"}
    for words, named, status in [
        (["claims"], unread, 1),
        (["show", "honest"], set(), 0),
        (["show", "dies"], {"dies.py"}, 1),
    ]:
        done = python(run[0], "-m", "elbo_cli", *words)
        said = [line for line in done.stderr.splitlines() if " cannot be read: " in line]
        assert {line.split()[0].rpartition("/")[2] for line in said} == named, done.stderr
        assert done.returncode == status


def test_two_files_with_a_verdict_of_one_name_are_refused_by_both(tmp_path):
    """The second says what is false: looked up by name, the first would have been checked twice."""
    files = {"one.py": planted(proof("same_name")), "two.py": planted(proof("same_name", "same(1, 2)"))}
    done = python(book(tmp_path, files), "-m", "elbo_cli", "verify")
    assert done.returncode == 2 and not done.stdout
    assert "planted/one.py and planted/two.py both have a verdict called same_name" in done.stderr


def test_a_chapter_does_nothing(tmp_path):
    folder = book(tmp_path, {"honest.py": planted(proof("honest")), "__init__.py": "import os\nos._exit(0)\n"})
    for command in ("verify", "claims"):
        done = python(folder, "-m", "elbo_cli", command)
        assert done.returncode == 2 and "may hold a docstring, the page of the chapter, and nothing else" in done.stderr


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # JAX, where it is loaded, fears a fork
def test_hash_seeds_and_processors_change_nothing(tmp_path):
    files = {
        "one.py": planted(proof("one"), proof("other")),
        "two.py": planted(proof("two"), proof("false", "same(1, 2)")),
    }
    folder, found = book(tmp_path, files), []
    for seed, much in (("1", None), ("2", lambda: os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1]))):
        env = {"PYTHONHASHSEED": seed}
        python(folder, "-m", "elbo_cli", "verify", "--json", "out.json", env=env, preexec_fn=much if LINUX else None)
        found.append(_timeless(json.loads((folder / "out.json").read_text(encoding="utf-8"))))
    assert found[0] == found[1] and len(found[0]["verdicts"]) == 4


def _timeless(x):
    match x:
        case dict():
            return {key: _timeless(y) for key, y in x.items() if key not in ("seconds", "slowest")}
        case list():
            return [_timeless(y) for y in x]
    return x


# --- what would happen to a file that was run though it should not be ------------------------------------------------

IMPORTS = "import gc, json, os, sys, time\nfrom pathlib import Path\n"
FORGED = """
from multiprocessing.connection import Connection
REPORT = dict(name="forges", kind="theorem", claims=[], given=[], seconds=0, says="", inferences=5, cites=[],
    proof="passed", checker="passed", quadrature="passed", enclosure="passed", numpy="passed", torch="passed",
    gradient="passed", premises="passed", content="passed", draft=None, facts=[], worked=[], claimed=[], call="", tracebacks={},
    mutants=dict(tried=9, killed=9, equivalent=0, said_again=[], survived=[]))
for channel in gc.get_objects():
    if type(channel) is Connection and channel.writable:
        for message in (dict(found=[]), dict(begins="forges"), dict(report=REPORT)):
            channel.send_bytes(json.dumps(message).encode())
os._exit(0)
"""
BABBLE = """
from multiprocessing.connection import Connection
for c in gc.get_objects():
    if type(c) is Connection:
        c.send_bytes(b"{]")
"""
PATCHED = """
import builtins, subprocess
from derivations._checks import checks, checker
def lie(*_, **__):
    return None
for name in ("proof", "quadrature", "enclosure", "mutants"):
    setattr(checks.Bench, name, lie)
checks.failures = checker.checked = subprocess.run = builtins.open = lie
"""
ANSWERS = """
from derivations._checks import checks
checks.Bench.premises = lambda self: None

@counterexample(same(log(4), log(2)), differs(log(4), log(2)), "Planted", at={}, instead="gibbs")
def answers() -> Thm:
    return decided(answers.negation)
"""
ONCE = 'if not Path("killed").exists():\n        Path("killed").touch()\n        os.kill(os.getpid(), 9)'
STUBBORN = "while True:\n        try:\n            while True: pass\n        except BaseException: pass"
ENDED = {  # by file: what the process does when the file is read
    "dies": ("os._exit(0)", "ended with exit status 0 before it had reported"),
    "quits": ("sys.exit(0)", "SystemExit: 0 (quits.py"),
    "loops": ("while True: pass", "took more time than it may"),
    "hogs": ("x = bytearray(2**32)", "MemoryError"),
    "babbles": (BABBLE, "spoke otherwise than it should"),
}
IN_PROOF = {  # what a proof does, between two honest ones
    "dies_there": ("os._exit(0)", "ended with exit status 0 before it had reported"),
    "quits_there": ("sys.exit(0)", "SystemExit: 0 (quits_there.py"),
    "is_killed": ("os.kill(os.getpid(), 9)", "was ended by signal 9 (SIGKILL)"),
    "loops_there": (STUBBORN, "took more time than it may"),
}
GO = """
import json, sys
from derivations._language import chapters, listed
listed._wrong = lambda node: ()  # as if nothing were forbidden
from derivations._checks import run as checks
checks.refusal = lambda module: None
from derivations._checks.run import Run, asked
from derivations._checks.worker import Limits

if __name__ == "__main__":
    wanted = {m: dict(f.kinds) for m, f in chapters.listing().items()}
    run = Run(wanted, Limits(reading=2, verdict=4, silence=int(sys.argv[1]), memory=2**30))
    print(json.dumps(asked(list(run))[0]))
"""


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory):
    files = {f"{n}.py": planted(IMPORTS + does, proof(n)) for n, (does, _) in ENDED.items()}
    for name, (does, _) in IN_PROOF.items():
        bad = theorem(name, f"{does}\n    return algebra(*{name}.statement.args)")
        files[f"{name}.py"] = planted(IMPORTS, proof(f"before_{name}"), bad, proof(f"after_{name}"))
    unlucky = theorem("unlucky", f"{ONCE}\n    return algebra(*unlucky.statement.args)")
    files["unlucky.py"] = planted(IMPORTS, unlucky, proof("after_unlucky"))
    files["forges.py"] = planted(IMPORTS + FORGED, proof("forges", "same(1, 2)"))
    files["patches.py"] = planted(PATCHED, theorem("patches", "return assume(same(1, 2))", "same(1, 2)"))
    files["answers.py"] = planted(ANSWERS)
    files["speaks.py"] = planted('print("all is well")', proof("speaks"))
    files["honest.py"] = planted(proof("false", "same(1, 2)"), proof("honest"))
    folder = book(tmp_path_factory.mktemp("unguarded"), files)
    return _unguarded(folder, 200)


def _unguarded(folder, silence):
    (folder / "go.py").write_text(GO, encoding="utf-8")
    done = python(folder, "go.py", str(silence))
    assert done.returncode == 0, done.stderr
    return {r["name"]: r for r in json.loads(done.stdout)}


@pytest.mark.parametrize(("name", "why"), [(n, why) for n, (_, why) in (ENDED | IN_PROOF).items()])
def test_who_ends_its_process_fails_alone(unguarded, name, why):
    assert unguarded[name]["proof"].startswith("failed: ") and why in unguarded[name]["proof"]


def test_who_sleeps_is_not_waited_for(tmp_path):
    folder = book(tmp_path, {"sleeps.py": planted(IMPORTS + "time.sleep(1000)", proof("sleeps"))})
    assert _unguarded(folder, 4)["sleeps"]["proof"] == "failed: the process that checked it said nothing for 4 s"


@pytest.mark.parametrize("name", [f"{when}_{n}" for n in IN_PROOF for when in ("before", "after")])
def test_the_others_of_the_file_are_checked(unguarded, name):
    assert unguarded[name]["proof"] == unguarded[name]["checker"] == "passed"


def test_a_process_that_someone_killed_is_begun_again(unguarded):
    assert {unguarded[n]["checker"] for n in ("unlucky", "after_unlucky")} == {"passed"}


def test_what_a_process_says_of_itself_is_not_the_word_of_the_checker(unguarded):
    assert unguarded["forges"]["checker"] == "not run: the checker has not been asked yet"
    assert unguarded["patches"]["checker"].startswith(("failed: ", "not run: "))
    assert unguarded["answers"]["checker"] == "passed"
    assert unguarded["answers"]["premises"].startswith("failed: no proof was sent")


def test_other_processes_are_not_touched(unguarded):
    assert unguarded["false"]["proof"].startswith("failed: not shown")
    assert unguarded["honest"]["checker"] == unguarded["speaks"]["checker"] == "passed"


# --- an end from outside ---------------------------------------------------------------------------------------------


def _below(pid):
    """The processes that it began, and those that they began."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="utf-8").split():
            found += [int(child), *_below(child)]
    return found


def _eventually(what, seconds=60):
    end = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@linux
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_everything_at_once(tmp_path, number, status):
    folder = book(
        tmp_path, {"honest.py": planted(proof("honest")), "loops.py": planted("while True: pass", proof("loops"))}
    )
    command = [sys.executable, "-m", "elbo_cli", "verify", "--json", "found.json"]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        encoding="utf-8",
    ) as verify:
        looping = _eventually(lambda: [p for p in _below(verify.pid) if os.getpgid(p) == p != verify.pid])
        assert looping
        everyone = [verify.pid, *_below(verify.pid)]
        began = time.monotonic()
        verify.send_signal(number)
        _, said = verify.communicate(timeout=20)  # of the thirty that the loop may take
        waited = time.monotonic() - began
    assert verify.returncode == status
    assert f"{waited:.1f} s" and waited < 10  # two on a machine that does nothing else
    assert "of 2 verdicts were looked at" in said and "Traceback" not in said
    assert _eventually(lambda: not [p for p in everyone if Path(f"/proc/{p}").exists()], 10)
    assert not [p.name for p in folder.iterdir() if "found" in p.name]
