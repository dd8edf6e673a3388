"""Files of results: numbers with the command that made them and a fingerprint of the code that did."""

import ast
import hashlib
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE / "measured"
MAKERS = {  # the modules that each file depends on
    "network": (
        "data",
        "model",
        "training",
        "plane",
        "path",
        "importance",
        "aggregate",
        "amortization",
        "tradeoff",
        "linear",
        "portrait",
        "measure",
    ),
    "mistakes": ("data", "model", "training", "plane", "mistakes", "cost"),
}
PACKAGES = ("torch", "numpy", "scikit-learn")


def committed(name: str) -> dict[str, Any]:
    """A file of results as it stands in the package, whole."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def header(name: str, command: str) -> dict[str, Any]:
    """What made the results."""
    versions = {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}
    return {"command": command, "fingerprint": fingerprint(MAKERS[name]), "made with": versions}


def fingerprint(modules: Sequence[str]) -> str:
    """Of what the modules do: comments, docstrings and layout do not enter."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(_program((HERE / f"{module}.py").read_text(encoding="utf-8")).encode())
    return digest.hexdigest()[:16]


def _program(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):  # words alone on a line do nothing
            node.body = [line for line in body if not _words(line)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _words(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def continued(file: Path, head: dict[str, Any]) -> dict[str, Any]:
    """What a file holds if its header is this one, else the header alone."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return dict(head)
    return found if {key: found.get(key) for key in head} == head else dict(head)


def write(file: Path, content: dict[str, Any]) -> None:
    """Whole or not at all; numbers to six digits."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.new")
    new.write_text(json.dumps(_short(content), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(new, file)


def _short(x: Any) -> Any:
    if isinstance(x, float):
        return float(f"{x:.6g}")
    if isinstance(x, dict):
        return {key: _short(value) for key, value in x.items()}
    return [_short(value) for value in x] if isinstance(x, list | tuple) else x
