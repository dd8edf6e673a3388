r"""# Two Gaussians in the plane: determinant, inverse and trace

In two dimensions a covariance matrix $S$ with entries $s_{11}, s_{12}, s_{22}$ has the determinant
$|S| = s_{11} s_{22} - s_{12}^2$ and the inverse $\frac{1}{|S|}\begin{pmatrix} s_{22} & -s_{12} \\ -s_{12} & s_{11} \end{pmatrix}$.
Nothing else is needed to write the density of $\mathcal N(m, S)$ down. From these densities, and with nothing assumed of their moments,

$$D_{\mathrm{KL}}\big(\mathcal N(m, S) \,\|\, \mathcal N(n, T)\big)
= \tfrac12\big[\operatorname{tr}(T^{-1} S) + (n - m)^\top T^{-1} (n - m) - 2 + \log\frac{|T|}{|S|}\big].$$

The entropy of $\mathcal N(m, S)$ is $1 + \log 2\pi + \tfrac12 \log |S|$, found in the same way.

The trace is $(t_{22} s_{11} - 2\,t_{12} s_{12} + t_{11} s_{22})/|T|$. The way there is one coordinate after the other: $q$ is the distribution
of $x$ times that of $y$ given $x$, whose mean is a linear function of $x$. That $|T|$ is the determinant of $T$ makes $p$ a
distribution; the formula does not use it. For any dimension, but from moments, see [the general page](gaussian_kl_full.md).

Keywords: KL between bivariate Gaussians, two-dimensional Gaussian, determinant, trace, inverse covariance, correlated Gaussian.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, gaussian_mean, gaussian_variance, mean, var

FIRST, SECOND = Tuple(x, -oo, oo), Tuple(y, -oo, oo)
s_11, s_22, t_11, t_22, det_s, det_t = (
    Symbol(name, positive=True) for name in ("s_11", "s_22", "t_11", "t_22", "det_S", "det_T")
)
s_12, t_12, m_1, m_2, n_1, n_2 = (Symbol(name, real=True) for name in ("s_12", "t_12", "m_1", "m_2", "n_1", "n_2"))


def form(one: tuple, two: tuple, det: Symbol) -> Expr:
    """d' C^-1 d for the deviations d and the entries of C, by the inverse of a matrix of two rows."""
    (a, b), (c_11, c_12, c_22) = one, two
    return (c_22 * a**2 - 2 * c_12 * a * b + c_11 * b**2) / det


def plane_density(means: tuple, entries: tuple, det: Symbol) -> Expr:
    """The Gaussian density on the plane, written out."""
    return exp(-form((x - means[0], y - means[1]), entries, det) / 2) / (2 * pi * sqrt(det))


cov_s, cov_t = (s_11, s_12, s_22), (t_11, t_12, t_22)
q, p = plane_density((m_1, m_2), cov_s, det_s), plane_density((n_1, n_2), cov_t, det_t)
determinant_s = same(det_s, s_11 * s_22 - s_12**2)
a, b = x - m_1, y - m_2
slope, left_over = s_12 / s_11, det_s / s_11
about_y = m_2 + slope * a
law_x, law_y = Normal(x, m_1, s_11), Normal(y, about_y, left_over)

wide = {s_11: 2, s_12: 1, s_22: 2, det_s: 3, m_1: Rational(1, 2), m_2: -1}
thin = {
    t_11: Rational(5, 4),
    t_12: Rational(-1, 2),
    t_22: 2,
    det_t: Rational(9, 4),
    n_1: Rational(-1, 3),
    n_2: Rational(1, 4),
}


@theorem(
    same(q, law_y * law_x),
    "A Gaussian on the plane: the distribution of one coordinate, and of the other given that one",
    given=(determinant_s,),
    examples=({**wide, x: Rational(1, 3), y: Rational(4, 5)}, {**wide, s_12: -1, x: 2, y: Rational(-1, 2)}),
)
def gaussian_plane_parts() -> Thm:
    """Complete the square in y."""
    squares = -log(2 * pi) - log(det_s) / 2 - ((y - about_y) ** 2 / left_over + a**2 / s_11) / 2
    written = calc(log(q), to(-log(2 * pi) - log(det_s) / 2 - form((a, b), cov_s, det_s) / 2))
    parts = rearrange(given(determinant_s), written.prop.rhs, squares, times=a**2 / (2 * s_11 * det_s))
    back = flip(calc(log(law_y * law_x), opened, to(squares)))
    return unlog(chain(written, because(parts, "complete the square in y"), back))


divergence = KL(q, p, SECOND, FIRST)
trace = (t_22 * s_11 - 2 * t_12 * s_12 + t_11 * s_22) / det_t
distance = form((n_1 - m_1, n_2 - m_2), cov_t, det_t)
closed_form = (trace + distance - 2 + log(det_t / det_s)) / 2


def _moments(law: Normal) -> tuple[Thm, ...]:
    """Mass, mean deviation and variance of a Gaussian, in its own variable."""
    own, about, spread = law.args

    def moment(f: Expr, known: Thm) -> Thm:
        thm = substitute(known, {mean: about, var: spread})
        return calc(total(f * law, (own, -oo, oo)), lambda e: rename(e, z), flip(opened(thm.prop.lhs)), thm)

    mass = calc(
        total(law, (own, -oo, oo)), lambda e: rename(e, z), substitute(gaussian_mass.thm, {mean: about, var: spread})
    )
    return mass, moment(own - about, gaussian_mean.thm), moment((own - about) ** 2, gaussian_variance.thm)


@theorem(
    same(divergence, closed_form),
    "The divergence between two Gaussians on the plane, with determinant, inverse and trace",
    given=(determinant_s,),
    examples=({**wide, **thin},),
)
def gaussian_kl_plane() -> Thm:
    """Average the log ratio, a quadratic, over y given x, and what is left over x."""
    gap = y - about_y
    off_1, off_2 = m_1 - n_1, m_2 - n_2
    left, down = (
        a + off_1,
        slope * a + off_2,
    )  # what x and y are away from the means of p, where y sits at its mean given x
    bend, pull = t_11 / (2 * det_t) - 1 / (2 * left_over), (t_11 * down - t_12 * left) / det_t
    level = log(det_t / det_s) / 2 - a**2 / (2 * s_11) + form((left, down), cov_t, det_t) / 2
    log_ratio = level + pull * gap + bend * gap**2
    mass_y, mean_y, var_y = _moments(law_y)
    apart = calc(log(q / p), to(log(q) - log(p)), gaussian_plane_parts.thm, opened, to(log_ratio))
    parts = law_x * law_y
    over_y = calc(
        total(q * log(q / p), SECOND),
        termwise(apart, lambda e: rearrange(gaussian_plane_parts.thm, e, parts * log_ratio, times=log_ratio)),
        inside(level * law_x * law_y + pull * law_x * (gap * law_y) + bend * law_x * (gap**2 * law_y)),
        linearity,
        mass_y,
        mean_y,
        var_y,
    )
    slant = t_22 - 2 * t_12 * slope + t_11 * slope**2
    tilt = (t_22 * off_1 - t_12 * (off_2 + slope * off_1) + t_11 * slope * off_2) / det_t
    flat = log(det_t / det_s) / 2 + distance / 2 + bend * left_over
    mass_x, mean_x, var_x = _moments(law_x)
    thm = calc(
        divergence,
        opened,
        termwise(settled(over_y)),
        inside(flat * law_x + tilt * (a * law_x) + (slant / det_t - 1 / s_11) / 2 * (a**2 * law_x)),
        linearity,
        mass_x,
        mean_x,
        var_x,
    )
    own_trace = rearrange(given(determinant_s), thm.prop.rhs, closed_form, times=t_11 / (2 * det_t * s_11))
    return settled(chain(thm, because(own_trace, "the determinant of S")))


@theorem(
    same(Entropy(q, SECOND, FIRST), 1 + log(2 * pi) + log(det_s) / 2),
    "The entropy of a Gaussian on the plane, by its determinant",
    given=(determinant_s,),
    examples=(wide, {**wide, s_12: Rational(-1, 2), s_22: 3, det_s: Rational(23, 4)}),
)
def gaussian_entropy_plane() -> Thm:
    """Both conditional squares average to one."""
    gap, height = y - about_y, -log(2 * pi) - log(det_s) / 2
    log_q = calc(log(q), gaussian_plane_parts.thm, opened, to(height - gap**2 / (2 * left_over) - a**2 / (2 * s_11)))
    level, bend = height - a**2 / (2 * s_11), -1 / (2 * left_over)
    mass_y, _, var_y = _moments(law_y)
    mass_x, _, var_x = _moments(law_x)
    parts = law_x * law_y
    over_y = calc(
        total(q * log(q), SECOND),
        termwise(log_q, lambda e: rearrange(gaussian_plane_parts.thm, e, parts * log_q.prop.rhs, times=log_q.prop.rhs)),
        inside(level * law_x * law_y + bend * law_x * (gap**2 * law_y)),
        linearity,
        mass_y,
        var_y,
    )
    both = calc(
        total(q * log(q), SECOND, FIRST),
        termwise(settled(over_y)),
        inside((height - Rational(1, 2)) * law_x - (a**2 * law_x) / (2 * s_11)),
        linearity,
        mass_x,
        var_x,
    )
    end = gaussian_entropy_plane.statement.rhs
    return settled(calc(gaussian_entropy_plane.statement.lhs, opened, both, to(end)))
