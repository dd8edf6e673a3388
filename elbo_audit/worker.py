"""An audit in a process of its own: the request comes as JSON, the answer goes into a file that the user's code cannot
take for its standard output. Run as `python -m elbo_audit.worker FILE < request`."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def function(where: str) -> Callable[..., Any]:
    """The function that `file.py:name` or `file.py:Class.name` names; the file is run."""
    file, found, name = where.rpartition(":")
    if not found or not name.replace(".", "_").isidentifier():
        raise ValueError(f"function: write file.py:name, not {where!r}")
    path = Path(file)
    if not path.is_file():
        raise ValueError(f"function: there is no file {file}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ValueError(f"function: {file} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault(path.stem, module)
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except Exception as why:  # noqa: BLE001 (the user's code may raise anything)
        raise ValueError(f"function: {file} does not run: {type(why).__name__}: {why}") from None
    out: Any = module
    for part in name.split("."):
        if not hasattr(out, part):
            there = ", ".join(n for n, v in vars(out).items() if callable(v) and not n.startswith("_"))
            raise ValueError(f"function: {file} has no {part}; it has {there or 'no function'}")
        out = getattr(out, part)
    if not callable(out):
        raise ValueError(f"function: {where} is not a function")  # noqa: TRY004 (bad input is a ValueError)
    return out


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict as data and as text, or why the request is refused."""
    try:
        from elbo_audit.auditing import audit

        loss = function(request["function"])
        verdict = audit(
            loss,
            batch=request["batch"],
            maximised=request["maximised"],
            output=request["output"],
            prove=request["prove"],
            sizes=request["sizes"],
            roles=request["roles"],
            framework=request["framework"],
        )
    except ModuleNotFoundError as missing:
        way_on = "pip install 'elbo-ref[audit]', in a clone pip install '.[audit]'"
        return {"refused": f"this needs {missing.name}, which is not installed: {way_on}"}
    except ValueError as why:
        return {"refused": " ".join(str(why).split())}
    code = getattr(loss, "__code__", None)
    line = f":{code.co_firstlineno}" if code else ""
    where = f"{request['function'].rpartition(':')[0]}{line} {request['function'].rpartition(':')[2]}"
    return {
        "verdict": {"function": where, **verdict.as_data()},
        "text": f"{where}\n{verdict}",
        "certificate": verdict.certificate,
    }


def main() -> None:
    out = Path(sys.argv[1])
    out.write_text(json.dumps(answer(json.load(sys.stdin))), encoding="utf-8")


if __name__ == "__main__":
    main()
