r"""# A weight on the divergence in the linear Gaussian model

Weight the divergence by $\beta > 0$ and ask which code maximises
$$\mathbb{E}_q[\log p(x \mid z)] - \beta\, D_{\mathrm{KL}}(q \,\|\, p(z)) .$$
Among *all* laws the answer is the tempered posterior, proportional to $p(z)\, p(x \mid z)^{1/\beta}$. In the linear
Gaussian model it has a name: the power $1/\beta$ of a Gaussian likelihood is, up to a constant, a Gaussian likelihood
with the variance $\beta\sigma_x^2$. So the answer is the posterior of the same model with $\beta$ times the noise,
$$\text{precision}\quad \frac1{v_0} + \frac{w^2}{\beta\sigma_x^2} .$$

A weight above one widens the code and pulls its mean towards the prior; one below one does the opposite. Only
$\beta = 1$ gives the posterior. That the best law is Gaussian is a conclusion here, not an assumption.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.linear_model.linear_gaussian import (
    bias,
    evidence,
    gauss_kl,
    likelihood,
    linear_gaussian_reconstruction,
    mean_post,
    mean_prior,
    mean_q,
    prior,
    var_noise,
    var_post,
    var_prior,
    var_q,
    weight,
)
from derivations.rate.beta_vae import (
    ENCODER,
    LIKELIHOOD,
    PRIOR,
    TEMPERED,
    bend,
    beta,
    encoder_mass,
    gap,
    mass_t,
    q,
    tempered,
    tempered_posterior,
)
from derivations.rate.beta_vae import likelihood as p_x
from derivations.rate.beta_vae import prior as p

CODE = density("q", "z")
code = CODE(z)
noisier = {var_noise: beta * var_noise}
best_mean, best_var = mean_post.xreplace(noisier), var_post.xreplace(noisier)
best = Normal(z, best_mean, best_var)
normaliser = evidence.xreplace(noisier) * sqrt(2 * pi * beta * var_noise) * (2 * pi * var_noise) ** (-1 / (2 * beta))


def objective(law: Expr) -> Expr:
    """The ELBO with the divergence weighted by beta."""
    return E(log(likelihood), law, line) - beta * KL(law, prior, line)


code_mass = normalised(code, line)
finite = tuple(Converges(e) for e in (E(log(likelihood), code, line), KL(code, prior, line)))

model = {x: Rational(4, 3), weight: Rational(3, 2), bias: Rational(-1, 2), var_noise: Rational(2, 3)}
model |= {mean_prior: Rational(1, 4), var_prior: Rational(5, 4), beta: Rational(5, 2)}


def _bell(centre: Expr, spread: Expr) -> Lambda:
    return Lambda(z, exp(-((z - centre) ** 2) / (2 * spread)) / sqrt(2 * pi * spread))


off = {**model, CODE: _bell(Rational(1, 3), Rational(3, 4))}
there = {**model, CODE: _bell(best_mean.xreplace(model), best_var.xreplace(model))}
lighter = {**model, beta: Rational(2, 5), var_noise: Integer(3), CODE: _bell(Integer(-1), Rational(1, 2))}


@theorem(
    same(1 / best_var, 1 / var_prior + weight**2 / (beta * var_noise)),
    "The precision of the best code for a weighted divergence",
)
def beta_posterior_precision() -> Thm:
    """The precision of the prior, and what an observation with beta times the noise adds to it."""
    return algebra(*beta_posterior_precision.statement.args)


@theorem(
    same(best * normaliser, prior * likelihood ** (1 / beta)),
    "A tempered Gaussian likelihood is one with more noise",
    examples=({**model, z: Rational(2, 5)},),
)
def tempered_linear_gaussian() -> Thm:
    """Both logarithms are the same quadratic in z."""
    left, right = (log(e) for e in tempered_linear_gaussian.statement.args)
    return unlog(calc(left, opened, to(opened(right).prop.rhs), flip(opened(right))))


def _tempered() -> Thm:
    """The tempered posterior is best; its own divergence is finite, for it is a combination of the other two terms."""
    solved = rearrange(given(bend), tempered, p * p_x ** (1 / beta) / mass_t, times=1 / mass_t)
    parts = (Integer(1), total(q * log(q / p), whole)), (-1 / beta, total(q * log(p_x), whole))
    ratio = total(q * log(q / solved.prop.rhs), whole)
    finite_gap = combine(ratio, *parts, (log(mass_t), total(q, whole)))
    finite_gap = carry(discharge(finite_gap, integrable(given(encoder_mass))), Converges(gap), solved)
    return discharge(tempered_posterior.thm, finite_gap)


def _here(thm: Thm, law: Expr) -> Thm:
    """A theorem about the tempered posterior, in the linear Gaussian model and for the code `law`."""
    model = {
        ENCODER: Lambda((z, x), law),
        PRIOR: Lambda(z, prior),
        LIKELIHOOD: Lambda((x, z), likelihood),
        TEMPERED: Lambda((z, x), best),
    }
    here = instantiate(substitute(on_space(thm, u, line), {mass_t: normaliser}), model)
    return discharge(here, for_all(tempered_linear_gaussian.thm, line))


@theorem(
    same(objective(best), beta * log(normaliser)),
    "What the best code for a weighted divergence attains",
    examples=(model, {s: v for s, v in lighter.items() if s != CODE}),
)
def beta_elbo_value() -> Thm:
    """Reconstruction and divergence are closed forms; at the best code they add up to a constant."""
    fit = substitute(linear_gaussian_reconstruction.thm, {mean_q: best_mean, var_q: best_var})
    return calc(
        objective(best),
        ("the reconstruction term", fit),
        ("the divergence from the prior", gauss_kl(best_mean, best_var, mean_prior, var_prior)),
        to(opened(beta * log(normaliser)).prop.rhs),
        flip(opened(beta * log(normaliser))),
    )


@theorem(
    at_least(objective(best), objective(code)),
    "The best code for a weighted divergence has beta times the noise",
    given=(code_mass, *finite),
    examples=(off, there, lighter),
)
def beta_elbo_optimum() -> Thm:
    """No law does better than the tempered posterior, which is the Gaussian with beta times the noise."""
    mass = substitute(gaussian_mass.thm, {mean: best_mean, var: best_var})
    bound = discharge(_here(_tempered(), code), mass)
    return chain(beta_elbo_value.thm, bound)
