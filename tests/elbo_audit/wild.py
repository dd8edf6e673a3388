"""Losses as people publish them, written here from the lines of others, each with the verdict that is right.

The verdicts were fixed by hand before the audit ever saw a program; where one was changed afterwards, the program says
so. What cannot be decided says so in `WHY_UNDECIDED` of the test, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.distributions as td
import torch.nn.functional as F

B = {"x": "B D binary", "prob": "B D probability", "mu": "B K mean", "logvar": "B K logvar"}
L = {"x": "B D binary", "logits": "B D logits", "mu": "B K mean", "logvar": "B K logvar"}
G = {"x": "B D real", "x_hat": "B D mean", "mu": "B K mean", "logvar": "B K logvar"}
Q = {"mu": "B K mean", "logvar": "B K logvar"}
P = {"logp": "B T log-density of q", "ref": "B T log-density of p"}


class Wild(NamedTuple):
    loss: Callable[..., object]
    roles: dict[str, str]
    kind: str
    batch: str
    maximised: bool
    says: dict[str, str]


WILD: dict[str, Wild] = {}


def wild(roles: dict[str, str], kind: str, batch: str = "any", maximised: bool = False, **says: str) -> Callable:
    def keep(loss: Callable[..., object]) -> Callable[..., object]:
        WILD[loss.__name__] = Wild(loss, roles, kind, batch, maximised, says)
        return loss

    return keep


def kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp(), dim=1)


# --- squared error ---------------------------------------------------------------------------------------------------


@wild(G, "equal up to a constant", variance="5 D / 512")
def mse_and_batch_weight(x, x_hat, mu, logvar):  # rwickman/VAE-PyTorch
    return F.mse_loss(x, x_hat) + 10 / 512 * torch.mean(kl(mu, logvar), dim=0)


@wild(G, "equal up to a constant", variance="1 / (8000 B)")
def summed_error_mean_kl(x, x_hat, mu, logvar):  # Tupryk/SHK_LIS: the variance falls with the batch
    return F.mse_loss(x_hat, x, reduction="sum") + 0.00025 * kl(mu, logvar).mean(dim=0)


@wild(G, "equal up to a constant", variance="D / (20 K)")
def tenth_of_mean_of_mean(x, x_hat, mu, logvar):  # podgorskiy/VAE#1
    each = 1 + logvar - mu.pow(2) - logvar.exp()
    return {"kl": each, "loss": torch.mean((x_hat - x) ** 2) + 0.1 * -0.5 * torch.mean(torch.mean(each, 1))}


@wild({**G, "kld_weight": "weight"}, "equal up to a constant", variance="D kld_weight / 2")
def dictionary_of_losses(x, x_hat, mu, logvar, kld_weight):  # AntixK/PyTorch-VAE and its many copies
    fit = F.mse_loss(x_hat, x)
    rate = torch.mean(kl(mu, logvar), dim=0)
    return {"loss": fit + kld_weight * rate, "Reconstruction_Loss": fit.detach(), "KLD": -rate.detach()}


@wild(G, "equal up to a constant", "mean", variance="1")
def half_squared_error(x, x_hat, mu, logvar):
    return (0.5 * (x - x_hat).pow(2).sum(1) + kl(mu, logvar)).mean()


@wild(G, "equal", "mean", variance="1 / 400")
def narrow_independent(x, x_hat, mu, logvar):  # SeldonIO/alibi-detect: a fixed standard deviation of 0.05
    law = td.Independent(td.Normal(x_hat, 0.05), 1)
    return kl(mu, logvar).mean() - law.log_prob(x).mean()


@wild({**G, "log_sigma": "logstd of x"}, "equal", "sum")
def sigma_vae(x, x_hat, log_sigma, mu, logvar):  # orybkin/sigma-vae-pytorch
    nll = 0.5 * ((x - x_hat) / log_sigma.exp()).pow(2) + log_sigma + 0.5 * math.log(2 * math.pi)
    return nll.sum() - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


@wild({**G, "logvar_x": "B D logvar of x", "beta": "weight"}, "weighted", "sum", beta="beta")
def gaussian_decoder_beta(x, x_hat, logvar_x, mu, logvar, beta):  # wz139704646/MBRL_on_VAEs
    law = td.Normal(loc=x_hat, scale=torch.exp(0.5 * logvar_x))
    return -torch.sum(law.log_prob(x)) + beta * kl(mu, logvar).sum()


@wild({**G, "s": "B D logvar of x"}, "weighted", beta="D")
def heteroscedastic_mean(x, x_hat, s, mu, logvar):
    fit = (s + (x_hat - x).pow(2) / torch.exp(s)) / 2
    return fit.mean() + kl(mu, logvar).mean()


@wild({**G, "var": "B D variance of x"}, "equal", "mean")
def full_gaussian_nll(x, x_hat, var, mu, logvar):
    return F.gaussian_nll_loss(x_hat, x, var, full=True, reduction="sum") / x.shape[0] + kl(mu, logvar).mean()


@wild(G, "equal", "mean")
def laplace_of_scale_one(x, x_hat, mu, logvar):
    return (kl(mu, logvar) - td.Laplace(x_hat, 1.0).log_prob(x).sum(1)).mean()


@wild(G, "another model", "mean")
def absolute_error(x, x_hat, mu, logvar):
    return (F.l1_loss(x_hat, x, reduction="none").sum(1) + kl(mu, logvar)).mean()


@wild(B, "another model", "mean")
def squared_error_of_probabilities(x, prob, mu, logvar):
    return (0.5 * (prob - x).square().sum(dim=1) + kl(mu, logvar)).mean()


# --- cross-entropy ---------------------------------------------------------------------------------------------------


@wild({**B, "x": "B 784 binary", "prob": "B 784 probability"}, "equal", "sum")
def the_example_of_pytorch(x, prob, mu, logvar):  # pytorch/examples
    fit = F.binary_cross_entropy(prob, x.view(-1, 784), reduction="sum")
    return fit - 0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


@wild(B, "weighted", "mean", beta="1 / K")
def keras_example(x, prob, mu, logvar):  # keras-team/keras-io#270
    fit = torch.mean(F.binary_cross_entropy(prob, x, reduction="none").sum(dim=1))
    each = 1 + logvar - mu.square() - logvar.exp()
    return fit + torch.mean(each) * -0.5


@wild(L, "weighted", beta="D / K")
def logits_means_everywhere(x, logits, mu, logvar):
    return F.binary_cross_entropy_with_logits(logits, x) - 0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).mean()


@wild(L, "equal", "mean")
def bernoulli_distribution(x, logits, mu, logvar):
    fit = td.Bernoulli(logits=logits).log_prob(x).sum(-1)
    return (td.kl_divergence(td.Normal(mu, (logvar / 2).exp()), td.Normal(0.0, 1.0)).sum(-1) - fit).mean()


@wild(L, "equal", "sum")
def stable_by_hand(x, logits, mu, logvar):
    fit = torch.relu(logits) - logits * x + torch.log1p(torch.exp(-logits.abs()))
    return fit.sum() + kl(mu, logvar).sum()


@wild(B, "weighted", "sum", beta="2")
def without_the_half(x, prob, mu, logvar):
    return F.binary_cross_entropy(prob, x, reduction="sum") - torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


@wild({**B, "x": "B D grey"}, "surrogate", "sum")
def grey_cross_entropy(x, prob, mu, logvar):
    return F.binary_cross_entropy(prob, x, reduction="sum") + kl(mu, logvar).sum()


@wild(B, "mistake", "mean", mistake="double sigmoid")
def sigmoid_twice(x, prob, mu, logvar):
    return (F.binary_cross_entropy_with_logits(prob, x, reduction="none").sum(1) + kl(mu, logvar)).mean()


@wild(B, "mistake", "sum", mistake="swapped cross-entropy")
def target_first(x, prob, mu, logvar):
    return F.binary_cross_entropy(x, prob, reduction="sum") + kl(mu, logvar).sum()


@wild(B, "mistake", "sum", mistake="sign of the loss")
def elbo_minimised(x, prob, mu, logvar):
    return -(F.binary_cross_entropy(prob, x, reduction="sum") + kl(mu, logvar).sum())


@wild(
    {"x": "B D binary", "x_recon": "B D probability", "mu": "B K mean", "log_var": "B K logvar"}, "equal", "sum", True
)
def compute_elbo(x, x_recon, mu, log_var):  # "Evidence Lower Bound", the function of its VAE
    recon_loss = F.binary_cross_entropy(x_recon, x, reduction="sum")
    kl_divergence = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
    elbo = -(recon_loss + kl_divergence)
    return elbo, recon_loss, kl_divergence


@wild(B, "weighted", "mean", beta="3 / 10")
def annealed(x, prob, mu, logvar):
    step, last = 300, 1000
    fit = F.binary_cross_entropy(prob, x, reduction="none").flatten(1).sum(1)
    return (fit + min(1.0, step / last) * kl(mu, logvar)).mean()


@wild(B, "equal", "mean")
def clamped_logvar(x, prob, mu, logvar):
    logvar = torch.clamp(logvar, -10, 10)
    return (F.binary_cross_entropy(prob, x, reduction="none").sum(1) + kl(mu, logvar)).mean()


@wild(B, "mistake", "mean", mistake="scale")
def sum_where_a_mean_was_asked(x, prob, mu, logvar):
    return F.binary_cross_entropy(prob, x, reduction="sum") + kl(mu, logvar).sum()


# --- classes, words, masks -------------------------------------------------------------------------------------------

WORDS = {"logits": "B T V logits of y", "y": "B T label", "mu": "B K mean", "logvar": "B K logvar"}


@wild(WORDS, "equal", "mean")
def sentence(logits, y, mu, logvar):
    words = F.cross_entropy(logits.transpose(1, 2), y, reduction="none")
    return (words.sum(1) + kl(mu, logvar)).mean()


@wild(WORDS, "weighted", "mean", beta="T")
def sentence_mean_over_words(logits, y, mu, logvar):
    return F.cross_entropy(logits.permute(0, 2, 1), y) + kl(mu, logvar).mean()


MASKED = {"nll": "B T nll", "mask": "B T mask", "mu": "B K mean", "logvar": "B K logvar"}


@wild(MASKED, "equal", "mean")
def masked_sum(nll, mask, mu, logvar):
    return ((nll * mask).sum(1) + kl(mu, logvar)).mean()


@wild(MASKED, "weighted", "mean", beta="Σ_b,t [mask[b,t]] / B")
def masked_mean(nll, mask, mu, logvar):
    return (nll * mask).sum() / mask.sum() + kl(mu, logvar).mean()


# --- divergences -----------------------------------------------------------------------------------------------------


@wild({"mu": "B K mean", "std": "B K std"}, "equal", "mean")
def from_std(mu, std):  # wwang2/CoarseGrainingVAE
    return -0.5 * torch.sum(1 + torch.log(std.pow(2)) - mu.pow(2) - std.pow(2), dim=-1).mean()


TWO = {"mu_q": "B K mean of q", "std_q": "B K std of q", "mu_p": "B K mean of p", "std_p": "B K std of p"}


@wild(TWO, "equal", "sum")
def two_gaussians(mu_q, std_q, mu_p, std_p):  # BenThaii/nonstationary_offline_RL
    qs2, ps2 = std_q**2 + 1e-16, std_p**2 + 1e-16
    return (qs2 / ps2 + ((mu_q - mu_p) ** 2) / ps2 + torch.log(ps2 / qs2) - 1.0).sum() * 0.5


@wild(TWO, "equal", "mean")
def learned_prior(mu_q, std_q, mu_p, std_p):
    return td.kl_divergence(td.Normal(mu_q, std_q), td.Normal(mu_p, std_p)).sum(-1).mean()


@wild({"mu": "B K mean", "log_sigma": "B K logstd"}, "mistake", "mean", mistake="std/variance mix-up")
def log_sigma_as_logvar(mu, log_sigma):  # MatteoZanella/Sty-Paint: right if log_sigma is a log-variance
    return torch.mean(-0.5 * torch.sum(1 + log_sigma - mu**2 - log_sigma.exp(), dim=-1))


@wild({"mu": "B K mean", "var": "B K variance"}, "mistake", "sum", mistake="std/variance mix-up")
def variance_squared(mu, var):
    return -0.5 * torch.sum(1 + torch.log(var**2) - mu**2 - var**2)


@wild({"z": "B K sample", "mu": "B K mean", "std": "B K std"}, "mistake", mistake="density counted twice")
def kl_div_of_log_densities(z, mu, std):  # barisbatuhan/SSuperGAN, the version that was given up
    log_q, log_p = td.Normal(mu, std).log_prob(z), td.Normal(0.0, 1.0).log_prob(z)
    return F.kl_div(log_p, log_q, reduction="batchmean", log_target=True)


@wild(Q, "equal", "mean")
def chainer_divergence(mu, logvar):  # chainer/chainer#2519
    each = (mu * mu + torch.exp(logvar) - logvar - 1) * 0.5
    return torch.sum(each) / mu.shape[0]


@wild(Q, "equal", "sum")
def by_einsum(mu, logvar):
    squares = torch.einsum("bk,bk->b", mu, mu)
    return 0.5 * (squares + logvar.exp().sum(1) - logvar.sum(1) - mu.size(1)).sum()


@wild(Q, "equal up to a constant", "sum")
def stabilised_log(mu, logvar):
    var = logvar.exp()
    return -0.5 * torch.sum(1 + torch.log(var + 1e-8) - mu**2 - var)


@wild({**B, "eps": "B K noise"}, "mistake", "mean", mistake="std/variance mix-up")
def noise_times_variance(x, prob, mu, logvar, eps):
    z = mu + eps * logvar.exp()
    ratio = td.Normal(mu, (0.5 * logvar).exp()).log_prob(z) - td.Normal(0.0, 1.0).log_prob(z)
    return (F.binary_cross_entropy(prob, x, reduction="none").sum(1) + ratio.sum(1)).mean()


@wild(B, "equal", "mean")
def drawn_inside(x, prob, mu, logvar):
    std = torch.exp(0.5 * logvar)
    q = td.Normal(mu, std)
    z = q.rsample()
    ratio = q.log_prob(z).sum(1) - td.Normal(torch.zeros_like(mu), torch.ones_like(std)).log_prob(z).sum(1)
    return (F.binary_cross_entropy(prob, x, reduction="none").sum(1) + ratio).mean()


@wild(B, "mistake", "mean", mistake="free bits: at least the negative ELBO")
def free_bits_each(x, prob, mu, logvar):
    each = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp())
    return F.binary_cross_entropy(prob, x, reduction="none").sum(1).mean() + each.mean(0).clamp(min=0.5).sum()


@wild({**B, "gamma": "weight", "c": "weight"}, "surrogate", "mean")
def capacity(x, prob, mu, logvar, gamma, c):  # the controlled capacity of "Understanding disentangling in beta-VAE"
    fit = F.binary_cross_entropy(prob, x, reduction="none").sum(1).mean()
    return fit + gamma * (kl(mu, logvar).mean() - c).abs()


@wild(TWO, "surrogate", "mean")
def balanced(mu_q, std_q, mu_p, std_p):  # the balance of DreamerV2
    q, p = td.Normal(mu_q, std_q), td.Normal(mu_p, std_p)
    still_q, still_p = td.Normal(mu_q.detach(), std_q.detach()), td.Normal(mu_p.detach(), std_p.detach())
    towards = td.kl_divergence(still_q, p).sum(1).mean()
    return 0.8 * towards + 0.2 * td.kl_divergence(q, still_p).sum(1).mean()


@wild({"logits": "B C logits"}, "equal", "mean")
def categorical_distribution(logits):
    uniform = td.Categorical(logits=torch.zeros_like(logits))
    return td.kl_divergence(td.Categorical(logits=logits), uniform).mean()


@wild({"qy": "B C simplex"}, "equal", "mean")
def kl_div_to_uniform(qy):
    return F.kl_div(torch.full_like(qy, 1 / qy.shape[1]).log(), qy, reduction="batchmean")


@wild({"qy": "B C simplex"}, "mistake", "mean", mistake="swapped KL")
def kl_div_the_other_way(qy):
    return F.kl_div(qy.log(), torch.full_like(qy, 1 / qy.shape[1]), reduction="batchmean")


@wild({"qy": "B C simplex", "py": "B C simplex of p"}, "equal", "mean")
def two_tables(qy, py):
    return torch.sum(qy * (qy.log() - py.log()), dim=1).mean()


# --- estimators, importance weights, total correlation ---------------------------------------------------------------


@wild({"log_w": "S B log-weight"}, "equal", "mean")
def mean_of_log_weights(log_w):
    return -log_w.mean()


@wild({"log_w": "S B log-weight"}, "equal", "mean")
def shifted_by_the_maximum(log_w):
    top = log_w.max(dim=0, keepdim=True)[0]
    return -(top.squeeze(0) + (log_w - top).exp().mean(0).log()).mean()


@wild({"log_w": "B S log-weight"}, "equal", "mean")
def samples_last(log_w):
    return -(torch.logsumexp(log_w, dim=1) - math.log(log_w.size(1))).mean()


@wild(P, "mistake", mistake="gradient is zero on average")
def log_ratio_as_loss(logp, ref):
    return (logp - ref).sum(1).mean()


@wild(P, "surrogate")
def log_ratio_as_reward(logp, ref):
    return ((logp - ref).detach() * logp).sum(1).mean()


@wild(P, "mistake", mistake="inverted k3")
def upside_down(logp, ref):
    d = logp - ref
    return (d.exp() - d - 1).mean()


@wild(P, "surrogate", beta="1")
def half_square(logp, ref):
    return (0.5 * (logp - ref) ** 2).mean()


TC = {"z": "B K sample", "mu": "B K mean", "logvar": "B K logvar", "n_data": "count N", "beta": "weight"}


@wild(TC, "surrogate")
def weighted_total_correlation(z, mu, logvar, n_data, beta):  # rtqichen/beta-tcvae
    def density(v, m, s):
        return -0.5 * (math.log(2 * math.pi) + s) - 0.5 * (v - m) ** 2 * torch.exp(-s)

    every = density(z[:, None], mu[None], logvar[None])
    scale = math.log(z.shape[0] * n_data)
    log_qz = every.sum(2).logsumexp(1) - scale
    log_prod = (every.logsumexp(1) - scale).sum(1)
    log_q = density(z, mu, logvar).sum(1)
    log_p = density(z, torch.zeros_like(z), torch.zeros_like(z)).sum(1)
    return ((log_q - log_qz) + beta * (log_qz - log_prod) + (log_prod - log_p)).mean()


@wild({"mu": "n mean", "sigma": "n std", "nll": "B nll", "n_data": "count N"}, "weighted", beta="N / B")
def weights_over_the_batch(nll, mu, sigma, n_data):  # asajatovic/bayesian-deep-learning-text-classification
    rate = (0.5 * (sigma**2 + mu**2 - 1) - sigma.log()).sum()
    return nll.mean() + rate / len(nll)


@wild({"mu": "n mean", "sigma": "n std", "nll": "B nll", "n_data": "count N"}, "equal", beta="1")
def weights_over_the_data(nll, mu, sigma, n_data):
    rate = (0.5 * (sigma**2 + mu**2 - 1) - sigma.log()).sum()
    return nll.mean() + rate / n_data


# --- neither ---------------------------------------------------------------------------------------------------------


@wild({"x": "B D real", "x_hat": "B D mean", "z": "B K real", "e": "B K mean of z"}, "none")
def commitment(x, x_hat, z, e):  # a quantised autoencoder
    return F.mse_loss(x_hat, x) + 0.25 * F.mse_loss(z, e)


@wild(G, "none")
def maximum_mean_discrepancy(x, x_hat, mu, logvar):
    near = torch.exp(-((mu[:, None] - mu[None]) ** 2).sum(-1))
    return F.mse_loss(x_hat, x) + near.mean()


@wild(G, "none")
def huber(x, x_hat, mu, logvar):
    return (torch.log(torch.cosh(x - x_hat)).sum(1) + kl(mu, logvar)).mean()
