r"""# Code lengths: what a wrong model costs

A prefix code gives symbol $k$ a word of $b_k$ bits, and its words fit on a binary tree exactly when
$\sum_k 2^{-b_k} \le 1$ (Kraft). Two facts follow from $\log t \le t - 1$.

No code beats the entropy: data from $q$ cost at least $H[q]/\log 2$ bits a symbol on average. And rounding
$-\log_2 p$ up to whole bits always gives lengths that fit, so there is a code made for $p$. If the data come from $q$,
it costs $H[q] + D_{\mathrm{KL}}(q \,\|\, p)$, in bits, up to one bit for the rounding. The divergence is the part that
a better model would save.

Whole bits are why "the divergence **is** the excess length of the optimal code for $p$ over the optimal code for $q$"
is wrong. Every code for two symbols has words of at least one bit, so for every pair of coins the optimal code has
lengths $(1, 1)$, and the excess is $0$. The statement holds for ideal lengths $-\log_2 p$, which need not be whole.
Code blocks of $n$ symbols at once and the rounding costs $1/n$ bit a symbol: the ideal lengths are the limit.

A real number has no code of finite length. To code it at some precision takes about $-\log_2$ of its density, which may be
less than zero, and the bits of the precision besides. In the excess of one code over another these cancel, so the last of
the identities holds for densities as well; in the mean length of either code they stay.

Keywords: coding theory, Kraft inequality, cross-entropy, bits, source coding, redundancy, Shannon code, excess code
length.
"""

from derivations import *
from derivations.divergence.gibbs import gibbs
from derivations.divergence.kl_entropy import kl_entropy

Q, P, B = density("q", "z"), density("p", "z"), density("b", "z")
q, p, bits = Q(u), P(u), B(u)
entropy, cross_entropy, divergence = Entropy(q, whole), CrossEntropy(q, p, whole), KL(q, p, whole)

masses = (normalised(q, whole), normalised(p, whole))
tree = total(2**-bits, whole)
fits = at_least(1, tree)
mean_length = E(bits, q, whole)
enough = ForAll(at_least(bits, -log(p) / log(2)), u)
frugal = ForAll(at_least(1 - log(p) / log(2), bits), u)
entropies = (Converges(entropy), Converges(cross_entropy))

table = {K: 4, Q: Lambda(k, k / 10), P: Lambda(k, 2 ** (4 - k) / 15), B: Lambda(k, k)}
even = {K: 4, Q: Lambda(k, k / 10), P: Lambda(k, Rational(1, 4)), B: Lambda(k, 2)}
matched = {**even, Q: even[P]}
long = {**even, B: Lambda(k, 3)}
symbols_only = "the discrete case"


@theorem(
    at_least(mean_length, entropy / log(2)),
    "Lengths that fit on a tree are no shorter on average than the entropy",
    given=(masses[0], fits, Converges(tree), Converges(mean_length), entropies[0]),
    claims=("000-99",),
    forms={"discrete": Form(states, (table, matched))},
    words={1: "the words of a code fit on a binary tree (Kraft)"},
    half=symbols_only,
)
def code_length_bound() -> Thm:
    """q log(q / 2^-b) is at least q - 2^-b, and the difference of the sums is not negative by Kraft's inequality."""
    above_zero = q * log(q) + bits * q * log(2) - q + 2**-bits
    pointwise = rearrange(log_tangent(2**-bits / q), above_zero, Integer(0), times=q)
    excess = folded(mean_length * log(2) - entropy - 1 + tree)
    averaged = calc(total(above_zero, whole), linearity, ("q is a distribution", given(masses[0])), excess)
    never_negative = chain(flip(settled_by(averaged, masses[0])), monotone(pointwise, whole))
    gain = rearrange(never_negative, mean_length * log(2), entropy + 1 - tree)
    room = rearrange(given(fits), entropy + 1 - tree, entropy)
    return rearrange(chain(gain, room), mean_length, entropy / log(2), times=1 / log(2))


@theorem(
    fits,
    "Lengths of at least the ideal ones fit on a tree",
    given=(masses[1], enough, Converges(tree)),
    forms={"discrete": Form(states, (table, even))},
)
def kraft_of_ideal_lengths() -> Thm:
    """2^b p >= 1 + log(2^b p) >= 1: each word takes at most its probability from the tree."""
    above = log_tangent(2**bits * p)
    share = rearrange(above, p, 2**-bits * (1 + log(p) + bits * log(2)), times=2**-bits)
    room = rearrange(given(enough), share.prop.rhs, 2**-bits, times=2**-bits * log(2))
    summed = monotone(chain(share, room), whole)
    return settled_by(chain(flip(given(masses[1])), summed), masses[1])


ideal = entropy + divergence


def _divergence_converges() -> Thm:
    """The divergence is finite when both entropies are."""
    return combined(divergence, cross_entropy - entropy)


def _average_bits() -> Thm:
    """The mean length, in nats."""
    return calc(total(log(2) * bits * q, whole), linearity, folded(mean_length * log(2)))


@theorem(
    at_least(mean_length, ideal / log(2)),
    "A code made for p costs at least the entropy plus the divergence",
    given=(enough, Converges(mean_length), *entropies),
    forms={"discrete": Form(states, (table, even))},
)
def code_length_below() -> Thm:
    """Average -log p <= b log 2 under q."""
    pointwise = rearrange(given(enough), log(2) * bits * q, -q * log(p), times=log(2) * q)
    crossed = calc(total(-q * log(p), whole), linearity, folded(cross_entropy))
    by_parts = calc(ideal, kl_entropy.thm, to(cross_entropy))
    nats = chain(flip(_average_bits()), monotone(pointwise, whole), crossed, flip(by_parts))
    return discharge(rearrange(nats, mean_length, ideal / log(2), times=1 / log(2)), _divergence_converges())


@theorem(
    at_least(ideal / log(2) + 1, mean_length),
    "Rounding the ideal lengths up costs at most one bit",
    given=(masses[0], frugal, Converges(mean_length), *entropies),
    forms={"discrete": Form(states, (table, long))},
)
def code_length_above() -> Thm:
    """Average b log 2 <= log 2 - log p under q."""
    pointwise = rearrange(given(frugal), log(2) * q - q * log(p), log(2) * bits * q, times=log(2) * q)
    rounded = total(log(2) * q - q * log(p), whole)
    crossed = calc(rounded, linearity, ("q is a distribution", given(masses[0])), folded(cross_entropy + log(2)))
    crossed = settled_by(crossed, masses[0])
    summed = discharge(monotone(pointwise, whole), combined(rounded, log(2) * total(q, whole) + cross_entropy))
    start = calc(ideal + log(2), kl_entropy.thm, to(cross_entropy + log(2)))
    nats = settled_by(chain(start, flip(crossed), summed, _average_bits()), masses[0])
    return discharge(rearrange(nats, ideal / log(2) + 1, mean_length, times=1 / log(2)), _divergence_converges())


B_Q, B_P = Function("b_q(z)", real=True), Function("b_p(z)", real=True)
exact_q = ForAll(same(B_Q(u), -log(q) / log(2)), u)
exact_p = ForAll(same(B_P(u), -log(p) / log(2)), u)
thirds, quarters = k / 3, (2 * k - 1) / 4
halves = {K: 2, Q: Lambda(k, thirds), P: Lambda(k, quarters)}
halves |= {B_Q: Lambda(k, -log(thirds) / log(2)), B_P: Lambda(k, -log(quarters) / log(2))}
narrow, wide = gauss(z, 0, Rational(1, 50)), gauss(z, 1, 2)  # the first is above one near its mean: a length below zero
bells = {Q: Lambda(z, narrow), P: Lambda(z, wide)}
bells |= {B_Q: Lambda(z, -log(narrow) / log(2)), B_P: Lambda(z, -log(wide) / log(2))}


unrounded = "code lengths are minus the binary logarithm of the probabilities, in bits and not rounded"


@theorem(
    same(E(B_Q(u), q, whole), entropy / log(2)),
    "The ideal code for q has the entropy as its mean length, in bits",
    given=(exact_q,),
    claims=("000-99",),
    forms={"discrete": Form(states, (halves,))},
    narrows={"": unrounded},
    half=symbols_only,
)
def ideal_length_is_the_entropy() -> Thm:
    """The definition of the entropy."""
    return calc(
        E(B_Q(u), q, whole), opened, given(exact_q), inside(-q * log(q) / log(2)), linearity, folded(entropy / log(2))
    )


@theorem(
    same(E(B_P(u), q, whole), cross_entropy / log(2)),
    "On data from q the ideal code for p has the cross-entropy as its mean length, in bits",
    given=(exact_p,),
    claims=("000-99",),
    forms={"discrete": Form(states, (halves,))},
    narrows={"": unrounded},
    half=symbols_only,
)
def ideal_length_is_the_cross_entropy() -> Thm:
    """The definition of the cross-entropy."""
    crossed = inside(-q * log(p) / log(2))
    return calc(E(B_P(u), q, whole), opened, given(exact_p), crossed, linearity, folded(cross_entropy / log(2)))


@theorem(
    same(E(B_P(u) - B_Q(u), q, whole), divergence / log(2)),
    "With ideal lengths the divergence is the excess, in bits",
    given=(exact_q, exact_p),
    claims=("000-33", "000-49"),
    forms=on_both(bells, halves),
    narrows={
        "": f"{unrounded}; those of densities are for one precision, the same in both codes",
        "000-49": "in nats without the factor log 2",
    },
)
def ideal_code_redundancy() -> Thm:
    """The difference of the two lengths is the log ratio."""
    return calc(
        E(B_P(u) - B_Q(u), q, whole),
        opened,
        given(exact_p),
        given(exact_q),
        inside(q * log(q / p) / log(2)),
        linearity,
        folded(divergence / log(2)),
    )


@theorem(
    at_least(cross_entropy, entropy),
    "The cross-entropy is at least the entropy",
    given=(*masses, *entropies),
    forms={"discrete": Form(states, (table, matched))},
)
def cross_entropy_bound() -> Thm:
    """The difference is a divergence."""
    never_negative = discharge(gibbs.thm, _divergence_converges())
    return rearrange(chain(flip(kl_entropy.thm), never_negative), cross_entropy, entropy)


i = Symbol("i", integer=True)
coin = Tuple(i, 0, 1)
ONE, TWO, LENGTH, OTHER = density("q", "i"), density("p", "i"), density("b_q", "i"), density("b_p", "i")
biased, fair = Bernoulli(i, Rational(1, 9)), Bernoulli(i, 1)
entropy_of_coin = log(10) - Rational(9, 10) * log(9)


@counterexample(
    same(E(LENGTH(i), ONE(i), coin), Entropy(ONE(i), coin) / log(2)),
    differs(E(1, biased, coin), Entropy(biased, coin) / log(2)),
    "The optimal code has the entropy as its mean length",
    at={ONE: Lambda(i, biased), LENGTH: Lambda(i, 1)},
    instead="code_length_bound",
    given=(same(total(ONE(i), coin), 1), at_least(1, total(2 ** (-LENGTH(i)), coin)), ForAll(same(LENGTH(i), 1), coin)),
    holds_at={ONE: Lambda(i, fair), LENGTH: Lambda(i, 1)},
)
def optimal_code_has_length_entropy() -> Thm:
    """The coin (9/10, 1/10): two words of one bit are the best there is, and its entropy is less than half a bit."""
    length = calc(E(1, biased, coin), opened, write_out, opened, to(1))
    letters = at(write_out, total(biased * log(biased), coin))
    return apart(length, calc(Entropy(biased, coin) / log(2), opened, letters, opened, to(entropy_of_coin / log(2))))
