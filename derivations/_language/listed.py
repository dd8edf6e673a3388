"""What a derivation says of itself, read from its file and never run: its verdicts, what it uses, what it may not do.

A derivation is data and chains of rules. It imports the vocabulary, other derivations and the mathematics of SymPy,
and it changes nothing that is not its own: so a file cannot end the checks, speak in their name or bend what others are
checked by.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sympy.core.assumptions import _assume_defined

from derivations._language.texts import unseen

KINDS = ("theorem", "counterexample")
RESERVED = {*KINDS, "Citation", "Definition", "Misprint", "Remark"}  # they mean here what they mean in the vocabulary
STATEMENTS = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Return, ast.Assign, ast.AugAssign, ast.AnnAssign,
    ast.For, ast.If, ast.While, ast.Expr, ast.Pass, ast.Raise, ast.Assert,
)  # fmt: skip
NOT_EXPRESSIONS = (ast.Yield, ast.YieldFrom, ast.Await)
PYTHON = {
    "abs", "all", "any", "bool", "dict", "enumerate", "filter", "frozenset", "int", "isinstance", "len", "list", "map",
    "max", "min", "object", "property", "range", "reversed", "set", "sorted", "str", "sum", "tuple", "zip",
}  # fmt: skip
MAKERS = {"Dummy", "Function", "Symbol", "symbols"}  # of symbols and functions: beside a name they take assumptions
FRAMES = re.compile(r"(f|tb|gi|cr|ag)_(back|builtins|code|frame|globals|locals|next)")  # the ways out of a function
CHANGING = {
    "add", "append", "clear", "difference_update", "discard", "extend", "insert", "intersection_update", "pop", "popitem",
    "remove", "reverse", "setdefault", "sort", "symmetric_difference_update", "update",
}  # fmt: skip
LIBRARY = {
    "__future__": {"annotations"},
    "collections.abc": {"Callable", "Iterable", "Iterator", "Mapping", "Sequence"},
    "typing": {"NamedTuple"},
}
SYMPY = re.compile(r"sympy\.(core|functions|simplify|polys|concrete|sets|matrices|tensor|series|integrals|calculus)\b")


@dataclass(frozen=True)
class Listed:
    """A file of the book: its proofs with the kind of each, what it uses (`chapter.file`), and what is wrong with it."""

    path: Path
    kinds: tuple[tuple[str, str], ...]
    uses: tuple[str, ...]
    faults: tuple[str, ...]


def listed(path: Path) -> Listed:
    """Read one derivation."""
    try:
        tree = _tree(path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as why:
        line = f"line {why.lineno}: " if isinstance(why, SyntaxError) and why.lineno else ""
        said = why.msg if isinstance(why, SyntaxError) else str(why)
        return Listed(path, tuple(_by_eye(path)), (), (f"{line}{type(why).__name__}: {said}",))
    kinds = [(f.name, kind) for f in tree.body if isinstance(f, ast.FunctionDef) if (kind := _kind(f))]
    twice = [f"two verdicts are called {name}" for name in _twice([name for name, _ in kinds])]
    nodes = [node for node in ast.walk(tree) if not isinstance(node, ast.expr_context | ast.operator | ast.cmpop)]
    uses = sorted({u for node in nodes for u in _uses(node)})
    own = {name for node in nodes if not isinstance(node, ast.alias) for name in _binds(node)}
    own -= {a.asname or a.name.partition(".")[0] for a in nodes if isinstance(a, ast.alias)}
    faults = [f"line {node.lineno}: {why}" for node in nodes for why in (*_wrong(node), *_changes(node, own))]
    return Listed(path, tuple(dict(kinds).items()), tuple(uses), (*twice, *faults))


def only_a_docstring(path: Path) -> bool:
    """A chapter is prose: whatever else stood in its file would run before each of its derivations."""
    try:
        body = _tree(path).body
    except (SyntaxError, ValueError):
        return False
    said = [s.value.value for s in body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)]
    return len(body) == len(said) <= 1 and not any(unseen(str(text)) for text in said)


def _tree(path: Path) -> ast.Module:
    """What Python would run: a first line may name another encoding, in which a remark is a program."""
    text = path.read_bytes()
    if (encoding := tokenize.detect_encoding(io.BytesIO(text).readline)[0]) not in ("utf-8", "utf-8-sig"):
        raise ValueError(f"its encoding is {encoding}, not UTF-8")
    if found := unseen(text.decode("utf-8-sig").replace("\r\n", "\n")):
        raise ValueError(f"it holds {found}, which nobody sees")
    return ast.parse(text)


def _kind(function: ast.FunctionDef) -> str | None:
    for made in function.decorator_list:
        if isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and made.func.id in KINDS:
            return made.func.id
    return None


def _by_eye(path: Path) -> Iterator[tuple[str, str]]:
    """The proofs of a file that does not parse: a decorator, and the next function."""
    text = path.read_bytes().decode("utf-8", "replace")
    for found in re.finditer(r"^@(theorem|counterexample)\b(?:(?!^@|^def ).*\n)*?def (\w+)", text, re.MULTILINE):
        yield found[2], found[1]


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _uses(node: ast.AST) -> Iterator[str]:
    paths = []
    if isinstance(node, ast.Import):
        paths = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        paths = [f"{node.module}.{alias.name}" for alias in node.names]
    for path in paths:
        top, *rest = path.split(".")
        if top == "derivations" and len(rest) > 1:
            yield ".".join(rest[:2])


def _wrong(node: ast.AST) -> Iterator[str]:
    """What a derivation may not do, node by node."""
    if (isinstance(node, ast.stmt) and not isinstance(node, STATEMENTS)) or isinstance(node, NOT_EXPRESSIONS):
        yield f"a derivation has no use for `{type(node).__name__.lower()}`"
    for name in _words(node):
        if name.startswith("__") and not (isinstance(node, ast.ImportFrom) and name == "__future__"):
            yield f"{name} is Python's own"
    if isinstance(node, ast.Attribute):
        if not isinstance(node.ctx, ast.Load):
            yield f"it changes {ast.unparse(node)}, which is not its own"
        if node.attr.startswith("_") or FRAMES.fullmatch(node.attr):
            yield f"{ast.unparse(node)} is private"
    match node:
        case ast.Constant(value=str(text)) if unseen(text):
            yield f"a text holds {unseen(text)}, which nobody sees"
        case ast.Name(id=name, ctx=ast.Load()) if hasattr(builtins, name) and name not in PYTHON:
            yield f"a derivation has no use for Python's {name}"
    if isinstance(node, ast.Call):
        yield from _wrongly_called(node)
    if _binds(node) & RESERVED:
        yield f"{min(_binds(node) & RESERVED)} is a word of the vocabulary"
    if isinstance(node, ast.ClassDef) and [ast.unparse(base) for base in (*node.bases, *node.keywords)] != [
        "NamedTuple"
    ]:
        yield f"the class {node.name} is no NamedTuple"
    if isinstance(node, ast.Import):
        for alias in node.names:
            if not _of_the_book(alias.name):
                yield f"it imports {alias.name}; {_MAY}"
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            if node.level or not _may_import(node.module or "", alias.name):
                yield f"it imports {alias.name} from {'.' * node.level}{node.module or ''}; {_MAY}"


def _wrongly_called(node: ast.Call) -> Iterator[str]:
    """A keyword that SymPy does not know as an assumption becomes an attribute of a function: a method, if it is one."""
    if any(keyword.arg is None for keyword in node.keywords):
        yield f"a derivation has no use for ** in a call, as in {ast.unparse(node)[:80]}"
    if ast.unparse(node.func).rpartition(".")[2] in MAKERS:
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in _assume_defined:
                yield f"{keyword.arg} is no assumption of SymPy's"


def _changes(node: ast.AST, own: set[str]) -> Iterator[str]:
    """Lists and tables that another file made are its own: whoever reads them must find what it wrote."""
    match node:
        case ast.AugAssign(target=changed) | ast.Subscript(value=changed, ctx=ast.Store() | ast.Del()):
            pass
        case ast.Attribute(value=changed, attr=attr) if attr in CHANGING:
            pass
        case _:
            return
    while isinstance(changed, ast.Attribute | ast.Subscript):
        changed = changed.value
    if not (isinstance(changed, ast.Name) and changed.id in own):
        yield f"it changes {ast.unparse(changed)}, which is not its own"


_MAY = "a derivation imports the vocabulary, other derivations and the mathematics of SymPy"


def _words(node: ast.AST) -> Iterator[str]:
    """Every identifier of a node; text and numbers are none."""
    if isinstance(node, ast.Constant):
        return
    for _, value in ast.iter_fields(node):
        for word in value if isinstance(value, list) else [value]:
            if isinstance(word, str):
                yield word


def _binds(node: ast.AST) -> set[str]:
    match node:
        case (
            ast.Name(id=name, ctx=ast.Store())
            | ast.FunctionDef(name=name)
            | ast.ClassDef(name=name)
            | ast.arg(arg=name)
        ):
            return {name}
        case ast.alias(name=name, asname=other):
            return {other} if other else set()
    return set()


def _of_the_book(path: str) -> bool:
    top, *rest = path.split(".")
    return top == "derivations" and len(rest) == 2 and not any(part.startswith("_") for part in rest)


def _may_import(module: str, name: str) -> bool:
    if module in LIBRARY:
        return name in LIBRARY[module]
    if module == "derivations":
        return not name.startswith("_")
    if module.startswith("derivations."):
        return (_of_the_book(module) and name != "*") or _of_the_book(f"{module}.{name}")
    return _is_mathematics(module, name)


def _is_mathematics(module: str, name: str) -> bool:
    """A function or class of SymPy's mathematics, and not of its parsing, its printing or its compiling."""
    if module != "sympy" and not SYMPY.match(module):
        return False
    try:
        found: Any = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return False
    if isinstance(found, ModuleType) or not (inspect.isclass(found) or inspect.isfunction(found)):
        return False
    return bool(SYMPY.match(found.__module__)) and found.__module__ != "sympy.core.sympify"
