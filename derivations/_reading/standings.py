"""How a claim stands, computed from what its document states and from what its verdict needs.

definition                      the document says what a word or sign stands for, and so do we
proved                          the theorem needs nothing beyond what the document states
proved where its terms exist    beyond that, only that integrals or sums converge
proved under a condition        beyond that, a condition that the document leaves out
misprinted                      as printed it fails or cannot be read; what was meant is a theorem
refuted                         inside the document's premises there is a point where it fails
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from derivations._language.forms import EXISTS, forms
from derivations._language.hypotheses import COMMON, Part, asks_more, parts
from derivations._language.verdicts import Citation, Counterexample, Definition, Misprint, Remark, Theorem, Verdict

STANDINGS = (
    "proved",
    "definition",
    "proved where its terms exist",
    "proved under a condition",
    "misprinted",
    "refuted",
    "cited",
    "not mathematics",
    "prover only",
    "open",
)


TERMS = "its terms exist"  # of a theorem with a condition besides: its hypotheses name them


class Standing(NamedTuple):
    """A word, what the document leaves out, and in which half of the cases the claim holds, if in one only."""

    word: str
    conditions: tuple[str, ...] = ()
    half: str = ""


def standing(claim: str, premises: Sequence[str], verdict: Verdict) -> Standing:
    """What this verdict makes of a claim whose document states these premises."""
    match verdict:
        case Citation():
            return Standing("cited")
        case Misprint():
            return Standing("misprinted")
        case Definition():
            return Standing("definition", half=verdict.half)
        case Remark():
            return Standing("not mathematics")
        case Counterexample():
            return Standing("misprinted" if verdict.misprinted else "refuted", half=verdict.half)
        case Theorem():
            return _proved(claim, premises, verdict)


def together(found: Sequence[Standing]) -> Standing:
    """Several theorems that settle one claim between them: the least favourable word, all that is left out."""
    if not found:
        return Standing("open")
    worst = max(found, key=lambda how: STANDINGS.index(how.word))
    own = dict.fromkeys(c for how in found if how.word == worst.word for c in how.conditions if c != TERMS)
    exist = TERMS if any(how.word == "proved where its terms exist" or TERMS in how.conditions for how in found) else ""
    if exist and worst.word == "proved under a condition":
        own[exist] = None
    halves = dict.fromkeys(how.half for how in found if how.half)
    return Standing(worst.word, tuple(own), "; ".join(halves))


def _proved(claim: str, premises: Sequence[str], theorem: Theorem) -> Standing:
    left = [part for part in parts(theorem.given, theorem.words) if part.words not in premises]
    conditions = [part.words for part in left if part.kind == "condition" or _is_moment(part, theorem)]
    if idle := sorted(set(theorem.narrows.values()) & set(COMMON.values())):
        raise ValueError(f"narrows must be what the form fixes; not {idle[0]!r}, which says nothing of a form")
    narrows = [words for key, words in theorem.narrows.items() if key in ("", claim)]
    if not narrows and EXISTS not in premises:
        narrows = forms(theorem)
    conditions += [words for words in narrows if words not in premises]
    others = [part.words for part in left if part.kind in ("law", "definition")]
    terms = [part.words for part in left if part.kind == "finite"]
    if conditions or others:
        exist = [TERMS] if terms else []
        return Standing("proved under a condition", tuple(dict.fromkeys([*others, *conditions, *exist])), theorem.half)
    if terms:
        return Standing("proved where its terms exist", tuple(dict.fromkeys(terms)), theorem.half)
    return Standing("definition" if theorem.kind == "definition" else "proved", half=theorem.half)


def _is_moment(part: Part, theorem: Theorem) -> bool:
    """That a second moment is finite, say, where neither the statement nor another hypothesis speaks of it."""
    others = [h for h in (theorem.statement, *theorem.given) if h != part.prop]
    return part.kind == "finite" and asks_more(part.prop, others)
