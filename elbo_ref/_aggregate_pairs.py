"""Samples of many Gaussians beside all of these at once, in memory M N D.

For JAX, whose arrays no block can overwrite, and where torch traces, transforms, or differentiates a derivative: what is done here
is smooth, so that its derivatives are right to any order and in either mode.
"""

import math

from elbo_ref._aggregate import Level, predicted_error
from elbo_ref._core.arrays import Array, Namespace, device, dtype_name, is_jax, is_transformed, readable, widen
from elbo_ref._core.special import HALF_LOG_TWO_PI, log_sum_exp


def at_once(*arrays: Array) -> bool:
    """Say whether pairs are the way to go."""
    return any(is_jax(x) or is_transformed(x) or not readable(x) for x in arrays)


def log_densities(xp: Namespace, z: Array, mean: Array, std: Array) -> Array:
    """log N(z_m; mean_n, diag(std_n^2)) of all pairs, (M, N)."""
    z, mean, std = (widen(xp, x) for x in (z, mean, std))
    t = (z[:, None, :] - mean) / std
    return -xp.sum(t * t / 2 + (xp.log(std) + HALF_LOG_TWO_PI), axis=-1)


def own_and_rest(xp: Namespace, z: Array, mean: Array, std: Array, index: Array) -> tuple[Array, Array]:
    """The log density of each sample under its own Gaussian, and the log of the sum of all densities over it, which is >= 0."""
    logs = log_densities(xp, z, mean, std)
    own = xp.sum(xp.where(index[:, None] == xp.arange(mean.shape[0], device=device(index)), logs, 0.0), axis=1)
    return own, log_sum_exp(xp, logs - own[:, None], axis=1)


def error(xp: Namespace, dimension: int, total: int, own: Array) -> Array:
    """A bound on the error of any of the log densities of the aggregate."""
    kind = dtype_name(own.dtype)
    return xp.max(predicted_error(Level(kind, kind), dimension, xp.zeros_like(own), math.log(total), own))
