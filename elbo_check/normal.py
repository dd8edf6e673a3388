"""The normal form of a term, and equality by algebra: the decision procedure.

`normal(t)` is a form: t equals its polynomial for all values of the variables under which the needs hold. A binder is
opened with a name made from its nesting height, which no certificate can contain; needs about it are closed by "for all"
over the whole sort when the binder is left.
"""

from __future__ import annotations

from fractions import Fraction

from elbo_check.notation import unfolded
from elbo_check.poly import *
from elbo_check.powers import abs_of, build, common_powers, divided, exp_of, log_of, power_of, times
from elbo_check.signs import Sign, at_least_0, nonzero, sign
from elbo_check.terms import *

Needs = frozenset[Term]
NONE: Needs = frozenset()


@cached
def normal(t: Term) -> Form:
    """The form of a term without dangling index."""
    Budget.spend(1)
    u = bare(unfolded(t))
    return _normal(t) if u is t else normal(u)


def _normal(t: Term) -> Form:
    k = t.kids
    match t.op:
        case "q":
            return Form(const(t.data))
        case "pi":
            return Form(single(PI))
        case "oo" | "-oo":
            return Form(single(atom(t.op)))
        case "v":
            return Form(single(atom("var", t)))
        case "+":
            out = normal(k[0])
            for x in k[1:]:
                out = out.plus(normal(x))
            return out
        case "*":
            out = Form(const(1))
            for x in k:
                out = times(out, normal(x))
            return out
        case "^":
            e = normal(k[1])
            return power_of(normal(k[0]), exponent(e.p)).needing(e.needs)
        case "exp":
            return exp_of(normal(k[0]))
        case "log":
            forms = [normal(x) for x in k[0].kids] if k[0].op == "*" else []
            if forms and all(sign(f.p) == "+" for f in forms):  # sums that are multiplied out are not factored again
                out = Form({})
                for f in forms:
                    out = out.plus(log_of(f))
                return out
            return log_of(normal(k[0]))
        case "abs":
            return abs_of(normal(k[0]))
        case "f":
            return _atom("fun", t.data, *map(normal, k))
        case "at":
            return _atom("at", None, *map(normal, k))
        case "int" | "sum" | "prod" | "D":
            return _binder(t)
    raise Refused(f"no normal form of {t.op}")


def _atom(what: str, name: object, *args: Form) -> Form:
    keys = tuple(frozen(f.p) for f in args)
    a = atom(what, name, *keys) if name is not None else atom(what, *keys)
    return Form(single(a), NONE.union(*(f.needs for f in args)))


def for_every(needs: Needs, v: Term) -> Needs:
    """Needs of a body, for every value of the variable in its whole sort."""
    return frozenset(mk("all", ("", v.data[1]), close(n, v)) if v in n.free else n for n in needs)


def key_of_body(p: Poly, v: Term) -> Key:
    return frozen(rename(p, v, bound_name(p, v.data[1])))


def _binder(t: Term) -> Form:
    v, body = opened(t)
    f = normal(body)
    outer = [normal(e) for e in t.kids[:-1]]  # ends of the range, or the point of a derivative
    needs = for_every(f.needs, v).union(*(e.needs for e in outer))
    keys = tuple(frozen(e.p) for e in outer)
    sort = t.data[1]
    if t.op == "D":
        return Form(single(atom("D", sort, keys[0], key_of_body(f.p, v))), needs)
    if t.op == "prod":
        return Form(single(atom("prod", sort, keys, key_of_body(f.p, v))), needs)
    if not f.p:
        return Form({}, needs)
    groups = grouped(Form(f.p), v)
    out = Form({}, needs)
    for c, q in [(c, Form({m: ONE})) for m, c in groups.items()] if finite(t) else [proportional(groups)]:
        whole = times(c, Form(single(atom(t.op, sort, keys, key_of_body(q.p, v)))))
        out = out.plus(whole).needing(for_every(q.needs | c.needs, v))
    return out


# --- pulling out of a binder what does not move ---------------------------------------------------------------------
def halves(m: Mono, v: Term) -> tuple[dict[int, Exponent], Mono]:
    """A monomial as (what is free of v, what moves); exponents are split, those of `e` above all."""
    still, moves = dict[int, Exponent](), list[tuple[int, Exponent]]()
    for a, e in m:
        if v in variables(a):
            moves.append((a, e))
        elif free_of(e, v):
            still[a] = e
        else:
            fixed = {n: c for n, c in thaw(e).items() if free_of({n: c}, v)}
            if fixed:
                still[a] = exponent(fixed)
            moves.append((a, exponent({n: c for n, c in thaw(e).items() if n not in fixed})))
    return still, tuple(moves)


def grouped(f: Form, v: Term) -> dict[Mono, Form]:
    """f as {what moves: its coefficient, free of v}."""
    out: dict[Mono, Form] = {}
    for m, c in f.p.items():
        still, moves = halves(m, v)
        out[moves] = out.get(moves, Form({}, f.needs)).plus(build(still), c)
    return {m: c for m, c in out.items() if c.p}


def proportional(groups: dict[Mono, Form]) -> tuple[Form, Form]:
    """c and q with f = c q, c free of the variable and q as plain as can be."""
    items = sorted(groups.items(), key=lambda mc: mono_order(mc[0]))
    first = items[-1][1]
    lead = leading(first.p)
    ratios: Poly = {}
    needs = NONE.union(*(c.needs for _, c in items))
    for m, c in items:
        r = c.p.get(lead, Fraction(0)) / first.p[lead]
        if r and not plus(c.p, first.p, -r):
            ratios[m] = r
    if len(ratios) == len(items):
        return first, Form(ratios, needs)
    common = common_powers(m for _, c in items for m in c.p)
    q = Form({}, needs)
    for m, c in items:
        q = q.plus(times(divided(c, common), Form({m: ONE})))
    n = q.p[leading(q.p)]
    return build(common).scaled(n), q.scaled(1 / n)


# --- equality and sign --------------------------------------------------------------------------------------------------
def vanishes(f: Form) -> Needs | None:
    """What it needs for f to be 0, denominators cleared; None if it is not seen to be 0."""
    p, needs = f.p, f.needs
    for _ in range(12):
        if not p:
            return needs
        low: dict[int, Fraction] = {}
        for m in p:
            for a, e in m:
                if kind(a) == "poly" and isinstance(e, Fraction) and e < low.get(a, 0):
                    low[a] = e
        if not low:
            return None
        needs |= {rel("!=", term_of_atom(a), num(0)) for a in low if not nonzero(a)}
        f = divided(Form(p, needs), low)
        p, needs = f.p, f.needs
    return None


def equality(a: Term, b: Term) -> Needs | None:
    """What a = b needs; None if the algebra does not show it."""
    return NONE if identical(a, b) else vanishes(normal(a).minus(normal(b)))


def difference(a: Term, b: Term) -> str:
    return repr(term_of(normal(a).minus(normal(b)).p))


@cached
def sign_of(t: Term) -> Sign:
    """The sign of a term for all values of its variables, without needs: by its normal form, else by its shape where that
    hides it, as in log(1 + x)."""
    f = normal(t)
    if not f.needs and (s := sign(f.p)):
        return s
    t = unfolded(t)
    match t.op:
        case "log":
            return at_least_0(sign_of(sub(t.kids[0], num(1))))
        case "+" | "*":
            signs = [sign_of(k) for k in t.kids]
            if all(map(at_least_0, signs)):
                strict = "+" in signs if t.op == "+" else "0+" not in signs
                return "+" if strict else "0+"
        case "^":
            s, e = sign_of(t.kids[0]), normal(t.kids[1])
            if at_least_0(s) or (is_const(e.p) and value(e.p) % 2 == 0 and not e.needs):
                return s if s == "+" else "0+"
    return None


def measured(t: Term) -> tuple[list[Term], Term]:
    """A measured term c * integral or sum, as the factors of c and the integral or sum; templates are opened."""
    t = unfolded(t)
    if t.op in MEASURES:
        return [], t
    factors: list[Term] = []

    def flat(t: Term) -> None:
        if t.op == "*":
            for k in t.kids:
                flat(k)
        else:
            factors.append(t)
            need(len(factors) <= 1000, "a product of too many factors")

    flat(t)
    one = [k for k in factors if k.op in MEASURES]
    if len(one) != 1:
        raise Refused(f"not a multiple of one integral or sum: {t}")
    return [k for k in factors if k is not one[0]], one[0]


def integrand(factors: list[Term], e: Term, *local: Term) -> tuple[Key | None, Key, Needs]:
    """Of c * integral or sum: c, unless it is not 0 by its sign and free of `local`; the integrand up to that; needs."""
    v, body = opened(e)
    f = normal(body)
    if not f.p:
        return None, frozen({}), for_every(f.needs, v)
    common, q = proportional(grouped(Form(f.p), v))
    c, needs = common, for_every(f.needs | q.needs | common.needs, v)
    for x in factors:
        c = times(c, normal(x))
    fixed = sign(c.p) in ("+", "-") and all(free_of(c.p, x) for x in local)
    return None if fixed else frozen(c.p), key_of_body(q.p, v), needs | c.needs
