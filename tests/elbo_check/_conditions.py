# ruff: noqa: S102
"""Delete each condition of the checker, one at a time: does a step notice?

    python -m tests.elbo_check._conditions

Conditions are the statements that refuse (`need(..)`, `s.demand(..)`, `s.equal(..)`, ...) in the files of rules, and the
judges' needs. Prints those that no step notices; the exit status is their number.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from elbo_check import rules_algebra, rules_logic, rules_sums, rules_values
from elbo_check.replay import deep
from tests.elbo_check._steps import STEPS
from tests.elbo_check.test_steps import verdict

MODULES = [rules_logic, rules_algebra, rules_sums, rules_values]


def conditions(tree: ast.AST) -> list[ast.Expr]:
    """Calls that stand as statements of their own: what they return is not used, so all they do is refuse."""
    return [n for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Call)]


# Belts: what is refused anyhow, by the shape of a term or because a name of the checker's own cannot be in H. Kept since the rules
# says them, or for a message.
BELTS = [
    "no_premise",
    "nothing_to_join",
    "measured(",
    "not_a_variable",
    "the_inner_range",
    "the_range_of_the_sum",
    "not_a_point_of_R^d",
    "not_an_integral_over_R^d",
    "not_at_a_variable_of_its_own",
    "the_range_depends_on",
    "has_a_parameter",
    "not_a_function_of_a_real",
    "not_a_sum_from_a_number",
    "form.needs",
    "d.needs",
    "no_such_citation",
    "not_at_a_variable_of_the_sort",
    "for_every_value(thm",
    "another_index_at_another_point",
    "not_a_polynomial_in",
    "nothing_is_known",
    "well_formed(p)",
]


def rule_of(tree: ast.Module, line: int) -> str:
    inside = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.lineno <= line <= (f.end_lineno or 0)]
    return inside[0].name if inside and inside[0].name in rules_logic.RULES else ""


def survivors(module: ModuleType) -> list[str]:
    """The conditions of one file of rules that no step notices."""
    out = []
    path = Path(str(module.__file__))
    source = path.read_text(encoding="utf-8")
    reaching = steps_by_condition(module, source)
    for i in range(len(conditions(ast.parse(source)))):
        tree = ast.parse(source)
        target = conditions(tree)[i]
        text = " ".join((ast.get_source_segment(source, target) or "").split())
        if any(belt.replace("_", " ") in text or belt in text for belt in BELTS):
            continue
        rule = rule_of(tree, target.lineno)
        target.value = ast.Constant(None)
        with changed(module, tree):
            if not any(noticed(step) for step in reaching[i] if not rule or step[1] == rule):
                out.append(f"{path.name}:{target.lineno}: {text[:110]}")
    return out


def steps_by_condition(module: ModuleType, source: str) -> list[list[tuple[Any, ...]]]:
    """The steps that come to each condition: no other can notice that it is gone."""
    tree, reached = ast.parse(source), set[int]()
    every = conditions(tree)
    found: list[list[tuple[Any, ...]]] = [[] for _ in every]
    for i, condition in enumerate(every):
        here = ast.parse(f"_reached({i})", mode="eval").body
        condition.value = ast.Tuple([here, condition.value], ast.Load())
    with changed(module, tree, _reached=reached.add):
        for step in STEPS:
            reached.clear()
            noticed(step)
            for i in reached:
                found[i].append(step)
    return found


@contextmanager
def changed(module: ModuleType, tree: ast.Module, **names: object) -> Iterator[None]:
    """The module run again, from another tree."""
    saved, rules, table = dict(vars(module)), dict(rules_logic.RULES), rules_logic.RULES
    try:
        vars(module).update(names)
        exec(compile(ast.fix_missing_locations(tree), str(module.__file__), "exec"), vars(module))
        table.update(vars(module).get("RULES", {}))  # rules_logic makes a table of its own
        yield
    finally:
        for name in names:
            del vars(module)[name]
        vars(module).update(saved)
        table.update(rules)


def noticed(step: tuple[Any, ...]) -> bool:
    """Whether a step is judged otherwise than it should be."""
    true, rule, premises, sequent, extra, _ = step
    return (verdict(rule, premises, sequent, extra) == "") != true


if __name__ == "__main__":
    left = [line for module in MODULES for line in deep(lambda m=module: survivors(m))]
    print("\n".join(left) or "every condition is noticed")
    sys.exit(min(len(left), 100))
