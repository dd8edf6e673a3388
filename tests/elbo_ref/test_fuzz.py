"""Generated arguments, by the thousand: every public function is right to the last digits, or refuses by name.

Right means: within a few roundings of the exact value, which is computed by Arb from the floats that went in. Where a
function is a sum of terms of both signs, a rounding is one of the sum of their absolute values.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import elbo_ref
from tests.elbo_ref import _families


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )


DTYPES = {"float64": np.float64, "float32": np.float32, "float16": np.float16}


@pytest.fixture(autouse=True, scope="module")
def precision():
    with ctx.workprec(3000):  # enough for differences and ratios of any two floats
        yield


# Domains: what is allowed, and how to draw from it with its corners

ANYTHING = st.floats(width=64)
REAL = st.floats(-5, 5) | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 5e-324, 1e308])
POSITIVE = st.floats(0.1, 10) | st.floats(5e-324, 1.7e308) | st.sampled_from([5e-324, 1e-310, 1.0, 1e308])
UNIT = st.floats(0, 1) | st.sampled_from([0.0, 5e-324, 1e-300, 0.5, 1 - 2**-53, 1.0])
LOGIT = st.floats(-40, 40) | st.floats(-1e4, 1e4) | st.floats(allow_nan=False, allow_infinity=False)
BELOW_INF = st.floats(-50, 50) | st.just(-np.inf)
BIT = st.sampled_from([0.0, 1.0])


@dataclass(frozen=True)
class Domain:
    draw: st.SearchStrategy[float]
    holds: Callable[[float], bool]


DOMAINS = {
    "real": Domain(REAL, np.isfinite),
    "moderate": Domain(st.floats(-1e3, 1e3), np.isfinite),
    "positive": Domain(POSITIVE, lambda x: 0 < x < np.inf),
    "moderate positive": Domain(st.floats(1e-3, 1e3), lambda x: 0 < x < np.inf),
    "wide": Domain(st.floats(-5, 5) | st.floats(-1e60, 1e60), np.isfinite),
    "wide positive": Domain(st.floats(0.1, 10) | st.floats(1e-60, 1e60), lambda x: 0 < x < np.inf),
    "unit": Domain(UNIT, lambda x: 0 <= x <= 1),
    "logit": Domain(LOGIT, np.isfinite),
    "log": Domain(st.floats(-300, 300), np.isfinite),
    "log or -inf": Domain(BELOW_INF, lambda x: x < np.inf),
    "bit": Domain(BIT, lambda x: x in (0, 1)),
}


# Exact values: (value, sum of the absolute values of the terms)

Balls = tuple[arb, arb]


def terms(*parts: arb) -> Balls:
    return sum(parts, arb(0)), sum((abs(x) for x in parts), arb(0))


def half_log_two_pi() -> arb:
    return (2 * arb.pi()).log() / 2


def never_negative(kl: Callable[..., arb]) -> Callable[..., Balls]:
    """A divergence is right relative to itself."""

    def exact(*arguments: Any) -> Balls:
        value = kl(*arguments)
        return value, value

    return exact


def log_density(x: arb, mean: arb, var: arb) -> Balls:
    residual = x - mean
    return terms(-residual * residual / (2 * var), -var.log() / 2, -half_log_two_pi())


def plus(*pairs: Balls) -> Balls:
    return sum((x for x, _ in pairs), arb(0)), sum((y for _, y in pairs), arb(0))


def minus(one: Balls, other: Balls) -> Balls:
    return one[0] - other[0], one[1] + other[1]


def kl_of_variances(mean_q: arb, var_q: arb, mean_p: arb, var_p: arb) -> Balls:
    r, d = var_q / var_p, mean_q - mean_p
    value = (r - 1 - r.log() + d * d / var_p) / 2
    return value, abs(value)


def posterior(x: arb, weight: arb, bias: arb, noise: arb, mean: arb, var: arb) -> tuple[arb, arb]:
    total = weight * weight * var + noise
    return mean + weight * var / total * (x - weight * mean - bias), var * noise / total


def linear_evidence(x: arb, weight: arb, bias: arb, noise: arb, mean: arb, var: arb) -> Balls:
    shift = weight * mean
    value, size = log_density(x, shift + bias, weight * weight * var + noise)
    # x - weight mean - bias is rounded: its error is one of the largest of the three
    total = weight * weight * var + noise
    residual = abs(x - shift - bias)
    return value, size + residual * (abs(x) + abs(shift) + abs(bias)) / total


def linear_reconstruction(x: arb, mean_q: arb, var_q: arb, weight: arb, bias: arb, noise: arb) -> Balls:
    shift = weight * mean_q
    value, size = log_density(x, shift + bias, noise)
    spread = weight * weight * var_q / (2 * noise)
    return value - spread, size + spread + abs(x - shift - bias) * (abs(x) + abs(shift) + abs(bias)) / noise


def linear_elbo(
    x: arb, mean_q: arb, var_q: arb, weight: arb, bias: arb, noise: arb, mean_prior: arb, var_prior: arb
) -> Balls:
    reconstruction = linear_reconstruction(x, mean_q, var_q, weight, bias, noise)
    return minus(reconstruction, kl_of_variances(mean_q, var_q, mean_prior, var_prior))


def linear_information(weight: arb, noise: arb, var: arb) -> Balls:
    return never_negative(lambda: (1 + weight * weight * var / noise).log() / 2)()


def bernoulli_log_likelihood(x: arb, logit: arb) -> arb:
    signed = logit if x == 1 else -logit
    return -(1 + (-signed).exp()).log() if signed > 0 else signed - (1 + signed.exp()).log()


def continuous_bernoulli(x: arb, logit: arb) -> Balls:
    normaliser = (logit.expm1() / logit).log() if logit != 0 else arb(0)
    return terms(x * logit, -normaliser)


def bregman(log_q: arb, log_p: arb) -> Balls:
    if log_p == arb("-inf"):
        return arb("inf"), arb("inf")
    difference = log_p - log_q
    value = difference.expm1() - difference if difference != 0 else arb(0)
    return value, value + abs(difference) * (abs(log_p) + abs(log_q)) + difference.exp() * abs(difference) * 0


def log_ratio(log_q: arb, log_p: arb) -> Balls:
    return (log_q - log_p, abs(log_q - log_p))


ELEMENTWISE: dict[str, tuple[dict[str, str], Callable[..., Balls]]] = {
    "kl_normal": (
        {"mean_q": "real", "std_q": "positive", "mean_p": "real", "std_p": "positive"},
        never_negative(_families.kl_normal),
    ),
    "kl_bernoulli": ({"prob_q": "unit", "prob_p": "unit"}, never_negative(_families.kl_bernoulli)),
    "kl_bernoulli_logits": ({"logit_q": "logit", "logit_p": "logit"}, never_negative(_families.kl_bernoulli_logits)),
    "normal_log_density": ({"x": "real", "mean": "real", "var": "positive"}, log_density),
    "entropy_normal": ({"std": "positive"}, lambda std: terms(std.log(), arb(1) / 2 + half_log_two_pi())),
    "cross_entropy_normal": (
        {"mean_q": "real", "std_q": "positive", "mean_p": "real", "std_p": "positive"},
        lambda m, s, n, t: terms(t.log(), half_log_two_pi(), (s * s + (m - n) * (m - n)) / (2 * t * t)),
    ),
    "reparameterize": (
        {"mean": "moderate", "std": "moderate positive", "noise": "moderate"},
        lambda mean, std, noise: terms(mean, std * noise),
    ),
    "kl_estimator_log_ratio": ({"log_q": "log", "log_p": "log or -inf"}, log_ratio),
    "kl_estimator_half_square": (
        {"log_q": "log", "log_p": "log or -inf"},
        never_negative(lambda q, p: (q - p) * (q - p) / 2),
    ),
    "linear_gaussian_log_evidence": (
        {"x": "wide", "weight": "wide", "bias": "wide"}
        | {"var_noise": "wide positive", "mean_prior": "wide", "var_prior": "wide positive"},
        linear_evidence,
    ),
    "linear_gaussian_reconstruction": (
        {"x": "wide", "mean_q": "wide", "var_q": "wide positive"}
        | {"weight": "wide", "bias": "wide", "var_noise": "wide positive"},
        linear_reconstruction,
    ),
    "linear_gaussian_elbo": (
        {"x": "moderate", "mean_q": "moderate", "var_q": "moderate positive", "weight": "moderate", "bias": "moderate"}
        | {"var_noise": "moderate positive", "mean_prior": "moderate", "var_prior": "moderate positive"},
        linear_elbo,
    ),
    "linear_gaussian_mutual_information": (
        {"weight": "real", "var_noise": "positive", "var_prior": "positive"},
        linear_information,
    ),
}


def rows(one: Callable[..., Balls]) -> Callable[..., Balls]:
    """The sum over the entries of lists."""
    return lambda *columns: plus(*map(one, *columns))


ROWS: dict[str, tuple[dict[str, str], Callable[..., Balls]]] = {
    "kl_diag_normal": (ELEMENTWISE["kl_normal"][0], rows(never_negative(_families.kl_normal))),
    "kl_standard_normal": ({"mean": "real", "logvar": "logit"}, rows(never_negative(_families.kl_standard_normal))),
    "log_normal_diag": (
        {"z": "moderate", "mean": "moderate", "std": "moderate positive"},
        rows(lambda z, mean, std: log_density(z, mean, std * std)),
    ),
    "gaussian_log_likelihood": ({"x": "real", "mean_x": "real", "var_noise": "positive"}, rows(log_density)),
    "bernoulli_log_likelihood_logits": (
        {"x": "bit", "logits_x": "logit"},
        rows(lambda x, logit: terms(bernoulli_log_likelihood(x, logit))),
    ),
    "continuous_bernoulli_log_likelihood_logits": ({"x": "unit", "logits_x": "logit"}, rows(continuous_bernoulli)),
}


# Arguments


@st.composite
def arguments(draw: st.DrawFn, domains: dict[str, str], shape: tuple[int, ...], dtype: str) -> dict[str, np.ndarray]:
    """Arrays of the domains; one time in five one number of one of them is anything at all."""
    drawn = {}
    for name, domain in domains.items():
        numbers = [draw(DOMAINS[domain].draw) for _ in range(int(np.prod(shape)))]
        drawn[name] = np.array(numbers).reshape(shape)
    if draw(st.integers(0, 4)) == 0:
        drawn[draw(st.sampled_from(list(domains)))].flat[0] = draw(ANYTHING)
    with np.errstate(all="ignore"):
        return {name: x.astype(DTYPES[dtype]) for name, x in drawn.items()}


def outside(domains: dict[str, str], drawn: dict[str, np.ndarray]) -> list[str]:
    return [name for name, x in drawn.items() if not all(DOMAINS[domains[name]].holds(float(v)) for v in x.flat)]


def refuses(function: Callable[..., Any], drawn: dict[str, Any], names: list[str], **more: Any) -> None:
    with pytest.raises((ValueError, TypeError)) as refusal:
        function(*drawn.values(), **more)
    assert any(re.search(rf"\b{name}\b", str(refusal.value)) for name in names), refusal.value


def right(got: float, exact: Balls, dtype: str, roundings: float = 16) -> None:
    """Within half a unit of the dtype, and some roundings of float64 in the terms; infinite where it must be."""
    value, size = exact
    if not value.is_finite():
        assert got == float(value)
        return
    limits = np.finfo(DTYPES[dtype])
    half_unit = float(limits.eps) / 2 * 1.01 if dtype != "float64" else 0.0
    room = abs(value) * half_unit + size * (roundings * 2.0**-52) + 2 * float(limits.smallest_subnormal)
    if np.isinf(got):
        least = arb(float(limits.max)) * (1 - arb(float(limits.eps)) / 4)
        assert (value if got > 0 else -value) + room > least
    else:
        assert abs(arb(got) - value) <= room  # false for NaN


@pytest.mark.parametrize("name", ELEMENTWISE)
@fuzz(50)
@given(st.data())
def test_elementwise(name: str, data: st.DataObject) -> None:
    domains, exact = ELEMENTWISE[name]
    dtype = data.draw(st.sampled_from(list(DTYPES)))
    function, drawn = getattr(elbo_ref, name), data.draw(arguments(domains, (4,), dtype))
    if bad := outside(domains, drawn):
        refuses(function, drawn, bad)
        return
    with np.errstate(all="ignore"):  # inf is a value
        got = function(*drawn.values())
    for value, *row in zip(got, *drawn.values(), strict=True):
        right(float(value), exact(*(arb(float(x)) for x in row)), dtype)


@pytest.mark.parametrize("name", ROWS)
@fuzz(50)
@given(st.data())
def test_rows(name: str, data: st.DataObject) -> None:
    domains, exact = ROWS[name]
    dtype, length = data.draw(st.sampled_from(list(DTYPES))), data.draw(st.integers(1, 4))
    function, drawn = getattr(elbo_ref, name), data.draw(arguments(domains, (length,), dtype))
    if bad := outside(domains, drawn):
        refuses(function, drawn, bad)
    else:
        with np.errstate(all="ignore"):  # inf is a value
            got = float(function(*drawn.values()))
        right(got, exact(*(_families.balls(x) for x in drawn.values())), dtype)


# Tables and logits


@st.composite
def tables(draw: st.DrawFn, shape: tuple[int, ...], axes: int = 1) -> np.ndarray:
    """Probability tables with zeros, tiny entries and certainties; one time in six, no such table."""
    numbers = st.floats(0, 1) | st.just(0.0) | st.floats(0, 1e-300) | st.floats(0.999, 1)
    x = np.array([draw(numbers) for _ in range(int(np.prod(shape)))]).reshape(shape)
    axis = tuple(range(-axes, 0))
    total = x.sum(axis=axis, keepdims=True)
    if (total == 0).any() or draw(st.integers(0, 5)) == 0:
        return x + draw(st.sampled_from([0.0, 0.0, -0.5, np.nan, np.inf]))
    with np.errstate(all="ignore"):
        x = x / total
    return x / x.sum(axis=axis, keepdims=True)


def is_table(x: np.ndarray, axes: int = 1) -> bool:
    total = x.sum(axis=tuple(range(-axes, 0)))
    return bool(((x >= 0) & (x <= 1)).all() and (np.abs(total - 1) <= 16 * 2.0**-52).all())


def kl_conditional(q: list[list[arb]], p: list[list[arb]]) -> Balls:
    """sum_x q(x) KL(q(y | x) || p(y | x)), inf where p lacks a row or an entry that q has."""
    total, value = sum((sum(row, arb(0)) for row in q), arb(0)), arb(0)
    for q_row, p_row in zip(q, p, strict=True):
        if any(x != 0 for x in q_row):
            if all(x == 0 for x in p_row):
                return arb("inf"), arb("inf")
            value += sum(q_row, arb(0)) / total * _families.kl_tables(q_row, p_row)
    return value, value


TABLES: dict[str, tuple[tuple[str, ...], int, Callable[..., Balls]]] = {
    "entropy": (("p",), 1, never_negative(_families.entropy)),
    "cross_entropy": (("q", "p"), 1, never_negative(lambda q, p: cross_entropy(q, p))),
    "kl_categorical": (("q", "p"), 1, never_negative(_families.kl_tables)),
    "jensen_shannon": (("q", "p"), 1, never_negative(_families.jensen_shannon)),
    "mutual_information": (("joint",), 2, never_negative(_families.mutual_information)),
    "conditional_entropy": (("joint",), 2, never_negative(_families.conditional_entropy)),
    "kl_conditional": (("joint_q", "joint_p"), 2, kl_conditional),
}


def cross_entropy(q: list[arb], p: list[arb]) -> arb:
    if any(a != 0 and b == 0 for a, b in zip(q, p, strict=True)):
        return arb("inf")
    return _families.cross_entropy(q, p)


@pytest.mark.parametrize("name", TABLES)
@fuzz(60)
@given(st.data())
def test_tables(name: str, data: st.DataObject) -> None:
    names, axes, exact = TABLES[name]
    shape = tuple(data.draw(st.integers(1, 3)) for _ in range(axes))
    drawn = {argument: data.draw(tables(shape, axes)) for argument in names}
    function = getattr(elbo_ref, name)
    if bad := [argument for argument, x in drawn.items() if not is_table(x, axes)]:
        refuses(function, drawn, bad)
        return
    with np.errstate(all="ignore"):
        got = float(function(*drawn.values()))
    assert got >= 0
    value, size = exact(*map(_families.balls, drawn.values()))
    # A product of sums below the smallest normal float has lost digits that nothing can bring back.
    tiny = arb(1e-290)
    right(got, (value, size + tiny) if value.is_finite() else (value, size), "float64")


@fuzz(150)
@given(st.data())
def test_categorical_logits(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 4))
    numbers = st.floats(-40, 40) | st.floats(-1e4, 1e4) | st.just(-np.inf) | st.floats()
    a, b = (np.array([data.draw(numbers) for _ in range(length)]) for _ in range(2))
    drawn = {"logits_q": a, "logits_p": b}
    bad = [name for name, x in drawn.items() if not ((x < np.inf).all() and x.max() > -np.inf)]
    if bad:
        refuses(elbo_ref.kl_categorical_logits, drawn, bad)
        return
    with np.errstate(all="ignore"):
        got = float(elbo_ref.kl_categorical_logits(a, b))
    kept = np.isfinite(a)
    if np.isinf(b[kept]).any():
        assert got == np.inf
        return
    q, p = ([arb(float(v)) for v in x] for x in (a, b))
    top_q, top_p = max(a.tolist()), max(b.tolist())
    mass_q = sum(((x - top_q).exp() for x in q if x.is_finite()), arb(0))
    mass_p = sum(((x - top_p).exp() for x in p if x.is_finite()), arb(0))
    # arb cannot hold exp(-1e308) to any use, but then neither does it matter
    value = (
        sum(
            (
                (x - top_q).exp() / mass_q * ((x - top_q) - (y - top_p))
                for x, y in zip(q, p, strict=True)
                if x.is_finite()
            ),
            arb(0),
        )
        + mass_p.log()
        - mass_q.log()
    )
    same = all(x == y for x, y in zip(a, b, strict=True))
    right(got, (arb(0), arb(0)) if same else (value, abs(value)), "float64", roundings=64)


# Full covariance


@fuzz(120)
@given(st.data())
def test_full_covariance(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 3))
    entry = st.floats(-3, 3)

    def matrix(diagonal: st.SearchStrategy[float]) -> np.ndarray:
        x = np.array([data.draw(entry) for _ in range(size * size)]).reshape(size, size)
        x[np.diag_indices(size)] = [data.draw(diagonal) for _ in range(size)]
        return np.tril(x)

    on = st.floats(0.2, 3) if data.draw(st.integers(0, 3)) else st.floats()
    mean_q, mean_p = (np.array([data.draw(entry) for _ in range(size)]) for _ in range(2))
    tril_q, tril_p = matrix(on), matrix(st.floats(0.2, 3))
    drawn = {"mean_q": mean_q, "tril_q": tril_q, "mean_p": mean_p, "tril_p": tril_p}
    diagonal = np.diagonal(tril_q)
    if not (np.isfinite(diagonal) & (diagonal > 0)).all():
        refuses(elbo_ref.kl_mvn_tril, drawn, ["tril_q"])
        return
    if not (diagonal < 1e6).all() or not (diagonal > 1e-6).all():
        return
    covariances = [x @ x.T for x in (tril_q, tril_p)]
    exact = [arb_mat([[arb(float(v)) for v in row] for row in x]) for x in (tril_q, tril_p)]
    squares = [x * x.transpose() for x in exact]
    symmetric = [arb_mat([[arb(float(v)) for v in row] for row in x]) for x in covariances]

    def kl(cov_q: arb_mat, cov_p: arb_mat) -> arb:
        inverse, shift = (
            cov_p.inv(),
            arb_mat([[arb(float(v)) - arb(float(w))] for v, w in zip(mean_q, mean_p, strict=True)]),
        )
        square = (shift.transpose() * inverse * shift)[0, 0]
        return ((inverse * cov_q).trace() - size + square + (cov_p.det() / cov_q.det()).log()) / 2

    cond = np.linalg.cond(tril_p)
    right(float(elbo_ref.kl_mvn_tril(*drawn.values())), (kl(*squares),) * 2, "float64", 64 * cond)
    cond = max(np.linalg.cond(x) for x in covariances)
    if cond < 1e12:
        got = float(elbo_ref.kl_mvn(mean_q, covariances[0], mean_p, covariances[1]))
        right(got, (kl(*symmetric),) * 2, "float64", 64 * cond)
        half = size * (1 + (2 * arb.pi()).log()) / 2
        entropy = terms(half, symmetric[0].det().log() / 2)
        right(float(elbo_ref.entropy_mvn(covariances[0])), (entropy[0], entropy[1] + 1), "float64", 64 * cond)


# Estimators, losses, surgery


LOG_WEIGHTS = st.lists(st.floats(-700, 700) | st.just(-np.inf) | st.floats(), min_size=1, max_size=5)


@fuzz(150)
@given(LOG_WEIGHTS)
def test_iwae_bound(weights: list[float]) -> None:
    x = np.array(weights)
    if not (x < np.inf).all():
        refuses(elbo_ref.iwae_bound, {"log_weights": x}, ["log_weights"])
        return
    got = float(elbo_ref.iwae_bound(x))
    if x.max() == -np.inf:
        assert got == -np.inf
        return
    largest = arb(float(x.max()))
    total = sum(((arb(float(v)) - largest).exp() for v in x if v > -np.inf), arb(0))
    right(got, terms(largest, total.log(), -arb(len(x)).log()), "float64")


@fuzz(100)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3) | st.floats(), st.floats(-1e3, 1e3)), min_size=1, max_size=6))
def test_monte_carlo_elbo(samples: list[tuple[float, float]]) -> None:
    log_joint, log_q = np.array(samples).T
    drawn = {"log_joint": log_joint, "log_q": log_q}
    if len(samples) < 2 or not (log_joint < np.inf).all():
        refuses(elbo_ref.monte_carlo_elbo, drawn, ["log_joint"])
        return
    with np.errstate(all="ignore"):
        got = elbo_ref.monte_carlo_elbo(log_joint, log_q)
    if np.isinf(log_joint).any():
        assert got.value == -np.inf and np.isnan(got.standard_error)
        return
    ratios = [arb(float(x)) - arb(float(y)) for x, y in samples]
    count = len(ratios)
    mean, sizes = terms(*(x / count for x in ratios))
    right(float(got.value), (mean, sizes), "float64")
    if float(sizes) < 1e150:
        variance = sum(((x - mean) * (x - mean) for x in ratios), arb(0)) / (count - 1) / count
        error = variance.sqrt() if variance > 0 else arb(0)
        right(float(got.standard_error), (error, error + sizes), "float64")


@fuzz(60)
@given(st.data())
def test_losses(data: st.DataObject) -> None:
    domains = {"x": "bit", "logits_x": "logit"}, {"mean": "moderate", "logvar": "moderate"}
    shapes = (2, data.draw(st.integers(1, 3))), (2, data.draw(st.integers(1, 2)))
    image, code = (data.draw(arguments(d, shape, "float64")) for d, shape in zip(domains, shapes, strict=True))
    drawn = image | code
    reduction = data.draw(st.sampled_from(["none", "sum", "mean"]))
    if bad := outside(domains[0] | domains[1], drawn):
        refuses(elbo_ref.negative_elbo_bernoulli, drawn, bad, reduction=reduction)
        return
    with np.errstate(all="ignore"):
        got = elbo_ref.negative_elbo_bernoulli(*drawn.values(), reduction=reduction)
    each = []
    for n in range(2):
        x, logits, mean, logvar = (_families.balls(value[n]) for value in drawn.values())
        kl = _families.kl_standard_row(mean, logvar)
        likelihood = sum(map(bernoulli_log_likelihood, x, logits), arb(0))
        each.append(terms(kl, -likelihood))
    if reduction == "none":
        for value, exact in zip(got, each, strict=True):
            right(float(value), exact, "float64")
    else:
        value, size = plus(*each)
        share = 2 if reduction == "mean" else 1
        if float(size) < 1e307:  # the sum itself may leave the range where the mean does not
            right(float(got), (value / share, size / share), "float64")


@fuzz(40)
@given(st.data())
def test_surgery(data: st.DataObject) -> None:
    """log q(z) of the aggregate, and that the parts of the surgery add up, sample by sample."""
    n, d = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 2))
    domains = {"mean": "moderate", "std": "moderate positive", "noise": "moderate"}
    domains["noise"] = "bit"
    drawn = data.draw(arguments(domains, (n, d), "float64"))
    drawn["noise"] = drawn["noise"] * 1.5 - 0.5
    bad = [name for name in drawn if not np.isfinite(drawn[name]).all()]
    bad += ["std"] if (drawn["std"] <= 0).any() else []
    if bad or n < 2:
        refuses(elbo_ref.elbo_surgery, drawn, bad or ["noise"])
        return
    with np.errstate(all="ignore"):
        mean, std, noise = drawn.values()
        z = mean + std * noise
        farthest = max(np.abs(mean).max(), np.abs(z).max()) / std.min()
    if not farthest < 1e100:
        return
    log_q = elbo_ref.aggregate_log_density(z, mean, std)
    for i in range(n):
        densities = []
        for k in range(n):
            exponent, norm = arb(0), arb(1)
            for j in range(d):
                residual, width = arb(float(z[i, j])) - arb(float(mean[k, j])), arb(float(std[k, j]))
                exponent -= residual * residual / (2 * width * width)
                norm *= width * (2 * arb.pi()).sqrt()
            densities.append(exponent.exp() / norm)
        exact = (sum(densities, arb(0)) / n).log()
        assert abs(float(arb(float(log_q[i])) - exact)) <= 1e-9 + 64 * 2.0**-52 * abs(float(exact))
    parts = elbo_ref.elbo_surgery(mean, std, noise)
    total = parts.marginal_kl.value + parts.mutual_information.value
    assert abs(total - parts.sampled_kl.value) <= parts.log_q_error + 1e-9 * (1 + abs(total))


# Types and shapes

GOOD: dict[str, dict[str, Any]] = {
    **{name: dict.fromkeys(domains, np.array([0.5])) for name, (domains, _) in {**ELEMENTWISE, **ROWS}.items()},
    **{name: dict.fromkeys(names, np.full((2,) * axes, 0.5**axes)) for name, (names, axes, _) in TABLES.items()},
    "bernoulli_log_likelihood_logits": {"x": np.array([1.0]), "logits_x": np.array([0.5])},
    "kl_categorical_logits": {"logits_q": np.array([0.0, 1.0]), "logits_p": np.array([0.5, 1.0])},
    "kl_mvn_tril": {"mean_q": np.zeros(2), "tril_q": np.eye(2), "mean_p": np.ones(2), "tril_p": np.eye(2)},
    "kl_mvn": {"mean_q": np.zeros(2), "cov_q": np.eye(2), "mean_p": np.ones(2), "cov_p": np.eye(2)},
    "entropy_mvn": {"cov": np.eye(2)},
    "iwae_bound": {"log_weights": np.zeros(3)},
    "monte_carlo_elbo": {"log_joint": np.zeros(3), "log_q": np.ones(3)},
    "score_function_gradient": {"value": np.zeros(3), "score": np.ones(3)},
    "reparameterized_gradient": {"gradient": np.zeros(3), "noise": np.ones(3)},
    "doubly_reparameterized_gradient": {"log_weights": np.zeros(3), "gradient": np.zeros(3), "noise": np.ones(3)},
    "elbo_surgery": {"mean": np.zeros((2, 1)), "std": np.ones((2, 1)), "noise": np.ones((2, 1))},
    "total_correlation": {"mean": np.zeros((2, 1)), "std": np.ones((2, 1)), "noise": np.ones((2, 1))},
    "aggregate_log_density": {"z": np.zeros((2, 1)), "mean": np.zeros((2, 1)), "std": np.ones((2, 1))},
}
BROKEN: list[Any] = [None, "0.5", [0.5], {}, True, 1j, np.array(["0.5"]), np.array([None])]


@fuzz(400)
@given(st.data())
def test_anything_else_is_refused_by_name(data: st.DataObject) -> None:
    """One argument of a good call is spoiled: its type, its dtype, its shape or one of its numbers."""
    name = data.draw(st.sampled_from(sorted(GOOD)))
    function, call = getattr(elbo_ref, name), dict(GOOD[name])
    spoiled = data.draw(st.sampled_from(list(call)))
    good = call[spoiled]
    ways = [*BROKEN, good.astype(np.int64), good.astype(complex), good.astype(np.longdouble)]
    ways += [good * np.nan, good.astype(np.float32) if len(call) > 1 else good * np.nan]
    call[spoiled] = data.draw(st.sampled_from(ways))
    refuses(function, call, list(call) if np.asarray(call[spoiled]).dtype == np.float32 else [spoiled])
