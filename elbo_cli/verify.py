"""The command `elbo-ref`: thin, over `verdicts()`."""

from __future__ import annotations

import difflib
import importlib.util
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from derivations._language.chapters import homes, readable, verdicts
from derivations._language.verdicts import Citation, Counterexample, Remark, Theorem, Verdict

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Prove, check and print the derivations.")

HERE = Path(__file__).parent
MARKS = {"passed": "[green]✓[/]", "failed": "[bold red]✗[/]", "not applicable": "[dim]·[/]", "not run": "[yellow]–[/]"}
COLUMNS = {"proof": "proof", "quadrature": "quad", "enclosure": "ball", "numpy": "NumPy", "torch": "torch",
           "gradient": "grad"}  # fmt: skip


# --- names -----------------------------------------------------------------------------------------------------------


def _chosen(names: list[str], known: list[Verdict]) -> list[Verdict]:
    """The verdicts with these names, or of the modules with these names; exit 2 with the closest names if unknown."""
    if not names:
        return known
    offered = dict.fromkeys([v.name for v in known] + [v.module for v in known])
    if unknown := [n for n in names if n not in offered]:
        for name in unknown:
            close = difflib.get_close_matches(name, offered, n=4, cutoff=0.4)
            hint = f"; close to it: {', '.join(close)}" if close else "; `elbo-ref claims` lists what there is"
            typer.echo(f"There is no verdict or module called {name!r}{hint}.", err=True)
        raise typer.Exit(2)
    return [v for v in known if v.name in names or v.module in names]


# --- verify ----------------------------------------------------------------------------------------------------------


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Verdicts or modules; all of them by default.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the results to this file.")] = None,
) -> None:
    """Run every proof and every check; exit 1 if anything fails."""
    started = time.perf_counter()
    if json_file and not json_file.parent.is_dir():
        typer.echo(f"There is no folder {json_file.parent} to write {json_file.name} into.", err=True)
        raise typer.Exit(2)
    known = verdicts()
    chosen = _chosen(names or [], known)
    proofs = [v for v in chosen if isinstance(v, Theorem | Counterexample)]
    reports = _reports([v.name for v in proofs])
    ordered = [reports[v.name] for v in proofs]
    result = {
        "verdicts": ordered,
        "totals": _totals(chosen, ordered, time.perf_counter() - started),
        "sources": _fingerprint(),
    }
    if json_file:
        json_file.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    console = Console()
    console.print(_table(ordered))
    _legend(console, ordered)
    failed = _print_failures(console, ordered)
    _foot(console, result["totals"], ordered)
    raise typer.Exit(1 if failed else 0)


def _reports(names: list[str]) -> dict[str, dict[str, Any]]:
    """The report of each verdict, from as many processes as there are processors, with a bar on the terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("proving and checking", total=len(names))
        found = {}
        for report in _run(names):
            found[report["name"]] = report
            progress.update(task, advance=1, description=report["name"])
    return found


def _run(names: list[str]) -> Iterator[dict[str, Any]]:
    from derivations._checks.checks import check_named, crashed

    workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, len(names))
    if workers <= 1:
        yield from map(check_named, names)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(check_named, name): name for name in names}
        for future in as_completed(futures):
            error = future.exception()
            yield crashed(futures[future], error) if error else future.result()


def _fingerprint() -> str:
    from derivations._reading.book import fingerprint

    return fingerprint(HERE.parent)


def _totals(chosen: list[Verdict], reports: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    from derivations._checks.checks import failures

    trusts: dict[str, int] = {}
    for trust in (t for r in reports for t in r["trusts"]):
        trusts[trust] = trusts.get(trust, 0) + 1
    good = [r for r in reports if r["proof"] == "passed"]
    slowest = max(reports, key=lambda r: r["seconds"], default=None)
    return {
        "verdicts": len(reports),
        "proved": sum(r["kind"] == "theorem" for r in good),
        "refuted": sum(r["kind"] == "counterexample" for r in good),
        "cited": sum(isinstance(v, Citation) for v in chosen),
        "not_mathematics": sum(len(v.claims) for v in chosen if isinstance(v, Remark)),
        "failed": sum(bool(failures(r)) for r in reports),
        "mutants": {k: sum(r["mutants"][k] for r in reports) for k in ("tried", "killed", "equivalent")},
        "trusts": dict(sorted(trusts.items())),
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


def _letters(reports: list[dict[str, Any]]) -> dict[str, str]:
    """A short mark for everything that some proof trusts."""
    marks: dict[str, str] = {}
    for trust in sorted({t for r in reports for t in r["trusts"]}):
        letters = [c for c in trust.removeprefix("sympy ").upper() + "0123456789" if c.isalnum()]
        marks[trust] = next(c for c in letters if c not in marks.values())
    return marks


def _table(reports: list[dict[str, Any]]) -> Table:
    letters = _letters(reports)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("verdict", no_wrap=True, overflow="ellipsis", max_width=42)
    for heading in COLUMNS.values():
        table.add_column(heading, justify="center", no_wrap=True, min_width=len(heading))
    for heading in ("mutants", "sec", "given"):
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    table.add_column("trusts", no_wrap=True, min_width=6)
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
            "".join(letters[t] for t in r["trusts"]) or "·",
        )
    return table


def _legend(console: Console, reports: list[dict[str, Any]]) -> None:
    meaning = {
        "quad": "read in float64 from the definitions",
        "ball": "certified enclosures",
        "NumPy, torch": "the reference function",
        "grad": "torch's gradient",
        "mutants": "damaged statements killed or shown equivalent, of those tried",
        "given": "number of hypotheses",
    }
    lines = [
        "   ".join(f"{mark} {word}" for word, mark in MARKS.items()),
        "; ".join(f"{heading}: {what}" for heading, what in meaning.items()),
        "trusts: " + ", ".join(f"{c} {t}" for t, c in _letters(reports).items()),
    ]
    console.print("\n" + "\n".join(lines), style="dim", highlight=False)


def _print_failures(console: Console, reports: list[dict[str, Any]]) -> bool:
    from derivations._checks.checks import failures

    found = [(r["name"], why) for r in reports for why in failures(r)]
    if found:
        console.print(f"\n[bold red]{len(found)} failures[/]")
    for name, why in found:
        console.print(f"\n[bold]{name}[/]: {escape(why)}")
    return bool(found)


def _foot(console: Console, totals: dict[str, Any], reports: list[dict[str, Any]]) -> None:
    mutants, there = totals["mutants"], totals["backends"]
    skipped = sorted({r[c].partition(": ")[2] for r in reports for c in COLUMNS if r[c].startswith("not run")})
    kinds = ("proved", "refuted", "cited", "failed")
    lines = [
        ", ".join(f"{totals[kind]} {kind}" for kind in kinds)
        + f"; {totals['not_mathematics']} claims are not mathematics.",
        f"Mutants: {mutants['tried']} tried, {mutants['killed']} killed, {mutants['equivalent']} equivalent.",
        "Trusts: " + (", ".join(f"{t} ({n})" for t, n in totals["trusts"].items()) or "the kernel alone") + ".",
    ]
    if slowest := totals["slowest"]:
        lines.append(f"Slowest: {slowest['name']}, {slowest['seconds']:.1f} s; all together {totals['seconds']:.1f} s.")
    lines.append("With " + ", ".join(f"{name} {v}" for name, v in there.items()) + ".")
    lines += [f"Not run: {why}." for why in skipped]
    console.print("\n" + "\n".join(map(escape, lines)), highlight=False)


# --- show, exercise, claims ------------------------------------------------------------------------------------------


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A verdict, or a module for all of its verdicts.")],
    digits: Annotated[int, typer.Option(min=0, max=1000, help="Add worked numbers, certain to so many digits.")] = 0,
) -> None:
    """Print a derivation step by step."""
    from derivations._reading.show import show as shown

    known, broken = readable()
    for module, error in broken.items():
        typer.echo(
            f"derivations/{homes()[module]}/{module}.py cannot be read: {type(error).__name__}: {error}", err=True
        )
    if name in broken:
        raise typer.Exit(1)
    chosen = _chosen([name], known)
    exact = [v for v in chosen if v.name == name]  # a module may be called after its main theorem
    width = min(Console().width, 110)
    typer.echo("\n\n\n".join(shown(v, width, digits) for v in exact or chosen))


@app.command()
def exercise(
    x: Annotated[str, typer.Option("--x", help="The observation, an exact number such as 1, 0.5 or 3/7.")] = "1",
    as_json: Annotated[bool, typer.Option("--json", help="Print the data as JSON.")] = False,
) -> None:
    """The worked linear-Gaussian exercise: every number, by every route, side by side."""
    from derivations._reading import exercise as _exercise

    try:
        data = _exercise.exercise(x)
    except ValueError as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        Console().print(_exercise.render(data))


@app.command()
def claims(
    document: Annotated[str, typer.Option(help="Only claims of documents with this in their title.")] = "",
    verdict: Annotated[str, typer.Option(help="Only claims that stand so, such as proved or refuted.")] = "",
    derivation: Annotated[str, typer.Option(help="Only claims that this verdict or module settles.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the ledger as JSON.")] = False,
) -> None:
    """Every claim of the documents beside what settles it."""
    from derivations._reading import ledger as _ledger

    try:
        found = _ledger.chosen(_ledger.rows(), document, verdict, derivation)
    except ValueError as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(2) from None
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        Console().print(_ledger.render(found), highlight=False)


if __name__ == "__main__":
    app()
