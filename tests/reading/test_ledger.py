"""The ledger is closed: every claim of the documents has exactly one verdict, and every verdict says what it must."""

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Citation
from derivations._reading.book import Book
from derivations._reading.ledger import book, rows

BOOK, ROWS = book({}), rows()


def test_no_claim_is_open():
    assert [r["id"] for r in ROWS if r["verdict"] == "open"] == []


def test_no_claim_has_two_verdicts():
    assert {c: [v.name for _, v in found] for c, found in BOOK.settled.items() if len(found) > 1} == {}


def test_every_claim_that_a_verdict_names_is_in_the_ledger():
    known = {c["id"] for c in BOOK.claims}
    named = {c for v in BOOK.verdicts for c in (*v.claims, *getattr(v, "amends", ()))}
    assert named <= known


def test_few_claims_are_not_mathematics():
    assert sum(r["verdict"] == "not mathematics" for r in ROWS) <= 0.15 * len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r["id"])
def test_a_row_says_what_settles_it(row):
    match row["verdict"]:
        case "proved" | "proved under extra hypotheses":
            assert row["derivation"] and row["statement"]
        case "refuted":
            assert row["counterexample"] and row["instead"] in BOOK.named
        case "cited":
            assert row["statement"]
        case "not mathematics":
            assert row["reason"] and row["nearest"] in BOOK.named
        case unsettled:
            pytest.fail(f"the verdict is {unsettled!r}")


@pytest.mark.parametrize("cited", [v for v in BOOK.verdicts if isinstance(v, Citation)], ids=lambda v: v.name)
def test_a_citation_has_author_year_and_theorem(cited):
    assert any(word.isdigit() and len(word) == 4 for word in cited.source.replace("(", " ").replace(")", " ").split())
    assert "heorem" in cited.source


@pytest.mark.parametrize(
    ("proof", "checker", "status", "standing"),
    [
        ("passed", "passed", "proved", "proved"),
        ("passed", "failed: inference 3 (sign): no", "prover only", "prover only"),
        ("failed: no", "not run: there is no proof to check", "refused", "prover only"),
    ],
)
def test_only_what_the_checker_accepts_is_called_proved(proof, checker, status, standing):
    gibbs = next(v for v in verdicts() if v.name == "gibbs")
    claims = [{"id": claim} for claim in gibbs.claims]
    book = Book([gibbs], {"gibbs": {"proof": proof, "checker": checker}}, {}, claims)
    assert book.status(gibbs) == status
    assert claims and {book.standing(claim) for claim in claims} == {standing}
