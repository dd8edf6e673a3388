"""Every closed form against its definition: quadrature, sums over the alphabet, or the distributions of torch."""

import inspect
import math
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import scipy.special
import scipy.stats

import elbo_ref
from elbo_ref import discrete, gaussian, likelihoods, linear_gaussian, objectives
from tests.elbo_ref.conftest import Backend

# Definitions


def integral(f: Callable[[np.ndarray], np.ndarray], centre: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Integral over the real line of what has died out 12 widths from the centre: the trapezoidal rule, to rounding."""
    nodes = np.linspace(-12, 12, 481)
    return np.sum(f(centre[..., None] + width[..., None] * nodes), axis=-1) * (24 / 480) * width


def log_normal(z: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    return scipy.stats.norm.logpdf(z, mean[..., None], std[..., None])


def expectation(mean: np.ndarray, std: np.ndarray, f: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return integral(lambda z: np.exp(log_normal(z, mean, std)) * f(z), mean, std)


def kl_by_quadrature(mean_q: np.ndarray, std_q: np.ndarray, mean_p: np.ndarray, std_p: np.ndarray) -> np.ndarray:
    return expectation(mean_q, std_q, lambda z: log_normal(z, mean_q, std_q) - log_normal(z, mean_p, std_p))


def normalized(p: np.ndarray, axes: int = 1) -> np.ndarray:
    return p / p.sum(axis=tuple(range(-axes, 0)), keepdims=True)


def kl_by_sum(q: np.ndarray, p: np.ndarray) -> np.ndarray:
    return scipy.special.rel_entr(normalized(q), normalized(p)).sum(-1)


def entropy_by_sum(p: np.ndarray) -> np.ndarray:
    return scipy.special.entr(normalized(p)).sum(-1)


def binary(p: np.ndarray) -> np.ndarray:
    return np.stack([p, 1 - p], axis=-1)


def flat(joint: np.ndarray) -> np.ndarray:
    return joint.reshape(*joint.shape[:-2], -1)


def mvn_by_torch(mean_q: np.ndarray, cov_q: np.ndarray, mean_p: np.ndarray, cov_p: np.ndarray) -> np.ndarray:
    torch = pytest.importorskip("torch")
    from torch.distributions import MultivariateNormal, kl_divergence

    q, p = (MultivariateNormal(torch.tensor(m), torch.tensor(c)) for m, c in ((mean_q, cov_q), (mean_p, cov_p)))
    return kl_divergence(q, p).numpy()


def gram(tril: np.ndarray) -> np.ndarray:
    return tril @ np.swapaxes(tril, -1, -2)


def joint_density(z: np.ndarray, x: Any, weight: Any, bias: Any, var_noise: Any, mean: Any, var: Any) -> np.ndarray:
    """log p(x, z) of the linear-Gaussian model."""
    x, weight, bias, var_noise = (a[..., None] for a in (x, weight, bias, var_noise))
    return scipy.stats.norm.logpdf(x, weight * z + bias, np.sqrt(var_noise)) + log_normal(z, mean, np.sqrt(var))


def evidence_by_quadrature(x: Any, weight: Any, bias: Any, var_noise: Any, mean: Any, var: Any) -> np.ndarray:
    model = x, weight, bias, var_noise, mean, var
    return np.log(integral(lambda z: np.exp(joint_density(z, *model)), mean, np.sqrt(var)))


def posterior_by_quadrature(*model: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean_prior, width = model[4], np.sqrt(model[5])
    evidence = np.exp(evidence_by_quadrature(*model))

    def moment(f: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return integral(lambda z: f(z) * np.exp(joint_density(z, *model)), mean_prior, width) / evidence

    mean = moment(lambda z: z)
    return mean, moment(lambda z: (z - mean[..., None]) ** 2)


def tempered_by_quadrature(*model: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Moments of the law proportional to p(z) p(x | z)^(1 / beta)."""
    x, weight, bias, var_noise, mean, var, beta = model

    def density(z: np.ndarray) -> np.ndarray:
        log_prior = log_normal(z, mean, np.sqrt(var))
        log_likelihood = joint_density(z, x, weight, bias, var_noise, mean, var) - log_prior
        return np.exp(log_prior + log_likelihood / beta[..., None])

    def moment(f: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return integral(lambda z: f(z) * density(z), mean, np.sqrt(var))

    total = moment(np.ones_like)
    centre = moment(lambda z: z) / total
    return centre, moment(lambda z: (z - centre[..., None]) ** 2) / total


def em_by_quadrature(x: Any, weight: Any, bias: Any, var_noise: Any, mean: Any, var: Any) -> np.ndarray:
    """The weight that the expected log likelihood of all observations is stationary at."""
    mean_z, var_z = posterior_by_quadrature(*np.broadcast_arrays(x, weight, bias, var_noise, mean, var))
    return ((x - bias) * mean_z).sum(-1) / (mean_z**2 + var_z).sum(-1)


def information_by_quadrature(weight: Any, var_noise: Any, var_prior: Any) -> np.ndarray:
    """H(x) - H(x | z)."""

    def entropy(var: np.ndarray) -> np.ndarray:
        std = np.sqrt(var)
        return expectation(0 * std, std, lambda z: -log_normal(z, 0 * std, std))

    return entropy(weight**2 * var_prior + var_noise) - entropy(var_noise)


def elbo_by_quadrature(x: Any, mean_q: Any, var_q: Any, *rest: np.ndarray) -> np.ndarray:
    std_q = np.sqrt(var_q)
    return expectation(mean_q, std_q, lambda z: joint_density(z, x, *rest) - log_normal(z, mean_q, std_q))


def gap_by_quadrature(x: Any, mean_q: Any, var_q: Any, *rest: np.ndarray) -> np.ndarray:
    return evidence_by_quadrature(x, *rest) - elbo_by_quadrature(x, mean_q, var_q, *rest)


def reconstruction_by_quadrature(x: Any, mean_q: Any, var_q: Any, weight: Any, bias: Any, var_noise: Any) -> np.ndarray:
    a, w, b, v = (y[..., None] for y in (x, weight, bias, var_noise))
    return expectation(mean_q, np.sqrt(var_q), lambda z: scipy.stats.norm.logpdf(a, w * z + b, np.sqrt(v)))


def gaussian_likelihood(x: np.ndarray, mean: np.ndarray, var: np.ndarray) -> np.ndarray:
    return scipy.stats.norm.logpdf(x, mean, np.sqrt(var)).sum(-1)


def bernoulli_likelihood(x: np.ndarray, logits: np.ndarray) -> np.ndarray:
    return scipy.stats.bernoulli.logpmf(x, scipy.special.expit(logits)).sum(-1)


def continuous_bernoulli(x: np.ndarray, logits: np.ndarray) -> np.ndarray:
    nodes, weights = np.polynomial.legendre.leggauss(40)
    normaliser = (np.exp(logits[..., None] * (nodes + 1) / 2) * weights / 2).sum(-1)
    return (x * logits - np.log(normaliser)).sum(-1)


def kl_standard(mean: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    return kl_by_quadrature(mean, np.exp(logvar / 2), np.zeros_like(mean), np.ones_like(mean)).sum(-1)


# Cases

Arrays = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Case:
    """A function, arguments to try it on (a batch of 3 in the first axis), and what its value should be."""

    function: Callable[..., Any]
    arguments: Callable[[np.random.Generator], Arrays]
    definition: Callable[..., Any]
    onto: tuple[str, ...] = ()  # how torch parameters become arguments, for the tests of gradients; "" leaves them free
    fixed: tuple[int, ...] = ()  # arguments without a gradient, as they are 0 or 1


def normals(rng: np.random.Generator) -> Arrays:
    mean_q, mean_p = rng.normal(size=(2, 3, 4))
    std_q, std_p = rng.uniform(0.5, 2, (2, 3, 4))
    return mean_q, std_q, mean_p, std_p


def tables(rng: np.random.Generator) -> Arrays:
    return tuple(rng.dirichlet(np.ones(4), (2, 3)))


def joints(rng: np.random.Generator) -> Arrays:
    return (rng.dirichlet(np.ones(12), 3).reshape(3, 3, 4),)


def trils(rng: np.random.Generator) -> Arrays:
    tril_q, tril_p = np.tril(rng.normal(size=(2, 3, 3, 3)), -1) / 2 + np.eye(3) * rng.uniform(0.7, 1.5, (2, 3, 1, 3))
    mean_q, mean_p = rng.normal(size=(2, 3, 3))
    return mean_q, tril_q, mean_p, tril_p


def covariances(rng: np.random.Generator) -> Arrays:
    mean_q, tril_q, mean_p, tril_p = trils(rng)
    return mean_q, gram(tril_q), mean_p, gram(tril_p)


def model(rng: np.random.Generator) -> Arrays:
    x, weight, bias, mean_prior = rng.normal(size=(4, 3))
    var_noise, var_prior = rng.uniform(0.5, 1.5, (2, 3))
    return x, weight, bias, var_noise, mean_prior, var_prior


def model_and_q(rng: np.random.Generator) -> Arrays:
    x, *rest = model(rng)
    return x, rng.normal(size=3), rng.uniform(0.3, 1.5, 3), *rest


def images(rng: np.random.Generator) -> Arrays:
    return (rng.uniform(size=(3, 5)) < 0.5).astype(float), 2 * rng.normal(size=(3, 5))


def greys(rng: np.random.Generator) -> Arrays:
    return rng.uniform(size=(3, 5)), 2 * rng.normal(size=(3, 5))


def vectors(rng: np.random.Generator) -> Arrays:
    return *rng.normal(size=(2, 3, 5)), rng.uniform(0.5, 2, (3, 5))


def encoders(rng: np.random.Generator) -> Arrays:
    return tuple(rng.normal(size=(2, 3, 2)))


LINEAR = ("", "", "", "positive", "", "positive")
LINEAR_Q = ("", "", "positive", "", "", "positive", "", "positive")
NORMAL = ("", "positive", "", "positive")

CASES = {
    case.function.__name__: case
    for case in [
        Case(elbo_ref.entropy, lambda rng: tables(rng)[:1], entropy_by_sum, ("table",)),
        Case(elbo_ref.cross_entropy, tables, lambda q, p: entropy_by_sum(q) + kl_by_sum(q, p), ("table", "table")),
        Case(elbo_ref.kl_categorical, tables, kl_by_sum, ("table", "table")),
        Case(
            elbo_ref.kl_categorical_logits,
            lambda rng: tuple(rng.normal(size=(2, 3, 4))),
            lambda a, b: kl_by_sum(scipy.special.softmax(a, -1), scipy.special.softmax(b, -1)),
            ("", ""),
        ),
        Case(
            elbo_ref.kl_bernoulli,
            lambda rng: tuple(rng.uniform(0.1, 0.9, (2, 3))),
            lambda q, p: kl_by_sum(binary(q), binary(p)),
            ("unit interval", "unit interval"),
        ),
        Case(
            elbo_ref.kl_bernoulli_logits,
            lambda rng: tuple(2 * rng.normal(size=(2, 3))),
            lambda a, b: kl_by_sum(binary(scipy.special.expit(a)), binary(scipy.special.expit(b))),
            ("", ""),
        ),
        Case(
            elbo_ref.mutual_information,
            joints,
            lambda j: entropy_by_sum(j.sum(-1)) + entropy_by_sum(j.sum(-2)) - entropy_by_sum(flat(j)),
            ("joint",),
        ),
        Case(
            elbo_ref.conditional_entropy,
            joints,
            lambda j: (normalized(j, 2).sum(-1) * entropy_by_sum(j)).sum(-1),
            ("joint",),
        ),
        Case(
            elbo_ref.kl_conditional,
            lambda rng: joints(rng) + joints(rng),
            lambda q, p: (normalized(q, 2).sum(-1) * kl_by_sum(q, p)).sum(-1),
            ("joint", "joint"),
        ),
        Case(
            elbo_ref.jensen_shannon,
            tables,
            lambda q, p: entropy_by_sum(normalized(q) + normalized(p)) - (entropy_by_sum(q) + entropy_by_sum(p)) / 2,
            ("table", "table"),
        ),
        Case(
            elbo_ref.normal_log_density,
            lambda rng: tuple(a[:, 0] for a in vectors(rng)),
            lambda x, mean, var: scipy.stats.norm.logpdf(x, mean, np.sqrt(var)),
            ("", "", "positive"),
        ),
        Case(
            elbo_ref.entropy_normal,
            lambda rng: (rng.uniform(0.5, 2, (3, 4)),),
            lambda std: expectation(0 * std, std, lambda z: -log_normal(z, 0 * std, std)),
            ("positive",),
        ),
        Case(
            elbo_ref.cross_entropy_normal,
            normals,
            lambda mean_q, std_q, mean_p, std_p: expectation(mean_q, std_q, lambda z: -log_normal(z, mean_p, std_p)),
            NORMAL,
        ),
        Case(elbo_ref.kl_normal, normals, kl_by_quadrature, NORMAL),
        Case(elbo_ref.kl_diag_normal, normals, lambda *a: kl_by_quadrature(*a).sum(-1), NORMAL),
        Case(elbo_ref.kl_standard_normal, encoders, kl_standard, ("", "")),
        Case(elbo_ref.kl_mvn, covariances, mvn_by_torch, ("", "covariance", "", "covariance")),
        Case(
            elbo_ref.kl_mvn_tril,
            trils,
            lambda mean_q, tril_q, mean_p, tril_p: mvn_by_torch(mean_q, gram(tril_q), mean_p, gram(tril_p)),
            ("", "tril", "", "tril"),
        ),
        Case(
            elbo_ref.entropy_mvn,
            lambda rng: covariances(rng)[1:2],
            lambda cov: np.array([scipy.stats.multivariate_normal(cov=c).entropy() for c in cov]),
            ("covariance",),
        ),
        Case(elbo_ref.linear_gaussian_log_evidence, model, evidence_by_quadrature, LINEAR),
        Case(elbo_ref.linear_gaussian_posterior, model, posterior_by_quadrature, LINEAR),
        Case(elbo_ref.linear_gaussian_elbo, model_and_q, elbo_by_quadrature, LINEAR_Q),
        Case(elbo_ref.linear_gaussian_gap, model_and_q, gap_by_quadrature, LINEAR_Q),
        Case(
            elbo_ref.linear_gaussian_reconstruction,
            lambda rng: model_and_q(rng)[:6],
            reconstruction_by_quadrature,
            LINEAR_Q[:6],
        ),
        Case(
            elbo_ref.linear_gaussian_mutual_information,
            lambda rng: model(rng)[1::2],
            information_by_quadrature,
            ("", "positive", "positive"),
        ),
        Case(
            elbo_ref.linear_gaussian_beta_posterior,
            lambda rng: (*model(rng), rng.uniform(0.5, 2, 3)),
            tempered_by_quadrature,
            (*LINEAR, "positive"),
        ),
        Case(
            elbo_ref.linear_gaussian_em_step,
            lambda rng: (rng.normal(size=(3, 4)), *(a[:, None] for a in model(rng)[1:])),
            em_by_quadrature,
            LINEAR,
        ),
        Case(elbo_ref.gaussian_log_likelihood, vectors, gaussian_likelihood, ("", "", "positive")),
        Case(elbo_ref.bernoulli_log_likelihood_logits, images, bernoulli_likelihood, ("", ""), fixed=(0,)),
        Case(elbo_ref.continuous_bernoulli_log_likelihood_logits, greys, continuous_bernoulli, ("unit interval", "")),
    ]
}
LOSSES = {name for name in elbo_ref.__all__ if name.startswith("negative_elbo_")}  # tested in test_losses
LABELS = {"categorical_log_likelihood_logits", "discretized_logistic_log_likelihood"}  # there as well


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def outputs(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def test_every_closed_form_has_a_case() -> None:
    public = {
        name
        for module in (discrete, gaussian, likelihoods, linear_gaussian, objectives)
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    assert public == {*CASES, *LOSSES, *LABELS}
    assert public <= set(elbo_ref.__all__)


def test_matches_the_definition(case: Case, backend: Backend, rng: np.random.Generator) -> None:
    arguments = [backend.array(a) for a in case.arguments(rng)]
    got = outputs(case.function(*arguments))
    want = outputs(case.definition(*(backend.exact(a) for a in arguments)))
    for value, definition in zip(got, want, strict=True):
        assert value.dtype == backend.dtype
        assert value.shape == definition.shape
        # One rounding to the dtype; the definition adds 481 rounded terms. test_accuracy counts the last digits.
        rounding = 481 * 2.0**-52
        np.testing.assert_allclose(backend.exact(value), definition, rtol=backend.eps + rounding, atol=rounding)


def test_batched_is_looped(case: Case, backend: Backend, rng: np.random.Generator) -> None:
    arguments = [backend.array(a) for a in case.arguments(rng)]
    batched = outputs(case.function(*arguments))
    for n in range(3):
        alone = outputs(case.function(*(a[n] for a in arguments)))
        for all_rows, row in zip(batched, alone, strict=True):
            np.testing.assert_allclose(backend.exact(all_rows[n]), backend.exact(row), rtol=4 * backend.eps)


def test_numbers_go_with_any_array(backend: Backend) -> None:
    mean = backend.array([0.5, -1.0])
    got = elbo_ref.kl_normal(mean, 1, 0.0, 2.0)
    want = elbo_ref.kl_normal(mean, *(backend.array([x, x]) for x in (1.0, 0.0, 2.0)))
    assert got.dtype == backend.dtype
    np.testing.assert_array_equal(backend.exact(got), backend.exact(want))


# Losses


def test_losses_are_made_of_their_parts(backend: Backend, rng: np.random.Generator) -> None:
    images_, logits = (backend.array(a) for a in images(rng))
    mean, logvar = (backend.array(a) for a in encoders(rng))
    grey, mean_x, var = (backend.array(a) for a in vectors(rng))
    exact = backend.exact
    rate = kl_standard(exact(mean), exact(logvar))
    bernoulli = rate * 0.5 - bernoulli_likelihood(exact(images_), exact(logits))
    gaussian = rate * 0.5 - gaussian_likelihood(exact(grey), exact(mean_x), exact(var))
    for reduction, reduce in {"none": lambda x: x, "sum": np.sum, "mean": np.mean}.items():
        got = elbo_ref.negative_elbo_bernoulli(images_, logits, mean, logvar, reduction=reduction, beta=0.5)
        np.testing.assert_allclose(exact(got), reduce(bernoulli), rtol=backend.eps + 481 * 2.0**-52)
        got = elbo_ref.negative_elbo_gaussian(grey, mean_x, var, mean, logvar, reduction=reduction, beta=0.5)
        np.testing.assert_allclose(exact(got), reduce(gaussian), rtol=backend.eps + 481 * 2.0**-52)


def test_losses_weigh_the_divergence_once_unless_told() -> None:
    x, logits, mean, logvar = np.array([1.0, 0.0]), np.array([0.3, -1.0]), np.array([0.5]), np.array([-0.7])
    rate = elbo_ref.kl_standard_normal(mean, logvar)
    for function, decoder in (
        (elbo_ref.negative_elbo_bernoulli, (x, logits)),
        (elbo_ref.negative_elbo_gaussian, (x, logits, 0.5)),
    ):
        distortion = function(*decoder, mean, logvar, reduction="sum", beta=0.0)
        np.testing.assert_allclose(function(*decoder, mean, logvar, reduction="sum"), distortion + rate, rtol=1e-14)
        with pytest.raises(TypeError, match="positional"):
            function(*decoder, mean, logvar, "sum")


def test_elbo_and_gap_make_up_the_evidence(rng: np.random.Generator) -> None:
    x, mean_q, var_q, *rest = model_and_q(rng)
    bound = elbo_ref.linear_gaussian_elbo(x, mean_q, var_q, *rest)
    gap = elbo_ref.linear_gaussian_gap(x, mean_q, var_q, *rest)
    evidence = elbo_ref.linear_gaussian_log_evidence(x, *rest)
    np.testing.assert_allclose(bound + gap, evidence, rtol=0, atol=32 * 2.0**-52 * np.max(np.abs([bound, gap])))
    assert (gap > 0).all()
    mean, var = elbo_ref.linear_gaussian_posterior(x, *rest)
    np.testing.assert_allclose(elbo_ref.linear_gaussian_gap(x, mean, var, *rest), 0, atol=1e-15)


@pytest.mark.parametrize("var_q", [1e-6, 0.1, 0.75, 1.0, 30.0, 1e6])
def test_the_gap_is_a_divergence_at_any_variance(var_q: float) -> None:
    model = (0.6, 1.5, 0.25, 0.5, -0.75, 2.0)  # x, weight, bias, var_noise, mean_prior, var_prior
    x, *rest = model
    mean, var = elbo_ref.linear_gaussian_posterior(*model)
    gap = elbo_ref.linear_gaussian_gap(x, 0.3, var_q, *rest)
    want = elbo_ref.kl_normal(0.3, math.sqrt(var_q), mean, math.sqrt(var))
    np.testing.assert_allclose(gap, want, rtol=32 * 2.0**-52)
    rate = elbo_ref.linear_gaussian_reconstruction(x, 0.3, var_q, *rest[:3]) - elbo_ref.linear_gaussian_elbo(
        x, 0.3, var_q, *rest
    )
    np.testing.assert_allclose(rate, elbo_ref.kl_normal(0.3, math.sqrt(var_q), -0.75, math.sqrt(2.0)), rtol=1e-12)


@pytest.mark.parametrize("distance", [1e-14, 1e-9, 1e-4])
def test_the_gap_near_the_posterior(distance: float) -> None:
    """There the posterior as a float is farther off than the distance that is asked for."""
    x, weight, bias, noise, prior_mean, prior_var = model = (0.6, 1.5, 0.25, 0.3, -0.75, 2.1)
    mean, var = (float(a) for a in elbo_ref.linear_gaussian_posterior(*model))
    mean_q, var_q = mean + distance, var * (1 + 3 * distance)
    with mp.workdps(60):
        total = mp.mpf(weight) ** 2 * prior_var + noise
        exact_mean = prior_mean + mp.mpf(weight) * prior_var / total * (mp.mpf(x) - bias - mp.mpf(weight) * prior_mean)
        ratio = var_q * total / (mp.mpf(prior_var) * noise)
        want = (ratio - 1 - mp.log(ratio) + (mean_q - exact_mean) ** 2 * total / (mp.mpf(prior_var) * noise)) / 2
        got = elbo_ref.linear_gaussian_gap(x, mean_q, var_q, weight, bias, noise, prior_mean, prior_var)
        assert abs(got - want) <= 16 * 2.0**-52 * want


@pytest.mark.parametrize("name", ["gaussian", "bernoulli", "continuous_bernoulli"])
def test_a_likelihood_needs_an_axis_to_sum_over(name: str) -> None:
    function = getattr(elbo_ref, f"{name}_log_likelihood" + "_logits" * (name != "gaussian"))
    with pytest.raises(ValueError, match=r"x must have at least 1 axis, got shape \(\)"):
        function(*[np.ones(())] * (3 if name == "gaussian" else 2))


def test_an_em_step_needs_observations() -> None:
    one = np.ones(())
    with pytest.raises(ValueError, match="x must have at least 1 axis"):
        elbo_ref.linear_gaussian_em_step(one, 1.0, 0.0, 1.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="x must not be empty"):
        elbo_ref.linear_gaussian_em_step(np.ones((2, 0)), 1.0, 0.0, 1.0, 0.0, 1.0)


@pytest.mark.parametrize("weight", [3.0, 1e160, 1e300])
def test_the_information_of_any_weight(weight: float) -> None:
    """log(1 + weight^2 var_prior / var_noise) / 2, of either sign, also where the square leaves the range."""
    want = scipy.special.log1p(weight**2 * 0.5) / 2 if weight < 1e150 else math.log(weight) + math.log(0.5) / 2
    for w in (weight, -weight):
        np.testing.assert_allclose(elbo_ref.linear_gaussian_mutual_information(w, 2.0, 1.0), want, rtol=4 * 2.0**-52)


def exact_posterior_and_evidence(*model: float) -> list[tuple[mp.mpf, mp.mpf]]:
    """Mean and variance of the posterior and the log evidence, each with the size of what is summed up to it."""
    with mp.workdps(900):
        x, weight, bias, var_noise, mean, var_prior = map(mp.mpf, model)
        total = weight * weight * var_prior + var_noise
        gain, keeps = weight * var_prior / total, var_noise / total
        shift = x - weight * mean - bias
        var, log = var_prior * keeps, mp.log(2 * mp.pi * total) / 2
        return [
            (
                keeps * mean + gain * (x - bias),
                abs(keeps * mean) + abs(gain) * (abs(x) + abs(bias) + abs(weight * mean)),
            ),
            (var, var),
            (-shift * shift / total / 2 - log, (abs(x) + abs(bias) + abs(weight * mean)) ** 2 / total + abs(log)),
        ]


def test_posterior_and_evidence_at_weights_of_any_size(rng: np.random.Generator) -> None:
    """Also where the square of the weight is infinite; where the posterior mean is by the data alone, so is its error."""
    seen = 0
    for _ in range(400):
        weight = float(rng.choice([-1, 1]) * 10.0 ** rng.uniform(-300, 307))
        x, bias, mean = (10.0 ** rng.uniform(-2, 2, 3)).tolist()
        if abs(weight) < 1e300:
            x *= 1 + abs(weight) * float(rng.integers(2))
        var_noise, var_prior = (10.0 ** rng.uniform(-100, 100, 2)).tolist()
        model = x, weight, bias, var_noise, mean, var_prior
        got = *elbo_ref.linear_gaussian_posterior(*model), elbo_ref.linear_gaussian_log_evidence(*model)
        for value, (want, scale) in zip(got, exact_posterior_and_evidence(*model), strict=True):
            if 1e-290 < abs(want) < 1e307:
                seen += abs(weight) > 1e155
                assert abs(mp.mpf(float(value)) - want) <= 32 * 2.0**-53 * scale, model
    assert seen > 100


def test_a_posterior_where_no_float64_is() -> None:
    jax = pytest.importorskip("jax")
    with jax.enable_x64(False):
        mean, var = elbo_ref.linear_gaussian_posterior(*map(jax.numpy.float32, (1e25, 2e25, 0.0, 1.0, 3.0, 1.0)))
    assert mean.dtype == np.float32
    assert (float(mean), float(var)) == (pytest.approx(0.5, rel=4 * 2.0**-24), 0.0)


@pytest.mark.parametrize(
    ("weight", "var_noise", "var_prior"), [(5e-324, 5e-324, 1.6e293), (1e300, 1e300, 1e-320), (1e-160, 5e-324, 1e-310)]
)
def test_the_information_where_a_step_could_leave_the_range(weight: float, var_noise: float, var_prior: float) -> None:
    """The ratio of the stds is infinite or has lost its digits, or else weight times one of them has; s is small each time."""
    square = Fraction(weight) ** 2 * Fraction(var_prior) / Fraction(var_noise)
    found = elbo_ref.linear_gaussian_mutual_information(weight, var_noise, var_prior)
    np.testing.assert_allclose(found, float(square / 2), rtol=16 * 2.0**-52)


# Torch: gradients, transforms, compilation


def onto(torch: Any, kind: str, x: Any) -> Any:
    """Map free parameters to arguments inside the domain, so that finite differences stay inside."""
    if kind == "table":
        return torch.softmax(x, -1)
    if kind == "joint":
        return torch.softmax(x.flatten(-2), -1).unflatten(-1, x.shape[-2:])
    if kind == "positive":
        return torch.exp(x)
    if kind == "unit interval":
        return torch.sigmoid(x)
    if kind in ("tril", "covariance"):
        tril = torch.tril(x, -1) + torch.diag_embed(torch.exp(torch.diagonal(x, dim1=-2, dim2=-1)))
        return tril if kind == "tril" else tril @ tril.mT
    assert kind == ""
    return x


def parametrized(case: Case) -> Callable[..., Any]:
    torch = pytest.importorskip("torch")

    def function(*parameters: Any) -> Any:
        pairs = enumerate(zip(case.onto, parameters, strict=True))
        return case.function(*(x if i in case.fixed else onto(torch, kind, x) for i, (kind, x) in pairs))

    return function


def parameters(case: Case, rng: np.random.Generator) -> list[Any]:
    torch = pytest.importorskip("torch")
    arrays = case.arguments(rng)
    return [
        torch.tensor(a if i in case.fixed else rng.normal(size=a.shape) / 2, dtype=torch.float64)
        for i, a in enumerate(arrays)
    ]


def test_gradients_of_first_and_second_order(case: Case, rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    points = [x[:1].requires_grad_(i not in case.fixed) for i, x in enumerate(parameters(case, rng))]
    assert torch.autograd.gradcheck(parametrized(case), points, fast_mode=True)
    assert torch.autograd.gradgradcheck(parametrized(case), points, fast_mode=True)


def test_gradients_where_both_laws_are_equal(rng: np.random.Generator) -> None:
    """A divergence has gradient 0 there, and the branches that are not taken must not turn it into NaN."""
    torch = pytest.importorskip("torch")
    pairs = [
        (elbo_ref.kl_categorical, tables(rng)[:1]),
        (elbo_ref.kl_categorical_logits, (rng.normal(size=(3, 4)),)),
        (elbo_ref.kl_bernoulli, (rng.uniform(size=3),)),
        (elbo_ref.kl_bernoulli_logits, (rng.normal(size=3),)),
        (elbo_ref.jensen_shannon, tables(rng)[:1]),
        (elbo_ref.kl_normal, normals(rng)[:2]),
        (elbo_ref.kl_mvn_tril, trils(rng)[:2]),
        (elbo_ref.kl_mvn, covariances(rng)[:2]),
    ]
    for function, law in pairs:
        points = [torch.tensor(x, requires_grad=True) for x in (*law, *law)]
        value = function(*points)
        assert (value == 0).all(), function.__name__
        gradients = torch.autograd.grad(value.sum(), points, create_graph=True)
        for gradient in gradients:
            np.testing.assert_allclose(gradient.detach().numpy(), 0, atol=1e-15, err_msg=function.__name__)
        for second in torch.autograd.grad(sum(gradient.sum() for gradient in gradients), points):
            assert torch.isfinite(second).all(), function.__name__


def test_curvature_where_both_laws_are_equal() -> None:
    """There the Hessian of the divergence is the Fisher information: 1 / std^2 for the mean, 2 / std^2 for the std."""
    torch = pytest.importorskip("torch")
    point = torch.tensor([0.2, 1.5], dtype=torch.float64)
    hessian = torch.autograd.functional.hessian(lambda law: elbo_ref.kl_normal(law[0], law[1], 0.2, 1.5), point)
    want = torch.tensor([[1 / 1.5**2, 0], [0, 2 / 1.5**2]], dtype=torch.float64)
    torch.testing.assert_close(hessian, want, rtol=1e-15, atol=0)


def test_the_gradients_of_a_bernoulli_likelihood() -> None:
    """x l - softplus(l) has the derivatives l and x - sigmoid(l); the latter keeps its digits where x is almost certain."""
    torch = pytest.importorskip("torch")
    x = torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64, requires_grad=True)
    logits = torch.tensor([-80.0, 80.0, 0.5, -0.5], dtype=torch.float64, requires_grad=True)
    by_x, by_logits = torch.autograd.grad(elbo_ref.bernoulli_log_likelihood_logits(x, logits), (x, logits))
    assert torch.equal(by_x, logits.detach())
    half = 1 / (1 + math.exp(-0.5))
    want = torch.tensor([-math.exp(-80.0), math.exp(-80.0), -half, half], dtype=torch.float64)
    torch.testing.assert_close(by_logits, want, rtol=1e-15, atol=0)


def test_vmap_and_grad_of_torch_func(case: Case, rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    points = parameters(case, rng)
    function = parametrized(case)
    for mapped, batched in zip(outputs(torch.func.vmap(function)(*points)), outputs(function(*points)), strict=True):
        torch.testing.assert_close(mapped, batched, rtol=1e-14, atol=1e-15)

    def total(*x: Any) -> Any:
        return sum(y.sum() for y in outputs(function(*x)))

    free = tuple(i for i in range(len(points)) if i not in case.fixed)
    mapped = torch.func.vmap(torch.func.grad(total, argnums=free))(*points)
    for by_func, by_autograd in zip(mapped, torch.func.grad(total, argnums=free)(*points), strict=True):
        torch.testing.assert_close(by_func, by_autograd, rtol=1e-12, atol=1e-14)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about its own compiler
@pytest.mark.parametrize("name", ["kl_diag_normal", "kl_categorical_logits", "kl_mvn", "linear_gaussian_posterior"])
def test_traces_without_a_graph_break(name: str, rng: np.random.Generator) -> None:
    """One function for each way that arguments are checked: elementwise, by rows, matrices, several results."""
    torch = pytest.importorskip("torch")
    torch.compiler.reset()
    points = [torch.tensor(x) for x in CASES[name].arguments(rng)]
    function = CASES[name].function
    traced = torch.compile(function, fullgraph=True, backend="eager")
    for got, want in zip(outputs(traced(*points)), outputs(function(*points)), strict=True):
        torch.testing.assert_close(got, want, rtol=1e-14, atol=1e-15)


def test_autocast_changes_nothing(rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    arrays = [torch.tensor(a, dtype=torch.float32) for a in normals(rng)]
    matrices = [torch.tensor(a, dtype=torch.float32) for a in trils(rng)]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = elbo_ref.kl_normal(*arrays), elbo_ref.kl_mvn_tril(*matrices)
    outside = elbo_ref.kl_normal(*arrays), elbo_ref.kl_mvn_tril(*matrices)
    for a, b in zip(inside, outside, strict=True):
        assert a.dtype == torch.float32
        assert torch.equal(a, b)


# The package


def test_importing_loads_numpy_only() -> None:
    code = """import sys, numpy
before = set(sys.modules)
import elbo_ref
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    slow = {"array_api_compat", "concurrent", "dataclasses", "inspect", "logging"}
    loaded = set(result.stdout.split())
    assert "elbo_ref" in loaded and not loaded & slow
    assert not loaded - {"elbo_ref"} - sys.stdlib_module_names


SETTINGS = {"unchecked"}  # no formula


@pytest.mark.parametrize("name", sorted(set(elbo_ref.__all__) - SETTINGS))
def test_every_public_name_says_which_theorem_licenses_it(name: str) -> None:
    lines = (inspect.getdoc(getattr(elbo_ref, name)) or "").splitlines()
    assert len(lines) > 2, "a summary, then the formula"
    assert re.fullmatch(
        r"Theorem: ([a-z][a-z0-9_]*|none yet)\.|Theorems: [a-z][a-z0-9_]*(, [a-z][a-z0-9_]*)+\.", lines[-1]
    ), lines[-1]
