r"""# Estimating the ELBO from samples

Draw $z_1, \dots, z_L$ from $q$, each on its own, and average $\log p(x, z_l) - \log q(z_l \mid x)$. Every term sees one
coordinate of the sample only, so its expectation is the ELBO, and so is that of the average: the estimate is
**unbiased for every $L$**, also for $L = 1$. A larger $L$ buys a smaller variance (it falls like $1/L$), not a smaller
bias. When the divergence from the prior is known in closed form only the reconstruction term is sampled, and the same
argument applies to it. How many samples are enough is a question of variance, which a theorem about means cannot
answer.

The average of $p(x \mid z_l)$ over samples of the prior is just as unbiased, for the evidence $p(x)$. What is missing
is an unbiased estimate of its *logarithm*: the logarithm of an average is on the average too low, by Jensen.

The divergence itself can be estimated in several ways. The log ratio $\log(q/p)$ has the right mean but may be
negative. With $r = p/q$ the number $r - 1 - \log r$ has the same mean when $p$ and $q$ are both normalised, and it is
never negative, because the logarithm lies below its tangent at 1. That is about their values; their gradients are
another matter, with a page of its own.

A single draw may come from any space, of any dimension; several of them are real numbers here. The variance is not computed.

Headline: monte_carlo_elbo_unbiased.
Keywords: Monte Carlo estimate of the ELBO, number of samples, KL estimator, k1 k2 k3 estimators, sampled KL, Monte
Carlo KL negative, single sample, approximating KL.
"""

from derivations import *

i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
L = Symbol("L", integer=True, positive=True)
sample = IndexedBase("zs", shape=(L,), real=True)  # the samples z_1, ..., z_L, as a point of R^L
space, each_j = Tuple(sample.label), Tuple(j, 1, L)

F, Q, P = Function("f(z)", real=True), density("q", "z|x"), density("p", "x,z")
LIKELIHOOD, PRIOR = density("p", "x|z"), density("p", "z")
q_z, p_xz, lik, prior = Q(z, x), P(x, z), LIKELIHOOD(x, z), PRIOR(z)
mass = normalised(q_z, line)


prior_bell, likelihood_bell = gauss(z, 0, 1), gauss(x, z, 1)
bells = {PRIOR: Lambda(z, prior_bell), LIKELIHOOD: Lambda((x, z), likelihood_bell), x: Rational(1, 2), L: 2}
bells |= {P: Lambda((x, z), likelihood_bell * prior_bell), Q: Lambda((z, x), gauss(z, x / 2, Rational(3, 4)))}
bells |= {F: Lambda(z, z**2 + z)}

LAW = Product(Q(sample[i], x), (i, 1, L))
of_sample, expected = Sum(F(sample[j]), each_j), E(F(z), q_z, line)


def _mean_of(f: Lambda) -> Expr:
    """The expectation of the average of f over a sample of q."""
    return E(Sum(f(sample[j]), each_j) / L, LAW, space)


@theorem(
    same(_mean_of(F), expected),
    "The average over a sample is unbiased",
    given=(mass, Converges(expected)),
    examples=(bells,),
)
def sample_mean_unbiased() -> Thm:
    """Each term sees one coordinate of the sample, whose distribution is q."""
    one, finite = coordinate(total(LAW * F(sample[j]), space), LAW, j, Lambda(z, F(z)), line)
    unit = for_all(given(mass), (i, 1, L))
    thm = calc(
        _mean_of(F),
        opened,
        linearity,
        at(termwise(move_in(of_sample, LAW)), total(LAW * of_sample, space)),
        at(swap, total(Sum(LAW * F(sample[j]), each_j), space)),
        ("every sample has the distribution q", monotone(discharge(one, unit), each_j)),
        at(constant, Sum(one.prop.rhs, each_j)),
        folded(expected),
    )
    return discharge(thm, for_all(discharge(finite, unit), each_j))


elbo, weight = ELBO(p_xz, q_z, line), Lambda(z, log(P(x, z) / Q(z, x)))


@theorem(
    same(_mean_of(weight), elbo),
    "The Monte Carlo estimate of the ELBO is unbiased",
    given=(mass, Converges(elbo)),
    examples=(bells,),
)
def monte_carlo_elbo_unbiased() -> Thm:
    """The average over a sample, of the log ratio."""
    return calc(_mean_of(weight), instantiate(sample_mean_unbiased.thm, {F: weight}), opened, folded(elbo))


fit, rate, reconstruction = Lambda(z, log(LIKELIHOOD(x, z))), KL(q_z, prior, line), E(log(lik), q_z, line)
split = ForAll(same(p_xz, lik * prior), z)


@theorem(
    same(_mean_of(fit) - rate, elbo),
    "Only the reconstruction term is sampled",
    given=(mass, split, Converges(reconstruction), Converges(rate)),
    claims=("002-52",),
    narrows={"": "one latent dimension"},
    examples=(bells,),
)
def sampled_reconstruction_unbiased() -> Thm:
    """The average over a sample, of the log-likelihood; then the split of the ELBO, read backwards."""
    factors = ("likelihood times prior", given(split))
    two_logs = inside(q_z * log(lik) - q_z * log(q_z / prior))
    parts = calc(elbo, opened, factors, two_logs, linearity, folded(reconstruction - rate))
    return calc(_mean_of(fit) - rate, instantiate(sample_mean_unbiased.thm, {F: fit}), flip(parts))


# --- one draw, from any space ---

q_u, lik_u, prior_u = Q(u, x), LIKELIHOOD(x, u), PRIOR(u)
rate_u, mean_fit = KL(q_u, prior_u, whole), E(log(lik_u), q_u, whole)
split_u = ForAll(same(P(x, u), lik_u * prior_u), u)
table = {K: 4, Q: Lambda((k, x), k / 10), PRIOR: Lambda(k, (5 - k) / 10), LIKELIHOOD: Lambda((x, k), (k + x) / 9)}
table |= {P: Lambda((x, k), (k + x) * (5 - k) / 90), x: Rational(1, 2)}
of_one = {f: v for f, v in bells.items() if f not in (L, F)}
RATE = Symbol("rate", real=True)
known_rate = same(RATE, rate_u)
of_one |= {RATE: -Rational(3, 32) - log(Rational(3, 4)) / 2}
table |= {RATE: sum((Rational(m, 10) * log(Rational(m, 5 - m)) for m in range(1, 5)), Integer(0))}


@theorem(
    same(E(log(lik_u) - RATE, q_u, whole), ELBO(P(x, u), q_u, whole)),
    "One draw of the code is enough for no bias, whatever space it lives in",
    given=(normalised(q_u, whole), split_u, known_rate, Converges(mean_fit), Converges(rate_u)),
    claims=("002-50", "002-84", "004-91"),
    forms=on_both(of_one, table),
)
def one_draw_unbiased() -> Thm:
    """The divergence is a number, and the mean of a number is itself."""
    mass_u = normalised(q_u, whole)
    thm = calc(
        E(log(lik_u) - RATE, q_u, whole),
        opened,
        inside(q_u * log(lik_u) - RATE * q_u),
        linearity,
        ("q integrates to one", given(mass_u)),
        given(known_rate),
    )
    parts = calc(
        ELBO(P(x, u), q_u, whole),
        opened,
        ("likelihood times prior", given(split_u)),
        inside(q_u * log(lik_u) - q_u * log(q_u / prior_u)),
        linearity,
        folded(thm.prop.rhs),
    )
    return settled_by(chain(thm, flip(parts)), mass_u)


law_prior = Product(PRIOR(sample[i]), (i, 1, L))
evidence = total(lik * prior, line)


@theorem(
    same(E(Sum(LIKELIHOOD(x, sample[j]), each_j) / L, law_prior, space), evidence),
    "The evidence has an unbiased estimate as well",
    given=(normalised(prior, line), Converges(evidence)),
    examples=(bells,),
)
def evidence_estimator_unbiased() -> Thm:
    """The average over a sample of the prior, of the likelihood. Its logarithm is another matter."""
    thm = instantiate(sample_mean_unbiased.thm, {Q: Lambda((z, x), PRIOR(z)), F: Lambda(z, LIKELIHOOD(x, z))})
    return calc(evidence_estimator_unbiased.statement.lhs, thm, opened, folded(evidence))


A, B = density("q", "z"), density("p", "z")
one_q, one_p = A(u), B(u)
ratio, divergence = one_p / one_q, KL(one_q, one_p, whole)
never_negative, masses = ratio - 1 - log(ratio), (normalised(one_q, whole), normalised(one_p, whole))
pair = {A: Lambda(z, gauss(z, Rational(1, 2), Rational(3, 4))), B: Lambda(z, gauss(z, 0, 1))}
pair_table = {K: 4, A: Lambda(k, k / 10), B: Lambda(k, (5 - k) / 10)}


@theorem(
    same(E(never_negative, one_q, whole), divergence),
    "An estimator of the divergence that is never negative",
    given=(*masses, Converges(divergence)),
    forms=on_both(pair, pair_table),
)
def kl_estimators() -> Thm:
    """The ratio less one has mean zero, since both distributions integrate to one."""
    thm = calc(
        E(never_negative, one_q, whole),
        opened,
        inside(one_p - one_q + one_q * log(one_q / one_p)),
        linearity,
        ("q integrates to one", given(masses[0])),
        ("p integrates to one", given(masses[1])),
        folded(divergence),
    )
    return settled_by(thm, *masses)


@theorem(at_least(never_negative, 0), "Its values are never negative", examples=(pair, {A: pair[B], B: pair[B]}))
def kl_estimator_is_nonnegative() -> Thm:
    """The logarithm lies below its tangent at one."""
    return rearrange(log_tangent(ratio), never_negative, Integer(0))


enough_samples = Remark(
    "enough_samples",
    "monte_carlo_elbo",
    "An experience of practice. The estimate is unbiased for every number of samples; how many are enough depends on "
    "the variance that the optimiser tolerates.",
    ("002-53",),
    nearest="monte_carlo_elbo_unbiased",
)


what_the_evidence_lacks = Remark(
    "what_the_evidence_lacks",
    "monte_carlo_elbo",
    "A comparison of costs. The evidence itself has an unbiased estimate; the logarithm of that estimate is on average at most the log evidence.",
    ("002-83",),
    nearest="evidence_estimator_unbiased",
)
