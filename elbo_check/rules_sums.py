"""Rules of sums and integrals. D is the range of x; a measured term is c * int f. An integral that does not converge
absolutely is 0, so what asks for convergence here asks for it because it uses it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from elbo_check.normal import NONE, equality, measured, normal
from elbo_check.notation import unfolded
from elbo_check.props import alike, facts, quantified
from elbo_check.rules_logic import rule, variable
from elbo_check.step import Step, measure, shape
from elbo_check.terms import *


def finite_sum_of(t: Term, *ops: str) -> Term:
    need(finite(shape(t, *ops)), "not over a finite range of whole numbers: {}", t)
    return t


def pairs(s: Step) -> list[tuple[Term, Term]]:
    """The parts c_i int g_i that the prover names."""
    return [(c, measure(g)) for c, g in s.extra]


@rule
def linearity(s: Step) -> None:
    """int f = sum c_i int g_i if f ≡ sum c_i g_i, c_i free of x; conv(int g_i) for each if there are several.
    (int c f = c int f is true without: both are 0 where int f does not converge.)"""
    s.no_premise()
    left, right = s.relation("=")
    e, parts = measure(left), pairs(s)
    x, f = s.enter(e)
    for _, g in parts:
        s.same_range(e, g)
    s.equal(f, add(*(mul(c, at(g, x)) for c, g in parts)))
    s.equal(right, add(*(mul(c, g) for c, g in parts)))
    if len(parts) > 1:
        s.demand(*(conv(g) for _, g in parts))


@rule
def constant(s: Step) -> None:
    """sum_{n=a}^{b} c = (b - a + 1) c; a in the sort, b - a + 1 whole and >= 0."""
    s.no_premise()
    left, right = s.relation("=")
    e = finite_sum_of(measure(left), "sum")
    _, c = s.enter(e)
    lo, hi = ends(e)
    count = add(sub(hi, lo), num(1))
    s.is_in(lo, e.data[1])
    s.is_in(count, "int")
    s.sign(count, "+", "0+")
    s.equal(mul(count, c), right)  # n is nowhere in the goal: c is free of it


@rule
def write_out(s: Step) -> None:
    """sum_{n=a}^{b} f = f(a) + ... + f(b) for literal whole ends in the sort."""
    s.no_premise()
    left, right = s.relation("=")
    e = finite_sum_of(measure(left), "sum")
    need(all(k.op == "q" and k.data.denominator == 1 for k in ends(e)), "not literal whole ends")
    a, b = (int(k.data) for k in ends(e))
    need((e.data[1] == "int" or a >= 1) and b - a < 1000, "ends outside of the sort, or too many terms")
    s.equal(add(*(at(e, num(n)) for n in range(a, b + 1))), right)


@rule
def log_product(s: Step) -> None:
    """log prod f = sum log f for f > 0, finite range."""
    s.no_premise()
    left, right = s.relation("=")
    e = shape(shape(left, "log").kids[0], "prod")
    n, f = s.enter(e)
    s.sign(f, "+")
    s.equal(over(e, close(log(f), n), "sum"), right)


@rule
def swap(s: Step) -> None:
    """int_D c int_E f = c int_E int_D f (Fubini), E's ends and c free of x. A finite range asks that the other integral
    converges at each of its points; else f is integrable over both: joint, or for every x and then over x."""
    s.no_premise()
    left, right = s.relation("=")
    outer = measure(left)
    x, body = s.enter(outer)
    c, inner = measured(body)
    need(not any(x in t.free for t in (*c, *ends(inner))), "the inner range or factor depends on the outer variable")
    y, f = s.enter(inner)
    first = over(outer, close(f, x))
    s.equal(mul(*c, over(inner, close(first, y))), right)
    for_each_x = over(outer, close(conv(inner), x), "all")
    if finite(inner):
        s.demand(over(inner, close(conv(first), y), "all"))
    elif finite(outer):
        s.demand(for_each_x)
    elif not s.hyps.has(mk("joint", None, over(outer, close(inner, x)))):
        s.demand(for_each_x, conv(over(outer, close(over(inner, close(mk("abs", None, f), y)), x))))


def ranged(s: Step, x: Term) -> Term:
    """The integral or sum in the goal that gives the range of x."""
    for side in s.goal.kids:
        with suppress(Refused):
            if (e := measured(side)[1]).data[1] == x.data[1]:
                return e
    raise Refused(f"no integral or sum over a range of {x} in {s.goal}")


@rule
def monotone(s: Step) -> None:
    """H |- f R g gives H[all x in D] |- int f R int g. For =: no convergence. For >=: conv of both, none if g ≡ 0."""
    (thm,), x = s.premises, variable(s.extra)
    p = shape(thm.prop, "=", ">=")
    e = ranged(s, x)
    s.demand(*quantified(thm.hyps, x, e))
    big, small = (over(e, close(side, x)) for side in p.kids)
    g = normal(p.kids[1])
    if p.op == ">=" and (g.p or g.needs):
        s.demand(conv(big), conv(small))
    s.concludes(rel(p.op, big, small))


@rule
def term_of_sum(s: Step) -> None:
    """lo <= t <= hi |- sum f >= f(t) for f >= 0; an infinite sum must converge."""
    s.no_premise()
    left, right = s.relation(">=")
    e, t = shape(measure(left), "sum"), s.extra
    _, f = s.enter(e)
    s.sign(f, "+", "0+")
    s.is_in(t, e.data[1])
    s.demand(*facts(e, t))
    if not finite(e):
        s.demand(conv(e))
    s.equal(at(e, t), right)


@rule
def vanish(s: Step) -> None:
    """H |- f >= 0, x not in H, and int f = 0 give ae x: f = 0; conv(int f), or the value 0 says nothing."""
    s.keep()
    below, nothing = s.premises
    x, goal = variable(s.extra), shape(s.goal, "ae")
    (f, zero), (i, none) = shape(below.prop, ">=").kids, shape(nothing.prop, "=").kids
    s.for_every_value(below, x)
    s.is_zero_for_every(zero, x)
    s.is_zero(none)
    e = measure(i)
    s.same_range(e, goal)
    need(x.data[1] == e.data[1], "{} is not of the sort of the range", x)
    whole = over(e, close(f, x))
    s.equal(whole, e)
    s.demand(conv(whole))  # not of e: it has the same value, but perhaps another integrand
    s.concludes(over(goal, close(rel("=", f, num(0)), x)))


@rule
def almost_equal(s: Step) -> None:
    """ae x: f = g gives int f = int g."""
    p = s.premise("ae")
    f, g = shape(p.kids[-1], "=").kids
    op = "sum" if p.data[1] in WHOLE else "int"
    s.concludes(rel("=", over(p, f, op), over(p, g, op)))


@rule
def integrable(s: Step) -> None:
    """int f = c gives conv(int f) for c != 0: what does not converge is 0."""
    e, c = s.premise("=").kids
    measured(e)
    if not s.hyps.has(rel("!=", c, num(0))):
        s.sign(c, "+", "-")
    need(alike(conv(e), shape(s.goal, "conv")), "another integral: {} and {}", conv(e), s.goal)


@rule
def dominated(s: Step) -> None:
    """dom_t(int g) gives conv(int g) at every t of the sort."""
    p, t = s.premise("dom"), s.extra
    s.is_in(t, p.data[1])
    need(alike(conv(at(p, t)), shape(s.goal, "conv")), "another integral")


@rule
def between(s: Step) -> None:
    """H |- h >= f and H |- f >= g give H[all x in D] |- conv(int f), by conv(int h) and conv(int g): |f| is at most |g| + |h|."""
    above, below = s.premises
    x = variable(s.extra)
    (h, f), (middle, g) = (shape(thm.prop, ">=").kids for thm in s.premises)
    _, e = measured(shape(s.goal, "conv").kids[0])
    need(x.data[1] == e.data[1], "{} is not of the sort of the range", x)
    s.demand(*quantified((*above.hyps, *below.hyps), x, e))
    v = s.new(x.data[1])
    s.equal(put(f, {x: v}), put(middle, {x: v}))
    s.demand(*(conv(over(e, close(bound, x))) for bound in (h, g)))
    need(alike(conv(over(e, close(f, x))), s.goal), "another integral")


@rule
def combine(s: Step) -> None:
    """conv(int g_i) give conv(c int f) if f ≡ sum c_i g_i up to a constant that is not 0."""
    s.no_premise()
    _, e = measured(shape(s.goal, "conv").kids[0])
    x, f = s.enter(e)
    parts = pairs(s)
    for _, g in parts:
        s.same_range(e, g)
        s.demand(conv(g))
    whole = add(*(mul(c, at(g, x)) for c, g in parts))
    if not alike(conv(e), conv(over(e, close(whole, x)))):
        s.equal(f, whole)


@rule
def finite_sum(s: Step) -> None:
    """all n: conv(int c f_n) gives conv(int c sum_n f_n), a finite sum whose range is free of x."""
    s.no_premise()
    _, e = measured(shape(s.goal, "conv").kids[0])
    x, body = s.enter(e)
    c, inner = measured(body)
    finite_sum_of(inner, "sum")
    need(not any(x in k.free for k in ends(inner)), "the range of the sum depends on the variable")
    n, f = s.enter(inner)
    one = over(e, close(mul(*c, f), x))
    s.demand(over(inner, close(conv(one), n), "all"))


@rule
def diverges(s: Step) -> None:
    """H |- f(n) >= c, n not in H, c > 0 free of n, gives inf(sum_{n=a}^{oo} f): infinitely many terms of at least c."""
    p, n = s.premise(">="), variable(s.extra)
    f, c = p.kids
    e = measure(shape(s.goal, "inf").kids[0])
    need(n.data[1] == e.data[1] and n not in c.free, "not a constant bound for every {}", n)
    s.for_every_value(s.premises[0], n)
    s.sign(c, "+")
    v, body = s.enter(e)
    s.equal(body, put(f, {n: v}))


def factor_of(s: Step, u: Term, q: Term, op: str = "prod") -> tuple[Term, Term, Term]:
    """Of prod_i q_i(u_i), or sum_i q_i(u_i), over exactly 1..d for a point u of R^d: i, z and q_i(z)."""
    sort = variable(u).data[1]
    need(isinstance(sort, tuple), "not a point of R^d: {}", u)
    finite_sum_of(q, op)
    need(identical(q.kids[0], num(1)) and identical(q.kids[1], sort[1]), "the product is not over all coordinates")
    i, factor = s.enter(q)
    z, here = s.new("real"), mk("at", None, u, i)
    law = walk(factor, lambda t, _: z if identical(t, here) else None)
    need(u not in law.free, "a factor is not about its own coordinate")
    return i, z, law


def on_the_line(z: Term, body: Term) -> Term:
    return mk("int", ("z", "real"), close(body, z))


@rule
def coordinate(s: Step) -> None:
    """Over R^d: int prod_i q_i(u_i) g(u_j) du = int q_j g dz, and the left converges, from all i in 1..d: int q_i = 1,
    conv(int q_j g), 1 <= j <= d, q_i > 0 (Fubini). The product runs over exactly 1..d, d the dimension of u."""
    s.no_premise()
    u, q, j, g = s.extra
    i, z, law = factor_of(s, u, q)
    need(u not in g.free and g.high <= 1, "not a function of one coordinate: {}", g)
    need(u not in j.free, "not one coordinate for all {}: {}", u, j)
    s.sign(law, "+")
    s.is_in(j, "nat")
    line = on_the_line(z, mul(put(law, {i: j}), fill(g, [z])))
    one = rel("=", on_the_line(z, law), num(1))
    s.demand(over(q, close(one, i), "all"), conv(line), rel(">=", j, num(1)), rel("<=", j, u.data[1][1]))
    left = mk("int", ("u", u.data[1]), close(mul(q, fill(g, [mk("at", None, u, j)])), u))
    if shape(s.goal, "=", "conv").op == "=":
        s.concludes(rel("=", left, line))
    else:
        need(alike(conv(left), s.goal), "another integral")


@rule
def coordinates(s: Step) -> None:
    """Over R^d: int prod_i q_i(u_i) du = prod_i c_i, and the left converges, from all i in 1..d: int q_i = c_i, c_i > 0 (Fubini;
    what does not converge is 0). The products run over exactly 1..d, d the dimension of u."""
    s.no_premise()
    u, q, c = s.extra
    i, z, factor = factor_of(s, u, q)
    s.same_range(q, shape(c, "prod"))
    s.sign(at(c, i), "+")
    s.demand(over(q, close(rel("=", on_the_line(z, factor), at(c, i)), i), "all"))
    left = mk("int", ("u", u.data[1]), close(q, u))
    if shape(s.goal, "=", "conv").op == "=":
        s.concludes(rel("=", left, c))
    else:
        need(alike(conv(left), s.goal), "another integral")


@rule
def variance_of_sum(s: Step) -> None:
    """Over R^d: int prod_i q_i(u_i) (sum_i g_i(u_i))^2 du = sum_i int q_i g_i^2 dz, and the left converges, from all i in 1..d:
    int q_i = 1, int q_i g_i = 0, conv(int q_i g_i^2), q_i > 0. The g_i are independent with mean 0, so products of two of them have
    mean 0 (Bienayme). Product and sum run over exactly 1..d, d the dimension of u."""
    s.no_premise()
    u, q, g = s.extra
    i, z, law = factor_of(s, u, q)
    j, y, own = factor_of(s, u, g, "sum")
    part = put(own, {j: i, y: z})
    s.sign(law, "+")
    square = on_the_line(z, mul(law, power(part, 2)))
    mass, mean = rel("=", on_the_line(z, law), num(1)), rel("=", on_the_line(z, mul(law, part)), num(0))
    s.demand(*(over(q, close(known, i), "all") for known in (mass, mean, conv(square))))
    left = mk("int", ("u", u.data[1]), close(mul(q, power(g, 2)), u))
    if shape(s.goal, "=", "conv").op == "=":
        s.concludes(rel("=", left, over(g, close(square, i))))
    else:
        need(alike(conv(left), s.goal), "another integral")


def by_coordinates(s: Step, t: Term, u: Term, new: Callable[[Term], Term], inside: frozenset[Term]) -> Term:
    """t with new(j) for every coordinate u_j, where j is 1, among `inside` or in H at most d; u is nowhere else in t."""
    if u not in t.free:
        return t
    need(t is not u, "{} is there besides its coordinates", u)
    if t.op == "at" and t.kids[0] is u:
        j = t.kids[1]
        if not identical(j, num(1)) and j not in inside:
            need(u not in j.free, "another index at another point: {}", j)
            s.is_in(j, "nat")
            s.demand(rel("<=", j, u.data[1][1]))
        return new(j)
    kids = []
    for kid, bound in zip(t.kids, t.under, strict=True):
        if bound:
            x = s.new(t.data[1])
            here = inside | {x} if runs_inside(t, u.data[1][1], inside) else inside
            kids.append(close(by_coordinates(s, fill(kid, [x]), u, new, here), x))
        else:
            kids.append(by_coordinates(s, kid, u, new, inside))
    return mk(t.op, t.data, *kids)


def runs_inside(t: Term, d: Term, inside: frozenset[Term]) -> bool:
    """A finite sum or product over numbers from 1 on, at most up to d, or to j or j - 1 for a j inside."""
    if not finite(t) or t.op == "all" or t.data[1] != "nat":
        return False
    tops = [d, *(j for x in inside for j in (x, sub(x, num(1))))]
    return any(equality(ends(t)[1], top) == NONE for top in tops)


@rule
def triangular(s: Step) -> None:
    """Over R^d: int F(u) du = int F(z) prod_i r_i du for z_i = m_i + sum_{k<i} l_ik u_k + r_i u_i, r_i > 0; and conv of the left from
    conv of the right. F knows u by coordinates 1..d only; m, l and r are free of u. One coordinate after another, the last one first,
    is an increasing affine map of the line, given those before it (Fubini); what does not converge is 0 on both sides."""
    s.no_premise()
    i, k, m, low, r = s.extra
    i, k = variable(i), variable(k)
    e = measure(shape(s.goal, "=", "conv").kids[0])
    need(isinstance(e.data[1], tuple), "not an integral over R^d: {}", e)
    u, body = s.enter(e)
    before, one = s.new("nat"), s.new("nat")
    s.sign(put(r, {i: one}), "+")

    def moved(j: Term) -> Term:
        row = mul(put(low, {i: j, k: before}), mk("at", None, u, before))  # not k: j may be k
        earlier = mk("sum", ("k", "nat"), num(1), sub(j, num(1)), close(row, before))
        return add(put(m, {i: j}), earlier, mul(put(r, {i: j}), mk("at", None, u, j)))

    stretch = mk("prod", ("i", "nat"), num(1), e.data[1][1], close(put(r, {i: one}), one))
    there = mul(by_coordinates(s, unfolded(body), u, moved, frozenset()), stretch)
    if s.goal.op == "=":
        right = measure(s.goal.kids[1])
        s.same_range(e, right)
        s.equal(at(right, u), there)
    else:
        s.demand(conv(over(e, close(there, u))))  # the goal is conv(e), by its shape
