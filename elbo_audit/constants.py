"""A float as the number that somebody meant: a fraction, a decimal, or a well-known constant."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Final

from elbo_audit.terms import HALF, PI, Poly, Refuse, exp, log, poly

DIGITS: Final = 12  # a decimal with more is no decimal that a person wrote


def number(v: float) -> Poly:
    """The simplest exact number whose double is v. What it stands for is checked against the function's own numbers."""
    if isinstance(v, bool):
        raise Refuse("arithmetic with True and False")
    if isinstance(v, int):
        return poly(v)
    if not math.isfinite(v):
        raise Refuse(f"the constant {v}")
    for top in (1, 10, 100, 1000):
        q = Fraction(v).limit_denominator(top)
        if float(q) == v:
            return poly(q)
    known = _known()
    for w in (v, math.nextafter(v, math.inf), math.nextafter(v, -math.inf)):
        if w in known:
            return known[w]
    text = repr(v)
    if len(text.split("e")[0].strip("-0.").replace(".", "")) <= DIGITS:
        return poly(Fraction(text))
    near = f"{v:.12g}"  # 2 * 0.05**2 is 0.005 and a rounding error
    if abs(float(near) - v) <= 4 * math.ulp(v) and len(near.split("e")[0].strip("-0.").replace(".", "")) <= 8:
        return poly(Fraction(near))
    for top in (10**5, 10**6):
        q = Fraction(v).limit_denominator(top)
        if float(q) == v:
            return poly(q)
    return poly(Fraction(v))


@cache
def _known() -> dict[float, Poly]:
    two_pi = PI * 2
    exact: list[tuple[float, Poly]] = [
        (math.pi, PI),
        (1 / math.pi, 1 / PI),
        (math.e, exp(poly(1))),
        (math.log(math.pi), log(PI)),
        (math.log(2 * math.pi), log(two_pi)),
        (math.log(2 * math.pi) + 1, log(two_pi) + 1),
        (math.log(2 * math.pi * math.e), log(two_pi) + 1),
        (math.sqrt(2 * math.pi), two_pi**HALF),
        (1 / math.sqrt(2 * math.pi), two_pi**-HALF),
        (math.sqrt(math.pi), PI**HALF),
        *((math.log(n), log(poly(n))) for n in range(2, 300)),
        *(
            (math.log(v), log(poly(Fraction(repr(v)))))
            for v in (0.1, 0.05, 0.01, 0.005, 0.02, 0.2, 0.001, 0.3, 0.7, 0.9)
        ),
        *((math.sqrt(n), poly(n) ** HALF) for n in (2, 3, 5, 6, 7, 8, 10)),
    ]
    out: dict[float, Poly] = {}
    for value, meant in exact:
        for q in (1, 2, Fraction(1, 2), Fraction(1, 4)):
            for sign in (1, -1):
                out.setdefault(value * float(q) * sign, meant * (q * sign))
    return out
