"""What lies beside the sources and would be run in their place, or before them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES
from pathlib import Path

CHECKER = {  # the checker has no other file
    "FORMAT.md", "__init__.py", "__main__.py", "load.py", "meaning", "meaning/__init__.py", "meaning/lemmas.py",
    "meaning/obligations.py", "meaning/settle.py", "normal.py", "notation.py", "poly.py", "powers.py", "props.py",
    "replay.py", "rules_algebra.py", "rules_logic.py", "rules_sums.py", "rules_values.py", "signs.py", "step.py",
    "terms.py",
}  # fmt: skip
PACKAGES = ("derivations", "elbo_audit", "elbo_check", "elbo_cli", "elbo_lab", "elbo_ref")
FOLDERS = {*PACKAGES, "tests"}
UNASKED = ("sitecustomize", "usercustomize")  # Python runs modules of these names before anything else
BINARY = (*BYTECODE_SUFFIXES, *EXTENSION_SUFFIXES)
UNCHECKED = 0b01  # the flags of bytecode that is run whatever its source says (PEP 552)


def strays(root: Path) -> Iterator[str]:
    """In words, each of them."""
    for name in UNASKED:
        if any(p.exists() for p in (root / f"{name}.py", root / name)):
            yield f"{name} lies beside the sources: Python would run it before everything else"
    if (root / "pyproject.toml").exists():  # a copy of the project, whose folder Python may search first
        for path in sorted(p for p in root.glob("*") if _module(p) and p.name not in FOLDERS):
            yield f"{path.name} lies beside the packages: Python might import it in the place of another"
    for path in sorted((root / "elbo_check").rglob("*")):
        name = path.relative_to(root / "elbo_check").as_posix()
        if name not in CHECKER and "__pycache__" not in path.parts:
            yield f"elbo_check/{name} is no file of the checker"
    for path in (p for package in PACKAGES for p in sorted((root / package).rglob("*"))):
        here = path.relative_to(root).as_posix()
        if path.parent.name == "__pycache__":
            if path.suffix in BYTECODE_SUFFIXES and path.read_bytes()[4:8] == UNCHECKED.to_bytes(4, "little"):
                yield f"{here} is bytecode that asks not to be compared with its source: delete it"
        elif path.is_dir() and path.with_name(f"{path.name}.py").exists():
            yield f"{here} would be imported in the place of {here}.py"
        elif path.name.endswith(BINARY):
            yield f"{here} would be imported: the sources are text"


def _module(path: Path) -> bool:
    return path.name.endswith((".py", *BINARY)) or any(path.glob("__init__.*"))
