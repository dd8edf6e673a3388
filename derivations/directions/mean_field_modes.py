r"""# Does a mean-field fit seek a mode?

The setting is that of the price of a mean-field fit: two spins with coupling $J$, a target with the two modes $(1, 1)$
and $(2, 2)$, and a product of two distributions.

**Weak coupling covers both modes.** For $J < 1$ no product does better than the even one, which gives both modes the
same mass. The reverse divergence does *not* seek a mode, although the target has two. The modes are not separated
enough.

**Strong coupling breaks the tie.** Tilt both spins by the same field $h$. The gain over the even product is at least
$\tanh h\,\big((J + 1) \tanh h - 2 h\big)$. For small $h$ this is about $(J - 1)\, h^2$, so it is positive there as soon
as $J > 1$, and the best product favours one of the modes. For $J = \log 4$ the table is $(16, 1; 1, 16)/34$, and spins
with the distribution $(\frac13, \frac23)$ do better than even ones.

Nothing in the target prefers one mode to the other. Which one a fit ends in depends on where it started.

Keywords: mode seeking, reverse KL, mean field, symmetry breaking, multimodal posterior.
"""

from derivations import *
from derivations.directions import mean_field_price as price
from derivations.directions.mean_field_price import A, B, J, cosh, even, first, fit, second, target, tilt_1, tilt_2

eps = Symbol("eps", positive=True)


@theorem(
    at_least(fit, even),
    "Weakly coupled modes are both covered",
    given=(*price.masses, same(J, 1 - eps)),
    examples=({**price.generic, eps: Rational(1, 5)}, {**price.fair, eps: Rational(1, 5)}),
)
def weak_coupling_covers_both() -> Thm:
    """The price is at least that of the even product, plus a quadratic form in the tilts that is positive for J < 1."""
    constant, squares = log(cosh(J)), (tilt_1**2 + tilt_2**2) / 2
    quadratic = eps * squares + J * (tilt_1 - tilt_2) ** 2 / 2
    steps = price.least_price()
    weak = rearrange(given(same(J, 1 - eps)), steps[-1].prop.rhs, constant + quadratic, times=-squares)
    return chain(
        *steps,
        because(weak, "J is less than 1"),
        rearrange(sign(quadratic), constant + quadratic, constant),
        flip(price.even_price()),
    )


h = Symbol("h", real=True)


def tilted(index: Symbol) -> Expr:
    """The distribution of one spin in a field h."""
    return exp(h * (2 * index - 3)) / (2 * cosh(h))


tanh = (exp(h) - exp(-h)) / (exp(h) + exp(-h))
tilted_fit = KL(tilted(k) * tilted(m), target, first, second)


@theorem(
    at_least(even - tilted_fit, tanh * ((J + 1) * tanh - 2 * h)),
    "Strongly coupled modes break the tie",
    examples=({h: log(2) / 2, J: log(4)}, {h: 0, J: Rational(3, 2)}, {h: -Rational(1, 3), J: Rational(7, 3)}),
)
def strong_coupling_breaks_the_tie() -> Thm:
    """The price of a tilted product in closed form; then log t <= t - 1 at t = 1/cosh^2 h."""
    field_of = Lambda(x, tilted(x))
    tilted_price = instantiate(price.mean_field_price.thm, {A: field_of, B: field_of})
    ones = [calc(total(tilted(r[0]), r), write_out, to(1)) for r in (first, second)]
    laws = (KL(tilted(r[0]), price.half, r) for r in (first, second))
    alone = (calc(law, opened, write_out, to(h * tanh - log(cosh(h)))) for law in laws)
    gain = J * tanh**2 - 2 * h * tanh + 2 * log(cosh(h))
    closed = calc(tilted_fit, discharge(tilted_price, *ones), *alone, to(log(cosh(J)) - gain))
    flat = rearrange(below_tangent(1 / cosh(h) ** 2), gain, strong_coupling_breaks_the_tie.statement.rhs)
    return chain(
        calc(even - tilted_fit, closed, price.even_price(), to(gain)),
        because(flat, "the logarithm lies below its tangent"),
    )


P, COVER = density("p", "k,m"), density("q", "k,m")
lean, cover = (KL(law, P(k, m), first, second) for law in (A(k) * B(m), COVER(k, m)))
third = 2 ** (1 - (k - m) ** 2) / 6
lean_1, lean_2 = 3 ** (k - 1) / 4, 3 ** (m - 1) / 4
excess = 3 * log(3) / 2 - 2 * log(2) - log(2) / 8
