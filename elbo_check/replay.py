"""Replaying a certificate: which inferences follow by their rules, which theorems stand, and what they cite."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from elbo_check import rules_algebra, rules_sums, rules_values
from elbo_check.load import Certificate, Node, Theorem, load
from elbo_check.props import Hyps, alike
from elbo_check.rules_logic import RULES
from elbo_check.step import Step, Thm
from elbo_check.terms import Budget, Refused, Term, need

GROUPS = (rules_algebra, rules_sums, rules_values)  # importing them fills RULES
T = TypeVar("T")


class Verdict(NamedTuple):
    """Of a theorem: why it is refused ("" if it is accepted), how many inferences it rests on, what it cites."""

    name: str
    why: str
    inferences: int
    cites: tuple[str, ...]


class Report(NamedTuple):
    verdicts: list[Verdict]
    refused: dict[int, str]  # inference: why
    rules: list[str]  # of each inference

    @property
    def accepted(self) -> bool:
        return not self.refused and all(not v.why for v in self.verdicts)


def check_node(node: Node, nodes: list[Node]) -> str:
    """Why the inference does not follow; "" if it does."""
    Budget.step = 0
    try:
        need(node.rule in RULES, "no such rule")
        premises = [Thm(nodes[p].goal, nodes[p].hyps) for p in node.premises]
        RULES[node.rule](Step(premises, node.goal, node.hyps, node.extra))
    except Refused as why:
        return str(why)
    except RecursionError:
        return "nests too deeply"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, AssertionError) as why:
        return f"not of the form of the rule ({type(why).__name__}: {str(why)[:100]})"
    return ""


def below(nodes: list[Node], top: int) -> list[int]:
    """The inferences that one rests on, itself included."""
    seen, stack = {top}, [top]
    while stack:
        for p in nodes[stack.pop()].premises:
            if p not in seen:
                seen.add(p)
                stack.append(p)
    return sorted(seen)


def stands(theorem: Theorem, nodes: list[Node], refused: dict[int, str], rests: list[int]) -> str:
    """Why the theorem is not proved; "" if it is."""
    for i in rests:
        if i in refused:
            return f"inference {i} ({nodes[i].rule}): {refused[i]}"
    node = nodes[theorem.node]
    try:
        need(alike(node.goal, theorem.statement), "its last inference proves something else: {}", node.goal)
        given = Hyps(theorem.given)
        for h in node.hyps:
            need(given.has(h), "a hypothesis is not given: {}", h)
        one_name_one_symbol([theorem.statement, *theorem.given])
    except Refused as why:
        return str(why)
    return ""


def one_name_one_symbol(props: list[Term]) -> None:
    symbols: dict[str, object] = {}
    for p in props:
        for name, symbol in [*((v.data[0], v) for v in p.free), *((f[0], f) for f in p.heads)]:
            need(symbols.setdefault(name, symbol) == symbol, "two different symbols are called {}", name)


def replay(cert: Certificate, only: str | None = None) -> Report:
    """Check every inference, or those below one theorem."""
    nodes = cert.nodes
    theorems = [t for t in cert.theorems if only is None or t.name == only]
    need(theorems or only is None, "no theorem is called {}", only)
    rests = {t.name: below(nodes, t.node) for t in theorems}
    wanted = range(len(nodes)) if only is None else rests[only]
    refused = {i: why for i in wanted if (why := check_node(nodes[i], nodes))}
    verdicts = []
    for t in theorems:
        cites = sorted({str(nodes[i].extra) for i in rests[t.name] if nodes[i].rule == "cite"})
        why = stands(t, nodes, refused, rests[t.name])
        verdicts.append(Verdict(t.name, why, len(rests[t.name]), tuple(cites)))
    return Report(verdicts, refused, [nodes[i].rule for i in wanted])


def check(data: bytes, only: str | None = None) -> Report:
    """The whole program: load and replay."""
    return deep(lambda: replay(load(data), only))


def deep(f: Callable[[], T]) -> T:
    """Run f with room for recursion."""
    out: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            out.append(f())
        except BaseException as why:  # noqa: BLE001 - raised again below
            errors.append(why)

    limit, size = sys.getrecursionlimit(), threading.stack_size(512 * 1024 * 1024)
    sys.setrecursionlimit(20_000)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if errors:
        raise errors[0]
    return out[0]
