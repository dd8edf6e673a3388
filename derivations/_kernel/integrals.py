"""Rules that give an integral its value: changes of variables, antiderivatives, Gaussian bounds, and one that is cited."""

from __future__ import annotations

import sympy as sp

from derivations._kernel.algebra import _zero
from derivations._kernel.analysis import _one_range
from derivations._kernel.derivatives import _interval, _smooth
from derivations._kernel.language import (
    Dominated,
    ProofError,
    _converges,
    _ends,
    _eq,
    bound,
    defined,
    put,
    total,
    unfolded,
)
from derivations._kernel.logic import _MINT, Thm, _finite, _partial


def change_of_variables(e: sp.Integral, g: sp.Expr, new: sp.Symbol) -> Thm:
    """`int f(z) dz = int f(g(y)) g'(y) dy` over the whole line, for g affine in y with positive slope."""
    slope = sp.expand(g).coeff(new)
    shift = sp.expand(g - slope * new)
    if not slope.is_positive or not shift.is_real or new in (slope.free_symbols | shift.free_symbols):
        raise ProofError(f"{g} does not map the line onto the line, increasing, in {new}")
    return Thm(_MINT, _changed(e, g, new, slope), "change of variables", hyps=defined(g), said=(g, new))


def change_by_slope(e: sp.Integral, g: sp.Expr, new: sp.Symbol, steep: Thm) -> Thm:
    """From `g'(y) >= c`, for every y and a constant c > 0, get `int f(z) dz = int f(g(y)) g'(y) dy` over the whole line.

    A slope that stays above a positive number makes g a smooth increasing map of the line onto the line.
    """
    if not _smooth(g) or any(new in h.free_symbols for h in defined(g)):
        raise ProofError(f"{g} is not a smooth function of every {new}")
    c = steep.prop.rhs if isinstance(steep.prop, sp.Ge) else sp.S.Zero
    if not c.is_positive or new in c.free_symbols or bound(c) or any(new in h.free_symbols for h in steep.hyps):
        raise ProofError(f"the slope of {g} is not bounded below by a positive constant for every {new}: {steep.prop}")
    slope = sp.diff(g, new)
    _zero(steep.prop.lhs - slope, steep.prop.lhs, slope)
    side = steep.hyps | defined(g) | defined(c)
    return Thm(_MINT, _changed(e, g, new, slope), "change of variables", (steep,), side, said=(g, new))


def _changed(e: sp.Integral, g: sp.Expr, new: sp.Symbol, slope: sp.Expr) -> sp.Basic:
    f, r = _one_range(e)
    if not isinstance(e, sp.Integral) or r[1:] != (-sp.oo, sp.oo):
        raise ProofError(f"not an integral over the whole line: {e}")
    if new in e.free_symbols | bound(e) or r[0] in g.free_symbols or new.assumptions0 != r[0].assumptions0:
        raise ProofError(f"{new} is not a fresh real variable for {e}")
    return _eq(e, total(put(f, {r[0]: g}) * slope, sp.Tuple(new, *r[1:])))


def gaussian_integral(z: sp.Symbol) -> Thm:
    """Gauss's integral: `int_{-oo}^{oo} exp(-z^2/2) dz = sqrt(2 pi)`. Cited, not proved: the one fact that certificates cite."""
    if z.assumptions0 != sp.Symbol("", real=True).assumptions0:
        raise ProofError(f"not a real variable: {z}")
    e = sp.Integral(sp.exp(-(z**2) / 2), (z, -sp.oo, sp.oo))
    return Thm(_MINT, _eq(e, sp.sqrt(2 * sp.pi)), "Gauss's integral")


def antiderivative(e: sp.Integral, primitive: sp.Expr) -> Thm:
    """`int_a^b F'(z) dz = F(b) - F(a)`, with F' checked by algebra.

    F is smooth over the range; at an infinite end it must be a polynomial times a Gaussian, which vanishes there, and
    at the open end 0 of a positive z a sum of terms c z^k log(z)^m, k > 0, whose slopes converge there.
    """
    f, r = _one_range(e)
    z, *ends = r
    opened_f, whole = unfolded(f), unfolded(primitive)
    plain = _smooth(whole)
    if not isinstance(e, sp.Integral) or not plain or any(z in h.free_symbols for h in defined(whole)):
        raise ProofError(f"the antiderivative is not smooth over the whole range: {primitive}")
    _zero(sp.diff(whole, z) - opened_f, f, primitive)
    improper = any(b.is_infinite for b in ends)
    if improper:
        _fades(whole, z)
    if z.is_positive and ends[0] == 0 and _fades_at_zero(whole, z):
        ends[0] = -sp.oo  # where nothing is left of F, as at an infinite end
    lo, hi = (sp.S.Zero if b.is_infinite else put(whole, {z: b}) for b in ends)
    side = set() if opened_f.is_nonnegative or not improper else {_converges(e)}
    parts = {put(part, {z: b}) for part in _partial(whole) for b in ends if not b.is_infinite}
    hyps = side.union(defined(whole), defined(lo), defined(hi), _finite(parts))  # 1/log(0) is not 0
    return Thm(_MINT, _eq(e, hi - lo), "antiderivative", hyps=hyps, said=(primitive, z))


def gaussian_tail(e: sp.Integral) -> Thm:
    """`|- int P(z) exp(-a z^2 + b z + c) dz converges` for a polynomial P and a > 0."""
    f, r = _one_range(unfolded(e))
    if not isinstance(e, sp.Integral):
        raise ProofError(f"not an integral over the line: {e}")
    _fades(f, r[0])
    side = {h for h in defined(f)}
    if any(r[0] in h.free_symbols for h in side):
        raise ProofError(f"the integrand is not defined everywhere: {side}")
    return Thm(_MINT, _converges(e), "Gaussian tail", hyps=side)


def gaussian_bound(e: Dominated) -> Thm:
    """`|- Dominated(int P(z) exp(-a z^2 + b z + c) dz, t)` for a polynomial P and a > 0, with coefficients smooth in t.

    Near any t the coefficients are bounded and a stays away from 0, so one polynomial times one Gaussian bounds them all.
    """
    if not isinstance(e, Dominated):
        raise ProofError(f"not a dominated integral: {e}")
    inner, t = e.args
    f, r = _one_range(unfolded(inner))
    if not isinstance(inner, sp.Integral) or not _interval(t) or t in _ends(r) | {r[0]}:
        raise ProofError(f"not an integral over a fixed range of numbers: {e}")
    if not _smooth(f) or defined(f):
        raise ProofError(f"not a smooth function everywhere: {f}")
    _fades(f, r[0])
    return Thm(_MINT, e, "Gaussian bound")


def _fades_at_zero(f: sp.Expr, z: sp.Symbol) -> bool:
    """f is a sum of terms c z^k log(z)^m with k > 0: it vanishes where z does, and its slope converges there."""
    for term in sp.Add.make_args(sp.expand(sp.expand_log(f))):
        power = sp.S.Zero
        for x in (x for x in sp.Mul.make_args(term) if z in x.free_symbols):
            base, exponent = x.as_base_exp()
            if base == z and exponent.is_Rational:
                power += exponent
            elif base != sp.log(z) or not exponent.is_Integer or exponent < 0:
                return False
        if not power > 0:
            return False
    return True


def _fades(f: sp.Expr, z: sp.Symbol) -> None:
    """f is a sum of polynomials in z times exp(-a z^2 + b z + c) with a > 0: smooth, integrable, 0 at both infinities."""
    for term in sp.Add.make_args(sp.expand(sp.expand_log(f), power_exp=False)):
        term = sp.powsimp(term, combine="exp")
        kernel = [x for x in sp.Mul.make_args(term) if isinstance(x, sp.exp) and z in x.free_symbols]
        rest = sp.Mul(*(x for x in sp.Mul.make_args(term) if x not in kernel))
        if len(kernel) != 1 or not rest.is_polynomial(z) or not kernel[0].args[0].is_polynomial(z):
            raise ProofError(f"not a polynomial times a Gaussian: {term}")
        power = sp.Poly(kernel[0].args[0], z)
        if power.degree() != 2 or not sp.factor(power.LC()).is_negative:
            raise ProofError(f"the exponent does not fall like a square: {power}")
        if any(not c.is_real for c in power.coeffs() + sp.Poly(rest, z).coeffs()):
            raise ProofError(f"a coefficient is not known to be real: {term}")
