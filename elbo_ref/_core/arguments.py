"""From the arguments of a function to arrays of one library that have been looked at."""

from typing import Any

from elbo_ref._core.arrays import Array, gather, looks, widen
from elbo_ref._core.checks import Check
from elbo_ref._core.shapes import broadcastable


def prepare(**arguments: tuple[Check, Array]) -> tuple[Any, ...]:
    """Return the namespace, the dtype of the result, and the arguments, each given as `name=(check, value)`, in the precision
    to compute with.
    """
    xp, *values = gather(**{name: value for name, (_, value) in arguments.items()})
    look = looks(*values)
    pairs = zip(arguments.items(), values, strict=True)
    return xp, values[0].dtype, *(widen(xp, check(name, x, look)) for (name, (check, _)), x in pairs)


def prepare_elementwise(**arguments: tuple[Check, Array]) -> tuple[Any, ...]:
    """The same for arguments whose shapes must broadcast."""
    xp, dtype, *values = prepare(**arguments)
    broadcastable(**dict(zip(arguments, values, strict=True)))
    return xp, dtype, *values
