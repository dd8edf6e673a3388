r"""# Tables on which climbing the ELBO does harm

A latent with two values and an encoder that cannot move, $q = (\tfrac12, \tfrac12)$. Then the ELBO is $\tfrac12
\log(4\, p_1 p_2)$ with $p_k = p(x, z = k)$: it sees the *product* of the two joint masses, while the likelihood is
their *sum*. Four steps are enough to see what can go wrong.

- $(\tfrac12, \tfrac1{50}) \to (\tfrac15, \tfrac15)$: the ELBO gains $\log 2$, the likelihood falls from $0.52$ to
  $0.40$. Of these two parameters the ELBO prefers the one with the smaller likelihood.
- $(\tfrac1{10}, \tfrac1{10}) \to (\tfrac12, \tfrac1{10})$: the ELBO gains $\tfrac12 \log 5$, and the gap, zero before
  the step, opens to $\tfrac12 \log \tfrac95$. A better model has outrun its encoder.
- Two data points share the encoder, with posteriors $(\tfrac12, \tfrac12)$ and $(\tfrac9{10}, \tfrac1{10})$. The step
  from $(\tfrac12, \tfrac12)$ to $(\tfrac34, \tfrac14)$ raises the sum of the ELBOs by $\log \tfrac43$ and opens the gap
  of the first point.

- With the encoder moving as well, $(\tfrac12, \tfrac1{50}) \to (\tfrac1{10}, \tfrac3{10})$ and $q$ becoming the exact posterior: the
  ELBO gains $\log 2$, the gap closes, and the likelihood falls to $0.40$ all the same.

In general, from $(s r, s / r)$ to $(m, m)$ the likelihood gains less than the ELBO by $\log \tfrac12 (r + 1/r)$, which may be more than all
that the ELBO gains. None of this contradicts the identity $\Delta \log p = \Delta \mathcal L + \Delta \mathrm{gap}$; it is what the identity
allows.

A table of one data point is of $x = 0$. What mass it leaves lies at $x = 1$, half of it with either code.

Headline: elbo_ascent_raises_likelihood.
Keywords: higher ELBO worse likelihood, ELBO goes up likelihood goes down, is a higher ELBO better, ELBO as a model
selection criterion.
"""

from derivations import *
from derivations.evidence.evidence_decomposition import ENCODER, EVIDENCE, JOINT, POSTERIOR
from derivations.training.elbo_steps import NEXT_ENCODER, NEXT_EVIDENCE, NEXT_JOINT, NEXT_POSTERIOR

two, even = (k, 1, 2), Rational(1, 2)
tall, flat = even * 25 ** (1 - k), Rational(1, 5)  # (1/2, 1/50) and (1/5, 1/5)
low, steep = Rational(1, 10), even * 5 ** (1 - k)  # (1/10, 1/10) and (1/2, 1/10)
skewed, leaning = 9 ** (2 - k) / 10, 3 ** (2 - k) / 4  # (9/10, 1/10) and (3/4, 1/4)

q, q_next = ENCODER(k, x), NEXT_ENCODER(k, x)
elbo, elbo_next = ELBO(JOINT(x, k), q, states), ELBO(NEXT_JOINT(x, k), q, states)
gap, gap_next = KL(q, POSTERIOR(k, x), states), KL(q, NEXT_POSTERIOR(k, x), states)
log_p, log_p_next = log(EVIDENCE(x)), log(NEXT_EVIDENCE(x))


def _step(before: Expr, after: Expr) -> dict:
    """The instance: the datum 0, an encoder that stays, and a joint density that moves."""
    instance = {K: 2, x: 0, ENCODER: Lambda((k, x), even)}
    instance |= _model(before, JOINT, EVIDENCE, POSTERIOR)
    return instance | _model(after, NEXT_JOINT, NEXT_EVIDENCE, NEXT_POSTERIOR)


def _model(at_0: Expr, joint: Function, evidence: Function, posterior: Function) -> dict:
    """Two data, 0 and 1: all the mass that the first leaves is the second's, half of it with either code."""
    share = sum(at_0.subs(k, j) for j in (1, 2))
    left = (1 - share) * x
    codes = (1 - x) * at_0 / share + x * even
    return {
        joint: Lambda((x, k), (1 - x) * at_0 + left / 2),
        evidence: Lambda(x, (1 - x) * share + left),
        posterior: Lambda((k, x), codes),
    }


# what whoever says it takes for granted: a law of codes, two models with their evidences, a step that raises the ELBO
models = (
    same(total(q, states), 1),
    same(total(JOINT(x, k), states), EVIDENCE(x)),
    same(total(NEXT_JOINT(x, k), states), NEXT_EVIDENCE(x)),
)
posteriors = (
    ForAll(same(POSTERIOR(k, x) * EVIDENCE(x), JOINT(x, k)), states),
    ForAll(same(NEXT_POSTERIOR(k, x) * NEXT_EVIDENCE(x), NEXT_JOINT(x, k)), states),
)
climbs = at_least(elbo_next, elbo)

gain = ELBO(flat, even, two) - ELBO(tall, even, two)
tall_evidence, flat_evidence = Rational(13, 25), Rational(2, 5)
fall = log(flat_evidence) - log(tall_evidence)


@theorem(same(gain, log(2)), "A step that raises the ELBO")
def elbo_gains() -> Thm:
    """The product of the two joint masses grows fourfold."""
    return worked(gain, log(2))


@counterexample(
    at_least(log_p_next, log_p),
    same(log(flat_evidence), log(tall_evidence) - log(Rational(13, 10))),
    "A step that raises the ELBO raises the likelihood",
    at=_step(tall, flat),
    holds_at=_step(low, flat),
    given=(*models, climbs),
    instead="elbo_step_identity",
    claims=("003-57",),
)
def elbo_ascent_raises_likelihood() -> Thm:
    """In the step that raises the ELBO by log 2 the sum of the joint masses falls from 52/100 to 40/100."""
    return algebra(*elbo_ascent_raises_likelihood.negation.args)


@counterexample(
    at_least(log_p_next - log_p, elbo_next - elbo),
    same(fall, gain - log(Rational(13, 5))),
    "The likelihood gains at least what the ELBO gains",
    at=_step(tall, flat),
    holds_at=_step(low, flat),
    given=(*models, climbs),
    instead="elbo_step_identity",
    claims=("002-36",),
)
def elbo_gain_is_a_floor() -> Thm:
    """The same step: the likelihood falls behind the ELBO by log 13/5."""
    return rearrange(flip(elbo_gains.thm), *elbo_gain_is_a_floor.negation.args)


# --- a step in which the encoder moves as well ---

thin = low * (2 * k - 1)  # (1/10, 3/10)
served = (2 * k - 1) / 4  # its posterior
moves = at_least(ELBO(NEXT_JOINT(x, k), q_next, states), elbo)


@counterexample(
    at_least(log_p_next, log_p),
    same(log(flat_evidence), log(tall_evidence) - log(Rational(13, 10))),
    "A step of model and encoder that raises the ELBO improves the model",
    at={**_step(tall, thin), NEXT_ENCODER: Lambda((k, x), served)},
    holds_at={**_step(low, flat), NEXT_ENCODER: Lambda((k, x), even)},
    given=(*models, same(total(q_next, states), 1), moves),
    instead="elbo_step_identity",
    claims=("002-37",),
)
def joint_step_improves_the_model() -> Thm:
    """The encoder becomes the exact posterior, the ELBO rises from log 1/5 to log 2/5, and the likelihood falls to 2/5."""
    return algebra(*joint_step_improves_the_model.negation.args)


# --- no guarantee ---

scale, lean, level = Symbol("s", positive=True), Symbol("r", positive=True), Symbol("m", positive=True)
leaning_masses = scale * lean ** (3 - 2 * k)  # (s r, s / r)
before, after = ELBO(leaning_masses, even, two), ELBO(level, even, two)


@theorem(
    same(log(total(level, two)) - log(total(leaning_masses, two)), after - before - log((lean + 1 / lean) / 2)),
    "How far the likelihood stays behind the ELBO when the encoder stays even",
    claims=("002-43",),
    examples=({scale: Rational(1, 10), lean: 5, level: Rational(1, 5)}, {scale: Rational(1, 4), lean: 1, level: even}),
)
def likelihood_lags() -> Thm:
    """An even encoder sees the product of the masses, s^2 and m^2, the likelihood their sum: with r = 5 and m = 2 s it falls."""
    left, right = likelihood_lags.statement.args
    sums = (total(level, two), total(leaning_masses, two))
    bounds = (calc(before, opened, write_out, to(log(2 * scale))), calc(after, opened, write_out, to(log(2 * level))))
    seen = log(2 * level) - log(scale * (lean + 1 / lean))
    return chain(calc(left, *(at(write_out, e) for e in sums), to(seen)), flip(calc(right, *bounds, to(seen))))


near, far = KL(even, low / (2 * low), two), KL(even, steep / (6 * low), two)
opening = far - near
steeper = ELBO(steep, even, two) - ELBO(low, even, two)


@theorem(same(steeper, log(5) / 2), "Another step that raises the ELBO")
def elbo_gains_again() -> Thm:
    """The product of the two joint masses grows fivefold."""
    return worked(steeper, log(5) / 2)


@counterexample(
    at_least(gap, gap_next),
    same(opening, log(Rational(9, 5)) / 2),
    "A step that raises the ELBO closes the gap",
    at=_step(low, steep),
    holds_at=_step(steep, 3 * low),
    given=(*models, *posteriors, climbs),
    instead="phi_step_closes_gap",
    claims=("000-74", "003-58"),
)
def elbo_ascent_closes_gap() -> Thm:
    """In the step that raises the ELBO by log(5)/2 the posterior moves away from the encoder."""
    return worked(opening, log(Rational(9, 5)) / 2)


shared = KL(even, even, two) + KL(even, skewed, two) - KL(leaning, even, two) - KL(leaning, skewed, two)


@theorem(same(shared, log(Rational(4, 3))), "A step of one encoder for two data points")
def shared_step_gains() -> Thm:
    """The sum of the two gaps falls."""
    return worked(shared, log(Rational(4, 3)))


two_posteriors = 9 ** (x * (2 - k)) / (1 + 9**x)  # of the data 0 and 1
codes = {ENCODER: Lambda((k, x), even), NEXT_ENCODER: Lambda((k, x), leaning)}
codes |= {POSTERIOR: Lambda((k, x), two_posteriors), K: 2}


def _gap_at(law: Expr, datum: int) -> Expr:
    return KL(law.subs(x, 0), POSTERIOR(k, datum), states)


both_gaps = at_least(sum(_gap_at(q, j) for j in (0, 1)), sum(_gap_at(q_next, j) for j in (0, 1)))


@counterexample(
    at_least(_gap_at(q, 0), _gap_at(q_next, 0)),
    same(KL(leaning, even, two) - KL(even, even, two), log(Rational(27, 16)) / 4),
    "With one encoder for all the data, a step in phi closes every gap",
    at=codes,
    holds_at={**codes, ENCODER: Lambda((k, x), skewed)},
    given=(same(total(q.subs(x, 0), states), 1), same(total(q_next.subs(x, 0), states), 1), both_gaps),
    instead="phi_step_over_data",
)
def shared_step_closes_every_gap() -> Thm:
    """The first data point was served exactly before the step."""
    value = shared_step_closes_every_gap.negation
    return worked(value.lhs, value.rhs)
