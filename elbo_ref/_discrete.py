"""Entropies and divergences of probability tables, of the arrays divided by their sums.

Floats almost never sum to 1 exactly, and the textbook sum of q log(q / p) then is off by an amount of the size of the
rounding, more than the divergence of two nearly equal tables. Here every divergence is a sum of w phi(v / w - 1) >= 0 over
the entries, with v - w found in double-double arithmetic before anything is rounded.
"""

import math

from elbo_ref._core.arrays import Array, Namespace, is_float64
from elbo_ref._core.formula import Formula
from elbo_ref._core.pairs import Pair, add, divide, exact, multiply, rounded, sum_last, two_sum
from elbo_ref._core.shapes import broadcastable, has_axes, one_alphabet, same_last_axis
from elbo_ref._core.special import phi


def _minus(x: Pair) -> Pair:
    return -x[0], -x[1]


def _total(xp: Namespace, x: Array) -> Pair:
    """Sum over the last axis, which stays as an axis of length 1."""
    hi, lo = sum_last(xp, exact(xp, x))
    return hi[..., None], lo[..., None]


def _compare(xp: Namespace, q: Array, p: Array) -> tuple[Array, Array, Pair, Array]:
    """The rows divided by their sums, w and v, then t = v / w - 1 as a pair, and log v.

    With Q = sum(q) and P = sum(p), t = (p Q - q P) / (q P) and p Q - q P = (p - q) Q - q (P - Q), all without cancellation.
    """
    total_q, total_p = _total(xp, q), _total(xp, p)
    step = two_sum(p, -q)
    excess = tuple(x[..., None] for x in sum_last(xp, step))
    numerator = add(xp, multiply(xp, step, total_q), _minus(multiply(xp, exact(xp, q), excess)))
    absent = q == 0
    t = _quotient(xp, numerator, multiply(xp, exact(xp, xp.where(absent, 1.0, q)), total_p))
    t = xp.where(absent, 1.0, t[0]), xp.where(absent, 0.0, t[1])
    sum_p = rounded(xp, total_p)
    return q / rounded(xp, total_q), p / sum_p, t, _log(xp, p) - xp.log(sum_p)


def _quotient(xp: Namespace, x: Pair, y: Pair) -> Pair:
    quotient, rest = divide(x, y[0])
    return quotient, xp.where(xp.isfinite(rest), rest, 0.0) - quotient * (y[1] / y[0])


def _log(xp: Namespace, x: Array) -> Array:
    """log x, -inf at 0, where nothing is differentiated."""
    return xp.where(x == 0, -math.inf, xp.log(xp.where(x == 0, 1.0, x)))


def _term(xp: Namespace, w: Array, v: Array, t: Pair, log_v: Array) -> Array:
    """w phi(t) = v - w - w log(v / w), where t = v / w - 1; v at w = 0, inf at v = 0 < w.

    The logarithm of v is found apart, where v was still as large as floats can tell exactly.
    """
    huge, tiny, absent = v > w * 2.0**500, v <= w * 2.0**-500, w == 0
    safe = xp.where(absent, 1.0, w)
    outside = xp.logical_or(huge, tiny)
    ratio = xp.where(outside, 1.0, v) / xp.where(outside, 1.0, safe)
    kernel = phi(xp, xp.where(outside, 0.0, t[0]), ratio)
    kernel = kernel + xp.where(ratio > 0.1, t[0] / ratio * t[1], 0.0)  # at smaller ratios the rest of t has no weight
    by_logs = xp.log(safe) - xp.where(xp.logical_and(huge, v > 0), log_v, xp.where(tiny, log_v, 0.0)) - 1
    return xp.where(absent, v, xp.where(huge, v + safe * by_logs, safe * xp.where(tiny, by_logs, kernel)))


def _log_ratio(xp: Namespace, w: Array, log_v: Array, t: Pair) -> Array:
    """log(v / w) = log(1 + t), also near v = w and where the ratio leaves the range of the floats."""
    near = xp.abs(t[0]) < 0.5
    return xp.where(near, xp.log1p(xp.where(near, t[0], 0.0)), log_v - xp.log(w))


# KL from the probabilities


def kl_rows(xp: Namespace, q: Array, p: Array) -> Array:
    """KL(q || p) along the last axis."""
    return xp.sum(_term(xp, *_compare(xp, q, p)), axis=-1)


def _by_p(xp: Namespace, w: Array, v: Array, t: Pair, p: Array) -> Array:
    """(1 - q / p) / sum(p), q and p normalised: the derivative of - sum_i q_i log p_i. It is 1 / sum(p) at q = 0."""
    step = xp.where(w == 0, 1.0, t[0] * (w / v))
    return xp.where(xp.logical_and(w == 0, v == 0), 0.0, step) / rounded(xp, _total(xp, p))


def _kl_vjp(xp: Namespace, g: Array, q: Array, p: Array) -> tuple[Array, Array]:
    """Derivatives (log(q / p) - KL) / sum(q) and (1 - q / p) / sum(p), q and p normalised."""
    w, v, t, log_v = _compare(xp, q, p)
    kl = xp.sum(_term(xp, w, v, t, log_v), axis=-1, keepdims=True)
    absent = xp.logical_and(q == 0, p == 0)
    by_q = xp.where(absent, 0.0, -_log_ratio(xp, w, log_v, t) - kl) / rounded(xp, _total(xp, q))
    return g[..., None] * by_q, g[..., None] * _by_p(xp, w, v, t, p)


kl_categorical = Formula(body=kl_rows, vjp=_kl_vjp, fits=one_alphabet)


def _compare_outcomes(xp: Namespace, q: Array, p: Array) -> tuple[Pair, Pair]:
    """p / q - 1 and (1 - p) / (1 - q) - 1. One difference serves both: that of 1 - p and 1 - q would round again."""
    step, rest = two_sum(p, -q), two_sum(xp.ones_like(q), -q)
    rest = xp.where(q == 1, 1.0, rest[0]), rest[1]  # what is divided by nothing is not asked for
    return _quotient(xp, step, exact(xp, xp.where(q == 0, 1.0, q))), _quotient(xp, _minus(step), rest)


def _kl_bernoulli(xp: Namespace, q: Array, p: Array) -> Array:
    one, zero = _compare_outcomes(xp, q, p)
    return _term(xp, q, p, one, _log(xp, p)) + _term(xp, 1 - q, 1 - p, zero, _log(xp, 1 - p))


def _kl_bernoulli_vjp(xp: Namespace, g: Array, q: Array, p: Array) -> tuple[Array, Array]:
    """Derivatives log(q / p) - log((1 - q) / (1 - p)) and (p - q) / (p (1 - p))."""
    one, zero = _compare_outcomes(xp, q, p)
    same = xp.logical_and(p == q, p * (1 - p) == 0)  # certain of the same outcome
    by_q = _log_ratio(xp, 1 - q, xp.log(1 - p), zero) - _log_ratio(xp, q, xp.log(p), one)
    by_p = (p - q) / p / (1 - p)
    return g * xp.where(same, 0.0, by_q), g * xp.where(same, 0.0, by_p)


kl_bernoulli = Formula(body=_kl_bernoulli, vjp=_kl_bernoulli_vjp)


def _halfway(xp: Namespace, q: Array, p: Array) -> tuple[Array, Array, Pair, Array]:
    """Compare q with (q + p) / 2."""
    w, v, t, _ = _compare(xp, q, p)
    middle = w / 2 + v / 2
    return w, middle, (t[0] / 2, t[1] / 2), xp.log(middle)


def _jensen_shannon(xp: Namespace, q: Array, p: Array) -> Array:
    return xp.sum(_term(xp, *_halfway(xp, q, p)) + _term(xp, *_halfway(xp, p, q)), axis=-1) / 2


def _jensen_shannon_vjp(xp: Namespace, g: Array, q: Array, p: Array) -> tuple[Array, Array]:
    """Derivatives (log(q / m) - KL(q || m)) / (2 sum(q)), and the same for p."""

    def by_first(x: Array, y: Array) -> Array:
        w, middle, t, log_middle = _halfway(xp, x, y)
        kl = xp.sum(_term(xp, w, middle, t, log_middle), axis=-1, keepdims=True)
        return xp.where(middle == 0, 0.0, -_log_ratio(xp, w, log_middle, t) - kl) / 2 / rounded(xp, _total(xp, x))

    return g[..., None] * by_first(q, p), g[..., None] * by_first(p, q)


jensen_shannon = Formula(body=_jensen_shannon, vjp=_jensen_shannon_vjp, fits=one_alphabet)


# Entropies


def _log_share(xp: Namespace, x: Array, total: Pair) -> Array:
    """log(x / total), also where x is nearly all of it."""
    short = add(xp, exact(xp, x), _minus(total))
    return _log_ratio(xp, rounded(xp, total), _log(xp, x), _quotient(xp, short, total))


def _times_log(xp: Namespace, x: Array, log: Array) -> Array:
    """x log, with 0 log 0 = 0."""
    return xp.where(x == 0, 0.0, x * xp.where(x == 0, 0.0, log))


def _cross_entropy(xp: Namespace, q: Array, p: Array) -> Array:
    surprise = _times_log(xp, q, -_log_share(xp, p, _total(xp, p)))
    return xp.sum(surprise, axis=-1) / rounded(xp, _total(xp, q))[..., 0]


def _cross_entropy_vjp(xp: Namespace, g: Array, q: Array, p: Array) -> tuple[Array, Array]:
    """Derivatives (- log p - H(q, p)) / sum(q) and (1 - q / p) / sum(p), q and p normalised."""
    w, v, t, _ = _compare(xp, q, p)
    log_p = _log_share(xp, p, _total(xp, p))
    value = xp.sum(_times_log(xp, w, -log_p), axis=-1, keepdims=True)
    by_q = (-log_p - value) / rounded(xp, _total(xp, q))
    return g[..., None] * by_q, g[..., None] * _by_p(xp, w, v, t, p)


cross_entropy = Formula(body=_cross_entropy, vjp=_cross_entropy_vjp, fits=one_alphabet)


def _entropy_vjp(xp: Namespace, g: Array, p: Array) -> tuple[Array]:
    """Derivative (- log p - H) / sum(p), p normalised."""
    total = _total(xp, p)
    value = _cross_entropy(xp, p, p)[..., None]
    return (g[..., None] * ((-_log_share(xp, p, total) - value) / rounded(xp, total)),)


entropy = Formula(body=lambda xp, p: _cross_entropy(xp, p, p), vjp=_entropy_vjp)


# Joint tables, rows x columns


def _flat(xp: Namespace, x: Array) -> Array:
    return xp.reshape(x, (*x.shape[:-2], x.shape[-2] * x.shape[-1]))


def _whole(xp: Namespace, joint: Array) -> Pair:
    """Sum over the last two axes, which stay as axes of length 1."""
    hi, lo = _total(xp, _flat(xp, joint))
    return hi[..., None], lo[..., None]


def _conditional_entropy(xp: Namespace, joint: Array) -> Array:
    surprise = _times_log(xp, joint, -_log_share(xp, joint, _total(xp, joint)))
    return xp.sum(_flat(xp, surprise), axis=-1) / rounded(xp, _whole(xp, joint))[..., 0, 0]


def _conditional_entropy_vjp(xp: Namespace, g: Array, joint: Array) -> tuple[Array]:
    """Derivative (- log(joint / rows) - H) / sum(joint)."""
    log = _log_share(xp, joint, _total(xp, joint))
    value = _conditional_entropy(xp, joint)[..., None, None]
    empty = joint == 0
    by_joint = xp.where(empty, math.inf, -xp.where(empty, 0.0, log)) - value
    return (g[..., None, None] * (by_joint / rounded(xp, _whole(xp, joint))),)


conditional_entropy = Formula(body=_conditional_entropy, vjp=_conditional_entropy_vjp)


def _independence(xp: Namespace, joint: Array) -> tuple[Array, Array, Pair, Array]:
    """The normalised table w, the product v of its margins, t = v / w - 1 as a pair, and log v, which v may be too small for."""
    rows = _total(xp, joint)
    columns = tuple(xp.matrix_transpose(x) for x in _total(xp, xp.matrix_transpose(joint)))
    whole = _whole(xp, joint)
    product, table = multiply(xp, rows, columns), multiply(xp, exact(xp, joint), whole)
    size = rounded(xp, whole)
    t = _quotient(xp, add(xp, product, _minus(table)), table)
    log_v = xp.log(rounded(xp, rows)) + xp.log(rounded(xp, columns)) - 2 * xp.log(size)
    return joint / size, rounded(xp, product) / size / size, t, log_v


def _mutual_information(xp: Namespace, joint: Array) -> Array:
    return xp.sum(_flat(xp, _term(xp, *_independence(xp, joint))), axis=-1)


def _mutual_information_vjp(xp: Namespace, g: Array, joint: Array) -> tuple[Array]:
    """Derivative (log(joint / (rows columns)) - I) / sum(joint), all normalised; 0 where a whole row or column is 0."""
    w, _, t, log_v = _independence(xp, joint)
    value = _mutual_information(xp, joint)[..., None, None]
    by_joint = xp.where(log_v == -math.inf, 0.0, -_log_ratio(xp, w, log_v, t) - value) / rounded(xp, _whole(xp, joint))
    return (g[..., None, None] * by_joint,)


mutual_information = Formula(body=_mutual_information, vjp=_mutual_information_vjp)


def _into_range(xp: Namespace, rows: Array) -> Array:
    """Rows times powers of two that bring their largest entries near 1: two rows are compared at sums of like size."""
    for exponent in (512, 256, 128, 64, 32, 16)[0 if is_float64(rows.dtype) else 3 :]:  # within the range of the dtype
        rows = xp.where(xp.max(rows, axis=-1, keepdims=True) < 2.0**-exponent, rows * 2.0**exponent, rows)
    return rows


def _kl_conditional(xp: Namespace, joint_q: Array, joint_p: Array) -> Array:
    """The rows are normalised where they are compared; a row that q never visits counts nothing."""
    weight = rounded(xp, _total(xp, joint_q))[..., 0]
    visited = weight > 0
    row_q = xp.where(visited[..., None], joint_q, 1.0)
    known = xp.any(joint_p > 0, axis=-1)
    row_p = xp.where(xp.logical_and(visited, known)[..., None], joint_p, 1.0)
    row_q, row_p = _into_range(xp, row_q), _into_range(xp, row_p)
    kl = xp.where(xp.logical_or(known, xp.logical_not(visited)), kl_rows(xp, row_q, row_p), math.inf)
    mean = xp.sum(xp.where(visited, weight * kl, 0.0), axis=-1)
    return mean / rounded(xp, _whole(xp, joint_q))[..., 0, 0]


def _tables(**joints: Array) -> None:
    """Refuse joint tables that do not broadcast or differ in their last two axes."""
    for name, joint in joints.items():
        has_axes(name, joint, 2, nonempty=True)
    broadcastable(**joints)
    same_last_axis(**joints)
    same_last_axis(**{name: joint[..., 0] for name, joint in joints.items()})


kl_conditional = Formula(body=_kl_conditional, fits=_tables)
