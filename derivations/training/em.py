r"""# Why EM never goes down, and gradient steps may

The EM algorithm climbs one function, the ELBO, in two moves. The **E-step** puts the exact posterior in the place of
$q$: among all encoders it has the largest ELBO, and the gap is then zero. The **M-step** keeps that $q$ and changes
$\theta$ so that the ELBO does not fall. The likelihood then cannot fall either:

$$\log p_{\theta'}(x) \ge \mathcal
L(\theta', q) \ge \mathcal L(\theta, q) = \log p_\theta(x) .$$

The first step is the bound, the last is the exact E-step. The likelihood even gains more than the ELBO, by the
divergence of the old posterior from the new one. Nothing is said of *strict* increase: in the linear Gaussian model
with slope $w = 0$ the E-step returns the prior, the M-step returns $w = 0$, and EM stands still at a point that is no
maximum.

The M-step may drop the entropy of $q$, which $\theta$ does not touch, if that entropy is finite.

A variational autoencoder moves $q_\phi$ and $\theta$ at once and a little, with an encoder that is seldom the
posterior. The chain breaks at its last link, so nothing is guaranteed; see the gradient step for the size of the
damage.

Headline: em_monotone.
Keywords: expectation maximization, EM algorithm, E-step, M-step, EM monotone, free energy, variational EM, coordinate
ascent.
"""

from derivations import *
from derivations.evidence import evidence_decomposition as ed
from derivations.evidence.evidence_decomposition import EVIDENCE, JOINT, bayes, bell, elbo, evidence, marginal, table
from derivations.evidence.reconstruction_minus_kl import elbo_two_expectations
from derivations.training.elbo_steps import NEXT_EVIDENCE, NEXT_JOINT, after, moved

exact = {ed.ENCODER: ed.POSTERIOR}
model = {JOINT: NEXT_JOINT, EVIDENCE: NEXT_EVIDENCE}
best = after(elbo, exact)


def posterior_mass() -> Thm:
    """The posterior integrates to one, by Bayes' rule and the marginal."""
    by_bayes, by_marginal = ("Bayes' rule", given(bayes)), ("the marginal of the joint", given(marginal))
    return calc(total(ed.posterior, whole), by_bayes, linearity, by_marginal)


@theorem(
    same(best, log(evidence)),
    "The E-step makes the bound tight",
    given=(bayes, marginal),
    claims=("002-38",),
    forms=on_both(bell, table),
)
def e_step_is_tight() -> Thm:
    """At the posterior the importance ratio is the constant p(x)."""
    ratio = rearrange(given(bayes), ed.joint / ed.posterior, evidence, times=-evidence / ed.posterior)
    thm = calc(best, opened, ("Bayes' rule", ratio), linearity, ("the posterior integrates to one", posterior_mass()))
    return discharge(thm, integrable(posterior_mass()))


@theorem(
    at_least(best, elbo),
    "The E-step is the best encoder",
    given=(ed.encoder_mass, bayes, marginal, ed.finite),
    claims=("002-79",),
    forms=on_both((bell, ed.tight_bell), (table, ed.tight_table)),
)
def e_step_maximises_elbo() -> Thm:
    """Every ELBO is at most the log evidence, and the posterior attains it."""
    return chain(e_step_is_tight.thm, ed.elbo_by_jensen.thm)


# --- the M-step ---

better = after(best, model)
m_step = at_least(better, best)
after_step = {NEXT_JOINT: Lambda((x, z), gauss(x, 6 * z / 7, ed.half) * gauss(z, 0, 1))}
after_step |= {NEXT_EVIDENCE: Lambda(x, gauss(x, 0, Rational(36, 49) + ed.half))}
scaled = {NEXT_JOINT: Lambda((x, k), k * x / 30), NEXT_EVIDENCE: Lambda(x, x / 3)}
stay, stay_table = ({NEXT_JOINT: e[JOINT], NEXT_EVIDENCE: e[EVIDENCE]} for e in (bell, table))
forms = on_both((bell | after_step, bell | stay), (table | scaled, table | stay_table))


def _new_bound() -> Thm:
    """After the M-step the old posterior still gives a lower bound."""
    return discharge(moved(moved(ed.elbo_by_jensen.thm, model), exact), posterior_mass())


@theorem(
    at_least(log(after(evidence, model)) - log(evidence), better - best),
    "In EM the likelihood gains at least what the ELBO gains",
    given=(bayes, marginal, after(marginal, model), Converges(better)),
    forms=forms,
)
def em_gain() -> Thm:
    """A bound after the step, an equality before it."""
    gain = em_gain.statement.lhs
    thm = rearrange(_new_bound(), gain, better - log(evidence))
    return chain(thm, rewrite(better - log(evidence), flip(e_step_is_tight.thm)))


@theorem(
    at_least(log(after(evidence, model)), log(evidence)),
    "EM never lowers the likelihood",
    given=(bayes, marginal, after(marginal, model), Converges(better), m_step),
    claims=("002-43", "002-79"),
    forms=forms,
    words={4: "the M-step does not lower the ELBO"},
)
def em_monotone() -> Thm:
    """log p' >= ELBO' >= ELBO = log p."""
    return chain(_new_bound(), given(m_step), e_step_is_tight.thm)


expected = E(log(ed.joint), ed.q, whole)


@theorem(
    same(after(elbo, model) - elbo, after(expected, model) - expected),
    "The M-step needs only the expected log joint",
    given=tuple(map(Converges, (expected, after(expected, model), E(log(ed.q), ed.q, whole)))),
    claims=("002-39",),
    forms=forms,
)
def em_m_step() -> Thm:
    """The entropy of q is the same before and after."""
    return calc(
        after(elbo, model) - elbo,
        ("after the step", moved(elbo_two_expectations.thm, {JOINT: NEXT_JOINT})),
        ("before the step", elbo_two_expectations.thm),
        to(em_m_step.statement.rhs),
    )


algorithms = Remark(
    "algorithms",
    "em",
    "Describes how two algorithms are organised: which quantity is moved when, and by what machinery.",
    ("002-40", "002-41", "002-42", "002-44", "002-45", "002-48"),
    nearest="em_monotone",
)
