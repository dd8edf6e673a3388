"""Does a statement keep its usual meaning? Each thing that its terms ask (obligations.py) is settled (settle.py), or left.

by sorts     whatever the hypotheses
given        a hypothesis, or drawn from one: a hypothesis is read as "is defined and holds", so what its own terms ask is
             given too, below an integral for almost all values
by a lemma   by accepted inferences of the certificate, whose hypotheses are settled here, or by a Gaussian tail
proviso      left, to be printed; no doubt about the theorem, which is true under total semantics as it stands
follows      from the provisos that are printed
Notes, not provisos: `unnormalised`, a law whose integral is not known to be one; `iterated`, a notation over two ranges that
is read as an integral of integrals; `ambiguous`, a name that stands for two symbols.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any, NamedTuple

from elbo_check.load import Certificate, Node, Theorem, load
from elbo_check.meaning.lemmas import Library
from elbo_check.meaning.obligations import Ask, asked, names
from elbo_check.meaning.settle import SKIPPED, Fact, Judge, Why
from elbo_check.props import Hyps, alike, key
from elbo_check.replay import Report, below, deep, replay
from elbo_check.rules_logic import RULES
from elbo_check.step import Step, Thm
from elbo_check.terms import RANGED, Budget, Refused, Term, mk, show

MOVES = ("substitute", "instantiate", "on_space")
NOTES = {"law": "unnormalised", "joint": "iterated"}


class Obligation(NamedTuple):
    kind: str
    text: str
    way: str
    why: tuple[str, ...]  # lemmas and rules
    prop: Term


def obligations(cert: bytes | Certificate, report: Report | None = None) -> dict[str, list[Obligation]]:
    """What each accepted statement of a certificate asks, and how it is settled."""
    loaded = deep(lambda: load(cert)) if isinstance(cert, bytes) else cert
    checked = report or deep(lambda: replay(loaded))
    good = {v.name for v in checked.verdicts if not v.why}
    library = deep(lambda: Library(loaded, checked.refused))
    found: dict[str, list[Obligation]] = {}
    node_of: dict[int, Theorem] = {}
    for t in loaded.theorems:
        if t.name in good:
            found[t.name] = deep(lambda t=t: of_theorem(t, loaded, library, node_of, found))
            node_of.setdefault(t.node, t)
    return found


class Owed(Hyps):
    """Hypotheses that are noted when a rule asks for them."""

    def __init__(self) -> None:
        super().__init__(())
        self.noted: list[Term] = []

    def has(self, p: Term) -> bool:
        self.noted.append(p)
        return True


class Move(Step):
    """An inference by a rule that moves every proposition, of which the conclusion is what comes of it."""

    def __init__(self, thm: Thm, node: Node) -> None:
        super().__init__([thm], thm.prop, (), node.extra)
        self.hyps = self.owed = Owed()
        RULES[node.rule](self)

    def concludes(self, p: Term) -> None:
        self.goal = p


Past = list[tuple[list[Node], Theorem, list[Obligation]]]  # moves, innermost first, of an earlier theorem


def past(nodes: list[Node], top: int, node_of: dict[int, Theorem], found: dict[str, list[Obligation]]) -> Past:
    """The earlier theorems that were moved on the way to this inference, and how."""
    chains: dict[int, list[tuple[list[Node], Theorem]]] = {}
    for i in below(nodes, top):
        n = nodes[i]
        if n.rule in MOVES or n.rule == "discharge":  # which keeps the conclusion
            j, more = n.premises[0], [n] if n.rule in MOVES else []
            chains[i] = [
                (moves + more, t) for moves, t in [*chains.get(j, ()), *([([], node_of[j])] if j in node_of else ())]
            ]
    return [(moves, t, found[t.name]) for each in chains.values() for moves, t in each if moves]


def instance(a: Ask, judge: Judge, earlier: Past) -> Why | None:
    """What was settled for a theorem, moved with it onto this one; its hypotheses, and what these ask, moved too, are settled
    here."""
    for moves, old, found in earlier:
        under = [*old.given, *(b.prop for h in old.given for b in asked(h, True) if b.kind not in SKIPPED)]
        for o in found:
            if o.kind == a.kind and o.way in ("given", "by a lemma"):
                thm = Thm(o.prop, tuple(under))
                with suppress(Refused):
                    for n in moves:
                        Budget.step = Budget.total = 0
                        thm = Thm((m := Move(thm, n)).goal, tuple(m.owed.noted))
                    if alike(thm.prop, a.prop) and all(judge.settle(h) is not None for h in thm.hyps):
                        return frozenset([f"lemma {old.name}"])
    return None


def of_theorem(
    t: Theorem, cert: Certificate, library: Library, node_of: dict[int, Theorem], found: dict[str, list[Obligation]]
) -> list[Obligation]:
    Budget.step = Budget.total = 0
    judge = Judge(t, cert, library)
    earlier = past(cert.nodes, t.node, node_of, found)
    asks: dict[object, Ask] = {}
    for a in asked(t.statement):
        Budget.step = 0
        k, needs = key(a.prop) if a.kind != "whole" else (a.prop, ())
        asks.setdefault((a.kind in NOTES, a.prop if needs else k), a)
    out, left = [], []
    for a in asks.values():
        Budget.step = Budget.total = 0
        why = judge.settle(a.prop) if a.kind != "whole" else None
        if why is None and a.kind != "whole":
            why = instance(a, judge, earlier)
        out.append(said(a, why))
        left += [len(out) - 1] if why is None and a.kind not in NOTES else []
    for i in left if len(left) > 1 else ():  # what the other provisos settle
        others = [Fact(out[j].prop, frozenset(["proviso"])) for j in left if j != i and out[j].way == "proviso"]
        root = judge.root
        judge.assume([f for f in others if f.prop.kind == "prop"])
        if out[i].kind != "whole" and (why := judge.settle(out[i].prop)) is not None:
            out[i] = out[i]._replace(way="follows", why=tuple(sorted(why)))
        judge.root = root
    twice = {h: mk("v", (h, "real")) for p in (t.statement, *t.given) for h in names([p])}
    return out + [Obligation("name", f"{h} stands for two symbols", "ambiguous", (), v) for h, v in twice.items()]


def said(a: Ask, why: Why | None) -> Obligation:
    text = show(a.prop) + (" is a whole number" if a.kind == "whole" else "")
    if why is None:
        return Obligation(a.kind, text, NOTES.get(a.kind, "proviso"), (), a.prop)
    cited = tuple(sorted(why - {"given"}))
    return Obligation(a.kind, text, "by a lemma" if cited else "given" if why else "by sorts", cited, a.prop)


def provisos(found: list[Obligation]) -> list[Obligation]:
    return [o for o in found if o.way == "proviso"]


# --- output -----------------------------------------------------------------------------------------------------------
def rows(terms: list[Term]) -> tuple[list[list[Any]], list[int]]:
    """Terms as rows of a certificate, and the number of each."""
    table: list[list[Any]] = []
    number: dict[Term, int] = {}

    def sort(s: Any) -> Any:
        return ["^", go(s[1])] if isinstance(s, tuple) else s

    def go(t: Term) -> int:
        if t not in number:
            kids = [go(k) for k in t.kids]
            match t.op:
                case "q":
                    own: list[Any] = [str(t.data)]
                case "b":
                    own = [t.data]
                case "n":
                    ends = iter(kids)
                    ranges = [[h, sort(s), *(next(ends) for _ in range(n))] for h, s, n in t.data[1]]
                    own, kids = [t.data[0], ranges], list(ends)
                case "v" | "f" | "D" | "dom" | "slope":
                    own = [t.data[0], sort(t.data[1])]
                case op:
                    own = [t.data[0], sort(t.data[1])] if op in RANGED else []
            table.append([t.op, *own, *kids])
            number[t] = len(table) - 1
        return number[t]

    return table, [go(t) for t in terms]


def totals(found: dict[str, list[Obligation]]) -> dict[str, Any]:
    every = [o for each in found.values() for o in each]
    return {
        "statements": len(found),
        "settled": sum(not provisos(each) for each in found.values()),
        "ways": dict(Counter(o.way for o in every).most_common()),
        "kinds": {f"{k}, {w}": n for (k, w), n in sorted(Counter((o.kind, o.way) for o in every).items())},
    }


def as_text(found: dict[str, list[Obligation]]) -> str:
    lines = []
    for name, each in found.items():
        left = provisos(each)
        lines.append(f"{name}: {f'{len(left)} left' if left else 'settled'} ({len(each)} asked)")
        lines += [f"    provided that {o.text}" for o in left]
        lines += [f"    not assumed: {o.text}" for o in each if o.way == "unnormalised"]
    t = totals(found)
    lines.append(f"{t['settled']} of {t['statements']} statements keep their usual meaning without a proviso")
    lines.append("; ".join(f"{n} {w}" for w, n in t["ways"].items()))
    return "\n".join(lines)


def as_json(found: dict[str, list[Obligation]]) -> dict[str, Any]:
    """`prop` is a row of `terms`."""
    table, index = rows([o.prop for each in found.values() for o in each])
    number = iter(index)
    theorems = [
        {
            "name": name,
            "settled": not provisos(each),
            "asked": [{"kind": o.kind, "way": o.way, "why": o.why, "text": o.text, "prop": next(number)} for o in each],
        }
        for name, each in found.items()
    ]
    return {**totals(found), "terms": table, "theorems": theorems}
