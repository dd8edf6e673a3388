"""Entries by the indices of their sizes, and sums over them: what a traced loss and the statements of the book have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sympy as sp

Dim = tuple[str, ...]  # the names of the sizes
AGAIN: Final = "+"  # after the name of a size that an argument has once more


@dataclass(frozen=True)
class Range:
    """The index of a size, and the size."""

    index: sp.Symbol
    size: sp.Expr


@dataclass(frozen=True)
class Family:
    """Entries by the indices of their sizes."""

    dims: tuple[Dim, ...]
    entry: sp.Expr
    label: str = ""  # the argument, where entries are numbers of classes; or a condition that never holds

    @property
    def names(self) -> list[str]:
        return [s for d in self.dims for s in d]


# --- sums within sums over one size: the inner one keeps the index, the outer one gets another -----------------------


def index_at(r: Range, height: int) -> sp.Symbol:
    """The index of a sum over r that has height - 1 sums over r nested in it."""
    return r.index if height == 1 else sp.Symbol(f"{height}{r.index}", **r.index.assumptions0)


def height(e: sp.Basic, r: Range) -> int:
    """How deep sums over r are nested in e."""
    used = {limit[0] for s in e.atoms(sp.Sum, sp.Product) for limit in s.args[1:]}
    out = 0
    while index_at(r, out + 1) in used:
        out += 1
    return out


def raised(e: sp.Expr, r: Range) -> tuple[sp.Expr, sp.Tuple]:
    """e with its free index of r so named that a sum over it shadows nothing, and the range of that sum."""
    new = index_at(r, height(e, r) + 1)
    return (e if new == r.index else _free(e, r.index, new)), sp.Tuple(new, 1, r.size)


def _free(e: sp.Expr, old: sp.Symbol, new: sp.Symbol) -> sp.Expr:
    if e == old:
        return new
    if not e.args or (isinstance(e, sp.Sum | sp.Product) and any(limit[0] == old for limit in e.args[1:])):
        return e
    return e.func(*(_free(a, old, new) for a in e.args))


def summed(e: sp.Expr, r: Range) -> sp.Sum:
    return sp.Sum(*raised(e, r))
