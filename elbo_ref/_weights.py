"""Importance weights and log ratios: what a few samples say of a bound or of a divergence."""

import math

from elbo_ref._core import by_loops
from elbo_ref._core.arrays import Array, Namespace, constant, device, gather, is_compiled, is_torch, namespace, widen
from elbo_ref._core.checks import below_infinity, or_nan, require
from elbo_ref._core.formula import Formula, Gradients, recorded
from elbo_ref._core.shapes import sample_axis
from elbo_ref._core.special import expm1, psi


def _log_mean_exp(xp: Namespace, x: Array) -> Array:
    """log((1 / K) sum exp(x)) over the first axis; -inf where all of them are. The shift is a constant to derivatives."""
    shift = xp.max(constant(x), axis=0)
    shift = xp.where(shift == -math.inf, 0.0, shift)  # all weights zero: log 0 below, not inf - inf
    total = xp.sum(xp.exp(x - shift), axis=0)
    empty = total == 0
    return xp.where(empty, -math.inf, shift + xp.log(xp.where(empty, 1.0, total)) - math.log(x.shape[0]))


def _weights_vjp(xp: Namespace, g: Array, x: Array) -> tuple[Array]:
    """The normalised weights; none where all are zero."""
    value = _log_mean_exp(xp, x)
    return (g * xp.exp(x - xp.where(value == -math.inf, 0.0, value + math.log(x.shape[0]))),)


def _brief(xp: Namespace, x: Array) -> Array:
    """For numbers narrower than float64, in float64."""
    x = widen(xp, x)
    return xp.logsumexp(x, dim=0) - math.log(x.shape[0]) if is_torch(x) else _log_mean_exp(xp, x)


def _some(log_weights: Array) -> None:
    sample_axis("log_weights", log_weights, 0, 1)


_bound = Formula(
    body=_log_mean_exp,
    vjp=_weights_vjp,
    brief=_brief,
    brief_vjp=lambda xp, g, x: (g * x.softmax(0),),
    brief_if_finite=True,
    fits=_some,
    single=True,
    hidden=(),
)


def _by_columns(x: Array) -> Array | None:
    """The bound by the loop over the first axis; None if a weight is not finite."""
    recording = by_loops.records(x)
    out, weights = by_loops.empty(x, x.shape[1:]), by_loops.empty(x, x.shape) if recording else None
    k, n = x.shape[0], math.prod(x.shape[1:])
    at = k, n, *by_loops.addresses(out, x), *(by_loops.addresses(weights) if recording else (0,))
    if by_loops.run(x, "iwae_bound", n, k * n, at):
        return None

    def gradient(g: Array, x: Array) -> Gradients:
        if g.dtype != x.dtype or by_loops.torch_side().is_grad_enabled():
            return _bound.gradient(g, x)
        return (weights * g,)

    return recorded(out, gradient, x) if recording else out


def iwae_bound(log_weights: Array, axis: int) -> Array:
    """The bound over this axis, refusing NaN and +inf."""
    if axis == 0 and not is_compiled(log_weights):
        by_loops.wake(log_weights)
        found = _by_columns(log_weights) if by_loops.door("float32", log_weights) else None
        if found is not None:
            return found
    x = log_weights if axis == 0 else samples_first(log_weights, axis)[1]
    return _bound(log_weights=(below_infinity, x))


def samples_first(log_weights: Array, axis: int, least: int = 1) -> tuple[Namespace, Array]:
    """The weights with the axis of their samples as the first, at least so many of them."""
    xp, x = gather(log_weights=log_weights)
    sample_axis("log_weights", x, axis, least)
    return xp, x if axis == 0 else xp.moveaxis(x, axis, 0)


def some(name: str, x: Array, look: bool = True) -> Array:
    """Refuse log weights that hold NaN or +inf, or nothing but -inf, over the first axis."""
    xp, x = namespace(x), below_infinity(name, x, look)
    largest = xp.max(x, axis=0)
    if not look:
        return or_nan(xp, x, largest > -math.inf)
    require(f"the largest of {name} over the samples", largest, largest > -math.inf, "above -inf")
    return x


def _effective_sample_size(xp: Namespace, x: Array) -> Array:
    """K / (1 + V), V the variance of the weights over the square of their mean: from their deviations, so that neither it nor its
    gradient loses digits where the weights are nearly equal.
    """
    d = x - xp.max(constant(x), axis=0)
    deviation = expm1(xp, d - xp.log1p(xp.mean(expm1(xp, d), axis=0)))
    return x.shape[0] / (1 + xp.mean(deviation * deviation, axis=0))


effective_sample_size = Formula(body=_effective_sample_size, whole=True)


def _power_mean(xp: Namespace, x: Array, power: Array) -> Array:
    """log(mean of w^power) / power over the first axis, which at power 0 is the mean of log w.

    Where the powers of the weights are close to each other, it is their mean logarithm and a small correction, log1p of the mean
    of exp(d) - 1 - d at the deviations d.
    """
    gone = x == -math.inf
    never = xp.any(xp.logical_and(gone, power <= 0), axis=0)
    some_gone = xp.any(gone, axis=0)
    kept = xp.where(gone, 0.0, x)
    mean = xp.mean(kept, axis=0)
    d = power * (kept - mean)
    near = xp.logical_and(xp.all(xp.logical_and(d < 1, d > -1), axis=0), xp.logical_not(some_gone))
    one = xp.where(power == 0, 1.0, power)
    close = mean + xp.where(power == 0, 0.0, xp.log1p(xp.mean(psi(xp, xp.where(near, d, 0.0)), axis=0)) / one)
    far = _log_mean_exp(xp, xp.where(gone, -math.inf, xp.where(near, 0.0, one * kept))) / one
    return xp.where(never, -math.inf, xp.where(near, close, far))


power_mean = Formula(body=_power_mean, whole=True)


def _defensive(xp: Namespace, log_q: Array, log_p: Array, share: Array) -> Array:
    a, b = xp.log1p(-share) + log_q, xp.log(share) + log_p
    swap = a < b
    high, low = xp.where(swap, b, a), xp.where(swap, a, b)
    alone = low == -math.inf
    return high + xp.log1p(xp.where(alone, 0.0, xp.exp(xp.where(alone, 0.0, low - xp.where(alone, 0.0, high)))))


defensive = Formula(body=_defensive)


# The tail, by the profile likelihood of Zhang and Stephens as it is used for importance weights: see `importance`.

_AT_EDGE, _AT_HALF = 3, 10  # their prior of the scale, and that of the shape: so many observations of one half


def tail_size(samples: int) -> int:
    """How many of the largest weights are the tail."""
    return math.ceil(min(samples / 5, 3 * math.sqrt(samples)))


def tail_index(xp: Namespace, x: Array) -> Array:
    """The shape of a generalised Pareto distribution of the largest weights over the first axis, -inf where these are all alike."""
    size = tail_size(int(x.shape[0]))
    largest = xp.exp(xp.sort(x, axis=0)[-size - 1 :] - xp.max(x, axis=0))
    excess = largest[1:] - largest[0]
    flat = excess[-1] == 0
    excess = xp.where(flat, 1.0, excess)
    count = 30 + math.isqrt(size)
    places = xp.reshape(
        1 - xp.sqrt(count / (xp.arange(1, count + 1, dtype=x.dtype, device=device(x)) - 0.5)),
        (-1,) + (1,) * (x.ndim - 1),
    )
    quartile = excess[int(size / 4 + 0.5) - 1]
    b = places / (_AT_EDGE * xp.where(quartile == 0, excess[-1], quartile)) + 1 / excess[-1]
    k = xp.mean(xp.log1p(-b[:, None] * excess), axis=1)
    profile = size * (xp.log(-b / k) - k - 1)
    weight = xp.exp(profile - xp.max(profile, axis=0))
    best = xp.sum(b * weight, axis=0) / xp.sum(weight, axis=0)
    shape = xp.mean(xp.log1p(-best * excess), axis=0)
    return xp.where(flat, -math.inf, (size * shape + _AT_HALF / 2) / (size + _AT_HALF))


def _bregman(xp: Namespace, log_q: Array, log_p: Array) -> Array:
    """r - 1 - log r as psi(log r): near r = 1 the difference of its terms would have no correct digit left."""
    log_ratio = log_q - log_p
    absent = log_ratio == math.inf
    return xp.where(absent, math.inf, psi(xp, -xp.where(absent, 0.0, log_ratio)))


kl_log_ratio = Formula(body=lambda xp, log_q, log_p: log_q - log_p)
kl_half_square = Formula(body=lambda xp, log_q, log_p: (log_q - log_p) * (log_q - log_p) / 2)
kl_bregman = Formula(body=_bregman)
