"""The audit of a function: trace it twice, check the formula against its numbers and gradients, decide."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from elbo_audit import mistakes as ms
from elbo_audit.decide import BATCH, Asked, decide, released
from elbo_audit.packed import unpacked
from elbo_audit.players import Players, summed
from elbo_audit.program import Program
from elbo_audit.roles import NUMBERS, cast, symbols
from elbo_audit.sums import atoms
from elbo_audit.terms import Poly, Refuse
from elbo_audit.verdict import FINE, Verdict

NOTHING: Final = Fraction(1, 10**15)  # added to numbers of order one, no double notices it
TRUSTS: Final = (
    "sizes of at least 2, and arithmetic without rounding",
    "the rule of each operation",
    "float64 at two points, numbers and gradients; float32 at one",
    "the function keeps nothing from one call to the next",
)


def audit(
    function: Callable[..., Any],
    *,
    batch: str = "any",
    maximised: bool = False,
    output: int | str | None = None,
    prove: bool = True,
    framework: str = "torch",
    sizes: Mapping[str, int] | None = None,
    roles: Mapping[str, str] | None = None,
    **named: str,
) -> Verdict:
    """What a loss computes. A role for every argument; `batch` says what is asked of its rows: mean, sum, any factor.

    `maximised` says that the function is the ELBO, not a loss; `output` which of several outputs is meant; `sizes` gives
    numbers for the report; `prove=False` leaves out the proof, so that no more than "normal forms agree" is said.
    """
    check(batch, framework)
    texts = {**(roles or {}), **named}
    if not texts:
        raise ValueError("roles: say what the arguments are, such as x='B D binary', mu='B K mean'")
    function, texts = unpacked(_fits(function, texts), texts, framework)
    program = Program(function, cast(texts), output, framework)
    numbers = _sizes(sizes or {}, program)
    try:
        found = _audited(program, Asked(batch, maximised))
        if prove and framework == "torch" and found.kind in (*FINE, "weighted") and found.scale is not None:
            found = _proved(program, found)
        return _also(found, sizes=numbers)
    except Refuse as why:
        return Verdict("undecided", str(why))


def check(batch: str, framework: str) -> None:
    """Words that have only a few values."""
    if batch not in BATCH:
        raise ValueError(f"batch: 'mean' or 'sum' over the rows, or 'any' factor, not {batch!r}")
    if framework not in ("torch", "jax"):
        raise ValueError(f"framework: 'torch' or 'jax', not {framework!r}")


def _fits(function: Callable[..., Any], texts: Mapping[str, str]) -> Callable[..., Any]:
    """The function, if every argument has a role; a leading self that has none is left empty."""
    try:
        wanted = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return function
    if wanted and wanted[0].name == "self" and "self" not in texts:
        function, wanted = functools.partial(function, None), wanted[1:]
    several = any(p.kind is p.VAR_KEYWORD for p in wanted)
    names = [p.name for p in wanted if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    missing = [p.name for p in wanted if p.name in names and p.default is p.empty and p.name not in texts]
    if missing:
        raise ValueError(
            f"roles: {', '.join(missing)} of the loss has none; give each argument one, such as 'B D real'"
        )
    unknown = [n for n in texts if n not in names]
    if unknown and not several:
        raise ValueError(f"roles: the loss has no argument {', '.join(unknown)}; it has {', '.join(names)}")
    return function


def _audited(program: Program, asked: Asked) -> Verdict:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = _judged(program, asked)
    about = [str(w.message).split(". ")[0] for w in said if issubclass(w.category, UserWarning)]
    return _also(found, given=(*found.given, *(f"torch warns: {w}" for w in dict.fromkeys(about))))


def _proved(program: Program, found: Verdict) -> Verdict:
    """The same verdict with the theorem behind it, or with why there is none."""
    from elbo_audit.prove import TRUSTS as OF_A_PROOF
    from elbo_audit.prove import Claim, proof

    assert found.scale is not None
    if any("is left out" in g for g in found.given):
        return _also(found, proof="a constant that is left out is no part of a theorem")
    unguarded = any("the clamp does not act" in g for g in found.given)
    players = Players(program.roles)
    share = players.count / players.batch if found.theorem == "dataset_bound" and players.batch else None
    beta = found.beta if found.kind == "weighted" else None
    claim = Claim(
        found.scale, found.variance, found.laplace, found.constant, found.prior_variance, unguarded, beta, share
    )  # fmt: skip
    said = proof(program, players, claim)
    if isinstance(said, str):
        return _also(found, proof=said)
    drawn = ("in the theorem: for every draw; it is the mean over draws that is the divergence",) * found.on_average
    given = (*found.given, *drawn, *(f"in the theorem: {h}" for h in said.given))
    rules = tuple(t for t in found.trusts if t.startswith("rules used"))
    words = f"{said.inferences} inferences, accepted by elbo_check"
    return _also(
        found, proved=True, proof=words, given=given, trusts=(*OF_A_PROOF, *rules), certificate=said.certificate
    )


def _judged(program: Program, asked: Asked) -> Verdict:
    from elbo_audit import numbers
    from elbo_audit.torch_ops import Meaning

    meaning = Meaning()
    array = _read(program, meaning)
    formula = summed(array.entry, array.axes)
    if program.framework == "torch":
        from elbo_audit import torch_trace

        apart = torch_trace.read(program, Meaning(), apart=True)
        if released(formula) != released(summed(apart.entry, apart.axes)):
            raise Refuse("two readings of the function, operation by operation and taken apart, do not agree")
    _readable(formula)
    points = _points(program)
    tolerance = numbers.SINGLE if meaning.single else numbers.EXACT
    if wrong := numbers.disagreement(program, formula, points, meaning.draws, tolerance):
        raise Refuse(wrong)
    if wrong := numbers.as_in_practice(program, formula, meaning.draws, _run(program)):
        raise Refuse(wrong)
    asked = Asked(asked.batch, asked.maximised, bool(array.axes))
    players = Players(program.roles, meaning.draws)
    trusts = (f"{program.framework}'s tracing", *TRUSTS, "rules used: " + ", ".join(sorted(meaning.rules)))
    found = _also(decide(players, formula, asked), given=tuple(meaning.given))
    guarded = any(guard for _, guard in meaning.clamps)
    if meaning.tiny or (guarded and found.kind not in (*FINE, "weighted")):  # else it holds whatever the guards do
        found = _unguarded(program, asked, points, meaning) or found
    if array.axes:
        found = _also(found, given=(*found.given, "the function returns several numbers: this is about their sum"))
    return _also(_complete(found, players, formula), trusts=trusts)


def _complete(found: Verdict, players: Players, formula: Poly) -> Verdict:
    """An argument that does not enter is a mistake, if it is data, part of a law or a mask; else it is said."""
    there = {str(a.args[0]) for a in atoms(formula) if a.head in ("elem", "sym", "call")}
    there |= {str(p) for n in there & players.roles.keys() for s in players.roles[n].sizes for p in s}
    lost = [n for n, r in players.roles.items() if n not in there and r.kind not in NUMBERS]
    if not lost or found.kind not in FINE:
        return found
    said = ", ".join(lost)
    if all(players.roles[n].kind in ("weight", "noise") for n in lost):
        return _also(found, given=(*found.given, f"{said} does not enter"))
    return _also(found, kind="mistake", mistake=ms.UNUSED, reason=f"{found.reason}; but {said} does not enter the loss")


def _read(program: Program, meaning: Any) -> Any:
    if program.framework == "jax":
        from elbo_audit import jax_trace

        return jax_trace.read(program, meaning)
    from elbo_audit import torch_trace

    return torch_trace.read(program, meaning)


def _run(program: Program) -> Any:
    """How a value of the function is found, if not by torch."""
    if program.framework == "torch":
        return None
    from elbo_audit import jax_trace

    return jax_trace.run


def _points(program: Program) -> Any:
    if program.framework == "jax":
        from elbo_audit import jax_trace

        return jax_trace.points(program)
    from elbo_audit import numbers

    return numbers.points(program)


def _unguarded(program: Program, asked: Asked, points: Any, meaning: Any) -> Verdict | None:
    """The verdict where no guard acts: clamps at extreme ends, tiny constants in logarithms and quotients."""
    from elbo_audit import numbers
    from elbo_audit.torch_ops import Meaning

    free = Meaning(guards_off=True)
    try:
        array = _read(program, free)
        formula = summed(array.entry, array.axes)
        found = decide(Players(program.roles, free.draws), formula, asked)
    except Refuse:
        return None
    if found.kind in ("none", "undecided"):
        return None
    largest = max(map(abs, meaning.tiny), default=Fraction(0))
    tolerance = max(numbers.SINGLE if meaning.single else numbers.EXACT, float(largest) * 1000)
    if numbers.disagreement(program, formula, points, free.draws, tolerance):
        return None  # a guard acts at ordinary points: it is part of the loss
    given = [*meaning.given, *(f"{said}: there the clamp does not act" for said, guard in meaning.clamps if guard)]
    given += [
        f"the constant {float(t):g} that keeps a logarithm or a quotient finite is left out" for t in meaning.tiny
    ]
    kind = found.kind
    if kind == "equal" and largest > NOTHING:
        kind = "equal up to a constant"
    return _also(found, kind=kind, given=tuple(dict.fromkeys(given)))


def _readable(formula: Poly) -> None:
    for a in atoms(formula):
        if a.head == "elem" and a.args[0] == "memory that was never written":
            raise Refuse("the function reads memory that was never written (torch.empty)")
        if a.head == "elem" and a.args[0] == "infinity":
            raise Refuse("the function calculates with infinity")


def _also(v: Verdict, **more: Any) -> Verdict:
    from dataclasses import replace

    return replace(v, **more)


def _sizes(sizes: Mapping[str, int], program: Program) -> dict[str, int]:
    """Numbers for the report, each of a size, a count or a weight that some role has."""
    known = {*symbols(program.roles), *program.roles, "N"}
    for name, n in sizes.items():
        if name not in known:
            raise ValueError(f"sizes: no role has the size {name}; there are {', '.join(sorted(known))}")
        if isinstance(n, bool) or not isinstance(n, int | float) or n <= 0:
            raise ValueError(f"sizes: {name} is a positive number, not {n!r}")
    return dict(sizes)
