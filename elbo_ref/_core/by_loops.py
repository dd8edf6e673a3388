"""The way through compiled loops over rows, where numba is installed.

The common call of a training loop is that of a few contiguous float32 tensors on a CPU, with nothing else going on. A door
asks for just that; what passes goes to the loop by its addresses. Everything else goes through the bodies of `Formula`, which
come back here with arrays that first have to be brought in order.
"""

import math
import sys
import warnings
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from operator import attrgetter, methodcaller
from typing import Any, NamedTuple

import numpy as np

from elbo_ref._core.arrays import Array, dtype_name, is_torch, on_cpu
from elbo_ref._core.threads import share, team_for

SMALL = 2**17  # numbers that one thread does before others would wake up
_CALLS = 10  # on small arrays before the loops are loaded, which takes longer than such a call without them


class _Loops:
    """Whether there are loops: not known before they are worth it."""

    loaded: bool | None = None
    calls = 0


def ready(size: int) -> bool:
    """Say whether to take a loop for this many numbers, and load the loops if it is time."""
    if _Loops.loaded is None:
        _Loops.calls += 1
        if size >= SMALL or _Loops.calls > _CALLS:
            _Loops.loaded = _load()
    return bool(_Loops.loaded)


def wake(*arrays: Any) -> bool:
    """Load the loops for what torch records: what a checkpoint computes again has to take the way that it took. Say whether there
    may be some.
    """
    if _Loops.loaded is None and any(is_torch(x) and x.requires_grad for x in arrays):
        ready(SMALL)
    return _Loops.loaded is not False


def _load() -> bool:
    if find_spec("numba") is None:
        return False
    try:
        import_module("elbo_ref._core.loops.gaussian")
        import_module("elbo_ref._core.loops.discrete")
    except ImportError as error:  # that numba is there is not enough: it refuses a NumPy that is newer than itself
        warnings.warn(f"float32 arrays take the slower way, as numba cannot be imported: {error}", stacklevel=2)
        return False
    return True


@cache
def loop(name: str) -> Callable[..., int]:
    """The loop of this name."""
    modules = (import_module(f"elbo_ref._core.loops.{subject}") for subject in ("gaussian", "discrete"))
    found: Callable[..., int] = next(getattr(module, name) for module in modules if hasattr(module, name))
    return found


def torch_side() -> Any:
    """What is there once torch is, else None."""
    found = sys.modules.get("elbo_ref._core.tensors")
    if found is None and "torch" in sys.modules:
        from elbo_ref._core import tensors as found
    return found


class Layout(NamedTuple):
    """Arrays as rows of length `d`: `rows` in the longest of them, whose shape this is, one of each row, and `counts` in each, which
    are `steps` apart, if a loop is told.
    """

    d: int
    rows: int
    size: int
    shape: tuple[int, ...]
    outer: tuple[int, ...]
    counts: tuple[int, ...]
    steps: tuple[int, ...]


@lru_cache(256)
def _layout(told: bool, *shapes: tuple[int, ...]) -> Layout | None:
    """None where a shape is not one of the last axes of the longest."""
    shape = max(shapes, key=len)
    if not shape or 0 in shape or any(not s or s != shape[len(shape) - len(s) :] for s in shapes):
        return None
    size, d = math.prod(shape), shape[-1]
    counts = tuple([math.prod(s) // d for s in shapes])
    return Layout(d, size // d, size, tuple(shape), tuple(shape[:-1]), counts, (d,) * len(shapes) * told)


_OF_STEPS = ("kl_standard_normal", "divergence", "reparameterize_logvar")
IN_STEPS = frozenset(
    name + end for name in _OF_STEPS for end in ("", "_vjp", "_64")
)  # loops that take rows that are apart


def door(dtype: str, *arrays: Any, in_steps: bool = False) -> Layout | None:
    """How these arrays go through a loop now, or None where they do not: by their type, their memory, their shapes, or because
    the loops are not there.
    """
    found = 1
    if type(arrays[0]) is np.ndarray:
        for x in arrays:
            if not (type(x) is np.ndarray and x.dtype == dtype and x.flags.c_contiguous):
                return None
    else:
        tensors = torch_side()
        if tensors is None:
            return None
        found = tensors.door(tensors.single if dtype == "float32" else tensors.double, arrays, in_steps)
        if not found:
            return None
    layout = _layout(in_steps, *[x.shape for x in arrays])
    if layout is None or not (_Loops.loaded or ready(layout.size)):
        return None
    return layout if found == 1 else layout._replace(steps=_steps(arrays))


def in_rows(arrays: tuple[Any, ...], *, widened: bool) -> tuple[Any, ...]:
    """Tensors on the CPU with their numbers one after another, which halves of an encoder's output, say, are not; and if
    `widened` in float32.
    """
    return tuple([torch_side().in_rows(x, widened) if is_torch(x) else x for x in arrays])


def differ(arrays: tuple[Any, ...]) -> bool:
    """Say whether there are several dtypes: of tensors narrower than float64 the result is float32 then."""
    return any(getattr(x, "dtype", None) != getattr(arrays[0], "dtype", None) for x in arrays)


def in_one_dtype(arrays: tuple[Array, ...]) -> tuple[Array, ...]:
    """Tensors narrower than float64, in float32 if their dtypes differ."""
    return tuple([torch_side().as_single(x) for x in arrays]) if differ(arrays) else arrays


def in_their_dtypes(by: tuple[Array | None, ...], arrays: tuple[Array, ...]) -> tuple[Array | None, ...]:
    """Derivatives, each in the dtype of its tensor."""
    return tuple([b if b is None else b.to(x.dtype) for b, x in zip(by, arrays, strict=True)])


def records(*arrays: Array) -> bool:
    """Say whether torch records what is done with one of the arrays, for its reverse mode."""
    return type(arrays[0]) is not np.ndarray and bool(torch_side().wants_gradient(*arrays))


_OF_NUMPY, _OF_TORCH = attrgetter("ctypes.data"), methodcaller("data_ptr")


def addresses(*arrays: Array) -> Iterable[int]:
    """Where the numbers of contiguous arrays lie."""
    return map(_OF_NUMPY if type(arrays[0]) is np.ndarray else _OF_TORCH, arrays)


def _steps(arrays: tuple[Array, ...]) -> tuple[int, ...]:
    """From row to row of each tensor."""
    return tuple([x.stride(0) if x.ndim == 2 else x.shape[-1] for x in arrays])


def empty(like: Array, shape: tuple[int, ...], *, double: bool = False) -> Array:
    """Memory for a result in the dtype of an array, or float64. Not `torch.empty`, which obeys default dtypes and devices."""
    if type(like) is np.ndarray:
        return np.empty(shape, np.float64 if double else like.dtype)
    if double:
        return like.new_empty(shape, dtype=torch_side().double)
    return like.new_empty(*shape) if shape else like.new_empty(())  # read faster than a tuple


def run(like: Array, name: str, rows: int, size: int, at: tuple[int, ...]) -> int:
    """Run the loop over all rows, by several threads if there are many numbers. Return how many rows it has left."""
    return loop(name)(0, rows, at) if size < SMALL else share(team_for(like), loop(name), rows, at)


def value(
    name: str, layout: Layout, arrays: tuple[Array, ...], elements: bool = False, *, double: bool = False
) -> Array | None:
    """What the loop makes of rows, a number of each or as many as they have; None if it has left one to others."""
    d, rows, size, shape, outer, counts, steps = layout
    out = empty(arrays[0], shape if elements else outer, double=double)
    return None if run(out, name, rows, size, (d, *addresses(out, *arrays), *counts, *steps)) else out


def vjp(
    name: str, g: Array, layout: Layout, arrays: tuple[Array, ...], *, double: bool = False
) -> tuple[Array, ...] | None:
    """The products of `g`, one number for each row, with the derivatives by tensors; None where they do not go through a loop,
    or will be differentiated themselves.
    """
    tensors = torch_side()
    told = name in IN_STEPS
    found = 0 if tensors.is_grad_enabled() else tensors.door(tensors.single, arrays, told)
    if not found or not tensors.plain_gradient(g, tensors.double if double else tensors.single):
        return None
    d, rows, size, shape, _, counts, _ = layout
    steps = (_steps(arrays) if found == 2 else (d,) * len(arrays)) if told else ()
    g, step = (g, 0) if not any(g.stride()) else (g.contiguous(), 1)  # 0: the same for all rows
    by = [tensors.empty_like(x) if x.shape == shape else x.new_empty(shape) for x in arrays]
    run(g, name, rows, size, (d, g.data_ptr(), step, *addresses(*by, *arrays), *counts, *steps))
    return tuple([b if x.shape == shape else b.sum_to_size(x.shape) for b, x in zip(by, arrays, strict=True)])


def in_order(name: str, dtype: Any, arrays: tuple[Array, ...]) -> Array | None:
    """What the loop makes of float32 arrays on a CPU that broadcast; None where it cannot be."""
    first = arrays[0]
    if _Loops.loaded is False or not on_cpu(first) or first.dtype != dtype or dtype_name(dtype) != "float32":
        return None
    shape = np.broadcast_shapes(*(tuple(x.shape) for x in arrays))
    if not shape or 0 in shape:
        return None
    if is_torch(first):
        arrays = tuple([x.detach().broadcast_to(shape).contiguous() for x in arrays])
    else:
        arrays = tuple([np.ascontiguousarray(np.broadcast_to(x, shape)) for x in arrays])
    layout = door("float32", *arrays, in_steps=name in IN_STEPS)
    return None if layout is None else value(name, layout, arrays, False)
