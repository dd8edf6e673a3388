r"""# Sampling from the prior

To generate, draw $z \sim p(z)$ and then $x \sim p(x \mid z)$. The second draw is part of the model: decoding $z$ to the
mean of $p(x \mid z)$ and stopping there loses the variance of the noise. With $z \sim \mathcal N(0, 1)$ and
$x \mid z \sim \mathcal N(z, 1)$ the model has variance 2, the decoded means have variance 1.

A small divergence of the encoder from the prior does not make samples look like data. An encoder that always returns
the prior has divergence zero, and the decoder that goes with it may generate anything: the term says nothing about
the decoder. It makes samples of the prior [like decoded codes of the data](decoded_codes.md), whatever those are
like. Leaving the term out spoils the samples where the codes become narrow: then [almost all of the prior is a
hole](holes.md). The reconstruction by itself does not depend on where the codes lie.

Keywords: sampling from a VAE, generating images, prior samples, decoded means are blurry, blurry samples.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mean, gaussian_variance, mean, var
from derivations.linear_model.linear_gaussian import var_noise, var_prior, var_x, weight

unit, wide = Normal(z, 0, 1), Normal(z, 0, 2)
SEEN = Function("f(x)", real=True)
plain = {weight: 1, var_prior: 1, var_noise: 1}


def _mean(variance: int) -> Thm:
    """A Gaussian about zero averages to zero."""
    return substitute(gaussian_mean.thm, {mean: 0, var: variance})


@counterexample(
    same(E(SEEN(weight * z), Normal(z, 0, var_prior), line), E(SEEN(z), Normal(z, 0, var_x), line)),
    differs(E(z**2, unit, line), E(z**2, wide, line)),
    "Decoded codes of the prior are samples of the model",
    at={**plain, SEEN: Lambda(z, z**2)},
    holds_at={**plain, SEEN: Lambda(z, z)},
    witness=lambda: (chain(_mean(1), flip(_mean(2))),),
    instead="linear_gaussian_evidence",
    claims=("003-88",),
)
def decoded_means_are_samples() -> Thm:
    """The decoder z, the noise N(0, 1): the means have variance 1, the model has variance 2."""
    one, two = (substitute(gaussian_variance.thm, {mean: 0, var: v}) for v in (1, 2))
    return apart(one, two)


caption = Remark(
    "caption",
    "generation",
    "A figure: the text calls it reconstructions, its caption generation.",
    ("004-75",),
    nearest="marginal_likelihood",
)


latent_space = Remark(
    "latent_space",
    "generation",
    "Organised, smooth and regular are not defined: no distribution or number is claimed.",
    ("002-30", "003-29", "003-102"),
    nearest="overlap_forced",
)
