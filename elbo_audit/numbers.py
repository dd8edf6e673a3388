"""The formula against the function: the same numbers, and the same gradients, in float64 at sizes the trace has not seen."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from elbo_audit import program as pr
from elbo_audit.program import Program, length
from elbo_audit.roles import NO_GRADIENT, NUMBERS
from elbo_audit.terms import Atom, Poly, Refuse, as_poly

EXACT: Final = 1e-9  # relative; the sums are short, so that float64 keeps twelve digits
SINGLE: Final = 3e-5
POINTS: Final = 2
COARSE: Final = 1e-3
MANY, FEWER = 1031, 113  # rows
Run = Callable[[Program, Mapping[str, Any]], tuple[float, Sequence[Any]]]  # a value, and what was drawn for it


class _Draws(TorchDispatchMode):
    """Keeps what the function draws."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[Any] = []

    def __torch_dispatch__(self, op: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = op(*args, **(kwargs or {}))
        name = op._overloadpacket.__name__
        if name in ("randn", "randn_like", "normal_", "normal_functional"):
            self.drawn.append(out.detach().clone())
        elif name == "normal":
            mean, std = args[:2]
            self.drawn.append(((out - mean) / std).detach())
        return out


@dataclass
class Point:
    """Arguments, and what the function made of them."""

    sizes: Mapping[str, int]
    arguments: Mapping[str, Any]
    drawn: Sequence[Any]
    value: Any
    slopes: Mapping[str, Any]


def points(program: Program) -> list[Point]:
    """The function's own numbers and gradients at a few points."""
    return [_point(program, k) for k in range(POINTS)]


def drawn(program: Program, which: int) -> tuple[dict[str, int], dict[str, Any]]:
    """Sizes that the tracing has not seen, and an example of each argument in them."""
    sizes = pr.running_sizes(program.roles, which)
    generator = torch.Generator().manual_seed(which + 1)
    several = pr.classes(program.roles, sizes)
    given = {n: pr.example(r, sizes, generator, several) for n, r in program.roles.items()}
    return sizes, given


def _point(program: Program, which: int) -> Point:
    sizes, given = drawn(program, which)
    moving = {n: given[n].requires_grad_() for n, r in program.roles.items() if r.kind not in NO_GRADIENT}
    before = {n: t.detach().clone() for n, t in given.items() if isinstance(t, torch.Tensor)}
    state, dice = torch.get_rng_state(), _dice()
    torch.manual_seed(which)
    kept = torch.get_default_dtype(), torch.distributions.Distribution._validate_args
    torch.set_default_dtype(torch.float64)
    torch.distributions.Distribution.set_default_validate_args(False)
    try:
        with _Draws() as draws:
            inner = {n: t * 1.0 if n in moving else t for n, t in given.items()}  # in training, too, no leaf comes in
            out = program.picked(program.call(**inner))
        total = out.sum()
        slopes = _slopes(total, moving)
    except Refuse:
        raise
    except Exception as why:  # noqa: BLE001 (the user's code may raise anything)
        raise Refuse(
            f"the function fails at sizes {_words(sizes)}: {type(why).__name__}: {str(why).splitlines()[0][:150]}"
        ) from None
    finally:
        torch.set_rng_state(state)
        torch.set_default_dtype(kept[0])
        torch.distributions.Distribution.set_default_validate_args(kept[1])
    if any(not torch.equal(before[n], inner[n].detach()) for n in before):
        raise Refuse("the function changes its arguments")
    if dice != _dice():
        raise Refuse("the function draws from Python's or NumPy's random numbers: pass the draws as an argument")
    return Point(sizes, {n: given[n] for n in given}, draws.drawn, total.detach(), slopes)


def _dice() -> tuple[object, ...]:
    """Where the random numbers of Python and of NumPy stand."""
    return random.getstate(), pickle.dumps(np.random.get_state(legacy=False))


def as_in_practice(program: Program, formula: Poly, draws: Sequence[str], run: Run | None = None) -> str:
    """A value of the function in float32, with many rows and without gradients, against the formula; in words if they differ."""
    rows = FEWER if "#2" in formula.key else MANY  # a formula of pairs of rows, or of several sums over one size
    sizes = pr.large_sizes(program.roles, rows)
    generator = torch.Generator().manual_seed(7)
    several = pr.classes(program.roles, sizes)
    given = {n: _single(pr.example(r, sizes, generator, several)) for n, r in program.roles.items()}
    try:
        value, drawn = (run or _run_in_torch)(program, given)
    except Refuse:
        raise
    except Exception as why:  # noqa: BLE001 (the user's code may raise anything)
        return f"the function fails in float32 with {rows} rows: {type(why).__name__}: {str(why).splitlines()[0][:150]}"
    if len(draws) != len(drawn):
        return f"the function draws {len(drawn)} arrays of noise in float32, its trace {len(draws)}"
    arrays = {n: _double(t) for n, t in _arrays(program, given, sizes).items()}
    arrays |= {n: t.double().squeeze() for n, t in zip(draws, drawn, strict=True)}
    ours = float(evaluate(formula, arrays, sizes))
    if not abs(ours - value) <= COARSE * max(1.0, abs(value)):
        return (
            f"in float32, without gradients and with {rows} rows the function gives {value:.6g}, the formula {ours:.6g}"
        )
    return ""


def _run_in_torch(program: Program, given: Mapping[str, Any]) -> tuple[float, Sequence[Any]]:
    with torch.random.fork_rng(devices=[]), torch.no_grad(), _Draws() as seen:
        return float(program.picked(program.call(**given)).sum()), seen.drawn


def _single(t: Any) -> Any:
    return t.float() if isinstance(t, torch.Tensor) and t.is_floating_point() else t


def _double(t: Any) -> Any:
    return t.double() if isinstance(t, torch.Tensor) and t.is_floating_point() else t


def _arrays(program: Program, given: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, Any]:
    """Each argument with a dimension for each of its axes."""
    return {
        n: t.reshape([length((part,), sizes) for s in program.roles[n].sizes for part in s])
        for n, t in given.items()
        if program.roles[n].kind not in NUMBERS
    }


def _slopes(total: Any, moving: Mapping[str, Any]) -> dict[str, Any]:
    if not moving or not total.requires_grad:
        return {n: torch.zeros_like(t) for n, t in moving.items()}
    found = torch.autograd.grad(total, list(moving.values()), allow_unused=True)
    return {n: torch.zeros_like(t) if g is None else g for (n, t), g in zip(moving.items(), found, strict=True)}


def disagreement(
    program: Program, formula: Poly, several: Sequence[Point], draws: Sequence[str], tolerance: float
) -> str:
    """Where the formula and the function differ, in words; nothing if they agree at every point."""
    for point in several:
        if len(draws) != len(point.drawn):
            return f"the function draws {len(point.drawn)} arrays of noise, its trace {len(draws)}"
        arrays = _arrays(program, point.arguments, point.sizes)
        arrays |= {n: t.squeeze() for n, t in zip(draws, point.drawn, strict=True)}
        value = evaluate(formula, arrays, point.sizes)
        scale = max(1.0, abs(float(point.value)))
        error = abs(float(value.detach()) - float(point.value)) / scale
        if not error <= tolerance:
            return f"the numbers disagree: {float(point.value):.12g} and, by the formula, {float(value.detach()):.12g} at {_words(point.sizes)}"
        moving = {n: point.arguments[n] for n in point.slopes}
        ours = _slopes(value, moving)
        for n, theirs in point.slopes.items():
            theirs, mine = _on_simplex(theirs, program, n), _on_simplex(ours[n], program, n)
            size = max(1.0, float(theirs.abs().max()), float(mine.abs().max()))
            if not float((theirs - mine).abs().max()) <= 10 * tolerance * size:
                return f"the gradient in {n} is not that of the formula (no_grad, detach, .data, item, or a gradient of one's own)"
    return ""


def _on_simplex(slope: Any, program: Program, name: str) -> Any:
    """Probabilities that add up to one move within the simplex: a constant in the slope of a row says nothing."""
    return slope - slope.mean(-1, keepdim=True) if program.roles[name].kind == "simplex" else slope


def _words(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{n} = {v}" for n, v in sizes.items())


def evaluate(p: Poly, arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """The value of a formula without free indices, as a torch number that has a gradient."""
    out = _Evaluation(arrays, sizes).poly(p, {}, 0)
    return out if isinstance(out, torch.Tensor) else torch.tensor(float(out), dtype=torch.float64)


class _Evaluation:
    """Each bound index is a new axis in front; entries are looked up by index."""

    def __init__(self, arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
        self.arrays, self.sizes = arrays, sizes

    def poly(self, p: Poly, env: Mapping[str, Any], depth: int) -> Any:
        out: Any = 0.0
        for m, c in p.terms.items():
            term: Any = float(c)
            for a, e in m:
                v = self.atom(a, env, depth)
                term = term * (v if e == 1 else v ** float(e))
            out = out + term
        return out

    def atom(self, a: Atom, env: Mapping[str, Any], depth: int) -> Any:
        head, args = a.head, a.args
        if head == "sym":
            return self.sizes[args[0]] if args[0] in self.sizes else self.arrays[args[0]]
        if head == "pi":
            return torch.pi
        if head == "num":
            return float(args[0])
        if head == "exp":
            return torch.exp(_tensor(self.poly(as_poly(args[0]), env, depth)))
        if head == "log":
            return torch.log(_tensor(self.poly(args[0], env, depth)))
        if head == "abs":
            return torch.abs(_tensor(self.poly(args[0], env, depth)))
        if head == "poly":
            return self.poly(args[0], env, depth)
        if head == "held":
            return _tensor(self.poly(args[0], env, depth)).detach()
        if head in ("sum", "max"):
            return self._bound(a, env, depth)
        if head == "elem":
            return self._entry(a, env)
        raise Refuse(f"no value for {head}")

    def _entry(self, a: Atom, env: Mapping[str, Any]) -> Any:
        name, places, sort = a.args
        held = self.arrays[name]
        if sort == "onehot" and isinstance(held, torch.Tensor) and not held.is_floating_point():
            label = held[tuple(env[i] for i in places[:-1])] if places[:-1] else held
            return (label == env[places[-1]]).double()
        return held[tuple(env[i] for i in places)] if places else held

    def _bound(self, a: Atom, env: Mapping[str, Any], depth: int) -> Any:
        body, axes = a.args
        inner, k = dict(env), len(axes)
        for j, (i, n) in enumerate(axes):
            long = round(float(self.poly(n, {}, 0)))
            inner[i] = torch.arange(long).reshape((long,) + (1,) * (depth + k - 1 - j))
        v = _tensor(self.poly(as_poly(body) if a.head == "sum" else body, inner, depth + k))
        v = v.broadcast_to(torch.broadcast_shapes(v.shape, *(inner[i].shape for i, _ in axes)))
        for _ in range(k):
            v = v.sum(0) if a.head == "sum" else v.amax(0)
        return v


def _tensor(v: Any) -> Any:
    return v if isinstance(v, torch.Tensor) else torch.tensor(float(v), dtype=torch.float64)


__all__ = ["EXACT", "SINGLE", "Point", "disagreement", "evaluate", "points"]
