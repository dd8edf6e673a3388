r"""# Collapse, coordinate by coordinate

A linear decoder with a diagonal matrix treats each coordinate of the data as a model of its own: its own slope, bias and code, one
noise and one weight for all. So the objective is a sum over the coordinates, and each collapses by itself: coordinate $i$ where its
spread $\lambda_i$ is at most $\beta\sigma^2$, whatever the others do. In the axes of the principal components of the data, and with noise that
is the same in all directions, this is the linear autoencoder with a matrix; that step, a rotation, is not proved here.

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
    return discharge(thm, *map(_converges_everywhere, thm.hyps - set(linear_vae_collapse_diagonal.given)))


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
