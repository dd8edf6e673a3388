r"""# Divergences see events

Take an event (or a soft one, which happens at $z$ with a probability $h(z)$). If the first distribution gives it mass
$A$ and the second $B$, the divergence is at least that of the two coins. So it grows without limit as $B \to 0$ with
$A$ held.

**Read forward**, $D_{\mathrm{KL}}(p \,\|\, q)$: a $q$ with mass $b$ where the target has mass $a$ pays at least
$a \log \frac1b - \log 2$, without limit as $b \to 0$. So a fit that pays no more than $D$ keeps at least the mass
$e^{-(D + \log 2)/a}$ there: it avoids zeros, as long as some candidate pays a finite price.

**Read in reverse**, $D_{\mathrm{KL}}(q \,\|\, p)$: a $q$ that puts mass $b$ where the target has mass $a$ pays at least
$b \log \frac1a - \log 2$. So it must all but leave the events that the target all but excludes: the fit forces zeros.
With a divergence of at most $D$, no more than $(D + \log 2)/\log\frac1a$ of it can stay. In the theorems $b$ is $B$
and $a$ is $A$; the event is a set of points, on which $a(z)$ is 1.

This is the sense in which reverse fitting squeezes $q$ *under* $p$. Literally below, at every point, $q$ can never lie,
unless the two are equal: both integrate to one.

Keywords: data processing inequality, coarse graining, log sum inequality, probability of an event.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, masses, p, q

ODDS = density("odds", "z")
odds = ODDS(u)
event, rest = odds / (1 + odds), 1 / (1 + odds)
A, A_2, B_1, B_2 = (Symbol(s, positive=True) for s in ("A", "A_2", "B_1", "B_2"))
shares = (
    same(total(p * event, whole), A),
    same(total(p * rest, whole), A_2),
    same(total(q * event, whole), B_1),
    same(total(q * rest, whole), B_2),
)
two = {K: 2, P: Lambda(k, k / 3), Q: Lambda(k, (3 - k) / 3), ODDS: Lambda(k, k)}
two |= {A: Rational(11, 18), A_2: Rational(7, 18), B_1: Rational(5, 9), B_2: Rational(4, 9)}
alike = {**two, Q: two[P], B_1: two[A], B_2: two[A_2]}


def _cell(part: object, mass: Symbol, other: Symbol) -> Thm:
    """On one cell: p h log(p/q) >= p h (log(A/B) + 1) - q h A/B."""
    support = p * part * (log(mass / other) + 1) - q * part * mass / other
    return rearrange(log_tangent(q / p, other / mass), p * part * log(p / q), support, times=p * part)


@theorem(
    at_least(KL(p, q, whole), A * log(A / B_1) + A_2 * log(A_2 / B_2)),
    "A divergence is at least that of the coins for any event",
    given=(*shares, Converges(KL(p, q, whole))),
    forms={"discrete": Form(states, (two, alike))},
)
def coarse_divergence() -> Thm:
    """On the event and off it, the logarithm lies below its tangent at the ratio of the masses."""
    on, off = _cell(event, A, B_1), _cell(rest, A_2, B_2)
    middle, support = on.prop.rhs + p * rest * log(p / q), on.prop.rhs + off.prop.rhs
    pointwise = chain(rearrange(on, p * log(p / q), middle), rearrange(off, middle, support))
    heights = log(A / B_1) + 1, log(A_2 / B_2) + 1, -A / B_1, -A_2 / B_2
    pieces = [height * share.lhs for height, share in zip(heights, shares, strict=True)]
    flat = calc(
        total(support, whole),
        inside(sum(height * share.lhs.args[0] for height, share in zip(heights, shares, strict=True))),
        linearity,
        *(("the masses of the event and of the rest", given(s)) for s in shares),
        to(coarse_divergence.statement.rhs),
    )
    finite = settled_by(combined(total(support, whole), sum(pieces)), *shares)
    bound = discharge(monotone(pointwise, whole), finite)
    return chain(unfold(KL(p, q, whole)), bound, settled_by(flat, *shares))


# --- a set of points ---

IN = Function("a(z)", nonnegative=True)
a = IN(u)
B, kept, left = Symbol("B", real=True), Symbol("A", real=True), Symbol("B", positive=True)
a_set, some_p, some_q = ForAll(same(a**2, a), u), same(total(a * p, whole), A), same(total(a * q, whole), B)
all_p, all_q = same(total(a * p, whole), kept), same(total(a * q, whole), left)
half, speck = Rational(1, 2), Rational(1, 10**30)
inside_1 = Lambda(k, 2 - k)
thirds = {K: 2, P: Lambda(k, k / 3), Q: Lambda(k, (3 - k) / 3), IN: inside_1, A: Rational(1, 3), B: Rational(2, 3)}
slit = {K: 2, P: Lambda(k, speck ** (2 - k) / (1 + speck)), Q: Lambda(k, half), IN: inside_1}
slit |= {A: speck / (1 + speck), B: half}


def _exchanged(example: dict) -> dict:
    """Target and fit, each in the place of the other."""
    places = {P: Q, Q: P, A: left, B: kept}
    return {places.get(name, name): value for name, value in example.items()}


@theorem(
    at_least(KL(q, p, whole) + log(2), B * log(1 / A)),
    "Mass where the target has almost none must be paid for",
    given=(a_set, *masses, some_q, some_p, Converges(KL(q, p, whole))),
    claims=("000-86", "000-102"),
    forms={"discrete": Form(states, (thirds, slit))},
    words={
        4: "P has some mass, however little, where Q is squeezed out: what mass of Q costs there grows without limit as that of P vanishes"
    },
)
def mass_forced_out() -> Thm:
    """Against p with half its weight on the event and half on all that is left, which has mass one at most."""
    on_a, loss = given(a_set), q * log(q / p)
    near, off = q - q * log(2 * A) - p / (2 * A), q - q * log(2) - p / 2
    flat = q - q * log(2) - p / 2 + log(1 / A) * (a * q) - (1 / A - 1) / 2 * (a * p)
    lines = (
        (a**2 + (1 - a) ** 2) * loss,
        a**2 * near + (1 - a) ** 2 * loss,
        a**2 * near + (1 - a) ** 2 * off,
        a * near + (1 - a) ** 2 * off,
        flat,
    )
    below = chain(
        rearrange(on_a, loss, lines[0], times=-2 * loss),
        rearrange(log_tangent(p / q, 2 * A), lines[0], lines[1], times=a**2 * q),
        rearrange(log_tangent(p / q, Integer(2)), lines[1], lines[2], times=(1 - a) ** 2 * q),
        rearrange(on_a, lines[2], lines[3], times=near),
        rearrange(on_a, lines[3], lines[4], times=off),
    )
    value = calc(
        total(flat, whole),
        linearity,
        ("the masses of the event", given(some_q)),
        given(some_p),
        ("both distributions have mass one", given(masses[0])),
        given(masses[1]),
        to(B * log(1 / A) - log(2) + A / 2),
    )
    parts = (1 - log(2)) * total(q, whole) - total(p, whole) / 2 + log(1 / A) * total(a * q, whole)
    finite = combined(total(flat, whole), parts - (1 / A - 1) / 2 * total(a * p, whole))
    bound = chain(unfold(KL(q, p, whole)), discharge(monotone(below, whole), finite), value)
    thm = rearrange(
        chain(bound, rearrange(sign(A / 2), bound.prop.rhs, B * log(1 / A) - log(2))), *mass_forced_out.statement.args
    )
    return settled_by(discharge(thm, part_converges(q)), *masses, some_p)


def part_converges(law: Expr) -> Thm:
    """What a distribution has in the event lies between nothing and all of it."""
    on_a, outside = given(a_set), (1 - a) ** 2 * law
    above = chain(rearrange(sign(outside), law, law - outside), rearrange(on_a, law - outside, a * law, times=-law))
    return between(above, chain(rearrange(on_a, a * law, a**2 * law, times=-law), sign(a**2 * law)), whole)


@theorem(
    at_least(KL(p, q, whole) + log(2), kept * log(1 / left)),
    "An event of the target that the fit all but misses must be paid for",
    given=(a_set, *masses, all_p, all_q, Converges(KL(p, q, whole))),
    claims=("000-81", "000-85"),
    forms={"discrete": Form(states, (_exchanged(thirds), _exchanged(slit)))},
    words={
        4: "Q has some mass, however little, where P has mass: what mass of P costs there grows without limit as that of Q vanishes"
    },
)
def mass_kept_in() -> Thm:
    """The forward reading: target and fit change places."""
    exchanged = instantiate(mass_forced_out.thm, {P: Lambda(z, Q(z)), Q: Lambda(z, P(z))})
    return substitute(exchanged, {A: left, B: kept})
