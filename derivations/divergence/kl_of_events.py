r"""# Divergences see events

Take an event (or a soft one, which happens at $z$ with a probability $h(z)$). If the first distribution gives it mass
$A$ and the second $B$, the divergence is at least that of the two coins. So it grows without limit as $B \to 0$ with
$A$ held.

**Read forward**, $D_{\mathrm{KL}}(p \,\|\, q)$: a $q$ with mass $b$ where the target has mass $a$ pays at least
$a \log \frac1b - \log 2$, without limit as $b \to 0$. So a fit that pays no more than $D$ keeps at least the mass
$e^{-(D + \log 2)/a}$ there: it avoids zeros, as long as some candidate pays a finite price.

**Read in reverse**, $D_{\mathrm{KL}}(q \,\|\, p)$: a $q$ that puts mass $b$ where the target has mass $a$ pays at least
$b \log \frac1a - \log 2$. So it must all but leave the events that the target all but excludes: the fit forces zeros.
With a divergence of at most $D$, no more than $(D + \log 2)/\log\frac1a$ of it can stay. In the theorem $b$ is $B_1$
and $a$ is $A$.

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


half, speck, sure = Rational(1, 2), Rational(1, 10**30), 10**60
slit = {K: 2, Q: Lambda(k, half), P: Lambda(k, speck ** (2 - k) / (1 + speck)), ODDS: Lambda(k, sure ** (3 - 2 * k))}
slit |= {A: speck / (1 + speck), A_2: 1 / (1 + speck), B_1: half, B_2: half}


def _exchanged(example: dict) -> dict:
    """Target and fit, each in the place of the other."""
    places = {P: Q, A: B_1, A_2: B_2}
    places |= {b: a for a, b in places.items()}
    return {places.get(name, name): value for name, value in example.items()}


def _all_mass(law: Expr, mass: Basic, on: Basic, off: Basic) -> Thm:
    """The masses of the event and of the rest add up to one."""
    apart = ("on the event and off it", inside(law * event + law * rest))
    split = calc(total(law, whole), apart, linearity, ("the masses of both", given(on)), given(off))
    return chain(flip(settled_by(split, on, off)), given(mass))


@theorem(
    at_least(KL(q, p, whole) + log(2), B_1 * log(1 / A)),
    "Mass where the target has almost none must be paid for",
    given=(*shares, *masses, Converges(KL(q, p, whole))),
    claims=("000-86", "000-102"),
    forms={"discrete": Form(states, (two, slit))},
    narrows={"": "p is positive there, however little: the bound grows without limit as its mass vanishes"},
)
def mass_forced_out() -> Thm:
    """The divergence of the two coins, less what a coin can save: its entropy is at most log 2."""
    coins = instantiate(coarse_divergence.thm, {P: Lambda(z, Q(z)), Q: Lambda(z, P(z))})
    coins = substitute(coins, {A: B_1, A_2: B_2, B_1: A, B_2: A_2})
    all_q = _all_mass(q, masses[0], shares[2], shares[3])
    all_p = _all_mass(p, masses[1], shares[0], shares[1])
    heads, tails, other = map(below_tangent, (1 / (2 * B_1), 1 / (2 * B_2), A_2))
    line_1 = B_1 * log(1 / A) - B_1 * log(2) + B_1 - Rational(1, 2) + B_2 * log(B_2 / A_2)
    line_2 = B_1 * log(1 / A) - (B_1 + B_2) * log(2) + B_1 + B_2 - 1 - B_2 * log(A_2)
    line_3 = line_2 + B_2 * log(A_2) + B_2 * (1 - A_2)
    line_4 = B_1 * log(1 / A) - log(2) + B_2 * (1 - A_2)
    line_5 = B_1 * log(1 / A) - log(2) + B_2 * A
    at_heads = rearrange(heads, coins.prop.rhs, line_1, times=B_1)
    floor = chain(
        coins,
        because(at_heads, "the logarithm of 1/(2 B_1) below its tangent at 1"),
        because(rearrange(tails, line_1, line_2, times=B_2), "the same for 1/(2 B_2)"),
        because(rearrange(other, line_2, line_3, times=B_2), "the same for A_2"),
        because(rearrange(all_q, line_3, line_4, times=1 - log(2)), "all mass of q"),
        because(rearrange(all_p, line_4, line_5, times=-B_2), "all mass of p"),
        rearrange(sign(B_2 * A), line_5, B_1 * log(1 / A) - log(2)),
    )
    return rearrange(floor, *mass_forced_out.statement.args)


@theorem(
    at_least(KL(p, q, whole) + log(2), A * log(1 / B_1)),
    "An event of the target that the fit all but misses must be paid for",
    given=(*shares, *masses, Converges(KL(p, q, whole))),
    claims=("000-81", "000-85"),
    forms={"discrete": Form(states, (two, _exchanged(slit)))},
    narrows={"": "q is positive there, however little: the bound grows without limit as its mass vanishes"},
)
def mass_kept_in() -> Thm:
    """The forward reading: target and fit change places."""
    exchanged = instantiate(mass_forced_out.thm, {P: Lambda(z, Q(z)), Q: Lambda(z, P(z))})
    return substitute(exchanged, {A: B_1, A_2: B_2, B_1: A, B_2: A_2})
