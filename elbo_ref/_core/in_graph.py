"""A formula as one step of the graph that torch.compile makes, looked into only where the graph is compiled.

Before each call torch.compile asks of everything that it has followed whether it still is what it was: of a formula this takes
longer than a small batch. Of one step there is nothing to ask but what its arguments are.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from elbo_ref._core.arrays import Array, tracing
from elbo_ref._core.tensors import settled

_steps: list[tuple[Any, ...]] = []


@settled
def _number_of(find: Callable[..., Any], names: tuple[str, ...], checks: tuple[Any, ...], *key: Any) -> int:
    step = find(*key), names, checks
    if step not in _steps:
        _steps.append(step)
    return _steps.index(step)


def _tensor(x: Any, like: torch.Tensor) -> torch.Tensor:
    """A number that changes from call to call."""
    return torch.full((), x, dtype=like.dtype, device=like.device)


@torch.compiler.allow_in_graph  # type: ignore[untyped-decorator]
def _evaluate(number: int, *arrays: Any) -> Any:
    formula, names, checks = _steps[number]
    like = next(x for x in arrays if isinstance(x, torch.Tensor))
    arrays = tuple([_tensor(x, like) if isinstance(x, torch.SymFloat | torch.SymInt) else x for x in arrays])
    with tracing():
        return formula.evaluate(dict(zip(names, zip(checks, arrays, strict=True), strict=True)))


def evaluate(find: Callable[..., Any], arguments: Mapping[str, tuple[Any, Array]], *key: Any) -> Array:
    """The formula `find(*key)` at arguments given as `name=(check, value)`."""
    checks, arrays = zip(*arguments.values(), strict=True)
    return _evaluate(_number_of(find, tuple(arguments), checks, *key), *arrays)
