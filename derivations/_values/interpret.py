"""Expressions as numbers, read off their definitions by a walk over the tree: no algebra, no SymPy evaluation.

`Interpreter` knows how a tree is put together: which name has which value, what a notation stands for, what a binder
binds. What a number is, and what an integral does, its subclasses say: NumPy arrays, Arb balls or mpmath numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

from derivations._kernel import BINDERS, Notation

Number = Any  # a NumPy array, an Arb ball, an mpmath number


class CannotConclude(ArithmeticError):
    """The numbers settle nothing: no rule, no convergence, or a difference too small to read. Never a pass."""


class Outside(ValueError):
    """The point lies outside the domain of a symbol or function."""


@dataclass(frozen=True)
class Point:
    """Values for everything that is free in a theorem: symbols, indexed families, abstract functions and spaces."""

    label: str
    values: Mapping[sp.Basic, Any] = field(default_factory=dict)
    functions: Mapping[UndefinedFunction, sp.Lambda] = field(default_factory=dict)
    spaces: Mapping[sp.Symbol, sp.Tuple] = field(default_factory=dict)
    vectors: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)  # spaces R^d, with their d
    drawn: bool = False  # all values at random

    def __str__(self) -> str:
        values = ", ".join(f"{s} = {v}" for s, v in sorted(self.values.items(), key=str))
        return " ".join(filter(None, [self.label, f"at {values}" if values else ""]))


@dataclass(frozen=True)
class Scope:
    """What each name stands for here, which names are not those of the point, and how many axes binders have added."""

    values: Mapping[sp.Basic, Number]
    bound: frozenset[sp.Basic] = frozenset()
    depth: int = 0

    def binding(self, new: Mapping[sp.Basic, Number], axes: int = 0) -> Scope:
        return Scope({**self.values, **new}, self.bound | new.keys(), self.depth + axes)


@dataclass(frozen=True)
class Range:
    """Where a bound variable runs: a sum or an integral between two numbers."""

    low: sp.Expr
    high: sp.Expr
    discrete: bool


@cache
def needs(e: sp.Basic) -> frozenset[sp.Basic]:
    """The free symbols of e, among them u of `u[i]`."""
    return frozenset(e.free_symbols)


@cache
def definition(e: Notation) -> sp.Expr:
    return e.definition()


class Interpreter:
    """Walks an expression. A method `_Name` is the rule for nodes of the SymPy class Name or of its subclasses."""

    def __init__(self, point: Point) -> None:
        self.point = point
        self.memo: dict[sp.Basic, Number] = {}
        self.top = Scope({})
        self.top = Scope({s: self.given(v) for s, v in point.values.items()})

    def given(self, v: Any) -> Number:
        return [self.given(w) for w in v] if isinstance(v, list | tuple) else self.value(sp.sympify(v), self.top)

    def __call__(self, e: sp.Expr) -> Number:
        return self.value(e, self.top)

    def value(self, e: sp.Basic, scope: Scope) -> Number:
        """The value of e. A notation or binder that does not depend on what is bound here is evaluated only once."""
        if isinstance(e, (*BINDERS, Notation, sp.Product)) and needs(e).isdisjoint(scope.bound):
            if e not in self.memo:
                self.memo[e] = self._rule(e)(e, self.top)
            return self.memo[e]
        return self._rule(e)(e, scope)

    def _rule(self, e: sp.Basic) -> Any:
        for cls in type(e).__mro__:
            if rule := getattr(self, f"_{cls.__name__}", None):
                return rule
        raise CannotConclude(f"no rule gives {type(e).__name__} a number: {e}")

    # --- rules that every kind of number shares ---

    def _Symbol(self, e: sp.Symbol, scope: Scope) -> Number:
        if e not in scope.values:
            raise CannotConclude(f"{e} has no value")
        return scope.values[e]

    def _Indexed(self, e: sp.Indexed, scope: Scope) -> Number:
        family = scope.values.get(e.base, scope.values.get(e.base.label))  # a vector u is the family of its u[i]
        if family is None:
            raise CannotConclude(f"{e.base} has no value")
        return self.pick(family, [self.value(i, scope) for i in e.indices])

    def _Notation(self, e: Notation, scope: Scope) -> Number:
        return self.value(definition(e), scope)

    def _AppliedUndef(self, e: AppliedUndef, scope: Scope) -> Number:
        body, inner = self.applied(e, scope)
        return self.value(body, inner)

    def applied(self, e: AppliedUndef, scope: Scope) -> tuple[sp.Expr, Scope]:
        """The body of the function that e applies, and the scope in which its variables are the arguments."""
        f = self.point.functions.get(e.func)
        if f is None:
            raise CannotConclude(f"the example gives no function for {e.func}")
        values = [self.value(a, scope) for a in e.args]
        return f.expr, Scope(self.top.values, depth=scope.depth).binding(dict(zip(f.variables, values, strict=True)))

    def _Add(self, e: sp.Add, scope: Scope) -> Number:
        return sum((self.value(a, scope) for a in e.args[1:]), start=self.value(e.args[0], scope))

    def range(self, r: sp.Tuple) -> Range:
        """Where the variable of this range runs; (u,) is the space on which the theorem is read."""
        over = r if len(r) > 1 else self.point.spaces.get(r[0])
        if over is None:
            raise CannotConclude(f"the example names no space for {r[0]}")
        return Range(over[1], over[2], bool(over[0].is_integer))

    def pick(self, family: Any, indices: list[Number]) -> Number:
        raise NotImplementedError
