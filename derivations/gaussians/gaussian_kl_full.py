r"""# Gaussians with full covariance

For $q = \mathcal N(m, S)$ and $p = \mathcal N(n, T)$ on $\mathbb{R}^d$ the logarithms are quadratic forms in the precision
matrices $S^{-1}$ and $T^{-1}$. Averaging a quadratic form needs only the mean and the covariance of $q$:
$\mathbb{E}_q[(z - n)^\top T^{-1} (z - n)] = \operatorname{tr}(T^{-1} S) + (m - n)^\top T^{-1} (m - n)$. Hence

$$D_{\mathrm{KL}} = \tfrac12\left[\operatorname{tr}(T^{-1} S) + (m - n)^\top T^{-1} (m - n) - d
  + \log\frac{\det T}{\det S}\right].$$

What is proved here, for every dimension $d$: the formula, in coordinates, for any density whose logarithm is the stated
quadratic form and which has the stated first two moments. That the multivariate Gaussian density has them is taken as a
hypothesis, printed below; [from the density, through Cholesky factors](gaussian_kl_cholesky.md), it is a theorem of its own.

Keywords: KL between multivariate Gaussians, full covariance, trace and log determinant, Mahalanobis distance.
"""

from derivations import *

i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
point = IndexedBase("zs", shape=(d,), real=True)
z = point.label
space, rows, columns = Tuple(z), Tuple(i, 1, d), Tuple(j, 1, d)
Q, P = density("q", "z"), density("p", "z")
q, p = Q(z), P(z)
mean_q, mean_p = IndexedBase("mean_q", real=True), IndexedBase("mean_p", real=True)
cov_q, prec_q, prec_p = (IndexedBase(s, real=True) for s in ("cov_q", "prec_q", "prec_p"))
logdet_q, logdet_p = Symbol("logdet_q", real=True), Symbol("logdet_p", real=True)


def form(matrix: IndexedBase, left: Expr, right: Expr) -> Expr:
    """The bilinear form sum_ij matrix_ij left_i right_j."""
    return Sum(matrix[i, j] * left * right, rows, columns)


def deviation(mean: IndexedBase, index: Symbol) -> Expr:
    return point[index] - mean[index]


def log_density(mean: IndexedBase, precision: IndexedBase, logdet: Symbol) -> Expr:
    return -(d * log(2 * pi) + logdet + form(precision, deviation(mean, i), deviation(mean, j))) / 2


x_i, x_j = deviation(mean_q, i), deviation(mean_q, j)
mass = normalised(q, space)
first = ForAll(same(total(x_i * q, space), 0), rows)
second = ForAll(ForAll(same(total(x_i * x_j * q, space), cov_q[i, j]), rows), columns)
finite = (
    ForAll(Converges(total(x_i * q, space)), rows),
    ForAll(ForAll(Converges(total(x_i * x_j * q, space)), rows), columns),
)
logs = (
    ForAll(same(log(q), log_density(mean_q, prec_q, logdet_q)), z),
    ForAll(same(log(p), log_density(mean_p, prec_p, logdet_p)), z),
)
inverse = same(Sum(prec_q[i, j] * cov_q[i, j], rows, columns), d)
step_i, step_j = mean_q[i] - mean_p[i], mean_q[j] - mean_p[j]


def _plane_density(means: list, precision: list, logdet: Expr) -> Lambda:
    x = [point[a + 1] - means[a] for a in range(2)]
    quadratic = sum(precision[a][b] * x[a] * x[b] for a in range(2) for b in range(2))
    return Lambda(z, exp(-(2 * log(2 * pi) + logdet + quadratic) / 2))


half = Rational(1, 2)
plane_q = {
    mean_q: [1, -1],
    cov_q: [[2, 1], [1, 3 * half]],
    prec_q: [[3 * half / 2, -half], [-half, 1]],
    logdet_q: log(2),
}
plane_p = {mean_p: [half, 0], prec_p: [[1, half], [half, 2]], logdet_p: -log(Rational(7, 4))}
plane_q |= {d: 2, Q: _plane_density(plane_q[mean_q], plane_q[prec_q], plane_q[logdet_q])}
plane_p |= {P: _plane_density(plane_p[mean_p], plane_p[prec_p], plane_p[logdet_p])}


def _finite_term(matrix: IndexedBase, mean: IndexedBase) -> Thm:
    """matrix_ij E_q[(z_i - c_i)(z_j - c_j)] is finite: a combination of the moments of q."""
    a, b, c = mean_q[i] - mean[i], mean_q[j] - mean[j], matrix[i, j]
    moments = (x_i * x_j * q, x_i * q, x_j * q, q)
    parts = zip((c, b * c, a * c, a * b * c), (total(f, space) for f in moments), strict=True)
    return discharge(combine(total(c * deviation(mean, i) * deviation(mean, j) * q, space), *parts), *_finite_moments())


def _finite_moments() -> tuple[Thm, ...]:
    one = given(finite[0])
    return given(finite[1]), one, substitute(one, {i: j}), converges(mass)


def _row_and_form(matrix: IndexedBase, mean: IndexedBase) -> tuple[Expr, Expr]:
    y_i, y_j = deviation(mean, i), deviation(mean, j)
    return Sum(matrix[i, j] * y_i * y_j, rows), form(matrix, y_i, y_j)


def _finite(terms: Expr, each_finite: Thm) -> Thm:
    """The average of a finite sum is finite when that of each term is."""
    inner = finite_sum(total(move_in(terms, q).prop.rhs, space))
    inner = discharge(inner, for_all(each_finite, terms.args[-1]))
    return carry(inner, Converges(total(q * terms, space)), move_in(terms, q))


def finite_form(matrix: IndexedBase, mean: IndexedBase) -> Thm:
    """The average of a quadratic form is finite."""
    row, quadratic = _row_and_form(matrix, mean)
    return _finite(quadratic, _finite(row, _finite_term(matrix, mean)))


def _entry(c: Expr, mean: IndexedBase) -> Thm:
    """The (i, j) average: the covariance about the mean of q, and the distances from it."""
    if mean == mean_q:
        return calc(total(c * x_i * x_j * q, space), flip(move_in(total(x_i * x_j * q, space), c)), given(second))
    a, b = mean_q[i] - mean[i], mean_q[j] - mean[j]
    thm = calc(
        total(c * deviation(mean, i) * deviation(mean, j) * q, space),
        ("about the mean of q", inside(c * (x_i * x_j) * q + b * c * x_i * q + a * c * x_j * q + a * b * c * q)),
        linearity,
        ("the covariance", given(second)),
        ("the deviations average to zero", given(first)),
        substitute(given(first), {i: j}),
        ("q integrates to one", given(mass)),
        to(c * (cov_q[i, j] + a * b)),
    )
    return discharge(thm, *_finite_moments())


def average_form(matrix: IndexedBase, mean: IndexedBase) -> Thm:
    """E_q of a quadratic form about any centre: trace with the covariance, plus the form at the distance."""
    row, quadratic = _row_and_form(matrix, mean)
    each_finite = _finite_term(matrix, mean)
    one_row = calc(total(q * row, space), termwise(move_in(row, q)), swap, termwise(_entry(matrix[i, j], mean)))
    one_row = discharge(one_row, for_all(each_finite, rows))
    both = calc(total(q * quadratic, space), termwise(move_in(quadratic, q)), swap, termwise(one_row))
    return discharge(both, for_all(_finite(row, each_finite), columns))


trace_and_distance = Sum(prec_p[i, j] * (cov_q[i, j] + step_i * step_j), rows, columns)


@theorem(
    same(KL(q, p, space), (trace_and_distance - d + logdet_p - logdet_q) / 2),
    "The divergence between Gaussians with full covariance, from their moments",
    given=(mass, first, second, *finite, *logs, inverse),
    examples=(plane_q | plane_p,),
)
def gaussian_kl_full() -> Thm:
    """Two quadratic forms, averaged under q; the one in q's own precision averages to d."""
    own, other = form(prec_q, x_i, x_j), form(prec_p, deviation(mean_p, i), deviation(mean_p, j))
    split = (logdet_p - logdet_q) / 2 * q - q * own / 2 + q * other / 2
    log_ratio = calc(log(q / p), to(log(q) - log(p)), given(logs[0]), given(logs[1]))
    thm = calc(
        KL(q, p, space),
        opened,
        ("both logarithms are quadratic forms", log_ratio),
        inside(split),
        linearity,
        ("q integrates to one", given(mass)),
        ("the form in the precision of q", average_form(prec_q, mean_q)),
        ("the form in the precision of p", average_form(prec_p, mean_p)),
        ("the precision is the inverse of the covariance", given(inverse)),
        to(gaussian_kl_full.statement.rhs),
    )
    return discharge(thm, converges(mass), finite_form(prec_q, mean_q), finite_form(prec_p, mean_p))
