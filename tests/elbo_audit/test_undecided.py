"""What the audit's page says it cannot decide: it does not, and says what stands in the way."""

import math

import pytest
import torch

from elbo_audit import audit

ENCODER = {"z": "B K sample", "mu": "B K mean", "logvar": "B K logvar"}


def log_normal(z, mu, logvar):
    return -0.5 * (math.log(2 * math.pi) + logvar + (z - mu) ** 2 / logvar.exp())


def stratified(z, mu, logvar, n):
    rows = z.shape[0]
    weights = torch.full((rows, rows), (n - 1) / (n * (rows - 1)))
    weights.view(-1)[:: rows + 1] = 1 / n
    pairs = log_normal(z.unsqueeze(1), mu.unsqueeze(0), logvar.unsqueeze(0)).sum(-1)
    return (log_normal(z, mu, logvar).sum(-1) - torch.logsumexp(weights.log() + pairs, 1)).mean()


def gumbel(logits):
    noise = -torch.log(-torch.log(torch.rand_like(logits)))
    code = torch.softmax(logits + noise, -1)
    return (code * code.log()).sum(-1).mean()


@pytest.mark.parametrize(
    ("loss", "roles", "why"),
    [(stratified, {**ENCODER, "n": "count N"}, "a slice"), (gumbel, {"logits": "B C logits"}, "uniform draws")],
)
def test_it_does_not_guess(loss, roles, why):
    verdict = audit(loss, batch="mean", **roles)
    assert verdict.kind == "undecided" and why in str(verdict)
