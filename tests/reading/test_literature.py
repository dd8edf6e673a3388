"""The bibliography: every derivation goes back to something, and every address has the form of one."""

import re

import pytest

from derivations._language.chapters import homes
from derivations._reading import literature


def test_every_derivation_has_a_paper_and_every_paper_a_derivation() -> None:
    named = {m for e in literature.entries().values() for m in e.behind}
    assert named == set(homes())


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
