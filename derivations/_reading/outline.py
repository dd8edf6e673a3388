"""A proof as a page shows it: numbered steps, each after those it needs; the last one is what was to be shown.

A theorem that has a name of its own ends the walk; a chain is a step, its links are the lines; the rest is folded into
the reason of the line that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sympy import GreaterThan

from derivations._kernel import Thm
from derivations._reading.printed import latex


@dataclass(frozen=True)
class Line:
    """One formula of a step and the theorem behind it; the expression that a chain starts from has none."""

    id: str
    tex: str
    thm: Thm | None = None


@dataclass(frozen=True)
class Step:
    """A chain with its links as lines, or one theorem as its only line; `met` are facts that its hypotheses need."""

    number: int
    thm: Thm
    lines: tuple[Line, ...]
    met: tuple[Thm, ...]
    met_id: str


class Outline:
    """The steps of one proof. `name_of` says which theorems have a name, and so a place of their own."""

    def __init__(self, name: str, thm: Thm, name_of: Callable[[Thm], str | None]) -> None:
        self.name, self._name_of = name, name_of
        self.steps: list[Step] = []
        self.numbers: dict[int, int] = {}
        self._visit(thm, last=True)

    def name_of(self, thm: Thm) -> str | None:
        name = self._name_of(thm)
        return name if name != self.name else None

    def grounds(self, thm: Thm, step: int) -> Iterator[Thm | str | int]:
        """What a line of a step rests on: theorems made on the way, names of lemmas, numbers of earlier steps."""
        if (number := self.numbers.get(id(thm), step)) < step:
            yield number
        elif name := self.name_of(thm):
            yield name
        else:
            yield thm
            for parent in thm.parents:
                yield from self.grounds(parent, step)

    def _visit(self, thm: Thm, *, last: bool = False, link: bool = False) -> None:
        if id(thm) in self.numbers or (self.name_of(thm) and not last):
            return
        met: list[Thm] = []
        while thm.rule == "discharge":
            thm, *facts = thm.parents
            met += facts
        for parent in (*thm.parents, *met):
            self._visit(parent, link=thm.rule == "chain")
        if last or (len(thm.parents) > 1 and thm.rule == "chain" and not link):
            if not last and (twin := self._twin(thm, met)):
                self.numbers[id(thm)] = twin
                return
            number = len(self.steps) + 1
            place = f"{self.name}-{number}"
            self.steps.append(Step(number, thm, tuple(_lines(thm, place)), tuple(met), f"{place}-met"))
            self.numbers[id(thm)] = number

    def _twin(self, thm: Thm, met: list[Thm]) -> int | None:
        """An earlier step that shows the same, under the same hypotheses: a proof may do a thing twice, a page need not."""
        for step in self.steps:
            if (step.thm.prop, step.thm.hyps) == (thm.prop, thm.hyps) and (step.met or not met):
                return step.number
        return None


def _lines(thm: Thm, place: str) -> Iterator[Line]:
    if thm.rule != "chain":
        yield Line(f"{place}-1", latex(thm.prop), thm)
        return
    yield Line(f"{place}-0", latex(thm.parents[0].prop.lhs))
    for j, link in enumerate(thm.parents, 1):
        sign = r"\ge" if isinstance(link.prop, GreaterThan) else "="
        yield Line(f"{place}-{j}", f"{sign} {latex(link.prop.rhs)}", link)
