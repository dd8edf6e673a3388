"""What happened to the verdicts since the first printing: `history.toml`, kept by hand and held to the book."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from derivations._language.chapters import BOOK

SOURCE = BOOK / "history.toml"
KINDS = ("added", "strengthened", "corrected", "renamed", "withdrawn")


@dataclass(frozen=True)
class Change:
    """One kind of change to several verdicts on one day; `was` holds the titles before a renaming."""

    day: str
    kind: str
    names: Sequence[str] = ()
    why: str = ""
    was: Mapping[str, str] = field(default_factory=dict)

    @property
    def about(self) -> Sequence[str]:
        return self.names or list(self.was)


def changes(source: Path = SOURCE) -> list[Change]:
    """Every change, the newest first."""
    return [Change(**row) for row in tomllib.loads(source.read_text(encoding="utf-8"))["change"]]


def faults(found: Sequence[Change], known: Collection[str], gone: Collection[str]) -> list[str]:
    """Where the history and the book disagree: `known` are the verdicts there are, `gone` those that are withdrawn."""
    said = [f"a change of {c.day} is {c.kind!r}: none of {', '.join(KINDS)}" for c in found if c.kind not in KINDS]
    said += [
        f"the change of {a.day} stands below an older one"
        for a, b in zip(found[1:], found, strict=False)
        if a.day > b.day
    ]
    added = [name for change in found if change.kind == "added" for name in change.about]
    said += [
        f"{name} is not in history.toml: add it to a change of the kind `added`" for name in known if name not in added
    ]
    said += [f"{name} is added {added.count(name)} times" for name in dict.fromkeys(added) if added.count(name) > 1]
    there = {*known, *gone}
    said += [f"{n} is {c.kind} and no verdict is called so" for c in found for n in c.about if n not in there]
    withdrawn = {name for change in found if change.kind == "withdrawn" for name in change.about}
    return said + [f"{name} is {'not ' * (name in gone)}withdrawn" for name in sorted(withdrawn ^ {*gone})]
