"""KL divergences between Gaussians: the values, and the gradients where automatic differentiation would lose digits.

With t = std_q / std_p - 1 and d = (mean_q - mean_p) / std_p the divergence is F(t) + d^2 / 2, F(t) = t + t^2 / 2 - log(1 + t).
Both terms are >= 0, so nothing cancels once t and d are right. In float64 they are carried as pairs, because rounding d
alone would cost five half units of the last place in d^2.
"""

from collections.abc import Callable
from functools import partial

from elbo_ref._core.arrays import Array, Namespace, is_torch, widen, working
from elbo_ref._core.formula import Formula
from elbo_ref._core.pairs import Pair, add, divide, exact, multiply, normalized, rounded, sum_last, two_product, two_sum
from elbo_ref._core.shapes import pixels, rows_of
from elbo_ref._core.special import (
    HALF_LOG_TWO_PI,
    half_expm1,
    half_psi,
    halved,
    log1p_tail,
    phi,
    phi_to_single,
    plus_product,
    psi,
    psi_to_single,
)
from elbo_ref._core.spread import CHECKS, std_of


def _quotients(xp: Namespace, mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> tuple[Pair, Pair, Pair]:
    """t, d and std_q / std_p as pairs. Powers of two keep every step inside the range of float64."""
    scale = xp.where(std_p < 2.0**-340, 2.0**680, xp.where(std_p > 2.0**340, 2.0**-680, xp.ones_like(std_p)))
    denominator = std_p * scale
    numerator = std_q * scale
    largest = xp.maximum(xp.abs(mean_q), xp.abs(mean_p))
    half = xp.where(largest > 2.0**1000, 0.5, xp.ones_like(largest))
    shift, rest = two_sum(mean_q * half, -mean_p * half)
    d_half = divide((shift * scale, rest * scale), denominator)
    d = d_half[0] / half, d_half[1] / half
    t = divide(two_sum(numerator, -denominator), denominator)
    ratio = divide(exact(xp, numerator), denominator)
    return t, d, ratio


def _spread(xp: Namespace, t: Pair, ratio: Pair, std_q: Array, std_p: Array) -> Pair:
    """F(t) = t + t^2 / 2 - log(1 + t)."""
    near = xp.logical_and(t[0] > -0.5, t[0] < 1)
    square, square_rest = two_product(t[0], t[0])
    s, tail = log1p_tail(t[0])
    correction = square_rest - s * (square / 2 + tail) + (t[0] / ratio[0] + t[0]) * t[1]

    regular = xp.logical_and(ratio[0] > 2.0**-300, ratio[0] < 2.0**600)
    safe = xp.where(regular, ratio[0], 1.0)
    log_ratio = xp.where(regular, xp.log(safe), xp.log(std_q) - xp.log(std_p))
    half_square, half_square_rest = two_product(ratio[0] / 2, ratio[0])
    without_log, rest_1 = two_sum(half_square, -0.5)
    far, rest_2 = two_sum(without_log, -log_ratio)
    far_rest = rest_1 + rest_2 + half_square_rest + (ratio[0] - 1 / safe) * ratio[1]
    return xp.where(near, square, far), xp.where(near, correction, far_rest)


def _kl_pair(xp: Namespace, mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> Pair:
    t, d, ratio = _quotients(xp, mean_q, std_q, mean_p, std_p)
    spread, spread_rest = _spread(xp, t, ratio, std_q, std_p)
    half_square, half_square_rest = two_product(d[0] / 2, d[0])
    total, rest = two_sum(spread, half_square)
    return normalized(xp, (total, rest + spread_rest + half_square_rest + d[0] * d[1]))


def _kl(xp: Namespace, mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> Array:
    t, d = (std_q - std_p) / std_p, (mean_q - mean_p) / std_p
    return phi(xp, t, std_q / std_p) + (t * t + d * d) / 2


def _kl_brief(xp: Namespace, *arrays: Array) -> Array:
    """In float64 the differences of narrower numbers are exact and their squares inside the range."""
    mean_q, std_q, mean_p, std_p = (widen(xp, x) for x in arrays)
    t, d = (std_q - std_p) / std_p, (mean_q - mean_p) / std_p
    return phi_to_single(xp, t, std_q / std_p) + plus_product(t * t, d, d) / 2


def _kl_gradient(xp: Namespace, mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> tuple[Array, ...]:
    """Derivatives d / std_p, (r^2 - 1) / std_q, - d / std_p, (1 - r^2 - d^2) / std_p, where r^2 - 1 = t (2 + t)."""
    t, d, ratio = _quotients(xp, mean_q, std_q, mean_p, std_p)
    # Where the square of t or d leaves the range of float64, its quotient by std may not; there nothing cancels either.
    large_t, large_d = t[0] > 2.0**500, xp.abs(d[0]) > 2.0**500
    outside_d = xp.logical_or(large_d, xp.abs(d[0]) < 2.0**-400)
    t_inside = _where_zero(xp, large_t, t)
    d_inside = _where_zero(xp, outside_d, d)
    one = xp.ones_like(t[0])
    by_t = multiply(xp, t_inside, add(xp, t_inside, exact(xp, 2 * one)))
    # Far from equality the same without a difference in its derivatives, where nothing comes close to the end of the range.
    apart = xp.logical_or(t[0] <= -0.5, t[0] >= 1)
    inside = xp.logical_and(xp.minimum(std_q, std_p) > 2.0**-400, xp.maximum(std_q, std_p) < 2.0**400)
    near = xp.logical_not(xp.logical_and(apart, inside))
    r = _where_zero(xp, large_t, ratio)
    by_r = add(xp, multiply(xp, r, r), exact(xp, -one))
    excess = xp.where(near, by_t[0], by_r[0]), xp.where(near, by_t[1], by_r[1])
    total = rounded(xp, add(xp, excess, multiply(xp, d_inside, d_inside)))
    # A d below the normal floats has lost digits that its quotient by a small std needs.
    by_tiny = (mean_q - mean_p) * 2.0**600 / std_p / std_p * 2.0**-600
    # One above the largest float may have a quotient that is not.
    by_huge = (mean_q / 4 - mean_p / 4) / std_p / std_p * 4
    by_mean = xp.where(xp.abs(d[0]) > 2.0**1000, by_huge, rounded(xp, d) / std_p)
    by_mean = xp.where(xp.abs(d[0]) < 2.0**-900, by_tiny, by_mean)
    by_std_q = xp.where(near, rounded(xp, by_t) / std_q, std_q / std_p / std_p - 1 / std_q)
    by_std_q = xp.where(large_t, t[0] / std_p, by_std_q)
    squares = xp.where(large_t, t[0] * (t[0] / std_p), 0.0) + xp.where(outside_d, d[0] * by_mean, 0.0)
    drowned = xp.logical_and(total < 0, xp.logical_or(large_t, large_d))
    return by_mean, by_std_q, -by_mean, -squares - xp.where(drowned, 0.0, total / std_p)


def _where_zero(xp: Namespace, zero: Array, x: Pair) -> Pair:
    return xp.where(zero, 0.0, x[0]), xp.where(zero, 0.0, x[1])


def _kl_gradient_plain(xp: Namespace, mean_q: Array, std_q: Array, mean_p: Array, std_p: Array) -> tuple[Array, ...]:
    """The same without pairs: right for numbers narrower than float64, and smooth."""
    d, t = (mean_q - mean_p) / std_p, (std_q - std_p) / std_p
    by_mean, r = d / std_p, std_q / std_p
    # Far from equality a difference of its own, of which the derivatives are no differences.
    near = xp.logical_and(t > -0.5, t < 1)
    excess = xp.where(near, t * ((std_q + std_p) / std_p), r * r - 1)
    by_std_q = xp.where(near, excess / std_q, r / std_p - 1 / std_q)
    return by_mean, by_std_q, -by_mean, -(excess + d * d) / std_p


def _times(g: Array, derivatives: tuple[Array, ...]) -> tuple[Array, ...]:
    return tuple(g * derivative for derivative in derivatives)


kl_normal = Formula(
    body=_kl,
    vjp=lambda xp, g, *arrays: _times(g, _kl_gradient_plain(xp, *arrays)),
    precise=lambda xp, *arrays: rounded(xp, _kl_pair(xp, *arrays)),
    precise_vjp=lambda xp, g, *arrays: _times(g, _kl_gradient(xp, *arrays)),
    brief=_kl_brief,
    blocks=True,
)
kl_diag_normal = Formula(
    body=lambda xp, *arrays: xp.sum(_kl(xp, *arrays), axis=-1),
    vjp=lambda xp, g, *arrays: _times(g[..., None], _kl_gradient_plain(xp, *arrays)),
    precise=lambda xp, *arrays: rounded(xp, sum_last(xp, _kl_pair(xp, *arrays))),
    precise_vjp=lambda xp, g, *arrays: _times(g[..., None], _kl_gradient(xp, *arrays)),
    brief=lambda xp, *arrays: xp.sum(_kl_brief(xp, *arrays), axis=-1),
    fits=rows_of,
    rows=True,
    blocks=True,
    loop="kl_diag_normal",
)


# From variances, and from their logarithms: psi(l_q - l_p) / 2 + (mean_q - mean_p)^2 exp(-l_p) / 2.


def kl_by_variance(xp: Namespace, mean_q: Array, var_q: Array, mean_p: Array, var_p: Array) -> Array:
    """phi(var_q / var_p - 1) / 2 + (mean_q - mean_p)^2 / (2 var_p)."""
    shift = mean_q - mean_p
    return phi(xp, (var_q - var_p) / var_p, var_q / var_p) / 2 + shift / 2 * (shift / var_p)


def kl_by_logvar(xp: Namespace, mean_q: Array, logvar_q: Array, mean_p: Array, logvar_p: Array) -> Array:
    """The rounding of the difference of logarithms is as many times larger in its exponential as they are apart."""
    d, rest = two_sum(logvar_q, -logvar_p)
    near = xp.logical_and(d < 700, d > -700)
    correction = half_expm1(xp, xp.where(near, d, 0.0)) * xp.where(near, rest, 0.0)
    shift = (mean_q - mean_p) * xp.exp(-logvar_p / 2)
    return half_psi(xp, d) + correction + shift * shift / 2


def summed(body: Callable[..., Array]) -> Callable[..., Array]:
    """The sum over the last axis."""
    return lambda xp, *arrays: xp.sum(body(xp, *arrays), axis=-1)


KL = {"std": _kl, "var": kl_by_variance, "logvar": kl_by_logvar}
KL_NORMAL = {kind: Formula(body=kl, blocks=True) for kind, kl in KL.items()} | {"std": kl_normal}
KL_DIAG_NORMAL = {kind: Formula(body=summed(kl), fits=rows_of, rows=True, blocks=True) for kind, kl in KL.items()} | {
    "std": kl_diag_normal
}


def kl_standard(xp: Namespace, mean: Array, logvar: Array) -> Array:
    """The divergence of N(mean, exp(logvar)) from N(0, 1), summed over the last axis."""
    return xp.sum(psi(xp, logvar) + mean * mean, axis=-1) / 2


def _kl_standard_brief(xp: Namespace, mean: Array, logvar: Array) -> Array:
    return halved(xp, twice_kl_standard(xp, mean, logvar), logvar.dtype)


def _kl_standard_rough(xp: Namespace, mean: Array, logvar: Array) -> Array:
    """By a difference: where the logvar is small its rounding is not, but is beside another that is larger."""
    mean, logvar = mean.double(), logvar.double()
    return xp.expm1(logvar).sub_(logvar).addcmul_(mean, mean).sum(-1).mul_(0.5)


def twice_kl_standard(xp: Namespace, mean: Array, logvar: Array) -> Array:
    """For numbers narrower than float64, in float64."""
    mean = mean if is_torch(mean) else widen(xp, mean)  # torch widens it on the way
    return xp.sum(plus_product(psi_to_single(xp, widen(xp, logvar)), mean, mean), axis=-1)


def kl_standard_precise(xp: Namespace, mean: Array, logvar: Array) -> Array:
    half_square, half_square_rest = two_product(mean / 2, mean)
    total, rest = two_sum(half_psi(xp, logvar), half_square)
    return rounded(xp, sum_last(xp, normalized(xp, (total, rest + half_square_rest))))


def kl_standard_vjp(xp: Namespace, g: Array, mean: Array, logvar: Array) -> tuple[Array, Array]:
    """The first product is right in any dtype."""
    return g[..., None] * mean, g[..., None] * half_expm1(xp, working(xp, logvar))


def kl_standard_brief_vjp(xp: Namespace, g: Array, mean: Array, logvar: Array) -> tuple[Array, Array]:
    """The same for numbers narrower than float64, in the steps of torch that round once."""
    g = g[..., None]
    return g * mean, xp.multiply(xp.expm1(widen(xp, logvar)).mul_(0.5), g, out=xp.empty_like(logvar))


kl_standard_normal = Formula(
    body=kl_standard,
    vjp=kl_standard_vjp,
    vjp_widens=True,
    precise=kl_standard_precise,
    brief=_kl_standard_brief,
    brief_vjp=kl_standard_brief_vjp,
    rough=_kl_standard_rough,
    fits=rows_of,
    rows=True,
    blocks=True,
    single=True,
    loop="kl_standard_normal",
    loops=("_vjp", "_64"),
    kernel="kl_standard_normal",
    hidden=(),
)

divergence = Formula(
    body=kl_standard,
    vjp=kl_standard_vjp,
    vjp_widens=True,
    brief=lambda xp, mean, logvar: twice_kl_standard(xp, mean, logvar) / 2,
    wide=True,
    rows=True,
    loop="divergence",
    loops=("_vjp",),
    hidden=(),
)


def _standard_rate(kind: str, xp: Namespace, mean: Array, width: Array) -> Array:
    """The divergence from N(0, 1) in each dimension."""
    if kind == "logvar":
        return half_psi(xp, width) + mean / 2 * mean
    return KL[kind](xp, mean, width, xp.zeros_like(mean), xp.ones_like(mean))


STANDARD_RATES = {kind: partial(_standard_rate, kind) for kind in CHECKS}
KL_STANDARD_NORMAL = {
    kind: Formula(body=summed(rate), fits=rows_of, rows=True, blocks=True, single=True)
    for kind, rate in STANDARD_RATES.items()
}
KL_STANDARD_NORMAL["logvar"] = kl_standard_normal


# Densities, samples and entropies


def _log_normal(xp: Namespace, z: Array, mean: Array, std: Array) -> Array:
    standardized = (z - mean) / std
    return -xp.sum(standardized * standardized / 2 + xp.log(std) + HALF_LOG_TWO_PI, axis=-1)


def _log_normal_vjp(xp: Namespace, g: Array, z: Array, mean: Array, std: Array) -> tuple[Array, ...]:
    t = (z - mean) / std
    weight = g[..., None] / std
    by_mean = weight * t
    return -by_mean, by_mean, weight * ((t - 1) * (t + 1))


def _log_normal_brief(xp: Namespace, *arrays: Array) -> Array:
    z, mean, std = (widen(xp, x) for x in arrays)
    t = (z - mean) / std
    half = xp.sum(plus_product(xp.log(std), t, t, 0.5), axis=-1)
    return -half - t.shape[-1] * HALF_LOG_TWO_PI


def _log_normal_brief_vjp(xp: Namespace, g: Array, z: Array, mean: Array, std: Array) -> tuple[Array, ...]:
    t = (z - mean) / std
    weight = g[..., None] / std
    by_mean = xp.multiply(weight, t, out=xp.empty_like(mean, dtype=xp.float32))
    return -by_mean, by_mean, xp.multiply(weight, (t * t).sub_(1), out=xp.empty_like(mean, dtype=xp.float32))


log_normal_diag = Formula(
    body=_log_normal,
    vjp=_log_normal_vjp,
    brief=_log_normal_brief,
    brief_vjp=_log_normal_brief_vjp,
    fits=rows_of,
    rows=True,
    single=True,
    blocks=True,
    loop="log_normal_diag",
    loops=("_vjp",),
    hidden=(),
)


def _reparameterize_vjp(
    xp: Namespace, g: Array, mean: Array, std: Array, noise: Array, *, needed: tuple[bool, ...]
) -> tuple[Array | None, ...]:
    """Each a product that is right in any dtype."""
    return g, g * noise if needed[1] else None, g * std if needed[2] else None


reparameterize = Formula(
    body=lambda xp, mean, std, noise: plus_product(mean, std, noise),
    vjp=_reparameterize_vjp,
    vjp_widens=True,
    vjp_chooses=True,
    single=True,
    loop="reparameterize",
    elements=True,
    hidden=("std",),
)


def _reparameterize_logvar_vjp(
    xp: Namespace, g: Array, mean: Array, logvar: Array, noise: Array, *, needed: tuple[bool, ...]
) -> tuple[Array | None, ...]:
    std = xp.exp(working(xp, logvar) / 2) if needed[1] or needed[2] else None
    return g, g * noise * std / 2 if needed[1] else None, g * std if needed[2] else None


REPARAMETERIZE = {
    "std": reparameterize,
    "var": Formula(
        body=lambda xp, mean, var, noise: plus_product(mean, xp.sqrt(var), noise), single=True, hidden=("var",)
    ),
    "logvar": Formula(
        body=lambda xp, mean, logvar, noise: plus_product(mean, xp.exp(logvar / 2), noise),
        vjp=_reparameterize_logvar_vjp,
        vjp_widens=True,
        vjp_chooses=True,
        single=True,
        loop="reparameterize_logvar",
        elements=True,
        hidden=("logvar",),
    ),
}


def log_density(xp: Namespace, x: Array, mean: Array, var: Array) -> Array:
    """log N(x; mean, var)."""
    half = x / 2 - mean / 2  # the whole may overflow
    return -(half * (half / var) * 2 + xp.log(var) / 2) - HALF_LOG_TWO_PI


def _log_density_by_std(xp: Namespace, x: Array, mean: Array, std: Array) -> Array:
    t = (x / 2 - mean / 2) / std * 2
    return -(t / 2 * t + xp.log(std)) - HALF_LOG_TWO_PI


def _log_density_by_logvar(xp: Namespace, x: Array, mean: Array, logvar: Array) -> Array:
    t = (x / 2 - mean / 2) * xp.exp(-logvar / 2)
    return -(t * t * 2 + logvar / 2) - HALF_LOG_TWO_PI


DENSITIES = {"std": _log_density_by_std, "var": log_density, "logvar": _log_density_by_logvar}
NORMAL_LOG_DENSITY = {kind: Formula(body=density) for kind, density in DENSITIES.items()}
LOG_NORMAL_DIAG = {"std": log_normal_diag} | {
    kind: Formula(body=summed(DENSITIES[kind]), fits=rows_of, rows=True, blocks=True, single=True)
    for kind in ("var", "logvar")
}


def _squares_vjp(xp: Namespace, g: Array, x: Array, mean: Array) -> tuple[Array, Array]:
    by = 2 * g[..., None] * (x - mean)
    return by, -by


squares = Formula(
    body=lambda xp, x, mean: xp.sum((x - mean) * (x - mean), axis=-1),
    vjp=_squares_vjp,
    wide=True,
    rows=True,
    loop="squares",
    loops=("_vjp",),
    hidden=(),
)
GAUSSIAN_LOG_LIKELIHOOD = {kind: Formula(body=summed(density), fits=pixels) for kind, density in DENSITIES.items()}


def log_std(kind: str, xp: Namespace, x: Array) -> Array:
    """The logarithm of the standard deviation."""
    return x / 2 if kind == "logvar" else xp.log(x) / (1 if kind == "std" else 2)


def _entropy(kind: str, xp: Namespace, x: Array) -> Array:
    return log_std(kind, xp, x) + (0.5 + HALF_LOG_TWO_PI)


def _cross_entropy(kind: str, xp: Namespace, mean_q: Array, q: Array, mean_p: Array, p: Array) -> Array:
    if kind == "logvar":
        ratio, d = xp.exp(q / 2 - p / 2), (mean_q - mean_p) * xp.exp(-p / 2)
    else:
        std_p = std_of(xp, kind, p)
        ratio, d = std_of(xp, kind, q) / std_p, (mean_q - mean_p) / std_p
    return log_std(kind, xp, p) + HALF_LOG_TWO_PI + (ratio / 2 * ratio + d / 2 * d)


ENTROPY_NORMAL = {kind: Formula(body=partial(_entropy, kind)) for kind in CHECKS}
CROSS_ENTROPY_NORMAL = {kind: Formula(body=partial(_cross_entropy, kind)) for kind in CHECKS}
entropy_mvn = Formula(body=lambda xp, tril: xp.sum(_entropy("std", xp, xp.linalg.diagonal(tril)), axis=-1), whole=True)
