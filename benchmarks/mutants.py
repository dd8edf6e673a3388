"""Mutants of elbo_ref: the code is changed in one place, and some test must fail.

    pip install cosmic-ray
    python benchmarks/mutants.py _gaussian _curvature --places 100

The changes are those of cosmic-ray: operators, comparisons, numbers, conditions, one a place, drawn with a fixed seed.
Each is tried on a copy of the tree, in a fork of a process that has imported what takes long. First the quick tests of
the file run, and for what they let live a wider set. What still lives is printed, and wants a test or an explanation.
"""

import argparse
import ast
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parent.parent
LIMIT = {"quick": 60, "wide": 400}  # seconds for a mutant


class Tests(NamedTuple):
    """Which tests are to kill the mutants of a module: files, and what their names contain. The second round is wider."""

    files: tuple[str, ...]
    quick: str = ""
    wide: str = ""

    def of(self, expression: str) -> list[str]:
        return [*(f"tests/elbo_ref/test_{name}.py" for name in self.files), *(["-k", expression] if expression else [])]


_FORMULAS = ("accuracy", "references", "estimators", "bad_input")
_WIDE = "not (compiled or short_way or break or 1000)"


def _formulas(quick: str) -> Tests:
    return Tests(_FORMULAS, quick, _WIDE)


TESTS = {
    "_gaussian": _formulas(
        "(normal or gaussian or second or gradient or equal or blocks) and not (compiled or short_way or break)"
    ),
    "_gaussian_curvature": _formulas("second_derivatives or curvature or (normal and (second_order or vmap))"),
    "_discrete": _formulas(
        "(categorical or bernoulli or jensen or entropy or information or conditional or table) and not 1000"
    ),
    "_logits": _formulas("(logits or bernoulli or losses) and not 1000"),
    "_linear_gaussian": _formulas("(linear or evidence) and not (compiled or break)"),
    "_gaussian_matrix": _formulas("mvn and not (compiled or break)"),
    "discrete": _formulas(
        "categorical or bernoulli or jensen or entropy or information or conditional or table and not 1000"
    ),
    "gaussian": _formulas("(normal or mvn) and not (compiled or short_way or break)"),
    "likelihoods": _formulas("likelihood"),
    "linear_gaussian": _formulas("(linear or evidence) and not (compiled or break)"),
    "estimators": _formulas("estimators"),
    "objectives": _formulas("negative_elbo or losses"),
    "surgery": Tests(("surgery", "bad_input")),
    "_aggregate": Tests(("surgery",)),
    "quadrature": Tests(("quadrature",)),
}


def mutants(source: str) -> Iterator[tuple[tuple[int, int], str, int]]:
    """The place, the operator and the occurrence of every possible change."""
    for name in operator_names():
        if get_operator(name).arguments():
            continue  # replaces variables that have to be named
        operator, occurrence = get_operator(name)(), 0
        for node in ast_nodes(get_ast(source)):
            for start, _ in operator.mutation_positions(node):
                yield start, name, occurrence
                occurrence += 1


def code_of(source: str) -> str:
    """The syntax tree without annotations and docstrings, which nothing computes with."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                setattr(node, field, ast.Constant(0))
    return ast.dump(tree)


def drawn(source: str, places: int) -> list[tuple[int, str, str]]:
    """Changes at as many places: the line, the operator, the new source."""
    found = list(mutants(source))
    random.Random(20261121).shuffle(found)
    chosen: dict[tuple[int, int], tuple[int, str, str]] = {}
    for start, name, occurrence in found:
        if start in chosen or len(chosen) == places:
            continue
        changed = mutate_code(source, get_operator(name)(), occurrence)
        if changed is not None and parses(changed) and code_of(changed) != code_of(source):
            chosen[start] = start[0], name, changed
    return list(chosen.values())


def parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def passes(copy: Path, tests: list[str], limit: float) -> bool:
    """Whether the tests pass in the copy, tried in a fork."""
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir(copy)
        sys.path.insert(0, str(copy))
        sys.dont_write_bytecode = True
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        import pytest

        os._exit(int(pytest.main([*tests, "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"])))
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def describe(source: str, changed: str) -> str:
    before, after = source.splitlines(), changed.splitlines()
    pairs = [(a.strip(), b.strip()) for a, b in zip(before, after, strict=False) if a != b]
    return f"{pairs[0][0]}   ->   {pairs[0][1]}" if pairs else "?"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", choices=TESTS)
    parser.add_argument("--places", type=int, default=100, help="mutants of a module, each at a place of its own")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import_what_takes_long()
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory)
        for part in ("elbo_ref", "tests", "derivations", "benchmarks"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        for module in options.modules:
            run(module, copy, options.places)


def import_what_takes_long() -> None:
    import array_api_compat.numpy
    import array_api_compat.torch
    import flint
    import pytest
    import scipy.special
    import scipy.stats

    del array_api_compat, flint, pytest, scipy


def run(module: str, copy: Path, places: int) -> None:
    path = copy / "elbo_ref" / f"{module}.py"
    source = path.read_text(encoding="utf-8")
    tests = TESTS[module]
    quick, wide = tests.of(tests.quick), tests.of(tests.wide) if tests.wide else []
    if not passes(copy, quick, LIMIT["wide"]):
        raise SystemExit(f"the tests of {module} fail without any change")
    total = len({start for start, _, _ in mutants(source)})
    chosen = drawn(source, places)
    alive = 0
    for tried, (line, name, changed) in enumerate(chosen):
        if tried % 20 == 0:
            print(f"{module}: {tried - alive} of {tried} killed so far", flush=True)
        path.write_text(changed, encoding="utf-8")
        if passes(copy, quick, LIMIT["quick"]) and (not wide or passes(copy, wide, LIMIT["wide"])):
            alive += 1
            print(f"  lives: {module}.py:{line}: {name.removeprefix('core/')}: {describe(source, changed)}", flush=True)
    path.write_text(source, encoding="utf-8")
    print(f"{module}: {len(chosen) - alive} of {len(chosen)} killed, at {len(chosen)} of {total} places", flush=True)


if __name__ == "__main__":
    main()
