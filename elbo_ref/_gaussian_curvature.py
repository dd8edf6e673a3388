"""Second derivatives of the KL divergence of two Gaussians in closed form, for torch, which alone asks for them.

Differentiating the pairs of `_gaussian` once more would differentiate their rounding too, and overflow where the
derivatives do not. With s = mean_q - mean_p the second derivatives are 1 / std_p^2, 1 / std_q^2, s / std_p^3,
std_q / std_p^3 and (3 (std_q^2 + s^2) - std_p^2) / std_p^4, up to factors. They are found for numbers between 1/2 and 1, and
multiplied by a power of two at the end.
"""

from collections.abc import Callable
from typing import Any

import array_api_compat.torch as xp
import torch

from elbo_ref._core.pairs import Pair, add, exact, multiply, rounded, two_sum

_Tensors = tuple[torch.Tensor, ...]


class _Gradient(torch.autograd.Function):
    """First derivatives by `first`, and the products of second derivatives with a vector by `_products`."""

    generate_vmap_rule = True

    @staticmethod
    def forward(first: Callable[..., _Tensors], *arrays: torch.Tensor) -> _Tensors:
        return first(xp, *arrays)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: _Tensors) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, *g: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        return None, *_products(*g, *ctx.saved_tensors)


def gradient(first: Callable[..., _Tensors], *arrays: torch.Tensor) -> _Tensors:
    """Derivatives by mean_q, std_q, mean_p and std_p that can be differentiated again."""
    apply: Callable[..., _Tensors] = _Gradient.apply
    return apply(first, *arrays)


def _products(
    g_mean_q: torch.Tensor,
    g_std_q: torch.Tensor,
    g_mean_p: torch.Tensor,
    g_std_p: torch.Tensor,
    mean_q: torch.Tensor,
    std_q: torch.Tensor,
    mean_p: torch.Tensor,
    std_p: torch.Tensor,
) -> _Tensors:
    e_q, e_p = _exponent(std_q), _exponent(std_p)
    q, p = _times_power(std_q, -e_q), _times_power(std_p, -e_p)
    shift = two_sum(mean_q / 4, -mean_p / 4)  # a quarter, lest it overflow
    low = torch.maximum(mean_q.abs(), mean_p.abs()) < 2.0**-900  # a quarter of these would not be exact
    whole = two_sum(mean_q, -mean_p)
    shift = torch.where(low, whole[0], shift[0]), torch.where(low, whole[1], shift[1])
    e_s = _exponent(shift[0])
    s = _times_power(shift[0], -e_s), _times_power(shift[1], -e_s)
    e_s = e_s + torch.where(low, 0, 2)

    by_means = _times_power(1 / p / p, -2 * e_p)
    by_std_q = by_means + _times_power(1 / q / q, -2 * e_q)
    by_mean_and_std_p = _times_power(-2 * rounded(xp, s) / p / p / p, e_s - 3 * e_p)
    by_stds = _times_power(-2 * q / p / p / p, e_q - 3 * e_p)

    top = torch.maximum(torch.maximum(e_q, e_p), e_s)
    squares = [
        _square(_scaled(s, e_s - top)),
        _square(_scaled(exact(xp, q), e_q - top)),
        _square(_scaled(exact(xp, p), e_p - top)),
    ]
    three = multiply(xp, exact(xp, torch.full_like(p, 3.0)), add(xp, squares[0], squares[1]))
    excess = rounded(xp, add(xp, three, (-squares[2][0], -squares[2][1])))
    by_std_p = _times_power(excess / p / p / p / p, 2 * top - 4 * e_p)

    in_mean = _product(g_mean_q - g_mean_p, by_means) + _product(g_std_p, by_mean_and_std_p)
    return (
        in_mean,
        _product(g_std_q, by_std_q) + _product(g_std_p, by_stds),
        -in_mean,
        _product(g_mean_q - g_mean_p, by_mean_and_std_p) + _product(g_std_q, by_stds) + _product(g_std_p, by_std_p),
    )


def _product(g: torch.Tensor, derivative: torch.Tensor) -> torch.Tensor:
    """g times a derivative, 0 where g is 0: a derivative that nobody asked for may be infinite."""
    return g * torch.where(g == 0, 0.0, derivative)


# Powers of two


def _exponent(x: torch.Tensor) -> torch.Tensor:
    """The e with 1/2 <= |x| / 2^e < 1, read from the bits; one below all others for 0."""
    small = x.abs() < 2.0**-1000
    bits = torch.where(small, x * 2.0**100, x).detach().view(torch.int64)
    exponent = ((bits >> 52) & 0x7FF) - 1022 - torch.where(small, 100, 0)
    return torch.where(x == 0, -4000, exponent)


def _power(exponent: torch.Tensor) -> torch.Tensor:
    """2^exponent for exponents of normal floats, exactly, which exp2 does not promise."""
    return ((exponent + 1023) << 52).view(torch.float64)


def _times_power(x: torch.Tensor, exponent: torch.Tensor) -> torch.Tensor:
    """x 2^exponent, rounded once."""
    most = exponent.clamp(-1000, 1000)
    return x * _power(most) * _power((exponent - most).clamp(-1000, 1000))


# Pairs


def _scaled(x: Pair, exponent: torch.Tensor) -> Pair:
    return _times_power(x[0], exponent), _times_power(x[1], exponent)


def _square(x: Pair) -> Pair:
    return multiply(xp, x, x)
