"""The papers behind the classical results: `literature.toml`, read for the pages."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "literature.toml"


@dataclass(frozen=True)
class Entry:
    """One paper or book, and the derivations that it is behind."""

    key: str
    text: str
    behind: tuple[str, ...]
    doi: str = ""
    arxiv: str = ""

    @property
    def short(self) -> str:
        """Authors and year, as one cites in a sentence."""
        return self.text.partition("), ")[0] + ")"

    @property
    def address(self) -> str:
        """Where it lies; empty for what has no permanent address."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else ""


@cache
def entries(source: Path = SOURCE) -> Mapping[str, Entry]:
    """Every entry by its key, in the order of the years."""
    rows = tomllib.loads(source.read_text(encoding="utf-8"))
    found = [
        Entry(key, row["text"], tuple(row["for"]), row.get("doi", ""), row.get("arxiv", ""))
        for key, row in rows.items()
    ]
    return {e.key: e for e in sorted(found, key=lambda e: (e.key.rpartition("-")[2], e.key))}


def behind(module: str) -> list[Entry]:
    """What a derivation goes back to."""
    return [entry for entry in entries().values() if module in entry.behind]
