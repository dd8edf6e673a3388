r"""# Mean and scale carry the gradient, in every coordinate

A code $z \in \mathbb R^d$ with $z_j = \mu_j + \sigma_j\,\varepsilon_j$: the gradient of $\mathbb E_q[f(z)]$ runs through the means and the scales that the
encoder puts out, coordinate by coordinate,

$$\partial_\phi\,\mathbb E_q[f(z)] = \mathbb E_\varepsilon\Big[\sum_j \partial_j f(z)\,\big(\mu_j' + \sigma_j'\,\varepsilon_j\big)\Big] .$$

It takes no derivative at every point, and no bound on one. Networks with piecewise linear activations are enough: $f$ is Lipschitz, the
outputs of the encoder are near these parameters, and for almost every noise there is a derivative, with the chain rule. Standard noise
has a mean distance in each coordinate, so the difference quotients of $f$ have a bound of finite mean, and that much is proved here.

$f$ is any function of the vector, [written as a function of a sum](reparameterization_any_function.md); $f_j$ is its slope in the $j$-th
coordinate at the sample. That $f$ is Lipschitz is used along the samples only: it moves by at most $L$ times what the means move and what the
scales move the noise. The parameters move [along a line](gradient_of_all_parameters.md).

Keywords: pathwise gradient of a vector, chain rule through mean and standard deviation, Lipschitz network, encoder gradient in d dimensions.
"""

from derivations import *
from derivations.gaussians.gaussian_kl_cholesky import finite_mean
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.gradients.gradient_with_kinks import almost, nearby, room
from derivations.gradients.reparameterization_any_function import (
    FORM,
    PART,
    WHOLE,
    code,
    draw,
    of_vector,
    under,
    with_noise,
)

j = Symbol("j", integer=True, positive=True)
each_j, near = Tuple(j, 1, d), Tuple(nearby, t - room, t + room)
MEAN, STD = Function("mean(j,t)", real=True), Function("std(j,t)", positive=True)
MEAN_SLOPE, STD_SLOPE = Function("mean'(j,t)", real=True), Function("std'(j,t)", real=True)
SLOPE, L, C = Function("f'(j,z,t)", real=True), Symbol("L", positive=True), Symbol("C", positive=True)
mean_j, std_j, unit = MEAN(j, t), STD(j, t), Normal(draw[j], 0, 1)
sample, noise, noises = mean_j + std_j * draw[j], Product(unit, each_j), Tuple(draw.label)
encoder = Normal(code[j], mean_j, std_j**2)
f = of_vector(sample, each_j)
through = Sum(SLOPE(j, draw.label, t) * (MEAN_SLOPE(j, t) + STD_SLOPE(j, t) * draw[j]), each_j)


def moved(e: Expr) -> Expr:
    """How far it moves from these parameters to others nearby."""
    return Abs(e.xreplace({t: nearby}) - e)


def lipschitz_in(output: Expr) -> ForAll:
    return ForAll(ForAll(at_least(C * Abs(nearby - t), moved(output)), near), each_j)


kinks = almost(f, t, through, noises)
apart = Sum(moved(mean_j) + moved(std_j) * Abs(draw[j]), each_j)
slow = ForAll(ForAll(at_least(L * apart, moved(f)), near), draw.label)
finite = Converges(total(noise * f, noises))
l = Symbol("l", integer=True, positive=True)
sizes = Sum(1 + Abs(draw[l]), (l, 1, d))
steep = L * C * sizes


spot = sum((t * m + exp(t / (2 * m)) * draw[m]) * m / 2 for m in (1, 2))
crooked = {
    d: 2,
    t: Rational(1, 3),
    room: Rational(1, 4),
    L: 1,
    C: 2,
    WHOLE: Lambda(z, log(16 + z**2)),
    PART: Lambda((j, z), j * z / 2),
}
crooked |= {MEAN: Lambda((j, t), t * j), MEAN_SLOPE: Lambda((j, t), j), STD: Lambda((j, t), exp(t / (2 * j)))}
crooked |= {STD_SLOPE: Lambda((j, t), exp(t / (2 * j)) / (2 * j))}
crooked |= {SLOPE: Lambda((j, draw.label, t), spot / (16 + spot**2) * j)}


def _bound() -> Thm:
    """The difference quotients of f have this bound: each coordinate moves by at most C (1 + |noise|) times the distance."""
    mean_moves, std_moves = (each(each(assume(lipschitz_in(e)))) for e in (mean_j, std_j))
    most, distance = C * (1 + Abs(draw[j])) * Abs(nearby - t), Abs(nearby - t)
    first = rearrange(mean_moves, most, moved(mean_j) + C * Abs(draw[j]) * distance)
    second = rearrange(std_moves, first.prop.rhs, apart.args[0], times=Abs(draw[j]))
    return monotone(chain(first, second), each_j)


def _quotients() -> Thm:
    """For all parameters nearby: what f moves by is at most its Lipschitz constant times what the sample moves by."""
    by_name = rewrite(C * Abs(nearby - t) * sizes, rename(sizes, j))
    by_noise = chain(by_name, move_in(by_name.prop.rhs / (C * Abs(nearby - t)), C * Abs(nearby - t)), _bound())
    by_sample = rearrange(by_noise, steep * Abs(nearby - t), L * apart, times=L)
    return for_all(chain(by_sample, each(each(assume(slow)))), near)


def _mean_distance() -> Thm:
    """The bound has a finite mean: one plus the size of a standard normal is at most a square."""
    law = Normal(z, 0, 1)
    most, size = law * (3 + z**2) / 2, law * (1 + Abs(z))
    one = between(rearrange(sign(law / 2 * (Abs(z) - 1) ** 2), most, size), sign(size), line)
    masses = for_all(substitute(gaussian_mass.thm, {mean: 0, var: 1}), each_j)
    _, finite = coordinate(total(noise * (1 + Abs(draw[l])), noises), noise, l, Lambda(z, 1 + Abs(z)), line)
    return settled(finite_mean(sizes, noise, noises, settled(discharge(finite, masses, one))))


@theorem(
    same(Derivative(under(encoder, code[j], code, each_j), t), E(through, noise, noises)),
    "The gradient of an expectation runs through the means and the scales of the code, coordinate by coordinate",
    given=(kinks, slow, lipschitz_in(mean_j), lipschitz_in(std_j), finite),
    claims=("002-55",),
    examples=(crooked,),
    words={
        0: "for almost every noise f has a gradient at the sample, with the chain rule",
        1: "f is Lipschitz along the samples",
        2: "near the parameters the means of the encoder are Lipschitz",
        3: "near the parameters the scales of the encoder are Lipschitz",
    },
    narrows={"": FORM, **dict.fromkeys(("002-55",), "Gaussian noise")},
)
def gradient_through_vectors() -> Thm:
    """Write the code with the noise; the difference quotients have a bound of finite mean."""
    thm = calc(
        Derivative(under(encoder, code[j], code, each_j), t),
        with_noise(encoder, sample, (mean_j, 0, std_j), each_j),
        opened,
        lambda e: lipschitz(e, assume(kinks), _quotients(), steep, noise),
        folded(E(through, noise, noises)),
    )
    return discharge(thm, _mean_distance())
