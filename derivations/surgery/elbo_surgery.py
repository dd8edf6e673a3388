r"""# ELBO surgery: what the average divergence to the prior hides

Number the data points $n = 1, \dots, N$; $n$ is the **index**. Pick one at random, with probability $q(n)$, and
encode it: $z \sim q(z \mid n)$. Forgetting $n$, the codes follow the **aggregate**
$q(z) = \sum_n q(n)\, q(z \mid n)$. Seeing only the code, Bayes' rule gives the **guess** of the index,
$q(n \mid z) = q(n)\, q(z \mid n) / q(z)$. The divergence from the prior, averaged over the data points, is a sum of
two parts: the divergence of the aggregate from the prior, and how much a code tells about the point it came from, the
mutual information $I(n; z)$.

The information is $H[q(n)] - \mathbb{E}_{q(z)} H[q(n \mid z)]$. With $N$ equally likely points it lies between $0$ and
$\log N$, however large the average divergence is.

Measure the guess against a model $p(n)$ of the index instead, and one more divergence appears when $p(n)$ differs
from $q(n)$, in particular when $p(n) = 1/N$ and the points are not equally likely: the last theorem.

Keywords: ELBO surgery, aggregate posterior, aggregated posterior, marginal KL, index-code mutual information, mutual
information in the ELBO, mutual information ELBO, average encoding distribution, VampPrior.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs

WEIGHT, ENCODER, AGGREGATE = density("q", "n"), density("q", "z|n"), density("q", "z")
GUESS, PRIOR, MODEL = density("q", "n|z"), density("p", "z"), density("p", "n")
w, q_n, q, p = WEIGHT(n), ENCODER(u, n), AGGREGATE(u), PRIOR(u)
r, p_n = GUESS(n, u), MODEL(n)
log_r, points, uniform = log(r), (n, 1, N), {WEIGHT: Lambda(n, 1 / N)}

aggregate = ForAll(same(q, total(w * q_n, points)), u)
guess = ForAll(ForAll(same(r, w * q_n / q), u), n)
masses, weights = ForAll(normalised(q_n, whole), points), normalised(w, points)
information = Information(w, q_n, q, whole, points)
average = total(w * KL(q_n, p, whole), points)
surprise = ForAll(Converges(KL(q_n, q, whole)), points)
drift = ForAll(Converges(E(log(q / p), q_n, whole)), points)
doubt = ForAll(Converges(E(log_r, q_n, whole)), points)


def _example(weight: Expr, code: Expr, prior: Expr, over: Symbol, size: int) -> dict:
    """A finite index and its codes; the aggregate and the guess follow."""
    index = range(1, size + 1)
    mixture = sum(weight.subs(n, i) * code.subs(n, i) for i in index)
    return {
        N: size,
        WEIGHT: Lambda(n, weight),
        ENCODER: Lambda((over, n), code),
        AGGREGATE: Lambda(over, mixture),
        PRIOR: Lambda(over, prior),
        GUESS: Lambda((n, over), weight * code / mixture),
        MODEL: Lambda(n, n**2 / sum(i**2 for i in index)),
    }


def _forms(of_three: Expr, of_two: Expr) -> dict[str, Form]:
    """Ordinary codes; codes that tell nothing, where the information is 0; codes that tell all but everything."""
    bells = _example(of_three, gauss(z, n - 2, Rational(1, 2)), gauss(z, 0, 1), z, 3)
    table = _example(of_three, (k + n) / (10 + 4 * n), (5 - k) / 10, k, 3) | {K: 4}
    blind = _example(of_three, k / 10, (5 - k) / 10, k, 3) | {K: 4}
    blur = Rational(1, 10**30)
    sharp = _example(of_two, blur ** ((k - n) ** 2) / (1 + blur), k / 3, k, 2) | {K: 2}
    return on_both(bells, (table, blind, sharp))


weighted, even = _forms(n / 6, n / 3), _forms(Rational(1, 3), Rational(1, 2))


def _drift_is_marginal() -> Thm:
    """sum_n q(n) E_{q(z|n)}[log q(z)/p(z)] = KL(q(z) || p(z))."""
    f = log(q / p)
    return calc(
        total(w * E(f, q_n, whole), points),
        opened,
        ("q(n) does not depend on z", termwise(move_in(total(q_n * f, whole), w))),
        ("a finite sum moves into the integral", swap),
        ("log q(z)/p(z) does not depend on n", termwise(flip(move_in(total(w * q_n, points), f)))),
        ("the aggregate", flip(given(aggregate))),
        folded(KL(q, p, whole)),
    )


@theorem(
    same(average, KL(q, p, whole) + information),
    "Average divergence to the prior = marginal divergence + mutual information",
    given=(aggregate, surprise, drift),
    forms=weighted,
)
def surgery_decomposition() -> Thm:
    """Insert the aggregate into each log ratio and average."""
    to_aggregate, onwards = KL(q_n, q, whole), E(log(q / p), q_n, whole)
    split = ("through the aggregate", inside(q_n * log(q_n / q) + q_n * log(q / p)))
    through = calc(KL(q_n, p, whole), opened, split, linearity, folded(to_aggregate + onwards))
    return calc(
        average,
        termwise(through, to(w * to_aggregate + w * onwards)),
        linearity,
        ("the marginal divergence", _drift_is_marginal()),
        ("the definition of the mutual information", flip(unfold(information))),
    )


def bayes(f: Expr) -> Thm:
    """q(n) q(z|n) f = q(z) q(n|z) f."""
    return rearrange(flip(given(guess)), w * q_n * f, q * r * f, times=q * f)


def average_converges(f: Expr = log_r) -> Thm:
    """E_{q(z)} sum_n q(n|z) f is finite when every E_{q(z|n)}[f] is."""
    parts = finite_sum(total(total(w * q_n * f, points), whole))
    target = Converges(total(q * total(r * f, points), whole))
    return carry(parts, target, move_in(total(r * f, points), q), flip(monotone(bayes(f), points)))


def doubt_is_average() -> Thm:
    """sum_n q(n) E_{q(z|n)}[log q(n|z)] = -E_{q(z)} H[q(n|z)]."""
    doubts, minus_doubts = Entropy(r, points), total(r * log_r, points)
    return calc(
        total(w * total(q_n * log_r, whole), points),
        ("q(n) does not depend on z", termwise(move_in(total(q_n * log_r, whole), w))),
        ("a finite sum moves into the integral", swap),
        ("Bayes' rule", termwise(termwise(bayes(log_r)))),
        ("q(z) does not depend on n", termwise(flip(move_in(minus_doubts, q)))),
        ("the entropy of the guess", rearrange(unfold(doubts), minus_doubts, -doubts)),
        linearity,
        flip(unfold(E(doubts, q, whole))),
    )


@theorem(
    same(information, Entropy(w, points) - E(Entropy(r, points), q, whole)),
    "Mutual information = entropy of the index - average entropy of the guess",
    given=(guess, masses, doubt),
    claims=("001-27",),
    forms=weighted,
)
def surgery_information() -> Thm:
    """The ratio q(z|n)/q(z) is q(n|z)/q(n) by Bayes' rule; the two logarithms give the two entropies."""
    index_entropy = calc(
        total(w * log(w) * total(q_n, whole), points),
        termwise(("each q(z|n) integrates to one", given(masses)), to(w * log(w))),
        folded(-Entropy(w, points)),
    )
    ratio = rearrange(flip(given(guess)), q_n / q, r / w, times=1 / w)
    both_logs = q_n * log_r - log(w) * q_n
    one_point = calc(
        w * KL(q_n, q, whole),
        opened,
        ("Bayes' rule", ratio),
        at(inside(both_logs), total(q_n * log(r / w), whole)),
        at(linearity, total(both_logs, whole)),
        to(w * total(q_n * log_r, whole) - w * log(w) * total(q_n, whole)),
    )
    thm = calc(
        information,
        unfold(information),
        termwise(one_point),
        linearity,
        ("the entropy of the index", index_entropy),
        ("the average entropy of the guess", doubt_is_average()),
    )
    return discharge(thm, converges(masses))


def _guess_entropy_sign() -> Thm:
    """H[q(n|z)] >= 0, because q(n|z) <= 1 and the logarithm lies below its tangent at 1."""
    zero = Integer(0)
    whole_sum = chain(given(aggregate), rename(total(w * q_n, points), m))
    below = chain(whole_sum, term_of_sum(whole_sum.prop.rhs, n))  # q(z) >= q(n) q(z|n)
    share = rearrange(given(guess), 1 - r, 1 - w * q_n / q, times=Integer(-1))
    under_one = chain(share, rearrange(below, 1 - w * q_n / q, zero, times=1 / q))
    minus_log = chain(rearrange(log_tangent(r), -log(r), 1 - r), under_one)
    summed = monotone(rearrange(minus_log, -r * log(r), zero, times=r), points)
    return chain(calc(Entropy(r, points), opened, flip(linearity(summed.prop.lhs))), summed)


def aggregate_mass() -> Thm:
    """The aggregate integrates to one: a finite sum moves past the integral."""
    mass = calc(
        total(q, whole),
        ("the aggregate", given(aggregate)),
        ("a finite sum moves past the integral", swap),
        termwise(linearity, ("each q(z|n) integrates to one", given(masses))),
        ("the weights sum to one", given(weights)),
    )
    return discharge(mass, converges(masses))


@theorem(
    at_least(information, 0),
    "The mutual information is never negative",
    given=(weights, aggregate, masses, surprise),
    forms=weighted,
)
def surgery_lower_bound() -> Thm:
    """It is an average of divergences, and the aggregate is a density because its parts are."""
    one = instantiate(gibbs.thm, {Q: Lambda(z, ENCODER(z, n)), P: Lambda(z, AGGREGATE(z))})
    one = discharge(one, aggregate_mass(), given(masses))
    return chain(unfold(information), monotone(rearrange(one, w * KL(q_n, q, whole), Integer(0), times=w), points))


@theorem(
    at_least(Entropy(w, points), information),
    "The mutual information is at most the entropy of the index",
    given=(aggregate, guess, masses, doubt),
    forms=weighted,
)
def surgery_upper_bound() -> Thm:
    """The average entropy of the guess is never negative."""
    averaged = monotone(rearrange(_guess_entropy_sign(), q * Entropy(r, points), Integer(0), times=q), whole)
    never_negative = chain(unfold(E(Entropy(r, points), q, whole)), averaged)
    thm = rearrange(never_negative, Entropy(w, points), surgery_information.thm.prop.rhs)
    return discharge(chain(thm, flip(surgery_information.thm)), average_converges())


def equally_likely(e: Basic) -> Basic:
    """The same with q(n) = 1/N."""
    return e.xreplace({w: 1 / N})


def log_n() -> Thm:
    """The entropy of N equally likely points."""
    return calc(Entropy(1 / N, points), opened, at(constant, total(log(1 / N) / N, points)), to(log(N)))


@theorem(
    same(total(KL(q_n, p, whole), points) / N, KL(q, p, whole) + log(N) - E(Entropy(r, points), q, whole)),
    "ELBO surgery for N equally likely data points",
    given=tuple(map(equally_likely, (aggregate, guess, masses, surprise, drift, doubt))),
    claims=("001-06", "001-24"),
    forms=even,
    words=dict.fromkeys((0, 1), "the data points are equally likely"),
)
def surgery_uniform() -> Thm:
    """The decomposition and the information at q(n) = 1/N, whose entropy is log N."""
    return calc(
        total(KL(q_n, p, whole), points) / N,
        move_in(total(KL(q_n, p, whole), points), 1 / N),
        ("the decomposition", instantiate(surgery_decomposition.thm, uniform)),
        ("the mutual information", instantiate(surgery_information.thm, uniform)),
        ("the entropy of N equally likely points", log_n()),
    )


@theorem(
    at_least(log(N), equally_likely(information)),
    "No encoder tells more than log N",
    given=tuple(map(equally_likely, (aggregate, guess, masses, doubt))),
    forms=even,
)
def surgery_bounds() -> Thm:
    """The entropy of the index bounds the information, and is log N for equally likely points."""
    return chain(flip(log_n()), instantiate(surgery_upper_bound.thm, uniform))


@theorem(
    same(log(N) - equally_likely(E(Entropy(r, points), q, whole)), equally_likely(information)),
    "log N less the average entropy of the guess is the mutual information",
    given=tuple(map(equally_likely, (guess, masses, doubt))),
    claims=("001-07",),
    forms=even,
    words={0: "the data points are equally likely"},
)
def surgery_information_uniform() -> Thm:
    """The entropy of N equally likely points is log N."""
    told = instantiate(surgery_information.thm, uniform)
    return flip(calc(told.prop.lhs, told, log_n()))


def two_logs(law: Expr, model: Expr) -> Thm:
    """KL(distribution || model) = -H[distribution] - sum_n distribution log model, for two distributions of the
    index."""
    halves = inside(law * log(law) - law * log(model))
    result = folded(-Entropy(law, points) - total(law * log(model), points))
    return calc(KL(law, model, points), opened, halves, linearity, result)


@theorem(
    same(E(KL(r, p_n, points), q, whole), information + KL(w, p_n, points)),
    "The correction when the index is not uniform",
    given=(guess, masses, doubt),
    forms=weighted,
)
def surgery_correction() -> Thm:
    """The guess against the model's index: information, plus the divergence of the two distributions of the index."""
    f = log(p_n)
    back = calc(
        total(q * total(r * f, points), whole),
        ("q(z) does not depend on n", termwise(move_in(total(r * f, points), q))),
        ("Bayes' rule", termwise(termwise(flip(bayes(f))))),
        ("a finite sum moves past the integral", swap),
        termwise(linearity, ("each q(z|n) integrates to one", given(masses))),
    )
    left = calc(
        E(KL(r, p_n, points), q, whole),
        opened,
        ("the guess and the model apart", two_logs(r, p_n)),
        linearity,
        ("the distribution of the index", back),
        flip(unfold(E(Entropy(r, points), q, whole))),
    )
    right = calc(
        information + KL(w, p_n, points),
        ("the mutual information", surgery_information.thm),
        ("the index and the model apart", two_logs(w, p_n)),
    )
    a_constant_times_a_mass = combine(total(w * q_n * f, whole), (w * f, total(q_n, whole)))
    crossed = for_all(discharge(a_constant_times_a_mass, each(converges(masses))), points)
    sound = average_converges(), discharge(average_converges(f), crossed), crossed, converges(masses)
    return discharge(chain(left, flip(right)), *sound)


conditioned_on_a_code = Misprint(
    "conditioned_on_a_code",
    "elbo_surgery",
    "Printed with a code where the datum stands: z given z_n. The encoder takes x_n.",
    ("001-05",),
    nearest="surgery_uniform",
)


conditioned_on_itself = Misprint(
    "conditioned_on_itself",
    "elbo_surgery",
    "Printed with a code where the datum stands: z_n given z_n. The encoder takes x_n.",
    ("001-12",),
    nearest="joint_kl_equal_weights",
)


open_bracket = Misprint(
    "open_bracket", "elbo_surgery", "Seven brackets are opened and six closed.", ("001-23",), nearest="surgery_uniform"
)
