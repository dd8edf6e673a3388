"""What every theorem and refutation states, by the hash of its certificate: a changed statement has its line in the history.

`python -m tests.site.stated` renews `stated.txt` from `build/verify.json`, once `derivations/history.toml` tells every change.
A line is a name, the hash of statement and hypotheses (of a refutation: of what is proved at its numbers), and how many
changes the history told then.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from derivations._reading.book import evidence
from derivations._reading.history import Change, changes

ROOT = Path(__file__).parents[2]
RUN = ROOT / "build" / "verify.json"
FILE = Path(__file__).with_name("stated.txt")
RENEW = "run python -m tests.site.stated"
TOLD = ("strengthened", "corrected")  # a statement may change in these ways only; in any other it gets a new name
LETTERS = 16  # of a hash


def stated(reports: Iterable[Mapping[str, Any]], history: Iterable[Change]) -> dict[str, tuple[str, int]]:
    """Of each verdict what it states, and how many changes of that the history tells."""
    told = Counter(name for change in history if change.kind in TOLD for name in change.about)
    return {report["name"]: (report["says"][:LETTERS], told[report["name"]]) for report in reports}


def untold(before: Mapping[str, tuple[str, int]], now: Mapping[str, tuple[str, int]]) -> list[str]:
    """What states something else than before, where the history tells of no change since."""
    found = [n for n in before.keys() & now.keys() if before[n][0] != now[n][0] and before[n][1] >= now[n][1]]
    says = f"states something else than before: history.toml must say that it was {' or '.join(TOLD)}, and why"
    return [f"{name} {says}" for name in sorted(found)]


def faults(before: Mapping[str, tuple[str, int]], now: Mapping[str, tuple[str, int]]) -> list[str]:
    """Where the list and the book disagree; what is new may be missing from the list until a release."""
    if silent := untold(before, now):
        return silent
    return [f"{name} is not as in {FILE.name}: {RENEW}" for name, was in before.items() if now.get(name) != was]


def kept(text: str) -> dict[str, tuple[str, int]]:
    rows = (line.split() for line in text.splitlines())
    return {name: (says, int(told)) for name, says, told in rows}


if __name__ == "__main__":
    now = stated(evidence(RUN)["verdicts"], changes())
    if silent := untold(kept(FILE.read_text(encoding="utf-8")), now):
        raise SystemExit("\n".join(silent))
    rows = "".join(f"{name} {says} {told}\n" for name, (says, told) in sorted(now.items()))
    FILE.write_text(rows, encoding="utf-8", newline="\n")
