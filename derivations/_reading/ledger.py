"""The ledger: every claim of the documents beside what settles it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from sympy import Lambda

from derivations._language.chapters import BOOK, verdicts
from derivations._language.verdicts import Counterexample, Misprint, Remark, Theorem, Verdict
from derivations._reading.book import Book, Report
from derivations._reading.printed import printed, text, value
from derivations._reading.standings import STANDINGS

Row = Mapping[str, Any]


def book(reports: Mapping[str, Report], known: Sequence[Verdict] | None = None) -> Book:
    """All verdicts, or those that can be read, and all claims, with what the checks found out."""
    data = tomllib.loads((BOOK / "claims.toml").read_text(encoding="utf-8"))
    return Book(verdicts() if known is None else known, reports, data["documents"], data["claim"])


def rows(known: Sequence[Verdict] | None = None) -> list[Row]:
    """The claims in the order of the documents, each with the verdict that settles it."""
    ours = book({}, known)
    return [_row(claim, ours) for claim in ours.claims]


def _row(claim: Mapping[str, Any], ours: Book) -> Row:
    how = ours.how(claim)
    by = next((v for found, v in ours.settled[claim["id"]] if found.word == how.word), None)
    proof = by if isinstance(by, Theorem | Counterexample) else None
    false = by if isinstance(by, Counterexample) else None
    return {
        "id": claim["id"],
        "source": ours.documents[claim["id"].partition("-")[0]]["title"],
        "section": claim["section"],
        "lines": claim["lines"],
        "says": claim["says"],
        "premises": ours.premises(claim),
        "verdict": how.word,
        "conditions": list(how.conditions),
        "holds_for": how.half or None,
        "derivation": by.name if by and not isinstance(by, Remark) else None,
        "module": by.module if by else None,
        "statement": printed(proof).text if proof else getattr(by, "says", None),
        "given": printed(proof).given() if proof else [],
        "counterexample": text(false.negation) if false else None,
        "at": _instance(false.at) if false else None,
        "holds_at": _instance(false.holds_at) if false and false.holds_at is not None else None,
        "instead": getattr(by, "instead", None) or (by.nearest if isinstance(by, Misprint) else None),
        "reason": getattr(by, "reason", None),
        "nearest": getattr(by, "nearest", None),
    }


def _instance(at: Mapping[Any, Any]) -> dict[str, str]:
    """What stands for each symbol or function at an instance."""
    return {str(s): value(v.expr if isinstance(v, Lambda) else v) for s, v in at.items()}


def chosen(all_rows: Iterable[Row], document: str, verdict: str, derivation: str) -> list[Row]:
    """The rows that match every filter that is not empty; a filter that no row could match is a `ValueError`."""
    found = list(all_rows)
    documents = sorted({r["source"] for r in found})
    matching = [d for d in documents if document.lower() in d.lower()]
    modules = sorted({r["module"] for r in found if r["module"]})
    names = sorted({r["derivation"] for r in found if r["derivation"]})
    if not matching:
        raise ValueError(f"document must be part of a title: {', '.join(documents)}; not {document!r}")
    if verdict and verdict not in STANDINGS:
        raise ValueError(f"verdict must be one of: {', '.join(STANDINGS)}; not {verdict!r}")
    if derivation and derivation not in (*modules, *names):
        raise ValueError(
            f"derivation must be the name of a verdict or a module that settles a claim; not {derivation!r}"
        )
    return [
        r
        for r in found
        if r["source"] in matching
        and verdict in ("", r["verdict"])
        and (not derivation or derivation in (r["derivation"], r["module"]))
    ]


def render(found: Iterable[Row]) -> Group:
    """The rows as a table for each document, and the totals below; no column for a verdict that all of them share."""
    chosen_rows = list(found)
    words = [r["verdict"] for r in chosen_rows]
    several = len(set(words)) > 1
    tables = [_table(source, list(of), several) for source, of in groupby(chosen_rows, key=itemgetter("source"))]
    counts = ", ".join(f"{words.count(w)} {w}" for w in STANDINGS if w in words) or "none"
    return Group(*tables, f"The text of each claim: --json.\n{len(words)} claim{'s' * (len(words) != 1)}: {counts}.")


def _table(source: str, found: list[Row], several: bool) -> Group:
    """The claims of one document below its title."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("claim", no_wrap=True)
    if several:
        table.add_column("verdict")
    table.add_column("by", no_wrap=True)
    table.add_column("section")
    for row in found:
        style = {"open": "dim", "refuted": "red", "misprinted": "yellow"}.get(row["verdict"])
        verdict = [row["verdict"]] if several else []
        table.add_row(row["id"], *verdict, row["derivation"] or "·", escape(row["section"]), style=style)
    return Group(f"[bold]{escape(source)}[/]", table, "")
