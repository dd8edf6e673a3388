"""Propositions: when two are the same, when one is among the hypotheses, and what "for every x" does to hypotheses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from elbo_check.normal import *
from elbo_check.notation import unfolded
from elbo_check.poly import Key, frozen, leading
from elbo_check.signs import is_integer
from elbo_check.terms import *

Keyed = tuple[Any, Needs]


@cached
def key(p: Term) -> Keyed:
    """A key, and what it needs: propositions of equal keys without needs are the same."""
    if bare(p) is not p:
        return key(bare(p))
    k = p.kids
    match p.op:
        case "<=" | "<":
            return key(mk({"<=": ">=", "<": ">"}[p.op], None, k[1], k[0]))
        case "=" | "!=" | ">=" | ">":
            d = normal(k[0]).minus(normal(k[1]))
            if d.p:
                c = d.p[leading(d.p)]
                d = d.scaled(1 / (abs(c) if p.op in (">=", ">") else c))
            return (p.op, frozen(d.p)), d.needs
        case "all" | "ae":
            v, body = opened(p)
            (found, needs), (where, more) = key(body), _ends(p)
            return (p.op, p.data[1], where, found), for_every(needs, v) | more
        case "conv":
            return _measured_key("conv", k[0])
        case "dom":
            v, body = opened(p)
            found, needs = _measured_key("dom", body, v)
            return ("dom", p.data[1], found), for_every(needs, v)
        case "joint":
            outer, _ = nested(k[0])
            v, inner = opened(outer)
            w, f = opened(inner)
            g = normal(mk("abs", None, f))
            (out, a), (in_, b) = _ends(outer), _ends(inner)
            whole = ("joint", outer.op, outer.data[1], out, inner.op, inner.data[1], in_, frozen(g.p))
            return whole, a | for_every(b | for_every(g.needs, w), v)
        case "inf":
            e = unfolded(k[0])
            (body_, needs), (where, more) = _body(e), _ends(e)
            return ("inf", e.data[1], where, body_), needs | more
        case "slope":
            point, (body_, needs), value = normal(k[0]), _body(p), normal(k[2])
            return ("slope", p.data[1], frozen(point.p), body_, frozen(value.p)), point.needs | needs | value.needs
    raise Refused(f"not a proposition: {p}")


def _body(binder: Term) -> Keyed:
    v, body = opened(binder)
    f = normal(body)
    return key_of_body(f.p, v), for_every(f.needs, v)


def _ends(binder: Term) -> tuple[tuple[Key, ...], Needs]:
    forms = [normal(e) for e in ends(binder)]
    return tuple(frozen(f.p) for f in forms), NONE.union(*(f.needs for f in forms))


def _measured_key(what: str, t: Term, *local: Term) -> Keyed:
    factors, e = measured(t)
    if what == "conv" and finite(e):
        return ("true",), NONE
    (where, more), (c, body, needs) = _ends(e), integrand(factors, e, *local)
    if not body or (c is not None and not c):  # nothing to integrate
        return ("true",), needs
    return (what, e.op, e.data[1], where, c, body), needs | more


def nested(t: Term) -> tuple[Term, Term]:
    """An integral or sum directly over another."""
    outer = unfolded(t)
    inner = outer.kids[-1] if outer.kids else outer
    need(outer.op in MEASURES and inner.op in MEASURES, "not two nested integrals or sums: {}", t)
    return outer, inner


def well_formed(p: Term) -> None:
    """What the shape of a proposition asks beyond sorts: measured terms, nested integrals, sums up to oo."""
    for q in _inside(p):
        if q.op in ("conv", "dom"):
            measured(q.kids[0])
        elif q.op == "joint":
            nested(q.kids[0])
        elif q.op == "inf":
            e = unfolded(q.kids[0])
            ok = e.op == "sum" and len(e.kids) == 3 and e.kids[0].kind != "end" and e.kids[1].op == "oo"
            need(ok, "not a sum from a number to oo: {}", e)


def _inside(p: Term) -> Iterator[Term]:
    yield p
    if p.op in ("all", "ae"):
        yield from _inside(p.kids[-1])


def alike(p: Term, q: Term) -> bool:
    if identical(p, q):
        return True
    (a, needs), (b, more) = key(p), key(q)
    return bool(a == b and not needs and not more)


# --- hypotheses -------------------------------------------------------------------------------------------------------
def known(p: Term) -> bool:
    """True by sorts alone."""
    if p.op in ("all", "ae"):
        return known(opened(p)[1])
    if p.op in RELATIONS:
        a, b = p.kids[::-1] if p.op in ("<=", "<") else p.kids
        if p.op == "=":
            return equality(a, b) == NONE
        s = sign_of(a if identical(b, num(0)) else sub(a, b))
        return s in {">=": ("+", "0+"), "<=": ("+", "0+"), "!=": ("+", "-")}.get(p.op, ("+",))
    return p.op == "conv" and key(p) == (("true",), NONE)


class Hyps:
    """The hypotheses of an inference."""

    def __init__(self, props: Iterable[Term]) -> None:
        self.props = tuple(props)
        Budget.spend(len(self.props))
        self.bare = {bare(p) for p in self.props}
        self._keys: set[Any] | None = None

    @property
    def keys(self) -> set[Any]:
        if self._keys is None:
            self._keys = {k for k, needs in map(key, self.props) if not needs}
        return self._keys

    def _stated(self, p: Term) -> bool:
        if bare(p) in self.bare:
            return True
        k, needs = key(p) if self.props else (None, NONE)
        return not needs and k in self.keys

    def has(self, p: Term) -> bool:
        Budget.spend(1)
        if self._stated(p) or known(p):
            return True
        return p.op == "conv" and any(h.op == "conv" and same_integrand(p, h) for h in self.props)


def same_integrand(p: Term, q: Term) -> bool:
    """conv of one integral and of another: integrands equal up to a constant, denominators cleared, without needs."""
    (a, needs), (b, more) = key(p), key(q)
    if needs or more or len(a) < 6 or len(b) < 6 or a[:5] != b[:5]:
        return False
    sides, v = [], mk("v", ("#1000", a[2]))  # not `!1`: p may speak of a variable of a rule
    for t in (p, q):
        _, e = measured(t.kids[0])
        sides.append(proportional(grouped(normal(at(e, v)), v))[1])
    return vanishes(sides[0].minus(sides[1])) == NONE


def facts(binder: Term, t: Term) -> list[Term]:
    """lo <= t <= hi, as far as the ends are numbers."""
    if len(ends(binder)) < 2:
        return []
    lo, hi = ends(binder)
    return [rel(op, t, e) for op, e in ((">=", lo), ("<=", hi)) if e.kind != "end"]


def quantified(hyps: Iterable[Term], v: Term, binder: Term) -> list[Term]:
    """Hypotheses for every v in the range of the binder; that v lies in its range then holds by itself."""
    need(all(v not in e.free for e in ends(binder)), "{} is free in the ends of its own range", v)
    inside = facts(binder, v)
    out = []
    for h in hyps:
        if v not in h.free:
            out.append(h)
        elif not any(alike(h, f) for f in inside):
            out.append(over(binder, close(h, v), "all"))
    return out


def in_sort(t: Term, sort: Sort) -> bool:
    """Is the term in the sort, for all values of its variables?"""
    if is_point(sort):
        return bool(t.op == "v" and t.data[1] == sort)
    whole = sort not in WHOLE or (not normal(t).needs and is_integer(normal(t).p))
    return t.kind == "number" and whole and (sort not in ("pos", "nat") or sign_of(t) == "+")
