r"""# The gradient of the ELBO, with codes of any dimension and all parameters

The whole of it: observations of any kind, codes in $\mathbb R^d$, an encoder that puts out a mean and a standard deviation for each
coordinate, and a gradient in all parameters of encoder and decoder at once. Put the noise first,
$z_i = \mu_i + \sigma_i\,\varepsilon_i$; then the ELBO is an average over standard noise of

$$\log p(x, z) + \sum_i \big(\log\sigma_i + \tfrac12\varepsilon_i^2 + \tfrac12\log 2\pi\big),$$

whose law knows nothing of the parameters, and the gradient goes inside. What it takes is what [networks of
ReLUs](gradient_with_kinks.md) have: for almost every noise there is a gradient, and near the parameters the average moves no faster than a
Lipschitz constant of finite mean.

The parameters move [along a line](gradient_of_all_parameters.md), $\phi + t v$, in any direction $v$; $g_k$ is the derivative in the
$k$-th of them. As [for every function of a vector](reparameterization_any_function.md), $p(x_n, z)$ is written as a function of
$\sum_i g_i(z_i)$, which says nothing of it.

Headline: elbo_gradient_of_vectors.
Keywords: gradient of the ELBO in d dimensions, training a VAE by backpropagation, stochastic gradient, reparameterization gradient of a
network, diagonal Gaussian encoder.
"""

from derivations import *
from derivations.gaussians.gaussian_kl_cholesky import finite_mean
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.gradients.gradient_of_all_parameters import N as PARAMETERS
from derivations.gradients.gradient_of_all_parameters import along, direction, each_part, i
from derivations.gradients.gradient_of_all_parameters import each_i as each_parameter
from derivations.gradients.gradient_with_kinks import almost, bounded, room
from derivations.gradients.reparameterization_any_function import FORM, PART, as_noise, code, draw

j, M = Symbol("j", integer=True, positive=True), Symbol("M", integer=True, positive=True)
MODEL, MEAN, STD = density("p", "n,z|t"), Function("mean(j,n,t)", real=True), Function("std(j,n,t)", positive=True)
STEP, STEEP = Function("h'(i,n,z,t)", real=True), density("L", "n,z")
mean_j, std_j, each_j, each_n = MEAN(j, n, t), STD(j, n, t), Tuple(j, 1, d), Tuple(n, 1, M)
sample = mean_j + std_j * draw[j]
codes, noises = Tuple(code.label), Tuple(draw.label)
law, unit = Normal(code[j], mean_j, std_j**2), Normal(draw[j], 0, 1)
noise = Product(unit, each_j)


def model(coordinate: Expr) -> Expr:
    """The joint density of an observation and a code, from the j-th coordinate of the code."""
    return MODEL(n, Sum(PART(j, coordinate), each_j), t)


elbo = ELBO(model(code[j]), Product(law, each_j), codes)
size = log(std_j) + draw[j] ** 2 / 2 + log(2 * pi) / 2  # minus the log density of a coordinate, at its own sample
log_weight = log(model(sample)) + Sum(size, each_j)


def inside_noise() -> Thm:
    """The code, written with the noise: every law, times its scale, is then that of the noise."""
    moved, _ = triangular(opened(elbo).prop.rhs, draw.label, j, k, mean_j, 0, std_j)
    own = law.xreplace({code[j]: sample})
    logs = calc(
        log(model(sample) / Product(own, each_j)),
        to(log(model(sample)) - log(Product(own, each_j))),
        log_product(Product(own, each_j)),
        at(termwise(opened, to(-size)), Sum(log(own), each_j)),
        flip(move_in(Sum(size, each_j), Integer(-1))),
    )
    return calc(
        elbo,
        opened,
        moved,
        termwise(logs, lambda e: rearrange(as_noise(own, std_j, each_j), e, noise * log_weight, times=log_weight)),
    )


# --- under the noise ---

step, steep = STEP(i, n, draw.label, t), STEEP(n, draw.label)
average = along(E(step, noise, noises))
moves = almost(log_weight, t, along(step), noises)
slow = ForAll(bounded(log_weight, t, steep), draw.label)
finite = (
    Converges(E(log(model(sample)), noise, noises)),
    Converges(E(steep, noise, noises)),
    ForAll(Converges(total(noise * step, noises)), each_parameter),
)
words = {
    0: "for almost every noise the log ratio has a gradient in the parameters",
    1: "near each parameter the log ratio is Lipschitz, with a constant of finite mean",
}


def _sizes() -> Thm:
    """The log density of the encoder at its own sample has a finite mean: a polynomial of each coordinate of the noise."""
    by_l = Sum(size.xreplace({j: k}), (k, 1, d))
    here = Lambda(z, by_l.args[0].xreplace({draw[k]: z}))
    _, one = coordinate(total(noise * here(draw[k]), noises), noise, k, here, line)
    masses = for_all(substitute(gaussian_mass.thm, {mean: 0, var: 1}), each_j)
    finite = finite_mean(by_l, noise, noises, settled(discharge(one, masses)))
    by_j = Sum(size, each_j)
    return carry(finite, Converges(total(noise * by_j, noises)), rename(by_j, k))


def _under_noise() -> Thm:
    """The derivative along the line, taken under the integral over the noise, one observation at a time."""
    thm = calc(
        Derivative(inside_noise().prop.rhs, t),
        lambda e: lipschitz(e, assume(moves), each(assume(slow)), steep, noise),
        each_part(noise, step, noises),
        termwise(folded(direction[i] * E(step, noise, noises))),
    )
    parts = total(noise * log(model(sample)), noises) + total(noise * Sum(size, each_j), noises)
    both = discharge(combined(total(noise * log_weight, noises), parts), _sizes())
    return discharge(thm, both)


tails = Lambda((n, x, t), 1 / ((9 + (n - x) ** 2 + t**2) * (16 + x**2)))
network = {MODEL: tails, PART: Lambda((j, z), z / j), MEAN: Lambda((j, n, t), t * j - t**2 / n)}
network |= {STD: Lambda((j, n, t), exp(t / (2 * j)))}
written = at_instance(at_instance(log_weight, network), network)  # the model, and what is inside it
speed = diff(written.xreplace({d: Integer(1)}).doit(), t)
smooth_case = {**network, d: 1, PARAMETERS: 2, direction: [1, Rational(-1, 2)], t: Rational(1, 3), room: Rational(1, 4)}
smooth_case |= {STEP: Lambda((i, n, draw.label, t), 2 * speed), STEEP: Lambda((n, draw.label), 9 + draw[1] ** 2)}


@theorem(
    same(Derivative(elbo, t), average),
    "The gradient of the ELBO, with codes of any dimension and all parameters",
    given=(moves, slow, *finite),
    claims=("002-51", "003-87"),
    examples=({**smooth_case, n: 4},),
    words=words,
    narrows={"": FORM, **dict.fromkeys(("002-51", "003-87"), "Gaussian noise")},
)
def elbo_gradient_of_vectors() -> Thm:
    """Write the code with the noise; then difference quotients with an integrable bound."""
    return calc(Derivative(elbo, t), inside_noise(), _under_noise())


@theorem(
    same(Derivative(total(elbo, each_n), t), total(average, each_n)),
    "The objective of a data set has a gradient, with codes of any dimension and all parameters",
    given=tuple(ForAll(h, each_n) for h in (moves, slow, *finite)),
    claims=("000-98",),
    examples=({**smooth_case, M: 3},),
    words=words,
    narrows={"": FORM, **dict.fromkeys(("000-98",), "Gaussian noise")},
)
def data_set_gradient_of_vectors() -> Thm:
    """The gradient of a finite sum is the sum of the gradients."""
    return calc(Derivative(total(elbo, each_n), t), inside_noise(), derivative_of_sum(_under_noise(), each_n))
