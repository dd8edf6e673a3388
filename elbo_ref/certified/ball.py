"""Exact numbers in, enclosures out.

Arb carries a ball through every operation, so rounding is in the radius. What is done here is to ask for so many bits
that the radius meets the digits, and to refuse where that does not come about.
"""

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import TypeAlias

from flint import arb, ctx, fmpq

Number: TypeAlias = int | float | str | Fraction

_GUARD_BITS = 40  # room for the rounding of a few hundred nodes; when it is not enough, the precision is raised
_ATTEMPTS = 6


class PrecisionError(ArithmeticError):
    """The digits asked for cannot be certified."""


def rational(name: str, value: Number) -> fmpq:
    """The exact rational that a number is."""
    if isinstance(value, str):
        numerator, _, denominator = value.partition("/")
        try:
            return fmpq(*Decimal(numerator).as_integer_ratio()) / fmpq(*Decimal(denominator or 1).as_integer_ratio())
        except (InvalidOperation, ValueError, OverflowError, ZeroDivisionError):
            raise ValueError(f"{name} must be a finite number, got {value!r}") from None
    if isinstance(value, numbers.Rational):
        return fmpq(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real):
        value = float(value)
        if not math.isfinite(value):
            raise ValueError(f"{name} must be finite, got {value}")
        return fmpq(*value.as_integer_ratio())
    raise TypeError(f"{name} must be an int, a float, a Fraction or a string, got {type(value).__name__}")


def positive(name: str, value: Number) -> fmpq:
    exact = rational(name, value)
    if exact <= 0:
        raise ValueError(f"{name} must be positive, got {value}")
    return exact


def fraction(exact: fmpq) -> Fraction:
    return Fraction(int(exact.p), int(exact.q))


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A real number known to lie within `radius` of `midpoint`. Both are exact binary fractions."""

    ball: arb
    digits: int

    @property
    def midpoint(self) -> Fraction:
        return fraction(self.ball.mid().fmpq())

    @property
    def radius(self) -> Fraction:
        return fraction(self.ball.rad().fmpq())

    def contains(self, value: Number) -> bool:
        """Whether this number, taken as exact, lies inside: true of the true value, and of all too near it to tell."""
        return abs(fraction(rational("value", value)) - self.midpoint) <= self.radius

    def decimal(self, digits: int | None = None) -> str:
        """The value to so many significant digits, at most one unit off in the last; `PrecisionError` if uncertain."""
        digits = self.digits if digits is None else digits
        middle = self.midpoint
        rounded = Context(prec=digits).divide(Decimal(middle.numerator), Decimal(middle.denominator))
        unit = Fraction(10) ** (rounded.adjusted() - digits + 1) if middle else 0
        if self.radius > unit / 2:
            raise PrecisionError(f"{digits} digits are not certain: the value is {self}")
        shown = rounded.quantize(Decimal((0, (1,), rounded.adjusted() - digits + 1)), context=Context(prec=digits + 1))
        return f"{shown:f}" if -7 <= rounded.adjusted() < max(digits, 7) else str(shown)

    def __float__(self) -> float:
        return float(self.midpoint)

    def __str__(self) -> str:
        middle = self.midpoint
        return f"{Context(prec=self.digits).divide(middle.numerator, middle.denominator)} +/- {float(self.radius):.1e}"


def enclose(compute: Callable[[int], arb], digits: int) -> Enclosure:
    """The ball of `compute(bits)`, which aims at an error of 2^-bits, with more bits until the digits are met."""
    if not isinstance(digits, int) or digits < 1:
        raise ValueError(f"digits must be a positive integer, got {digits!r}")
    start = bits = math.ceil(digits * math.log2(10)) + 2
    for _ in range(_ATTEMPTS):
        with ctx.workprec(bits + _GUARD_BITS):
            ball = compute(bits)
            goal = arb(10) ** -digits
            size = ball.abs_lower()
            if ball.is_finite() and ball.rad() <= (goal * size if size > 1 else goal):
                return Enclosure(ball, digits)
            missing = ball.rad().man_exp() if ball.is_finite() else None
        # A finite radius says how many bits are missing; an infinite one, the logarithm of a ball that holds 0, does
        # not.
        bits = 2 * bits if missing is None else bits + max(8, start + int(missing[0]).bit_length() + int(missing[1]))
    raise PrecisionError(f"{digits} digits could not be certified with {bits} bits")
