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
        arrays, formula = ctx.saved_tensors, ctx.formula
        if formula.fused_vjp and formula.is_one_step(arrays):
            return None, None, *compiled_gradients(formula.fused, g, arrays)
        if formula.fused_vjp and not torch.is_grad_enabled() and formula.is_fused(arrays):
            return None, None, *_gradients(formula, g, arrays)
        single = formula.vjp_precision == "float32" and arrays[0].dtype != torch.float64
        g, *wide = (x.to(torch.float32 if single else torch.float64) for x in (g, *arrays))
        gradients = formula.vjp(xp, g, *wide)
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


def _gradients(formula: Formula, g: torch.Tensor, arrays: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    gradients = map(torch.from_numpy, formula.gradients_by_loops(g, arrays))
    return [by_x.to(x.dtype) for by_x, x in zip(gradients, arrays, strict=True)]


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def can_fuse() -> bool:
    """Whether there are loops, found out while torch.compile traces."""
    from elbo_ref import _formula

    return _formula.can_fuse()


# Under torch.compile on a CPU: a formula as one step of the compiled graph, and its gradient as another


def _named(name: str) -> Formula:
    module, _, attribute = name.partition(".")
    formula: Formula = getattr(import_module(f"elbo_ref.{module}"), attribute)
    return formula


@torch.library.custom_op("elbo_ref::rows", mutates_args=())
def compiled_rows(name: str, dtype: torch.dtype, arrays: Sequence[torch.Tensor]) -> torch.Tensor:
    """The value of a formula at rows; NaN where an argument is outside the domain."""
    value: torch.Tensor = _named(name).by_loops(xp, dtype, arrays)
    return value


@compiled_rows.register_fake
def _(name: str, dtype: torch.dtype, arrays: Sequence[torch.Tensor]) -> torch.Tensor:
    return arrays[0].new_empty(arrays[0].shape[:-1], dtype=dtype)


@compiled_rows.register_vmap
def _(
    info: Any, in_dims: Any, name: str, dtype: torch.dtype, arrays: Sequence[torch.Tensor]
) -> tuple[torch.Tensor, int]:
    return compiled_rows(name, dtype, _batched(info.batch_size, in_dims[2], arrays)), 0


@torch.library.custom_op("elbo_ref::row_gradients", mutates_args=())
def compiled_gradients(name: str, g: torch.Tensor, arrays: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The product of `g` with the derivatives of a formula at rows."""
    return _gradients(_named(name), g, arrays)


@compiled_gradients.register_fake
def _(name: str, g: torch.Tensor, arrays: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [torch.empty_like(x, memory_format=torch.contiguous_format) for x in arrays]


@compiled_gradients.register_vmap
def _(
    info: Any, in_dims: Any, name: str, g: torch.Tensor, arrays: Sequence[torch.Tensor]
) -> tuple[list[torch.Tensor], list[int]]:
    g, *arrays = _batched(info.batch_size, [in_dims[1], *in_dims[2]], [g, *arrays])
    return compiled_gradients(name, g, arrays), [0] * len(arrays)


def _batched(size: int, dims: Sequence[int | None], arrays: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    return [x.expand(size, *x.shape) if d is None else x.movedim(d, 0) for x, d in zip(arrays, dims, strict=True)]
