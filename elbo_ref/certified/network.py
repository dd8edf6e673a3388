r"""log p(x) of a decoder with a hidden layer, between two floats that are rounded outward.

Two latents with the prior `N(0, I)`, a hidden layer of tanh or ReLU, independent Bernoulli pixels:

    p(x) = integral of phi(z) prod_j p(x_j | l_j(z)) dz,    l(z) = act(z W1 + b1) W2 + b2.

The square `|z_k| <= R` is cut into squares of centre c and half-width h. With `z = c + u`, on one of them:

*The hidden layer.* A unit is `a + w . u` exactly. On its range act is a line, up to an error to both sides: for ReLU
the chord; for tanh, whose second derivative `-2 t (1 - t^2)` with `t = tanh` is bounded there, the tangent at a, or,
where that is narrower, the line of least slope, above which tanh increases.
*The pixels.* Hence a logit, with the sign that makes `log p(x_j | l_j) = f(L)`, `f(L) = -softplus(-L)`, is `L + S . u`
up to E. f is concave, increasing and at most 0, with `-f'' = sigmoid(L) sigmoid(-L)` decreasing in `|L|`: for `|d| <=
r`,

    f(L) + f'(L) d - max |f''| r^2 / 2 <= f(L + d) <= f(L) + f'(L) d.

*The integral.* Summed, the integrand is between two exponentials of linear functions of u; the prior's `-|u|^2 / 2`
lies between `-h^2` and 0. The integral of `exp(w u)` over `|u| <= h` is `2 sinh(w h) / w`.
*Outside* the square the prior has at most `4 phi(R) / R`, and no likelihood exceeds 1.

Squares whose two integrals differ most are cut in four until the logarithms of the sums are within the width.

*Rounding.* A sum of n products in float64 is off by at most `n 2^-53 / (1 - n 2^-53)` of the sum of their absolute
values, whatever the order; exp, log1p and tanh of NumPy are taken to be right to 8 units of the last place, which is an
assumption (a test looks at it). `_slack` is twice what all these make up for a pixel, so that its own rounding is
covered; it enters E and the two bounds. Centres and half-widths are exact.
"""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from elbo_ref.certified.ball import PrecisionError

Floats = NDArray[np.float64]
Activation = Literal["tanh", "relu"]
_SIDE = 32  # squares to a side at first
_BLOCK = 4096  # squares at once
_LOG_TWO_PI = math.log(2 * math.pi)


class Bracket(NamedTuple):
    """Two floats with log p(x) between them, and how many squares that took."""

    lower: float
    upper: float
    squares: int


class _Line(NamedTuple):
    """act(a + w u) = value + slope w u, up to error, where |w u| <= reach."""

    value: Floats
    slope: Floats
    error: Floats


def _tanh(a: Floats, reach: Floats) -> _Line:
    value, low, high = np.tanh(a), np.tanh(a - reach), np.tanh(a + reach)
    slope = 1 - value * value
    largest = np.maximum(np.abs(low), np.abs(high))
    least = np.where(low * high > 0, np.minimum(np.abs(low), np.abs(high)), 0.0)
    bend = largest * (1 - least * least) * reach * reach  # half the second derivative times reach^2
    one_sided = low * high > 0  # concave above 0, convex below
    tangent = _Line(np.where(one_sided, value - np.sign(value) * bend / 2, value), slope, bend * (1 - one_sided / 2))
    flat = np.minimum(1 - low * low, 1 - high * high) * (1 - 2.0**-40)
    above = high - low - 2 * flat * reach  # from the lowest to the highest of tanh less the line
    chord = _Line((low + high) / 2, flat, above / 2)
    better = chord.error < tangent.error
    return _Line(*(np.where(better, one, other) for one, other in zip(chord, tangent, strict=True)))


def _relu(a: Floats, reach: Floats) -> _Line:
    low, high = a - reach, a + reach
    bent = (low < 0) & (high > 0)
    slope = np.where(bent, high / np.where(bent, 2 * reach, 1.0), (low >= 0) * 1.0)
    error = np.where(bent, -slope * low / 2, 0.0)
    return _Line(slope * a + error, slope, error)


ACTIVATIONS: dict[str, Callable[[Floats, Floats], _Line]] = {"tanh": _tanh, "relu": _relu}


class _Decoder:
    """The log joint density of one observation, between two linear functions on a square."""

    def __init__(self, arrays: tuple[Floats, ...], x: Floats, activation: str) -> None:
        self.into, self.shift, self.weight, self.bias = arrays
        self.act, self.sign = ACTIVATIONS[activation], 2 * x - 1
        self.row = np.abs(self.weight).sum(0)
        self.slack = (self.weight.size / max(1, len(self.bias)) + len(self.bias) + 64) * 2.0**-51

    def between(self, centre: Floats, half: Floats) -> tuple[Floats, Floats]:
        """Logarithms of numbers below and above the integral over each square."""
        h, slack = half[:, None], self.slack
        a = centre @ self.into + self.shift
        size = np.abs(centre) @ np.abs(self.into) + np.abs(self.shift)
        reach = h * np.abs(self.into).sum(0) * (1 + slack) + slack * size
        line = self.act(a, reach)
        units = line.error * (1 + slack) + slack * (1 + np.abs(line.value) + size + reach)
        largest = np.max(np.abs(line.value) + reach, axis=1, keepdims=True)
        logit = (line.value @ self.weight + self.bias) * self.sign
        error = (units @ np.abs(self.weight) + slack * (largest * self.row + np.abs(self.bias))) * (1 + slack)
        slope = np.stack([(line.slope * w) @ self.weight * self.sign for w in self.into], axis=1)
        radius = h * np.abs(slope).sum(1) + error

        near = np.exp(-np.abs(logit))
        f = np.minimum(logit, 0.0) - np.log1p(near)
        rise = np.where(logit > 0, near, 1.0) / (1 + near)
        flattest = np.exp(-np.maximum(np.abs(logit) - radius, 0.0))
        bend = flattest / (1 + flattest) ** 2
        height = f.sum(1) - (centre**2).sum(1) / 2 - _LOG_TWO_PI
        tilt = np.abs(np.einsum("nkj,nj->nk", slope, rise) - centre) * h
        volume = (np.log(2 * half)[:, None] + _log_sinhc(tilt)).sum(1)
        loss = (rise * error).sum(1)
        rounding = slack * ((np.abs(f) + rise * radius).sum(1) + (centre**2).sum(1) + tilt.sum(1) + np.abs(volume) + 8)
        far = logit + radius  # where the tangents are steep, the largest value is nearer
        top = (np.minimum(far, 0.0) - np.log1p(np.exp(-np.abs(far)))).sum(1) * (1 - slack)
        prior = 2 * np.log(2 * half) - (np.maximum(np.abs(centre) - h, 0.0) ** 2).sum(1) / 2 - _LOG_TWO_PI
        lower = height + volume - loss - (bend * radius**2).sum(1) / 2 * (1 + slack) - half**2 * (1 + slack) - rounding
        upper = np.minimum(height + volume + loss, top + prior) + rounding
        return lower, upper


def _log_sinhc(t: Floats) -> Floats:
    """log(sinh(t) / t) for t >= 0, 0 at 0."""
    safe = np.where(t > 0, t, 1.0)
    return np.where(t > 0, safe + np.log(-np.expm1(-2 * safe) / (2 * safe)), 0.0)


def _log_sum(x: Floats) -> float:
    """Logarithm of the sum of exponentials; -inf for none."""
    if not len(x):
        return -math.inf
    most = float(np.max(x))
    return most + math.log(float(np.sum(np.exp(x - most))))


def log_evidence_network(
    x: ArrayLike,
    hidden_weight: ArrayLike,
    hidden_bias: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike,
    *,
    activation: Activation,
    width: float = 1e-2,
    most: int = 1_000_000,
) -> Bracket:
    """A bracket of log p(x) for z ~ N(0, I) in two dimensions and a Bernoulli decoder with one hidden layer.

    Logits: act(z @ hidden_weight + hidden_bias) @ weight + bias, the numbers taken as the exact floats that they are.

    Shapes: x (D,), each 0 or 1; hidden_weight (2, H), hidden_bias (H,), weight (H, D), bias (D,). Unit: nats.
    upper - lower <= width, or PrecisionError when that takes more than `most` squares.
    ValueError if the shapes do not fit, a number is not finite, or width is not positive.

    Theorem: marginal_likelihood.
    """
    given = {"hidden_weight": hidden_weight, "hidden_bias": hidden_bias, "weight": weight, "bias": bias}
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in given.items()}
    bits = np.asarray(x, dtype=np.float64)
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {activation!r}")
    hidden, pixels = (*arrays["weight"].shape, 0, 0)[:2]
    shapes = {"hidden_weight": (2, hidden), "hidden_bias": (hidden,), "weight": (hidden, pixels), "bias": (pixels,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or 0 in shape:
            raise ValueError(f"{name} must have shape {shape} beside weight, got {arrays[name].shape}")
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} must be finite")
    if bits.shape != (pixels,) or not np.isin(bits, (0, 1)).all():
        raise ValueError(f"x must have shape {(pixels,)} and hold 0 and 1 alone, got shape {bits.shape}")
    if not (width > 0 and math.isfinite(width)):
        raise ValueError(f"width must be positive, got {width}")
    return _bracket(_Decoder(tuple(arrays.values()), bits, activation), width, most)


def _bracket(decoder: _Decoder, width: float, most: int) -> Bracket:
    height = float(decoder.between(np.zeros((1, 2)), np.full(1, 2.0**-40))[1][0])  # log p(x, 0), and 55 for its area
    radius = 2.0 * math.ceil(math.sqrt(2 * (60 + max(0.0, -height))) / 2)
    outside = math.log(4) - radius**2 / 2 - math.log(2 * math.pi) / 2 - math.log(radius)
    steps = (np.arange(_SIDE) + 0.5) * (2 * radius / _SIDE) - radius
    centre = np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
    half = np.full(len(centre), radius / _SIDE)
    settled_low, settled_high, squares = -math.inf, outside, 0
    while True:
        parts = [decoder.between(centre[i : i + _BLOCK], half[i : i + _BLOCK]) for i in range(0, len(centre), _BLOCK)]
        low, high = (np.concatenate(side) for side in zip(*parts, strict=True))
        squares += len(centre)
        lower, upper = (float(np.logaddexp(a, _log_sum(b))) for a, b in ((settled_low, low), (settled_high, high)))
        guard = 2.0**-40 * (1 + abs(lower))  # sums of positive numbers, and their logarithms
        lower, upper = lower - guard, upper + guard
        if upper - lower <= width:
            return Bracket(lower, upper, squares)
        spread = np.exp(np.minimum(high - lower, 700)) - np.exp(low - lower)  # what a square leaves open, of the whole
        order = np.argsort(spread)
        settled = np.cumsum(spread[order]) < width / 8 / 2 ** np.log2(radius / _SIDE / half.min() + 1)
        keep, cut = order[settled], order[~settled]
        if not len(cut) or squares + 4 * len(cut) > most:
            raise PrecisionError(f"log p(x) is known to {upper - lower:.1e} after {squares} squares, not to {width:g}")
        settled_low = float(np.logaddexp(settled_low, _log_sum(low[keep])))
        settled_high = float(np.logaddexp(settled_high, _log_sum(high[keep])))
        corners = np.array([[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]])
        centre = (centre[cut, None] + corners * half[cut, None, None]).reshape(-1, 2)
        half = np.repeat(half[cut] / 2, 4)
