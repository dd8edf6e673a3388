"""The trace once more, as it stands: nested sums over indexed families in SymPy, for the prover. Nothing is simplified.

Only what the main losses need is read; what is not in the table has no theorem, and the verdict says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sympy as sp
import torch

from elbo_audit import program as pr
from elbo_audit.constants import number
from elbo_audit.program import Program
from elbo_audit.terms import Poly, Refuse
from elbo_audit.torch_trace import INFINITE, of_size

Dim = tuple[str, ...]  # the names of the sizes


@dataclass(frozen=True)
class Range:
    """The index of a size, and the size."""

    index: sp.Symbol
    size: sp.Expr


@dataclass(frozen=True)
class Family:
    """Entries by the indices of their sizes."""

    dims: tuple[Dim, ...]
    entry: sp.Expr


def log_sum(v: sp.Expr) -> sp.Expr:
    return sp.log(1 + sp.exp(v))


ONE: Final[dict[str, Callable[[sp.Expr], sp.Expr]]] = {
    "neg": lambda v: -v,
    "exp": sp.exp,
    "log": sp.log,
    "log1p": lambda v: sp.log(1 + v),
    "sqrt": sp.sqrt,
    "square": lambda v: v**2,
    "reciprocal": lambda v: 1 / v,
    "softplus": log_sum,
    "sigmoid": lambda v: sp.exp(v) / (1 + sp.exp(v)),
    **{n: (lambda v: v) for n in ("alias", "clone", "lift_fresh_copy", "expand", "view", "unsqueeze", "_to_copy")},
}
TWO: Final[dict[str, Callable[..., sp.Expr]]] = {
    "add": lambda a, b, t=1: a + b * t,
    "sub": lambda a, b, t=1: a - b * t,
    "rsub": lambda a, b, t=1: b - a * t,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "mse_loss": lambda a, b, *_: (a - b) ** 2,
    "binary_cross_entropy": lambda p, y, *_: -y * sp.log(p) - (1 - y) * sp.log(1 - p),
    "binary_cross_entropy_with_logits": lambda v, y, *_: log_sum(v) - y * v,
}
REDUCTION: Final = {"mse_loss": 2, "binary_cross_entropy": 3, "binary_cross_entropy_with_logits": 4}


class Plain:
    """Reads a graph; `ranges` says which index and which size stand for a name, `entries` what an argument is."""

    def __init__(self, ranges: Mapping[str, Range], entries: Mapping[str, Family], unguarded: bool = False) -> None:
        self.ranges, self.entries, self.unguarded = ranges, entries, unguarded

    def read(self, graph: Any, program: Program, names: Mapping[str, Poly]) -> sp.Expr:
        values: dict[str, Any] = {}
        arguments = iter(program.roles)
        for node in graph.graph.nodes:
            if node.op == "placeholder":
                values[node.name] = self.entries[next(arguments)]
            elif node.op == "get_attr":
                held = getattr(graph, node.target)
                if held.numel() != 1 or INFINITE is number(held.item()):
                    raise Refuse("a tensor of constants")
                values[node.name] = Family(((),) * held.dim(), self.size(number(held.item())))
            elif node.op == "output":
                out = node.args[0]
                found: Family = values[(out[0] if isinstance(out, list | tuple) else out).name]
                if any(found.dims):
                    raise Refuse("several numbers")
                return found.entry
            else:
                values[node.name] = self._one(node, values, names)
        raise Refuse("the trace has no end")

    def size(self, p: Poly) -> sp.Expr:
        """An expression of sizes."""
        out = sp.Integer(0)
        for m, c in p.terms.items():
            term = sp.Rational(c.numerator, c.denominator)
            for a, e in m:
                term *= self._atom(a) ** sp.Rational(e.numerator, e.denominator)
            out += term
        return out

    def _atom(self, a: Any) -> sp.Expr:
        if a.head == "sym" and a.args[0] in self.ranges:
            return self.ranges[a.args[0]].size
        if a.head == "sym" and a.args[0] in self.entries:  # a weight
            return self.entries[a.args[0]].entry
        if a.head == "num":
            return sp.Integer(a.args[0])
        if a.head == "pi":
            return sp.pi
        if a.head == "log":
            return sp.log(self.size(a.args[0]))
        raise Refuse("a number that the prover has no name for")

    def _one(self, node: Any, values: Mapping[str, Any], names: Mapping[str, Poly]) -> Any:
        seen = node.meta.get("val")
        name = node.target._overloadpacket.__name__ if hasattr(node.target, "_overloadpacket") else node.target.__name__
        if isinstance(seen, torch.SymInt | torch.SymFloat):
            return Family((), self.size(of_size(seen.node.expr, names)))
        if not isinstance(seen, torch.Tensor) or node.kwargs.get("rounding_mode"):
            raise Refuse(f"no plain reading of {name}")

        def value(x: Any) -> Any:
            if isinstance(x, torch.fx.Node):
                return values[x.name]
            if isinstance(x, int | float) and not isinstance(x, bool):
                return Family((), self.size(number(x)))
            return x

        args = list(node.args)
        if name in ("sum", "mean"):
            return self._reduced(value(args[0]), args[1] if len(args) > 1 else None, len(args) > 2 and args[2], name)
        shape = self._dims(seen, names)
        if name in ("full", "zeros_like", "ones_like", "zeros", "ones", "full_like"):
            v = 1 if "ones" in name else 0 if "zeros" in name else args[1]
            return Family(shape, value(v).entry if isinstance(v, float) else sp.sympify(v))
        if name in ONE or (name in ("clamp", "clamp_min", "clamp_max") and self.unguarded):
            return Family(shape, ONE.get(name, lambda v: v)(value(args[0]).entry))
        if name in TWO:
            if name in REDUCTION and len(args) > 2 and name != "mse_loss" and args[2] is not None:
                raise Refuse("weights")
            more = [value(node.kwargs["alpha"]).entry] if "alpha" in node.kwargs else []
            both = [value(a) for a in args[:2]]
            each = Family(self._joined(*both), TWO[name](*(f.entry for f in both), *more))
            if name not in REDUCTION:
                return each
            how = args[REDUCTION[name]] if len(args) > REDUCTION[name] else 1
            return each if how == 0 else self._reduced(each, None, False, "mean" if how == 1 else "sum")
        raise Refuse(f"no plain reading of {name}")

    def _dims(self, seen: Any, names: Mapping[str, Poly]) -> tuple[Dim, ...]:
        out: list[Dim] = []
        for n in seen.shape:
            p = of_size(n.node.expr, names) if isinstance(n, torch.SymInt) else number(int(n))
            known = [s for s in self.ranges if p == pr.size_poly((int(s) if s.isdigit() else s,))]
            if p.number() == 1:
                out.append(())
            elif known:
                out.append((known[0],))
            else:
                raise Refuse("a dimension that is no size of an argument")
        return tuple(out)

    def _joined(self, *several: Family) -> tuple[Dim, ...]:
        rank = max(len(f.dims) for f in several)
        padded = [((),) * (rank - len(f.dims)) + f.dims for f in several]
        return tuple(max(column, key=len) for column in zip(*padded, strict=True))

    def _reduced(self, f: Family, dims: Any, keep: Any, how: str) -> Family:
        rank = len(f.dims)
        several: Sequence[int] = [dims] if isinstance(dims, int) else dims or range(rank)
        over = sorted({d % rank for d in several}) if rank else []
        entry = f.entry
        for k in reversed(over):  # the first dimension outermost
            for s in f.dims[k]:
                r = self.ranges[s]
                entry = sp.Sum(entry, (r.index, 1, r.size))
                if how == "mean":
                    entry = entry / r.size
        left = tuple(() if k in over else d for k, d in enumerate(f.dims) if keep or k not in over)
        if len({s for d in left for s in d}) != sum(map(len, left)):
            raise Refuse("two axes of one size")
        return Family(left, entry)
