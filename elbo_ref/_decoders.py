"""What a decoder puts out, and how likely data are under it."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from elbo_ref import _gaussian, _logistic, _logits
from elbo_ref._core.arrays import Array, Namespace
from elbo_ref._core.formula import Formula
from elbo_ref._core.records import Record
from elbo_ref._core.special import HALF_LOG_TWO_PI
from elbo_ref._core.spread import std_of


class Decoder(Record):
    """`log_likelihood(xp, x, output, *parameters)`, summed over the last axis of pixels; parameters broadcast with the output.

    Where the parameters are numbers, it is `from_sums(xp, d, sums, *parameters)` of the sums over d pixels. The `loop` over rows
    finds the whole loss by `numbers(d, *parameters)`, if there are any, of which the derivative of its negative is
    `by_output(xp, g, x, output, *numbers)`.
    """

    log_likelihood: Callable[..., Array]
    sums: Formula | None = None
    from_sums: Callable[..., Array] | None = None
    loop: str = ""
    numbers: Callable[..., tuple[float, ...] | None] | None = None
    by_output: Callable[..., Array] | None = None
    classes: int = 0  # axes of x and the output after that of the pixels
    hidden: tuple[str, ...] = ()  # the output, if the likelihood may be finite where it is not


def _error_log_likelihood(xp: Namespace, x: Array, mean_x: Array) -> Array:
    """log N(x; mean_x, var) with the var that is best for all of them: their mean squared error."""
    squares = (x - mean_x) * (x - mean_x)
    var = xp.mean(squares)
    none = var == 0
    spread = squares / xp.where(none, 1.0, var)
    return -xp.sum(spread / 2 + xp.log(var) / 2 + HALF_LOG_TWO_PI, axis=-1)


def _gaussian_from_squares(kind: str, xp: Namespace, d: int, squares: Array, noise: Array) -> Array:
    # Twice by the inverse of the std, as that of the variance leaves the range of float64 before the density does.
    inverse = xp.exp(-noise / 2) if kind == "logvar" else 1 / std_of(xp, kind, noise)
    return squares * inverse * (inverse * -0.5) - d * (_gaussian.log_std(kind, xp, noise) + HALF_LOG_TWO_PI)


def _gaussian_numbers(kind: str, d: int, noise: Any) -> tuple[float, float] | None:
    """Half the inverse variance, and what does not depend on the pixels; None where the noise is no number, or a wild one."""
    is_number = isinstance(noise, float) or type(noise) is int
    if not is_number or not abs(noise) < 1e100 or not (kind == "logvar" or noise > 1e-100):
        return None
    log_std = _gaussian.log_std(kind, math, noise)
    return (math.exp(-2 * log_std) / 2, d * (log_std + HALF_LOG_TWO_PI)) if abs(log_std) < 300 else None


def _error_from_squares(xp: Namespace, d: int, squares: Array) -> Array:
    var = xp.mean(squares) / d
    return squares * (-0.5 / xp.where(var == 0, 1.0, var)) - d * (xp.log(var) / 2 + HALF_LOG_TWO_PI)


def _bernoulli_from_surprise(xp: Namespace, d: int, surprise: Array) -> Array:
    return -surprise


BERNOULLI = Decoder(
    log_likelihood=_logits.log_likelihood_of_bits,
    sums=_logits.surprise,
    from_sums=_bernoulli_from_surprise,
    loop="negative_elbo_bernoulli",
    numbers=lambda d: (),
    by_output=lambda xp, g, x, logits_x: -_logits.by_logits_of_bits(xp, g, x, logits_x),
)
CONTINUOUS_BERNOULLI = Decoder(log_likelihood=_logits.log_likelihood_of_greys)
CATEGORICAL = Decoder(log_likelihood=_logits.log_likelihood_of_labels, classes=1, hidden=("logits_x",))
GAUSSIAN = {
    kind: Decoder(
        log_likelihood=_gaussian.summed(density),
        sums=_gaussian.squares,
        from_sums=partial(_gaussian_from_squares, kind),
        loop="negative_elbo_gaussian",
        numbers=partial(_gaussian_numbers, kind),
        by_output=lambda xp, g, x, mean_x, half, _: 2 * half * g[..., None] * (mean_x - x),
    )
    for kind, density in _gaussian.DENSITIES.items()
}
DISCRETIZED_LOGISTIC = Decoder(log_likelihood=_logistic.log_likelihood_of_levels, hidden=("mean_x",))
ERROR = Decoder(log_likelihood=_error_log_likelihood, sums=_gaussian.squares, from_sums=_error_from_squares)
