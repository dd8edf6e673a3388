r"""# Collapse of a linear autoencoder with a matrix

The decoder is $\mathcal N(W z + b, \sigma^2 I)$ with a full matrix, data in $\mathbb R^D$, codes in $\mathbb R^d$. In the axes of its singular vectors
$W = U S$: column $i$ has the direction $u_i$ and the length $s_i$. Let $y_{ni} = u_i^\top (x_n - b)$ be observation $n$ as seen along $u_i$, and
$\lambda_i$ the mean of its square, the spread of the data in that direction. Then the objective is **a sum over the directions**, whatever the
codes, and what no code changes. In each direction it is [the scalar autoencoder](linear_vae.md) with slope $s_i$, and so

- direction $i$ **collapses** where $\lambda_i \le \beta\sigma^2$: if that is so of all of them, no codes do better than none;
- above it **wakes up**: with $s_i^2 = \lambda_i - \beta\sigma^2$ and its best codes it adds
  $\frac{N\beta}{2}\big(\frac{\lambda_i}{\beta\sigma^2} - 1 - \log\frac{\lambda_i}{\beta\sigma^2}\big)$ nats, and no slope and no codes add more.

The directions are the same for all codes. Which $U$ is best is another question: the principal components, by a theorem of Tipping and Bishop
(1999) that is not proved here.

Headline: matrix_vae_by_directions.
Keywords: linear VAE with a weight matrix, posterior collapse by direction, probabilistic PCA, singular values, active units, eigenvalues.
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
from derivations.linear_model.linear_vae import beta, cloud, points
from derivations.linear_model.linear_vae_diagonal import converges_everywhere

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
mass = substitute(gaussian_mass.thm, {mean: MEANS(n, j), var: VARS(n, j)})


def _direction() -> Thm:
    """What direction j takes from the reconstruction: the log-likelihood of the scalar model without code, less that with it."""
    both = blank - lost(z)
    own = calc(fit.args[0], opened, to(opened(both).prop.rhs), flip(opened(both)))
    fitted = calc(fit, opened, own, inside(blank * law - lost(z) * law), linearity, mass)
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
    laws = for_all(substitute(mass, {j: i}), (i, 1, d))
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


def _settled(thm: Thm, given: tuple[Basic, ...]) -> Thm:
    """Without what holds of every polynomial times a Gaussian."""
    return discharge(thm, *map(converges_everywhere, thm.hyps - set(given)))


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
gone = {**flat, lengths: [0, 0], MEANS: Lambda((n, j), 0), VARS: Lambda((n, j), 1)}
bright = {**flat, beta: Rational(1, 2), var_noise: Rational(1, 4), lengths: [sqrt(42) / 8, Rational(1, 4)]}
peaked = {**bright, MEANS: Lambda((n, j), (2 - j) * sqrt(21) / 5 + (j - 1) / sqrt(3))}
peaked |= {VARS: Lambda((n, j), (2 - j) * Rational(4, 25) + (j - 1) * Rational(2, 3))}


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
    return _settled(calc(objective, termwise(one), linearity), matrix_vae_by_directions.given)


# --- asleep, and awake ---

spread_j = same(Sum(along_axis**2, points), N * spreads[j])
small = at_least(cloud, spreads[j])
each_spread, each_small = ForAll(spread_j, each_j), ForAll(small, each_j)


def _scalar(thm: Thm) -> Thm:
    """A theorem of the scalar model, in direction j."""
    return instantiate(substitute(thm, numbers), functions)


def _at_most(one: Thm, most: Expr) -> Thm:
    """From `sum_n blank + most >= objective` of each direction: what all of them add is at most the sum of those."""
    gained = linearity(total(added, points))
    each_one = rearrange(chain(one, linearity(one.prop.rhs)), most, gained.prop.rhs)
    added_up = monotone(chain(each_one, flip(gained)), each_j)
    return chain(added_up, swap(added_up.prop.rhs))


def _bounded(most: Thm, bound: Expr, given: tuple[Basic, ...]) -> Thm:
    """The objective, from what the directions add at most."""
    own = matrix_vae_by_directions.thm
    thm = chain(rearrange(most, bound, own.prop.rhs), flip(own))
    return _settled(thm, given)


@theorem(
    at_least(collapsed, objective),
    "A linear autoencoder with a matrix collapses where no direction spreads beyond the noise as the weight sees it",
    given=(axes_orthogonal, each_spread, each_small),
    examples=(flat, gone),
    words={0: axes_words, 2: "each spread is at most the weight times the variance of the noise"},
)
def matrix_vae_collapse() -> Thm:
    """In no direction do codes add anything."""
    one = discharge(_scalar(lv.linear_vae_collapse.thm), given(each_spread), given(each_small))
    most = _at_most(one, Integer(0))
    none = chain(flip(linearity(most.prop.lhs)), most)
    return _bounded(none, collapsed, matrix_vae_collapse.given)


ratio = spreads[j] / cloud
peak = N * beta * (ratio - 1 - log(ratio)) / 2


@theorem(
    at_least(collapsed + Sum(peak, each_j), objective),
    "What the codes of a linear autoencoder with a matrix can add, at most",
    given=(axes_orthogonal, each_spread),
    examples=(bright, peaked),
    words={0: axes_words},
)
def matrix_vae_ceiling() -> Thm:
    """In each direction no more than the scalar autoencoder, whatever the slope and the codes."""
    one = discharge(_scalar(lv.linear_vae_ceiling.thm), given(each_spread))
    return _bounded(_at_most(one, peak), matrix_vae_ceiling.statement.lhs, matrix_vae_ceiling.given)


matched = ForAll(same(lengths[j] ** 2 + cloud, spreads[j]), each_j)
by_m = along_axis.xreplace({k: m})  # the same sum, by another name
best = {MEANS: Lambda((n, j), lengths[j] * by_m / spreads[j]), VARS: Lambda((n, j), cloud / spreads[j])}


@theorem(
    same(at_instance(objective, best), collapsed + Sum(peak, each_j)),
    "Where each direction spreads beyond the noise as the weight sees it, the best lengths and codes reach the ceiling",
    given=(axes_orthogonal, each_spread, matched),
    examples=({f: v for f, v in bright.items() if f not in best},),
    words={0: axes_words, 2: "each spread is at least the weight times the variance of the noise"},
)
def matrix_vae_awake() -> Thm:
    """In each direction the scalar autoencoder at its optimum."""
    one = discharge(_scalar(lv.linear_vae_optimum.thm), given(each_spread), given(matched))
    named = rename(along_axis, m)
    there = chain(flip(rewrite(one.prop.lhs, named)), one, rewrite(one.prop.rhs, named))
    own = instantiate(matrix_vae_by_directions.thm, best)
    own = chain(own, rewrite(own.prop.rhs, named))
    gains = (own.prop.rhs - collapsed).args[0]
    gained = linearity(total(gains, points))
    each_one = chain(gained, rearrange(chain(flip(linearity(there.prop.lhs)), there), gained.prop.rhs, peak))
    thm = calc(own.prop.lhs, own, at(swap, total(Sum(gains, each_j), points)), monotone(each_one, each_j))
    return _settled(thm, matrix_vae_awake.given)
