r"""# Which points may the encoder leave out?

"Multiply and divide by $q$" is harmless only where $q$ is positive. On this page the space is the set where the
encoder is positive. The importance ratio $p(x, z)/q(z \mid x)$ then has the average

$$\mathbb E_q\!\left[\frac{p(x, z)}{q(z \mid x)}\right] = \int_{q > 0} p(x, z)\,dz = c \cdot p(x) ,$$

where $c = P(q > 0 \mid x)$ is the posterior probability of what the encoder covers. It is $p(x)$ only if the encoder
leaves out nothing to which the posterior gives mass. A half-normal encoder for a symmetric posterior sees one half of the
evidence.

**The bound needs no such condition.** Whatever the encoder leaves out makes it weaker, by $-\log c$, and never wrong:
$\log p(x) \ge \log p(x) + \log c \ge \mathcal L$. So there are two ways to be loose. Jensen's step is tight when the
ratio is constant where $q$ is positive; the step before it is tight when $c = 1$.

A point mass shows the difference. On a discrete latent the ratio is constant under it, so that Jensen's step is an
equality, at the best point or at any other. Yet the bound misses $\log p(x)$ by $-\log p(z^* \mid x)$, because $c$ is
the posterior mass of one point. On a continuous latent a point mass has no density; narrowing a Gaussian towards it
sends the ELBO to $-\infty$ like the logarithm of its width.

Headline: elbo_lower_bound.
Keywords: support of the encoder, importance sampling, posterior outside the support, delta posterior, MAP.
"""

import derivations.linear_model.linear_gaussian as lg
from derivations import *
from derivations.divergence.jensen import Q, Y, jensen, mean
from derivations.evidence import evidence_decomposition as ed
from derivations.evidence.evidence_decomposition import ENCODER, EVIDENCE, JOINT, elbo, evidence, finite, joint, q

share = Symbol("c", positive=True)
ratio = E(joint / q, q, whole)
covered = same(total(joint, whole), share * evidence)
part = at_least(1, share)
half_line = Tuple(z, 0, oo)

half = Rational(1, 2)
half_normal = {JOINT: Lambda((x, z), gauss(x, z, 1) * gauss(z, 0, 1)), EVIDENCE: Lambda(x, gauss(x, 0, 2))}
half_normal |= {ENCODER: Lambda((z, x), 2 * gauss(z, 0, 1)), x: 0, share: half}
tight_half = {**half_normal, EVIDENCE: Lambda(x, gauss(x, 0, 2) / 2), ENCODER: Lambda((z, x), 2 * gauss(z, 0, half))}
tight_half |= {share: 1}
four_fifths = {**ed.table, EVIDENCE: Lambda(x, 5 * x / 16), share: Rational(4, 5)}
all_of_it = {**ed.tight_table, share: 1}
forms = {"continuous": Form(half_line, (half_normal, tight_half)), "discrete": Form(states, (four_fifths, all_of_it))}


@theorem(
    same(ratio, share * evidence),
    "The mean importance ratio is the evidence that the encoder covers",
    given=(covered,),
    forms=forms,
    kind="step",
)
def importance_share() -> Thm:
    """The encoder cancels where it is positive; elsewhere there is nothing to average."""
    return calc(ratio, opened, given(covered))


@theorem(
    same(ratio, evidence),
    "The mean importance ratio is the evidence, for an encoder that covers the posterior",
    given=(ed.marginal,),
    claims=("000-61",),
    forms={"continuous": Form(half_line, (tight_half,)), "discrete": Form(states, (ed.table, ed.tight_table))},
    kind="step",
    narrows={"": "q(z|x) is positive wherever p(x, z) is"},
)
def mean_importance_ratio() -> Thm:
    """The encoder cancels, and the joint integrates to the evidence over the set where the encoder is positive."""
    return calc(ratio, opened, ("the marginal", given(ed.marginal)))


@theorem(
    same(log(evidence), log(ratio)),
    "log evidence = log mean importance ratio, for an encoder that covers the posterior",
    given=(ed.marginal,),
    claims=("000-56", "000-57", "000-62", "002-06", "002-07", "003-16"),
    forms={"continuous": Form(half_line, (tight_half,)), "discrete": Form(states, (ed.table, ed.tight_table))},
    kind="step",
    narrows={"": "q(z|x) is positive wherever p(x, z) is"},
)
def importance_identity() -> Thm:
    """Multiply and divide by q; the joint integrates to the evidence over the set where q is positive."""
    return flip(calc(log(ratio), mean_importance_ratio.thm))


@theorem(
    at_least(log(evidence) + log(share), elbo),
    "The bound, sharper by what the encoder leaves out",
    given=(ed.encoder_mass, covered, finite),
    forms=forms,
)
def elbo_by_coverage() -> Thm:
    """Jensen's inequality for the importance ratio, whose mean is c p(x)."""
    bound = instantiate(jensen.thm, {Q: Lambda(z, ENCODER(z, x)), Y: Lambda(z, JOINT(x, z) / ENCODER(z, x))})
    bound = discharge(substitute(bound, {mean: share * evidence}), importance_share.thm, converges(covered))
    both = algebra(log(evidence) + log(share), log(share * evidence))
    return chain(both, bound, unfold(bound.prop.rhs), flip(unfold(elbo)))


@theorem(
    at_least(log(evidence), elbo),
    "The ELBO is a lower bound, whatever the encoder leaves out",
    given=(ed.encoder_mass, covered, part, finite),
    claims=(
        "000-63",
        "000-65",
        "000-66",
        "002-05",
        "002-09",
        "002-38",
        "002-74",
        "003-03",
        "003-17",
        "003-55",
        "003-59",
        "004-21",
        "004-37",
        "004-39",
        "004-79",
    ),
    forms=forms,
)
def elbo_lower_bound() -> Thm:
    """The logarithm of a share c <= 1 is at most c - 1 <= 0."""
    none = rearrange(given(part), Integer(0), share - 1)
    drop = chain(none, rearrange(log_tangent(share), share - 1, log(share)))
    return chain(rearrange(drop, log(evidence), log(evidence) + log(share)), elbo_by_coverage.thm)


# --- two values of z, with joint masses 1/4 and 1/8; the encoder sits on the better one ---

masses, one, two = 2 ** (-1 - k), (k, 1, 1), (k, 1, 2)
all_masses = total(masses, two)
sat = {JOINT: Lambda((x, k), masses), ENCODER: Lambda((k, x), 1), x: 0, K: 1, N: 2}
reach, everything = states, (k, 1, N)
sits = same(total(ENCODER(k, x), reach), 1)
best_first = ForAll(at_least(JOINT(x, 1), JOINT(x, k)), everything)


@counterexample(
    same(E(JOINT(x, k) / ENCODER(k, x), ENCODER(k, x), reach), total(JOINT(x, k), everything)),
    differs(E(masses, 1, one), all_masses),
    "Multiplying and dividing by the encoder changes nothing",
    at=sat,
    holds_at={**sat, ENCODER: Lambda((k, x), Rational(1, 2)), K: 2},
    given=(sits,),
    instead="importance_share",
)
def importance_needs_support() -> Thm:
    """The mean ratio is 1/4, the evidence 3/8."""
    seen = calc(E(masses, 1, one), opened, write_out, to(Rational(1, 4)))
    return apart(seen, calc(all_masses, write_out, to(Rational(3, 8))))


@counterexample(
    same(ELBO(JOINT(x, k), ENCODER(k, x), reach), log(total(JOINT(x, k), everything))),
    differs(ELBO(masses, 1, one), log(all_masses)),
    "A point mass at the best z makes the bound tight",
    at=sat,
    holds_at={**sat, JOINT: Lambda((x, k), 2 ** (-1 - k)), N: 1},
    given=(same(K, 1), sits, best_first),
    instead="elbo_by_coverage",
    claims=("002-76",),
)
def point_mass_is_tight() -> Thm:
    """The ELBO is log 1/4; it misses log 3/8 by minus the logarithm of the posterior mass 2/3."""
    bound = calc(ELBO(masses, 1, one), opened, write_out, to(log(Rational(1, 4))))
    return apart(bound, calc(log(all_masses), at(write_out, all_masses), to(log(Rational(3, 8)))))


at_mean = Normal(x, lg.weight * lg.mean_q + lg.bias, lg.var_noise) * Normal(lg.mean_q, lg.mean_prior, lg.var_prior)
bend = lg.weight**2 / lg.var_noise + 1 / lg.var_prior


@theorem(
    same(ELBO(lg.joint, lg.q, line), log(at_mean) + log(2 * pi * lg.var_q) / 2 + (1 - bend * lg.var_q) / 2),
    "What the width of a Gaussian encoder adds to the ELBO",
)
def narrow_encoder() -> Thm:
    """The log joint at the mean, the logarithm of the width, and terms that fade with the variance."""
    last = opened(narrow_encoder.statement.rhs)
    elbo = lg.linear_gaussian_elbo.thm
    return chain(elbo, algebra(elbo.prop.rhs, last.prop.rhs), flip(last))


wording = Remark(
    "wording",
    "elbo_support",
    "Wording only: a title.",
    ("004-01",),
    nearest="importance_identity",
)


importance_ratio = Definition(
    "importance_ratio",
    "elbo_support",
    "The joint density over the density of the encoder.",
    ("000-60",),
    nearest="importance_share",
)


add_and_subtract = Misprint(
    "add_and_subtract",
    "elbo_support",
    "The text says that q is added and subtracted; the formula multiplies and divides by it.",
    ("003-15",),
    nearest="importance_identity",
)
