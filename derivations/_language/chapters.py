"""Every chapter and every derivation, found by looking at the folders.

A chapter is a folder without a leading underscore, a derivation a file in it; a name is unique over the whole book. A
file is run only after it was read, with all that it uses: see `listed`.
"""

from __future__ import annotations

import importlib
import inspect
import os
import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from derivations._language import texts
from derivations._language.listed import Listed, listed, only_a_docstring
from derivations._language.verdicts import TIME_LIMIT, Verdict, time_limit

BOOK = Path(__file__).parents[1]
KEYWORDS = "\nKeywords: "
HEADLINE = re.compile(r"\nHeadline: (\w+)\.\s*\Z")


class Misplaced(ValueError):
    """A file lies in no chapter, or a name is taken: names of files and of verdicts are addresses."""


class Refused(ValueError):
    """A derivation is not run: it, or one that it uses, does not parse or does what a derivation may not do."""


@cache
def homes(book: Path = BOOK) -> Mapping[str, str]:
    """For each derivation, its chapter; both in the order of their names."""
    names = _chapters(book)
    found: dict[str, str] = {}
    for folder in (book / name for name in names):
        for stray in sorted(p for p in folder.iterdir() if p.suffix != ".py" and p.name != "__pycache__"):
            raise Misplaced(f"{stray.relative_to(book)} is no derivation: a chapter holds files that end in .py")
        if not only_a_docstring(folder / "__init__.py"):
            raise Misplaced(
                f"{folder.name}/__init__.py may hold a docstring, the page of the chapter, and nothing else"
            )
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


@cache
def listing() -> Mapping[str, Listed]:
    """What each derivation says of itself, in the order of the files; nothing is run."""
    return {name: listed(BOOK / chapter / f"{name}.py") for name, chapter in homes().items()}


@cache
def refusal(name: str) -> str | None:
    """Why a derivation is not run; None if it and all that it uses may be."""
    seen, walk = {name}, [name]
    for here in walk:
        file = listing()[here]
        where = file.path.relative_to(BOOK.parent).as_posix()
        strange = [f"it uses derivations.{u}, which is no derivation" for u in file.uses if not _is_at_home(u)]
        if why := (*file.faults, *strange):
            return f"{where}, {why[0]}" if here == name else f"it uses {where}, {why[0]}"
        new = dict.fromkeys(u.partition(".")[2] for u in file.uses)
        walk += [u for u in new if u not in seen]
        seen.update(new)
    return None


def named() -> Mapping[str, tuple[str, str]]:
    """For each proof, its derivation and its kind, as the files say; two of one name are refused by both files."""
    found: dict[str, tuple[str, str]] = {}
    for module, file in listing().items():
        for name, kind in file.kinds:
            if other := found.get(name):
                _both(name, other[0], module)
            found[name] = module, kind
    return found


def chapters() -> dict[str, list[str]]:
    """For each chapter its derivations."""
    found: dict[str, list[str]] = {chapter: [] for chapter in _chapters(BOOK)}
    for name, chapter in homes().items():
        found[chapter].append(name)
    return found


def page(name: str) -> str:
    """The page of a derivation or a chapter: the docstring of its file, without the words to find it by."""
    return HEADLINE.sub("", _docstring(name).partition(KEYWORDS)[0].rstrip()).rstrip()


def headline(name: str) -> str:
    """The verdict with which the page of a derivation opens, if it says so: a line before the words to find it by."""
    found = HEADLINE.search(_docstring(name).partition(KEYWORDS)[0].rstrip())
    return found[1] if found else ""


def keywords(name: str) -> list[str]:
    """The names that people use for what is on the page of a derivation: the last lines of its docstring."""
    words = " ".join(_docstring(name).partition(KEYWORDS)[2].split()).rstrip(".")
    return words.split(", ") if words else []


def _docstring(name: str) -> str:
    return inspect.cleandoc((module(name) if name in homes() else imported(name)).__doc__ or f"# {name}")


def module(name: str) -> ModuleType:
    """A derivation by its name."""
    if why := refusal(name):
        raise Refused(why)
    return imported(f"{homes()[name]}.{name}")


def own(derivation: ModuleType) -> list[Verdict]:
    """The verdicts of a derivation that was run."""
    here = derivation.__name__.rpartition(".")[2]
    return [v for v in vars(derivation).values() if isinstance(v, Verdict) and v.module == here]


def verdicts() -> list[Verdict]:
    """Every verdict of every derivation, in the order of the files."""
    return _unique(v for name in homes() for v in own(module(name)))


def run_so_far() -> list[Verdict]:
    """The verdicts of the derivations that this process has run."""
    loaded = (sys.modules.get(f"derivations.{chapter}.{name}") for name, chapter in homes().items())
    return _unique(v for derivation in loaded if derivation for v in own(derivation))


def readable() -> tuple[list[Verdict], dict[str, BaseException]]:
    """The verdicts of all derivations that can be imported, and by file what is wrong with the others."""
    found: list[Verdict] = []
    broken: dict[str, BaseException] = {}
    for name in homes():
        try:
            found += own(module(name))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever its author has got wrong)
            broken[name] = error
    return _unique(found), broken


def _unique(found: Iterable[Verdict]) -> list[Verdict]:
    """The verdicts, no two of one name: a check that knows them by name would look at one and speak of the other."""
    named: dict[str, Verdict] = {}
    for v in found:
        if other := named.get(v.name):
            _both(v.name, other.module, v.module)
        named[v.name] = v
    return list(named.values())


def _both(name: str, *modules: str) -> NoReturn:
    one, other = (f"{homes()[module]}/{module}.py" for module in modules)
    raise Misplaced(f"{one} and {other} both have a verdict called {name}: rename one of them")


def _is_at_home(path: str) -> bool:
    chapter, _, name = path.partition(".")
    return homes().get(name) == chapter


def _chapters(book: Path) -> list[str]:
    return sorted(p.parent.name for p in book.glob("[!_]*/__init__.py"))


def imported(path: str) -> ModuleType:
    """Run a file of the book: the text that lies there, whatever bytecode lies beside it."""
    texts.never_run()
    before = sys.pycache_prefix, sys.dont_write_bytecode
    sys.pycache_prefix, sys.dont_write_bytecode = os.devnull, True
    try:
        with time_limit(TIME_LIMIT, path):
            return importlib.import_module(f"derivations.{path}")
    finally:
        sys.pycache_prefix, sys.dont_write_bytecode = before
