"""The ledger of claims with its filters, and the gallery of those that are refuted."""

from collections.abc import Iterable, Mapping
from html import escape

from sympy import Eq, oo

from derivations._language.verdicts import Counterexample, Definition, Misprint, Remark, Theorem, Verdict
from derivations._reading.book import Book, Claim, document_of
from derivations._reading.moved import anchors
from derivations._reading.printed import latex, printed
from derivations._reading.render import div, instance, title
from derivations._reading.standings import STANDINGS, Standing

BADGES = {
    "proved": "ok",
    "definition": "ok",
    "proved where its terms exist": "ok",
    "proved under a condition": "ok",
    "misprinted": "no",
    "refuted": "no",
    "cited": "cite",
    "not mathematics": "",
    "prover only": "cite",
    "open": "",
}


OFTEN = (  # what people get wrong most
    *("kl_is_symmetric", "elbo_ascent_raises_likelihood", "elbo_ascent_closes_gap", "log_evidence_is_at_most_zero"),
    *(
        "weighted_loss_is_the_negative_elbo",
        "point_mass_is_tight",
        "collapse_needs_a_heavy_weight",
        "rate_exceeds_information",
    ),
    *("pointwise_information_bound", "decoded_means_are_samples"),
)
MISPRINTS = "As printed these fail; what was meant is the theorem that is linked."
ROUNDING = 1e-12  # of float64 quadrature, where the proof says that two sides are equal


def badge(standing: str) -> str:
    return f'<span class="badge {BADGES[standing]}">{standing}</span>'


def totals(book: Book) -> str:
    """How many claims of each document are settled, and how."""
    rows = [
        f"| document | claims | {' | '.join(STANDINGS)} |",
        f"| --- | {' | '.join(['---:'] * (len(STANDINGS) + 1))} |",
    ]
    for key, document in book.documents.items():
        standings = [book.standing(c) for c in _of(key, book)]
        counts = " | ".join(str(standings.count(s)) for s in STANDINGS)
        rows.append(f"| [{document['title']}](#document-{key}) | {len(standings)} | {counts} |")
    return "\n".join(rows) + "\n"


def claims(book: Book) -> str:
    """Every claim with what settles it, in the order of the documents, under filters that a script brings to life."""
    parts = [_filters(book)]
    for key, document in book.documents.items():
        parts.append(f'<section class="document" data-document="{key}" markdown="block">')
        parts += [f"## {document['title']} {{ #document-{key} }}", document["about"]]
        section = None
        for claim in _of(key, book):
            if claim["section"] != section:
                section = claim["section"]
                parts.append(f'<p class="label section">{escape(section)}</p>')
            parts.append(_claim(claim, book))
        parts.append("</section>")
    return "\n\n".join(parts) + "\n"


def _of(key: str, book: Book) -> list[Claim]:
    return [c for c in book.claims if document_of(c) == key]


def _filters(book: Book) -> str:
    """Hidden until the script is there to work them."""
    standings = {book.standing(c) for c in book.claims}
    modules = {v.module: title(v.module) for found in book.settled.values() for _, v in found}
    choices = {
        "document": {key: document["title"] for key, document in book.documents.items()},
        "verdict": {s: s for s in STANDINGS if s in standings},
        "derivation": dict(sorted(modules.items(), key=lambda item: item[1].lower())),
    }
    selects = "".join(
        f'<label>{name} <select name="{name}"><option value="">all</option>{_options(offered)}</select></label>'
        for name, offered in choices.items()
    )
    return f'<form class="filters" hidden>{selects}<output aria-live="polite"></output></form>'


def _options(offered: Mapping[str, str]) -> str:
    return "".join(f'<option value="{key}">{escape(words)}</option>' for key, words in offered.items())


def _claim(claim: Claim, book: Book) -> str:
    found = book.settled[claim["id"]]
    how = book.how(claim)
    marks = "<br>".join([badge(how.word), *_left_out(how), *(_by(v, book) for _, v in found)])
    lines = f"line{'' if claim['lines'].isdigit() else 's'} {claim['lines']}"
    where = f'<p class="where"><code>{claim["id"]}</code> {lines}</p>'
    row = "\n\n".join([where, div("says", claim["says"]), div("marks", marks)])
    data = f'data-verdict="{book.standing(claim)}" data-derivation="{" ".join(v.module for _, v in found)}"'
    return f'<div class="claim" id="claim-{claim["id"]}" {data} markdown="block">\n\n{row}\n\n</div>'


def _left_out(how: Standing) -> list[str]:
    """What the document leaves out, in words; that terms exist is said by the badge and printed with the theorem."""
    words = [f"if {'; '.join(how.conditions)}"] if how.word == "proved under a condition" else []
    return words + ([f"holds for {how.half}"] if how.half else [])


def _by(verdict: Verdict, book: Book) -> str:
    if not isinstance(verdict, Remark):
        return _link(verdict)
    near = "Meant" if isinstance(verdict, Misprint) else "Ours" if isinstance(verdict, Definition) else "Nearest"
    nearest = f" {near}: {_link(book.named[verdict.nearest])}." if verdict.nearest else ""
    return f"{verdict.reason}{nearest}"


def _link(verdict: Verdict) -> str:
    return f"[{verdict.title}](../derivations/{verdict.module}.md#{verdict.name})"


# --- the gallery -----------------------------------------------------------------------------------------------------


def gallery(book: Book) -> str:
    """Every false claim with the numbers that refute it and the theorem that is true instead."""
    false = [v for module in book.modules for v in book.of(module) if isinstance(v, Counterexample)]
    known = {v.name: v for v in false}
    first = [known[name] for name in OFTEN]
    rest = [v for v in false if v.name not in OFTEN and not v.misprinted]
    slips = [v for v in false if v.misprinted]
    parts = ["Those that people get wrong most come first.", *(_refuted(v, book) for v in first)]
    parts += [*(_refuted(v, book) for v in rest), "## Misprints", MISPRINTS, *(_refuted(v, book) for v in slips)]
    return "\n\n".join([*parts, "## No longer here", "\n".join(f"- {row}" for row in anchors())]) + "\n"


def _refuted(false: Counterexample, book: Book) -> str:
    report, true = book.reports[false.name], book.named[false.instead]
    assert isinstance(true, Theorem)
    said = [c for c in book.claims if c["id"] in false.claims]
    parts = [
        f"## {false.title} {{ #{false.name} }}",
        f"{false.doc} [The whole refutation](../derivations/{false.module}.md#{false.name})",
        *([_said(said, book)] if said else []),
        f'<p class="label">Claimed</p>\n\n$$\n{printed(false).latex}\n$$',
        f"At {at}:" if (at := instance(false)) else "",
        _sides(false, report["claimed"]) or _infinite(false) or f"$$\n{latex(false.negation)}\n$$",
        *(_enclosed(false, one["reads"], bool(report["claimed"])) for one in report["worked"][:1]),
        f"It holds at {where}." if (where := instance(false, false.holds_at)) else "",
        f'<p class="label" markdown="span">True instead: {_link(true)}</p>\n\n$$\n{printed(true).latex}\n$$',
    ]
    return "\n\n".join(filter(None, parts))


def _said(said: Iterable[Claim], book: Book) -> str:
    """What the documents say, in our words, and where."""
    lines = (f"- {c['says']} ([{_place(c, book)}](index.md#claim-{c['id']}))" for c in said)
    return "\n".join(lines)


def _place(claim: Claim, book: Book) -> str:
    return f"{book.documents[document_of(claim)]['title']}, {claim['section']}"


def _enclosed(false: Counterexample, reads: str, drawn: bool) -> str:
    """Both sides of what is true at these numbers, each in an interval that certainly holds it."""
    fact = f"In fact\n\n$$\n{latex(false.negation)}\n$$\n\n" if drawn else ""
    return f"{fact}Both sides, enclosed with certainty: `{reads}`"


def _infinite(false: Counterexample) -> str:
    """What has no bar: one side is infinite. The claim may be that it is, and then the number that it has is shown."""
    if not isinstance(false.negation, Eq):
        return ""
    found = false.negation.rhs
    if found == oo:
        rows = [("claimed", 0, "finite"), ("in fact", 100, "∞")]
    elif isinstance(false.statement, Eq) and false.statement.rhs == oo:
        rows = [("claimed", 100, "∞"), ("in fact", 12, f"{float(found):.6g}")]
    else:
        return ""
    bars = "".join(
        f'<span>{name}</span><i{" class=endless" * (value == "∞")} style="width: {width}%"></i><b>{value}</b>'
        for name, width, value in rows
    )
    return f'$$\n{latex(false.negation)}\n$$\n\n<div class="sides">{bars}</div>'


def _sides(false: Counterexample, claimed: list[float]) -> str:
    """The two sides of the claim as bars from a common zero, in float64; they are equal only where that is proved."""
    if not claimed:
        return ""
    off = abs(claimed[0] - claimed[1])
    equal = isinstance(false.negation, Eq) and off <= ROUNDING * max(map(abs, claimed))
    left, right = (0.0 if abs(x) <= ROUNDING else x for x in claimed)
    low, high = min(0.0, left, right), max(0.0, left, right)
    width = (high - low) or 1.0
    rows = [
        f'<span>{name} side</span><i style="margin-left: {100 * (min(x, 0.0) - low) / width:.1f}%; '
        f'width: {100 * abs(x) / width:.1f}%"></i><b>{x:.6g}</b>'
        for name, x in (("left", left), ("right", left if equal else right))
    ]
    verdict = "the two sides are equal" if equal else f"they differ by {off:.6g}"
    return f'<div class="sides">{"".join(rows)}<small>{verdict}</small></div>'
