"""A Markdown extension for pages that people write: what was proved is named, never typed a second time.

`[[name]]` becomes a link to the verdict in the words of its title, marked if it is a counterexample; `[[=name]]` becomes
its statement as an inline formula. A name that no verdict has stops the build. The page must lie one folder below `docs`, as
the derivations do.
"""

import functools
import re
from collections.abc import Mapping

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from derivations import Counterexample, Remark, Theorem, Verdict, verdicts
from derivations._notation import latex

NAMED = re.compile(r"(?<!`)\[\[(=?)([a-z]\w+)\]\]")

REFUTES = '<span class="badge no">counterexample</span>'


class UnknownVerdict(ValueError):
    """A page names a verdict that is not there."""


@functools.cache
def _named() -> Mapping[str, Verdict]:
    return {v.name: v for v in verdicts() if not isinstance(v, Remark)}


def link(name: str) -> str:
    """A link to a verdict, in the words of its title."""
    verdict = _verdict(name)
    title = verdict.title.replace("|", r"\|")  # the link may stand in a table
    mark = f" {REFUTES}" if isinstance(verdict, Counterexample) else ""  # its title may be the claim that is false
    return f"[{title}](../derivations/{verdict.module}.md#{name}){mark}"


def formula(name: str) -> str:
    """The statement of a theorem as an inline formula."""
    verdict = _verdict(name)
    if not isinstance(verdict, Theorem):
        raise UnknownVerdict(f"[[={name}]] must name a theorem: only what is proved is shown as a formula")
    return f"${latex(verdict.statement)}$"


def _verdict(name: str) -> Verdict:
    try:
        return _named()[name]
    except KeyError:
        raise UnknownVerdict(f"[[{name}]] must name a verdict, and no verdict has this name") from None


class _Names(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return [NAMED.sub(lambda m: (formula if m[1] else link)(m[2]), line) for line in lines]


class NamesExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Names(md), "verdict-names", 22)  # after fenced code is out of the way


def makeExtension(**options: object) -> NamesExtension:
    return NamesExtension(**options)
