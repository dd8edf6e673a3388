"""The same losses in JAX get the same verdicts, their numbers and gradients checked too."""

import math

import jax
import jax.numpy as jnp
import pytest

from elbo_audit import audit
from tests.elbo_audit.test_shapes import said

L = {"x": "B D binary", "logits": "B D logits", "mu": "B K mean", "logvar": "B K logvar"}
B = {"x": "B D binary", "prob": "B D probability", "mu": "B K mean", "logvar": "B K logvar"}
G = {"x": "B D real", "x_hat": "B D mean", "mu": "B K mean", "logvar": "B K logvar"}
P = {"logp": "B T log-density of q", "ref": "B T log-density of p", "mask": "B T mask"}


def kl(mu, logvar):
    return -0.5 * jnp.sum(1 + logvar - jnp.square(mu) - jnp.exp(logvar), axis=-1)


def bce(logits, x):
    return -jnp.sum(x * jax.nn.log_sigmoid(logits) + (1 - x) * jax.nn.log_sigmoid(-logits), axis=-1)


def by_vmap(x, logits, mu, logvar):
    def one(v, y):
        logs = jax.nn.log_sigmoid(v)
        return -jnp.sum(y * logs + (1.0 - y) * jnp.log(-jnp.expm1(logs)))

    return jax.vmap(one)(logits, x).mean() + jax.vmap(kl)(mu, logvar).mean()


def branch(x, logits, mu, logvar):
    return bce(logits, x).mean() if mu.sum() > 0 else kl(mu, logvar).mean()


def labels(logits, y, mu, logvar):
    log_p = jnp.take_along_axis(jax.nn.log_softmax(logits), y[..., None], axis=-1)[..., 0]
    return jnp.mean(-log_p.sum(1) + kl(mu, logvar))


def one_hot(logits, y, mu, logvar):
    return jnp.mean(-(jax.nn.one_hot(y, logits.shape[-1]) * jax.nn.log_softmax(logits)).sum((1, 2)) + kl(mu, logvar))


W = {"logits": "B T V logits of y", "y": "B T label", "mu": "B K mean", "logvar": "B K logvar"}
LOSSES = {
    "labels": (labels, W, "equal", {"beta": "1"}),
    "labels as rows": (one_hot, W, "equal", {"beta": "1"}),
    "two halves": (
        lambda h: jnp.mean(kl(*jnp.split(h, 2, axis=-1))), {"h": "B 2*K mean|logvar"}, "equal", {"scale": "1 / B"},
    ),
    "two slices": (
        lambda h: jnp.mean(kl(h[:, : h.shape[1] // 2], h[:, h.shape[1] // 2 :])), {"h": "B 2*K mean|logvar"}, "equal", {},
    ),
    "right": (lambda x, logits, mu, logvar: jnp.mean(bce(logits, x) + kl(mu, logvar)), L, "equal", {"beta": "1"}),
    "by vmap, as in the example of flax": (by_vmap, L, "equal", {"beta": "1"}),
    "means everywhere": (
        lambda x, logits, mu, logvar: jnp.mean(jnp.logaddexp(0.0, logits) - x * logits)
        - 0.5 * jnp.mean(1 + logvar - mu**2 - jnp.exp(logvar)), L, "weighted", {"beta": "D / K"},
    ),
    "from probabilities": (
        lambda x, prob, mu, logvar: jnp.mean(
            -jnp.sum(x * jnp.log(prob) + (1 - x) * jnp.log(1 - prob), -1) + kl(mu, logvar)
        ), B, "equal", {},
    ),
    "subtracted": (lambda x, logits, mu, logvar: jnp.mean(bce(logits, x) - kl(mu, logvar)), L, "mistake",
                   {"mistake": "sign of the KL"}),
    "squared error": (lambda x, x_hat, mu, logvar: jnp.mean(jnp.sum((x - x_hat) ** 2, 1) + kl(mu, logvar)), G,
                      "equal up to a constant", {"variance": "1 / 2"}),
    "importance weights": (
        lambda log_w: -jnp.mean(jax.nn.logsumexp(log_w, axis=0) - jnp.log(log_w.shape[0])),
        {"log_w": "S B log-weight"}, "equal", {},
    ),
    "without log K": (lambda log_w: -jnp.mean(jax.nn.logsumexp(log_w, axis=0)), {"log_w": "S B log-weight"},
                      "equal up to a constant", {"constant": "-log(S)"}),
    "discrete code": (
        lambda c: jnp.mean(jnp.sum(jax.nn.softmax(c) * jax.nn.log_softmax(c), -1)) + math.log(1.0) + jnp.log(c.shape[1]),
        {"c": "B C logits"}, "equal", {"prior": "the uniform distribution"},
    ),
    "standard deviation read as a variance": (
        lambda mu, std: 0.5 * jnp.sum(mu**2 + std - 1 - jnp.log(std)), {"mu": "B K mean", "std": "B K std"}, "mistake",
        {"mistake": "std/variance mix-up"},
    ),
    "k3 of tokens": (
        lambda logp, ref, mask: jnp.sum((jnp.exp(ref - logp) - (ref - logp) - 1) * mask) / jnp.sum(mask), P, "mistake",
        {"mistake": "gradient is that of the other direction"},
    ),
    "stopped": (lambda x, logits, mu, logvar: jnp.mean(bce(logits, x) + kl(jax.lax.stop_gradient(mu), logvar)), L,
                "surrogate", {}),
    "a branch on data": (branch, L, "undecided", {}),
    "a branch on a size": (
        lambda x, logits, mu, logvar: jnp.mean(bce(logits, x) + kl(mu, logvar)) * (2 if x.shape[0] > 512 else 1), L,
        "undecided", {},
    ),
    "a loop over rows": (
        lambda x, logits, mu, logvar: sum(bce(logits[i], x[i]) for i in range(x.shape[0])) + kl(mu, logvar).sum(), L,
        "undecided", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_the_verdict_is_that_of_torch(name):
    loss, roles, kind, says = LOSSES[name]
    batch = "sum" if name == "standard deviation read as a variance" else "mean"
    verdict = audit(loss, batch=batch if kind in ("equal", "weighted") else "any", framework="jax", roles=roles)
    assert verdict.kind == kind, str(verdict)
    assert {n: said(verdict, n) for n in says} == says


@jax.custom_vjp
def crooked(v):
    return v


crooked.defvjp(lambda v: (v, None), lambda _, g: (-g,))


def test_a_gradient_of_its_own_is_seen():
    verdict = audit(
        lambda mu, logvar: kl(crooked(mu), logvar).sum(), framework="jax", mu="B K mean", logvar="B K logvar"
    )
    assert (verdict.kind, "gradient" in verdict.reason) == ("undecided", True)


def two_faced(mu, logvar):
    return kl(mu, logvar).sum() * (1.0 if isinstance(mu, jax.core.Tracer) else 1.5)


def counting(mu, logvar, calls=[]):  # noqa: B006
    calls.append(0)
    return kl(mu, logvar).sum() * len(calls)


def double_only(mu, logvar):
    return kl(mu, logvar).sum() * (1.0 if mu.dtype == jnp.float64 else 1.5)


def few_rows_only(mu, logvar):
    rows = mu.shape[0]
    return kl(mu, logvar).sum() * (1.5 if type(rows) is int and rows > 100 else 1.0)


@pytest.mark.parametrize("loss", [two_faced, counting, double_only, few_rows_only])
def test_numbers_that_differ_from_the_trace_are_seen(loss):
    verdict = audit(loss, framework="jax", roles={"mu": "B K mean", "logvar": "B K logvar"})
    assert verdict.kind == "undecided", str(verdict)
