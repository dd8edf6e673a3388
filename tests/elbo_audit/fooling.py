"""Programs that look right, or want to: each says in one line why it must not be called equal, or why it may."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from math import log as ln
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

B = {"x": "B D binary", "prob": "B D probability", "mu": "B K mean", "logvar": "B K logvar"}
G = {"x": "B D real", "x_hat": "B D mean", "mu": "B K mean", "logvar": "B K logvar"}


class Fool(NamedTuple):
    loss: Callable[..., object]
    roles: dict[str, str]
    kinds: tuple[str, ...]
    says: str
    batch: str


FOOLS: dict[str, Fool] = {}


def fool(says: str, *kinds: str, roles: dict[str, str] | None = None, batch: str = "mean") -> Callable:
    def keep(loss: Callable[..., object]) -> Callable[..., object]:
        FOOLS[loss.__name__] = Fool(loss, roles or B, kinds or ("undecided",), says, batch)
        return loss

    return keep


def bce(x, prob):
    return F.binary_cross_entropy(prob, x, reduction="none").sum(1)


def kl(mu, logvar):
    return -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)


def right(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu, logvar)).mean()


@fool("a branch on data")
def branch_on_data(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * (2 if mu.abs().max() > 100 else 1)


@fool("a branch on a size")
def branch_on_a_size(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * (2 if x.shape[0] > 512 else 1)


@fool("becomes a Python number")
def loop_over_rows(x, prob, mu, logvar):
    return sum(bce(x[i : i + 1], prob[i : i + 1]).sum() for i in range(x.shape[0])) / len(x) + kl(mu, logvar).mean()


@fool("becomes a Python number")
def size_in_a_float(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu, logvar)).sum() / float(x.shape[0])


@fool("", "weighted")
def size_of_the_trace_by_chance(x, prob, mu, logvar):  # 11 is the number of columns that the trace sees
    return bce(x, prob).mean() + kl(mu, logvar).mean() * x.shape[1] / 11


@fool("", "undecided", "weighted")
def size_in_a_tensor(x, prob, mu, logvar):
    return bce(x, prob).mean() + kl(mu, logvar).mean() * mu.shape[1] / torch.tensor(mu.shape[1])


@fool("", "undecided")
def size_in_numpy(x, prob, mu, logvar):
    return F.binary_cross_entropy(prob, x) * float(np.prod(x.shape[1:])) + kl(mu, logvar).mean()


@fool("")
def rounded_size(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu, logvar)).sum() / (2 * (x.shape[0] // 2))


@fool("dropout")
def dropout(x, prob, mu, logvar):
    return right(x, F.dropout(prob, 0.1), mu, logvar)


@fool("half precision")
def half_precision(x, prob, mu, logvar):
    return bce(x, prob).mean() + kl(mu.half(), logvar.half()).mean().double()


@fool("gradient")
def no_gradient_of_the_kl(x, prob, mu, logvar):
    with torch.no_grad():
        rate = kl(mu, logvar)
    return (bce(x, prob) + rate).mean()


@fool("", "undecided", "surrogate")
def detached_variance(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu, logvar.detach())).mean()


@fool("", "undecided", "surrogate")
def kl_as_a_number(x, prob, mu, logvar):
    return bce(x, prob).mean() + kl(mu, logvar).mean().item()


@fool("", "undecided", "surrogate")
def data_attribute(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu, logvar.data)).mean()


_calls = [0]


@fool("disagree")
def counts_its_calls(x, prob, mu, logvar):
    _calls[0] += 1
    return right(x, prob, mu, logvar) * (1 if _calls[0] % 4 in (1, 2) else 2)


@fool("")
def tosses_a_coin(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * random.choice([1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5])


@fool("disagree")
def behaves_while_traced(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * (1.0 if type(mu) is not torch.Tensor else 1.001)


@fool("")
def changes_its_arguments(x, prob, mu, logvar):
    out = right(x, prob, mu, logvar)
    with torch.no_grad():
        mu.mul_(0.5)
    return out


class Reversed(torch.autograd.Function):
    """The identity, with the gradient of its negative."""

    @staticmethod
    def forward(ctx, v):
        return v.clone()

    @staticmethod
    def backward(ctx, g):
        return -g


@fool("gradient")
def gradient_of_its_own(x, prob, mu, logvar):
    return (bce(x, prob) + kl(Reversed.apply(mu), logvar)).mean()


@fool("gradient")
def hook_on_a_gradient(x, prob, mu, logvar):
    out = mu * 1.0
    if out.requires_grad:
        out.register_hook(lambda g: g * 3)
    return (bce(x, prob) + kl(out, logvar)).mean()


@fool("a comparison of data")
def where_the_kl_is_large(x, prob, mu, logvar):
    each = kl(mu, logvar)
    return (bce(x, prob) + torch.where(each > 1e3, each * 2, each)).mean()


@fool("")
def other_rows(x, prob, mu, logvar):
    return (bce(x.flip(0), prob) + kl(mu, logvar)).mean()


@fool("")
def first_row_for_all(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu[:1], logvar[:1])).mean()


@fool("")
def reshaped_across(x, prob, mu, logvar):
    return (bce(x.t().reshape(x.shape), prob) + kl(mu, logvar)).mean()


@fool("", "mistake")
def every_pair_of_rows(x, prob, mu, logvar):  # (B,) + (B, 1) is (B, B)
    return (bce(x, prob) + kl(mu, logvar)[:, None]).sum() / x.shape[0]


@fool("", "equal")
def every_pair_averaged(x, prob, mu, logvar):  # here the mean over all pairs is the sum of the means
    return (bce(x, prob) + kl(mu, logvar)[:, None]).mean()


@fool("", "none", roles={"x": "B real", "x_hat": "B mean", "mu": "B K mean", "logvar": "B K logvar"})
def every_pair_squared(x, x_hat, mu, logvar):
    return F.mse_loss(x_hat[:, None], x, reduction="none").sum(1).mean() + kl(mu, logvar).mean()


@fool("", "equal")
def logarithm_by_another_name(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) + ln(mu.shape[1]) - math.log(mu.shape[1])


@fool("", "undecided", "equal up to a constant")
def rounded_parameters(x, prob, mu, logvar):
    return right(x, prob, torch.round(mu * 1e6) / 1e6, logvar)


@fool("", "weighted")
def almost_one(x, prob, mu, logvar):
    return (bce(x, prob) + 1.0000001 * kl(mu, logvar)).mean()


@fool("", "none", "undecided")
def almost_the_variance(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu, logvar * 1.0000001)).mean()


@fool("never written")
def unwritten_memory(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) + 0 * torch.empty(()) + torch.empty_like(mu).sum()


@fool("")
def seeds_its_noise(x, prob, mu, logvar):
    torch.manual_seed(0)
    z = mu + torch.rand_like(mu) * 0
    return right(x, prob, z, logvar)


@fool("", "surrogate")
def data_in_the_divergence(x, prob, mu, logvar):
    return (bce(x, prob) * (1 + kl(mu, logvar) - kl(mu, logvar).detach())).mean()


@fool("", "equal")
def zero_in_disguise(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) + (mu.exp().log() - mu).sum()


@fool("y, y_hat does not enter", "mistake", roles={**B, "y": "B E real", "y_hat": "B E mean"})
def forgotten_data(x, prob, mu, logvar, y, y_hat):
    return right(x, prob, mu, logvar)


@fool("mask does not enter", "mistake", roles={**B, "mask": "B mask"})
def forgotten_mask(x, prob, mu, logvar, mask):
    return right(x, prob, mu, logvar)


@fool("", "undecided", "none")
def tight_clamp(x, prob, mu, logvar):
    return (bce(x, prob.clamp(0.4, 0.6)) + kl(mu, logvar)).mean()


@fool("", "undecided", "none")
def tight_clamp_of_the_variance(x, prob, mu, logvar):
    return (bce(x, prob) + kl(mu, logvar.clamp(-1, 1))).mean()


@fool("in float32")
def other_in_single_precision(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * (1 if mu.dtype == torch.float64 else 7)


@fool("in float32")
def weight_by_the_bytes(x, prob, mu, logvar):
    return bce(x, prob).mean() + mu.element_size() / 8 * kl(mu, logvar).mean()


@fool("disagree")
def other_for_leaves(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * (1 if mu.is_leaf else 7)


@fool("without gradients")
def other_without_gradients(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * (1 if torch.is_grad_enabled() else 7)


@fool("rows")
def other_for_many_rows(x, prob, mu, logvar):
    rows = str(x.shape[0])
    return right(x, prob, mu, logvar) * (7 if len(rows) > 3 and "s" not in rows else 1)


@fool("NumPy's random numbers")
def tosses_a_coin_of_numpy(x, prob, mu, logvar):
    return right(x, prob, mu, logvar) * (2 if np.random.rand() < 1e-9 else 1)
