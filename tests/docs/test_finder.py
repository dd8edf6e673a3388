"""The finder: every function of the package can be found, and each row rests on a theorem."""

import pytest

import elbo_ref
from derivations._language.chapters import verdicts
from derivations._language.verdicts import Theorem
from derivations._reading.book import Book
from docs._generator import finder

BOOK = Book(verdicts(), {}, {}, [])


def missing(rows: tuple[finder.Row, ...]) -> list[str]:
    """The functions of the package that no row leads to."""
    found = {row.function.rpartition(".")[2] for row in rows}
    return [name for name in elbo_ref.__all__ if name not in found and name != "unchecked"]


def test_every_function_can_be_found():
    assert missing(finder.ROWS) == []


def test_a_function_that_no_row_leads_to_is_missed():
    rest = tuple(row for row in finder.ROWS if row.function != "gaussian.kl_normal")
    assert missing(rest) == ["kl_normal"]


def test_every_row_rests_on_a_theorem():
    names = {finder.licence(row.function) for row in finder.ROWS} - {"none"}
    assert all(isinstance(BOOK.named[name], Theorem) for name in names)
    assert len(names) > 25


def test_a_function_without_a_theorem_is_refused():
    with pytest.raises(LookupError, match="names no theorem"):
        finder.licence("quadrature.expectation")


def test_a_module_without_a_page_is_refused():
    assert finder.reference("low_rank") == "gaussian.md"
    with pytest.raises(LookupError, match=r"documents elbo_ref\.nonsense"):
        finder.reference("nonsense")


def test_no_two_rows_answer_the_same_question():
    questions = [row[:4] for row in finder.ROWS]
    assert [q for q in questions if questions.count(q) > 1] == []


def test_the_table_stands_without_a_script():
    table = finder.table(BOOK)
    assert "No theorem yet" in table
    assert table.count("<tr data-") == len(finder.ROWS)
    assert '<form class="choose" hidden>' in table
    assert "gaussian_kl.md#gaussian_kl)" in table and "gaussian.md#elbo_ref.gaussian.kl_normal)" in table
