"""The pages: what is rendered is what was proved, and what cannot be rendered stops the build."""

import ast
import json
import re
import runpy
import sys
import tomllib
from html import escape
from itertools import chain, pairwise
from pathlib import Path

import mpmath
import pytest
from markdown import Markdown

import elbo_ref
from derivations._kernel import Notation
from derivations._language import words
from derivations._language.chapters import verdicts
from derivations._language.notation import Law
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.book import NoEvidence, evidence, fingerprint
from derivations._reading.printed import latex, printed
from docs._generator import graph, katex, reference
from docs._generator.breaks import breakable

ROOT = Path(__file__).parents[1]


# --- formulas --------------------------------------------------------------------------------------------------------


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


def test_every_rule_that_has_words_is_a_rule_of_the_kernel():
    kernel = "".join(p.read_text() for p in sorted((ROOT / "derivations" / "_kernel").glob("*.py")))
    strings = {n.value for n in ast.walk(ast.parse(kernel)) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    assert set(words.REASONS) | words.SILENT <= strings


def test_every_definition_that_a_proof_opens_has_words():
    classes = {*Notation.__subclasses__(), *Law.__subclasses__()} - {Law}
    ours = {c.__name__ for c in classes if c.__module__.startswith("derivations.")}  # other tests make classes too
    assert ours == set(words.DEFINED)


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
    assert breakable(r"[0, 1)") == "[0, 1)"


# --- evidence --------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    for folder in ("derivations", "derivations/_kernel", "elbo_ref", "build"):
        (tmp_path / folder).mkdir()
    (tmp_path / "derivations" / "one.py").write_text("one = 1\n")
    return tmp_path


def test_a_site_without_checks_is_refused(project):
    with pytest.raises(NoEvidence, match=r"verify\.json is missing: run `make build/verify\.json`"):
        evidence(project / "build" / "verify.json")


@pytest.mark.parametrize(
    "changed", ["derivations/one.py", "derivations/_kernel/logic.py", "derivations/claims.toml", "elbo_ref/two.py"]
)
def test_checks_of_older_sources_are_refused(project, changed):
    found = project / "build" / "verify.json"
    found.write_text(json.dumps({"verdicts": [], "totals": {"failed": 0}, "sources": fingerprint(project)}))
    assert evidence(found)["verdicts"] == []
    (project / changed).write_text("one = 2\n")
    with pytest.raises(NoEvidence, match="older than the sources"):
        evidence(found)


def test_failed_checks_stop_the_site(project):
    found = project / "build" / "verify.json"
    found.write_text(json.dumps({"verdicts": [], "totals": {"failed": 2}, "sources": fingerprint(project)}))
    with pytest.raises(NoEvidence, match="2 verdicts failed"):
        evidence(found)


# --- the graph -------------------------------------------------------------------------------------------------------


def nodes(names: str) -> dict[str, graph.Node]:
    return {n: graph.Node(f"Theorem {n}", "proved", "", f"../{n}/") for n in names}


def test_the_graph_links_every_node_and_leaves_out_what_follows():
    drawn = graph.svg(nodes("abcd"), {("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("a", "d")}, "Graph")
    assert re.findall(r'<a href="\.\./(\w)/"', drawn) == list("abcd")
    assert drawn.count('class="edge"') == 3


def test_boxes_of_the_graph_do_not_overlap():
    names = "abcdefgh"
    drawn = graph.svg(nodes(names), {(a, b) for a in names[:3] for b in names[3:]}, "Graph")
    boxes = [
        tuple(map(float, b)) for b in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="\d+" height="(\d+)"', drawn)
    ]
    columns = {x: sorted(b for b in boxes if b[0] == x) for x, _, _ in boxes}
    assert len(boxes) == len(names)
    assert len(columns) == 2
    assert all(above[1] + above[2] < below[1] for column in columns.values() for above, below in pairwise(column))


def test_a_cycle_in_the_graph_is_refused():
    with pytest.raises(ValueError, match="must have no cycle, but these nodes use each other: a, b"):
        graph.svg(nodes("abc"), {("a", "b"), ("b", "a")}, "Graph")


# --- words -----------------------------------------------------------------------------------------------------------


def test_a_docstring_becomes_markdown():
    name = verdicts()[0].name
    text = f"Sum.\n\na = b * c\n\nShapes: (..., D).\nRaises ValueError if a\nis bad.\nTheorem: {name}."
    lines = reference.markdown(text).splitlines()
    assert lines[2:5] == ["```text", "a = b * c", "```"]
    assert lines[6:8] == ["- **Shapes** (..., D).", "- **Raises** ValueError if a is bad."]
    assert f".md#{name})." in lines[8]


def test_a_docstring_does_not_link_to_a_theorem_that_is_not_there():
    assert reference.markdown("Sum.\n\nTheorem: nonsense.").endswith("`nonsense` (no proof yet).")


def programs() -> dict[str, str]:
    """The Python on each page that people wrote, as one program a page."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "docs").glob("[gr]*/*.md")]
    found = {p: re.findall(r"^```python\n(.*?)^```", p.read_text(), re.MULTILINE | re.DOTALL) for p in sorted(pages)}
    return {page.relative_to(ROOT).as_posix(): "\n".join(codes) for page, codes in found.items() if codes}


@pytest.mark.parametrize("page", programs())
def test_the_code_on_a_page_runs_and_prints_what_it_says(page, tmp_path, capsys):
    program = tmp_path / "program.py"
    program.write_text(programs()[page])
    runpy.run_path(str(program))
    assert [line for line in capsys.readouterr().out.splitlines() if f"# {line}" not in programs()[page]] == []


def test_the_table_of_accuracy_is_true():
    rows = re.findall(r"^\| 1 \+ (\S+) \| (\S+) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert len(rows) == 5
    for excess, shown in rows:
        std = 1 + float(excess)
        with mpmath.workdps(60):
            exact = (mpmath.mpf(std) ** 2 - 1) / 2 - mpmath.log(mpmath.mpf(std))
        value = elbo_ref.kl_normal(0.0, std, 0.0, 1.0)
        assert abs(value - exact) <= 2 * sys.float_info.epsilon * exact
        assert f"{float(value):.6e}" == shown


# --- packaging -------------------------------------------------------------------------------------------------------


def test_every_requirement_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pins = (ROOT / "constraints.txt").read_text()
    pinned = {line.partition("==")[0].lower() for line in pins.splitlines() if "==" in line}
    assert {re.match(r"[\w-]+", w)[0].lower() for w in wanted} <= pinned


def test_the_version_is_the_same_everywhere():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
