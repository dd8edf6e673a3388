"""Functions of one number in float64, each right to 2^-33 or better: as much as a result in float32 needs."""

from math import log

import numpy as np

from elbo_ref._core.loops.compiling import bits, exactly, from_bits, part
from elbo_ref._core.special import EXPM1

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


@exactly
def _horner(c: tuple[float, ...], x: float) -> float:
    return c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * (c[4] + x * (c[5] + x * c[6])))))


@exactly
def exp_parts(x: float) -> tuple[float, float, float, float]:
    """2^k, k log 2, r and exp(r) - 1 - r with x = k log 2 + r, for |x| < 700."""
    shifted = x * _LOG2_E + _ROUND
    multiple = (shifted - _ROUND) * _LN2
    r = x - multiple
    return from_bits(bits(shifted) << 52), multiple, r, r * r * _horner(_PSI, r)


@exactly
def psi(x: float) -> float:
    """exp(x) - 1 - x."""
    power, multiple, r, rest = exp_parts(x)
    return ((power - 1) * (1 + (r + rest)) - multiple) + rest


@exactly
def expm1(x: float) -> float:
    power, _, r, rest = exp_parts(x)
    return (power - 1) * (1 + (r + rest)) + (r + rest)


_TOO_LARGE = 1e300  # for a result that no type but float64 can hold


@exactly
def psi_far(x: float) -> float:
    return _TOO_LARGE if x > 700 else -1 - x if x < -700 else psi(x)


@exactly
def expm1_far(x: float) -> float:
    return _TOO_LARGE if x > 700 else -1.0 if x < -700 else expm1(x)


@exactly
def _log1p_tail(s: float) -> float:
    """R of log1p(t) = t - t^2 / 2 + s (t^2 / 2 + R) with s = t / (2 + t), for -1/2 <= t <= 1."""
    z = s * s
    return z * _horner(_ARTANH, z)


_TWO_52 = np.int64(0x4330000000000000)  # bits of 2^52, whose last bits count ones
_BIAS = 1024  # more than any exponent
_HALFWAY = np.int64((2 * _BIAS + 1) << 51)  # _BIAS and a half in the place of the exponent


@exactly
def kl_normal(mean_q: float, std_q: float, mean_p: float, std_p: float) -> float:
    """F(r - 1) + d^2 / 2 with F(t) = t + t^2 / 2 - log(1 + t), r = std_q / std_p and d = (mean_q - mean_p) / std_p.

    With r = 2^e (1 + t), scaled = std_q / 2^e and s = t / (2 + t) = (scaled - std_p) / (scaled + std_p), one division does
    for all quotients.
    """
    # Bits are nearly a logarithm: 1 + t is in [2/3, 3/2].
    biased = ((bits(std_q) - bits(std_p) + _HALFWAY) >> 52) & 0xFFF
    e = from_bits(biased | _TWO_52) - (2.0**52 + _BIAS)
    scaled = from_bits(bits(std_q) - ((biased - _BIAS) << 52))
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


@exactly
def exp_minus_abs(x: float) -> float:
    """exp(-|x|), and a number below 1e-300 instead of a smaller one."""
    low = -abs(x)
    power, _, r, rest = exp_parts(low if low > -700 else -700.0)
    return power * (1 + (r + rest))


@exactly
def exp_within(x: float) -> float:
    """exp(x), or that of the nearest number from -700 to 700."""
    above = x if x > -700 else -700.0
    power, _, r, rest = exp_parts(above if above < 700 else 700.0)
    return power * (1 + (r + rest))


EXP_ERROR = 2.0**-36  # relative, of `exp_within`: that of _PSI, of which r^2 _PSI is less than an eighth


# What follows is right to the last digits of float64.


@exactly
def _near64(x: float) -> float:
    """exp(x) - 1 - x for |x| <= 1."""
    q = EXPM1[11] + x * EXPM1[12]
    q = EXPM1[9] + x * (EXPM1[10] + x * q)
    q = EXPM1[7] + x * (EXPM1[8] + x * q)
    q = EXPM1[5] + x * (EXPM1[6] + x * q)
    q = EXPM1[3] + x * (EXPM1[4] + x * q)
    q = EXPM1[0] + x * (EXPM1[1] + x * (EXPM1[2] + x * q))
    return x * x / 2 + x * x * x * q


_LN2_UPPER = float.fromhex("0x1.62e42fefp-1")  # 33 bits: its product with an exponent is exact
_LN2_LOWER = float.fromhex("0x1.473de6af278edp-34")


@exactly
def psi64(x: float) -> float:
    """exp(x) - 1 - x for |x| < 700."""
    far = x if 1 <= abs(x) < 700 else 1.0
    shifted = far * _LOG2_E + _ROUND
    k = shifted - _ROUND
    r = (far - k * _LN2_UPPER) - k * _LN2_LOWER
    rest, power = _near64(x if abs(x) < 1 else r), from_bits(bits(shifted) << 52)
    return rest if abs(x) < 1 else ((power - 1) - far) + power * (r + rest)  # the first two have the digits in common


@exactly
def exp64(x: float) -> float:
    """exp(x), or that of the nearest number from -700 to 700."""
    above = x if x > -700 else -700.0
    inside = above if above < 700 else 700.0
    shifted = inside * _LOG2_E + _ROUND
    k = shifted - _ROUND
    r = (inside - k * _LN2_UPPER) - k * _LN2_LOWER
    return from_bits(bits(shifted) << 52) * (1 + (r + _near64(r)))


_FRACTION = np.int64(0x000FFFFFFFFFFFFF)
_ONE = np.int64(0x3FF0000000000000)


@part
def log_of_product(x: np.ndarray, i: int) -> float:
    """The sum over a row of the logarithms of positive float32 numbers, by one logarithm for as many as do not overflow."""
    exponents, logs = 0.0, 0.0
    for first in range(0, x.shape[1], _FACTORS):
        product = 1.0
        for j in range(np.uintp(first), np.uintp(min(first + _FACTORS, x.shape[1]))):
            number = bits(np.float64(x[i, j]))
            product *= from_bits((number & _FRACTION) | _ONE)  # from 1 to 2
            exponents += from_bits((number >> 52) | _TWO_52) - (2.0**52 + 1023)
        logs += log(product)
    return logs + exponents * _LN2


_FACTORS = 512
