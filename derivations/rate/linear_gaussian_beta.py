r"""# A weight on the divergence in the linear Gaussian model

Weight the divergence by $\beta > 0$ and ask which code maximises
$$\mathbb{E}_q[\log p(x \mid z)] - \beta\, D_{\mathrm{KL}}(q \,\|\, p(z)) .$$
Among *all* distributions the answer is the tempered posterior, proportional to $p(z)\, p(x \mid z)^{1/\beta}$. In the
linear Gaussian model it has a name: the power $1/\beta$ of a Gaussian likelihood is, up to a constant, a Gaussian
likelihood with the variance $\beta\sigma_x^2$. So the answer is the posterior of the same model with $\beta$ times the
noise,
$$\text{precision}\quad \frac1{v_0} + \frac{w^2}{\beta\sigma_x^2} .$$

A weight above one widens the code and pulls its mean towards the prior; one below one does the opposite. Only
$\beta = 1$ gives the posterior. That the best distribution is Gaussian is a conclusion here, not an assumption.

Headline: beta_elbo_optimum.
Keywords: beta-VAE in closed form, KL weight, tempered posterior, linear model, KL annealing.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.linear_model import linear_gaussian as lg
from derivations.linear_model.linear_gaussian import bias, likelihood, mean_prior, prior, var_noise, var_prior, weight
from derivations.rate import beta_vae
from derivations.rate.beta_vae import ENCODER, LIKELIHOOD, PRIOR, TEMPERED, bend, beta, mass_t, q, tempered

CODE = density("q", "z")
code = CODE(z)
noisier = {var_noise: beta * var_noise}
best_mean, best_var = lg.mean_post.xreplace(noisier), lg.var_post.xreplace(noisier)
best = Normal(z, best_mean, best_var)
normaliser = lg.evidence.xreplace(noisier) * sqrt(2 * pi * beta * var_noise) * (2 * pi * var_noise) ** (-1 / (2 * beta))


def objective(law: Expr) -> Expr:
    """The ELBO with the divergence weighted by beta."""
    return E(log(likelihood), law, line) - beta * KL(law, prior, line)


code_mass = normalised(code, line)
finite = tuple(Converges(e) for e in (E(log(likelihood), code, line), KL(code, prior, line)))

model = {x: Rational(4, 3), weight: Rational(3, 2), bias: Rational(-1, 2), var_noise: Rational(2, 3)}
model |= {mean_prior: Rational(1, 4), var_prior: Rational(5, 4), beta: Rational(5, 2)}
off = {**model, CODE: Lambda(z, gauss(z, Rational(1, 3), Rational(3, 4)))}
there = {**model, CODE: Lambda(z, gauss(z, best_mean.xreplace(model), best_var.xreplace(model)))}
lighter = {**model, beta: Rational(2, 5), var_noise: 3}


@theorem(
    same(1 / best_var, 1 / var_prior + weight**2 / (beta * var_noise)),
    "The precision of the best code for a weighted divergence",
    kind="step",
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
    bent = beta_vae.prior * beta_vae.likelihood ** (1 / beta)
    solved = rearrange(given(bend), tempered, bent / mass_t, times=1 / mass_t)
    parts = beta_vae.rate - beta_vae.fit / beta + log(mass_t) * total(q, whole)
    finite_gap = combined(total(q * log(q / solved.prop.rhs), whole), parts)
    finite_gap = carry(settled_by(finite_gap, beta_vae.encoder_mass), Converges(beta_vae.gap), solved)
    return discharge(beta_vae.tempered_posterior.thm, finite_gap)


def _here(thm: Thm, law: Expr) -> Thm:
    """A theorem about the tempered posterior, in the linear Gaussian model and for the code `distribution`."""
    model = {ENCODER: Lambda((z, x), law), TEMPERED: Lambda((z, x), best)}
    model |= {PRIOR: Lambda(z, prior), LIKELIHOOD: Lambda((x, z), likelihood)}
    here = instantiate(substitute(on_space(thm, u, line), {mass_t: normaliser}), model)
    return discharge(here, for_all(tempered_linear_gaussian.thm, line))


@theorem(
    same(objective(best), beta * log(normaliser)),
    "What the best code for a weighted divergence attains",
    examples=(model, lighter),
)
def beta_elbo_value() -> Thm:
    """Reconstruction and divergence are closed forms; at the best code they add up to a constant."""
    value = opened(beta * log(normaliser))
    fit = substitute(lg.linear_gaussian_reconstruction.thm, {lg.mean_q: best_mean, lg.var_q: best_var})
    return calc(
        objective(best),
        ("the reconstruction term", fit),
        ("the divergence from the prior", lg.gauss_kl(best_mean, best_var, mean_prior, var_prior)),
        to(value.prop.rhs),
        flip(value),
    )


@theorem(
    at_least(objective(best), objective(code)),
    "The best code for a weighted divergence has beta times the noise",
    given=(code_mass, *finite),
    examples=(off, there, {**lighter, CODE: Lambda(z, gauss(z, -1, Rational(1, 2)))}),
)
def beta_elbo_optimum() -> Thm:
    """No distribution does better than the tempered posterior, which is the Gaussian with beta times the noise."""
    mass = substitute(gaussian_mass.thm, {mean: best_mean, var: best_var})
    return chain(beta_elbo_value.thm, discharge(_here(_tempered(), code), mass))
