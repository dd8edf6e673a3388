"""SymPy takes a text for a program and runs it, wherever a formula may stand. Here a text is a number or a name."""

from __future__ import annotations

import re
from typing import Any

from sympy.parsing import sympy_parser

_RUN = sympy_parser.parse_expr
_WORD = re.compile(r"\w{1,100}|-?\d{1,100}(/\d{1,100}|\.\d{1,100})?")


def never_run() -> None:
    """From now on, in this process."""
    sympy_parser.parse_expr = _plain


def _plain(text: str, *more: Any, **known: Any) -> Any:
    if not _WORD.fullmatch(text) or "__" in text:
        raise TypeError(f"a text is no formula: {text[:100]!r}")
    return _RUN(text, *more, **known)
