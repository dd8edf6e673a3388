"""Every rule: true inferences are accepted, false ones refused. The steps stand in `_steps_*.py`."""

from collections import Counter

import pytest

from elbo_check.load import load
from elbo_check.replay import check_node, deep
from elbo_check.rules_logic import RULES
from elbo_check.terms import Refused
from tests.elbo_check._dsl import step
from tests.elbo_check._steps import STEPS


def verdict(rule: str, premises: list[str], sequent: str, extra: object) -> str:
    """Why the inference is refused; "" if it is accepted."""
    try:
        nodes = load(step(rule, premises, sequent, extra)).nodes
    except Refused as why:
        return f"does not load: {why}"
    return check_node(nodes[-1], nodes)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_steps(rule: str) -> None:
    mine = [s for s in STEPS if s[1] == rule]
    assert any(true for true, *_ in mine) and sum(not true for true, *_ in mine) >= 3
    wrong = []
    for true, _, premises, sequent, extra, why in mine:
        got = deep(lambda p=premises, s=sequent, e=extra: verdict(rule, p, s, e))
        if true and got:
            wrong.append(f"true, but refused: {premises} {sequent}: {got}")
        if not true and not got:
            wrong.append(f"false ({why}), but accepted: {premises} {sequent}")
        if not true and "Error" in got:
            wrong.append(f"refused by accident: {premises} {sequent}: {got}")
    assert not wrong, "\n".join(wrong)


FALSEHOODS = [
    "(= 0 1)",
    "(>= 0 1)",
    "(> 0 0)",
    "(!= 0 0)",
    "(<= 1 0)",
    "(< 0 0)",
    "(conv (int u (h_:real u)))",
    "(inf (sum n 1 oo (^ 2 (* -1 n))))",
]
FALSEHOODS += [
    "(joint (int u (int v (h_:real u v))))",
    "(dom t (int u (h_:real t u)))",
    "(slope t x (abs t) 1)",
    "(all x (= x 0))",
    "(ae x (= x 0))",
]


def test_no_rule_concludes_something_else() -> None:
    """What every true step has, with a false conclusion: each rule states the form of its conclusion."""
    accepted = []
    for true, rule, premises, sequent, extra, _ in STEPS:
        before, bar, after = sequent.rpartition("|-")
        others = (
            [f"(>= {after.strip()[3:]}", f"(!= {after.strip()[3:]}", f"(< {after.strip()[3:]}"]
            if after.strip()[:3] == "(= "
            else []
        )
        for goal in [*FALSEHOODS, *others] if true else []:
            if not deep(lambda p=premises, r=rule, e=extra, t=f"{before}{bar} {goal}": verdict(r, p, t, e)):
                accepted.append(f"{rule}: {premises} {before}{bar} {goal}")
    assert not accepted, "\n".join(accepted)


def test_no_hypothesis_is_idle() -> None:
    """Every hypothesis of a true step, dropped: refused."""
    accepted = []
    for true, rule, premises, sequent, extra, _ in STEPS:
        before, bar, after = sequent.rpartition("|-")
        hyps = before.split(" , ") if true and bar and before.strip() else []
        for i in range(len(hyps)):
            fewer = f"{' , '.join(hyps[:i] + hyps[i + 1 :])} |- {after}"
            if not deep(lambda p=premises, r=rule, e=extra, t=fewer: verdict(r, p, t, e)):
                accepted.append(f"{rule}: {premises} {fewer}")
    assert not accepted, "\n".join(accepted)


def test_a_rule_without_premises_has_none() -> None:
    accepted = []
    for true, rule, premises, sequent, extra, _ in STEPS:
        none = true and not premises and rule not in ("rewrite", "chain")
        if none and not deep(lambda r=rule, s=sequent, e=extra: verdict(r, ["|- (= 0 1)"], s, e)):
            accepted.append(sequent)
    assert not accepted


def test_there_are_many_false_steps() -> None:
    count = Counter(rule for true, rule, *_ in STEPS if not true)
    assert sum(count.values()) >= 400, count
