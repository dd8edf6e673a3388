"""What the package asks for and calls itself is the same in every file that says it."""

import re
import tomllib
from itertools import chain
from pathlib import Path

from elbo_ref import __version__

ROOT = Path(__file__).parents[2]


def test_every_requirement_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {line.partition("==")[0].lower() for line in pins.splitlines() if "==" in line}
    assert {re.match(r"[\w-]+", w)[0].lower() for w in wanted} <= pinned


def test_the_version_is_the_same_everywhere():
    """It is written once, in `elbo_ref`, from where the wheel takes it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "elbo_ref/__init__.py"
    assert f"\nversion: {__version__}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
