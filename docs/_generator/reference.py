"""Docstrings of `elbo_ref`, as they read in the source, turned into Markdown for the reference pages.

The formula is set, each line of the last paragraph becomes an item, the theorem a link to its page, the source one to the
bibliography; an example that ran follows.
"""

import inspect
import re
import tomllib
from collections.abc import Collection
from functools import cache

from griffe import Docstring, Extension, Function

import elbo_ref
from derivations._language.chapters import BOOK, verdicts
from docs._generator import examples, plainmath

COMMON = "[What holds for all functions](index.md#what-holds-for-all-functions)"
FACT = re.compile(r"^(Shapes|Unit|Units|Raises|Source|Theorem|Theorems)\b:? *", re.MULTILINE)


def common() -> str:
    """What the package says of all of its functions."""
    return (inspect.getdoc(elbo_ref) or "").partition("\n\n")[2] + "\n"


class Docstrings(Extension):
    def on_function(self, *, func: Function, **_: object) -> None:
        if func.docstring:
            text = markdown(func.docstring.value, [p.name for p in func.parameters])
            path = func.path.removeprefix("elbo_ref.")
            func.docstring = Docstring(f"{text}\n\n{_more(func, examples.example(path))}", parent=func)


def markdown(text: str, arguments: Collection[str] = ()) -> str:
    """One docstring as Markdown; its first sentence and a paragraph that an equation opens have their formulas set."""
    summary, *paragraphs = text.strip().split("\n\n")
    summary = plainmath.inline(" ".join(summary.split()), arguments)
    return "\n\n".join(
        [summary, *(_facts(p) if FACT.match(p) else plainmath.markdown(p, arguments) for p in paragraphs)]
    )


def _more(func: Function, program: str) -> str:
    """The example, and where the rest is said: what holds for every function, and the document that states this."""
    return f"{program}\n\n{COMMON}" if program else COMMON


def _facts(paragraph: str) -> str:
    starts = [m.start() for m in FACT.finditer(paragraph)]
    facts = [paragraph[a:b] for a, b in zip(starts, [*starts[1:], len(paragraph)], strict=True)]
    return "\n".join(f"- {_fact(' '.join(fact.split()))}" for fact in facts)


def _fact(fact: str) -> str:
    label, _, rest = fact.partition(" ")
    if label.startswith("Theorem"):
        rest = rest if rest == "none yet." else re.sub(r"\w+", lambda m: _theorem(m[0]), rest)
    if label.startswith("Source"):
        rest = _source(rest)
    return f"**{label.rstrip(':')}** {rest}"


@cache
def _titles() -> dict[str, str]:
    """The documents by title."""
    documents = tomllib.loads((BOOK / "claims.toml").read_text(encoding="utf-8"))["documents"]
    return {document["title"]: key for key, document in documents.items()}


def _source(said: str) -> str:
    """A document and its section, with a link to the bibliography."""
    title = next((t for t in _titles() if said.startswith(t)), "")
    return f"[{title}](../guide/bibliography.md#document-{_titles()[title]}){said[len(title) :]}" if title else said


def _theorem(name: str) -> str:
    for verdict in verdicts():
        if verdict.name == name:
            return f"[{verdict.title}](../derivations/{verdict.module}.md#{name})"
    return f"`{name}` (no proof yet)"
