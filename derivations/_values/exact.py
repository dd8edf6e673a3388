"""Expressions one number at a time: finite sums and elementary functions, in any arithmetic that has them.

`Digits` computes with mpmath to a stated number of digits; `_balls` with certified enclosures.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

from derivations._kernel import Notation
from derivations._values.interpret import CannotConclude, Interpreter, Number, Point, Scope, definition

MOST_TERMS = 20_000


class Scalar(Interpreter):
    """Sums and products are added up term by term; what a number is, subclasses say."""

    def _Mul(self, e: sp.Mul, scope: Scope) -> Number:
        return math.prod((self.value(a, scope) for a in e.args[1:]), start=self.value(e.args[0], scope))

    def _Pow(self, e: sp.Pow, scope: Scope) -> Number:
        base = self.value(e.base, scope)
        if e.exp.is_Integer:
            return base ** int(e.exp)
        if e.exp == sp.Rational(1, 2):
            return self.sqrt(base)
        return self.exp(self.value(e.exp, scope) * self.log(base))

    def _exp(self, e: sp.exp, scope: Scope) -> Number:
        return self.exp(self.value(e.args[0], scope))

    def _log(self, e: sp.log, scope: Scope) -> Number:
        return self.log_of(e.args[0], scope)

    def log_of(self, e: sp.Expr, scope: Scope) -> Number:
        """log e, taken apart as far as the parts are positive: the logarithm of a Gaussian is a quadratic."""
        match e:
            case sp.exp():
                return self.value(e.args[0], scope)
            case sp.Pow() if e.base.is_positive:
                return self.value(e.exp, scope) * self.log_of(e.base, scope)
            case sp.Mul() if all(a.is_positive for a in e.args):
                return sum((self.log_of(a, scope) for a in e.args), start=self.number(sp.Integer(0)))
            case AppliedUndef():
                return self.log_of(*self.applied(e, scope))
            case Notation() if e.is_positive:
                return self.log_of(definition(e), scope)
        return self.log(self.value(e, scope))

    def _Abs(self, e: sp.Abs, scope: Scope) -> Number:
        return abs(self.value(e.args[0], scope))

    def _Sum(self, e: sp.Sum, scope: Scope) -> Number:
        return sum(self._terms(e, scope), start=self.number(sp.Integer(0)))

    def _Product(self, e: sp.Product, scope: Scope) -> Number:
        return math.prod(self._terms(e, scope), start=self.number(sp.Integer(1)))

    def _Total(self, e: sp.Expr, scope: Scope) -> Number:
        if e.args[1][0] in self.point.vectors or not self.range(e.args[1]).discrete:
            return self._Integral(e, scope)
        return sum(self._terms(e, scope), start=self.number(sp.Integer(0)))

    def _Integral(self, _: sp.Expr, __: Scope) -> Number:
        raise CannotConclude("an integral")

    def _terms(self, e: sp.Expr, scope: Scope) -> Iterator[Number]:
        inner, r = (e.args[0] if len(e.args) == 2 else e.func(*e.args[:-1])), e.args[-1]
        where = self.range(r)
        if where.high is sp.oo:
            raise CannotConclude("an infinite sum")
        low, high = (self.integer(self.value(b, scope)) for b in (where.low, where.high))
        if high - low > MOST_TERMS:
            raise CannotConclude(f"{high - low + 1} terms are too many")
        for k in range(low, high + 1):
            yield self.value(inner, scope.binding({r[0]: self.number(sp.Integer(k))}))

    def _Number(self, e: sp.Number, _: Scope) -> Number:
        return self.number(e)

    def pick(self, family: Any, indices: list[Number]) -> Number:
        for index in indices:
            family = family[self.integer(index) - 1]
        return family

    def integer(self, x: Number) -> int:
        return int(x)

    def number(self, e: sp.Number) -> Number:
        raise NotImplementedError

    def exp(self, x: Number) -> Number:
        raise NotImplementedError

    def log(self, x: Number) -> Number:
        raise NotImplementedError

    def sqrt(self, x: Number) -> Number:
        raise NotImplementedError


class Digits(Scalar):
    """mpmath numbers with so many digits."""

    def __init__(self, point: Point, digits: int = 80) -> None:
        self.context = mpmath.mp.clone()
        self.context.dps = digits
        self.exp, self.log, self.sqrt = self.context.exp, self.context.log, self.context.sqrt
        super().__init__(point)

    def number(self, e: sp.Number) -> Number:
        return self.context.mpf(e.p) / e.q if isinstance(e, sp.Rational) else self.context.mpf(e)

    def _Pi(self, *_: object) -> Number:
        return self.context.pi + 0

    def _Function(self, e: sp.Function, scope: Scope) -> Number:
        f = getattr(self.context, type(e).__name__, None)
        if f is None:
            raise CannotConclude(f"no rule for the function {e.func}")
        return f(*(self.value(a, scope) for a in e.args))
