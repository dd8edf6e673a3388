r"""A Markdown extension that renders TeX while the site is built: KaTeX, run by V8 inside this process.

The reader's browser gets HTML, and MathML for screen readers; no script and no raw TeX. A formula that KaTeX does not
accept stops the build. It follows `pymdownx.arithmatex` in the list of extensions, and renders what that one marks.
"""

import atexit
import functools
import html
import json
import re
from pathlib import Path

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from py_mini_racer import JSEvalException, MiniRacer

from docs._generator.breaks import breakable
from docs._generator.lean import lean

KATEX = Path(__file__).parents[1] / "assets" / "katex" / "katex.min.js"
STRICT = 'strict: code => ["newLineInDisplayMode", "htmlExtension"].includes(code) ? "ignore" : "error"'  # LaTeX ignores that; KaTeX need not
MACROS = {r"\sy": r"\htmlData{s=#1}{#2}"}  # what a reader can point at: see derivations/_reading/symbols.py
POINTED = re.compile(r"\\sy\{\d+\}\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
TRUST = 'trust: context => context.command === "\\\\htmlData"'
JOINER = "&#8288;"  # keeps a comma on the line of the formula before it
ANNOTATION = re.compile(r'(<annotation encoding="application/x-tex">).*?(</annotation>)', re.DOTALL)
MARKED = re.compile(r'<(span|div) class="arithmatex">(.*?)</\1>(?=([.,;:!?)])?)', re.DOTALL)
END = "<!--/tex-->"  # after each formula, whose own end is hard to find among so many spans
FORMULA = re.compile(rf'<(span|div class="formula") data-search-exclude>(.*?){END}', re.DOTALL)
STATEMENT = re.compile(rf'<div class="statement">\s*<div class="formula" data-search-exclude>(.*?){END}', re.DOTALL)
NO_LETTERS = re.compile(r"<math.*?</math>|<[^>]*>", re.DOTALL)


class TexError(ValueError):
    """KaTeX refused a formula."""


@functools.cache
def _engine() -> MiniRacer:
    engine = MiniRacer()
    atexit.register(engine.close)  # left to the interpreter's exit, its thread may wait for ever
    engine.eval(KATEX.read_text(encoding="utf-8"))
    return engine


@functools.lru_cache(maxsize=8192)
def render(tex: str, *, display: bool) -> str:
    """One formula as HTML with its MathML twin. It may break; its twin keeps the TeX as it was written."""
    options = {"displayMode": display, "throwOnError": True, "output": "htmlAndMathml", "macros": MACROS}
    set_ = breakable(tex, display=display)
    try:
        found = str(
            _engine().eval(f"katex.renderToString({json.dumps(set_)}, {{...{json.dumps(options)}, {STRICT}, {TRUST}}})")
        )
    except JSEvalException as error:
        why = re.search(r"KaTeX parse error: (.*)", str(error))
        raise TexError(f"KaTeX refuses {tex!r}: {why[1] if why else error}") from error
    plain = POINTED.sub(r"\1", tex)
    return ANNOTATION.sub(lambda match: f"{match[1]}{html.escape(plain, quote=False)}{match[2]}", lean(found))


def _replace(match: re.Match[str]) -> str:
    marked = html.unescape(match[2]).strip()
    display = marked.startswith(r"\[")
    formula = render(marked[2:-2].strip(), display=display)
    # The search index would hold every formula three times: as HTML, as MathML and as TeX.
    if display:
        return f'<div class="formula" data-search-exclude>{formula}</div>{END}'
    return f"<span data-search-exclude>{formula}</span>{END}{JOINER if match[3] else ''}"


def as_letters(page: str) -> str:
    """The page with its statements and inline formulas as bare letters, without other lines of formulas."""
    page = STATEMENT.sub(lambda m: f"<p>{NO_LETTERS.sub('', m[1])}</p>", page)
    return FORMULA.sub(lambda m: NO_LETTERS.sub("", m[2]) if m[1] == "span" else "", page)


class _Render(Postprocessor):
    def run(self, text: str) -> str:
        return MARKED.sub(_replace, text)


class KatexExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:
        md.postprocessors.register(_Render(md), "katex", -10)  # after the raw HTML blocks are back in place


def makeExtension(**options: object) -> KatexExtension:
    return KatexExtension(**options)
