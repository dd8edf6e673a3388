r"""# Distributions that vanish

A density may be zero. Write $q = s\,Q$ with a positive $Q$, and with $s(z) = 1$ where $q$ is positive, $s(z) = 0$
elsewhere; in the same way $p = r\,P$. Where $q$ is zero the divergence has no term, so
$D_{\mathrm{KL}}(q \,\|\, p) = \int s\,Q \log(Q/P)$, provided that $p$ is positive wherever $q$ is: $s\,r = s$. Gibbs'
inequality and its equality case hold as before. What $p$ has outside the support of $q$ only makes the divergence
larger, and a divergence of zero says that there is nothing of it. The ratio alone tells as much: if $p/q = 1$ wherever $q$ is positive, $p$ has all its mass there, and the
two are equal.

**If $p$ vanishes on a set where $q$ has mass** the integrand is $q \log(q/0)$ there, which one takes for $+\infty$. That
this is no matter of taste, the last theorem shows. Mix into $p$ a little of $q$ itself, so that every logarithm has a
meaning: $p_\varepsilon = (1 - \varepsilon)\,p + \varepsilon\,q$. The divergence from $p_\varepsilon$ is finite, and by
convexity it is at most $D_{\mathrm{KL}}(q \,\|\, p)$, whatever that is. With $c$ the mass that $q$ has where $p$ has
none,

$$D_{\mathrm{KL}}(q \,\|\, p_\varepsilon) \ge c \log\frac1\varepsilon - c ,$$

which passes every bound as $\varepsilon \to 0$. No number is left for $D_{\mathrm{KL}}(q \,\|\, p)$: it is $+\infty$.

In that theorem the points are those where $q$ is positive. A square $w^2$ stands for the density of $p$, which is any function that is
not negative; $a$ is 1 on a set where $p$ is zero, and 0 elsewhere; $\varepsilon$ is $1/(1 + \text{odds})$. The bound is sharp: it is
reached where $p = q$ off the set. With $p$ of mass at most 1, it is at least the one above.

Keywords: zero density, support, KL is infinite, zero probability, absolutely continuous, skew divergence, smoothing.
"""

from derivations import *
from derivations.divergence.kl_definition import P, Q, bells, p, q

ON_Q, ON_P = Function("s(z)", nonnegative=True), Function("r(z)", nonnegative=True)
s, r = ON_Q(u), ON_P(u)
two_values = ForAll(same(s**2, s), u), ForAll(same(r**2, r), u)
covered = ForAll(same(r * s, s), u)
masses = normalised(s * q, whole), normalised(r * p, whole)
divergence = E(log(q / p), s * q, whole)
finite, agree = Converges(divergence), same(divergence, 0)

some = {K: 3, ON_Q: Lambda(k, (3 - k) * k / 2), Q: Lambda(k, k / 3), ON_P: Lambda(k, 1), P: Lambda(k, k / 6)}
alike = {K: 3, ON_P: some[ON_Q], P: some[Q], **{f: some[f] for f in (ON_Q, Q)}}
everywhere = {**bells, ON_Q: Lambda(z, 1), ON_P: Lambda(z, 1)}
forms = on_both((everywhere, {**everywhere, P: bells[Q]}), (some, alike))

spread = s * q * log(q / p) - s * q + r * p
missed, fit = r**2 * (1 - s) ** 2 * p, q * log(q / p) - q + p
square = s**2 * fit + missed


on_q, on_p = two_values


def _by(*links: tuple[Basic | Thm, Expr], through: tuple[Expr, ...]) -> Thm:
    """A line of expressions, each equal to the next by a multiple of a hypothesis, or of an equation."""
    known = [(e if isinstance(e, Thm) else given(e), c) for e, c in links]
    return chain(*(rearrange(e, a, b, times=c) for (e, c), a, b in zip(known, through[:-1], through[1:], strict=True)))


def _as_square() -> Thm:
    """Both indicators are their own squares, and one lies below the other."""
    rest, last = (on_p, (1 - s) ** 2 * p), (covered, -p)
    lines = square, s * fit + missed, s * fit + r * (1 - s) ** 2 * p, s * fit + r * (1 - s) * p, spread
    return flip(_by((on_q, fit), rest, (on_q, r * p), last, through=lines))


def _not_negative() -> Thm:
    """The tangent of the logarithm where q is positive, and the rest of p."""
    return chain(_as_square(), rearrange(log_tangent(p / q), square, missed, times=s**2 * q), sign(missed))


def _spread() -> Thm:
    """Both distributions have mass one, so only the divergence is left."""
    thm = calc(total(spread, whole), linearity, given(masses[0]), given(masses[1]), folded(divergence))
    return settled_by(thm, *masses)


@theorem(
    at_least(divergence, 0),
    "Gibbs' inequality for distributions that may vanish",
    given=(*two_values, covered, *masses, finite),
    forms=forms,
    words={2: "p is positive wherever q is"},
)
def gibbs_vanishing() -> Thm:
    """The integrand plus p minus q is a square where q is positive, and p elsewhere."""
    return chain(flip(_spread()), monotone(_not_negative(), whole))


def _no_square(part: Expr, rest: Expr, nothing: Thm) -> Thm:
    """Of two squares that add up to nothing, one is nothing."""
    below = chain(flip(nothing), rearrange(sign(rest), part + rest, part))
    return antisymmetry(sign(part), below)


@theorem(
    AlmostEverywhere(same(s * q, r * p), whole),
    "Zero divergence only between equal distributions, which may vanish",
    given=(*gibbs_vanishing.given, agree),
    claims=("000-42", "000-50"),
    words={2: "p is positive wherever q is", 6: "the divergence is zero, over the points that have mass"},
    forms=on_both({**everywhere, P: bells[Q]}, alike),
)
def gibbs_vanishing_equality() -> Thm:
    """Nothing is left of the square where q is positive, nor of p elsewhere."""
    finite_spread = settled_by(
        combined(total(spread, whole), divergence - total(s * q, whole) + total(r * p, whole)), *masses
    )
    nothing = chain(_spread(), given(agree))
    flat = vanish(_not_negative(), nothing, whole, finite_spread)
    root_p, root_q = s * sqrt(p), s * sqrt(q)
    roots = (root_p - root_q) ** 2
    closer = rearrange(log_tangent(sqrt(p / q)), square, roots + missed, times=2 * s**2 * q)
    both = chain(flip(assume(flat.prop.args[0])), _as_square(), closer)
    none = flip(antisymmetry(both, sign(roots + missed)))
    t, a = Symbol("t", real=True), Symbol("a", real=True)
    once = substitute(touches_once(-(t**2), t, a), {t: root_p, a: root_q})
    (touch,) = once.hyps
    once = discharge(once, rearrange(_no_square(roots, missed, none), *touch.args))
    elsewhere = _by(
        (on_p, (1 - s) ** 2 * p),
        (on_q, r * p),
        (covered, -p),
        through=(missed, r * (1 - s) ** 2 * p, r * (1 - s) * p, r * p - s * p),
    )
    same_there = _by((on_q, -q), (once, -root_p - root_q), (on_q, p), through=(s * q, s**2 * q, s**2 * p, s * p))
    none_elsewhere = chain(flip(elsewhere), _no_square(missed, roots, none))
    return almost_all(flat, chain(same_there, rearrange(none_elsewhere, s * p, r * p, times=-1)))


# --- where the ratio is one ---

gap = (s * q - s * r * p) ** 2 / q
ratio_one = AlmostEverywhere(same(s * r * p / q, s), whole)


def _where_q_is(f: Expr, g: Expr, times: Expr) -> Thm:
    """Two functions whose difference is a multiple of what the ratio misses of one have one integral."""
    return almost_equal(almost_all(given(ratio_one), rearrange(assume(ratio_one.args[0]), f, g, times=times)))


@theorem(
    AlmostEverywhere(same(s * q, r * p), whole),
    "A ratio of one where q is positive leaves p nothing elsewhere",
    given=(*two_values, *masses, ratio_one),
    claims=("000-41",),
    words={4: "the ratio p/q is 1 almost everywhere that q is positive"},
    forms=on_both({**everywhere, P: bells[Q]}, alike),
)
def ratio_of_one() -> Thm:
    """Where q is positive p has the mass of q, which is all; and what has no mass is zero almost everywhere."""
    inner = chain(_where_q_is(s * r * p, s * q, q), given(masses[0]))
    more = chain(_where_q_is(r * p + gap, r * p, s * r * p - s * q), given(masses[1]))
    off, with_gap = r * p + gap - s * r * p, total(r * p + gap, whole)
    rest = r**2 * p * (1 - s) ** 2
    apart = _by((on_q, -r * p), (on_p, -p * (1 - s) ** 2), through=(off, gap + r * p * (1 - s) ** 2, gap + rest))
    squares = chain(apart, sign(apart.prop.rhs))
    finite_off = combined(total(off, whole), with_gap - total(s * r * p, whole))
    finite_gap = combined(total(gap, whole), with_gap - total(r * p, whole))
    mass_p = ("p has mass one", given(masses[1]))
    no_gap = rearrange(chain(flip(calc(with_gap, linearity, mass_p)), more), total(gap, whole), Integer(0))
    nothing = calc(total(off, whole), linearity, no_gap, mass_p, ("all of it where q is positive", inner), to(0))
    flat = vanish(squares, discharge(nothing, finite_gap), whole, finite_off)
    none = flip(chain(flip(assume(flat.prop.args[0])), apart))
    t, a = Symbol("t", real=True), Symbol("a", real=True)
    once = substitute(touches_once(-(t**2), t, a), {t: s * q, a: s * r * p})
    (touch,) = once.hyps
    once = discharge(once, rearrange(_no_square(gap, rest, none), *touch.args, times=q))
    no_rest = chain(rearrange(none, rest, -gap), rearrange(_no_square(gap, rest, none), -gap, Integer(0), times=-1))
    lines = s * r * p, s * r * p + rest, s * r * p + r * p * (1 - s) ** 2, r * p
    elsewhere = _by((no_rest, Integer(-1)), (on_p, p * (1 - s) ** 2), (on_q, r * p), through=lines)
    thm = almost_all(flat, chain(once, elsewhere))
    return settled_by(discharge(thm, integrable(more), integrable(inner)), masses[1])


# --- a law that vanishes where q does not ---

IN, AMPLITUDE = Function("a(z)", nonnegative=True), Function("w(z)", real=True)
a, w = IN(u), AMPLITUDE(u)
c, odds = Symbol("c", positive=True), Symbol("odds", positive=True)
smoothed = (odds * w**2 + q) / (1 + odds)
a_set, nothing_there = ForAll(same(a**2, a), u), ForAll(same(a * w, 0), u)
mass, charged = normalised(q, whole), same(total(a * q, whole), c)
mass_p = total(w**2, whole)

half = Rational(1, 2)
halves = {K: 2, Q: Lambda(k, half), IN: Lambda(k, k - 1), AMPLITUDE: Lambda(k, (2 - k) / sqrt(2)), c: half, odds: 3}
thirds = {K: 3, Q: Lambda(k, k / 6), IN: Lambda(k, (k - 1) * (k - 2) / 2), AMPLITUDE: Lambda(k, (3 - k) / 3), c: half}
thirds |= {odds: Rational(5, 2)}


def _in_two() -> Thm:
    """q log(q/p) is at least a q log(1 + odds) on the set, and q - p off it."""
    on_a, none = given(a_set), given(nothing_there)
    loss, most = q * log(q / smoothed), log(1 + odds)
    near, off = q * most + q - (1 + odds) * smoothed, q - smoothed
    lines = (
        (a**2 + (1 - a) ** 2) * loss,
        a**2 * near + (1 - a) ** 2 * loss,
        a**2 * near + (1 - a) ** 2 * off,
        a * near + (1 - a) ** 2 * off,
        a * near + (1 - a) * off,
        a * q * (most - odds / (1 + odds)) + odds / (1 + odds) * (q - w**2),
    )
    return chain(
        rearrange(on_a, loss, lines[0], times=-2 * loss),
        rearrange(log_tangent(smoothed / q, 1 / (1 + odds)), lines[0], lines[1], times=a**2 * q),
        rearrange(log_tangent(smoothed / q), lines[1], lines[2], times=(1 - a) ** 2 * q),
        rearrange(on_a, lines[2], lines[3], times=near),
        rearrange(on_a, lines[3], lines[4], times=off),
        rearrange(none, lines[4], lines[5], times=-(odds**2) / (1 + odds) * w),
    )


def _smoothed_converges() -> Thm:
    """The loss lies between q - p and q log(1 + odds)."""
    loss, most = q * log(q / smoothed), q * log(1 + odds)
    slack = q * odds * w**2 / ((1 + odds) * smoothed)
    above = chain(
        rearrange(sign(slack), most, most - slack),
        rearrange(log_tangent(q / smoothed, 1 + odds), most - slack, loss, times=q),
    )
    rest = (q - w**2) * odds / (1 + odds)
    below = rearrange(log_tangent(smoothed / q), loss, rest, times=q)
    parts = total(q, whole) * odds / (1 + odds) - mass_p * odds / (1 + odds)
    ends = combined(total(most, whole), log(1 + odds) * total(q, whole)), combined(total(rest, whole), parts)
    return settled_by(discharge(between(above, below, whole), *ends), mass)


@theorem(
    at_least(KL(q, smoothed, whole), c * log(1 + odds) + (1 - c - mass_p) * odds / (1 + odds)),
    "A distribution that vanishes where q does not: the divergence from it, smoothed",
    given=(mass, a_set, nothing_there, charged, Converges(mass_p)),
    forms={"discrete": Form(states, (halves, thirds))},
    claims=("000-20", "000-21", "000-52", "000-83"),
    words={2: "p is zero on a set", 3: "q has mass on that set"},
    narrows={"": "infinite is read as a limit: p is mixed with a little of q, and as that vanishes the bound passes every number"},
)
def kl_of_smoothed() -> Thm:
    """On the set p is a small share of q, so the logarithm is large; off it the divergence cannot be very negative."""
    below, share = _in_two(), odds / (1 + odds)
    height = log(1 + odds) - share
    flat = calc(
        total(below.prop.rhs, whole),
        inside(height * (a * q) + share * q - share * w**2),
        linearity,
        ("the mass of q on the set", given(charged)),
        ("q integrates to one", given(mass)),
        to(kl_of_smoothed.statement.rhs),
    )
    parts = height * total(a * q, whole) + share * total(q, whole) - share * mass_p
    finite_below = combined(total(below.prop.rhs, whole), parts)
    bound = discharge(monotone(below, whole), _smoothed_converges(), finite_below)
    thm = chain(unfold(KL(q, smoothed, whole)), because(bound, "on the set and off it"), flat)
    return settled_by(thm, mass, charged)
