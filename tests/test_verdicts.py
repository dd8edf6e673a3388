"""Every verdict passes every check. No derivation is named here: what stands in the folder is what is tested."""

from functools import cache

import pytest

from derivations._checks.checks import CHECKS, check
from derivations._checks.mutate import FEWEST
from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem

PROOFS = {v.name: v for v in verdicts() if isinstance(v, Theorem | Counterexample)}
THEOREMS = [name for name, v in PROOFS.items() if isinstance(v, Theorem)]


@cache
def report(name):
    """The checks of one verdict, run once for all tests about it."""
    return check(PROOFS[name])


@pytest.mark.parametrize("name", PROOFS)
def test_passes_every_check(name):
    outcomes = {c: report(name)[c] for c in CHECKS}
    for outcome in outcomes.values():
        assert outcome == "passed" or outcome.startswith(("not applicable: ", "not run: ")), outcomes
    assert outcomes["proof"] == outcomes["quadrature"] == "passed"


@pytest.mark.parametrize("name", THEOREMS)
def test_damaged_statements_are_caught(name):
    mutants = report(name)["mutants"]
    assert mutants["survived"] == []
    assert mutants["killed"] + mutants["equivalent"] == mutants["tried"] >= FEWEST
    assert len(mutants["said_again"]) == mutants["equivalent"]


@pytest.mark.parametrize("name", [name for name in THEOREMS if PROOFS[name].computes])
def test_licensed_functions_are_compared(name):
    assert report(name)["numpy"] == "passed"
    assert report(name)["torch"] == report(name)["gradient"] != "not applicable"


def test_names_are_unique():
    names = [v.name for v in verdicts()]
    assert len(names) == len(set(names))
