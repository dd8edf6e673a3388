"""Formulas without the tags that nothing looks at."""

import re
from pathlib import Path

import pytest

from docs._generator import katex
from docs._generator.lean import IDLE, lean, unindented

ASSETS = Path(katex.KATEX).parents[1]
STYLES = "".join(p.read_text(encoding="utf-8") for p in [*ASSETS.glob("*.css"), *ASSETS.glob("katex/*.css")])
SCRIPTS = "".join(p.read_text(encoding="utf-8") for p in [*ASSETS.glob("*.js"), *ASSETS.glob("figures/*.js")])


@pytest.mark.parametrize("name", sorted(IDLE))
def test_no_style_sheet_and_no_script_asks_for_what_is_left_out(name: str) -> None:
    assert not re.search(rf"\.{name}\b", STYLES + SCRIPTS)


def test_what_is_asked_for_stays() -> None:
    for name in ("mathnormal", "vlist", "mspace", "msupsub"):
        assert re.search(rf"\.{name}\b", STYLES)
    assert re.search(r"\.mrel\b", SCRIPTS)
    assert "mrel" in katex.render("x = y", display=True)


@pytest.mark.parametrize(
    ("whole", "leaner"),
    [
        ('<span class="mord">x</span>', "x"),
        ('<span class="mord mathnormal">x</span>', '<span class="mathnormal">x</span>'),
        ('<span class="mord" style="top:1em">x</span>', '<span style="top:1em">x</span>'),
        ("<span>x</span>", "<span>x</span>"),  # KaTeX's own: a style sheet counts it as a child
        (
            '<span class="vlist"><span style="top:1em"><span class="pstrut"></span><span class="mord"><span class="mord">x</span></span></span></span>',
            '<span class="vlist"><span style="top:1em"><span class="pstrut"></span><span>x</span></span></span>',
        ),
    ],
)
def test_a_span_goes_if_nothing_is_left_of_it(whole: str, leaner: str) -> None:
    assert lean(whole) == leaner


def test_a_formula_keeps_its_letters_and_its_twin() -> None:
    formula = katex.render(r"\frac{1}{N} \sum_{n=1}^N \log \mathcal{N}(x_n;\, \mu, \sigma^2)", display=True)
    twin, shown = formula.split('<span class="katex-html"')
    assert "<mfrac>" in twin and formula.count("<span") == formula.count("</span>")
    assert re.sub(r"<[^>]*>|[\s\u200b]", "", shown.partition(">")[2]) == "N1n=1∑NlogN(xn;μ,σ2)"


def test_a_page_loses_its_indentation_but_where_it_is_shown() -> None:
    code = "<pre><span>if a:</span>\n    <span>b</span></pre>"
    page = f"<div>\n\n    <p>one\n    line</p>\n  {code}\n      <p title='a\n  b'>x</p>\n</div>"
    assert unindented(page) == f"<div>\n<p>one\n    line</p>\n  {code}\n      <p title='a\n  b'>x</p>\n</div>"
