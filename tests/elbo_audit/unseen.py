"""A second round: other shapes, other styles, the verdicts again fixed before the audit saw them."""

from __future__ import annotations

import math

import torch
import torch.distributions as td
import torch.nn.functional as F
from torch import nn

from tests.elbo_audit.wild import Wild

B = {"x": "B D binary", "prob": "B D probability", "mu": "B K mean", "logvar": "B K logvar"}
G = {"x": "B D real", "x_hat": "B D mean", "mu": "B K mean", "logvar": "B K logvar"}
IMAGE = {
    "x": "B C H W binary", "prob": "B C H W probability", "mu": "B K mean", "logvar": "B K logvar",
}  # fmt: skip
UNSEEN: dict[str, Wild] = {}


def unseen(roles, kind, batch="any", maximised=False, **says):
    def keep(loss):
        UNSEEN[loss.__name__] = Wild(loss, roles, kind, batch, maximised, says)
        return loss

    return keep


@unseen(IMAGE, "equal", "mean", beta="1")
def images_flattened(x, prob, mu, logvar):
    rows = x.size(0)
    fit = F.binary_cross_entropy(prob.view(rows, -1), x.view(rows, -1), reduction="none").sum(-1)
    return torch.mean(fit - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(-1))


@unseen(IMAGE, "weighted", "mean", beta="C H W")
def images_averaged(x, prob, mu, logvar):
    return nn.BCELoss()(prob, x) - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()


@unseen({"mu": "B K H W mean", "logvar": "B K H W logvar"}, "equal", "mean")
def latent_maps(mu, logvar):
    var = torch.exp(logvar)
    return 0.5 * torch.sum(torch.pow(mu, 2) + var - 1.0 - logvar, dim=[1, 2, 3]).mean()


@unseen({**G, "lv": "logscale of x", "w": "weight"}, "weighted", beta="w")
def latent_diffusion_first_stage(x, x_hat, lv, mu, logvar, w):
    rec = torch.abs(x - x_hat)
    nll = rec / torch.exp(lv) + lv
    kl = 0.5 * torch.sum(mu.pow(2) + logvar.exp() - 1.0 - logvar, dim=1)
    return torch.sum(nll) / nll.shape[0] + w * torch.sum(kl) / kl.shape[0]


@unseen({"k": "B D real", "rate": "B D scale", "mu": "B K mean", "logvar": "B K logvar"}, "none")
def poisson_counts(k, rate, mu, logvar):
    fit = (rate - k * rate.log()).sum(1)
    return (fit - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)).mean()


VIB = {"logits": "B C logits of y", "y": "B label", "mu": "B K mean", "logvar": "B K logvar", "beta": "weight"}


@unseen(VIB, "weighted", "mean", beta="beta")
def bottleneck(logits, y, mu, logvar, beta):
    rate = td.kl_divergence(td.Normal(mu, logvar.div(2).exp()), td.Normal(0, 1)).sum(1).mean()
    return torch.add(nn.CrossEntropyLoss()(logits, y), rate, alpha=1) + (beta - 1) * rate


@unseen(G, "equal up to a constant", "mean", variance="1 / 2")
def mean_then_sum(x, x_hat, mu, logvar):
    return (x - x_hat).pow(2).mean(0).sum() - 0.5 * (1 + logvar - mu**2 - logvar.exp()).mean(0).sum()


@unseen({"mu": "B K mean", "std": "B K std"}, "equal", "mean")
def independent_laws(mu, std):
    q = td.Independent(td.Normal(mu, std), 1)
    p = td.Independent(td.Normal(torch.zeros_like(mu), torch.ones_like(std)), 1)
    return td.kl_divergence(q, p).mean()


@unseen({**G, "var": "B D variance of x"}, "weighted", "mean", beta="D")
def gaussian_nll_module(x, x_hat, var, mu, logvar):
    return nn.GaussianNLLLoss()(x_hat, x, var) - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()


@unseen({"log_w": "B S log-weight"}, "equal", "sum")
def log_of_mean_weight(log_w):
    return -(log_w.exp().mean(dim=1)).log().sum()


@unseen({"log_w": "S B log-weight"}, "equal", "mean", maximised=True)
def bound_itself(log_w):
    return torch.mean(torch.logsumexp(log_w, 0) - math.log(len(log_w)))


@unseen(B, "equal", "mean")
def one_number_a_datum(x, prob, mu, logvar):
    fit = -(x * prob.log() + (1 - x) * (1 - prob).log()).sum(1)
    return fit - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)


@unseen(B, "mistake", "mean", mistake="free bits: at least the negative ELBO")
def floor_a_datum(x, prob, mu, logvar):
    rate = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)
    return (F.binary_cross_entropy(prob, x, reduction="none").sum(1) + torch.maximum(rate, torch.tensor(0.5))).mean()


@unseen(B, "equal up to a constant", "mean")
def logs_kept_finite(x, prob, mu, logvar):
    fit = -(x * torch.log(prob + 1e-10) + (1 - x) * torch.log(1 - prob + 1e-10)).sum(1)
    return torch.mean(fit - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1))


@unseen({**G, "eps": "S B K noise"}, "equal", "mean", variance="1")
def several_draws(x, x_hat, mu, logvar, eps):
    std = torch.exp(0.5 * logvar)
    z = mu + std * eps
    ratio = (td.Normal(mu, std).log_prob(z) - td.Normal(0.0, 1.0).log_prob(z)).sum(-1).mean(0)
    return (ratio - td.Normal(x_hat, 1.0).log_prob(x).sum(-1)).mean()


@unseen({"mu": "B K mean", "logvar": "B K logvar"}, "mistake", "mean", mistake="mu is not squared")
def forgot_the_square(mu, logvar):
    return -0.5 * (1 + logvar - mu - logvar.exp()).sum(1).mean()


@unseen({"mu": "B K mean", "logvar": "B K logvar"}, "mistake", "mean", mistake="std/variance mix-up")
def forgot_the_exponential(mu, logvar):
    return -0.5 * (1 + logvar - mu**2 - logvar**2).sum(1).mean()


@unseen({"mu": "B K mean", "logvar": "B K logvar"}, "mistake", "mean", mistake="the logarithm is missing")
def forgot_the_logarithm(mu, logvar):
    return 0.5 * (mu**2 + logvar.exp() - 1).sum(1).mean()


@unseen({"mu": "B K mean", "logvar": "B K logvar"}, "mistake", "mean", mistake="swapped KL")
def swapped_by_hand(mu, logvar):
    return 0.5 * (logvar + (1 + mu**2) / logvar.exp() - 1).sum(1).mean()


@unseen({"mu": "B K mean", "logvar": "B K logvar"}, "mistake", "mean", mistake="sign of mu squared")
def sign_of_the_mean(mu, logvar):
    return -0.5 * (1 + logvar + mu**2 - logvar.exp()).sum(1).mean()


@unseen({"mu": "B K mean", "logvar": "B K logvar"}, "another model", "mean", prior="N(0, 1/2 I)")
def squares_without_their_half(mu, logvar):
    return (mu**2 + logvar.exp() - 0.5 * logvar - 0.5).sum(1).mean()


@unseen(G, "mistake", "mean", mistake="sign of the reconstruction")
def likelihood_added(x, x_hat, mu, logvar):
    fit = td.Normal(x_hat, 1.0).log_prob(x).sum(1)
    return (fit - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)).mean()


@unseen(G, "weighted", "mean", beta="4", variance="1 / 4")
def beta_four(x, x_hat, mu, logvar):
    fit = -td.Normal(x_hat, 0.5).log_prob(x).sum(1)
    return (fit - 4 * 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)).mean()


@unseen({**B, "x": "B D onehot"}, "another model", "mean")
def coins_for_one_hot_rows(x, prob, mu, logvar):
    fit = F.binary_cross_entropy(prob, x, reduction="none").sum(1)
    return (fit - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)).mean()


@unseen({"x": "B L C onehot", "p": "B L C simplex", "mu": "B K mean", "logvar": "B K logvar"}, "equal", "mean")
def letters(x, p, mu, logvar):
    fit = -(x * torch.log(p)).sum(dim=(1, 2))
    return (fit - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1)).mean()


@unseen({"logits": "B G C logits"}, "equal", "mean")
def groups_of_gumbel_codes(logits):
    q = F.softmax(logits, dim=-1)
    return (q * (F.log_softmax(logits, dim=-1) + math.log(logits.shape[-1]))).sum((1, 2)).mean()


@unseen({"logits": "B C logits"}, "mistake", "mean", mistake="sign of the KL")
def entropy_is_subtracted(logits):
    return td.Categorical(logits=logits).entropy().mean() - math.log(logits.shape[-1])


@unseen({"nll": "B nll", "kl": "B divergence", "beta": "weight"}, "weighted", "mean", beta="beta")
def numbers_of_a_library(nll, kl, beta):
    return torch.mean(nll + beta * kl)


@unseen(
    {"logp": "B T log-density of q", "ref": "B T log-density of p"}, "mistake", mistake="gradient is zero on average"
)
def log_ratio_a_sequence(logp, ref):
    return (logp.sum(1) - ref.sum(1)).mean()


@unseen(G, "none")
def cosine(x, x_hat, mu, logvar):
    return -(x * x_hat).sum(1).mean() - 0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
