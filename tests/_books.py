"""Books for tests: a copy of the project with a few derivations, among them planted ones."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")
GOOD = '''
@theorem({statement}, "A square")
def {name}() -> Thm:
    """Multiply out."""
    return algebra(*{name}.statement.args)
'''
TRUE = "same((a + b) ** 2, a**2 + 2 * a * b + b**2)"
HEAD = '"""# Planted"""\n\nfrom derivations import *\n\na, b = Symbol("a", real=True), Symbol("b", positive=True)\n'


def proof(name: str, statement: str = TRUE) -> str:
    return GOOD.format(name=name, statement=statement)


def planted(*parts: str) -> str:
    return "\n\n".join([HEAD, *parts])


def book(folder: Path, files: Mapping[str, str], claims: str = "") -> Path:
    """The engine, the library, the checker and the command; one chapter with these files, and no other derivation."""
    for package in ("elbo_check", "elbo_cli", "elbo_ref"):
        shutil.copytree(ROOT / package, folder / package, ignore=LEFT_OUT)
    for engine in ("_kernel", "_language", "_values", "_checks", "_reading"):
        shutil.copytree(ROOT / "derivations" / engine, folder / "derivations" / engine, ignore=LEFT_OUT)
    shutil.copy(ROOT / "derivations" / "__init__.py", folder / "derivations")
    (folder / "derivations" / "claims.toml").write_text(claims or "claim = []\n[documents]\n", encoding="utf-8")
    chapter = folder / "derivations" / "planted"
    chapter.mkdir()
    for name, text in {"__init__.py": '"""# Planted"""\n', **files}.items():
        (chapter / name).write_text(text, encoding="utf-8")
    return folder


def python(folder: Path, *words: str, **more: object) -> "subprocess.CompletedProcess[str]":
    """Python in the folder of a book."""
    env = {**os.environ, "COLUMNS": "200", **more.pop("env", {})}
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        **more,
        encoding="utf-8",
    )
