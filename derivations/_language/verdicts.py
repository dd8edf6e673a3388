"""A verdict is data: a statement, its hypotheses, the claims it settles, the function it licenses.

Its proof runs when `.thm` is read, never at import, and is accepted only if it ends at exactly the statement from no
more than `given`.
"""

from __future__ import annotations

import inspect
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType, FunctionType, MappingProxyType
from typing import Any, cast

import sympy as sp

from derivations._kernel import ProofError, Thm, mapped, on_space
from derivations._language.texts import seen

TIME_LIMIT = 20  # seconds of work for one proof
PATIENCE = 4  # times as many by the clock, on a machine that is busy with other things


@dataclass(frozen=True)
class Form:
    """A theorem about every measure space, read on one kind of space, with examples that satisfy its hypotheses."""

    over: sp.Tuple
    examples: tuple[Mapping, ...]

    def __post_init__(self) -> None:
        _freeze(self, several=("examples",))


@dataclass(frozen=True, eq=False)
class Theorem:
    """A statement, its hypotheses, the claims it settles, its proof (run on demand), and the function it licenses.

    How a claim is settled follows from the hypotheses by rules in code. What no hypothesis says is said in words: `words`
    for a condition by its place among the hypotheses, `narrows` for what the statement fixes by its form, such as one
    dimension: for one claim, or for all (""), `half` for the only kind of data that it settles its claims for. A definition
    or a step, which only unfolds or rearranges, says so by its `kind`; a check compares that with the proof.
    """

    statement: sp.Basic
    proof: Callable[[], Thm]
    title: str
    given: tuple[sp.Basic, ...] = ()
    claims: tuple[str, ...] = ()
    computes: str | None = None
    forms: Mapping[str, Form] = field(default_factory=dict)
    examples: tuple[Mapping, ...] = ()
    kind: str = "theorem"
    words: Mapping[int, str] = field(default_factory=dict)
    narrows: Mapping[str, str] = field(default_factory=dict)
    half: str = ""

    def __post_init__(self) -> None:
        seen(title=self.title)
        _freeze(self, several=("given", "claims", "examples"), named=("forms", "words", "narrows"))

    @property
    def name(self) -> str:
        return self.proof.__name__

    @property
    def module(self) -> str:
        return self.home.rpartition(".")[2]

    @property
    def home(self) -> str:
        """Chapter and module."""
        return self.proof.__module__.partition(".")[2]

    @property
    def doc(self) -> str:
        return inspect.getdoc(self.proof) or ""

    @property
    def source(self) -> str:
        return inspect.getsource(self.proof)

    @property
    def helpers(self) -> list[FunctionType]:
        """The functions of its own file that the proof calls, and those that they call, in the order of the file."""
        found: dict[str, FunctionType] = {}
        todo = [cast(FunctionType, self.proof)]
        while todo:
            for name, f in _called(todo.pop()):
                if name not in found and f is not self.proof:
                    found[name] = f
                    todo.append(f)
        return sorted(found.values(), key=lambda f: inspect.getsourcelines(f)[1])

    @cached_property
    def thm(self) -> Thm:
        """Run the proof; accept it only if it proves exactly the statement, from no more than `given`."""
        with time_limit(TIME_LIMIT, self.name):
            thm = self.proof()
            _arrives(self.name, thm, self.statement, self.given)
            for form in self.forms.values():
                on_space(thm, sp.Symbol("u"), form.over)
            return thm


@dataclass(frozen=True, eq=False)
class Counterexample:
    """A claim that is false: its negation, proved at one exact instance, and the theorem that is true instead.

    `given` are the premises of whoever makes the claim; they hold `at` the instance, and `holds_at` another one at which
    the statement holds, by the proofs that `facts` and `witness` return where no automatic one is found. What is only
    `misprinted` fails as printed, and `instead` is what was meant: it needs no second instance.
    """

    statement: sp.Basic
    negation: sp.Basic
    proof: Callable[[], Thm]
    title: str
    at: Mapping
    instead: str
    claims: tuple[str, ...] = ()
    given: tuple[sp.Basic, ...] = ()
    holds_at: Mapping | None = None
    facts: Callable[[], tuple[Thm, ...]] | None = None
    witness: Callable[[], tuple[Thm, ...]] | None = None
    misprinted: bool = False
    half: str = ""

    def __post_init__(self) -> None:
        seen(title=self.title)
        _freeze(self, several=("claims", "given"), named=("at", "holds_at"))

    name = Theorem.name
    module = Theorem.module
    home = Theorem.home
    doc = Theorem.doc
    source = Theorem.source
    helpers = Theorem.helpers

    @cached_property
    def thm(self) -> Thm:
        """Run the proof; accept it only if it proves exactly the negation, from no hypothesis at all."""
        with time_limit(TIME_LIMIT, self.name):
            thm = self.proof()
            _arrives(self.name, thm, self.negation, ())
            return thm


@dataclass(frozen=True)
class Citation:
    """A classical result whose proof is a paper of its own, accepted with its reference."""

    name: str
    module: str
    title: str
    says: str
    source: str
    claims: tuple[str, ...]

    def __post_init__(self) -> None:
        seen(title=self.title)
        _freeze(self, several=("claims",))


@dataclass(frozen=True)
class Remark:
    """Claims that are not mathematics: names, empirical or editorial remarks; with the nearest theorem, if any."""

    name: str
    module: str
    reason: str
    claims: tuple[str, ...]
    nearest: str | None = None
    half: str = ""

    def __post_init__(self) -> None:
        _freeze(self, several=("claims",))


class Definition(Remark):
    """Claims that say what a word or sign stands for: `reason` is ours, which agrees; `nearest` is where it is used."""


class Misprint(Remark):
    """Claims that cannot be read as printed: `reason` says what is wrong, `nearest` is the theorem that was meant."""


Verdict = Theorem | Counterexample | Citation | Remark


def theorem(statement: sp.Basic, title: str, **data: object) -> Callable[[Callable[[], Thm]], Theorem]:
    """Turn a proof into a `Theorem`. The proof does not run until `.thm` is read, so importing stays cheap."""
    return lambda proof: Theorem(statement, proof, title, **data)


def counterexample(
    statement: sp.Basic, negation: sp.Basic, title: str, **data: object
) -> Callable[[Callable[[], Thm]], Counterexample]:
    """Turn a proof of the negation at one instance into a `Counterexample`."""
    return lambda proof: Counterexample(statement, negation, proof, title, **data)


def _called(f: FunctionType) -> Iterator[tuple[str, FunctionType]]:
    """The functions of its own file that a function names."""
    code = [f.__code__]
    for one in code:
        code += [inner for inner in one.co_consts if isinstance(inner, CodeType)]
        for name in one.co_names:
            other = f.__globals__.get(name)
            if inspect.isfunction(other) and other.__module__ == f.__module__:
                yield name, other


def _freeze(verdict: object, several: Iterable[str], named: Iterable[str] = ()) -> None:
    """Data that its author, or another file, could change later would be one thing to one check and another to the next."""
    for names, kinds, what in ((several, (list, tuple), "a tuple"), (named, (dict, MappingProxyType), "a dict")):
        for name in names:
            data = getattr(verdict, name)
            if type(data) not in kinds and not (name == "holds_at" and data is None):
                raise ValueError(f"{name} must be {what}, written out; not a {type(data).__name__}")
            vars(verdict)[name] = _frozen(data)  # a frozen dataclass is set up this once


def _frozen(data: Any) -> Any:
    if type(data) in (list, tuple):
        return tuple(map(_frozen, data))
    if type(data) in (dict, MappingProxyType):
        return MappingProxyType({key: _frozen(value) for key, value in data.items()})
    return data


def _arrives(name: str, thm: Thm, statement: sp.Basic, given: tuple[sp.Basic, ...]) -> None:
    if type(thm) is not Thm:
        raise TypeError(f"{name} did not return a theorem: {thm}")
    allowed = {mapped(g, lambda e: e) for g in given}
    if mapped(statement, lambda e: e) in allowed:
        raise ProofError(f"{name} is among its own hypotheses")
    if thm.prop != statement and thm.prop != mapped(statement, lambda e: e):
        raise ProofError(f"{name} ends at\n  {thm.prop}\nnot at\n  {statement}")
    if extra := thm.hyps - allowed:
        raise ProofError(f"{name} needs more than is given:\n  " + "\n  ".join(map(str, extra)))


@contextmanager
def time_limit(seconds: float, name: str) -> Iterator[None]:
    """A proof that hangs fails by name. Browsers have no alarm: there the reader's Stop button ends the worker."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def late(*_: object) -> None:
        busy, waited = time.process_time() - before_cpu, time.monotonic() - start
        if busy < seconds and waited < PATIENCE * seconds:  # the machine was doing something else
            signal.setitimer(signal.ITIMER_REAL, max(seconds - busy, 0.01))
            return
        raise TimeoutError  # not a ProofError, which a proof may catch

    before = signal.signal(signal.SIGALRM, late)
    start, before_cpu = time.monotonic(), time.process_time()
    outer, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except TimeoutError:
        raise ProofError(f"{name}: no result within {seconds} s") from None
    finally:
        signal.signal(signal.SIGALRM, before)
        left = max(outer - (time.monotonic() - start), 1e-6) if outer else 0  # the proof that reads this one goes on
        signal.setitimer(signal.ITIMER_REAL, left)
