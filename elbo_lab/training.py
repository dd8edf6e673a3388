"""Training with Adam, an epoch at a time. A seed fixes the first weights, the batches and the noise of its network."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

import elbo_ref
from elbo_lab.model import Autoencoders, Shape

# The loss of each image of a batch, (networks, batch), and what the divergence is in it, from the pixels and standard normal
# noise of the shape of the codes.
Step = Callable[[Autoencoders, Tensor, Tensor], tuple[Tensor, Tensor]]


class Plan(NamedTuple):
    """How long, how fast, and what for."""

    epochs: int
    batch: int = 64
    rate: float = 2e-3
    beta: float = 1.0


class Report(NamedTuple):
    """Means over an epoch, in nats an image, one for each network."""

    epoch: int
    loss: list[float]
    reconstruction: list[float]
    kl: list[float]


def negative_elbo(beta: float = 1.0) -> Step:
    """The loss of this project: the reconstruction at one draw of z, plus beta times the divergence."""

    def step(networks: Autoencoders, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        mean, logvar = networks.encode(x)
        z = elbo_ref.reparameterize(mean, torch.exp(logvar / 2), noise)
        loss = elbo_ref.negative_elbo_bernoulli(x, networks.decode(z), mean, logvar, reduction="none", beta=beta)
        return loss, elbo_ref.kl_standard_normal(mean.detach(), logvar.detach())

    return step


class Training:
    """Networks on their way: weights, optimiser, generators and epoch are all that the future depends on."""

    def __init__(
        self, shape: Shape, seeds: Sequence[int], images: Tensor, plan: Plan, *, step: Step | None = None,
        device: str = "cpu",
    ) -> None:  # fmt: skip
        if min(plan.epochs, plan.batch) < 1 or not plan.rate > 0 or not plan.beta >= 0:
            raise ValueError(f"epochs, batch and rate must be positive and beta not negative, got {plan}")
        if plan.batch > len(images):
            raise ValueError(f"batch must be at most {len(images)}, the number of images, got {plan.batch}")
        if device == "cuda" and not torch.cuda.is_available():
            raise ValueError("device must be cpu: torch finds no CUDA device here")
        self.plan, self.device, self.epoch = plan, device, 0
        self.images = images.to(device)
        self.networks = Autoencoders(shape, seeds).to(device)
        self.optimiser = torch.optim.Adam(self.networks.parameters(), lr=plan.rate)
        self.draws = [torch.Generator().manual_seed(2**32 + seed) for seed in seeds]  # on the CPU, whatever the device
        self.step = step or negative_elbo(plan.beta)

    def run_epoch(self) -> Report:
        """One pass over the images, in an order of its own for each network; what does not fill a batch is left out."""
        count, size = len(self.images), self.plan.batch
        order = torch.stack([torch.randperm(count, generator=g) for g in self.draws]).to(self.device)
        sums = torch.zeros(2, len(self.draws), device=self.device)
        starts = range(0, count - size + 1, size)
        for start in starts:
            x = self.images[order[:, start : start + size]]
            noise = torch.stack([torch.randn(size, self.networks.shape.latent, generator=g) for g in self.draws])
            loss, kl = (each.mean(-1) for each in self.step(self.networks, x, noise.to(self.device)))
            self.optimiser.zero_grad(set_to_none=True)
            loss.sum().backward()
            self.optimiser.step()
            sums += torch.stack((loss.detach(), kl.detach()))
        self.epoch += 1
        loss, kl = (sums / len(starts)).cpu()
        return Report(self.epoch, loss.tolist(), (loss - self.plan.beta * kl).tolist(), kl.tolist())
