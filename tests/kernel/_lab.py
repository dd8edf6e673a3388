"""Symbols, short names and questions that the tests of the kernel share."""

from pathlib import Path

import pytest
import sympy as sp

from derivations._kernel import Notation, ProofError, assume, rearrange, sign

ROOT = Path(__file__).parents[2]
oo, exp, log = sp.oo, sp.exp, sp.log
Integral, Sum, Product, Lambda, Derivative = sp.Integral, sp.Sum, sp.Product, sp.Lambda, sp.Derivative
one, two, zero = sp.Integer(1), sp.Integer(2), sp.Integer(0)
u, v = sp.symbols("u v")
x, y, z, w = sp.symbols("x y z w", real=True)
s, t = sp.symbols("s t", positive=True)
m, n, i = sp.symbols("m n i", integer=True)
k, N = sp.symbols("k N", integer=True, positive=True)
f, g, h = (sp.Function(name, real=True) for name in "fgh")
p, q = (sp.Function(name, positive=True) for name in "pq")
line = (z, -oo, oo)
bell = exp(-(z**2))
us = sp.Symbol("us", real=True)  # a point of R^N or of R^2
U, V = sp.IndexedBase(us, shape=(N,)), sp.IndexedBase(us, shape=(2,))
independent = Product(q(i, U[i]), (i, 1, N))


def eq(a, b):
    return sp.Eq(a, b, evaluate=False)


def ge(a, b):
    return sp.Ge(a, b, evaluate=False)


def refused(says=None):
    return pytest.raises(ProofError, match=says)


def at_least(a, b):
    """|- a >= b for two numbers."""
    a, b = map(sp.sympify, (a, b))
    return rearrange(sign(a - b), a, b)


def canonical(prop):
    return assume(prop).prop


class HiddenSymbol(Notation):
    def definition(self):
        return x
