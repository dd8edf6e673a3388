"""Which symbols print as points of any set: those whose every place could be taken by anything."""

import pytest

from derivations._language.certificate import Row
from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.formulas import Printer
from derivations._reading.labels import labels
from derivations._reading.printed import printed

x, y, z = (Row("v", name, "real") for name in "xyz")
bound, one = Row("b", 0), Row("q", "1")


def f(*args, name="p(x,z)"):
    return Row("f", name, "pos", *args)


def under(head, body, sort="real", *ends):
    return Row(head, "t", sort, *ends, body)


equal = Row("=", f(x, z), f(y, z))


def test_what_stands_in_one_place_and_nowhere_else_may_be_anything():
    assert labels([equal]) == {"x", "y", "z"}
    assert dict(Printer([equal]).domains())["x"] == "a point of any set"
    everywhere = under("all", Row("=", f(bound, z), one))
    assert labels([equal, everywhere]) == {"x", "y", "z"}


@pytest.mark.parametrize(
    "number",
    [
        Row("=", x, one),
        Row("=", f(Row("+", x, one), z), one),
        Row("=", f(one, z), one),
        Row("=", under("int", f(bound, z)), one),
        Row("=", under("sum", f(bound, z), "nat", one, one), one),
        Row("=", Row("D", "t", "real", x, f(bound, z)), one),
        under("ae", Row("=", f(bound, z), one)),
        under("all", Row("=", f(bound, z), one), "pos"),
        under("all", Row("=", f(bound, z), bound)),
        under("all", Row("=", f(bound, z), one), "real", one, one),
        Row("=", f(y, z), y),
    ],
    ids=lambda row: row.key[:60],
)
def test_what_is_used_as_a_number_is_one(number):
    """Planted: another use of x, or of a place that x has in common with what is used."""
    assert "x" not in labels([equal, number])
    assert "z" in labels([equal, number])


def test_a_place_of_another_function_does_not_count():
    assert labels([equal, Row("=", f(one, name="w(x)"), one)]) == {"x", "y", "z"}


def test_in_the_book_the_observation_is_mostly_a_label():
    proofs = {v.name: v for v in verdicts() if isinstance(v, Theorem | Counterexample)}
    where = {name: dict(printed(proofs[name]).domains()) for name in ("elbo_lower_bound", "linear_gaussian_elbo")}
    assert where["elbo_lower_bound"]["x"] == "a point of any set"
    assert where["linear_gaussian_elbo"]["x"] == "a real number"
