"""What functions ask of the values of their arguments before any formula.

Each check takes the name of the argument, so that the error can say which one is wrong, and returns the array to go on
with. Where values cannot be read (under `torch.compile`, `vmap`, `jit`, or on lazy arrays) nothing can be raised: there
the check replaces what is outside the domain by NaN, which every formula hands through to its result.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from elbo_ref._core.arrays import Array, device, is_torch, namespace, readable, widen
from elbo_ref._core.shapes import has_axes, square

Check: TypeAlias = Callable[[str, Array], Array]


def require(name: str, x: Array, holds: Array, requirement: str) -> Array:
    """Return `x` if it `holds`; otherwise raise with the first offender, or put NaN where nothing can be raised."""
    xp = namespace(x)
    if not readable(x):
        return xp.where(holds, x, xp.asarray(math.nan, dtype=x.dtype, device=device(x)))
    if bool(xp.all(holds)):
        return x
    bad = xp.reshape(xp.astype(xp.logical_not(holds), xp.int8), (-1,))
    where = int(xp.argmax(bad))
    index = _unravel(where, x.shape)
    at = f" at index {index}" if x.ndim else ""
    raise ValueError(f"{name} must be {requirement}, got {_value(x[index])!r}{at}")


def _value(x: Array) -> float:
    return float(x.detach() if is_torch(x) else x)


def _unravel(position: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for n in reversed(shape):
        position, i = divmod(position, n)
        index.append(i)
    return tuple(reversed(index))


def _within(x: Array, low: float, high: float, *, open_low: bool = False) -> bool:
    """Whether every value lies in [low, high], or (low, high], by reductions that build no array. NaN lies nowhere."""
    if 0 in x.shape:
        return True
    xp = namespace(x)
    least, greatest = (_value(end) for end in (x.aminmax() if is_torch(x) else (xp.min(x), xp.max(x))))
    return (least > low if open_low else least >= low) and greatest <= high


def finite(name: str, x: Array) -> Array:
    """Refuse NaN and infinities."""
    xp = namespace(x)
    largest = float(xp.finfo(x.dtype).max)
    if readable(x) and _within(x, -largest, largest):
        return x
    return require(name, x, xp.isfinite(x), "finite")


def positive(name: str, x: Array) -> Array:
    """Refuse what is not a finite number greater than zero."""
    xp = namespace(x)
    if readable(x) and _within(x, 0.0, float(xp.finfo(x.dtype).max), open_low=True):
        return x
    return require(name, x, xp.logical_and(x > 0, xp.isfinite(x)), "finite and > 0")


def unit_interval(name: str, x: Array) -> Array:
    """Refuse what is not in [0, 1]."""
    xp = namespace(x)
    if readable(x) and _within(x, 0.0, 1.0):
        return x
    return require(name, x, xp.logical_and(x >= 0, x <= 1), "in [0, 1]")


def nonnegative(name: str, x: Array) -> Array:
    """Refuse what is not a finite number >= 0."""
    xp = namespace(x)
    if readable(x) and _within(x, 0.0, float(xp.finfo(x.dtype).max)):
        return x
    return require(name, x, xp.logical_and(x >= 0, xp.isfinite(x)), "finite and >= 0")


def member(name: str, x: Array, *values: float) -> Array:
    """Refuse what is none of `values`."""
    xp = namespace(x)
    holds = x == values[0]
    for value in values[1:]:
        holds = xp.logical_or(holds, x == value)
    return require(name, x, holds, " or ".join(f"{value:g}" for value in values))


def binary(name: str, x: Array) -> Array:
    """Refuse what is neither 0 nor 1."""
    return member(name, x, 0.0, 1.0)


def simplex(name: str, x: Array, *, axes: int = 1) -> Array:
    """Refuse what is not a probability table over its last `axes` axes: entries >= 0, sum 1 up to rounding."""
    xp = namespace(x)
    has_axes(name, x, axes, nonempty=True)
    x = unit_interval(name, x)
    axis = tuple(range(-axes, 0))
    total = xp.sum(widen(xp, x), axis=axis, keepdims=True)
    entries = math.prod(x.shape[-axes:])
    # Rounding every entry moves the sum by at most eps / 2; the sum that once normalised them by some sqrt(entries) eps.
    tolerance = (16 + math.sqrt(entries)) * float(xp.finfo(x.dtype).eps)
    near_one = xp.abs(total - 1) <= tolerance
    if not readable(x):
        return xp.where(near_one, x, xp.asarray(math.nan, dtype=x.dtype, device=device(x)))
    total = xp.reshape(total, x.shape[:-axes])
    over = "its last axis" if axes == 1 else f"its last {axes} axes"
    require(f"the sum of {name} over {over}", total, xp.abs(total - 1) <= tolerance, f"1 within {tolerance:.1e}")
    return x


def below_infinity(name: str, x: Array) -> Array:
    """Refuse NaN and +inf."""
    return require(name, x, x < math.inf, "a number below inf")


def logits(name: str, x: Array) -> Array:
    """Refuse unnormalised log probabilities that hold NaN or +inf, or nothing but -inf, along the last axis."""
    xp = namespace(x)
    has_axes(name, x, 1, nonempty=True)
    x = below_infinity(name, x)
    largest = xp.max(x, axis=-1, keepdims=True)
    if readable(x):
        require(f"the largest of {name} over its last axis", largest[..., 0], largest[..., 0] > -math.inf, "finite")
        return x
    return xp.where(largest > -math.inf, x, xp.asarray(math.nan, dtype=x.dtype, device=device(x)))


def triangular(name: str, x: Array) -> Array:
    """Refuse what is not lower triangular with a finite, positive diagonal."""
    xp = namespace(x)
    square(name, x)
    x = finite(name, x)
    row = xp.arange(x.shape[-1], device=device(x))
    above, on = row[:, None] < row[None, :], row[:, None] == row[None, :]
    holds = xp.where(above, x == 0, xp.where(on, x > 0, xp.ones_like(x, dtype=xp.bool)))
    return require(name, x, holds, "lower triangular with a positive diagonal")


def symmetric(name: str, x: Array) -> Array:
    """Refuse what is not symmetric up to rounding, and return it exactly symmetric."""
    xp = namespace(x)
    square(name, x)
    x = finite(name, x)
    transposed = xp.matrix_transpose(x)
    tolerance = 64 * float(xp.finfo(x.dtype).eps) * xp.max(xp.abs(x), axis=(-2, -1), keepdims=True)
    x = require(name, x, xp.abs(x - transposed) <= tolerance, "symmetric")
    return x / 2 + xp.matrix_transpose(x) / 2


def cholesky(name: str, x: Array) -> Array:
    """Return the lower Cholesky factors of symmetric matrices, or refuse those that are not positive definite."""
    xp = namespace(x)
    if is_torch(x):
        from elbo_ref._core import tensors

        factor, holds = tensors.cholesky(x)
        if not readable(x):
            return xp.where(holds, factor, math.nan)
        if bool(xp.all(holds)):
            return factor
    else:
        try:
            return xp.linalg.cholesky(x)
        except np.linalg.LinAlgError:
            pass
    least = xp.min(xp.linalg.eigvalsh(x))
    raise ValueError(f"{name} must be positive definite, got the smallest eigenvalue {_value(least)!r}")


def choice(name: str, value: object, *allowed: str) -> None:
    """Refuse an option that is none of those allowed."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
