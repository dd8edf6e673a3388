"""What pages that people write include by name: statements, programs with their numbers, what the proofs trust."""

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

from derivations._language.verdicts import Counterexample, Theorem
from derivations._language.words import CITED, DEFINED
from derivations._reading.book import Book
from derivations._reading.render import block, listing
from docs._generator import conventions, policy, refer, reference, sources, worked
from elbo_check.replay import RULES

ASKED = re.compile(r'^ *--8<-- "build/pages/(statement|worked)-([\w-]+)\.md"', re.MULTILINE)


def parts(docs: Path, book: Book, run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files for `build/pages`: those that the pages one folder below `docs` ask for, the conventions, the trusts."""
    for kind, name in asked(docs):
        yield f"{kind}-{name}.md", statement(name, book) if kind == "statement" else worked.program(name)
    yield "conventions.md", conventions.page()
    yield "trusts.md", trusts(docs.parent, run)
    yield "common.md", reference.common()
    yield "rules.md", rules(docs.parent)
    yield "policy.md", f"Content-Security-Policy: {policy.HEADER}\n"


def asked(docs: Path) -> list[tuple[str, str]]:
    """What the pages one folder below `docs` include by name: a statement or a program, and its name."""
    pages = "\n".join(p.read_text(encoding="utf-8") for p in sorted(docs.glob("*/*.md")))
    return sorted(set(ASKED.findall(pages)))


def statement(name: str, book: Book) -> str:
    """A verdict for a page one folder below `docs`: its statement, its hypotheses, and the way to its proof."""
    verdict = book.named.get(name)
    if not isinstance(verdict, Theorem | Counterexample):
        raise KeyError(f"statement-{name}.md is asked for, and no theorem or counterexample has this name")
    proof = "the proof" if isinstance(verdict, Theorem) else "the numbers that refute it"
    link = f"{refer.link(name)}: {proof}, line by line."
    return f'{block(verdict, book)}\n\n<p class="stamp" markdown="span">{link}</p>\n'


def trusts(root: Path, run: Mapping[str, Any]) -> str:
    """What remains to be trusted, measured: lines of code, rules, templates, and the facts that proofs cite."""
    checker = _lines(root.glob("elbo_check/*.py"))
    rules, heads = len(RULES), len(DEFINED)
    rows = [
        f"| the checker, `elbo_check` | {checker:,} lines of Python, standard library only | every inference of every proof |",
        f"| its rules | {rules} | each is a theorem of a textbook: Fubini, Leibniz, dominated convergence |",
        f"| its templates | {heads} | what the heads stand for: {', '.join(DEFINED)} |",
        *(f"| {CITED[fact]} | {n} of {_proofs(run)} proofs | taken from a table |" for fact, n in run["cites"].items()),
    ]
    return "\n".join(["| trusted | how much | for what |", "| --- | --- | --- |", *rows]) + "\n"


def rules(root: Path) -> str:
    """Every rule of the checker, in the words that stand over it in the program."""
    entries = (
        f'<dt id="rule-{name}" markdown="span">[`{name}`](../source/{sources.place(root, rule)})</dt>\n<dd>{escape(inspect.getdoc(rule) or "")}</dd>'
        for name, rule in RULES.items()
    )
    return listing(entries, "facts rules") + "\n"


def leans(run: Mapping[str, Any]) -> str:
    """The same in one line, for the front page."""
    cites = "; ".join(f"{n} cite {CITED[fact]}" for fact, n in run["cites"].items()) or "none cites anything"
    return f"{run['inferences']:,} inferences accepted by an independent checker; of {_proofs(run)} proofs, {cites}"


def _lines(files: Iterable[Path]) -> int:
    return sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def _proofs(run: Mapping[str, Any]) -> int:
    return int(run["proved"]) + int(run["refuted"])
