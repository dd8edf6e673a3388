"""Sums over the rows of large float32 arrays.

No sum has terms of both signs, so a result rounded to float32 is within 0.51 ulp. A row with an argument outside the domain
becomes NaN.
"""

from collections.abc import Callable
from math import inf, log, log1p, nan, prod

import numpy as np

from elbo_ref._core.loops.compiling import bits, exactly, fetch, full_vectors, loop
from elbo_ref._core.loops.numbers import exp_minus_abs, expm1, expm1_far, kl_normal, psi, psi_far
from elbo_ref._core.threads import Team, share

_LINE = 16  # float32 numbers in a line of the cache
_AHEAD = 1024  # how many numbers ahead to ask for


@loop
def _fetch_row(x: np.ndarray, row: int) -> None:
    """Without this the loops wait for memory: most of their time is arithmetic, and the processor looks ahead too little."""
    size = x.shape[1]
    if size <= 4 * _AHEAD < x.size:
        for j in range(0, size, _LINE):
            fetch(x, row * size + j + _AHEAD)


_SIGN = np.int32(0x7FFFFFFF)  # all bits but that of the sign
_LARGEST = np.int32(0x7F7FFFFF)  # of a finite float32; NaN and infinity have more
_FAR = np.int32(0x442F0000)  # of 700: what is larger leaves the range of the exponential in float64


# An array with fewer rows than the result starts again after its last; to divide would be slow. So would be a view of each
# row, for it is counted as a reference.


@exactly
def _next(row: int, x: np.ndarray) -> int:
    return row + 1 if row + 1 < len(x) else 0


@loop
def _kl_standard_normal(start: int, stop: int, out: np.ndarray, mean: np.ndarray, logvar: np.ndarray) -> None:
    full_vectors()
    m, v = start % len(mean), start % len(logvar)
    for i in range(start, stop):
        _fetch_row(mean, m)
        _fetch_row(logvar, v)
        total, top = 0.0, np.int32(0)
        for j in range(mean.shape[1]):
            x, y = np.float64(mean[m, j]), np.float64(logvar[v, j])
            total += psi(y) + x * x
            top = max(top, bits(logvar[v, j]) & _SIGN)
        if top > _FAR:
            total = 0.0
            for j in range(mean.shape[1]):
                x, y = np.float64(mean[m, j]), np.float64(logvar[v, j])
                total += psi_far(y) + x * x
        out[i] = total / 2 if top <= _LARGEST and total < inf else nan  # no finite mean makes it infinite
        m, v = _next(m, mean), _next(v, logvar)


@loop
def _kl_standard_normal_vjp(
    start: int,
    stop: int,
    by_mean: np.ndarray,
    by_logvar: np.ndarray,
    g: np.ndarray,
    mean: np.ndarray,
    logvar: np.ndarray,
) -> None:
    full_vectors()
    m, v, k = start % len(mean), start % len(logvar), start % len(g)
    for i in range(start, stop):
        _fetch_row(mean, m)
        _fetch_row(logvar, v)
        weight, top = np.float64(g[k, 0]), np.int32(0)
        for j in range(mean.shape[1]):
            by_mean[i, j] = weight * mean[m, j]
            by_logvar[i, j] = weight / 2 * expm1(np.float64(logvar[v, j]))
            top = max(top, bits(logvar[v, j]) & _SIGN)
        if top > _FAR:
            for j in range(mean.shape[1]):
                by_logvar[i, j] = weight / 2 * expm1_far(np.float64(logvar[v, j]))
        m, v, k = _next(m, mean), _next(v, logvar), _next(k, g)


@loop
def _kl_diag_normal(
    start: int, stop: int, out: np.ndarray, mean_q: np.ndarray, std_q: np.ndarray, mean_p: np.ndarray, std_p: np.ndarray
) -> None:
    full_vectors()
    m, s, n, t = start % len(mean_q), start % len(std_q), start % len(mean_p), start % len(std_p)
    for i in range(start, stop):
        _fetch_row(mean_q, m)
        _fetch_row(std_q, s)
        _fetch_row(mean_p, n)
        _fetch_row(std_p, t)
        total, top = 0.0, np.uint32(0)
        for j in range(mean_q.shape[1]):
            mean, other = np.float64(mean_q[m, j]), np.float64(mean_p[n, j])
            total += kl_normal(mean, np.float64(std_q[s, j]), other, np.float64(std_p[t, j]))
            top = max(top, np.uint32(bits(std_q[s, j]) - 1), np.uint32(bits(std_p[t, j]) - 1))  # large for 0 and below
        out[i] = total if top < _LARGEST and total < inf else nan  # no finite mean makes it infinite
        m, s, n, t = _next(m, mean_q), _next(s, std_q), _next(n, mean_p), _next(t, std_p)


_FACTORS = 512  # of at most 2 each: their product is far from overflow


@loop
def _bernoulli_log_likelihood(start: int, stop: int, out: np.ndarray, x: np.ndarray, logits: np.ndarray) -> None:
    full_vectors()
    b, a, size = start % len(x), start % len(logits), x.shape[1]
    for i in range(start, stop):
        _fetch_row(logits, a)
        total, grey, top = 0.0, 0.0, np.int32(0)
        for first in range(0, size, _FACTORS):
            product = 1.0
            for j in range(np.uintp(first), np.uintp(min(first + _FACTORS, size))):
                bit = np.float64(x[b, j])
                y = (1 - 2 * bit) * np.float64(logits[a, j])
                total += max(y, 0.0)
                product *= 1 + exp_minus_abs(y)
                grey += (bit * (bit - 1)) ** 2
                top = max(top, bits(logits[a, j]) & _SIGN)
            total += log(product)  # one logarithm for all of them, right to 2^-53 for each
        if total <= 2.0**-20 * size:  # almost certain outcomes: their surprises were rounded away in 1 + exp(-|y|)
            total = 0.0
            for j in range(size):
                y = (1 - 2 * np.float64(x[b, j])) * np.float64(logits[a, j])
                total += max(y, 0.0) + log1p(exp_minus_abs(y))
        out[i] = -total if grey == 0 and top <= _LARGEST else nan
        b, a = _next(b, x), _next(a, logits)


_VALUES: dict[str, Callable[..., None]] = {
    "kl_standard_normal": _kl_standard_normal,
    "kl_diag_normal": _kl_diag_normal,
    "bernoulli_log_likelihood": _bernoulli_log_likelihood,
}
_VJPS: dict[str, Callable[..., None]] = {"kl_standard_normal": _kl_standard_normal_vjp}


def value(name: str, team: Team, arrays: list[np.ndarray]) -> np.ndarray:
    """The sums over the last axis of the arrays, broadcast, in float64."""
    shape = np.broadcast_shapes(*(x.shape for x in arrays))
    out = np.empty(shape[:-1])
    share(team, _VALUES[name], out.size, out.reshape(-1), *(_rows(x, shape) for x in arrays))
    return out


def vjp(name: str, team: Team, g: np.ndarray, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """`g`, one for each sum, times the derivatives by the arrays, all of one shape, in float32."""
    shape = arrays[0].shape
    # NumPy asks for large pages: the first touch of the memory would otherwise cost more than the rest
    out = [np.empty(shape, dtype=np.float32) for _ in arrays]
    flat = [x.reshape(prod(shape[:-1]), shape[-1]) for x in out]
    rows = (_rows(g[..., None], (*shape[:-1], 1)), *(_rows(x, shape) for x in arrays))
    share(team, _VJPS[name], prod(shape[:-1]), *flat, *rows)
    return out


def _rows(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The array as contiguous rows of length `shape[-1]`, of which the same ones follow again where it is repeated."""
    x = x[tuple(slice(1) if stride == 0 else slice(None) for stride in x.strides)]
    x = np.broadcast_to(x, (*x.shape[:-1], shape[-1])) if x.ndim else np.full(shape[-1:], x)
    while x.ndim > 1 and x.shape[0] == 1:
        x = x[0]
    if x.shape[:-1] != shape[len(shape) - x.ndim : -1]:
        x = np.broadcast_to(x, shape)
    return np.ascontiguousarray(x).reshape(prod(x.shape[:-1]), shape[-1])
