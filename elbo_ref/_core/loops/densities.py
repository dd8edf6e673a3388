"""Sums over many Gaussians of their densities at each of many points: the pairs of a surgery."""

from math import inf, sqrt

import numpy as np

from elbo_ref._core.loops.compiling import full_vectors, part
from elbo_ref._core.loops.numbers import exp_within
from elbo_ref._core.threads import Team, share

_COLUMNS = 512  # Gaussians whose parameters stay in the cache
_TOGETHER = 4  # points for which each of them is read once: as many as the loop over dimensions names


@part
def _densities(
    start: int,
    stop: int,
    out: np.ndarray,
    z: np.ndarray,
    own: np.ndarray,
    skipped: np.ndarray,
    mean: np.ndarray,
    inverse: np.ndarray,
    log_norm: np.ndarray,
) -> None:
    """Add to `out` the sum over n of exp(log_norm[n] - own - |(z - mean[:, n]) inverse[:, n]|^2) for all but one n."""
    full_vectors()
    exponent = np.empty((_TOGETHER, _COLUMNS))
    for first in range(0, len(log_norm), _COLUMNS):
        width = min(_COLUMNS, len(log_norm) - first)
        for i in range(start, stop, _TOGETHER):
            rows = min(_TOGETHER, stop - i)
            for r in range(rows):
                for j in range(width):
                    exponent[r, j] = log_norm[np.uintp(first + j)] - own[i + r]
            a, b, c = min(i + 1, stop - 1), min(i + 2, stop - 1), min(i + 3, stop - 1)
            for d in range(len(mean)):
                at, at_a, at_b, at_c = z[i, d], z[a, d], z[b, d], z[c, d]
                for j in range(width):
                    centre, scale = mean[d, np.uintp(first + j)], inverse[d, np.uintp(first + j)]
                    exponent[0, j] -= ((at - centre) * scale) ** 2
                    exponent[1, j] -= ((at_a - centre) * scale) ** 2
                    exponent[2, j] -= ((at_b - centre) * scale) ** 2
                    exponent[3, j] -= ((at_c - centre) * scale) ** 2
            for r in range(rows):
                if first <= skipped[i + r] < first + width:
                    exponent[r, skipped[i + r] - first] = -inf
                total = 0.0
                for j in range(width):
                    total += exp_within(exponent[r, j])
                out[i + r] += total


def density_ratios(
    team: Team,
    z: np.ndarray,
    own: np.ndarray,
    skipped: np.ndarray,
    mean: np.ndarray,
    std: np.ndarray,
    log_norm: np.ndarray,
) -> np.ndarray:
    """Sum over Gaussians of their density at each z over exp(own), without the one that is skipped (-1: none).

    `log_norm` are the logarithms of the densities at the means, on the scale of `own`. Exponents are moved to [-700, 700].
    """
    out = np.zeros(len(z))
    inverse = sqrt(0.5) / std
    share(
        team, _densities, len(z), out, z, own, skipped, *(np.ascontiguousarray(x.T) for x in (mean, inverse)), log_norm
    )
    return out
