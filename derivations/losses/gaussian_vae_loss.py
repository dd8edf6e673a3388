r"""# The VAE loss of a Gaussian decoder, and what its weights mean

The negative ELBO of a Gaussian decoder has three parts: the average squared error over $2\sigma_x^2$, the constant
$\frac D2 \log(2\pi\sigma_x^2)$, and the divergence of the encoder from the prior. For a Gaussian encoder and the
standard normal prior the last is the familiar $\frac12 \sum_j (\mu_j^2 + \sigma_j^2 - 1 - \log \sigma_j^2)$. The
$\sigma_x^2$ of the decoder and the $\sigma_j^2$ of the encoder are different numbers, though one letter often serves
for both. A program that takes the mean squared error (MSE) has divided the squared error by $D$, which
[changes the weights](loss_weights.md). Written without the constant the loss is not the negative ELBO; the two differ
at a perfect reconstruction already.

Keywords: VAE loss, VAE loss function, MSE + KL, mse_loss + kld, implied variance, kl_weight.
"""

from derivations import *
from derivations.gaussians import gaussian_kl_diagonal as diagonal
from derivations.gaussians.gaussian_kl_diagonal import each_j, i, j, mean_q, point, q_j, space, std_q
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.linear_model import linear_gaussian as lg
from derivations.losses import gaussian_likelihood as gl
from derivations.losses.gaussian_likelihood import D, distortion, error, likelihood, offset, prior, q, var_noise

elbo, rate = ELBO(likelihood * prior, q, whole), KL(q, prior, whole)


@theorem(
    same(-elbo, distortion / (2 * var_noise) + offset + rate),
    "The negative ELBO of a Gaussian decoder",
    given=(gl.mass, Converges(distortion), Converges(rate)),
    forms=on_both(gl.bell, gl.table),
)
def gaussian_vae_loss() -> Thm:
    """Squared error, constant, divergence from the prior."""
    log_ratio, log_likelihood = q * log(q / prior), gl.log_likelihood()
    summands = -q * error / (2 * var_noise) - offset * q - log_ratio
    thm = calc(
        -elbo,
        opened,
        ("likelihood and prior apart", inside(q * log(likelihood) - log_ratio, elbo.definition())),
        ("the logarithm of the likelihood", log_likelihood),
        inside(summands, total(q * log_likelihood.prop.rhs - log_ratio, whole)),
        at(linearity, total(summands, whole)),
        ("q integrates to one", given(gl.mass)),
        folded(distortion / (2 * var_noise) + offset + rate),
    )
    return settled_by(thm, gl.mass)


# --- encoder and prior with independent Gaussian coordinates ---

gauss_encoder, gauss_prior = diagonal.q, diagonal.p
closed_rate = diagonal.gaussian_kl_diagonal.statement.rhs
distortion_of_codes = E(error.xreplace({u: space[0]}), gauss_encoder, space)


def _rate_is_finite() -> Thm:
    """The divergence is a finite sum of averages of quadratics under a Gaussian."""
    ours, theirs = unfolded(gauss_encoder), unfolded(gauss_prior)
    our_log, their_log = _log_converges(ours, ours), _log_converges(theirs, ours)
    both = total(ours * log(ours) - ours * log(theirs), space)
    return discharge(combined(both, our_log.prop.args[0] - their_log.prop.args[0]), our_log, their_log)


def _log_converges(law: Expr, ours: Expr) -> Thm:
    """E_q[log of a product of Gaussian densities] is finite."""
    logs = log_product(law)
    by_j = rename(logs.prop.rhs, j)
    one = Lambda(z, by_j.prop.rhs.args[0].xreplace({point[j]: z}))
    _, finite = coordinate(total(gauss_encoder * one(point[j]), space), gauss_encoder, j, one, line)
    unit = for_all(substitute(gaussian_mass.thm, {mean: mean_q[i], var: std_q[i] ** 2}), (i, 1, d))
    finite = discharge(finite, unit, gaussian_tail(total(q_j(z) * one(z), line)))
    summed = finite_sum(total(total(gauss_encoder * one(point[j]), each_j), space))
    summed = discharge(summed, for_all(finite, each_j))
    return carry(summed, Converges(total(ours * log(law), space)), logs, by_j, move_in(by_j.prop.rhs, ours))


@theorem(
    same(
        -ELBO(likelihood.xreplace({u: space[0]}) * gauss_prior, gauss_encoder, space),
        distortion_of_codes / (2 * var_noise) + offset + closed_rate,
    ),
    "The loss of a variational autoencoder with a Gaussian decoder",
    given=(normalised(gauss_encoder, space), Converges(distortion_of_codes)),
    examples=({d: 2, D: 3, gl.MEAN: Lambda((m, space[0]), m * point[1] / 2 - point[d])},),
)
def gaussian_vae_loss_diagonal() -> Thm:
    """The divergence of independent Gaussian coordinates in closed form."""
    thm = on_space(gaussian_vae_loss.thm, u, space)
    thm = instantiate(thm, {gl.ENCODER: Lambda(space[0], gauss_encoder), gl.PRIOR: Lambda(space[0], gauss_prior)})
    return calc(thm.prop.lhs, discharge(thm, _rate_is_finite()), diagonal.gaussian_kl_diagonal.thm)


# --- the printed loss has no constant ---

still = {lg.weight: 0, lg.bias: 0, lg.mean_prior: 0, lg.var_prior: 1, lg.mean_q: 0, lg.var_q: 1}
at_start = {**still, x: 0, lg.var_noise: 1}
squared_error = (x - lg.weight * lg.mean_q - lg.bias) ** 2
unit, decoder = Normal(z, 0, 1), Normal(0, 0, 1)


@counterexample(
    same(-ELBO(lg.joint, lg.q, line), squared_error / (2 * lg.var_noise) + KL(lg.q, lg.prior, line)),
    differs(-ELBO(decoder * unit, unit, line), KL(unit, unit, line)),
    "Squared error over twice the variance + divergence is the negative ELBO",
    at=at_start,
    misprinted=True,
    instead="gaussian_vae_loss_diagonal",
    claims=("002-64",),
)
def printed_gaussian_loss() -> Thm:
    """The datum 0, a decoder that always says 0, the prior for an encoder: the printed loss is 0, -ELBO is not."""
    elbo = substitute(lg.linear_gaussian_elbo.thm, at_start)
    loss = calc(-elbo.prop.lhs, elbo, to(log(2 * pi) / 2))
    nothing = lg.gauss_kl(0, 1, 0, 1)
    return apart(loss, calc(nothing.prop.lhs, nothing, to(0)))


two_variances = Definition(
    "two_variances",
    "gaussian_vae_loss",
    "var_noise is the variance of the decoder, std_q[j]**2 are those of the encoder.",
    ("002-65",),
    nearest="gaussian_vae_loss_diagonal",
)
