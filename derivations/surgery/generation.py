r"""# Sampling from the prior

To generate, draw $z \sim p(z)$ and then $x \sim p(x \mid z)$. The second draw is part of the model: decoding $z$ to the
mean of $p(x \mid z)$ and stopping there loses the variance of the noise. With $z \sim \mathcal N(0, 1)$ and
$x \mid z \sim \mathcal N(z, 1)$ the model has variance 2, the decoded means have variance 1.

A small divergence of the encoder from the prior does not make samples look like data. An encoder that always returns
the prior has divergence zero, and the decoder that goes with it may generate anything: the term says nothing about the
decoder. Nor does leaving the term out spoil the samples by itself. The reconstruction does not depend on where the codes
lie: they may fill the prior exactly, or be where the prior has almost no mass.

Keywords: sampling from a VAE, generating images, prior samples, decoded means are blurry, blurry samples.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_variance, mean, var
from derivations.linear_model import linear_gaussian
from derivations.linear_model.linear_gaussian import bias, mean_prior, mean_x, var_noise, var_prior, var_x, weight

mean_data, var_data = Symbol("mean_data", real=True), Symbol("var_data", positive=True)
unit, moved, wide = (Normal(z, Integer(m), Integer(v)) for m, v in ((0, 1), (1, 1), (0, 2)))


@counterexample(
    same(KL(Normal(z, mean_data, var_data), Normal(z, mean_x, var_x), line), 0),
    differs(KL(moved, unit, line), 0),
    "An encoder at the prior makes the samples follow the data",
    at={mean_data: 1, var_data: 1, weight: 0, bias: 0, mean_prior: 0, var_prior: 1, var_noise: 1},
    instead="linear_gaussian_evidence",
    claims=("002-31", "003-42", "003-48"),
)
def rate_zero_generates_the_data() -> Thm:
    """Data N(1, 1), a decoder N(0, 1) that ignores its code, the encoder at the prior: the samples miss by 1/2."""
    far = linear_gaussian.gauss_kl(Integer(1), Integer(1), Integer(0), Integer(1))
    half = calc(KL(moved, unit, line), far, to(Rational(1, 2)))
    return apart(half, algebra(Integer(0), Integer(0)))


@counterexample(
    same(E((weight * z) ** 2, Normal(z, 0, var_prior), line), E(z**2, Normal(z, 0, var_x), line)),
    differs(E(z**2, unit, line), E(z**2, wide, line)),
    "Decoded codes of the prior are samples of the model",
    at={weight: 1, var_prior: 1, var_noise: 1},
    instead="linear_gaussian_evidence",
    claims=("003-88",),
)
def decoded_means_are_samples() -> Thm:
    """The decoder z, the noise N(0, 1): the means have variance 1, the model has variance 2."""
    one, two = (substitute(gaussian_variance.thm, {mean: 0, var: v}) for v in (1, 2))
    return apart(one, two)


latent_space = Remark(
    "latent_space",
    "generation",
    "Organised, smooth and regular are not defined, and a figure's caption is not a formula.",
    ("002-30", "003-29", "004-75"),
    nearest="linear_gaussian_evidence",
)
