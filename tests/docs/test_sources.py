"""The sources on the site: what is shown is the file, line by line, and links point at what they say."""

import html
import re
from pathlib import Path

import pytest

from derivations._language.chapters import verdicts
from derivations._reading import trail
from derivations._reading.book import Book
from derivations._reading.edition import Edition
from docs._generator import sources
from docs._generator.printing import made_from
from elbo_check.replay import RULES

ROOT = Path(__file__).parents[2]
PROOFS = [v for v in verdicts() if hasattr(v, "proof")]


def shown(page: str) -> list[str]:
    """The lines of a listing as a reader sees them, without their numbers."""
    rows = re.sub(r'<a id="L(\d+)" href="#L\1" tabindex="-1">\1</a>', "", page)
    return html.unescape(re.sub(r"<[^>]*>", "", rows)).splitlines()


@pytest.mark.parametrize(
    "name",
    [
        "elbo_check/terms.py",
        "elbo_check/FORMAT.md",
        "docs/assets/checker/poly.mjs",
        "derivations/gaussians/gaussian_kl.py",
    ],
)
def test_a_listing_is_the_file(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    page = sources.listing(ROOT / name)
    assert shown(page) == text.splitlines()
    assert f'id="L{len(text.splitlines())}"' in page
    assert not set("`[\\$*_{") & set(re.sub(r"<[^>]*>", "", page))  # what Markdown would read


def test_a_line_that_is_left_out_is_missed():
    page = sources.listing(ROOT / "elbo_check/terms.py")
    assert (
        shown(page.replace('<a id="L9"', "\n", 1))
        != (ROOT / "elbo_check/terms.py").read_text(encoding="utf-8").splitlines()
    )


def test_everything_that_a_skeptic_reads_is_there():
    there = {p.relative_to(ROOT).as_posix() for several in sources.files(ROOT).values() for p in several}
    assert {trail.file(v) for v in PROOFS} <= there
    assert {p.relative_to(ROOT).as_posix() for p in ROOT.glob("elbo_check/**/*.py")} <= there
    assert {p.relative_to(ROOT).as_posix() for p in ROOT.glob("derivations/_kernel/*.py")} <= there


def test_a_rule_is_where_its_link_says():
    for name, rule in RULES.items():
        file, line = sources.place(ROOT, rule).split(".md#L")
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        assert any(f"def {name}(" in found for found in lines[int(line) - 1 : int(line) + 3]), name


def test_a_verdict_leads_to_its_proof_and_to_the_rules_that_accept_it():
    verdict = next(v for v in PROOFS if v.name == "gaussian_kl")
    said = trail.sources(
        verdict, Book([], {}, {}, [], rules={"gaussian_kl": {"unfold": "elbo_check/rules_algebra.py.md#L11"}})
    )
    first = int(re.search(r"gaussian_kl\.py\.md#L(\d+)\)", said)[1])
    lines = (ROOT / trail.file(verdict)).read_text(encoding="utf-8").splitlines()
    assert "@theorem" in lines[first - 1]
    assert "[`unfold`](../source/elbo_check/rules_algebra.py.md#L11)" in said and "report" not in said


def test_a_repository_adds_links_to_report_and_to_edit():
    printing = Edition(
        "1.2.3", "abc1234", "2026-11-30", "https://example.org/", "https://git.example.org/elbo", "edit/main"
    )
    verdict = next(v for v in PROOFS if v.name == "gaussian_kl")
    said = trail.sources(verdict, Book([], {}, {}, [], edition=printing))
    assert "](https://git.example.org/elbo/issues/new?title=Error+on+gaussian_kl&body=" in said
    assert printing.edit(made_from("derivations/gaussian_kl.md")).endswith(
        "/edit/main/derivations/gaussians/gaussian_kl.py"
    )
    assert Edition().edit("docs/index.md") == Edition().report("gibbs", "derivations/gibbs/") == ""


@pytest.mark.parametrize(
    "page",
    [
        "index.md",
        "derivations/gibbs.md",
        "derivations/gaussians/index.md",
        "source/elbo_check/terms.py.md",
        "source/index.md",
        "guide/check.md",
    ],
)
def test_a_page_is_made_from_a_file_that_is_there(page):
    assert (ROOT / made_from(page)).is_file()
