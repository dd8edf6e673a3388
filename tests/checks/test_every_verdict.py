"""Every verdict passes every check. No derivation is named here: what stands in the folder is what is tested.

`make test` comes here after `make build/verify.json`, which has run these checks on these sources with these libraries: then
its reports are read. If there are none, the checks are run here.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derivations._checks.checks import CHECKS, check
from derivations._checks.mutate import FEWEST
from derivations._checks.run import backends
from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.book import NoEvidence, evidence

REPORTS = Path(__file__).parents[2] / "build" / "verify.json"
PROOFS = {v.name: v for v in verdicts() if isinstance(v, Theorem | Counterexample)}


@cache
def reports() -> Mapping[str, Mapping[str, Any]]:
    try:
        run = evidence(REPORTS)
    except NoEvidence:
        return {}
    return {r["name"]: r for r in run["verdicts"]} if run["totals"]["backends"] == backends() else {}


@pytest.mark.parametrize("name", PROOFS)
def test_passes_every_check(name: str) -> None:
    verdict = PROOFS[name]
    report = reports().get(name) or check(verdict)
    outcomes = {c: report[c] for c in CHECKS}
    for outcome in outcomes.values():
        assert outcome == "passed" or outcome.startswith(("not applicable: ", "not run: ")), outcomes
    assert outcomes["proof"] == outcomes["quadrature"] == "passed"
    if isinstance(verdict, Theorem):
        mutants = report["mutants"]  # damaged statements
        assert mutants["survived"] == []
        assert mutants["killed"] + mutants["equivalent"] == mutants["tried"] >= FEWEST
        assert len(mutants["said_again"]) == mutants["equivalent"]
        if verdict.computes:
            assert outcomes["numpy"] == "passed"
            assert outcomes["torch"] == outcomes["gradient"] and not outcomes["torch"].startswith("not applicable")
