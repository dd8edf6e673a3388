"""The exercise: seven ways agree, and what is said about the numbers is true."""

import json
import math
import re

import mpmath
import pytest
import sympy as sp
from rich.console import Console

from derivations._language.texts import _RUN as formula
from derivations._reading.exercise import _WAYS, DIGITS, QUANTITIES, SLOTS, answers, exercise, render

WAYS = ("scipy", "mpmath", "enclosure", "numpy", "torch")
FLOATS = ("scipy", "numpy", "torch")


@pytest.fixture(scope="module", params=["1", "0", "-3/7", "1000"])
def data(request):
    return exercise(request.param)


def by_slot(data):
    return dict(zip(SLOTS, data["readings"], strict=True))


def test_both_readings_all_quantities_all_ways(data):
    assert [reading["second_slot"] for reading in data["readings"]] == list(SLOTS)
    for reading in data["readings"]:
        assert [row["quantity"] for row in reading["rows"]] == list(QUANTITIES)
        assert all(set(WAYS) < set(row) for row in reading["rows"])


def test_the_ways_agree(data):
    """mpmath to all digits, enclosures by containment, floats to rounding of the largest number that enters.

    SciPy's rule adds hundreds of values: it is given 1000 times as much.
    """
    for reading in data["readings"]:
        scale = max(1.0, *(abs(float(row["closed_form"])) for row in reading["rows"]))
        for row in reading["rows"]:
            assert row["enclosure"]["contains_closed_form"] == "yes"
            assert float(row["enclosure"]["radius"]) <= 10.0**-DIGITS * scale
            assert abs(float(row["mpmath"]["difference"])) <= 10.0**-DIGITS * scale
            assert row["enclosure"]["value"] == row["mpmath"]["value"] == row["closed_form"]
            for way in FLOATS:
                if "note" in row[way]:
                    assert row[way]["note"].startswith("not run: ")
                else:
                    assert abs(float(row[way]["difference"])) <= (64_000 if way == "scipy" else 64) * math.ulp(scale)


def test_differences_are_what_they_say(data):
    with mpmath.workdps(60):
        for reading in data["readings"]:
            for row in reading["rows"]:
                exact = mpmath.mpf(sp.N(formula(row["exact"]), 60)._mpf_)
                assert mpmath.nstr(exact, DIGITS, strip_zeros=False) == row["closed_form"]
                for way in FLOATS:
                    if "note" not in row[way]:
                        difference = mpmath.mpf(float(row[way]["value"])) - exact
                        assert mpmath.almosteq(difference, mpmath.mpf(row[way]["difference"]), rel_eps=0.06)


def test_the_posterior_and_the_gap():
    variance, deviation = (reading["at_any_x"] for reading in exercise("1")["readings"])
    assert variance["posterior"] == {"mean": "2*x/3", "variance": "1/3"}
    assert deviation["posterior"] == {"mean": "4*x/5", "variance": "1/5"}
    assert not variance["gap_depends_on_x"] and deviation["gap_depends_on_x"]
    assert all(
        reading["log_evidence_is_elbo_plus_gap"] and reading["elbo_is_reconstruction_less_kl"]
        for reading in (variance, deviation)
    )
    s = sp.Rational(33, 100)
    difference = formula(variance["gap"]) - (3 * s - 1 - sp.log(3 * s)) / 2
    assert sp.expand(sp.expand_log(difference, factor=True)) == 0


def test_the_page_begins_with_the_answer():
    s = 0.33
    gap, elbo = (3 * s - 1 - math.log(3 * s)) / 2, -math.log(3 * math.pi) / 2 - 1 / 3
    meant, other = answers(exercise("1"))
    assert f"is {elbo - gap:#.5g} nats, and the gap is {gap:.9f} nats for every x." in meant
    assert other.endswith("nats at x = 1.")


def test_the_gap_at_x_is_the_gap_at_any_x(data):
    x = sp.Symbol("x")
    for reading in data["readings"]:
        anywhere = formula(reading["at_any_x"]["gap"], {"x": x})
        here = anywhere.subs(x, sp.Rational(data["model"]["x"]))
        with mpmath.workdps(2 * DIGITS):
            value = mpmath.mpf(sp.N(here, 2 * DIGITS)._mpf_)
            assert reading["rows"][-1]["closed_form"] == mpmath.nstr(value, DIGITS, strip_zeros=False)


def test_conclusions(data):
    variance, deviation = (" ".join(reading["conclusions"]) for reading in data["readings"])
    x = sp.Rational(data["model"]["x"])
    assert f"The posterior is N({2 * x / 3}, 1/3)" in variance
    assert "the same mean for every x, and 99/100 of the variance" in variance
    assert "the same for every x: (3*var_q - log(3*var_q) - 1)/2 at var_q = 33/100" in variance
    assert "At var_q = 1/3 it would be 0." in variance
    assert f"The posterior is N({4 * x / 5}, 1/5)" in deviation
    assert "a mean that is off by -2*x/15, and 1089/2000 of the variance" in deviation
    constant, slope = re.search(r"depends on x: it is (\S+) \+ (\S+) x\^2", deviation).groups()
    gap = float(by_slot(data)["standard deviation"]["rows"][-1]["closed_form"])
    assert float(constant) + float(sp.Rational(slope)) * float(x) ** 2 == pytest.approx(gap, rel=1e-4)
    assert data["conclusion"] == "q is nearer to the posterior when the second slot is a variance, for every x."


def test_the_data_is_json(data):
    assert json.loads(json.dumps(data)) == data


def test_the_table_fits_a_terminal(data):
    console = Console(width=80)
    with console.capture() as captured:
        console.print(render(data))
    text = captured.get()
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in text
    for reading in data["readings"]:
        assert f"The second slot is a {reading['second_slot']}" in text
        assert all(row["closed_form"] in text for row in reading["rows"])
    labels = ("closed form", "SciPy quadrature", "mpmath", "ball arithmetic", "NumPy", "torch")
    numbers = [line for line in lines if line.strip().startswith(labels) and "not run" not in line]
    assert len(numbers) >= 4 * len(QUANTITIES) * len(SLOTS)
    table_of = len(numbers) // len(SLOTS)
    for first in (0, table_of):  # the decimal points of a table stand in one column
        assert len({line.index(".") for line in numbers[first : first + table_of]}) == 1


@pytest.mark.parametrize("x", ["one", "", "1/0", "nan", "inf", "sqrt(2)", "1e7", "1; import os"])
def test_bad_x(x):
    with pytest.raises(ValueError, match="x must be a number such as"):
        exercise(x)


def test_a_missing_package_is_said(monkeypatch):
    import importlib.util

    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else find_spec(name))
    data = exercise("1")
    for reading in data["readings"]:
        assert all(row["torch"] == {"note": "not run: torch is not installed"} for row in reading["rows"])
    console = Console(width=100)
    with console.capture() as captured:
        console.print(render(data))
    ways = sum(package == "torch" for _, _, package in _WAYS.values())
    assert captured.get().count("not run: torch is not installed") == ways * len(QUANTITIES) * len(SLOTS)
