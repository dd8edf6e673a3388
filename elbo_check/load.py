"""Reading a certificate: bytes to terms, with every type, number and name checked. Nothing here is clever."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from elbo_check.notation import template
from elbo_check.props import well_formed
from elbo_check.terms import BINDERS, RELATIONS, Refused, Sort, Term, check_sort, forget, mk, need

BYTES, ROWS, NODES, THEOREMS = 16_000_000, 200_000, 100_000, 10_000
RESERVED = "#!?%"


class Node(NamedTuple):
    rule: str
    premises: list[int]
    goal: Term
    hyps: tuple[Term, ...]
    extra: Any


class Theorem(NamedTuple):
    name: str
    node: int
    statement: Term
    given: tuple[Term, ...]


class Certificate(NamedTuple):
    nodes: list[Node]
    theorems: list[Theorem]


def parse(data: bytes) -> Any:
    """JSON with whole numbers only, and no key twice."""

    def no(what: str) -> NoReturn:
        raise Refused(f"not a number of a certificate: {what[:30]}")

    def whole(text: str) -> int:
        return int(text) if len(text) <= 9 else no(text)

    def unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len({k for k, _ in items}) == len(items), "a key twice")
        return dict(items)

    need(len(data) <= BYTES, "the file is too large")
    try:
        text = data.decode("utf-8")
        return json.loads(text, parse_int=whole, parse_float=no, parse_constant=no, object_pairs_hook=unique)
    except RecursionError:
        raise Refused("the file nests too deeply") from None
    except ValueError as why:
        raise Refused(f"not JSON: {str(why)[:100]}") from None


def is_list(x: Any, what: str, limit: int = ROWS) -> list[Any]:
    need(type(x) is list, "{} is not a list", what)
    need(len(x) <= limit, "{} is too long", what)
    return list(x)


def is_number(x: Any, what: str, below: int) -> int:
    need(type(x) is int, "{} is not a whole number", what)
    need(0 <= x < below, "{} is out of range", what)
    return int(x)


def is_name(x: Any, what: str, empty: bool = False) -> str:
    need(type(x) is str and (empty or x) and len(x) <= 100, "{} is not a name", what)
    need(x[:1] == "" or x[0] not in RESERVED, "{} is a reserved name", what)
    need(x.isascii() and x.isprintable(), "{} is not printable ASCII", what)
    return str(x)


class Reader:
    """Rows to terms."""

    def __init__(self) -> None:
        self.terms: list[Term] = []
        self.props = set[Term]()  # that are known to be well formed

    def term(self, i: Any) -> Term:
        return self.terms[is_number(i, "a row", len(self.terms))]

    def closed(self, i: Any) -> Term:
        t = self.term(i)
        need(t.high == 0 and t.kind in ("number", "point"), "not a closed term: {}", t)
        return t

    def prop(self, i: Any) -> Term:
        p = self.term(i)
        if p not in self.props:
            need(p.kind == "prop" and p.high == 0, "not a closed proposition: {}", p)
            well_formed(p)
            self.props.add(p)
        return p

    def sort(self, x: Any) -> Sort:
        if type(x) is list:
            need(len(x) == 2 and x[0] == "^", "not a sort")
            s: Sort = ("^", self.term(x[1]))
        else:
            s = is_name(x, "a sort")
        check_sort(s)
        return s

    def range(self, x: Any) -> tuple[str, Sort, list[Term]]:
        need(len(is_list(x, "a range", 4)) >= 2, "a range has a name and a sort")
        hint, sort, *ends = x
        return is_name(hint, "a hint", empty=True), self.sort(sort), [self.term(e) for e in ends]

    def row(self, x: Any) -> Term:
        op, *rest = is_list(x, "a row") or [None]
        need(type(op) is str, "a row begins with a word")
        if op == "q":
            need(len(rest) == 1 and type(rest[0]) is str and len(rest[0]) <= 300, "not a rational")
            need(re.fullmatch(r"-?[0-9]+(/0*[1-9][0-9]*)?", rest[0], re.ASCII), "not a rational: {}", rest[0][:30])
            return mk("q", Fraction(rest[0]))
        if op == "b":
            need(len(rest) == 1, "an index has one number")
            return mk("b", is_number(rest[0], "an index", 1000))
        if op in ("v", "f", *BINDERS):
            need(len(rest) >= 2, "a name and a sort are missing")
            name, sort = is_name(rest[0], "a name", empty=op in BINDERS), self.sort(rest[1])
            return mk(op, (name, sort), *map(self.term, rest[2:]))
        if op == "n":
            need(len(rest) >= 2 and type(rest[0]) is str, "a notation lacks parts")
            ranges = [self.range(r) for r in is_list(rest[1], "the ranges of a notation", 9)]
            ends = [e for *_, pair in ranges for e in pair]
            t = mk("n", (rest[0], tuple((h, s, len(e)) for h, s, e in ranges)), *ends, *map(self.term, rest[2:]))
            template(t)
            return t
        need(op in (*RELATIONS, *PLAIN), "no such term: {}", op[:30])
        return mk(op, None, *map(self.term, rest))


PLAIN = ("pi", "oo", "-oo", "+", "*", "^", "exp", "log", "abs", "at", "conv", "joint", "inf")


# --- what each rule is told besides ---------------------------------------------------------------------------------
def _rows(n: int, *loose: int) -> Callable[[Reader, Any], Any]:
    """n rows; those at the places `loose` may have a dangling index."""

    def decode(r: Reader, x: Any) -> list[Term]:
        need(len(is_list(x, "extra")) == n, "extra has {} parts", n)
        return [r.term(i) if j in loose else r.closed(i) for j, i in enumerate(x)]

    return decode


def _pairs(r: Reader, x: Any) -> list[list[Term]]:
    return [_rows(2)(r, pair) for pair in is_list(x, "extra", 1000)]


def _functions(r: Reader, x: Any) -> list[tuple[str, Sort, int, Term]]:
    out = []
    for f in is_list(x, "extra", 1000):
        need(len(is_list(f, "a function")) == 4, "a function has 4 parts")
        out.append((is_name(f[0], "a function"), r.sort(f[1]), is_number(f[2], "the arguments", 1000), r.term(f[3])))
    return out


def _space(r: Reader, x: Any) -> tuple[Term, tuple[Any, ...]]:
    need(len(is_list(x, "extra")) == 2, "extra has 2 parts")
    hint, sort, ends = r.range(x[1])
    need(all(e.high == 0 for e in ends), "not a closed range")
    return r.closed(x[0]), (hint, sort, *ends)


ONE: Callable[[Reader, Any], Any] = Reader.closed
EXTRA: dict[str, Callable[[Reader, Any], Any]] = {
    **dict.fromkeys(["for_all", "each", "rearrange", "monotone", "term_of_sum", "vanish", "almost_all"], ONE),
    **dict.fromkeys(["dominated", "between", "diverges", "derivative_of_sum"], ONE),
    **dict.fromkeys(["substitute", "linearity", "combine"], _pairs),
    **dict.fromkeys(["coordinates", "variance_of_sum", "lipschitz", "tangent", "touches_once"], _rows(3)),
    **dict.fromkeys(["change_of_variables", "antiderivative", "telescope"], _rows(2)),
    "coordinate": _rows(4, 3),
    "triangular": _rows(5),
    "instantiate": _functions,
    "on_space": _space,
    "cite": lambda r, x: is_name(x, "a citation"),
}


def load(data: bytes) -> Certificate:
    """The certificate, every part of it well formed; refuses with the place and the reason."""
    forget()
    top = parse(data)
    need(type(top) is dict and set(top) == {"terms", "nodes", "theorems"}, "not an object of terms, nodes and theorems")
    reader = Reader()
    nodes: list[Node] = []
    theorems: list[Theorem] = []
    here = ""
    try:
        for i, x in enumerate(is_list(top["terms"], "terms", ROWS)):
            here = f"row {i}"
            reader.terms.append(reader.row(x))
        for i, x in enumerate(is_list(top["nodes"], "nodes", NODES)):
            here = f"inference {i}"
            nodes.append(_node(reader, i, x))
        names = set[str]()
        for i, x in enumerate(is_list(top["theorems"], "theorems", THEOREMS)):
            here = f"theorem {i}"
            need(len(is_list(x, "a theorem")) == 4, "a theorem has 4 parts")
            name = is_name(x[0], "a theorem's name")
            need(name not in names, "two theorems are called {}", name)
            names.add(name)
            given = tuple(reader.prop(g) for g in is_list(x[3], "given", 300))
            theorems.append(Theorem(name, is_number(x[1], "a node", len(nodes)), reader.prop(x[2]), given))
    except Refused as why:
        raise Refused(f"{here}: {why}" if here else str(why)) from None
    except RecursionError:
        raise Refused(f"{here}: nests too deeply") from None
    return Certificate(nodes, theorems)


def _node(r: Reader, i: int, x: Any) -> Node:
    need(len(is_list(x, "an inference")) in (4, 5), "an inference has 4 or 5 parts")
    need(type(x[0]) is str and len(x[0]) <= 100, "a rule is a name")
    premises = [is_number(p, "a premise", i) for p in is_list(x[1], "premises", 100)]
    hyps = tuple(r.prop(h) for h in is_list(x[3], "hypotheses", 300))
    need((len(x) == 5) == (x[0] in EXTRA), "{} {} extra", x[0], "needs" if x[0] in EXTRA else "has no")
    return Node(x[0], premises, r.prop(x[2]), hyps, EXTRA[x[0]](r, x[4]) if len(x) == 5 else None)
