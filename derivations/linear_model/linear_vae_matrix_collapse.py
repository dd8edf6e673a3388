r"""# Each singular direction collapses or wakes up

The objective of a linear autoencoder with a matrix is [a sum over its singular directions](linear_vae_matrix.md). Let $\lambda_i$ be the spread of
the data in direction $i$, the mean square of what they are away from the bias along it. Then

- direction $i$ **collapses** where $\lambda_i \le \beta\sigma^2$: if that is so of all of them, no codes do better than none;
- above it **wakes up**: with $s_i^2 = \lambda_i - \beta\sigma^2$ and its best codes it adds
  $\frac{N\beta}{2}\big(\frac{\lambda_i}{\beta\sigma^2} - 1 - \log\frac{\lambda_i}{\beta\sigma^2}\big)$ nats, and no slope and no codes add more.

Keywords: posterior collapse by direction, linear VAE with a weight matrix, active units, eigenvalues.
"""

from derivations import *
from derivations.linear_model import linear_vae as lv
from derivations.linear_model.linear_gaussian_matrix import lengths, var_noise
from derivations.linear_model.linear_vae import beta, cloud, points
from derivations.linear_model.linear_vae_matrix import (
    MEANS,
    VARS,
    added,
    along_axis,
    axes_orthogonal,
    axes_words,
    collapsed,
    converging,
    each_j,
    flat,
    functions,
    j,
    matrix_vae_by_directions,
    numbers,
    objective,
    spreads,
)

gone = {**flat, lengths: [0, 0], MEANS: Lambda((n, j), 0), VARS: Lambda((n, j), 1)}
bright = {**flat, beta: Rational(1, 2), var_noise: Rational(1, 4), lengths: [sqrt(42) / 8, Rational(1, 4)]}
peaked = {**bright, MEANS: Lambda((n, j), (2 - j) * sqrt(21) / 5 + (j - 1) / sqrt(3))}
peaked |= {VARS: Lambda((n, j), (2 - j) * Rational(4, 25) + (j - 1) * Rational(2, 3))}

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
    return converging(thm, given)


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
    return converging(thm, matrix_vae_awake.given)
