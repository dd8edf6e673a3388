"""A torch function as one formula: traced to tensor operations on symbolic sizes, and read operation by operation.

Every size is a symbol from beginning to end. A size that becomes a Python number, a branch on a size or on data, and an
operation that is not in the table are refused by name. The patches that keep logarithms of sizes exact are undone in
any case.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import torch
from torch._decomp import core_aten_decompositions
from torch.func import functionalize
from torch.fx.experimental.proxy_tensor import make_fx

from elbo_audit import program as pr
from elbo_audit.arrays import Array, scalar
from elbo_audit.constants import number
from elbo_audit.program import Program
from elbo_audit.roles import NUMBERS
from elbo_audit.terms import HALF, ZERO, Poly, Refuse, element, log, of_atom, poly, power, symbol
from elbo_audit.torch_ops import Meaning, arr

INFINITE: Final = element("infinity", [])  # may be put nowhere; elsewhere the audit ends
KEPT: Final = (
    *("softplus", "logsumexp", "_log_softmax", "_softmax", "detach", "binary_cross_entropy", "nll_loss_forward"),
    *(
        "binary_cross_entropy_with_logits",
        "native_dropout",
        "linalg_vector_norm",
        "clamp",
        "xlogy",
        "nll_loss2d_forward",
    ),
)


@functools.cache
def decompositions() -> dict[Any, Any]:
    """The second reading: what torch itself takes apart, less what it takes apart with cases that need no reading."""
    table = core_aten_decompositions()
    return {op: f for op, f in table.items() if op._overloadpacket.__name__ not in KEPT}


def read(program: Program, meaning: Meaning, apart: bool = False) -> Array:
    """The loss as an array of formulas."""
    graph, names = trace(program, apart)
    return interpret(graph, program, names, meaning)


def trace(program: Program, apart: bool = False) -> tuple[Any, dict[str, Poly]]:
    """The graph, and what torch's symbols for sizes stand for; where nothing can be taken apart, the same graph as it stands."""
    if apart and not any(node.target in decompositions() for node in trace(program)[0].graph.nodes):
        return trace(program)
    if apart not in program.traces:
        program.traces[apart] = _traced(program, apart)
    found: tuple[Any, dict[str, Poly]] = program.traces[apart]
    return found


def _traced(program: Program, apart: bool) -> tuple[Any, dict[str, Poly]]:
    sizes = pr.tracing_sizes(program.roles)
    generator = torch.Generator().manual_seed(0)
    several = pr.classes(program.roles, sizes)
    inputs = []
    for r in program.roles.values():
        example = pr.example(r, sizes, generator, several)
        inputs.append(torch.empty(example, dtype=torch.float64) if r.kind in NUMBERS else example)

    def run(*tensors: Any) -> Any:
        given = {
            n: t.shape[0] if r.kind in NUMBERS else t for (n, r), t in zip(program.roles.items(), tensors, strict=True)
        }
        out = program.picked(program.call(**given))
        if not isinstance(out, torch.Tensor):
            raise Refuse(f"the function returns a {type(out).__name__}, not a tensor")
        return out

    table = decompositions() if apart else {}
    with symbolic(program.call):
        graph = _made(run, table, inputs)
        if any(_mutates(n) for n in graph.graph.nodes):
            graph = _made(functionalize(run, remove="mutations"), table, inputs)
    graph.graph.eliminate_dead_code()
    return graph, _names(graph, program, sizes)


def _made(run: Callable[..., Any], table: Any, inputs: list[Any]) -> Any:
    try:
        # The cache costs more than it saves in so short a trace.
        with torch._dynamo.config.patch(fake_tensor_cache_enabled=False):
            return make_fx(run, tracing_mode="symbolic", decomposition_table=table)(*inputs)
    except (Refuse, ValueError):
        raise
    except Exception as why:  # noqa: BLE001 (the user's code may raise anything)
        text = " ".join(str(why).split())
        if "data-dependent" in text or "GuardOnDataDependent" in type(why).__name__:
            raise Refuse(
                "a branch on data: what is computed depends on the values (if, while, bool(), int())"
            ) from None
        if "SymInt" in text or "SymFloat" in text:
            raise Refuse(f"a size is used where only a Python number will do: {text[:120]}") from None
        if "FakeTensor" in text:
            raise Refuse(
                "a tensor that is no argument enters the loss (a parameter or a buffer of a model?): give it a role"
            ) from None
        raise Refuse(f"the function cannot be traced: {type(why).__name__}: {text[:200]}") from None


def _mutates(node: Any) -> bool:
    schema = getattr(node.target, "_schema", None)
    return bool(getattr(schema, "is_mutable", False)) and "normal_" not in str(node.target)


def _names(graph: Any, program: Program, sizes: Mapping[str, int]) -> dict[str, Poly]:
    env = graph.shape_env
    by_value = {v: symbol(k) for k, v in sizes.items()}
    for r in program.roles.values():
        for s in r.sizes:
            by_value.setdefault(pr.length(s, sizes), pr.size_poly(s))
    hints = {str(s): int(v) for s, v in env.backed_var_to_val.items()}
    names = {s: by_value[v] for s, v in hints.items() if v in by_value}
    literal = {p for r in program.roles.values() for s in r.sizes for p in s if isinstance(p, int)}
    for s, v in env.replacements.items():
        value = hints.get(str(s))
        if v.is_number and value not in literal:
            raise Refuse(
                f"the size {names.get(str(s), s)} becomes a Python number (a loop over it, int(), float(), a list): "
                "the trace would hold for that size only"
            )
    for guard in env.guards:
        said = str(guard.expr)
        if not all(hints.get(str(s)) in literal for s in guard.expr.free_symbols):  # a literal size is what it is
            for known, n in names.items():
                said = said.replace(known, n.key.strip("1*$"))
            if not _always(guard.expr, names):
                raise Refuse(f"a branch on a size: {said}")
    return names


def _always(e: Any, names: Mapping[str, Poly]) -> bool:
    """True for all sizes: two ways to say one size, or that one size divides another, which a view of known rows asks."""
    if type(e).__name__ != "Equality":
        return False
    left, right = e.args
    if type(left).__name__ == "Mod" and right == 0:
        return _is_whole(of_size(left.args[0], names) / of_size(left.args[1], names))
    return of_size(left, names) == of_size(right, names)


# --- what is patched while a function is traced ----------------------------------------------------------------------


@contextlib.contextmanager
def symbolic(function: Callable[..., Any]) -> Iterator[None]:
    """While tracing: logarithms and roots of sizes stay exact, len() is symbolic, torch's laws do not read their data."""
    modules: list[tuple[Any, str, Any]] = []

    def patch(where: Any, name: str, new: Any) -> None:
        modules.append(
            (
                where,
                name,
                where.__dict__.get(name, _ABSENT) if not isinstance(where, dict) else where.get(name, _ABSENT),
            )
        )
        if isinstance(where, dict):
            where[name] = new
        else:
            setattr(where, name, new)

    for module in (math, np):
        patch(module, "log", _of_size(module.log, lambda v: _log_of_size(v)))
        patch(module, "sqrt", _of_size(module.sqrt, lambda v: torch.sym_sqrt(v)))
    scope = getattr(_plain(function), "__globals__", {})
    originals = {id(v): n for n, v in (("log", modules[0][2]), ("sqrt", modules[1][2]))}
    for name, value in list(scope.items()):  # from math import log
        if id(value) in originals:
            patch(scope, name, getattr(math, originals[id(value)]))
    patch(scope, "len", _length)
    patch(torch.nn.functional, "gaussian_nll_loss", _gaussian_nll_loss)
    checks = torch.distributions.Distribution._validate_args
    precision = torch.get_default_dtype()
    torch.distributions.Distribution.set_default_validate_args(False)
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(precision)
        torch.distributions.Distribution.set_default_validate_args(checks)
        for where, name, old in reversed(modules):
            if isinstance(where, dict):
                where.pop(name) if old is _ABSENT else where.__setitem__(name, old)
            else:
                setattr(where, name, old)


_ABSENT: Final = object()


def _plain(function: Callable[..., Any]) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return getattr(function, "__func__", getattr(function, "func", function))


def _is_size(v: Any) -> bool:
    return isinstance(v, torch.SymInt | torch.SymFloat)


def _of_size(plain: Callable[..., Any], exact: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda v, *rest, **kw: exact(v) if _is_size(v) and not rest and not kw else plain(v, *rest, **kw)


def _log_of_size(v: Any) -> Any:
    exact: Any = torch
    return exact._sym_log2(torch.sym_float(v)) * 0.6931471805599453


def _length(v: Any) -> Any:
    return v.shape[0] if isinstance(v, torch.Tensor) and v.dim() else v.__len__()


def _gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """torch's own reads its data to refuse negative variances; beyond that it computes this."""
    if not isinstance(var, torch.Tensor):
        var = torch.full((), float(var))
    var = var.clamp(min=eps)
    each = 0.5 * (torch.log(var) + (input - target) ** 2 / var) + (0.5 * math.log(2 * math.pi) if full else 0.0)
    return each.mean() if reduction == "mean" else each.sum() if reduction == "sum" else each


# --- reading the graph -----------------------------------------------------------------------------------------------


def interpret(graph: Any, program: Program, names: Mapping[str, Poly], meaning: Meaning) -> Array:
    """The formula that a graph computes."""
    values: dict[str, Any] = {}
    arguments = iter(program.roles.items())

    def size(v: Any) -> Poly:
        if _is_size(v):
            return of_size(v.node.expr, names)
        return number(v)

    def value(x: Any) -> Any:
        if isinstance(x, torch.fx.Node):
            return values[x.name]
        if isinstance(x, list | tuple):
            return [value(y) for y in x]
        if isinstance(x, bool) or not isinstance(x, int | float):
            return x
        return x if isinstance(x, int) else number(x)

    for node in graph.graph.nodes:
        if node.op == "placeholder":
            name, r = next(arguments)
            values[node.name] = pr.argument(name, r)
        elif node.op == "get_attr":
            held = getattr(graph, node.target)
            if held.requires_grad:
                raise Refuse("a parameter of the model enters the loss: give it a role")
            if held.numel() != 1:
                raise Refuse("a tensor of constants with many entries")
            value_of = INFINITE if math.isinf(held.item()) else number(held.item())
            values[node.name] = Array(((),) * held.dim(), value_of)
        elif node.op == "output":
            out = node.args[0]
            return arr(values[(out[0] if isinstance(out, list | tuple) else out).name])
        else:
            values[node.name] = _one(node, value, size, meaning)
    raise Refuse("the trace has no end")


def _one(node: Any, value: Callable[[Any], Any], size: Callable[[Any], Poly], meaning: Meaning) -> Any:
    seen = node.meta.get("val")
    name = getattr(node.target, "_overloadpacket", node.target).__name__
    if isinstance(seen, torch.SymInt | torch.SymFloat | int | float) and name != "_local_scalar_dense":
        return size(seen)
    if name == "getitem":
        return value(node.args[0])[node.args[1]]
    first = seen[0] if isinstance(seen, tuple | list) else seen
    shape = [size(n) for n in first.shape] if isinstance(first, torch.Tensor) and not of_data(first) else []
    args, kw = value(list(node.args)), {k: value(v) for k, v in node.kwargs.items()}
    args = [
        scalar(poly(a)) if isinstance(a, int) and not isinstance(a, bool) and _is_number_slot(name, k) else a
        for k, a in enumerate(args)
    ]
    return meaning.apply(name, args, kw, shape)


def of_data(t: Any) -> bool:
    """Does a length depend on data, as of entries that a mask picks?"""
    return any(_is_size(n) and any(str(s).startswith("u") for s in n.node.expr.free_symbols) for n in t.shape)


def _is_number_slot(name: str, place: int) -> bool:
    """Whole numbers that are values, not dimensions."""
    return name in ("add", "sub", "rsub", "mul", "div", "pow", "maximum", "minimum", "clamp", "clamp_min", "clamp_max",
                    "full_like", "scalar_tensor", "new_full", "full", "where", "masked_fill", "fill",
                    "softplus", "gt", "ge", "lt", "le", "eq", "ne", "threshold") and (name, place) not in (
                        ("full", 0), ("new_full", 1))  # fmt: skip


def of_size(e: Any, names: Mapping[str, Poly]) -> Poly:
    """torch's expression of sizes as ours."""
    if e.is_Symbol:
        if e.name not in names:
            raise Refuse(f"a size or a number that depends on data ({e})")
        return names[e.name]
    if e.is_Integer:
        return poly(int(e))
    if e.is_Rational:
        return poly(int(e.p)) / poly(int(e.q))
    if e.is_Float:
        return number(float(e))
    kind = type(e).__name__
    args = [of_size(x, names) for x in e.args]
    if kind in ("ToFloat", "Identity", "CeilToInt", "TruncToInt", "FloorToInt") and all(_is_whole(a) for a in args):
        return args[0]
    if kind in ("IntTrueDiv", "FloatTrueDiv"):
        return args[0] / args[1]
    if kind in ("FloatPow", "PowByNatural", "Pow") and (k := args[1].number()) is not None:
        return power(args[0], k)
    if kind in ("FloorDiv", "CleanDiv"):
        return _whole_quotient(args[0], args[1])
    if kind == "Add":
        out = args[0]
        for a in args[1:]:
            out = out + a
        return out
    if kind == "Mul":
        out = args[0]
        for a in args[1:]:
            out = out * a
        return out
    if kind == "OpaqueUnaryFn_log2":
        return log(args[0]) / log(poly(2))
    if kind == "OpaqueUnaryFn_log":
        return log(args[0])
    if kind == "OpaqueUnaryFn_sqrt":
        return power(args[0], HALF)
    raise Refuse(f"the number {' '.join(str(e).split())[:80]}, made of sizes, has no rule here")


def _whole_quotient(a: Poly, b: Poly) -> Poly:
    """a // b, where it is the same for all sizes: b divides a, or a = t b + rest with 0 <= rest < b."""
    q = a / b
    if _is_whole(q):
        return q
    for t in range(5):
        rest = a - b * t
        if _never_negative(rest) and _never_negative(b - rest - 1):
            return poly(t)
    k = b.number()
    if k is not None and k.denominator == 1:  # (2 n + 1) // 2 is n
        floors = Poly({m: c / k for m, c in a.terms.items() if m})
        if _is_whole(floors):
            return floors + (a.terms.get((), 0) // k)
    raise Refuse("a whole division of sizes that may leave a rest")


def _never_negative(p: Poly) -> bool:
    """For all sizes of at least 1: every coefficient is, with 1 + n for each size n."""
    names = {a for m in p.terms for a, _ in m}
    if any(a.head != "sym" for a in names) or not all(e.denominator == 1 and e > 0 for m in p.terms for _, e in m):
        return False
    out = ZERO
    for m, c in p.terms.items():
        term = poly(c)
        for a, e in m:
            term = term * power(of_atom(a) + 1, e)
        out += term
    return all(c >= 0 for c in out.terms.values())


def _is_whole(p: Poly) -> bool:
    return all(c.denominator == 1 and all(e > 0 and e.denominator == 1 for _, e in m) for m, c in p.terms.items())
