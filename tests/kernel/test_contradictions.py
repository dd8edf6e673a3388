"""Ways to a contradiction that the prover once let pass: it refuses them, and so does the checker.

Each was found with the public rules alone. The checker is asked where it is at hand.
"""

import ast
import json

import pytest
import sympy as sp

from derivations._kernel import (
    ForAll,
    Notation,
    ProofError,
    Total,
    algebra,
    antiderivative,
    assume,
    chain,
    coordinate,
    defined,
    differentiate,
    diverges,
    each,
    flip,
    instantiate,
    on_space,
    rearrange,
    rename,
    rewrite,
    sign,
    substitute,
    telescope,
    unfold,
)
from tests.kernel._lab import (
    ROOT,
    Derivative,
    Integral,
    Lambda,
    N,
    Product,
    Sum,
    at_least,
    eq,
    exp,
    f,
    ge,
    one,
    oo,
    p,
    refused,
    u,
    x,
    y,
    z,
)

k, n, K = sp.symbols("k n K", integer=True, positive=True)


def checked(terms, nodes):
    """The checker's verdict on the last of these inferences, if there is a checker."""
    replay = pytest.importorskip("elbo_check.replay")
    _, _, prop, hyps, *_ = nodes[-1]
    cert = {"terms": terms, "nodes": nodes, "theorems": [["it", len(nodes) - 1, prop, hyps]]}
    report = replay.check(json.dumps(cert).encode())
    return report.verdicts[0].why


class Table(list):
    """Rows of terms, each once; `t("+", 0, 3)` gives its number."""

    def __call__(self, *row):
        row = list(row)
        if row not in self:
            self.append(row)
        return self.index(row)


# --- 1: infinity as a value ------------------------------------------------------------------------------------------


def divergent(c):
    return diverges(at_least(c, c), (k, 1, oo))


def test_two_divergent_sums_are_not_one_number():
    """Both S2 = S1 and S2 = 2 S1, then x p(S1) with p(S1) taken for a number."""
    once, twice = divergent(1), divergent(2)
    for attempt in (
        lambda: chain(twice, flip(once)),
        lambda: rewrite(x * p(once.prop.lhs), once),
        lambda: assume(eq(oo, once.prop.lhs)),
        lambda: rearrange(once, 2 * once.prop.lhs, oo, times=2),
    ):
        with refused("infinity|only an equality of numbers"):
            attempt()


def test_an_abstract_function_of_a_divergent_sum_is_not_a_number():
    total_one = divergent(1).prop.lhs
    thm = algebra(x * p(total_one), p(total_one) * x)
    assert any(h.has(total_one) for h in thm.hyps)
    assert any(h.has(x) for h in algebra(p(1 / x), p(1 / x)).hyps)


def test_the_checker_has_no_infinite_value():
    t = Table()
    one_, two, top, number = t("q", "1"), t("q", "2"), t("oo"), t("v", "x", "real")
    once, twice = (t("sum", "n", "nat", one_, top, c) for c in (one_, two))
    a, b, same = t("inf", once), t("inf", twice), t("=", twice, once)
    both = [["assume", [], a, [a]], ["assume", [], b, [b]]]
    for last in (["chain", [0, 1], same, [a, b]], ["flip", [0], same, [a, b]], ["carry", [0, 1], same, [a, b]]):
        assert checked(t, [*both, last])
    value = t("f", "p", "pos", once)
    assert checked(t, [["algebra", [], t("=", t("*", number, value), t("*", two, number, value)), []]])


# --- 2: capture under the chain rule ---------------------------------------------------------------------------------


def test_a_binder_in_the_outer_function_does_not_catch_the_inner_one():
    """With h(y) = f(y, int G(y, z) dz), what stands at y = z is not f(z, int G(z, z) dz)."""
    G, slope = sp.Function("G", real=True), sp.Function("F", real=True)
    h = f(y, Integral(G(y, z), (z, 0, 1)))
    known = each(assume(ForAll(eq(Derivative(h, y), slope(y)), y)))
    with refused("captured"):
        differentiate(Derivative(h.xreplace({y: z}), z), known)
    assert differentiate(Derivative(h.xreplace({y: x}), x), known).prop.rhs == slope(x)


def test_the_checker_does_not_catch_it_either():
    t = Table()
    zero, one_, yy, zz = t("q", "0"), t("q", "1"), t("v", "y", "real"), t("v", "z", "real")
    b0, b1 = t("b", 0), t("b", 1)
    outer = t("f", "f", "real", b0, t("int", "z", "real", zero, one_, t("f", "G", "real", b1, b0)))
    caught = t("f", "f", "real", b0, t("int", "z", "real", zero, one_, t("f", "G", "real", b0, b0)))
    known = t("slope", "y", "real", yy, outer, t("f", "F", "real", yy))
    everywhere = t("all", "y", "real", t("slope", "y", "real", b0, outer, t("f", "F", "real", b0)))
    goal = t("slope", "z", "real", zz, caught, t("f", "F", "real", zz))
    steps = [["assume", [], everywhere, [everywhere]], ["each", [0], known, [everywhere], yy]]
    assert checked(t, [*steps, ["differentiate", [1], goal, [everywhere]]])
    right = t("slope", "z", "real", zz, outer, t("f", "F", "real", zz))
    assert not checked(t, [*steps, ["differentiate", [1], right, [everywhere]]])


# --- 3: coordinates that have vanished -------------------------------------------------------------------------------


def test_an_abstract_space_has_no_coordinates():
    """A theorem about R^d, after its coordinates had vanished from it, was moved onto a short interval."""
    q, U = sp.Function("q", positive=True), sp.IndexedBase(u, shape=(N,))
    law = Product(q(n, U[n]), (n, 1, N))
    with refused("a point with coordinates is real"):
        coordinate(Total(law * f(U[k]), (u,)), law, k, Lambda(x, f(x)), (z, -oo, oo))
    real = sp.Symbol("us", real=True)
    with refused("not a point of an abstract space"):
        on_space(assume(eq(Total(f(real), (real,)), 1)), real, (z, 0, 1))


def test_the_checker_moves_no_space_that_has_a_dimension():
    t = Table()
    d, one_ = t("v", "d", "nat"), t("q", "1")
    space = ["^", d]
    point = t("v", "us", space)
    mass = t("=", t("int", "us", space, t("f", "q", "pos", t("b", 0))), one_)
    moved = t("=", t("int", "z", "real", t("q", "0"), one_, t("f", "q", "pos", t("b", 0))), one_)
    steps = [["assume", [], mass, [mass]]]
    assert checked(t, [*steps, ["on_space", [0], moved, [moved], [point, ["z", "real", t("q", "0"), one_]]]])


# --- 4, 5: products, and classes with opinions of their own ----------------------------------------------------------


def test_a_product_over_an_empty_range_is_one():
    fewer = Product(sp.S.Zero, (k, 1, N - 1))  # for SymPy 0, also at N = 1
    for attempt in (lambda: sign(-fewer), lambda: algebra(fewer * x, 0), lambda: assume(eq(fewer, 0))):
        with refused("empty|not shown"):
            attempt()


def test_the_checker_knows_the_empty_product():
    t = Table()
    zero, one_, big = t("q", "0"), t("q", "1"), t("v", "N", "nat")
    less = t("+", big, t("q", "-1"))
    product = t("prod", "k", "nat", one_, less, zero)
    assert checked(t, [["assume", [], t(">=", t("*", t("q", "-1"), product), zero), []]])
    assert checked(t, [["algebra", [], t("=", product, zero), []]])


def test_a_class_from_elsewhere_has_no_say():
    class Sub(Total):
        def _eval_is_nonnegative(self):
            return True

    class Mixin:
        is_nonnegative = True

    class Mixed(Mixin, Notation):
        def definition(self):
            return -self.args[0]

    class Applied(sp.core.function.AppliedUndef):
        name = "applied"

        def _eval_is_nonnegative(self):
            return True

    class Sine(sp.exp):
        def _eval_is_nonnegative(self):
            return True

    Sine.__module__ = "sympy.functions"
    for e in (Sub(-p(u), (u,)), Mixed(one), Applied(x), Sine(x, evaluate=False)):
        with refused("not in the kernel's language"):
            sign(e)


def test_the_checker_knows_no_head_but_its_own():
    t = Table()
    head = t("n", "Mixed", [], t("q", "1"))
    refused_whole = pytest.importorskip("elbo_check.terms").Refused
    with pytest.raises(refused_whole):
        checked(t, [["assume", [], t(">=", head, t("q", "0")), []]])


# --- 6: zero to the power of an integral -----------------------------------------------------------------------------


def test_zero_to_a_power_is_not_spoken_of():
    """0^|I| is 1 where I = 0, but SymPy makes it 0 as soon as it takes I for positive."""
    inner = Integral(f(z), (z, 0, 1))
    for attempt in (
        lambda: algebra(sp.S.Zero ** sp.Abs(inner), 0),
        lambda: instantiate(assume(eq(sp.S.Zero ** sp.Abs(inner), x)), {f: Lambda(z, exp(z))}),
        lambda: substitute(assume(eq(sp.S.Zero ** sp.Abs(y), x)), {y: one}),
    ):
        with refused("0 to a power|not shown"):
            attempt()


def test_the_checker_does_not_take_it_for_zero():
    t = Table()
    zero, one_ = t("q", "0"), t("q", "1")
    inner = t("int", "z", "real", zero, one_, t("f", "f", "real", t("b", 0)))
    power = t("^", zero, t("abs", inner))
    assert checked(t, [["algebra", [], t("=", power, zero), []]])
    assert checked(t, [["algebra", [], t("=", power, one_), []]])


# --- 7: a notation that reads its argument ---------------------------------------------------------------------------


def test_a_notation_cannot_look_at_what_stands_in_it():
    class Shape(Notation):
        def definition(self):
            return sp.S.One if self.args[0].is_Symbol else sp.Integer(2)

    assert unfold(Shape(x)).prop.rhs == unfold(Shape(y + 1)).prop.rhs


# --- 8: a theorem about every point, on a range without points -------------------------------------------------------


def test_a_space_has_a_point():
    """`for all u: 0 >= 1 |- 0 >= 1` holds, for a space has a point; the numbers from 1 to N - 1 need not have one."""
    vacuous = each(assume(ForAll(ge(0, 1), u)))
    for r in ((n, 1, N - 1), (z, 0, -one), (n, N, N - 1)):
        with refused("may be empty"):
            on_space(vacuous, u, r)
    assert on_space(vacuous, u, (n, 1, N)).prop == ge(0, 1)


def test_the_checker_wants_a_point_too():
    t = Table()
    zero, one_, big, point = t("q", "0"), t("q", "1"), t("v", "N", "nat"), t("v", "u", "@u")
    false = t(">=", zero, one_)
    less = t("+", big, t("q", "-1"))
    before, after, right = (
        t("all", "u", "@u", false),
        t("all", "n", "nat", one_, less, false),
        t("all", "n", "nat", false),
    )
    steps = [["assume", [], before, [before]], ["each", [0], false, [before], point]]
    assert checked(t, [*steps, ["on_space", [1], false, [after], [point, ["n", "nat", one_, less]]]])
    assert not checked(t, [*steps, ["on_space", [1], false, [right], [point, ["n", "nat"]]]])


# --- 9: one substitution ---------------------------------------------------------------------------------------------


def test_a_quantified_variable_is_not_replaced_and_catches_nothing():
    """`for all y: f(y) >= x` says nothing of a y of its own; and of x = y it would say something else."""
    everywhere = ForAll(ge(f(y), x), y)
    assert substitute(assume(everywhere), {y: x}).prop == everywhere
    for value in (y, f(y)):
        with refused("captured"):
            substitute(assume(everywhere), {x: value})


def test_the_checker_replaces_no_bound_variable():
    t = Table()
    xx, yy, b0 = t("v", "x", "real"), t("v", "y", "real"), t("b", 0)
    fy = t("f", "f", "real", b0)
    everywhere = t("all", "y", "real", t(">=", fy, xx))
    caught = t("all", "y", "real", t(">=", fy, b0))
    at_y = t("all", "z", "real", t(">=", fy, yy))
    first = ["assume", [], everywhere, [everywhere]]
    assert checked(t, [first, ["substitute", [0], caught, [caught], [[xx, yy]]]])
    assert not checked(t, [first, ["substitute", [0], at_y, [at_y], [[xx, yy]]]])


def test_values_are_put_in_by_one_function():
    """`xreplace` sees no binder: but for `put` it serves for names of the rules' own (masks), or for rewriting."""
    own = {"put", "unfolded", "_converges", "linearity", "disagreement", "coordinate"}
    own |= {"coordinates", "variance_of_sum", "triangular", "_slope", "leibniz", "rewrite"}
    users = set()
    for path in (ROOT / "derivations" / "_kernel").glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                inside = list(ast.walk(function))
                if any(isinstance(a, ast.Attribute) and a.attr in ("xreplace", "subs", "replace") for a in inside):
                    users.add(function.name)
                if any(isinstance(a, ast.Constant) and a.value == "xreplace" for a in inside):
                    users.add(function.name)
    assert users == own


def test_a_rule_does_not_catch_what_it_puts_in():
    inner = Integral(p(n, y), (y, 0, 1))
    for attempt in (
        lambda: rename(Integral(Integral(f(x) * y, (y, 0, 1)), (x, 0, 1)), y),
        lambda: antiderivative(Integral(1, (z, 0, y)), z + Integral(p(z, y), (y, 0, 1))),
        lambda: telescope(Sum(inner, (n, 1, oo)), inner),
    ):
        with pytest.raises(ProofError):
            attempt()


def test_the_ends_of_a_range_are_parts():
    """The integral from 0 to 1/x is a number only where x is not 0; and so are arguments and indices."""
    ends = Integral(f(z), (z, 0, exp(1 / x)))
    for e in (ends, f(1 / x), f(ends)):
        assert sp.Ne(x, 0) in defined(e), e
