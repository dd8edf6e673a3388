r"""# Powers of weights: Rényi's bound and the chi bound

Average a power of the importance weight $w = p(x, z) / q(z \mid x)$, and take the root:

$$\mathcal L_s = \frac1s \log \mathbb E_q\!\left[w^s\right].$$

At $s = 1$ this is $\log p(x)$. It **grows with $s$**, and so it bounds $\log p(x)$ from both sides: from below for $s = 1 - \alpha < 1$
(Rényi's bound, VR), from above for $s > 1$ (the chi bound, CUBO). As $s$ falls to $0$ it becomes the ELBO.

**Why.** The exponential lies above its tangents, so $c\, e^y + 1 - c \ge e^{c y}$ for $0 < c < 1$. Put $c = s/s'$, and for $y$ the
logarithm of $w^{s'}$ over its mean: then the left side averages to one.

**From $K$ draws** nothing of this changes, since a draw is a law with $K$ values. The estimate of Rényi's bound is below that of the
importance-weighted bound with the same draws, so its expectation is a [lower bound](iwae_bound.md) on $\log p(x)$; for $\alpha > 1$ it
is even below the mean log weight. The estimate of the chi bound is above the importance-weighted one, and yet **no upper bound** on average:
the logarithm of a mean of draws is too small, by Jensen's inequality. Where $\mathbb E_q[w^s]$ is infinite, as it may be [for good
encoders](infinite_variance.md) already at $s = 2$, it estimates nothing.

Headline: power_means_grow.
Keywords: Rényi divergence, Rényi bound, VR bound, variational Rényi bound, alpha divergence bound, CUBO, chi upper bound, chi-squared
divergence, chi bound, power mean inequality, Lyapunov inequality.
"""

from derivations import *
from derivations.divergence.jensen import Q, mass, q

s, more, power = Symbol("s", positive=True), Symbol("g", positive=True), Symbol("t", positive=True)
above_s = same(power, s + more)
low, high = Symbol("m_s", positive=True), Symbol("m_t", positive=True)
a, b = Symbol("a", real=True), Symbol("b", real=True)
R = Function("r(z)", real=True)
r = R(u)
mean_power, mean_higher = E(exp(s * r), q, whole), E(exp(power * r), q, whole)

bell = {Q: Lambda(z, gauss(z, 0, 1)), R: Lambda(z, z), s: Rational(1, 2), more: Rational(3, 2), power: 2}
bell |= {low: exp(Rational(1, 8)), high: exp(2)}
table = {K: 3, Q: Lambda(k, k / 6), R: Lambda(k, log(k)), s: 1, more: 1, power: 2, low: Rational(7, 3), high: 6}
still = {**table, R: Lambda(k, log(2)), low: 2, high: 4}


def _tangents(r: Expr) -> Thm:
    """c e^y + 1 - c >= e^{cy}: the exponential lies above its tangents, here that at c y, where y = (s + g) (r - b)."""
    y, root, c, rest = (s + more) * (r - b), exp(s * (r - b)), s / (s + more), more / (s + more)
    first = c * root * (1 + rest * y) + rest
    return chain(
        rearrange(below_tangent(exp(rest * y)), c * exp(y) + rest, first, times=c * root),
        rearrange(below_tangent(exp(-c * y)), first, root, times=rest * root),
    )


H, F = density("h", "z"), density("f", "z")
slope, height = Symbol("slope", real=True), Symbol("height", real=True)
mean_h, mean_f = Symbol("m_h", positive=True), Symbol("m_f", positive=True)


def _average(over: Tuple) -> Thm:
    """slope m_h + height >= m_f, where slope h + height >= f everywhere and m_h, m_f are the means."""
    h, f, q = (function(over[0]) for function in (H, F, Q))
    has_mass, *means = (assume(same(total(e, over), m)) for e, m in ((q, 1), (q * h, mean_h), (q * f, mean_f)))
    above = ForAll(at_least(slope * h + height, f), over if over[1:] else over[0])
    line, parts = slope * (q * h) + height * q, slope * total(q * h, over) + height * total(q, over)
    average = calc(total(line, over), linearity, means[0], has_mass, to(slope * mean_h + height))
    below = monotone(rearrange(each(assume(above)), line, q * f, times=q), over)
    thm = chain(flip(average), below, means[1])
    if over[1:]:  # a finite sum
        return thm
    return discharge(thm, combined(total(line, over), parts), *map(integrable, (has_mass, *means)))


def _grows(over: Tuple) -> Thm:
    """b >= a, where t = s + g and the means of e^{sr} and e^{tr} are e^{sa} and e^{tb}."""
    powers = {H: Lambda(z, exp((s + more) * R(z))), F: Lambda(z, exp(s * R(z)))}
    line = {slope: s / (s + more) * exp(-more * b), height: more / (s + more) * exp(s * b)}
    means = {mean_h: exp((s + more) * b), mean_f: exp(s * a)}
    r = R(over[0])
    here = rearrange(_tangents(r), line[slope] * exp((s + more) * r) + line[height], exp(s * r), times=exp(s * b))
    everywhere = for_all(here, over if over[1:] else over[0])
    above = discharge(substitute(instantiate(_average(over), powers), {**line, **means}), everywhere)
    least = rearrange(above, Integer(0), exp(s * (a - b)) - 1, times=exp(-s * b))
    thm = rearrange(chain(least, below_tangent(exp(s * (a - b)))), b, a, times=1 / s)
    higher = same(total(Q(over[0]) * exp((s + more) * r), over), exp((s + more) * b))
    turned = flip(given(above_s))
    return discharge(thm, carry(assume(mapped(higher, lambda e: e.xreplace({s + more: power}))), higher, turned))


definition = same(mean_power, low), same(mean_higher, high)


@theorem(
    at_least(log(high) / power, log(low) / s),
    "A mean of powers, with its root taken, grows with the power",
    given=(mass, *definition, above_s),
    forms=on_both(bell, (table, still)),
    words={3: "the power t is above s"},
)
def power_means_grow() -> Thm:
    """Average the tangents at the power s of what is integrated, over its mean."""
    means = {a: log(low) / s, b: log(high) / power}
    opened_means = [chain(flip(unfold(h.lhs)), assume(h)) for h in definition]
    return discharge(substitute(_grows(whole), means), *opened_means)


# --- from K draws: a law with K values, of equal mass ---

logs = IndexedBase("log_weights", real=True)
alpha, order = Symbol("alpha", positive=True), Symbol("order", positive=True)


draws = Tuple(n, 1, K)


def _powers(power: Expr) -> Expr:
    return Sum(exp(power * logs[k]), states)


def _root(power: Expr) -> Expr:
    """The bound of one draw: the logarithm of the mean of a power, over the power."""
    return log(_powers(power) / K) / power


def _of_draw() -> Thm:
    """The same for K weights."""
    thm = instantiate(_grows(draws), {Q: Lambda(n, 1 / K), R: Lambda(n, logs[n])})
    one = calc(Sum(1 / K, draws), constant, to(1))
    each = {p: exp(p * logs[n]) / K for p in (s, power)}
    means = (chain(rename(Sum(e, draws), k), flip(move_in(_powers(p), 1 / K))) for p, e in each.items())
    return discharge(substitute(thm, {a: _root(s), b: _root(power)}), one, *means)


three, pair = {K: 3, logs: [0, Rational(1, 2), -2]}, {K: 2, logs: [1, -1]}
equal = {K: 2, logs: [Rational(-3, 4), Rational(-3, 4)]}


@theorem(
    at_least(_root(power), _root(order)),
    "The chi bound of a draw grows with its order",
    given=(above_s.xreplace({s: order}),),
    computes="chi_bound",
    examples=(
        {**three, order: 2, more: 1, power: 3},
        {**pair, order: 1, more: Rational(1, 2), power: Rational(3, 2)},
        {**equal, order: 3, more: 2, power: 5},
    ),
    words={0: "t is a higher order"},
)
def chi_bound_grows() -> Thm:
    """At order 1 it is the importance-weighted bound: any order above is above that."""
    return substitute(_of_draw(), {s: order})


below_one = same(s, 1 - alpha)


@theorem(
    at_least(log(_powers(1) / K), _root(1 - alpha)),
    "Rényi's bound of a draw, for alpha from 0 to 1, is below the importance-weighted bound",
    given=(below_one,),
    computes="renyi_bound",
    examples=(
        {**three, alpha: Rational(1, 2), s: Rational(1, 2)},
        {**pair, alpha: Rational(1, 4), s: Rational(3, 4)},
        {**equal, alpha: Rational(1, 2), s: Rational(1, 2)},
    ),
    words={0: "alpha is below 1: s is what it lacks"},
)
def renyi_bound_below_iwae() -> Thm:
    """The power 1 - alpha is below the power 1."""
    sum_is_one = rearrange(flip(given(below_one)), Integer(1), s + alpha)
    thm = discharge(substitute(_of_draw(), {power: 1, more: alpha}), sum_is_one)
    return chain(thm, rewrite(thm.prop.rhs, given(below_one)))


mean_log, above_one = Sum(logs[k], states) / K, same(alpha, 1 + s)


@theorem(
    at_least(mean_log, _root(1 - alpha)),
    "Rényi's bound of a draw, for alpha above 1, is below the mean log weight",
    given=(above_one,),
    examples=({**three, alpha: 2, s: 1}, {**pair, alpha: Rational(3, 2), s: Rational(1, 2)}, {**equal, alpha: 3, s: 2}),
    words={0: "alpha is above 1: s is the excess"},
)
def renyi_bound_below_elbo() -> Thm:
    """The logarithm of the mean of w^-s is above minus s times the mean log weight: a tangent at the mean."""
    mean, power = _powers(-s) / K, exp(-s * logs[n])
    line = log(mean) - 1 + power / mean
    summed = monotone(rearrange(log_tangent(power, mean), line, -s * logs[n]), draws)
    height = calc(
        summed.prop.lhs, linearity, at(constant, Sum(1, draws)), rename(Sum(power, draws), k), to(K * log(mean))
    )
    logs_mean = calc(summed.prop.rhs, linearity, rename(Sum(logs[n], draws), k), to(-s * K * mean_log))
    lower = rearrange(chain(flip(height), summed, logs_mean), mean_log, -log(mean) / s, times=1 / (s * K))
    return chain(lower, flip(rewrite(_root(1 - alpha), given(above_one))))
