"""Symbols of which only their place in a function is used: they print as points of any set, though the certificate has a number.

Where `x` stands nowhere but in `p(x, z)`, as it is, the theorem holds for the x of any set X. Suppose that it failed at some points of
X. Map the real numbers to X so that these points are reached, and read each function of X along the map: the hypotheses, which say
something of all points or of these, stay true, and the theorem would fail for numbers. So no integral, sum or derivative may run over
the place, no bound be put on it, and nothing but such symbols stand there.
"""

from __future__ import annotations

from collections.abc import Iterable

from derivations._language.certificate import Row
from derivations._reading.names import inside

Node = tuple[object, ...]
Nodes = tuple[Node, ...]  # of the enclosing bound variables, innermost first


def labels(rows: Iterable[Row]) -> set[str]:
    """The names of the free real symbols that could be points of any set."""
    found = _Places()
    for row in rows:
        found.walk(row, ())
    return {str(node[1]) for node in found.linked if node[0] == "v" and not found.is_number(node)}


class _Places:
    """Which symbols and which places of functions go together, and which of them are used as numbers."""

    def __init__(self) -> None:
        self.linked: dict[Node, set[Node]] = {}
        self.numbers: set[Node] = set()
        self._bound = 0

    def walk(self, row: Row, env: Nodes) -> None:
        match row.parts:
            case ("v" | "b", *_):
                self.numbers.add(self._node(row, env))
            case ("f", name, value, *args):
                for j, arg in enumerate(args):
                    self._put(arg, ("f", name, value, len(args), j), env)
        for below, over in inside(row):
            if row.parts[0] != "f" or below.parts[0] not in ("v", "b"):
                self.walk(below, (*(self._bind(row.parts[0], sort, ends) for _, sort, ends in over), *env))

    def is_number(self, node: Node) -> bool:
        """Whether it, or anything that goes together with it, is used as a number."""
        seen, stack = set[Node](), [node]
        while stack:
            one = stack.pop()
            if one not in seen:
                seen.add(one)
                stack += self.linked.get(one, ())
        return not seen.isdisjoint(self.numbers)

    def _put(self, arg: Row, place: Node, env: Nodes) -> None:
        if arg.parts[0] in ("v", "b"):
            node = self._node(arg, env)
            self.linked.setdefault(node, set()).add(place)
            self.linked.setdefault(place, set()).add(node)
        else:
            self.numbers.add(place)

    def _node(self, row: Row, env: Nodes) -> Node:
        if row.parts[0] == "b":
            return env[row.parts[1]]
        node = ("v", row.parts[1])
        if row.parts[2] != "real":
            self.numbers.add(node)
        return node

    def _bind(self, head: str, sort: object, ends: object) -> Node:
        """A variable that is bound: by "for every real number" it stays a point of any set."""
        self._bound += 1
        node = ("b", self._bound)
        if head != "all" or sort != "real" or ends:
            self.numbers.add(node)
        return node
