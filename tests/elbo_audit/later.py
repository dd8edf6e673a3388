"""A third round: encoders in one piece, masks that pick, rewards, flows, several codes, images, draws, floors."""

from __future__ import annotations

import math

import torch
import torch.distributions as td
import torch.nn.functional as F

from tests.elbo_audit.wild import Wild

Q = {"mu": "B K mean", "logvar": "B K logvar"}
B = {"x": "B D binary", "prob": "B D probability", **Q}
H = {"h": "B 2*K mean|logvar"}
LATER: dict[str, Wild] = {}


def later(roles, kind, batch="mean", **says):
    def keep(loss):
        LATER[loss.__name__] = Wild(loss, roles, kind, batch, False, says)
        return loss

    return keep


def kl(mu, logvar):
    return -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(-1)


def bce(x, prob):
    return F.binary_cross_entropy(prob, x, reduction="none").sum(1)


# --- one output, two halves; arrays side by side ---


@later(H, "equal")
def chunked(h):
    mu, logvar = h.chunk(2, -1)
    return kl(mu, logvar).mean()


@later(H, "equal")
def sliced(h):
    half = h.shape[1] // 2
    return kl(h[:, :half], h[:, half:]).mean()


@later(H, "equal")
def split_in_two(h):
    mu, logvar = torch.split(h, h.size(-1) // 2, dim=-1)
    return kl(mu, logvar).mean()


@later(H, "equal")
def viewed_as_two(h):
    h = h.view(h.shape[0], 2, -1)
    return kl(h[:, 0], h[:, 1]).mean()


@later({"h": "B 2*C H W mean|logvar"}, "equal")
def first_stage_of_a_diffusion_model(h):
    mu, logvar = torch.chunk(h, 2, dim=1)
    logvar = torch.clamp(logvar, -30.0, 20.0)
    return 0.5 * torch.sum(mu.pow(2) + logvar.exp() - 1.0 - logvar, dim=[1, 2, 3]).mean()


@later(H, "mistake", mistake="mean and spread exchanged")
def halves_exchanged(h):
    logvar, mu = h.chunk(2, -1)
    return kl(mu, logvar).mean()


@later(Q, "equal", "sum")
def stacked_terms(mu, logvar):
    return 0.5 * torch.stack([mu**2, logvar.exp(), -logvar, -torch.ones_like(mu)]).sum(0).sum()


# --- what a mask picks ---

M = {"nll": "B T nll", "mask": "B T mask", **Q}


@later(M, "weighted", beta="Σ_b,t [mask[b,t]] / B")
def mean_of_what_is_picked(nll, mask, mu, logvar):
    return nll[mask.bool()].mean() + kl(mu, logvar).mean()


@later(M, "equal", "sum")
def sum_of_what_is_selected(nll, mask, mu, logvar):
    return torch.masked_select(nll, mask > 0).sum() + kl(mu, logvar).sum()


# --- rewards ---

R = {"reward": "B reward", "logp": "B log-density of q", "ref": "B log-density of p", "beta": "weight"}


@later(R, "surrogate", "any", beta="beta")
def log_ratio_in_the_reward(reward, logp, ref, beta):
    return -((reward - beta * (logp - ref)).detach() * logp).mean()


@later(R, "surrogate", "any", beta="beta")
def half_square_beside_the_reward(reward, logp, ref, beta):
    return (-reward * logp + beta * 0.5 * (logp - ref) ** 2).mean()


@later(R, "mistake", "any", mistake="gradient of a reward is not that of the divergence")
def k3_in_the_reward(reward, logp, ref, beta):
    d = ref - logp
    return -((reward - beta * (d.exp() - d - 1)).detach() * logp).mean()


@later(R, "mistake", "any", mistake="sign of the penalty")
def paid_for_leaving(reward, logp, ref, beta):
    return -((reward + beta * (logp - ref)).detach() * logp).mean()


@later({**R, **{n: f"B T {r[2:]}" for n, r in R.items() if "density" in r}, "mask": "B T mask"}, "mistake", "any",
       mistake="gradient is that of the other direction")  # fmt: skip
def group_relative(reward, logp, ref, mask, beta):
    d = ref - logp
    each = -(reward.unsqueeze(1) * logp - beta * (d.exp() - d - 1))
    return ((each * mask).sum(1) / mask.sum(1)).mean()


# --- flows, bounds from parts ---

FLOW = {"nll": "B nll", "z0": "B K sample", "zk": "B K flowed", "log_det": "B log-det", **Q}


@later(FLOW, "equal")
def flow(nll, z0, zk, log_det, mu, logvar):
    log_q = td.Normal(mu, (0.5 * logvar).exp()).log_prob(z0).sum(1) - log_det
    return (nll + log_q - td.Normal(0.0, 1.0).log_prob(zk).sum(1)).mean()


@later(FLOW, "mistake", mistake="sign of the log determinant")
def flow_the_other_way(nll, z0, zk, log_det, mu, logvar):
    log_q = td.Normal(mu, (0.5 * logvar).exp()).log_prob(z0).sum(1) + log_det
    return (nll + log_q - td.Normal(0.0, 1.0).log_prob(zk).sum(1)).mean()


PARTS = {"log_px": "B S log-likelihood", "log_pz": "B S log-density of p", "log_qz": "B S log-density of q"}


@later({n: r.replace(" S", "") for n, r in PARTS.items()}, "equal")
def elbo_from_parts(log_px, log_pz, log_qz):
    return -(log_px + log_pz - log_qz).mean()


@later(PARTS, "mistake", mistake="reduction: batch inside the logarithm")
def bound_over_the_rows(log_px, log_pz, log_qz):
    log_w = log_px + log_pz - log_qz
    return -(torch.logsumexp(log_w, 0) - math.log(log_w.shape[0])).mean()


@later({"log_w": "S N log-weight"}, "undecided")
def rows_without_a_name(log_w):
    return -(torch.logsumexp(log_w, 0) - math.log(log_w.shape[0])).mean()


# --- several codes, images, draws ---

TWO = {**B, "mu2": "B J mean of q2", "logvar2": "B J logvar of q2"}


@later(TWO, "equal", beta="1")
def two_codes(x, prob, mu, logvar, mu2, logvar2):
    return (bce(x, prob) + kl(mu, logvar) + kl(mu2, logvar2)).mean()


@later(TWO, "surrogate")
def two_codes_of_unlike_weight(x, prob, mu, logvar, mu2, logvar2):
    return (bce(x, prob) + kl(mu, logvar) + 0.1 * kl(mu2, logvar2)).mean()


@later({"x": "B C H W binary", "prob": "B C*H*W probability", **Q}, "equal", "sum")
def images_and_rows(x, prob, mu, logvar):
    return F.binary_cross_entropy(prob, x.flatten(1), reduction="sum") + kl(mu, logvar).sum()


@later({"x": "B D binary", "logits": "S B D logits", **Q}, "equal", beta="1")
def several_reconstructions(x, logits, mu, logvar):
    fit = F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="none").sum(-1).mean(0)
    return (fit + kl(mu, logvar)).mean()


# --- floors that never act, ceilings that do ---


@later(Q, "equal")
def floor_at_zero(mu, logvar):
    return F.relu(kl(mu, logvar)).mean()


@later(Q, "equal")
def absolute_divergence(mu, logvar):
    return kl(mu, logvar).abs().mean()


@later(Q, "none")
def floors_that_act(mu, logvar):  # the parts of a divergence may be negative
    return (F.relu(0.5 * (mu**2 - 1)) + F.relu(0.5 * (logvar.exp() - logvar))).sum(1).mean()


@later(Q, "mistake", mistake="a ceiling: at most the negative ELBO")
def ceiling(mu, logvar):
    return kl(mu, logvar).clamp(max=5.0).mean()


@later(B, "equal", scale="1 / (B D log(2))")
def bits_a_dimension(x, prob, mu, logvar):
    return ((bce(x, prob) + kl(mu, logvar)) / (math.log(2) * x.shape[1])).mean()


# --- total correlation beside a divergence in closed form ---

TC = {**B, "z": "B K sample", "n_data": "count N"}


def log_densities(z, mu, logvar):
    return td.Normal(mu[None], (0.5 * logvar[None]).exp()).log_prob(z[:, None])


@later(TC, "surrogate")
def divergence_and_total_correlation(x, prob, mu, logvar, z, n_data):  # google-research/disentanglement_lib
    every = log_densities(z, mu, logvar)
    tc = (every.sum(2).logsumexp(1) - every.logsumexp(1).sum(1)).mean()
    return bce(x, prob).mean() + kl(mu, logvar).mean() + 5 * tc


@later({"x": "B D binary", "logits": "B D logits", **Q}, "another model")
def squared_error_of_sigmoids(x, logits, mu, logvar):
    return (((torch.sigmoid(logits) - x) ** 2).sum(1) + kl(mu, logvar)).mean()


@later({"x": "B D binary", "logits": "B D logits", **Q}, "equal")
def added_in_place(
    x, logits, mu, logvar
):  # torch then shows the clamp inside its own cross-entropy, which changes nothing
    out = kl(mu, logvar)
    out += F.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(1)
    return out.mean()
