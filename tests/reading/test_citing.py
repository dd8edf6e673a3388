"""What is copied from a page compiles: every statement as LaTeX, every entry as BibTeX; what does not is found."""

import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading import citing
from derivations._reading.book import Book
from derivations._reading.edition import Edition
from derivations._reading.printed import printed

PROOFS = {v.name: v for v in verdicts() if isinstance(v, Theorem | Counterexample)}
BOOK = Book([], {}, {}, [], edition=Edition("1.2.3", "abc1234", "2026-11-30", "https://example.org/elbo/"))

# Of LaTeX and amsmath; a macro that is not among them is not known to be there.
LETTERS = r"""
, ; | ' _ & % # $ { } [ ] begin end item label left right middle mid frac sqrt sum prod int partial log exp det text mathrm mathcal
mathbb mathbf cdot dots quad in ne le ge infty to ell varepsilon alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi
pi rho sigma tau phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega textasciitilde textbackslash textasciicircum
"""
MACROS = frozenset(re.findall(r"\S+", LETTERS))
TOKEN = re.compile(r"\\([a-zA-Z]+|.)|([{}$])")


CLOSES = {"}": "{", "]": "[", "right": "left"}


def faults(tex: str) -> list[str]:
    """Why LaTeX would stop at this text: braces, environments, dollars, delimiters, macros."""
    return list(_faults(re.sub(r"(?<!\\)%.*", "", tex)))


def _faults(tex: str) -> Iterator[str]:
    yield from (f"the letter {letter!r}" for letter in sorted(set(tex)) if not letter.isascii())
    yield from (f"a bare {found}" for found in re.findall(r"(?<!\\)[&#~]", tex))
    opened: list[str] = []
    for match in TOKEN.finditer(tex):
        macro, mark = match.groups()
        if macro and macro not in MACROS:
            yield f"the macro \\{macro}"
        environment = re.match(r"\{(\w+)\}", tex[match.end() :])
        if mark == "{" or macro in ("[", "left"):
            opened.append(mark or macro)
        elif mark == "$" and "$" not in opened:
            opened.append("$")
        elif macro == "begin" and environment:
            opened.append(environment[1])
        elif mark in ("}", "$") or macro in ("]", "right", "end"):
            opener = environment[1] if macro == "end" and environment else CLOSES.get(mark or macro, mark)
            last = opened.pop() if opened else "nothing"
            if last != opener:
                yield f"{last} is closed as {opener}"
    yield from (f"{last} is left open" for last in opened)


def test_every_statement_is_whole() -> None:
    found = {name: said for name, v in PROOFS.items() if (said := faults(citing.tex(v, BOOK)))}
    assert found == {}
    assert len(PROOFS) > 300


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("{", "", "is closed as {"),
        (r"\end{theorem}", "", "theorem is left open"),
        (r"\right", "", "is closed as"),
        ("$", "", "is closed as"),
        (r"\log", r"\logarithm", r"the macro \logarithm"),
        ("For", "Fish & chips", "a bare &"),
        (r"\sigma", "σ", "the letter 'σ'"),
    ],
)
def test_what_would_not_compile_is_found(old: str, new: str, says: str) -> None:
    whole = re.sub(r"^%.*\n", "", citing.tex(PROOFS["gaussian_kl"], BOOK), flags=re.MULTILINE)
    assert faults(whole) == []
    assert any(says in fault for fault in faults(whole.replace(old, new, 1)))


@pytest.mark.parametrize("name", ["surgery_information", "gaussian_kl", "iwae_rate"])
def test_a_theorem_comes_with_all_of_its_hypotheses(name: str) -> None:
    tex, says = citing.tex(PROOFS[name], BOOK), printed(PROOFS[name])
    assert says.latex in tex
    for hypothesis in says.given(tex=True):
        assert f"${hypothesis}$" in tex
    for symbol, _ in says.domains(tex=True):
        assert f"${symbol}$" in tex


def test_a_proviso_is_copied_too() -> None:
    book = Book([], {}, {}, [], provisos={"gibbs": ["a > 0"]}, edition=BOOK.edition)
    assert "provided that\n\\begin{itemize}\n  \\item $a > 0$" in citing.tex(PROOFS["gibbs"], book)


def test_an_entry_names_the_printing() -> None:
    assert citing.bibtex(PROOFS["gaussian_kl"], BOOK).splitlines() == [
        "@misc{elbo_ref_gaussian_kl,",
        f"  title  = {{{{{PROOFS['gaussian_kl'].title}}}}},",
        "  author = {{The elbo-ref developers}},",
        "  year   = {2026},",
        r"  note   = {elbo-ref 1.2.3, commit abc1234, theorem \texttt{gaussian\_kl}},",
        "  url    = {https://example.org/elbo/derivations/gaussian_kl/#gaussian_kl},",
        "}",
    ]


def test_a_site_that_is_published_nowhere_has_no_address() -> None:
    book = Book([], {}, {}, [], edition=Edition("1.2.3"))
    assert "url" not in (entry := citing.bibtex(PROOFS["gaussian_kl"], book)) and "year" not in entry


def test_every_entry_closes_its_braces() -> None:
    entries = [citing.bibtex(v, BOOK) for v in PROOFS.values()]
    assert [e for e in entries if e.replace(r"\{", "").count("{") != e.replace(r"\}", "").count("}")] == []


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex on the path")
def test_every_statement_compiles(tmp_path) -> None:
    head = r"\documentclass{article}\usepackage{amsmath,amssymb,amsthm}\newtheorem{theorem}{Theorem}\newtheorem{remark}{Remark}"
    body = "\n\n".join(citing.tex(v, BOOK) for v in PROOFS.values())
    (tmp_path / "all.tex").write_text(f"{head}\\begin{{document}}\n{body}\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", errors="replace", check=False)
    assert ran.returncode == 0, ran.stdout[-2000:]
