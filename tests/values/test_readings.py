"""Statements read at a point: in float64, in ball arithmetic, and at points that are drawn for them."""

import pytest
from sympy import Integer, Rational, log, oo

from derivations._kernel import AlmostEverywhere, Converges, ForAll, total
from derivations._language.notation import KL, Normal, at_least, k, line, same, z
from derivations._values.interpret import CannotConclude, Point
from derivations._values.numeric import Place
from derivations._values.sample import Vacuous, places
from tests._planted import SQUARE, a, b, closed, flint, mean_p, mean_q, p, proved, q, square, std_p, std_q, theorem


def test_a_divergent_integral_has_no_value():
    with pytest.raises(CannotConclude):
        Place(Point("")).holds(Converges(total(z**2 / (1 + z**2), line)))


def test_a_difference_too_small_to_read_is_no_pass():
    with pytest.raises(CannotConclude, match="too close"):
        Place(Point("", {a: Integer(1)})).holds(same(a, a + Rational(1, 10**7)))


def test_narrow_and_shifted_densities_are_seen():
    for law in (
        Normal(z, Integer(5), Rational(1, 100)),
        Normal(z, Integer(-40), Integer(1)),
        Normal(z, a, Integer(900)),
    ):
        assert Place(Point("", {a: Integer(7)})).holds(same(total(law, line), Integer(1)))


def test_underflow_is_not_taken_for_zero_times_infinity():
    here, there = Normal(z, Integer(5), Rational(1, 25)), Normal(z, Integer(0), Rational(1, 100))
    apart = log(Rational(1, 2)) + (Rational(1, 25) + 25) * 50 - Rational(1, 2)  # exp(-1250) is 0 in float64
    assert Place(Point("")).holds(same(KL(here, there, line), apart))


def test_a_divergent_sum_is_told_from_a_convergent_one():
    here = Place(Point(""))
    assert here.holds(same(total(1 / k, (k, 1, oo)), oo))
    with pytest.raises(CannotConclude, match="do not look divergent"):
        here.holds(same(total(1 / k**2, (k, 1, oo)), oo))


def test_quantifiers_are_read_everywhere():
    here = Place(Point("", {a: Integer(0)}))
    assert here.holds(ForAll(at_least(b, Integer(0)), b))
    assert not here.holds(ForAll(at_least(b, Integer(1)), b))
    assert not here.holds(AlmostEverywhere(at_least(z, Integer(0)), line))


@flint
def test_enclosures_hold_the_tails():
    """A tail bound that forgot the tails would miss the mass of a wide density."""
    from derivations._values.balls import enclose

    for variance in (Rational(1, 100), Integer(1), Integer(400)):
        (mass,) = enclose(same(total(Normal(z, Integer(3), variance), line), Integer(1)), Point(""), [], 30)
        assert mass.certain() is None and mass.narrow(30)


def test_a_vacuous_theorem_has_no_places():
    with pytest.raises(Vacuous):
        places(theorem(same(a, a), given=(at_least(-b, Integer(1)),)))


def test_points_are_the_same_every_time():
    verdict = proved(square, SQUARE)
    first, second = ([p.point.values for p in places(verdict)] for _ in range(2))
    assert first == second and len(first) >= 2


def test_the_point_keeps_apart_what_must_not_agree():
    """P = Q would hide a swapped argument: values are drawn apart."""
    for place in places(theorem(same(KL(q, p, line), closed))):
        assert place.point.values[mean_q] != place.point.values[mean_p]
        assert place.point.values[std_q] != place.point.values[std_p]
