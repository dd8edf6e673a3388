"""Formulas in messages: brackets stand where they must."""

import sympy as sp

from derivations._language.printing import text


def test_what_a_sum_adds_up_is_in_brackets():
    n, N = sp.symbols("n N", integer=True, positive=True)
    w = sp.Function("w(n)", positive=True)(n)
    assert text(sp.Sum(n * w, (n, 1, N)) + 1) == "Σ_{n=1..N} (n*w(n)) + 1"
    assert text(sp.Sum(w, (n, 1, N)) / (N + 1)) == "(Σ_{n=1..N} w(n))/(N + 1)"
