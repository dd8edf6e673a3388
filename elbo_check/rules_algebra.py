"""Rules of algebra: definitions, equality and order of numbers."""

from __future__ import annotations

from elbo_check.normal import normal
from elbo_check.rules_logic import rule
from elbo_check.signs import enclose
from elbo_check.step import Step, shape
from elbo_check.terms import mul, need, rel, sub


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


@rule
def sign(s: Step) -> None:
    """|- e >= 0 by the judge of signs."""
    s.no_premise()
    e, zero = s.relation(">=")
    s.is_zero(zero)
    s.sign(e, "+", "0+")


@rule
def differ(s: Step) -> None:
    """|- a != b for closed numbers: an enclosure of a - b by rationals that leaves out 0."""
    s.no_premise()
    d = normal(sub(*s.relation("!=")))
    s.settle(d.needs)
    lo, hi = enclose(d.p)
    need(lo > 0 or hi < 0, "not shown to differ")


@rule
def unequal(s: Step) -> None:
    """a = c, b = d and c != d give a != b."""
    one, two, apart = (p.prop for p in s.premises)
    s.keep()
    (a, c), (b, d) = shape(one, "=").kids, shape(two, "=").kids
    shape(apart, "!=")
    s.equal(apart.kids[0], c)
    s.equal(apart.kids[1], d)
    s.concludes(rel("!=", a, b))
