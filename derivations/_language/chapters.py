"""Every chapter and every derivation, found by looking at the folders.

A chapter is a folder without a leading underscore, a derivation a file in it; a name is unique over the whole book.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from derivations._language.verdicts import Verdict

BOOK = Path(__file__).parents[1]
KEYWORDS = "\nKeywords: "


class Misplaced(ValueError):
    """A file lies in no chapter, or a name is taken: names of files and of verdicts are addresses."""


@cache
def homes(book: Path = BOOK) -> Mapping[str, str]:
    """For each derivation, its chapter; both in the order of their names."""
    names = _chapters(book)
    found: dict[str, str] = {}
    for file in (*sorted(book.glob("[!_]*.py")), *sorted(book.glob("[!_]*/[!_]*.py"))):
        chapter, here = file.parent.name, file.relative_to(book)
        if chapter not in names:
            raise Misplaced(f"{here} lies in no chapter, which is a folder with an __init__.py")
        if file.stem in names:
            raise Misplaced(f"{here} has the name of a chapter: rename it")
        if other := found.get(file.stem):
            raise Misplaced(f"{here} has the name of {other}/{file.name}: rename one of them")
        found[file.stem] = chapter
    return found


def chapters() -> dict[str, list[str]]:
    """For each chapter its derivations."""
    found: dict[str, list[str]] = {chapter: [] for chapter in _chapters(BOOK)}
    for name, chapter in homes().items():
        found[chapter].append(name)
    return found


def page(name: str) -> str:
    """The page of a derivation or a chapter: the docstring of its file, without the words to find it by."""
    return _docstring(name).partition(KEYWORDS)[0].rstrip()


def keywords(name: str) -> list[str]:
    """The names that people use for what is on the page of a derivation: the last lines of its docstring."""
    words = " ".join(_docstring(name).partition(KEYWORDS)[2].split()).rstrip(".")
    return words.split(", ") if words else []


def _docstring(name: str) -> str:
    return inspect.cleandoc((module(name) if name in homes() else _imported(name)).__doc__ or f"# {name}")


def module(name: str) -> ModuleType:
    """A derivation by its name."""
    return _imported(f"{homes()[name]}.{name}")


def verdicts() -> list[Verdict]:
    """Every verdict of every derivation, in the order of the files."""
    return _unique(v for name in homes() for v in _own(module(name)))


def readable() -> tuple[list[Verdict], dict[str, Exception]]:
    """The verdicts of all derivations that can be imported, and by file what is wrong with the others."""
    found: list[Verdict] = []
    broken: dict[str, Exception] = {}
    for name in homes():
        try:
            found += _own(module(name))
        except Exception as error:  # noqa: BLE001 (whatever its author has got wrong)
            broken[name] = error
    return _unique(found), broken


def _unique(found: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts, no two of one name: a check that knows them by name would look at one and speak of the other."""
    named: dict[str, Verdict] = {}
    for v in found:
        if other := named.get(v.name):
            raise Misplaced(f"{v.module} and {other.module} both have a verdict called {v.name}: rename one of them")
        named[v.name] = v
    return list(named.values())


def _chapters(book: Path) -> list[str]:
    return sorted(p.parent.name for p in book.glob("[!_]*/__init__.py"))


def _imported(path: str) -> ModuleType:
    return importlib.import_module(f"derivations.{path}")


def _own(found: ModuleType) -> list[Verdict]:
    here = found.__name__.rpartition(".")[2]
    return [v for v in vars(found).values() if isinstance(v, Verdict) and v.module == here]
