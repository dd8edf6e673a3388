"""Certificates from a few words: `(all n:nat 1 N (>= (f:real n) 0))` and `H , H |- P`.

A name is bound by the nearest binder of that name, else free, of the sort written after it (`c:pos`) or the one in SORTS.
"""

from __future__ import annotations

import json
import re
from typing import Any

SORTS = {
    **dict.fromkeys(["x", "y", "z", "t", "a", "b", "c"], "real"),
    **dict.fromkeys(["p", "q", "r", "s"], "pos"),
    **dict.fromkeys(["i", "j"], "int"),
    **dict.fromkeys(["k", "l", "m", "n", "N", "d"], "nat"),
    "u": "@u",
    "v": "@v",
    "w": "^d",
}
RANGED = ("int", "sum", "prod", "all", "ae")
NOTATIONS = ("Normal", "Bernoulli", "E", "Entropy", "CrossEntropy", "KL", "ELBO", "Information")


def read(text: str) -> Any:
    """An s-expression as nested lists of words."""
    stack: list[list[Any]] = [[]]
    for word in re.findall(r"[()]|[^\s()]+", text):
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(word)
    assert len(stack) == 1 and len(stack[0]) == 1, text
    return stack[0][0]


class Book:
    """A certificate under construction."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self.known: dict[str, int] = {}
        self.nodes: list[list[Any]] = []
        self.theorems: list[list[Any]] = []

    def put(self, *row: Any) -> int:
        text = json.dumps(row)
        if text not in self.known:
            self.known[text] = len(self.rows)
            self.rows.append(list(row))
        return self.known[text]

    def sort(self, s: str) -> Any:
        return ["^", self.term(s[1:])] if s[0] == "^" else s

    def named(self, word: str) -> tuple[str, Any]:
        name, _, sort = word.partition(":")
        return name, self.sort(sort or SORTS[name])

    def term(self, text: Any, bound: tuple[str, ...] = ()) -> int:
        t = read(text) if isinstance(text, str) and text[:1] == "(" else text
        return self.build(t, bound)

    def build(self, t: Any, bound: tuple[str, ...]) -> int:
        if isinstance(t, str):
            if t in ("pi", "oo", "-oo"):
                return self.put(t)
            if re.fullmatch(r"-?\d+(/\d+)?", t):
                return self.put("q", t)
            if t in bound:
                return self.put("b", bound.index(t))
            return self.put("v", *self.named(t))
        op, *args = t
        go = lambda x: self.build(x, bound)
        if op == "-":
            return self.build(["+", args[0], ["*", "-1", args[1]]], bound)
        if op == "/":
            return self.build(["*", args[0], ["^", args[1], "-1"]], bound)
        if op in RANGED:
            name, sort = self.named(args[0])
            return self.put(op, name, sort, *map(go, args[1:-1]), self.build(args[-1], (name, *bound)))
        if op in ("D", "slope", "dom"):
            name, sort = self.named(args[0])
            below = 1 if op == "dom" else 2
            parts = [self.build(x, (name, *bound)) if j == below else go(x) for j, x in enumerate(args) if j]
            return self.put(op, name, sort, *parts)
        if op in NOTATIONS:
            ranges: list[Any] = []
            inside = bound
            for r in reversed(args[0]):  # the last range is the outermost
                name, sort = self.named(r[0])
                ranges.insert(0, [name, sort, *(self.build(e, inside) for e in r[1:])])
                inside = (name, *inside)
            return self.put("n", op, ranges, *(self.build(x, inside) for x in args[1:]))
        if ":" in op:
            name, _, value = op.partition(":")
            return self.put("f", name, value, *map(go, args))
        return self.put(op, *map(go, args))

    def sequent(self, text: str) -> tuple[list[int], int]:
        before, bar, after = text.rpartition("|-")
        return [self.term(h.strip()) for h in before.split(" , ") if h.strip()] if bar else [], self.term(after.strip())

    def extra(self, rule: str, x: Any) -> Any:
        if x is None or rule == "cite":
            return x
        if rule == "instantiate":
            return [[f, value, len(args), self.term(body, tuple(reversed(args)))] for f, value, args, body in x]
        if rule == "on_space":
            name, sort = self.named(x[1])
            return [self.term(x[0]), [name, sort, *map(self.term, x[2:])]]
        if rule == "coordinate":
            return [*map(self.term, x[:3]), self.term(x[3][1], (x[3][0],))]
        if isinstance(x, str):
            return self.term(x)
        return [self.term(y) if isinstance(y, str) else [self.term(e) for e in y] for y in x]

    def node(self, rule: str, premises: list[int], sequent: str, extra: Any = None) -> int:
        hyps, goal = self.sequent(sequent)
        self.nodes.append([rule, premises, goal, hyps, *([] if extra is None else [self.extra(rule, extra)])])
        return len(self.nodes) - 1

    def theorem(self, name: str, node: int, sequent: str) -> None:
        given, statement = self.sequent(sequent)
        self.theorems.append([name, node, statement, given])

    def data(self) -> dict[str, Any]:
        return {"terms": self.rows, "nodes": self.nodes, "theorems": self.theorems}

    def bytes(self) -> bytes:
        return json.dumps(self.data()).encode()


def step(rule: str, premises: list[str], sequent: str, extra: Any = None) -> bytes:
    """One inference, from premises that stand there unproved."""
    book = Book()
    before = [book.node("assume", [], p) for p in premises]
    book.node(rule, before, sequent, extra)
    return book.bytes()
