"""A formula in torch, whose derivative is given by one of its own."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import array_api_compat.torch as xp
import torch

from elbo_ref._core import by_loops, compiled
from elbo_ref._core.arrays import Array, Namespace, narrow


class Formula(Protocol):
    """What is asked of `elbo_ref._core.formula.Formula` here, which is above this module."""

    def value(self, xp: Namespace, dtype: Any, *arrays: Array) -> Array: ...

    def is_one_step(self, arrays: Sequence[Array]) -> bool: ...

    def is_fused(self, arrays: Sequence[Array]) -> bool: ...

    @property
    def vjp(self) -> Callable[..., tuple[Array | None, ...]] | None: ...

    @property
    def vjp_precision(self) -> Literal["float64", "float32"]: ...

    @property
    def fused(self) -> str: ...

    @property
    def fused_vjp(self) -> bool: ...


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
            return None, None, *compiled.row_gradients(formula.fused, g, arrays)
        if formula.fused_vjp and not torch.is_grad_enabled() and formula.is_fused(arrays):
            return None, None, *by_loops.gradients(formula.fused, xp, g, arrays)
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
