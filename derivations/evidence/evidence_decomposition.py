r"""# The evidence is the ELBO plus a divergence

Bayes' rule says $p(x, z) = p(z \mid x)\, p(x)$. Divide by $q(z \mid x)$, take logarithms and average under $q$: the
evidence $\log p(x)$ does not depend on $z$, so it comes out of the average, and what is left is the ELBO plus the
divergence of $q$ from the posterior. The divergence is the **gap**: it is never negative, so the ELBO is a lower bound,
and it is zero only when $q$ is the posterior.

Two routes give the bound. The divergence route needs Gibbs' inequality. Jensen's route averages the logarithm of the
importance ratio $p(x,z)/q(z \mid x)$, whose mean is $p(x)$. Both are proved here; neither uses the sign of $\log p(x)$,
which is often positive for a density.

In short: log p(x) = ELBO + KL. The hypotheses: positive densities, a $q$ that integrates to one, Bayes' rule, and a
finite ELBO or, what is the same, a finite gap. When the gap is infinite the ELBO is $-\infty$ and the equation reads
$\log p(x) = -\infty + \infty$.

Keywords: evidence lower bound, ELBO proof, evidence lower bound proof, ELBO derivation, derive the ELBO with Jensen,
variational lower bound, variational free energy, negative free energy, log p(x) = ELBO + KL, ELBO + KL, ELBO is a lower bound.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs, gibbs_equality
from derivations.divergence.gibbs_support import c, gibbs_any_support
from derivations.divergence.jensen import Y, jensen
from derivations.divergence.jensen import mean as m

ENCODER, JOINT = density("q", "z|x"), density("p", "x,z")
EVIDENCE, POSTERIOR = density("p", "x"), density("p", "z|x")
q, joint, evidence, posterior = ENCODER(u, x), JOINT(x, u), EVIDENCE(x), POSTERIOR(u, x)

elbo, gap = ELBO(joint, q, whole), KL(q, posterior, whole)
encoder_mass = normalised(q, whole)
bayes = ForAll(same(posterior, joint / evidence), u)
marginal = same(total(joint, whole), evidence)
finite, tight = Converges(elbo), same(log(evidence), elbo)
is_posterior = ForAll(same(q, posterior), u)

half = Rational(1, 2)
bell = {JOINT: Lambda((x, z), gauss(x, z, half) * gauss(z, 0, 1)), EVIDENCE: Lambda(x, gauss(x, 0, 1 + half)), x: 1}
bell |= {POSTERIOR: Lambda((z, x), gauss(z, 2 * x / 3, Rational(1, 3))), ENCODER: Lambda((z, x), gauss(z, x / 2, half))}
tight_bell = {**bell, ENCODER: bell[POSTERIOR]}
table = {K: 4, JOINT: Lambda((x, k), k * x / 40), EVIDENCE: Lambda(x, x / 4)}
table |= {POSTERIOR: Lambda((k, x), k / 10), ENCODER: Lambda((k, x), (5 - k) / 10), x: 2}
tight_table = {**table, ENCODER: table[POSTERIOR]}
forms = on_both((bell, tight_bell), (table, tight_table))


def _gap_is_deficit() -> Thm:
    """KL(q || posterior) = log p(x) - ELBO."""
    return calc(
        gap,
        ("the definition", unfold(gap)),
        ("Bayes' rule", given(bayes)),
        ("the evidence apart from the ratio", inside(log(evidence) * q - q * log(joint / q))),
        ("log p(x) does not depend on z", linearity),
        ("q integrates to one", given(encoder_mass)),
        ("the definition of the ELBO", folded(log(evidence) - elbo)),
    )


@theorem(
    same(log(evidence), elbo + gap),
    "log evidence = ELBO + divergence from the posterior",
    given=(encoder_mass, bayes, finite),
    claims=("004-31", "000-71", "000-72", "002-16", "002-17", "002-18", "002-33", "002-73", "003-53", "004-42"),
    forms=forms,
)
def evidence_decomposition() -> Thm:
    """Write the posterior by Bayes' rule; the evidence comes out of the average."""
    thm = calc(elbo + gap, ("KL(q || posterior) = log p(x) - ELBO", _gap_is_deficit()))
    return flip(settled_by(thm, encoder_mass))


@theorem(
    at_least(log(evidence), elbo),
    "The ELBO is a lower bound, by Jensen's inequality",
    given=(encoder_mass, marginal, finite),
    claims=("000-62",),
    forms=forms,
)
def elbo_by_jensen() -> Thm:
    """Jensen's inequality for the importance ratio p(x, z)/q(z | x), whose mean is the evidence."""
    bound = instantiate(jensen.thm, {Q: Lambda(z, ENCODER(z, x)), Y: Lambda(z, JOINT(x, z) / ENCODER(z, x))})
    bound = substitute(bound, {m: evidence})
    mean = calc(E(joint / q, q, whole), opened, ("the marginal of the joint", given(marginal)))
    bound = discharge(bound, mean, converges(marginal))
    return chain(bound, unfold(bound.prop.rhs), flip(unfold(elbo)))


@theorem(
    at_least(log(evidence), elbo),
    "The ELBO is a lower bound, because a divergence is never negative",
    given=(encoder_mass, bayes, marginal, finite),
    forms=forms,
)
def elbo_by_gibbs() -> Thm:
    """The gap is a divergence between two distributions; Gibbs' inequality."""
    return rearrange(chain(flip(_settled_gap()), _at_posterior(gibbs.thm)), log(evidence), elbo)


covered, part = same(total(joint, whole), c * evidence), at_least(1, c)
left_out = {EVIDENCE: Lambda(x, 5 * x / 16), POSTERIOR: Lambda((k, x), 2 * k / 25), c: Rational(4, 5)}
half_bell = {POSTERIOR: Lambda((z, x), gauss(z, 2 * x / 3, Rational(1, 3))), x: 0, c: half}
half_bell = {**bell, **half_bell, ENCODER: Lambda((z, x), 2 * gauss(z, 0, half))}
tight_half = {**half_bell, EVIDENCE: Lambda(x, gauss(x, 0, 1 + half) / 2), c: 1}
tight_half |= {ENCODER: Lambda((z, x), 2 * bell[POSTERIOR](z, x)), POSTERIOR: Lambda((z, x), 2 * bell[POSTERIOR](z, x))}


@theorem(
    at_least(log(evidence), elbo),
    "The ELBO is a lower bound by Gibbs' inequality, whatever the encoder leaves out",
    given=(encoder_mass, bayes, covered, part, finite),
    claims=("002-19", "000-73"),
    forms={
        "continuous": Form(Tuple(z, 0, oo), (half_bell, tight_half)),
        "discrete": Form(states, ({**table, **left_out}, {**tight_table, c: 1})),
    },
)
def elbo_by_gibbs_any_support() -> Thm:
    """On the set where the encoder is positive the posterior has mass c, at most one."""
    mass = calc(total(posterior, whole), ("Bayes' rule", given(bayes)), linearity, ("what q covers", given(covered)))
    never_negative = instantiate(gibbs_any_support.thm, {Q: Lambda(z, ENCODER(z, x)), P: Lambda(z, POSTERIOR(z, x))})
    never_negative = discharge(never_negative, mass, _gap_converges())
    return rearrange(chain(flip(_settled_gap()), never_negative), log(evidence), elbo)


@theorem(
    AlmostEverywhere(same(posterior, q), whole),
    "The bound is tight only at the posterior",
    given=(encoder_mass, bayes, marginal, finite, tight),
    claims=("004-44",),
    forms=on_both(tight_bell, tight_table),
    words={4: "the bound is tight"},
)
def elbo_tight_only_at_posterior() -> Thm:
    """A tight bound is a zero gap, and a zero divergence makes the distributions equal."""
    zero = calc(gap, _settled_gap(), ("the bound is tight", given(tight)), to(0))
    return discharge(_at_posterior(gibbs_equality.thm), zero)


@theorem(
    same(elbo, log(evidence)),
    "At the posterior the bound is tight",
    given=(encoder_mass, bayes, is_posterior),
    claims=("002-34", "004-44"),
    forms=on_both(tight_bell, tight_table),
    words={2: "the encoder is the posterior"},
)
def elbo_tight_at_posterior() -> Thm:
    """At the posterior the importance ratio is the constant p(x)."""
    ratio = rewrite(joint / q, given(is_posterior), given(bayes))
    constant_ratio = ("the ratio is constant", rewrite(log(joint / q), ratio))
    thm = calc(elbo, unfold(elbo), constant_ratio, linearity, ("q integrates to one", given(encoder_mass)))
    return settled_by(thm, encoder_mass)


def _at_posterior(thm: Thm) -> Thm:
    """Gibbs' inequality for q and the posterior, which integrates to one by Bayes' rule and the marginal."""
    thm = instantiate(thm, {Q: Lambda(z, ENCODER(z, x)), P: Lambda(z, POSTERIOR(z, x))})
    marginalised = ("the marginal of the joint", given(marginal))
    mass = calc(total(posterior, whole), ("Bayes' rule", given(bayes)), linearity, marginalised)
    return discharge(thm, mass, _gap_converges())


def _settled_gap() -> Thm:
    return settled_by(_gap_is_deficit(), encoder_mass)


def _gap_converges() -> Thm:
    """The gap's integrand is the evidence times q, less the integrand of the ELBO."""
    opened_gap = total(q * log(q * evidence / joint), whole)
    parts = combined(opened_gap, log(evidence) * total(q, whole) - elbo)
    return carry(settled_by(parts, encoder_mass), Converges(gap), given(bayes))
