"""A part of a loss beside a formula of the book: a factor, what is neutral, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from elbo_audit.arrays import Array
from elbo_audit.mistakes import Mistake
from elbo_audit.players import Players, summed
from elbo_audit.sums import fresh, rename, total
from elbo_audit.terms import Poly, Refuse, poly

ZERO: Final = poly(0)


@dataclass(frozen=True)
class Match:
    """part = factor x (formula less its neutral terms)."""

    factor: Poly
    neutral: Poly  # the neutral terms of the formula
    what: str
    theorem: str = ""
    mistake: Mistake | None = None
    fixed_variance: bool = False  # the factor is a free variance of a Gaussian
    another: str = ""  # the model for which the formula is exact, if not the declared one
    prior: str = ""
    prior_variance: Poly | None = None
    slip: Mistake | None = None  # what it is instead, if the neutral terms are these
    slip_neutral: Poly = ZERO
    slip_factor: Poly = ZERO
    needs_constant: bool = False  # exact for `another` only with the neutral terms in place
    surrogate: str = ""
    on_average: bool = False
    shared: bool = False  # of a code that all data share
    rows: Poly | None = None  # how many data there are, where only the reading shows it
    penalty: Poly | None = None  # the weight of the divergence beside a reward
    entries: Poly = ZERO  # how many entries the reconstruction has in all


ROW: Final = "row"  # of each row the mean over what the mask leaves


def formula(players: Players, names: Sequence[str], body: Callable[..., Poly], masked: bool | str) -> Poly:
    """The sum of a formula of entries over all of their axes, where the mask is one."""
    masks = players.masks if masked else []
    axes, found = players.entries(*names, *masks)
    out = body(*found[: len(names)])
    for m in found[len(names) :]:
        out = out * m
        if masked == ROW:
            new = fresh()
            out = out / total(rename(m, {axes[-1][0]: new}), [(new, axes[-1][1])])
    return summed(out, axes) / players.draws_of(*names)


def of_array(players: Players, part: Poly, each: Array, **said: Any) -> Match | None:
    """The part as a multiple of the sum of an array."""
    whole = summed(each.entry, each.axes)
    a = players.multiple(part, whole)
    return None if a is None else Match(a, players.still(whole), **said)


def matched(
    players: Players, part: Poly, names: Sequence[str], body: Callable[..., Poly], rows: bool = False, **said: Any
) -> Match | None:
    """The part as a multiple of the formula, with or without masks; with `rows` also as a mean over each row."""
    used = bool(set(players.masks) & {n for m in part.terms for a, _ in m for n in players.names(a)})
    for masked in (True, False, *((ROW,) if rows else ())) if used else (False,):
        try:
            whole = formula(players, names, body, masked)
        except Refuse:
            continue
        factor = players.multiple(part, whole)
        if factor is not None:
            found = Match(factor, players.still(whole), **said)
            where = " where the mask is one" if masked is True else " on the mean of each row where the mask is one"
            return replace(found, what=found.what + where) if masked else found
    return None


def sign(p: Poly) -> int:
    """+1 or -1 for sizes, weights and masks that are positive; 0 if it is not known."""
    if p.terms and all(c > 0 for c in p.terms.values()):
        return 1
    return -1 if p.terms and all(c < 0 for c in p.terms.values()) else 0
