"""The derivative of a formula in torch's reverse mode, where it is a formula of its own."""

from collections.abc import Callable
from typing import Any

import torch

Value = Callable[..., torch.Tensor]
Gradient = Callable[..., tuple[torch.Tensor | None, ...]]


class _Eager(torch.autograd.Function):
    """One function for value and context: what `setup_context` costs is more than a small loop."""

    @staticmethod
    def forward(ctx: Any, found: tuple[torch.Tensor, Gradient], *arrays: torch.Tensor) -> torch.Tensor:
        value, ctx.gradient = found
        ctx.save_for_backward(*arrays)
        return value

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[Any, ...]:
        return None, *ctx.gradient(g, *ctx.saved_tensors)


class _Transformed(torch.autograd.Function):
    """The same for `torch.func` and `torch.compile`."""

    generate_vmap_rule = True

    @staticmethod
    def forward(value: Value, gradient: Gradient, *arrays: torch.Tensor) -> torch.Tensor:
        return value(*arrays)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: torch.Tensor) -> None:
        ctx.gradient = inputs[1]
        ctx.save_for_backward(*inputs[2:])

    @staticmethod
    def backward(ctx: Any, g: torch.Tensor) -> tuple[Any, ...]:
        return None, None, *ctx.gradient(g, *ctx.saved_tensors)


# Without what `Function.apply` does for transforms, at which nobody is here.
_eager: Callable[..., torch.Tensor] = super(torch.autograd.Function, _Eager).apply


def recorded(value: torch.Tensor, gradient: Gradient, *arrays: torch.Tensor) -> torch.Tensor:
    """A value that has been found from arrays, with its gradient."""
    return _eager((value, gradient), *arrays)


transformed: Callable[..., torch.Tensor] = _Transformed.apply
