"""The derivatives of the log density of many Gaussians in torch's reverse mode, the first from blocks of pairs as its values are.

With w_mn the share of Gaussian n in the density at z_m, those of log sum_n N(z_m; mean_n, diag(std_n^2)) are sums of w_mn times
what one Gaussian has: products of the block of shares with z, z^2, mean / std^2 and 1 / std^2, all from the common centre.
"""

from typing import Any

from elbo_ref._aggregate import Encoders, blocks, operand, rows_operand, slices
from elbo_ref._aggregate_pairs import log_densities
from elbo_ref._core.arrays import Array, is_torch, narrow
from elbo_ref._core.by_loops import records
from elbo_ref._core.special import log_sum_exp


def wanted(*arrays: Array) -> bool:
    """Whether a derivative by one of them is asked for."""
    return is_torch(arrays[0]) and records(*arrays)


def with_gradient(enc: Encoders, log_sum: Array, z: Array, mean: Array, std: Array) -> Array:
    """`log_sum`, which is known, as a function of z, mean and std."""
    from elbo_ref._core.autograd import recorded

    def gradient(g: Array, *arrays: Array) -> tuple[Array | None, ...]:
        if enc.xp.is_grad_enabled():  # to be differentiated itself
            arrays = tuple(x.view_as(x) for x in arrays)  # else what z owes to the means would be counted with them too
            needed = [x for x in arrays if x.requires_grad]
            pairs = log_sum_exp(enc.xp, log_densities(enc.xp, *arrays), axis=1)
            found = iter(enc.xp.torch.autograd.grad(pairs, needed, g, create_graph=True))
            return tuple(next(found) if x.requires_grad else None for x in arrays)
        by = _gradients(enc, g, log_sum, arrays[0])
        return tuple(narrow(enc.xp, b, x.dtype) for b, x in zip(by, arrays, strict=True))

    return recorded(log_sum.clone(), gradient, z, mean, std)


def _gradients(enc: Encoders, g: Array, log_sum: Array, z: Array) -> tuple[Any, ...]:
    """By z, and by all means and stds in their given order."""
    xp, size, d = enc.xp, blocks(z), z.shape[1]
    centred, left = z - enc.centre, rows_operand(enc, z, log_sum)  # left is [centred^2, centred, 1, -log_sum]
    by_z, by_mean, by_std = (xp.zeros(x.shape, dtype=z.dtype, device=z.device) for x in (z, enc.mean, enc.std))
    for start, stop in slices(int(enc.order.shape[0]), size.columns):
        mean, std = enc.at(slice(start, stop))
        precision, mean = 1 / std**2, mean - enc.centre
        right, slopes = operand(enc, start, stop, own=True).T, xp.concat([mean * precision, precision], axis=1)
        moments = xp.zeros((len(mean), 2 * d + 1), dtype=z.dtype, device=z.device)
        for low, high in slices(int(z.shape[0]), size.rows):
            share = g[low:high, None] * xp.exp2(left[low:high] @ right)
            pull, stiffness = (share @ slopes).split(d, dim=1)
            by_z[low:high] += pull - centred[low:high] * stiffness
            moments += share.T @ left[low:high, :-1]
        second, first, total = moments.split([d, d, 1], dim=1)
        order = enc.order[start:stop]
        by_mean[order] = (first - mean * total) * precision
        by_std[order] = ((second - 2 * mean * first + mean * mean * total) * precision - total) / std
    return by_z, by_mean, by_std
