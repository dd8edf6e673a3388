"""Estimators against exact expectations: finite distributions summed over all samples, and quadrature of Gaussians."""

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from elbo_ref import estimators as est

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / math.sqrt(2 * math.pi)

ARRAYS = [
    pytest.param(lambda x, dtype="float64": np.asarray(x, dtype=dtype), id="numpy"),
    pytest.param(lambda x, dtype="float64": torch.tensor(np.asarray(x), dtype=getattr(torch, dtype)), id="torch"),
    pytest.param(
        lambda x, dtype="float64": torch.tensor(np.asarray(x), dtype=getattr(torch, dtype), device="cuda"),
        id="cuda",
        marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
    ),
]

LOG_Q = np.log([0.5, 0.3, 0.2])
LOG_P = np.log([0.25, 0.25, 0.5])
KL = float(np.sum(np.exp(LOG_Q) * (LOG_Q - LOG_P)))
REVERSE_KL = float(np.sum(np.exp(LOG_P) * (LOG_P - LOG_Q)))


def eps(dtype):
    return float(np.finfo(dtype).eps)


def to_numpy(x):
    return np.asarray(x.cpu() if isinstance(x, torch.Tensor) else x, dtype=np.float64)


@pytest.mark.parametrize("array", ARRAYS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
class TestFiniteDistribution:
    """On a finite space the expectation of an estimator is a sum over all its outcomes: unbiased means equal."""

    def test_log_ratio_and_bregman_are_unbiased(self, array, dtype):
        for estimator in (est.kl_estimator_log_ratio, est.kl_estimator_bregman):
            values = estimator(array(LOG_Q, dtype), array(LOG_P, dtype))
            assert values.dtype == array(LOG_Q, dtype).dtype
            assert abs(np.sum(np.exp(LOG_Q) * to_numpy(values)) - KL) <= 8 * eps(dtype)

    def test_half_square_is_not_unbiased(self, array, dtype):
        values = to_numpy(est.kl_estimator_half_square(array(LOG_Q, dtype), array(LOG_P, dtype)))
        mean = np.sum(np.exp(LOG_Q) * values)
        assert abs(mean - np.sum(np.exp(LOG_Q) * (LOG_Q - LOG_P) ** 2) / 2) <= 8 * eps(dtype)
        assert abs(mean - KL) > 0.005

    def test_monte_carlo_elbo_averages_to_the_elbo(self, array, dtype):
        """All nine pairs of samples, weighted by their probability."""
        first, second = np.meshgrid(np.arange(3), np.arange(3), indexing="ij")
        pairs = np.stack([first.ravel(), second.ravel()])
        probability = np.exp(LOG_Q)[pairs].prod(axis=0)
        log_joint = LOG_P - 1.5
        value, error = est.monte_carlo_elbo(array(log_joint[pairs], dtype), array(LOG_Q[pairs], dtype))
        assert value.dtype == error.dtype == array(LOG_Q, dtype).dtype
        assert abs(np.sum(probability * to_numpy(value)) - (-KL - 1.5)) <= 16 * eps(dtype)
        variance = np.sum(np.exp(LOG_Q) * (LOG_P - LOG_Q) ** 2) - KL**2
        assert abs(np.sum(probability * to_numpy(error) ** 2) - variance / 2) <= 16 * eps(dtype)

    def test_iwae_rises_from_the_elbo_towards_the_evidence(self, array, dtype):
        log_weights = LOG_P - 1.5 - LOG_Q
        bounds = []
        for k in (1, 2, 3):
            draws = np.stack([g.ravel() for g in np.meshgrid(*[np.arange(3)] * k, indexing="ij")])
            probability = np.exp(LOG_Q)[draws].prod(axis=0)
            bounds.append(np.sum(probability * to_numpy(est.iwae_bound(array(log_weights[draws], dtype)))))
        assert abs(bounds[0] - (-KL - 1.5)) <= 16 * eps(dtype)
        assert bounds[0] < bounds[1] < bounds[2] < -1.5

    def test_gradients_of_the_kl_estimators(self, array, dtype):
        """Sample held fixed, gradient in the logits of q: zero mean, that of KL(q || p), and that of KL(p || q)."""
        logits = torch.tensor(LOG_Q, dtype=getattr(torch, dtype), requires_grad=True)
        log_p = torch.tensor(LOG_P, dtype=getattr(torch, dtype))

        def mean_gradient(estimator):
            values = estimator(torch.log_softmax(logits, 0), log_p)
            (gradient,) = torch.autograd.grad(torch.sum(torch.exp(logits.detach()) * values), logits)
            return to_numpy(gradient)

        q = np.exp(LOG_Q)
        forward = q * (LOG_Q - LOG_P - KL)
        reverse = q - np.exp(LOG_P)
        assert np.allclose(mean_gradient(est.kl_estimator_log_ratio), 0, atol=16 * eps(dtype))
        assert np.allclose(mean_gradient(est.kl_estimator_half_square), forward, atol=16 * eps(dtype))
        assert np.allclose(mean_gradient(est.kl_estimator_bregman), reverse, atol=16 * eps(dtype))

    def test_score_function_gradient_is_unbiased_for_any_baseline(self, array, dtype):
        """d/d logits of E_q f: the two-sample estimate averaged over all pairs."""
        f = np.array([1.0, -2.0, 4.0])
        q = np.exp(LOG_Q)
        exact = q * (f - q @ f)
        score = np.eye(3) - q
        for baseline in (0.0, 0.75):
            total = np.zeros(3)
            for i in range(3):
                for j in range(3):
                    value, error = est.score_function_gradient(
                        array(f[[i, j]], dtype), array(score[[i, j]], dtype), baseline=baseline
                    )
                    assert value.shape == error.shape == (3,)
                    total += q[i] * q[j] * to_numpy(value)
            assert np.allclose(total, exact, atol=32 * eps(dtype))


@pytest.mark.parametrize("array", ARRAYS)
class TestGaussian:
    def test_reparameterized_and_score_gradients_agree_with_the_exact_ones(self, array):
        """f(z) = z^4 under N(m, s^2): E f = m^4 + 6 m^2 s^2 + 3 s^4. Gauss-Hermite nodes are exact for polynomials."""
        m, s = 0.7, 0.4
        z = m + s * NODES
        exact = (4 * m**3 + 12 * m * s**2, 12 * m**2 * s + 12 * s**3)
        n = len(NODES)
        mean, std = est.reparameterized_gradient(array(4 * z**3 * WEIGHTS * n), array(NODES))
        score = est.score_normal(array(z), array(m), array(s))
        for reparameterized, d, expected in zip((mean, std), score, exact, strict=True):
            weighted = est.score_function_gradient(array(z**4 * WEIGHTS * n), d)
            assert abs(float(reparameterized.value) - expected) <= 1e-12
            assert abs(float(weighted.value) - expected) <= 1e-11

    def test_sticking_the_landing(self, array):
        """The path through log p(x, z) - log q(z) alone, for the prior N(0, 1), a likelihood N(z, 1) and x = 0.6.

        The ELBO has the slopes x - 2 m and 1 / s - 2 s. At the posterior, N(x / 2, 1 / 2), each sample says 0.
        """
        x, n = 0.6, len(NODES)
        for m, s in ((0.7, 0.4), (x / 2, math.sqrt(0.5))):
            z = m + s * NODES
            slope = (x - 2 * z) + (z - m) / s**2
            mean, std = est.reparameterized_gradient(array(slope * WEIGHTS * n), array(NODES))
            assert abs(float(mean.value) - (x - 2 * m)) <= 1e-13
            assert abs(float(std.value) - (1 / s - 2 * s)) <= 1e-13
        assert np.abs(slope).max() <= 1e-13

    @pytest.mark.parametrize("samples", [1, 2, 3])
    def test_doubly_reparameterized(self, array, samples):
        """Its mean is the gradient of the importance-weighted bound, both by quadrature over all K samples.

        Prior N(0, 1), likelihood N(z, 1), x = 0.6; K = 1 is the ELBO.
        """
        nodes, weights = np.polynomial.hermite_e.hermegauss({1: 40, 2: 40, 3: 24}[samples])
        noise = np.stack(np.meshgrid(*[nodes] * samples, indexing="ij")).reshape(samples, -1)
        mass = math.prod(np.meshgrid(*[weights / math.sqrt(2 * math.pi)] * samples, indexing="ij")).reshape(-1)
        m, s = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (0.7, 0.8))
        z = m + s * torch.tensor(noise)
        log_weights = -(z**2) / 2 - (0.6 - z) ** 2 / 2 + ((z - m) / s) ** 2 / 2 + torch.log(s)
        exact = torch.autograd.grad((torch.tensor(mass) * est.iwae_bound(log_weights)).sum(), (m, s))
        z, s = z.detach().numpy(), s.item()
        path = 0.6 - 2 * z + (z - m.item()) / s**2
        found = est.doubly_reparameterized_gradient(*map(array, (log_weights.detach().numpy(), path, noise)))
        for draws, expected in zip(found, exact, strict=True):
            assert draws.shape == mass.shape
            assert abs(mass @ to_numpy(draws) - expected.item()) <= 1e-9

    def test_doubly_reparameterized_gradients_of_vectors(self, array):
        """Weights 1 : 3 : 0 in the first draw and alike in the second, at two coordinates."""
        log_weights = np.log([[2.0, 5.0], [6.0, 5.0], [1.0, 5.0]])
        log_weights[2, 0] = -math.inf
        gradient = np.arange(12.0).reshape(3, 2, 2) - 4
        noise = np.array([1.0, -0.5, 2.0])[:, None, None] * np.ones((3, 2, 2))
        squares = np.array([[1 / 16, 1 / 9], [9 / 16, 1 / 9], [0, 1 / 9]])[..., None]
        mean, std = est.doubly_reparameterized_gradient(array(log_weights), array(gradient), array(noise))
        np.testing.assert_allclose(to_numpy(mean), (squares * gradient).sum(0), rtol=1e-14)
        np.testing.assert_allclose(to_numpy(std), (squares * gradient * noise).sum(0), rtol=1e-14)

    def test_doubly_reparameterized_weights_go_with_latents_of_any_shape(self, array):
        """Weights 1 : 3 for latents that are tables of 2 x 3."""
        gradient = np.arange(12.0).reshape(2, 2, 3)
        mean, _ = est.doubly_reparameterized_gradient(array(np.log([1.0, 3.0])), array(gradient), array(gradient))
        np.testing.assert_allclose(to_numpy(mean), gradient[0] / 16 + gradient[1] * 9 / 16, rtol=1e-14)

    def test_doubly_reparameterized_weights_may_be_of_any_size(self, array):
        log_weights, gradient = np.array([1e300, 1e300, -1e300]), np.array([4.0, 8.0, 1.0])
        mean, _ = est.doubly_reparameterized_gradient(array(log_weights), array(gradient), array(gradient))
        assert float(mean) == 3.0

    def test_reparameterized_gradients_of_vectors(self, array):
        gradient, noise = (
            np.array([[1.0, 2.0], [4.0, -3.0], [1.0, 4.0]]),
            np.array([[0.5, -1.0], [2.0, 1.0], [0.0, 3.0]]),
        )
        for estimate, each in zip(
            est.reparameterized_gradient(array(gradient), array(noise)), (gradient, gradient * noise), strict=True
        ):
            assert np.allclose(to_numpy(estimate.value), each.mean(axis=0), rtol=1e-15)
            assert np.allclose(to_numpy(estimate.standard_error), each.std(axis=0, ddof=1) / math.sqrt(3), rtol=1e-15)

    def test_reparameterize_has_the_mean_and_variance_it_names(self, array):
        z = to_numpy(est.reparameterize(array(0.7), array(0.4), array(NODES)))
        assert abs(WEIGHTS @ z - 0.7) <= 1e-14
        assert abs(WEIGHTS @ (z - 0.7) ** 2 - 0.16) <= 1e-14

    def test_log_normal_diag_is_a_sum_of_univariate_densities(self, array):
        z, mean, std = np.array([[0.3, -1.0], [2.0, 0.0]]), np.array([0.1, -0.5]), np.array([0.5, 3.0])
        expected = np.log(np.exp(-(((z - mean) / std) ** 2) / 2) / (std * math.sqrt(2 * math.pi))).sum(-1)
        assert np.allclose(to_numpy(est.log_normal_diag(array(z), array(mean), array(std))), expected, rtol=1e-14)

    def test_bregman_keeps_its_digits_near_equality(self, array):
        """At a log ratio d of 2^-30, which is exact, k = d^2/2 - d^3/6 + ...: psi keeps it to a few ulp."""
        d = Fraction(1, 2**30)
        exact = float(d**2 / 2 - d**3 / 6 + d**4 / 24)
        k = float(est.kl_estimator_bregman(array([float(d)]), array([0.0]))[0])
        assert abs(k - exact) <= 4 * eps("float64") * exact


@pytest.mark.parametrize("array", ARRAYS)
class TestEdges:
    def test_iwae_survives_huge_and_empty_weights(self, array):
        assert float(est.iwae_bound(array([1000.0, 1000.0]))) == 1000.0
        assert float(est.iwae_bound(array([-1e5, -1e5]))) == -1e5
        assert float(est.iwae_bound(array([-math.inf, 0.0]))) == pytest.approx(-math.log(2), rel=1e-15)
        assert float(est.iwae_bound(array([-math.inf, -math.inf]))) == -math.inf

    def test_iwae_axis(self, array):
        x = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
        expected = np.log(np.exp(x).mean(axis=1))
        assert np.allclose(to_numpy(est.iwae_bound(array(x), axis=-1)), expected, rtol=1e-15)

    def test_elbo_of_an_impossible_sample(self, array):
        value, error = est.monte_carlo_elbo(array([[0.0, 1.0], [-math.inf, 3.0]]), array([[0.0, 0.0], [0.0, 0.0]]))
        assert to_numpy(value).tolist() == [-math.inf, 2.0]
        assert math.isnan(error[0])
        assert float(error[1]) == 1.0

    def test_standard_error_of_three_samples(self, array):
        value, error = est.monte_carlo_elbo(array([1.0, 2.0, 4.5]), array([0.0, 0.0, 0.5]))
        assert float(value) == pytest.approx(7 / 3, rel=1e-15)
        assert float(error) == pytest.approx(np.std([1, 2, 4], ddof=1) / math.sqrt(3), rel=1e-14)

    def test_a_perfect_baseline_leaves_no_variance(self, array):
        score = array([[1.0, -2.0], [0.5, 3.0], [2.0, 0.25]])
        for baseline in (2.0, array([2.0, 2.0, 2.0])):
            value, error = est.score_function_gradient(array([2.0, 2.0, 2.0]), score, baseline=baseline)
            assert to_numpy(value).tolist() == to_numpy(error).tolist() == [0, 0]

    def test_scores_in_matrices(self, array):
        score = np.arange(12.0).reshape(2, 3, 2)
        value, _ = est.score_function_gradient(array([1.0, 3.0]), array(score), baseline=array([0.5, 1.0]))
        assert np.allclose(to_numpy(value), (0.5 * score[0] + 2 * score[1]) / 2, rtol=1e-15)

    def test_the_sample_axis_is_named(self, array):
        with pytest.raises(TypeError, match="positional"):
            est.monte_carlo_elbo(array([1.0, 2.0]), array([1.0, 2.0]), 0)
        with pytest.raises(TypeError, match="positional"):
            est.iwae_bound(array([1.0, 2.0]), 0)
        assert float(est.monte_carlo_elbo(array([[1.0, 2.0]]), array([[0.0, 0.0]]), axis=1).value[0]) == 1.5

    def test_the_baseline_is_named(self, array):
        with pytest.raises(TypeError, match="positional"):
            est.score_function_gradient(array([1.0, 2.0]), array([1.0, 2.0]), 0.5)

    def test_no_mass_under_p_is_infinite(self, array):
        for estimator in (est.kl_estimator_log_ratio, est.kl_estimator_half_square, est.kl_estimator_bregman):
            assert float(estimator(array([0.0]), array([-math.inf]))[0]) == math.inf

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda a: est.monte_carlo_elbo(a([1.0]), a([1.0])), "at least 2 samples along axis 0, got 1"),
            (lambda a: est.monte_carlo_elbo(a([1.0, 2.0]), a([1.0])), "log_q must have the shape of log_joint"),
            (lambda a: est.monte_carlo_elbo(a([1.0, math.nan]), a([1.0, 2.0])), "log_joint must be a number below inf"),
            (lambda a: est.monte_carlo_elbo(a([1.0, 2.0]), a([1.0, -math.inf])), "log_q must be finite"),
            (lambda a: est.monte_carlo_elbo(a([1.0, 2.0]), a([1.0, 2.0]), axis=1), "must be an axis of"),
            (lambda a: est.iwae_bound(a([1.0, 2.0]), axis=7), "must be an axis of"),
            (lambda a: est.iwae_bound(a([1.0, 2.0]), axis=-2), "must be an axis of"),
            (lambda a: est.iwae_bound(a([0.0, math.inf])), "log_weights must be a number below inf"),
            (lambda a: est.iwae_bound(a([])), "at least 1 sample"),
            (lambda a: est.kl_estimator_bregman(a([-math.inf]), a([0.0])), "log_q must be finite"),
            (lambda a: est.kl_estimator_log_ratio(a([0.0]), a([math.nan])), "log_p must be a number below inf"),
            (lambda a: est.reparameterize(a([0.0]), a([0.0]), a([1.0])), "std must be finite and > 0, got 0.0"),
            (lambda a: est.log_normal_diag(a(0.0), a(0.0), a(1.0)), "one of z, mean, std must have at least 1 axis"),
            (lambda a: est.score_function_gradient(a([1.0, 2.0, 3.0]), a([1.0, 2.0])), "value must have shape"),
            (lambda a: est.score_function_gradient(a([1.0, 2.0]), a([1.0, 2.0, 3.0])), "value must have shape"),
            (
                lambda a: est.score_function_gradient(a([1.0, 2.0]), a([1.0, 2.0]), baseline=a([1.0])),
                "baseline must be a number or have shape",
            ),
            (lambda a: est.reparameterized_gradient(a([1.0, 2.0]), a([1.0])), "noise must have the shape of gradient"),
            (lambda a: est.reparameterized_gradient(a([1.0]), a([1.0])), "at least 2 samples along axis 0, got 1"),
            (
                lambda a: est.doubly_reparameterized_gradient(a([1.0, 2.0]), a([1.0, 2.0]), a([1.0])),
                "noise must have the shape of gradient",
            ),
            (
                lambda a: est.doubly_reparameterized_gradient(a([[1.0], [2.0]]), a([1.0, 2.0]), a([1.0, 2.0])),
                r"gradient must have a shape that begins with \(2, 1\), got \(2,\)",
            ),
            (
                lambda a: est.doubly_reparameterized_gradient(a([-math.inf, -math.inf]), a([1.0, 2.0]), a([1.0, 2.0])),
                "log_weights must be above -inf for some sample, got -inf",
            ),
            (
                lambda a: est.doubly_reparameterized_gradient(a([math.nan, 0.0]), a([1.0, 2.0]), a([1.0, 2.0])),
                "log_weights must be a number below inf",
            ),
            (lambda a: est.doubly_reparameterized_gradient(a([]), a([]), a([])), "at least 1 sample"),
            (lambda a: est.doubly_reparameterized_gradient(a(0.0), a(0.0), a(0.0)), "must have at least 1 axis"),
        ],
    )
    def test_bad_input_is_refused_by_name(self, array, call, message):
        with pytest.raises(ValueError, match=message):
            call(array)

    def test_dtypes_must_agree(self, array):
        with pytest.raises(TypeError, match="log_q must have the dtype of log_joint"):
            est.monte_carlo_elbo(array([1.0, 2.0]), array([1.0, 2.0], "float32"))


@pytest.mark.parametrize("function", [est.iwae_bound, lambda x: est.kl_estimator_bregman(x, 0.3 * x)])
def test_gradients_of_values(function):
    x = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(function, (x,))


def test_score_by_var_and_logvar_is_that_by_std_times_what_it_changes(rng):
    z, mean, std = rng.normal(size=7), rng.normal(size=7), rng.uniform(0.3, 2, size=7)
    by_mean, by_std = est.score_normal(z, mean, std)
    for width, slope in ((("var", std**2), 1 / (2 * std)), (("logvar", 2 * np.log(std)), std / 2)):
        other_mean, by_width = est.score_normal(z, mean, **dict([width]))
        np.testing.assert_allclose(other_mean, by_mean, rtol=1e-14)
        np.testing.assert_allclose(by_width, by_std * slope, rtol=1e-13)
