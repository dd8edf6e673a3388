"""One proof run again before the reader's eyes, line by line, and broken on request.

A line is accepted when the proof, run here and now, has a theorem for exactly the formula that the page shows. To
break a line is to turn a sign in it: then the kernel is asked for this line from what proves it, for the next from the changed
line, and, where the line ends a step, for what the step is cited for. The lines that it refuses are the broken ones.
Nothing here is trusted, and nothing here needs more than SymPy and mpmath.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from derivations._kernel import BINDERS, ProofError, Thm, assume, rearrange
from derivations._language.verdicts import Counterexample, Theorem
from derivations._reading.outline import Line, Outline, Step
from derivations._reading.printed import latex, text
from derivations._values.interpret import CannotConclude, Outside, Point
from derivations._values.quadrature import read
from derivations._values.sample import candidates, where

Say = Callable[[Mapping[str, Any]], object]
DIGITS = 15  # of a number that is shown
MOST_ROWS = 2  # readings by numbers
# Every theorem proved so far, also one whose proof has run again since: another proof may still stand on it.
_NAMED: dict[tuple[Any, ...], tuple[str, Thm]] = {}


def verdict_of(module: str, name: str) -> Theorem | Counterexample:
    """A verdict by its name and its home; a browser has no folders in which to look for it."""
    return getattr(importlib.import_module(f"derivations.{module}"), name)


def prove(module: str, name: str, page: Mapping[str, str], say: Say) -> dict[str, Any]:
    """Run the proof from the start; say of each line of the page whether it was proved as it stands there."""
    verdict = verdict_of(module, name)
    vars(verdict).pop("thm", None)  # a theorem from an earlier run would prove nothing now
    began = time.perf_counter()
    found = outline(verdict)
    seconds = time.perf_counter() - began
    proved = {line.id: line for step in found.steps for line in step.lines}
    for line in proved.values():
        shown = page.get(line.id)
        if line.thm or shown != line.tex:  # a chain's first expression claims nothing
            say({"id": line.id, "accepted": shown == line.tex, "breaks": broken(line) is not None})
    for missing in page.keys() - proved.keys():
        say({"id": missing, "accepted": False, "breaks": False})
    return {
        "lines": sum(line.thm is not None for line in proved.values()),
        "inferences": len(_all(verdict.thm)),
        "seconds": seconds,
    }


def refuse(module: str, name: str, line_id: str) -> dict[str, Any]:
    """Turn a sign in one line: the line as it now reads, and the kernel's answer for every line that it refuses."""
    found = outline(verdict_of(module, name))
    lines = {line.id: (step, line) for step in found.steps for line in step.lines}
    step, line = lines.get(line_id, (None, None))
    damaged = broken(line) if line else None
    if damaged is None:
        raise ValueError(f"line_id: must be a line with a sign to turn, but it is {line_id!r}")
    refused: dict[str, dict[str, str]] = {}
    for asked, words, question in _questions(found, step, line, damaged):
        try:
            question()
        except ProofError as answer:
            refused[asked] = {"words": words, "answer": str(answer)}
    tex = f"{line.tex.partition(' ')[0]} {latex(damaged.rhs)}" if step.thm.rule == "chain" else latex(damaged)
    return {"id": line_id, "tex": tex, "text": text(damaged), "refused": refused, "rests": list(_resting(found, line))}


def _resting(whole: Outline, broken_line: Line) -> Iterator[str]:
    """Where the page shows what rests on a line: every later line, and every condition that is met, with it among its grounds."""
    places = [(one.id, one.thm) for step in whole.steps for one in step.lines if one.thm]
    places += [(step.met_id, thm) for step in whole.steps for thm in step.met]
    shaken = (p for p, thm in places if thm is not broken_line.thm and id(broken_line.thm) in _all(thm))
    yield from dict.fromkeys(shaken)


def numbers(module: str, name: str, say: Say) -> None:
    """Both sides at the theorem's examples: by mpmath, then, where python-flint is at hand, in ball arithmetic."""
    verdict = verdict_of(module, name)
    prop = verdict.statement if isinstance(verdict, Theorem) else verdict.negation
    rows = 0
    for point in examples(verdict):
        try:
            reading = read(prop, point)
        except (CannotConclude, Outside) as why:
            say({"way": "mpmath", "point": str(point), "cannot": str(why)})
            continue
        left, right = (mpmath.nstr(side, DIGITS) for side in (reading.left, reading.right))
        say(_row("mpmath", point, left, reading.relation, right, reading.holds))
        if (rows := rows + 1) == MOST_ROWS:
            return


def balls(module: str, name: str, say: Say) -> None:
    """The same in ball arithmetic, where the last digit shown is certain."""
    from derivations._values.balls import enclose

    verdict = verdict_of(module, name)
    prop = verdict.statement if isinstance(verdict, Theorem) else verdict.negation
    ranges, rows = where(verdict.statement, *verdict.given), 0
    for point in examples(verdict):
        try:
            found = enclose(prop, point, ranges, DIGITS)[0]
        except CannotConclude as why:
            say({"way": "balls", "point": str(point), "cannot": str(why)})
            continue
        left, right = (side.str(DIGITS) for side in (found.left, found.right))
        say(_row("balls", point, left, found.relation, right, found.certain() is not False))
        if (rows := rows + 1) == MOST_ROWS:
            return


def examples(verdict: Theorem | Counterexample) -> Iterator[Point]:
    """The author's points, or drawn ones where there is no hypothesis that they might violate."""
    for _, points, wanted in candidates(verdict):
        for point, _ in zip(points, range(wanted), strict=False):
            if not (point.drawn and verdict.given):
                yield point


def broken(line: Line) -> Relational | None:
    """What the line claims, with one sign turned on the right; None where there is no sign to turn."""
    if line.thm is None or not isinstance(line.thm.prop, sp.Eq | sp.Ge):
        return None
    left, right = line.thm.prop.args
    turned = _turned(right)
    return None if turned == right else line.thm.prop.func(left, turned, evaluate=False)


def _turned(e: sp.Expr) -> sp.Expr:
    """One sign turned where it shows: of a term if there are several, under an integral or sum if it has terms."""
    if e.is_Add:
        terms = sorted(e.args, key=sp.default_sort_key)
        term = next((t for t in terms if t.could_extract_minus_sign()), terms[-1])
        return sp.Add(*(-t if t is term else t for t in terms))
    inner = e.args[0] if isinstance(e, BINDERS) else None
    if inner is not None and inner.is_Add:
        return e.func(_turned(inner), *e.args[1:])
    return -e


def _questions(
    whole: Outline, step: Step, line: Line, damaged: Relational
) -> Iterator[tuple[str, str, Callable[[], Thm]]]:
    """What the kernel is asked, each with the line that would rest on the answer, and what a refusal means."""
    yield (
        line.id,
        "What proves this line does not prove it with the sign turned.",
        lambda: rearrange(line.thm, *damaged.args),
    )
    claims = [one for one in step.lines if one.thm]
    if line is not claims[-1]:
        after = claims[claims.index(line) + 1]
        yield (
            after.id,
            "This line no longer follows from the line above.",
            lambda: rearrange(after.thm, damaged.rhs, after.thm.prop.rhs),
        )
        return
    claim = step.thm.prop
    said = claim.func(claim.lhs, damaged.rhs, evaluate=False)
    for later in whole.steps[step.number :]:
        leaning = [(one.id, one.thm) for one in later.lines if one.thm] + [(later.met_id, t) for t in later.met]
        for place, thm in leaning:
            if step.number in whole.grounds(thm, later.number):
                yield (
                    place,
                    f"This uses step {step.number}, which no longer says what is needed.",
                    lambda: rearrange(assume(said), *claim.args),
                )


def outline(verdict: Theorem | Counterexample) -> Outline:
    """The steps of its proof, lemmas by their names."""
    thm = verdict.thm  # first: it runs the proofs of its lemmas, which then have names
    for v in _loaded():
        if "thm" in vars(v):
            _NAMED[_identity(v.thm)] = (v.name, v.thm)
    return Outline(verdict.name, thm, lambda t: _NAMED.get(_identity(t), (None,))[0])


def _loaded() -> Iterator[Theorem | Counterexample]:
    for full, module in list(sys.modules.items()):
        package, _, home = full.partition(".")
        if package == "derivations" and module and not home.startswith("_"):
            for v in vars(module).values():
                if isinstance(v, Theorem | Counterexample) and v.home == home:
                    yield v


def _identity(thm: Thm) -> tuple[Any, ...]:
    return thm.prop, thm.hyps, thm.rule, tuple(map(id, thm.parents))


def _all(thm: Thm) -> set[int]:
    seen: set[int] = set()
    walk = [thm]
    while walk:
        if id(one := walk.pop()) not in seen:
            seen.add(id(one))
            walk += one.parents
    return seen


def _row(way: str, point: Point, left: str, relation: str, right: str, holds: bool) -> dict[str, Any]:
    sign = {"==": "=", ">=": "≥", "<=": "≤", "!=": "≠", ">": ">", "<": "<"}[relation]
    return {"way": way, "point": str(point), "reads": f"{left} {sign} {right}", "holds": holds}
