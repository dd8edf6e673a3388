r"""# Gradients through the noise

A sample $z = g(\phi, \varepsilon)$ is made of noise whose distribution knows nothing of the parameter $\phi$. Then
$\phi$ stands only in the integrand, and if the derivative may go under the integral, the chain rule does the rest:

$$\partial_\phi\, \mathbb E_\varepsilon[f(g(\phi, \varepsilon))]
= \mathbb E_\varepsilon[f'(g(\phi, \varepsilon))\, \partial_\phi g(\phi, \varepsilon)] .$$

One draw of the noise gives one unbiased value of the right-hand side, and that is what automatic differentiation
computes. For $z = \mu_\phi + \sigma_\phi\,\varepsilon$ the gradient runs through the two outputs of the encoder, with
the weights 1 and $\varepsilon$.

The conditions are three, and the first is the one that is broken in practice.

- $f$ and $g$ have a derivative **everywhere**. *Almost everywhere* is not enough: a step is flat wherever it has a
  slope, so the right-hand side is 0, yet its expectation moves. Codes with finitely many values are steps of their
  noise.
- The expectation is finite.
- The derivative of the integrand is *dominated*: near each parameter one integrable function bounds it for all
  parameters nearby. For Gaussian noise it is enough that $f'$ grows no faster than a polynomial: a polynomial times a
  Gaussian is such a bound.

These conditions suffice; they are not the weakest. A network of ReLUs has kinks but no jumps, and the formula survives
them: see [[gradient_with_kinks]].

If $f$ itself contains $\phi$, as the ELBO does, the derivative has one more term.

Keywords: reparameterization gradient, pathwise gradient, pathwise derivative, infinitesimal perturbation analysis, backpropagation
through the sample.
"""

from derivations import *
from derivations.gradients.reparameterization import F, eps, mean, noise, noise_line, reparameterization, std

phi = Symbol("phi", real=True)
SLOPE = Function("f'(z)", real=True)
PATH, PATH_SLOPE = Function("g(phi,u)", real=True), Function("g'(phi,u)", real=True)
MEAN, MEAN_SLOPE = Function("mean(phi)", real=True), Function("mean'(phi)", real=True)
STD, STD_SLOPE = Function("std(phi)", positive=True), Function("std'(phi)", real=True)
NOISE = density("p", "u")


def slope(value: Expr, of: Symbol, is_: Expr) -> ForAll:
    """The function has this derivative at every point."""
    return ForAll(same(Derivative(value, of), is_), of)


smooth = slope(F(t), t, SLOPE(t))

# --- any noise, any path ---

law = NOISE(u)
pulled = F(PATH(phi, u))
pulled_slope = SLOPE(PATH(phi, u)) * PATH_SLOPE(phi, u)
moving = ForAll(slope(PATH(phi, u), phi, PATH_SLOPE(phi, u)), u)
cubic = {F: Lambda(t, t**3 - t), SLOPE: Lambda(t, 3 * t**2 - 1), phi: Rational(1, 3)}
bell = {
    NOISE: Lambda(z, gauss(z, 0, 1)),
    PATH: Lambda((phi, z), phi**2 + z * exp(phi / 2)),
    PATH_SLOPE: Lambda((phi, z), 2 * phi + z * exp(phi / 2) / 2),
}
die = {
    K: 4,
    NOISE: Lambda(k, k / 10),
    PATH: Lambda((phi, k), phi * k + phi**2),
    PATH_SLOPE: Lambda((phi, k), k + 2 * phi),
}


WHOLE, WHOLE_SLOPE = Function("h(phi,u)", real=True), Function("h'(phi,u)", real=True)
composed, composed_slope = WHOLE(phi, u), WHOLE_SLOPE(phi, u)
everywhere = ForAll(slope(composed, phi, composed_slope), u)
wave = {WHOLE: Lambda((phi, z), (phi + z) ** 2 - z), WHOLE_SLOPE: Lambda((phi, z), 2 * (phi + z)), phi: Rational(1, 3)}
steps = {WHOLE: Lambda((phi, k), phi**2 * k + phi), WHOLE_SLOPE: Lambda((phi, k), 2 * phi * k + 1), phi: Rational(2, 3)}


@theorem(
    same(Derivative(E(composed, law, whole), phi), E(composed_slope, law, whole)),
    "The gradient goes under the expectation of noise, in any number of dimensions",
    given=(everywhere, Converges(total(law * composed, whole)), Dominated(total(law * composed_slope, whole), phi)),
    forms=on_both({**wave, NOISE: bell[NOISE]}, {**steps, K: 4, NOISE: die[NOISE]}),
    words={0: "the integrand has a derivative in each parameter, for every noise"},
)
def pathwise_gradient_any() -> Thm:
    """h(phi, u) is f(g(phi, u)): the noise lives anywhere, codes have any dimension, and phi is one of the
    parameters."""
    return calc(
        Derivative(E(composed, law, whole), phi),
        opened,
        lambda e: leibniz(e, given(everywhere)),
        flip(unfold(E(composed_slope, law, whole))),
    )


@theorem(
    same(Derivative(E(pulled, law, whole), phi), E(pulled_slope, law, whole)),
    "The derivative goes under the expectation of noise",
    given=(smooth, moving, Converges(total(law * pulled, whole)), Dominated(total(law * pulled_slope, whole), phi)),
    forms=on_both(cubic | bell, cubic | die),
    narrows={"": "one parameter"},
)
def pathwise_gradient() -> Thm:
    """Differentiate under the integral, by the chain rule. The noise is written z here, its distribution p."""
    return calc(
        Derivative(E(pulled, law, whole), phi),
        opened,
        lambda e: leibniz(e, given(smooth), given(moving)),
        folded(E(pulled_slope, law, whole)),
    )


# --- a Gaussian sample ---

after = mean + std * eps
law_z = Normal(z, mean, std**2)
mean_f = E(F(z), law_z, line)
held = Converges(total(noise * F(after), noise_line))
kept = cubic | {mean: Rational(1, 2), std: Rational(3, 2)}


def _dominated(weight: Expr, by: Symbol) -> Dominated:
    """The derivative of the integrand has an integrable bound, the same for all parameters nearby."""
    return Dominated(total(noise * weight * SLOPE(after), noise_line), by)


def _through_noise(by: Symbol, weight: Expr) -> Thm:
    """Write the expectation with the noise, and differentiate under its integral."""
    return calc(
        Derivative(mean_f, by),
        reparameterization.thm,
        opened,
        lambda e: leibniz(e, given(smooth)),
        folded(E(weight * SLOPE(after), noise, noise_line)),
    )


@theorem(
    same(Derivative(mean_f, mean), E(SLOPE(after), noise, noise_line)),
    "The gradient in the mean of a Gaussian",
    given=(smooth, held, _dominated(Integer(1), mean)),
    examples=(kept,),
    narrows={"": "one latent dimension"},
)
def pathwise_gradient_mean() -> Thm:
    """Moving the mean moves every sample by as much."""
    return _through_noise(mean, Integer(1))


@theorem(
    same(Derivative(mean_f, std), E(eps * SLOPE(after), noise, noise_line)),
    "The gradient in its standard deviation",
    given=(smooth, held, _dominated(eps, std)),
    examples=(kept,),
    narrows={"": "one latent dimension"},
)
def pathwise_gradient_std() -> Thm:
    """Stretching the noise moves a sample by as much as it is away from the mean."""
    return _through_noise(std, eps)


def _back(f: Expr) -> Thm:
    """The expectation of f(z) under the Gaussian, read from the noise."""
    return flip(instantiate(reparameterization.thm, {F: Lambda(z, f)}))


@theorem(
    same(Derivative(mean_f, mean), E(SLOPE(z), law_z, line)),
    "The same without the noise: the mean slope",
    given=(smooth, held, _dominated(Integer(1), mean)),
    examples=(kept,),
)
def mean_slope() -> Thm:
    """Change variables back."""
    return calc(mean_slope.statement.lhs, pathwise_gradient_mean.thm, _back(SLOPE(z)))


@theorem(
    same(Derivative(mean_f, std), E((z - mean) / std * SLOPE(z), law_z, line)),
    "The same for the standard deviation",
    given=(smooth, held, _dominated(eps, std)),
    examples=(kept,),
)
def mean_slope_std() -> Thm:
    """Change variables back; the noise is the deviation from the mean, in standard deviations."""
    return calc(mean_slope_std.statement.lhs, pathwise_gradient_std.thm, _back((z - mean) / std * SLOPE(z)))


# --- an encoder ---

code = MEAN(phi) + STD(phi) * eps
code_slope = MEAN_SLOPE(phi) + STD_SLOPE(phi) * eps
mean_moves, std_moves = slope(MEAN(phi), phi, MEAN_SLOPE(phi)), slope(STD(phi), phi, STD_SLOPE(phi))
encoder = Normal(z, MEAN(phi), STD(phi) ** 2)
network = {MEAN: Lambda(phi, phi**2 - 1), MEAN_SLOPE: Lambda(phi, 2 * phi)}
network |= {STD: Lambda(phi, exp(phi / 2)), STD_SLOPE: Lambda(phi, exp(phi / 2) / 2)}
finite = Converges(total(noise * F(code), noise_line))
tame = Dominated(total(noise * SLOPE(code) * code_slope, noise_line), phi)


@theorem(
    same(Derivative(E(F(z), encoder, line), phi), E(SLOPE(code) * code_slope, noise, noise_line)),
    "The gradient runs through the two outputs of the encoder",
    given=(smooth, mean_moves, std_moves, finite, tame),
    claims=("002-55",),
    examples=(cubic | network,),
    words={
        0: "the integrand has a derivative everywhere",
        1: "mean and standard deviation have a derivative in every parameter",
        2: "mean and standard deviation have a derivative in every parameter",
    },
    narrows={"": "one latent dimension"},
)
def encoder_gradient() -> Thm:
    """The chain rule twice: through f, then through the mean and the standard deviation."""
    return calc(
        Derivative(E(F(z), encoder, line), phi),
        substitute(reparameterization.thm, {mean: MEAN(phi), std: STD(phi)}),
        opened,
        lambda e: leibniz(e, given(smooth), given(mean_moves), given(std_moves)),
        folded(E(SLOPE(code) * code_slope, noise, noise_line)),
    )
