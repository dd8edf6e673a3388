"""Statements in float64, from their definitions, in the original variable: NumPy and a trapezoid rule, no SymPy algebra.

Each binder adds an axis of nodes in front and contracts it with weights, so nested integrals are one array expression.
The nodes are equally spaced after a change of variable under which smooth integrands fall off so fast that the rule
converges geometrically: sinh for the line, double exponential maps for half-lines and intervals. Every number is
computed on finer and wider grids until two of them agree; if none do, nothing is concluded.

Logarithms are taken apart (of a product, a power, an exponential, an integral), so that q log(q/p) is 0 and not 0 times
infinity where the density underflows.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from derivations._kernel import BINDERS, AlmostEverywhere, Converges, Dominated, ForAll, Notation, Total, mapped
from derivations._values.interpret import (
    CannotConclude,
    Interpreter,
    Number,
    Outside,
    Point,
    Range,
    Scope,
    definition,
    needs,
)

# (half-width, nodes) after the change of variable; terms of an infinite sum. Light tails settle at once.
LEVELS = ((4.0, 80, 64), (4.7, 128, 128), (5.6, 240, 256), (9.0, 640, 512), (16.0, 2048, 960), (34.0, 8192, 960))
MAX_ELEMENTS = 5_000_000
AGREE = 1e-9  # two grids, or both sides of an equality, relative to the larger of 1 and their size
DIFFER = 1e-6  # what counts as a difference; in between nothing is concluded

SAMPLES = {
    "real": np.array([-2.25, -1.0, -0.375, 0.25, 0.875, 1.5, 3.0]),
    "positive": np.array([0.125, 0.375, 0.75, 1.25, 2.0, 3.5]),
}

FUNCTIONS = {
    sp.Abs: np.abs, sp.sign: np.sign, sp.floor: np.floor, sp.ceiling: np.ceil,
    sp.sin: np.sin, sp.cos: np.cos, sp.tan: np.tan, sp.atan: np.arctan,
    sp.sinh: np.sinh, sp.cosh: np.cosh, sp.tanh: np.tanh, sp.asinh: np.arcsinh, sp.atanh: np.arctanh,
    sp.erf: np.vectorize(math.erf, otypes=[float]), sp.erfc: np.vectorize(math.erfc, otypes=[float]),
    sp.gamma: np.vectorize(math.gamma, otypes=[float]), sp.loggamma: np.vectorize(math.lgamma, otypes=[float]),
    sp.factorial: np.vectorize(lambda n: math.gamma(n + 1), otypes=[float]),
}  # fmt: skip


@cache
def grid(low: float, high: float, discrete: bool, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights for one range."""
    width, nodes, terms = LEVELS[level]
    if discrete:
        if math.isinf(low):
            raise CannotConclude("no rule for a sum from minus infinity")
        points = np.arange(low, low + terms if math.isinf(high) else high + 1)
        return points, np.ones_like(points)
    t = np.linspace(-width, width, nodes)
    step = t[1] - t[0]
    if math.isinf(low) and math.isinf(high):
        return np.sinh(t), np.cosh(t) * step
    if math.isinf(high):
        t = t[t > -3.7]  # below, exp(-exp(-t)) is nothing beside 1
        return low + np.exp(t - np.exp(-t)), np.exp(t - np.exp(-t)) * (1 + np.exp(-t)) * step
    if math.isinf(low):
        points, weights = grid(-high, math.inf, False, level)
        return -points, weights
    t = t[np.abs(t) < 3.2]
    half = (high - low) / 2
    angle = np.pi / 2 * np.sinh(t)
    return low + half * (1 + np.tanh(angle)), half * np.pi / 2 * np.cosh(t) / np.cosh(angle) ** 2 * step


@cache
def _tiny(e: sp.Basic) -> bool:
    """May e underflow, so that it had better be computed through its logarithm?"""
    power = isinstance(e, sp.Pow) and not e.exp.is_number
    return bool(e.is_positive) and (power or e.has(sp.exp, AppliedUndef, Notation, *BINDERS))


class Numeric(Interpreter):
    """float64 arrays on the grids of one level."""

    def __init__(self, point: Point, level: int) -> None:
        self.level = level
        self.approximate = False  # has an integral or an infinite sum been replaced by finitely many terms?
        super().__init__(point)

    # --- atoms and arithmetic ---

    def _Number(self, e: sp.Number, _: Scope) -> Number:
        return np.float64(e)

    _NumberSymbol = _Infinity = _NegativeInfinity = _Number

    def _NaN(self, e: sp.Basic, _: Scope) -> Number:
        raise CannotConclude(f"{e} is no number")

    def _Mul(self, e: sp.Mul, scope: Scope) -> Number:
        """A product, its positive factors through their logarithms where they may underflow."""
        small, rest = [], np.float64(1)
        for f in e.args:
            if _tiny(f):
                small.append(self.log(f, scope))
            else:
                rest = rest * self.value(f, scope)
        return np.exp(sum(small, start=np.float64(0))) * rest if small else rest

    def _Pow(self, e: sp.Pow, scope: Scope) -> Number:
        if _tiny(e.base):
            return np.exp(self.log(e, scope))
        return np.power(self.value(e.base, scope), self.value(e.exp, scope))

    def _exp(self, e: sp.exp, scope: Scope) -> Number:
        return np.exp(self.value(e.args[0], scope))

    def _log(self, e: sp.log, scope: Scope) -> Number:
        return self.log(e.args[0], scope)

    def _Max(self, e: sp.Max, scope: Scope) -> Number:
        out = self.value(e.args[0], scope)
        for a in e.args[1:]:
            out = np.maximum(out, self.value(a, scope))
        return out

    def _Min(self, e: sp.Min, scope: Scope) -> Number:
        return -self.value(sp.Max(*(-a for a in e.args)), scope)

    def _KroneckerDelta(self, e: sp.KroneckerDelta, scope: Scope) -> Number:
        return np.float64(1) * (self.value(e.args[0], scope) == self.value(e.args[1], scope))

    def _Piecewise(self, e: sp.Piecewise, scope: Scope) -> Number:
        out: Number = np.float64(np.nan)
        for value, condition in reversed(e.args):
            out = np.where(self.holds(condition, scope), self.value(value, scope), out)
        return out

    def holds(self, condition: sp.Basic, scope: Scope) -> Any:
        """The truth of a comparison inside an expression, exactly as the floats compare."""
        if condition in (sp.true, sp.false):
            return bool(condition)
        if isinstance(condition, sp.And | sp.Or):
            combine = np.logical_and if isinstance(condition, sp.And) else np.logical_or
            return combine.reduce([np.asarray(self.holds(a, scope)) for a in condition.args])
        if not isinstance(condition, Relational):
            raise CannotConclude(f"no rule for the condition {condition}")
        compare = {"==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater,
                   ">=": np.greater_equal}[condition.rel_op]  # fmt: skip
        return compare(self.value(condition.lhs, scope), self.value(condition.rhs, scope))

    def _Function(self, e: sp.Function, scope: Scope) -> Number:
        if e.func not in FUNCTIONS:
            raise CannotConclude(f"no rule for the function {e.func}")
        return FUNCTIONS[e.func](self.value(e.args[0], scope))

    def _AppliedUndef(self, e: AppliedUndef, scope: Scope) -> Number:
        return np.exp(self.log(e, scope)) if e.is_positive else super()._AppliedUndef(e, scope)

    def pick(self, family: Any, indices: list[Number]) -> Number:
        if not indices:
            return family
        out: Number = np.float64(np.nan)
        for j, member in enumerate(family, 1):
            out = np.where(indices[0] == j, self.pick(member, indices[1:]), out)
        return out

    def _Derivative(self, e: sp.Derivative, scope: Scope) -> Number:
        """Central differences of order eight, on a grid that leaves an error of about 1e-12."""
        f, (t, order) = e.args[0], e.args[1]
        f, order = (f, order) if order == 1 else (sp.Derivative(f, (t, order - 1)), 1)
        h = 2.0**-5
        at = self.value(t, scope)
        out: Number = np.float64(0)
        for k, c in ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280)):
            ahead, behind = (self.value(f, scope.binding({t: at + s * k * h})) for s in (1, -1))
            out = out + c * (ahead - behind)
        self.approximate = True
        return out / h

    # --- binders ---

    def _axes(self, r: sp.Tuple, body: sp.Expr, scope: Scope) -> tuple[Scope, list[np.ndarray], np.ndarray]:
        """The scope inside a binder, and the weights of its new axes: one, or one for each coordinate of a vector.

        A sum whose ends depend on outer variables runs over all that any of them asks for: the last says which are asked for.
        """
        dimension = self.point.vectors.get(r[0])
        where = self.range(r) if dimension is None else Range(-sp.oo, sp.oo, False)
        lows, highs = self.ends(where, scope)
        low, high = float(np.min(lows)), float(np.max(highs))
        points, weights = grid(low, high, where.discrete, self.level)
        if not where.discrete or math.isinf(high):
            self.approximate = True
        axes = 1 if dimension is None else int(self.value(dimension, scope))
        size = math.prod(np.broadcast_shapes(*(np.shape(v) for v in _arrays(scope)))) * len(points) ** axes
        if size > MAX_ELEMENTS:
            raise CannotConclude(f"{size} nodes are more than {MAX_ELEMENTS}")
        nodes = [points.reshape(-1, *[1] * (scope.depth + j)) for j in range(axes)]
        inner = scope.binding({r[0]: nodes[0] if dimension is None else nodes}, axes)
        asked = (nodes[0] >= lows) & (nodes[0] <= highs) if where.discrete else np.True_
        return inner, [weights] * axes, asked

    def ends(self, where: Range, scope: Scope) -> tuple[Number, Number]:
        low, high = (self.value(b, scope) for b in (where.low, where.high))
        if not where.discrete and (np.ndim(low) or np.ndim(high)):
            raise CannotConclude(f"the range from {where.low} to {where.high} depends on another variable")
        return low, high

    def _Integral(self, e: sp.Expr, scope: Scope) -> Number:
        f, r = _outer(e)
        if (same := self._constant(f, r)) is not None:
            return self.value(same, scope)
        if f.is_positive:
            return np.exp(self._log_total(f, r, scope))
        inner, weights, asked = self._axes(r, f, scope)
        out = _spread(np.where(asked, self.value(f, inner), 0), inner, weights)
        for w in weights:
            out = np.tensordot(w, out, axes=(0, 0))
        return out

    _Sum = _Total = _Integral

    def _constant(self, f: sp.Expr, r: sp.Tuple) -> sp.Expr | None:
        """A sum of equal terms, of which there may be far too many to add up: their number times one of them."""
        if r[0] in needs(f) or len(r) == 1 or not self.range(r).discrete or r[2] is sp.oo:
            return None
        return (r[2] - r[1] + 1) * f

    def _log_total(self, f: sp.Expr, r: sp.Tuple, scope: Scope) -> Number:
        inner, weights, asked = self._axes(r, f, scope)
        out = _spread(np.where(asked, self.log(f, inner), -np.inf), inner, weights)
        for w in weights:
            out = out + np.log(w).reshape(-1, *[1] * (out.ndim - 1))
            peak = np.max(out, axis=0, initial=-np.inf)  # an empty sum is zero
            out = np.where(np.isfinite(peak), peak + np.log(np.sum(np.exp(out - peak), axis=0)), peak)
        return out

    def _Product(self, e: sp.Product, scope: Scope) -> Number:
        f, r = _outer(e)
        inner, weights, asked = self._axes(r, f, scope)
        return np.prod(_spread(np.where(asked, self.value(f, inner), 1), inner, weights), axis=0)

    # --- logarithms ---

    def log(self, e: sp.Expr, scope: Scope) -> Number:
        """log e, taken apart as far as the parts are positive."""
        match e:
            case sp.exp():
                return self.value(e.args[0], scope)
            case sp.Pow() if e.base.is_positive:
                return self.value(e.exp, scope) * self.log(e.base, scope)
            case sp.Mul() if e.is_positive:
                parts = [a for a in e.args if a.is_positive]
                rest = [a for a in e.args if not a.is_positive]
                out = sum((self.log(a, scope) for a in parts), start=np.float64(0))
                return out + np.log(math.prod(self.value(a, scope) for a in rest)) if rest else out
            case sp.Add() if all(a.is_positive for a in e.args):
                return np.logaddexp.reduce(np.broadcast_arrays(*(self.log(a, scope) for a in e.args)))
            case AppliedUndef():
                body, inner = self.applied(e, scope)
                out = self.log(body, inner)
                if e.is_positive and not np.all(out > -np.inf):
                    raise Outside(f"{e.func} is not positive everywhere")
                return out
            case Notation() if e.is_positive:
                return self.log(definition(e), scope)
            case sp.Integral() | sp.Sum() | Total() if e.args[0].is_positive:
                if needs(e).isdisjoint(scope.bound):
                    return np.log(self.value(e, scope))
                if (same := self._constant(*_outer(e))) is not None:
                    return self.log(same, scope)
                return self._log_total(*_outer(e), scope)
            case sp.Product() if e.args[0].is_positive and len(e.args) == 2:
                return self.value(sp.Sum(sp.log(e.args[0]), e.args[1]), scope)
        return np.log(self.value(e, scope))


def _arrays(scope: Scope) -> Iterator[Number]:
    for s in scope.bound:
        value = scope.values[s]
        yield from value if isinstance(value, list) else [value]


def _outer(e: sp.Expr) -> tuple[sp.Expr, sp.Tuple]:
    """What the outermost of the ranges of a binder runs over, and that range."""
    return (e.args[0] if len(e.args) == 2 else e.func(*e.args[:-1])), e.args[-1]


def _spread(value: Number, inner: Scope, weights: list[np.ndarray]) -> np.ndarray:
    """The value on all nodes of the new axes, also of those on which it does not depend."""
    out = np.asarray(value).reshape((1,) * (inner.depth - np.ndim(value)) + np.shape(value))
    return np.broadcast_to(out, tuple(map(len, weights)) + out.shape[len(weights) :])


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """One comparison at one point: both sides, on every sampled value of what is quantified."""

    relation: str
    left: np.ndarray
    right: np.ndarray

    @property
    def scale(self) -> np.ndarray:
        return np.maximum(1, np.maximum(np.abs(self.left), np.abs(self.right)))

    def agrees(self, other: Reading) -> bool:
        """Are these the same numbers, as far as a grid can tell? Whether one is finite, three digits tell."""
        close = self.scale * (1e-3 if self.relation == "finite" else AGREE)
        pairs = ((self.left, other.left), (self.right, other.right))
        with np.errstate(invalid="ignore"):
            return all(bool(np.all((a == b) | (np.abs(a - b) <= close))) for a, b in pairs)

    def holds(self) -> bool:
        """Whether the comparison holds everywhere, or clearly fails somewhere."""
        with np.errstate(invalid="ignore"):
            gap = np.where(self.left == self.right, 0, (self.left - self.right) / self.scale)
        if not gap.size:
            raise CannotConclude("the range of a quantifier is empty")
        if np.any(np.isnan(gap)):
            raise CannotConclude(f"not a number: {self.left} {self.relation} {self.right}")
        gap = gap if self.relation not in ("<=", "<") else -gap
        low, size = np.min(gap), np.max(np.abs(gap))
        good, bad = {
            "finite": (np.all(np.isfinite(self.left)), not np.all(np.isfinite(self.left))),
            "==": (size <= 10 * AGREE, size > DIFFER),
            ">=": (low >= -10 * AGREE, low < -DIFFER),
            ">": (low > DIFFER, low <= 10 * AGREE),
            "!=": (np.min(np.abs(gap)) > DIFFER, np.min(np.abs(gap)) <= 10 * AGREE),
        }[{"<=": ">=", "<": ">"}.get(self.relation, self.relation)]
        if good == bad:
            raise CannotConclude(f"too close to tell: {self.left} {self.relation} {self.right}")
        return bool(good)


class Place:
    """A point at which statements are read, with what was already computed there.

    `ranges` says where the variables of the theorem run: a statement for every n is read at exactly these n.
    """

    def __init__(self, point: Point, ranges: Iterable[sp.Tuple] = ()) -> None:
        self.point = point
        self._ranges = {r[0]: r for r in ranges}
        self._levels: dict[int, Numeric] = {}

    def holds(self, prop: sp.Basic) -> bool:
        """Does the statement hold here? `CannotConclude` when the numbers do not say."""
        return self.read(prop).holds()

    def read(self, prop: sp.Basic) -> Reading:
        """Both sides of a statement here, once two grids agree on them."""
        prop = mapped(prop, lambda e: e)
        if isinstance(prop, sp.Eq) and prop.rhs is sp.oo:
            return self._divergence(prop)
        before = None
        for level in range(len(LEVELS)):
            now = self._at(level, prop)
            if (before and now.agrees(before)) or not self._levels[level].approximate:
                return now
            before = now
        raise CannotConclude(f"no two grids agree on {prop}: the last one gives {before}")

    def _at(self, level: int, prop: sp.Basic) -> Reading:
        with np.errstate(all="ignore"):
            if level not in self._levels:
                self._levels[level] = Numeric(self.point, level)
            numeric = self._levels[level]
            return self._reading(prop, numeric, numeric.top)

    def _reading(self, prop: sp.Basic, numeric: Numeric, scope: Scope) -> Reading:
        match prop:
            case Relational():
                left, right = (np.asarray(numeric.value(side, scope)) for side in prop.args)
                return Reading(prop.rel_op, left, right)
            case ForAll() | AlmostEverywhere():
                return self._reading(prop.args[0], numeric, self._sampled(prop, numeric, scope))
            case Converges():
                return Reading("finite", np.asarray(numeric.value(_absolute(prop.args[0]), scope)), np.zeros(()))
            case Dominated():  # near the value of t the largest of finitely many |g| converges
                g, t = prop.args
                near = numeric.value(t, scope) + np.linspace(-0.1, 0.1, 5).reshape(-1, *[1] * scope.depth)
                return self._reading(Converges(g), numeric, scope.binding({t: near}, 1))
        raise CannotConclude(f"no numbers for {prop}")

    def _sampled(self, prop: sp.Basic, numeric: Numeric, scope: Scope) -> Scope:
        """The scope in which a quantified symbol takes a few values of its range, on a new axis.

        Two more are drawn by what is said of it: a hypothesis made to hold at the values that one can foresee is
        another hypothesis, and so read at others.
        """
        over = prop.args[1]
        s, r = (over, self._ranges.get(over)) if isinstance(over, sp.Symbol) else (over[0], over)
        draw = random.Random(str(prop))
        if s in self.point.vectors:
            flat = SAMPLES["real"].reshape(-1, *[1] * scope.depth)
            size = int(numeric.value(self.point.vectors[s], scope))
            return scope.binding({s: [np.roll(flat, 2 * j, axis=0) for j in range(size)]}, 1)
        if r is None and s not in self.point.spaces:
            discrete = bool(s.is_integer)
            known = np.arange(1.0, 6.0) if discrete else SAMPLES["positive" if s.is_positive else "real"]
            low, high = (6.0, 60.0) if discrete else (known[0], known[-1])
        else:
            where = numeric.range(r or sp.Tuple(s))
            low, high = map(float, numeric.ends(where, scope))
            discrete = where.discrete
            known = np.arange(low, min(high, low + 9) + 1) if discrete else grid(low, high, False, 0)[0][3::8]
            low, high = (low + 10, min(high, low + 60)) if discrete else (known[0], known[-1])
        few = range(2 if low <= high else 0)
        drawn = [draw.randint(int(low), int(high)) if discrete else draw.uniform(low, high) for _ in few]
        return scope.binding({s: np.append(known, drawn).reshape(-1, *[1] * scope.depth)}, 1)

    def _divergence(self, prop: sp.Basic) -> Reading:
        """A sum is taken for divergent when its growth from one grid to the next does not slow down."""
        sums = [float(self._at(level, sp.Eq(prop.lhs, 0, evaluate=False)).left) for level in range(4)]
        growth = np.diff(sums) if np.all(np.isfinite(sums)) else np.zeros(1)
        if not np.all(growth > 0) or not np.all(growth[1:] > 0.8 * growth[:-1]):
            raise CannotConclude(f"the partial values {sums} do not look divergent: {prop.lhs}")
        return Reading("==", np.asarray(np.inf), np.asarray(np.inf))


def _absolute(e: sp.Expr) -> sp.Expr:
    """The integral of the absolute value."""
    f = e.args[0]
    return e.func(_absolute(f) if isinstance(f, BINDERS) else sp.Abs(f), *e.args[1:])
