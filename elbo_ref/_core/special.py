"""The small functions that the array API standard lacks, in forms that lose no digits.

They are smooth within their branches, and a branch that is not taken sees a number at which it is harmless: so what a library
makes of them by differentiating, as often as it likes and in either mode, is right. Hence no `abs`, `minimum` or `maximum`,
whose derivatives at a tie are a choice: at a tie one whole branch is taken here, and either is right.
"""

import math
from typing import Any

from elbo_ref._core.arrays import (
    Array,
    Namespace,
    constant,
    is_compiled,
    is_float64,
    is_jax,
    is_torch,
    is_transformed,
    narrow,
    readable,
)

HALF_LOG_TWO_PI = 0.5 * math.log(2 * math.pi)

# log1p(t) = 2 artanh(s) with s = t / (2 + t), and 2 artanh(s) = s (2 + R), R = z S(z), z = s^2. S is interpolated in the 11
# Chebyshev nodes of 0 <= z <= 1/9, which is -1/2 <= t <= 1, with 60 digits; the relative error of S is below 6.2e-17.
LOG1P = (
    0.6666666666666666,
    0.39999999999999525,
    0.285714285716001,
    0.2222222219823677,
    0.18181819897962714,
    0.1538454396486055,
    0.13335178631449257,
    0.11734279061303197,
    0.10845178394880015,
    0.07492143795550767,
    0.1563057780092285,
)

# exp(x) - 1 - x = x^2 / 2 + x^3 Q(x). Q is interpolated in the 13 Chebyshev nodes of -1 <= x <= 1, with 60 digits; the
# relative error of Q is below 1.4e-16, and x^3 Q is at most a third of the sum.
EXPM1 = (
    0.16666666666666666,
    0.04166666666666651,
    0.008333333333333325,
    0.001388888888893181,
    0.00019841269841295063,
    2.4801587267259408e-05,
    2.75573192038147e-06,
    2.755733098715279e-07,
    2.5052115297914698e-08,
    2.087479843099664e-09,
    1.6057892794603187e-10,
    1.1627098130423447e-11,
    7.739072467121704e-13,
)


# The same for float32: S in 5 nodes, right to 2^-26; Q in 8 nodes of -1 <= x <= 2, right to 2^-24, and there a part of the sum.
_LOG1P_32 = (0.6666666732052742, 0.3999970633192972, 0.28592357994302836, 0.21706575800880373, 0.2322432922402335)
_EXPM1_32 = (
    0.16666667325575948,
    0.04166665042458387,
    0.008333228687852516,
    0.001388994333332805,
    0.00019864400498111496,
    2.458568057465151e-05,
    2.6479366327735863e-06,
    4.1130033390400203e-07,
)


def polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Sum of coefficients[k] x^k, by Horner's rule."""
    *lower, value = coefficients
    for coefficient in reversed(lower):
        value = value * x + coefficient
    return value


def plus_product(a: Array, x: Array, y: Array, factor: float = 1.0) -> Array:
    """a + factor x y, in one step where the library has one."""
    return a.addcmul(x, y, value=factor) if is_torch(a) else a + factor * x * y


def _is_value(xp: Namespace, x: Array) -> bool:
    """Whether nobody differentiates what is done with x: a branch that is not taken then may see any number."""
    if is_torch(x):
        return not (xp.is_grad_enabled() or is_transformed(x))
    return not is_jax(x)


def size(xp: Namespace, x: Array) -> Array:
    """|x|, for use where the sides of 0 meet smoothly."""
    return xp.where(x < 0, -x, x)


def log1p_tail(t: Array) -> tuple[Array, Array]:
    """s and R of log1p(t) = t - t^2 / 2 + s (t^2 / 2 + R), for -1/2 <= t <= 1."""
    s = t / (2 + t)
    z = s * s
    return s, z * polynomial(LOG1P if is_float64(t.dtype) else _LOG1P_32, z)


def phi(xp: Namespace, t: Array, ratio: Array) -> Array:
    """t - log(1 + t) >= 0, where `ratio` is 1 + t found without cancellation, which matters where t is close to -1."""
    near = xp.logical_and(t > -0.5, t < 1)
    small = xp.where(near, t, 0.0)
    s, tail = log1p_tail(small)
    half_square = small * small / 2
    low = t < -0.9
    far = xp.where(near, 1.0, t)
    log = xp.where(low, xp.log(xp.where(near, 1.0, xp.where(low, ratio, 1.0))), xp.log1p(xp.where(low, 1.0, far)))
    return xp.where(near, half_square - s * (half_square + tail), far - log)


def _psi_near(x: Array) -> Array:
    """exp(x) - 1 - x where `_small` says so."""
    square = x * x
    return square / 2 + square * x * polynomial(EXPM1 if is_float64(x.dtype) else _EXPM1_32, x)


def _small(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """Where |x| < 1, in float32 -1 < x < 2; and x, for differentiation 0 elsewhere."""
    near = xp.abs(x) < 1 if is_float64(x.dtype) else xp.abs(x - 0.5) < 1.5
    return near, x if _is_value(xp, x) else xp.where(near, x, 0.0)


def psi(xp: Namespace, x: Array) -> Array:
    """exp(x) - 1 - x >= 0."""
    near, small = _small(xp, x)
    exact = is_float64(x.dtype) and _is_value(xp, x)  # rounds a smaller number; its derivatives in torch lose digits
    return xp.where(near, _psi_near(small), (xp.expm1(x) if exact else xp.exp(x) - 1) - x)


def expm1(xp: Namespace, x: Array) -> Array:
    """exp(x) - 1. torch.compile turns the function of the library into just that, with no correct digit near 0, and its
    derivative in torch, itself plus 1, has none where x is large and negative.
    """
    near, small = _small(xp, x)
    by_series = small + _psi_near(small) if is_compiled(x) else xp.expm1(small)
    return xp.where(near, by_series, xp.exp(x) - 1)


def psi_to_single(xp: Namespace, x: Array) -> Array:
    """psi in float64 for numbers that came from float32 or narrower, to 2^-34: a result rounded to that is as good, and
    takes a third of the steps. One is not taken twice because both sides of a `where` are: what is small is 0 on the one.
    """
    large = x.hardshrink(2.0**-16) if is_torch(x) else xp.where(xp.abs(x) > 2.0**-16, x, 0.0)
    small = x - large
    return plus_product(xp.expm1(large) - large, small, plus_product(small, small, small, 1 / 3), 0.5)


def phi_to_single(xp: Namespace, t: Array, ratio: Array) -> Array:
    """phi at a quotient of such numbers, likewise; `ratio` is 1 + t."""
    series = t * t * (0.5 + t * (-1 / 3 + t * (1 / 4 - t * 0.2)))
    return xp.where(xp.abs(t) < 1e-3, series, t - xp.log(ratio))


def halved(xp: Namespace, x: Array, dtype: Any) -> Array:
    """x / 2 as `dtype`, in one step where torch keeps no record of it."""
    if is_torch(x) and not x.requires_grad and readable(x):
        return xp.multiply(x, 0.5, out=x.new_empty(x.shape, dtype=dtype))
    return narrow(xp, x / 2, dtype)


def half_psi(xp: Namespace, x: Array) -> Array:
    """(exp(x) - 1 - x) / 2, also where exp(x) is too large but half of it is not."""
    large = x > 700
    by_parts = xp.exp(xp.where(large, x, 1.0) - 1) * (math.e / 2)
    return xp.where(large, by_parts, psi(xp, xp.where(large, 0.0, x)) / 2)


def half_expm1(xp: Namespace, x: Array) -> Array:
    """(exp(x) - 1) / 2, also where exp(x) is too large for its dtype but half of it is not."""
    if _is_value(xp, x):
        if is_compiled(x):
            near, root = _small(xp, x)[0], xp.exp(x / 2)
            return xp.where(near, (x + _psi_near(x)) / 2, root * (root / 2) - 0.5)
        half = xp.expm1(x / 2)
        return plus_product(half, half, half, 0.5)
    large = x > (700 if is_float64(x.dtype) else 80)
    by_parts = xp.exp(xp.where(large, x, 1.0) - 1) * (math.e / 2)
    return xp.where(large, by_parts, expm1(xp, xp.where(large, 0.0, x)) / 2)


def root(xp: Namespace, x: Array) -> Array:
    """The square root, with derivative 0 at 0: where all samples are equal, a small change of them is no first-order one."""
    zero = x == 0
    return xp.where(zero, 0.0, xp.sqrt(xp.where(zero, 1.0, x)))


def log_sum_exp(xp: Namespace, x: Array, axis: int, weights: Array | None = None) -> Array:
    """log(sum of weights exp(x)) over an axis. The shift is a constant to derivatives."""
    shift = xp.max(constant(x), axis=axis, keepdims=True)
    terms = xp.exp(x - shift)
    return xp.squeeze(shift, axis=axis) + xp.log(xp.sum(terms if weights is None else weights * terms, axis=axis))


def sigmoid(xp: Namespace, x: Array) -> Array:
    """1 / (1 + exp(-x)), small values with all their digits."""
    if is_torch(x) and _is_value(xp, x):
        return xp.sigmoid(x)
    small = xp.exp(-size(xp, x))
    return xp.where(x < 0, small, 1.0) / (1 + small)


def softplus(xp: Namespace, x: Array) -> Array:
    """log(1 + exp(x))."""
    return xp.where(x < 0, 0.0, x) + xp.log1p(xp.exp(-size(xp, x)))


# log(sinh(y) / y) = y^2 sum_k c_k y^(2k), c_(k-1) = (-1)^(k+1) zeta(2k) / (k pi^(2k)): the Taylor series. It has radius pi, so
# eleven terms leave less than 2^-60 of the sum for |y| <= 1/2.
_LOG_SINHC = (
    0.16666666666666666,
    -0.005555555555555556,
    0.0003527336860670194,
    -2.6455026455026456e-05,
    2.1377799155576935e-06,
    -1.803670234005331e-07,
    1.5661391322766983e-08,
    -1.3884130493737299e-09,
    1.2504359176004997e-10,
    -1.1402575602296091e-11,
    1.0502923908637557e-12,
)


def log_sinhc(y: Array) -> Array:
    """log(sinh(y) / y) for |y| <= 1/2, even in y, zero at 0."""
    square = y * y
    return square * polynomial(_LOG_SINHC, square)
