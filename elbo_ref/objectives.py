"""Losses of variational autoencoders: a likelihood and a KL with an explicit reduction, every constant included, in nats.

What holds for all functions is said in `elbo_ref`.
"""

from typing import Literal

from elbo_ref import _gaussian, _logits
from elbo_ref._core.arguments import checked
from elbo_ref._core.arrays import Array, Namespace, narrow
from elbo_ref._core.checks import binary, choice, finite, nonnegative, positive
from elbo_ref._core.shapes import broadcastable, same_batch, same_shape

Reduction = Literal["none", "sum", "mean"]


def _reduce(xp: Namespace, values: Array, reduction: Reduction) -> Array:
    if reduction == "none":
        return values
    if reduction == "sum":
        return xp.sum(values)
    if 0 in values.shape:
        raise ValueError(
            f"x must hold at least one example for reduction 'mean', got batch shape {tuple(values.shape)}"
        )
    return xp.mean(values)


def negative_elbo_gaussian(
    x: Array, mean_x: Array, var_noise: Array, mean: Array, logvar: Array, *, reduction: Reduction, beta: float = 1.0
) -> Array:
    """Loss of a VAE with a Gaussian decoder, one sample of z per example, every constant included.

    -log N(x; mean_x, var_noise) + beta KL(N(mean, exp(logvar)) || N(0, I)), summed over pixels and latent dimensions.

    Shapes: x, mean_x (..., D), var_noise broadcasts with them; mean, logvar (..., K), with equal batch axes.
    The batch is kept ("none"), summed ("sum") or averaged ("mean"); there is no default. Unit: nats.
    Raises ValueError as `gaussian_log_likelihood` and `kl_standard_normal` do, or if shapes or reduction do not fit.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: gaussian_vae_loss_diagonal.
    """
    choice("reduction", reduction, "none", "sum", "mean")
    xp, dtype, x, mean_x, var_noise, mean, logvar, beta = checked(
        x=(finite, x),
        mean_x=(finite, mean_x),
        var_noise=(positive, var_noise),
        mean=(finite, mean),
        logvar=(finite, logvar),
        beta=(nonnegative, beta),
    )
    same_shape(x=x, mean_x=mean_x)
    broadcastable(x=x, var_noise=var_noise)
    same_batch(x=x, mean=mean, logvar=logvar)
    log_likelihood = _gaussian.gaussian_log_likelihood.wide(xp, dtype, x, mean_x, var_noise)
    loss = beta * _gaussian.kl_standard_normal.wide(xp, dtype, mean, logvar) - log_likelihood
    return narrow(xp, _reduce(xp, loss, reduction), dtype)


def negative_elbo_bernoulli(
    x: Array, logits_x: Array, mean: Array, logvar: Array, *, reduction: Reduction, beta: float = 1.0
) -> Array:
    """Loss of a VAE with a Bernoulli decoder, one sample of z per example.

    Binary cross entropy of x and logits_x + beta KL(N(mean, exp(logvar)) || N(0, I)), summed over pixels and latent
    dimensions.

    Shapes: x, logits_x (..., D); mean, logvar (..., K), with equal batch axes.
    The batch is kept ("none"), summed ("sum") or averaged ("mean"); there is no default. Unit: nats.
    Raises ValueError as `bernoulli_log_likelihood_logits` and `kl_standard_normal` do, or if shapes or reduction do not fit.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: bernoulli_vae_loss.
    """
    choice("reduction", reduction, "none", "sum", "mean")
    xp, dtype, x, logits_x, mean, logvar, beta = checked(
        x=(binary, x),
        logits_x=(finite, logits_x),
        mean=(finite, mean),
        logvar=(finite, logvar),
        beta=(nonnegative, beta),
    )
    same_shape(x=x, logits_x=logits_x)
    same_batch(x=x, mean=mean, logvar=logvar)
    log_likelihood = _logits.bernoulli_log_likelihood.wide(xp, dtype, x, logits_x)
    loss = beta * _gaussian.kl_standard_normal.wide(xp, dtype, mean, logvar) - log_likelihood
    return narrow(xp, _reduce(xp, loss, reduction), dtype)
