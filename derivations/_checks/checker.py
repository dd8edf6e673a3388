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
# The package is made from its files, always from their text: neither they nor what lies beside them come onto the path where
# Python looks for its own, and bytecode that somebody left there is not run.
RUN = """
import sys
from importlib.machinery import FileFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location

class Text(SourceFileLoader):
    def get_code(self, name):
        return self.source_to_code(self.get_data(self.path), self.path)

def texts(place):
    if not place.startswith(folder):
        raise ImportError
    return FileFinder(place, (Text, [".py"]))

folder = sys.argv.pop(1)
sys.path_hooks.insert(0, texts)
start = folder + "/__init__.py"
made = spec_from_file_location("elbo_check", start, loader=Text("elbo_check", start), submodule_search_locations=[folder])
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


def command(*words: str) -> list[str]:
    """The checker asked so: no site packages, nothing from around it, and of the checker no bytecode."""
    return [sys.executable, "-I", "-S", "-B", "-c", RUN, str(CHECKER), *words]


def checked(certificate: Mapping[str, Any]) -> Said:
    """What the checker says of the theorems of a certificate."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "certificate.json"
        file.write_text(json.dumps(certificate), encoding="utf-8")
        try:
            done = subprocess.run(
                command(str(file), "--json"), capture_output=True, encoding="utf-8", timeout=LIMIT, check=False
            )
            said = json.loads(done.stdout)
            return Said({t["name"]: t for t in said["theorems"]}, said["inferences"])
        except subprocess.TimeoutExpired:
            raise NoVerdict(f"no answer within {LIMIT} s") from None
        except (ValueError, KeyError):
            raise NoVerdict(" ".join((done.stdout + done.stderr).split())[-500:]) from None
