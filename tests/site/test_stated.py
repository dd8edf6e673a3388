"""A statement that changed is told in the history of the theorems."""

import json
import os

import pytest

from derivations._reading.history import Change, changes
from tests.site.stated import FILE, RUN, faults, kept, stated

BEFORE = {"a": ("old", 0), "b": ("old", 1)}


@pytest.mark.skipif(not RUN.exists() and not os.environ.get("CI"), reason="no results: run `make build/verify.json`")
def test_every_change_of_a_statement_is_told() -> None:
    reports = json.loads(RUN.read_text(encoding="utf-8"))["verdicts"]
    assert faults(kept(FILE.read_text(encoding="utf-8")), stated(reports, changes())) == []
    assert len(reports) > 300


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (BEFORE, None),
        ({"a": ("new", 0), "b": ("old", 1)}, "a states something else than before: history.toml must say"),
        ({"a": ("old", 0), "b": ("new", 1)}, "b states something else"),  # an older change tells nothing of this one
        ({"a": ("new", 1), "b": ("old", 1)}, "a is not as in stated.txt: run python -m tests.site.stated"),
        ({**BEFORE, "c": ("new", 0)}, None),
        ({"a": ("old", 0)}, "b is not as in stated.txt"),
    ],
)
def test_a_change_that_nobody_tells_is_named(now: dict[str, tuple[str, int]], says: str | None) -> None:
    said = faults(BEFORE, now)
    assert len(said) == 1 and says in said[0] if says else said == []


def test_what_is_only_renamed_or_added_tells_no_change() -> None:
    history = [Change("2026-12-01", "corrected", ["a"], "why"), Change("2026-11-30", "added", ["a", "b"])]
    assert stated([{"name": "a", "says": "x"}, {"name": "b", "says": "y"}], history) == {"a": ("x", 1), "b": ("y", 0)}
