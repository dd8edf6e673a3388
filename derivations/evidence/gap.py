r"""# The gap is a divergence

The divergence of the encoder from the posterior is called the gap, because it is what the ELBO lacks:

$$D_{\mathrm{KL}}\big(q(z \mid x) \,\|\, p(z \mid x)\big) = \log p(x) - \mathcal L .$$

Bayes' rule replaces the posterior by joint over evidence. Under one expectation this costs nothing; then $\log p(x)$,
which does not depend on $z$, comes out, because $q$ integrates to one. Bayes' rule needs $0 < p(x) < \infty$, which is
what makes the posterior a density in the first place.

The gap and the ELBO are finite together: each is the other with the sign changed, shifted by $\log p(x)$. When they are
not, the equation reads $\infty = \log p(x) + \infty$ and still holds; only the sum form $\log p(x) = \mathcal L +
\mathrm{gap}$ loses its meaning.

Three misreadings. The bound does not need $\log p(x) \le 0$, which fails for densities: it needs only that a
divergence is never negative. The ELBO is not always *strictly* below: at the posterior the two are equal. And
"$\mathbb E_q = \int q = 1$" is no equation, since an expectation is of something; what is meant is $\mathbb E_q[1] =
1$.

Keywords: variational gap, inference gap, ELBO gap, KL to the true posterior, ELBO above log likelihood, ELBO > log
p(x), ELBO larger than the evidence, log likelihood positive, tightness of the bound.
"""

import derivations.linear_model.linear_gaussian as lg
from derivations import *
from derivations.evidence import evidence_decomposition as ed
from derivations.evidence.evidence_decomposition import bayes, elbo, encoder_mass, evidence, forms, gap, joint, q

JOINT, ENCODER, EVIDENCE, marginal, posterior = ed.JOINT, ed.ENCODER, ed.EVIDENCE, ed.marginal, ed.posterior
two_logs, three_logs = log(q) - log(posterior), log(q) - log(joint) + log(evidence)
without_posterior, of_ratio = E(log(q * evidence / joint), q, whole), E(log(q / joint), q, whole)


@theorem(
    same(gap, E(two_logs, q, whole)),
    "The gap is a mean log ratio",
    claims=("000-67", "002-11", "004-23"),
    forms=forms,
    kind="definition",
)
def gap_definition() -> Thm:
    """The definition, with the logarithm of the ratio written out."""
    return calc(gap, opened, inside(q * two_logs), folded(E(two_logs, q, whole)))


mass = total(joint / evidence, whole)


@theorem(same(mass, 1), "Bayes' rule gives a density", given=(marginal,), forms=forms)
def posterior_is_normalised() -> Thm:
    """The joint integrates to the evidence, by which it is divided."""
    return calc(mass, linearity, given(marginal), to(1))


@theorem(
    same(gap, without_posterior),
    "The gap without the posterior",
    given=(bayes,),
    claims=("000-69", "002-13"),
    forms=forms,
    kind="step",
)
def gap_by_bayes() -> Thm:
    """Joint over evidence in the place of the posterior."""
    return calc(gap, opened, ("Bayes' rule", given(bayes)), folded(without_posterior))


@theorem(
    same(gap, E(three_logs, q, whole)),
    "The gap as one expectation of three logarithms",
    given=(bayes,),
    claims=("002-14", "004-24"),
    forms=forms,
    kind="step",
)
def gap_in_three_logs() -> Thm:
    """Nothing is split yet, so nothing has to be finite."""
    return calc(gap, gap_by_bayes.thm, opened, inside(q * three_logs), folded(E(three_logs, q, whole)))


@theorem(
    same(gap, log(evidence) + of_ratio),
    "The log evidence leaves the expectation",
    given=(bayes, encoder_mass, ed.finite),
    claims=("000-70", "002-15", "004-25"),
    forms=forms,
)
def gap_and_evidence() -> Thm:
    """It does not depend on z; q integrates to one."""
    thm = calc(
        gap,
        gap_by_bayes.thm,
        opened,
        ("log p(x) apart", inside(log(evidence) * q + q * log(q / joint))),
        linearity,
        ("q integrates to one", given(encoder_mass)),
        folded(log(evidence) + of_ratio),
    )
    return settled_by(thm, encoder_mass)


@theorem(
    same(gap, log(evidence) - elbo),
    "The gap is what the ELBO lacks",
    given=(bayes, encoder_mass, ed.finite),
    claims=("002-56", "002-80", "003-54", "003-56", "003-93"),
    forms=forms,
)
def gap_is_deficit() -> Thm:
    """The expectation is minus the ELBO."""
    less = calc(of_ratio, opened, inside(-(q * log(joint / q))), linearity, folded(-elbo))
    return calc(gap, gap_and_evidence.thm, ("minus the ELBO", less))


# --- misreadings ---

spread = 1 / (16 * pi)
sharp = {lg.weight: 1, lg.bias: 0, lg.mean_prior: 0, lg.var_prior: spread, lg.var_noise: spread, x: 0}
plain = {**sharp, lg.var_prior: 1, lg.var_noise: 1}
sharp_evidence = total(Normal(0, z, spread) * Normal(z, 0, spread), line)


def _below_one() -> Thm:
    """Variances of 1: the evidence at 0 is less than 1."""
    thm = calc(log(total(Normal(0, z, 1) * Normal(z, 0, 1), line)), substitute(lg.linear_gaussian_evidence.thm, plain))
    half = log(4 * pi) / 2
    return chain(rearrange(sign(half), Integer(0), -half), algebra(-half, thm.prop.rhs), flip(thm))


@counterexample(
    at_least(0, log(total(lg.joint, line))),
    same(log(sharp_evidence), log(2)),
    "The log evidence is never positive",
    at=sharp,
    holds_at=plain,
    witness=lambda: (_below_one(),),
    half="discrete data, whose distribution is a probability",
    instead="elbo_by_gibbs",
    claims=("004-38",),
)
def bound_needs_nonpositive_evidence() -> Thm:
    """Two Gaussians of variance 1/16 pi: the evidence at 0 is a density of value 2. The bound holds all the same."""
    return calc(log(sharp_evidence), substitute(lg.linear_gaussian_evidence.thm, sharp), to(log(2)))


shares, halves, four = k / 10, k / 20, (k, 1, 4)
tight = {JOINT: Lambda((x, k), halves), ENCODER: Lambda((k, x), shares), EVIDENCE: Lambda(x, Rational(1, 2))}


@counterexample(
    differs(log(EVIDENCE(x)), ELBO(JOINT(x, k), ENCODER(k, x), states)),
    same(ELBO(halves, shares, four), -log(2)),
    "The ELBO never reaches the log evidence",
    at={**ed.table, **tight},
    holds_at={**ed.table, **tight, ENCODER: Lambda((k, x), Rational(1, 4))},
    given=(same(total(ENCODER(k, x), states), 1), same(total(JOINT(x, k), states), EVIDENCE(x))),
    instead="e_step_is_tight",
    claims=("004-40",),
)
def elbo_is_strictly_below() -> Thm:
    """The encoder k/10 is the posterior of the joint k/20 on 1, 2, 3, 4: both are log 1/2."""
    return calc(ELBO(halves, shares, four), opened, write_out, to(-log(2)))


FUNCTION = density("f", "z")
two_letters, even = (k, 1, 2), Rational(1, 2)


@counterexample(
    same(E(FUNCTION(k), ENCODER(k, x), states), total(ENCODER(k, x), states)),
    differs(E(2, even, two_letters), total(even, two_letters)),
    "An expectation is the integral of the density",
    at={K: 2, x: 0, ENCODER: Lambda((k, x), even), FUNCTION: Lambda(k, 2)},
    misprinted=True,
    instead="gap_and_evidence",
    claims=("004-26",),
)
def expectation_of_nothing() -> Thm:
    """The expectation of the number 2 is 2; the density integrates to 1."""
    two = calc(E(2, even, two_letters), opened, constant, to(2))
    return apart(two, calc(total(even, two_letters), constant, to(1)))


name_of_the_gap = Definition(
    "name_of_the_gap",
    "gap",
    "From the approximate to the true posterior: the average is under the approximate one.",
    ("002-82",),
    nearest="gap_definition",
)
