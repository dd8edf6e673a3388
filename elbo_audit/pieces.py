"""Arrays that are not one formula: several side by side along a dimension, and entries that a mask picks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from elbo_audit import arrays as ar
from elbo_audit.arrays import Array, pointwise
from elbo_audit.terms import ZERO, Poly, Refuse, poly

CUT = "a slice: an axis is cut; give what is cut a role of its own, such as 'B 2*K mean|logvar'"


@dataclass(frozen=True)
class Joined:
    """Arrays side by side along a dimension, in order."""

    dim: int
    parts: tuple[Array, ...]

    @property
    def lengths(self) -> list[Poly]:
        return [p.shape[self.dim] for p in self.parts]

    def each(self, f: Callable[[Array], Array]) -> Joined:
        return Joined(self.dim, tuple(f(p) for p in self.parts))


@dataclass(frozen=True)
class Picked:
    """The entries where a mask is one, in one row."""

    array: Array
    mask: Array


def joined(several: Sequence[Array | Joined], dim: int) -> Joined:
    parts: list[Array] = []
    for a in several:
        if isinstance(a, Joined) and a.dim != dim % len(a.parts[0].dims):
            raise Refuse("arrays put side by side along two axes")
        parts += a.parts if isinstance(a, Joined) else [a]
    return Joined(dim % len(parts[0].dims), tuple(parts))


def stacked(several: Sequence[Array], dim: int) -> Joined:
    d = dim % (len(several[0].dims) + 1)
    return Joined(d, tuple(Array((*a.dims[:d], (), *a.dims[d:]), a.entry, a.indicator) for a in several))


def cut(a: Array | Joined, dim: int, start: Poly, end: Poly | None) -> Array | Joined:
    """The entries from start to end; only what was put together comes apart again."""
    shape = a.shape if isinstance(a, Array) else a.parts[0].shape
    d = dim % len(shape)
    whole = sum(a.lengths, ZERO) if isinstance(a, Joined) and d == a.dim else shape[d]
    start, end = _from_the_end(start, whole), whole if end is None else _from_the_end(end, whole)
    if start == ZERO and end == whole:
        return a
    if not isinstance(a, Joined) or d != a.dim:
        raise Refuse(CUT)
    at, kept = ZERO, list[Array]()
    ends = {ZERO}
    for part, length in zip(a.parts, a.lengths, strict=True):
        if at == start or kept:
            kept.append(part)
        at = at + length
        ends.add(at)
        if at == end:
            break
    if start not in ends or end not in ends or not kept:
        raise Refuse(CUT)
    return kept[0] if len(kept) == 1 else Joined(d, tuple(kept))


def _from_the_end(at: Poly, whole: Poly) -> Poly:
    return whole + at if at.terms and all(c < 0 for c in at.terms.values()) else at


def pieces(a: Array | Joined, dim: int, lengths: Sequence[Poly] | Poly) -> list[Array | Joined]:
    """Cut into pieces of these lengths, or of one length."""
    if not isinstance(a, Joined):
        raise Refuse(CUT)
    if isinstance(lengths, Poly):
        several = sum(a.lengths, ZERO) / lengths
        count = several.number()
        if count is None or count.denominator != 1:
            raise Refuse(CUT)
        lengths = [lengths] * int(count)
    out, at = list[Array | Joined](), ZERO
    for n in lengths:
        out.append(cut(a, dim, at, at + n))
        at = at + n
    return out


def unbound(a: Joined, dim: int) -> list[Array]:
    if dim % len(a.parts[0].dims) != a.dim or any(n != poly(1) for n in a.lengths):
        raise Refuse(CUT)
    return [Array((*p.dims[: a.dim], *p.dims[a.dim + 1 :]), p.entry) for p in a.parts]


def opened(a: Joined, shape: Sequence[Poly]) -> Joined:
    """A view that gives the parts, which are of one length, a dimension of their own."""
    d, one = a.dim, a.parts[0].shape
    wanted = [*one[:d], poly(len(a.parts)), *one[d:]]
    if len(set(a.lengths)) != 1 or list(shape) != wanted:
        raise Refuse("a reshape of arrays that were put side by side")
    return stacked(a.parts, d)


def pair(f: Callable[[Array, Array], Array], a: Array | Joined, b: Array | Joined) -> Joined:
    """An operation on two arrays of which one at least has parts."""
    if isinstance(a, Joined) and isinstance(b, Joined):
        if a.dim != b.dim or a.lengths != b.lengths:
            raise Refuse("arrays put side by side whose parts differ in length")
        return Joined(a.dim, tuple(f(x, y) for x, y in zip(a.parts, b.parts, strict=True)))
    if isinstance(b, Joined):
        return pair(lambda x, y: f(y, x), b, a)
    assert isinstance(a, Joined) and isinstance(b, Array)
    k = len(b.dims) - len(a.parts[0].dims) + a.dim
    if k >= 0 and b.dims[k]:
        raise Refuse("an array beside one that is put together of several")
    return a.each(lambda x: f(x, b))


def summed(a: Joined, dims: Sequence[int], keep: bool) -> Array | Joined:
    rank = len(a.parts[0].dims)
    over = {d % rank for d in dims} if dims else set(range(rank))
    parts = [ar.reduced(p, sorted(over), keep) for p in a.parts]
    if a.dim not in over:
        return Joined(a.dim if keep else a.dim - sum(d < a.dim for d in over), tuple(parts))
    out = parts[0]
    for p in parts[1:]:
        out = pointwise(lambda x, y: x + y, out, p)
    return out


def averaged(a: Joined, dims: Sequence[int], keep: bool) -> Array | Joined:
    rank = len(a.parts[0].dims)
    over = {d % rank for d in dims} if dims else set(range(rank))
    n = poly(1)
    for d in over:
        n = n * (sum(a.lengths, ZERO) if d == a.dim else a.parts[0].shape[d])
    s = summed(a, dims, keep)
    return pointwise(lambda x: x / n, s) if isinstance(s, Array) else s.each(lambda p: pointwise(lambda x: x / n, p))


# --- what a mask picks ---


def picked(a: Array, mask: Array) -> Picked:
    if not mask.indicator:
        raise Refuse("indexing by an array that is no mask; use F.cross_entropy for labels, or multiply by a mask")
    rest = len(a.dims) - len(mask.dims)
    if rest < 0:
        raise Refuse("a mask with more dimensions than what it picks from")
    return Picked(a, Array((*mask.dims, *((),) * rest), mask.entry, True))


def total_of_picked(p: Picked, mean: bool) -> Array:
    both = pointwise(lambda x, m: x * m, p.array, p.mask)
    out = ar.reduced(both, [], keep=False)
    if not mean:
        return out
    count = ar.reduced(pointwise(lambda _, m: m, Array(p.array.dims, poly(1)), p.mask), [], keep=False)
    return pointwise(lambda x, n: x / n, out, count)


def of_picked(f: Callable[[Array, Array], Array], a: Array | Picked, b: Array | Picked) -> Picked:
    """An operation on what the same mask picks, or on that and a number."""
    both = [x.array if isinstance(x, Picked) else x for x in (a, b)]
    masks = [x.mask for x in (a, b) if isinstance(x, Picked)]
    if len(masks) == 1 and any(not isinstance(x, Picked) and any(x.dims) for x in (a, b)):
        raise Refuse("entries that a mask picks beside an array of another length")
    if len(masks) == 2 and len({*ar.aligned(*masks)[1]}) != 1:
        raise Refuse("entries that two masks pick")
    return Picked(f(*both), masks[0])
