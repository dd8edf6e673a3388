r"""# The score: gradients without any noise

Sampling does not block the gradient. Differentiate the distribution instead of the function: with
$\partial q = q\,\partial \log q$,

$$\partial_\phi\, \mathbb{E}_{q_\phi}[f(z)] = \mathbb{E}_{q_\phi}[f(z)\, \partial_\phi \log q_\phi(z)] ,$$

where $f$ need not even be continuous, and the space of $z$ may be finite. The factor $\partial_\phi \log q_\phi$ is the
**score**; for the mean of a Gaussian it is $(z - \mu)/\sigma^2$. The score itself has mean zero, because the mass of
$q_\phi$ is 1 for every $\phi$. So a constant may be subtracted from $f$.

When $q_\phi$ depends on $\phi$, the gradient of an expectation is *not* the expectation of the gradient. The ELBO shows
how far apart they are. Its integrand $\log p(x, z) - \log q_\phi(z)$ contains $\phi$ by itself, but the expectation of
its gradient, with the sample held still, is minus the mean of the score: **zero**, whatever the model. Code that draws
$z$ without a path for the gradient and then differentiates the loss trains the encoder on nothing. What training needs
is the other one, $\partial_\phi \mathbb E_{q_\phi}$, and its score form is here as well.

For a smooth $f$ the two ways of differentiating must agree, and that is integration by parts:
$\mathbb E[f'(z)] = \mathbb E[f(z)\,(z - \mu)/\sigma^2]$, Stein's identity.

Keywords: REINFORCE, score function gradient, log-derivative trick, likelihood ratio gradient, Stein's lemma,
black-box variational inference, control variate.
"""

from collections.abc import Callable

from derivations import *
from derivations.gaussians import gaussian_moments as moments
from derivations.gaussians.gaussian_moments import centre
from derivations.gradients.pathwise_gradient import SLOPE, kept, mean_slope, mean_slope_std, slope
from derivations.gradients.reparameterization import F, mean, std
from derivations.losses.gaussian_likelihood import gaussian_log_density

# --- any law with a differentiable density, on any space ---

phi = Symbol("phi", real=True)
LAW, LAW_SLOPE, JOINT = density("q", "z|phi"), Function("q'(z|phi)", real=True), density("p", "x,z")
law, law_slope, joint_u = LAW(u, phi), LAW_SLOPE(u, phi), JOINT(x, u)
moves = ForAll(slope(law, phi, law_slope), u)
mean_u, elbo_u = E(F(u), law, whole), ELBO(joint_u, law, whole)
mass = ForAll(normalised(law, whole), phi)
tame = Dominated(total(law_slope, whole), phi)
still_tame = Dominated(total((log(joint_u / law) - 1) * law_slope, whole), phi)


def _example(at: Symbol, own: Expr, model: Expr) -> dict:
    """A distribution that moves with phi and its slope, a model, a function."""
    moving = {LAW: Lambda((at, phi), own), LAW_SLOPE: Lambda((at, phi), diff(own, phi))}
    fixed = {JOINT: Lambda((x, at), model), F: Lambda(at, at**2 + at)}
    return {**moving, **fixed, phi: Rational(1, 3), x: Rational(1, 2)}


bell = _example(z, gauss(z, phi / 2 + 1, exp(phi / 4)), exp(-((x - z) ** 2) / 2 - (z - 1) ** 2 / 3) / 7)
chance = exp((k - 1) * phi) / (1 + exp(phi) + exp(2 * phi))  # three codes, with chances 1 : e^phi : e^(2 phi)
coin = {**_example(k, chance, (k + x**2) / 20), K: 3}
forms = on_both(bell, coin)


@theorem(
    same(Derivative(mean_u, phi), E(F(u) * law_slope / law, law, whole)),
    "The gradient of an expectation, by the score",
    given=(moves, Converges(mean_u), Dominated(total(F(u) * law_slope, whole), phi)),
    forms=forms,
)
def score_gradient() -> Thm:
    """Differentiate the distribution instead of the function; the score is the slope of the density, divided by the
    density."""
    return calc(
        Derivative(mean_u, phi),
        opened,
        lambda e: leibniz(e, given(moves)),
        folded(E(F(u) * law_slope / law, law, whole)),
    )


@theorem(same(E(law_slope / law, law, whole), 0), "Every score has mean zero", given=(moves, mass, tame), forms=forms)
def score_mean_zero_in_general() -> Thm:
    """The mass is one for every parameter, and one does not move."""
    unit = total(law, whole)
    under = discharge(leibniz(Derivative(unit, phi), given(moves)), integrable(given(mass)))
    still = rewrite(Derivative(unit, phi), given(mass))
    return calc(E(law_slope / law, law, whole), opened, flip(under), still, differentiate)


weighted = E(log(joint_u / law) * law_slope / law, law, whole)


@theorem(
    same(Derivative(elbo_u, phi), weighted),
    "The gradient of the ELBO, by the score",
    given=(moves, mass, tame, Converges(elbo_u), Converges(weighted), still_tame),
    forms=forms,
)
def elbo_score_gradient() -> Thm:
    """The product rule gives two terms. The one in which the distribution stands still is the mean of the score:
    zero."""
    thm = calc(
        Derivative(elbo_u, phi),
        opened,
        lambda e: leibniz(e, given(moves)),
        termwise(to(log(joint_u / law) * law_slope - law_slope)),
        linearity,
        folded(weighted - E(law_slope / law, law, whole)),
        score_mean_zero_in_general.thm,
    )
    return discharge(thm, dominated(given(tame)))


# --- the mean of a Gaussian ---

var = Symbol("var", positive=True)
q = Normal(z, mean, var)
score = (z - mean) / var
held = E(F(z), q, line)
still = {F: Lambda(z, z**2 + z), mean: Rational(1, 2), var: Rational(3, 2)}


def _bounded(f: Expr, over: Tuple, by: Symbol) -> Dominated:
    """The derivative of the integrand has an integrable bound, the same for all parameters nearby."""
    return Dominated(total(diff(unfolded(f), by), over), by)


def _as_mean(e: Expr) -> Callable[[Expr], Thm]:
    """The line is the expectation e, its distribution written out."""
    return lambda line: calc(line, termwise(folded(e.args[0] * e.args[1])), folded(e))


@theorem(
    same(Derivative(held, mean), E(F(z) * score, q, line)),
    "The score-function gradient",
    given=(Converges(held), _bounded(q * F(z), line, mean)),
    examples=(still,),
)
def score_function_gradient() -> Thm:
    """Differentiate the distribution instead of the function: its derivative is the distribution times the score."""
    return calc(Derivative(held, mean), opened, leibniz, _as_mean(E(F(z) * score, q, line)))


@theorem(same(E(score, q, line), Integer(0)), "The score has mean zero")
def score_mean_zero() -> Thm:
    """It is the deviation from the mean, divided by the variance."""
    deviation = substitute(moments.gaussian_mean.thm, {moments.mean: mean, moments.var: var})
    by_variance = flip(move_in(total((z - mean) * q, line), 1 / var))
    return settled(calc(E(score, q, line), opened, by_variance, folded(E(z - mean, q, line) / var), deviation, to(0)))


# --- the ELBO, its sample held still ---

joint = JOINT(x, z)
density_of_both = exp(-((x - z) ** 2) / 2 - (z - 1) ** 2 / 3) / (2 * pi)
model = {JOINT: Lambda((x, z), density_of_both), x: Rational(1, 2), mean: Rational(1, 3), var: Rational(3, 4)}
still_law = Normal(z, centre, var)
outside = E(log(joint / q), still_law, line)


@theorem(
    same(Derivative(outside, mean), (mean - centre) / var),
    "The gradient when the sampling distribution is held still",
    given=(Converges(E(log(joint), still_law, line)),),
    examples=(model | {centre: Rational(-1, 4)},),
)
def gradient_with_the_law_held_still() -> Thm:
    """Only the density of the encoder contains its mean. Its gradient is zero where the two distributions are the same,
    c = mean."""
    fit, square = total(still_law * log(joint), line), still_law * (z - mean) ** 2
    log_q, size = substitute(gaussian_log_density.thm, {x: z}), log(2 * pi * var) / 2
    parts = still_law * log(joint) + size * still_law + square / (2 * var)
    at_centre = {moments.mean: centre, moments.var: var}
    closed = settled(
        calc(
            outside,
            opened,
            termwise(to(still_law * log(joint) - still_law * log(q)), log_q, to(parts)),
            linearity,
            to(fit + size * total(still_law, line) + total(square, line) / (2 * var)),
            at(folded(E((z - mean) ** 2, still_law, line)), total(square, line)),
            ("the density integrates to one", substitute(moments.gaussian_mass.thm, at_centre)),
            ("the second moment", substitute(moments.gaussian_second_moment.thm, {**at_centre, centre: mean})),
        )
    )
    return calc(Derivative(outside, mean), closed, differentiate, to((mean - centre) / var))


# --- both gradients ---

narrow = Normal(z, mean, std**2)


@theorem(
    same(E(SLOPE(z), narrow, line), E(F(z) * (z - mean) / std**2, narrow, line)),
    "Both gradients agree: Stein's identity",
    given=(*mean_slope.given, Converges(E(F(z), narrow, line)), _bounded(narrow * F(z), line, mean)),
    examples=(kept,),
)
def stein() -> Thm:
    """Both are the derivative of the same expectation."""
    return chain(flip(mean_slope.thm), substitute(score_function_gradient.thm, {var: std**2}))


score_std = ((z - mean) ** 2 / std**2 - 1) / std


@theorem(
    same(E((z - mean) / std * SLOPE(z), narrow, line), E(F(z) * score_std, narrow, line)),
    "The same for the standard deviation: a score term is a reparameterized one",
    given=(*mean_slope_std.given, Converges(E(F(z), narrow, line)), _bounded(narrow * F(z), line, std)),
    examples=(kept,),
)
def stein_std() -> Thm:
    """Both are the derivative in the standard deviation."""
    by_score = _as_mean(E(F(z) * score_std, narrow, line))
    return chain(flip(mean_slope_std.thm), calc(Derivative(E(F(z), narrow, line), std), opened, leibniz, by_score))


@counterexample(
    same(E(F(z) * score, q, line), 0),
    differs(E(z * z, Normal(z, 0, 1), line), 0),
    "Drawing z from the encoder stops the gradient",
    at={F: Lambda(z, z), mean: 0, var: 1},
    holds_at={F: Lambda(z, 1), mean: 0, var: 1},
    witness=lambda: (substitute(score_mean_zero.thm, {mean: 0, var: 1}),),
    instead="score_function_gradient",
)
def sampling_stops_the_gradient() -> Thm:
    """f(z) = z under N(mean, 1): f times the score averages to 1, the slope of the mean in itself."""
    return apart(chain(substitute(moments.gaussian_variance.thm, {moments.mean: 0, moments.var: 1})), algebra(0, 0))


here, there = log(Normal(0, 0, 1)), log(Normal(0, 2, 1))


@counterexample(
    same(log(q), log(Normal(z, centre, var))),
    differs(here, there),
    "The integrand of the ELBO does not depend on the parameters of the encoder",
    at={z: 0, mean: 0, centre: 2, var: 1},
    holds_at={z: 0, mean: 0, centre: 0, var: 1},
    instead="score_mean_zero",
)
def integrand_without_parameters() -> Thm:
    """At the code 0 the log density of the encoder falls by 2 when its mean moves from 0 to 2."""
    height = -log(2 * pi) / 2
    return apart(calc(here, opened, to(height)), calc(there, opened, to(height - 2)))


no_path_through_a_draw = Remark(
    "no_path_through_a_draw",
    "score_function",
    "Says what a program for automatic differentiation makes of a drawn number: it has no path to the parameters. The "
    "expectation has a gradient all the same, and the score estimates it from draws alone.",
    ("003-63",),
    nearest="score_gradient",
)


integrands = Remark(
    "integrands",
    "score_function",
    "Says for which integrands the identity is written. The reconstruction term is one; the log density of the encoder "
    "depends on its parameters, and its own derivative has mean zero.",
    ("003-66",),
    nearest="score_mean_zero_in_general",
)
