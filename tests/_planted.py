"""Verdicts for tests: theorems that nobody proved, proofs that are handed in, and statements about them."""

import importlib.util

import pytest
from sympy import Rational, Symbol, log

from derivations._kernel import algebra, assume
from derivations._language.notation import Normal, same, z
from derivations._language.verdicts import Theorem

flint = pytest.mark.skipif(not importlib.util.find_spec("flint"), reason="python-flint is not installed")

mean_q, mean_p = Symbol("mean_q", real=True), Symbol("mean_p", real=True)
std_q, std_p = Symbol("std_q", positive=True), Symbol("std_p", positive=True)
a, b = Symbol("a", real=True), Symbol("b", positive=True)
q, p = Normal(z, mean_q, std_q**2), Normal(z, mean_p, std_p**2)
closed = log(std_p / std_q) + (std_q**2 + (mean_q - mean_p) ** 2) / (2 * std_p**2) - Rational(1, 2)
square = same((a + b) ** 2, a**2 + 2 * a * b + b**2)
SQUARE = algebra(*square.args)


def theorem(statement, **data):
    """A theorem that nobody proved: its proof assumes it."""

    def planted():
        return assume(statement)

    return Theorem(statement, planted, "planted", **data)


def proved(statement, thm, **data):
    def planted():
        return thm

    return Theorem(statement, planted, "planted", **data)
