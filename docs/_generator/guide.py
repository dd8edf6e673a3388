"""What pages that people write include by name: statements, programs with their numbers, what the proofs trust."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.book import Book
from derivations._reading.render import block
from docs._generator import conventions, refer, worked

ASKED = re.compile(r'^ *--8<-- "build/pages/(statement|worked)-([\w-]+)\.md"', re.MULTILINE)
TRUSTS = {
    "sympy algebra": "Two expressions are equal: SymPy reduces their difference to zero.",
    "sympy assumptions": "An expression is positive, or real, by the declared domains of its symbols.",
    "sympy diff": "A derivative.",
    "sympy evalf": "Two closed numbers differ: SymPy tells them apart with fifty digits.",
    "sympy integrate": "An integral that SymPy evaluates without conditions.",
    "sympy summation": "A sum that SymPy evaluates without conditions.",
}


def parts(docs: Path, book: Book, run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files for `build/pages`: those that the pages one folder below `docs` ask for, the conventions, the trusts."""
    for kind, name in asked(docs):
        yield f"{kind}-{name}.md", statement(name, book) if kind == "statement" else worked.program(name)
    yield "conventions.md", conventions.page()
    yield "trusts.md", trusts(run)


def asked(docs: Path) -> list[tuple[str, str]]:
    """What the pages one folder below `docs` include by name: a statement or a program, and its name."""
    pages = "\n".join(p.read_text() for p in sorted(docs.glob("*/*.md")))
    return sorted(set(ASKED.findall(pages)))


def statement(name: str, book: Book) -> str:
    """A verdict for a page one folder below `docs`: its statement, its hypotheses, and the way to its proof."""
    verdict = book.named.get(name)
    if not isinstance(verdict, Theorem | Counterexample):
        raise KeyError(f"statement-{name}.md is asked for, and no theorem or counterexample has this name")
    proof = "the proof" if isinstance(verdict, Theorem) else "the numbers that refute it"
    link = f"{refer.link(name)}: {proof}, line by line."
    return f'{block(verdict, book)}\n\n<p class="stamp" markdown="span">{link}</p>\n'


def trusts(run: Mapping[str, Any]) -> str:
    """What the kernel takes from elsewhere, and how many proofs lean on it, directly or through what they use."""
    why = {t: TRUSTS[t] if t.startswith("sympy ") else "A classical theorem, cited." for t in run["trusts"]}
    rows = [f"| {t} | {n} of {_proofs(run)} | {why[t]} |" for t, n in _by_count(run["trusts"])]
    return "\n".join(["| trusted | proofs | for what |", "| --- | ---: | --- |", *rows]) + "\n"


def leans(run: Mapping[str, Any]) -> str:
    """The same in one line, for the front page."""
    counts = ", ".join(f"{trust} by {n}" for trust, n in _by_count(run["trusts"]))
    return f"of {_proofs(run)} proofs, {counts}"


def _proofs(run: Mapping[str, Any]) -> int:
    return int(run["proved"]) + int(run["refuted"])


def _by_count(trusts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(trusts.items(), key=lambda item: (-item[1], item[0]))
