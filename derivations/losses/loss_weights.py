r"""# Weight, variance and reduction are one choice

Let a loss divide the squared error by $r$ ($r = 1$ for a sum, $r = D$ for a mean, the MSE) and weigh the divergence
with $2\sigma_x^2\beta/r$. Up to a factor and a constant, that is the loss with weight $\beta$ for a decoder of
variance $\sigma_x^2$. So "squared error plus divergence" is the ELBO of a decoder with variance $\frac12$, and the
mean-reduced error plus divergence that of one with variance $D/2$: for an image of 784 pixels a standard deviation of
about 20 times the range from black to white. A sum and a mean must not share a name.

**A learned variance** settles at the mean squared error per entry, and the loss is then $\frac D2$ times the
logarithm of that error, up to a constant. Only with the constant in place is there such an optimum.
"""

from derivations import *
from derivations._kernel import mapped
from derivations.losses.gaussian_likelihood import (
    D,
    bell,
    distortion,
    gaussian_reconstruction,
    likelihood,
    mass,
    mean_x,
    q,
    table,
    var_noise,
    xs,
)
from derivations.losses.gaussian_vae_loss import elbo, gaussian_vae_loss, rate

beta, reduction = Symbol("beta", positive=True), Symbol("r", positive=True)
weights = {beta: Rational(3, 2), reduction: Integer(3)}


@theorem(
    same(
        distortion / reduction + 2 * var_noise * beta / reduction * rate,
        2 * var_noise / reduction * (beta * rate - E(log(likelihood), q, whole))
        - D * var_noise * log(2 * pi * var_noise) / reduction,
    ),
    "Weight, variance and reduction are one choice",
    given=(mass, Converges(distortion), Converges(rate)),
    forms={"continuous": Form(line, (bell | weights,)), "discrete": Form(states, (table | weights,))},
)
def sse_loss_fixes_variance() -> Thm:
    """Multiply the loss with weight beta by twice the variance, and divide by the number r of the reduction."""
    right = sse_loss_fixes_variance.statement.rhs
    return flip(calc(right, gaussian_reconstruction.thm, to(sse_loss_fixes_variance.statement.lhs)))


def _at_variance(v: Expr) -> Thm:
    """-ELBO = the printed loss + a constant, for a decoder of variance v."""
    return substitute(gaussian_vae_loss.thm, {var_noise: v})


def with_variance(e: Expr, v: Expr) -> Expr:
    """The same for a decoder of another variance."""
    return mapped(e, lambda f: f.xreplace({var_noise: v}))


half = Rational(1, 2)
free = {name: value for name, value in bell.items() if name != var_noise}
free_table = {name: value for name, value in table.items() if name != var_noise}
free_forms = {"continuous": Form(line, (free,)), "discrete": Form(states, (free_table,))}


@theorem(
    same(distortion + rate, -with_variance(elbo, half) - D * log(pi) / 2),
    "Squared error + divergence is the loss of a decoder with variance 1/2",
    given=(mass, Converges(distortion), Converges(rate)),
    amends=("002-68",),
    forms=free_forms,
)
def summed_error_fixes_variance() -> Thm:
    """The factor 1/(2 var) is one."""
    start = -with_variance(elbo, half) - D * log(pi) / 2
    return flip(calc(start, _at_variance(half), to(distortion + rate)))


@theorem(
    same(distortion / D + rate, -with_variance(elbo, D / 2) - D * log(pi * D) / 2),
    "Mean-reduced error + divergence is the loss of a decoder with variance D/2",
    given=(mass, Converges(distortion), Converges(rate)),
    forms=free_forms,
)
def averaged_error_fixes_variance() -> Thm:
    """The factor 1/(2 var) is 1/D."""
    start = -with_variance(elbo, D / 2) - D * log(pi * D) / 2
    return flip(calc(start, _at_variance(D / 2), to(distortion / D + rate)))


# --- a learned variance ---

squares, t, a = Symbol("s", positive=True), Symbol("t", positive=True), Symbol("a", positive=True)


@theorem(
    at_least(squares / (2 * var_noise) + D * log(2 * pi * var_noise) / 2, D * (1 + log(2 * pi * squares / D)) / 2),
    "The best variance of a decoder is its mean squared error",
    examples=(
        {squares: Integer(2), var_noise: Rational(3, 4), D: Integer(3)},
        {squares: Integer(2), var_noise: Rational(2, 3), D: Integer(3)},
    ),
)
def learned_variance() -> Thm:
    """The logarithm of s/(D var) lies below its tangent at 1, and touches it at var = s/D."""
    below = substitute(tangent(log(t), t, a), {t: squares / (D * var_noise), a: 1})
    return rearrange(below, *learned_variance.statement.args, times=D / 2)


# --- a sum is not a mean ---

summed = Sum((xs[m] - mean_x[m]) ** 2, (m, 1, D))


@counterexample(
    same(summed, summed / D),
    differs(Sum(Integer(1), (m, 1, 2)), Sum(Integer(1), (m, 1, 2)) / 2),
    "The squared error is the mean squared error",
    at={D: Integer(2), xs: [1, 1], mean_x: [0, 0]},
    instead="averaged_error_fixes_variance",
    claims=("003-67",),
)
def squared_error_is_the_mean() -> Thm:
    """Two entries, each off by one: the sum is 2, the mean is 1."""
    two = constant(Sum(Integer(1), (m, 1, 2)))
    two = calc(two.prop.lhs, two, to(Integer(2)))
    return apart(two, calc(two.prop.lhs / 2, two, to(1)))
