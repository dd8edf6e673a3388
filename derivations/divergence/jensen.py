r"""# Jensen's inequality for the logarithm

The logarithm bends downwards, so it lies below each of its tangents. Put the tangent at the mean $m = \mathbb{E}_q[Y]$,
average both sides, and the slope term cancels: $\mathbb{E}_q[\log Y] \le \log m$. No convexity theory is needed beyond the
one fact $\log t \le \log a + (t - a)/a$.

A tangent of a strictly concave function touches once. So the average can only be tight when $Y$ sits at the point of
contact almost everywhere: $Y$ is constant, and the constant is $m$. Both hold for any function with a line above it that touches
it at the mean, the second where it touches nowhere else: where it lies below the line by some positive multiple of the squared distance
from the mean, which may vary from point to point.

Keywords: Jensen's inequality, Jensen inequality, concave function, log of an expectation, supporting line.
"""

from derivations import *

Q, Y = density("q", "z"), density("Y", "z")
q, y = Q(u), Y(u)
mean = Symbol("m", positive=True)
mass, centre = normalised(q, whole), same(E(y, q, whole), mean)
finite = Converges(E(log(y), q, whole))
tight = same(log(mean), E(log(y), q, whole))
tangent_line = log(mean) + (y - mean) / mean

bell = {Q: Lambda(z, gauss(z, 0, 1)), Y: Lambda(z, exp(z / 2)), mean: exp(Rational(1, 8))}
table = {K: 4, Q: Lambda(k, k / 10), Y: Lambda(k, k**2), mean: 10}
still = {K: 4, Q: Lambda(k, k / 10), Y: Lambda(k, 3), mean: 3}
forms = on_both(bell, (table, still))


def _under_tangent() -> Thm:
    """q times (tangent - log Y) is never negative."""
    return rearrange(log_tangent(y, mean), q * tangent_line - q * log(y), Integer(0), times=q)


def _mean_tangent() -> Thm:
    """The tangent has mean log m: its slope term averages to zero."""
    thm = calc(
        E(tangent_line, q, whole),
        opened,
        ("height and slope apart", inside((log(mean) - 1) * q + q * y / mean)),
        linearity,
        ("q integrates to one", given(mass)),
        folded(log(mean) - 1 + E(y, q, whole) / mean),
        ("the mean of Y is m", given(centre)),
        to(log(mean)),
    )
    return settled_by(thm, mass)


def _line_converges() -> Thm:
    """The tangent is a combination of 1 and Y, which are integrable."""
    parts = (log(mean) - 1) * total(q, whole) + E(y, q, whole) / mean
    return settled_by(combined(total(q * tangent_line, whole), parts), mass)


@theorem(
    at_least(log(mean), E(log(y), q, whole)),
    "Jensen's inequality for the logarithm",
    given=(mass, centre, Converges(E(y, q, whole)), finite),
    claims=("000-36", "000-59", "002-08"),
    forms=forms,
)
def jensen() -> Thm:
    """Average the tangent at the mean."""
    above = rearrange(_under_tangent(), q * tangent_line, q * log(y))
    return chain(
        because(flip(_mean_tangent()), "the tangent at m has mean log m"),
        unfold(E(tangent_line, q, whole)),
        because(discharge(monotone(above, whole), _line_converges()), "the logarithm lies below its tangent"),
        flip(unfold(E(log(y), q, whole))),
    )


PHI, support = Function("varphi(t)", real=True), Symbol("slope", real=True)
ANY, middle = Function("Y(z)", real=True), Symbol("m", real=True)
any_y = ANY(u)
any_centre, any_phi = same(E(any_y, q, whole), middle), E(PHI(any_y), q, whole)
line_at_y = PHI(middle) + support * (any_y - middle)
under_line = ForAll(at_least(line_at_y, PHI(any_y)), u)
tau = Symbol("t", positive=True)


def _signed(example: dict, slope: Expr) -> dict:
    """The example, with a Y that might have either sign."""
    return {Q: example[Q], ANY: example[Y], middle: example[mean], PHI: Lambda(tau, sqrt(tau)), support: slope} | {
        key: example[key] for key in example if key == K
    }


mean_phi = E(PHI(y), q, whole)
rooted = {PHI: Lambda(tau, sqrt(tau))}


@theorem(
    at_least(PHI(middle), any_phi),
    "Jensen's inequality for any function with a supporting line at the mean",
    given=(mass, any_centre, Converges(E(any_y, q, whole)), Converges(any_phi), under_line),
    claims=("000-58",),
    forms=on_both(
        _signed(bell, exp(Rational(-1, 16)) / 2),
        (_signed(table, 1 / (2 * sqrt(10))), _signed(still, 1 / (2 * sqrt(3)))),
    ),
    words={4: "phi is concave: below a line that touches it at the mean"},
)
def jensen_any_concave() -> Thm:
    """Average the line: its slope term averages to zero, and phi lies below it."""
    line_mean = calc(
        total(q * line_at_y, whole),
        ("height and slope apart", inside((PHI(middle) - support * middle) * q + support * (q * any_y))),
        linearity,
        ("q integrates to one", given(mass)),
        folded(PHI(middle) - support * middle + support * E(any_y, q, whole)),
        ("the mean of Y is m", given(any_centre)),
        to(PHI(middle)),
    )
    under = rearrange(given(under_line), q * line_at_y, q * PHI(any_y), times=q)
    parts = (PHI(middle) - support * middle) * total(q, whole) + support * E(any_y, q, whole)
    below = discharge(monotone(under, whole), combined(total(q * line_at_y, whole), parts))
    return settled_by(chain(flip(line_mean), below, flip(unfold(any_phi))), mass)


@theorem(
    AlmostEverywhere(same(y, mean), whole),
    "Jensen is tight only for a constant",
    given=(mass, centre, Converges(E(y, q, whole)), finite, tight),
    forms={"discrete": Form(states, (still,))},
)
def jensen_equality() -> Thm:
    """The gap to the tangent is non-negative and has integral zero, so it is zero almost everywhere."""
    nothing = calc(
        total(q * tangent_line - q * log(y), whole),
        ("the tangent and the logarithm apart", inside((log(mean) - 1) * q + q * y / mean - q * log(y))),
        linearity,
        ("q integrates to one", given(mass)),
        folded(log(mean) - 1 + E(y, q, whole) / mean - E(log(y), q, whole)),
        ("the mean of Y is m", given(centre)),
        ("the bound is tight", flip(given(tight))),
        to(0),
    )
    parts = (log(mean) - 1) * total(q, whole) + total(q * y, whole) / mean - total(q * log(y), whole)
    converges = settled_by(combined(nothing.prop.lhs, parts), mass)
    flat = vanish(_under_tangent(), settled_by(nothing, mass), whole, converges)
    meets = rearrange(assume(flat.prop.args[0]), tangent_line, log(y), times=1 / q)
    t, a = Symbol("t", positive=True), Symbol("a", positive=True)
    once = substitute(touches_once(log(t), t, a), {t: y, a: mean})
    return almost_all(flat, discharge(once, meets))


GAP = Function("gap(t)", positive=True)
strict = ForAll(at_least(PHI(mean) + support * (tau - mean), PHI(tau) + GAP(tau) * (tau - mean) ** 2), tau)
fits = same(PHI(mean), mean_phi)
still_root = {
    **still,
    **rooted,
    support: 1 / (2 * sqrt(3)),
    GAP: Lambda(tau, 1 / (2 * sqrt(3) * (sqrt(tau) + sqrt(3)) ** 2)),
}


@theorem(
    AlmostEverywhere(same(y, mean), whole),
    "Jensen is tight only for a constant, for any function strictly below its line",
    given=(mass, centre, Converges(E(y, q, whole)), Converges(mean_phi), strict, fits),
    forms={"discrete": Form(states, (still_root,))},
    words={4: "phi is strictly below a line that touches it at the mean", 5: "Jensen's inequality is an equality"},
)
def jensen_any_concave_equality() -> Thm:
    """The distance to the line has integral zero, so it is zero almost everywhere, and the line is met at the mean only."""
    distance = q * (PHI(mean) + support * (y - mean)) - q * PHI(y)
    square = q * GAP(y) * (y - mean) ** 2
    below = rearrange(substitute(given(strict), {tau: y}), distance, square, times=q)
    nothing = calc(
        total(distance, whole),
        ("height, slope and phi apart", inside((PHI(mean) - support * mean) * q + support * (q * y) - q * PHI(y))),
        linearity,
        ("q integrates to one", given(mass)),
        folded(PHI(mean) - support * mean + support * E(y, q, whole) - mean_phi),
        ("the mean of Y is m", given(centre)),
        ("the bound is tight", flip(given(fits))),
        to(0),
    )
    parts = (PHI(mean) - support * mean) * total(q, whole) + support * total(q * y, whole) - total(q * PHI(y), whole)
    converges = settled_by(combined(nothing.prop.lhs, parts), mass)
    flat = vanish(chain(below, sign(square)), settled_by(nothing, mass), whole, converges)
    none = antisymmetry(sign(square), chain(flip(assume(flat.prop.args[0])), below))
    t, a = Symbol("t", real=True), Symbol("a", real=True)
    once = substitute(touches_once(-(t**2), t, a), {t: y, a: mean})
    (touch,) = once.hyps
    return almost_all(flat, discharge(once, rearrange(none, *touch.args, times=1 / (q * GAP(y)))))
