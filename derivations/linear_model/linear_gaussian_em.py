r"""# An EM step in closed form

In the linear Gaussian model both steps of EM have formulas. The **E-step** gives every observation its posterior
$\mathcal N(m_n, v)$. The **M-step** regresses the observations on their codes,

$$w' = \frac{\sum_n (x_n - b)\,
\mathbb E[z_n]}{\sum_n \mathbb E[z_n^2]} = \frac{\sum_n (x_n - b)\, m_n}{\sum_n (m_n^2 + v)} ,$$

where the spread $v$
of the codes adds to the denominator. Plugging in the posterior means and forgetting $v$ gives a slope that is too
steep.

That this is the best slope is seen by completing the square: with the codes held fixed, any other slope has a smaller
ELBO, by its squared distance from $w'$ times $\sum_n (m_n^2 + v) / 2\sigma_x^2$.

Keywords: EM for probabilistic PCA, EM example, M-step in closed form.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import (
    centre,
    gaussian_mass,
    gaussian_mean,
    gaussian_second_moment,
    mean,
    var,
)
from derivations.linear_model import linear_gaussian as lg
from derivations.linear_model.linear_gaussian import bias, prior, var_noise, weight

xs, points = IndexedBase("x", real=True), (n, 1, N)
mean_n = lg.mean_post.xreplace({x: xs[n]})
code = Normal(z, mean_n, lg.var_post)
spread, product = total(mean_n**2 + lg.var_post, points), total((xs[n] - bias) * mean_n, points)


def _first_moment() -> Thm:
    """E[z] is the mean."""
    q = Normal(z, mean, var)
    thm = calc(
        E(z, q, line),
        opened,
        inside((z - mean) * q + mean * q),
        linearity,
        folded(E(z - mean, q, line) + mean * total(q, line)),
        ("the deviation averages to zero", gaussian_mean.thm),
        ("the density integrates to one", gaussian_mass.thm),
        to(mean),
    )
    return settled(thm)


@theorem(
    same(total((xs[n] - bias) * E(z, code, line), points) / total(E(z**2, code, line), points), product / spread),
    "The slope after one step of EM",
    computes="linear_gaussian_em_step",
)
def linear_gaussian_em_step() -> Thm:
    """The first two moments of every posterior."""
    here = {mean: mean_n, var: lg.var_post}
    first = substitute(_first_moment(), here)
    second = ending(substitute(gaussian_second_moment.thm, {**here, centre: 0}), mean_n**2 + lg.var_post)
    return calc(linear_gaussian_em_step.statement.lhs, first, second)


# --- that slope is the best, for any codes ---

new = Symbol("w'", real=True)
means, spreads = IndexedBase("mean_q", real=True), IndexedBase("var_q", positive=True)
squares, products = total(means[n] ** 2 + spreads[n], points), total((xs[n] - bias) * means[n], points)
regression = same(new * squares, products)
codes = {N: 2, xs: [1, -2], means: [1, Rational(-1, 2)], spreads: [Rational(3, 4), 2], bias: Rational(1, 2)}
codes |= {weight: Rational(-1, 4), new: Rational(7, 16), var_noise: Rational(1, 2)}
codes |= {lg.mean_prior: Rational(1, 4), lg.var_prior: 2}


def _elbo_at(slope: Expr) -> Expr:
    """The ELBO of observation n at a slope of the decoder."""
    return ELBO(Normal(xs[n], slope * z + bias, var_noise) * prior, Normal(z, means[n], spreads[n]), line)


@theorem(
    same(total(_elbo_at(new) - _elbo_at(weight), points), squares * (weight - new) ** 2 / (2 * var_noise)),
    "The M-step is the best slope for the codes it is given",
    given=(regression,),
    examples=(codes,),
)
def linear_gaussian_em_gain() -> Thm:
    """Complete the square in the slope."""
    at_n = {x: xs[n], lg.mean_q: means[n], lg.var_q: spreads[n]}
    old = substitute(lg.linear_gaussian_elbo.thm, at_n)
    after = substitute(lg.linear_gaussian_elbo.thm, {**at_n, weight: new})
    value = (new - weight) / var_noise * (xs[n] - bias) * means[n]
    value -= (new**2 - weight**2) / (2 * var_noise) * (means[n] ** 2 + spreads[n])
    return calc(
        linear_gaussian_em_gain.statement.lhs,
        termwise(after, old, to(value)),
        linearity,
        ("the regression", flip(given(regression))),
        to(linear_gaussian_em_gain.statement.rhs),
    )
