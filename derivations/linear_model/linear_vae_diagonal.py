r"""# Collapse, coordinate by coordinate

A linear decoder with a diagonal matrix treats each coordinate of the data as a model of its own: its own slope, bias and code, one
noise and one weight for all. So the objective is a sum over the coordinates, and each collapses by itself: coordinate $i$ where its
spread $\lambda_i$ is at most $\beta\sigma^2$, whatever the others do. In the axes of the principal components of the data, and with noise that
is the same in all directions, this is [the linear autoencoder with a matrix](linear_vae_matrix.md).

The same holds the other way round. Where $\lambda_i$ exceeds $\beta\sigma^2$, the slope with $w_i^2 = \lambda_i - \beta\sigma^2$ gains at least
$\frac{N\beta}{2}(\sqrt{\lambda_i/\beta\sigma^2} - 1)^2$ nats. And a model of which some coordinates are asleep and the others have those slopes is an
optimum of the whole: no slopes and no codes do better.

Keywords: linear VAE with several latents, collapse by coordinate, active units, PPCA, collapse of dimensions.
"""

from derivations import *
from derivations.linear_model import linear_vae as lv
from derivations.linear_model.linear_vae import (
    MEAN,
    VAR,
    X,
    beta,
    cloud,
    collapsed,
    objective,
    spread,
    var_data,
    var_noise,
)

i = Symbol("i", integer=True, positive=True)
axes = Tuple(i, 1, d)
XS, MEANS, VARS = Function("x(n,i)", real=True), Function("mean(n,i)", real=True), density("var", "n,i")
ws, biases, spreads = (
    IndexedBase("w", real=True),
    IndexedBase("bias", real=True),
    IndexedBase("var_data", positive=True),
)
functions = {X: Lambda(n, XS(n, i)), MEAN: Lambda(n, MEANS(n, i)), VAR: Lambda(n, VARS(n, i))}
numbers = {lv.slope: ws[i], lv.bias: biases[i], var_data: spreads[i]}


def _at(e: Expr) -> Expr:
    """A formula of the scalar model, at coordinate i."""
    return at_instance(e, functions).xreplace(numbers)


spread_i = same(_at(spread.lhs), _at(spread.rhs))
small = at_least(cloud, spreads[i])
two = {N: 2, d: 2, beta: Rational(3, 2), var_noise: 2, ws: [Rational(3, 4), -1], biases: [0, Rational(1, 4)]}
two |= {XS: Lambda((n, i), (2 * n - 3) * i / 2), spreads: [Rational(1, 4), Rational(17, 16)]}
some = {**two, MEANS: Lambda((n, i), n / (2 * i)), VARS: Lambda((n, i), n / (2 + i))}
gone = {**two, ws: [0, 0], MEANS: Lambda((n, i), 0), VARS: Lambda((n, i), 1)}


@theorem(
    at_least(total(_at(collapsed), axes), total(_at(objective), axes)),
    "A diagonal linear autoencoder collapses coordinate by coordinate",
    given=(ForAll(spread_i, axes), ForAll(small, axes)),
    examples=(some, gone),
    words={1: "each spread is at most the weight times the variance of the noise"},
)
def linear_vae_collapse_diagonal() -> Thm:
    """Add up the coordinates."""
    one = substitute(instantiate(lv.linear_vae_collapse.thm, functions), numbers)
    thm = monotone(discharge(one, given(ForAll(spread_i, axes)), given(ForAll(small, axes))), axes)
    return converging(thm, linear_vae_collapse_diagonal.given)


best_slopes = IndexedBase("w_best", real=True)
awake = {lv.slope: best_slopes[i], lv.bias: biases[i], var_data: spreads[i]}


def _awake(e: Expr) -> Expr:
    """A formula of the scalar model, at coordinate i, with the best slope there."""
    return at_instance(e, functions).xreplace(awake)


matched_i = same(best_slopes[i] ** 2 + cloud, spreads[i])
best_i, gain_i = _awake(lv.best), _awake(lv.linear_vae_awake.statement.rhs)
bright = {**two, beta: Rational(3, 4), var_noise: Rational(1, 4), best_slopes: [Rational(1, 4), -sqrt(14) / 4]}
threshold = {**bright, beta: 1, best_slopes: [0, 0], biases: [0, 0], spreads: [Rational(1, 4), Rational(1, 4)]}
threshold |= {XS: Lambda((n, i), n - Rational(3, 2))}


@theorem(
    at_least(total(best_i, axes), total(gain_i, axes)),
    "Where each spread exceeds the noise as the weight sees it, no coordinate collapses",
    given=(ForAll(spread_i, axes), ForAll(matched_i, axes)),
    examples=(bright, threshold),
    words={1: "each spread is at least the weight times the variance of the noise"},
)
def linear_vae_awake_diagonal() -> Thm:
    """Add up what the codes of each coordinate gain."""
    one = substitute(instantiate(lv.linear_vae_awake.thm, functions), awake)
    thm = monotone(discharge(one, given(ForAll(spread_i, axes)), given(ForAll(matched_i, axes))), axes)
    return converging(thm, linear_vae_awake_diagonal.given)


# --- some coordinates asleep, the others awake ---

j = Symbol("j", integer=True, positive=True)
lit = Tuple(j, 1, K)
XS_2, MEANS_2, VARS_2 = Function("x'(n,j)", real=True), Function("mean'(n,j)", real=True), density("var'", "n,j")
ws_2, biases_2, best_2 = (IndexedBase(name, real=True) for name in ("w'", "bias'", "w_best"))
spreads_2 = IndexedBase("var_data'", positive=True)
functions_2 = {X: Lambda(n, XS_2(n, j)), MEAN: Lambda(n, MEANS_2(n, j)), VAR: Lambda(n, VARS_2(n, j))}
numbers_2 = {lv.bias: biases_2[j], var_data: spreads_2[j]}


def _lit(e: Basic, slope: Expr) -> Basic:
    """A formula of the scalar model, at coordinate j of those awake."""
    return at_instance(e, functions_2).xreplace({**numbers_2, lv.slope: slope})


spread_j = same(_lit(spread.lhs, ws_2[j]), _lit(spread.rhs, ws_2[j]))
matched_j = same(best_2[j] ** 2 + cloud, spreads_2[j])
slope_2 = sqrt(58) / 4  # 58/16 + 3/8 = 4
rough = {N: 2, d: 1, K: 1, beta: Rational(3, 4), var_noise: Rational(1, 2), ws: [Rational(3, 4)], biases: [0]}
rough |= {XS: Lambda((n, i), n - Rational(3, 2)), spreads: [Rational(1, 4)], MEANS: some[MEANS], VARS: some[VARS]}
rough |= {XS_2: Lambda((n, j), 4 * n - 6), spreads_2: [4], biases_2: [0], ws_2: [1], best_2: [slope_2]}
rough |= {MEANS_2: Lambda((n, j), n / 2), VARS_2: Lambda((n, j), n / 3)}
reached_at = {**rough, ws: [0], MEANS: gone[MEANS], VARS: gone[VARS], ws_2: [slope_2]}
reached_at |= {MEANS_2: Lambda((n, j), slope_2 * (4 * n - 6) / 4), VARS_2: Lambda((n, j), Rational(3, 32))}
value = total(_at(collapsed), axes) + total(_lit(lv.best, best_2[j]), lit)
reached = total(_at(objective), axes) + total(_lit(objective, ws_2[j]), lit)


@theorem(
    at_least(value, reached),
    "Each coordinate by its own spread: no slopes and no codes do better",
    given=(ForAll(spread_i, axes), ForAll(small, axes), ForAll(spread_j, lit), ForAll(matched_j, lit)),
    examples=(rough, reached_at),
    words={
        1: "the spread of those asleep is at most the weight times the variance of the noise",
        3: "the spread of those awake is at least the weight times the variance of the noise",
    },
)
def linear_vae_coordinates() -> Thm:
    """Those asleep do best without codes; the others reach the ceiling of what codes can add."""
    asleep = linear_vae_collapse_diagonal.thm
    peak = substitute(instantiate(lv.linear_vae_optimum.thm, functions_2), {**numbers_2, lv.slope: best_2[j]})
    ceiling = substitute(instantiate(lv.linear_vae_ceiling.thm, functions_2), {**numbers_2, lv.slope: ws_2[j]})
    one = discharge(chain(peak, ceiling), given(ForAll(spread_j, lit)), given(ForAll(matched_j, lit)))
    awake = monotone(one, lit)
    low = total(_at(objective), axes) + awake.prop.lhs
    thm = chain(rearrange(asleep, value, low), rearrange(awake, low, reached))
    return converging(thm, linear_vae_coordinates.given)


def converging(thm: Thm, given: tuple[Basic, ...]) -> Thm:
    """Without what holds of every polynomial times a Gaussian."""
    return discharge(thm, *map(_converges_everywhere, sorted(thm.hyps - set(given), key=str)))


def _converges_everywhere(h: Basic) -> Thm:
    """That a polynomial times a Gaussian is integrable, for every point and coordinate."""
    ranges = []
    while isinstance(h, ForAll):
        h, r = h.args
        ranges.append(r)
    thm = gaussian_tail(h.args[0])
    for r in reversed(ranges):
        thm = for_all(thm, r)
    return thm
