"""One inference as its rule sees it: premises, conclusion, hypotheses, extra; and the judges, which settle their needs.

Rules do not handle needs themselves: `equal`, `sign`, `is_in` put every need before the hypotheses of the inference. A need
about a variable of the checker's own is not among them unless it is closed by "for all" first, so none can be lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from elbo_check.normal import Needs, difference, equality, for_every, sign_of
from elbo_check.notation import unfolded
from elbo_check.props import Hyps, alike, in_sort
from elbo_check.terms import *

SAID = {"+": "> 0", "0+": ">= 0", "-": "< 0", "0-": "<= 0"}


class Thm(NamedTuple):
    """hyps |- prop"""

    prop: Term
    hyps: tuple[Term, ...]

    @property
    def free(self) -> frozenset[Term]:
        """What is free in the hypotheses."""
        return frozenset().union(*(h.free for h in self.hyps))


def shape(p: Term, *ops: str) -> Term:
    need(p.op in ops, "not of the form {}: {}", " or ".join(ops), p)
    return p


def measure(t: Term) -> Term:
    """An integral or sum, templates opened."""
    return shape(unfolded(t), *MEASURES)


class Step(Names):
    """premises / hyps |- goal, by a rule that was told `extra`."""

    def __init__(self, premises: list[Thm], goal: Term, hyps: tuple[Term, ...], extra: Any) -> None:
        super().__init__()
        self.premises, self.goal, self.hyps, self.extra = premises, goal, Hyps(hyps), extra
        self.own: list[Term] = []

    def new(self, sort: Sort) -> Term:
        self.own.append(v := super().new(sort))
        return v

    # --- shapes
    def premise(self, *ops: str) -> Term:
        """The only premise, with its hypotheses kept; of one of these forms."""
        need(len(self.premises) == 1, "this rule has one premise")
        self.keep()
        return shape(self.premises[0].prop, *ops)

    def no_premise(self) -> None:
        need(not self.premises, "this rule has no premise")

    def relation(self, *ops: str) -> tuple[Term, Term]:
        """The two sides of the goal, which is one of these relations."""
        a, b = shape(self.goal, *ops).kids
        return a, b

    # --- hypotheses
    def keep(self, premises: Iterable[Thm] | None = None) -> None:
        """Every hypothesis of the premises is one of the inference."""
        for p in self.premises if premises is None else premises:
            self.demand(*p.hyps)

    def demand(self, *props: Term) -> None:
        for p in props:
            need(self.hyps.has(p), "not among the hypotheses: {}", p)

    def settle(self, needs: Needs) -> None:
        """Needs must be in H, for every value of the variables that this step opened."""
        for v in self.own:
            needs = for_every(needs, v)
        for n in sorted(needs, key=repr):
            need(self.hyps.has(n), "needs {}, which is not among the hypotheses", n)

    def for_every_value(self, thm: Thm, v: Term) -> None:
        """A premise that is used for every value of v says nothing about v in its hypotheses."""
        need(v not in thm.free, "a hypothesis is about {}, which stands for every value", v)

    # --- judges
    def equal(self, a: Term, b: Term) -> None:
        """a = b by algebra, what that needs among the hypotheses."""
        needs = equality(a, b)
        if needs is None:
            raise Refused(f"not equal by algebra: {a} and {b}; they differ by {difference(a, b)}")
        self.settle(needs)

    def is_zero(self, t: Term) -> None:
        self.equal(t, num(0))

    def is_zero_for_every(self, t: Term, x: Term) -> None:
        """For every value of x: a need about x itself would speak of one value only."""
        self.is_zero(put(t, {x: self.new(x.data[1])}))

    def sign(self, t: Term, *signs: str) -> None:
        need(sign_of(t) in signs, "not known to be {}: {}", " or ".join(SAID[x] for x in signs), t)

    def is_in(self, t: Term, sort: Sort) -> None:
        need(in_sort(t, sort), "{} is not known to be of sort {}", t, sort)

    def same_range(self, a: Term, b: Term) -> None:
        """Two binders over one range."""
        need(a.data[1] == b.data[1] and len(a.kids) == len(b.kids), "another range: {} and {}", a, b)
        need(all(map(identical, ends(a), ends(b))), "another range: {} and {}", a, b)

    def concludes(self, p: Term) -> None:
        """The goal is p: alike, or a relation of the same sides, up to algebra."""
        self.same(p, self.goal)

    def same(self, p: Term, q: Term) -> None:
        if not alike(p, q):
            need(p.op == q.op and p.op in RELATIONS, "{} is not {}", p, q)
            for a, b in zip(p.kids, q.kids, strict=True):
                self.equal(a, b)
