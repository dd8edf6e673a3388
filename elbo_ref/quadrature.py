"""The oracle: integrals of one-dimensional densities from their definitions, in float64, by SciPy.

A quadrature rule that samples a narrow density beside its peak sees zeros everywhere, returns 0 and claims no error:
`scipy.integrate.quad` over the real line does so for N(10, 0.01^2). Here nothing is left to luck:

- the line is cut at the location of each density, at 2^k of its scales on both sides, and where the caller says;
- before a density is used, its integral must come out as 1 on those very pieces, else `QuadratureError`;
- the peaks of p(z) p(x | z) are searched for on the logarithm, where even a narrow peak is felt from afar;
- a result whose estimated error exceeds the tolerance is refused, not returned.

A log density takes one float and returns a float, -inf where the density is 0. Where the density is 0 an integrand
is 0, whatever it is multiplied by: 0 log 0 = 0. All results are in nats. The tolerance is absolute, and relative to
results above 1. What SciPy reports of its own error is an estimate: for an enclosure see `elbo_ref.certified`. A
density so narrow that neighbouring floats resolve it badly, such as N(10^4, 10^-16), is refused for that reason.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from scipy.integrate import quad
from scipy.optimize import minimize_scalar

__all__ = ["Density", "QuadratureError", "cross_entropy", "elbo", "entropy", "expectation", "gap", "kl", "log_evidence"]

_TOLERANCE = 1e-9
_DOUBLINGS = range(-1, 31)  # pieces end half a scale to 2^30 scales from the location; an infinite one follows


class QuadratureError(ArithmeticError):
    """The integral could not be computed to the tolerance."""


@dataclass(frozen=True)
class Density:
    """A density by its logarithm, where it lies, how wide it is, and where it must be cut.

    location, scale: roughly the centre and the width, for instance the mean and the standard deviation. breaks: points
    at which the density has a kink or a jump, or further peaks. support: the interval outside which it is 0.
    """

    log: Callable[[float], float]
    location: float = 0.0
    scale: float = 1.0
    breaks: tuple[float, ...] = ()
    support: tuple[float, float] = (-math.inf, math.inf)

    def __post_init__(self) -> None:
        if not math.isfinite(self.location):
            raise ValueError(f"location must be finite, got {self.location}")
        if not (math.isfinite(self.scale) and self.scale > 0):
            raise ValueError(f"scale must be positive and finite, got {self.scale}")
        if not self.support[0] < self.support[1]:
            raise ValueError(f"support must be (low, high) with low < high, got {self.support}")


def _edges(density: Density, *others: Density) -> list[float]:
    """Where the support of the first density is cut for all of them."""
    low, high = density.support
    points = {low, high}
    for each in (density, *others):
        around = (sign * 2.0**k * each.scale for k in _DOUBLINGS for sign in (-1, 1))
        points |= {each.location, *each.breaks, *each.support} | {each.location + step for step in around}
    return sorted(point for point in points if low <= point <= high)


def _piece(
    function: Callable[[float], float], left: float, right: float, unit: float, absolute: float
) -> tuple[float, float]:
    """The integral over one piece and SciPy's estimate of its error. An infinite piece is measured in `unit`."""
    if math.isinf(left) or math.isinf(right):
        start, outward = (right, -unit) if math.isinf(left) else (left, unit)
        pulled, low, high = (lambda t: function(start + outward * t) * unit), 0.0, math.inf
    else:
        pulled, low, high = function, left, right
    value, error, *_ = quad(pulled, low, high, epsabs=absolute, epsrel=1e-13, limit=200, full_output=1)
    return value, error


def _integral(function: Callable[[float], float], edges: Sequence[float], size: float, tolerance: float) -> float:
    """The integral over all pieces between the edges, to `tolerance` times the larger of `size` and the result."""
    absolute = 1e-3 * tolerance * size / len(edges)
    # A tail beyond the last doubling varies over distances like the whole range before it.
    finite = [edge for edge in edges if math.isfinite(edge)]
    unit = finite[-1] - finite[0]
    total = error = 0.0
    for left, right in itertools.pairwise(edges):
        value, doubt = _piece(function, left, right, unit, absolute)
        total, error = total + value, error + doubt
    if not error <= tolerance * max(size, abs(total)):
        raise QuadratureError(
            f"the integral came out as {total} with an estimated error of {error}: tolerance {tolerance}"
        )
    return total


def _weighted(density: Density, function: Callable[[float], float]) -> Callable[[float], float]:
    """density(z) * function(z), 0 where the density is 0."""

    def product(z: float) -> float:
        log = density.log(z)
        weight = math.exp(log) if log > -745.2 else 0.0  # exp of less is 0
        return weight * function(z) if weight > 0 else 0.0

    return product


def _is_density(name: str, density: object) -> None:
    if not isinstance(density, Density):
        kind = "a function" if callable(density) else type(density).__name__
        raise TypeError(f"{name} must be a Density, got {kind}: pass Density(log, location=..., scale=...)")


def _check_mass(name: str, density: Density, tolerance: float) -> None:
    """The density must integrate to 1 on the pieces that the integral will use."""
    _is_density(name, density)
    if not 0 < tolerance < math.inf:
        raise ValueError(f"tolerance must be a finite number > 0, got {tolerance!r}")
    mass = _integral(_weighted(density, lambda z: 1.0), _edges(density), 1.0, tolerance)
    if abs(mass - 1) > tolerance:
        raise QuadratureError(
            f"{name} must integrate to 1, got {mass}: it is no density, or its location {density.location} "
            f"and scale {density.scale} do not say where it lies"
        )


def _mean(function: Callable[[float], float], tolerance: float, q: Density, **others: Density) -> float:
    """The expectation under q of a function of the other densities, all of which must integrate to 1."""
    for name, density in {"q": q, **others}.items():
        _check_mass(name, density, tolerance)
    return _integral(_weighted(q, function), _edges(q, *others.values()), 1.0, tolerance)


def expectation(
    function: Callable[[float], float], q: Density, *, breaks: Iterable[float] = (), tolerance: float = _TOLERANCE
) -> float:
    """The expectation of a function under q: the integral of q(z) function(z).

    breaks: points at which the function has a kink or a jump. Raises QuadratureError if q does not integrate to 1 or
    the tolerance is not met.
    """
    _is_density("q", q)
    return _mean(function, tolerance, replace(q, breaks=(*q.breaks, *breaks)))


def entropy(q: Density, *, tolerance: float = _TOLERANCE) -> float:
    """The differential entropy, minus the integral of q log q, in nats. Raises QuadratureError like `expectation`.

    Theorem: kl_entropy.
    """
    _is_density("q", q)
    return -expectation(q.log, q, tolerance=tolerance)


def cross_entropy(q: Density, p: Density, *, tolerance: float = _TOLERANCE) -> float:
    """Minus the integral of q log p, in nats; inf where p is 0 and q is not. Raises QuadratureError as `kl` does.

    Theorem: kl_entropy.
    """
    return _mean(lambda z: -p.log(z), tolerance, q, p=p)


def kl(q: Density, p: Density, *, tolerance: float = _TOLERANCE) -> float:
    """KL(q || p), the integral of q log(q / p), in nats; inf where p is 0 and q is not; never below 0, as it is not.

    Raises QuadratureError if q or p does not integrate to 1 or the tolerance is not met, as when the integral diverges.

    Theorem: kl_is_expected_log_ratio.
    """
    return max(0.0, _mean(lambda z: q.log(z) - p.log(z), tolerance, q, p=p))


def _climb(log: Callable[[float], float], low: float, high: float) -> float:
    """The maximum of `log` in an interval, measured from its lower end for the sake of the last digits."""
    bounds = (0.0, high - low)
    found = minimize_scalar(lambda step: -log(low + step), bounds=bounds, method="bounded", options={"xatol": 0})
    return low + float(found.x)


def _width(log: Callable[[float], float], peak: float, widest: float) -> float:
    """A distance from the peak at which the logarithm has changed by about one half."""
    width = widest
    while max(abs(log(peak + side * width) - log(peak)) for side in (-1, 1)) > 0.5:
        width /= 2
    return width


def _peaks(log: Callable[[float], float], prior: Density) -> list[Density]:
    """Every peak of exp(log), each as a density to cut at, sought on a grid of the prior and then climbed."""
    low, high = prior.support
    fine = (prior.location + prior.scale * k / 32 for k in range(-512, 513))
    grid = sorted(point for point in {*fine, *_edges(prior)} if low < point < high)
    heights = [log(point) for point in grid]
    top = [
        (grid[k - 1], grid[k + 1])
        for k in range(1, len(grid) - 1)
        if heights[k] > -math.inf and heights[k - 1] <= heights[k] >= heights[k + 1]
    ]
    climbed = (_climb(log, *bracket) for bracket in top)
    return [Density(log, peak, _width(log, peak, prior.scale), support=prior.support) for peak in climbed]


def log_evidence(log_likelihood: Callable[[float], float], prior: Density, *, tolerance: float = _TOLERANCE) -> float:
    """log p(x), the logarithm of the integral of p(z) p(x | z), in nats; log_likelihood takes z.

    The peaks of the integrand are sought within 2^30 scales of the prior, on a grid of 1/32 of a scale near its
    location: a log likelihood that has several peaks between two points of it needs `breaks` in the prior. Raises
    QuadratureError if the prior does not integrate to 1, no peak is found, or the tolerance is not met.

    Theorem: marginal_likelihood.
    """
    _check_mass("prior", prior, tolerance)

    def log_joint(z: float) -> float:
        return prior.log(z) + log_likelihood(z)

    peaks = _peaks(log_joint, prior)
    if not peaks:
        raise QuadratureError("p(z) p(x | z) has no peak where the prior lies")
    highest = max(peaks, key=lambda peak: log_joint(peak.location))
    height = log_joint(highest.location)
    # Measured from its peak the integrand is at most 1, and its integral about one width of the peak.
    scaled = Density(lambda z: log_joint(z) - height, highest.location, highest.scale, support=prior.support)
    relative = _integral(_weighted(scaled, lambda z: 1.0), _edges(prior, *peaks), highest.scale, tolerance)
    return height + math.log(relative)


def elbo(
    log_likelihood: Callable[[float], float], prior: Density, q: Density, *, tolerance: float = _TOLERANCE
) -> float:
    """E_q[log p(x | z) + log p(z) - log q(z)], in nats; log_likelihood takes z. Raises QuadratureError as `kl` does.

    Theorem: elbo_one_expectation.
    """
    return _mean(lambda z: log_likelihood(z) + prior.log(z) - q.log(z), tolerance, q, prior=prior)


def gap(
    log_likelihood: Callable[[float], float], prior: Density, q: Density, *, tolerance: float = _TOLERANCE
) -> float:
    """KL(q || p(z | x)), the integral of q log(q / posterior), in nats. Raises QuadratureError as `kl` does.

    Theorem: gap_and_evidence.
    """
    evidence = log_evidence(log_likelihood, prior, tolerance=tolerance)
    _check_mass("q", q, tolerance)

    def log_ratio(z: float) -> float:
        return q.log(z) - (prior.log(z) + log_likelihood(z) - evidence)

    return max(0.0, _integral(_weighted(q, log_ratio), _edges(q, prior), 1.0, tolerance))
