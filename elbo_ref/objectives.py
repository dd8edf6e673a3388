"""Losses of variational autoencoders: a likelihood and a KL with an explicit reduction, every constant included, in nats.

What all of them have in common:

- **Shapes.** mean and logvar are (..., K), and the axes before the last are the batch. The axes of x after those of the batch are
  one example, a row or an image, and are summed; where there is no batch, x is one row. What the decoder puts out has the shape
  of x, or one axis more in front: several samples of z for each example, over which the likelihood is averaged.
- **The encoder** is N(mean, exp(logvar)); instead of logvar its std or var may be given, by name, and the prior is N(0, I).
- **reduction.** The batch is kept ("none"), summed ("sum") or averaged ("mean"); there is no default.
- **beta**, a number or one for each example, multiplies the KL; one that changes from step to step is a tensor to torch.compile,
  which would compile again for each number. Minus the loss is the ELBO at 1, in expectation over the samples;
  above 1 it is still a lower bound of log p(x), below 1 it need not be (theorem `weighted_loss_is_the_negative_elbo`).
- **free_bits**, a number or one for each example: each latent dimension of it counts at least so many nats, sum_k max(free_bits, KL_k). Minus the loss is
  then at most the ELBO for beta >= 1, so still a lower bound, but no ELBO, and below free_bits a dimension has no gradient
  (theorem `free_bits_is_the_negative_elbo`). In the paper that introduced it the maximum is taken of a mean over the batch.
- **capacity**, likewise: the KL is drawn to so many nats, beta |KL - capacity|. Minus the loss is no bound in general, at no beta.
- A ValueError says which argument is outside its domain, or does not fit.

What holds for all functions is said in `elbo_ref`.
"""

from elbo_ref import _decoders, _losses
from elbo_ref._core.arrays import Array, pixels
from elbo_ref._core.checks import as_it_is, binary, finite, grey, logits
from elbo_ref._core.shapes import integer
from elbo_ref._core.spread import CHECKS, named
from elbo_ref._logistic import level, levels_of
from elbo_ref._logits import one_hot
from elbo_ref._loss_formula import Reduction


def negative_elbo_gaussian(
    x: Array,
    mean_x: Array,
    var_noise: Array | None = None,
    mean: Array | None = None,
    logvar: Array | None = None,
    *,
    std_noise: Array | None = None,
    logvar_noise: Array | None = None,
    std: Array | None = None,
    var: Array | None = None,
    reduction: Reduction,
    beta: Array = 1.0,
    free_bits: Array | None = None,
    capacity: Array | None = None,
) -> Array:
    """Loss of a VAE with a Gaussian decoder, every constant included.

    -log N(x; mean_x, var_noise) + beta KL(N(mean, exp(logvar)) || N(0, I)), summed over pixels and latent dimensions.

    The variance of the noise may be learned, a number or one for each pixel: then it is best given as logvar_noise.

    Shapes: x, mean_x (..., D), var_noise broadcasts with them; mean, logvar (..., K), with equal batch axes. Unit: nats.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: gaussian_vae_loss_diagonal.
    """
    kind, noise = named(std_noise, var_noise, logvar_noise, "_noise")
    data = {"x": (finite, x), "mean_x": (finite, mean_x), f"{kind}_noise": (CHECKS[kind], noise)}
    width = named(std, var, logvar, way_on="; by place come x, mean_x, var_noise, mean, logvar")
    return _losses.negative_elbo(_decoders.GAUSSIAN[kind], data, mean, width, reduction, beta, free_bits, capacity)


def negative_elbo_sigma(
    x: Array,
    mean_x: Array,
    mean: Array,
    logvar: Array | None = None,
    *,
    std: Array | None = None,
    var: Array | None = None,
    reduction: Reduction,
    beta: Array = 1.0,
    free_bits: Array | None = None,
    capacity: Array | None = None,
) -> Array:
    """Loss of a VAE with a Gaussian decoder whose one variance is the best for the batch: its mean squared error.

    That of `negative_elbo_gaussian` where var_noise is the mean of (x - mean_x)^2 over all pixels, examples and samples.

    At no other variance is the sum over the batch smaller. The variance is that of these examples: for others take
    `negative_elbo_gaussian` with a variance that is kept.

    Shapes: x, mean_x (..., D); mean, logvar (..., K), with equal batch axes. Unit: nats. -inf where x is mean_x everywhere.
    Theorem: learned_variance.
    """
    data = {"x": (finite, x), "mean_x": (finite, mean_x)}
    width = named(std, var, logvar)
    return _losses.negative_elbo(_decoders.ERROR, data, mean, width, reduction, beta, free_bits, capacity)


def negative_elbo_bernoulli(
    x: Array,
    logits_x: Array,
    mean: Array,
    logvar: Array | None = None,
    *,
    std: Array | None = None,
    var: Array | None = None,
    reduction: Reduction,
    beta: Array = 1.0,
    free_bits: Array | None = None,
    capacity: Array | None = None,
) -> Array:
    """Loss of a VAE with a Bernoulli decoder.

    Binary cross entropy of x and logits_x + beta KL(N(mean, exp(logvar)) || N(0, I)), summed over pixels and latent
    dimensions.

    Shapes: x, logits_x (..., D); mean, logvar (..., K), with equal batch axes; x may be booleans or bytes. Unit: nats.
    Source: Evidence Lower Bound (ELBO) Derivation, Practical VAE Loss.
    Theorem: bernoulli_vae_loss.
    """
    data = {"x": (binary, pixels(x, logits_x=logits_x)), "logits_x": (finite, logits_x)}
    width = named(std, var, logvar)
    return _losses.negative_elbo(_decoders.BERNOULLI, data, mean, width, reduction, beta, free_bits, capacity)


def negative_elbo_continuous_bernoulli(
    x: Array,
    logits_x: Array,
    mean: Array,
    logvar: Array | None = None,
    *,
    std: Array | None = None,
    var: Array | None = None,
    reduction: Reduction,
    beta: Array = 1.0,
    free_bits: Array | None = None,
    capacity: Array | None = None,
) -> Array:
    """Loss of a VAE with a continuous Bernoulli decoder, for grey values.

    Minus `continuous_bernoulli_log_likelihood_logits` + beta KL(N(mean, exp(logvar)) || N(0, I)).

    Where a pixel is exactly 0 or 1 the likelihood grows without bound with its logit, as log of its size: on images with an
    empty background the loss has no minimum, and falls as long as one trains. Move the pixels inside, as (255 x + u) / 256 with
    u uniform; its values can be compared with those of other densities only.

    Shapes: x, logits_x (..., D); mean, logvar (..., K), with equal batch axes. Unit: nats, and it may be negative.
    Theorem: negative_elbo_loss.
    """
    data = {"x": (grey, x), "logits_x": (finite, logits_x)}
    width = named(std, var, logvar)
    return _losses.negative_elbo(
        _decoders.CONTINUOUS_BERNOULLI, data, mean, width, reduction, beta, free_bits, capacity
    )


def negative_elbo_categorical(
    x: Array,
    logits_x: Array,
    mean: Array,
    logvar: Array | None = None,
    *,
    std: Array | None = None,
    var: Array | None = None,
    reduction: Reduction,
    beta: Array = 1.0,
    free_bits: Array | None = None,
    capacity: Array | None = None,
) -> Array:
    """Loss of a VAE with a categorical decoder: words, or pixels of so many levels.

    Cross entropy of the labels x and softmax(logits_x) + beta KL(N(mean, exp(logvar)) || N(0, I)).

    Shapes: x (..., D), integers from 0 to C - 1, logits_x (..., D, C); mean, logvar (..., K), with equal batch axes. Unit: nats.
    Theorem: negative_elbo_loss.
    """
    labels = one_hot(x, logits_x)
    data = {"x": labels, "logits_x": (logits, logits_x)}
    width = named(std, var, logvar)
    return _losses.negative_elbo(_decoders.CATEGORICAL, data, mean, width, reduction, beta, free_bits, capacity)


def negative_elbo_discretized_logistic(
    x: Array,
    mean_x: Array,
    logscale_x: Array,
    mean: Array,
    logvar: Array | None = None,
    *,
    levels: int = 256,
    std: Array | None = None,
    var: Array | None = None,
    reduction: Reduction,
    beta: Array = 1.0,
    free_bits: Array | None = None,
    capacity: Array | None = None,
) -> Array:
    """Loss of a VAE with a discretised logistic decoder, for pixels of so many levels.

    Minus `discretized_logistic_log_likelihood` + beta KL(N(mean, exp(logvar)) || N(0, I)).

    Shapes: x, mean_x (..., D), x on levels from 0 to 1 or the integers of the levels, logscale_x broadcasts with them; mean,
    logvar (..., K), with equal batch axes. Unit: nats.
    Theorem: negative_elbo_loss.
    """
    levels = integer("levels", levels, 2)
    data = {
        "x": (level(levels), levels_of(x, levels, mean_x=mean_x)),
        "mean_x": (finite, mean_x),
        "logscale_x": (finite, logscale_x),
        "levels": (as_it_is, float(levels)),
    }
    width = named(std, var, logvar, way_on="; by place come x, mean_x, logscale_x, mean, logvar")
    return _losses.negative_elbo(
        _decoders.DISCRETIZED_LOGISTIC, data, mean, width, reduction, beta, free_bits, capacity
    )
