"""What the independent checker says of a certificate, in a process of its own that nothing an author wrote can reach."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CHECKER = Path(__file__).parents[2] / "elbo_check"  # a folder that runs by itself: standard library only
LIMIT = 600  # seconds; the whole book takes ten


def checked(certificate: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """For each theorem of a certificate: is it `proved`, if not `why`, of how many `inferences`, and what it `cites`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.json"
        file.write_text(json.dumps(certificate), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", str(CHECKER), str(file), "--json"],
            capture_output=True, text=True, timeout=LIMIT, check=False,
        )  # fmt: skip
    try:
        return {t["name"]: t for t in json.loads(done.stdout)["theorems"]}
    except (ValueError, KeyError):
        why = f"the checker gave no verdict: {(done.stdout + done.stderr).strip()[-500:]}"
        return {
            name: {"proved": False, "why": why, "inferences": 0, "cites": []} for name, *_ in certificate["theorems"]
        }
