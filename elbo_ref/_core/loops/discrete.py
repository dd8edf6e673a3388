"""Loops over rows of discrete distributions given by logits, and over columns of importance weights, as those of `gaussian`."""

from math import inf, log, log1p, nan
from typing import Any

import numpy as np

from elbo_ref._core.loops.compiling import Loop, bits, doubles, from_bits, full_vectors, part, singles
from elbo_ref._core.loops.numbers import exp_minus_abs, exp_within, expm1, psi
from elbo_ref._core.loops.rows import FAR, LARGEST, SIGN, fetch_row, following

_FACTORS = 512  # of at most 2 each: their product is far from overflow


@part
def _surprise(x: np.ndarray, b: int, logits: np.ndarray, a: int, small: np.ndarray) -> float:
    """Sum over a row of softplus((1 - 2 x) l); NaN if a bit is grey or a logit is not finite. In `small` is left exp(-|l|)."""
    size, total, grey, top = x.shape[1], 0.0, 0.0, np.int32(0)
    for first in range(0, size, _FACTORS):
        product = 1.0
        for j in range(np.uintp(first), np.uintp(min(first + _FACTORS, size))):
            bit = np.float64(x[b, j])
            y = (1 - 2 * bit) * np.float64(logits[a, j])
            total += max(y, 0.0)
            small[j] = exp_minus_abs(y)
            product *= 1 + small[j]
            grey += (bit * (bit - 1)) ** 2
            top = max(top, bits(logits[a, j]) & SIGN)
        total += log(product)  # one logarithm for all of them, right to 2^-53 for each
    if total <= 2.0**-20 * size:  # almost certain outcomes: their surprises were rounded away in 1 + exp(-|y|)
        total = 0.0
        for j in range(size):
            total += max((1 - 2 * np.float64(x[b, j])) * np.float64(logits[a, j]), 0.0) + log1p(small[j])
    return total if grey == 0 and top <= LARGEST else nan


@Loop
def bernoulli_log_likelihood(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, x_, logits_, x_rows, logits_rows = at
    out, x, logits = singles(out_, 1, stop), singles(x_, x_rows, d), singles(logits_, logits_rows, d)
    b, a, bad, small = start % x_rows, start % logits_rows, 0, np.empty(d)
    for i in range(start, stop):
        fetch_row(logits, a)
        value = -_surprise(x, b, logits, a, small)
        out[0, i] = value
        bad += not value > -inf
        b, a = following(b, x), following(a, logits)
    return bad


@part
def _by_logits(
    by: np.ndarray, i: int, x: np.ndarray, b: int, logits: np.ndarray, a: int, weight: float, small: np.ndarray
) -> None:
    """weight (sigmoid(l) - x), as weight (1 - 2 x) sigmoid((1 - 2 x) l), where `small` is exp(-|l|)."""
    for j in range(x.shape[1]):
        sign, total = 1 - 2 * np.float64(x[b, j]), 1 + small[j]
        inverse = np.float64(np.float32(1) / np.float32(total))  # division by the dozen, in float32
        inverse *= 2 - inverse * total
        by[i, j] = weight * sign * (small[j] if sign * np.float64(logits[a, j]) < 0 else 1.0) * inverse


@Loop
def bernoulli_log_likelihood_vjp(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, g_, step, by_x_, by_logits_, x_, logits_, x_rows, logits_rows = at
    g, x, logits = singles(g_, 1, stop), singles(x_, x_rows, d), singles(logits_, logits_rows, d)
    by_x, by_logits = singles(by_x_, stop, d), singles(by_logits_, stop, d)
    b, a, small = start % x_rows, start % logits_rows, np.empty(d)
    for i in range(start, stop):
        for j in range(d):
            small[j] = exp_minus_abs(np.float64(logits[a, j]))
        _by_logits(by_logits, i, x, b, logits, a, -np.float64(g[0, i * step]), small)
        if by_x_ != 0:
            for j in range(d):
                by_x[i, j] = g[0, i * step] * logits[a, j]
        b, a = following(b, x), following(a, logits)
    return 0


@Loop
def surprise(start: int, stop: int, at: Any) -> int:
    """Minus the log likelihood, in float64."""
    full_vectors()
    d, out_, x_, logits_, x_rows, logits_rows = at
    out, x, logits = doubles(out_, 1, stop), singles(x_, x_rows, d), singles(logits_, logits_rows, d)
    b, a, bad, small = start % x_rows, start % logits_rows, 0, np.empty(d)
    for i in range(start, stop):
        fetch_row(logits, a)
        out[0, i] = _surprise(x, b, logits, a, small)
        bad += not out[0, i] < inf
        b, a = following(b, x), following(a, logits)
    return bad


@Loop
def surprise_vjp(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, g_, step, by_x_, by_logits_, x_, logits_, x_rows, logits_rows = at
    g, x, logits = doubles(g_, 1, stop), singles(x_, x_rows, d), singles(logits_, logits_rows, d)
    by_x, by_logits, small = singles(by_x_, stop, d), singles(by_logits_, stop, d), np.empty(d)
    b, a = start % x_rows, start % logits_rows
    for i in range(start, stop):
        for j in range(d):
            small[j] = exp_minus_abs(np.float64(logits[a, j]))
            by_x[i, j] = -g[0, i * step] * logits[a, j]
        _by_logits(by_logits, i, x, b, logits, a, g[0, i * step], small)
        b, a = following(b, x), following(a, logits)
    return 0


@Loop
def negative_elbo_bernoulli(start: int, stop: int, at: Any) -> int:
    """The losses in float64, and `weight` times the derivatives by the logits unless their address is 0; beta and weight come as
    their bits.
    """
    full_vectors()
    d, k, beta, weight, out_, x_, logits_, mean_, logvar_, by_logits_, mean_step, logvar_step = at
    out, by_logits = doubles(out_, 1, stop), singles(by_logits_, stop, d)
    x, logits, mean, logvar = (
        singles(x_, stop, d),
        singles(logits_, stop, d),
        singles(mean_, stop, mean_step),
        singles(logvar_, stop, logvar_step),
    )
    bad, small = 0, np.empty(d)
    for i in range(start, stop):
        divergence, top = 0.0, np.int32(0)
        for j in range(k):
            m, v = np.float64(mean[i, j]), np.float64(logvar[i, j])
            divergence += psi(v) + m * m
            top = max(top, bits(logvar[i, j]) & SIGN)
        value = _surprise(x, i, logits, i, small) + from_bits(beta) * (divergence / 2)
        out[0, i] = value
        bad += not (top < FAR and value < inf)
        if by_logits_ != 0:
            _by_logits(by_logits, i, x, i, logits, i, from_bits(weight), small)
    return bad


_SIGN64 = np.int64(2**63 - 1)  # all bits but that of the sign
_LEAST = np.int64(-(2**63))
_ROWS = 16  # that are worked on together, step by step: the steps of one row wait for each other


@part
def _compare(
    a: np.ndarray,
    i: np.ndarray,
    b: np.ndarray,
    k: np.ndarray,
    rows: int,
    w: np.ndarray,
    x: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Of rows i of `a` and k of `b`: the weights w of q, x = b - a less its mean under q, and in `sums` the sum of w and, over it,
    sum of w (exp(x) - 1 - x): NaN for rows with an infinite logit, or with logits further apart than 600.
    """
    size = a.shape[1]
    for r in range(rows):
        top, row = _LEAST, i[r]
        for j in range(size):
            number = bits(np.float64(a[row, j]))
            top = max(top, number ^ ((number >> 63) & _SIGN64))  # in the order of the numbers
        sums[0, r] = from_bits(top ^ ((top >> 63) & _SIGN64))
    for r in range(rows):
        largest, total, mean, odd = sums[0, r], 0.0, 0.0, 0
        row, other = i[r], k[r]
        for j in range(size):
            number = np.float64(a[row, j])
            low, step = number - largest, np.float64(b[other, j]) - number
            odd += not (abs(step) < inf and low > -600)  # as NaN is not
            weight = exp_within(low)
            total += weight
            mean += weight * step
            w[r, j], x[r, j] = weight, step
        sums[0, r], sums[1, r] = total, mean / total if odd == 0 else nan
    for r in range(rows):
        mean, excess, odd = sums[1, r], 0.0, 0
        for j in range(size):
            step = x[r, j] - mean
            odd += not abs(step) < 600
            excess += w[r, j] * psi(step if abs(step) < 600 else 0.0)
            x[r, j] = step
        sums[1, r] = excess / sums[0, r] if odd == 0 else nan


@part
def _rows(first: int, rows: int, i: np.ndarray, a_rows: int, k: np.ndarray, b_rows: int) -> None:
    """Which rows these are in arrays that may have fewer, and then start again."""
    for r in range(rows):
        i[r], k[r] = (first + r) % a_rows, (first + r) % b_rows


@Loop
def kl_categorical_logits(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, a_, b_, a_rows, b_rows = at
    out, a, b = singles(out_, 1, stop), singles(a_, a_rows, d), singles(b_, b_rows, d)
    w, x, sums, bad = np.empty((_ROWS, d)), np.empty((_ROWS, d)), np.empty((2, _ROWS)), 0
    i, k = np.empty(_ROWS, np.uintp), np.empty(_ROWS, np.uintp)
    for first in range(start, stop, _ROWS):
        rows = min(_ROWS, stop - first)
        _rows(first, rows, i, a_rows, k, b_rows)
        _compare(a, i, b, k, rows, w, x, sums)
        for r in range(rows):
            out[0, first + r] = log1p(sums[1, r])
            bad += not sums[1, r] < inf
    return bad


@Loop
def kl_categorical_logits_vjp(start: int, stop: int, at: Any) -> int:
    """By a: -q x, by b: p - q = q (exp(x - KL) - 1)."""
    full_vectors()
    d, g_, step, by_a_, by_b_, a_, b_, a_rows, b_rows = at
    by_a, by_b, g = singles(by_a_, stop, d), singles(by_b_, stop, d), singles(g_, 1, stop)
    a, b = singles(a_, a_rows, d), singles(b_, b_rows, d)
    w, x, sums = np.empty((_ROWS, d)), np.empty((_ROWS, d)), np.empty((2, _ROWS))
    i, k = np.empty(_ROWS, np.uintp), np.empty(_ROWS, np.uintp)
    for first in range(start, stop, _ROWS):
        rows = min(_ROWS, stop - first)
        _rows(first, rows, i, a_rows, k, b_rows)
        _compare(a, i, b, k, rows, w, x, sums)
        for r in range(rows):
            kl, weight = log1p(sums[1, r]), np.float64(g[0, (first + r) * step]) / sums[0, r]
            for j in range(d):
                by_a[first + r, j] = -weight * w[r, j] * x[r, j]
                by_b[first + r, j] = weight * w[r, j] * expm1(x[r, j] - kl)
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


_NEAR = 2.0**-4  # the terms are right to 2^-36


@Loop
def iwae_bound(start: int, stop: int, at: Any) -> int:
    """The bounds of columns `start` to `stop` of a matrix of k rows and n columns; unless its address is 0, the normalised
    weights besides. Bounds near 0 are left to others.
    """
    full_vectors()
    k, n, out_, x_, by_ = at
    out, by, x = singles(out_, 1, n), singles(by_, k, n), singles(x_, k, n)
    top, total, log_k, bad = np.empty(_COLUMNS, np.float32), np.empty(_COLUMNS), log(k), 0
    for first in range(start, stop, _COLUMNS):
        width = min(_COLUMNS, stop - first)
        bad += not _weights(x, first, width, top, total)
        for i in range(width):
            value = np.float64(top[i]) + (log(total[i]) - log_k)
            out[0, first + i] = value
            bad += not abs(value) >= _NEAR
        if by_ != 0:
            for i in range(width):
                total[i] = 1 / total[i]
            for t in range(k):
                for i in range(width):
                    by[t, first + i] = total[i] * exp_within(np.float64(x[t, first + i]) - np.float64(top[i]))
    return bad
