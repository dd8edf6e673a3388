"""Enclosures: integrals of one-dimensional models in ball arithmetic, tails included.

A function here returns an `Enclosure`, a midpoint and a radius, and the true value of the integral lies inside. The
radius meets the number of digits asked for, or `PrecisionError` is raised. Nothing is estimated: rounding is bounded
by Arb (python-flint), the two errors of the quadrature by the theorem below.

The rule
--------
Every integral under a Gaussian is brought to the form

    I = integral of f(t) dt over the real line,   f(t) = phi(t) g(t),   phi(t) = exp(-t^2 / 2) / sqrt(2 pi),

by z = mean + std t, and is approximated by the trapezoid sum h * sum f(k h) over |k| <= n. What must be known about g
is a half-width a > 0 and three numbers c0, c1, c2 >= 0 such that g is analytic on a neighbourhood of the strip
|Im t| <= a, and

    |g(u + i v)| <= c0 + c1 |u| + c2 u^2          for all real u and all |v| <= a.

Since |phi(u + i v)| = phi(u) exp(v^2 / 2), and since E|t| <= 1 and E t^2 = 1 under phi,

    integral |f(u + i v)| du <= M = exp(a^2 / 2) (c0 + c1 + c2)          for all |v| <= a.

*The step.* |h * sum over all k of f(k h) - I| <= 2 M / (exp(2 pi a / h) - 1).

With w = 2 pi i t / h, the function 1 / (e^w - 1) has a simple pole with residue h / (2 pi i) at every k h and no
other pole. By the residue theorem on the strip (f vanishes uniformly at both ends of it) the infinite sum is
therefore the integral of f(t) / (e^w - 1) along the lower edge, to the right, plus the one along the upper edge, to
the left. On the upper edge write -1 / (e^w - 1) = 1 + 1 / (e^(-w) - 1): the 1 gives the integral of f along that
edge, which is I by Cauchy's theorem. What is left are two integrals in which |e^w|, or |e^(-w)|, is exp(2 pi a / h),
so that each is at most M / (exp(2 pi a / h) - 1).

*The end.* With R = n h >= sqrt(2), what the finite sum leaves out is at most

    2 phi(R) (c0 / R + c1 + c2 (R + 1 / R)).

For t >= sqrt(2) the functions phi, t phi and t^2 phi decrease, so each one-sided sum is at most the integral from R
on; with Q(R) for that of phi, these integrals are Q(R) <= phi(R) / R, phi(R), and R phi(R) + Q(R).

What a and c are for each likelihood is derived where the likelihood is defined. For an entire g the best step is
h = pi sqrt(2 / T) for an error of about exp(-T): 2 T / pi nodes, 47 for thirty digits.

Where the strip is so narrow that equal steps would be too many, where it is not known in closed form (the logarithm of
a mixture), and where the integrand has a kink (Laplace), Arb's `acb.integral` takes over, on a finite range whose
complement is bounded as above.

Every number that goes in is taken as exact: an int, a float (the binary fraction it is), a `Fraction`, or a string
such as "0.33" or "1/3". All results are in nats, and are for one latent dimension.
"""

import itertools
import math
import numbers
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from flint import acb, arb, ctx, fmpq

__all__ = [
    "Decoder",
    "Enclosure",
    "PrecisionError",
    "bernoulli_decoder",
    "elbo",
    "gap",
    "gaussian_decoder",
    "kl_gaussian",
    "kl_laplace",
    "kl_mixtures",
    "log_evidence",
    "reconstruction",
    "tanh_decoder",
]

Number: TypeAlias = int | float | str | Fraction

_GUARD_BITS = 40  # room for the rounding of a few hundred nodes; when it is not enough, the precision is raised
_NODES_PER_BIT = 4  # beyond, the strip is so narrow that Arb's bisection costs less than equal steps
_ATTEMPTS = 6


class PrecisionError(ArithmeticError):
    """The digits asked for cannot be certified."""


# --- Numbers in, enclosures out -------------------------------------------------------------------------------------


def _rational(name: str, value: Number) -> fmpq:
    """The exact rational that a number is."""
    if isinstance(value, str):
        numerator, _, denominator = value.partition("/")
        try:
            return fmpq(*Decimal(numerator).as_integer_ratio()) / fmpq(*Decimal(denominator or 1).as_integer_ratio())
        except (InvalidOperation, ValueError, OverflowError, ZeroDivisionError):
            raise ValueError(f"{name} must be a finite number, got {value!r}") from None
    if isinstance(value, numbers.Rational):
        return fmpq(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real):
        value = float(value)
        if not math.isfinite(value):
            raise ValueError(f"{name} must be finite, got {value}")
        return fmpq(*value.as_integer_ratio())
    raise TypeError(f"{name} must be an int, a float, a Fraction or a string, got {type(value).__name__}")


def _positive(name: str, value: Number) -> fmpq:
    exact = _rational(name, value)
    if exact <= 0:
        raise ValueError(f"{name} must be positive, got {value}")
    return exact


def _fraction(exact: fmpq) -> Fraction:
    return Fraction(int(exact.p), int(exact.q))


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A real number known to lie within `radius` of `midpoint`. Both are exact binary fractions."""

    ball: arb
    digits: int

    @property
    def midpoint(self) -> Fraction:
        return _fraction(self.ball.mid().fmpq())

    @property
    def radius(self) -> Fraction:
        return _fraction(self.ball.rad().fmpq())

    def contains(self, value: Number) -> bool:
        """Whether this number, taken as exact, lies inside: true of the true value, and of all too near it to tell."""
        return abs(_fraction(_rational("value", value)) - self.midpoint) <= self.radius

    def decimal(self, digits: int | None = None) -> str:
        """The value to so many significant digits, at most one unit off in the last; `PrecisionError` if uncertain."""
        digits = self.digits if digits is None else digits
        middle = self.midpoint
        rounded = Context(prec=digits).divide(Decimal(middle.numerator), Decimal(middle.denominator))
        unit = Fraction(10) ** (rounded.adjusted() - digits + 1) if middle else 0
        if self.radius > unit / 2:
            raise PrecisionError(f"{digits} digits are not certain: the value is {self}")
        shown = rounded.quantize(Decimal((0, (1,), rounded.adjusted() - digits + 1)), context=Context(prec=digits + 1))
        return f"{shown:f}" if -7 <= rounded.adjusted() < max(digits, 7) else str(shown)

    def __float__(self) -> float:
        return float(self.midpoint)

    def __str__(self) -> str:
        middle = self.midpoint
        return f"{Context(prec=self.digits).divide(middle.numerator, middle.denominator)} +/- {float(self.radius):.1e}"


def _enclose(compute: Callable[[int], arb], digits: int) -> Enclosure:
    """The ball of `compute(bits)`, which aims at an error of 2^-bits, with more bits until the digits are met."""
    if not isinstance(digits, int) or digits < 1:
        raise ValueError(f"digits must be a positive integer, got {digits!r}")
    start = bits = math.ceil(digits * math.log2(10)) + 2
    for _ in range(_ATTEMPTS):
        with ctx.workprec(bits + _GUARD_BITS):
            ball = compute(bits)
            goal = arb(10) ** -digits
            size = ball.abs_lower()
            if ball.is_finite() and ball.rad() <= (goal * size if size > 1 else goal):
                return Enclosure(ball, digits)
            missing = ball.rad().man_exp() if ball.is_finite() else None
        # A finite radius says how many bits are missing; an infinite one, the logarithm of a ball that holds 0, does
        # not.
        bits = 2 * bits if missing is None else bits + max(8, start + int(missing[0]).bit_length() + int(missing[1]))
    raise PrecisionError(f"{digits} digits could not be certified with {bits} bits")


# --- The trapezoid rule ---------------------------------------------------------------------------------------------


class _Growth(NamedTuple):
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


class _Integrand(NamedTuple):
    """g(t), the half-width of its strip of analyticity (None: the whole plane), and its growth on narrower strips."""

    value: Callable[[Any], Any]  # of a real ball; of a complex ball, not finite where g is not analytic on it
    strip: arb | None
    growth: Callable[[arb], _Growth]


def _log_of(x: arb) -> float:
    """A float near log x, for choosing a step: also where x is too large for a float."""
    return float(x.abs_upper().log())


def _dyadic(x: float) -> arb:
    """A ten-bit number just below x: exact, and short, so that its multiples are exact too."""
    mantissa, exponent = math.frexp(x)
    return arb((math.floor(mantissa * 1024), exponent - 10))


def _widest_step(integrand: _Integrand, nats: float) -> tuple[arb, arb]:
    """The half-width that allows the widest step for an error of exp(-nats), and that step. A choice, not a proof."""

    def step_for(half_width: float) -> float:
        size = half_width * half_width / 2 + _log_of(integrand.growth(arb(half_width)).total())
        return 2 * math.pi * half_width / max(nats + size, 1.0)

    a = math.sqrt(2 * nats)  # the best one in the plane, for a constant g
    if integrand.strip is None:
        return arb(a), _dyadic(step_for(a))
    a = min(a, 0.95 * float(integrand.strip))
    step = step_for(a)
    while (wider := step_for(0.85 * a)) > step:
        a, step = 0.85 * a, wider
    return arb(a), _dyadic(step)


def _step_error(growth: _Growth, a: arb, h: arb) -> arb:
    """A bound on |h * sum over all k of f(k h) - I|, given the growth of g on the strip of half-width a."""
    return 2 * (a * a / 2).exp() * growth.total() / (2 * arb.pi() * a / h).expm1()


def _gaussian_mean(integrand: _Integrand, bits: int) -> arb:
    """An enclosure of the integral of phi(t) g(t), aimed at an error of 2^-bits: the rule of the module's docstring."""
    nats = bits * math.log(2) + 3
    a, h = _widest_step(integrand, nats)
    on_the_line = integrand.growth(arb(0))
    reach = math.sqrt(2 * max(nats + _log_of(on_the_line.total()), 2.0))
    inside = integrand.strip is None or a < integrand.strip
    if not inside or float(h) * _NODES_PER_BIT * bits < reach:
        return _gaussian_mean_by_bisection(integrand, arb(reach), bits)
    nodes = math.ceil(reach / float(h))
    # nodes h >= reach >= 2 > sqrt(2), as the bound on the end requires.
    error = _step_error(integrand.growth(a), a, h) + on_the_line.beyond(nodes * h)

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


# --- Integration by bisection ---------------------------------------------------------------------------------------


def _integral(function: Callable[[acb, bool], acb], edges: Sequence[arb], bits: int) -> arb:
    """The sum of the integrals between neighbouring edges, each enclosed by Arb."""
    tolerance = arb((1, -bits))
    pieces = (
        acb.integral(function, left, right, abs_tol=tolerance, rel_tol=tolerance)
        for left, right in itertools.pairwise(edges)
    )
    total: acb = sum(pieces, start=acb(0))
    return total.real


def _gaussian_mean_by_bisection(integrand: _Integrand, reach: arb, bits: int) -> arb:
    """The same integral by Arb's bisection, for a g with a narrow peak or a steep edge."""
    edges = [-reach, arb(0), reach]
    inside = _integral(lambda t, _: (-t * t / 2).exp() * integrand.value(t), edges, bits)
    outside = integrand.growth(arb(0)).beyond(reach)
    return inside / (2 * arb.pi()).sqrt() + arb(0, outside)


# --- Log likelihoods ------------------------------------------------------------------------------------------------


class _Rest(NamedTuple):
    """What a log likelihood has beside its quadratic part, as a function of t, and its strip of analyticity.

    On |v| <= a: |value(u + i v)| <= c0 + c1 |u| with (c0, c1) = growth(a), and Re value(u + i v) <= upper(a).
    """

    value: Callable[[Any], Any]
    strip: arb | None
    growth: Callable[[arb], tuple[arb, arb]]
    upper: Callable[[arb], arb]


class _Local(NamedTuple):
    """A log density as a function of t, where z = mean + std t: c0 + c1 t + c2 t^2 + rest(t)."""

    c0: arb
    c1: arb
    c2: arb
    rest: _Rest | None = None

    def plus(self, quadratic: "_Local") -> "_Local":
        return _Local(self.c0 + quadratic.c0, self.c1 + quadratic.c1, self.c2 + quadratic.c2, self.rest)

    def minus(self, quadratic: "_Local") -> "_Local":
        return _Local(self.c0 - quadratic.c0, self.c1 - quadratic.c1, self.c2 - quadratic.c2, self.rest)

    @property
    def value(self) -> Callable[[Any], Any]:
        c0, c1, c2, rest = self
        if rest is None:
            return lambda t: c0 + t * (c1 + t * c2)
        further = rest.value
        if c1 == 0 and c2 == 0:
            return lambda t: c0 + further(t)
        return lambda t: c0 + t * (c1 + t * c2) + further(t)

    def growth(self, a: arb) -> _Growth:
        """|c0 + c1 t + c2 t^2| <= |c0| + |c1| (|u| + a) + |c2| (u^2 + a^2) where |v| <= a; and the rest's growth."""
        c0, c1, c2 = abs(self.c0), abs(self.c1), abs(self.c2)
        d0, d1 = (arb(0), arb(0)) if self.rest is None else self.rest.growth(a)
        return _Growth(c0 + a * (c1 + a * c2) + d0, c1 + d1, c2)


# log p(x | z) for the x at hand, seen from a (mean, std), at the working precision.
Decoder: TypeAlias = Callable[[arb, arb], _Local]


def _normal(x: fmpq, weight: fmpq, bias: fmpq, var: fmpq) -> Decoder:
    """log N(x; weight z + bias, var) as a function of z: a quadratic."""

    offset = x - bias

    def local(mean: arb, std: arb) -> _Local:
        variance, gain = arb(var), arb(weight)
        residual, slope = arb(offset) - gain * mean, gain * std
        c1 = residual * slope / variance
        c0 = -((2 * arb.pi() * variance).log() + residual * residual / variance) / 2
        return _Local(c0, c1, -slope * slope / (2 * variance))

    return local


def _density(mean: fmpq, var: fmpq) -> Decoder:
    """log N(z; mean, var) as a function of z."""
    return _normal(mean, fmpq(1), fmpq(0), var)


def gaussian_decoder(x: Number, weight: Number = 1, bias: Number = 0, var_noise: Number = 1) -> Decoder:
    """The decoder p(x | z) = N(weight z + bias, var_noise), at the observation x. Its log density is a quadratic."""
    return _normal(
        _rational("x", x), _rational("weight", weight), _rational("bias", bias), _positive("var_noise", var_noise)
    )


def bernoulli_decoder(x: int, weight: Number = 1, bias: Number = 0) -> Decoder:
    """The decoder p(x | z) = Bernoulli(sigmoid(weight z + bias)), at the observation x, 0 or 1.

    With l the logit of what was observed, log p = -softplus(-l), analytic where |Im l| < pi, with derivative
    sigmoid(-l). Where |Im l| <= theta < pi, |sigmoid(l)| <= S, with S = 1 for theta <= pi/2 and S = 1 / sin(theta)
    beyond: the smallest |1 + r exp(i theta)| over r >= 0 is 1, or sin(theta). Hence |log p| <= log 2 + S |l| there,
    and |p(x | z)| <= S. Both hold of the rest, -softplus(l), when l is taken out of log p = l - softplus(l): that is
    done where l is so negative that p(x | z) is all but exp(l).
    """
    if x not in (0, 1):
        raise ValueError(f"x must be 0 or 1, got {x!r}")
    sign = 1 if x == 1 else -1
    exact_weight, exact_bias = sign * _rational("weight", weight), sign * _rational("bias", bias)

    def local(mean: arb, std: arb) -> _Local:
        slope, shift = arb(exact_weight) * std, arb(exact_weight) * mean + arb(exact_bias)
        steepness = abs(slope)
        # Also under the Gaussian that exp(l) turns phi into, whose mean is at t = slope, l is negative on the whole.
        negative = float(shift + slope * slope) < 0
        sign = 1 if negative else -1
        inner_shift, inner_slope = sign * shift, sign * slope

        def sigmoid_bound(a: arb) -> arb:
            theta = steepness * a
            return arb(1) if theta < arb.pi() / 2 else 1 / theta.sin()

        def growth(a: arb) -> tuple[arb, arb]:
            bound = sigmoid_bound(a)
            return arb.const_log2() + bound * (abs(shift) + steepness * a), bound * steepness

        rest = _Rest(
            value=lambda t: -_softplus(inner_shift + inner_slope * t),
            strip=None if exact_weight == 0 else arb.pi() / steepness,
            growth=growth,
            upper=lambda a: sigmoid_bound(a).log(),
        )
        return _Local(shift, slope, arb(0), rest) if negative else _Local(arb(0), arb(0), arb(0), rest)

    return local


def _softplus(x: Any) -> Any:
    """log(1 + exp(x)), continued from the real line; not finite on a rectangle where it is not analytic.

    The logarithm of 1 + exp(x) is analytic where Re x < 0, and that of 1 + exp(-x) where Re x > 0. A rectangle in
    neither half-plane meets the cut of the first one only together with the point where it starts, at which
    exp(x) = -1: there Arb's logarithm is not finite.
    """
    if isinstance(x, arb) or x.real < 0:
        return x.exp().log1p()
    if x.real > 0:
        return x + (-x).exp().log1p()
    return (1 + x.exp()).log()


def tanh_decoder(x: Number, weight: Number = 1, bias: Number = 0, var_noise: Number = 1) -> Decoder:
    """The decoder p(x | z) = N(tanh(weight z + bias), var_noise), at the observation x.

    tanh(l) is analytic where |Im l| < pi/2. There, with theta < pi/2 and |Im l| <= theta,

        tanh(s + i theta) = (sinh 2s + i sin 2 theta) / (cosh 2s + cos 2 theta)

    shows that |tanh(l)| <= max(1, tan(theta)), which bounds |x - tanh(l)|^2; that |Im tanh(l)| <= tan(theta); and that
    |Re tanh(l)| <= B, with B = 1 for theta <= pi/4 and B = 1 / sin(2 theta) beyond. The last two bound |p(x | z)|:
    Re (x - tanh(l))^2 >= max(0, |x| - B)^2 - tan(theta)^2.
    """
    exact_x, exact_weight, exact_bias = _rational("x", x), _rational("weight", weight), _rational("bias", bias)
    exact_var = _positive("var_noise", var_noise)

    def local(mean: arb, std: arb) -> _Local:
        target, half = arb(exact_x), 1 / (2 * arb(exact_var))
        slope, shift = arb(exact_weight) * std, arb(exact_weight) * mean + arb(exact_bias)
        steepness = abs(slope)

        def value(t: Any) -> Any:
            residual = target - (shift + slope * t).tanh()
            return -residual * residual * half

        def growth(a: arb) -> tuple[arb, arb]:
            furthest = abs(target) + arb(1).max((steepness * a).tan())
            return furthest * furthest * half, arb(0)

        def upper(a: arb) -> arb:
            theta = steepness * a
            tangent, reach = theta.tan(), arb(1) if theta < arb.pi() / 4 else 1 / (2 * theta).sin()
            away = (abs(target) - reach).max(arb(0))
            return (tangent * tangent - away * away) * half

        strip = None if exact_weight == 0 else arb.pi() / (2 * steepness)
        constant = -(2 * arb.pi() * arb(exact_var)).log() / 2
        return _Local(constant, arb(0), arb(0), _Rest(value, strip, growth, upper))

    return local


# --- Quantities of a model with a Gaussian prior and a Gaussian q ---------------------------------------------------


def _mean_of(log: _Local, bits: int) -> arb:
    """The integral of phi(t) log(t)."""
    return _gaussian_mean(_Integrand(log.value, None if log.rest is None else log.rest.strip, log.growth), bits)


def _log_evidence(decoder: Decoder, mean: fmpq, var: fmpq, bits: int) -> arb:
    """The logarithm of the integral of p(z) p(x | z).

    With z = mean + sqrt(var) t it is the integral of phi(t) exp(c0 + c1 t + c2 t^2 + rest(t)). With
    s^2 = 1 / (1 - 2 c2), m = s^2 c1 and t = m + s w that is s exp(top) times the integral of phi(w) g(w), where
    top = c0 + m^2 / (2 s^2) + upper(0) and |g(w)| = |exp(rest(t) - upper(0))| <= exp(upper(s a) - upper(0)) on the
    strip. The nodes evaluate the prior and the likelihood themselves: that the square can be completed serves only the
    bound.
    """
    c0, c1, c2, rest = decoder(arb(mean), arb(var).sqrt())
    s2 = 1 / (1 - 2 * c2)
    m, s = s2 * c1, s2.sqrt()
    peak = m * m / (2 * s2)
    curvature = c2 - arb(0.5)
    if rest is None:
        rest = _Rest(lambda t: arb(0), None, lambda a: (arb(0), arb(0)), lambda a: arb(0))
    further, strip, _, upper = rest
    highest = upper(arb(0))

    def value(w: Any) -> Any:
        t = m + s * w
        return (t * (c1 + t * curvature) + w * w / 2 - peak + further(t) - highest).exp()

    def growth(a: arb) -> _Growth:
        return _Growth((upper(s * a) - highest).exp(), arb(0), arb(0))

    integral = _gaussian_mean(_Integrand(value, None if strip is None else strip / s, growth), bits)
    return c0 + peak + highest + s.log() + integral.log()


def _elbo(decoder: Decoder, mean_q: fmpq, var_q: fmpq, mean_prior: fmpq, var_prior: fmpq, bits: int) -> arb:
    at = arb(mean_q), arb(var_q).sqrt()
    return _mean_of(decoder(*at).plus(_density(mean_prior, var_prior)(*at)).minus(_density(mean_q, var_q)(*at)), bits)


def log_evidence(decoder: Decoder, mean_prior: Number = 0, var_prior: Number = 1, *, digits: int = 30) -> Enclosure:
    """An enclosure of log p(x) = log of the integral of p(x | z) N(z; mean_prior, var_prior).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.
    """
    mean, var = _rational("mean_prior", mean_prior), _positive("var_prior", var_prior)
    return _enclose(lambda bits: _log_evidence(decoder, mean, var, bits), digits)


def reconstruction(decoder: Decoder, mean_q: Number, var_q: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of E_q log p(x | z) for q = N(mean_q, var_q).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.
    """
    mean, var = _rational("mean_q", mean_q), _positive("var_q", var_q)
    return _enclose(lambda bits: _mean_of(decoder(arb(mean), arb(var).sqrt()), bits), digits)


def kl_gaussian(mean_q: Number, var_q: Number, mean_p: Number, var_p: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of KL(N(mean_q, var_q) || N(mean_p, var_p)), by the integral of q log(q / p).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.
    """
    q = _rational("mean_q", mean_q), _positive("var_q", var_q)
    p = _rational("mean_p", mean_p), _positive("var_p", var_p)

    def compute(bits: int) -> arb:
        at = arb(q[0]), arb(q[1]).sqrt()
        return _mean_of(_density(*q)(*at).minus(_density(*p)(*at)), bits)

    return _enclose(compute, digits)


def elbo(
    decoder: Decoder,
    mean_q: Number,
    var_q: Number,
    mean_prior: Number = 0,
    var_prior: Number = 1,
    *,
    digits: int = 30,
) -> Enclosure:
    """An enclosure of E_q[log p(x | z) + log p(z) - log q(z)], q = N(mean_q, var_q), p(z) = N(mean_prior, var_prior).

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.
    """
    q = _rational("mean_q", mean_q), _positive("var_q", var_q)
    prior = _rational("mean_prior", mean_prior), _positive("var_prior", var_prior)
    return _enclose(lambda bits: _elbo(decoder, *q, *prior, bits), digits)


def gap(
    decoder: Decoder,
    mean_q: Number,
    var_q: Number,
    mean_prior: Number = 0,
    var_prior: Number = 1,
    *,
    digits: int = 30,
) -> Enclosure:
    """An enclosure of KL(q || p(z | x)), by the integral of q log(q / posterior): log p(x) less the ELBO.

    Scalars in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value| where |value| > 1.
    ValueError for a variance that is not positive or an input that is not finite; PrecisionError if not certain.
    """
    q = _rational("mean_q", mean_q), _positive("var_q", var_q)
    prior = _rational("mean_prior", mean_prior), _positive("var_prior", var_prior)
    return _enclose(lambda bits: _log_evidence(decoder, *prior, bits) - _elbo(decoder, *q, *prior, bits), digits)


# --- Mixtures and Laplace laws --------------------------------------------------------------------------------------


class _Mixture:
    """The logarithm of a Gaussian mixture, and a bound on it, at the working precision."""

    def __init__(self, components: Sequence[tuple[fmpq, fmpq, fmpq]]):
        self.components = [
            ((arb(weight) / (2 * arb.pi() * arb(var)).sqrt()).log(), arb(mean), arb(1 / (2 * var)))
            for weight, mean, var in components
        ]
        peaks = [abs((2 * arb.pi() * arb(var)).log() / 2) for _, _, var in components]
        self.peak = sum(peaks, start=arb(0))
        widest = max(range(len(components)), key=lambda j: components[j][2])
        self.widest = self.components[widest]

    def log_and_density(self, z: acb, analytic: bool) -> tuple[acb, acb]:
        """log of the mixture and the mixture at z, continued from the real line.

        e_j + log(1 + sum exp(e_k - e_j)) is the same for every j on the real line. Each is analytic where the
        argument of the logarithm avoids the cut, and Arb evaluates on rectangles that hold a piece of the real line:
        j may be chosen by rectangle.
        """
        logs = [constant - (z - mean) * (z - mean) * half for constant, mean, half in self.components]
        lead = max(range(len(logs)), key=lambda j: float(logs[j].real.mid()))
        ratio = sum(((term - logs[lead]).exp() for j, term in enumerate(logs) if j != lead), start=acb(1))
        return logs[lead] + ratio.log(analytic), logs[lead].exp() * ratio

    def growth(self, mean: arb, std: arb) -> _Growth:
        """|log mixture| <= c0 + c1 |t| + c2 t^2 on the real line, z = mean + std t.

        Above, no density exceeds the highest peak of a component; below, the mixture exceeds its widest component.
        """
        constant, centre, half = self.widest
        d = abs(mean - centre)
        return _Growth(self.peak + abs(constant) + d * d * half, 2 * d * std * half, std * std * half)


def _components(
    name: str, weights: Sequence[Number], means: Sequence[Number], variances: Sequence[Number]
) -> list[tuple[fmpq, fmpq, fmpq]]:
    if not len(weights) == len(means) == len(variances) >= 1:
        raise ValueError(
            f"weights_{name}, means_{name} and vars_{name} must have one and the same length of at least 1, "
            f"got {len(weights)}, {len(means)} and {len(variances)}"
        )
    exact = [_positive(f"weights_{name}[{j}]", weight) for j, weight in enumerate(weights)]
    total = sum(exact, start=fmpq(0))
    if abs(total - 1) > fmpq(1, 10**12):
        raise ValueError(f"weights_{name} must sum to 1, got {float(_fraction(total))}")
    return [
        (weight / total, _rational(f"means_{name}[{j}]", means[j]), _positive(f"vars_{name}[{j}]", variances[j]))
        for j, weight in enumerate(exact)
    ]


def kl_mixtures(
    weights_q: Sequence[Number],
    means_q: Sequence[Number],
    vars_q: Sequence[Number],
    weights_p: Sequence[Number],
    means_p: Sequence[Number],
    vars_p: Sequence[Number],
    *,
    digits: int = 30,
) -> Enclosure:
    """An enclosure of KL(q || p) between two Gaussian mixtures in one dimension, by the integral of q log(q / p).

    Sequences of equal length in, an `Enclosure` in nats out: its radius is at most 10^-digits, or 10^-digits |value|
    where |value| > 1. Weights are positive and sum to 1 up to rounding (within 10^-12); what is left of rounding is
    divided out. ValueError otherwise, and for a variance that is not positive; PrecisionError if not certain.
    """
    exact_q = _components("q", weights_q, means_q, vars_q)
    exact_p = _components("p", weights_p, means_p, vars_p)

    def compute(bits: int) -> arb:
        q, p = _Mixture(exact_q), _Mixture(exact_p)
        spread = [(arb(weight), arb(mean), arb(var).sqrt()) for weight, mean, var in exact_q]
        growths = [_Growth(*map(operator.add, q.growth(mean, std), p.growth(mean, std))) for _, mean, std in spread]
        nats = bits * math.log(2) + 4 + max(_log_of(growth.total()) for growth in growths)
        reach = arb(math.sqrt(2 * max(nats, 2.0)))
        # Outside [low, high] every component of q is more than `reach` of its standard deviations from its mean.
        outside = sum(
            (weight * growth.beyond(reach) for (weight, _, _), growth in zip(spread, growths, strict=True)),
            start=arb(0),
        )
        edges = sorted({float(mean + k * std) for _, mean, std in spread for k in (-2, 0, 2)})
        low = min((mean - reach * std).lower() for _, mean, std in spread)
        high = max((mean + reach * std).upper() for _, mean, std in spread)

        def integrand(z: acb, analytic: bool) -> acb:
            log_q, density = q.log_and_density(z, analytic)
            log_p, _ = p.log_and_density(z, analytic)
            return density * (log_q - log_p)

        inner = [arb(edge) for edge in edges if low < arb(edge) < high]
        return _integral(integrand, [low, *inner, high], bits) + arb(0, outside)

    return _enclose(compute, digits)


def kl_laplace(mean_q: Number, scale_q: Number, mean_p: Number, scale_p: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of KL(Laplace(mean_q, scale_q) || Laplace(mean_p, scale_p)), by the integral of q log(q / p).

    The density is exp(-|z - mean| / scale) / (2 scale). Scalars in, an `Enclosure` in nats out: its radius is at most
    10^-digits, or 10^-digits |value| where |value| > 1. ValueError for a scale that is not positive; PrecisionError
    if not certain.
    """
    exact_mean_q, exact_scale_q = _rational("mean_q", mean_q), _positive("scale_q", scale_q)
    # In t = (z - mean_q) / scale_q: q is exp(-|t|) / 2, and p has its kink at `kink` and the scale `width`.
    exact_kink = (_rational("mean_p", mean_p) - exact_mean_q) / exact_scale_q
    exact_width = _positive("scale_p", scale_p) / exact_scale_q

    def compute(bits: int) -> arb:
        kink, width, log_width = arb(exact_kink), arb(exact_width), arb(exact_width).log()
        # |log(q / p)| <= c0 + c1 |t|, and exp(-|t|) / 2 (c0 + c1 |t|) has the integral exp(-R) (c0 + c1 (R + 1)) over
        # |t| > R.
        c0, c1 = abs(log_width) + abs(kink) / width, 1 + 1 / width
        reach = math.ceil(bits * math.log(2) + 8 + _log_of(c0 + c1))
        outside = (-arb(reach)).exp() * (c0 + c1 * (reach + 1))
        total = arb(0)
        edges = sorted({fmpq(-reach), fmpq(0), fmpq(reach)} | ({exact_kink} if abs(exact_kink) < reach else set()))
        for left, right in itertools.pairwise(edges):
            side_q = 1 if left >= 0 else -1  # |t| = side_q t on this piece, and |t - kink| = side_p (t - kink)
            side_p = 1 if left >= exact_kink else -1

            def integrand(t: acb, _: bool, side_q: int = side_q, side_p: int = side_p) -> acb:
                away = side_q * t
                return (-away).exp() / 2 * (log_width - away + side_p * (t - kink) / width)

            total += _integral(integrand, [arb(left), arb(right)], bits)
        return total + arb(0, outside)

    return _enclose(compute, digits)
