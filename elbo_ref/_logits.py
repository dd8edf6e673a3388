"""Divergences and likelihoods of discrete distributions given by logits, without forming a probability that rounds to 0 or 1."""

import math
from typing import NamedTuple

from elbo_ref._core.arrays import (
    Array,
    Namespace,
    beside,
    constant,
    device,
    dtype_name,
    is_jax,
    is_torch,
    is_transformed,
    looks,
    namespace,
    narrow,
    widen,
    working,
)
from elbo_ref._core.checks import Check, as_it_is, or_nan, require
from elbo_ref._core.formula import Formula
from elbo_ref._core.pairs import Pair, add, exact, normalized, two_sum
from elbo_ref._core.shapes import has_axes, one_alphabet, pixels
from elbo_ref._core.special import expm1, log_sinhc, plus_product, psi, psi_to_single, sigmoid, size, softplus

# Categorical. With w = exp(a - max a), W = sum w and x = b - a less its mean under q = w / W, the divergence of
# q = softmax(a) from p = softmax(b) is log(sum q exp(x)) = log1p(sum q (exp(x) - 1 - x)): a sum of terms >= 0.
# Differences of logits beyond the largest float count as infinite.


_LARGE = 30.0  # exp(_LARGE) drowns 1 + _LARGE, and is far from overflow


class _Centred(NamedTuple):
    w: Array
    total: Array  # W
    x: Pair  # 0 where absent
    log_v: Pair  # log w + x, also where absent: b up to a constant
    absent: Array  # where q is 0 or too small for a float
    impossible: Array  # where p is 0 and q is not


def _centred(xp: Namespace, a: Array, b: Array) -> _Centred:
    largest = xp.max(constant(a), axis=-1, keepdims=True)
    log_w = _minus(xp, a, largest)
    w = _exp(xp, log_w)
    absent = w == 0
    log_w = _where(xp, absent, 0.0, log_w)
    total = xp.sum(w, axis=-1, keepdims=True)

    # Shift b by its value where a is largest, so that x is found from differences of floats that are exact.
    here = xp.logical_and(a == largest, b > -math.inf)
    reference = xp.max(xp.where(here, constant(b), -math.inf), axis=-1, keepdims=True)
    log_v = _minus(xp, b, xp.where(reference == -math.inf, 0.0, reference))
    infinite = xp.isinf(log_v[0])
    impossible = xp.logical_and(infinite, xp.logical_or(a > -math.inf, log_v[0] > 0))
    log_v = _where(xp, infinite, 0.0, log_v)
    x = add(xp, log_v, (-log_w[0], -log_w[1]))
    for _ in range(2):  # the second pass removes the rounding of the first mean
        mean = -xp.sum(w / total * xp.where(absent, 0.0, x[0]), axis=-1, keepdims=True)
        x = add(xp, x, exact(xp, mean))
        log_v = add(xp, log_v, exact(xp, mean))
    return _Centred(w, total, _where(xp, absent, 0.0, x), _where(xp, infinite, -math.inf, log_v), absent, impossible)


def _minus(xp: Namespace, x: Array, y: Array) -> Pair:
    return normalized(xp, two_sum(x, -y))


def _where(xp: Namespace, condition: Array, value: float, otherwise: Pair) -> Pair:
    return xp.where(condition, value, otherwise[0]), xp.where(condition, 0.0, otherwise[1])


def _exp(xp: Namespace, x: Pair) -> Array:
    """exp(hi + lo); a lo beyond 700 belongs to a hi of which it is less than the rounding."""
    return xp.exp(x[0]) * xp.exp(xp.clip(x[1], -700.0, 700.0))


def _kl_categorical(xp: Namespace, a: Array, b: Array) -> Array:
    c = _centred(xp, a, b)
    top = xp.max(constant(c.log_v[0]), axis=-1, keepdims=True)
    near = xp.logical_and(c.x[0] < _LARGE, xp.logical_not(c.absent))
    small = xp.where(near, c.x[0], 0.0)
    by_psi = c.w * (psi(xp, small) + expm1(xp, small) * c.x[1])
    by_exp = _exp(xp, _where(xp, c.log_v[0] > _LARGE, 0.0, c.log_v)) - c.w * (1 + c.x[0])
    close = xp.log1p(xp.sum(xp.where(near, by_psi, by_exp), axis=-1, keepdims=True) / c.total)
    rest = _exp(xp, (c.log_v[0] - top, c.log_v[1]))
    far = top + xp.log(xp.sum(rest, axis=-1, keepdims=True) / c.total)
    kl = xp.where(top > _LARGE, far, close)[..., 0]
    return xp.where(xp.any(c.impossible, axis=-1), math.inf, kl)


def _kl_categorical_vjp(xp: Namespace, g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """Derivatives - q x and p - q = q (exp(x - KL) - 1)."""
    c = _centred(xp, a, b)
    kl = _kl_categorical(xp, a, b)[..., None]
    excess = (c.x[0] - kl) + c.x[1]
    near = xp.logical_and(excess < _LARGE, xp.logical_not(c.absent))
    by_expm1 = c.w * expm1(xp, xp.where(near, excess, 0.0))
    by_p = xp.where(near, by_expm1, _exp(xp, (c.log_v[0] - kl, c.log_v[1])) - c.w) / c.total
    return g[..., None] * (-c.w / c.total * c.x[0]), g[..., None] * by_p


# For numbers narrower than float64, in float64: without pairs.


def _softmax(xp: Namespace, x: Array) -> Array:
    if is_torch(x):
        return x.softmax(-1)
    w = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
    return w / xp.sum(w, axis=-1, keepdims=True)


class _Compared(NamedTuple):
    q: Array
    p: Array
    x: Array  # b - a less its mean under q, 0 where q is 0
    near: Array  # whether x says all, row by row: where q is 0 but p is not, and where exp(x) is too large, it does not
    kl: Array  # with its axis


def _compared(xp: Namespace, a: Array, b: Array) -> _Compared:
    top_a, top_b = (xp.max(constant(y), axis=-1, keepdims=True) for y in (a, b))
    w, v = xp.exp(a - top_a), xp.exp(b - top_b)
    total_w, total_v = (xp.sum(y, axis=-1, keepdims=True) for y in (w, v))
    q, absent = w / total_w, w == 0
    impossible = xp.logical_and(b == -math.inf, xp.logical_not(absent))
    difference = xp.where(xp.logical_or(absent, impossible), 0.0, b - a)
    mean = xp.sum(q * difference, axis=-1, keepdims=True)
    x = difference - mean
    x = xp.where(absent, 0.0, x - xp.sum(q * x, axis=-1, keepdims=True))
    near = xp.all(xp.where(absent, v == 0, xp.logical_and(x < 600, x > -600)), axis=-1, keepdims=True)
    close = xp.log1p(xp.sum(q * psi(xp, xp.where(near, x, 0.0)), axis=-1, keepdims=True))
    far = (top_b - top_a) + xp.log(total_v / total_w) - mean
    kl = xp.where(xp.any(impossible, axis=-1, keepdims=True), math.inf, xp.where(near, close, far))
    return _Compared(q, v / total_v, x, near, kl)


def _kl_categorical_plain_vjp(xp: Namespace, g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    c = _compared(xp, a, b)
    small = xp.logical_and(c.near, xp.logical_and(c.x < 1, c.q > 0))  # beyond it p - q is no small difference
    by_b = xp.where(small, c.q * expm1(xp, xp.where(small, c.x - c.kl, 0.0)), c.p - c.q)
    g = g[..., None]
    return -g * (c.q * c.x), g * by_b


def _brief(xp: Namespace, a: Array, b: Array) -> tuple[Array, Array, Array]:
    """q, x, and the divergence with its axis, in few steps; NaN or infinite where logits are infinite or far apart."""
    q, x = _softmax(xp, a), b - a
    x = x - xp.sum(q * x, axis=-1, keepdims=True)
    return q, x, xp.log1p(xp.sum(q * psi_to_single(xp, x), axis=-1, keepdims=True))


def _kl_categorical_brief_vjp(xp: Namespace, g: Array, a: Array, b: Array) -> tuple[Array, Array]:
    q, x, kl = _brief(xp, a, b)
    x = x - xp.sum(q * x, axis=-1, keepdims=True)  # where one class is almost certain, its x was rounding
    small = x < 1
    by_b = xp.where(small, q * xp.expm1(xp.where(small, x - kl, 0.0)), _softmax(xp, b) - q)
    g = g[..., None]
    return -g * (q * x), g * by_b


kl_categorical_logits = Formula(
    body=lambda xp, a, b: _compared(xp, a, b).kl[..., 0],
    vjp=_kl_categorical_plain_vjp,
    precise=_kl_categorical,
    precise_vjp=_kl_categorical_vjp,
    brief=lambda xp, *arrays: _brief(xp, *(widen(xp, x) for x in arrays))[2][..., 0],
    brief_vjp=_kl_categorical_brief_vjp,
    brief_if_finite=True,
    fits=one_alphabet,
    loop="kl_categorical_logits",
    loops=("_vjp",),
    hidden=(),
)


# Bernoulli


def _kl_bernoulli(xp: Namespace, logit_q: Array, logit_p: Array) -> Array:
    # Name the outcomes so that q <= 1/2: then 1 - q loses nothing.
    swap = logit_q > 0
    a, b = xp.where(swap, -logit_q, logit_q), xp.where(swap, -logit_p, logit_p)
    q = sigmoid(xp, a)
    d = b - a
    near = xp.logical_and(d < 3, d > -3)
    small = xp.where(near, d, 0.0)
    moments = (1 - q) * psi(xp, -q * small) + q * psi(xp, (1 - q) * small)
    # The ratio of the normalising sums is 1 + q (exp(d) - 1). For d > 0 their logarithms do not see the rounding of d; for
    # d < 0 the errors of q then cancel between the ratio and q d.
    downward = xp.log1p(q * expm1(xp, xp.where(d < 0, d, 0.0)))
    far = xp.where(d < 0, downward, softplus(xp, b) - softplus(xp, a))
    return xp.where(near, xp.log1p(moments), far - xp.where(q == 0, 0.0, q * d))


def _kl_bernoulli_vjp(xp: Namespace, g: Array, logit_q: Array, logit_p: Array) -> tuple[Array, Array]:
    """Derivatives - q (1 - q) d and p - q, with d = logit_p - logit_q."""
    d = logit_p - logit_q
    variance = sigmoid(xp, logit_q) * sigmoid(xp, -logit_q)
    swap = d < 0
    low, high = xp.where(swap, logit_p, logit_q), xp.where(swap, logit_q, logit_p)
    step = sigmoid(xp, high) * sigmoid(xp, -low) * -expm1(xp, low - high)
    return g * xp.where(variance == 0, 0.0, -variance * d), g * xp.where(swap, -step, step)


kl_bernoulli_logits = Formula(body=_kl_bernoulli, vjp=_kl_bernoulli_vjp)


def log_likelihood_of_bits(xp: Namespace, x: Array, logits_x: Array) -> Array:
    """x l - softplus(l) summed over the last axis, as -softplus((1 - 2 x) l), so that nothing cancels; an infinite l becomes NaN."""
    bits = constant(x)
    terms = -softplus(xp, plus_product(logits_x, bits, logits_x, -2.0))
    if is_jax(x) or is_transformed(x) or getattr(x, "requires_grad", False):
        terms = terms + (x - bits) * logits_x  # zero, with the derivative by x, which the other form has for bits alone
    return xp.sum(terms, axis=-1)


def brief_surprise(xp: Namespace, x: Array, logits_x: Array) -> Array:
    """The same with the other sign for numbers narrower than float64, in float64."""
    signed = widen(xp, plus_product(logits_x, x, logits_x, -2.0))  # (1 - 2 x) l, exact for bits
    return xp.sum(xp.nn.functional.softplus(signed, threshold=40) if is_torch(x) else softplus(xp, signed), axis=-1)


def by_logits_of_bits(xp: Namespace, g: Array, x: Array, logits_x: Array) -> Array:
    """g (x - sigmoid(l)), as g (2 x - 1) sigmoid((1 - 2 x) l), so that nothing cancels; widened after what is exact for bits."""
    signed = working(xp, plus_product(logits_x, x, logits_x, -2.0))
    return g[..., None] * (2 * x - 1) * sigmoid(xp, signed)


def brief_by_logits(xp: Namespace, g: Array, x: Array, logits_x: Array) -> Array:
    """The same with the other sign in torch for numbers narrower than float64, in float64, and rounded."""
    signed = widen(xp, plus_product(logits_x, x, logits_x, -2.0))
    by = xp.torch.ops.aten.softplus_backward(g[..., None], signed, 1, 40)
    return xp.addcmul(by, x, by, value=-2.0, out=xp.empty_like(logits_x))


def log_likelihood_of_bits_vjp(
    xp: Namespace, g: Array, x: Array, logits_x: Array, *, needed: tuple[bool, ...]
) -> tuple[Array | None, Array]:
    return g[..., None] * logits_x if needed[0] else None, by_logits_of_bits(xp, g, x, logits_x)


def log_likelihood_of_greys(xp: Namespace, x: Array, logits_x: Array) -> Array:
    """x l - log((exp(l) - 1) / l) summed over the last axis."""
    large = size(xp, logits_x)
    is_small = large < 1
    near = xp.where(is_small, logits_x, 0.0)
    by_series = (x - 0.5) * near - log_sinhc(near / 2)
    large = xp.where(is_small, 1.0, large)
    to_corner = xp.where(logits_x > 0, 1 - x, x)
    by_log = -large * to_corner + xp.log(-large / expm1(xp, -large))
    return xp.sum(xp.where(is_small, by_series, by_log), axis=-1)


def log_likelihood_of_labels(xp: Namespace, x: Array, logits_x: Array) -> Array:
    """log softmax(l) at the class where x is 1, summed over the axis of pixels before that of the classes.

    It is -softplus(log(sum of exp(l) over the other classes) - l), so that almost certain classes keep their digits.
    """
    taken = x != 0
    others = xp.where(taken, -math.inf, logits_x)
    shift = xp.max(constant(others), axis=-1, keepdims=True)
    alone = shift[..., 0] == -math.inf
    shift = xp.where(shift == -math.inf, 0.0, shift)
    total = xp.sum(xp.where(taken, 0.0, xp.exp(xp.where(taken, 0.0, logits_x - shift))), axis=-1)
    logit = xp.sum(xp.where(taken, logits_x, 0.0), axis=-1)
    logit = or_nan(xp, logit, logit < math.inf)  # else it would be certain
    against = shift[..., 0] + xp.log(xp.where(alone, 1.0, total)) - xp.where(alone, 0.0, logit)
    unmarked = xp.sum(x, axis=-1)  # 1, or NaN where a label is none
    certain = logit - logit  # 0, or NaN where no class is possible
    return -xp.sum(xp.where(alone, certain, softplus(xp, against)) * unmarked, axis=-1)


def one_hot(x: Array, like: Array) -> tuple[Check, Array]:
    """Labels as rows of zeros with a one at the label, in the dtype of the logits beside them, and a check of the labels."""
    if not hasattr(x, "dtype"):
        raise TypeError(f"x must be an array of integers, the labels, got {type(x).__name__}: pass numpy.asarray(x)")
    if not dtype_name(x.dtype).startswith(("int", "uint")):
        raise TypeError(f"x must be an array of integers, the labels, got dtype {x.dtype}")
    x = beside(x, logits_x=like)
    xp = namespace(x)
    has_axes("logits_x", like, 1)
    classes = int(like.shape[-1])
    # Bytes would take 256 for 0, and what has 32 bits 2^32.
    x = narrow(xp, x, xp.int64 if dtype_name(x.dtype).endswith("64") else xp.int32)
    places = xp.arange(classes, dtype=xp.int32, device=device(x))
    inside = xp.logical_and(x >= 0, x < classes)

    rows = narrow(xp, narrow(xp, x, xp.int32)[..., None] == places, like.dtype)
    marked = or_nan(xp, rows, inside[..., None])
    if not looks(x):
        return as_it_is, marked

    def labels(name: str, rows: Array, look: bool = True) -> Array:
        return (
            require(name, x, inside, f"a label from 0 to {classes - 1}, as logits_x has {classes} classes")
            if look
            else rows
        )

    return labels, marked


def _classes(x: Array, logits_x: Array) -> None:
    """Labels, as rows of zeros and ones, of the pixels that the logits have."""
    has_axes("logits_x", logits_x, 2, nonempty=True)
    pixels(x=x[..., 0], logits_x=logits_x[..., 0])


bernoulli_log_likelihood = Formula(
    body=log_likelihood_of_bits,
    vjp=log_likelihood_of_bits_vjp,
    vjp_widens=True,
    vjp_chooses=True,
    brief=lambda xp, *arrays: -brief_surprise(xp, *arrays),
    fits=pixels,
    rows=True,
    blocks=True,
    single=True,
    loop="bernoulli_log_likelihood",
    loops=("_vjp",),
    hidden=("x",),
)
categorical_log_likelihood = Formula(body=log_likelihood_of_labels, fits=_classes, whole=True, single=True)
continuous_bernoulli_log_likelihood = Formula(body=log_likelihood_of_greys, fits=pixels)
surprise = Formula(
    body=lambda xp, *arrays: -log_likelihood_of_bits(xp, *arrays),
    vjp=lambda xp, g, *arrays, needed: log_likelihood_of_bits_vjp(xp, -g, *arrays, needed=needed),
    vjp_widens=True,
    vjp_chooses=True,
    brief=brief_surprise,
    wide=True,
    rows=True,
    loop="surprise",
    loops=("_vjp",),
    hidden=("x",),
)
