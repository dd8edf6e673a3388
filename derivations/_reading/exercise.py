"""The worked exercise: p(z) = N(0, 1), p(x | z) = N(z, 0.5), q(z | x) = N(x / 1.5, 0.33), and its ELBO.

The document ("Evidence Lower Bound (ELBO) Derivation", Exercise 2) does not say whether the second slot of N is a
variance or a standard deviation. Both readings are computed, every number seven ways, and what is said about the numbers
is computed from them.
"""

import importlib.util
import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import mpmath
import sympy as sp
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

NOISE, DIVISOR, SPREAD = sp.Rational("0.5"), sp.Rational("1.5"), sp.Rational("0.33")
QUANTITIES = ("log p(x)", "ELBO", "reconstruction", "KL to the prior", "gap")
SLOTS = {"variance": 1, "standard deviation": 2}  # the power that turns the second slot into a variance
DIGITS = 30
_X, _VAR_Q = sp.Symbol("x", real=True), sp.Symbol("var_q", positive=True)

Cell = dict[str, str]


class _Reading:
    """One reading of the second slot: here `var_noise` and `var_q` are variances, whatever the document meant."""

    def __init__(self, slot: str, x: sp.Expr):
        self.slot, self.x = slot, x
        self.var_noise, self.var_q = NOISE ** SLOTS[slot], SPREAD ** SLOTS[slot]
        self.mean_q = x / DIVISOR
        self.mean_posterior, self.var_posterior = x / (1 + self.var_noise), self.var_noise / (1 + self.var_noise)

    def closed_form(self) -> tuple[sp.Expr, ...]:
        """The five quantities in the order of `QUANTITIES`."""
        evidence = -sp.log(2 * sp.pi * (1 + self.var_noise)) / 2 - self.x**2 / (2 * (1 + self.var_noise))
        residual = (self.x - self.mean_q) ** 2 + self.var_q
        reconstruction = -sp.log(2 * sp.pi * self.var_noise) / 2 - residual / (2 * self.var_noise)
        kl = _kl(self.mean_q, self.var_q, sp.Integer(0), sp.Integer(1))
        gap = _kl(self.mean_q, self.var_q, self.mean_posterior, self.var_posterior)
        return evidence, reconstruction - kl, reconstruction, kl, gap


def _kl(mean_q: sp.Expr, var_q: sp.Expr, mean_p: sp.Expr, var_p: sp.Expr) -> sp.Expr:
    return (var_q / var_p - 1 - sp.log(var_q / var_p) + (mean_q - mean_p) ** 2 / var_p) / 2


def _plain(expression: sp.Expr) -> sp.Expr:
    """A polynomial in x plus logarithms of primes and of pi: zero exactly when it prints as 0."""
    return sp.expand(sp.expand_log(expression, factor=True))


# --- The seven ways ---------------------------------------------------------------------------------------------------


def _by_scipy(reading: _Reading) -> Iterable[float]:
    from elbo_ref import quadrature

    def normal(mean: float, var: float) -> quadrature.Density:
        return quadrature.Density(
            lambda z: -((z - mean) ** 2 / var + math.log(2 * math.pi * var)) / 2, mean, math.sqrt(var)
        )

    x, var_noise = float(reading.x), float(reading.var_noise)
    prior, q = normal(0.0, 1.0), normal(float(reading.mean_q), float(reading.var_q))

    def log_likelihood(z: float) -> float:
        return -((x - z) ** 2 / var_noise + math.log(2 * math.pi * var_noise)) / 2

    yield quadrature.log_evidence(log_likelihood, prior)
    yield quadrature.elbo(log_likelihood, prior, q)
    yield quadrature.expectation(log_likelihood, q)
    yield quadrature.kl(q, prior)
    yield quadrature.gap(log_likelihood, prior, q)


def _by_mpmath(reading: _Reading) -> Iterable[mpmath.mpf]:
    x, var_noise, mean_q, var_q, mean_posterior, var_posterior = (
        mpmath.mpf(value.p) / value.q
        for value in (
            reading.x,
            reading.var_noise,
            reading.mean_q,
            reading.var_q,
            reading.mean_posterior,
            reading.var_posterior,
        )
    )

    def log_normal(z: mpmath.mpf, mean: mpmath.mpf, var: mpmath.mpf) -> mpmath.mpf:
        return -((z - mean) ** 2 / var + mpmath.log(2 * mpmath.pi * var)) / 2

    def integral(integrand: Callable[[mpmath.mpf], mpmath.mpf], mean: mpmath.mpf, var: mpmath.mpf) -> mpmath.mpf:
        ends = [mean + k * mpmath.sqrt(var) for k in (-14, 0, 14)]  # what lies beyond is below 10^-40
        return mpmath.quad(integrand, ends, method="gauss-legendre")

    def expectation(function: Callable[[mpmath.mpf], mpmath.mpf]) -> mpmath.mpf:
        return integral(lambda z: mpmath.exp(log_normal(z, mean_q, var_q)) * function(z), mean_q, var_q)

    def log_joint(z: mpmath.mpf) -> mpmath.mpf:
        return log_normal(z, mpmath.mpf(0), mpmath.mpf(1)) + log_normal(x, z, var_noise)

    # mpmath.quad stops at an absolute error: the integrand is brought to height 1 first.
    height = log_joint(mean_posterior)
    evidence = height + mpmath.log(integral(lambda z: mpmath.exp(log_joint(z) - height), mean_posterior, var_posterior))
    yield evidence
    yield expectation(lambda z: log_joint(z) - log_normal(z, mean_q, var_q))
    yield expectation(lambda z: log_normal(x, z, var_noise))
    yield expectation(lambda z: log_normal(z, mean_q, var_q) - log_normal(z, mpmath.mpf(0), mpmath.mpf(1)))
    yield expectation(lambda z: log_normal(z, mean_q, var_q) - log_joint(z) + evidence)


def _by_enclosure(reading: _Reading) -> Iterable[Any]:
    from elbo_ref import certified

    x, var_noise, mean_q, var_q = map(str, (reading.x, reading.var_noise, reading.mean_q, reading.var_q))
    decoder = certified.gaussian_decoder(x, var_noise=var_noise)
    digits = DIGITS + 10
    yield certified.log_evidence(decoder, digits=digits)
    yield certified.elbo(decoder, mean_q, var_q, digits=digits)
    yield certified.reconstruction(decoder, mean_q, var_q, digits=digits)
    yield certified.kl_gaussian(mean_q, var_q, 0, 1, digits=digits)
    yield certified.gap(decoder, mean_q, var_q, digits=digits)


def _by_elbo_ref(reading: _Reading, array: Callable[[float], Any]) -> Iterable[float]:
    import elbo_ref

    x, var_noise, mean_q, var_q = (
        array(float(value)) for value in (reading.x, reading.var_noise, reading.mean_q, reading.var_q)
    )
    zero, one = array(0.0), array(1.0)
    yield float(elbo_ref.linear_gaussian_log_evidence(x, one, zero, var_noise, zero, one))
    yield float(elbo_ref.linear_gaussian_elbo(x, mean_q, var_q, one, zero, var_noise, zero, one))
    yield float(elbo_ref.linear_gaussian_reconstruction(x, mean_q, var_q, one, zero, var_noise))
    yield float(elbo_ref.kl_normal(mean_q, var_q**0.5, zero, one))
    yield float(elbo_ref.linear_gaussian_gap(x, mean_q, var_q, one, zero, var_noise, zero, one))


def _by_numpy(reading: _Reading) -> Iterable[float]:
    import numpy as np

    return _by_elbo_ref(reading, np.float64)


def _by_torch(reading: _Reading) -> Iterable[float]:
    import torch

    return _by_elbo_ref(reading, lambda value: torch.tensor(value, dtype=torch.float64))


def _by_torch_quadrature(reading: _Reading, device: str = "cpu") -> Iterable[float]:
    import torch

    from elbo_ref import quadrature_torch

    def tensor(value: float) -> torch.Tensor:
        return torch.tensor(float(value), dtype=torch.float64, device=device)

    x, var_noise = float(reading.x), float(reading.var_noise)
    prior = quadrature_torch.Normal(tensor(0.0), tensor(1.0))
    q = quadrature_torch.Normal(tensor(reading.mean_q), tensor(float(reading.var_q) ** 0.5))

    def log_likelihood(z: torch.Tensor) -> torch.Tensor:
        return -((x - z) ** 2 / var_noise + math.log(2 * math.pi * var_noise)) / 2

    yield float(quadrature_torch.log_evidence(log_likelihood, prior).value)
    yield float(quadrature_torch.elbo(log_likelihood, prior, q).value)
    yield float(quadrature_torch.expectation(log_likelihood, q).value)
    yield float(quadrature_torch.kl(q, prior).value)
    yield float(quadrature_torch.gap(log_likelihood, prior, q).value)


# --- The data ---------------------------------------------------------------------------------------------------------

# Each way: how it is called on the terminal, what computes it, and the package that it needs.
_WAYS: dict[str, tuple[str, Callable[[_Reading], Iterable[Any]], str]] = {
    "scipy": ("SciPy quadrature", _by_scipy, "scipy"),
    "mpmath": ("mpmath", _by_mpmath, "mpmath"),
    "enclosure": ("ball arithmetic", _by_enclosure, "flint"),
    "numpy": ("NumPy", _by_numpy, "numpy"),
    "torch": ("torch", _by_torch, "torch"),
    "torch_quadrature": ("torch quadrature", _by_torch_quadrature, "torch"),
}


def _ways() -> dict[str, tuple[str, Callable[[_Reading], Iterable[Any]], str]]:
    """Those above, and torch on the accelerator that is here."""
    from derivations._checks.reference import devices

    here = [device for device in devices() if device != "cpu"]
    on = {
        f"torch_{device}": (f"torch quadrature on {device}", partial(_by_torch_quadrature, device=device), "torch")
        for device in here
    }
    return _WAYS | on


def _digits(value: mpmath.mpf, digits: int = DIGITS) -> str:
    return mpmath.nstr(value, digits, strip_zeros=False)


def _cell(value: Any, exact: mpmath.mpf) -> Cell:
    """A value as it came, to at most `DIGITS` digits, and its difference from the closed form."""
    if isinstance(value, float):
        return {"value": repr(value), "difference": mpmath.nstr(mpmath.mpf(value) - exact, 2)}
    if isinstance(value, mpmath.mpf):
        return {"value": _digits(value), "difference": mpmath.nstr(value - exact, 2)}
    middle, radius = (mpmath.mpf(part.numerator) / part.denominator for part in (value.midpoint, value.radius))
    return {
        "value": value.decimal(DIGITS),
        "difference": mpmath.nstr(middle - exact, 2),
        "radius": mpmath.nstr(radius, 2),
        "contains_closed_form": "yes" if abs(middle - exact) <= radius else "no",
    }


def _column(way: str, reading: _Reading, exact: list[mpmath.mpf]) -> list[Cell]:
    _, by, package = _ways()[way]
    if importlib.util.find_spec(package) is None:
        return [{"note": f"not run: {package} is not installed"} for _ in exact]
    try:
        return [_cell(value, target) for value, target in zip(by(reading), exact, strict=True)]
    except ArithmeticError as refusal:  # SciPy's quadrature or the enclosure does not reach its tolerance
        return [{"note": f"refused: {refusal}"} for _ in exact]


_NUMBER = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?(/\d+)?\s*", re.IGNORECASE | re.ASCII)
_LENGTH = 100  # characters: an exponent of ten digits alone would fill the memory


def _parse(x: str) -> sp.Rational:
    try:
        number = sp.Rational(x) if len(x) <= _LENGTH and _NUMBER.fullmatch(x) else sp.nan
    except (TypeError, ValueError, ZeroDivisionError):
        number = sp.nan
    if not number.is_Rational or abs(number) > 10**6:
        raise ValueError(f"x must be a number such as 1, 0.5 or 3/7, of at most 10^6, got {x[:_LENGTH]!r}")
    return number


def _gap_in_x(slot: str) -> sp.Expr:
    return _plain(_Reading(slot, _X).closed_form()[-1])


def _reading(slot: str, x: sp.Rational) -> dict[str, Any]:
    reading, anywhere = _Reading(slot, x), _Reading(slot, _X)
    closed = reading.closed_form()
    exact = [mpmath.mpf(sp.N(expression, mpmath.mp.dps)._mpf_) for expression in closed]
    columns = {way: _column(way, reading, exact) for way in _ways()}
    evidence, elbo, reconstruction, kl, gap = anywhere.closed_form()
    return {
        "second_slot": slot,
        "var_noise": str(reading.var_noise),
        "q": {"mean": str(reading.mean_q), "variance": str(reading.var_q)},
        "posterior": {"mean": str(reading.mean_posterior), "variance": str(reading.var_posterior)},
        "rows": [
            {
                "quantity": quantity,
                "exact": str(_plain(expression)),
                "closed_form": _digits(value),
                **{way: column[k] for way, column in columns.items()},
            }
            for k, (quantity, expression, value) in enumerate(zip(QUANTITIES, closed, exact, strict=True))
        ],
        "at_any_x": {
            "posterior": {"mean": str(anywhere.mean_posterior), "variance": str(anywhere.var_posterior)},
            "gap": str(_plain(gap)),
            "gap_depends_on_x": bool(_plain(gap).has(_X)),
            "elbo_is_reconstruction_less_kl": bool(_plain(elbo - reconstruction + kl) == 0),
            "log_evidence_is_elbo_plus_gap": bool(_plain(evidence - elbo - gap) == 0),
        },
        "conclusions": _conclusions(reading, anywhere, exact[-1]),
    }


def _conclusions(reading: _Reading, anywhere: _Reading, gap: mpmath.mpf) -> list[str]:
    """What the posterior is and how far q is from it; how large the gap is and whether it depends on x."""
    offset = sp.expand(anywhere.mean_q - anywhere.mean_posterior)
    means = "the same mean for every x" if offset == 0 else f"a mean that is off by {offset}"
    first = (
        f"The posterior is N({reading.mean_posterior}, {reading.var_posterior}), mean and variance; q is "
        f"N({reading.mean_q}, {reading.var_q}): {means}, and {reading.var_q / reading.var_posterior} of the variance."
    )
    second = f"The gap is {_digits(gap, 5)} nats"
    in_x = _plain(anywhere.closed_form()[-1])
    if in_x.has(_X):
        second += f" and depends on x: it is {sp.N(in_x.subs(_X, 0), 5)} + {in_x.coeff(_X, 2)} x^2."
    else:
        twice = sp.expand(2 * _kl(offset, _VAR_Q, sp.Integer(0), reading.var_posterior), log=False)
        second += (
            f", the same for every x: ({twice})/2 at var_q = {reading.var_q}. "
            f"At var_q = {reading.var_posterior} it would be {twice.subs(_VAR_Q, reading.var_posterior) / 2}."
        )
    return [first, second]


def _comparison() -> str:
    """Under which reading q is nearer to the posterior, shown for every x from the two gaps as polynomials in x."""
    near, far = sorted(SLOTS, key=lambda slot: _gap_in_x(slot).subs(_X, 1).evalf())
    excess = _plain(_gap_in_x(far) - _gap_in_x(near))
    constant, quadratic = excess.subs(_X, 0), excess.coeff(_X, 2)
    everywhere = _plain(excess - constant - quadratic * _X**2) == 0 and constant.is_positive and quadratic >= 0
    where = "for every x" if everywhere else "for x = 1"
    return f"q is nearer to the posterior when the second slot is a {near}, {where}."


def exercise(x: str = "1") -> dict[str, Any]:
    """The five numbers of the exercise at x, six ways, under both readings, as plain data (it is also the JSON form).

    x is a number as text, taken as exact: "1", "0.5", "3/7". ValueError for anything else.
    """
    number = _parse(x)
    with mpmath.workdps(DIGITS + 20):
        readings = [_reading(slot, number) for slot in SLOTS]
    return {
        "model": {
            "prior": "N(0, 1)",
            "likelihood": f"N(z, {float(NOISE)})",
            "q": f"N(x / {float(DIVISOR)}, {float(SPREAD)})",
            "x": str(number),
        },
        "units": "nats",
        "readings": readings,
        "conclusion": _comparison(),
    }


def answers(data: Mapping[str, Any]) -> list[str]:
    """The two numbers that the exercise asks for, under each reading of it: one sentence a reading."""
    x, sentences = data["model"]["x"], []
    for reading in data["readings"]:
        values = {row["quantity"]: float(row["closed_form"]) for row in reading["rows"]}
        gap = _positional(f"{values['gap']:#.5g}")
        where = f"at x = {x}" if reading["at_any_x"]["gap_depends_on_x"] else "for every x"
        sentences.append(
            f"With 0.5 and 0.33 read as {reading['second_slot']}s, the ELBO at x = {x} is {values['ELBO']:#.5g} nats, "
            f"and the gap is {gap} nats {where}."
        )
    return sentences


# --- On a terminal ----------------------------------------------------------------------------------------------------


def _positional(number: str) -> str:
    """A number without an exponent."""
    return f"{Decimal(number):f}"


def _table(reading: dict[str, Any]) -> Table:
    title = f"The second slot is a {reading['second_slot']}"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("by", no_wrap=True)
    table.add_column("nats", no_wrap=True, max_width=DIGITS + 14)
    for heading in ("off by", "radius"):
        table.add_column(heading, no_wrap=True, justify="right")
    points = [_positional(row["closed_form"]).index(".") for row in reading["rows"]]
    for row, point in zip(reading["rows"], points, strict=True):
        indent = " " * (max(points) - point)  # decimal points in one column
        table.add_row(row["quantity"], style="bold")
        table.add_row("closed form", indent + _positional(row["closed_form"]))
        for way, (label, _, _) in _ways().items():
            cell = row[way]
            if "note" in cell:
                table.add_row(label, Text(cell["note"], overflow="ellipsis"), style="dim")
            else:
                table.add_row(label, indent + _positional(cell["value"]), cell["difference"], cell.get("radius", ""))
        table.add_section()
    return table


def render(data: dict[str, Any]) -> Group:
    """The data of `exercise` for a terminal of 80 columns: the answers, then each reading's table and what follows."""
    model = data["model"]
    title = f"p(z) = {model['prior']}   p(x | z) = {model['likelihood']}   q(z | x) = {model['q']}   x = {model['x']}"
    parts: list[Any] = [Text(title, style="bold"), Text(), *map(Text, answers(data)), Text(data["conclusion"]), Text()]
    for reading in data["readings"]:
        parts += [_table(reading), Text(), *(Text(line) for line in reading["conclusions"]), Text()]
    return Group(*parts[:-1])
