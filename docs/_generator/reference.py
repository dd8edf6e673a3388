"""Docstrings of `elbo_ref`, as they read in the source, turned into Markdown for the reference pages.

The formula becomes a block of its own, each line of the last paragraph an item, the theorem a link to its page.
"""

import re

from griffe import Docstring, Extension, Function

from derivations._language.chapters import verdicts

FACT = re.compile(r"^(Shapes|Unit|Units|Raises|Source|Theorem|Theorems)\b:? *", re.MULTILINE)


class Docstrings(Extension):
    def on_function(self, *, func: Function, **_: object) -> None:
        if func.docstring:
            func.docstring = Docstring(markdown(func.docstring.value), parent=func)


def markdown(text: str) -> str:
    """One docstring as Markdown."""
    summary, *paragraphs = text.strip().split("\n\n")
    return "\n\n".join([summary, *(_facts(p) if FACT.match(p) else _body(p) for p in paragraphs)])


def _body(paragraph: str) -> str:
    if " = " in paragraph.partition("\n")[0]:
        return f"```text\n{paragraph}\n```"
    return paragraph


def _facts(paragraph: str) -> str:
    starts = [m.start() for m in FACT.finditer(paragraph)]
    facts = [paragraph[a:b] for a, b in zip(starts, [*starts[1:], len(paragraph)], strict=True)]
    return "\n".join(f"- {_fact(' '.join(fact.split()))}" for fact in facts)


def _fact(fact: str) -> str:
    label, _, rest = fact.partition(" ")
    if label.startswith("Theorem"):
        rest = rest if rest == "none yet." else re.sub(r"\w+", lambda m: _theorem(m[0]), rest)
    return f"**{label.rstrip(':')}** {rest}"


def _theorem(name: str) -> str:
    for verdict in verdicts():
        if verdict.name == name:
            return f"[{verdict.title}](../derivations/{verdict.module}.md#{name})"
    return f"`{name}` (no proof yet)"
