r"""What each symbol of a verdict is, in words, and where it stands in the formula: `symbols.toml`, read for the pages."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sympy import Basic, Eq

from derivations._kernel import Dominated
from derivations._language.hypotheses import parts
from derivations._language.masses import functions_of, quantified
from derivations._language.printing import text
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.printed import printed

SOURCE = Path(__file__).parents[1] / "symbols.toml"
WHERE = {
    "a real number": "real",
    "a positive number": "> 0",
    "an integer": "an integer",
    "a positive integer": "a positive integer",
    "a real function": "real",
    "a positive function": "> 0",
    "a function whose values are integers": "an integer",
    "a function whose values are positive integers": "a positive integer",
    "a point of any measure space": "discrete or continuous",
    "a point of any set": "of any kind",
}
SIGNS = {  # how the heads print, and what a reader points at
    "KL": r"D_{\mathrm{KL}}", "ELBO": r"\mathcal{L}", "E": r"\mathbb{E}", "Entropy": "H", "CrossEntropy": "H",
    "Information": "I", "Normal": r"\mathcal{N}", "Bernoulli": r"\mathrm{Ber}",
}  # fmt: skip
LONG = 200  # letters of TeX in a condition that only the folded list shows
TOKEN = re.compile(r"\\(?:mathcal|mathbb|mathrm)\{[^{}]*\}|\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
WORDS = re.compile(r"\\text\{[^{}]*\}")


class Unexplained(LookupError):
    """A symbol that no reader is told the meaning of."""


@dataclass(frozen=True)
class Meaning:
    """A symbol as it prints, its meaning, and the domain that it lives in."""

    tex: str
    words: str
    where: str = ""


@cache
def _said() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(SOURCE.read_text(encoding="utf-8"))


def meaning(name: str, verdict: Theorem | Counterexample) -> str:
    """The words for a symbol, those of the verdict first, then those of its derivation, then those of the book."""
    for section in (verdict.name, verdict.module, "book"):
        if words := _said().get(section, {}).get(name):
            return words
    raise Unexplained(f"{verdict.module}: symbols.toml must say what {name!r} of {verdict.name} stands for")


def heads(verdict: Theorem | Counterexample) -> list[Meaning]:
    """The heads that the statement uses, such as a divergence."""
    used = printed(verdict).heads()
    return [Meaning(SIGNS[head], _said()["heads"][head]) for head in SIGNS if head in used]


@cache
def symbols(verdict: Theorem | Counterexample) -> list[Meaning]:
    """The heads that the statement uses, then its symbols and functions and those of the hypotheses."""
    shown = printed(verdict)
    found = heads(verdict)
    names = zip(shown.domains(), shown.domains(tex=True), strict=True)
    found += [Meaning(tex, meaning(name, verdict), WHERE.get(where, at)) for (name, where), (tex, at) in names]
    indices = zip(shown.indices(), shown.indices(tex=True), strict=True)
    return found + [Meaning(tex, meaning(name, verdict)) for name, tex in indices]


def marked(tex: str, found: Iterable[Meaning]) -> str:
    r"""The formula with each symbol in `\sy{place}{...}`, which the site makes something to point at."""
    ways = sorted(_ways(list(found)), key=lambda way: -len(way[0]))
    out, tokens, i = "", TOKEN.findall(WORDS.sub(lambda m: m[0].replace(" ", "\0"), tex)), 0
    while i < len(tokens):
        if tokens[i] == r"\text":
            end = tokens.index("}", i) + 1
            out, i = out + "".join(tokens[i:end]), end
            continue
        for way, k in ways:
            if tuple(tokens[i : i + len(way)]) == way:
                end = _with_its_power(tokens, i + len(way))
                out, i = rf"{out}\sy{{{k}}}{{{''.join(tokens[i:end])}}}", end
                break
        else:
            out, i = out + tokens[i], i + 1
    return out.replace("\0", " ")


def _with_its_power(tokens: list[str], i: int) -> int:
    """Where a symbol ends that ends at `i`, its exponent included: the two are set one over the other."""
    if tokens[i : i + 2] != ["^", "{"]:
        return i
    depth = 0
    for end, token in enumerate(tokens[i + 1 :], i + 2):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if not depth:
            return end
    return i


def _ways(found: list[Meaning]) -> Iterator[tuple[tuple[str, ...], int]]:
    """How each symbol may stand there: what is numbered by i also with the other indices."""
    indices = [s.tex for s in found if s.tex.isalpha()]
    for k, s in enumerate(found):
        for tex in {s.tex, *(re.sub(r"\b[a-z]\}$", f"{i}}}", s.tex) for i in indices)}:
            yield tuple(TOKEN.findall(tex)), k


def conditions(verdict: Theorem | Counterexample, tex: Sequence[str]) -> list[str]:
    """What a verdict asks for, in words where there are any; `tex` are its hypotheses as they print."""
    words = verdict.words if isinstance(verdict, Theorem) else {}
    found: dict[str, None] = {}
    finite = False
    known = list(zip(parts(verdict.given, words), tex, strict=True))
    shown = printed(verdict)
    applied = shown.applied(tex=True)
    laws = dict.fromkeys(applied[name] for part, _ in known if part.kind == "law" for name in _laws(part.prop))
    if laws:
        found[_together(laws, "has mass one", "have mass one each")] = None
    for part, formula in known:
        if part.kind == "finite":
            finite = True
        elif part.kind == "law":
            if not _laws(part.prop):
                found[f"${formula}$"] = None
        elif part.kind == "definition" or part.words == text(part.prop):
            found[f"${formula}$" if len(formula) <= LONG else "one more equation or inequality, below in symbols"] = (
                None
            )
        else:
            found[part.words + (" (*dominated*)" if part.prop.has(Dominated) else "")] = None
    if finite:
        found["the averages that occur are finite"] = None
    return list(found)


def positive(verdict: Theorem | Counterexample) -> list[str]:
    """The functions whose values are positive: a hypothesis that the notation makes."""
    found = [f for f, where in printed(verdict).domains(tex=True) if where == "a positive function"]
    return [_together(found, "is positive", "are positive")] if found else []


def _laws(mass: Basic) -> list[str]:
    """The functions that a hypothesis on a mass is about; none where it is about a family, or about numbers."""
    body, _ = quantified(mass)
    return sorted(f.__name__ for f in functions_of(body)) if isinstance(body, Eq) else []


def _together(formulas: Iterable[str], one: str, several: str) -> str:
    *others, last = (f"${f}$" for f in formulas)
    return f"{', '.join(others)} and {last} {several}" if others else f"{last} {one}"
