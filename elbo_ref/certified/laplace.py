"""The divergence between Laplace distributions, by Arb's bisection between the kinks.

On each side of its two kinks the integrand is entire, so the pieces are cut there. In `t = (z - mean_q) / scale_q`,
`|log(q / p)| <= c0 + c1 |t|`, and what lies beyond `|t| = R` is at most `exp(-R) (c0 + c1 (R + 1))`.
"""

import itertools
import math

from flint import acb, arb, fmpq

from elbo_ref.certified.ball import Enclosure, Number, enclose, positive, rational
from elbo_ref.certified.trapezoid import integral, log_of


def kl_laplace(mean_q: Number, scale_q: Number, mean_p: Number, scale_p: Number, *, digits: int = 30) -> Enclosure:
    """An enclosure of KL(Laplace(mean_q, scale_q) || Laplace(mean_p, scale_p)), by the integral of q log(q / p).

    The density is exp(-|z - mean| / scale) / (2 scale). Scalars in, an `Enclosure` in nats out: its radius is at most
    10^-digits, or 10^-digits |value| where |value| > 1. ValueError for a scale that is not positive; PrecisionError
    if not certain.

    Theorem: kl_is_expected_log_ratio.
    """
    exact_mean_q, exact_scale_q = rational("mean_q", mean_q), positive("scale_q", scale_q)
    # In t = (z - mean_q) / scale_q: q is exp(-|t|) / 2, and p has its kink at `kink` and the scale `width`.
    exact_kink = (rational("mean_p", mean_p) - exact_mean_q) / exact_scale_q
    exact_width = positive("scale_p", scale_p) / exact_scale_q

    def compute(bits: int) -> arb:
        kink, width, log_width = arb(exact_kink), arb(exact_width), arb(exact_width).log()
        c0, c1 = abs(log_width) + abs(kink) / width, 1 + 1 / width
        reach = math.ceil(bits * math.log(2) + 8 + log_of(c0 + c1))
        outside = (-arb(reach)).exp() * (c0 + c1 * (reach + 1))
        total = arb(0)
        edges = sorted({fmpq(-reach), fmpq(0), fmpq(reach)} | ({exact_kink} if abs(exact_kink) < reach else set()))
        for left, right in itertools.pairwise(edges):
            side_q = 1 if left >= 0 else -1  # |t| = side_q t on this piece, and |t - kink| = side_p (t - kink)
            side_p = 1 if left >= exact_kink else -1

            def integrand(t: acb, _: bool, side_q: int = side_q, side_p: int = side_p) -> acb:
                away = side_q * t
                return (-away).exp() / 2 * (log_width - away + side_p * (t - kink) / width)

            total += integral(integrand, [arb(left), arb(right)], bits)
        return total + arb(0, outside)

    return enclose(compute, digits)
