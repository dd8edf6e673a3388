"""How a formula is evaluated: its body, its gradient, the precision inside and the rounding at the end."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from elbo_ref._arrays import Array, Check, Namespace, is_compiled, is_float64, is_torch, narrow, on_cpu, readable, widen

_BLOCK = 2**15  # numbers whose intermediate results stay in the cache of one core
_SUMS_BLOCK = 2**17  # the same for `sums`, which has few of them: torch gives each core a share of it

# `sums` is right to 2^-31, so that a result rounded to float32 is at most 0.51 ulp off, where it is larger than this part
# of the terms that cancel: they carry some 2^4 roundings of 2^-53.
_CANCELLED = 2.0**-18


@dataclass(frozen=True)
class Formula:
    """A function of arrays, written for any array library, and what torch should use in place of its own derivative.

    `body(xp, *arrays)` is the value. `vjp(xp, g, *arrays)` returns the product of the gradient `g` of a result with the
    derivative by each argument. Both see arrays of the working precision. `compensated` replaces both for float64
    arguments, where no wider type is there to absorb rounding; all others are computed in float64 anyway.

    `sums(xp, work, *arrays)` is a faster body for rows of arrays narrower than float64 on a CPU: it returns the value of
    each row and the size of the terms that cancelled in it, and may overwrite `work`, one float64 array for each argument.
    Rows of which too little is left, and rows that are inf, go through the body. NaN must mean that an argument is outside
    its domain.
    """

    body: Callable[..., Array]
    vjp: Callable[..., tuple[Array | None, ...]] | None = None
    compensated: Formula | None = None
    shape: Literal["elements", "rows", "any"] = "elements"  # "rows" sums over the last axis; "any" cannot be broadcast
    blocks: bool = False  # whether large arrays are worked on in blocks, for formulas that are called on large arrays
    sums: Callable[..., tuple[Array, Array]] | None = None
    vjp_precision: Literal["float64", "float32"] = "float64"  # of arguments in float32 and narrower
    compiled_as: str = ""  # where it is found, if torch.compile should call `sums` instead of tracing the body

    def __call__(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array:
        """Evaluate and round to `dtype`."""
        return self._for(dtype)._evaluate(xp, dtype, arrays)

    def checked(self, xp: Namespace, dtype: Any, **arguments: tuple[Check, Array]) -> Array:
        """Evaluate with the arguments as `name=(check, value)`, looking at them last where `sums` tells what is wrong."""
        arrays = [x for _, x in arguments.values()]
        if self._is_one_step(arrays):
            return self(xp, dtype, *arrays)
        if self._is_by_sums(arrays):
            value = self(xp, dtype, *arrays)
            if bool(xp.all(xp.isfinite(value))):
                return value
        return self(xp, dtype, *(check(name, x) for name, (check, x) in arguments.items()))

    def wide(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array:
        """Evaluate at arrays that come from `dtype`, and leave the result in the working precision."""
        return self._for(dtype)._evaluate(xp, arrays[0].dtype, arrays)

    def _for(self, dtype: Any) -> Formula:
        return self.compensated if self.compensated is not None and is_float64(dtype) else self

    def _evaluate(self, xp: Namespace, dtype: Any, arrays: tuple[Array, ...]) -> Array:
        if is_torch(arrays[0]):
            if self.vjp is None:
                return self.value(xp, dtype, *arrays)
            from elbo_ref import _torch

            if self.shape != "any":
                arrays = tuple(xp.broadcast_arrays(*arrays))
            return _torch.differentiable(self, dtype, *arrays)
        with np.errstate(all="ignore"):  # inf is a value here, and branches that are not taken may divide by zero
            return self.value(xp, dtype, *arrays)

    def value(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array:
        """Evaluate without a thought of gradients."""
        if self._is_one_step(arrays):
            from elbo_ref import _torch

            return _torch.compiled_rows(self.compiled_as, arrays)
        if self._is_by_sums(arrays):
            return self._by_sums(xp, dtype, arrays)
        if self.blocks and readable(arrays[0]) and on_cpu(arrays[0]):
            shape = np.broadcast_shapes(*(tuple(x.shape) for x in arrays))
            if np.prod(shape) >= 4 * _BLOCK:
                return self._in_blocks(xp, dtype, shape, arrays)
        return narrow(xp, self.body(xp, *(widen(xp, x) for x in arrays)), dtype)

    def _is_one_step(self, arrays: Sequence[Array]) -> bool:
        """Say whether torch.compile is at work on a CPU and should see nothing of this formula but its name."""
        return (
            bool(self.compiled_as) and is_compiled(arrays[0]) and on_cpu(arrays[0]) and not is_float64(arrays[0].dtype)
        )

    def _is_by_sums(self, arrays: Sequence[Array]) -> bool:
        if self.sums is None or is_float64(arrays[0].dtype) or not on_cpu(arrays[0]):
            return False
        return all(readable(x) and 0 not in x.shape for x in arrays)

    def _in_blocks(self, xp: Namespace, dtype: Any, shape: tuple[int, ...], arrays: tuple[Array, ...]) -> Array:
        outer, inner = (shape[:-1], shape[-1:]) if self.shape == "rows" else (shape, ())
        flat = [x if x.ndim == 0 else xp.reshape(xp.broadcast_to(x, shape), (-1, *inner)) for x in arrays]
        rows = int(np.prod(outer))
        step = max(1, _BLOCK // int(np.prod(inner)))
        result = xp.empty((rows,), dtype=dtype, device=arrays[0].device)
        for start in range(0, rows, step):
            block = [widen(xp, x if x.ndim == 0 else x[start : start + step]) for x in flat]
            result[start : start + step] = self.body(xp, *block)
        return xp.reshape(result, outer)

    def _by_sums(self, xp: Namespace, dtype: Any, arrays: tuple[Array, ...]) -> Array:
        shape = np.broadcast_shapes(*(tuple(x.shape) for x in arrays))
        # broadcast, not copied: an image that many samples share is read again from the cache
        whole = [xp.broadcast_to(x, shape)[None, ...] if len(shape) == 1 else xp.broadcast_to(x, shape) for x in arrays]
        size = min(math.prod(shape), max(_SUMS_BLOCK, shape[-1]))
        work = _work(xp, arrays[0], len(arrays), size)
        result = xp.empty(whole[0].shape[:-1], dtype=dtype, device=arrays[0].device)
        self._fill_by_sums(xp, result, work, whole)
        return xp.reshape(result, shape[:-1])

    def _fill_by_sums(self, xp: Namespace, result: Array, work: Array, arrays: list[Array]) -> None:
        assert self.sums is not None
        inner = math.prod(arrays[0].shape[1:])
        if inner > work.shape[1]:
            for i in range(result.shape[0]):
                self._fill_by_sums(xp, result[i], work, [x[i] for x in arrays])
            return
        step = work.shape[1] // inner
        for start in range(0, result.shape[0], step):
            block = [x[start : start + step] for x in arrays]
            shape = tuple(block[0].shape)
            views = [xp.reshape(buffer[: math.prod(shape)], shape) for buffer in work]
            value, cancelled = self.sums(xp, views, *block)
            size = xp.abs(value)
            doubtful = (size <= _CANCELLED * cancelled) | (size == math.inf)
            if bool(xp.any(doubtful)):
                value[doubtful] = self.body(xp, *(_only_finite(xp, widen(xp, x[doubtful])) for x in block))
            result[start : start + step] = value


_memory = threading.local()


def _work(xp: Namespace, like: Array, rows: int, columns: int) -> Array:
    """Float64 scratch, kept from call to call by each thread: fresh memory costs more than the arithmetic done in it."""
    if not hasattr(_memory, "scratch") or _memory.scratch.size < rows * columns:
        _memory.scratch = np.empty(rows * columns)
    scratch = _memory.scratch[: rows * columns].reshape(rows, columns)
    return xp.from_numpy(scratch) if is_torch(like) else scratch


def _only_finite(xp: Namespace, x: Array) -> Array:
    """NaN for infinities, for where nobody can raise: an infinite result means one too large for its dtype."""
    return xp.where(xp.isfinite(x), x, math.nan)
