"""Variational autoencoders of one shape, one to a seed, side by side in one stack of weights.

The encoder gives N(mean, exp(logvar)), the decoder the logits of Bernoulli pixels, the prior is N(0, I). Each has one hidden
layer, as the document's has. A stack of three costs less than two: a small network leaves most of a core idle.
"""

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import torch
from torch import Tensor, nn

Activation = Literal["tanh", "relu"]
ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu}


class Shape(NamedTuple):
    """Sizes of a network, and what bends its hidden layers."""

    pixels: int
    hidden: int
    latent: int
    activation: Activation = "tanh"


class Autoencoders(nn.Module):
    """One network for each seed. Every array has the network as its first axis."""

    def __init__(self, shape: Shape, seeds: Sequence[int]) -> None:
        super().__init__()
        if shape.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(get_args(Activation))}, got {shape.activation!r}")
        if min(shape[:3]) < 1 or not seeds:
            raise ValueError(f"the sizes must be positive and seeds must not be empty, got {shape}, {list(seeds)}")
        self.shape, self.bend = shape, ACTIVATIONS[shape.activation]
        draws = [torch.Generator().manual_seed(seed) for seed in seeds]
        pixels, hidden, latent, _ = shape
        self.into = Linear(pixels, hidden, draws)
        self.mean = Linear(hidden, latent, draws)
        self.logvar = Linear(hidden, latent, draws)
        self.out_of = Linear(latent, hidden, draws)
        self.logits = Linear(hidden, pixels, draws)

    @property
    def encoder(self) -> list[nn.Parameter]:
        return [*self.into.parameters(), *self.mean.parameters(), *self.logvar.parameters()]

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z | x)."""
        hidden = self.bend(self.into(x))
        return self.mean(hidden), self.logvar(hidden)

    def decode(self, z: Tensor) -> Tensor:
        """Logits of p(x | z)."""
        return self.logits(self.bend(self.out_of(z)))


class Linear(nn.Module):
    """Affine maps with the usual first weights: uniform, at most one over the root of the number of inputs."""

    def __init__(self, inputs: int, outputs: int, draws: Sequence[torch.Generator]) -> None:
        super().__init__()
        most = 1 / math.sqrt(inputs)

        def first(rows: int) -> nn.Parameter:
            drawn = [torch.rand(rows, outputs, generator=g, dtype=torch.float64) for g in draws]
            return nn.Parameter((most * (2 * torch.stack(drawn) - 1)).float())

        self.weight, self.bias = first(inputs), first(1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.baddbmm(self.bias, x, self.weight)


def alone(networks: Autoencoders, member: int) -> Autoencoders:
    """One network of a stack, in float64, for measuring: no gradients."""
    found = Autoencoders(networks.shape, [0]).double()
    found.load_state_dict({name: x[member : member + 1].double() for name, x in networks.state_dict().items()})
    return found.requires_grad_(False)
