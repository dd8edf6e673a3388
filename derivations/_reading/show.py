"""A derivation as a person reads it, in plain text: statement, domains, hypotheses, and each line with its reason."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping

import sympy as sp

from derivations._checks.checker import NoVerdict, checked
from derivations._kernel import Thm, on_space
from derivations._language.certificate import CannotExport, certificate
from derivations._language.chapters import run_so_far
from derivations._language.notation import u
from derivations._language.verdicts import Citation, Counterexample, Remark, Theorem, Verdict
from derivations._language.words import CITED, SILENT, rule
from derivations._reading.book import Proof
from derivations._reading.printed import printed, text
from derivations._reading.printed import value as shown
from derivations._values.sample import places
from derivations._values.worked import worked

LATEX = {
    r"\\mathrm\{(\w+)\}": r"\1", r"\\mathbb\{(\w+)\}": r"\1", r"\\mathcal\{?\s*(\w+)\}?": r"\1",
    r"\\(log|sum|int|exp|infty|pi|mu|sigma|phi|theta|beta|lambda|varepsilon|ell)": r"\1", r"\\,|\\middle|\\left|\\right|\\!": "",
    r"\\mid|\\\|": "|", r"\\le\b": "≤", r"\\ge\b": "≥", r"\\to\b": "→", r"\\in\b": "∈", r"\\cdot": "·",
    r"_\{(\w+)\}": r"_\1", r"\^\{(\w+)\}": r"^\1", r"\$": "", r"\*\*": "", r"\[([^]]*)\]\([^)]*\)": r"\1",
}  # fmt: skip


FEW = 3  # inner facts that do not bury the line
HARD = "\N{NO-BREAK SPACE}"


def show(verdict: Verdict, width: int = 100, digits: int = 0) -> str:
    """Everything about one verdict; with `digits`, also both sides in numbers that are certain to so many."""
    match verdict:
        case Citation():
            parts = [f"{verdict.name}: {verdict.title}", "cited", _plain(verdict.says), f"source: {verdict.source}"]
            return "\n\n".join(_wrapped(part, width) for part in parts)
        case Remark():
            nearest = f"nearest theorem: {verdict.nearest}" if verdict.nearest else ""
            parts = [f"{verdict.name}: not mathematics", _plain(verdict.reason), nearest]
            return "\n\n".join(_wrapped(part, width) for part in parts if part)
    _ = verdict.thm  # runs this proof and those of its lemmas, which then have names
    return "\n\n".join(filter(None, _sections(verdict, width, digits)))


def _sections(verdict: Proof, width: int, digits: int) -> Iterator[str]:
    yield f"{verdict.name}: {verdict.title}\n{'=' * min(width, len(verdict.name) + 2 + len(verdict.title))}"
    if isinstance(verdict, Counterexample):
        at = ", ".join(_set(s, v) for s, v in verdict.at.items())
        yield _block("This claim is false", [printed(verdict).text], width, _formula)
        yield _block("since" + (f", at {at}" if at else ""), [text(verdict.negation)], width, _formula)
        yield f"True instead: {verdict.instead}"
    else:
        yield _block("Theorem", [printed(verdict).text], width, _formula)
    yield _block("for", _domains(verdict), width)
    yield _block("given", printed(verdict).given(), width, _formula)
    if isinstance(verdict, Theorem) and verdict.forms:
        forms = {name: on_space(verdict.thm, u, form.over).prop for name, form in verdict.forms.items()}
        yield _block("read on", [f"{name}: {text(prop)}" for name, prop in forms.items()], width, _formula)
    yield _block("Idea", [_plain(verdict.doc)], width)
    yield "Proof"
    yield from _proof(verdict, width)
    if digits:
        yield _block("In numbers", _numbers(verdict, digits), width)
    yield _block("Lemmas", sorted(_lemmas(verdict)), width)
    yield _block("Checked", [_checked(verdict)], width)


def _checked(verdict: Proof) -> str:
    """What the independent checker says, asked now."""
    try:
        said = checked(certificate([verdict])).theorems[verdict.name]
    except (CannotExport, NoVerdict) as why:
        return f"by the prover only: {why}"
    if not said["proved"]:
        return f"by the prover only; the checker refuses {said['why']}"
    cites = ", ".join(CITED[fact] for fact in said["cites"])
    return f"{said['inferences']} inferences accepted by the independent checker; cites {cites or 'nothing'}"


def _set(symbol: object, value: sp.Basic) -> str:
    """The value of a symbol in a counterexample; of a function, what it is at its arguments."""
    if isinstance(value, sp.Lambda):
        return f"{symbol} = {shown(value.expr)} for {', '.join(map(shown, value.variables))}"
    return f"{shown(symbol) if isinstance(symbol, sp.Basic) else symbol} = {shown(value)}"


def _domains(verdict: Proof) -> list[str]:
    """Where each free symbol lives; symbols that live in the same place share a line."""
    together: dict[str, list[str]] = {}
    for symbol, domain in printed(verdict).domains():
        together.setdefault(domain, []).append(symbol)
    return [f"{', '.join(symbols)}: {domain}" for domain, symbols in together.items()]


def _plain(markdown: str) -> str:
    """Docstrings hold a little LaTeX: say it in letters."""
    for pattern, word in LATEX.items():
        markdown = re.sub(pattern, word, markdown)
    return markdown.replace("`", "")


def _numbers(verdict: Proof, digits: int) -> Iterator[str]:
    for one in worked(verdict, places(verdict), digits):
        yield f"{one.place.point}:"
        yield from one.lines(digits) or [f"no enclosure, for it meets {one.why}"]


# --- the proof -------------------------------------------------------------------------------------------------------


def _key(thm: Thm) -> tuple[object, ...]:
    """The same for a theorem that was only given another reason in words."""
    return thm.prop, thm.hyps, thm.rule, tuple(map(id, thm.parents))


def _named() -> Mapping[tuple[object, ...], str]:
    """The theorems whose proofs have run so far: among them all that this proof leans on."""
    return {_key(vars(v)["thm"]): v.name for v in run_so_far() if "thm" in vars(v)}


def _lemmas(verdict: Proof) -> set[str]:
    names, found, walk = _named(), set[str](), list(verdict.thm.parents)
    while walk:
        thm = walk.pop()
        if _key(thm) in names:
            found.add(names[_key(thm)])
        else:
            walk += thm.parents
    return found


def _proof(verdict: Proof, width: int) -> Iterator[str]:
    """Each chain of equalities is a step; the steps come before what uses them, the last one is the theorem."""
    names, steps = _named(), dict[int, int]()
    shown: dict[tuple[sp.Basic, frozenset[sp.Basic]], int] = {}  # a proof may do a thing twice, a reader need not
    parts: list[str] = []

    def visit(thm: Thm, *, last: bool = False, link: bool = False) -> None:
        if id(thm) in steps or (_key(thm) in names and not last):
            return
        inner = thm
        while inner.rule == "discharge":
            for fact in inner.parents[1:]:
                visit(fact)
            inner = inner.parents[0]
        for parent in inner.parents:
            visit(parent, link=inner.rule == "chain")
        if last or (inner.rule == "chain" and len(inner.parents) > 1 and not link):
            if not last and (twin := shown.get((inner.prop, inner.hyps))):
                steps[id(thm)] = steps[id(inner)] = twin
                return
            parts.append(_step(inner, steps, names, width))
            steps[id(thm)] = steps[id(inner)] = shown[inner.prop, inner.hyps] = len(parts)

    visit(verdict.thm, last=True)
    for number, part in enumerate(parts, 1):
        label = "Conclusion" if number == len(parts) else f"Step {number}"
        yield part if len(parts) == 1 else f"  {label}\n\n{part}"


def _step(thm: Thm, steps: Mapping[int, int], names: Mapping[tuple[object, ...], str], width: int) -> str:
    if thm.rule != "chain":
        return _line("", text(thm.prop), _reason(thm, steps, names, _key(thm)), _inner(thm, steps, names), width)
    first = _formula(text(thm.parents[0].prop.lhs), width, "      ")
    rest = [first]
    for t in thm.parents:
        sign = "≥" if isinstance(t.prop, sp.Ge) else "="
        rest.append(_line(sign, text(t.prop.rhs), _reason(t, steps, names), _inner(t, steps, names), width))
    return "\n".join(rest)


def _line(sign: str, formula: str, reason: str, inner: Mapping[str, str], width: int) -> str:
    body = _formula(formula, width, "      ")
    if sign:
        body = f"    {sign} {body.lstrip()}"
    parts = [body, _wrapped(f"[{reason}]", width, " " * 10)]
    for fact, why in inner.items():
        parts += [_formula(f"· {fact}", width, " " * 12), _wrapped(f"[{why}]", width, " " * 16)]
    return "\n".join(parts)


def _inner(thm: Thm, steps: Mapping[int, int], names: Mapping[tuple[object, ...], str]) -> dict[str, str]:
    """The few facts that a line is put together from, each with its rule; a page of the site has them all, folded."""
    made: list[Thm] = []

    def walk(t: Thm) -> None:
        if t is thm or not (_key(t) in names or id(t) in steps):
            made.extend([t] if t.rule not in SILENT else [])
            for p in t.parents:
                walk(p)

    walk(thm)
    if len({t.rule for t in made}) < 2:
        return {}
    facts = {text(t.prop): rule(t) for t in reversed(made) if t.prop != thm.prop}
    return facts if len(facts) <= FEW else {}


def _reason(
    thm: Thm, steps: Mapping[int, int], names: Mapping[tuple[object, ...], str], whole: tuple[object, ...] | None = None
) -> str:
    """In words if the proof gives some, then by which rules, from what, and on what conditions."""
    rules: dict[str, None] = {}
    sources: dict[str, None] = {}

    def walk(t: Thm) -> None:
        if _key(t) in names and _key(t) != whole:
            sources[names[_key(t)]] = None
        elif t is not thm and id(t) in steps:
            sources[f"step {steps[id(t)]}"] = None
        else:
            if t.rule not in SILENT:
                rules[rule(t)] = None
            for p in t.parents:
                walk(p)

    walk(thm)
    inherited = frozenset().union(*(p.hyps for p in thm.parents))
    words = [thm.why] if thm.why else []
    words += ["; ".join(rules)] if rules else []
    words += [f"by {', '.join(sources)}"] if sources else []
    words += [f"if {'; '.join(sorted(map(_kept, needs)))}"] if (needs := thm.hyps - inherited) else []
    return "; ".join(words) or "by hypothesis"


def _kept(prop: sp.Basic) -> str:
    """A condition in words, where no line ends at the bar of a density."""
    return text(prop, given=True).replace(" | ", f"{HARD}|{HARD}").replace(" || ", f" ||{HARD}")


# --- layout ----------------------------------------------------------------------------------------------------------


def _wrapped(line: str, width: int, indent: str = "") -> str:
    return textwrap.fill(
        line,
        width,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    ).replace(HARD, " ")


def _formula(line: str, width: int, indent: str = "") -> str:
    """A formula that is too long breaks before a sign, within as few brackets as possible."""
    lines, rest = [], line
    while len(indent) + len(rest) > width:
        places = _places(rest, width - len(indent))
        if not places:
            break
        at = min(places, key=lambda i: (places[i], -i))
        lines.append(indent + rest[:at])
        rest = rest[at + 1 :]
        indent = indent if lines[1:] else indent + "  "
    return "\n".join([*lines, indent + rest])


def _places(line: str, room: int) -> dict[int, int]:
    """Where a line may end so that it fits and is no stub, and within how many brackets that is."""
    places, depth = {}, 0
    for i, letter in enumerate(line[: room + 1]):
        depth += (letter in "([{") - (letter in ")]}")
        if letter != " " or i < room // 4:
            continue
        if line[i - 1] in ",;" or line[i + 1] in "+-=≥≤<>≠" or line.startswith(("|| ", "for ", "is "), i + 1):
            places[i] = max(depth, 0)
    return places


def _block(label: str, lines: Iterable[str], width: int, fill: Callable[[str, int, str], str] = _wrapped) -> str:
    body = "\n".join(fill(line, width, "    ") for line in lines)
    return f"{label}\n{body}" if body else ""
