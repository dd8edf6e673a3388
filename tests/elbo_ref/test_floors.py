"""`elbo_ref` knows nobody, its core knows no subject, and no module imports itself by a detour; and these tests can fail."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests._imports import circle, imports, within

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists())


@cache
def graph() -> dict[str, set[str]]:
    return imports(ROOT, "elbo_ref")


def arrows(source: str, *targets: str) -> list[str]:
    """Imports from modules within the source to modules within the targets."""
    return [f"{a} imports {b}" for a in graph() if within(a, source) for b in sorted(graph()[a]) if within(b, *targets)]


def test_there_is_no_circle() -> None:
    assert " -> ".join(circle(graph())) == ""


def test_the_core_knows_no_subject() -> None:
    assert [arrow for arrow in arrows("elbo_ref._core", "elbo_ref") if "imports elbo_ref._core." not in arrow] == []


def test_the_core_is_in_the_order_in_which_it_says_it_is() -> None:
    core = ROOT / "elbo_ref" / "_core"
    order = re.findall(r"`(\w+)`[,:]", (core / "__init__.py").read_text(encoding="utf-8"))
    assert sorted(order) == sorted(path.stem for path in core.iterdir() if not path.stem.startswith("__"))
    for number, name in enumerate(order):
        assert arrows(f"elbo_ref._core.{name}", *(f"elbo_ref._core.{above}" for above in order[number + 1 :])) == []


def test_it_stands_on_the_ground() -> None:
    assert arrows("elbo_ref", "derivations", "elbo_check", "elbo_cli", "docs", "sympy") == []


def test_the_arrows_are_seen() -> None:
    """Each kind in this package: at the top, in a function, as a name of a package."""
    assert "elbo_ref.gaussian" in graph()["elbo_ref"]
    assert "elbo_ref._core.tensors" in graph()["elbo_ref._core.arrays"]
    assert "elbo_ref._gaussian" in graph()["elbo_ref.gaussian"]
    assert "elbo_ref._core.loops.gaussian" in graph()["elbo_ref._core.by_loops"]
    assert {"numpy", "scipy.integrate", "flint"} <= set.union(*graph().values())


def planted(folder: Path, files: dict[str, str]) -> dict[str, set[str]]:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return imports(folder, "planted")


@pytest.mark.parametrize(
    "back",
    [
        "from planted import one",
        "import planted.one",
        "import planted.one as first",
        "from planted.one import x",
        "from . import one",
        "from .one import x",
        "def lazy():\n    from planted.one import x",
        "def lazy():\n    def deeper():\n        import planted.one",
        "class A:\n    def f(self):\n        from . import one",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from planted.one import x",
        "try:\n    import planted.one\nexcept ImportError:\n    pass",
        "from importlib import import_module\none = import_module('planted.one')",
    ],
)
def test_a_circle_is_named(tmp_path: Path, back: str) -> None:
    graph = planted(
        tmp_path,
        {
            "planted/__init__.py": "from planted.one import x",
            "planted/one.py": "from planted.low import two\nx = 1",
            "planted/low/__init__.py": "",
            "planted/low/two.py": "from .three import y",
            "planted/low/three.py": "from planted import four\ny = 1\n",
            "planted/four.py": back,
        },
    )
    assert circle(graph) == ["planted.one", "planted.low.two", "planted.low.three", "planted.four", "planted.one"]


def test_what_is_no_circle_is_not_called_one(tmp_path: Path) -> None:
    graph = planted(
        tmp_path,
        {
            "planted/__init__.py": "from .one import x",
            "planted/one.py": "import os.path\nfrom . import two, three",
            "planted/two.py": "from .low import y\nfrom .low.three import z",
            "planted/three.py": "from ..planted.low.three import z  # 'from planted import one' is only said",
            "planted/low/__init__.py": "from .three import z\ny = z",
            "planted/low/three.py": "import numpy as planted\nz = planted.one",
        },
    )
    assert circle(graph) == []
    assert graph == {
        "planted": {"planted.one"},
        "planted.one": {"os.path", "planted.two", "planted.three"},
        "planted.two": {"planted.low", "planted.low.three"},
        "planted.three": {"planted.low.three"},
        "planted.low": {"planted.low.three"},
        "planted.low.three": {"numpy"},
    }
