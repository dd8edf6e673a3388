"""The pages that list things: the contents, the counts of the front page, the exercise."""

import re
from collections.abc import Mapping
from typing import Any

from derivations import Citation, Theorem
from derivations._book import Book
from derivations._notation import latex
from derivations._render import block, listing, title
from docs._generator import guide
from docs._generator.ledger import badge

WAYS = {
    "scipy": "SciPy quadrature",
    "mpmath": "mpmath quadrature",
    "enclosure": "ball arithmetic",
    "numpy": "elbo_ref, NumPy",
    "torch": "elbo_ref, torch",
}


def contents(book: Book) -> str:
    """Every derivation with its verdicts and what they state."""
    parts = []
    for module in book.modules:
        rows = []
        for v in book.of(module):
            mark = "" if isinstance(v, Theorem) else " " + badge("cited" if isinstance(v, Citation) else "refuted")
            says = v.says if isinstance(v, Citation) else f"${latex(v.statement)}$"
            link = f'<dt markdown="span">[{v.title}]({module}.md#{v.name}){mark}</dt>'
            rows.append(f'{link}\n<dd markdown="span">{says}</dd>')
        parts.append(f"## [{title(module)}]({module}.md)\n\n{listing(rows)}")
    return "\n\n".join(parts) + "\n"


def totals(book: Book, run: Mapping[str, Any], commit: str) -> str:
    """The counts of the front page, and the run of the checks that they come from."""
    theorems = sum(isinstance(v, Theorem) for v in book.proofs)
    standings = [book.standing(c) for c in book.claims]
    counts = [
        (theorems, "theorems proved"),
        (len(book.proofs) - theorems, "counterexamples"),
        (sum(report["mutants"]["killed"] for report in book.reports.values()), "damaged statements caught"),
        (len(standings) - standings.count("open"), f"of {len(standings)} claims settled"),
    ]
    items = "\n".join(f"<li><b>{n}</b> {what}</li>" for n, what in counts)
    versions = ", ".join(f"{name} {v}" for name, v in run["backends"].items() if v != "absent")
    slowest = f"{run['slowest']['name']} with {run['slowest']['seconds']:.0f} s"
    passed = sum(outcome == "passed" for report in book.reports.values() for outcome in report.values())
    stamp = f"{commit}{passed} checks passed in {run['seconds']:.0f} s, the slowest {slowest}; {versions}."
    stamp += f"<br>[Trusted](guide/verdicts.md#what-a-proof-may-trust): {guide.leans(run)}."
    return f'<ul class="totals">\n{items}\n</ul>\n<p class="stamp" markdown="span">{stamp}</p>\n'


def front(name: str, book: Book) -> str:
    """One theorem as a sample for the front page."""
    verdict = book.named[name]
    return f"{block(verdict, book)}\n\n[Read the derivation](derivations/{verdict.module}.md#{name})\n"


def answer(data: Mapping[str, Any]) -> str:
    """The two numbers that the exercise asks for, under each reading of it, in one sentence a reading."""
    x, sentences = data["model"]["x"], []
    for reading in data["readings"]:
        values = {row["quantity"]: float(row["closed_form"]) for row in reading["rows"]}
        where = f"at x = {x}" if reading["at_any_x"]["gap_depends_on_x"] else "for every x"
        sentences.append(
            f"With 0.5 and 0.33 read as {reading['second_slot']}s, the ELBO at x = {x} is {values['ELBO']:#.5g} nats, "
            f"and the gap is {values['gap']:#.5g} nats {where}."
        )
    return "\n".join(sentences) + "\n"


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
        parts += [f"## The second slot is a {reading['second_slot']}", "\n".join(rows)]
        parts += map(_plain, reading["conclusions"])
    return "\n\n".join([*parts, "## Which reading is meant", _plain(data["conclusion"])]) + "\n"


def _plain(words: str) -> str:
    """Text in which Markdown finds nothing to set."""
    return re.sub(r"([\\*_`])", r"\\\1", words)
