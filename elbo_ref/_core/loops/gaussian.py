"""Loops over rows of Gaussians. Those of float32 numbers work in float64: a result rounded once is within 0.51 ulp.

They count the rows that they leave to others: with NaN, infinity or a std that is not positive, which become NaN, or beyond
the range of their exponential.
"""

from math import inf, nan
from typing import Any

import numpy as np

from elbo_ref._core.loops.compiling import (
    Loop,
    bits,
    compiled,
    doubles,
    exact_loop,
    exactly,
    from_bits,
    full_vectors,
    inlined,
    singles,
)
from elbo_ref._core.loops.numbers import exp64, expm1, expm1_far, log_of_product, psi, psi64, psi_far
from elbo_ref._core.loops.numbers import kl_normal as _kl_normal
from elbo_ref._core.loops.rows import FAR, LARGEST, SIGN, fetch_row, following
from elbo_ref._core.special import HALF_LOG_TWO_PI


@inlined
def _divergence(d: int, mean: np.ndarray, m: int, logvar: np.ndarray, v: int) -> float:
    """Of a row, NaN where it is left to others."""
    total, top = 0.0, np.int32(0)
    for j in range(d):
        x, y = np.float64(mean[m, j]), np.float64(logvar[v, j])
        total += psi(y) + x * x
        top = max(top, bits(logvar[v, j]) & SIGN)
    if top > FAR:
        total = 0.0
        for j in range(d):
            x, y = np.float64(mean[m, j]), np.float64(logvar[v, j])
            total += psi_far(y) + x * x
    return total / 2 if top <= LARGEST and total < inf else nan  # no finite mean makes it infinite


@inlined
def _divergence_vjp(
    by_mean: np.ndarray,
    by_logvar: np.ndarray,
    i: int,
    mean: np.ndarray,
    m: int,
    logvar: np.ndarray,
    v: int,
    weight: float,
) -> None:
    top = np.int32(0)
    for j in range(by_mean.shape[1]):
        by_mean[i, j] = weight * mean[m, j]
        by_logvar[i, j] = weight / 2 * expm1(np.float64(logvar[v, j]))
        top = max(top, bits(logvar[v, j]) & SIGN)
    if top > FAR:
        for j in range(by_mean.shape[1]):
            by_logvar[i, j] = weight / 2 * expm1_far(np.float64(logvar[v, j]))


@Loop
def kl_standard_normal(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, mean_, logvar_, mean_rows, logvar_rows, mean_step, logvar_step = at
    out = singles(out_, 1, stop)
    mean, logvar = singles(mean_, mean_rows, mean_step), singles(logvar_, logvar_rows, logvar_step)
    m, v, bad = start % mean_rows, start % logvar_rows, 0
    for i in range(start, stop):
        fetch_row(mean, m)
        fetch_row(logvar, v)
        out[0, i] = _divergence(d, mean, m, logvar, v)
        bad += not out[0, i] <= inf
        m, v = following(m, mean), following(v, logvar)
    return bad


@Loop
def kl_standard_normal_vjp(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, g_, step, by_mean_, by_logvar_, mean_, logvar_, mean_rows, logvar_rows, mean_step, logvar_step = at
    by_mean, by_logvar, g = singles(by_mean_, stop, d), singles(by_logvar_, stop, d), singles(g_, 1, stop)
    mean, logvar = singles(mean_, mean_rows, mean_step), singles(logvar_, logvar_rows, logvar_step)
    m, v = start % mean_rows, start % logvar_rows
    for i in range(start, stop):
        fetch_row(mean, m)
        fetch_row(logvar, v)
        _divergence_vjp(by_mean, by_logvar, i, mean, m, logvar, v, np.float64(g[0, i * step]))
        m, v = following(m, mean), following(v, logvar)
    return 0


@Loop
def divergence(start: int, stop: int, at: Any) -> int:
    """The same not rounded, as a part of a loss."""
    full_vectors()
    d, out_, mean_, logvar_, mean_rows, logvar_rows, mean_step, logvar_step = at
    out = doubles(out_, 1, stop)
    mean, logvar = singles(mean_, mean_rows, mean_step), singles(logvar_, logvar_rows, logvar_step)
    m, v, bad = start % mean_rows, start % logvar_rows, 0
    for i in range(start, stop):
        out[0, i] = _divergence(d, mean, m, logvar, v)
        bad += not out[0, i] <= inf
        m, v = following(m, mean), following(v, logvar)
    return bad


@Loop
def divergence_vjp(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, g_, step, by_mean_, by_logvar_, mean_, logvar_, mean_rows, logvar_rows, mean_step, logvar_step = at
    by_mean, by_logvar, g = singles(by_mean_, stop, d), singles(by_logvar_, stop, d), doubles(g_, 1, stop)
    mean, logvar = singles(mean_, mean_rows, mean_step), singles(logvar_, logvar_rows, logvar_step)
    m, v = start % mean_rows, start % logvar_rows
    for i in range(start, stop):
        _divergence_vjp(by_mean, by_logvar, i, mean, m, logvar, v, g[0, i * step])
        m, v = following(m, mean), following(v, logvar)
    return 0


_LANES = 8
_SIGN64 = np.int64(2**63 - 1)  # all bits but that of the sign
_FAR64 = np.int64(np.float64(700).view(np.int64))


@exact_loop
def kl_standard_normal_64(start: int, stop: int, at: Any) -> int:
    """The same for float64 numbers, with sums that lose nothing."""
    full_vectors()
    d, out_, mean_, logvar_, mean_rows, logvar_rows, mean_step, logvar_step = at
    out = doubles(out_, 1, stop)
    mean, logvar = doubles(mean_, mean_rows, mean_step), doubles(logvar_, logvar_rows, logvar_step)
    term, total, rest = np.zeros(d + _LANES), np.empty(_LANES), np.empty(_LANES)
    m, v, bad = start % mean_rows, start % logvar_rows, 0
    for i in range(start, stop):
        far = np.int64(0)
        for j in range(d):
            far = max(far, bits(logvar[v, j]) & _SIGN64)
            term[j] = psi64(logvar[v, j])
        total[:] = 0.0
        rest[:] = 0.0
        for first in range(0, d, _LANES):
            for k in range(_LANES):
                x = mean[m, first + k] if first + k < d else 0.0
                both, lost = _plus(term[first + k], 0.0, x * x)
                total[k], rest[k] = _plus(total[k], rest[k] + lost, both)
        for half in (4, 2, 1):  # by halves: a chain of all lanes would take as long as the rest
            for k in range(half):
                total[k], rest[k] = _plus(total[k], rest[k] + rest[k + half], total[k + half])
        fine = far < _FAR64 and total[0] < inf
        out[0, i] = (total[0] + rest[0]) / 2 if fine else nan
        bad += not fine
        m, v = following(m, mean), following(v, logvar)
    return bad


@exactly
def _plus(total: float, rest: float, x: float) -> tuple[float, float]:
    """total + rest + x, with the rounding of the first sum in the second."""
    new = total + x
    back = new - total
    return new, rest + ((total - (new - back)) + (x - back))


@Loop
def kl_diag_normal(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, mean_q_, std_q_, mean_p_, std_p_, mean_q_rows, std_q_rows, mean_p_rows, std_p_rows = at
    out = singles(out_, 1, stop)
    mean_q, std_q = singles(mean_q_, mean_q_rows, d), singles(std_q_, std_q_rows, d)
    mean_p, std_p = singles(mean_p_, mean_p_rows, d), singles(std_p_, std_p_rows, d)
    m, s, n, t, bad = start % mean_q_rows, start % std_q_rows, start % mean_p_rows, start % std_p_rows, 0
    for i in range(start, stop):
        fetch_row(mean_q, m)
        fetch_row(std_q, s)
        fetch_row(mean_p, n)
        fetch_row(std_p, t)
        total, top = 0.0, np.uint32(0)
        for j in range(d):
            mean, other = np.float64(mean_q[m, j]), np.float64(mean_p[n, j])
            total += _kl_normal(mean, np.float64(std_q[s, j]), other, np.float64(std_p[t, j]))
            top = max(top, np.uint32(bits(std_q[s, j]) - 1), np.uint32(bits(std_p[t, j]) - 1))  # large for 0 and below
        fine = top < LARGEST and total < inf  # no finite mean makes it infinite
        out[0, i] = total if fine else nan
        bad += not fine
        m, s, n, t = following(m, mean_q), following(s, std_q), following(n, mean_p), following(t, std_p)
    return bad


@Loop
def log_normal_diag(start: int, stop: int, at: Any) -> int:
    """The parameters of rows that come again are turned into what they are needed for only once."""
    full_vectors()
    d, out_, z_, mean_, std_, z_rows, mean_rows, std_rows = at
    out, z = singles(out_, 1, stop), singles(z_, z_rows, d)
    mean, std = singles(mean_, mean_rows, d), singles(std_, std_rows, d)
    once = 2 * std_rows <= stop - start
    inverse, logs = np.empty((std_rows if once else 1, d)), np.empty(std_rows if once else 1)
    if once:
        for s in range(std_rows):
            logs[s] = _inverted(std, s, inverse, s)
    k, m, s, bad = start % z_rows, start % mean_rows, start % std_rows, 0
    for i in range(start, stop):
        r = s if once else 0
        if not once:
            logs[0] = _inverted(std, s, inverse, 0)
        total = 0.0
        for j in range(d):
            total += ((np.float64(z[k, j]) - np.float64(mean[m, j])) * inverse[r, j]) ** 2
        value = -(total / 2 + logs[r])
        out[0, i] = value
        bad += not abs(value) < inf
        k, m, s = following(k, z), following(m, mean), following(s, std)
    return bad


@exactly
def _inverted(std: np.ndarray, s: int, inverse: np.ndarray, r: int) -> float:
    """Put 1 / std where it is asked for and return the constant of the density, NaN for a std that is not positive."""
    top = np.uint32(0)
    for j in range(std.shape[1]):
        top = max(top, np.uint32(bits(std[s, j]) - 1))
        inverse[r, j] = 1 / np.float64(std[s, j])
    return log_of_product(std, s) + std.shape[1] * HALF_LOG_TWO_PI if top < LARGEST else nan


@Loop
def log_normal_diag_vjp(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, g_, step, by_z_, by_mean_, by_std_, z_, mean_, std_, z_rows, mean_rows, std_rows = at
    g, z, mean, std = (
        singles(g_, 1, stop),
        singles(z_, z_rows, d),
        singles(mean_, mean_rows, d),
        singles(std_, std_rows, d),
    )
    by_z, by_mean, by_std = singles(by_z_, stop, d), singles(by_mean_, stop, d), singles(by_std_, stop, d)
    k, m, s = start % z_rows, start % mean_rows, start % std_rows
    for i in range(start, stop):
        weight = np.float64(g[0, i * step])
        for j in range(d):
            inverse = 1 / np.float64(std[s, j])
            t = (np.float64(z[k, j]) - np.float64(mean[m, j])) * inverse
            by = weight * t * inverse
            by_z[i, j] = -by
            by_mean[i, j] = by
            by_std[i, j] = weight * inverse * ((t - 1) * (t + 1))
        k, m, s = following(k, z), following(m, mean), following(s, std)
    return 0


@compiled("boolean(intp, intp, intp, intp)")
def sound(count: int, std_: int, size: int, sample_: int) -> bool:
    """Whether stds are positive and finite, and samples finite."""
    full_vectors()
    std, sample = singles(std_, 1, count), singles(sample_, 1, size)
    top, most = np.uint32(0), np.int32(0)
    for j in range(count):
        top = max(top, np.uint32(bits(std[0, j]) - 1))
    for j in range(size):
        most = max(most, bits(sample[0, j]) & SIGN)
    return bool(top < LARGEST and most <= LARGEST)


@Loop
def reparameterize(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, mean_, std_, noise_, mean_rows, std_rows, noise_rows = at
    out, noise = singles(out_, stop, d), singles(noise_, noise_rows, d)
    mean, std = singles(mean_, mean_rows, d), singles(std_, std_rows, d)
    m, s, k, bad = start % mean_rows, start % std_rows, start % noise_rows, 0
    for i in range(start, stop):
        top, most = np.uint32(0), np.int32(0)
        for j in range(d):
            value = np.float32(np.float64(mean[m, j]) + np.float64(std[s, j]) * np.float64(noise[k, j]))
            out[i, j] = value
            top, most = max(top, np.uint32(bits(std[s, j]) - 1)), max(most, bits(value) & SIGN)
        bad += not (top < LARGEST and most <= LARGEST)
        m, s, k = following(m, mean), following(s, std), following(k, noise)
    return bad


_OF_SINGLE = np.int32(0x432A0000)  # bits of 170: beyond it the std leaves the range of float32, in which torch keeps it


@Loop
def reparameterize_logvar(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, out_, mean_, logvar_, noise_, mean_rows, logvar_rows, noise_rows, mean_step, logvar_step, noise_step = at
    out, noise = singles(out_, stop, d), singles(noise_, noise_rows, noise_step)
    mean, logvar = singles(mean_, mean_rows, mean_step), singles(logvar_, logvar_rows, logvar_step)
    m, v, k, bad = start % mean_rows, start % logvar_rows, start % noise_rows, 0
    for i in range(start, stop):
        top, most = np.int32(0), np.int32(0)
        for j in range(d):
            std = exp64(np.float64(logvar[v, j]) / 2)  # mean may take most of it away
            value = np.float32(np.float64(mean[m, j]) + std * np.float64(noise[k, j]))
            out[i, j] = value
            top, most = max(top, bits(logvar[v, j]) & SIGN), max(most, bits(value) & SIGN)
        bad += not (top <= _OF_SINGLE and most <= LARGEST)
        m, v, k = following(m, mean), following(v, logvar), following(k, noise)
    return bad


@Loop
def negative_elbo_gaussian(start: int, stop: int, at: Any) -> int:
    """The losses in float64 of squares times `half` and a constant, and `weight` times the derivatives by the means unless their
    address is 0; beta, weight, half and constant come as their bits.
    """
    full_vectors()
    d, k, beta, weight, half, constant, out_, x_, mean_x_, mean_, logvar_, by_mean_x_, mean_step, logvar_step = at
    out, by_mean_x = doubles(out_, 1, stop), singles(by_mean_x_, stop, d)
    x, mean_x = singles(x_, stop, d), singles(mean_x_, stop, d)
    mean, logvar = singles(mean_, stop, mean_step), singles(logvar_, stop, logvar_step)
    bad = 0
    for i in range(start, stop):
        total = 0.0
        for j in range(d):
            total += (np.float64(mean_x[i, j]) - np.float64(x[i, j])) ** 2
        out[0, i] = total * from_bits(half) + from_bits(constant) + from_bits(beta) * _divergence(k, mean, i, logvar, i)
        bad += not abs(out[0, i]) < inf
        if by_mean_x_ != 0:
            scale = 2 * from_bits(half) * from_bits(weight)
            for j in range(d):
                by_mean_x[i, j] = scale * (np.float64(mean_x[i, j]) - np.float64(x[i, j]))
    return bad


@Loop
def squares(start: int, stop: int, at: Any) -> int:
    """The sum of the squares of the difference, in float64."""
    full_vectors()
    d, out_, x_, mean_, x_rows, mean_rows = at
    out, x, mean = doubles(out_, 1, stop), singles(x_, x_rows, d), singles(mean_, mean_rows, d)
    k, m, bad = start % x_rows, start % mean_rows, 0
    for i in range(start, stop):
        fetch_row(x, k)
        fetch_row(mean, m)
        total = 0.0
        for j in range(d):
            total += (np.float64(x[k, j]) - np.float64(mean[m, j])) ** 2
        out[0, i] = total
        bad += not total < inf
        k, m = following(k, x), following(m, mean)
    return bad


@Loop
def squares_vjp(start: int, stop: int, at: Any) -> int:
    full_vectors()
    d, g_, step, by_x_, by_mean_, x_, mean_, x_rows, mean_rows = at
    g, x, mean = doubles(g_, 1, stop), singles(x_, x_rows, d), singles(mean_, mean_rows, d)
    by_x, by_mean = singles(by_x_, stop, d), singles(by_mean_, stop, d)
    k, m = start % x_rows, start % mean_rows
    for i in range(start, stop):
        weight = 2 * g[0, i * step]
        for j in range(d):
            by = weight * (np.float64(x[k, j]) - np.float64(mean[m, j]))
            by_x[i, j] = by
            by_mean[i, j] = -by
        k, m = following(k, x), following(m, mean)
    return 0
