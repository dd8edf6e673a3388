"""Accuracy against ball arithmetic, ours and that of others, on the inputs of `tests/_families.py`.

    python benchmarks/accuracy.py --points 1000000        a table in Markdown: largest error in units of the last place

The seed is fixed. Discrete laws are those of the arrays divided by their sums, which others do not all do: near equality
their error is that of the sums of the floats. The exact value of a point costs about 40 microseconds.
"""

import argparse
import importlib
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from _families import FAMILIES, Family, ulps

CHUNK = 10_000
Peer = Callable[..., np.ndarray]


@dataclass
class Errors:
    """What is wrong with the values that one implementation gives."""

    largest: float = 0.0
    negative: int = 0
    not_finite: int = 0  # inf or nan where the divergence is finite, or finite where it is not
    sample: list[float] = field(default_factory=list)

    def add(self, got: np.ndarray, exact: list[Any]) -> None:
        errors = np.array([ulps(value, want) for value, want in zip(got, exact, strict=True)])
        self.not_finite += int(np.sum(~np.isfinite(errors)))
        self.negative += int(np.sum(got < 0))
        self.largest = max(self.largest, float(np.max(errors[np.isfinite(errors)], initial=0)))
        self.sample += errors[:: max(1, len(errors) // 1000)].tolist()

    def __str__(self) -> str:
        remarks = [f"{n} {what}" for n, what in ((self.negative, "negative"), (self.not_finite, "not finite")) if n]
        number = f"{self.largest:.2f}" if self.largest < 1000 else f"{self.largest:.0e}"
        return number + (f" ({', '.join(remarks)})" if remarks else "")


def of_torch(make: Callable[[Any], Callable[..., Any]], *columns: np.ndarray) -> np.ndarray:
    import torch

    law, half = make(torch.distributions), len(columns) // 2
    arrays = [torch.tensor(c) for c in columns]
    q, p = law(*arrays[:half]), law(*arrays[half:])
    return torch.distributions.kl_divergence(q, p).numpy()


def of_torch_standard(mean: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    import torch
    from torch.distributions import Normal, kl_divergence

    q = Normal(torch.tensor(mean), torch.exp(torch.tensor(logvar) / 2), validate_args=False)
    return kl_divergence(q, Normal(0.0, 1.0)).numpy()


def of_scipy(function: str, *columns: np.ndarray) -> np.ndarray:
    import scipy.special

    q, p = columns if columns[0].ndim > 1 else [np.stack([c, 1 - c], axis=-1) for c in columns]
    return getattr(scipy.special, function)(q, p).sum(-1)


def of_jax(package: str, make: Callable[[Any], Callable[..., Any]], *columns: np.ndarray) -> np.ndarray:
    import jax

    jax.config.update("jax_enable_x64", True)
    module = importlib.import_module(package)
    law, half = make(module), len(columns) // 2
    q, p = law(*columns[:half]), law(*columns[half:])
    if package == "numpyro.distributions":
        return np.asarray(module.kl_divergence(q, p))
    return np.asarray(q.kl_divergence(p))


def textbook_normal(mean_q: np.ndarray, std_q: np.ndarray, mean_p: np.ndarray, std_p: np.ndarray) -> np.ndarray:
    return np.log(std_p / std_q) + (std_q**2 + (mean_q - mean_p) ** 2) / (2 * std_p**2) - 0.5


def textbook_standard(mean: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    return -0.5 * (1 + logvar - mean**2 - np.exp(logvar))


NUMPYRO, TFP = "numpyro.distributions", "tensorflow_probability.substrates.jax.distributions"
PEERS: dict[str, dict[str, Peer]] = {
    "kl_normal": {
        "torch.distributions": partial(of_torch, lambda d: partial(d.Normal, validate_args=False)),
        "NumPyro": partial(of_jax, NUMPYRO, lambda d: d.Normal),
        "TFP (JAX)": partial(of_jax, TFP, lambda d: d.Normal),
        "textbook": textbook_normal,
    },
    "kl_standard_normal": {"torch.distributions": of_torch_standard, "textbook": textbook_standard},
    "kl_bernoulli": {
        "torch.distributions": partial(of_torch, lambda d: partial(d.Bernoulli, validate_args=False)),
        "NumPyro": partial(of_jax, NUMPYRO, lambda d: d.BernoulliProbs),
        "TFP (JAX)": partial(of_jax, TFP, lambda d: lambda p: d.Bernoulli(probs=p)),
        "SciPy rel_entr": partial(of_scipy, "rel_entr"),
        "SciPy kl_div": partial(of_scipy, "kl_div"),
    },
    "kl_bernoulli_logits": {
        "torch.distributions": partial(of_torch, lambda d: lambda a: d.Bernoulli(logits=a, validate_args=False)),
        "NumPyro": partial(of_jax, NUMPYRO, lambda d: d.BernoulliLogits),
        "TFP (JAX)": partial(of_jax, TFP, lambda d: lambda a: d.Bernoulli(logits=a)),
    },
    "kl_categorical": {
        "torch.distributions": partial(of_torch, lambda d: partial(d.Categorical, validate_args=False)),
        "NumPyro": partial(of_jax, NUMPYRO, lambda d: d.CategoricalProbs),
        "TFP (JAX)": partial(of_jax, TFP, lambda d: lambda p: d.Categorical(probs=p)),
        "SciPy rel_entr": partial(of_scipy, "rel_entr"),
        "SciPy kl_div": partial(of_scipy, "kl_div"),
    },
    "kl_categorical_logits": {
        "torch.distributions": partial(of_torch, lambda d: lambda a: d.Categorical(logits=a, validate_args=False)),
        "NumPyro": partial(of_jax, NUMPYRO, lambda d: d.CategoricalLogits),
        "TFP (JAX)": partial(of_jax, TFP, lambda d: lambda a: d.Categorical(logits=a)),
    },
}
NEEDS = {"torch.distributions": "torch", "SciPy rel_entr": "scipy", "SciPy kl_div": "scipy", "NumPyro": "numpyro"}
NEEDS["TFP (JAX)"] = "tensorflow_probability.substrates.jax"
COLUMNS = ("elbo_ref", "torch.distributions", "TFP (JAX)", "NumPyro", "SciPy rel_entr", "SciPy kl_div", "textbook")


def importable(module: str) -> bool:
    try:
        importlib.import_module(module)
    except (ImportError, AttributeError):  # AttributeError: a TFP older than its JAX
        return False
    return True


def implementations(family: Family) -> dict[str, Peer]:
    peers = PEERS.get(family.name.split(",")[0], {}) if "D =" not in family.name else {}
    return {"elbo_ref": family.function} | {n: f for n, f in peers.items() if importable(NEEDS.get(n, "numpy"))}


def measure(name: str, points: int) -> dict[str, Errors]:
    """Errors of all implementations on one family."""
    family = FAMILIES[name]
    size = np.size(family.sample(np.random.default_rng(0), 1)[0])
    rng, left = np.random.default_rng(list(name.encode())), max(100, points // max(size, 1))
    errors = {peer: Errors() for peer in implementations(family)}
    while left > 0:
        columns = family.sample(rng, min(left, CHUNK))
        left -= len(columns[0])
        exact = list(family.exact_values(columns))
        with np.errstate(all="ignore"):
            for peer, function in implementations(family).items():
                errors[peer].add(np.asarray(function(*columns)).reshape(-1), exact)
    return errors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--points", type=int, default=100_000, help="numbers per family (a table of K entries counts as K)"
    )
    parser.add_argument("--only", default="", help="families whose name contains this")
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    names = [name for name in FAMILIES if options.only in name]
    print(f"Largest error in ulp of float64, {options.points} numbers a family.\n")
    print(f"| {' | '.join(('family', 'median of ours', *COLUMNS))} |\n|{' --- |' * (len(COLUMNS) + 2)}")
    with ProcessPoolExecutor(options.processes) as pool:
        for name, errors in zip(names, pool.map(partial(measure, points=options.points), names), strict=True):
            median = f"{np.median(errors['elbo_ref'].sample):.2f}"
            cells = [str(errors[peer]) if peer in errors else "" for peer in COLUMNS]
            print(f"| {' | '.join((name, median, *cells))} |", flush=True)


if __name__ == "__main__":
    main()
