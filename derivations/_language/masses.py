"""Which hypothesis says that a law has mass one, and nothing else of it.

Mass one over a part of the line says where a law lives; so does a second mass of one density, over another range or with
another factor. A positive function that is not called as laws are has no mass that it should have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations._kernel import BINDERS, AlmostEverywhere, ForAll
from derivations._language.densities import entire, is_law_of, named_law
from derivations._language.notation import Law

Ends = tuple[sp.Basic, ...]
Mass = tuple[frozenset[sp.Basic], tuple[Ends, ...]]  # of which functions, and over what


def quantified(h: sp.Basic) -> tuple[sp.Basic, set[sp.Basic]]:
    """What is said, and of which variables it is said for every value."""
    variables: set[sp.Basic] = set()
    while isinstance(h, ForAll | AlmostEverywhere):
        h, r = h.args
        variables.add(r[0] if isinstance(r, sp.Tuple) else r)
    return h, variables


def is_set(h: sp.Basic) -> bool:
    """`f(u)^2 = f(u)` at every point u of a space, or of the line: f stands for a set, it is 1 there and 0 elsewhere."""
    body, variables = quantified(h)
    if not isinstance(body, sp.Eq) or not isinstance(f := body.rhs, AppliedUndef) or body.lhs != f**2 or f.is_positive:
        return False
    return variables == set(f.args) and all(map(_everywhere, _ranges(h)))


def _ranges(h: sp.Basic) -> Iterator[sp.Basic]:
    while isinstance(h, ForAll | AlmostEverywhere):
        h, r = h.args
        yield r


def _everywhere(r: sp.Basic) -> bool:
    """All points of a space, or of the line; of numbers from 1 to K, as those of data, not."""
    if isinstance(r, sp.Tuple):
        return not r[0].is_integer and entire(r)
    return r.assumptions0 == {"commutative": True}


def sets_of(given: Iterable[sp.Basic]) -> set[sp.Basic]:
    return {quantified(h)[0].rhs.func for h in given if is_set(h)}


def is_mass(body: sp.Basic, sets: set[sp.Basic]) -> bool:
    """`int q = 1` over all that a density q is about, or its values written out; a factor that vanishes is one of the sets."""
    if not isinstance(body, sp.Eq) or body.rhs != 1:
        return False
    inner, ranges = _opened(body.lhs)
    if not ranges:
        return _is_written_out(body.lhs)
    bound = {r[0] for r in ranges}
    if inner.has(Law):
        return all(map(entire, ranges)) and _is_family(inner, bound)
    factors = [f for f in sp.Mul.make_args(inner) if isinstance(f, AppliedUndef)]
    lasting = [f for f in factors if f.is_positive]
    called = all(map(named_law, lasting)) and (not lasting or {f.func for f in factors if f not in lasting} <= sets)
    return called and all(map(entire, ranges)) and is_law_of(inner, bound)


def is_first(body: sp.Basic, told: dict[sp.Basic, Mass]) -> bool:
    """Does no mass told before speak of one of its functions, but in the same words? Adds it to those told."""
    inner, ranges = _opened(body.args[0])
    over = [tuple(r[1:]) for r in ranges] or [t.args[:1] for t in sp.Add.make_args(inner)]
    mine: Mass = (functions_of(body), tuple(sorted(over, key=str)))
    before = {told.setdefault(f, mine) for f in mine[0]}
    return before <= {mine}


def functions_of(body: sp.Basic) -> frozenset[sp.Basic]:
    """Those of which it is the mass."""
    inner, ranges = _opened(body.args[0])
    parts = sp.Mul.make_args(inner) if ranges else sp.Add.make_args(inner)
    return frozenset(f.func for f in parts if isinstance(f, AppliedUndef))


def _opened(e: sp.Basic) -> tuple[sp.Basic, list[sp.Tuple]]:
    ranges: list[sp.Tuple] = []
    while isinstance(e, BINDERS):
        ranges += e.args[1:]
        e = e.args[0]
    return e, ranges


def _is_written_out(e: sp.Expr) -> bool:
    """q(1) + q(2) and the like: one density, given the same, at 0 or 1 and the numbers after it."""
    terms = sp.Add.make_args(e)
    if len(terms) < 2 or not all(isinstance(t, AppliedUndef) and t.is_positive and named_law(t) for t in terms):
        return False
    places = sorted(t.args[0] for t in terms) if all(t.args[0].is_Integer for t in terms) else []
    same = len({(t.func, t.args[1:]) for t in terms}) == 1 and is_law_of(terms[0], set(terms[0].args[:1]))
    return same and places in ([sp.Integer(first + n) for n in range(len(terms))] for first in (0, 1))


def _is_family(e: sp.Expr, bound: set[sp.Basic]) -> bool:
    """Named families, one for each variable, or one for each coordinate of it; their parameters are free of all."""
    places = []
    for f in sp.Mul.make_args(e):
        law = f.args[0] if isinstance(f, sp.Product) else f
        if not isinstance(law, Law) or any(p.free_symbols & bound for p in law.args[1:]):
            return False
        coordinate = isinstance(f, sp.Product) and isinstance(law.args[0], sp.Indexed)
        places.append(law.args[0].base.label if coordinate else law.args[0])
    return len(places) == len(bound) and set(places) == bound
