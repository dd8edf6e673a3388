"""The subcommands, their arguments and their help; what they do stands in other rooms, imported when called for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Prove, check and print the derivations.")


@app.command()
def verify(
    names: Annotated[list[str] | None, typer.Argument(help="Verdicts or modules; all of them by default.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the results to this file.")] = None,
    tracebacks: Annotated[bool, typer.Option("--traceback", help="Print where unexpected errors came from.")] = False,
) -> None:
    """Run every proof and every check; exit 1 if anything fails, 3 if the results cannot be written."""
    from elbo_cli.verify import verify

    raise typer.Exit(0 if verify(names or [], json_file, tracebacks) else 1)


@app.command()
def certify(
    file: Annotated[Path, typer.Argument(help="Where to write the certificate, as JSON.")],
    theorems: Annotated[
        list[str] | None, typer.Option("--theorem", help="A verdict or module; all by default.")
    ] = None,
) -> None:
    """Write the proofs as a certificate, for `python -m elbo_check` or any other program that replays it."""
    from derivations._language.certificate import CannotExport, write
    from derivations._language.chapters import verdicts
    from derivations._language.verdicts import Counterexample, Theorem
    from elbo_cli.names import chosen

    proofs = [v for v in chosen(theorems or [], verdicts()) if isinstance(v, Theorem | Counterexample)]
    try:
        write(file, proofs)
    except (CannotExport, OSError) as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{len(proofs)} proofs written to {file}: python -m elbo_check {file}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A verdict, or a module for all of its verdicts.")],
    digits: Annotated[int, typer.Option(min=0, max=1000, help="Add worked numbers, certain to so many digits.")] = 0,
) -> None:
    """Print a derivation step by step."""
    from rich.console import Console

    from derivations._reading.show import show
    from elbo_cli.names import chosen, readable

    known, broken = readable()
    if name in broken:
        raise typer.Exit(1)
    wanted = chosen([name], known)
    exact = [v for v in wanted if v.name == name]  # a module may be called after its main theorem
    width = min(Console().width, 110)
    typer.echo("\n\n\n".join(show(v, width, digits) for v in exact or wanted))


@app.command()
def exercise(
    x: Annotated[str, typer.Option("--x", help="The observation, an exact number such as 1, 0.5 or 3/7.")] = "1",
    as_json: Annotated[bool, typer.Option("--json", help="Print the data as JSON.")] = False,
) -> None:
    """The worked linear-Gaussian exercise: every number, by every route, side by side."""
    from rich.console import Console

    from derivations._reading.exercise import exercise, render

    try:
        data = exercise(x)
    except ValueError as why:
        _refuse(why)
    if as_json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        Console().print(render(data))


@app.command()
def claims(
    document: Annotated[str, typer.Option(help="Only claims of documents with this in their title.")] = "",
    verdict: Annotated[str, typer.Option(help="Only claims that stand so, such as proved or refuted.")] = "",
    derivation: Annotated[str, typer.Option(help="Only claims that this verdict or module settles.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the ledger as JSON.")] = False,
) -> None:
    """Every claim of the documents beside what settles it."""
    from rich.console import Console

    from derivations._reading.ledger import chosen, render, rows
    from elbo_cli.names import readable

    known, broken = readable()
    try:
        found = chosen(rows(known), document, verdict, derivation)
    except ValueError as why:
        _refuse(why)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        Console().print(render(found), highlight=False)
    raise typer.Exit(1 if broken else 0)


def _refuse(why: ValueError) -> NoReturn:
    """One line on the terminal, and the exit status of bad input."""
    typer.echo(str(why), err=True)
    raise typer.Exit(2) from None


def main() -> None:
    """The command; a book whose files lie wrong is refused in one line, whatever was asked of it."""
    try:
        app()
    except ValueError as why:
        from derivations._language.chapters import Misplaced, Refused

        if not isinstance(why, Misplaced | Refused):
            raise
        typer.echo(str(why), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
