"""Diagnostics and bounds of importance weights, and surgery from a minibatch, against their definitions in 40 digits."""

import math
from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import elbo_ref
from tests.elbo_ref.conftest import Backend

Rng = np.random.Generator


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(40):
        yield


def columns(x: np.ndarray) -> list[list[Any]]:
    return [[mp.mpf(float(v)) for v in column] for column in x.T]


def effective(x: list[Any]) -> Any:
    w = [mp.exp(v) for v in x]
    return sum(w) ** 2 / sum(v * v for v in w)


def power(x: list[Any], p: float) -> Any:
    return sum(x) / len(x) if p == 0 else mp.log(sum(mp.exp(p * v) for v in x) / len(x)) / p


def tail(x: list[Any]) -> Any:
    """The estimate of Zhang and Stephens, section 3, of the largest weights less the next; then ten observations of 1/2."""
    n = math.ceil(min(len(x) / 5, 3 * math.sqrt(len(x))))
    ordered = sorted(mp.exp(v - max(x)) for v in x)[-n - 1 :]
    y = [v - ordered[0] for v in ordered[1:]]
    m, quartile = 30 + math.isqrt(n), y[math.floor(n / 4 + 0.5) - 1]
    thetas = [1 / y[-1] + (1 - mp.sqrt(mp.mpf(m) / (j - mp.mpf(1) / 2))) / (3 * quartile) for j in range(1, m + 1)]

    def shape(theta: Any) -> Any:
        return sum(mp.log(1 - theta * v) for v in y) / n

    logs = [n * (mp.log(-theta / shape(theta)) - shape(theta) - 1) for theta in thetas]
    weights = [mp.exp(v - max(logs)) for v in logs]
    theta = sum(a * b for a, b in zip(thetas, weights, strict=True)) / sum(weights)
    return (n * shape(theta) + 5) / (n + 10)


CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "effective_sample_size": (elbo_ref.effective_sample_size, effective),
    "tail_index": (elbo_ref.tail_index, tail),
    "renyi_bound(0.5)": (lambda x, **o: elbo_ref.renyi_bound(x, alpha=0.5, **o), lambda x: power(x, 0.5)),
    "renyi_bound(1)": (lambda x, **o: elbo_ref.renyi_bound(x, alpha=1, **o), lambda x: power(x, 0)),
    "renyi_bound(1 - 1e-9)": (
        lambda x, **o: elbo_ref.renyi_bound(x, alpha=1 - 2.0**-30, **o),
        lambda x: power(x, 2.0**-30),
    ),
    "renyi_bound(3)": (lambda x, **o: elbo_ref.renyi_bound(x, alpha=3.0, **o), lambda x: power(x, -2)),
    "chi_bound": (elbo_ref.chi_bound, lambda x: power(x, 2)),
    "chi_bound(5)": (lambda x, **o: elbo_ref.chi_bound(x, order=5, **o), lambda x: power(x, 5)),
}


@pytest.mark.parametrize("name", CASES)
def test_matches_the_definition(name: str, backend: Backend, rng: Rng) -> None:
    function, exact = CASES[name]
    for scale, shift in ((2.0, 0.0), (1e-2, 1.0), (40.0, -3.0)):
        x = backend.array(shift + scale * rng.normal(size=(60, 2)))
        if name == "tail_index" and scale < backend.eps * 100:
            continue  # as many as a quarter of the largest are one number
        got = backend.exact(function(x))
        want = [float(exact(column)) for column in columns(backend.exact(x))]
        np.testing.assert_allclose(got, want, rtol=backend.eps + 2e-13, atol=2e-13 * scale)
        turned = backend.xp.permute_dims(x, (1, 0))
        np.testing.assert_array_equal(backend.exact(function(turned, dim=1)), got)
        np.testing.assert_array_equal(backend.exact(function(turned, axis=-1)), got)


def test_weights_of_zero_and_of_one_kind() -> None:
    inf = np.inf
    x = np.array([0.0, -inf, 0.0, -inf])
    assert elbo_ref.effective_sample_size(x) == 2
    assert elbo_ref.effective_sample_size(np.zeros(7)) == 7
    assert elbo_ref.renyi_bound(x, alpha=0) == elbo_ref.iwae_bound(x) == -math.log(2)
    for alpha in (1, 2):
        assert elbo_ref.renyi_bound(x, alpha=alpha) == -inf
    assert elbo_ref.renyi_bound(np.full(3, -inf), alpha=0.5) == -inf
    assert float(elbo_ref.chi_bound(x)) == pytest.approx(math.log(0.5) / 2, rel=1e-15)
    assert elbo_ref.tail_index(np.zeros(40)) == -inf
    values = [float(elbo_ref.renyi_bound(np.array([0.3, -2.0, 1.0]), alpha=a)) for a in (-2, -1, 0, 0.5, 1, 2, 5)]
    assert values == sorted(values, reverse=True)


def test_a_heavy_tail_is_seen(rng: Rng) -> None:
    """Weights of a Gaussian proposal of variance s^2 for a standard normal have a tail of index 1 - s^2."""
    noise = rng.normal(size=(20_000, 1))
    found = []
    for std in (0.5, 0.8, 2.0):
        z = std * noise
        log_weights = elbo_ref.log_normal_diag(z, 0.0, 1.0) - elbo_ref.log_normal_diag(z, 0.0, std)
        found.append(float(elbo_ref.tail_index(log_weights)))
    assert found[0] == pytest.approx(0.75, abs=0.2)
    assert found[1] == pytest.approx(0.36, abs=0.2)
    assert found[2] < 0.2


def test_a_defensive_proposal(rng: Rng) -> None:
    log_q, log_p, share = rng.normal(size=(3, 50)) * np.array([[40.0], [40.0], [0.0]])
    share += rng.uniform(0.01, 0.99, 50)
    got = elbo_ref.defensive_log_density(log_q, log_p, share=share)
    for value, *row in zip(got, log_q, log_p, share, strict=True):
        q, p, s = (mp.mpf(float(v)) for v in row)
        exact = mp.log((1 - s) * mp.exp(q) + s * mp.exp(p))
        assert abs(value - exact) <= 4 * 2.0**-52 * max(1, abs(q), abs(p))
    nothing = np.array([-np.inf, -np.inf, 0.0]), np.array([-np.inf, 0.0, -np.inf])
    np.testing.assert_allclose(
        elbo_ref.defensive_log_density(*nothing, share=0.25), [-np.inf, math.log(0.25), math.log(0.75)], rtol=1e-15
    )


def pairs(z: Any, mean: Any, logvar: Any) -> Any:
    """log N(z_id; mean_jd, var_jd) for all i, j, d."""

    def one(x: float, m: float, v: float) -> Any:
        x, m, v = (mp.mpf(float(a)) for a in (x, m, v))
        return -((x - m) ** 2) / (2 * mp.exp(v)) - v / 2 - mp.log(2 * mp.pi) / 2

    return [[[one(*c) for c in zip(a, m, v, strict=True)] for m, v in zip(mean, logvar, strict=True)] for a in z]


def minibatch(z: Any, mean: Any, logvar: Any, size: int, estimator: str) -> Any:
    """Each sample's four parts."""
    each, batch, dimension = pairs(z, mean, logvar), len(mean), len(mean[0])

    def weight(i: int, j: int) -> Any:
        if estimator == "mss":
            return mp.mpf(1) / size if i == j else mp.mpf(size - 1) / (size * (batch - 1))
        return mp.mpf(1) / (batch * (size if estimator == "mws" else 1))

    for i in range(batch):
        own = sum(each[i][i])
        log_q = mp.log(sum(weight(i, j) * mp.exp(sum(each[i][j])) for j in range(batch)))
        by = [mp.log(sum(weight(i, j) * mp.exp(each[i][j][d]) for j in range(batch))) for d in range(dimension)]
        log_p = [-(mp.mpf(float(x)) ** 2) / 2 - mp.log(2 * mp.pi) / 2 for x in z[i]]
        yield log_q, own - log_q, log_q - sum(by), [a - b for a, b in zip(by, log_p, strict=True)]


@pytest.mark.parametrize("estimator", ["naive", "mws", "mss"])
def test_surgery_of_a_minibatch(estimator: Any, backend: Backend, rng: Rng) -> None:
    z, mean, logvar = (backend.array(x) for x in rng.normal(size=(3, 5, 2)))
    found = elbo_ref.minibatch_surgery(z, mean, logvar=logvar, size=12, estimator=estimator)
    want = list(zip(*minibatch(*map(backend.exact, (z, mean, logvar)), 12, estimator), strict=True))
    for value, exact in zip(found, want, strict=True):
        assert value.dtype == backend.dtype
        np.testing.assert_allclose(backend.exact(value), np.array(exact, dtype=float), rtol=backend.eps, atol=1e-13)


def test_what_the_weights_of_a_minibatch_are(rng: Rng) -> None:
    """Weighted sampling is the naive estimate, moved; stratified sampling is unbiased, and that of the whole data is exact."""
    torch = pytest.importorskip("torch")
    z, mean, logvar = (torch.tensor(x, requires_grad=True) for x in rng.normal(size=(3, 6, 3)))

    def parts(estimator: Any, size: int = 50, rows: Any = slice(None)) -> Any:
        batch = (x[rows] for x in (z, mean, logvar))
        return elbo_ref.minibatch_surgery(next(batch), next(batch), logvar=next(batch), size=size, estimator=estimator)

    naive, mws = parts("naive"), parts("mws")
    torch.testing.assert_close(
        mws.mutual_information - naive.mutual_information, torch.full((6,), math.log(50)).double()
    )
    moved = mws.total_correlation - naive.total_correlation
    torch.testing.assert_close(moved, torch.full((6,), 2 * math.log(50)).double())
    for a, b in zip(naive, mws, strict=True):
        of_a, of_b = (torch.autograd.grad(x.sum(), (z, mean, logvar), retain_graph=True) for x in (a, b))
        for x, y in zip(of_a, of_b, strict=True):
            torch.testing.assert_close(x, y, rtol=1e-12, atol=1e-14)
    whole = elbo_ref.aggregate_log_density(z, mean, logvar=logvar)
    torch.testing.assert_close(parts("mss", 6).log_q, whole, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(parts("naive", 6).log_q, whole, rtol=1e-12, atol=1e-12)
    others = [torch.tensor([0, a, b]) for a in range(1, 6) for b in range(a + 1, 6)]
    mean_q = torch.stack([parts("mss", 6, rows).log_q[0].exp() for rows in others]).mean()
    torch.testing.assert_close(mean_q, whole[0].exp(), rtol=1e-12, atol=0)

    def objective(z: Any, mean: Any, logvar: Any) -> Any:
        found = elbo_ref.minibatch_surgery(z, mean, logvar=logvar, size=50, estimator="mss")
        return found.mutual_information.sum() + 3 * found.total_correlation.sum() + found.dimension_kl.sum()

    assert torch.autograd.gradcheck(objective, (z, mean, logvar), fast_mode=True)
    assert torch.autograd.gradgradcheck(objective, (z, mean, logvar), fast_mode=True)


def test_in_jax(rng: Rng) -> None:
    jax = pytest.importorskip("jax")
    torch = pytest.importorskip("torch")
    x, eps = rng.normal(size=(30, 2)).astype(np.float32), float(np.finfo(np.float32).eps)
    for function, _ in CASES.values():
        if function is elbo_ref.tail_index:
            continue
        tensor = torch.tensor(x, requires_grad=True)
        (want,) = torch.autograd.grad(function(tensor).sum(), tensor)
        got = jax.jit(jax.grad(lambda x, function=function: function(x).sum()))(x)
        np.testing.assert_allclose(np.asarray(got), want.numpy(), rtol=0, atol=64 * eps * np.abs(want.numpy()).max())
    np.testing.assert_allclose(jax.jit(elbo_ref.tail_index)(x), elbo_ref.tail_index(x), rtol=64 * eps)


REFUSED: list[tuple[Callable[..., Any], str]] = [
    (
        lambda x: elbo_ref.effective_sample_size(x - np.inf),
        "the largest of log_weights over the samples must be above -inf",
    ),
    (lambda x: elbo_ref.effective_sample_size(x + np.nan), "log_weights must be a number below inf, got nan"),
    (lambda x: elbo_ref.effective_sample_size(x[:0]), "log_weights must hold at least 1 sample along axis 0, got 0"),
    (lambda x: elbo_ref.effective_sample_size(x, axis=0, dim=0), "axis and dim are two names of one argument"),
    (lambda x: elbo_ref.iwae_bound(x, axis=1, dim=0), "axis and dim are two names of one argument"),
    (lambda x: elbo_ref.tail_index(x[:24]), "log_weights must hold at least 25 samples along axis 0, got 24"),
    (lambda x: elbo_ref.tail_index(x, dim=3), "must be an axis of log_weights"),
    (lambda x: elbo_ref.renyi_bound(x, alpha=math.inf), "alpha must be a finite Python number, got inf"),
    (lambda x: elbo_ref.renyi_bound(x + np.inf, alpha=0.5), "log_weights must be a number below inf"),
    (lambda x: elbo_ref.chi_bound(x, order=0.5), "order must be a finite Python number, at least 1, got 0.5"),
    (lambda x: elbo_ref.defensive_log_density(x, x, share=1.0), "share must be between 0 and 1, got 1.0"),
    (lambda x: elbo_ref.defensive_log_density(x, x + np.inf, share=0.5), "log_p must be a number below inf"),
]
FROM = {"mean": np.zeros((3, 2)), "std": np.ones((3, 2)), "z": np.zeros((3, 2)), "size": 9, "estimator": "mss"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"size": 2}, "size must be the number of all data, at least the 3 of the batch, got 2"),
    ({"size": 9.0}, "size must be the number of all data"),
    ({"estimator": "MWS"}, "estimator must be one of 'naive', 'mws', 'mss', got 'MWS'"),
    ({"std": np.ones((3, 1))}, "std must have the shape of mean"),
    ({"std": -np.ones((3, 2))}, "std must be finite and > 0"),
    ({"z": np.zeros((4, 2))}, "z must have a shape that ends in that of mean"),
    ({"mean": np.zeros(3)}, "mean must have shape"),
    ({"logvar": np.ones((3, 2))}, "one only, got std and logvar"),
    ({name: FROM[name][:1] for name in ("mean", "std", "z")}, "mean must hold at least 2 encoders for estimator 'mss'"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_is_refused_by_name(library: str, call: Callable[..., Any], message: str) -> None:
    x = np.zeros((30, 2)) if library == "numpy" else pytest.importorskip("torch").zeros(30, 2)
    with pytest.raises(ValueError, match=message):
        call(x)


@pytest.mark.parametrize(("wrong", "message"), WRONG)
def test_a_minibatch_is_refused_by_name(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        elbo_ref.minibatch_surgery(**{**FROM, **wrong})
