"""A Markdown extension for pages that people write: what was proved is named, never typed a second time.

`[[name]]` becomes a link to the verdict in the words of its title, after a mark if it is what a counterexample refutes; `[[=name]]` becomes
its statement as an inline formula. A name that no verdict has stops the build. The page must lie one folder below `docs`, as
the derivations do. `[[.3f: log(2)]]` becomes the number that the expression has, in the format before the colon; it may call
what `elbo_ref` and `math` offer, `numbers(name, **sliders)`, what a picture computes, and `measured(file, *path)`, a number of the
committed results of `elbo_lab`.
"""

import functools
import math
import re
import statistics
from collections.abc import Mapping
from typing import Any

from markdown import Extension, Markdown
from markdown.preprocessors import Preprocessor

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Counterexample, Remark, Theorem, Verdict
from derivations._reading.printed import printed
from docs._generator import figures
from elbo_lab.results import committed

NAMED = re.compile(r"(?<!`)\[\[(=?)([a-z]\w+)\]\]")

COMPUTED = re.compile(r"(?<!`)\[\[(\.\d+[fg]): (.+?)\]\](?!\])")

REFUTES = '<span class="badge no">refuted</span>'


class UnknownVerdict(ValueError):
    """A page names a verdict that is not there."""


@functools.cache
def _named() -> Mapping[str, Verdict]:
    return {v.name: v for v in verdicts() if not isinstance(v, Remark)}


def link(name: str) -> str:
    """A link to a verdict, in the words of its title."""
    verdict = _verdict(name)
    title = verdict.title.replace("|", r"\|")  # the link may stand in a table
    mark = f"{REFUTES} " if isinstance(verdict, Counterexample) else ""  # its title may be the claim that is false
    return f"{mark}[{title}]({place(name)})"


def place(name: str) -> str:
    """The address of a verdict, from a page one folder below `docs`."""
    return f"../derivations/{_verdict(name).module}.md#{name}"


def formula(name: str) -> str:
    """The statement of a theorem as an inline formula."""
    verdict = _verdict(name)
    if not isinstance(verdict, Theorem):
        raise UnknownVerdict(f"[[={name}]] must name a theorem: only what is proved is shown as a formula")
    return f"${printed(verdict).latex}$"


def _verdict(name: str) -> Verdict:
    try:
        return _named()[name]
    except KeyError:
        raise UnknownVerdict(f"[[{name}]] must name a verdict, and no verdict has this name") from None


def number(form: str, expression: str) -> str:
    """The value of an expression on a page, in the format that is asked for."""
    import elbo_ref

    offered = {
        **vars(math),
        **{name: getattr(elbo_ref, name) for name in elbo_ref.__all__},
        "numbers": _numbers,
        "measured": _measured,
    }
    return format(float(eval(expression, {"__builtins__": {}}, offered)), form)


def _numbers(name: str, **sliders: float) -> dict[str, Any]:
    return figures.numbers(name, {**figures.picture(name).start, **sliders})


def _measured(name: str, *path: str | int) -> float:
    """A number in a committed file of results; of a list of numbers the mean."""
    found: Any = committed(name)
    for part in path:
        found = found[part]
    return statistics.fmean(found) if isinstance(found, list) else float(found)


class _Names(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        lines = [COMPUTED.sub(lambda m: number(m[1], m[2]), line) for line in lines]
        return [NAMED.sub(lambda m: (formula if m[1] else link)(m[2]), line) for line in lines]


class NamesExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(_Names(md), "verdict-names", 22)  # after fenced code is out of the way


def makeExtension(**options: object) -> NamesExtension:
    return NamesExtension(**options)
