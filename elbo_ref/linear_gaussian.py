"""The linear-Gaussian model: z ~ N(mean_prior, var_prior), x = weight z + bias + noise, noise ~ N(0, var_noise).

All that inference asks of a model in closed form, in nats. What holds for all functions is said in `elbo_ref`.
"""

from typing import Any

from elbo_ref import _linear_gaussian
from elbo_ref._core.arguments import prepare_elementwise
from elbo_ref._core.arrays import Array, Namespace
from elbo_ref._core.checks import Check, finite, positive
from elbo_ref._core.shapes import has_axes


def _model(
    x: Array,
    weight: Array,
    bias: Array,
    var_noise: Array,
    mean_prior: Array,
    var_prior: Array,
    **beside: tuple[Check, Array],
) -> tuple[Any, ...]:
    """Namespace, dtype, and the observation, what stands beside it, and the model, as the formulas take them."""
    return prepare_elementwise(
        x=(finite, x),
        **beside,
        weight=(finite, weight),
        bias=(finite, bias),
        var_noise=(positive, var_noise),
        mean_prior=(finite, mean_prior),
        var_prior=(positive, var_prior),
    )


def linear_gaussian_log_evidence(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array
) -> Array:
    """Log evidence log p(x) of the linear-Gaussian model z ~ N(mean_prior, var_prior), x | z ~ N(weight z + bias, var_noise).

    log N(x; weight mean_prior + bias, weight^2 var_prior + var_noise).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Exercise 2.
    Theorem: linear_gaussian_evidence.
    """
    return _linear_gaussian.log_evidence.at(*_model(x, weight, bias, var_noise, mean_prior, var_prior))


def linear_gaussian_posterior(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array
) -> tuple[Array, Array]:
    """Mean and variance of the posterior p(z | x) of the linear-Gaussian model.

    mean = mean_prior + gain (x - weight mean_prior - bias) and var = var_prior (1 - gain weight), with
    gain = weight var_prior / (weight^2 var_prior + var_noise).

    Shapes: elementwise; returns (mean, var).
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Exercise 2.
    Theorem: linear_gaussian_posterior.
    """
    return _posterior(*_model(x, weight, bias, var_noise, mean_prior, var_prior))


def _posterior(xp: Namespace, dtype: Any, x: Array, *model: Array) -> tuple[Array, Array]:
    weight, _, var_noise, _, var_prior = model
    mean = _linear_gaussian.posterior_mean.at(xp, dtype, x, *model)
    var = _linear_gaussian.posterior_var.at(xp, dtype, weight, var_noise, var_prior)
    return mean, xp.broadcast_to(var, mean.shape)


def linear_gaussian_reconstruction(
    x: Array, mean_q: Array, var_q: Array, weight: Array, bias: Array, var_noise: Array
) -> Array:
    """Expected log likelihood E_q log N(x; weight z + bias, var_noise) under q = N(mean_q, var_q).

    - ((x - weight mean_q - bias)^2 + weight^2 var_q) / (2 var_noise) - log(2 pi var_noise) / 2.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Standard VAE ELBO Form.
    Theorem: linear_gaussian_reconstruction.
    """
    arguments = prepare_elementwise(
        x=(finite, x),
        mean_q=(finite, mean_q),
        var_q=(positive, var_q),
        weight=(finite, weight),
        bias=(finite, bias),
        var_noise=(positive, var_noise),
    )
    return _linear_gaussian.reconstruction.at(*arguments)


def linear_gaussian_elbo(
    x: Array,
    mean_q: Array,
    var_q: Array,
    weight: Array,
    bias: Array,
    var_noise: Array,
    mean_prior: Array,
    var_prior: Array,
) -> Array:
    """ELBO of the linear-Gaussian model for q = N(mean_q, var_q), a lower bound of its log evidence.

    E_q log N(x; weight z + bias, var_noise) - KL(N(mean_q, var_q) || N(mean_prior, var_prior)).

    Shapes: elementwise. Unit: nats.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, Exercise 2.
    Theorem: linear_gaussian_elbo.
    """
    q = {"mean_q": (finite, mean_q), "var_q": (positive, var_q)}
    return _linear_gaussian.elbo.at(*_model(x, weight, bias, var_noise, mean_prior, var_prior, **q))


def linear_gaussian_gap(
    x: Array,
    mean_q: Array,
    var_q: Array,
    weight: Array,
    bias: Array,
    var_noise: Array,
    mean_prior: Array,
    var_prior: Array,
) -> Array:
    """Gap between log evidence and ELBO of the linear-Gaussian model: KL from q = N(mean_q, var_q) to the posterior.

    KL(N(mean_q, var_q) || p(z | x)), with the posterior of `linear_gaussian_posterior`.

    Shapes: elementwise. Unit: nats. Never negative.
    Raises ValueError if an argument is not finite or a variance is not positive.
    Source: Evidence Lower Bound (ELBO) Derivation, The ELBO Gap.
    Theorem: linear_gaussian_gap.
    """
    q = {"mean_q": (finite, mean_q), "var_q": (positive, var_q)}
    return _linear_gaussian.gap.at(*_model(x, weight, bias, var_noise, mean_prior, var_prior, **q))


def linear_gaussian_mutual_information(weight: Array, var_noise: Array, var_prior: Array) -> Array:
    """Mutual information of latent and observation in the linear-Gaussian model: that of a Gaussian channel.

    I(x; z) = log(1 + weight^2 var_prior / var_noise) / 2.

    Shapes: elementwise. Unit: nats.
    Raises ValueError if weight is not finite or a variance is not positive.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 5. Why KL to Prior? The Information Bottleneck.
    Theorem: mutual_information_gaussian.
    """
    arguments = prepare_elementwise(
        weight=(finite, weight), var_noise=(positive, var_noise), var_prior=(positive, var_prior)
    )
    return _linear_gaussian.mutual_information.at(*arguments)


def linear_gaussian_beta_posterior(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array, beta: Array
) -> tuple[Array, Array]:
    """Mean and variance of the Gaussian q that maximises the beta-ELBO of the linear-Gaussian model.

    The maximiser of E_q log p(x | z) - beta KL(q || p(z)) is proportional to p(z) p(x | z)^(1 / beta): the posterior of
    the model with noise variance beta var_noise.

    Shapes: elementwise; returns (mean, var).
    Raises ValueError if an argument is not finite, or a variance or beta is not positive.
    Source: Tutorial 4: VAE, ELBO & Variational Inference, 7. The VAE Architecture.
    Theorem: beta_elbo_optimum.
    """
    xp, dtype, x, beta, weight, bias, var_noise, *prior = _model(
        x, weight, bias, var_noise, mean_prior, var_prior, beta=(positive, beta)
    )
    return _posterior(xp, dtype, x, weight, bias, beta * var_noise, *prior)


def linear_gaussian_em_step(
    x: Array, weight: Array, bias: Array, var_noise: Array, mean_prior: Array, var_prior: Array
) -> Array:
    """The weight after one step of EM for independent observations of the linear-Gaussian model, all else fixed.

    With the posterior N(mean_n, var) of each x_n: sum_n (x_n - bias) mean_n / sum_n (mean_n^2 + var).

    Shapes: all broadcast to (..., N) -> (...).
    Raises ValueError if an argument is not finite, a variance is not positive, or there is no axis of observations.
    Source: Evidence Lower Bound (ELBO) Derivation, ELBO and the EM Algorithm.
    Theorem: linear_gaussian_em_step.
    """
    xp, dtype, x, *model = _model(x, weight, bias, var_noise, mean_prior, var_prior)
    has_axes("x", x, 1, nonempty=True)
    return _linear_gaussian.em_weight.at(xp, dtype, x, *model)
