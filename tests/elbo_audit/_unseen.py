"""Losses as people write them, whose verdicts were fixed by hand, and committed, before the audit had seen one.

Above each stands how its verdict follows. `kind` lists every kind that would be true, the best one first; `says` gives scale,
beta, variance and constant as expressions in the sizes, to be equal as functions, and for a mistake a word of its name.
R is the misfit of all data with its constants, KL the divergence, both summed over everything.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch
import torch.distributions as td
import torch.nn.functional as F
from torch import nn

Q = {"mu": "B K mean", "logvar": "B K logvar"}
P = {"x": "B D binary", "prob": "B D probability", **Q}
L = {"x": "B D binary", "logits": "B D logits", **Q}
G = {"x": "B D real", "x_hat": "B D mean", **Q}
IMAGE = {"x": "B C H W real", "x_hat": "B C H W mean", **Q}
PRIOR = {"mu_q": "B K mean", "logvar_q": "B K logvar", "mu_p": "B K mean of p", "logvar_p": "B K logvar of p"}
TOKENS = {"logp": "B T log-density of q", "ref": "B T log-density of p", "mask": "B T mask"}


class Loss(NamedTuple):
    call: Callable[..., object]
    roles: dict[str, str]
    kind: str
    batch: str
    said: dict[str, Any]
    says: dict[str, str]


LOSSES: dict[str, Loss] = {}


def write(
    roles: dict[str, str], kind: str, batch: str = "mean", said: dict[str, Any] | None = None, **says: str
) -> Any:
    """Keep a loss under its name: what it is handed, the kinds that are true of it, and what the verdict must say."""

    def keep(call: Callable[..., object]) -> Callable[..., object]:
        name = getattr(call, "__name__", "")
        assert name and name not in LOSSES
        LOSSES[name] = Loss(call, roles, kind, batch, said or {}, says)
        return call

    return keep


jax_ = {"framework": "jax"}


def gauss(mu: Any, logvar: Any) -> Any:
    return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp())


# --- Bernoulli decoders, torch ---


# R + KL, both summed over the batch
@write(
    {"recon_x": "B 784 probability", "x": "B 1 28 28 binary", **Q}, "equal", "sum", scale="1", beta="1", constant="0"
)
def mnist_example(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x.view(-1, 784), reduction="sum")
    KLD = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return BCE + KLD


# the same line on grey values: the cross-entropy of a grey value is no log likelihood, as nothing normalises it
@write({"recon_x": "B D probability", "x": "B D grey", **Q}, "surrogate|another model|mistake|weighted", "sum")
def mnist_example_on_grey_values(recon_x, x, mu, logvar):
    BCE = F.binary_cross_entropy(recon_x, x, reduction="sum")
    return BCE - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


# the first version of that example: R / (B 784) by the mean, KL / (B 784) by hand: 1/784 of the batch mean.
# (Corrected: "mean" was asked first, which is literally another scale; "any" is what the derivation meant)
@write(
    {"recon_x": "B 784 probability", "x": "B 784 binary", **Q},
    "equal",
    "any",
    scale="1 / (784 B)",
    beta="1",
    constant="0",
)
def mnist_example_of_2017(recon_x, x, mu, logvar):
    reconstruction_function = nn.BCELoss()
    BCE = reconstruction_function(recon_x, x)
    KLD_element = mu.pow(2).add_(logvar.exp()).mul_(-1).add_(1).add_(logvar)
    KLD = torch.sum(KLD_element).mul_(-0.5)
    KLD /= x.shape[0] * 784
    return BCE + KLD


# R / B + beta KL / B
@write({**L, "beta": "weight"}, "weighted", scale="1 / B", beta="beta", constant="0")
def disentanglement_lib_beta_vae(x, logits, mu, logvar, beta):
    per_sample = F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)
    kl_loss = 0.5 * torch.sum(torch.square(mu) + torch.exp(logvar) - logvar - 1, dim=1)
    return torch.mean(per_sample, dim=0) + beta * torch.mean(kl_loss, dim=0)


# keras' binary_crossentropy is a mean over the last axis, here C channels: R / (B C) + KL / B, so 1/(B C) (R + C KL)
@write({"x": "B H W C binary", "prob": "B H W C probability", **Q}, "weighted", scale="1 / (B C)", beta="C")
def keras_io_over_channels(x, prob, mu, logvar):
    bce = F.binary_cross_entropy(prob, x, reduction="none").mean(dim=-1)
    reconstruction_loss = bce.sum(dim=(1, 2)).mean()
    kl_loss = (-0.5 * (1 + logvar - mu.square() - logvar.exp())).sum(dim=1).mean()
    return reconstruction_loss + kl_loss


# R / B less E log q - log p, at one draw: the sign of the whole is turned round at the end: R / B + KL / B on average
@write({**L, "eps": "B K noise"}, "equal", scale="1 / B", beta="1")
def pyro_trace_elbo(x, logits, mu, logvar, eps):
    guide = td.Independent(td.Normal(mu, (0.5 * logvar).exp()), 1)
    z = mu + (0.5 * logvar).exp() * eps
    model = td.Independent(td.Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    elbo = td.Independent(td.Bernoulli(logits=logits), 1).log_prob(x) + model.log_prob(z) - guide.log_prob(z)
    return -elbo.mean()


# - log p(x|z) is summed over D by hand, the divergence of an Independent over K already
@write(L, "equal", "sum", scale="1", beta="1", constant="0")
def distributions_closed_form(x, logits, mu, logvar):
    q_z = td.Independent(td.Normal(mu, torch.exp(logvar / 2)), 1)
    p_z = td.Independent(td.Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    log_px = td.Bernoulli(logits=logits).log_prob(x).sum(-1)
    return -(log_px - td.kl_divergence(q_z, p_z)).sum()


# near miss: kl_divergence of an Independent is summed over K already; mean over B: right. But .mean() of log_px over B and D:
# R / (B D) + KL / B = 1/(B D) (R + D KL)
@write(L, "weighted", scale="1 / (B D)", beta="D")
def distributions_mean_of_everything(x, logits, mu, logvar):
    q_z = td.Independent(td.Normal(mu, torch.exp(logvar / 2)), 1)
    p_z = td.Independent(td.Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    return -td.Bernoulli(logits=logits).log_prob(x).mean() + td.kl_divergence(q_z, p_z).mean()


# arguments of the cross-entropy in the wrong order: the logarithm of 0/1 data, cut at -100
@write(P, "mistake|none", "sum", mistake="swap|order|argument")
def bce_arguments_swapped(x, prob, mu, logvar):
    return F.binary_cross_entropy(x, prob, reduction="sum") + gauss(mu, logvar).sum()


# the likelihood in nats, the divergence in bits: R / B + KL / (B log 2)
@write(L, "weighted", scale="1 / B", beta="1 / log(2)")
def divergence_in_bits(x, logits, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    kl = gauss(mu, logvar).sum(1)
    return torch.mean(nll + kl / math.log(2))


# bits a dimension: (R + KL) / (B D log 2). (Corrected: "mean" was asked first, as above)
@write(L, "equal", "any", scale="1 / (B D log(2))", beta="1", constant="0")
def bits_per_dim(x, logits, mu, logvar):
    nelbo = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1) + gauss(mu, logvar).sum(1)
    return (nelbo / (math.log(2.0) * x.size(1))).mean()


# missing entries are left out of R by the mask: exact for what was seen
@write({**L, "mask": "B D mask"}, "equal", scale="1 / B", beta="1")
def missing_data(x, logits, mu, logvar, mask):
    nll = (F.binary_cross_entropy_with_logits(logits, x, reduction="none") * mask).sum(dim=-1)
    return (nll + gauss(mu, logvar).sum(-1)).mean()


# a default argument is what a caller gets who does not set it: beta = 4
@write(L, "weighted", scale="1 / B", beta="4")
def default_argument(x, logits, mu, logvar, beta=4.0):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    return (nll + beta * gauss(mu, logvar).sum(1)).mean()


# an annealing schedule at a fixed step: min(1, 400 / 1000) = 2/5 of the divergence
@write(P, "weighted", "sum", scale="1", beta="2 / 5")
def linear_annealing(x, prob, mu, logvar):
    def kl_anneal_function(step, x0=1000):
        return min(1, step / x0)

    return F.binary_cross_entropy(prob, x, reduction="sum") + kl_anneal_function(400) * gauss(mu, logvar).sum()


# --- Gaussian decoders, torch ---


# SSE / (B n) + w KL / B with n = C H W: w / B times SSE / (2 v) + KL at v = n w / 2, whose constant is left out
@write(
    {**IMAGE, "kld_weight": "weight"},
    "equal up to a constant",
    said={"output": "loss"},
    scale="kld_weight / B",
    variance="C H W kld_weight / 2",
    constant="-kld_weight C H W log(pi C H W kld_weight) / 2",
)
def pytorch_vae_vanilla(x, x_hat, mu, logvar, kld_weight):
    recons_loss = F.mse_loss(x_hat, x)
    kld_loss = torch.mean(-0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=1), dim=0)
    loss = recons_loss + kld_weight * kld_loss
    return {"loss": loss, "Reconstruction_Loss": recons_loss.detach(), "KLD": -kld_loss.detach()}


# |KL / B - C| is no weight on a divergence: below the capacity it pushes the divergence up
@write(IMAGE, "surrogate|mistake|none|weighted")
def pytorch_vae_capacity(x, x_hat, mu, logvar):
    C = torch.clamp(torch.tensor([25.0]) / 1e5 * 4000, 0, 25.0)
    kld_loss = torch.mean(-0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=1), dim=0)
    return (F.mse_loss(x_hat, x) + 10.0 * (kld_loss - C[0]).abs()).mean()


# log cosh is the hyperbolic secant law, no family of the list
@write(G, "another model|none|surrogate")
def pytorch_vae_logcosh(x, x_hat, mu, logvar):
    alpha, t = 10.0, x_hat - x
    recons = alpha * t + torch.log(1.0 + torch.exp(-2 * alpha * t)) - math.log(2.0)
    return (1.0 / alpha) * recons.sum(1).mean() + gauss(mu, logvar).sum(1).mean()


# SSE / (B D) + 0.1 (log q - log p) / (B K): 1/(10 B K) times SSE / (2 v) + KL at v = D / (20 K)
@write(
    {**G, "eps": "B K noise"},
    "equal up to a constant",
    scale="1 / (10 B K)",
    variance="D / (20 K)",
    constant="-D log(2 pi D / (20 K)) / (20 K)",
)
def bolts_vae_step(x, x_hat, mu, logvar, eps):
    std = torch.exp(logvar / 2)
    p, q = td.Normal(torch.zeros_like(mu), torch.ones_like(std)), td.Normal(mu, std)
    z = mu + std * eps
    kl = (q.log_prob(z) - p.log_prob(z)).mean() * 0.1
    return kl + F.mse_loss(x_hat, x, reduction="mean")


# one learned log_scale, all constants, one draw
@write(
    {"x_hat": "B C H W mean", "log_scale": "logstd of x", "x": "B C H W real", **Q, "eps": "B K noise"},
    "equal",
    scale="1 / B",
    beta="1",
)
def bolts_gaussian_likelihood(x_hat, log_scale, x, mu, logvar, eps):
    dist = td.Normal(x_hat, torch.exp(log_scale))
    recon_loss = dist.log_prob(x).sum(dim=(1, 2, 3))
    std = torch.exp(logvar / 2)
    z = mu + eps * std
    log_qzx = td.Normal(mu, std).log_prob(z)
    log_pz = td.Normal(torch.zeros_like(mu), torch.ones_like(std)).log_prob(z)
    kl = (log_qzx - log_pz).sum(-1)
    return (kl - recon_loss).mean()


# near miss: log(2 pi) for log(2 pi)/2: D log(2 pi)/2 too much a datum
@write({**G, "log_sigma": "logstd of x"}, "equal up to a constant", scale="1 / B", beta="1", constant="D log(2 pi) / 2")
def whole_log_two_pi(x, x_hat, mu, logvar, log_sigma):
    nll = 0.5 * ((x - x_hat) / log_sigma.exp()) ** 2 + log_sigma + math.log(2 * math.pi)
    return nll.sum(1).mean() + gauss(mu, logvar).sum(1).mean()


# diffusers' nll and kl: 0.5 (log 2 pi + logvar + error^2 / var), both summed
@write({**G, "logvar_x": "B D logvar of x"}, "equal", scale="1 / B", beta="1", constant="0")
def diagonal_gaussian_nll(x, x_hat, logvar_x, mu, logvar):
    logtwopi = np.log(2.0 * np.pi)
    var = torch.exp(logvar_x)
    nll = 0.5 * torch.sum(logtwopi + logvar_x + torch.pow(x - x_hat, 2) / var, dim=[1])
    kl = 0.5 * torch.sum(torch.pow(mu, 2) + torch.exp(logvar) - 1.0 - logvar, dim=[1])
    return torch.mean(nll + kl)


# near miss: no half before the square: error^2 / var is that of a decoder with half the variance that the role says
@write({**G, "logvar_x": "B D logvar of x"}, "another model|mistake|none", "mean")
def half_of_the_logarithm_only(x, x_hat, logvar_x, mu, logvar):
    nll = 0.5 * logvar_x + (x - x_hat).pow(2) * torch.exp(-logvar_x)
    return nll.sum(1).mean() + gauss(mu, logvar).sum(1).mean()


# the decoder's log-variance taken for a log standard deviation
@write({**G, "logvar_x": "B D logvar of x"}, "mistake|none", "mean", mistake="variance")
def decoder_logvar_as_logstd(x, x_hat, logvar_x, mu, logvar):
    nll = logvar_x + 0.5 * (x - x_hat).pow(2) * torch.exp(-2 * logvar_x) + 0.5 * math.log(2 * math.pi)
    return nll.sum(1).mean() + gauss(mu, logvar).sum(1).mean()


# full=True keeps log(2 pi)/2; sum over everything, over B
@write({**G, "var": "B D variance of x"}, "equal", scale="1 / B", beta="1", constant="0")
def gaussian_nll_full(x, x_hat, var, mu, logvar):
    return F.gaussian_nll_loss(x_hat, x, var, full=True, reduction="sum") / len(x) + gauss(mu, logvar).sum(1).mean()


# F.gaussian_nll_loss wants a variance and gets a standard deviation
@write({**G, "std": "B D std of x"}, "mistake|none", mistake="variance")
def gaussian_nll_of_a_std(x, x_hat, std, mu, logvar):
    return F.gaussian_nll_loss(x_hat, x, std, full=True, reduction="sum") / len(x) + gauss(mu, logvar).sum(1).mean()


# beta-NLL weighs every entry with var ** 0.5 held fixed: no log likelihood
@write({**G, "var": "B D variance of x"}, "surrogate|none|mistake")
def beta_nll(x, x_hat, var, mu, logvar):
    nll = 0.5 * ((x - x_hat) ** 2 / var + var.log()) * var.detach() ** 0.5
    return nll.sum(1).mean() + gauss(mu, logvar).sum(1).mean()


# a Laplace law with the learned scale, its log 2 included
@write({**G, "b": "B D scale of x"}, "equal", scale="1 / B", beta="1", constant="0")
def laplace_decoder(x, x_hat, b, mu, logvar):
    return -td.Laplace(x_hat, b).log_prob(x).sum(-1).mean() + gauss(mu, logvar).sum(-1).mean()


# a closure over a partial: the weight 1/2 before SSE is variance 1: (B D/2) log(2 pi) left out
@write(G, "equal up to a constant", "sum", scale="1", variance="1", constant="-B D log(2 pi) / 2")
def half_squares_by_partial(x, x_hat, mu, logvar):
    half_sse = functools.partial(torch.mul, torch.tensor(0.5, dtype=x.dtype))
    return half_sse(torch.dist(x, x_hat) ** 2) + gauss(mu, logvar).sum()


# --- the divergence alone ---


# log(1/std) + (std^2 + mu^2)/2 - 1/2
@write({"mu": "B K mean", "std": "B K std"}, "equal", scale="1 / B", constant="0")
def divergence_from_std(mu, std):
    return (torch.log(1 / std) + (std**2 + mu**2) / 2 - 0.5).sum(dim=1).mean()


# near miss: std where its square belongs: 1/2 (mu^2 + std - 1 - log std): the standard deviation taken for the variance
@write({"mu": "B K mean", "std": "B K std"}, "mistake", mistake="variance")
def divergence_of_std_as_variance(mu, std):
    return 0.5 * torch.sum(mu**2 + std - 1 - torch.log(std), dim=1).mean()


# the prior is N(0, 4), on purpose
@write(Q, "equal|another model", scale="1 / B", constant="0")
def divergence_from_a_wide_prior(mu, logvar):
    q, p = td.Normal(mu, torch.exp(0.5 * logvar)), td.Normal(torch.zeros_like(mu), 2 * torch.ones_like(mu))
    return td.kl_divergence(q, p).sum(1).mean()


# E log q - log p at the draw z; a hand-written log q without its -log(2 pi)/2: KL/B + (K/2) log(2 pi)
@write({**Q, "z": "B K sample"}, "equal up to a constant", scale="1 / B", constant="K log(2 pi) / 2")
def constant_in_the_prior_only(mu, logvar, z):
    log_q = -0.5 * (logvar + (z - mu) ** 2 / logvar.exp()).sum(1)
    log_p = td.Normal(0.0, 1.0).log_prob(z).sum(1)
    return (log_q - log_p).mean()


# near miss: log(2 pi)/2 of the prior stands once a datum, not K times: KL/B - (K - 1)/2 log(2 pi)
@write({**Q, "z": "B K sample"}, "equal up to a constant", scale="1 / B", constant="-(K - 1) log(2 pi) / 2")
def constant_once_a_datum(mu, logvar, z):
    log_q = td.Normal(mu, torch.exp(0.5 * logvar)).log_prob(z).sum(-1)
    log_p = -0.5 * z.pow(2).sum(-1) - 0.5 * math.log(2 * math.pi)
    return (log_q - log_p).mean()


# mean over S draws and B data, sum over K
@write({**Q, "eps": "S B K noise"}, "equal", scale="1 / B", constant="0")
def many_draws(mu, logvar, eps):
    std = (logvar / 2).exp()
    z = mu.unsqueeze(0) + std.unsqueeze(0) * eps
    return (td.Normal(mu, std).log_prob(z) - td.Normal(0.0, 1.0).log_prob(z)).sum(-1).mean()


# near miss: the sum over S divided by K: S KL / (B K) in place of KL / B, and the verdict has to say so
@write({**Q, "eps": "S B K noise"}, "mistake|weighted|equal", scale="S / (B K)")
def draws_divided_by_latents(mu, logvar, eps):
    std = (logvar / 2).exp()
    z = mu + std * eps
    ratio = td.Normal(mu, std).log_prob(z) - td.Normal(0.0, 1.0).log_prob(z)
    return ratio.sum(2).sum(0).div(z.shape[2]).mean()


# E log p - log q: the arguments' sign turned round
@write({**Q, "z": "B K sample"}, "mistake", mistake="sign")
def log_ratio_upside_down(mu, logvar, z):
    return (td.Normal(0.0, 1.0).log_prob(z) - td.Normal(mu, torch.exp(0.5 * logvar)).log_prob(z)).sum(1).mean()


# conditional VAE: the closed form between two diagonals
@write(PRIOR, "equal", scale="1 / B", constant="0")
def conditional_prior(mu_q, logvar_q, mu_p, logvar_p):
    kl = logvar_p - logvar_q + (logvar_q.exp() + (mu_q - mu_p).pow(2)) / logvar_p.exp() - 1
    return 0.5 * kl.sum(-1).mean()


# near miss: the squared distance over the variance of q
@write(PRIOR, "none|mistake")
def conditional_prior_wrong_variance(mu_q, logvar_q, mu_p, logvar_p):
    kl = logvar_p - logvar_q + (logvar_q - logvar_p).exp() + (mu_q - mu_p).pow(2) / logvar_q.exp() - 1
    return 0.5 * kl.sum(-1).mean()


# VRNN: 2 log std_2 - 2 log std_1 + (std_1^2 + (mean_1 - mean_2)^2) / std_2^2 - 1, half of it, over T steps and B rows
VRNN = {"mean_1": "T B K mean", "std_1": "T B K std", "mean_2": "T B K mean of p", "std_2": "T B K std of p"}


@write(VRNN, "equal", "any", constant="0")
def vrnn_kld_gauss(mean_1, std_1, mean_2, std_2):
    kld_element = (
        2 * torch.log(std_2) - 2 * torch.log(std_1) + (std_1.pow(2) + (mean_1 - mean_2).pow(2)) / std_2.pow(2) - 1
    )
    return 0.5 * torch.sum(kld_element)


# near miss: the 2s before the logarithms are gone
@write(VRNN, "mistake|none", "any")
def vrnn_kld_without_twos(mean_1, std_1, mean_2, std_2):
    kld_element = torch.log(std_2) - torch.log(std_1) + (std_1**2 + (mean_1 - mean_2) ** 2) / std_2**2 - 1
    return 0.5 * torch.sum(kld_element)


# KL balancing: the value is that of (0.8 + 0.2) KL, its gradients are weighed apart
@write(PRIOR, "surrogate|mistake")
def dreamer_balancing(mu_q, logvar_q, mu_p, logvar_p):
    def normal(mu, logvar):
        return td.Independent(td.Normal(mu, torch.exp(logvar / 2)), 1)

    lhs = td.kl_divergence(normal(mu_q.detach(), logvar_q.detach()), normal(mu_p, logvar_p)).mean()
    rhs = td.kl_divergence(normal(mu_q, logvar_q), normal(mu_p.detach(), logvar_p.detach())).mean()
    return 0.8 * lhs + 0.2 * rhs


# free bits a latent dimension, on the mean of the batch: at least KL / B, no gradient below
@write(L, "mistake|surrogate", mistake="free bits|floor")
def free_bits_per_dimension(x, logits, mu, logvar):
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1).mean()
    return nll + torch.clamp(gauss(mu, logvar).mean(0), min=0.25).sum()


# full covariances that are diagonal: the same number
@write(Q, "equal", scale="1 / B", constant="0")
def multivariate_normal(mu, logvar):
    q = td.MultivariateNormal(mu, scale_tril=torch.diag_embed(torch.exp(0.5 * logvar)))
    p = td.MultivariateNormal(torch.zeros_like(mu), scale_tril=torch.diag_embed(torch.ones_like(mu)))
    return td.kl_divergence(q, p).mean()


# maximum mean discrepancy in place of the divergence: no ELBO
@write({"x": "B D real", "x_hat": "B D mean", "z": "B K sample", "prior": "B K noise"}, "none|surrogate")
def info_vae(x, x_hat, z, prior):
    def kernel(a, b):
        return torch.exp(-(a.unsqueeze(1) - b.unsqueeze(0)).pow(2).mean(2) / a.size(1))

    mmd = kernel(prior, prior).mean() + kernel(z, z).mean() - 2 * kernel(prior, z).mean()
    return F.mse_loss(x_hat, x) + mmd


# mutual information + total correlation + dimension-wise KL, all of weight one, telescope to log q(z|x) - log p(z):
# whatever the two minibatch estimates are, they cancel. SSE/B is variance 1/2
@write({**G, "eps": "B K noise"}, "equal up to a constant", scale="1 / B", variance="1 / 2", constant="-D log(pi) / 2")
def tcvae_of_weight_one(x, x_hat, mu, logvar, eps):
    std = torch.exp(logvar / 2)
    z = mu + std * eps
    log_q_zx = td.Normal(mu, std).log_prob(z).sum(dim=1)
    log_p_z = td.Normal(0.0, 1.0).log_prob(z).sum(dim=1)
    mat = td.Normal(mu.unsqueeze(0), std.unsqueeze(0)).log_prob(z.unsqueeze(1))
    log_q_z = torch.logsumexp(mat.sum(2), dim=1)
    log_prod_q_z = torch.logsumexp(mat, dim=1).sum(1)
    mi, tc, dw = (log_q_zx - log_q_z).mean(), (log_q_z - log_prod_q_z).mean(), (log_prod_q_z - log_p_z).mean()
    return F.mse_loss(x_hat, x, reduction="sum") / len(x) + mi + 1.0 * tc + dw


# --- categorical codes and outputs ---


# sum q (log q + log C), over N codes and C classes, by the mean over B
@write({"logits": "B N C logits of q"}, "equal", scale="1 / B", constant="0")
def gumbel_code(logits):
    q, log_q = F.softmax(logits, dim=-1), F.log_softmax(logits, dim=-1)
    return (q * (log_q - math.log(1.0 / logits.shape[-1]))).view(logits.shape[0], -1).sum(1).mean()


# Gumbel VAE with the mean over all entries of the divergence: R / B + KL / (B N C)
@write(
    {"x": "B D binary", "recon": "B D logits", "code": "B N C logits of q"}, "weighted", scale="1 / B", beta="1 / (N C)"
)
def gumbel_vae_mean(x, recon, code):
    q = F.softmax(code, dim=-1)
    kl = (q * (F.log_softmax(code, -1) + math.log(code.shape[-1]))).mean()
    return F.binary_cross_entropy_with_logits(recon, x, reduction="sum") / x.shape[0] + kl


# F.kl_div(log a, b) is KL(b || a): b = qy, a uniform, batchmean divides by B
@write({"qy": "B C simplex"}, "equal", scale="1 / B", constant="0")
def kl_div_to_uniform(qy):
    log_uniform = torch.full_like(qy, 1.0).div(qy.shape[1]).log()
    return F.kl_div(log_uniform, qy, reduction="batchmean")


# near miss: the default reduction is a mean over B and C: 1/C of it, and the verdict has to say so
@write({"qy": "B C simplex"}, "mistake|weighted|equal", scale="1 / (B C)")
def kl_div_default_mean(qy):
    return F.kl_div(torch.log(torch.ones_like(qy) / qy.shape[1]), qy, reduction="mean")


# a text VAE: sum of the token losses and of w KL, over B
@write(
    {"logits": "B T V logits", "target": "B T label", **Q, "kl_weight": "weight"},
    "weighted",
    scale="1 / B",
    beta="kl_weight",
    constant="0",
)
def sentence_vae(logits, target, mu, logvar, kl_weight):
    logp = F.log_softmax(logits, dim=-1)
    nll = F.nll_loss(logp.view(-1, logits.shape[-1]), target.reshape(-1), reduction="sum")
    kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return (nll + kl_weight * kl) / logits.shape[0]


# near miss: cross_entropy averages over B T tokens: R / (B T) + KL / B = 1/(B T) (R + T KL)
@write({"logits": "B T V logits", "target": "B T label", **Q}, "weighted", scale="1 / (B T)", beta="T")
def sentence_vae_token_mean(logits, target, mu, logvar):
    ce = F.cross_entropy(logits.flatten(0, 1), target.flatten())
    return ce + gauss(mu, logvar).sum(-1).mean()


# a sum over unmasked tokens over their number, the divergence over B: the weight is the mean length
@write({"logits": "B T V logits", "target": "B T label", "mask": "B T mask", **Q}, "weighted")
def sentence_vae_masked_mean(logits, target, mask, mu, logvar):
    ce = F.cross_entropy(logits.transpose(1, 2), target, reduction="none")
    return (ce * mask).sum() / mask.sum() + gauss(mu, logvar).sum(-1).mean()


# --- importance weights, policies ---

PARTS = {"log_px": "B S log-likelihood", "log_pz": "B S log-density of p", "log_qz": "B S log-density of q"}


# log mean exp over S of log p(x|z) + log p(z) - log q(z|x)
@write(PARTS, "equal", scale="1 / B", constant="0")
def iwae_from_parts(log_px, log_pz, log_qz):
    log_w = log_px + log_pz - log_qz
    return -(torch.logsumexp(log_w, 1) - np.log(log_w.shape[1])).mean()


# the maximum taken out and put back
@write({"log_w": "S B log-weight"}, "equal", "sum", scale="1", constant="0")
def iwae_by_hand(log_w):
    top = log_w.max(dim=0, keepdim=True).values
    return -(torch.log(torch.mean(torch.exp(log_w - top), dim=0)) + top.squeeze(0)).sum()


# near miss: log of the number of rows in place of log S: lower than the loss by log S, higher by log B
@write({"log_w": "S B log-weight"}, "equal up to a constant", scale="1 / B", constant="log(B) - log(S)")
def iwae_log_of_the_batch(log_w):
    return -(torch.logsumexp(log_w, dim=0) - math.log(log_w.shape[1])).mean()


# normalised weights held fixed: the gradient of the importance-weighted bound, another value
@write({"log_w": "S B log-weight"}, "surrogate")
def iwae_by_gradient(log_w):
    weight = torch.softmax(log_w.detach(), dim=0)
    return -torch.mean(torch.sum(weight * log_w, dim=0))


# the weights are made of the loss itself: the worst draw weighs most; and with a gradient through them
@write({"nll": "B S nll", "kld": "B S divergence"}, "none|mistake|surrogate")
def iwae_worst_weighs_most(nll, kld):
    log_weight = nll + kld
    weight = F.softmax(log_weight, dim=-1)
    return torch.mean(torch.sum(weight * log_weight, dim=-1), dim=0)


# the mean of log weights is the ELBO, not the tighter bound: exact for that. (Scale 1/B or 1/(B S), as one counts draws)
@write({"log_w": "S B log-weight"}, "equal", constant="0")
def elbo_of_many_draws(log_w):
    return -log_w.mean()


# GRPO: k3 a token, a mean over each sequence's tokens: the held gradient is that of KL(ref || policy)
@write(TOKENS, "mistake", "any", mistake="other direction|gradient")
def grpo_per_token(logp, ref, mask):
    per_token_kl = torch.exp(ref - logp) - (ref - logp) - 1
    return ((per_token_kl * mask).sum(dim=1) / mask.sum(dim=1)).mean()


# near miss: the difference turned round: q/p - 1 - log(q/p) does not average to the divergence
@write(TOKENS, "mistake", "any", mistake="invert|upside|ratio")
def k3_turned_round(logp, ref, mask):
    d = logp - ref
    return ((torch.exp(d) - d - 1) * mask).sum() / mask.sum()


# half the square: the gradient of the divergence on average, a value that is none
@write({"logp": "B log-density of q", "ref": "B log-density of p"}, "surrogate|weighted", "any")
def k2(logp, ref):
    return 0.5 * (logp - ref).pow(2).mean()


# --- JAX ---


def jgauss(mu, logvar):
    return -0.5 * (1.0 + logvar - jnp.square(mu) - jnp.exp(logvar))


# vmapped per example, sums inside, means outside
@write(L, "equal", said=jax_, scale="1 / B", beta="1", constant="0")
def jax_flax_example(x, logits, mu, logvar):
    @jax.vmap
    def kl_divergence(mean, logvar):
        return -0.5 * jnp.sum(1 + logvar - jnp.square(mean) - jnp.exp(logvar))

    @jax.vmap
    def binary_cross_entropy_with_logits(logits, labels):
        logits = jax.nn.log_sigmoid(logits)
        return -jnp.sum(labels * logits + (1.0 - labels) * jnp.log(-jnp.expm1(logits)))

    return binary_cross_entropy_with_logits(logits, x).mean() + kl_divergence(mu, logvar).mean()


# optax' form of the cross-entropy, its mean over all entries; KL mean over rows: 1/(B D) (R + D KL)
@write(L, "weighted", said=jax_, scale="1 / (B D)", beta="D")
def jax_optax_mean(x, logits, mu, logvar):
    log_p, log_not_p = jax.nn.log_sigmoid(logits), jax.nn.log_sigmoid(-logits)
    bce = -x * log_p - (1.0 - x) * log_not_p
    return bce.mean() + jgauss(mu, logvar).sum(axis=-1).mean()


# the constants kept, unit variance
@write({**G, "eps": "B K noise"}, "equal", said=jax_, scale="1 / B", beta="1", constant="0")
def jax_numpyro_elbo(x, x_hat, mu, logvar, eps):
    norm = jax.scipy.stats.norm
    std = jnp.exp(0.5 * logvar)
    z = mu + std * eps
    log_joint = norm.logpdf(x, x_hat, 1.0).sum(-1) + norm.logpdf(z).sum(-1)
    return -(log_joint - norm.logpdf(z, mu, std).sum(-1)).mean()


# near miss: norm.logpdf takes a standard deviation and is handed the variance
@write({**Q, "z": "B K sample"}, "mistake|none", said=jax_, mistake="variance")
def jax_logpdf_of_the_variance(mu, logvar, z):
    norm = jax.scipy.stats.norm
    return (norm.logpdf(z, mu, jnp.exp(logvar)) - norm.logpdf(z)).sum(-1).mean()


# optax.l2_loss is half the square: variance 1, mean over D: 1/(B D) times R at variance 1 + D KL, so variance D
@write(G, "equal up to a constant", said=jax_, scale="1 / B", variance="D", constant="-D log(2 pi D) / 2")
def jax_l2_loss_mean(x, x_hat, mu, logvar):
    l2 = 0.5 * jnp.square(x_hat - x)
    return jnp.mean(jnp.mean(l2, axis=-1) + jnp.sum(jgauss(mu, logvar), axis=-1))


# balanced, by stop_gradient
@write(PRIOR, "surrogate|mistake", said=jax_)
def jax_balancing(mu_q, logvar_q, mu_p, logvar_p):
    def kl(m, v, n, w):
        return 0.5 * (w - v + (jnp.exp(v) + (m - n) ** 2) * jnp.exp(-w) - 1).sum(-1).mean()

    sg = jax.lax.stop_gradient
    return 0.5 * kl(mu_q, logvar_q, sg(mu_p), sg(logvar_p)) + 0.5 * kl(sg(mu_q), sg(logvar_q), mu_p, logvar_p)


# a floor a datum
@write(L, "mistake|surrogate", said=jax_, mistake="free bits|floor")
def jax_free_nats(x, logits, mu, logvar):
    nll = jnp.sum(jnp.logaddexp(0.0, logits) - x * logits, axis=1)
    return jnp.mean(nll + jnp.maximum(jgauss(mu, logvar).sum(1), 3.0))


# log mean exp over the last axis, from parts
@write(PARTS, "equal", "sum", said=jax_, scale="1", constant="0")
def jax_iwae(log_px, log_pz, log_qz):
    log_w = log_px + log_pz - log_qz
    return -jnp.sum(jax.nn.logsumexp(log_w, axis=-1) - jnp.log(log_w.shape[-1]))


# near miss: the logarithm is taken of the mean over S and B at once
@write({"log_w": "S B log-weight"}, "mistake|none", said=jax_)
def jax_iwae_over_both(log_w):
    return -(jax.nn.logsumexp(log_w) - jnp.log(log_w.size))


# one-hot targets against log_softmax: -sum y log p over V and T, mean over B; the KL subtracted with its sign right
@write({"x": "B T V onehot", "logits": "B T V logits", **Q}, "equal", said=jax_, scale="1 / B", beta="1", constant="0")
def jax_onehot_tokens(x, logits, mu, logvar):
    log_likelihood = jnp.einsum("btv,btv->b", x, jax.nn.log_softmax(logits, axis=-1))
    minus_kl = 0.5 * jnp.sum(1 + logvar - mu**2 - jnp.exp(logvar), axis=-1)
    return -jnp.mean(log_likelihood + minus_kl)


# near miss: the same line with the sign of the divergence lost
@write({"x": "B T V onehot", "logits": "B T V logits", **Q}, "mistake", said=jax_, mistake="sign")
def jax_onehot_tokens_sign(x, logits, mu, logvar):
    log_likelihood = jnp.einsum("btv,btv->b", x, jax.nn.log_softmax(logits, axis=-1))
    kl = -0.5 * jnp.sum(1 + logvar - mu**2 - jnp.exp(logvar), axis=-1)
    return -jnp.mean(log_likelihood + kl)


# Gumbel: sum q log q + log C, over N codes
@write({"logits": "B N C logits of q"}, "equal", said=jax_, scale="1 / B", constant="0")
def jax_gumbel(logits):
    q = jax.nn.softmax(logits, axis=-1)
    negative_entropy = jnp.sum(q * jax.nn.log_softmax(logits, axis=-1), axis=-1)
    return jnp.mean(jnp.sum(negative_entropy + jnp.log(logits.shape[-1]), axis=-1))


# near miss: log C once a datum where N codes each have one: lower by (N - 1) log C
@write({"logits": "B N C logits of q"}, "equal up to a constant", said=jax_, scale="1 / B", constant="-(N - 1) log(C)")
def jax_gumbel_one_logarithm(logits):
    q = jax.nn.softmax(logits, axis=-1)
    negative_entropy = jnp.sum(q * jax.nn.log_softmax(logits, axis=-1), axis=(1, 2))
    return jnp.mean(negative_entropy + jnp.log(logits.shape[-1]))


# absolute errors: a Laplace decoder of scale one without its log 2
@write(G, "another model|equal up to a constant", said=jax_, scale="1 / B", beta="1", constant="-D log(2)")
def jax_l1(x, x_hat, mu, logvar):
    return jnp.mean(jnp.sum(jnp.abs(x - x_hat), axis=-1) + jgauss(mu, logvar).sum(-1))


# the divergence by a log standard deviation, with its twos
@write({"mu": "B K mean", "log_sigma": "B K logstd"}, "equal", "sum", said=jax_, scale="1", constant="0")
def jax_log_sigma(mu, log_sigma):
    return 0.5 * jnp.sum(jnp.exp(2 * log_sigma) + mu**2 - 1 - 2 * log_sigma)


# near miss: the -1 in the divergence is forgotten: KL / B + K/2
@write(L, "equal up to a constant", said=jax_, scale="1 / B", beta="1", constant="K / 2")
def jax_forgotten_one(x, logits, mu, logvar):
    nll = jnp.sum(jax.nn.softplus(logits) - x * logits, axis=1)
    return jnp.mean(nll + 0.5 * jnp.sum(mu**2 + jnp.exp(logvar) - logvar, axis=1))
