"""The certificates that pages let a reader check: one of each proof, and one of the whole book."""

import json
from pathlib import Path
from typing import Any

from derivations._language.certificate import CannotExport, assembled, draft, placed
from derivations._reading.book import Book

FOLDER = "docs/assets/certificates"


def write(root: Path, book: Book) -> dict[str, dict[int, int]]:
    """Write them; return for each proof the inferences that conclude its theorems, by identity."""
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    places, drafts = {}, []
    for v in book.proofs:
        try:
            found, places[v.name] = placed(v)
        except CannotExport:
            continue  # by the prover only, as its page says
        _write(folder / f"{v.name}.json", found)
        drafts.append(draft(v))
    _write(folder / "book.json", assembled(drafts))
    for old in folder.glob("*.json"):
        if old.stem not in {*places, "book"}:
            old.unlink()
    return places


def _write(path: Path, certificate: dict[str, Any]) -> None:
    text = json.dumps(certificate, ensure_ascii=False, separators=(",", ":")) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
