"""Put together docs/assets/py."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution, version
from pathlib import Path

from docs._generator.browser import ARCHIVES, LOCK

ROOT = Path(__file__).parents[3]
HERE = ROOT / "docs" / "_generator" / "browser"
BUILD = ROOT / "build" / "browser"
PYODIDE = BUILD / "node_modules" / "pyodide"
HOME = ROOT / "docs" / "assets" / "py"
OUT = BUILD / "new"  # put together here, and moved when it is whole
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")


def main() -> None:
    lock = json.loads((PYODIDE / LOCK).read_text(encoding="utf-8"))
    wheel = flint(lock["info"])
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    packages = Path(str(distribution("sympy").locate_file("")))
    closure = subprocess.run(
        [sys.executable, "-m", "docs._generator.browser.closure"], stdout=subprocess.PIPE, check=True
    )
    bundle = ["node", HERE / "bundle.mjs", PYODIDE, packages, wheel, ROOT, BUILD]
    subprocess.run(bundle, input=closure.stdout, check=True)
    for source in (*(PYODIDE / name for name in CORE), *(BUILD / name for name in ARCHIVES), wheel):
        shutil.copy(source, OUT)
    shutil.copy(ROOT / "docs" / "assets" / "katex" / "katex.min.js", OUT / "katex.mjs")
    licences(wheel)
    lock["packages"] = {"python-flint": entry(wheel)}
    (OUT / LOCK).write_text(json.dumps(lock), encoding="utf-8")
    shutil.rmtree(HOME, ignore_errors=True)
    OUT.rename(HOME)


def flint(target: dict[str, str]) -> Path:
    """The wheel of python-flint for Pyodide, of the version that the checks run with."""
    major, minor, _ = target["python"].split(".")
    tag = f"pyemscripten_{target['abi_version']}_{target['arch']}"
    folder, new = BUILD / "wheels", BUILD / "wheels.new"
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", new]
    pip += ["--python-version", f"{major}.{minor}", "--implementation", "cp", "--abi", f"cp{major}{minor}"]
    name = f"python_flint-{version('python-flint')}-cp{major}{minor}-cp{major}{minor}-{tag}.whl"
    if not (folder / name).exists():
        subprocess.run([*pip, "--platform", tag, f"python-flint=={version('python-flint')}"], check=True)
        folder.mkdir(exist_ok=True)
        (new / name).replace(folder / name)
    return folder / name


def entry(wheel: Path) -> dict[str, object]:
    """What Pyodide wants to know of a wheel; it refuses one with another hash."""
    return {
        "name": "python-flint",
        "version": version("python-flint"),
        "file_name": wheel.name,
        "install_dir": "site",
        "package_type": "package",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "imports": ["flint"],
        "depends": [],
        "unvendored_tests": False,
    }


def licences(wheel: Path) -> None:
    """The licence texts that the packages come with."""
    with zipfile.ZipFile(wheel) as z:
        texts = {Path(n).parts[-2:]: z.read(n).decode() for n in z.namelist() if "/licenses/" in n}
    found = {
        "sympy": _licence("sympy"),
        "mpmath": _licence("mpmath"),
        "python-flint": texts["licenses", "LICENSE"],
        "lgpl": next(text for (_, name), text in texts.items() if name == "COPYING.LESSER"),
        "gpl": next(text for (_, name), text in texts.items() if name == "COPYING"),
        "katex": (ROOT / "docs" / "assets" / "katex" / "LICENSE").read_text(encoding="utf-8"),
    }
    for name, text in found.items():
        (OUT / f"LICENSE.{name}.txt").write_text(text, encoding="utf-8")


def _licence(name: str) -> str:
    found = distribution(name)
    path = next(p for p in found.files or () if p.name == "LICENSE")
    return Path(str(found.locate_file(path))).read_text(encoding="utf-8")


main()
