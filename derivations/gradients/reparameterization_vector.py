r"""# Noise first in any number of dimensions

In $d$ dimensions a sample is $z = \mu + \sigma \odot \varepsilon$, or $z = \mu + L\varepsilon$ with a matrix $L$, and
the claim is that it has the distribution $\mathcal N(\mu, \operatorname{diag}\sigma^2)$, or
$\mathcal N(\mu, L L^\top)$. A distribution on $\mathbb R^d$ is known by fewer averages than those of all functions.

- Two distributions are equal if $\prod_i f_i(z_i)$ has the same average under both, for all positive functions
  $f_1, \dots, f_d$ of one coordinate each. The first theorem shows that of the diagonal scale, for every $d$.
- Two distributions are equal if $e^{t^\top z}$ has the same, finite, average under both, for every $t$. The second
  theorem computes it for any matrix $L$: it is $e^{t^\top \mu + \frac12 |L^\top t|^2}$, that of
  $\mathcal N(\mu, L L^\top)$, by which many books define this distribution. So every linear function $t^\top z$ is
  Gaussian, of variance $t^\top L L^\top t$.

That such averages determine a distribution is a textbook theorem, and not proved here.

In the first, $c_i$ is the average of $f_i$ under the distribution of its coordinate: it has to exist.

Keywords: reparameterization trick in d dimensions, diagonal covariance, full covariance, Cholesky factor, z = mu + L
epsilon, multivariate Gaussian sampling, moment generating function of a Gaussian.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass
from derivations.gaussians.gaussian_moments import mean as mean_z
from derivations.gaussians.gaussian_moments import var as var_z
from derivations.gradients.reparameterization import F, eps, mean, noise, noise_line, reparameterization, std

i = Symbol("i", integer=True, positive=True)
code, draw = (IndexedBase(name, shape=(d,), real=True) for name in ("zs", "es"))
means, stds = IndexedBase("mean", real=True), IndexedBase("std", positive=True)
PART, each_i = Function("f(i,z)", positive=True), Tuple(i, 1, d)
VALUE = IndexedBase("c", positive=True)
values = ForAll(same(total(Normal(z, means[i], stds[i] ** 2) * PART(i, z), line), VALUE[i]), each_i)


def _of_all(part: Expr, law: Expr, point: IndexedBase) -> Expr:
    """The expectation of a product of functions, under a product of distributions."""
    return E(Product(part, each_i), Product(law, each_i), Tuple(point.label))


of_code = _of_all(PART(i, code[i]), Normal(code[i], means[i], stds[i] ** 2), code)
of_draw = _of_all(PART(i, means[i] + stds[i] * draw[i]), Normal(draw[i], 0, 1), draw)
pair = {d: 2, means: [Rational(1, 2), -1], stds: [Rational(3, 2), Rational(2, 3)], PART: Lambda((i, z), 1 + i * z**2)}
pair |= {VALUE: [Rational(7, 2), 1 + 2 * (1 + Rational(4, 9))]}


def _one_value(e: Expr, by: Tuple, each: Thm) -> Thm:
    """The expectation of a product is the product of the values of its factors."""
    part, law = (f.args[0] for f in e.args[:2])
    whole_product = calc(e, unfold, termwise(merged(law, part, each_i)))
    value, _ = coordinates(whole_product.prop.rhs, Product(VALUE[i], each_i), by)
    return discharge(chain(whole_product, value), each)


@theorem(
    same(of_code, of_draw),
    "Any number of dimensions: a diagonal Gaussian is standard noise, stretched and shifted",
    given=(values,),
    words={0: "each factor has an expectation"},
    claims=("002-54", "003-61", "003-64", "003-65", "003-85", "003-92", "004-50"),
    examples=(pair,),
    narrows={"": "in distribution: for averages of products of one function of each coordinate"},
)
def reparameterization_diagonal() -> Thm:
    """Both are the product of the means of the factors, each by the theorem of one dimension."""
    one = substitute(instantiate(reparameterization.thm, {F: Lambda(z, PART(i, z))}), {mean: means[i], std: stds[i]})
    moved = calc(one.prop.rhs, flip(one), opened, given(values))
    factor = calc(total(noise * PART(i, means[i] + stds[i] * eps), noise_line), folded(one.prop.rhs), moved)
    there = _one_value(of_code, line, assume(values))
    back = _one_value(of_draw, Tuple(*noise_line), for_all(factor, each_i))
    return chain(there, flip(back))


given_the_noise = Definition(
    "given_the_noise",
    "reparameterization_vector",
    "The sample is a function of mean, standard deviation and noise: mean + std times noise, coordinate by coordinate.",
    ("003-100",),
    nearest="reparameterization_diagonal",
)


# --- a full scale ---

ROWS, tilt, a = IndexedBase("l", real=True), IndexedBase("t", real=True), Symbol("a", real=True)
each_k = Tuple(k, 1, d)
moved_i = means[i] + Sum(ROWS[i, k] * draw[k], each_k)
pull = Sum(tilt[i] * ROWS[i, k], each_i)
unit = Product(Normal(draw[k], 0, 1), each_k)
level = Sum(tilt[i] * means[i], each_i)
shear = {
    d: 2,
    means: [Rational(1, 2), -1],
    ROWS: [[1, 0], [Rational(-1, 2), Rational(2, 3)]],
    tilt: [Rational(1, 3), Rational(3, 4)],
}
turned = {d: 2, means: [0, 1], ROWS: [[Rational(1, 2), -1], [1, Rational(1, 4)]], tilt: [1, Rational(-1, 2)]}


def _tilted_noise() -> Thm:
    """Standard noise, tilted by a: complete the square."""
    law, moved = noise, Normal(eps, a, 1)
    tilted = law * exp(a * eps)
    right = log(exp(a**2 / 2) * moved)
    own = unlog(calc(log(tilted), opened, to(opened(right).prop.rhs), folded(right)))
    mass = substitute(gaussian_mass.thm, {mean_z: a, var_z: 1})
    by_name = at(lambda e: rename(e, z), total(moved, noise_line))
    return calc(total(tilted, noise_line), termwise(own), linearity, by_name, mass)


@theorem(
    same(E(exp(Sum(tilt[i] * moved_i, each_i)), unit, Tuple(draw.label)), exp(level + Sum(pull**2 / 2, each_k))),
    "Any number of dimensions: mu + L epsilon has the moment generating function of a Gaussian",
    examples=(shear, turned),
)
def reparameterization_full() -> Thm:
    """Exchange the sums; then each coordinate of the noise by itself."""
    start, end = reparameterization_full.statement.args
    inner, own = Sum(ROWS[i, k] * draw[k], each_k), pull * draw[k]
    column = calc(Sum(tilt[i] * ROWS[i, k] * draw[k], each_i), linearity)
    exchanged = calc(Sum(tilt[i] * inner, each_i), termwise(move_in(inner, tilt[i])), swap, termwise(column))
    shifted = termwise(to(tilt[i] * means[i] + tilt[i] * inner))
    by_noise = calc(Sum(tilt[i] * moved_i, each_i), shifted, linearity, exchanged)
    factors, both = Product(exp(own), each_k), total(unit * Product(exp(own), each_k), (draw.label,))
    joined = termwise(merged(unit.args[0], exp(own), each_k))(both)
    each_value = for_all(substitute(_tilted_noise(), {a: pull}), each_k)
    value, _ = coordinates(joined.prop.rhs, Product(exp(pull**2 / 2), each_k), Tuple(*noise_line))
    return calc(
        start,
        unfold,
        termwise(by_noise, flip(log_product(factors))),
        linearity,
        joined,
        discharge(value, each_value),
        flip(rewrite(end, flip(log_product(value.prop.rhs)))),
    )
