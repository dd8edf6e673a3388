r"""# What a divergence is not: a distance

It is tempting to read $D_{\mathrm{KL}}(q \,\|\, p)$ as a distance between two distributions. It is none.

- It is **not symmetric**: for two Gaussians with one mean and different variances the directions differ. It is
  symmetric for *some* pairs of different distributions, such as Gaussians of equal variance or two coins that are each
  other's mirror image, so "different unless $P = Q$" is wrong too.
- It **fails the triangle inequality**: for Gaussians of one variance it is a squared distance, so a stop halfway makes
  the way shorter.
- It **does not order distributions by how far apart they are** in total variation $\tfrac12\int |q - p|$: a
  distribution that is nearer to $p$ can have the larger divergence.

What does hold: a large total variation forces a large divergence (Pinsker's inequality), and along the straight line of
mixtures from $p$ to $q$ the divergence from $p$ never falls. The asymmetry has a meaning, too. The average runs over
$q$, so a place where $q$ has mass and $p$ has almost none costs without limit; the last theorem says how much, for two
coins.

Headline: kl_fails_triangle.
Keywords: KL is not symmetric, is KL a metric, KL is not a distance, triangle inequality, Pinsker inequality, total
variation, asymmetric.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, finite, gibbs, masses, p, q
from derivations.divergence.gibbs import bells as gibbs_bells
from derivations.divergence.gibbs import table as gibbs_table
from derivations.gaussians.gaussian_kl import gaussian_kl, mean_p, mean_q, std_p, std_q
from derivations.gaussians.gaussian_moments import mean

t, a, T = Symbol("t", positive=True), Symbol("a", positive=True), Symbol("T", positive=True)

one, two = Normal(z, mean_q, std_q**2), Normal(z, mean_p, std_p**2)
there_and_back = KL(one, two, line) - KL(two, one, line)
by_spread = 2 * log(std_p / std_q) + (std_q**2 / std_p**2 - std_p**2 / std_q**2) / 2
by_means = (mean_q - mean_p) ** 2 * (1 / std_p**2 - 1 / std_q**2) / 2


@theorem(same(there_and_back, by_spread + by_means), "How unsymmetric the divergence is between two Gaussians")
def kl_asymmetry() -> Thm:
    """Subtract the closed forms of both directions: nothing is left when the variances agree, and only then in
    general."""
    exchange = substitute(gaussian_kl.thm, {mean_q: mean_p, mean_p: mean_q, std_q: std_p, std_p: std_q})
    return settled(calc(there_and_back, gaussian_kl.thm, exchange, to(by_spread + by_means)))


step, std = Symbol("h", positive=True), Symbol("std", positive=True)
narrow, wide = Normal(z, mean, std**2), Normal(z, mean, (2 * std) ** 2)
more = Rational(15, 8) - 2 * log(2)  # about 0.489


@theorem(
    same(KL(wide, narrow, line), KL(narrow, wide, line) + more),
    "The divergence is not symmetric: of two Gaussians the wider one diverges more",
    claims=("000-43", "000-44"),
)
def kl_is_not_symmetric() -> Thm:
    """One is twice as wide as the other: the logarithms differ by 2 log 2, the squares by 15/8."""
    one_mean = {mean_q: mean, mean_p: mean}
    wider = substitute(gaussian_kl.thm, {**one_mean, std_q: 2 * std, std_p: std})
    narrower = substitute(gaussian_kl.thm, {**one_mean, std_q: std, std_p: 2 * std})
    wider, narrower = ending(wider, Rational(3, 2) - log(2)), ending(narrower, log(2) - Rational(3, 8))
    return chain(wider, flip(calc(kl_is_not_symmetric.statement.rhs, narrower, to(wider.prop.rhs))))


here, halfway, far = (Normal(z, mean + j * step, std**2) for j in range(3))
detour = KL(here, halfway, line) + KL(halfway, far, line) + step**2 / std**2


@theorem(same(KL(here, far, line), detour), "The divergence fails the triangle inequality", claims=("000-44",))
def kl_fails_triangle() -> Thm:
    """With equal variances the divergence is the squared distance of the means over twice the variance: 4 > 1 + 1."""

    def between(one: int, two: int) -> Thm:
        means = {mean_q: mean + one * step, mean_p: mean + two * step, std_q: std, std_p: std}
        return ending(substitute(gaussian_kl.thm, means), (two - one) ** 2 * step**2 / (2 * std**2))

    return chain(between(0, 2), flip(calc(detour, between(0, 1), between(1, 2), to(between(0, 2).prop.rhs))))


i = Symbol("i", integer=True)
coin = Tuple(i, 0, 1)
ONE, OTHER = density("q", "i"), density("p", "i")
fair_to_tails, fair_to_heads = Bernoulli(i, Rational(1, 3)), Bernoulli(i, 3)


@counterexample(
    differs(KL(ONE(i), OTHER(i), coin), KL(OTHER(i), ONE(i), coin)),
    same(KL(fair_to_tails, fair_to_heads, coin), KL(fair_to_heads, fair_to_tails, coin)),
    "Different distributions are never equally far apart both ways",
    at={ONE: Lambda(i, fair_to_tails), OTHER: Lambda(i, fair_to_heads)},
    holds_at={ONE: Lambda(i, Bernoulli(i, 1)), OTHER: Lambda(i, fair_to_heads)},
    given=(same(total(ONE(i), coin), 1), same(total(OTHER(i), coin), 1), differs(ONE(0), OTHER(0))),
    instead="kl_asymmetry",
    claims=("000-75",),
)
def kl_differs_both_ways() -> Thm:
    """The coins (3/4, 1/4) and (1/4, 3/4): renaming the two sides exchanges them, and both divergences are log(3)/2."""
    both_ways = kl_differs_both_ways.negation.args
    one, other = (calc(way, unfold(way), write_out, opened, to(log(3) / 2)) for way in both_ways)
    return chain(one, flip(other))


NEAR, FAR = density("q_1", "i"), density("q_2", "i")
middle, near, apart = (Bernoulli(i, odds) for odds in (Rational(5, 32), Rational(1, 36), Rational(10, 27)))
disorder = -log(Rational(131072, 98415)) / 37**2


def variation(one: Expr, two: Expr, over: Tuple) -> Expr:
    """The total variation distance of two distributions."""
    return total(Abs(one - two), over) / 2


def _ordered(one: Expr, two: Expr, p: Expr) -> Expr:
    """Not negative when the divergence from p and the total variation order the two distributions alike."""
    return (KL(one, p, coin) - KL(two, p, coin)) * (variation(one, p, coin) - variation(two, p, coin))


@counterexample(
    at_least(_ordered(NEAR(i), FAR(i), OTHER(i)), 0),
    same(_ordered(near, apart, middle), disorder),
    "The nearer distribution has the smaller divergence",
    at={OTHER: Lambda(i, middle), NEAR: Lambda(i, near), FAR: Lambda(i, apart)},
    instead="kl_grows_along_mixture",
    claims=("004-17",),
    given=(same(total(NEAR(i), coin), 1), same(total(FAR(i), coin), 1), same(total(OTHER(i), coin), 1)),
    holds_at={OTHER: Lambda(i, Bernoulli(i, 1)), NEAR: Lambda(i, Bernoulli(i, 1)), FAR: Lambda(i, Bernoulli(i, 3))},
)
def kl_orders_like_total_variation() -> Thm:
    """Coins 1/37, 5/37 and 10/37: the first is 4/37 away from the second, the last 5/37, yet the first diverges
    more."""
    parts = []
    for law in (near, apart):
        divergence, distance = KL(law, middle, coin), 2 * variation(law, middle, coin)
        parts += [calc(divergence, unfold(divergence), write_out, opened), calc(distance, write_out, opened)]
    return calc(_ordered(near, apart, middle), *parts, to(disorder))


r = Symbol("r", positive=True)
mix = (p + r * q) / (1 + r)
share = r / (1 + r)
mix_finite = Converges(KL(mix, p, whole))

bells, table = {**gibbs_bells, r: 2}, {**gibbs_table, r: Rational(1, 3)}
forms = on_both((bells, {**bells, P: bells[Q]}), (table, {**table, P: table[Q]}))


@theorem(
    at_least(share * KL(q, p, whole), KL(mix, p, whole)),
    "Along a mixture the divergence falls at least in proportion",
    given=(finite, mix_finite),
    claims=("000-51",),
    narrows={"000-51": "the distributions move apart along the line of their mixtures"},
    forms=forms,
)
def kl_shrinks_in_mixture() -> Thm:
    """t log t is convex. Average its tangent at the mixture over q/p and over 1: the slopes cancel."""
    m = mix / p
    below_tangents = substitute(tangent(-t * log(t), t, a), {a: m})
    at_one, at_ratio = substitute(below_tangents, {t: 1}), substitute(below_tangents, {t: q / p})
    support = share * p * (m * log(m) + (log(m) + 1) * (q / p - m))
    above = rearrange(at_ratio, share * q * log(q / p), support, times=share * p)
    below = rearrange(at_one, support, mix * log(mix / p), times=p / (1 + r))
    scaled = calc(total(share * q * log(q / p), whole), linearity, folded(share * KL(q, p, whole)))
    return chain(flip(scaled), monotone(chain(above, below), whole), flip(unfold(KL(mix, p, whole))))


@theorem(
    at_least(KL(q, p, whole), KL(mix, p, whole)),
    "Along a mixture the divergence never falls",
    given=(*masses, finite, mix_finite),
    forms=forms,
)
def kl_grows_along_mixture() -> Thm:
    """Every mixture of p and q lies on the way from p to q, and q lies on the way on. The rest of the share is
    positive."""
    rest = rearrange(gibbs.thm, KL(q, p, whole), share * KL(q, p, whole), times=1 / (1 + r))
    return chain(rest, kl_shrinks_in_mixture.thm)


distance = same(total(Abs(q - p), whole), 2 * T)
quarrel = q * log(q / p) - q + p
weight = (4 * p + 2 * q) / 3
narrow = {K: 2, Q: Lambda(k, (97 + 2 * k) / 200), P: Lambda(k, Rational(1, 2)), T: Rational(1, 200)}
curve = (t - 1) ** 2 - (4 + 2 * t) / 3 * (t * log(t) - t + 1)


def _scalar() -> Thm:
    """(4 + 2t)/3 (t log t - t + 1) >= (t - 1)^2: equality with its tangent at 1, and bent the right way."""
    bend = rearrange(log_tangent(1 / t), Rational(4, 3) * (log(t) + 1 / t - 1), Integer(0), times=Rational(4, 3))
    touch = substitute(tangent_of(bend, curve, t, a), {a: 1})
    return rearrange(touch, (4 + 2 * t) / 3 * (t * log(t) - t + 1), (t - 1) ** 2)


def by_squares(weight: Expr) -> Thm:
    """q log(q/p) - q + p >= (q - p)^2 / weight, for the weight (4 p + 2 q)/3."""
    return rearrange(substitute(_scalar(), {t: q / p}), quarrel, (q - p) ** 2 / weight, times=p**2 / weight)


@theorem(
    at_least(KL(q, p, whole), 2 * T**2),
    "Pinsker's inequality",
    given=(*masses, finite, distance),
    claims=("002-28", "004-14"),
    forms={"discrete": Form(states, ({**table, T: Rational(2, 5)}, narrow))},
)
def pinsker() -> Thm:
    """A pointwise square, a weight that integrates to two, and the inequality of the means under the integral."""
    size = Abs(q - p)
    gain = rearrange(by_squares(weight), quarrel, size**2 / weight)
    square_of_means = size**2 / weight + T**2 * weight - 2 * T * size
    means = rearrange(sign((size - T * weight) ** 2), square_of_means, Integer(0), times=1 / weight)
    pointwise = chain(rearrange(gain, quarrel + T**2 * weight - 2 * T * size, means.prop.lhs), means)
    averaged = calc(
        total(pointwise.prop.lhs, whole),
        inside(q * log(q / p) + (2 * T**2 / 3 - 1) * q + (4 * T**2 / 3 + 1) * p - 2 * T * size),
        linearity,
        ("both distributions integrate to one", given(masses[0])),
        given(masses[1]),
        ("the total variation", given(distance)),
        folded(KL(q, p, whole) - 2 * T**2),
    )
    averaged = settled_by(averaged, *masses, distance)
    return rearrange(chain(flip(averaged), monotone(pointwise, whole)), KL(q, p, whole), 2 * T**2)


odds_q, odds_p = Symbol("r_q", positive=True), Symbol("r_p", positive=True)
heads_q, heads_p = odds_q / (1 + odds_q), odds_p / (1 + odds_p)
of_coins = KL(Bernoulli(i, odds_q), Bernoulli(i, odds_p), coin)
dear, bounded = heads_q * log(heads_q / heads_p), (1 - heads_q) * log(1 - heads_q)


@theorem(
    at_least(of_coins, dear + bounded),
    "What mass costs where p has little",
    examples=({odds_q: 1, odds_p: Rational(1, 1000)}, {odds_q: 3, odds_p: Rational(1, 10**10)}),
)
def kl_penalty_unbounded() -> Thm:
    """In odds r. The first term grows like log 1/r_p without limit; the second, from the other side, is bounded."""
    bound, other = dear + bounded, log(1 + odds_p)
    written = calc(of_coins, opened, opened, write_out, to(bound + other / (1 + odds_q)))
    return chain(written, rearrange(sign(other), written.prop.rhs, bound, times=1 / (1 + odds_q)))


quip = Remark(
    "quip",
    "kl_not_a_metric",
    "An epigraph. In the paper of Kullback and Leibler (1951) the divergence is the symmetric sum of both directions.",
    ("000-17",),
    nearest="kl_asymmetry",
)
