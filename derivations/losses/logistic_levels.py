r"""# Pixels in steps: the discretised logistic

A pixel has $256$ levels $0, \frac1{255}, \dots, 1$. Give it a logistic density $e^{-y} / (1 + e^{-y})^2$, $y = (t - \mu)/s$, on the line, and round to the nearest
level: level $x$ then has the mass

$$\int_{-h}^{h} F'(x + t)\, \mathrm dt = F(x + h) - F(x - h), \qquad F(t) = \frac{1}{1 + e^{-(t - \mu)/s}}, \quad h = \tfrac{1}{510} .$$

It is a probability and no density: its logarithm is never positive, and an image of one level only cannot drive a loss to $-\infty$, as it
does a Gaussian decoder with a learned variance or the [continuous Bernoulli](continuous_bernoulli.md). The lowest level takes all that is below
it and the highest all above, so that the $256$ masses add up to one: in the sum each $F$ at a border stands once with either sign. That sum
is not a theorem here, as no rule shifts the index of a sum.

In the theorems $h$ is the half width of a level and the scale is given by its logarithm.

Keywords: discretized logistic, discretised logistic likelihood, logistic mixture, PixelCNN++, 256 levels, 8 bit pixels, dequantisation.
"""

from derivations import *

i = Symbol("i", integer=True, positive=True)
pixels, means, logscales = (IndexedBase(name, real=True) for name in ("x", "mean_x", "logscale_x"))
center, log_scale = Symbol("mean", real=True), Symbol("logscale", real=True)
x_1, h, entries = Symbol("x", real=True), Symbol("h", positive=True), Tuple(i, 1, d)
fall = exp(-(x_1 + t - center) * exp(-log_scale))  # t: away from the middle of the level
density_t, sigmoid = exp(-log_scale) * fall / (1 + fall) ** 2, 1 / (1 + fall)
level = (t, -h, h)
three = {d: 3, pixels: [Rational(k, 255) for k in (1, 100, 254)], means: [Rational(1, 2), Rational(2, 5), 1]}
three |= {logscales: [-2, -3, -1]}


@theorem(
    same(total(density_t, level), sigmoid.xreplace({t: h}) - sigmoid.xreplace({t: -h})),
    "The mass of a level under the logistic law",
    examples=(
        {x_1: Rational(1, 2), h: Rational(1, 510), center: Rational(2, 5), log_scale: -3},
        {x_1: 0, h: 1, center: 1, log_scale: 1},
    ),
)
def logistic_level_mass() -> Thm:
    """The density is the slope of the sigmoid."""
    return ending(antiderivative(total(density_t, level), sigmoid), logistic_level_mass.statement.rhs)


at_i = {x_1: pixels[i], center: means[i], log_scale: logscales[i], h: Rational(1, 510)}


@theorem(
    same(*(Sum(log(e.xreplace(at_i)), entries) for e in logistic_level_mass.statement.args)),
    "The log likelihood of pixels of 256 levels under the logistic law",
    computes="discretized_logistic_log_likelihood",
    examples=(three,),
    narrows={"": "levels that are neither the lowest nor the highest"},
)
def discretized_logistic_likelihood() -> Thm:
    """Entry by entry."""
    return calc(discretized_logistic_likelihood.statement.lhs, termwise(substitute(logistic_level_mass.thm, at_i)))
