"""The field's notation: densities, expectations and divergences with their definitions.

Every head names its own variable and range, so no letter is reserved: `KL(q(z), p(z), (z, -oo, oo))`. A range is
`(u,)` for a whole measure space, `(z, a, b)` for reals and `(n, a, b)` for integers.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import UndefinedFunction

from derivations._kernel import Notation, total

oo = sp.oo
u, v = sp.symbols("u v")  # points of a measure space, which carry no assumptions; they print as z and y
x, y, z, t = sp.symbols("x y z t", real=True)
k, m, n = sp.symbols("k m n", integer=True, positive=True)
d, K, N = sp.symbols("d K N", integer=True, positive=True)
line = sp.Tuple(z, -oo, oo)
whole = sp.Tuple(u)
states = sp.Tuple(k, 1, K)


def density(letter: str, slots: str) -> UndefinedFunction:
    """An abstract positive density; `density("q", "z|x")` prints as q(z | x) and takes its arguments in that order."""
    return sp.Function(f"{letter}({slots})", positive=True)


def normalised(q: sp.Expr, *over: sp.Tuple) -> sp.Basic:
    """`q integrates to one`, as a hypothesis."""
    return sp.Eq(total(q, *over), 1, evaluate=False)


def same(lhs: sp.Expr, rhs: sp.Expr) -> sp.Basic:
    """The equality as a statement, which SymPy does not evaluate."""
    return sp.Eq(lhs, rhs, evaluate=False)


def at_least(lhs: sp.Expr, rhs: sp.Expr) -> sp.Basic:
    """The inequality lhs >= rhs as a statement, which SymPy does not evaluate."""
    return sp.Ge(lhs, rhs, evaluate=False)


def above(lhs: sp.Expr, rhs: sp.Expr) -> sp.Basic:
    """The inequality lhs > rhs as a statement, which SymPy does not evaluate."""
    return sp.Gt(lhs, rhs, evaluate=False)


def differs(lhs: sp.Expr, rhs: sp.Expr) -> sp.Basic:
    """lhs != rhs as a statement, which SymPy does not evaluate."""
    return sp.Ne(lhs, rhs, evaluate=False)


class Law(Notation):
    """A density of a named family."""


class Normal(Law):
    """Normal(z, mean, variance): the Gaussian density at z."""

    def definition(self) -> sp.Expr:
        at, mean, variance = self.args
        return sp.exp(-((at - mean) ** 2) / (2 * variance)) / sp.sqrt(2 * sp.pi * variance)


def gauss(at: sp.Expr, mean: sp.Expr, variance: sp.Expr) -> sp.Expr:
    """The Gaussian density at a point, written out: as a value of an abstract density in an example."""
    return Normal(at, mean, variance).definition()


class Bernoulli(Law):
    """Bernoulli(x, prob): the mass at x in {0, 1}, for 0 < prob < 1 written as odds / (1 + odds)."""

    def definition(self) -> sp.Expr:
        at, odds = self.args
        return odds**at / (1 + odds)


class E(Notation):
    """E(f, q, range): the expectation of f under the density q."""

    def definition(self) -> sp.Expr:
        f, q, *over = self.args
        return total(q * f, *over)


class Entropy(Notation):
    """Entropy(q, range): H(q) = -E_q[log q]; the differential entropy when the range is continuous."""

    def definition(self) -> sp.Expr:
        q, *over = self.args
        return -total(q * sp.log(q), *over)


class CrossEntropy(Notation):
    """CrossEntropy(q, p, range): H(q, p) = -E_q[log p]."""

    def definition(self) -> sp.Expr:
        q, p, *over = self.args
        return -total(q * sp.log(p), *over)


class KL(Notation):
    """KL(q, p, range): the Kullback-Leibler divergence E_q[log(q/p)]."""

    def definition(self) -> sp.Expr:
        q, p, *over = self.args
        return total(q * sp.log(q / p), *over)


class ELBO(Notation):
    """ELBO(joint, q, range): the evidence lower bound E_q[log(p(x, z)/q(z))]."""

    def definition(self) -> sp.Expr:
        joint, q, *over = self.args
        return total(q * sp.log(joint / q), *over)


class Information(Notation):
    """Information(q(n), q(u|n), q(u), range of u, range of n): I(n; u) = sum_n q(n) KL(q(u|n) || q(u))."""

    def definition(self) -> sp.Expr:
        weight, conditional, marginal, inner, outer = self.args
        return total(weight * KL(conditional, marginal, inner), outer)
