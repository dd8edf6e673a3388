"""Where a reader can go from a verdict: the sources of its proof and of the rules that accept it, the papers behind it."""

import inspect
from collections.abc import Callable

from derivations._reading import literature
from derivations._reading.book import Book, Proof

SOURCE = "../source"  # the sources on the site, from a page one folder below its root
BIBLIOGRAPHY = "../guide/bibliography.md"


def file(verdict: Proof) -> str:
    """The file of a proof, from the root of the repository."""
    return f"derivations/{verdict.home.replace('.', '/')}.py"


def paper(entry: literature.Entry) -> str:
    """Its authors and its year, with the way to its entry."""
    return f"[{entry.short}]({BIBLIOGRAPHY}#{entry.key})"


def papers(module: str) -> str:
    """The papers that a derivation goes back to."""
    links = [paper(entry) for entry in literature.behind(module)]
    return "; ".join(links) or f"no paper is named for it in the [bibliography]({BIBLIOGRAPHY})"


def sources(verdict: Proof, book: Book) -> str:
    """The proof's source, the rules by which the checker accepts it, and where to go with an error."""
    lines, first = inspect.getsourcelines(verdict.proof)
    said = [f"[the proof's source, lines {first} to {first + len(lines) - 1}]({address(verdict.proof, verdict)})"]
    if verdict.helpers:
        calls = (f"[`{f.__name__}`]({address(f, verdict)})" for f in verdict.helpers)
        said[0] += f", which calls {', '.join(calls)}"
    if rules := book.rules.get(verdict.name):
        links = ", ".join(f"[`{rule}`]({SOURCE}/{at})" for rule, at in rules.items())
        said.append(f"the checker's rules that accept it, of [all its rules](../guide/rules.md): {links}")
    if report := book.edition.report(verdict.name, f"derivations/{verdict.module}/"):
        said.append(f"[report an error on this {'theorem' if verdict.name in book.rules else 'verdict'}]({report})")
    return "<br>".join(said)


def address(f: Callable[..., object], verdict: Proof) -> str:
    """Where a function of the proof's file begins."""
    return f"{SOURCE}/{file(verdict)}.md#L{inspect.getsourcelines(f)[1]}"
