"""Does a theorem say anything? Checks against statements that are empty, however well they are proved.

    restated    the proof only unfolds notation and does algebra: a definition; or only rearranges one hypothesis: a step
    unused      a hypothesis that the proof never uses
    trivial     hypotheses under which both sides are zero wherever they were looked at
    overtitled  a title that promises a limit, or infinity, where the statement has none

An author says of a definition and of a step what it is (`kind`); neither is counted as a theorem.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import sympy as sp
from sympy.core.relational import Relational

from derivations._kernel import ForAll, Thm, mapped
from derivations._language.hypotheses import parts
from derivations._language.verdicts import Theorem
from derivations._values.interpret import CannotConclude, Outside
from derivations._values.numeric import Place

UNFOLDS = {
    *("hypothesis", "chain", "rewrite", "definition", "algebra", "carry", "read backwards", "discharge", "each"),
    *("for all", "rename"),
}
REARRANGES = UNFOLDS | {"rearrange", "substitute", "instantiate", "on the space", "finite integral"}
ONCE = {"monotone", "term by term"}
LIMITS = re.compile(r"\b(infinit\w*|unbounded|without limit|without end|in the limit|converges to|tends to)\b")


def grade(thm: Thm) -> str:
    """What a proof amounts to: a definition, a step, or a theorem."""
    rules: Counter[str] = Counter()
    assumed: set[sp.Basic] = set()
    seen: set[int] = set()
    walk = [thm]
    while walk:
        one = walk.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        rules[one.rule] += 1
        if one.rule == "hypothesis":
            assumed.add(one.prop)
        walk += one.parents
    if set(rules) <= UNFOLDS:
        return "step" if assumed else "definition"
    rest = {rule: count for rule, count in rules.items() if rule not in REARRANGES}
    once = sum(rest.values()) <= 1 and set(rest) <= ONCE
    return "step" if once and len(assumed) <= 1 else "theorem"


def empty(verdict: Theorem, places: Iterable[Place]) -> Iterator[str]:
    """What is empty about a theorem, in words."""
    found = grade(verdict.thm)
    allowed = {"definition": ("definition", "step"), "step": ("step",)}.get(found, ("theorem",))
    if verdict.kind not in allowed:
        yield f"its proof makes it a {found}, and it is called a {verdict.kind}"
    used = verdict.thm.hyps
    for h in verdict.given:
        if mapped(h, lambda e: e) not in used:
            yield f"the proof never uses {h}"
    if trivial(verdict, places):
        yield "both sides are 0 wherever the hypotheses hold"
    if said := overtitled(verdict):
        yield f"the title says {said!r}, and the statement does not"


def trivial(verdict: Theorem, places: Iterable[Place]) -> bool:
    """Both sides vanish at every point inside hypotheses of which one is a condition."""
    if all(part.kind != "condition" for part in parts(verdict.given, verdict.words)):
        return False
    body = verdict.statement
    while isinstance(body, ForAll):
        body = body.args[0]
    if not isinstance(body, Relational) or 0 in body.args:
        return False
    looked = False
    for place in places:
        try:
            reading = place.read(verdict.statement)
        except (CannotConclude, Outside):
            continue
        looked = True
        if abs(reading.left).max() > 1e-12 or abs(reading.right).max() > 1e-12:
            return False
    return looked


def overtitled(verdict: Theorem) -> str:
    """The word of a title that promises a limit where the statement has none."""
    said = LIMITS.search(verdict.title.lower())
    return said[0] if said and not verdict.statement.has(sp.oo) else ""
