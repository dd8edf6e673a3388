r"""# The Jensen-Shannon divergence: symmetric and bounded

Compare $q$ and $p$ not with each other but each with their even mixture $m = (q + p)/2$, and average:

$$\mathrm{JS}(q, p) = \tfrac12 D_{\mathrm{KL}}(q \,\|\, m) + \tfrac12 D_{\mathrm{KL}}(p \,\|\, m) .$$

It does not matter which law comes first, and the mixture has mass wherever one of the two has, so nothing can become
infinite. Neither law is more than twice the mixture: each log ratio is at most $\log 2$, and so is the average. It comes
near $\log 2$ when the laws hardly overlap.

Multiply out the logarithms and it is an entropy: that of the mixture, less the average of the two. It is the mutual
information between a draw and the fair coin that decided which law to draw from, and a coin holds no more than $\log 2$.
"""

from derivations import *

i = Symbol("i", integer=True, positive=True)
cells = Tuple(i, 1, K)
table_q, table_p = IndexedBase("q", positive=True), IndexedBase("p", positive=True)
q_i, p_i = table_q[i], table_p[i]
m_i = (q_i + p_i) / 2


@theorem(
    same(
        KL(q_i, m_i, cells) / 2 + KL(p_i, m_i, cells) / 2,
        Entropy(m_i, cells) - Entropy(q_i, cells) / 2 - Entropy(p_i, cells) / 2,
    ),
    "The Jensen-Shannon divergence of two tables",
    computes="jensen_shannon",
    examples=(
        {
            table_q: [Rational(1, 2), Rational(1, 8), Rational(3, 8)],
            table_p: [Rational(1, 8), Rational(1, 4), Rational(5, 8)],
            K: Integer(3),
        },
    ),
)
def jensen_shannon() -> Thm:
    """The two logarithms of the mixture add up to twice its own entropy."""

    def split(law: Expr) -> Thm:
        return calc(KL(law, m_i, cells), opened, inside(law * log(law) - law * log(m_i)), linearity)

    left, right = jensen_shannon.statement.args
    four = calc(left, split(q_i), split(p_i))
    return chain(four, flip(calc(right, opened, at(linearity, total(m_i * log(m_i), cells)), to(four.prop.rhs))))


Q, P = density("q", "z"), density("p", "z")
q, p = Q(u), P(u)
m = (q + p) / 2
divergences = KL(q, m, whole), KL(p, m, whole)
bells = {Q: Lambda(z, exp(-((z - 1) ** 2) / 2) / sqrt(2 * pi)), P: Lambda(z, exp(-(z**2) / 8) / sqrt(8 * pi))}
table = {K: Integer(4), Q: Lambda(k, k / 10), P: Lambda(k, (5 - k) / Integer(10))}
tiny = Rational(1, 10**12)
apart = {K: Integer(2), Q: Lambda(k, tiny + (k - 1) * (1 - 2 * tiny)), P: Lambda(k, tiny + (2 - k) * (1 - 2 * tiny))}


@theorem(
    at_least(log(2), divergences[0] / 2 + divergences[1] / 2),
    "The Jensen-Shannon divergence is at most log 2",
    given=(normalised(q, whole), normalised(p, whole), *map(Converges, divergences)),
    forms={"continuous": Form(line, (bells,)), "discrete": Form(states, (table, apart))},
)
def jensen_shannon_bound() -> Thm:
    """log(q/m) = log 2 - log(1 + p/q) is at most log 2."""

    def bounded(one: Expr, two: Expr) -> Thm:
        pointwise = rearrange(sign(log(1 + two / one)), log(2) * one, one * log(one / m), times=one)
        twice = calc(total(log(2) * one, whole), linearity, ("a law", given(normalised(one, whole))))
        below = chain(flip(twice), monotone(pointwise, whole), flip(unfold(KL(one, m, whole))))
        return discharge(below, integrable(given(normalised(one, whole))))

    first, second = bounded(q, p), bounded(p, q)
    halfway = rearrange(first, log(2), divergences[0] / 2 + log(2) / 2, times=Rational(1, 2))
    return chain(
        halfway, rearrange(second, halfway.prop.rhs, divergences[0] / 2 + divergences[1] / 2, times=Rational(1, 2))
    )
