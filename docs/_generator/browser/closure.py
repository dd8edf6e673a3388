"""Which modules the proofs take, as JSON: run all of them, and for one of each module also what a reader can ask for.

What SymPy imports on the way is known only when a proof has run. They run here rather than in Pyodide, which would take
five times as long; the code is the same, SymPy being pure Python. Some are run again from the finished bundle.
"""

import importlib
import json
import os
import sys
from pathlib import Path

os.environ["SYMPY_GROUND_TYPES"] = "python"  # as in the browser

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading import replay

TAKEN = ("derivations", "sympy", "mpmath")
TRIED = 12  # every so many modules have a proof that is run again


def main() -> None:
    lines: dict[str, dict[str, str]] = {}
    proofs = [v for v in verdicts() if isinstance(v, Theorem | Counterexample)]
    seen: set[str] = set()
    for v in proofs:
        _ = v.thm
        if v.module in seen:
            continue
        seen.add(v.module)
        found = [line for step in replay.outline(v).steps for line in step.lines]
        lines[v.name] = {line.id: line.tex for line in found}
        if damaged := [line.id for line in found if replay.broken(line) is not None]:
            replay.refuse(v.home, v.name, damaged[-1])
    replay.numbers(v.home, v.name, lambda row: None)
    importlib.import_module("derivations._values.balls")
    tried = {name: lines[name] for name in list(lines)[::TRIED]}
    homes = {v.name: v.home for v in proofs}
    files = [
        (name.partition(".")[0], str(module.__file__))
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] in TAKEN and getattr(module, "__file__", "").endswith(".py")
    ]
    roots = {top: Path(str(sys.modules[top].__file__)).parents[1] for top in TAKEN}
    paths = [Path(file).relative_to(roots[top]).as_posix() for top, file in files]
    library = [name for name in sys.modules if name.partition(".")[0] in sys.stdlib_module_names]
    print(
        json.dumps(
            {"files": paths, "library": library, "tried": [[homes[name], name, found] for name, found in tried.items()]}
        )
    )


main()
