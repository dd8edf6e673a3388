"""What is outside the domain is refused by name, or NaN where nothing can be raised; never a wrong number."""

import math
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import elbo_ref

NAN, INF = float("nan"), float("inf")


def a(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


EYE = np.eye(2)
REFUSED: list[tuple[Callable[..., Any], tuple[Any, ...], type[Exception], str]] = [
    # Values outside the domain, with the index of the first one
    (elbo_ref.kl_normal, (0.0, 0.0, 0.0, 1.0), ValueError, r"std_q must be finite and > 0, got 0.0$"),
    (elbo_ref.kl_normal, (a(0, 0.5), a(1, -2), 0.0, 1.0), ValueError, r"std_q .* > 0, got -2.0 at index \(1,\)"),
    (elbo_ref.kl_normal, (a(0, NAN), 1.0, 0.0, 1.0), ValueError, r"mean_q must be finite, got nan at index \(1,\)"),
    (elbo_ref.kl_normal, (0.0, 1.0, INF, 1.0), ValueError, "mean_p must be finite, got inf"),
    (elbo_ref.kl_normal, (0.0, 1.0, 0.0, INF), ValueError, "std_p must be finite and > 0, got inf"),
    (elbo_ref.kl_standard_normal, (a(0), a(-INF)), ValueError, "logvar must be finite, got -inf"),
    (elbo_ref.entropy_normal, (-1.0,), ValueError, "std must be finite and > 0, got -1.0"),
    (elbo_ref.normal_log_density, (0.0, 0.0, -1.0), ValueError, "var must be finite and > 0, got -1.0"),
    (elbo_ref.linear_gaussian_log_evidence, (0.0, 1.0, 0.0, 0.0, 0.0, 1.0), ValueError, "var_noise .* got 0.0"),
    (elbo_ref.linear_gaussian_elbo, (0.0, 0.0, -1.0, 1.0, 0.0, 1.0, 0.0, 1.0), ValueError, "var_q .* got -1.0"),
    (elbo_ref.kl_bernoulli, (1.5, 0.5), ValueError, r"prob_q must be in \[0, 1\].*, got 1.5"),
    (elbo_ref.kl_bernoulli, (0.5, -1e-300), ValueError, r"prob_p must be in \[0, 1\].*, got -1e-300"),
    (elbo_ref.kl_bernoulli_logits, (0.0, NAN), ValueError, "logit_p must be finite, got nan"),
    (elbo_ref.entropy, (a(0.5, 0.6),), ValueError, "the sum of p over its last axis must be 1 within .*, got 1.1"),
    (elbo_ref.entropy, (a(1.5, -0.5),), ValueError, r"p must be in \[0, 1\].*, got 1.5 at index \(0,\)"),
    (elbo_ref.kl_categorical, (a(0.5, 0.5), a(NAN, 1)), ValueError, r"p must be in \[0, 1\].*, got nan"),
    (elbo_ref.kl_categorical_logits, (a(0, INF), a(0, 0)), ValueError, "logits_q must be a number below inf, got inf"),
    (elbo_ref.kl_categorical_logits, (a(0, 0), a(-INF, -INF)), ValueError, "largest of logits_p .* finite, got -inf"),
    (elbo_ref.mutual_information, (EYE,), ValueError, "the sum of joint over its last 2 axes must be 1"),
    (
        elbo_ref.bernoulli_log_likelihood_logits,
        (a(0.5), a(0)),
        ValueError,
        r"x must be 0 or 1 .*, got 0.5 at index \(0,\)",
    ),
    (
        elbo_ref.continuous_bernoulli_log_likelihood_logits,
        (a(1.1), a(0)),
        ValueError,
        r"x must be in \[0, 1\].*, got 1.1",
    ),
    # Matrices
    (elbo_ref.entropy_mvn, (-EYE,), ValueError, "cov must be positive definite, got the smallest eigenvalue -1.0"),
    (elbo_ref.entropy_mvn, (np.zeros((2, 2)),), ValueError, "cov must be positive definite"),
    (elbo_ref.entropy_mvn, (np.ones((2, 3)),), ValueError, r"cov must be square .* got shape \(2, 3\)"),
    (
        elbo_ref.entropy_mvn,
        (np.array([[1.0, 0.5], [0.4, 1.0]]),),
        ValueError,
        r"cov must be symmetric, got .* \(0, 1\)",
    ),
    (elbo_ref.kl_mvn, (a(0, 0), EYE, a(0), EYE), ValueError, r"mean_p must have a last axis of length 2 like cov_q"),
    (elbo_ref.kl_mvn, (a(0, 0), EYE, a(0, 0), np.eye(3)), ValueError, "cov_p must have last axes of length 2"),
    (elbo_ref.kl_mvn_tril, (a(0, 0), EYE, a(0, 0), np.ones((2, 2))), ValueError, "tril_p must be lower triangular"),
    (elbo_ref.kl_mvn_tril, (a(0, 0), -EYE, a(0, 0), EYE), ValueError, r"positive diagonal, got -1.0 at index \(0, 0\)"),
    # Shapes
    (
        elbo_ref.kl_normal,
        (a(0, 0), a(1, 1, 1), 0.0, 1.0),
        ValueError,
        r"std_q must broadcast with mean_q of shape \(2,\)",
    ),
    (elbo_ref.reparameterize, (a(0, 0), a(1), a(1, 1, 1)), ValueError, "noise must broadcast with mean, std of shape"),
    (elbo_ref.kl_diag_normal, (0.0, 1.0, 0.0, 1.0), ValueError, "one of mean_q, .* must have at least 1 axis"),
    (elbo_ref.kl_categorical, (a(0.5, 0.5), a(1)), ValueError, r"p must have the last axis of q, of shape \(2,\)"),
    (elbo_ref.entropy, (0.5,), ValueError, r"p must have at least 1 axis, got shape \(\)"),
    (elbo_ref.entropy, (np.ones((3, 0)),), ValueError, r"p must not be empty, got shape \(3, 0\)"),
    (elbo_ref.mutual_information, (a(0.5, 0.5),), ValueError, "joint must have at least 2 axes"),
    (elbo_ref.gaussian_log_likelihood, (a(0, 0), a(0), 1.0), ValueError, "mean_x must have the last axis of x"),
    # Types
    (
        elbo_ref.kl_normal,
        ([0.0], 1.0, 0.0, 1.0),
        TypeError,
        "mean_q must be a floating array or a Python float, got list",
    ),
    (
        elbo_ref.kl_normal,
        (0.0, True, 0.0, 1.0),
        TypeError,
        "std_q must be a floating array or a Python float, got bool",
    ),
    (elbo_ref.kl_normal, (0.0, 1j, 0.0, 1.0), TypeError, "std_q .* got complex"),
    (elbo_ref.kl_normal, (0.0, None, 0.0, 1.0), ValueError, "one of std_q, var_q, logvar_q must be given, .* got none"),
    (elbo_ref.kl_normal, (0.0, 1.0, None, 1.0), TypeError, "mean_p .* got None"),
    (elbo_ref.kl_normal, (np.arange(3), 1.0, 0.0, 1.0), TypeError, "mean_q must be a real floating array .* int64"),
    (elbo_ref.kl_normal, (a(0) + 1j, 1.0, 0.0, 1.0), TypeError, "mean_q must be a real floating array .* complex128"),
    (
        elbo_ref.kl_normal,
        (a(0), np.float32(1), 0.0, 1.0),
        TypeError,
        "std_q must have the dtype of mean_q, float64, got float32",
    ),
    (elbo_ref.kl_normal, (np.longdouble(0), 1.0, 0.0, 1.0), TypeError, "mean_q must be a real floating array"),
]


@pytest.mark.parametrize(("function", "arguments", "error", "message"), REFUSED)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_is_refused_by_name(
    library: str, function: Callable[..., Any], arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    if library == "torch":
        torch = pytest.importorskip("torch")
        if any(getattr(x, "dtype", None) == np.longdouble for x in arguments):
            pytest.skip("torch has no longdouble")
        arguments = tuple(torch.tensor(x) if isinstance(x, np.ndarray | np.generic) else x for x in arguments)
        message = (
            message.replace("int64", "torch.int64")
            .replace("complex128", "torch.complex128")
            .replace(" float64, got float", " torch.float64, got torch.float")
        )
    with pytest.raises(error, match=message):
        function(*arguments)


LATE = [  # float32, where the arguments are looked at through the result
    (elbo_ref.kl_standard_normal, [[0, 0], [0, -INF]], r"logvar must be finite, got -inf at index \(1,\)"),
    (elbo_ref.kl_standard_normal, [[NAN, 0], [0, 0]], r"mean must be finite, got nan at index \(0,\)"),
    (elbo_ref.kl_diag_normal, [[0, 0], [1, -1], [0, 0], [1, -1]], r"std_q must be finite and > 0, got -1.0"),
    (elbo_ref.kl_diag_normal, [[0, 0], [1, 1], [0, 0], [1, INF]], r"std_p must be finite and > 0, got inf"),
    (elbo_ref.kl_diag_normal, [[0, 0], [1, 0], [0, 0], [1, 1]], r"std_q must be finite and > 0, got 0.0"),
    (elbo_ref.bernoulli_log_likelihood_logits, [[0, 1], [0, INF]], r"logits_x must be finite, got inf at index \(1,\)"),
    (elbo_ref.bernoulli_log_likelihood_logits, [[0, 1], [-INF, 0]], r"logits_x must be finite, got -inf"),
]


@pytest.mark.parametrize(("function", "arguments", "message"), LATE)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_float32_rows_are_refused_by_name(
    library: str, function: Callable[..., Any], arguments: list[list[float]], message: str
) -> None:
    arrays: list[Any] = [np.array(x, dtype=np.float32) for x in arguments]
    if library == "torch":
        arrays = [pytest.importorskip("torch").tensor(x) for x in arrays]
    with pytest.raises(ValueError, match=message):
        function(*arrays)


def test_libraries_and_devices_do_not_mix() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(
        TypeError, match=r"std_q must be a torch tensor, as mean_q is, got ndarray: pass torch\.as_tensor"
    ):
        elbo_ref.kl_normal(torch.zeros(2), np.ones(2, np.float32), 0.0, 1.0)
    with pytest.raises(ValueError, match="std_q must be on the device of mean_q, cpu, got meta"):
        elbo_ref.kl_normal(torch.zeros(2), torch.ones(2, device="meta"), 0.0, 1.0)


def test_losses_refuse_a_hidden_broadcast() -> None:
    x, code = np.zeros((3, 4)), np.zeros((3, 2))
    with pytest.raises(ValueError, match=r"mean_x must have the shape of x"):
        elbo_ref.negative_elbo_gaussian(x, x[:1], 1.0, code, code, reduction="sum")
    with pytest.raises(ValueError, match="mean must have the batch axes of x"):
        elbo_ref.negative_elbo_gaussian(x, x, 1.0, code[:1], code, reduction="sum")
    with pytest.raises(ValueError, match="logits_x must have the shape of x"):
        elbo_ref.negative_elbo_bernoulli(x, x[0], code, code, reduction="sum")
    with pytest.raises(ValueError, match="reduction must be one of 'none', 'sum', 'mean', got 'average'"):
        elbo_ref.negative_elbo_bernoulli(x, x, code, code, reduction="average")
    with pytest.raises(ValueError, match="reduction must be one of 'none', 'sum', 'mean', got array"):
        elbo_ref.negative_elbo_bernoulli(x, x, code, code, reduction=np.array("mean"))
    with pytest.raises(ValueError, match="x must hold at least one example for reduction 'mean'"):
        elbo_ref.negative_elbo_bernoulli(x[:0], x[:0], code[:0], code[:0], reduction="mean")
    with pytest.raises(ValueError, match=r"beta must be finite and >= 0, got -1.0"):
        elbo_ref.negative_elbo_bernoulli(x, x, code, code, reduction="sum", beta=-1.0)


def test_words_for_what_people_pass() -> None:
    """Each error names the argument, what it is, and the way on."""
    torch = pytest.importorskip("torch")
    ml_dtypes = pytest.importorskip("ml_dtypes")
    cases: list[tuple[Callable[[], Any], type[Exception], str]] = [
        (
            lambda: elbo_ref.kl_normal(np.ma.masked_array([1.0], [True]), 1.0, 0.0, 1.0),
            TypeError,
            "mean_q must be a plain array, got MaskedArray",
        ),
        (lambda: elbo_ref.kl_normal(torch.ones(2), np.ones(2), 0.0, 1.0), TypeError, r"pass torch\.as_tensor\(std_q\)"),
        (
            lambda: elbo_ref.kl_normal(torch.ones(2).to_sparse(), 1.0, 0.0, 1.0),
            TypeError,
            "mean_q must be a dense tensor",
        ),
        (lambda: elbo_ref.entropy(np.ones(1, ml_dtypes.bfloat16)), TypeError, "pass it as float32"),
        (
            lambda: elbo_ref.kl_normal(10**400, 1.0, 0.0, 1.0),
            ValueError,
            "mean_q must be a number that a float can hold",
        ),
        (lambda: elbo_ref.bernoulli_log_likelihood_logits(a(0.5), a(0)), ValueError, "continuous Bernoulli"),
        (lambda: elbo_ref.kl_categorical(a(-1, 2), a(0.5, 0.5)), ValueError, "take the function of logits"),
        (
            lambda: elbo_ref.negative_elbo_bernoulli(*[np.zeros((1, 4, 4))] * 2, *[np.zeros(3)] * 2, reduction="sum"),
            ValueError,
            "all axes after those of mean but its last are one example, and one without a batch is a row: give a batch axis",
        ),
        (
            lambda: elbo_ref.negative_elbo_bernoulli(*[np.zeros((2, 4))] * 4, reduction="sum", beta=np.ones((2, 1))),
            ValueError,
            r"beta must be a number or broadcast to the shape \(2,\)",
        ),
        (
            lambda: elbo_ref.negative_elbo_gaussian(
                *[np.zeros((2, 4))] * 2, np.ones((3, 1, 4)), *[np.zeros((2, 4))] * 2, reduction="sum"
            ),
            ValueError,
            "var_noise must be a number or broadcast",
        ),
        (
            lambda: elbo_ref.entropy(torch.zeros(65_536, dtype=torch.bfloat16)),
            ValueError,
            "the sum of p over its last axis must be 1",
        ),
        (
            lambda: elbo_ref.entropy(torch.zeros(65_536, dtype=torch.float16)),
            ValueError,
            "the sum of p over its last axis must be 1",
        ),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()


def test_a_softmax_in_sixteen_bits_is_a_table() -> None:
    torch = pytest.importorskip("torch")
    for dtype in (torch.bfloat16, torch.float16):
        for size in (2, 1000, 65_536):
            p = torch.softmax(torch.randn(8, size, generator=torch.Generator().manual_seed(size)).to(dtype), -1)
            assert torch.isfinite(elbo_ref.entropy(p)).all()


def test_numbers_of_numpy_are_numbers() -> None:
    torch = pytest.importorskip("torch")
    code = torch.zeros(2, 3)
    loss = elbo_ref.negative_elbo_bernoulli(code, code, code, code, reduction="mean", beta=np.float64(0.5))
    assert loss == elbo_ref.negative_elbo_bernoulli(code, code, code, code, reduction="mean", beta=0.5)


@pytest.mark.parametrize("dtype", ["bool", "uint8"])
def test_pixels_may_be_bits(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    bits, logits, code = torch.tensor([[1, 0, 1]]), torch.tensor([[0.5, -1.0, 2.0]]), torch.zeros(1, 2)
    x = bits.to(getattr(torch, dtype))
    for pixels, others in ((x, (logits, code)), (x.numpy(), (logits.numpy(), code.numpy()))):
        decoder, latent = others
        loss = elbo_ref.negative_elbo_bernoulli(pixels, decoder, latent, latent, reduction="sum")
        assert float(loss) == -float(elbo_ref.bernoulli_log_likelihood_logits(bits.float(), logits)[0])
        assert float(elbo_ref.bernoulli_log_likelihood_logits(pixels, decoder)[0]) == -float(loss)
    with pytest.raises(ValueError, match="x must be 0 or 1"):
        elbo_ref.negative_elbo_bernoulli(
            torch.tensor([[2, 0, 1]], dtype=torch.uint8), logits, code, code, reduction="sum"
        )


def test_any_integer_is_an_index() -> None:
    rng = np.random.default_rng(0)
    mean, std, noise = rng.normal(size=(3, 2)), np.exp(rng.normal(size=(3, 2))), rng.normal(size=(4, 2))
    index = np.array([0, 2, 1, 1])
    want = elbo_ref.elbo_surgery(mean, std, noise, index=index)
    torch = pytest.importorskip("torch")
    tensors = [torch.tensor(x) for x in (mean, std, noise)]
    for dtype in ("uint8", "int8", "int16", "int32", "int64"):
        assert elbo_ref.elbo_surgery(mean, std, noise, index=index.astype(dtype)) == want
        got = elbo_ref.elbo_surgery(*tensors, index=torch.tensor(index).to(getattr(torch, dtype)))
        assert float(got.mutual_information.value) == pytest.approx(float(want.mutual_information.value), abs=1e-9)


@pytest.mark.parametrize("precision", ["high", "medium"])
def test_surgery_under_any_precision_of_products(precision: str) -> None:
    torch = pytest.importorskip("torch")
    generator = torch.Generator().manual_seed(0)
    mean, noise = torch.randn(2, 300, 20, generator=generator)
    want = elbo_ref.elbo_surgery(mean, torch.ones_like(mean), noise)
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision(precision)
        torch.backends.mkldnn.matmul.fp32_precision = "ieee"  # now the two ways of saying it differ
        got = elbo_ref.elbo_surgery(mean, torch.ones_like(mean), noise)
    finally:
        torch.backends.mkldnn.matmul.fp32_precision = "none"
        torch.set_float32_matmul_precision(before)
    assert float(got.marginal_kl.value) == pytest.approx(float(want.marginal_kl.value), abs=1e-5)


def test_extremes() -> None:
    assert elbo_ref.normal_log_density(1e308, -0.8e308, 1.79e308) == pytest.approx(
        -0.5 * 1.8**2 / 1.79 * 1e308, rel=1e-12
    )
    want = -(1 / 2 + np.log(1e160) + np.log(2 * np.pi) / 2)
    assert elbo_ref.linear_gaussian_log_evidence(1e160, 1e160, 0.0, 1.0, 0.0, 1.0) == pytest.approx(want, rel=1e-12)
    torch = pytest.importorskip("torch")
    samples = torch.ones(3, dtype=torch.float64, requires_grad=True)
    error = elbo_ref.monte_carlo_elbo(samples, torch.zeros(3, dtype=torch.float64)).standard_error
    assert (torch.autograd.grad(error, samples)[0] == 0).all()


def test_empty_batches_are_empty() -> None:
    assert elbo_ref.kl_normal(np.zeros(0), 1.0, 0.0, 1.0).shape == (0,)
    assert elbo_ref.kl_standard_normal(np.zeros((0, 2)), np.zeros((0, 2))).shape == (0,)
    assert elbo_ref.kl_standard_normal(np.zeros((3, 0)), np.zeros((3, 0))).tolist() == [0, 0, 0]
    assert elbo_ref.entropy(np.zeros((0, 2))).shape == (0,)


# Where values cannot be read, NaN


TRACED: list[tuple[Callable[..., Any], list[Any], list[Any]]] = [
    # the function, a good row, a bad row
    (elbo_ref.kl_normal, [0.0, 1.0, 0.0, 1.0], [0.0, -1.0, 0.0, -1.0]),
    (elbo_ref.kl_normal, [0.0, 1.0, 0.0, 1.0], [INF, 1.0, INF, 1.0]),
    (elbo_ref.kl_standard_normal, [a(0.0), a(0.0)], [a(0.0), a(INF)]),
    (elbo_ref.kl_bernoulli, [0.5, 0.5], [1.5, 1.5]),
    (elbo_ref.kl_bernoulli_logits, [0.5, 0.5], [INF, INF]),
    (elbo_ref.entropy, [a(0.5, 0.5)], [a(0.5, 0.6)]),
    (elbo_ref.kl_categorical, [a(0.5, 0.5), a(1, 0)], [a(0.5, 0.5), a(1, 1)]),
    (elbo_ref.kl_categorical_logits, [a(0, 1), a(1, 0)], [a(0, INF), a(0, INF)]),
    (elbo_ref.mutual_information, [EYE / 2], [EYE]),
    (elbo_ref.entropy_mvn, [EYE], [-EYE]),
    (elbo_ref.kl_mvn, [a(0, 0), EYE, a(0, 0), EYE], [a(0, 0), EYE, a(0, 0), -EYE]),
    (elbo_ref.kl_mvn_tril, [a(0, 0), EYE, a(0, 0), EYE], [a(0, 0), EYE, a(0, 0), EYE + 1]),
    (elbo_ref.normal_log_density, [0.0, 0.0, 1.0], [0.0, 0.0, -1.0]),
    (elbo_ref.linear_gaussian_gap, [0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, -1.0]),
    (elbo_ref.bernoulli_log_likelihood_logits, [a(0.0), a(0.0)], [a(0.5), a(0.0)]),
    (elbo_ref.continuous_bernoulli_log_likelihood_logits, [a(0.5), a(0.0)], [a(1.5), a(0.0)]),
]


@pytest.mark.parametrize(("function", "good", "bad"), TRACED)
def test_under_vmap_only_the_bad_row_is_nan(function: Callable[..., Any], good: list[Any], bad: list[Any]) -> None:
    torch = pytest.importorskip("torch")
    batch = [torch.tensor(np.stack([g, b])) for g, b in zip(good, bad, strict=True)]
    first, second = torch.func.vmap(function)(*batch).tolist()
    assert first == float(function(*map(np.asarray, good)))
    assert np.isnan(second)


# Fuzzing: right or refused

FLOATS = st.floats(width=64, allow_nan=True, allow_infinity=True)
SHAPES = hnp.mutually_broadcastable_shapes(num_shapes=4, max_dims=2, max_side=3)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.tuples(FLOATS, FLOATS, FLOATS, FLOATS))
def test_any_four_floats_give_a_divergence_or_an_error(law: tuple[float, float, float, float]) -> None:
    mean_q, std_q, mean_p, std_p = law
    inside = all(np.isfinite(law)) and std_q > 0 and std_p > 0
    if not inside:
        with pytest.raises(ValueError, match=r"(mean|std)_[qp] must be finite"):
            elbo_ref.kl_normal(*map(np.asarray, law))
        return
    value = elbo_ref.kl_normal(*map(np.asarray, law))
    assert value >= 0
    if (mean_q, std_q) == (mean_p, std_p):
        assert value == 0


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.data(), SHAPES)
def test_any_shapes_that_broadcast_do(data: st.DataObject, shapes: Any) -> None:
    values = st.floats(0.1, 10)
    law = [data.draw(hnp.arrays(np.float64, shape, elements=values)) for shape in shapes.input_shapes]
    got = elbo_ref.kl_normal(*law)
    assert got.shape == shapes.result_shape
    each = [
        elbo_ref.kl_normal(*map(np.asarray, row)) for row in zip(*map(np.ravel, np.broadcast_arrays(*law)), strict=True)
    ]
    np.testing.assert_array_equal(np.ravel(got), each)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(hnp.arrays(np.float64, (2, 3), elements=st.floats(-0.1, 1.1) | st.just(0.0)))
def test_any_table_gives_a_divergence_or_an_error(table: np.ndarray) -> None:
    q, p = table
    inside = ((table >= 0) & (table <= 1)).all() and np.allclose(table.sum(-1), 1, rtol=0, atol=3e-15)
    if not inside:
        with pytest.raises(ValueError, match=r"(^|of )[qp] "):
            elbo_ref.kl_categorical(q, p)
    total = np.abs(table).sum(-1, keepdims=True)
    if (total > 1e-300).all():
        q, p = np.abs(table) / total
        value = elbo_ref.kl_categorical(q, p)
        assert value >= 0
        assert (value == np.inf) == ((q > 0) & (p == 0)).any()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(hnp.arrays(np.float64, (2, 3), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_any_logits_give_a_divergence(logits: np.ndarray) -> None:
    a, b = logits
    value = elbo_ref.kl_categorical_logits(a, b)
    assert value >= 0
    assert elbo_ref.kl_categorical_logits(a, a) == 0
    assert (elbo_ref.kl_bernoulli_logits(a, b) >= 0).all()


def test_shapes_are_compared_as_they_are_given() -> None:
    """What a decoder puts out is compared before images become rows, and never broadcast; parameters of the noise are."""
    torch = pytest.importorskip("torch")
    x, logits, mean = torch.zeros(2, 3, 4, 4), torch.zeros(2, 1, 4, 4), torch.zeros(2, 5)
    labels, classes = torch.zeros(2, 6, dtype=torch.uint8), torch.zeros(2, 3, 6)
    rows = x.flatten(1)

    def loss(x: Any, logits: Any) -> Any:
        return elbo_ref.negative_elbo_bernoulli(x, logits, mean, mean, reduction="mean")

    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: loss(x, logits), r"logits_x must have the shape of x, \(2, 3, 4, 4\), .* got \(2, 1, 4, 4\)"),
        (lambda: loss(x, x[:, :, :1]), r"logits_x must have the shape of x, .* got \(2, 3, 1, 4\)"),
        (lambda: loss(x, rows), r"got \(2, 48\): flatten both, as x.reshape"),
        (lambda: loss(rows, rows[:, None]), r"samples in front of that, got \(2, 1, 48\)"),
        (lambda: loss(x[:, 0], logits), r"shape of x, \(2, 4, 4\), .* got \(2, 1, 4, 4\)"),
        (
            lambda: elbo_ref.negative_elbo_categorical(labels, classes, mean, mean, reduction="mean"),
            r"shape of x, \(2, 6\), and its classes after it, .* got \(2, 3, 6\): has it its class axis at the end",
        ),
        (
            lambda: elbo_ref.bernoulli_log_likelihood_logits(x, logits, pixel_axes=3),
            r"logits_x must have the last 3 axes of x, of shape \(2, 3, 4, 4\), got \(2, 1, 4, 4\)",
        ),
        (
            lambda: elbo_ref.negative_elbo_gaussian(x, x, torch.ones(3, 4), mean, mean, reduction="mean"),
            r"var_noise must be a number or broadcast to the shape \(2, 3, 4, 4\), got shape \(3, 4\)",
        ),
        (
            lambda: elbo_ref.kl_mvn(mean, torch.eye(5).expand(3, 5, 5), mean, torch.eye(5).expand(3, 5, 5)),
            r"the batch of cov_q must broadcast with the batch of mean_q of shape \(2,\), got shape \(3,\)",
        ),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    for noise in (torch.ones(3, 1, 1), torch.ones(2, 1, 1, 1), torch.ones(4, 4)):
        got = elbo_ref.negative_elbo_gaussian(x, x, noise, mean, mean, reduction="mean")
        want = elbo_ref.negative_elbo_gaussian(x, x, torch.ones_like(x), mean, mean, reduction="mean")
        assert got == want


def test_every_refusal_names_the_way_on() -> None:
    torch = pytest.importorskip("torch")
    bits, logits, code = torch.zeros(2, 6), torch.zeros(2, 6), torch.zeros(2, 3)
    labels, classes, weights = torch.zeros(2, 6, dtype=torch.long), torch.zeros(2, 6, 4), np.zeros((3, 8))
    categorical, bernoulli = elbo_ref.categorical_log_likelihood_logits, elbo_ref.bernoulli_log_likelihood_logits
    none = torch.full((2, 6, 4), -math.inf)
    loss = partial(elbo_ref.negative_elbo_gaussian, reduction="sum")
    sparse = torch.eye(2).to_sparse()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch: a prototype
        nested = torch.nested.nested_tensor([torch.zeros(1), torch.zeros(2)])
    cases: list[tuple[Callable[[], Any], type[Exception], str]] = [
        (lambda: elbo_ref.kl_normal(0.0, 1.0, 0.0, 1.0, var_q=5.0), ValueError, "one only, got std_q and var_q"),
        (lambda: categorical(labels, none), ValueError, "the largest of logits_x over its last axis must be finite"),
        (
            lambda: elbo_ref.negative_elbo_categorical(labels, none, code, code, reduction="mean"),
            ValueError,
            "the largest of logits_x over its last axis must be finite",
        ),
        (lambda: elbo_ref.iwae_bound(weights, axis=True), TypeError, "axis must be an integer, got True"),
        (lambda: loss(bits, logits, True, code, code, beta=1.0), TypeError, "var_noise must be .* float, got bool"),
        (lambda: loss(bits, logits, 1.0, code, code, beta=True), TypeError, "beta must be .* float, got bool"),
        (lambda: elbo_ref.iwae_bound(weights, axis=torch.tensor(True)), TypeError, r"an integer, got tensor\(True\)"),
        (lambda: elbo_ref.iwae_bound(weights, dim="K"), TypeError, "dim must be an integer, got 'K'"),
        (lambda: elbo_ref.iwae_bound(weights, axis=1.0), TypeError, "axis must be an integer, got 1.0"),
        (lambda: elbo_ref.iwae_bound(0.3), ValueError, "log_weights must have at least 1 axis"),
        (lambda: elbo_ref.kl_categorical_logits(0.0, 0.0), ValueError, "logits_q must have at least 1 axis"),
        (lambda: elbo_ref.kl_categorical_logits(bits[0, :0], bits[0, :0]), ValueError, "logits_q must not be empty"),
        (lambda: elbo_ref.kl_conditional(0.5, 0.5), ValueError, "joint_q must have at least 2 axes"),
        (lambda: categorical(labels.numpy(), classes), TypeError, "x must be a torch tensor, as logits_x is"),
        (lambda: categorical([1], classes), TypeError, r"got list: pass numpy.asarray\(x\)"),
        (lambda: categorical(labels, None), TypeError, "logits_x must be given, .* got None"),
        (lambda: categorical(labels, labels[..., None]), TypeError, r"got dtype torch.int64: pass logits_x.float\(\)"),
        (lambda: bernoulli(labels.byte().numpy(), logits), TypeError, "x must be a torch tensor, as logits_x is"),
        (lambda: bernoulli(bits * 255 + 255, logits), ValueError, "bytes divided by 255"),
        (lambda: elbo_ref.reparameterize(code, code + 1), TypeError, "noise must be given"),
        (lambda: elbo_ref.kl_standard_normal([0.0], [0.0]), TypeError, r"got list: pass numpy.asarray\(mean\)"),
        (lambda: bernoulli(bits, (logits, code)), TypeError, "got tuple: unpack it"),
        (lambda: elbo_ref.gaussian_log_likelihood(labels.byte(), logits, 1.0), TypeError, "pass x / 255"),
        (lambda: elbo_ref.entropy(np.ones(1, ">f8")), TypeError, r"of another byte order: pass p.astype\('f8'\)"),
        (lambda: elbo_ref.kl_standard_normal(sparse, sparse), TypeError, "mean must be a dense tensor, got layout"),
        (lambda: elbo_ref.kl_standard_normal(nested, nested), TypeError, "mean must be a dense tensor, got a nested"),
        (
            lambda: elbo_ref.kl_mvn(code[0, :2], sparse, code[0, :2], torch.eye(2)),
            TypeError,
            "cov_q must be a dense tensor",
        ),
        (
            lambda: elbo_ref.negative_elbo_gaussian(bits, logits, code, code, reduction="mean"),
            ValueError,
            "got none of them; by place come x, mean_x, var_noise, mean, logvar",
        ),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()


def test_a_narrow_table_beside_a_wide_one_is_held_to_its_own_rounding(rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    q = torch.softmax(torch.tensor(rng.normal(size=(50, 7)), dtype=torch.float32), -1)
    assert bool((elbo_ref.kl_categorical(q.bfloat16(), q) >= 0).all())
    with pytest.raises(ValueError, match="the sum of p over its last axis must be 1 within"):
        elbo_ref.kl_categorical(q.bfloat16(), q * 1.001)


def test_a_traced_call_takes_no_loop(rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    mean, logvar = (torch.tensor(rng.normal(size=(4, 3)), dtype=torch.float32) for _ in range(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = torch.jit.trace(elbo_ref.kl_standard_normal, (mean, logvar))
    torch.testing.assert_close(traced(2 * mean, logvar), elbo_ref.kl_standard_normal(2 * mean, logvar))


def test_integers_are_compared_as_they_are_given() -> None:
    logits = np.zeros((1, 1, 3))
    for dtype in ("int64", "uint64"):
        with pytest.raises(ValueError, match="x must be a label from 0 to 2"):
            elbo_ref.categorical_log_likelihood_logits(np.full((1, 1), 2**32, dtype), logits)
    pixels = np.linspace(0, 1, 100, dtype=np.float32)
    wanted = elbo_ref.discretized_logistic_log_likelihood(pixels, pixels, 0.0, levels=100)
    assert elbo_ref.discretized_logistic_log_likelihood(pixels, pixels, 0.0, levels=np.int8(100)) == wanted
    with pytest.raises(ValueError, match="beta must be a number that a float can hold"):
        rows = np.zeros((1, 3), np.float32)
        elbo_ref.negative_elbo_bernoulli(rows, rows, rows, rows, reduction="sum", beta=10**400)


def test_a_weight_of_another_dtype_is_refused_by_every_way() -> None:
    torch = pytest.importorskip("torch")
    rows = torch.zeros(1, 3)
    for _ in range(20):  # loops are loaded on the way
        with pytest.raises(TypeError, match="beta must have the dtype of x"):
            weight = torch.tensor(2.0, dtype=torch.float64)
            elbo_ref.negative_elbo_bernoulli(rows, rows, rows, rows, reduction="sum", beta=weight)


def test_limits_name_the_index_that_was_given() -> None:
    rows = np.zeros((2, 3), np.float32)
    bad = rows + np.array([[0, 0, 0], [0, math.inf, 0]], np.float32)
    with pytest.raises(ValueError, match=r"logvar must be finite, got inf at index \(1, 1\)"):
        elbo_ref.negative_elbo_bernoulli(rows, rows, rows, bad, reduction="sum", free_bits=0.1)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_free_bits_hide_nothing(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    zero = torch.zeros(2, 3, dtype=getattr(torch, dtype))
    bad = {"mean": zero * NAN, "logvar": zero - INF, "std": zero - 1}
    for name, x in bad.items():
        code = {"mean": zero, **({} if name == "std" else {"logvar": zero}), name: x}

        def loss(**code: Any) -> Any:
            return elbo_ref.negative_elbo_gaussian(zero, zero, zero[0] + 1, reduction="none", free_bits=0.1, **code)

        with pytest.raises(ValueError, match=f"{name} must be finite"):
            loss(**code)
        with elbo_ref.unchecked():
            assert not loss(**code).isfinite().any()
    with elbo_ref.unchecked():
        code = {"mean": zero + 1, "logvar": zero}
        free_bits = zero[:, 0] * NAN
        one = torch.ones(3, dtype=zero.dtype)
        assert (
            elbo_ref.negative_elbo_gaussian(zero, zero, one, reduction="none", free_bits=free_bits, **code)
            .isnan()
            .all()
        )


def test_an_infinite_output_that_explains_the_data_is_refused() -> None:
    code, pixels = np.zeros((1, 2)), np.zeros((1, 3))
    with pytest.raises(ValueError, match="logits_x must be a number below inf"):
        elbo_ref.negative_elbo_categorical(np.zeros((1, 1), int), np.array([[[INF, 0.0]]]), code, code, reduction="sum")
    with pytest.raises(ValueError, match="mean_x must be finite"):
        elbo_ref.negative_elbo_discretized_logistic(pixels, pixels - INF, 0.0, code, code, reduction="sum")
