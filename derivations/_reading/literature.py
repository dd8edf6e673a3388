"""The papers behind the classical results: `literature.toml`, read for the pages."""

import re
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
    url: str = ""
    own_title: str = ""  # where a comma stands in it

    @property
    def authors(self) -> list[str]:
        return re.split(r", | and ", self.text.partition(" (")[0])

    @property
    def year(self) -> str:
        return self.short.rpartition(" (")[2].rstrip(")")

    @property
    def title(self) -> str:
        return self.own_title or self._said.partition(", ")[0]

    @property
    def place(self) -> str:
        """Where it was printed; empty where only its address is known."""
        return self._said.removeprefix(self.title).removeprefix(", ")

    @property
    def _said(self) -> str:
        return self.text.partition("), ")[2]

    @property
    def short(self) -> str:
        """Authors and year, as one cites in a sentence."""
        return self.text.partition("), ")[0] + ")"

    @property
    def address(self) -> str:
        """Where it lies; empty for what has no address that lasts."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else self.url


@cache
def entries(source: Path = SOURCE) -> Mapping[str, Entry]:
    """Every entry by its key, in the order of the years."""
    rows = tomllib.loads(source.read_text(encoding="utf-8"))
    found = [
        Entry(
            key,
            row["text"],
            tuple(row["for"]),
            row.get("doi", ""),
            row.get("arxiv", ""),
            row.get("url", ""),
            row.get("title", ""),
        )
        for key, row in rows.items()
    ]
    return {e.key: e for e in sorted(found, key=lambda e: (e.key.rpartition("-")[2], e.key))}


def behind(module: str) -> list[Entry]:
    """What a derivation goes back to."""
    return [entry for entry in entries().values() if module in entry.behind]
