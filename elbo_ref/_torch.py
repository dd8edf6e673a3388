"""What only torch needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import array_api_compat.torch as xp
import torch

from elbo_ref._arrays import narrow

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
        ctx.formula = inputs[0]
        ctx.save_for_backward(*inputs[2:])

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[Any, ...]:
        arrays = ctx.saved_tensors
        single = ctx.formula.vjp_precision == "float32" and arrays[0].dtype != torch.float64
        g, *wide = (x.to(torch.float32 if single else torch.float64) for x in (g, *arrays))
        gradients = ctx.formula.vjp(xp, g, *wide)
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


# Under torch.compile on a CPU


@torch.library.custom_op("elbo_ref::rows", mutates_args=())
def compiled_rows(name: str, arrays: Sequence[torch.Tensor]) -> torch.Tensor:
    """The value of a formula at rows, as one step of a compiled graph.

    The compiler would turn float32 into float64 number by number; the kernels that `sums` calls are faster.
    """
    module, _, attribute = name.partition(".")
    formula: Formula = getattr(import_module(f"elbo_ref.{module}"), attribute)
    value: torch.Tensor = formula.value(xp, arrays[0].dtype, *arrays)
    return value


@compiled_rows.register_fake
def _(name: str, arrays: Sequence[torch.Tensor]) -> torch.Tensor:
    return arrays[0].new_empty(arrays[0].shape[:-1])


@compiled_rows.register_vmap
def _(info: Any, in_dims: Any, name: str, arrays: Sequence[torch.Tensor]) -> tuple[torch.Tensor, int]:
    size, dims = info.batch_size, in_dims[1]
    batched = [x.expand(size, *x.shape) if d is None else x.movedim(d, 0) for x, d in zip(arrays, dims, strict=True)]
    return compiled_rows(name, batched), 0
