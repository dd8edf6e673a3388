"""Loops under torch.compile on a CPU: the value of a formula as one step of the compiled graph, its gradient as another."""

from collections.abc import Sequence
from typing import Any

import array_api_compat.torch as xp
import torch

from elbo_ref._core import by_loops


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def can_fuse() -> bool:
    """Whether there are loops, found out while torch.compile traces."""
    return by_loops.can_fuse()


@torch.library.custom_op("elbo_ref::rows", mutates_args=())
def rows(name: str, dtype: torch.dtype, arrays: Sequence[torch.Tensor]) -> torch.Tensor:
    """The value of the formula whose loop has this name; NaN where an argument is outside the domain."""
    value: torch.Tensor = by_loops.value(name, xp, dtype, arrays)
    return value


@rows.register_fake
def _(name: str, dtype: torch.dtype, arrays: Sequence[torch.Tensor]) -> torch.Tensor:
    return arrays[0].new_empty(arrays[0].shape[:-1], dtype=dtype)


@rows.register_vmap
def _(
    info: Any, in_dims: Any, name: str, dtype: torch.dtype, arrays: Sequence[torch.Tensor]
) -> tuple[torch.Tensor, int]:
    return rows(name, dtype, _batched(info.batch_size, in_dims[2], arrays)), 0


@torch.library.custom_op("elbo_ref::row_gradients", mutates_args=())
def row_gradients(name: str, g: torch.Tensor, arrays: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The product of `g` with the derivatives of that formula."""
    return by_loops.gradients(name, xp, g, arrays)


@row_gradients.register_fake
def _(name: str, g: torch.Tensor, arrays: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [torch.empty_like(x, memory_format=torch.contiguous_format) for x in arrays]


@row_gradients.register_vmap
def _(
    info: Any, in_dims: Any, name: str, g: torch.Tensor, arrays: Sequence[torch.Tensor]
) -> tuple[list[torch.Tensor], list[int]]:
    g, *arrays = _batched(info.batch_size, [in_dims[1], *in_dims[2]], [g, *arrays])
    return row_gradients(name, g, arrays), [0] * len(arrays)


def _batched(size: int, dims: Sequence[int | None], arrays: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [x.expand(size, *x.shape) if d is None else x.movedim(d, 0) for x, d in zip(arrays, dims, strict=True)]
