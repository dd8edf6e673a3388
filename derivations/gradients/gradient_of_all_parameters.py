r"""# The gradient in all parameters at once

A network has many parameters, $\phi \in \mathbb R^N$. Let them move together along a line, $\phi + t v$, in any direction $v$. A
function that has the gradient $(g_1, \dots, g_N)$ then moves at the speed $\sum_i v_i g_i$; with $v$ a coordinate direction that is
the partial derivative, and with all $v$ it is the whole gradient. So a theorem about one real variable $t$ speaks of all parameters:

- by the **score**: if the density moves at the speed $\sum_i v_i q'_i$, then the average of $f$ moves at the speed
  $\sum_i v_i\,\mathbb E_q[f\, q'_i / q]$, and the ELBO at $\sum_i v_i\,\mathbb E_q[\log\frac{p}{q}\, q'_i / q]$;
- by the **path**: if what is averaged over the noise moves at the speed $\sum_i v_i h'_i$ for almost every noise, and is Lipschitz
  with a constant of finite mean, then the average moves at the speed $\sum_i v_i\,\mathbb E[h'_i]$. A network of ReLUs will do.

Distributions and noise may live on any space, codes have any dimension. In the formulas a function is written along the line: $q(z \mid t)$ is
the distribution at the parameters $\phi + t v$, and $q'_i(z \mid t)$ its derivative in the $i$-th of them.

Headline: gradient_of_all_parameters.
Keywords: gradient vector, partial derivatives, directional derivative, many parameters, score-function gradient of a network.
"""

from derivations import *
from derivations.gradients.gradient_with_kinks import almost, bounded, room
from derivations.gradients.pathwise_gradient import slope
from derivations.gradients.reparameterization import F

i, N = Symbol("i", integer=True, positive=True), Symbol("N", integer=True, positive=True)
each_i, direction = Tuple(i, 1, N), IndexedBase("v", real=True)


def along(part: Expr) -> Sum:
    """How fast something moves in this direction, from how fast it moves in each parameter."""
    return Sum(direction[i] * part, each_i)


def each_part(weight: Expr, part: Expr, over: Tuple = whole) -> Thm:
    """An average of speeds in this direction is the speed of the averages, where each of them converges."""
    one = total(weight * part, over)
    thm = calc(total(weight * along(part), over), termwise(move_in(along(part), weight)), swap, termwise(linearity))
    return discharge(thm, for_all(combined(total(direction[i] * weight * part, over), direction[i] * one), each_i))


# --- the score ---

LAW, PARTS, MODEL = density("q", "z|t"), Function("q'(i,z|t)", real=True), density("p", "x,z")
law, part, model = LAW(u, t), PARTS(i, u, t), MODEL(x, u)
moves = ForAll(slope(law, t, along(part)), u)

log_ratio, mean_f, elbo = log(model / law), E(F(u), law, whole), ELBO(model, law, whole)


def _by_number(first: Expr, second: Expr) -> Expr:
    """The one at i = 1, the other at i = 2."""
    return (2 - i) * first + (i - 1) * second


two = {N: 2, direction: [1, Rational(-1, 2)], t: Rational(1, 3), x: Rational(1, 2)}
# a mean and a log-variance, t and -t/2
bell, away = gauss(z, t, exp(-t / 2)), (z - t) * exp(t / 2)
bells = {**two, LAW: Lambda((z, t), bell), F: Lambda(z, z**2 + z)}
bells |= {PARTS: Lambda((i, z, t), bell * _by_number(away, (away * (z - t) - 1) / 2))}
bells |= {MODEL: Lambda((x, z), exp(-((x - z) ** 2) / 2 - (z - 1) ** 2 / 3) / 7)}
# three codes, whose log chances are linear and quadratic in the code
low, high = exp(-3 * t / 2), exp(t / 2)
share = exp((k - 2) * t - (k - 2) ** 2 * t / 2) / (low + 1 + high)
tilt, bend = (k - 2) - (high - low) / (low + 1 + high), (k - 2) ** 2 - (high + low) / (low + 1 + high)
table = {**two, K: 3, LAW: Lambda((k, t), share), F: Lambda(k, k**2 + k)}
table |= {PARTS: Lambda((i, k, t), share * _by_number(tilt, bend)), MODEL: Lambda((x, k), (k + x**2) / 20)}


def _finite(weight: Expr) -> ForAll:
    return ForAll(Converges(total(weight * part, whole)), each_i)


def _tame(weight: Expr) -> Dominated:
    """The derivative under the integral has an integrable bound, the same for all points nearby on the line."""
    return Dominated(total(weight * along(part), whole), t)


def _by_score(f: Expr) -> Expr:
    return along(E(f * part / law, law, whole))


@theorem(
    same(Derivative(mean_f, t), _by_score(F(u))),
    "The gradient of an expectation in all parameters, by the score",
    given=(moves, Converges(mean_f), _tame(F(u)), _finite(F(u))),
    forms=on_both(bells, table),
    words={0: "the density of the encoder has a gradient in the parameters, for every code"},
)
def score_gradient_of_all_parameters() -> Thm:
    """Differentiate the distribution along the line, and take the sum over the parameters out of the integral."""
    return calc(
        Derivative(mean_f, t),
        opened,
        lambda e: leibniz(e, given(moves)),
        each_part(F(u), part),
        termwise(folded(direction[i] * E(F(u) * part / law, law, whole))),
    )


mass = ForAll(normalised(law, whole), t)
weighted = log_ratio * part


def _still() -> Thm:
    """The mass does not move: it is one all along the line."""
    unit = total(law, whole)
    under = discharge(leibniz(Derivative(unit, t), given(moves)), integrable(given(mass)))
    return chain(flip(under), rewrite(Derivative(unit, t), given(mass)), differentiate(Derivative(Integer(1), t)))


@theorem(
    same(Derivative(elbo, t), _by_score(log_ratio)),
    "The gradient of the ELBO in all parameters of the encoder, by the score",
    given=(moves, mass, _tame(Integer(1)), Converges(elbo), _tame(log_ratio - 1), _finite(log_ratio)),
    forms=on_both(bells, table),
    words={0: "the density of the encoder has a gradient in the parameters, for every code"},
)
def elbo_score_gradient_of_all_parameters() -> Thm:
    """The product rule gives two terms; the one in which the logarithm moves is the derivative of the mass."""
    thm = calc(
        Derivative(elbo, t),
        opened,
        lambda e: leibniz(e, given(moves)),
        termwise(to(log_ratio * along(part) - along(part))),
        linearity,
        ("the mass does not move", _still()),
        each_part(log_ratio, part),
        termwise(folded(direction[i] * E(log_ratio * part / law, law, whole))),
    )
    mass_moves, both = (dominated(given(_tame(f))) for f in (Integer(1), log_ratio - 1))
    speeds = [total(f * along(part), whole) for f in (log_ratio - 1, Integer(1))]
    one = discharge(combined(total(log_ratio * along(part), whole), speeds[0] + speeds[1]), mass_moves, both)
    return discharge(thm, mass_moves, one)


# --- the path ---

NOISE, PULLED, PULLED_PARTS, STEEP = (
    density("p", "z"),
    Function("h(t,z)", real=True),
    Function("h'(i,t,z)", real=True),
    density("L", "z"),
)
noise, pulled, pulled_part, steep = NOISE(u), PULLED(t, u), PULLED_PARTS(i, t, u), STEEP(u)
nearer = (t - k) / Abs(t - k)
bent = {**two, NOISE: Lambda(z, gauss(z, 0, 1)), PULLED: Lambda((t, z), (t + z) ** 2 - t * z / 2), room: 1}
bent |= {PULLED_PARTS: Lambda((i, t, z), _by_number(2 * (t + z), z)), STEEP: Lambda(z, 4 + z**2)}
fold = {**two, K: 3, NOISE: Lambda(k, k / 6), PULLED: Lambda((t, k), Abs(t - k) + k * t**2 / 4), room: 1}
fold |= {PULLED_PARTS: Lambda((i, t, k), _by_number(nearer, -k * t)), STEEP: Lambda(k, 1 + k)}
kinks, tame = almost(pulled, t, along(pulled_part), whole), ForAll(bounded(pulled, t, steep), u)


@theorem(
    same(Derivative(E(pulled, noise, whole), t), along(E(pulled_part, noise, whole))),
    "The gradient in all parameters goes under the expectation of noise, also through kinks",
    given=(
        kinks,
        tame,
        Converges(E(pulled, noise, whole)),
        Converges(E(steep, noise, whole)),
        ForAll(Converges(total(noise * pulled_part, whole)), each_i),
    ),
    words={
        0: "for almost every noise the integrand has a gradient in the parameters",
        1: "near each parameter the integrand is Lipschitz, with a constant of finite mean",
    },
    forms=on_both(bent, fold),
    claims=("003-65", "004-53", "004-87"),
)
def gradient_of_all_parameters() -> Thm:
    """Difference quotients along the line have an integrable bound; then part by part."""
    return calc(
        Derivative(E(pulled, noise, whole), t),
        opened,
        lambda e: lipschitz(e, assume(kinks), each(assume(tame)), steep, noise),
        each_part(noise, pulled_part),
        termwise(folded(direction[i] * E(pulled_part, noise, whole))),
    )
