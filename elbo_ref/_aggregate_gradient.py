"""The first derivatives of the log density of many Gaussians in torch's reverse mode, from blocks of pairs as its values are.

With w_mn the share of Gaussian n in the density at z_m, those of log sum_n N(z_m; mean_n, diag(std_n^2)) are sums of w_mn times
what one Gaussian has: products of the block of shares with z, z^2, mean / std^2 and 1 / std^2, all from the common centre.
"""

from typing import Any

from elbo_ref._aggregate import Encoders, blocks, operand, rows_operand, slices
from elbo_ref._core.arrays import Array, is_torch, is_transformed, narrow


def wanted(*arrays: Array) -> bool:
    """Whether a derivative by one of them is asked for."""
    if not is_torch(arrays[0]):
        return False
    from elbo_ref._core import tensors

    return tensors.wants_gradient(*arrays)


def refuse_transforms(name: str, x: Array) -> None:
    """Refuse what would need a derivative of these derivatives, or another way to them."""
    if is_transformed(x):
        raise TypeError(f"{name} must be a plain tensor: surgery has derivatives in reverse mode only, by .backward()")


def with_gradient(enc: Encoders, log_sum: Array, z: Array, mean: Array, std: Array) -> Array:
    """`log_sum`, which is known, as a function of z, mean and std."""
    from elbo_ref._core.autograd import recorded

    def gradient(g: Array, *arrays: Array) -> tuple[Array, ...]:
        if enc.xp.is_grad_enabled():
            raise NotImplementedError("surgery has first derivatives only: call backward without create_graph")
        by = _gradients(enc, g, log_sum, arrays[0])
        return tuple(narrow(enc.xp, b, x.dtype) for b, x in zip(by, arrays, strict=True))

    return recorded(log_sum.clone(), gradient, z, mean, std)


def _gradients(enc: Encoders, g: Array, log_sum: Array, z: Array) -> tuple[Any, ...]:
    """By z, and by all means and stds in their given order."""
    xp, size = enc.xp, blocks(z)
    centred, left = z - enc.centre, rows_operand(enc, z, log_sum)
    by_z, by_mean, by_std = (xp.zeros(x.shape, dtype=z.dtype, device=z.device) for x in (z, enc.mean, enc.std))
    for start, stop in slices(int(enc.order.shape[0]), size.columns):
        mean, std = enc.at(slice(start, stop))
        precision, mean = 1 / std**2, mean - enc.centre
        right = operand(enc, start, stop, own=True).T
        total, first, second = (
            xp.zeros(s, dtype=z.dtype, device=z.device) for s in ((len(mean), 1), mean.shape, mean.shape)
        )
        for low, high in slices(int(z.shape[0]), size.rows):
            share = g[low:high, None] * xp.exp2(left[low:high] @ right)
            here = centred[low:high]
            by_z[low:high] += share @ (mean * precision) - here * (share @ precision)
            total += xp.sum(share, axis=0)[:, None]
            first += share.T @ here
            second += share.T @ (here * here)
        order = enc.order[start:stop]
        by_mean[order] = (first - mean * total) * precision
        by_std[order] = ((second - 2 * mean * first + mean * mean * total) * precision - total) / std
    return by_z, by_mean, by_std
