"""Losses of variational autoencoders, from their arguments to a weighted divergence less a likelihood, reduced, rounded once.

What is summed sees rows: an image has become one before (`rows_of_pixels`). The output of a decoder may have one axis more than
the data, in front: samples of z, over which the likelihood is averaged.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from elbo_ref import _gaussian
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
    number,
    readable,
    unchecked,
    wide_dtype,
    widen,
)
from elbo_ref._core.checks import Check, as_it_is, choice, finite, nonnegative
from elbo_ref._core.formula import Formula
from elbo_ref._core.shapes import last_axes_as_one, within
from elbo_ref._core.spread import CHECKS
from elbo_ref._decoders import BERNOULLI, Decoder
from elbo_ref._loss_formula import RATES, Reduction, fit, loss_formula, reduced
from elbo_ref._loss_loops import loss_by_kernel, loss_by_loop

Given = Mapping[str, tuple[Check, Array]]


def _looked_at(xp: Namespace, check: Check, name: str, x: Array) -> Array:
    """An argument in float64 that is not outside its domain; a number stays one."""
    if isinstance(x, int | float):
        return float(check(name, np.float64(number(name, x)), True))
    return widen(xp, check(name, x, looks(x)))


def _rows_of_one(name: str, x: Array, look: bool = True) -> Array:
    """Refuse what is not finite, by its index among the numbers that were given."""
    return finite(name, x[..., 0], look)[..., None]


def _rate(xp: Namespace, kind: str, limit: str, given: Given) -> Array:
    """The weighted divergence of mean, width, beta and the limit, not rounded."""
    weights = [_looked_at(xp, given[name][0], name, given[name][1]) for name in ("beta", limit) if name]
    code = {name: given[name] for name in ("mean", kind)}
    if kind != "logvar":
        each = _gaussian.STANDARD_RATES[kind](
            xp, *(_looked_at(xp, check, name, x) for name, (check, x) in code.items())
        )
    elif limit:
        each = _gaussian.divergence.evaluate({name: (_rows_of_one, x[..., None]) for name, (_, x) in code.items()})
    else:
        return _gaussian.divergence.evaluate(code) * weights[0]
    limits = [xp.asarray(y, dtype=each.dtype, device=device(each)) if isinstance(y, float) else y for y in weights[1:]]
    return RATES[limit](xp, each, weights[0], *limits)


def _by_parts(key: tuple[Any, ...], arguments: Given) -> Array | None:
    """The loss from its likelihood and its rate, each found in its own way, for arrays beside which float64 is wider; None where
    the parameters are more than numbers, or what has to be an array is none.
    """
    decoder, parameters, kind, limit, reduction = key
    if decoder.sums is None or any(math.prod(getattr(arguments[name][1], "shape", ())) != 1 for name in parameters):
        return None
    if any(isinstance(arguments[name][1], int | float) for name in (*list(arguments)[:2], "mean", kind)):
        return None
    xp, *arrays = gather(**{name: x for name, (_, x) in arguments.items() if not isinstance(x, int | float)})
    found = iter(arrays)
    given = {name: (check, x if isinstance(x, int | float) else next(found)) for name, (check, x) in arguments.items()}
    x: Array = given["x"][1]
    mean: Array = given["mean"][1]
    if is_float64(arrays[0].dtype) or not is_float64(wide_dtype(xp, arrays[0])):
        return None
    fit(decoder.classes, kind, limit, reduction, **{n: y for n, (_, y) in given.items() if hasattr(y, "ndim")})

    def loss() -> Array:
        sums = decoder.sums.evaluate({name: given[name] for name in list(given)[:2]})
        numbers = [_looked_at(xp, given[name][0], name, given[name][1]) for name in parameters]
        numbers = [y if isinstance(y, float) else xp.reshape(y, ()) for y in numbers]
        known = parameters and all(isinstance(y, float) for y in numbers)
        likelihood = decoder.from_sums(np if known else xp, x.shape[-1], sums, *numbers)
        if likelihood.ndim == mean.ndim:
            likelihood = xp.mean(likelihood, axis=0)
        return narrow(xp, reduced(xp, _rate(xp, kind, limit, given) - likelihood, reduction), arrays[0].dtype)

    with np.errstate(all="ignore"):
        with unchecked():  # parts have one look together
            value = loss()
        return loss() if looks(value) and not all_finite(value) else value


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


def _number(beta: Any) -> Any:
    """A weight as a Python number, if it is one for all examples that nobody differentiates."""
    if type(beta) is int:
        return float(beta) if beta < 2**53 else beta
    if not is_torch(beta) or is_float64(beta.dtype):
        return beta
    one = beta.ndim == 0 and beta.is_cpu and not beta.requires_grad
    return beta.item() if one and readable(beta) else beta


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
    x, output, *parameters = values.values()
    if decoder.loop and kind == "logvar" and not limit and not compiling():
        rows, number = (x, output, mean, x_width), _number(beta)
        found = loss_by_loop(decoder, parameters, rows, number, reduction)
        if found is None and decoder is BERNOULLI and is_torch(x) and not x.is_cpu:
            found = loss_by_kernel(rows, number, reduction)
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
    return loss_formula(*key).evaluate(arguments) if found is None else found


def _loss(*key: Any) -> Formula:
    """The same as a plain function: torch.compile takes no cached one for a constant."""
    return loss_formula(*key)
