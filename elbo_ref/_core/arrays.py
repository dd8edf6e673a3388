"""Arrays of any library: which one it is, where they lie, whether they can be read, and in what precision to work."""

import sys
from typing import Any, TypeAlias

import array_api_compat as compat
import numpy as np

Array: TypeAlias = Any  # a real floating array of NumPy, torch, CuPy or JAX, or a Python number
Namespace: TypeAlias = Any  # the array API module that belongs to it

_DTYPES = ("float64", "float32", "float16", "bfloat16")


def gather(**arguments: Array) -> tuple[Any, ...]:
    """Return the namespace and then the arguments as arrays of one library, dtype and device, in the order given.

    Python numbers take the dtype of the arrays beside them; without any array they become NumPy float64.
    """
    arrays = {name: x for name, x in arguments.items() if not _is_number(name, x)}
    if not arrays:
        return namespace(np.empty(0)), *(np.float64(x) for x in arguments.values())
    xp = namespace(*arrays.values())
    first_name, first = next(iter(arrays.items()))
    for name, x in arrays.items():
        if (x is first or x.dtype != first.dtype) and _dtype_name(x.dtype) not in _DTYPES:
            raise TypeError(f"{name} must be a real floating array ({', '.join(_DTYPES)}), got dtype {x.dtype}")
        if x.dtype != first.dtype:
            raise TypeError(f"{name} must have the dtype of {first_name}, {first.dtype}, got {x.dtype}")
        if device(x) != device(first):
            raise ValueError(f"{name} must be on the device of {first_name}, {device(first)}, got {device(x)}")
    return xp, *(
        arrays[name] if name in arrays else xp.asarray(float(x), dtype=first.dtype, device=device(first))
        for name, x in arguments.items()
    )


def is_torch(x: Array) -> bool:
    """Say whether `x` is a torch tensor, without importing torch."""
    # The same answer as compat.is_torch_array, whose cache torch.compile cannot trace without a warning.
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def is_compiled(x: Array) -> bool:
    """Say whether torch.compile is tracing what is done with `x`."""
    return is_torch(x) and bool(sys.modules["torch"].compiler.is_compiling())


def namespace(*arrays: Array) -> Namespace:
    """Return the array API module that all arrays belong to."""
    if all(is_torch(x) for x in arrays):
        import array_api_compat.torch as torch_api

        return torch_api
    if all(isinstance(x, np.ndarray | np.generic) for x in arrays):  # the same answer as below, ten times as fast
        import array_api_compat.numpy as numpy_api  # here, because it loads all of NumPy: twice the time of its core

        return numpy_api
    return compat.array_namespace(*arrays)


def device(x: Array) -> Any:
    """Return the device that `x` lies on."""
    return x.device if is_torch(x) else compat.device(x)


def on_cpu(x: Array) -> bool:
    """Say whether this is an array of NumPy, or of torch on the CPU."""
    return x.device.type == "cpu" if is_torch(x) else isinstance(x, np.ndarray)


def _is_number(name: str, x: Array) -> bool:
    if type(x) in (float, int):
        return True
    if is_torch(x) or compat.is_array_api_obj(x):
        return False
    raise TypeError(f"{name} must be a floating array or a Python float, got {type(x).__name__}")


def _dtype_name(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")


def is_float64(dtype: Any) -> bool:
    """Say whether this is the float64 of its library."""
    return _dtype_name(dtype) == "float64"


def readable(x: Array) -> bool:
    """Say whether the values of `x` can be looked at now, so that a bad one can be refused with an error."""
    if is_torch(x):
        from elbo_ref._core import tensors

        return tensors.readable(x)
    if compat.is_jax_array(x):  # all of them are lazy to array_api_compat
        return not isinstance(x, sys.modules["jax"].core.Tracer)
    return not compat.is_lazy_array(x)


def wide_dtype(xp: Namespace, dtype: Any) -> Any:
    """Float64 where the library has it, else `dtype`."""
    return xp.__array_namespace_info__().dtypes(kind="real floating").get("float64", dtype)


def widen(xp: Namespace, x: Array) -> Array:
    """Convert to float64 where the library has it, so that a narrower result is rounded once, at the end."""
    return narrow(xp, x, wide_dtype(xp, x.dtype))


def narrow(xp: Namespace, x: Array, dtype: Any) -> Array:
    """Convert to `dtype`: the last step of a result."""
    return x if x.dtype == dtype else xp.astype(x, dtype)
