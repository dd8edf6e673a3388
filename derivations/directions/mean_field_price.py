r"""# What a mean-field fit of two modes costs

The smallest example in which everything can be said exactly. Two coins $k, m \in \{1, 2\}$, read as spins $s = 2k - 3$
and $t = 2m - 3$, and the target
$$p(k, m) \propto e^{J s t}, \qquad J > 0 .$$
It has two modes, $(1, 1)$ and $(2, 2)$, and both marginals are even. The approximation is a product $q_1(k)\, q_2(m)$.
Its tilts are $a = q_1(2) - q_1(1)$ and $b = q_2(2) - q_2(1)$, the mean spins.

Its divergence from the target is what the two distributions lose against even ones, less what they gain by agreeing:
$J a b$. The constant $\log\cosh J$ is what the even product pays. Being tilted costs at least $a^2/2$, and this is
nearly exact for small tilts. So everything turns on whether $a^2/2 + b^2/2$ or $J a b$ is larger: on whether $J$ is
below or above one.

Keywords: mean field, bimodal posterior, cost of independence, mutual information of a posterior.
"""

from derivations import *

A, B = density("q_1", "z"), density("q_2", "z")
first, second = Tuple(k, 1, 2), Tuple(m, 1, 2)
J = Symbol("J", positive=True)
half, s_1, s_2 = Rational(1, 2), 2 * k - 3, 2 * m - 3


def cosh(e: Expr) -> Expr:
    return (exp(e) + exp(-e)) / 2


target = exp(J * s_1 * s_2) / (4 * cosh(J))
masses = normalised(A(k), first), normalised(B(m), second)
fit = KL(A(k) * B(m), target, first, second)
even = KL(Rational(1, 4), target, first, second)
from_even = KL(A(k), half, first), KL(B(m), half, second)
tilt_1, tilt_2 = A(2) - A(1), B(2) - B(1)
price = from_even[0] + from_even[1] + log(cosh(J)) - J * tilt_1 * tilt_2

generic = {A: Lambda(k, k / 3), B: Lambda(m, (m + 2) / 7), J: Rational(4, 5)}
against = {**generic, A: Lambda(k, (9 - 4 * k) / 6), J: Rational(3, 2)}
fair = {**generic, A: Lambda(k, half + 0 * k), B: Lambda(m, half + 0 * m)}
frozen = {**fair, J: 40}


@theorem(same(fit, price), "What a product pays for two modes", given=masses, examples=(generic, against))
def mean_field_price() -> Thm:
    """The logarithm of the target is J s t, up to a constant; under a product its mean is J a b."""
    a, b, constant = A(k), B(m), log(cosh(J))
    apart = b * (a * log(2 * a)) + (b * log(2 * b) + b * constant) * a - J * s_2 * b * (s_1 * a)
    mean_1, mean_2 = (write_out(Sum(f, r)) for f, r in ((s_1 * a, first), (s_2 * b, second)))
    return calc(
        fit,
        opened,
        termwise(
            ("two coins and their agreement", inside(apart)),
            linearity,
            ("the first factor has mass one", given(masses[0])),
            flip(opened(from_even[0])),
            mean_1,
            to(b * (from_even[0] + constant) + b * log(2 * b) - J * tilt_1 * (s_2 * b)),
        ),
        linearity,
        ("the second factor has mass one", given(masses[1])),
        flip(opened(from_even[1])),
        mean_2,
        to(price),
    )


def _log_cosh_bound() -> Thm:
    """e^2/2 >= log cosh e: the difference is concave with a horizontal tangent at 0."""
    curve = log(cosh(x)) - x**2 / 2
    tanh_squared = (exp(x) - exp(-x)) ** 2 / (exp(x) + exp(-x)) ** 2
    return rearrange(substitute(tangent_of(sign(tanh_squared), curve, x, y), {y: 0}), x**2 / 2, log(cosh(x)))


def _far_from_even(law: Function, divergence: KL, mass: Thm) -> Thm:
    """KL(distribution || even) >= tilt^2 / 2: Gibbs for the distribution that the field h = tilt makes, and log cosh h
    <= h^2 / 2."""
    low, high = law(1), law(2)
    field = high - low
    floor, made, there = log(cosh(field)), exp(-field) / (2 * cosh(field)), exp(field) / (2 * cosh(field))
    written = calc(divergence, opened, write_out)
    one, two = below_tangent(made / low), below_tangent(there / high)
    line_1 = low * (1 - field - floor) - made + high * log(2 * high)
    line_2 = (low + high) * (1 - floor) + field**2 - 1
    line_3 = field**2 - floor
    log_cosh = rearrange(substitute(_log_cosh_bound(), {x: field}), line_3, field**2 / 2)
    return chain(
        written,
        because(rearrange(one, written.prop.rhs, line_1, times=low), "the logarithm lies below its tangent"),
        because(rearrange(two, line_1, line_2, times=high), "the same for the other side"),
        because(rearrange(mass, line_2, line_3, times=1 - floor), "it has mass one"),
        because(log_cosh, "log cosh h <= h^2/2"),
    )


def written_masses() -> tuple[Thm, ...]:
    """q_1(1) + q_1(2) = 1, and the same for the second distribution."""
    return tuple(chain(flip(write_out(e.lhs)), given(e)) for e in masses)


def least_price() -> tuple[Thm, ...]:
    """fit >= log cosh J - J a b + (a^2 + b^2)/2, in steps."""
    one, two = map(_far_from_even, (A, B), from_even, written_masses())
    line_1 = price - from_even[0] + tilt_1**2 / 2
    first_tilt = because(rearrange(one, price, line_1), "a tilted first distribution is not even")
    second_tilt = rearrange(two, line_1, line_1 - from_even[1] + tilt_2**2 / 2)
    return mean_field_price.thm, first_tilt, because(second_tilt, "nor is a tilted second one")


def even_price() -> Thm:
    """The even product pays log cosh J."""
    return calc(even, opened, termwise(write_out), write_out, to(log(cosh(J))))
