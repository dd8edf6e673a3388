r"""# The KL divergence between two Gaussians

The logarithm of a Gaussian density is a quadratic, so averaging it needs only the first two moments of $q$:

$$D_{\mathrm{KL}} = \log\frac{\sigma_p}{\sigma_q} + \frac{\sigma_q^2 + (\mu_q - \mu_p)^2}{2\sigma_p^2} - \frac12 .$$

Against the standard normal prior of a variational autoencoder this becomes
$\tfrac12(\mu^2 + \sigma^2 - 1 - \log \sigma^2)$, often quoted without saying which prior it belongs to. Networks output
$\ell = \log\sigma^2$, and code that calls this number $\log\sigma$ is off by a factor of two in the exponent.

The direction matters: swap the two distributions and the divergence changes, except when the variances agree. It is
[not a distance](kl_not_a_metric.md).

Keywords: KL between two Gaussians, KL between two normals, KL of univariate normals, closed form KL, entropy of a
Gaussian, cross-entropy of Gaussians, torch kl_divergence Normal.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import centre, gaussian_mass, gaussian_second_moment, mean, var

mean_q, mean_p = Symbol("mean_q", real=True), Symbol("mean_p", real=True)
std_q, std_p = Symbol("std_q", positive=True), Symbol("std_p", positive=True)
q, p = Normal(z, mean_q, std_q**2), Normal(z, mean_p, std_p**2)

unit, wide, half = Normal(z, 0, 1), Normal(z, 0, 4), Rational(1, 2)
closed_form = log(std_p / std_q) + (std_q**2 + (mean_q - mean_p) ** 2) / (2 * std_p**2) - half
log_ratio = log(std_p / std_q) - (z - mean_q) ** 2 / (2 * std_q**2) + (z - mean_p) ** 2 / (2 * std_p**2)


def moment(about: Expr) -> Thm:
    """E_q[(z - c)^2] = std_q^2 + (mean_q - c)^2."""
    return substitute(gaussian_second_moment.thm, {mean: mean_q, var: std_q**2, centre: about})


@theorem(same(KL(q, p, line), closed_form), "The divergence between two Gaussians", computes="kl_normal")
def gaussian_kl() -> Thm:
    """The log ratio is a quadratic; only the first two moments of q survive."""
    split = log(std_p / std_q) * total(q, line)
    split += -E((z - mean_q) ** 2, q, line) / (2 * std_q**2) + E((z - mean_p) ** 2, q, line) / (2 * std_p**2)
    thm = calc(
        KL(q, p, line),
        ("the definition", unfold(KL(q, p, line))),
        ("the logarithm of a Gaussian is a quadratic", calc(log(q / p), opened, to(log_ratio))),
        ("average term by term", linearity),
        folded(split),
        ("the density integrates to one", substitute(gaussian_mass.thm, {mean: mean_q, var: std_q**2})),
        ("the variance of q", moment(mean_q)),
        ("the second moment of q about the mean of p", moment(mean_p)),
        ("collect", to(closed_form)),
    )
    return settled(thm)


@theorem(
    same(Entropy(q, line), log(2 * pi * std_q**2) / 2 + half), "The entropy of a Gaussian", computes="entropy_normal"
)
def gaussian_entropy() -> Thm:
    """Average the quadratic -log q; its mean is one half plus the logarithm of the constant."""
    return _average_of_log(Entropy(q, line), q, std_q, mean_q)


@theorem(
    same(CrossEntropy(q, p, line), log(2 * pi * std_p**2) / 2 + (std_q**2 + (mean_q - mean_p) ** 2) / (2 * std_p**2)),
    "The cross-entropy of two Gaussians",
    computes="cross_entropy_normal",
)
def gaussian_cross_entropy() -> Thm:
    """Average the quadratic -log p under q."""
    return _average_of_log(CrossEntropy(q, p, line), p, std_p, mean_p)


def _average_of_log(start: Expr, law: Normal, std: Symbol, about: Symbol) -> Thm:
    height = log(2 * pi * std**2) / 2
    log_density = calc(log(law), opened, to(-height - (z - about) ** 2 / (2 * std**2)))
    thm = calc(
        start,
        unfold(start),
        ("the logarithm of a Gaussian is a quadratic", log_density),
        at(linearity, total(q * log_density.prop.rhs, line)),
        folded(height * total(q, line) + E((z - about) ** 2, q, line) / (2 * std**2)),
        ("the density integrates to one", substitute(gaussian_mass.thm, {mean: mean_q, var: std_q**2})),
        ("the second moment of q", moment(about)),
        to(height + (std_q**2 + (mean_q - about) ** 2) / (2 * std**2)),
    )
    return settled(thm)


@theorem(
    same(KL(q, unit, line), (mean_q**2 + std_q**2 - 1 - log(std_q**2)) / 2),
    "The divergence of a Gaussian from the standard normal",
)
def gaussian_kl_unit() -> Thm:
    """The general formula at mean 0 and variance 1."""
    return ending(substitute(gaussian_kl.thm, {mean_p: 0, std_p: 1}), gaussian_kl_unit.statement.rhs)


@counterexample(
    same(KL(q, p, line), KL(p, q, line)),
    differs(KL(unit, wide, line), KL(wide, unit, line)),
    "The divergence is symmetric",
    at={mean_q: 0, mean_p: 0, std_q: 1, std_p: 2},
    instead="kl_is_symmetric_for_equal_variances",
    holds_at={mean_q: 0, mean_p: 1, std_q: 1, std_p: 1},
    witness=lambda: (substitute(kl_is_symmetric_for_equal_variances.thm, {mean_q: 0, mean_p: 1, std_q: 1}),),
)
def kl_is_symmetric() -> Thm:
    """N(0, 1) and N(0, 4): log 2 - 3/8 one way, 3/2 - log 2 the other."""
    there, back = ({mean_q: 0, mean_p: 0, std_q: one, std_p: other} for one, other in ((1, 2), (2, 1)))
    return apart(substitute(gaussian_kl.thm, there), substitute(gaussian_kl.thm, back))


other = Normal(z, mean_p, std_q**2)


@theorem(same(KL(q, other, line), KL(other, q, line)), "With equal variances the divergence is symmetric")
def kl_is_symmetric_for_equal_variances() -> Thm:
    """Both sides are the squared distance of the means over twice the variance."""
    there = substitute(gaussian_kl.thm, {std_p: std_q})
    back = substitute(gaussian_kl.thm, {mean_q: mean_p, mean_p: mean_q, std_p: std_q})
    return chain(there, algebra(there.prop.rhs, back.prop.rhs), flip(back))
