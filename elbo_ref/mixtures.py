"""Finite mixtures of diagonal Gaussians: their log density, and bounds of the divergence of two of them.

What N encoders of one weight have in common is in `elbo_ref.surgery`; `elbo_ref.certified` encloses the divergence in one dimension.
What holds for all functions is said in `elbo_ref`.
"""

from typing import NamedTuple

from elbo_ref import _gaussian
from elbo_ref._core.arguments import prepare
from elbo_ref._core.arrays import Array, Namespace, narrow
from elbo_ref._core.checks import finite, simplex
from elbo_ref._core.shapes import components, has_axes
from elbo_ref._core.special import HALF_LOG_TWO_PI, log_sum_exp
from elbo_ref._core.spread import CHECKS, alike, named, std_of


class Bounds(NamedTuple):
    """Two numbers between which a third lies, in nats."""

    lower: Array
    upper: Array


def mixture_log_density(
    z: Array,
    weights: Array,
    mean: Array,
    std: Array | None = None,
    *,
    var: Array | None = None,
    logvar: Array | None = None,
) -> Array:
    """Log density of a mixture of Gaussians with diagonal covariance.

    log sum_k weights_k N(z; mean_k, diag(std_k^2)), the weights divided by their sum.

    Shapes: z (..., D); weights (K,); mean, std (K, D), or var or logvar by name -> (...). Unit: nats.
    Raises ValueError if z or mean is not finite, std is not positive, weights is no probability vector, or shapes do not fit.
    Theorem: mixture_log_density.
    """
    kind, width = named(std, var, logvar)
    xp, dtype, z, weights, mean, width = prepare(
        z=(finite, z), weights=(simplex, weights), mean=(finite, mean), **{kind: (CHECKS[kind], width)}
    )
    shares = _shares(xp, "weights", weights, mean=mean, **{kind: width})
    has_axes("z", z, 1)
    if z.shape[-1] != mean.shape[-1]:
        raise ValueError(
            f"z must have {mean.shape[-1]} entries in its last axis, as mean has, got shape {tuple(z.shape)}"
        )
    each = xp.sum(_gaussian.DENSITIES[kind](xp, z[..., None, :], mean, width), axis=-1)
    return narrow(xp, log_sum_exp(xp, each, -1, shares), dtype)


def kl_mixture_bounds(
    weights_q: Array,
    mean_q: Array,
    std_q: Array | None = None,
    weights_p: Array | None = None,
    mean_p: Array | None = None,
    std_p: Array | None = None,
    *,
    var_q: Array | None = None,
    var_p: Array | None = None,
    logvar_q: Array | None = None,
    logvar_p: Array | None = None,
) -> Bounds:
    """Bounds of the KL divergence between two mixtures of Gaussians with diagonal covariance, from pairs of their components.

    lower = sum_a w_a (log sum_b w_b exp(E_a log q_b) - log sum_b v_b E_a p_b), with w and v the weights of q and p and E_a the mean
    under component a of q; upper has the mean of a density in the first term and the mean of a log density in the second.

    Both are Jensen's inequality, within components and among them: log E_a f is above E_a log f. For equal distributions of one component they
    are (1 - log 2) / 2 below and above 0 for each dimension. A lower bound below 0 says nothing.

    Shapes: weights (K,), means and stds (K, D), or vars or logvars by name, K and L for q and p -> (). Unit: nats.
    Raises ValueError if a mean is not finite, a std is not positive, weights are no probability vector, or shapes do not fit.
    Theorems: mixture_kl_lower, mixture_kl_upper.
    """
    kind, wide_q, wide_p = alike(std_q, std_p, var_q, var_p, logvar_q, logvar_p)
    q, p, check = f"{kind}_q", f"{kind}_p", CHECKS[kind]
    xp, dtype, weights_q, mean_q, wide_q, weights_p, mean_p, wide_p = prepare(
        weights_q=(simplex, weights_q),
        mean_q=(finite, mean_q),
        **{q: (check, wide_q)},
        weights_p=(simplex, weights_p),
        mean_p=(finite, mean_p),
        **{p: (check, wide_p)},
    )
    shares_q = _shares(xp, "weights_q", weights_q, mean_q=mean_q, **{q: wide_q})
    shares_p = _shares(xp, "weights_p", weights_p, mean_p=mean_p, **{p: wide_p})
    if mean_q.shape[-1] != mean_p.shape[-1]:
        raise ValueError(
            f"mean_p must have {mean_q.shape[-1]} entries in its last axis, as mean_q has, got {mean_p.shape[-1]}"
        )
    law_q, law_p = (mean_q, std_of(xp, kind, wide_q)), (mean_p, std_of(xp, kind, wide_p))

    def bound(inner: Array, outer: Array) -> Array:
        """From log densities of q and of p, (a, b)."""
        difference = log_sum_exp(xp, inner, -1, shares_q) - log_sum_exp(xp, outer, -1, shares_p)
        return narrow(xp, xp.sum(shares_q * difference), dtype)

    lower = bound(_mean_log(xp, *law_q, *law_q), _log_mean(xp, *law_q, *law_p))
    return Bounds(lower, bound(_log_mean(xp, *law_q, *law_q), _mean_log(xp, *law_q, *law_p)))


def _mean_log(xp: Namespace, mean_a: Array, std_a: Array, mean_b: Array, std_b: Array) -> Array:
    """E_a log b for each a and b."""
    d, ratio = (mean_a[:, None] - mean_b) / std_b, std_a[:, None] / std_b
    return -xp.sum((d * d + ratio * ratio) / 2 + xp.log(std_b) + HALF_LOG_TWO_PI, axis=-1)


def _log_mean(xp: Namespace, mean_a: Array, std_a: Array, mean_b: Array, std_b: Array) -> Array:
    """log E_a b: the density of a difference of the two."""
    both = xp.sqrt(std_a[:, None] ** 2 + std_b**2)
    d = (mean_a[:, None] - mean_b) / both
    return -xp.sum(d * d / 2 + xp.log(both) + HALF_LOG_TWO_PI, axis=-1)


def _shares(xp: Namespace, name: str, weights: Array, **gaussians: Array) -> Array:
    """The weights of these Gaussians, their means named first, with sum 1."""
    components("K", **gaussians)
    mean, rows = next((name, tuple(x.shape[:1])) for name, x in gaussians.items())
    if tuple(weights.shape) != rows:
        raise ValueError(f"{name} must have shape {rows}, one for each row of {mean}, got {tuple(weights.shape)}")
    return weights / xp.sum(weights)
