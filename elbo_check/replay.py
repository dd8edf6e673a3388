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
ONE_AT_A_TIME = threading.Lock()
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
        return bool(self.verdicts) and not self.refused and all(not v.why for v in self.verdicts)


def refusal(f: Callable[[], None]) -> str:
    """Why f refuses; "" if it does not. Its work is counted from 0."""
    Budget.step = 0
    try:
        f()
    except Refused as why:
        return str(why)
    except RecursionError:
        return "nests too deeply"
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError, AssertionError) as why:
        return f"not of the form of the rule ({type(why).__name__}: {str(why)[:100]})"
    return ""


def check_node(node: Node, nodes: list[Node]) -> str:
    """Why the inference does not follow; "" if it does."""

    def follows() -> None:
        need(node.rule in RULES, "no such rule")
        premises = [Thm(nodes[p].goal, nodes[p].hyps) for p in node.premises]
        RULES[node.rule](Step(premises, node.goal, node.hyps, node.extra))

    return refusal(follows)


def below(nodes: list[Node], top: int) -> list[int]:
    """The inferences that one rests on, itself included."""
    seen, stack = {top}, [top]
    while stack:
        Budget.spend(1)
        for p in nodes[stack.pop()].premises:
            if p not in seen:
                seen.add(p)
                stack.append(p)
    return sorted(seen)


def verdict(theorem: Theorem, nodes: list[Node], refused: dict[int, str]) -> Verdict:
    """Is the theorem proved, and by what?"""
    node, rests = nodes[theorem.node], list[int]()

    def stands() -> None:
        rests.extend(below(nodes, theorem.node))
        for i in rests:
            need(i not in refused, "inference {} ({}): {}", i, nodes[i].rule, refused.get(i))
        need(alike(node.goal, theorem.statement), "its last inference proves something else: {}", node.goal)
        given = Hyps(theorem.given)
        for h in node.hyps:
            need(given.has(h), "a hypothesis is not given: {}", h)
        one_name_one_symbol([theorem.statement, *theorem.given])

    why = refusal(stands)
    cites = sorted({str(nodes[i].extra) for i in rests if nodes[i].rule == "cite"})
    return Verdict(theorem.name, why, len(rests), tuple(cites))


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
    wanted = range(len(nodes)) if only is None else below(nodes, theorems[0].node)
    refused = {i: why for i in wanted if (why := check_node(nodes[i], nodes))}
    return Report([verdict(t, nodes, refused) for t in theorems], refused, [nodes[i].rule for i in wanted])


def check(data: bytes, only: str | None = None) -> Report:
    """The whole program: load and replay. One certificate at a time: the table of terms is one."""
    with ONE_AT_A_TIME:
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
