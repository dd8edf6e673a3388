r"""# A Gaussian with a diagonal and a direction

Let $z_i = m_i + f_i\, \varepsilon + s_i\, \eta_i$ with independent standard normal $\varepsilon$ and $\eta_i$: noise of its own in every coordinate, and one
direction that all share. The covariance of $z$ is $\operatorname{diag}(s^2) + f f^\top$. Its inverse and its determinant would cost
$d^3$; the direction needs one number,

$$A = 1 + \sum_i \frac{f_i^2}{s_i^2}, \qquad \det\left(\operatorname{diag}(s^2) + f f^\top\right) = A \prod_i s_i^2 ,$$

and the quadratic form falls short of that of the diagonal by $\big(\sum_i f_i (z_i - m_i) / s_i^2\big)^2 / A$.

**No determinant is needed to see it.** Given $\varepsilon$ the coordinates are independent, so the density is an integral over $\varepsilon$ of a
product, and the exponent is a square in $\varepsilon$. Complete the square: what is left is the formula, for every dimension $d$.

With several directions, average over one after the other: each makes a factor like $A$ of what the ones before have left. That step
is not proved here; `elbo_ref` takes them together, by the Cholesky factor of $1 + F^\top F$.

Keywords: low rank plus diagonal covariance, LowRankMultivariateNormal, factor analysis, matrix determinant lemma, Woodbury identity,
Sherman-Morrison, structured covariance.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass
from derivations.gaussians.gaussian_moments import mean as centre
from derivations.gaussians.gaussian_moments import var as width

i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
point, mean, factor = (IndexedBase(name, real=True) for name in ("z", "mean", "factor"))
std, each_i, along = IndexedBase("std", positive=True), Tuple(i, 1, d), (t, -oo, oo)
direction, along_point, along_mean = factor[i, 1], factor[i, 1] * point[i], factor[i, 1] * mean[i]
off_squared = point[i] ** 2 - 2 * point[i] * mean[i] + mean[i] ** 2
given_t = Product(Normal(point[i], mean[i] + direction * t, std[i] ** 2), each_i)
shares = Sum(direction**2 / std[i] ** 2, each_i)
one_more = 1 + Sum(factor[j, 1] ** 2 / std[j] ** 2, (j, 1, d))
tilt = Sum(along_point / std[i] ** 2, each_i) - Sum(along_mean / std[i] ** 2, each_i)
square = Sum(off_squared / std[i] ** 2, each_i)
heights = Sum(log(std[i]), each_i) + d * log(2 * pi) / 2
law, stretch = Normal(t, 0, 1), Symbol("A", positive=True)


def _log_density(stretch: Expr) -> Expr:
    return -heights - log(stretch) / 2 - (square - tilt**2 / stretch) / 2


two = {
    d: 2,
    point: [Rational(1, 2), -1],
    mean: [0, Rational(1, 4)],
    factor: [[1], [Rational(-1, 2)]],
    std: [1, Rational(3, 2)],
}
three = {d: 3, point: [0, 1, 2], mean: [1, 1, 1], factor: [[2], [0], [-1]], std: [Rational(1, 2), 1, 2]}


def _exponent() -> Thm:
    """The logarithm of what is integrated: a square in t, completed."""
    tilted = t * along_point / std[i] ** 2 - t * along_mean / std[i] ** 2
    parts = tilted - t**2 / 2 * (direction**2 / std[i] ** 2) - off_squared / std[i] ** 2 / 2
    return calc(
        log(given_t),
        log_product(given_t),
        termwise(opened, to(parts - log(std[i]) - log(2 * pi) / 2)),
        linearity,
        at(constant, Sum(1, each_i)),
    )


def _completed() -> Thm:
    """The integrand is the formula times a Gaussian in the shared noise. A is a letter here: so its logarithm is one."""
    log_density, rest = _log_density(stretch), Normal(t, tilt / stretch, 1 / stretch)
    bell = log(stretch) / 2 - log(2 * pi) / 2 - stretch * (t - tilt / stretch) ** 2 / 2
    apart = calc(
        log(law * given_t),
        to(log(law) + log(given_t)),
        calc(log(law), opened, to(-(t**2) / 2 - log(2 * pi) / 2)),
        _exponent(),
        rearrange(flip(assume(same(stretch, 1 + shares))), shares, stretch - 1),
        to(log_density + bell),
    )
    joined = calc(
        log(exp(log_density) * rest),
        to(log_density + log(rest)),
        calc(log(rest), opened, to(bell)),
        to(log_density + bell),
    )
    return unlog(chain(apart, flip(joined)))


@theorem(
    same(log(total(law * given_t, along)), _log_density(one_more)),
    "The log density of a Gaussian whose covariance is a diagonal and one direction",
    computes="log_normal_low_rank",
    examples=(two, three),
    narrows={"": "one direction"},
)
def gaussian_low_rank() -> Thm:
    """Completing the square leaves a Gaussian in the shared noise, times the formula."""
    mass = chain(flip(rename(gaussian_mass.statement.lhs, t)), gaussian_mass.thm)
    mass = substitute(mass, {centre: tilt / stretch, width: 1 / stretch})
    value = calc(total(law * given_t, along), termwise(_completed()), linearity, mass, to(exp(_log_density(stretch))))
    logs = calc(log(total(law * given_t, along)), value, to(_log_density(stretch)))
    return discharge(substitute(logs, {stretch: one_more}), rewrite(one_more, rename(one_more - 1, i)))
