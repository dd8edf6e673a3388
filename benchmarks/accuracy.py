"""Accuracy against ball arithmetic, ours and that of others.

    python benchmarks/accuracy.py --points 1000000        measures, one kind of input after another, into accuracy.json
    python benchmarks/accuracy.py --ours                  the same of elbo_ref alone, and keeps what is known of the others
    python benchmarks/accuracy.py --write                 turns accuracy.json into the table of benchmarks/README.md

The inputs are those of `tests/elbo_ref/_families.py`, seeded, and are taken as the exact floats that they are. The exact value of
each point is an Arb ball far narrower than a float. An error is counted in units of the last place (ulp) of the dtype at
the exact value; that of a full covariance in multiples of eps times the larger condition number. Discrete laws are those
of the arrays divided by their sums, which others do not all do: near equality their error is that of the sums.
"""

import argparse
import dataclasses
import datetime
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flint
import numpy as np
import peers
from flint import arb, arb_mat

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import elbo_ref
from tests.elbo_ref import _families
from tests.elbo_ref._families import FAMILIES, Columns

CHUNK = 10_000
NUMBERS = {"values": 10_000_000, "gradients": 1_000_000}  # of a row of vectors or tables, one of 1,000 classes as 1,000
RESULTS = HERE / "accuracy.json"
OURS = "elbo_ref"
SHAPES = {"float64": (52, -1022), "float32": (23, -126), "bfloat16": (7, -126), "float16": (10, -14)}


@dataclasses.dataclass(frozen=True)
class Case:
    """One row of the table: what is computed on which inputs, by how many ulp it may be off."""

    section: str
    name: str
    sample: Callable[[np.random.Generator, int], Columns]
    exact: Callable[..., Any]  # one row of floats -> a ball, or several: those of a gradient
    implementations: dict[str, Callable[..., np.ndarray]]
    bound: float | None
    dtype: str = "float64"
    unit: Callable[[Columns], np.ndarray] | None = None  # of the relative error, where it is not ulp


# Errors


class Exact:
    """Exact values as what is needed to compare many approximations with them: each is (nearest + rest unit)."""

    def __init__(self, values: list[arb], dtype: str):
        mantissa, lowest = SHAPES[dtype]
        self.least = 2.0 ** (lowest - mantissa)
        self.nearest = np.array([float(x) for x in values])
        overflow = (2.0 - 2.0 ** (-mantissa - 1)) * 2.0 ** (-lowest + 1)  # from here on a number rounds to infinity
        self.infinite = np.abs(self.nearest) >= overflow
        exponents = np.maximum(np.frexp(self.nearest)[1] - 1, lowest)
        self.unit = np.ldexp(1.0, np.where(self.nearest == 0, lowest, exponents) - mantissa)
        pairs = zip(values, self.nearest.tolist(), self.unit.tolist(), self.infinite.tolist(), strict=True)
        self.rest = np.array([0.0 if out else float((x - arb(near)) / arb(unit)) for x, near, unit, out in pairs])

    def ulps(self, got: np.ndarray) -> np.ndarray:
        """Distances in units of the last place; inf where one of the two is infinite alone."""
        with np.errstate(all="ignore"):
            off = np.minimum(np.abs((got - self.nearest) / self.unit - self.rest), 1e300)
            right = np.where(self.infinite & (np.sign(got) == np.sign(self.nearest)), 0.0, np.inf)
        return np.where(self.infinite | ~np.isfinite(got), np.where(np.isinf(got), right, np.inf), off)

    def relative(self, got: np.ndarray, unit: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.where(np.isfinite(got), np.abs(got / self.nearest - 1) / unit, np.inf)


class Errors:
    """What is wrong with the values that one implementation gives."""

    def __init__(self) -> None:
        self.largest = 0.0
        self.sign = self.broken = self.points = 0
        self.sample: list[float] = []

    def add(self, got: np.ndarray, exact: Exact, errors: np.ndarray) -> None:
        self.points += len(got)
        self.broken += int(np.sum(np.isinf(errors)))
        # What is less than one unit off has no wrong sign: the smallest float and zero are one unit apart.
        shown = np.isfinite(errors) & (errors >= 1)
        self.sign += int(np.sum(shown & (np.sign(got) != np.sign(exact.nearest))))
        self.largest = max(self.largest, float(np.max(errors[np.isfinite(errors)], initial=0)))
        self.sample += errors[:: max(1, len(errors) // 200)].tolist()

    def summary(self) -> dict[str, float]:
        return {
            "largest": self.largest,
            "median": float(np.median(self.sample)),
            "wrong sign or zero": self.sign / self.points,
            "false inf or nan": self.broken / self.points,
        }


def sharp(exact: Callable[..., Any], *row: Any) -> list[arb]:
    """The exact value, or values, of one row to 90 bits at least."""
    for bits in (256, 1024, 4096, 16384):
        with flint.ctx.workprec(bits):
            found = exact(*map(_families.balls, row))
            balls = found if isinstance(found, list) else [found]
            if all(x.is_exact() or x.rel_accuracy_bits() > 90 or not x.is_finite() for x in balls):
                return balls
    raise ArithmeticError(f"no sharp value at {row}")


def measure(case: Case, points: int) -> dict[str, Any]:
    rng = np.random.default_rng(list(case.name.encode()))
    size = max(np.size(x) for x in case.sample(np.random.default_rng(0), 1))
    numbers = NUMBERS["gradients" if case.section.startswith("gradients") else "values"]
    rows = min(points, max(CHUNK // 10, numbers // size)) if size > 1 else points
    errors = {name: Errors() for name in case.implementations}
    refused: set[str] = set()
    for start in range(0, rows, CHUNK):
        columns = case.sample(rng, min(CHUNK, rows - start))
        exact = Exact([ball for row in zip(*columns, strict=True) for ball in sharp(case.exact, *row)], case.dtype)
        units = None if case.unit is None else case.unit(columns)
        for name, function in case.implementations.items():
            if name in refused:
                continue
            try:
                with np.errstate(all="ignore"):
                    got = np.asarray(function(case.dtype, *columns), dtype=np.float64).reshape(-1)
            except (NotImplementedError, TypeError, ValueError, RuntimeError):
                if name == OURS:
                    raise
                refused.add(name)
                continue
            off = exact.ulps(got) if units is None else exact.relative(got, units)
            errors[name].add(got, exact, off)
    return {
        "section": case.section,
        "points": rows,
        "bound": case.bound,
        "errors": {name: found.summary() for name, found in errors.items() if name not in refused},
        "refused": sorted(refused),
    }


# Cases


def arrays_of(dtype: str, columns: Columns) -> tuple[Any, ...]:
    """NumPy arrays, or torch tensors for the dtype that NumPy has not."""
    if dtype != "bfloat16":
        return tuple(x.astype(dtype) for x in columns)
    import torch

    return tuple(torch.tensor(x).bfloat16() for x in columns)


def ours(function: Callable[..., Any]) -> Callable[..., np.ndarray]:
    def call(dtype: str, *columns: np.ndarray) -> np.ndarray:
        value = function(*arrays_of(dtype, columns))
        return value.double().numpy() if dtype == "bfloat16" else np.asarray(value, dtype=np.float64)

    return call


def values_of(divergence: str) -> dict[str, Callable[..., np.ndarray]]:
    return {name: peer.values for name, peer in peers.of(divergence).items() if peers.present(name)}


def in_rows(name: str, others: dict[str, Callable[..., np.ndarray]]) -> dict[str, Callable[..., np.ndarray]]:
    """The peers, for the standard normal told to sum over the dimensions where there are many."""
    if not name.startswith("kl_standard_normal, D ="):
        return others
    return {peer: lambda dtype, *x, f=f: f(dtype, *x).sum(-1) for peer, f in others.items()}


def float64_cases() -> Iterator[Case]:
    bounds = {"kl_normal": 4, "kl_diag_normal": 4, "kl_standard_normal": 3}
    for name, family in FAMILIES.items():
        divergence = name.split(",")[0]
        implementations = {OURS: ours(family.function), **in_rows(name, values_of(divergence))}
        yield Case("float64", name, family.sample, family.exact, implementations, bounds.get(divergence, 8))


def rounded(sample: Callable[..., Columns], dtype: str) -> Callable[[np.random.Generator, int], Columns]:
    """The same inputs, rounded to a narrower dtype; where that leaves no law, drawn again."""

    def draw(rng: np.random.Generator, n: int) -> Columns:
        import torch

        kept: list[Columns] = []
        while sum(len(rows[0]) for rows in kept) < n:
            columns = [torch.tensor(x).to(getattr(torch, dtype)).double().numpy() for x in sample(rng, n)]
            good = np.isfinite(columns).all(axis=0)
            if len(columns) == 4:
                good &= (columns[1] > 0) & (columns[3] > 0)
            good = good.reshape(len(good), -1).all(axis=1)
            kept.append(tuple(x[good] for x in columns))
        return tuple(np.concatenate(rows)[:n] for rows in zip(*kept, strict=True))

    return draw


def near_equal(eps: float) -> Callable[[np.random.Generator, int], Columns]:
    """Parameters that differ by one unit of the last place, or up to a tenth."""

    def sample(rng: np.random.Generator, n: int) -> Columns:
        mean, std = rng.normal(size=n), _families.scale(rng, -3, 3, n)
        steps = rng.choice([-1.0, 1.0], (2, n)) * 10.0 ** rng.uniform(math.log10(eps), -1, (2, n))
        return mean * (1 + steps[0]), std * (1 + steps[1]), mean, std

    return sample


def collapsed(eps: float) -> Callable[[np.random.Generator, int], Columns]:
    return lambda rng, n: (np.zeros(n), rng.choice([-1.0, 1.0], n) * 10.0 ** rng.uniform(math.log10(eps), -1, n))


def narrow_cases() -> Iterator[Case]:
    for dtype in ("float32", "bfloat16", "float16"):
        eps = 2.0 ** -SHAPES[dtype][0]
        drawn = [
            ("kl_normal, moderate", FAMILIES["kl_normal, moderate"].sample),
            ("kl_normal, near equal", near_equal(eps)),
            ("kl_normal, large means", FAMILIES["kl_normal, large means"].sample),
            ("kl_standard_normal, collapsed", collapsed(eps)),
            ("kl_standard_normal, ordinary", FAMILIES["kl_standard_normal, ordinary"].sample),
            ("kl_bernoulli, ordinary", FAMILIES["kl_bernoulli, ordinary"].sample),
            ("kl_bernoulli_logits, within 80", FAMILIES["kl_bernoulli_logits, within 80"].sample),
            ("kl_diag_normal, D = 20, near equal", _families.rows(near_equal(eps), 20)),
            ("kl_standard_normal, D = 20, collapsed", _families.rows(collapsed(eps), 20)),
        ]
        for name, sample in drawn:
            family, divergence = FAMILIES[name], name.split(",")[0]
            implementations = {OURS: ours(family.function), **in_rows(name, values_of(divergence))}
            if dtype in ("bfloat16", "float16"):  # NumPy has no bfloat16, and computes with float16 by float32
                implementations = {k: f for k, f in implementations.items() if k not in (peers.SCIPY, peers.TEXTBOOK)}
            bound = 0.51 if dtype == "float32" else 0.501  # rounded once, from a float64 or a sum to 2^-31
            yield Case(dtype, f"{name}, {dtype}", rounded(sample, dtype), family.exact, implementations, bound, dtype)


# Gradients


def normal_gradient(mean_q: arb, std_q: arb, mean_p: arb, std_p: arb) -> list[arb]:
    r, d = std_q / std_p, (mean_q - mean_p) / std_p
    same = mean_q == mean_p and std_q == std_p
    last = arb(0) if same else (1 - r * r - d * d) / std_p
    return [d / std_p, arb(0) if std_q == std_p else (r * r - 1) / std_q, -d / std_p, last]


def normal_curvature(mean_q: arb, std_q: arb, mean_p: arb, std_p: arb) -> list[arb]:
    """Second derivatives: the rows of the Hessian, each from its diagonal on."""
    r, d, w = std_q / std_p, (mean_q - mean_p) / std_p, 1 / (std_p * std_p)
    none = arb(0)
    by_std_q, by_std_p = 1 / (std_q * std_q) + w, (3 * (r * r + d * d) - 1) * w
    return [w, none, -w, -2 * d * w, by_std_q, none, -2 * r * w, w, 2 * d * w, by_std_p]


def standard_gradient(mean: arb, logvar: arb) -> list[arb]:
    return [mean, logvar.expm1() / 2]


def standard_curvature(mean: arb, logvar: arb) -> list[arb]:
    return [arb(1), arb(0), logvar.exp() / 2]


def by_coordinate(gradient: Callable[..., list[arb]]) -> Callable[..., list[arb]]:
    """The gradient of a sum of divergences, one for each coordinate."""
    return lambda *columns: [ball for row in zip(*columns, strict=True) for ball in gradient(*row)]


def by_torch(function: Callable[..., Any], order: int, compiled: bool) -> Callable[..., np.ndarray]:
    """Gradients, or all second derivatives, by automatic differentiation."""

    def call(dtype: str, *columns: np.ndarray) -> np.ndarray:
        import torch

        arrays = [torch.tensor(x).to(getattr(torch, dtype)).requires_grad_() for x in columns]
        if compiled and function not in _COMPILED:
            _COMPILED[function] = torch.compile(function, dynamic=False)
        total = (_COMPILED[function] if compiled else function)(*arrays).sum()
        found = torch.autograd.grad(total, arrays, create_graph=order == 2)
        if order == 2:
            pairs = [(x, y) for i, x in enumerate(found) for y in arrays[i:]]
            found = [torch.autograd.grad(x.sum(), y, retain_graph=True, materialize_grads=True)[0] for x, y in pairs]
        return np.stack([x.detach().double().numpy() for x in found], axis=-1)

    return call


_COMPILED: dict[Callable[..., Any], Any] = {}


def gradient_cases() -> Iterator[Case]:
    exact = {
        "kl_normal": (normal_gradient, normal_curvature),
        "kl_diag_normal": (by_coordinate(normal_gradient), by_coordinate(normal_curvature)),
        "kl_standard_normal": (standard_gradient, standard_curvature),
    }
    for dtype in ("float64", "float32"):
        for name, family in FAMILIES.items():
            divergence = name.split(",")[0]
            if divergence not in exact or "standard_normal, D =" in name or (dtype == "float32" and "scale" in name):
                continue
            sample = rounded(family.sample, dtype) if dtype == "float32" else family.sample
            others = {k: p.gradients for k, p in peers.of(divergence).items() if peers.present(k)}
            others.pop(peers.TEXTBOOK, None)
            if dtype == "float32" and divergence == "kl_normal" and name.endswith("near equal"):
                sample = rounded(near_equal(2.0**-23), dtype)
            for way, order, compiled in (("eager", 1, False), ("compiled", 1, True), ("second order", 2, False)):
                if order == 2 and name.endswith(("scale", "floats")):
                    continue  # a step on the way to it overflows where it does not itself
                yield Case(
                    f"gradients, {way}",
                    f"gradient of {name}, {dtype}, {way}",
                    sample,
                    exact[divergence][order - 1],
                    {OURS: by_torch(family.function, order, compiled), **(others if way == "eager" else {})},
                    # The second derivative by std_p passes through 0, and what is differentiated has no digits beyond float64.
                    None if order == 2 and dtype == "float64" and divergence != "kl_standard_normal" else 4.0,
                    dtype,
                )


# Full covariance


def exact_mvn(mean_q: list[arb], cov_q: Any, mean_p: list[arb], cov_p: Any) -> arb:
    size = len(mean_q)
    shift = arb_mat([[a - b] for a, b in zip(mean_q, mean_p, strict=True)])
    inverse = cov_p.inv()
    square = (shift.transpose() * inverse * shift)[0, 0]
    return ((inverse * cov_q).trace() - size + square + (cov_p.det() / cov_q.det()).log()) / 2


def exact_tril(mean_q: list[arb], tril_q: Any, mean_p: list[arb], tril_p: Any) -> arb:
    factors = [arb_mat(x) for x in (tril_q, tril_p)]
    covariances = [x * x.transpose() for x in factors]
    return exact_mvn(mean_q, covariances[0], mean_p, covariances[1])


def exact_cov(mean_q: list[arb], cov_q: Any, mean_p: list[arb], cov_p: Any) -> arb:
    return exact_mvn(mean_q, arb_mat(cov_q), mean_p, arb_mat(cov_p))


def factors(closeness: float, size: int = 5, largest: float = 6) -> Callable[[np.random.Generator, int], Columns]:
    """Two Cholesky factors whose relative difference is `closeness`, with condition numbers from 1 to some 10^largest."""

    def sample(rng: np.random.Generator, n: int) -> Columns:
        scales = 10.0 ** (-rng.uniform(0, largest, (n, 1)) * np.linspace(0, 1, size))
        on = np.eye(size)
        tril_p = np.tril(rng.normal(size=(n, size, size)), -1) * scales[:, None, :] / 2 + on * scales[:, None, :]
        change = np.where(on > 0, rng.uniform(-0.9, 0.9, (n, size, size)), np.tril(rng.normal(size=(n, size, size))))
        tril_q = tril_p @ (on + closeness * change)
        mean_p = rng.normal(size=(n, size))
        mean_q = mean_p + closeness * (tril_p @ rng.normal(size=(n, size, 1)))[..., 0]
        return mean_q, tril_q, mean_p, tril_p

    return sample


def covariances(closeness: float) -> Callable[[np.random.Generator, int], Columns]:
    def sample(rng: np.random.Generator, n: int) -> Columns:
        mean_q, tril_q, mean_p, tril_p = factors(closeness, largest=4)(rng, n)
        both = (tril @ np.swapaxes(tril, -1, -2) for tril in (tril_q, tril_p))
        cov_q, cov_p = ((cov + np.swapaxes(cov, -1, -2)) / 2 for cov in both)
        return mean_q, cov_q, mean_p, cov_p

    return sample


def conditioned(columns: Columns) -> np.ndarray:
    return 2.0**-52 * np.maximum(np.linalg.cond(columns[1]), np.linalg.cond(columns[3]))


def matrix_cases() -> Iterator[Case]:
    for name, function, draw, exact in (
        ("kl_mvn_tril", elbo_ref.kl_mvn_tril, factors, exact_tril),
        ("kl_mvn", elbo_ref.kl_mvn, covariances, exact_cov),
    ):
        for closeness in (1.0, 1e-4, 1e-8, 1e-12):
            label = f"{name}, D = 5, laws within {closeness:.0e}"
            implementations = {OURS: ours(function), **values_of(name)}
            yield Case("full covariance", label, draw(closeness), exact, implementations, 64, unit=conditioned)


# Zero and infinity

TINY = 5e-324
LIMITS: dict[str, list[tuple[Any, Any, float]]] = {
    "kl_bernoulli": [
        (0.0, 0.5, math.log(2)),
        (1.0, 0.5, math.log(2)),
        (0.5, 0.0, math.inf),
        (0.5, 1.0, math.inf),
        (0.0, 1.0, math.inf),
        (1.0, 0.0, math.inf),
        (0.0, 0.0, 0.0),
        (1.0, 1.0, 0.0),
        (0.0, TINY, TINY),
        (TINY, TINY, 0.0),
        (0.5, 1e-310, 155 * math.log(10) - math.log(2)),
        (1e-10, 1e-20, 1e-10 * (10 * math.log(10) - 1) + 1.5e-20),
    ],
    "kl_categorical": [
        ([0.0, 1.0], [0.5, 0.5], math.log(2)),
        ([0.5, 0.5], [0.0, 1.0], math.inf),
        ([0.0, 1.0], [0.0, 1.0], 0.0),
        ([1.0, 0.0], [0.0, 1.0], math.inf),
        ([0.5, 0.5], [TINY, 1.0], 0.5 * (1074 * math.log(2) - 2 * math.log(2))),
        ([TINY, 1.0], [0.0, 1.0], math.inf),
    ],
    "kl_bernoulli_logits": [
        (1e308, 1e308, 0.0),
        (-1e308, 1e308, 1e308),
        (1e308, 0.0, math.log(2)),
        (0.0, 1e308, 5e307),
        (800.0, 800.0, 0.0),
        (-800.0, 0.0, math.log(2)),
    ],
    "kl_categorical_logits": [
        ([-math.inf, 0.0], [0.0, 0.0], math.log(2)),
        ([0.0, 0.0], [-math.inf, 0.0], math.inf),
        ([-math.inf, 3.0], [-math.inf, -5.0], 0.0),
        ([1e300, 0.0], [0.0, 0.0], math.log(2)),
        ([0.0, 0.0], [1e300, -1e300], 1e300),
        ([5.0, 5.0], [-7.0, -7.0], 0.0),
    ],
}


def limits() -> dict[str, Any]:
    """For each divergence and library: how many of the exact zeros and infinities and extreme numbers come out right."""
    table = {}
    for divergence, entries in LIMITS.items():
        functions = {OURS: ours(getattr(elbo_ref, divergence)), **values_of(divergence)}
        counts = {}
        for name, function in functions.items():
            right = 0
            for q, p, want in entries:
                with np.errstate(all="ignore"):
                    got = float(np.ravel(function("float64", np.array([q]), np.array([p])))[0])
                right += got == want or abs(got - want) <= 1e-12 * abs(want) < math.inf
            counts[name] = right
        table[divergence] = {"of": len(entries), "right": counts}
    return table


def cases() -> list[Case]:
    return [*matrix_cases(), *float64_cases(), *narrow_cases(), *gradient_cases()]


# The table

HEADINGS = {
    "float64": "Values in float64",
    "float32": "Values in float32",
    "bfloat16": "Values in bfloat16",
    "float16": "Values in float16",
    "gradients, eager": "Gradients by automatic differentiation",
    "gradients, compiled": "The same under `torch.compile`",
    "gradients, second order": "Second derivatives",
    "full covariance": "Full covariance, in multiples of eps times the condition number",
}


def number(x: float) -> str:
    return f"{x:.2f}" if x < 1000 else f"{x:.0e}".replace("e+", "e")


def cell(found: dict[str, float]) -> str:
    shares = [(found[what], what) for what in ("wrong sign or zero", "false inf or nan") if found[what] > 0]
    return "; ".join([number(found["largest"]), *(f"{max(share, 1e-4):.2%} {what}" for share, what in shares)])


def column(name: str, divergence: str, row: dict[str, Any]) -> str:
    if name in row["errors"]:
        return cell(row["errors"][name])
    if name in row["refused"]:
        return "refuses"
    if name not in peers.of(divergence) or (name == peers.TEXTBOOK and row["section"].startswith("gradients")):
        return "none"
    alone = row["section"] in ("gradients, compiled", "gradients, second order")  # of this package
    return "not run" if alone or peers.present(name) else "absent"


def tables(results: dict[str, Any]) -> str:
    lines = []
    for section, heading in HEADINGS.items():
        rows = {name: row for name, row in results["rows"].items() if row["section"] == section}
        if not rows:
            continue
        lines += [f"### {heading}", "", f"| input | points | bound | median | elbo_ref | {' | '.join(peers.NAMES)} |"]
        lines.append("|" + " --- |" * (5 + len(peers.NAMES)))
        for name, row in rows.items():
            divergence = name.removeprefix("gradient of ").split(",")[0]
            bound = "" if row["bound"] is None else f"{row['bound']:g}"
            shown = [name.removeprefix("gradient of "), f"{row['points']:,}", bound]
            shown += [number(row["errors"][OURS]["median"]), cell(row["errors"][OURS])]
            shown += [column(peer, divergence, row) for peer in peers.NAMES]
            lines.append(f"| {' | '.join(shown)} |")
        lines.append("")
    lines += ["### Zeros, infinities and the smallest numbers: how many come out right", ""]
    lines += [f"| | of | elbo_ref | {' | '.join(peers.NAMES)} |", "|" + " --- |" * (3 + len(peers.NAMES))]
    for divergence, row in results["limits"].items():
        counts = [str(row["right"].get(name, "none")) for name in (OURS, *peers.NAMES)]
        lines.append(f"| {divergence} | {row['of']} | {' | '.join(counts)} |")
    return "\n".join(lines)


def write(results: dict[str, Any]) -> None:
    page = HERE / "README.md"
    start, end = "<!-- --8<-- [start:accuracy] -->", "<!-- --8<-- [end:accuracy] -->"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(start)
    page.write_text(f"{before}{start}\n{tables(results)}\n{end}{rest.split(end)[1]}", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000, help="points for a row of the table")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--section", default="", help="rows of this part of the table")
    parser.add_argument("--missing", action="store_true", help="rows that accuracy.json has not yet")
    parser.add_argument("--before", default="", help="rows that were last measured before this day, as 2026-11-30")
    parser.add_argument(
        "--ours", action="store_true", help="measure elbo_ref alone, at the points that others have been at"
    )
    parser.add_argument("--write", action="store_true", help="measure nothing, write the table")
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"rows": {}}
    if options.write:
        write(results)
        return
    results["limits"] = limits()
    for case in cases():
        if options.only not in case.name or options.section not in case.section:
            continue
        if options.missing and case.name in results["rows"]:
            continue
        if options.before and results["rows"].get(case.name, {}).get("date", "") >= options.before:
            continue
        start = time.monotonic()
        known = results["rows"].get(case.name, {}) if options.ours else {}
        if options.ours:
            case = dataclasses.replace(case, implementations={OURS: case.implementations[OURS]})
        row = measure(case, options.points) | {"date": datetime.date.today().isoformat()}
        if known and known["points"] == row["points"]:
            row |= {"errors": known["errors"] | row["errors"], "refused": known["refused"]}
        results["rows"][case.name] = row
        results["rows"] = {c.name: results["rows"][c.name] for c in cases() if c.name in results["rows"]}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(f"{case.name}: {cell(row['errors'][OURS])}   [{time.monotonic() - start:.0f} s]", flush=True)


if __name__ == "__main__":
    main()
