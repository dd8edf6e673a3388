r"""# Gibbs' inequality: a divergence is never negative

The average of $\log p/q$ under $q$ is at most the logarithm of the average of $p/q$, and that average is $1$. So
$D_{\mathrm{KL}}(q \,\|\, p) \ge 0$. Jensen's inequality is tight only when $p/q$ is constant; both densities integrate
to one, so the constant is $1$ and the two distributions agree almost everywhere.

The textbook line $\mathbb{E}_q[p/q] = 1$ holds here because $q$ is positive wherever $p$ is. When $q$ vanishes on a set
where $p$ has mass, the average is only $P(q > 0) < 1$ and the bound becomes sharper: $D \ge -\log P(q > 0)$.

Keywords: Gibbs inequality, information inequality, KL divergence is nonnegative, why is KL negative, KL is zero only
if the distributions are equal, relative entropy.
"""

from derivations import *
from derivations.divergence.jensen import Y, jensen, jensen_equality
from derivations.divergence.jensen import mean as m
from derivations.divergence.kl_definition import P, Q, bells, p, q, table

masses = (normalised(q, whole), normalised(p, whole))
finite = Converges(KL(q, p, whole))
agree = same(KL(q, p, whole), 0)

equal_bells, equal_tables = {f: bells[P] for f in (Q, P)}, {**table, P: table[Q]}


def _at_ratio(thm: Thm) -> Thm:
    """Jensen's inequality at Y = p/q, whose mean is 1."""
    thm = substitute(instantiate(thm, {Y: Lambda(z, P(z) / Q(z))}), {m: 1})
    mean = calc(E(p / q, q, whole), opened, ("p integrates to one", given(masses[1])))
    return discharge(thm, mean, converges(masses[1]))


def _minus_kl() -> Thm:
    """E_q[log(p/q)] = -KL(q || p)."""
    return calc(
        E(log(p / q), q, whole),
        opened,
        ("the reciprocal inside the logarithm", inside(-q * log(q / p))),
        linearity,
        folded(-KL(q, p, whole)),
    )


@theorem(
    at_least(KL(q, p, whole), 0),
    "Gibbs' inequality",
    given=(*masses, finite),
    forms=on_both((bells, equal_bells), (table, equal_tables)),
)
def gibbs() -> Thm:
    """Jensen's inequality for the ratio p/q, whose mean is one."""
    return rearrange(chain(_at_ratio(jensen.thm), _minus_kl()), KL(q, p, whole), Integer(0))


@theorem(
    AlmostEverywhere(same(p, q), whole),
    "Zero divergence only between equal distributions",
    given=(*masses, finite, agree),
    forms=on_both(equal_bells, equal_tables),
    words={3: "the divergence is zero"},
)
def gibbs_equality() -> Thm:
    """Zero divergence makes Jensen's inequality tight, so p/q is constant; its mean is one."""
    nothing = calc(E(log(p / q), q, whole), _minus_kl(), ("zero divergence", given(agree)))
    constant = discharge(_at_ratio(jensen_equality.thm), flip(nothing))
    return almost_all(constant, rearrange(assume(constant.prop.args[0]), p, q, times=q))
