"""The same bodies on arrays of JAX, eager and compiled, beside NumPy."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import elbo_ref
from tests.elbo_ref.test_references import CASES, Case, outputs

jax = pytest.importorskip("jax")

NAMES = sorted(CASES)


@pytest.fixture(autouse=True)
def float64() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def same(got: Any, want: Any, ulps: float) -> None:
    for x, y in zip(outputs(got), outputs(want), strict=True):
        assert isinstance(x, jax.Array)
        assert x.dtype == y.dtype
        assert x.shape == y.shape
        np.testing.assert_allclose(x, y, rtol=ulps * float(np.finfo(y.dtype).eps))


@pytest.mark.parametrize("name", NAMES)
def test_compiled(name: str, rng: np.random.Generator) -> None:
    """XLA's functions of one number are good to some 10 units of the last place, and sums are taken in another order."""
    case: Case = CASES[name]
    arguments = case.arguments(rng)
    same(jax.jit(case.function)(*map(jax.numpy.asarray, arguments)), case.function(*arguments), 512)


@pytest.mark.parametrize("name", ["kl_normal", "kl_standard_normal", "entropy"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_eager(name: str, dtype: str, rng: np.random.Generator) -> None:
    case: Case = CASES[name]
    arguments = [a.astype(dtype) for a in case.arguments(rng)]
    same(case.function(*map(jax.numpy.asarray, arguments)), case.function(*arguments), 64)


def test_gradient() -> None:
    gradient = jax.grad(lambda mean, logvar: elbo_ref.kl_standard_normal(mean, logvar).sum(), argnums=(0, 1))
    mean, logvar = jax.numpy.array([[0.5, -1.0]]), jax.numpy.array([[0.25, -2.0]])
    np.testing.assert_allclose(gradient(mean, logvar)[0], mean, rtol=1e-14)
    np.testing.assert_allclose(gradient(mean, logvar)[1], np.expm1(logvar) / 2, rtol=1e-14)


def test_bad_input() -> None:
    bad = jax.numpy.array([1.0, -2.0])
    with pytest.raises(ValueError, match=r"std_q must be finite and > 0, got -2.0 at index \(1,\)"):
        elbo_ref.kl_normal(0.0, bad, 0.0, 1.0)
    compiled = jax.jit(elbo_ref.kl_normal)(0.0, bad, 0.0, 1.0)
    assert np.isfinite(compiled[0])
    assert np.isnan(compiled[1])
    with pytest.raises(TypeError, match="mean must be an array of NumPy, CuPy or torch"):
        elbo_ref.elbo_surgery(*(jax.numpy.ones((3, 2)) for _ in range(3)))
