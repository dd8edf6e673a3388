"""Families side by side, and what a mask picks, as the plain reading of a trace meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import sympy as sp

from elbo_audit.families import Dim, Family
from elbo_audit.terms import ZERO, Poly, Refuse, poly

CUT = "a slice that cuts an axis"


class Reader(Protocol):
    """What is asked of the reader of the trace."""

    def length(self, d: Dim) -> Poly: ...

    def count(self, n: Any) -> Poly: ...

    def joined(self, *several: Family) -> tuple[Dim, ...]: ...

    def reduced(self, f: Family, dims: Any, keep: Any, how: str) -> Family: ...


@dataclass(frozen=True)
class Beside:
    """Families along a dimension, in order."""

    dim: int
    parts: tuple[Family, ...]


@dataclass(frozen=True)
class Picked:
    """The entries where a mask is one."""

    family: Family
    mask: Family


def side_by_side(name: str, several: Sequence[Any], dim: int) -> Beside:
    if any(isinstance(a, Beside) for a in several):
        raise Refuse("arrays put side by side twice")
    if name == "cat":
        return Beside(dim % len(several[0].dims), tuple(several))
    d = dim % (len(several[0].dims) + 1)
    return Beside(d, tuple(replace(a, dims=(*a.dims[:d], (), *a.dims[d:])) for a in several))


def of_beside(reader: Reader, name: str, args: list[Any], shape: Sequence[Poly], value: Callable[[Any], Any]) -> Any:
    a = value(args[0])
    lengths = [reader.length(p.dims[a.dim]) for p in a.parts]

    def part(at: Poly, end: Poly) -> Family:
        ends = [sum(lengths[:k], ZERO) for k in range(len(lengths) + 1)]
        if at not in ends or end not in ends or ends.index(end) != ends.index(at) + 1:
            raise Refuse(CUT)
        found: Family = a.parts[ends.index(at)]
        return found

    if name == "slice":
        dim, start, end = (*args[1:4],) if len(args) > 3 else (0, 0, None)
        rank = len(a.parts[0].dims)
        if len(args) > 4 or (dim % rank != a.dim and (start != 0 or not _far(end))):
            raise Refuse(CUT)
        whole = sum(lengths, ZERO)
        if dim % rank != a.dim or (start == 0 and _far(end)):
            return a
        at, to = reader.count(value(start)), whole if _far(end) else reader.count(value(end))
        return part(_from_the_end(at, whole), _from_the_end(to, whole))
    if name == "split":
        dim = args[2] if len(args) > 2 else 0
        one = reader.count(value(args[1]))
        if dim % len(a.parts[0].dims) != a.dim or any(n != one for n in lengths):
            raise Refuse(CUT)
        return list(a.parts)
    if name in ("unbind", "select"):
        dim = args[1]
        if dim % len(a.parts[0].dims) != a.dim or any(n != poly(1) for n in lengths):
            raise Refuse(CUT)
        out = [replace(p, dims=(*p.dims[: a.dim], *p.dims[a.dim + 1 :])) for p in a.parts]
        return out if name == "unbind" else out[args[2]]
    if name in ("view", "reshape"):
        one_shape = [reader.length(d) for d in a.parts[0].dims]
        if list(shape) != [*one_shape[: a.dim], poly(len(a.parts)), *one_shape[a.dim :]]:
            raise Refuse("a reshape of arrays that were put side by side")
        return side_by_side("stack", a.parts, a.dim)
    if name == "sum":
        over = args[1] if len(args) > 1 else range(len(a.parts[0].dims))
        if a.dim not in [d % len(a.parts[0].dims) for d in over]:
            raise Refuse("a sum of arrays that were put side by side")
        parts = [reader.reduced(p, over, len(args) > 2 and args[2], "sum") for p in a.parts]
        return replace(parts[0], entry=sp.Add(*(p.entry for p in parts)), dims=reader.joined(*parts))
    raise Refuse(f"no plain reading of {name} of arrays that were put side by side")


def _far(end: Any) -> bool:
    return end is None or (isinstance(end, int) and end > 2**40)


def _from_the_end(at: Poly, whole: Poly) -> Poly:
    return whole + at if at.terms and all(c < 0 for c in at.terms.values()) else at


def of_picked(reader: Reader, name: str, p: Picked) -> Family:
    """The sum or the mean of what a mask picks."""
    both = reader.joined(p.family, p.mask)
    ones = reader.reduced(replace(p.family, dims=both, entry=p.mask.entry), None, False, "sum")
    out = reader.reduced(replace(p.family, dims=both, entry=p.family.entry * p.mask.entry), None, False, "sum")
    if name not in ("sum", "mean"):
        raise Refuse(f"no plain reading of {name} of what a mask picks")
    return replace(out, entry=out.entry / ones.entry) if name == "mean" else out
