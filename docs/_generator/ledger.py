"""The ledger of claims with its filters, and the gallery of those that are refuted."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape

from sympy import Eq, oo

from derivations._language.verdicts import Counterexample, Definition, Misprint, Remark, Theorem, Verdict
from derivations._reading.book import Book, Claim, document_of
from derivations._reading.moved import anchors
from derivations._reading.printed import latex, printed
from derivations._reading.render import div, instance, listing, title
from derivations._reading.standings import STANDINGS, Standing
from derivations._reading.symbols import conditions
from docs._generator.origins import size

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


COSTLY = {  # what costs people most, and what is wrong with it
    "weighted_loss_is_the_negative_elbo": "The weight changes the objective. Reported as an ELBO the loss is wrong by "
    "(weight − 1) × KL, and with a weight below 1 it need not be a bound at all.",
    "gaussian_term_is_proportional": "A squared error leaves out the factor 1/(2 variance) and a constant. What is left is "
    "no log-likelihood, and it weighs the KL term by a number that nobody chose.",
    "log_variance_is_log_std_in_kl": "A network that puts out the log-variance is read as one that puts out the log of the "
    "standard deviation: the 2 in front belongs to the latter.",
    "draws_need_the_density_again": "Drawing from q already weighs every value by q. Multiplying by the density weighs it "
    "twice.",
    "log_sum_is_the_bound": "The average of K weights became their sum: the reported bound is log K nats too good.",
    "batch_inside_the_logarithm": "Each observation has its own logarithm. Weights multiplied over a batch are another "
    "number.",
    "log_evidence_is_at_most_zero": "A probability is at most one, a density is not. A positive log p(x), or a positive "
    "ELBO, of continuous data is no bug.",
    "elbo_ascent_raises_likelihood": "The ELBO is log p(x) less the gap. It also rises when the gap closes faster than "
    "the likelihood falls.",
    "kl_is_symmetric": "The average is taken over the first distribution only, so the order of the arguments matters.",
    "decoded_means_are_samples": "The noise of the decoder is left out: decoded means vary less than the model's samples.",
    "rate_exceeds_information": "The KL term also pays for an aggregate that differs from the prior. It bounds the "
    "information from above, and does not measure it.",
    "collapse_needs_a_heavy_weight": "With noise that explains the data, codes do not pay even at weight 1.",
    "point_mass_is_tight": "A point mass reaches one value of the code. The bound misses the log of the posterior mass "
    "of all others.",
}
MISPRINTS = "As printed these fail; what was meant is the theorem that is linked."
ROUNDING = 1e-12  # of float64 quadrature, where the proof says that two sides are equal


def badge(standing: str) -> str:
    return f'<span class="badge {BADGES[standing]}">{standing}</span>'


def totals(book: Book) -> str:
    """How many claims of each document are settled, and how; and of all, where what nothing settles is counted too."""
    rows, every = [], Counter({"open": 0})
    for key, document in book.documents.items():
        found = Counter(book.standing(claim) for claim in _of(key, book))
        rows.append(_counted(f"[{document['title']}](#document-{key})", found))
        every.update(found)
    return listing([*rows, _counted("All five", every)], "facts verdicts") + "\n"


def _counted(name: str, found: Counter[str]) -> str:
    counts = " · ".join(f"{standing} {found[standing]}" for standing in STANDINGS if standing in found)
    return f'<dt markdown="span">{name}</dt>\n<dd markdown="span">{found.total()} claims: {counts}</dd>'


def claims(book: Book) -> str:
    """Every claim with what settles it, in the order of the documents, under filters that a script brings to life."""
    parts = [_filters(book)]
    for key, document in book.documents.items():
        parts.append(f'<section class="document" data-document="{key}" markdown="block">')
        parts += [f"## {document['title']} {{ #document-{key} }}", f"{document['about']} {size(document)}."]
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
    """Every false claim: what is wrong with it, where it fails, and the theorem that is true instead."""
    false = [v for module in book.modules for v in book.of(module) if isinstance(v, Counterexample)]
    known = {v.name: v for v in false}
    rest = [v for v in false if v.name not in COSTLY and not v.misprinted]
    slips = [v for v in false if v.misprinted]
    parts = ["## What costs people most", *(_refuted(known[name], book) for name in COSTLY)]
    parts += ["## Also false", *(_refuted(v, book) for v in rest)]
    parts += ["## Misprints", MISPRINTS, *(_refuted(v, book) for v in slips)]
    parts += ["## No longer here", "\n".join(f"- {row}" for row in anchors())]
    return div("gallery", *parts) + "\n"


def _refuted(false: Counterexample, book: Book) -> str:
    true = book.named[false.instead]
    assert isinstance(true, Theorem)
    where = conditions(true, printed(true).given(tex=True))
    asks = f'<div class="asks" markdown="block">\n\nif {"; ".join(where)}\n\n</div>' if where else ""
    whole = f"[The whole refutation](../derivations/{false.module}.md#{false.name})"
    parts = [
        f"### {'Misprint' if false.misprinted else 'False'}: {false.title} {{ #{false.name} }}",
        f"{COSTLY[false.name]} *For example:* {_words(false)}" if false.name in COSTLY else _words(false),
        f'<div class="instead" markdown="block">\n\n**True instead:** {_link(true)}: ${printed(true).latex}$\n\n{asks}\n\n</div>',
        (
            f'<details class="code" data-search-exclude markdown="block">\n<summary>the claim, and where it fails</summary>\n\n'
            f"{_numbers(false, book)}\n\n{whole}\n\n</details>"
        ),
    ]
    return "\n\n".join(parts)


def _words(false: Counterexample) -> str:
    """The counterexample in words, with true signs for minus."""
    return re.sub(r"(?<=[\w)]) - (?=[\w(])", " − ", re.sub(r"(?<![\w$])-(?=\d|log)", "−", false.doc))


def _numbers(false: Counterexample, book: Book) -> str:
    """The claim as a formula, who makes it, both sides where it fails, and where it holds."""
    report = book.reports[false.name]
    said = [c for c in book.claims if c["id"] in false.claims]
    parts = [
        f"$$\n{printed(false).latex}\n$$",
        _said(said, book) if said else "",
        f"It fails at {at}." if (at := instance(false)) else "",
        _sides(false, report["claimed"]) or _infinite(false) or f"In fact\n\n$$\n{latex(false.negation)}\n$$",
        *(f"Both sides, enclosed with certainty: `{one['reads']}`" for one in report["worked"][:1]),
        f"It holds at {where}." if (where := instance(false, false.holds_at)) else "",
    ]
    return "\n\n".join(filter(None, parts))


def _said(said: Iterable[Claim], book: Book) -> str:
    """What the documents say, in our words, and where."""
    lines = (f"- {c['says']} ([{_place(c, book)}](index.md#claim-{c['id']}))" for c in said)
    return "\n".join(lines)


def _place(claim: Claim, book: Book) -> str:
    return f"{book.documents[document_of(claim)]['title']}, {claim['section']}"


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
