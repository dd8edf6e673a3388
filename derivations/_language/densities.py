"""What the names of densities say: `p(x, z)`, `p(x | z)` and `p(z)` are parts of one law.

A product of densities stands for the laws of sets of variables, each with an exponent: p(x | z) is that of x and z over
that of z. Integrating a variable out takes it from the one set that has it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations._kernel import BINDERS

LETTERS = re.compile(r"[pqrt](_\w+)?'?")  # of laws; other positive functions, such as odds, are none
Parts = Mapping[tuple[str, frozenset[sp.Basic]], int]


def letter(f: AppliedUndef) -> str:
    """The law that a density belongs to: p of p(x | z)."""
    return str(f.func.__name__).partition("(")[0]


def named_law(f: AppliedUndef) -> bool:
    """Is it called as laws are?"""
    return bool(LETTERS.fullmatch(letter(f)))


def composed(e: sp.Expr) -> Parts | None:
    """The laws that a product, quotient or marginal of densities stands for; None where it is anything else."""
    found: Counter[tuple[str, frozenset[sp.Basic]]] = Counter()
    for base, power in (factor.as_base_exp() for factor in sp.Mul.make_args(e)):
        if base == 1:
            continue
        inner = _density(base) if isinstance(base, AppliedUndef) else marginal(base)
        if inner is None or not power.is_Integer:
            return None
        for law, times in inner.items():
            found[law] += times * int(power)
    return {law: times for law, times in found.items() if times}


def marginal(e: sp.Expr) -> Parts | None:
    """What is left of a law when its sum or integral over some variables is taken."""
    if not isinstance(e, BINDERS):
        return None
    return without(composed(e.args[0]), (r[0] for r in e.args[1:]))


def without(law: Parts | None, variables: Iterable[sp.Basic]) -> Parts | None:
    """The variables integrated out, one by one."""
    for v in variables:
        having = [part for part in law or () if v in part[1]]
        if law is None or len(having) != 1 or law[having[0]] != 1:
            return None
        rest = Counter({part: times for part, times in law.items() if part != having[0]})
        if left := having[0][1] - {v}:
            rest[having[0][0], left] += 1
        law = {part: times for part, times in rest.items() if times}
    return law


def is_law_of(e: sp.Expr, variables: set[sp.Basic]) -> bool:
    """Is it a density of exactly these variables, whatever it is conditioned on, perhaps one that a factor makes vanish?"""
    factors = sp.Mul.make_args(e)
    vanishing = [f for f in factors if not f.is_positive]
    if not all(isinstance(f, AppliedUndef) and f.is_nonnegative for f in vanishing):
        return False
    lasting = [f for f in factors if f.is_positive]
    return without(composed(sp.Mul(*(lasting or vanishing))), variables) == {}


def slots(f: AppliedUndef) -> tuple[tuple[sp.Basic, ...], tuple[sp.Basic, ...]]:
    """What a density is about, and what it is conditioned on: x, and z, of p(x | z)."""
    named = str(f.func.__name__).partition("(")[2].rstrip(")")
    about = len(named.partition("|")[0].split(",")) if named else len(f.args)
    return f.args[:about], f.args[about:]


def _density(f: AppliedUndef) -> Parts:
    everything, given = frozenset(f.args), frozenset(slots(f)[1])
    return {(letter(f), everything): 1} | ({(letter(f), given): -1} if given else {})
