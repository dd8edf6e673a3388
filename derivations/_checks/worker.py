"""One derivation read and checked in a process of its own, which says what it finds line by line and then ends.

Nothing that it says is believed further than it must be: `run` looks at the form of it, and asks the checker.
"""

from __future__ import annotations

import json
import os
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

try:
    import resource
except ImportError:  # Windows has no limits of this kind
    resource = None

from derivations._checks.checks import check, unexpected
from derivations._language.certificate import packed
from derivations._language.chapters import imported, own
from derivations._language.printing import text
from derivations._language.verdicts import Counterexample, Misprint, Theorem, Verdict


class Limits(NamedTuple):
    """What a process may take; each in seconds of the processor, but for the last two."""

    reading: int = 30  # to run the file, without its proofs
    verdict: int = 300  # all checks of one verdict
    silence: int = 1800  # by the clock, on a machine that is busy with other things
    memory: int = 8 * 2**30  # bytes, over what the engine takes


def examine(channel: Connection, home: str, names: list[str], limits: Limits) -> None:
    """Run a derivation, say which verdicts it has, check those of these names."""
    _alone(limits)

    def say(**what: Any) -> None:
        channel.send_bytes(json.dumps(what).encode())

    try:
        _time(limits.reading)
        verdicts = own(imported(home))
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever its author has got wrong)
        say(unread=unexpected(error), trace="".join(traceback.format_exception(error)))
        return
    say(found=[_said(v) for v in verdicts])
    for v in verdicts:
        if v.name in names and isinstance(v, Theorem | Counterexample):
            say(begins=v.name)
            _time(limits.verdict)
            report = check(v)
            drafts = {"draft": report["draft"] and packed(report["draft"]), "facts": [*map(packed, report["facts"])]}
            say(report={**report, **drafts})


def _said(v: Verdict) -> dict[str, Any]:
    """A verdict without its mathematics: what the ledger takes from it."""
    return {
        "name": v.name,
        "kind": type(v).__name__.lower(),
        "claims": list(v.claims),
        "points_to": getattr(v, "instead", getattr(v, "nearest", None)),
        "words": _words(v) if isinstance(v, Theorem) else {},
        "misprint": isinstance(v, Misprint) or (isinstance(v, Counterexample) and v.misprinted),
    }


def _words(v: Theorem) -> dict[str, str]:
    """What the words of a condition stand for: a formula, or what is in no formula."""
    return dict.fromkeys(v.narrows.values(), "its form") | {words: text(v.given[at]) for at, words in v.words.items()}


def _alone(limits: Limits) -> None:
    """No terminal, so much memory and no more, a group to be ended with."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    if resource is None:
        return
    os.setsid()
    for what, much in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_DATA, limits.memory)):
        there = _in_use() if what == resource.RLIMIT_DATA else 0
        resource.setrlimit(what, (there + much, resource.getrlimit(what)[1]))


def _time(seconds: int) -> None:
    """From now on; who takes more is ended by the system, whatever it is doing."""
    if resource is None:
        return
    limit = int(time.process_time()) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _in_use() -> int:
    """Bytes of memory that count towards the limit; 0 where the system does not say, and does not limit either."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmData:"))
    except (OSError, StopIteration):
        return 0
