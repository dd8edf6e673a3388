"""Decoders of one latent: `log p(x | z)` as a function that the trapezoid rule can be certified for.

A decoder is its logarithm seen from `z = mean + std t`, and what the rule must know of it: the strip `|Im t| <= a` on
which it is analytic, and how fast it grows there. Both are derived in the docstring of each decoder.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from flint import arb, fmpq

from elbo_ref.certified.ball import Number, positive, rational
from elbo_ref.certified.trapezoid import Growth


class Rest(NamedTuple):
    """What a log likelihood has beside its quadratic part, as a function of t, and its strip of analyticity.

    On |v| <= a: |value(u + i v)| <= c0 + c1 |u| with (c0, c1) = growth(a), and Re value(u + i v) <= upper(a).
    """

    value: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    strip: arb | None
    growth: Callable[[arb], tuple[arb, arb]]
    upper: Callable[[arb], arb]


class Local(NamedTuple):
    """A log density as a function of t, where z = mean + std t: c0 + c1 t + c2 t^2 + rest(t).

    Of a decoder also a bound on the whole: Re log p(x | z) <= ceiling(a) on |Im t| <= a.
    """

    c0: arb
    c1: arb
    c2: arb
    rest: Rest | None = None
    ceiling: Callable[[arb], arb] | None = None

    def plus(self, quadratic: "Local", sign: int = 1) -> "Local":
        c0, c1, c2 = (sign * c for c in quadratic[:3])
        return Local(self.c0 + c0, self.c1 + c1, self.c2 + c2, self.rest)

    @property
    def value(self) -> Callable[[Any], Any]:
        c0, c1, c2, rest, _ = self
        if rest is None:
            return lambda t: c0 + t * (c1 + t * c2)
        further = rest.value
        if c1 == 0 and c2 == 0:
            return lambda t: c0 + further(t)
        return lambda t: c0 + t * (c1 + t * c2) + further(t)

    def growth(self, a: arb) -> Growth:
        """|c0 + c1 t + c2 t^2| <= |c0| + |c1| (|u| + a) + |c2| (u^2 + a^2) where |v| <= a; and the rest's growth."""
        c0, c1, c2 = abs(self.c0), abs(self.c1), abs(self.c2)
        d0, d1 = (arb(0), arb(0)) if self.rest is None else self.rest.growth(a)
        return Growth(c0 + a * (c1 + a * c2) + d0, c1 + d1, c2)


# log p(x | z) for the x at hand, seen from a (mean, std), at the working precision.
Decoder: TypeAlias = Callable[[arb, arb], Local]


def normal(x: fmpq, weight: fmpq, bias: fmpq, var: fmpq) -> Decoder:
    """log N(x; weight z + bias, var) as a function of z: a quadratic. Its real part exceeds the peak by v^2 at most."""
    offset = x - bias

    def local(mean: arb, std: arb) -> Local:
        variance, gain = arb(var), arb(weight)
        residual, slope = arb(offset) - gain * mean, gain * std
        c1 = residual * slope / variance
        peak, curvature = -(2 * arb.pi() * variance).log() / 2, -slope * slope / (2 * variance)
        c0 = peak - residual * residual / (2 * variance)
        return Local(c0, c1, curvature, ceiling=lambda a: peak - curvature * a * a)

    return local


def density(mean: fmpq, var: fmpq) -> Decoder:
    """log N(z; mean, var) as a function of z."""
    return normal(mean, fmpq(1), fmpq(0), var)


def gaussian_decoder(x: Number, weight: Number = 1, bias: Number = 0, var_noise: Number = 1) -> Decoder:
    """The decoder p(x | z) = N(weight z + bias, var_noise), at the observation x. Its log density is a quadratic.

    Theorem: gaussian_log_density.
    """
    return normal(
        rational("x", x), rational("weight", weight), rational("bias", bias), positive("var_noise", var_noise)
    )


def bernoulli_decoder(x: int, weight: Number = 1, bias: Number = 0) -> Decoder:
    """The decoder p(x | z) = Bernoulli(sigmoid(weight z + bias)), at the observation x, 0 or 1.

    With l the logit of what was observed, log p = -softplus(-l), analytic where |Im l| < pi, with derivative
    sigmoid(-l). Where |Im l| <= theta < pi, |sigmoid(l)| <= S, with S = 1 for theta <= pi/2 and S = 1 / sin(theta)
    beyond: the smallest |1 + r exp(i theta)| over r >= 0 is 1, or sin(theta). Hence |log p| <= log 2 + S |l| there,
    and |p(x | z)| <= S. Both hold of the rest, -softplus(l), when l is taken out of log p = l - softplus(l): that is
    done where l is so negative that p(x | z) is all but exp(l).

    Theorem: bernoulli_likelihood.
    """
    if x not in (0, 1):
        raise ValueError(f"x must be 0 or 1, got {x!r}")
    sign = 1 if x == 1 else -1
    exact_weight, exact_bias = sign * rational("weight", weight), sign * rational("bias", bias)

    def local(mean: arb, std: arb) -> Local:
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

        rest = Rest(
            value=lambda t: -softplus(inner_shift + inner_slope * t),
            exp=lambda t: 1 / (1 + (inner_shift + inner_slope * t).exp()),
            strip=None if exact_weight == 0 else arb.pi() / steepness,
            growth=growth,
            upper=lambda a: sigmoid_bound(a).log(),
        )
        taken_out = (shift, slope) if negative else (arb(0), arb(0))
        return Local(*taken_out, arb(0), rest, rest.upper)

    return local


def softplus(x: Any) -> Any:
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

    Theorem: gaussian_log_density.
    """
    exact_x, exact_weight, exact_bias = rational("x", x), rational("weight", weight), rational("bias", bias)
    exact_var = positive("var_noise", var_noise)

    def local(mean: arb, std: arb) -> Local:
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
        rest = Rest(value, lambda t: value(t).exp(), strip, growth, upper)
        return Local(constant, arb(0), arb(0), rest, lambda a: constant + upper(a))

    return local
