"""`elbo-ref verify`: every proof and every check, a line a verdict, and what they add up to."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from derivations._checks.checks import failures, state
from derivations._checks.run import asked, proved, totals
from derivations._language.chapters import BOOK, verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.book import fingerprint
from elbo_cli.names import chosen

MARKS = {"passed": "[green]✓[/]", "failed": "[bold red]✗[/]", "not applicable": "[dim]·[/]", "not run": "[yellow]–[/]"}
COLUMNS = {"proof": "proof", "checker": "check", "premises": "prem", "content": "says", "quadrature": "quad", "enclosure": "ball", "numpy": "NumPy",
           "torch": "torch", "gradient": "grad"}  # fmt: skip


def verify(names: Sequence[str], json_file: Path | None) -> bool:
    """Check these verdicts, or all; print the table, write the results. Whether all is well."""
    started = time.perf_counter()
    if json_file and not json_file.parent.is_dir():
        typer.echo(f"There is no folder {json_file.parent} to write {json_file.name} into.", err=True)
        raise typer.Exit(2)
    wanted = chosen(names, verdicts())
    ordered, inferences = _reports([v.name for v in wanted if isinstance(v, Theorem | Counterexample)])
    result = {
        "verdicts": ordered,
        "totals": totals(wanted, ordered, inferences, time.perf_counter() - started),
        "sources": fingerprint(BOOK.parent),
    }
    if json_file:
        json_file.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    console = Console()
    console.print(_table(ordered))
    _legend(console, ordered)
    failed = _print_failures(console, ordered)
    _foot(console, result["totals"], ordered)
    return not failed


def _reports(names: list[str]) -> tuple[list[dict[str, Any]], int]:
    """The report of each verdict in this order, and the inferences checked; with a bar on the terminal meanwhile."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("proving and checking", total=len(names))
        found = {}
        for report in proved(names):
            found[report["name"]] = report
            progress.update(task, advance=1, description=report["name"])
        progress.update(task, description="asking the checker")
        return asked([found[name] for name in names])


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


def _print_failures(console: Console, reports: list[dict[str, Any]]) -> bool:
    found = [(r["name"], why) for r in reports for why in failures(r)]
    alone = [(r["name"], f"proved by the prover only: {r['checker']}") for r in reports if state(r) == "prover only"]
    for several, kind in ((found, "failures"), (alone, "not proved: the checker does not accept them")):
        if several:
            console.print(f"\n[bold red]{len(several)} {kind}[/]")
        for name, why in several:
            console.print(f"\n[bold]{name}[/]: {escape(why)}")
    return bool(found or alone)


def _foot(console: Console, totals: dict[str, Any], reports: list[dict[str, Any]]) -> None:
    mutants, there = totals["mutants"], totals["backends"]
    skipped = sorted({r[c].partition(": ")[2] for r in reports for c in COLUMNS if r[c].startswith("not run")})
    kinds = ("proved", "refuted", "prover_only", "cited", "failed")
    lines = [
        ", ".join(f"{totals[kind]} {kind.replace('_', ' ')}" for kind in kinds)
        + f"; {totals['not_mathematics']} claims are not mathematics.",
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
