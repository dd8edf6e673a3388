r"""# How fast averaging weights closes the gap

The importance-weighted bound $L_K$ lacks $\log p(x) - L_K$. That is what Jensen's inequality loses for the average
weight $\bar w$, whose mean is $p = p(x)$, and it is at most a multiple of the variance of $\bar w$ when $\bar w$ has a
floor $a\, p$. The average of $K$ uncorrelated weights of variance $V$ has the variance $V/K$. So

$$\log p(x) - L_K \le \frac{V}{2\, a\, p^2 K} :$$

the gap is of the order $1/K$, with an explicit constant. Below, $a = 1/(1 + c)$.

**Uncorrelated.** Only this much of independence is used: each weight is uncorrelated with the sum of the others. A
draw of its own gives that, since an expectation over two independent draws is taken one after the other; this is
proved as well. Copies of one weight do not have it, and never gain anything.

**The two conditions.** A poor encoder has weights of a large variance: the rate holds, and says little until $K$ is
larger than $V/p^2$. And $\bar w$ stays above $a\, p$ when each weight does, that is when
$q(z \mid x) \le p(z \mid x)/a$ everywhere: the encoder has no heavier tail than the posterior. Without a floor the
variance alone bounds nothing.

Keywords: IWAE, rate 1/K, bias of the importance weighted bound, asymptotics, effective sample size.
"""

from sympy import expand, interpolate

from derivations import *
from derivations.divergence.jensen_gap import ABOVE, c, centre, floor, jensen_gap, spread
from derivations.divergence.kl_chain_rule import second
from derivations.importance import iwae_bound as iwae
from derivations.importance.iwae_bound import (
    Q,
    W,
    Y,
    average,
    bound,
    definition,
    evidence,
    finite,
    mass,
    q,
    samples,
    w_k,
)

unbiased = iwae.unbiased
variance = Symbol("V", real=True)
others = N * average - w_k  # the sum of the other weights
square, cross = (w_k - evidence) ** 2, (w_k - evidence) * others
alike = ForAll(same(E(square, q, whole), variance), samples)
uncorrelated = ForAll(same(E(cross, q, whole), 0), samples)
finite_squares = ForAll(Converges(E(square, q, whole)), samples)
finite_products = ForAll(Converges(E(cross, q, whole)), samples)

# two coins, thrown apart: each weight is 5 with the chance 1/3, else 2
first_coin, second_coin = interpolate([5, 5, 2, 2], k), interpolate([5, 2, 5, 2], k)
both_chances, both_average = interpolate([1, 2, 2, 4], k) / 9, (first_coin + second_coin) / 2
coins = {N: 2, K: 4, Q: Lambda(k, both_chances), W: Lambda((n, k), (2 - n) * first_coin + (n - 1) * second_coin)}
coins |= {Y: Lambda(k, both_average), ABOVE: Lambda(k, both_average - Rational(15, 8))}
coins |= {evidence: 3, variance: 2, c: Rational(3, 5)}
constants = {**coins, W: Lambda((n, k), 3), Y: Lambda(k, 3), ABOVE: Lambda(k, Rational(9, 8)), variance: 0}
# an even and an odd function of one Gaussian code, with the same variance
even, odd = exp(-(z**2) / 2) - 1 / sqrt(2), sqrt(3 - 3 * sqrt(3) / 2) * z * exp(-(z**2) / 2)
waves = {N: 2, Q: Lambda(z, gauss(z, 0, 1)), W: Lambda((n, z), 2 + (2 - n) * even + (n - 1) * odd)}
waves |= {Y: Lambda(z, 2 + (even + odd) / 2), ABOVE: Lambda(z, 1 + (even + odd) / 2)}
waves |= {evidence: 2, variance: 1 / sqrt(3) - Rational(1, 2), c: 1}


def _with_average() -> tuple[Thm, Thm]:
    """The covariance of one weight with the average is V/N, from its own variance alone; and it converges."""
    product, rest = (w_k - evidence) * (average - evidence), (N - 1) / N * evidence
    parts = q * cross / N + q * square / N - rest * q * w_k + rest * evidence * q
    averages = E(cross, q, whole) / N + E(square, q, whole) / N - rest * (E(w_k, q, whole) - evidence)
    one = calc(
        total(q * product, whole),
        ("the other weights, the weight itself, and the rest", inside(parts)),
        linearity,
        ("q integrates to one", given(mass)),
        folded(averages),
        ("uncorrelated with the others", given(uncorrelated)),
        ("its variance is V", given(alike)),
        ("its mean is m", given(unbiased)),
        to(variance / N),
    )
    pieces = E(cross, q, whole) / N + E(square, q, whole) / N - rest * E(w_k, q, whole)
    return one, combined(total(q * product, whole), pieces + rest * evidence * total(q, whole))


def _covariance() -> tuple[Thm, Thm]:
    """The same two from what is given."""
    finite_mean = integrable(chain(flip(unfold(E(w_k, q, whole))), given(unbiased)))
    facts = converges(mass), finite_mean, given(finite_squares), given(finite_products)
    one, finite_product = (discharge(thm, *facts) for thm in _with_average())
    return one, finite_product


def _averaged(product: Expr) -> Thm:
    """The average of the products of deviations is the square of the average's deviation."""
    return calc(
        Sum(product, samples) / N,
        at(linearity, Sum(product, samples)),
        at(constant, Sum(1, samples)),
        rearrange(flip(given(definition)), Sum(w_k, samples), N * average, times=N),
        to(q * (average - evidence) ** 2),
    )


@theorem(
    same(spread, variance / N),
    "The variance of an average of uncorrelated weights",
    given=(mass, definition, unbiased, alike, uncorrelated, finite_squares, finite_products),
    forms=on_both(waves, coins),
)
def average_variance() -> Thm:
    """The deviation of the average is the average of the deviations; each has the covariance V/N with it."""
    one, finite_product = _covariance()
    product = one.prop.lhs.args[0]
    thm = calc(
        spread,
        opened,
        ("the average of the deviations", flip(_averaged(product))),
        linearity,
        at(swap, total(Sum(product, samples), whole)),
        ("each has the covariance V/N", at(termwise(one), Sum(total(product, whole), samples))),
        at(constant, Sum(variance / N, samples)),
        to(variance / N),
    )
    return discharge(thm, for_all(finite_product, samples))


def _finite_spread() -> Thm:
    """The squared deviation of the average is a finite sum of products that converge."""
    one, finite_product = _covariance()
    product, squared = one.prop.lhs.args[0], unfolded(spread).args[0]
    every = discharge(finite_sum(total(Sum(product, samples), whole)), for_all(finite_product, samples))
    return carry(every, Converges(spread), chain(algebra(expand(squared), squared), flip(_averaged(product))))


@theorem(
    at_least((1 + c) * variance / (2 * evidence**2 * N), log(evidence) - bound),
    "The importance-weighted bound closes like 1/K",
    given=(mass, definition, floor, unbiased, alike, uncorrelated, finite_squares, finite_products, finite),
    forms=on_both(waves, (coins, constants)),
)
def iwae_rate() -> Thm:
    """The gap is at most a multiple of the variance of the average, which is V/N."""
    each_finite = integrable(chain(flip(unfold(E(w_k, q, whole))), given(unbiased)))
    its_mean = discharge(chain(unfold(centre.lhs), iwae.mean_weight()), for_all(each_finite, samples))
    thm = discharge(jensen_gap.thm, its_mean, _finite_spread())
    return chain(flip(rewrite(jensen_gap.statement.lhs, average_variance.thm)), thm)


# --- when weights are uncorrelated ---

F, G, OTHER = Function("f(z)", real=True), Function("g(y)", real=True), density("r", "y")
f, g, r = F(u), G(v), OTHER(v)
together, apart = E(f * g, q * r, second, whole), (E(f, q, whole), E(g, r, second))
bells = {Q: waves[Q], F: Lambda(z, z**2 + z), OTHER: Lambda(y, gauss(y, 1, Rational(1, 2))), G: Lambda(y, y + 2)}
table = {Q: Lambda(k, k / 10), F: Lambda(k, k**2), OTHER: Lambda(m, (m + 1) / 14), G: Lambda(m, m + 2), K: 4}


@theorem(
    same(together, apart[0] * apart[1]),
    "Drawn apart, expectations multiply",
    given=tuple(map(Converges, apart)),
    forms=on_both(bells, table),
)
def drawn_apart_expectations_multiply() -> Thm:
    """Average over the second draw first. With E[f] taken off f, one factor is zero: the two are uncorrelated."""
    return calc(together, opened, termwise(linearity), linearity, folded(apart[0] * apart[1]))
