"""How the loops of this folder are compiled, and what LLVM can do that Python cannot say."""

from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

F = TypeVar("F", bound=Callable[..., Any])

# numba keeps compiled code on disk and renews it when the file of the function changes. But the code holds whatever the
# function calls, and that may stand in another file of this folder: so all of them count in the name it is kept under.
_FILES = sorted(Path(__file__).parent.glob("*.py"))
_EDITION = blake2b(b"".join(path.read_bytes() for path in _FILES), digest_size=8).hexdigest()


_ONE_AT_A_TIME = Lock()


def _compiled(body: F, *signature: str, **options: Any) -> F:
    body.__qualname__ += f"_{_EDITION}"
    return numba.njit(*signature, cache=True, error_model="numpy", **options)(body)


def exactly(body: F) -> F:
    """Compile a function of numbers, which keeps the roundings that are there on purpose."""
    return _compiled(body, fastmath={"contract", "nsz"})


def part(body: F) -> F:
    """Compile what is called in a loop, whose sums may be reordered, which is what makes them fit for vectors."""
    return _compiled(body, fastmath={"contract", "nsz", "reassoc"}, nogil=True)


def inlined(body: F) -> F:
    """The same for what is the whole of several loops."""
    return _compiled(body, fastmath={"contract", "nsz", "reassoc"}, nogil=True, inline="always")


def compiled(signature: str) -> Callable[[F], F]:
    """Compile, or load, at once."""
    return lambda body: _compiled(body, signature, fastmath={"contract", "nsz", "reassoc"}, nogil=True)


class Loop:
    """A loop over rows of memory: `loop(start, stop, at)` with `at` a tuple of integers, addresses among them. It returns how
    many rows it could not do.

    It is compiled when it is first called: as its signature is known it can be kept, and is loaded in a tenth of the time that
    arrays would take. `exact` loops keep their roundings; others reorder their sums, which is what makes them fit for vectors.
    """

    def __init__(self, body: Callable[[int, int, Any], int], *, exact: bool = False):
        self._body, self._exact = body, exact
        self._compiled: Callable[..., int] | None = None

    def __call__(self, start: int, stop: int, at: tuple[int, ...]) -> int:
        return (self._compiled or self._compile(len(at)))(start, stop, at)

    def _compile(self, size: int) -> Callable[..., int]:
        with _ONE_AT_A_TIME:
            if self._compiled is None:
                options = {"nsz"} if self._exact else {"contract", "nsz", "reassoc"}
                signature = f"intp(intp, intp, UniTuple(intp, {size}))"
                self._compiled = _compiled(self._body, signature, fastmath=options, nogil=True)
        return self._compiled


def exact_loop(body: Callable[[int, int, Any], int]) -> Loop:
    """A loop that keeps the roundings that are there on purpose."""
    return Loop(body, exact=True)


@intrinsic
def _at(_: Any, address: Any) -> Any:
    return types.voidptr(types.intp), lambda context, builder, _, args: builder.inttoptr(args[0], cgutils.voidptr_t)


@numba.njit(inline="always")
def singles(address: int, rows: int, columns: int) -> Any:
    """The float32 matrix at an address."""
    return numba.carray(_at(address), (rows, columns), np.float32)


@numba.njit(inline="always")
def doubles(address: int, rows: int, columns: int) -> Any:
    """The float64 matrix at an address."""
    return numba.carray(_at(address), (rows, columns), np.float64)


@intrinsic
def full_vectors(_: Any) -> Any:
    """Let the loops of the calling function use the longest vectors of the processor.

    LLVM stops at half of them on processors whose clock once fell under the longer ones; here they are a third faster.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        attributes = builder.function.attributes
        set.add(attributes, '"prefer-vector-width"="512"')  # its own `add` refuses what llvmlite does not know
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def bits(_: Any, x: Any) -> Any:
    """The bits of a float as an integer of its size."""
    size = x.bitwidth
    signature = (types.int32 if size == 32 else types.int64)(x)
    return signature, lambda context, builder, _, args: builder.bitcast(args[0], ir.IntType(size))


@intrinsic
def from_bits(_: Any, i: Any) -> Any:
    """The float64 with these bits."""
    return types.float64(types.int64), lambda context, builder, _, args: builder.bitcast(args[0], ir.DoubleType())


@intrinsic
def fetch(_: Any, x: Any, index: Any) -> Any:
    """Ask for a number of an array to be brought into the cache; any index may be asked."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(
            builder.gep(make_array(signature.args[0])(context, builder, args[0]).data, [args[1]]), byte
        )
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(prefetch, [address, word(0), word(3), word(1)])  # to read, to keep, data
        return context.get_dummy_value()

    return types.void(x, types.int64), generate
