"""Gaussians whose covariance is a diagonal and a few directions more: diag(var) + factor factor^T, in nats.

The diagonal may be given by its std, its var or its logvar, one of them, by name. The work grows with D R^2 for R directions, not with
D^3. What holds for all functions is said in `elbo_ref`.
"""

from typing import Any

from elbo_ref import _gaussian
from elbo_ref._core.arguments import prepare
from elbo_ref._core.arrays import Array, Namespace, device, narrow
from elbo_ref._core.checks import cholesky, finite
from elbo_ref._core.shapes import broadcastable, has_axes
from elbo_ref._core.special import HALF_LOG_TWO_PI, expm1, phi
from elbo_ref._core.spread import CHECKS, alike, named, std_of
from elbo_ref._gaussian_matrix import solve_lower


def log_normal_low_rank(
    z: Array,
    mean: Array,
    factor: Array,
    std: Array | None = None,
    *,
    var: Array | None = None,
    logvar: Array | None = None,
) -> Array:
    """Log density of a Gaussian with covariance diag(std^2) + factor factor^T.

    log N(z; mean, C) = - (D log(2 pi) + log det C + (z - mean)^T C^-1 (z - mean)) / 2, by the R directions of the factor.

    The theorem is about one direction; several are taken one after the other.

    Where the factor is far longer than std, the quadratic form is a small difference: it then loses as many digits as
    |factor / std|^2 has.

    Shapes: z, mean, std (..., D), factor (..., D, R) -> (...). Unit: nats.
    Raises ValueError if an argument is not finite, std is not positive, or the shapes do not fit.
    Theorem: gaussian_low_rank.
    """
    kind, width = named(std, var, logvar)
    xp, dtype, z, mean, factor, width = prepare(
        z=(finite, z), mean=(finite, mean), factor=(finite, factor), **{kind: (CHECKS[kind], width)}
    )
    _fit("factor", factor, z=z, mean=mean, **{kind: width})
    std = std_of(xp, kind, width)
    t, f = (z - mean) / std, factor / std[..., None]
    tril = cholesky("factor", _plus_one(xp, f))
    along = solve_lower(xp, tril, xp.matrix_transpose(f) @ t[..., None])[..., 0]
    logs = xp.sum(xp.log(std) + HALF_LOG_TWO_PI, axis=-1) + xp.sum(xp.log(xp.linalg.diagonal(tril)), axis=-1)
    return narrow(xp, -logs - (xp.sum(t * t, axis=-1) - xp.sum(along * along, axis=-1)) / 2, dtype)


def kl_low_rank_normal(
    mean_q: Array,
    factor_q: Array,
    std_q: Array | None = None,
    mean_p: Array = 0.0,
    std_p: Array | None = None,
    *,
    var_q: Array | None = None,
    var_p: Array | None = None,
    logvar_q: Array | None = None,
    logvar_p: Array | None = None,
) -> Array:
    """KL divergence from a Gaussian with covariance diag(std_q^2) + factor_q factor_q^T to one with diagonal covariance.

    KL(q || p) = (tr(C) + |d|^2 - D - log det C) / 2, with C the covariance and d the difference of the means, in units of std_p; p is
    the standard normal unless given.

    It is the divergence of the diagonal, as `kl_diag_normal` has it, and one that the directions add, a sum of terms >= 0, and
    sum_j |factor_j / std_p_j|^2 (1 - std_p_j^2 / std_q_j^2) / 2: nothing cancels where q is nearly p.

    Shapes: mean_q, std_q (..., D), factor_q (..., D, R), mean_p and std_p broadcast -> (...). Unit: nats.
    Raises ValueError if an argument is not finite, a std is not positive, or the shapes do not fit.
    Theorem: gaussian_kl_full.
    """
    if std_p is None and var_p is None and logvar_p is None:
        kind, wide_q = named(std_q, var_q, logvar_q, "_q")
        wide_p: Array = 0.0 if kind == "logvar" else 1.0
    else:
        kind, wide_q, wide_p = alike(std_q, std_p, var_q, var_p, logvar_q, logvar_p)
    check, q, p = CHECKS[kind], f"{kind}_q", f"{kind}_p"
    xp, dtype, mean_q, factor, wide_q, mean_p, wide_p = prepare(
        mean_q=(finite, mean_q),
        factor_q=(finite, factor_q),
        **{q: (check, wide_q)},
        mean_p=(finite, mean_p),
        **{p: (check, wide_p)},
    )
    _fit("factor_q", factor, mean_q=mean_q, **{q: wide_q}, mean_p=mean_p, **{p: wide_p})
    diagonal = _gaussian.KL[kind](xp, mean_q, wide_q, mean_p, wide_p)
    outer = xp.sum(factor * factor, axis=-1) / std_of(xp, kind, wide_p) ** 2
    tril = cholesky("factor_q", _plus_one(xp, factor / std_of(xp, kind, wide_q)[..., None]))
    step, ratio = tril - _eye(xp, tril), xp.linalg.diagonal(tril)
    directions = xp.sum(phi(xp, ratio - 1, ratio), axis=-1) + xp.sum(step * step, axis=(-2, -1)) / 2
    return narrow(xp, xp.sum(diagonal + outer * _excess(xp, kind, wide_q, wide_p) / 2, axis=-1) + directions, dtype)


def _excess(xp: Namespace, kind: str, q: Array, p: Array) -> Array:
    """1 - var_p / var_q."""
    if kind == "logvar":
        return -expm1(xp, p - q)
    t = (q - p) / q
    return t if kind == "var" else t * (2 - t)


def _eye(xp: Namespace, like: Array) -> Array:
    return xp.eye(like.shape[-1], dtype=like.dtype, device=device(like))


def _plus_one(xp: Namespace, f: Array) -> Array:
    """1 + f^T f, (..., R, R)."""
    square = xp.matrix_transpose(f) @ f
    return square + _eye(xp, square)


def _fit(name: str, factor: Array, **vectors: Any) -> None:
    """Refuse what does not broadcast with the rows of the factor, of this name."""
    has_axes(name, factor, 2, nonempty=True)
    broadcastable(**{name: factor[..., 0]}, **vectors)
    for vector, x in vectors.items():
        if x.ndim and x.shape[-1] not in (1, factor.shape[-2]):
            raise ValueError(
                f"{vector} must have {factor.shape[-2]} entries in its last axis, as {name} has rows, got {tuple(x.shape)}"
            )
