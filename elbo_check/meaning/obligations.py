"""What the usual reading of a proposition asks of its terms: integrals that converge, logarithms of positive numbers, ...

Total semantics gives every term a value; the usual reading does not. `asked(p)` walks a proposition, opens every binder
on the way, and collects what each part asks, closed again over the binders it stands under: "for all" below a sum, a
product or a quantifier; "for almost all" below an integral, where a null set does not matter. The checker's judges are
used only to choose which question a power asks (is the exponent whole?); nothing is settled here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

from elbo_check.normal import normal
from elbo_check.notation import mentions, template
from elbo_check.poly import exponent
from elbo_check.props import in_sort, known, nested
from elbo_check.terms import (
    MEASURES,
    RANGED,
    RELATIONS,
    WHOLE,
    Names,
    Sort,
    Term,
    add,
    close,
    conv,
    ends,
    finite,
    hints,
    mk,
    num,
    put,
    rel,
    shift,
    sub,
)

LAWS = {"E": (1,), "Entropy": (0,), "CrossEntropy": (0, 1), "KL": (0, 1), "ELBO": (1,)}  # which arguments are laws


class Ask(NamedTuple):
    """kind: integral, sum, logarithm, denominator, power, derivative, range, whole, coordinate; law, joint, name: notes.
    prop: what is asked, closed; but of kind `whole` the number that is to be whole."""

    kind: str
    prop: Term


class Asker(Names):
    """Collects what the parts of one proposition ask."""

    def __init__(self, hypothesis: bool) -> None:
        super().__init__()
        self.hypothesis = hypothesis
        self.found: dict[Ask, None] = {}
        self.above: list[tuple[str, Term, Term]] = []  # quantifier, binder, its variable; outermost first

    def ask(self, kind: str, p: Term) -> None:
        for how, binder, v in reversed(self.above):
            if kind != "whole" and (v in p.free or (self.hypothesis and not inhabited(how, binder))):
                p = mk(how, binder.data, *(ends(binder) if binder.op in RANGED else ()), close(p, v))
        self.found[Ask(kind, p)] = None

    def below(self, how: str, binder: Term) -> None:
        """What the body asks, for (almost) every value of the variable."""
        self.opened(how, binder, lambda body: (self.prop if body.kind == "prop" else self.term)(body))

    def opened(self, how: str, binder: Term, then: Callable[[Term], None]) -> None:
        v, body = self.enter(binder)
        self.above.append((how, binder, v))
        then(body)
        self.above.pop()

    # --- propositions
    def prop(self, p: Term) -> None:
        k = p.kids
        match p.op:
            case "all" | "ae":
                self.range(p.data[1], k[:-1])
                self.below(p.op, p)
            case "conv" | "inf":
                self.inside(k[0])
            case "joint":
                outer, inner = nested(k[0])
                self.inside(outer, also=inner)
            case "dom":
                self.opened("all", p, self.inside)
            case "slope":
                self.term(k[0])
                self.below("all", p)
                self.term(k[2])
            case _:
                assert p.op in RELATIONS
                for side in k:
                    self.term(side)

    # --- terms
    def term(self, t: Term) -> None:
        k = t.kids
        if t.op in ("int", "sum", "prod"):
            if t.op != "prod" and not finite(t):
                self.ask("integral" if t.op == "int" else "sum", conv(t))
            return self.inside(t)
        if t.op == "n":
            if t.data[1]:
                self.notation(t)
            return self.inside(t)
        if t.op == "D":
            self.ask("derivative", mk("slope", t.data, *k, t))
            self.term(k[0])
            return self.below("all", t)
        for x in k:
            if x.kind == "number":
                self.term(x)
        match t.op:
            case "log":
                self.ask("logarithm", rel(">", k[0], num(0)))
            case "^":
                self.raised(*k)
            case "at":
                self.whole(k[1])
                self.ask("coordinate", rel(">=", k[1], num(1)))
                self.ask("coordinate", rel("<=", k[1], k[0].data[1][1]))
        return None

    def raised(self, base: Term, e: Term) -> None:
        """x^n for whole n; x^y otherwise asks x > 0, or x >= 0 if y >= 0."""
        c = exponent(normal(e).p) if not normal(e).needs else None
        whole = c.denominator == 1 if isinstance(c, Fraction) else in_sort(e, "int")
        if whole:
            if not known(rel(">=", e, num(0))):
                self.ask("denominator", rel("!=", base, num(0)))
        else:
            self.ask("power", rel(">=" if known(rel(">=", e, num(0))) else ">", base, num(0)))

    def inside(self, t: Term, also: Term | None = None) -> None:
        """What a measured term asks apart from the convergence of its own integral (and of `also`)."""
        if t.op == "*":
            for k in t.kids:
                (self.inside if is_measure(k) else self.term)(k)
        elif t.op in ("int", "sum", "prod"):
            self.range(t.data[1], t.kids[:-1])
            then = self.inside if also is t.kids[-1] else self.term
            self.opened("ae" if t.op == "int" else "all", t, then)
        elif t.op == "n":
            self.laws(t)
            self.inside(template(t)) if t.data[1] else self.term(template(t))
        else:
            self.term(t)

    def notation(self, t: Term) -> None:
        """A notation with ranges: its outermost integral is asked under the name of the notation."""
        e = template(t) if template(t).op in MEASURES else template(t).kids[1]
        if not finite(e):
            self.ask("integral" if e.op == "int" else "sum", conv(t))
        if len(t.data[1]) == 2 and t.data[0] != "Information":
            self.ask("joint", mk("joint", None, e))

    def laws(self, t: Term) -> None:
        """Arguments that are laws: nonnegative, with integral one."""
        head, ranges = t.data
        kids = list(t.kids)
        own = [(h, s, [kids.pop(0) for _ in range(m)]) for h, s, m in ranges]

        def mass(body: Term, which: range) -> Term:
            for j in which:
                h, s, pair = own[j]
                body = mk("sum" if s in WHOLE else "int", (h, s), *pair, body)
            return body

        every = range(len(ranges))
        masses = [mass(kids[i], every) for i in LAWS.get(head, ())]
        for total in masses:
            self.law(total, 1)
        for x in kids[1:] if head == "Information" else ():  # for (almost) every value of the outer variable
            self.law(mass(x, every), 2)
        if head == "Information":
            self.law(mass(shift(kids[0], -1, 1), range(1, 2)), 1)

    def law(self, total: Term, depth: int) -> None:
        """The integral at this depth is 1; its body is not negative."""
        if depth == 1:
            self.ask("law", rel("=", total, num(1)))
        if total.op in MEASURES:
            self.opened("ae" if total.op == "int" else "all", total, lambda body: self.law(body, depth - 1))
        else:
            self.ask("law", rel(">=", total, num(0)))

    def range(self, sort: Sort, pair: tuple[Term, ...]) -> None:
        """Ends in the sort (whole for whole numbers), not backwards; a sum from n + 1 to n is empty and means 0."""
        for e in pair:
            if e.kind != "end":
                self.term(e)
                if sort in WHOLE:
                    self.whole(e)
        if not pair:
            return
        lo, hi = pair
        if lo.kind != "end" and sort in ("nat", "pos"):
            self.ask("range", rel(">=", lo, num(1 if sort == "nat" else 0)))
        if "end" not in (lo.kind, hi.kind):
            self.ask("range", rel(">=", add(sub(hi, lo), num(int(sort in WHOLE))), num(0)))

    def whole(self, t: Term) -> None:
        if not in_sort(t, "int"):
            self.ask("whole", put(t, {v: mk("v", b.data) for _, b, v in self.above}))


def is_measure(t: Term) -> bool:
    return t.op in MEASURES or (t.op == "n" and bool(t.data[1])) or (t.op == "*" and any(map(is_measure, t.kids)))


def inhabited(how: str, binder: Term) -> bool:
    """Is what holds for (almost) every value of the variable, and does not mention it, true? Only if there is a value; an
    abstract space may be a null set. (Of a statement the question is asked without the quantifier, which is more.)"""
    pair, sort = ends(binder) if binder.op in RANGED else (), binder.data[1]
    if not pair:
        return how == "all" or isinstance(sort, tuple) or sort[:1] != "@"
    if "end" in (pair[0].kind, pair[1].kind) or not in_sort(pair[0], sort):
        return False
    return known(rel(">=" if how == "all" or sort in WHOLE else ">", sub(pair[1], pair[0]), num(0)))


def asked(p: Term, hypothesis: bool = False) -> list[Ask]:
    """What the usual reading of a closed proposition asks, each thing once; outer things first."""
    a = Asker(hypothesis)
    a.prop(p)
    return list(a.found)


def names(props: list[Term]) -> Iterator[str]:
    """Names that would be printed for two symbols: a binder called like something free below it, or like a binder above."""

    def go(t: Term, above: tuple[str, ...], free: set[str]) -> Iterator[str]:
        for k, d in zip(t.kids, t.under, strict=True):
            own = hints(t, d)
            for j, h in enumerate(own):
                if h in free and h in {x.data[0] for x in k.free}:
                    yield h
                shadowed = [d + i for i, other in enumerate(above) if other == h]
                shadowed += [i for i in range(j + 1, d) if own[i] == h]
                if any(mentions(k, i) for i in shadowed):
                    yield h
            yield from go(k, (*own, *above), free)

    free = {v.data[0] for p in props for v in p.free} | {f[0] for p in props for f in p.heads}
    for p in props:
        yield from go(p, (), free)
