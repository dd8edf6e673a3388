"""Of which dimension is the space of a point in a proof. SymPy's symbols do not say it, the coordinates of a point do.

Theorems in which the coordinates have vanished are about the same space as those that they come from, or lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import sympy as sp

from derivations._kernel import Thm, Total

Place = tuple[int, sp.Symbol]


class Unknown(ValueError):
    """Something that has no form in a certificate, or not yet."""


class Dimensions:
    """For each theorem below some others, the dimension of the space of each of its points."""

    def __init__(self, thms: Iterable[Thm]) -> None:
        self._same: dict[Place, Place] = {}
        self._found: dict[Place, sp.Expr] = {}
        self._spaces: set[Place] = set()
        moved: list[tuple[Place, Place, Mapping[sp.Symbol, sp.Expr]]] = []
        self._nodes = {id(t): t for t in below(thms)}  # kept, so that no id is used twice
        for t in self._nodes.values():
            said: Any = t.said
            new: dict[sp.Symbol, sp.Expr] = dict(said) if t.rule == "substitute" else {}
            for p in t.parents:
                for s in _points(p) & _points(t):
                    if new:
                        moved.append(((id(p), s), (id(t), s), new))
                    elif t.rule != "on the space" or s != said[1][0]:
                        self._same[self._root((id(t), s))] = self._root((id(p), s))
        for t in self._nodes.values():
            for e in _formulas(t):
                self._spaces |= {self._root((id(t), s)) for s in _integrated(e)}
                for s, d in _shapes(e):
                    self._say((id(t), s), d)
        for _ in moved:
            for before, after, values in moved:
                if (d := self._found.get(self._root(before))) is not None:
                    self._say(after, d.xreplace(values))
                elif (d := self._found.get(self._root(after))) is not None and not d.free_symbols & values.keys():
                    self._say(before, d)

    def of(self, thm: Thm) -> dict[sp.Symbol, sp.Expr | None]:
        """None for the point of a space whose dimension nothing tells."""
        places = {s: self._root((id(thm), s)) for s in _points(thm)}
        return {s: self._found.get(p) for s, p in places.items() if p in self._found or p in self._spaces}

    def _root(self, place: Place) -> Place:
        while place in self._same and self._same[place] != place:
            place = self._same[place]
        return place

    def _say(self, place: Place, d: sp.Expr) -> None:
        if self._found.setdefault(self._root(place), d) != d:
            raise Unknown(f"the space of {place[1]} would have two dimensions: {d}, {self._found[self._root(place)]}")


def told_by(formulas: Iterable[sp.Basic]) -> dict[sp.Symbol, sp.Expr]:
    """What formulas alone tell, without the proof that they come from: of some spaces only that there is a dimension."""
    several = list(formulas)
    told = dict(shape for e in several for shape in _shapes(e))
    some = sp.Symbol("dim", integer=True, positive=True)
    return {s: some for e in several for s in _integrated(e)} | told


def below(thms: Iterable[Thm]) -> Iterator[Thm]:
    """These theorems and all that they come from, each once."""
    seen: set[int] = set()
    stack = list(thms)
    while stack:
        t = stack.pop()
        if id(t) not in seen:
            seen.add(id(t))
            yield t
            stack += t.parents


def _formulas(t: Thm) -> list[sp.Basic]:
    found: list[sp.Basic] = [t.prop, *t.hyps]
    said: list[Any] = list(t.said)
    while said:
        x = said.pop()
        if isinstance(x, tuple):
            said += x
        elif isinstance(x, sp.Basic):
            found.append(x)
    return found


def _points(t: Thm) -> frozenset[sp.Symbol]:
    """The symbols that may be points of R^d: real ones, on which no other assumption is made."""
    return frozenset().union(*map(_real, _formulas(t)))


_REAL = sp.Symbol("", real=True).assumptions0


@cache
def _real(e: sp.Basic) -> frozenset[sp.Symbol]:
    return frozenset(s for s in e.atoms(sp.Symbol) if s.assumptions0 == _REAL)


@cache
def _integrated(e: sp.Basic) -> frozenset[sp.Symbol]:
    return frozenset(i.args[1][0] for i in e.atoms(Total) if i.args[1][0].is_real)


@cache
def _shapes(e: sp.Basic) -> frozenset[tuple[sp.Symbol, sp.Expr]]:
    return frozenset((b.label, b.shape[0]) for b in e.atoms(sp.IndexedBase) if b.shape)
