"""Losses of variational autoencoders: a likelihood and a KL with an explicit reduction, every constant included, in nats.

What holds for all functions is said in `elbo_ref`.
"""

from elbo_ref import _losses
from elbo_ref._core.arrays import Array, pixels
from elbo_ref._core.checks import binary, choice, finite, positive
from elbo_ref._losses import Reduction


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
    return _losses.GAUSSIAN[reduction](
        x=(finite, x),
        mean_x=(finite, mean_x),
        var_noise=(positive, var_noise),
        mean=(finite, mean),
        logvar=(finite, logvar),
        beta=_losses.weight(beta),
    )


def negative_elbo_bernoulli(
    x: Array, logits_x: Array, mean: Array, logvar: Array, *, reduction: Reduction, beta: float = 1.0
) -> Array:
    """Loss of a VAE with a Bernoulli decoder, one sample of z per example.

    Binary cross entropy of x and logits_x + beta KL(N(mean, exp(logvar)) || N(0, I)), summed over pixels and latent
    dimensions.

    Shapes: x, logits_x (..., D); mean, logvar (..., K), with equal batch axes; x may be booleans or bytes.
    The batch is kept ("none"), summed ("sum") or averaged ("mean"); there is no default. Unit: nats.
    Raises ValueError as `bernoulli_log_likelihood_logits` and `kl_standard_normal` do, or if shapes or reduction do not fit.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: bernoulli_vae_loss.
    """
    choice("reduction", reduction, "none", "sum", "mean")
    x = pixels(x, logits_x)
    found = _losses.bernoulli_by_loop(x, logits_x, mean, logvar, beta, reduction)
    if found is not None:
        return found
    return _losses.BERNOULLI[reduction](
        x=(binary, x),
        logits_x=(finite, logits_x),
        mean=(finite, mean),
        logvar=(finite, logvar),
        beta=_losses.weight(beta),
    )
