r"""# KL is cross-entropy minus entropy

Code draws from $q$ with the ideal code lengths of $p$ and you spend $H[q, p] = -\mathbb{E}_q[\log p]$ nats a symbol. The
best possible code spends $H[q] = -\mathbb{E}_q[\log q]$. The waste is the Kullback-Leibler divergence.

The identity splits one expectation in two, so it needs both halves. When $H[q]$ is infinite the difference reads
$\infty - \infty$, although the divergence itself may be zero: the counterexample below is a law whose divergence from
itself is $0$ and whose entropy is infinite. For densities $H$ is the differential entropy, which may be negative and
changes with the unit of $z$; the divergence does not.

Keywords: cross-entropy, entropy, cross entropy minus entropy, maximum likelihood as KL, infinite entropy.
"""

from derivations import *
from derivations.divergence.kl_definition import Q, bells, p, q, table


@theorem(
    same(KL(q, p, whole), CrossEntropy(q, p, whole) - Entropy(q, whole)),
    "KL = cross-entropy - entropy",
    given=(Converges(Entropy(q, whole)), Converges(CrossEntropy(q, p, whole))),
    claims=("000-29",),
    amends=("000-32", "000-45"),
    forms=on_both(bells, table),
)
def kl_entropy() -> Thm:
    """Split the logarithm of the ratio; each half is one of the two entropies."""
    return calc(
        KL(q, p, whole),
        ("the definition", unfold(KL(q, p, whole))),
        ("the logarithm of a ratio", inside(q * log(q) - q * log(p))),
        ("both halves converge", linearity),
        ("the definitions of both entropies", folded(CrossEntropy(q, p, whole) - Entropy(q, whole))),
    )


i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
blocks, letters = Tuple(i, 1, oo), Tuple(j, 1, 2 ** (2**i))
heavy = 2 ** (-i) / 2 ** (2**i)


@theorem(same(total(heavy, letters, blocks), 1), "A law on blocks of letters")
def heavy_mass() -> Thm:
    """Block i = 1, 2, ... spreads mass 2^-i evenly over 2^(2^i) letters."""
    block = chain(evenly := constant(total(heavy, letters)), algebra(evenly.prop.rhs, 2 ** (-i)))
    return chain(spread := monotone(block, blocks), telescope(spread.prop.rhs, 2 * 2 ** (-i)))


@counterexample(
    Converges(Entropy(Q(k), (k, 1, oo))),
    same(total(-heavy * log(heavy), letters, blocks), oo),
    "Every law has a finite entropy",
    at={Q: heavy},
    instead="kl_entropy",
)
def entropy_is_finite() -> Thm:
    r"""Block $i$ adds $(2^i + i)\, 2^{-i} \log 2 \ge \log 2$ nats, and there is no last block: the sum passes every bound."""
    nats = log(2) + i * 2 ** (-i) * log(2)
    block = chain(evenly := constant(total(-heavy * log(heavy), letters)), algebra(evenly.prop.rhs, nats))
    at_least_one_bit = rearrange(sign(i * 2 ** (-i) * log(2)), nats, log(2))
    return chain(monotone(block, blocks), diverges(at_least_one_bit, blocks))
