r"""# Forward and reverse divergence

Let $p$ be the target and $q$ the approximation. The **forward** divergence $D_{\mathrm{KL}}(p \,\|\, q)$ averages
$\log p/q$ over the target; the **reverse** one, $D_{\mathrm{KL}}(q \,\|\, p)$, averages $\log q/p$ over the
approximation, and is the one in variational inference. The first argument is the distribution that averages. Some books
call the second number the divergence "from $q$ to $p$", others "from $p$ to $q$"; only the formula is safe.

The penalty $\log p/q$ grows without limit where $q$ becomes small, but it counts with weight $p$: at $p = 2^{-10}$,
$q = 2^{-20}$ one point adds less than $0.01$ nats. So the question is never what happens at a point, but what happens
to an event of some mass: see the page on divergences and events.

**What must be known.** The value of the forward divergence contains the posterior. Comparing two approximations does
not: the difference is an expectation of $\log q_2/q_1$ under the joint, up to the positive factor $1/p(x)$. What is
hard is that expectation, not a missing formula.

Keywords: forward KL vs reverse KL, inclusive and exclusive KL, mode seeking, mass covering, zero forcing, zero
avoiding, I-projection, M-projection.
"""

from derivations import *

Q, P = density("q", "z"), density("p", "z")
q, p = Q(u), P(u)
B, mass_p, mass_q = Symbol("B", real=True), Symbol("p_z", positive=True), Symbol("q_z", positive=True)
bells = {Q: Lambda(z, gauss(z, 1, 1)), P: Lambda(z, gauss(z, 0, 4))}
table = {K: 4, Q: Lambda(k, k / 10), P: Lambda(k, (5 - k) / 10)}
forms = on_both(bells, table)


@theorem(
    same(KL(p, q, whole), E(log(p / q), p, whole)),
    "The forward divergence averages over the target",
    claims=("000-78",),
    forms=forms,
    kind="definition",
)
def forward_kl() -> Thm:
    """The definition, target first."""
    return calc(KL(p, q, whole), opened, folded(E(log(p / q), p, whole)))


@theorem(
    same(KL(q, p, whole), E(log(q / p), q, whole)),
    "The reverse divergence averages over the approximation",
    claims=("000-82", "004-19"),
    forms=forms,
    kind="definition",
)
def reverse_kl() -> Thm:
    """The definition, approximation first."""
    return calc(KL(q, p, whole), opened, folded(E(log(q / p), q, whole)))


@theorem(
    at_least(log(mass_p / mass_q), B),
    "The log ratio exceeds any given bound once q is small enough",
    given=(at_least(mass_p * exp(-B), mass_q),),
    claims=("000-79",),
    examples=(
        {mass_p: Rational(1, 2), B: 3, mass_q: Rational(1, 100)},
        {mass_p: Rational(1, 2), B: 3, mass_q: exp(-3) / 2},
        {mass_p: Rational(1, 2), B: -1, mass_q: 1},
    ),
    words={0: "q(z) is small enough"},
)
def log_ratio_unbounded() -> Thm:
    """The logarithm of q/(p exp(-B)) lies below its tangent at 1."""
    share = mass_q * exp(B) / mass_p
    small = rearrange(assume(log_ratio_unbounded.given[0]), 1 - share, Integer(0), times=exp(B) / mass_p)
    bound = rearrange(log_tangent(share), log(mass_p / mass_q) - B, 1 - share)
    return rearrange(chain(bound, small), log(mass_p / mass_q), B)


penalty = mass_p * log(mass_p / mass_q)
tiny = at_least(mass_p * exp(-B / mass_p), mass_q)


@theorem(
    at_least(penalty, B),
    "A point with a small q adds much, but how small q must be depends on p",
    given=(tiny,),
    claims=("000-80",),
    examples=(
        {mass_p: Rational(1, 2), B: 1, mass_q: Rational(1, 100)},
        {mass_p: Rational(1, 2), B: 1, mass_q: exp(-2) / 2},
        {mass_p: Rational(1, 4), B: -1, mass_q: 1},
    ),
    words={0: "q(z) is below p(z) exp(-B/p(z)), which is far smaller where p(z) is small"},
)
def missed_mass_costs() -> Thm:
    """At p = 2^-10 and q = 2^-20 the penalty is 10 log 2 and its weight 1/1024: far less than one nat."""
    thm = substitute(log_ratio_unbounded.thm, {B: B / mass_p})
    return rearrange(thm, penalty, B, times=mass_p)


@theorem(
    at_least(mass_q * log(mass_q / mass_p), B),
    "A point where p is small and q is not adds more than any bound",
    given=(at_least(mass_q * exp(-B / mass_q), mass_p),),
    claims=("000-101",),
    examples=(
        {mass_q: Rational(1, 2), B: 1, mass_p: Rational(1, 100)},
        {mass_q: Rational(1, 2), B: 1, mass_p: exp(-2) / 2},
        {mass_q: Rational(1, 4), B: -1, mass_p: 1},
    ),
    words={0: "p(z) is small enough, and not zero: the summand passes every bound as p(z) falls to zero"},
)
def stray_mass_costs() -> Thm:
    """The penalty of a missed point, with the two distributions exchanged."""
    thm = substitute(missed_mass_costs.thm, {mass_p: mass_q, mass_q: mass_p})
    return thm


JOINT, RIVAL, evidence = density("p", "x,z"), density("q_2", "z"), Symbol("evidence", positive=True)
q_2, joint = RIVAL(u), JOINT(x, u)
bayes = ForAll(same(joint, evidence * p), u)
observed = {x: 1, evidence: Rational(1, 5)}
three_bells = {
    **bells,
    **observed,
    RIVAL: Lambda(z, gauss(z, 0, Rational(1, 2))),
    JOINT: Lambda((x, z), bells[P](z) / 5),
}
three_rows = {**table, **observed, RIVAL: Lambda(k, (k + 1) / 14), JOINT: Lambda((x, k), (5 - k) / 50)}


@theorem(
    same(KL(p, q, whole) - KL(p, q_2, whole), total(joint * log(q_2 / q), whole) / evidence),
    "Comparing two forward divergences needs the joint only",
    given=(bayes, Converges(KL(p, q, whole)), Converges(KL(p, q_2, whole))),
    forms=on_both(three_bells, three_rows),
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
    fact = combined(
        total(evidence * p * log(q_2 / q), whole), evidence * KL(p, q, whole) - evidence * KL(p, q_2, whole)
    )
    return discharge(thm, carry(fact, Converges(total(joint * log(q_2 / q), whole)), given(bayes)))


motive = Remark(
    "motive",
    "forward_reverse_kl",
    "A reason for a choice. The reverse divergence contains the unknown posterior too, but only through a constant.",
    ("000-100",),
    nearest="forward_kl_needs_only_the_joint",
)


forward_is_dear = Remark(
    "forward_is_dear",
    "forward_reverse_kl",
    "A statement about cost. To compare two encoders by the forward divergence the joint is enough.",
    ("000-77",),
    nearest="forward_kl_needs_only_the_joint",
)


names_of_directions = Definition(
    "names_of_directions",
    "forward_reverse_kl",
    "The forward divergence has the target first and averages over it; the reverse has the approximation first, and averages over that.",
    ("000-76",),
    nearest="forward_kl",
)
