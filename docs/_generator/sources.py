"""The sources that a skeptic reads, as pages of the site: the checker and its second port, the prover's kernel, each proof.

A page of a file is `source/<path>/`, a line of it `#L12`. They stand in no menu and in no index of the search.
"""

import ast
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import JavascriptLexer, MarkdownLexer, PythonLexer

from derivations._reading import render
from derivations._reading.book import Book
from docs._generator.certificates import FOLDER
from elbo_check.replay import RULES

LEXERS = {".py": PythonLexer(), ".mjs": JavascriptLexer(), ".md": MarkdownLexer()}
ROOMS = {
    "elbo_check/**/*.*": (
        "The checker",
        "It reads a certificate and accepts or refuses each inference; nothing else has to be trusted.",
    ),
    "docs/assets/checker/*.mjs": (
        "Its second port",
        "The same in JavaScript, written from the format alone; it runs on these pages.",
    ),
    "derivations/_kernel/*.py": (
        "The prover's kernel",
        "It finds proofs and writes certificates. Nobody has to trust it.",
    ),
    "derivations/_language/*.py": (
        "The language of the proofs",
        "Notation, steps, tactics, and how a proof becomes a certificate.",
    ),
}
ABOUT = """\
Everything that a proof of this site consists of, as it ran when these pages were made: {:,} lines, each with an address. To check
one proof by hand, open its page; under *Sources* it links to the program that proves it and to each of the checker's rules by
which it is accepted. What a rule reads is said in [the format](elbo_check/FORMAT.md.md), what it means in
[the rules](../guide/rules.md)."""
# What Markdown would take for its own in a line of a program.
PLAIN = str.maketrans({c: f"&#{ord(c)};" for c in "`[\\$*_{"})


def files(root: Path) -> dict[str, list[Path]]:
    """Every file that is shown, by the words over it in the list."""
    rooms = {
        words: sorted(p for p in root.glob(pattern) if p.suffix in LEXERS) for pattern, (words, _) in ROOMS.items()
    }
    chapters = sorted(p for p in root.glob("derivations/[!_]*/") if p.is_dir())
    return rooms | {f"Proofs: {render.title(p.name)}": sorted(p.glob("*.py")) for p in chapters}


def rules(root: Path) -> dict[str, dict[str, str]]:
    """For each proof the rules of the checker that its certificate uses, and where the source of each begins."""
    at = {name: place(root, rule) for name, rule in RULES.items()}
    found = {}
    for path in sorted((root / FOLDER).glob("*.json")):
        used = {node[0] for node in json.loads(path.read_text(encoding="utf-8"))["nodes"]}
        found[path.stem] = {name: at[name] for name in sorted(used)}
    return found


def place(root: Path, rule: object) -> str:
    """Where the source of a rule begins, as a page of the sources."""
    assert inspect.isfunction(rule)
    path = Path(inspect.getsourcefile(rule) or "").relative_to(root)
    return f"{path.as_posix()}.md#L{inspect.getsourcelines(rule)[1]}"


def pages(root: Path, book: Book) -> Iterator[tuple[str, str]]:
    """Each page below `docs`: the list, then every file."""
    shown = files(root)
    about = {words: said for words, said in ROOMS.values()}
    yield "source/index.md", _contents(root, shown, about)
    for path in (p for several in shown.values() for p in several):
        address = path.relative_to(root).as_posix()
        yield f"source/{address}.md", _page(path, address, book)


def _contents(root: Path, shown: Mapping[str, list[Path]], about: Mapping[str, str]) -> str:
    total = sum(len(p.read_text(encoding="utf-8").splitlines()) for several in shown.values() for p in several)
    parts = ["---\ntags: [source code, sources, kernel, checker]\n---\n# The sources", ABOUT.format(total)]
    for words, several in shown.items():
        rows = [f"| [`{p.name}`]({p.relative_to(root).as_posix()}.md) | {_first(p)} | {_lines(p)} |" for p in several]
        parts.append(
            "\n".join([f"## {words}\n\n{about.get(words, '')}\n\n| file | | lines |\n| --- | --- | ---: |", *rows])
        )
    return "\n\n".join(parts) + "\n"


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _first(path: Path) -> str:
    """What a file says of itself in its first line, as words for a cell of a table."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        said = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    else:
        said = re.sub(r"^// ?", "", text.partition("\n")[0]) if text.startswith("//") else ""
    return escape(said.lstrip("# ")).translate(PLAIN | {ord("|"): "&#124;"})


def _page(path: Path, address: str, book: Book) -> str:
    depth = "../" * address.count("/")
    ways = [f"[All sources]({depth}index.md)"]
    if path.stem in book.modules:
        ways.append(f"[what it proves](../{depth}derivations/{path.stem}.md)")
    if edit := book.edition.edit(address):
        ways.append(f"[edit it]({edit})")
    head = f"---\ntitle: {address}\nhide: [navigation, toc]\nsearch: {{exclude: true}}\n---\n# `{address}`"
    back = f'<p class="stamp" markdown="span">{" · ".join(ways)}</p>'
    return f"{head}\n\n{back}\n\n{listing(path)}\n"


def listing(path: Path) -> str:
    """A file with colours, and with an address for every line."""
    text = path.read_text(encoding="utf-8")
    coloured = highlight(text, LEXERS[path.suffix], HtmlFormatter(nowrap=True)).translate(PLAIN)
    rows = (f'<a id="L{n}" href="#L{n}" tabindex="-1">{n}</a>{line}' for n, line in enumerate(coloured.splitlines(), 1))
    body = "\n".join(rows)
    return f'<div class="highlight source"><pre tabindex="0" role="group" aria-label="{path.name}"><code>{body}</code></pre></div>'
