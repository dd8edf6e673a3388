"""The pages of the reference: docstrings as Markdown, with links to their theorems."""

import inspect
import re
from pathlib import Path

import pytest

import elbo_ref
from derivations._language.chapters import verdicts
from docs._generator import examples, plainmath, reference
from docs._generator.run import ProgramFailed


def test_a_docstring_becomes_markdown():
    name = verdicts()[0].name
    text = f"Sum.\n\ns = b * c.\n\nShapes: (..., D).\nRaises ValueError if a\nis bad.\nTheorem: {name}."
    lines = reference.markdown(text).splitlines()
    assert lines[2:5] == ["$$", r"s = b \times c.", "$$"]
    assert lines[6:8] == ["- **Shapes** (..., D).", "- **Raises** ValueError if a is bad."]
    assert f".md#{name})." in lines[8]


def test_a_docstring_does_not_link_to_a_theorem_that_is_not_there():
    assert reference.markdown("Sum.\n\nTheorem: nonsense.").endswith("`nonsense` (no proof yet).")


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        (
            "KL(q || p) = sum_i q_i log(q_i / p_i)",
            r"D_{\mathrm{KL}}(q \,\|\, p) = \sum_{i} q_{i} \log\left(\frac{q_{i}}{p_{i}}\right)",
        ),
        ("k = a b / (2 c) - 1 / 2", r"k = \frac{a b}{2 c} - \frac{1}{2}"),
        ("d^T cov_p^-1 d", r"d^{\top}\, \mathrm{cov}_{p}^{-1} d"),
        ("E_q(z) H(q(n | z))", r"\mathbb{E}_{q(z)} H(q(n \mid z))"),
        ("sum_j x_j / 2", r"\sum_{j} \frac{x_{j}}{2}"),
        ("u (v + w) / sum_k u_k", r"\frac{u (v + w)}{\sum_{k} u_{k}}"),
        ("(tr(C) + |d|^2 - D) / 2", r"\frac{\operatorname{tr}(C) + \|d\|^{2} - D}{2}"),
        ("N(z; mean, std^2)", r"\mathcal{N}(z;\, \mathrm{mean},\, \mathrm{std}^{2})"),
    ],
)
def test_a_formula_in_plain_text_is_set(text, tex):
    assert plainmath.tex(text) == tex


@pytest.mark.parametrize("text", ["a = (b", "a / = b", "a ^"])
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(plainmath.NotAFormula):
        plainmath.tex(text)


def test_every_equation_of_a_docstring_is_set():
    for name, f in vars(elbo_ref).items():
        if inspect.isfunction(f):
            for paragraph in (inspect.getdoc(f) or "").split("\n\n")[1:]:
                assert plainmath.displayed(paragraph, [*inspect.signature(f).parameters]), name


def test_prose_after_a_formula_stays_prose():
    said = plainmath.markdown("H(p) = - sum_i p_i log p_i, with 0 log 0 = 0; between 0 and log K.")
    assert said == "$$\nH(p) =  - \\sum_{i} p_{i} \\log p_{i},\n$$\n\nwith $0 \\log 0 = 0$; between 0 and $\\log K$."
    assert plainmath.markdown("It is a sum, for K = 1 too.") == "It is a sum, for K = 1 too."


def test_a_sentence_has_its_formulas_set_and_keeps_its_words() -> None:
    said = plainmath.inline(
        "The KL of `N(a, b)`, log p(x) less the mean, for N(weight z, 1); q log(q / posterior).", ["weight"]
    )
    assert said == (
        r"The KL of `N(a, b)`, $\log p(x)$ less the mean, for $\mathcal{N}(\mathrm{weight}\, z,\, 1)$; q log(q / posterior)."
    )


def test_every_function_has_an_example():
    functions = [f for f in map(vars(elbo_ref).get, elbo_ref.__all__) if inspect.isfunction(f)]
    paths = [f"{f.__module__}.{f.__name__}".removeprefix("elbo_ref.") for f in functions]
    assert [p for p in paths if p not in examples.paths() and p != "_core.arrays.unchecked"] == []
    assert len(paths) > 45


@pytest.mark.parametrize("path", [p for p in examples.paths() if not p.startswith("quadrature_torch")])
def test_an_example_runs_and_shows_a_number(path):
    assert "assert " in examples.example(path) and "  # " in examples.example(path)


def test_an_example_that_fails_stops_the_build(monkeypatch):
    monkeypatch.setitem(examples._PROGRAMS, "discrete.wrong", "h = elbo_ref.entropy(np.array([1.0]))\nassert h > 0")
    with pytest.raises(ProgramFailed, match=r"discrete\.wrong: assert h > 0"):
        examples.example("discrete.wrong")


def test_every_theorem_that_a_function_names_is_there():
    names = {v.name for v in verdicts()}
    docs = {p: p.read_text(encoding="utf-8") for p in sorted(Path(elbo_ref.__file__).parent.rglob("*.py"))}
    named = {
        n
        for doc in docs.values()
        for line in re.findall(r"^ +Theorems?: (.*)", doc, re.MULTILINE)
        for n in re.findall(r"\w+", line)
    }
    assert named - names == {"none", "yet"}
    assert len(named) > 40
