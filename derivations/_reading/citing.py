r"""A verdict as others cite it: its statement with all hypotheses as LaTeX, and its entry for a bibliography as BibTeX."""

import re
import unicodedata

from derivations._language.verdicts import Counterexample
from derivations._reading.book import Book, Proof
from derivations._reading.literature import Entry
from derivations._reading.printed import latex, printed, together
from derivations._reading.symbols import heads

PREAMBLE = r"amsmath, amssymb, amsthm and \newtheorem{%s}{%s}"
SPECIAL = {
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "$": r"\$",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
}
SPECIAL |= {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "é": r"\'e",
    "≤": r"$\le$",
    "≥": r"$\ge$",
    "−": "$-$",
}

ACCENTS = {"\u0301": r"\'", "\u0308": r"\""}  # combining: acute, two dots
LETTERS = {"ø": r"{\o}", "–": "--"}


def prose(words: str) -> str:
    """Words without formulas, as LaTeX."""
    return "".join(SPECIAL.get(letter, letter) for letter in words)


def tex(verdict: Proof, book: Book) -> str:
    """The statement with everything that it needs, as a theorem; what is false, as a remark with its negation."""
    says = printed(verdict)
    places = [_mixed(line) for line in together(verdict)]
    given = [f"${h}$" for h in says.given(tex=True)]
    proviso = [f"${p}$" for p in book.provisos.get(verdict.name, ())]
    kind = "remark" if isinstance(verdict, Counterexample) else "theorem"
    lines = [
        f"% {verdict.title}: {verdict.name}, {book.edition.said}.",
        f"% Needs {PREAMBLE % (kind, kind.capitalize())}.",
        rf"\begin{{{kind}}}[{{{prose(verdict.title)}}}]\label{{elbo-ref:{verdict.name}}}",
        *_listed("For", [*places, *(f"${head.tex}$: {prose(head.words)}" for head in heads(verdict))]),
        *_listed("given", given),
    ]
    if isinstance(verdict, Counterexample):
        lines += [
            "it is false in general that",
            _display(says.latex),
            "There are values at which",
            _display(latex(verdict.negation)),
        ]
    else:
        lines += [*_listed("provided that", proviso), "it holds that", _display(says.latex)]
    return "\n".join([*lines, rf"\end{{{kind}}}"]) + "\n"


def bibtex(verdict: Proof, book: Book) -> str:
    """An entry that names the theorem and the printing; its address only where the site has one."""
    printing = book.edition
    what = "refutation" if isinstance(verdict, Counterexample) else verdict.kind
    fields = {
        "title": f"{{{prose(verdict.title)}}}",
        "author": "{The elbo-ref developers}",
        "year": printing.day[:4],
        "note": rf"{prose(printing.said)}, {what} \texttt{{{prose(verdict.name)}}}",
        "url": f"{printing.address}derivations/{verdict.module}/#{verdict.name}" if printing.address else "",
    }
    rows = [f"  {key:<6} = {{{value}}}," for key, value in fields.items() if value]
    return "\n".join([f"@misc{{elbo_ref_{verdict.name},", *rows, "}"]) + "\n"


def paper(entry: Entry) -> str:
    """A paper as an entry of BibTeX."""
    where = ("doi", entry.doi) if entry.doi else ("eprint", entry.arxiv) if entry.arxiv else ("url", entry.url)
    fields = {
        "author": _ascii(" and ".join(entry.authors)),
        "title": f"{{{_ascii(entry.title)}}}",
        "year": entry.year,
        "note": _ascii(entry.place),
    } | dict([where])
    if entry.arxiv and not entry.doi:
        fields["archiveprefix"] = "arXiv"
    rows = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
    return "\n".join([f"@misc{{{entry.key},", *rows, "}"]) + "\n"


def _ascii(words: str) -> str:
    """Words with their accents as LaTeX writes them."""
    said = ""
    for letter in prose(unicodedata.normalize("NFD", words)):
        if letter in ACCENTS:
            said = f"{said[:-1]}{{{ACCENTS[letter]}{said[-1]}}}"
        else:
            said += LETTERS.get(letter, letter)
    return said


def _listed(word: str, items: list[str]) -> list[str]:
    if not items:
        return []
    return [word, r"\begin{itemize}", *(rf"  \item {item}" for item in items), r"\end{itemize}"]


def _display(formula: str) -> str:
    return f"\\[\n  {formula}\n\\]"


def _mixed(words: str) -> str:
    """Words in which formulas stand between dollars."""
    return "$".join(part if k % 2 else prose(part) for k, part in enumerate(re.split(r"\$", words)))
