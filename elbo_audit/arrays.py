"""An array as one formula over named axes: entries by index, never by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from elbo_audit.sums import fresh, largest, rename, total
from elbo_audit.terms import UNIT, Axis, Poly, Refuse, of_atom, poly

Dim = tuple[Axis, ...]  # the axes that a dimension is made of, the slowest first; a dimension of length 1 has none


@dataclass(frozen=True)
class Array:
    """Dimensions, and the entry at their indices."""

    dims: tuple[Dim, ...]
    entry: Poly
    indicator: bool = False  # its entries are true or false

    @property
    def shape(self) -> list[Poly]:
        return [length(d) for d in self.dims]

    @property
    def axes(self) -> list[Axis]:
        return [a for d in self.dims for a in d]

    def renamed(self) -> Array:
        names = {i: fresh() for i, _ in self.axes}
        dims = tuple(tuple((names[i], n) for i, n in d) for d in self.dims)
        return Array(dims, rename(self.entry, names), self.indicator)


def length(d: Dim) -> Poly:
    out = UNIT
    for _, n in d:
        out = out * n
    return out


def scalar(p: Poly | int | Fraction) -> Array:
    return Array((), poly(p))


def axes_of(size: Poly) -> Dim:
    """A dimension of this length, with fresh names."""
    if size == UNIT:
        return ()
    one = size.monomial()
    if one is None or any(e != int(e) or e < 1 for _, e in one[1]):
        return ((fresh(), size),)
    parts = [of_atom(a) for a, e in one[1] for _ in range(int(e))]
    if one[0] != 1:
        parts.append(poly(one[0]))
    return tuple((fresh(), n) for n in parts)


def constant(p: Poly, shape: Sequence[Poly]) -> Array:
    return Array(tuple(axes_of(n) for n in shape), p)


def pointwise(f: Callable[..., Poly], *several: Array) -> Array:
    """f of the entries, with dimensions lined up from the right."""
    dims, entries = aligned(*several)
    return Array(dims, f(*entries))


def aligned(*several: Array) -> tuple[tuple[Dim, ...], list[Poly]]:
    rank = max(len(a.dims) for a in several)
    padded = [((),) * (rank - len(a.dims)) + a.dims for a in several]
    names: list[dict[str, str]] = [{} for _ in several]
    out: list[Dim] = []
    for column in zip(*padded, strict=True):
        here = [(k, d) for k, d in enumerate(column) if d]
        if not here:
            out.append(())
            continue
        used = [(k, d) for k, d in here if any(i in several[k].entry.free for i, _ in d)]
        _, model = (used or here)[0]
        common = tuple((fresh(), n) for _, n in model)
        for k, d in used:
            if [n for _, n in d] != [n for _, n in common]:
                raise Refuse("two arrays whose axes cannot be lined up")
            names[k].update({i: j for (i, _), (j, _) in zip(d, common, strict=True)})
        if any(length(d) != length(common) for _, d in here):
            raise Refuse("two arrays of different lengths")
        out.append(common)
    return tuple(out), [rename(a.entry, n) for a, n in zip(several, names, strict=True)]


def reduced(a: Array, dims: Sequence[int], keep: bool, kind: str = "sum") -> Array:
    """The sum or the maximum over these dimensions, or over all."""
    rank = len(a.dims)
    over = {d % rank for d in dims} if dims and rank else set(range(rank))
    axes = [x for d in over for x in a.dims[d]]
    entry = a.entry if not axes else (total if kind == "sum" else largest)(a.entry, axes)
    left = tuple(() if k in over else d for k, d in enumerate(a.dims) if keep or k not in over)
    return Array(left, entry)


def count(a: Array, dims: Sequence[int]) -> Poly:
    rank = len(a.dims)
    out = UNIT
    for k in {d % rank for d in dims} if dims and rank else range(rank):
        out = out * length(a.dims[k])
    return out


def mean(a: Array, dims: Sequence[int], keep: bool) -> Array:
    s = reduced(a, dims, keep)
    return Array(s.dims, s.entry / count(a, dims))


def reshaped(a: Array, shape: Sequence[Poly]) -> Array:
    """Other groups of the same axes; an axis is never cut."""
    if not a.entry.free:
        return constant(a.entry, shape)
    flat, out = list(a.axes), list[Dim]()
    for want in shape:
        got: list[Axis] = []
        while length(tuple(got)) != want:
            if not flat:
                raise Refuse("a reshape that cuts an axis, or puts entries of several axes side by side")
            got.append(flat.pop(0))
        out.append(tuple(got))
    if flat:
        raise Refuse("a reshape that cuts an axis, or puts entries of several axes side by side")
    return Array(tuple(out), a.entry, a.indicator)


def expanded(a: Array, shape: Sequence[Poly]) -> Array:
    dims = ((),) * (len(shape) - len(a.dims)) + a.dims
    return Array(tuple(d or axes_of(n) for d, n in zip(dims, shape, strict=True)), a.entry, a.indicator)


def permuted(a: Array, order: Sequence[int]) -> Array:
    return Array(tuple(a.dims[k] for k in order), a.entry, a.indicator)


def product(a: Array, b: Array) -> Array:
    """The matrix product over the last dimension of a and the last but one of b."""
    left, right = Array((*a.dims, ()), a.entry), Array((*b.dims[:-2], (), *b.dims[-2:]), b.entry)
    both = pointwise(lambda x, y: x * y, left, right)
    return reduced(both, [len(both.dims) - 2], keep=False)
