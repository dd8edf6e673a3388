"""Formulas as people write them, on one line."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from elbo_audit.terms import Atom, Axis, Mono, Poly


def text(p: Poly) -> str:
    """A formula on one line; indices are named after what they run over."""
    return _sum(p, {})


def value(p: Poly, sizes: Mapping[str, float]) -> float | None:
    """The number, where every name in it has one and it holds no data."""
    try:
        return _value(p, sizes)
    except (KeyError, ValueError, OverflowError, ZeroDivisionError):
        return None


def _value(p: Poly, sizes: Mapping[str, float]) -> float:
    return sum(float(c) * math.prod(_of_atom(a, sizes) ** float(e) for a, e in m) for m, c in p.terms.items())


def _of_atom(a: Atom, sizes: Mapping[str, float]) -> float:
    if a.head == "sym":
        return sizes[a.args[0]]
    if a.head == "pi":
        return math.pi
    if a.head == "num":
        return float(a.args[0])
    if a.head == "log":
        return math.log(_value(a.args[0], sizes))
    if a.head == "poly":
        return _value(a.args[0], sizes)
    if a.head == "exp":
        return math.exp(_value(Poly({a.args[0]: Fraction(1)}), sizes))
    raise KeyError(a.head)


def _sum(p: Poly, names: Mapping[str, str]) -> str:
    if not p.terms:
        return "0"
    terms = sorted(p.terms.items(), key=lambda t: (len(t[0]) == 0, _order(t[0]), str(t[0])))
    if len(terms) == 2 and terms[0][1] < 0 < terms[1][1]:
        terms.reverse()  # 1 - p
    out = ""
    for m, c in terms:
        sign = "-" if c < 0 else "+"
        body = _product(m, abs(c), names)
        out += (f" {sign} " if out else "-" * (c < 0)) + body
    return out


def _order(m: Mono) -> int:
    return 0 if any(a.head in ("sum", "max") for a, _ in m) else 1


def _product(m: Mono, c: Fraction, names: Mapping[str, str]) -> str:
    above = [_power(a, e, names) for a, e in m if e > 0]
    below = [_power(a, -e, names) for a, e in m if e < 0]
    if c.numerator != 1 or not above:
        above.insert(0, str(c.numerator))
    if c.denominator != 1:
        below.insert(0, str(c.denominator))
    if not below:
        return " ".join(above)
    return " ".join(above) + " / " + (below[0] if len(below) == 1 else "(" + " ".join(below) + ")")


def _power(a: Atom, e: Fraction, names: Mapping[str, str]) -> str:
    if a.head == "exp":
        inside = _sum(Poly({a.args[0]: e}), names)
        return f"e^({inside})" if " " in inside or "[" in inside else f"e^{inside}"
    base = _atom(a, names)
    if e == 1:
        return base
    if e == Fraction(1, 2):
        return f"sqrt({base})"
    return f"{base}^{e}" if e.denominator == 1 else f"{base}^({e})"


def _atom(a: Atom, names: Mapping[str, str]) -> str:
    if a.head == "sym":
        return str(a.args[0])
    if a.head == "num":
        return str(a.args[0])
    if a.head == "pi":
        return "pi"
    if a.head == "elem":
        name, places, _ = a.args
        return f"{name}[{','.join(names.get(i, i) for i in places)}]" if places else str(name)
    if a.head == "log":
        return f"log({_sum(a.args[0], names)})"
    if a.head == "abs":
        return f"|{_sum(a.args[0], names)}|"
    if a.head == "held":
        return f"held({_sum(a.args[0], names)})"
    if a.head in ("sum", "max"):
        inner = _named(a.args[1], names)
        over = ",".join(inner[i] for i, _ in a.args[1])
        body = a.args[0] if a.head == "max" else Poly({a.args[0]: Fraction(1)})
        return f"{'Σ' if a.head == 'sum' else 'max'}_{over} " + (f"[{_sum(body, inner)}]")
    if a.head == "call":
        inner = _named(a.args[3], names)
        place = ",".join(names.get(i, i) for i in a.args[1])
        return f"{a.args[0]}({_sum(a.args[2], inner)})[{place}]"
    return f"({_sum(a.args[0], names)})"


def _named(axes: tuple[Axis, ...], names: Mapping[str, str]) -> dict[str, str]:
    out, taken = dict(names), set(names.values())
    for i, n in axes:
        letter = next((c for c in n.key.lower() if c.isalpha()), "i")
        name = letter
        while name in taken:
            name += "'"
        out[i] = name
        taken.add(name)
    return out
