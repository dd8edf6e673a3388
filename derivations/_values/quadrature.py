"""Statements in mpmath, integrals by the tanh-sinh rule: the check by numbers that needs nothing but Python."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy.core.relational import Relational

from derivations._kernel import AlmostEverywhere, ForAll, mapped
from derivations._values.exact import Digits
from derivations._values.interpret import CannotConclude, Number, Point, Scope

DIGITS = 20  # carried
AGREE = 12  # of them are asked for
RELATIONS = {
    "==": lambda gap, slack: abs(gap) <= slack,
    ">=": lambda gap, slack: gap >= -slack,
    "<=": lambda gap, slack: gap <= slack,
    "!=": lambda gap, slack: abs(gap) > slack,
}


class Quadrature(Digits):
    """mpmath numbers; an integral counts when the rule's own estimate of its error is small."""

    def _Integral(self, e: sp.Expr, scope: Scope) -> Number:
        f, r = (e.args[0] if len(e.args) == 2 else e.func(*e.args[:-1])), e.args[-1]
        if r[0] in self.point.vectors:
            raise CannotConclude("an integral over R^d")
        if scope.bound:
            raise CannotConclude("an integral that depends on the variable of another")
        where, context = self.range(r), self.context
        ends = [self._end(b, scope) for b in (where.low, where.high)]
        middle = [context.mpf(0)] if ends[0] < 0 < ends[1] else []
        value, error = context.quad(
            lambda t: self.value(f, scope.binding({r[0]: t})), [ends[0], *middle, ends[1]], error=True
        )
        if not error <= context.mpf(10) ** -AGREE * (1 + abs(value)):
            raise CannotConclude(f"the rule leaves an error of {context.nstr(error, 2)}")
        return value

    def _end(self, b: sp.Expr, scope: Scope) -> Number:
        return self.context.mpf(float(b)) if b in (sp.oo, -sp.oo) else self.value(b, scope)


@dataclass(frozen=True)
class Reading:
    """A comparison with both sides as numbers."""

    relation: str
    left: Number
    right: Number

    @property
    def holds(self) -> bool:
        slack = 10.0**-AGREE * (1 + abs(self.left))
        return bool(RELATIONS[self.relation](self.left - self.right, slack))


def read(prop: sp.Basic, point: Point) -> Reading:
    """Both sides of a statement at one point; what holds for every value is read at one of them."""
    numbers = Quadrature(point, DIGITS)
    scope, prop = numbers.top, mapped(prop, lambda e: e)
    while isinstance(prop, ForAll | AlmostEverywhere):
        prop, r = prop.args
        s, low = (r, None) if r.is_Symbol else (r[0], r[1] if len(r) == 3 else None)
        value = low if low is not None and s.is_integer else sp.Integer(1) if s.is_integer else sp.Rational(1, 2)
        scope = scope.binding({s: numbers.value(value, scope)})
    if not isinstance(prop, Relational) or prop.rel_op not in RELATIONS:
        raise CannotConclude(f"no numbers for {type(prop).__name__}")
    left, right = (numbers.value(side, scope) for side in prop.args)
    return Reading(prop.rel_op, left, right)
