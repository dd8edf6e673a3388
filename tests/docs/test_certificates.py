"""A page states what was checked, or is not made."""

import pytest

from derivations._language.certificate import draft, says
from derivations._language.chapters import verdicts
from derivations._reading.book import Book, NoEvidence
from docs._generator import certificates

GIBBS = next(v for v in verdicts() if v.name == "gibbs")


def test_a_statement_that_was_checked_is_written(tmp_path):
    certificates.write(tmp_path, Book([GIBBS], {"gibbs": {"says": says(draft(GIBBS))}}, {}, []))
    assert {p.name for p in (tmp_path / certificates.FOLDER).iterdir()} == {"gibbs.json", "book.json"}


def test_a_statement_that_is_another_than_was_checked_stops_the_site(tmp_path):
    with pytest.raises(NoEvidence, match="gibbs does not state here what it stated when it was checked"):
        certificates.write(tmp_path, Book([GIBBS], {"gibbs": {"says": "0" * 64}}, {}, []))
