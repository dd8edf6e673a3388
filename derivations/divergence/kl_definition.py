r"""# What the divergence is

Take two laws $q$ and $p$ of the same thing. At each point compare them by the logarithm of their ratio,
$\ell(z) = \log q(z)/p(z)$, and average this log ratio over points that are drawn from $q$:

$$D_{\mathrm{KL}}(q \,\|\, p) = \mathbb{E}_q[\ell] = \int q(z) \log\frac{q(z)}{p(z)}\,dz,$$

a sum where $z$ is discrete. The natural logarithm measures in nats; divide by $\log 2$ for bits.

**Does the average exist?** The integrand may be negative, but never below $q - p$, whose integral is zero. So
$q \log(q/p) - q + p$ is never negative, its integral has a meaning on every space, finite or not, and the divergence is
a number in $[0, \infty]$. (Both laws are taken to be positive where they are compared; points where $q$ is zero add nothing.)

**When is it finite?** It is often said that "$p(z) = 0$ implies $q(z) = 0$" is what the divergence requires.

- On a discrete space the condition says that $q \ll p$: what $p$ gives no mass, $q$ gives none. For densities single points
  do not count: $p(z) = 2z$ on $[0, 1]$ vanishes at $0$, the uniform $q$ does not, and the divergence is $1 - \log 2$.
  What $q \ll p$ means is that $q = w\, p$ for some weight $w$, almost everywhere: averages under $q$ are weighted averages
  under $p$, and where $p$ has no mass nothing can be made of it by a weight.
- It is not sufficient for a finite divergence. Below, $p$ is positive everywhere and the divergence is infinite.

**What does it tell?** It is zero for laws that agree almost everywhere and, by Gibbs' inequality, only for them. So it
measures misfit; Pinsker's inequality says how much misfit a small divergence still allows.
"""

from derivations import *

Q, P = density("q", "z"), density("p", "z")
q, p = Q(u), P(u)
t, a = Symbol("t", positive=True), Symbol("a", positive=True)

bells = {Q: Lambda(z, exp(-((z - 1) ** 2) / 2) / sqrt(2 * pi)), P: Lambda(z, exp(-(z**2) / 8) / sqrt(8 * pi))}
table = {K: Integer(4), Q: Lambda(k, k / 10), P: Lambda(k, (5 - k) / Integer(10))}
forms = {"continuous": Form(line, (bells,)), "discrete": Form(states, (table,))}
equal_bells, equal_table = {**bells, P: bells[Q]}, {**table, P: table[Q]}
equal_forms = {"continuous": Form(line, (equal_bells,)), "discrete": Form(states, (equal_table,))}


@theorem(
    same(KL(q, p, whole), E(log(q / p), q, whole)),
    "The divergence is an expected log ratio",
    claims=("000-18", "000-22", "000-23", "000-24", "000-26", "000-27", "000-48", "004-16", "004-18"),
    forms=forms,
)
def kl_is_expected_log_ratio() -> Thm:
    """Both sides are the same integral."""
    return calc(KL(q, p, whole), opened, folded(E(log(q / p), q, whole)))


@theorem(
    same(KL(q, p, whole), E(log(q) - log(p), q, whole)),
    "The divergence is one expectation of a difference",
    claims=("000-31",),
    forms=forms,
)
def kl_is_expected_difference() -> Thm:
    """The logarithm of a ratio is a difference, inside the one expectation: nothing has to be finite."""
    return calc(KL(q, p, whole), opened, inside(q * (log(q) - log(p))), flip(unfold(E(log(q) - log(p), q, whole))))


@theorem(
    same(E(log(q / p) / log(2), q, whole), KL(q, p, whole) / log(2)),
    "Bits are nats over log 2",
    claims=("000-25",),
    forms=forms,
)
def kl_units() -> Thm:
    """The base-two logarithm is the natural one over a constant, and the constant comes out."""
    bits = E(log(q / p) / log(2), q, whole)
    return calc(bits, opened, linearity, folded(KL(q, p, whole) / log(2)))


@theorem(
    at_least(total(q * log(q / p) - q + p, whole), Integer(0)),
    "The integral that makes the divergence well defined",
    forms={name: Form(f.over, (*f.examples, *equal_forms[name].examples)) for name, f in forms.items()},
)
def kl_well_defined() -> Thm:
    """log t >= 1 - 1/t, at t = q/p and times q: the integrand is never negative."""
    below = substitute(tangent(log(t), t, a), {t: p / q, a: Integer(1)})
    return monotone(rearrange(below, q * log(q / p) - q + p, Integer(0), times=q), whole)


R = density("r", "z")
r = R(u)
alike = AlmostEverywhere(same(q, p), whole)
thirds = (
    {**bells, P: bells[Q], R: Lambda(z, exp(-(z**2) / 4) / sqrt(4 * pi))},
    {**table, P: table[Q], R: Lambda(k, (k + 1) ** 2 / Integer(54))},
)


@theorem(
    same(KL(q, r, whole), KL(p, r, whole)),
    "A divergence does not see null sets",
    given=(alike,),
    forms={name: Form(f.over, (third,)) for (name, f), third in zip(forms.items(), thirds, strict=True)},
)
def kl_ignores_null_sets() -> Thm:
    """The integrands agree almost everywhere. At r = p: laws that agree almost everywhere have divergence zero."""
    pointwise = rewrite(q * log(q / r), assume(same(q, p)))
    return calc(
        KL(q, r, whole),
        opened,
        ("almost everywhere", almost_equal(almost_all(given(alike), pointwise))),
        folded(KL(p, r, whole)),
    )


A = Function("a(z)", real=True)
LESS, MORE, WEIGHT = (Function(f"{name}(z)", nonnegative=True) for name in ("q", "p", "w"))
weighted = AlmostEverywhere(same(LESS(u), WEIGHT(u) * MORE(u)), whole)
parabola = {
    LESS: bells[Q],
    MORE: bells[P],
    WEIGHT: Lambda(z, 2 * exp(-((z - 1) ** 2) / 2 + z**2 / 8)),
    A: Lambda(z, z**2 - z),
}
one_missing = {
    K: Integer(4),
    LESS: Lambda(k, (k - 1) ** 2 / Integer(14)),
    MORE: Lambda(k, (k - 1) / Integer(6)),
    WEIGHT: Lambda(k, 3 * (k - 1) / Integer(7)),
    A: Lambda(k, 1 / k),
}


@theorem(
    same(E(A(u), LESS(u), whole), E(A(u) * WEIGHT(u), MORE(u), whole)),
    "What absolute continuity gives: averages under q are weighted averages under p",
    given=(weighted,),
    amends=("000-19",),
    forms={"continuous": Form(line, (parabola,)), "discrete": Form(states, (one_missing,))},
)
def absolute_continuity() -> Thm:
    """Where q = w p the integrands agree; both laws may vanish, and null sets do not count."""
    pointwise = rewrite(A(u) * LESS(u), assume(weighted.args[0]))
    return calc(
        E(A(u), LESS(u), whole),
        opened,
        ("almost everywhere", almost_equal(almost_all(given(weighted), pointwise))),
        folded(E(A(u) * WEIGHT(u), MORE(u), whole)),
    )


i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
blocks, sides = Tuple(i, 1, oo), Tuple(j, 1, 2)
leak = 2 ** (-2 - 2 ** (i + 1))
even, steep = 2 ** (-i) / 2, 2 ** (-i) * leak ** (2 - j) / (1 + leak)


@theorem(same(total(steep, sides, blocks), Integer(1)), "A law that charges one of two letters in each block")
def steep_mass() -> Thm:
    """Block i has mass 2^-i, nearly all of it on its second letter."""
    block = calc(total(steep, sides), write_out, to(2 ** (-i)))
    return chain(spread := monotone(block, blocks), telescope(spread.prop.rhs, 2 * 2 ** (-i)))


@counterexample(
    Converges(KL(Q(k), P(k), (k, 1, oo))),
    same(KL(even, steep, sides, blocks), oo),
    "Positive everywhere, hence a finite divergence",
    at={Q: even, P: steep},
    instead="kl_well_defined",
    claims=("000-20",),
)
def kl_is_finite_when_absolutely_continuous() -> Thm:
    r"""Every block adds more than $\log 2$ nats, and there is no last block: the sum passes every bound."""
    nats = log(2) + 2 ** (-i) * log(1 + leak)
    block = calc(total(even * log(even / steep), sides), write_out, to(nats))
    extra = rearrange(sign(2 ** (-i) * log(1 + leak)), nats, log(2))
    return chain(opened(KL(even, steep, sides, blocks)), monotone(block, blocks), diverges(extra, blocks))


s = Symbol("s", positive=True)
unit = Tuple(s, 0, 1)
VANISHING = Function("p(s)", nonnegative=True)
FLAT = density("q", "s")


@counterexample(
    same(KL(FLAT(s), VANISHING(s), unit), oo),
    same(KL(Integer(1), 2 * s, unit), 1 - log(2)),
    "One point where p vanishes and q does not makes the divergence infinite",
    at={FLAT: Lambda(s, Integer(1)), VANISHING: Lambda(s, 2 * s)},
    given=(same(VANISHING(0), Integer(0)),),
    instead="kl_well_defined",
    claims=("000-21",),
)
def kl_is_infinite_at_one_point() -> Thm:
    """p(z) = 2z on [0, 1] vanishes at 0 and the uniform law does not; one point has no length."""
    return calc(
        KL(Integer(1), 2 * s, unit),
        opened,
        inside(-log(2) - log(s)),
        ("vanishes where z does", lambda e: antiderivative(e, s - s * log(2) - s * log(s))),
    )
