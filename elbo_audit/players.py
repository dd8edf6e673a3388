"""Who plays which part in a loss: data and their decoders, encoder, prior, draws, masks; and their entries, lined up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

from elbo_audit import arrays as ar
from elbo_audit import program as pr
from elbo_audit.roles import DATA, LAWS, Role
from elbo_audit.sums import atoms, total, without_kinks
from elbo_audit.terms import Atom, Axis, Poly, poly, symbol

RECONSTRUCTION: Final = ("log-likelihood", "nll")
NEUTRAL: Final = ("mask", "weight", "count", "size")
GAUSSIAN: Final = ("logvar", "logstd", "std", "variance")


class Players:
    """The roles of a loss, by part."""

    def __init__(self, roles: Mapping[str, Role], draws: Sequence[str] = ()) -> None:
        self.roles, self.draws = roles, tuple(draws)
        self.data = [n for n, r in roles.items() if r.kind in DATA]
        self.decoded = {n for n, r in roles.items() if r.of in self.data or r.kind in RECONSTRUCTION}
        self.masks = [n for n, r in roles.items() if r.kind == "mask"]
        self.rec = {*self.data, *self.decoded}
        self.neutral = {n for n, r in roles.items() if r.kind in NEUTRAL}
        self.div = {n for n in roles if n not in self.rec and n not in self.neutral} | set(draws)

    def find(self, *kinds: str, of: str | None = None) -> str | None:
        """The argument of one of these kinds."""
        return next((n for n, r in self.roles.items() if r.kind in kinds and (of is None or r.of == of)), None)

    def law(self, of: str) -> dict[str, str]:
        """The arguments that describe a law, by kind."""
        return {r.kind: n for n, r in self.roles.items() if r.of == of and r.kind in LAWS}

    def gaussian(self, of: str) -> tuple[str, str] | None:
        """Mean and spread of a Gaussian."""
        law = self.law(of)
        spread = next((k for k in GAUSSIAN if k in law), None)
        return (law["mean"], law[spread]) if spread and "mean" in law else None

    def codes(self) -> list[Players]:
        """For each code of a model with several the same loss with that code's laws alone, as q and p."""
        numbers = sorted({r.of[1:] for r in self.roles.values() if r.of and r.of not in self.data})
        if len(numbers) < 2:
            return [self]
        out = []
        for k in numbers:
            own: dict[str, Role] = {}
            for n, r in self.roles.items():
                if not r.of or r.of in self.data:
                    own[n] = r
                elif r.of[1:] == k:
                    own[n] = replace(r, of=r.of[0])
            out.append(Players(own, self.draws))
        return out

    @cached_property
    def arrays(self) -> dict[str, ar.Array]:
        return {n: pr.argument(n, r) for n, r in self.roles.items()}

    def entries(self, *names: str) -> tuple[list[Axis], list[Poly]]:
        """Axes, and the entries of these arguments on them."""
        dims, found = ar.aligned(*self._alike([self.arrays[n] for n in names]))
        return [a for d in dims for a in d], found

    def _alike(self, several: list[ar.Array]) -> list[ar.Array]:
        """Arrays of the same axes in the same order, some of them flattened: all with a dimension an axis."""
        lengths = [[n for _, n in a.axes] for a in several]
        longest = max(lengths, key=len)
        if len({tuple(a.shape) for a in several}) == 1 or any(ls != longest for ls in lengths):
            return several
        return [ar.Array(tuple((x,) for x in a.axes), a.entry, a.indicator) for a in several]

    def draws_of(self, *names: str) -> Poly:
        """How many draws of a datum there are, where the arguments have more axes than the data that comes first."""
        first, shapes = self.roles[names[0]], [self.arrays[n].shape for n in names]
        extra = max(map(len, shapes)) - len(shapes[0])
        out = poly(1)
        if first.kind in DATA and extra > 0 and len(shapes[0]) > 1:
            longest = max(shapes, key=len)
            if longest[extra:] == shapes[0]:
                for n in longest[:extra]:
                    out = out * n
        return out

    @property
    def batch(self) -> Poly | None:
        """How many data a batch has: the first axis of the data, or of what else has rows."""
        for n in (*self.data, *(n for n in self.roles if n not in self.neutral)):
            r = self.roles[n]
            if not r.sizes:
                continue
            if r.kind == "log-weight":
                return None  # its batch is what is not averaged inside the logarithm
            if len(r.sizes) > 1 or r.kind in (*RECONSTRUCTION, "divergence", "log-density", "label"):
                return pr.size_poly(r.sizes[0][:1])
        return None

    @cached_property
    def count(self) -> Poly:
        """How many data there are in all."""
        name = self.find("count")
        return pr.size_poly(self.roles[name].sizes[0]) if name else symbol("N")

    # --- what a formula speaks about

    def names(self, a: Atom) -> set[str]:
        """The arguments on which an atom depends."""
        return {str(b.args[0]) for b in _with_inner(a) if b.head in ("elem", "call")}

    def is_data(self, a: Atom) -> bool:
        """Does an atom depend on what is observed or learned, and not only on sizes, weights and masks?"""
        return bool(self.names(a) - self.neutral)

    def coefficients(self, p: Poly) -> dict[Poly, Poly]:
        """By the part of a monomial that depends on data: what stands before it. The rest stands before 1."""
        out: dict[Poly, Poly] = {}
        for m, c in p.terms.items():
            moving = tuple((a, e) for a, e in m if self.is_data(a))
            still = tuple((a, e) for a, e in m if not self.is_data(a))
            key = Poly({moving: poly(1).terms[()]})
            out[key] = out.get(key, poly(0)) + Poly({still: c})
        return {k: v for k, v in out.items() if v}

    def parts(self, p: Poly) -> tuple[Poly, Poly, Poly, Poly]:
        """What speaks of the reconstruction, of the divergence, of neither, of both."""
        out = [poly(0), poly(0), poly(0), poly(0)]
        for m, c in p.terms.items():
            names = set[str]().union(*(self.names(a) for a, _ in m)) - self.neutral
            rec, div = bool(names & self.rec), bool(names & self.div)
            which = 3 if rec and div else 0 if rec else 1 if div else 2
            out[which] += Poly({m: c})
        return out[0], out[1], out[2], out[3]

    def multiple(self, part: Poly, of: Poly) -> Poly | None:
        """The a with part = a x of, where both depend on data; neutral terms are left out of it."""
        ours, theirs = self.coefficients(part), self.coefficients(of)
        one = poly(1)
        ours.pop(one, None), theirs.pop(one, None)
        if not theirs or ours.keys() != theirs.keys():
            return None
        first = min(theirs, key=lambda k: k.key)
        a = ours[first] / theirs[first]
        return a if all(ours[k] == a * theirs[k] for k in theirs) else None

    def still(self, p: Poly) -> Poly:
        """The neutral terms."""
        return self.coefficients(p).get(poly(1), poly(0))


def _with_inner(a: Atom) -> list[Atom]:
    from elbo_audit.terms import of_atom

    return list(atoms(of_atom(a)))


def summed(body: Poly, axes: Sequence[Axis]) -> Poly:
    return without_kinks(total(body, axes))
