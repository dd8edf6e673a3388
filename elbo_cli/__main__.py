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
) -> None:
    """Run every proof and every check; exit 1 if anything fails."""
    from elbo_cli.verify import verify

    raise typer.Exit(0 if verify(names or [], json_file) else 1)


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

    from derivations._language.chapters import homes, readable
    from derivations._reading.show import show
    from elbo_cli.names import chosen

    known, broken = readable()
    for module, error in broken.items():
        where = f"derivations/{homes()[module]}/{module}.py"
        typer.echo(f"{where} cannot be read: {type(error).__name__}: {error}", err=True)
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

    try:
        found = chosen(rows(), document, verdict, derivation)
    except ValueError as why:
        _refuse(why)
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        Console().print(render(found), highlight=False)


@app.command()
def audit(
    function: Annotated[str, typer.Argument(help="file.py:name of a loss. The file is imported and run, as you.")],
    arg: Annotated[list[str] | None, typer.Option("--arg", help='What an argument is: "x: B D binary".')] = None,
    batch: Annotated[str, typer.Option(help="What is asked of the rows: mean, sum, or any factor.")] = "any",
    size: Annotated[list[str] | None, typer.Option("--size", help="A size as a number, for the report: D=784.")] = None,
    maximised: Annotated[bool, typer.Option("--maximised", help="The function is the ELBO, not a loss.")] = False,
    output: Annotated[str | None, typer.Option(help="Which of several outputs: its number or its key.")] = None,
    prove: Annotated[bool, typer.Option("--prove/--no-prove", help="Look for the theorem behind an equality.")] = True,
    framework: Annotated[str, typer.Option(help="torch or jax.")] = "torch",
    certificate: Annotated[Path | None, typer.Option(help="Write the proof there, for elbo_check.")] = None,
    limit: Annotated[float, typer.Option(min=1, help="Seconds after which the audit ends.")] = 120,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """What a loss computes: the theorem, or the mistake. Imports and runs your file, with your rights.

    Exit status 0: equal, or up to a constant. 1: a weight, a mistake, another model. 2: undecided, or bad input.
    The kinds of arguments stand on the page "Is my loss right?".
    """
    from elbo_cli.audit import Late, asked, audited

    try:
        request = asked(function, arg or [], size or [], batch, maximised, output, prove, framework)
        answer = audited(request, limit)
    except ValueError as why:
        _refuse(why)
    except Late as why:
        answer = {"verdict": {"kind": "undecided", "status": 2, "reason": str(why)}, "text": f"UNDECIDED: {why}"}
    if "refused" in answer:
        _refuse(ValueError(answer["refused"]))
    if certificate is not None:
        if not answer.get("certificate"):
            typer.echo("There is no theorem to write a certificate of.", err=True)
        else:
            certificate.write_text(json.dumps(answer["certificate"]))
    typer.echo(json.dumps(answer["verdict"], indent=2, ensure_ascii=False) if as_json else answer["text"])
    raise typer.Exit(answer["verdict"]["status"])


def _refuse(why: ValueError) -> NoReturn:
    """One line on the terminal, and the exit status of bad input."""
    typer.echo(str(why), err=True)
    raise typer.Exit(2) from None


def main() -> None:
    """The command; a book whose files lie wrong is refused in one line, whatever was asked of it."""
    try:
        app()
    except ValueError as why:
        from derivations._language.chapters import Misplaced

        if not isinstance(why, Misplaced):
            raise
        typer.echo(str(why), err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
