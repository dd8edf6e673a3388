"""What a text may be: seen as it is, and never run.

SymPy takes a text for a program and runs it, wherever a formula may stand. Here a text is a number or a name.
"""

from __future__ import annotations

import re
import unicodedata
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


def unseen(text: str) -> str:
    """The first character that no reader sees, by its code: it may turn the order of letters round, or hide some."""
    hidden = (c for c in text if c != "\n" and (not c.isprintable() or unicodedata.category(c) == "Cf"))
    return next((f"U+{ord(c):04X}" for c in hidden), "")


def seen(**texts: str) -> None:
    """Refuse a text with something unseen, or of several lines, by its name."""
    for name, text in texts.items():
        if found := unseen(text) or ("U+000A" if "\n" in text else ""):
            raise ValueError(f"a {name} is one line of characters that print, and this one holds {found}: {text!r}")
