"""What the package asks for and calls itself is the same in every file that says it."""

import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

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


LOCKED = re.compile(r"^([\w.-]+)==(\S+)(?: ; [^\\]+)? \\((?:\n +--hash=sha256:[0-9a-f]{64}(?: \\)?)+)$", re.MULTILINE)


def _names(wanted):
    return {re.match(r"[\w-]+", w)[0].lower() for w in wanted}


@pytest.mark.parametrize(
    ("lock", "extras"), [("core", ["numeric"]), ("all", ["numeric", "fast", "docs", "test"])], ids=["core", "all"]
)
def test_a_lock_holds_the_pinned_versions_by_hash(lock, extras):
    """`.ci/lock` writes it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *chain(*(project["optional-dependencies"][extra] for extra in extras))]
    text = (ROOT / "locks" / f"{lock}.txt").read_text(encoding="utf-8")
    locked = {name: version for name, version, _ in LOCKED.findall(text)}
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))
    pinned = {name.lower().replace("_", "-"): version for name, version in pins.items()}
    assert _names(wanted) <= locked.keys()
    assert locked.items() <= pinned.items()
    assert LOCKED.sub("", text).strip() == ""  # nothing without a hash


def test_the_build_backend_is_locked():
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]["requires"]
    assert _names(build) <= {name for name, *_ in LOCKED.findall((ROOT / "locks/core.txt").read_text(encoding="utf-8"))}
