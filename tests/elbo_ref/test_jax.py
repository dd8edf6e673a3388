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


# As users of JAX write


@pytest.fixture
def float32() -> Iterator[None]:
    jax.config.update("jax_enable_x64", False)
    yield


def images() -> tuple[Any, dict[str, Any]]:
    numbers = {"logits": [[0.3, -1.0, 2.0]], "mean": [[0.5, -1.0]], "logvar": [[0.25, -2.0]]}
    return np.array([[1, 0, 1]], np.float32), {
        name: jax.numpy.array(x, jax.numpy.float32) for name, x in numbers.items()
    }


@pytest.mark.usefixtures("float32")
@pytest.mark.parametrize("decoder", ["bernoulli", "gaussian"])
def test_a_loss_is_trained(decoder: str) -> None:
    """The data closed over or an argument, of NumPy or of JAX; parameters traced beside them; beta traced or not."""
    x, parameters = images()

    def loss(p: dict[str, Any], x: Any, beta: Any) -> Any:
        if decoder == "bernoulli":
            return elbo_ref.negative_elbo_bernoulli(x, p["logits"], p["mean"], p["logvar"], reduction="mean", beta=beta)
        return elbo_ref.negative_elbo_gaussian(x, p["logits"], 0.5, p["mean"], p["logvar"], reduction="mean", beta=beta)

    want = loss({name: np.asarray(p, np.float64) for name, p in parameters.items()}, x.astype(np.float64), 0.5)
    for data in (x, jax.numpy.asarray(x)):
        np.testing.assert_allclose(loss(parameters, data, 0.5), want, rtol=1e-6)
        for transform in (lambda f: f, jax.jit):
            value, gradient = transform(jax.value_and_grad(lambda p, beta, data=data: loss(p, data, beta)))(
                parameters, 0.5
            )
            np.testing.assert_allclose(value, want, rtol=1e-6)
            assert value.dtype == jax.numpy.float32
            np.testing.assert_allclose(gradient["mean"], 0.5 * parameters["mean"], rtol=1e-6)
            np.testing.assert_allclose(gradient["logvar"], np.expm1(np.asarray(parameters["logvar"])) / 4, rtol=1e-5)


@pytest.mark.usefixtures("float32")
def test_mapped_over_some_arguments() -> None:
    means, logvar = jax.numpy.arange(6.0).reshape(3, 2), jax.numpy.array([0.25, -2.0])
    mapped = jax.vmap(elbo_ref.kl_standard_normal, in_axes=(0, None))(means, logvar)
    np.testing.assert_allclose(
        mapped, elbo_ref.kl_standard_normal(np.asarray(means), np.asarray(logvar)[None]), rtol=1e-6
    )


@pytest.mark.usefixtures("float32")
def test_gradients_where_probabilities_are_zero() -> None:
    q, p = jax.numpy.array([0.0, 1.0, 0.0]), jax.numpy.array([0.25, 0.5, 0.25])
    for transform in (lambda f: f, jax.jit):
        np.testing.assert_allclose(transform(jax.grad(elbo_ref.kl_categorical, argnums=1))(q, p), [1, -1, 1], rtol=1e-6)
    slope = jax.jit(jax.grad(elbo_ref.kl_bernoulli, argnums=1))(0.0, 0.25)
    assert float(slope) == pytest.approx(4 / 3, rel=1e-6)
    by_logits = jax.jit(jax.grad(elbo_ref.kl_categorical_logits, argnums=1))
    np.testing.assert_allclose(
        by_logits(jax.numpy.array([0.0, -jax.numpy.inf]), jax.numpy.zeros(2)), [-0.5, 0.5], rtol=1e-6
    )


@pytest.mark.usefixtures("float32")
def test_curvature_in_float32() -> None:
    q = jax.numpy.float32(0.3)
    assert float(jax.hessian(lambda q: elbo_ref.kl_bernoulli(q, 0.3))(q)) == pytest.approx(1 / 0.21, rel=1e-5)
    hessian = jax.hessian(lambda a: elbo_ref.kl_bernoulli_logits(a, 0.7))(jax.numpy.float32(0.7))
    assert float(hessian) == pytest.approx(0.2217, rel=1e-3)


@pytest.mark.usefixtures("float32")
@pytest.mark.parametrize("ratio", [1e-7, 1.0, 1.000001, 3.0, 1e7])
def test_gradients_in_float32_at_any_ratio(ratio: float) -> None:
    gradient = jax.grad(lambda s: elbo_ref.kl_normal(jax.numpy.float32(0), s, 0.0, 1.0))(jax.numpy.float32(ratio))
    exact = float(np.float32(ratio)) - 1 / float(np.float32(ratio))
    assert float(gradient) == pytest.approx(exact, rel=1e-5)


def test_what_is_not_positive_definite_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cov must be positive definite, got the smallest eigenvalue -1.0"):
        elbo_ref.entropy_mvn(-jax.numpy.eye(2))
    assert np.isnan(jax.jit(elbo_ref.entropy_mvn)(-jax.numpy.eye(2)))


def test_everything_closed_over() -> None:
    mean, logvar = jax.numpy.ones((1, 2)), jax.numpy.zeros((1, 2))
    np.testing.assert_allclose(jax.jit(lambda: elbo_ref.kl_standard_normal(mean, logvar))(), [1.0])


@pytest.mark.usefixtures("float32")
def test_what_is_rescaled_stays_in_the_range_of_float32() -> None:
    """A power of two that float32 does not have made the gradient NaN, the value right."""
    table = jax.numpy.full((2, 3), 1 / 6, dtype=jax.numpy.float32)
    for by in jax.grad(elbo_ref.kl_conditional, (0, 1))(table, table):
        np.testing.assert_allclose(by, np.zeros((2, 3)), atol=float(np.finfo(np.float32).eps))


def test_what_is_known_only_later_is_nan() -> None:
    weights = jax.numpy.full((3, 2), -jax.numpy.inf)
    found, _ = jax.jit(elbo_ref.doubly_reparameterized_gradient)(
        weights, jax.numpy.ones((3, 2)), jax.numpy.ones((3, 2))
    )
    assert np.isnan(found).all()
    with pytest.raises(ValueError, match="above -inf for some sample"):
        elbo_ref.doubly_reparameterized_gradient(weights, jax.numpy.ones((3, 2)), jax.numpy.ones((3, 2)))


def test_an_index_that_is_known_may_stand_beside_traced_arrays(rng: np.random.Generator) -> None:
    mean, std, noise = (jax.numpy.asarray(rng.random((4, 2)) + 0.5) for _ in range(3))
    index = np.array([2, 0, 3, 3], np.uint8)

    def marginal_kl(mean: Any, index: Any) -> Any:
        return elbo_ref.elbo_surgery(mean, std, noise, index=index).marginal_kl.value

    want = marginal_kl(mean, index)
    for known in (index, jax.numpy.asarray(index)):
        compiled = jax.jit(lambda mean, known=known: marginal_kl(mean, known))
        np.testing.assert_allclose(compiled(mean), want, rtol=1e-13)
    with pytest.raises(ValueError, match="index must lie from 0 to 3"):
        jax.jit(lambda mean: marginal_kl(mean, index + 1))(mean)
    with pytest.raises(TypeError, match="got a traced one"):
        jax.jit(marginal_kl)(mean, index)
