r"""# The divergence term as code writes it

A training loop holds a batch: for observation $n$ and latent coordinate $j$ the network puts out a mean $\mu_{nj}$ and
a log-variance $\ell_{nj}$. Code then sums over everything at once,
$$-\tfrac12 \sum_{n,j} \left(1 + \ell_{nj} - \mu_{nj}^2 - e^{\ell_{nj}}\right) .$$
This is exactly the sum over the batch of the divergences on $\mathbb{R}^d$ between each encoder distribution and the
standard normal prior. No integral is left to be done numerically, and nothing is averaged.

The usual slip is in what surrounds it. A reconstruction term that is *averaged*, over the batch or over pixels, does
not fit a divergence that is *summed*: the ratio of the two is then a weight on the divergence that nobody chose.

Keywords: KLD, -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp()), kld_weight, batchmean, sum or mean of the KL,
batch KL.
"""

from derivations import *
from derivations.gaussians.gaussian_kl import gaussian_kl_unit
from derivations.gaussians.gaussian_kl import mean_q as m_q
from derivations.gaussians.gaussian_kl import std_q as s_q
from derivations.gaussians.gaussian_kl_diagonal import (
    diagonal_encoder,
    each_j,
    j,
    product,
    product_divergence,
    space,
    standard_prior,
)

mean, logvar = IndexedBase("mean", real=True), IndexedBase("logvar", real=True)
batch = Tuple(n, 1, N)
encoder_j, prior_j = Normal(z, mean[n, j], exp(logvar[n, j])), Normal(z, 0, 1)
encoder, prior = product(encoder_j), product(prior_j)
half, summand = Rational(1, 2), 1 + logvar[n, j] - mean[n, j] ** 2 - exp(logvar[n, j])
rows = Sum(summand, each_j)
batch_terms = ("002-69", "004-62", "004-66", "004-84")


@theorem(
    same(Sum(KL(encoder, prior, space), batch), -half * Sum(rows, batch)),
    "The divergence term of a whole batch",
    claims=batch_terms,
    narrows={"": diagonal_encoder, **dict.fromkeys(batch_terms, standard_prior)},
)
def gaussian_kl_batch() -> Thm:
    """For each observation the coordinates add up, and each coordinate has its closed form."""
    one = substitute(gaussian_kl_unit.thm, {m_q: mean[n, j], s_q: exp(logvar[n, j] / 2)})
    one = ending(one, -half * summand)
    return calc(
        Sum(KL(encoder, prior, space), batch),
        termwise(
            ("independent coordinates add up", product_divergence(encoder_j, prior_j)),
            ("each coordinate in closed form", monotone(one, each_j)),
            flip(move_in(rows, -half)),
        ),
        flip(move_in(Sum(rows, batch), -half)),
    )
