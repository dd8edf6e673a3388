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
# The package is made from its file: neither it nor what lies beside it comes onto the path where Python looks for its own.
RUN = """
import sys
from importlib.util import module_from_spec, spec_from_file_location

folder = sys.argv.pop(1)
made = spec_from_file_location("elbo_check", folder + "/__init__.py", submodule_search_locations=[folder])
sys.modules["elbo_check"] = module_from_spec(made)
made.loader.exec_module(sys.modules["elbo_check"])
from elbo_check.__main__ import main

sys.exit(main())
"""
LIMIT = 600  # seconds; the whole book takes ten


class NoVerdict(Exception):
    """The checker could not read the certificate, or broke off."""


class Said(NamedTuple):
    """By theorem: is it `proved`, if not `why`, of how many `inferences`, what it `cites`; and how many inferences in all."""

    theorems: Mapping[str, Mapping[str, Any]]
    inferences: int


def command(*words: str, folder: str) -> list[str]:
    """The checker asked so: no site packages, no bytecode but what comes to lie in the folder, nothing from around it."""
    return [sys.executable, "-I", "-S", "-B", "-X", f"pycache_prefix={folder}", "-c", RUN, str(CHECKER), *words]


def checked(certificate: Mapping[str, Any]) -> Said:
    """What the checker says of the theorems of a certificate."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.json"
        file.write_text(json.dumps(certificate), encoding="utf-8")
        try:
            done = subprocess.run(
                command(str(file), "--json", folder=folder),
                capture_output=True,
                encoding="utf-8",
                timeout=LIMIT,
                check=False,
            )
            said = json.loads(done.stdout)
            return Said({t["name"]: t for t in said["theorems"]}, said["inferences"])
        except subprocess.TimeoutExpired:
            raise NoVerdict(f"no answer within {LIMIT} s") from None
        except (ValueError, KeyError):
            raise NoVerdict(" ".join((done.stdout + done.stderr).split())[-500:]) from None
