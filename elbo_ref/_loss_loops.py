"""Losses of float32 rows in one pass: by a loop on a CPU, and that of bits by a kernel on another device."""

import math
from functools import partial

import numpy as np

from elbo_ref import _gaussian
from elbo_ref._core.arrays import Array, is_torch, widen
from elbo_ref._core.by_loops import (
    Layout,
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
from elbo_ref._decoders import BERNOULLI, Decoder
from elbo_ref._loss_formula import Reduction

Rows = tuple[Array, Array, Array, Array]  # x, what the decoder puts out, mean and logvar


def loss_by_loop(
    decoder: Decoder, parameters: list[Array], rows: Rows, beta: object, reduction: Reduction
) -> Array | None:
    """The loss in one pass over the pixels, which in training stores the derivative by what the decoder puts out; None where the
    arguments want another way.
    """
    wake(*rows[1:])
    read, codes = rows, _codes(rows)
    if codes is None:
        read = in_rows(rows, widened=True)
        codes = _codes(read)
    if codes is None or not (type(beta) is float and 0 <= beta < math.inf):
        return None
    x, output, mean, logvar = read
    *batch, d = x.shape
    if (x.shape, mean.shape) != (output.shape, logvar.shape) or mean.shape[:-1] != x.shape[:-1]:
        return None
    if type(x) is not type(mean) or getattr(rows[0], "requires_grad", False):
        return None
    numbers = decoder.numbers(d, *parameters) if decoder.numbers else None
    if numbers is None:
        return None
    n, recording = codes.rows, records(*rows)
    # The derivatives by the output are given away by the first call of backward; another one finds them again.
    by_output = [empty(output, output.shape)] if recording and rows[1].requires_grad else []
    losses = empty(x, tuple(batch), double=True)
    weights = np.array([beta, 1 / n if reduction == "mean" else 1.0, *numbers]).view(np.int64).tolist()
    by = addresses(*by_output) if by_output else (0,)
    at = *addresses(losses, x, output, mean, logvar), *by, *codes.steps
    if run(x, decoder.loop, n, n * d, (d, codes.d, *weights, *at)):
        return None
    loss = losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()
    with np.errstate(over="ignore"):  # infinite is what it is then
        loss = loss.to(torch_side().common_dtype(*rows)) if is_torch(loss) else loss.astype(x.dtype)
    if not recording:
        return loss

    copied = read is not rows

    def gradient(g: Array, *arrays: Array) -> Gradients:
        whole, code = torch_side().as_single(g), in_rows(arrays[2:], widened=True) if copied else arrays[2:]
        each = whole / n if reduction == "mean" else whole
        by_codes = vjp("kl_standard_normal_vjp", (each * beta).expand(tuple(batch)), codes, code)
        if by_codes is None or (arrays[1].requires_grad and not by_output):
            return _derivatives(decoder, numbers, beta, reduction, g, *arrays)
        by = by_output.pop() if by_output else None
        if by is not None and not (reduction != "none" and g.item() == 1):
            by.mul_(whole[..., None] if reduction == "none" else whole)
        return in_their_dtypes((None, by, *by_codes), arrays)

    return recorded(loss, gradient, *rows)


def _codes(rows: Rows) -> Layout | None:
    """How mean and logvar go through a loop, if all can."""
    return door("float32", *rows[2:], in_steps=True) if door("float32", *rows[:2]) else None


def _derivatives(
    decoder: Decoder, numbers: tuple[float, ...], beta: float, reduction: Reduction, g: Array, *arrays: Array
) -> Gradients:
    """By what the decoder puts out, mean and logvar, in any library's steps, which may be differentiated themselves."""
    xp = torch_side().namespace
    g, x, output, mean, logvar = (widen(xp, y) for y in (g, *arrays))
    batch = tuple(mean.shape[:-1])
    each = (g / math.prod(batch) if reduction == "mean" else g).expand(batch)
    by_codes = _gaussian.kl_standard_vjp(xp, each * beta, mean, logvar)
    assert decoder.by_output is not None
    return in_their_dtypes((None, decoder.by_output(xp, each, x, output, *numbers), *by_codes), arrays)


def loss_by_kernel(rows: Rows, beta: object, reduction: Reduction) -> Array | None:
    """The loss of bits on another device than the CPU."""
    if not (type(beta) is float and 0 <= beta < math.inf):
        return None
    from elbo_ref._core import by_kernels

    otherwise = partial(_derivatives, BERNOULLI, (), beta, reduction)
    return by_kernels.negative_elbo_bernoulli(otherwise, *rows, beta, reduction)
