"""The ledger file itself: complete, in the order of the documents, and free of verdicts."""

import re
import tomllib
from collections import Counter
from datetime import date
from itertools import accumulate, groupby, pairwise
from pathlib import Path

LEDGER = tomllib.loads((Path(__file__).parents[2] / "derivations" / "claims.toml").read_text(encoding="utf-8"))
DOCUMENTS, CLAIMS = LEDGER["documents"], LEDGER["claim"]

# The first census numbered the claims of each document from 01 without gaps; later finds continue the numbers.
FIRST_CENSUS = {"000": 98, "001": 25, "002": 81, "003": 98, "004": 89}


def document(claim: dict) -> str:
    return claim["id"].partition("-")[0]


def spans(claim: dict) -> list[tuple[int, int]]:
    """'14, 16-18' -> [(14, 14), (16, 18)]"""
    parts = [re.fullmatch(r"(\d+)(?:-(\d+))?", part) for part in claim["lines"].split(", ")]
    assert all(parts), f"{claim['id']}: lines {claim['lines']!r} are not of the form '14, 16-18'"
    return [(int(part[1]), int(part[2] or part[1])) for part in parts]


def plain(says: str) -> str:
    """What is left of a restatement when spelling, spacing and the base-free choice of ln or log do not count."""
    says = says.lower().replace(r"\ln", r"\log")
    return re.sub(r"\\[,;!]|\\left|\\right|[\s.,:$]|^\W*(table|boxed|docstring|thus|hence)\b", "", says)


def test_the_documents_are_described():
    assert list(DOCUMENTS) == sorted(FIRST_CENSUS)
    for facts in DOCUMENTS.values():
        assert set(facts) == {"title", "date", "about", "lines", "premises"}
        assert facts["title"] and facts["about"] and facts["lines"] > 0
        assert facts["date"] == "undated" or date.fromisoformat(facts["date"])


def test_a_claim_has_its_fields_and_nothing_else():
    for claim in CLAIMS:
        assert set(claim) - {"premises", "misprint"} == {"id", "section", "lines", "says", "cluster"}, claim
        assert claim.get("misprint", True) is True, claim
        words = [v for k, v in claim.items() if k not in ("premises", "misprint")] + claim.get("premises", [])
        assert all(isinstance(field, str) and field and field == field.strip() for field in words), claim
        assert "\n" not in claim["says"], claim
        assert re.fullmatch(r"\d{3}-\d{2,3}", claim["id"]), claim
        assert re.fullmatch(r"D(0[1-9]|[12]\d|30)", claim["cluster"]), claim


def test_the_lines_lie_in_the_document():
    for claim in CLAIMS:
        where = spans(claim)
        assert all(first <= last for first, last in where), claim
        assert all(last < first for (_, last), (first, _) in pairwise(where)), claim
        assert where[0][0] >= 1 and where[-1][1] <= DOCUMENTS[document(claim)]["lines"], claim


def test_the_formulas_are_closed():
    """Dollars pair up; braces and \\left ... \\right pair up within each formula; TeX stays inside, Unicode outside."""
    for claim in CLAIMS:
        pieces = claim["says"].split("$")
        assert len(pieces) % 2 == 1, claim
        assert not any("\\" in text for text in pieces[::2]), claim
        for formula in pieces[1::2]:
            assert formula and formula.isascii(), claim
            braces = re.findall(r"(?<!\\)[{}]", formula)
            depths = list(accumulate(1 if brace == "{" else -1 for brace in braces))
            assert all(depth >= 0 for depth in depths) and (not depths or depths[-1] == 0), claim
            assert len(re.findall(r"\\left\b", formula)) == len(re.findall(r"\\right\b", formula)), claim


def test_the_claims_follow_the_documents():
    order = [(document(claim), spans(claim)[0][0]) for claim in CLAIMS]
    assert order == sorted(order)


def test_ids_are_unique_and_without_gaps():
    counts = Counter(claim["id"] for claim in CLAIMS)
    assert [name for name, count in counts.items() if count > 1] == []
    for key, first in FIRST_CENSUS.items():
        numbers = sorted(int(claim["id"].partition("-")[2]) for claim in CLAIMS if document(claim) == key)
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) >= first


def test_no_document_says_the_same_twice_in_the_same_words():
    seen: dict[tuple[str, str], str] = {}
    for claim in CLAIMS:
        earlier = seen.setdefault((document(claim), plain(claim["says"])), claim["id"])
        assert earlier == claim["id"], f"{claim['id']} repeats {earlier}"


def test_a_section_stands_in_one_place():
    """The pages open a heading per section, so a section that comes back would give two equal headings."""
    headings = [key for key, _ in groupby((document(claim), claim["section"]) for claim in CLAIMS)]
    assert [heading for heading, count in Counter(headings).items() if count > 1] == []
