r"""# The linear Gaussian model, coordinate by coordinate

With a diagonal matrix, $x_i = w_i z_i + b_i + \text{noise}$, each coordinate of the data is a linear Gaussian model of its own. Then
the evidence and the posterior in $\mathbb R^d$ are the products of those of the coordinates, for every $d$: the posterior is a
Gaussian with a diagonal covariance, and the normaliser is a closed form. A general matrix $W$ comes down to this one in the axes
of its singular vectors if noise and prior are the same in all directions: see [the page of its own](linear_gaussian_matrix.md).

Keywords: linear Gaussian model in d dimensions, factor analysis, PPCA, product of posteriors, diagonal posterior covariance.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.linear_model import linear_gaussian as lg

i = Symbol("i", integer=True, positive=True)
code = IndexedBase("zs", shape=(d,), real=True)
space, each_i = Tuple(code.label), Tuple(i, 1, d)
data, weights, biases, means = (IndexedBase(name, real=True) for name in ("x", "weight", "bias", "mean_prior"))
variances, noises = IndexedBase("var_prior", positive=True), IndexedBase("var_noise", positive=True)
at_i = {x: data[i], lg.weight: weights[i], lg.bias: biases[i], lg.mean_prior: means[i]}
at_i |= {lg.var_prior: variances[i], lg.var_noise: noises[i]}


def _of_all(e: Expr) -> Product:
    """The product over all coordinates of a formula of the scalar model."""
    return Product(e.xreplace(at_i).xreplace({z: code[i]}), each_i)


joint, evidence, posterior = _of_all(lg.joint), _of_all(lg.evidence), _of_all(lg.posterior)
two = {d: 2, data: [Rational(1, 2), -1], weights: [Rational(3, 2), -2], biases: [0, Rational(1, 3)]}
two |= {means: [Rational(1, 4), 0], variances: [1, Rational(2, 3)], noises: [Rational(1, 2), 2]}


def _one_evidence() -> Thm:
    """The evidence of one coordinate: the posterior integrates to one."""
    mass = substitute(gaussian_mass.thm, {mean: lg.mean_post, var: lg.var_post})
    return settled(calc(total(lg.joint, line), lg.linear_gaussian_bayes.thm, linearity, mass))


@theorem(
    same(total(joint, space), evidence),
    "The evidence of a diagonal linear Gaussian model, in any number of dimensions",
    examples=(two,),
)
def diagonal_evidence() -> Thm:
    """Each coordinate by itself."""
    value, _ = coordinates(total(joint, space), evidence, line)
    return discharge(value, for_all(substitute(_one_evidence(), at_i), each_i))


@theorem(
    same(joint, posterior * evidence),
    "A diagonal linear Gaussian model in any number of dimensions: the posterior is Gaussian",
    examples=(two,),
)
def diagonal_posterior() -> Thm:
    """The joint is posterior times evidence at each coordinate, and so are the products."""
    bayes = substitute(lg.linear_gaussian_bayes.thm, {**at_i, z: code[i]})
    return calc(joint, bayes, flip(merged(posterior.args[0], evidence.args[0], each_i)))
