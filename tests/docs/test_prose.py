"""The pages that people write: what they name exists, and what they promise is on them."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from markdown import Markdown

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from docs._generator import guide, refer, worked
from elbo_check.replay import RULES

DOCS = Path(__file__).parents[2] / "docs"
PATHS = [p for p in sorted(DOCS.glob("paths/*.md")) if p.name != "index.md"]
NAMED = {v.name: v for v in verdicts() if isinstance(v, Theorem | Counterexample)}


# --- names -----------------------------------------------------------------------------------------------------------


def html(text: str) -> str:
    return Markdown(extensions=["pymdownx.superfences", "tables", "docs._generator.refer"]).convert(text)


def test_a_name_becomes_a_link_in_the_words_of_its_title():
    assert html("By [[gibbs]].") == ('<p>By <a href="../derivations/gibbs.md#gibbs">Gibbs\' inequality</a>.</p>')


def test_a_counterexample_is_marked_as_one():
    assert refer.link("point_mass_is_tight").startswith(f"{refer.REFUTES} [")


def test_a_name_with_an_equals_sign_becomes_its_formula():
    assert refer.formula("gibbs").startswith(r"$D_{\mathrm{KL}}")
    assert html("[[=gibbs]]") == html(refer.formula("gibbs"))


def test_a_title_with_a_bar_stays_in_its_cell():
    title = NAMED["elbo_definition"].title
    assert "|" in title
    assert f">{title}</a></td>" in html("| a | b |\n| --- | --- |\n| c | [[elbo_definition]] |")


@pytest.mark.parametrize("text", ["[[nonsense]]", "[[=nonsense]]", "[[=point_mass_is_tight]]"])
def test_a_name_that_cannot_be_shown_stops_the_build(text):
    with pytest.raises(refer.UnknownVerdict, match="must name"):
        html(text)


def test_names_in_code_are_left_alone():
    assert "[[nonsense]]" in html("```python\n[[nonsense]]\n```\n\nand `[[nonsense]]`")


@pytest.mark.parametrize(
    ("asked", "found"),
    [("[[.3f: kl_normal(0, 2, 0, 1)]]", "0.807"), ('[[.1f: numbers("forward-reverse")["turn"]]]', "2.4")],
)
def test_a_number_is_computed_when_the_page_is_built(asked, found):
    assert html(asked) == f"<p>{found}</p>"


@pytest.mark.parametrize("expression", ["nonsense(1)", "open('x')", "1 / 0"])
def test_a_number_that_cannot_be_computed_stops_the_build(expression):
    with pytest.raises((NameError, ZeroDivisionError)):
        html(f"[[.3f: {expression}]]")


@pytest.mark.parametrize("page", [p for p in sorted(DOCS.glob("[gp]*/*.md"))], ids=lambda p: p.stem)
def test_no_rounded_number_is_typed(page):
    typed = re.findall(r"\\approx\s*-?[\d.]+", page.read_text(encoding="utf-8"))
    assert typed == ([r"\approx 2.80"] if page.stem == "figures" else [])  # tests/docs/test_pictures.py finds that one


# --- pages -----------------------------------------------------------------------------------------------------------


def asked() -> set[tuple[str, str]]:
    return {ask for p in DOCS.glob("*/*.md") for ask in guide.ASKED.findall(p.read_text(encoding="utf-8"))}


def test_pages_ask_for_what_is_there_and_no_program_is_idle():
    assert {name for kind, name in asked() if kind == "statement"} <= set(NAMED)
    assert {name for kind, name in asked() if kind == "worked"} == set(worked.PROGRAMS)


def test_a_statement_that_is_not_there_stops_the_build():
    with pytest.raises(KeyError, match=r"statement-nonsense\.md is asked for"):
        guide.statement("nonsense", SimpleNamespace(named={}))


def test_what_is_trusted_is_measured():
    run_ = {"proved": 3, "refuted": 1, "cites": {"gaussian": 2}, "inferences": 9}
    rows = guide.trusts(DOCS.parent, run_).splitlines()[2:]
    lines = sum(len(p.read_text(encoding="utf-8").splitlines()) for p in (DOCS.parent / "elbo_check").glob("*.py"))
    assert f"{lines:,} lines" in rows[0] and f"| {len(RULES)} |" in rows[1]
    assert rows[-1] == "| the Gaussian integral | 2 of 4 proofs | taken from a table |"


def stops(page: Path) -> list[str]:
    return re.split(
        r"^## (?=\d+\. )", page.read_text(encoding="utf-8").partition("\n## Where to go")[0], flags=re.MULTILINE
    )[1:]


@pytest.mark.parametrize("page", PATHS, ids=lambda p: p.stem)
def test_every_stop_of_a_path_is_complete(page):
    found = stops(page)
    assert [int(s.partition(".")[0]) for s in found] == list(range(1, len(found) + 1))
    for stop in found:
        for part in ("**Keep in mind.**", "**Common mistake", "**Test yourself.**", '??? answer "Answer"'):
            assert stop.count(part) == 1, (stop[:40], part)


def test_ten_pages_are_ten():
    path = DOCS / "paths" / "from-kl-to-the-elbo.md"
    first = [guide.ASKED.search(stop)[2] for stop in stops(path)]
    assert len({NAMED[name].module for name in first}) == len(first) == 10


@pytest.mark.parametrize(
    "page", [*PATHS, DOCS / "guide" / "tables.md", DOCS / "guide" / "exercises.md"], ids=lambda p: p.stem
)
def test_what_is_shown_as_a_theorem_is_one(page):
    names = [name for kind, name in guide.ASKED.findall(page.read_text(encoding="utf-8")) if kind == "statement"]
    assert all(isinstance(NAMED[name], Theorem) for name in names)


def test_what_the_tables_call_refuted_is_refuted():
    names = re.findall(
        r"\*\*Refuted\*\*[^|]*?\[\[(\w+)\]\]", (DOCS / "guide" / "tables.md").read_text(encoding="utf-8")
    )
    assert len(names) >= 14
    assert all(isinstance(NAMED[name], Counterexample) for name in names)
