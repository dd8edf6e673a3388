"""Rules of analysis: linearity, Fubini, monotony, concavity, convergence, and the few integrals that are known."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations._kernel.algebra import _zero
from derivations._kernel.language import (
    _LANGUAGE,
    _SMOOTH,
    BINDERS,
    AlmostEverywhere,
    Dominated,
    ForAll,
    Notation,
    ProofError,
    Total,
    _converges,
    _ends,
    _eq,
    _finite_range,
    _ge,
    _in_range,
    _positive,
    _quantified,
    bound,
    defined,
    mask,
    total,
    unfolded,
)
from derivations._kernel.logic import _MINT, Thm, _finite, _partial, _same_domain


def _one_range(e: sp.Expr) -> tuple[sp.Expr, sp.Tuple]:
    """The outermost range of an integral or sum, and what stands under it."""
    if not isinstance(e, BINDERS):
        raise ProofError(f"not an integral or sum: {e}")
    return (e.args[0] if len(e.args) == 2 else e.func(*e.args[:-1])), e.args[-1]


def linearity(e: sp.Expr) -> Thm:
    """`int (a f + b g) = a int f + b int g`, given that every piece converges."""
    f, r = _one_range(e)
    pointwise = defined(f)
    if not f.is_Add:
        atoms: dict[sp.Basic, sp.Symbol] = {}
        f = sp.expand_mul(mask(f, atoms)).xreplace({v: k for k, v in atoms.items()})
    split = [t.as_independent(r[0], as_Add=False) for t in sp.Add.make_args(f)]
    parts = [(c, total(g, r)) for c, g in split]
    scaled = len(parts) == 1 and parts[0][0].is_nonzero  # int c f = c int f holds for infinite integrals too
    side = set().union(*(defined(x) for pair in parts for x in (pair[:1] if scaled else pair)))
    side |= _quantified(pointwise, r)
    return Thm(_MINT, _eq(e, sp.Add(*(c * i for c, i in parts))), "linearity", hyps=side)


def constant(e: sp.Expr) -> Thm:
    """`sum_{n=a}^{b} c = (b - a + 1) c` when c does not depend on n and b >= a - 1."""
    c, r = _one_range(e)
    if not isinstance(e, sp.Sum) or r[0] in c.free_symbols or not (r[2] - r[1] + 1).is_nonnegative:
        raise ProofError(f"not a finite sum of a constant: {e}")
    return Thm(_MINT, _eq(e, (r[2] - r[1] + 1) * c), "constant sum", hyps=defined(c))


def write_out(e: sp.Sum) -> Thm:
    """`sum_{n=a}^{b} f(n) = f(a) + ... + f(b)` for literal a <= b."""
    f, r = _one_range(e)
    if not isinstance(e, sp.Sum) or not (r[1].is_Integer and r[2].is_Integer) or bound(f):
        raise ProofError(f"not a sum with a literal range: {e}")
    points = [{r[0]: sp.Integer(k)} for k in range(int(r[1]), int(r[2]) + 1)]
    terms = [f.xreplace(at) for at in points]
    lost = [{x.xreplace(at) for x in _partial(f)} - _partial(term) for at, term in zip(points, terms, strict=True)]
    return Thm(_MINT, _eq(e, sp.Add(*terms)), "write out", hyps=set().union(*map(_finite, lost)))


def log_product(e: sp.Product) -> Thm:
    """`log prod_i f_i = sum_i log f_i` for positive factors."""
    f, r = e.args
    if not isinstance(e, sp.Product) or not f.is_positive or len(e.args) != 2:
        raise ProofError(f"not a product of positive factors: {e}")
    return Thm(_MINT, _eq(sp.log(e), total(sp.log(f), r)), "log of a product", hyps=defined(e))


def swap(e: sp.Expr) -> Thm:
    """Fubini and Tonelli: `int sum f = sum int f` for two nested binders, given that |f| converges over both."""
    inner, r = _one_range(e)
    c, inner = inner.as_independent(r[0], as_Add=False) if not isinstance(inner, BINDERS) else (sp.S.One, inner)
    f, s = _one_range(inner)
    if r[0] in set().union(*(b.free_symbols for b in s[1:])) or s[0] in set().union(*(b.free_symbols for b in r[1:])):
        raise ProofError(f"the range of one variable depends on the other: {e}")
    flipped = total(total(f, r), s)
    finite = [x for x in (r, s) if len(x) == 3 and isinstance(total(f, x), sp.Sum) and _finite_range(total(f, x))]
    if finite:  # a finite sum moves freely past an integral whose every term converges
        other = s if finite[0] is r else r
        side = _quantified(defined(total(f, other)), finite[0])
    else:
        side = set() if f.is_nonnegative else {_converges(total(total(sp.Abs(f), s), r))}
    return Thm(_MINT, _eq(e, c * flipped), "swap", hyps=side | defined(c))


def move_in(e: sp.Expr, factor: sp.Expr) -> Thm:
    """`factor * sum f = sum (factor * f)` when the factor does not depend on the bound variable."""
    f, r = _one_range(e)
    if r[0] in factor.free_symbols or bound(factor) & ({r[0]} | bound(f)):
        raise ProofError(f"{factor} depends on the bound variable of {e}")
    side = defined(factor) | (set() if factor.is_nonzero else defined(e))
    return Thm(_MINT, _eq(factor * e, total(factor * f, r)), "linearity", hyps=side)


def rename(e: sp.Expr, new: sp.Symbol) -> Thm:
    """`int f(z) dz = int f(y) dy`."""
    f, r = _one_range(e)
    if isinstance(e, Total) or new.assumptions0 != r[0].assumptions0 or new in e.free_symbols | bound(e):
        raise ProofError(f"{new} cannot stand for {r[0]} in {e}")
    return Thm(_MINT, _eq(e, total(f.xreplace({r[0]: new}), sp.Tuple(new, *r[1:]))), "rename")


def change_of_variables(e: sp.Integral, g: sp.Expr, new: sp.Symbol) -> Thm:
    """`int f(z) dz = int f(g(y)) g'(y) dy` over the whole line, for g affine in y with positive slope."""
    f, r = _one_range(e)
    slope = sp.expand(g).coeff(new)
    shift = sp.expand(g - slope * new)
    whole = isinstance(e, sp.Integral) and r[1:] == (-sp.oo, sp.oo)
    if not whole or not slope.is_positive or not shift.is_real or new in (slope.free_symbols | shift.free_symbols):
        raise ProofError(f"{g} does not map the line onto the line, increasing, in {new}")
    if new in e.free_symbols | bound(e) or bound(f) or r[0] in g.free_symbols or new.assumptions0 != r[0].assumptions0:
        raise ProofError(f"{new} is not a fresh real variable for {e}")
    return Thm(
        _MINT,
        _eq(e, total(f.xreplace({r[0]: g}) * slope, sp.Tuple(new, *r[1:]))),
        "change of variables",
        hyps=defined(g),
    )


def change_by_slope(e: sp.Integral, g: sp.Expr, new: sp.Symbol, steep: Thm) -> Thm:
    """From `g'(y) >= c`, for every y and a constant c > 0, get `int f(z) dz = int f(g(y)) g'(y) dy` over the whole line.

    A slope that stays above a positive number makes g a smooth increasing map of the line onto the line.
    """
    f, r = _one_range(e)
    if not isinstance(e, sp.Integral) or r[1:] != (-sp.oo, sp.oo):
        raise ProofError(f"not an integral over the whole line: {e}")
    if new in e.free_symbols | bound(e) or bound(f) or r[0] in g.free_symbols or new.assumptions0 != r[0].assumptions0:
        raise ProofError(f"{new} is not a fresh real variable for {e}")
    if not _smooth(g) or any(new in h.free_symbols for h in defined(g)):
        raise ProofError(f"{g} is not a smooth function of every {new}")
    c = steep.prop.rhs if isinstance(steep.prop, sp.Ge) else sp.S.Zero
    if not c.is_positive or new in c.free_symbols or bound(c) or any(new in h.free_symbols for h in steep.hyps):
        raise ProofError(f"the slope of {g} is not bounded below by a positive constant for every {new}: {steep.prop}")
    slope = sp.diff(g, new)
    _zero(steep.prop.lhs - slope, steep.prop.lhs, slope)
    prop = _eq(e, total(f.xreplace({r[0]: g}) * slope, sp.Tuple(new, *r[1:])))
    side = steep.hyps | defined(g) | defined(c)
    return Thm(_MINT, prop, "change of variables", (steep,), side, ["sympy algebra", "sympy diff"])


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
    return Thm(_MINT, _eq(e, slope), "differentiate", slopes, side, ["sympy diff"])


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
        if not places or h.xreplace({s: places[0]}) != value:
            continue
        if any(s in hyp.free_symbols for hyp in thm.hyps) or not _interval(s):
            raise ProofError(f"{thm.prop} does not hold for every {s}")
        if t != s and t in h.free_symbols | k.free_symbols:
            raise ProofError(f"{h} depends on {t} by itself, not only through {s}")
        _same_domain(s, g := places[0])
        if bound(k) & (g.free_symbols | {s}):
            raise ProofError(f"the bound variables of {k} would be captured")
        inner, side = _slope(g, t, slopes)
        side |= thm.hyps | _interior(defined(g)) | defined(k.xreplace({s: g}))
        return k.xreplace({s: g}) * inner, side
    raise ProofError(f"nothing is known of the derivative of {value} in {t}")


def _smooth(f: sp.Expr) -> bool:
    """Built from sums, products, powers, exponentials and logarithms; no root of what may be zero."""
    parts = list(sp.preorder_traversal(f))
    roots = [s for s in parts if isinstance(s, sp.Pow) and not s.exp.is_integer and not _positive(s.base)]
    return all(isinstance(s, _SMOOTH) for s in parts) and not roots


def _interior(side: set[sp.Basic]) -> set[sp.Basic]:
    """A derivative needs room on both sides: a root is differentiated only where its argument is positive."""
    return {sp.Gt(h.lhs, h.rhs, evaluate=False) if isinstance(h, sp.Ge) else h for h in side}


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
    return Thm(_MINT, _eq(e, df), "leibniz", slopes, side, ["sympy diff"])


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
    return Thm(_MINT, prop, "derivative of a finite sum", (thm,), _quantified(thm.hyps | defined(g), r))


def dominated(thm: Thm) -> Thm:
    """From `Dominated(int g, t)` get `Converges(int g)`: |g| has an integrable bound near every t, so at t itself."""
    if not isinstance(thm.prop, Dominated):
        raise ProofError(f"not a dominated integral: {thm.prop}")
    return Thm(_MINT, _converges(thm.prop.args[0]), "dominated", (thm,), thm.hyps)


def monotone(thm: Thm, r: sp.Tuple) -> Thm:
    """From `H(s) |- f(s) >= g(s)` get `for all s: H(s) |- int f >= int g`, given that both converge; likewise for `=`."""
    hyps = _quantified(thm.hyps, r := sp.Tuple(*r))
    f, g = thm.prop.args
    big, small = total(f, r), total(g, r)
    if isinstance(thm.prop, sp.Eq):
        return Thm(_MINT, _eq(big, small), "term by term", (thm,), hyps)
    if not isinstance(thm.prop, sp.Ge):
        raise ProofError(f"not an inequality a >= b: {thm.prop}")
    if g is sp.S.Zero:  # int 0 = 0, and the integral of f >= 0 is >= 0 also when it is infinite
        return Thm(_MINT, _ge(big, sp.S.Zero), "monotone", (thm,), hyps)
    return Thm(_MINT, _ge(big, small), "monotone", (thm,), hyps | defined(big) | defined(small))


def term_of_sum(e: sp.Sum, n: sp.Symbol) -> Thm:
    """`a <= n <= b |- sum_{m=a}^{b} f(m) >= f(n)` for non-negative terms."""
    f, r = _one_range(e)
    if not isinstance(e, sp.Sum) or not f.is_nonnegative or n.assumptions0 != r[0].assumptions0 or bound(f):
        raise ProofError(f"not a sum of non-negative terms: {e}")
    if n in e.free_symbols | bound(e):
        raise ProofError(f"{n} is not a fresh index for {e}")
    here = _in_range(sp.Tuple(n, *r[1:])) | _quantified(defined(f), r)
    return Thm(_MINT, _ge(e, f.xreplace({r[0]: n})), "term of a sum", hyps=here, trusts=["sympy assumptions"])


def tangent(f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> Thm:
    """`f(a) + f'(a) (t - a) >= f(t)` for f concave on the domain of t (by the sign of f'')."""
    return Thm(_MINT, _ge(_tangent(f, t, a), f), "tangent of a concave function", trusts=["sympy assumptions"])


def tangent_of(bend: Thm, f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> Thm:
    """From `-f''(t) >= 0` for every t get `f(a) + f'(a) (t - a) >= f(t)`: the same where f'' may vanish."""
    want = _ge(-sp.diff(f, t, 2), sp.S.Zero)
    alike = _interval(t) and t.assumptions0 == a.assumptions0 and t != a and a not in f.free_symbols
    smooth = _smooth(f) and not _interior(defined(f))
    if not alike or not smooth or any(t in h.free_symbols for h in bend.hyps):
        raise ProofError(f"{f} is not a smooth function on the whole domain of {t}")
    if not isinstance(bend.prop, sp.Ge) or bend.prop.rhs != 0:
        raise ProofError(f"need {want}, not {bend.prop}")
    _zero(bend.prop.lhs - want.lhs, bend.prop.lhs, want.lhs)
    line = f.xreplace({t: a}) + sp.diff(f, t).xreplace({t: a}) * (t - a)
    return Thm(
        _MINT, _ge(line, f), "tangent of a concave function", (bend,), bend.hyps, ["sympy algebra", "sympy diff"]
    )


def _interval(t: sp.Symbol) -> bool:
    return t.assumptions0 in [sp.Symbol("", **{k: True}).assumptions0 for k in ("real", "positive")]


def touches_once(f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> Thm:
    """`f(a) + f'(a) (t - a) = f(t) |- t = a` for f strictly concave."""
    touch = _eq(_tangent(f, t, a), f)
    return Thm(_MINT, _eq(t, a), "a strictly concave function touches once", hyps=[touch], trusts=["sympy assumptions"])


def _tangent(f: sp.Expr, t: sp.Symbol, a: sp.Symbol) -> sp.Expr:
    curvature = sp.simplify(sp.diff(f, t, 2))
    alike = _interval(t) and t.assumptions0 == a.assumptions0 and t != a
    if f.free_symbols != {t} or not curvature.is_negative or not alike or bound(f):
        raise ProofError(f"{f} is not known to be strictly concave in {t}: its second derivative is {curvature}")
    if defined(f) or not _smooth(f):  # a kink is not seen by the second derivative
        raise ProofError(f"{f} is not defined and smooth on the whole domain of {t}: {defined(f)}")
    return f.xreplace({t: a}) + sp.diff(f, t).xreplace({t: a}) * (t - a)


def vanish(below: Thm, nothing: Thm, r: sp.Tuple) -> Thm:
    """From `f(s) >= 0` for all s and `int f = 0` get `f(s) = 0` for almost all s."""
    f, s = below.prop.lhs, (r := sp.Tuple(*r))[0]
    if below.prop != _ge(f, sp.S.Zero) or nothing.prop != _eq(total(f, r), sp.S.Zero):
        raise ProofError(f"need f >= 0 and int f = 0, not {below.prop} and {nothing.prop}")
    if any(s in h.free_symbols for h in below.hyps):
        raise ProofError(f"a hypothesis is about the bound variable {s}; quantify it first")
    prop = AlmostEverywhere(_eq(f, sp.S.Zero), r)
    return Thm(_MINT, prop, "zero integral", (below, nothing), below.hyps | nothing.hyps)


def almost_equal(thm: Thm) -> Thm:
    """From `f(s) = g(s)` for almost all s of a range get `int f = int g` over it."""
    if not isinstance(thm.prop, AlmostEverywhere) or not isinstance(thm.prop.args[0], sp.Eq):
        raise ProofError(f"not an equality almost everywhere: {thm.prop}")
    (f, g), r = thm.prop.args[0].args, thm.prop.args[1]
    return Thm(_MINT, _eq(total(f, r), total(g, r)), "equal almost everywhere", (thm,), thm.hyps)


def almost_all(thm: Thm, pointwise: Thm) -> Thm:
    """From `P(s)` for almost all s and `P(s), K |- Q(s)` get `Q(s)` for almost all s; K does not mention s."""
    if not isinstance(thm.prop, AlmostEverywhere) or thm.prop.args[0] not in pointwise.hyps:
        raise ProofError(f"the step must start from {thm.prop}")
    p, r = thm.prop.args
    rest = pointwise.hyps - {p}
    if any(r[0] in h.free_symbols for h in rest):
        raise ProofError(f"a hypothesis is about the bound variable {r[0]}; quantify it first")
    return Thm(_MINT, AlmostEverywhere(pointwise.prop, r), "almost all", (thm, pointwise), thm.hyps | rest)


def integrable(thm: Thm) -> Thm:
    """From `int f = c`, with f >= 0 and c a number, get that int f converges."""
    f, _ = _one_range(thm.prop.lhs)
    if not isinstance(thm.prop, sp.Eq) or not f.is_nonnegative or not thm.prop.rhs.is_real:
        raise ProofError(f"not the finite integral of a non-negative function: {thm.prop}")
    return Thm(
        _MINT,
        _converges(thm.prop.lhs),
        "finite integral",
        (thm,),
        thm.hyps | defined(thm.prop.rhs),
        ["sympy assumptions"],
    )


def combine(e: sp.Expr, *parts: tuple[sp.Expr, sp.Expr]) -> Thm:
    """`int f, int g converge |- int (a f + b g) converges`: e is the integral, parts are the pairs (a, int f)."""
    f, r = _one_range(e)
    if any(type(p) is not type(e) or p.args[1:] != (r,) or r[0] in c.free_symbols for c, p in parts):
        raise ProofError(f"the parts must be constant multiples of integrals over {r}")
    _zero(f - sp.Add(*(c * p.args[0] for c, p in parts)), e, sp.Add(*(c * p for c, p in parts)))
    side = set().union(*(defined(x) for pair in parts for x in pair))
    return Thm(_MINT, _converges(e), "combination of convergent integrals", hyps=side, trusts=["sympy algebra"])


def finite_sum(e: sp.Expr) -> Thm:
    """`for n = a..b: int f_n converges |- int sum_n f_n converges`."""
    f, r = _one_range(e)
    g, s = _one_range(f)
    if not isinstance(f, sp.Sum) or not _finite_range(total(g, s)) or r[0] in _ends(s) or s[0] in _ends(r):
        raise ProofError(f"not the integral of a finite sum: {e}")
    return Thm(
        _MINT, _converges(e), "finite sum of convergent integrals", hyps=_quantified({_converges(total(g, r))}, s)
    )


def diverges(thm: Thm, r: sp.Tuple) -> Thm:
    """From `f(n) >= c` for all n >= a, with a constant c > 0, get `sum_{n=a}^{oo} f(n) = oo`."""
    f, c, n = thm.prop.lhs, thm.prop.rhs, (r := sp.Tuple(*r))[0]
    held = any(n in h.free_symbols for h in thm.hyps)
    if not isinstance(thm.prop, sp.Ge) or held or n in c.free_symbols or not c.is_positive or r[2] is not sp.oo:
        raise ProofError(f"the terms are not bounded below by a positive constant: {thm.prop}")
    if not isinstance(total(f, r), sp.Sum):
        raise ProofError(f"not a sum over {n}")
    return Thm(_MINT, _eq(total(f, r), sp.oo), "divergence", (thm,), thm.hyps)


def integrate(e: sp.Expr, value: sp.Expr) -> Thm:
    """`|- int f = value` when SymPy integrates or sums f without conditions. A last resort: prefer `antiderivative`.

    Neither f nor the range has a parameter: what SymPy finds for a parameter may fail where a factor of f vanishes.
    """
    f, r = _one_range(unfolded(e))
    if isinstance(e, Total):
        raise ProofError(f"nothing is known of the measure of an abstract space: {e}")
    if e.free_symbols:
        raise ProofError(f"SymPy does not give the integral without conditions on {e.free_symbols}: {e}")
    got = (sp.summation if isinstance(e, sp.Sum) else sp.integrate)(f, tuple(r))
    if (
        not all(isinstance(a, _LANGUAGE) for a in sp.preorder_traversal(got))
        or got.has(*BINDERS, sp.oo)
        or defined(got)
    ):
        raise ProofError(f"SymPy does not give the integral without conditions: {e} -> {got}")
    _zero(got - value, e, value)
    side = _quantified(defined(f), r) | defined(value)
    side |= set() if f.is_nonnegative and not any(r[0] in h.free_symbols for h in defined(f)) else {_converges(e)}
    oracle = "sympy summation" if isinstance(e, sp.Sum) else "sympy integrate"
    return Thm(_MINT, _eq(e, value), oracle, hyps=side, trusts=[oracle, "sympy algebra"])


def antiderivative(e: sp.Integral, primitive: sp.Expr) -> Thm:
    """`int_a^b F'(z) dz = F(b) - F(a)`, with F' checked by algebra.

    F is smooth over the range; at an infinite end it must be a polynomial times a Gaussian, which vanishes there.
    """
    f, r = _one_range(e)
    z, *ends = r
    opened_f, whole = unfolded(f), unfolded(primitive)
    plain = _smooth(whole)
    if not isinstance(e, sp.Integral) or not plain or any(z in h.free_symbols for h in defined(whole)):
        raise ProofError(f"the antiderivative is not smooth over the whole range: {primitive}")
    _zero(sp.diff(whole, z) - opened_f, f, primitive)
    if any(b.is_infinite for b in ends):
        _fades(whole, z)
    lo, hi = (sp.S.Zero if b.is_infinite else whole.xreplace({z: b}) for b in ends)
    side = set() if opened_f.is_nonnegative or not any(b.is_infinite for b in ends) else {_converges(e)}
    parts = {part.xreplace({z: b}) for part in _partial(whole) for b in ends if not b.is_infinite}
    hyps = side.union(defined(whole), defined(lo), defined(hi), _finite(parts))  # 1/log(0) is not 0
    return Thm(_MINT, _eq(e, hi - lo), "antiderivative", hyps=hyps, trusts=["sympy algebra"])


def gaussian_tail(e: sp.Integral) -> Thm:
    """`|- int P(z) exp(-a z^2 + b z + c) dz converges` for a polynomial P and a > 0."""
    f, r = _one_range(unfolded(e))
    if not isinstance(e, sp.Integral):
        raise ProofError(f"not an integral over the line: {e}")
    _fades(f, r[0])
    side = {h for h in defined(f)}
    if any(r[0] in h.free_symbols for h in side):
        raise ProofError(f"the integrand is not defined everywhere: {side}")
    return Thm(_MINT, _converges(e), "Gaussian tail", hyps=side, trusts=["sympy assumptions"])


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
    return Thm(_MINT, e, "Gaussian bound", trusts=["sympy assumptions"])


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


def coordinate(e: Total, q: sp.Product, j: sp.Expr, g: sp.Lambda, r: sp.Tuple) -> tuple[Thm, Thm]:
    """One coordinate of a product density: `int prod_i q_i(u_i) g(u_j) du = int q_j(z) g(z) dz`, and e converges.

    Fubini on R^d, given that every factor integrates to one and that the right-hand side converges.
    `e` is the integral of q * g(u_j) over the points u; `r` is the range (z, -oo, oo) of the coordinate.
    The coordinates carry d as their shape, `IndexedBase(u, shape=(d,))`, so that no space has two dimensions.
    """
    f, space = _one_range(e)
    if len(q.args) != 2 or not _finite_range(q):
        raise ProofError(f"not a product over one finite range: {q}")
    i, lo, hi = q.args[1]
    u = sp.IndexedBase(space[0], shape=(hi,))
    z = (r := sp.Tuple(*r))[0]
    factor = q.args[0].xreplace({u[i]: z})
    product = isinstance(e, Total) and q.args[0].is_positive and not factor.has(u) and f == q * g(u[j])
    clean = not {i, z, space[0]} & g.free_symbols and space[0] not in factor.free_symbols and z not in q.free_symbols
    index = j.is_Symbol and j.is_integer and j != i and lo == 1
    line = r[1:] == (-sp.oo, sp.oo) and z.assumptions0 == sp.Symbol("", real=True).assumptions0 and z not in bound(e)
    if not (product and clean and index and line):
        raise ProofError(f"not a product density times a function of one coordinate: {f}")
    one = total(factor.xreplace({i: j}) * g(z), r)
    unit = ForAll(_eq(total(factor, r), sp.S.One), q.args[1])
    hyps = {unit, _converges(one)} | _in_range(sp.Tuple(j, lo, hi))
    rule = "one coordinate of a product"
    return Thm(_MINT, _eq(e, one), rule, hyps=hyps), Thm(_MINT, _converges(e), rule, hyps=hyps)
