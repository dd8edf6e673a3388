r"""# When the variance of the weights is infinite

An importance weight is $w(z) = p(x \mid z)\, p(z) / q(z)$, and the [decay like 1/K](iwae_rate.md) needs its variance. Let the
prior be standard normal and the encoder $\mathcal N(\mu, \sigma^2)$ with $\sigma^2 < \frac12$, as good encoders are. The mean of
$w^2$ is the integral of $p(x \mid z)^2 p(z)^2 / q(z)$, in which the squared prior falls like $e^{-z^2}$ and one over the encoder
rises like $e^{z^2 / (2 \sigma^2)}$, which is faster.

Only the likelihood could save it. That of a network with ReLU or tanh units and Bernoulli or logistic outputs falls at most like
$e^{-a - b |z|}$, since its logits grow at most linearly; a linear function in the exponent does not beat a square. So the integrand
stays above a positive constant: over $[0, R]$ the integral is at least $R$ times it, for every $R$, and no number bounds the
whole.

The variance of the weights is then infinite, though every finite sample shows a finite one. **What helps**: draw a share of the
samples from the prior, $q' = (1 - \varepsilon) q + \varepsilon p$; the weight is then at most $p(x \mid z) / \varepsilon$.

In the statement $\sigma^2 = \frac{1}{2 (1 + \kappa)}$ with $\kappa > 0$, which is any variance below one half.

Keywords: infinite variance of importance weights, importance sampling, heavy tails, light-tailed proposal, defensive mixture,
effective sample size, IWAE variance.
"""

from derivations import *

LIKELIHOOD = density("p", "x|z")
a, b, mu = Symbol("a", real=True), Symbol("b", real=True), Symbol("mu", real=True)
kappa, R = Symbol("kappa", positive=True), Symbol("R", positive=True)
var = 1 / (2 * (1 + kappa))
likelihood = LIKELIHOOD(x, z)
floor, stretch = exp(-a - b * z), (z, 0, R)
out = b + (1 + kappa) * mu  # where the floor times the ratio of the Gaussians is least, times kappa
bare = gauss(z, 0, 1) ** 2 / gauss(z, mu, var)
square = likelihood**2 * bare
height = sqrt(var / (2 * pi)) * exp((1 + kappa) * mu**2 - 2 * a - out**2 / kappa)
flat = {LIKELIHOOD: Lambda((x, z), Rational(1, 2)), a: 1, b: 0, mu: Rational(1, 2), kappa: 1, R: 2, x: 1}
level = {
    **flat,
    LIKELIHOOD: Lambda((x, z), exp(-1)),
    mu: 0,
    kappa: Rational(1, 10**30),
    R: 1,
}  # where the two sides meet
falling = {LIKELIHOOD: Lambda((x, z), exp(-z) / 2), a: 1, b: 1, mu: -1, kappa: Rational(1, 2), R: 1, x: 1}


@theorem(
    at_least(total(square, stretch), R * height),
    "Encoder variance below 1/2: the mean squared weight over [0, R] grows at least like R",
    given=(ForAll(at_least(likelihood, floor), stretch), Converges(total(square, stretch))),
    words={0: "the log likelihood falls at most linearly in the code"},
    examples=(flat, falling, level),
)
def weight_variance_grows() -> Thm:
    """The exponent is a square with a positive weight, and a constant."""
    bound = given(ForAll(at_least(likelihood, floor), stretch))
    twice = chain(
        rearrange(bound, square, likelihood * floor * bare, times=likelihood * bare),
        rearrange(bound, likelihood * floor * bare, floor**2 * bare, times=floor * bare),
    )
    bowl = kappa * (z - out / kappa) ** 2
    rising = chain(rearrange(below_tangent(exp(bowl)), exp(bowl) - 1, bowl), sign(bowl))
    least = rearrange(rising, floor**2 * bare, height, times=height)
    summed = monotone(chain(twice, least), stretch)
    finite = integrable(antiderivative(total(Integer(1), stretch), z))
    return discharge(chain(summed, ending(antiderivative(total(height, stretch), height * z), R * height)), finite)
