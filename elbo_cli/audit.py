"""`elbo-ref audit`: the audit of a function in a file, in a process of its own, within a time limit."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Late(Exception):
    """No verdict within the time limit."""


def asked(
    function: str, args: Sequence[str], sizes: Sequence[str], batch: str, maximised: bool, output: str | None,
    prove: bool, framework: str,
) -> dict[str, Any]:  # fmt: skip
    """The request, from what stands on the command line; what is wrong with it already is said before any file is run."""
    from elbo_audit.auditing import check
    from elbo_audit.packed import roles_of_parts
    from elbo_audit.roles import cast

    roles = dict(_pair(a, ":", "--arg", "x: B D binary") for a in args)
    check(batch, framework)
    cast(roles_of_parts(roles))
    return {
        "function": function,
        "roles": roles,
        "sizes": {name: _count(n, name) for name, n in (_pair(s, "=", "--size", "D=784") for s in sizes)},
        "batch": batch,
        "maximised": maximised,
        "output": int(output) if output is not None and output.isdigit() else output,
        "prove": prove,
        "framework": framework,
    }


def _pair(text: str, mark: str, option: str, example: str) -> tuple[str, str]:
    name, found, value = text.partition(mark)
    if not found or not name.strip().isidentifier() or not value.strip():
        raise ValueError(f'{option}: write "{example}", not {text!r}')
    return name.strip(), value.strip()


def _count(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise ValueError(f"--size: {name} is a whole number, not {text!r}")
    return int(text)


def audited(request: Mapping[str, Any], limit: float) -> dict[str, Any]:
    """What the worker answers. What it or the user's code starts ends with it when the time is over."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "answer.json"
        command = [sys.executable, "-m", "elbo_audit.worker", str(file)]
        worker = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            _, said = worker.communicate(json.dumps(request), timeout=limit)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()
            raise Late(f"no verdict within {limit:g} s") from None
        if not file.is_file():
            last = (said.strip().splitlines() or ["nothing was said"])[-1]
            raise ValueError(f"the audit broke off: {last[:300]}")
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found
