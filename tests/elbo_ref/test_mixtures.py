"""Mixtures of Gaussians, and Gaussians of low rank, against their definitions in 40 digits."""

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import elbo_ref
from tests.elbo_ref.conftest import Backend

Rng = np.random.Generator
OF_STD: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "std": lambda s: s,
    "var": np.square,
    "logvar": lambda s: 2 * np.log(s),
}
STD: dict[str, Callable[[Any], Any]] = {"std": lambda x: x, "var": mp.sqrt, "logvar": lambda x: mp.exp(x / 2)}
WAYS = list(OF_STD)


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(40):
        yield


def numbers(x: np.ndarray) -> Any:
    return mp.mpf(float(x)) if x.ndim == 0 else [numbers(row) for row in x]


def stds(kind: str, x: np.ndarray) -> Any:
    return [[STD[kind](v) for v in row] for row in numbers(x)]


def log_normal(z: Any, mean: Any, std: Any) -> Any:
    return sum(
        -(((x - m) / s) ** 2) / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2 for x, m, s in zip(z, mean, std, strict=True)
    )


def low_rank(z: Any, mean: Any, factor: Any, std: Any) -> tuple[Any, Any]:
    """Log density at z, and the divergence from a standard normal, by the whole covariance matrix."""
    f, d = mp.matrix(factor), len(mean)
    cov = f * f.T + mp.diag([s * s for s in std])
    t = mp.matrix([x - m for x, m in zip(z, mean, strict=True)])
    log_det = mp.log(mp.det(cov))
    log_density = -(d * mp.log(2 * mp.pi) + log_det + (t.T * mp.inverse(cov) * t)[0]) / 2
    return log_density, (sum(cov[i, i] for i in range(d)) + sum(m * m for m in mean) - d - log_det) / 2


@pytest.mark.parametrize("kind", WAYS)
def test_a_mixture(kind: str, backend: Backend, rng: Rng) -> None:
    z, mean = rng.normal(size=(5, 2)), 2 * rng.normal(size=(3, 2))
    width, weights = OF_STD[kind](rng.uniform(0.3, 2, (3, 2))), np.array([0.25, 0.0, 0.75])
    arrays = [backend.array(x) for x in (z, weights, mean, width)]
    got = backend.exact(elbo_ref.mixture_log_density(*arrays[:3], **{kind: arrays[3]}))
    points, w, m = (numbers(backend.exact(x)) for x in arrays[:3])
    s = stds(kind, backend.exact(arrays[3]))
    want = [mp.log(sum(a * mp.exp(log_normal(x, b, c)) for a, b, c in zip(w, m, s, strict=True))) for x in points]
    np.testing.assert_allclose(got, np.array(want, dtype=float), rtol=backend.eps, atol=1e-14)


@pytest.mark.parametrize("kind", WAYS)
def test_the_divergence_of_mixtures_lies_between_the_bounds(kind: str, rng: Rng) -> None:
    """In one dimension, where it can be integrated; with one component each the bounds are closed forms."""
    nodes = np.linspace(-14, 14, 20_001)
    for spread in (0.2, 1.0, 4.0):
        laws = [
            (rng.dirichlet(np.ones(k)), spread * rng.normal(size=(k, 1)), OF_STD[kind](rng.uniform(0.4, 1, (k, 1))))
            for k in (3, 2)
        ]
        logs = [elbo_ref.mixture_log_density(nodes[:, None], w, m, **{kind: s}) for w, m, s in laws]
        exact = np.sum(np.exp(logs[0]) * (logs[0] - logs[1])) * (nodes[1] - nodes[0])
        names = [("weights_q", "mean_q", f"{kind}_q"), ("weights_p", "mean_p", f"{kind}_p")]
        arguments = {n: x for law, named in zip(laws, names, strict=True) for n, x in zip(named, law, strict=True)}
        found = elbo_ref.kl_mixture_bounds(**arguments)
        assert found.lower - 1e-9 <= exact <= found.upper + 1e-9
    one, zero = np.ones(1), np.zeros((1, 1))
    lower, upper = elbo_ref.kl_mixture_bounds(one, zero, np.ones((1, 1)), one, zero + 3, np.ones((1, 1)))
    same = elbo_ref.kl_mixture_bounds(one, zero, np.ones((1, 1)), one, zero, np.ones((1, 1)))
    assert -same.lower == pytest.approx(same.upper) == pytest.approx((1 - math.log(2)) / 2)
    log_mean = -math.log(4 * math.pi) / 2
    entropy = (1 + math.log(2 * math.pi)) / 2
    assert float(lower) == pytest.approx(-entropy - (log_mean - 9 / 4), rel=1e-14)
    assert float(upper) == pytest.approx(log_mean + entropy + 9 / 2, rel=1e-14)


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("size", [1e-9, 1.0, 30.0])
def test_low_rank(kind: str, size: float, backend: Backend, rng: Rng) -> None:
    z, mean, factor = rng.normal(size=(2, 4)), rng.normal(size=(2, 4)), size * rng.normal(size=(2, 4, 2))
    width = OF_STD[kind](np.exp(min(size, 0.5) * rng.normal(size=(2, 4))))
    arrays = [backend.array(x) for x in (z, mean, factor, width)]
    density = backend.exact(elbo_ref.log_normal_low_rank(*arrays[:3], **{kind: arrays[3]}))
    kl = backend.exact(elbo_ref.kl_low_rank_normal(*arrays[1:3], **{f"{kind}_q": arrays[3]}))
    points, m, f = (numbers(backend.exact(x)) for x in arrays[:3])
    want = [low_rank(*row) for row in zip(points, m, f, stds(kind, backend.exact(arrays[3])), strict=True)]
    room = 64 * 2.0**-52 * max(1.0, size**2)
    np.testing.assert_allclose(density, np.array([w[0] for w in want], dtype=float), rtol=backend.eps, atol=room)
    np.testing.assert_allclose(kl, np.array([w[1] for w in want], dtype=float), rtol=backend.eps + 1e-14, atol=0)


@pytest.mark.parametrize("kind", WAYS)
def test_low_rank_from_another_law(kind: str, rng: Rng) -> None:
    """Against full matrices; without directions it is the divergence of the diagonals, and 0 where the laws agree."""
    mean, factor = rng.normal(size=(2, 4)), rng.normal(size=(4, 2))
    std_q, std_p = rng.uniform(0.5, 2, (2, 4))
    wide_q, wide_p = OF_STD[kind](std_q), OF_STD[kind](std_p)
    given = {f"{kind}_q": wide_q, f"{kind}_p": wide_p}
    got = elbo_ref.kl_low_rank_normal(mean[0], factor, mean_p=mean[1], **given)
    cov = factor @ factor.T + np.diag(std_q**2)
    assert float(got) == pytest.approx(float(elbo_ref.kl_mvn(mean[0], cov, mean[1], np.diag(std_p**2))), rel=1e-12)
    alone = elbo_ref.kl_low_rank_normal(mean[0], 0 * factor, mean_p=mean[1], **given)
    assert float(alone) == pytest.approx(float(elbo_ref.kl_diag_normal(mean[0], mean_p=mean[1], **given)), rel=1e-14)
    assert (
        elbo_ref.kl_low_rank_normal(mean[0], 0 * factor, mean_p=mean[0], **{f"{kind}_q": wide_p, f"{kind}_p": wide_p})
        == 0
    )


def test_gradients(rng: Rng) -> None:
    torch = pytest.importorskip("torch")

    def tensors(*shapes: tuple[int, ...]) -> list[Any]:
        return [torch.tensor(rng.normal(size=shape), requires_grad=True) for shape in shapes]

    cases: list[tuple[Callable[..., Any], list[Any]]] = [
        (
            lambda z, w, m, v: elbo_ref.mixture_log_density(z, w.softmax(-1), m, logvar=v),
            tensors((2, 3), (4,), (4, 3), (4, 3)),
        ),
        (
            lambda w, m, v, u, n, x: elbo_ref.kl_mixture_bounds(
                w.softmax(-1), m, weights_p=u.softmax(-1), mean_p=n, logvar_q=v, logvar_p=x
            ),
            tensors((3,), (3, 2), (3, 2), (2,), (2, 2), (2, 2)),
        ),
        (lambda z, m, f, v: elbo_ref.log_normal_low_rank(z, m, f, logvar=v), tensors((2, 3), (3,), (3, 2), (3,))),
        (lambda m, f, v: elbo_ref.kl_low_rank_normal(m, f, logvar_q=v), tensors((2, 3), (2, 3, 2), (2, 3))),
    ]
    for function, points in cases:
        assert torch.autograd.gradcheck(function, points, fast_mode=True)
        assert torch.autograd.gradgradcheck(function, points, fast_mode=True)
    mean, factor, logvar = (torch.zeros(shape, dtype=torch.float64) for shape in ((3,), (3, 2), (3,)))
    curvature = torch.autograd.functional.hessian(
        lambda f: elbo_ref.kl_low_rank_normal(mean, f, logvar_q=logvar), factor
    )
    for by in curvature.flatten():
        assert torch.isfinite(by)  # where all directions begin


def test_in_jax(rng: Rng) -> None:
    jax = pytest.importorskip("jax")
    mean, factor, logvar = (rng.normal(size=shape).astype(np.float32) for shape in ((3,), (3, 2), (3,)))
    got = jax.jit(lambda m, f, v: elbo_ref.kl_low_rank_normal(m, f, logvar_q=v))(mean, factor, logvar)
    assert float(got) == pytest.approx(float(elbo_ref.kl_low_rank_normal(mean, factor, logvar_q=logvar)), rel=1e-4)
    weights, means = np.float32([0.25, 0.75]), rng.normal(size=(2, 3)).astype(np.float32)
    got = jax.jit(lambda z, m: elbo_ref.mixture_log_density(z, weights, m, np.ones_like(means)))(mean, means)
    want = elbo_ref.mixture_log_density(mean, weights, means, np.ones_like(means))
    assert float(got) == pytest.approx(float(want), rel=1e-5)


X, W, M, F = np.zeros((2, 3)), np.array([0.5, 0.5]), np.zeros((2, 3)), np.ones((3, 2))
REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: elbo_ref.mixture_log_density(X, 2 * W, M, M + 1), "the sum of weights over its last axis must be 1"),
    (
        lambda: elbo_ref.mixture_log_density(X, W[:1] * 2, M, M + 1),
        r"weights must have shape \(2,\), one for each row of mean",
    ),
    (lambda: elbo_ref.mixture_log_density(X[:, :2], W, M, M + 1), "z must have 3 entries in its last axis"),
    (lambda: elbo_ref.mixture_log_density(X, W, M[0], M + 1), r"mean must have shape \(K, D\)"),
    (lambda: elbo_ref.mixture_log_density(X, W, M, var=M - 1), "var must be finite and > 0, got -1.0"),
    (lambda: elbo_ref.mixture_log_density(X, W, M, M[:1] + 1), "std must have the shape of mean"),
    (lambda: elbo_ref.kl_mixture_bounds(W, M, M + 1, W, M[:, :2], M[:, :2] + 1), "mean_p must have 3 entries"),
    (lambda: elbo_ref.kl_mixture_bounds(W, M, M + 1, W, M, logvar_p=M), "q and p must be given in one way"),
    (lambda: elbo_ref.log_normal_low_rank(X, X, F[:2], X + 1), "must broadcast with"),
    (lambda: elbo_ref.log_normal_low_rank(X, X, F[:, 0], X + 1), "factor must have at least 2 axes"),
    (lambda: elbo_ref.log_normal_low_rank(X, X, F + np.inf, X + 1), "factor must be finite, got inf"),
    (lambda: elbo_ref.kl_low_rank_normal(X, F), "one of std_q, var_q, logvar_q must be given"),
    (lambda: elbo_ref.kl_low_rank_normal(X, F, X), "std_q must be finite and > 0, got 0.0"),
    (
        lambda: elbo_ref.kl_low_rank_normal(X, F[:1], X + 1),
        "mean_q must have 1 entries in its last axis, as factor_q has rows",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_is_refused_by_name(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
