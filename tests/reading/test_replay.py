"""A proof run again line by line, and broken: what a reader sees in the browser, without the browser."""

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading import replay
from derivations._values.sample import places

PROOFS = [v for v in verdicts() if isinstance(v, Theorem | Counterexample)]
FIRST = list({v.module: v for v in reversed(PROOFS)}.values())
BROKEN = ["gibbs", "gaussian_kl", "evidence_decomposition", "jensen"]


def _lines(verdict):
    return {line.id: line for step in replay.outline(verdict).steps for line in step.lines}


def _page(lines):
    return {name: line.tex for name, line in lines.items()}


def _named(name):
    return next(v for v in PROOFS if v.name == name)


@pytest.mark.parametrize("verdict", FIRST, ids=lambda v: v.module)
def test_every_line_is_accepted_again(verdict):
    said, lines = [], _lines(verdict)
    facts = replay.prove(verdict.home, verdict.name, _page(lines), said.append)
    claims = {name for name, line in lines.items() if line.thm}
    assert {row["id"] for row in said} == claims
    assert all(row["accepted"] for row in said)
    assert facts["lines"] == len(claims) and facts["inferences"] >= facts["lines"]


def test_a_formula_that_was_not_proved_is_not_accepted():
    verdict = _named("gibbs")
    page = _page(_lines(verdict))
    wrong = list(page)[-1]
    said = []
    replay.prove(verdict.home, verdict.name, {**page, wrong: page[wrong] + " + 1", "gibbs-99-1": "= 0"}, said.append)
    assert {row["id"] for row in said if not row["accepted"]} == {wrong, "gibbs-99-1"}


@pytest.mark.parametrize("name", BROKEN)
def test_a_turned_sign_is_refused_there_and_in_the_next_line(name):
    verdict = _named(name)
    tried = 0
    for step in replay.outline(verdict).steps:
        claims = [line for line in step.lines if line.thm]
        for line, after in zip(claims, [*claims[1:], None], strict=True):
            if replay.broken(line) is None:
                continue
            found = replay.refuse(verdict.home, name, line.id)
            assert found["tex"] != line.tex
            assert line.id in found["refused"]
            if after:
                assert set(found["refused"]) == {line.id, after.id}
            tried += 1
    assert tried


@pytest.mark.parametrize(
    ("name", "line", "uses"),
    [("gibbs", "gibbs-1-2", "gibbs-2-1"), ("gaussian_kl", "gaussian_kl-1-2", "gaussian_kl-2-2")],
)
def test_a_broken_step_is_refused_where_it_is_used(name, line, uses):
    """The last line of a step, and what leans on the step."""
    assert set(replay.refuse(_named(name).home, name, line)["refused"]) == {line, uses}


@pytest.mark.parametrize("name", BROKEN)
def test_all_that_rests_on_a_broken_line_is_named(name):
    """By the parents of theorems, walked from below; the last step rests on every line of an earlier one that it uses."""
    verdict = _named(name)
    steps = replay.outline(verdict).steps
    lines = {one.id: one for step in steps for one in step.lines if one.thm}

    def above(thm):
        return {id(thm)}.union(*map(above, thm.parents))

    met = {step.met_id: step.met for step in steps}
    for broken, line in lines.items():
        if replay.broken(line) is None:
            continue
        thm = line.thm
        expected = {place for place, other in lines.items() if place != broken and id(thm) in above(other.thm)}
        expected |= {place for place, several in met.items() if any(id(thm) in above(t) for t in several)}
        assert set(replay.refuse(verdict.home, name, broken)["rests"]) == expected


def test_a_line_without_a_sign_cannot_be_broken():
    start = next(line.id for line in _lines(_named("gaussian_kl")).values() if not line.thm)
    for line in (start, "gaussian_kl-99-1"):
        with pytest.raises(ValueError, match="line_id"):
            replay.refuse("gaussians.gaussian_kl", "gaussian_kl", line)


@pytest.mark.parametrize("name", ["gaussian_kl", "kl_is_symmetric", "evidence_decomposition"])
def test_the_numbers_agree_inside_the_hypotheses(name):
    verdict = _named(name)
    rows = []
    replay.numbers(verdict.home, name, rows.append)
    replay.balls(verdict.home, name, rows.append)
    assert {row["way"] for row in rows} == {"mpmath", "balls"}
    assert any("reads" in row for row in rows) and all(row["holds"] for row in rows if "reads" in row)
    inside = {str(place.point) for place in places(verdict)}
    assert {row["point"] for row in rows} <= inside
