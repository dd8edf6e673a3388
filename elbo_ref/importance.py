"""Importance weights: how many samples they are worth, how heavy their tail is, what other bounds they give, and how to tame them.

Weights are given by their logarithms, log p(x, z) - log q(z), with z drawn from q; a weight of zero is -inf. The axis of the samples
is `axis`, the first one unless said otherwise, or `dim`. `iwae_bound` is in `elbo_ref.estimators`. What holds for all functions is
said in `elbo_ref`.
"""

from elbo_ref import _weights
from elbo_ref._core.arguments import prepare
from elbo_ref._core.arrays import Array, constant, gather, narrow
from elbo_ref._core.checks import as_it_is, below_infinity, finite_number, inside_unit_interval
from elbo_ref._core.shapes import axis_or_dim


def effective_sample_size(log_weights: Array, *, axis: int | None = None, dim: int | None = None) -> Array:
    """How many equal weights would estimate a mean as well: (sum of w)^2 / (sum of w^2), from 1 to K.

    K over it, less 1, is the variance of the weights over the square of their mean in this draw. Where the true one is infinite,
    it still is a number, and says nothing: see `tail_index`.

    Shapes: (K, ...) if axis is 0 -> (...). No unit.
    Raises ValueError if a weight is NaN or +inf, or all of them are zero, or there is no sample.
    Theorems: effective_sample_size, effective_sample_size_below_k, effective_sample_size_above_one.
    """
    xp, x = _weights.samples_first(log_weights, axis_or_dim(axis, dim))
    return _weights.effective_sample_size.on(xp, x.dtype, {"log_weights": (_weights.some, x)})


def tail_index(log_weights: Array, *, axis: int | None = None, dim: int | None = None) -> Array:
    """The Pareto index k of the largest weights: their moments exist up to 1 / k, as far as this draw shows.

    k = the posterior mean of the shape of a generalised Pareto distribution of the min(K / 5, 3 sqrt(K)) largest weights less the next one.

    Below 1/2 the variance is finite and the central limit theorem at work; above 0.7 a mean of weights cannot be trusted with as
    many samples as one has. By the profile likelihood of Zhang and Stephens (A new and efficient estimation method for the
    generalized Pareto distribution), with the prior that Pareto smoothed importance sampling adds: ten observations of one half.
    It is a fit, and what is known of it holds in the limit of many samples, of which no rule of proof speaks here.

    Shapes: (K, ...) if axis is 0 -> (...). No unit. -inf where the largest weights are equal. Nothing is differentiated.
    Raises ValueError if a weight is NaN or +inf, or all of them are zero, or there are fewer than 25 samples.
    Theorem: none yet.
    """
    _, x = _weights.samples_first(log_weights, axis_or_dim(axis, dim), 25)
    xp, dtype, x = prepare(log_weights=(_weights.some, constant(x)))
    return narrow(xp, _weights.tail_index(xp, x), dtype)


def renyi_bound(log_weights: Array, *, alpha: float, axis: int | None = None, dim: int | None = None) -> Array:
    """Rényi's bound of one draw of K samples: a mean of the weights to the power 1 - alpha, in logarithms.

    L = log((1 / K) sum_k exp((1 - alpha) log_weights_k)) / (1 - alpha); the mean of log_weights at alpha = 1.

    With alpha 0 it is `iwae_bound`, with 1 the ELBO; it never grows with alpha. For alpha from 0 on its expectation is a lower bound
    on log p(x). Below 0 that of infinitely many samples is an upper bound, and a draw lies below it on average: it is neither.

    Shapes: (K, ...) if axis is 0 -> (...). Unit: nats.
    Raises ValueError if alpha is not finite, a weight is NaN or +inf, or there is no sample.
    Theorems: renyi_bound_below_iwae, renyi_bound_below_elbo, power_means_grow.
    """
    return _power_mean(log_weights, 1.0 - finite_number("alpha", alpha), axis_or_dim(axis, dim))


def chi_bound(log_weights: Array, *, order: float = 2.0, axis: int | None = None, dim: int | None = None) -> Array:
    """The chi upper bound (CUBO) of one draw of K samples: a root of the mean of the weights to a power above 1, in logarithms.

    U = log((1 / K) sum_k exp(order log_weights_k)) / order.

    For infinitely many samples it is an upper bound on log p(x), infinite where the moment is. The mean of exp(order U) is
    unbiased for exp(order bound); the expectation of U itself is at most the bound, so that a draw may lie below log p(x).

    Shapes: (K, ...) if axis is 0 -> (...). Unit: nats.
    Raises ValueError if order is not a finite number >= 1, a weight is NaN or +inf, or there is no sample.
    Theorems: chi_bound_grows, power_means_grow.
    """
    return _power_mean(log_weights, finite_number("order", order, 1), axis_or_dim(axis, dim))


def _power_mean(log_weights: Array, power: float, axis: int) -> Array:
    _, x = _weights.samples_first(log_weights, axis)
    xp, x, power = gather(log_weights=x, power=power)
    return _weights.power_mean.on(xp, x.dtype, {"log_weights": (below_infinity, x), "power": (as_it_is, power)})


def defensive_log_density(log_q: Array, log_p: Array, *, share: Array) -> Array:
    """Log density of a proposal that is q most of the time, and p otherwise, at samples of that mixture.

    log((1 - share) q(z) + share p(z)).

    With the prior for p, weights p(x, z) over it are at most p(x | z) / share: their variance is finite where the likelihood is
    bounded, however narrow q is.

    Shapes: elementwise, log_q and log_p at the same samples. Unit: nats. A density of zero is -inf.
    Raises ValueError if a log density is NaN or +inf, or share is not between 0 and 1.
    Theorems: defensive_weight_bound, defensive_mean_square.
    """
    return _weights.defensive(
        log_q=(below_infinity, log_q), log_p=(below_infinity, log_p), share=(inside_unit_interval, share)
    )
