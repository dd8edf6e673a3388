"""Losses of variational autoencoders as formulas: beta times a divergence less a likelihood, reduced, rounded once."""

import math
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np

from elbo_ref import _gaussian, _logits
from elbo_ref._core.arrays import Array, Namespace, is_torch, working
from elbo_ref._core.by_loops import address, door, empty, in_rows, run, torch_side, vjp
from elbo_ref._core.checks import Check, nonnegative
from elbo_ref._core.formula import Formula, Gradients, Left, recorded
from elbo_ref._core.shapes import same_batch, same_shape, within
from elbo_ref._core.special import plus_product

Reduction = Literal["none", "sum", "mean"]


def _reduced(xp: Namespace, losses: Array, reduction: Reduction) -> Array:
    return losses if reduction == "none" else xp.sum(losses) if reduction == "sum" else xp.mean(losses)


def _each(xp: Namespace, g: Array, losses: Array, reduction: Reduction) -> Array:
    """The gradient of each loss of a batch."""
    if reduction == "mean":
        g = g / max(1, losses.numel())
    return xp.broadcast_to(g, losses.shape)


def fits(reduction: Reduction, batch: Array, **parameters: Array) -> None:
    """Refuse a mean over no example, and parameters that would enlarge the batch."""
    for name, x in parameters.items():
        within(name, x, tuple(batch.shape))
    if reduction == "mean" and 0 in batch.shape:
        raise ValueError(f"x must hold at least one example for reduction 'mean', got batch shape {tuple(batch.shape)}")


def _bernoulli(reduction: Reduction) -> Formula:
    """Of x, logits_x, mean, logvar and beta."""

    def fit(x: Array, logits_x: Array, mean: Array, logvar: Array, beta: Array) -> None:
        same_shape(x=x, logits_x=logits_x)
        same_batch(x=x, mean=mean, logvar=logvar)
        fits(reduction, x[..., 0], beta=beta)

    def by(kl: Callable[..., Array]) -> Callable[..., Array]:
        def body(xp: Namespace, x: Array, logits_x: Array, mean: Array, logvar: Array, beta: Array) -> Array:
            losses = beta * kl(xp, mean, logvar) - _logits.log_likelihood_of_bits(xp, x, logits_x)
            return _reduced(xp, losses, reduction)

        return body

    def brief(xp: Namespace, x: Array, logits_x: Array, mean: Array, logvar: Array, beta: Array) -> Array:
        surprise = _logits.brief_surprise(xp, x, logits_x)
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
        g = _each(xp, g, mean[..., 0], reduction)
        by_x, by_logits = _logits.log_likelihood_of_bits_vjp(xp, -g, *(working(xp, y) for y in (x, logits_x)))
        by_beta = g * _gaussian.kl_standard(xp, working(xp, mean), working(xp, logvar)) if needed[-1] else None
        return by_x, by_logits, *_gaussian.kl_standard_vjp(xp, g * beta, mean, logvar), by_beta

    return Formula(
        body=by(_gaussian.kl_standard),
        vjp=derivatives,
        vjp_widens=True,
        vjp_chooses=True,
        precise=by(_gaussian.kl_standard_precise),
        brief=brief,
        fits=fit,
        whole=True,
        single=True,
        hidden=("x", "beta"),
    )


def _gaussian_decoder(reduction: Reduction) -> Formula:
    """Of x, mean_x, var_noise, mean, logvar and beta."""

    def fit(x: Array, mean_x: Array, var_noise: Array, mean: Array, logvar: Array, beta: Array) -> None:
        same_shape(x=x, mean_x=mean_x)
        same_batch(x=x, mean=mean, logvar=logvar)
        within("var_noise", var_noise, tuple(x.shape))
        fits(reduction, x[..., 0], beta=beta)

    def by(kl: Callable[..., Array]) -> Callable[..., Array]:
        def body(
            xp: Namespace, x: Array, mean_x: Array, var_noise: Array, mean: Array, logvar: Array, beta: Array
        ) -> Array:
            likelihood = xp.sum(_gaussian.log_density(xp, x, mean_x, var_noise), axis=-1)
            return _reduced(xp, beta * kl(xp, mean, logvar) - likelihood, reduction)

        return body

    return Formula(
        body=by(_gaussian.kl_standard),
        precise=by(_gaussian.kl_standard_precise),
        fits=fit,
        whole=True,
        single=True,
        hidden=("x", "beta"),
    )


BERNOULLI: dict[str, Formula] = {reduction: _bernoulli(reduction) for reduction in get_args(Reduction)}
GAUSSIAN: dict[str, Formula] = {reduction: _gaussian_decoder(reduction) for reduction in get_args(Reduction)}


def weight(beta: object) -> tuple[Check, Any]:
    """The check of a weight and the weight: that of a number is done here, for no device has to be asked."""
    if isinstance(beta, int | float):
        nonnegative("beta", np.float64(beta), True)
        return (lambda name, x, look: x), beta
    return nonnegative, beta


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
    (*batch, d), k = x.shape, codes.d
    if (x.shape, mean.shape) != (logits.shape, logvar.shape) or mean.shape[:-1] != x.shape[:-1]:
        return None
    if type(x) is not type(mean) or getattr(x, "requires_grad", False):
        return None
    rows = codes.rows
    recording = is_torch(x) and torch_side().wants_gradient(logits, mean, logvar)
    by_logits = empty(logits, logits.shape) if recording and logits.requires_grad else None

    def value(*arrays: Array) -> Array:
        losses = empty(x, tuple(batch), double=True)
        results = address(losses), 0 if by_logits is None else address(by_logits)
        at = d, k, int(np.float64(beta).view(np.int64)), *results, *map(address, (x, *arrays))
        if run(x, "negative_elbo_bernoulli", rows, rows * d, at):
            raise Left
        loss = losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()
        return loss.to(x.dtype) if is_torch(loss) else loss.astype(x.dtype)

    def gradient(g: Array, *arrays: Array) -> Gradients:
        if torch_side().torch.is_grad_enabled() or g.dtype != x.dtype:
            return BERNOULLI[reduction].gradient(g, x, *arrays, g.new_tensor(beta))[1:-1]
        each = g / rows if reduction == "mean" else g
        by_codes = vjp("kl_standard_normal_vjp", (each * beta).expand(tuple(batch)), codes, arrays[1:])
        return None if by_logits is None else by_logits * (each[..., None] if reduction == "none" else each), *by_codes

    if recording:
        return recorded(value, gradient, logits, mean, logvar)
    try:
        return value(logits, mean, logvar)
    except Left:
        return None
