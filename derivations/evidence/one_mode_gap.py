r"""# One mode does not fit two

A posterior with two modes has a valley between them: of three intervals of equal length, the middle one has less mass
than either of its neighbours. An encoder with one mode has no valley. In the middle it has at least the mass that it
has on one of the two sides. Then the encoder cannot be the posterior, and more can be said: the gap is at least half
the square of the **depth**, the mass by which the posterior falls short in the valley.

That is the whole of it. Nothing is asked of the shapes but these four masses, so the theorem is about any two sets:
what the posterior has more on the first than on the second, and the encoder has not, must be paid for. It comes from an
inequality of Pinsker's kind: two distributions that differ in the average of a function between $-1$ and $1$ by
$\Delta$ diverge by at least $\Delta^2/2$. The constant is the best: it is reached in the limit of nearly equal coins.

Headline: valley_makes_a_gap.
Keywords: multimodal posterior, bimodal posterior, unimodal encoder, mode mismatch, inevitable gap, Gaussian encoder
misses a mode.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, finite, masses, p, q
from derivations.gaussians.kl_not_a_metric import by_squares

WITNESS, pull = Function("w(z)", real=True), Symbol("s", real=True)
w = WITNESS(u)
bounded = ForAll(at_least(1, w**2), u)
mean_p, mean_q = E(w, p, whole), E(w, q, whole)
shift, far = mean_p - mean_q, Symbol("Delta", real=True)
differ_by = same(shift, far)
divergence = KL(q, p, whole)

coins = {
    K: 2,
    P: Lambda(k, (97 + 2 * k) / 200),
    Q: Lambda(k, Rational(1, 2)),
    WITNESS: Lambda(k, 2 * k - 3),
    far: Rational(1, 100),
}
dice = {K: 3, P: Lambda(k, k / 6), Q: Lambda(k, (4 - k) / 6), WITNESS: Lambda(k, k - 2), far: Rational(2, 3)}


def _at_any_slope() -> Thm:
    """KL >= 2 s shift - 2 s^2: where two densities differ, the square of a bounded multiple is smaller still."""
    weight = (4 * p + 2 * q) / 3
    quarrel, part = q * log(q / p) - q + p, w * (p - q)
    smaller = rearrange(given(bounded), (q - p) ** 2 / weight, part**2 / weight, times=(q - p) ** 2 / weight)
    means = rearrange(
        sign((part - pull * weight) ** 2),
        part**2 / weight + pull**2 * weight - 2 * pull * part,
        Integer(0),
        times=1 / weight,
    )
    pointwise = chain(by_squares(weight), smaller)
    pointwise = chain(rearrange(pointwise, quarrel + pull**2 * weight - 2 * pull * part, means.prop.lhs), means)
    averaged = calc(
        total(pointwise.prop.lhs, whole),
        inside(
            q * log(q / p)
            + (2 * pull**2 / 3 - 1) * q
            + (4 * pull**2 / 3 + 1) * p
            - 2 * pull * (p * w)
            + 2 * pull * (q * w)
        ),
        linearity,
        ("both distributions integrate to one", given(masses[0])),
        given(masses[1]),
        folded(divergence + 2 * pull**2 - 2 * pull * shift),
    )
    averaged = settled_by(averaged, *masses)
    bound = chain(flip(averaged), monotone(pointwise, whole))
    return rearrange(bound, divergence, 2 * pull * shift - 2 * pull**2)


@theorem(
    at_least(divergence, far**2 / 2),
    "Two averages of a bounded function that differ: the divergence is at least half the square",
    given=(*masses, finite, bounded, Converges(mean_p), Converges(mean_q), differ_by),
    forms={"discrete": Form(states, (coins, dice))},
)
def bounded_function_tells_apart() -> Thm:
    """As for Pinsker's inequality, with the function in the place of a sign."""
    bound = substitute(_at_any_slope(), {pull: far / 2})
    known = rearrange(given(differ_by), bound.prop.rhs, far**2 / 2, times=far)
    return chain(bound, known)


# --- a peak and a valley ---

PEAK, VALLEY = Function("a(z)", nonnegative=True), Function("b(z)", nonnegative=True)
a, b, depth = PEAK(u), VALLEY(u), Symbol("depth", positive=True)
on_peak, in_valley = sets = (ForAll(same(a**2, a), u), ForAll(same(b**2, b), u))
shares = tuple(E(part, law, whole) for law in (p, q) for part in (a, b))
has_valley, has_none = at_least(shares[0], shares[1] + depth), at_least(shares[3], shares[2])

halves = {PEAK: Lambda(k, k - 1), VALLEY: Lambda(k, 2 - k)}
nearly = {K: 2, P: coins[P], Q: coins[Q], **halves, depth: Rational(1, 100)}
three = {K: 3, P: Lambda(k, (1 + (k - 2) ** 2) / 5), Q: Lambda(k, (2 - (k - 2) ** 2) / 4), depth: Rational(1, 5)}
three |= {PEAK: Lambda(k, (3 - k) * (2 - k) / 2), VALLEY: Lambda(k, (k - 1) * (3 - k))}


def _between() -> Thm:
    """The difference of two sets lies between -1 and 1."""
    lines = (1 - a) ** 2 * (1 - b) ** 2 + a * b, (1 - a) * (1 - b) ** 2 + a * b, (1 - a) * (1 - b) + a * b
    lines += 1 - a**2 - b + 2 * a * b, 1 - a**2 - b**2 + 2 * a * b
    by = (on_peak, (1 - b) ** 2), (in_valley, 1 - a), (on_peak, Integer(1)), (in_valley, Integer(1))
    steps = [rearrange(given(h), x, y, times=c) for (h, c), x, y in zip(by, lines, lines[1:], strict=False)]
    both = (
        rearrange(given(on_peak), a**2 * b**2, a * b**2, times=b**2),
        rearrange(given(in_valley), a * b**2, a * b, times=a),
    )
    squares = rearrange(sign(((1 - a) * (1 - b)) ** 2), lines[0], a * b), flip(chain(*both)), sign((a * b) ** 2)
    return rearrange(chain(flip(chain(*steps)), *squares), Integer(1), (a - b) ** 2)


def _difference(law: Expr, on: Expr, off: Expr) -> Thm:
    """The average of the difference, peak and valley apart."""
    return calc(E(a - b, law, whole), opened, inside(law * a - law * b), linearity, folded(on - off))


@theorem(
    at_least(divergence, depth**2 / 2),
    "A valley that the encoder has not makes a gap of at least half the square of its depth",
    given=(*masses, finite, *sets, *map(Converges, shares), has_valley, has_none),
    claims=("002-59",),
    forms={"discrete": Form(states, (nearly, three))},
    words={
        len(masses) + 7: "the posterior has less mass in the valley than on the peak",
        len(masses) + 8: "the encoder has no less mass in the valley than on the peak",
    },
)
def valley_makes_a_gap() -> Thm:
    """One on the peak, minus one in the valley: the averages differ by the depth at least."""
    of_sets = instantiate(_at_any_slope(), {WITNESS: Lambda(z, PEAK(z) - VALLEY(z))})
    of_sets = substitute(discharge(of_sets, for_all(_between(), u)), {pull: depth / 2})
    sides = (p, *shares[:2]), (q, *shares[2:])
    ours, theirs = (_difference(*side) for side in sides)
    bound = chain(of_sets, rewrite(of_sets.prop.rhs, ours, theirs))
    deep = rearrange(given(has_valley), bound.prop.rhs, depth**2 / 2 - depth * (shares[2] - shares[3]), times=depth)
    thm = chain(bound, deep, rearrange(given(has_none), deep.prop.rhs, depth**2 / 2, times=depth))
    return discharge(thm, *(combined(E(a - b, law, whole), on - off) for law, on, off in sides))
