r"""# A family of encoders, and what it can reach

Variational inference chooses a family $\{q_\phi\}$ and looks for the member nearest to the posterior. The most common
family is a Gaussian with independent coordinates, whose density is known in closed form.

A **larger family is never worse**: if every member of the smaller one is a member of the larger, no member of the
smaller can have a gap below the smallest gap of the larger. It need not be better: the gap gets smaller if a new
member has a larger ELBO than every old one, and by as much. The statement is about the best member of each, with the
model held fixed; what training finds is another question. That a best member exists is assumed; over an infinite
family the infimum need not be attained. Which member is closest no posterior is needed to tell: evidence less ELBO is
the gap, so it is the one with the largest ELBO.

A posterior is not hard because it is complex. The gap measures how far it is from the *family*: a posterior with two
modes has gap zero for a family that contains it. But a zero gap means equality: an encoder with one mode never has the
gap zero at a posterior with two, [by at least half the square of the valley's depth](one_mode_gap.md).

**Amortization** makes one function serve all data points. What a shared choice costs over separate choices, the
amortization gap, is never negative. For the posteriors $(\tfrac1{10}, \tfrac9{10})$ and $(\tfrac9{10}, \tfrac1{10})$
separate encoders have no gap at all, while every encoder that ignores $x$ has a total gap of at least
$2 \log \tfrac53$, which the fair coin attains.

Headline: amortization_gap.
Keywords: amortization gap, amortized inference, variational family, approximation gap, inference network, encoder,
expressive posterior.
"""

from derivations import *
from derivations.divergence.gibbs import Q, agree, equal_tables, finite, gibbs_equality, masses
from derivations.divergence.gibbs import p as law
from derivations.divergence.gibbs import q as encoder
from derivations.evidence import evidence_decomposition as ed
from derivations.evidence.gap import gap_is_deficit

# --- the usual family ---

i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
point = IndexedBase("zs", shape=(d,), real=True)
centre, var = IndexedBase("mean_q", real=True), IndexedBase("var_q", positive=True)
usual = Product(Normal(point[i], centre[i], var[i]), (i, 1, d))
closed = Sum(-log(2 * pi * var[j]) / 2 - (point[j] - centre[j]) ** 2 / (2 * var[j]), (j, 1, d))


@theorem(
    same(log(usual), closed),
    "The log density of the usual encoder",
    claims=("004-27",),
    narrows={"004-27": "the usual diagonal Gaussian"},
)
def encoder_log_density() -> Thm:
    """The logarithm of a product is a sum, and that of a Gaussian is a quadratic."""
    return calc(log(usual), log_product(usual), lambda e: rename(e, j), opened, inside(closed.args[0]))


# --- the best of a family, and larger families ---

FAMILY, INNER = density("q", "z|x,phi"), Function("f(s)", real=True)
phi, best, s = Symbol("phi", real=True), Symbol("best", real=True), Symbol("s", real=True)


def member(e: Expr, at: Expr) -> Expr:
    """An ELBO or a gap, of the member of the family with this parameter."""
    return e.xreplace({ed.q: FAMILY(u, x, at)})


any_gap, least_gap, most = member(ed.gap, phi), member(ed.gap, best), member(ed.elbo, best)
maximal = ForAll(at_least(most, member(ed.elbo, phi)), phi)
members = (
    ForAll(normalised(FAMILY(u, x, phi), whole), phi),
    ed.bayes,
    ForAll(Converges(member(ed.elbo, phi)), phi),
    maximal,
)


def _best_of(example: dict) -> dict:
    """The best member itself, which belongs to the smaller family too."""
    return {**example, phi: example[best], INNER: Lambda(s, example[best] + s), s: 0}


bells = {f: v for f, v in ed.bell.items() if f is not ed.ENCODER} | {best: Rational(2, 3), phi: 2}
bells |= {FAMILY: Lambda((z, x, phi), gauss(z, phi, Rational(1, 2))), INNER: Lambda(s, s**2), s: Rational(1, 2)}
tables = {f: v for f, v in ed.table.items() if f is not ed.ENCODER} | {best: 0, phi: Rational(1, 2)}
tables |= {
    FAMILY: Lambda((k, x, phi), (Rational(5, 2) + (5 - k) * phi**2) / (10 + 10 * phi**2)),
    INNER: Lambda(s, s),
    s: 1,
}
members_forms = on_both((bells, _best_of(bells)), (tables, _best_of(tables)))


@theorem(
    at_least(any_gap, least_gap),
    "The encoder of a family with the largest ELBO is the one closest to the posterior",
    given=members,
    claims=("003-60", "003-69", "004-41", "004-43", "004-46", "004-89"),
    forms=members_forms,
    narrows={
        "003-60": "the parameters of the model stay fixed; one datum",
        "003-69": "the weight of the divergence is 1; the parameters of the model stay fixed; one datum",
        "004-89": "the parameters of the model stay fixed; one datum",
    },
    words={3: "the encoder maximises the ELBO within its family"},
)
def largest_elbo_is_closest() -> Thm:
    """ELBO and gap add up to the evidence, which is the same for every encoder."""
    theirs = instantiate(gap_is_deficit.thm, {ed.ENCODER: Lambda((z, x), FAMILY(z, x, phi))})
    ours, any_member = substitute(theirs, {phi: best}), [given(h) for h in members[::2]]
    above = rearrange(given(maximal), theirs.prop.rhs, ours.prop.rhs)
    return discharge(
        chain(theirs, above, flip(ours)), *any_member, *(substitute(thm, {phi: best}) for thm in any_member)
    )


@theorem(
    at_least(member(ed.gap, INNER(s)), least_gap),
    "A larger family is never worse",
    given=members,
    claims=("002-57", "002-60"),
    forms=members_forms,
    narrows={"": "the larger family has every member of the smaller one"},
    words={3: "within the larger family the best member is found"},
)
def larger_family() -> Thm:
    """Every member of the smaller family, f(s), is a member phi of the larger one."""
    return substitute(largest_elbo_is_closest.thm, {phi: INNER(s)})


old, gain = INNER(s), Symbol("gain", positive=True)
exceeds = ForAll(at_least(most, member(ed.elbo, old) + gain), s)
bells_beside = {**bells, INNER: Lambda(s, s**2 + 1), s: 0, gain: Rational(1, 6)}
tables_beside = {**tables, INNER: Lambda(s, s**2 + 1), s: 0, gain: Rational(1, 8)}


@theorem(
    at_least(member(ed.gap, old), least_gap + gain),
    "A new member with a larger ELBO than every old one has a smaller gap",
    given=(*members[:3], exceeds),
    claims=("002-57", "002-60"),
    forms=on_both(bells_beside, tables_beside),
    words={3: "for a smaller gap, not only no larger a one: a new member has a larger ELBO than every old one"},
)
def nearer_member() -> Thm:
    """ELBO and gap add up to the evidence: what the one gains, the other loses."""
    any_gap_is = instantiate(gap_is_deficit.thm, {ed.ENCODER: Lambda((z, x), FAMILY(z, x, phi))})
    theirs, ours = substitute(any_gap_is, {phi: old}), substitute(any_gap_is, {phi: best})
    above = rearrange(given(exceeds), theirs.prop.rhs, ours.prop.rhs + gain)
    any_member = [given(h) for h in members[:3:2]]
    needs = [substitute(thm, {phi: at}) for thm in any_member for at in (old, best)]
    return discharge(chain(theirs, above, flip(rewrite(least_gap + gain, ours))), *needs)


# --- a zero gap ---


@theorem(
    AlmostEverywhere(same(law, encoder), whole),
    "A gap is inevitable unless the encoder is the posterior",
    given=(*masses, finite, agree),
    forms={"discrete": Form(states, (equal_tables,))},
)
def zero_gap_needs_the_posterior() -> Thm:
    """Equality in Gibbs' inequality; so an encoder of another shape, with fewer modes, has a positive gap."""
    return gibbs_equality.thm


two = (k, 1, 2)
ONE, OTHER = density("q_1", "z"), density("q_2", "z")
FIRST, SECOND = density("p_1", "z"), density("p_2", "z")
half, lopsided = Rational(1, 2), 9 ** (2 - k) / 10
mirrored = 9 ** (k - 1) / 10


# --- amortization ---

COST, BEST = Function("G(n)", real=True), Function("best(n)", real=True)
alone = ForAll(at_least(COST(n), BEST(n)), (n, 1, N))
halves = {N: 3, BEST: Lambda(n, n / 2)}


@theorem(
    at_least(Sum(COST(n), (n, 1, N)), Sum(BEST(n), (n, 1, N))),
    "The amortization gap is never negative",
    given=(alone,),
    examples=({**halves, COST: Lambda(n, n)}, {**halves, COST: Lambda(n, n / 2)}),
    kind="step",
)
def amortization_gap() -> Thm:
    """One point at a time, no shared choice beats the best choice for that point."""
    return monotone(given(alone), Tuple(n, 1, N))


shared = Q(k)
mass = same(shared.subs(k, 1) + shared.subs(k, 2), 1)
total_gap = KL(shared, lopsided, two) + KL(shared, mirrored, two)
least = 2 * log(Rational(5, 3))


@theorem(
    same(total_gap, 2 * KL(shared, half, two) + least),
    "What an encoder costs that ignores the data",
    given=(mass,),
    examples=({Q: Lambda(k, k / 3)}, {Q: Lambda(k, half)}),
)
def shared_encoder_gap() -> Thm:
    """The two posteriors multiply to 9/100 at either code; what is left is the distance from the fair coin."""
    one, two_, even = (calc(KL(shared, p, two), opened, write_out) for p in (lopsided, mirrored, half))
    weight = rearrange(given(mass), one.prop.rhs + two_.prop.rhs, 2 * even.prop.rhs + least, times=least)
    return chain(rewrite(total_gap, one, two_), weight, flip(rewrite(shared_encoder_gap.statement.rhs, even)))


fair_gap = KL(half, lopsided, two) + KL(half, mirrored, two)


@theorem(same(fair_gap, least), "The fair coin for two opposite posteriors")
def fair_encoder_gap() -> Thm:
    """Write both divergences out."""
    one, other = (calc(KL(half, p, two), opened, write_out, to(least / 2)) for p in (lopsided, mirrored))
    return calc(fair_gap, one, other, to(least))


two_practices = Remark(
    "two_practices",
    "variational_family",
    "Compares two practices, their speed and their machinery. What amortization costs in the bound is a theorem; what it "
    "saves in time is a matter of experience.",
    ("000-14", "003-78", "003-79", "003-80", "003-81", "003-82", "003-83", "003-84"),
    nearest="amortization_gap",
)

purpose = Remark(
    "purpose",
    "variational_family",
    "States the aim of the method, the origin of its name, or what usually happens. The encoder is the surrogate; it "
    "approximates the posterior.",
    ("004-04", "004-13", "004-45", "004-47", "004-76"),
    nearest="evidence_decomposition",
)


complexity = Remark(
    "complexity",
    "variational_family",
    "How complex a posterior is, is not defined: a family that contains it has gap zero whatever its shape.",
    ("002-58",),
    nearest="zero_gap_needs_the_posterior",
)


families = Definition(
    "families",
    "variational_family",
    "A family of distributions, of which the one with the least divergence from the posterior is used.",
    ("003-11",),
    nearest="larger_family",
)

usual_family = Definition(
    "usual_family",
    "variational_family",
    "The usual encoder: a Gaussian with independent coordinates, whose means and variances a network returns.",
    ("003-12",),
    nearest="encoder_log_density",
)
