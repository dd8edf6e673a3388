r"""# The linear Gaussian model, where everything is known

Let $z \sim \mathcal N(m_0, v_0)$ and $x \mid z \sim \mathcal N(w z + b, \sigma_x^2)$. Completing the square once splits the
joint density into a Gaussian in $x$, the evidence, times a Gaussian in $z$, the posterior. Every term of the ELBO is then
a closed form, and the gap is a divergence between two Gaussians. This is the model on which to test an implementation:
nothing in it has to be estimated.

The reconstruction term has two parts, the squared error at the encoder's mean and the spread
$w^2 \operatorname{Var}_q[z]$ that the decoder passes on. Code that decodes only the mean drops the second.

Headline: linear_gaussian_decomposition.
Keywords: probabilistic PCA, factor analysis, linear Gaussian model, exact ELBO, exact posterior, conjugate Gaussian,
toy model.
"""

from derivations import *
from derivations.gaussians import gaussian_kl as kl
from derivations.gaussians.gaussian_moments import gaussian_mass, gaussian_mean, gaussian_variance, mean, var

weight, bias = Symbol("weight", real=True), Symbol("bias", real=True)
mean_prior, mean_q = Symbol("mean_prior", real=True), Symbol("mean_q", real=True)
var_prior, var_q, var_noise = (Symbol(name, positive=True) for name in ("var_prior", "var_q", "var_noise"))

prior, likelihood = Normal(z, mean_prior, var_prior), Normal(x, weight * z + bias, var_noise)
joint, q = likelihood * prior, Normal(z, mean_q, var_q)
mean_x, var_x = weight * mean_prior + bias, weight**2 * var_prior + var_noise
mean_post = (mean_prior * var_noise + weight * var_prior * (x - bias)) / var_x
var_post = var_prior * var_noise / var_x
evidence, posterior = Normal(x, mean_x, var_x), Normal(z, mean_post, var_post)

log_evidence = -log(2 * pi * var_x) / 2 - (x - mean_x) ** 2 / (2 * var_x)
squared_error = (x - weight * mean_q - bias) ** 2 + weight**2 * var_q
reconstruction = -log(2 * pi * var_noise) / 2 - squared_error / (2 * var_noise)


def gauss_kl(mean_1: Expr, var_1: Expr, mean_2: Expr, var_2: Expr) -> Thm:
    """The divergence between two Gaussians, in means and variances."""
    return substitute(
        kl.gaussian_kl.thm, {kl.mean_q: mean_1, kl.std_q: sqrt(var_1), kl.mean_p: mean_2, kl.std_p: sqrt(var_2)}
    )


def closed_kl(mean_1: Expr, var_1: Expr, mean_2: Expr, var_2: Expr) -> Expr:
    """Its closed form with one logarithm."""
    return (var_1 / var_2 + (mean_1 - mean_2) ** 2 / var_2 - 1 - log(var_1 / var_2)) / 2


@theorem(same(joint, posterior * evidence), "Likelihood times prior = posterior times evidence")
def linear_gaussian_bayes() -> Thm:
    """Both logarithms are the same quadratic in z."""
    right = log(posterior * evidence)
    return unlog(calc(log(joint), opened, to(opened(right).prop.rhs), folded(right)))


@theorem(
    same(log(total(joint, line)), log_evidence),
    "The evidence of the linear Gaussian model",
    computes="linear_gaussian_log_evidence",
)
def linear_gaussian_evidence() -> Thm:
    """The posterior integrates to one; the evidence is what is left."""
    thm = calc(
        log(total(joint, line)),
        ("complete the square", linear_gaussian_bayes.thm),
        at(linearity, total(posterior * evidence, line)),
        ("the posterior integrates to one", substitute(gaussian_mass.thm, {mean: mean_post, var: var_post})),
        opened,
        to(log_evidence),
    )
    return settled(thm)


@theorem(same(joint / evidence, posterior), "The posterior of the linear Gaussian model")
def linear_gaussian_posterior() -> Thm:
    """Divide the joint by the evidence."""
    return rearrange(linear_gaussian_bayes.thm, joint / evidence, posterior, times=1 / evidence)


@theorem(
    same(E(log(likelihood), q, line), reconstruction),
    "The reconstruction term of an affine decoder",
    computes="linear_gaussian_reconstruction",
)
def linear_gaussian_reconstruction() -> Thm:
    """The squared error has the bias-variance form: the error at the mean, plus the spread of the codes."""
    offset = x - weight * mean_q - bias
    error = (z - mean_q) ** 2 * weight**2 - 2 * offset * weight * (z - mean_q) + offset**2
    log_density = calc(log(likelihood), opened, to(-log(2 * pi * var_noise) / 2 - error / (2 * var_noise)))
    height = -log(2 * pi * var_noise) / 2 - offset**2 / (2 * var_noise)
    at_q = {mean: mean_q, var: var_q}
    drift, spread = offset * weight / var_noise, weight**2 / (2 * var_noise)
    thm = calc(
        E(log(likelihood), q, line),
        opened,
        ("the logarithm of a Gaussian is a quadratic", log_density),
        ("about the mean of q", inside(height * q + drift * (z - mean_q) * q - spread * (z - mean_q) ** 2 * q)),
        linearity,
        folded(height * total(q, line) + drift * E(z - mean_q, q, line) - spread * E((z - mean_q) ** 2, q, line)),
        ("q integrates to one", substitute(gaussian_mass.thm, at_q)),
        ("the deviation averages to zero", substitute(gaussian_mean.thm, at_q)),
        ("the variance of q", substitute(gaussian_variance.thm, at_q)),
        to(reconstruction),
    )
    return settled(thm)


closed_elbo = reconstruction - closed_kl(mean_q, var_q, mean_prior, var_prior)


@theorem(
    same(ELBO(joint, q, line), closed_elbo), "The ELBO of the linear Gaussian model", computes="linear_gaussian_elbo"
)
def linear_gaussian_elbo() -> Thm:
    """Reconstruction minus the divergence from the prior, each a closed form."""
    thm = calc(
        ELBO(joint, q, line),
        opened,
        ("likelihood and prior apart", inside(q * log(likelihood) - q * log(q / prior))),
        linearity,
        folded(E(log(likelihood), q, line) - KL(q, prior, line)),
        ("the reconstruction term", linear_gaussian_reconstruction.thm),
        ("the divergence from the prior", gauss_kl(mean_q, var_q, mean_prior, var_prior)),
        to(closed_elbo),
    )
    return settled(thm)


@theorem(
    same(KL(q, posterior, line), closed_kl(mean_q, var_q, mean_post, var_post)),
    "The gap of the linear Gaussian model",
    computes="linear_gaussian_gap",
)
def linear_gaussian_gap() -> Thm:
    """The divergence between two Gaussians, q and the posterior."""
    codes = mean_q, var_q, mean_post, var_post
    return ending(gauss_kl(*codes), closed_kl(*codes))


@theorem(same(log_evidence, ELBO(joint, q, line) + KL(q, posterior, line)), "log evidence = ELBO + gap, in closed form")
def linear_gaussian_decomposition() -> Thm:
    """The three closed forms add up: the same quadratic, written twice."""
    right = linear_gaussian_decomposition.statement.rhs
    return flip(calc(right, linear_gaussian_elbo.thm, linear_gaussian_gap.thm, to(log_evidence)))
