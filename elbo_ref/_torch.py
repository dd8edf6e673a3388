"""What only torch needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import array_api_compat.torch as xp
import torch

from elbo_ref._arrays import narrow, widen

if TYPE_CHECKING:
    from elbo_ref._formula import Formula


def readable(x: Any) -> bool:
    """Say whether the values of `x` can be looked at: not while compiling, capturing a graph or under vmap."""
    if torch.compiler.is_compiling() or x.is_meta:
        return False
    if x.is_cuda and torch.cuda.is_current_stream_capturing():
        return False
    functorch = torch._C._functorch  # torch has no public way to ask whether a tensor is batched by vmap
    while functorch.is_functorch_wrapped_tensor(x):
        if functorch.is_batchedtensor(x):
            return False
        x = functorch.get_unwrapped(x)
    return True


def cholesky(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return lower Cholesky factors and, in the shape (..., 1, 1), whether the matrices have one; nothing is raised."""
    factor, info = torch.linalg.cholesky_ex(x)
    return factor, (info == 0)[..., None, None]


solve_triangular = torch.linalg.solve_triangular


class _Differentiable(torch.autograd.Function):
    """A formula whose derivative is given by one of its own; differentiating that once more is left to torch."""

    generate_vmap_rule = True

    @staticmethod
    def forward(formula: Formula, dtype: torch.dtype, *arrays: torch.Tensor) -> torch.Tensor:
        value: torch.Tensor = formula.value(xp, dtype, *arrays)
        return value

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.vjp = inputs[0].vjp
        ctx.save_for_backward(*inputs[2:])

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[Any, ...]:
        arrays = ctx.saved_tensors
        gradients = ctx.vjp(xp, widen(xp, g), *(widen(xp, x) for x in arrays))
        pairs = zip(gradients, arrays, strict=True)
        return None, None, *(None if by_x is None else narrow(xp, by_x, x.dtype) for by_x, x in pairs)


def differentiable(formula: Formula, dtype: torch.dtype, *arrays: torch.Tensor) -> torch.Tensor:
    """Evaluate the formula so that its derivative is its `vjp`."""
    if torch.compiler.is_compiling() and not any(x.requires_grad for x in arrays):
        # The compiler cannot trace a Function of any number of arrays that needs no gradient.
        value: torch.Tensor = formula.value(xp, dtype, *arrays)
        return value
    apply: Callable[..., torch.Tensor] = _Differentiable.apply
    return apply(formula, dtype, *arrays)
