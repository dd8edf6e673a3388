"""A linear autoencoder at its optimum beside the closed form: which directions it uses, and what its loss is.

Decoder N(W z, s2 I), encoder N(V x, diag(exp(logvar))): along the i-th principal direction, of variance v_i, the optimum has a
slope only if v_i > beta s2; the direction then costs beta / 2 of distortion and log(v_i / (beta s2)) / 2 of rate.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Optimum(NamedTuple):
    """Directions in use as found and as predicted; the loss found, less that predicted, in nats an image."""

    beta: float
    var_noise: float
    active: int
    predicted: int
    loss: float
    excess: float


def covariance(x: Tensor) -> Tensor:
    centred = x - x.mean(0)
    return centred.T @ centred / len(x)


def fitted(cov: Tensor, latent: int, beta: float, var_noise: float, *, seed: int = 0, most: int = 1500) -> Optimum:
    """The least loss that L-BFGS finds, beside the closed form."""
    pixels = len(cov)
    draws = torch.Generator().manual_seed(seed)
    shapes = (pixels, latent), (latent, pixels), (latent,)
    decoder, encoder, logvar = (0.1 * torch.randn(*s, generator=draws, dtype=torch.float64) for s in shapes)
    parameters = [part.requires_grad_() for part in (decoder, encoder, logvar)]
    optimiser = torch.optim.LBFGS(
        parameters, max_iter=most, history_size=20, line_search_fn="strong_wolfe", tolerance_grad=1e-10,
        tolerance_change=1e-14,
    )  # fmt: skip

    def loss() -> Tensor:
        missed = torch.eye(pixels, dtype=torch.float64) - decoder @ encoder
        error = (missed @ cov @ missed.T).trace() + (logvar.exp() * (decoder**2).sum(0)).sum()
        reconstruction = error / (2 * var_noise) + pixels / 2 * math.log(2 * math.pi * var_noise)
        return reconstruction + beta / 2 * ((encoder @ cov @ encoder.T).trace() + (logvar.exp() - 1 - logvar).sum())

    def closure() -> Tensor:
        optimiser.zero_grad()
        value = loss()
        value.backward()
        return value

    optimiser.step(closure)
    with torch.no_grad():
        least = loss().item()
        active = int(((encoder @ cov @ encoder.T).diagonal() > 1e-4).sum())
    variances = torch.linalg.eigvalsh(cov).flip(0)
    used = min(int((variances > beta * var_noise).sum()), latent)
    return Optimum(beta, var_noise, active, used, least, least - closed_form(variances, used, beta, var_noise))


def closed_form(variances: Tensor, used: int, beta: float, var_noise: float) -> float:
    """The least loss with so many directions in use."""
    rate = torch.log(variances[:used] / (beta * var_noise)).sum() / 2
    constant = len(variances) / 2 * math.log(2 * math.pi * var_noise)
    return float(constant + beta * (used / 2 + rate) + variances[used:].sum() / (2 * var_noise))
