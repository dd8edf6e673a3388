r"""# KL and entropy by Cholesky factors

A Gaussian on $\mathbb R^d$ is a product as well: of each coordinate given those before it. The mean of the $i$-th is
$m_i + \sum_{j<i} b_{ij} (z_j - m_j)$, and its standard deviation $s_i$ is what the coordinates before leave open. With
$z = m + L\varepsilon$, where $L$ is lower triangular and $S = L L^\top$ the covariance, $s_i = l_{ii}$ is the diagonal of $L$: the Cholesky
factor that programs compute. Every Gaussian of full rank can be written so, and nothing is assumed of its moments.

The noise is got back by $\varepsilon_i = \big(z_i - m_i - \sum_{j<i} b_{ij} (z_j - m_j)\big)/s_i$, a triangular map of the coordinates, with $m$ as
its mean and $\prod_i s_i$ as its determinant. So an average over $z$ is one over standard noise, in any number of dimensions:

- the **entropy** is $\frac d2 (1 + \log 2\pi) + \sum_i \log s_i$, and $\sum_i \log s_i = \frac12\log\det S$;
- the **divergence** from $p = \mathcal N(n, T)$, $T = M M^\top$ with the diagonal $t_i$ of $M$, needs the noise of $p$ in terms of that of $q$: it is
  $a + A\varepsilon$ with $A = M^{-1}L$ and $a = M^{-1}(m - n)$, and
  $$D_{\mathrm{KL}}(q \,\|\, p) = \sum_i \Big[\log\frac{t_i}{s_i} + \tfrac12\Big(a_i^2 + \sum_k A_{ik}^2 - 1\Big)\Big] .$$
  That is $\frac12\big[\operatorname{tr}(T^{-1}S) + (m - n)^\top T^{-1}(m - n) - d + \log\frac{\det T}{\det S}\big]$: the trace is a sum of squares, the
  distance too, and the determinants are products of the diagonals.

From moments that are given instead, there is [the general page](gaussian_kl_full.md); in two dimensions, [determinants and inverses written
out](gaussian_kl_plane.md).

Headline: gaussian_kl_cholesky.
Keywords: KL between multivariate Gaussians, Cholesky factor, log determinant, trace as a sum of squares, MultivariateNormal, differential
entropy of a multivariate Gaussian, whitening.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, gaussian_variance, mean, var

i, j, l = (Symbol(name, integer=True, positive=True) for name in ("i", "j", "l"))
code, draw = (IndexedBase(name, shape=(d,), real=True) for name in ("zs", "es"))
each_i, each_k, each_l = Tuple(i, 1, d), Tuple(k, 1, d), Tuple(l, 1, d)
means_q, means_p, SLOPES_Q, SLOPES_P = (IndexedBase(name, real=True) for name in ("mean_q", "mean_p", "b", "c"))
stds_q, stds_p = IndexedBase("std_q", positive=True), IndexedBase("std_p", positive=True)
space, noise_space, unit = Tuple(code.label), Tuple(draw.label), Normal(z, 0, 1)


def given_before(means: IndexedBase, slopes: IndexedBase) -> Expr:
    """The mean of a coordinate, given those before it."""
    return means[i] + Sum(slopes[i, j] * (code[j] - means[j]), (j, 1, i - 1))


law_q = Normal(code[i], given_before(means_q, SLOPES_Q), stds_q[i] ** 2)
law_p = Normal(code[i], given_before(means_p, SLOPES_P), stds_p[i] ** 2)
q, p = Product(law_q, each_i), Product(law_p, each_i)
noise = Product(unit.xreplace({z: draw[i]}), each_i)
noise_of_q = (code[i] - given_before(means_q, SLOPES_Q)) / stds_q[i]
wide = {
    d: 2,
    means_q: [Rational(1, 2), -1],
    SLOPES_Q: [[0, 0], [Rational(1, 3), 0]],
    stds_q: [Rational(3, 2), Rational(1, 2)],
}
inner = Symbol("h", integer=True, positive=True)
shift = -(means_q[i] - Sum(SLOPES_Q[i, j] * means_q[j], (j, 1, i - 1))) / stds_q[i]


def back(at: Symbol) -> Thm:
    """What the triangular map puts in the place of the noise of this coordinate: the coordinate, whitened."""
    row = Sum(-SLOPES_Q[i, inner] / stds_q[i] * code[inner], (inner, 1, i - 1))
    apart = calc(
        Sum(SLOPES_Q[i, j] * (code[j] - means_q[j]), (j, 1, i - 1)),
        inside(SLOPES_Q[i, j] * code[j] - SLOPES_Q[i, j] * means_q[j]),
        linearity,
    )
    by_name = calc(
        row, linearity, lambda e: rewrite(e, rename(Sum(SLOPES_Q[i, inner] * code[inner], (inner, 1, i - 1)), j))
    )
    whitened = rewrite(noise_of_q, apart)
    thm = calc(shift + row + code[i] / stds_q[i], by_name, to(whitened.prop.rhs), flip(whitened))
    return substitute(thm, {i: at}) if at != i else thm


def by_noise(f: Expr) -> Thm:
    """`int noise f(noise) = int q f(whitened code)`, for a function of the coordinates k and l."""
    whitened = {back(at).prop.lhs: back(at) for at in (i, k, l)}
    row = -SLOPES_Q[i, inner] / stds_q[i]
    moved, _ = triangular(total(noise * f, noise_space), code.label, i, inner, shift, row, 1 / stds_q[i])
    factor = unit.xreplace({z: noise_of_q})
    density = chain(
        merged(factor, 1 / stds_q[i], each_i),
        rewrite(
            Product(factor / stds_q[i], each_i), calc(factor / stds_q[i], opened, to(law_q.definition()), folded(law_q))
        ),
    )
    there = rewrite(moved.prop.rhs.args[0], *(w for e, w in whitened.items() if moved.prop.rhs.has(e)))
    weight = there.prop.rhs / density.prop.lhs
    return calc(moved.prop.lhs, moved, termwise(there, lambda e: rearrange(density, e, q * weight, times=weight)))


# --- averages over standard noise ---


def unit_mass() -> Thm:
    return substitute(gaussian_mass.thm, {mean: 0, var: 1})


def unit_square() -> Thm:
    return substitute(gaussian_variance.thm, {mean: 0, var: 1})


def unit_mean() -> Thm:
    return settled(antiderivative(total(z * unit, line), -unit))


def at_one(g: Lambda, at: Symbol, value: Thm) -> tuple[Thm, Thm]:
    """The average of a function of one coordinate of the noise is that under its own density; and it is finite."""
    factors = for_all(unit_mass(), each_i)
    both = coordinate(total(noise * g(draw[at]), noise_space), noise, at, g, line)
    equal, finite = (settled(discharge(thm, factors)) for thm in both)
    return chain(equal, value), finite


def finite_mean(terms: Sum, law: Expr, over: Tuple, each_finite: Thm) -> Thm:
    """The average of a finite sum is finite when that of each term is."""
    moved = move_in(terms, unfolded(law))
    one = discharge(finite_sum(total(moved.prop.rhs, over)), for_all(each_finite, terms.args[1]))
    return carry(one, Converges(total(law * terms, over)), moved)


def sum_of(term: Expr, over: Tuple, each_value: Thm, each_finite: Thm) -> tuple[Thm, Thm]:
    """The average of a sum is the sum of the averages; and it is finite."""
    terms = Sum(term, over)
    thm = calc(total(noise * terms, noise_space), termwise(move_in(terms, noise)), swap, monotone(each_value, over))
    return discharge(thm, for_all(each_finite, over)), finite_mean(terms, noise, noise_space, each_finite)


# --- the entropy ---

size = Lambda(z, log(stds_q[k]) + log(2 * pi) / 2 + z**2 / 2)  # minus the log density of a coordinate, at its noise


def _size() -> Thm:
    """Its average over the noise."""
    fixed = log(stds_q[k]) + log(2 * pi) / 2
    parts = inside(fixed * unit + z**2 * unit / 2)
    square = at(folded(unit_square().prop.lhs), total(z**2 * unit, line))
    return settled(
        calc(
            total(unit * size(z), line),
            parts,
            linearity,
            unit_mass(),
            square,
            unit_square(),
            to(fixed + Rational(1, 2)),
        )
    )


@theorem(
    same(Entropy(q, space), Sum(log(stds_q[k]) + log(2 * pi) / 2 + Rational(1, 2), each_k)),
    "The entropy of a Gaussian with full covariance, in any number of dimensions",
)
def gaussian_entropy_cholesky() -> Thm:
    """Minus the log density is a sum over the noise of the coordinates."""
    sizes = Sum(size(noise_of_q.xreplace({i: k})), each_k)
    own = calc(log(law_q), opened, to(-size(noise_of_q).xreplace({k: i})))
    logs = calc(log(q), log_product(q), termwise(own), lambda e: rename(e, k), flip(move_in(sizes, Integer(-1))))
    average, _ = sum_of(size(draw[k]), each_k, *at_one(size, k, _size()))
    return calc(
        Entropy(q, space),
        opened,
        logs,
        at(linearity, total(-q * sizes, space)),
        flip(by_noise(Sum(size(draw[k]), each_k))),
        average,
    )


# --- the divergence ---

RATIO, DISTANCE = IndexedBase("A", real=True), IndexedBase("a", real=True)
noise_of_p = (code[i] - given_before(means_p, SLOPES_P)) / stds_p[i]
pull = Sum(RATIO[k, l] * draw[l], each_l)
by_noise_of_q = DISTANCE[i] + Sum(RATIO[i, l] * noise_of_q.xreplace({i: l}), each_l)
other = {means_p: [0, Rational(1, 4)], SLOPES_P: [[0, 0], [Rational(-1, 2), 0]], stds_p: [2, 1]}
leap = {RATIO: [[Rational(3, 4), 0], [Rational(5, 4), Rational(1, 2)]], DISTANCE: [Rational(1, 4), -1]}
between_them = ForAll(ForAll(same(noise_of_p, by_noise_of_q), code.label), each_i)
closed_form = log(stds_p[k] / stds_q[k]) + (DISTANCE[k] ** 2 + Sum(RATIO[k, l] ** 2, each_l) - 1) / 2


def log_ratio(of_p: Expr, of_q: Expr) -> Expr:
    """The log ratio of the densities of a coordinate, from the noise of both."""
    return log(stds_p[k]) - log(stds_q[k]) + of_p**2 / 2 - of_q**2 / 2


def _pull() -> tuple[Thm, Thm]:
    """The noise of q averages to zero in each coordinate, so a weighted sum of it does."""
    weighted = Lambda(z, RATIO[k, l] * z)
    one = settled(calc(total(unit * weighted(z), line), linearity, unit_mean(), to(0)))
    zero, finite = sum_of(weighted(draw[l]), each_l, *at_one(weighted, l, one))
    return chain(zero, linearity(zero.prop.rhs)), finite


def _pull_squared() -> tuple[Thm, Thm]:
    """Independent coordinates: the variances add up."""
    weighted = RATIO[k, i] * z
    both = variance_of_sum(total(noise * pull**2, noise_space), noise, pull, line)
    centred = settled(calc(total(unit * weighted, line), linearity, unit_mean(), to(0)))
    square = at(folded(unit_square().prop.lhs), total(z**2 * unit, line))
    spread = settled(calc(total(unit * weighted**2, line), linearity, square, unit_square(), to(RATIO[k, i] ** 2)))
    facts = unit_mass(), centred, gaussian_tail(total(unit * weighted**2, line))
    value, finite = (discharge(thm, *(for_all(fact, each_i) for fact in facts)) for thm in both)
    return calc(value.prop.lhs, value, termwise(spread), lambda e: rename(e, l)), finite


def _one_ratio() -> tuple[Thm, Thm]:
    """The average of the log ratio of one coordinate, over the noise of q; and it is finite."""
    level = log(stds_p[k]) - log(stds_q[k]) + DISTANCE[k] ** 2 / 2
    alone = Lambda(z, level - z**2 / 2)
    split, square = inside(level * unit - z**2 * unit / 2), at(folded(unit_square().prop.lhs), total(z**2 * unit, line))
    own, own_finite = at_one(
        alone, k, settled(calc(total(unit * alone(z), line), split, linearity, unit_mass(), square, unit_square()))
    )
    (crossed, crossed_finite), (squared, squared_finite) = _pull(), _pull_squared()
    whole = total(noise * log_ratio(DISTANCE[k] + pull, draw[k]), noise_space)
    parts = noise * alone(draw[k]), noise * pull, noise * pull**2
    means = [total(part, noise_space) for part in parts]
    value = calc(
        whole,
        inside(parts[0] + DISTANCE[k] * parts[1] + parts[2] / 2),
        linearity,
        own,
        crossed,
        squared,
        to(closed_form),
    )
    finite = combined(whole, means[0] + DISTANCE[k] * means[1] + means[2] / 2)
    return tuple(discharge(thm, own_finite, crossed_finite, squared_finite) for thm in (value, finite))


@theorem(
    same(KL(q, p, space), Sum(closed_form, each_k)),
    "The divergence between Gaussians with full covariance, in any number of dimensions",
    given=(between_them,),
    examples=({**wide, **other, **leap},),
    claims=("002-49", "004-61", "004-88"),
    words={0: "A and a are what turns the noise of q into that of p"},
    narrows=dict.fromkeys(("002-49", "004-61", "004-88"), "Gaussians"),
)
def gaussian_kl_cholesky() -> Thm:
    """The log ratio is a sum over coordinates of squares of noise, of p and of q; average it over the noise of q."""
    away = code[i] - given_before(means_p, SLOPES_P)
    told = rearrange(given(between_them), away, stds_p[i] * by_noise_of_q, times=stds_p[i])
    in_both = to(log_ratio(noise_of_p, noise_of_q).xreplace({k: i}))
    own = calc(log(law_q) - log(law_p), opened, in_both, told)
    logs = calc(
        log(q / p),
        to(log(q) - log(p)),
        log_product(q),
        log_product(p),
        flip(linearity(Sum(log(law_q) - log(law_p), each_i))),
        termwise(own),
        lambda e: rename(e, k),
    )
    ratios = log_ratio(DISTANCE[k] + pull, draw[k])
    average, _ = sum_of(ratios, each_k, *_one_ratio())
    return calc(KL(q, p, space), opened, termwise(logs), flip(by_noise(Sum(ratios, each_k))), average)
