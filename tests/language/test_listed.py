"""What a file may do to others, and what its author may change later."""

from types import MappingProxyType

import pytest
import sympy as sp

from derivations._language.listed import listed
from derivations._language.verdicts import Counterexample, Form, Theorem
from tests._planted import SQUARE, a, b, square, theorem

IMPORTED = "from derivations.divergence import gibbs as other\nfrom derivations.divergence.gibbs import bells\n"


@pytest.mark.parametrize(
    "line",
    [
        "other.gibbs.narrows.clear()",
        "other.gibbs.examples[0]['a'] = 1",
        "bells['a'] = 1",
        "bells |= {'a': 1}",
        "bells.update({'a': 1})",
        "change = bells.update",
        "other.gibbs.forms['continuous'].examples.append({})",
        "(bells)['a'] += 1",
        "{**bells}.pop('a')",
    ],
)
def test_what_another_file_made_is_not_changed(tmp_path, line):
    (file := tmp_path / "bent.py").write_text(IMPORTED + line + "\n", encoding="utf-8")
    assert any("not its own" in why for why in listed(file).faults)


@pytest.mark.parametrize("line", ["mine['a'] = 1", "mine |= {'a': 1}", "mine.update({'a': 1})"])
def test_its_own_tables_are(tmp_path, line):
    (file := tmp_path / "plain.py").write_text(IMPORTED + "mine = {}\n" + line + "\n", encoding="utf-8")
    assert listed(file).faults == ()


def test_a_name_that_is_imported_too_is_not_its_own(tmp_path):
    (file := tmp_path / "both.py").write_text(
        IMPORTED + "def f(bells):\n    return bells\nbells.clear()\n", encoding="utf-8"
    )
    assert any("not its own" in why for why in listed(file).faults)


def test_hypotheses_cannot_appear_or_vanish():
    hyps, points, words = [], [{a: [1, 2]}], {}
    verdict = theorem(square, given=hyps, examples=points, words=words, forms={"x": Form(sp.Tuple(a), points)})
    hyps.append(square)
    points[0][a][0] = 3
    points.clear()
    words[0] = "anything"
    assert verdict.given == () and verdict.words == {}
    assert verdict.examples == verdict.forms["x"].examples == ({a: (1, 2)},)
    for data in (verdict.words, verdict.forms, verdict.narrows, verdict.examples[0]):
        assert isinstance(data, MappingProxyType)
    at = {a: 1}
    refuted = Counterexample(square, square, lambda: SQUARE, "planted", at, "")
    at[b] = 2
    assert refuted.at == {a: 1}


class Lively(dict):
    pass


@pytest.mark.parametrize(
    "data",
    [
        {"examples": ({} for _ in range(2))},
        {"given": {square}},
        {"claims": "000-01"},
        {"words": [1]},
        {"narrows": Lively()},
    ],
)
def test_what_is_no_tuple_and_no_dict_is_refused(data):
    with pytest.raises(ValueError, match=f"{min(data)} must be a"):
        Theorem(square, lambda: SQUARE, "planted", **data)
