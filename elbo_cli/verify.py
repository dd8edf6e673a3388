"""`elbo-ref verify`: every proof and every check, a line a verdict, and what they add up to."""

from __future__ import annotations

import json
import signal
import threading
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from derivations._checks.checks import failures, state
from derivations._checks.run import Run, asked, totals
from derivations._checks.tree import strays
from derivations._language.chapters import BOOK, homes, named
from derivations._reading.book import conflicts, fingerprint
from derivations._reading.formulas import Printer
from elbo_cli.names import chosen
from elbo_cli.output import reserved

MARKS = {"passed": "[green]✓[/]", "failed": "[bold red]✗[/]", "not applicable": "[dim]·[/]", "not run": "[yellow]–[/]"}
COLUMNS = {"proof": "proof", "checker": "check", "premises": "prem", "content": "says", "quadrature": "quad", "enclosure": "ball", "numpy": "NumPy",
           "torch": "torch", "gradient": "grad"}  # fmt: skip


class Listed(NamedTuple):
    """A proof as its file names it."""

    name: str
    module: str
    kind: str


class Stopped(BaseException):
    """A signal that asks to end."""


def verify(names: Sequence[str], json_file: Path | None, tracebacks: bool = False) -> bool:
    """Check these verdicts, or all; print the table, write the results. Whether all is well."""
    started = time.perf_counter()
    with reserved(json_file) as write:
        before = fingerprint(BOOK.parent)
        wanted = _wanted(names)
        run = Run(wanted, preload=["elbo_cli.__main__"])
        reports, inferences, unprinted = _reports(run, [name for several in wanted.values() for name in several])
        faults = [
            *unprinted,
            *_faults(run),
            *([] if fingerprint(BOOK.parent) == before else ["the sources changed meanwhile"]),
        ]
        others = [v for found in run.found.values() for v in found]
        found = totals(others, reports, inferences, time.perf_counter() - started)
        found["failed"] += len(faults)
        result = {"whole": not names, "verdicts": reports, "faults": faults, "totals": found, "sources": before}
        write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    console = Console()
    console.print(_table(reports))
    _legend(console, reports)
    failed = _print_failures(console, reports, faults, tracebacks)
    _foot(console, found, reports)
    return not failed


def _wanted(names: Sequence[str]) -> dict[str, dict[str, str]]:
    """For each derivation that is asked for, its proofs, each with its kind; as the files say, none of which is run."""
    proofs = [Listed(name, *said) for name, said in named().items()]
    wanted = chosen(names, proofs, list(homes()))
    found: dict[str, dict[str, str]] = {m: {} for m in homes() if not names or m in names}
    for proof in wanted:
        found.setdefault(proof.module, {})[proof.name] = proof.kind
    return found


def _reports(run: Run, names: list[str]) -> tuple[list[dict[str, Any]], int, list[str]]:
    """The report of each verdict in this order, the inferences checked, what cannot be printed; a bar meanwhile."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    found: dict[str, dict[str, Any]] = {}
    with (
        _stoppable(found, len(names)),
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("proving and checking", total=len(names))
        for report in run:
            found[report["name"]] = report
            progress.update(task, advance=1, description=report["name"])
        progress.update(task, description="asking the checker")
        reports = [found[name] for name in names]
        return *asked(reports), list(_not_printed(reports))


def _not_printed(reports: Sequence[dict[str, Any]]) -> Iterator[str]:
    """A symbol may be called as a formula looks: what a reader could take for something else is refused."""
    for report in (r for r in reports if r["draft"]):
        _, _, statement, given = report["draft"].theorem
        try:
            Printer([statement, *given]).text(statement)
        except Exception as why:  # noqa: BLE001 (rows that another process made up)
            yield f"{report['name']} cannot be printed: {why}"


@contextmanager
def _stoppable(found: Mapping[str, dict[str, Any]], of: int) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the work at once, and what was found so far is said."""

    def stop(number: int, _: object) -> None:
        for which in before:
            signal.signal(which, signal.SIG_IGN)
        raise Stopped(number)

    before: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        before |= {which: signal.signal(which, stop) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except Stopped as why:
        bad = [name for name, report in found.items() if failures(report)]
        typer.echo(f"Stopped. {len(found)} of {of} verdicts were looked at, without the checker: "
                   f"{len(bad)} failed{': ' * bool(bad)}{', '.join(bad)}. Nothing was written.", err=True)  # fmt: skip
        raise typer.Exit(128 + why.args[0]) from None
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def _faults(run: Run) -> list[str]:
    """What is wrong with files rather than with verdicts."""
    data = tomllib.loads((BOOK / "claims.toml").read_text(encoding="utf-8"))
    where = [f"derivations/{homes()[module]}/{module}.py: {why}" for module, why in run.faults.items()]
    ids = [claim["id"] for claim in data["claim"]]
    twice = [f"claims.toml has two claims {c}" for c in sorted({c for c in ids if ids.count(c) > 1})]
    return [*where, *twice, *conflicts(data["claim"], run.found), *strays(BOOK.parent)]


def _table(reports: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("verdict", no_wrap=True, overflow="ellipsis", max_width=42)
    for heading in COLUMNS.values():
        table.add_column(heading, justify="center", no_wrap=True, min_width=len(heading))
    for heading in ("mutants", "sec", "given", "steps"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    table.add_column("cites", no_wrap=True)
    for r in reports:
        mutants = r["mutants"]
        caught = mutants["killed"] + mutants["equivalent"]
        share = f"{caught}/{mutants['tried']}" if mutants["tried"] else "·"
        table.add_row(
            r["name"],
            *(MARKS[r[check].partition(":")[0]] for check in COLUMNS),
            f"[bold red]{share}[/]" if mutants["survived"] else share,
            f"{r['seconds']:.1f}",
            str(len(r["given"]) or "·"),
            str(r["inferences"] or "·"),
            ", ".join(r["cites"]) or "·",
        )
    return table


def _legend(console: Console, reports: list[dict[str, Any]]) -> None:
    meaning = {
        "proof": "the prover arrives at the statement",
        "check": "the independent checker accepts every inference",
        "prem": "the premises of a refuted claim hold where it fails, and it holds elsewhere",
        "says": "a theorem is no hypothesis rearranged",
        "quad": "read in float64 from the definitions",
        "ball": "certified enclosures",
        "NumPy, torch": "the reference function",
        "grad": "torch's gradient",
        "mutants": "damaged statements killed or shown equivalent, of those tried",
        "given": "number of hypotheses",
        "steps": "inferences checked",
        "cites": "facts taken from a table",
    }
    lines = [
        "   ".join(f"{mark} {word}" for word, mark in MARKS.items()),
        "; ".join(f"{heading}: {what}" for heading, what in meaning.items()),
    ]
    console.print("\n" + "\n".join(lines), style="dim", highlight=False)


def _print_failures(console: Console, reports: list[dict[str, Any]], faults: list[str], tracebacks: bool) -> bool:
    found = [(r["name"], why) for r in reports for why in failures(r)]
    alone = [(r["name"], f"proved by the prover only: {r['checker']}") for r in reports if state(r) == "prover only"]
    for several, kind in ((found, "failures"), (alone, "not proved: the checker does not accept them")):
        if several:
            console.print(f"\n[bold red]{len(several)} {kind}[/]")
        for name, why in several:
            console.print(f"\n[bold]{name}[/]: {escape(_plain(why))}")
    if faults:
        console.print(f"\n[bold red]{len(faults)} faults of files[/]\n")
        console.print("\n".join(escape(_plain(fault)) for fault in faults), highlight=False)
    traces = [(r["name"], check, trace) for r in reports for check, trace in r["tracebacks"].items()]
    for name, check, trace in traces if tracebacks else ():
        console.print(f"\n[bold]{name}[/], {check}:\n{escape(_plain(trace))}", highlight=False, soft_wrap=True)
    if traces and not tracebacks:
        console.print(f"\n{len(traces)} tracebacks: --traceback", style="dim")
    return bool(found or alone or faults)


def _plain(text: str) -> str:
    """What a terminal would take for a command is no part of a reason."""
    return "".join(c if c.isprintable() or c == "\n" else "·" for c in text)


def _foot(console: Console, totals: dict[str, Any], reports: list[dict[str, Any]]) -> None:
    mutants, there = totals["mutants"], totals["backends"]
    skipped = sorted({r[c].partition(": ")[2] for r in reports for c in COLUMNS if r[c].startswith("not run")})
    kinds = ("proved", "refuted", "prover_only", "cited", "failed")
    lines = [
        ", ".join(f"{totals[kind]} {kind.replace('_', ' ')}" for kind in kinds)
        + f"; of the claims {totals['defined']} are definitions, {totals['misprinted']} cannot be read as printed, "
        f"{totals['not_mathematics']} are not mathematics.",
        f"Mutants: {mutants['tried']} tried, {mutants['killed']} killed, {mutants['equivalent']} equivalent.",
        f"Checked: {totals['inferences']:,} inferences; cited: "
        + (", ".join(f"{fact} by {n}" for fact, n in totals["cites"].items()) or "nothing")
        + ".",
    ]
    if slowest := totals["slowest"]:
        lines.append(f"Slowest: {slowest['name']}, {slowest['seconds']:.1f} s; all together {totals['seconds']:.1f} s.")
    lines.append("With " + ", ".join(f"{name} {v}" for name, v in there.items()) + ".")
    lines += [f"Not run: {why}." for why in skipped]
    console.print("\n" + "\n".join(map(escape, lines)), highlight=False)
