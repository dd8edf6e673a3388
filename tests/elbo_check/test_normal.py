# ruff: noqa: B023
"""The normal form as a number: random terms with shared parts, to 60 digits, also where they divide by 0.

Total semantics is taken at its word: log x for x <= 0 and x^y for x < 0 are two fixed functions that nobody expects.
"""

import random
from fractions import Fraction
from itertools import product

import mpmath as mp
import pytest

from elbo_check.normal import normal, sign_of, vanishes
from elbo_check.poly import term_of
from elbo_check.replay import deep
from elbo_check.rules_values import derivative
from elbo_check.terms import Budget, Refused, Term, add, close, exp, log, mk, mul, num, power, put

TINY = mp.mpf(10) ** -40


def variables() -> list[Term]:
    sorts = (("x", "real"), ("y", "real"), ("p", "pos"), ("q", "pos"), ("n", "nat"), ("i", "int"))
    return [mk("v", pair) for pair in sorts]


def value(t: Term, env: dict[Term, mp.mpf]) -> mp.mpf:
    """A term as a number."""
    k = t.kids
    match t.op:
        case "q":
            return mp.mpf(t.data.numerator) / t.data.denominator
        case "pi":
            return +mp.pi
        case "v":
            return env[t]
        case "f":
            return mp.sin(3 * value(k[0], env)) + (2 if t.data[1] == "pos" else 0)
        case "+":
            return mp.fsum(value(x, env) for x in k)
        case "*":
            return mp.fprod(value(x, env) for x in k)
        case "exp":
            return mp.exp(value(k[0], env))
        case "abs":
            return abs(value(k[0], env))
        case "log":
            x = value(k[0], env)
            if x != 0 and abs(x) < TINY:
                raise ValueError("0, or so small: not to be told")
            return mp.log(x) if x > 0 else 3 + mp.sin(7 * x)
        case "^":
            return total_power(value(k[0], env), value(k[1], env))
        case "sum" | "prod":
            lo, hi = (value(e, env) for e in k[:2])
            v = mk("v", ("!v", t.data[1]))
            body = t.kids[2]
            from elbo_check.terms import fill

            inside = [
                value(fill(body, [v]), {**env, v: mp.mpf(n)})
                for n in range(-5, 9)
                if lo - TINY <= n <= hi + TINY and (n >= 1 or t.data[1] == "int")
            ]
            return mp.fsum(inside) if t.op == "sum" else mp.fprod(inside)
    raise AssertionError(t.op)


def total_power(x: mp.mpf, y: mp.mpf) -> mp.mpf:
    whole = mp.nint(y)
    if abs(y) < TINY:
        return mp.mpf(1)
    if x == 0:
        return mp.mpf(0)
    if abs(x) < TINY:
        raise ValueError("0, or so small: not to be told")
    if abs(y - whole) < TINY:
        return x ** int(whole)
    return x**y if x > 0 else 2 + mp.cos(3 * x + 5 * y)


def holds(need: Term, env: dict[Term, mp.mpf]) -> bool:
    if need.op == "all":
        v = mk("v", ("!w", need.data[1]))
        from elbo_check.terms import at

        return all(holds(at(need, v), {**env, v: mp.mpf(n)}) for n in range(1, 9))
    a, b = (value(k, env) for k in need.kids)
    return bool(abs(a - b) > TINY if need.op == "!=" else a > b + TINY)


def terms(rng: random.Random, count: int) -> list[Term]:
    """Each new term is made of earlier ones, so that parts are shared."""
    pool = [*variables(), num(0), num(1), num(2), num(Fraction(-3, 2)), num(6)]
    made: list[Term] = []
    for _ in range(count):
        a, b, c = (rng.choice(pool[-14:] if rng.random() < 0.7 else pool) for _ in range(3))
        e = rng.choice([-2, -1, 2, 3, Fraction(1, 2), Fraction(-1, 2), Fraction(3, 2)])
        n = mk("v", ("m", "nat"))
        t = rng.choice([
            lambda: add(a, b), lambda: add(a, mul(num(-1), b)), lambda: mul(a, b), lambda: mul(a, power(b, -1)), lambda: power(a, e),
            lambda: log(a), lambda: exp(a), lambda: mk("abs", None, a), lambda: mul(a, add(b, c)), lambda: power(a, b),
            lambda: mk("f", ("f", rng.choice(["real", "pos"])), a), lambda: log(mul(a, b)), lambda: power(mul(a, b), -1),
            lambda: mk("sum", ("m", "nat"), num(1), num(3), close(mul(add(a, n), b), n)),
            lambda: mk("prod", ("m", "nat"), num(1), num(2), close(add(mul(a, n), b), n)),
        ])()  # fmt: skip
        if t.depth <= 9:
            pool.append(t)
            made.append(t)
    return made


def points(rng: random.Random) -> list[dict[Term, mp.mpf]]:
    out = []
    for _ in range(3):
        real = [mp.mpf(rng.choice([0, 0, 1, -1, 2, -2, 3])) / rng.choice([1, 1, 2, 3]) for _ in range(2)]
        pos = [mp.mpf(rng.choice([1, 1, 2, 3, 5])) / rng.choice([1, 2, 3]) for _ in range(2)]
        out.append(
            dict(
                zip(
                    variables(),
                    [*real, *pos, mp.mpf(rng.choice([1, 2, 3])), mp.mpf(rng.choice([-2, -1, 0, 1, 2]))],
                    strict=True,
                )
            )
        )
    return out


def near(a: mp.mpf, b: mp.mpf) -> bool:
    return bool(abs(a - b) <= mp.mpf(10) ** -25 * (1 + abs(a)))


@pytest.mark.parametrize("seed", range(40))
def test_the_normal_form_is_the_same_number(seed: int) -> None:
    rng = random.Random(seed)
    checked = 0
    with mp.workdps(60):
        for t in terms(rng, 60):
            Budget.start()
            try:
                f = deep(lambda t=t: normal(t))
                back = deep(lambda f=f: term_of(f.p))
                s = deep(lambda t=t: sign_of(t))
            except Refused:
                continue
            for env in points(rng):
                try:
                    a, b = value(t, env), value(back, env)
                except (OverflowError, ValueError, ZeroDivisionError):
                    continue
                if not mp.isfinite(a) or abs(a) > mp.mpf(10) ** 20:
                    continue
                if all(holds(n, env) for n in f.needs):
                    checked += 1
                    assert near(a, b), (t, back, env)
                if s:
                    assert {"+": a > 0, "0+": a > -TINY, "-": a < 0, "0-": a < TINY}[s], (t, s, env)
    assert checked > 20


@pytest.mark.parametrize("seed", range(20))
def test_what_is_found_equal_is_equal(seed: int) -> None:
    """Pairs of random terms: `vanishes` clears denominators, which may hide a pole."""
    rng = random.Random(1000 + seed)
    found = 0
    with mp.workdps(60):
        some = terms(rng, 40)
        ratios = [mul(a, power(b, -1)) for a, b in product(some[:6], some[:6])]
        for a, b in product(ratios, ratios[:8]):
            Budget.start()
            try:
                needs = deep(lambda a=a, b=b: vanishes(normal(a).minus(normal(b))))
            except Refused:
                continue
            if needs is None:
                continue
            found += 1
            for env in points(rng):
                try:
                    x, y = value(a, env), value(b, env)
                except (OverflowError, ValueError, ZeroDivisionError):
                    continue
                if mp.isfinite(x) and abs(x) < mp.mpf(10) ** 20 and all(holds(n, env) for n in needs):
                    assert near(x, y), (a, b, env)
    assert found


@pytest.mark.parametrize("seed", range(20))
def test_derivatives(seed: int) -> None:
    """Against a difference quotient, where the conditions hold."""
    rng = random.Random(2000 + seed)
    x = variables()[0]
    checked = 0
    with mp.workdps(60):
        for t in terms(rng, 60):
            Budget.start()
            try:
                d, conditions = deep(lambda t=t: derivative(t, x))
            except Refused:
                continue
            for env in points(rng):
                env = {**env, x: env[x] + mp.mpf("0.013")}
                h = mp.mpf(10) ** -20
                try:
                    if not all(holds(c, env) for c in conditions):
                        continue
                    slope = (value(t, {**env, x: env[x] + h}) - value(t, {**env, x: env[x] - h})) / (2 * h)
                    claimed = value(d, env)
                except (OverflowError, ValueError, ZeroDivisionError):
                    continue
                if mp.isfinite(slope) and abs(slope) < mp.mpf(10) ** 12:
                    checked += 1
                    assert abs(slope - claimed) <= mp.mpf(10) ** -12 * (1 + abs(slope)) ** 3, (t, d, env)
    assert checked > 10
    assert put(x, {x: num(1)}) is num(1)
