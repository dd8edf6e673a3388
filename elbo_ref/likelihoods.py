"""Likelihoods of decoders, summed over the pixels of an example, every constant included, in nats.

The pixels are the last axis, or the last `pixel_axes` of them, as 3 for images of the shape (channels, height, width). What
holds for all functions is said in `elbo_ref`.
"""

from elbo_ref import _gaussian, _logistic, _logits
from elbo_ref._core.arrays import Array, pixels
from elbo_ref._core.checks import as_it_is, binary, finite, grey, logits
from elbo_ref._core.shapes import images_as_rows, integer
from elbo_ref._core.spread import CHECKS, named


def gaussian_log_likelihood(
    x: Array,
    mean_x: Array,
    var_noise: Array | None = None,
    *,
    std_noise: Array | None = None,
    logvar_noise: Array | None = None,
    pixel_axes: int = 1,
) -> Array:
    """Log likelihood of a vector under a Gaussian decoder with diagonal covariance, constant included.

    sum_j - (x_j - mean_x_j)^2 / (2 var_noise_j) - log(2 pi var_noise_j) / 2.

    Instead of var_noise, std_noise or logvar_noise may be given, by name.

    Shapes: x, mean_x (..., D) with equal D, var_noise broadcasts -> (...). Unit: nats.
    Raises ValueError if x or mean_x is not finite or var_noise is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions.
    Theorem: gaussian_likelihood.
    """
    kind, noise = named(std_noise, var_noise, logvar_noise, "_noise")
    name = f"{kind}_noise"
    x, mean_x, noise = images_as_rows(pixel_axes, x=x, mean_x=mean_x, **{name: noise})
    return _gaussian.GAUSSIAN_LOG_LIKELIHOOD[kind](
        x=(finite, x), mean_x=(finite, mean_x), **{name: (CHECKS[kind], noise)}
    )


def bernoulli_log_likelihood_logits(x: Array, logits_x: Array, *, pixel_axes: int = 1) -> Array:
    """Log likelihood of a binary vector under independent Bernoulli variables given by their log odds.

    sum_j x_j logits_x_j - softplus(logits_x_j): minus the binary cross entropy.

    Shapes: x, logits_x (..., D) with equal D -> (...); x may be booleans or bytes. Unit: nats.
    Raises ValueError if x is not 0 or 1 everywhere (for grey values see `continuous_bernoulli_log_likelihood_logits`) or
    a logit is not finite.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions.
    Theorem: bernoulli_likelihood.
    """
    x, logits_x = images_as_rows(pixel_axes, x=pixels(x, logits_x=logits_x), logits_x=logits_x)
    return _logits.bernoulli_log_likelihood(x=(binary, x), logits_x=(finite, logits_x))


def continuous_bernoulli_log_likelihood_logits(x: Array, logits_x: Array, *, pixel_axes: int = 1) -> Array:
    """Log likelihood of a vector in the unit cube under independent continuous Bernoulli variables.

    sum_j x_j l_j - log((exp(l_j) - 1) / l_j) with l = logits_x; the second term, the normaliser, is 0 at l = 0.

    Where x is exactly 0 or 1 it has no largest value: it grows as log |l|.

    Shapes: x, logits_x (..., D) with equal D -> (...). Unit: nats (a density: it may be positive).
    Raises ValueError if x is outside [0, 1] or a logit is not finite.
    Source: Evidence Lower Bound (ELBO) Derivation, Concrete Loss Functions, made a likelihood for grey values.
    Theorem: continuous_bernoulli_likelihood.
    """
    x, logits_x = images_as_rows(pixel_axes, x=x, logits_x=logits_x)
    return _logits.continuous_bernoulli_log_likelihood(x=(grey, x), logits_x=(finite, logits_x))


def categorical_log_likelihood_logits(x: Array, logits_x: Array, *, pixel_axes: int = 1) -> Array:
    """Log likelihood of labels under independent categorical variables given by unnormalised log probabilities.

    sum_j log softmax(logits_x_j) at the label x_j.

    Shapes: x (..., D), integers from 0 to C - 1, logits_x (..., D, C) with equal D -> (...). Unit: nats.
    Raises ValueError if a label is none of the C, a logit is NaN or +inf, or all C of a pixel are -inf; TypeError if x is not
    of integers.
    Theorems: categorical_likelihood, softmax_shift.
    """
    check, rows = _logits.one_hot(x, logits_x)
    rows, logits_x = images_as_rows(pixel_axes, x=rows, logits_x=logits_x, classes=1)
    return _logits.categorical_log_likelihood(x=(check, rows), logits_x=(logits, logits_x))


def discretized_logistic_log_likelihood(
    x: Array, mean_x: Array, logscale_x: Array, *, levels: int = 256, pixel_axes: int = 1
) -> Array:
    """Log likelihood of pixels of equally spaced levels from 0 to 1 under independent logistic variables in steps.

    sum_j log(F(x_j + h) - F(x_j - h)) with F(t) = 1 / (1 + exp(-(t - mean_x_j) / exp(logscale_x_j))), h = 1 / (2 (levels - 1));
    F(x - h) is 0 at the first level and F(x + h) is 1 at the last, so that the levels have mass 1 together.

    Shapes: x, mean_x (..., D) with equal D, logscale_x broadcasts -> (...); x may be the integers of the levels. Unit: nats.
    Raises ValueError if x is not on a level, mean_x or logscale_x is not finite, or levels is less than 2.
    Theorems: discretized_logistic_likelihood, logistic_level_mass.
    """
    levels = integer("levels", levels, 2)
    x = _logistic.levels_of(x, levels, mean_x=mean_x)
    x, mean_x, logscale_x = images_as_rows(pixel_axes, x=x, mean_x=mean_x, logscale_x=logscale_x)
    return _logistic.log_likelihood(
        x=(_logistic.level(levels), x),
        mean_x=(finite, mean_x),
        logscale_x=(finite, logscale_x),
        levels=(as_it_is, float(levels)),
    )
