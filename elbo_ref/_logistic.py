"""The logistic distribution in steps: the mass that it puts on each of equally spaced levels from 0 to 1."""

from elbo_ref._core.arrays import Array, Namespace, beside, dtype_name, namespace, narrow
from elbo_ref._core.checks import Check, require
from elbo_ref._core.formula import Formula
from elbo_ref._core.shapes import pixels
from elbo_ref._core.special import expm1, softplus


def _log_one_minus_exp(xp: Namespace, x: Array) -> Array:
    """log(1 - exp(-x)) for x > 0."""
    large = x > 0.7
    far = xp.log1p(-xp.exp(-xp.where(large, x, 1.0)))
    return xp.where(large, far, xp.log(-expm1(xp, -xp.where(large, 1.0, x))))


def log_likelihood_of_levels(xp: Namespace, x: Array, mean_x: Array, logscale_x: Array, levels: Array) -> Array:
    """log(F(x + h) - F(x - h)), with h half a step and F the logistic distribution function, summed over the last axis; all
    that is below belongs to the first level, and all that is above to the last.

    With a and b the ends in units of the scale, this is log(1 - exp(b - a)) - softplus(-a) - softplus(b): three terms <= 0.
    """
    half, inverse, shift = 0.5 / (levels - 1), xp.exp(-logscale_x), x - mean_x
    below = -softplus(xp, -(shift + half) * inverse)  # log F(x + h)
    above = -softplus(xp, (shift - half) * inverse)  # log(1 - F(x - h))
    inside = _log_one_minus_exp(xp, 2 * half * inverse) + below + above
    return xp.sum(xp.where(x < half, below, xp.where(x > 1 - half, above, inside)), axis=-1)


log_likelihood = Formula(body=log_likelihood_of_levels, fits=pixels, single=True)


def levels_of(x: Array, levels: int, **floats: Array) -> Array:
    """Levels from 0 to 1 from their integers, as floats like those beside them; floats stay as they are."""
    if not hasattr(x, "dtype") or not dtype_name(x.dtype).startswith(("int", "uint")):
        return x
    x, (like,) = beside(x, **floats), floats.values()
    return narrow(namespace(x), x, like.dtype) / (levels - 1) if hasattr(like, "dtype") else x


def level(levels: int) -> Check:
    """Refuse what is not one of the levels, up to rounding."""

    def check(name: str, x: Array, look: bool = True) -> Array:
        xp = namespace(x)
        step = x * (levels - 1)
        near = xp.abs(step - xp.round(step)) <= 4 * levels * float(xp.finfo(x.dtype).eps)
        holds = xp.logical_and(near, xp.logical_and(x >= 0, x <= 1))
        return require(name, x, holds, f"one of {levels} levels k / {levels - 1} (or pass the integers k)", look)

    return check
