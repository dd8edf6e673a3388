"""Rules of derivatives, and rules that give an integral its value.

`derivative` works on terms and says where they are smooth; it never looks at normal forms, which may hide a pole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from elbo_check.normal import Needs, equality, measured, normal, sign_of
from elbo_check.notation import unfolded
from elbo_check.poly import *
from elbo_check.powers import times
from elbo_check.props import known, quantified
from elbo_check.rules_logic import rule, variable
from elbo_check.rules_sums import finite_sum_of
from elbo_check.signs import sign as sign_of_poly
from elbo_check.step import Step, measure, shape
from elbo_check.terms import *

Slope = Callable[[Term, Term], tuple[Term, Term] | None]  # h(g), v: k(g) and g, or None


def derivative(t: Term, v: Term, chain: Slope | None = None) -> tuple[Term, list[Term]]:
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
                return raised(*k)
            case "f":
                if chain and (found := chain(t, v)):
                    return mul(found[0], go(found[1]))
        raise Refused(f"not known to be smooth: {t}")

    def raised(base: Term, e: Term) -> Term:
        n = normal(e)
        need(is_const(n.p) and not n.needs, "not known to be smooth: {}", t)
        if (c := value(n.p)).denominator > 1:
            positive(base)
        elif c < 0:
            conditions[rel("!=", base, num(0))] = None
        return mul(num(c), power(base, c - 1), go(base))

    return go(unfolded(t)), list(conditions)


def smooth(t: Term, v: Term) -> Term:
    """The derivative of what is smooth for every v of its sort, whatever other variables are."""
    d, conditions = derivative(t, v)
    for c in conditions:
        need(known(c), "not known for every {}: {}", v, c)
    return d


def chain_rule(s: Step) -> Slope:
    """From slope_w(h = k) for every w (w not in the hypotheses): h(g) has the slope k(g) g'. Other variables that are
    arguments of h, and not in the hypotheses, stand for every value too."""
    slopes = []
    for thm in s.premises:
        p = shape(thm.prop, "slope")
        w = variable(p.kids[0])
        need(w.data[1] == p.data[1], "the slope is not at a variable of the sort")
        s.for_every_value(thm, w)
        need(w not in p.kids[1].free, "{} is in the function besides its place", w)
        h = shape(at(p, w), "f")
        slopes.append((w, h, p.kids[2], {x for x in h.kids if x.op == "v"} - thm.free))

    def chain(t: Term, v: Term) -> tuple[Term, Term] | None:
        for w, h, k, generic in slopes:
            new = {x: g for x, g in zip(h.kids, t.kids, strict=False) if x in generic}
            if not identical(put(h, new), t) or any(v in g.free for x, g in new.items() if x is not w):
                continue
            for x, g in new.items():
                s.is_in(g, put_sort(x.data[1], new))
            return put(k, new), unfolded(new[w])
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
    there = put(value, {t: v})
    s.same_range(e, there)  # at every t, since dom is about all
    x, f = s.enter(e)
    d, conditions = derivative(f, v, chain_rule(s))
    s.settle(frozenset(conditions))
    s.equal(d, at(there, x))
    s.demand(conv(at(goal, t)), mk("dom", goal.data, close(value, t)))


@rule
def lipschitz(s: Step) -> None:
    """ae x in D: slope_t(f = g), and for every x: b |r - t| >= |f(r) - f(t)| for all r of an interval about t, give
    slope_t(int_D w f = int_D w g); b and w are functions of x, D is free of r, conv(int w f) at t, conv(int w b). The difference
    quotients of f tend to g at almost every x, and b bounds them: dominated convergence. Kinks do no harm, jumps do."""
    s.keep()
    kinks, bound = s.premises
    x, b, w = s.extra
    x = variable(x)
    goal, near = shape(s.goal, "slope"), shape(bound.prop, "all")
    t, _, value = goal.kids
    s.is_in(t, goal.data[1])
    r, body = s.enter(goal)
    e, total = measure(body), measure(value)
    need(not any(r in k.free for k in ends(e)), "the range depends on {}", t)
    s.same_range(e, total)
    s.same_range(e, shape(kinks.prop, "ae"))
    y, integrand = s.enter(e)
    own = shape(at(kinks.prop, y), "slope")
    need(own.data[1] == goal.data[1] and identical(own.kids[0], t), "the slope of another variable, or elsewhere")
    f, weight = at(own, r), put(w, {x: y})
    s.equal(mul(weight, f), integrand)
    s.equal(mul(weight, own.kids[2]), at(total, y))
    need(x.data[1] == e.data[1], "{} is not of the sort of the range", x)
    s.for_every_value(bound, x)
    need(near.data[1] == goal.data[1] and not any(x in k.free for k in ends(near)), "not for all {} of one interval", t)
    for sign, end in zip((1, -1), ends(near), strict=False):
        if end.kind != "end":
            s.sign(mul(num(sign), sub(t, end)), "+")
    steep, moved = shape(put(at(near, r), {x: y}), ">=").kids
    s.equal(steep, mul(put(b, {x: y}), mk("abs", None, sub(r, t))))
    s.equal(moved, mk("abs", None, sub(f, put(f, {r: t}))))
    s.demand(conv(put(e, {r: t})), conv(over(e, close(mul(w, b), x))))


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


@rule
def integral_of_slope(s: Step) -> None:
    """slope_t(F = f) for every t from a to b gives int_a^b f = F(b) - F(a), given conv(int_a^b f): the main theorem of calculus.
    F is what the premise says, of one variable; a and b are numbers of the sort, a <= b."""
    (thm,), t = s.premises, variable(s.extra)
    p = shape(thm.prop, "slope")
    left, right = s.relation("=")
    e = measure(left)
    need(e.op == "int" and e.data[1] == p.data[1] == t.data[1], "not an integral over the variable of the slope")
    need(p.kids[0] is t and t not in p.kids[1].free, "not at a variable of its own")
    lo, hi = ends(e) or (mk("-oo"), mk("oo"))
    for end in (lo, hi):
        s.is_in(end, e.data[1])  # so it is a number
    if not s.hyps.has(rel("<=", lo, hi)):
        s.sign(sub(hi, lo), "+", "0+")
    s.equal(over(e, close(p.kids[2], t)), e)
    s.equal(right, sub(at(p, hi), at(p, lo)))
    s.demand(conv(e), *quantified(thm.hyps, t, e))


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


@rule
def tangent(s: Step) -> None:
    """-f'' >= 0 for every t (t not in H) gives f(a) + f'(a)(t - a) >= f(t); t and a are of one interval sort, f is smooth."""
    bend, zero = s.premise(">=").kids
    f, t, _, line, v, second = tangent_line(s)
    s.for_every_value(s.premises[0], t)
    s.is_zero_for_every(zero, t)
    s.equal(put(bend, {t: v}), mul(num(-1), second))
    s.concludes(rel(">=", line, f))


@rule
def touches_once(s: Step) -> None:
    """f(a) + f'(a)(t - a) = f(t) |- t = a, if f'' < 0 by sorts and f has no parameter: a strictly concave function meets its
    tangent once."""
    s.no_premise()
    f, t, a, line, _, second = tangent_line(s)
    need(f.free <= {t}, "{} has a parameter", f)
    need(not normal(f).needs and sign_of(second) == "-", "not known to be concave: {}", f)
    s.demand(rel("=", line, f))
    s.concludes(rel("=", t, a))


# --- values of integrals ------------------------------------------------------------------------------------------------
def whole_line(t: Term) -> Term:
    e = measure(t)
    need(e.op == "int" and e.data[1] == "real" and not ends(e), "not an integral over the whole line: {}", e)
    return e


@rule
def change_of_variables(s: Step) -> None:
    """g'(y) >= c > 0 for every y gives int f(z) dz = int f(g(y)) g'(y) dy over the whole line: g is smooth without needs,
    increasing, and maps the line onto the line."""
    steep, c = s.premise(">=").kids
    g, y = s.extra
    y = variable(y)
    need(y.data[1] == "real" and not normal(g).needs, "not a function of a real variable, or with needs")
    before, after = map(whole_line, s.relation("="))
    v, body = s.enter(after)
    g = put(g, {y: v})
    d = smooth(g, v)
    s.equal(body, mul(at(before, g), d))
    s.for_every_value(s.premises[0], y)
    need(y not in c.free, "{} is in the bound", y)
    s.sign(c, "+")
    s.equal(put(steep, {y: v}), d)


def coefficient(p: Poly, x: int, v: Term, degree: int = 1) -> Poly:
    """Of x^degree in a polynomial of at most that degree in x, the rest free of v."""
    out: Poly = {}
    for m, c in p.items():
        rest = {a: e for a, e in m if a != x}
        k = dict(m).get(x, Fraction(0))
        fixed = all(v not in variables(a) and free_of(e, v) for a, e in rest.items())
        need(is_whole(k) and 0 <= k <= degree and fixed, "not a polynomial of degree {}: {}", degree, term_of(p))
        if k == degree:
            out = plus(out, {tuple(rest.items()): c})
    return out


def fades(f: Form, v: Term) -> None:
    """A sum of polynomials in v times exp(-a v^2 + b v + c), a > 0; coefficients and their exponents free of v."""
    x = atom("var", v)
    for m in f.p:
        factors = dict(m)
        e = factors.pop(E, Fraction(0))
        k = factors.pop(x, Fraction(0))
        fixed = all(v not in variables(a) and free_of(n, v) for a, n in factors.items())
        need(is_whole(k) and k >= 0 and fixed, "not a polynomial times a Gaussian: {}", term_of({m: Fraction(1)}))
        lead = coefficient(thaw(e), x, v, degree=2)
        need(sign_of_poly(lead) == "-", "the exponent does not fall like a square: {}", term_of(e))


def integral_of_goal(s: Step) -> Term:
    """The goal is `int f = value`, or conv(c int f): the integral."""
    left = shape(s.goal, "=", "conv").kids[0]
    return measure(left) if s.goal.op == "=" else measured(left)[1]


@rule
def antiderivative(s: Step) -> None:
    """int_a^b F' = F(b) - F(a), and it converges: the main theorem of calculus. F is smooth on the closed range, which lies in
    the sort, a <= b. Where the range is 0 to b of positive numbers, F is a sum of parts smooth on the whole line and of
    c r^k log r, k >= 1, which go to 0 with r and have an integrable derivative. An infinite end only with F a sum of
    polynomials times Gaussians, which vanishes there."""
    s.no_premise()
    F, z = s.extra
    e = integral_of_goal(s)
    sort = e.data[1]
    need(e.op == "int" and sort in REALS and variable(z).data[1] == sort, "not an integral over numbers")
    lo, hi = ends(e) or (mk("-oo"), mk("oo"))
    v, f = s.enter(e)
    here = put(F, {z: v})
    from_zero = sort == "pos" and identical(lo, num(0))
    if from_zero:
        r = s.new("real")  # not v: nothing may rest on v > 0
        for part in without_logs(put(F, {z: r}), r):
            need(not derivative(part, r)[1], "not smooth at 0: {}", part)
    d = derivative(here, v)[0] if from_zero else smooth(here, v)
    without_needs_in(s, equality(d, f), v)
    if "end" in (lo.kind, hi.kind):
        need(sort == "real" or lo.kind != "end", "leaves the sort")
        form = normal(here)
        without_needs_in(s, form.needs, v)
        fades(form, v)
    elif not s.hyps.has(rel("<=", lo, hi)):
        s.sign(sub(hi, lo), "+", "0+")
    value = num(0)
    for end, k in ((hi, 1), (lo, -1)):
        if end.kind != "end":
            if not (from_zero and end is lo):
                s.is_in(end, sort)
            value = add(value, mul(num(k), put(F, {z: end})))
    if s.goal.op == "=":
        s.equal(s.goal.kids[1], value)


def without_logs(F: Term, r: Term) -> Iterator[Term]:
    """The parts of a sum; of c r^k log r, k >= 1, the c."""
    F = unfolded(F)
    for part in F.kids if F.op == "+" else [F]:
        factors = part.kids if part.op == "*" else (part,)
        logs = [k for k in factors if identical(k, log(r))]
        roots = [k for k in factors if k is r]
        yield mul(*(k for k in factors if k not in logs and k is not r)) if len(logs) == 1 and roots else part


def without_needs_in(s: Step, needs: Needs | None, v: Term) -> None:
    """An equality for every v: needs say nothing about it."""
    if needs is None or any(v in n.free for n in needs):
        raise Refused(f"not the derivative for every value of {v}")
    s.settle(needs)


@rule
def telescope(s: Step) -> None:
    """sum_{n=a}^{oo} f = F(a), and it converges, if f(n) ≡ F(n) - F(n + 1), a in the sort, and F is a sum of polynomials in
    n times products of b^(c n + d) that fall: then F vanishes at infinity, and so fast that the sum converges."""
    s.no_premise()
    F, n = s.extra
    e = integral_of_goal(s)
    need(e.op == "sum" and variable(n).data[1] == e.data[1] and len(ends(e)) == 2, "not a sum from a number to oo")
    lo, hi = ends(e)
    need(lo.kind != "end" and hi.kind == "end", "not a sum from a number to oo")
    s.is_in(lo, e.data[1])
    v, f = s.enter(e)
    form = normal(put(F, {n: v}))
    without_needs_in(s, form.needs, v)
    falls(form, v)
    without_needs_in(s, equality(f, sub(put(F, {n: v}), put(F, {n: add(v, num(1))}))), v)
    if s.goal.op == "=":
        s.equal(s.goal.kids[1], put(F, {n: lo}))


def falls(f: Form, n: Term) -> None:
    """Every term is n^k times powers b^(c n + d) with sum c log b < 0; all else free of n."""
    x = atom("var", n)
    for m in f.p:
        rate: Poly = {}
        for a, e in m:
            if a == x:
                need(is_whole(e) and e >= 0, "not a polynomial in {}", n)
            elif a == E or kind(a) == "prime":
                slope = coefficient(thaw(e), x, n)
                log_b = const(1) if a == E else single(atom("log", frozen(const(Atoms.what[a][1]))))
                rate = plus(rate, times(Form(slope), Form(log_b)).p)
            else:
                need(n not in variables(a) and free_of(e, n), "not a geometric term")
        need(sign_of_poly(rate) == "-", "a term is not known to fall: {}", term_of({m: Fraction(1)}))


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
