"""Arrays of any library: which one it is, where they lie, whether they can be read, and in what precision to work."""

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any  # a real floating array of NumPy, torch, CuPy or JAX, or a Python number
Namespace: TypeAlias = Any  # the array API module that belongs to it

_DTYPES = ("float64", "float32", "float16", "bfloat16")


def gather(**arguments: Array) -> tuple[Any, ...]:
    """Return the namespace and then the arguments as arrays of one library, dtype and device, in the order given.

    Python numbers take the dtype of the arrays beside them; without any array they become NumPy float64. Arrays of float32,
    bfloat16 and float16 may stand beside each other, as under autocast, and become float32; float64 beside what is narrower is
    refused, for its digits would be lost or made up.
    """
    arrays = {name: x for name, x in arguments.items() if not _is_number(name, x)}
    if not arrays:
        return namespace(np.empty(0)), *(np.float64(number(name, x)) for name, x in arguments.items())
    xp, arrays = _of_one_library(arrays)
    first_name, first = next(iter(arrays.items()))
    where, mixed = device(first), False
    for name, x in arrays.items():
        _dense(name, x)
        if x is first or x.dtype != first.dtype:
            _floating(name, x)
        if x.dtype != first.dtype:
            mixed = True
            if is_float64(first.dtype) or is_float64(x.dtype):
                way_on = f"convert one of them, or pass {name} as a Python float if it is a number"
                raise TypeError(f"{name} must have the dtype of {first_name}, {first.dtype}, got {x.dtype}: {way_on}")
        if x is not first and device(x) != where and not is_jax(x):  # JAX says so itself, and moves what may be moved
            raise ValueError(f"{name} must be on the device of {first_name}, {where}, got {device(x)}")
    if mixed:
        arrays = {name: narrow(xp, x, xp.float32) for name, x in arrays.items()}
        first = arrays[first_name]
    if len(arrays) == len(arguments):
        return xp, *arrays.values()
    return xp, *(
        arrays[name] if name in arrays else xp.asarray(number(name, x), dtype=first.dtype, device=where)
        for name, x in arguments.items()
    )


def _is_number(name: str, x: Array) -> bool:
    if type(x) in (float, int, np.float64):
        return True
    if is_torch(x):
        return False
    if isinstance(x, np.ma.MaskedArray | np.matrix):
        raise TypeError(f"{name} must be a plain array, got {type(x).__name__}: pass its entries as numpy.asarray does")
    if _compat().is_dask_array(x):
        raise TypeError(f"{name} must be an array in memory, got one of dask: pass {name}.compute()")
    if is_array(x):
        return False
    if x is None:
        raise TypeError(f"{name} must be given, as a floating array or a Python float, got None")
    way_on: dict[type, str] = {
        list: f": pass numpy.asarray({name})",
        tuple: ": unpack it, and pass its parts by their names",
    }
    kind = type(x).__name__
    raise TypeError(f"{name} must be a floating array or a Python float, got {kind}{way_on.get(type(x), '')}")


def beside(x: Array, **floats: Array) -> Array:
    """Integers `x` as an array of the library of the floats beside it, or what cannot be is refused as two arrays of floats are."""
    ((name, like),) = floats.items()
    if _is_number("x", x) or _is_number(name, like):
        return x
    _, arrays = _of_one_library({"x": x, name: like})
    _dense(name, like)
    _floating(name, like)
    return arrays["x"]


def pixels(x: Array, **floats: Array) -> Array:
    """`x` as floats like those beside it, if it is an array of booleans or bytes: of pixels that are 0 or 1."""
    if dtype_name(getattr(x, "dtype", "")) not in ("bool", "uint8"):
        return x
    x, (like,) = beside(x, **floats), floats.values()
    if not hasattr(like, "dtype"):
        return x
    return x.to(like.dtype) if is_torch(x) else x.astype(like.dtype)


def number(name: str, x: float) -> float:
    """A Python number as a float, or refuse it."""
    if isinstance(x, bool):
        raise TypeError(f"{name} must be a floating array or a Python float, got bool")
    try:
        return float(x)
    except OverflowError:
        raise ValueError(f"{name} must be a number that a float can hold, got one beyond 1e308") from None


def _of_one_library(arrays: dict[str, Array]) -> tuple[Namespace, dict[str, Array]]:
    """The namespace, and the arrays, those of NumPy as arrays of JAX where one of JAX is beside them."""
    tensors = [is_torch(x) for x in arrays.values()]
    if all(tensors):
        return namespace(*arrays.values()), arrays
    if any(tensors):
        odd = next(name for name, other in zip(arrays, tensors, strict=True) if not other)
        beside = next(name for name, tensor in zip(arrays, tensors, strict=True) if tensor)
        raise TypeError(
            f"{odd} must be a torch tensor, as {beside} is, got {type(arrays[odd]).__name__}: "
            f"pass torch.as_tensor({odd}), or a Python float"
        )
    if any(is_jax(x) for x in arrays.values()):
        import jax.numpy as jnp

        arrays = {name: jnp.asarray(x) if isinstance(x, np.ndarray | np.generic) else x for name, x in arrays.items()}
    try:
        return namespace(*arrays.values()), arrays
    except TypeError as error:
        kinds = ", ".join(f"{name} of {type(x).__module__.partition('.')[0]}" for name, x in arrays.items())
        raise TypeError(f"all arrays must be of one library, got {kinds}") from error


def _floating(name: str, x: Array) -> None:
    """Refuse what is no array of floats."""
    kind = dtype_name(x.dtype)
    if kind in _DTYPES and not (isinstance(x, np.ndarray) and x.dtype.kind != "f"):
        return
    way_on = ""
    if isinstance(x, np.ndarray | np.generic) and kind == "bfloat16":
        way_on = ", which NumPy only stores: pass it as float32, or as an array of torch or JAX"
    elif kind.startswith((">", "<")):
        way_on = f", of another byte order: pass {name}.astype({kind[1:]!r})"
    elif kind == "uint8":
        way_on = f": if they are grey pixels, pass {name} / 255"
    elif kind.startswith(("int", "uint", "bool")):
        way_on = f": pass {name}.float()" if is_torch(x) else f": pass {name}.astype('float32')"
    raise TypeError(f"{name} must be a real floating array ({', '.join(_DTYPES)}), got dtype {x.dtype}{way_on}")


def _dense(name: str, x: Array) -> None:
    if is_torch(x) and (x.is_sparse or x.is_nested or str(x.layout) != "torch.strided"):
        kind = "a nested tensor" if x.is_nested else f"layout {x.layout}"
        raise TypeError(f"{name} must be a dense tensor, got {kind}: pass a padded or dense copy")


@cache
def _compat() -> Any:
    """array-api-compat, loaded when it is first asked: with all that it imports, in a third of the time of NumPy."""
    import array_api_compat

    return array_api_compat


def is_array(x: object) -> bool:
    """Say whether `x` is an array of a library that is known."""
    return bool(_compat().is_array_api_obj(x))


def is_torch(x: Array) -> bool:
    """Say whether `x` is a torch tensor, without importing torch."""
    # The same answer as that of array_api_compat, whose cache torch.compile cannot trace without a warning.
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.Tensor)


def is_jax(x: Array) -> bool:
    """Say whether `x` is an array of JAX, or a tracer of one, without importing JAX."""
    # Numbers and tensors first: torch.compile cannot trace the cache of array_api_compat without a warning.
    return "jax" in sys.modules and not (isinstance(x, int | float) or is_torch(x)) and bool(_compat().is_jax_array(x))


def compiling() -> bool:
    """Say whether torch.compile is at work."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.compiler.is_compiling())


_tracing = ContextVar("tracing", default=False)


@contextmanager
def tracing() -> Iterator[None]:
    """Within it a compiler that does not say so is at work."""
    token = _tracing.set(True)
    try:
        yield
    finally:
        _tracing.reset(token)


def is_compiled(x: Array) -> bool:
    """Say whether torch.compile is tracing what is done with `x`."""
    return is_torch(x) and (compiling() or _tracing.get())


def is_transformed(x: Array) -> bool:
    """Say whether `x` is a tensor while torch.func or forward mode is at work."""
    if not is_torch(x):
        return False
    from elbo_ref._core import tensors

    return tensors.is_transformed() or tensors.is_forward_mode()


def is_traced(x: Array) -> bool:
    """Say whether somebody else may differentiate or rewrite what is done with `x`: torch.compile, or JAX."""
    return is_compiled(x) or is_jax(x)


def namespace(*arrays: Array) -> Namespace:
    """Return the array API module that all arrays belong to."""
    if is_torch(arrays[0]) and all(is_torch(x) for x in arrays):
        from elbo_ref._core import tensors

        return tensors.namespace
    if all(isinstance(x, np.ndarray | np.generic) for x in arrays):  # the same answer as below, ten times as fast
        import array_api_compat.numpy as numpy_api  # here, because it loads all of NumPy: twice the time of its core

        return numpy_api
    return _compat().array_namespace(*arrays)


def device(x: Array) -> Any:
    """Return the device that `x` lies on."""
    return x.device if is_torch(x) else _compat().device(x)


def on_cpu(x: Array) -> bool:
    """Say whether this is an array of NumPy, or of torch on the CPU."""
    return x.device.type == "cpu" if is_torch(x) else isinstance(x, np.ndarray)


def dtype_name(dtype: Any) -> str:
    """float32, say, in any library."""
    return str(dtype).removeprefix("torch.")


def is_float64(dtype: Any) -> bool:
    """Say whether this is the float64 of its library."""
    return getattr(dtype, "itemsize", 8) == 8 and dtype_name(dtype) == "float64"  # a name takes longer than a size


def readable(x: Array) -> bool:
    """Say whether the values of `x` can be looked at now, so that a bad one can be refused with an error."""
    if is_torch(x):
        from elbo_ref._core import tensors

        return tensors.readable(x) and not _tracing.get()
    if is_jax(x):  # all of them are lazy to array_api_compat; beside a traced one, so is every result
        return not isinstance(x[..., :0] + 0 if x.ndim else x + 0, sys.modules["jax"].core.Tracer)
    return not _compat().is_lazy_array(x)


_looking = ContextVar("looking", default=True)


@contextmanager
def unchecked() -> Iterator[None]:
    """Within it no function looks at values, which would make an accelerator wait: where an argument is outside its domain
    the result is NaN or infinite, not an error. Shapes and dtypes are checked as ever.
    """
    token = _looking.set(False)
    try:
        yield
    finally:
        _looking.reset(token)


def looking() -> bool:
    """Say whether values may be looked at."""
    return _looking.get() and not _tracing.get()


def looks(*arrays: Array) -> bool:
    """Say whether they can be, too."""
    return all(readable(x) for x in arrays) and looking()


def all_finite(x: Array) -> bool:
    """Say whether all numbers of a result are finite. It may say no where they are, never yes where they are not."""
    if is_torch(x):
        from elbo_ref._core import tensors

        return tensors.finite(x)
    with np.errstate(all="ignore"):
        return math.isfinite(x.sum())


def nothing_but(number: float, x: Array) -> bool:
    """Say whether it is known, where that costs no waiting, that all numbers of a tensor are this one."""
    from elbo_ref._core import tensors

    return x.numel() > 0 and tensors.alike([x]) and tensors.between(x.detach(), number, number)


def constant(x: Array) -> Array:
    """x, of which no derivative is taken."""
    if is_torch(x):
        return x.detach()
    return sys.modules["jax"].lax.stop_gradient(x) if is_jax(x) else x


def held(x: Array) -> Array:
    """The same for what may be a number."""
    return constant(x) if is_torch(x) or is_jax(x) else x


def wide_dtype(xp: Namespace, x: Array) -> Any:
    """Float64 where the device of `x` has it, else float32."""
    if is_torch(x):
        from elbo_ref._core import tensors

        return xp.float64 if tensors.has_float64(x.device) else xp.float32
    return xp.__array_namespace_info__().dtypes(kind="real floating").get("float64", xp.float32)


def widen(xp: Namespace, x: Array) -> Array:
    """Convert to float64 where there is one, so that a narrower result is rounded once, at the end."""
    return x if is_float64(x.dtype) else narrow(xp, x, wide_dtype(xp, x))


def working(xp: Namespace, x: Array) -> Array:
    """The same, but float32 for a compiler, which would convert number by number."""
    if is_compiled(x) and not is_float64(x.dtype):
        return narrow(xp, x, xp.float32)
    return widen(xp, x)


def narrow(xp: Namespace, x: Array, dtype: Any) -> Array:
    """Convert to `dtype`: the last step of a result."""
    if x.dtype == dtype:
        return x
    return x.to(dtype) if is_torch(x) else xp.astype(x, dtype)
