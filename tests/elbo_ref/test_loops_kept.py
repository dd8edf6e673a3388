"""Compiled loops on disk: what is kept is not used again after any file that they were compiled from has changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists())
TOO_LARGE = "_TOO_LARGE = 1e300"
PROGRAM = """
import numpy as np
from elbo_ref._core.loops import rows
from elbo_ref._core.threads import python_team
print(rows.value("kl_standard_normal", python_team(), [np.zeros((1, 1), np.float32), np.full((1, 1), 800, np.float32)])[0])
print(sum(rows._kl_standard_normal.stats.cache_hits.values()))
"""


def run(folder: Path) -> tuple[float, int]:
    """A result that depends on a number in another file than the loop, and how often the loop was found on disk."""
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    value, hits = done.stdout.split()
    return float(value), int(hits)


def test_a_change_in_another_file_of_the_folder_counts(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "elbo_ref", tmp_path / "elbo_ref", ignore=shutil.ignore_patterns("__pycache__"))
    assert run(tmp_path) == (5e299, 0)
    assert run(tmp_path) == (5e299, 1)
    numbers = tmp_path / "elbo_ref" / "_core" / "loops" / "numbers.py"
    source = numbers.read_text(encoding="utf-8")
    assert TOO_LARGE in source
    numbers.write_text(source.replace(TOO_LARGE, "_TOO_LARGE = 2e300"), encoding="utf-8")
    assert run(tmp_path) == (1e300, 0)
