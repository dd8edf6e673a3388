r"""# How far Jensen's inequality can be off

Jensen gives $\mathbb E[\log Y] \le \log m$ for a positive $Y$ with the mean $m$. How much is lost? Expand the logarithm
around $m$: the linear term averages to zero, and the square leaves $\mathrm{Var}(Y)/(2 m^2)$, to first order.

As a *bound* this is false. The logarithm falls without limit at 0, and a square does not see that: when $Y$ is 19, 10
or 1 with the chances 1/4, 1/2, 1/4, the loss is about twice as large. What makes it true is a floor. If $Y$ stays
above $a m$, $0 < a < 1$, then

$$\log m - \mathbb E[\log Y] \le \frac{\mathrm{Var}(Y)}{2\, a\, m^2} .$$

**Why.** At $y = m$ the parabola $\log m + (y - m)/m - (y - m)^2/(2 a m^2)$ meets the logarithm with the same slope.
The logarithm less the parabola falls on $(a m, m)$ and rises after $m$, so beyond $a m$ it is never negative. In the
variable $(y - a m)^2$ the difference is even convex, and that is how the proof sees it.

A floor $a = 1$ would leave a constant only, so the statement writes $a = 1/(1 + c)$ with $c > 0$. The constant cannot
be better than $1/2$, its limit for $c \to 0$: small deviations attain it.

Keywords: Jensen gap, tightness of Jensen's inequality, variance of a log.
"""

from derivations import *
from derivations.divergence.jensen import Q, Y, centre, finite, mass, mean, q, y

c, t, a = Symbol("c", positive=True), Symbol("t", positive=True), Symbol("a", positive=True)
ABOVE = density("s", "z")
above = ABOVE(u)
low = mean / (1 + c)
floor = ForAll(same(y, low + above), u)
spread = E((y - mean) ** 2, q, whole)
mean_log = E(log(y), q, whole)


def parabola(point: Expr) -> Expr:
    """It meets the logarithm at the mean, with the same slope, and stays below it beyond the floor."""
    return log(mean) + (point - mean) / mean - (1 + c) * (point - mean) ** 2 / (2 * mean**2)


def _above_parabola() -> Thm:
    """log y >= parabola(y) for y = m/(1 + c) + s, s > 0."""
    point = low + sqrt(t)
    short = point / mean - (1 + c) * (point - mean) ** 2 / (2 * mean**2) - log(point)
    bend = sign((1 + c) / (4 * mean * point**2 * sqrt(t)))
    touch = substitute(tangent_of(bend, short, t, a), {a: (mean * c / (1 + c)) ** 2, t: above**2})
    here = rearrange(touch, log(low + above), parabola(low + above))
    here = because(here, "their difference is convex in s^2, and zero and flat at the mean")
    return chain(rewrite(log(y), given(floor)), here, flip(rewrite(parabola(y), given(floor))))


# the floor is well below the weights, close to them, and below weights that do not vary
bell = {
    Q: Lambda(z, gauss(z, 0, 1)),
    Y: Lambda(z, exp(z / 2) + Rational(2, 5)),
    ABOVE: Lambda(z, exp(z / 2)),
    mean: exp(Rational(1, 8)) + Rational(2, 5),
    c: exp(Rational(1, 8)) * Rational(5, 2),
}
table = {K: 2, Q: Lambda(k, k / 3), Y: Lambda(k, 5 + 3 * k), ABOVE: Lambda(k, 3 * k - 2), mean: 10, c: Rational(3, 7)}
still = {**table, Y: Lambda(k, 10), ABOVE: Lambda(k, 3)}


@theorem(
    at_least((1 + c) * spread / (2 * mean**2), log(mean) - mean_log),
    "How far Jensen's inequality can be off",
    given=(mass, floor, centre, Converges(spread), finite),
    forms=on_both(bell, (table, still)),
)
def jensen_gap() -> Thm:
    """Average the parabola at the mean: its linear term cancels, its square gives the variance."""
    under, loss = q * parabola(y), (1 + c) * spread / (2 * mean**2)
    higher = monotone(rearrange(_above_parabola(), q * log(y), under, times=q), whole)
    apart = (log(mean) - 1) * q + q * y / mean - (1 + c) / (2 * mean**2) * q * (y - mean) ** 2
    height = calc(
        total(under, whole),
        ("height, slope and square apart", inside(apart)),
        linearity,
        ("q integrates to one", given(mass)),
        folded(log(mean) - 1 + E(y, q, whole) / mean - loss),
        ("the mean of Y is m", given(centre)),
        to(log(mean) - loss),
    )
    thm = rearrange(chain(unfold(mean_log), higher, height), *jensen_gap.statement.args)
    parts_converge = combined(total(under, whole), (log(mean) - 1) * total(q, whole) + E(y, q, whole) / mean - loss)
    return settled_by(discharge(thm, parts_converge), mass, centre)


three, triangle, values = (k, 1, 3), (4 * k - 2 - k**2) / 4, 28 - 9 * k
excess = log(10) / 2 - log(19) / 4 - Rational(81, 400)


@counterexample(
    at_least(E((Y(k) - mean) ** 2, Q(k), states) / (2 * mean**2), log(mean) - E(log(Y(k)), Q(k), states)),
    same(log(10) - E(log(values), triangle, three), E((values - 10) ** 2, triangle, three) / 200 + excess),
    "Jensen's inequality is off by half the relative variance at most",
    at={K: 3, Q: Lambda(k, triangle), Y: Lambda(k, values), mean: 10},
    instead="jensen_gap",
    given=(same(total(Q(k), states), 1), same(E(Y(k), Q(k), states), mean)),
    holds_at={K: 2, Q: Lambda(k, Rational(1, 2)), Y: Lambda(k, 5), mean: 5},
)
def jensen_gap_without_floor() -> Thm:
    """The averages of two numbers, each 1 or 19. The loss is about 0.415, half the relative variance about 0.203."""
    spread_here = calc(E((values - 10) ** 2, triangle, three), opened, write_out, to(Rational(81, 2)))
    right = calc(E(log(values), triangle, three), opened, write_out, to(log(19) / 4 + log(10) / 2))
    lhs, rhs = jensen_gap_without_floor.negation.args
    left = calc(lhs, right, to(log(10) / 2 - log(19) / 4))
    return chain(left, flip(calc(rhs, spread_here, to(left.prop.rhs))))
