"""The built pages can be checked and cited: sources, texts to copy, permanent links, the bibliography. No browser is needed."""

import html
import re
from functools import cache
from pathlib import Path

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from docs._generator import examples, sheet
from tests.site.conftest import CHROMIUM, PAGES, SITE, with_a_site

pytestmark = with_a_site
PROOFS = [v for v in verdicts() if isinstance(v, Theorem | Counterexample)]
NEEDS = {  # what the part of a page about one verdict must hold, by what a reader does with it
    "a permanent link": r'<a class="permalink" href="[^"]*#{name}"',
    "the statement as TeX": r'<pre class="tex"><code>[^<]*\\label\{{elbo-ref:{name}\}}',
    "an entry as BibTeX": r'<pre class="bibtex"><code>@misc\{{elbo_ref_{name},',
    "the bibliography": r'href="[^"]*/guide/bibliography/(?:#[^"]+)?"',
    "the proof's source": r'href="[^"]*/source/derivations/[^"]*\.py/#L\d+"',
    "the checker's rules": r'href="[^"]*/source/elbo_check/rules_\w+\.py/#L\d+"',
}

PROSE = re.compile(r'<div class="highlight"><pre><span></span><code>[^<]')  # a block of code without a coloured word
BREAK = re.compile(r"\\(?:allowbreak|nobreak|newline|[bB]igg?[lrm])\b")  # how formulas are broken for the eye


@cache
def page(address: str) -> str:
    return (SITE / address / "index.html").read_text(encoding="utf-8")


def part(verdict: Theorem | Counterexample) -> str:
    """What the page says of one verdict: from its heading to the next."""
    text = page(f"derivations/{verdict.module}")
    begin = text.index(f'<h2 id="{verdict.name}"')
    end = text.find("<h2 ", begin + 1)
    return text[begin : end if end > 0 else len(text)]


def lacks(text: str, name: str) -> list[str]:
    return [what for what, pattern in NEEDS.items() if not re.search(pattern.format(name=name), text)]


def test_every_verdict_can_be_checked_and_cited() -> None:
    assert {v.name: found for v in PROOFS if (found := lacks(part(v), v.name))} == {}


@pytest.mark.parametrize("what", NEEDS)
def test_what_is_taken_away_is_missed(what: str) -> None:
    whole = part(next(v for v in PROOFS if v.name == "gaussian_kl"))
    assert lacks(re.sub(NEEDS[what].format(name="gaussian_kl"), "", whole), "gaussian_kl") == [what]


def test_every_line_of_a_proof_links_to_itself() -> None:
    for verdict in PROOFS:
        own = part(verdict)
        lines = re.findall(r'<li\b[^>]* id="([^"]+)"[^>]*>\s*(?:<p>)?<a class="here" href="#([^"]+)"', own)
        every = re.findall(rf'<li\b[^>]* id="({verdict.name}-\d+)-\d+"', own)
        assert len(set(lines)) == len(every) > 0, verdict.name
        assert len(set(every)) == own.count('<ol class="chain">'), verdict.name  # no chain is without
        assert all(line == target for line, target in lines)


def test_what_is_copied_is_the_formula_without_its_breaks() -> None:
    copied = [
        (name, piece.partition("</annotation>")[0]) for name in PAGES for piece in page(name).split("<annotation")[1:]
    ]
    assert len(copied) > 5000
    assert [(name, tex) for name, tex in copied if BREAK.search(tex)] == []
    assert BREAK.search(r"a \allowbreak + b") and BREAK.search(r"\bigl( a")


def test_no_markup_is_left_unread() -> None:
    """Markdown does not look into a block of HTML that stands in a list."""
    assert [name for name in PAGES if re.search(r'<\w[^<>]* markdown="', page(name))] == []


def test_the_reference_shows_formulas_and_programs_that_ran() -> None:
    pages = {p: page(f"reference/{p.name}") for p in (SITE / "reference").iterdir() if p.is_dir()}
    whole = "".join(pages.values())
    for path in examples.paths():
        begin = whole.index(f'id="elbo_ref.{path}"')
        said, here, _ = whole[begin:].partition("What holds for all functions")
        assert here and "doc-heading" not in said.partition(">")[2], path
        assert not PROSE.search(said), path
        assert '<div class="highlight"><pre>' in said and "assert " in re.sub("<[^>]*>", "", said), path


@pytest.mark.parametrize("paper", sheet.PAPERS)
def test_the_cheat_sheet_has_two_pages(paper: str) -> None:
    pdf, said = SITE / "assets/sheet" / f"{paper}.pdf", page("guide/sheet")
    if CHROMIUM:
        assert sheet.sheets(pdf.read_bytes()) == 2
    assert pdf.exists() == (f"{paper}.pdf" in said) == ("no Chromium" not in said)


def test_an_unknown_address_leads_on() -> None:
    lost = (SITE / "404.html").read_text(encoding="utf-8")
    assert 'name="search"' in lost and "There is no such page" in lost
    assert len(re.findall(r'<li><a href="[^"]+">', lost)) >= 4


def test_the_history_is_on_the_site() -> None:
    said = html.unescape(page("guide/history"))
    assert "<strong>Added</strong>" in said and "<strong>Renamed</strong>" in said
    for verdict in PROOFS:
        assert f'#{verdict.name}"' in said, verdict.name


def test_the_sources_stand_in_no_index() -> None:
    index = (SITE / "search" / "search_index.json").read_text(encoding="utf-8")
    assert '"location":"source/"' in index.replace(": ", ":")  # their list does
    assert not re.search(r'"location": ?"source/[^"#]', index)
    assert len(list(Path(SITE / "source").rglob("index.html"))) > 100
