"""What a page, a terminal and the ledger say of a verdict: the rows of its certificate, printed."""

from __future__ import annotations

from functools import cache, lru_cache

import sympy as sp

from derivations._language.certificate import Terms
from derivations._language.spaces import Dimensions, Unknown, told_by
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.formulas import Printer


class Printed:
    """Statement, hypotheses and domains of a verdict, under one set of names; what negates it has its own."""

    def __init__(self, verdict: Theorem | Counterexample) -> None:
        props = (verdict.statement, *verdict.given)
        spaces = told_by(props)
        if isinstance(verdict, Theorem) and "thm" in vars(verdict):  # the proof tells more than the statement
            spaces |= {s: d for s, d in Dimensions([verdict.thm]).of(verdict.thm).items() if d is not None}
        terms = Terms(spaces)
        self._statement, self._given = terms.term(verdict.statement), [terms.hypothesis(g) for g in verdict.given]
        self.rows = [self._statement, *self._given]
        try:
            self.printer = Printer(self.rows)
        except ValueError as why:
            raise type(why)(f"{verdict.name}: {why}") from None

    @property
    def text(self) -> str:
        return self.printer.text(self._statement)

    @property
    def latex(self) -> str:
        return self.printer.tex(self._statement)

    def given(self, tex: bool = False) -> list[str]:
        return [self.printer.tex(g) if tex else self.printer.text(g) for g in self._given]

    def domains(self, tex: bool = False) -> list[tuple[str, str]]:
        return self.printer.domains(tex)

    def applied(self, tex: bool = False) -> dict[str, str]:
        return self.printer.applied(tex)

    def heads(self) -> set[str]:
        return self.printer.heads(self._statement)

    def indices(self, tex: bool = False) -> list[str]:
        return self.printer.indices(self._statement, tex)


def printed(verdict: Theorem | Counterexample) -> Printed:
    """The verdict as it prints."""
    return _printed(verdict, "thm" in vars(verdict))


@cache
def _printed(verdict: Theorem | Counterexample, _: bool) -> Printed:
    return Printed(verdict)


def together(verdict: Theorem | Counterexample) -> list[str]:
    """Where the symbols live, for TeX in prose; those that live in the same place share a line."""
    found: dict[str, list[str]] = {}
    for symbol, domain in printed(verdict).domains(tex=True):
        found.setdefault(domain, []).append(f"${symbol}$")
    return [f"{', '.join(s)}: {'each ' if s[1:] else ''}{domain}" for domain, s in found.items()]


def text(e: sp.Basic, *, given: bool = False) -> str:
    """A formula of a proof in one line; one that is given may say that there is a derivative."""
    return _lines(e, given)[0]


def latex(e: sp.Basic, *, given: bool = False) -> str:
    """The same in LaTeX."""
    return _lines(e, given)[1]


def value(e: sp.Basic, tex: bool = False) -> str:
    """What an author puts for a symbol in an example: no part of a certificate, so anything goes."""
    e = e.label if isinstance(e, sp.IndexedBase) else e
    try:
        return _lines(sp.sympify(e), False)[tex]
    except (Unknown, TypeError):  # what is unhashable is a list of numbers
        return sp.latex(e) if tex else str(e)


@lru_cache(16384)
def _lines(e: sp.Basic, given: bool) -> tuple[str, str]:
    terms = Terms(told_by([e]))
    row = terms.hypothesis(e) if given else terms.term(e)
    printer = Printer([row])
    return printer.text(row), printer.tex(row)
