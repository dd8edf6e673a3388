"""The trapezoid rule for integrals under a Gaussian, with both of its errors bounded.

Every integral under a Gaussian is brought to the form

    I = integral of f(t) dt over the real line,   f(t) = phi(t) g(t),   phi(t) = exp(-t^2 / 2) / sqrt(2 pi),

by `z = mean + std t`, and is approximated by the trapezoid sum `h * sum f(k h)` over `|k| <= n`. What must be known
about g is a half-width `a > 0` and three numbers `c0, c1, c2 >= 0` such that g is analytic on a neighbourhood of the
strip `|Im t| <= a`, and

    |g(u + i v)| <= c0 + c1 |u| + c2 u^2          for all real u and all |v| <= a.

Since `|phi(u + i v)| = phi(u) exp(v^2 / 2)`, and since `E|t| <= 1` and `E t^2 = 1` under phi,

    integral |f(u + i v)| du <= M = exp(a^2 / 2) (c0 + c1 + c2)          for all |v| <= a.

*The step.* `|h * sum over all k of f(k h) - I| <= 2 M / (exp(2 pi a / h) - 1)`.

With `w = 2 pi i t / h`, the function `1 / (e^w - 1)` has a simple pole with residue `h / (2 pi i)` at every k h and no
other pole. By the residue theorem on the strip (f vanishes uniformly at both ends of it) the infinite sum is therefore
the integral of `f(t) / (e^w - 1)` along the lower edge, to the right, plus the one along the upper edge, to the left.
On the upper edge write `-1 / (e^w - 1) = 1 + 1 / (e^(-w) - 1)`: the 1 gives the integral of f along that edge, which is
I by Cauchy's theorem. What is left are two integrals in which `|e^w|`, or `|e^(-w)|`, is `exp(2 pi a / h)`, so that
each is at most `M / (exp(2 pi a / h) - 1)`.

*The end.* With `R = n h >= sqrt(2)`, what the finite sum leaves out is at most

    2 phi(R) (c0 / R + c1 + c2 (R + 1 / R)).

For `t >= sqrt(2)` the functions phi, t phi and t^2 phi decrease, so each one-sided sum is at most the integral from R
on; with Q(R) for that of phi, these integrals are `Q(R) <= phi(R) / R`, phi(R), and `R phi(R) + Q(R)`.

What a and c are for each likelihood is derived where the likelihood is defined. For an entire g the best step is
`h = pi sqrt(2 / T)` for an error of about `exp(-T)`: `2 T / pi` nodes, 47 for thirty digits.

Where the strip is so narrow that equal steps would be too many, where it is not known in closed form (the logarithm of
a mixture), and where the integrand has a kink (Laplace), Arb's `acb.integral` takes over, on a finite range whose
complement is bounded as above.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from flint import acb, arb

_NODES_PER_BIT = 4  # beyond, the strip is so narrow that Arb's bisection costs less than equal steps


class Growth(NamedTuple):
    """|g(u + i v)| <= c0 + c1 |u| + c2 u^2 on a strip."""

    c0: arb
    c1: arb
    c2: arb

    def total(self) -> arb:
        return self.c0 + self.c1 + self.c2

    def beyond(self, radius: arb) -> arb:
        """A bound on the integral of phi(t) (c0 + c1 |t| + c2 t^2) over |t| > radius."""
        density = (-radius * radius / 2).exp() / (2 * arb.pi()).sqrt()
        return 2 * density * (self.c0 / radius + self.c1 + self.c2 * (radius + 1 / radius))


class Integrand(NamedTuple):
    """g(t), the half-width of its strip of analyticity (None: the whole plane), and its growth on narrower strips."""

    value: Callable[[Any], Any]  # of a real ball; of a complex ball, not finite where g is not analytic on it
    strip: arb | None
    growth: Callable[[arb], Growth]


def log_of(x: arb) -> float:
    """A float near log x, for choosing a step: also where x is too large for a float."""
    return float(x.abs_upper().log())


def _dyadic(x: float) -> arb:
    """A ten-bit number just below x: exact, and short, so that its multiples are exact too."""
    mantissa, exponent = math.frexp(x)
    return arb((math.floor(mantissa * 1024), exponent - 10))


def widest_step(integrand: Integrand, nats: float) -> tuple[arb, arb]:
    """The half-width that allows the widest step for an error of exp(-nats), and that step. A choice, not a proof."""

    def step_for(half_width: float) -> float:
        size = half_width * half_width / 2 + log_of(integrand.growth(arb(half_width)).total())
        return 2 * math.pi * half_width / max(nats + size, 1.0)

    a = math.sqrt(2 * nats)  # the best one in the plane, for a constant g
    if integrand.strip is None:
        return arb(a), _dyadic(step_for(a))
    a = min(a, 0.95 * float(integrand.strip))
    step = step_for(a)
    while (wider := step_for(0.85 * a)) > step:
        a, step = 0.85 * a, wider
    return arb(a), _dyadic(step)


def step_error(growth: Growth, a: arb, h: arb) -> arb:
    """A bound on |h * sum over all k of f(k h) - I|, given the growth of g on the strip of half-width a."""
    return 2 * (a * a / 2).exp() * growth.total() / (2 * arb.pi() * a / h).expm1()


def gaussian_mean(integrand: Integrand, bits: int) -> arb:
    """An enclosure of the integral of phi(t) g(t), aimed at an error of 2^-bits: the rule of the module's docstring."""
    nats = bits * math.log(2) + 3
    a, h = widest_step(integrand, nats)
    on_the_line = integrand.growth(arb(0))
    reach = math.sqrt(2 * max(nats + log_of(on_the_line.total()), 2.0))
    inside = integrand.strip is None or a < integrand.strip
    if not inside or float(h) * _NODES_PER_BIT * bits < reach:
        return gaussian_mean_by_bisection(integrand, arb(reach), bits)
    nodes = math.ceil(reach / float(h))
    # nodes h >= reach >= 2 > sqrt(2), as the bound on the end requires.
    error = step_error(integrand.growth(a), a, h) + on_the_line.beyond(nodes * h)

    value = integrand.value
    total: arb = value(arb(0))
    # The weight of node k is w^(k^2): two products a node, no exponential.
    weight = (-h * h / 2).exp()
    square = weight * weight
    ratio = weight * square
    for k in range(1, nodes + 1):
        t = k * h
        total += weight * (value(t) + value(-t))
        weight *= ratio
        ratio *= square
    return total * h / (2 * arb.pi()).sqrt() + arb(0, error)


def integral(function: Callable[[acb, bool], acb], edges: Sequence[arb], bits: int) -> arb:
    """The sum of the integrals between neighbouring edges, each enclosed by Arb."""
    tolerance = arb((1, -bits))
    pieces = (
        acb.integral(function, left, right, abs_tol=tolerance, rel_tol=tolerance)
        for left, right in itertools.pairwise(edges)
    )
    total: acb = sum(pieces, start=acb(0))
    return total.real


def gaussian_mean_by_bisection(integrand: Integrand, reach: arb, bits: int) -> arb:
    """The same integral by Arb's bisection, for a g with a narrow peak or a steep edge."""
    edges = [-reach, arb(0), reach]
    inside = integral(lambda t, _: (-t * t / 2).exp() * integrand.value(t), edges, bits)
    outside = integrand.growth(arb(0)).beyond(reach)
    return inside / (2 * arb.pi()).sqrt() + arb(0, outside)
