"""The aggregate of all encoders in the plane by the trapezoid rule, and the estimates of it that people train with.

Two Gaussian factors an encoder make a density on the grid one matrix product: nothing is sampled.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor

import elbo_ref
from elbo_lab.path import log_normal, reach


class Split(NamedTuple):
    """Parts of the average divergence, in nats."""

    marginal_kl: float
    mutual_information: float
    total_correlation: float
    dimension_kl: float
    """Of all dimensions."""


def by_quadrature(mean: Tensor, logvar: Tensor, *, step: float = 0.01) -> Split:
    """The split of N encoders (N, 2), on a square that holds them all."""
    radius = reach(mean, logvar)
    line = torch.arange(-round(radius / step), round(radius / step) + 1, dtype=torch.float64) * step
    var = logvar.exp()
    first, second = (torch.exp(elbo_ref.normal_log_density(line, mean[:, [d]], var[:, [d]])) for d in range(2))
    density = first.T @ second / len(mean)
    prior = elbo_ref.normal_log_density(line, 0.0, 1.0)
    marginal = _kl(density, prior[:, None] + prior) * step**2
    dimensions = sum(_kl(each.mean(0), prior) * step for each in (first, second))
    average = elbo_ref.kl_standard_normal(mean, logvar).mean().item()
    return Split(marginal, average - marginal, marginal - dimensions, dimensions)


def _kl(density: Tensor, log_p: Tensor) -> float:
    """Sum of q log(q / p) over the nodes."""
    return (torch.special.xlogy(density, density) - density * log_p).sum().item()


ESTIMATORS = ("naive", "MWS", "MSS as shipped", "MSS")


def minibatch(
    mean: Tensor, logvar: Tensor, size: int, batches: int, draws: torch.Generator
) -> dict[str, dict[str, list[float]]]:
    """Information and total correlation as estimated within batches: value and standard error for each estimator."""
    count = len(mean)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ESTIMATORS}
    for _ in range(batches):
        rows = torch.randperm(count, generator=draws)[:size]
        m, v = mean[rows], logvar[rows]
        z = elbo_ref.reparameterize(m, torch.exp(v / 2), torch.randn(m.shape, generator=draws, dtype=m.dtype))
        pairs = elbo_ref.normal_log_density(z[:, None], m, v.exp())  # (z, encoder, dimension)
        own = log_normal(z, m, v)
        for name in ESTIMATORS:
            weight = log_share(name, size, count)
            log_q = torch.logsumexp(weight + pairs.sum(-1), 1)
            log_parts = torch.logsumexp(weight[..., None] + pairs, 1).sum(-1)
            found[name].append(((own - log_q).mean().item(), (log_q - log_parts).mean().item()))
    table = {name: torch.tensor(values, dtype=torch.float64) for name, values in found.items()}
    return {
        name: {
            part: [values[:, i].mean().item(), (values[:, i].std() / math.sqrt(batches)).item()]
            for i, part in enumerate(("mutual_information", "total_correlation"))
        }
        for name, values in table.items()
    }


def log_share(name: str, size: int, count: int) -> Tensor:
    """The logarithm of the weight that a sample (row) gives to each encoder of its batch (column)."""
    if name in ("naive", "MWS"):
        return torch.full((size, size), -math.log(size * (count if name == "MWS" else 1)), dtype=torch.float64)
    others = size - 1
    weight = torch.full((size, size), 1 / others, dtype=torch.float64)
    stride = (
        size if name == "MSS as shipped" else size + 1
    )  # the diagonal is every size + 1st entry of the rows end to end
    weight.view(-1)[::stride] = 1 / count
    weight.view(-1)[1::stride] = (count - others) / (count * others)
    weight[others - 1 if name == "MSS as shipped" else others, 0] = (count - others) / (count * others)
    return weight.log()
