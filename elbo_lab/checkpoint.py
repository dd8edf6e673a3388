"""Checkpoints: all that the future of a training depends on, in one file that is whole or not there.

The first line says what the file is and the SHA-256 of the rest: a file that was cut short or changed is refused by name.
"""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch

from elbo_lab.training import Training

_MAGIC = b"elbo-lab checkpoint 1 "


def save(training: Training, file: Path, about: dict[str, Any]) -> None:
    """Write the state, and what the run is about; a crash at any moment leaves the file of before."""
    state = {
        "about": about,
        "epoch": training.epoch,
        "weights": training.networks.state_dict(),
        "optimiser": training.optimiser.state_dict(),
        "draws": [draws.get_state() for draws in training.draws],
    }
    content = io.BytesIO()
    torch.save(state, content)
    body = content.getvalue()
    new = file.with_name(f".{file.name}.new")
    with open(new, "wb") as out:
        out.write(_MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        out.flush()
        os.fsync(out.fileno())
    os.replace(new, file)


def read(file: Path) -> dict[str, Any]:
    """The state in a file; ValueError if it is no checkpoint, or not as it was written."""
    if not file.is_file():
        raise ValueError(f"resume: there is no checkpoint {file}; leave out --resume to begin one")
    line, _, body = file.read_bytes().partition(b"\n")
    if not line.startswith(_MAGIC):
        raise ValueError(f"resume: {file} is no checkpoint of elbo-lab")
    if line[len(_MAGIC) :].decode("ascii", "replace") != hashlib.sha256(body).hexdigest():
        raise ValueError(f"resume: {file} is damaged: its contents do not have the checksum of its first line")
    state: dict[str, Any] = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    return state


def restore(training: Training, state: dict[str, Any], about: dict[str, Any]) -> None:
    """Go on from a state; ValueError if the run that it is about is another one."""
    if other := sorted(key for key in about if state["about"].get(key) != about[key]):
        was = ", ".join(f"{key} {state['about'].get(key)}" for key in other)
        raise ValueError(
            f"resume: the checkpoint was made with {was}: ask for the same, or begin anew in another folder"
        )
    training.networks.load_state_dict(state["weights"])
    training.optimiser.load_state_dict(state["optimiser"])
    for draws, kept in zip(training.draws, state["draws"], strict=True):
        draws.set_state(kept)
    training.epoch = state["epoch"]
