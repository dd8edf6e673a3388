"""What only torch can say of its tensors, or do with them."""

from typing import Any

import torch


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
