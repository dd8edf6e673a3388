"""The oracle in torch: integrals over a latent from their definitions, for thousands of models, data or parameters at once.

By the trapezoidal rule on a grid around each density, on the device and in the dtype of its parameters. For a smooth integrand
that has died out at the ends the error falls faster than any power of the step; what halving the step has changed is returned
beside each value, as an estimate of the error before the halving. Everything is differentiable but where the grids lie.

A density is `Normal(mean, std)` of tensors of one shape, or the logarithm of any density as a function of z, which gets z with
the nodes of the grid as a last axis: parameters enter it with a last axis of length 1. Values are not looked at: where a std is
not positive the result is NaN. In nats. SciPy's quadrature in
`elbo_ref.quadrature` takes any density and refuses what it cannot integrate; `elbo_ref.certified` encloses.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch

from elbo_ref._core.special import HALF_LOG_TWO_PI

__all__ = ["Integral", "Normal", "elbo", "expectation", "gap", "kl", "log_evidence"]

Log = Callable[[torch.Tensor], torch.Tensor]

_REACH = {torch.float64: 12.0, torch.float32: 9.0}  # standard deviations: what lies beyond is below the rounding
_NODES = 385  # of the fine grid; the coarse one has every other
_ENDS = 1e-6  # the share of the end nodes from which on an integrand is cut off
_ROUNDS = 16  # in search of the joint density, always all: to ask whether it is found would stop a device


class Integral(NamedTuple):
    """A value, and by how much it changed when the step was halved."""

    value: torch.Tensor
    error: torch.Tensor


class Normal(NamedTuple):
    """Gaussian densities by their parameters, one of each shape."""

    mean: torch.Tensor
    std: torch.Tensor

    def log(self, z: torch.Tensor) -> torch.Tensor:
        """The log density at nodes z in a last axis."""
        t = (z - self.mean[..., None]) / self.std[..., None]
        return -t * t / 2 - torch.log(self.std)[..., None] - HALF_LOG_TWO_PI


def _grid(like: Normal) -> tuple[torch.Tensor, float]:
    """Nodes in standard deviations from the mean, and their distance."""
    if not isinstance(like, Normal):
        raise TypeError(f"a density must be Normal(mean, std) of elbo_ref.quadrature_torch, got {type(like).__name__}")
    shown = [f"{x.dtype} of {tuple(x.shape)}" if isinstance(x, torch.Tensor) else type(x).__name__ for x in like]
    if shown[0] != shown[1] or not isinstance(like.mean, torch.Tensor) or like.mean.dtype not in _REACH:
        raise ValueError(f"mean and std must be float64 or float32 tensors of one shape, got {' and '.join(shown)}")
    reach = _REACH[like.mean.dtype]
    nodes = torch.linspace(-reach, reach, _NODES, dtype=like.mean.dtype, device=like.mean.device)
    return nodes, 2 * reach / (_NODES - 1)


def expectation(function: Log, q: Normal) -> Integral:
    """The expectation of a function of z under q: the integral of q(z) function(z).

    Shapes: mean and std of q (...) -> (...). Raises ValueError if they do not fit.
    """
    t, step = _grid(q)
    density = torch.exp(-t * t / 2 - HALF_LOG_TWO_PI)
    terms = density * function(q.mean[..., None] + q.std[..., None] * t) * step
    fine = terms.sum(-1)
    return Integral(fine, (fine - 2 * terms[..., ::2].sum(-1)).detach().abs())


def log_evidence(log_likelihood: Log, prior: Normal, around: Normal | None = None) -> Integral:
    """log p(x), the logarithm of the integral of p(z) p(x | z).

    The grid lies where p(z) p(x | z) is, by mean and standard deviation, sought from `around` (the prior if not given) and
    wider and wider while the largest values lie at an end. A posterior with several far peaks, or some thousand times
    narrower than that, wants a better `around`. Where the integrand has not died out at the ends the error is infinite.

    Shapes: mean and std of the prior (...) -> (...). Raises ValueError if they do not fit.
    Theorem: marginal_likelihood.
    """

    def log_joint(z: torch.Tensor) -> torch.Tensor:
        return prior.log(z) + log_likelihood(z)

    t, step = _grid(prior)
    place = Normal(*(x.detach() for x in around or prior))
    for _ in range(_ROUNDS):
        z = place.mean[..., None] + place.std[..., None] * t
        weight = torch.softmax(log_joint(z).detach(), -1)
        mean = (weight * z).sum(-1)
        spread = (weight * (z - mean[..., None]) ** 2).sum(-1).sqrt()
        outside = weight[..., 0] + weight[..., -1] > _ENDS
        std = torch.where(outside, 4 * place.std, torch.maximum(spread, place.std * step))
        place = Normal(mean, std)
    logs = log_joint(place.mean[..., None] + place.std[..., None] * t)
    fine = torch.logsumexp(logs, -1) + torch.log(place.std * step)
    coarse = torch.logsumexp(logs[..., ::2], -1) + torch.log(2 * place.std * step)
    ends = torch.softmax(logs.detach(), -1)[..., [0, -1]].sum(-1)
    error = (fine - coarse).detach().abs()
    return Integral(fine, torch.where(ends > _ENDS, torch.full_like(error, torch.inf), error))


def _log(density: Normal | Log) -> Log:
    if not isinstance(density, Normal) and (
        isinstance(density, torch.distributions.Distribution) or not callable(density)
    ):
        raise TypeError(
            f"a density must be Normal(mean, std) or its logarithm as a function, got {type(density).__name__}"
        )
    return density.log if isinstance(density, Normal) else density


def kl(q: Normal, p: Normal | Log) -> Integral:
    """KL(q || p), the integral of q log(q / p).

    Shapes: as in `expectation`. Never far below 0: a value below is rounding and error.
    Theorem: kl_is_expected_log_ratio.
    """
    log_p = _log(p)
    return expectation(lambda z: q.log(z) - log_p(z), q)


def elbo(log_likelihood: Log, prior: Normal | Log, q: Normal) -> Integral:
    """E_q[log p(x | z) + log p(z) - log q(z)].

    Shapes: as in `expectation`.
    Theorem: elbo_one_expectation.
    """
    log_p = _log(prior)
    return expectation(lambda z: log_likelihood(z) + log_p(z) - q.log(z), q)


def gap(log_likelihood: Log, prior: Normal, q: Normal) -> Integral:
    """KL(q || p(z | x)), the integral of q log(q / posterior), with the error of the evidence in its own.

    Shapes: as in `log_evidence`.
    Theorem: gap_and_evidence.
    """
    evidence = log_evidence(log_likelihood, prior)
    found = expectation(lambda z: q.log(z) - (prior.log(z) + log_likelihood(z) - evidence.value[..., None]), q)
    return Integral(found.value, found.error + evidence.error)
