"""A whole model, its encoder and decoder closed; and `assert_loss` in a test of one's own."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from elbo_audit import assert_loss, audit_module

PARTS = {"encoder": {"mu": "B K mean", "log_var": "B K logvar"}, "decoder": {"x_recon": "B D probability"}}
INPUTS = {"x": "B D binary"}


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared, self.mu, self.log_var = nn.Linear(784, 16), nn.Linear(16, 4), nn.Linear(16, 4)

    def forward(self, x):
        h = F.relu(self.shared(x))
        return self.mu(h), self.log_var(h)


class VAE(nn.Module):
    """The model of "Evidence Lower Bound", with the loss as its training loop takes it."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.decoder = nn.Sequential(nn.Linear(4, 784), nn.BatchNorm1d(784), nn.Sigmoid())
        self.log_sigma = nn.Parameter(torch.zeros(()))

    def reparameterize(self, mu, log_var):
        std = torch.exp(0.5 * log_var)
        return mu + torch.randn_like(std) * std

    def forward(self, x):
        mu, log_var = self.encoder(x)
        return self.decoder(self.reparameterize(mu, log_var)), mu, log_var

    def compute_elbo(self, x, x_recon, mu, log_var):
        recon_loss = F.binary_cross_entropy(x_recon, x, reduction="sum")
        kl_divergence = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
        elbo = -(recon_loss + kl_divergence)
        return elbo, recon_loss, kl_divergence

    def loss(self, x):
        return -self.compute_elbo(x, *self(x))[0]


class AtTheMean(VAE):
    def reparameterize(self, mu, log_var):
        return mu


class WithTheVariance(VAE):
    def reparameterize(self, mu, log_var):
        return mu + torch.exp(log_var) * torch.randn_like(mu)


class Twice(VAE):
    def loss(self, x):
        return super().loss(x) + super().loss(x)


class Held(VAE):
    def forward(self, x):
        mu, log_var = self.encoder(x)
        with torch.no_grad():
            out = self.decoder(self.reparameterize(mu, log_var)) * 1.0
        return out, mu, log_var


class Sigma(VAE):
    def loss(self, x):
        x_hat, mu, log_var = self(x)
        fit = 0.5 * ((x - x_hat) / self.log_sigma.exp()) ** 2 + self.log_sigma + 0.9189385332046727
        return fit.sum() - 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())


@pytest.mark.parametrize(
    ("model", "kind", "says"),
    [
        (VAE, "equal", "Bernoulli decoder, KL(q || N(0, I))"),
        (AtTheMean, "mistake", "no sample"),
        (WithTheVariance, "mistake", "a draw of another width"),
        (Twice, "undecided", "called twice"),
        (Held, "undecided", "gradient in x_recon"),
    ],
)
def test_a_whole_model(model, kind, says):
    whole = model()
    before = {n: p.clone() for n, p in whole.named_parameters()}
    verdict = audit_module(whole, "loss", inputs=INPUTS, parts=PARTS, batch="sum")
    assert (verdict.kind, says in verdict.reason) == (kind, True), str(verdict)
    assert "forward" not in vars(whole.encoder)
    assert all(torch.equal(before[n], p) for n, p in whole.named_parameters())


def test_a_parameter_of_the_loss_has_a_role():
    said = {"inputs": {"x": "B D real"}, "batch": "sum", "prove": False}
    parts = {**PARTS, "decoder": {"x_hat": "B D mean"}}
    model = Sigma()
    verdict = audit_module(model, Sigma.loss, parts=parts, parameters={"log_sigma": "logstd of x"}, **said)
    assert verdict.kind == "equal"
    assert isinstance(model.log_sigma, nn.Parameter)
    without = audit_module(model, Sigma.loss, parts=parts, **said)
    assert "give it a role" in without.reason


@pytest.mark.parametrize(
    ("named", "says"), [({"parts": {"enc": {}}}, "parts: enc"), ({"step": "losss"}, "step: the model has no method")]
)
def test_what_the_model_lacks_is_said(named, says):
    said = {"step": "loss", "inputs": INPUTS, "parts": PARTS, **named}
    with pytest.raises(ValueError, match=says):
        audit_module(VAE(), said.pop("step"), **said)


def kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1)


def test_a_loss_is_asserted():
    roles = {"mu": "B K mean", "logvar": "B K logvar", "batch": "mean"}
    assert assert_loss(lambda mu, logvar: kl(mu, logvar).mean(), **roles).kind == "equal"
    with pytest.raises(AssertionError, match="sign of the KL"):
        assert_loss(lambda mu, logvar: -kl(mu, logvar).mean(), **roles)
    assert assert_loss(lambda mu, logvar: -kl(mu, logvar).mean(), kind="mistake", **roles).status == 1
    with pytest.raises(ValueError, match="kind: one of"):
        assert_loss(kl, kind="right", **roles)
