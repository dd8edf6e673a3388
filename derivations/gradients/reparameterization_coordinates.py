r"""# Noise first, coordinate after coordinate

A Gaussian code of $d$ dimensions is built up one coordinate at a time: the next one, given all the others, is a
Gaussian whose mean and standard deviation may depend on them in any way. The first theorem puts noise in its place,

$$z_j = m_j(\text{others}) + s_j(\text{others})\,\varepsilon_j ,$$

and changes nothing in the others, which may live on any space and have any distribution. Do so for each coordinate in
turn:

- with constant $m_j$ and $s_j$ this is the diagonal scale, $z = \mu + \sigma \odot \varepsilon$;
- with $m_j = \mu_j + \sum_{k<j} l_{jk} \varepsilon_k$ it is a full scale, $z = \mu + L\varepsilon$ with a lower
  triangular $L$, and the covariance $L L^\top$;
- with networks $m_j$ and $s_j$ of the coordinates before, it is an autoregressive flow.

Each step is the theorem; for three dimensions the second one does them all. For any number of dimensions at once, and
constant $\mu$, $\sigma$ or $L$, there is [a page of its own](reparameterization_vector.md), where the distributions are
compared.

Keywords: reparameterization trick with a full covariance, Cholesky factor, z = mu + L epsilon,
coordinate-wise reparameterization, autoregressive encoder, inverse autoregressive flow.
"""

from derivations import *
from derivations.gradients.reparameterization import F, eps, mean, noise, noise_line, reparameterization, std
from derivations.gradients.reparameterization_plane import (
    eta,
    first_line,
    first_noise,
    given_first,
    l_11,
    l_21,
    l_22,
    mean_1,
    mean_2,
    scale,
    with_noise,
)

OTHERS, NEXT = density("r", "u"), Function("f(z,u)", real=True)
MEAN, STD = Function("mean(u)", real=True), Function("std(u)", positive=True)
law, mean_u, std_u = OTHERS(u), MEAN(u), STD(u)
coordinate_law = Normal(z, mean_u, std_u**2)

bell = {
    OTHERS: Lambda(y, gauss(y, 0, 1)),
    NEXT: Lambda((z, y), z**2 * y + z),
    MEAN: Lambda(y, y / 2),
    STD: Lambda(y, 2 + y / sqrt(1 + y**2)),
}
table = {
    K: 3,
    OTHERS: Lambda(k, k / 6),
    NEXT: Lambda((z, k), z**2 + k * z),
    MEAN: Lambda(k, k - 1),
    STD: Lambda(k, k / 2),
}


@theorem(
    same(
        E(E(NEXT(z, u), coordinate_law, line), law, whole),
        E(E(NEXT(mean_u + std_u * eps, u), noise, noise_line), law, whole),
    ),
    "Noise for one coordinate, given all the others",
    forms={"continuous": Form(Tuple(y, -oo, oo), (bell,)), "discrete": Form(states, (table,))},
)
def reparameterization_coordinate() -> Thm:
    """Given the others, it is the theorem of one dimension."""
    inner = substitute(instantiate(reparameterization.thm, {F: Lambda(z, NEXT(z, u))}), {mean: mean_u, std: std_u})
    return rewrite(reparameterization_coordinate.statement.lhs, inner)


# --- three dimensions, with a full scale ---

mean_3, l_31, l_32, l_33 = *(Symbol(s, real=True) for s in ("mean_3", "l_31", "l_32")), Symbol("l_33", positive=True)
zeta, t_3 = Symbol("zeta", real=True), Symbol("t", real=True)
TRIPLE = Function("f(z_1,z_2,z_3)", real=True)
third_line, third_noise = Tuple(t_3, -oo, oo), Tuple(zeta, -oo, oo)
noise_1 = (x - mean_1) / l_11
noise_2 = (z - given_first) / l_22
given_two = mean_3 + l_31 * noise_1 + l_32 * noise_2


of_first = mean_1 + l_11 * eta
of_second = mean_2 + l_21 * eta + l_22 * eps
of_third = mean_3 + l_31 * eta + l_32 * eps + l_33 * zeta
scaled = E(E(TRIPLE(of_first, of_second, of_third), Normal(zeta, 0, 1), third_noise), noise, noise_line)
tall = {**scale, mean_3: Rational(1, 3), l_31: Rational(1, 4), l_32: Rational(2, 3), l_33: Rational(1, 2)}


@theorem(
    same(
        E(
            E(E(TRIPLE(x, z, t_3), Normal(t_3, given_two, l_33**2), third_line), Normal(z, given_first, l_22**2), line),
            Normal(x, mean_1, l_11**2),
            first_line,
        ),
        E(scaled, Normal(eta, 0, 1), first_noise),
    ),
    "Three dimensions: a Gaussian with a full scale is standard noise, scaled and shifted",
    examples=({**tall, TRIPLE: Lambda((x, z, t_3), x * z + x * t_3 + t_3**2)},),
)
def reparameterization_space() -> Thm:
    """Change the third variable, given the first two; then the second; then the first."""
    left = reparameterization_space.statement.lhs
    third = with_noise(left.args[0].args[0], given_two + l_33 * zeta, zeta)
    second = with_noise(E(third.prop.rhs, *left.args[0].args[1:]), given_first + l_22 * eps, eps)
    first = with_noise(E(second.prop.rhs, *left.args[1:]), of_first, eta)
    return calc(left, ("the third, given two", third), ("the second, given the first", second), first)
