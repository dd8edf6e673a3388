r"""# Weight, variance and reduction are one choice

Let a loss divide the squared error by $r$ ($r = 1$ for a sum, $r = D$ for a mean, the MSE) and weigh the divergence
with $2\sigma_x^2\beta/r$. Up to a factor and a constant, that is the loss with weight $\beta$ for a decoder of
variance $\sigma_x^2$. So "squared error plus divergence" is the ELBO of a decoder with variance $\frac12$, and the
mean-reduced error plus divergence that of one with variance $D/2$: for an image of 784 pixels a standard deviation of
about 20 times the range from black to white. A sum and a mean must not share a name.

**A learned variance** settles at the mean squared error per entry, and the loss is then $\frac D2$ times the
logarithm of that error, up to a constant. Only with the constant in place is there such an optimum.

Keywords: reduction mean or sum, mse.mean() + kl.mean(), implied beta, sigma-VAE, learned variance, optimal sigma,
kld_weight, averaging over pixels.
"""

from derivations import *
from derivations.losses import gaussian_likelihood as gl
from derivations.losses.gaussian_likelihood import D, bell, distortion, mass, table, var_noise, xs
from derivations.losses.gaussian_vae_loss import elbo, gaussian_vae_loss, rate

beta, reduction = Symbol("beta", positive=True), Symbol("r", positive=True)
weights = {beta: Rational(3, 2), reduction: 3}
enough = (mass, Converges(distortion), Converges(rate))
fit = E(log(gl.likelihood), gl.q, whole)


@theorem(
    same(
        distortion / reduction + 2 * var_noise * beta / reduction * rate,
        2 * var_noise / reduction * (beta * rate - fit) - D * var_noise * log(2 * pi * var_noise) / reduction,
    ),
    "Weight, variance and reduction are one choice",
    given=enough,
    forms=on_both(bell | weights, table | weights),
    narrows={
        "": "the squared error is averaged over the codes; the decoder is Gaussian, with half the weight as its variance where "
        "the error is summed and the loss is the negative ELBO; up to a factor and a constant"
    },
    claims=("003-67",),
)
def sse_loss_fixes_variance() -> Thm:
    """Multiply the loss with weight beta by twice the variance, and divide by the number r of the reduction."""
    left, right = sse_loss_fixes_variance.statement.args
    return flip(calc(right, gl.gaussian_reconstruction.thm, to(left)))


def _at_variance(v: Expr) -> Thm:
    """-ELBO = the printed loss + a constant, for a decoder of variance v."""
    return substitute(gaussian_vae_loss.thm, {var_noise: v})


def with_variance(e: Expr, v: Expr) -> Expr:
    """The same for a decoder of another variance."""
    return mapped(e, lambda f: f.xreplace({var_noise: v}))


half = Rational(1, 2)
free, free_table = ({s: v for s, v in example.items() if s != var_noise} for example in (bell, table))
free_forms = on_both(free, free_table)


@theorem(
    same(distortion + rate, -with_variance(elbo, half) - D * log(pi) / 2),
    "Squared error + divergence is the loss of a decoder with variance 1/2",
    given=enough,
    claims=("002-68",),
    forms=free_forms,
    narrows={
        "": "the squared error is averaged over the codes; the decoder is Gaussian of variance 1/2, up to a constant"
    },
)
def summed_error_fixes_variance() -> Thm:
    """The factor 1/(2 var) is one."""
    left, right = summed_error_fixes_variance.statement.args
    return flip(calc(right, _at_variance(half), to(left)))


@theorem(
    same(distortion / D + rate, -with_variance(elbo, D / 2) - D * log(pi * D) / 2),
    "Mean-reduced error + divergence is the loss of a decoder with variance D/2",
    given=enough,
    forms=free_forms,
)
def averaged_error_fixes_variance() -> Thm:
    """The factor 1/(2 var) is 1/D."""
    left, right = averaged_error_fixes_variance.statement.args
    return flip(calc(right, _at_variance(D / 2), to(left)))


# --- a learned variance ---

squares = Symbol("s", positive=True)
near = {squares: 2, var_noise: Rational(3, 4), D: 3}


@theorem(
    at_least(squares / (2 * var_noise) + D * log(2 * pi * var_noise) / 2, D * (1 + log(2 * pi * squares / D)) / 2),
    "The best variance of a decoder is its mean squared error",
    examples=(near, {**near, var_noise: Rational(2, 3)}),
)
def learned_variance() -> Thm:
    """The logarithm of s/(D var) lies below its tangent at 1, and touches it at var = s/D."""
    return rearrange(log_tangent(squares / (D * var_noise)), *learned_variance.statement.args, times=D / 2)


# --- a sum is not a mean ---

summed, pair = Sum((xs[m] - gl.mean_x[m]) ** 2, (m, 1, D)), Sum(1, (m, 1, 2))
