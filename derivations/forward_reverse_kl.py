r"""# Forward and reverse divergence

Let $p$ be the target and $q$ the approximation. The **forward** divergence $D_{\mathrm{KL}}(p \,\|\, q)$ averages
$\log p/q$ over the target; the **reverse** one, $D_{\mathrm{KL}}(q \,\|\, p)$, averages $\log q/p$ over the approximation,
and is the one in variational inference. The penalty $\log p/q$ grows without limit where $q$ becomes small, but it counts
with weight $p$: at $p = 2^{-10}$, $q = 2^{-20}$ one point adds less than $0.01$ nats.

**Events, not points.** Take an event (or a soft one, with a probability $h(z)$ of happening at $z$). If the first law
gives it mass $A$ and the second $B$, the divergence is at least that of the two coins, so it grows without limit as
$B \to 0$ with $A$ held. Read forward: a $q$ that all but misses an event of the target pays without limit (zero-avoiding,
as long as some candidate pays a finite price). Read in reverse: a $q$ must all but leave the events that the target all but
excludes (zero-forcing), up to null sets.

**What forward fitting does to a Gaussian.** Among Gaussians, the forward divergence from *any* target with a mean and a
variance is least at the one with that mean and that variance: moment matching, so it covers all of the target.

**What must be known.** The value of the forward divergence contains the posterior. Comparing two approximations does not:
the difference is an expectation of $\log q_2/q_1$ under the joint, up to the positive factor $1/p(x)$. What is hard is that
expectation, not a missing formula.
"""

from sympy import Integer, Lambda, Rational, Symbol, exp, log, pi, sqrt

from derivations import Form, Remark, counterexample, theorem
from derivations._kernel import (
    Converges,
    ForAll,
    Thm,
    algebra,
    assume,
    carry,
    chain,
    combine,
    discharge,
    flip,
    integrable,
    linearity,
    monotone,
    rearrange,
    substitute,
    tangent,
    total,
    unfold,
)
from derivations._notation import (
    KL,
    E,
    K,
    Normal,
    at_least,
    density,
    k,
    line,
    normalised,
    same,
    states,
    u,
    whole,
    x,
    z,
)
from derivations._steps import calc, folded, given, inside, opened, to
from derivations.gaussian_kl import gaussian_kl
from derivations.gaussian_kl import mean_p as m_p
from derivations.gaussian_kl import mean_q as m_q
from derivations.gaussian_kl import std_p as s_p
from derivations.gaussian_kl import std_q as s_q

Q, P, ODDS = density("q", "z"), density("p", "z"), density("odds", "z")
q, p, odds = Q(u), P(u), ODDS(u)
t, a, B = Symbol("t", positive=True), Symbol("a", positive=True), Symbol("B", real=True)
bells = {
    Q: Lambda(z, exp(-((z - 1) ** 2) / 2) / sqrt(2 * pi)),
    P: Lambda(z, exp(-(z**2) / 8) / sqrt(8 * pi)),
}
table = {K: Integer(4), Q: Lambda(k, k / 10), P: Lambda(k, (5 - k) / Integer(10))}
forms = {"continuous": Form(line, (bells,)), "discrete": Form(states, (table,))}


@theorem(
    same(KL(p, q, whole), E(log(p / q), p, whole)),
    "The forward divergence averages over the target",
    claims=("000-76", "000-78"),
    forms=forms,
)
def forward_kl() -> Thm:
    """The definition, target first."""
    return calc(KL(p, q, whole), opened, folded(E(log(p / q), p, whole)))


@theorem(
    same(KL(q, p, whole), E(log(q / p), q, whole)),
    "The reverse divergence averages over the approximation",
    claims=("000-82", "004-19"),
    forms=forms,
)
def reverse_kl() -> Thm:
    """The definition, approximation first."""
    return calc(KL(q, p, whole), opened, folded(E(log(q / p), q, whole)))


mass_p, mass_q = Symbol("p_z", positive=True), Symbol("q_z", positive=True)


@theorem(
    at_least(log(mass_p / mass_q), B),
    "The log ratio exceeds every bound once q is small",
    given=(at_least(mass_p * exp(-B), mass_q),),
    claims=("000-79",),
    amends=("000-101",),
    examples=(
        {mass_p: Rational(1, 2), B: Integer(3), mass_q: Rational(1, 100)},
        {mass_p: Rational(1, 2), B: Integer(3), mass_q: exp(-3) / 2},
        {mass_p: Rational(1, 2), B: Integer(-1), mass_q: Integer(1)},
    ),
)
def log_ratio_unbounded() -> Thm:
    """The logarithm of q/(p exp(-B)) lies below its tangent at 1."""
    small = rearrange(
        assume(log_ratio_unbounded.given[0]), 1 - mass_q * exp(B) / mass_p, Integer(0), times=exp(B) / mass_p
    )
    below = substitute(tangent(log(t), t, a), {t: mass_q * exp(B) / mass_p, a: Integer(1)})
    bound = rearrange(below, log(mass_p / mass_q) - B, 1 - mass_q * exp(B) / mass_p)
    return rearrange(chain(bound, small), log(mass_p / mass_q), B)


penalty = mass_p * log(mass_p / mass_q)
remote = {mass_p: Rational(1, 2**10), mass_q: Rational(1, 2**20)}


@counterexample(
    at_least(penalty - 1, Integer(0)),
    same(penalty.xreplace(remote) - 1, 10 * log(2) / 1024 - 1),
    "A point with a small q need not add much",
    at=remote,
    instead="coarse_divergence",
    claims=("000-80",),
)
def every_missed_point_costs() -> Thm:
    """The penalty is 10 log 2, its weight 1/1024: less than one nat by far."""
    return algebra(penalty.xreplace(remote) - 1, 10 * log(2) / 1024 - 1)


event, rest = odds / (1 + odds), 1 / (1 + odds)
A, A_2, B_1, B_2 = (Symbol(s, positive=True) for s in ("A", "A_2", "B_1", "B_2"))
shares = (
    same(total(p * event, whole), A),
    same(total(p * rest, whole), A_2),
    same(total(q * event, whole), B_1),
    same(total(q * rest, whole), B_2),
)
two = {
    K: Integer(2),
    P: Lambda(k, k / Integer(3)),
    Q: Lambda(k, (3 - k) / Integer(3)),
    ODDS: Lambda(k, k + 0),
    A: Rational(11, 18),
    A_2: Rational(7, 18),
    B_1: Rational(5, 9),
    B_2: Rational(4, 9),
}
alike = {**two, Q: two[P], B_1: two[A], B_2: two[A_2]}


def _cell(part: object, mass: Symbol, other: Symbol) -> Thm:
    """On one cell: p h log(p/q) >= p h (log(A/B) + 1) - q h A/B."""
    below = substitute(tangent(log(t), t, a), {t: q / p, a: other / mass})
    support = p * part * (log(mass / other) + 1) - q * part * mass / other
    return rearrange(below, p * part * log(p / q), support, times=p * part)


@theorem(
    at_least(KL(p, q, whole), A * log(A / B_1) + A_2 * log(A_2 / B_2)),
    "A divergence is at least that of the coins for any event",
    given=(*shares, Converges(KL(p, q, whole))),
    amends=("000-81", "000-83"),
    forms={"discrete": Form(states, (two, alike))},
)
def coarse_divergence() -> Thm:
    """On the event and off it, the logarithm lies below its tangent at the ratio of the masses."""
    on, off = _cell(event, A, B_1), _cell(rest, A_2, B_2)
    middle = on.prop.rhs + p * rest * log(p / q)
    first = rearrange(on, p * log(p / q), middle)
    second = rearrange(off, middle, on.prop.rhs + off.prop.rhs)
    support = on.prop.rhs + off.prop.rhs
    pieces = (
        (log(A / B_1) + 1, total(p * event, whole)),
        (log(A_2 / B_2) + 1, total(p * rest, whole)),
        (-A / B_1, total(q * event, whole)),
        (-A_2 / B_2, total(q * rest, whole)),
    )
    combined = sum(c * i.args[0] for c, i in pieces)
    flat = calc(
        total(support, whole),
        inside(combined),
        linearity,
        *(("the masses of the event and of the rest", given(s)) for s in shares),
        to(coarse_divergence.statement.rhs),
    )
    finite = [integrable(given(s)) for s in shares]
    flat = discharge(flat, *finite)
    bound = discharge(
        monotone(chain(first, second), whole), discharge(combine(total(support, whole), *pieces), *finite)
    )
    return chain(unfold(KL(p, q, whole)), bound, flat)


JOINT, RIVAL, evidence = density("p", "x,z"), density("q_2", "z"), Symbol("evidence", positive=True)
q_2, joint = RIVAL(u), JOINT(x, u)
bayes = ForAll(same(joint, evidence * p), u)


@theorem(
    same(KL(p, q, whole) - KL(p, q_2, whole), total(joint * log(q_2 / q), whole) / evidence),
    "Comparing two forward divergences needs the joint only",
    given=(bayes, Converges(KL(p, q, whole)), Converges(KL(p, q_2, whole))),
    amends=("000-77",),
    forms={
        "continuous": Form(
            line,
            (
                {
                    **bells,
                    RIVAL: Lambda(z, exp(-(z**2)) / sqrt(pi)),
                    x: Integer(1),
                    JOINT: Lambda((x, z), bells[P](z) / 5),
                    evidence: Rational(1, 5),
                },
            ),
        ),
        "discrete": Form(
            states,
            (
                {
                    **table,
                    RIVAL: Lambda(k, (k + 1) / Integer(14)),
                    x: Integer(1),
                    JOINT: Lambda((x, k), (5 - k) / Integer(50)),
                    evidence: Rational(1, 5),
                },
            ),
        ),
    },
)
def forward_kl_needs_only_the_joint() -> Thm:
    """The unknown p(z|x) log p(z|x) is the same in both and cancels; the evidence is one positive factor."""
    under_joint = calc(
        total(joint * log(q_2 / q), whole),
        ("joint = evidence times posterior", given(bayes)),
        inside(evidence * p * log(p / q) - evidence * p * log(p / q_2)),
        linearity,
        folded(evidence * KL(p, q, whole) - evidence * KL(p, q_2, whole)),
    )
    thm = rearrange(under_joint, *forward_kl_needs_only_the_joint.statement.args, times=-1 / evidence)
    pieces = (evidence, total(p * log(p / q), whole)), (-evidence, total(p * log(p / q_2), whole))
    fact = combine(total(evidence * p * log(q_2 / q), whole), *pieces)
    return discharge(thm, carry(fact, Converges(total(joint * log(q_2 / q), whole)), given(bayes)))


mean, centre = Symbol("mean", real=True), Symbol("centre", real=True)
std, width = Symbol("std", positive=True), Symbol("width", positive=True)
target, matched, other = P(z), Normal(z, mean, std**2), Normal(z, centre, width**2)
moments = (
    normalised(target, line),
    same(E(z - mean, target, line), Integer(0)),
    same(E((z - mean) ** 2, target, line), std**2),
)
bumps = (exp(-((z - 1) ** 2)) + exp(-((z + 1) ** 2))) / (2 * sqrt(pi))


@theorem(
    same(KL(target, other, line), KL(target, matched, line) + KL(matched, other, line)),
    "Forward fitting of a Gaussian matches the mean and the variance",
    given=(*moments, Converges(E(z - mean, target, line)), Converges(KL(target, matched, line))),
    amends=("000-85",),
    examples=(
        {P: Lambda(z, bumps), mean: Integer(0), std: sqrt(Rational(3, 2)), centre: Integer(1), width: Integer(2)},
    ),
)
def moment_matching() -> Thm:
    """The log ratio of two Gaussians is a quadratic, and the target has the moments of the matched one."""
    offset = mean - centre
    constant = log(width / std) + offset**2 / (2 * width**2)
    square = 1 / (2 * width**2) - 1 / (2 * std**2)
    quadratic = constant + offset / width**2 * (z - mean) + square * (z - mean) ** 2
    ratio = calc(log(matched / other), opened, to(quadratic))
    closed = substitute(gaussian_kl.thm, {m_q: mean, s_q: std, m_p: centre, s_p: width})
    pieces = (
        (constant, total(target, line)),
        (offset / width**2, total((z - mean) * target, line)),
        (square, total((z - mean) ** 2 * target, line)),
    )
    between = calc(
        total(target * quadratic, line),
        inside(constant * target + offset / width**2 * ((z - mean) * target) + square * ((z - mean) ** 2 * target)),
        linearity,
        folded(
            constant * total(target, line)
            + offset / width**2 * E(z - mean, target, line)
            + square * E((z - mean) ** 2, target, line)
        ),
        *(("the moments of the target", given(m)) for m in moments),
        to(closed.prop.rhs),
        flip(closed),
    )
    second = chain(flip(unfold(moments[2].lhs)), given(moments[2]))
    masses = [integrable(given(moments[0])), integrable(second)]
    between = discharge(between, *masses)
    thm = calc(
        KL(target, other, line),
        opened,
        inside(target * log(target / matched) + target * log(matched / other)),
        linearity,
        ("the ratio of two Gaussians", ratio),
        between,
        flip(unfold(KL(target, matched, line))),
    )
    whole_ratio = discharge(combine(total(target * quadratic, line), *pieces), *masses)
    return discharge(thm, whole_ratio)


motive = Remark(
    "motive",
    "forward_reverse_kl",
    "A reason for a choice. The reverse divergence contains the unknown posterior too, but only through a constant.",
    ("000-100",),
    nearest="forward_kl_needs_only_the_joint",
)
