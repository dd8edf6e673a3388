"""Rate and distortion over beta: one network for each weight, trained side by side from the same seed."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

import elbo_ref
from elbo_lab import plane
from elbo_lab.aggregate import by_quadrature
from elbo_lab.model import Autoencoders, Shape, alone
from elbo_lab.training import Plan, Training

BETAS = (0.05, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0)


class Point(NamedTuple):
    """Means over the images trained on, in nats; `log_p` over those held out."""

    beta: float
    rate: float
    distortion: float
    mutual_information: float
    marginal_kl: float
    log_p: float


def curve(
    shape: Shape, train: Tensor, test: Tensor, plans: Sequence[Plan], betas: Sequence[float] = BETAS, seed: int = 0,
    *, step: float = 0.1,
) -> list[Point]:  # fmt: skip
    """The points, in the order of the weights, with integrals of this step. The plans follow one another: a slow one last."""
    weight = torch.tensor(betas, dtype=torch.float32)[:, None]

    def losses(networks: Autoencoders, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        mean, logvar = networks.encode(x)
        z = elbo_ref.reparameterize(mean, torch.exp(logvar / 2), noise)
        kl = elbo_ref.kl_standard_normal(mean, logvar)
        loss = weight * kl - elbo_ref.bernoulli_log_likelihood_logits(x, networks.decode(z))
        return loss, kl.detach()

    networks: Autoencoders | None = None
    for plan in plans:
        training = Training(shape, [seed] * len(betas), train, plan, step=losses)
        if networks is not None:
            training.networks.load_state_dict(networks.state_dict())
        for _ in range(plan.epochs):
            training.run_epoch()
        networks = training.networks
    assert networks is not None
    return [_point(alone(networks, i), beta, train.double(), test.double(), step) for i, beta in enumerate(betas)]


def _point(network: Autoencoders, beta: float, train: Tensor, test: Tensor, step: float) -> Point:
    mean, logvar = (part[0] for part in network.encode(train[None]))
    rate = elbo_ref.kl_standard_normal(mean, logvar).mean().item()
    distortion = -plane.reconstruction(network.decode, train, mean, torch.exp(logvar / 2)).value.mean().item()
    split = by_quadrature(mean, logvar, step=step / 10)
    log_p = plane.log_evidence(network.decode, test, step=step).value.mean().item()
    return Point(beta, rate, distortion, split.mutual_information, split.marginal_kl, log_p)
