"""What each tensor operation means: a table from ATen to arrays of formulas. What is not in it is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from elbo_audit import arrays as ar
from elbo_audit import pieces as pc
from elbo_audit.arrays import Array, pointwise, scalar
from elbo_audit.pieces import Joined, Picked
from elbo_audit.sums import atoms, held, total
from elbo_audit.terms import (
    HALF,
    IDEMPOTENT,
    ONE,
    UNIT,
    ZERO,
    Poly,
    Refuse,
    absolute,
    element,
    exp,
    larger,
    log,
    poly,
    positive,
    power,
    smaller,
)


def softplus(v: Poly) -> Poly:
    return log(exp(v) + 1)


def sigmoid(v: Poly) -> Poly:
    return exp(v) / (exp(v) + 1)


ONE_ARGUMENT: Final[dict[str, Callable[[Poly], Poly]]] = {
    "neg": lambda v: -v,
    "exp": exp,
    "log": log,
    "log2": lambda v: log(v) / log(poly(2)),
    "log10": lambda v: log(v) / log(poly(10)),
    "log1p": lambda v: log(v + 1),
    "expm1": lambda v: exp(v) - 1,
    "exp2": lambda v: exp(v * log(poly(2))),
    "sigmoid": sigmoid,
    "tanh": lambda v: sigmoid(v * 2) * 2 - 1,
    "abs": absolute,
    "sqrt": lambda v: power(v, HALF),
    "rsqrt": lambda v: power(v, -HALF),
    "reciprocal": lambda v: power(v, -ONE),
    "square": lambda v: v * v,
    "cosh": lambda v: (exp(v) + exp(-v)) * HALF,
    "sinh": lambda v: (exp(v) - exp(-v)) * HALF,
    "relu": lambda v: larger(v, ZERO),
    "log_sigmoid_forward": lambda v: -softplus(-v),
    "log_sigmoid": lambda v: -softplus(-v),
}
TWO_ARGUMENTS: Final[dict[str, Callable[[Poly, Poly], Poly]]] = {
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "true_divide": lambda a, b: a / b,
    "maximum": larger,
    "minimum": smaller,
    "logaddexp": lambda a, b: log(exp(a) + exp(b)),
    "xlogy": lambda a, b: a * log(b),
    "mse_loss": lambda a, b: (a - b) * (a - b),
    "l1_loss": lambda a, b: absolute(a - b),
}
BINARY: Final = (*TWO_ARGUMENTS, "add", "sub", "rsub")
LONGEST: Final = 2**40  # torch writes "to the end" as a very large number
TINY: Final = Fraction(1, 10**4)  # a larger constant is part of the formula
SAME: Final = (
    *("alias", "clone", "contiguous", "lift_fresh_copy", "lift_fresh", "view_as_real_copy", "expand_as"),
    *("alias_copy", "_unsafe_view_copy", "detach_copy"),
)
REGROUP: Final = ("view", "reshape", "_unsafe_view", "unsqueeze", "squeeze", "flatten", "_reshape_copy", "view_copy")
UNARY: Final = (*ONE_ARGUMENT, *SAME, "softplus", "clamp", "clamp_min", "clamp_max", "pow", "detach", "_to_copy")
FORBIDDEN: Final = {
    "native_dropout": "dropout: the loss is another one at each call; audit it in evaluation mode",
    "bernoulli": "draws of 0 and 1 (dropout?): audit the loss in evaluation mode, or pass the draws as an argument",
    "bernoulli_": "draws of 0 and 1 (dropout?): audit the loss in evaluation mode, or pass the draws as an argument",
    "rand": "uniform draws inside the loss; pass them as an argument, or audit the loss without them",
    "rand_like": "uniform draws inside the loss; pass them as an argument, or audit the loss without them",
    "exponential_": "exponential draws inside the loss (a Gumbel sample?)",
    "nonzero": "boolean indexing: sizes that depend on the data; multiply by the mask",
    "multinomial": "draws of a class inside the loss",
    "isnan": "a branch on not-a-number",
    "var": "a sample variance",
    "std": "a sample standard deviation",
}


@dataclass
class Meaning:
    """What was said about the trace while it was read: given, clamps, draws, arithmetic that rounds."""

    guards_off: bool = False
    given: list[str] = field(default_factory=list)
    rules: set[str] = field(default_factory=set)
    tiny: list[Fraction] = field(default_factory=list)  # constants added to keep a logarithm or a quotient finite
    clamps: list[tuple[str, bool]] = field(default_factory=list)  # in words; may it be read as not acting?
    draws: list[str] = field(default_factory=list)
    single: bool = False

    def note(self, text: str) -> None:
        if text not in self.given:
            self.given.append(text)

    def apply(self, name: str, args: Sequence[Any], kw: dict[str, Any], shape: Sequence[Poly]) -> Any:
        """One operation, by its ATen name."""
        self.rules.add(name)
        if any(isinstance(a, Joined) for a in args):
            return self._of_joined(name, args, kw, shape)
        if any(isinstance(a, Picked) for a in args):
            return self._of_picked(name, args, kw)
        if name in ("cat", "stack"):
            dim = int(args[1]) if len(args) > 1 else 0
            if name == "stack":
                return pc.stacked([arr(a) for a in args[0]], dim)
            return pc.joined([a if isinstance(a, Joined) else arr(a) for a in args[0]], dim)
        if name in ("index", "masked_select"):
            by = args[1] if isinstance(args[1], list) else [args[1]]
            if len(by) != 1:
                raise Refuse("indexing by several arrays; use F.cross_entropy or gather for labels")
            return pc.picked(arr(args[0]), arr(by[0]))
        if name in ONE_ARGUMENT:
            return pointwise(ONE_ARGUMENT[name], arr(args[0]))
        if name in ("mse_loss", "l1_loss"):
            each = pointwise(TWO_ARGUMENTS[name], arr(args[0]), arr(args[1]))
            return loss_reduction(each, args[2] if len(args) > 2 else kw.get("reduction", 1))
        if name in TWO_ARGUMENTS:
            if kw.get("rounding_mode") is not None:
                raise Refuse("a division that rounds")
            return pointwise(TWO_ARGUMENTS[name], arr(args[0]), arr(args[1]))
        if name in ("randn", "randn_like", "normal_functional", "normal_"):
            return self._draw(shape)
        special = getattr(self, f"_{name.strip('_')}", None)
        if special is not None:
            found = special(*args, shape=shape, **kw)
            return found if isinstance(found, list | Joined | Picked) else arr(found)
        if name in FORBIDDEN:
            raise Refuse(FORBIDDEN[name])
        if name in SAME:
            return arr(args[0])
        if name in REGROUP:
            return ar.reshaped(arr(args[0]), shape)
        if name in ("expand", "broadcast_to"):
            return ar.expanded(arr(args[0]), shape)
        if name.split("_like")[0] in ("zeros", "ones", "new_zeros", "new_ones"):
            return ar.constant(UNIT if "ones" in name else ZERO, shape)
        if name in ("full", "full_like", "new_full", "scalar_tensor", "fill"):
            value = args[{"full": 1, "full_like": 1, "new_full": 2, "scalar_tensor": 0, "fill": 1}[name]]
            return ar.constant(arr(value).entry, shape)
        if name.startswith(("empty", "new_empty")):
            return ar.constant(element("memory that was never written", []), shape)
        raise Refuse(f"the operation {name} has no rule here")

    # --- arrays of several parts, and what a mask picks

    def _of_joined(self, name: str, args: Sequence[Any], kw: dict[str, Any], shape: Sequence[Poly]) -> Any:
        a = args[0]
        rest = [x for x in args[1:] if isinstance(x, Joined)]
        if name in BINARY and (rest or isinstance(a, Joined)):
            a, b = (x if isinstance(x, Joined) else arr(x) for x in args[:2])
            return pc.pair(lambda x, y: arr(self.apply(name, [x, y, *args[2:]], kw, ())), a, b)
        if not isinstance(a, Joined) or rest:
            raise Refuse(f"{name} of arrays that were put side by side")
        if name in UNARY:
            return a.each(lambda x: arr(self.apply(name, [x, *args[1:]], kw, x.shape)))
        dim = int(args[1]) if name in ("unbind", "slice") and len(args) > 1 else 0
        if name == "unbind":
            return pc.unbound(a, dim)
        if name == "slice":
            return self._slice(a, *args[1:], shape=shape)
        if name == "select":
            return pc.unbound(a, int(args[1]))[int(args[2])]
        if name in ("split", "split_with_sizes"):
            dim = int(args[2]) if len(args) > 2 else int(kw.get("dim", 0))
            lengths = [arr(n).entry for n in args[1]] if isinstance(args[1], list) else arr(args[1]).entry
            return pc.pieces(a, dim, lengths)
        if name in ("sum", "mean"):
            dims, keep = _dims(args[1] if len(args) > 1 else None), bool(args[2] if len(args) > 2 else False)
            return (pc.summed if name == "sum" else pc.averaged)(a, dims, keep)
        if name in REGROUP:
            return pc.opened(a, shape)
        if name == "permute":
            order = [int(k) for k in args[1]]
            return Joined(order.index(a.dim), tuple(ar.permuted(p, order) for p in a.parts))
        raise Refuse(f"{name} of arrays that were put side by side")

    def _of_picked(self, name: str, args: Sequence[Any], kw: dict[str, Any]) -> Any:
        if name in BINARY:
            a, b = (x if isinstance(x, Picked) else arr(x) for x in args[:2])
            return pc.of_picked(lambda x, y: arr(self.apply(name, [x, y, *args[2:]], kw, ())), a, b)
        one = args[0]
        if isinstance(one, Picked) and name in UNARY:
            return Picked(arr(self.apply(name, [one.array, *args[1:]], kw, one.array.shape)), one.mask)
        if isinstance(one, Picked) and name in ("sum", "mean") and not _dims(args[1] if len(args) > 1 else None):
            return pc.total_of_picked(one, name == "mean")
        raise Refuse(f"{name} of the entries that a mask picks: multiply by the mask")

    # --- arithmetic

    def _add(self, a: Any, b: Any, alpha: Any = 1, **_: Any) -> Array:
        for one, other in ((a, b), (b, a)):
            tiny = arr(one).entry.number()
            if tiny is not None and 0 < abs(tiny) <= TINY and arr(other).entry.number() is None:
                self.tiny.append(tiny)
                if self.guards_off:
                    return arr(other)
        return pointwise(lambda x, y, t: x + y * t, arr(a), arr(b), arr(alpha))

    def _sub(self, a: Any, b: Any, alpha: Any = 1, **_: Any) -> Array:
        return pointwise(lambda x, y, t: x - y * t, arr(a), arr(b), arr(alpha))

    def _rsub(self, a: Any, b: Any, alpha: Any = 1, **_: Any) -> Array:
        return pointwise(lambda x, y, t: y - x * t, arr(a), arr(b), arr(alpha))

    def _addcmul(self, a: Any, b: Any, c: Any, value: Any = 1, **_: Any) -> Array:
        return pointwise(lambda x, y, z, t: x + y * z * t, arr(a), arr(b), arr(c), arr(value))

    def _lerp(self, a: Any, b: Any, w: Any, **_: Any) -> Array:
        return pointwise(lambda x, y, t: x + (y - x) * t, arr(a), arr(b), arr(w))

    def _pow(self, a: Any, b: Any, **_: Any) -> Array:
        base, to = arr(a), arr(b)
        if to.dims == () and (k := to.entry.number()) is not None:
            return pointwise(lambda x: power(x, k), base)
        return pointwise(lambda x, y: exp(y * log(x)), base, to)

    def _softplus(self, a: Any, beta: Any = 1, threshold: Any = 20, **_: Any) -> Array:
        self.note(
            "softplus is read as log(1 + e^x); torch returns x itself above 20, which changes an entry by less than 3e-9"
        )
        if arr(threshold).entry != poly(20) or arr(beta).entry != UNIT:
            raise Refuse("a softplus of another sharpness or threshold")
        return pointwise(softplus, arr(a))

    def _clamp(self, a: Any, low: Any = None, high: Any = None, **kw: Any) -> Array:
        low, high = (None if end is None or _endless(end) else end for end in (kw.get("min", low), kw.get("max", high)))
        v = arr(a)
        if low is None and high is None:
            return v
        said = (
            f"{_said(low)} <= " * (low is not None) + _entry_words(v.entry) + f" <= {_said(high)}" * (high is not None)
        )
        guard = _one_argument(v.entry) and _far(low, high)
        self.clamps.append((said, guard))
        if self.guards_off and guard:
            return v
        if low is not None:
            v = pointwise(larger, v, arr(low))
        return pointwise(smaller, v, arr(high)) if high is not None else v

    def _clamp_min(self, a: Any, low: Any, **_: Any) -> Array:
        return self._clamp(a, low)

    def _clamp_max(self, a: Any, high: Any, **_: Any) -> Array:
        return self._clamp(a, None, high)

    def _threshold(self, a: Any, at: Any, value: Any, **_: Any) -> Array:
        if at != value:
            raise Refuse("a threshold that jumps")
        return self._clamp(a, at)

    # --- likelihoods

    def _binary_cross_entropy(self, p: Any, y: Any, weight: Any = None, reduction: Any = 1, **_: Any) -> Array:
        self.note("e^-100 <= probability <= 1 - e^-100 (torch cuts each logarithm off at -100)")
        each = pointwise(_cross_entropy, arr(p), arr(y))
        if weight is not None:
            each = pointwise(lambda a, b: a * b, each, arr(weight))
        return loss_reduction(each, reduction)

    def _binary_cross_entropy_with_logits(
        self, p: Any, y: Any, weight: Any = None, pos_weight: Any = None, reduction: Any = 1, **_: Any
    ) -> Array:
        if pos_weight is not None:
            raise Refuse("binary_cross_entropy_with_logits with pos_weight")
        each = pointwise(lambda v, t: softplus(v) - t * v, arr(p), arr(y))
        if weight is not None:
            each = pointwise(lambda a, b: a * b, each, arr(weight))
        return loss_reduction(each, reduction)

    def _nll_loss_forward(self, logp: Any, y: Any, weight: Any, reduction: Any, ignore: Any, **_: Any) -> list[Any]:
        if weight is not None:
            raise Refuse("nll_loss with weights of the classes")
        table = arr(logp)
        at = len(table.dims) - 1 if len(table.dims) == 2 else 1
        return [loss_reduction(chosen(table, arr(y), at, sign=-1), reduction), None]

    _nll_loss2d_forward = _nll_loss_forward

    def _nll_loss_nd(
        self, logp: Any, y: Any, weight: Any = None, reduction: Any = 1, ignore: Any = -100, **_: Any
    ) -> Any:
        return self._nll_loss_forward(logp, y, weight, reduction, ignore)[0]

    def _gather(self, a: Any, dim: Any, index: Any, **_: Any) -> Array:
        table, d = arr(a), int(dim) % len(arr(a).dims)
        labels = arr(index)
        if labels.dims[d]:
            raise Refuse("gather of several entries a row")
        return chosen(table, Array(tuple(x for k, x in enumerate(labels.dims) if k != d), labels.entry), d, keep=True)

    # --- reductions

    def _sum(self, a: Any, dims: Any = None, keep: Any = False, **_: Any) -> Array:
        return ar.reduced(arr(a), _dims(dims), bool(keep))

    def _mean(self, a: Any, dims: Any = None, keep: Any = False, **_: Any) -> Array:
        return ar.mean(arr(a), _dims(dims), bool(keep))

    def _amax(self, a: Any, dims: Any = None, keep: Any = False, **_: Any) -> Array:
        return ar.reduced(arr(a), _dims(dims), bool(keep), "max")

    def _max(self, a: Any, dim: Any = None, keep: Any = False, **_: Any) -> Any:
        if dim is None:
            return self._amax(a)
        if isinstance(dim, Array):
            return pointwise(larger, arr(a), dim)
        return [self._amax(a, dim, keep), None]

    def _logsumexp(self, a: Any, dims: Any, keep: Any = False, **_: Any) -> Array:
        s = ar.reduced(pointwise(exp, arr(a)), _dims(dims), bool(keep))
        return pointwise(log, s)

    def _softmax(self, a: Any, dim: Any, *_: Any, **__: Any) -> Array:
        e = pointwise(exp, arr(a))
        return pointwise(lambda x, s: x / s, e, ar.reduced(e, [int(dim)], keep=True))

    def _log_softmax(self, a: Any, dim: Any, *_: Any, **__: Any) -> Array:
        s = self._logsumexp(a, [int(dim)], keep=True)
        return pointwise(lambda x, y: x - y, arr(a), s)

    def _linalg_vector_norm(self, a: Any, order: Any = 2, dims: Any = None, keep: Any = False, **_: Any) -> Array:
        k = Fraction(order if isinstance(order, int | float) else arr(order).entry.number() or 0)
        if k not in (1, 2):
            raise Refuse("a norm other than the sum of absolute values or the root of the sum of squares")
        each = pointwise(absolute if k == 1 else (lambda x: x * x), arr(a))
        s = ar.reduced(each, _dims(dims), bool(keep))
        return pointwise(lambda x: power(x, 1 / k), s)

    # --- shapes

    def _permute(self, a: Any, order: Any, **_: Any) -> Array:
        return ar.permuted(arr(a), [int(k) for k in order])

    def _t(self, a: Any, **_: Any) -> Array:
        return ar.permuted(arr(a), range(len(arr(a).dims))[::-1])

    def _transpose(self, a: Any, i: Any, j: Any, **_: Any) -> Array:
        order = list(range(len(arr(a).dims)))
        order[int(i)], order[int(j)] = order[int(j)], order[int(i)]
        return ar.permuted(arr(a), order)

    def _slice(
        self, a: Any, dim: Any = 0, start: Any = 0, end: Any = None, step: Any = 1, *, shape: Any, **_: Any
    ) -> Any:
        if not isinstance(a, Joined) and arr(a).shape == list(shape):
            return arr(a)
        if step != 1:
            raise Refuse(pc.CUT)
        first, last = (None if x is None else arr(x).entry for x in (start, end))
        far = last is not None and (k := last.number()) is not None and k > LONGEST
        return pc.cut(a, int(dim), first or ZERO, None if far else last)

    def _select(self, a: Any, dim: Any, at: Any, **_: Any) -> Array:
        v = arr(a)
        d = int(dim) % len(v.dims)
        if v.dims[d]:
            raise Refuse("an index into an axis: an axis is cut")
        return Array((*v.dims[:d], *v.dims[d + 1 :]), v.entry, v.indicator)

    def _dist(self, a: Any, b: Any, order: Any = 2, **_: Any) -> Array:
        return self._linalg_vector_norm(pointwise(lambda x, y: x - y, arr(a), arr(b)), order)

    def _mm(self, a: Any, b: Any, **_: Any) -> Array:
        return ar.product(arr(a), arr(b))

    _bmm = _mm

    def _dot(self, a: Any, b: Any, **_: Any) -> Array:
        return ar.reduced(pointwise(lambda x, y: x * y, arr(a), arr(b)), [], keep=False)

    # --- gradients, types, draws

    def _detach(self, a: Any, **_: Any) -> Array:
        v = arr(a)
        return Array(v.dims, held(v.entry), v.indicator)

    _local_scalar_dense = _detach

    def _to_copy(self, a: Any, dtype: Any = None, **_: Any) -> Array:
        v, kind = arr(a), str(dtype).removeprefix("torch.")
        if kind in ("float16", "bfloat16", "half"):
            raise Refuse(f"half precision ({kind}): a few digits are left")
        if kind in ("float32", "float") and not _whole(v.entry):
            self.single = True
            self.note("rounding to float32 is left out")
        if kind in ("bool", "int64", "int32", "uint8", "int8") and not (_whole(v.entry) or v.indicator):
            raise Refuse(f"numbers cut down to {kind}")
        return Array(v.dims, v.entry, v.indicator or kind == "bool")

    def _draw(self, shape: Sequence[Poly]) -> Array:
        name = f"noise{len(self.draws) + 1}"
        self.draws.append(name)
        dims = tuple(ar.axes_of(n) for n in shape)
        return Array(dims, element(name, [i for d in dims for i, _ in d], "noise"))

    def _normal(self, mean: Any, std: Any = None, *_: Any, shape: Any, **__: Any) -> Array:
        noise = self._draw(shape)
        if std is None:
            raise Refuse("draws whose standard deviation is not given")
        return pointwise(lambda m, s, e: m + s * e, arr(mean), arr(std), noise)

    # --- masks

    def _where(self, c: Any, a: Any, b: Any, **_: Any) -> Array:
        cond = arr(c)
        if not cond.indicator:
            raise Refuse("a branch on data (torch.where)")
        return pointwise(lambda m, x, y: m * x + (1 - m) * y, cond, arr(a), arr(b))

    def _masked_fill(self, a: Any, c: Any, value: Any, **_: Any) -> Array:
        return self._where(c, value, a)

    def _index_put(self, a: Any, indices: Any, *_: Any, **__: Any) -> Array:
        if len(indices) == 1 and isinstance(indices[0], Array) and not indices[0].entry:
            return arr(a)  # no entry is chosen
        raise Refuse("an assignment to chosen entries; multiply by a mask")

    def _compared(self, a: Any, b: Any, true_above: bool, ends: tuple[bool, bool]) -> Array:
        """A comparison of a mask with a number: at 0 and at 1 it says what `ends` says."""
        v, k = arr(a), arr(b).entry.number()
        if k is not None and k <= 0 and positive(v.entry):  # above k, whatever it is
            return ar.constant(UNIT if true_above else ZERO, v.shape)
        if k is None or not _whole(v.entry) or not (0 <= k <= 1):
            raise Refuse("a comparison of data: a branch (torch.where), or a mask that is computed")
        low, high = ends
        if low == high:
            return ar.constant(UNIT if low else ZERO, v.shape)
        return Array(v.dims, v.entry if high else 1 - v.entry, True)

    def _gt(self, a: Any, b: Any, **_: Any) -> Array:
        k = _bound(b)
        return self._compared(a, b, True, (k < 0, k < 1))

    def _ge(self, a: Any, b: Any, **_: Any) -> Array:
        k = _bound(b)
        return self._compared(a, b, True, (k <= 0, k <= 1))

    def _lt(self, a: Any, b: Any, **_: Any) -> Array:
        k = _bound(b)
        return self._compared(a, b, False, (k > 0, k > 1))

    def _le(self, a: Any, b: Any, **_: Any) -> Array:
        k = _bound(b)
        return self._compared(a, b, False, (k >= 0, k >= 1))

    def _eq(self, a: Any, b: Any, **_: Any) -> Array:
        k = _bound(b)
        return self._compared(a, b, False, (k == 0, k == 1))

    def _ne(self, a: Any, b: Any, **_: Any) -> Array:
        k = _bound(b)
        return self._compared(a, b, True, (k != 0, k != 1))

    def _logical_not(self, a: Any, **_: Any) -> Array:
        v = arr(a)
        if not v.indicator and not _whole(v.entry):
            raise Refuse("a comparison of data: a branch (torch.where), or a mask that is computed")
        return Array(v.dims, 1 - v.entry, True)

    _bitwise_not = _logical_not


def _cross_entropy(p: Poly, y: Poly) -> Poly:
    if _whole(p) and p.number() is None:  # logarithms of 0 and 1, cut off at -100
        return (y * (1 - p) + (1 - y) * p) * 100
    return -y * log(p) - (1 - y) * log(1 - p)


def arr(v: Any) -> Array:
    if isinstance(v, Array):
        return v
    if isinstance(v, Poly | int | Fraction):
        return scalar(v)
    if isinstance(v, Joined):
        raise Refuse("arrays put side by side along an axis: the parts have no one formula")
    if isinstance(v, Picked):
        raise Refuse("entries that a mask picks: their number depends on the data; multiply by the mask")
    raise Refuse(f"an argument that is no array and no number: {v!r}")


def loss_reduction(each: Array, how: Any) -> Array:
    kind = int(how) if isinstance(how, int) else int(arr(how).entry.number() or 0)
    return each if kind == 0 else ar.mean(each, [], False) if kind == 1 else ar.reduced(each, [], False)


def chosen(table: Array, labels: Array, at: int, sign: int = 1, keep: bool = False) -> Array:
    """The entries that labels name along an axis: a sum over the axis with a 1 at the label."""
    classes = table.dims[at]
    rows = Array(tuple(d for k, d in enumerate(table.dims) if k != at), table.entry)
    dims, (entry, y) = ar.aligned(rows, labels)
    one = y.monomial()
    if one is None or len(one[1]) != 1 or one[1][0][0].head != "elem" or one[1][0][0].args[2] != "label":
        raise Refuse("entries chosen by something that is no argument of kind label")
    name, places, _ = one[1][0][0].args
    out = total(entry * element(name, [*places, *(i for i, _ in classes)], "onehot"), classes) * sign
    return Array((*dims[:at], (), *dims[at:]) if keep else dims, out)


def _dims(d: Any) -> list[int]:
    if d is None:
        return []
    return [int(k) for k in d] if isinstance(d, list | tuple) else [int(d)]


def _bound(b: Any) -> Fraction:
    k = arr(b).entry.number()
    if k is None:
        raise Refuse("a comparison of data: a branch (torch.where), or a mask that is computed")
    return k


def _whole(p: Poly) -> bool:
    """Zeros and ones, or numbers of classes."""
    if p.number() is not None:
        return True
    one = p.monomial()
    if one is not None and one[0] == 1 and len(one[1]) == 1:
        a = one[1][0][0]
        return a.head == "elem" and a.args[2] in (*IDEMPOTENT, "label")
    rest = p - 1
    return len(p.terms) == 2 and (two := (-rest).monomial()) is not None and bool(two[1]) and _whole(-rest)


def _one_argument(p: Poly) -> bool:
    """A function of one entry of one argument that describes a law: a clamp on it guards, and says nothing."""
    found = {a for a in atoms(p) if a.head in ("elem", "call", "sum", "max", "held")}
    if not found or any(a.head in ("sum", "max", "held") for a in found):
        return False
    entries = {a.key for a in found if a.head == "elem"}
    return len(entries) <= 1 and all(a.args[-1] not in ("data", "noise", "sample", "other") for a in found)


def _endless(end: Any) -> bool:
    """An end that no number of a loss reaches, such as the largest float."""
    k = arr(end).entry.number()
    return k is not None and abs(k) > 10**30


def _far(low: Any, high: Any) -> bool:
    """Ends that only an extreme value reaches: a clamp that guards, not one that shapes."""
    ends = [None if end is None else arr(end).entry.number() for end in (low, high)]
    if any(end is not None and k is None for end, k in zip((low, high), ends, strict=True)):
        return False
    below, above = ends
    return (below is None or below <= -6 or 0 <= below <= Fraction(1, 1000)) and (
        above is None or above >= 6 or Fraction(999, 1000) <= above <= 1
    )


def _entry_words(p: Poly) -> str:
    names = sorted({str(a.args[0]) for a in atoms(p) if a.head in ("elem", "call")})
    one = p.monomial()
    if one is not None and one[0] == 1 and len(one[1]) == 1 and one[1][0][0].head == "elem":
        return names[0]
    return f"what is clamped of {', '.join(names)}" if names else "what is clamped"


def _said(v: Any) -> str:
    if isinstance(v, Array) and (k := v.entry.number()) is not None:
        return f"{float(k):.12g}"
    if isinstance(v, Poly) and (k := v.number()) is not None:
        return f"{float(k):.12g}"
    return str(v)
