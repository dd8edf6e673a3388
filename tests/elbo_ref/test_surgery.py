"""Surgery: exact identities of rational tables, Gaussians against quadrature and against the plain double loop."""

import math
import tracemalloc
from fractions import Fraction

import array_api_compat.torch
import numpy as np
import pytest
import torch
from scipy.integrate import quad

from elbo_ref import _aggregate, surgery
from elbo_ref._core import threads

NO_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
BACKENDS = [
    pytest.param(np.asarray, id="numpy"),
    pytest.param(torch.as_tensor, id="torch"),
    pytest.param(lambda x: torch.as_tensor(x, device="cuda"), id="cuda", marks=NO_CUDA),
]
EPS = float(np.finfo(np.float64).eps)


def to_numpy(x):
    return np.asarray(x.cpu() if isinstance(x, torch.Tensor) else x, dtype=np.float64)


# Tables


def exact_parts(q_n, q_z_given_n, p_z, p_n):
    """Every part from its definition: probabilities as fractions, logarithms only at the end."""

    def log_sum(terms):
        return math.fsum(float(w) * (math.log(a) - math.log(b)) for w, a, b in terms if w)

    rows, columns = range(len(q_n)), range(len(p_z))
    joint = {(n, z): q_n[n] * q_z_given_n[n][z] for n in rows for z in columns}
    q_z = [sum(joint[n, z] for n in rows) for z in columns]
    return surgery.TableSurgery(
        average_kl=log_sum((joint[n, z], q_z_given_n[n][z], p_z[z]) for n, z in joint),
        marginal_kl=log_sum((q_z[z], q_z[z], p_z[z]) for z in columns),
        mutual_information=log_sum((joint[n, z], joint[n, z], q_n[n] * q_z[z]) for n, z in joint),
        index_entropy=log_sum((q_n[n], 1, q_n[n]) for n in rows),
        conditional_entropy=log_sum((joint[n, z], q_z[z], joint[n, z]) for n, z in joint),
        index_kl=log_sum((q_n[n], q_n[n], p_n[n]) for n in rows),
        joint_kl=log_sum((joint[n, z], joint[n, z], p_n[n] * p_z[z]) for n, z in joint),
    )


def simplex(rng, size, denominator=60, zeros=True):
    cuts = np.sort(rng.integers(0, denominator + 1, size - 1)) if zeros else np.arange(1, size) * 3 + rng.integers(0, 2)
    parts = np.diff(np.concatenate([[0], cuts, [denominator]]))
    return [Fraction(int(x), denominator) for x in parts]


@pytest.mark.parametrize("back", BACKENDS)
@pytest.mark.parametrize("seed", range(12))
def test_table_parts_are_those_of_the_definition(back, seed):
    rng = np.random.default_rng(seed)
    n, z = int(rng.integers(1, 6)), int(rng.integers(2, 6))
    q_n, p_n, p_z = simplex(rng, n), simplex(rng, n, zeros=False), simplex(rng, z, zeros=False)
    q_z_given_n = [simplex(rng, z) for _ in range(n)]
    exact = exact_parts(q_n, q_z_given_n, p_z, p_n)
    found = surgery.elbo_surgery_table(
        *(back(np.array(x, dtype=float)) for x in (q_n, q_z_given_n, p_z)), p_n=back(np.array(p_n, dtype=float))
    )
    for name, x, y in zip(exact._fields, found, exact, strict=True):
        assert abs(float(x) - y) <= 32 * EPS, name
    assert abs(float(found.average_kl - found.marginal_kl - found.mutual_information)) <= 32 * EPS
    assert abs(float(found.index_entropy - found.conditional_entropy - found.mutual_information)) <= 32 * EPS
    assert 0 <= float(found.mutual_information) <= float(found.index_entropy) + 8 * EPS <= math.log(n) + 16 * EPS


def test_table_bounds_are_attained():
    """Distinct codes carry log N, equal codes nothing; with powers of two every part is a multiple of log 2."""
    uniform = np.full(4, 0.25)
    distinct = surgery.elbo_surgery_table(uniform, np.eye(4), uniform)
    assert float(distinct.mutual_information) == float(distinct.average_kl) == math.log(4)
    assert float(distinct.conditional_entropy) == float(distinct.marginal_kl) == 0
    equal = surgery.elbo_surgery_table(uniform, np.tile([0.5, 0.5, 0, 0], (4, 1)), uniform)
    assert float(equal.mutual_information) == 0
    assert float(equal.marginal_kl) == float(equal.average_kl) == math.log(2)


def test_table_batches_equal_loops():
    rng = np.random.default_rng(3)
    q_n, q_z_given_n, p_z = (rng.dirichlet(np.ones(k), size=s) for k, s in ((3, (5,)), (4, (5, 3)), (4, (5,))))
    together = surgery.elbo_surgery_table(q_n, q_z_given_n, p_z)
    for i in range(5):
        alone = surgery.elbo_surgery_table(q_n[i], q_z_given_n[i], p_z[i])
        assert np.allclose([float(x[i]) for x in together], [float(x) for x in alone], rtol=0, atol=4 * EPS)


def test_table_without_mass_is_infinite_only_where_it_counts():
    found = surgery.elbo_surgery_table(np.array([1.0, 0.0]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1.0, 0.0]))
    assert float(found.average_kl) == 0
    found = surgery.elbo_surgery_table(np.array([0.5, 0.5]), np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([1.0, 0.0]))
    assert float(found.average_kl) == float(found.marginal_kl) == math.inf
    assert float(found.mutual_information) == pytest.approx(math.log(2), rel=4 * EPS)


def test_table_gradient():
    def parts(a, b, c):
        return surgery.elbo_surgery_table(a.softmax(-1), b.softmax(-1), c.softmax(-1))[:5]

    torch.manual_seed(0)
    logits = [torch.randn(s, dtype=torch.float64, requires_grad=True) for s in ((3,), (3, 4), (4,))]
    assert torch.autograd.gradcheck(parts, logits)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0.5, 0.6], [[1.0], [1.0]], [1.0]), "the sum of q_n over its last axis must be 1"),
        (([0.5, 0.5], [[1.0], [0.5]], [1.0]), "q_z_given_n"),
        (([1.0], [[1.0], [1.0]], [1.0]), "q_n must have 2 entries, as q_z_given_n has rows, got 1"),
        (([0.5, 0.5], [[1.0], [1.0]], [0.5, 0.5]), "p_z"),
        (([1.0], [1.0], [1.0]), "q_z_given_n must have at least 2 axes"),
    ],
)
def test_table_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        surgery.elbo_surgery_table(*(np.array(x) for x in arguments))


# Gaussians


def plain_log_q(z, mean, std):
    """log q(z) by the definition, one sample after the other."""
    log_q = np.empty(len(z))
    for i, point in enumerate(z):
        log_density = -0.5 * (((point - mean) / std) ** 2 + math.log(2 * math.pi)).sum(1) - np.log(std).sum(1)
        largest = log_density.max()
        log_q[i] = largest + math.log(np.exp(log_density - largest).sum())
    return log_q - math.log(len(mean))


def population(seed, n, dimension, low, high, cluster=1, dtype=np.float64):
    """N encoders with log-uniform scales, in clusters that overlap."""
    rng = np.random.default_rng(seed)
    mean = np.repeat(rng.normal(size=(n // cluster, dimension)), cluster, axis=0)
    std = np.repeat(np.exp(rng.uniform(math.log(low), math.log(high), (n // cluster, dimension))), cluster, axis=0)
    mean = mean + std * rng.normal(size=mean.shape) * (cluster > 1)
    return tuple(x.astype(dtype) for x in (mean, std, rng.normal(size=mean.shape)))


HARD = [  # scales, cluster size
    pytest.param(0.05, 1.0, 1, id="ordinary"),
    pytest.param(0.9, 1.1, 1, id="wide"),
    pytest.param(1e-3, 1e-3, 1, id="narrow"),
    pytest.param(1e-3, 1.0, 1, id="narrow-and-wide"),
    pytest.param(1e-3, 1e-3, 40, id="narrow-in-clusters"),
    pytest.param(1e-6, 1e-6, 40, id="very-narrow-in-clusters"),
]


@pytest.fixture(params=["product", "loops"])
def way(request, monkeypatch):
    """The pairs by a product, or as they are written by the loops that large arrays of few dimensions go through."""
    if request.param == "loops":
        pytest.importorskip("numba")
        monkeypatch.setattr(_aggregate, "_MANY", 1)
        monkeypatch.setattr(_aggregate, "_FEW", 1000)
    return request.param


@pytest.mark.parametrize("back", BACKENDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dimension", [1, 3, 40])
@pytest.mark.parametrize(("low", "high", "cluster"), HARD)
@pytest.mark.usefixtures("way")
def test_log_q_is_within_the_tolerance_and_the_bound(back, dtype, dimension, low, high, cluster):
    mean, std, noise = population(dimension, 600, dimension, low, high, cluster, dtype)
    xp, *arguments = surgery.check(back(mean), back(std), back(noise), None)
    with np.errstate(over="ignore", invalid="ignore"):
        drawn = surgery._drawn(xp, *arguments, _aggregate.Machines())
    mean, std, noise = (x.astype(np.float64) for x in (mean, std, noise))
    some = slice(0, 600, 4)
    error = np.abs(to_numpy(drawn.log_q)[some] - plain_log_q((mean + std * noise)[some], mean, std))
    own_rounding = 64 * EPS * dimension  # of the plain loop, too
    assert error.max() <= float(drawn.error) + own_rounding
    assert float(drawn.error) <= {np.float32: 1e-5, np.float64: 1e-9}[dtype] * 1.01


@pytest.mark.parametrize("back", BACKENDS)
@pytest.mark.parametrize(("low", "high", "cluster"), HARD)
def test_density_at_points_of_no_encoder(back, low, high, cluster):
    mean, std, noise = population(5, 800, 3, low, high, cluster)
    rng = np.random.default_rng(6)
    points = np.concatenate([mean + 3 * std * noise, rng.normal(size=(100, 3)) * 5, mean[:5] + 300.0])[::7]
    found = to_numpy(surgery.aggregate_log_density(back(points), back(mean), back(std)))
    exact = plain_log_q(points, mean, std)
    assert np.all(np.abs(found - exact) <= 1e-9 + 64 * EPS * np.abs(exact))


def test_density_does_not_depend_on_where_the_origin_is():
    mean, std, noise = population(7, 500, 4, 0.01, 1.0)
    shift = 2.0**20  # exact in every coordinate only if the grid is coarse enough
    grid = 2.0**-20
    mean, z = (np.round(x / grid) * grid for x in (mean, mean + std * noise))
    here = surgery.aggregate_log_density(z, mean, std)
    there = surgery.aggregate_log_density(z + shift, mean + shift, std)
    assert np.abs(here - there).max() <= 2e-9


@pytest.mark.parametrize("dimension", [1, 3, 20, 128])
@pytest.mark.parametrize("level", [_aggregate.Level("float32", "float32"), _aggregate.FINEST], ids=lambda x: x.product)
@pytest.mark.parametrize("low", [1e-3, 0.05, 0.9])
def test_predicted_error_bounds_the_error_of_the_product(dimension, level, low):
    """Every pair within reach, against exact log densities: 80-bit or wider arithmetic for the difference form."""
    mean, std, noise = population(dimension, 200, dimension, low, 1.0, 20)
    encoders = _aggregate.encoders(np, mean, std, _aggregate.Machines())
    mean, std, noise = (x[to_numpy(encoders.order).astype(int)] for x in (mean, std, noise))
    z = mean + std * noise
    deviation = ((z.astype(np.longdouble) - mean) / std) ** 2
    own = encoders.log_norm - (deviation.sum(1) / 2).astype(float)
    left = _aggregate.rows_operand(encoders, z, own).astype(level.product)
    right = _aggregate.operand(encoders, 0, 200, own=True).astype(level.product)
    found = (left @ right.T).astype(np.float64) * math.log(2)
    reach, checked = 25.0, 0
    for m in range(200):
        square = (((z[m].astype(np.longdouble) - mean) / std) ** 2).sum(1)
        exact = (encoders.log_norm - square / 2 - own[m]).astype(float)
        near = exact > -reach
        bound = _aggregate.predicted_error(level, dimension, encoders.spread, reach, own[m])
        assert np.all(np.abs(found[m] - exact)[near] <= bound[near])
        checked += int(near.sum())
    assert checked >= 200


def test_each_mode_is_used_where_it_should_be(monkeypatch):
    used = []
    summed, refined = _aggregate._summed_rows, _aggregate.log_sum_refined
    monkeypatch.setattr(_aggregate, "_summed_rows", lambda *a: used.append(a[-1].product) or summed(*a))
    monkeypatch.setattr(_aggregate, "log_sum_refined", lambda *a: used.append("refined") or refined(*a))

    def modes(dtype, *args, **kwargs):
        used.clear()
        surgery.elbo_surgery(*population(0, 400, *args, dtype=dtype, **kwargs))
        return used.copy()

    assert modes(np.float32, 64, 0.05, 1.0) == ["float32"]  # own density alone
    assert modes(np.float32, 2, 0.05, 1.0) == ["float32", "float64"]
    assert modes(np.float64, 2, 0.05, 1.0) == ["float64"]
    assert modes(np.float64, 2, 1e-6, 1e-6, cluster=20) == ["float64", "refined"]


def test_loops_are_used_for_many_encoders_of_few_dimensions(monkeypatch):
    pytest.importorskip("numba")
    used = []
    summed = _aggregate._summed_rows
    monkeypatch.setattr(_aggregate, "_summed_rows", lambda *a: used.append(a[-1]) or summed(*a))

    def modes(n, dimension):
        used.clear()
        mean, std, _ = population(0, n, dimension, 0.05, 1.0)
        surgery.elbo_surgery(mean, std, mean[:300], index=np.arange(300))
        return {level is _aggregate.LOOPS for level in used}

    assert modes(_aggregate._MANY, _aggregate._FEW) == {True}
    assert modes(_aggregate._MANY - 1, _aggregate._FEW) == {False}
    assert modes(_aggregate._MANY, _aggregate._FEW + 1) == {False}


@pytest.mark.parametrize("samples", [2, 3, 5, 1030])
def test_loops_leave_out_the_own_encoder_alone(samples):
    """At every place of a row in a group, of an encoder in a block, and with none of its own (-1)."""
    pytest.importorskip("numba")
    from elbo_ref._core.loops import densities, numbers

    n, dimension = 1500, 3
    mean, std, _ = population(3, n, dimension, 0.2, 1.0)
    rng = np.random.default_rng(samples)
    own, skipped = rng.normal(size=samples), rng.integers(-1, n, samples)
    skipped[:2] = -1, n - 1
    z, log_norm = rng.normal(size=(samples, dimension)), -np.log(std).sum(1)
    found = densities.density_ratios(threads.python_team(), z, own, skipped, mean, std, log_norm)
    for i in range(0, samples, max(1, samples // 50)):
        others = np.arange(n) != skipped[i]
        exact = np.exp(log_norm - (((z[i] - mean) / std) ** 2).sum(1) / 2 - own[i])[others].sum()
        assert found[i] == pytest.approx(exact, rel=numbers.EXP_ERROR)


@pytest.mark.usefixtures("way")
def test_a_narrow_encoder_at_a_wide_mean_overflows_no_row():
    """Samples without noise: the narrow encoders at the same place are e^442 times as dense as the own one."""
    mean = np.zeros((6, 64))
    std = np.repeat([1.0, 1e-3], 3)[:, None] * np.ones(64)
    for dtype in (np.float32, np.float64):
        found = surgery.aggregate_log_density(mean.astype(dtype), mean.astype(dtype), std.astype(dtype))
        parts = surgery.elbo_surgery(mean.astype(dtype), std.astype(dtype), mean.astype(dtype))
        exact = plain_log_q(mean, mean, std.astype(dtype).astype(float))
        assert np.allclose(found, exact, rtol=np.finfo(dtype).eps, atol=0)
        assert float(parts.aggregate_entropy.value) == pytest.approx(-exact.mean(), rel=4 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("back", BACKENDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.usefixtures("way")
def test_surgery_adds_up(back, dtype):
    mean, std, noise = population(1, 300, 3, 0.1, 1.0, dtype=dtype)
    noise = np.stack([noise, -noise, noise[::-1]])
    found = surgery.elbo_surgery(back(mean), back(std), back(noise))
    eps = float(np.finfo(dtype).eps)
    kl = 0.5 * (mean.astype(float) ** 2 + std.astype(float) ** 2 - 1) - np.log(std.astype(float))
    assert float(found.average_kl) == pytest.approx(kl.sum(1).mean(), rel=4 * eps)
    total = float(found.marginal_kl.value) + float(found.mutual_information.value)
    assert float(found.sampled_kl.value) == pytest.approx(total, rel=8 * eps)
    log_n = math.log(300)
    remaining = log_n - float(found.conditional_entropy.value)
    assert float(found.mutual_information.value) == pytest.approx(remaining, abs=8 * eps * log_n)
    assert 0 <= remaining <= log_n
    assert all(x.dtype == back(mean).dtype for e in found for x in (e if isinstance(e, tuple) else (e,)))
    assert found.marginal_kl.standard_error > 0


def test_two_encoders_against_quadrature():
    """N(-1, 0.5^2) and N(0.7, 1.2^2): estimates lie within five of their standard errors, and those are small."""
    mean, std = np.array([[-1.0], [0.7]]), np.array([[0.5], [1.2]])

    def density(z, n):
        return math.exp(-(((z - mean[n, 0]) / std[n, 0]) ** 2) / 2) / (std[n, 0] * math.sqrt(2 * math.pi))

    def q(z):
        return (density(z, 0) + density(z, 1)) / 2

    def p(z):
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    def integral(f):
        return quad(f, -12, 12, points=[-1, 0.7], epsabs=1e-12, limit=200)[0]

    marginal = integral(lambda z: q(z) * math.log(q(z) / p(z)))
    information = sum(integral(lambda z, n=n: density(z, n) * math.log(density(z, n) / q(z))) for n in (0, 1)) / 2
    found = surgery.elbo_surgery(mean, std, np.random.default_rng(0).normal(size=(50_000, 2, 1)))
    assert float(found.average_kl) == pytest.approx(marginal + information, rel=1e-10)
    for estimate, exact in (
        (found.sampled_kl, marginal + information),
        (found.marginal_kl, marginal),
        (found.mutual_information, information),
        (found.conditional_entropy, math.log(2) - information),
        (found.aggregate_entropy, -integral(lambda z: q(z) * math.log(q(z)))),
    ):
        assert abs(estimate.value - exact) <= 5 * estimate.standard_error <= 0.02


@pytest.mark.parametrize("back", BACKENDS)
def test_index_names_the_encoder_of_each_sample(back):
    mean, std, noise = population(9, 60, 3, 0.1, 1.0)
    by_order = surgery.elbo_surgery(back(mean), back(std), back(noise))
    shuffled = np.random.default_rng(1).permutation(60)
    by_index = surgery.elbo_surgery(back(mean), back(std), back(noise[shuffled]), index=back(shuffled))
    for x, y in zip(by_order, by_index, strict=True):
        assert np.allclose(
            np.ravel([to_numpy(v) for v in x] if isinstance(x, tuple) else to_numpy(x)),
            np.ravel([to_numpy(v) for v in y] if isinstance(y, tuple) else to_numpy(y)),
            rtol=1e-12,
        )
    some = surgery.elbo_surgery(back(mean), back(std), back(noise[:2]), index=back(np.array([7, 7])))
    exact = plain_log_q(mean[7] + std[7] * noise[:2], mean, std)
    assert float(some.aggregate_entropy.value) == pytest.approx(-exact.mean(), rel=1e-13)


@pytest.mark.parametrize(
    ("index", "kind", "message"),
    [
        (np.array([0.0, 1.0]), TypeError, "array of integers, of one library with mean, got ndarray of float64"),
        ([0, 1], TypeError, "array of integers, of one library with mean, got list"),
        (np.array([0]), ValueError, r"index must have shape \(2,\)"),
        (np.array([0, 3]), ValueError, "index must lie from 0 to 2, got values from 0 to 3"),
        (np.array([-1, 2]), ValueError, "index must lie from 0 to 2, got values from -1 to 2"),
    ],
)
def test_index_is_checked(index, kind, message):
    with pytest.raises(kind, match=message):
        surgery.elbo_surgery(a(3, 2), a(3, 2), a(2, 2), index=index)


@pytest.mark.parametrize("back", BACKENDS)
def test_total_correlation_splits_the_marginal_kl(back):
    mean, std, noise = population(2, 400, 3, 0.1, 1.0)
    mean[:, 1] = 0.9 * mean[:, 0]
    found = surgery.total_correlation(back(mean), back(std), back(noise))
    z = mean + std * noise
    log_q = plain_log_q(z, mean, std)
    log_q_d = np.stack([plain_log_q(z[:, d : d + 1], mean[:, d : d + 1], std[:, d : d + 1]) for d in range(3)], 1)
    log_p_d = -(z**2) / 2 - math.log(2 * math.pi) / 2
    assert float(found.total_correlation.value) == pytest.approx((log_q - log_q_d.sum(1)).mean(), abs=1e-11)
    assert np.allclose(to_numpy(found.dimension_kl.value), (log_q_d - log_p_d).mean(0), atol=1e-11)
    assert np.allclose(to_numpy(found.dimension_kl.standard_error), (log_q_d - log_p_d).std(0, ddof=1) / 20, rtol=1e-9)
    whole = float(found.total_correlation.value) + float(found.dimension_kl.value.sum())
    assert float(found.marginal_kl.value) == pytest.approx(whole, abs=1e-12)
    assert float(found.marginal_kl.value) == pytest.approx(
        float(surgery.elbo_surgery(back(mean), back(std), back(noise)).marginal_kl.value), abs=1e-12
    )


def test_one_encoder_and_one_dimension_leave_nothing_to_split():
    noise = np.random.default_rng(0).normal(size=(9, 1, 3))
    alone = surgery.elbo_surgery(np.full((1, 3), 0.3), np.full((1, 3), 0.5), noise)
    assert alone.mutual_information == (0.0, 0.0)
    assert alone.marginal_kl == alone.sampled_kl
    assert (
        abs(surgery.total_correlation(np.full((1, 3), 0.3), np.full((1, 3), 0.5), noise).total_correlation[0]) < 1e-14
    )
    mean, std, noise = population(3, 50, 1, 0.1, 1.0)
    assert surgery.total_correlation(mean, std, noise).total_correlation == (0.0, 0.0)


def test_memory_does_not_grow_with_the_number_of_pairs():
    """All pairs of 6000 encoders and samples fill 288 MB, and 16 times that with the dimensions."""
    arguments = population(4, 6000, 16, 0.05, 1.0)
    tracemalloc.start()
    surgery.elbo_surgery(*arguments)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 24e6


def test_lower_matmul_precision_of_torch_is_not_used():
    mean, std, noise = population(8, 500, 2, 0.05, 1.0, dtype=np.float32)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        assert _aggregate.levels(array_api_compat.torch, 1e-5) == [("float64", "float32")]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found = surgery.elbo_surgery(*(torch.as_tensor(x) for x in (mean, std, noise)))
    finally:
        torch.set_float32_matmul_precision(before)
    exact = surgery.elbo_surgery(*(x.astype(np.float64) for x in (mean, std, noise)))
    assert float(found.marginal_kl.value) == pytest.approx(float(exact.marginal_kl.value), abs=1e-5)


def a(*shape):
    return np.ones(shape)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((a(3), a(3), a(3)), r"mean must have shape \(N, D\)"),
        ((a(0, 2), a(0, 2), a(0, 2)), r"mean must have shape \(N, D\) with N, D > 0"),
        ((a(2, 3, 2), a(2, 3, 2), a(2, 3, 2)), r"mean must have shape \(N, D\) with N, D > 0, got \(2, 3, 2\)"),
        ((a(3, 2), a(3, 1), a(3, 2)), "std must have the shape of mean"),
        ((a(3, 2), 0 * a(3, 2), a(3, 2)), r"std must be finite and > 0, got 0.0 at index \(0, 0\)"),
        ((a(3, 2), a(3, 2), a(2, 2)), r"noise must have shape \(3, 2\) or \(S, 3, 2\)"),
        ((a(3, 2), a(3, 2), a(0, 3, 2)), "noise must have shape"),
        ((a(3, 2), a(3, 2), a(1, 1, 3, 2)), "noise must have shape"),
        ((a(1, 2), a(1, 2), a(1, 2)), "noise must hold at least 2 samples"),
        ((a(3, 2), a(3, 2), math.nan * a(3, 2)), "noise must be finite"),
        ((np.arange(4.0).reshape(2, 2), 1e-200 * a(2, 2), a(2, 2)), "std must not be so small"),
    ],
)
def test_gaussian_surgery_refuses(arguments, message):
    for function in (surgery.elbo_surgery, surgery.total_correlation):
        for back in (np.asarray, torch.as_tensor):
            with pytest.raises(ValueError, match=message):
                function(*(back(x) for x in arguments))


def test_what_cannot_be_done_is_refused():
    x = torch.ones(3, 2, dtype=torch.float64)
    with pytest.raises(TypeError, match="noise must have the dtype of mean"):
        surgery.elbo_surgery(x, x, x.float())
    with pytest.raises(ValueError, match=r"z must have shape \(M, 2\), got \(3, 1\)"):
        surgery.aggregate_log_density(x[:, :1], x, x)
    with pytest.raises(ValueError, match=r"noise must have shape \(M, 2\) beside an index, got \(3, 1\)"):
        surgery.elbo_surgery(x, x, x[:, :1], index=torch.arange(3))
    with pytest.raises(ValueError, match="z must not be so far from a mean"):
        surgery.aggregate_log_density(1e200 * x, x, x)


def by_definition(mean, std, noise, index):
    """What surgery estimates, with every pair at once."""
    n = torch.arange(len(noise)) % len(mean) if index is None else index
    z = mean[n] + std[n] * noise
    pairs = torch.distributions.Normal(mean, std).log_prob(z[:, None])
    log_q, log_each = (torch.logsumexp(x, 1) - math.log(len(mean)) for x in (pairs.sum(-1), pairs))
    log_p = torch.distributions.Normal(0.0, 1.0).log_prob(z)
    own = torch.distributions.Normal(mean[n], std[n]).log_prob(z).sum(-1)
    samples = own - log_q, log_q - log_p.sum(-1), -log_q, log_q - log_each.sum(-1), (log_each - log_p).sum(-1)
    return torch.stack([x.mean() for x in samples] + [samples[0].std() / math.sqrt(len(noise))])


def by_surgery(mean, std, noise, index):
    whole = surgery.elbo_surgery(mean, std, noise, index=index)
    split = surgery.total_correlation(mean, logvar=2 * torch.log(std), noise=noise, index=index)
    estimates = whole.mutual_information, whole.marginal_kl, whole.aggregate_entropy, split.total_correlation
    found = [x.value for x in estimates] + [split.dimension_kl.value.sum(), whole.mutual_information.standard_error]
    return torch.stack(found)


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_gradients_through_all_encoders(indexed, dtype):
    """More encoders and samples than in a block, against the gradient of every pair written down."""
    torch.manual_seed(3)
    mean, noise = torch.randn(2, 1100, 3, dtype=torch.float64)
    std = torch.exp(torch.randn(1100, 3, dtype=torch.float64) / 2 - 1)
    index = torch.randint(0, 1100, (600,)) if indexed else None
    arguments = [x.to(dtype).requires_grad_() for x in (mean, std, noise[:600] if indexed else noise)]
    exact = [x.detach().double().requires_grad_() for x in arguments]
    values, found = by_definition(*exact, index), by_surgery(*arguments, index)
    torch.testing.assert_close(found, values.to(dtype), rtol=1e-5, atol=1e-5 if dtype == torch.float32 else 1e-9)
    for got, want in zip(found, values, strict=True):
        wanted = torch.autograd.grad(want, exact, retain_graph=True)
        for by, right in zip(torch.autograd.grad(got, arguments, retain_graph=True), wanted, strict=True):
            room = 1024 * torch.finfo(dtype).eps * float(right.abs().max())  # sums over a thousand pairs
            torch.testing.assert_close(by.double(), right, rtol=1e-5 if dtype == torch.float32 else 1e-10, atol=room)


def test_the_gradient_of_a_density_at_any_point():
    torch.manual_seed(4)
    z, mean, logvar = (torch.randn(n, 2, dtype=torch.float64, requires_grad=True) for n in (5, 4, 4))
    assert torch.autograd.gradcheck(lambda z, m, v: surgery.aggregate_log_density(z, m, logvar=v), (z, mean, logvar))


def test_far_samples_have_the_error_that_is_reported():
    """At 61789 standard deviations log q(z) is -2e9: its last digit is worth 5e-7."""
    mean, std = np.zeros((2, 2)), np.ones((2, 2))
    noise = np.array([[61789.0, 0.0], [0.0, 0.0]])
    parts = surgery.elbo_surgery(mean, std, noise)
    entropy = math.log(2 * math.pi) + 61789.0**2 / 4
    assert abs(float(parts.aggregate_entropy.value) - entropy) <= float(parts.log_q_error) <= 64 * EPS * entropy


def test_an_index_that_is_never_drawn_costs_nothing():
    table = np.array([[0.5, 0.5], [0.25, 0.75], [0.4, 0.6]])
    found = surgery.elbo_surgery_table(np.array([0.0, 0.5, 0.5]), table, np.array([0.5, 0.5]))
    assert found.index_kl == 0
    assert found.joint_kl == found.average_kl


def _parts(found):
    """A number that depends on every estimate."""
    weights = dict.fromkeys(("sampled_kl", "marginal_kl", "mutual_information", "conditional_entropy"), 0.7)
    total = found.average_kl + 0.3 * found.aggregate_entropy.standard_error
    for i, (name, weight) in enumerate(weights.items()):
        total = total + (weight + i) * getattr(found, name).value
    return total


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")  # torch.func.jvp itself scripts its decompositions
def test_derivatives_of_any_order_and_mode(rng):
    """Every way to a derivative against finite differences, and against each other."""
    mean, noise = (torch.tensor(rng.normal(size=size)) for size in ((4, 2), (3, 4, 2)))
    std = torch.tensor(rng.uniform(0.4, 1.5, size=(4, 2)))
    tangent = torch.tensor(rng.normal(size=(4, 2)))

    def total(mean, std):
        correlation = surgery.total_correlation(mean, std, noise).total_correlation.value
        return _parts(surgery.elbo_surgery(mean, std, noise)) + correlation

    m, s = mean.clone().requires_grad_(), std.clone().requires_grad_()
    assert torch.autograd.gradcheck(total, (m, s))
    assert torch.autograd.gradgradcheck(total, (m, s))
    first = torch.autograd.grad(total(m, s), (m, s))
    for found in (
        torch.autograd.grad(total(m, s), (m, s), create_graph=True),
        torch.func.grad(total, (0, 1))(mean, std),
    ):
        torch.testing.assert_close(tuple(x.detach() for x in found), first, rtol=1e-9, atol=1e-12)
    _, along = torch.func.jvp(lambda mean: total(mean, std), (mean,), (tangent,))
    torch.testing.assert_close(along, (first[0] * tangent).sum(), rtol=1e-9, atol=1e-12)
    hessian = torch.func.hessian(lambda mean: total(mean, std))(mean)
    (twice,) = torch.autograd.grad(torch.autograd.grad(total(m, std), m, create_graph=True)[0], m, tangent)
    torch.testing.assert_close(torch.einsum("ijkl,ij->kl", hessian, tangent), twice, rtol=1e-9, atol=1e-12)
    z = mean[0] + 0.1
    curvature = torch.func.hessian(lambda z: surgery.aggregate_log_density(z[None], mean, std)[0])(z)
    want = torch.autograd.functional.hessian(lambda z: surgery.aggregate_log_density(z[None], mean, std)[0], z)
    torch.testing.assert_close(curvature, want, rtol=1e-9, atol=1e-12)


def test_all_pairs_at_once_are_the_blocks(rng):
    """What torch traces or maps over, and what JAX does, has the values of the blocks, and refuses the same."""
    jax = pytest.importorskip("jax")
    mean, std, noise = rng.normal(size=(5, 3)), rng.uniform(0.3, 2, size=(5, 3)), rng.normal(size=(2, 5, 3))
    t_mean, t_std, t_noise = map(torch.tensor, (mean, std, noise))
    want = surgery.elbo_surgery(mean, std, noise)
    both = torch.func.vmap(lambda mean: surgery.elbo_surgery(mean, t_std, t_noise))(torch.stack([t_mean, t_mean + 1]))
    for found, shift in zip(zip(*numbers(both), strict=True), (0, 1), strict=True):
        np.testing.assert_allclose(
            found, numbers(surgery.elbo_surgery(mean + shift, std, noise)), rtol=1e-9, atol=1e-12
        )
    with jax.enable_x64(True):
        arrays = [jax.numpy.asarray(x) for x in (mean, std, noise)]
        assert_close_to(want, jax.jit(surgery.elbo_surgery)(*arrays))
        correlation = jax.jit(surgery.total_correlation)(*arrays).total_correlation.value
        assert float(correlation) == pytest.approx(surgery.total_correlation(mean, std, noise).total_correlation.value)
        slope = jax.jit(jax.grad(lambda mean: surgery.elbo_surgery(mean, *arrays[1:]).marginal_kl.value))(arrays[0])
        with pytest.raises(ValueError, match="std must be finite and > 0"):
            surgery.elbo_surgery(arrays[0], -arrays[1], arrays[2])
        with pytest.raises(TypeError, match="index must be an array whose values can be read"):
            jax.jit(lambda i: surgery.elbo_surgery(*arrays[:2], arrays[2][0], index=i))(np.arange(5))
        assert math.isnan(jax.jit(surgery.elbo_surgery)(arrays[0], -arrays[1], arrays[2]).marginal_kl.value)
    leaf = t_mean.clone().requires_grad_()
    surgery.elbo_surgery(leaf, t_std, t_noise).marginal_kl.value.backward()
    np.testing.assert_allclose(np.asarray(slope), leaf.grad, rtol=1e-9, atol=1e-12)


def numbers(found):
    return [found.average_kl, *(part for estimate in found[1:-1] for part in estimate)]


def assert_close_to(want, got):
    np.testing.assert_allclose([float(x) for x in numbers(got)], numbers(want), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64"])
def test_an_index_of_integers_that_torch_hardly_knows(dtype, rng):
    mean, std, noise = (torch.from_numpy(rng.random((4, 2)) + 0.5) for _ in range(3))
    index = torch.arange(4)
    wanted = surgery.elbo_surgery(mean, std, noise, index=index)
    assert surgery.elbo_surgery(mean, std, noise, index=index.to(getattr(torch, dtype))) == wanted
