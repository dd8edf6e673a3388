"""The workflows run what was looked at, and hold no right that they do not need."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
DEPLOYS = "actions/deploy-pages"


def wrong(text: str) -> Iterator[str]:
    """What a workflow does that it should not."""
    for action in re.findall(r"uses: *(.*)", text):
        if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action):
            yield f"{action}: not a commit with its version"
    flow: dict[str, Any] = yaml.safe_load(text)
    if flow.get("permissions") != {"contents": "read"}:
        yield "permissions of the workflow: not to read the contents, and no more"
    for name, job in flow["jobs"].items():
        used = [step.get("uses", "").partition("@")[0] for step in job["steps"]]
        rights = job.get("permissions", {})
        if rights == "write-all" or ("write" in rights.values() and used != [DEPLOYS]):
            yield f"{name} may write, and does more than deploy"
        for step, action in zip(job["steps"], used, strict=True):
            if action == "actions/checkout" and step.get("with", {}).get("persist-credentials") is not False:
                yield f"{name} leaves credentials in the checkout"
            if "${{" in step.get("run", "") and "matrix." not in step["run"]:
                yield f"{name} pastes an expression into a shell"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_workflow_is_pinned_and_holds_no_right_too_many(file: Path) -> None:
    assert list(wrong(file.read_text(encoding="utf-8"))) == []


def test_there_are_workflows() -> None:
    assert any(DEPLOYS in file.read_text(encoding="utf-8") for file in FILES)


PINNED = "actions/checkout@" + "a" * 40 + " # v4.2.2"
GOOD = f"""permissions: {{ contents: read }}
jobs:
  one:
    steps:
      - uses: {PINNED}
        with: {{ persist-credentials: false }}
      - run: make
"""


def test_a_good_one_passes() -> None:
    assert list(wrong(GOOD)) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PINNED, "actions/checkout@v4"),
        (" # v4.2.2", ""),
        ("contents: read", "contents: write"),
        ("persist-credentials: false", "fetch-depth: 0"),
        ("  one:\n", "  one:\n    permissions: { pages: write }\n"),
        ("run: make", "run: make ${{ github.head_ref }}"),
    ],
)
def test_a_planted_fault_is_found(before: str, after: str) -> None:
    assert before in GOOD and list(wrong(GOOD.replace(before, after, 1)))
