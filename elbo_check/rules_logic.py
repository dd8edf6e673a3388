"""Rules of logic: hypotheses, quantifiers, equality, and putting one thing in the place of another."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from elbo_check.props import alike, facts, in_sort, quantified
from elbo_check.step import Step, Thm, shape
from elbo_check.terms import *

Rule = Callable[[Step], None]
RULES: dict[str, Rule] = {}


def rule(f: Rule) -> Rule:
    RULES[f.__name__] = f
    return f


@rule
def assume(s: Step) -> None:
    """P |- P; and |- a R b, where sorts alone or enclosures of closed numbers tell the sign of a - b."""
    s.no_premise()
    s.demand(s.goal)


@rule
def discharge(s: Step) -> None:
    """H |- P and K_i |- h_i give (..((H - h1) + K1 - h2) + K2 ..) |- P: each fact is a cut, one after another."""
    thm, *proofs = s.premises
    left = list(thm.hyps)
    for fact in proofs:
        left = [*(h for h in left if not alike(h, fact.prop)), *fact.hyps]
    s.demand(*left)
    s.concludes(thm.prop)


@rule
def for_all(s: Step) -> None:
    """H |- P gives H[all x in D] |- all x in D: P. If H holds for every x in D, then P does."""
    (thm,), x = s.premises, variable(s.extra)
    goal = shape(s.goal, "all")
    need(goal.data[1] == x.data[1], "{} is not of the sort of the range", x)
    s.demand(*quantified(thm.hyps, x, goal))
    s.concludes(over(goal, close(thm.prop, x)))


@rule
def each(s: Step) -> None:
    """H |- all x in D: P gives H, lo <= t, t <= hi |- P[t], for t in the sort."""
    p, t = s.premise("all"), s.extra
    s.is_in(t, p.data[1])
    s.demand(*facts(p, t))
    s.concludes(at(p, t))


@rule
def chain(s: Step) -> None:
    """a R b, b R c, ... give a R z; >= if one is. Every side is a number, so = and >= are transitive."""
    s.keep()
    props = [shape(p.prop, "=", ">=") for p in s.premises]
    need(props, "nothing to join")
    for p, q in pairwise(props):
        s.equal(p.kids[1], q.kids[0])
    op = ">=" if any(p.op == ">=" for p in props) else "="
    s.concludes(rel(op, props[0].kids[0], props[-1].kids[1]))


@rule
def flip(s: Step) -> None:
    """a = b gives b = a."""
    a, b = s.premise("=").kids
    s.concludes(rel("=", b, a))


@rule
def antisymmetry(s: Step) -> None:
    """a >= b and b >= a give a = b."""
    s.keep()
    first, second = s.premises
    a, b = shape(first.prop, ">=").kids
    c, d = shape(second.prop, ">=").kids
    s.equal(b, c)
    s.equal(a, d)
    s.concludes(rel("=", a, b))


# --- rewriting --------------------------------------------------------------------------------------------------------
class Rewriting:
    """One equation l = r, used for every outermost subterm that is its left side.

    The equation holds for every value of a variable x that its hypotheses do not mention; so, below a binder whose hint
    and sort are those of x, it is used at the bound variable. Nothing is opened: the index is put for x.
    """

    def __init__(self, thm: Thm) -> None:
        self.sides = shape(thm.prop, "=").kids
        self.generic = {x.data: x for x in thm.prop.free - thm.free}
        self.memo: dict[Any, Term] = {}

    def use(self, t: Term, above: tuple[tuple[str, Sort], ...] = ()) -> Term:
        """`above`: hint and sort of the binders above, innermost first."""
        new = {x: mk("b", above.index(data)) for data, x in self.generic.items() if data in above}
        where = (id(t), *((id(x), id(v)) for x, v in new.items()))
        if where not in self.memo:
            left, right = (put(side, new) for side in self.sides)
            self.memo[where] = right if identical(t, left) else self.below(t, above)
        return self.memo[where]

    def below(self, t: Term, above: tuple[tuple[str, Sort], ...] = ()) -> Term:
        """In the parts of t, not at t itself."""
        if not t.kids:
            return t
        kids = []
        for k, d in zip(t.kids, t.under, strict=True):
            own = sorts_of(t.op, t.data)
            kids.append(self.use(k, (*zip(hints(t, d), own[len(own) - d :], strict=True), *above)))
        return mk(t.op, t.data, *kids)

    def prop(self, p: Term) -> Term:
        """Everywhere in a relation or slope; in conv, inf of c int f below the integral, of which they say more than its value."""
        if p.op not in ("conv", "inf"):
            return self.below(shape(p, *RELATIONS, "slope"))
        (t,) = p.kids
        integrals = (*MEASURES, "n")
        if t.op == "*":
            return mk(p.op, None, mul(*(self.below(k) if k.op in integrals else k for k in t.kids)))
        return mk(p.op, None, self.below(shape(t, *integrals)))


@rule
def rewrite(s: Step) -> None:
    """H_i |- l_i = r_i give e = e', e' ≡ e with each l_i replaced: equals for equals, also below binders (see Rewriting)."""
    s.keep()
    a, b = s.relation("=")
    turns = [Rewriting(thm) for thm in s.premises]
    for r in turns:
        a = r.use(a)
    try:
        s.equal(a, b)
    except Refused:
        for r in turns:  # what the prover left may go too
            b = r.use(b)
        s.equal(a, b)


@rule
def carry(s: Step) -> None:
    """P[r for l] and l = r give P, for a relation, a slope, or conv, inf of an integral or sum, in which the equation is used
    below the integral only (see Rewriting)."""
    s.keep()
    thm, *equations = s.premises
    p = s.goal
    for e in equations:
        p = Rewriting(e).prop(p)
    s.same(p, thm.prop)


# --- instances --------------------------------------------------------------------------------------------------------
def variable(t: Any) -> Term:
    need(isinstance(t, Term) and t.op == "v", "not a variable: {}", t)
    assert isinstance(t, Term)
    return t


@rule
def substitute(s: Step) -> None:
    """H |- P gives (H |- P)[v for x], all at once; each v is in the sort of its x. A theorem holds for all values."""
    (thm,) = s.premises
    new = {variable(x): v for x, v in s.extra}
    need(len(new) == len(s.extra), "a variable twice")
    for x, v in new.items():
        s.is_in(v, put_sort(x.data[1], new))
    s.demand(*(put(h, new) for h in thm.hyps))
    s.concludes(put(thm.prop, new))


@rule
def instantiate(s: Step) -> None:
    """H |- P gives (H |- P)[g for f]. A theorem holds for every measurable f with values in its sort: at each
    application the value of g is in that sort, for every value of all variables, without needs."""
    (thm,) = s.premises
    new = {(name, value, n): body for name, value, n, body in s.extra}
    need(len(new) == len(s.extra), "a function twice")
    for (_, _, n), body in new.items():
        need(body.high <= n and not body.has_d, "not a measurable function of {} arguments: {}", n, body)
    memo: dict[Term, Term] = {}

    def go(t: Term) -> Term:
        if not t.heads & new.keys():
            return t
        if t not in memo:
            kids = []
            for k, d in zip(t.kids, t.under, strict=True):
                own = sorts_of(t.op, t.data)
                vs = [s.new(sort) for sort in own[len(own) - d :]] if d else []
                kids.append(close(go(fill(k, vs)), *vs) if d else go(k))
            body = new.get((*t.data, len(kids))) if t.op == "f" else None
            if body is None:
                memo[t] = mk(t.op, t.data, *kids) if kids else t
            else:
                memo[t] = fill(body, kids[::-1])
                need(in_sort(memo[t], t.data[1]), "{} is not known to be of sort {}", memo[t], t.data[1])
        return memo[t]

    s.demand(*map(go, thm.hyps))
    s.concludes(go(thm.prop))


@rule
def on_space(s: Step) -> None:
    """H |- P about an abstract space @u holds over the real or positive numbers, R^d or another space: all are sigma-finite
    measure spaces, and not empty."""
    (thm,) = s.premises
    u, (hint, sort, *pair) = s.extra
    old = variable(u).data[1]
    need(isinstance(old, str) and old[0] == "@", "not a point of an abstract space: {}", u)
    need(not ends(mk("all", (hint, sort), *pair, rel("=", num(0), num(0)))), "only a part of a space")

    def moved(t: Term) -> Term:
        return walk(t, lambda part, _: None, sorts=lambda o: sort if o == old else o)

    s.demand(*map(moved, thm.hyps))
    s.concludes(moved(thm.prop))


@rule
def almost_all(s: Step) -> None:
    """ae x: P and P, K |- Q give ae x: Q, for K without x: Q holds wherever P does."""
    first, second = s.premises
    x, p = variable(s.extra), shape(first.prop, "ae")
    goal = shape(s.goal, "ae")
    need(p.data[1] == x.data[1], "{} is not of the sort of the range", x)
    s.same_range(p, goal)
    v, here = s.enter(p)
    there = {x: v}
    rest = [h for h in (put(h, there) for h in second.hyps) if not alike(h, here)]
    s.keep([first])
    s.demand(*rest)  # what is about v is not in H, since v is the checker's own
    s.concludes(over(goal, close(put(second.prop, there), v)))
