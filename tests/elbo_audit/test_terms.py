"""The normal form: it keeps the value of whatever is put into it, and brings equal formulas together."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import torch

from elbo_audit.laws import bernoulli, bernoulli_logits
from elbo_audit.numbers import evaluate
from elbo_audit.sums import fresh, substitute, total, without_kinks
from elbo_audit.terms import HALF, PI, Poly, Refuse, absolute, element, exp, larger, log, poly, power, smaller, symbol

SIZES = {"B": 4, "K": 3}
B, K = symbol("B"), symbol("K")
GENERATOR = torch.Generator().manual_seed(0)
ARRAYS = {n: torch.randn(4, 3, generator=GENERATOR, dtype=torch.float64) for n in ("a", "b")}
ARRAYS |= {n: torch.rand(4, 3, generator=GENERATOR, dtype=torch.float64) * 0.8 + 0.1 for n in ("p", "s")}
ARRAYS["m"] = (torch.rand(4, 3, generator=GENERATOR) > 0.5).double()
SORTS = {"a": "real", "b": "real", "p": "probability", "s": "positive", "m": "mask"}


def grown(rng: random.Random, depth: int, i: str, j: str) -> tuple[Poly, torch.Tensor]:
    """A formula of the entry (i, j), and its values as torch computes them, step by step."""
    if depth == 0:
        if rng.random() < 0.2:
            q = Fraction(rng.randint(-4, 4), rng.randint(1, 3))
            return poly(q), torch.full((4, 3), float(q), dtype=torch.float64)
        name = rng.choice("aabbpsm")
        return element(name, [i, j], SORTS[name]), ARRAYS[name]
    what = rng.choice(("+", "-", "*", "*", "/", "exp", "log", "sqrt", "abs", "max", "min", "sum", "square", "1-"))
    u, x = grown(rng, depth - 1, i, j)
    if what in ("+", "-", "*", "max", "min"):
        v, y = grown(rng, rng.randint(0, depth - 1), i, j)
        rules = {"+": (u + v, x + y), "-": (u - v, x - y), "*": (u * v, x * y)}
        if what in rules:
            return rules[what]
        return (larger(u, v), torch.maximum(x, y)) if what == "max" else (smaller(u, v), torch.minimum(x, y))
    if what == "/":
        v, y = grown(rng, rng.randint(0, depth - 1), i, j)
        return u / (v * v + 1), x / (y * y + 1)
    if what == "exp":
        return exp(u / (u * u + 1)), torch.exp(x / (x * x + 1))
    if what == "log":
        return log(u * u + HALF), torch.log(x * x + 0.5)
    if what == "sqrt":
        return power(u * u + 1, HALF), torch.sqrt(x * x + 1)
    if what == "abs":
        return absolute(u), x.abs()
    if what == "square":
        return u * u, x * x
    if what == "1-":
        return 1 - u, 1 - x
    k = fresh()  # a mean over the columns, the same for each
    v, y = grown(rng, depth - 1, i, k)
    return u + total(v, [(k, K)]) / K, x + y.mean(1, keepdim=True)


@pytest.mark.parametrize("seed", range(8))
def test_the_value_is_kept(seed):
    rng = random.Random(seed)
    decided = 0
    for _ in range(15):
        i, j = fresh(), fresh()
        try:
            formula, values = grown(rng, rng.randint(1, 4), i, j)
            whole = without_kinks(total(formula, [(i, B), (j, K)]))
        except Refuse:
            continue
        decided += 1
        expected = float(values.sum())
        assert float(evaluate(whole, ARRAYS, SIZES)) == pytest.approx(expected, rel=1e-9, abs=1e-9), whole
        assert total(formula, [(i, B), (j, K)]) - whole == poly(0) or whole.terms
        assert substitute(whole, lambda a: None) == whole  # built anew, it is the same
    assert decided >= 9


def entry(name: str, *places: str) -> Poly:
    return element(name, places, SORTS[name])


def test_equal_formulas_meet():
    i, j, k = fresh(), fresh(), fresh()
    a, b = entry("a", i, j), entry("b", i, j)
    sigmoid, other = exp(a) / (exp(a) + 1), 1 / (exp(-a) + 1)
    assert sigmoid == other
    assert bernoulli(b, sigmoid) == bernoulli_logits(b, a)
    assert without_kinks(larger(a, poly(0)) - a * b + log(exp(-absolute(a)) + 1)) == bernoulli_logits(b, a)
    assert power((a - b) ** 2, HALF) == absolute(b - a)
    assert log(power(PI * 2, HALF)) == log(PI * 2) * HALF
    assert (B * K - K) / (B - 1) == K
    rows = total(exp(entry("a", i, k)), [(k, K)])
    assert total(exp(a) / rows, [(j, K)]) == poly(1)
    assert total(log(rows) * exp(a) / rows, [(i, B), (j, K)]) == total(log(rows), [(i, B)])
    mask = entry("m", i, j)
    assert mask * mask == mask


def test_the_order_of_axes_does_not_matter():
    i, j, k, m = fresh(), fresh(), fresh(), fresh()
    one = total(entry("a", i, j) * entry("b", k, j), [(i, B), (k, B), (j, K)])
    assert one == total(total(total(entry("a", i, m), [(i, B)]) * entry("b", k, m), [(k, B)]), [(m, K)])


@pytest.mark.parametrize(
    "what", [lambda: log(poly(-1)), lambda: log(poly(0)), lambda: 1 / poly(0), lambda: power(poly(-2), HALF)]
)
def test_what_has_no_value_is_refused(what):
    with pytest.raises(Refuse):
        what()


def test_a_formula_that_grows_without_bound_is_refused():
    several = poly(0)
    for n in range(60):
        several = several + symbol(f"x{n}")
    with pytest.raises(Refuse, match="grows"):
        power(several, Fraction(4))
