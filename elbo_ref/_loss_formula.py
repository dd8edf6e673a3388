"""The loss as one formula of data, output, code and weights, and what is better than that for the one that is taken most often."""

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any, Literal

from elbo_ref import _gaussian, _logits
from elbo_ref._core.arrays import Array, Namespace, working
from elbo_ref._core.formula import Formula, Gradients
from elbo_ref._core.shapes import same_batch, same_shape, within
from elbo_ref._core.special import plus_product
from elbo_ref._decoders import BERNOULLI, Decoder

Reduction = Literal["none", "sum", "mean"]

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


def reduced(xp: Namespace, losses: Array, reduction: str) -> Array:
    """All losses, their sum or their mean."""
    return losses if reduction == "none" else xp.sum(losses) if reduction == "sum" else xp.mean(losses)


def fit(classes: int, kind: str, limit: str, reduction: str, **arguments: Array) -> None:
    """Refuse a code that does not fit the data, a weight that would enlarge the batch, and a mean of nothing."""
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
def loss_formula(decoder: Decoder, parameters: tuple[str, ...], kind: str, limit: str, reduction: str) -> Formula:
    """Of x, what the decoder puts out, its parameters, mean, width, beta and the limit, if there is one."""

    def body(xp: Namespace, x: Array, *rest: Array) -> Array:
        count = 1 + len(parameters)
        mean, width, *weights = rest[count:]
        likelihood = decoder.log_likelihood(xp, x, *rest[:count])
        if likelihood.ndim == mean.ndim:
            likelihood = xp.mean(likelihood, axis=0)
        rate = RATES[limit](xp, _gaussian.STANDARD_RATES[kind](xp, mean, width), *weights)
        return reduced(xp, rate - likelihood, reduction)

    better = _bernoulli_in_training(reduction) if decoder is BERNOULLI and kind == "logvar" and not limit else {}
    hidden = ("x", *decoder.hidden, "beta", limit, *([kind] if kind != "logvar" else []), *parameters)
    fits = partial(fit, decoder.classes, kind, limit, reduction)
    return Formula(body=body, fits=fits, whole=True, single=True, hidden=hidden, **better)


def _bernoulli_in_training(reduction: str) -> dict[str, Any]:
    """What is better than the body for the loss that is taken most often."""

    def brief(xp: Namespace, x: Array, logits_x: Array, mean: Array, logvar: Array, beta: Array) -> Array:
        surprise = _logits.brief_surprise(xp, x, logits_x)  # of one sample: several are a loss of parts
        return reduced(xp, plus_product(surprise, beta, _gaussian.twice_kl_standard(xp, mean, logvar), 0.5), reduction)

    def derivatives(xp: Namespace, g: Array, *arrays: Array, needed: tuple[bool, ...]) -> Gradients:
        x, logits_x, mean, logvar, beta = arrays
        batch = tuple(mean.shape[:-1])
        share = max(1, math.prod(batch)) if reduction == "mean" else 1
        samples = logits_x.shape[0] if logits_x.ndim > x.ndim else 1
        by_sample = (g / -(share * samples)).expand(tuple(logits_x.shape[:-1]))
        g = (g / share if share > 1 else g).expand(batch)
        by_x = by_sample[..., None] * logits_x if needed[0] else None
        by_logits = _logits.by_logits_of_bits(xp, by_sample, x, logits_x)
        by_beta = g * _gaussian.kl_standard(xp, working(xp, mean), working(xp, logvar)) if needed[-1] else None
        return by_x, by_logits, *_gaussian.kl_standard_vjp(xp, g * beta, mean, logvar), by_beta

    def brief_derivatives(xp: Namespace, g: Array, *arrays: Array, needed: tuple[bool, ...]) -> Gradients:
        x, logits_x, mean, logvar, beta = arrays
        if needed[0] or needed[-1]:
            return derivatives(xp, g, *arrays, needed=needed)
        share = max(1, math.prod(mean.shape[:-1])) if reduction == "mean" else 1
        g = (g / share if share > 1 else g).expand(tuple(mean.shape[:-1]))
        by_logits = _logits.brief_by_logits(xp, g, x, logits_x)
        return None, by_logits, *_gaussian.kl_standard_brief_vjp(xp, g * beta, mean, logvar), None

    better = {"brief": brief, "brief_vjp": brief_derivatives}
    return {"vjp": derivatives, "vjp_widens": True, "vjp_chooses": True, **better}
