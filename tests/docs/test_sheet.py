"""The cheat sheet: of theorems and refutations that are there, each with its hypotheses or how many it has."""

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample
from derivations._reading.book import Book
from derivations._reading.printed import printed
from docs._generator import sheet

BOOK = Book(verdicts(), {}, {}, [])


def test_no_hypothesis_is_hidden():
    said = sheet.page(BOOK, made=True)
    for v in (v for several in sheet.entries(BOOK).values() for v in several):
        assert printed(v).latex in said
        if not isinstance(v, Counterexample):
            assert (len(v.given) == 0) == ("hypothes" not in sheet._asked(v, BOOK))
    assert "(3 hypotheses)" in said and 'class="badge no">false' in said


def test_a_proviso_counts_as_a_hypothesis():
    theorem = BOOK.named["gaussian_kl"]
    book = Book(BOOK.verdicts, {}, {}, [], provisos={"gaussian_kl": ["a > 0"]})
    assert (sheet._asked(theorem, BOOK), sheet._asked(theorem, book)) == ("", " (1 hypothesis)")


def test_without_a_browser_the_site_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "chromium", lambda: None)
    (tmp_path / sheet.FOLDER).mkdir(parents=True)
    (tmp_path / sheet.FOLDER / "a4.pdf").write_bytes(b"of an earlier build")
    assert sheet.write(tmp_path, BOOK) is False
    assert not (tmp_path / sheet.FOLDER).exists()
    said = sheet.page(BOOK, made=False)
    assert "no Chromium" in said and ".pdf" not in said


@pytest.mark.parametrize(
    ("pdf", "pages"), [(b"<</Type /Pages>> <</Type /Page\n>>", 1), (b"/Type/Page /Type /Page>>", 2)]
)
def test_pages_are_counted(pdf, pages):
    assert sheet.sheets(pdf) == pages
