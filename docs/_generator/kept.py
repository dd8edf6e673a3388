"""Pages from an earlier build, kept for as long as nothing that they are made from has changed.

To write them all proofs run once more, which is most of a build; a change of prose or style needs none of that. The pages
are bound by hashes to what they were made from, the sources of every proof among it, and to their own text.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from derivations._checks.run import backends
from derivations._reading.book import evidence
from derivations._reading.edition import UNPUBLISHED, Edition
from docs._generator import browser, guide, pages, sheet

STAMP = "build/pages/made-from.json"


def write(root: Path, served: bool, edition: Edition = UNPUBLISHED) -> list[Any]:
    """The menu of the derivations; their pages are written anew unless those that lie there are still right."""
    evidence(root / "build" / "verify.json")  # of these sources, or an error
    stamp, origin = root / STAMP, _origin(root, served, edition)
    if stamp.exists():
        kept = json.loads(stamp.read_text(encoding="utf-8"))
        if kept["origin"] == origin and kept["text"] == _text(root):
            return kept["menu"]
    stamp.unlink(missing_ok=True)
    menu = pages.write(root, served, edition)
    stamp.write_text(json.dumps({"origin": origin, "text": _text(root), "menu": menu}), encoding="utf-8")
    return menu


def _origin(root: Path, served: bool, edition: Edition) -> str:
    """Everything that the pages are made from: checks (and with them the proofs), generator, scripts, packages."""
    docs = root / "docs"
    files = [root / "build" / "verify.json", *(docs / "_generator").rglob("*.py"), *(docs / "assets").rglob("*.js")]
    asked = guide.asked(docs)
    return _hash(files, served, browser.version(root), sheet.chromium(), edition, asked, backends())


def _text(root: Path) -> str:
    made = (
        "docs/derivations/**/*.md",
        "docs/source/**/*.md",
        "docs/assets/certificates/*.json",
        "docs/assets/sheet/*",
        "build/pages/*.md",
    )
    return _hash(path for pattern in made for path in root.glob(pattern))


def _hash(files: Iterable[Path], *more: object) -> str:
    digest = hashlib.sha256(repr(more).encode())
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
