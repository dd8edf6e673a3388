"""Loops that numba compiles, in float64 arithmetic: sums over the rows of large float32 arrays, and pairs of surgery.

An array library stores every intermediate result of a formula; here each number is read once and stays in registers. Only
used on a CPU, where numba is installed and the arrays are large enough to be worth the compilation; everything else goes
through the bodies of `Formula` and the products of `_aggregate`. Each function of one number is right to 2^-33 or better,
and no sum has terms of both signs, so a result rounded to float32 is within 0.51 ulp. A row with an argument outside the
domain becomes NaN.

All loops are in this file, because the compiled code that numba keeps on disk is renewed when this file changes, not when
another one does.
"""

from collections.abc import Callable
from math import inf, log, log1p, nan, prod, sqrt
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from elbo_ref._threads import Team

# Sums may be reordered, which is what makes them fit for vectors; roundings that are there on purpose may not.
_exactly = numba.njit(cache=True, error_model="numpy", fastmath={"contract", "nsz"})
_loop = numba.njit(cache=True, error_model="numpy", fastmath={"contract", "nsz", "reassoc"}, nogil=True)


# What Python cannot say


@intrinsic
def _full_vectors(_: Any) -> Any:
    """Let the loops of the calling function use the longest vectors of the processor.

    LLVM stops at half of them on processors whose clock once fell under the longer ones; here they are a third faster.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        attributes = builder.function.attributes
        set.add(attributes, '"prefer-vector-width"="512"')  # its own `add` refuses what llvmlite does not know
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def _bits(_: Any, x: Any) -> Any:
    """The bits of a float as an integer of its size."""
    size = x.bitwidth
    signature = (types.int32 if size == 32 else types.int64)(x)
    return signature, lambda context, builder, _, args: builder.bitcast(args[0], ir.IntType(size))


@intrinsic
def _from_bits(_: Any, i: Any) -> Any:
    """The float64 with these bits."""
    return types.float64(types.int64), lambda context, builder, _, args: builder.bitcast(args[0], ir.DoubleType())


@intrinsic
def _fetch(_: Any, x: Any, index: Any) -> Any:
    """Ask for a number of an array to be brought into the cache; any index may be asked."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        address = builder.bitcast(
            builder.gep(make_array(signature.args[0])(context, builder, args[0]).data, [args[1]]), byte
        )
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(prefetch, [address, word(0), word(3), word(1)])  # to read, to keep, data
        return context.get_dummy_value()

    return types.void(x, types.int64), generate


_LINE = 16  # float32 numbers in a line of the cache
_AHEAD = 1024  # how many numbers ahead to ask for


@_loop
def _fetch_row(x: np.ndarray, row: int) -> None:
    """Without this the loops wait for memory: most of their time is arithmetic, and the processor looks ahead too little."""
    size = x.shape[1]
    if size <= 4 * _AHEAD < x.size:
        for j in range(0, size, _LINE):
            _fetch(x, row * size + j + _AHEAD)


_SIGN = np.int32(0x7FFFFFFF)  # all bits but that of the sign
_LARGEST = np.int32(0x7F7FFFFF)  # of a finite float32; NaN and infinity have more
_FAR = np.int32(0x442F0000)  # of 700: what is larger leaves the range of the exponential in float64


# Functions of one number

_LN2 = log(2)
_LOG2_E = 1 / _LN2
_ROUND = 1.5 * 2.0**52 + 1023  # adding this rounds to an integer and leaves its biased exponent in the last bits


# (exp(r) - 1 - r) / r^2, interpolated in the 7 Chebyshev nodes of |r| <= log(2) / 2; the relative error is below 2^-34.
_PSI = (
    0.5,
    0.1666666671931248,
    0.041666666719295684,
    0.008333298344023092,
    0.001388885390994504,
    0.00019899390183679232,
    2.485969439475207e-05,
)

# 2 artanh(s) = s (2 + z S(z)) with z = s^2: S is interpolated in the 7 Chebyshev nodes of z <= 1/9, right to 2^-37.
_ARTANH = (
    0.6666666666709817,
    0.3999999961980292,
    0.2857148303407252,
    0.2221931172031761,
    0.1825530344879272,
    0.1444609483538129,
    0.19065788945808865,
)


@_exactly
def _horner(c: tuple[float, ...], x: float) -> float:
    return c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * (c[5] + x * c[6])))))


@_exactly
def _exp_parts(x: float) -> tuple[float, float, float, float]:
    """2^k, k log 2, r and exp(r) - 1 - r with x = k log 2 + r, for |x| < 700."""
    shifted = x * _LOG2_E + _ROUND
    multiple = (shifted - _ROUND) * _LN2
    r = x - multiple
    return _from_bits(_bits(shifted) << 52), multiple, r, r * r * _horner(_PSI, r)


@_exactly
def _psi(x: float) -> float:
    """exp(x) - 1 - x."""
    power, multiple, r, rest = _exp_parts(x)
    return ((power - 1) * (1 + (r + rest)) - multiple) + rest


@_exactly
def _expm1(x: float) -> float:
    power, _, r, rest = _exp_parts(x)
    return (power - 1) * (1 + (r + rest)) + (r + rest)


_TOO_LARGE = 1e300  # for a result that no type but float64 can hold


@_exactly
def _psi_far(x: float) -> float:
    return _TOO_LARGE if x > 700 else -1 - x if x < -700 else _psi(x)


@_exactly
def _expm1_far(x: float) -> float:
    return _TOO_LARGE if x > 700 else -1.0 if x < -700 else _expm1(x)


@_exactly
def _log1p_tail(s: float) -> float:
    """R of log1p(t) = t - t^2 / 2 + s (t^2 / 2 + R) with s = t / (2 + t), for -1/2 <= t <= 1."""
    z = s * s
    return z * _horner(_ARTANH, z)


_TWO_52 = np.int64(0x4330000000000000)  # bits of 2^52, whose last bits count ones
_BIAS = 1024  # more than any exponent
_HALFWAY = np.int64((2 * _BIAS + 1) << 51)  # _BIAS and a half in the place of the exponent


@_exactly
def _kl_normal(mean_q: float, std_q: float, mean_p: float, std_p: float) -> float:
    """F(r - 1) + d^2 / 2 with F(t) = t + t^2 / 2 - log(1 + t), r = std_q / std_p and d = (mean_q - mean_p) / std_p.

    With r = 2^e (1 + t), scaled = std_q / 2^e and s = t / (2 + t) = (scaled - std_p) / (scaled + std_p), one division does
    for all quotients.
    """
    # Bits are nearly a logarithm: 1 + t is in [2/3, 3/2].
    biased = ((_bits(std_q) - _bits(std_p) + _HALFWAY) >> 52) & 0xFFF
    e = _from_bits(biased | _TWO_52) - (2.0**52 + _BIAS)
    scaled = _from_bits(_bits(std_q) - ((biased - _BIAS) << 52))
    difference, total = scaled - std_p, scaled + std_p
    product_inverse = 1 / (std_p * total)
    inverse = product_inverse * total
    t, d = difference * inverse, (mean_q - mean_p) * inverse
    s = difference * (product_inverse * std_p)
    half = t * t / 2
    log_rest = s * (half + _log1p_tail(s))
    r = std_q * inverse
    far = (r * r - 1) / 2 - e * _LN2 - (t - half + log_rest)
    return (2 * half - log_rest if e == 0 else far) + d * d / 2


@_exactly
def _exp_minus_abs(x: float) -> float:
    """exp(-|x|), and a number below 1e-300 instead of a smaller one."""
    low = -abs(x)
    power, _, r, rest = _exp_parts(low if low > -700 else -700.0)
    return power * (1 + (r + rest))


# Loops over rows: the sums, NaN where an argument is none for the functions above. An array with fewer rows than the result
# starts again after its last; to divide would be slow. So would be a view of each row, for it is counted as a reference.


@_exactly
def _next(row: int, x: np.ndarray) -> int:
    return row + 1 if row + 1 < len(x) else 0


@_loop
def _kl_standard_normal(start: int, stop: int, out: np.ndarray, mean: np.ndarray, logvar: np.ndarray) -> None:
    _full_vectors()
    m, v = start % len(mean), start % len(logvar)
    for i in range(start, stop):
        _fetch_row(mean, m)
        _fetch_row(logvar, v)
        total, top = 0.0, np.int32(0)
        for j in range(mean.shape[1]):
            x, y = np.float64(mean[m, j]), np.float64(logvar[v, j])
            total += _psi(y) + x * x
            top = max(top, _bits(logvar[v, j]) & _SIGN)
        if top > _FAR:
            total = 0.0
            for j in range(mean.shape[1]):
                x, y = np.float64(mean[m, j]), np.float64(logvar[v, j])
                total += _psi_far(y) + x * x
        out[i] = total / 2 if top <= _LARGEST and total < inf else nan  # no finite mean makes it infinite
        m, v = _next(m, mean), _next(v, logvar)


@_loop
def _kl_standard_normal_vjp(
    start: int,
    stop: int,
    by_mean: np.ndarray,
    by_logvar: np.ndarray,
    g: np.ndarray,
    mean: np.ndarray,
    logvar: np.ndarray,
) -> None:
    _full_vectors()
    m, v, k = start % len(mean), start % len(logvar), start % len(g)
    for i in range(start, stop):
        _fetch_row(mean, m)
        _fetch_row(logvar, v)
        weight, top = np.float64(g[k, 0]), np.int32(0)
        for j in range(mean.shape[1]):
            by_mean[i, j] = weight * mean[m, j]
            by_logvar[i, j] = weight / 2 * _expm1(np.float64(logvar[v, j]))
            top = max(top, _bits(logvar[v, j]) & _SIGN)
        if top > _FAR:
            for j in range(mean.shape[1]):
                by_logvar[i, j] = weight / 2 * _expm1_far(np.float64(logvar[v, j]))
        m, v, k = _next(m, mean), _next(v, logvar), _next(k, g)


@_loop
def _kl_diag_normal(
    start: int,
    stop: int,
    out: np.ndarray,
    mean_q: np.ndarray,
    std_q: np.ndarray,
    mean_p: np.ndarray,
    std_p: np.ndarray,
) -> None:
    _full_vectors()
    m, s, n, t = start % len(mean_q), start % len(std_q), start % len(mean_p), start % len(std_p)
    for i in range(start, stop):
        _fetch_row(mean_q, m)
        _fetch_row(std_q, s)
        _fetch_row(mean_p, n)
        _fetch_row(std_p, t)
        total, top = 0.0, np.uint32(0)
        for j in range(mean_q.shape[1]):
            mean, other = np.float64(mean_q[m, j]), np.float64(mean_p[n, j])
            total += _kl_normal(mean, np.float64(std_q[s, j]), other, np.float64(std_p[t, j]))
            top = max(
                top, np.uint32(_bits(std_q[s, j]) - 1), np.uint32(_bits(std_p[t, j]) - 1)
            )  # large for 0 and below
        out[i] = total if top < _LARGEST and total < inf else nan  # no finite mean makes it infinite
        m, s, n, t = _next(m, mean_q), _next(s, std_q), _next(n, mean_p), _next(t, std_p)


_FACTORS = 512  # of at most 2 each: their product is far from overflow


@_loop
def _bernoulli_log_likelihood(start: int, stop: int, out: np.ndarray, x: np.ndarray, logits: np.ndarray) -> None:
    _full_vectors()
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
                product *= 1 + _exp_minus_abs(y)
                grey += (bit * (bit - 1)) ** 2
                top = max(top, _bits(logits[a, j]) & _SIGN)
            total += log(product)  # one logarithm for all of them, right to 2^-53 for each
        if total <= 2.0**-20 * size:  # almost certain outcomes: their surprises were rounded away in 1 + exp(-|y|)
            total = 0.0
            for j in range(size):
                y = (1 - 2 * np.float64(x[b, j])) * np.float64(logits[a, j])
                total += max(y, 0.0) + log1p(_exp_minus_abs(y))
        out[i] = -total if grey == 0 and top <= _LARGEST else nan
        b, a = _next(b, x), _next(a, logits)


# Pairs of a point and a Gaussian


@_exactly
def _exp_within(x: float) -> float:
    """exp(x), or that of the nearest number from -700 to 700."""
    above = x if x > -700 else -700.0
    power, _, r, rest = _exp_parts(above if above < 700 else 700.0)
    return power * (1 + (r + rest))


EXP_ERROR = 2.0**-36  # relative, of `_exp_within`: that of _PSI, of which r^2 _PSI is less than an eighth

_COLUMNS = 512  # Gaussians whose parameters stay in the cache
_TOGETHER = 4  # points for which each of them is read once: as many as the loop over dimensions names


@_loop
def _densities(
    start: int,
    stop: int,
    out: np.ndarray,
    z: np.ndarray,
    own: np.ndarray,
    skipped: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    log_norm: np.ndarray,
) -> None:
    """Add to `out` the sum over n of exp(log_norm[n] - own - |(z - mean[:, n]) inverse[:, n]|^2) for all but one n."""
    _full_vectors()
    exponent = np.empty((_TOGETHER, _COLUMNS))
    for first in range(0, len(log_norm), _COLUMNS):
        width = min(_COLUMNS, len(log_norm) - first)
        for i in range(start, stop, _TOGETHER):
            rows = min(_TOGETHER, stop - i)
            for r in range(rows):
                for j in range(width):
                    exponent[r, j] = log_norm[np.uintp(first + j)] - own[i + r]
            a, b, c = min(i + 1, stop - 1), min(i + 2, stop - 1), min(i + 3, stop - 1)
            for d in range(len(mean)):
                at, at_a, at_b, at_c = z[i, d], z[a, d], z[b, d], z[c, d]
                for j in range(width):
                    centre, scale = mean[d, np.uintp(first + j)], inverse[d, np.uintp(first + j)]
                    exponent[0, j] -= ((at - centre) * scale) ** 2
                    exponent[1, j] -= ((at_a - centre) * scale) ** 2
                    exponent[2, j] -= ((at_b - centre) * scale) ** 2
                    exponent[3, j] -= ((at_c - centre) * scale) ** 2
            for r in range(rows):
                if first <= skipped[i + r] < first + width:
                    exponent[r, skipped[i + r] - first] = -inf
                total = 0.0
                for j in range(width):
                    total += _exp_within(exponent[r, j])
                out[i + r] += total


def density_ratios(
    team: Team,
    z: np.ndarray,
    own: np.ndarray,
    skipped: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    log_norm: np.ndarray,
) -> np.ndarray:
    """Sum over Gaussians of their density at each z over exp(own), without the one that is skipped (-1: none).

    `log_norm` are the logarithms of the densities at the means, on the scale of `own`. Exponents are moved to [-700, 700].
    """
    out = np.zeros(len(z))
    inverse = sqrt(0.5) / std
    _share(
        team, _densities, len(z), out, z, own, skipped, *(np.ascontiguousarray(x.T) for x in (mean, inverse)), log_norm
    )
    return out


# What the arrays go through


_VALUES = {
    "kl_standard_normal": _kl_standard_normal,
    "kl_diag_normal": _kl_diag_normal,
    "bernoulli_log_likelihood": _bernoulli_log_likelihood,
}
_VJPS = {"kl_standard_normal": _kl_standard_normal_vjp}


def value(name: str, team: Team, arrays: list[np.ndarray]) -> np.ndarray:
    """The sums over the last axis of the arrays, broadcast, in float64."""
    shape = np.broadcast_shapes(*(x.shape for x in arrays))
    out = np.empty(shape[:-1])
    _share(team, _VALUES[name], out.size, out.reshape(-1), *(_rows(x, shape) for x in arrays))
    return out


def vjp(name: str, team: Team, g: np.ndarray, arrays: list[np.ndarray]) -> list[np.ndarray]:
    """`g`, one for each sum, times the derivatives by the arrays, all of one shape, in float32."""
    shape = arrays[0].shape
    # NumPy asks for large pages: the first touch of the memory would otherwise cost more than the rest
    out = [np.empty(shape, dtype=np.float32) for _ in arrays]
    flat = [x.reshape(prod(shape[:-1]), shape[-1]) for x in out]
    rows = (_rows(g[..., None], (*shape[:-1], 1)), *(_rows(x, shape) for x in arrays))
    _share(team, _VJPS[name], prod(shape[:-1]), *flat, *rows)
    return out


_PARTS = 8  # for each thread: one that is held up leaves its share to the others


def _share(team: Team, loop: Callable[..., None], rows: int, *arrays: np.ndarray) -> None:
    """Run the loop over all rows."""
    count = _PARTS * team.size
    parts = iter([(rows * i // count, rows * (i + 1) // count) for i in range(count)])

    def work() -> None:
        for part in parts:
            loop(*part, *arrays)

    team.run(work)


def _rows(x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The array as contiguous rows of length `shape[-1]`, of which the same ones follow again where it is repeated."""
    x = x[tuple(slice(1) if stride == 0 else slice(None) for stride in x.strides)]
    x = np.broadcast_to(x, (*x.shape[:-1], shape[-1])) if x.ndim else np.full(shape[-1:], x)
    while x.ndim > 1 and x.shape[0] == 1:
        x = x[0]
    if x.shape[:-1] != shape[len(shape) - x.ndim : -1]:
        x = np.broadcast_to(x, shape)
    return np.ascontiguousarray(x).reshape(prod(x.shape[:-1]), shape[-1])
