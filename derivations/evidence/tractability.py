r"""# What can be computed with a nonlinear decoder

The posterior is known at once up to a factor: $p(z \mid x) \propto p(x \mid z)\, p(z)$. The missing factor is the
evidence $p(x) = \int p(x \mid z)\, p(z)\, dz$, one integral over all codes. What makes it hard is the *dimension of
$z$*: rules that lay a grid need a number of points exponential in it. That is a statement about cost, and no theorem
says that $p(x)$ "cannot be computed":

- An affine decoder of constant noise has a Gaussian posterior and a closed evidence, for every $x$.
- A nonlinear decoder may have both, too. Take the mean $|z|$, which is a network with two rectified units, unit noise
  and $x = 0$: only the square of the mean enters, so the posterior is $\mathcal N(0, \tfrac12)$ and the evidence
  $1/\sqrt{4\pi}$. This is one $x$; at the others the posterior of this decoder is not Gaussian. It cannot be at a second one:
  with constant noise a posterior that is Gaussian at two data points makes the decoder affine.
- Exact samples from the posterior need no evidence. Draw $z$ from the prior and keep it with probability
  $p(x \mid z)/B$, where $B$ bounds the likelihood: the distribution of the draws that are kept is the posterior. The
  price is the share of draws that are thrown away.
- Exact maximum likelihood is possible where the evidence is closed. With one datum $x$, prior $\mathcal N(0, 1)$ and
  decoder $\mathcal N(wz, \sigma_x^2)$, no weight does better than $w^2 = x^2 - \sigma_x^2$.

The average of $p(x \mid z_l)$ over samples of the prior is an unbiased estimate of $p(x)$ in any dimension; its
variance is what limits it. A decoder whose *noise* depends on $z$ has no Gaussian posterior in general, be its mean
affine or not.

Headline: affine_decoder_posterior.
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
    examples=(bell,),
    kind="step",
)
def posterior_up_to_evidence() -> Thm:
    """Bayes' rule, multiplied by the evidence, which does not depend on z."""
    return rearrange(given(bayes), POSTERIOR(z, x) * EVIDENCE(x), unnormalised, times=EVIDENCE(x))


# --- the affine decoder ---


@theorem(
    same(lg.joint / total(lg.joint, line), lg.posterior), "An affine decoder of constant noise has a Gaussian posterior"
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


# --- a nonlinear decoder ---

bent = Normal(0, Abs(z), 1) * prior
bump, height = Normal(z, 0, half), 1 / sqrt(4 * pi)
joint = Normal(x, MEAN(z), 1) * prior


def _square() -> Thm:
    """At x = 0 only the square of the mean enters."""
    return calc(bent, opened, to(opened(height * bump).prop.rhs), flip(opened(height * bump)))


def _bent_evidence() -> Thm:
    """The bump integrates to one."""
    mass = substitute(gaussian_mass.thm, {mean: 0, var: half})
    return settled(calc(total(bent, line), ("|z| squared is z squared", _square()), linearity, mass, to(height)))


@theorem(same(total(bent, line), height), "A nonlinear decoder whose evidence is closed, at one x")
def folded_evidence() -> Thm:
    """The mean |z|, a network with two rectified units, at x = 0."""
    return _bent_evidence()


centre, spread = Symbol("m", real=True), Symbol("v", positive=True)


@theorem(same(bent / total(bent, line), bump), "A nonlinear decoder whose posterior is Gaussian, at one x")
def folded_posterior() -> Thm:
    """The mean |z| at x = 0: the posterior is Gaussian, with variance one half."""
    return calc(bent / total(bent, line), _bent_evidence(), lambda e: rearrange(_square(), e, bump, times=1 / height))


# --- Gaussian at two data points ---

apart_by, noise = Symbol("d", positive=True), Symbol("var_noise", positive=True)
heights, spreads = ([Symbol(f"{s}_{i}", positive=True) for i in (1, 2)] for s in "cv")
centres, data = [Symbol(f"m_{i}", real=True) for i in (1, 2)], (x, x + apart_by)
bend = noise / apart_by * (1 / (2 * spreads[0]) - 1 / (2 * spreads[1]))  # of the parabola that the mean has to be
both_gaussian = tuple(
    ForAll(same(Normal(datum, MEAN(z), noise) * prior, height * Normal(z, there, var_there)), z)
    for datum, height, there, var_there in zip(data, heights, centres, spreads, strict=True)
)


def _two_data(weight: Expr, bias: Expr, var: Expr, first: Expr, gap: Expr) -> dict:
    """An affine decoder: both posteriors have one variance."""
    whole_var = var + weight**2
    example = {MEAN: Lambda(z, weight * z + bias), noise: var, x: first, apart_by: gap}
    for i, datum in enumerate((first, first + gap)):
        example |= {heights[i]: gauss(datum, bias, whole_var), spreads[i]: var / whole_var}
        example |= {centres[i]: weight * (datum - bias) / whole_var}
    return example


@theorem(
    same(MEAN(z), MEAN(0) + z * (MEAN(1) - MEAN(0))),
    "With constant noise only an affine decoder has a Gaussian posterior at two data points",
    given=both_gaussian,
    examples=(_two_data(1, 0, 1, 0, 1), _two_data(2, Rational(1, 3), half, 1, 2)),
    words={0: "the posterior is Gaussian at one data point", 1: "the posterior is Gaussian at another data point"},
)
def gaussian_posteriors_force_affine() -> Thm:
    """The difference of both log joints makes the mean a parabola, and one of them makes its square one: it is a line."""
    line_1, line_2 = (_log_of_both_sides(prop) for prop in both_gaussian)
    parabola = _mean_as_parabola(line_1, line_2)
    at_points = {j: substitute(parabola, {z: j}) for j in range(-2, 3)}
    signs = {-2: 1, -1: -4, 0: 6, 1: -4, 2: 1}  # the fourth difference: of a parabola it is zero
    terms = [[c * (x - MEAN(j)) ** 2 for j, c in signs.items()]]
    steps = []
    for place, (j, c) in enumerate(signs.items()):
        there = substitute(line_1, {z: j})
        swapped = -2 * noise * c * (there.prop.rhs - there.prop.lhs - (x - MEAN(j)) ** 2 / (2 * noise))
        terms.append([*terms[-1][:place], swapped, *terms[-1][place + 1 :]])
        steps.append(rearrange(there, sum(terms[-2]), sum(terms[-1]), times=-2 * noise * c))
    no_fourth = chain(*steps, algebra(sum(terms[-1]), Integer(0)))
    fourth = calc(no_fourth.prop.lhs, *at_points.values(), to(24 * bend**2))
    t, a = Symbol("t", real=True), Symbol("a", real=True)
    flat = substitute(touches_once(-(t**2), t, a), {t: bend, a: 0})
    (touch,) = flat.hyps
    flat = discharge(flat, rearrange(chain(flip(fourth), no_fourth), *touch.args, times=Rational(1, 24)))
    straight = calc(gaussian_posteriors_force_affine.statement.rhs, at_points[0], at_points[1])
    return chain(parabola, rearrange(flat, parabola.prop.rhs, straight.prop.rhs, times=z**2 - z), flip(straight))


def _log_of_both_sides(prop: Basic) -> Thm:
    """The equation of two Gaussian densities, under the logarithm."""

    def opened_log(law: Expr) -> Expr:
        return -((law.args[0] - law.args[1]) ** 2) / (2 * law.args[2]) - log(2 * pi * law.args[2]) / 2

    equal = rewrite(log(prop.args[0].lhs), given(prop))
    sides = []
    for e in equal.prop.args:
        parts = [opened_log(f) if isinstance(f, Normal) else log(f) for f in e.args[0].args]
        sides.append(calc(e, opened, to(sum(parts))))
    return chain(flip(sides[0]), equal, sides[1])


def _mean_as_parabola(line_1: Thm, line_2: Thm) -> Thm:
    """The difference of the two log joints is linear in the mean."""
    scale = noise / apart_by
    start = x + apart_by / 2 + scale * (line_2.prop.lhs - line_1.prop.lhs)
    middle = x + apart_by / 2 + scale * (line_2.prop.rhs - line_1.prop.lhs)
    end = x + apart_by / 2 + scale * (line_2.prop.rhs - line_1.prop.rhs)
    both = rearrange(line_2, start, middle, times=scale), rearrange(line_1, middle, end, times=-scale)
    return chain(algebra(MEAN(z), start), *both)


rival = Normal(z, centre, spread)
bends = differs(MEAN(1) + MEAN(-1), 2 * MEAN(0))
folded_line = {MEAN: Lambda(z, Abs(z)), spread: half}


@counterexample(
    differs(log(joint / joint.subs(z, 0)), log(rival / rival.subs(z, 0))),
    same(log(bent / bent.subs(z, 0)), log(bump / bump.subs(z, 0))),
    "A nonlinear mean makes the posterior not Gaussian",
    at={**folded_line, x: 0, centre: 0},
    holds_at={**folded_line, x: 1, centre: half, z: -1},
    given=(bends,),
    instead="gaussian_posteriors_force_affine",
    claims=("000-10",),
)
def nonlinear_posterior_is_not_gaussian() -> Thm:
    """The mean |z| at x = 0: as a function of z the posterior is in proportion to a Gaussian of variance one half.

    At x = 1 it is not: the Gaussian that it follows for positive z is not what it is at -1.
    """
    left, right = nonlinear_posterior_is_not_gaussian.negation.args
    return calc(left, opened, to(opened(right).prop.rhs), folded(right))


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
    "The draws of the prior that are kept have the distribution of the posterior",
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


cost = Remark(
    "cost",
    "tractability",
    "A statement about cost, and the motive of the method: an integral over many latent dimensions is expensive. It is not "
    "a statement that can be proved of every model.",
    ("000-13",),
    nearest="posterior_up_to_evidence",
)


closed_form = Remark(
    "closed_form",
    "tractability",
    "Which functions a closed form may use is not said, so no theorem can tell. In any sense of the word a nonlinear mean may "
    "have one: that of two rectified units has, at one x.",
    ("000-11",),
    nearest="folded_evidence",
)


cost_of_the_evidence = Remark(
    "cost_of_the_evidence",
    "tractability",
    "A statement about cost: an integral over many latent dimensions is expensive. Some models have a closed evidence, and every evidence has an unbiased estimate; that it cannot be computed is no statement that a model could satisfy or fail.",
    ("002-04", "003-99", "003-07", "003-08", "003-10", "004-03", "004-12", "004-20", "004-36"),
    nearest="linear_gaussian_evidence",
)


cost_of_a_draw = Remark(
    "cost_of_a_draw",
    "tractability",
    "A statement about cost. Where the likelihood is bounded, draws of the prior that are kept with a probability in "
    "proportion to it are exact draws of the posterior; how many are thrown away is another matter.",
    ("003-09",),
    nearest="rejection_sampling",
)
