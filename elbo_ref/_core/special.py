"""The small functions that the array API standard lacks, in forms that lose no digits."""

import math

from elbo_ref._core.arrays import Array, Namespace, is_compiled, is_float64, is_torch, on_cpu, readable

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
_EXPM1 = (
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


def polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Sum of coefficients[k] x^k, by Horner's rule."""
    *lower, value = coefficients
    for coefficient in reversed(lower):
        value = value * x + coefficient
    return value


def log1p_tail(t: Array) -> tuple[Array, Array]:
    """s and R of log1p(t) = t - t^2 / 2 + s (t^2 / 2 + R), for -1/2 <= t <= 1."""
    s = t / (2 + t)
    z = s * s
    return s, z * polynomial(LOG1P, z)


def phi(xp: Namespace, t: Array, ratio: Array) -> Array:
    """t - log(1 + t) >= 0, where `ratio` is 1 + t found without cancellation, which matters where t is close to -1."""
    near = xp.logical_and(t > -0.5, t < 1)
    small = xp.where(near, t, 0.0)
    s, tail = log1p_tail(small)
    half_square = small * small / 2
    at_minus_one = t < -0.9
    log = xp.where(at_minus_one, xp.log(xp.where(at_minus_one, ratio, 1.0)), xp.log1p(xp.where(at_minus_one, 0.0, t)))
    return xp.where(near, half_square - s * (half_square + tail), t - log)


def _psi_near(x: Array) -> Array:
    """exp(x) - 1 - x for |x| < 1."""
    square = x * x
    return square / 2 + square * x * polynomial(_EXPM1, x)


def psi(xp: Namespace, x: Array) -> Array:
    """exp(x) - 1 - x >= 0."""
    near = xp.abs(x) < 1
    return xp.where(near, _psi_near(xp.where(near, x, 0.0)), xp.exp(x) - 1 - x)


def expm1(xp: Namespace, x: Array) -> Array:
    """exp(x) - 1. torch.compile turns the function of the library into just that, with no correct digit near 0, and its
    derivative in torch, itself plus 1, has none where x is large and negative.
    """
    low = x < -1
    upper = xp.where(low, 0.0, x)
    near = xp.abs(upper) < 1
    small = xp.where(near, upper, 0.0)
    by_series = xp.where(near, small + _psi_near(small), xp.exp(upper) - 1) if is_compiled(x) else xp.expm1(upper)
    return xp.where(low, xp.exp(x) - 1, by_series)


def psi_to_float32(xp: Namespace, x: Array) -> Array:
    """psi of a float32 number in float64 arithmetic, to 2^-31: a result rounded to float32 is as good, and much faster."""
    small, large = _masked(xp, x)
    return small * small * (0.5 + small * (1 / 6 + small * (1 / 24))) + large * (xp.exp(x) - 1 - x)


def phi_to_float32(xp: Namespace, t: Array, ratio: Array) -> Array:
    """phi at a quotient of float32 numbers, likewise; `ratio` is 1 + t."""
    small, large = _masked(xp, t)
    return small * small * (0.5 + small * (-1 / 3 + small * (1 / 4 - small * 0.2))) + large * (t - xp.log(ratio))


def _masked(xp: Namespace, x: Array) -> tuple[Array, Array]:
    """x where it is so small that a series is needed, else 0, and 0 or 1 the other way round: faster than `where`."""
    large = xp.astype(xp.abs(x) >= 1e-3, x.dtype)
    return x * (1 - large), large


def half_psi(xp: Namespace, x: Array) -> Array:
    """(exp(x) - 1 - x) / 2, also where exp(x) is too large but half of it is not."""
    return xp.where(x > 700, xp.exp(x - 1) * (math.e / 2), psi(xp, x) / 2)


def half_expm1(xp: Namespace, x: Array) -> Array:
    """(exp(x) - 1) / 2, also where exp(x) is too large for its dtype but half of it is not."""
    limit = 700 if is_float64(x.dtype) else 80
    differentiated = is_torch(x) and xp.is_grad_enabled()
    if not differentiated and on_cpu(x) and readable(x) and 0 not in x.shape and bool(xp.max(x) <= limit):
        return xp.expm1(x) / 2
    large = x > limit
    by_parts = xp.exp(xp.where(large, x, 1.0) - 1) * (math.e / 2)
    return xp.where(large, by_parts, expm1(xp, xp.where(large, 0.0, x)) / 2)


def softplus(xp: Namespace, x: Array) -> Array:
    """log(1 + exp(x))."""
    return xp.logaddexp(x, xp.zeros_like(x))


def logsumexp(xp: Namespace, x: Array) -> Array:
    """Log of the sum of exp(x) over the last axis, which stays as an axis of length 1."""
    largest = xp.max(x, axis=-1, keepdims=True)
    return largest + xp.log(xp.sum(xp.exp(x - largest), axis=-1, keepdims=True))


def xlogy(xp: Namespace, x: Array, y: Array) -> Array:
    """x log y, with 0 log y = 0 also at y = 0."""
    zero = x == 0
    return xp.where(zero, 0.0, x * xp.log(xp.where(zero, 1.0, y)))


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
