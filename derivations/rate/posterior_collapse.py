r"""# Posterior collapse

A model has **collapsed** when every code is drawn from the prior, whatever the data: $q(z \mid n) = p(z)$. What does
that cost, and what is left?

The rate is zero, and only then: an average of divergences is zero only if each of them is, and a divergence only
between equal distributions. The codes tell nothing, $I(n; z) = 0$. (Telling nothing is the weaker of the two. The codes
tell nothing as soon as all are the same; they need not be the prior.) In the ELBO the prior cancels against the
encoder, and what remains is $\mathbb{E}_{p(z)}[\log p(x \mid z)]$: the encoder is gone. Averaged over the data it is at
most what the decoder attains with its input held at one good value. So a collapsed decoder has nothing from $z$ but
noise, and does best not to listen.

A decoder that does not listen, $p(x \mid z) = h(x)$, has the evidence $h(x)$, and any code that is not the prior is a
loss: the ELBO is $\log h(x) - D_{\mathrm{KL}}(q \,\|\, p)$. Collapse is then no failure of training but its right
answer. Its value is that of plain maximum likelihood for $h$.

**Where people go wrong.** The divergence is called a regulariser that prevents overfitting. It puts a price on codes, not
for what the decoder learns by heart. Throw a fair coin ten times and see nine heads. The decoder that answers "heads
$\frac{9}{10}$" to every code, with codes from the prior, pays no divergence, has the largest training ELBO there is,
and is worse on new throws than a fair decoder.

Headline: no_rate.
Keywords: posterior collapse, KL vanishing, KL is zero, KL goes to zero, decoder ignores the latent, autoregressive
decoder, KL annealing.
"""

from sympy.core.function import UndefinedFunction

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs, gibbs_equality
from derivations.surgery import elbo_surgery as surgery
from derivations.surgery.elbo_surgery import AGGREGATE, ENCODER, PRIOR, WEIGHT, information, p, points, q, q_n, w
from derivations.surgery.index_corrections import aggregate_is_a_law, weights
from derivations.surgery.information_bounds import codes, pair, prior_mass

aggregate, average, weighted = surgery.aggregate, surgery.average, surgery.weighted


def _same_code(example: dict, code: Expr, over: Symbol) -> dict:
    """Every data point has the same code, which then is the aggregate."""
    law = {ENCODER: Lambda((over, n), code), AGGREGATE: Lambda(over, code)}
    return {**example, **law, surgery.GUESS: Lambda((n, over), example[WEIGHT](n))}


(bells,), (table, blind_table, _) = weighted["continuous"].examples, weighted["discrete"].examples
asleep_bells, asleep_table = _same_code(bells, bells[PRIOR](z), z), _same_code(table, table[PRIOR](k), k)
asleep = on_both(asleep_bells, asleep_table)

collapse = AlmostEverywhere(ForAll(same(q_n, p), n), whole)


def _code_is_prior() -> Thm:
    """q(z|n) = p(z) at one point z."""
    return each(assume(collapse.args[0]))


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
    """The divergence of every code from the distribution is finite."""
    return ForAll(Converges(KL(q_n, law, whole)), n)


def _all_alike(nothing: Thm, law_of: UndefinedFunction, law_mass: Thm) -> Thm:
    """From an average divergence of zero: almost everywhere every code is the distribution."""
    law = law_of(u)
    finite = given(each_finite(law))
    laws_here, facts = {Q: Lambda(z, ENCODER(z, n)), P: Lambda(z, law_of(z))}, (law_mass, given(laws), finite)
    one, equal = (discharge(instantiate(thm, laws_here), *facts) for thm in (gibbs.thm, gibbs_equality.thm))
    below = rearrange(one, w * KL(q_n, law, whole), Integer(0), times=w)
    each_n = vanish(discharge(below, finite), nothing, points)
    zero = rearrange(assume(each_n.prop.args[0]), KL(q_n, law, whole), Integer(0), times=1 / w)
    return almost_all(each_n, discharge(equal, discharge(zero, finite)))


def _no_information() -> Thm:
    """The aggregate is the prior too, so that almost everywhere the log ratio of a code and the aggregate is zero."""
    nothing = discharge(linearity(total(0, whole)), combine(total(0, whole)))
    pointwise = calc(q_n * log(q_n / q), _mixture_is_prior(), _code_is_prior())
    one = calc(KL(q_n, q, whole), opened, almost_equal(almost_all(given(collapse), pointwise)), nothing)
    return calc(information, unfold(information), termwise(one, to(0)), linearity)


@theorem(
    same(E(Entropy(surgery.r, points), q, whole), Entropy(w, points)),
    "Collapsed codes tell nothing",
    given=(aggregate, surgery.guess, surgery.masses, weights, surgery.doubt, collapse),
    claims=("003-51",),
    forms=asleep,
    words={5: "the codes are collapsed: all have the distribution of the prior"},
)
def collapse_tells_nothing() -> Thm:
    """The information I(n; z) is zero, and it is the entropy of the index less the average entropy of the guess."""
    left, right = collapse_tells_nothing.statement.args
    split = chain(flip(surgery.surgery_information.thm), _no_information())
    return discharge(rearrange(split, left, right, times=Integer(-1)), surgery.average_converges())


nothing_told = same(information, 0)


@theorem(
    _for_codes(same(q, q_n)),
    "Codes that tell nothing are all the same",
    given=(aggregate, laws, weights, each_finite(q), nothing_told),
    forms=on_both(_same_code(bells, bells[PRIOR](z - 1), z), blind_table),
)
def no_information() -> Thm:
    """An average of divergences is zero only where they are, and a divergence only between equal distributions.

    A single data point is no null set: what holds for almost every n holds for every n.
    """
    law = discharge(aggregate_is_a_law.thm, for_all(given(laws), points))
    return _all_alike(chain(flip(opened(information)), given(nothing_told)), AGGREGATE, law)


costless = same(average, 0)


@theorem(
    _for_codes(same(p, q_n)),
    "A rate of zero is collapse",
    given=(laws, prior_mass, each_finite(p), costless),
    forms=asleep,
)
def no_rate() -> Thm:
    """As for codes that tell nothing, with the prior in the place of the aggregate."""
    return _all_alike(given(costless), PRIOR, given(prior_mass))


LIKELIHOOD = density("p", "n|z")
likelihood = LIKELIHOOD(n, u)
best = Symbol("c", real=True)
alone = total(w * log(likelihood), points)  # what the decoder explains of the data when its input is held at one code
explained = ForAll(Converges(E(log(likelihood), p, whole)), points)
elbo = total(w * ELBO(likelihood * p, q_n, whole), points)


def _decoded(example: dict, uses: Lambda, ignores: Lambda) -> tuple[dict, dict]:
    """A decoder that uses its code, and one that does not, each with a bound on what it explains."""
    return {**example, LIKELIHOOD: uses, best: -1}, {**example, LIKELIHOOD: ignores, best: -log(3)}


third = Rational(1, 3)
decoded = on_both(
    _decoded(asleep_bells, Lambda((n, z), gauss(n, z + 2, 1)), Lambda((n, z), third)),
    _decoded(asleep_table, Lambda((n, k), (n + k) / (6 + 3 * k)), Lambda((n, k), third)),
)


@theorem(
    same(elbo, E(alone, p, whole)),
    "Under collapse the ELBO is the decoder's own",
    given=(collapse, explained),
    claims=("003-52",),
    forms=decoded,
    words={0: "the codes are collapsed: all have the distribution of the prior"},
)
def collapsed_elbo() -> Thm:
    """The prior cancels in the log ratio, and the encoder is gone."""
    pointwise = calc(q_n * log(likelihood * p / q_n), _code_is_prior(), to(p * log(likelihood)))
    prior_everywhere = almost_equal(almost_all(given(collapse), pointwise))
    one = calc(ELBO(likelihood * p, q_n, whole), opened, ("almost everywhere the code is the prior", prior_everywhere))
    return calc(
        elbo,
        termwise(one, move_in(one.prop.rhs, w)),
        ("a finite sum moves past the integral", swap),
        ("the prior does not depend on n", termwise(flip(move_in(alone, p)))),
        folded(E(alone, p, whole)),
    )


capped = ForAll(at_least(best, alone), u)


@theorem(
    at_least(best, elbo),
    "Under collapse one fixed input serves the decoder as well as any code",
    given=(collapse, explained, prior_mass, capped),
    forms=decoded,
)
def collapsed_decoder_alone() -> Thm:
    """An average over the codes of the prior is at most its largest value."""
    top = rearrange(given(capped), best * p, p * alone, times=p)
    height = flip(calc(total(best * p, whole), linearity, ("the prior integrates to one", given(prior_mass))))
    thm = chain(height, monotone(top, whole), flip(unfold(E(alone, p, whole))), flip(collapsed_elbo.thm))
    level = combined(total(best * p, whole), best * total(p, whole))
    return settled_by(discharge(thm, _alone_is_finite(), level), prior_mass)


def _alone_is_finite() -> Thm:
    """E_{p(z)} of the sum is finite when every term is."""
    parts = finite_sum(total(total(w * p * log(likelihood), points), whole))
    return carry(parts, Converges(total(p * alone, whole)), move_in(alone, p))


PLAIN = density("h", "n")
h = PLAIN(n)
plain = {PLAIN: Lambda(n, n / 4), n: 2}
code_mass = normalised(q_n, whole)


@theorem(
    same(ELBO(h * p, q_n, whole), log(total(h * p, whole)) - KL(q_n, p, whole)),
    "A decoder that ignores its code: log-likelihood less the divergence",
    given=(code_mass, prior_mass, Converges(KL(q_n, p, whole))),
    forms=on_both(bells | plain, (table | plain, blind_table | plain)),
)
def decoder_without_code() -> Thm:
    """The likelihood leaves both integrals. What is left is plain maximum likelihood, and the best code is the
    prior."""
    evidence = calc(log(total(h * p, whole)), at(linearity, total(h * p, whole)), given(prior_mass))
    value = calc(
        ELBO(h * p, q_n, whole),
        opened,
        inside(log(h) * q_n - q_n * log(q_n / p)),
        linearity,
        ("q integrates to one", given(code_mass)),
        folded(log(h) - KL(q_n, p, whole)),
    )
    return settled_by(chain(value, flip(calc(decoder_without_code.statement.rhs, evidence))), code_mass)


TRUTH, DECODER, DECODER_2 = density("t", "n"), density("p", "n|z"), density("p_2", "n|z")
code, prior = ENCODER(k, n), PRIOR(k)


def _elbo(law: Expr, decoder: Expr) -> Expr:
    """The ELBO, averaged over data that follow the distribution."""
    return total(law * ELBO(decoder * prior, code, codes), pair)


one, two = DECODER(n, k), DECODER_2(n, k)
seen, unseen = _elbo(w, one) - _elbo(w, two), _elbo(TRUTH(n), one) - _elbo(TRUTH(n), two)
half, nine = Rational(1, 2), 9 ** (2 - n) / 10
learned = {WEIGHT: Lambda(n, nine), TRUTH: Lambda(n, half), ENCODER: Lambda((k, n), half), PRIOR: Lambda(k, half)}
learned |= {DECODER: Lambda((n, k), nine), DECODER_2: Lambda((n, k), half)}
heads, tails = log(Rational(9, 10)), log(Rational(1, 10))
lost = log(2) + heads / 2 + tails / 2


tables = (same(total(w, pair), 1), same(total(TRUTH(n), pair), 1), same(total(prior, codes), 1))
tables += (ForAll(same(total(code, codes), 1), pair),)
tables += tuple(ForAll(same(total(law, pair), 1), codes) for law in (one, two))


@counterexample(
    at_least(unseen, 0),
    same(at_instance(unseen, learned), lost),
    "With the divergence in the loss, more training ELBO is more ELBO on new data",
    at=learned,
    holds_at={**learned, TRUTH: Lambda(n, nine)},
    given=(*tables, at_least(seen, 0)),
    instead="decoder_without_code",
    claims=("002-32",),
)
def divergence_prevents_overfitting() -> Thm:
    """A fair coin that fell nine times of ten on one side: the best training ELBO of all, with no divergence to pay."""
    values = {_elbo(TRUTH(n), one): lost, _elbo(TRUTH(n), two): 0}
    numbers = [worked(at_instance(e, learned), value - log(2)) for e, value in values.items()]
    return calc(divergence_prevents_overfitting.negation.lhs, *numbers, to(lost))
