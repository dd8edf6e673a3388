r"""# Joint, marginal and Bayes' rule

A latent-variable model is written down in the order in which it generates data: first a code from the **prior** $p(z)$,
then data from the **likelihood** $p(x \mid z)$. Their product is the **joint** distribution $p(x, z)$; whoever knows
the two factors, the arrows of the graph, knows the model. Adding up over the codes that could have produced $x$ gives
its **marginal** distribution $p(x) = \int p(x \mid z)\, p(z)\,dz$, called the evidence or the marginal likelihood.

The same joint can be read against the arrows: $p(x, z) = p(z \mid x)\, p(x)$. Both readings together are **Bayes'
rule**,

$$p(z \mid x) = \frac{p(x \mid z)\, p(z)}{p(x)} .$$

It is a quotient, not a product, and it needs $0 < p(x) < \infty$. Where $p(x) = 0$ it says $0/0$; a marginal density
can also be infinite at single points (let $z$ be uniform on $[0, 1]$ and $x \mid z \sim \mathcal N(0, z^2)$, at
$x = 0$).

A network that "computes $p(x \mid z)$" returns the parameters of a distribution, for instance a mean and a variance;
any mean and any positive variance give one. An encoder returns the parameters of $q(z \mid x)$, never the joint: a
distribution of $z$ adds up to one, the joint adds up to $p(x)$.

$\log p(x)$ is at most $0$ for a probability. It is not for a density, which may exceed $1$. No bound in this reference
uses its sign.

Headline: bayes_rule.
Keywords: Bayes' theorem, marginal likelihood, model evidence, posterior, joint distribution, latent variable model,
generative model.
"""

from derivations import *
from derivations.gaussians.gaussian_kl_diagonal import i, j, product_mass
from derivations.gaussians.gaussian_moments import gaussian_mass, gaussian_mean, mean, var

JOINT, LIKELIHOOD, PRIOR = density("p", "x,z"), density("p", "x|z"), density("p", "z")
EVIDENCE, POSTERIOR = density("p", "x"), density("p", "z|x")
joint, likelihood, prior = JOINT(x, u), LIKELIHOOD(x, u), PRIOR(u)
evidence, posterior = EVIDENCE(x), POSTERIOR(u, x)

forwards = ForAll(same(joint, likelihood * prior), u)
backwards = ForAll(same(joint, posterior * evidence), u)
marginal = same(total(joint, whole), evidence)


half, likelihood_k, prior_k = Rational(1, 2), 1 / (x**2 + 2**k), 2**k / 30
bells = {PRIOR: Lambda(z, gauss(z, 0, 1)), LIKELIHOOD: Lambda((x, z), gauss(x, z, half)), x: 1}
bells |= {JOINT: Lambda((x, z), gauss(x, z, half) * gauss(z, 0, 1)), EVIDENCE: Lambda(x, gauss(x, 0, 1 + half))}
bells |= {POSTERIOR: Lambda((z, x), gauss(z, 2 * x / 3, Rational(1, 3)))}
joint_k, evidence_4 = likelihood_k * prior_k, sum((likelihood_k * prior_k).subs(k, j) for j in range(1, 5))
table = {PRIOR: Lambda(k, prior_k), LIKELIHOOD: Lambda((x, k), likelihood_k), JOINT: Lambda((x, k), joint_k)}
table |= {EVIDENCE: Lambda(x, evidence_4), POSTERIOR: Lambda((k, x), joint_k / evidence_4), K: 4, x: 2}
forms = on_both(bells, table)


@theorem(
    ForAll(same(likelihood * prior, posterior * evidence), u),
    "The joint distribution, with the arrows and against them",
    given=(forwards, backwards),
    claims=("004-29",),
    forms=forms,
    kind="step",
)
def joint_factorisation() -> Thm:
    """Both products are the joint."""
    return for_all(chain(flip(given(forwards)), given(backwards)), u)


@theorem(
    same(evidence, total(likelihood * prior, whole)),
    "The marginal likelihood averages the likelihood over the prior",
    given=(forwards, marginal),
    claims=("000-04", "000-07", "001-02", "002-03", "003-05"),
    forms=forms,
    kind="step",
)
def marginal_likelihood() -> Thm:
    """Forget the code by integrating it out, and write the joint with its arrows."""
    return calc(evidence, flip(given(marginal)), ("likelihood times prior", given(forwards)))


@theorem(
    ForAll(same(posterior, likelihood * prior / total(likelihood * prior, whole)), u),
    "Bayes' rule",
    given=(forwards, backwards, marginal),
    claims=("000-06", "000-09", "003-06", "004-07", "004-09", "004-22"),
    forms=forms,
)
def bayes_rule() -> Thm:
    """Divide the joint, written both ways, by the evidence; the evidence is the integral of likelihood times prior."""
    both_ways = flip(each(joint_factorisation.thm))
    quotient = rearrange(both_ways, posterior, likelihood * prior / evidence, times=1 / evidence)
    return for_all(chain(quotient, rewrite(quotient.prop.rhs, marginal_likelihood.thm)), u)


every_marginal = ForAll(same(total(JOINT(v, u), whole), EVIDENCE(v)), v)
every_forwards = ForAll(ForAll(same(JOINT(v, u), LIKELIHOOD(v, u) * PRIOR(u)), v), u)
F = density("f", "x")
over_data, at_code = E(F(v), EVIDENCE(v), (v,)), E(F(v), LIKELIHOOD(v, u), (v,))
bowl, slope = {F: Lambda(x, 1 + x**2)}, {F: Lambda(x, 1 + x**2 / 3)}


@theorem(
    same(over_data, E(at_code, PRIOR(u), whole)),
    "An average over the marginal is an average over codes, then over data given the code",
    given=(every_marginal, every_forwards, Converges(over_data)),
    forms=on_both(bells | bowl, table | slope),
)
def marginal_average() -> Thm:
    """Integrate out the data first (Tonelli). With f = 1: if every likelihood and the prior are distributions, so is
    p(x)."""
    likely = rewrite(total(JOINT(v, u), whole), given(every_forwards))
    evidence_at = chain(flip(likely), given(every_marginal))
    pair = F(v) * LIKELIHOOD(v, u) * PRIOR(u)
    inner = calc(total(pair, whole), linearity, evidence_at)
    both = carry(given(Converges(over_data)), Converges(total(pair, whole, (v,))), inner)
    thm = calc(
        over_data,
        opened,
        ("the marginal", flip(given(every_marginal))),
        termwise(move_in(total(JOINT(v, u), whole), F(v))),
        ("likelihood times prior", given(every_forwards)),
        ("Tonelli", fubini),
        termwise(linearity, folded(PRIOR(u) * at_code)),
        flip(unfold(E(at_code, PRIOR(u), whole))),
    )
    return discharge(thm, for_all(integrable(evidence_at), v), both)


MEAN, VAR = Function("mean(z)", real=True), Function("var(z)", positive=True)
outputs = Tuple(y, -oo, oo)
decoder = Normal(y, MEAN(u), VAR(u))
network = {MEAN: Lambda(z, -1 - 1 / (1 + z**2)), VAR: Lambda(z, 1 + 1 / (1 + z**2)), PRIOR: bells[PRIOR]}
lookup = {MEAN: Lambda(k, -1 / (2**k + 1)), VAR: Lambda(k, 1 / (2**k + 1)), PRIOR: table[PRIOR], K: 4}
networks = on_both(network, lookup)
outputs_at_code = {mean: MEAN(u), var: VAR(u)}


def _decoder_mass() -> Thm:
    """A Gaussian integrates to one for every mean and every positive variance."""
    return chain(rename(total(decoder, outputs), z), substitute(gaussian_mass.thm, outputs_at_code))


@theorem(
    ForAll(same(total(decoder, outputs), 1), u),
    "A mean and a variance, whatever network returns them, give a conditional distribution",
    forms=networks,
)
def network_law_has_mass_one() -> Thm:
    """The Gaussian integrates to one whatever its mean and its variance are."""
    return for_all(_decoder_mass(), u)


point = IndexedBase("ys", shape=(d,), real=True)
MEANS, VARS = Function("mean(i,z)", real=True), Function("var(i,z)", positive=True)
output_law = Normal(point[i], MEANS(i, u), VARS(i, u))
all_outputs = total(Product(output_law, (i, 1, d)), (point.label,))
layer = {d: 2, MEANS: Lambda((i, z), -1 - 1 / (i + z**2)), VARS: Lambda((i, z), 1 + 1 / (i + z**2))}
rows = {d: 2, MEANS: Lambda((i, k), (i - k) / 4), VARS: Lambda((i, k), 1 + i / (2**k + 1)), K: 4}


@theorem(
    ForAll(same(all_outputs, 1), u),
    "Means and variances, one for each output, give a conditional distribution of all of them",
    claims=("000-15", "000-16"),
    forms=on_both(layer, rows),
    narrows={"": "a Gaussian distribution"},
)
def network_law_of_all_outputs() -> Thm:
    """Integrate out all outputs but one, then that one; which one it is makes no difference."""
    return for_all(product_mass(Normal(z, MEANS(j, u), VARS(j, u)), point), u)


@theorem(
    ForAll(same(E(y, decoder, outputs), MEAN(u)), u),
    "The mean of the distribution is what the network returned",
    forms=networks,
)
def network_gives_a_law() -> Thm:
    """The Gaussian integrates to one, and its deviation averages to zero."""
    law = Normal(z, MEAN(u), VAR(u))
    thm = calc(
        E(y, decoder, outputs),
        opened,
        lambda e: rename(e, z),
        inside((z - MEAN(u)) * law + MEAN(u) * law),
        linearity,
        folded(E(z - MEAN(u), law, line) + MEAN(u) * total(law, line)),
        ("the deviation averages to zero", substitute(gaussian_mean.thm, outputs_at_code)),
        ("the distribution integrates to one", substitute(gaussian_mass.thm, outputs_at_code)),
    )
    return for_all(settled(thm), u)


model, prior_mass = decoder * PRIOR(u), normalised(PRIOR(u), whole)


@theorem(
    same(total(model, outputs, whole), 1),
    "The model of a variational autoencoder is a distribution of data and code",
    given=(prior_mass,),
    forms=networks,
)
def vae_model_is_normalised() -> Thm:
    """Integrate over the data, then over the code; the prior may live in any number of dimensions."""
    over_data = termwise(linearity, ("the decoder gives a distribution", _decoder_mass()))
    return calc(total(model, outputs, whole), over_data, ("the prior is a distribution", given(prior_mass)))


t, a = Symbol("t", positive=True), Symbol("a", positive=True)
is_probability = at_least(1, t)


@theorem(
    at_least(0, log(t)),
    "A probability has a logarithm of at most zero",
    given=(is_probability,),
    claims=("004-34",),
    examples=({t: Rational(1, 3)}, {t: Rational(7, 8)}, {t: 1}),
    words={0: "the number is at most one"},
)
def log_of_probability() -> Thm:
    """The logarithm lies below its tangent at 1, which is t - 1."""
    below = substitute(tangent(log(t), t, a), {a: 1})
    return chain(rearrange(assume(is_probability), Integer(0), t - 1), rearrange(below, t - 1, log(t)))


narrow, peak = Normal(x, 0, 1 / (8 * pi)), Normal(0, 0, 1 / (8 * pi))


@counterexample(
    at_least(0, log(EVIDENCE(x))),
    same(log(peak), log(2)),
    "The log evidence is at most zero",
    at={EVIDENCE: Lambda(x, narrow), x: 0},
    instead="log_of_probability",
    claims=("004-35",),
    holds_at={EVIDENCE: Lambda(x, Normal(x, 0, 1)), x: 0},
    half="discrete data, whose distribution is a probability",
)
def log_evidence_is_at_most_zero() -> Thm:
    """A Gaussian of variance 1/(8 pi) is 2 at its mean."""
    return calc(log(peak), opened, to(log(2)))


pair, quarter = Tuple(k, 1, 2), Rational(1, 4)
code, both = k / 3, k / 12  # z given x, and the pair, when x = 1 has probability 1/4
encoded = {POSTERIOR: Lambda((k, x), code), JOINT: Lambda((x, k), both), EVIDENCE: Lambda(x, quarter), x: 1}


@counterexample(
    same(total(POSTERIOR(k, x), pair), total(JOINT(x, k), pair)),
    differs(total(code, pair), total(both, pair)),
    "The output of an encoder is the joint distribution",
    at=encoded,
    holds_at={**encoded, JOINT: Lambda((x, k), code), EVIDENCE: Lambda(x, 1)},
    given=(
        same(total(POSTERIOR(k, x), pair), 1),
        ForAll(same(JOINT(x, k), POSTERIOR(k, x) * EVIDENCE(x)), pair),
        at_least(1, EVIDENCE(x)),
    ),
    instead="joint_factorisation",
    claims=("004-28",),
)
def encoder_output_is_the_joint() -> Thm:
    """Even the exact posterior adds up to 1; the joint at this x adds up to p(x) = 1/4."""
    return apart(calc(total(code, pair), write_out), calc(total(both, pair), write_out))


@counterexample(
    same(total(POSTERIOR(k, x), pair), total(JOINT(x, k) * EVIDENCE(x), pair)),
    differs(total(code, pair), total(both * quarter, pair)),
    "Bayes' rule multiplies by the evidence",
    at=encoded,
    misprinted=True,
    instead="bayes_rule",
    claims=("004-78",),
)
def posterior_is_joint_times_evidence() -> Thm:
    """The posterior adds up to 1; joint times evidence adds up to the square of the evidence, 1/16."""
    return apart(calc(total(code, pair), write_out), calc(total(both * quarter, pair), write_out))


names_of_the_parts = Definition(
    "names_of_the_parts",
    "bayes",
    "Prior, evidence, likelihood, posterior and joint are the five densities of these hypotheses.",
    ("000-05", "000-53", "003-04", "004-06", "004-90"),
    nearest="bayes_rule",
)


joint_is_a_product = Definition(
    "joint_is_a_product",
    "bayes",
    "The joint is the likelihood times the prior.",
    ("000-89",),
    nearest="joint_factorisation",
)


evidence_is_a_marginal = Definition(
    "evidence_is_a_marginal",
    "bayes",
    "The evidence is the integral of the joint over the codes.",
    ("000-03", "000-55", "004-32"),
    nearest="marginal_likelihood",
)


vae_choices = Definition(
    "vae_choices",
    "bayes",
    "The usual model: a Gaussian prior, and a Gaussian likelihood whose mean and variance a network returns.",
    ("000-08",),
    nearest="vae_model_is_normalised",
)


name_of_the_evidence = Definition(
    "name_of_the_evidence",
    "bayes",
    "The evidence is p(x), its logarithm the log evidence. It is the logarithm of a probability for discrete data; of a density otherwise.",
    ("004-33",),
    nearest="log_of_probability",
    half="discrete data",
)


comma_before_dz = Misprint(
    "comma_before_dz", "bayes", "A comma stands before the differential.", ("004-10",), nearest="marginal_likelihood"
)


posterior_is_a_quotient = Definition(
    "posterior_is_a_quotient",
    "bayes",
    "The posterior is the joint over the evidence.",
    ("000-68", "002-12"),
    nearest="posterior_is_normalised",
)
