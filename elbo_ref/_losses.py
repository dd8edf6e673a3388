"""Losses of variational autoencoders as formulas: a weighted divergence less a likelihood, reduced, rounded once.

The formulas see rows: an image has become one before (`rows_of_pixels`). The outputs of a decoder may have one axis more than
the data, in front: samples of z, over which the likelihood is averaged.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

import numpy as np

from elbo_ref import _gaussian, _logistic, _logits
from elbo_ref._core.arrays import (
    Array,
    Namespace,
    all_finite,
    compiling,
    device,
    gather,
    is_float64,
    is_torch,
    looks,
    narrow,
    readable,
    unchecked,
    wide_dtype,
    widen,
    working,
)
from elbo_ref._core.by_loops import addresses, door, empty, in_rows, records, run, vjp
from elbo_ref._core.checks import Check, as_it_is, choice, finite, nonnegative
from elbo_ref._core.formula import Formula, Gradients, recorded
from elbo_ref._core.shapes import last_axes_as_one, same_batch, same_shape, within
from elbo_ref._core.special import HALF_LOG_TWO_PI, plus_product
from elbo_ref._core.spread import CHECKS, std_of

Reduction = Literal["none", "sum", "mean"]
Given = Mapping[str, tuple[Check, Array]]


@dataclass(frozen=True)
class Decoder:
    """`log_likelihood(xp, x, output, *parameters)`, summed over the last axis of pixels; parameters broadcast with the output.

    Where the parameters are numbers, it is `from_sums(xp, d, sums, *parameters)` of the sums over d pixels.
    """

    log_likelihood: Callable[..., Array]
    sums: Formula | None = None
    from_sums: Callable[..., Array] | None = None
    classes: int = 0  # axes of x and the output after that of the pixels


def _error_log_likelihood(xp: Namespace, x: Array, mean_x: Array) -> Array:
    """log N(x; mean_x, var) with the var that is best for all of them: their mean squared error."""
    squares = (x - mean_x) * (x - mean_x)
    var = xp.mean(squares)
    none = var == 0
    spread = squares / xp.where(none, 1.0, var)
    return -xp.sum(spread / 2 + xp.log(var) / 2 + HALF_LOG_TWO_PI, axis=-1)


def _gaussian_from_squares(kind: str, xp: Namespace, d: int, squares: Array, noise: Array) -> Array:
    std = std_of(xp, kind, noise)
    return squares * (-0.5 / (std * std)) - d * (xp.log(std) + HALF_LOG_TWO_PI)


def _error_from_squares(xp: Namespace, d: int, squares: Array) -> Array:
    var = xp.mean(squares) / d
    return squares * (-0.5 / xp.where(var == 0, 1.0, var)) - d * (xp.log(var) / 2 + HALF_LOG_TWO_PI)


def _bernoulli_from_surprise(xp: Namespace, d: int, surprise: Array) -> Array:
    return -surprise


BERNOULLI = Decoder(_logits.log_likelihood_of_bits, _logits.surprise, _bernoulli_from_surprise)
CONTINUOUS_BERNOULLI = Decoder(_logits.log_likelihood_of_greys)
CATEGORICAL = Decoder(_logits.log_likelihood_of_labels, classes=1)
GAUSSIAN = {
    kind: Decoder(_gaussian.summed(density), _gaussian.squares, partial(_gaussian_from_squares, kind))
    for kind, density in _gaussian.DENSITIES.items()
}
DISCRETIZED_LOGISTIC = Decoder(_logistic.log_likelihood_of_levels)
ERROR = Decoder(_error_log_likelihood, _gaussian.squares, _error_from_squares)


# What becomes of the divergence of each dimension.


def _weighted(xp: Namespace, each: Array, beta: Array) -> Array:
    return beta * xp.sum(each, axis=-1)


def _with_free_bits(xp: Namespace, each: Array, beta: Array, free_bits: Array) -> Array:
    least = free_bits[..., None]
    counted = xp.where(each < least, least, each)  # NaN is below nothing, and stays
    return _weighted(xp, counted + (least - least), beta)


def _with_capacity(xp: Namespace, each: Array, beta: Array, capacity: Array) -> Array:
    excess = xp.sum(each, axis=-1) - capacity
    return beta * xp.where(excess < 0, -excess, excess)


RATES: dict[str, Callable[..., Array]] = {"": _weighted, "free_bits": _with_free_bits, "capacity": _with_capacity}


def _reduced(xp: Namespace, losses: Array, reduction: str) -> Array:
    return losses if reduction == "none" else xp.sum(losses) if reduction == "sum" else xp.mean(losses)


def _fit(classes: int, kind: str, limit: str, reduction: str, **arguments: Array) -> None:
    code = {"mean": arguments["mean"], kind: arguments[kind]}
    pixels = arguments["x"][..., 0] if classes else arguments["x"]
    same_batch(x=pixels, **code)
    same_shape(**code)
    batch = tuple(pixels.shape[:-1])
    for name in ("beta", limit) if limit else ("beta",):
        if name in arguments:
            within(name, arguments[name], batch)
    if reduction == "mean" and 0 in batch:
        raise ValueError(f"x must hold at least one example for reduction 'mean', got batch shape {batch}")


@cache
def _formula(decoder: Decoder, parameters: tuple[str, ...], kind: str, limit: str, reduction: str) -> Formula:
    """Of x, what the decoder puts out, its parameters, mean, width, beta and the limit, if there is one."""

    def body(xp: Namespace, x: Array, *rest: Array) -> Array:
        count = 1 + len(parameters)
        mean, width, *weights = rest[count:]
        likelihood = decoder.log_likelihood(xp, x, *rest[:count])
        if likelihood.ndim == mean.ndim:
            likelihood = xp.mean(likelihood, axis=0)
        rate = RATES[limit](xp, _gaussian.STANDARD_RATES[kind](xp, mean, width), *weights)
        return _reduced(xp, rate - likelihood, reduction)

    better = _bernoulli_in_training(reduction) if decoder is BERNOULLI and kind == "logvar" and not limit else {}
    hidden = ("x", "beta", limit, *([kind] if kind != "logvar" else []), *parameters)
    fits = partial(_fit, decoder.classes, kind, limit, reduction)
    return Formula(body=body, fits=fits, whole=True, single=True, hidden=hidden, **better)


def _looked_at(xp: Namespace, check: Check, name: str, x: Array) -> Array:
    """An argument in float64 that is not outside its domain; a number stays one."""
    if isinstance(x, int | float):
        return float(check(name, np.float64(x), True))
    return widen(xp, check(name, x, looks(x)))


def _rate(xp: Namespace, kind: str, limit: str, given: Given) -> Array:
    """The weighted divergence of mean, width, beta and the limit, not rounded."""
    weights = [_looked_at(xp, given[name][0], name, given[name][1]) for name in ("beta", limit) if name]
    code = {name: given[name] for name in ("mean", kind)}
    if kind != "logvar":
        each = _gaussian.STANDARD_RATES[kind](
            xp, *(_looked_at(xp, check, name, x) for name, (check, x) in code.items())
        )
    elif limit:
        each = _gaussian.divergence.evaluate({name: (check, x[..., None]) for name, (check, x) in code.items()})
    else:
        return _gaussian.divergence.evaluate(code) * weights[0]
    limits = [xp.asarray(y, dtype=each.dtype, device=device(each)) if isinstance(y, float) else y for y in weights[1:]]
    return RATES[limit](xp, each, weights[0], *limits)


def _by_parts(key: tuple[Any, ...], arguments: Given) -> Array | None:
    """The loss from its likelihood and its rate, each found in its own way, for arrays beside which float64 is wider; None where
    the parameters are more than numbers.
    """
    decoder, parameters, kind, limit, reduction = key
    if decoder.sums is None or any(math.prod(getattr(arguments[name][1], "shape", ())) != 1 for name in parameters):
        return None
    xp, *arrays = gather(**{name: x for name, (_, x) in arguments.items() if not isinstance(x, int | float)})
    found = iter(arrays)
    given = {name: (check, x if isinstance(x, int | float) else next(found)) for name, (check, x) in arguments.items()}
    x: Array = given["x"][1]
    mean: Array = given["mean"][1]
    if is_float64(arrays[0].dtype) or not is_float64(wide_dtype(xp, arrays[0])):
        return None
    _fit(decoder.classes, kind, limit, reduction, **{n: y for n, (_, y) in given.items() if hasattr(y, "ndim")})

    def loss() -> Array:
        sums = decoder.sums.evaluate({name: given[name] for name in list(given)[:2]})
        numbers = [_looked_at(xp, given[name][0], name, given[name][1]) for name in parameters]
        numbers = [y if isinstance(y, float) else xp.reshape(y, ()) for y in numbers]
        known = parameters and all(isinstance(y, float) for y in numbers)
        likelihood = decoder.from_sums(np if known else xp, x.shape[-1], sums, *numbers)
        if likelihood.ndim == mean.ndim:
            likelihood = xp.mean(likelihood, axis=0)
        return narrow(xp, _reduced(xp, _rate(xp, kind, limit, given) - likelihood, reduction), arrays[0].dtype)

    with unchecked(), np.errstate(all="ignore"):  # parts have one look together
        value = loss()
    return loss() if looks(value) and not all_finite(value) else value


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


def _refuse_output(name: str, output: Array, x: Array, classes: int) -> None:
    """Refuse what a decoder puts out that has not the shape of the data, alone or with samples in front of it."""
    got, want = tuple(getattr(output, "shape", ())), tuple(x.shape)
    if want in (got, got[1:]) and 0 not in got[: len(got) - len(want)]:
        return
    shape = f"{want[:-1]}, and its classes after it" if classes else f"{want}"
    way_on = ""
    if len(got) > 1 and len(got) != len(want) and math.prod(got[1:]) == math.prod(want[1:]):
        way_on = ": flatten both, as x.reshape(len(x), -1)"
    elif classes and len(got) == len(want):
        way_on = ": has it its class axis at the end?"
    raise ValueError(f"{name} must have the shape of x, {shape}, or samples in front of that, got {got}{way_on}")


def rows_of_pixels(arrays: dict[str, Array], mean: Array, classes: int) -> dict[str, Array]:
    """Data, output and parameters of a decoder, named in this order, with the axes of one example as one: those after the batch
    axes of the code. Where these are not those of x, all stay as they are, and are refused as such.
    """
    (_, x), (name, output), *parameters = arrays.items()
    if not all(hasattr(y, "shape") or isinstance(y, int | float) for y in arrays.values()) or not hasattr(x, "shape"):
        return arrays  # to be refused for what they are
    _refuse_output(name, output, x, classes)
    for parameter, y in parameters:
        if hasattr(y, "shape"):
            within(parameter, y, tuple(output.shape))
    batch = tuple(getattr(mean, "shape", ()))[:-1]
    more = x.ndim - len(batch) - classes
    if more < 2 or not batch or tuple(x.shape[: len(batch)]) != batch:
        return arrays
    shape = tuple(x.shape[len(batch) :])
    return {name: last_axes_as_one(y, shape, 1 + classes) for name, y in arrays.items()}


def _number(beta: object) -> object:
    """A weight as a Python number, if it is one for all examples that nobody differentiates."""
    if type(beta) is int:
        return float(beta)
    one = is_torch(beta) and beta.ndim == 0 and beta.is_cpu and not beta.requires_grad  # type: ignore[attr-defined]
    return beta.item() if one and readable(beta) else beta  # type: ignore[attr-defined]


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
    """The loss at x, what the decoder puts out, and its parameters, each given as `name=(check, value)`."""
    choice("reduction", reduction, "none", "sum", "mean")
    if free_bits is not None and capacity is not None:
        raise ValueError(f"free_bits and capacity exclude each other, got {free_bits} and {capacity}: pass one of them")
    limit = "free_bits" if free_bits is not None else "capacity" if capacity is not None else ""
    kind, x_width = width
    values = rows_of_pixels({name: y for name, (_, y) in data.items()}, mean, decoder.classes)
    if decoder is BERNOULLI and kind == "logvar" and not limit and not compiling():
        rows = values["x"], values["logits_x"], mean, x_width, _number(beta), reduction
        found = bernoulli_by_loop(*rows)
        if found is None and is_torch(values["x"]) and not values["x"].is_cpu:
            found = bernoulli_by_kernel(*rows)
        if found is not None:
            return found
    weights = {"beta": weight("beta", beta)}
    if limit:
        weights[limit] = weight(limit, free_bits if limit == "free_bits" else capacity)
    arguments = {
        **{name: (check, values[name]) for name, (check, _) in data.items()},
        "mean": (finite, mean),
        kind: (CHECKS[kind], x_width),
        **weights,
    }
    key = decoder, tuple(data)[2:], kind, limit, reduction
    if compiling():
        from elbo_ref._core import in_graph

        return in_graph.evaluate(_loss, arguments, *key)
    samples = len({getattr(y, "ndim", 0) for y in values.values()}) > 1
    usual = decoder is BERNOULLI and kind == "logvar" and not limit and not samples
    found = None if usual else _by_parts(key, arguments)
    return _formula(*key).evaluate(arguments) if found is None else found


def _loss(*key: Any) -> Formula:
    """The same as a plain function: torch.compile takes no cached one for a constant."""
    return _formula(*key)


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
        by_codes = vjp("kl_standard_normal_vjp", (each * beta).expand(tuple(batch)), codes, arrays[2:])
        if by_codes is None or (arrays[1].requires_grad and not by_logits):
            return _bernoulli_gradient(g, arrays, beta, reduction)
        by = by_logits.pop() if by_logits else None
        if by is not None and not (reduction != "none" and g.item() == 1):
            by.mul_(g[..., None] if reduction == "none" else g)
        return None, by, *by_codes

    return recorded(loss, gradient, x, logits, mean, logvar)


def _bernoulli_gradient(g: Array, arrays: tuple[Array, ...], beta: float, reduction: Reduction) -> Gradients:
    """By x, logits, mean and logvar, where no loop or kernel finds them."""
    return _formula(BERNOULLI, (), "logvar", "", reduction).gradient(g, *arrays, g.new_full((), beta))[:-1]


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
