r"""# The Jensen-Shannon divergence: symmetric and bounded

Compare $q$ and $p$ not with each other but each with their even mixture $m = (q + p)/2$, and average:

$$\mathrm{JS}(q, p) = \tfrac12 D_{\mathrm{KL}}(q \,\|\, m) + \tfrac12 D_{\mathrm{KL}}(p \,\|\, m) .$$

It does not matter which distribution comes first, and the mixture has mass wherever one of the two has, so nothing can
become infinite. Neither distribution is more than twice the mixture: each log ratio is at most $\log 2$, and so is the
average. It comes near $\log 2$ when the distributions hardly overlap.

Multiply out the logarithms and it is an entropy: that of the mixture, less the average of the two. It is the mutual
information between a draw and the fair coin that decided which distribution to draw from, and a coin holds no more than
$\log 2$.

Keywords: JS divergence, Jensen-Shannon distance, symmetric divergence, GAN.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, bells, masses, p, q, table

i = Symbol("i", integer=True, positive=True)
cells = Tuple(i, 1, K)
table_q, table_p = IndexedBase("q", positive=True), IndexedBase("p", positive=True)
q_i, p_i = table_q[i], table_p[i]
m_i = (q_i + p_i) / 2
eighths = Rational(1, 8)
three_cells = {table_q: [4 * eighths, eighths, 3 * eighths], table_p: [eighths, 2 * eighths, 5 * eighths], K: 3}


@theorem(
    same(
        KL(q_i, m_i, cells) / 2 + KL(p_i, m_i, cells) / 2,
        Entropy(m_i, cells) - Entropy(q_i, cells) / 2 - Entropy(p_i, cells) / 2,
    ),
    "The Jensen-Shannon divergence of two tables",
    computes="jensen_shannon",
    examples=(three_cells,),
)
def jensen_shannon() -> Thm:
    """The two logarithms of the mixture add up to twice its own entropy."""

    def split(law: Expr) -> Thm:
        return calc(KL(law, m_i, cells), opened, inside(law * log(law) - law * log(m_i)), linearity)

    left, right = jensen_shannon.statement.args
    four = calc(left, split(q_i), split(p_i))
    return chain(four, flip(calc(right, opened, at(linearity, total(m_i * log(m_i), cells)), to(four.prop.rhs))))


m = (q + p) / 2
divergences = KL(q, m, whole), KL(p, m, whole)
average = divergences[0] / 2 + divergences[1] / 2
tiny = Rational(1, 10**12)
apart = {K: 2, Q: Lambda(k, tiny + (k - 1) * (1 - 2 * tiny)), P: Lambda(k, tiny + (2 - k) * (1 - 2 * tiny))}


@theorem(
    at_least(log(2), average),
    "The Jensen-Shannon divergence is at most log 2",
    given=(*masses, *map(Converges, divergences)),
    forms=on_both(bells, (table, apart)),
)
def jensen_shannon_bound() -> Thm:
    """log(q/m) = log 2 - log(1 + p/q) is at most log 2."""

    def bounded(one: Expr, two: Expr, mass: Basic) -> Thm:
        pointwise = rearrange(sign(log(1 + two / one)), log(2) * one, one * log(one / m), times=one)
        twice = calc(total(log(2) * one, whole), linearity, ("a distribution", given(mass)))
        below = chain(flip(twice), monotone(pointwise, whole), flip(unfold(KL(one, m, whole))))
        return settled_by(below, mass)

    halfway = divergences[0] / 2 + log(2) / 2
    first = rearrange(bounded(q, p, masses[0]), log(2), halfway, times=Rational(1, 2))
    return chain(first, rearrange(bounded(p, q, masses[1]), halfway, average, times=Rational(1, 2)))
