"""The bibliography: what it names is in the book, and every address has the form of one; and the words of a derivation."""

import re

import pytest

from derivations._language.chapters import homes, keywords, page
from derivations._reading import citing, literature


def test_every_paper_is_behind_derivations_of_the_book() -> None:
    for entry in literature.entries().values():
        assert entry.behind and set(entry.behind) <= set(homes()), entry.key


@pytest.mark.parametrize("name", homes())
def test_a_derivation_has_the_words_that_people_use_for_it(name: str) -> None:
    assert len(keywords(name)) >= 2
    assert "Keywords" not in page(name)


@pytest.mark.parametrize("entry", literature.entries().values(), ids=lambda e: e.key)
def test_an_entry_is_complete(entry: literature.Entry) -> None:
    year = entry.key.rpartition("-")[2]
    assert entry.short.endswith(f"({year})")
    assert not entry.doi or re.fullmatch(r"10\.\d{4,}/\S+", entry.doi)
    assert not entry.arxiv or re.fullmatch(r"\d{4}\.\d{4,5}", entry.arxiv)


def test_an_entry_prints_its_authors_and_its_address() -> None:
    entry = literature.entries()["kullback-leibler-1951"]
    assert entry.short == "S. Kullback and R. A. Leibler (1951)"
    assert entry.address == "https://doi.org/10.1214/aoms/1177729694"


@pytest.mark.parametrize("entry", literature.entries().values(), ids=lambda e: e.key)
def test_a_paper_is_taken_apart_without_a_loss(entry: literature.Entry) -> None:
    *first, last = entry.authors
    parts = f"{' and '.join([*([', '.join(first)] if first else []), last])} ({entry.year}), {entry.title}"
    assert entry.text == (f"{parts}, {entry.place}" if entry.place else parts)
    bibtex = citing.paper(entry)
    assert bibtex.isascii() and bibtex.count("{") == bibtex.count("}")
    assert (entry.doi or entry.arxiv or entry.url) in bibtex


def test_an_entry_of_bibtex_has_its_accents_and_its_address() -> None:
    assert citing.paper(literature.entries()["li-turner-2016"]).splitlines() == [
        "@misc{li-turner-2016,",
        "  author = {Y. Li and R. E. Turner},",
        r"  title = {{R{\'e}nyi divergence variational inference}},",
        "  year = {2016},",
        "  eprint = {1602.02311},",
        "  archiveprefix = {arXiv},",
        "}",
    ]
