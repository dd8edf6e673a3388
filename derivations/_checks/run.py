"""All checks of many verdicts, in as many processes as there are processors, and what they add up to."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from derivations._checks.checker import NoVerdict, Said, checked
from derivations._checks.checks import check_named, crashed, failures, state
from derivations._language.certificate import Draft, assembled
from derivations._language.verdicts import Citation, Remark, Verdict


def proved(names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The report of each verdict, as it comes; what the checker says of them comes last, see `asked`."""
    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, len(names))
    if workers <= 1:
        yield from map(check_named, names)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(check_named, name): name for name in names}
        for future in as_completed(futures):
            error = future.exception()
            yield crashed(futures[future], error) if error else future.result()


def asked(reports: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The reports with what the checker says of the proofs, and how many different inferences it accepted."""
    drafts = {r["name"]: r["draft"] for r in reports if r["draft"]}
    try:
        said = checked(assembled(drafts.values()))
    except NoVerdict:  # one of them spoils the rest: which one?
        said = Said({name: _alone(name, draft) for name, draft in drafts.items()}, 0)
    return [_with_word({k: v for k, v in r.items() if k != "draft"}, said) for r in reports], said.inferences


def _alone(name: str, draft: Draft) -> Mapping[str, Any]:
    try:
        return checked(assembled([draft])).theorems[name]
    except NoVerdict as why:
        return {"proved": False, "why": f"the checker gave no verdict: {why}", "inferences": 0, "cites": []}


def _with_word(report: dict[str, Any], said: Said) -> dict[str, Any]:
    if (word := said.theorems.get(report["name"])) is None:
        return report
    outcome = "passed" if word["proved"] else f"failed: {word['why']}"
    return {**report, "checker": outcome, "inferences": word["inferences"], "cites": list(word["cites"])}


def totals(chosen: list[Verdict], reports: list[dict[str, Any]], inferences: int, seconds: float) -> dict[str, Any]:
    """What the reports of these verdicts add up to."""
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
        "cited": sum(isinstance(v, Citation) for v in chosen),
        "not_mathematics": sum(len(v.claims) for v in chosen if type(v) is Remark),
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
    if importlib.util.find_spec("torch"):
        import torch

        if torch.cuda.is_available():
            found["cuda"] = torch.cuda.get_device_name(0)
    return found


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
