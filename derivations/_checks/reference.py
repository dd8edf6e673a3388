"""The function that a theorem licenses, against the theorem's right-hand side computed to 160 digits.

Arguments are the symbols of the theorem of the same name; a family `mean[i]` is an array. The points are ordinary ones,
points where all arguments of a kind almost agree (P = Q, where closed forms cancel), and tiny and huge ones.

A function may err by a few roundings of its result, and by what a few roundings of its arguments would do to the exact
value: an algorithm that asks for more accuracy than that does not exist, and one that needs less is refused.
"""

from __future__ import annotations

import importlib.util
import inspect
import random
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction

import elbo_ref
from derivations._kernel import BINDERS, Notation, unfolded
from derivations._language.verdicts import Theorem
from derivations._values.exact import Digits
from derivations._values.interpret import CannotConclude, Point
from derivations._values.sample import places, unknowns

ROUNDINGS = 64
EPS, EPS_SINGLE = 2.0**-52, 2.0**-23
EXACT_KINDS = ("ordinary", "nearly equal 10", "near zero and one 10")
LARGEST = 2.0**1023
SMALLEST = 1e-300
DIGITS = 160
DIRECTIONS = 3
GRADIENTS = 4  # points at which gradients are compared: they cost a derivative for every argument


class Mismatch(ArithmeticError):
    """The function and the theorem disagree."""


@dataclass(frozen=True)
class Case:
    """One set of arguments: exact values by symbol, and in what respect the arrays are probabilities."""

    kind: str
    values: Mapping[sp.Basic, Any]
    simplex: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: " + ", ".join(f"{s} = {_floats(v)}" for s, v in self.values.items())


class Reference:
    """A theorem that licenses a function, and the function."""

    def __init__(self, theorem: Theorem) -> None:
        self.theorem = theorem
        function = None if str(theorem.computes).startswith("_") else getattr(elbo_ref, str(theorem.computes), None)
        if not callable(function):
            raise Mismatch(f"elbo_ref has no function called {theorem.computes}")
        self.function: Callable[..., Any] = function
        self.formula, self.letters = _as_families(theorem)
        self.arguments = self._arguments()
        parameters = inspect.signature(self.function).parameters
        kinds = {name: parameters[name].annotation for name in self.arguments}
        self.options: dict[str, type] = {name: kind for name, kind in kinds.items() if kind in (int, float)}

    def _arguments(self) -> dict[str, sp.Basic]:
        """Which symbol or family each argument is."""
        free = {str(s): s for s in _free(self.formula)}
        found: dict[str, sp.Basic] = {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            close = [s for s in free if s == name] or [s for s in free if s.rpartition("_")[0] == name]
            if len(close) == 1:
                found[name] = free[close[0]]
            elif parameter.default is inspect.Parameter.empty:
                raise Mismatch(f"{self.theorem.computes}: no symbol of the theorem is called {name}")
        return found

    # --- points ---

    def cases(self) -> list[Case]:
        """Ordinary points, points where arguments of a kind almost agree, tiny and huge ones."""
        if self.theorem.given or self.theorem.narrows:
            return [Case(str(p.point.label), self._known(p.point.values)) for p in places(self.theorem)]
        draw = random.Random(str(self.theorem.computes))
        kinds = ["ordinary"] * 4 + ["nearly equal 10", "nearly equal 20", "nearly equal 29", "near zero and one 10"]
        kinds += ["near zero and one 25", "tiny 30", "tiny 100", "huge 30", "mixed 30", "mixed 30"]
        return [case for kind in kinds if (case := self._case(kind, draw))]

    def _known(self, values: Mapping[sp.Basic, Any]) -> dict[sp.Basic, Any]:
        return {s: values[s] for s in _free(self.formula)}

    def _case(self, kind: str, draw: random.Random) -> Case | None:
        symbols = _free(self.formula)
        sizes = {s: sp.Integer(draw.randint(2, 3)) for s in symbols if s.is_integer}
        centre = {s: _number(s, "ordinary", draw, None) for s in _kinds(symbols)}
        shapes = _shapes(self.formula, sizes)

        def fill(s: sp.Basic, shape: Sequence[int]) -> Any:
            if shape:
                return [fill(s, shape[1:]) for _ in range(shape[0])]
            same = next(c for t, c in centre.items() if _kind(t) == _kind(s))
            return _number(s, kind, draw, same)

        values = {s: sizes[s] if s in sizes else fill(s, shapes.get(s, ())) for s in symbols}
        families = [s for s in values if s in shapes]
        if self._accepts(values):
            return Case(kind, values)
        scaled = {s: _to_one(v) if s in families else v for s, v in values.items()}
        if self._accepts(scaled):
            return Case(kind, scaled, simplex=True)
        if kind == "ordinary":
            raise Mismatch(f"{self.theorem.computes} refuses {Case(kind, values)}")
        return None  # a scale that the function's domain does not allow

    def _accepts(self, values: Mapping[sp.Basic, Any]) -> bool:
        try:
            self.numpy(values)
        except ValueError:
            return False
        return True

    # --- the function, and the theorem ---

    def numpy(self, values: Mapping[sp.Basic, Any]) -> float:
        with np.errstate(all="ignore"):
            return float(self.function(**self._arrays(values), **self._options(values)))

    def _arrays(self, values: Mapping[sp.Basic, Any]) -> dict[str, np.ndarray]:
        return {n: np.asarray(_floats(values[s])) for n, s in self.arguments.items() if n not in self.options}

    def _options(self, values: Mapping[sp.Basic, Any]) -> dict[str, float]:
        """What the function takes as a number of Python, such as the order of a bound."""
        return {n: kind(values[self.arguments[n]]) for n, kind in self.options.items()}

    def exact(self, values: Mapping[sp.Basic, Any], formula: sp.Expr | None = None) -> mpmath.mpf:
        return Digits(Point("", values), DIGITS)(self.formula if formula is None else formula)

    def spread(self, values: Mapping[sp.Basic, Any], formula: sp.Expr | None = None) -> mpmath.mpf:
        """How much the exact value moves, relative to how much all arguments move: its condition, up to a small factor.

        The arguments move together, in a few directions drawn at random.
        """
        draw, here, moved = random.Random(0), self.exact(values, formula), mpmath.mpf(0)
        for _ in range(DIRECTIONS):
            nudged = {s: _nudged(v, draw) if s in self.arguments.values() else v for s, v in values.items()}
            moved += abs(self.exact(nudged, formula) - here) * 10**30
        return moved

    @cached_property
    def answers(self) -> list[tuple[Case, mpmath.mpf, mpmath.mpf]]:
        """At every point the exact value, and how far off a computed one may be."""
        found = []
        for case in self.cases():
            value = self.exact(case.values)
            found.append((case, value, ROUNDINGS * EPS * (abs(value) + self.spread(case.values)) + SMALLEST))
        return found

    def check_value(self, compute: Callable[[Mapping[sp.Basic, Any]], float]) -> None:
        """The function agrees with the right-hand side at every point."""
        for case, value, slack in self.answers:
            got = compute(case.values)
            overflow = abs(value) > LARGEST and abs(got) >= LARGEST
            if not overflow and not abs(got - value) <= slack:
                name, exact, allowed = self.theorem.computes, mpmath.nstr(value, 20), mpmath.nstr(slack, 2)
                raise Mismatch(f"{name} gives {got!r}, the theorem {exact}, allowed {allowed}; {case}")

    def check_single(self) -> None:
        """In float32, which has code of its own, at the ordinary points whose numbers float32 holds exactly."""
        for case, value, slack in self.answers:
            numbers = self._arrays(case.values)
            if case.kind not in EXACT_KINDS or any(np.any(x.astype(np.float32) != x) for x in numbers.values()):
                continue
            single = {n: x.astype(np.float32) for n, x in numbers.items()}
            got = float(self.function(**single, **self._options(case.values)))
            if not abs(got - value) <= slack * (EPS_SINGLE / EPS):
                name, exact = self.theorem.computes, mpmath.nstr(value, 12)
                raise Mismatch(f"{name} gives {got!r} in float32, the theorem {exact}; {case}")

    def call(self) -> str:
        """A call that a reader can run, at the first point, and what it gives."""
        values = self.cases()[0].values
        given = [f"{n}={_python(_floats(values[s]))}" for n, s in self.arguments.items()]
        lines = ["import elbo_ref", "", f"elbo_ref.{self.theorem.computes}({', '.join(given)})"]
        if "np." in lines[-1]:
            lines[:0] = ["import numpy as np", ""]
        return "\n".join([*lines, f"# {self.numpy(values)!r}"])

    # --- torch ---

    def check_torch(self, device: str) -> None:
        torch = _torch()

        def compute(values: Mapping[sp.Basic, Any]) -> float:
            return float(self.function(**self._tensors(torch, values, device), **self._options(values)))

        self.check_value(compute)

    def _tensors(
        self, torch: types.ModuleType, values: Mapping[sp.Basic, Any], device: str, **how: bool
    ) -> dict[str, Any]:
        return {
            name: torch.tensor(_floats(values[s]), dtype=torch.float64, device=device, **how)
            for name, s in self.arguments.items()
            if name not in self.options
        }

    def check_gradient(self, device: str) -> None:
        """torch's gradient agrees with the symbolic derivative, along the simplex where arguments are probabilities."""
        torch = _torch()
        every = max(1, len(self.answers) // GRADIENTS)
        for case, value, _ in self.answers[::every]:
            if abs(value) > LARGEST:
                continue
            tensors = self._tensors(torch, case.values, device, requires_grad=True)
            self.function(**tensors, **self._options(case.values)).backward()
            formula, spread = _written_out(self.formula, case.values), self.spread(case.values)
            for name in tensors:
                if not self._movable(s := self.arguments[name], case):
                    continue
                keys = list(_numbers(case.values[s]))
                slopes = {key: float(tensors[name].grad[tuple(j - 1 for j in key)]) for key in keys}
                for key in keys[1:] if case.simplex else keys:
                    along = [(key, 1), (keys[0], -1)] if case.simplex else [(key, 1)]
                    derivative = sp.Add(*(sign * _partial(formula, s, k) for k, sign in along))
                    got = sum(sign * slopes[k] for k, sign in along)
                    exact = self.exact(case.values, derivative)
                    size = sum(abs(slopes[k]) for k, _ in along) + abs(exact) + self.spread(case.values, derivative)
                    size += spread / max(abs(_at(case.values[s], key)), sp.Rational(1, 2**40))
                    if not abs(got - exact) <= ROUNDINGS * EPS * size + SMALLEST:
                        where = f"{name}{list(key) or ''}"
                        raise Mismatch(f"d/d{where} is {got!r}, the theorem's {mpmath.nstr(exact, 20)}; {case}")

    def _movable(self, s: sp.Basic, case: Case) -> bool:
        """May this argument change a little? A bit, 0 or 1, may not; probabilities may, along the simplex."""
        return case.simplex or self._accepts({**case.values, s: _shifted(case.values[s])})


def _torch() -> types.ModuleType:
    import torch

    return torch


def devices() -> list[str]:
    """Where torch can compute here; empty when it is not installed."""
    if not importlib.util.find_spec("torch"):
        return []
    return ["cpu", "cuda"] if _torch().cuda.is_available() else ["cpu"]


# --- formulas --------------------------------------------------------------------------------------------------------


def _as_families(theorem: Theorem) -> tuple[sp.Expr, dict[UndefinedFunction, sp.IndexedBase]]:
    """The right-hand side, closed; tables given as abstract functions of a finite range become families of numbers."""
    formula = unfolded(theorem.statement.rhs)
    over = next((f.over for f in theorem.forms.values() if f.over[0].is_integer), None)
    letters: dict[UndefinedFunction, sp.IndexedBase] = {}
    if over is not None:
        for f in unknowns(theorem)[2]:
            letters[f] = sp.IndexedBase(f.__name__.partition("(")[0], positive=True)
        formula = _on_table(formula, letters, over)
    if formula.atoms(sp.Integral, AppliedUndef, Notation):
        raise CannotConclude(f"the right-hand side is not closed: {formula}")
    return formula, letters


def _on_table(e: sp.Basic, letters: Mapping[UndefinedFunction, sp.IndexedBase], over: sp.Tuple) -> sp.Basic:
    if isinstance(e, AppliedUndef) and e.func in letters:
        return letters[e.func][tuple(over[0] for _ in e.args)]
    if isinstance(e, BINDERS) and len(e.args[1]) == 1:
        return sp.Sum(_on_table(e.args[0], letters, over), over)
    return e.func(*(_on_table(a, letters, over) for a in e.args)) if e.args else e


def _free(formula: sp.Expr) -> list[sp.Basic]:
    """The symbols and families on which the formula depends."""
    families = {a.base for a in formula.atoms(sp.Indexed)}
    symbols = {s for s in formula.free_symbols if isinstance(s, sp.Symbol)} - {f.label for f in families}
    return sorted(families | symbols, key=str)


def _shapes(formula: sp.Expr, sizes: Mapping[sp.Basic, sp.Integer]) -> dict[sp.Basic, tuple[int, ...]]:
    """How long each family is along each index: up to where the sums over that index run."""
    ends = {r[0]: int(r[2].xreplace(dict(sizes))) for b in formula.atoms(sp.Sum, sp.Product) for r in b.args[1:]}
    return {a.base: tuple(ends.get(i) or int(i) for i in a.indices) for a in formula.atoms(sp.Indexed)}


def _written_out(e: sp.Expr, values: Mapping[sp.Basic, Any]) -> sp.Expr:
    """Every finite sum as its terms."""
    if isinstance(e, sp.Sum | sp.Product):
        inner, r = (e.args[0] if len(e.args) == 2 else e.func(*e.args[:-1])), e.args[-1]
        sizes = {s: v for s, v in values.items() if s.is_integer}
        steps = range(int(r[1].xreplace(sizes)), int(r[2].xreplace(sizes)) + 1)
        terms = [_written_out(inner.xreplace({r[0]: sp.Integer(k)}), values) for k in steps]
        return sp.Add(*terms) if isinstance(e, sp.Sum) else sp.Mul(*terms)
    return e.func(*(_written_out(a, values) for a in e.args)) if e.args and not isinstance(e, sp.Indexed) else e


def _partial(formula: sp.Expr, s: sp.Basic, indices: tuple[int, ...]) -> sp.Expr:
    return sp.diff(formula, s[indices] if indices else s)


# --- numbers ---------------------------------------------------------------------------------------------------------


def _numbers(v: Any, indices: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """The indices of the single numbers of an argument."""
    if not isinstance(v, list | tuple):
        yield indices
        return
    for j, w in enumerate(v, 1):
        yield from _numbers(w, (*indices, j))


def _at(v: Any, indices: tuple[int, ...]) -> sp.Rational:
    for j in indices:
        v = v[j - 1]
    return v


def _nudged(v: Any, draw: random.Random) -> Any:
    """Each number larger or smaller by one to four parts in 10^30: equal parts would leave ratios as they are."""
    if isinstance(v, list | tuple):
        return [_nudged(w, draw) for w in v]
    return v * (1 + sp.Rational(draw.choice((-1, 1)) * draw.randint(1, 4), 10**30))


def _shifted(v: Any) -> Any:
    return [_shifted(w) for w in v] if isinstance(v, list | tuple) else v + sp.Rational(1, 2**20)


def _floats(v: Any) -> Any:
    return [_floats(w) for w in v] if isinstance(v, list | tuple) else float(v)


def _python(v: Any) -> str:
    return f"np.array({v})" if isinstance(v, list | tuple) else repr(v)


def _to_one(v: Any) -> Any:
    """Positive numbers turned into fractions of 2^40 that add up to one, each exact as a float."""
    flat = _flat(v)
    total = sum(flat)
    parts = [sp.Integer(max(1, round(x / total * 2**40))) for x in flat]
    parts[parts.index(max(parts))] += 2**40 - sum(parts)
    fresh = iter(parts)

    def rebuild(w: Any) -> Any:
        return [rebuild(x) for x in w] if isinstance(w, list | tuple) else next(fresh) / 2**40

    return rebuild(v)


def _flat(v: Any) -> list[Any]:
    return [x for w in v for x in _flat(w)] if isinstance(v, list | tuple) else [v]


def _kind(s: sp.Basic) -> tuple[bool, bool]:
    label = s.label if isinstance(s, sp.IndexedBase) else s
    return bool(label.is_positive), bool(label.is_integer)


def _kinds(symbols: Sequence[sp.Basic]) -> list[sp.Basic]:
    """One symbol of every domain."""
    found: dict[tuple[bool, bool], sp.Basic] = {}
    for s in symbols:
        found.setdefault(_kind(s), s)
    return list(found.values())


def _number(s: sp.Basic, kind: str, draw: random.Random, centre: sp.Rational | None) -> sp.Rational:
    """A number in the domain of s, exact as a float."""
    positive, _ = _kind(s)
    word, _, power = kind.rpartition(" ")
    small = sp.Rational(draw.choice((-1, 1)) * draw.randint(1, 15), 8)
    ordinary = sp.Rational(draw.randint(16, 160), 64) if positive else sp.Rational(draw.randint(-160, 160), 64)
    match word:
        case "nearly equal":
            return centre + small / 2 ** int(power)
        case "near zero and one":
            return (1 if positive else 0) + small / 2 ** int(power)
        case "tiny":
            return ordinary / 2 ** int(power)
        case "huge":
            return ordinary * 2 ** (int(power) if positive else 8)
        case "mixed":
            return ordinary * sp.Rational(2) ** (
                draw.randint(-int(power), int(power)) if positive else draw.randint(-8, 8)
            )
    return ordinary
