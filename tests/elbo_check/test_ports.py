"""The checker's two ports, written by different hands, say the same of every true and every false step."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import steps_analysis  # noqa: F401 - adds its steps
import steps_attack  # noqa: F401
from dsl import step
from steps_logic import STEPS

ROOT = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists())
pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")

# Where the ports differ, neither says anything false: one can do less, or has no need of the form that the other asks.
DIFFERENT = {
    ("substitute", "(!= (abs y) 0) |- (= (f:real (* (abs y) (^ (abs y) -1))) 0)"),  # abs(y)/abs(y) > 0, y != 0 given
    (
        "differ",
        "(!= pi 31415926535897932384626433832795028841971/10000000000000000000000000000000000000000)",
    ),  # more digits
    ("unequal", "(!= x y)"),  # 1 != 3 and 1 != 2 are alike: a difference that is no zero, up to a factor
}


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
