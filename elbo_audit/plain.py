"""The trace once more, as it stands: nested sums over indexed families in SymPy, for the prover. Nothing is simplified.

Every dimension keeps the names of the sizes that it is made of, in their order; what would put two rows of one size side
by side, or is not in the tables, has no reading here, and the verdict says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

import sympy as sp
import torch

from elbo_audit import program as pr
from elbo_audit.constants import number
from elbo_audit.families import AGAIN, Dim, Family, Range, summed
from elbo_audit.plain_pieces import Beside, Picked, of_beside, of_picked, side_by_side
from elbo_audit.program import Program
from elbo_audit.terms import Poly, Refuse, poly
from elbo_audit.torch_trace import of_data, of_size

# --- what an operation is --------------------------------------------------------------------------------------------


def log_sum(v: sp.Expr) -> sp.Expr:
    return sp.log(1 + sp.exp(v))


NEVER, MASK = "never true", "zeros and ones"
SAME: Final = ("alias", "clone", "contiguous", "lift_fresh_copy", "_to_copy")
REGROUP: Final = ("view", "_unsafe_view", "reshape", "unsqueeze", "squeeze", "flatten")
ONE: Final[dict[str, Callable[[sp.Expr], sp.Expr]]] = {
    "neg": lambda v: -v,
    "exp": sp.exp,
    "log": sp.log,
    "log1p": lambda v: sp.log(1 + v),
    "sqrt": sp.sqrt,
    "rsqrt": lambda v: 1 / sp.sqrt(v),
    "square": lambda v: v**2,
    "reciprocal": lambda v: 1 / v,
    "abs": sp.Abs,
    "softplus": log_sum,
    "sigmoid": lambda v: sp.exp(v) / (1 + sp.exp(v)),
    "log_sigmoid_forward": lambda v: -log_sum(-v),
    **{n: (lambda v: v) for n in SAME},
}
TWO: Final[dict[str, Callable[..., sp.Expr]]] = {
    "add": lambda a, b, t=1: a + b * t,
    "sub": lambda a, b, t=1: a - b * t,
    "rsub": lambda a, b, t=1: b - a * t,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "xlogy": lambda a, b: a * sp.log(b),
    "logaddexp": lambda a, b: sp.log(sp.exp(a) + sp.exp(b)),
    "mse_loss": lambda a, b: (a - b) ** 2,
    "l1_loss": lambda a, b: sp.Abs(a - b),
    "binary_cross_entropy": lambda p, y: -y * sp.log(p) - (1 - y) * sp.log(1 - p),
    "binary_cross_entropy_with_logits": lambda v, y: log_sum(v) - y * v,
}
REDUCTION: Final = {  # where the reduction stands among the arguments
    "mse_loss": 2, "l1_loss": 2, "binary_cross_entropy": 3, "binary_cross_entropy_with_logits": 4,
}  # fmt: skip


class Plain:
    """Reads a graph; `ranges` says which index and which size stand for a name, `entries` what an argument is."""

    def __init__(self, ranges: Mapping[str, Range], entries: Mapping[str, Family], unguarded: bool = False) -> None:
        self.ranges, self.entries, self.unguarded = ranges, entries, unguarded
        self.draws: list[Family] = []
        self.unknowns = 0

    def read(self, graph: Any, program: Program, names: Mapping[str, Poly]) -> sp.Expr:
        values: dict[str, Any] = {}
        arguments = iter(program.roles)
        for node in graph.graph.nodes:
            if node.op == "placeholder":
                values[node.name] = self.entries[next(arguments)]
            elif node.op == "get_attr":
                held = getattr(graph, node.target)
                if held.numel() != 1:
                    raise Refuse("a tensor of constants")
                finite = math.isfinite(held.item())  # what is not may be put where nothing is put
                value = self.size(number(held.item())) if finite else sp.nan
                values[node.name] = Family(((),) * held.dim(), value)
            elif node.op == "output":
                out = node.args[0]
                found: Family = values[(out[0] if isinstance(out, list | tuple) else out).name]
                return self.reduced(found, None, False, "sum").entry
            else:
                values[node.name] = self._one(node, values, names)
        raise Refuse("the trace has no end")

    def size(self, p: Poly) -> sp.Expr:
        """An expression of sizes, of weights, and of sums of arguments."""
        return self._formula(p, {})

    def _formula(self, p: Poly, places: Mapping[str, sp.Expr]) -> sp.Expr:
        out = sp.Integer(0)
        for m, c in p.terms.items():
            term = sp.Rational(c.numerator, c.denominator)
            for a, e in m:
                term *= self._atom(a, places) ** sp.Rational(e.numerator, e.denominator)
            out += term
        return out

    def _atom(self, a: Any, places: Mapping[str, sp.Expr]) -> sp.Expr:
        if a.head == "sym" and a.args[0] in self.ranges:
            return self.ranges[a.args[0]].size
        if a.head == "sym" and a.args[0] in self.entries:  # a weight
            return self.entries[a.args[0]].entry
        if a.head == "num":
            return sp.Integer(a.args[0])
        if a.head == "pi":
            return sp.pi
        if a.head == "log":
            return sp.log(self._formula(a.args[0], places))
        if a.head == "poly":
            return self._formula(a.args[0], places)
        if a.head == "elem" and a.args[0] in self.entries:
            f = self.entries[a.args[0]]
            own = [self.ranges[s].index for s in f.names]
            return f.entry.xreplace(dict(zip(own, (places[i] for i in a.args[1]), strict=True)))
        if a.head == "sum":
            body, axes = a.args
            over = [self._range(n) for _, n in axes]
            if len({r.index for r in over}) != len(over):
                raise Refuse("two axes of one size")
            inside = {i: r.index for (i, _), r in zip(axes, over, strict=True)}
            out = self._formula(Poly({body: next(iter(poly(1).terms.values()))}), {**places, **inside})
            for r in sorted(over, key=lambda r: str(r.index)):
                out = summed(out, r)
            return out
        raise Refuse("a number that the prover has no name for")

    def _range(self, n: Poly) -> Range:
        found = [r for s, r in self.ranges.items() if n == pr.size_poly((_part(s),))]
        if not found:
            raise Refuse("a dimension that is no size of an argument")
        return found[0]

    def _one(self, node: Any, values: Mapping[str, Any], names: Mapping[str, Poly]) -> Any:
        seen = node.meta.get("val")
        name = getattr(node.target, "_overloadpacket", node.target).__name__
        if isinstance(seen, torch.SymInt | torch.SymFloat):
            return Family((), self.size(of_size(seen.node.expr, names)))
        if name == "getitem":
            return values[node.args[0].name][node.args[1]]
        several = isinstance(seen, tuple | list)
        first = seen[0] if several else seen
        if not isinstance(first, torch.Tensor) or node.kwargs.get("rounding_mode"):
            raise Refuse(f"no plain reading of {name}")

        def value(x: Any) -> Any:
            if isinstance(x, torch.fx.Node):
                return values[x.name]
            if isinstance(x, int | float) and not isinstance(x, bool):
                return Family((), self.size(number(x)))
            return x

        shape = [] if of_data(first) else [self._length(n, names) for n in first.shape]
        found = self._meaning(name, list(node.args), node.kwargs, shape, value)
        return found if not several or isinstance(found, list) else [found]

    def _length(self, n: Any, names: Mapping[str, Poly]) -> Poly:
        return of_size(n.node.expr, names) if isinstance(n, torch.SymInt) else number(int(n))

    def length(self, d: Dim) -> Poly:
        """The length of a dimension, in sizes."""
        out = poly(1)
        for s in d:
            out = out * pr.size_poly((_part(s),))
        return out

    def count(self, n: Any) -> Poly:
        """A number of entries, in sizes."""
        e = n.entry if isinstance(n, Family) else sp.sympify(n, strict=True)
        out = poly(0)
        for term in sp.Add.make_args(sp.expand(e)):
            c, several = term.as_coeff_mul()
            product = poly(Fraction(int(c.p), int(c.q)))
            for f in several:
                base, power = f.as_base_exp()
                (name,) = [s for s, r in self.ranges.items() if r.size == base]
                product = product * pr.size_poly((_part(name),)) ** int(power)
            out = out + product
        return out

    def _meaning(self, name: str, args: list[Any], kw: Mapping[str, Any], shape: list[Poly], value: Any) -> Any:
        if name in ("cat", "stack"):
            return side_by_side(name, [value(a) for a in args[0]], args[1] if len(args) > 1 else 0)
        if args and isinstance(args[0], torch.fx.Node) and isinstance(value(args[0]), Beside):
            return of_beside(self, name, args, shape, value)
        if args and isinstance(args[0], torch.fx.Node) and isinstance(value(args[0]), Picked):
            return of_picked(self, name, value(args[0]))
        if name in ("index", "masked_select"):
            by = args[1] if name == "index" else [args[1]]
            rest = len(value(args[0]).dims) - len(value(by[0]).dims)
            mask = value(by[0])
            if len(by) != 1 or mask.label != MASK or rest < 0:
                raise Refuse("indexing by an array")
            return Picked(value(args[0]), replace(mask, dims=(*mask.dims, *((),) * rest), label=""))
        if name in ("gt", "ge", "ne", "_to_copy") and value(args[0]).label == MASK:
            k = value(args[1]).entry if name != "_to_copy" else sp.Integer(0)
            if {"gt": 0 <= k < 1, "ge": 0 < k <= 1, "ne": k == 0, "_to_copy": True}[name]:
                return value(args[0])
        if name in ("sum", "mean"):
            return self.reduced(value(args[0]), args[1] if len(args) > 1 else None, len(args) > 2 and args[2], name)
        if name in ("logsumexp", "_softmax", "_log_softmax"):
            return self._normaliser(name, value(args[0]), args[1], len(args) > 2 and args[2])
        if name in ("amax", "max") and len(args) > 1 and not isinstance(args[1], torch.fx.Node):
            return self._unknown(value(args[0]), args[1], len(args) > 2 and args[2])
        if name in ("nll_loss_forward", "nll_loss2d_forward"):
            if args[2] is not None:
                raise Refuse("weights of the classes")
            table = value(args[0])
            each = self._chosen(table, value(args[1]), len(table.dims) - 1 if len(table.dims) == 2 else 1, -1)
            return self._loss(each, args[3])
        if name in ("full", "zeros_like", "ones_like", "zeros", "ones", "full_like", "scalar_tensor", "new_zeros"):
            v = 1 if "ones" in name else 0 if "zeros" in name else args[0 if name == "scalar_tensor" else 1]
            return Family(self._named(shape), value(v).entry)
        if name in ("randn", "randn_like", "normal_functional", "normal_", "normal"):
            return self._draw(name, args, shape, value)
        if name in ("mm", "bmm", "dot", "mv"):
            return self._product(value(args[0]), value(args[1]))
        if name in ("empty", "empty_like", "new_empty"):
            return Family(self._named(shape), sp.nan)  # of memory nothing is known until something is written
        if name in ("eq", "le", "lt") and value(args[1]).entry == 0 and value(args[0]).entry.is_positive:
            return replace(value(args[0]), entry=sp.Integer(0), label=NEVER)
        if name in ("index_put", "index_put_") and len(args[1]) == 1 and value(args[1][0]).label == NEVER:
            return value(args[0])
        if name == "slice" and [self.length(d) for d in value(args[0]).dims] == shape:
            return value(args[0])
        if name in REGROUP:
            return self._regrouped(value(args[0]), shape)
        if name == "expand":
            f, named = value(args[0]), self._named(shape)
            dims = ((),) * (len(shape) - len(f.dims)) + f.dims
            return _distinct(replace(f, dims=tuple(d or n for d, n in zip(dims, named, strict=True))))
        if name in ("permute", "transpose", "t"):
            f = value(args[0])
            order = list(range(len(f.dims)))
            if name == "permute":
                order = [int(k) for k in args[1]]
            else:
                i, k = (0, 1) if name == "t" else (int(args[1]), int(args[2]))
                order[i], order[k] = order[k], order[i]
            return replace(f, dims=tuple(f.dims[k] for k in order))
        if name in ONE:
            f = value(args[0])
            return replace(f, entry=ONE[name](f.entry), label=f.label if name in SAME else "")
        if name in ("clamp", "clamp_min", "clamp_max") and self.unguarded:
            return value(args[0])
        if name in TWO:
            if name in REDUCTION and name not in ("mse_loss", "l1_loss") and len(args) > 2 and args[2] is not None:
                raise Refuse("weights")
            more = [value(kw["alpha"]).entry] if "alpha" in kw else []
            both = [value(a) for a in args[:2]]
            each = Family(self.joined(*both), TWO[name](*(f.entry for f in both), *more))
            if name not in REDUCTION:
                return each
            return self._loss(each, args[REDUCTION[name]] if len(args) > REDUCTION[name] else 1)
        raise Refuse(f"no plain reading of {name}")

    def _loss(self, each: Family, how: Any) -> Family:
        return each if how == 0 else self.reduced(each, None, False, "mean" if how == 1 else "sum")

    def _normaliser(self, name: str, f: Family, dims: Any, keep: Any) -> Family:
        """Logarithms of sums of exponentials, and what is divided by such a sum."""
        whole = self.reduced(replace(f, entry=sp.exp(f.entry)), dims, keep if name == "logsumexp" else True, "sum")
        if name == "logsumexp":
            return replace(whole, entry=sp.log(whole.entry))
        if name == "_softmax":
            return replace(f, entry=sp.exp(f.entry) / whole.entry)
        return replace(f, entry=f.entry - sp.log(whole.entry))

    def _product(self, a: Family, b: Family) -> Family:
        """The sum of products over the last axis of one, the last but one of the other."""
        if len(b.dims) == 1:
            joined = self.joined(a, b)
            return self.reduced(Family(joined, a.entry * b.entry), -1, False, "sum")
        left, right = replace(a, dims=(*a.dims, ())), replace(b, dims=(*b.dims[:-2], (), *b.dims[-2:]))
        return self.reduced(Family(self.joined(left, right), a.entry * b.entry), -2, False, "sum")

    def _unknown(self, f: Family, dims: Any, keep: Any) -> Family:
        """A maximum: any number in its place must do."""
        left = self.reduced(replace(f, entry=sp.Integer(0)), dims, keep, "sum").dims
        self.unknowns += 1
        places = [self.ranges[s].index for d in left for s in d]
        base = f"largest{self.unknowns}"
        return Family(left, sp.IndexedBase(base, real=True)[tuple(places)] if places else sp.Symbol(base, real=True))

    def _draw(self, name: str, args: list[Any], shape: list[Poly], value: Any) -> Family:
        if name in ("normal_", "normal_functional") and list(args[1:]) not in ([], [0.0, 1.0]):
            raise Refuse("draws of another width")
        dims = self._named(shape)
        places = tuple(self.ranges[s].index for d in dims for s in d)
        f = Family(dims, sp.IndexedBase(f"noise{len(self.draws) + 1}", real=True)[places])
        self.draws.append(f)
        if name == "normal":
            mean, std = value(args[0]), value(args[1])
            return Family(self.joined(mean, std, f), mean.entry + std.entry * f.entry)
        return f

    def _chosen(self, table: Family, labels: Family, at: int, sign: int) -> Family:
        """Entries that labels name: a sum over the classes with a 1 at the label."""
        (classes,) = table.dims[at]
        rows = tuple(d for k, d in enumerate(table.dims) if k != at)
        if labels.label in ("", NEVER, MASK) or labels.dims != rows:
            raise Refuse("entries chosen by something that is no argument of kind label")
        hot = indicator(labels.label, [*labels.names, classes], self.ranges)
        return Family(rows, summed(sign * hot * table.entry, self.ranges[classes]))

    # --- dimensions

    def _named(self, shape: Sequence[Poly]) -> tuple[Dim, ...]:
        """Names for dimensions along which nothing varies yet."""
        out: list[Dim] = []
        for p in shape:
            left, names = p, list[str]()
            for s in self.ranges:
                q = left / pr.size_poly((_part(s),))
                if p == pr.size_poly((_part(s),)):
                    left, names = poly(1), [s]
                elif not s.rstrip(AGAIN).isdigit() and len(left.terms) == 1 and _is_part(left, q):
                    left, names = q, [*names, s]
            if left != poly(1):
                raise Refuse("a dimension that is no size of an argument")
            out.append(tuple(names))
        return tuple(out)

    def _regrouped(self, f: Family, shape: Sequence[Poly]) -> Family:
        """Other groups of the same sizes, in the same order."""
        names, out = f.names, list[Dim]()
        for want in shape:
            got, have = list[str](), poly(1)
            while have != want:
                if not names:
                    raise Refuse("a reshape that cuts an axis")
                got.append(names.pop(0))
                have = have * pr.size_poly((_part(got[-1]),))
            out.append(tuple(got))
        if names:
            raise Refuse("a reshape that cuts an axis")
        return replace(f, dims=tuple(out))

    def joined(self, *several: Family) -> tuple[Dim, ...]:
        rank = max(len(f.dims) for f in several)
        padded = [((),) * (rank - len(f.dims)) + f.dims for f in several]
        out = []
        for column in zip(*padded, strict=True):
            there = {d for d in column if d}
            if len(there) > 1:
                raise Refuse("two arrays whose axes cannot be lined up")
            out.append(there.pop() if there else ())
        return _distinct(Family(tuple(out), sp.Integer(0))).dims

    def reduced(self, f: Family, dims: Any, keep: Any, how: str) -> Family:
        rank = len(f.dims)
        several: Sequence[int] = [dims] if isinstance(dims, int) else dims or range(rank)
        over = sorted({d % rank for d in several}) if rank else []
        entry = f.entry
        for k in reversed(over):  # the first dimension outermost
            for s in f.dims[k]:
                entry = summed(entry, self.ranges[s])
                if how == "mean":
                    entry = entry / self.ranges[s].size
        left = tuple(() if k in over else d for k, d in enumerate(f.dims) if keep or k not in over)
        return Family(left, entry)


def indicator(name: str, sizes: Sequence[str], ranges: Mapping[str, Range]) -> sp.Expr:
    """1 where the label of a row is the class, 0 elsewhere."""
    return sp.IndexedBase(f"is_{name}", integer=True)[tuple(ranges[s].index for s in sizes)]


def _distinct(f: Family) -> Family:
    if len(set(f.names)) != len(f.names):
        raise Refuse("two axes of one size")
    return f


def _part(s: str) -> str | int:
    bare = s.rstrip(AGAIN)
    return int(bare) if bare.isdigit() else bare


def _is_part(whole: Poly, q: Poly) -> bool:
    """Is the quotient a product of sizes again?"""
    (powers,) = q.terms
    return bool(whole.terms) and all(e > 0 and e.denominator == 1 for _, e in powers)
