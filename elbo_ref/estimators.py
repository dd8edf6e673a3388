"""Monte Carlo estimates of bounds, divergences and gradients. The samples or the noise are arguments: nothing is drawn here.

In nats. How wide a distribution is may be said by its std, its var or its logvar, one of them, by name; the formulas are written with
one. The axis of the samples is `axis`, or `dim`. What holds for all functions is said in `elbo_ref`.
"""

import math
from typing import NamedTuple

from elbo_ref import _gaussian, _sampling, _weights
from elbo_ref._core.arguments import prepare, prepare_elementwise
from elbo_ref._core.arrays import Array, Namespace, held, looks, narrow
from elbo_ref._core.checks import below_infinity, finite, require
from elbo_ref._core.shapes import axis_or_dim, same_shape, sample_axis
from elbo_ref._core.special import root
from elbo_ref._core.spread import CHECKS, named, std_of


class Estimate(NamedTuple):
    """A Monte Carlo mean and its standard error, both with the shape and dtype of what was averaged."""

    value: Array
    standard_error: Array


def _average(xp: Namespace, x: Array, size: int, axis: int, dtype: object) -> Estimate:
    """Mean over the sample axis, and the standard error from the unbiased variance."""
    mean = xp.mean(x, axis=axis, keepdims=True)
    variance = xp.sum((x - mean) ** 2, axis=axis) / (size - 1)
    return Estimate(narrow(xp, xp.squeeze(mean, axis=axis), dtype), narrow(xp, root(xp, variance / size), dtype))


def reparameterize(
    mean: Array,
    std: Array | None = None,
    noise: Array | None = None,
    *,
    var: Array | None = None,
    logvar: Array | None = None,
) -> Array:
    """Turn standard normal noise into samples of N(mean, std^2), as a differentiable function of mean and std.

    z = mean + std noise.

    Shapes: elementwise; a leading sample axis of noise stays. No unit.
    Raises ValueError if an argument is not finite, std is not positive, or the shapes do not broadcast.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 7. The VAE Architecture.
    Theorem: reparameterization.
    """
    kind, width = named(std, var, logvar)
    if kind == "std" and (found := _sampling.in_one_step(mean, std, noise)) is not None:
        return found
    if kind == "logvar" and (found := _sampling.by_logvar(mean, width, noise)) is not None:
        return found
    return _gaussian.REPARAMETERIZE[kind](mean=(finite, mean), **{kind: (CHECKS[kind], width)}, noise=(finite, noise))


def log_normal_diag(
    z: Array, mean: Array, std: Array | None = None, *, var: Array | None = None, logvar: Array | None = None
) -> Array:
    """Log density of a Gaussian with diagonal covariance.

    log N(z; mean, diag(std^2)) = - sum_j ((z_j - mean_j)^2 / std_j^2) / 2 + log(std_j) + log(2 pi) / 2.

    Shapes: all broadcast to (..., D) -> (...). Unit: nats.
    Raises ValueError if an argument is not finite, std is not positive, or there is no axis to sum over.
    Theorem: gaussian_log_density.
    """
    kind, width = named(std, var, logvar)
    return _gaussian.LOG_NORMAL_DIAG[kind](z=(finite, z), mean=(finite, mean), **{kind: (CHECKS[kind], width)})


def log_normal_diag_held(
    z: Array, mean: Array, std: Array | None = None, *, var: Array | None = None, logvar: Array | None = None
) -> Array:
    """`log_normal_diag` with its parameters held still: the log q of an ELBO whose gradient sticks the landing.

    The value is that of `log_normal_diag`; the only derivative is by z. In the mean of log p(x, z) - log q(z) at samples from
    `reparameterize` this leaves out the score of q, whose mean is zero: the gradient stays unbiased, and where q is the posterior it
    is zero in every draw. The gradient in the parameters of p is as ever.

    Shapes: all broadcast to (..., D) -> (...). Unit: nats.
    Raises ValueError as `log_normal_diag` does.
    Theorem: sticking_the_landing.
    """
    kind, width = named(std, var, logvar)
    return log_normal_diag(z, held(mean), **{kind: held(width)})


def monte_carlo_elbo(log_joint: Array, log_q: Array, *, axis: int | None = None, dim: int | None = None) -> Estimate:
    """Monte Carlo estimate of the ELBO with its standard error, from samples z of q.

    value = mean over samples of log p(x, z) - log q(z | x); standard_error = sqrt(unbiased variance / samples).

    The value is unbiased for the ELBO with any number of samples. Averaging in the log domain is what keeps it so: the
    logarithm of an average of p(x, z) / q(z | x) estimates something else, see `iwae_bound`.

    Shapes: both (samples, ...) if axis is 0 -> (...) each. Unit: nats. Where log_joint is -inf at some sample the value
    is -inf, and NaN its standard error.
    Raises ValueError if log_q is not finite, log_joint is NaN or +inf, the shapes differ, or there are fewer than two
    samples (one sample has no standard error; its estimate is log_joint - log_q itself).
    Source: Evidence Lower Bound (ELBO) Derivation, Monte Carlo Estimate.
    Theorem: monte_carlo_elbo_unbiased.
    """
    axis = axis_or_dim(axis, dim)
    xp, dtype, log_joint, log_q = prepare(log_joint=(below_infinity, log_joint), log_q=(finite, log_q))
    same_shape(log_joint=log_joint, log_q=log_q)
    size = sample_axis("log_joint", log_joint, axis, 2)
    impossible = log_joint == -math.inf
    estimate = _average(xp, xp.where(impossible, 0.0, log_joint) - log_q, size, axis, dtype)
    some = xp.any(impossible, axis=axis)
    return Estimate(xp.where(some, -math.inf, estimate.value), xp.where(some, math.nan, estimate.standard_error))


def iwae_bound(log_weights: Array, *, axis: int | None = None, dim: int | None = None) -> Array:
    """Importance-weighted bound of one draw of K samples: the logarithm of the mean weight.

    L = log((1 / K) sum_k exp(log_weights_k)), with log_weights = log p(x, z) - log q(z | x) and z drawn from q.

    Its expectation is a lower bound on log p(x): the ELBO for K = 1, not decreasing in K. A weight of zero is -inf.

    Shapes: (K, ...) if axis is 0 -> (...). Unit: nats.
    Raises ValueError if a weight is NaN or +inf or there is no sample.
    Source: Evidence Lower Bound (ELBO) Derivation, Tightening the Bound.
    Theorem: iwae_bound.
    """
    return _weights.iwae_bound(log_weights, axis_or_dim(axis, dim))


def kl_estimator_log_ratio(log_q: Array, log_p: Array) -> Array:
    """Per-sample estimate of KL(q || p) from a sample of q: the log ratio.

    k = log q(z) - log p(z).

    Value: E_q k = KL(q || p), unbiased; single values may be negative.
    Gradient: with the sample held fixed, the gradient of k in the parameters of q is the score, whose mean is zero:
    unbiased for zero, it says nothing about KL. Reparameterize the sample, or weight the score
    (`score_function_gradient`).

    Shapes: elementwise, log_q and log_p at the same samples. Unit: nats. inf where p has no mass.
    Raises ValueError if log_q is not finite or log_p is NaN or +inf.
    Theorem: log_ratio_gradient.
    """
    return _weights.kl_log_ratio(log_q=(finite, log_q), log_p=(below_infinity, log_p))


def kl_estimator_half_square(log_q: Array, log_p: Array) -> Array:
    """Per-sample half squared log ratio: a biased but never negative stand-in for KL(q || p), with the right gradient.

    k = (log q(z) - log p(z))^2 / 2.

    Value: E_q k is not KL(q || p); the two agree to second order as p approaches q.
    Gradient: with the sample held fixed, the gradient of k in the parameters of q is log(q / p) times the score, whose
    mean is the gradient of KL(q || p). So the gradient is unbiased for that of KL(q || p) although the value is not.

    Shapes: elementwise, log_q and log_p at the same samples. Unit: nats. inf where p has no mass.
    Raises ValueError if log_q is not finite or log_p is NaN or +inf.
    Theorem: half_square_gradient.
    """
    return _weights.kl_half_square(log_q=(finite, log_q), log_p=(below_infinity, log_p))


def kl_estimator_bregman(log_q: Array, log_p: Array) -> Array:
    """Per-sample estimate of KL(q || p) from a sample of q that is never negative: the log ratio with a control variate.

    k = r - 1 - log r with r = p(z) / q(z).

    Value: E_q k = KL(q || p) where p puts no mass outside the support of q, since then E_q r = 1. Otherwise the mean is
    too small by the mass of p outside.
    Gradient: with the sample held fixed, the gradient of k in the parameters of q is (1 - r) times the score, whose mean
    is the gradient of the other direction (theorem `bregman_gradient`). It is unbiased for that of KL(p || q), not of
    KL(q || p): minimised that way, k fits q to p as maximum likelihood does.

    Shapes: elementwise, log_q and log_p at the same samples. Unit: nats. inf where p has no mass.
    Raises ValueError if log_q is not finite or log_p is NaN or +inf.
    Theorem: kl_estimators.
    """
    return _weights.kl_bregman(log_q=(finite, log_q), log_p=(below_infinity, log_p))


def score_normal(
    z: Array, mean: Array, std: Array | None = None, *, var: Array | None = None, logvar: Array | None = None
) -> tuple[Array, Array]:
    """Score of a Gaussian: the gradients of log N(z; mean, std^2) in mean and in std, or in var or logvar if that is given.

    (z - mean) / std^2 and ((z - mean)^2 / std^2 - 1) / std. Under z ~ N(mean, std^2) both have mean zero.

    Shapes: elementwise; returns (d mean, d std). Unit: nats per unit of the parameter.
    Raises ValueError if an argument is not finite or std is not positive.
    Theorem: score_function_gradient.
    """
    kind, width = named(std, var, logvar)
    given = {"z": (finite, z), "mean": (finite, mean), kind: (CHECKS[kind], width)}
    xp, dtype, z, mean, width = prepare_elementwise(**given)
    std = std_of(xp, kind, width)
    standardized = (z - mean) / std
    # (t - 1)(t + 1) keeps the digits that t^2 - 1 loses near one standard deviation
    excess = (standardized - 1) * (standardized + 1)
    by_width = excess / std if kind == "std" else excess / 2 / width if kind == "var" else excess / 2
    return narrow(xp, standardized / std, dtype), narrow(xp, by_width, dtype)


def score_function_gradient(value: Array, score: Array, *, baseline: Array = 0.0) -> Estimate:
    """Score-function estimate of the gradient of E_q f(z) in the parameters of q, with its standard error.

    mean over samples of (f(z) - baseline) grad log q(z), from samples z of q; f need not be differentiable.

    Unbiased for any baseline that does not depend on the sample it is subtracted from.

    Shapes: value (samples,), score (samples, ...), baseline a number or (samples,) -> (...) each.
    Raises ValueError if an argument is not finite, the sample axes differ, or there are fewer than two samples.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 7. The VAE Architecture.
    Theorem: score_function_gradient.
    """
    xp, dtype, value, score, baseline = prepare(
        value=(finite, value), score=(finite, score), baseline=(finite, baseline)
    )
    size = sample_axis("score", score, 0, 2)
    if value.shape != (size,):
        raise ValueError(f"value must have shape {(size,)}, one number for each sample, got {tuple(value.shape)}")
    if tuple(baseline.shape) not in ((), (size,)):
        raise ValueError(f"baseline must be a number or have shape {(size,)}, got {tuple(baseline.shape)}")
    weight = xp.reshape(value - baseline, (size,) + (1,) * (score.ndim - 1))
    return _average(xp, weight * score, size, 0, dtype)


def reparameterized_gradient(gradient: Array, noise: Array) -> tuple[Estimate, Estimate]:
    """Reparameterized estimate of the gradients of E f(z), z ~ N(mean, std^2), in mean and in std.

    mean over samples of g and of g noise, where g is the gradient of f at z = mean + std noise.

    Unbiased where differentiation and expectation may be exchanged; a step function f has g = 0 almost everywhere and
    is not such a function. For the ELBO, take the gradient of log p(x, z) - log q(z) in z alone, mean and std of q held
    still: it is unbiased although the score is left out, and has no variance where q is the posterior (theorem
    `sticking_the_landing`).

    Shapes: both (samples, ...) -> two estimates of shape (...), in mean and in std.
    Raises ValueError if an argument is not finite, the shapes differ, or there are fewer than two samples.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 7. The VAE Architecture.
    Theorem: reparameterization.
    """
    xp, dtype, gradient, noise = prepare(gradient=(finite, gradient), noise=(finite, noise))
    same_shape(gradient=gradient, noise=noise)
    size = sample_axis("gradient", gradient, 0, 2)
    return _average(xp, gradient, size, 0, dtype), _average(xp, gradient * noise, size, 0, dtype)


def doubly_reparameterized_gradient(log_weights: Array, gradient: Array, noise: Array) -> tuple[Array, Array]:
    """Gradients of the importance-weighted bound in the mean and the std of its encoder, from one draw of K samples.

    sum_k w_k^2 g_k and sum_k w_k^2 g_k noise_k, where w_k = exp(log_weights_k) / sum_l exp(log_weights_l) and g_k is the
    gradient of log p(x, z) - log q(z | x) in z alone, mean and std of q held still, at z_k = mean + std noise_k.

    Both are unbiased for the gradient of the mean of `iwae_bound`, in each sample with the others held still. What
    automatic differentiation of `iwae_bound` gives is unbiased too, but contains the score of q; this is zero in every draw
    where q is the posterior. With K = 1 it is `reparameterized_gradient` for the ELBO, one draw at a time.

    Shapes: log_weights (K, ...); gradient and noise (K, ..., D) or any shape that begins with that of log_weights ->
    (..., D) each, in mean and in std. Unit: nats per unit of the parameter. A weight of zero is -inf.
    Raises ValueError if a weight is NaN or +inf or all K are zero, gradient or noise is not finite, or the shapes do not
    fit.
    Source: Evidence Lower Bound (ELBO) Derivation, Tightening the Bound, differentiated.
    Theorems: doubly_reparameterized_mean, doubly_reparameterized_std.
    """
    xp, dtype, log_weights, gradient, noise = prepare(
        log_weights=(below_infinity, log_weights), gradient=(finite, gradient), noise=(finite, noise)
    )
    sample_axis("log_weights", log_weights, 0, 1)
    same_shape(gradient=gradient, noise=noise)
    shape = tuple(log_weights.shape)
    if tuple(gradient.shape)[: len(shape)] != shape:
        raise ValueError(f"gradient must have a shape that begins with {shape}, got {tuple(gradient.shape)}")
    largest = xp.max(log_weights, axis=0)
    largest = require("log_weights", largest, largest > -math.inf, "above -inf for some sample", looks(largest))
    weights = xp.exp(log_weights - largest)
    squares = (weights / xp.sum(weights, axis=0)) ** 2
    path = xp.reshape(squares, shape + (1,) * (gradient.ndim - len(shape))) * gradient
    return narrow(xp, xp.sum(path, axis=0), dtype), narrow(xp, xp.sum(path * noise, axis=0), dtype)
