"""What was broken off leaves nothing that looks whole: `make site`, `npm ci`, and files that commands write."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from elbo_cli.output import CANNOT_WRITE, reserved

ROOT = Path(__file__).parents[2]
# What the Makefile calls, as far as files go: half of the work, then an end from outside if the test asks for one.
PYTHON = """#!/bin/sh
case "$*" in
  *mkdocs*) for last; do :; done; out=${last:-site}; mkdir -p "$out"; echo half > "$out/index.html"
    [ -z "$DIES" ] || kill -9 $PPID $$; echo whole > "$out/last.html";;
  *browser*) mkdir -p docs/assets/py; echo > docs/assets/py/pyodide-lock.json;;
esac
"""
NPM = """#!/bin/sh
rm -rf build/browser/node_modules; mkdir -p build/browser/node_modules; echo > build/browser/node_modules/half
[ -z "$DIES" ] || kill -9 $PPID $$
echo > build/browser/node_modules/last
"""


@pytest.fixture
def project(tmp_path):
    for folder in (
        "derivations",
        "elbo_check",
        "elbo_cli",
        "elbo_ref",
        "docs/_generator/browser",
        "build",
        "locks",
        ".venv/bin",
    ):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", tmp_path)
    sources = ("mkdocs.yml", "CONTRIBUTING.md", "pyproject.toml", "constraints.txt", "locks/core.txt", "locks/all.txt")
    for file in (*sources, ".venv/.core", ".venv/.all"):
        (tmp_path / file).touch()
    (tmp_path / "docs" / "_generator" / "browser" / "package-lock.json").touch()
    (tmp_path / "build" / "verify.json").touch()
    for name, text in {".venv/bin/python": PYTHON, "npm": NPM}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def make(project, target, dies=""):
    env = {**os.environ, "PATH": f"{project}:{os.environ['PATH']}", "DIES": dies, "MAKEFLAGS": ""}
    return subprocess.run(
        ["make", target], cwd=project, env=env, capture_output=True, text=True, check=False, encoding="utf-8"
    )


@pytest.mark.skipif(not shutil.which("make"), reason="make is not on the path")
def test_a_site_that_was_broken_off_is_built_again(project):
    assert make(project, "site", dies="now").returncode != 0
    assert not (project / "site").exists()
    done = make(project, "site")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (project / "site").iterdir()) == ["index.html", "last.html"]
    (project / "mkdocs.yml").touch()
    os.utime(project / "site" / "index.html", (0, 0))  # older than the sources
    assert make(project, "site", dies="now").returncode != 0
    assert (project / "site" / "last.html").exists()  # the one before, whole
    (project / "site" / "last.html").unlink()
    assert make(project, "site").returncode == 0 and (project / "site" / "last.html").exists()
    assert "mkdocs" not in make(project, "site").stdout


@pytest.mark.skipif(not shutil.which("make"), reason="make is not on the path")
def test_packages_that_came_half_are_fetched_again(project):
    packages = project / "build" / "browser" / "node_modules"
    assert make(project, "site", dies="now").returncode != 0
    assert packages.is_dir() and not (packages / "last").exists()
    assert make(project, "site").returncode == 0 and (packages / "last").exists()


# --- files that commands write ---------------------------------------------------------------------------------------


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "out.json"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(KeyError), reserved(target):
        raise KeyError("broken off")
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"] and target.read_text(encoding="utf-8") == "old"
    with reserved(target) as write:
        write("é")
        assert target.read_text(encoding="utf-8") == "é"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_rights_and_links_stay(tmp_path):
    (tmp_path / "real.json").write_text("old", encoding="utf-8")
    (tmp_path / "real.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("real.json")
    with reserved(tmp_path / "link.json") as write:
        write("new")
    assert (tmp_path / "link.json").is_symlink() and (tmp_path / "real.json").read_text(encoding="utf-8") == "new"
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("target", "why"),
    [(".", "is a folder"), ("missing/out.json", "there is no folder"), ("/dev/null", "no ordinary file")],
)
def test_what_cannot_be_written_is_refused_before_the_work(tmp_path, capsys, target, why):
    with pytest.raises(typer.Exit) as ended, reserved(tmp_path / target):
        pytest.fail("the work began")
    assert ended.value.exit_code == CANNOT_WRITE and why in capsys.readouterr().err


def test_a_full_disk_is_refused_before_the_work(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(typer.Exit) as ended, reserved(tmp_path / "out.json"):
        pytest.fail("the work began")
    assert ended.value.exit_code == CANNOT_WRITE and "No space left" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_disk_that_fills_up_meanwhile_leaves_the_old_file(tmp_path):
    """A limit on the size of files stands for the disk."""
    code = (
        "import resource, signal; from pathlib import Path; from elbo_cli.output import reserved\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "with reserved(Path('out.json')) as write:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "    write('x' * 100)\n"
    )
    (tmp_path / "out.json").write_text("old", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert done.returncode != 0 and "out.json cannot be written" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"] and (tmp_path / "out.json").read_text(
        encoding="utf-8"
    ) == "old"
