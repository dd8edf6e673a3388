"""Formulas in print: what differs looks different, and brackets stand where they must."""

import pytest
import sympy as sp
from sympy import IndexedBase, Symbol

from derivations._language.chapters import verdicts
from derivations._language.printing import latex, text
from derivations._language.verdicts import Counterexample, Theorem

PROOFS = {v.name: v for v in verdicts() if isinstance(v, Theorem | Counterexample)}


@pytest.mark.parametrize("name", PROOFS)
def test_different_symbols_are_printed_differently(name):
    """A reader cannot tell a mean that moves from one that is held still if both are printed as the same letter."""
    verdict = PROOFS[name]
    parts = [verdict.statement, *verdict.given]
    vectors = {base.label for part in parts for base in part.atoms(IndexedBase)}  # z and its samples z_1, z_2, ...
    symbols = {symbol for part in parts for symbol in part.atoms(Symbol)} - vectors
    assert len({latex(symbol) for symbol in symbols}) == len(symbols)


def test_what_a_sum_adds_up_is_in_brackets():
    n, N = sp.symbols("n N", integer=True, positive=True)
    w = sp.Function("w(n)", positive=True)(n)
    assert text(sp.Sum(n * w, (n, 1, N)) + 1) == "Σ_{n=1..N} (n*w(n)) + 1"
    assert text(sp.Sum(w, (n, 1, N)) / (N + 1)) == "(Σ_{n=1..N} w(n))/(N + 1)"
