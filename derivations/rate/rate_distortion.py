r"""# Rate, distortion, and what training trades

Read the negative ELBO as a bill with two items, averaged over the data. The **distortion** is the mean of
$-\log p(x \mid z)$: how badly the codes explain the data. The **rate** is the mean divergence of the codes from the
prior: what they cost. Training pays $D + R$, or $D + \beta R$ when the rate is weighed.

The names need care. The rate bounds the information in the codes and is not equal to it. The distortion is an error
only up to scale and a constant: for a Gaussian decoder of variance $\sigma^2$ it is the squared error over $2\sigma^2$,
plus $\frac12\log 2\pi\sigma^2$ for each entry. At $\sigma^2 = 1/(8\pi)$ and no error it is $-\log 2$: a distortion can
be negative. And it has the sign opposite to the reconstruction term.

**What a trade-off is.** If no other encoder has a smaller bill, then no encoder whose distortion is as small has a
smaller rate, and none whose rate is as small has a smaller distortion: the price $\beta$ picks a point of the
lower-left edge. This is about an exact minimiser among the encoders considered, and about this rate and this
distortion. It does not say that the edge is the rate-distortion function of the data, where the rate is the
information and the prior and decoder are free, nor that gradient descent finds the minimiser. In the other direction,
mixing every code with the prior never raises the rate; it is zero when each code is the prior.

Keywords: rate-distortion, Lagrangian, distortion, information rate, compression, fixing a broken ELBO.
"""

from derivations import *
from derivations.gaussians.kl_not_a_metric import Q, kl_grows_along_mixture
from derivations.gaussians.kl_not_a_metric import r as part
from derivations.surgery.information_bounds import codes

WEIGHT, ENCODER, RIVAL = density("q", "n"), density("q", "z|n"), density("q_2", "z|n")
LIKELIHOOD, PRIOR = density("p", "n|z"), density("p", "z")
beta = Symbol("beta", positive=True)
w, q, q_2, likelihood, prior = WEIGHT(n), ENCODER(u, n), RIVAL(u, n), LIKELIHOOD(n, u), PRIOR(u)
points = Tuple(n, 1, N)


def rate_of(encoder: Expr) -> Expr:
    """The mean divergence from the prior."""
    return total(w * KL(encoder, prior, whole), points)


def distortion_of(encoder: Expr) -> Expr:
    """The mean of -log p(x|z)."""
    return -total(w * E(log(likelihood), encoder, whole), points)


def finite(e: Expr) -> ForAll:
    """An expectation is finite at every data point."""
    return ForAll(Converges(e), points)


rate, distortion = rate_of(q), distortion_of(q)
cost, error = finite(KL(q, prior, whole)), finite(E(log(likelihood), q, whole))

half, third = Rational(1, 2), Rational(1, 3)


def _model(over: Symbol, encoder: Expr, prior: Expr, likelihood: Expr) -> dict:
    """Codes of the data points, with their prior and their decoder."""
    return {ENCODER: Lambda((over, n), encoder), PRIOR: Lambda(over, prior), LIKELIHOOD: Lambda((n, over), likelihood)}


three, two = {N: 3, WEIGHT: Lambda(n, n / 6)}, {N: 2, WEIGHT: Lambda(n, n / 3), beta: 1}
bells = {**three, **_model(z, gauss(z, n - 2, half), gauss(z, 0, 1), gauss(n, z + 2, 1)), part: 2}
table = {**three, **_model(k, (k + n) / (10 + 4 * n), (5 - k) / 10, (n + k) / (6 + 3 * k)), K: 4, part: third}
forms = on_both(bells, table)


@theorem(
    same(-total(w * ELBO(likelihood * prior, q, whole), points), distortion + rate),
    "The mean negative ELBO = distortion + rate",
    given=(cost, error),
    claims=("003-34", "003-74"),
    forms=forms,
)
def elbo_is_distortion_plus_rate() -> Thm:
    """Split the ELBO of each data point into its two expectations, and average."""
    elbo, fit, divergence = ELBO(likelihood * prior, q, whole), E(log(likelihood), q, whole), KL(q, prior, whole)
    one = calc(
        elbo,
        opened,
        ("likelihood and prior apart", inside(q * log(likelihood) - q * log(q / prior))),
        linearity,
        folded(fit - divergence),
    )
    averaged = calc(total(w * elbo, points), termwise(one, to(w * fit - w * divergence)), linearity)
    thm = rearrange(averaged, *elbo_is_distortion_plus_rate.statement.args, times=Integer(-1))
    return discharge(thm, for_all(combined(elbo, fit - divergence), points))


mixed, masses = (prior + part * q) / (1 + part), ForAll(normalised(q, whole), points)


@theorem(
    at_least(rate, rate_of(mixed)),
    "Mixing every code with the prior never raises the rate",
    given=(masses, normalised(prior, whole), cost, finite(KL(mixed, prior, whole))),
    claims=("003-33",),
    forms=on_both(
        (bells, {**bells, ENCODER: Lambda((z, n), bells[PRIOR](z))}),
        (table, {**table, ENCODER: Lambda((k, n), table[PRIOR](k))}),
    ),
)
def rate_falls_towards_prior() -> Thm:
    """For each data point the divergence falls along the mixture; average with the weights."""
    one = instantiate(kl_grows_along_mixture.thm, {Q: Lambda(z, ENCODER(z, n))})
    one = discharge(one, given(masses))
    return monotone(rearrange(one, w * KL(q, prior, whole), w * KL(mixed, prior, whole), times=w), points)


rate_2, distortion_2 = rate_of(q_2), distortion_of(q_2)
minimal = at_least(distortion_2 + beta * rate_2, distortion + beta * rate)
no_worse = at_least(distortion, distortion_2)
exact_bells = {**two, **_model(z, gauss(z, n / 2, half), gauss(z, 0, 1), gauss(n, z, 1))}
exact_bells |= {RIVAL: Lambda((z, n), gauss(z, 2 * n / 3, half))}
sharp, sharper = 3 ** (1 - (k - n) ** 2) / 4, 7 ** (1 - (k - n) ** 2) / 8
exact_table = {**two, **_model(k, sharp, half, sharp), K: 2, RIVAL: Lambda((k, n), sharper)}


def _itself(example: dict) -> dict:
    """The rival is the minimiser."""
    return {**example, RIVAL: example[ENCODER]}


@theorem(
    at_least(rate_2, rate),
    "A minimiser of distortion + beta rate has the least rate at its distortion",
    given=(minimal, no_worse, cost, error, finite(KL(q_2, prior, whole)), finite(E(log(likelihood), q_2, whole))),
    claims=("003-34", "003-70", "003-74", "003-96"),
    forms=on_both((exact_bells, _itself(exact_bells)), (exact_table, _itself(exact_table))),
    words={
        0: "the encoder minimises distortion + beta rate, for this decoder and prior",
        1: "it is compared with encoders of no more distortion",
    },
)
def lagrangian_sufficiency() -> Thm:
    """A rival with no more distortion can only make up for it with a rate at least as large."""
    traded = chain(assume(minimal), rearrange(assume(no_worse), distortion + beta * rate, distortion_2 + beta * rate))
    return rearrange(traded, rate_2, rate, times=1 / beta)


nearer_bells = {**exact_bells, RIVAL: Lambda((z, n), gauss(z, n / 3, half))}
blunter_table = {**exact_table, RIVAL: Lambda((k, n), 2 ** (1 - (k - n) ** 2) / 3)}


@theorem(
    at_least(distortion_2, distortion),
    "A minimiser of distortion + beta rate has the least distortion at its rate",
    given=(
        minimal,
        at_least(rate, rate_2),
        cost,
        error,
        finite(KL(q_2, prior, whole)),
        finite(E(log(likelihood), q_2, whole)),
    ),
    claims=("003-71", "003-96"),
    forms=on_both((nearer_bells, _itself(exact_bells)), (blunter_table, _itself(exact_table))),
    words={
        0: "the encoder minimises distortion + beta rate, for this decoder and prior",
        1: "it is compared with encoders of no more rate",
    },
)
def least_distortion_at_its_rate() -> Thm:
    """A rival with no more rate can only make up for it with a distortion at least as large."""
    dearer, no_dearer = distortion_2 + beta * rate, assume(at_least(rate, rate_2))
    traded = chain(rearrange(no_dearer, dearer, distortion_2 + beta * rate_2, times=beta), assume(minimal))
    return rearrange(traded, distortion_2, distortion)


CODE, MEAN = density("q", "z"), Function("mu(z)", real=True)
code, centre, var_noise = CODE(u), MEAN(u), Symbol("var_noise", positive=True)
gaussian = Normal(x, centre, var_noise)
code_mass = normalised(code, whole)
error_of_mean = E((x - centre) ** 2, code, whole)
decoders = {var_noise: third, x: half}


@theorem(
    same(-E(log(gaussian), code, whole), error_of_mean / (2 * var_noise) + log(2 * pi * var_noise) / 2),
    "Distortion of a Gaussian decoder = squared error, up to scale and a constant",
    given=(code_mass, Converges(error_of_mean)),
    forms=on_both(
        {CODE: bells[PRIOR], MEAN: Lambda(z, z**2), **decoders},
        {K: 4, CODE: table[PRIOR], MEAN: Lambda(k, k**2), **decoders},
    ),
    narrows={"": "a Gaussian decoder"},
)
def distortion_is_scaled_error() -> Thm:
    """The logarithm of a Gaussian is a quadratic."""
    height = -log(2 * pi * var_noise) / 2
    log_density = calc(log(gaussian), opened, to(height - (x - centre) ** 2 / (2 * var_noise)))
    mean_log = calc(
        E(log(gaussian), code, whole),
        opened,
        ("the logarithm of a Gaussian is a quadratic", log_density),
        inside(height * code - (x - centre) ** 2 * code / (2 * var_noise)),
        linearity,
        ("q integrates to one", given(code_mass)),
        folded(height - error_of_mean / (2 * var_noise)),
    )
    thm = rearrange(mean_log, *distortion_is_scaled_error.statement.args, times=Integer(-1))
    parts = height * total(code, whole) - error_of_mean / (2 * var_noise)
    return settled_by(discharge(thm, combined(total(log_density.prop.rhs * code, whole), parts)), code_mass)


explained = E(log(LIKELIHOOD(1, k)), ENCODER(k, 1), codes)
coin = {ENCODER: Lambda((k, n), half), LIKELIHOOD: Lambda((n, k), half)}


@counterexample(
    same(explained, -explained),
    differs(at_instance(explained, coin), at_instance(-explained, coin)),
    "Reconstruction term and distortion are one number",
    at=coin,
    misprinted=True,
    instead="elbo_is_distortion_plus_rate",
    claims=("003-95",),
)
def reconstruction_sign() -> Thm:
    """A decoder that gives every datum probability 1/2: the reconstruction term is -log 2, the distortion log 2."""
    value = at_instance(explained, coin)
    return apart(worked(value, -log(2)), worked(-value, log(2)))


words = Remark(
    "words",
    "rate_distortion",
    "Large, complex, small or regular codes and a learned compression are not defined: no distribution or number is claimed.",
    ("003-101", "003-97"),
    nearest="lagrangian_sufficiency",
)


name_of_rate = Definition(
    "name_of_rate",
    "rate_distortion",
    "The rate is the divergence of the codes from the prior, averaged over the data.",
    ("003-94",),
    nearest="elbo_is_distortion_plus_rate",
)


name_of_distortion = Definition(
    "name_of_distortion",
    "rate_distortion",
    "Distortion is minus the mean log-likelihood: for a Gaussian decoder the squared error, up to scale and a constant.",
    ("003-36", "003-76"),
    nearest="distortion_is_scaled_error",
)
