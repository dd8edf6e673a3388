"""The terminal: what it can show, and mistakes and refusals of the machine told in one line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import typer

BAD_INPUT, NO_OUTPUT, MISSING = 2, 3, 4  # exit statuses; 1 says that a check failed, or that the reader of a pipe left
EXTRAS = {"flint": "numeric", "scipy": "numeric", "torch": "torch", "numba": "fast", "sklearn": "lab"}
LONGEST = 80  # characters of a user's words that are said back


def tolerant() -> None:
    r"""From now on a character that the terminal lacks is written as `\u2713`, instead of ending the command."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed, as by `>&-`
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 (for as long as the command runs)
        elif hasattr(stream := getattr(sys, name), "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def print_json(data: Any) -> None:
    """JSON for whoever reads it; where the output is not Unicode, in ASCII, for a replaced character would spoil it."""
    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    typer.echo(json.dumps(data, indent=2, ensure_ascii=not unicode))


def brief(word: str) -> str:
    """A word that a user typed, quoted, and cut if it is long."""
    return repr(word if len(word) <= LONGEST else word[:LONGEST] + "…")


def refuse(why: str | BaseException, status: int = BAD_INPUT) -> NoReturn:
    """One line on the terminal, and the exit status."""
    line = " ".join(str(why).split()) or type(why).__name__
    typer.echo(line if len(line) <= 1000 else line[:1000] + "…", err=True)
    raise SystemExit(status)


def guarded(command: Callable[[], None]) -> None:
    """Run the command; what the machine refuses, and a book whose files lie wrong, is told in one line."""
    tolerant()
    try:
        try:
            command()
        finally:
            sys.stdout.flush()  # what is written at the interpreter's exit fails there, where nobody can catch it
    except BrokenPipeError:  # whoever reads has read enough, as in `elbo-ref claims | head`
        _silence()
        raise SystemExit(1) from None
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        extra = EXTRAS[package]
        way_on = f"pip install 'elbo-ref[{extra}]', in a clone pip install '.[{extra}]'"
        refuse(f"This needs {package}, which is not installed: {way_on}", MISSING)
    except OSError as why:
        _silence()
        refuse(f"The system refuses: {why}", NO_OUTPUT)
    except ValueError as why:
        from derivations._language.chapters import Misplaced, Refused

        if not isinstance(why, Misplaced | Refused):
            raise
        refuse(why)


def _silence() -> None:
    """Nothing more is written: the interpreter would try again, at its exit, what has just failed."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (closed by the interpreter)
