r"""# Gibbs' inequality when q misses something

The textbook proof of Gibbs' inequality takes $Y = p/q$, says $\mathbb{E}_q[Y] = \int p = 1$, and applies Jensen. The
middle step is wrong when $q$ is zero somewhere that $p$ is not: an average under $q$ only sees the points where $q$ is
positive, so $\mathbb{E}_q[Y] = P(q > 0)$, the mass that $p$ has there. Call it $c \le 1$. The proof still works, and
gives more:

$$D_{\mathrm{KL}}(q \,\|\, p) \ge -\log c \ge 0 .$$

A distribution that misses half of $p$ diverges from it by at least $\log 2$, however well it fits the other half.

The equality case changes, too. Jensen is tight when $Y$ is constant under $q$, and the constant is $c$, not $1$. Then
the divergence is $-\log c$. It is zero only when, besides, nothing is missed.

In the theorems below the points $z$ are those where $q$ is positive, so their integrals run over the support of $q$;
the rest of $p$ lies elsewhere. In the counterexamples the only letter of $q$ is the first one of two.

Headline: gibbs_any_support.
Keywords: support of a distribution, KL infinite, absolutely continuous, zero probability, Gibbs inequality.
"""

from derivations import *
from derivations.divergence.jensen import Y, jensen, jensen_equality
from derivations.divergence.jensen import mean as m
from derivations.divergence.kl_definition import P, Q, p, q

c = Symbol("c", positive=True)
mass, reached = normalised(q, whole), same(total(p, whole), c)
finite, tight = Converges(KL(q, p, whole)), same(KL(q, p, whole), -log(c))

half = Rational(1, 2)
bells = {Q: Lambda(z, gauss(z, 1, 1)), P: Lambda(z, half * gauss(z, 0, 4)), c: half}
parallel_bells = {**bells, P: Lambda(z, half * gauss(z, 1, 1))}
table = {K: 4, Q: Lambda(k, k / 10), P: Lambda(k, (5 - k) / 15), c: Rational(2, 3)}
parallel_table = {**table, P: Lambda(k, k / 15)}

forms = on_both((bells, parallel_bells), (table, parallel_table))
ratio = E(p / q, q, whole)


@theorem(
    same(ratio, c),
    "The mean of p/q is the mass of p where q is positive",
    given=(reached,),
    forms=forms,
    kind="step",
    narrows={"": "q is positive wherever p is"},
    claims=("000-37",),
)
def ratio_mean() -> Thm:
    """q cancels where it is positive, and nowhere else is looked at."""
    return calc(ratio, opened, ("the mass of p on the support of q", given(reached)))


def _minus_kl() -> Thm:
    """E_q[log(p/q)] = -KL(q || p)."""
    return calc(E(log(p / q), q, whole), opened, inside(-q * log(q / p)), linearity, folded(-KL(q, p, whole)))


def _at_ratio(thm: Thm) -> Thm:
    """Jensen's inequality at Y = p/q, whose mean is c."""
    thm = substitute(instantiate(thm, {Y: Lambda(z, P(z) / Q(z))}), {m: c})
    return discharge(thm, ratio_mean.thm, converges(reached))


@theorem(
    at_least(KL(q, p, whole), -log(c)),
    "Gibbs' inequality, sharp: what q misses must be paid for",
    given=(mass, reached, finite),
    forms=forms,
)
def gibbs_sharp() -> Thm:
    """Jensen's inequality for p/q with its true mean."""
    return rearrange(chain(_at_ratio(jensen.thm), _minus_kl()), KL(q, p, whole), -log(c))


at_most_one = at_least(1, c)


@theorem(
    at_least(KL(q, p, whole), 0),
    "Gibbs' inequality, also where q vanishes",
    given=(mass, reached, at_most_one, finite),
    claims=("000-38", "000-42"),
    forms=on_both((bells, {**bells, P: bells[Q], c: 1}), (table, {**table, P: table[Q], c: 1})),
)
def gibbs_any_support() -> Thm:
    """Take for the space the set where q is positive: there p has mass c, at most one, and -log c is not negative."""
    room = rearrange(log_tangent(c), -log(c), 1 - c)
    return chain(gibbs_sharp.thm, room, rearrange(given(at_most_one), 1 - c, Integer(0)))


@theorem(
    AlmostEverywhere(same(p, c * q), whole),
    "The sharp bound is reached only by distributions in proportion",
    given=(mass, reached, finite, tight),
    forms=on_both(parallel_bells, parallel_table),
)
def gibbs_sharp_equality() -> Thm:
    """Jensen is tight only when p/q is constant, and the constant is its mean c."""
    jensen_is_tight = flip(calc(E(log(p / q), q, whole), _minus_kl(), given(tight), to(log(c))))
    constant = discharge(_at_ratio(jensen_equality.thm), jensen_is_tight)
    return almost_all(constant, rearrange(assume(constant.prop.args[0]), p, c * q, times=q))


A, B, r = Symbol("a", positive=True), Symbol("b", positive=True), Symbol("r", positive=True)


@theorem(
    at_least(log((A + r * B) / (1 + r)), (log(A) + r * log(B)) / (1 + r)),
    "The logarithm lies above its chords",
    claims=("000-34", "000-54"),
    examples=({A: 1, B: 4, r: 2}, {A: Rational(1, 3), B: Rational(1, 3), r: half}),
)
def log_above_chords() -> Thm:
    """Both ends of a chord lie below the tangent at the point between them; the slopes cancel."""
    between, chord = (A + r * B) / (1 + r), (log(A) + r * log(B)) / (1 + r)
    t, s = Symbol("t", positive=True), Symbol("s", positive=True)
    tangents = substitute(tangent(log(t), t, s), {s: between})
    at_a, at_b = substitute(tangents, {t: A}), substitute(tangents, {t: B})
    support = (log(A) + r * (log(between) + (B - between) / between)) / (1 + r)
    upper = rearrange(at_a, log(between), support, times=1 / (1 + r))
    return chain(upper, rearrange(at_b, support, chord, times=r / (1 + r)))


larger = at_least(A, B)


@theorem(
    at_least(log(A), log(B)),
    "The logarithm rises",
    given=(larger,),
    claims=("000-54",),
    examples=({A: 3, B: 1}, {A: half, B: half}),
    words={0: "the one number is at least the other"},
)
def log_rises() -> Thm:
    """The logarithm of the smaller number lies below the tangent at the larger one, which comes down on the way."""
    return chain(rearrange(given(larger), log(A), log(A) + (B - A) / A, times=1 / A), log_tangent(B, A))


only, both = (k, 1, 1), (k, 1, 2)
missing, fair = {Q: Lambda(k, 1), P: Lambda(k, half), K: 1}, {Q: Lambda(k, half), P: Lambda(k, half), K: 2}
laws = (same(total(Q(k), states), 1), same(total(P(k), both), 1))
in_proportion = ForAll(same(P(k), c * Q(k)), states)


@counterexample(
    same(E(P(k) / Q(k), Q(k), states), total(P(k), both)),
    differs(E(half, 1, only), total(half, both)),
    "The mean of p/q is always one",
    at=missing,
    holds_at=fair,
    given=laws,
    instead="ratio_mean",
)
def ratio_has_mean_one() -> Thm:
    """q = (1, 0) and p = (1/2, 1/2): the mean is 1/2, because the second letter is never drawn."""
    return apart(calc(E(half, 1, only), opened, write_out), calc(total(half, both), write_out))


@counterexample(
    same(KL(Q(k), P(k), states), 0),
    same(KL(1, half, only), log(2)),
    "A constant ratio makes the divergence zero",
    at={**missing, c: half},
    holds_at={**fair, c: 1},
    given=(*laws, in_proportion),
    instead="gibbs_sharp_equality",
    claims=("000-39",),
)
def constant_ratio_gives_zero() -> Thm:
    """q = (1, 0) and p = (1/2, 1/2): the ratio is 1/2 wherever q draws, and the divergence is log 2."""
    return calc(KL(1, half, only), opened, write_out)


@counterexample(
    same(P(k) / Q(k), 1),
    differs(half, 1),
    "A constant ratio is one",
    at={**missing, c: half},
    holds_at={**fair, c: 1},
    given=(*laws, in_proportion),
    instead="gibbs_sharp_equality",
    claims=("000-40",),
)
def constant_ratio_is_one() -> Thm:
    """The same pair: at the one point that q draws the ratio is 1/2."""
    return decided(constant_ratio_is_one.negation)
