r"""# The objective of a data set

Training maximises one number: the sum of the ELBOs of all data points, over the parameters of the decoder **and** of the
encoder. Most libraries minimise, so the sum is negated; a maximiser of the one is a minimiser of the other, and the other way round. Averages
instead of sums divide by $N$ and change nothing but the step size, as long as *both* terms are averaged.

What the sum bounds is the log-likelihood of independent data, each with a latent variable of its own:
$\log p(x_1, \dots, x_N) = \sum_n \log p(x_n) \ge \sum_n \mathrm{ELBO}_n$. One integral over *one* $z$ with the whole data set
as its $x$ is another model, in which all data share one code; its evidence and its posterior are different numbers.

Three more things to watch.

- Maximising $p_\theta$ or $\log p_\theta$ is the same, *if* there is a maximiser. A Gaussian whose variance is free has none
  on a single point: quarter the variance and the density at its mean doubles.
- Maximising over $q$ alone, with $\theta$ fixed, only tightens the bound. It learns no model.
- The loss that is reported for an epoch is the average of batch losses under *changing* parameters. It is the loss of the
  data set only if the parameters stay put.

Headline: dataset_bound.
Keywords: objective of a data set, minibatch, minibatch ELBO, minibatch loss, batch size, sum or mean over the data, dataset ELBO, KL of a global
latent, scaling the KL by N/B, Bayesian neural network, plate, maximum likelihood.
"""

from derivations import *
from derivations.evidence import bayes
from derivations.evidence import evidence_decomposition as ed
from derivations.evidence.evidence_decomposition import ENCODER, EVIDENCE, JOINT, elbo, evidence, half

points = Tuple(n, 1, N)
theta, phi = Symbol("theta", real=True), Symbol("phi", real=True)
best_theta, best_phi = Symbol("theta_best", real=True), Symbol("phi_best", real=True)
BOUND = Function("L(theta,phi,n)", real=True)
bound_sum, best_sum = total(BOUND(theta, phi, n), points), total(BOUND(best_theta, best_phi, n), points)
hill = {
    BOUND: Lambda((theta, phi, n), n - (theta - 1) ** 2 - n * (phi + theta) ** 2),
    best_theta: 1,
    best_phi: -1,
    N: 3,
}


@theorem(
    at_least(-bound_sum, -best_sum),
    "A maximiser of the summed bound minimises its negative",
    given=(ForAll(ForAll(at_least(best_sum, bound_sum), phi), theta),),
    claims=("000-97", "004-71"),
    examples=(hill, {**hill, theta: 1, phi: -1}),
    kind="step",
    words={0: "the pair maximises the sum"},
)
def negated_objective() -> Thm:
    """Multiply the inequality by -1."""
    return rearrange(given(negated_objective.given[0]), -bound_sum, -best_sum)


@theorem(
    at_least(best_sum, bound_sum),
    "A minimiser of the negative maximises the summed bound",
    given=(ForAll(ForAll(at_least(-bound_sum, -best_sum), phi), theta),),
    claims=("000-97", "004-71"),
    examples=(hill, {**hill, theta: 1, phi: -1}),
    kind="step",
    words={0: "the pair minimises the negative"},
)
def negated_objective_back() -> Thm:
    """Multiply the inequality by -1 again."""
    return rearrange(given(negated_objective_back.given[0]), best_sum, bound_sum)


LIKELIHOOD = density("p", "theta")
peak = {LIKELIHOOD: Lambda(theta, exp(-((theta - 1) ** 2))), best_theta: 1}


@theorem(
    at_least(log(LIKELIHOOD(best_theta)), log(LIKELIHOOD(theta))),
    "A maximiser of the likelihood maximises its logarithm",
    given=(ForAll(at_least(LIKELIHOOD(best_theta), LIKELIHOOD(theta)), theta),),
    examples=tuple({**peak, theta: value} for value in (1, 3, -half)),
    words={0: "the parameter maximises the likelihood"},
)
def log_keeps_the_maximiser() -> Thm:
    """The logarithm at any value lies below its tangent at the largest one, whose slope is positive."""
    best, other = LIKELIHOOD(best_theta), LIKELIHOOD(theta)
    below = log_tangent(other, best)
    room = rearrange(given(log_keeps_the_maximiser.given[0]), log(best), below.prop.lhs, times=1 / best)
    return chain(room, below)


mean, var = Symbol("mean", real=True), Symbol("var", positive=True)


@theorem(
    same(Normal(mean, mean, var / 4), 2 * Normal(mean, mean, var)),
    "A quarter of the variance doubles the density at the mean",
    kind="step",
)
def gaussian_likelihood_unbounded() -> Thm:
    """Whatever the variance, a quarter of it doubles the density at the mean."""
    return calc(Normal(mean, mean, var / 4), opened, folded(2 * Normal(mean, mean, var)))


best = Symbol("b", real=True)
tight_bell = {**ed.tight_bell, best: log(ed.tight_bell[EVIDENCE](1))}  # x = 1
tight_table = {**ed.tight_table, best: log(ed.tight_table[EVIDENCE](2))}  # x = 2


@theorem(
    at_least(best, elbo),
    "An ELBO is at most what bounds its evidence",
    given=(ed.encoder_mass, ed.marginal, ed.finite, at_least(best, log(evidence))),
    forms=on_both(({**ed.bell, best: 1}, tight_bell), ({**ed.table, best: 1}, tight_table)),
)
def joint_objective() -> Thm:
    """The ELBO is at most the evidence of its own model, and that at most the best one; a posterior reaches it."""
    return chain(given(at_least(best, log(evidence))), ed.elbo_by_jensen.thm)


data = IndexedBase("data", real=True)
point = data[n]
elbo_n, evidence_n = ELBO(JOINT(point, u), ENCODER(u, point), whole), EVIDENCE(point)
marginals = ForAll(same(total(JOINT(point, u), whole), evidence_n), points)
encoders = ForAll(normalised(ENCODER(u, point), whole), points)
finite_elbos = ForAll(Converges(elbo_n), points)
three = {data: [1, half, 3 * half], N: 3}


@theorem(
    at_least(total(log(evidence_n), points), total(elbo_n, points)),
    "The summed ELBO bounds the log-likelihood of independent data",
    given=(encoders, marginals, finite_elbos),
    forms=on_both((ed.bell | three, ed.tight_bell | three), (ed.table | three, ed.tight_table | three)),
)
def dataset_bound() -> Thm:
    """Add up the bounds of the points; each point has a code of its own."""
    one = substitute(ed.elbo_by_jensen.thm, {x: point})
    return monotone(discharge(one, given(encoders), given(marginals), given(finite_elbos)), points)


ENC, PRIOR, LIK = density("q", "z|n"), density("p", "z"), density("p", "n|z")
q_n, prior, lik_n = ENC(u, n), PRIOR(u), LIK(n, u)
reconstruction, rate = E(log(lik_n), q_n, whole), KL(q_n, prior, whole)
elbo_at_n = ELBO(lik_n * prior, q_n, whole)
average = total(elbo_at_n, points) / N
codes = {PRIOR: Lambda(z, gauss(z, 0, 1)), LIK: Lambda((n, z), gauss(n, z, half)), N: 3}
codes |= {ENC: Lambda((z, n), gauss(z, n / 2, half))}
rows = {PRIOR: Lambda(k, k / 10), LIK: Lambda((n, k), 1 / (n + k)), N: 3, K: 4}
rows |= {ENC: Lambda((k, n), (k + n) / (10 + 4 * n))}


@theorem(
    same(average, total(reconstruction, points) / N - total(rate, points) / N),
    "The averaged ELBO averages both of its terms",
    given=(ForAll(Converges(reconstruction), points), ForAll(Converges(rate), points)),
    forms=on_both(codes, rows),
    claims=("001-10",),
)
def averaged_elbo() -> Thm:
    """Split the ELBO of each point, then the sum over the points."""
    two_logs = inside(q_n * log(lik_n) - q_n * log(q_n / prior))
    split = calc(elbo_at_n, opened, two_logs, linearity, folded(reconstruction - rate))
    line_up = calc(total(elbo_at_n, points), ("point by point", monotone(split, points)), linearity)
    return calc(average, line_up, to(averaged_elbo.statement.rhs))


FIT, COST = Function("R(n)", real=True), Function("D(n)", real=True)
first_cost = (2 - n) * log(2)
printed, meant = total(-n, (n, 1, 2)), total(-n - first_cost, (n, 1, 2))


@counterexample(
    same(total(FIT(n), points) / N - COST(m), total(FIT(n) - COST(n), points) / N),
    differs(printed / 2 - log(2), meant / 2),
    "The bracket around the summand can be left out",
    at={FIT: Lambda(n, -n), COST: Lambda(n, first_cost), N: 2, m: 1},
    misprinted=True,
    instead="averaged_elbo",
    claims=("001-03",),
)
def bracket_is_optional() -> Thm:
    """Two points with divergences log 2 and 0: the printed formula subtracts one of them, the meant one their average."""
    as_printed = calc(printed / 2 - log(2), write_out(printed), to(-3 * half - log(2)))
    return apart(as_printed, calc(meant / 2, write_out(meant)))


PARAMETER, LOSS = Function("theta(n)", real=True), Function("l(theta,n)", real=True)  # summed over a batch of any size
images = Symbol("M", integer=True, positive=True)
reported = total(LOSS(PARAMETER(n), n), points) / images
fixed = ForAll(same(PARAMETER(n), theta), points)
still = {
    PARAMETER: Lambda(n, half),
    theta: half,
    LOSS: Lambda((theta, n), (theta - 1) ** 2 + n * theta),
    N: 3,
    images: 5,
}


@theorem(
    same(reported, total(LOSS(theta, n), points) / images),
    "The average of the batch losses is the loss of the data set, for parameters that do not move",
    given=(fixed,),
    claims=("004-72",),
    examples=(still,),
    kind="step",
    words={0: "the parameters do not move within the epoch"},
)
def epoch_average() -> Thm:
    """Put the one parameter into every batch."""
    return calc(reported, at(termwise(given(fixed)), total(LOSS(PARAMETER(n), n), points)))


x_1, x_2 = Symbol("x_1", real=True), Symbol("x_2", real=True)
one_each = total(JOINT(x_1, u) * JOINT(x_2, v), (v,), whole)
first_marginal = ForAll(same(total(JOINT(x_1, u), whole), EVIDENCE(x_1)), x_1)
second_marginal = ForAll(same(total(JOINT(x_2, v), (v,)), EVIDENCE(x_2)), x_2)
SHARED_LIK, SHARED_PRIOR = density("p", "x|z"), density("p", "z")
pair = Tuple(k, 1, 2)
ones = (2 * k - 1) / 4
shared, own = total(ones**2 / 2, pair), total(ones / 2, pair)
one_or_two = {SHARED_LIK: Lambda((x, k), ones), SHARED_PRIOR: Lambda(k, half), x: 1}
two_data = {x_1: 1, x_2: half}


@theorem(
    same(one_each, EVIDENCE(x_1) * EVIDENCE(x_2)),
    "Two data with a code each: the evidences multiply",
    given=(first_marginal, second_marginal),
    forms=on_both(bayes.bells | two_data, bayes.table | two_data),
)
def evidence_of_two() -> Thm:
    """Integrate out one code after the other."""
    second = termwise(linearity, ("the code of the second datum", given(second_marginal)))
    return calc(one_each, second, linearity, ("the code of the first datum", given(first_marginal)))


@counterexample(
    same(total(SHARED_LIK(x, k) ** 2 * SHARED_PRIOR(k), pair), total(SHARED_LIK(x, k) * SHARED_PRIOR(k), pair) ** 2),
    differs(shared, own**2),
    "The whole data set shares one code",
    at=one_or_two,
    misprinted=True,
    instead="evidence_of_two",
    claims=("004-11",),
)
def data_share_one_code() -> Thm:
    """The datum 1 seen twice, with p(1|z) = 1/4 or 3/4: 5/16 if both come from one code, 1/4 if each has its own."""
    return apart(write_out(shared), calc(own**2, write_out(own)))


@counterexample(
    same(
        SHARED_LIK(x, m) ** 2 * SHARED_PRIOR(m) / total(SHARED_LIK(x, k) ** 2 * SHARED_PRIOR(k), pair),
        SHARED_LIK(x, m) * SHARED_PRIOR(m) / total(SHARED_LIK(x, k) * SHARED_PRIOR(k), pair),
    ),
    differs(Rational(1, 32) / shared, Rational(1, 8) / own),
    "The posterior after the whole data set is the posterior of one datum",
    at={**one_or_two, m: 1},
    misprinted=True,
    instead="evidence_of_two",
    claims=("004-08",),
)
def posterior_of_the_data_set() -> Thm:
    """The same model: the first code has probability 1/4 after one datum, and 1/10 after two that share it."""
    return apart(calc(Rational(1, 32) / shared, write_out(shared)), calc(Rational(1, 8) / own, write_out(own)))


MODEL, BETTER, CODE = density("p", "x,z"), density("r", "x,z"), density("q", "z|x")
bad, good = Rational(1, 8), Rational(1, 4)
elbo_bad, elbo_good = ELBO(bad, half, pair), ELBO(good, half, pair)
two_models = {MODEL: Lambda((x, k), bad), BETTER: Lambda((x, k), good), CODE: Lambda((k, x), half), x: 1}


@counterexample(
    at_least(ELBO(MODEL(x, k), CODE(k, x), pair), ELBO(BETTER(x, k), CODE(k, x), pair)),
    same(elbo_good, elbo_bad + log(2)),
    "Maximising over q alone learns the model",
    at=two_models,
    holds_at={**two_models, BETTER: Lambda((x, k), bad / 2)},
    given=(
        same(total(CODE(k, x), pair), 1),
        ForAll(same(CODE(k, x) * total(MODEL(x, m), (m, 1, 2)), MODEL(x, k)), pair),
    ),
    instead="joint_objective",
    claims=("004-74",),
)
def best_q_is_the_objective() -> Thm:
    """q is the posterior of both models, so no other q is better; the second model gives the datum twice the evidence."""
    learned = calc(elbo_bad + log(2), opened, at(write_out, elbo_bad.definition()), to(-log(2)))
    return chain(calc(elbo_good, opened, write_out), flip(learned))


page, bound = "dataset_objective", "elbo_by_jensen"
characters = "Characters and markup of the file, not what it says."
elsewhere = "A description and tags that belong to other pages."
encoding = Remark("encoding", page, characters, ("003-01",), nearest=bound)
table_markup = Remark("table_markup", page, characters, ("003-90",), nearest="elbo_standard_form")
front_matter = Remark("front_matter", page, elsewhere, ("004-02",), nearest=bound)
reading_list = Remark("reading_list", page, "Books and papers to read.", ("003-98",), nearest=bound)
sizes = Remark(
    "sizes",
    page,
    "The dimensions of data and codes are a choice; N is the dimension of x here, and the number of images two lines on.",
    ("004-05",),
    nearest="joint_factorisation",
)
training_code = Remark(
    "training_code",
    page,
    "What one program does: its settings, its steps, and the parts that the listing leaves out.",
    ("004-67", "004-69", "004-70", "004-73"),
    nearest="negated_objective",
)


aims = Remark(
    "aims",
    "dataset_objective",
    "An aim, not a statement. That the logarithm has the same maximiser is a theorem.",
    ("000-01", "002-02"),
    nearest="log_keeps_the_maximiser",
)
