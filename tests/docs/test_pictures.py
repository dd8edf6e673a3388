"""The pictures: their numbers against the library and the theorems.

The scripts that draw are run by V8 without a browser, as they are when the site is built.
"""

import itertools
import math

import numpy as np
import pytest

import elbo_ref
from derivations._language.chapters import verdicts
from docs._generator import figures
from elbo_ref import quadrature
from elbo_ref.quadrature import Density

ROUNDING = 1e-12  # what double precision leaves of an identity, for values and sums of this size
NAMES = list(figures.TITLES)
EXERCISE = {"weight": 1.0, "bias": 0.0, "var_noise": 0.5}
STANDARD = {"mean_prior": 0.0, "var_prior": 1.0}


def states(name: str, most: int) -> list[dict[str, float]]:
    """States of the sliders, both ends of each among them."""
    inputs = figures.picture(name).inputs
    each = max(2, int(most ** (1 / len(inputs))))
    values = []
    for given in inputs:
        stops = round((given["max"] - given["min"]) / given["step"])
        picked = sorted({round(stops * i / (each - 1)) for i in range(each)})
        values.append([given["min"] + given["step"] * stop for stop in picked])
    return [dict(zip((given["name"] for given in inputs), point, strict=True)) for point in itertools.product(*values)]


def normal(mean: float, var: float) -> Density:
    return Density(lambda z: -((z - mean) ** 2 / var + math.log(2 * math.pi * var)) / 2, mean, math.sqrt(var))


def mixture(means: list[float], var: float) -> Density:
    parts = [normal(m, var) for m in means]

    def log(z: float) -> float:
        return float(np.logaddexp.reduce([part.log(z) for part in parts])) - math.log(len(parts))

    return Density(log, float(np.mean(means)), math.sqrt(var), breaks=tuple(sorted(set(means))))


@pytest.mark.parametrize("name", NAMES)
def test_the_identity_holds_at_every_setting(name):
    for state in states(name, 220):
        assert figures.numbers(name, state)["residual"] < ROUNDING, state


@pytest.mark.parametrize("state", states("exercise", 27), ids=str)
def test_exercise(state):
    n = figures.numbers("exercise", state)
    x, q = state["x"], {"mean_q": state["x"] / 1.5 + state["shift"], "var_q": state["variance"]}
    assert n["evidence"] == pytest.approx(elbo_ref.linear_gaussian_log_evidence(x, **EXERCISE, **STANDARD), abs=1e-13)
    assert n["elbo"] == pytest.approx(elbo_ref.linear_gaussian_elbo(x, **q, **EXERCISE, **STANDARD), abs=1e-13)
    assert n["gap"] == pytest.approx(elbo_ref.linear_gaussian_gap(x, **q, **EXERCISE, **STANDARD), abs=1e-13)


@pytest.mark.parametrize("a", [0.0, 0.8, 2.4, 2.45, 2.75, 2.85, 3.5])
def test_forward_and_reverse(a):
    n = figures.numbers("forward-reverse", {"a": a})
    target = mixture([-a, a], 1.0)
    assert n["forward"] == pytest.approx(quadrature.kl(target, normal(0.0, 1 + a * a)), abs=1e-9)
    assert len(n["optima"]) == (2 if a > 2.413 else 1)
    for optimum in n["optima"]:
        at = quadrature.kl(normal(optimum["m"], optimum["s"] ** 2), target)
        assert optimum["kl"] == pytest.approx(at, abs=1e-9)
        for dm, ds in itertools.product((-0.02, 0.0, 0.02), repeat=2):
            near = quadrature.kl(normal(optimum["m"] + dm, (optimum["s"] + ds) ** 2), target)
            assert near >= at - 1e-9
    assert n["best"]["kl"] <= math.log(2)  # theorem one_component_is_cheap
    assert (n["best"]["m"] > 1) == (a > 2.8)


def test_where_the_reverse_fit_turns_and_jumps():
    """The two values of a that the page names."""
    assert figures.numbers("forward-reverse", {"a": 3})["turn"] == pytest.approx(2.412, abs=1e-3)
    before, after = (figures.numbers("forward-reverse", {"a": a})["best"]["m"] for a in (2.795, 2.805))
    assert abs(before) < 1e-9 and after == pytest.approx(2.8, abs=0.1)


@pytest.mark.parametrize(
    "state",
    [
        {"count": 1, "reach": 2, "std": 0.5},
        {"count": 5, "reach": 1.5, "std": 0.35},
        {"count": 12, "reach": 3, "std": 0.1},
    ],
)
def test_surgery(state):
    n = figures.numbers("surgery", state)
    means, std = n["means"], state["std"]
    aggregate = mixture(means, std**2)
    average = np.mean([elbo_ref.kl_normal(mean, std, 0.0, 1.0) for mean in means])
    assert n["average"] == pytest.approx(float(average), abs=1e-12)
    assert n["marginal"] == pytest.approx(quadrature.kl(aggregate, normal(0.0, 1.0)), abs=1e-9)
    information = quadrature.entropy(aggregate) - float(elbo_ref.entropy_normal(std))
    assert n["information"] == pytest.approx(information, abs=1e-9)
    assert n["information"] <= n["ceiling"] + 1e-12


def test_elbo_step_is_the_one_of_the_theorems():
    n = figures.numbers("elbo-step", figures.picture("elbo-step").start)
    named = {v.name: v for v in verdicts()}
    assert n["elboGain"] == pytest.approx(float(named["elbo_gains"].statement.rhs), abs=1e-14)
    assert n["evidenceGain"] == pytest.approx(-math.log(1.3), abs=1e-14)
    assert n["gapGain"] == pytest.approx(-math.log(2.6), abs=1e-14)
    for p1, p2 in [(0.1, 0.4), (0.5, 0.5), (0.02, 0.02)]:
        after = figures.numbers("elbo-step", {"p1": p1, "p2": p2})
        even = np.array([0.5, 0.5])
        gaps = [float(elbo_ref.kl_categorical(even, np.array(m) / sum(m))) for m in ([p1, p2], [0.5, 0.02])]
        assert after["gapGain"] == pytest.approx(gaps[0] - gaps[1], abs=1e-13)


@pytest.mark.parametrize("shift, ratio", [(0.0, 0.5), (1.0, 1.0), (0.5, 1.6)])
def test_iwae(rng, shift, ratio):
    n = figures.numbers("iwae", {"samples": 20, "shift": shift, "ratio": ratio})
    mean, std = 2 / 3 + shift / math.sqrt(3), ratio / math.sqrt(3)
    elbo = elbo_ref.linear_gaussian_elbo(1.0, mean, std**2, **EXERCISE, **STANDARD)
    assert n["bounds"][0] == pytest.approx(float(elbo), abs=1e-13)
    z = mean + std * rng.standard_normal((20, 20_000))
    log_prior, log_likelihood = normal(0.0, 1.0).log(z), normal(1.0, 0.5).log(z)  # N(x; z, 1/2) = N(z; x, 1/2), x = 1
    draws = elbo_ref.iwae_bound(log_prior + log_likelihood - normal(mean, std**2).log(z))
    assert n["bound"] == pytest.approx(draws.mean(), abs=5 * draws.std() / math.sqrt(draws.size))


def test_iwae_with_two_samples_against_a_double_integral():
    scipy = pytest.importorskip("scipy.integrate")
    shift, ratio = 1.0, 0.8
    q, posterior = normal(shift, ratio**2), normal(0.0, 1.0)

    def weight(z: float) -> float:
        return math.exp(posterior.log(z) - q.log(z))

    low, high = shift - 9 * ratio, shift + 9 * ratio
    lacking, _ = scipy.dblquad(
        lambda y, z: -math.exp(q.log(y) + q.log(z)) * math.log((weight(y) + weight(z)) / 2), low, high, low, high
    )
    n = figures.numbers("iwae", {"samples": 2, "shift": shift, "ratio": ratio})
    assert n["evidence"] - n["bound"] == pytest.approx(lacking, abs=1e-7)


@pytest.mark.parametrize(
    "state", [{"noise": 0.3, "beta": 1.0}, {"noise": 0.8, "beta": 1.5}, {"noise": 5.0, "beta": 4.0}]
)
def test_rate_and_distortion(state):
    noise, beta = state["noise"], state["beta"]
    n = figures.numbers("rate-distortion", state)

    def bill(weights: list[float]) -> tuple[float, float]:
        """Distortion and rate with the best codes, for data at plus and minus one standard deviation."""
        distortion = rate = 0.0
        for w, spread in zip(weights, (4.0, 1.5, 0.5), strict=True):
            x = math.sqrt(spread)
            mean, var = elbo_ref.linear_gaussian_beta_posterior(x, w, 0.0, noise, 0.0, 1.0, beta)
            distortion -= float(elbo_ref.linear_gaussian_reconstruction(x, mean, var, w, 0.0, noise))
            rate += float(elbo_ref.kl_normal(mean, math.sqrt(var), 0.0, 1.0))
        return distortion, rate

    distortion, rate = bill(n["weights"])
    assert (n["distortion"], n["rate"]) == pytest.approx((distortion, rate), abs=1e-12)
    assert n["elbo"] == pytest.approx(-distortion - rate, abs=1e-12)
    for moved in itertools.product((-0.05, 0.0, 0.05), repeat=3):
        other = bill([w + by for w, by in zip(n["weights"], moved, strict=True)])
        assert other[0] + beta * other[1] >= distortion + beta * rate - 1e-12
    assert [w > 0 for w in n["weights"]] == [spread > beta * noise for spread in (4.0, 1.5, 0.5)]


@pytest.mark.parametrize("mean, std, omega", [(1.0, 1.0, 2.5), (-0.5, 0.4, 1.0)])
def test_variances_of_the_gradients(rng, mean, std, omega):
    n = figures.numbers("gradient-variance", {"mean": mean, "std": std, "omega": omega})
    noise = rng.standard_normal(400_000)
    z = mean + std * noise
    score, _ = elbo_ref.score_normal(z, mean, std)
    best = mean**2 + 3 * std**2

    def variance(estimate: elbo_ref.estimators.Estimate) -> float:
        return float(estimate.standard_error) ** 2 * noise.size

    def by_score(f: np.ndarray, baseline: float = 0.0) -> float:
        return variance(elbo_ref.score_function_gradient(f, score, baseline=baseline))

    def by_path(slope: np.ndarray) -> float:
        return variance(elbo_ref.reparameterized_gradient(slope, noise)[0])

    square = {"score": by_score(z**2), "baseline": by_score(z**2, best), "path": by_path(2 * z)}
    wave = {"score": by_score(np.sin(omega * z)), "path": by_path(omega * np.cos(omega * z))}
    assert n["square"] == pytest.approx(square, rel=0.03)
    assert n["wave"] == pytest.approx(wave, rel=0.03)


@pytest.mark.parametrize("path", sorted(figures.SCRIPTS.glob("*.js")), ids=lambda path: path.name)
def test_a_script_is_small(path):
    assert len(path.read_bytes()) < 6000
