"""The losses of a VAE against their definitions in 40 digits: every decoder, samples, images, and what is done to the KL."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import elbo_ref
from tests.elbo_ref.conftest import Backend

Rng = np.random.Generator
B, D, K, S, LEVELS = 3, 6, 2, 4, 5


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(40):
        yield


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def log_normal(x: Any, mean: Any, std: Any) -> Any:
    return -(((x - mean) / std) ** 2) / 2 - mp.log(std) - mp.log(2 * mp.pi) / 2


def log_grey(x: Any, logit: Any) -> Any:
    return x * logit - mp.log(mp.expm1(logit) / logit if logit != 0 else mp.mpf(1))


def log_label(x: Any, logits: Any) -> Any:
    return logits[int(x)] - mp.log(sum(map(mp.exp, logits)))


def log_level(k: Any, mean: Any, logscale: Any) -> Any:
    """The mass of the level k / (LEVELS - 1)."""
    x, half, scale = k / (LEVELS - 1), mp.mpf(1) / (2 * (LEVELS - 1)), mp.exp(logscale)
    above = mp.mpf(1) if k == LEVELS - 1 else sigmoid((x + half - mean) / scale)
    below = mp.mpf(0) if k == 0 else sigmoid((x - half - mean) / scale)
    return mp.log(above - below)


def rate(mean: Any, logvar: Any) -> Any:
    return (mean * mean + mp.expm1(logvar) - logvar) / 2


@dataclass(frozen=True)
class Loss:
    """A loss; how to draw x and what a decoder puts out, given the shape; and the log likelihood of a pixel."""

    function: Callable[..., Any]
    draw: Callable[[Rng, tuple[int, ...], tuple[int, ...]], tuple[np.ndarray, ...]]
    pixel: Callable[..., Any]


def bits(rng: Rng, of: tuple[int, ...], out: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    return (rng.uniform(size=of) < 0.5).astype(float), 2 * rng.normal(size=out)


def greys(rng: Rng, of: tuple[int, ...], out: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    return rng.uniform(size=of), 2 * rng.normal(size=out)


def labels(rng: Rng, of: tuple[int, ...], out: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    return rng.integers(0, LEVELS, of), 3 * rng.normal(size=(*out, LEVELS))


def levels(rng: Rng, of: tuple[int, ...], out: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    return rng.integers(0, LEVELS, of), rng.uniform(size=out), rng.normal(size=out) - 2


LOSSES = {
    "gaussian": Loss(
        lambda x, m, s, **o: elbo_ref.negative_elbo_gaussian(x, m, logvar_noise=s, **o),
        lambda rng, of, out: (rng.normal(size=of), rng.normal(size=out), rng.normal(size=out) / 2),
        lambda x, m, s: log_normal(x, m, mp.exp(s / 2)),
    ),
    "bernoulli": Loss(elbo_ref.negative_elbo_bernoulli, bits, lambda x, v: mp.log(sigmoid(v if x == 1 else -v))),
    "continuous_bernoulli": Loss(elbo_ref.negative_elbo_continuous_bernoulli, greys, log_grey),
    "categorical": Loss(elbo_ref.negative_elbo_categorical, labels, log_label),
    "discretized_logistic": Loss(
        lambda *x, **o: elbo_ref.negative_elbo_discretized_logistic(*x, levels=LEVELS, **o), levels, log_level
    ),
}
SHAPES = {
    "rows": ((B, D), (B, D)),
    "samples": ((B, D), (S, B, D)),
    "images": ((B, 1, 2, 3), (B, 1, 2, 3)),
    "samples of images": ((B, 1, 2, 3), (S, B, 1, 2, 3)),
}


def exact(x: np.ndarray) -> Any:
    """The entries as mpmath numbers, in lists."""
    return mp.mpf(float(x)) if x.ndim == 0 else [exact(row) for row in x]


def definition(loss: Loss, x: np.ndarray, outputs: tuple[np.ndarray, ...], mean: np.ndarray, logvar: np.ndarray) -> Any:
    """Minus the log likelihood of each example, averaged over samples, and its divergences by dimension."""
    one = x.reshape(B, -1)
    rows = [y.reshape(*(-1, B, D), *y.shape[-1:] * (loss is LOSSES["categorical"])) for y in outputs]
    surprises = []
    for b in range(B):
        samples = [
            sum(loss.pixel(*map(exact, (one[b, j], *(y[s, b, j] for y in rows)))) for j in range(D))
            for s in range(len(rows[0]))
        ]
        surprises.append(-sum(samples) / len(samples))
    return surprises, [[rate(*map(exact, (mean[b, k], logvar[b, k]))) for k in range(K)] for b in range(B)]


def codes(rng: Rng) -> tuple[np.ndarray, ...]:
    return tuple(rng.normal(size=(2, B, K)))


def given(backend: Backend, x: np.ndarray) -> Any:
    """In the dtype of the backend, but for integers."""
    return backend.array(x) if x.dtype.kind == "f" else backend.xp.asarray(x, device=backend.device)


OPTIONS = {"beta": 0.5, "free_bits": 0.4, "capacity": 1.5, "": 1.0}


def weighted(rates: list[Any], option: str, value: float) -> Any:
    if option == "free_bits":
        return sum(max(mp.mpf(value), r) for r in rates)
    return abs(sum(rates) - mp.mpf(value)) if option == "capacity" else sum(rates) * mp.mpf(value)


@pytest.mark.parametrize("name", LOSSES)
def test_matches_the_definition(name: str, backend: Backend, rng: Rng) -> None:
    """In every shape where float64 shows the most, and in the last of them in every dtype."""
    for shape in SHAPES if backend.dtype_name == "float64" else list(SHAPES)[-1:]:
        compare(LOSSES[name], shape, backend, rng)


def compare(loss: Loss, shape: str, backend: Backend, rng: Rng) -> None:
    x, *outputs = [given(backend, a) for a in loss.draw(rng, *SHAPES[shape])]
    mean, logvar = (backend.array(a) for a in codes(rng))
    exact_ = [backend.exact(a) for a in (x, *outputs, mean, logvar)]
    surprises, rates = definition(loss, exact_[0], tuple(exact_[1:-2]), *exact_[-2:])
    # In the sum of terms of either sign a rounding of float64 of each may be left.
    room = 64 * 2.0**-52 * sum(float(abs(s)) + 2 for s in surprises)
    for option, value in OPTIONS.items():
        losses = [s + weighted(r, option, value) for s, r in zip(surprises, rates, strict=True)]
        for reduction, want in (("none", losses), ("sum", [sum(losses)]), ("mean", [sum(losses) / B])):
            options = {option: value} if option else {}
            got = loss.function(x, *outputs, mean=mean, logvar=logvar, reduction=reduction, **options)
            assert got.dtype == backend.dtype
            found = np.atleast_1d(backend.exact(got))
            np.testing.assert_allclose(found, [float(w) for w in want], rtol=backend.eps, atol=room)


@pytest.mark.parametrize("name", ["bernoulli", "categorical"])
def test_the_encoder_by_any_name(name: str, rng: Rng) -> None:
    x, *outputs = LOSSES[name].draw(rng, (B, D), (B, D))
    mean, logvar = codes(rng)
    ways = {"logvar": logvar, "std": np.exp(logvar / 2), "var": np.exp(logvar)}
    found = [LOSSES[name].function(x, *outputs, mean=mean, reduction="sum", **{k: v}) for k, v in ways.items()]
    np.testing.assert_allclose(found, found[0], rtol=1e-14)


@pytest.mark.parametrize("name", ["gaussian", "continuous_bernoulli", "categorical", "discretized_logistic"])
def test_gradients(name: str, rng: Rng) -> None:
    torch = pytest.importorskip("torch")
    x, *outputs = (torch.tensor(a) for a in LOSSES[name].draw(rng, (2, 3), (2, 2, 3)))
    points = [*outputs, *(torch.tensor(a[:2]) for a in codes(rng))]
    for option, value in (("free_bits", 0.3), ("capacity", 1.0)):

        def call(*y: Any, option: str = option, value: float = value) -> Any:
            return LOSSES[name].function(x, *y[:-2], mean=y[-2], logvar=y[-1], reduction="mean", **{option: value})

        arguments = [p.clone().requires_grad_() for p in points]
        assert torch.autograd.gradcheck(call, arguments, fast_mode=True)
        assert torch.autograd.gradgradcheck(call, arguments, fast_mode=True)


def test_the_loss_in_training_has_the_gradients_of_the_general_one(rng: Rng) -> None:
    """Samples and images through the closed gradient, against one sample and row at a time."""
    torch = pytest.importorskip("torch")
    x, logits = (torch.tensor(a) for a in bits(rng, (B, 2, 3), (S, B, 2, 3)))
    mean, logvar = (torch.tensor(a) for a in codes(rng))
    for dtype in (torch.float64, torch.float32):
        points = [a.to(dtype).requires_grad_() for a in (logits, mean, logvar)]
        together = elbo_ref.negative_elbo_bernoulli(x.to(dtype), *points, reduction="mean")
        apart = sum(
            elbo_ref.negative_elbo_bernoulli(
                x.to(dtype).flatten(1), points[0][s].flatten(1), *points[1:], reduction="mean"
            )
            for s in range(S)
        )
        eps = torch.finfo(dtype).eps
        torch.testing.assert_close(together, apart / S, rtol=8 * eps, atol=0)
        for a, b in zip(torch.autograd.grad(together, points), torch.autograd.grad(apart / S, points), strict=True):
            torch.testing.assert_close(a, b, rtol=16 * eps, atol=eps)


def test_the_best_variance_of_a_batch(rng: Rng) -> None:
    """No other variance gives a smaller loss, and by the decoder the derivative is that at this variance."""
    torch = pytest.importorskip("torch")
    x, mean_x = rng.normal(size=(B, D)), rng.normal(size=(S, B, D))
    mean, logvar = codes(rng)
    best = elbo_ref.negative_elbo_sigma(x, mean_x, mean, logvar, reduction="sum")
    error = float(np.mean((x - mean_x) ** 2))
    for factor in (0.5, 0.99, 1.0, 1.01, 2.0):
        other = elbo_ref.negative_elbo_gaussian(x, mean_x, error * factor, mean, logvar, reduction="sum")
        assert other >= best - 1e-12
    np.testing.assert_allclose(
        elbo_ref.negative_elbo_gaussian(x, mean_x, error, mean, logvar, reduction="none"),
        elbo_ref.negative_elbo_sigma(x, mean_x, mean, logvar, reduction="none"),
        rtol=1e-13,
    )
    point = torch.tensor(mean_x, requires_grad=True)
    tensors = [torch.tensor(a) for a in (mean, logvar)]
    for reduction in ("sum", "mean"):
        (learned,) = torch.autograd.grad(
            elbo_ref.negative_elbo_sigma(torch.tensor(x), point, *tensors, reduction=reduction), point
        )
        loss = elbo_ref.negative_elbo_gaussian(torch.tensor(x), point, error, *tensors, reduction=reduction)
        torch.testing.assert_close(learned, torch.autograd.grad(loss, point)[0], rtol=1e-12, atol=1e-14)
    assert elbo_ref.negative_elbo_sigma(x, x, mean, logvar, reduction="sum") == -np.inf


def test_almost_certain_labels_and_levels_keep_their_digits() -> None:
    surprise = -elbo_ref.categorical_log_likelihood_logits(np.array([0]), np.array([[60.0, 0.0, -3.0]]))
    assert float(surprise) == pytest.approx(float(mp.exp(-60) + mp.exp(-63)), rel=1e-14)
    for x, mean, logscale in ((0.5, 0.5, -6.0), (0.5, 0.9, -4.0), (1.0, 0.2, -5.0), (0.25, 0.3, 3.0)):
        got = elbo_ref.discretized_logistic_log_likelihood(*map(np.atleast_1d, (x, mean, logscale)), levels=LEVELS)
        with mp.workdps(300):  # in which even this difference of two masses is one
            want = float(log_level(mp.mpf(x) * 4, mp.mpf(mean), mp.mpf(logscale)))
        assert float(got) == pytest.approx(want, rel=1e-13)
    never = elbo_ref.categorical_log_likelihood_logits(np.array([1, 0]), np.array([[0.0, -np.inf], [0.0, -np.inf]]))
    assert never == -np.inf
    levels = np.arange(256, dtype=np.uint8)
    mass = elbo_ref.discretized_logistic_log_likelihood(levels[:, None], np.full((256, 1), 0.3), np.float64(-3.0))
    assert np.exp(mass).sum() == pytest.approx(1, abs=1e-13)
    np.testing.assert_array_equal(
        mass, elbo_ref.discretized_logistic_log_likelihood(levels[:, None] / 255, np.full((256, 1), 0.3), -3.0)
    )


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64"])
def test_labels_of_any_integers(dtype: str, rng: Rng) -> None:
    torch = pytest.importorskip("torch")
    x, logits = np.array([0, 5, 127]), rng.normal(size=(3, 300))
    want = elbo_ref.categorical_log_likelihood_logits(x, logits)
    assert elbo_ref.categorical_log_likelihood_logits(x.astype(dtype), logits) == want
    got = elbo_ref.categorical_log_likelihood_logits(torch.tensor(x).to(getattr(torch, dtype)), torch.tensor(logits))
    assert float(got) == pytest.approx(float(want), rel=1e-14)


def test_images_of_any_axes() -> None:
    x, logits = np.zeros((2, 3, 4, 4)), np.ones((2, 3, 4, 4))
    want = elbo_ref.bernoulli_log_likelihood_logits(x.reshape(2, -1), logits.reshape(2, -1))
    np.testing.assert_array_equal(elbo_ref.bernoulli_log_likelihood_logits(x, logits, pixel_axes=3), want)
    assert elbo_ref.bernoulli_log_likelihood_logits(x, logits, pixel_axes=4).shape == ()
    noise = np.exp(np.arange(3.0))[:, None, None]
    got = elbo_ref.gaussian_log_likelihood(x, logits, noise, pixel_axes=3)
    whole = elbo_ref.gaussian_log_likelihood(x, logits, np.broadcast_to(noise, x.shape), pixel_axes=3)
    np.testing.assert_allclose(got, whole, rtol=1e-15)
    for axes, message in (
        (5, "x must have at least 5 axes"),
        (0, "pixel_axes must be an integer, at least 1"),
        (True, "pixel_axes must be an integer"),
    ):
        with pytest.raises(TypeError if axes is True else ValueError, match=message):
            elbo_ref.bernoulli_log_likelihood_logits(x, logits, pixel_axes=axes)


def test_losses_in_jax(rng: Rng) -> None:
    jax = pytest.importorskip("jax")
    torch = pytest.importorskip("torch")
    for name, loss in LOSSES.items():
        x, *outputs = loss.draw(rng, (B, 1, 2, 3), (S, B, 1, 2, 3))
        x, *outputs = (a.astype(np.float32) if a.dtype.kind == "f" else a.astype(np.int32) for a in (x, *outputs))
        mean, logvar = (a.astype(np.float32) for a in codes(rng))

        def call(*y: Any, x: Any, loss: Loss = loss) -> Any:
            return loss.function(x, *y[:-2], mean=y[-2], logvar=y[-1], reduction="mean", free_bits=0.1)

        points = [torch.tensor(a, requires_grad=True) for a in (*outputs, mean, logvar)]
        want = torch.autograd.grad(call(*points, x=torch.tensor(x)), points)
        wrapped = jax.jit(
            jax.grad(lambda *y, x=x, call=call: call(*y, x=jax.numpy.asarray(x)), argnums=tuple(range(len(points))))
        )
        for by, right in zip(wrapped(*map(jax.numpy.asarray, (*outputs, mean, logvar))), want, strict=True):
            bound = 64 * float(np.finfo(np.float32).eps) * float(right.abs().max())
            np.testing.assert_allclose(np.asarray(by), right.numpy(), rtol=0, atol=bound, err_msg=name)


def test_what_does_not_fit_is_refused() -> None:
    torch = pytest.importorskip("torch")
    x, code = np.zeros((B, D)), np.zeros((B, K))
    loss, categorical = elbo_ref.negative_elbo_bernoulli, elbo_ref.negative_elbo_categorical
    label, logits = np.zeros((B, D), dtype=np.int64), np.zeros((B, D, LEVELS))
    logistic = elbo_ref.negative_elbo_discretized_logistic
    cases: list[tuple[Callable[[], Any], type[Exception], str]] = [
        (
            lambda: loss(x, x, code, code, reduction="sum", free_bits=-1.0),
            ValueError,
            "free_bits must be finite and >= 0",
        ),
        (
            lambda: loss(x, x, code, code, reduction="sum", capacity=np.nan),
            ValueError,
            "capacity must be finite and >= 0",
        ),
        (
            lambda: loss(x, x, code, code, reduction="sum", capacity=1.0, free_bits=1.0),
            ValueError,
            "exclude each other",
        ),
        (lambda: loss(x, x[None, :2], code, code, reduction="sum"), ValueError, "logits_x must have the shape of x"),
        (lambda: loss(x, x[:0, None], code, code, reduction="sum"), ValueError, "logits_x must have the shape of x"),
        (
            lambda: loss(x[None], x[None], code[0], code[0], reduction="sum"),
            ValueError,
            "mean must have the batch axes",
        ),
        (
            lambda: loss(x / 2 + 0.5, x, code, code, std=code, reduction="sum"),
            ValueError,
            "one only, got std and logvar",
        ),
        (lambda: loss(x, x, code, std=-1 - code, reduction="sum"), ValueError, "std must be finite and > 0, got -1.0"),
        (lambda: categorical(x, logits, code, code, reduction="sum"), TypeError, "x must be an array of integers"),
        (
            lambda: categorical(label + 5, logits, code, code, reduction="sum"),
            ValueError,
            "a label from 0 to 4, .* got 5",
        ),
        (
            lambda: categorical(label[:, :2], logits, code, code, reduction="sum"),
            ValueError,
            "logits_x must have the sh",
        ),
        (lambda: logistic(x + 0.3, x, x, code, code, reduction="sum"), ValueError, "x must be one of 256 levels"),
        (lambda: logistic(label - 1, x, x, code, code, reduction="sum"), ValueError, "x must be one of 256 levels"),
        (lambda: logistic(x, x, x, code, code, levels=1, reduction="sum"), ValueError, "levels must be an integer"),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()
    batch = torch.tensor(np.stack([label, label + 5]))
    found = torch.func.vmap(lambda x: categorical(x, *map(torch.tensor, (logits, code, code)), reduction="sum"))(batch)
    assert torch.isfinite(found).tolist() == [True, False]


def test_data_changed_before_backward_are_noticed() -> None:
    """By the loop, which reads them again for a second backward; the bodies have a copy."""
    torch = pytest.importorskip("torch")
    x, logits, mean = torch.zeros(2, 3), torch.ones(2, 3, requires_grad=True), torch.zeros(2, 1)
    for _ in range(12):  # the loops are there from the eleventh call on
        loss = elbo_ref.negative_elbo_bernoulli(x, logits, mean, mean, reduction="sum")
    x.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


PARTS: dict[str, Callable[..., Any]] = {
    "variance": lambda e, x, out, mean, width: e.negative_elbo_gaussian(x, out, 0.7, mean, width, reduction="mean"),
    "std": lambda e, x, out, mean, width: e.negative_elbo_gaussian(
        x, out, std_noise=0.7, mean=mean, var=width**2 + 0.1, reduction="sum"
    ),
    "logvar": lambda e, x, out, mean, width: e.negative_elbo_gaussian(
        x, out, logvar_noise=mean[0, 0], mean=mean, std=width**2 + 0.1, reduction="none"
    ),
    "sigma": lambda e, x, out, mean, width: e.negative_elbo_sigma(x, out, mean, width, reduction="mean", beta=3),
    "free bits": lambda e, x, out, mean, width: e.negative_elbo_bernoulli(
        x, out, mean, width, reduction="mean", free_bits=0.2, beta=mean[:, 0] ** 2
    ),
    "capacity": lambda e, x, out, mean, width: e.negative_elbo_bernoulli(
        x, out, mean, std=width**2 + 0.1, reduction="sum", capacity=2.5
    ),
}


@pytest.mark.parametrize("samples", [(), (3,)])
@pytest.mark.parametrize("name", PARTS)
def test_a_loss_of_parts_is_rounded_once(name: str, samples: tuple[int, ...], rng: Rng) -> None:
    """Beside the whole formula, which takes float64 numbers; with loops and without."""
    torch = pytest.importorskip("torch")
    x = torch.tensor(rng.integers(0, 2, size=(5, 30))).float()
    leaves = [torch.tensor(rng.normal(size=size)).float() for size in ((*samples, 5, 30), (5, 4), (5, 4))]
    loss = partial(PARTS[name], elbo_ref)
    wide = [leaf.double().requires_grad_() for leaf in leaves]
    want = loss(x.double(), *wide)
    by_wide = torch.autograd.grad(want.sum(), wide)
    for _ in range(12):
        narrow = [leaf.clone().requires_grad_() for leaf in leaves]
        got = loss(x, *narrow)
        ulp = np.spacing(np.abs(want.detach().numpy()).astype(np.float32))
        assert np.all(np.abs(got.detach().double().numpy() - want.detach().numpy()) <= 0.51 * ulp)
        for by, exact in zip(torch.autograd.grad(got.sum(), narrow), by_wide, strict=True):
            torch.testing.assert_close(
                by.double(), exact, rtol=4 * 2.0**-24, atol=4 * 2.0**-24 * float(exact.abs().max())
            )
        assert np.all(np.abs(loss(x.numpy(), *(leaf.numpy() for leaf in leaves)) - want.detach().numpy()) <= 0.51 * ulp)


def test_a_loss_of_parts_refuses_by_name(rng: Rng) -> None:
    torch = pytest.importorskip("torch")
    x, code = torch.zeros(2, 3), torch.zeros(2, 1)
    gaussian, bernoulli = elbo_ref.negative_elbo_gaussian, elbo_ref.negative_elbo_bernoulli
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: gaussian(x, x, -1.0, code, code, reduction="sum"), "var_noise must be finite and > 0"),
        (lambda: gaussian(x * math.nan, x, 1.0, code, code, reduction="sum"), "x must be finite"),
        (lambda: gaussian(x, x, 1.0, code, code + math.inf, reduction="sum"), "logvar must be finite"),
        (lambda: gaussian(x, x, 1.0, code, std=code, reduction="sum"), "std must be finite and > 0"),
        (
            lambda: gaussian(x, x, 1.0, code, code, reduction="sum", beta=-code[:, 0] - 1),
            "beta must be finite and >= 0",
        ),
        (lambda: bernoulli(x + 0.5, x, code, code, reduction="sum", free_bits=1.0), "x must be 0 or 1"),
        (lambda: bernoulli(x, x, code, code, reduction="sum", free_bits=code[:, 0] - 1), "free_bits must be finite"),
        (lambda: bernoulli(x, x, code * math.nan, code, reduction="sum", free_bits=1.0), "mean must be finite"),
        (lambda: bernoulli(x, x, code, code - math.inf, reduction="sum", free_bits=1.0), "logvar must be finite"),
        (lambda: bernoulli(x, x, code * math.nan, code, reduction="sum", capacity=1.0), "mean must be finite"),
    ]
    for call, message in cases:
        for _ in range(12):
            with pytest.raises(ValueError, match=message):
                call()


def test_numbers_where_arrays_are_due_are_refused_by_name() -> None:
    x, code = np.zeros((2, 3), np.float32), np.zeros((2, 1), np.float32)
    gaussian, bernoulli = elbo_ref.negative_elbo_gaussian, elbo_ref.negative_elbo_bernoulli
    huge = 10**400
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: gaussian(x, x, 1.0, 0.0, code, reduction="sum"), "mean must have at least 1 axis"),
        (lambda: gaussian(x, x, 1.0, code, 0.5, reduction="sum"), "logvar must have at least 1 axis"),
        (lambda: gaussian(0.0, x, 1.0, code, code, reduction="sum"), "x must have at least 1 axis"),
        (lambda: bernoulli(x, x, code, 0.0, reduction="sum", free_bits=0.1), "logvar must have at least 1 axis"),
        (lambda: elbo_ref.negative_elbo_sigma(0.0, 0.0, 0.0, 0.0, reduction="sum"), "x must have at least 1 axis"),
        (lambda: gaussian(x, x, huge, code, code, reduction="sum"), "var_noise must be a number that a float can hold"),
        (lambda: gaussian(x, x, 1.0, code, code, reduction="sum", beta=huge), "beta must be a number that a float can"),
        (lambda: bernoulli(x, x, code, code, reduction="sum", free_bits=huge), "free_bits must be a number that a fl"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()


def test_what_is_not_finite_is_not_lost_below_the_free_bits() -> None:
    torch = pytest.importorskip("torch")
    x, code = torch.zeros(2, 3), torch.zeros(2, 1)

    def loss(mean: Any) -> Any:
        return elbo_ref.negative_elbo_bernoulli(
            x.to(mean), x.to(mean), mean, code.to(mean), reduction="sum", free_bits=1.0
        )

    def mapped(mean: Any) -> Any:
        return torch.func.vmap(loss)(mean[None])

    for mean in (code, code.double()):
        for call in (loss, torch.compile(loss, backend="eager"), mapped):
            with elbo_ref.unchecked():
                assert not torch.isfinite(call(mean * math.nan)).any()
                assert torch.isfinite(call(mean)).all()


@pytest.mark.parametrize("logvar", [-1000.0, 1500.0, 2000.0])
def test_a_variance_outside_the_range_of_float64_in_a_loss_of_parts(logvar: float) -> None:
    torch = pytest.importorskip("torch")
    x, code, noise = torch.zeros(1, D), torch.zeros(1, K), torch.tensor(logvar, requires_grad=True)
    loss = elbo_ref.negative_elbo_gaussian(x, x, logvar_noise=noise, mean=code, logvar=code, reduction="sum")
    assert loss.item() == pytest.approx(D * (logvar + math.log(2 * math.pi)) / 2, rel=1e-6)
    assert torch.autograd.grad(loss, noise)[0].item() == D / 2


@pytest.mark.filterwarnings("error")
def test_a_loss_of_parts_is_infinite_without_a_warning() -> None:
    x, code = np.zeros((1, D), np.float32), np.zeros((1, K), np.float32)
    assert elbo_ref.negative_elbo_sigma(x, x, code, code, reduction="sum") == -math.inf
    for _ in range(12):  # the last ones by loops, if there are any
        assert elbo_ref.negative_elbo_gaussian(x, x + 1, 1e-40, code, code, reduction="sum") == math.inf
        assert elbo_ref.negative_elbo_bernoulli(x, x, code, code + 200, reduction="sum") == math.inf


def test_no_images_have_no_losses() -> None:
    images, code = np.zeros((0, 3, 2, 2), np.float32), np.zeros((0, K), np.float32)
    for noise in (1.0, images[:, :1, :1, :1] + 1):
        assert elbo_ref.negative_elbo_gaussian(images, images, noise, code, code, reduction="none").shape == (0,)
    assert elbo_ref.gaussian_log_likelihood(images, images, 1.0, pixel_axes=3).shape == (0,)


def test_a_noise_for_all_pixels_of_an_image_is_one_number(rng: Rng) -> None:
    """So that its derivative is rounded once: as many of them would be rounded each."""
    torch = pytest.importorskip("torch")
    x, out, code = (torch.tensor(rng.normal(size=s), dtype=torch.float32) for s in ((2, 3, 8, 8), (2, 3, 8, 8), (2, K)))
    for shape in ((1,), (1, 1, 1), (2, 1, 1, 1)):
        noise = torch.full(shape, 0.25, requires_grad=True)
        loss = elbo_ref.negative_elbo_gaussian(x, out, logvar_noise=noise, mean=code, logvar=code, reduction="sum")
        squares = ((x.double() - out) ** 2).flatten(1).sum(1) * math.exp(-0.25)
        want = (192 - squares) / 2 if len(shape) == 4 else (384 - squares.sum()) / 2
        by = torch.autograd.grad(loss, noise)[0].flatten()
        torch.testing.assert_close(by, want.float().reshape(by.shape), rtol=2.0**-23, atol=0)
