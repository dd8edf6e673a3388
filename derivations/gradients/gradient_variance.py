r"""# Two unbiased gradients, two variances

The score and the path estimate the same gradient from one sample, but they do not scatter alike. Take $f(z) = z^2$ and
$z \sim \mathcal N(\mu, \sigma^2)$. The gradient in $\mu$ is $2\mu$.

- The path returns $f'(z) = 2z$. Its variance is $4\sigma^2$: it shrinks with the spread of the encoder.
- The score returns $z^2 (z - \mu)/\sigma^2$. Its variance is $\mu^4/\sigma^2 + 14\mu^2 + 15\sigma^2$: it *grows*
  without bound when the encoder becomes sharp, except around 0.

With one sample at $\mu = 1$ and $\sigma = 1/10$, the standard deviations are 0.2 and about 10.7, for a gradient of 2.
The score multiplies the value of $f$, the path its slope; where $f$ is nearly constant over the encoder, its value is
mostly an offset that the score turns into noise. Subtracting a constant from $f$, a baseline, removes some of it.

All this is about one function. It is the usual order for smooth losses, and no distribution.

Headline: path_varies_less.
Keywords: two variances, reparameterization has lower variance, score function vs pathwise, variance of gradient estimators.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass

mean, var = Symbol("mean", real=True), Symbol("var", positive=True)
q = Normal(z, mean, var)
path, score = 2 * z, z**2 * (z - mean) / var
spread_of_path, spread_of_score = 4 * var, mean**4 / var + 14 * mean**2 + 15 * var


def _moment(f: Expr, value: Expr, rest: Expr) -> Thm:
    """E[f] = value, where f - value, times the density, is the slope of -rest, times the density."""
    return settled(
        calc(
            E(f, q, line),
            opened,
            ("subtract and add the value", inside((f - value) * q + value * q)),
            linearity,
            ("vanishes at both ends", antiderivative(total((f - value) * q, line), -rest * q)),
            ("the density integrates to one", gaussian_mass.thm),
        )
    )


@theorem(same(E(score, q, line), 2 * mean), "The score is right on the average")
def score_estimate_mean() -> Thm:
    """The estimate, less the gradient, has an antiderivative that vanishes at both ends."""
    return _moment(score, 2 * mean, z**2 + 2 * var)


@theorem(same(E(path, q, line), 2 * mean), "So is the path")
def path_estimate_mean() -> Thm:
    """Twice the mean of z."""
    return _moment(path, 2 * mean, 2 * var)


@theorem(same(E((path - 2 * mean) ** 2, q, line), spread_of_path), "The variance of the path")
def path_variance() -> Thm:
    """Four times the variance of z."""
    return _moment((path - 2 * mean) ** 2, spread_of_path, 4 * var * (z - mean))


@theorem(same(E((score - 2 * mean) ** 2, q, line), spread_of_score), "The variance of the score")
def score_variance() -> Thm:
    """A polynomial of degree six; its moments come from one antiderivative."""
    rest = (
        z**5 / var
        - mean * z**4 / var
        + 5 * z**3
        - 3 * mean * z**2
        + (mean**2 + 15 * var) * z
        + mean**3
        + 9 * mean * var
    )
    return _moment((score - 2 * mean) ** 2, spread_of_score, rest)


@theorem(
    at_least(E((score - 2 * mean) ** 2, q, line), E((path - 2 * mean) ** 2, q, line) + 11 * var),
    "For the square the path always varies less",
)
def path_varies_less() -> Thm:
    """The difference of the variances is a sum of even powers."""
    more = rearrange(sign(mean**4 / var + 14 * mean**2), spread_of_score, spread_of_path + 11 * var)
    right = path_varies_less.statement.rhs
    return chain(score_variance.thm, more, flip(calc(right, path_variance.thm)))
