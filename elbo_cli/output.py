"""Files that a command writes: whole or not at all, and refused before the work if they cannot be."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import typer

CANNOT_WRITE = 3  # the exit status
ROOM = 4 * 2**20  # bytes that must be free


@contextmanager
def reserved(file: Path | None) -> Iterator[Callable[[str], None]]:
    """A function that writes this file, once. Its room is taken now, beside it; exit if there is none."""
    if file is None:
        yield lambda text: None
        return
    target = file.resolve()  # a link stays, and leads to the new text
    try:
        if target.exists() and not target.is_file():
            raise OSError(f"{file} is {'a folder' if target.is_dir() else 'no ordinary file'}")
        if not target.parent.is_dir():
            raise OSError(f"there is no folder {file.parent} to write {file.name} into")
        number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as why:
        _refuse(file, why)
    new = Path(name)
    try:
        with open(number, "w", encoding="utf-8") as out:
            try:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(number, 0, ROOM)
            except OSError as why:
                _refuse(file, why)

            def write(text: str) -> None:
                try:
                    out.truncate(0)
                    out.write(text)
                    out.flush()
                    os.fsync(number)
                    new.chmod(target.stat().st_mode if target.exists() else 0o666 & ~_umask())
                    os.replace(new, target)
                except OSError as why:
                    _refuse(file, why)

            yield write
    finally:
        with suppress(FileNotFoundError):
            new.unlink()


def _umask() -> int:
    os.umask(mask := os.umask(0))
    return mask


def _refuse(file: Path, why: OSError) -> NoReturn:
    typer.echo(f"{file} cannot be written: {why.strerror or why}", err=True)
    raise typer.Exit(CANNOT_WRITE) from None
