"""The way through kernels of Triton, which comes with torch for CUDA: one where a formula takes ten or twenty, so that a device
has one thing to do, and waits for no other.

A door asks for tensors of float32 or narrower on one such device, with nothing else going on: numbers are widened as they are
read, so that mixed precision takes no step of its own. Everything else, and whatever comes out as NaN
or infinite, goes through the bodies of `Formula`, which know the reason.
"""

import math
import warnings
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import torch

from elbo_ref._core import tensors
from elbo_ref._core.arrays import all_finite, looks
from elbo_ref._core.autograd import Gradient, recorded

_TILE = 256  # numbers that a program has at a time where rows are short,
_LONGEST = 1024  # and of a row where they are long

By = tuple[torch.Tensor | None, ...]


class _Kernels:
    """Whether there may be kernels: until one fails, as without a compiler for C, or on a device that is too old."""

    work = True


def _fail(what: str, error: Exception) -> None:
    _Kernels.work = False
    warnings.warn(f"float32 tensors on a device take the slower way, as {what}: {error!r}", stacklevel=3)


@cache
def _kernels() -> ModuleType | None:
    if find_spec("triton") is None:
        return None
    try:
        return import_module("elbo_ref._core.kernels")
    except ImportError as error:  # that Triton is there is not enough
        _fail("Triton cannot be imported", error)
        return None


def on_device(x: torch.Tensor) -> bool:
    """Say whether `x` lies where kernels run."""
    return x.is_cuda


def door(*arrays: Any) -> bool:
    """Say whether all are tensors narrower than float64 that kernels may read, on one device, and torch just computes."""
    first = arrays[0]
    if not (isinstance(first, torch.Tensor) and on_device(first) and tensors.undisturbed()):
        return False
    alike = all(tensors.plain(x) and tensors.is_narrow(x.dtype) and x.device == first.device for x in arrays)
    return alike and _Kernels.work and _kernels() is not None


def _in_rows(*arrays: torch.Tensor) -> bool:
    """Whether they are of one shape, each has the numbers of a row one after another, and all rows evenly apart: as the halves
    of a matrix have, too.
    """
    shape = arrays[0].shape
    even = (x.is_contiguous() or (x.ndim == 2 and x.stride(1) == 1) for x in arrays)
    return len(shape) > 0 and 0 not in shape and all(x.shape == shape for x in arrays) and all(even)


def _places(*arrays: torch.Tensor) -> list[Any]:
    """Of each, where it is and the step from row to row."""
    return [y for x in arrays for y in (x, x.stride(0) if x.ndim == 2 else x.shape[-1])]


def _weights(g: torch.Tensor) -> tuple[torch.Tensor, int]:
    """A gradient of rows to read number by number, and the step from one to the next: 0 if it is the same for all."""
    return (g.contiguous(), 1) if any(g.stride()) else (g, 0)


def _run(name: str, n: int, *at: Any, **widths: int) -> bool:
    """Let a kernel work on n rows, in blocks of up to these widths. Say whether it does."""
    blocks = {block: min(1 << (width - 1).bit_length(), _LONGEST) for block, width in widths.items()}
    rows = max(1, _TILE // max(blocks.values()))
    try:
        with torch.cuda.device_of(at[0]):  # type: ignore[no-untyped-call]
            # Without fused steps it rounds as it does when it is interpreted, which is what has been tested.
            kernel = getattr(_kernels(), name)[(-(-n // rows),)]
            kernel(*at, n, *widths.values(), ROWS=rows, **blocks, enable_fp_fusion=False)
    except Exception as error:  # noqa: BLE001 - of Triton, of a compiler that it starts, or of the device
        _fail("a kernel of Triton failed", error)
    return _Kernels.work


def _looked_at(value: torch.Tensor, gradient: Gradient, *arrays: torch.Tensor) -> torch.Tensor | None:
    """A value that has been found from arrays, with its gradient; None if it says that they are to be looked at."""
    if looks(value) and not all_finite(value):
        return None
    return recorded(value, gradient, *arrays) if tensors.wants_gradient(*arrays) else value


def kl_standard_normal(otherwise: Gradient, mean: Any, logvar: Any) -> torch.Tensor | None:
    """The divergence of rows, with its derivatives, which are found `otherwise` where no kernel can; None if it cannot here."""
    if not (door(mean, logvar) and _in_rows(mean, logvar)):
        return None
    shape, d, n = mean.shape, mean.shape[-1], math.prod(mean.shape[:-1])
    value = mean.new_empty(shape[:-1], dtype=tensors.common_dtype(mean, logvar))
    if not _run("kl_standard_normal", n, value, *_places(mean, logvar), BLOCK=d):
        return None

    def gradient(g: torch.Tensor, *arrays: torch.Tensor) -> By:
        if not torch.is_grad_enabled() and door(g, *arrays):
            by = [x.new_empty(shape) for x in arrays]
            if _run("kl_standard_normal_vjp", n, *by, *_weights(g), *_places(*arrays), BLOCK=d):
                return tuple(by)
        return otherwise(g, *arrays)

    return _looked_at(value, gradient, mean, logvar)


def negative_elbo_bernoulli(
    otherwise: Gradient, x: Any, logits: Any, mean: Any, logvar: Any, beta: float, reduction: str
) -> torch.Tensor | None:
    """The loss likewise, of data that are not differentiated."""
    if not (door(x, logits, mean, logvar) and _in_rows(x, logits) and _in_rows(mean, logvar)) or x.requires_grad:
        return None
    (*batch, d), k = x.shape, mean.shape[-1]
    if mean.shape[:-1] != x.shape[:-1]:
        return None
    n, widths = math.prod(batch), {"BLOCK": d, "CODE": k}
    dtype = tensors.common_dtype(x, logits, mean, logvar)
    losses = x.new_empty(batch, dtype=dtype if reduction == "none" else tensors.double)
    if not _run("negative_elbo_bernoulli", n, losses, *_places(x, logits, mean, logvar), beta, **widths):
        return None
    value = losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()

    def gradient(g: torch.Tensor, *arrays: torch.Tensor) -> By:
        if not torch.is_grad_enabled() and door(g, *arrays):
            by, share = [x.new_empty(x.shape) for x in arrays[1:]], n if reduction == "mean" else 1
            if _run("negative_elbo_bernoulli_vjp", n, *by, *_weights(g), share, *_places(*arrays), beta, **widths):
                return None, *by
        return otherwise(g, *arrays)

    return _looked_at(value.to(dtype), gradient, x, logits, mean, logvar)
