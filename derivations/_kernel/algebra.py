"""Rules of algebra: two expressions are equal when SymPy reduces their difference to a literal zero."""

from __future__ import annotations

import sympy as sp
from sympy.core.evalf import PrecisionExhausted
from sympy.core.function import AppliedUndef

from derivations._kernel.language import (
    _OPAQUE,
    Notation,
    ProofError,
    _eq,
    _ge,
    _positive,
    defined,
    mask,
    number,
    opened,
)
from derivations._kernel.logic import _MINT, Thm, _hyps


def unfold(e: Notation) -> Thm:
    """`|- notation = its definition`."""
    return Thm(_MINT, _eq(e, opened(e)), "definition")


def algebra(lhs: sp.Expr, rhs: sp.Expr) -> Thm:
    """`|- lhs = rhs` when the difference reduces to a literal 0, integrals and sums counting as unknown numbers."""
    lhs, rhs = map(number, (lhs, rhs))
    _zero(lhs - rhs, lhs, rhs)
    return Thm(_MINT, _eq(lhs, rhs), "algebra", hyps=defined(lhs) | defined(rhs))


def rearrange(thm: Thm, lhs: sp.Expr, rhs: sp.Expr, times: sp.Expr = 1) -> Thm:
    """From `a = b` get `lhs = rhs` when lhs - rhs = times (a - b); from `a >= b` get `>=` when also times >= 0."""
    lhs, rhs, times = map(number, (lhs, rhs, times))
    if thm.prop.rhs.is_infinite:
        raise ProofError(f"infinity is not a number: {thm.prop}")
    known = _positive(times) or times.is_nonnegative
    if not isinstance(thm.prop, sp.Eq) and not (isinstance(thm.prop, sp.Ge) and known):
        raise ProofError(f"cannot multiply {thm.prop} by {times}: it is not known to be >= 0")
    _zero(lhs - rhs - times * (thm.prop.lhs - thm.prop.rhs), lhs, rhs)
    side = set().union(*map(defined, (lhs, rhs, times, thm.prop.lhs, thm.prop.rhs)))
    prop = thm.prop.func(lhs, rhs, evaluate=False)
    return Thm(_MINT, prop, "rearrange", (thm,), thm.hyps | side, said=(times,))


def unlog(thm: Thm) -> Thm:
    """From `log a = log b` get `a = b`, for a and b known to be positive."""
    sides = thm.prop.args
    if not isinstance(thm.prop, sp.Eq) or not all(isinstance(s, sp.log) and _positive(s.args[0]) for s in sides):
        raise ProofError(f"not an equality of logarithms of positive numbers: {thm.prop}")
    return Thm(_MINT, _eq(*(s.args[0] for s in sides)), "equal logarithms", (thm,), thm.hyps)


def sign(e: sp.Expr) -> Thm:
    """`|- e >= 0` when it follows from the declared domains of the symbols."""
    if not (e := number(e)).is_nonnegative:
        raise ProofError(f"not known to be >= 0: {e}")
    return Thm(_MINT, _ge(e, sp.S.Zero), "sign", hyps=defined(e))


def in_order(a: sp.Expr, b: sp.Expr) -> Thm:
    """`|- a <= b` when it follows from the declared domains: that a value lies below the upper end of a range."""
    a, b = map(number, (a, b))
    if not (b - a).is_nonnegative:
        raise ProofError(f"not known to be in order: {a} and {b}")
    return Thm(_MINT, sp.Le(a, b, evaluate=False), "sign", hyps=defined(a) | defined(b))


def differ(a: sp.Expr, b: sp.Expr) -> Thm:
    """`|- a != b` for two closed numbers, told apart by 50 digits; the digits that SymPy gives a sum are an estimate."""
    a, b = map(number, (a, b))
    try:
        gap = sp.nan if sp.Tuple(a, b).has(*_OPAQUE) else (a - b).evalf(50, strict=True)
    except PrecisionExhausted:
        gap = sp.nan
    if not gap.is_Float or abs(gap) < sp.Float("1e-30") or defined(a) | defined(b):
        raise ProofError(f"not shown to differ: {a} and {b} (difference {gap})")
    return Thm(_MINT, sp.Ne(a, b, evaluate=False), "evaluate")


def unequal(one: Thm, two: Thm, different: Thm) -> Thm:
    """From `a = c`, `b = d` and `c != d` get `a != b`."""
    want = sp.Ne(one.prop.rhs, two.prop.rhs, evaluate=False)
    if not isinstance(one.prop, sp.Eq) or not isinstance(two.prop, sp.Eq) or different.prop != want:
        raise ProofError(f"need a = c, b = d and c != d, not {one.prop}, {two.prop}, {different.prop}")
    prop = sp.Ne(one.prop.lhs, two.prop.lhs, evaluate=False)
    return Thm(_MINT, prop, "unequal", (one, two, different), _hyps((one, two, different)))


def _zero(residual: sp.Expr, lhs: sp.Expr, rhs: sp.Expr) -> None:
    """Only a literal zero counts; unknown is refused, and told apart from false."""
    atoms: dict[sp.Basic, sp.Symbol] = {}
    r = mask(residual, atoms)
    for form in (sp.expand, lambda e: sp.expand(sp.expand_log(e)), lambda e: sp.cancel(sp.together(e)), sp.simplify):
        if (r := form(r)) is sp.S.Zero:
            return
    known = all(isinstance(a, AppliedUndef | sp.Indexed) for a in atoms)  # two integrals may be equal numbers
    point = disagreement(r) if known else None
    verdict = f"FALSE at {point}" if point else "not shown, though no counterexample was found: split the step"
    raise ProofError(f"{verdict}\n  left:     {lhs}\n  right:    {rhs}\n  residual: {r}")


def disagreement(residual: sp.Expr) -> dict[str, sp.Rational] | None:
    """Small rational values, inside the declared domains, at which the residual is clearly not 0."""
    symbols = sorted(residual.free_symbols, key=str)
    for shift in range(3):
        point = {
            s: sp.Integer(k + shift + 1) if s.is_integer else sp.Rational(3 * k + 2 * shift + 2, k + 3)
            for k, s in enumerate(symbols)
        }
        value = residual.xreplace(point).evalf(30)
        if value.is_Float and abs(value) > sp.Float("1e-15"):
            return {str(s): v for s, v in point.items()}
    return None
