"""What functions ask of the shapes of their arguments: refused by name, with the shape that was given."""

import math
import operator
from typing import Any

from elbo_ref._core.arrays import Array, Namespace, dtype_name, namespace


def has_axes(name: str, x: Array, axes: int, *, nonempty: bool = False) -> None:
    """Refuse arrays with fewer than `axes` axes or, if `nonempty`, with no entries along the last `axes` of them."""
    if x.ndim < axes:
        count = "1 axis" if axes == 1 else f"{axes} axes"
        raise ValueError(f"{name} must have at least {count}, got shape {tuple(x.shape)}")
    if nonempty and 0 in x.shape[-axes:]:
        raise ValueError(f"{name} must not be empty, got shape {tuple(x.shape)}")


def rows_of(**arguments: Array) -> None:
    """Refuse shapes that do not broadcast, or have no axis to sum over."""
    broadcastable(**arguments)
    if all(x.ndim == 0 for x in arguments.values()):
        raise ValueError(f"one of {', '.join(arguments)} must have at least 1 axis, got only numbers")


def square(name: str, x: Array) -> None:
    """Refuse what is not a stack of square matrices."""
    has_axes(name, x, 2, nonempty=True)
    if x.shape[-1] != x.shape[-2]:
        raise ValueError(f"{name} must be square in its last two axes, got shape {tuple(x.shape)}")


def integer(name: str, x: Any, least: int | None = None) -> int:
    """An integer of any library, or refuse it: truth values are none, nor is what is known only when it is computed."""
    if type(x) is int:
        value = x
    else:
        try:
            if isinstance(x, bool) or dtype_name(getattr(x, "dtype", "")) == "bool":
                raise TypeError
            value = operator.index(x)
        except TypeError:
            way_on = f": {name} is static, see static_argnames of jax.jit" if "Tracer" in type(x).__name__ else ""
            raise TypeError(f"{name} must be an integer, got {x!r}{way_on}") from None
    if least is not None and value < least:
        raise ValueError(f"{name} must be an integer, at least {least}, got {value}")
    return value


def sample_axis(name: str, x: Array, axis: int, least: int) -> int:
    """Return the size of the sample axis, or refuse an axis that is missing or too short."""
    has_axes(name, x, 1)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"axis (or dim) must be an axis of {name} of shape {tuple(x.shape)}, got {axis}")
    size = int(x.shape[axis])
    if size < least:
        raise ValueError(f"{name} must hold at least {least} sample{'s' * (least > 1)} along axis {axis}, got {size}")
    return size


def axis_or_dim(axis: int | None, dim: int | None) -> int:
    """The sample axis by either of its names; the first one if by none."""
    if axis is not None and dim is not None:
        raise ValueError(f"axis and dim are two names of one argument, got axis {axis} and dim {dim}: pass one of them")
    return 0 if axis is dim is None else integer("axis", axis) if axis is not None else integer("dim", dim)


def vectors_and_matrices(xp: Namespace, **arguments: Array) -> list[Array]:
    """Broadcast the batches of vectors (..., D) and matrices (..., D, D), given in turn, or refuse what does not fit."""
    names, arrays = list(arguments), list(arguments.values())
    size = arrays[1].shape[-1]
    cores = [(size,), (size, size)] * (len(arrays) // 2)
    for name, x, core in zip(names, arrays, cores, strict=True):
        has_axes(name, x, len(core))
        if tuple(x.shape[-len(core) :]) != core:
            last = "a last axis" if len(core) == 1 else "last axes"
            raise ValueError(f"{name} must have {last} of length {size} like {names[1]}, got shape {tuple(x.shape)}")
    batches = [x[(..., *(0,) * len(core))] for x, core in zip(arrays, cores, strict=True)]
    batch = broadcastable(**{f"the batch of {name}": x for name, x in zip(names, batches, strict=True)})
    return [xp.broadcast_to(x, (*batch, *core)) for x, core in zip(arrays, cores, strict=True)]


def broadcastable(**arguments: Array) -> tuple[int, ...]:
    """Return the common shape, or refuse shapes that have none."""
    first, *others = (tuple(x.shape) for x in arguments.values())
    if all(shape == first for shape in others):
        return first
    common: tuple[int, ...] = ()
    names: list[str] = []
    for name, x in arguments.items():
        common = _broadcast(common, tuple(x.shape), name, names)
        names.append(name)
    return common


def _broadcast(common: tuple[int, ...], shape: tuple[int, ...], name: str, names: list[str]) -> tuple[int, ...]:
    ndim = max(len(common), len(shape))
    left = (1,) * (ndim - len(common)) + common
    right = (1,) * (ndim - len(shape)) + shape
    if any(a != b and 1 not in (a, b) for a, b in zip(left, right, strict=True)):
        raise ValueError(f"{name} must broadcast with {', '.join(names)} of shape {common}, got shape {shape}")
    return tuple(b if a == 1 else a for a, b in zip(left, right, strict=True))


def within(name: str, x: Array, shape: tuple[int, ...]) -> None:
    """Refuse an array that would enlarge what it is broadcast against."""
    missing = len(shape) - x.ndim
    if missing < 0 or any(n not in (1, m) for n, m in zip(x.shape, shape[max(missing, 0) :], strict=True)):
        raise ValueError(f"{name} must be a number or broadcast to the shape {shape}, got shape {tuple(x.shape)}")


def same_shape(**arguments: Array) -> tuple[int, ...]:
    """Return the shape that all arguments have, or refuse them."""
    (first_name, first), *others = arguments.items()
    for name, x in others:
        if x.shape != first.shape:
            raise ValueError(f"{name} must have the shape of {first_name}, {tuple(first.shape)}, got {tuple(x.shape)}")
    return tuple(first.shape)


def components(rows: str, **arguments: Array) -> None:
    """Refuse means, named first, that are no table of some `rows` and columns, and what has another shape than they."""
    name, mean = next(iter(arguments.items()))
    if mean.ndim != 2 or 0 in mean.shape:
        raise ValueError(f"{name} must have shape ({rows}, D) with {rows}, D > 0, got {tuple(mean.shape)}")
    same_shape(**arguments)


def one_alphabet(**arguments: Array) -> None:
    """Refuse tables that do not broadcast, or whose last axes differ in length."""
    for name, x in arguments.items():
        has_axes(name, x, 1, nonempty=True)
    broadcastable(**arguments)
    same_last_axis(**arguments)


def pixels(**arguments: Array) -> None:
    """Refuse data and parameters of a decoder, named in this order, with no axis or different last axes, and further
    parameters that would enlarge them.
    """
    (name, x), second, *others = arguments.items()
    has_axes(name, x, 1)
    same_last_axis(**dict([(name, x), second]))
    shape = broadcastable(**dict([(name, x), second]))
    for other, parameter in others:
        within(other, parameter, shape)


def same_last_axis(**arguments: Array) -> None:
    """Refuse arrays whose last axes differ in length: broadcasting an alphabet is always a mistake."""
    _same_last_axes(1, arguments)


def _same_last_axes(count: int, arguments: dict[str, Array]) -> None:
    (first_name, first), *others = arguments.items()
    for name, x in others:
        if tuple(x.shape[-count:]) != tuple(first.shape[-count:]):
            last = "last axis" if count == 1 else f"last {count} axes"
            raise ValueError(
                f"{name} must have the {last} of {first_name}, of shape {tuple(first.shape)}, got {tuple(x.shape)}"
            )


def last_axes_as_one(x: Array, shape: tuple[int, ...], kept: int = 1) -> Array:
    """`x` with its last axes, which broadcast to `shape`, as one axis, but for the last `kept` - 1 of them; a number for all of it
    stays one.
    """
    count = len(shape)
    if getattr(x, "ndim", 0) == 0 or count == kept:
        return x
    leading = tuple(x.shape[: max(0, x.ndim - count)])
    last = tuple(x.shape[len(leading) :])
    if last != shape and math.prod(last) != 1:
        x, last = namespace(x).broadcast_to(x, (*leading, *shape)), shape
    pixels, rest = last[: len(last) - kept + 1], last[len(last) - kept + 1 :]
    return x.reshape(*leading, math.prod(pixels), *rest)


def images_as_rows(axes: int, *, classes: int = 0, **arrays: Array) -> tuple[Array, ...]:
    """Data, output and parameters of a decoder, named in this order, whose last `axes` axes are the pixels of one example, with one
    axis of them; after them there may be one of classes.
    """
    axes = integer("pixel_axes", axes, 1)
    if axes == 1 or not all(hasattr(x, "ndim") for x in list(arrays.values())[:2]):
        return tuple(arrays.values())
    (name, x), output, *parameters = arrays.items()
    has_axes(name, x, axes + classes)
    _same_last_axes(axes + classes, dict([(name, x), output]))
    shape = tuple(x.shape[-axes - classes :])
    for parameter, y in parameters:
        if hasattr(y, "ndim"):
            within(parameter, y[(0,) * max(0, y.ndim - axes)], shape)
    return tuple([last_axes_as_one(y, shape, 1 + classes) for y in arrays.values()])


def same_batch(**arguments: Array) -> None:
    """Refuse vectors whose axes before the last one differ."""
    (first_name, first), *others = arguments.items()
    has_axes(first_name, first, 1)
    for name, x in others:
        has_axes(name, x, 1)
        if x.shape[:-1] != first.shape[:-1]:
            raise ValueError(
                f"{name} must have the batch axes of {first_name}, of shape {tuple(first.shape)}, got {tuple(x.shape)}: "
                "all axes after those of mean but its last are one example, and one without a batch is a row: "
                f"give a batch axis, as {first_name}[None], or flatten what is one example"
            )
