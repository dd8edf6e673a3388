"""A verdict takes a theorem and nothing else, and in time."""

import time
from types import SimpleNamespace

import pytest

from derivations._kernel import ProofError, assume, sign
from derivations._language import verdicts
from derivations._language.verdicts import theorem, time_limit
from tests.kernel._lab import eq, ge, one, refused, two, x, zero


@pytest.mark.parametrize("seconds", [0.05])
def test_a_proof_that_hangs_fails_by_name(seconds, monkeypatch):
    def hangs():
        while True:
            time.sleep(0.01)

    started = time.monotonic()
    with refused(f"sleepy: no result within {seconds} s"), time_limit(seconds, "sleepy"):
        hangs()
    monkeypatch.setattr(verdicts, "TIME_LIMIT", seconds)
    with refused("hangs: no result"):
        _ = theorem(ge(x, 1), "a title")(hangs).thm
    assert time.monotonic() - started < 5
    with time_limit(seconds, "quick"):
        pass
    time.sleep(2 * seconds)  # no alarm is left behind


def test_a_proof_cannot_swallow_its_time_limit():
    def stubborn():
        for _ in range(50):
            try:
                time.sleep(0.01)
            except ProofError:
                continue

    with pytest.raises((ProofError, TimeoutError)), time_limit(0.05, "stubborn"):
        stubborn()


def test_a_verdict_takes_only_theorems():
    with pytest.raises((TypeError, ProofError)):
        _ = theorem(eq(0, 1), "a title")(lambda: SimpleNamespace(prop=eq(zero, one), hyps=frozenset())).thm
    with refused("ends at"):
        _ = theorem(ge(two, 1), "a title")(lambda: sign(one)).thm
    with refused("needs more than is given"):
        _ = theorem(ge(x, 1), "a title")(lambda: assume(ge(x, 1))).thm


def test_a_proof_inside_a_proof_leaves_the_outer_alarm_on():
    with refused("outer: no result"), time_limit(0.2, "outer"):
        with time_limit(5, "inner"):
            pass
        time.sleep(1)
