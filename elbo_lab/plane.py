"""What a latent space of two dimensions lets one compute exactly: integrals over the plane by the trapezoid rule.

The integrands are analytic for a tanh decoder and fall off like a Gaussian: the rule then gains digits faster than any power
of its step. A ReLU decoder has kinks, and the error falls like the square of the step. What is off is looked at by halving.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import softplus

import elbo_ref

Decode = Callable[[Tensor], Tensor]  # codes (1, n, 2) to logits (1, n, pixels)
_BLOCK = 16_384  # nodes at once


class Halved(NamedTuple):
    """A number by the rule of the finer step, and what it differs by from that of the step twice as large."""

    value: Tensor
    change: Tensor


class Square(NamedTuple):
    """The nodes j step, k step with |j step|, |k step| <= radius, and an index of those of the step twice as large."""

    nodes: Tensor
    coarse: Tensor
    step: float


def square(step: float, radius: float) -> Square:
    """A square about the origin. Its number of steps to a side is even, so that every second node is the coarser rule's."""
    if not 0 < step < radius:
        raise ValueError(f"step must be positive and less than the radius, got step {step}, radius {radius}")
    count = 2 * math.ceil(radius / step / 2)
    index = torch.arange(-count, count + 1)
    j, k = torch.meshgrid(index, index, indexing="ij")
    nodes = torch.stack((j, k), -1).reshape(-1, 2).double() * step
    return Square(nodes, ((j % 2 == 0) & (k % 2 == 0)).reshape(-1), step)


def log_likelihood(x: Tensor, logits: Tensor) -> Tensor:
    """log p(x | z) for every image and every node: (images, nodes)."""
    return x @ logits.T - softplus(logits).sum(-1)


def log_prior(z: Tensor) -> Tensor:
    return -(z**2).sum(-1) / 2 - math.log(2 * math.pi)


def log_evidence(decode: Decode, x: Tensor, *, step: float = 0.05, radius: float = 10.0) -> Halved:
    """log p(x) of each image: the logarithm of the integral of p(x | z) p(z).

    Beyond the radius lies at most 4 Phi(-radius), since p(x | z) <= 1: for 10 that is exp(-51).
    """
    over = square(step, radius)
    fine, coarse = (torch.full((len(x),), -math.inf, dtype=torch.float64) for _ in range(2))
    for z, chosen in zip(over.nodes.split(_BLOCK), over.coarse.split(_BLOCK), strict=True):
        log_joint = log_likelihood(x, decode(z[None])[0]) + log_prior(z)
        fine = torch.logaddexp(fine, torch.logsumexp(log_joint, 1))
        if chosen.any():
            coarse = torch.logaddexp(coarse, torch.logsumexp(log_joint[:, chosen], 1))
    fine, coarse = fine + 2 * math.log(step), coarse + 2 * math.log(2 * step)
    return Halved(fine, (fine - coarse).abs())


def reconstruction(decode: Decode, x: Tensor, mean: Tensor, std: Tensor, *, step: float = 0.25) -> Halved:
    """E_q log p(x | z) of each image under N(mean, diag(std^2)): the rule in units of std, out to 7 of them."""
    over = square(step, 7.0)
    weight = torch.exp(log_prior(over.nodes)) * step**2
    found = []
    for rows, (m, s) in _in_blocks(x, mean, std, per=max(1, _BLOCK // len(over.nodes))):
        z = m[:, None] + s[:, None] * over.nodes
        logits = decode(z.reshape(1, -1, 2))[0].reshape(len(rows), len(over.nodes), -1)
        values = torch.einsum("nd,nzd->nz", rows, logits) - softplus(logits).sum(-1)
        found.append(torch.stack((values @ weight, 4 * values[:, over.coarse] @ weight[over.coarse])))
    fine, coarse = torch.cat(found, 1)
    return Halved(fine, (fine - coarse).abs())


def elbo(decode: Decode, x: Tensor, mean: Tensor, logvar: Tensor, *, step: float = 0.25) -> Halved:
    """The ELBO of each image: the reconstruction by the rule, less the divergence in closed form."""
    value, change = reconstruction(decode, x, mean, torch.exp(logvar / 2), step=step)
    return Halved(value - elbo_ref.kl_standard_normal(mean, logvar), change)


def _in_blocks(x: Tensor, *others: Tensor, per: int) -> Iterator[tuple[Tensor, tuple[Tensor, ...]]]:
    for start in range(0, len(x), per):
        yield x[start : start + per], tuple(y[start : start + per] for y in others)
