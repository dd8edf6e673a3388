"""Points at which a theorem can be read: inside the domains of its symbols and inside its hypotheses.

Authors supply functions, and values where they matter; what they leave out is drawn here, from a generator seeded by
the theorem's name. Drawn numbers are dyadic fractions, exact in binary: float64, balls and rationals see one value.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from derivations._kernel import BINDERS, AlmostEverywhere, Notation, Total, mapped, unfolded
from derivations._language.instances import cases, restated
from derivations._language.verdicts import Counterexample, Theorem, Verdict
from derivations._values.interpret import CannotConclude, Outside, Point

if TYPE_CHECKING:
    from derivations._values.numeric import Place

TRIES = 60  # draws before a theorem's hypotheses are taken for unsatisfiable
FREE_POINTS = 3  # points for a theorem whose symbols are all drawn


class Vacuous(ValueError):
    """No point was found at which the hypotheses hold."""


def places(verdict: Verdict) -> list[Place]:
    """Points inside the hypotheses: every example of the author, on every kind of space, and drawn ones."""
    ranges = where(verdict.statement, *verdict.given)
    found: list[Place] = []
    for label, points, wanted in candidates(verdict):
        hits = islice(_inside(verdict, points, ranges), wanted)
        if len(new := list(hits)) < wanted:
            raise Vacuous(f"{len(new)} of {wanted} points satisfy the hypotheses ({label})")
        found += new
    return found


def candidates(verdict: Verdict) -> Iterator[tuple[str, Iterator[Point], int]]:
    """By label, points with a value for every unknown, and how many are wanted; the hypotheses are not looked at."""
    draw = random.Random(verdict.name)
    for label, spaces, example, wanted in _examples(verdict):
        yield label, _completed(verdict, label, spaces, example, draw), wanted


def where(*props: sp.Basic) -> list[sp.Tuple]:
    """The ranges that the binders of these propositions run over."""
    full = [unfolded(p) for p in props]
    return [r for p in full for b in sorted(p.atoms(*BINDERS, sp.Product), key=str) for r in b.args[1:] if len(r) > 1]


def _examples(verdict: Verdict) -> Iterator[tuple[str, Mapping[sp.Symbol, sp.Tuple], Mapping, int]]:
    if isinstance(verdict, Counterexample):
        yield "instance", {}, verdict.at, 1
        return
    for name, form in verdict.forms.items():
        points = {b.args[1][0] for p in (verdict.statement, *verdict.given) for b in unfolded(p).atoms(Total)}
        points |= {r.args[1][0] for p in (verdict.statement, *verdict.given) for r in p.atoms(AlmostEverywhere)}
        spaces = dict.fromkeys(points, form.over)
        for j, example in enumerate(form.examples, 1):
            yield f"{name} example {j}", spaces, example, 1
    for j, example in enumerate(verdict.examples, 1):
        yield f"example {j}", {}, example, 1
    if not verdict.forms and not verdict.examples:
        yield "drawn", {}, {}, FREE_POINTS if unknowns(verdict)[0] else 1


def _inside(verdict: Verdict, points: Iterable[Point], ranges: list[sp.Tuple]) -> Iterator[Place]:
    """Those of the points at which every hypothesis holds."""
    from derivations._values.numeric import Place  # NumPy, which a browser has not

    problem = ""
    count = 0
    for point in points:
        place = Place(point, ranges)
        try:
            failing = [h for h in verdict.given if not place.holds(h) or only_by_rounding(h, point)]
        except (Outside, CannotConclude) as why:
            failing, problem = [sp.false], str(why)
        if not failing:
            count += 1
            yield place
        elif failing != [sp.false]:
            problem = f"{failing[0]} does not hold {point}"
    if not count:
        raise Vacuous(f"no point satisfies the hypotheses: {problem}")


def only_by_rounding(h: sp.Basic, point: Point) -> bool:
    """Is it an equation or inequality of exact numbers that is false, be it by less than a float can tell?"""
    if h.has(sp.Integral, Notation, Total, sp.Derivative, sp.Indexed):
        return False  # read by quadrature, or not yet with numbers for its indices
    for one in cases(mapped(restated(restated(h, point.functions), point.values), lambda e: e)):
        if not isinstance(one, sp.Eq | sp.Ge) or one.has(sp.Float, sp.Integral, sp.oo):
            continue
        gap = one.lhs - one.rhs
        if any(not r[1:] or not all(end.is_Integer for end in r[1:]) for s in gap.atoms(sp.Sum) for r in s.args[1:]):
            continue
        gap = gap.doit()
        if gap.is_Rational and (gap < 0 if isinstance(one, sp.Ge) else gap != 0):
            return True
    return False


def unknowns(verdict: Verdict) -> tuple[list[sp.Symbol], list[sp.IndexedBase], list[UndefinedFunction]]:
    """The free symbols, indexed families and abstract functions of a verdict."""
    full = [unfolded(p) for p in (verdict.statement, *verdict.given)]
    families = {a.base for p in full for a in p.atoms(sp.Indexed)}
    spaces = {b.args[1][0] for p in full for b in p.atoms(Total)}
    families = {f for f in families if f.label not in spaces}
    labels = {f.label for f in families}
    symbols = {s for p in full for s in p.free_symbols if isinstance(s, sp.Symbol)} - labels - spaces
    functions = {a.func for p in full for a in p.atoms(AppliedUndef)}
    return sorted(symbols, key=str), sorted(families, key=str), sorted(functions, key=str)


def _completed(
    verdict: Verdict, label: str, spaces: Mapping[sp.Symbol, sp.Tuple], example: Mapping, draw: random.Random
) -> Iterator[Point]:
    """Points that give every unknown a value: the author's where there is one, else drawn inside its domain."""
    symbols, families, functions = unknowns(verdict)
    ends = {s for r in spaces.values() for b in r[1:] for s in b.free_symbols}
    symbols = [*symbols, *sorted(ends - set(symbols), key=str)]
    given = {k: v for k, v in example.items() if not isinstance(k, UndefinedFunction)}
    lambdas = {k: v for k, v in example.items() if isinstance(v, sp.Lambda)}
    if isinstance(verdict, Theorem) and (missing := [f for f in functions if f not in lambdas]):
        raise Vacuous(f"no example for the function {missing[0]} ({label})")
    lost = [s for s in symbols if s not in given]
    vectors = _vectors(verdict)
    small = {s for e in vectors.values() for s in e.free_symbols}
    bare = [f for f in families if f not in given]
    for _ in range(TRIES if lost or bare else 1):
        values: dict[sp.Basic, Any] = {**given, **{s: _drawn(s, draw, s in small) for s in lost}}
        size = max([int(v) for s, v in values.items() if s.is_integer and s.is_positive], default=3)
        for f in bare:
            values[f] = _family(f, _rank(verdict, f), size, draw)
        yield Point(label, values, lambdas, spaces, vectors, drawn=not example)


def _vectors(verdict: Verdict) -> dict[sp.Symbol, sp.Expr]:
    """The spaces R^d, points of which are written u[i], with their d: the shape of u, or where sums and products over i end."""
    full = [unfolded(p) for p in (verdict.statement, *verdict.given)]
    spaces = {b.args[1][0] for p in full for b in p.atoms(Total)}
    ends: dict[sp.Symbol, sp.Expr] = {}
    for p in full:
        for f in sorted(p.atoms(sp.Sum, sp.Product), key=str):
            indices = {(a.base.label, i) for a in f.atoms(sp.Indexed) for i in a.indices}
            ends |= {s: r[2] for r in f.args[1:] for s in spaces if (s, r[0]) in indices}
    shapes = {a.base.label: a.base.shape[0] for p in full for a in p.atoms(sp.Indexed) if a.base.shape}
    return ends | {s: d for s, d in shapes.items() if s in spaces}


def _rank(verdict: Verdict, family: sp.IndexedBase) -> int:
    used = {a for p in (verdict.statement, *verdict.given) for a in unfolded(p).atoms(sp.Indexed)}
    return next(len(a.indices) for a in used if a.base == family)


def _family(f: sp.IndexedBase, rank: int, size: int, draw: random.Random) -> Any:
    if rank:
        return [_family(f, rank - 1, size, draw) for _ in range(size)]
    return _drawn(f.label, draw)


def _drawn(s: sp.Basic, draw: random.Random, small: bool = False) -> sp.Expr:
    """A number in the domain of s."""
    if small:
        return sp.Integer(draw.choice((1, 2, 2)))
    if s.is_integer:
        return sp.Integer(draw.randint(2, 5) if s.is_positive else draw.randint(-2, 3))
    if s.is_positive:
        return sp.Rational(draw.randint(20, 120), 64)
    return sp.Rational(draw.choice((-1, 1)) * draw.randint(10, 100), 64)
