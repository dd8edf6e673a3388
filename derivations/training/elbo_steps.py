r"""# What a step up the ELBO does to the likelihood and to the gap

Since $\log p_\theta(x) = \mathcal L + \mathrm{gap}$, every change of the parameters obeys

$$\Delta \log p = \Delta \mathcal L + \Delta \mathrm{gap} .$$

All that can be said of a step follows from this line, and it depends on *which* parameters move.

- **A step in $\phi$ alone** leaves $\log p$ where it is, so the gap falls by exactly what the ELBO gains. Over a data
  set this holds for the sums; with one encoder for all the data, a single data point may lose.
- **A step in $\theta$ alone** moves both. The ELBO may rise while the likelihood *falls* (the gap falls even more), and
  it may rise while the gap *grows* (the likelihood rises even more). With a fixed prior the gain of the ELBO is the gain
  of the reconstruction term.
- **A joint step** can do any of these.

So "maximising the ELBO raises the likelihood and tightens the bound" is a hope; the next page has small tables that
refute each half. What is true needs an exact posterior before the step: see the EM algorithm.

"Closer" means a smaller divergence, and to compare two encoders no posterior is needed: their divergences differ by the
difference of two ELBOs. The unknown $\log p(x)$ cancels.

Headline: elbo_step_identity.
Keywords: ELBO training, encoder step, decoder step, wake-sleep, does maximising the ELBO maximise the likelihood.
"""

from collections.abc import Callable

from derivations import *
from derivations.evidence import evidence_decomposition as ed
from derivations.evidence import reconstruction_minus_kl as rk
from derivations.evidence.evidence_decomposition import ENCODER, EVIDENCE, JOINT, POSTERIOR, bayes, elbo, evidence, gap
from derivations.evidence.reconstruction_minus_kl import LIKELIHOOD, reconstruction, split

NEXT_ENCODER, NEXT_JOINT = density("q'", "z|x"), density("p'", "x,z")
NEXT_EVIDENCE, NEXT_POSTERIOR = density("p'", "x"), density("p'", "z|x")
NEXT_LIKELIHOOD = density("p'", "x|z")
new_encoder = {ENCODER: NEXT_ENCODER}
new_model = {JOINT: NEXT_JOINT, EVIDENCE: NEXT_EVIDENCE, POSTERIOR: NEXT_POSTERIOR}
everything = {**new_encoder, **new_model}

stepped_bell = {**ed.bell, NEXT_ENCODER: Lambda((z, x), gauss(z, x, ed.half))}
stepped_table = {**ed.table, NEXT_ENCODER: Lambda((k, x), Rational(1, 4))}
moved_bell = {**stepped_bell, NEXT_JOINT: Lambda((x, z), gauss(x, z, 1) * gauss(z, 0, 1))}
moved_bell |= {NEXT_EVIDENCE: Lambda(x, gauss(x, 0, 2)), NEXT_POSTERIOR: Lambda((z, x), gauss(z, x / 2, ed.half))}
moved_table = {**stepped_table, NEXT_JOINT: Lambda((x, k), (k + x) / 40), NEXT_EVIDENCE: Lambda(x, (10 + 4 * x) / 40)}
moved_table |= {NEXT_POSTERIOR: Lambda((k, x), (k + x) / (10 + 4 * x))}


def moved(thm: Thm, step: dict) -> Thm:
    """The theorem for the parameters after a step."""
    swaps = {}
    for f, g in step.items():
        slots = (x,) if f is EVIDENCE else (x, z) if f in (JOINT, LIKELIHOOD) else (z, x)
        swaps[f] = Lambda(slots, g(*slots))
    return instantiate(thm, swaps)


def after(p: Basic, step: dict) -> Basic:
    """The same formula for the parameters after a step."""
    return _changed(p, lambda e: e.replace(lambda a: a.func in step, lambda a: step[a.func](*a.args)))


def _changed(p: Basic, change: Callable[[Basic], Basic]) -> Basic:
    """A formula with its expressions changed; that something is finite keeps its readable form."""
    return Converges(change(p.args[0])) if isinstance(p, Converges) else mapped(p, change)


next_elbo, next_gap = after(elbo, new_encoder), after(gap, new_encoder)
mass, finite = ed.encoder_mass, ed.finite
at_both = (mass, after(mass, new_encoder), bayes, finite, after(finite, new_encoder))


def _gap_is_finite() -> Thm:
    """The integrand of the gap is log p(x) times q, less the integrand of the ELBO."""
    opened_gap = total(ed.q * log(ed.q * evidence / ed.joint), whole)
    parts = combined(opened_gap, log(evidence) * total(ed.q, whole) - elbo)
    return carry(settled_by(parts, mass), Converges(gap), given(bayes))


@theorem(
    same(gap - next_gap, next_elbo - elbo),
    "A step in phi closes the gap by what the ELBO gains",
    given=at_both,
    claims=("002-35",),
    forms=on_both(stepped_bell, stepped_table),
)
def phi_step_closes_gap() -> Thm:
    """The evidence is the same before and after."""
    before, later = ed.evidence_decomposition.thm, moved(ed.evidence_decomposition.thm, new_encoder)
    thm = rearrange(chain(flip(before), later), gap - next_gap, next_elbo - elbo)
    return discharge(thm, _gap_is_finite(), moved(_gap_is_finite(), new_encoder))


raised = at_least(next_elbo, elbo)
near_bell = {**ed.bell, NEXT_ENCODER: Lambda((z, x), gauss(z, 2 * x / 3, ed.half))}
stay_bell, stay_table = ({**e, NEXT_ENCODER: e[ENCODER]} for e in (ed.bell, ed.table))


@theorem(
    at_least(gap, next_gap),
    "A step in phi that raises the ELBO brings the encoder closer to the posterior",
    given=(*at_both, raised),
    claims=("002-46",),
    forms=on_both((near_bell, stay_bell), (stepped_table, stay_table)),
    words={len(at_both): "the update raises the ELBO"},
)
def phi_step_brings_closer() -> Thm:
    """The gap falls by what the ELBO gains."""
    gain = rearrange(given(raised), next_elbo - elbo, Integer(0))
    thm = rearrange(chain(phi_step_closes_gap.thm, gain), gap, next_gap)
    return discharge(thm, _gap_is_finite(), moved(_gap_is_finite(), new_encoder))


moved_elbo, moved_gap = after(elbo, everything), after(gap, everything)
by_evidence = log(after(evidence, everything)) - log(evidence)


@theorem(
    same(by_evidence, (moved_elbo - elbo) + (moved_gap - gap)),
    "Change of log evidence = change of ELBO + change of gap",
    given=(mass, bayes, finite, *(after(h, everything) for h in (mass, bayes, finite))),
    forms=on_both(moved_bell, moved_table),
)
def elbo_step_identity() -> Thm:
    """The decomposition before and after the step, subtracted."""
    thm = calc(
        by_evidence,
        ("after the step", moved(ed.evidence_decomposition.thm, everything)),
        ("before the step", ed.evidence_decomposition.thm),
        to(elbo_step_identity.statement.rhs),
    )
    return discharge(thm, _gap_is_finite(), moved(_gap_is_finite(), everything))


# --- a data set: x_n for n = 1..N ---

points, here = (n, 1, N), {x: n}
closed, gained = (total(e.xreplace(here), points) for e in (gap - next_gap, next_elbo - elbo))


@theorem(
    same(closed, gained),
    "Over a data set the gaps close by what the ELBOs gain, in sum",
    given=tuple(ForAll(_changed(h, lambda e: e.xreplace(here)), points) for h in at_both),
    forms=on_both({**stepped_bell, N: 3}, {**stepped_table, N: 3}),
)
def phi_step_over_data() -> Thm:
    """Add up the steps at the data points."""
    return monotone(substitute(phi_step_closes_gap.thm, here), points)


# --- a step in theta with a fixed prior ---

to_likelihood = {JOINT: NEXT_JOINT, LIKELIHOOD: NEXT_LIKELIHOOD}


learned = on_both(
    {**rk.bell, NEXT_LIKELIHOOD: Lambda((x, z), gauss(x, z, 1)), NEXT_JOINT: moved_bell[NEXT_JOINT]},
    {**rk.table, NEXT_LIKELIHOOD: Lambda((x, k), x / k), NEXT_JOINT: Lambda((x, k), x / 10)},
)
with_this_prior = (*split, *(after(h, to_likelihood) for h in split[:2]))


@theorem(
    same(after(elbo, to_likelihood) - elbo, after(reconstruction, to_likelihood) - reconstruction),
    "With a fixed prior a step in theta gains what the reconstruction gains",
    given=with_this_prior,
    forms=learned,
)
def theta_step_and_reconstruction() -> Thm:
    """The divergence from the prior is the same before and after."""
    return calc(
        after(elbo, to_likelihood) - elbo,
        ("after the step", moved(rk.elbo_standard_form.thm, to_likelihood)),
        ("before the step", rk.elbo_standard_form.thm),
        to(theta_step_and_reconstruction.statement.rhs),
    )


def _stays(example: dict) -> dict:
    """The step is of length zero."""
    return {**example, NEXT_LIKELIHOOD: example[LIKELIHOOD], NEXT_JOINT: example[JOINT]}


learns = at_least(after(elbo, to_likelihood), elbo)


@theorem(
    at_least(after(reconstruction, to_likelihood), reconstruction),
    "With a fixed prior a step in theta that raises the ELBO improves the reconstruction",
    given=(*with_this_prior, learns),
    claims=("002-47",),
    forms=on_both(
        (learned["continuous"].examples[0], _stays(rk.bell)), (learned["discrete"].examples[0], _stays(rk.table))
    ),
    words={len(split): "the prior has no parameters", len(with_this_prior): "the update raises the ELBO"},
)
def theta_step_improves_reconstruction() -> Thm:
    """All that the ELBO gains is gained there."""
    gain = rearrange(given(learns), after(elbo, to_likelihood) - elbo, Integer(0))
    both = chain(flip(theta_step_and_reconstruction.thm), gain)
    thm = rearrange(both, after(reconstruction, to_likelihood), reconstruction)
    return discharge(thm, _elbo_is_finite(), moved(_elbo_is_finite(), to_likelihood))


def _elbo_is_finite() -> Thm:
    """Its integrand is the likelihood's less the divergence's."""
    in_parts = total(rk.q * log(rk.likelihood * rk.prior / rk.q), whole)
    return carry(combined(in_parts, reconstruction - rk.rate), Converges(elbo), given(split[0]))


programme = Remark(
    "programme",
    "elbo_steps",
    "A programme or slogan: the ELBO turns inference into an optimisation. What a step of it does to likelihood and gap is a theorem.",
    ("002-01", "003-02"),
    nearest="elbo_step_identity",
)


out_of_reach = Remark(
    "out_of_reach",
    "elbo_steps",
    "A statement about cost. The divergence from the posterior is unknown, its change is not.",
    ("003-14",),
    nearest="phi_step_closes_gap",
)


criterion = Definition(
    "criterion",
    "elbo_steps",
    "Of a family the best is the one with the least divergence from the posterior.",
    ("003-13", "004-77"),
    nearest="phi_step_closes_gap",
)


bracket_and_argument = Misprint(
    "bracket_and_argument",
    "elbo_steps",
    "The minimum is taken over q(z), which does not occur below it: what stands there is q(z|x). A bracket is left open too.",
    ("004-15",),
    nearest="phi_step_closes_gap",
)
