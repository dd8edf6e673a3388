"""All checks of many verdicts, a process for each derivation, and what they add up to.

This process never runs a derivation. What it tells comes from three places: which verdicts there are, from the text
of the files; whether a proof holds, from the checker; the numbers, from the process in which the derivation was run.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from multiprocessing.connection import Connection, wait
from queue import Empty, SimpleQueue
from typing import Any

from derivations._checks.checker import NoVerdict, Said, checked
from derivations._checks.checks import CHECKS, NOT_ASKED, failures, not_checked, state
from derivations._checks.worker import Limits, examine
from derivations._language.certificate import Draft, assembled, says, unpacked
from derivations._language.chapters import homes, listing, refusal
from derivations._language.instances import FAILS

Report = dict[str, Any]
OUTCOME = re.compile(r"passed|(failed|not applicable|not run): .*", re.DOTALL)
MOST = 256 * 2**20  # bytes of one report
FORM: Mapping[str, type | tuple[type, ...]] = {
    "claims": list, "given": list, "seconds": (int, float), **dict.fromkeys(CHECKS, str), "facts": list, "worked": list,
    "claimed": list, "call": str, "mutants": dict, "tracebacks": dict,
}  # fmt: skip


class Run:
    """The checks of these verdicts: for each derivation, its proofs by name, each with its kind.

    Iterate over it: the report of each verdict, as it comes. What the checker says of them comes last, see `asked`.
    """

    def __init__(
        self, wanted: Mapping[str, Mapping[str, str]], limits: Limits | None = None, preload: Sequence[str] = ()
    ) -> None:
        self.found: dict[str, list[dict[str, Any]]] = {}  # by derivation, what it says that it has
        self.faults: dict[str, str] = {}  # by derivation, what is wrong that no report of a verdict says
        self._wanted, self._limits = wanted, limits or Limits()
        self._context = _context(preload)
        self._processes: set[Any] = set()
        self._lock, self._stopped = threading.Lock(), False
        self._news: SimpleQueue[Report | BaseException | None] = SimpleQueue()

    def __iter__(self) -> Iterator[Report]:
        left: SimpleQueue[str] = SimpleQueue()
        for module in self._wanted:
            left.put(module)
        threads = [
            threading.Thread(target=self._work, args=(left,), daemon=True)
            for _ in range(min(processors(), len(self._wanted)))
        ]
        for thread in threads:
            thread.start()
        try:
            at_work = len(threads)
            while at_work:
                match self._news.get():
                    case None:
                        at_work -= 1
                    case BaseException() as error:
                        raise error
                    case report:
                        yield report
        finally:
            self._stop()

    def _stop(self) -> None:
        with self._lock:
            self._stopped = True
            for process in self._processes:
                _end(process)

    def _work(self, left: SimpleQueue[str]) -> None:
        """A thread waits for the process of one derivation, then of another."""
        try:
            while not self._stopped:
                for report in self._reports(left.get_nowait()).values():
                    self._news.put(report)
        except Empty:
            pass
        except BaseException as error:  # noqa: BLE001 (raised again where the reports are read)
            self._news.put(error)
        self._news.put(None)

    def _reports(self, module: str) -> dict[str, Report]:
        kinds, reports = self._wanted[module], dict[str, Report]()

        def broken(names: Sequence[str], why: str, trace: str = "") -> None:
            for name in names:
                reports[name] = not_checked(name, kinds[name], why, trace)
            if not kinds:
                self.faults[module] = why

        if why := refusal(module):
            broken(list(kinds), why)
            return reports
        left, again = list(kinds), set[str]()
        while not self._stopped:
            one = self._once(module, left)
            reports |= {name: {**one.reports[name], "kind": kinds[name]} for name in left if name in one.reports}
            if one.found is not None:
                self._compare(module, one.found)
            left = [name for name in left if name not in reports]
            if one.unread:
                broken(left, *one.unread)
            elif one.found is None or one.begun in left:  # the process ended where it should not have
                culprit = one.begun if one.begun in left else ""
                if one.end.startswith("was ended") and culprit not in again:  # by whom? once more, after the others
                    again.add(culprit)
                    left = [*(n for n in left if n != culprit), *([culprit] if culprit else [])]
                    continue
                broken([culprit] if culprit else left, f"the process that checked it {one.end}")
                left = [n for n in left if n != culprit]
                if culprit and left:
                    continue
            else:
                broken(left, "the file has no such verdict when it is run")
            break
        return reports

    def _compare(self, module: str, found: list[dict[str, Any]]) -> None:
        """The verdicts that came to be are those that stand in the text."""
        self.found[module] = found
        listed = dict(listing()[module].kinds)
        for v in found:
            if v["kind"] in ("theorem", "counterexample") and listed.get(v["name"]) != v["kind"]:
                self.faults[module] = f"it makes a {v['kind']} called {v['name']} otherwise than by a decorator"

    def _once(self, module: str, names: list[str]) -> _Said:
        here, there = self._context.Pipe(duplex=False)
        told = there, f"{homes()[module]}.{module}", names, self._limits
        process = self._context.Process(target=examine, args=told, daemon=True)
        process.start()
        there.close()
        with self._lock:
            self._processes.add(process)
            if self._stopped:
                _end(process)
        try:
            return self._listen(here, process, names)
        finally:
            with self._lock:
                self._processes.discard(process)
                _end(process)
            process.join()
            here.close()

    def _listen(self, channel: Connection, process: Any, names: list[str]) -> _Said:
        said = _Said()
        while True:
            if not (ready := wait([channel, process.sentinel], self._limits.silence)):
                said.end = f"said nothing for {self._limits.silence} s"
                return said
            if channel not in ready:
                break
            try:
                said.hear(json.loads(channel.recv_bytes(MOST)), names)
            except EOFError:
                break
            except (OSError, ValueError, TypeError, KeyError, RecursionError) as why:
                said.end = f"spoke otherwise than it should: {type(why).__name__}: {str(why)[:200]}"
                return said
        process.join()
        said.end = _ended(process.exitcode)
        return said


class _Said:
    """What the process of one derivation said, as far as it has the right form."""

    def __init__(self, end: str = "") -> None:
        self.found: list[dict[str, Any]] | None = None
        self.unread: tuple[str, str] | None = None
        self.reports: dict[str, Report] = {}
        self.begun = ""
        self.end = end

    def hear(self, message: Any, names: list[str]) -> None:
        match message:
            case {"unread": str(why), "trace": str(trace)}:
                self.unread = why, trace
            case {"found": [*found]} if self.found is None:
                self.found = [_verdict(v) for v in found]
            case {"begins": str(name)} if name in names:
                self.begun = name
            case {"report": {"name": str(name)} as report} if name == self.begun and name not in self.reports:
                self.reports[name] = _report(report)
            case _:
                raise ValueError(f"not expected: {str(message)[:100]}")


def _verdict(v: Any) -> dict[str, Any]:
    match v:
        case {
            "name": str(),
            "kind": str(),
            "claims": [*claims],
            "points_to": str() | None,
            "words": dict(words),
            **rest,
        }:
            if (
                rest.keys() == {"misprint"}
                and type(rest["misprint"]) is bool
                and all(isinstance(c, str) for c in (*claims, *words.values()))
            ):
                return v
    raise ValueError(f"no verdict: {str(v)[:100]}")


def _report(said: Mapping[str, Any]) -> Report:
    """A report of the right form. The checker has not spoken yet: that a proof is accepted cannot come from here."""
    for key, kind in FORM.items():
        if not isinstance(said[key], kind):
            raise TypeError(f"{key} is {str(said[key])[:100]}")
    if wrong := [c for c in CHECKS if not OUTCOME.fullmatch(said[c])]:
        raise ValueError(f"{wrong[0]} is {said[wrong[0]][:100]}")
    mutants = {k: said["mutants"][k] for k in ("tried", "killed", "equivalent", "said_again", "survived")}
    if not all(type(mutants[k]) is int for k in ("tried", "killed", "equivalent")):
        raise TypeError(f"mutants are {mutants}")
    draft = said["draft"] and unpacked(said["draft"])
    if draft and draft.theorem[0] != said["name"]:
        raise ValueError(f"the certificate of {said['name']} is about {draft.theorem[0][:100]}")
    facts = [unpacked(one) for one in said["facts"]]
    asking = {
        name: f"not run: {NOT_ASKED}" if drafts or said[name] == "passed" else said[name]
        for name, drafts in (("checker", draft), ("premises", facts))
    }
    return {
        "name": said["name"], "kind": "", **{key: said[key] for key in ("claims", "given", "seconds")},
        "says": "", "inferences": 0, "cites": [], **{c: said[c] for c in CHECKS}, **asking,
        "draft": draft, "facts": facts, **{key: said[key] for key in ("worked", "claimed", "call")},
        "mutants": mutants, "tracebacks": said["tracebacks"],
    }  # fmt: skip


def processors() -> int:
    """How many processes can work at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _context(preload: Sequence[str]) -> Any:
    """Each process begins as a copy of one that has read the engine, torch where it is, and no derivation; where there is no
    such, anew."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["derivations._checks.worker", "torch", *preload])
    return context


def _end(process: Any) -> None:
    """The process, and whatever it has begun."""
    if process.pid and process.exitcode is None:
        with contextlib.suppress(OSError, AttributeError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()


def _ended(code: int | None) -> str:
    if code is not None and code < 0:
        if -code == getattr(signal, "SIGXCPU", 0):
            return "took more time than it may"
        return f"was ended by signal {-code} ({signal.Signals(-code).name})"
    return f"ended with exit status {code} before it had reported"


def asked(reports: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The reports with what the checker says of the proofs, and how many different inferences it accepted.

    A certificate is about verdicts; what makes a refutation count is asked beside it, under names that no verdict has.
    """
    drafts = {r["name"]: r["draft"] for r in reports if r["draft"]}
    beside = {f"{r['name']}: {one.theorem[0]}": one for r in reports for one in r["facts"]}
    said, shown = _said_of(drafts), _said_of(beside).theorems
    spoken = [_with_premises(_with_word(r, said), shown) for r in reports]
    return [{k: v for k, v in r.items() if k not in ("draft", "facts")} for r in spoken], said.inferences


def _said_of(drafts: Mapping[str, Draft]) -> Said:
    if not drafts:
        return Said({}, 0)
    try:
        return checked(assembled(one._replace(theorem=[name, *one.theorem[1:]]) for name, one in drafts.items()))
    except NoVerdict:  # one of them spoils the rest: which one?
        return Said({name: _alone(name, draft) for name, draft in drafts.items()}, 0)


def _alone(name: str, draft: Draft) -> Mapping[str, Any]:
    try:
        return checked(assembled([draft._replace(theorem=[name, *draft.theorem[1:]])])).theorems[name]
    except NoVerdict as why:
        return {"proved": False, "why": f"the checker gave no verdict: {why}", "inferences": 0, "cites": []}


def _with_premises(report: dict[str, Any], shown: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Of a refuted claim: the checker accepts each fact that makes it count, and that the claim fails is among them."""
    if report["kind"] != "counterexample" or any(report[c].startswith("failed") for c in ("proof", "premises")):
        return report
    words = {one.theorem[0]: shown[f"{report['name']}: {one.theorem[0]}"] for one in report["facts"]}
    refused = [
        f"the checker does not accept that {f}: {word['why']}" for f, word in words.items() if not word["proved"]
    ]
    if FAILS not in words:
        refused.append(f"no proof was sent that {FAILS}")
    return {**report, "premises": f"failed: {refused[0]}" if refused else "passed"}


def _with_word(report: dict[str, Any], said: Said) -> dict[str, Any]:
    if (word := said.theorems.get(report["name"])) is None:
        return report
    outcome = "passed" if word["proved"] else f"failed: {word['why']}"
    return {
        **report,
        "says": says(report["draft"]),
        "checker": outcome,
        "inferences": word["inferences"],
        "cites": list(word["cites"]),
    }


def totals(
    others: Sequence[Mapping[str, Any]], reports: list[dict[str, Any]], inferences: int, seconds: float
) -> dict[str, Any]:
    """What the reports add up to, and the other verdicts, which are cited or no mathematics."""
    cites: dict[str, int] = {}
    for fact in (fact for r in reports for fact in r["cites"]):
        cites[fact] = cites.get(fact, 0) + 1
    good = [r for r in reports if r["checker"] == "passed"]
    slowest = max(reports, key=lambda r: r["seconds"], default=None)
    return {
        "verdicts": len(reports),
        "proved": sum(r["kind"] == "theorem" for r in good),
        "refuted": sum(r["kind"] == "counterexample" for r in good),
        "prover_only": sum(state(r) == "prover only" for r in reports),
        "cited": sum(v["kind"] == "citation" for v in others),
        "defined": sum(len(v["claims"]) for v in others if v["kind"] == "definition"),
        "misprinted": sum(len(v["claims"]) for v in others if v["kind"] == "misprint"),
        "not_mathematics": sum(len(v["claims"]) for v in others if v["kind"] == "remark"),
        "failed": sum(bool(failures(r)) for r in reports),
        "mutants": {k: sum(r["mutants"][k] for r in reports) for k in ("tried", "killed", "equivalent")},
        "inferences": inferences,
        "cites": dict(sorted(cites.items())),
        "slowest": {"name": slowest["name"], "seconds": slowest["seconds"]} if slowest else None,
        "seconds": round(seconds, 2),
        "backends": backends(),
    }


def backends() -> dict[str, str]:
    """What there is to compute with, by version, or the word "absent"."""
    found = {name: _version(name) for name in ("sympy", "numpy", "python-flint", "torch")}
    found["cuda"] = "absent"
    if importlib.util.find_spec("torch") and not found["torch"].endswith("+cpu"):  # which has none, and takes a second
        import torch

        if torch.cuda.is_available():
            found["cuda"] = torch.cuda.get_device_name(0)
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
