"""What the independent checker says of a certificate, in a process of its own that nothing an author wrote can reach."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

CHECKER = Path(__file__).parents[2] / "elbo_check"  # a folder that runs by itself: standard library only
LIMIT = 600  # seconds; the whole book takes ten


class NoVerdict(Exception):
    """The checker could not read the certificate, or broke off."""


class Said(NamedTuple):
    """By theorem: is it `proved`, if not `why`, of how many `inferences`, what it `cites`; and how many inferences in all."""

    theorems: Mapping[str, Mapping[str, Any]]
    inferences: int


def checked(certificate: Mapping[str, Any]) -> Said:
    """What the checker says of the theorems of a certificate."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.json"
        file.write_text(json.dumps(certificate), encoding="utf-8")
        # No site packages, no bytecode from an earlier run: only Python and the sources that lie here.
        python = [sys.executable, "-I", "-S", "-B", "-X", f"pycache_prefix={folder}"]
        command = [*python, str(CHECKER), str(file), "--json"]
        try:
            done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=LIMIT, check=False)
            said = json.loads(done.stdout)
            return Said({t["name"]: t for t in said["theorems"]}, said["inferences"])
        except subprocess.TimeoutExpired:
            raise NoVerdict(f"no answer within {LIMIT} s") from None
        except (ValueError, KeyError):
            raise NoVerdict(" ".join((done.stdout + done.stderr).split())[-500:]) from None
