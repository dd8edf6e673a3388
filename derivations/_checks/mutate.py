"""Damaged copies of a statement. Nothing here knows what the statement says: it walks the tree and breaks one node.

A damaged statement is one that a slip of the pen makes: a sign, a factor, a missing term, a missing square, arguments
swapped, one divergence written for another. Each must be refused by the proof and refuted by the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from derivations._kernel import BINDERS, Notation, Property, bound, mapped
from derivations._language.notation import KL, CrossEntropy, Law
from derivations._language.printing import text

FEWEST = 8  # mutants that a theorem must have
ENOUGH = 16  # when the statement as it stands offers fewer, its definitions are opened and damaged too
MOST = 24  # spread over the kinds of damage, so that a long statement does not cost minutes


@dataclass(frozen=True)
class Mutant:
    statement: sp.Basic
    what: str


def mutants(statement: sp.Basic) -> list[Mutant]:
    """Distinct damaged copies of the statement: one of every kind of damage first, then more of each."""
    seen = {statement}
    chosen = _spread(_all(statement), seen, MOST)
    if len(chosen) < ENOUGH:
        chosen += _spread(_all(mapped(statement, _opened)), seen, ENOUGH - len(chosen))
    return chosen


def _spread(damage: Iterable[tuple[str, str, sp.Basic]], seen: set[sp.Basic], most: int) -> list[Mutant]:
    by_kind: dict[str, list[Mutant]] = {}
    for kind, what, damaged in damage:
        if damaged not in seen and isinstance(damaged, Relational | Property):
            seen.add(damaged)
            by_kind.setdefault(kind, []).append(Mutant(damaged, f"{kind}: {what}"))
    rounds = zip_longest(*by_kind.values())
    return [m for one_round in rounds for m in one_round if m is not None][:most]


def _opened(e: sp.Expr) -> sp.Expr:
    """e with its outermost notations replaced by their definitions."""
    heads = e.atoms(Notation)
    return e.xreplace({h: h.definition() for h in heads if not any(h != k and k.has(h) for k in heads)})


def _all(p: sp.Basic) -> Iterator[tuple[str, str, sp.Basic]]:
    if isinstance(p, Property):
        yield from ((kind, what, p.func(inner, *p.args[1:])) for kind, what, inner in _all(p.args[0]))
        return
    if not isinstance(p, Relational):
        return
    left, right = p.args
    yield from _relations(p)
    for name, side, rebuild in (
        ("right", right, lambda e: p.func(left, e, evaluate=False)),
        ("left", left, lambda e: p.func(e, right, evaluate=False)),
    ):
        shift = -1 if name == "left" else 1  # of an inequality either makes more of a claim
        yield from ((kind, f"{what}, on the {name}", rebuild(e)) for kind, what, e in _whole(side, shift))
        yield from ((kind, f"{what}, on the {name}", rebuild(e)) for kind, what, e in _inside(side))
        yield from ((kind, f"{what}, on the {name}", rebuild(e)) for kind, what, e in _swapped(side))


def _relations(p: Relational) -> Iterator[tuple[str, str, sp.Basic]]:
    """The comparison itself: turned around, or claimed to be an equality."""
    left, right = p.args
    if not isinstance(p, sp.Eq | sp.Ne):
        yield "reversed", f"{text(p)}", p.func(right, left, evaluate=False)
        yield "equality for inequality", f"{text(p)}", sp.Eq(left, right, evaluate=False)
        yield "never equal", f"{text(p)}", sp.Ne(left, right, evaluate=False)
    if isinstance(p, sp.Eq):
        yield "never equal", f"{text(p)}", sp.Ne(left, right, evaluate=False)
    if isinstance(p, sp.Ne):
        yield "equality for inequality", f"{text(p)}", sp.Eq(left, right, evaluate=False)


def _whole(e: sp.Expr, shift: int) -> Iterator[tuple[str, str, sp.Expr]]:
    """Damage to one side as a whole."""
    if e != 0:
        yield "sign", text(e), -e
        yield "doubled", text(e), 2 * e
        yield "halved", text(e), e / 2
    yield "off by one", text(e), e + shift
    if e.is_positive and e != 1:
        yield "reciprocal", text(e), 1 / e


def _inside(e: sp.Expr) -> Iterator[tuple[str, str, sp.Expr]]:
    """Damage to one node anywhere in e, ranges of binders left alone."""
    yield from _node(e)
    parts = e.args
    if isinstance(e, (*BINDERS, sp.Product)):
        parts = e.args[:1]
    for j, part in enumerate(parts):
        if not isinstance(part, sp.Expr) or isinstance(part, sp.Symbol):
            continue
        for kind, what, damaged in _inside(part):
            if (new := _rebuilt(e, j, damaged)) is not None:
                yield kind, what, new


def _rebuilt(e: sp.Expr, j: int, damaged: sp.Expr) -> sp.Expr | None:
    """e with its j-th part replaced; nothing where that is no expression any more, like the index of a family."""
    if isinstance(e, AppliedUndef | sp.Indexed | Law) or damaged.has(sp.nan, sp.zoo, sp.oo):
        return None
    new = e.func(*e.args[:j], damaged, *e.args[j + 1 :])
    return None if new.has(sp.nan, sp.zoo) else new


def _node(e: sp.Expr) -> Iterator[tuple[str, str, sp.Expr]]:
    """What a slip can do to this node."""
    if isinstance(e, sp.Add):
        for t in e.args:
            rest = sp.Add(*(a for a in e.args if a is not t))
            yield "sign of a term", text(t), rest - t
            yield "term dropped", text(t), rest
            yield "term doubled", text(t), rest + 2 * t
            yield "term halved", text(t), rest + t / 2
    if isinstance(e, sp.Mul):
        for f in e.args:
            rest = sp.Mul(*(a for a in e.args if a is not f))
            if f != -1:
                yield "factor dropped", text(f), rest
            if isinstance(f, AppliedUndef | Law) or f.is_Symbol:
                yield "factor squared", text(f), rest * f**2
    if isinstance(e, sp.Pow):
        base, power = e.args
        if power == 2:
            yield "square lost", text(e), base
        elif power.is_Number and power.is_negative:
            yield "upside down", text(e), base**-power
    if isinstance(e, sp.log):
        yield "reciprocal in a logarithm", text(e), sp.log(1 / e.args[0])
        yield "logarithm lost", text(e), e.args[0]
    if isinstance(e, sp.exp):
        yield "sign in an exponential", text(e), sp.exp(-e.args[0])
    if isinstance(e, KL):
        yield "cross-entropy for divergence", text(e), CrossEntropy(*e.args)
    if isinstance(e, Notation) and len(e.args) > 2 and _alike(e.args[0], e.args[1]):
        yield "arguments swapped", text(e), e.func(e.args[1], e.args[0], *e.args[2:])
    if isinstance(e, Law):
        at, *parameters = e.args
        for j, s in enumerate(parameters):
            if not s.is_number or s == 0:
                continue
            yield "parameter doubled", text(e), e.func(at, *parameters[:j], 2 * s, *parameters[j + 1 :])
    if isinstance(e, BINDERS) and isinstance(e.args[0], AppliedUndef | Law):
        yield "integrand squared", text(e), e.func(e.args[0] ** 2, *e.args[1:])
    if isinstance(e, sp.Sum) and (r := e.args[1])[1] == 1:
        yield "first term lost", text(e), e.func(e.args[0], (r[0], 2, r[2]))


def _alike(a: sp.Basic, b: sp.Basic) -> bool:
    """Both densities at the same point?"""
    if isinstance(a, Law) and isinstance(b, Law):
        return a.args[0] == b.args[0]
    return isinstance(a, AppliedUndef) and isinstance(b, AppliedUndef) and a.args == b.args


def _swapped(e: sp.Expr) -> Iterator[tuple[str, str, sp.Expr]]:
    """Two symbols, families or functions of one kind exchanged on this side only."""
    ranks = {i.base: len(i.indices) for i in e.atoms(sp.Indexed)}
    hidden = bound(e) | {f.label for f in ranks}
    free = sorted((s for s in e.free_symbols if isinstance(s, sp.Symbol) and s not in hidden), key=str)
    for a, b in _pairs(free, lambda s: tuple(sorted(s.assumptions0.items()))):
        yield "symbols exchanged", f"{a} and {b}", e.xreplace({a: b, b: a})
    for a, b in _pairs(sorted(ranks, key=str), lambda f: (ranks[f], *sorted(f.assumptions0.items()))):
        yield "symbols exchanged", f"{a} and {b}", e.xreplace({a: b, b: a})
    applied = sorted(e.atoms(AppliedUndef), key=str)
    for a, b in _pairs(applied, lambda f: f.args):
        yield "functions exchanged", f"{text(a)} and {text(b)}", e.xreplace({a: b, b: a})


def _pairs(items: list, kind: Callable[[sp.Basic], tuple]) -> Iterator[tuple[sp.Basic, sp.Basic]]:
    for j, a in enumerate(items):
        yield from ((a, b) for b in items[j + 1 :] if kind(a) == kind(b))
