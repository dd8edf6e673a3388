"""ELBO surgery of a few Gaussian encoders of one latent, certified.

The average divergence is the trapezoid rule on each encoder (`models`), the marginal divergence the bisection for
mixtures (`mixtures`), with their bounds. The mutual information is their difference and log N - I what is left of
log N, so the radii add. A function of N pieces of N components each: meant for tens of encoders.
"""

import functools
from collections.abc import Sequence
from typing import NamedTuple

from flint import arb, fmpq

from elbo_ref.certified.ball import Enclosure, Number, enclose, positive, rational
from elbo_ref.certified.mixtures import mean_log_ratio
from elbo_ref.certified.models import divergence


class Surgery(NamedTuple):
    """ELBO surgery of N encoders, in nats: average_kl = marginal_kl + mutual_information."""

    average_kl: Enclosure
    """(1 / N) sum_n KL(q(z | n) || p(z))."""
    marginal_kl: Enclosure
    """KL(q(z) || p(z)) of the aggregate q(z) = (1 / N) sum_n q(z | n)."""
    mutual_information: Enclosure
    """I(n; z), at most log N."""
    conditional_entropy: Enclosure
    """H(n | z) = log N - I(n; z)."""


def elbo_surgery(
    means: Sequence[Number],
    variances: Sequence[Number],
    mean_prior: Number = 0,
    var_prior: Number = 1,
    *,
    digits: int = 15,
) -> Surgery:
    """Enclosures of the terms of ELBO surgery, q(z | n) = N(means[n], variances[n]), p(z) = N(mean_prior, var_prior).

    Sequences of one length N >= 1 in, a `Surgery` of enclosures in nats out: each radius is at most 10^-digits, or
    10^-digits |value| where |value| > 1. ValueError for lengths that differ, a variance that is not positive or an
    input that is not finite; PrecisionError if not certain.

    Theorem: surgery_equal_weights.
    """
    if not len(means) == len(variances) >= 1:
        raise ValueError(
            "means and variances must have one and the same length of at least 1, "
            f"got {len(means)} and {len(variances)}"
        )
    encoders = [
        (rational(f"means[{n}]", mean), positive(f"variances[{n}]", var))
        for n, (mean, var) in enumerate(zip(means, variances, strict=True))
    ]
    prior = rational("mean_prior", mean_prior), positive("var_prior", var_prior)
    count = len(encoders)

    @functools.cache
    def average(bits: int) -> arb:
        return sum((divergence(encoder, prior, bits) for encoder in encoders), start=arb(0)) / count

    @functools.cache
    def marginal(bits: int) -> arb:
        aggregate = [(fmpq(1, count), *encoder) for encoder in encoders]
        return mean_log_ratio(aggregate, [(fmpq(1), *prior)], bits)

    return Surgery(
        enclose(average, digits),
        enclose(marginal, digits),
        enclose(lambda bits: average(bits) - marginal(bits), digits),
        enclose(lambda bits: arb(count).log() - average(bits) + marginal(bits), digits),
    )
