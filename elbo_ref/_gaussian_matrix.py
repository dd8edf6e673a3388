"""KL divergences between Gaussians with full covariance: the scalar form phi(t) + t^2 / 2 + d^2 / 2, with matrices.

E = tril_p^-1 (tril_q - tril_p), or its counterpart for covariances, is small where the two Gaussians are close, and it is found
from the difference of the inputs. So the error does not depend on how close they are.
"""

from elbo_ref._core.arrays import Array, Namespace, is_torch
from elbo_ref._core.formula import Formula
from elbo_ref._core.special import phi


def solve_lower(xp: Namespace, tril: Array, x: Array, *, transpose: bool = False) -> Array:
    """tril^-1 x, or tril^-T x."""
    matrix = xp.matrix_transpose(tril) if transpose else tril
    if is_torch(tril):
        from elbo_ref._core.tensors import solve_triangular

        return solve_triangular(matrix, x, upper=transpose)
    return xp.linalg.solve(matrix, x)


def _sum_squares(xp: Namespace, x: Array) -> Array:
    return xp.sum(x * x, axis=(-2, -1))


def _scaled_shift(xp: Namespace, mean_q: Array, mean_p: Array, tril_p: Array) -> Array:
    """The column tril_p^-1 (mean_q - mean_p)."""
    return solve_lower(xp, tril_p, (mean_q - mean_p)[..., None])


# From Cholesky factors: sum_i phi(E_ii) + |E|^2 / 2 + |tril_p^-1 (mean_q - mean_p)|^2 / 2


def _kl_tril(xp: Namespace, mean_q: Array, tril_q: Array, mean_p: Array, tril_p: Array) -> Array:
    # What is above the diagonal is no variable; but where it has been refused, it is NaN.
    tril_q, tril_p = xp.tril(tril_q) + 0 * tril_q, xp.tril(tril_p) + 0 * tril_p
    e = solve_lower(xp, tril_p, tril_q - tril_p)
    d = _scaled_shift(xp, mean_q, mean_p, tril_p)
    ratio = xp.linalg.diagonal(tril_q) / xp.linalg.diagonal(tril_p)
    logs = xp.sum(phi(xp, xp.linalg.diagonal(e), ratio), axis=-1)
    return logs + (_sum_squares(xp, e) + _sum_squares(xp, d)) / 2


def _kl_tril_vjp(
    xp: Namespace, g: Array, mean_q: Array, tril_q: Array, mean_p: Array, tril_p: Array
) -> tuple[Array, ...]:
    """With S = E + E^T + E E^T + d d^T: by tril_q tril_p^-T E + diag(1 / tril_p - 1 / tril_q), by tril_p -tril_p^-T S."""
    e = solve_lower(xp, tril_p, tril_q - tril_p)
    d = _scaled_shift(xp, mean_q, mean_p, tril_p)
    transposed = xp.matrix_transpose(e)
    spread = e + transposed + e @ transposed + d @ xp.matrix_transpose(d)
    size = tril_p.shape[-1]
    diagonal_q, diagonal_p = xp.linalg.diagonal(tril_q), xp.linalg.diagonal(tril_p)
    by_logs = ((diagonal_q - diagonal_p) / diagonal_p / diagonal_q)[..., None] * xp.eye(
        size, dtype=e.dtype, device=e.device
    )
    by_tril_q = xp.tril(solve_lower(xp, tril_p, e, transpose=True)) + by_logs
    by_tril_p = -xp.tril(solve_lower(xp, tril_p, spread, transpose=True))
    by_mean = g[..., None] * solve_lower(xp, tril_p, d, transpose=True)[..., 0]
    g = g[..., None, None]
    return by_mean, g * by_tril_q, -by_mean, g * by_tril_p


kl_mvn_tril = Formula(body=_kl_tril, vjp=_kl_tril_vjp, whole=True)


# From covariances: with e the eigenvalues of tril_p^-1 (cov_q - cov_p) tril_p^-T, sum_i phi(e_i) / 2 + ...


def _kl_cov(
    xp: Namespace, mean_q: Array, cov_q: Array, tril_q: Array, mean_p: Array, cov_p: Array, tril_p: Array
) -> Array:
    half = solve_lower(xp, tril_p, cov_q - cov_p)
    difference = solve_lower(xp, tril_p, xp.matrix_transpose(half))
    e = xp.linalg.eigvalsh((difference + xp.matrix_transpose(difference)) / 2)
    d = _scaled_shift(xp, mean_q, mean_p, tril_p)
    near = xp.all(xp.abs(e) < 0.5, axis=-1)
    small = xp.where(near[..., None], e, 0.0)
    # Far from equality an eigenvalue close to -1 would lose digits in log(1 + e); the Cholesky factors keep them.
    log_det = xp.sum(xp.log(xp.linalg.diagonal(tril_q) / xp.linalg.diagonal(tril_p)), axis=-1)
    spread = xp.where(near, xp.sum(phi(xp, small, 1 + small), axis=-1), xp.sum(e, axis=-1) - 2 * log_det)
    return (spread + _sum_squares(xp, d)) / 2


def _kl_cov_vjp(
    xp: Namespace, g: Array, mean_q: Array, cov_q: Array, tril_q: Array, mean_p: Array, cov_p: Array, tril_p: Array
) -> tuple[Array, ...]:
    """By cov_q cov_p^-1 (cov_q - cov_p) cov_q^-1 / 2, by cov_p -cov_p^-1 (cov_q - cov_p + d d^T) cov_p^-1 / 2."""

    def solve(tril: Array, x: Array) -> Array:
        return solve_lower(xp, tril, solve_lower(xp, tril, x), transpose=True)

    shift = (mean_q - mean_p)[..., None]
    difference = cov_q - cov_p
    left = solve(tril_p, difference)
    by_cov_q = solve(tril_q, xp.matrix_transpose(left)) / 2
    spread = solve(tril_p, difference + shift @ xp.matrix_transpose(shift))
    by_cov_p = -solve(tril_p, xp.matrix_transpose(spread)) / 2
    by_mean = g[..., None] * solve(tril_p, shift)[..., 0]
    g = g[..., None, None] / 2
    by_cov_q, by_cov_p = (g * (x + xp.matrix_transpose(x)) for x in (by_cov_q, by_cov_p))
    return by_mean, by_cov_q, None, -by_mean, by_cov_p, None


kl_mvn = Formula(body=_kl_cov, vjp=_kl_cov_vjp, whole=True)
