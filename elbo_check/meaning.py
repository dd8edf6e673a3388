"""Does a statement keep its usual meaning? Each thing that its terms ask (obligations.py) is settled, or left as a proviso.

by sorts     true whatever the hypotheses: sorts, ranges, values written out, smooth functions on closed ranges
given        a hypothesis of the theorem, or drawn from one: a hypothesis is read as "is defined and holds", so what its
             own terms ask is given too, below an integral only for almost all values
by a lemma   what an accepted inference of the certificate concludes, its hypotheses settled here; a Gaussian tail
proviso      left, to be printed. Not a doubt about the theorem, which is true under total semantics as it stands

A goal is proved in a `Place`: the hypotheses and the variables that were opened on the way, each "every" or "almost every".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from elbo_check.load import Certificate, Node, Theorem, load
from elbo_check.normal import NONE, grouped, measured, normal, sign_of
from elbo_check.notation import unfolded
from elbo_check.obligations import Ask, asked, names
from elbo_check.poly import Form, Mono, free_of, term_of
from elbo_check.powers import power as power_of
from elbo_check.powers import times
from elbo_check.props import Hyps, alike, facts, in_sort, key, known
from elbo_check.replay import Report, below, deep, replay
from elbo_check.rules_logic import RULES
from elbo_check.signs import sign
from elbo_check.step import Step, Thm
from elbo_check.terms import (
    MEASURES,
    NUMBERS,
    RELATIONS,
    WHOLE,
    Budget,
    Names,
    Refused,
    Term,
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
    put,
    rel,
    show,
    sub,
)

Why = frozenset[str]  # what a proof used: "given", "lemma NAME", "rule NAME", "proviso"; nothing: sorts
SORTS: Why = frozenset()
GIVEN: Why = frozenset(["given"])
WAYS = ("by sorts", "given", "by a lemma", "proviso")
NOTES = {"law": "unnormalised", "joint": "iterated", "name": "one name, two symbols"}


class Obligation(NamedTuple):
    """What a statement asks (`prop`, a term; `text` for messages), how it is settled, and by what.
    `way` is one of WAYS, or a note: unnormalised (a law's integral is not known to be one), iterated (a notation over two
    ranges is read as an integral of integrals)."""

    kind: str
    text: str
    way: str
    why: tuple[str, ...]
    prop: Term


class Fact(NamedTuple):
    prop: Term
    why: Why


class Place(NamedTuple):
    """Facts, and the opened variables with their binders, outermost first; below `ae` a variable stands for almost all."""

    facts: tuple[Fact, ...]
    opened: tuple[tuple[Term, Term], ...] = ()

    def open(self, binder: Term, v: Term) -> Place:
        inside = tuple(Fact(f, SORTS) for f in facts(binder, v))
        return Place((*self.facts, *inside), (*self.opened, (v, binder)))


class Lemma(NamedTuple):
    """hyps |- prop, by an accepted inference."""

    prop: Term
    hyps: tuple[Term, ...]
    name: str


def attempt(f: Callable[[], None]) -> bool:
    try:
        f()
    except Refused:
        return False
    return True


# --- lemmas -----------------------------------------------------------------------------------------------------------
class Library:
    """The accepted inferences that say that something converges or has a slope, found by key."""

    def __init__(self, cert: Certificate, report: Report) -> None:
        called = {t.node: t.name for t in reversed(cert.theorems)}
        self.lemmas: dict[object, list[Lemma]] = {}
        self.of_node: dict[int, list[Lemma]] = {}
        for i, node in enumerate(cert.nodes):
            if i not in report.refused and all(j not in report.refused for j in below(cert.nodes, i)):
                Budget.step = Budget.total = 0
                for prop, hyps in conclusions(node):
                    lemma = Lemma(prop, hyps, called.get(i, f"inference {i}"))
                    self.of_node.setdefault(i, []).append(lemma)
                    k, needs = key(prop)
                    if not needs:
                        self.lemmas.setdefault(k, []).append(lemma)


def conclusions(node: Node) -> Iterator[tuple[Term, tuple[Term, ...]]]:
    """conv, slope and values of integrals (for conv: a value that is not 0, an antiderivative) that a node proves."""
    p, hyps = node.goal, node.hyps
    while p.op in ("all", "ae") and p.op == "all":  # `all n: P` as P, for the variable that the binder is named after
        v = mk("v", p.data) if p.data[0] else None
        if v is None or v in p.free or any(v in h.free for h in hyps):
            return
        p, hyps = at(p, v), (*hyps, *facts(p, v))
    if p.op in ("conv", "slope", "joint"):
        yield p, hyps
    if p.op == "=":
        for side, other in (p.kids, p.kids[::-1]):
            if not is_measured(side):
                continue
            goal = conv(side)
            if sign_of(other)[0] in ("+", "-") and not sign_of(other)[1]:
                yield goal, hyps
            elif node.rule in ("antiderivative", "telescope"):
                if attempt(lambda goal=goal: RULES[node.rule](Step([], goal, hyps, node.extra))):
                    yield goal, hyps


def is_measured(t: Term) -> bool:
    return attempt(lambda: measured(t) and None)


# --- the judge --------------------------------------------------------------------------------------------------------
class Judge(Names):
    """Settles what one theorem asks."""

    def __init__(self, theorem: Theorem, cert: Certificate, library: Library) -> None:
        super().__init__()
        self.library = library
        self.mine = [lemma for i in below(cert.nodes, theorem.node) for lemma in library.of_node.get(i, ())]
        drawn = [Fact(g, GIVEN) for g in theorem.given]
        for g in theorem.given:
            drawn += [Fact(a.prop, GIVEN) for a in asked(g) if a.kind not in ("law", "joint", "whole")]
        self.root = Place(tuple(drawn))
        self.active: set[object] = set()
        self.count = 1_000_000  # names apart from those of `asked`, which are gone

    def prove(self, p: Term, s: Place, deep: int = 0) -> Why | None:
        """What a proof of p used; None if none is found."""
        if deep > 8 or (p, len(s.opened)) in self.active:
            return None
        self.active.add((p, len(s.opened)))
        try:
            return self._prove(p, s, deep)
        except Refused:
            return None
        finally:
            self.active.discard((p, len(s.opened)))

    def _prove(self, p: Term, s: Place, deep: int) -> Why | None:
        if p.op in RELATIONS and known(p):
            return SORTS
        if p.op in ("all", "ae"):
            if finite(over(p, p.kids[-1], "all")) and (values := literal(p)) is not None:
                return self.every(values, s, deep)
            v, body = self.enter(p)
            return self.prove(body, s.open(p, v), deep + 1)
        if (why := self.stated(p, s)) is not None or (why := self.lemma(p, s, deep)) is not None:
            return why
        if p.op in RELATIONS:
            return self.relation(p, s, deep)
        if p.op == "conv":
            return self.converges(p, s, deep)
        if p.op == "slope":
            return self.slope(p, s, deep)
        return None

    def every(self, goals: Iterable[Term], s: Place, deep: int) -> Why | None:
        out = SORTS
        for g in goals:
            if (why := self.prove(g, s, deep + 1)) is None:
                return None
            out |= why
        return out

    # --- facts and their instances
    def stated(self, p: Term, s: Place) -> Why | None:
        """Among the facts, or an instance of one."""
        for why in (SORTS, GIVEN, None):  # ranges first
            known_here = [f for f in self.instances(p, s, SAME.get(p.op, (p.op,))) if why in (None, f.why)]
            if known_here and Hyps(f.prop for f in known_here).has(p):
                return why if why is not None else frozenset().union(*(f.why for f in known_here))
        return None

    def instances(self, p: Term, s: Place, ops: tuple[str, ...]) -> Iterator[Fact]:
        """Facts of this form, for the values that stand in p."""
        pool = {v for v in p.free} | set(arguments(p))
        for f in s.facts:
            core = f.prop
            while core.op in ("all", "ae"):
                core = core.kids[-1]
            if core.op in ops:
                for q in self.at_values(f.prop, s, pool):
                    yield Fact(q, f.why)

    def at_values(self, p: Term, s: Place, pool: set[Term]) -> Iterator[Term]:
        if p.op not in ("all", "ae"):
            yield p
            return
        inside = Hyps(f.prop for f in s.facts if f.prop.op in RELATIONS)
        for t in sorted(pool, key=repr):
            if in_sort(t, p.data[1]) != (True, NONE) or not all(map(inside.has, facts(p, t))):
                continue
            if p.op == "ae" and p.data[1] not in WHOLE and not generic(t, p, s):
                continue
            yield from self.at_values(at(p, t), s, pool)

    def lemma(self, p: Term, s: Place, deep: int) -> Why | None:
        """An accepted inference; an opened variable stands for the variable that its binder is named after."""
        if p.op not in ("conv", "slope", "joint"):
            return None
        there, back = self.renamed(p, s)
        k, needs = key(there)
        for lemma in () if needs else self.library.lemmas.get(k, ()):
            if (why := self.by(lemma, back, s, deep)) is not None:
                return why
        return None

    def renamed(self, p: Term, s: Place) -> tuple[Term, dict[Term, Term]]:
        back: dict[Term, Term] = {}
        for v, binder in s.opened:
            x = mk("v", binder.data) if binder.data[0] else v
            if x is not v and x not in back and x not in p.free:
                back[x] = v
        return put(p, {v: x for x, v in back.items()}), back

    def by(self, lemma: Lemma, new: dict[Term, Term], s: Place, deep: int) -> Why | None:
        why = self.every((put(h, new) for h in lemma.hyps), s, deep)
        return None if why is None else why | {f"lemma {lemma.name}"}

    # --- relations
    def relation(self, p: Term, s: Place, deep: int) -> Why | None:
        """From a fact by adding what has a sign; by parts of products, sums, powers; of integrals that converge."""
        a, b = p.kids
        if p.op in ("<=", "<"):
            return self.prove(rel({"<=": ">=", "<": ">"}[p.op], b, a), s, deep + 1)
        d = sub(a, b) if not identical(b, num(0)) else a
        for f in self.instances(p, s, (">=", ">", "<=", "<", "=")):
            x, y = f.prop.kids if f.prop.op in (">=", ">", "=") else f.prop.kids[::-1]
            for gap in [sub(x, y), sub(y, x)] if f.prop.op == "=" else [sub(x, y)]:
                left, needs = sign_of(sub(d, gap))
                enough = left == "+" or (left == "0+" and (p.op == ">=" or f.prop.op in (">", "<")))
                if enough and not needs and p.op != "=":
                    return f.why
        if p.op == "!=" and (why := self.prove(rel(">", a, b), s, deep + 1)) is not None:
            return why
        if not identical(b, num(0)) or p.op == "=":
            return None
        t, zero = unfolded(a), num(0)
        if t.op == "*" or (t.op == "^" and p.op != ">="):
            return self.every((rel(p.op, k, zero) for k in (t.kids if t.op == "*" else t.kids[:1])), s, deep)
        if t.op == "+" and p.op in (">", ">="):
            return self.every((rel(p.op, k, zero) for k in t.kids), s, deep)
        if t.op in MEASURES and p.op in (">", ">="):
            return self.positive(p.op, t, s, deep)
        return None

    def positive(self, op: str, e: Term, s: Place, deep: int) -> Why | None:
        """int f > 0 for f > 0, if it converges, over a range that is not null."""
        quantifier = "all" if e.op == "sum" else "ae"
        goals = [over(e, rel(op, e.kids[-1], num(0)), quantifier)]
        if op == ">":
            goals.append(conv(e))
            pair = ends(e)
            if e.op == "sum":
                if e.data[1] == "nat" and pair and pair[0].kind != "end":
                    goals.append(rel(">=", pair[0], num(1)))
            if pair and "end" not in (pair[0].kind, pair[1].kind):
                goals.append(rel(">=" if e.op == "sum" else ">", sub(pair[1], pair[0]), num(0)))
            if is_point(e.data[1]) and isinstance(e.data[1], str) and not self.inhabited(e.data[1], s):
                return None
        why = self.every(goals, s, deep)
        return why if why is None or not is_point(e.data[1]) else why | GIVEN

    def inhabited(self, space: str, s: Place) -> bool:
        """The space is not null: an integral over it is said to have a value that is not 0."""
        for f in s.facts:
            p = f.prop
            if p.op == "=":
                for side, value in (p.kids, p.kids[::-1]):
                    e = unfolded(side)
                    if e.op == "int" and e.data[1] == space and sign_of(value) in (("+", NONE), ("-", NONE)):
                        return True
        return False

    # --- convergence
    def converges(self, p: Term, s: Place, deep: int) -> Why | None:
        if known(p):
            return SORTS
        _, e = measured(p.kids[0])
        if attempt(lambda: RULES["gaussian_tail"](Step([], p, (), None))):
            return frozenset(["rule gaussian_tail"])
        for attempted in (self.combined, self.termwise, self.rewritten):
            if (why := attempted(p, e, s, deep)) is not None:
                return why
        return None

    def termwise(self, p: Term, e: Term, s: Place, deep: int) -> Why | None:
        """int c sum_n f_n, a finite sum: each int c f_n converges."""
        v, body = self.enter(e)
        if not is_measured(body):
            return None
        c, inner = measured(body)
        if not finite(inner) or any(v in k.free for k in ends(inner)):
            return None
        n, f = self.enter(inner)
        one = over(e, close(mul(*c, f), v))
        return self.prove(over(inner, close(conv(one), n), "all"), s, deep + 1)

    def combined(self, p: Term, e: Term, s: Place, deep: int) -> Why | None:
        """The integrand is a combination of integrands that converge, with coefficients free of the variable."""
        v = self.new(e.data[1])
        rows: list[tuple[Mono, dict[Mono, Form], Why]] = []
        used = SORTS
        for f in self.near(p, e, s, deep):
            _, g = measured(f.prop.kids[0])
            row = {m: c for m, c in grouped(normal(at(g, v)), v).items()}
            if any(c.needs for c in row.values()):
                continue
            row, why = reduced(row, rows)
            pivot = next((m for m, c in row.items() if sign(c.p) in ("+", "-") and len(c.p) == 1), None)
            if pivot is not None:
                inverse = power_of(row[pivot], num_exponent(-1))
                if not inverse.needs:
                    rows.append((pivot, {m: times(c, inverse) for m, c in row.items()}, f.why | why))
        form = normal(at(e, v))
        goal = grouped(form, v)
        if form.needs or any(c.needs for c in goal.values()):
            return None
        left, used = reduced(goal, rows)
        if not left:
            return used
        if len(goal) == 1 and len(left) == 1:
            return None
        for m in left:
            part = conv(over(e, close(term_of({m: ONE}), v)))
            if (why := self.prove(part, s, deep + 3)) is None:
                return None
            used |= why
        return used

    def near(self, p: Term, e: Term, s: Place, deep: int) -> Iterator[Fact]:
        """What is known to converge over the same range."""
        where = key(conv(over(e, num(1))))
        for f in self.instances(p, s, ("conv",)):
            if same_range(e, f.prop):
                yield f
        there, back = self.renamed(p, s)
        for lemma in self.mine:
            if lemma.prop.op == "conv" and same_range(e, put(lemma.prop, back)) and deep < 4:
                if (why := self.by(lemma, back, s, deep + 1)) is not None:
                    yield Fact(put(lemma.prop, back), why)

    def rewritten(self, p: Term, e: Term, s: Place, deep: int) -> Why | None:
        """The same with applications replaced by the right sides of given equations, in the goal and in the facts."""
        if deep > 5 or any(f.prop.op == "rewritten" for f in s.facts):
            return None
        return None
