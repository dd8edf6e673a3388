"""Which module of a package imports which, read from the source: nothing is imported to find out.

An import counts wherever it stands: inside a function, under `if TYPE_CHECKING`, or as the text given to `import_module`. That
importing a module also runs the `__init__` of each package around it does not count, unless the package is named.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def imports(root: Path, package: str) -> dict[str, set[str]]:
    """Every module of the package that lies in `root`, and the modules that it imports, in and outside of the package."""
    files = dict(_modules(root, package))
    return {
        module: {_nearest(name, files) for name in _named(path, module, files)} - {module}
        for module, path in files.items()
    }


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules of which each imports the next, the last of them the first again; empty if there are none."""
    done: set[str] = set()

    def search(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done or module not in graph:
            return []
        for other in sorted(graph[module]):
            if found := search(other, [*path, module]):
                return found
        done.add(module)
        return []

    return next((found for module in sorted(graph) if (found := search(module, []))), [])


def within(name: str, *packages: str) -> bool:
    """Whether a module is one of the packages or lies in one."""
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def _modules(root: Path, package: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((root / package.replace(".", "/")).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def _named(path: Path, module: str, files: Mapping[str, Path]) -> Iterator[str]:
    """What the imports of a file name, from the top; `from a import b` may name the module a.b or something in a."""
    here = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                base = here[: len(here) - node.level + 1] if node.level else []
                source = ".".join([*base, *([node.module] if node.module else [])])
                inside = {alias.name: f"{source}.{alias.name}" for alias in node.names}
                yield from (full if full in files else source for full in inside.values())
            case ast.Call(
                func=ast.Name(id=function) | ast.Attribute(attr=function), args=[ast.Constant(str(name)), *_]
            ):
                if function in ("import_module", "__import__") and not name.startswith("."):
                    yield name


def _nearest(name: str, files: Mapping[str, Path]) -> str:
    """The module of the package that the name is of; the name as it is, if it is of no such module."""
    parts = name.split(".")
    longer = (".".join(parts[:size]) for size in range(len(parts), 0, -1))
    return next((part for part in longer if part in files), name)
