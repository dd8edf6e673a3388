"""The last digits: seeded hard inputs against ball arithmetic, in units of the last place (ulp).

`benchmarks/accuracy.py` does the same with a million points a family and prints what others get.
"""

import functools
from collections.abc import Callable
from typing import Any

import flint
import numpy as np
import pytest
from flint import arb, arb_mat

import elbo_ref
from elbo_ref._core.special import phi_to_single, psi_to_single
from tests.elbo_ref import _families
from tests.elbo_ref._families import FAMILIES, Columns, Family

BOUNDS = {"kl_normal": 4, "kl_diag_normal": 4, "kl_standard_normal": 3}  # float64; 8 for discrete laws


def bound(family: Family) -> float:
    return BOUNDS.get(family.name.split(",")[0], 8)


def seeded(family: Family) -> np.random.Generator:
    return np.random.default_rng(list(family.name.encode()))


@functools.cache
def points(name: str) -> tuple[Columns, list[arb]]:
    family = FAMILIES[name]
    size = np.size(family.sample(seeded(family), 1)[0])
    columns = family.sample(seeded(family), 10 if size == 1000 else 1000 // min(size, 10))
    return columns, list(family.exact_values(columns))


def worst(got: np.ndarray, exact: list[arb], spacing: Callable[[float], float] = np.spacing) -> float:
    return max(_families.ulps(value, want, spacing) for value, want in zip(got, exact, strict=True))


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_float64(name: str, library: str) -> None:
    family = FAMILIES[name]
    columns, exact = points(name)
    if library == "torch":
        torch = pytest.importorskip("torch")
        got = family.function(*map(torch.tensor, columns)).numpy()
    else:
        got = family.function(*columns)
    assert (got >= 0).all()
    assert worst(got.reshape(-1), exact) <= bound(family)


@pytest.mark.parametrize(("kind", "tight"), [("near equal", 0.75), ("equal means", 0.75), ("large means", 1.0)])
def test_pairs_carry_what_rounding_loses(kind: str, tight: float) -> None:
    """Far below the promise: without the lower halves of t and d these families reach 2 ulp."""
    columns, exact = points(f"kl_normal, {kind}")
    assert worst(elbo_ref.kl_normal(*columns), exact) <= tight


@pytest.mark.parametrize("power", [1000, 500, -500, -1000])
@pytest.mark.parametrize("kind", ["moderate", "near equal", "large means"])
def test_the_unit_of_length_changes_no_digit(kind: str, power: int) -> None:
    columns, _ = points(f"kl_normal, {kind}")
    in_other_units = elbo_ref.kl_normal(*(c * 2.0**power for c in columns))
    np.testing.assert_array_equal(in_other_units, elbo_ref.kl_normal(*columns))


@pytest.mark.parametrize("name", [name for name in FAMILIES if name.startswith("kl_normal")])
def test_python_floats(name: str) -> None:
    columns, exact = points(name)
    got = [elbo_ref.kl_normal(*map(float, row)) for row in zip(*columns, strict=True)]
    assert min(got) >= 0
    assert worst(np.array(got), exact) <= 4


NARROW = (
    "kl_normal, moderate",
    "kl_standard_normal, ordinary",
    "kl_bernoulli, ordinary",
    "kl_bernoulli_logits, near equal",
)


def bfloat16_spacing(x: float) -> float:
    """The distance between bfloat16 numbers, 2^16 times that of float32."""
    return float(np.spacing(np.float32(x))) * 2.0**16


@pytest.mark.parametrize("dtype_name", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", NARROW)
def test_narrow_dtypes_are_rounded_once(name: str, dtype_name: str) -> None:
    torch = pytest.importorskip("torch")
    family = FAMILIES[name]
    dtype = getattr(torch, dtype_name)
    columns = [torch.tensor(c).to(dtype) for c in family.sample(seeded(family), 500)]
    wide = [c.double().numpy() for c in columns]
    usable = np.isfinite(wide).all(axis=0) & (wide[0] != 0)
    if name.startswith("kl_normal"):
        usable &= (wide[1] > 0) & (wide[3] > 0)
    columns = [c[torch.tensor(usable)] for c in columns]
    exact = list(family.exact_values(tuple(w[usable] for w in wide)))
    got = family.function(*columns).double().numpy()

    limits = torch.finfo(dtype)
    spacing = bfloat16_spacing if dtype_name == "bfloat16" else lambda x: np.spacing(np.dtype(dtype_name).type(x))
    for value, want in zip(got, exact, strict=True):
        if limits.tiny <= abs(float(want)) <= limits.max:
            assert _families.ulps(value, want, spacing) <= 0.51
        elif float(want) > 2 * limits.max:
            assert value == np.inf
    assert usable.sum() > 300


def test_large_arrays_are_worked_on_in_blocks(rng: np.random.Generator) -> None:
    """The same values as in rows of their own, also for arguments that broadcast."""
    mean_q, std_q = rng.normal(size=(3000, 64)), np.exp(rng.normal(size=(3000, 64)))
    arguments = mean_q, std_q, mean_q[:1], 2.0
    by_rows = np.stack([elbo_ref.kl_normal(mean_q[n], std_q[n], mean_q[0], 2.0) for n in range(3000)])
    np.testing.assert_array_equal(elbo_ref.kl_normal(*arguments), by_rows)
    np.testing.assert_allclose(elbo_ref.kl_diag_normal(*arguments), by_rows.sum(-1), rtol=1e-14)
    narrow = [x.astype(np.float32) for x in (mean_q, std_q, mean_q[:1])]
    np.testing.assert_allclose(elbo_ref.kl_diag_normal(*narrow, 2.0), by_rows.sum(-1), rtol=1e-5)


def test_gradients_of_float32_are_rounded_once() -> None:
    torch = pytest.importorskip("torch")
    family = FAMILIES["kl_normal, near equal"]
    columns = [torch.tensor(c, dtype=torch.float32) for c in family.sample(seeded(family), 500)]
    gradients = torch.autograd.grad(family.function(*(c.requires_grad_() for c in columns)).sum(), columns)
    rows = list(zip(*(c.detach().double().numpy() for c in columns), strict=True))
    for i, gradient in enumerate(gradients):
        exact = [_families.sharp(lambda *a, i=i: normal_gradient(*a)[i], *row) for row in rows]
        assert worst(gradient.double().numpy(), exact, lambda x: np.spacing(np.float32(x))) <= 0.51


# Zero, infinity and the smallest numbers

TINY = 5e-324
TABLE = [
    (elbo_ref.kl_bernoulli, 0.0, 0.5, np.log(2)),
    (elbo_ref.kl_bernoulli, 1.0, 0.5, np.log(2)),
    (elbo_ref.kl_bernoulli, 0.5, 0.0, np.inf),
    (elbo_ref.kl_bernoulli, 0.5, 1.0, np.inf),
    (elbo_ref.kl_bernoulli, 0.0, 1.0, np.inf),
    (elbo_ref.kl_bernoulli, 0.0, 0.0, 0.0),
    (elbo_ref.kl_bernoulli, 1.0, 1.0, 0.0),
    (elbo_ref.kl_bernoulli, 0.0, TINY, TINY),
    (elbo_ref.kl_bernoulli, TINY, TINY, 0.0),
    (elbo_ref.kl_bernoulli, 0.5, 1e-310, 155 * np.log(10) - np.log(2)),
    # p / q is no multiple of the smallest float
    (
        elbo_ref.kl_bernoulli,
        0.3,
        607 * TINY,
        0.3 * np.log(0.3 / 607 * 2.0**1000) + 22.2 * np.log(2) + 0.7 * np.log(0.7),
    ),
    (elbo_ref.kl_bernoulli, 1e-10, 1e-20, 1e-10 * (10 * np.log(10) - 1) + 1.5e-20),
    (elbo_ref.kl_categorical, [0.0, 1.0], [0.5, 0.5], np.log(2)),
    (elbo_ref.kl_categorical, [0.5, 0.5], [0.0, 1.0], np.inf),
    (elbo_ref.kl_categorical, [0.0, 1.0], [0.0, 1.0], 0.0),
    (elbo_ref.kl_categorical, [0.0, 0.5, 0.5], [0.0, 0.25, 0.75], -np.log(0.75) / 2),
    (elbo_ref.kl_categorical_logits, [-np.inf, 0.0], [0.0, 0.0], np.log(2)),
    (elbo_ref.kl_categorical_logits, [0.0, 0.0], [-np.inf, 0.0], np.inf),
    (elbo_ref.kl_categorical_logits, [-np.inf, 3.0], [-np.inf, -5.0], 0.0),
    (elbo_ref.kl_categorical_logits, [1e300, 0.0], [0.0, 0.0], np.log(2)),
    (elbo_ref.kl_categorical_logits, [0.0, 0.0], [1e300, -1e300], 1e300),
    (elbo_ref.kl_bernoulli_logits, 1e308, 1e308, 0.0),
    (elbo_ref.kl_bernoulli_logits, -1e308, 1e308, 1e308),
    (elbo_ref.jensen_shannon, [0.0, 1.0], [1.0, 0.0], np.log(2)),
    (elbo_ref.entropy, [0.0, 1.0], None, 0.0),
    (elbo_ref.cross_entropy, [0.5, 0.5], [0.0, 1.0], np.inf),
    (elbo_ref.mutual_information, [[0.5, 0.0], [0.0, 0.5]], None, np.log(2)),
    (elbo_ref.mutual_information, [[0.5, 0.5], [0.0, 0.0]], None, 0.0),
    (elbo_ref.conditional_entropy, [[0.5, 0.0], [0.0, 0.5]], None, 0.0),
    (elbo_ref.kl_conditional, [[0.5, 0.5], [0.0, 0.0]], [[0.25, 0.25], [0.25, 0.25]], 0.0),
    (elbo_ref.kl_conditional, [[0.5, 0.5], [0.0, 0.0]], [[0.0, 0.0], [0.5, 0.5]], np.inf),
    (elbo_ref.kl_conditional, [[0.0, 1.0], [0.0, 0.0]], [[0.25, 0.25], [0.5, 0.0]], np.log(2)),
    (elbo_ref.kl_conditional, [[0.0, 0.0], [0.5, 0.5]], [[1.0, 0.0], [1e-300, 3e-300]], np.log(4 / 3) / 2),
    (elbo_ref.kl_conditional, [[0.0, 0.0], [0.5, 0.5]], [[1.0, 0.0], [1e-40, 3e-40]], np.log(4 / 3) / 2),
    (elbo_ref.kl_conditional, [[0.0, 0.0], [0.5, 0.5]], [[1.0, 0.0], [TINY, 2 * TINY]], np.log(9 / 8) / 2),
    (elbo_ref.kl_conditional, [[2e-308, 2e-308], [0.5, 0.5]], [[1e-308, 3e-308], [0.5, 0.5]], 2e-308 * np.log(4 / 3)),
]


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize(("function", "q", "p", "want"), TABLE)
def test_table_of_limits(library: str, function: Callable[..., Any], q: Any, p: Any, want: float) -> None:
    arguments = [np.array(x) for x in (q, p) if x is not None]
    if library == "torch":
        arguments = [pytest.importorskip("torch").tensor(x) for x in arguments]
    np.testing.assert_allclose(float(function(*arguments)), want, rtol=1e-12)
    batch = function(*(x[None] for x in arguments))
    np.testing.assert_allclose(batch, np.array([want]), rtol=1e-12)


@pytest.mark.parametrize("name", [name for name in FAMILIES if name.startswith("kl")])
def test_zero_for_a_law_and_itself(name: str) -> None:
    columns, _ = points(name)
    half = len(columns) // 2
    if "standard" in name:
        assert elbo_ref.kl_standard_normal(0.0 * columns[0], 0.0 * columns[0]).max() == 0
        return
    assert (FAMILIES[name].function(*columns[half:], *columns[half:]) == 0).all()


# Gradients


def normal_gradient(mean_q: arb, std_q: arb, mean_p: arb, std_p: arb) -> list[arb]:
    r, d = std_q / std_p, (mean_q - mean_p) / std_p
    return [d / std_p, (r * r - 1) / std_q, -d / std_p, (1 - r * r - d * d) / std_p]


def standard_gradient(mean: arb, logvar: arb) -> list[arb]:
    return [mean, logvar.expm1() / 2]


GRADIENTS = {name: normal_gradient for name in FAMILIES if name.startswith("kl_normal")} | {
    name: standard_gradient for name in FAMILIES if name.startswith("kl_standard_normal") and "D =" not in name
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_of_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    columns, _ = points(name)
    arguments = [torch.tensor(c, requires_grad=True) for c in columns]
    gradients = torch.autograd.grad(FAMILIES[name].function(*arguments).sum(), arguments)
    for i, gradient in enumerate(gradients):
        exact = [_families.sharp(lambda *a, i=i: GRADIENTS[name](*a)[i], *row) for row in zip(*columns, strict=True)]
        assert worst(gradient.numpy(), exact) <= 4
        signs = [float(x > 0) - float(x < 0) for x in exact]
        assert all(np.sign(g) == s for g, s in zip(gradient.numpy(), signs, strict=True) if abs(g) > 0 or s == 0)


@pytest.mark.parametrize("std_p", [2.7, 1.5])  # the difference over std_p is a float, or only that over its square is
def test_a_gradient_is_finite_where_the_difference_of_the_means_is_not(std_p: float) -> None:
    torch = pytest.importorskip("torch")
    law = [-1.6e308, 6.0e153, 1.2e308, std_p]
    arguments = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in law]
    gradients = torch.autograd.grad(elbo_ref.kl_normal(*arguments), arguments)
    for i, gradient in enumerate(gradients):
        exact = _families.sharp(lambda *a, i=i: normal_gradient(*a)[i], *law)
        assert worst(gradient.numpy()[None], [exact]) <= 4


def test_a_gradient_has_its_digits_where_the_means_are_subnormal() -> None:
    """The difference over std_p has few digits left, but a small std_p makes the gradient larger again."""
    torch = pytest.importorskip("torch")
    law = [1.3e-320, 0.02, -4e-321, 0.01]
    arguments = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in law]
    (gradient,) = torch.autograd.grad(elbo_ref.kl_normal(*arguments), arguments[:1])
    assert worst(gradient.numpy()[None], [_families.sharp(lambda *a: normal_gradient(*a)[0], *law)]) <= 4


def normal_curvature(mean_q: arb, std_q: arb, mean_p: arb, std_p: arb) -> list[arb]:
    """The rows of the Hessian, each from its diagonal on."""
    r, d, w = std_q / std_p, (mean_q - mean_p) / std_p, 1 / (std_p * std_p)
    none = arb(0)
    by_std_q, by_std_p = 1 / (std_q * std_q) + w, (3 * (r * r + d * d) - 1) * w
    return [w, none, -w, -2 * d * w, by_std_q, none, -2 * r * w, w, 2 * d * w, by_std_p]


# Not at extreme scales, where a step on the way to a derivative overflows although that does not.
MODERATE = [name for name in FAMILIES if name.startswith("kl_normal") and not name.endswith(("scale", "floats"))]
SECOND = [(dtype_name, name) for dtype_name in ("float64", "float32") for name in MODERATE]


@pytest.mark.parametrize(("dtype_name", "name"), SECOND)
def test_second_derivatives(dtype_name: str, name: str) -> None:
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, dtype_name)
    columns = [torch.tensor(c).to(dtype) for c in points(name)[0]]
    usable = (columns[1] > 0) & (columns[3] > 0) & torch.stack(columns).isfinite().all(0)
    arguments = [c[usable].requires_grad_() for c in columns]
    rows = list(zip(*(c.detach().double().numpy() for c in arguments), strict=True))
    gradients = torch.autograd.grad(FAMILIES[name].function(*arguments).sum(), arguments, create_graph=True)
    pairs = [(gradient, x) for i, gradient in enumerate(gradients) for x in arguments[i:]]
    spacing = np.spacing if dtype_name == "float64" else lambda x: np.spacing(np.float32(x))
    r, d, std_p = arguments[1] / arguments[3], (arguments[0] - arguments[2]) / arguments[3], arguments[3]
    terms = {6: 2 * (1 + r), 9: 3 * (r * r + d * d) + 1}  # of which what is asked for may be a small difference
    sizes = {i: (size / std_p / std_p).detach().double().numpy() for i, size in terms.items()}
    for i, (gradient, x) in enumerate(pairs):
        (second,) = torch.autograd.grad(gradient.sum(), x, retain_graph=True, materialize_grads=True)
        exact = [_families.sharp(lambda *a, i=i: normal_curvature(*a)[i], *row) for row in rows]
        found = second.double().numpy()
        for value, want, size in zip(found, exact, sizes.get(i, 0 * found), strict=True):
            if abs(float(want)) <= torch.finfo(dtype).max:
                lost = 4 * 2.0**-52 * size / spacing(abs(float(want)))
                assert _families.ulps(value, want, spacing) <= 8 + lost
            else:
                assert value == np.copysign(np.inf, float(want))
    assert usable.sum() > 50


TABLES = [name for name in FAMILIES if name.startswith(("kl_categorical, K = 10", "jensen", "mutual", "conditional"))]
TABLES += ["cross_entropy, K = 10", "entropy, nearly certain"]


@pytest.mark.parametrize("name", TABLES)
def test_gradients_of_tables_do_not_see_a_common_factor(name: str) -> None:
    """The functions divide a table by its sum, so the slope along the table itself is zero, in each argument."""
    torch = pytest.importorskip("torch")
    arguments = [torch.tensor(c, requires_grad=True) for c in points(name)[0]]
    gradients = torch.autograd.grad(FAMILIES[name].function(*arguments).sum(), arguments)
    for x, gradient in zip(arguments, gradients, strict=True):
        terms = torch.where(x == 0, 0.0, x * gradient).reshape(len(x), -1)
        assert (terms.sum(-1).abs() <= 64 * 2.0**-52 * 700).all()  # no logarithm here is larger


def bernoulli_gradient(q: arb, p: arb) -> list[arb]:
    return [(q / p).log() - ((1 - q) / (1 - p)).log(), (p - q) / p / (1 - p)]


def test_gradients_of_bernoulli_laws() -> None:
    """Near each other and far apart, on either side, almost certain and not."""
    torch = pytest.importorskip("torch")
    chances = [1e-300, 1e-10, 0.2, 0.5, 0.5 + 1e-12, 0.9, 1 - 1e-12]
    laws = [(q, p) for q in chances for p in chances]
    arguments = [torch.tensor(column, dtype=torch.float64, requires_grad=True) for column in zip(*laws, strict=True)]
    gradients = torch.autograd.grad(elbo_ref.kl_bernoulli(*arguments).sum(), arguments)
    for i, gradient in enumerate(gradients):
        exact = [_families.sharp(lambda *a, i=i: bernoulli_gradient(*a)[i], *law) for law in laws]
        assert worst(gradient.numpy(), exact) <= 4


@pytest.mark.parametrize("logit_q", [800.0, -800.0])
def test_the_gradient_in_the_logit_of_a_certain_outcome_is_zero(logit_q: float) -> None:
    torch = pytest.importorskip("torch")
    a, b = (torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in (logit_q, 1.0))
    by_q, by_p = torch.autograd.grad(elbo_ref.kl_bernoulli_logits(a, b), (a, b))
    assert by_q.item() == 0
    assert by_p.item() == pytest.approx(b.sigmoid().item() - (logit_q > 0), rel=1e-15)


def test_the_gradient_at_an_outcome_that_neither_law_has() -> None:
    torch = pytest.importorskip("torch")
    tables = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in ([0.5, 0.5, 0.0], [0.25, 0.75, 0.0])]
    for function in (elbo_ref.kl_categorical, elbo_ref.jensen_shannon):
        for gradient in torch.autograd.grad(function(*tables), tables):
            assert gradient[2] == 0
            assert (gradient[:2] != 0).all()


def test_the_gradient_of_mutual_information_at_an_empty_row() -> None:
    """Its entries have no derivative there, since it matters how the row is filled; 0 stands for that, not NaN."""
    torch = pytest.importorskip("torch")
    joint = torch.tensor([[0.25, 0.75], [0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(elbo_ref.mutual_information(joint), joint)
    assert (gradient == 0).all()


def test_a_gradient_keeps_digits_that_its_standardized_difference_has_lost() -> None:
    torch = pytest.importorskip("torch")
    law = [1.2345e-311, 0.4, 0.0, 0.0137]  # (mean_q - mean_p) / std_p is below the normal floats
    arguments = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in law]
    (gradient,) = torch.autograd.grad(elbo_ref.kl_normal(*arguments), arguments[:1])
    exact = _families.sharp(lambda *a: normal_gradient(*a)[0], *law)
    assert worst(gradient.numpy()[None], [exact]) <= 4


def test_the_gradient_in_the_logits_of_p_where_q_has_no_mass() -> None:
    """p - q, here with one outcome that q never has and one that it almost never has."""
    torch = pytest.importorskip("torch")
    a = torch.tensor([0.0, -np.inf, -50.0], dtype=torch.float64)
    b = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(elbo_ref.kl_categorical_logits(a, b), b)
    torch.testing.assert_close(gradient, (b.softmax(-1) - a.softmax(-1)).detach(), rtol=1e-15, atol=0)


# Full covariance


def laws(rng: np.random.Generator, size: int, closeness: float, log_cond: float) -> Columns:
    """Two Cholesky factors whose relative difference is `closeness`, the second with a condition number near 10^log_cond."""
    scales = 10.0 ** np.linspace(0, -log_cond, size)
    tril_p = np.tril(rng.normal(size=(size, size)), -1) * scales / 2 + np.diag(scales)
    change = np.tril(rng.normal(size=(size, size)))
    tril_q = tril_p @ (np.eye(size) + closeness * change)
    tril_q[np.diag_indices(size)] = np.abs(np.diagonal(tril_q))
    mean_p = rng.normal(size=size)
    return mean_p + closeness * tril_p @ rng.normal(size=size), tril_q, mean_p, tril_p


def matrix(x: np.ndarray) -> arb_mat:
    return arb_mat([[arb(float(entry)) for entry in row] for row in x])


def exact_mvn(mean_q: np.ndarray, cov_q: arb_mat, mean_p: np.ndarray, cov_p: arb_mat) -> arb:
    size = len(mean_q)
    shift = arb_mat([[arb(float(a)) - arb(float(b))] for a, b in zip(mean_q, mean_p, strict=True)])
    inverse = cov_p.inv()
    trace = (inverse * cov_q).trace()
    square = (shift.transpose() * inverse * shift)[0, 0]
    return (trace - size + square + (cov_p.det() / cov_q.det()).log()) / 2


@pytest.mark.parametrize("closeness", [1.0, 1e-4, 1e-8, 1e-12])
@pytest.mark.parametrize("log_cond", [0, 3, 6])
def test_full_covariance(closeness: float, log_cond: int) -> None:
    """Relative error at most 64 eps cond, however close the laws are. The determinant of cov_q asks for its condition too."""
    with flint.ctx.workprec(1000):
        for seed, size in ((7, 2), (107, 10), (207, 5), (307, 10)):
            mean_q, tril_q, mean_p, tril_p = laws(np.random.default_rng(seed), size, closeness, log_cond)
            factors = [matrix(x) for x in (tril_q, tril_p)]
            want = float(
                exact_mvn(mean_q, factors[0] * factors[0].transpose(), mean_p, factors[1] * factors[1].transpose())
            )
            got = elbo_ref.kl_mvn_tril(mean_q, tril_q, mean_p, tril_p)
            assert got >= 0
            assert abs(got - want) <= 64 * 2.0**-52 * np.linalg.cond(tril_p) * want

            covariances = tril_q @ tril_q.T, tril_p @ tril_p.T
            want = float(exact_mvn(mean_q, matrix(covariances[0]), mean_p, matrix(covariances[1])))
            got = elbo_ref.kl_mvn(mean_q, covariances[0], mean_p, covariances[1])
            assert got >= 0
            assert abs(got - want) <= 64 * 2.0**-52 * max(map(np.linalg.cond, covariances)) * want


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_the_short_way_at_its_seams(library: str) -> None:
    """exp(x) - 1 - x and t - log(1 + t) in float64 for results in float32: to 2^-31 they would show in 0.51 ulp of these."""
    xp: Any = np if library == "numpy" else pytest.importorskip("torch")
    seams = [2.0**-16, 2.0**-13, 1e-3]
    x = [sign * seam * near for seam in seams for near in (0.3, 0.9999, 1.0001, 3.0) for sign in (-1, 1)]
    at = xp.asarray(x, dtype=xp.float64)
    got = psi_to_single(xp, at), phi_to_single(xp, at, 1 + at)
    with flint.ctx.workprec(200):
        want = [arb(y).expm1() - arb(y) for y in x], [arb(y) - (1 + arb(y)).log() for y in x]
    for values, exact in zip(got, want, strict=True):
        np.testing.assert_allclose(np.asarray(values), [float(y) for y in exact], rtol=2.0**-31, atol=0)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about its own compiler
@pytest.mark.parametrize("name", ["kl_standard_normal", "kl_diag_normal"])
@pytest.mark.parametrize("spread", [1.0, 1e-2, 1e-5, 1e-9])
def test_rows_of_float32_by_the_short_way(name: str, spread: float, rng: np.random.Generator) -> None:
    """At most 0.51 ulp whatever cancels; compiled, 3 ulp for a term, and 4 with its sum; the same function in float64 is the yardstick."""
    torch = pytest.importorskip("torch")
    arrays = [torch.tensor(spread * rng.normal(size=(300, 7))) for _ in range(2)]
    if name == "kl_diag_normal":
        arrays = [arrays[0], arrays[1].exp(), 0 * arrays[0], torch.ones_like(arrays[1])]
    arrays = [x.float() for x in arrays]
    function = getattr(elbo_ref, name)
    want = function(*(x.double() for x in arrays)).numpy()
    for got, ulps in ((function(*arrays), 0.51), (torch.compile(function)(*arrays), 4)):
        assert (np.abs(got.double().numpy() - want) <= ulps * np.spacing(want.astype(np.float32)) + 1e-45).all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about its own compiler
@pytest.mark.parametrize("dtype_name", ["float64", "float32"])
def test_compiled_code_keeps_every_digit(dtype_name: str, rng: np.random.Generator) -> None:
    """Compilers like to rewrite sums; then two_sum would return 0, and values near equality would be rounding noise.

    They make expm1(x) into exp(x) - 1 as well. One compilation serves all of it: both inputs have the same shape.
    """
    torch = pytest.importorskip("torch")
    torch.compiler.reset()
    dtype = getattr(torch, dtype_name)
    compiled = torch.compile(elbo_ref.kl_standard_normal, fullgraph=True)

    def value_and_gradients(function: Callable[..., Any], *arrays: Any) -> list[Any]:
        points = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in arrays]
        value = function(*points)
        return [value, *torch.autograd.grad(value.sum(), points)]

    near = rng.normal(size=(2, 200, 3)) * 1e-3
    for got, want in zip(
        value_and_gradients(compiled, *near), value_and_gradients(elbo_ref.kl_standard_normal, *near), strict=True
    ):
        torch.testing.assert_close(got, want, rtol=2 * torch.finfo(dtype).eps, atol=0)

    sizes = 10.0 ** np.linspace(-30, 1.9, 300)
    logvar = np.concatenate([sizes, -sizes]).reshape(200, 3)
    gradient = value_and_gradients(compiled, np.zeros_like(logvar), logvar)[2].double().numpy().reshape(-1)
    exact = [arb(float(y)).expm1() / 2 for y in torch.tensor(logvar, dtype=dtype).double().reshape(-1)]
    spacing = np.spacing if dtype_name == "float64" else lambda y: np.spacing(np.float32(y))
    assert worst(gradient, exact, spacing) <= 4
