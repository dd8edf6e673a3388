"""A whole model: its encoder and decoder stay closed, the loss between them is audited, and so is the code that the
decoder is given."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch

from elbo_audit import mistakes as ms
from elbo_audit.arrays import aligned
from elbo_audit.auditing import audit
from elbo_audit.laws import SPREAD
from elbo_audit.packed import unpacked
from elbo_audit.players import GAUSSIAN, Players
from elbo_audit.program import Program
from elbo_audit.roles import cast
from elbo_audit.sums import atoms
from elbo_audit.terms import HALF, Refuse, element, power
from elbo_audit.torch_ops import Meaning
from elbo_audit.torch_trace import read
from elbo_audit.verdict import Verdict

Roles = Mapping[str, str]


def audit_module(
    model: torch.nn.Module,
    step: Callable[..., Any] | str,
    *,
    inputs: Roles,
    parts: Mapping[str, Roles],
    parameters: Roles | None = None,
    decoder: str = "decoder",
    **said: Any,
) -> Verdict:
    """The verdict on `step(model, **inputs)`, or on the method of that name.

    `parts` names submodules or methods that stay closed, each with the roles of what it returns, in that order, such as
    `{"encoder": {"mu": "B K mean", "logvar": "B K logvar"}, "decoder": {"prob": "B D probability"}}`. `parameters`
    gives roles to parameters that the loss itself uses. Of `decoder` it is checked that it is given a draw from the
    encoder. The model is left as it was.
    """
    for name in parts:
        if not callable(_at(model, name)):
            raise ValueError(f"parts: {name} of the model is neither a submodule nor a method")  # noqa: TRY004 (bad input is a ValueError)
    texts = {**inputs, **{n: r for part in parts.values() for n, r in part.items()}, **(parameters or {})}
    run = getattr(type(model), step) if isinstance(step, str) and hasattr(type(model), step) else step
    if isinstance(run, str):
        raise ValueError(f"step: the model has no method {run}")  # noqa: TRY004 (bad input is a ValueError)
    given_to: dict[str, list[Any]] = {}

    def loss(**given: Any) -> Any:
        given_to.clear()
        with _closed(model, parts, given, given_to), _set(model, parameters or {}, given):
            return run(model, **{n: given[n] for n in inputs})

    def code(**given: Any) -> Any:
        loss(**given)
        if decoder not in given_to:
            raise Refuse(f"the step never calls {decoder}")
        return given_to[decoder][0]

    found = audit(loss, roles=texts, **said)
    if decoder not in parts or found.kind == "undecided":
        return found
    try:
        opened, roles = unpacked(code, texts, "torch")
        wrong = _wrong_code(Program(opened, cast(roles)))
    except Refuse as why:
        return replace(found, kind="undecided", reason=f"what the decoder is given is not understood: {why}")
    if wrong is None:
        return replace(found, given=(*found.given, "the decoder is given a draw from the encoder"))
    return replace(found, kind="mistake", mistake=wrong, reason=f"{wrong.name}: {wrong.why}", proved=False)


def _at(model: torch.nn.Module, name: str) -> Any:
    out: Any = model
    for part in name.split("."):
        out = getattr(out, part, None)
    return out


@contextlib.contextmanager
def _closed(
    model: torch.nn.Module, parts: Mapping[str, Roles], given: Mapping[str, Any], seen: dict[str, list[Any]]
) -> Iterator[None]:
    """While the step runs, each part returns what is given for it, and keeps what it was called with."""
    undo: list[tuple[Any, str]] = []
    try:
        for name, roles in parts.items():
            whole = _at(model, name)
            owner_name, _, last = name.rpartition(".")
            owner: Any = _at(model, owner_name) if owner_name else model
            out = tuple(given[n] for n in roles)

            def instead(*args: Any, name: str = name, out: tuple[Any, ...] = out, **_: Any) -> Any:
                if name in seen:
                    raise Refuse(f"{name} is called twice: write the loss as a function of what it returns")
                seen[name] = list(args)
                return out[0] if len(out) == 1 else out

            target, attribute = (whole, "forward") if isinstance(whole, torch.nn.Module) else (owner, last)
            object.__setattr__(target, attribute, instead)
            undo.append((target, attribute))
        yield
    finally:
        for target, attribute in reversed(undo):
            target.__dict__.pop(attribute, None)


@contextlib.contextmanager
def _set(model: torch.nn.Module, parameters: Roles, given: Mapping[str, Any]) -> Iterator[None]:
    """Parameters that the loss uses, as arguments."""
    kept = []
    try:
        for name in parameters:
            owner_name, _, last = name.rpartition(".")
            owner: Any = _at(model, owner_name) if owner_name else model
            if last not in owner._parameters:
                raise ValueError(f"parameters: the model has no parameter {name}")
            kept.append((owner, last, owner._parameters.pop(last)))
            owner.__dict__[last] = given[name]
        yield
    finally:
        for owner, last, old in kept:
            owner.__dict__.pop(last, None)
            owner._parameters[last] = old


def _wrong_code(program: Program) -> ms.Mistake | None:
    """What is wrong with the code that the decoder is given, if anything is."""
    meaning = Meaning()
    code = read(program, meaning)
    players = Players(program.roles)
    q = players.gaussian("q")
    if q is None:
        raise Refuse("the encoder returns no mean and spread")
    mean, spread = (players.arrays[n] for n in q)
    if len(code.dims) != len(mean.dims):
        raise Refuse("several draws a datum")
    kind = players.roles[q[1]].kind
    dims, (z, m, s) = aligned(code, mean, spread)
    if z == m:
        return ms.NO_SAMPLE
    noise = {a.args[0] for a in atoms(z) if a.head == "elem" and a.args[2] == "noise"}
    if len(noise) != 1:
        raise Refuse("no draw, or several" if not noise else "several draws of noise in one code")
    eps = element(noise.pop(), [i for d in dims for i, _ in d], "noise")
    for other in (kind, *(k for k in GAUSSIAN if k != kind)):
        for power_ in (HALF, HALF * 2):
            for sign in (1, -1):
                drawn = m + eps * power(SPREAD[other].variance(s), power_) * sign
                if z == drawn:
                    return None if (other, power_) == (kind, HALF) else ms.WRONG_DRAW
    raise Refuse("the code is no mean plus noise times a spread")
