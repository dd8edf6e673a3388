"""The certificates that pages let a reader check: one of each proof, and one of the whole book."""

import json
import subprocess
from pathlib import Path
from typing import Any

from derivations._checks.checker import command
from derivations._language.certificate import CannotExport, assembled, draft, placed, read, says
from derivations._reading.book import Book, NoEvidence
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
        if says(drafts[-1]) != book.reports[v.name]["says"]:
            raise NoEvidence(f"{v.name} does not state here what it stated when it was checked")
    _write(folder / "book.json", assembled(drafts))
    for old in folder.glob("*.json"):
        if old.stem not in {*places, "book"}:
            old.unlink()
    return places


def usual_meaning(root: Path) -> dict[str, dict[str, list[str]]]:
    """For each way in which nothing settles it, and each accepted statement, in TeX, what that asks if it is read as usual.

    The theorem is true as it stands: where an integral that does not converge counts as 0, and for laws that are not
    normalised.
    """
    asked = command(str(root / FOLDER / "book.json"), "--meaning", "--json")
    said = json.loads(subprocess.run(asked, capture_output=True, encoding="utf-8", check=True).stdout)
    rows = read(said["terms"])

    def left(theorem: dict[str, Any], way: str) -> list[str]:
        return [Printer([row]).tex(row) for row in (rows[a["prop"]] for a in theorem["asked"] if a["way"] == way)]

    return {way: {t["name"]: left(t, way) for t in said["theorems"]} for way in ("proviso", "unnormalised")}


def _write(path: Path, certificate: dict[str, Any]) -> None:
    text = json.dumps(certificate, ensure_ascii=False, separators=(",", ":")) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
