"""The Bernoulli loss of float32 rows in one pass: by a loop on a CPU, by a kernel on another device."""

import math

import numpy as np

from elbo_ref._core.arrays import Array, is_torch
from elbo_ref._core.by_loops import (
    addresses,
    door,
    empty,
    in_rows,
    in_their_dtypes,
    records,
    run,
    torch_side,
    vjp,
    wake,
)
from elbo_ref._core.formula import Gradients, recorded
from elbo_ref._decoders import BERNOULLI
from elbo_ref._loss_formula import Reduction, loss_formula


def bernoulli_by_loop(
    x: Array, logits: Array, mean: Array, logvar: Array, beta: object, reduction: Reduction
) -> Array | None:
    """The loss in one pass over the pixels, which in training stores the derivative by each logit; None where the arguments
    want another way.
    """
    wake(logits, mean, logvar)
    given, (x, logits, mean, logvar) = (x, logits, mean, logvar), in_rows((x, logits, mean, logvar), widened=True)
    codes = door("float32", mean, logvar)
    if not (type(beta) is float and 0 <= beta < math.inf and codes and door("float32", x, logits)):
        return None
    *batch, d = x.shape
    if (x.shape, mean.shape) != (logits.shape, logvar.shape) or mean.shape[:-1] != x.shape[:-1]:
        return None
    if type(x) is not type(mean) or getattr(given[0], "requires_grad", False):
        return None
    rows, recording = codes.rows, records(*given)
    # The derivatives by the logits are given away by the first call of backward; another one finds them again.
    by_logits = [empty(logits, logits.shape)] if recording and given[1].requires_grad else []
    losses = empty(x, tuple(batch), double=True)
    weights = np.array([beta, 1 / rows if reduction == "mean" else 1.0]).view(np.int64).tolist()
    by = addresses(*by_logits) if by_logits else (0,)
    at = d, codes.d, *weights, *addresses(losses, x, logits, mean, logvar), *by
    if run(x, "negative_elbo_bernoulli", rows, rows * d, at):
        return None
    loss = losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()
    loss = loss.to(torch_side().common_dtype(*given)) if is_torch(loss) else loss.astype(x.dtype)
    if not recording:
        return loss

    copied = mean is not given[2] or logvar is not given[3]

    def gradient(g: Array, *arrays: Array) -> Gradients:
        whole, read = torch_side().as_single(g), (mean, logvar) if copied else arrays[2:]
        each = whole / rows if reduction == "mean" else whole
        by_codes = vjp("kl_standard_normal_vjp", (each * beta).expand(tuple(batch)), codes, read)
        if by_codes is None or (arrays[1].requires_grad and not by_logits):
            return _bernoulli_gradient(g, arrays, beta, reduction)
        by = by_logits.pop() if by_logits else None
        if by is not None and not (reduction != "none" and g.item() == 1):
            by.mul_(whole[..., None] if reduction == "none" else whole)
        return in_their_dtypes((None, by, *by_codes), arrays)

    return recorded(loss, gradient, *given)


def _bernoulli_gradient(g: Array, arrays: tuple[Array, ...], beta: float, reduction: Reduction) -> Gradients:
    """By x, logits, mean and logvar, where no loop or kernel finds them."""
    return loss_formula(BERNOULLI, (), "logvar", "", reduction).gradient(g, *arrays, g.new_full((), beta))[:-1]


def bernoulli_by_kernel(
    x: Array, logits: Array, mean: Array, logvar: Array, beta: object, reduction: Reduction
) -> Array | None:
    """The same on another device than the CPU."""
    if not (type(beta) is float and 0 <= beta < math.inf):
        return None
    from elbo_ref._core import by_kernels

    def otherwise(g: Array, *arrays: Array) -> Gradients:
        return _bernoulli_gradient(g, arrays, beta, reduction)

    return by_kernels.negative_elbo_bernoulli(otherwise, x, logits, mean, logvar, beta, reduction)
