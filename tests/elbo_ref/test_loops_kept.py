"""Compiled loops on disk: what is kept is not used again after any file that they were compiled from has changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists())
FAR = "-1 - x if x < -700"
PROGRAM = """
import numpy as np
from elbo_ref._core import by_loops
x = np.full((1, 1), -800, np.float32)
by_loops.ready(2**20)
print(by_loops.value("kl_standard_normal", by_loops.door("float32", x, x, in_steps=True), (0 * x, x), False)[0])
loop = by_loops.loop("kl_standard_normal")
print(sum(loop._compiled.stats.cache_hits.values()))
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
    assert run(tmp_path) == (399.5, 0)
    assert run(tmp_path) == (399.5, 1)
    numbers = tmp_path / "elbo_ref" / "_core" / "loops" / "numbers.py"
    source = numbers.read_text(encoding="utf-8")
    assert FAR in source
    numbers.write_text(source.replace(FAR, "-2 - x if x < -700"), encoding="utf-8")
    assert run(tmp_path) == (399.0, 0)
