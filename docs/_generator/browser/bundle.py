"""Run inside Pyodide: the modules that proofs take, as bytecode without docstrings, in one archive; then a trial of it."""

import ast
import importlib.util
import io
import json
import zipfile
from importlib._bootstrap_external import _code_to_hash_pyc
from pathlib import Path
from typing import Any

PACKAGES = Path("/packages")
OLD = (1980, 1, 1, 0, 0, 0)  # the same archive from the same sources


def archive(files: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as z:
        for name in files:
            entry = zipfile.ZipInfo(name + "c", OLD)
            entry.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(entry, _compiled((PACKAGES / name).read_bytes(), name))
    return out.getvalue()


def _compiled(source: bytes, name: str) -> bytes:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str())), *rest]:
                    node.body = rest or [ast.copy_location(ast.Pass(), node.body[0])]
    code = compile(tree, name, "exec", dont_inherit=True)
    return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source), False))


def trial(proofs: str) -> str:
    """From the archive alone: prove to the same lines, break one, compute the numbers."""
    from derivations import _replay

    tried = json.loads(proofs)
    for module, name, lines in tried:
        rows: list[dict[str, Any]] = []
        _replay.prove(module, name, lines, rows.append)
        if wrong := [row["id"] for row in rows if not row["accepted"]]:
            raise AssertionError(f"not proved, or not to the same formula: {', '.join(wrong)}")
        line = next((row["id"] for row in reversed(rows) if row["breaks"]), None)
        if line and line not in _replay.refuse(module, name, line)["refused"]:
            raise AssertionError(f"not refused with a sign turned: {line}")
        _replay.balls(module, name, _expect_agreement)
    _replay.numbers(module, name, _expect_agreement)
    return ", ".join(name for _, name, _ in tried)


def _expect_agreement(row: dict[str, Any]) -> None:
    if not row.get("holds", True):
        raise AssertionError(f"the numbers do not agree: {row}")
