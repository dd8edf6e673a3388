"""Rules of sums and integrals: linearity, Fubini, monotony, and convergence."""

from __future__ import annotations

import sympy as sp

from derivations._kernel.algebra import _zero
from derivations._kernel.language import (
    BINDERS,
    AlmostEverywhere,
    Dominated,
    ForAll,
    ProofError,
    Total,
    _converges,
    _ends,
    _eq,
    _finite_range,
    _ge,
    _in_range,
    _quantified,
    bound,
    defined,
    mask,
    put,
    total,
    unfolded,
)
from derivations._kernel.logic import _MINT, Thm, _finite, _hyps, _partial


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
    return Thm(_MINT, _eq(e, sp.Add(*(c * i for c, i in parts))), "linearity", hyps=side, said=tuple(parts))


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
    terms = [put(f, at) for at in points]
    lost = [{put(x, at) for x in _partial(f)} - _partial(term) for at, term in zip(points, terms, strict=True)]
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


def fubini(e: sp.Expr) -> Thm:
    """`int int f = int int f` in the other order, where the inner integral converges everywhere and that of |f| does twice.

    `swap` asks for less: not for the former, and for nothing if f >= 0, because there an integral may be infinite.
    """
    inner, r = _one_range(e)
    f, s = _one_range(inner)
    if r[0] in _ends(s) or s[0] in _ends(r):
        raise ProofError(f"the range of one variable depends on the other: {e}")
    hyps = _quantified({_converges(inner)}, r) | {_converges(total(total(sp.Abs(f), s), r))}
    return Thm(_MINT, _eq(e, total(total(f, r), s)), "swap", hyps=hyps)


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
    return Thm(_MINT, _eq(e, total(put(f, {r[0]: new}), sp.Tuple(new, *r[1:]))), "rename")


def monotone(thm: Thm, r: sp.Tuple) -> Thm:
    """From `H(s) |- f(s) >= g(s)` get `for all s: H(s) |- int f >= int g`, given that both converge; likewise for `=`."""
    hyps = _quantified(thm.hyps, r := sp.Tuple(*r))
    f, g = thm.prop.args
    big, small = total(f, r), total(g, r)
    if isinstance(thm.prop, sp.Eq):
        return Thm(_MINT, _eq(big, small), "term by term", (thm,), hyps, said=(r[0],))
    if not isinstance(thm.prop, sp.Ge):
        raise ProofError(f"not an inequality a >= b: {thm.prop}")
    if g is sp.S.Zero:  # int 0 = 0, and the integral of f >= 0 is >= 0 also when it is infinite
        return Thm(_MINT, _ge(big, sp.S.Zero), "monotone", (thm,), hyps, said=(r[0],))
    return Thm(_MINT, _ge(big, small), "monotone", (thm,), hyps | defined(big) | defined(small), said=(r[0],))


def term_of_sum(e: sp.Sum, n: sp.Symbol) -> Thm:
    """`a <= n <= b |- sum_{m=a}^{b} f(m) >= f(n)` for non-negative terms."""
    f, r = _one_range(e)
    if not isinstance(e, sp.Sum) or not f.is_nonnegative or n.assumptions0 != r[0].assumptions0 or bound(f):
        raise ProofError(f"not a sum of non-negative terms: {e}")
    if n in e.free_symbols | bound(e):
        raise ProofError(f"{n} is not a fresh index for {e}")
    here = _in_range(sp.Tuple(n, *r[1:])) | _quantified(defined(f), r)
    prop = _ge(e, put(f, {r[0]: n}))
    return Thm(_MINT, prop, "term of a sum", hyps=here, said=(n,))


def vanish(below: Thm, nothing: Thm, r: sp.Tuple, finite: Thm | None = None) -> Thm:
    """From `f(s) >= 0` for all s and `int f = 0` get `f(s) = 0` for almost all s.

    A checker for which an integral without a value is 0 needs `finite` as well: that int f converges.
    """
    f, s = below.prop.lhs, (r := sp.Tuple(*r))[0]
    if below.prop != _ge(f, sp.S.Zero) or nothing.prop != _eq(total(f, r), sp.S.Zero):
        raise ProofError(f"need f >= 0 and int f = 0, not {below.prop} and {nothing.prop}")
    if any(s in h.free_symbols for h in below.hyps):
        raise ProofError(f"a hypothesis is about the bound variable {s}; quantify it first")
    known = () if finite is None else (finite,)
    if finite is not None and finite.prop != _converges(total(f, r)):
        raise ProofError(f"not the convergence of the integral of {f}: {finite.prop}")
    prop = AlmostEverywhere(_eq(f, sp.S.Zero), r)
    parents = (below, nothing, *known)
    return Thm(_MINT, prop, "zero integral", parents, _hyps(parents), said=(s,))


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
    prop = AlmostEverywhere(pointwise.prop, r)
    return Thm(_MINT, prop, "almost all", (thm, pointwise), thm.hyps | rest, said=(r[0],))


def integrable(thm: Thm) -> Thm:
    """From `int f = c`, with f >= 0 and c a number, get that int f converges."""
    f, _ = _one_range(thm.prop.lhs)
    if not isinstance(thm.prop, sp.Eq) or not f.is_nonnegative or not thm.prop.rhs.is_real:
        raise ProofError(f"not the finite integral of a non-negative function: {thm.prop}")
    return Thm(_MINT, _converges(thm.prop.lhs), "finite integral", (thm,), thm.hyps | defined(thm.prop.rhs))


def dominated(thm: Thm) -> Thm:
    """From `Dominated(int g, t)` get `Converges(int g)`: |g| has an integrable bound near every t, so at t itself."""
    if not isinstance(thm.prop, Dominated):
        raise ProofError(f"not a dominated integral: {thm.prop}")
    return Thm(_MINT, _converges(thm.prop.args[0]), "dominated", (thm,), thm.hyps, said=thm.prop.args[1:])


def between(above: Thm, below: Thm, r: sp.Tuple) -> Thm:
    """From `h(s) >= f(s)` and `f(s) >= g(s)` get that int f converges, given that int h and int g do."""
    if not all(isinstance(t.prop, sp.Ge) for t in (above, below)) or above.prop.rhs != below.prop.lhs:
        raise ProofError(f"need h >= f and f >= g, not {above.prop} and {below.prop}")
    r = sp.Tuple(*r)
    bounds = {_converges(total(e, r)) for e in (above.prop.lhs, below.prop.rhs) if e is not sp.S.Zero}
    hyps = _quantified(_hyps((above, below)), r) | bounds
    return Thm(_MINT, _converges(total(above.prop.rhs, r)), "between", (above, below), hyps, said=(r[0],))


def combine(e: sp.Expr, *parts: tuple[sp.Expr, sp.Expr]) -> Thm:
    """`int f, int g converge |- int (a f + b g) converges`: e is the integral, parts are the pairs (a, int f)."""
    f, r = _one_range(e)
    parts = tuple((sp.sympify(c), p) for c, p in parts)
    if any(type(p) is not type(e) or p.args[1:] != (r,) or r[0] in c.free_symbols for c, p in parts):
        raise ProofError(f"the parts must be constant multiples of integrals over {r}")
    _zero(f - sp.Add(*(c * p.args[0] for c, p in parts)), e, sp.Add(*(c * p for c, p in parts)))
    side = set().union(*(defined(x) for pair in parts for x in pair))
    rule = "combination of convergent integrals"
    return Thm(_MINT, _converges(e), rule, hyps=side, said=parts)


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
    return Thm(_MINT, _eq(total(f, r), sp.oo), "divergence", (thm,), thm.hyps, said=(n,))


def telescope(e: sp.Sum, primitive: sp.Expr) -> Thm:
    """`sum_{n=a}^{oo} (F(n) - F(n + 1)) = F(a)` for F a polynomial in n times b^n, 0 < b < 1, or a sum of such."""
    f, r = _one_range(e)
    n, a, b = r
    if not isinstance(e, sp.Sum) or b is not sp.oo or not a.is_integer or bound(primitive) or bound(f):
        raise ProofError(f"not a sum to infinity: {e}")
    for term in sp.Add.make_args(sp.expand(primitive)):
        _dies_out(term, n)
    _zero(primitive - put(primitive, {n: n + 1}) - f, f, primitive)
    value = put(primitive, {n: a})
    hyps = defined(value) | _quantified(defined(primitive) | defined(f), r)
    return Thm(_MINT, _eq(e, value), "telescope", hyps=hyps, said=(primitive, n))


def _dies_out(term: sp.Expr, n: sp.Symbol) -> None:
    """A constant times a power of n times b^n, with 0 < b < 1."""
    base = sp.S.One
    for x in sp.Mul.make_args(term):
        if (
            n not in x.free_symbols
            or x == n
            or (isinstance(x, sp.Pow) and x.base == n and x.exp.is_Integer and x.exp > 0)
        ):
            continue
        steps = sp.Poly(x.exp, n) if isinstance(x, sp.Pow) and x.base.is_Rational and x.exp.is_polynomial(n) else None
        if steps is None or x.base <= 0 or steps.degree() != 1 or not steps.LC().is_Integer:
            raise ProofError(f"not a power of {n} times a geometric sequence: {term}")
        base *= x.base ** steps.LC()
    if not base < 1:
        raise ProofError(f"does not die out: {term}")


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
    one = total(put(factor, {i: j}) * g(z), r)
    unit = ForAll(_eq(total(factor, r), sp.S.One), q.args[1])
    hyps = {unit, _converges(one)} | _in_range(sp.Tuple(j, lo, hi))
    rule, said = "one coordinate of a product", (space[0], q, j, g, z)
    return Thm(_MINT, _eq(e, one), rule, hyps=hyps, said=said), Thm(_MINT, _converges(e), rule, hyps=hyps, said=said)


def coordinates(e: Total, values: sp.Product, r: sp.Tuple) -> tuple[Thm, Thm]:
    """The integral over R^d of a product of functions of one coordinate each: `int prod_i q_i(u_i) du = prod_i c_i`, and e converges.

    Fubini, given that `int q_i(z) dz = c_i` for every i; all of them are positive. `r` is the range (z, -oo, oo).
    """
    q, space = _one_range(e)
    if not isinstance(e, Total) or not isinstance(q, sp.Product) or len(q.args) != 2 or not _finite_range(q):
        raise ProofError(f"not an integral of a product over one finite range: {e}")
    i, lo, hi = q.args[1]
    u = sp.IndexedBase(space[0], shape=(hi,))
    z = (r := sp.Tuple(*r))[0]
    factor = q.args[0].xreplace({u[i]: z})
    same = isinstance(values, sp.Product) and values.args[1:] == q.args[1:] and lo == 1
    clean = space[0] not in factor.free_symbols | values.free_symbols and z not in q.free_symbols | values.free_symbols
    real_line = (
        r[1:] == (-sp.oo, sp.oo) and z.assumptions0 == sp.Symbol("", real=True).assumptions0 and z not in bound(e)
    )
    if not (same and clean and real_line and not factor.has(u)):
        raise ProofError(f"not a product of functions of one coordinate each, with one value each: {e}, {values}")
    hyps = {ForAll(_eq(total(factor, r), values.args[0]), q.args[1])}
    rule, said = "a product over coordinates", (space[0], q, values)
    return Thm(_MINT, _eq(e, values), rule, hyps=hyps, said=said), Thm(_MINT, _converges(e), rule, hyps=hyps, said=said)


def variance_of_sum(e: Total, q: sp.Product, g: sp.Sum, r: sp.Tuple) -> tuple[Thm, Thm]:
    """Independent coordinates: `int prod_i q_i(u_i) (sum_i g_i(u_i))^2 du = sum_i int q_i(z) g_i(z)^2 dz`, and e converges.

    Every factor integrates to one, every g_i has mean zero under its own factor and a finite mean square: so products of two
    of them have mean zero (Bienayme). `e` is the integral of q * g**2 over the points u; `r` is the range (z, -oo, oo).
    """
    f, space = _one_range(e)
    if not isinstance(e, Total) or len(q.args) != 2 or len(g.args) != 2 or not _finite_range(q):
        raise ProofError(f"not an integral of a product and of a sum over one finite range each: {e}")
    i, lo, hi = q.args[1]
    u = sp.IndexedBase(space[0], shape=(hi,))
    z = (r := sp.Tuple(*r))[0]
    n, *ends = g.args[1]
    factor, part = q.args[0].xreplace({u[i]: z}), g.args[0].xreplace({u[n]: z}).xreplace({n: i})
    whole = isinstance(q, sp.Product) and isinstance(g, sp.Sum) and ends == [lo, hi] and lo == 1 and f == q * g**2
    alike = n.assumptions0 == i.assumptions0 and (n == i or i not in g.free_symbols)
    clean = not {space[0], u} & (factor * part).free_symbols and z not in q.free_symbols | g.free_symbols
    real_line = (
        r[1:] == (-sp.oo, sp.oo) and z.assumptions0 == sp.Symbol("", real=True).assumptions0 and z not in bound(e)
    )
    if not (whole and alike and clean and real_line and factor.is_positive):
        raise ProofError(f"not a product density times the square of a sum over its coordinates: {f}")
    square = total(factor * part**2, r)
    known = _eq(total(factor, r), sp.S.One), _eq(total(factor * part, r), sp.S.Zero), _converges(square)
    hyps = {ForAll(p, q.args[1]) for p in known}
    rule, said = "variance of a sum", (space[0], q, g)
    value = _eq(e, total(square, q.args[1]))
    return Thm(_MINT, value, rule, hyps=hyps, said=said), Thm(_MINT, _converges(e), rule, hyps=hyps, said=said)


def triangular(
    e: Total, point: sp.Symbol, i: sp.Symbol, k: sp.Symbol, shift: sp.Expr, below: sp.Expr, scale: sp.Expr
) -> tuple[Thm, Thm]:
    """`int F(u) du = int F(z) prod_i scale_i dv` over R^d, for z_i = shift_i + sum_{k<i} below_ik v_k + scale_i v_i; and that e
    converges, given that the right does.

    One coordinate after another, the last one first, is an increasing affine map of the line, given those before it. F knows
    u by its coordinates only, each with an index that runs from 1 on, up to d or to an index inside; `point` is v.
    """
    f, space = _one_range(e)
    shift, below, scale = map(sp.sympify, (shift, below, scale))
    bases = {x.base for x in f.atoms(sp.Indexed) if x.base.label == space[0]}
    if not isinstance(e, Total) or len(bases) != 1 or not scale.is_positive:
        raise ProofError(
            f"not an integral over R^d of a function of coordinates, or a scale that may not be positive: {e}"
        )
    (u,) = bases
    (d,) = u.shape
    v = sp.IndexedBase(point, shape=(d,), real=True)

    def at(j: sp.Expr) -> sp.Expr:
        earlier = total(put(below, {i: j}) * v[k], sp.Tuple(k, 1, j - 1)) if below != 0 else sp.S.Zero
        return put(shift, {i: j}) + earlier + put(scale, {i: j}) * v[j]

    places = {x: x.indices[0] for x in f.atoms(sp.Indexed) if x.base == u}
    own = {i, k, *places.values()}
    caught = (shift.free_symbols | below.free_symbols | scale.free_symbols) - own
    if caught & bound(f) or point in f.free_symbols | bound(f) | caught or k in bound(f):
        raise ProofError(f"rename the bound variables of {f}: they occur in the map")
    inside = _indices_inside(f, d)
    hyps = {sp.Le(j, d, evaluate=False) for j in places.values() if j not in inside and j != 1}
    moved = f.xreplace({x: at(j) for x, j in places.items()})
    if space[0] in moved.free_symbols:
        raise ProofError(f"{space[0]} is there besides its coordinates: {f}")
    there = total(moved * sp.Product(scale, (i, 1, d)), (point,))
    rule, said = "triangular map", (i, k, shift, below, scale)
    finite = hyps | {_converges(there)}
    return Thm(_MINT, _eq(e, there), rule, hyps=hyps, said=said), Thm(
        _MINT, _converges(e), rule, hyps=finite, said=said
    )


def _indices_inside(f: sp.Expr, d: sp.Expr) -> set[sp.Basic]:
    """The indices of sums and products that run from 1 on, up to d or to an index inside, or to one before it."""
    ranges = [r for b in unfolded(f).atoms(sp.Sum, sp.Product) for r in b.args[1:] if r[0].is_positive]
    inside: set[sp.Basic] = set()
    for _ in ranges:
        inside |= {r[0] for r in ranges if r[2] in {d, *inside, *(j - 1 for j in inside)}}
    if {r[0] for r in ranges if r[0] in inside and r[2] not in {d, *inside, *(j - 1 for j in inside)}}:
        raise ProofError(f"one index with two ranges, in {f}")
    return inside
