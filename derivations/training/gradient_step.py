r"""# How much a gradient step gains, and when it loses

In the linear Gaussian model with a fixed encoder $q = \mathcal N(m, v)$ the ELBO is a quadratic in the slope $w$ of
the decoder, with curvature $-L$, $L = (m^2 + v)/\sigma_x^2$. A step of length $\eta$ along the gradient $g$ changes
it by exactly

$$\eta\, g^2 \left(1 - \tfrac12 \eta L\right) .$$

Short steps gain, and $\eta = 1/L$ lands on the maximum: that is the M-step of EM, $w = m(x - b)/(m^2 + v)$. Steps
longer than $2/L$ *lose*, although they follow the exact gradient of the whole data set. Training a variational
autoencoder by gradients therefore guarantees nothing by itself, with or without the noise of mini-batches; EM does.

At $w = b = 0$, with a prior centred at zero, the exact posterior has $m = 0$ and the M-step returns $w = 0$: EM stays
for ever at a point that need not be a maximum.

Headline: gradient_step_climbs.
Keywords: gradient ascent, step size, generalised EM, learning rate, descent lemma.
"""

from derivations import *
from derivations.linear_model import linear_gaussian as lg
from derivations.linear_model.linear_gaussian import bias, mean_q, prior, q, var_noise, var_q, weight

eta = Symbol("eta", positive=True)
slope = (mean_q * (x - weight * mean_q - bias) - weight * var_q) / var_noise
curvature = (mean_q**2 + var_q) / var_noise
best = mean_q * (x - bias) / (mean_q**2 + var_q)
elbo = ELBO(lg.joint, q, line)


def _elbo_at(value: Expr) -> Expr:
    """The ELBO at another slope of the decoder."""
    return ELBO(Normal(x, value * z + bias, var_noise) * prior, q, line)


@theorem(same(Derivative(elbo, weight), slope), "The gradient of the ELBO in the decoder's slope")
def elbo_slope() -> Thm:
    """Differentiate the closed form."""
    return calc(Derivative(elbo, weight), lg.linear_gaussian_elbo.thm, differentiate, to(slope))


@theorem(
    same(_elbo_at(weight + eta * slope) - elbo, eta * slope**2 * (1 - eta * curvature / 2)),
    "What a gradient step gains",
    claims=("002-79",),
)
def gradient_step_gain() -> Thm:
    """Both closed forms, before and after the step."""
    after = substitute(lg.linear_gaussian_elbo.thm, {weight: weight + eta * slope})
    return calc(
        gradient_step_gain.statement.lhs, after, lg.linear_gaussian_elbo.thm, to(gradient_step_gain.statement.rhs)
    )


@theorem(
    same(_elbo_at(best) - elbo, (mean_q**2 + var_q) * (weight - best) ** 2 / (2 * var_noise)),
    "The M-step of the linear Gaussian model",
)
def linear_gaussian_m_step() -> Thm:
    """Complete the square: no other slope has a larger ELBO."""
    after = substitute(lg.linear_gaussian_elbo.thm, {weight: best})
    statement = linear_gaussian_m_step.statement
    return calc(statement.lhs, after, lg.linear_gaussian_elbo.thm, to(statement.rhs))


start = {weight: 0, bias: 0, x: 1, mean_q: 1, var_q: 1, var_noise: 1, lg.mean_prior: 0, lg.var_prior: 1, eta: 2}
unit, code = Normal(z, 0, 1), Normal(z, 1, 1)


def _short_step() -> Thm:
    """A step of length one half gains a quarter."""
    gain = settled(substitute(gradient_step_gain.thm, {**start, eta: Rational(1, 2)}))
    after, before = (ELBO(Normal(1, climb * z, 1) * unit, code, line) for climb in (Rational(1, 2), Integer(0)))
    quarter = Rational(1, 4)
    more = chain(gain, algebra(gain.prop.rhs, quarter), rearrange(sign(quarter), quarter, Integer(0)))
    return settled(rearrange(more, after, before))


@counterexample(
    at_least(_elbo_at(weight + eta * slope), elbo),
    same(ELBO(Normal(1, 2 * z, 1) * unit, code, line), ELBO(Normal(1, 0, 1) * unit, code, line) - 2),
    "A step along the gradient never lowers the ELBO",
    at=start,
    holds_at={**start, eta: Rational(1, 2)},
    witness=lambda: (_short_step(),),
    instead="gradient_step_gain",
)
def gradient_step_climbs() -> Thm:
    """The data point 1, the encoder N(1, 1), slope 0: the gradient is 1, L is 2, and a step of length 2 loses 2."""
    step = substitute(gradient_step_gain.thm, start)
    return settled(rearrange(step, *gradient_step_climbs.negation.args))


@counterexample(
    at_least(log(Normal(x, bias, var_noise)), log(Normal(x, bias, weight**2 + var_noise))),
    same(log(Normal(2, 0, 4)), log(Normal(2, 0, 1)) + Rational(3, 2) - log(2)),
    "EM stands still only at a maximum of the likelihood",
    at={x: 2, bias: 0, var_noise: 1, weight: sqrt(3)},
    holds_at={x: 0, bias: 0, var_noise: 1, weight: sqrt(3)},
    instead="em_monotone",
)
def em_stops_at_a_maximum() -> Thm:
    """With slope 0 EM does not move; at the data point 2 the slope sqrt(3) has a larger likelihood."""
    negation = em_stops_at_a_maximum.negation
    return calc(negation.lhs, opened, to(opened(negation.rhs).prop.rhs), folded(negation.rhs))
