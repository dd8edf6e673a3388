"""Importance weights and log ratios: what a few samples say of a bound or of a divergence."""

import math

from elbo_ref._core import by_loops
from elbo_ref._core.arrays import Array, Namespace, constant, gather, is_compiled, is_torch
from elbo_ref._core.checks import below_infinity
from elbo_ref._core.formula import Formula, Gradients, Left, recorded
from elbo_ref._core.shapes import sample_axis
from elbo_ref._core.special import psi


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


_bound = Formula(body=_log_mean_exp, vjp=_weights_vjp, whole=True, single=True, hidden=())


def _by_columns(x: Array, g: Array | None = None) -> Array | None:
    """The bound by the loop over the first axis, or `g` times its gradient; None if a weight is not finite."""
    k, n = x.shape[0], math.prod(x.shape[1:])
    out = by_loops.empty(x, x.shape if g is not None else x.shape[1:])
    here = by_loops.address(out)
    g, step = (x, 0) if g is None else by_loops.strided(g)
    results = (here, 0) if out.ndim < x.ndim else (here, here)
    at = k, n, *results, by_loops.address(g), step, by_loops.address(x)
    return None if by_loops.run(x, "iwae_bound", n, k * n, at) else out


def _recorded(x: Array) -> Array:
    found = _by_columns(x)
    if found is None:
        raise Left
    return found


def _columns_vjp(g: Array, x: Array) -> Gradients:
    if g.dtype != x.dtype or by_loops.torch_side().torch.is_grad_enabled():
        return _bound.gradient(g, x)
    return (_by_columns(x, g),)


def iwae_bound(log_weights: Array, axis: int) -> Array:
    """The bound over this axis, refusing NaN and +inf."""
    if axis == 0 and not is_compiled(log_weights) and by_loops.door("float32", log_weights):
        recording = is_torch(log_weights) and by_loops.torch_side().wants_gradient(log_weights)
        found = recorded(_recorded, _columns_vjp, log_weights) if recording else _by_columns(log_weights)
        if found is not None:
            return found
    xp, x = gather(log_weights=log_weights)
    sample_axis("log_weights", x, axis, 1)
    return _bound.on(xp, x.dtype, {"log_weights": (below_infinity, x if axis == 0 else xp.moveaxis(x, axis, 0))})


def _bregman(xp: Namespace, log_q: Array, log_p: Array) -> Array:
    """r - 1 - log r as psi(log r): near r = 1 the difference of its terms would have no correct digit left."""
    log_ratio = log_q - log_p
    absent = log_ratio == math.inf
    return xp.where(absent, math.inf, psi(xp, -xp.where(absent, 0.0, log_ratio)))


kl_log_ratio = Formula(body=lambda xp, log_q, log_p: log_q - log_p)
kl_half_square = Formula(body=lambda xp, log_q, log_p: (log_q - log_p) * (log_q - log_p) / 2)
kl_bregman = Formula(body=_bregman)
