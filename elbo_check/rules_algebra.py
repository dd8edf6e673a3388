"""Rules of algebra: definitions, equality and order of numbers."""

from __future__ import annotations

from elbo_check.rules_logic import rule
from elbo_check.step import Step, shape
from elbo_check.terms import mul, rel, sub


@rule
def unfold(s: Step) -> None:
    """|- N = its template."""
    s.no_premise()
    a, b = s.relation("=")
    shape(a, "n")
    s.equal(a, b)


@rule
def algebra(s: Step) -> None:
    """N |- a = b if a ≡ b; N is what that needs."""
    s.no_premise()
    s.equal(*s.relation("="))


@rule
def rearrange(s: Step) -> None:
    """a R b gives c R d if c - d ≡ t (a - b); for >= also t >= 0."""
    p, t = s.premise("=", ">="), s.extra
    c, d = s.relation(p.op)
    if p.op == ">=":
        s.sign(t, "+", "0+")
    s.equal(sub(c, d), mul(t, sub(*p.kids)))


@rule
def unlog(s: Step) -> None:
    """log a = log b gives a = b, for a, b > 0: log is one to one there."""
    sides = s.premise("=").kids
    a, b = (shape(side, "log").kids[0] for side in sides)
    s.sign(a, "+")
    s.sign(b, "+")
    s.concludes(rel("=", a, b))
