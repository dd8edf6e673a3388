r"""# Noise first: a Gaussian sample with its parameters outside the distribution

The parameters of the encoder sit in the *distribution* of $z$. Write $z = \mu + \sigma\varepsilon$ with
$\varepsilon \sim \mathcal N(0, 1)$ and they move into the integrand: a change of variables in the integral,
$$\mathbb{E}_{\mathcal N(z;\, \mu,\, \sigma^2)}[f(z)] = \mathbb{E}_{\mathcal N(\varepsilon;\, 0,\,
1)}[f(\mu + \sigma\varepsilon)] .$$ It holds for every $f$, smooth or not. What it is for, the gradient of the
expectation, asks more of $f$: a derivative at every point, with an integrable bound. Sampling from the distribution
itself does not block a gradient either: the score needs no noise at all.

Networks output a log-variance: $\log \sigma^2$, which is twice $\log \sigma$, so $\sigma = e^{\ell/2}$.

Keywords: reparameterization trick, reparametrization trick, reparameterisation, location-scale, z = mu + sigma *
epsilon, log variance, log variance to standard deviation, exp(0.5 * logvar), logvar.
"""

from derivations import *

mean, std, logvar = Symbol("mean", real=True), Symbol("std", positive=True), Symbol("logvar", real=True)
eps = Symbol("eps", real=True)
noise_line = (eps, -oo, oo)
F = Function("f(z)", real=True)
noise = Normal(eps, 0, 1)


@theorem(
    same(E(F(z), Normal(z, mean, std**2), line), E(F(mean + std * eps), noise, noise_line)),
    "A Gaussian is standard noise, stretched and shifted",
    examples=({F: Lambda(z, z**2 + z), mean: Rational(1, 2), std: Rational(3, 2)},),
    narrows={"": "one latent dimension"},
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
    narrows={"": "one latent dimension"},
)
def reparameterization_log_variance() -> Thm:
    """The standard deviation is exp(logvar/2)."""
    return substitute(reparameterization.thm, {std: exp(logvar / 2)})


@counterexample(
    same(2 * log(std), log(std)),
    differs(2 * log(Integer(2)), log(Integer(2))),
    "The log-variance is the logarithm of the standard deviation",
    at={std: 2},
    misprinted=True,
    instead="reparameterization_log_variance",
    claims=("004-51",),
)
def log_variance_is_log_std() -> Thm:
    """At a standard deviation of 2 the variance is 4, whose logarithm is twice as large."""
    return differ(2 * log(Integer(2)), log(Integer(2)))


encoder_code = Remark(
    "encoder_code",
    "reparameterization",
    "The layers of one network.",
    ("004-48",),
    nearest="reparameterization",
)


names_of_two_numbers = Definition(
    "names_of_two_numbers",
    "reparameterization",
    "The second slot of a Gaussian is its variance.",
    ("004-49",),
    nearest="reparameterization",
)


member_of_a_law = Misprint(
    "member_of_a_law",
    "reparameterization",
    "The noise is printed as a member of N(0, I), a distribution where a set would stand; it is drawn from it.",
    ("004-86",),
    nearest="reparameterization",
)
