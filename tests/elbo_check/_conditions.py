# ruff: noqa: S102
"""Delete each condition of the checker, one at a time: does a step notice?

    python -m tests.elbo_check._conditions

Conditions are the statements that refuse (`need(..)`, `s.demand(..)`, `s.equal(..)`, ...) in the files of rules, and the
judges' needs. Prints those that no step notices; the exit status is their number.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from types import ModuleType

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
    for i in range(len(conditions(ast.parse(source)))):
        tree = ast.parse(source)
        target = conditions(tree)[i]
        text = " ".join((ast.get_source_segment(source, target) or "").split())
        if any(belt.replace("_", " ") in text or belt in text for belt in BELTS):
            continue
        rule = rule_of(tree, target.lineno)
        target.value = ast.Constant(None)
        saved, rules = dict(vars(module)), dict(rules_logic.RULES)
        table = rules_logic.RULES
        try:
            exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), vars(module))
            table.update(vars(module).get("RULES", {}))  # rules_logic makes a table of its own
            if not noticed(rule):
                out.append(f"{path.name}:{target.lineno}: {text[:110]}")
        finally:
            vars(module).update(saved)
            table.update(rules)
    return out


def noticed(rule: str) -> bool:
    return any((verdict(r, p, s, e) == "") != true for true, r, p, s, e, _ in STEPS if not rule or r == rule)


if __name__ == "__main__":
    left = [line for module in MODULES for line in deep(lambda m=module: survivors(m))]
    print("\n".join(left) or "every condition is noticed")
    sys.exit(min(len(left), 100))
