"""The certificates that pages let a reader check: one of each proof, and one of the whole book."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from derivations._checks.checker import CHECKER
from derivations._language.certificate import CannotExport, assembled, draft, placed, read
from derivations._reading.book import Book
from derivations._reading.formulas import Printer

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


def provisos(root: Path) -> dict[str, list[str]]:
    """For each accepted statement, in TeX, what it takes for granted if it is read as usual: what nothing settles.

    The theorem is true as it stands, where an integral that does not converge counts as 0.
    """
    command = [sys.executable, "-I", str(CHECKER), str(root / FOLDER / "book.json"), "--meaning", "--json"]
    said = json.loads(subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout)
    rows = read(said["terms"])
    return {
        t["name"]: [Printer([row]).tex(row) for row in (rows[a["prop"]] for a in t["asked"] if a["way"] == "proviso")]
        for t in said["theorems"]
    }


def _write(path: Path, certificate: dict[str, Any]) -> None:
    text = json.dumps(certificate, ensure_ascii=False, separators=(",", ":")) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
