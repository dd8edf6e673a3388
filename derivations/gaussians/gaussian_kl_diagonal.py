r"""# Diagonal Gaussians: one divergence a coordinate

Independent coordinates add up. The logarithm of a product density is a sum, and a function of one coordinate, averaged
under a product density, only sees that coordinate's own factor. So the divergence in $\mathbb{R}^d$ is the sum of $d$
one-dimensional divergences, for every $d$.

This is the term in every variational autoencoder's loss. The sum runs over latent coordinates; nothing is averaged.

Keywords: KL to a standard normal, KL of diagonal Gaussians, VAE KL term, -0.5 * sum(1 + logvar - mu^2 - exp(logvar)),
learned prior, log variance, logvar.
"""

from derivations import *
from derivations.gaussians import gaussian_kl as one_dimension
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var

i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
point = IndexedBase("zs", shape=(d,), real=True)  # a point of R^d
space, each_j = Tuple(point.label), Tuple(j, 1, d)
mean_q, mean_p = IndexedBase("mean_q", real=True), IndexedBase("mean_p", real=True)
std_q, std_p = IndexedBase("std_q", positive=True), IndexedBase("std_p", positive=True)

q_j, p_j = (Lambda(z, Normal(z, m[j], s[j] ** 2)) for m, s in ((mean_q, std_q), (mean_p, std_p)))


def product(law: Expr) -> Product:
    """The distribution of d independent coordinates, from the distribution of z as the j-th one."""
    return Product(law.xreplace({z: point[i], j: i}), (i, 1, d))


def product_mass(one: Normal, at: IndexedBase = point) -> Thm:
    """A product of Gaussian coordinates integrates to one: integrate out all but the j-th, then that; and so for every j."""
    law, each_i, (_, centre, variance) = Product(one.xreplace({z: at[i], j: i}), (i, 1, d)), (i, 1, d), one.args
    own, mass = total(law, (at.label,)), substitute(gaussian_mass.thm, {mean: centre, var: variance})
    laws = for_all(substitute(mass, {j: i}), each_i)
    equal, _ = coordinate(own, law, j, Lambda(z, Integer(1)), line)
    _, finite = coordinates(own, Product(Integer(1), each_i), line)
    here = settled(chain(discharge(equal, laws), mass))
    counted = calc(Sum(own, each_j), monotone(here, each_j), constant)
    of_all = rearrange(chain(flip(constant(counted.prop.lhs)), counted), own, Integer(1), times=1 / d)
    return discharge(of_all, discharge(finite, laws))


def product_divergence(one: Expr, two: Expr) -> Thm:
    """KL of two products of Gaussian coordinates = sum of the KLs of the coordinates."""
    q, p = product(one), product(two)
    log_ratio = Lambda(z, log(one / two))
    equal, finite = _one_coordinate(q, one, log_ratio)
    thm = calc(
        KL(q, p, space),
        ("the definition", unfold(KL(q, p, space))),
        ("the logarithm of a product is a sum", _log_ratio(q, p, log_ratio)),
        ("q does not depend on the index", move_in(Sum(log_ratio(point[j]), each_j), q)),
        ("a finite sum moves past the integral", swap),
        ("one coordinate of a product density", monotone(chain(equal, flip(unfold(KL(one, two, line)))), each_j)),
    )
    return discharge(thm, for_all(finite, each_j))


def _one_coordinate(q: Product, one: Normal, log_ratio: Lambda) -> tuple[Thm, Thm]:
    """E_q of the j-th log ratio sees the j-th factor only, for j = 1..d."""
    _, centre, variance = one.xreplace({j: i}).args
    unit = for_all(substitute(gaussian_mass.thm, {mean: centre, var: variance}), (i, 1, d))
    tail = gaussian_tail(total(one * log_ratio(z), line))
    both = coordinate(total(q * log_ratio(point[j]), space), q, j, log_ratio, line)
    return tuple(discharge(t, unit, tail) for t in both)


def _log_ratio(q: Product, p: Product, log_ratio: Lambda) -> Thm:
    """log(q/p) is the sum over coordinates of the log ratios."""
    logs = [rename(log_product(law).prop.rhs, j) for law in (q, p)]
    together = flip(linearity(Sum(logs[0].prop.rhs.args[0] - logs[1].prop.rhs.args[0], each_j)))
    in_sums = rewrite(log(q) - log(p), log_product(q), log_product(p))
    over_j = rewrite(in_sums.prop.rhs, *logs)
    return calc(log(q / p), to(log(q) - log(p)), in_sums, over_j, together, inside(log_ratio(point[j])))


q, p = product(q_j(z)), product(p_j(z))
by_coordinates = Sum(KL(q_j(z), p_j(z), line), each_j)


@theorem(same(KL(q, p, space), by_coordinates), "The divergences of independent coordinates add up")
def gaussian_kl_product() -> Thm:
    """The log ratio is a sum over coordinates, and each term sees only its own factor of q."""
    return product_divergence(q_j(z), p_j(z))


second_moment = std_q[j] ** 2 + (mean_q[j] - mean_p[j]) ** 2
closed_form = log(std_p[j] / std_q[j]) + second_moment / (2 * std_p[j] ** 2) - Rational(1, 2)


@theorem(
    same(KL(q, p, space), Sum(closed_form, each_j)),
    "The divergence between two diagonal Gaussians",
    computes="kl_diag_normal",
)
def gaussian_kl_diagonal() -> Thm:
    """Add up the one-dimensional closed forms."""
    return chain(gaussian_kl_product.thm, monotone(_at(mean_q[j], std_q[j], mean_p[j], std_p[j]), each_j))


def _at(m_q: Expr, s_q: Expr, m_p: Expr, s_p: Expr) -> Thm:
    """The closed form in one dimension, for these means and standard deviations."""
    of = one_dimension
    return substitute(of.gaussian_kl.thm, {of.mean_q: m_q, of.std_q: s_q, of.mean_p: m_p, of.std_p: s_p})


logvar, mean_z = IndexedBase("logvar", real=True), IndexedBase("mean", real=True)
of_outputs, unit = Normal(z, mean_z[j], exp(logvar[j])), Normal(z, 0, 1)
of_code = (mean_z[j] ** 2 + exp(logvar[j]) - 1 - logvar[j]) / 2
vae_terms = ("002-66", "002-75", "003-31", "003-91", "004-62")
diagonal_encoder, standard_prior = "a Gaussian encoder with diagonal covariance", "the prior is N(0, I)"


@theorem(
    same(KL(product(of_outputs), product(unit), space), Sum(of_code, each_j)),
    "The divergence term of a variational autoencoder",
    claims=vae_terms,
    computes="kl_standard_normal",
    narrows={"": diagonal_encoder, **dict.fromkeys(vae_terms, standard_prior)},
)
def gaussian_kl_standard() -> Thm:
    """The closed form at the standard normal, written in the log-variance that networks output."""
    one = ending(_at(mean_z[j], exp(logvar[j] / 2), 0, 1), of_code)
    return chain(product_divergence(of_outputs, unit), monotone(one, each_j))
