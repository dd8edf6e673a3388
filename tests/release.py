"""Run by `make wheel`: sdist and wheel into `dist/`, the wheel from the sdist, tried with each extra where nothing else is.

`tests/installed.py` is what is tried.
"""

import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
PACKAGES = ("derivations", "elbo_audit", "elbo_check", "elbo_cli", "elbo_lab", "elbo_ref")
# What is installed beside the wheel: the first holds no more than `elbo_ref` says it needs.
EXTRAS = ("alone", "", "numeric", "fast", "torch", "lab")


def main(options: list[str]) -> None:
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", DIST)
    (sdist,) = DIST.glob("*.tar.gz")
    pip(sys.executable, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", DIST, sdist)
    (wheel,) = DIST.glob("*.whl")
    same_files(sdist, wheel)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda extra: tried(extra, wheel, options), EXTRAS))


def tried(extra: str, wheel: Path, options: list[str]) -> None:
    """The wheel with one extra, in an environment of its own."""
    folder = ROOT / "build" / "release" / (extra or "default")
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pinned = ("--constraint", ROOT / "constraints.txt", *options)
    if extra == "alone":
        pip(python, "install", *pinned, "numpy", "array-api-compat")
        pip(python, "install", "--no-deps", wheel)
    else:
        pip(python, "install", *pinned, f"{wheel}[{extra}]" if extra else wheel)
    run(python, "-I", ROOT / "tests" / "installed.py", extra or "default", cwd=folder)
    shutil.rmtree(folder)


def same_files(sdist: Path, wheel: Path) -> None:
    """The wheel holds our packages, whole, with our licence and no other; nothing of the tests or the site."""
    with tarfile.open(sdist) as tar:
        inside = {name.partition("/")[2] for name in tar.getnames() if tar.getmember(name).isfile()}
    with zipfile.ZipFile(wheel) as z:
        names = set(z.namelist())
    ours = {name for name in inside if name.startswith(tuple(f"{p}/" for p in PACKAGES))}
    info = {name for name in names if ".dist-info/" in name}
    assert names - info == ours, sorted((names - info) ^ ours)
    assert [n for n in info if "/licenses/" in n] == [n for n in info if n.endswith("/licenses/LICENSE")], sorted(info)
    assert {"README.md", "LICENSE", "pyproject.toml", "tests/release.py"} <= inside


def pip(python: Path | str, command: str, *words: Path | str) -> None:
    run(python, "-m", "pip", command, "--quiet", *words)


def run(*words: Path | str, cwd: Path = ROOT) -> None:
    subprocess.run([str(w) for w in words], cwd=cwd, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
