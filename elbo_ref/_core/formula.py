"""How a formula is evaluated: its body, its gradient, the precision inside and the rounding at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from elbo_ref._core import by_loops
from elbo_ref._core.arrays import (
    Array,
    Namespace,
    is_compiled,
    is_float64,
    is_torch,
    narrow,
    on_cpu,
    readable,
    wide_dtype,
    widen,
)
from elbo_ref._core.by_loops import can_fuse
from elbo_ref._core.checks import Check

_BLOCK = 2**15  # numbers whose intermediate results stay in the cache of one core
_WORTH_FUSING = 2**17  # numbers for which loops are faster even though they may have to be compiled first


@dataclass(frozen=True)
class Formula:
    """A function of arrays, written for any array library, and what torch should use in place of its own derivative.

    `body(xp, *arrays)` is the value. `vjp(xp, g, *arrays)` returns the product of the gradient `g` of a result with the
    derivative by each argument. Both see arrays of the working precision. `compensated` replaces both for float64
    arguments, where no wider type is there to absorb rounding; all others are computed in float64 anyway.

    `fused` is the name of its loop over rows, for arrays narrower than float64 on a CPU. torch.compile calls the loop as one
    step instead of tracing the body, for it would turn each float32 number into float64 one by one. The loops know the
    domain: their result is NaN where an argument is outside.
    """

    body: Callable[..., Array]
    vjp: Callable[..., tuple[Array | None, ...]] | None = None
    compensated: Formula | None = None
    shape: Literal["elements", "rows", "any"] = "elements"  # "rows" sums over the last axis; "any" cannot be broadcast
    blocks: bool = False  # whether large arrays are worked on in blocks, for formulas that are called on large arrays
    vjp_precision: Literal["float64", "float32"] = "float64"  # of arguments in float32 and narrower
    fused: str = ""
    fused_vjp: bool = False  # whether there is a loop for the gradient as well

    def __call__(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array:
        """Evaluate and round to `dtype`."""
        return self._for(dtype)._evaluate(xp, dtype, arrays)

    def checked(self, xp: Namespace, dtype: Any, **arguments: tuple[Check, Array]) -> Array:
        """Evaluate with the arguments as `name=(check, value)`, looking at them last where loops tell that all are right."""
        arrays = [x for _, x in arguments.values()]
        if self.is_one_step(arrays):
            return self(xp, dtype, *arrays)
        if self.is_fused(arrays):
            value = self(xp, dtype, *arrays)
            if not np.isnan(by_loops.as_float32(value)).any():
                return value
        return self(xp, dtype, *(check(name, x) for name, (check, x) in arguments.items()))

    def wide(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array:
        """Evaluate at arrays of `dtype`, and leave the result in the working precision."""
        return self._for(dtype)._evaluate(xp, wide_dtype(xp, dtype), arrays)

    def _for(self, dtype: Any) -> Formula:
        return self.compensated if self.compensated is not None and is_float64(dtype) else self

    def _evaluate(self, xp: Namespace, dtype: Any, arrays: tuple[Array, ...]) -> Array:
        if is_torch(arrays[0]):
            if self.vjp is None:
                return self.value(xp, dtype, *arrays)
            from elbo_ref._core import autograd

            if self.shape != "any":
                arrays = tuple(xp.broadcast_arrays(*arrays))
            return autograd.differentiable(self, dtype, *arrays)
        with np.errstate(all="ignore"):  # inf is a value here, and branches that are not taken may divide by zero
            return self.value(xp, dtype, *arrays)

    def value(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array:
        """Evaluate without a thought of gradients."""
        if self.is_one_step(arrays):
            from elbo_ref._core import compiled

            return compiled.rows(self.fused, dtype, arrays)
        if self.is_fused(arrays):
            return by_loops.value(self.fused, xp, dtype, arrays)
        if self.blocks and readable(arrays[0]) and on_cpu(arrays[0]):
            shape = np.broadcast_shapes(*(tuple(x.shape) for x in arrays))
            if np.prod(shape) >= 4 * _BLOCK:
                return self._in_blocks(xp, dtype, shape, arrays)
        return narrow(xp, self.body(xp, *(widen(xp, x) for x in arrays)), dtype)

    def is_one_step(self, arrays: Sequence[Array]) -> bool:
        """Say whether torch.compile is at work on a CPU and should see nothing of this formula but its name."""
        if not (self.fused and is_compiled(arrays[0]) and on_cpu(arrays[0])) or is_float64(arrays[0].dtype):
            return False
        from elbo_ref._core import compiled

        return bool(compiled.can_fuse())

    def is_fused(self, arrays: Sequence[Array]) -> bool:
        """Say whether there are loops for these arrays."""
        if not (self.fused and on_cpu(arrays[0])) or is_float64(arrays[0].dtype):
            return False
        shape = np.broadcast_shapes(*(tuple(x.shape) for x in arrays))
        return math.prod(shape) >= _WORTH_FUSING and all(readable(x) for x in arrays) and can_fuse()

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
