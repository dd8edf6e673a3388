"""How a formula is evaluated: its body, its gradient, the precision inside and the rounding at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from elbo_ref._arrays import Array, Namespace, is_float64, is_torch, narrow, on_cpu, readable, widen

_BLOCK = 2**15  # numbers whose intermediate results stay in the cache of one core


@dataclass(frozen=True)
class Formula:
    """A function of arrays, written for any array library, and what torch should use in place of its own derivative.

    `body(xp, *arrays)` is the value. `vjp(xp, g, *arrays)` returns the product of the gradient `g` of a result with the
    derivative by each argument. Both see arrays of the working precision. `compensated` replaces both for float64
    arguments, where no wider type is there to absorb rounding; all others are computed in float64 anyway.
    """

    body: Callable[..., Array]
    vjp: Callable[..., tuple[Array | None, ...]] | None = None
    compensated: Formula | None = None
    shape: Literal["elements", "rows", "any"] = "elements"  # "rows" sums over the last axis; "any" cannot be broadcast
    blocks: bool = False  # whether large arrays are worked on in blocks, for formulas that are called on large arrays

    def __call__(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array:
        """Evaluate and round to `dtype`."""
        return self._for(dtype)._evaluate(xp, dtype, arrays)

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
        if self.blocks and readable(arrays[0]) and on_cpu(arrays[0]):
            shape = np.broadcast_shapes(*(tuple(x.shape) for x in arrays))
            if np.prod(shape) >= 4 * _BLOCK:
                return self._in_blocks(xp, dtype, shape, arrays)
        return narrow(xp, self.body(xp, *(widen(xp, x) for x in arrays)), dtype)

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
