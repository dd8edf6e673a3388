"""Derivations in a terminal."""

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.printed import printed
from derivations._reading.show import _formula

PROOFS = [v for v in verdicts() if isinstance(v, Theorem | Counterexample)]


@pytest.mark.parametrize("verdict", PROOFS, ids=lambda v: v.name)
def test_a_formula_breaks_before_a_sign_and_loses_nothing(verdict):
    whole = printed(verdict).text
    lines = _formula(whole, 80, "    ").splitlines()
    assert " ".join(line.strip() for line in lines) == whole
    assert all(len(line) <= 80 for line in lines)
