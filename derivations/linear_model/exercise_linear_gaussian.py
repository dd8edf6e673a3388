r"""# An exercise worked out: how good is this encoder?

Take $z \sim \mathcal N(0, 1)$, $x \mid z \sim \mathcal N(z, 0.5)$ and the encoder
$q(z \mid x) = \mathcal N(x/1.5,\, 0.33)$. What is its ELBO at $x = 1$, and how far is it from the best?

The answer depends on what the second slot of $\mathcal N(\cdot, \cdot)$ holds. Read it as a **variance**. Then the
posterior is $\mathcal N(2x/3, 1/3)$: the encoder has its mean exactly and its variance almost, and the gap is
$\tfrac12(3v - 1 - \log 3v)$ with $v = 0.33$, about $2.5 \cdot 10^{-5}$ nats for *every* $x$. Read it as a **standard
deviation** and the posterior is $\mathcal N(4x/5, 1/5)$: the encoder misses the mean, and the gap grows like $x^2$.
Only the first reading makes the numbers of the exercise fit together, so it must be the one that was meant.

A small relative error in the variance costs little: with the right mean and $v$ for the variance, the gap is at most
$(3v - 1)^2 / 6v$, so an error of one per cent costs less than $10^{-4}$ nats.

Keywords: worked example, numerical example of the ELBO, ELBO exercise, Gaussian example, conjugate model.
"""

from derivations import *
from derivations.linear_model import linear_gaussian as lg
from derivations.linear_model.linear_gaussian import gauss_kl, mean_q, var_q

prior = Normal(z, 0, 1)
answer = log(33 / (100 * pi)) / 2 + Rational(1, 200) - Rational(1, 3)


def _model(noise: Rational) -> dict[Symbol, Expr]:
    """The exercise in the symbols of the linear Gaussian model."""
    return {lg.weight: 1, lg.bias: 0, lg.mean_prior: 0, lg.var_prior: 1, lg.var_noise: noise}


# --- the second slot is a variance ---

half, narrow = Rational(1, 2), Rational(33, 100)
likelihood, evidence = Normal(x, z, half), Normal(x, 0, Rational(3, 2))
posterior = Normal(z, 2 * x / 3, Rational(1, 3))
family = Normal(z, 2 * x / 3, var_q)
distance = (3 * var_q - 1 - log(3 * var_q)) / 2


@theorem(
    same(likelihood * prior / evidence, posterior),
    "Exercise: the posterior, the second slot a variance",
    claims=("002-78",),
    narrows={"": "the second slots are variances"},
)
def conjugate_posterior() -> Thm:
    """The linear Gaussian model with slope 1, prior variance 1 and noise variance 1/2."""
    return substitute(lg.linear_gaussian_posterior.thm, _model(half))


@theorem(
    same(ELBO(Normal(1, z, half) * prior, Normal(z, Rational(2, 3), narrow), line), answer),
    "Exercise: the ELBO at x = 1",
    claims=("002-77",),
    narrows={"": "the second slots are variances"},
)
def conjugate_elbo_at_one() -> Thm:
    """Reconstruction minus divergence from the prior, at mean 2/3 and variance 33/100."""
    return ending(
        substitute(lg.linear_gaussian_elbo.thm, {**_model(half), mean_q: Rational(2, 3), var_q: narrow, x: 1}), answer
    )


@theorem(
    same(KL(family, posterior, line), distance),
    "Exercise: the gap does not depend on x",
)
def conjugate_gap() -> Thm:
    """The means agree, so only the ratio of the variances is left; the encoder of the exercise has variance 33/100."""
    return ending(gauss_kl(2 * x / 3, var_q, 2 * x / 3, Rational(1, 3)), distance)


@theorem(
    at_least((3 * var_q - 1) ** 2 / (6 * var_q), KL(family, posterior, line)),
    "Exercise: a small error in the variance costs little",
    claims=("002-78",),
    narrows={"": "the second slots are variances"},
    examples=({var_q: narrow}, {var_q: Rational(1, 3)}),
)
def conjugate_gap_is_small() -> Thm:
    """The logarithm of the reciprocal ratio lies below its tangent at 1."""
    bound = rearrange(log_tangent(1 / (3 * var_q)), (3 * var_q - 1) ** 2 / (6 * var_q), distance, times=half)
    return chain(bound, flip(conjugate_gap.thm))


# --- the second slot is a standard deviation ---

sharp, evidence_std = Normal(x, z, half**2), Normal(x, 0, Rational(5, 4))
posterior_std = Normal(z, 4 * x / 5, Rational(1, 5))


@theorem(
    same(sharp * prior / evidence_std, posterior_std), "Exercise: the posterior, the second slot a standard deviation"
)
def conjugate_posterior_std() -> Thm:
    """The same model with noise variance 1/4: another slope, another variance."""
    return substitute(lg.linear_gaussian_posterior.thm, _model(half**2))


@theorem(
    same(
        KL(Normal(z, 2 * x / 3, narrow**2), posterior_std, line),
        (5 * narrow**2 - 1 - log(5 * narrow**2)) / 2 + 2 * x**2 / 45,
    ),
    "Exercise: read as a standard deviation, the gap grows with x",
)
def conjugate_gap_std() -> Thm:
    """The means 2x/3 and 4x/5 differ by 2x/15."""
    gap = gauss_kl(2 * x / 3, narrow**2, 4 * x / 5, Rational(1, 5))
    return ending(gap, conjugate_gap_std.statement.rhs)
