"""Importance-weighted bounds of images in the plane: what they lack of log p(x), and what the law of their decay needs.

The gap of K samples decays like V / (2 p^2 K), with V the variance of a weight p(x, z) / q(z). A network's log likelihood falls
at most linearly in z, so V is infinite as soon as q has a variance below 1/2. With q' = (1 - share) q + share p(z) a weight is at
most p(x | z) / share, and V is finite.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

import elbo_ref
from elbo_lab import plane
from elbo_lab.path import log_normal
from elbo_lab.plane import Decode, Halved

SHARE = 0.1
COUNTS = tuple(2**k for k in range(13))
_EVERY = 2**15  # samples of an image: 8 draws of the largest count


class Decay(NamedTuple):
    """For each count K: the mean gap over the images, its standard error, and the median over the images."""

    gap: list[float]
    standard_error: list[float]
    median: list[float]


def log_proposal(z: Tensor, mean: Tensor, logvar: Tensor, share: float) -> Tensor:
    """log of (1 - share) q + share p(z)."""
    log_q = log_normal(z, mean, logvar)
    if share == 0:
        return log_q
    return elbo_ref.defensive_log_density(log_q, plane.log_prior(z), share=share)


def log_weights(
    decode: Decode, x: Tensor, mean: Tensor, logvar: Tensor, draws: torch.Generator, *, share: float = 0.0,
    samples: int = _EVERY,
) -> Tensor:  # fmt: skip
    """log p(x, z) - log of the proposal at samples of it: (images, samples)."""
    found = []
    for row, m, v in zip(x, mean, logvar, strict=True):
        noise = torch.randn(samples, 2, generator=draws, dtype=torch.float64)
        z = elbo_ref.reparameterize(m, torch.exp(v / 2), noise)
        z = torch.where(torch.rand(samples, 1, generator=draws, dtype=torch.float64) < share, noise, z)
        log_joint = plane.log_likelihood(row[None], decode(z[None])[0])[0] + plane.log_prior(z)
        found.append(log_joint - log_proposal(z, m, v, share))
    return torch.stack(found)


def decay(weights: Tensor, log_p: Tensor, counts: tuple[int, ...] = COUNTS) -> Decay:
    """The gaps of the bounds, from the same samples for every count: no count is worse than a smaller one.

    What is averaged is w - 1 - log w with w the mean weight over p(x): its mean is the gap, since E w = 1, and it never is
    negative.
    """
    rows = []
    for count in counts:
        bound = elbo_ref.iwae_bound(weights.reshape(len(weights), -1, count), axis=2)
        lack = bound - log_p[:, None]
        each = torch.expm1(lack) - lack
        error = (each.var(1) / each.shape[1]).sum().sqrt() / len(each) if each.shape[1] > 1 else torch.tensor(math.nan)
        rows.append((each.mean().item(), error.item(), each.mean(1).median().item()))
    return Decay(*(list(column) for column in zip(*rows, strict=True)))


def exact_gap(
    decode: Decode, x: Tensor, log_p: Tensor, mean: Tensor, logvar: Tensor, *, share: float,
    counts: tuple[int, ...] = COUNTS, step: float = 0.05, radius: float = 8.0,
) -> Halved:  # fmt: skip
    """What the bound of each count lacks, of each image, with no draw: (images, counts).

    log S is the integral of (exp(-s) - exp(-s S)) / s, and the mean of exp(-s S), for a mean S of K weights over p(x), is the K-th
    power of that of one weight, which is an integral over the plane. In log s the integrand is smooth and falls off at both ends.
    """
    over = plane.square(step, radius)
    logits = decode(over.nodes[None])[0]
    found = []
    for row, log_evidence, m, v in zip(x, log_p, mean, logvar, strict=True):
        log_q = log_proposal(over.nodes, m, v, share)
        log_w = plane.log_likelihood(row[None], logits)[0] + plane.log_prior(over.nodes) - log_evidence - log_q
        mass = torch.exp(log_q) * step**2
        seen = mass * (1 + log_w.exp()) > _NO_MASS
        last = 2 * math.ceil(-log_w[seen].min().item() + _BEYOND)
        log_s = torch.arange(-2 * _LEAST, last + 1, dtype=log_w.dtype) / 2
        fine = _lack(log_w[seen], mass[seen], log_s, counts)
        coarse = seen & over.coarse
        found.append(torch.stack((fine, _lack(log_w[coarse], 4 * mass[coarse], log_s, counts))))
    values, halved = torch.stack(found, 1)
    return Halved(values, (values - halved).abs())


_NO_MASS = 1e-16  # nodes of less mass, and of a smaller share in the mean of the weights, are left out
_LEAST, _BEYOND = 40, 4  # log s from -40 to 4 more than the logarithm of one over the least weight
_AT_ONCE = 16


def _lack(log_w: Tensor, mass: Tensor, log_s: Tensor, counts: tuple[int, ...]) -> Tensor:
    """By the trapezoid rule in log s: at steps of 1/2 it is off by some 1e-9."""
    missing = [-torch.expm1(-torch.exp(few[:, None] + log_w)) @ mass for few in log_s.split(_AT_ONCE)]
    log_phi = torch.log1p(-torch.cat(missing).clamp(max=1))
    powers = (torch.exp(count * log_phi) - torch.exp(-count * log_s.exp()) for count in counts)
    return torch.stack([power.sum() / 2 for power in powers])


def nested(weights: Tensor, counts: tuple[int, ...] = COUNTS) -> list[float]:
    """The mean bound for every count, from the same samples."""
    return [elbo_ref.iwae_bound(weights.reshape(len(weights), -1, c), axis=2).mean().item() for c in counts]


def relative_variance(
    decode: Decode, x: Tensor, log_p: Tensor, mean: Tensor, logvar: Tensor, *, share: float, cut: float = math.inf,
    step: float = 0.05, radius: float = 8.0,
) -> Halved:  # fmt: skip
    """V / p^2 of each image, of the weights within `cut` standard deviations of q."""
    over = plane.square(step, radius)
    logits = decode(over.nodes[None])[0]
    found = []
    for row, log_evidence, m, v in zip(x, log_p, mean, logvar, strict=True):
        log_posterior = plane.log_likelihood(row[None], logits)[0] + plane.log_prior(over.nodes) - log_evidence
        inside = ((over.nodes - m) ** 2 / v.exp()).sum(-1) <= cut**2
        square = 2 * log_posterior - log_proposal(over.nodes, m, v, share)
        fine = torch.logsumexp(square[inside], 0) + 2 * math.log(step)
        coarse = torch.logsumexp(square[inside & over.coarse], 0) + 2 * math.log(2 * step)
        found.append(torch.expm1(torch.stack((fine, coarse))))
    values, halved = torch.stack(found, 1)
    return Halved(values, (values - halved).abs())
