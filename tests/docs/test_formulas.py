"""Formulas on the pages: what is rendered is what was proved, and what cannot be rendered stops the build."""

import re
from html import escape

import pytest
from markdown import Markdown

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.printed import latex, printed
from docs._generator import katex
from docs._generator.breaks import breakable


def markdown(text: str) -> str:
    extensions = ["pymdownx.arithmatex", "docs._generator.katex"]
    return Markdown(extensions=extensions, extension_configs={"pymdownx.arithmatex": {"generic": True}}).convert(text)


def test_formulas_become_html_with_a_twin_in_mathml():
    html = markdown(r"Inline $\frac{a}{b}$." + "\n\n$$\n\\int q\\,dz\n$$\n")
    assert html.count("<math ") == 2
    assert html.count('<div class="formula"') == 1
    assert "arithmatex" not in html


@pytest.mark.parametrize("tex", [r"\frac{a}", r"\nosuchcommand", r"\left( a", "a_b_c", "ä"])
def test_a_formula_that_katex_refuses_stops_the_build(tex):
    with pytest.raises(katex.TexError, match="KaTeX refuses"):
        markdown(f"$${tex}$$")


PROOFS = [v for v in verdicts() if isinstance(v, Theorem | Counterexample)]


@pytest.mark.parametrize("verdict", PROOFS, ids=lambda v: v.name)
def test_every_statement_can_be_set(verdict):
    said = printed(verdict)
    negation = [latex(verdict.negation)] if isinstance(verdict, Counterexample) else []
    for tex in (said.latex, *said.given(tex=True), *negation):
        assert "katex-display" in katex.render(tex, display=True)
    for symbol, _ in said.domains(tex=True):
        assert "<math" in katex.render(symbol, display=False)


SIZES = re.compile(r"\\(left|right|middle|(big|Big|bigg)[lrm])(?![a-zA-Z])|\\(allow|no)break |\\newline |\\,|\s")


@pytest.mark.parametrize("verdict", PROOFS, ids=lambda v: v.name)
@pytest.mark.parametrize("display", [True, False])
def test_a_formula_that_may_break_says_the_same(verdict, display):
    tex = printed(verdict).latex
    assert SIZES.sub("", breakable(tex, display=display)) == SIZES.sub("", tex)
    assert f">{escape(tex, quote=False)}</annotation>" in katex.render(tex, display=display)


def test_formulas_break_before_signs_and_not_within_short_brackets():
    assert breakable(r"a + f(x + y) = - b") == (
        r"a \allowbreak +\nobreak  f(x +\nobreak  y) \allowbreak =\nobreak  - b"
    )
    long = " + ".join("abcdefghijklmnopq")
    assert breakable(rf"\left({long}\right)").startswith(r"\bigl(a \allowbreak +\nobreak  b")
    assert breakable(r"\Big[x + \frac12\Big]") == r"\biggl[x +\nobreak  \frac12\biggr]"  # one size, not two
    assert breakable(r"[0, 1)") == "[0, 1)"
