r"""# A linear autoencoder with a matrix, direction by direction

The decoder is $\mathcal N(W z + b, \sigma^2 I)$ with a full matrix, data in $\mathbb R^D$, codes in $\mathbb R^d$. In the axes of its singular vectors
$W = U S$: column $i$ has the direction $u_i$ and the length $s_i$. Let $y_{ni} = u_i^\top (x_n - b)$ be observation $n$ as seen along $u_i$, and
$\lambda_i$ the mean of its square, the spread of the data in that direction. Then the objective is **a sum over the directions**, whatever the
codes, and what no code changes. In each direction it is [the scalar autoencoder](linear_vae.md) with slope $s_i$: so each [collapses or
wakes up](linear_vae_matrix_collapse.md) by itself.

The directions are the same for all codes. Which $U$ is best is another question: the principal components, by a theorem of Tipping and Bishop
(1999) that is not proved here.

Headline: matrix_vae_by_directions.
Keywords: linear autoencoder with a matrix, linear VAE with a weight matrix, probabilistic PCA, singular values of the decoder.
"""

from derivations import *
from derivations.gaussians.gaussian_kl_cholesky import finite_mean
from derivations.gaussians.gaussian_kl_diagonal import i, j, product, product_divergence, product_mass
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.linear_model import linear_vae as lv
from derivations.linear_model.linear_gaussian_matrix import (
    D,
    biases,
    by_coordinates,
    code,
    each_i,
    each_k,
    lengths,
    space,
    var_noise,
)
from derivations.linear_model.linear_vae import beta, points
from derivations.linear_model.linear_vae_diagonal import converging

each_j = Tuple(j, 1, d)
XS, MEANS, VARS = Function("x(n,k)", real=True), Function("mean(n,j)", real=True), density("var", "n,j")
AXES, spreads = IndexedBase("u", real=True), IndexedBase("lambda", positive=True)
weight = AXES[k, i] * lengths[i]
datum, decoded = XS(n, k), Sum(weight * code[i], each_i)
along_axis = Sum(AXES[k, j] * (datum - biases[k]), each_k)  # observation n, as seen in direction j
likelihood = Product(Normal(datum, biases[k] + decoded, var_noise), each_k)
without_code = Product(Normal(datum, biases[k], var_noise), each_k)
law, unit = Normal(z, MEANS(n, j), VARS(n, j)), Normal(z, 0, 1)
codes = product(law)
axes_orthogonal = ForAll(same(Sum(decoded**2, each_k), Sum(lengths[i] ** 2 * code[i] ** 2, each_i)), code.label)
objective_n = E(log(likelihood), codes, space) - beta * KL(codes, product(unit), space)
objective, collapsed = total(objective_n, points), total(log(without_code), points)
functions = {lv.X: Lambda(n, along_axis), lv.MEAN: Lambda(n, MEANS(n, j)), lv.VAR: Lambda(n, VARS(n, j))}
numbers = {lv.slope: lengths[j], lv.bias: Integer(0), lv.var_data: spreads[j]}


def _in_direction(e: Basic) -> Basic:
    """A formula of the scalar model, in direction j."""
    return at_instance(e.xreplace(numbers), functions)


blank, fit = (_in_direction(e) for e in (lv.blank, lv.fit_at(lv.MEAN(n), lv.VAR(n))))
added = fit - blank - beta * KL(law, unit, line)  # what the codes add in direction j, for observation n
lost = Lambda(z, lengths[j] ** 2 * z**2 / (2 * var_noise) - lengths[j] * along_axis * z / var_noise)


def mass() -> Thm:
    """The code of observation n has mass one in direction j."""
    return substitute(gaussian_mass.thm, {mean: MEANS(n, j), var: VARS(n, j)})


def _direction() -> Thm:
    """What direction j takes from the reconstruction: the log-likelihood of the scalar model without code, less that with it."""
    both = blank - lost(z)
    own = calc(fit.args[0], opened, to(opened(both).prop.rhs), flip(opened(both)))
    fitted = calc(fit, opened, own, inside(blank * law - lost(z) * law), linearity, mass())
    return settled(rearrange(fitted, total(law * lost(z), line), blank - fit))


def _reconstruction() -> Thm:
    """The reconstruction of one observation: what no code changes, and a sum over the directions."""
    by_code = by_coordinates(datum, weight)
    summed = by_code.prop.rhs - log(without_code)
    at_code = Sum(lost(code[j]), each_j)
    named = calc(
        summed,
        lambda e: rename(e, j),
        flip(move_in(along_axis, lengths[j])),
        inside(-lost(code[j])),
        flip(move_in(at_code, Integer(-1))),
    )
    laws = for_all(substitute(mass(), {j: i}), (i, 1, d))
    value, finite = (
        settled(discharge(thm, laws)) for thm in coordinate(total(codes * lost(code[j]), space), codes, j, lost, line)
    )
    one = chain(value, _direction())
    average = calc(total(codes * at_code, space), termwise(move_in(at_code, codes)), swap, monotone(one, each_j))
    _, whole_mass = coordinates(total(codes, space), Product(Integer(1), (i, 1, d)), line)
    thm = calc(
        E(log(likelihood), codes, space),
        opened,
        by_code,
        termwise(lambda e: rearrange(named, e, log(without_code) * codes - codes * at_code, times=codes)),
        linearity,
        product_mass(law),
        discharge(average, for_all(finite, each_j)),
    )
    return discharge(thm, discharge(whole_mass, laws), finite_mean(at_code, codes, space, finite))


by_directions = total(Sum(added, each_j), points)
axes_words = "the columns of the matrix are orthogonal: the codes are in the axes of its singular vectors"
flat = {
    d: 2,
    D: 3,
    N: 1,
    beta: Rational(3, 2),
    var_noise: 2,
    biases: [0, Rational(1, 4), 1],
    lengths: [sqrt(2), sqrt(3)],
}
flat |= {
    AXES: [[1 / sqrt(2), -1 / sqrt(3)], [1 / sqrt(2), 1 / sqrt(3)], [0, 1 / sqrt(3)]],
    XS: Lambda((n, k), n * k / 2),
}
flat |= {spreads: [Rational(25, 32), Rational(3, 16)]}  # what the datum is away from the bias along the axes, squared
flat |= {MEANS: Lambda((n, j), n / (2 * j)), VARS: Lambda((n, j), (n + 1) / (2 + j))}


@theorem(
    same(objective, collapsed + by_directions),
    "The objective of a linear autoencoder with a matrix is a sum over its singular directions",
    given=(axes_orthogonal,),
    examples=({f: v for f, v in flat.items() if f != spreads},),
    words={0: axes_words},
)
def matrix_vae_by_directions() -> Thm:
    """Reconstruction and divergence are sums over the coordinates of the code."""
    parts = Sum(added, each_j)
    rate, gained = product_divergence(law, unit), linearity(parts)
    one = calc(
        objective_n,
        _reconstruction(),
        rate,
        at(linearity, Sum(blank - fit, each_j)),
        lambda e: rearrange(flip(gained), e, log(without_code) + parts),
    )
    return converging(calc(objective, termwise(one), linearity), matrix_vae_by_directions.given)
