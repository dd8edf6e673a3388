"""Quadrature in torch: beside closed forms and SciPy, in both dtypes, batched, differentiated, on a device."""

import math
from typing import Any

import pytest

import elbo_ref

torch = pytest.importorskip("torch")
from elbo_ref import quadrature, quadrature_torch
from elbo_ref.quadrature_torch import Normal

TOLERANCE = {torch.float64: 2.0**-44, torch.float32: 2.0**-18}


def models(dtype: Any, rows: int = 2000) -> tuple[Any, ...]:
    """x, weight, bias, var_noise, and q, of linear-Gaussian models."""
    generator = torch.Generator().manual_seed(0)
    x, weight, bias, mean = torch.randn(4, rows, generator=generator, dtype=torch.float64)
    var_noise, std = torch.exp(torch.randn(2, rows, generator=generator, dtype=torch.float64))
    return tuple(a.to(dtype) for a in (x, weight, bias, var_noise, mean, std))


def likelihood(x: Any, weight: Any, bias: Any, var_noise: Any) -> Any:
    x, weight, bias, var_noise = (a[..., None] for a in (x, weight, bias, var_noise))
    return lambda z: -((x - weight * z - bias) ** 2) / (2 * var_noise) - torch.log(2 * math.pi * var_noise) / 2


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_thousands_of_models(dtype: Any) -> None:
    x, weight, bias, var_noise, mean, std = models(dtype)
    prior, q = Normal(torch.zeros_like(x), torch.ones_like(x)), Normal(mean, std)
    log_likelihood, one = likelihood(x, weight, bias, var_noise), torch.ones_like(x)
    model = weight, bias, var_noise, 0 * one, one
    found = {
        "evidence": (
            quadrature_torch.log_evidence(log_likelihood, prior),
            elbo_ref.linear_gaussian_log_evidence(x, *model),
        ),
        "elbo": (
            quadrature_torch.elbo(log_likelihood, prior, q),
            elbo_ref.linear_gaussian_elbo(x, mean, std * std, *model),
        ),
        "gap": (
            quadrature_torch.gap(log_likelihood, prior, q),
            elbo_ref.linear_gaussian_gap(x, mean, std * std, *model),
        ),
        "kl": (quadrature_torch.kl(q, prior), elbo_ref.kl_normal(mean, std, 0.0, 1.0)),
        "reconstruction": (
            quadrature_torch.expectation(log_likelihood, q),
            elbo_ref.linear_gaussian_reconstruction(x, mean, std * std, weight, bias, var_noise),
        ),
    }
    size = 1 + ((x - bias) ** 2 + weight**2 * (mean**2 + std**2) + 1) / var_noise + mean**2 + std**2
    for name, (integral, exact) in found.items():
        assert integral.value.dtype == dtype
        assert ((integral.value - exact).abs() <= TOLERANCE[dtype] * size).all(), name
        assert (integral.error <= 16 * TOLERANCE[dtype] * size).all(), name


def test_the_error_tells() -> None:
    """A kink, which the rule sees badly, and a cosine that is too fast for the nodes."""
    q = Normal(torch.tensor([0.3], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64))
    kink = quadrature_torch.expectation(lambda z: (z - 0.3217).abs(), q)
    exact = quadrature.expectation(
        lambda z: abs(z - 0.3217),
        quadrature.Density(lambda z: -((z - 0.3) ** 2) / 2 - math.log(2 * math.pi) / 2, 0.3),
        breaks=[0.3217],
    )
    assert 1e-9 < abs(float(kink.value) - exact) <= 4 * float(kink.error)
    fast = quadrature_torch.expectation(lambda z: torch.cos(50 * z), q)
    assert float(fast.error) > 1e-3


def test_a_bernoulli_decoder_beside_scipy() -> None:
    x, weight = torch.tensor([1.0, 0.0], dtype=torch.float64), torch.tensor([3.0, -20.0], dtype=torch.float64)
    prior = Normal(torch.zeros(2, dtype=torch.float64), torch.ones(2, dtype=torch.float64))
    sign = (2 * x - 1)[:, None]
    found = quadrature_torch.log_evidence(
        lambda z: torch.nn.functional.logsigmoid(sign * (weight[:, None] * z - 0.5)), prior
    )
    standard = quadrature.Density(lambda z: -z * z / 2 - math.log(2 * math.pi) / 2)
    for k in range(2):
        s, w = float(2 * x[k] - 1), float(weight[k])

        def scalar(z: float, s: float = s, w: float = w) -> float:
            y = -s * (w * z - 0.5)
            return -(max(y, 0.0) + math.log1p(math.exp(-abs(y))))

        assert float(found.value[k]) == pytest.approx(quadrature.log_evidence(scalar, standard), abs=1e-9)


def test_derivatives() -> None:
    """Of the ELBO by q, and of the evidence by the model: those of the closed forms."""
    x, weight, bias, var_noise, mean, std = (a[:50].requires_grad_() for a in models(torch.float64))
    prior = Normal(torch.zeros(50, dtype=torch.float64), torch.ones(50, dtype=torch.float64))
    log_likelihood, rest = likelihood(x, weight, bias, var_noise), (weight, bias, var_noise, 0.0, 1.0)
    pairs = [
        (
            quadrature_torch.elbo(log_likelihood, prior, Normal(mean, std)),
            elbo_ref.linear_gaussian_elbo(x, mean, std * std, *rest),
        ),
        (quadrature_torch.log_evidence(log_likelihood, prior), elbo_ref.linear_gaussian_log_evidence(x, *rest)),
    ]
    for (integral, exact), by in zip(pairs, ((mean, std, weight), (x, weight, var_noise)), strict=True):
        got, want = (torch.autograd.grad(value.sum(), by, retain_graph=True) for value in (integral.value, exact))
        for g, w in zip(got, want, strict=True):
            torch.testing.assert_close(g, w, rtol=1e-9, atol=1e-9)


def test_on_a_device() -> None:
    simulated = pytest.importorskip("tests.elbo_ref._simulated")
    mean, std = torch.tensor([0.5, -1.0], dtype=torch.float64), torch.tensor([0.3, 2.0], dtype=torch.float64)
    with simulated.device():
        q = Normal(simulated.far(mean), simulated.far(std))
        prior = Normal(simulated.far(torch.zeros_like(mean)), simulated.far(torch.ones_like(std)))
        found = quadrature_torch.gap(lambda z: -z * z, prior, q)
        assert simulated.counts["waits"] == 0
    want = elbo_ref.kl_normal(mean, std, 0.0, 1 / math.sqrt(3))
    torch.testing.assert_close(simulated.near(found.value), want, rtol=1e-11, atol=1e-12)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="mean and std must be float64 or float32 tensors of one shape"):
        quadrature_torch.kl(Normal(torch.zeros(2), torch.ones(3)), Normal(torch.zeros(2), torch.ones(2)))


@pytest.mark.parametrize("x", [0.0, 30.0, 1000.0, -1e6])
def test_a_posterior_far_from_the_prior_is_found(x):
    prior = Normal(torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64))
    found = quadrature_torch.log_evidence(lambda z: -((x - z) ** 2 / 0.5 + math.log(math.pi)) / 2, prior)
    closed = elbo_ref.linear_gaussian_log_evidence(torch.tensor([x], dtype=torch.float64), 1.0, 0.0, 0.5, 0.0, 1.0)
    torch.testing.assert_close(found.value, closed, rtol=1e-13, atol=1e-12)
    assert bool((found.error <= 1e-12 * (1 + closed.abs())).all())


def test_an_integrand_that_does_not_die_out_has_no_error_bar():
    prior = Normal(torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64))
    found = quadrature_torch.log_evidence(lambda z: z * z, prior)  # exp(z^2 / 2) has no integral
    assert bool(torch.isinf(found.error).all())


def test_what_is_no_density_is_refused_by_name() -> None:
    normal = Normal(torch.zeros(2), torch.ones(2))
    cases = [
        (
            lambda: quadrature_torch.kl(Normal(0.0, 1.0), normal),
            ValueError,
            "tensors of one shape, got float and float",
        ),
        (
            lambda: quadrature_torch.kl(Normal(torch.zeros(2), torch.ones(3)), normal),
            ValueError,
            r"of \(2,\) and .* of \(3,\)",
        ),
        (
            lambda: quadrature_torch.kl(torch.distributions.Normal(0.0, 1.0), normal),
            TypeError,
            "must be Normal.mean, std. of elbo_ref",
        ),
        (
            lambda: quadrature_torch.kl(normal, torch.distributions.Normal(0.0, 1.0)),
            TypeError,
            "its logarithm as a function, got Normal",
        ),
        (lambda: quadrature_torch.elbo(lambda z: z, 1.0, normal), TypeError, "its logarithm as a function, got float"),
    ]
    for call, error, message in cases:
        with pytest.raises(error, match=message):
            call()
