"""Programs on the pages, run while the site is built: each number that is printed is the one that came out."""

import ast
import textwrap
import warnings
from typing import Any

import numpy as np


class ProgramFailed(AssertionError):
    """A program on a page did not do what the page says."""


def annotated(code: str, where: str) -> str:
    """The program as Markdown, with what each name came to as a comment. It must assert something.

    A program whose package is not installed is printed without its numbers, and says so.
    """
    code = textwrap.dedent(code).strip()
    tree = ast.parse(code)
    if not any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
        raise ProgramFailed(f"{where}: the program must assert something")
    names: dict[str, Any] = {}
    lines, comments = code.splitlines(), dict[int, str]()
    try:
        for node in tree.body:
            with warnings.catch_warnings(action="ignore"):  # of the other libraries
                exec(compile(ast.Module([node], []), where, "exec"), names)  # noqa: S102 (the programs are our own)
            if (name := _computed(node)) and (value := shown(names[name])):
                comments[node.end_lineno or node.lineno] = value
    except ModuleNotFoundError as missing:
        return f"{fenced(code)}\n\nNot run here: {missing.name} is not installed.\n"
    except Exception as error:
        failed = ast.get_source_segment(code, node)
        raise ProgramFailed(f"{where}: {failed}: {str(error) or 'is not so'}") from error
    width = min(max((len(lines[n - 1]) for n in comments), default=0), 80)
    for n, value in comments.items():
        lines[n - 1] = f"{lines[n - 1]:<{width}}  # {value}"
    return fenced("\n".join(lines))


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def shown(value: Any) -> str:
    """A number or a vector of at most four, to five digits; nothing for what is larger or no number.

    A decimal in words is shown with all of its digits.
    """
    try:
        array = np.asarray(value.detach() if hasattr(value, "detach") else value, dtype=float)
    except (TypeError, ValueError):
        return ""
    if isinstance(value, str):
        return value
    numbers = [f"{x:.5g}" for x in array.ravel()[:4]]
    if array.size > len(numbers):
        return ""
    return numbers[0] if array.ndim == 0 else f"[{', '.join(numbers)}]"


def _computed(node: ast.stmt) -> str:
    """The name that the statement gives to a value which cannot be read off the statement itself."""
    match node:
        case ast.Assign(
            targets=[ast.Name()],
            value=ast.Constant() | ast.List() | ast.Call(func=ast.Attribute(attr="array" | "tensor")),
        ):
            return ""
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
    return ""
