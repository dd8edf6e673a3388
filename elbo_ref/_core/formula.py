"""How a formula is evaluated: its bodies, its gradient, the precision inside, the rounding at the end, and the one look."""

import math
import sys
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import numpy as np

from elbo_ref._core import by_loops
from elbo_ref._core.arrays import (
    Array,
    Namespace,
    all_finite,
    compiling,
    gather,
    is_compiled,
    is_float64,
    is_torch,
    is_traced,
    looking,
    narrow,
    on_cpu,
    readable,
    tracing,
    wide_dtype,
    widen,
    working,
)
from elbo_ref._core.checks import Check
from elbo_ref._core.records import Record
from elbo_ref._core.shapes import broadcastable

_LARGEST = sys.float_info.max
_LEAST = 2.0**-40  # a number, of a result that is found in the fewest steps
_BLOCK = 2**15  # numbers whose intermediate results stay in the cache of one core

Gradients = tuple[Array | None, ...]


class Formula(Record):
    """A function of arrays, written for any array library, and what is better than that where it may be used.

    `body(xp, *arrays)` is smooth: within a branch it can be differentiated any number of times, in either mode, and branches
    that are not taken divide by nothing.

    - `vjp(xp, g, *arrays)`, as smooth, is the product of `g` with the derivatives: where those of the body cancel or are slow.
    - `precise` and `precise_vjp` take their places for float64 arguments, beside which nothing wider absorbs the roundings.
    - `brief` replaces it for narrower numbers where float64 is at hand: in as few steps as a result rounded to them needs. If
      it is `brief_if_finite`, it may come out as NaN or infinite for good arguments, which then go another way. `brief_vjp` is
      taken with it, for first derivatives.
    - `rough` replaces it where torch just computes, in the fewest steps: right where a result is at least 2^-40 for each
      number that it sums.
    - `wide` results are not rounded: they are parts of others. So its loops put out, and read gradients, in float64.
    - `loop` is the name of a loop for float32 numbers in rows, and `loops` are the ones that there are besides: "_vjp" for
      derivatives, "_64" for float64; see `by_loops`.

    The values of arguments are looked at last: where the result is finite, they were right. `hidden` are the arguments of
    which that is not true; what is outside the domain there becomes NaN beforehand.
    """

    body: Callable[..., Array]
    vjp: Callable[..., Gradients] | None = None
    vjp_widens: bool = False  # whether it takes arrays as they are, and widens what it has to
    vjp_chooses: bool = False  # whether it wants to know which derivatives are `needed`
    precise: Callable[..., Array] | None = None
    precise_vjp: Callable[..., Gradients] | None = None
    brief: Callable[..., Array] | None = None
    brief_vjp: Callable[..., Gradients] | None = None
    brief_if_finite: bool = False
    rough: Callable[..., Array] | None = None
    loop: str = ""
    loops: tuple[str, ...] = ()
    kernel: str = ""  # the function of `by_kernels` that does the same on a device
    wide: bool = False
    elements: bool = False  # whether its loop makes a number of each number, not of each row
    fits: Callable[..., object] = staticmethod(broadcastable)  # what is asked of the shapes
    rows: bool = False  # whether it sums over the last axis
    whole: bool = False  # whether arguments are not broadcast against each other here
    blocks: bool = False  # whether large arrays are worked on in blocks, for formulas that are called on large arrays
    single: bool = False  # whether the body is right in float32 too: so a compiler is not made to convert
    hidden: tuple[str, ...] | None = None  # all of them, if None

    def __call__(self, **arguments: tuple[Check, Array]) -> Array:
        """Evaluate at arguments given as `name=(check, value)`, or refuse them."""
        return self.called(arguments)

    def called(self, arguments: Mapping[str, tuple[Check, Array]]) -> Array:
        """The same at arguments in a dictionary, which is not made twice."""
        if compiling():
            from elbo_ref._core import in_graph

            return in_graph.evaluate(_itself, arguments, self)
        return self.evaluate(arguments)

    def evaluate(self, arguments: Mapping[str, tuple[Check, Array]]) -> Array:
        """The same where nobody compiles, or looks into what is one step of a graph."""
        if self.loop and (found := self._by_loop(tuple([x for _, x in arguments.values()]))) is not None:
            return found
        if (few := self._in_few_steps(arguments)) is not None:
            return few
        xp, *arrays = gather(**{name: x for name, (_, x) in arguments.items()})
        named = dict(zip(arguments, arrays, strict=True))
        self.fits(**named)
        dtype = wide_dtype(xp, arrays[0]) if self.wide else arrays[0].dtype
        return self.on(xp, dtype, {name: (check, named[name]) for name, (check, _) in arguments.items()})

    def _by_loop(self, arrays: tuple[Array, ...]) -> Array | None:
        """The common call, or None."""
        if not by_loops.wake(*arrays):
            return self._by_kernel(arrays)
        name, dtype = self.loop, "float32"
        if "_64" in self.loops and getattr(arrays[0], "itemsize", 4) == 8:
            name, dtype = name + "_64", "float64"
        told = name in by_loops.IN_STEPS
        read, layout = arrays, by_loops.door(dtype, *arrays, in_steps=told)
        if layout is None:
            read = by_loops.in_rows(arrays, widened=by_loops.differ(arrays))
            layout = by_loops.door(dtype, *read, in_steps=told)
        if layout is None:
            return self._by_kernel(arrays)
        found = by_loops.value(name, layout, read, self.elements, double=self.wide)
        if found is None:
            return None
        copied = read is not arrays
        if not by_loops.records(*arrays):
            return found

        def gradient(g: Array, *arrays: Array) -> Gradients:
            by: Gradients | None = None
            given, rows = arrays, g
            if copied:  # again, rather than to keep the copies
                given, rows = by_loops.in_rows(arrays, widened=by_loops.differ(arrays)), tensors.as_single(g)
            if "_vjp" in self.loops:
                by = by_loops.vjp(self.loop + "_vjp", rows, layout, given, double=self.wide)
            if by is None:
                return self.gradient(g, *arrays)
            return by_loops.in_their_dtypes(by, arrays) if copied else by

        tensors = by_loops.torch_side()

        return recorded(found, gradient, *arrays)

    def _in_few_steps(self, arguments: Mapping[str, tuple[Check, Array]]) -> Array | None:
        """The common call without loops: tensors narrower than float64 and of one shape, asked nothing if the result is fine."""
        tensors, arrays = by_loops.torch_side(), [x for _, x in arguments.values()]
        if tensors is None or self.whole or not looking() or not tensors.alike(arrays):
            return None
        shape = arrays[0].shape
        if not shape or not 0 < shape.numel() < 4 * _BLOCK:
            return None
        recording = tensors.wants_gradient(*arrays)
        if recording and self.vjp is None:
            return None
        xp, hidden = tensors.namespace, arguments if self.hidden is None else self.hidden
        with xp.no_grad():
            marked = [check(name, x, False) if name in hidden else x for name, (check, x) in arguments.items()]
            value: Array = self.rough(xp, *marked) if self.rough else self._best(xp, *marked)
            if not tensors.between(value, shape[-1] * _LEAST if self.rough else -_LARGEST, _LARGEST):
                return None
            value = narrow(xp, value, tensors.double if self.wide else arrays[0].dtype)
        return recorded(value, partial(self.gradient, brief=True), *arrays) if recording else value

    def _by_kernel(self, arrays: tuple[Array, ...]) -> Array | None:
        """The same on another device than the CPU."""
        if not self.kernel or not is_torch(arrays[0]) or arrays[0].is_cpu:
            return None
        from elbo_ref._core import by_kernels

        found: Array | None = getattr(by_kernels, self.kernel)(self.gradient, *arrays)
        return found

    def on(self, xp: Namespace, dtype: Any, arguments: Mapping[str, tuple[Check, Array]]) -> Array:
        """The same for arrays that have been gathered and fit each other, rounded to `dtype`."""
        if is_torch(next(iter(arguments.values()))[1]):
            return self._on(xp, dtype, arguments)
        with np.errstate(all="ignore"):  # NumPy would warn of what is looked at, or meant
            return self._on(xp, dtype, arguments)

    def _on(self, xp: Namespace, dtype: Any, arguments: Mapping[str, tuple[Check, Array]]) -> Array:
        seen = all(readable(x) for _, x in arguments.values())
        look = seen and looking()
        hidden = arguments if self.hidden is None or not seen else self.hidden
        marked = [check(name, x, False) if name in hidden else x for name, (check, x) in arguments.items()]
        value = self.at(xp, dtype, *marked, brief=look or not self.brief_if_finite)
        if look and not all_finite(value):
            for name, (check, x) in arguments.items():
                check(name, x, True)
            if self.brief_if_finite:
                return self.at(xp, dtype, *marked, brief=False)
        return value

    def at(self, xp: Namespace, dtype: Any, *arrays: Array, brief: bool = True) -> Array:
        """Evaluate at arrays that nobody has to look at."""
        if is_torch(arrays[0]):
            return self._in_torch(xp, dtype, arrays, brief)
        with np.errstate(all="ignore"):  # inf is a value here, and branches that are not taken may divide by zero
            return self._value(xp, dtype, *arrays, brief=brief)

    def _in_torch(self, xp: Namespace, dtype: Any, arrays: tuple[Array, ...], brief: bool) -> Array:
        from elbo_ref._core import autograd, tensors

        def value(*arrays: Array) -> Array:
            return self._value(xp, dtype, *arrays, brief=brief)

        if tensors.is_forward_mode():
            return narrow(xp, self._best(xp, *arrays, brief=False), dtype)
        transformed = tensors.is_transformed()
        if self.vjp is None or not (transformed or tensors.wants_gradient(*arrays)):
            return value(*arrays)
        if not self.whole:
            arrays = xp.broadcast_tensors(*arrays)

        gradient = partial(self.gradient, brief=brief and self._may_be_brief(xp, arrays[0]))
        compiled = is_compiled(arrays[0])
        if compiled and not compiling():
            gradient = tracing()(gradient)
        if transformed or compiled:
            return autograd.transformed(value, gradient, *arrays)
        with xp.no_grad():
            found = value(*arrays)
        return autograd.recorded(found, gradient, *arrays)

    def gradient(self, g: Array, *arrays: Array, brief: bool = False) -> Gradients:
        """The product of `g` with the derivatives by tensors, each in the dtype of its tensor."""
        assert self.vjp is not None
        xp, vjp = by_loops.torch_side().namespace, self.vjp
        if self.precise_vjp and is_float64(arrays[0].dtype):
            vjp = self.precise_vjp
        elif self.brief_vjp and brief and not xp.is_grad_enabled() and by_loops.torch_side().one_gradient(g):
            vjp = self.brief_vjp
        wide = (g, *by_loops.in_one_dtype(arrays)) if self.vjp_widens else self._working(xp, (g, *arrays))
        needed = {"needed": tuple(x.requires_grad for x in arrays)} if self.vjp_chooses else {}
        pairs = zip(vjp(xp, *wide, **needed), arrays, strict=True)
        return tuple(
            None if by is None else narrow(xp, by if by.shape == x.shape else by.sum_to_size(x.shape), x.dtype)
            for by, x in pairs
        )

    def _working(self, xp: Namespace, arrays: tuple[Array, ...]) -> list[Array]:
        return [working(xp, x) if self.single else widen(xp, x) for x in arrays]

    def _value(self, xp: Namespace, dtype: Any, *arrays: Array, brief: bool) -> Array:
        """Evaluate without a thought of gradients."""
        if (
            self.loop
            and not self.elements
            and not is_traced(arrays[0])
            and (found := by_loops.in_order(self.loop, dtype, arrays)) is not None
        ):
            return found
        if self.blocks and on_cpu(arrays[0]):
            shape = broadcastable(**{str(i): x for i, x in enumerate(arrays)})
            if math.prod(shape) >= 4 * _BLOCK and all(readable(x) for x in arrays):
                return self._in_blocks(xp, dtype, shape, arrays)
        return narrow(xp, self._best(xp, *arrays, brief=brief), dtype)

    def _best(self, xp: Namespace, *arrays: Array, brief: bool = True) -> Array:
        if self.brief and brief and self._may_be_brief(xp, arrays[0]):
            return self.brief(xp, *arrays)
        body = self.body if self.precise is None or not is_float64(arrays[0].dtype) else self.precise
        return body(xp, *self._working(xp, arrays))

    def _may_be_brief(self, xp: Namespace, x: Array) -> bool:
        return not (is_float64(x.dtype) or is_traced(x)) and is_float64(wide_dtype(xp, x))

    def _in_blocks(self, xp: Namespace, dtype: Any, shape: tuple[int, ...], arrays: tuple[Array, ...]) -> Array:
        outer, inner = (shape[:-1], shape[-1:]) if self.rows else (shape, ())
        flat = [x if x.ndim == 0 else xp.reshape(xp.broadcast_to(x, shape), (-1, *inner)) for x in arrays]
        rows = math.prod(outer)
        step = max(1, _BLOCK // math.prod(inner))
        result = xp.empty(outer, dtype=dtype, device=arrays[0].device)
        numbers = xp.reshape(result, (-1,))  # torch lets nobody change what is a view itself
        for start in range(0, rows, step):
            numbers[start : start + step] = self._best(
                xp, *(x if x.ndim == 0 else x[start : start + step] for x in flat)
            )
        return result


def _itself(formula: Formula) -> Formula:
    return formula


@cache
def _recorded() -> Callable[..., Array]:
    from elbo_ref._core.autograd import recorded

    return recorded


def recorded(value: Array, gradient: Callable[..., Gradients], *arrays: Array) -> Array:
    """A value that a loop has found from tensors, with its gradient for torch's reverse mode."""
    return _recorded()(value, gradient, *arrays)
