"""EQUAL is said of theorems only: the kernel arrives at the trace, the checker accepts; and neither can be talked round."""

import math
from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F

from derivations._checks.checker import Said
from elbo_audit import audit, prove
from elbo_audit.packed import unpacked
from elbo_audit.players import Players
from elbo_audit.program import Program
from elbo_audit.roles import cast
from elbo_audit.terms import poly
from tests.elbo_audit.shapes import SHAPES
from tests.elbo_audit.shapes_roles import ROLES
from tests.elbo_audit.wild import WILD

V = {"x": "B D binary", "logits": "B D logits", "mu": "B K mean", "logvar": "B K logvar"}
Q = {"mu": "B K mean", "logvar": "B K logvar"}
C = {"logits": "B C logits", "y": "B label"}


def test_a_theorem_comes_with_what_it_trusts_and_its_certificate():
    wild = WILD["sigma_vae"]
    verdict = audit(wild.loss, batch=wild.batch, roles=wild.roles)
    assert verdict.proved, verdict.proof
    assert verdict.headline == "EQUAL, by a theorem" and "torch's tracing" in verdict.trusts
    assert any(t.startswith("rules used: ") for t in verdict.trusts)
    assert verdict.certificate and len(verdict.certificate["theorems"]) == 1


def test_without_a_theorem_no_more_than_normal_forms_agree():
    wild = WILD["stable_by_hand"]
    verdict = audit(wild.loss, batch=wild.batch, roles=wild.roles)
    assert (verdict.kind, verdict.proved, verdict.headline) == ("equal", False, "normal forms agree")


def test_a_weight_is_a_theorem_too():
    shape = SHAPES["bnn-kl-over-batch"]
    verdict = audit(shape.loss, batch=shape.batch, roles=ROLES["bnn-kl-over-batch"])
    assert verdict.headline == "WEIGHTED, by a theorem", verdict.proof


@pytest.mark.parametrize("name", ["mse-mean-kl-mean", "mse-mean-kld-weight-batch-over-data", "mse-sum-small-kl"])
def test_with_its_constant_a_squared_error_is_a_theorem(name):
    shape = SHAPES[name]
    verdict = audit(shape.loss, batch=shape.batch, roles=ROLES[name])
    assert verdict.headline == "EQUAL UP TO A CONSTANT, by a theorem", verdict.proof


def kl(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu**2 - logvar.exp())


def attempt(loss, roles, scale=1, variance=None):
    loss, roles = unpacked(loss, roles, "torch")
    program = Program(loss, cast(roles))
    return prove.proof(program, Players(program.roles), prove.Claim(poly(scale), variance))


def test_the_statement_is_the_trace():
    found = attempt(kl, Q)
    assert not isinstance(found, str)
    assert str(found.theorem.statement.rhs).count("logvar[n, j]") == 2
    assert not found.theorem.given


@pytest.mark.parametrize(
    ("loss", "roles", "scale"),
    [
        (kl, Q, 2),  # the wrong factor
        (kl, Q, -1),
        (lambda mu, logvar: kl(mu, logvar * 1.0000001), Q, 1),
        (lambda mu, logvar: kl(mu, 2 * logvar), Q, 1),
        (lambda mu, logvar: kl(mu, logvar) + 1e-12, Q, 1),
        (lambda x, logits, mu, logvar: F.binary_cross_entropy_with_logits(logits, x) + kl(mu, logvar), V, 1),
        (lambda x, logits, mu, logvar: kl(mu, logvar), V, 1),  # a part is missing
        (lambda w: -(torch.logsumexp(w, 1) - math.log(w.shape[0])).sum(), {"w": "B S log-weight"}, 1),
        (lambda nll, m: (nll * m).sum() + nll.sum(), {"nll": "B T nll", "m": "B T mask"}, 1),
        (lambda logits, y: F.cross_entropy(-logits, y, reduction="sum"), C, 1),
        (lambda c: (F.softmax(c, -1) * F.log_softmax(c, -1)).sum(), {"c": "B C logits of q"}, 1),  # less log C
        (lambda mu, logvar, eps: ((mu + eps) ** 2 - eps**2 - logvar).sum() / 2, {**Q, "eps": "B K noise"}, 1),
        (lambda h: kl(*h.chunk(2, -1)[::-1]), {"h": "B 2*K mean|logvar"}, 1),
        (lambda a: (a[:, None] - a[None]).sum(), {"a": "B nll"}, 1),  # two rows of one size
    ],
)
def test_what_is_false_is_not_proved(loss, roles, scale):
    assert isinstance(attempt(loss, roles, scale), str)


def test_a_wrong_variance_is_not_proved():
    wild = WILD["narrow_independent"]
    program = Program(wild.loss, cast(wild.roles))
    rows = poly(1) / Players(program.roles).batch
    assert not isinstance(prove.proof(program, Players(program.roles), prove.Claim(rows, poly(Fraction(1, 400)))), str)
    assert isinstance(prove.proof(program, Players(program.roles), prove.Claim(rows, poly(Fraction(1, 401)))), str)


def test_the_checker_has_the_last_word(monkeypatch):
    def refuses(certificate):
        return Said({"audited_loss": {"proved": False, "why": "it does not like it", "inferences": 0, "cites": []}}, 0)

    monkeypatch.setattr(prove, "checked", refuses)
    assert attempt(kl, Q) == "the checker refuses: it does not like it"
    verdict = audit(kl, batch="sum", roles=Q)
    assert (verdict.kind, verdict.proved) == ("equal", False)
