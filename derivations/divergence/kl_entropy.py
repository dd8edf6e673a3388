r"""# KL is cross-entropy minus entropy

Code draws from $q$ with the ideal code lengths of $p$ and you spend $H[q, p] = -\mathbb{E}_q[\log p]$ nats a symbol.
The best possible code spends $H[q] = -\mathbb{E}_q[\log q]$. The waste is the Kullback-Leibler divergence.

The identity splits one expectation in two, so it needs both halves. When $H[q]$ is infinite the difference reads
$\infty - \infty$, although the divergence itself may be zero: the counterexample below is a distribution whose
divergence from itself is $0$ and whose entropy is infinite. For densities $H$ is the differential entropy, which may be
negative and changes with the unit of $z$; the divergence does not.

Keywords: cross-entropy, entropy, cross entropy minus entropy, maximum likelihood as KL, infinite entropy.
"""

from derivations import *
from derivations.divergence.kl_definition import bells, p, q, table


@theorem(
    same(KL(q, p, whole), CrossEntropy(q, p, whole) - Entropy(q, whole)),
    "KL = cross-entropy - entropy",
    given=(Converges(Entropy(q, whole)), Converges(CrossEntropy(q, p, whole))),
    claims=("000-32", "000-45"),
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


@theorem(same(total(heavy, letters, blocks), 1), "A distribution on blocks of letters")
def heavy_mass() -> Thm:
    """Block i = 1, 2, ... spreads mass 2^-i evenly over 2^(2^i) letters."""
    block = chain(evenly := constant(total(heavy, letters)), algebra(evenly.prop.rhs, 2 ** (-i)))
    return chain(spread := monotone(block, blocks), telescope(spread.prop.rhs, 2 * 2 ** (-i)))


first_blocks = Tuple(i, 1, N)


@theorem(
    same(total(-heavy * log(heavy), letters, first_blocks), N * log(2) + log(2) * total(i * 2 ** (-i), first_blocks)),
    "The entropy of its first N blocks: at least N bits",
    examples=({N: 1}, {N: 2}, {N: 3}),
)
def heavy_entropy() -> Thm:
    r"""Block $i$ adds $(2^i + i)\, 2^{-i} \log 2$ nats. There is no last block: the entropy of the distribution is
    infinite."""
    nats = log(2) + i * 2 ** (-i) * log(2)
    block = chain(evenly := constant(total(-heavy * log(heavy), letters)), algebra(evenly.prop.rhs, nats))
    summed = monotone(block, first_blocks)
    return calc(
        summed.prop.lhs,
        summed,
        linearity,
        at(constant, total(Integer(1), first_blocks)),
        to(heavy_entropy.statement.rhs),
    )


entropy_and_cross_entropy = Definition(
    "entropy_and_cross_entropy",
    "kl_entropy",
    "Minus the mean of log q, and of log p, under q.",
    ("000-29", "000-30"),
    nearest="kl_entropy",
)
