"""The floors of the house: who may know whom, lazy imports counted. CONTRIBUTING draws the same picture."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests._imports import circle, imports, within

ROOT = next(p for p in Path(__file__).parents if (p / "pyproject.toml").exists())
OURS = ("derivations", "docs._generator", "elbo_audit", "elbo_check", "elbo_cli", "elbo_lab", "elbo_ref")
CHAPTERS = [f"derivations.{p.parent.name}" for p in (ROOT / "derivations").glob("[!_]*/__init__.py")]
KNOWS = {  # each may import itself, and of our packages only these
    "derivations._kernel": [],
    "derivations._language": ["_kernel"],
    "derivations": ["_kernel", "_language"],  # the vocabulary of authors
    "derivations._values": ["_kernel", "_language"],
    "derivations._checks": ["_kernel", "_language", "_values", "elbo_ref"],
    "derivations._reading": ["derivations", "_kernel", "_language", "_values", "_checks", "elbo_ref"],
    **{chapter: ["derivations", "_kernel", *CHAPTERS] for chapter in CHAPTERS},
    "docs._generator": [
        "_language",
        "_values",
        "_checks",
        "_reading",
        "elbo_audit",
        "elbo_check",
        "elbo_lab",
        "elbo_ref",
    ],
    "elbo_lab": ["elbo_ref"],
    "elbo_audit": ["_kernel", "_language", "_checks", *CHAPTERS],
    "elbo_cli": ["_language", "_checks", "_reading", "elbo_audit", "elbo_lab", "elbo_ref"],
    "elbo_check": [],
    "elbo_ref": [],
}


@cache
def graph() -> dict[str, set[str]]:
    return {module: seen for package in OURS for module, seen in imports(ROOT, package).items()}


def room(module: str) -> str:
    """The package in which a module stands, as `KNOWS` names it; its own name if it is not ours."""
    return next((r for r in sorted(KNOWS, key=len, reverse=True) if within(module, r)), module)


def trespasses(graph: Mapping[str, set[str]]) -> list[str]:
    """Every import that crosses a wall."""
    return [
        f"{module} imports {seen}"
        for module, several in graph.items()
        for seen in sorted(several)
        if (there := room(seen)) in KNOWS
        and there not in (here := room(module), *KNOWS[here], *(f"derivations.{name}" for name in KNOWS[here]))
    ]


def test_every_package_has_a_floor():
    folders = {f"derivations.{p.parent.name}" for p in (ROOT / "derivations").glob("*/__init__.py")}
    assert folders == {room for room in KNOWS if room.startswith("derivations.")}


def test_nobody_knows_a_higher_floor():
    assert trespasses(graph()) == []


def test_no_module_imports_itself_in_a_circle():
    assert circle(graph()) == []


def test_no_chapter_leans_on_itself_through_others():
    between: dict[str, set[str]] = {chapter: set() for chapter in CHAPTERS}
    for module, several in graph().items():
        if room(module) in between:
            between[room(module)] |= {room(seen) for seen in several} & set(CHAPTERS) - {room(module)}
    assert circle(between) == []


@pytest.mark.parametrize(
    ("module", "seen"),
    [
        ("derivations._kernel.logic", "derivations._language.steps"),
        ("derivations._values.exact", "derivations._checks.mutate"),
        ("derivations._language.steps", "derivations"),
        ("derivations._checks.checks", "derivations.divergence.gibbs"),
        ("derivations.divergence.gibbs", "derivations._values.exact"),
        ("elbo_ref.gaussian", "derivations._kernel"),
        ("elbo_ref.gaussian", "elbo_audit.auditing"),
        ("elbo_lab.measure", "elbo_audit.auditing"),
        ("elbo_ref.gaussian", "elbo_lab.plane"),
        ("derivations._checks.checks", "elbo_audit.auditing"),
        ("derivations._reading.book", "elbo_cli.names"),
    ],
)
def test_a_step_up_is_seen(module, seen):
    assert trespasses({module: {seen}}) == [f"{module} imports {seen}"]
