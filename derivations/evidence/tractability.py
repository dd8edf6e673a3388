r"""# What can be computed with a nonlinear decoder

The posterior is known at once up to a factor: $p(z \mid x) \propto p(x \mid z)\, p(z)$. The missing factor is the
evidence $p(x) = \int p(x \mid z)\, p(z)\, dz$, one integral over all codes. What makes it hard is the *dimension of $z$*:
rules that lay a grid need a number of points exponential in it. That is a statement about cost, and no theorem says that
$p(x)$ "cannot be computed":

- An affine decoder of constant noise has a Gaussian posterior and a closed evidence, for every $x$.
- A nonlinear decoder may have both, too. Take the mean $|z|$, which is a network with two rectified units, unit noise
  and $x = 0$: only the square of the mean enters, so the posterior is $\mathcal N(0, \tfrac12)$ and the evidence
  $1/\sqrt{4\pi}$. This is one $x$; at the others the posterior of this decoder is not Gaussian.
- Exact samples from the posterior need no evidence. Draw $z$ from the prior and keep it with probability
  $p(x \mid z)/B$, where $B$ bounds the likelihood: the law of the draws that are kept is the posterior. The price is
  the share of draws that are thrown away.
- Exact maximum likelihood is possible where the evidence is closed. With one datum $x$, prior $\mathcal N(0, 1)$ and decoder
  $\mathcal N(wz, \sigma_x^2)$, no weight does better than $w^2 = x^2 - \sigma_x^2$.

The average of $p(x \mid z_l)$ over samples of the prior is an unbiased estimate of $p(x)$ in any dimension; its variance is
what limits it. A decoder whose *noise* depends on $z$ has no Gaussian posterior in general, be its mean affine or not.

Keywords: intractable posterior, intractable evidence, nonlinear decoder, conjugate, rejection sampling, MCMC, why is
the posterior intractable.
"""

import derivations.linear_model.linear_gaussian as lg
from derivations import *
from derivations.evidence.bayes import EVIDENCE, LIKELIHOOD, POSTERIOR, PRIOR
from derivations.evidence.bayes import bells as gaussian_model
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var

MEAN, VAR = Function("mu(z)", real=True), density("s", "z")
prior, half = Normal(z, 0, 1), Rational(1, 2)

# --- up to a factor ---

unnormalised = Normal(x, MEAN(z), VAR(z)) * prior
bayes = ForAll(same(POSTERIOR(z, x), unnormalised / EVIDENCE(x)), z)
bell = {**gaussian_model, MEAN: Lambda(z, z), VAR: Lambda(z, half)}


@theorem(
    same(POSTERIOR(z, x) * EVIDENCE(x), unnormalised),
    "The posterior is known up to a factor: the evidence",
    given=(bayes,),
    amends=("000-09", "004-09"),
    examples=(bell,),
)
def posterior_up_to_evidence() -> Thm:
    """Bayes' rule, multiplied by the evidence, which does not depend on z."""
    return rearrange(given(bayes), POSTERIOR(z, x) * EVIDENCE(x), unnormalised, times=EVIDENCE(x))


# --- the affine decoder ---


@theorem(
    same(lg.joint / total(lg.joint, line), lg.posterior),
    "An affine decoder of constant noise has a Gaussian posterior",
    amends=("000-12",),
)
def affine_decoder_posterior() -> Thm:
    """The joint is posterior times evidence; the posterior integrates to one."""
    mass = ("the posterior integrates to one", substitute(gaussian_mass.thm, {mean: lg.mean_post, var: lg.var_post}))
    squared = ("complete the square", lg.linear_gaussian_bayes.thm)
    whole_joint = ("the evidence", calc(total(lg.joint, line), squared, linearity, mass))
    posterior_times_evidence = ("posterior times evidence", lg.linear_gaussian_posterior.thm)
    return settled(calc(lg.joint / total(lg.joint, line), whole_joint, posterior_times_evidence))


number = Symbol("c", positive=True)
plain = {lg.weight: 1, lg.bias: 0, lg.mean_prior: 0, lg.var_prior: 1, lg.var_noise: 1}
plain_evidence = total(Normal(0, z, 1) * prior, line)


@counterexample(
    differs(log(total(lg.joint, line)), log(number)),
    same(log(plain_evidence), -log(4 * pi) / 2),
    "The evidence cannot be computed",
    at={**plain, x: 0, number: 1 / sqrt(4 * pi)},
    instead="affine_decoder_posterior",
    claims=("003-99", "003-08", "004-12", "004-20", "004-36"),
)
def evidence_cannot_be_computed() -> Thm:
    """Slope 1, prior and noise of variance 1: the evidence is Gaussian of variance 2, for every x; here x = 0."""
    thm = substitute(lg.linear_gaussian_evidence.thm, {**plain, x: 0})
    return calc(log(plain_evidence), thm, to(-log(4 * pi) / 2))


# --- a nonlinear decoder ---

bent = Normal(0, Abs(z), 1) * prior
bump, height = Normal(z, 0, half), 1 / sqrt(4 * pi)
joint = Normal(x, MEAN(z), 1) * prior
folded_line = {MEAN: Lambda(z, Abs(z)), x: 0}


def _square() -> Thm:
    """At x = 0 only the square of the mean enters."""
    return calc(bent, opened, to(opened(height * bump).prop.rhs), flip(opened(height * bump)))


def _bent_evidence() -> Thm:
    """The bump integrates to one."""
    mass = substitute(gaussian_mass.thm, {mean: 0, var: half})
    return settled(calc(total(bent, line), ("|z| squared is z squared", _square()), linearity, mass, to(height)))


@counterexample(
    differs(total(joint, line), number),
    same(total(bent, line), height),
    "A nonlinear mean leaves no closed form of the evidence",
    at={**folded_line, number: height},
    instead="affine_decoder_posterior",
    claims=("000-11", "002-04", "003-07"),
)
def nonlinear_evidence_has_no_closed_form() -> Thm:
    """The mean |z|, a network with two rectified units, at x = 0."""
    return _bent_evidence()


centre, spread = Symbol("m", real=True), Symbol("v", positive=True)


@counterexample(
    differs(joint / total(joint, line), Normal(z, centre, spread)),
    same(bent / total(bent, line), bump),
    "A nonlinear mean makes the posterior not Gaussian",
    at={**folded_line, centre: 0, spread: half},
    instead="affine_decoder_posterior",
    claims=("000-10", "004-03"),
)
def nonlinear_posterior_is_not_gaussian() -> Thm:
    """The mean |z| at x = 0: the posterior is Gaussian, with variance one half."""
    return calc(bent / total(bent, line), _bent_evidence(), lambda e: rearrange(_square(), e, bump, times=1 / height))


# --- exact samples ---

bound = Symbol("B", positive=True)
product = PRIOR(u) * LIKELIHOOD(x, u)
kept = product / bound
rule = ForAll(same(POSTERIOR(u, x), product / EVIDENCE(x)), u)
marginal = same(total(product, whole), EVIDENCE(x))
coin = {K: 2, PRIOR: Lambda(k, half), LIKELIHOOD: Lambda((x, k), k / 4), EVIDENCE: Lambda(x, Rational(3, 8))}
coin |= {POSTERIOR: Lambda((k, x), k / 3), bound: half, x: 1}


@theorem(
    ForAll(same(kept / total(kept, whole), POSTERIOR(u, x)), u),
    "Rejection sampling draws from the posterior",
    given=(rule, marginal),
    forms=on_both({**gaussian_model, bound: 1}, coin),
)
def rejection_sampling() -> Thm:
    """The bound cancels; what is left is Bayes' rule. The share of draws that are kept is evidence over bound."""
    share = calc(total(kept, whole), linearity, ("the evidence", given(marginal)))
    thm = calc(
        kept / total(kept, whole),
        ("the share of draws that are kept", share),
        to(product / EVIDENCE(x)),
        lambda e: rearrange(given(rule), e, POSTERIOR(u, x), times=Integer(-1)),
    )
    return for_all(thm, u)


accepted = half * (k / 4) / half
sum_of_two = total(accepted, (k, 1, 2))
kept_k = PRIOR(k) * LIKELIHOOD(x, k) / bound


@counterexample(
    differs(kept_k / total(kept_k, states), POSTERIOR(k, x)),
    same(accepted / sum_of_two, k / 3),
    "No exact sample of the posterior can be drawn",
    at=coin,
    instead="rejection_sampling",
    claims=("003-09",),
)
def posterior_cannot_be_sampled() -> Thm:
    """Two codes of likelihood 1/4 and 1/2: rejection returns them with the posterior's shares, 1/3 and 2/3."""
    return calc(accepted / sum_of_two, calc(sum_of_two, write_out, to(Rational(3, 4))), to(k / 3))


# --- exact maximum likelihood ---

datum = Symbol("x_1", positive=True)
scaled = {lg.bias: 0, lg.mean_prior: 0, lg.var_prior: 1, x: datum}
evidence_at_datum = log(total(Normal(datum, lg.weight * z, lg.var_noise) * prior, line))
ceiling = -log(2 * pi * datum**2) / 2 - half
best_weight = {lg.weight: 1, lg.var_noise: 1, datum: sqrt(2)}


@theorem(
    at_least(ceiling, evidence_at_datum),
    "The largest evidence of one datum",
    examples=(best_weight, {lg.weight: 1, lg.var_noise: half, datum: 2}),
)
def linear_gaussian_likelihood_bound() -> Thm:
    """The logarithm of the squared datum over the variance lies below its tangent at 1."""
    thm = calc(evidence_at_datum, substitute(lg.linear_gaussian_evidence.thm, scaled))
    below = log_tangent(datum**2 / (lg.weight**2 + lg.var_noise))
    return chain(rearrange(below, ceiling, thm.prop.rhs, times=half), flip(thm))


best_evidence = log(total(Normal(sqrt(2), z, 1) * prior, line))


@counterexample(
    differs(evidence_at_datum, ceiling),
    same(best_evidence, -log(4 * pi) / 2 - half),
    "Exact maximum likelihood is impossible",
    at=best_weight,
    instead="linear_gaussian_likelihood_bound",
    claims=("003-10",),
)
def exact_likelihood_is_impossible() -> Thm:
    """At x squared = 2 and unit noise the weight 1 attains the bound that no weight exceeds."""
    thm = substitute(lg.linear_gaussian_evidence.thm, {**scaled, x: sqrt(2), lg.weight: 1, lg.var_noise: 1})
    return calc(best_evidence, thm, to(-log(4 * pi) / 2 - half))


cost = Remark(
    "cost",
    "tractability",
    "A statement about cost, and the motive of the method: an integral over many latent dimensions is dear. It is not "
    "a statement that can be proved of every model.",
    ("000-13",),
    nearest="posterior_up_to_evidence",
)
