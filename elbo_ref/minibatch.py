"""ELBO surgery from a minibatch: estimates of the aggregate density that a training loop can afford and differentiate.

The encoders of the other data are not at hand, so log q(z) is a guess from those of the batch. What `elbo_ref.surgery` finds from all
of them is the truth to compare with. What holds for all functions is said in `elbo_ref`.
"""

import math
from typing import Literal, NamedTuple

from elbo_ref import _gaussian
from elbo_ref._core.arguments import prepare
from elbo_ref._core.arrays import Array, Namespace, device, narrow
from elbo_ref._core.checks import choice, finite
from elbo_ref._core.shapes import components
from elbo_ref._core.special import HALF_LOG_TWO_PI, log_sum_exp
from elbo_ref._core.spread import CHECKS, named

Estimator = Literal["naive", "mws", "mss"]


class MinibatchSurgery(NamedTuple):
    """The parts of log q(z | n) - log p(z) at each sample, in nats: mutual_information + total_correlation + the sum of
    dimension_kl. Their means estimate the quantities of these names.
    """

    log_q: Array
    """log q(z) of the aggregate, (..., M)."""
    mutual_information: Array
    """log q(z | n) - log q(z), (..., M)."""
    total_correlation: Array
    """log q(z) - sum_d log q(z_d), (..., M)."""
    dimension_kl: Array
    """log q(z_d) - log p(z_d), (..., M, D)."""


def minibatch_surgery(
    z: Array,
    mean: Array,
    std: Array | None = None,
    *,
    var: Array | None = None,
    logvar: Array | None = None,
    size: int,
    estimator: Estimator,
) -> MinibatchSurgery:
    """Split log q(z | n) - log p(z) at samples z of a minibatch of M of N = size encoders, each drawn from that of its own row.

    log q(z) is estimated as log sum_j weight_j N(z; mean_j, diag(std_j^2)) over the batch, each log q(z_d) likewise:

    - "naive": every weight is 1 / M. The own encoder is in every batch, so log q(z) is too large, and the information at most log M.
    - "mws", minibatch weighted sampling: every weight is 1 / (N M). This is the naive one less log N whatever the data, so the
      information is larger by log N, total correlation by (D - 1) log N; the gradients are the same.
    - "mss", minibatch stratified sampling: the own weight is 1 / N, that of each other (N - 1) / (N (M - 1)): unbiased for q(z), and
      by Jensen's inequality log q(z) is too small on average. The published one gives one of the others another weight, and this is
      its mean over which one. Its code puts the own weight off the diagonal, which leaves the bias of "naive".

    A beta-TCVAE is trained on -log p(x | z) + mutual_information + beta total_correlation + the sum of dimension_kl.

    Shapes: z (..., M, D); mean, std (M, D), or var or logvar by name. Unit: nats. Memory for M^2 D numbers.
    Raises ValueError if an argument is not finite, std is not positive, the shapes do not fit, size is less than M, or M is 1 for
    "mss".
    Theorems: mws_is_naive, naive_batch_bias, stratified_weights, own_weight_bias, mss_as_shipped_bias.
    """
    choice("estimator", estimator, "naive", "mws", "mss")
    kind, width = named(std, var, logvar)
    xp, dtype, z, mean, width = prepare(z=(finite, z), mean=(finite, mean), **{kind: (CHECKS[kind], width)})
    _check(z, mean, kind, width, size, estimator)
    each = _gaussian.DENSITIES[kind](xp, z[..., :, None, :], mean, width)  # (..., M, M, D): sample, encoder, dimension
    weights = _log_weights(xp, mean, size, estimator)
    whole = xp.sum(each, axis=-1)
    log_q = log_sum_exp(xp, whole + weights, -1)
    by_dimension = log_sum_exp(xp, each + weights[..., None], -2)
    own = xp.linalg.diagonal(whole)
    log_p = -z * z / 2 - HALF_LOG_TWO_PI
    parts = log_q, own - log_q, log_q - xp.sum(by_dimension, axis=-1), by_dimension - log_p
    return MinibatchSurgery._make(narrow(xp, x, dtype) for x in parts)


def _check(z: Array, mean: Array, kind: str, width: Array, size: int, estimator: str) -> None:
    components("M", mean=mean, **{kind: width})
    if tuple(z.shape[-2:]) != tuple(mean.shape):
        raise ValueError(f"z must have a shape that ends in that of mean, {tuple(mean.shape)}, got {tuple(z.shape)}")
    batch = int(mean.shape[0])
    if not (isinstance(size, int) and size >= batch):
        raise ValueError(f"size must be the number of all data, at least the {batch} of the batch, got {size!r}")
    if estimator == "mss" and batch < 2:
        raise ValueError("mean must hold at least 2 encoders for estimator 'mss', got 1")


def _log_weights(xp: Namespace, mean: Array, size: int, estimator: str) -> Array:
    """The logarithms of the weights, (M, M)."""
    batch = int(mean.shape[0])
    eye = xp.eye(batch, dtype=mean.dtype, device=device(mean))
    if estimator == "mss":
        others = math.log((size - 1) / (size * (batch - 1)))
        return eye * (-math.log(size) - others) + others
    return 0 * eye - math.log(batch) - (math.log(size) if estimator == "mws" else 0.0)
