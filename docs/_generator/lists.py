"""The pages that list things: the contents, the counts of the front page, the exercise."""

import re
from collections.abc import Mapping
from typing import Any

from derivations._language import chapters
from derivations._language.verdicts import Citation, Counterexample, Theorem
from derivations._reading.book import Book
from derivations._reading.edition import Edition
from derivations._reading.printed import latex, printed
from derivations._reading.render import div, listing, title
from derivations._reading.standings import STANDINGS
from docs._generator import guide
from docs._generator.ledger import badge

WAYS = {
    "scipy": "SciPy quadrature",
    "mpmath": "mpmath quadrature",
    "enclosure": "ball arithmetic",
    "numpy": "elbo_ref, NumPy",
    "torch": "elbo_ref, torch",
    "torch_quadrature": "torch quadrature",
}


def contents(book: Book) -> str:
    """Every derivation with its verdicts and what they state, by chapter."""
    titles = {chapter: title(chapter) for chapter in book.chapters}
    parts = [" · ".join(f"[{words}](#{_anchor(words)})" for words in titles.values())]
    for chapter, modules in book.chapters.items():
        parts.append(f"## [{titles[chapter]}]({chapter}/index.md) {{ #{_anchor(titles[chapter])} }}")
        parts += [_entry(module, book, "###", ".") for module in modules]
    return "\n\n".join(parts) + "\n"


def chapter(name: str, book: Book) -> str:
    """The page of a chapter: what it is about, then its derivations with what they state."""
    prose = re.sub(r"\]\((\w+\.md)", r"](../\1", chapters.page(name))
    return "\n\n".join([prose, *(_entry(module, book, "##", "..") for module in book.chapters[name])]) + "\n"


def _entry(module: str, book: Book, level: str, up: str) -> str:
    """A derivation in a list: its title and its verdicts."""
    rows = []
    for v in book.of(module):
        mark = "" if isinstance(v, Theorem) else " " + badge("cited" if isinstance(v, Citation) else "refuted")
        says = v.says if isinstance(v, Citation) else f"${printed(v).latex}$"
        link = f'<dt markdown="span">[{v.title}]({up}/{module}.md#{v.name}){mark}</dt>'
        rows.append(f'{link}\n<dd markdown="span">{says}</dd>')
    return f"{level} [{title(module)}]({up}/{module}.md)\n\n{listing(rows, 'facts verdicts')}"


def _anchor(topic: str) -> str:
    return topic.lower().replace(" ", "-")


def totals(book: Book, run: Mapping[str, Any], edition: Edition) -> str:
    """The counts of the front page, and the run of the checks that they come from."""
    known = [book.status(v) for v in book.proofs if getattr(v, "kind", "theorem") == "theorem"]
    standings = [book.standing(c) for c in book.claims]
    examples = [v for v in book.proofs if isinstance(v, Counterexample)]
    settling = sum(bool(v.claims) for v in examples)
    counts = [
        (
            known.count("proved"),
            "theorems proved",
            "the prover arrives at each, and an independent checker accepts every step",
        ),
        (
            len(examples),
            "counterexamples",
            (
                f"{settling} settle claims of the documents, some of them several claims; "
                f"{len(examples) - settling} are of mistakes that none of the documents makes"
            ),
        ),
        (
            sum(report["mutants"]["killed"] for report in book.reports.values()),
            "damaged statements caught",
            "a sign, a factor or an argument of a theorem is changed; proof or numbers must notice",
        ),
        (
            len(standings) - standings.count("open"),
            f"of {len(standings)} claims settled",
            "every claim of five public introductions, each proved, refuted, corrected or said to be no mathematics",
        ),
    ]
    items = "\n".join(f"<li><b>{n}</b> {term(what, means)}</li>" for n, what, means in counts)
    versions = ", ".join(f"{name} {v}" for name, v in run["backends"].items() if v != "absent")
    slowest = f"{run['slowest']['name']} with {run['slowest']['seconds']:.0f} s"
    passed = sum(outcome == "passed" for report in book.reports.values() for outcome in report.values())
    commit = f"Commit {edition.commit} of {edition.day}. " if edition.commit else ""
    stamp = f"{commit}{passed} checks passed in {run['seconds']:.0f} s, the slowest {slowest}; {versions}."
    stamp += f"<br>[Trusted](guide/verdicts.md#what-a-proof-may-trust): {guide.leans(run)}."
    usual = sum(not left for left in book.provisos.values())
    stamp += (
        f"<br>{usual} of {len(book.provisos)} statements [keep their usual meaning](guide/verdicts.md#the-usual-meaning) "
        "without a proviso; the others print theirs."
    )
    kinds = ", ".join(f"{standings.count(s)} {s}" for s in STANDINGS if s in standings)
    stamp = f"The [{len(standings)} claims](claims/index.md): {kinds}.<br>{stamp}"
    return f'<ul class="totals">\n{items}\n</ul>\n<p class="stamp" markdown="span">{stamp}</p>\n'


def term(words: str, means: str) -> str:
    """Words whose meaning shows when a reader points at them, or comes to them by the keyboard."""
    return f'<span class="term" tabindex="0">{words}<span class="tip"> {means}</span></span>'


def equation(verdict: Theorem, up: str) -> str:
    """The theorem that the log evidence is the ELBO plus the gap, with the name of each part under it."""
    evidence, parts = verdict.statement.args
    named = {type(part).__name__: latex(part) for part in parts.args}
    left, elbo, gap = (
        rf"\underbrace{{{tex}}}_{{{words}}}"
        for tex, words in (
            (latex(evidence), r"\text{log evidence}"),
            (named["ELBO"], r"\text{ELBO}"),
            (named["KL"], r"\text{gap}\, \ge\, 0"),
        )
    )
    link = f"[What it needs, and its proof line by line]({up}derivations/{verdict.module}.md#{verdict.name})"
    return f"$$\n{left} = {elbo} + {gap}\n$$\n\n{link}\n"


def exercise(data: Mapping[str, Any]) -> str:
    """The data of the worked exercise as tables, one for each reading of it."""
    parts = []
    for reading in data["readings"]:
        rows = ["| quantity | computed by | nats | off by |", "| --- | --- | --- | ---: |"]
        for row in reading["rows"]:
            rows.append(f"| **{row['quantity']}** | closed form | `{row['closed_form']}` | |")
            for way, name in WAYS.items():
                cell = row[way]
                value = f"`{cell['value']}` | `{cell['difference']}`" if "value" in cell else f"{cell['note']} |"
                rows.append(f"| | {name} | {value} |")
        parts += [f"## The second slot is a {reading['second_slot']}", div("digits", "\n".join(rows))]
        parts += map(_plain, reading["conclusions"])
    return "\n\n".join([*parts, "## Which reading is meant", _plain(data["conclusion"])]) + "\n"


def _plain(words: str) -> str:
    """Text in which Markdown finds nothing to set."""
    return re.sub(r"([\\*_`])", r"\\\1", words)
