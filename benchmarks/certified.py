"""Certified enclosures against the usual ways to the same number: `python benchmarks/certified.py`.

All sides run in one process, in turn, round after round. A time is the median over the rounds of the processor time of
a call, so that other work on the machine counts little; a call is repeated within its round for 5 ms. A ratio is the
time of the other side over that of the enclosure. `off by` is the distance from an enclosure with 30 more digits. SciPy
and mpmath estimate their error; `acb.integral` bounds it on a finite range, and is given here without a bound of the
tails. Every integrand has its constants taken out.
"""

import math
import statistics
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import scipy.integrate
from flint import acb, arb, ctx
from rich.console import Console
from rich.table import Table

from elbo_ref import certified

ROUNDS = 9
REACH = 2.3  # standard deviations per square root of a digit: exp(-REACH^2 / 2) < 1 / 10


class Case(NamedTuple):
    """One number: its enclosure, and the integrand of its definition for floats, for mpmath and for balls."""

    name: str
    enclosure: Callable[[int], certified.Enclosure]
    floats: Callable[[float], float]
    mpmath: Callable[[], Callable[[Any], Any]]
    balls: Callable[[], Callable[[acb, bool], acb]]
    centre: float
    std: float


def exercise() -> Case:
    """The ELBO of the exercise at x = 1, both slots read as variances."""
    decoder = certified.gaussian_decoder(1, 1, 0, "1/2")

    def definition(x: Any, var_noise: Any, mean_q: Any, var_q: Any, exp: Any, log: Any, two_pi: Any) -> Any:
        constant_x, constant_z, constant_q = (-log(two_pi * var) / 2 for var in (var_noise, x, var_q))  # x is 1

        def integrand(z: Any, _: bool = False) -> Any:
            log_q = constant_q - (z - mean_q) * (z - mean_q) / (2 * var_q)
            log_x = constant_x - (x - z) * (x - z) / (2 * var_noise)
            return exp(log_q) * (log_x + constant_z - z * z / 2 - log_q)

        return integrand

    def numbers(one: Any) -> tuple[Any, ...]:
        return one, one / 2, 2 * one / 3, 33 * one / 100

    return Case(
        "exercise: ELBO",
        lambda digits: certified.elbo(decoder, "2/3", "33/100", digits=digits),
        definition(*numbers(1.0), math.exp, math.log, 2 * math.pi),
        lambda: definition(*numbers(mpmath.mpf(1)), mpmath.exp, mpmath.log, 2 * mpmath.pi),
        lambda: definition(*numbers(acb(1)), lambda z: z.exp(), lambda z: z.log(), acb(2 * arb.pi())),
        2 / 3,
        math.sqrt(0.33),
    )


def logit() -> Case:
    """E log sigmoid(2 z - 1/2) under N(0, 1), the reconstruction of a Bernoulli decoder."""
    decoder = certified.bernoulli_decoder(1, 2, "-1/2")

    def floats(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * -math.log1p(math.exp(0.5 - 2 * z)) if z > -300 else 0.0

    def by_mpmath() -> Callable[[Any], Any]:
        norm, half = 1 / mpmath.sqrt(2 * mpmath.pi), mpmath.mpf(1) / 2
        return lambda z: -mpmath.exp(-z * z / 2) * norm * mpmath.log1p(mpmath.exp(half - 2 * z))

    def balls() -> Callable[[acb, bool], acb]:
        norm, half = 1 / (2 * arb.pi()).sqrt(), arb(0.5)
        return lambda z, analytic: -(-z * z / 2).exp() * norm * (1 + (half - 2 * z).exp()).log(analytic)

    return Case(
        "Bernoulli: E log p",
        lambda digits: certified.reconstruction(decoder, 0, 1, digits=digits),
        floats,
        by_mpmath,
        balls,
        0.0,
        1.0,
    )


def sides(case: Case, digits: int) -> dict[str, Callable[[], Any]]:
    reach = REACH * math.sqrt(digits + 5)
    low, high = case.centre - reach * case.std, case.centre + reach * case.std

    def scipy_quad() -> float:
        return float(scipy.integrate.quad(case.floats, -math.inf, math.inf, epsabs=1e-15, epsrel=1e-13)[0])

    def mpmath_quad(ends: list[Any]) -> Any:
        with mpmath.workdps(digits + 5):
            return mpmath.quad(case.mpmath(), ends)

    def acb_integral() -> arb:
        with ctx.workdps(digits + 5):
            return acb.integral(case.balls(), low, high).real

    every = {
        "enclosure": lambda: case.enclosure(digits),
        "acb.integral": acb_integral,
        "mpmath.quad": lambda: mpmath_quad([-mpmath.inf, mpmath.inf]),
        "mpmath.quad, cut": lambda: mpmath_quad([low, high]),
    }
    return every | ({"scipy.quad": scipy_quad} if digits <= 15 else {})


def error(value: Any, exact: certified.Enclosure, digits: int) -> str:
    with mpmath.workdps(digits + 30):
        middle = mpmath.mpf(exact.midpoint.numerator) / exact.midpoint.denominator
        if isinstance(value, certified.Enclosure):
            value = mpmath.mpf(value.midpoint.numerator) / value.midpoint.denominator
        elif isinstance(value, arb):
            value = mpmath.mpf(int(value.mid().fmpq().p)) / int(value.mid().fmpq().q)
        return mpmath.nstr(abs(value - middle), 2)


def seconds(call: Callable[[], Any]) -> float:
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < 5e-3:
        call()
        calls += 1
    return spent / calls


def measure(case: Case, digits: int) -> list[tuple[str, float, str]]:
    exact = case.enclosure(digits + 30)
    calls = sides(case, digits)
    values = {name: call() for name, call in calls.items()}  # also warms the caches of nodes
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            times[name].append(seconds(call))
    return [(name, statistics.median(times[name]), error(values[name], exact, digits)) for name in calls]


def main() -> None:
    table = Table(title=f"Median of {ROUNDS} rounds")
    for heading in ("number", "digits", "by", "ms", "ratio", "off by"):
        table.add_column(heading, justify="left" if heading in ("number", "by") else "right", no_wrap=True)
    for case in (exercise(), logit()):
        for digits in (15, 30, 50, 100):
            rows = measure(case, digits)
            ours = rows[0][1]
            for name, spent, off in rows:
                table.add_row(case.name, str(digits), name, f"{1e3 * spent:.3f}", f"{spent / ours:.1f}", off)
            table.add_section()
    Console().print(table)


if __name__ == "__main__":
    main()
