"""Gaussian distributions: densities, entropies and divergences, univariate, diagonal and full, in nats.

How wide a Gaussian is may be said by its std, its var or its logvar, one of them, by name; the formulas are written with one. Of two
Gaussians both are given in the same way. What holds for all functions is said in `elbo_ref`.
"""

from elbo_ref import _gaussian, _gaussian_matrix, _gaussian_scalar
from elbo_ref._core.arguments import prepare
from elbo_ref._core.arrays import Array
from elbo_ref._core.checks import cholesky, finite, symmetric, triangular
from elbo_ref._core.formula import Formula
from elbo_ref._core.shapes import vectors_and_matrices
from elbo_ref._core.spread import CHECKS, alike, named


def _of_two(formulas: dict[str, Formula], mean_q: Array, mean_p: Array, *widths: Array | None) -> Array:
    """A formula of two Gaussians, by how wide they are said to be."""
    kind, q, p = alike(*widths)
    check = CHECKS[kind]
    given = {"mean_q": (finite, mean_q), f"{kind}_q": (check, q), "mean_p": (finite, mean_p), f"{kind}_p": (check, p)}
    return formulas[kind](**given)


def normal_log_density(
    x: Array, mean: Array, var: Array | None = None, *, std: Array | None = None, logvar: Array | None = None
) -> Array:
    """Log density of N(mean, var) at x.

    log N(x; mean, var) = - (x - mean)^2 / (2 var) - log(2 pi var) / 2.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if x or mean is not finite or var is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Standard VAE ELBO Form.
    Theorem: gaussian_log_density.
    """
    kind, width = named(std, var, logvar)
    return _gaussian.NORMAL_LOG_DENSITY[kind](x=(finite, x), mean=(finite, mean), **{kind: (CHECKS[kind], width)})


def entropy_normal(std: Array | None = None, *, var: Array | None = None, logvar: Array | None = None) -> Array:
    """Differential entropy of N(mean, std^2), whatever the mean.

    H = log(std) + (1 + log(2 pi)) / 2. It may be negative.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if std is not positive.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: gaussian_entropy.
    """
    kind, width = named(std, var, logvar)
    return _gaussian.ENTROPY_NORMAL[kind](**{kind: (CHECKS[kind], width)})


def cross_entropy_normal(
    mean_q: Array,
    std_q: Array | None = None,
    mean_p: Array | None = None,
    std_p: Array | None = None,
    *,
    var_q: Array | None = None,
    var_p: Array | None = None,
    logvar_q: Array | None = None,
    logvar_p: Array | None = None,
) -> Array:
    """Cross entropy of N(mean_q, std_q^2) relative to N(mean_p, std_p^2).

    - E_q log p = log(std_p) + log(2 pi) / 2 + (std_q^2 + (mean_q - mean_p)^2) / (2 std_p^2).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if a mean is not finite or a std is not positive.
    Source: Heads, Shoulders, Knees, and ELBOs, Expected Extra Surprise.
    Theorem: gaussian_cross_entropy.
    """
    widths = std_q, std_p, var_q, var_p, logvar_q, logvar_p
    return _of_two(_gaussian.CROSS_ENTROPY_NORMAL, mean_q, mean_p, *widths)


def kl_normal(
    mean_q: Array,
    std_q: Array | None = None,
    mean_p: Array | None = None,
    std_p: Array | None = None,
    *,
    var_q: Array | None = None,
    var_p: Array | None = None,
    logvar_q: Array | None = None,
    logvar_p: Array | None = None,
) -> Array:
    """KL divergence between two univariate Gaussians.

    KL(q || p) = log(std_p / std_q) + (std_q^2 + (mean_q - mean_p)^2) / (2 std_p^2) - 1 / 2.

    Shapes: elementwise. Unit: nats. Never negative, and 0 exactly where q and p are equal.
    Raises ValueError if a mean is not finite or a std is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: gaussian_kl.
    """
    by_std = var_q is var_p is logvar_q is logvar_p is None
    if by_std and type(mean_q) is type(std_q) is type(mean_p) is type(std_p) is float:
        value = _gaussian_scalar.kl_normal(mean_q, std_q, mean_p, std_p)
        if value is not None:
            return value
    return _of_two(_gaussian.KL_NORMAL, mean_q, mean_p, std_q, std_p, var_q, var_p, logvar_q, logvar_p)


def kl_diag_normal(
    mean_q: Array,
    std_q: Array | None = None,
    mean_p: Array | None = None,
    std_p: Array | None = None,
    *,
    var_q: Array | None = None,
    var_p: Array | None = None,
    logvar_q: Array | None = None,
    logvar_p: Array | None = None,
) -> Array:
    """KL divergence between two Gaussians with diagonal covariance: the sum over the last axis of `kl_normal`.

    KL(q || p) = sum_j log(std_p_j / std_q_j) + (std_q_j^2 + (mean_q_j - mean_p_j)^2) / (2 std_p_j^2) - 1 / 2.

    Shapes: all broadcast to (..., D) -> (...). Unit: nats. Never negative, and 0 exactly where q and p are equal.
    Raises ValueError if a mean is not finite, a std is not positive, or there is no axis to sum over.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: gaussian_kl_diagonal.
    """
    return _of_two(_gaussian.KL_DIAG_NORMAL, mean_q, mean_p, std_q, std_p, var_q, var_p, logvar_q, logvar_p)


def kl_standard_normal(
    mean: Array, logvar: Array | None = None, *, std: Array | None = None, var: Array | None = None
) -> Array:
    """KL divergence from a diagonal Gaussian to the standard normal: the KL term of a VAE.

    KL(N(mean, exp(logvar)) || N(0, I)) = sum_j (mean_j^2 + exp(logvar_j) - 1 - logvar_j) / 2.

    Shapes: both broadcast to (..., D) -> (...), no reduction over the batch. Unit: nats. Never negative.
    Raises ValueError if an argument is not finite or there is no axis to sum over.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 4. Understanding the ELBO Terms.
    Theorem: gaussian_kl_standard.
    """
    kind, width = named(std, var, logvar)
    return _gaussian.KL_STANDARD_NORMAL[kind].called({"mean": (finite, mean), kind: (CHECKS[kind], width)})


def kl_mvn(mean_q: Array, cov_q: Array, mean_p: Array, cov_p: Array) -> Array:
    """KL divergence between two Gaussians from their covariance matrices.

    KL(q || p) = (tr(cov_p^-1 cov_q) + d^T cov_p^-1 d - D + log det cov_p - log det cov_q) / 2, d = mean_q - mean_p.

    Shapes: means (..., D), covariances (..., D, D) -> (...). Unit: nats. The relative error is some eps times the larger
    condition number of the two, however close they are; from Cholesky factors, `kl_mvn_tril` needs its square root only.
    Raises ValueError if a mean is not finite or a covariance is not symmetric positive definite.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 4. Understanding the ELBO Terms.
    Theorem: gaussian_kl_full.
    """
    xp, dtype, mean_q, cov_q, mean_p, cov_p = prepare(
        mean_q=(finite, mean_q), cov_q=(symmetric, cov_q), mean_p=(finite, mean_p), cov_p=(symmetric, cov_p)
    )
    mean_q, cov_q, mean_p, cov_p = vectors_and_matrices(xp, mean_q=mean_q, cov_q=cov_q, mean_p=mean_p, cov_p=cov_p)
    tril_q, tril_p = cholesky("cov_q", cov_q), cholesky("cov_p", cov_p)
    return _gaussian_matrix.kl_mvn.at(xp, dtype, mean_q, cov_q, tril_q, mean_p, cov_p, tril_p)


def kl_mvn_tril(mean_q: Array, tril_q: Array, mean_p: Array, tril_p: Array) -> Array:
    """KL divergence between two Gaussians from the Cholesky factors of their covariance matrices.

    The formula of `kl_mvn` with cov = tril tril^T.

    Shapes: means (..., D), factors (..., D, D) -> (...). Unit: nats.
    Raises ValueError if a mean is not finite or a factor is not lower triangular with a positive diagonal.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 4. Understanding the ELBO Terms.
    Theorem: gaussian_kl_full.
    """
    xp, dtype, mean_q, tril_q, mean_p, tril_p = prepare(
        mean_q=(finite, mean_q), tril_q=(triangular, tril_q), mean_p=(finite, mean_p), tril_p=(triangular, tril_p)
    )
    arrays = vectors_and_matrices(xp, mean_q=mean_q, tril_q=tril_q, mean_p=mean_p, tril_p=tril_p)
    return _gaussian_matrix.kl_mvn_tril.at(xp, dtype, *arrays)


def entropy_mvn(cov: Array) -> Array:
    """Differential entropy of a Gaussian with covariance matrix `cov`, whatever the mean.

    H = (D (1 + log(2 pi)) + log det cov) / 2. It may be negative.

    Shapes: cov (..., D, D) -> (...). Unit: nats.
    Raises ValueError if cov is not symmetric positive definite.
    Theorem: gaussian_entropy_full.
    """
    xp, dtype, cov = prepare(cov=(symmetric, cov))
    return _gaussian.entropy_mvn.at(xp, dtype, cholesky("cov", cov))
