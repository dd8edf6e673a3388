"""What functions ask of the values of their arguments.

Each check takes the name of the argument, so that the error can say which one is wrong, the array, and whether to look at
it, and returns the array to go on with. Without a look (under `torch.compile`, `vmap` and `jit`, and wherever the result is
looked at instead) nothing is raised: what is outside the domain becomes NaN, which every formula hands through to its result.
"""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from elbo_ref._core.arrays import Array, Namespace, constant, device, is_torch, looks, namespace, nothing_but, widen
from elbo_ref._core.shapes import has_axes, square
from elbo_ref._core.special import plus_product

Check: TypeAlias = Callable[[str, Array, bool], Array]


def require(name: str, x: Array, holds: Array, requirement: str, look: bool = True) -> Array:
    """Return `x` if it `holds`; otherwise raise with the first offender, or put NaN there without a look."""
    xp = namespace(x)
    if not look:
        return or_nan(xp, x, holds)
    if bool(xp.all(holds)):
        return x
    bad = xp.reshape(xp.astype(xp.logical_not(holds), xp.int8), (-1,))
    where = int(xp.argmax(bad))
    index = _unravel(where, x.shape)
    at = f" at index {index}" if x.ndim else ""
    raise ValueError(f"{name} must be {requirement}, got {_value(x[index])!r}{at}")


def _value(x: Array) -> float:
    return float(x.detach() if is_torch(x) else x)


def or_nan(xp: Namespace, x: Array, holds: Array) -> Array:
    """`x` where it `holds`, NaN elsewhere."""
    return xp.where(holds, x, math.nan) if is_torch(x) else xp.where(holds, x, xp.asarray(math.nan, dtype=x.dtype))


def _unravel(position: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index = []
    for n in reversed(shape):
        position, i = divmod(position, n)
        index.append(i)
    return tuple(reversed(index))


def as_it_is(name: str, x: Array, look: bool = True) -> Array:
    """Refuse nothing: this has been looked at, or must not be."""
    return x


def finite(name: str, x: Array, look: bool = True) -> Array:
    """Refuse NaN and infinities."""
    if not look and is_torch(x):
        return x + constant(x - x)  # NaN where it is not finite: fewer steps than to ask
    return require(name, x, namespace(x).isfinite(x), "finite", look)


def positive(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is not a finite number greater than zero."""
    return require(name, x, _between(x, x > 0), "finite and > 0", look)


def nonnegative(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is not a finite number >= 0."""
    return require(name, x, _between(x, x >= 0), "finite and >= 0", look)


def unit_interval(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is not in [0, 1]."""
    return require(name, x, namespace(x).logical_and(x >= 0, x <= 1), "in [0, 1]", look)


def grey(name: str, x: Array, look: bool = True) -> Array:
    """The same for what may be pixels as bytes."""
    return require(name, x, namespace(x).logical_and(x >= 0, x <= 1), "in [0, 1] (divide bytes by 255)", look)


def inside_unit_interval(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is not between 0 and 1, or is one of them."""
    return require(name, x, namespace(x).logical_and(x > 0, x < 1), "between 0 and 1", look)


def probability(name: str, x: Array, look: bool = True) -> Array:
    """The same for what may have been meant as a logit."""
    holds = namespace(x).logical_and(x >= 0, x <= 1)
    return require(name, x, holds, "in [0, 1] (for log odds or log probabilities take the function of logits)", look)


def _between(x: Array, above: Array) -> Array:
    return namespace(x).logical_and(above, x < math.inf)


def binary(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is neither 0 nor 1."""
    way_on = "0 or 1 (for grey values, which are bytes divided by 255, take the continuous Bernoulli likelihood)"
    off = plus_product(x, x, x, -1.0)
    if not look and is_torch(x):
        return x if nothing_but(0.0, off) else x.masked_fill(off != 0, math.nan)
    return require(name, x, off == 0, way_on, look)


def simplex(name: str, x: Array, look: bool = True, *, axes: int = 1, dtype: Any = None) -> Array:
    """Refuse what is not a probability table over its last `axes` axes: entries >= 0, sum 1 up to rounding to `dtype`, its own if
    it came in no narrower one.
    """
    xp = namespace(x)
    has_axes(name, x, axes, nonempty=True)
    x = probability(name, x, look)
    total = xp.sum(widen(xp, x), axis=tuple(range(-axes, 0)), keepdims=True)
    tolerance = rounding(xp, dtype or x.dtype, math.prod(x.shape[-axes:]))
    near_one = xp.abs(total - 1) <= tolerance
    if not look:
        return or_nan(xp, x, near_one)
    total, near_one = (xp.reshape(t, x.shape[:-axes]) for t in (total, near_one))
    over = "its last axis" if axes == 1 else f"its last {axes} axes"
    require(f"the sum of {name} over {over}", total, near_one, f"1 within {tolerance:.1e}")
    return x


def rounding(xp: Namespace, dtype: Any, entries: int) -> float:
    """How far the sum of rounded probabilities may be from 1.

    Rounding every entry moves the sum by at most eps / 2 and, of those below the normal floats, half the smallest number for
    each; the sum that once normalised them by some sqrt(entries) eps. No library sums 16-bit floats as such.
    """
    limits = xp.finfo(dtype)
    eps, least = float(limits.eps), float(limits.smallest_normal) * float(limits.eps)
    growth = 4.0 if float(limits.bits) == 16 else 16 + math.sqrt(entries)
    return growth * eps + entries * least / 2


def below_infinity(name: str, x: Array, look: bool = True) -> Array:
    """Refuse NaN and +inf."""
    return require(name, x, x < math.inf, "a number below inf", look)


def logits(name: str, x: Array, look: bool = True) -> Array:
    """Refuse unnormalised log probabilities that hold NaN or +inf, or nothing but -inf, along the last axis."""
    xp = namespace(x)
    has_axes(name, x, 1, nonempty=True)
    x = below_infinity(name, x, look)
    largest = xp.max(x, axis=-1, keepdims=True)
    if not look:
        return or_nan(xp, x, largest > -math.inf)
    require(f"the largest of {name} over its last axis", largest[..., 0], largest[..., 0] > -math.inf, "finite")
    return x


def triangular(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is not lower triangular with a finite, positive diagonal."""
    xp = namespace(x)
    square(name, x)
    x = finite(name, x, look)
    row = xp.arange(x.shape[-1], device=device(x))
    above, on = row[:, None] < row[None, :], row[:, None] == row[None, :]
    holds = xp.where(above, x == 0, xp.where(on, x > 0, xp.ones_like(x, dtype=xp.bool)))
    return require(name, x, holds, "lower triangular with a positive diagonal", look)


def symmetric(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is not symmetric up to rounding, and return it exactly symmetric."""
    xp = namespace(x)
    square(name, x)
    x = finite(name, x, look)
    transposed = xp.matrix_transpose(x)
    tolerance = 64 * float(xp.finfo(x.dtype).eps) * xp.max(xp.abs(x), axis=(-2, -1), keepdims=True)
    x = require(name, x, xp.abs(x - transposed) <= tolerance, "symmetric", look)
    return x / 2 + xp.matrix_transpose(x) / 2


def cholesky(name: str, x: Array) -> Array:
    """Return the lower Cholesky factors of symmetric matrices, or refuse those that are not positive definite."""
    xp, look = namespace(x), looks(x)
    if is_torch(x):
        from elbo_ref._core import tensors

        factor, holds = tensors.cholesky(x)
        if not look:
            return or_nan(xp, factor, holds)
        if bool(xp.all(holds)):
            return factor
    else:
        try:
            factor = xp.linalg.cholesky(x)
            if not look or bool(xp.all(xp.isfinite(factor))):  # JAX does not raise
                return factor
        except np.linalg.LinAlgError:
            pass
    least = xp.min(xp.linalg.eigvalsh(x))
    raise ValueError(f"{name} must be positive definite, got the smallest eigenvalue {_value(least)!r}")


def finite_number(name: str, x: object, least: float = -math.inf) -> float:
    """A Python number, which is known before anything is computed, or refuse it."""
    if isinstance(x, bool) or not isinstance(x, int | float) or not least <= x < math.inf or x == -math.inf:
        bound = "" if least == -math.inf else f", at least {least:g}"
        way_on = f": pass {name}.item()" if hasattr(x, "item") else ""
        raise ValueError(f"{name} must be a finite Python number{bound}, got {x!r}{way_on}")
    return float(x)


def choice(name: str, value: object, *allowed: str) -> None:
    """Refuse an option that is none of those allowed."""
    if not isinstance(value, str) or value not in allowed:  # an array of one text is equal to it
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")
