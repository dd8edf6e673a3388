r"""# What the divergence from the prior pulls at

The second term of the ELBO is a divergence, so it is zero when the encoder is the prior and positive otherwise. To
call it a *pull* says more: every step towards the prior must lower it. It does. Mix a share $1/(1+s)$ of the prior
into $q$ and the divergence falls at least by that share, because $t \log t$ is convex.

For a Gaussian encoder and the prior $\mathcal N(0, 1)$ the pull has a strength. The slope of the divergence in the
mean is the mean itself, like a spring at rest at $0$; the slope in $\ell = \log\sigma^2$ is $(e^\ell - 1)/2$, which
is negative for $\sigma < 1$ and positive for $\sigma > 1$. With another prior the spring rests elsewhere: the formula
belongs to $\mathcal N(0, 1)$ only.

The term pulls each $q(z \mid x)$ to the prior, also where the encoder ought to tell data points apart. It is the
reconstruction term that pulls back.

Keywords: gradient of the KL, regularisation of mean and log variance, pull to the prior, weight decay on the code.
"""

from derivations import *
from derivations.gaussians.gaussian_kl import gaussian_kl, mean_p, mean_q, std_p, std_q

ENCODER, PRIOR = density("q", "z|x"), density("p", "z")
q, prior = ENCODER(u, x), PRIOR(u)
t, a, s = Symbol("t", positive=True), Symbol("a", positive=True), Symbol("s", positive=True)
mixed, ratio = (s * q + prior) / (1 + s), q / prior

bells = {ENCODER: Lambda((z, x), gauss(z, x, Rational(1, 2))), PRIOR: Lambda(z, gauss(z, 0, 1)), x: 1, s: 2}
at_rest = {**bells, ENCODER: Lambda((z, x), gauss(z, 0, 1))}
table = {K: 4, ENCODER: Lambda((k, x), (4 * x + k) / (26 * x)), PRIOR: Lambda(k, k / 10), x: 1, s: Rational(1, 2)}
even_table = {**table, ENCODER: Lambda((k, x), k / 10)}


def _convex() -> Thm:
    """t log t lies above its tangents: one at the mixture for q/p, one for 1, in the shares s and 1."""
    f, m = -t * log(t), mixed / prior
    to_q, to_prior = (substitute(tangent(f, t, a), {t: v, a: m}) for v in (ratio, Integer(1)))
    left, right = s * q * log(ratio) / (1 + s), mixed * log(m)
    slack = prior / (1 + s) * (to_prior.prop.lhs - to_prior.prop.rhs)
    above = chain(
        rearrange(to_q, left - right, slack, times=s * prior / (1 + s)),
        rearrange(to_prior, slack, Integer(0), times=prior / (1 + s)),
    )
    return rearrange(above, left, right)


@theorem(
    at_least(s * KL(q, prior, whole) / (1 + s), KL(mixed, prior, whole)),
    "A step towards the prior lowers the divergence",
    given=(Converges(KL(q, prior, whole)), Converges(KL(mixed, prior, whole))),
    claims=("000-96", "002-29", "003-28"),
    forms=on_both((bells, at_rest), (table, even_table)),
)
def prior_pull() -> Thm:
    """Average the pointwise inequality."""
    rate = KL(q, prior, whole)
    average = calc(s * rate / (1 + s), opened, move_in(rate.definition(), s / (1 + s)))
    return chain(average, monotone(_convex(), whole), flip(opened(KL(mixed, prior, whole))))


unit = Normal(z, 0, 1)
mean, logvar = Symbol("mean", real=True), Symbol("logvar", real=True)
encoder = Normal(z, mean, exp(logvar))


def _rate() -> Thm:
    """The divergence from the standard normal, in the log-variance."""
    thm = substitute(gaussian_kl.thm, {mean_q: mean, std_q: exp(logvar / 2), mean_p: 0, std_p: 1})
    return ending(thm, (mean**2 + exp(logvar) - 1 - logvar) / 2)


def _slope(by: Symbol, value: Expr) -> Thm:
    return calc(Derivative(KL(encoder, unit, line), by), _rate(), differentiate, to(value))


@theorem(
    same(Derivative(KL(encoder, unit, line), mean), mean),
    "The pull on the mean is a spring at rest at zero",
    narrows={"": "one latent dimension"},
)
def prior_pull_mean() -> Thm:
    """Differentiate the closed form."""
    return _slope(mean, mean)


@theorem(
    same(Derivative(KL(encoder, unit, line), logvar), (exp(logvar) - 1) / 2),
    "The pull on the log-variance is at rest at zero",
    narrows={"": "one latent dimension"},
)
def prior_pull_logvar() -> Thm:
    """Differentiate the closed form."""
    return _slope(logvar, (exp(logvar) - 1) / 2)
