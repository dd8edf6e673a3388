"""Loops over rows of discrete laws given by logits, and over columns of importance weights, as those of `gaussian`."""

from math import inf, log, log1p, nan
from typing import Any

import numpy as np

from elbo_ref._core.loops.compiling import Loop, bits, doubles, from_bits, full_vectors, part, singles
from elbo_ref._core.loops.numbers import exp_minus_abs, exp_within, expm1, psi
from elbo_ref._core.loops.rows import FAR, LARGEST, SIGN, fetch_row, following

_FACTORS = 512  # of at most 2 each: their product is far from overflow


@part
def _surprise(x: np.ndarray, b: int, logits: np.ndarray, a: int) -> float:
    """Sum over a row of softplus((1 - 2 x) l); NaN if a bit is grey or a logit is not finite."""
    size, total, grey, top = x.shape[1], 0.0, 0.0, np.int32(0)
    for first in range(0, size, _FACTORS):
        product = 1.0
        for j in range(np.uintp(first), np.uintp(min(first + _FACTORS, size))):
            bit = np.float64(x[b, j])
            y = (1 - 2 * bit) * np.float64(logits[a, j])
            total += max(y, 0.0)
            product *= 1 + exp_minus_abs(y)
            grey += (bit * (bit - 1)) ** 2
            top = max(top, bits(logits[a, j]) & SIGN)
        total += log(product)  # one logarithm for all of them, right to 2^-53 for each
    if total <= 2.0**-20 * size:  # almost certain outcomes: their surprises were rounded away in 1 + exp(-|y|)
        total = 0.0
        for j in range(size):
            y = (1 - 2 * np.float64(x[b, j])) * np.float64(logits[a, j])
            total += max(y, 0.0) + log1p(exp_minus_abs(y))
    return total if grey == 0 and top <= LARGEST else nan


@Loop
def bernoulli_log_likelihood(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, x_, x_rows, logits_, logits_rows = at
    out, x, logits = singles(out_, 1, stop), singles(x_, x_rows, d), singles(logits_, logits_rows, d)
    b, a, bad = start % x_rows, start % logits_rows, 0
    for i in range(start, stop):
        fetch_row(logits, a)
        value = -_surprise(x, b, logits, a)
        out[0, i] = value
        bad += not value > -inf
        b, a = following(b, x), following(a, logits)
    return bad


@part
def _by_logits(by: np.ndarray, i: int, x: np.ndarray, b: int, logits: np.ndarray, a: int, weight: float) -> None:
    """weight (sigmoid(l) - x), as weight (1 - 2 x) sigmoid((1 - 2 x) l)."""
    for j in range(x.shape[1]):
        sign = 1 - 2 * np.float64(x[b, j])
        y = sign * np.float64(logits[a, j])
        small = exp_minus_abs(y)
        inverse = np.float64(np.float32(1) / np.float32(1 + small))  # division by the dozen, in float32
        inverse *= 2 - inverse * (1 + small)
        by[i, j] = weight * sign * (small if y < 0 else 1.0) * inverse


@Loop
def bernoulli_log_likelihood_vjp(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, g_, step, by_x_, by_logits_, x_, x_rows, logits_, logits_rows = at
    g, x, logits = singles(g_, 1, stop), singles(x_, x_rows, d), singles(logits_, logits_rows, d)
    by_x, by_logits = singles(by_x_, stop, d), singles(by_logits_, stop, d)
    b, a = start % x_rows, start % logits_rows
    for i in range(start, stop):
        _by_logits(by_logits, i, x, b, logits, a, -np.float64(g[0, i * step]))
        if by_x_ != 0:
            for j in range(d):
                by_x[i, j] = g[0, i * step] * logits[a, j]
        b, a = following(b, x), following(a, logits)
    return 0


@Loop
def negative_elbo_bernoulli(start: int, stop: int, at: Any) -> int:
    """The losses in float64, and the derivatives by the logits unless their address is 0; beta comes as its bits."""
    full_vectors()
    d, k, beta, out_, by_logits_, x_, logits_, mean_, logvar_ = at
    out, by_logits = doubles(out_, 1, stop), singles(by_logits_, stop, d)
    x, logits, mean, logvar = (
        singles(x_, stop, d),
        singles(logits_, stop, d),
        singles(mean_, stop, k),
        singles(logvar_, stop, k),
    )
    bad = 0
    for i in range(start, stop):
        divergence, top = 0.0, np.int32(0)
        for j in range(k):
            m, v = np.float64(mean[i, j]), np.float64(logvar[i, j])
            divergence += psi(v) + m * m
            top = max(top, bits(logvar[i, j]) & SIGN)
        value = _surprise(x, i, logits, i) + from_bits(beta) * (divergence / 2)
        out[0, i] = value
        bad += not (top < FAR and value < inf)
        if by_logits_ != 0:
            _by_logits(by_logits, i, x, i, logits, i, 1.0)
    return bad


@part
def _compare(a: np.ndarray, i: int, b: np.ndarray, k: int, w: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """The weights w of q, x = b - a less its mean under q, the sum of w, and sum of w (exp(x) - 1 - x) over it: NaN for rows
    with an infinite logit, or with logits further apart than 600.
    """
    size, best = a.shape[1], 0
    for j in range(1, size):
        if a[i, j] > a[i, best]:
            best = j
    largest, reference = np.float64(a[i, best]), np.float64(b[k, best])
    total, mean, odd = 0.0, 0.0, 0
    for j in range(size):
        low = np.float64(a[i, j]) - largest
        x[j] = (np.float64(b[k, j]) - reference) - low
        odd += not (abs(x[j]) < 600 and low > -600)  # as NaN is not
        w[j] = exp_within(low)
        total += w[j]
        mean += w[j] * x[j]
    mean /= total
    excess = 0.0
    for j in range(size):
        x[j] -= mean
        odd += not abs(x[j]) < 600
        excess += w[j] * psi(x[j] if abs(x[j]) < 600 else 0.0)
    return total, excess / total if odd == 0 else nan


@Loop
def kl_categorical_logits(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, a_, a_rows, b_, b_rows = at
    out, a, b = singles(out_, 1, stop), singles(a_, a_rows, d), singles(b_, b_rows, d)
    w, x, bad = np.empty(d), np.empty(d), 0
    i, k = start % a_rows, start % b_rows
    for n in range(start, stop):
        _, excess = _compare(a, i, b, k, w, x)
        out[0, n] = log1p(excess)
        bad += not excess < inf
        i, k = following(i, a), following(k, b)
    return bad


@Loop
def kl_categorical_logits_vjp(start: int, stop: int, at: Any) -> int:
    """By a: -q x, by b: p - q = q (exp(x - KL) - 1)."""
    full_vectors()
    d, g_, step, by_a_, by_b_, a_, a_rows, b_, b_rows = at
    by_a, by_b, g = singles(by_a_, stop, d), singles(by_b_, stop, d), singles(g_, 1, stop)
    a, b = singles(a_, a_rows, d), singles(b_, b_rows, d)
    w, x = np.empty(d), np.empty(d)
    i, k = start % a_rows, start % b_rows
    for n in range(start, stop):
        total, excess = _compare(a, i, b, k, w, x)
        kl, weight = log1p(excess), np.float64(g[0, n * step]) / total
        for j in range(d):
            by_a[n, j] = -weight * w[j] * x[j]
            by_b[n, j] = weight * w[j] * expm1(x[j] - kl)
        i, k = following(i, a), following(k, b)
    return 0


_COLUMNS = 64


@part
def _weights(x: np.ndarray, first: int, width: int, top: np.ndarray, total: np.ndarray) -> bool:
    """For some columns, their largest number, and the sum of exponentials over that of the largest; whether all is finite."""
    most = np.int32(0)
    for i in range(width):
        top[i] = x[0, first + i]
        total[i] = 0.0
    for t in range(len(x)):
        for i in range(width):
            value = x[t, first + i]
            top[i] = max(top[i], value)
            most = max(most, bits(value) & SIGN)
    for t in range(len(x)):
        for i in range(width):
            total[i] += exp_within(np.float64(x[t, first + i]) - np.float64(top[i]))
    return bool(most <= LARGEST)


@Loop
def iwae_bound(start: int, stop: int, at: Any) -> int:
    """The bounds of columns `start` to `stop` of a matrix of k rows and n columns; unless its address is 0, g times the
    normalised weights.
    """
    full_vectors()
    k, n, out_, by_, g_, step, x_ = at
    out, by, g, x = singles(out_, 1, n), singles(by_, k, n), singles(g_, 1, n), singles(x_, k, n)
    top, total, log_k, bad = np.empty(_COLUMNS, np.float32), np.empty(_COLUMNS), log(k), 0
    for first in range(start, stop, _COLUMNS):
        width = min(_COLUMNS, stop - first)
        bad += not _weights(x, first, width, top, total)
        if by_ == 0:
            for i in range(width):
                out[0, first + i] = np.float64(top[i]) + (log(total[i]) - log_k)
        else:
            for i in range(width):
                total[i] = np.float64(g[0, (first + i) * step]) / total[i]
            for t in range(k):
                for i in range(width):
                    by[t, first + i] = total[i] * exp_within(np.float64(x[t, first + i]) - np.float64(top[i]))
    return bad
