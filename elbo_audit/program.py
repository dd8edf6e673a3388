"""A loss as a program to be audited: its function, the roles of its arguments, and arguments to run it on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from elbo_audit import arrays as ar
from elbo_audit.arrays import Array
from elbo_audit.roles import NUMBERS, Role, Size, symbols
from elbo_audit.terms import UNIT, Poly, Refuse, element, poly, symbol

PRIMES: Final = (5, 11, 3, 7, 13, 17, 19, 23, 29, 31, 37, 41)
COUNTS: Final = (1009, 2003, 3001)
SMALL: Final = ((6, 4, 8, 9, 10, 12, 14, 15, 16, 18, 20, 21), (4, 9, 6, 8, 12, 10, 15, 14, 18, 16, 21, 20))
SORTS: Final = {
    "binary": "binary", "onehot": "onehot", "mask": "mask", "label": "label", "grey": "data", "real": "data",
    "probability": "probability", "simplex": "simplex", "std": "positive", "variance": "positive",
    "scale": "positive", "weight": "positive", "noise": "noise", "sample": "sample", "divergence": "other",
    "log-det": "other", "flowed": "sample", "reward": "data", "log-density": "other", "log-weight": "other", "log-likelihood": "other", "nll": "other",
}  # fmt: skip


@dataclass(frozen=True)
class Program:
    """A function of named arguments that returns a number, or the several that a training step returns.

    `traces` keeps what torch traced of it: each reading and the proof are about one graph, whole or taken apart.
    """

    call: Callable[..., Any]
    roles: Mapping[str, Role]
    output: int | str | None = None
    framework: str = "torch"
    traces: dict[bool, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def picked(self, out: Any) -> Any:
        """The loss among what was returned: the one asked for, else the one called loss, else the first."""
        if isinstance(out, Mapping):
            if self.output is not None:
                if self.output not in out:
                    raise ValueError(f"output: the function returns {', '.join(map(str, out))}, and no {self.output}")
                return out[self.output]
            return next((v for k, v in out.items() if str(k).lower() == "loss"), next(iter(out.values())))
        if isinstance(out, tuple | list):
            k = 0 if self.output is None else self.output
            if not isinstance(k, int) or not 0 <= k < len(out):
                raise ValueError(f"output: the function returns {len(out)} things; choose 0 to {len(out) - 1}, not {k}")
            return out[k]
        return out


def size_poly(size: Size) -> Poly:
    out = UNIT
    for part in size:
        out = out * (poly(part) if isinstance(part, int) else symbol(part))
    return out


def tracing_sizes(roles: Mapping[str, Role]) -> dict[str, int]:
    """A prime for each size, none of which stands in a role; counts get large ones."""
    literal = {p for r in roles.values() for s in r.sizes for p in s if isinstance(p, int)}
    counts = {r.sizes[0][0] for r in roles.values() if r.kind == "count"}
    axes = {p for r in roles.values() if r.kind not in NUMBERS for s in r.sizes for p in s}
    for first in range(len(PRIMES)):  # no two different sizes may have one length
        primes = iter(p for p in (*PRIMES[first:], *PRIMES[:first]) if p not in literal)
        large = iter(p for p in COUNTS if p not in literal)
        out = {s: next(large) if s in counts - axes else next(primes) for s in symbols(roles)}
        lengths: dict[int, set[Poly]] = {}
        for size in {s for r in roles.values() for s in r.sizes} | {(s,) for s in out}:
            lengths.setdefault(length(size, out), set()).add(size_poly(size))
        if all(len(several) == 1 for several in lengths.values()):
            return out
    raise Refuse("sizes that are written as numbers and sizes with a name cannot be told apart; name them all")


def running_sizes(roles: Mapping[str, Role], which: int) -> dict[str, int]:
    """Sizes that the trace has not seen."""
    counts = {r.sizes[0][0] for r in roles.values() if r.kind == "count"}
    axes = {p for r in roles.values() if r.kind not in NUMBERS for s in r.sizes for p in s}
    rest = iter(SMALL[which])
    return {s: (600, 350)[which] if s in counts - axes else next(rest) for s in symbols(roles)}


def large_sizes(roles: Mapping[str, Role], rows: int) -> dict[str, int]:
    """Many rows, as in practice."""
    out = running_sizes(roles, 0)
    first = next((s for r in roles.values() for size in r.sizes[:1] for s in size if isinstance(s, str)), None)
    return out if first is None else {**out, first: rows}


def length(size: Size, sizes: Mapping[str, int]) -> int:
    return math.prod(p if isinstance(p, int) else sizes[p] for p in size)


def argument(name: str, r: Role) -> Array:
    """The array that an argument is, in symbols."""
    if r.kind in NUMBERS:
        return ar.scalar(size_poly(r.sizes[0]))
    if r.kind == "weight" and not r.sizes:
        return ar.scalar(symbol(name))
    dims = tuple(tuple(x for part in s for x in ar.axes_of(size_poly((part,)))) for s in r.sizes)
    places = [i for d in dims for i, _ in d]
    if not places and r.kind in ("weight", "count"):
        raise Refuse(f"{name}: a {r.kind} with sizes")
    return Array(dims, element(name, places, SORTS.get(r.kind, "real")), False)


def example(r: Role, sizes: Mapping[str, int], generator: Any, classes: int = 2) -> Any:
    """An argument in float64, away from the ends of its domain."""
    import torch

    if r.kind in NUMBERS:
        return length(r.sizes[0], sizes)
    shape = [length(s, sizes) for s in r.sizes]
    t = torch.randn(shape, generator=generator, dtype=torch.float64) * 0.8
    if r.kind in ("binary", "mask"):
        t = (t > 0).double()
        if t.numel():  # no row of a mask is empty
            t[..., 0] = 1.0
        return t
    if r.kind == "label":
        return torch.randint(0, classes, shape, generator=generator)
    if r.kind == "onehot":
        hot = torch.zeros(shape, dtype=torch.float64)
        return hot.scatter_(-1, t.argmax(-1, keepdim=True), 1.0)
    if r.kind in ("grey", "probability"):
        return torch.sigmoid(t)
    if r.kind == "simplex":
        return torch.softmax(t, -1)
    if r.kind in ("std", "variance", "scale", "weight", "divergence", "nll"):
        return torch.exp(0.5 * t)
    if r.kind in ("log-density", "log-likelihood"):
        return t - 1.0
    return t


def classes(roles: Mapping[str, Role], sizes: Mapping[str, int]) -> int:
    """How many classes labels can name: the shortest axis that logits or probabilities of them could have."""
    found = [length(s, sizes) for r in roles.values() if r.kind in ("logits", "simplex") for s in r.sizes]
    return min(found, default=2)
