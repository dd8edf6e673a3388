"""Proving what a statement asks, from the theorem's hypotheses, from sorts, and from accepted inferences.

A goal is proved at a `Place`: the facts there, and the variables that were opened on the way. A variable opened by an
integral or by "for almost all" stands for almost every value: a fact "for almost all x: P" may be used at such a variable
only (and only where the rest of the fact does not speak of it), a fact "for all x" at any value in its range.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import chain, product
from typing import NamedTuple

from elbo_check.load import Certificate, Node, Theorem
from elbo_check.meaning.lemmas import Lemma, Library, loose_key
from elbo_check.meaning.obligations import asked, is_measure
from elbo_check.normal import grouped, halves, measured, normal, sign_of
from elbo_check.notation import template, unfolded
from elbo_check.poly import Form, Mono, exponents_add, free_of, kind, term_of
from elbo_check.powers import build, times
from elbo_check.powers import power_of as raised
from elbo_check.props import Hyps, facts, in_sort, key, known, nested
from elbo_check.replay import below
from elbo_check.rules_logic import RULES
from elbo_check.rules_values import chain_rule, derivative
from elbo_check.signs import positive, sign
from elbo_check.step import Step, Thm
from elbo_check.terms import (
    MEASURES,
    RELATIONS,
    WHOLE,
    Budget,
    Names,
    Refused,
    Term,
    add,
    at,
    close,
    conv,
    ends,
    finite,
    identical,
    is_point,
    mk,
    mul,
    num,
    over,
    power,
    put,
    rel,
    sub,
    walk,
)

Why = frozenset[str]  # what a proof used: "given", "lemma NAME", "rule NAME", "proviso"; nothing: sorts alone
SORTS: Why = frozenset()
GIVEN: Why = frozenset(["given"])
SKIPPED = ("law", "joint", "whole")  # what a hypothesis is not taken to say


class Fact(NamedTuple):
    prop: Term
    why: Why

    @property
    def core(self) -> Term:
        p = self.prop
        while p.op in ("all", "ae"):
            p = p.kids[-1]
        return p


class Place(NamedTuple):
    facts: tuple[Fact, ...]
    opened: tuple[tuple[Term, Term], ...] = ()  # variable and binder, outermost first

    def open(self, binder: Term, v: Term) -> Place:
        inside = (Fact(f, SORTS) for f in (facts(binder, v) if binder.op not in ("D", "dom", "slope") else ()))
        return Place((*self.facts, *inside), (*self.opened, (v, binder)))

    def generic(self, t: Term, p: Term) -> bool:
        """May `ae x: ..` be used at t? t stands for almost every value; p does not mention it, nor a variable opened below
        it that stands for each of uncountably many values (for those the exceptions add up)."""
        place = [v for v, _ in self.opened]
        if t not in place or self.opened[place.index(t)][1].op not in ("ae", "int"):
            return False
        later = [v for v, b in self.opened[place.index(t) :] if b.op not in ("ae", "int") and v.data[1] not in WHOLE]
        return not p.free & {t, *later}


Row = tuple[Mono | None, dict[Mono, Form], Why]


class Judge(Names):
    """Settles what one theorem asks."""

    def __init__(self, theorem: Theorem, cert: Certificate, library: Library) -> None:
        super().__init__()
        self.count = 1_000_000  # the names of `asked` are below
        self.library = library
        nodes = below(cert.nodes, theorem.node)
        self.mine = [lemma for i in nodes for lemma in library.of_node.get(i, ())]
        self.values = [
            Lemma(n.goal, n.hyps, f"inference {i}") for i, n in ((i, cert.nodes[i]) for i in nodes) if is_value(n)
        ]
        self.instances_of = {  # what was substituted in this proof, and the lemmas below
            (i, j): lemma
            for i in nodes
            if cert.nodes[i].rule == "substitute"
            for k in below(cert.nodes, cert.nodes[i].premises[0])
            for j, lemma in enumerate(library.all_of_node.get(k, ()), start=1000 * k)
        }
        self.nodes = cert.nodes
        told = [Fact(g, GIVEN) for g in theorem.given]
        for g in theorem.given:
            told += [Fact(a.prop, GIVEN) for a in asked(g, True) if a.kind not in SKIPPED]
        told += [Fact(d, GIVEN) for f in told if f.core.op == "dom" for d in dominated(f.prop)]
        self.active: set[tuple[Term, Place]] = set()
        self.proved: dict[tuple[Term, Place], Why] = {}
        self.failed: dict[tuple[Term, Place], int] = {}  # and how deep that was tried
        self.root = Place(())
        self.assume(told)
        self.turned: dict[object, list[Lemma]] = {}  # lemmas with given equations used inside, each of them first
        equations = [f for f in self.root.facts if f.core.op == "="]
        for lemma, first in product(self.mine, equations):
            with suppress(Refused):
                Budget.step = Budget.total = 0
                q = self.rewritten(lemma.prop, Place((first, *self.root.facts)))
                if q is not lemma.prop and (k := loose_key(q)) is not None:
                    self.turned.setdefault(k, []).append(lemma._replace(prop=q))

    def assume(self, told: list[Fact]) -> None:
        """Facts, and what converges by them once given equations were used inside."""
        self.root = Place((*self.root.facts, *told))
        turned = [Fact(self.rewritten(f.prop, self.root), f.why | GIVEN) for f in told if f.core.op == "conv"]
        self.root = Place((*self.root.facts, *(f for f in turned if all(f.prop is not g.prop for g in told))))

    def settle(self, p: Term) -> Why | None:
        """What a proof of p uses; None if none is found."""
        Budget.total = 0
        if (why := self.prove(p, self.root, 0)) is None:
            Budget.step = Budget.total = 0
            with suppress(Refused):
                q = self.rewritten(p, self.root)
                why = self.prove(q, self.root, 0) if q is not p else None
                why = why if why is None else why | GIVEN
        return why

    def prove(self, p: Term, s: Place, deep: int) -> Why | None:
        here = (p, s)
        if deep > 14 or here in self.active or (here in self.failed and self.failed[here] <= deep):
            return None
        if here not in self.proved:
            self.active.add(here)
            Budget.step, why = 0, None
            with suppress(Refused):
                why = self._prove(p, s, deep + 1)
            self.active.discard(here)
            if why is None:
                self.failed[here] = deep
                return None
            self.proved[here] = why
        return self.proved[here]

    def _prove(self, p: Term, s: Place, deep: int) -> Why | None:
        if p.op != "slope" and known(p):
            return SORTS
        if (why := self.stated(p, s)) is not None:
            return why
        if (why := self.lemma(p, s, deep)) is not None:
            return why
        if p.op in ("all", "ae"):
            if (values := literal(p)) is not None:
                return self.every(values, s, deep)
            v, body = self.enter(p)
            return self.prove(body, s.open(p, v), deep)
        for way in WAYS_TO.get(p.op, ()):
            with suppress(Refused):
                if (why := way(self, p, s, deep)) is not None:
                    return why
        return None

    def every(self, goals: Iterable[Term], s: Place, deep: int) -> Why | None:
        out = SORTS
        for g in goals:
            if (why := self.prove(g, s, deep)) is None:
                return None
            out |= why
        return out

    # --- facts, lemmas
    def stated(self, p: Term, s: Place) -> Why | None:
        """Among the facts at their values here; those of the opened ranges are tried first."""
        here = list(self.instances(p, s, RELATIONS if p.op in RELATIONS else (p.op,)))
        for chosen in ([f for f in here if not f.why], here):
            if p.op == "slope":
                chosen = [f for f in chosen if loose_key(f.prop) == loose_key(p) is not None]
            if chosen and (p.op == "slope" or Hyps(f.prop for f in chosen).has(p)):
                return frozenset().union(*(f.why for f in chosen)) if chosen is here or p.op == "slope" else SORTS
        return None

    def instances(self, p: Term, s: Place, ops: Iterable[str]) -> Iterator[Fact]:
        pool = sorted({*p.free, *arguments(p)}, key=repr)
        for f in s.facts:
            if f.prop.op == p.op or f.core.op in ops:
                yield from (Fact(q, f.why) for q in self.at_values(f.prop, s, pool, p.op))

    def at_values(self, p: Term, s: Place, pool: list[Term], stop: str = "") -> Iterator[Term]:
        """A fact at every value of the pool at which it may be used."""
        if p.op not in ("all", "ae") or p.op == stop:
            yield p
            return
        inside = Hyps(f.prop for f in s.facts if f.prop.op in RELATIONS)
        for t in pool:
            fits = p.op == "all" or p.data[1] in WHOLE or s.generic(t, p)
            if fits and in_sort(t, p.data[1]) and all(map(inside.has, facts(p, t))):
                yield from self.at_values(at(p, t), s, pool, stop)

    def lemma(self, p: Term, s: Place, deep: int) -> Why | None:
        if p.op in ("conv", "joint", "slope", "dom", "ae"):
            back = renaming(p, s)
            wanted = loose_key(put(p, {v: x for x, v in back.items()}))
            for m in self.library.by_key.get(wanted, ()):
                if (why := self.by(m, back, s, deep)) is not None:
                    return why
            for m in self.turned.get(wanted, ()):
                if (why := self.by(m, back, s, deep)) is not None:
                    return why | GIVEN
        return None

    def instance(self, p: Term, s: Place, deep: int) -> Why | None:
        """A lemma below a substitution of this proof, with the same substituted."""
        back = renaming(p, s)
        wanted = loose_key(put(p, {v: x for x, v in back.items()}))
        for (i, _), m in self.instances_of.items() if wanted is not None and deep < 8 else ():
            new = {x: v for x, v in self.nodes[i].extra if x is not m.fixed}
            if m.prop.op == p.op and m.prop.free & new.keys() and loose_key(put(m.prop, new)) == wanted:
                moved = Lemma(put(m.prop, new), tuple(put(h, new) for h in m.hyps), m.name, m.fixed)
                if (why := self.by(moved, back, s, deep)) is not None:
                    return why
        return None

    def by(self, lemma: Lemma, new: dict[Term, Term], s: Place, deep: int) -> Why | None:
        """A lemma holds at every value of its variables, if its hypotheses do."""
        new = {x: v for x, v in new.items() if x is not lemma.fixed}
        why = self.every((put(h, new) for h in lemma.hyps), s, deep)
        return None if why is None else why | {f"lemma {lemma.name}"}

    def rewritten(self, t: Term, s: Place, turns: int = 0) -> Term:
        """Applications h(..) replaced by what given equations say of them, at values at which these may be used."""
        if not t.heads or turns > 8:
            return t
        if t.op == "f":
            for f in s.facts:
                if f.core.op == "=" and any(k.op == "f" and k.data == t.data for k in f.core.kids):
                    for q in self.at_values(f.prop, s, list(t.kids)):
                        a, b = q.kids if q.kids[0].op == "f" else q.kids[::-1]
                        if identical(a, t) and (*t.data, len(t.kids)) not in b.heads and b.level == 0:
                            return self.rewritten(b, s, turns + 1)
        if t.op == "n" and t.data[1]:
            return self.rewritten(template(t), s, turns)
        kids = []
        for k, d in zip(t.kids, t.under, strict=True):
            if d:
                v, body = self.enter(t)
                kids.append(close(self.rewritten(body, s.open(t, v), turns), v))
            else:
                kids.append(self.rewritten(k, s, turns))
        return mk(t.op, t.data, *kids) if kids else t

    # --- relations
    def by_parts(self, p: Term, s: Place, deep: int) -> Why | None:
        """a > b and the like: from a fact by adding what has a sign; products, powers, sums by their parts."""
        a, b = p.kids
        if p.op in ("<=", "<"):
            return self.prove(rel({"<=": ">=", "<": ">"}[p.op], b, a), s, deep)
        for f in self.instances(p, s, orders := (">=", ">", "<=", "<")):
            if f.prop.op not in orders:
                continue
            x, y = f.prop.kids if f.prop.op in (">=", ">") else f.prop.kids[::-1]
            left = sign_of(sub(sub(a, b), sub(x, y)))
            if left == "+" or (left == "0+" and (p.op == ">=" or f.prop.op in (">", "<"))):
                return f.why
        if p.op == "!=" and (why := self.prove(rel(">", a, b), s, deep)) is not None:
            return why
        t = unfolded(a)
        if not identical(b, num(0)):
            return None
        if p.op != "!=" and cleared_sign(t) in (("+",) if p.op == ">" else ("+", "0+")):
            return SORTS
        if (values := literal(t)) is not None:
            return self.prove(rel(p.op, add(*values), b), s, deep)
        if (why := self.by_value(p, t, s, deep)) is not None:
            return why
        if t.op == "*" or (t.op == "+" and p.op != "!="):
            return self.every((rel(p.op, k, b) for k in t.kids), s, deep)
        if t.op == "^":
            whole = p.op == "!=" and in_sort(t.kids[1], "int")
            return self.prove(rel("!=" if whole else ">", t.kids[0], b), s, deep)
        if t.op in MEASURES and p.op != "!=":
            return self.positive(p.op, t, s, deep)
        return None

    def by_value(self, p: Term, t: Term, s: Place, deep: int) -> Why | None:
        """The other side of an equation of this theorem's proof, for t that holds an integral or a parameter's value."""
        back = renaming(p, s)
        there = normal(put(t, {v: x for x, v in back.items()}))
        for lemma in self.values if deep < 9 else ():
            for a, b in (lemma.prop.kids, lemma.prop.kids[::-1]):
                f = normal(a)
                if f.p == there.p and not (f.needs or there.needs) and normal(b).p != f.p:
                    why = self.by(lemma, back, s, deep)
                    more = None if why is None else self.prove(put(rel(p.op, b, p.kids[1]), back), s, deep)
                    if why is not None and more is not None:
                        return why | more
        return None

    def positive(self, op: str, e: Term, s: Place, deep: int) -> Why | None:
        """int f >= 0 for f >= 0; int f > 0 for f > 0, if it converges, over a range that is not a null set."""
        goals, pair = [over(e, rel(op, e.kids[-1], num(0)), "ae" if e.op == "int" else "all")], ends(e)
        if op == ">=":
            return self.every(goals, s, deep)
        goals.append(conv(e))
        if pair:
            (lo, hi), least = pair, {"nat": 1, "pos": 0}.get(e.data[1])
            if e.op == "sum" and lo.kind != "end" and not in_sort(lo, "int"):
                return None
            if lo.kind != "end" and least is not None:
                goals.append(rel(">=", lo, num(least)))
            if hi.kind != "end":
                start = lo if lo.kind != "end" else num(least) if least is not None else None
                goals += [rel(">=" if e.op == "sum" else ">", sub(hi, start), num(0))] if start is not None else []
        if isinstance(e.data[1], str) and is_point(e.data[1]) and not self.massive(e.data[1], s):
            return None
        return self.every(goals, s, deep)

    def massive(self, space: str, s: Place) -> bool:
        """An abstract space that is not null: some integral over it has a value that is not 0."""
        sides = chain.from_iterable((f.prop.kids, f.prop.kids[::-1]) for f in s.facts if f.prop.op == "=")
        over_it = (c for a, c in sides if (e := unfolded(a)).op == "int" and e.data[1] == space)
        return any(sign_of(c) in ("+", "-") for c in over_it)

    def equation(self, p: Term, s: Place, deep: int) -> Why | None:
        """The integral of a law is one."""
        return self.unit(p.kids[0], s, deep) if identical(p.kids[1], num(1)) else None

    def unit(self, e: Term, s: Place, deep: int) -> Why | None:
        if (values := literal(e)) is not None:
            return SORTS if known(rel("=", add(*values), num(1))) else None
        if e.op not in MEASURES:
            return SORTS if known(rel("=", e, num(1))) else None
        v, body = self.enter(e)
        if body.op in MEASURES:  # what moves with the inner variable has integral one; the rest goes outside
            inside = s.open(e, v)
            w, f = self.enter(body)
            moves, rest = parted(f, w)
            if v in frozenset().union(*(k.free for k in ends(body))):
                return None
            one = self.prove(rel("=", over(body, close(moves, w)), num(1)), inside, deep)
            two = self.prove(rel("=", over(e, close(rest, v)), num(1)), s, deep)
            return None if one is None or two is None else one | two
        if body.op == "n" and body.data[0] == "Normal" and e.data[1] == "real" and not ends(e):
            z, m, var = body.kids
            if z is v and v not in m.free | var.free and self.prove(rel(">", var, num(0)), s, deep) is not None:
                return frozenset(["rule gaussian"])
        space = isinstance(e.data[1], tuple) and body.op == "prod"
        if space and identical(body.kids[0], num(1)) and identical(body.kids[1], e.data[1][1]):
            i, factor = self.enter(body)
            z, here = self.new("real"), mk("at", None, v, i)
            law = walk(factor, lambda t, _: z if identical(t, here) else None)
            one = rel("=", mk("int", ("z", "real"), close(law, z)), num(1))
            return None if v in law.free else self.prove(over(body, close(one, i), "all"), s, deep)
        return None

    # --- convergence
    def tail(self, p: Term, s: Place, deep: int) -> Why | None:
        RULES["gaussian_tail"](Step([], p, (), None))
        return frozenset(["rule gaussian_tail"])

    def bound(self, p: Term, s: Place, deep: int) -> Why | None:
        RULES["gaussian_bound"](Step([], p, (), None))
        return frozenset(["rule gaussian_bound"])

    def bounded(self, p: Term, s: Place, deep: int) -> Why | None:
        """int_a^b f between two numbers, f smooth on the whole line by sorts: continuous, so bounded there."""
        _, e = measured(p.kids[0])
        if e.op != "int" or e.data[1] != "real" or not ends(e) or "end" in {k.kind for k in ends(e)}:
            return None
        x, f = self.enter(e)
        return SORTS if all(map(known, derivative(f, x)[1])) else None

    def standardised(self, p: Term, s: Place, deep: int) -> Why | None:
        """Below Normal(z, m, v), z = m + v^(1/2) y: a change of variables, affine with a positive slope."""
        e = measured_as_written(p.kids[0])
        if e.op != "int" or e.data[1] != "real" or ends(e):
            return None
        x, f = self.enter(e)
        for z, m, var in normals(f):
            plain = identical(m, num(0)) and identical(var, num(1))
            if z is not x or x in m.free | var.free or m.high or var.high or plain:
                continue
            if self.prove(rel(">", var, num(0)), s, deep) is not None:
                g = add(m, mul(power(var, Fraction(1, 2)), x))
                return self.prove(conv(over(e, close(put(f, {x: g}), x))), s, deep)
        return None

    def termwise(self, p: Term, s: Place, deep: int) -> Why | None:
        """int c sum_n f_n over a finite range free of x: each int c f_n converges."""
        _, e = measured(p.kids[0])
        x, body = self.enter(e)
        c, inner = measured(body)
        if not finite(inner) or any(x in k.free for k in ends(inner)):
            return None
        n, f = self.enter(inner)
        return self.prove(over(inner, close(conv(over(e, close(mul(*c, f), x))), n), "all"), s, deep)

    def combined(self, p: Term, s: Place, deep: int) -> Why | None:
        """The integrand is a combination of others that converge over this range, coefficients free of the variable."""
        _, e = measured(p.kids[0])
        x = self.new(e.data[1])
        goal = vector(e, x)
        rows: list[Row] = []
        for prop, why in self.near(p, e, s, deep, x, goal):
            with suppress(Refused):
                row, more = reduced(vector(measured(prop.kids[0])[1], x), rows)
                pivot = next((m for m, c in row.items() if len(c.p) == 1 and sign(c.p) in ("+", "-")), None)
                if pivot is not None:
                    inverse = raised(row[pivot], Fraction(-1))
                    row = {m: times(c, inverse) for m, c in row.items()}
                rows.append((pivot, row, why | more))
        left, used = reduced(goal, rows)
        if left and len(goal) == 1:
            return None
        rest = self.every((conv(over(e, close(term_of({m: Fraction(1)}), x))) for m in left), s, deep + 1)
        return None if rest is None else rest | used

    def near(self, p: Term, e: Term, s: Place, deep: int, x: Term, goal: Iterable[Mono]) -> Iterator[Fact]:
        """What converges over the range of e and shares terms with the goal, or with another that does: facts, and lemmas of
        this theorem's proof, whose hypotheses are asked last."""
        where = key(conv(over(e, mk("f", ("?", "real"), mk("b", 0)))))[0][:4]
        back, found = renaming(p, s), list[tuple[Term, Why | Lemma, set[Mono]]]()
        lemmas = [(put(lemma.prop, back), lemma) for lemma in self.mine if lemma.prop.op == "conv" and deep < 9]
        for q, source in chain(self.instances(p, s, ("conv",)), lemmas):
            with suppress(Refused):
                k, needs = key(q)
                if not needs and len(k) == 6 and k[:5] == (*where, None):
                    found.append((q, source, set(vector(measured(q.kids[0])[1], x))))
        reach, size = set(goal), -1
        while size != len(reach):
            size = len(reach)
            reach = reach.union(*(m for *_, m in found if m & reach))
        for q, source, monos in found:
            why = None if not monos & reach else self.by(source, back, s, deep) if isinstance(source, Lemma) else source
            if why is not None:
                yield Fact(q, why)

    def parted_joint(self, p: Term, s: Place, deep: int) -> Why | None:
        """joint(int int f): each term of f is a product of functions of one variable that converge; or a finite range."""
        outer, inner = nested(p.kids[0])
        x, inner = self.enter(outer)
        if any(x in k.free for k in ends(inner)):
            return None
        y, f = self.enter(inner)
        if finite(inner):
            first = over(outer, close(f, x))
            return self.prove(over(inner, close(conv(first), y), "all"), s, deep)
        if finite(outer):
            return self.prove(over(outer, close(conv(inner), x), "all"), s, deep)
        form, goals = normal(f), list[Term]()
        for m in form.p:
            still, moves = halves(m, x)
            if form.needs or not free_of({moves: Fraction(1)}, y):
                return None
            goals.append(conv(over(outer, close(term_of({moves: Fraction(1)}), x))))
            goals.append(conv(over(inner, close(term_of(build(still).p), y))))
        return self.every(goals, s, deep)

    # --- derivatives
    def smooth(self, p: Term, s: Place, deep: int) -> Why | None:
        """Differentiable at the point: sums, products, finite sums by their parts; what is built from smooth parts, and from
        functions that are said to have a slope."""
        v, body = self.enter(p)
        body = unfolded(body)

        def part(f: Term, x: Term = v) -> Term:
            return mk("slope", p.data, p.kids[0], close(f, x), num(0))

        if body.op in ("+", "*") and any(k.op in MEASURES for k in body.kids):
            return self.every((part(k) for k in body.kids if v in k.free), s, deep)
        if finite(body) and body.op == "sum" and not any(v in k.free for k in ends(body)):
            n, f = self.enter(body)
            return self.prove(over(body, close(part(f), n), "all"), s, deep)
        slopes = []
        for f in s.facts:
            q = f.prop
            while q.op == "all" and not ends(q):
                q = at(q, self.new(q.data[1]))
            if q.op == "slope" and q.kids[0].op == "v" and q.kids[0] not in f.prop.free:
                slopes.append(
                    Thm(q, (f.prop,))
                )  # its free variables stand for themselves, the opened ones for every value
        _, conditions = derivative(body, v, chain_rule(Step(slopes, p, tuple(f.prop for f in s.facts), None)))
        why = self.every((put(c, {v: p.kids[0]}) for c in conditions), s, deep)
        return why if why is None or not slopes else why | GIVEN


WAYS_TO: dict[str, tuple[Callable[[Judge, Term, Place, int], Why | None], ...]] = {
    **dict.fromkeys((">=", ">", "<=", "<", "!="), (Judge.by_parts,)),
    "=": (Judge.equation,),
    "conv": (Judge.tail, Judge.termwise, Judge.bounded, Judge.combined, Judge.instance, Judge.standardised),
    "joint": (Judge.parted_joint,),
    "slope": (Judge.smooth, Judge.instance),
    "dom": (Judge.bound,),
}


# --- helpers ----------------------------------------------------------------------------------------------------------
def literal(binder: Term) -> list[Term] | None:
    """The body at each value of a literal range of at most 64 whole numbers."""
    pair = ends(binder) if binder.op in ("all", "ae", "sum") else ()
    if binder.op in ("all", "ae", "sum") and binder.data[1] in WHOLE and all(k.op == "q" for k in pair) and pair:
        lo, hi = (k.data for k in pair)
        if lo.denominator == hi.denominator == 1 and hi - lo < 64 and (binder.data[1] == "int" or lo >= 1):
            return [at(binder, num(n)) for n in range(int(lo), int(hi) + 1)]
    return None


def dominated(p: Term) -> Iterator[Term]:
    """dom_t(int g) says that int g converges at every t; below "for all" too."""
    if p.op == "all":
        v = mk("v", ("?", p.data[1]))
        yield from (over(p, close(q, v)) for q in dominated(at(p, v)))
    elif p.op == "dom":
        yield mk("all", p.data, conv(p.kids[0]))


def is_value(n: Node) -> bool:
    """An equation one side of which is an integral or sum."""
    return n.goal.op == "=" and any(unfolded(k).op in MEASURES for k in n.goal.kids)


def measured_as_written(t: Term) -> Term:
    """The integral of a measured term, notations below it left."""
    if t.op == "*":
        t = next(k for k in t.kids if is_measure(k))
    if t.op == "n" and t.data[1]:
        t = template(t)
    return t if t.op in MEASURES else measured(t)[1]


def normals(t: Term) -> Iterator[tuple[Term, ...]]:
    if t.op == "n" and t.data[0] == "Normal":
        yield t.kids
    for k in t.kids:
        yield from normals(k)


def cleared_sign(t: Term) -> str | None:
    """The sign of t times the positive denominators in it."""
    f = normal(t)
    for _ in range(4):
        low = {a: n for m in f.p for a, n in m if kind(a) == "poly" and isinstance(n, Fraction) and n < 0}
        if f.needs or not low or not all(map(positive, low)):
            break
        out = Form({})
        for m, c in f.p.items():
            factors = dict(m)
            for a, n in low.items():
                factors[a] = exponents_add(factors.get(a, Fraction(0)), n, Fraction(-1))
            out = out.plus(build(factors), c)
        f = out
    return None if f.needs else sign(f.p)


def arguments(t: Term) -> set[Term]:
    """Closed arguments of functions in a term."""
    own = {k for k in t.kids if k.high == 0} if t.op == "f" else set()
    return own.union(*map(arguments, t.kids)) if t.heads else own


def renaming(p: Term, s: Place) -> dict[Term, Term]:
    """For an opened variable the one that its binder is named after: what a lemma about that says, holds of any value."""
    back: dict[Term, Term] = {}
    for v, binder in s.opened:
        x = mk("v", binder.data) if binder.data[0] else v
        if x not in p.free:
            back.setdefault(x, v)
    return back


def vector(e: Term, x: Term) -> dict[Mono, Form]:
    """The integrand as {what moves with x: its coefficient}."""
    out = grouped(normal(at(e, x)), x)
    if any(c.needs for c in out.values()):
        raise Refused("a form with needs")
    return out


def reduced(f: dict[Mono, Form], rows: list[Row]) -> tuple[dict[Mono, Form], Why]:
    """f minus multiples of the rows, each of which has 1 at its pivot (or no pivot, then only by a rational ratio), and what
    the rows used rest on."""
    used = SORTS
    for pivot, row, why in rows:
        c = f.get(pivot) if pivot is not None else ratio(f, row)
        if c is not None:
            used = used | why
            f = {m: f.get(m, Form({})).minus(times(c, row.get(m, Form({})))) for m in {**f, **row}}
            f = {m: k for m, k in f.items() if k.p}
    if any(k.needs for k in f.values()):
        raise Refused("a form with needs")
    return f, used


def ratio(f: dict[Mono, Form], row: dict[Mono, Form]) -> Form | None:
    """A rational r such that f - r * row has fewer terms."""
    for m in f.keys() & row.keys():
        lead = next(iter(row[m].p))
        r = f[m].p.get(lead, Fraction(0)) / row[m].p[lead]
        if r and not f[m].plus(row[m], -r).p:
            return Form({(): r})
    return None


def parted(f: Term, v: Term) -> tuple[Term, Term]:
    """A product as (factors that mention v, the others)."""
    factors = f.kids if f.op == "*" else (f,)
    return tuple(mul(*(k for k in factors if (v in k.free) == moves)) for moves in (True, False))  # type: ignore[return-value]
