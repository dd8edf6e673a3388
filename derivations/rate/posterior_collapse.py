r"""# Posterior collapse

A model has **collapsed** when every code is drawn from the prior, whatever the data: $q(z \mid n) = p(z)$. What does that
cost, and what is left?

The rate is zero, and only then: an average of divergences is zero only if each of them is, and a divergence only between
equal laws. The codes tell nothing, $I(n; z) = 0$. (Telling nothing is the weaker of the two. The codes tell nothing as
soon as all are the same; they need not be the prior.) In the ELBO the prior cancels against the encoder, and what remains is
$\mathbb{E}_{p(z)}[\log p(x \mid z)]$: the encoder is gone. Averaged over the data it is at most what the decoder attains
with its input held at one good value. So a collapsed decoder has nothing from $z$ but noise, and does best not to listen.

A decoder that does not listen, $p(x \mid z) = h(x)$, has the evidence $h(x)$, and any code that is not the prior is a loss:
the ELBO is $\log h(x) - D_{\mathrm{KL}}(q \,\|\, p)$. Collapse is then no failure of training but its right answer. Its
value is that of plain maximum likelihood for $h$.

**Where people go wrong.** The divergence is called a regulariser that prevents overfitting. It charges for codes, not for
what the decoder learns by heart. Throw a fair coin ten times and see nine heads. The decoder that answers "heads
$\frac{9}{10}$" to every code, with codes from the prior, pays no divergence, has the largest training ELBO there is, and is
worse on new throws than a fair decoder.
"""

from sympy.core.function import UndefinedFunction

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs, gibbs_equality
from derivations.surgery.elbo_surgery import (
    AGGREGATE,
    ENCODER,
    GUESS,
    PRIOR,
    WEIGHT,
    aggregate,
    average,
    average_converges,
    doubt,
    guess,
    information,
    masses,
    p,
    points,
    q,
    q_n,
    r,
    surgery_information,
    w,
    weighted,
)
from derivations.surgery.index_corrections import aggregate_is_a_law, weights
from derivations.surgery.information_bounds import at_instance, codes, pair, prior_mass, worked


def _same_code(example: dict, code: Expr, over: Symbol) -> dict:
    """Every data point has the same code, which then is the aggregate."""
    law = {ENCODER: Lambda((over, n), code), AGGREGATE: Lambda(over, code)}
    return {**example, **law, GUESS: Lambda((n, over), example[WEIGHT](n) + 0 * over)}


(bells,), (table, blind_table, _) = weighted["continuous"].examples, weighted["discrete"].examples
asleep = {
    "continuous": Form(line, (_same_code(bells, bells[PRIOR](z), z),)),
    "discrete": Form(states, (_same_code(table, table[PRIOR](k), k),)),
}
blind = {
    "continuous": Form(line, (_same_code(bells, bells[PRIOR](z - 1), z),)),
    "discrete": Form(states, (blind_table,)),
}

collapse = AlmostEverywhere(ForAll(same(q_n, p), n), whole)
here = collapse.args[0]


def _code_is_prior() -> Thm:
    """q(z|n) = p(z) at one point z."""
    return each(assume(here))


def _mixture_is_prior() -> Thm:
    """q(z) = p(z) at one point z."""
    return calc(
        q,
        ("the aggregate", given(aggregate)),
        ("every code is the prior", termwise(_code_is_prior())),
        linearity,
        ("the weights sum to one", given(weights)),
    )


def _for_codes(prop: Basic) -> AlmostEverywhere:
    """For almost every code of every data point."""
    return AlmostEverywhere(AlmostEverywhere(prop, whole), points)


laws = ForAll(normalised(q_n, whole), n)


def each_finite(law: Expr) -> ForAll:
    """The divergence of every code from the law is finite."""
    return ForAll(Converges(KL(q_n, law, whole)), n)


def _all_alike(nothing: Thm, law_of: UndefinedFunction, law_mass: Thm) -> Thm:
    """From an average divergence of zero: almost everywhere every code is the law."""
    law = law_of(u)
    facts = law_mass, given(laws), given(each_finite(law))
    one, equal = (
        discharge(instantiate(thm, {Q: Lambda(z, ENCODER(z, n)), P: Lambda(z, law_of(z))}), *facts)
        for thm in (gibbs.thm, gibbs_equality.thm)
    )
    below = rearrange(one, w * KL(q_n, law, whole), Integer(0), times=w)
    below = discharge(below, given(each_finite(law)))
    each_n = vanish(below, nothing, points)
    zero = rearrange(assume(each_n.prop.args[0]), KL(q_n, law, whole), Integer(0), times=1 / w)
    return almost_all(each_n, discharge(equal, discharge(zero, given(each_finite(law)))))


def _no_information() -> Thm:
    """The aggregate is the prior too, so that almost everywhere the log ratio of a code and the aggregate is zero."""
    nothing = discharge(linearity(total(Integer(0), whole)), combine(total(Integer(0), whole)))
    pointwise = calc(q_n * log(q_n / q), _mixture_is_prior(), _code_is_prior())
    one = calc(KL(q_n, q, whole), opened, almost_equal(almost_all(given(collapse), pointwise)), nothing)
    return calc(information, unfold(information), termwise(one, to(0)), linearity)


@theorem(
    same(E(Entropy(r, points), q, whole), Entropy(w, points)),
    "Collapsed codes tell nothing",
    given=(aggregate, guess, masses, weights, doubt, collapse),
    claims=("003-51",),
    forms=asleep,
)
def collapse_tells_nothing() -> Thm:
    """The information I(n; z) is zero, and it is the entropy of the index less the average entropy of the guess."""
    left, right = collapse_tells_nothing.statement.args
    split = chain(flip(surgery_information.thm), _no_information())
    return discharge(rearrange(split, left, right, times=Integer(-1)), average_converges())


@theorem(
    _for_codes(same(q, q_n)),
    "Codes that tell nothing are all the same",
    given=(aggregate, laws, weights, each_finite(q), same(information, Integer(0))),
    forms=blind,
)
def no_information() -> Thm:
    """An average of divergences is zero only where they are, and a divergence only between equal laws.

    A single data point is no null set: what holds for almost every n holds for every n.
    """
    told = flip(opened(information))
    return _all_alike(
        chain(told, given(same(information, Integer(0)))),
        AGGREGATE,
        discharge(aggregate_is_a_law.thm, for_all(given(laws), points)),
    )


@theorem(
    _for_codes(same(p, q_n)),
    "A rate of zero is collapse",
    given=(laws, prior_mass, each_finite(p), same(average, Integer(0))),
    forms=asleep,
)
def no_rate() -> Thm:
    """As for codes that tell nothing, with the prior in the place of the aggregate."""
    return _all_alike(given(same(average, Integer(0))), PRIOR, given(prior_mass))


LIKELIHOOD = density("p", "n|z")
likelihood = LIKELIHOOD(n, u)
best = Symbol("c", real=True)
alone = total(w * log(likelihood), points)  # what the decoder explains of the data when its input is held at one code
explained = ForAll(Converges(E(log(likelihood), p, whole)), points)
elbo = total(w * ELBO(likelihood * p, q_n, whole), points)

decoders = {
    "continuous": (Lambda((n, z), exp(-((n - z - 2) ** 2) / 2) / sqrt(2 * pi)), Lambda((n, z), Rational(1, 3) + 0 * z)),
    "discrete": (Lambda((n, k), (n + k) / (6 + 3 * k)), Lambda((n, k), Rational(1, 3) + 0 * k)),
}


def _decoded(name: str, form: Form) -> Form:
    """A decoder that uses its code, and one that does not, each with a bound on what it explains."""
    (example,), (one, two) = form.examples, decoders[name]
    return Form(
        form.over, ({**example, LIKELIHOOD: one, best: Integer(-1)}, {**example, LIKELIHOOD: two, best: -log(3)})
    )


decoded = {name: _decoded(name, form) for name, form in asleep.items()}


@theorem(
    same(elbo, E(alone, p, whole)),
    "Under collapse the ELBO is the decoder's own",
    given=(collapse, explained),
    forms=decoded,
)
def collapsed_elbo() -> Thm:
    """The prior cancels in the log ratio, and the encoder is gone."""
    pointwise = calc(q_n * log(likelihood * p / q_n), _code_is_prior(), to(p * log(likelihood)))
    one = calc(
        ELBO(likelihood * p, q_n, whole),
        opened,
        ("almost everywhere the code is the prior", almost_equal(almost_all(given(collapse), pointwise))),
    )
    return calc(
        elbo,
        termwise(one, move_in(one.prop.rhs, w)),
        ("a finite sum moves past the integral", swap),
        ("the prior does not depend on n", termwise(flip(move_in(alone, p)))),
        folded(E(alone, p, whole)),
    )


@theorem(
    at_least(best, elbo),
    "Under collapse one fixed input serves the decoder as well as any code",
    given=(collapse, explained, prior_mass, ForAll(at_least(best, alone), u)),
    claims=("003-52",),
    forms=decoded,
)
def collapsed_decoder_alone() -> Thm:
    """An average over the codes of the prior is at most its largest value."""
    top = rearrange(given(collapsed_decoder_alone.given[3]), best * p, p * alone, times=p)
    height = flip(calc(total(best * p, whole), linearity, ("the prior integrates to one", given(prior_mass))))
    thm = chain(height, monotone(top, whole), flip(unfold(E(alone, p, whole))), flip(collapsed_elbo.thm))
    level = combine(total(best * p, whole), (best, total(p, whole)))
    return discharge(discharge(thm, _alone_is_finite(), level), integrable(given(prior_mass)))


def _alone_is_finite() -> Thm:
    """E_{p(z)} of the sum is finite when every term is."""
    parts = finite_sum(total(total(w * p * log(likelihood), points), whole))
    return carry(parts, Converges(total(p * alone, whole)), move_in(alone, p))


PLAIN = density("h", "n")
h = PLAIN(n)
plain = {PLAIN: Lambda(n, n / Integer(4)), n: Integer(2)}


@theorem(
    same(ELBO(h * p, q_n, whole), log(total(h * p, whole)) - KL(q_n, p, whole)),
    "A decoder that ignores its code: log-likelihood less the divergence",
    given=(normalised(q_n, whole), prior_mass, Converges(KL(q_n, p, whole))),
    forms={name: Form(f.over, tuple({**e, **plain} for e in f.examples[:2])) for name, f in weighted.items()},
)
def decoder_without_code() -> Thm:
    """The likelihood leaves both integrals. What is left is plain maximum likelihood, and the best code is the prior."""
    evidence = calc(log(total(h * p, whole)), at(linearity, total(h * p, whole)), given(prior_mass))
    value = calc(
        ELBO(h * p, q_n, whole),
        opened,
        inside(log(h) * q_n - q_n * log(q_n / p)),
        linearity,
        ("q integrates to one", given(normalised(q_n, whole))),
        folded(log(h) - KL(q_n, p, whole)),
    )
    thm = chain(value, flip(calc(decoder_without_code.statement.rhs, evidence)))
    return discharge(thm, integrable(given(normalised(q_n, whole))))


TRUTH, DECODER, DECODER_2 = density("t", "n"), density("p", "n|z"), density("p_2", "n|z")
code, prior = ENCODER(k, n), PRIOR(k)


def _elbo(law: Expr, decoder: Expr) -> Expr:
    """The ELBO, averaged over data that follow the law."""
    return total(law * ELBO(decoder * prior, code, codes), pair)


one, two = DECODER(n, k), DECODER_2(n, k)
seen, unseen = _elbo(w, one) - _elbo(w, two), _elbo(TRUTH(n), one) - _elbo(TRUTH(n), two)
half, nine = Rational(1, 2), 9 ** (2 - n) / Integer(10)
learned = {
    WEIGHT: Lambda(n, nine),
    TRUTH: Lambda(n, half + 0 * n),
    ENCODER: Lambda((k, n), half + 0 * k),
    PRIOR: Lambda(k, half + 0 * k),
    DECODER: Lambda((n, k), nine + 0 * k),
    DECODER_2: Lambda((n, k), half + 0 * k),
}
won = log(2) + 9 * log(Rational(9, 10)) / 10 + log(Rational(1, 10)) / 10
lost = log(2) + log(Rational(9, 10)) / 2 + log(Rational(1, 10)) / 2


@counterexample(
    at_least(seen * unseen, Integer(0)),
    same(at_instance(seen * unseen, learned), won * lost),
    "With the divergence in the loss, more training ELBO is more ELBO on new data",
    at=learned,
    instead="decoder_without_code",
    claims=("002-32",),
)
def divergence_prevents_overfitting() -> Thm:
    """A fair coin that fell nine times of ten on one side: the best training ELBO of all, with no divergence to pay."""
    values = ((_elbo(w, one), won - log(2)), (_elbo(w, two), -log(2)), (_elbo(TRUTH(n), one), lost - log(2)))
    numbers = [worked(at_instance(e, learned), value) for e, value in (*values, (_elbo(TRUTH(n), two), -log(2)))]
    return calc(divergence_prevents_overfitting.negation.lhs, *numbers, to(won * lost))
