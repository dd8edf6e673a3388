r"""# The entropy of a Gaussian with full covariance

For $q = \mathcal N(m, S)$ on $\mathbb{R}^d$ the information content $-\log q(z)$ is a quadratic form in the precision
plus a constant. The form averages to $\operatorname{tr}(S^{-1} S) = d$, whatever the mean and whatever the
covariance. So
$$H[q] = \tfrac12\left[d\,(1 + \log 2\pi) + \log\det S\right].$$

The covariance enters by its determinant alone: the entropy is the logarithm of the volume that the distribution fills.
Two distributions with the same determinant, a round one and a thin long one, have the same entropy. It is a
differential entropy, so it is negative for a small determinant, and it changes when the units of $z$ do.

As on the page of the divergence, what is proved holds for any density whose logarithm is the stated quadratic form
and which has the stated moments; that the Gaussian density has them is a hypothesis, printed below.

Keywords: entropy of a multivariate Gaussian, differential entropy, log determinant, full covariance.
"""

from derivations import *
from derivations.gaussians import gaussian_kl_full as full
from derivations.gaussians.gaussian_kl_full import inverse, logdet_q, logs, mass, mean_q, prec_q, q, space, x_i, x_j


@theorem(
    same(Entropy(q, space), (d * (1 + log(2 * pi)) + logdet_q) / 2),
    "The entropy of a Gaussian with full covariance, from its moments",
    given=(mass, full.second, *full.finite, logs[0], inverse),
    examples=(full.plane_q,),
)
def gaussian_entropy_full() -> Thm:
    """Average the quadratic -log q: its form in the precision of q averages to d."""
    log_q = given(logs[0])
    split = -(d * log(2 * pi) + logdet_q) / 2 * q - q * full.form(prec_q, x_i, x_j) / 2
    thm = calc(
        Entropy(q, space),
        opened,
        ("the logarithm is a quadratic form", log_q),
        inside(split, of=total(q * log_q.prop.rhs, space)),
        at(linearity, total(split, space)),
        ("q integrates to one", given(mass)),
        ("the form in the precision of q", full.average_form(prec_q, mean_q)),
        ("the precision is the inverse of the covariance", given(inverse)),
        to(gaussian_entropy_full.statement.rhs),
    )
    return discharge(thm, converges(mass), full.finite_form(prec_q, mean_q))
