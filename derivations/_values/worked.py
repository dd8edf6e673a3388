"""Worked numbers: both sides of a verdict at its examples, certain to as many digits as are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derivations._language.verdicts import Counterexample, Theorem
from derivations._values.interpret import CannotConclude
from derivations._values.numeric import Place
from derivations._values.sample import where

if TYPE_CHECKING:
    from derivations._values.balls import Enclosed

DIGITS = 30
SIGNS = {"==": "=", ">=": "≥", "<=": "≤", "!=": "≠", ">": ">", "<": "<"}


@dataclass(frozen=True)
class Worked:
    """One example: the enclosures of both sides, or why there are none."""

    place: Place
    found: Sequence[Enclosed] = ()
    why: str = ""

    def lines(self, digits: int) -> list[str]:
        """`left = right` in Arb's notation: every digit printed is certain, and the radius is printed."""
        return [f"{e.left.str(digits)} {SIGNS[e.relation]} {e.right.str(digits)}" for e in self.found]


def worked(verdict: Theorem | Counterexample, places: Sequence[Place], digits: int = DIGITS) -> Iterator[Worked]:
    """The statement, or the negation of a false claim, in ball arithmetic at one point of every kind."""
    from derivations._values.balls import enclose

    prop = verdict.negation if isinstance(verdict, Counterexample) else verdict.statement
    ranges = where(verdict.statement, *verdict.given)
    for place in one_of_each(places):
        try:
            yield Worked(place, enclose(prop, place.point, ranges, digits))
        except CannotConclude as why:
            yield Worked(place, why=str(why))


def one_of_each(here: Sequence[Place]) -> list[Place]:
    """The first point on every kind of space; of drawn points two."""
    kinds: dict[str, list[Place]] = {}
    for place in here:
        kinds.setdefault(place.point.label.partition(" ")[0], []).append(place)
    return [place for found in kinds.values() for place in found[: 2 if len(kinds) == 1 else 1]]
