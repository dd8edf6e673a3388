"""Losses of variational autoencoders as formulas: a weighted divergence less a likelihood, reduced, rounded once.

The formulas see rows: an image has become one before (`rows_of_pixels`). The outputs of a decoder may have one axis more than
the data, in front: samples of z, over which the likelihood is averaged.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np

from elbo_ref import _gaussian, _logistic, _logits
from elbo_ref._core.arrays import Array, Namespace, compiling, is_torch, widen, working
from elbo_ref._core.by_loops import addresses, door, empty, in_rows, records, run, vjp
from elbo_ref._core.checks import Check, as_it_is, choice, finite, nonnegative
from elbo_ref._core.formula import Formula, Gradients, recorded
from elbo_ref._core.shapes import last_axes_as_one, same_batch, same_shape, within
from elbo_ref._core.special import HALF_LOG_TWO_PI, plus_product
from elbo_ref._core.spread import CHECKS

Reduction = Literal["none", "sum", "mean"]
Given = Mapping[str, tuple[Check, Array]]


@dataclass(frozen=True)
class Decoder:
    """`log_likelihood(xp, x, *outputs)`, summed over the last axis of pixels."""

    log_likelihood: Callable[..., Array]
    outputs: tuple[str, ...]
    parameters: tuple[str, ...] = ()  # further outputs, which need not have a number for each pixel
    axes: int = 1  # of x and the outputs for one row of pixels


def _error_log_likelihood(xp: Namespace, x: Array, mean_x: Array) -> Array:
    """log N(x; mean_x, var) with the var that is best for all of them: their mean squared error."""
    squares = (x - mean_x) * (x - mean_x)
    var = xp.mean(squares)
    none = var == 0
    spread = squares / xp.where(none, 1.0, var)
    return -xp.sum(spread / 2 + xp.log(var) / 2 + HALF_LOG_TWO_PI, axis=-1)


BERNOULLI = Decoder(_logits.log_likelihood_of_bits, ("logits_x",))
CONTINUOUS_BERNOULLI = Decoder(_logits.log_likelihood_of_greys, ("logits_x",))
CATEGORICAL = Decoder(_logits.log_likelihood_of_labels, ("logits_x",), axes=2)
GAUSSIAN = {
    kind: Decoder(_gaussian.summed(density), ("mean_x",), (f"{kind}_noise",))
    for kind, density in _gaussian.DENSITIES.items()
}
DISCRETIZED_LOGISTIC = Decoder(_logistic.log_likelihood_of_levels, ("mean_x", "logscale_x"), ("levels",))
ERROR = Decoder(_error_log_likelihood, ("mean_x",))


# What becomes of the divergence of each dimension.


def _weighted(xp: Namespace, each: Array, beta: Array) -> Array:
    return beta * xp.sum(each, axis=-1)


def _with_free_bits(xp: Namespace, each: Array, beta: Array, free_bits: Array) -> Array:
    return _weighted(xp, xp.where(each > free_bits[..., None], each, free_bits[..., None]), beta)


def _with_capacity(xp: Namespace, each: Array, beta: Array, capacity: Array) -> Array:
    excess = xp.sum(each, axis=-1) - capacity
    return beta * xp.where(excess < 0, -excess, excess)


RATES: dict[str, Callable[..., Array]] = {"": _weighted, "free_bits": _with_free_bits, "capacity": _with_capacity}


def _reduced(xp: Namespace, losses: Array, reduction: str) -> Array:
    return losses if reduction == "none" else xp.sum(losses) if reduction == "sum" else xp.mean(losses)


@cache
def _formula(decoder: Decoder, kind: str, limit: str, reduction: str) -> Formula:
    """Of x, the outputs of the decoder, mean, width, beta and the limit, if there is one."""
    count = len(decoder.outputs) + len(decoder.parameters)

    def fit(**arguments: Array) -> None:
        x, outputs = arguments["x"], [arguments[name] for name in decoder.outputs]
        for name, output in zip(decoder.outputs, outputs, strict=True):
            same_shape(**{"x": x, name: output[0] if output.ndim == x.ndim + 1 and output.shape[0] else output})
        same_shape(**dict(zip(decoder.outputs, outputs, strict=True)))
        for name in decoder.parameters:
            within(name, arguments[name], tuple(outputs[0].shape))
        pixels = x if decoder.axes == 1 else x[..., 0]
        same_batch(x=pixels, mean=arguments["mean"], **{kind: arguments[kind]})
        same_shape(mean=arguments["mean"], **{kind: arguments[kind]})
        batch = tuple(pixels.shape[:-1])
        for name in ("beta", limit) if limit else ("beta",):
            within(name, arguments[name], batch)
        if reduction == "mean" and 0 in batch:
            raise ValueError(f"x must hold at least one example for reduction 'mean', got batch shape {batch}")

    def body(xp: Namespace, x: Array, *rest: Array) -> Array:
        mean, width, *weights = rest[count:]
        likelihood = decoder.log_likelihood(xp, x, *rest[:count])
        if likelihood.ndim == mean.ndim:
            likelihood = xp.mean(likelihood, axis=0)
        rate = RATES[limit](xp, _gaussian.STANDARD_RATES[kind](xp, mean, width), *weights)
        return _reduced(xp, rate - likelihood, reduction)

    better = _bernoulli_in_training(reduction) if decoder is BERNOULLI and kind == "logvar" and not limit else {}
    hidden = ("x", "beta", limit, *([kind] if kind != "logvar" else []), *decoder.parameters)
    return Formula(body=body, fits=fit, whole=True, single=True, hidden=hidden, **better)


def _bernoulli_in_training(reduction: str) -> dict[str, Any]:
    """What is better than the body for the loss that is taken most often."""

    def brief(xp: Namespace, x: Array, logits_x: Array, mean: Array, logvar: Array, beta: Array) -> Array:
        surprise = _logits.brief_surprise(xp, x, logits_x)
        if surprise.ndim == mean.ndim:
            surprise = xp.mean(surprise, axis=0)
        return _reduced(xp, plus_product(surprise, beta, _gaussian.twice_kl_standard(xp, mean, logvar), 0.5), reduction)

    def derivatives(
        xp: Namespace,
        g: Array,
        x: Array,
        logits_x: Array,
        mean: Array,
        logvar: Array,
        beta: Array,
        *,
        needed: tuple[bool, ...],
    ) -> Gradients:
        batch = tuple(mean.shape[:-1])
        share = max(1, math.prod(batch)) if reduction == "mean" else 1
        samples = logits_x.shape[0] if logits_x.ndim > x.ndim else 1
        by_sample = xp.broadcast_to(g / -(share * samples), tuple(logits_x.shape[:-1]))
        g = xp.broadcast_to(g / share if share > 1 else g, batch)
        by_x = by_sample[..., None] * logits_x if needed[0] else None
        by_logits = _logits.by_logits_of_bits(xp, by_sample, x, logits_x)
        by_beta = g * _gaussian.kl_standard(xp, working(xp, mean), working(xp, logvar)) if needed[-1] else None
        return by_x, by_logits, *_gaussian.kl_standard_vjp(xp, g * beta, mean, logvar), by_beta

    def brief_derivatives(
        xp: Namespace,
        g: Array,
        x: Array,
        logits_x: Array,
        mean: Array,
        logvar: Array,
        beta: Array,
        *,
        needed: tuple[bool, ...],
    ) -> Gradients:
        if needed[0] or needed[-1] or logits_x.ndim > x.ndim:
            return derivatives(xp, g, x, logits_x, mean, logvar, beta, needed=needed)
        share = max(1, math.prod(mean.shape[:-1])) if reduction == "mean" else 1
        g = xp.broadcast_to(g / share if share > 1 else g, tuple(mean.shape[:-1]))
        by_logits, g = _logits.brief_by_logits(xp, g, x, logits_x), (g * beta)[..., None]
        by_logvar = xp.multiply(g / 2, xp.expm1(widen(xp, logvar)), out=xp.empty_like(logvar))
        return None, by_logits, g * mean, by_logvar, None

    better = {"brief": brief, "brief_vjp": brief_derivatives}
    return {"vjp": derivatives, "vjp_widens": True, "vjp_chooses": True, **better}


# From the arguments of a loss


def weight(name: str, x: object) -> tuple[Check, Any]:
    """The check of a weight and the weight: that of a number is done here, for no device has to be asked."""
    if not isinstance(x, int | float):
        return nonnegative, x
    if not 0 <= x < math.inf:
        raise ValueError(f"{name} must be finite and >= 0, got {float(x)!r}")
    return as_it_is, x


def rows_of_pixels(x: Array, outputs: tuple[Array, ...], mean: Array, axes: int = 1) -> tuple[Array, tuple[Array, ...]]:
    """Data and outputs with the axes of one example as one: those after the batch axes of the code. Where these are not
    those of x, all stay as they are, and are refused as such.
    """
    batch = tuple(getattr(mean, "shape", ()))[:-1]
    more = getattr(x, "ndim", 0) - len(batch) - axes + 1
    if more < 2 or not batch or tuple(x.shape[: len(batch)]) != batch:
        return x, outputs
    shape = tuple(x.shape[len(batch) :])
    return last_axes_as_one(x, shape, axes), tuple([last_axes_as_one(y, shape, axes) for y in outputs])


def negative_elbo(
    decoder: Decoder,
    data: Given,
    mean: Array,
    width: tuple[str, Array],
    reduction: Reduction,
    beta: object,
    free_bits: object,
    capacity: object,
) -> Array:
    """The loss at x and the outputs of the decoder, each given as `name=(check, value)`."""
    choice("reduction", reduction, "none", "sum", "mean")
    if free_bits is not None and capacity is not None:
        raise ValueError(f"free_bits and capacity exclude each other, got {free_bits} and {capacity}: pass one of them")
    limit = "free_bits" if free_bits is not None else "capacity" if capacity is not None else ""
    kind, x_width = width
    (_, x), *outputs = data.values()
    x, flat = rows_of_pixels(x, tuple([y for _, y in outputs]), mean, decoder.axes)
    if decoder is BERNOULLI and kind == "logvar" and not limit and not compiling():
        found = bernoulli_by_loop(x, flat[0], mean, x_width, beta, reduction)
        if found is not None:
            return found
    values = dict(zip(data, (x, *flat), strict=True))
    weights = {"beta": weight("beta", beta)}
    if limit:
        weights[limit] = weight(limit, free_bits if limit == "free_bits" else capacity)
    arguments = {
        **{name: (check, values[name]) for name, (check, _) in data.items()},
        "mean": (finite, mean),
        kind: (CHECKS[kind], x_width),
        **weights,
    }
    if compiling():
        from elbo_ref._core import in_graph

        return in_graph.evaluate(_loss, arguments, decoder, kind, limit, reduction)
    return _formula(decoder, kind, limit, reduction).evaluate(arguments)


def _loss(decoder: Decoder, kind: str, limit: str, reduction: str) -> Formula:
    """The same as a plain function: torch.compile takes no cached one for a constant."""
    return _formula(decoder, kind, limit, reduction)


def bernoulli_by_loop(
    x: Array, logits: Array, mean: Array, logvar: Array, beta: object, reduction: Reduction
) -> Array | None:
    """The loss in one pass over the pixels, which in training stores the derivative by each logit; None where the arguments
    want another way.
    """
    x, logits, mean, logvar = in_rows((x, logits, mean, logvar))
    codes = door("float32", mean, logvar)
    if not (type(beta) is float and 0 <= beta < math.inf and codes and door("float32", x, logits)):
        return None
    *batch, d = x.shape
    if (x.shape, mean.shape) != (logits.shape, logvar.shape) or mean.shape[:-1] != x.shape[:-1]:
        return None
    if type(x) is not type(mean) or getattr(x, "requires_grad", False):
        return None
    rows, recording = codes.rows, records(logits, mean, logvar)
    # The derivatives by the logits are given away by the first call of backward; another one finds them again.
    by_logits = [empty(logits, logits.shape)] if recording and logits.requires_grad else []
    losses = empty(x, tuple(batch), double=True)
    weights = np.array([beta, 1 / rows if reduction == "mean" else 1.0]).view(np.int64).tolist()
    by = addresses(*by_logits) if by_logits else (0,)
    at = d, codes.d, *weights, *addresses(losses, x, logits, mean, logvar), *by
    if run(x, "negative_elbo_bernoulli", rows, rows * d, at):
        return None
    loss = losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()
    loss = loss.to(x.dtype) if is_torch(loss) else loss.astype(x.dtype)
    if not recording:
        return loss

    def gradient(g: Array, *arrays: Array) -> Gradients:
        each = g / rows if reduction == "mean" else g
        by_codes = vjp("kl_standard_normal_vjp", (each * beta).expand(tuple(batch)), codes, arrays[1:])
        if by_codes is None or (arrays[0].requires_grad and not by_logits):
            return _formula(BERNOULLI, "logvar", "", reduction).gradient(g, x, *arrays, g.new_tensor(beta))[1:-1]
        by = by_logits.pop() if by_logits else None
        if by is not None and not (reduction != "none" and g.item() == 1):
            by.mul_(g[..., None] if reduction == "none" else g)
        return by, *by_codes

    return recorded(loss, gradient, logits, mean, logvar)
