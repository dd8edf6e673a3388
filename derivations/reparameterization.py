r"""# Gradients of an expectation: noise first, or the score

The parameters of the encoder sit in the *law* of $z$. Write $z = \mu + \sigma\varepsilon$ with
$\varepsilon \sim \mathcal N(0, 1)$ and they move into the integrand: a change of variables in the integral,
$$\mathbb{E}_{\mathcal N(z;\, \mu,\, \sigma^2)}[f(z)] = \mathbb{E}_{\mathcal N(\varepsilon;\, 0,\, 1)}[f(\mu + \sigma\varepsilon)] .$$
The noise does not depend on the parameters, so the derivative may go under the integral, **if** the derivative of the
integrand has a bound that is integrable and good for all parameters nearby. A step function $f$ has derivative zero
wherever it has one, and its expectation moves all the same: it is such a condition that it breaks. Networks of ReLUs
have kinks, codes with finitely many values have no such $g$ at all.

The integrand of the ELBO contains $\log q_\phi(z \mid x)$ and so depends on $\phi$ in two ways, through $z$ and by
itself; both have to be counted.

What is proved of this is the change of variables, for every $f$; the interchange is not.

Sampling does not block the gradient. The **score** does without any change of variables: with
$\partial q = q\,\partial \log q$,
$$\partial_\phi\, \mathbb{E}_{q_\phi}[f(z)] = \mathbb{E}_{q_\phi}[f(z)\, \partial_\phi \log q_\phi(z)],$$
where $f$ need not even be continuous. It is proved for the mean of a Gaussian, whose score is $(z - \mu)/\sigma^2$. The
score itself has mean zero, so a constant may be subtracted from $f$. Which of the two gradients varies less is not proved here.

Networks output a log-variance: $\log \sigma^2$, which is twice $\log \sigma$, so $\sigma = e^{\ell/2}$.
"""

from collections.abc import Callable

from sympy import Derivative, Expr, Function, Integer, Lambda, Ne, Rational, Symbol, Tuple, diff, exp, log, pi

from derivations import Remark, counterexample, theorem
from derivations._kernel import (
    Converges,
    Dominated,
    Thm,
    algebra,
    chain,
    change_of_variables,
    differ,
    flip,
    leibniz,
    move_in,
    substitute,
    total,
    unfolded,
)
from derivations._notation import E, Normal, line, oo, same, z
from derivations._steps import apart, calc, folded, opened, settled, termwise, to
from derivations.gaussian_moments import gaussian_mean, gaussian_variance
from derivations.gaussian_moments import mean as m
from derivations.gaussian_moments import var as v

mean, std, logvar = Symbol("mean", real=True), Symbol("std", positive=True), Symbol("logvar", real=True)
phi, centre, c = Symbol("phi", real=True), Symbol("c", real=True), Symbol("b", real=True)
var = Symbol("var", positive=True)
eps = Symbol("eps", real=True)
noise_line = (eps, -oo, oo)
F = Function("f(z)", real=True)
noise = Normal(eps, Integer(0), Integer(1))


@theorem(
    same(E(F(z), Normal(z, mean, std**2), line), E(F(mean + std * eps), noise, noise_line)),
    "A Gaussian is standard noise, stretched and shifted",
    claims=("002-54", "003-61", "003-64", "003-100", "003-85", "003-92", "004-50"),
    examples=({F: Lambda(z, z**2 + z), mean: Rational(1, 2), std: Rational(3, 2)},),
)
def reparameterization() -> Thm:
    """Change variables from z to the noise."""
    after = F(mean + std * eps)
    return calc(
        E(F(z), Normal(z, mean, std**2), line),
        opened,
        lambda e: change_of_variables(e, mean + std * eps, eps),
        termwise(opened, folded(noise * after)),
        folded(E(after, noise, noise_line)),
    )


@theorem(
    same(E(F(z), Normal(z, mean, exp(logvar)), line), E(F(mean + exp(logvar / 2) * eps), noise, noise_line)),
    "The same with a log-variance",
    claims=("004-52",),
    examples=({F: Lambda(z, z**2 + z), mean: Rational(1, 2), logvar: Rational(1, 3)},),
)
def reparameterization_log_variance() -> Thm:
    """The standard deviation is exp(logvar/2)."""
    return substitute(reparameterization.thm, {std: exp(logvar / 2)})


def _bounded(f: Expr, over: Tuple, by: Symbol) -> Dominated:
    """The derivative of the integrand has an integrable bound, the same for all parameters nearby."""
    return Dominated(total(diff(unfolded(f), by), over), by)


def _as_mean(e: Expr) -> Callable[[Expr], Thm]:
    """The line is the expectation e, its law written out."""
    return lambda line: calc(line, termwise(folded(e.args[0] * e.args[1])), folded(e))


# --- the score ---

q = Normal(z, mean, var)
score = (z - mean) / var
held = E(F(z), q, line)
still = {F: Lambda(z, z**2 + z), mean: Rational(1, 2), var: Rational(3, 2)}


@theorem(
    same(Derivative(held, mean), E(F(z) * score, q, line)),
    "The score-function gradient",
    given=(Converges(held), _bounded(q * F(z), line, mean)),
    examples=(still,),
)
def score_function_gradient() -> Thm:
    """Differentiate the law instead of the function: its derivative is the law times the score."""
    return calc(Derivative(held, mean), opened, leibniz, _as_mean(E(F(z) * score, q, line)))


at_q = {m: mean, v: var}


@theorem(same(E(score, q, line), Integer(0)), "The score has mean zero")
def score_mean_zero() -> Thm:
    """It is the deviation from the mean, divided by the variance."""
    thm = calc(
        E(score, q, line),
        opened,
        flip(move_in(total((z - mean) * q, line), 1 / var)),
        folded(E(z - mean, q, line) / var),
        substitute(gaussian_mean.thm, at_q),
        to(0),
    )
    return settled(thm)


unit = Normal(z, Integer(0), Integer(1))


@counterexample(
    same(E(z * score, q, line), Integer(0)),
    Ne(E(z * z, unit, line), Integer(0), evaluate=False),
    "Drawing z from the encoder stops the gradient",
    at={mean: 0, var: 1},
    instead="score_function_gradient",
    claims=("003-63",),
)
def sampling_stops_the_gradient() -> Thm:
    """f(z) = z under N(mean, 1): f times the score averages to 1, the slope of the mean in itself."""
    one = chain(substitute(gaussian_variance.thm, {m: 0, v: 1}))
    return apart(one, algebra(Integer(0), Integer(0)))


@counterexample(
    same(log(q), log(Normal(z, centre, var))),
    Ne(
        log(Normal(Integer(0), Integer(0), Integer(1))), log(Normal(Integer(0), Integer(2), Integer(1))), evaluate=False
    ),
    "The integrand of the ELBO does not depend on the parameters of the encoder",
    at={z: 0, mean: 0, centre: 2, var: 1},
    instead="score_mean_zero",
    claims=("003-66",),
)
def integrand_without_parameters() -> Thm:
    """At the code 0 the log density of the encoder falls by 2 when its mean moves from 0 to 2."""
    here, there = log(Normal(Integer(0), Integer(0), Integer(1))), log(Normal(Integer(0), Integer(2), Integer(1)))
    height = -log(2 * pi) / 2
    return apart(calc(here, opened, to(height)), calc(there, opened, to(height - 2)))


@counterexample(
    same(2 * log(std), log(std)),
    Ne(2 * log(Integer(2)), log(Integer(2)), evaluate=False),
    "The log-variance is the logarithm of the standard deviation",
    at={std: 2},
    instead="reparameterization_log_variance",
    claims=("004-51",),
)
def log_variance_is_log_std() -> Thm:
    """At a standard deviation of 2 the variance is 4, whose logarithm is twice as large."""
    return differ(2 * log(Integer(2)), log(Integer(2)))


encoder_code = Remark(
    "encoder_code",
    "reparameterization",
    "Layers of a network, the names of two numbers, and a misprint that puts a law where a set would stand.",
    ("004-48", "004-49", "004-86"),
    nearest="reparameterization",
)
