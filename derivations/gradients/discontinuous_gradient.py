r"""# Where no gradient flows: steps and discrete codes

Let the loss be a **step**: $f(z) = 1$ for $z > 0$ and 0 below. Its slope is 0 wherever it has one, so the pathwise formula
says that moving the encoder's mean changes nothing. But the expectation is the mass of the encoder above 0, and that
moves at the rate of the density at the step,

$$\partial_\mu\, \mathbb E_{\mathcal N(z;\, \mu,\, \sigma^2)}[f(z)] = \mathcal N(0;\, \mu,\, \sigma^2) > 0 .$$

Few samples lie near the step, and those few carry the whole gradient; no sample sees it. Automatic differentiation
reports 0, without a warning. The step has a slope *almost* everywhere, and that is the point: the theorem asks for
*everywhere*.

A **discrete code** is a step of its noise. Let $\varepsilon$ be uniform on $(0, 1)$ and take the code 1 when
$\varepsilon < \pi$, else 0, with $\pi$ written through its odds. For every $\varepsilon$ but one the code stays what it is when
$\pi$ moves a little. The true gradient is the difference of the losses, $f(1) - f(0)$, times the slope of $\pi$; the score
finds it, a path does not.

A **kink** is harmless. For the ReLU $\max(z, 0)$ the formula gives the mass above 0, and that is right: the function has
no jump there, so nothing is lost. It is proved below, without the pathwise theorem, which does not apply. This is why
networks of ReLUs can be trained through their samples.

Headline: binary_code_gradient.
Keywords: discrete latent variables, Gumbel-softmax, straight-through estimator, backpropagation through sampling,
categorical latent, argmax.
"""

from derivations import *
from derivations.gradients.reparameterization import mean

var = Symbol("var", positive=True)
q = Normal(z, mean, var).definition()  # written out: over half of the line it is no law
above = (z, 0, oo)


@theorem(same(Derivative(total(q, above), mean), Normal(0, mean, var)), "The gradient of the expectation of a step")
def step_gradient() -> Thm:
    """The expectation of the step is the mass above 0. Its derivative has an antiderivative: minus the density."""
    thm = calc(
        Derivative(total(q, above), mean), leibniz, lambda e: antiderivative(e, -q), folded(Normal(0, mean, var))
    )
    return settled(thm)


@theorem(same(Derivative(total(z * q, above), mean), total(q, above)), "A kink is harmless: the ReLU")
def relu_gradient() -> Thm:
    """Integration by parts. What it leaves at the kink is z times the density, which is 0 there."""
    bare, height = exp(-((z - mean) ** 2) / (2 * var)), 1 / sqrt(2 * pi * var)
    rest = (z * (z - mean) / var - 1) * bare
    thm = calc(
        Derivative(total(z * q, above), mean),
        leibniz,
        termwise(to(height * rest + height * bare)),
        linearity,
        at(lambda e: antiderivative(e, -z * bare), total(rest, above)),
        move_in(total(bare, above), height),
    )
    return settled(thm)


odds, j = Symbol("odds", positive=True), Symbol("j", integer=True)
F = Function("f(j)", real=True)
code = Bernoulli(j, odds)
both = (j, 0, 1)


@theorem(
    same(Derivative(E(F(j), code, both), odds), (F(1) - F(0)) / (1 + odds) ** 2),
    "The gradient of an expectation over a binary code",
    examples=({F: Lambda(j, j**2 + 3 * j + 2), odds: Rational(2, 3)},),
)
def binary_code_gradient() -> Thm:
    """Two terms, and the probability of each is a smooth function of the odds."""
    slope = (F(1) - F(0)) / (1 + odds) ** 2
    written = at(write_out, total(code * F(j), both))
    return calc(Derivative(E(F(j), code, both), odds), opened, written, opened, differentiate, to(slope))


@counterexample(
    same(Derivative(E(F(j), code, both), odds), 0),
    same(Derivative(E(j, code, both), odds), 1 / (1 + odds) ** 2),
    "A binary code has a pathwise gradient",
    at={F: Lambda(j, j), odds: Rational(2, 3)},
    holds_at={F: Lambda(j, 1), odds: Rational(2, 3)},
    witness=lambda: (ending(instantiate(binary_code_gradient.thm, {F: Lambda(j, 1)}), Integer(0)),),
    instead="score_gradient",
)
def binary_code_has_a_path() -> Thm:
    """As a function of its noise the code is a step, of slope 0. Its mean is odds/(1 + odds), which moves."""
    written = at(write_out, total(code * j, both))
    return calc(Derivative(E(j, code, both), odds), opened, written, opened, differentiate, to(1 / (1 + odds) ** 2))
