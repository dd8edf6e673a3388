"""Likelihoods of decoders, summed over the pixels of an example, every constant included, in nats.

What holds for all functions is said in `elbo_ref`.
"""

from elbo_ref import _gaussian, _logits
from elbo_ref._core.arrays import Array, pixels
from elbo_ref._core.checks import binary, finite, positive, unit_interval


def gaussian_log_likelihood(x: Array, mean_x: Array, var_noise: Array) -> Array:
    """Log likelihood of a vector under a Gaussian decoder with diagonal covariance, constant included.

    sum_j - (x_j - mean_x_j)^2 / (2 var_noise_j) - log(2 pi var_noise_j) / 2.

    Shapes: x, mean_x (..., D) with equal D, var_noise broadcasts -> (...). Unit: nats.
    Raises ValueError if x or mean_x is not finite or var_noise is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions.
    Theorem: gaussian_likelihood.
    """
    return _gaussian.gaussian_log_likelihood(x=(finite, x), mean_x=(finite, mean_x), var_noise=(positive, var_noise))


def bernoulli_log_likelihood_logits(x: Array, logits_x: Array) -> Array:
    """Log likelihood of a binary vector under independent Bernoulli variables given by their log odds.

    sum_j x_j logits_x_j - softplus(logits_x_j): minus the binary cross entropy.

    Shapes: x, logits_x (..., D) with equal D -> (...); x may be booleans or bytes. Unit: nats.
    Raises ValueError if x is not 0 or 1 everywhere (for grey values see `continuous_bernoulli_log_likelihood_logits`) or
    a logit is not finite.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions.
    Theorem: bernoulli_likelihood.
    """
    return _logits.bernoulli_log_likelihood(x=(binary, pixels(x, logits_x)), logits_x=(finite, logits_x))


def continuous_bernoulli_log_likelihood_logits(x: Array, logits_x: Array) -> Array:
    """Log likelihood of a vector in the unit cube under independent continuous Bernoulli variables.

    sum_j x_j l_j - log((exp(l_j) - 1) / l_j) with l = logits_x; the second term, the normaliser, is 0 at l = 0.

    Shapes: x, logits_x (..., D) with equal D -> (...). Unit: nats (a density: it may be positive).
    Raises ValueError if x is outside [0, 1] or a logit is not finite.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions, made a likelihood for grey values.
    Theorem: continuous_bernoulli_likelihood.
    """
    return _logits.continuous_bernoulli_log_likelihood(x=(unit_interval, x), logits_x=(finite, logits_x))
