"""The subcommands, their arguments and their help; what they do stands in other rooms, imported when called for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elbo_cli.terminal import NO_OUTPUT, guarded, print_json, refuse

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # what is not foreseen shows Python's own traceback
    help="Prove, check and print the derivations.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from elbo_ref import __version__

        typer.echo(f"elbo-ref {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Prove, check and print the derivations."""


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
    except CannotExport as why:
        refuse(why, 1)
    except OSError as why:
        refuse(f"The certificate cannot be written: {why}", NO_OUTPUT)
    typer.echo(f"{len(proofs)} proofs written to {file}: python -m elbo_check {file}")


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A verdict, or a module for all of its verdicts.")],
    digits: Annotated[int, typer.Option(min=0, max=1000, help="Add worked numbers, certain to so many digits.")] = 0,
) -> None:
    """Print a derivation step by step."""
    from rich.console import Console

    from derivations._reading.show import show
    from elbo_cli.names import asked_for

    width = min(Console().width, 110)
    typer.echo("\n\n\n".join(show(v, width, digits) for v in asked_for(name)))


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
        refuse(why)
    if as_json:
        print_json(data)
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
        refuse(why)
    if as_json:
        print_json(found)
    else:
        Console().print(render(found), highlight=False)
    raise typer.Exit(1 if broken else 0)


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
    import json

    from elbo_cli.audit import Late, asked, audited
    from elbo_cli.output import reserved

    try:
        request = asked(function, arg or [], size or [], batch, maximised, output, prove, framework)
        with reserved(certificate) as write:
            answer = audited(request, limit)
            if certificate is not None and answer.get("certificate"):
                write(json.dumps(answer["certificate"]))
            elif certificate is not None:
                typer.echo("There is no theorem to write a certificate of.", err=True)
    except ValueError as why:
        refuse(why)
    except Late as why:
        answer = {"verdict": {"kind": "undecided", "status": 2, "reason": str(why)}, "text": f"UNDECIDED: {why}"}
    if "refused" in answer:
        refuse(answer["refused"])
    if as_json:
        print_json(answer["verdict"])
    else:
        typer.echo(answer["text"])
    raise typer.Exit(answer["verdict"]["status"])


vae = typer.Typer(
    no_args_is_help=True, help="A variational autoencoder on real images: train, measure, count mistakes, draw."
)
app.add_typer(vae, name="vae")
_Out = Annotated[Path, typer.Option("--out", help="The folder of the run.")]
_Folder = Annotated[Path | None, typer.Option(help="Where the files of MNIST or Fashion-MNIST lie.")]


@vae.command("train")
def vae_train(
    out: _Out = Path("vae"),
    preset: Annotated[
        str, typer.Option(help="plane: two latents, digits. document: 784-400-20, as the tutorial.")
    ] = "plane",
    data: Annotated[str | None, typer.Option(help="digits, mnist or fashion.")] = None,
    latent: Annotated[int | None, typer.Option(help="Dimensions of z.")] = None,
    activation: Annotated[str | None, typer.Option(help="tanh or relu.")] = None,
    beta: Annotated[float | None, typer.Option(help="The weight of the divergence.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the first weights, the batches and the noise.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the images.")] = None,
    folder: _Folder = None,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in the folder.")] = False,
) -> None:
    """Train with the losses of elbo_ref; a run that was broken off goes on with --resume, to the same weights."""
    from elbo_cli.vae import chosen, train

    given = {"data": data, "latent": latent, "activation": activation, "beta": beta, "seed": seed, "epochs": epochs}
    try:
        train(chosen(preset, **given), out, folder, device, resume)
    except ValueError as why:
        refuse(why)


@vae.command("measure")
def vae_measure(
    out: _Out = Path("vae"),
    folder: _Folder = None,
    section: Annotated[list[str] | None, typer.Option(help="Only this part; all by default.")] = None,
) -> None:
    """Every identity on the trained network, each with its own error; exit 1 if one does not hold."""
    from elbo_cli.vae import measure

    try:
        held = measure(out, folder, section or [])
    except ValueError as why:
        refuse(why)
    raise typer.Exit(0 if held else 1)


@vae.command("mistakes")
def vae_mistakes(
    out: Annotated[Path, typer.Option("--out", help="The file of results; what it holds is kept.")] = Path(
        "mistakes.json"
    ),
    seeds: Annotated[int, typer.Option(help="Networks for each mistake.")] = 3,
) -> None:
    """What each mistake costs, in nats of held-out images: some minutes for each of two latent spaces."""
    from elbo_cli.vae import mistakes

    try:
        mistakes(out, seeds)
    except ValueError as why:
        refuse(why)


@vae.command("figures")
def vae_figures(
    results: Annotated[
        Path | None, typer.Option(help="A file that measure wrote; the committed one by default.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The folder of the pictures.")] = Path("figures"),
) -> None:
    """The pictures of the page, each as an SVG of its own."""
    from elbo_cli.vae import figures

    try:
        figures(results, out)
    except ValueError as why:
        refuse(why)


def main() -> None:
    """The command."""
    guarded(app)


if __name__ == "__main__":
    main()
