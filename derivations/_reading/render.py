r"""A derivation as a page of Markdown. Plain strings; nothing here knows what builds the site.

Every formula is printed from the object that was proved. A derivation is printed as its steps: a theorem that has a name
ends the walk and becomes a link; a chain becomes its lines; the rest is folded into the reason of the line that uses it.
"""

import ast
import html
import importlib
import inspect
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from sympy import Basic, Function, Lambda, Symbol, oo
from sympy.core.function import UndefinedFunction

from derivations._checks.checks import CHECKS
from derivations._kernel import Thm, on_space
from derivations._language import chapters
from derivations._language.notation import u
from derivations._language.verdicts import Citation, Counterexample, Theorem, Verdict
from derivations._language.words import CITED, SILENT, rule
from derivations._reading import citing, literature, trail
from derivations._reading.book import Book, Proof, Report, document_of
from derivations._reading.moved import anchors
from derivations._reading.outline import Line, Outline, Step
from derivations._reading.printed import latex, printed, value
from derivations._reading.symbols import Meaning, conditions, marked, positive, symbols
from derivations._values.sample import places, where
from derivations._values.worked import SIGNS

NOTATION = "../guide/conventions.md#notation"
MOST_PAPERS = 3  # under a statement; all of them stand among its facts
LONG_LIST = 3  # formulas among the words of what is asked for
AS = {"discrete": "sums", "continuous": "integrals"}
NAMES = {"numpy": "NumPy"}
MEANS = {  # what stands behind a badge
    "proved": "the prover arrives at this statement, and the independent checker accepts every inference",
    "refuted": "the claim fails at exact numbers, and the independent checker accepts every inference of the proof",
    "prover only": "the prover arrives at this statement; the independent checker does not accept it yet",
    "refused": "the prover does not arrive at this statement",
    "checker": "an independent program without computer algebra accepts every inference of the proof",
    "premises": "what the claim takes for granted holds where it fails, and the claim holds elsewhere",
    "content": "the theorem is no hypothesis rearranged",
    "quadrature": "both sides were integrated numerically from their definitions, and agree",
    "enclosure": "both sides were enclosed in intervals that certainly hold them, and the intervals agree",
    "numpy": "the function in NumPy agrees with the formula",
    "torch": "the function in torch agrees with the formula",
    "gradient": "the gradient of torch agrees with the derivative of the formula",
    "mutants": "the statement was damaged this many times, a sign or a factor; every damage was noticed",
}
BADGES = {"proved": "ok", "prover only": "cite", "refused": "no", "refuted": "no"}


# --- one page --------------------------------------------------------------------------------------------------------


def title(module: str) -> str:
    """The first line of the module's docstring."""
    return _prose(module)[0]


def page(module: str, book: Book, python: str = "", picture: str = "", megabytes: str = "") -> str:
    """The page of one derivation module: its headline first, then what it is about, then the proofs.

    `python` is the version of what a browser runs its proofs on, if it can, and `megabytes` what it loads for that;
    `picture` is a figure for the page.
    """
    heading, text = _prose(module)
    words = chapters.keywords(module)
    # A search for a formula finds its derivation before its mention, a search for a name what goes by it.
    top = f"---\nsearch:\n  boost: 4\ntags: {json.dumps(words, ensure_ascii=False)}\n---\n"
    also = f'<p class="keywords" data-search-exclude>Also: {html.escape(", ".join(words))}</p>' if words else ""
    first, *others = headline_first(module, book)
    about = "\n\n".join(part for part in (picture, text, also) if part)
    parts = [
        f"{top}# {heading}",
        _section(first, book, python, megabytes, about),
        *(_section(v, book, python, megabytes) for v in others),
        *anchors(module),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def headline_first(module: str, book: Book) -> list[Verdict]:
    """The verdicts of a page: the one that it names first, else the one that is called like it, else as they stand."""
    found = book.of(module)
    named = chapters.headline(module)
    if named and named not in {v.name for v in found}:
        raise ValueError(f"Headline: must name a verdict of {module}, and {named!r} is none")
    first = [v for v in found if v.name == (named or module)]
    return [*first, *(v for v in found if v not in first)]


def _prose(module: str) -> tuple[str, str]:
    first, _, rest = chapters.page(module).partition("\n")
    displays = re.sub(r"\s*(\$\$.+?\$\$)\s*", r"\n\n\1\n\n", rest, flags=re.DOTALL)
    return first.lstrip("# ").rstrip("."), displays.strip()


def _section(verdict: Verdict, book: Book, python: str, megabytes: str, about: str = "") -> str:
    heading = f"## {verdict.title} {{ #{verdict.name} }}"
    if isinstance(verdict, Citation):
        settles = f'<dt>Settles</dt>\n<dd markdown="span">{_places(verdict.claims, book)}</dd>'
        cited = f"Cited from: {verdict.source}"
        return "\n\n".join(part for part in (heading, verdict.says, cited, listing([settles]), about) if part)
    assert isinstance(verdict, Proof)
    if isinstance(verdict, Theorem):
        said, label = [_forms(verdict), _mistakes(verdict, book)], "Derivation"
    else:
        said, label = [_refutation(verdict)], "Why"
    call = book.reports[verdict.name]["call"]
    parts = [
        heading,
        block(verdict, book),
        _python(call) if call else "",
        *_origin(verdict),
        *said,
        about,
        _label(label),
        verdict.doc,
        _checker(verdict, book),
        _prover(verdict, book, python, megabytes),
        str(_Derivation(verdict, book)),
        _fold("The program that proves it", _python(_program(verdict, book))),
        _facts(verdict, book),
        _citation(verdict, book),
    ]
    return "\n\n".join(part for part in parts if part)


def _program(verdict: Proof, book: Book) -> str:
    """The source of a proof, after that of the functions it calls which no proof further up the page has shown."""
    above = takewhile(lambda v: v is not verdict, headline_first(verdict.module, book))
    shown = {f for v in above if isinstance(v, Proof) for f in v.helpers}
    return "\n\n".join([*(inspect.getsource(f) for f in verdict.helpers if f not in shown), verdict.source])


def _citation(verdict: Proof, book: Book) -> str:
    """The statement with its hypotheses as TeX and its entry as BibTeX, for readers and for assets/copy.js."""
    papers = map(citing.paper, literature.behind(verdict.module))
    texts = {"tex": citing.tex(verdict, book), "bibtex": "\n".join([citing.bibtex(verdict, book), *papers])}
    blocks = (f'<pre class="{kind}"><code>{html.escape(text)}</code></pre>' for kind, text in texts.items())
    return f'<details class="code cite" data-search-exclude><summary>Cite this {_word(verdict).lower()}</summary>{"".join(blocks)}</details>'


def _checker(verdict: Proof, book: Book) -> str:
    """Where assets/check.js puts the button that checks the proof's certificate."""
    return f'<div class="check" data-verdict="{verdict.name}"></div>' if verdict.name in book.places else ""


def _prover(verdict: Proof, book: Book, python: str, megabytes: str) -> str:
    """Where assets/prove.js puts the buttons that run the proof, and ball arithmetic where it has something to say."""
    balls = " data-balls" if book.reports[verdict.name]["enclosure"] == "passed" else ""
    where = f'data-module="{verdict.home}" data-verdict="{verdict.name}" data-version="{python}" data-megabytes="{megabytes}"'
    return f'<div class="prove" {where}{balls}></div>' if python else ""


def block(verdict: Proof, book: Book) -> str:
    """The statement, under it what its symbols are, and what it asks for: in words, and folded in symbols."""
    statement, known = printed(verdict).latex, symbols(verdict)
    badges = "".join(
        f'<span class="badge {kind}" title="{MEANS[means]}">{text}</span>'
        for text, kind, means in _badges(verdict, book)
    )
    proved = isinstance(verdict, Theorem)
    return div(
        f"verdict {'proved' if proved else 'refuted'}",
        f'<p class="bar" data-search-exclude markdown="span"><span class="kind">{_word(verdict)}</span>'
        f' [`{verdict.name}`](../derivations/{verdict.module}.md#{verdict.name}){{ .permalink title="Permanent link" }}'
        f' <span class="badges">{badges}</span></p>',
        div("statement", _display(marked(statement, known))),
        div("about", div("symbols", _label("Symbols"), _legend(known)), *_asked(verdict, book)),
    )


def _origin(verdict: Proof) -> Iterator[str]:
    """The papers that it goes back to, the earliest first."""
    if papers := literature.behind(verdict.module):
        shown = ", ".join(trail.paper(entry) for entry in papers[:MOST_PAPERS])
        more = f" and {len(papers) - MOST_PAPERS} more" if len(papers) > MOST_PAPERS else ""
        yield f'<p class="origin" data-search-exclude markdown="span">Goes back to {shown}{more}.</p>'


def _legend(known: Iterable[Meaning]) -> str:
    """The symbols with their words; assets/symbols.js ties each to its places in the formula."""
    rows = (
        f'<dt data-s="{k}" markdown="span">${s.tex}$</dt>\n<dd markdown="span">{s.words}'
        + (f" <small>{html.escape(s.where)}</small></dd>" if s.where else "</dd>")
        for k, s in enumerate(known)
    )
    return '<dl class="legend" data-search-exclude markdown="block">\n\n' + "\n\n".join(rows) + "\n\n</dl>"


def _asked(verdict: Proof, book: Book) -> Iterator[str]:
    """What has to hold: in words, and folded the same in symbols."""
    proved = isinstance(verdict, Theorem)
    tex = printed(verdict).given(tex=True)
    provisos = book.provisos.get(verdict.name, ()) if proved else ()  # of a refuted claim the book knows what its
    not_assumed = book.not_assumed.get(verdict.name, ()) if proved else ()  # negation takes for granted
    said = conditions(verdict, tex)
    said += [f"${one}$" for one in provisos[:LONG_LIST]]
    if len(provisos) > LONG_LIST:
        said[-LONG_LIST:] = ["every term of the formula exists"]
    said += positive(verdict)
    formal = [
        ("", [f"${one}$" for one in tex]),
        ("provided that", [f"${one}$" for one in provisos]),
        ("not assumed", [f"${one}$" for one in not_assumed]),
    ]
    folded = "\n\n".join(f"{_label(word) if word else ''}\n\n{_bullets(items)}" for word, items in formal if items)
    if not said and not folded:
        return
    count = len(tex) + len(provisos)
    summary = "1 hypothesis in symbols" if count == 1 else f"{count} hypotheses in symbols" if count else "not assumed"
    yield div(
        "asks",
        _label("Holds if" if proved else "Claimed where"),
        _bullets(said),
        *([_fold(summary, folded)] if folded else []),
    )


def _word(verdict: Proof) -> str:
    """What a verdict is: a definition and a step are proved like a theorem, and say less."""
    if isinstance(verdict, Counterexample):
        return "Misprint" if verdict.misprinted else "False"
    return verdict.kind.capitalize()


def _forms(theorem: Theorem) -> str:
    """A theorem about every measure space, read on the spaces that the documents use, where that prints otherwise."""
    general = printed(theorem).latex
    found = {name: latex(on_space(theorem.thm, u, form.over).prop) for name, form in theorem.forms.items()}
    return "\n\n".join(
        _fold(f"proved once for discrete and continuous variables; show it as {AS[name]}", _display(tex))
        for name, tex in found.items()
        if tex != general
    )


def _mistakes(theorem: Theorem, book: Book) -> str:
    """What is often said instead of the theorem, and is false."""
    false = [v for v in book.proofs if isinstance(v, Counterexample) and v.instead == theorem.name]
    said = _bullets(f"{_link(v.name, book)}: ${printed(v).latex}$" for v in false)
    return div("mistakes", _label("Common mistake, refuted"), said) if false else ""


def _badges(verdict: Proof, book: Book) -> list[tuple[str, str, str]]:
    """The words of each badge, how it looks, and where its meaning stands."""
    report = book.reports[verdict.name]
    word = book.status(verdict)
    badges = [(word, BADGES[word], word)]
    badges += [(NAMES.get(c, c), "", c) for c in CHECKS[1:] if report[c] == "passed"]
    if killed := report["mutants"]["killed"]:
        badges.append((f"{killed} mutants killed", "", "mutants"))
    return badges


# --- the derivation --------------------------------------------------------------------------------------------------


class _Derivation:
    """The steps of a proof, each line with its reason."""

    def __init__(self, verdict: Proof, book: Book) -> None:
        self.verdict, self.book = verdict, book
        self.outline = Outline(verdict.name, verdict.thm, book.name_of)

    def __str__(self) -> str:
        parts = [self._step(step) for step in self.outline.steps]
        if len(parts) == 1:
            return parts[0]
        labels = [f"Step {n}" for n in range(1, len(parts))] + ["Conclusion"]
        return "\n\n".join(f"{_label(label)}\n\n{part}" for label, part in zip(labels, parts, strict=True))

    def _step(self, step: Step) -> str:
        last = step is self.outline.steps[-1]
        claims = [line for line in step.lines if line.thm]
        codes = _line_codes(self.verdict) if last else []
        codes = codes if len(codes) == len(claims) else [""] * len(claims)
        start = [_item(line.id, _display(line.tex)) for line in step.lines if not line.thm]
        rest = [self._line(line, line.thm, step, code) for line, code in zip(claims, codes, strict=True)]
        part = _chain([*start, *rest])
        if step.met:
            facts = [f"${latex(fact.prop)}$: {self._reason(fact, step.number)}" for fact in step.met]
            conditions = "1 condition holds" if len(facts) == 1 else f"{len(facts)} conditions hold"
            part += f"\n\n{div('met', _fold(f'why the {conditions}', _bullets(facts)), id=step.met_id)}"
        return part

    def _line(self, line: Line, thm: Thm, step: Step, code: str) -> str:
        why = "\n\n".join(filter(None, [thm.why, self._reason(thm, step.number)]))
        parts = [_display(line.tex), div("why", why)]
        inherited = frozenset().union(*(p.hyps for p in thm.parents))
        if needs := sorted(latex(h, given=True) for h in thm.hyps - inherited):
            conditions = "1 condition" if len(needs) == 1 else f"{len(needs)} conditions"
            parts.append(_fold(f"needs {conditions}", _bullets(f"${h}$" for h in needs)))
        if inner := self._inner(thm, step.number):
            steps = "1 inner step" if len(inner) == 1 else f"{len(inner)} inner steps"
            parts.append(_fold(steps, _bullets(f"${tex}$: {why}" for tex, why in inner.items())))
        if code:
            parts.append(_fold("code", _python(code)))
        return _item(line.id, *parts, node=self.book.places.get(self.verdict.name, {}).get(id(thm)))

    def _reason(self, thm: Thm, step: int) -> str:
        """By which rules a line holds, and from what."""
        return self._said(self.outline.grounds(thm, step))

    def _inner(self, thm: Thm, step: int) -> dict[str, str]:
        """What a line is put together from, where its reason sums up several rules: each fact with its own reason."""
        made = [g for g in self.outline.grounds(thm, step) if isinstance(g, Thm) and g.rule not in SILENT]
        if len(made) < 2 or all(g.rule == "definition" for g in made):
            return {}
        facts = {latex(g.prop): self._said([g, *self._direct(g, step)]) for g in reversed(made)}
        return {tex: why for tex, why in facts.items() if tex != latex(thm.prop)}

    def _direct(self, thm: Thm, step: int) -> Iterator[str | int]:
        """The lemmas and steps that a rule is applied to itself."""
        for parent in thm.parents:
            first = next(self.outline.grounds(parent, step))
            if not isinstance(first, Thm):
                yield first
            elif first.rule in SILENT:
                yield from self._direct(first, step)

    def _said(self, grounds: Iterable[Thm | str | int]) -> str:
        rules: dict[str, None] = {}
        sources: dict[str, None] = {}
        for ground in grounds:
            match ground:
                case int():
                    sources[f"[step {ground}](#{self.outline.steps[ground - 1].lines[0].id})"] = None
                case str():
                    sources[_link(ground, self.book)] = None
                case _ if ground.rule not in SILENT:
                    words = rule(ground)
                    rules[f"[{words}]({NOTATION})" if ground.rule == "definition" else words] = None
        words = [f'<span class="rule">{"; ".join(rules)}</span>'] if rules else []
        if sources:
            words.append(f"by {', '.join(sources)}")
        return ", ".join(words) or '<span class="rule">by hypothesis</span>'


def _chain(lines: Iterable[str]) -> str:
    return '<ol class="chain" markdown="block">\n\n' + "\n\n".join(lines) + "\n\n</ol>"


def _item(name: str, *parts: str, node: int | None = None) -> str:
    """A line; `node` is the inference of the certificate that concludes it."""
    at = "" if node is None else f' data-node="{node}"'
    here = f'<a class="here" href="#{name}" title="Link to this line" aria-label="Link to line {name}"></a>'
    return f'<li id="{name}"{at} markdown="block">\n\n{here}\n\n' + "\n\n".join(parts) + "\n\n</li>"


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
    where = f"It fails at {at}, where" if (at := instance(example)) else "It fails, since"
    return f"{where}\n\n{_display(latex(example.negation))}"


def instance(example: Counterexample, at: Mapping | None = None) -> str:
    """The values at which a claim fails: a function by its formula, and over which of its values the claim sums."""
    parts, used = [], set[Basic]()
    for s, v in (example.at if at is None else at).items():
        if isinstance(s, UndefinedFunction):
            letter, _, slots = s.__name__.rstrip(")").partition("(")
            own = [Symbol(name) for name in re.split(r"[,|]", slots)]
            given = v.variables if isinstance(v, Lambda) else sorted(v.free_symbols, key=str)
            used |= set(given)
            if isinstance(v, Lambda) and len(given) == len(own):
                own, v = given, v.expr
            elif isinstance(v, Lambda) or not {str(g) for g in given} <= {str(o) for o in own}:
                s, own, v = Function(letter, real=True), given, getattr(v, "expr", v)
            s = s(*own)
        parts.append(f"${value(s, tex=True)} = {value(v, tex=True)}$")
    ranges = dict.fromkeys(r for r in where(example.statement) if r[0] in used and r[0].is_integer)
    if sums := [f"${latex(s)} = {_counted(a, b)}$" for s, a, b in ranges]:
        parts.append(f"sums over {', over '.join(sums)}")
    return "; ".join(parts)


def _counted(a: Basic, b: Basic) -> str:
    """The integers from a to b."""
    if b is oo:
        return rf"{latex(a)}, {latex(a + 1)}, \dots"
    return latex(a) if a == b else ", ".join([latex(a), *([] if b == a + 1 else [r"\dots"]), latex(b)])


# --- facts about a verdict -------------------------------------------------------------------------------------------


def _facts(verdict: Proof, book: Book) -> str:
    name, report = verdict.name, book.reports[verdict.name]
    facts = [
        ("True instead", _link(verdict.instead, book) if isinstance(verdict, Counterexample) else ""),
        ("Computed by", _function(verdict)),
        ("In numbers", "<br>".join(_numbers(verdict, report))),
        ("Checks", _checks(report)),
        ("Checked", checked(report)),
        ("Uses", ", ".join(_link(n, book) for n in book.uses[name])),
        ("Settles", _places(verdict.claims, book)),
        ("Literature", trail.papers(verdict.module)),
        ("Sources", trail.sources(verdict, book)),
    ]
    users = book.used_by[name]
    used_by = f"used by {len(users)} other{'s' * (len(users) > 1)}"
    folded = _fold(used_by, ", ".join(_link(n, book) for n in users)) if users else ""
    return (
        folded
        + "\n\n" * bool(folded)
        + listing(f'<dt>{term}</dt>\n<dd markdown="span">{text}</dd>' for term, text in facts if text)
    )


def checked(report: Report) -> str:
    """What the independent checker says of a proof."""
    if report["checker"] != "passed":
        return f"by the prover only: {report['checker'].removeprefix('failed: ')}"
    cites = ", ".join(CITED[fact] for fact in report["cites"])
    return f"{report['inferences']} inferences accepted; cites {cites or 'nothing'}"


def _function(verdict: Proof) -> str:
    function = getattr(verdict, "computes", None)
    if not function:
        return ""
    home = getattr(importlib.import_module("elbo_ref"), function).__module__
    return f"[`elbo_ref.{function}`][{home}.{function}]"  # on whatever page of the reference it stands


def _checks(report: Report) -> str:
    """What was found, by outcome: passed, then not applicable or not run with the reason, then the mutants."""
    outcomes: dict[str, list[str]] = {}
    for check in CHECKS:
        outcomes.setdefault(report[check], []).append(NAMES.get(check, check))
    parts = [f"{', '.join(names)}: {outcome}" for outcome, names in outcomes.items()]
    mutants = report["mutants"]
    if mutants["tried"]:
        again = "; ".join(f"`{said}`" for said in mutants["said_again"])
        again = f"; the kernel derives from the theorem: {again}" if again else ""
        parts.append(f"mutants: {mutants['killed']} of {mutants['tried']} killed{again}")
    return "<br>".join([*parts, f"time: {report['seconds']:.2f} s"])


def _numbers(verdict: Proof, report: Report) -> list[str]:
    """Both sides at points inside the hypotheses: certain to thirty digits, or else integrated in float64."""
    if report["worked"]:
        return [
            f"`{one['reads']}`, [{one['at']}]({trail.address(verdict.proof, verdict)})" for one in report["worked"][:2]
        ]
    said = verdict.statement if isinstance(verdict, Theorem) else verdict.negation
    rows = []
    for place in places(verdict):
        reading = place.read(said)
        if reading.left.size == reading.right.size == 1:
            left, right = (round(float(side), 12) + 0.0 for side in (reading.left, reading.right))  # -0.0 + 0.0 is 0.0
            rows.append(f"{left:.12g} {SIGNS[reading.relation]} {right:.12g}, {place.point}")
    return rows[:2]


def _places(claims: Iterable[str], book: Book) -> str:
    """The places in the documents, each with a link to every claim that is made there."""
    known = {c["id"]: c for c in book.claims}
    found: dict[str, list[str]] = {}
    for claim in (known[c] for c in claims):
        document = book.documents[document_of(claim)]
        link = f"[{claim['id']}](../claims/index.md#claim-{claim['id']})"
        title = f"[{document['title']}](../guide/bibliography.md#document-{document_of(claim)})"
        found.setdefault(f"{title}, {claim['section']}", []).append(link)
    return "<br>".join(f"{place}: {', '.join(links)}" for place, links in found.items())


# --- small pieces ----------------------------------------------------------------------------------------------------


def _link(name: str, book: Book) -> str:
    verdict = book.named[name]
    return f"[{verdict.title}]({verdict.module}.md#{name})"


def div(kind: str, *parts: str, id: str = "") -> str:
    name = f' id="{id}"' if id else ""
    return f'<div class="{kind}"{name} markdown="block">\n\n' + "\n\n".join(parts) + "\n\n</div>"


def _fold(summary: str, body: str) -> str:
    head = f'<details class="code" data-search-exclude markdown="block">\n<summary>{summary}</summary>'
    return f"{head}\n\n{body}\n\n</details>"


def _python(code: str) -> str:
    return f"```python\n{textwrap.dedent(code).strip()}\n```"


def _label(words: str) -> str:
    return f'<p class="label" data-search-exclude>{words}</p>'


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def listing(rows: Iterable[str], kind: str = "facts") -> str:
    return f'<dl class="{kind}" markdown="block">\n\n' + "\n\n".join(rows) + "\n\n</dl>"
