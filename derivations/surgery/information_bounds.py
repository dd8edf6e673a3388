r"""# What the divergence bounds: the information in the codes

Draw a data point $n$ with probability $q(n)$ and a code $z$ from $q(z \mid n)$. How much does the code tell about the
point? Two sides bound the mutual information $I(n; z)$, and both are quantities that a variational autoencoder
computes.

**From above.** The average divergence to the prior is $I$ plus the divergence of the aggregate from the prior, so it is
at least $I$. This is a bound on the average. At *one* data point the divergence may be zero while $I$ is not: then that
point's codes sit on the prior and another's do not. And a bound is not an equality: codes that ignore the data but are not
drawn from the prior cost a divergence and tell nothing, so that the two are not near each other within any factor. Of two encoders, the one with the smaller divergence can tell
more. So the divergence is a price, not the information itself.

**From below.** Any guesser $p(n \mid z)$ that is a distribution of $n$ shows that the codes tell at least
$H[q(n)] + \mathbb{E} \log p(n \mid z)$ (Barber and Agakov): good reconstruction forces information into the codes. The
best guesser is the posterior $q(n \mid z)$, on average over the data. For one fixed $x$ the best is another: the one
that always answers $x$. The encoder alone decides $I(n; z)$; a decoder that is a better guesser need not carry more
information by itself from prior codes to data.

**What overlap follows.** The average doubt about the point behind a code is at least $H[q(n)]$ less the average
divergence. With a small budget the codes of different points must overlap on average. Nothing says that it is *similar*
points that share codes; and at a divergence of $\log N$ the bound allows codes without any overlap.

Keywords: Barber-Agakov bound, InfoMax, information in the code, variational information maximisation.
"""

from derivations import *
from derivations.divergence.gibbs import gibbs
from derivations.surgery import elbo_surgery as es
from derivations.surgery.elbo_surgery import ENCODER, GUESS, WEIGHT, average, information, p, points, q, q_n, r, w
from derivations.surgery.index_corrections import aggregate_is_a_law, weights

GUESSER = density("p", "n|z")
d = GUESSER(n, u)
prior_mass = normalised(p, whole)
guesser_mass = ForAll(normalised(d, points), u)
guesser_finite = ForAll(Converges(E(log(d), q_n, whole)), points)
skill = total(w * E(log(d), q_n, whole), points)
marginal = Converges(KL(q, p, whole))


def _timid(example: dict) -> dict:
    """A guesser that answers the weights of the points whatever the code."""
    return {**example, GUESSER: Lambda(example[GUESS].variables, example[WEIGHT](n))}


(bells,), (table, blind, sharp) = (form.examples for form in es.weighted.values())
guessed = on_both(({**bells, GUESSER: bells[GUESS]}, _timid(bells)), (_timid(table), {**blind, GUESSER: blind[GUESS]}))


@theorem(
    at_least(average, information),
    "The average divergence to the prior is at least the information",
    given=(es.aggregate, es.masses, weights, prior_mass, es.surprise, es.drift, marginal),
    forms=es.weighted,
)
def information_below_average_kl() -> Thm:
    """The difference is the divergence of the aggregate from the prior."""
    rest = discharge(gibbs.thm, aggregate_is_a_law.thm)
    split = es.surgery_decomposition.thm
    return chain(split, rearrange(rest, split.prop.rhs, information))


@theorem(
    at_least(E(Entropy(r, points), q, whole), Entropy(w, points) - average),
    "A small divergence forces doubt about the data point",
    given=(es.aggregate, es.guess, es.masses, weights, prior_mass, es.surprise, es.drift, es.doubt, marginal),
    claims=("003-47",),
    forms=es.weighted,
    narrows={"003-47": "on average over all data points, similar or not"},
)
def overlap_forced() -> Thm:
    """The information is what the index had and the doubt has not, and it is at most the average divergence."""
    left, right = overlap_forced.statement.args
    told = chain(information_below_average_kl.thm, es.surgery_information.thm)
    rate = for_all(combined(KL(q_n, p, whole), KL(q_n, q, whole) + E(log(q / p), q_n, whole)), points)
    return discharge(rearrange(told, left, right), es.average_converges(), rate)


def _guessers_compared() -> Thm:
    """KL(q(n|z) || p(n|z)) >= 0 at each code: the logarithm lies below its tangent at 1."""
    summed = monotone(rearrange(log_tangent(d / r), r * log(r / d), r - d, times=r), points)
    guess_is_a_law = calc(
        total(r, points),
        termwise(("Bayes' rule", given(es.guess)), to(w * q_n / q)),
        flip(move_in(total(w * q_n, points), 1 / q)),
        ("the aggregate", flip(given(es.aggregate))),
        to(1),
    )
    nothing = calc(
        total(r - d, points),
        linearity,
        ("the guess is a distribution", guess_is_a_law),
        ("the guesser is a distribution", given(guesser_mass)),
        to(0),
    )
    return chain(unfold(KL(r, d, points)), summed, nothing)


@theorem(
    at_least(information, Entropy(w, points) + skill),
    "Any guesser shows information (Barber and Agakov)",
    given=(es.aggregate, es.guess, es.masses, es.doubt, guesser_mass, guesser_finite),
    forms=guessed,
)
def barber_agakov() -> Thm:
    """The guess q(n|z) is the best guesser: the rest is an average divergence, which is never negative."""
    crossed = total(r * log(d), points)
    pair = rearrange(given(es.guess), q * r * log(d), w * q_n * log(d), times=q * log(d))
    average_log = calc(
        total(q * crossed, whole),
        ("q(z) does not depend on n", termwise(move_in(crossed, q))),
        ("Bayes' rule", termwise(termwise(pair))),
        ("a finite sum moves past the integral", swap),
        termwise(linearity),
        folded(skill),
    )
    both = calc(
        E(KL(r, d, points), q, whole),
        opened,
        ("the guess and the guesser apart", es.two_logs(r, d)),
        linearity,
        ("the guesser's average", average_log),
        flip(unfold(E(Entropy(r, points), q, whole))),
    )
    both = discharge(both, es.average_converges(), es.average_converges(log(d)))
    averaged = rearrange(_guessers_compared(), q * KL(r, d, points), Integer(0), times=q)
    gap = chain(flip(both), unfold(E(KL(r, d, points), q, whole)), monotone(averaged, whole))
    told = es.surgery_information.thm
    bound = chain(told, rearrange(gap, told.prop.rhs, Entropy(w, points) + skill))
    return discharge(bound, es.average_converges())


pair, codes = Tuple(n, 1, 2), Tuple(k, 1, 2)
even = Rational(1, 2)
LAW_2, MIX_2, GUESSER_2 = density("q_2", "z|n"), density("q_2", "z"), density("p_2", "n|z")


def _two(encoder: Expr, mixture: Expr) -> dict:
    """Two equally likely points, two codes, the prior even."""
    return {
        WEIGHT: Lambda(n, even + 0 * n),
        ENCODER: Lambda((k, n), encoder),
        es.AGGREGATE: Lambda(k, mixture),
        es.PRIOR: Lambda(k, even + 0 * k),
    }


tilt = 3 ** ((n - 1) * (2 - k)) / (1 + 3 ** (n - 1))  # even codes for the first point, (3/4, 1/4) for the second
mirror = 3 ** (1 - (k - n) ** 2) / 4  # (3/4, 1/4) and (1/4, 3/4)
slanted = 3 ** (2 - k) / 4  # (3/4, 1/4) whatever the point
steep = 7 ** (2 - k) / 8


first, prior = ENCODER(k, 1), es.PRIOR(k)
mixed = es.AGGREGATE(k)
told = total(w * KL(ENCODER(k, n), mixed, codes), pair)  # the information, spelled out: it depends on the laws
laws = (
    same(total(w, pair), 1),
    same(total(prior, codes), 1),
    ForAll(same(total(ENCODER(k, n), codes), 1), pair),
    ForAll(same(mixed, total(w * ENCODER(k, n), pair)), codes),
)
told_by_tilt = log(Rational(16, 15)) / 4 + 3 * log(Rational(6, 5)) / 8 + log(Rational(2, 3)) / 8
tilted, blindly, plainly = _two(tilt, (7 - 2 * k) / 8), _two(slanted, slanted), _two(mirror, even)


@counterexample(
    at_least(KL(first, prior, codes) - told, 0),
    same(at_instance(KL(first, prior, codes) - told, tilted), -told_by_tilt),
    "At each data point the divergence bounds the information",
    at=tilted,
    holds_at=blindly,
    given=laws,
    instead="information_below_average_kl",
    claims=("003-38",),
)
def pointwise_information_bound() -> Thm:
    """The codes of the first point sit on the prior and cost nothing; those of the second do not, and that tells."""
    return worked(pointwise_information_bound.negation.lhs, -told_by_tilt)


price = total(w * KL(ENCODER(k, n), prior, codes), pair)


@counterexample(
    same(price, told),
    differs(at_instance(price, blindly), at_instance(told, blindly)),
    "The divergence from the prior is the information",
    at=blindly,
    holds_at=plainly,
    given=laws,
    instead="information_below_average_kl",
    claims=("003-35",),
)
def rate_exceeds_information() -> Thm:
    """Codes (3/4, 1/4) whatever the point: they tell nothing, and cost what they differ from the even prior."""
    cost = worked(at_instance(price, blindly), 3 * log(Rational(3, 2)) / 4 - log(2) / 4)
    return apart(cost, worked(at_instance(told, blindly), 0))


close = Symbol("c", positive=True)
slack = 3 * log(Rational(3, 2)) / 4 - log(2) / 4


@counterexample(
    at_least(close * told, price),
    same(at_instance(price, blindly), 1000 * at_instance(told, blindly) + slack),
    "The divergence from the prior is near the information, within some factor",
    at={**blindly, close: 1000},
    holds_at={**plainly, close: 1},
    given=(*laws, at_least(close, 1)),
    instead="information_below_average_kl",
    claims=("003-75",),
)
def rate_is_near_information() -> Thm:
    """Codes that tell nothing have a price: no factor brings the information up to it, not even a thousand."""
    cost, nothing = worked(at_instance(price, blindly), slack), worked(at_instance(told, blindly), 0)
    return chain(cost, flip(calc(rate_is_near_information.negation.rhs, nothing, to(slack))))


price_2 = total(w * KL(LAW_2(k, n), prior, codes), pair)
told_2 = total(w * KL(LAW_2(k, n), MIX_2(k), codes), pair)
laws_2 = (ForAll(same(total(LAW_2(k, n), codes), 1), pair), ForAll(same(MIX_2(k), total(w * LAW_2(k, n), pair)), codes))
clear = log(2) + 3 * log(Rational(3, 4)) / 4 + log(Rational(1, 4)) / 4
rivals = {**_two(steep, steep), LAW_2: Lambda((k, n), mirror), MIX_2: Lambda(k, even + 0 * k)}


@counterexample(
    at_least(told, told_2),
    same(at_instance(told - told_2, rivals), -clear),
    "A smaller divergence goes with less information",
    at=rivals,
    holds_at={**plainly, LAW_2: Lambda((k, n), even + 0 * k), MIX_2: Lambda(k, even + 0 * k)},
    given=(*laws, *laws_2, at_least(price, price_2)),
    instead="information_below_average_kl",
    claims=("003-40",),
)
def lower_kl_higher_information() -> Thm:
    """Codes (7/8, 1/8) for both points tell nothing; (3/4, 1/4) and (1/4, 3/4) cost less and tell something."""
    numbers = [worked(at_instance(e, rivals), value) for e, value in {told: 0, told_2: clear}.items()]
    return calc(lower_kl_higher_information.negation.lhs, *numbers, to(-clear))


POSTERIOR = density("r", "n|z")  # for with a number in it, q(1 | k) could be the encoder
best, rival = E(log(POSTERIOR(1, k)), ENCODER(k, 1), codes), E(log(GUESSER(1, k)), ENCODER(k, 1), codes)
evenly = Lambda((n, k), even + 0 * k)
one_sided = {**blindly, POSTERIOR: evenly, GUESSER: Lambda((n, k), 3 ** (2 - n) / 4)}
bayes = ForAll(ForAll(same(POSTERIOR(n, k) * mixed, w * ENCODER(k, n)), codes), pair)


@counterexample(
    at_least(best - rival, 0),
    same(at_instance(best - rival, one_sided), -log(Rational(3, 2))),
    "For one data point the posterior is the best guesser",
    at=one_sided,
    holds_at={**one_sided, GUESSER: Lambda((n, k), 3 ** (n - 1) / 4)},
    given=(*laws, bayes, ForAll(same(total(GUESSER(n, k), pair), 1), codes)),
    instead="barber_agakov",
    claims=("003-72",),
)
def optimal_decoder_of_one_point() -> Thm:
    """Two points with the same codes: the posterior is even, and leaning to the first point is better for that
    point."""
    return worked(optimal_decoder_of_one_point.negation.lhs, -log(Rational(3, 2)))


def _skill(guesser: Expr) -> Expr:
    return total(w * E(log(guesser), ENCODER(k, n), codes), pair)


def _channel(guesser: Expr) -> Expr:
    """What the decoder alone carries from a code of the prior to a data point."""
    return total(prior * KL(guesser, w, pair), codes)


one, two = GUESSER(n, k), GUESSER_2(n, k)
guessers = tuple(ForAll(same(total(law, pair), 1), codes) for law in (one, two))
guessers += tuple(ForAll(same(total(prior * law, codes), w), pair) for law in (one, two))
no_codes = {**_two(even + 0 * k, even), GUESSER: evenly, GUESSER_2: Lambda((n, k), mirror)}


@counterexample(
    at_least(_channel(one), _channel(two)),
    same(at_instance(_channel(one) - _channel(two), no_codes), -clear),
    "A better decoder carries more information",
    at=no_codes,
    holds_at={**plainly, GUESSER: Lambda((n, k), mirror), GUESSER_2: evenly},
    given=(*laws, *guessers, at_least(_skill(one), _skill(two))),
    instead="barber_agakov",
    claims=("003-73",),
)
def better_decoder_carries_less() -> Thm:
    """With codes that tell nothing, the even decoder reconstructs better than one that answers by the code."""
    values = {_channel(one): 0, _channel(two): clear}
    numbers = [worked(at_instance(e, no_codes), value) for e, value in values.items()]
    return calc(better_decoder_carries_less.negation.lhs, *numbers, to(-clear))


essential_features = Remark(
    "essential_features",
    "information_bounds",
    "Which features are essential is not defined. A small divergence leaves little information in the codes, of whatever features.",
    ("003-41",),
    nearest="information_below_average_kl",
)


budget = Remark(
    "budget",
    "information_bounds",
    "A budget is a figure of speech: the divergence is a price per nat, and sets no limit of its own.",
    ("003-46",),
    nearest="information_below_average_kl",
)
