r"""A derivation as a page of Markdown. Plain strings; nothing here knows what builds the site.

Every formula is printed from the object that was proved. A derivation is printed as its steps: a theorem that has a name
ends the walk and becomes a link; a chain becomes its lines; the rest is folded into the reason of the line that uses it.
"""

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence

from sympy import GreaterThan

from derivations import Citation, Counterexample, Theorem
from derivations._book import Book, Claim, Proof, Report, document_of, status
from derivations._kernel import Thm, on_space
from derivations._notation import domains, latex, u
from derivations._sample import places
from derivations._worked import SIGNS

REASONS = {  # the kernel's names of its rules in words, where the name alone would not do
    "Gaussian tail": "a polynomial times a Gaussian is integrable",
    "almost all": "true wherever the step before is",
    "antiderivative": "an antiderivative, checked by differentiating it",
    "carry": "put equals for equals",
    "constant sum": "every term of the sum is the same",
    "definition": "by definition",
    "divergence": "terms that stay away from zero add up to infinity",
    "evaluate": "evaluated to fifty digits",
    "finite integral": "an integral with a finite value converges",
    "instantiate": "for these densities",
    "leibniz": "differentiate under the integral",
    "log of a product": "the logarithm of a product",
    "monotone": "integrals keep inequalities",
    "on the space": "on this space",
    "rename": "rename the bound variable",
    "sign": "the signs of its parts",
    "substitute": "for these values",
    "swap": "exchange the order (Fubini, Tonelli)",
    "sympy integrate": "integrated by SymPy",
    "term of a sum": "drop the other terms, none negative",
    "unequal": "equal to two different numbers",
    "write out": "write the sum out",
    "zero integral": "a non-negative function with integral zero",
}
SILENT = {"chain", "discharge", "rewrite", "read backwards", "hypothesis", "for all", "each"}  # no reason of their own
CHECKS = ("proof", "quadrature", "enclosure", "numpy", "torch", "gradient")
NAMES = {"numpy": "NumPy"}
BADGES = {"proved": "ok", "proved from a citation": "cite", "refuted": "no"}


# --- one page --------------------------------------------------------------------------------------------------------


def title(module: str) -> str:
    """The first line of the module's docstring."""
    return _prose(module)[0]


def page(module: str, book: Book) -> str:
    """The page of one derivation module."""
    heading, text = _prose(module)
    first = "---\nsearch:\n  boost: 4\n---\n"  # a search for a formula finds its derivation before its mention
    return "\n\n".join([f"{first}# {heading}", text, *(_section(v, book) for v in book.of(module))]) + "\n"


def _prose(module: str) -> tuple[str, str]:
    doc = inspect.cleandoc(importlib.import_module(f"derivations.{module}").__doc__ or module)
    first, _, rest = doc.partition("\n")
    displays = re.sub(r"\s*(\$\$.+?\$\$)\s*", r"\n\n\1\n\n", rest, flags=re.DOTALL)
    return first.lstrip("# ").rstrip("."), displays.strip()


def _section(verdict: Proof | Citation, book: Book) -> str:
    heading = f"## {verdict.title} {{ #{verdict.name} }}"
    if isinstance(verdict, Citation):
        settles = f'<dt>Settles</dt>\n<dd markdown="span">{_places(verdict.claims, book)}</dd>'
        return "\n\n".join([heading, verdict.says, f"Cited from: {verdict.source}", listing([settles])])
    if isinstance(verdict, Theorem):
        parts = [_forms(verdict), _label("Derivation"), verdict.doc]
    else:
        parts = [_refutation(verdict), _label("Why"), verdict.doc]
    program = _fold("The program that proves it", _python(verdict.source))
    parts = [heading, block(verdict, book), *parts, str(_Derivation(verdict, book)), program, _facts(verdict, book)]
    return "\n\n".join(part for part in parts if part)


def block(verdict: Proof, book: Book) -> str:
    """The statement with its hypotheses beside it."""
    proved = isinstance(verdict, Theorem)
    side = [f"{_label('for')}\n\n{_bullets(_domains(verdict))}"]
    if verdict.given:
        side.append(f"{_label('given')}\n\n{_bullets(f'${latex(h)}$' for h in verdict.given)}")
    badges = "".join(f'<span class="badge {kind}">{text}</span>' for text, kind in _badges(verdict, book))
    return div(
        f"verdict {'proved' if proved else 'refuted'}",
        f'<p class="bar"><span class="kind">{"Theorem" if proved else "False"}</span> <code>{verdict.name}</code>'
        f' <span class="badges">{badges}</span></p>',
        div("body", div("statement", _display(latex(verdict.statement))), div("side", *side)),
    )


def _domains(verdict: Proof) -> list[str]:
    """Symbols that live in the same place share a line."""
    pairs = dict(domains(verdict.statement, *verdict.given))
    if getattr(verdict, "forms", None):
        pairs.setdefault(latex(u), "a point of any measure space")
    together: dict[str, list[str]] = {}
    for symbol, domain in pairs.items():
        together.setdefault(domain, []).append(f"${symbol}$")
    return [f"{', '.join(s)}: {'each ' if s[1:] else ''}{domain}" for domain, s in together.items()]


def _forms(theorem: Theorem) -> str:
    """A theorem about every measure space, read on the spaces that the documents use."""
    readings = (
        f'<dt>{name}</dt>\n<dd markdown="block">\n\n{_display(latex(on_space(theorem.thm, u, form.over).prop))}\n\n</dd>'
        for name, form in theorem.forms.items()
    )
    return listing(readings) if theorem.forms else ""


def _badges(verdict: Proof, book: Book) -> list[tuple[str, str]]:
    report = book.reports[verdict.name]
    word = status(verdict)
    badges = [(word, BADGES[word])]
    badges += [(NAMES.get(c, c), "") for c in CHECKS[1:] if report[c] == "passed"]
    if killed := report["mutants"]["killed"]:
        badges.append((f"{killed} mutants killed", ""))
    return badges


# --- the derivation --------------------------------------------------------------------------------------------------


class _Derivation:
    """A proof as numbered steps, each after those it needs; the last one is what was to be shown."""

    def __init__(self, verdict: Proof, book: Book) -> None:
        self.verdict, self.book = verdict, book
        self.numbers: dict[int, int] = {}
        self.parts: list[str] = []
        self._visit(verdict.thm, last=True)

    def __str__(self) -> str:
        if len(self.parts) == 1:
            return self.parts[0]
        labels = [f"Step {n}" for n in range(1, len(self.parts))] + ["Conclusion"]
        return "\n\n".join(f"{_label(label)}\n\n{part}" for label, part in zip(labels, self.parts, strict=True))

    def _visit(self, thm: Thm, *, last: bool = False, link: bool = False) -> None:
        if id(thm) in self.numbers or (self._name_of(thm) and not last):
            return
        thm, facts = _conditions(thm)
        for parent in (*thm.parents, *facts):
            self._visit(parent, link=thm.rule == "chain")
        if last or (len(thm.parents) > 1 and thm.rule == "chain" and not link):
            self.parts.append(self._step(thm, _line_codes(self.verdict) if last else []))
            self.numbers[id(thm)] = len(self.parts)
        if facts and id(thm) in self.numbers:
            met = "; ".join(dict.fromkeys(map(self._reason, facts)))
            self.parts[-1] += f"\n\n{div('met', f'What the lines above need holds: {met}.')}"

    def _name_of(self, thm: Thm) -> str | None:
        name = self.book.name_of(thm)
        return name if name != self.verdict.name else None

    def _step(self, thm: Thm, codes: Sequence[str]) -> str:
        if thm.rule != "chain":
            return _chain([self._line(latex(thm.prop), thm)])
        links = thm.parents
        if len(codes) != len(links):
            codes = [""] * len(links)
        lines = [_item(_display(latex(links[0].prop.lhs)))]
        for link, code in zip(links, codes, strict=True):
            sign = r"\ge" if isinstance(link.prop, GreaterThan) else "="
            lines.append(self._line(f"{sign} {latex(link.prop.rhs)}", link, code))
        return _chain(lines)

    def _line(self, tex: str, thm: Thm, code: str = "") -> str:
        why = "\n\n".join(filter(None, [thm.why, self._reason(thm)]))
        parts = [_display(tex), div("why", why)]
        inherited = frozenset().union(*(p.hyps for p in thm.parents))
        if needs := sorted(map(latex, thm.hyps - inherited)):
            conditions = "1 condition" if len(needs) == 1 else f"{len(needs)} conditions"
            parts.append(_fold(f"needs {conditions}", _bullets(f"${h}$" for h in needs)))
        if code:
            parts.append(_fold("code", _python(code)))
        return _item(*parts)

    def _reason(self, thm: Thm) -> str:
        """By which rules a line holds, and from what."""
        rules: dict[str, None] = {}
        sources: dict[str, None] = {}

        def walk(t: Thm) -> None:
            if id(t) in self.numbers:
                sources[f"step {self.numbers[id(t)]}"] = None
            elif name := self._name_of(t):
                sources[_link(name, self.book)] = None
            else:
                if t.rule not in SILENT:
                    rules[REASONS.get(t.rule, t.rule)] = None
                for p in t.parents:
                    walk(p)

        walk(thm)
        words = [f'<span class="rule">{"; ".join(rules)}</span>'] if rules else []
        if sources:
            words.append(f"by {', '.join(sources)}")
        return ", ".join(words) or '<span class="rule">by hypothesis</span>'


def _conditions(thm: Thm) -> tuple[Thm, list[Thm]]:
    """A theorem without the last discharges, and the facts that met its hypotheses."""
    facts: list[Thm] = []
    while thm.rule == "discharge":
        thm, *met = thm.parents
        facts += met
    return thm, facts


def _chain(lines: Iterable[str]) -> str:
    return '<ol class="chain" markdown="block">\n\n' + "\n\n".join(lines) + "\n\n</ol>"


def _item(*parts: str) -> str:
    return '<li markdown="block">\n\n' + "\n\n".join(parts) + "\n\n</li>"


def _display(tex: str) -> str:
    return f"$$\n{tex}\n$$"


def _line_codes(verdict: Proof) -> list[str]:
    """The source of each line, when the proof ends in `return calc(start, line, ...)` or `return chain(line, ...)`."""
    source = textwrap.dedent(verdict.source)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Return(value=ast.Call(func=ast.Name(id="calc" | "chain" as name), args=args)):
                lines = args[1:] if name == "calc" else args
                steps = [a.elts[1] if isinstance(a, ast.Tuple) else a for a in lines]
                return [ast.get_source_segment(source, step, padded=True) or "" for step in steps]
    return []


def _refutation(example: Counterexample) -> str:
    values = "; ".join(f"${latex(s)} = {latex(v)}$" for s, v in example.at.items())
    where = f"It fails at {values}, where" if values else "It fails, since"
    return f"{where}\n\n{_display(latex(example.negation))}"


# --- facts about a verdict -------------------------------------------------------------------------------------------


def _facts(verdict: Proof, book: Book) -> str:
    name, report = verdict.name, book.reports[verdict.name]
    facts = [
        ("True instead", _link(verdict.instead, book) if isinstance(verdict, Counterexample) else ""),
        ("Computed by", _function(verdict)),
        ("In numbers", "<br>".join(_numbers(verdict, report))),
        ("Checks", _checks(report)),
        ("Trusts", ", ".join(sorted(verdict.thm.trusts)) or "the kernel alone"),
        ("Uses", ", ".join(_link(n, book) for n in book.uses[name])),
        ("Used by", ", ".join(_link(n, book) for n in book.used_by[name])),
        ("Settles", _places(verdict.claims, book)),
        ("Amends", _places(getattr(verdict, "amends", ()), book)),
    ]
    return listing(f'<dt>{term}</dt>\n<dd markdown="span">{text}</dd>' for term, text in facts if text)


def _function(verdict: Proof) -> str:
    function = getattr(verdict, "computes", None)
    if not function:
        return ""
    home = getattr(importlib.import_module("elbo_ref"), function).__module__
    return f"[`elbo_ref.{function}`](../reference/{home.rpartition('.')[2]}.md#{home}.{function})"


def _checks(report: Report) -> str:
    """What was found, by outcome: passed, then not applicable or not run with the reason, then the mutants."""
    outcomes: dict[str, list[str]] = {}
    for check in CHECKS:
        outcomes.setdefault(report[check], []).append(NAMES.get(check, check))
    parts = [f"{', '.join(names)}: {outcome}" for outcome, names in outcomes.items()]
    mutants = report["mutants"]
    if mutants["tried"]:
        equivalent = f", {mutants['equivalent']} equivalent" if mutants["equivalent"] else ""
        parts.append(f"mutants: {mutants['killed']} of {mutants['tried']} killed{equivalent}")
    return "<br>".join([*parts, f"time: {report['seconds']:.2f} s"])


def _numbers(verdict: Proof, report: Report) -> list[str]:
    """Both sides at points inside the hypotheses: certain to thirty digits, or else integrated in float64."""
    if report["worked"]:
        return [line.replace("+/-", "±") for line in report["worked"][:2]]
    said = verdict.statement if isinstance(verdict, Theorem) else verdict.negation
    rows = []
    for place in places(verdict):
        reading = place.read(said)
        if reading.left.size == reading.right.size == 1:
            left, right = (round(float(side), 12) + 0.0 for side in (reading.left, reading.right))  # -0.0 + 0.0 is 0.0
            rows.append(f"{left:.12g} {SIGNS[reading.relation]} {right:.12g}, {place.point}")
    return rows[:2]


def _places(claims: Iterable[str], book: Book) -> str:
    """The places in the documents, each linked to its first claim in the ledger."""
    known = {c["id"]: c for c in book.claims}
    found: dict[str, str] = {}
    for claim in (known[c] for c in claims):
        document = book.documents[document_of(claim)]
        address = f"../claims/{ledger_page(document)}#claim-{claim['id']}"
        found.setdefault(f"{document['title']}, {claim['section']}", address)
    return "<br>".join(f"[{place}]({address})" for place, address in found.items())


def ledger_page(document: Claim) -> str:
    """The name of the page that lists the claims of a document."""
    return "-".join(re.findall(r"[a-z0-9]+", document["title"].lower())) + ".md"


# --- small pieces ----------------------------------------------------------------------------------------------------


def _link(name: str, book: Book) -> str:
    verdict = book.named[name]
    return f"[{verdict.title}]({verdict.module}.md#{name})"


def div(kind: str, *parts: str) -> str:
    return f'<div class="{kind}" markdown="block">\n\n' + "\n\n".join(parts) + "\n\n</div>"


def _fold(summary: str, body: str) -> str:
    return f'<details class="code" markdown="block">\n<summary>{summary}</summary>\n\n{body}\n\n</details>'


def _python(code: str) -> str:
    return f"```python\n{textwrap.dedent(code).strip()}\n```"


def _label(words: str) -> str:
    return f'<p class="label">{words}</p>'


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def listing(rows: Iterable[str]) -> str:
    return '<dl class="facts" markdown="block">\n\n' + "\n\n".join(rows) + "\n\n</dl>"
