"""Hypotheses are sorted by code: laws, definitions, terms that exist, and conditions."""

import pytest
from sympy import Derivative, Function, Integer, Symbol, Tuple, exp, log

from derivations._kernel import AlmostEverywhere, Converges, Dominated, ForAll, total
from derivations._language.hypotheses import COMMON, parts
from derivations._language.notation import (
    ELBO,
    KL,
    E,
    N,
    Normal,
    at_least,
    density,
    n,
    normalised,
    oo,
    same,
    t,
    u,
    v,
    whole,
    x,
)

JOINT, ENCODER, POSTERIOR, EVIDENCE = (
    density(*name) for name in (("p", "x,z"), ("q", "z|x"), ("p", "z|x"), ("p", "x"))
)
q, joint, posterior, evidence = ENCODER(u, x), JOINT(x, u), POSTERIOR(u, x), EVIDENCE(x)
marginal = same(total(joint, whole), evidence)
bayes = ForAll(same(posterior, joint / evidence), u)
c = Symbol("c", positive=True)


def kinds(*given):
    return [part.kind for part in parts(given)]


def test_the_usual_ones():
    assert kinds(normalised(q, whole), marginal, bayes, Converges(ELBO(joint, q, whole))) == [
        *("law", "definition", "definition", "finite")
    ]
    assert [part.words for part in parts([marginal])] == [COMMON["definition"]]


def test_a_second_equation_for_one_symbol_is_a_condition():
    """The encoder is free; that it is the posterior narrows the theorem."""
    assert kinds(bayes, ForAll(same(q, posterior), u)) == ["definition", "condition"]
    twice = ForAll(same(posterior, 2 * joint / evidence), u)
    assert sorted(kinds(bayes, twice, same(evidence, Integer(1)))) != ["definition"] * 3


def test_a_share_of_a_law():
    assert kinds(same(total(joint, whole), c * evidence), at_least(1, c)) == ["definition", "law"]
    assert kinds(at_least(1, c)) == ["condition"]


def test_a_set_is_no_condition_but_data_of_two_values_are():
    inside, data = Function("s(z)", nonnegative=True), Function("x(n)", real=True)
    assert kinds(ForAll(same(inside(u) ** 2, inside(u)), u)) == ["definition"]
    assert kinds(ForAll(same(data(n) ** 2, data(n)), (n, 1, N))) == ["condition"]
    assert kinds(same(inside(u) ** 2, inside(u))) == ["condition"]
    on_line = same(inside(line_z) ** 2, inside(line_z))
    assert kinds(ForAll(on_line, (line_z, -oo, oo))) == ["definition"]
    assert kinds(ForAll(on_line, (line_z, 0, oo))) == kinds(ForAll(on_line, (line_z, 0, 1))) == ["condition"]
    assert kinds(normalised(inside(u) * q, whole), normalised(data(n) ** 2 * q, whole)) == ["condition"] * 2
    assert kinds(ForAll(same(inside(u) ** 2, inside(u)), u), normalised(inside(u) * q, whole)) == ["definition", "law"]
    assert kinds(ForAll(same(evidence**2, evidence), x), ForAll(same(first**2, first), u)) == ["condition"] * 2


def test_a_value_for_all_indices_at_once_is_a_condition():
    """That all weights have one mean says more than what the mean is called."""
    w, mean = density("w", "n,z"), Symbol("m", positive=True)
    assert kinds(ForAll(same(E(w(n, u), q, whole), mean), (n, 1, N))) == ["condition"]
    of_each = density("m", "n")
    assert kinds(ForAll(same(E(w(n, u), q, whole), of_each(n)), (n, 1, N))) == ["definition"]


def test_a_positive_symbol_is_not_defined_by_a_difference():
    d = Symbol("d", positive=True)
    assert kinds(same(d, joint + evidence)) == ["definition"]
    assert kinds(same(d, joint - evidence)) == ["condition"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (ForAll(same(Derivative(Function("f(t)", real=True)(t), t), Function("g(t)", real=True)(t)), t), "f(t) has a derivative in t"),
        (Dominated(total(exp(-t * c) * q, whole), t), "near every t the derivative under the integral has an integrable bound"),
    ],
)  # fmt: skip
def test_conditions_in_words(given, words):
    (part,) = parts([given])
    assert (part.kind, part.words) == ("condition", words)


def test_an_author_has_the_last_word():
    zero = same(KL(q, posterior, whole), 0)
    assert parts([zero], {0: "the gap is closed"})[0].words == "the gap is closed"
    assert parts([AlmostEverywhere(same(q, posterior), whole)])[0].kind == "condition"
    assert kinds(at_least(log(c), 1)) == ["condition"]


def test_what_may_be_multiplied_by_zero_is_not_defined():
    """`f (int q - 1) = 1 - int q`: once q is a law every f will do."""
    f, real = Symbol("f", real=True), Symbol("r", real=True)
    mass = total(q, whole)
    assert kinds(same(f * (mass - 1), 1 - mass)) == ["condition"]
    assert kinds(same(f * abs(mass - 1), 1 - mass)) == ["condition"]
    assert kinds(same(f * mass, 1 - mass)) == ["definition"]
    assert kinds(same(f * real, 2 * evidence)) == ["condition"]
    assert kinds(same(f * c, 2 * evidence)) == ["definition"]


likelihood, prior, code, weight = (
    density("p", "x|z")(x, u),
    density("p", "z")(u),
    density("q", "z,y"),
    density("q", "n"),
)
two_slots, first, second = code(u, v), density("q", "z")(u), density("q", "y")(v)


@pytest.mark.parametrize(
    "hidden",
    [
        same(c, Integer(1)),  # a symbol that the claim leaves free
        same(N, Integer(3)),
        ForAll(same(weight(n), 1 / N), (n, 1, N)),
        ForAll(same(density("q", "n|z")(n, u), density("q", "z|n")(u, n) / (N * first)), u),
        ForAll(same(likelihood, Normal(x, Function("mu", real=True)(u), c)), u),  # a family
        ForAll(same(likelihood, exp(-((x - Function("mu", real=True)(u)) ** 2))), u),
        ForAll(same(likelihood, u * prior), u),
        ForAll(ForAll(same(two_slots, first * second), u), v),  # independence
        ForAll(ForAll(same(two_slots, density("a", "z")(u) * density("b", "y")(v)), u), v),
        ForAll(same(likelihood, density("g", "x")(x) * density("h", "t")(t)), u),
        ForAll(same(q * evidence, joint), u),  # the encoder is the posterior
        ForAll(same(q, c * posterior), u),
        ForAll(same(q, 2 * density("r", "z|x")(u, x)), u),
        ForAll(same(joint, evidence * prior), u),
        ForAll(same(posterior, evidence * prior), u),
        same(total(joint, whole), Integer(1)),  # p(x) = 1
        same(total(likelihood * prior, whole), Integer(1)),
        same(total(likelihood, whole), Integer(1)),
        same(total(q * exp(u), whole), Integer(1)),
        Converges(total(q * u**2, whole)),  # a moment
        Converges(total(q * exp(u**2), whole)),
    ],
)
def test_a_condition_has_no_other_form(hidden):
    assert kinds(hidden) == ["condition"]


line_z, some = Symbol("z", real=True), Function("s(z)", nonnegative=True)
net, other, spread = *(Function(f, real=True) for f in "fg"), density("sigma", "x")
alone, code_k, given_x = density("q", "z"), density("q", "k"), density("q", "k|x")
k, few, many = Symbol("k", integer=True), *(Symbol(name, integer=True, positive=True) for name in "KM")
is_set = ForAll(same(some(u) ** 2, some(u)), u)


@pytest.mark.parametrize(
    "hidden",
    [
        same(alone(x) + alone(t), Integer(1)),  # two values that are not all
        same(alone(t) + alone(t + 1), Integer(1)),
        same(code_k(1) + code_k(3), Integer(1)),
        same(given_x(1, x) + given_x(2, t), Integer(1)),  # of two laws
        normalised(alone(line_z), (line_z, 0, oo)),  # where it lives
        ForAll(same(total(joint.func(x, line_z), (line_z, 0, 1)), evidence), x),
        normalised(density("odds", "z")(u), whole),  # nothing that is called a law
        normalised(some(u) * first, whole),  # a weight of mean one
        same(total(line_z**2 * Normal(line_z, c, c), (line_z, -oo, oo)), Integer(1)),  # a moment
        same(total(Normal(line_z, t, c) * Normal(line_z, x, c), (line_z, -oo, oo)), Integer(1)),
        ForAll(same(net(x), 2 * spread(x) ** 2), x),  # one network by another
        ForAll(same(net(t), other(t) + spread(t)), t),
        ForAll(same(net(t), abs(other(t))), t),
        ForAll(ForAll(same(net(u, v), 2 * other(u)), u), v),  # it does not depend on v
        same(net(0), total(other(u) * first, whole)),  # one of its values
        same(few, total(joint, whole)),  # a whole number
        ForAll(same(some(u), 2 * net(u)), u),  # what is not negative
        ForAll(same(some(u), log(first)), u),
    ],
)
def test_a_law_or_a_name_says_nothing_else(hidden):
    assert kinds(hidden) == ["condition"]


@pytest.mark.parametrize(
    ("first_told", "again"),
    [
        ([normalised(first, whole)], same(total(first * second.func(u), whole), Integer(1))),
        ([is_set, normalised(first, whole)], normalised(some(u) * first, whole)),
        ([is_set, normalised(some(u) * first, whole)], normalised(some(u) * prior, whole)),  # they vanish together
        ([normalised(code_k(k), (k, 1, few))], normalised(code_k(k), (k, 1, many))),
        ([same(code_k(1) + code_k(2), Integer(1))], normalised(code_k(k), (k, 1, 3))),
    ],
)
def test_a_second_mass_is_a_condition(first_told, again):
    """It says where the law lives, or what its weights are."""
    assert kinds(*first_told) == ["definition", "law"][2 - len(first_told) :]
    assert kinds(*first_told, again)[-1] == "condition"


def test_one_name_of_two_laws_is_a_condition():
    """q(z) for the marginals of both slots: they are equal."""
    one = density("q", "z")
    left = ForAll(same(total(two_slots, Tuple(v)), one(u)), u)
    given_y = density("q", "z|y")(u, v)
    chain = ForAll(ForAll(same(two_slots, one(v) * given_y), u), v)
    assert kinds(left, chain) == ["definition", "condition"]
    turned = ForAll(same(total(code(v, u), Tuple(v)), density("q", "y")(u)), u)
    assert kinds(left, turned) == ["definition", "condition"]


def test_one_index_of_two_ranges_is_a_condition():
    """A mixture of the first M components, and weights of which N have mass one: the others weigh nothing."""
    weights = normalised(weight(n), (n, 1, N))
    for last, kind in ((N, "definition"), (many, "condition")):
        mixture = ForAll(same(first, total(weight(k) * density("q", "z|n")(u, k), (k, 1, last))), u)
        assert kinds(weights, mixture) == ["law", kind]


def test_one_mass_of_two_indices_is_no_condition():
    of_index = density("q", "z|n")
    assert kinds(normalised(of_index(u, n), whole), normalised(of_index(u, k), whole)) == ["law", "law"]
    assert kinds(normalised(ENCODER(u, x), whole), normalised(ENCODER(u, t), whole)) == ["law", "condition"]
    assert kinds(same(code_k(0) + code_k(1), Integer(1))) == ["law"]


def test_a_bound_is_no_share():
    assert kinds(same(KL(q, posterior, whole), c), at_least(1, c)) == ["condition"] * 2
    assert kinds(same(total(joint, whole), c), at_least(1, c)) == ["definition", "condition"]
    assert kinds(same(total(density("w", "z")(u), whole), c), at_least(1, c)) == ["definition", "condition"]
    assert kinds(same(total(q, whole), c * evidence), at_least(1, c)) == ["definition", "condition"]


def test_what_the_rules_of_probability_say_is_a_definition():
    rest = density("q", "y|z")(v, u)
    chain = ForAll(ForAll(same(two_slots, first * rest), u), v)
    bayes_again = ForAll(same(posterior, likelihood * prior / evidence), u)
    aggregate = ForAll(same(first, total(weight(n) * density("q", "z|n")(u, n), (n, 1, N))), u)
    ratio = ForAll(same(density("w", "z")(u), joint / q), u)
    for one in (chain, bayes_again, aggregate, ratio, same(total(likelihood * prior, whole), evidence)):
        assert kinds(one) == ["definition"], one
    assert kinds(Converges(total(Normal(t, c, c) * t**2, (t, -oo, oo)))) == ["finite"]
    assert kinds(same(total(weight(n) * density("q", "z|n")(u, n), (n, 1, N), whole), Integer(1))) == ["law"]


@pytest.mark.parametrize(
    "words", [{0: COMMON["law"]}, {0: COMMON["definition"]}, {1: "the encoder is a law"}, {2: "no"}]
)
def test_words_cannot_hide_a_condition(words):
    with pytest.raises(ValueError, match="words must be for"):
        parts([same(KL(q, posterior, whole), 0), normalised(q, whole)], words)
