"""The page about a trained network shows what was measured: rows in order, numbers of the files, pictures without holes."""

import math
import re

import pytest

pytest.importorskip("torch")

from docs._generator import network, refer
from elbo_lab.mistakes import MISTAKES, RIGHT
from elbo_lab.results import committed
from elbo_lab.svg import short


def rows_of(table):
    return [[cell.strip() for cell in line.split(" | ")] for line in table.splitlines()[3:]]


def test_mistakes_stand_by_what_they_cost():
    rows = rows_of(network.mistakes(committed("mistakes")))
    assert len(rows) == sum("2" in row for row in committed("mistakes")["rows"].values()) - 1
    costs = [float(row[1].split(" ± ")[0].replace("−", "-")) if "±" in row[1] else -math.inf for row in rows]
    assert costs == sorted(costs, reverse=True)


def test_a_program_that_diverges_has_no_number_and_the_cost_is_paired_by_seed():
    right = {"log_p": [-10.0, -12.0], "says": [9.0, 9.0], "negative_elbo": [11.0, 11.0]}
    wrong = {"log_p": [-11.0, -13.5], "says": [8.0, 8.0], "negative_elbo": [12.0, 12.0]}
    rows = {p.name: {"2": wrong, "20": {"diverged": 3}} for p in MISTAKES} | {RIGHT.name: {"2": right, "20": right}}
    assert network.cost({"rows": rows}, MISTAKES[0], "2") == pytest.approx((1.25, 0.25))
    for row in rows_of(network.mistakes({"rows": rows})):
        assert row[1] == "1.25 ± 0.25" and row[4] == "no number"


def test_a_page_takes_numbers_from_the_files():
    assert float(refer.number(".6g", 'measured("network", "evidence", "gap", "mean")')) > 0
    assert float(refer.number(".6g", f'measured("mistakes", "rows", "{RIGHT.name}", "2", "says")')) > 0


def test_every_picture_is_drawn_wide_and_narrow_within_its_frame():
    for name, text in network.snippets().items():
        if "<figure" in text:
            assert (
                text.count("<svg ") >= 2 and "nan" not in text and "inf" not in re.sub("[a-z]*inf[a-z]+", "", text)
            ), name
            for width, part in ((640, text.split('class="wide"')[1]), (312, text.split('class="narrow"')[1])):
                places = [float(x) for x in re.findall(r'<text x="([-\d.]+)"', part.split("</svg>")[0])]
                assert min(places) >= -1 and max(places) <= width, name


def test_a_label_is_the_number_that_it_stands_at():
    labels = {4096: "4096", 1e-4: "10⁻⁴", 1e5: "10⁵", 0.001: "0.001", 0: "0", -2: "−2", 3162.3: "3162.3"}
    assert {value: short(value) for value in labels} == labels
