"""Rules of derivatives, and rules that give an integral its value.

`derivative` works on terms and says where they are smooth; it never looks at normal forms, which may hide a pole.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from elbo_check.normal import equality, measured, normal, sign_of
from elbo_check.notation import unfolded
from elbo_check.poly import E, Form, Poly, atom, exponent, free_of, is_whole, plus, term_of, thaw, variables
from elbo_check.props import known, quantified
from elbo_check.rules_logic import below, rule, variable
from elbo_check.rules_sums import finite_sum_of
from elbo_check.signs import sign as sign_of_poly
from elbo_check.step import Step, measure, shape
from elbo_check.terms import (
    REALS,
    Refused,
    Term,
    add,
    at,
    close,
    conv,
    ends,
    exp,
    identical,
    log,
    mk,
    mul,
    need,
    num,
    over,
    power,
    put,
    rel,
    sub,
)

Slope = Callable[[Term, Term], tuple[Term, Term] | None]  # h(g), v: k(g) and g, or None


def no_slope(t: Term, v: Term) -> None:
    return None


def derivative(t: Term, v: Term, chain: Slope = no_slope) -> tuple[Term, list[Term]]:
    """dt/dv, and the conditions under which t is differentiable in v with this derivative."""
    conditions: dict[Term, None] = {}
    memo: dict[Term, Term] = {}

    def positive(a: Term) -> Term:
        conditions[rel(">", a, num(0))] = None
        return a

    def go(t: Term) -> Term:
        if v not in t.free:
            return num(0)
        if t not in memo:
            memo[t] = by_shape(t)
        return memo[t]

    def by_shape(t: Term) -> Term:
        k = t.kids
        match t.op:
            case "v":
                return num(1)
            case "+":
                return add(*(go(x) for x in k if v in x.free))
            case "*":
                return add(*(mul(go(x), *k[:i], *k[i + 1 :]) for i, x in enumerate(k) if v in x.free))
            case "exp":
                return mul(t, go(k[0]))
            case "log":
                return mul(go(k[0]), power(positive(k[0]), -1))
            case "^":
                return raised(t, *k)
            case "f":
                found = chain(t, v)
                need(found is not None, "nothing is known of the derivative of {}", t)
                assert found is not None
                return mul(found[0], go(found[1]))
        raise Refused(f"not known to be smooth: {t}")

    def raised(t: Term, base: Term, e: Term) -> Term:
        n = normal(e)
        c = exponent(n.p)
        if isinstance(c, Fraction) and not n.needs:
            if not is_whole(c):
                positive(base)
            elif c < 0:
                conditions[rel("!=", base, num(0))] = None
            return mul(num(c), power(base, c - 1), go(base))
        inner = add(mul(go(e), log(positive(base))), mul(e, go(base), power(base, -1)))
        return mul(t, inner)

    return go(unfolded(t)), list(conditions)


def smooth(t: Term, v: Term) -> Term:
    """The derivative of what is smooth for every v of its sort, whatever other variables are."""
    d, conditions = derivative(t, v)
    for c in conditions:
        need(known(c), "not known for every {}: {}", v, c)
    return d


def chain_rule(s: Step) -> Slope:
    """From slope_w(h = k) for every w (w not in the hypotheses): h(g) has the slope k(g) g'."""
    known_slopes = []
    for thm in s.premises:
        p = shape(thm.prop, "slope")
        w = variable(p.kids[0])
        need(w.data[1] == p.data[1], "the slope is not at a variable of the sort")
        s.for_every_value(thm, w)
        need(w not in p.kids[1].free, "{} is in the function besides its place", w)
        known_slopes.append((w, shape(at(p, w), "f"), p.kids[2]))

    def chain(t: Term, v: Term) -> tuple[Term, Term] | None:
        for w, h, k in known_slopes:
            places = [g for g, x in zip(t.kids, h.kids, strict=False) if x is w]
            if places and identical(put(h, {w: places[0]}), t):
                s.is_in(places[0], w.data[1])
                return put(k, {w: places[0]}), unfolded(places[0])
        return None

    return chain


@rule
def differentiate(s: Step) -> None:
    """H |- slope_t(f = k): f is built from smooth parts; at t bases of negative powers are != 0, of roots > 0, arguments of
    logarithms > 0. An abstract h(g) has a slope by a premise for every value (chain rule)."""
    s.keep()
    goal = shape(s.goal, "slope")
    t, _, k = goal.kids
    s.is_in(t, goal.data[1])
    v, f = s.enter(goal)
    d, conditions = derivative(f, v, chain_rule(s))
    s.demand(*(put(c, {v: t}) for c in conditions))
    s.equal(put(d, {v: t}), k)


@rule
def slope_value(s: Step) -> None:
    """slope_t(f = k) gives D_t f = k; never back, since D f = 0 also where f has no derivative."""
    p = s.premise("slope")
    t, body, k = p.kids
    s.concludes(rel("=", mk("D", p.data, t, body), k))


@rule
def leibniz(s: Step) -> None:
    """slope_t(int_D f = int_D f'): f smooth in t at every t and x, D free of t, conv(int f), dom_t(int f')."""
    s.keep()
    goal = shape(s.goal, "slope")
    t = variable(goal.kids[0])
    need(t.data[1] == goal.data[1] and t not in goal.kids[1].free, "not at a variable of its own")
    v, body = s.enter(goal)
    e, value = measure(body), measure(goal.kids[2])
    need(e.op == value.op and not any(v in k.free for k in ends(e)), "the range depends on {}", t)
    s.same_range(e, value)
    x, f = s.enter(e)
    d, conditions = derivative(f, v, chain_rule(s))
    s.settle(frozenset(conditions))
    s.equal(d, at(put(value, {t: v}), x))
    s.demand(conv(at(goal, t)), mk("dom", goal.data, close(value, t)))


@rule
def derivative_of_sum(s: Step) -> None:
    """slope_t(f_n = g_n) for every n of a finite range free of t gives slope_t(sum f_n = sum g_n)."""
    (thm,), n, goal = s.premises, variable(s.extra), shape(s.goal, "slope")
    p = shape(thm.prop, "slope")
    need(p.data[1] == goal.data[1] and identical(p.kids[0], goal.kids[0]), "not at the same point")
    need(n not in p.kids[0].free, "{} is in the point", n)
    v, body = s.enter(goal)
    e = finite_sum_of(measure(body), "sum")
    need(n.data[1] == e.data[1] and not any(v in k.free for k in ends(e)), "another range")
    s.equal(over(e, close(at(p, v), n)), e)
    s.equal(over(e, close(p.kids[2], n)), goal.kids[2])
    s.demand(*quantified(thm.hyps, n, e))


# --- tangents ---------------------------------------------------------------------------------------------------------
def tangent_line(s: Step) -> tuple[Term, Term, Term, Term, Term, Term]:
    """f, t, a as the prover says; the line f(a) + f'(a)(t - a); v and f''(v). f is smooth for every v of the sort."""
    f, t, a = s.extra
    t, a = variable(t), variable(a)
    need(t is not a and t.data[1] == a.data[1] and t.data[1] in REALS, "not two variables of one interval")
    need(a not in f.free, "{} is in the function", a)
    v = s.new(t.data[1])
    first = smooth(put(f, {t: v}), v)
    second = smooth(first, v)
    line = add(put(f, {t: a}), mul(put(first, {v: a}), sub(t, a)))
    return f, t, a, line, v, second


def concave(f: Term, t: Term, second: Term) -> None:
    need(f.free <= {t}, "{} has a parameter", f)
    need(not normal(f).needs and sign_of(second) == ("-", frozenset()), "not known to be concave: {}", f)


@rule
def tangent(s: Step) -> None:
    """|- f(a) + f'(a)(t - a) >= f(t): t, a of one interval sort, f without parameter, smooth, f'' < 0 without needs."""
    s.no_premise()
    f, t, _, line, _, second = tangent_line(s)
    concave(f, t, second)
    s.concludes(rel(">=", line, f))


@rule
def tangent_of(s: Step) -> None:
    """-f'' >= 0 for every t (t not in H) gives f(a) + f'(a)(t - a) >= f(t)."""
    bend, zero = s.premise(">=").kids
    f, t, _, line, v, second = tangent_line(s)
    s.for_every_value(s.premises[0], t)
    s.is_zero(zero)
    s.equal(put(bend, {t: v}), mul(num(-1), second))
    s.concludes(rel(">=", line, f))


@rule
def touches_once(s: Step) -> None:
    """f(a) + f'(a)(t - a) = f(t) |- t = a: a strictly concave function meets its tangent once."""
    s.no_premise()
    f, t, a, line, _, second = tangent_line(s)
    concave(f, t, second)
    s.demand(rel("=", line, f))
    s.concludes(rel("=", t, a))


# --- values of integrals ------------------------------------------------------------------------------------------------
def whole_line(t: Term) -> Term:
    e = measure(t)
    need(e.op == "int" and e.data[1] == "real" and not ends(e), "not an integral over the whole line: {}", e)
    return e


def changed(s: Step) -> tuple[Term, Term, Term]:
    """int f(z) dz = int f(g(v)) g'(v) dv is the goal; gives v, the y it stands for, and g'."""
    g, y = s.extra
    y = variable(y)
    need(y.data[1] == "real" and not normal(g).needs, "not a function of a real variable, or with needs")
    before, after = map(whole_line, s.relation("="))
    v, body = s.enter(after)
    g = put(g, {y: v})
    d = smooth(g, v)
    s.equal(body, mul(at(before, g), d))
    return v, y, d


@rule
def change_of_variables(s: Step) -> None:
    """int f(z) dz = int f(g(y)) g'(y) dy over the whole line for g affine with positive slope."""
    s.no_premise()
    v, _, d = changed(s)
    f = normal(d)
    need(not f.needs and free_of(f.p, v) and sign_of(d)[0] == "+", "not affine with a positive slope: {}", d)


@rule
def change_by_slope(s: Step) -> None:
    """g'(y) >= c > 0 for every y gives the same: g is smooth, increasing, and maps the line onto the line."""
    steep, c = s.premise(">=").kids
    v, y, d = changed(s)
    s.for_every_value(s.premises[0], y)
    need(y not in c.free, "{} is in the bound", y)
    s.sign(c, "+")
    s.equal(put(steep, {y: v}), d)


def fades(f: Form, v: Term) -> None:
    """A sum of polynomials in v times exp(-a v^2 + b v + c), a > 0; coefficients and their exponents free of v."""
    x = atom("var", v)
    for m in f.p:
        factors = dict(m)
        e = factors.pop(E, Fraction(0))
        k = factors.pop(x, Fraction(0))
        fixed = all(v not in variables(a) and free_of(n, v) for a, n in factors.items())
        need(is_whole(k) and k >= 0 and fixed, "not a polynomial times a Gaussian: {}", term_of({m: Fraction(1)}))
        lead: Poly = {}
        for mm, c in thaw(e).items():
            factors = dict(mm)
            k = factors.pop(x, Fraction(0))
            fixed = all(v not in variables(a) and free_of(n, v) for a, n in factors.items())
            need(k in (0, 1, 2) and fixed, "not a quadratic exponent: {}", term_of(e))
            if k == 2:
                lead = plus(lead, {tuple(sorted(factors.items())): c})
        need(sign_of_poly(lead) == "-", "the exponent does not fall like a square: {}", term_of(e))


@rule
def antiderivative(s: Step) -> None:
    """int_a^b F' = F(b) - F(a): F smooth on the closed range, which lies in the sort, a <= b; an infinite end only with
    F a sum of polynomials times Gaussians, which vanishes there (and then F' converges)."""
    s.no_premise()
    F, z = s.extra
    left, value = s.relation("=")
    e = measure(left)
    need(e.op == "int" and e.data[1] in REALS and variable(z).data[1] == e.data[1], "not an integral over numbers")
    v, f = s.enter(e)
    F = put(F, {z: v})
    d, conditions = derivative(F, v)
    for c in conditions:
        held = (
            known(c) or s.hyps.has(over(e, close(c, v), "all")) or s.hyps.has(mk("all", ("", v.data[1]), close(c, v)))
        )
        need(held, "not smooth on the range: {}", c)
    needs = equality(d, f)
    need(needs is not None, "not the derivative of {}: {}", F, f)
    assert needs is not None
    need(not any(v in n.free for n in needs), "an antiderivative with needs")
    s.settle(needs)
    lo, hi = ends(e) or (mk("-oo"), mk("oo"))
    if "end" in (lo.kind, hi.kind):
        need(e.data[1] == "real" or lo.kind != "end", "leaves the sort")
        form = normal(F)
        need(not any(v in n.free for n in form.needs), "an antiderivative with needs")
        s.settle(form.needs)
        fades(form, v)
    else:
        below(s, lo, hi)
    at_ends = num(0)
    for end, k in ((hi, 1), (lo, -1)):
        if end.kind != "end":
            s.is_in(end, e.data[1])
            at_ends = add(at_ends, mul(num(k), put(F, {v: end})))
    s.equal(value, at_ends)


def _gaussian() -> Term:
    z = mk("b", 0)
    left = mk("int", ("z", "real"), exp(mul(num(Fraction(-1, 2)), power(z, 2))))
    return rel("=", left, power(mul(num(2), mk("pi")), Fraction(1, 2)))


CITED: dict[str, Callable[[], Term]] = {"gaussian": _gaussian}


@rule
def cite(s: Step) -> None:
    """|- an equation of the table of cited integrals."""
    s.no_premise()
    need(isinstance(s.extra, str) and s.extra in CITED, "no such citation")
    s.concludes(CITED[s.extra]())


def over_reals(t: Term) -> tuple[list[Term], Term]:
    c, e = measured(t)
    need(e.op == "int" and e.data[1] in REALS, "not an integral over numbers: {}", e)
    return c, e


@rule
def gaussian_tail(s: Step) -> None:
    """|- conv(int P exp(-a x^2 + b x + c)) for a > 0, over any range of numbers."""
    s.no_premise()
    _, e = over_reals(shape(s.goal, "conv").kids[0])
    x, f = s.enter(e)
    form = normal(f)
    s.settle(form.needs)
    fades(form, x)


@rule
def gaussian_bound(s: Step) -> None:
    """|- dom_t(int P exp(-a x^2 + b x + c)) for a > 0, coefficients smooth in t: near any t they are bounded and a stays
    away from 0, so one polynomial times one Gaussian bounds them all."""
    s.no_premise()
    goal = shape(s.goal, "dom")
    t, body = s.enter(goal)
    c, e = over_reals(body)
    need(not any(t in k.free for k in ends(e)), "the range depends on the variable")
    x, f = s.enter(e)
    form = normal(mul(*c, f))
    need(not form.needs, "a form with needs")
    fades(form, x)
    smooth(term_of(form.p), t)
