"""The independent checker is asked of all proofs together, in a process of its own; what it cannot read is singled out."""

import pytest

from derivations._checks.checker import NoVerdict, checked
from derivations._checks.checks import check, state
from derivations._checks.run import asked
from derivations._language.certificate import Draft, assembled, certificate
from derivations._language.chapters import verdicts

NAMED = {v.name: v for v in verdicts()}
GIBBS = NAMED["gibbs"]


def test_a_theorem_that_is_not_what_was_proved_is_refused():
    true = certificate([GIBBS])
    assert checked(true).theorems["gibbs"]["proved"]
    false = {**true, "terms": [*true["terms"], ["q", "1"], ["=", len(true["terms"]), len(true["terms"])]]}
    false["theorems"] = [["gibbs", true["theorems"][0][1], len(false["terms"]) - 1, []]]
    said = checked(false).theorems["gibbs"]
    assert not said["proved"] and "something else" in said["why"]


def test_what_cannot_be_read_is_no_verdict():
    with pytest.raises(NoVerdict):
        checked({"terms": [], "nodes": [], "theorems": [["it", 0, 0, []]]})


def test_one_bad_certificate_does_not_spoil_the_others():
    good, bad = check(NAMED["gibbs"]), check(NAMED["jensen"])
    bad["draft"] = Draft([["no such rule", [], *bad["draft"].nodes[0][2:]]], ["jensen", 0, *bad["draft"].theorem[2:]])
    bad["draft"].theorem[2] = None  # not a row
    reports, _ = asked([good, bad])
    assert [state(r) for r in reports] == ["proved", "prover only"]
    assert "the checker gave no verdict" in reports[1]["checker"]


def test_equal_inferences_of_two_proofs_are_checked_once():
    both = [check(NAMED["gibbs"]), check(NAMED["gibbs_equality"])]
    reports, inferences = asked(both)
    assert max(r["inferences"] for r in reports) <= inferences < sum(r["inferences"] for r in reports)
    assert inferences == len(assembled(r["draft"] for r in both)["nodes"])
