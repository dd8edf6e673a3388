"""Each rule of the kernel at its simplest: what it gives, and one use that it refuses."""

import inspect
from types import SimpleNamespace

import pytest
import sympy as sp

from derivations import _kernel as kernel
from derivations._kernel import (
    AlmostEverywhere,
    Converges,
    Dominated,
    ForAll,
    ProofError,
    Total,
    algebra,
    almost_all,
    almost_equal,
    antiderivative,
    antisymmetry,
    assume,
    because,
    between,
    carry,
    chain,
    change_by_slope,
    change_of_variables,
    combine,
    constant,
    coordinate,
    coordinates,
    derivative_of_sum,
    differ,
    differentiate,
    discharge,
    diverges,
    dominated,
    each,
    finite_sum,
    flip,
    for_all,
    fubini,
    gaussian_bound,
    gaussian_integral,
    gaussian_tail,
    instantiate,
    integrable,
    leibniz,
    linearity,
    lipschitz,
    log_product,
    monotone,
    move_in,
    on_space,
    rearrange,
    rename,
    rewrite,
    sign,
    substitute,
    swap,
    tangent,
    tangent_of,
    telescope,
    term_of_sum,
    touches_once,
    triangular,
    unequal,
    unfold,
    unlog,
    vanish,
    variance_of_sum,
    write_out,
)
from derivations._language.notation import KL
from tests.kernel._lab import (
    Derivative,
    HiddenSymbol,
    Integral,
    Lambda,
    N,
    Product,
    Sum,
    U,
    at_least,
    bell,
    canonical,
    eq,
    exp,
    f,
    g,
    ge,
    i,
    independent,
    k,
    line,
    log,
    m,
    n,
    one,
    oo,
    p,
    q,
    s,
    t,
    two,
    u,
    us,
    x,
    y,
    z,
    zero,
)

steep = rearrange(sign(s * y**2), s * y**2 + 1, one)

kinks = assume(AlmostEverywhere(eq(Derivative(g(x, z), x), f(x, z)), line))
quotient = ge(f(z) * sp.Abs(y - x), sp.Abs(g(y, z) - g(x, z)))
near, one_sided = (each(assume(ForAll(ForAll(quotient, (y, x - e, x + 1)), z))) for e in (1, 0))
values = sp.Function("c", positive=True)
deviation, vs = Sum(f(i, U[i]), (i, 1, N)), sp.Symbol("vs", real=True)
j, below, V = (
    sp.Symbol("j", integer=True, positive=True),
    sp.IndexedBase("b", real=True),
    sp.IndexedBase(vs, shape=(N,), real=True),
)
counted = Total(Product(q(j, U[j]), (j, 1, N)), (us,))
above_zero = each(assume(ForAll(ge(f(z), 0), z)))


RULES = {
    because: (lambda: because(sign(one), "why"), (ge(1, 0), set()), lambda: because(SimpleNamespace(), "why")),
    assume: (lambda: assume(ge(x, 1)), (ge(x, 1), {ge(x, 1)}), lambda: assume(sp.Implies(x > 0, y > 0))),
    discharge: (
        lambda: discharge(assume(ge(1, 0)), sign(one)),
        (ge(1, 0), set()),
        lambda: discharge(assume(ge(x, 0)), sign(one)),
    ),
    for_all: (lambda: for_all(sign(s), s), (ForAll(ge(s, 0), s), set()), lambda: for_all(sign(q(x)), q(x))),
    each: (lambda: each(for_all(sign(s), s)), (ge(s, 0), set()), lambda: each(sign(s))),
    chain: (
        lambda: chain(algebra(x - x + y, y), assume(ge(y, 1))),
        (ge(y, 1), {ge(y, 1)}),
        lambda: chain(sign(one), sign(one)),
    ),
    antisymmetry: (
        lambda: antisymmetry(assume(ge(x, y)), assume(ge(y, x))),
        (eq(x, y), {ge(x, y), ge(y, x)}),
        lambda: antisymmetry(assume(ge(x, y)), assume(ge(x, y))),
    ),
    flip: (lambda: flip(assume(eq(x, y))), (eq(y, x), {eq(x, y)}), lambda: flip(sign(one))),
    rewrite: (
        lambda: rewrite(x + 1, assume(eq(x, y))),
        (eq(x + 1, y + 1), {eq(x, y)}),
        lambda: rewrite(y, assume(eq(x, 1))),
    ),
    carry: (
        lambda: carry(assume(ge(y, 1)), ge(x, x - y + 1), assume(eq(x, y))),
        None,
        lambda: carry(assume(ge(y, 1)), ge(x, 2), assume(eq(x, y))),
    ),
    substitute: (
        lambda: substitute(sign(s), {s: t + 1}),
        (ge(t + 1, 0), set()),
        lambda: substitute(sign(s), {s: -one}),
    ),
    instantiate: (
        lambda: instantiate(sign(q(z)), {q: Lambda(x, exp(x))}),
        (ge(exp(z), 0), set()),
        lambda: instantiate(sign(q(z)), {q: Lambda(x, -exp(x))}),
    ),
    on_space: (
        lambda: on_space(monotone(sign(q(u)), (u,)), u, line),
        (ge(Integral(q(z), line), 0), set()),
        lambda: on_space(sign(q(u)), u, (z, 0, 1)),
    ),
    unfold: (
        lambda: unfold(KL(q(u), p(u), (u,))),
        (eq(KL(q(u), p(u), (u,)), Total(q(u) * log(q(u) / p(u)), (u,))), set()),
        lambda: unfold(HiddenSymbol()),
    ),
    algebra: (
        lambda: algebra((x + 1) ** 2, x**2 + 2 * x + 1),
        (eq((x + 1) ** 2, x**2 + 2 * x + 1), set()),
        lambda: algebra(x, y),
    ),
    rearrange: (
        lambda: rearrange(assume(ge(x, 1)), 2 * x, two, times=two),
        (ge(2 * x, 2), {ge(x, 1)}),
        lambda: rearrange(assume(ge(x, 1)), -x, -one, times=-one),
    ),
    sign: (lambda: sign(x**2), (ge(x**2, 0), set()), lambda: sign(x)),
    unlog: (
        lambda: unlog(assume(eq(log(s), log(t)))),
        (eq(s, t), {eq(log(s), log(t))}),
        lambda: unlog(assume(eq(log(x), log(y)))),
    ),
    differ: (
        lambda: differ(sp.pi, sp.Integer(3)),
        (sp.Ne(sp.pi, 3, evaluate=False), set()),
        lambda: differ(sp.sqrt(8), 2 * sp.sqrt(2)),
    ),
    unequal: (
        lambda: unequal(assume(eq(x, 1)), assume(eq(y, 2)), differ(one, two)),
        (sp.Ne(x, y), {eq(x, 1), eq(y, 2)}),
        lambda: unequal(assume(eq(x, 1)), assume(eq(y, 1)), differ(one, two)),
    ),
    linearity: (
        lambda: linearity(Integral(2 * f(z) + x * g(z), line)),
        (
            eq(Integral(2 * f(z) + x * g(z), line), 2 * Integral(f(z), line) + x * Integral(g(z), line)),
            {Converges(Integral(f(z), line)), Converges(Integral(g(z), line))},
        ),
        lambda: linearity(f(z)),
    ),
    constant: (
        lambda: constant(Sum(x, (n, 1, N))),
        (eq(Sum(x, (n, 1, N)), N * x), set()),
        lambda: constant(Sum(n, (n, 1, N))),
    ),
    write_out: (
        lambda: write_out(Sum(f(n), (n, 1, 2))),
        (eq(Sum(f(n), (n, 1, 2)), f(1) + f(2)), set()),
        lambda: write_out(Sum(f(n), (n, 1, N))),
    ),
    log_product: (
        lambda: log_product(Product(q(n), (n, 1, N))),
        (eq(log(Product(q(n), (n, 1, N))), Sum(log(q(n)), (n, 1, N))), set()),
        lambda: log_product(Product(f(n), (n, 1, N))),
    ),
    swap: (
        lambda: swap(Integral(Sum(f(n, z), (n, 1, oo)), line)),
        (
            eq(Integral(Sum(f(n, z), (n, 1, oo)), line), Sum(Integral(f(n, z), line), (n, 1, oo))),
            {Converges(Integral(Sum(sp.Abs(f(n, z)), (n, 1, oo)), line))},
        ),
        lambda: swap(Integral(Sum(f(n, z), (n, 1, oo)) + 1, line)),
    ),
    move_in: (
        lambda: move_in(Integral(f(z), line), x),
        (eq(x * Integral(f(z), line), Integral(x * f(z), line)), {Converges(Integral(f(z), line))}),
        lambda: move_in(Integral(f(z), line), z),
    ),
    rename: (
        lambda: rename(Integral(f(z), line), y),
        (eq(Integral(f(z), line), Integral(f(y), (y, -oo, oo))), set()),
        lambda: rename(Integral(f(z), line), s),
    ),
    change_of_variables: (
        lambda: change_of_variables(Integral(f(z), line), s * y + 1, y),
        (eq(Integral(f(z), line), Integral(s * f(s * y + 1), (y, -oo, oo))), set()),
        lambda: change_of_variables(Integral(f(z), line), y**2, y),
    ),
    change_by_slope: (
        lambda: change_by_slope(Integral(f(z), line), y + s * y**3 / 3, y, steep),
        (eq(Integral(f(z), line), Integral((s * y**2 + 1) * f(y + s * y**3 / 3), (y, -oo, oo))), set()),
        lambda: change_by_slope(Integral(f(z), line), y**3, y, sign(3 * y**2)),
    ),
    differentiate: (
        lambda: differentiate(Derivative(log(x**2 + 1), x)),
        (eq(Derivative(log(x**2 + 1), x), 2 * x / (x**2 + 1)), set()),
        lambda: differentiate(Derivative(n**2, n)),
    ),
    leibniz: (
        lambda: leibniz(Derivative(Integral(x * f(z), line), x)),
        (
            eq(Derivative(Integral(x * f(z), line), x), Integral(f(z), line)),
            {Converges(Integral(x * f(z), line)), Dominated(Integral(f(z), line), x)},
        ),
        lambda: leibniz(Derivative(Integral(f(z), (z, 0, x)), x)),
    ),
    lipschitz: (
        lambda: lipschitz(Derivative(Integral(q(z) * g(x, z), line), x), kinks, near, f(z), q(z)),
        (
            eq(Derivative(Integral(q(z) * g(x, z), line), x), Integral(q(z) * f(x, z), line)),
            {
                kinks.prop,
                ForAll(near.prop, z),
                Converges(Integral(q(z) * g(x, z), line)),
                Converges(Integral(q(z) * f(z), line)),
            },
        ),
        lambda: lipschitz(Derivative(Integral(q(z) * g(x, z), line), x), kinks, one_sided, f(z), q(z)),
    ),
    derivative_of_sum: (
        lambda: derivative_of_sum(differentiate(Derivative(x**2 * f(n), x)), (n, 1, N)),
        (eq(Derivative(Sum(x**2 * f(n), (n, 1, N)), x), Sum(2 * x * f(n), (n, 1, N))), set()),
        lambda: derivative_of_sum(differentiate(Derivative(x**2 * f(n), x)), (n, 1, oo)),
    ),
    gaussian_bound: (
        lambda: gaussian_bound(Dominated(Integral(x * z * exp(-s * z**2 + x * z), line), x)),
        (Dominated(Integral(x * z * exp(-s * z**2 + x * z), line), x), set()),
        lambda: gaussian_bound(Dominated(Integral(f(z) * bell, line), x)),
    ),
    dominated: (
        lambda: dominated(assume(Dominated(Integral(x * f(z), line), x))),
        (Converges(Integral(x * f(z), line)), {Dominated(Integral(x * f(z), line), x)}),
        lambda: dominated(assume(ForAll(ge(f(z), 0), z))),
    ),
    monotone: (
        lambda: monotone(sign(q(z)), (z, 0, 1)),
        (ge(Integral(q(z), (z, 0, 1)), 0), set()),
        lambda: monotone(assume(sp.Ne(f(z), 0)), (z, 0, 1)),
    ),
    term_of_sum: (
        lambda: term_of_sum(Sum(q(n), (n, 1, N)), m),
        (ge(Sum(q(n), (n, 1, N)), q(m)), {ge(m, 1), sp.Le(m, N)}),
        lambda: term_of_sum(Sum(f(n), (n, 1, N)), m),
    ),
    tangent: (lambda: tangent(log(t), t, s), (ge(log(s) + (t - s) / s, log(t)), set()), lambda: tangent(exp(x), x, y)),
    tangent_of: (
        lambda: tangent_of(sign(12 * x**2), -(x**4), x, y),
        (ge(-(y**4) - 4 * y**3 * (x - y), -(x**4)), set()),
        lambda: tangent_of(sign(12 * x**2), x**4, x, y),
    ),
    touches_once: (
        lambda: touches_once(log(t), t, s),
        (eq(t, s), {eq(log(s) + (t - s) / s, log(t))}),
        lambda: touches_once(x, x, y),
    ),
    vanish: (
        lambda: vanish(sign(q(z)), assume(eq(Integral(q(z), line), 0)), line),
        (AlmostEverywhere(eq(q(z), 0), line), {eq(Integral(q(z), line), 0)}),
        lambda: vanish(sign(q(z)), assume(eq(Integral(p(z), line), 0)), line),
    ),
    almost_all: (
        lambda: almost_all(assume(AlmostEverywhere(eq(f(z), 0), line)), flip(assume(eq(f(z), 0)))),
        (AlmostEverywhere(eq(0, f(z)), line), {AlmostEverywhere(eq(f(z), 0), line)}),
        lambda: almost_all(assume(AlmostEverywhere(eq(f(z), 0), line)), assume(eq(g(z), 0))),
    ),
    almost_equal: (
        lambda: almost_equal(assume(AlmostEverywhere(eq(f(z), g(z)), line))),
        (eq(Integral(f(z), line), Integral(g(z), line)), {AlmostEverywhere(eq(f(z), g(z)), line)}),
        lambda: almost_equal(assume(AlmostEverywhere(ge(f(z), g(z)), line))),
    ),
    integrable: (
        lambda: integrable(assume(eq(Integral(q(z), line), 1))),
        (Converges(Integral(q(z), line)), {eq(Integral(q(z), line), 1)}),
        lambda: integrable(assume(eq(Integral(f(z), line), 1))),
    ),
    between: (
        lambda: between(each(assume(ForAll(ge(g(z), f(z)), z))), above_zero, line),
        (
            Converges(Integral(f(z), line)),
            {ForAll(ge(g(z), f(z)), z), ForAll(ge(f(z), 0), z), Converges(Integral(g(z), line))},
        ),
        lambda: between(above_zero, above_zero, line),
    ),
    combine: (
        lambda: combine(Integral(2 * f(z) - g(z), line), (two, Integral(f(z), line)), (-one, Integral(g(z), line))),
        (
            Converges(Integral(2 * f(z) - g(z), line)),
            {Converges(Integral(f(z), line)), Converges(Integral(g(z), line))},
        ),
        lambda: combine(Integral(f(z), line), (one, Integral(g(z), line))),
    ),
    finite_sum: (
        lambda: finite_sum(Integral(Sum(f(n, z), (n, 1, N)), line)),
        (Converges(Integral(Sum(f(n, z), (n, 1, N)), line)), {ForAll(Converges(Integral(f(n, z), line)), (n, 1, N))}),
        lambda: finite_sum(Integral(Sum(f(n, z), (n, 1, oo)), line)),
    ),
    diverges: (
        lambda: diverges(at_least(1, 1), (n, 1, oo)),
        (eq(Sum(1, (n, 1, oo)), oo), set()),
        lambda: diverges(sign(zero), (n, 1, oo)),
    ),
    antiderivative: (
        lambda: antiderivative(Integral(2 * z, (z, 0, 3)), z**2),
        (eq(Integral(2 * z, (z, 0, 3)), 9), set()),
        lambda: antiderivative(Integral(2 * z, (z, 0, 3)), z**3),
    ),
    gaussian_integral: (
        lambda: gaussian_integral(z),
        (eq(Integral(exp(-(z**2) / 2), line), sp.sqrt(2 * sp.pi)), set()),
        lambda: gaussian_integral(s),
    ),
    fubini: (
        lambda: fubini(Total(Integral(q(u, z), line), (u,))),
        (
            eq(Total(Integral(q(u, z), line), (u,)), Integral(Total(q(u, z), (u,)), line)),
            {ForAll(Converges(Integral(q(u, z), line)), u), Converges(Total(Integral(q(u, z), line), (u,)))},
        ),
        lambda: fubini(Integral(Integral(exp(-(z**2)), (z, 0, x)), (x, 0, 1))),
    ),
    telescope: (
        lambda: telescope(Sum(k / 2**k, (k, 1, oo)), 2 * (k + 1) / 2**k),
        (eq(Sum(k / 2**k, (k, 1, oo)), 2), set()),
        lambda: telescope(Sum(-one, (k, 1, oo)), k),
    ),
    gaussian_tail: (
        lambda: gaussian_tail(Integral(z**2 * bell, line)),
        (Converges(Integral(z**2 * bell, line)), set()),
        lambda: gaussian_tail(Integral(exp(z**2), line)),
    ),
    coordinates: (
        lambda: coordinates(Total(independent, (us,)), Product(values(i), (i, 1, N)), line)[0],
        (
            eq(Total(independent, (us,)), Product(values(i), (i, 1, N))),
            {ForAll(eq(Integral(q(i, z), line), values(i)), (i, 1, N))},
        ),
        lambda: coordinates(Total(independent, (us,)), Product(values(i), (i, 2, N)), line),
    ),
    variance_of_sum: (
        lambda: variance_of_sum(Total(independent * deviation**2, (us,)), independent, deviation, line)[0],
        (
            eq(Total(independent * deviation**2, (us,)), Sum(Integral(q(i, z) * f(i, z) ** 2, line), (i, 1, N))),
            {
                ForAll(eq(Integral(q(i, z), line), 1), (i, 1, N)),
                ForAll(eq(Integral(q(i, z) * f(i, z), line), 0), (i, 1, N)),
                ForAll(Converges(Integral(q(i, z) * f(i, z) ** 2, line)), (i, 1, N)),
            },
        ),
        lambda: variance_of_sum(Total(independent * deviation**4, (us,)), independent, deviation, line),
    ),
    triangular: (
        lambda: triangular(counted, vs, j, k, zero, below[j, k], values(j))[0],
        (
            eq(
                counted,
                Total(
                    Product(q(j, Sum(below[j, k] * V[k], (k, 1, j - 1)) + values(j) * V[j]), (j, 1, N))
                    * Product(values(j), (j, 1, N)),
                    (vs,),
                ),
            ),
            set(),
        ),
        lambda: triangular(counted, vs, j, k, zero, below[j, k], below[j, j]),
    ),
    coordinate: (
        lambda: coordinate(Total(independent * U[n], (us,)), independent, n, Lambda(x, x), line)[0],
        (
            eq(Total(independent * U[n], (us,)), Integral(z * q(n, z), line)),
            {
                ForAll(eq(Integral(q(i, z), line), 1), (i, 1, N)),
                Converges(Integral(z * q(n, z), line)),
                ge(n, 1),
                sp.Le(n, N),
            },
        ),
        lambda: coordinate(Total(independent * U[n], (us,)), independent, n, Lambda(x, x**2), line),
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.__name__)
def test_a_rule_gives_what_its_docstring_says(rule):
    use, expected, _ = RULES[rule]
    thm = use()
    if expected is not None:
        assert thm.prop == expected[0]
        assert thm.hyps == {h for h in map(canonical, expected[1])}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.__name__)
def test_a_rule_refuses_what_is_not_its_business(rule):
    with pytest.raises((ProofError, TypeError)):
        RULES[rule][2]()


def test_no_rule_is_left_untried():
    rules = {
        fn
        for name, fn in vars(kernel).items()
        if inspect.isfunction(fn) and not name.startswith("_") and "Thm" in str(inspect.signature(fn).return_annotation)
    }
    assert rules == set(RULES)
