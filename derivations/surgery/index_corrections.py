r"""# Surgery with the index made explicit

ELBO surgery treats the number $n$ of a data point as random, but a derivation that does so must say with which
distribution. Here the encoder's side draws $n$ with probability $q(n)$ and then a code from $q(z \mid n)$; the model's
side draws $n$ from $p(n)$ and a code from the prior, which does not look at $n$: $p(z \mid n) = p(z)$. The aggregate
$q(z) = \sum_n q(n)\, q(z \mid n)$ is a distribution because its parts are distributions and the weights sum to one, and
$q(n)\, q(z \mid n) = q(z)\, q(n \mid z)$ is Bayes' rule: the two ways of drawing a pair.

**Where the uniform index is silently used.** The divergence of the two *joint* distributions of $(n, z)$ is not the
average divergence of the codes: it is larger by $D_{\mathrm{KL}}(q(n) \,\|\, p(n))$. The two agree when $q(n) = p(n)$,
as when both are $1/N$. With the codes equal to the prior, $q(n) = (\frac12, \frac12)$ and $p(n) = (\frac14, \frac34)$,
the average divergence is $0$ and the joint one $\frac12 \log \frac43$. Likewise the $\log N$ of the usual formula is
the entropy of the index, and only for equally likely points is that $\log N$.

Headline: surgery_any_weights.
Keywords: ELBO surgery with weights, index-code mutual information, empirical distribution, data weights.
"""

from derivations import *
from derivations.surgery import elbo_surgery as es
from derivations.surgery.elbo_surgery import (
    AGGREGATE,
    ENCODER,
    GUESS,
    PRIOR,
    WEIGHT,
    average,
    equally_likely,
    information,
    p,
    p_n,
    points,
    q,
    q_n,
    r,
    w,
    weights,
)

rate = ForAll(Converges(KL(q_n, p, whole)), points)
joint = KL(w * q_n, p_n * p, whole, points)


@theorem(
    same(total(q, whole), Integer(1)),
    "The aggregate is a distribution",
    given=(es.aggregate, es.masses, weights),
    forms=es.weighted,
)
def aggregate_is_a_law() -> Thm:
    """A finite sum moves past the integral; each code integrates to one, and the weights sum to one."""
    return es.aggregate_mass()


here = {u: z}
bells, *_ = es.weighted["continuous"].examples
places = tuple({**bells, n: Integer(i), z: Rational(i, 2)} for i in (1, 3))


@theorem(
    same(*(side.xreplace(here) for side in (w * q_n, q * r))),
    "Two ways to draw an index and a code",
    given=(same(r.xreplace(here), (w * q_n / q).xreplace(here)),),
    claims=("001-19",),
    examples=places,
    kind="step",
)
def joint_of_index_and_code() -> Thm:
    """The guess is the joint distribution over the aggregate; multiply by the aggregate."""
    left, right = joint_of_index_and_code.statement.args
    return rearrange(flip(given(joint_of_index_and_code.given[0])), left, right, times=q.xreplace(here))


@theorem(
    same(joint, average + KL(w, p_n, points)),
    "The divergence of the joint distributions = average divergence + divergence of the index",
    given=(es.masses, rate),
    forms=es.weighted,
)
def joint_kl_of_index_and_code() -> Thm:
    """The logarithm of the ratio has a part for the index, which does not depend on z, and a part for the code."""
    at_one_n, index_part = KL(w * q_n, p_n * p, whole), w * log(w / p_n)
    halves = inside(index_part * q_n + w * q_n * log(q_n / p))
    mass = ("each q(z|n) integrates to one", given(es.masses))
    one = calc(at_one_n, opened, halves, linearity, mass, folded(index_part + w * KL(q_n, p, whole)))
    thm = calc(joint, opened, termwise(flip(opened(at_one_n)), one), linearity, flip(unfold(KL(w, p_n, points))))
    return discharge(thm, converges(es.masses))


@theorem(
    same(total(KL(q_n, p, whole), points) / N, KL(q_n / N, p / N, whole, points)),
    "Average divergence = divergence of the joint distributions, for equally likely points",
    claims=("001-14",),
    forms=es.even,
    narrows={"": "the data points are equally likely, in both distributions"},
)
def joint_kl_equal_weights() -> Thm:
    """The probability of the index is 1/N on both sides, and cancels in the ratio."""
    one, joint_at_n, of_code = KL(q_n, p, whole), KL(q_n / N, p / N, whole), q_n * log(q_n / p)
    cancelled = inside(of_code / N)
    at_n = calc(joint_at_n, opened, cancelled, flip(move_in(total(of_code, whole), 1 / N)), folded(one / N))
    of_pairs, back = KL(q_n / N, p / N, whole, points), flip(move_in(total(one, points), 1 / N))
    return flip(calc(of_pairs, opened, termwise(flip(opened(joint_at_n)), at_n), back))


@theorem(
    same(joint, KL(q, p, whole) + E(KL(r, p_n, points), q, whole)),
    "The divergence of the joint distributions = marginal divergence + average divergence of the guess",
    given=(es.aggregate, es.guess, es.masses, es.surprise, es.drift, es.doubt, rate),
    claims=("001-18",),
    forms=es.weighted,
)
def joint_kl_by_the_code() -> Thm:
    """The information is in both: with the marginal divergence it is the average one, with that of the index the guess's."""
    left = calc(
        joint,
        ("first the index, then the code", joint_kl_of_index_and_code.thm),
        ("the decomposition", es.surgery_decomposition.thm),
    )
    right = calc(joint_kl_by_the_code.statement.rhs, ("the guess against the model's index", es.surgery_correction.thm))
    return chain(left, flip(right))


@theorem(
    same(total(KL(q_n, p, whole), points) / N, KL(q, p, whole) + equally_likely(information)),
    "Average divergence = marginal divergence + information, for equally likely points",
    given=tuple(map(equally_likely, (es.aggregate, es.surprise, es.drift))),
    claims=("001-09", "001-10"),
    forms=es.even,
    words={0: "the data points are equally likely"},
)
def surgery_equal_weights() -> Thm:
    """The decomposition at q(n) = 1/N."""
    average = total(KL(q_n, p, whole), points)
    decomposition = instantiate(es.surgery_decomposition.thm, es.uniform)
    return calc(average / N, move_in(average, 1 / N), ("the decomposition", decomposition))


@theorem(
    same(average, KL(q, p, whole) + Entropy(w, points) - E(Entropy(r, points), q, whole)),
    "ELBO surgery for data points of any weight",
    given=(es.aggregate, es.guess, es.masses, es.surprise, es.drift, es.doubt),
    forms=es.weighted,
)
def surgery_any_weights() -> Thm:
    """The decomposition, with the information as a difference of entropies: log N becomes the entropy of the index."""
    return calc(
        average,
        ("the decomposition", es.surgery_decomposition.thm),
        ("the mutual information", es.surgery_information.thm),
    )


# --- as printed: two points, two codes ---

pair, codes, even = Tuple(n, 1, 2), Tuple(k, 1, 2), Rational(1, 2)
BOTH, MODEL, INDEX = density("q", "n,z"), density("p", "n,z"), density("p", "n")
code, weight, mix, guess = ENCODER(k, n), WEIGHT(n), AGGREGATE(k), GUESS(n, k)
left = total(weight * KL(code, PRIOR(k), codes), pair)
apart_codes = 3 ** (1 - (k - n) ** 2) / 4  # (3/4, 1/4) for the first point, (1/4, 3/4) for the second
told_apart = {WEIGHT: Lambda(n, even), ENCODER: Lambda((k, n), apart_codes), PRIOR: Lambda(k, even)}
told_apart |= {INDEX: Lambda(n, even), k: 1}
by_bayes = {AGGREGATE: Lambda(k, even), GUESS: Lambda((n, k), apart_codes)}
by_joint = {BOTH: Lambda((n, k), apart_codes / 2), MODEL: Lambda((n, k), even**2)}
laws = (same(total(weight, pair), 1), ForAll(same(total(code, codes), 1), pair), same(total(PRIOR(k), codes), 1))
indexed = same(total(INDEX(n), pair), 1)
mixed = ForAll(same(mix, total(weight * code, pair)), codes)
guesses = ForAll(ForAll(same(guess * mix, weight * code), codes), pair)
pairs = tuple(
    ForAll(ForAll(same(both, parts), codes), pair)
    for both, parts in ((BOTH(n, k), weight * code), (MODEL(n, k), INDEX(n) * PRIOR(k)))
)


def _printed(summand: Expr) -> Expr:
    """The sum over the index alone: the display leaves the code free."""
    return total(summand, pair)


def _misses(whole_of_it: Expr, printed: Expr) -> Basic:
    """At the first of two codes."""
    values = {**told_apart, **by_joint, **by_bayes}
    return differs(at_instance(whole_of_it, values), at_instance(printed, values).subs(k, 1))


by_pairs = _printed(BOTH(n, k) * log(BOTH(n, k) / MODEL(n, k)))
by_ratio = _printed(weight * code * log(mix * guess / (INDEX(n) * PRIOR(k))))
by_split = _printed(weight * code * (log(mix / PRIOR(k)) + log(guess / INDEX(n))))
marginal, by_guess = KL(mix, PRIOR(k), codes), _printed(mix * guess * log(guess / INDEX(n)))


@counterexample(
    same(left, by_pairs),
    _misses(left, by_pairs),
    "The sum over the index alone is the average divergence",
    at={**told_apart, **by_joint},
    misprinted=True,
    given=(*laws, indexed, *pairs),
    instead="joint_kl_equal_weights",
    claims=("001-13",),
)
def sum_without_the_integral() -> Thm:
    """The display sums over n and leaves z free. At the first of two codes the sum is half of what it is over both."""
    return decided(sum_without_the_integral.negation)


@counterexample(
    same(left, by_ratio),
    _misses(left, by_ratio),
    "The sum over the index alone is the average divergence, by Bayes' rule",
    at={**told_apart, **by_bayes},
    misprinted=True,
    given=(*laws, indexed, mixed, guesses),
    instead="joint_kl_by_the_code",
    claims=("001-15",),
)
def ratio_without_the_integral() -> Thm:
    """The second display: z is free here too."""
    return decided(ratio_without_the_integral.negation)


@counterexample(
    same(left, by_split),
    _misses(left, by_split),
    "The sum over the index alone is the average divergence, with the logarithm split",
    at={**told_apart, **by_bayes},
    misprinted=True,
    given=(*laws, indexed, mixed, guesses),
    instead="joint_kl_by_the_code",
    claims=("001-16", "001-17"),
)
def split_without_the_integral() -> Thm:
    """The third display, which is printed twice."""
    return decided(split_without_the_integral.negation)


@counterexample(
    same(left - marginal, by_guess),
    _misses(left - marginal, by_guess),
    "The sum over the index alone is the information",
    at={**told_apart, **by_bayes},
    misprinted=True,
    given=(*laws, indexed, mixed, guesses),
    instead="joint_kl_by_the_code",
    claims=("001-20",),
)
def guess_without_the_integral() -> Thm:
    """Of what is left when the marginal divergence is taken away, only what the first code tells is there."""
    return decided(guess_without_the_integral.negation)


guessed = {GUESS: Lambda((n, k), 3 ** (2 - n) / 4), K: 1}


@counterexample(
    same(GUESS(1, 1) * log(GUESS(1, 1)), -Entropy(GUESS(n, 1), pair)),
    differs(3 * log(Rational(3, 4)) / 4, -Entropy(3 ** (2 - n) / 4, pair)),
    "One summand is minus the entropy",
    at=guessed,
    misprinted=True,
    given=(same(total(GUESS(n, 1), pair), 1),),
    instead="surgery_information",
    claims=("001-21",),
)
def one_summand_is_the_entropy() -> Thm:
    """The brace embraces q(n|z) log q(n|z) without its sum: for a guess (3/4, 1/4) one summand is not all of it."""
    return decided(one_summand_is_the_entropy.negation)


thirds = {WEIGHT: Lambda(n, Rational(1, 3)), N: 3}


@counterexample(
    same(-total(log(1 / WEIGHT(n)), points), Entropy(WEIGHT(n), points)),
    differs(-total(log(Integer(3)), (n, 1, 3)), Entropy(Rational(1, 3), (n, 1, 3))),
    "Minus the sum of log 1/p(n) is the entropy of n",
    at=thirds,
    misprinted=True,
    given=(same(total(WEIGHT(n), points), 1),),
    instead="surgery_information",
    claims=("001-22",),
)
def printed_entropy_of_the_index() -> Thm:
    """For three equally likely points the printed term is -3 log 3; the entropy is log 3."""
    return decided(printed_entropy_of_the_index.negation)


setting = Remark(
    "setting",
    "index_corrections",
    "Names the model and the paper that the decomposition comes from, Hoffman and Johnson (2016).",
    ("001-01",),
    nearest="surgery_decomposition",
)


uniform_index = Definition(
    "uniform_index",
    "index_corrections",
    "Each of the N indices has probability 1/N, in q and in p; the aggregate q(z) is the plain average of the q(z|n).",
    ("001-26",),
    nearest="surgery_equal_weights",
)


index_as_variable = Definition(
    "index_as_variable",
    "index_corrections",
    "The index is drawn with probability q(n), then a code from q(z|n); the aggregate q(z) forgets the index.",
    ("001-08",),
    nearest="aggregate_is_a_law",
)


independent_prior = Definition(
    "independent_prior",
    "index_corrections",
    "On the model's side index and code are independent: p(z|n) = p(z), that is p(n, z) = p(n) p(z).",
    ("001-11",),
    nearest="joint_kl_of_index_and_code",
)
