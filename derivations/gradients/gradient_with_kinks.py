r"""# Gradients through kinks

A network of ReLUs has no derivative at its kinks, and the gradient through the noise is right all the same. What it takes is a bound
on *difference quotients* in the place of one on derivatives. Let $h(\phi, \varepsilon)$ be what is averaged, with codes of any
dimension inside. If

- for almost every noise $h$ has a derivative at this $\phi$, and
- near $\phi$ it moves no faster than a Lipschitz constant $L(\varepsilon)$ of finite mean,
  $|h(s, \varepsilon) - h(\phi, \varepsilon)| \le L(\varepsilon)\,|s - \phi|$,

then $\partial_\phi\,\mathbb E_\varepsilon[h] = \mathbb E_\varepsilon[\partial_\phi h]$. The quotients tend to the derivative at almost every
noise, $L$ bounds them, and so their means tend to its mean (dominated convergence).

A network with piecewise linear activations meets both: it is Lipschitz in its input, and on bounded sets in its weights; and where a
Lipschitz function of the sample has no derivative, the noise, which has a density, almost never goes (a theorem of Rademacher, 1919,
which is not proved here: that the derivative exists almost everywhere is a hypothesis). A step fails the second condition: near its
jump no $L$ of finite mean will do, and the formula is false there.

For a Gaussian sample $z = \mu + \sigma\varepsilon$ and an $f$ with one Lipschitz constant, the bound comes by itself: $L$ for the mean,
and $L\,|\varepsilon|$ for the standard deviation.

Keywords: ReLU, Lipschitz, kinks, almost everywhere differentiable, dominated convergence, Rademacher's theorem,
reparameterization gradient of a ReLU network.
"""

from derivations import *
from derivations.gradients.elbo_gradient import JOINT as MODEL
from derivations.gradients.elbo_gradient import X, each_n, elbo, inside_noise, network, size
from derivations.gradients.elbo_gradient import sample as code
from derivations.gradients.pathwise_gradient import NOISE, WHOLE, WHOLE_SLOPE, composed, composed_slope, law, phi
from derivations.gradients.reparameterization import F, eps, mean, noise, noise_line, reparameterization, std

STEEP = density("L", "u")
steep, room, nearby = STEEP(u), Symbol("room", positive=True), Symbol("s", real=True)
wider = Symbol("s", positive=True)


def almost(value: Expr, of: Symbol, is_: Expr, over: Tuple) -> AlmostEverywhere:
    """For almost every noise the function has this derivative, at this parameter."""
    return AlmostEverywhere(same(Derivative(value, of), is_), over)


def bounded(value: Expr, of: Symbol, by: Expr) -> Basic:
    """Near the parameter, the function moves no faster than so."""
    moved = value.xreplace({of: nearby}) - value
    return ForAll(at_least(by * Abs(nearby - of), Abs(moved)), (nearby, of - room, of + room))


kinks, tame = almost(composed, phi, composed_slope, whole), ForAll(bounded(composed, phi, steep), u)
fold = {
    WHOLE: Lambda((phi, k), Abs(phi - k)),
    WHOLE_SLOPE: Lambda((phi, k), (phi - k) / Abs(phi - k)),
    phi: Rational(1, 3),
}
fold |= {K: 3, NOISE: Lambda(k, k / 6), STEEP: Lambda(k, 1), room: 1}

bent = {WHOLE: Lambda((phi, z), (phi + z) ** 2), WHOLE_SLOPE: Lambda((phi, z), 2 * (phi + z)), phi: Rational(1, 3)}
bent |= {NOISE: Lambda(z, gauss(z, 0, 1)), STEEP: Lambda(z, 3 + z**2), room: 1}


@theorem(
    same(Derivative(E(composed, law, whole), phi), E(composed_slope, law, whole)),
    "The gradient goes under the expectation of noise, for integrands with kinks",
    given=(kinks, tame, Converges(E(composed, law, whole)), Converges(E(steep, law, whole))),
    forms=on_both(bent, fold),
    words={
        0: "for almost every noise the integrand has a derivative in each parameter",
        1: "near each parameter the integrand is Lipschitz, with a constant of finite mean",
    },
)
def gradient_with_kinks() -> Thm:
    """Difference quotients with an integrable bound may be integrated in the limit."""
    quotients = each(assume(tame))
    return calc(
        Derivative(E(composed, law, whole), phi),
        opened,
        lambda e: lipschitz(e, assume(kinks), quotients, steep, law),
        folded(E(composed_slope, law, whole)),
    )


# --- a Gaussian sample and a Lipschitz function ---

SLOPE = Function("f'(z)", real=True)
constant_of_f, sample = Symbol("L", positive=True), mean + std * eps
lipschitz_f = ForAll(ForAll(at_least(constant_of_f * Abs(x - y), Abs(F(x) - F(y))), x), y)
mean_f = E(F(z), Normal(z, mean, std**2), line)
held = Converges(E(F(sample), noise, noise_line))
crooked = {F: Lambda(z, log(1 + z**2)), SLOPE: Lambda(z, 2 * z / (1 + z**2)), constant_of_f: 1}
crooked |= {mean: Rational(1, 2), std: Rational(3, 2)}


def _through_noise(by: Symbol, nearby: Symbol, weight: Expr, steep: Expr) -> Thm:
    """f moves by at most L times what the sample moves by, and that is the bound of its difference quotients."""
    bound = substitute(each(each(assume(lipschitz_f))), {x: sample.xreplace({by: nearby}), y: sample})
    quotients = for_all(rearrange(bound, steep * Abs(nearby - by), bound.prop.rhs), nearby)
    own = almost(F(sample), by, weight * SLOPE(sample), noise_line)
    return calc(
        Derivative(mean_f, by),
        reparameterization.thm,
        opened,
        lambda e: lipschitz(e, assume(own), quotients, steep, noise),
        folded(E(weight * SLOPE(sample), noise, noise_line)),
    )


@theorem(
    same(Derivative(mean_f, mean), E(SLOPE(sample), noise, noise_line)),
    "The gradient in the mean of a Gaussian, for a Lipschitz function",
    given=(lipschitz_f, almost(F(sample), mean, SLOPE(sample), noise_line), held),
    examples=(crooked,),
    words={0: "f is Lipschitz", 1: "f has a derivative at almost every sample"},
)
def lipschitz_gradient_mean() -> Thm:
    """Moving the mean moves every sample by as much."""
    return settled(_through_noise(mean, nearby, Integer(1), constant_of_f))


@theorem(
    same(Derivative(mean_f, std), E(eps * SLOPE(sample), noise, noise_line)),
    "The gradient in its standard deviation, for a Lipschitz function",
    given=(lipschitz_f, almost(F(sample), std, eps * SLOPE(sample), noise_line), held),
    examples=(crooked,),
    words={0: "f is Lipschitz", 1: "f has a derivative at almost every sample"},
)
def lipschitz_gradient_std() -> Thm:
    """Stretching the noise moves a sample by as much as it is away from the mean, and noise has a mean distance."""
    size, most = constant_of_f * Abs(eps) * noise, constant_of_f * (1 + eps**2) / 2 * noise
    square = constant_of_f * noise / 2 * (Abs(eps) - 1) ** 2
    distance = between(rearrange(sign(square), most, size), sign(size), noise_line)
    return settled(discharge(_through_noise(std, wider, eps, constant_of_f * Abs(eps)), distance))


# --- the ELBO, of an encoder and a decoder with kinks ---

STEP, STEEP_X = Function("step(phi,x,eps)", real=True), density("L", "x,eps")
step, log_weight = STEP(phi, x, eps), log(MODEL(x, code)) + size
average = E(step, noise, noise_line)
moves = almost(log_weight, phi, step, noise_line)
slow = ForAll(bounded(log_weight, phi, STEEP_X(x, eps)), eps)
finite = Converges(total(noise * log_weight, noise_line)), Converges(E(STEEP_X(x, eps), noise, noise_line))
words = {
    0: "for almost every noise the log ratio has a derivative in each parameter",
    1: "near each parameter the log ratio is Lipschitz, with a constant of finite mean",
}
as_function = {
    STEP: Lambda((phi, x, eps), diff(at_instance(log_weight, network), phi)),
    STEEP_X: Lambda((x, eps), 40 + 9 * eps**2),
}
smooth_case = {**network, **as_function, room: Rational(1, 4)}


def _under_noise() -> Thm:
    """The derivative, taken under the integral over the noise, one observation at a time."""
    quotients = each(assume(slow))
    return calc(
        Derivative(inside_noise().prop.rhs, phi),
        lambda e: lipschitz(e, assume(moves), quotients, STEEP_X(x, eps), noise),
        folded(average),
    )


@theorem(
    same(Derivative(elbo, phi), average),
    "The gradient of the ELBO, through the noise and through kinks",
    given=(moves, slow, *finite),
    claims=("002-51", "003-87"),
    examples=({**smooth_case, x: Rational(1, 2)},),
    words=words,
    narrows={"": "one latent dimension"},
)
def elbo_gradient_with_kinks() -> Thm:
    """Write the sample with the noise; then difference quotients with an integrable bound."""
    return calc(Derivative(elbo, phi), inside_noise(), _under_noise())


def _at_n(e: Basic) -> Basic:
    """The same for the n-th data point."""
    return e.xreplace({x: X[n]})


@theorem(
    same(Derivative(total(_at_n(elbo), each_n), phi), total(_at_n(average), each_n)),
    "The objective of a data set has a gradient, also with kinks",
    given=tuple(ForAll(_at_n(h), each_n) for h in (moves, slow, *finite, Converges(average))),
    claims=("000-98",),
    examples=({**smooth_case, N: 2, X: [Rational(1, 2), Rational(-3, 4)]},),
    words=words,
    narrows={"": "one latent dimension"},
)
def data_set_gradient_with_kinks() -> Thm:
    """The gradient of a finite sum is the sum of the gradients."""
    under_sum = derivative_of_sum(substitute(_under_noise(), {x: X[n]}), each_n)
    return calc(Derivative(total(_at_n(elbo), each_n), phi), substitute(inside_noise(), {x: X[n]}), under_sum)
