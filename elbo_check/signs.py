"""Signs of polynomials by shape: "+" (> 0), "0+" (>= 0), "-", "0-", or None (not known). Enclosures of closed numbers.

A sign is a fact about the polynomial for all values of its variables; it needs nothing. (The term that a polynomial
came from equals it under the needs of its form.)
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from itertools import product
from typing import Any

from elbo_check.poly import *
from elbo_check.terms import WHOLE, Budget, Refused, Sort, cached, need

Sign = str | None
FLIP = {"+": "-", "-": "+", "0+": "0-", "0-": "0+", None: None}


def positive(a: int) -> bool:
    return atom_sign(a) == "+"


def nonzero(a: int) -> bool:
    return atom_sign(a) in ("+", "-")


def at_least_0(s: Sign) -> Sign:
    return s if s in ("+", "0+") else None


@cached
def atom_sign(a: int) -> Sign:
    w = Atoms.what[a]
    match w[0]:
        case "e" | "pi" | "prime":
            return "+"
        case "var" | "fun":
            return "+" if _sort(w) in ("pos", "nat") else None
        case "poly":
            return sign(thaw(w[1]))
        case "log":  # of p >= 1
            return at_least_0(sign(plus(thaw(w[1]), const(-1))))
        case "abs":
            return "+" if sign(thaw(w[1])) in ("+", "-") else "0+"
        case "prod":
            return at_least_0(sign(thaw(w[3])))
        case "int":
            return _weak(sign(thaw(w[3])))
        case "sum":
            s = sign(thaw(w[3]))
            return s if _inhabited(w) else _weak(s)
    return None


def _sort(w: tuple[Any, ...]) -> Sort:
    """Of the variable or the function of an atom."""
    return w[1].data[1] if w[0] == "var" else w[1][1] if w[0] == "fun" else None


def _weak(s: Sign) -> Sign:
    """An integral may be over a null set, or diverge and be 0; a sum may be empty."""
    return {"+": "0+", "0+": "0+", "-": "0-", "0-": "0-"}.get(s or "")


def _inhabited(w: tuple[object, str, tuple[Key, ...], Key]) -> bool:
    """A finite sum, lo in the sort and lo <= hi."""
    if len(w[2]) != 2 or any(kind(a) in ("oo", "-oo") for a in atoms_of(w[2])):
        return False
    lo, hi = map(thaw, w[2])
    whole = is_integer(lo) and (w[1] == "int" or sign(lo) == "+")
    return whole and sign(plus(hi, lo, -ONE)) in ("+", "0+")


def mono_sign(m: Mono) -> Sign:
    out: Sign = "+"
    for a, e in m:
        s = atom_sign(a)
        if s == "+":
            continue
        need(is_whole(e), "a power of what may not be positive")  # the invariant of forms
        if e.numerator % 2 == 0:
            s = "+" if s == "-" else "0+"
        if s is None:
            return None
        strict = out in ("+", "-") and s in ("+", "-")
        minus = (out in ("-", "0-")) != (s in ("-", "0-"))
        out = ("" if strict else "0") + ("-" if minus else "+")
    return out


@cached
def _sign(key: Key) -> Sign:
    p = dict(key)
    if not p:
        return "0+"
    if s := _by_terms(p) or FLIP[_by_terms(plus({}, p, -ONE))]:
        return s
    return _counting(p) or FLIP[_counting(plus({}, p, -ONE))] or _closed(p)


def sign(p: Poly) -> Sign:
    return _sign(frozen(p))


def _by_terms(p: Poly) -> Sign:
    """Every term >= 0; > 0 if one is."""
    signs = [mono_sign(m) if c > 0 else FLIP[mono_sign(m)] for m, c in p.items()]
    if any(s not in ("+", "0+") for s in signs):
        return None
    return "+" if "+" in signs else "0+"


def _counting(p: Poly) -> Sign:
    """n >= 1 for a natural number: every product of such counts at least 1, the rest at least 0."""
    least = value(p)
    for m, c in p.items():
        if m == ():
            continue
        s = mono_sign(m)
        if c < 0 or s not in ("+", "0+"):
            return None
        if all(_natural(a) and is_whole(e) and e > 0 for a, e in m):
            least += c
    return "+" if least > 0 else "0+" if least == 0 else None


def _natural(a: int) -> bool:
    return bool(_sort(Atoms.what[a]) == "nat")


def is_integer(p: Poly) -> bool:
    """Whole for all values, by shape."""
    return all(c.denominator == 1 and all(_whole_power(a, e) for a, e in m) for m, c in p.items())


def _whole_power(a: int, e: Exponent) -> bool:
    w = Atoms.what[a]
    if w[0] == "prime":
        return is_integer(thaw(e)) and sign(thaw(e)) in ("+", "0+")
    return _sort(w) in WHOLE and is_whole(e) and e > 0


# --- closed numbers: of rationals, pi and logarithms ------------------------------------------------------------------
Ball = tuple[Fraction, Fraction]
DIGITS = 40
PI_DIGITS = 31415926535897932384626433832795028841971  # and 6939...
PI_BALL = (Fraction(PI_DIGITS, 10**DIGITS), Fraction(PI_DIGITS + 1, 10**DIGITS))
DOWN, UP = (Context(DIGITS, way, Emin=-2000, Emax=2000) for way in (ROUND_FLOOR, ROUND_CEILING))


def rounded(x: Fraction, way: Context) -> Decimal:
    need(max(x.numerator.bit_length(), x.denominator.bit_length()) <= 4000, "a number is too large to enclose")
    return way.divide(Decimal(x.numerator), Decimal(x.denominator))


def log_ball(low: Fraction, high: Fraction) -> Ball:
    """The logarithm of the standard library is the nearest decimal of 40 digits; so one step to each side encloses it."""
    need(low > 0, "the logarithm of what may not be positive")
    Budget.spend(200)
    return Fraction(DOWN.next_minus(DOWN.ln(rounded(low, DOWN)))), Fraction(UP.next_plus(UP.ln(rounded(high, UP))))


def ball_times(a: Ball, b: Ball) -> Ball:
    ps = [x * y for x, y in product(a, b)]
    return Fraction(rounded(min(ps), DOWN)), Fraction(rounded(max(ps), UP))


def ball_power(b: Ball, e: Exponent) -> Ball:
    need(is_whole(e), "not a closed number")
    Budget.spend(abs(int(e)))
    if e < 0:
        need(not b[0] <= 0 <= b[1], "division by what may be 0")
        b = (1 / b[1], 1 / b[0])
    out = (ONE, ONE)
    for _ in range(abs(int(e))):
        out = ball_times(out, b)
    return out


def enclose(p: Poly) -> Ball:
    """Two rationals around a closed number; refuses where none are found."""
    lo = hi = Fraction(0)
    for m, c in p.items():
        b = (c, c)
        for a, e in m:
            b = ball_times(b, ball_power(_ball(a), e))
        lo, hi = lo + b[0], hi + b[1]
    return lo, hi


def _ball(a: int) -> Ball:
    w = Atoms.what[a]
    if w[0] == "pi":
        return PI_BALL
    need(w[0] == "log", "not a closed number: {}", w[0])
    return log_ball(*enclose(thaw(w[1])))


@cached
def _is_closed(a: int) -> bool:
    w = Atoms.what[a]
    return w[0] == "pi" or (w[0] == "log" and all(map(_is_closed, atoms_of(w[1]))))


def _closed(p: Poly) -> Sign:
    if is_const(p) or not all(map(_is_closed, atoms_of(frozen(p)))):
        return None
    try:
        lo, hi = enclose(p)
    except Refused:
        return None
    return "+" if lo > 0 else "-" if hi < 0 else None
