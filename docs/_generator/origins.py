"""Where the book comes from and what became of it: the bibliography and the changes to the theorems."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from derivations._language.verdicts import Citation, Remark
from derivations._reading import citing, literature
from derivations._reading.book import Book, Proof, document_of
from derivations._reading.history import Change, changes
from derivations._reading.moved import GONE
from derivations._reading.render import listing, title

FEW = 12  # that a reader looks through without a heading


def size(document: Mapping[str, Any]) -> str:
    """When a document was written, as it says itself, and how long it is."""
    return f"{document['date']}, {document['lines']} lines".capitalize()


def documents(book: Book) -> str:
    """The documents whose claims are settled, with their sections; each leads to its place in the ledger."""
    rows = []
    for key, document in book.documents.items():
        sections: dict[str, str] = {}
        for claim in book.claims:
            if document_of(claim) == key:
                sections.setdefault(claim["section"], claim["id"])
        places = " · ".join(f"[{name}](../claims/index.md#claim-{first})" for name, first in sections.items())
        ledger = f"[its claims](../claims/index.md#document-{key})"
        head = f'<dt id="document-{key}" markdown="span">*{document["title"]}*</dt>'
        rows.append(f'{head}\n<dd markdown="span">{document["about"]} {size(document)}; {ledger}.<br>{places}</dd>')
    return listing(rows, "facts verdicts") + "\n"


def papers() -> str:
    """Every paper with its permanent address and the derivations that go back to it."""
    rows = []
    for entry in literature.entries().values():
        text = f"[{entry.text}]({entry.address})" if entry.address else entry.text
        used = " · ".join(f"[{title(m)}](../derivations/{m}.md)" for m in entry.behind)
        cite = f'<details class="code cite" data-search-exclude><summary>BibTeX</summary><pre><code>{escape(citing.paper(entry))}</code></pre></details>'
        rows.append(
            f'<dt id="{entry.key}" markdown="span">{text}</dt>\n<dd markdown="block">\n\n{used}\n\n{cite}\n\n</dd>'
        )
    return listing(rows, "facts verdicts") + "\n"


def history(book: Book) -> str:
    """Every change to the verdicts, the newest first."""
    parts, day = [], ""
    for change in changes():
        if change.day != day:
            day = change.day
            parts.append(f"## {day}")
        why = f": {change.why}" if change.why else ""
        parts.append(f"**{change.kind.capitalize()}**, {len(change.about)}{why}.")
        parts.append(_renamed(change, book) if change.was else _listed(change.about, book))
    return "\n\n".join(parts) + "\n"


def _listed(names: Sequence[str], book: Book) -> str:
    """A few in one line; many by the page that they are on."""
    if len(names) <= FEW:
        return " · ".join(_link(name, book) for name in names)
    pages: dict[str, list[str]] = {}
    for name in names:
        pages.setdefault(_home(name, book), []).append(_link(name, book))
    return "\n".join(f"- *{title(home)}*: {' · '.join(links)}" for home, links in pages.items())


def _renamed(change: Change, book: Book) -> str:
    return "\n".join(f"- {_link(name, book)} was *{title}*" for name, title in change.was.items())


def _link(name: str, book: Book) -> str:
    """To the verdict, or to what stands in its place."""
    said = f"`{name}`" if name in GONE else _verdict(name, book).title
    return f"[{said}](../derivations/{_home(name, book)}.md#{name})"


def _home(name: str, book: Book) -> str:
    return GONE[name][0] if name in GONE else _verdict(name, book).module


def _verdict(name: str, book: Book) -> Proof | Citation:
    verdict = book.named[name]
    assert not isinstance(verdict, Remark)
    return verdict
