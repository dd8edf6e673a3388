"""Every verdict is checked in the same ways, none of which knows what it says.

    proof       the prover arrives at exactly the statement, from no more than the hypotheses
    checker     the independent checker accepts every inference that the prover made
    premises    a refuted claim: its premises hold where it fails, and it holds elsewhere inside them, by proof
    content     a theorem says something: it is no hypothesis rearranged, and no hypothesis is idle
    quadrature  the statement, read from its definitions in float64, holds at points inside its hypotheses
    enclosure   so it does in ball arithmetic, where the values are certain
    numpy       the reference function agrees with the right-hand side, computed to fifty digits
    torch       the same for tensors
    gradient    torch's gradient agrees with the symbolic derivative
    mutants     damaged statements are refused by the proof and refuted by the numbers

A check is "passed", "failed: why", "not applicable: why" or "not run: why". Not to conclude is to fail.
"""

from __future__ import annotations

import importlib.util
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from derivations._checks.content import empty
from derivations._checks.mutate import FEWEST, mutants
from derivations._checks.reference import Mismatch, Reference, devices
from derivations._kernel import (
    Converges,
    ForAll,
    ProofError,
    Thm,
    algebra,
    assume,
    disagreement,
    flip,
    instantiate,
    mapped,
    mask,
    rearrange,
    rewrite,
    substitute,
    total,
    unfolded,
)
from derivations._language import instances
from derivations._language.certificate import CannotExport, Draft, draft, fact
from derivations._language.chapters import BOOK
from derivations._language.notation import Law
from derivations._language.printing import text
from derivations._language.steps import given
from derivations._language.verdicts import Counterexample, Theorem, Verdict, time_limit
from derivations._values.interpret import CannotConclude, Outside
from derivations._values.numeric import Place, Reading
from derivations._values.sample import Vacuous, places, unknowns
from derivations._values.worked import DIGITS, worked

NOT_ASKED = "the checker has not been asked yet"
PATIENCE = 10  # seconds in which the kernel derives a mutant or refuses it
CHECKS = ("proof", "checker", "premises", "content", "quadrature", "enclosure", "numpy", "torch", "gradient")


class Failed(Exception):
    """The check found something wrong."""


class NotApplicable(Exception):
    """There is nothing here that this check could look at."""


class NotRun(Exception):
    """The check needs something that is not installed."""


def check(verdict: Verdict) -> dict[str, Any]:
    """Everything about one verdict: what it claims, what it rests on, and how each check came out."""
    started = time.perf_counter()
    bench = Bench(verdict)
    traces: dict[str, str] = {}
    outcomes = {name: outcome(getattr(bench, name), traces) for name in CHECKS}
    said = outcome(bench.mutants, traces)
    if said != "passed":
        bench.teeth["survived"].append(said.removeprefix("failed: "))
    return {
        "name": verdict.name,
        "kind": "theorem" if isinstance(verdict, Theorem) else "counterexample",
        "claims": list(verdict.claims),
        "given": [text(h) for h in verdict.given],
        "seconds": round(time.perf_counter() - started, 3),
        "says": "",
        "inferences": 0,
        "cites": [],
        **outcomes,
        "draft": bench.draft,  # the checker sees those of all verdicts together, in a process of its own
        "facts": bench.facts,  # and what makes a refutation count, fact by fact
        "worked": bench.worked,
        "claimed": bench.claimed,
        "call": bench.call,
        "mutants": bench.teeth,
        "tracebacks": traces,
    }


def not_checked(name: str, kind: str, why: str, trace: str = "") -> dict[str, Any]:
    """The report of a verdict that could not be looked at: it fails."""
    return {
        "name": name,
        "kind": kind,
        "claims": [],
        "given": [],
        "seconds": 0.0,
        "says": "",
        "inferences": 0,
        "cites": [],
        **dict.fromkeys(CHECKS, "not run: the checks broke off"),
        "proof": f"failed: {why}",
        "draft": None,
        "facts": [],
        "worked": [],
        "claimed": [],
        "call": "",
        "mutants": no_mutants(),
        "tracebacks": {"proof": trace} if trace else {},
    }


def no_mutants() -> dict[str, Any]:
    return {"tried": 0, "killed": 0, "equivalent": 0, "said_again": [], "survived": []}


def failures(report: dict[str, Any]) -> list[str]:
    """What is wrong with a verdict, check by check; a proof that only the prover knows is another matter, see `state`."""
    found = [f"{name} {report[name]}" for name in CHECKS if name != "checker" and report[name].startswith("failed")]
    return found + [f"mutants failed: {why}" for why in report["mutants"]["survived"]]


def state(report: Mapping[str, Any]) -> str:
    """What may be said of the proof: `proved` is the checker's word; the prover's alone is not enough."""
    if report["proof"] != "passed":
        return "refused"
    return "proved" if report["checker"] == "passed" else "prover only"


def outcome(run: Callable[[], object], traces: dict[str, str] | None = None) -> str:
    """Run one check and put in words how it came out; keep the traceback of an error that no check expects."""
    try:
        run()
    except NotApplicable as why:
        return f"not applicable: {why}"
    except NotRun as why:
        return f"not run: {why}"
    except (Failed, Mismatch, ProofError, CannotConclude, CannotExport, Outside, Vacuous) as why:
        return f"failed: {why}"
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever its author has got wrong)
        if traces is not None:
            traces[run.__name__] = "".join(traceback.format_exception(error))
        return f"failed: {unexpected(error)}"
    return "passed"


def unexpected(error: BaseException) -> str:
    """The type of an error, what it says, and the last line of a derivation that led to it, or the last line of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if (p := Path(f.filename)).is_relative_to(BOOK) and not p.parent.name.startswith("_")]
    at = ours or list(frames)
    where = f" ({Path(at[-1].filename).name}, line {at[-1].lineno})" if at else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:500]}{where}"


class Bench:
    """One verdict under test, with the points at which it is read."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self._places: list[Place] | None = None
        self._reference_found: Reference | None = None
        self.worked: list[dict[str, str]] = []
        self.claimed: list[float] = []
        self.call = ""
        self.draft: Draft | None = None
        self.facts: list[Draft] = []
        self.teeth = no_mutants()

    @property
    def places(self) -> list[Place]:
        """Points inside the hypotheses; raises `Vacuous` when there are none."""
        if self._places is None:
            self._places = places(self.verdict)
        return self._places

    def proof(self) -> None:
        _ = self.verdict.thm

    def checker(self) -> None:
        try:
            self.draft = draft(self.verdict)
        except ProofError:
            raise NotRun("there is no proof to check") from None
        raise NotRun(NOT_ASKED)

    def premises(self) -> None:
        if not isinstance(self.verdict, Counterexample):
            raise NotApplicable("nothing is refuted")
        shown = instances.shown(self.verdict)
        for name, holds_here in shown.items():
            if left := holds_here.hyps:
                raise Failed(f"{name} is shown only where {' and '.join(map(text, left))}")
        self.facts = [fact(name, thm) for name, thm in shown.items()]
        raise NotRun(NOT_ASKED)

    def content(self) -> None:
        if isinstance(self.verdict, Counterexample):
            raise NotApplicable("a refuted claim has a witness instead")
        if found := list(empty(self.verdict, self.places)):
            raise Failed("; ".join(found))

    def quadrature(self) -> None:
        verdict = self.verdict
        for place in self.places:
            for mass in masses(verdict.statement, set(place.point.values)):
                if not place.holds(mass):
                    raise Failed(f"the rule does not find {text(mass)} {place.point}")
            if isinstance(verdict, Counterexample):
                self._refuted(verdict, place)
            elif not place.holds(verdict.statement):
                raise Failed(f"{_shown(place, verdict.statement)} {place.point}")

    def _refuted(self, verdict: Counterexample, place: Place) -> None:
        """The negation holds, the claim does not; both sides of the claim are kept for the reader to compare."""
        if not place.holds(verdict.negation):
            raise Failed(f"the negation does not hold: {_shown(place, verdict.negation)}")
        if isinstance(verdict.statement, Converges):
            return  # of an infinite sum a machine sees finitely many terms
        if holds(place, verdict.statement):
            raise Failed(f"the claim holds {place.point}: {_shown(place, verdict.statement)}")
        with suppress(CannotConclude, Outside):
            reading = place.read(verdict.statement)
            if reading.left.size == reading.right.size == 1 and np.isfinite([reading.left, reading.right]).all():
                self.claimed = [float(reading.left), float(reading.right)]
                if not _about(self.claimed, place.read(verdict.negation)):
                    raise Failed(f"the negation is about something else: {_shown(place, verdict.negation)}")

    def enclosure(self) -> None:
        if not importlib.util.find_spec("flint"):
            raise NotRun("python-flint is not installed")
        for one in (known := list(worked(self.verdict, self.places))):
            for e in one.found:
                if e.certain() is False or (e.certain() is None and e.relation not in ("==", ">=", "<=")):
                    raise Failed(f"{e.left} {e.relation} {e.right} is not so {one.place.point}")
                if not e.narrow(DIGITS):
                    raise Failed(f"{e.left} {e.relation} {e.right} is not certain to {DIGITS} digits {one.place.point}")
            self.worked += [{"reads": line, "at": str(one.place.point)} for line in one.lines(DIGITS)]
        if not self.worked:
            raise NotApplicable("; ".join(dict.fromkeys(one.why for one in known)))

    def numpy(self) -> None:
        reference = self._reference()
        reference.check_value(reference.numpy)
        reference.check_single()
        self.call = reference.call()

    def torch(self) -> None:
        reference = self._reference()
        for device in self._devices():
            reference.check_torch(device)

    def gradient(self) -> None:
        reference = self._reference()
        for device in self._devices():
            reference.check_gradient(device)

    def _reference(self) -> Reference:
        if isinstance(self.verdict, Counterexample):
            raise NotApplicable("nothing is computed from a false claim")
        if self.verdict.computes is None:
            raise NotApplicable("no function is licensed by it")
        if self._reference_found is None:
            self._reference_found = Reference(self.verdict)
        return self._reference_found

    @staticmethod
    def _devices() -> list[str]:
        if found := devices():
            return found
        raise NotRun("torch is not installed")

    def mutants(self) -> dict[str, Any]:
        """How many damaged statements there were, how many were caught, and in words those that were not.

        An equivalent one says the theorem again in other words: the kernel derives it from the theorem.
        """
        counts = self.teeth
        if isinstance(self.verdict, Counterexample):
            return counts
        try:
            here, thm = self.places, self.verdict.thm
        except (ProofError, Vacuous) as why:
            counts["survived"] = [f"no mutant could be tried: {why}"]
            return counts
        for mutant in mutants(self.verdict.statement):
            if (fate := fate_of(mutant.statement, thm, self.verdict, here)) == "without teeth":
                continue
            counts["tried"] += 1
            said = f"{text(mutant.statement)} ({mutant.what})"
            if fate in ("killed", "equivalent"):
                counts[fate] += 1
                counts["said_again"] += [said] if fate == "equivalent" else []
            else:
                counts["survived"].append(f"{fate}: {said}")
        if counts["tried"] < FEWEST:
            counts["survived"].append(f"only {counts['tried']} mutants, fewer than {FEWEST}")
        return counts


# --- quadrature ------------------------------------------------------------------------------------------------------


def masses(statement: sp.Basic, known: set[sp.Basic]) -> list[sp.Basic]:
    """`integral = 1` for every named density that the statement integrates, for every value of what it depends on."""
    pairs = {
        (law, r): None
        for e in sp.preorder_traversal(statement)
        for r in e.args
        if isinstance(r, sp.Tuple) and len(r) == 3
        for law in sorted(e.atoms(Law), key=str)
        if law.args[0] == r[0]
    }
    props: list[sp.Basic] = []
    for law, r in pairs:
        prop: sp.Basic = sp.Eq(total(law, r), 1, evaluate=False)
        names = {s.label for a in law.atoms(sp.Indexed) for s in (a.base,)}
        for s in sorted(law.free_symbols - known - names - {r[0]}, key=str):
            prop = ForAll(prop, s) if isinstance(s, sp.Symbol) else prop
        props.append(prop)
    return props


def _shown(place: Place, prop: sp.Basic) -> str:
    reading = place.read(prop)
    return f"{text(prop)} reads {reading.left} {reading.relation} {reading.right}"


def _about(claimed: list[float], negation: Reading) -> bool:
    """Does one side of the negation have the value of a side of the claim, or of the gap between its sides?"""
    left, right = claimed
    values = [left, right, left - right, right - left]
    return any(np.isclose(side, values, rtol=1e-6, atol=1e-9).any() for side in (negation.left, negation.right))


def holds(place: Place, prop: sp.Basic) -> bool | None:
    """Whether the statement holds here; None when the numbers do not say, as where it has no value at all."""
    try:
        return place.holds(prop)
    except (CannotConclude, Outside):
        return None


# --- mutants ---------------------------------------------------------------------------------------------------------


def fate_of(mutant: sp.Basic, thm: Thm, verdict: Theorem, here: list[Place]) -> str:
    """Killed: the proof refuses it and the numbers refute it. Equivalent: the kernel derives it from the theorem.

    Without teeth: a statement that has no value anywhere; one that holds at points drawn at random, all of them; a
    damaged inequality that holds at every point, one of them a point where the theorem is tight. It may well be true, so
    it counts neither for the theorem nor against it.
    """
    readings = [holds(place, mutant) for place in here]
    if False in readings:
        return "proved although the numbers refute it" if derives(mutant, thm.prop) else "killed"
    if any(derives(mutant, prop) for prop in (thm.prop, *_renamed(thm, verdict))) or _by_hypothesis(
        mutant, thm, verdict
    ):
        return "equivalent"
    if True not in readings or all(place.point.drawn for place in here):
        return "without teeth"
    if isinstance(mutant, sp.Ge) and any(_tight(place, thm.prop) for place in here):
        return "without teeth"
    return "not refuted by any point"


def _tight(place: Place, prop: sp.Basic) -> bool:
    return isinstance(prop, sp.Ge) and bool(holds(place, sp.Eq(*prop.args, evaluate=False)))


def derives(mutant: sp.Basic, prop: sp.Basic) -> bool:
    """Does some rule of the kernel lead from the theorem to the mutant?"""
    return any(_succeeds(step) for step in _routes(_core(mapped(mutant, unfolded)), _core(mapped(prop, unfolded))))


def _succeeds(step: Callable[[], object]) -> bool:
    try:
        with time_limit(PATIENCE, "the derivation of a mutant"):
            return bool(step())
    except ProofError:
        return False


def _routes(target: Relational, source: Relational) -> Iterator[Callable[[], object]]:
    yield lambda: source == target
    if isinstance(target, sp.Eq) and _may_vanish(target.lhs - target.rhs):
        yield lambda: algebra(*target.args)
    if type(target) is not type(source):
        return
    gap, slack = target.lhs - target.rhs, source.lhs - source.rhs
    for times in (1, 2, sp.Rational(1, 2)) if sp.S.Zero in source.args else (1,):
        if _may_vanish(gap - times * slack):
            yield lambda times=times: rearrange(assume(source), *target.args, sp.sympify(times))
        if isinstance(source, sp.Eq) and _may_vanish(gap + times * slack):
            yield lambda times=times: rearrange(flip(assume(source)), *target.args, sp.sympify(times))


def _by_hypothesis(mutant: sp.Basic, thm: Thm, verdict: Theorem) -> bool:
    """An equation among the hypotheses, such as that an indicator is its own square, turns the mutant into the theorem."""
    target, source = (_core(mapped(p, unfolded)) for p in (mutant, thm.prop))
    equations = [e for h in verdict.given if isinstance((e := given(h)).prop, sp.Eq)]
    pairs = list(zip(target.args, source.args, strict=True))
    return type(target) is type(source) and any(
        all(a == b or _succeeds(lambda a=a, b=b, e=e: rewrite(a, e).prop.rhs == b) for a, b in pairs) for e in equations
    )


def _may_vanish(residual: sp.Expr) -> bool:
    """Could the kernel reduce this to zero? Not if it has another value at some rational point: a quick refusal."""
    return residual == 0 or disagreement(mask(residual, {})) is None


@lru_cache(1)  # one mutant after another of one theorem
def _renamed(thm: Thm, verdict: Theorem) -> tuple[sp.Basic, ...]:
    """The theorem with two of its symbols or functions exchanged, or a sign turned, where its hypotheses allow it."""
    symbols, _, functions = unknowns(verdict)
    allowed = {mapped(h, lambda e: e) for h in verdict.given}
    steps: list[Callable[[], Thm]] = []
    for j, f in enumerate(functions):
        for g in functions[j + 1 :]:
            arities = {len(a.args) for p in (thm.prop, *thm.hyps) for a in _applied(p) if a.func in (f, g)}
            if len(arities) == 1:
                xs = sp.symbols(f"x0:{arities.pop()}", cls=sp.Dummy)
                exchange = {f: sp.Lambda(xs, g(*xs)), g: sp.Lambda(xs, f(*xs))}
                steps.append(lambda exchange=exchange: instantiate(thm, exchange))
    for j, a in enumerate(symbols):
        if a.is_real and not a.is_integer and not a.is_positive:
            steps.append(lambda a=a: substitute(thm, {a: -a}))
        for b in symbols[j + 1 :]:
            if a.assumptions0 == b.assumptions0:
                steps.append(lambda a=a, b=b: substitute(thm, {a: b, b: a}))
    found = []
    for step in steps:
        with suppress(ProofError):
            other = step()
            if all(h in allowed or isinstance(h, Converges) for h in other.hyps):
                found.append(other.prop)
    return tuple(found)


def _applied(p: sp.Basic) -> set[sp.Basic]:
    return unfolded(p).atoms(AppliedUndef)


def _core(p: sp.Basic) -> Relational:
    while not isinstance(p, Relational):
        p = p.args[0]
    return p
