"""An accelerator in software: tensors that say they lie on it, refuse what it refuses, and count what it would be made to do.

A tensor holds a tensor of the CPU and passes every operation on to it. Operations of tensors of both devices are refused, as
long as they are no numbers. Counted are kernels (operations that compute or fill), and the moments at which the host waits:
numbers and arrays that are read from the device, and shapes that depend on values.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._pytree import tree_flatten, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "simulated"
_setup_privateuseone_for_python_backend(NAME)
torch.get_device_module(NAME).get_amp_supported_dtype = list  # none: checkpoints ask it of every device that there is

counts: Counter[str] = Counter()
missing: set[torch.dtype] = set()  # dtypes that the device does not have

_VIEWS = frozenset(
    [
        "view",
        "_unsafe_view",
        "expand",
        "t",
        "transpose",
        "permute",
        "select",
        "slice",
        "split_with_sizes",
        "unsqueeze",
        "squeeze",
        "detach",
        "alias",
        "as_strided",
        "diagonal",
        "movedim",
        "split",
        "unbind",
        "reshape",
        "_reshape_alias",
        "empty",
        "empty_like",
        "empty_strided",
        "new_empty",
        "lift_fresh",
        "is_same_size",
    ]
)
_WAITS = frozenset(["nonzero", "masked_select", "_unique2", "equal", "is_nonzero", "_linalg_check_errors"])
_LIKE = frozenset(
    [
        "zeros_like",
        "ones_like",
        "full_like",
        "empty_like",
        "rand_like",
        "randn_like",
        "new_zeros",
        "new_ones",
        "new_full",
        "new_empty",
    ]
)


class Far(torch.Tensor):
    """A tensor on the device."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor, requires_grad: bool = False) -> Any:
        self = torch.Tensor._make_wrapper_subclass(
            cls,
            held.size(),
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=f"{NAME}:0",
            requires_grad=requires_grad,
        )
        self.held = held
        return self

    __torch_function__ = torch._C._disabled_torch_function_impl

    def __repr__(self) -> str:
        return f"Far({self.held})"

    @classmethod
    def __torch_dispatch__(cls, function: Any, types: Any, arguments: Any = (), options: Any = None) -> Any:
        return _run(function, arguments, options or {})


def far(x: torch.Tensor, requires_grad: bool = False) -> Far:
    """A copy of `x` on the device."""
    return Far(x.detach().clone(), requires_grad)


def near(x: Any) -> Any:
    """What the device holds, which is looked at behind its back."""
    return tree_map(_held, x)


def _held(x: Any) -> Any:
    return x.held if isinstance(x, Far) else x


def _run(function: Any, arguments: Any, options: dict[str, Any]) -> Any:
    name = function.overloadpacket.__name__
    tensors = [x for x in tree_flatten((arguments, options))[0] if isinstance(x, torch.Tensor)]
    there = [x for x in tensors if isinstance(x, Far)]
    wanted = options.get("device")
    to_device = wanted is not None and torch.device(wanted).type == NAME
    if not there and not to_device:
        return function(*arguments, **options)
    away = wanted is not None and not to_device
    if wanted is not None:
        options = {**options, "device": torch.device("cpu")}
    if name in ("_to_copy", "copy_") and len({isinstance(x, Far) for x in tensors}) == 2:
        away = not isinstance(arguments[0], Far)  # an array is copied into one of the other device
    if name == "_to_copy" and there:
        counts["waits" if away else "kernels"] += 1
    elif name == "_local_scalar_dense":
        counts["waits"] += 1
    else:
        counts["kernels"] += name not in _VIEWS
        counts["waits"] += name in _WAITS
        if name.startswith("index"):
            places = [x for x in arguments[1] if x is not None]
            counts["waits"] += any(x.dtype in (torch.bool, torch.uint8) for x in places)
    if there and name not in ("_to_copy", "copy_") and any(x.ndim for x in tensors if not isinstance(x, Far)):
        raise RuntimeError(f"Expected all tensors to be on the same device, got {NAME}:0 and cpu in {name}")
    if to_device or (there and not away):
        dtype = options.get("dtype") or next((x.dtype for x in there), None)
        if dtype in missing:
            raise TypeError(f"Cannot convert a tensor to {dtype}: the device does not support it")
    found = function(*near(arguments), **near(options))
    if "out" in options:
        return options["out"]
    if name.endswith("_") and not name.endswith("__"):
        return arguments[0]
    if away or name == "_local_scalar_dense":
        return found
    return tree_map(lambda x: Far(x) if isinstance(x, torch.Tensor) and not isinstance(x, Far) else x, found)


# What makes a tensor there out of none.


def _empty(size: Any, *rest: Any, dtype: Any = None, **options: Any) -> Far:
    if dtype in missing:
        raise TypeError(f"Cannot make a tensor of {dtype}: the device does not support it")
    held = torch.empty_strided(size, rest[0], dtype=dtype) if rest else torch.empty(size, dtype=dtype)
    return Far(held)


def _copied(to: Any, x: Any, non_blocking: bool = False) -> Any:
    counts["waits"] += isinstance(x, Far) and not isinstance(to, Far)
    counts["kernels"] += isinstance(x, Far) and isinstance(to, Far)
    _held(to).copy_(_held(x))
    return to


_library = torch.library.Library("aten", "IMPL")
_library.impl("empty_strided", _empty, "PrivateUse1")
_library.impl("empty.memory_format", _empty, "PrivateUse1")
_library.impl("copy_", _copied, "PrivateUse1")
_library.impl("_copy_from", lambda x, to, non_blocking=False: _copied(to, x), "PrivateUse1")


@contextmanager
def device(*, without: tuple[torch.dtype, ...] = ()) -> Iterator[Counter[str]]:
    """The device, and what it has been made to do since."""
    from elbo_ref._core import tensors

    known = dict(tensors._FLOAT64)
    missing.update(without)
    counts.clear()
    try:
        yield counts
    finally:
        missing.clear()
        tensors._FLOAT64.clear()
        tensors._FLOAT64.update(known)
