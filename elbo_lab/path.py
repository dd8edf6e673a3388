"""The gap without log p(x): along the path from q to the posterior, gap = integral of (1 - t) Var_t dt over 0 <= t <= 1.

On the path q_t is proportional to q^(1 - t) p(x, z)^t, and Var_t is the variance under q_t of log p(x, z) - log q(z).
"""

import math

import numpy as np
import torch
from torch import Tensor

from elbo_lab import plane
from elbo_lab.plane import Decode, Halved

_FAR = 50.0  # nats below the peaks of both ends: what lies lower is left out
_NODES = 24  # of the rule of Gauss in t; halved to see its error


def log_normal(z: Tensor, mean: Tensor, logvar: Tensor) -> Tensor:
    """log N(z; mean, exp(logvar)) at many z for one law."""
    return -((z - mean) ** 2 / logvar.exp() + logvar).sum(-1) / 2 - math.log(2 * math.pi)


def reach(mean: Tensor, logvar: Tensor) -> float:
    """The half-width of a square that holds the prior and all encoders, to 8 standard deviations."""
    return max(8.0, (mean.abs() + 8 * torch.exp(logvar / 2)).max().item())


def gap(decode: Decode, x: Tensor, mean: Tensor, logvar: Tensor, *, step: float = 0.05) -> Halved:
    """The gap of each image by the path; its change when the step, or the number of nodes in t, is halved."""
    over = plane.square(step, reach(mean, logvar))
    logits = decode(over.nodes[None])[0]
    found = []
    for row, m, v in zip(x, mean, logvar, strict=True):
        log_joint = plane.log_likelihood(row[None], logits)[0] + plane.log_prior(over.nodes)
        log_q = log_normal(over.nodes, m, v)
        near = (log_joint > log_joint.max() - _FAR) | (log_q > log_q.max() - _FAR)
        ends = log_q[near], log_joint[near]
        value = _along(*ends, _NODES)
        coarse = near & over.coarse
        off = (value - _along(log_q[coarse], log_joint[coarse], _NODES)).abs()
        found.append(torch.stack((value, off + (value - _along(*ends, _NODES // 2)).abs())))
    return Halved(*torch.stack(found, 1))


def _along(log_q: Tensor, log_joint: Tensor, nodes: int) -> Tensor:
    ratio = log_joint - log_q
    total = torch.zeros((), dtype=ratio.dtype)
    for t, weight in zip(*np.polynomial.legendre.leggauss(nodes), strict=True):
        t, weight = (t + 1) / 2, weight / 2
        share = torch.softmax((1 - t) * log_q + t * log_joint, 0)
        total += weight * (1 - t) * (share * (ratio - (share * ratio).sum()) ** 2).sum()
    return total
