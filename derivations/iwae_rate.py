r"""# How fast averaging weights closes the gap

The importance-weighted bound $L_K$ lacks $\log p(x) - L_K$, and Jensen's inequality only says that this is not negative. How
large can it be? Expand the logarithm of the average weight $\bar w$ around its mean $p = p(x)$. The linear term averages
to zero, the square to the variance of $\bar w$, which for $K$ uncorrelated weights is $\mathrm{Var}(w)/K$. To first order

$$\log p(x) - L_K \approx \frac{\mathrm{Var}(w)}{2 p^2 K} .$$

As a *bound* this is false: the logarithm falls without limit at 0, and a square does not see that. What makes it true is a
floor. If $\bar w$ never falls below $a\,p$ (it cannot when no single weight does), with $0 < a < 1$, then

$$\log p(x) - L_K \le \frac{\mathrm{Var}(w)}{2\, a\, p^2 K} ,$$

so that the gap is of the order $1/K$ with an explicit constant. Below, $a = 1/(1 + c)$.

**Why.** At $y = p$ the parabola $\log p + (y - p)/p - (y - p)^2/(2 a p^2)$ meets the logarithm with the same slope. The
difference, logarithm less parabola, falls on $(a p, p)$ and rises after $p$, so it is never negative beyond $a p$. In the
variable $t = (y - a p)^2$ the difference is even convex, and that is how the proof sees it: convex, with a tangent of
height zero at the mean.

Two conditions deserve a look. Weights with a large variance, which are those of a poor encoder, make the constant large:
the rate holds, and says little until $K$ is larger than $\mathrm{Var}(w)/p^2$. And the floor needs $q(z \mid x)$ to be at
most $p(x, z)/(a\, p(x))$ everywhere, that is $p(z \mid x)/a$: the encoder may have no heavier tail than the posterior.
"""

from sympy import Expr, Integer, Lambda, Rational, Sum, Symbol, exp, interpolate, log, pi, sqrt

from derivations import Form, theorem
from derivations._kernel import (
    Converges,
    ForAll,
    Thm,
    chain,
    combine,
    constant,
    discharge,
    flip,
    for_all,
    integrable,
    linearity,
    monotone,
    rearrange,
    rewrite,
    sign,
    substitute,
    swap,
    tangent_of,
    total,
    unfold,
)
from derivations._notation import E, K, N, at_least, density, k, line, n, same, states, u, whole, z
from derivations._steps import at, calc, folded, given, inside, opened, termwise, to
from derivations.iwae_bound import (
    Q,
    W,
    Y,
    average,
    bound,
    definition,
    evidence,
    finite,
    mass,
    mean_weight,
    q,
    samples,
    unbiased,
    w_k,
)

c = Symbol("c", positive=True)
ABOVE = density("s", "z")
above = ABOVE(u)
low = evidence / (1 + c)
floor = ForAll(same(average, low + above), u)
centre = same(E(average, q, whole), evidence)
spread = E((average - evidence) ** 2, q, whole)
t, a = Symbol("t", positive=True), Symbol("a", positive=True)


def parabola(y: Expr) -> Expr:
    """It meets the logarithm at the mean, with the same slope, and stays below it beyond the floor."""
    return log(evidence) + (y - evidence) / evidence - (1 + c) * (y - evidence) ** 2 / (2 * evidence**2)


def _above_parabola() -> Thm:
    """log y >= parabola(y) for y = m/(1 + c) + s, s > 0."""
    y = low + sqrt(t)
    short = y / evidence - (1 + c) * (y - evidence) ** 2 / (2 * evidence**2) - log(y)
    bend = sign((1 + c) / (4 * evidence * y**2 * sqrt(t)))
    touch = substitute(tangent_of(bend, short, t, a), {a: (evidence * c / (1 + c)) ** 2, t: above**2})
    here = rearrange(touch, log(low + above), parabola(low + above))
    return chain(rewrite(log(average), given(floor)), here, flip(rewrite(parabola(average), given(floor))))


# the floor is well below the weights, close to them, and below weights that do not vary
bell = {
    Q: Lambda(z, exp(-(z**2) / 2) / sqrt(2 * pi)),
    Y: Lambda(z, exp(z / 2) + Rational(2, 5)),
    ABOVE: Lambda(z, exp(z / 2)),
    evidence: exp(Rational(1, 8)) + Rational(2, 5),
    c: exp(Rational(1, 8)) * Rational(5, 2),
}
table = {
    K: Integer(2),
    Q: Lambda(k, k / 3),
    Y: Lambda(k, 5 + 3 * k),
    ABOVE: Lambda(k, 3 * k - 2),
    evidence: Integer(10),
    c: Rational(3, 7),
}
still = {**table, Y: Lambda(k, Integer(10) + 0 * k), ABOVE: Lambda(k, Integer(3) + 0 * k)}


@theorem(
    at_least((1 + c) * spread / (2 * evidence**2), log(evidence) - bound),
    "How far Jensen's inequality can be off",
    given=(mass, floor, centre, Converges(spread), finite),
    forms={"continuous": Form(line, (bell,)), "discrete": Form(states, (table, still))},
)
def jensen_gap() -> Thm:
    """Average the parabola at the mean: its linear term cancels, its square gives the variance."""
    parts = (
        (log(evidence) - 1, total(q, whole)),
        (1 / evidence, total(q * average, whole)),
        (-(1 + c) / (2 * evidence**2), total(q * (average - evidence) ** 2, whole)),
    )
    under = q * parabola(average)
    higher = monotone(rearrange(_above_parabola(), q * log(average), under, times=q), whole)
    height = calc(
        total(under, whole),
        ("height, slope and square apart", inside(sum(f * i.args[0] for f, i in parts))),
        linearity,
        ("q integrates to one", given(mass)),
        folded(log(evidence) - 1 + E(average, q, whole) / evidence - (1 + c) * spread / (2 * evidence**2)),
        ("the mean of the average weight", given(centre)),
        to(log(evidence) - (1 + c) * spread / (2 * evidence**2)),
    )
    above_height = chain(unfold(bound), higher, height)
    thm = rearrange(above_height, *jensen_gap.statement.args)
    its_mean = chain(flip(unfold(E(average, q, whole))), given(centre))
    thm = discharge(thm, combine(total(under, whole), *parts))
    return discharge(thm, integrable(given(mass)), integrable(its_mean))


# --- the variance of an average ---

variance = Symbol("V", real=True)
others = N * average - w_k  # the sum of the other weights
alike = ForAll(same(E((w_k - evidence) ** 2, q, whole), variance), samples)
uncorrelated = ForAll(same(E((w_k - evidence) * others, q, whole), Integer(0)), samples)
finite_products = ForAll(Converges(E((w_k - evidence) * others, q, whole)), samples)

# two coins, thrown apart: each weight is 5 with the chance 1/3, else 2
first_coin, second_coin, both_chances, both_average = (
    interpolate(dict(enumerate(values, 1)), k)
    for values in (
        (5, 5, 2, 2),
        (5, 2, 5, 2),
        (Rational(1, 9), Rational(2, 9), Rational(2, 9), Rational(4, 9)),
        (5, Rational(7, 2), Rational(7, 2), 2),
    )
)
coins = {
    N: Integer(2),
    K: Integer(4),
    Q: Lambda(k, both_chances),
    W: Lambda((n, k), (2 - n) * first_coin + (n - 1) * second_coin),
    Y: Lambda(k, both_average),
    ABOVE: Lambda(k, both_average - Rational(15, 8)),
    evidence: Integer(3),
    variance: Integer(2),
    c: Rational(3, 5),
}
constants = {
    **coins,
    W: Lambda((n, k), Integer(3) + 0 * k),
    Y: Lambda(k, Integer(3) + 0 * k),
    ABOVE: Lambda(k, Rational(9, 8) + 0 * k),
    variance: Integer(0),
}
# an even and an odd function of one Gaussian code, with the same variance
even, odd = exp(-(z**2) / 2) - 1 / sqrt(2), sqrt(3 - 3 * sqrt(3) / 2) * z * exp(-(z**2) / 2)
waves = {
    N: Integer(2),
    Q: bell[Q],
    W: Lambda((n, z), 2 + (2 - n) * even + (n - 1) * odd),
    Y: Lambda(z, 2 + (even + odd) / 2),
    ABOVE: Lambda(z, 1 + (even + odd) / 2),
    evidence: Integer(2),
    variance: 1 / sqrt(3) - Rational(1, 2),
    c: Integer(1),
}


def _with_average() -> tuple[Thm, Thm]:
    """The covariance of one weight with the average is V/N, from its own variance alone; and it converges."""
    product = (w_k - evidence) * (average - evidence)
    square, cross = (w_k - evidence) ** 2, (w_k - evidence) * others
    parts = (
        (1 / N, total(q * cross, whole)),
        (1 / N, total(q * square, whole)),
        (-(N - 1) * evidence / N, total(q * w_k, whole)),
        ((N - 1) * evidence**2 / N, total(q, whole)),
    )
    one = calc(
        total(q * product, whole),
        ("the other weights, the weight itself, and the rest", inside(sum(f * i.args[0] for f, i in parts))),
        linearity,
        ("q integrates to one", given(mass)),
        folded(
            E(cross, q, whole) / N + E(square, q, whole) / N - (N - 1) / N * evidence * (E(w_k, q, whole) - evidence)
        ),
        ("uncorrelated with the others", given(uncorrelated)),
        ("its variance is V", given(alike)),
        ("its mean is m", given(unbiased)),
        to(variance / N),
    )
    return one, combine(total(q * product, whole), *parts)


@theorem(
    same(spread, variance / N),
    "The variance of an average of uncorrelated weights",
    given=(mass, definition, unbiased, alike, uncorrelated, finite_products),
    forms={"continuous": Form(line, (waves,)), "discrete": Form(states, (coins,))},
)
def average_variance() -> Thm:
    """The deviation of the average is the average of the deviations; each has the covariance V/N with it."""
    one, converges = _with_average()
    facts = [
        integrable(given(mass)),
        integrable(chain(flip(unfold(E(w_k, q, whole))), given(unbiased))),
        integrable(chain(flip(unfold(E((w_k - evidence) ** 2, q, whole))), given(alike))),
        given(finite_products),
    ]
    one, converges = (discharge(thm, *facts) for thm in (one, converges))
    product = one.prop.lhs.args[0]
    pointwise = calc(
        Sum(product, samples) / N,
        at(linearity, Sum(product, samples)),
        at(constant, Sum(Integer(1), samples)),
        rearrange(flip(given(definition)), Sum(w_k, samples), N * average, times=N),
        to(q * (average - evidence) ** 2),
    )
    thm = calc(
        spread,
        opened,
        ("the average of the deviations", flip(pointwise)),
        linearity,
        at(swap, total(Sum(product, samples), whole)),
        ("each has the covariance V/N", at(termwise(one), Sum(total(product, whole), samples))),
        at(constant, Sum(variance / N, samples)),
        to(variance / N),
    )
    return discharge(thm, for_all(converges, samples))


@theorem(
    at_least((1 + c) * variance / (2 * evidence**2 * N), log(evidence) - bound),
    "The importance-weighted bound closes like 1/K",
    given=(mass, definition, floor, unbiased, alike, uncorrelated, finite_products, finite),
    forms={"continuous": Form(line, (waves,)), "discrete": Form(states, (coins, constants))},
)
def iwae_rate() -> Thm:
    """The gap is at most a multiple of the variance of the average, which is V/N."""
    its_mean = chain(unfold(centre.lhs), mean_weight())
    each_finite = integrable(chain(flip(unfold(E(w_k, q, whole))), given(unbiased)))
    finite_spread = integrable(chain(flip(unfold(spread)), average_variance.thm))
    thm = discharge(jensen_gap.thm, discharge(its_mean, for_all(each_finite, samples)), finite_spread)
    return chain(flip(rewrite(jensen_gap.statement.lhs, average_variance.thm)), thm)
