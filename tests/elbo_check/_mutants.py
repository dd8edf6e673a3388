"""Inferences of a certificate with one change each: what the checker must refuse unless the change is true.

A change of the conclusion: sign, number, swapped arguments, index, capture, name, sort, end of a range, relation, head; or
a hypothesis dropped. `_survivors.py` says why those that are accepted are true.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from elbo_check.load import Node
from elbo_check.props import Hyps, well_formed
from elbo_check.replay import check_node
from elbo_check.terms import BINDERS, RELATIONS, Refused, Term, bare, mk, mul, num

OTHER = {"real": "pos", "pos": "real", "nat": "int", "int": "nat", "@u": "@v", "@v": "@u"}


class Mutant(NamedTuple):
    kind: str
    place: int  # of the inference
    node: Node  # changed
    why: str  # refused; "" if accepted


def changes(t: Term, deep: int) -> Iterator[tuple[str, Term]]:
    """t with one change at its head; `deep`: binders above."""
    k = t.kids
    if t.kind == "number" and t.op not in ("q",):
        yield "sign", mul(num(-1), t)
    if t.op == "q":
        yield "number", num(t.data + 1)
        yield "number", num(-t.data if t.data else 1)
    if t.op in ("^", "f", "n") and len(k) >= 2 and k[-1] is not k[-2]:
        yield "swap", mk(t.op, t.data, *k[:-2], k[-1], k[-2])
    if t.op == "b":
        yield "index", mk("b", t.data + 1)
        if t.data:
            yield "index", mk("b", t.data - 1)
    if t.op == "v":
        yield "name", mk("v", (t.data[0] + "_", t.data[1]))
        if deep:
            yield "capture", mk("b", 0)
        if t.data[1] in OTHER:
            yield "sort", mk("v", (t.data[0], OTHER[t.data[1]]))
    if t.op == "f":
        yield "name", mk("f", (t.data[0] + "_", t.data[1]), *k)
        if t.data[1] in OTHER:
            yield "sort", mk("f", (t.data[0], OTHER[t.data[1]]), *k)
    if t.op in BINDERS and t.data[1] in OTHER:
        yield "sort", mk(t.op, (t.data[0], OTHER[t.data[1]]), *k)
    if t.op in ("int", "sum", "prod", "all", "ae") and len(k) == 3:
        if k[0].kind == "number":
            yield "end", mk(t.op, t.data, mk("+", None, k[0], num(1)), *k[1:])
        if k[1].kind == "number":
            yield "end", mk(t.op, t.data, k[0], mk("+", None, k[1], num(1)), k[2])
            yield "end", mk(t.op, t.data, k[0], mk("oo"), k[2])
    if t.op in RELATIONS:
        yield "relation", mk({"=": "!=", "!=": "=", ">=": ">", ">": ">=", "<=": "<", "<": "<="}[t.op], None, *k)
        yield "relation", mk({"=": ">="}.get(t.op, t.op), None, *(k if t.op == "=" else k[::-1]))
    if t.op in ("all", "ae"):
        yield "relation", mk("ae" if t.op == "all" else "all", t.data, *k)
    if t.op in ("exp", "log", "abs"):
        yield "head", k[0]


def one_change(t: Term, rng: random.Random) -> tuple[str, Term]:
    """A random change at a random place; refused where there is none, or nothing well formed comes of it."""
    path: list[tuple[Term, int]] = []
    above, whole = 0, t
    while t.kids and rng.random() < 0.85:
        i = rng.randrange(len(t.kids))
        path.append((t, i))
        above += t.under[i]
        t = t.kids[i]
    kind, new = rng.choice([*changes(t, above)] or [("none", t)])
    for parent, i in reversed(path):
        new = mk(parent.op, parent.data, *parent.kids[:i], new, *parent.kids[i + 1 :])
    if new.high or new.kind != "prop" or bare(new) is bare(whole):
        raise Refused("no change")
    well_formed(new)
    return kind, new


def mutants(nodes: list[Node], rng: random.Random, each: int, places: Iterable[int] | None = None) -> Iterator[Mutant]:
    """`each` random changes of every conclusion, and every hypothesis dropped that does not stand twice."""
    for place in range(len(nodes)) if places is None else places:
        node = nodes[place]
        for _ in range(each):
            try:
                kind, goal = one_change(node.goal, rng)
            except Refused:
                continue
            changed = node._replace(goal=goal)
            yield Mutant(kind, place, changed, check_node(changed, nodes))
        for i in range(len(node.hyps)):
            rest = node.hyps[:i] + node.hyps[i + 1 :]
            if not Hyps(rest).has(node.hyps[i]):
                fewer = node._replace(hyps=rest)
                yield Mutant("dropped", place, fewer, check_node(fewer, nodes))
