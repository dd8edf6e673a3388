"""Write the pages that come from the proofs. They are real files, so that any builder of MkDocs trees can read them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from derivations._reading import render
from derivations._reading.book import evidence
from derivations._reading.edition import UNPUBLISHED, Edition
from derivations._reading.exercise import answers, exercise
from derivations._reading.ledger import book as the_book
from docs._generator import (
    audits,
    browser,
    certificates,
    figures,
    finder,
    guide,
    ledger,
    lists,
    map_of_uses,
    network,
    origins,
    sheet,
    sources,
)

EQUATION = "evidence_decomposition"


def write(root: Path, served: bool = True, edition: Edition = UNPUBLISHED) -> list[dict[str, list[str]]]:
    """Write all pages below `root`; return those of the derivations by chapter, as a menu.

    From a server, addresses end in a slash, and the reader's browser can run the proofs; from files, neither.
    """
    found = evidence(root / "build" / "verify.json")
    reports = {report["name"]: report for report in found["verdicts"]}
    book = replace(the_book(reports), edition=edition)
    python = browser.version(root) if served else ""
    address = "../derivations/{}/" if served else "derivations/{}.html"
    book.places.update(certificates.write(root, book))
    book.rules.update(sources.rules(root))
    meaning = certificates.usual_meaning(root)
    book.provisos.update(meaning["proviso"])
    book.not_assumed.update(meaning["unnormalised"])
    derivations = {
        f"derivations/{module}.md": render.page(module, book, python, figures.include(module), browser.megabytes(root))
        for module in book.modules
    }
    derivations |= {f"derivations/{chapter}/index.md": lists.chapter(chapter, book) for chapter in book.chapters}
    written = derivations | dict(sources.pages(root, book))
    _keep(root / "docs", written)
    for old in (p for folder in ("derivations", "source") for p in root.glob(f"docs/{folder}/**/*.md")):
        if old.relative_to(root / "docs").as_posix() not in {*written, "derivations/index.md"}:
            old.unlink()
    numbers = exercise()
    parts = {
        "totals.md": lists.totals(book, found["totals"], edition),
        "front.md": lists.equation(book.named[EQUATION], ""),
        "elbo-equation.md": lists.equation(book.named[EQUATION], "../"),
        "derivations.md": lists.contents(book),
        "bibliography.md": origins.papers(),
        "finder.md": finder.table(book),
        "sheet.md": sheet.page(book, sheet.write(root, book)),
        "documents.md": origins.documents(book),
        "history.md": origins.history(book),
        "claims.md": ledger.totals(book) + "\n" + ledger.claims(book),
        "refuted.md": ledger.gallery(book),
        "graph.md": map_of_uses.page(book, address),
        "exercise-answer.md": "\n".join(answers(numbers)) + "\n",
        "exercise.md": lists.exercise(numbers),
        "audits.md": audits.table(),
        "browser.md": browser.credits(root, python),
    }
    parts |= dict(guide.parts(root / "docs", book, found["totals"])) | figures.snippets() | network.snippets()
    _keep(root / "build" / "pages", parts)
    return [
        {render.title(chapter): [f"derivations/{chapter}/index.md", *(f"derivations/{m}.md" for m in modules)]}
        for chapter, modules in book.chapters.items()
    ]


def _keep(folder: Path, files: Mapping[str, str]) -> None:
    """Write what changed: a server that watches the files would rebuild for ever otherwise."""
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
