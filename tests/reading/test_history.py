"""The history of the theorems names every verdict once, and none that is not there."""

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Remark
from derivations._reading.history import Change, changes, faults
from derivations._reading.moved import GONE

KNOWN = [v.name for v in verdicts() if not isinstance(v, Remark)]
WHOLE = [Change("2026-12-01", "withdrawn", ["c"]), Change("2026-11-30", "added", ["a", "b", "c"])]


def test_every_verdict_is_in_the_history_once():
    assert faults(changes(), KNOWN, GONE) == []
    assert len(KNOWN) > 300


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (WHOLE, None),
        ([WHOLE[0], Change("2026-11-30", "added", ["a", "c"])], "b is not in history.toml"),
        ([*WHOLE, Change("2026-11-29", "added", ["a"])], "a is added 2 times"),
        ([*WHOLE, Change("2026-11-29", "corrected", ["d"])], "d is corrected and no verdict is called so"),
        ([*WHOLE, Change("2026-11-29", "polished", ["a"])], "'polished': none of"),
        (WHOLE[::-1], "stands below an older one"),
        (WHOLE[1:], "c is not withdrawn"),
        ([Change("2026-12-02", "withdrawn", ["a"]), *WHOLE], "a is withdrawn"),
    ],
)
def test_what_disagrees_with_the_book_is_said(found, says):
    said = faults(found, ["a", "b"], ["c"])
    assert any(says in line for line in said) if says else said == []
