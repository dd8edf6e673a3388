"""From the arguments of a function to arrays of one library that have been looked at."""

from typing import Any

from elbo_ref._core.arrays import Array, gather, widen
from elbo_ref._core.checks import Check
from elbo_ref._core.shapes import broadcastable


def checked(**arguments: tuple[Check, Array]) -> tuple[Any, ...]:
    """Return the namespace, the dtype of the result, and the arguments, each given as `name=(check, value)`."""
    xp, *values = gather(**{name: value for name, (_, value) in arguments.items()})
    pairs = zip(arguments.items(), values, strict=True)
    return xp, values[0].dtype, *(check(name, x) for (name, (check, _)), x in pairs)


def checked_elementwise(**arguments: tuple[Check, Array]) -> tuple[Any, ...]:
    """The same for arguments whose shapes must broadcast."""
    xp, dtype, *values = checked(**arguments)
    broadcastable(**dict(zip(arguments, values, strict=True)))
    return xp, dtype, *values


def gathered_elementwise(**arguments: Array) -> tuple[Any, ...]:
    """The same without a look at the values, for `Formula.checked`."""
    xp, *values = gather(**arguments)
    broadcastable(**dict(zip(arguments, values, strict=True)))
    return xp, values[0].dtype, *values


def prepare(**arguments: tuple[Check, Array]) -> tuple[Any, ...]:
    """Like `checked`, with the arguments in the precision to compute with."""
    xp, dtype, *values = checked(**arguments)
    return xp, dtype, *(widen(xp, x) for x in values)


def prepare_elementwise(**arguments: tuple[Check, Array]) -> tuple[Any, ...]:
    """Like `checked_elementwise`, with the arguments in the precision to compute with."""
    xp, dtype, *values = checked_elementwise(**arguments)
    return xp, dtype, *(widen(xp, x) for x in values)
