"""What accepted inferences of a certificate say of convergence and differentiability, for settle.py to use as lemmas.

Besides what is said outright: an integral with a value that is not 0 converges; what an antiderivative, a swap or Leibniz'
rule asked gives convergence; an equation got by changing integrands point by point, or by a change of variables, makes two
integrals converge together; a derivative rewritten for every value of its variable is that of the same function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from elbo_check.load import Certificate, Node
from elbo_check.normal import measured, sign_of
from elbo_check.props import alike, facts, key
from elbo_check.rules_logic import RULES
from elbo_check.step import Step, Thm
from elbo_check.terms import Budget, Names, Refused, Term, at, close, conv, identical, mk, need, num, over, rel


class Lemma(NamedTuple):
    """hyps |- prop, by an accepted inference, for every value of its variables; of `fixed` only in prop."""

    prop: Term
    hyps: tuple[Term, ...]
    name: str
    fixed: Term | None = None


def holds(f: Callable[[], object]) -> bool:
    """Does it run without being refused?"""
    with suppress(Refused):
        f()
        return True
    return False


class Library:
    """What accepted inferences say of convergence and differentiability, by key."""

    def __init__(self, cert: Certificate, refused: Iterable[int]) -> None:
        called = {t.node: t.name for t in reversed(cert.theorems)}
        self.by_key: dict[object, list[Lemma]] = {}
        self.of_node: dict[int, list[Lemma]] = {}
        self.all_of_node: dict[int, list[Lemma]] = {}  # the equivalences too
        bad, keeping = set(refused), set[int]()
        for i, node in enumerate(cert.nodes):
            if i in bad or any(j in bad for j in node.premises):
                bad.add(i)
                continue
            Budget.step = Budget.total = 0
            before = [cert.nodes[j] for j in node.premises]
            name, equivalences = called.get(i, f"inference {i}"), list[tuple[Term, Term]]()
            for prop, hyps, fixed in conclusions(node):
                self.of_node.setdefault(i, []).append(self.add(Lemma(prop, hyps, name, fixed)))
            self.all_of_node[i] = list(self.of_node.get(i, ()))
            if holds(lambda n=node, b=before: keeps(n, b, [j in keeping for j in n.premises])):
                keeping.add(i)
                equivalences.append(tuple(map(conv, node.goal.kids)))
            if holds(lambda n=node, b=before: same_function(n, b)):
                equivalences.append(tuple(mk("slope", k.data, *k.kids, num(0)) for k in node.goal.kids))
            for p, q in equivalences:
                if loose_key(p) != loose_key(q):
                    two = [self.add(Lemma(x, (*node.hyps, y), name)) for x, y in ((p, q), (q, p))]
                    self.all_of_node.setdefault(i, []).extend(two)

    def add(self, lemma: Lemma) -> Lemma:
        with suppress(Refused):
            if (k := loose_key(lemma.prop)) is not None:
                self.by_key.setdefault(k, []).append(lemma)
        return lemma


def loose_key(p: Term) -> object:
    """The key of a proposition, None if it has needs; of a slope without its value: is there a derivative?"""
    k, needs = key(mk("slope", p.data, *p.kids[:2], num(0)) if p.op == "slope" else p)
    return None if needs else k


def conclusions(node: Node) -> Iterator[tuple[Term, tuple[Term, ...], Term | None]]:
    """What a node says of this kind. `all n: P` is read as P for a free n; an integral with a value that is not 0, or
    found by a rule that also gives convergence, converges. What leibniz asks (smooth in t everywhere, converges at one t,
    derivative dominated) makes int f converge at every t: |f(t)| <= |f(t0)| + int_t0^t |f'|, bounded by finitely many
    integrable functions."""
    p, hyps = node.goal, node.hyps
    while p.op == "all" and p.data[0]:
        v = mk("v", p.data)
        if v in p.free or any(v in h.free for h in hyps):
            return
        p, hyps = at(p, v), (*hyps, *facts(p, v))
    if p.op in ("conv", "joint", "slope", "dom"):
        yield p, hyps, p.kids[0] if node.rule == "leibniz" else None
    if node.rule == "leibniz":
        yield conv(at(p, p.kids[0])), hyps, p.kids[0]
    if node.rule == "swap":  # it asked for integrability over both ranges, or all that a finite one needs
        for side in p.kids:
            e = measured(side)[1]
            v, body = Names().enter(e)
            yield conv(side), hyps, None
            yield over(e, close(conv(body), v), "ae"), hyps, None
    if p.op == "=":
        for side, value in (p.kids, p.kids[::-1]):
            if holds(lambda side=side: measured(side)):
                again = Step([], conv(side), hyps, node.extra)
                if sign_of(value) in ("+", "-") or (
                    node.rule in ("antiderivative", "telescope", "coordinate")
                    and holds(lambda s=again: RULES[node.rule](s))
                ):
                    yield conv(side), hyps, None


def keeps(node: Node, before: list[Node], kept: list[bool]) -> None:
    """Refuse unless node says M = M' of two multiples of integrals of which, under its hypotheses, one converges if and
    only if the other does: their integrands are equal at (almost) every point, or the variable was changed."""
    a, b = (conv(k) for k in relation(node).kids)
    measured(a.kids[0]), measured(b.kids[0])
    if alike(a, b):
        return
    first = [conv(k) for k in before[0].goal.kids] if before and before[0].goal.op == "=" else []
    thms = [Thm(n.goal, n.hyps) for n in before]
    match node.rule:
        case "change_of_variables":
            return
        case "monotone":
            e, sides = measured(a.kids[0])[1], zip((a, b), before[0].goal.kids, strict=True)
            ok = e.data[1] == node.extra.data[1] and all(
                alike(c, conv(over(e, close(f, node.extra)))) for c, f in sides
            )
        case "chain":
            links = [[conv(k) for k in n.goal.kids] for n in before]
            joints = zip([a, *(q for _, q in links)], [*(p for p, _ in links), b], strict=True)
            ok = all(kept) and all(alike(p, q) for p, q in joints)
        case "flip":
            ok = kept[0] and alike(a, first[1]) and alike(b, first[0])
        case "discharge":
            ok = kept[0] and alike(a, first[0]) and alike(b, first[1])
        case "substitute" | "instantiate" | "on_space":
            ok = kept[0]
            for c, p in zip((a, b), first, strict=True):
                RULES[node.rule](Step([Thm(p, before[0].hyps)], c, node.hyps, node.extra))
        case "rewrite":
            ok = len(before) == 1 and kept[0] and alike(a, first[0]) and alike(b, first[1])
            if not ok:
                RULES["carry"](Step([Thm(b, node.hyps), *thms], a, node.hyps, None))
                ok = True
        case _:
            ok = False
    need(ok, "not known to converge together")


def relation(node: Node) -> Term:
    need(node.goal.op == "=", "not an equation")
    return node.goal


def same_function(node: Node, before: list[Node]) -> None:
    """Refuse unless node says D_t B = D_t B' by rewriting B, which it may for every t: B = B' as functions."""
    a, b = relation(node).kids
    need(node.rule == "rewrite" and a.op == b.op == "D" and a.data == b.data, "not two derivatives")
    need(identical(a.kids[0], b.kids[0]) and a.data[0], "not at one point")
    v = mk("v", a.data)
    need(not any(v in h.free for h in node.hyps) and v not in a.kids[1].free | b.kids[1].free, "not for every value")
    thms = [Thm(n.goal, n.hyps) for n in before]
    RULES["rewrite"](Step(thms, rel("=", at(a, v), at(b, v)), node.hyps, None))
