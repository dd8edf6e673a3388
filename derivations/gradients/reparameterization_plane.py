r"""# Noise first in two dimensions, with a full scale

For a code of several dimensions one writes $z = \mu + L\varepsilon$ with a lower triangular $L$ and
$\varepsilon \sim \mathcal N(0, I)$. In two dimensions $z_1 = \mu_1 + l_{11} \varepsilon_1$ and
$z_2 = \mu_2 + l_{21} \varepsilon_1 + l_{22} \varepsilon_2$. The distribution of this pair is a Gaussian distribution of
$z_1$ times that of $z_2$ given $z_1$, whose mean is $\mu_2 + l_{21} (z_1 - \mu_1)/l_{11}$ and whose variance is
$l_{22}^2$: a Gaussian of covariance $L L^\top$. A diagonal scale is the case $l_{21} = 0$.

Each further dimension is another change of one variable, given those before it.

Keywords: reparameterization trick with a full covariance, Cholesky factor, correlated Gaussian, multivariate
reparameterization.
"""

from derivations import *
from derivations.gradients.reparameterization import eps, noise, noise_line

mean_1, mean_2, l_21 = (Symbol(s, real=True) for s in ("mean_1", "mean_2", "l_21"))
l_11, l_22 = Symbol("l_11", positive=True), Symbol("l_22", positive=True)
eta = Symbol("eta", real=True)
PAIR = Function("f(z_1,z_2)", real=True)
first_line, first_noise = Tuple(x, -oo, oo), Tuple(eta, -oo, oo)
given_first = mean_2 + l_21 * (x - mean_1) / l_11
scale = {mean_1: Rational(1, 2), mean_2: -1, l_11: 2, l_21: Rational(-1, 2), l_22: Rational(3, 4)}


scaled = E(PAIR(mean_1 + l_11 * eta, mean_2 + l_21 * eta + l_22 * eps), noise, noise_line)


def with_noise(e: Expr, sample: Expr, by: Symbol) -> Thm:
    """The expectation under a Gaussian, whose sample is this function of standard noise; what is averaged may be an expectation."""
    f, own, (at, *ends) = e.args
    moved, spread, standard = own.xreplace({at: sample}), diff(sample, by), Normal(by, 0, 1)
    inner = f.xreplace({at: sample})
    return calc(
        e,
        unfold,
        lambda line: change_of_variables(line, sample, by),
        termwise(calc(moved, opened, to(opened(standard).prop.rhs / spread), folded(standard / spread))),
        flip(unfold(E(inner, standard, (by, *ends)))),
    )


@theorem(
    same(
        E(E(PAIR(x, z), Normal(z, given_first, l_22**2), line), Normal(x, mean_1, l_11**2), first_line),
        E(scaled, Normal(eta, 0, 1), first_noise),
    ),
    "Two dimensions: a Gaussian with a full scale is standard noise, scaled and shifted",
    examples=({**scale, PAIR: Lambda((x, z), x**2 + x * z + z)}, {**scale, l_21: 0, PAIR: Lambda((x, z), z**2 - x)}),
)
def reparameterization_plane() -> Thm:
    """Change the second variable, given the first; then the first."""
    left = reparameterization_plane.statement.lhs
    second = with_noise(left.args[0], given_first + l_22 * eps, eps)
    first = with_noise(E(second.prop.rhs, *left.args[1:]), mean_1 + l_11 * eta, eta)
    return calc(left, ("the second variable, given the first", second), first)
