"""Rules of derivatives: the chain rule, differentiation under an integral, tangents of concave functions."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations._kernel.algebra import _zero
from derivations._kernel.analysis import _one_range
from derivations._kernel.language import (
    _SMOOTH,
    AlmostEverywhere,
    Dominated,
    ForAll,
    Notation,
    ProofError,
    _converges,
    _ends,
    _eq,
    _finite_range,
    _ge,
    _positive,
    _quantified,
    bound,
    defined,
    mask,
    put,
    total,
    unfolded,
)
from derivations._kernel.logic import _MINT, Thm, _finite, _hyps, _partial, _same_domain


def differentiate(e: sp.Derivative, *slopes: Thm) -> Thm:
    """`d/dt f(t) = f'(t)` for f built from sums, products, powers, exponentials and logarithms.

    With theorems `h'(s) = k(s)` for every s, also `d/dt h(g(t)) = k(g(t)) g'(t)`: the chain rule for an abstract function
    h. Neither h nor k may contain t but through g; g is as f is. Without such a theorem h(g(t)) is refused: it may jump.
    """
    f, (t, order) = e.args
    if order != 1 or t.is_integer:
        raise ProofError(f"not the first derivative in a real variable: {e}")
    slope, side = _slope(f, t, slopes)
    side |= _interior(defined(f) | defined(slope))
    return Thm(_MINT, _eq(e, slope), "differentiate", slopes, side)


def _slope(f: sp.Expr, t: sp.Symbol, slopes: tuple[Thm, ...]) -> tuple[sp.Expr, set[sp.Basic]]:
    """df/dt, and what it needs. Abstract functions of t count as further variables, each with its own derivative.

    What is opaque and free of t is a number.
    """
    values: dict[sp.Basic, sp.Symbol] = {}
    outer = mask(f, values)
    if not _smooth(outer):
        raise ProofError(f"not a smooth function of {t}: {f}")
    slope, side = sp.diff(outer, t), set[sp.Basic]()
    for value, name in values.items():
        if t in value.free_symbols:
            inner, needs = _chain_rule(value, t, slopes)
            slope += sp.diff(outer, name) * inner
            side |= needs
    return slope.xreplace({name: value for value, name in values.items()}), side


def _chain_rule(value: sp.Expr, t: sp.Symbol, slopes: tuple[Thm, ...]) -> tuple[sp.Expr, set[sp.Basic]]:
    """`d/dt h(g(t)) = k(g(t)) g'(t)` from the one of the theorems that says `h'(s) = k(s)`."""
    for thm in slopes:
        if not isinstance(thm.prop, sp.Eq) or not isinstance(thm.prop.lhs, sp.Derivative):
            raise ProofError(f"not the value of a derivative: {thm.prop}")
        (h, (s, order), *more), k = thm.prop.lhs.args, thm.prop.rhs
        if order != 1 or more or not isinstance(h, AppliedUndef):
            raise ProofError(f"not the first derivative of an abstract function: {thm.prop.lhs}")
        places = [g for g, at in zip(value.args, h.args, strict=False) if at == s]
        if not places or put(h, {s: places[0]}) != value:
            continue
        if any(s in hyp.free_symbols for hyp in thm.hyps) or not _interval(s):
            raise ProofError(f"{thm.prop} does not hold for every {s}")
        if t != s and t in h.free_symbols | k.free_symbols:
            raise ProofError(f"{h} depends on {t} by itself, not only through {s}")
        _same_domain(s, g := places[0])
        inner, side = _slope(g, t, slopes)
        here = put(k, {s: g})
        side |= thm.hyps | _interior(defined(g)) | defined(here)
        return here * inner, side
    raise ProofError(f"nothing is known of the derivative of {value} in {t}")


def leibniz(e: sp.Derivative, *slopes: Thm) -> Thm:
    """`d/dt int f = int df/dt` for f smooth in t, given that |df/dt| has an integrable bound free of t (`Dominated`).

    Where f is defined under conditions they must hold for every t: for all z at one t is not for all z near it.
    Abstract functions of t need a derivative at every point, by a theorem among the slopes; see `differentiate`.
    """
    inner, (t, order) = e.args
    f, r = _one_range(inner)
    f = f.xreplace({head: unfolded(head) for head in f.atoms(Notation) if t in head.free_symbols})
    if order != 1 or t.is_integer or t == r[0] or t in _ends(r):
        raise ProofError(f"not a first derivative under a fixed range: {e}")
    slope, needs = _slope(f, t, slopes)
    df = total(slope, r)
    side = _quantified(needs | _interior(defined(f)), r, t) | _quantified(defined(slope), r)
    side |= {_converges(inner), Dominated(df, t)}
    return Thm(_MINT, _eq(e, df), "leibniz", slopes, side)


def lipschitz(e: sp.Derivative, kinks: Thm, bound: Thm, b: sp.Expr, w: sp.Expr = sp.S.One) -> Thm:
    """`d/dt int w f = int w g`, where f has the slope g at t for almost every point of the range, from `b |s - t| >= |f(s) - f(t)|`.

    The bound is for every point, and every s of the domain or of an interval (s, a, c) with a < t < c; b and w are functions of
    the point, and int w b converges. Difference quotients that b bounds may be integrated in the limit; f may have kinks.
    """
    inner, (t, order) = e.args
    _, r = _one_range(inner)
    if order != 1 or not _interval(t) or t == r[0] or t in _ends(r):
        raise ProofError(f"not a first derivative under a fixed range: {e}")
    if not isinstance(kinks.prop, AlmostEverywhere) or kinks.prop.args[1] != r:
        raise ProofError(f"not a slope at almost every point of {r}: {kinks.prop}")
    own = kinks.prop.args[0]
    if not isinstance(own, sp.Eq) or not isinstance(own.lhs, sp.Derivative) or own.lhs.args[1:] != e.args[1:]:
        raise ProofError(f"not a slope in {t}: {own}")
    f, g = own.lhs.args[0], own.rhs
    if total(w * f, r) != inner:
        raise ProofError(f"{w} times the function whose slope is known is not under the integral of {e}")
    s = _about(bound, t, r[0])
    want = _ge(b * sp.Abs(s - t), sp.Abs(put(f, {t: s}) - f))
    if bound.prop.args[0] != want or (b.free_symbols | w.free_symbols) & {s}:
        raise ProofError(f"need {want} for every {s}, not {bound.prop}")
    side = _hyps((kinks, bound)) | {_converges(inner), _converges(total(w * b, r))}
    return Thm(_MINT, _eq(e, total(w * g, r)), "difference quotients", (kinks, bound), side, said=(r[0], b, w))


def _about(bound: Thm, t: sp.Symbol, point: sp.Symbol) -> sp.Symbol:
    """The variable of a bound for every value near t, at every point."""
    if not isinstance(bound.prop, ForAll) or any(point in h.free_symbols for h in bound.hyps):
        raise ProofError(f"not a bound near {t}, at every {point}: {bound}")
    r = bound.prop.args[1]
    s, *ends = r if isinstance(r, sp.Tuple) else (r,)
    room = not ends or all(x.is_extended_positive for x in (t - ends[0], ends[1] - t))
    if not room or point in _ends(r) or s.assumptions0 != t.assumptions0:
        raise ProofError(f"not a bound on an interval about {t}: {bound.prop}")
    return s


def derivative_of_sum(thm: Thm, r: sp.Tuple) -> Thm:
    """From `df_n/dt = g_n` get `d/dt sum_{n=a}^{b} f_n = sum_{n=a}^{b} g_n`, given the hypotheses for n = a..b."""
    r = sp.Tuple(*r)
    if not isinstance(thm.prop, sp.Eq) or not isinstance(thm.prop.lhs, sp.Derivative):
        raise ProofError(f"not the value of a derivative: {thm.prop}")
    (f, (t, order), *more), g = thm.prop.lhs.args, thm.prop.rhs
    finite = isinstance(total(f, r), sp.Sum) and _finite_range(total(f, r))
    if order != 1 or more or not finite or t in _ends(r) | {r[0]}:
        raise ProofError(f"not the first derivative of a term of a finite sum: {thm.prop} over {r}")
    prop = _eq(sp.Derivative(total(f, r), t), total(g, r))
    return Thm(_MINT, prop, "derivative of a finite sum", (thm,), _quantified(thm.hyps | defined(g), r), said=(r[0],))


def integral_of_slope(thm: Thm, r: sp.Tuple) -> Thm:
    """From `dF/dt = f` get `int_a^b f dt = F(b) - F(a)`, given the hypotheses for every t from a to b, and that int f converges.

    The main theorem of calculus for any F, an integral or an abstract function as well: it has a derivative at every point of the
    closed range, both ends included, and that derivative is integrable.
    """
    t, *ends = (r := sp.Tuple(*r))
    if not isinstance(thm.prop, sp.Eq) or not isinstance(thm.prop.lhs, sp.Derivative):
        raise ProofError(f"not the value of a derivative: {thm.prop}")
    (inner, (of, order), *more), slope = thm.prop.lhs.args, thm.prop.rhs
    if order != 1 or more or of != t or not _interval(t) or len(ends) != 2 or any(b.is_infinite for b in ends):
        raise ProofError(f"not the first derivative over a closed range of numbers: {thm.prop} over {r}")
    e, (low, high) = total(slope, r), (put(inner, {t: b}) for b in ends)
    parts = {put(part, {t: b}) for part in _partial(inner) for b in ends}
    side = _quantified(thm.hyps, r) | defined(e) | defined(low) | defined(high) | _finite(parts)
    return Thm(_MINT, _eq(e, high - low), "main theorem of calculus", (thm,), side, said=(t,))


def tangent(f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> Thm:
    """`f(a) + f'(a) (t - a) >= f(t)` for f concave on the domain of t (by the sign of f'')."""
    _strictly_concave(f, t)
    return Thm(_MINT, _ge(_tangent(f, t, a), f), "tangent of a concave function", said=(f, t, a))


def tangent_of(bend: Thm, f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> Thm:
    """From `-f''(t) >= 0` for every t get `f(a) + f'(a) (t - a) >= f(t)`: the same where f'' may vanish."""
    line, want = _tangent(f, t, a), _ge(-sp.diff(f, t, 2), sp.S.Zero)
    if not isinstance(bend.prop, sp.Ge) or bend.prop.rhs != 0 or any(t in h.free_symbols for h in bend.hyps):
        raise ProofError(f"need {want} for every {t}, not {bend.prop}")
    _zero(bend.prop.lhs - want.lhs, bend.prop.lhs, want.lhs)
    return Thm(_MINT, _ge(line, f), "tangent of a concave function", (bend,), bend.hyps, said=(f, t, a))


def touches_once(f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> Thm:
    """`f(a) + f'(a) (t - a) = f(t) |- t = a` for f strictly concave."""
    _strictly_concave(f, t)
    touch = _eq(_tangent(f, t, a), f)
    return Thm(_MINT, _eq(t, a), "a strictly concave function touches once", hyps=[touch], said=(f, t, a))


def _strictly_concave(f: sp.Expr, t: sp.Symbol) -> None:
    curvature = sp.simplify(sp.diff(f, t, 2))
    if f.free_symbols != {t} or not curvature.is_negative or bound(f):
        raise ProofError(f"{f} is not known to be strictly concave in {t}: its second derivative is {curvature}")


def _tangent(f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> sp.Expr:
    """The line, of f smooth on the whole domain of t: a kink is not seen by the second derivative."""
    if not _interval(t) or t.assumptions0 != a.assumptions0 or t == a or a in f.free_symbols:
        raise ProofError(f"{t} and {a} are not two variables of one interval, {a} a new one")
    if not _smooth(f) or _interior(defined(f)):
        raise ProofError(f"{f} is not a smooth function on the whole domain of {t}: {defined(f)}")
    return put(f, {t: a}) + put(sp.diff(f, t), {t: a}) * (t - a)


def _smooth(f: sp.Expr) -> bool:
    """Built from sums, products, powers, exponentials and logarithms; no root of what may be zero."""
    parts = list(sp.preorder_traversal(f))
    roots = [s for s in parts if isinstance(s, sp.Pow) and not s.exp.is_integer and not _positive(s.base)]
    return all(isinstance(s, _SMOOTH) for s in parts) and not roots


def _interior(side: set[sp.Basic]) -> set[sp.Basic]:
    """A derivative needs room on both sides: a root is differentiated only where its argument is positive."""
    return {sp.Gt(h.lhs, h.rhs, evaluate=False) if isinstance(h, sp.Ge) else h for h in side}


def _interval(t: sp.Symbol) -> bool:
    return t.assumptions0 in [sp.Symbol("", **{k: True}).assumptions0 for k in ("real", "positive")]
