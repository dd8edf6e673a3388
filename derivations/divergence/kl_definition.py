r"""# What the divergence is

Take two distributions $q$ and $p$ of the same thing. At each point compare them by the logarithm of their ratio,
$\ell(z) = \log q(z)/p(z)$, and average this log ratio over points that are drawn from $q$:

$$D_{\mathrm{KL}}(q \,\|\, p) = \mathbb{E}_q[\ell] = \int q(z) \log\frac{q(z)}{p(z)}\,dz,$$

a sum where $z$ is discrete. The natural logarithm measures in nats; divide by $\log 2$ for bits.

**Does the average exist?** The integrand may be negative, but never below $q - p$, whose integral is zero. So
$q \log(q/p) - q + p$ is never negative, its integral has a meaning on every space, finite or not, and the divergence is
a number in $[0, \infty]$. (Both distributions are taken to be positive where they are compared; points where $q$ is
zero add nothing.)

**When is it finite?** It is often said that "$p(z) = 0$ implies $q(z) = 0$" is what the divergence requires.

- On a discrete space the condition says that $q \ll p$: what $p$ gives no mass, $q$ gives none. For densities single
  points do not count: $p(z) = 2z$ on $[0, 1]$ vanishes at $0$, the uniform $q$ does not, and the divergence is
  $1 - \log 2$. What $q \ll p$ means is that $q = w\, p$ for some weight $w$, almost everywhere: averages under $q$ are
  weighted averages under $p$, and where $p$ has no mass nothing can be made of it by a weight.
- It is not sufficient for a finite divergence. Below, $p$ is positive everywhere and the divergence is infinite.

**What does it tell?** It is zero for distributions that agree almost everywhere and, by Gibbs' inequality, only for
them. So it measures misfit; Pinsker's inequality says how much misfit a small divergence still allows.

Keywords: Kullback-Leibler divergence, definition of the divergence, KL divergence definition, relative entropy, nats
and bits, absolutely continuous, log ratio, infinite KL, kl_div.
"""

from derivations import *

Q, P = density("q", "z"), density("p", "z")
q, p = Q(u), P(u)

bells = {Q: Lambda(z, gauss(z, 1, 1)), P: Lambda(z, gauss(z, 0, 4))}
table = {K: 4, Q: Lambda(k, k / 10), P: Lambda(k, (5 - k) / 10)}
forms = on_both(bells, table)
equal_bells, equal_table = {**bells, P: bells[Q]}, {**table, P: table[Q]}


@theorem(
    same(KL(q, p, whole), E(log(q / p), q, whole)),
    "The divergence is an expected log ratio",
    claims=("000-23", "000-24", "000-27", "000-48", "004-16", "004-18"),
    forms=forms,
    kind="definition",
)
def kl_is_expected_log_ratio() -> Thm:
    """Both sides are the same integral."""
    return calc(KL(q, p, whole), opened, folded(E(log(q / p), q, whole)))


@theorem(
    same(KL(q, p, whole), E(log(q) - log(p), q, whole)),
    "The divergence is one expectation of a difference",
    claims=("000-31",),
    forms=forms,
    kind="definition",
)
def kl_is_expected_difference() -> Thm:
    """The logarithm of a ratio is a difference, inside the one expectation: nothing has to be finite."""
    return calc(KL(q, p, whole), opened, inside(q * (log(q) - log(p))), flip(unfold(E(log(q) - log(p), q, whole))))


@theorem(
    same(KL(q, p, whole), E(-log(p / q), q, whole)),
    "The divergence is the mean of minus the log of the inverse ratio",
    claims=("000-35",),
    forms=forms,
    kind="definition",
)
def kl_is_mean_of_minus_log() -> Thm:
    """The logarithm of a ratio is minus that of its inverse."""
    return calc(KL(q, p, whole), opened, inside(-q * log(p / q)), flip(unfold(E(-log(p / q), q, whole))))


@theorem(
    same(E(log(q / p) / log(2), q, whole), KL(q, p, whole) / log(2)),
    "Bits are nats over log 2",
    claims=("000-25",),
    forms=forms,
)
def kl_units() -> Thm:
    """The base-two logarithm is the natural one over a constant, and the constant comes out."""
    return calc(E(log(q / p) / log(2), q, whole), opened, linearity, folded(KL(q, p, whole) / log(2)))


@theorem(
    at_least(total(q * log(q / p) - q + p, whole), 0),
    "The integral that makes the divergence well defined",
    forms=on_both((bells, equal_bells), (table, equal_table)),
)
def kl_well_defined() -> Thm:
    """log t >= 1 - 1/t, at t = q/p and times q: the integrand is never negative."""
    return monotone(rearrange(log_tangent(p / q), q * log(q / p) - q + p, Integer(0), times=q), whole)


R = density("r", "z")
r = R(u)
alike = AlmostEverywhere(same(q, p), whole)
third_bell = {**equal_bells, R: Lambda(z, gauss(z, 0, 2))}
third_table = {**equal_table, R: Lambda(k, (k + 1) ** 2 / 54)}


@theorem(
    same(KL(q, r, whole), KL(p, r, whole)),
    "A divergence does not see null sets",
    given=(alike,),
    forms=on_both(third_bell, third_table),
    words={0: "the two distributions agree almost everywhere"},
    claims=("000-42", "000-50"),
)
def kl_ignores_null_sets() -> Thm:
    """The integrands agree almost everywhere. At r = p: distributions that agree almost everywhere have divergence
    zero."""
    pointwise = rewrite(q * log(q / r), assume(same(q, p)))
    swapped = almost_equal(almost_all(given(alike), pointwise))
    return calc(KL(q, r, whole), opened, ("almost everywhere", swapped), folded(KL(p, r, whole)))


A = Function("a(z)", real=True)
LESS, MORE, WEIGHT = (Function(f"{name}(z)", nonnegative=True) for name in ("q", "p", "w"))
weighted = AlmostEverywhere(same(LESS(u), WEIGHT(u) * MORE(u)), whole)
under_q, under_p = E(A(u), LESS(u), whole), E(A(u) * WEIGHT(u), MORE(u), whole)
ratio_of_bells = 2 * exp(-((z - 1) ** 2) / 2 + z**2 / 8)
parabola = {LESS: bells[Q], MORE: bells[P], WEIGHT: Lambda(z, ratio_of_bells), A: Lambda(z, z**2 - z)}
one_missing = {LESS: Lambda(k, (k - 1) ** 2 / 14), MORE: Lambda(k, (k - 1) / 6), WEIGHT: Lambda(k, 3 * (k - 1) / 7)}
one_missing |= {A: Lambda(k, 1 / k), K: 4}


@theorem(
    same(under_q, under_p),
    "With a density against p: averages under q are weighted averages under p",
    given=(weighted,),
    forms=on_both(parabola, one_missing),
)
def absolute_continuity() -> Thm:
    """Where q = w p the integrands agree; both distributions may vanish, and null sets do not count."""
    pointwise = rewrite(A(u) * LESS(u), assume(weighted.args[0]))
    swapped = almost_equal(almost_all(given(weighted), pointwise))
    return calc(under_q, opened, ("almost everywhere", swapped), folded(under_p))


i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
blocks, sides = Tuple(i, 1, oo), Tuple(j, 1, 2)
leak = 2 ** (-2 - 2 ** (i + 1))
even, steep = 2 ** (-i) / 2, 2 ** (-i) * leak ** (2 - j) / (1 + leak)


@theorem(same(total(steep, sides, blocks), 1), "A distribution that favours one of two letters in each block")
def steep_mass() -> Thm:
    """Block i has mass 2^-i, nearly all of it on its second letter."""
    block = calc(total(steep, sides), write_out, to(2 ** (-i)))
    return chain(spread := monotone(block, blocks), telescope(spread.prop.rhs, 2 * 2 ** (-i)))


FIRST, SECOND = density("q", "i,j"), density("p", "i,j")


def no_divergence() -> Thm:
    """A distribution does not diverge from itself: every term is zero, and zeros add up."""
    some = telescope(total(2 ** (-i), blocks), 2 * 2 ** (-i))
    zeros = discharge(combine(total(Integer(0), blocks), (0, some.prop.lhs)), integrable(some))
    return discharge(finite_sum(total(Integer(0), sides, blocks)), zeros)


def _even_mass() -> Thm:
    """Both letters of block i have mass 2^-i / 2."""
    block = calc(total(even, sides), write_out, to(2 ** (-i)))
    return chain(spread := monotone(block, blocks), telescope(spread.prop.rhs, 2 * 2 ** (-i)))


@counterexample(
    Converges(KL(FIRST(i, j), SECOND(i, j), sides, blocks)),
    same(KL(even, steep, sides, blocks), oo),
    "Positive everywhere, hence a finite divergence",
    at={FIRST: Lambda((i, j), even), SECOND: Lambda((i, j), steep)},
    holds_at={FIRST: Lambda((i, j), even), SECOND: Lambda((i, j), even)},
    facts=lambda: (_even_mass(), steep_mass.thm),
    witness=lambda: (_even_mass(), no_divergence()),
    given=tuple(same(total(law(i, j), sides, blocks), 1) for law in (FIRST, SECOND)),
    instead="kl_well_defined",
)
def kl_is_finite_when_absolutely_continuous() -> Thm:
    r"""Every block adds more than $\log 2$ nats, and there is no last block: the sum passes every bound."""
    nats = log(2) + 2 ** (-i) * log(1 + leak)
    block = calc(total(even * log(even / steep), sides), write_out, to(nats))
    extra = rearrange(sign(2 ** (-i) * log(1 + leak)), nats, log(2))
    return chain(opened(KL(even, steep, sides, blocks)), monotone(block, blocks), diverges(extra, blocks))


s = Symbol("s", positive=True)
unit = Tuple(s, 0, 1)


@theorem(same(KL(1, 2 * s, unit), 1 - log(2)), "One point where p vanishes and q does not: still finite")
def kl_is_finite_at_one_point() -> Thm:
    """p(z) = 2z on [0, 1] vanishes at 0 and the uniform distribution does not; one point has no length."""
    return calc(
        KL(1, 2 * s, unit),
        opened,
        inside(-log(2) - log(s)),
        ("vanishes where z does", lambda e: antiderivative(e, s - s * log(2) - s * log(s))),
    )


two_laws = Definition(
    "two_laws",
    "kl_definition",
    "Two distributions on one space, with densities that share a base measure; expectations are under q.",
    ("000-18", "000-22", "000-26"),
    nearest="kl_is_expected_log_ratio",
)


continuity_at_points = Definition(
    "continuity_at_points",
    "kl_definition",
    "In the discrete case this is what absolute continuity means; for densities it is asked up to null sets.",
    ("000-19",),
    nearest="absolute_continuity",
    half="the discrete case",
)


extra_surprise = Definition(
    "extra_surprise",
    "kl_definition",
    "Surprise is minus the logarithm of a probability; the divergence is the mean of the difference of two. 1951 is the "
    "year of the paper by Kullback and Leibler.",
    ("000-28",),
    nearest="kl_is_expected_difference",
)
