"""The independent checker is asked of all proofs together, in a process of its own; what it cannot read is singled out."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from derivations._checks import checker
from derivations._checks.checker import CHECKER, NoVerdict, checked, command
from derivations._checks.checks import check, state
from derivations._checks.run import asked
from derivations._checks.tree import CHECKER as FILES
from derivations._checks.tree import strays
from derivations._language.certificate import Draft, assembled, certificate
from derivations._language.chapters import verdicts

NAMED = {v.name: v for v in verdicts()}
GIBBS = NAMED["gibbs"]


def test_a_theorem_that_is_not_what_was_proved_is_refused():
    true = certificate([GIBBS])
    assert checked(true).theorems["gibbs"]["proved"]
    false = {**true, "terms": [*true["terms"], ["q", "1"], ["=", len(true["terms"]), len(true["terms"])]]}
    false["theorems"] = [["gibbs", true["theorems"][0][1], len(false["terms"]) - 1, []]]
    said = checked(false).theorems["gibbs"]
    assert not said["proved"] and "something else" in said["why"]


def test_what_cannot_be_read_is_no_verdict():
    with pytest.raises(NoVerdict):
        checked({"terms": [], "nodes": [], "theorems": [["it", 0, 0, []]]})


def test_one_bad_certificate_does_not_spoil_the_others():
    good, bad = check(NAMED["gibbs"]), check(NAMED["jensen"])
    bad["draft"] = Draft([["no such rule", [], *bad["draft"].nodes[0][2:]]], ["jensen", 0, *bad["draft"].theorem[2:]])
    bad["draft"].theorem[2] = None  # not a row
    reports, _ = asked([good, bad])
    assert [state(r) for r in reports] == ["proved", "prover only"]
    assert "the checker gave no verdict" in reports[1]["checker"]


def test_equal_inferences_of_two_proofs_are_checked_once():
    both = [check(NAMED["gibbs"]), check(NAMED["gibbs_equality"])]
    reports, inferences = asked(both)
    assert max(r["inferences"] for r in reports) <= inferences < sum(r["inferences"] for r in reports)
    assert inferences == len(assembled(r["draft"] for r in both)["nodes"])


LOUD = "import sys\nprint('{\"accepted\": true}')\nsys.exit(0)\n"


@pytest.mark.parametrize("where", ["elbo_check", "."])
@pytest.mark.parametrize("stray", ["{}.py", "{}/__init__.py"])
def test_what_lies_beside_the_checker_is_not_run_in_the_place_of_python(tmp_path, monkeypatch, where, stray):
    folder = Path(shutil.copytree(CHECKER, tmp_path / "elbo_check", ignore=shutil.ignore_patterns("__pycache__")))
    for name in ("argparse", "json", "pkgutil", "runpy", "fractions", "importlib"):
        file = tmp_path / where / stray.format(name)
        file.parent.mkdir(exist_ok=True)
        file.write_text(LOUD, encoding="utf-8")
    monkeypatch.setattr(checker, "CHECKER", folder)
    monkeypatch.chdir(tmp_path)
    asked = command("nowhere.json", "--json")
    done = subprocess.run(asked, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1 and not json.loads(done.stdout)["accepted"]
    assert [s for s in strays(tmp_path) if "is no file of the checker" in s] or where == "."


def test_the_folder_run_by_itself_takes_them_from_python_too(tmp_path):
    folder = Path(shutil.copytree(CHECKER, tmp_path / "elbo_check", ignore=shutil.ignore_patterns("__pycache__")))
    for name in ("argparse", "json", "fractions", "pathlib"):
        for where in (folder, tmp_path):
            (where / f"{name}.py").write_text(LOUD, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(folder), "nowhere"], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1 and done.stdout.startswith("REFUSED")


@pytest.mark.parametrize("name", ["__init__.py", "replay.py", "meaning/__init__.py", "meaning/settle.py"])
def test_bytecode_that_lies_beside_a_file_of_the_checker_is_not_run(tmp_path, monkeypatch, name):
    folder = Path(shutil.copytree(CHECKER, tmp_path / "elbo_check", ignore=shutil.ignore_patterns("__pycache__")))
    cached = Path(importlib.util.cache_from_source(str(folder / name)))
    cached.parent.mkdir()
    unasked = compile(LOUD, name, "exec")  # says of itself that it is not to be compared with its source
    cached.write_bytes(importlib._bootstrap_external._code_to_hash_pyc(unasked, bytes(8), checked=False))
    monkeypatch.setattr(checker, "CHECKER", folder)
    done = subprocess.run(command("nowhere.json", "--json"), capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1 and not json.loads(done.stdout)["accepted"]


def test_the_checker_has_the_files_that_it_is_known_for():
    assert list(strays(CHECKER.parent)) == []
    assert all((CHECKER / name).exists() for name in FILES)
