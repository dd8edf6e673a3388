"""Statements in ball arithmetic: both sides are enclosed, and what the enclosures say is certain.

Finite sums and elementary functions are evaluated as they stand. An integral over the line is cut at +-R: inside, Arb
encloses it; outside, the integrand is bounded by the calculus of `Growth`, which follows its formula and finds numbers with

    |f(z)| <= exp(u0 + u1 |z| + u2 z^2)      and, where f > 0,      f(z) >= exp(l0 + l1 |z| + l2 z^2)

for every real z. When u2 < 0, the exponent is concave on z > R and falls there with slope at least s = -(u1 + 2 u2 R), so
that the two tails together are at most 2 exp(u0 + u1 R + u2 R^2) / s.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp
from flint import acb, arb, ctx, fmpq
from sympy.core.relational import Relational

from derivations._kernel import AlmostEverywhere, ForAll, mapped
from derivations._values.exact import Scalar
from derivations._values.interpret import CannotConclude, Number, Point, Scope

GUARD = 64  # bits beyond the digits asked for: rounding stays far below the error of an integral
EVALUATIONS = 20_000  # of an integrand, and as many again for every ten digits
SAMPLES = tuple(sp.Rational(*pair) for pair in ((-9, 8), (1, 2), (7, 4)))


class Late:
    """A number that depends on z, before z is known: the formula is walked once, then evaluated at many z.

    `at(z, analytic)` is its value; `analytic` asks for a ball that is not finite where the number is not analytic on z.
    """

    def __init__(self, at: Callable[[acb, bool], acb]) -> None:
        self.at = at

    def _with(self, other: object, combine: Callable[[Any, Any], Any]) -> Late:
        at = self.at
        if isinstance(other, Late):
            late = other.at
            return Late(lambda z, analytic: combine(at(z, analytic), late(z, analytic)))
        return Late(lambda z, analytic: combine(at(z, analytic), other))

    def __add__(self, other: object) -> Late:
        return self._with(other, operator.add)

    def __mul__(self, other: object) -> Late:
        return self._with(other, operator.mul)

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, n: int) -> Late:
        return self.then(lambda x, _: x**n)

    def then(self, f: Callable[[acb, bool], acb]) -> Late:
        at = self.at
        return Late(lambda z, analytic: f(at(z, analytic), analytic))

    def __abs__(self) -> Late:
        raise CannotConclude("an absolute value is not analytic")

    def exp(self) -> Late:
        return self.then(lambda x, _: x.exp())

    def log(self) -> Late:
        return self.then(acb.log)

    def sqrt(self) -> Late:
        return self.then(acb.sqrt)

    def tanh(self) -> Late:
        return self.then(lambda x, _: x.tanh())


class Balls(Scalar):
    """Arb balls. Inside an integral they wait for the point at which Arb asks for the integrand."""

    def __init__(self, point: Point, digits: int) -> None:
        self.growth: Growth | None = None
        self.goal = arb(10) ** -(digits + 3)  # the error of one integral
        self.evaluations = EVALUATIONS * (1 + digits // 10)
        super().__init__(point)

    def number(self, e: sp.Number) -> Number:
        return arb(fmpq(int(e.p), int(e.q))) if isinstance(e, sp.Rational) else arb(float(e))

    def _Pi(self, *_: object) -> Number:
        return arb.pi()

    def _Infinity(self, e: sp.Basic, _: Scope) -> Number:
        raise CannotConclude(f"{e} has no ball")

    def integer(self, x: Number) -> int:
        whole = x.unique_fmpz() if isinstance(x, arb) else None
        if whole is None:
            raise CannotConclude(f"{x} is not certainly one integer")
        return int(whole)

    def exp(self, x: Number) -> Number:
        return x.exp()

    def log(self, x: Number) -> Number:
        return x.log()

    def sqrt(self, x: Number) -> Number:
        return x.sqrt()

    def _Function(self, e: sp.Function, scope: Scope) -> Number:
        name = {"loggamma": "lgamma"}.get(type(e).__name__, type(e).__name__)
        x = self.value(e.args[0], scope)
        known = ("tanh",) if isinstance(x, Late) else ("tanh", "sinh", "cosh", "sin", "cos", "erf", "gamma", "lgamma")
        if name not in known or len(e.args) > 1:
            raise CannotConclude(f"no rule for balls of {e.func}")
        return getattr(x, name)()

    def _Integral(self, e: sp.Expr, scope: Scope) -> Number:
        f, r = e.args[0], e.args[1]
        if r[0] in self.point.vectors:
            raise CannotConclude("an integral over R^d")
        where = self.range(r)
        if any(isinstance(v, Late) for v in scope.values.values()):
            raise CannotConclude("an integral that depends on the variable of another")
        if len(e.args) > 2 or (where.low, where.high) != (-sp.oo, sp.oo):
            raise CannotConclude("an integral not over the line")
        self.growth = self.growth or Growth(self)
        radius, outside = self.growth.tail(f, r[0], scope)
        integrand = self.value(f, scope.binding({r[0]: Late(lambda z, _: z)}))
        if not isinstance(integrand, Late):
            raise CannotConclude("a constant has no integral over the line")
        goal, most = self.goal, self.evaluations
        inside = acb.integral(integrand.at, acb(-radius), acb(radius), abs_tol=goal, rel_tol=goal, eval_limit=most)
        return inside.real + arb(0, outside)


# --- tails -----------------------------------------------------------------------------------------------------------

Quadratic = tuple[Any, Any, Any]  # a0 + a1 |z| + a2 z^2


@dataclass(frozen=True)
class Bound:
    """What is known of f on the real line: upper bounds log|f|, lower bounds log f if f > 0, and f if a polynomial."""

    upper: Quadratic
    lower: Quadratic | None = None
    polynomial: tuple[Any, ...] | None = None

    @staticmethod
    def of(coefficients: tuple[Any, ...]) -> Bound:
        """A polynomial: 1, |z|, z^2 / 2, ... are at most exp |z|."""
        size, factorial = arb(0), 1
        for k, c in enumerate(coefficients):
            factorial *= max(k, 1)
            size += abs(c) * factorial
        constant = len(coefficients) == 1
        above = (size + arb((1, -4000))).log()
        lower = (coefficients[0].log(), arb(0), arb(0)) if constant and coefficients[0] > 0 else None
        return Bound((above, arb(0 if constant else 1), arb(0)), lower, coefficients)

    def __add__(self, other: Bound) -> Bound:
        if self.polynomial and other.polynomial:
            long, short = sorted((self.polynomial, other.polynomial), key=len, reverse=True)
            return Bound.of(
                tuple(a + b for a, b in zip(long, (*short, *[arb(0)] * (len(long) - len(short))), strict=True))
            )
        larger = tuple(a.max(b) for a, b in zip(self.upper, other.upper, strict=True))
        lower = max((self.lower, other.lower), key=_steepness) if self.lower and other.lower else None
        return Bound((larger[0] + arb(2).log(), larger[1], larger[2]), lower)

    def __mul__(self, other: Bound) -> Bound:
        if self.polynomial and other.polynomial:
            out = [arb(0)] * (len(self.polynomial) + len(other.polynomial) - 1)
            for i, a in enumerate(self.polynomial):
                for j, b in enumerate(other.polynomial):
                    out[i + j] += a * b
            return Bound.of(tuple(out))
        lower = _plus(self.lower, other.lower) if self.lower and other.lower else None
        return Bound(_plus(self.upper, other.upper), lower)

    def __pow__(self, n: int) -> Bound:
        if n < 0:
            return self.power(arb(n))
        out = Bound.of((arb(1),))
        for _ in range(n):
            out = out * self
        return out

    def power(self, p: Any) -> Bound:
        """f^p for f > 0: p log f lies between the bounds, turned around when p < 0."""
        if self.lower is None:
            raise CannotConclude("a power of what is not known to be positive")
        if self.polynomial and len(self.polynomial) == 1:
            return Bound.of(((p * self.polynomial[0].log()).exp(),))
        one, two = tuple(p * a for a in self.lower), tuple(p * a for a in self.upper)
        return Bound(two, one) if p > 0 else Bound(one, two)

    def exp(self) -> Bound:
        """exp of a quadratic, whose linear term is at most |a1| |z| either way."""
        if not self.polynomial or len(self.polynomial) > 3:
            raise CannotConclude("an exponential of what is not a quadratic")
        if len(self.polynomial) == 1:
            return Bound.of((self.polynomial[0].exp(),))
        a0, a1, a2 = (*self.polynomial, arb(0))[:3]
        return Bound((a0, abs(a1), a2), (a0, -abs(a1), a2))

    def log(self) -> Bound:
        """|log f| is at most the sum of the sizes of both bounds."""
        if self.lower is None:
            raise CannotConclude("a logarithm of what is not known to be positive")
        if self.polynomial and len(self.polynomial) == 1:
            return Bound.of((self.polynomial[0].log(),))
        both = zip(self.upper, self.lower, strict=True)
        return Bound(Bound.of(tuple(abs(a) + abs(b) for a, b in both)).upper)

    def __abs__(self) -> Bound:
        return Bound(self.upper)


def _plus(a: Quadratic, b: Quadratic) -> Quadratic:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2])


def _steepness(q: Quadratic | None) -> tuple[float, float]:
    return (float(q[2].mid()), float(q[1].mid())) if q else (0.0, 0.0)


def _constants(v: Any) -> Any:
    return [_constants(w) for w in v] if isinstance(v, list | tuple) else Bound.of((v,))


class Growth(Scalar):
    """Bounds for the parts of an integrand, from its formula."""

    def __init__(self, balls: Balls) -> None:
        self.balls = balls
        super().__init__(balls.point)

    def tail(self, f: sp.Expr, z: sp.Symbol, scope: Scope) -> tuple[arb, arb]:
        """A radius R, and a bound on the integral of |f| outside [-R, R]."""
        fixed = {s: _constants(v) for s, v in scope.values.items()}
        u0, u1, u2 = self.value(f, Scope(fixed, scope.bound).binding({z: Bound.of((arb(0), arb(1)))})).upper
        if not u2 < 0:
            raise CannotConclude("no Gaussian bound on the integrand")
        for step in range(6, 26):
            r = arb(round(2 ** (step / 2)))
            slope = -(u1 + 2 * u2 * r)
            if slope > 0 and (outside := 2 * (u0 + u1 * r + u2 * r * r).exp() / slope) < self.balls.goal:
                return r, outside
        raise CannotConclude("the tails of the integrand are too long")

    def number(self, e: sp.Number) -> Number:
        return Bound.of((self.balls.number(e),))

    def _Pi(self, *_: object) -> Number:
        return Bound.of((arb.pi(),))

    def _Integral(self, e: sp.Expr, scope: Scope) -> Number:
        if scope is not self.top:
            raise CannotConclude("an integral that depends on the variable of another")
        return Bound.of((self.balls(e),))

    def exp(self, x: Number) -> Number:
        return x.exp()

    def log(self, x: Number) -> Number:
        return x.log()

    def sqrt(self, x: Number) -> Number:
        return x.power(arb(1) / 2)

    def _Function(self, e: sp.Function, _: Scope) -> Number:
        raise CannotConclude(f"no bound for {e.func}")

    def integer(self, x: Number) -> int:
        return self.balls.integer(x.polynomial[0])


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Enclosed:
    """A comparison, both sides enclosed."""

    relation: str
    left: Any
    right: Any

    def certain(self) -> bool | None:
        """Whether the comparison holds; None where the balls overlap, so that only = and >= can still be true."""
        gap = self.left - self.right if self.relation not in ("<=", "<") else self.right - self.left
        match self.relation:
            case "==":
                return None if gap.contains(0) else False
            case "!=":
                return None if gap.contains(0) else True
        return True if gap > 0 else False if gap < 0 else None

    def narrow(self, digits: int) -> bool:
        """Whether both sides are known to so many digits, or to so many places where they are below one."""
        widest = arb(10) ** -digits
        return all(b.rad() <= widest * abs(b.mid()).max(arb(1)) for b in (self.left, self.right))


def enclose(prop: sp.Basic, point: Point, ranges: list[sp.Tuple], digits: int) -> list[Enclosed]:
    """Both sides of a statement at one point, on every sampled value of what is quantified."""
    with ctx.workprec(GUARD + digits * 10 // 3):
        balls = Balls(point, digits)
        return list(_comparisons(mapped(prop, lambda e: e), balls, balls.top, {r[0]: r for r in ranges}))


def _comparisons(prop: sp.Basic, balls: Balls, scope: Scope, ranges: dict[sp.Symbol, sp.Tuple]) -> Iterator[Enclosed]:
    if isinstance(prop, Relational):
        yield Enclosed(prop.rel_op, *(_real(balls.value(side, scope)) for side in prop.args))
    elif isinstance(prop, ForAll | AlmostEverywhere):
        s = prop.args[1] if isinstance(prop.args[1], sp.Symbol) else prop.args[1][0]
        for value in _values(prop.args[1], s, balls, ranges):
            yield from _comparisons(prop.args[0], balls, scope.binding({s: balls.number(value)}), ranges)
    else:
        raise CannotConclude(f"no balls for {type(prop).__name__}")


def _real(x: Any) -> Any:
    return x.real if isinstance(x, acb) else x


def _values(over: sp.Basic, s: sp.Symbol, balls: Balls, ranges: dict[sp.Symbol, sp.Tuple]) -> list[sp.Rational]:
    r = over if isinstance(over, sp.Tuple) else ranges.get(s) or (sp.Tuple(s) if s in balls.point.spaces else None)
    where = balls.range(r) if r is not None else None
    if where is not None and where.discrete and where.high is not sp.oo:
        low, high = (balls.integer(balls(b)) for b in (where.low, where.high))
        return [sp.Integer(k) for k in range(low, min(high, low + 9) + 1)]
    if s.is_integer or (where is not None and where.discrete):
        return [sp.Integer(k) for k in range(1, 5)]
    return [abs(v) for v in SAMPLES] if s.is_positive else list(SAMPLES)
