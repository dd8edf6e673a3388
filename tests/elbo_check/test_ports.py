"""The checker's two ports, written by different hands, say the same of every true and every false step."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.elbo_check._dsl import step
from tests.elbo_check._steps import STEPS

ROOT = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists())
pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")

# Where the ports differ, neither says anything false: one can do less, or has no need of the form that the other asks.
NEAR_PI = "31415926535897932384626433832795028841971/10000000000000000000000000000000000000000"
DIFFERENT = {
    ("assume", f"(!= pi {NEAR_PI})"),
    ("assume", f"(!= (* (- pi {NEAR_PI}) (^ (- pi {NEAR_PI}) -1)) 0)"),
}  # more digits


def test_both_ports_judge_every_step_alike(tmp_path: Path) -> None:
    file = tmp_path / "steps.jsonl"
    lines = [step(rule, premises, sequent, extra).decode() for _, rule, premises, sequent, extra, _ in STEPS]
    file.write_text("".join(line.replace("\n", "") + "\n" for line in lines), encoding="utf-8")
    command = ["node", str(ROOT / "tests" / "checker_js" / "ports.mjs"), str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(STEPS)
    wrong = [
        f"{'true, but refused' if true else 'false, but accepted'}: {rule} {premises} {sequent}: {why}"
        for (true, rule, premises, sequent, *_), why in zip(STEPS, said, strict=True)
        if bool(why) == true and (rule, sequent) not in DIFFERENT
    ]
    assert not wrong, "\n".join(wrong)


def test_the_tests_of_the_second_port_pass() -> None:
    files = sorted(map(str, (ROOT / "tests" / "checker_js").glob("*.test.mjs")))
    done = subprocess.run(["node", "--test", *files], capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert files and done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
