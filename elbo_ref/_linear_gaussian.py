"""The linear-Gaussian model z ~ N(mean_prior, var_prior), x | z ~ N(weight z + bias, var_noise), with q = N(mean_q, var_q).

`model` is (weight, bias, var_noise, mean_prior, var_prior).
"""

import math
from functools import reduce

from elbo_ref._core.arrays import Array, Namespace, is_float64
from elbo_ref._core.formula import Formula
from elbo_ref._core.pairs import Pair, add, exact, multiply, rounded, two_product, two_sum
from elbo_ref._core.special import HALF_LOG_TWO_PI, phi, size
from elbo_ref._gaussian import kl_by_variance, log_density


def _far(xp: Namespace, weight: Array, var_noise: Array, var_prior: Array) -> tuple[Array, Array, Array, Array]:
    """Where the square of the weight, or of its product with std_prior, leaves the range of floats or nearly, and there the two
    factors of the product, the one that is above 1 first, and std_noise over it.
    """
    std, large = xp.sqrt(var_prior), 2.0**200 if is_float64(weight.dtype) else 2.0**60
    far = xp.logical_or(size(xp, weight * std) > large, size(xp, weight) > large)
    first = size(xp, weight) > 1
    one, other = (xp.where(far, xp.where(first, *pair), 1.0) for pair in ((weight, std), (std, weight)))
    return far, one, other, xp.sqrt(var_noise) / one / other


def _log_evidence(xp: Namespace, x: Array, *model: Array) -> Array:
    weight, bias, var_noise, mean_prior, var_prior = model
    far, one, other, ratio = _far(xp, weight, var_noise, var_prior)
    near = xp.where(far, 1.0, weight)
    usual = log_density(xp, x, near * mean_prior + bias, near * near * var_prior + var_noise)
    shift = x / one / other - bias / one / other - mean_prior / xp.sqrt(var_prior)
    log_std = xp.log(size(xp, one)) + xp.log(size(xp, other)) + xp.log1p(ratio * ratio) / 2
    by_std = -(shift / (1 + ratio * ratio) * shift / 2 + log_std) - HALF_LOG_TWO_PI
    return xp.where(far, by_std, usual)


def _posterior_mean(xp: Namespace, x: Array, *model: Array) -> Array:
    weight, bias, var_noise, mean_prior, var_prior = model
    far, _, _, ratio = _far(xp, weight, var_noise, var_prior)
    near, divisor = xp.where(far, 1.0, weight), xp.where(far, weight, 1.0)
    gain = near * var_prior / (near * near * var_prior + var_noise)
    usual = mean_prior + gain * (x - near * mean_prior - bias)
    by_data = x / divisor - bias / divisor
    return xp.where(far, (by_data + mean_prior * ratio * ratio) / (1 + ratio * ratio), usual)


def _posterior_var(xp: Namespace, weight: Array, var_noise: Array, var_prior: Array) -> Array:
    far, _, _, ratio = _far(xp, weight, var_noise, var_prior)
    near = xp.where(far, 1.0, weight)
    usual = var_prior * (var_noise / (near * near * var_prior + var_noise))
    return xp.where(far, var_prior * ratio / (1 + ratio * ratio) * ratio, usual)


def _posterior(xp: Namespace, x: Array, *model: Array) -> tuple[Array, Array]:
    weight, _, var_noise, _, var_prior = model
    return _posterior_mean(xp, x, *model), _posterior_var(xp, weight, var_noise, var_prior)


def _reconstruction(
    xp: Namespace, x: Array, mean_q: Array, var_q: Array, weight: Array, bias: Array, var_noise: Array
) -> Array:
    return log_density(xp, x, weight * mean_q + bias, var_noise) - weight / 2 * (weight * (var_q / var_noise))


def _elbo(xp: Namespace, x: Array, mean_q: Array, var_q: Array, *model: Array) -> Array:
    decoder, prior = model[:3], model[3:]
    return _reconstruction(xp, x, mean_q, var_q, *decoder) - kl_by_variance(xp, mean_q, var_q, *prior)


def _gap(xp: Namespace, x: Array, mean_q: Array, var_q: Array, *model: Array) -> Array:
    return kl_by_variance(xp, mean_q, var_q, *_posterior(xp, x, *model))


def _gap_precise(xp: Namespace, *arrays: Array) -> Array:
    """Where squares and products stay inside the range of floats, in pairs: near the posterior its own rounding would matter."""
    sizes = [size(xp, a) for a in arrays]
    variances = sizes[2], sizes[5], sizes[7]
    regular = reduce(xp.logical_and, [*(a < 2.0**200 for a in sizes), *(a > 2.0**-200 for a in variances)])
    return xp.where(regular, _gap_in_pairs(xp, *(xp.where(regular, a, 1.0) for a in arrays)), _gap(xp, *arrays))


def _gap_in_pairs(xp: Namespace, x: Array, mean_q: Array, var_q: Array, *model: Array) -> Array:
    """The posterior has variance var_prior var_noise / total, total = weight^2 var_prior + var_noise, and its mean solves

        total (mean - mean_prior) = weight var_prior (x - bias - weight mean_prior).

    How far q is off in either is found before anything is rounded.
    """
    weight, bias, var_noise, mean_prior, var_prior = model
    gain = two_product(weight, var_prior)
    total = add(xp, multiply(xp, gain, exact(xp, weight)), exact(xp, var_noise))
    innovation = add(xp, two_sum(x, -bias), _minus(two_product(weight, mean_prior)))
    off = add(xp, multiply(xp, two_sum(mean_q, -mean_prior), total), _minus(multiply(xp, gain, innovation)))
    product = two_product(var_prior, var_noise)
    excess = add(xp, multiply(xp, exact(xp, var_q), total), _minus(product))
    precision, shift = total[0] / product[0], rounded(xp, off) / total[0]
    return phi(xp, rounded(xp, excess) / product[0], var_q * precision) / 2 + shift / 2 * shift * precision


def _minus(x: Pair) -> Pair:
    return -x[0], -x[1]


def _mutual_information(xp: Namespace, weight: Array, var_noise: Array, var_prior: Array) -> Array:
    """log(1 + s^2) / 2 with s = weight std_prior / std_noise, which is log s where s^2 leaves the range of floats."""
    std, std_noise = xp.sqrt(var_prior), xp.sqrt(var_noise)
    away = xp.abs(weight) * std > std_noise * (2.0**500 if is_float64(std.dtype) else 2.0**60)
    log_s = xp.log(xp.abs(xp.where(away, weight, 1.0))) + (xp.log(var_prior) - xp.log(var_noise)) / 2
    weight = xp.where(away, 0.0, weight)
    # in the one or the other order no step leaves the range, or loses digits at its lower end, unless s^2 does
    first = xp.logical_or(xp.abs(weight) > 1, std / std_noise == math.inf)
    s = xp.where(first, weight * std, 0.0) / std_noise + weight * (xp.where(first, 0.0, std) / std_noise)
    return xp.where(away, log_s, xp.log1p(s * s) / 2)


def _em_weight(xp: Namespace, x: Array, *model: Array) -> Array:
    mean, var = _posterior(xp, x, *model)
    bias, second_moment = model[1], mean * mean + var
    return xp.sum((x - bias) * mean, axis=-1) / xp.sum(second_moment, axis=-1)


log_evidence = Formula(body=_log_evidence)
posterior_mean = Formula(body=_posterior_mean)
posterior_var = Formula(body=_posterior_var)
reconstruction = Formula(body=_reconstruction)
elbo = Formula(body=_elbo)
gap = Formula(body=_gap, precise=_gap_precise)
mutual_information = Formula(body=_mutual_information)
em_weight = Formula(body=_em_weight)
