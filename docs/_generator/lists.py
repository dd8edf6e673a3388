"""The pages that list things: the contents, the counts of the front page, the ledger, the exercise."""

import re
from collections.abc import Mapping
from typing import Any

from derivations import Citation, Remark, Theorem, Verdict
from derivations._book import STANDINGS, Book, document_of
from derivations._notation import latex
from derivations._render import block, div, ledger_page, listing, title

BADGES = {
    "proved": "ok",
    "proved under extra hypotheses": "ok",
    "refuted": "no",
    "cited": "cite",
    "not mathematics": "",
    "open": "",
}
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
            mark = "" if isinstance(v, Theorem) else " " + _badge("cited" if isinstance(v, Citation) else "refuted")
            says = v.says if isinstance(v, Citation) else f"${latex(v.statement)}$"
            link = f'<dt markdown="span">[{v.title}]({module}.md#{v.name}){mark}</dt>'
            rows.append(f'{link}\n<dd markdown="span">{says}</dd>')
        parts.append(f"## [{title(module)}]({module}.md)\n\n{listing(rows)}")
    return "\n\n".join(parts) + "\n"


def totals(book: Book, run: Mapping[str, Any]) -> str:
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
    stamp = f"Every proof and check ran in {run['seconds']:.0f} s, the slowest {slowest}; {versions}."
    return f'<ul class="totals">\n{items}\n</ul>\n<p class="stamp">{stamp}</p>\n'


def front(name: str, book: Book) -> str:
    """One theorem as a sample for the front page."""
    verdict = book.named[name]
    return f"{block(verdict, book)}\n\n[Read the derivation](derivations/{verdict.module}.md#{name})\n"


def ledger(book: Book) -> str:
    """How many claims of each document are settled, and how."""
    rows = [
        f"| document | claims | {' | '.join(STANDINGS)} |",
        f"| --- | {' | '.join(['---:'] * (len(STANDINGS) + 1))} |",
    ]
    for key, document in book.documents.items():
        standings = [book.standing(c) for c in book.claims if document_of(c) == key]
        counts = " | ".join(str(standings.count(s)) for s in STANDINGS)
        rows.append(f"| [{document['title']}]({ledger_page(document)}) | {len(standings)} | {counts} |")
    return "\n".join(rows) + "\n"


def claims(key: str, book: Book) -> str:
    """Every claim of one document with what settles it, in the order of the document."""
    document = book.documents[key]
    parts, section = [f"# {document['title']}", document["about"]], None
    for claim in (c for c in book.claims if document_of(c) == key):
        if claim["section"] != section:
            section = claim["section"]
            parts.append(f"## {section}")
        marks = "<br>".join(_mark(standing, v, book) for standing, v in book.settled[claim["id"]]) or _badge("open")
        lines = f"line{'' if claim['lines'].isdigit() else 's'} {claim['lines']}"
        where = f'<p class="where"><code>{claim["id"]}</code> {lines}</p>'
        row = "\n\n".join([where, div("says", claim["says"]), div("marks", marks)])
        parts.append(f'<div class="claim" id="claim-{claim["id"]}" markdown="block">\n\n{row}\n\n</div>')
    return "\n\n".join(parts) + "\n"


def _mark(standing: str, verdict: Verdict, book: Book) -> str:
    if not isinstance(verdict, Remark):
        return f"{_badge(standing)} {_link(verdict)}"
    nearest = f" Nearest: {_link(book.named[verdict.nearest])}." if verdict.nearest else ""
    return f"{_badge(standing)} {verdict.reason}{nearest}"


def _link(verdict: Verdict) -> str:
    return f"[{verdict.title}](../derivations/{verdict.module}.md#{verdict.name})"


def _badge(standing: str) -> str:
    return f'<span class="badge {BADGES[standing]}">{standing}</span>'


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
