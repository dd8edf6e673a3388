"""No file and no pipe is read or written in the encoding of the locale: on Windows and under LC_ALL=C it is not UTF-8."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = {".venv", "build", "dist", "site"}  # by a build, or by others
FILES = [
    p for room in sorted(ROOT.iterdir()) if room.is_dir() and room.name not in MADE for p in sorted(room.rglob("*.py"))
]
TEXT = {"read_text", "write_text"}
OPENS = {"open", "fdopen", "NamedTemporaryFile", "TemporaryFile", "TextIOWrapper"}
PIPES = {"text", "universal_newlines"}


def unsaid(source: str) -> Iterator[int]:
    """The lines of calls that leave the encoding of text to the locale."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        said = {k.arg for k in node.keywords}
        if "encoding" not in said and (name in TEXT or said & PIPES or (name in OPENS and _as_text(node))):
            yield node.lineno


def _as_text(call: ast.Call) -> bool:
    """Whether a file is opened for text, as far as its arguments tell: a mode is a short string without a b."""
    given = [*call.args, *(k.value for k in call.keywords if k.arg in (None, "mode"))]
    words = [a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    modes = [w for w in words if w and set(w) <= set("rwxabt+")]
    if any("b" in mode for mode in modes):
        return False
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in ("NamedTemporaryFile", "TemporaryFile"):
        return bool(modes)  # binary by default
    on_something = isinstance(call.func, ast.Attribute)
    return not on_something or bool(modes) or not call.args  # `stack.open(binder, v)` is no file


def test_every_text_says_its_encoding():
    found = [f"{p.relative_to(ROOT)}:{line}" for p in FILES for line in unsaid(p.read_text(encoding="utf-8"))]
    assert found == []
    assert len(FILES) > 100


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("path.read_text()", True),
        ("path.write_text(text)", True),
        ("open(name)", True),
        ("path.open()", True),
        ("path.open('w')", True),
        ("os.fdopen(number, 'w')", True),
        ("subprocess.run(words, text=True)", True),
        ("NamedTemporaryFile('w')", True),
        ("path.open('rb')", False),
        ("open(name, 'wb')", False),
        ("path.read_text(encoding='utf-8')", False),
        ("subprocess.run(words, capture_output=True)", False),
        ("stack.open(binder, v)", False),
    ],
)
def test_a_planted_call_is_caught(source, caught):
    assert bool(list(unsaid(source))) == caught


COMMANDS = {
    "ascii": ["claims", "claims --json", "show gaussian_kl", "verify gibbs_equality", "exercise"],
    "cp1252": ["claims --json", "show gaussian_kl", "verify gibbs_equality"],
}
ONE_AFTER_ANOTHER = """
import os, sys
from elbo_cli.__main__ import main
for encoding, *words in map(str.split, sys.argv[1:]):
    os.environ["PYTHONIOENCODING"] = encoding  # of the processes that it starts
    sys.stdout.reconfigure(encoding=encoding, errors="strict")
    sys.argv = ["elbo-ref", *words]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, (encoding, words)
    print("[ended]", flush=True)
"""


def test_the_command_works_where_the_locale_is_not_utf_8():
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    lines = [f"{encoding} {line}" for encoding, lines in COMMANDS.items() for line in lines]
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER, *lines],
        cwd=ROOT, env={**plain, **locale}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("ascii")
    *answers, rest = done.stdout.split(b"[ended]")
    assert len(answers) == len(lines) and not rest.strip()
    for answer, line in zip(answers, lines, strict=True):
        said = answer.decode("cp1252" if line.startswith("cp1252") else "utf-8")  # typer takes ASCII for a mistake
        assert said.strip(), line
