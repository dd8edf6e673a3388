r"""# Slips in the divergence term

The divergence of $\mathcal N(\mu, \sigma^2)$ from the standard normal distribution is
$\frac12 (\mu^2 + \sigma^2 - 1 - \log \sigma^2)$. Networks put out $\log \sigma^2$, or $\log \sigma$, and the line is
short; these are the ways in which it goes wrong, each with its exact size.

**Log-variance taken for a log standard deviation.** With $2 \log \sigma^2$ in place of $\log \sigma^2$ the line is less
than the divergence by $\frac12 \log \sigma^2$: it is least at $\sigma^2 = 2$, and negative there.

**Logarithm squared.** $(\log \sigma)^2$ is not $\log(\sigma^2)$.

**The logarithm added.** The line then falls without bound as $\sigma$ goes to $0$: every code becomes a point.

**A sign or a term too few.** With $\mu^2$ subtracted far means are rewarded, with $\sigma^2$ subtracted wide codes are;
what is left out no longer holds anything: without $\mu^2$ the means wander, without $\sigma^2$ the variances grow,
without the logarithm they fall to zero. A mean that is not squared, or weighs more or less than the variance, is off by
what stands below.

**Mean and spread exchanged.** An encoder puts out two halves; taken in the wrong order, the line is still a divergence,
but that of another Gaussian.

**Without its one half** the line is twice the divergence: a weight of two on it. If only the squares lost theirs, it
is, up to a constant, the divergence from another prior, $\mathcal N(0, \frac12)$.

Keywords: mu logvar swapped, chunk order, logvar or log std, log sigma squared, 0.5 missing in the KL, KL loss negative,
wrong KL term, std variance mix-up.
"""

from derivations import *
from derivations.gaussians.gaussian_kl import gaussian_kl, gaussian_kl_unit, mean_p, mean_q, q, std_p, std_q, unit

half, squares = Rational(1, 2), mean_q**2 + std_q**2
rate, narrow = KL(q, unit, line), Normal(z, 0, half)


@theorem(
    same((squares - 1 - 2 * log(std_q**2)) / 2, rate - log(std_q**2) / 2),
    "Twice the log-variance: too small by half the log-variance",
)
def twice_the_log_variance() -> Thm:
    """The closed form, less what is there twice."""
    left, right = twice_the_log_variance.statement.args
    return flip(calc(right, gaussian_kl_unit.thm, to(left)))


def _from_closed_form(statement: Basic) -> Thm:
    """The closed form of the divergence, and algebra."""
    left, right = statement.args
    return flip(calc(right, gaussian_kl_unit.thm, to(left)))


@theorem(
    same((std_q**2 - mean_q**2 - 1 - log(std_q**2)) / 2, rate - mean_q**2),
    "The mean squared is subtracted: too small by the square of the mean",
)
def mean_squared_subtracted() -> Thm:
    """One half of it is missing, one half is taken away."""
    return _from_closed_form(mean_squared_subtracted.statement)


@theorem(
    same((mean_q**2 - std_q**2 - 1 - log(std_q**2)) / 2, rate - std_q**2),
    "The variance is subtracted: too small by the variance",
)
def variance_subtracted() -> Thm:
    """One half of it is missing, one half is taken away."""
    return _from_closed_form(variance_subtracted.statement)


@theorem(
    same((std_q**2 - 1 - log(std_q**2)) / 2, rate - mean_q**2 / 2),
    "Without the mean squared: too small by half the square of the mean",
)
def mean_squared_left_out() -> Thm:
    """The divergence of the Gaussian moved to the middle."""
    return _from_closed_form(mean_squared_left_out.statement)


@theorem(
    same((mean_q**2 - 1 - log(std_q**2)) / 2, rate - std_q**2 / 2),
    "Without the variance: too small by half the variance",
)
def variance_left_out() -> Thm:
    """What is left falls without bound as the variance grows."""
    return _from_closed_form(variance_left_out.statement)


@theorem(same((squares - 1) / 2, rate + log(std_q**2) / 2), "Without the logarithm: off by half the log-variance")
def logarithm_left_out() -> Thm:
    """What is left is least at variance zero."""
    return _from_closed_form(logarithm_left_out.statement)


@theorem(
    same((mean_q + std_q**2 - 1 - log(std_q**2)) / 2, rate + (mean_q - mean_q**2) / 2),
    "The mean is not squared: off by half of the mean less its square",
)
def mean_not_squared() -> Thm:
    """A mean of minus infinity would be the best."""
    return _from_closed_form(mean_not_squared.statement)


weight = Symbol("weight", positive=True)


@theorem(
    same((weight * mean_q**2 + std_q**2 - 1 - log(std_q**2)) / 2, rate + (weight - 1) * mean_q**2 / 2),
    "A weight on the mean squared alone: off by half the square of the mean, times the weight less one",
)
def weight_on_the_mean() -> Thm:
    """The prior is another one for the means than for the variances."""
    return _from_closed_form(weight_on_the_mean.statement)


logvar_q = Symbol("logvar_q", real=True)
by_logvar = KL(Normal(z, mean_q, exp(logvar_q)), unit, line)


@theorem(
    same(
        (logvar_q**2 + exp(mean_q) - 1 - mean_q) / 2,
        by_logvar + (logvar_q**2 - exp(logvar_q) + logvar_q + exp(mean_q) - mean_q - mean_q**2) / 2,
    ),
    "Mean and log-variance exchanged: how far off",
)
def heads_exchanged() -> Thm:
    """The closed form at the Gaussian that was meant."""
    left, right = heads_exchanged.statement.args
    return flip(calc(right, substitute(gaussian_kl_unit.thm, {std_q: exp(logvar_q / 2)}), to(left)))


@theorem(same(squares - 1 - log(std_q**2), 2 * rate), "Without its one half the divergence weighs twice")
def divergence_without_half() -> Thm:
    """The closed form, times two."""
    left, right = divergence_without_half.statement.args
    return flip(calc(right, gaussian_kl_unit.thm, to(left)))


@theorem(
    same(squares - log(std_q**2) / 2, KL(q, narrow, line) + (1 + log(2)) / 2),
    "Squares without their one half: the divergence from the prior N(0, 1/2), and a constant",
)
def squares_without_half() -> Thm:
    """The general closed form at mean 0 and variance 1/2."""
    left, right = squares_without_half.statement.args
    special = substitute(gaussian_kl.thm, {mean_p: 0, std_p: sqrt(half)})
    return flip(calc(right, special, to(left)))


def _at(mu: Expr, sigma: Expr) -> Thm:
    """The divergence at numbers."""
    return substitute(gaussian_kl_unit.thm, {mean_q: mu, std_q: sigma})


@counterexample(
    same(rate, (squares - 1 - 2 * log(std_q**2)) / 2),
    differs(KL(Normal(z, 0, 2), unit, line), (1 - 2 * log(2)) / 2),
    "The divergence has twice the log-variance",
    at={mean_q: 0, std_q: sqrt(2)},
    holds_at={mean_q: 1, std_q: 1},
    witness=lambda: (_at(Integer(1), Integer(1)),),
    instead="twice_the_log_variance",
)
def log_variance_is_log_std_in_kl() -> Thm:
    """At variance 2 the divergence is 1/2 - (log 2)/2; the line says 1/2 - log 2, less than nothing."""
    return apart(ending(_at(Integer(0), sqrt(2)), half - log(2) / 2), algebra((1 - 2 * log(2)) / 2, half - log(2)))


@counterexample(
    same(log(std_q**2), log(std_q) ** 2),
    differs(log(4), log(2) ** 2),
    "The logarithm of a square is the square of the logarithm",
    at={std_q: 2},
    holds_at={std_q: 1},
    instead="gaussian_kl_unit",
)
def log_squared_is_log_of_square() -> Thm:
    """At 2: twice log 2 against (log 2)^2."""
    return apart(algebra(log(4), 2 * log(2)), algebra(log(2) ** 2, log(2) ** 2))


@counterexample(
    same(rate, (squares - 1 + log(std_q**2)) / 2),
    differs(KL(Normal(z, 0, Rational(1, 4)), unit, line), (Rational(1, 4) - 1 + log(Rational(1, 4))) / 2),
    "The logarithm of the variance is added",
    at={mean_q: 0, std_q: half},
    holds_at={mean_q: 1, std_q: 1},
    witness=lambda: (_at(Integer(1), Integer(1)),),
    instead="gaussian_kl_unit",
)
def log_may_be_added() -> Thm:
    """At a standard deviation of 1/2: log 2 - 3/8 against -log 2 - 3/8, less than nothing."""
    right = ending(_at(Integer(0), half), log(2) - Rational(3, 8))
    return apart(right, algebra((Rational(1, 4) - 1 + log(Rational(1, 4))) / 2, -log(2) - Rational(3, 8)))
