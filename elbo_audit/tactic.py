"""The tactic that brings both sides of an audit together: sums of single products, each with its indices in one order.

It is not trusted: what it gets wrong, the kernel or the checker refuses.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection
from typing import Final, NamedTuple

import sympy as sp

from derivations._kernel import ProofError, Thm, algebra, chain, constant, linearity, monotone, rename, rewrite, swap
from elbo_audit.families import Range, height, index_at

DEEPEST: Final = 6  # sums over one size within one another


class Order(NamedTuple):
    """The sizes, the outermost first."""

    ranges: Collection[Range]

    def of(self, index: sp.Symbol) -> Range | None:
        return next((r for r in self.ranges if any(index == index_at(r, k) for k in range(1, DEEPEST))), None)

    def rank(self, index: sp.Symbol) -> tuple[int, str]:
        own = [k for k, r in enumerate(self.ranges) if r is self.of(index)]
        return (own[0] if own else len(self.ranges), str(index))


def normal(e: sp.Expr, order: Order) -> Thm:
    """e = a sum of numbers times sums of single products."""
    steps: list[Thm] = []
    here = e
    for s in sorted(_outer(here), key=sp.default_sort_key):
        thm = _sum(s, order)
        if thm.prop.rhs != s:
            step = rewrite(here, thm)
            steps.append(step)
            here = step.prop.rhs
    for inside in sorted(_logs(here), key=sp.default_sort_key):
        one = _masked(inside, factored)
        if one != inside:
            step = rewrite(here, rewrite(sp.log(inside), algebra(inside, one)))
            steps.append(step)
            here = step.prop.rhs
    flat = _masked(here, logs)
    if flat != here:
        steps.append(algebra(here, flat))
    return chain(*steps) if steps else algebra(e, e)


def logs(e: sp.Expr) -> sp.Expr:
    """Logarithms of products as sums, quotients of sums made one."""
    out = e.replace(sp.log, lambda a: sp.log(factored(a)))
    kept = {a: sp.Dummy(real=True) for a in out.atoms(sp.log) if any(s.is_positive is None for s in a.atoms(sp.Dummy))}
    out = sp.expand(sp.expand_log(sp.expand(out.xreplace(kept))))
    return out.xreplace({v: k for k, v in kept.items()})


def factored(e: sp.Expr) -> sp.Expr:
    """One fraction, as a product; a sign that is found goes back into the sum that it came from."""
    out = sp.factor(sp.together(e))
    c, rest = out.as_coeff_Mul()
    several = [f for f in sp.Mul.make_args(rest) if f.is_Add]
    if c < 0 and several:
        return -c * sp.Mul(*(-f if f is several[0] else f for f in sp.Mul.make_args(rest)))
    return out


def _masked(e: sp.Expr, f: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """f of an expression, with sums as unknowns."""
    sums = {
        s: sp.Dummy(f"s{k}", positive=True) if s.is_positive else sp.Dummy(f"s{k}", real=True)
        for k, s in enumerate(sorted(_outer(e), key=sp.default_sort_key))
    }
    return f(e.xreplace(sums)).xreplace({v: k for k, v in sums.items()})


def _logs(e: sp.Expr) -> set[sp.Expr]:
    """The arguments of logarithms outside of sums, where sums stand in them."""
    if isinstance(e, sp.Sum) or not e.args:
        return set()
    own = {e.args[0]} if isinstance(e, sp.log) and e.has(sp.Sum) else set()
    return own.union(*map(_logs, e.args))


def _outer(e: sp.Expr) -> set[sp.Sum]:
    if isinstance(e, sp.Sum):
        return {e}
    return set().union(*map(_outer, e.args)) if e.args else set()


def _sum(s: sp.Sum, order: Order) -> Thm:
    """One sum, from the inside out."""
    f, r = (s.args[0] if len(s.args) == 2 else s.func(*s.args[:-1])), s.args[-1]
    steps: list[Thm] = []
    inner = normal(f, order)
    here: sp.Expr = s
    if inner.prop.rhs != f:
        steps.append(monotone(inner, r))
        here = steps[-1].prop.rhs
    if isinstance(here, sp.Sum):
        split = linearity(here)
        if split.prop.rhs != here:
            steps.append(split)
            here = split.prop.rhs
    for part in sorted(_outer(here), key=sp.default_sort_key):
        fixed = _ordered(part, order)
        if fixed is not None and fixed.prop.rhs != part:
            step = rewrite(here, fixed)
            steps.append(step)
            here = step.prop.rhs
    return chain(*steps) if steps else algebra(s, s)


def _ordered(s: sp.Sum, order: Order) -> Thm | None:
    """A sum of a constant as a product; nested sums in one order, with the index that belongs to their depth."""
    body, *limits = s.args
    outer = limits[-1]
    under = body if len(limits) == 1 else s.func(body, *limits[:-1])
    if outer[0] not in under.free_symbols:
        with contextlib.suppress(ProofError):
            return constant(s)
    if len(limits) >= 2 and order.rank(limits[-2][0]) < order.rank(outer[0]):
        turned = swap(s)
        there = turned.prop.rhs
        if isinstance(there, sp.Sum) and len(there.args) > 2:
            below = _ordered(there.func(*there.args[:-1]), order)
            if below is not None:
                return chain(turned, monotone(below, there.args[-1]))
        return turned
    own = order.of(outer[0])
    if own is not None and (new := index_at(own, height(under, own) + 1)) != outer[0]:
        return rename(s, new)
    return None
