"""The float64 oracle: right on known integrals, and never a silent wrong number."""

import math

import numpy as np
import pytest
from scipy import integrate, special

from elbo_ref import certified
from elbo_ref.quadrature import (
    Density,
    QuadratureError,
    cross_entropy,
    elbo,
    entropy,
    expectation,
    gap,
    kl,
    log_evidence,
)

TOLERANCE = 1e-9  # the default tolerance of the oracle


def normal(mean, std, hint=None):
    location, scale = hint or (mean, std)

    def log(z):
        residual = (z - mean) / std
        return -residual * residual / 2 - math.log(std) - math.log(2 * math.pi) / 2

    return Density(log, location, scale)


def kl_of_normals(mean_q, std_q, mean_p, std_p):
    return math.log(std_p / std_q) + ((std_q / std_p) ** 2 - 1 + ((mean_q - mean_p) / std_p) ** 2) / 2


def laplace(mean, scale):
    return Density(lambda z: -abs(z - mean) / scale - math.log(2 * scale), mean, scale)


UNIFORM = Density(lambda z: 0.0 if 0 < z < 1 else -math.inf, 0.5, 0.5, support=(0.0, 1.0))
CAUCHY = Density(lambda z: -math.log(math.pi * (1 + z * z)))

NARROW = [(10.0, 0.01), (1e4, 1e-4), (-3.0, 1e-6), (0.0, 1e-150), (1e-3, 1e-9)]


@pytest.mark.parametrize(("mean", "std"), NARROW)
def test_narrow_densities(mean, std):
    """SciPy's rule over the whole line answers 0 here, without a warning."""
    q, p = normal(mean, std), normal(mean + std, 2 * std)
    assert kl(q, p) == pytest.approx(kl_of_normals(mean, std, mean + std, 2 * std), abs=TOLERANCE)
    assert entropy(q) == pytest.approx(math.log(std) + (1 + math.log(2 * math.pi)) / 2, rel=TOLERANCE)
    assert kl(q, normal(0.0, 1.0)) == pytest.approx(kl_of_normals(mean, std, 0, 1), rel=TOLERANCE, abs=TOLERANCE)


def test_the_trap_that_narrow_densities_are():
    density = normal(10.0, 0.01).log
    value, claimed = integrate.quad(lambda z: math.exp(density(z)), -math.inf, math.inf)
    assert value == 0 and claimed == 0  # if this fails, SciPy has changed, and the module's docstring with it


def test_random_normals_with_any_hint_are_right_or_refused():
    rng = np.random.default_rng(0)
    answers = 0
    for _ in range(60):
        mean, offset = rng.normal(size=2)
        mean, std, std_p = 10 * mean, *10 ** rng.uniform(-5, 2, size=2)
        hint = (mean + offset * 10 ** rng.uniform(-3, 3), 10 ** rng.uniform(-5, 3))
        try:
            value = kl(normal(mean, std, hint), normal(mean - offset * std_p, std_p))
        except QuadratureError:
            continue
        answers += 1
        assert value == pytest.approx(kl_of_normals(mean, std, mean - offset * std_p, std_p), rel=1e-8, abs=1e-8)
    assert answers > 20


def test_a_density_that_the_hint_misses_is_refused():
    with pytest.raises(QuadratureError, match=r"q must integrate to 1, got 0\.0"):
        kl(normal(1e4, 1e-4, hint=(0, 1)), normal(0, 1))


def test_what_is_no_density_is_refused():
    with pytest.raises(QuadratureError, match="p must integrate to 1, got 2"):
        kl(normal(0, 1), Density(lambda z: normal(0, 1).log(z) + math.log(2)))


NO_DENSITY = Density(lambda z: normal(0, 1).log(z) + 0.1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: expectation(lambda z: z, NO_DENSITY),
        lambda: entropy(NO_DENSITY),
        lambda: cross_entropy(NO_DENSITY, normal(0, 1)),
        lambda: cross_entropy(normal(0, 1), NO_DENSITY),
        lambda: kl(NO_DENSITY, normal(0, 1)),
        lambda: log_evidence(lambda z: -z * z, NO_DENSITY),
        lambda: elbo(lambda z: -z * z, NO_DENSITY, normal(0, 1)),
        lambda: elbo(lambda z: -z * z, normal(0, 1), NO_DENSITY),
        lambda: gap(lambda z: -z * z, NO_DENSITY, normal(0, 1)),
        lambda: gap(lambda z: -z * z, normal(0, 1), NO_DENSITY),
    ],
)
def test_every_function_refuses_what_is_no_density(call):
    with pytest.raises(QuadratureError, match=r"must integrate to 1, got 1\.105"):
        call()


def test_a_density_that_floats_cannot_resolve_is_refused():
    with pytest.raises(QuadratureError):
        kl(normal(1e4, 1e-10), normal(1e4, 2e-10))


def test_heavy_tails():
    assert entropy(CAUCHY) == pytest.approx(math.log(4 * math.pi), abs=TOLERANCE)
    with pytest.raises(QuadratureError):  # the divergence is infinite
        kl(CAUCHY, normal(0, 1))


def test_kinks_and_supports():
    # KL of Laplace laws: log(b_p / b_q) + (|d| + b_q exp(-|d| / b_q)) / b_p - 1 with d the distance of the means.
    expected = math.log(0.7 / 2) + (0.7 + 2 * math.exp(-0.7 / 2)) / 0.7 - 1
    assert kl(laplace(1.0, 2.0), laplace(0.3, 0.7)) == pytest.approx(expected, abs=TOLERANCE)
    assert entropy(UNIFORM) == 0
    assert kl(UNIFORM, normal(0, 1)) == pytest.approx(math.log(2 * math.pi) / 2 + 1 / 6, abs=TOLERANCE)
    assert kl(normal(0, 1), UNIFORM) == math.inf
    assert cross_entropy(normal(0, 1), UNIFORM) == math.inf


def mixture(weight, one, other, **hints):
    def log(z):
        logs = math.log(weight) + one.log(z), math.log(1 - weight) + other.log(z)
        return max(logs) + math.log1p(math.exp(min(logs) - max(logs)))

    return Density(log, one.location, one.scale, **hints)


def test_a_spike_in_the_second_density():
    """What p needs to be cut at counts as well: the spike weighs 4e-4 in the divergence."""
    p = mixture(0.5, normal(0.3, 1e-4), normal(0, 1))
    expected = certified.kl_mixtures([1], [0], [1], [0.5, 0.5], [0.3, 0], [1e-4 * 1e-4, 1], digits=12)
    assert kl(normal(0, 1), p) == pytest.approx(float(expected), abs=TOLERANCE)


def test_a_second_spike_needs_breaks():
    spike = normal(5.3, 1e-6)
    cuts = tuple(spike.location + k * spike.scale for k in range(-8, 9))
    whole = mixture(0.5, normal(0, 1), spike, breaks=cuts)
    # far apart, so that the entropy of the mixture is the mean of the entropies and log 2
    expected = (1 + math.log(2 * math.pi) + math.log(1e-6)) / 2 + math.log(2)
    assert entropy(whole) == pytest.approx(expected, abs=1e-4)
    with pytest.raises(QuadratureError, match=r"q must integrate to 1, got 0\.5"):
        entropy(mixture(0.5, normal(0, 1), spike))


def test_a_gap_in_the_second_density():
    """p is 0 on (-0.3, 0.2), and 1 / 4 up to the ends: the divergence is infinite on an inner piece alone."""
    p = Density(lambda z: -math.inf if -0.3 < z < 0.2 else -math.log(4), 0, 1, breaks=(-0.3, 0.2), support=(-2.3, 2.2))
    assert kl(normal(0, 0.1), p) == math.inf


def test_singular_density():
    beta = Density(lambda z: -math.log(math.pi) - math.log(z * (1 - z)) / 2, 0.5, 0.5, support=(0.0, 1.0))
    assert entropy(beta, tolerance=1e-7) == pytest.approx(math.log(math.pi / 4), abs=1e-7)


def test_expectation_takes_breaks():
    value = expectation(lambda z: float(z > 0.123), normal(0, 1), breaks=[0.123])
    assert value == pytest.approx(special.ndtr(-0.123), abs=TOLERANCE)
    assert expectation(lambda z: z * z, normal(3, 2)) == pytest.approx(13, rel=TOLERANCE)
    spike = expectation(lambda z: 1e6 * (0.123 < z < 0.1230001), normal(0, 1), breaks=[0.123, 0.1230001])
    assert spike == pytest.approx(0.1 * math.exp(normal(0, 1).log(0.12300005)), abs=TOLERANCE)


def linear_gaussian(x, std_noise):
    return lambda z: normal(z, std_noise).log(x)


MODELS = [(1.0, 0.7), (3.0, 1e-6), (300.0, 0.1), (1e4, 3.0), (0.1, 1e-10), (-2, 50)]


@pytest.mark.parametrize(("x", "std_noise"), MODELS)
def test_evidence_finds_the_peak(x, std_noise):
    var = 1 + std_noise**2
    expected = -(x * x / var + math.log(2 * math.pi * var)) / 2
    assert log_evidence(linear_gaussian(x, std_noise), normal(0, 1)) == pytest.approx(expected, rel=1e-8)


def test_evidence_of_a_narrow_peak_far_from_zero():
    """The peak must be found to its width, 10^-10 of its location."""
    value = log_evidence(linear_gaussian(1e4 + 0.5, 1e-6), normal(1e4, 1), tolerance=1e-7)
    assert value == pytest.approx(-0.125 - math.log(2 * math.pi) / 2, rel=1e-7)


@pytest.mark.parametrize("edge", [0.0, 0.2])
def test_evidence_of_a_likelihood_with_a_jump(edge):
    value = log_evidence(lambda z: 0.0 if z > edge else -math.inf, normal(0, 1))
    assert value == pytest.approx(math.log(special.ndtr(-edge)), abs=TOLERANCE)


def test_evidence_with_two_narrow_peaks():
    # x = z^2 + noise: as the noise vanishes, p(x) tends to the density of z^2 at x = 2, 2 N(sqrt 2; 0, 1) / (2 sqrt 2).
    std = 1e-5
    value = log_evidence(lambda z: normal(z * z, std).log(2.0), normal(0, 1))
    assert value == pytest.approx(-1 - math.log(2 * math.pi) / 2 - math.log(2) / 2, abs=10 * std)


def test_evidence_without_a_peak_is_refused():
    with pytest.raises(QuadratureError, match="no peak"):
        log_evidence(lambda z: -math.inf, normal(0, 1))


def test_elbo_and_gap_add_up():
    prior, q, likelihood = normal(0, 1), normal(0.5, 0.4), linear_gaussian(1.0, 0.7)
    difference = log_evidence(likelihood, prior) - elbo(likelihood, prior, q)
    assert gap(likelihood, prior, q) == pytest.approx(difference, abs=TOLERANCE)
    posterior = normal(1 / 1.49, 0.7 / math.sqrt(1.49))
    assert gap(likelihood, prior, q) == pytest.approx(kl(q, posterior), abs=TOLERANCE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"location": math.nan}, "location must be finite, got nan"),
        ({"scale": 0.0}, r"scale must be positive and finite, got 0\.0"),
        ({"scale": -1.0}, r"scale must be positive and finite, got -1\.0"),
        ({"support": (1.0, 0.0)}, r"support must be .* got \(1\.0, 0\.0\)"),
    ],
)
def test_bad_hints(arguments, message):
    with pytest.raises(ValueError, match=message):
        Density(lambda z: 0.0, **arguments)


def test_what_is_no_density_is_refused_by_name() -> None:
    normal = Density(lambda z: -z * z / 2 - 0.5 * math.log(2 * math.pi))
    cases = [
        (lambda: kl(normal.log, normal), TypeError, "q must be a Density, got a function: pass Density"),
        (lambda: kl(normal, None), TypeError, "p must be a Density, got NoneType"),
        (lambda: expectation(normal, normal.log), TypeError, "q must be a Density, got a function"),
        (lambda: entropy(0.5), TypeError, "q must be a Density, got float"),
        (lambda: entropy(normal, tolerance=-1.0), ValueError, "tolerance must be a finite number > 0, got -1"),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()
