r"""# Mean field on a correlated Gaussian

The textbook picture of a mean-field fit: the target is a tilted ellipse, the approximation a product. Take
$p = \mathcal N(\mu, \Lambda^{-1})$ on the plane, with precision matrix $\Lambda$ and $D = \det\Lambda > 0$, and
$q = \mathcal N(x;\, m_1, v_1)\, \mathcal N(y;\, m_2, v_2)$. Both logarithms are quadratics, so the divergence is
a closed form:
$$D_{\mathrm{KL}}(q \,\|\, p) = \tfrac12\left[\lambda_{11}(v_1 + a^2) + 2\lambda_{12}\, a b
  + \lambda_{22}(v_2 + b^2) - 2
  - \log(v_1 v_2 D)\right], \qquad a = m_1 - \mu_1,\; b = m_2 - \mu_2 .$$

The means and the variances do not meet in it. The quadratic form is least at $a = b = 0$, and
$\lambda v - 1 - \log(\lambda v)$ at $v = 1/\lambda$. So the best product has the right means and the variances
$1/\lambda_{11}$ and $1/\lambda_{22}$. These are the variances of one coordinate when the other is *known*. The marginal
variance of $x$ is $\lambda_{22}/D$, which is larger by $\lambda_{12}^2/(\lambda_{11} D)$.

Two things are often muddled. First, a product whose factors have the marginal variances exists, and it is the best
product for the *other* direction: forward, the best factors are the marginals of the target, whatever it is (see the
page on the best product, forward). The reverse direction does not choose it, because it pays for mass where $p$ has
little. Second, what is left at the best product, $\tfrac12\log(\lambda_{11}\lambda_{22}/D)$, is a property of the
target: with correlation $\rho$ it is $-\tfrac12\log(1 - \rho^2)$, and no product does better.

Headline: mean_field_gaussian_optimum.
Keywords: mean-field variational inference, mean field underestimates variance, factorised Gaussian approximation,
correlated Gaussian, coordinate ascent.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, gaussian_mean, gaussian_variance, mean, var

prec_11, prec_22, det, var_1, var_2 = (Symbol(s, positive=True) for s in ("prec_11", "prec_22", "D", "v_1", "v_2"))
prec_12, mean_1, mean_2, m_1, m_2 = (Symbol(s, real=True) for s in ("prec_12", "mean_1", "mean_2", "m_1", "m_2"))
first, second = Tuple(x, -oo, oo), Tuple(y, -oo, oo)


def quadratic(at_x: Expr, at_y: Expr) -> Expr:
    """The quadratic form of the target about its mean."""
    a, b = at_x - mean_1, at_y - mean_2
    return prec_11 * a**2 + 2 * prec_12 * a * b + prec_22 * b**2


target = sqrt(det) / (2 * pi) * exp(-quadratic(x, y) / 2)
q_1, q_2 = Normal(x, m_1, var_1), Normal(y, m_2, var_2)
determinant = same(det, prec_11 * prec_22 - prec_12**2)
fit = KL(q_1 * q_2, target, first, second)
closed = (prec_11 * var_1 + prec_22 * var_2 + quadratic(m_1, m_2) - 2 - log(var_1 * var_2 * det)) / 2
least = log(prec_11 * prec_22 / det) / 2

tilted = {prec_11: 2, prec_22: Rational(3, 2), prec_12: -1, det: 2}
tilted |= {mean_1: Rational(1, 2), mean_2: Rational(-1, 3)}
loose = {**tilted, m_1: Rational(1, 5), m_2: Rational(3, 4), var_1: Rational(2, 3), var_2: Rational(5, 4)}
steep = {prec_11: Rational(5, 4), prec_22: 3, prec_12: Rational(3, 2), det: Rational(3, 2)}
steep |= {mean_1: Rational(-1, 4), mean_2: Rational(2, 3)}
upright = {prec_11: Rational(3, 2), prec_22: Rational(4, 5), prec_12: 0, det: Rational(6, 5)}
far = {**steep, m_1: Rational(-3, 2), m_2: Rational(1, 3), var_1: Rational(1, 3), var_2: Rational(1, 2)}


def _moments(law: Normal) -> tuple[Thm, ...]:
    """Mass, mean deviation and variance of a Gaussian, in its own variable."""
    at, about, spread = law.args
    known = (gaussian_mass, gaussian_mean, gaussian_variance)
    mass, gap, square = (substitute(moment.thm, {mean: about, var: spread}) for moment in known)

    def own(f: Expr, *steps: Thm) -> Thm:
        return calc(total(f, (at, -oo, oo)), lambda e: rename(e, z), *steps)

    mean_gap = own((at - about) * law, flip(opened(gap.prop.lhs)), gap)
    return own(law, mass), mean_gap, own((at - about) ** 2 * law, flip(opened(square.prop.lhs)), square)


@theorem(
    same(target, Normal(y, mean_2 - prec_12 / prec_22 * (x - mean_1), 1 / prec_22) * Normal(x, mean_1, prec_22 / det)),
    "A correlated Gaussian: one coordinate, and the other when that one is known",
    given=(determinant,),
    examples=({**tilted, x: Rational(1, 3), y: Rational(4, 5)}, {**steep, x: Rational(3, 2), y: Rational(-1, 2)}),
)
def plane_gaussian_parts() -> Thm:
    """Complete the square in y: the variance given x is one over the precision, the marginal one is larger."""
    right = plane_gaussian_parts.statement.rhs
    a, b = x - mean_1, y - mean_2
    line_1 = log(det) / 2 - log(2 * pi) - (prec_22 * (b + prec_12 / prec_22 * a) ** 2 + det / prec_22 * a**2) / 2
    written = calc(log(target), to(log(det) / 2 - log(2 * pi) - quadratic(x, y) / 2))
    square = rearrange(given(determinant), written.prop.rhs, line_1, times=a**2 / (2 * prec_22))
    back = flip(calc(log(right), opened, to(line_1)))
    return unlog(chain(written, because(square, "complete the square in y"), back))


@theorem(
    same(total(target, second), Normal(x, mean_1, prec_22 / det)),
    "The marginal of a correlated Gaussian",
    given=(determinant,),
    examples=({**tilted, x: Rational(1, 3)}, {**steep, x: Rational(3, 2)}),
)
def plane_gaussian_marginal() -> Thm:
    """The distribution of y given x integrates to one, and what is left is the marginal of x, of variance prec_22 /
    D."""
    given_x = mean_2 - prec_12 / prec_22 * (x - mean_1)
    return settled(
        calc(
            total(target, second),
            termwise(("complete the square in y", plane_gaussian_parts.thm)),
            linearity,
            ("the distribution of y given x integrates to one", _moments(Normal(y, given_x, 1 / prec_22))[0]),
            to(Normal(x, mean_1, prec_22 / det)),
        )
    )


@theorem(same(fit, closed), "The divergence of a product from a correlated Gaussian", examples=(loose, far))
def mean_field_gaussian_kl() -> Thm:
    """Average the quadratic log ratio over x, then over y: only means and variances survive."""
    gap_x, gap_y, off_1, off_2 = x - m_1, y - m_2, m_1 - mean_1, m_2 - mean_2
    constant = -log(var_1 * var_2 * det) / 2
    ratio = constant - gap_x**2 / (2 * var_1) - gap_y**2 / (2 * var_2) + quadratic(x, y) / 2
    b = gap_y + off_2
    flat = constant - gap_y**2 / (2 * var_2) + (prec_11 * off_1**2 + 2 * prec_12 * off_1 * b + prec_22 * b**2) / 2
    slope, bend = prec_11 * off_1 + prec_12 * b, prec_11 / 2 - 1 / (2 * var_1)
    level, pull = constant + bend * var_1 + quadratic(m_1, m_2) / 2, prec_12 * off_1 + prec_22 * off_2
    about_x = inside(flat * q_2 * q_1 + slope * q_2 * (gap_x * q_1) + bend * q_2 * gap_x**2 * q_1)
    about_y = inside(level * q_2 + pull * (gap_y * q_2) + (prec_22 / 2 - 1 / (2 * var_2)) * gap_y**2 * q_2)
    inner = settled(
        calc(
            total(q_1 * q_2 * log(q_1 * q_2 / target), first),
            ("the logarithms are quadratics", calc(log(q_1 * q_2 / target), opened, to(ratio))),
            ("about the mean of x", about_x),
            linearity,
            *(("a moment of x under q", thm) for thm in _moments(q_1)),
            to((flat + bend * var_1) * q_2),
        )
    )
    over_y = (("a moment of y under q", thm) for thm in _moments(q_2))
    thm = calc(fit, opened, termwise(inner), ("about the mean of y", about_y), linearity, *over_y, to(closed))
    return settled(thm)


best = {m_1: mean_1, m_2: mean_2, var_1: 1 / prec_11, var_2: 1 / prec_22}
tight = {**tilted, **{s: value.xreplace(tilted) for s, value in best.items()}}
best_fit = KL(Normal(x, mean_1, 1 / prec_11) * Normal(y, mean_2, 1 / prec_22), target, first, second)


@theorem(same(best_fit, least), "What the conditional variances leave", examples=(tilted, steep))
def mean_field_gaussian_least() -> Thm:
    """The closed form at the means of the target and the variances 1/prec_11 and 1/prec_22."""
    return ending(substitute(mean_field_gaussian_kl.thm, best), least)


@theorem(
    at_least(fit, least),
    "Mean field picks the conditional variances",
    given=(determinant,),
    examples=(loose, far, tight),
)
def mean_field_gaussian_optimum() -> Thm:
    """The quadratic form in the means is a sum of squares, and t - 1 is at least log t for both variances."""
    a, b = m_1 - mean_1, m_2 - mean_2
    squares = prec_11 * (a + prec_12 / prec_11 * b) ** 2 + det / prec_11 * b**2
    spreads = (prec_11 * var_1 + prec_22 * var_2 - 2 - log(var_1 * var_2 * det)) / 2
    with_squares, half = spreads + squares / 2, Rational(1, 2)
    second_left = spreads - (prec_11 * var_1 - 1 - log(prec_11 * var_1)) / 2
    square = rearrange(given(determinant), closed, with_squares, times=-(b**2) / (2 * prec_11))
    one, two = (below_tangent(e) for e in (prec_11 * var_1, prec_22 * var_2))
    return chain(
        mean_field_gaussian_kl.thm,
        because(square, "complete the square"),
        because(rearrange(sign(squares), with_squares, spreads, times=half), "squares are not negative"),
        because(rearrange(one, spreads, second_left, times=half), "the logarithm lies below its tangent"),
        because(rearrange(two, second_left, least, times=half), "the same for the other variance"),
    )


@theorem(
    same(prec_22 / det, 1 / prec_11 + prec_12**2 / (prec_11 * det)),
    "How much of the marginal variance mean field misses",
    given=(determinant,),
    examples=(tilted, steep),
    kind="step",
)
def mean_field_missing_variance() -> Thm:
    """Divide the determinant by prec_11 D."""
    left, right = mean_field_missing_variance.statement.args
    return rearrange(given(determinant), left, right, times=-1 / (prec_11 * det))


@theorem(
    at_least(prec_22 / det, 1 / prec_11),
    "Mean field never overstates the variance of a Gaussian",
    given=(determinant,),
    examples=(tilted, steep, upright),
)
def mean_field_too_narrow() -> Thm:
    """What is missing is a square over positive numbers; it is zero only without correlation."""
    exact, missing = mean_field_missing_variance.thm, sign(prec_12**2 / (prec_11 * det))
    return chain(exact, rearrange(missing, exact.prop.rhs, 1 / prec_11))


marginal_fit = KL(Normal(x, mean_1, prec_22 / det) * Normal(y, mean_2, prec_11 / det), target, first, second)
even = {prec_11: 2, prec_22: 2, prec_12: 1, det: 3, mean_1: 0, mean_2: 0}
at_best = {m_1: 0, m_2: 0, var_1: Rational(1, 2), var_2: Rational(1, 2)}


apart = {**even, prec_12: 0, det: 4}


def _without_correlation() -> Thm:
    """Without correlation the marginal variances are the conditional ones."""
    best_here = substitute(mean_field_gaussian_optimum.thm, {**apart, **at_best})
    least_here = substitute(mean_field_gaussian_least.thm, {s: v for s, v in apart.items()})
    return chain(
        discharge(best_here, algebra(4, 4)), algebra(best_here.prop.rhs, least_here.prop.rhs), flip(least_here)
    )


@counterexample(
    at_least(fit, marginal_fit),
    same(fit.xreplace({**even, **at_best}) - marginal_fit.xreplace(even), log(Rational(4, 3)) - Rational(1, 3)),
    "Mean field keeps the marginal variances",
    at={**even, **at_best},
    instead="mean_field_gaussian_optimum",
    given=(same(det, prec_11 * prec_22 - prec_12**2),),
    holds_at={**apart, **at_best},
    witness=lambda: (_without_correlation(),),
)
def mean_field_keeps_marginals() -> Thm:
    """Precision 2 on the diagonal and 1 off it: variances 1/2 leave log(4/3)/2, the marginal ones 2/3 leave more."""
    wide = {m_1: mean_1, m_2: mean_2, var_1: prec_22 / det, var_2: prec_11 / det}
    conditional = substitute(mean_field_gaussian_kl.thm, {**even, **at_best})
    marginal = substitute(substitute(mean_field_gaussian_kl.thm, wide), even)
    left, right = mean_field_keeps_marginals.negation.args
    return calc(left, conditional, marginal, to(right))
