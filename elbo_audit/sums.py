"""Sums and maxima over named axes, and what it takes to build a formula anew: names of indices, substitution."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from elbo_audit.terms import (
    IDEMPOTENT,
    ONE,
    POSITIVE,
    UNIT,
    ZERO,
    Atom,
    Axis,
    Mono,
    Poly,
    Refuse,
    absolute,
    as_poly,
    element,
    exp,
    log,
    mono,
    mono_key,
    of_atom,
    poly,
    positive,
    power,
    sort_of,
    without,
)

_fresh = itertools.count()


def fresh() -> str:
    """A name for an index that nothing else bears."""
    return f"~{next(_fresh)}"


def total(body: Poly, axes: Sequence[Axis]) -> Poly:
    """The sum over axes with fresh names; what does not depend on an axis leaves, what does goes in."""
    if not axes:
        return body
    body = without_kinks(body)
    out = ZERO
    for m, c in body.terms.items():
        out += _total_of(m, list(axes)) * c
    return out


def _total_of(m: Mono, axes: list[Axis]) -> Poly:
    outside: list[tuple[Atom, Fraction]] = []
    inside: list[tuple[Atom, Fraction]] = []
    bound = {i for i, _ in axes}
    work = list(m)
    while work:
        a, e = work.pop()
        if not a.free & bound:
            outside.append((a, e))
        elif a.head == "sum" and e.denominator == 1 and e > 0:
            for _ in range(int(e)):
                inner, more = opened_sum(a)
                axes += more
                bound |= {i for i, _ in more}
                work += inner
        else:
            inside.append((a, e))
    one = UNIT
    for a, e in inside:  # factors that came from several sums may meet
        one = one * of_atom(a, e)
    if len(one.terms) != 1 or next(iter(one.terms.values())) != 1:
        several = ZERO
        for part, c in one.terms.items():
            several += _total_of(part, list(axes)) * c
        return several * as_poly(mono(outside))
    (found,) = one.terms
    if (left := _one_is_chosen(found, axes)) is not None:
        return _total_of(*left) * as_poly(mono(outside))
    if (shorter := _cancelled(found, axes)) is not None:
        return _total_of(*shorter) * as_poly(mono(outside))
    groups: list[tuple[set[str], list[tuple[Atom, Fraction]]]] = []
    for a, e in found:
        ids = set(a.free & bound)
        if not ids:
            outside.append((a, e))
            continue
        hit = [g for g in groups if g[0] & ids]
        groups = [g for g in groups if not g[0] & ids]
        groups.append((ids.union(*(g[0] for g in hit)), [(a, e), *(f for g in hit for f in g[1])]))
    out = UNIT
    for a, e in outside:
        out = out * of_atom(a, e)
    used = set().union(*(g[0] for g in groups))
    for i, n in axes:
        if i not in used:
            out = out * n
    for ids, fs in groups:
        out = out * _sum_atom(mono(fs), [(i, n) for i, n in axes if i in ids])
    return out


def _one_is_chosen(m: Mono, axes: list[Axis]) -> tuple[Mono, list[Axis]] | None:
    """Where nothing else depends on the last axis of probabilities or of a row with a single 1, they add up to one."""
    for a, e in m:
        if a.head == "elem" and e == 1 and sort_of(a) in ("simplex", "onehot"):
            last = a.args[1][-1]
            if any(i == last for i, _ in axes) and not any(last in b.free for b, _ in m if b != a):
                return tuple(f for f in m if f[0] != a), [x for x in axes if x[0] != last]
    return None


def _cancelled(m: Mono, axes: list[Axis]) -> tuple[Mono, list[Axis]] | None:
    """Where a sum stands in a denominator and the same sum can be taken above it, the two cancel: a softmax adds up to one."""
    for a, e in m:
        if a.head != "sum" or e > -1:
            continue
        for over in itertools.combinations([x for x in axes if x[0] not in a.free], len(a.args[1])):
            ids = {i for i, _ in over}
            above = [f for f in m if f[0].free & ids]
            if above and _canonical(mono(above), over) == a:
                left = without(tuple(f for f in m if f not in above), ((a, -ONE),))
                return left, [x for x in axes if x not in over]
    return None


def _sum_atom(m: Mono, axes: list[Axis]) -> Poly:
    found = _canonical(m, axes)
    bound = {i for i, _ in found.args[1]}
    if any(not a.free & bound for a, _ in found.args[0]):  # under its new names a factor came free of the indices
        return total(as_poly(found.args[0]), found.args[1])
    return of_atom(found)


def _canonical(m: Mono, axes: Sequence[Axis]) -> Atom:
    """The sum, its indices named by what they run over and how deep they stand; among equals the least spelling."""
    best: Atom | None = None
    for names, named in _spellings(tuple(a for a, _ in m), axes):
        body = rename_mono(m, names)
        key = f"sum({mono_key(body)};{_axes_key(named)})"
        if best is None or key < best.key:
            free = frozenset().union(*(a.free for a, _ in body)) - {i for i, _ in named}
            best = Atom("sum", (body, tuple(named)), key, free, all(a.positive for a, _ in body))
    assert best is not None
    return best


def _spellings(atoms: Iterable[Atom], axes: Sequence[Axis]) -> Iterator[tuple[dict[str, str], list[Axis]]]:
    depth = _depths(atoms)
    by_size: dict[str, list[Axis]] = {}
    for i, n in axes:
        by_size.setdefault(n.key, []).append((i, n))
    sizes = sorted(by_size)
    if max(map(len, by_size.values())) > 4:
        raise Refuse("a sum over more than four axes of one size")
    for several in itertools.product(*(itertools.permutations(by_size[s]) for s in sizes)):
        names: dict[str, str] = {}
        named: list[Axis] = []
        for s, order in zip(sizes, several, strict=True):
            for k, (i, n) in enumerate(order):
                names[i] = f"{s}#{depth.get(s, 0) + k + 1}"
                named.append((names[i], n))
        yield names, named


def _depths(atoms: Iterable[Atom]) -> dict[str, int]:
    """How many indices of each size are bound inside."""
    out: dict[str, int] = {}
    for a in atoms:
        for s, k in _depth(a):
            out[s] = max(out.get(s, 0), k)
    return out


@lru_cache(20000)
def _depth(a: Atom) -> tuple[tuple[str, int], ...]:
    found = _depths(b for p in _inner(a) for m in p.terms for b, _ in m)
    if a.head in ("sum", "max", "call"):
        for i, n in a.args[3] if a.head == "call" else a.args[1]:
            found[n.key] = max(found.get(n.key, 0), int(i.rpartition("#")[2]))
    return tuple(found.items())


def _inner(a: Atom) -> list[Poly]:
    if a.head in ("log", "poly", "abs", "max", "held"):
        return [a.args[0]]
    if a.head in ("exp", "sum"):
        return [as_poly(a.args[0])]
    return [a.args[2]] if a.head == "call" else []


def _axes_key(axes: Sequence[Axis]) -> str:
    return ",".join(f"{i}:{n.key}" for i, n in axes)


def _closed(body: Poly, axes: Sequence[Axis]) -> tuple[Poly, list[Axis]]:
    """A body that is no monomial, with its indices named."""
    best: tuple[Poly, list[Axis]] | None = None
    for names, named in _spellings([a for m in body.terms for a, _ in m], axes):
        new = rename(body, names)
        if best is None or new.key < best[0].key:
            best = new, named
    assert best is not None
    return best


def opened_sum(a: Atom) -> tuple[Mono, list[Axis]]:
    names = {i: fresh() for i, _ in a.args[1]}
    return rename_mono(a.args[0], names), [(names[i], n) for i, n in a.args[1]]


def largest(body: Poly, axes: Sequence[Axis]) -> Poly:
    """The maximum over axes; what does not depend on them leaves."""
    bound = {i for i, _ in axes}
    outer = Poly({m: c for m, c in body.terms.items() if not any(a.free & bound for a, _ in m)})
    inner = body - outer
    if not inner.terms:
        return body
    new, named = _closed(inner, axes)
    key = f"max({new.key};{_axes_key(named)})"
    return outer + of_atom(Atom("max", (new, tuple(named)), key, new.free - {i for i, _ in named}, positive(new)))


# --- building anew ---------------------------------------------------------------------------------------------------


def rename(p: Poly, names: Mapping[str, str]) -> Poly:
    """Other names for free indices."""
    if not p.free & names.keys():
        return p
    return mapped(p, lambda a: _renamed(a, names) if a.free & names.keys() else None)


def rename_mono(m: Mono, names: Mapping[str, str]) -> Mono:
    out = rename(as_poly(m), names).monomial()
    if out is None or out[0] != 1:
        raise Refuse("a sum cannot be brought into a normal form")
    return out[1]


def _renamed(a: Atom, names: Mapping[str, str]) -> Poly:
    if a.head == "elem":
        return element(a.args[0], [names.get(i, i) for i in a.args[1]], a.args[2])
    return rebuilt(a, lambda p: rename(p, names), {i: names.get(i, i) for i in a.free})


def rebuilt(a: Atom, f: Callable[[Poly], Poly], places: Mapping[str, str] | None = None) -> Poly:
    """The same atom over what f makes of its parts; f must not touch bound indices."""
    if a.head == "exp":
        return exp(f(as_poly(a.args[0])))
    if a.head == "log":
        return log(f(a.args[0]))
    if a.head == "poly":
        return f(a.args[0])
    if a.head == "held":
        return held(f(a.args[0]))
    if a.head == "abs":
        return absolute(f(a.args[0]))
    if a.head == "sum":
        inner, axes = opened_sum(a)
        return total(f(as_poly(inner)), axes)
    if a.head == "max":
        names = {i: fresh() for i, _ in a.args[1]}
        return largest(f(rename(a.args[0], names)), [(names[i], n) for i, n in a.args[1]])
    if a.head == "call":
        names = {i: fresh() for i, _ in a.args[3]}
        place = [(places or {}).get(i, i) for i in a.args[1]]
        axes = [(names[i], n) for i, n in a.args[3]]
        return call(a.args[0], place, f(rename(a.args[2], names)), axes, a.args[4])
    return of_atom(a)


def mapped(p: Poly, f: Callable[[Atom], Poly | None]) -> Poly:
    """p with each atom replaced by what f says, if it says anything."""
    out = ZERO
    for m, c in p.terms.items():
        term = poly(c)
        for a, e in m:
            new = f(a)
            term = term * (of_atom(a, e) if new is None else power(new, e))
        out += term
    return out


def substitute(p: Poly, values: Callable[[Atom], Poly | None]) -> Poly:
    """p with atoms replaced at every depth; `values` says None for what stays."""

    def here(a: Atom) -> Poly | None:
        found = values(a)
        if found is not None:
            return found
        return rebuilt(a, lambda q: substitute(q, values)) if _inner(a) else None

    return mapped(p, here)


def atoms(p: Poly) -> Iterator[Atom]:
    """Every atom, at every depth."""
    for m in p.terms:
        for a, _ in m:
            yield a
            for q in _inner(a):
                yield from atoms(q)


def _in_place(p: Poly, old: Atom, new: Poly) -> Poly:
    return substitute(p, lambda a: new if a == old else None)


def without_kinks(p: Poly) -> Poly:
    """Drop |a| wherever a >= 0 and a < 0 give the same formula."""
    for a in sorted({a for a in atoms(p) if a.head == "abs"}, key=lambda a: a.key):
        if not any(b == a for b in atoms(p)):
            continue
        try:
            up, down = _in_place(p, a, a.args[0]), _in_place(p, a, -a.args[0])
        except Refuse:
            continue
        if up == down:
            p = up
    return p


# --- atoms that hold formulas ---


def held(p: Poly) -> Poly:
    """The same number, through which no gradient flows: each entry in it is held."""
    return substitute(p, lambda a: _held(a) if a.head in ("elem", "call") and _moves(a) else None)


def _held(a: Atom) -> Poly:
    p = of_atom(a)
    return of_atom(Atom("held", (p,), f"held({p.key})", p.free, positive(p)))


def _moves(a: Atom) -> bool:
    """Can a gradient flow through it?"""
    return a.head == "call" or (a.head == "elem" and a.args[2] not in (*IDEMPOTENT, "data", "noise", "label"))


def call(name: str, place: Sequence[str], row: Poly, axes: Sequence[Axis], sort: str) -> Poly:
    """An entry of what an unknown function returns for a row; of the row nothing is known to the function but its values."""
    row, axes = _closed(row, axes)
    free = (row.free | {p for p in place if p}) - {i for i, _ in axes}
    key = f"{name}<{','.join(place)}>({row.key};{_axes_key(axes)})"
    return of_atom(Atom("call", (name, tuple(place), row, tuple(axes), sort), key, frozenset(free), sort in POSITIVE))
