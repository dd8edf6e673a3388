"""Run inside Pyodide: the modules that proofs take, and those of Python that they need, as bytecode; then a trial of it."""

import ast
import io
import json
import sys
import zipfile
from collections.abc import Iterable
from importlib._bootstrap_external import _code_to_hash_pyc
from pathlib import Path
from typing import Any

PACKAGES = Path("/packages")
LIBRARY = next(path for path in sys.path if path.endswith(".zip"))
OLD = (1980, 1, 1, 0, 0, 0)  # the same archive from the same sources
NO_SOURCE = bytes(8)  # where its hash would stand; it is not looked at


def archive(files: list[str]) -> bytes:
    """The modules that the proofs take, without docstrings."""
    return _packed((name, _without_docstrings((PACKAGES / name).read_bytes())) for name in files)


def library(used: list[str]) -> bytes:
    """Python's own library, which Pyodide brings as source and so compiles at every start: what is used, compiled."""
    with zipfile.ZipFile(LIBRARY) as z:
        sources = {name: z.read(name) for name in z.namelist() if not name.endswith("/")}
    compiled = {Path(origin).relative_to(LIBRARY).as_posix() for origin in _loaded()}
    compiled |= {path for name in used for path in _homes(name) if path in sources}
    return _packed((name, _without_docstrings(text) if name in compiled else text) for name, text in sources.items())


def _loaded() -> list[str]:
    """The files of the library that have been imported so far."""
    origins = [str(module.__spec__.origin) for module in sys.modules.values() if getattr(module, "__spec__", None)]
    return [origin for origin in origins if origin.startswith(LIBRARY)]


def _homes(name: str) -> tuple[str, str]:
    """Where a module may lie."""
    path = name.replace(".", "/")
    return f"{path}.py", f"{path}/__init__.py"


def _packed(files: Iterable[tuple[str, ast.Module | bytes]]) -> bytes:
    """An archive; a syntax tree is compiled into it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, content in files:
            source = isinstance(content, ast.Module)
            entry = zipfile.ZipInfo(name + "c" * source, OLD)
            z.writestr(entry, _compiled(content, name) if source else content, zipfile.ZIP_DEFLATED, 6)
    return out.getvalue()


def _without_docstrings(source: bytes) -> ast.Module:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())), *rest]:
                    node.body = rest or [ast.copy_location(ast.Pass(), node.body[0])]
    return tree


def _compiled(tree: ast.Module, name: str) -> bytes:
    code = compile(tree, name, "exec", dont_inherit=True)
    return bytes(_code_to_hash_pyc(code, NO_SOURCE, False))


def trial(proofs: str) -> str:
    """From the archive alone: prove to the same lines, break one, compute the numbers."""
    from derivations._reading import replay

    tried = json.loads(proofs)
    for module, name, lines in tried:
        rows: list[dict[str, Any]] = []
        replay.prove(module, name, lines, rows.append)
        if wrong := [row["id"] for row in rows if not row["accepted"]]:
            raise AssertionError(f"not proved, or not to the same formula: {', '.join(wrong)}")
        line = next((row["id"] for row in reversed(rows) if row["breaks"]), None)
        if line and line not in replay.refuse(module, name, line)["refused"]:
            raise AssertionError(f"not refused with a sign turned: {line}")
        replay.balls(module, name, _expect_agreement)
    replay.numbers(module, name, _expect_agreement)
    if slow := [origin for origin in _loaded() if origin.endswith(".py")]:
        raise AssertionError(f"not compiled: {', '.join(slow)}")
    return ", ".join(name for _, name, _ in tried)


def _expect_agreement(row: dict[str, Any]) -> None:
    if not row.get("holds", True):
        raise AssertionError(f"the numbers do not agree: {row}")
