"""Arrays of any library through the loops over rows, where there are any."""

import warnings
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from elbo_ref._core.arrays import Array, Namespace, is_torch, narrow
from elbo_ref._core.threads import team_for


@cache
def can_fuse() -> bool:
    """Whether there are loops. That numba is there is not enough: it refuses a NumPy that is newer than itself."""
    if find_spec("numba") is None:
        return False
    try:
        import_module("elbo_ref._core.loops.rows")
    except ImportError as error:
        warnings.warn(f"large float32 arrays take the slower way, as numba cannot be imported: {error}", stacklevel=2)
        return False
    return True


def value(name: str, xp: Namespace, dtype: Any, arrays: Sequence[Array]) -> Array:
    """The sums of the loop of this name; NaN where an argument is outside the domain."""
    from elbo_ref._core.loops import rows

    value = rows.value(name, team_for(arrays[0]), [as_float32(x) for x in arrays])
    if is_torch(arrays[0]):
        # torch would wake its threads for the conversion, and they would be in the way of the next loop
        with np.errstate(over="ignore"):
            value = xp.from_numpy(value.astype(np.float32) if dtype == xp.float32 else value)
    return narrow(xp, value, dtype)


def gradients(name: str, xp: Namespace, g: Array, arrays: Sequence[Array]) -> list[Array]:
    """The product of `g` with the derivatives by tensors of one shape, found in float32."""
    from elbo_ref._core.loops import rows

    found = rows.vjp(name, team_for(g), as_float32(g), [as_float32(x) for x in arrays])
    return [narrow(xp, xp.from_numpy(by_x), x.dtype) for by_x, x in zip(found, arrays, strict=True)]


def as_float32(x: Array) -> np.ndarray:
    """The memory of an array on the CPU, converted if it is narrower."""
    if is_torch(x):
        x = x.float().numpy(force=True)
    return np.asarray(x, dtype=np.float32)
