r"""# Mixtures of Gaussians

A mixture $q(z) = \sum_a w_a\, q_a(z)$ is the law of $z$ when a component $a$ is drawn with the chance $w_a$ and then $z$ from it. Its density is a
sum, and its logarithm has no closed integral: neither its entropy nor its divergence from another mixture is a formula.

But both are bounded by formulas. Within one component $q_a$ two means are closed: $\mathbb E_a \log q_b$, a cross-entropy, and
$\mathbb E_a q_b$, the density of a difference at zero. And two inequalities of Jensen lead to them:

$$\log \sum_b v_b\, e^{\mathbb E_a \log p_b} \;\le\; \mathbb E_a \log \sum_b v_b\, p_b \;\le\; \log \sum_b v_b\, \mathbb E_a p_b .$$

The right one is the logarithm of a mean against a mean of logarithms. The left one is the same under the law $\varphi_b \propto v_b\, e^{\mathbb E_a \log
p_b}$ on the components, at every $z$. Take the left one for $q$ and the right one for $p$, average over $a$ with the weights $w_a$, and the
difference is **below** $D_{\mathrm{KL}}(q \,\|\, p)$; the other way round it is **above**.

Each has a price, also where $p = q$: for one component $\mathbb E_q \log q$ is replaced by $\log \mathbb E_q q$, which differ by $(1 - \log 2)/2$ for every dimension.
Nothing here needs the components to be Gaussian but the closed forms.

Headline: mixture_kl_lower.
Keywords: Gaussian mixture, KL between mixtures, mixture divergence bounds, Hershey and Olsen, variational approximation, product of
Gaussians approximation, log-sum-exp is convex, aggregate posterior.
"""

from derivations import *

i = Symbol("i", integer=True, positive=True)
point, means = IndexedBase("z", real=True), IndexedBase("mean", real=True)
weights, stds = IndexedBase("weights", positive=True), IndexedBase("std", positive=True)
each_i, components = Tuple(i, 1, d), Tuple(k, 1, K)
component = Product(Normal(point[i], means[k, i], stds[k, i] ** 2), each_i)
log_component = -Sum((point[i] - means[k, i]) ** 2 / stds[k, i] ** 2 / 2 + log(stds[k, i]) + log(2 * pi) / 2, each_i)
plane = {d: 2, K: 3, point: [Rational(1, 2), -1], weights: [Rational(1, 4), Rational(1, 2), Rational(1, 4)]}
plane |= {means: [[0, 1], [Rational(-1, 2), 2], [1, 1]], stds: [[1, 2], [Rational(1, 2), 1], [2, 2]]}


@theorem(
    same(log(E(component, weights[k], components)), log(Sum(weights[k] * exp(log_component), components))),
    "The log density of a mixture of diagonal Gaussians",
    computes="mixture_log_density",
    examples=(plane, {**plane, weights: [Rational(1, 2), Rational(1, 4), Rational(1, 4)], point: [3, 0]}),
    narrows={"": "diagonal covariances, and weights that add up to one"},
)
def mixture_log_density() -> Thm:
    """The density of a component is the exponential of a sum of logarithms."""
    minus = flip(move_in(-log_component, Integer(-1)))
    logs = calc(log(component), log_product(component), termwise(opened, to(minus.prop.lhs.args[0])), minus)
    weighted = weights[k] * component, weights[k] * exp(log_component)
    together = calc(log(weighted[0]), to(log(weights[k]) + log(component)), logs, to(log(weighted[1])))
    return calc(mixture_log_density.statement.lhs, opened, at(termwise(unlog(together)), Sum(weighted[0], components)))


PART, P, WEIGHT = density("q", "k,z"), density("p", "n,z"), density("v", "n")
AVERAGE, LOG_AVERAGE = density("c", "k,n"), Function("l(k,n)", real=True)
own, p_n, v_n = PART(k, u), P(n, u), WEIGHT(n)
c_n, l_n = AVERAGE(k, n), LOG_AVERAGE(k, n)
parts, each_n = Tuple(k, 1, K), Tuple(n, 1, N)
mixture = Sum(v_n * p_n, each_n)
masses = ForAll(normalised(own, whole), parts)


def _within(other: Expr, average: Expr, log_average: Expr, over: Tuple) -> tuple[Basic, Basic, Basic]:
    """Within every component, the mean of other components' densities, and that of their logarithms, which is finite."""
    said = (
        same(E(other, own, whole), average),
        same(E(log(other), own, whole), log_average),
        Converges(E(log(other), own, whole)),
    )
    return tuple(ForAll(ForAll(h, over), parts) for h in said)


averages, log_averages, finite_logs = _within(p_n, c_n, l_n, each_n)
above, below = log(Sum(v_n * c_n, each_n)), log(Sum(v_n * exp(l_n), each_n))


def _settled(thm: Thm) -> Thm:
    """Without what the values of the masses and of the averages imply."""
    known = each(converges(masses)), each(converges(averages)), each(assume(finite_logs))
    return discharge(thm, *(fact for fact in known if fact.prop in thm.hyps))


def _line(height: Expr, slope: Expr, terms: Expr, value: Thm, finite_terms: Thm) -> tuple[Thm, Thm]:
    """The mean, within a component, of height + slope times a sum over n whose terms have means; and that it is finite."""
    inner = move_in(terms, own)
    sum_finite = discharge(finite_sum(total(inner.prop.rhs, whole)), each(finite_terms))
    sum_finite = carry(sum_finite, Converges(total(own * terms, whole)), inner)
    one_by_one = calc(total(own * terms, whole), termwise(inner), swap, termwise(value))
    line = total(height * own + slope * (own * terms), whole)
    mean = calc(line, linearity, given(masses), one_by_one)
    finite_line = combined(line, height * total(own, whole) + slope * total(own * terms, whole))
    known = sum_finite, each(converges(masses)), each(finite_terms)
    return tuple(discharge(thm, *(fact for fact in known if fact.prop in thm.hyps)) for thm in (mean, finite_line))


def _term(f: Expr, mean: ForAll, factor: Expr) -> Thm:
    """The mean within a component of what belongs to one n, times a factor."""
    return calc(total(factor * f * own, whole), linearity, folded(factor * E(f, own, whole)), given(mean))


def _upper() -> Thm:
    """Within a component, the mean logarithm of a mixture is at most the logarithm of its mean: the tangent there."""
    level = Sum(v_n * c_n, each_n)
    value = _term(p_n, averages, v_n)
    mean, finite_line = _line(log(level) - 1, 1 / level, mixture, value, converges(averages))
    here = rearrange(log_tangent(mixture, level), mean.prop.lhs.args[0], own * log(mixture), times=own)
    return chain(flip(ending(mean, log(level))), discharge(monotone(here, whole), finite_line))


def _lower() -> Thm:
    """It is at least that of the mean of the components' exponentiated mean logarithms: tangents for each component."""
    size = v_n * exp(l_n)
    level, other = (e.xreplace({n: m}) for e in (Sum(size, each_n), mixture))
    logs, means = Sum(size * log(p_n), each_n), Sum(size * l_n, each_n)
    tangent_line = size * (log(other) - log(level) - 1) + v_n * p_n * level / other
    under = log_tangent(p_n * exp(-l_n), other / level)
    summed = monotone(rearrange(under, tangent_line, size * log(p_n) - size * l_n, times=size), each_n)
    left = calc(
        summed.prop.lhs, linearity, rename(Sum(size, each_n), m), rename(mixture, m), to(level * log(other / level))
    )
    pointwise = chain(flip(left), summed, linearity(summed.prop.rhs))
    value = _term(log(p_n), log_averages, size)
    mean, finite_line = _line(log(level) - means / level, 1 / level, logs, value, assume(finite_logs))
    here = rearrange(pointwise, own * log(other), mean.prop.lhs.args[0], times=own / level)
    finite_log = carry(
        assume(Converges(total(own * log(mixture), whole))), Converges(total(own * log(other), whole)), rename(other, n)
    )
    averaged = chain(discharge(monotone(here, whole), finite_line, finite_log), ending(mean, log(level)))
    lower = averaged.prop.rhs
    return chain(
        rewrite(total(own * log(mixture), whole), rename(mixture, m)), averaged, rewrite(lower, rename(level, n))
    )


# --- the divergence between two mixtures ---

W, LAW, MODEL = density("w", "k"), density("q", "z"), density("p", "z")
OWN_AVERAGE, OWN_LOG = density("c_q", "k,n"), Function("l_q(k,n)", real=True)
q, p, w_k = LAW(u), MODEL(u), W(k)
is_q = ForAll(same(q, Sum(w_k * own, parts)), u)
is_p = ForAll(same(p, mixture), u)
gap = KL(q, p, whole)
logs_of = tuple(ForAll(Converges(E(log(f), own, whole)), parts) for f in (q, p))
among = Tuple(n, 1, K)


def _of_q(thm: Thm) -> Thm:
    """The same for the components of q among themselves."""
    functions = {P: Lambda((n, z), PART(n, z)), WEIGHT: Lambda(n, W(n))}
    functions |= {AVERAGE: Lambda((k, n), OWN_AVERAGE(k, n)), LOG_AVERAGE: Lambda((k, n), OWN_LOG(k, n))}
    return instantiate(substitute(thm, {N: K}), functions)


def _means() -> Thm:
    """The divergence is an average over the components of q: the mean of log q less that of log p."""
    ratio, mine = log(q / p), Sum(w_k * own, parts)
    thm = calc(
        gap,
        opened,
        termwise(lambda e: rearrange(given(is_q), e, mine * ratio, times=ratio), move_in(mine, ratio)),
        swap,
        termwise(inside(w_k * (own * log(q)) - w_k * (own * log(p))), linearity),
    )
    one = combined(total(own * log(p) - own * log(q), whole), total(own * log(p), whole) - total(own * log(q), whole))
    return discharge(thm, for_all(discharge(one, *map(given, logs_of)), parts))


def _named(law: Expr, definition: Thm) -> tuple[Thm, Thm]:
    """The mean logarithm of a sum is that of the law that it is; and it is finite."""
    sums, is_law = definition.prop.rhs, flip(definition)
    of_sum = total(own * log(sums), whole)
    return rewrite(of_sum, is_law), carry(given(logs_of[law == p]), Converges(of_sum), is_law)


def _bounds() -> tuple[Thm, Thm, Thm, Thm]:
    """Within a component, the mean logarithm of q from above and from below, and that of p."""
    found = []
    for law, definition, of in (
        (q, chain(given(is_q), rename(Sum(w_k * own, parts), n)), _of_q),
        (p, given(is_p), None),
    ):
        named, finite = _named(law, definition)
        higher, lower = (discharge(of(b) if of else b, finite) for b in (_upper(), _lower()))
        found += [chain(higher, named), chain(flip(named), lower)]
    return tuple(found)


def _difference(mine: Thm, other: Thm) -> Thm:
    """From a >= b and c >= d, the same weight for both: w a - w d >= w b - w c, for every component, added up."""
    (a, b), (c, d) = mine.prop.args, other.prop.args
    first = rearrange(mine, w_k * a - w_k * d, w_k * b - w_k * d, times=w_k)
    return monotone(chain(first, rearrange(other, w_k * b - w_k * d, w_k * b - w_k * c, times=w_k)), parts)


own_above, own_below = log(Sum(W(n) * OWN_AVERAGE(k, n), among)), log(Sum(W(n) * exp(OWN_LOG(k, n)), among))
given_of_both = (masses, is_q, is_p, *logs_of)
own_averages, own_log_averages, own_finite_logs = _within(PART(n, u), OWN_AVERAGE(k, n), OWN_LOG(k, n), among)

j, two, third = Symbol("j", integer=True, positive=True), Rational(2, 3), Rational(1, 3)
height = -log(2 * pi) / 2 - Rational(1, 2)
bells = {K: 2, N: 2, W: Lambda(k, k / 3), WEIGHT: Lambda(n, Rational(1, 2))}
bells |= {PART: Lambda((k, z), gauss(z, k, 1)), P: Lambda((n, z), gauss(z, 2 * n, 1))}
bells |= {
    LAW: Lambda(z, sum(k * gauss(z, k, 1) / 3 for k in (1, 2))),
    MODEL: Lambda(z, sum(gauss(z, 2 * n, 1) / 2 for n in (1, 2))),
}
bells |= {AVERAGE: Lambda((k, n), gauss(k, 2 * n, 2)), LOG_AVERAGE: Lambda((k, n), height - (k - 2 * n) ** 2 / 2)}
bells |= {OWN_AVERAGE: Lambda((k, n), gauss(k, n, 2)), OWN_LOG: Lambda((k, n), height - (k - n) ** 2 / 2)}
tables = {d: 2, K: 1, N: 1, W: Lambda(k, 1), WEIGHT: Lambda(n, 1)}
tables |= {
    PART: Lambda((k, j), j / 3),
    P: Lambda((n, j), (3 - j) / 3),
    LAW: Lambda(j, j / 3),
    MODEL: Lambda(j, (3 - j) / 3),
}
tables |= {AVERAGE: Lambda((k, n), Rational(4, 9)), LOG_AVERAGE: Lambda((k, n), log(two) / 3 + two * log(third))}
tables |= {OWN_AVERAGE: Lambda((k, n), Rational(5, 9)), OWN_LOG: Lambda((k, n), log(third) / 3 + two * log(two))}
flat = {d: 3, K: 2, N: 2, W: Lambda(k, k / 3), WEIGHT: Lambda(n, Rational(1, 2))}  # where nothing is lost
flat |= {PART: Lambda((k, j), third), P: Lambda((n, j), third), LAW: Lambda(j, third), MODEL: Lambda(j, third)}
flat |= {f: Lambda((k, n), third) for f in (AVERAGE, OWN_AVERAGE)}
flat |= {f: Lambda((k, n), log(third)) for f in (LOG_AVERAGE, OWN_LOG)}
forms = {"continuous": Form(line, (bells,)), "discrete": Form(Tuple(j, 1, d), (tables, flat))}


@theorem(
    at_least(gap, Sum(w_k * own_below - w_k * above, parts)),
    "The divergence between two mixtures, from below, by means within their components",
    given=(*given_of_both, own_log_averages, own_finite_logs, averages),
    forms=forms,
)
def mixture_kl_lower() -> Thm:
    """The mean of log q is bounded from below, that of log p from above."""
    _, q_below, p_above, _ = _bounds()
    return chain(_means(), _difference(q_below, p_above))


@theorem(
    at_least(Sum(w_k * own_above - w_k * below, parts), gap),
    "The divergence between two mixtures, from above",
    given=(*given_of_both, own_averages, log_averages, finite_logs),
    forms=forms,
)
def mixture_kl_upper() -> Thm:
    """The other way round."""
    q_above, _, _, p_below = _bounds()
    return chain(_difference(q_above, p_below), flip(_means()))
