"""`elbo-ref vae`: train a variational autoencoder on images, measure the identities on it, count what mistakes cost."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from elbo_lab.data import Images
    from elbo_lab.training import Report, Training


class Run(NamedTuple):
    """What is trained. `None` is what the preset says."""

    data: str = "digits"
    latent: int = 2
    hidden: int = 128
    activation: str = "tanh"
    beta: float = 1.0
    seed: int = 0
    epochs: int = 200
    batch: int = 64
    rate: float = 2e-3
    grey: bool = False


PRESETS = {"plane": Run(), "document": Run("mnist", 20, 400, "relu", epochs=50, batch=128, rate=1e-3, grey=True)}
CHECKPOINT, RESULTS, MEASURES = "checkpoint.pt", "training.json", "measures.json"


def chosen(preset: str, **given: Any) -> Run:
    """The preset with what was given in its place."""
    if preset not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    run = PRESETS[preset]._replace(**{name: value for name, value in given.items() if value is not None})
    for name in ("latent", "epochs"):
        if (value := getattr(run, name)) < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    if not (math.isfinite(run.beta) and run.beta >= 0):
        raise ValueError(f"beta must be a number, at least 0, got {run.beta}")
    return run


def begun(run: Run, folder: Path | None, device: str) -> tuple[Training, Images]:
    """A training at its start, and its images."""
    import torch

    from elbo_lab.data import binary, load
    from elbo_lab.mistakes import RIGHT, Sizes
    from elbo_lab.model import Shape
    from elbo_lab.training import Plan, Training

    images = load(run.data, folder or fetched(run.data))
    pixels = torch.as_tensor(images.train if run.grey else binary(images.train))
    shape = Shape(pixels.shape[1], run.hidden, run.latent, run.activation)  # type: ignore[arg-type]
    plan = Plan(run.epochs, run.batch, run.rate, run.beta)
    # The likelihood refuses grey levels; the textbook line does not, and its number is no bound.
    textbook = replace(RIGHT, beta=lambda sizes: run.beta).step(Sizes(len(pixels), run.batch, run.latent))
    return Training(shape, [run.seed], pixels, plan, step=textbook if run.grey else None, device=device), images


def fetched(data: str) -> Path | None:
    """The folder of a data set that is published on the web, with what is not there yet fetched into it; None for others."""
    from elbo_lab import download

    if data not in download.SOURCES:
        return None
    folder = download.cache(data)
    for file in download.missing(data, folder):
        Console().print(
            f"Fetching {download.SOURCES[data].address}{file} into {folder}.", soft_wrap=True, highlight=False
        )
        download.fetch(data, file, folder)
    return folder


def train(run: Run, out: Path, folder: Path | None, device: str, resume: bool) -> None:
    """Train to the end with a checkpoint after every epoch; say the loss in nats an image."""
    from elbo_lab import checkpoint, results

    training, images = begun(run, folder, device)
    about, file = _about(run), out / CHECKPOINT
    history: list[dict[str, Any]] = []
    if resume:
        state = checkpoint.read(file)
        checkpoint.restore(training, state, about)
        history = state["about"]["history"]
        if training.epoch > run.epochs:
            raise ValueError(f"epochs must be at least the {training.epoch} of the checkpoint, got {run.epochs}")
    elif file.exists():
        raise ValueError(f"out: {file} is there already: --resume goes on with it, another --out begins anew")
    out.mkdir(parents=True, exist_ok=True)
    with _bar(run.epochs, training.epoch) as told:
        while training.epoch < run.epochs:
            report = training.run_epoch()
            history.append({name: value if name == "epoch" else value[0] for name, value in report._asdict().items()})
            checkpoint.save(training, file, about | {"history": history})
            told(report)
    results.write(out / RESULTS, about | {"history": history})
    last = history[-1]
    pixels = images.side**2
    Console().print(
        f"{run.data}: loss {last['loss']:.2f} = reconstruction {last['reconstruction']:.2f} + beta KL {last['kl']:.2f} "
        f"nats an image, a mean over the epoch; {last['loss'] * run.batch:.0f} summed over a batch of {run.batch}, "
        f"{last['loss'] / pixels / math.log(2):.3f} bits a pixel."
    )
    if run.grey:
        Console().print(f"Grey levels in a cross-entropy are no likelihood: no model gets below {_floor(images):.2f}.")
    Console().print(f"Weights in {file}, every epoch in {out / RESULTS}.", soft_wrap=True)


def _about(run: Run) -> dict[str, Any]:
    """What a checkpoint is of: all but how long."""
    return {name: value for name, value in run._asdict().items() if name != "epochs"}


def _floor(images: Images) -> float:
    """The least cross-entropy of the grey levels, nats an image: their own entropy."""
    import numpy as np

    grey = images.train.astype(np.float64)
    parts = [-p * np.log(p, where=p > 0, out=np.zeros_like(p)) for p in (grey, 1 - grey)]
    return float(sum(part.sum(1).mean() for part in parts))


@contextmanager
def _bar(epochs: int, done: int) -> Iterator[Callable[[Report], None]]:
    columns = (TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"), BarColumn(bar_width=None), TimeElapsedColumn(),
               TimeRemainingColumn(), TextColumn("{task.description}"))  # fmt: skip
    with Progress(*columns) as progress:
        task = progress.add_task("", total=epochs, completed=done)

        def told(report: Report) -> None:
            words = f"loss {report.loss[0]:.2f}  reconstruction {report.reconstruction[0]:.2f}  KL {report.kl[0]:.2f}"
            progress.update(task, completed=report.epoch, description=words)

        yield told


def measure(out: Path, folder: Path | None, sections: list[str]) -> bool:
    """Every identity on the network in a folder, as a table; whether all hold."""
    import torch

    from elbo_lab import checkpoint, measure, results
    from elbo_lab.data import binary
    from elbo_lab.model import alone

    if unknown := [name for name in sections if name not in measure.SECTIONS]:
        raise ValueError(f"section must be among {', '.join(measure.SECTIONS)}, got {unknown[0]!r}")
    if not (out / CHECKPOINT).is_file():
        raise ValueError(f"out: there is no trained network in {out}: elbo-ref vae train --out {out} makes one")
    state = checkpoint.read(out / CHECKPOINT)
    about = {name: value for name, value in state["about"].items() if name != "history"}
    training, images = begun(Run(**about), folder, "cpu")
    checkpoint.restore(training, state, about)
    train, test = (torch.as_tensor(binary(x)) for x in (images.train, images.test))
    of = measure.seen(alone(training.networks, 0), train, test)
    found = results.header("network", "elbo-ref vae train && elbo-ref vae measure")
    found |= {"run": about | {"epochs": training.epoch}, "train": len(train), "test": len(test)}
    found = results.continued(out / MEASURES, found)  # what was measured of the same network by the same code stays
    console = Console()
    with console.status("measuring", spinner="line") as status:
        for name, part in measure.sections(of, names=sections):
            found[name] = part
            results.write(out / MEASURES, found)
            status.update(f"measured: {name}")
    rows = [row for name in measure.SECTIONS if name in found for row in found[name]["identities"]]
    console.print(_table(rows))
    console.print(f"All numbers are in {out / MEASURES}.", soft_wrap=True)
    return all(row["holds"] for row in rows)


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "identity", "one way", "the other", "between", "allowed"):
        table.add_column(heading, no_wrap=heading != "identity")
    for row in rows:
        numbers = (f"{row['left']:.6g}", f"{row['right']:.6g}", f"{row['residual']:.0e}", f"{row['error']:.0e}")
        table.add_row("ok" if row["holds"] else "NO", row["words"], *numbers)
    return table


def mistakes(out: Path, seeds: int) -> None:
    """What each mistake costs, into a file; a run that was broken off goes on."""
    from elbo_lab import cost
    from elbo_lab.data import load
    from elbo_lab.mistakes import PROGRAMS

    if seeds < 2:
        raise ValueError(f"seeds must be at least 2, for a standard error, got {seeds}")
    with Console().status("", spinner="line") as status:
        for name in cost.rows(out, load("digits"), range(seeds)):
            status.update(name)
    Console().print(f"{len(PROGRAMS)} programs in {out}.", soft_wrap=True)


def figures(results: Path | None, out: Path) -> None:
    """The pictures of measured numbers, each as a file of its own."""
    from elbo_lab import figures as drawn
    from elbo_lab import results as files

    if results is not None and not results.is_file():
        raise ValueError(f"results: there is no file {results}: elbo-ref vae measure writes one, {MEASURES}")
    numbers = files.committed("network") if results is None else json.loads(results.read_text(encoding="utf-8"))
    out.mkdir(parents=True, exist_ok=True)
    for name, picture in drawn.standalone(numbers).items():
        (out / f"{name}.svg").write_text(picture, encoding="utf-8")
    Console().print(f"{len(drawn.PICTURES)} pictures in {out}.", soft_wrap=True)
