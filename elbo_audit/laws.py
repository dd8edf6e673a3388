"""The laws that arguments describe, as formulas of one entry: variances, logarithms, densities, divergences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from elbo_audit.terms import HALF, PI, Poly, absolute, exp, log, poly

LOG_2PI: Final = log(PI * 2)


class Spread(NamedTuple):
    """What an argument that says how wide a law is stands for."""

    variance: Callable[[Poly], Poly]
    log_variance: Callable[[Poly], Poly]


SPREAD: Final = {
    "logvar": Spread(exp, lambda s: s),
    "logstd": Spread(lambda s: exp(s * 2), lambda s: s * 2),
    "std": Spread(lambda s: s * s, lambda s: log(s) * 2),
    "variance": Spread(lambda s: s, log),
}
SCALE: Final = {"scale": (lambda s: s, log), "logscale": (exp, lambda s: s)}
STANDARD: Final = (poly(0), poly(1), poly(0))  # mean, variance and log-variance of N(0, 1)

Law = tuple[Poly, Poly, Poly]  # mean, variance, log-variance


def gaussian(mean: Poly, spread: Poly, kind: str) -> Law:
    return mean, SPREAD[kind].variance(spread), SPREAD[kind].log_variance(spread)


def log_normal(x: Poly, law: Law) -> Poly:
    mean, variance, logvar = law
    return (LOG_2PI + logvar + (x - mean) ** 2 / variance) * -HALF


def kl_normal(q: Law, p: Law) -> Poly:
    (m, v, lv), (n, w, lw) = q, p
    return (lw - lv + (v + (m - n) ** 2) / w - 1) * HALF


def cross_entropy_of_draw(z: Poly, q_logvar: Poly, p: Law) -> Poly:
    """Entropy of q in closed form, its cross-entropy at a draw: right on the average."""
    return -(q_logvar + LOG_2PI + 1) * HALF - log_normal(z, p)


def bernoulli(x: Poly, r: Poly) -> Poly:
    """- log p(x), from the probability of a one."""
    return -x * log(r) - (1 - x) * log(1 - r)


def bernoulli_logits(x: Poly, v: Poly) -> Poly:
    return log(exp(v) + 1) - x * v


def laplace(x: Poly, mean: Poly, scale: Poly, log_scale: Poly) -> Poly:
    return absolute(x - mean) / scale + log_scale + log(poly(2))
