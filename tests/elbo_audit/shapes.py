"""Forty shapes in which people write these losses, each as a program of our own, with the verdict that is right."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.distributions as td
import torch.nn.functional as F


class Shape(NamedTuple):
    """A loss, and what an audit has to say of it."""

    loss: Callable[..., torch.Tensor]
    kind: str
    says: dict[str, str]  # beta, variance, constant, mistake, prior as text
    batch: str = "any"


SHAPES: dict[str, Shape] = {}


def shape(name: str, kind: str, batch: str = "any", **says: str) -> Callable:
    def keep(loss: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
        SHAPES[name] = Shape(loss, kind, says, batch)
        return loss

    return keep


def gauss(mu, logvar):
    """The usual line, one number an entry."""
    return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp())


@shape("bce-sum-kl-sum", "equal", "sum", beta="1")
def _(x, prob, mu, logvar):
    fit = F.binary_cross_entropy(prob, x, reduction="sum")
    return fit + gauss(mu, logvar).sum()


@shape("bce-mean-kl-mean", "weighted", "mean", beta="D / K")
def _(x, prob, mu, logvar):
    fit = F.binary_cross_entropy(prob, x, reduction="none").mean(dim=1)
    return torch.mean(fit + gauss(mu, logvar).mean(dim=1))


@shape("original-dim-bce-kl-sum", "equal", "mean", beta="1")
def _(x, prob, mu, logvar):
    pixels = x.size(1)
    fit = pixels * F.binary_cross_entropy(prob, x, reduction="none").mean(dim=1)
    return torch.mean(fit + gauss(mu, logvar).sum(dim=1))


@shape("onehot-bce-times-length", "weighted", "mean", beta="C / K")
def _(x, prob, mu, logvar, length):
    fit = F.binary_cross_entropy(prob, x, reduction="none").mean(dim=-1) * length
    return (fit + gauss(mu, logvar).mean(dim=-1)).mean()


@shape("xent-minus-kl", "mistake", "mean", mistake="sign of the KL")
def _(x, prob, mu, logvar):
    fit = F.binary_cross_entropy(prob, x, reduction="none").sum(dim=1)
    return torch.mean(fit - gauss(mu, logvar).sum(dim=1))


@shape("tf-clip-prob", "equal", "mean", beta="1")
def _(x, prob, mu, logvar):
    safe = torch.clamp(prob, min=1e-8, max=1 - 1e-8)
    fit = -torch.sum(x * safe.log() + (1 - x) * (1 - safe).log(), dim=1)
    return torch.mean(fit + gauss(mu, logvar).sum(dim=1))


@shape("mse-sum-kl-sum", "equal up to a constant", "mean", variance="1 / 2")
def _(x, x_hat, mu, logvar):
    fit = ((x_hat - x) ** 2).sum(dim=1)
    return torch.mean(fit + gauss(mu, logvar).sum(dim=1))


@shape("mse-mean-kl-mean", "equal up to a constant", variance="D / (2 K)", beta="D / K")
def _(x, x_hat, mu, logvar):
    return F.mse_loss(x_hat, x) + gauss(mu, logvar).mean()


@shape("mse-mean-kld-weight-batch-over-data", "equal up to a constant", variance="B D / (2 N)", beta="B D / N")
def _(x, x_hat, mu, logvar, n_train):
    weight = x.shape[0] / n_train
    return F.mse_loss(x_hat, x) + weight * gauss(mu, logvar).sum(dim=1).mean(dim=0)


@shape("mse-sum-small-kl", "equal up to a constant", variance="beta_kl / 2", beta="beta_kl")
def _(x, x_hat, mu, logvar, beta_kl):
    kl = 0.5 * (mu.pow(2) + logvar.exp() - 1 - logvar).sum(dim=1)
    return F.mse_loss(x_hat, x, reduction="sum") + beta_kl * kl.sum()


@shape("l1-learned-logvar-tiny-kl", "weighted", beta="kl_weight", constant="-D log(2)")
def _(x, x_hat, mu, logvar, s, kl_weight):
    rows = x.shape[0]
    fit = torch.sum((x - x_hat).abs() / torch.exp(s) + s) / rows
    return fit + kl_weight * torch.sum(gauss(mu, logvar)) / rows


@shape("gaussian-nll-mean-reduction", "weighted", beta="D")
def _(x, x_hat, var, mu, logvar):
    return F.gaussian_nll_loss(x_hat, x, var) + gauss(mu, logvar).sum(dim=1).mean()


@shape("optimal-sigma-log-mse", "equal", "mean", beta="1")
def _(x, x_hat, mu, logvar):
    rows = x.shape[0]
    log_sigma = 0.5 * ((x - x_hat) ** 2).mean().log()
    fit = 0.5 * ((x - x_hat) / log_sigma.exp()).pow(2) + log_sigma + 0.5 * math.log(2 * math.pi)
    return (fit.sum() + gauss(mu, logvar).sum()) / rows


@shape("dist-both-mean", "weighted", beta="D / K", variance="1")
def _(x, x_hat, mu, logvar):
    q, prior = td.Normal(mu, (0.5 * logvar).exp()), td.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    return td.kl_divergence(q, prior).mean() - td.Normal(x_hat, 1.0).log_prob(x).mean()


@shape("kl-normalised-by-latents", "equal up to a constant", variance="D / (2 K)", beta="D / K")
def _(x, x_hat, mu, logvar):
    codes = mu.numel() // mu.shape[0]
    return (x - x_hat).pow(2).mean() + gauss(mu, logvar).sum() / (mu.shape[0] * codes)


@shape("kl-2logvar", "mistake", mistake="std/variance mix-up")
def _(mu, logvar):
    return -0.5 * (1 + 2 * logvar - mu.square() - logvar.exp()).sum(dim=1)


@shape("kl-log-squared", "mistake", mistake="logarithm squared in place of log of a square")
def _(mu, log_sigma):
    return 0.5 * ((2 * log_sigma).exp() + mu.square() - 1 + log_sigma.square()).sum(dim=1)


@shape("kl-log-sign", "mistake", mistake="sign of the logarithm")
def _(mu, log_sigma):
    return 0.5 * ((2 * log_sigma).exp() + mu.square() - 1 + 2 * log_sigma).sum(dim=1)


@shape("kl-minus-zdim", "equal", "mean")
def _(mu, logvar):
    codes = mu.shape[1]
    return 0.5 * ((logvar.exp() - logvar + mu.square()).sum(dim=1) - codes).mean()


@shape("kl-swapped-arguments", "mistake", mistake="swapped KL")
def _(mu, sigma, prior_mu, prior_sigma):
    def kl(m1, s1, m2, s2):
        return torch.log(s2 / s1) + ((s1 / s2) ** 2 + ((m2 - m1) / s2) ** 2) / 2 - 0.5

    return kl(prior_mu, prior_sigma, mu, sigma).sum()


@shape("kl-prior-sigma-constant", "equal", "sum", prior="N(0, 1/400 I)")
def _(mu, sigma):
    width = 0.05
    return torch.sum(math.log(width) - sigma.log() + (sigma**2 + mu**2) / (2 * width**2) - 0.5)


@shape("bnn-kl-over-batch", "weighted", beta="N / B")
def _(logits, y, kl_weights, n_train):
    return F.cross_entropy(logits, y) + kl_weights / len(logits)


@shape("bnn-kl-over-data", "equal", "any", beta="1")
def _(logits, y, kl_weights, n_train):
    return F.cross_entropy(logits, y) + kl_weights / n_train


@shape("bnn-no-likelihood-scale", "weighted", beta="N / B")
def _(loglik, kl, n_total):
    return kl - torch.sum(loglik)


@shape("vgp-kl-times-batch-over-n", "equal", beta="1")
def _(loglik, kl, n_total):
    return loglik.shape[0] / n_total * kl - loglik.sum()


@shape("bbb-extra-half", "equal up to a constant", "sum", constant="-n / 2")
def _(w, mu, sigma):
    log_q = -sigma.log() - 0.5 * math.log(2 * math.pi) - 0.5 * ((w - mu) / sigma) ** 2 - 0.5
    return torch.sum(log_q - td.Normal(0.0, 1.0).log_prob(w))


@shape("mc-log-ratio", "equal", "mean", beta="1", variance="1")
def _(x, x_hat, mu, logvar, eps):
    std = (0.5 * logvar).exp()
    z = mu + eps * std
    kl = td.Normal(mu, std).log_prob(z) - td.Normal(0.0, 1.0).log_prob(z)
    return (kl.sum(dim=1) - td.Normal(x_hat, 1.0).log_prob(x).sum(dim=1)).mean()


@shape("mc-weighted-twice", "mistake", mistake="density counted twice")
def _(z, mu, sigma):
    log_q, log_p = td.Normal(mu, sigma).log_prob(z), td.Normal(0.0, 1.0).log_prob(z)
    return torch.sum(torch.exp(log_q) * (log_q - log_p), dim=1).mean()


@shape("vits-half-analytic", "equal")
def _(z_p, logs_q, m_p, logs_p, mask):
    kl = logs_p - logs_q - 0.5 + 0.5 * torch.exp(-2 * logs_p) * (z_p - m_p).square()
    return (kl * mask).sum() / mask.sum()


@shape("vits-abs", "mistake", mistake="absolute value of an estimate")
def _(z_p, logs_q, m_p, logs_p, mask):
    kl = logs_p - logs_q - 0.5 + 0.5 * torch.exp(-2 * logs_p) * (z_p - m_p).square()
    return (torch.abs(kl) * mask).sum() / mask.sum()


@shape("iwae-logsumexp-no-logk", "equal up to a constant", constant="-log(S)")
def _(log_w):
    return -log_w.logsumexp(dim=0).mean()


@shape("iwae-right", "equal", "sum")
def _(log_w):
    return torch.sum(math.log(log_w.shape[0]) - log_w.logsumexp(dim=0))


@shape("iwae-batch-inside", "mistake", mistake="reduction: batch inside the logarithm")
def _(log_w):
    samples, rows = log_w.shape
    return (math.log(samples) - log_w.sum(dim=1).logsumexp(dim=0)) / rows


@shape("gumbel-kl-log-inside", "equal", "mean", prior="the uniform distribution")
def _(qy):
    return (qy * (qy * qy.shape[1] + 1e-20).log()).sum(dim=1).mean()


@shape("gumbel-kl-minus", "mistake", mistake="sign of the KL")
def _(qy):
    return -(qy * ((qy + 1e-20).log() - 1 / qy.shape[1])).sum(dim=1).mean()


@shape("gmvae-negative-entropy", "equal", "mean", prior="the uniform distribution")
def _(code_logits):
    logp = F.log_softmax(code_logits, dim=-1)
    return (code_logits.softmax(dim=-1) * logp).sum(dim=-1).mean() - math.log(1 / code_logits.shape[-1])


@shape("free-bits-after-mean", "mistake", mistake="free bits: at least the negative ELBO")
def _(kl_each, rec):
    return torch.clamp(kl_each.mean(), min=1.0) + rec.mean()


@shape("tc-without-log-nm", "equal up to a constant", constant="-K log(B) - K log(N) + log(B) + log(N)")
def _(z, mu, logvar, n_data):
    every = td.Normal(mu[None], (0.5 * logvar[None]).exp()).log_prob(z[:, None])
    return (every.sum(2).logsumexp(1) - every.logsumexp(1).sum(1)).mean()


@shape("token-mean-k3", "mistake", mistake="gradient is that of the other direction")
def _(logp, ref_logp, mask):
    ratio = ref_logp - logp
    return torch.sum((ratio.exp() - 1 - ratio) * mask) / mask.sum()


@shape("kl-in-mse-form-k2", "weighted", beta="2")
def _(logp, ref_logp, mask):
    return torch.sum((logp - ref_logp).square() * mask) / mask.sum()
