"""Python in the reader's browser: what the pages need to run their proofs again, served by this site alone.

`python -m docs._generator.browser` puts together docs/assets/py: Pyodide, the kernel and the derivations with the part
of SymPy that they use, all as bytecode, FLINT for ball arithmetic, and KaTeX for the lines that a reader breaks. It
needs npm; a site built without it has no button, and says so.
"""

import hashlib
from pathlib import Path

LOCK = "pyodide-lock.json"  # written last
ARCHIVES = ("bundle.zip", "python.zip")  # what the proofs take, and Python's own library
TEXTS = {
    "SymPy": "LICENSE.sympy.txt",
    "mpmath": "LICENSE.mpmath.txt",
    "python-flint": "LICENSE.python-flint.txt",
    "LGPL": "LICENSE.lgpl.txt",
    "GPL": "LICENSE.gpl.txt",
    "KaTeX": "LICENSE.katex.txt",
}


def version(root: Path) -> str:
    """A short name of what a proof in the browser runs on; empty when it was not built."""
    folder = root / "docs" / "assets" / "py"
    if not (folder / LOCK).exists():
        return ""
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in ARCHIVES)).hexdigest()[:12]


def megabytes(root: Path) -> str:
    """How much a press on the button loads, in MB; empty when it was not built."""
    folder = root / "docs" / "assets" / "py"
    if not (folder / LOCK).exists():
        return ""
    return (
        f"{sum(p.stat().st_size for p in (*folder.glob('pyodide*'), *(folder / name for name in ARCHIVES))) / 1e6:.1f}"
    )


def credits(root: Path, python: str) -> str:
    """Whose work runs in the reader's browser, with the licences that come along; or that nothing does."""
    if not python:
        return "This copy of the site carries no Python: its proofs cannot be run in the browser.\n"
    folder = root / "docs" / "assets" / "py"
    wheel = next(folder.glob("python_flint-*.whl"))
    size, balls = megabytes(root), round(wheel.stat().st_size / 1e6)
    texts = ", ".join(f"[{name}](../assets/py/{file})" for name, file in TEXTS.items())
    return (
        f'A press on "Run the prover in your browser" loads {size} MB from this site, and {balls} MB more where ball '
        f"arithmetic takes part. Licences that come along: {texts}.\n"
    )
