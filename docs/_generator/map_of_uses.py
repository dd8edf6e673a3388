"""The page of the graph: how the chapters use one another, and under it each chapter's theorems, one chapter open at a time."""

from collections.abc import Iterable
from html import escape

from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading import render
from derivations._reading.book import Book
from docs._generator.graph import Node, svg

LEGEND = (
    ("proved", "proved, and accepted by the checker"),
    ("refuted", "a claim that is refuted"),
    ("citation", "not yet accepted by the checker"),
)


def page(book: Book, address: str) -> str:
    """The chapters with their arrows, a legend, a box to search in, and the chapters one by one."""
    titles = {name: render.title(name) for name in book.chapters}
    parts = [
        _legend({book.status(v).split()[-1] for v in book.proofs}),
        (
            '<form class="find" role="search" hidden><label>Find a theorem '
            '<input type="search" autocomplete="off"></label><ul aria-live="polite"></ul></form>'
        ),
        f'<div class="graph chapters" role="region" aria-label="Graph of chapters">{_chapters(book, titles)}</div>',
        *(_chapter(name, titles[name], book, address) for name in book.chapters),
    ]
    return "\n\n".join(parts) + "\n"


def _legend(found: set[str]) -> str:
    boxes = "".join(f'<li><i class="{kind}"></i>{words}</li>' for kind, words in LEGEND if kind in found)
    return f'<ul class="legend-of-graph">{boxes}<li><i class="arrow">→</i>is used by</li></ul>'


def _chapters(book: Book, titles: dict[str, str]) -> str:
    home = {v.name: name for name, modules in book.chapters.items() for m in modules for v in book.of(m)}
    proofs = {name: sum(home[v.name] == name for v in book.proofs) for name in titles}
    nodes = {
        name: Node(f"{words} ({proofs[name]})", "chapter", f"{proofs[name]} theorems and counterexamples", f"#{name}")
        for name, words in titles.items()
    }
    edges = {(home[used], home[name]) for name, several in book.uses.items() for used in several}
    return svg(nodes, {(a, b) for a, b in edges if a != b}, "Graph of chapters")


def _chapter(name: str, title: str, book: Book, address: str) -> str:
    """The theorems of a chapter: those that use one another as a drawing, and all of them as a list."""
    own = {
        v.name: v for module in book.chapters[name] for v in book.of(module) if isinstance(v, Theorem | Counterexample)
    }
    edges = {(used, user) for user in own for used in book.uses[user] if used in own}
    joined = {n for edge in edges for n in edge}
    nodes = {
        n: Node(v.title, book.status(v), render.checked(book.reports[n]), f"{address.format(v.module)}#{n}")
        for n, v in own.items()
        if n in joined
    }
    drawing = svg(nodes, edges, title, arrow="") if nodes else ""
    rows = "\n".join(_row(n, book, address) for n in own)
    return (
        f'<details class="chapter" name="chapter" id="{name}">\n<summary>{escape(title)} <small>{len(own)}</small></summary>\n'
        f'<div class="graph" role="region" aria-label="{escape(title)}">{drawing}</div>\n'
        f'<ul class="uses">\n{rows}\n</ul>\n</details>'
    )


def _row(name: str, book: Book, address: str) -> str:
    used = f" <small>uses {_links(book.uses[name], book, address)}</small>" if book.uses[name] else ""
    return f'<li class="{book.status(book.named[name]).split()[-1]}">{_links([name], book, address)}{used}</li>'


def _links(names: Iterable[str], book: Book, address: str) -> str:
    return ", ".join(
        f'<a href="{address.format(book.named[n].module)}#{n}">{escape(book.named[n].title)}</a>' for n in names
    )
