"""A JAX function as one formula: its jaxpr on symbolic shapes, read primitive by primitive into the same arrays.

Numbers and gradients come from JAX itself, in float64, at sizes that the trace has not seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
import torch
from jax import export

from elbo_audit import arrays as ar
from elbo_audit import pieces as pc
from elbo_audit import program as pr
from elbo_audit.arrays import Array, pointwise, scalar
from elbo_audit.constants import number
from elbo_audit.numbers import POINTS, Point, drawn
from elbo_audit.pieces import Joined
from elbo_audit.program import Program
from elbo_audit.roles import NO_GRADIENT, NUMBERS, Size, symbols
from elbo_audit.sums import held
from elbo_audit.terms import UNIT, ZERO, Poly, Refuse, element, exp, log, poly, positive, power, symbol
from elbo_audit.torch_ops import ONE_ARGUMENT, TWO_ARGUMENTS, Meaning, chosen

QUICKLY: Final[dict[str, str | bool]] = {"xla_backend_optimization_level": "0"}  # a program that is run once
NO_NUMBER: Final = {v: element(n, []) for v, n in ((math.inf, "infinity"), (-math.inf, "-infinity"))}
NOT_A_NUMBER: Final = element("infinity", ["nan"])
PLACE: Final = "place"
SAME: Final = ("copy", "copy_p", "reduce_precision", "optimization_barrier")
INSIDE: Final = (
    "jit",
    "pjit",
    "closed_call",
    "core_call",
    "custom_jvp_call",
    "custom_vjp_call",
    "custom_vjp_call_jaxpr",
)
ONE: Final[dict[str, Callable[[Poly], Poly]]] = {
    **{n: ONE_ARGUMENT[n] for n in ("neg", "exp", "log", "log1p", "expm1", "tanh", "abs", "sqrt", "rsqrt", "square")},
    "logistic": ONE_ARGUMENT["sigmoid"],
    "exp2": ONE_ARGUMENT["exp2"],
    "stop_gradient": held,
}
TWO: Final[dict[str, Callable[[Poly, Poly], Poly]]] = {
    "add": lambda a, b: a + b,
    "add_any": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "max": TWO_ARGUMENTS["maximum"],
    "min": TWO_ARGUMENTS["minimum"],
    "pow": lambda a, b: power(a, k) if (k := b.number()) is not None else exp(b * log(a)),
}
COMPARED: Final[dict[str, Callable[[Fraction, Fraction], bool]]] = {
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
}  # fmt: skip


def read(program: Program, meaning: Meaning) -> Array:
    """The loss as an array of formulas."""
    names = symbols(program.roles)
    scope = dict(zip(names, export.symbolic_shape(", ".join(names)) if names else (), strict=True))

    def length(size: Size) -> Any:
        return math.prod((p if isinstance(p, int) else scope[p] for p in size), start=1)

    def run(*arrays: Any) -> Any:
        rest = iter(arrays)
        given = {n: length(r.sizes[0]) if r.kind in NUMBERS else next(rest) for n, r in program.roles.items()}
        return program.picked(program.call(**given))

    shapes = [
        jax.ShapeDtypeStruct(tuple(map(length, r.sizes)), jnp.int64 if r.kind == "label" else jnp.float64)
        for r in program.roles.values()
        if r.kind not in NUMBERS
    ]
    try:
        with jax.enable_x64(True):
            closed = jax.make_jaxpr(run)(*shapes)
    except Refuse:
        raise
    except Exception as why:  # noqa: BLE001 (the user's code may raise anything)
        text = " ".join(str(why).split())
        if "Tracer" in type(why).__name__ or "traced" in text or "Concretization" in type(why).__name__:
            raise Refuse(
                "a branch on data: what is computed depends on the values (if, while, bool(), int())"
            ) from None
        if "symbolic" in text or "InconclusiveDimension" in type(why).__name__:
            raise Refuse(f"a size is used where only a Python number will do: {text[:120]}") from None
        raise Refuse(f"the function cannot be traced: {type(why).__name__}: {text[:200]}") from None
    values = [pr.argument(n, r) for n, r in program.roles.items() if r.kind not in NUMBERS]
    (out,) = _run(closed.jaxpr, closed.consts, values, meaning)[:1]
    return out


def points(program: Program) -> list[Point]:
    """The function's own numbers and gradients."""
    return [_point(program, k) for k in range(POINTS)]


def _point(program: Program, which: int) -> Point:
    sizes, given = drawn(program, which)
    moving = [n for n, r in program.roles.items() if r.kind not in NO_GRADIENT]
    for n in moving:
        given[n].requires_grad_()
    with jax.enable_x64(True):
        theirs = {n: jnp.asarray(t.detach().numpy()) if isinstance(t, torch.Tensor) else t for n, t in given.items()}

        def value(several: Mapping[str, Any]) -> Any:
            return jnp.sum(program.picked(program.call(**{**theirs, **several})))

        there = {n: theirs[n] for n in moving}
        try:
            out, slopes = jax.jit(jax.value_and_grad(value)).lower(there).compile(QUICKLY)(there)
            plain = value({}) if which == 0 else out  # once as it stands, operation by operation
        except Exception as why:  # noqa: BLE001 (the user's code may raise anything)
            raise Refuse(f"the function fails: {type(why).__name__}: {str(why).splitlines()[0][:150]}") from None
    if not math.isclose(float(plain), float(out), rel_tol=1e-12, abs_tol=1e-12):
        raise Refuse("the function gives other numbers while it is differentiated")
    back = {n: torch.from_numpy(np.array(s, dtype=np.float64)) for n, s in slopes.items()}
    return Point(sizes, given, [], torch.tensor(float(out), dtype=torch.float64), back)


def run(program: Program, given: Mapping[str, Any]) -> tuple[float, Sequence[Any]]:
    """A value of the function in JAX's own precision."""
    theirs = {n: jnp.asarray(t.numpy()) for n, t in given.items() if isinstance(t, torch.Tensor)}
    rest = {n: t for n, t in given.items() if n not in theirs}
    value = jax.jit(lambda several: jnp.sum(program.picked(program.call(**{**rest, **several}))))
    return float(value(theirs)), ()


# --- reading a jaxpr -------------------------------------------------------------------------------------------------


def _run(jaxpr: Any, consts: Sequence[Any], args: Sequence[Array], meaning: Meaning) -> list[Array]:
    values: dict[Any, Any] = {}

    def value(v: Any) -> Any:
        return _literal(v.val) if hasattr(v, "val") else values[v]

    values.update(zip(jaxpr.constvars, map(_literal, consts), strict=True))
    values.update(zip(jaxpr.invars, args, strict=True))
    for eqn in jaxpr.eqns:
        found = _one(eqn, [value(v) for v in eqn.invars], meaning)
        values.update(zip(eqn.outvars, found, strict=False))
    return [value(v) for v in jaxpr.outvars]


def _literal(v: Any) -> Array:
    held_value = np.asarray(v)
    if held_value.size != 1:
        raise Refuse("an array of constants with many entries")
    x = held_value.item()
    if isinstance(x, bool):
        return Array(((),) * held_value.ndim, UNIT if x else ZERO, True)
    if isinstance(x, float) and math.isnan(x):
        return Array(((),) * held_value.ndim, NOT_A_NUMBER)
    return Array(((),) * held_value.ndim, NO_NUMBER[x] if x in NO_NUMBER else number(x))


def _one(eqn: Any, args: list[Any], meaning: Meaning) -> list[Any]:
    name, params = eqn.primitive.name, eqn.params
    meaning.rules.add(name)
    if name in INSIDE:
        inner = params.get("jaxpr") or params.get("call_jaxpr") or params.get("fun_jaxpr")
        if inner is None:
            raise Refuse(f"the primitive {name} has no rule here")
        return _run(getattr(inner, "jaxpr", inner), getattr(inner, "consts", ()), args, meaning)
    if name == "concatenate":
        return [pc.joined(args, params["dimension"])]
    if any(isinstance(a, Joined) for a in args):
        return _of_joined(name, args, params, [_size(n) for n in eqn.outvars[0].aval.shape])
    if name == "max" and any(a.entry == NO_NUMBER[-math.inf] for a in args):
        return [next(a for a in args if a.entry != NO_NUMBER[-math.inf])]
    if name in ONE:
        return [pointwise(ONE[name], args[0])]
    if name in TWO:
        return [pointwise(TWO[name], *args)]
    if name == "integer_pow":
        return [pointwise(lambda x: power(x, Fraction(params["y"])), args[0])]
    if name in ("reduce_sum", "reduce_max"):
        if not params["axes"]:
            return [args[0]]
        return [ar.reduced(args[0], list(params["axes"]), False, "sum" if name == "reduce_sum" else "max")]
    shape = [_size(n) for n in eqn.outvars[0].aval.shape]
    if name == "broadcast_in_dim":
        dims: list[ar.Dim] = [ar.axes_of(n) for n in shape]
        for k, d in enumerate(params["broadcast_dimensions"]):
            dims[d] = args[0].dims[k] or dims[d]
        return [Array(tuple(dims), args[0].entry, args[0].indicator)]
    if name in ("reshape", "squeeze", "expand_dims"):
        return [ar.reshaped(args[0], shape)]
    if name == "transpose":
        return [ar.permuted(args[0], params["permutation"])]
    if name == "dim_as_value":
        return [scalar(_size(params["dim"]))]
    if name == "convert_element_type":
        return [meaning._to_copy(args[0], dtype=str(np.dtype(params["new_dtype"])))] if args[0].entry.free else args[:1]
    if name in SAME:
        return args[:1]
    if name == "iota":
        dims = [ar.axes_of(n) if k == params["dimension"] else () for k, n in enumerate(shape)]
        return [Array(tuple(dims), element(PLACE, [i for d in dims for i, _ in d], "place"))]
    if name == "gather":
        return [_gathered(args[0], args[1], params)]
    if name == "dot_general":
        return [_dot(args[0], args[1], params["dimension_numbers"])]
    return [_case(name, args, meaning)]


def _of_joined(name: str, args: list[Any], params: Mapping[str, Any], shape: list[Poly]) -> list[Any]:
    """Arrays side by side: cut where they were put together, or taken part by part."""
    a = args[0]
    if name in TWO:
        return [pc.pair(lambda x, y: pointwise(TWO[name], x, y), *args)]
    if not isinstance(a, Joined) or (len(args) > 1 and name != "gather"):
        raise Refuse(f"{name} of arrays that were put side by side")
    if name in ONE:
        return [a.each(lambda x: pointwise(ONE[name], x))]
    if name in SAME or name == "convert_element_type":
        return [a]
    if name == "split":
        return list(pc.pieces(a, params["axis"], [_size(n) for n in params["sizes"]]))
    if name == "slice" and params["strides"] is None:
        out: Any = a
        for d, (start, end) in enumerate(zip(params["start_indices"], params["limit_indices"], strict=True)):
            out = pc.cut(out, d, _size(start), _size(end))
        return [out]
    if name == "gather":
        return [_cut_by_gather(a, args[1], params)]
    if name == "reduce_sum":
        return [pc.summed(a, list(params["axes"]), False)]
    if name == "reshape":
        return [pc.opened(a, shape)]
    raise Refuse(f"{name} of arrays that were put side by side")


def _cut_by_gather(a: Joined, start: Array, params: Mapping[str, Any]) -> Any:
    """What jax writes for a slice from a symbolic place on."""
    how = params["dimension_numbers"]
    (d,) = how.start_index_map
    if how.collapsed_slice_dims or how.operand_batching_dims:
        raise Refuse(pc.CUT)
    return pc.cut(a, d, start.entry, start.entry + _size(params["slice_sizes"][d]))


def _gathered(table: Array, labels: Array, params: Mapping[str, Any]) -> Array:
    """The entries that labels name, one a row."""
    how = params["dimension_numbers"]
    rest = tuple(k for k in range(len(table.dims)) if k not in how.start_index_map)
    d = how.start_index_map[0]
    if how.collapsed_slice_dims == (d,) and not table.dims[d] and len(how.offset_dims) == len(rest):
        return Array((*table.dims[:d], *table.dims[d + 1 :]), table.entry)  # the one entry of an axis of length 1
    if len(how.start_index_map) != 1 or how.offset_dims or tuple(how.operand_batching_dims) != rest:
        raise Refuse("indexing by an array; take_along_axis or one_hot for labels")
    dims = labels.dims[:-1]
    return chosen(table, Array((*dims[:d], *dims[d + 1 :]), labels.entry), d, keep=True)


def _is_label(a: Array, b: Array) -> Array | None:
    """label == place: the row with a 1 at the label."""
    dims, both = ar.aligned(a, b)
    atoms = [m[1][0][0] if (m := e.monomial()) is not None and len(m[1]) == 1 else None for e in both]
    label, place = sorted(atoms, key=lambda t: t is not None and t.args[-1] == "place")
    if label is None or place is None or (label.args[-1], place.args[-1]) != ("label", "place"):
        return None
    return Array(dims, element(label.args[0], [*label.args[1], *place.args[1]], "onehot"), True)


def _case(name: str, args: list[Array], meaning: Meaning) -> Array:
    """Comparisons that always fall out one way, masks, and the choice between two arrays."""
    if name == "is_finite":
        meaning.note("every number is finite")
        return Array(args[0].dims, UNIT, True)
    if name == "sign":
        return Array(args[0].dims, UNIT if positive(args[0].entry) else element("infinity", ["sign"]))
    if name == "select_n" and len(args) == 3:
        chosen, no, yes = args
        if chosen.entry in (UNIT, ZERO):
            picked = yes if chosen.entry == UNIT else no
            return Array(ar.aligned(picked, Array(chosen.dims, UNIT))[0], picked.entry) if not picked.dims else picked
        return meaning._where(chosen, yes, no)
    if name in ("ne", "eq") and len({*ar.aligned(*args)[1]}) == 1:  # what jax asks to find a NaN
        return Array(args[0].dims, UNIT if name == "eq" else ZERO, True)
    if name == "eq" and (row := _is_label(*args)) is not None:
        return row
    if name in COMPARED:
        k, both = args[1].entry.number(), [a.entry.number() for a in args]
        if None not in both:
            left, right = both
            assert left is not None and right is not None
            return Array(args[0].dims, UNIT if COMPARED[name](left, right) else ZERO, True)
        if k == 0 and positive(args[0].entry):
            return Array(args[0].dims, UNIT if name in ("gt", "ge", "ne") else ZERO, True)
        return getattr(meaning, f"_{name}")(*args)
    raise Refuse(f"the primitive {name} has no rule here")


def _dot(a: Array, b: Array, how: Any) -> Array:
    (left, right), (batch_a, batch_b) = how
    free_a = [k for k in range(len(a.dims)) if k not in (*left, *batch_a)]
    free_b = [k for k in range(len(b.dims)) if k not in (*right, *batch_b)]
    one = Array((*(a.dims[k] for k in (*batch_a, *free_a)), *((),) * len(free_b), *(a.dims[k] for k in left)), a.entry)
    two = Array((*(b.dims[k] for k in batch_b), *((),) * len(free_a), *(b.dims[k] for k in (*free_b, *right))), b.entry)
    both = pointwise(lambda x, y: x * y, one, two)
    rank = len(both.dims)
    return ar.reduced(both, list(range(rank - len(left), rank)), keep=False) if left else both


def _size(d: Any) -> Poly:
    """JAX's expression of sizes as ours, read off its terms."""
    if isinstance(d, int):
        return poly(d)
    out = ZERO
    for term, count in d._sorted_terms:
        product = poly(int(count))
        for factor, times in term._factors:
            if factor.var is None:
                product = product * power(_operation(factor), Fraction(int(times)))
            else:
                product = product * power(symbol(factor.var), Fraction(int(times)))
        out += product
    return out


def _operation(factor: Any) -> Poly:
    args = [_size(x) for x in factor.operands]
    if factor.operation == "floordiv":
        q = args[0] / args[1]
        if all(c.denominator == 1 and all(e > 0 for _, e in m) for m, c in q.terms.items()):
            return q
    raise Refuse(f"the operation {factor.operation} of sizes has no rule here")
