"""What every document takes for granted, said of a refuted claim: laws have mass one, their parts fit together.

A claim that fails only where it is not so is not refuted, whether or not the author of the refutation repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from derivations._kernel import BINDERS, ForAll, Notation, total
from derivations._language.densities import is_law_of, letter, named_law, slots
from derivations._language.notation import ELBO, KL, CrossEntropy, E, Entropy, Law
from derivations._language.printing import text

Ranges = tuple[sp.Tuple, ...]


def granted(statement: sp.Basic, given: Iterable[sp.Basic]) -> list[sp.Basic]:
    """Of the laws that a claim averages over or compares, and of the densities of one letter."""
    said = {a.func for g in given for a in _integrand_of_law(g)}
    found: dict[sp.Basic, None] = {}
    for law, over, outer in _laws(statement, ()):
        functions = {a.func for a in law.xreplace(dict.fromkeys(law.atoms(Law), sp.S.One)).atoms(AppliedUndef)}
        if functions and not functions <= said:
            found[_for_all(sp.Eq(total(law, *over), sp.S.One, evaluate=False), outer)] = None
    return list(found | dict.fromkeys(_fit(statement, *given)))


def outside(props: Iterable[sp.Basic], at: Mapping[Any, Any]) -> str:
    """What at this instance is no value of its symbol, or of a positive function on a finite range; or ""."""
    for s, value in at.items():
        if isinstance(s, sp.Symbol) and (not_so := _unlike(sp.sympify(value), s)):
            return f"{s} = {value} is not {not_so}"
    for f, ranges in (one for prop in props for one in _occurrences(prop, ())):
        if f.is_positive and isinstance(at.get(f.func), sp.Lambda):
            for point in _points(f, ranges, at):
                value = at[f.func](*(a.xreplace(point) for a in f.args))
                if value.is_positive is False:
                    return f"{text(f.xreplace(point))} = {value} is not positive"
    return ""


def _unlike(value: sp.Expr, s: sp.Symbol) -> str:
    return next(
        (k for k in ("real", "integer", "positive") if getattr(s, f"is_{k}") and getattr(value, f"is_{k}") is False), ""
    )


def _points(f: AppliedUndef, ranges: Ranges, at: Mapping[Any, Any]) -> Iterator[Mapping[sp.Basic, sp.Expr]]:
    """The places of a finite range at which a function is asked for; none where it is not finite."""
    known = {s: sp.sympify(v) for s, v in at.items() if isinstance(s, sp.Symbol)}
    points: list[dict[sp.Basic, sp.Expr]] = [known]
    for r in ranges:
        if r[0] not in f.free_symbols:
            continue
        ends = [sp.sympify(end).xreplace(known) for end in r[1:]]
        if len(ends) != 2 or not all(end.is_Integer for end in ends) or ends[1] - ends[0] > 50:
            return
        points = [{**p, r[0]: sp.Integer(j)} for p in points for j in range(int(ends[0]), int(ends[1]) + 1)]
    yield from points


def _for_all(prop: sp.Basic, outer: Ranges) -> sp.Basic:
    for r in outer:
        if r[0] in prop.free_symbols:
            prop = ForAll(prop, r)
    return prop


def _integrand_of_law(h: sp.Basic) -> set[sp.Basic]:
    while isinstance(h, ForAll):
        h = h.args[0]
    mass_one = isinstance(h, sp.Eq) and h.rhs == 1 and isinstance(h.lhs, (*BINDERS,))
    return h.lhs.args[0].atoms(AppliedUndef) if mass_one else set()


def _laws(e: sp.Basic, outer: Ranges) -> Iterator[tuple[sp.Expr, list[sp.Basic], Ranges]]:
    """What stands in the place of a law, the range of its variable, and those of its other variables."""
    over: list[sp.Basic] = []
    if isinstance(e, (*BINDERS, sp.Product, ForAll)):
        over = list(e.args[1:])
        yield from ((law, over, outer) for law in _weights(e))
    elif isinstance(e, Notation):
        over = [r for r in e.args if isinstance(r, sp.Tuple)]
        places = {KL: e.args[:2], CrossEntropy: e.args[:2], Entropy: e.args[:1], E: e.args[1:2], ELBO: e.args[1:2]}
        yield from ((law, over, outer) for law in places.get(type(e), ()))
    for part in e.args:
        yield from _laws(part, (*outer, *over))


def _weights(e: sp.Basic) -> Iterator[sp.Expr]:
    """The laws in an average that is written out: q(k) in the sum of q(k) f(k), q(k) and p(k) in that of q log q/p."""
    if not isinstance(e, BINDERS):
        return
    bound = {r[0] for r in e.args[1:] if isinstance(r, sp.Tuple)}
    for term in sp.Add.make_args(e.args[0]):
        factors = [f for f in sp.Mul.make_args(term) if f.free_symbols & bound]
        densities = [f for f in factors if isinstance(f, AppliedUndef) and f.is_positive]
        if not densities or len(densities) == len(factors):
            continue  # a mass or a marginal
        if is_law_of(whole := sp.Mul(*densities), bound):
            yield whole
        inside = {a for f in factors if isinstance(f, sp.log) for a in f.atoms(AppliedUndef)}
        for f in sorted({*densities, *inside}, key=str):
            if named_law(f) and is_law_of(f, bound):
                yield f


# --- the parts of one law ---


def _occurrences(e: sp.Basic, outer: Ranges) -> Iterator[tuple[AppliedUndef, Ranges]]:
    """Each value of an abstract function, and the ranges inside which it stands."""
    if isinstance(e, AppliedUndef):
        yield e, outer
    over = tuple(r for r in e.args if isinstance(r, sp.Tuple))
    for part in e.args:
        yield from _occurrences(part, (*outer, *over))


def _fit(*props: sp.Basic) -> Iterator[sp.Basic]:
    """That p(x, z), p(x | z), p(z | x), p(x) and p(z) belong together, for those of them that are spoken of."""
    families: dict[str, dict[UndefinedFunction, AppliedUndef]] = {}
    ranges: dict[sp.Basic, sp.Tuple] = {}
    for f, outer in (one for prop in props for one in _occurrences(prop, ())):
        ranges |= {r[0]: r for r in outer}
        if f.is_positive and "(" in f.func.__name__ and all(a.is_Symbol for a in f.args):
            families.setdefault(letter(f), {}).setdefault(f.func, f)
    for family in families.values():
        for f, g in combinations(family.values(), 2):
            if (said := _tie(f, g, family.values(), ranges)) is not None:
                yield _for_all(said, tuple(ranges.values()))


def _tie(
    f: AppliedUndef, g: AppliedUndef, family: Iterable[AppliedUndef], ranges: Mapping[Any, Any]
) -> sp.Basic | None:
    """What two densities of one letter, and a third where it takes one, say of each other."""
    (about, of), (about_g, of_g) = slots(f), slots(g)

    def third(variables: set[sp.Basic]) -> AppliedUndef | None:
        return next((h for h in family if set(slots(h)[0]) == variables and not slots(h)[1]), None)

    def over(variables: set[sp.Basic]) -> list[sp.Tuple] | None:
        known = [ranges.get(v) for v in sorted(variables, key=str)]
        return None if None in known else known

    if not of and not of_g:
        joint, part = (f, g) if len(about) > len(about_g) else (g, f)
        rest = {*joint.args} - {*part.args}
        if {*part.args} < {*joint.args} and (r := over(rest)):
            return sp.Eq(total(joint, *r), part, evaluate=False)
    for one, other in ((f, g), (g, f)):
        (a, b), (c, d) = slots(one), slots(other)
        if b and not d and {*a, *b} == {*c}:  # p(z | x) beside p(x, z)
            mass = third({*b}) or ((r := over({*a})) and total(other, *r))
            return sp.Eq(one * mass, other, evaluate=False) if mass else None
        if b and not d and {*a} == {*c} and (prior := third({*b})) and (r := over({*b})):
            return sp.Eq(total(one * prior, *r), other, evaluate=False)
    turned = of and of_g and {*about} == {*of_g} and {*of} == {*about_g}
    if turned and (left := third({*of})) and (right := third({*of_g})):
        return sp.Eq(f * left, g * right, evaluate=False)
    return None
