"""What only torch can say of its tensors, or do with them."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from types import ModuleType
from typing import Any, TypeVar

import array_api_compat.torch as compat
import torch
from torch._C import _functorch as functorch
from torch.autograd import forward_ad

# What follows has no public name in torch.
_transforms_active = torch._C._are_functorch_transforms_active  # vmap, grad, jvp
_dispatch_modes = torch._C._len_torch_dispatch_stack  # fake tensors, tracers, counters of operations
_jit_traces = torch._C._get_tracing_state  # torch.jit.trace

Tensor, single, double, addcmul, exp = torch.Tensor, torch.float32, torch.float64, torch.addcmul, torch.exp
empty_like, is_grad_enabled = torch.empty_like, torch.is_grad_enabled
_dense = torch.strided

_PLAIN = (torch.Tensor, torch.nn.Parameter)
_NARROW = (torch.bfloat16, torch.float16)
_FLOAT64 = {"cpu": True, "meta": True}  # by kind of device, as far as known
_TO_HOST = 2**14  # numbers that are copied from an accelerator sooner than summed up there


F = TypeVar("F", bound=Callable[..., Any])


def settled(function: F) -> F:
    """Let torch.compile keep what the function returns, as `torch.compiler.assume_constant_result` marks it, for which torch
    would import its compiler: two seconds.
    """
    function._dynamo_marked_constant = True  # type: ignore[attr-defined]
    return function


def _namespace() -> ModuleType:
    """That of array_api_compat without its promotion of dtypes, which costs as much as the arithmetic: ours never differ."""
    lean = ModuleType("elbo_ref_torch")
    lean.__dict__.update(vars(compat))
    names = (
        "where",
        "sum",
        "logical_and",
        "logical_or",
        "maximum",
        "minimum",
        "logaddexp",
        "add",
        "multiply",
        "subtract",
    )
    lean.__dict__.update({name: getattr(torch, name) for name in names})
    return lean


namespace = _namespace()


def is_forward_mode() -> bool:
    """Say whether forward-mode derivatives are being found, by dual numbers or by `torch.func.jvp`."""
    if forward_ad._current_level >= 0:
        return True
    if not _transforms_active():
        return False
    stack = functorch.get_interpreter_stack() or ()
    return any(level.key() == functorch.TransformType.Jvp for level in stack)


def is_transformed() -> bool:
    """Say whether a transform of `torch.func` is at work."""
    return bool(_transforms_active())


def wants_gradient(*arrays: torch.Tensor) -> bool:
    """Say whether reverse mode records what is done with one of the arrays."""
    if torch.is_grad_enabled():
        for x in arrays:
            if x.requires_grad:
                return True
    return False


def plain(x: Any) -> bool:
    """Say whether `x` is a tensor that has its numbers at its address, as a view with the sign bit turned, or that of a complex
    conjugate, has not.
    """
    return type(x) in _PLAIN and x.layout is _dense and not x.is_nested and not x.is_neg()


def one_gradient(g: torch.Tensor) -> bool:
    """Say whether autograd hands back one gradient, not several at once."""
    return not (_transforms_active() or functorch.is_legacy_batchedtensor(g))


def plain_gradient(g: torch.Tensor, dtype: torch.dtype) -> bool:
    """Say whether what autograd hands back is a tensor of its own, of this dtype."""
    return g.dtype is dtype and plain(g) and one_gradient(g)


def undisturbed() -> bool:
    """Say whether torch just computes: it is not transforming, tracing, or taking derivatives forward."""
    return not (_transforms_active() or _dispatch_modes() or forward_ad._current_level >= 0 or _jit_traces())


def in_rows(x: torch.Tensor, widened: bool) -> torch.Tensor:
    """A dense tensor on the CPU, if `widened` in float32, with its numbers one after another, to be read; others as they are."""
    narrow = x.dtype in _NARROW
    if not (x.is_cpu and x.layout is _dense) or x.is_nested or (not widened if narrow else x.is_contiguous()):
        return x
    return as_single(x.detach()).contiguous()


def is_narrow(dtype: torch.dtype) -> bool:
    """Say whether this is a float32, or one of 16 bits."""
    return dtype is single or dtype in _NARROW


def common_dtype(*arrays: torch.Tensor) -> torch.dtype:
    """That of a result of narrow floats: theirs, or float32 if they differ."""
    first = arrays[0].dtype
    return first if all(x.dtype is first for x in arrays) else single


def as_single(x: torch.Tensor) -> torch.Tensor:
    """In float32, if it is narrower."""
    return x.float() if x.dtype in _NARROW else x


def door(kind: torch.dtype, arrays: tuple[Any, ...], in_steps: bool = False) -> int:
    """Say whether all are tensors of this dtype whose memory on the CPU may be read at its address, and torch just computes: 0 if
    not, 1 if their numbers follow each other, 2 if rows are apart.
    """
    found = 1
    for x in arrays:
        if not (plain(x) and x.dtype is kind and x.is_cpu):
            return 0
        if not x.is_contiguous():
            if not (in_steps and _is_in_steps(x)):
                return 0
            found = 2
    return found if undisturbed() else 0


def _is_in_steps(x: torch.Tensor) -> bool:
    """Say whether the numbers of a row follow each other, and the rows are apart, as in the halves of a matrix."""
    return x.ndim == 2 and x.stride(1) == 1 and x.stride(0) >= x.shape[1]


def alike(arrays: Sequence[Any]) -> bool:
    """The same of tensors of one shape and of one dtype narrower than float64, wherever their numbers lie in memory."""
    first = arrays[0]
    for x in arrays:
        if not (plain(x) and x.dtype is first.dtype and x.is_cpu and x.shape == first.shape):
            return False
    return is_narrow(first.dtype) and undisturbed()


@cache
def fuses() -> bool:
    """Say whether `addcmul` rounds once on this processor, as torch does not promise: in vectors, and in what is left."""
    a = torch.linspace(1, 2, 67)
    return bool((torch.addcmul(-(a * a), a, a) == (a.double() * a.double() - (a * a).double()).float()).all())


def readable(x: Any) -> bool:
    """Say whether the values of `x` can be looked at: not while compiling, capturing a graph, under vmap or if it is fake."""
    if torch.compiler.is_compiling() or x.is_meta:
        return False
    if x.is_cuda and torch.cuda.is_current_stream_capturing():
        return False
    if type(x) not in _PLAIN or _dispatch_modes():
        from torch._subclasses.fake_tensor import is_fake

        if is_fake(x):
            return False
    while functorch.is_functorch_wrapped_tensor(x):
        if functorch.is_batchedtensor(x):
            return False
        x = functorch.get_unwrapped(x)
    return True


def between(x: torch.Tensor, least: float, most: float) -> bool:
    """Say whether all numbers on the CPU lie there."""
    low, high = torch.aminmax(x)
    return least <= low.item() and high.item() <= most


def finite(x: torch.Tensor) -> bool:
    """Say whether all numbers are finite; a sum that overflows says no where the numbers are. One look at the device."""
    x = x.detach()
    if not x.is_cpu and x.numel() <= _TO_HOST:
        x = x.cpu()
    return math.isfinite(x.sum().item())


@settled
def has_float64(device: torch.device) -> bool:
    """Say whether the device works in float64: Apple's does not."""
    if device.type not in _FLOAT64:
        try:
            torch.empty(1, dtype=torch.float64, device=device)
            _FLOAT64[device.type] = True
        except (TypeError, RuntimeError):
            _FLOAT64[device.type] = False
    return _FLOAT64[device.type]


def cholesky(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return lower Cholesky factors and, in the shape (..., 1, 1), whether the matrices have one; nothing is raised."""
    factor, info = torch.linalg.cholesky_ex(x)
    return factor, (info == 0)[..., None, None]


solve_triangular = torch.linalg.solve_triangular
