"""Sums, products and quotients of float64 numbers as unevaluated pairs (hi, lo), hi the rounded value and lo the rest.

Exact barring overflow and underflow (Knuth's sum, Dekker's product); a quotient is good to about 100 bits. What a rounding
has lost does not change with the arguments: it is a constant to whoever differentiates, so derivatives of any order are those
of exact arithmetic. In float32, where there is no float64, the same holds with half the bits.
"""

from elbo_ref._core.arrays import Array, Namespace, constant, is_float64

Pair = tuple[Array, Array]


def exact(xp: Namespace, x: Array) -> Pair:
    """x, with nothing lost."""
    return x, xp.zeros_like(x)


def two_sum(a: Array, b: Array) -> Pair:
    """a + b."""
    total = a + b
    a, b, kept = constant(a), constant(b), constant(total)
    rest = kept - a
    return total, (a - (kept - rest)) + (b - rest)


def _split(a: Array) -> Pair:
    # The upper half has 26 bits (12 in float32), so that products of halves are exact.
    shifted = a * (2.0**27 + 1 if is_float64(a.dtype) else 2.0**12 + 1)
    upper = shifted - (shifted - a)
    return upper, a - upper


def two_product(a: Array, b: Array) -> Pair:
    """a b."""
    product = a * b
    a_upper, a_lower = _split(constant(a))
    b_upper, b_lower = _split(constant(b))
    rest = a_upper * b_upper - constant(product)
    return product, ((rest + a_upper * b_lower) + a_lower * b_upper) + a_lower * b_lower


def rounded(xp: Namespace, x: Pair) -> Array:
    """hi + lo, where lo is dropped if overflow has made it useless."""
    return x[0] + xp.where(xp.isfinite(x[1]), x[1], 0.0)


def normalized(xp: Namespace, x: Pair) -> Pair:
    """The same number with hi the rounded value, if lo was not small; lo is 0 if hi is infinite."""
    total = rounded(xp, x)
    rest = constant(x[1]) - (constant(total) - constant(x[0]))
    return total, xp.where(xp.isfinite(rest), rest, 0.0)


def add(xp: Namespace, x: Pair, y: Pair) -> Pair:
    """x + y for pairs."""
    total, error = two_sum(x[0], y[0])
    return normalized(xp, (total, error + (x[1] + y[1])))


def multiply(xp: Namespace, x: Pair, y: Pair) -> Pair:
    """x y for pairs."""
    product, error = two_product(x[0], y[0])
    return normalized(xp, (product, error + (x[0] * y[1] + x[1] * y[0])))


def divide(x: Pair, y: Array) -> Pair:
    """x / y for a pair and a number."""
    quotient = x[0] / y
    product, error = two_product(constant(quotient), constant(y))
    return quotient, ((constant(x[0]) - product) - error + x[1]) / y


def sum_last(xp: Namespace, x: Pair) -> Pair:
    """Sum of pairs over the last axis, by halves."""
    hi, lo = x
    while hi.shape[-1] > 1:
        half = hi.shape[-1] // 2
        total, error = two_sum(hi[..., :half], hi[..., half : 2 * half])
        rest = error + (lo[..., :half] + lo[..., half : 2 * half])
        if hi.shape[-1] % 2:
            total, rest = xp.concat([total, hi[..., -1:]], axis=-1), xp.concat([rest, lo[..., -1:]], axis=-1)
        hi, lo = total, rest
    return xp.sum(hi, axis=-1), xp.sum(lo, axis=-1)
