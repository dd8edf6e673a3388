"""Divergences between mixtures of Gaussians in one dimension, by Arb's bisection.

The logarithm of a mixture has branch points off the real line whose places have no closed form, so there is no strip
to derive; Arb bisects wherever its own bound on a rectangle is not finite. The error of a piece is in its ball. What
lies outside the pieces is bounded here: where every component of q is R or more of its standard deviations away,
`|log(q / p)| <= c0 + c1 |t| + c2 t^2` in the coordinate of each component, and the rest of the integral is at most the
sum over the components of weight `2 phi(R) (c0 / R + c1 + c2 (R + 1 / R))`.
"""

import math
import operator
from collections.abc import Sequence
from typing import TypeAlias

from flint import acb, arb, fmpq

from elbo_ref.certified.ball import Enclosure, Number, enclose, fraction, positive, rational
from elbo_ref.certified.trapezoid import Growth, integral, log_of

Components: TypeAlias = Sequence[tuple[fmpq, fmpq, fmpq]]  # weight, mean, variance


class Mixture:
    """The logarithm of a Gaussian mixture, and a bound on it, at the working precision."""

    def __init__(self, components: Components):
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

    def growth(self, mean: arb, std: arb) -> Growth:
        """|log mixture| <= c0 + c1 |t| + c2 t^2 on the real line, z = mean + std t.

        Above, no density exceeds the highest peak of a component; below, the mixture exceeds its widest component.
        """
        constant, centre, half = self.widest
        d = abs(mean - centre)
        return Growth(self.peak + abs(constant) + d * d * half, 2 * d * std * half, std * std * half)


def components(
    name: str, weights: Sequence[Number], means: Sequence[Number], variances: Sequence[Number]
) -> Components:
    if not len(weights) == len(means) == len(variances) >= 1:
        raise ValueError(
            f"weights_{name}, means_{name} and vars_{name} must have one and the same length of at least 1, "
            f"got {len(weights)}, {len(means)} and {len(variances)}"
        )
    exact = [positive(f"weights_{name}[{j}]", weight) for j, weight in enumerate(weights)]
    total = sum(exact, start=fmpq(0))
    if abs(total - 1) > fmpq(1, 10**12):
        raise ValueError(f"weights_{name} must sum to 1, got {float(fraction(total))}")
    return [
        (weight / total, rational(f"means_{name}[{j}]", means[j]), positive(f"vars_{name}[{j}]", variances[j]))
        for j, weight in enumerate(exact)
    ]


def mean_log_ratio(exact_q: Components, exact_p: Components, bits: int) -> arb:
    """The integral of q log(q / p) for two mixtures."""
    q, p = Mixture(exact_q), Mixture(exact_p)
    spread = [(arb(weight), arb(mean), arb(var).sqrt()) for weight, mean, var in exact_q]
    growths = [Growth(*map(operator.add, q.growth(mean, std), p.growth(mean, std))) for _, mean, std in spread]
    nats = bits * math.log(2) + 4 + max(log_of(growth.total()) for growth in growths)
    reach = arb(math.sqrt(2 * max(nats, 2.0)))
    # Outside [low, high] every component of q is more than `reach` of its standard deviations from its mean.
    outside = sum(
        (weight * growth.beyond(reach) for (weight, _, _), growth in zip(spread, growths, strict=True)), start=arb(0)
    )
    edges = sorted({float(mean + k * std) for _, mean, std in spread for k in (-2, 0, 2)})
    low = min((mean - reach * std).lower() for _, mean, std in spread)
    high = max((mean + reach * std).upper() for _, mean, std in spread)

    def integrand(z: acb, analytic: bool) -> acb:
        log_q, density = q.log_and_density(z, analytic)
        log_p, _ = p.log_and_density(z, analytic)
        return density * (log_q - log_p)

    inner = [arb(edge) for edge in edges if low < arb(edge) < high]
    return integral(integrand, [low, *inner, high], bits) + arb(0, outside)


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

    Theorem: kl_is_expected_log_ratio.
    """
    exact_q = components("q", weights_q, means_q, vars_q)
    exact_p = components("p", weights_p, means_p, vars_p)

    return enclose(lambda bits: mean_log_ratio(exact_q, exact_p, bits), digits)
