"""The tests of the rules find what is planted: a condition that is gone, an inference that is changed."""

from collections import Counter
from types import ModuleType

import pytest

from elbo_check.load import Node
from elbo_check.replay import deep
from tests.elbo_check._conditions import MODULES, survivors
from tests.elbo_check._dsl import step
from tests.elbo_check._mutants import mutants
from tests.elbo_check._steps import STEPS


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.split(".")[-1])
def test_every_condition_is_noticed(module: ModuleType) -> None:
    assert not deep(lambda: survivors(module))


def test_changed_inferences_are_refused() -> None:
    """A changed equation never passes, but where algebra alone decides. Other survivors are true: a multiple that converges
    too, a sign that is known anyhow."""
    tried, refused, left = Counter[str](), Counter[str](), list[tuple[str, Node]]()
    for seed, (true, rule, premises, sequent, extra, _) in enumerate(STEPS):
        if true:
            one = deep(lambda: mutants(step(rule, premises, sequent, extra), seed, each=6))  # noqa: B023 - runs here
            tried, refused, left = tried + one[0], refused + one[1], left + one[2]
    assert sum(refused.values()) > 0.9 * sum(tried.values()) > 700
    wrong = [(kind, node) for kind, node in left if node.goal.op == "=" and node.rule not in ("algebra", "write_out")]
    assert not wrong
