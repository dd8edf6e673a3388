"""Change each inference of a certificate in one place and see what is accepted.

    python -m tests.elbo_check._mutants book.json [seed]

Prints how many changed inferences are refused, by kind and by rule, and the survivors: to be read by a person. A survivor
is sound where the rule may conclude anything true (sign, algebra of something equal, a superfluous hypothesis).
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from elbo_check.load import Node, load
from elbo_check.props import Hyps, well_formed
from elbo_check.replay import check_node, deep
from elbo_check.terms import BINDERS, RELATIONS, Refused, Term, bare, mk, mul, num

OTHER = {"real": "pos", "pos": "real", "nat": "int", "int": "nat", "@u": "@v", "@v": "@u"}


def changes(t: Term, deep_: int) -> Iterator[tuple[str, Term]]:
    """t with one change at its head; `deep_`: binders above."""
    k = t.kids
    if t.kind == "number" and t.op not in ("q",):
        yield "sign", mul(num(-1), t)
    if t.op == "q":
        yield "number", num(t.data + 1)
        yield "number", num(-t.data if t.data else 1)
    if t.op in ("^", "f", "n") and len(k) >= 2 and k[-1] is not k[-2]:
        yield "KL" if t.op == "n" else "swap", mk(t.op, t.data, *k[:-2], k[-1], k[-2])
    if t.op == "b":
        yield "index", mk("b", t.data + 1)
        if t.data:
            yield "index", mk("b", t.data - 1)
    if t.op == "v":
        yield "name", mk("v", (t.data[0] + "_", t.data[1]))
        if deep_:
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
    """A random change at a random place."""
    path: list[tuple[Term, int]] = []
    above = 0
    while t.kids and rng.random() < 0.85:
        i = rng.randrange(len(t.kids))
        path.append((t, i))
        above += t.under[i]
        t = t.kids[i]
    kind, new = rng.choice([*changes(t, above)] or [("none", t)])
    for parent, i in reversed(path):
        new = mk(parent.op, parent.data, *parent.kids[:i], new, *parent.kids[i + 1 :])
    return kind, new


def mutants(data: bytes, seed: int, each: int = 3) -> tuple[Counter[str], Counter[str], list[tuple[str, Node]]]:
    rng = random.Random(seed)
    nodes = load(data).nodes
    tried, refused, left = Counter[str](), Counter[str](), list[tuple[str, Node]]()

    def attempt(kind: str, node: Node) -> None:
        tried[kind] += 1
        if check_node(node, nodes):
            refused[kind] += 1
        else:
            left.append((kind, node))

    for node in nodes:
        if check_node(node, nodes):
            continue
        for _ in range(each):
            try:
                kind, goal = one_change(node.goal, rng)
                if kind == "none" or goal.high or goal.kind != "prop" or bare(goal) is bare(node.goal):
                    continue
                well_formed(goal)
            except Refused:
                tried["ill formed"] += 1
                refused["ill formed"] += 1
                continue
            attempt(kind, node._replace(goal=goal))
        for i in range(len(node.hyps)):
            rest = node.hyps[:i] + node.hyps[i + 1 :]
            if not Hyps(rest).has(node.hyps[i]):
                attempt("dropped", node._replace(hyps=rest))
    return tried, refused, left


if __name__ == "__main__":
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    tried, refused, left = deep(lambda: mutants(Path(sys.argv[1]).read_bytes(), seed))
    for kind in sorted(tried):
        print(f"{kind:12} {refused[kind]:6} of {tried[kind]:6} refused")
    print(f"{sum(refused.values())} of {sum(tried.values())} refused; the survivors, by rule:")
    print(Counter(node.rule for _, node in left))
    for kind, node in left:
        print(f"{node.rule} [{kind}] {', '.join(map(repr, node.hyps))} |- {node.goal!r}"[:600])
