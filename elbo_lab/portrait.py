"""What the pictures show beside the numbers: what codes decode to, where images are encoded, and exact posteriors."""

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from elbo_lab import plane
from elbo_lab.model import Autoencoders

_TILES = 10  # to a side
_SHARES = (0.5, 0.95)  # of the mass, inside a contour
_CELLS = 72  # to a side of a posterior's square


def manifold(network: Autoencoders) -> list[list[str]]:
    """Decoded images at the quantiles of the prior, row by row from the top, a hexadecimal digit a pixel."""
    quantiles = torch.special.ndtri((torch.arange(_TILES, dtype=torch.float64) + 0.5) / _TILES)
    z = torch.stack(torch.meshgrid(-quantiles, quantiles, indexing="ij"), -1).flip(-1).reshape(1, -1, 2)
    levels = torch.round(15 * torch.sigmoid(network.decode(z)[0])).int().reshape(_TILES, _TILES, -1)
    return [["".join(f"{level:x}" for level in tile) for tile in row] for row in levels.tolist()]


def posteriors(network: Autoencoders, x: Tensor, gaussians: list[tuple[Tensor, Tensor]]) -> list[dict[str, Any]]:
    """For each image the contours of p(z | x) that hold the shares of its mass, on a square about it and the Gaussians."""
    return [_posterior(network, row, [(m[i], s[i]) for m, s in gaussians]) for i, row in enumerate(x)]


def _posterior(network: Autoencoders, x: Tensor, gaussians: list[tuple[Tensor, Tensor]]) -> dict[str, Any]:
    over = plane.square(0.04, 6.0)
    log_joint = plane.log_likelihood(x[None], network.decode(over.nodes[None])[0])[0] + plane.log_prior(over.nodes)
    share = torch.softmax(log_joint, 0)
    order = share.argsort(descending=True)
    inside = over.nodes[order[share[order].cumsum(0) < 0.99]]
    corners = torch.cat([inside, *(torch.stack((m - 2.6 * s, m + 2.6 * s)) for m, s in gaussians)])
    low, high = corners.min(0).values, corners.max(0).values
    centre, half = (low + high) / 2, (high - low).max().item() / 2 + 0.05
    line = torch.linspace(-half, half, _CELLS + 1, dtype=torch.float64)
    z = centre + torch.stack(torch.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
    fine = plane.log_likelihood(x[None], network.decode(z[None])[0])[0] + plane.log_prior(z)
    density = torch.exp(fine - torch.logsumexp(log_joint, 0) - 2 * math.log(0.04))  # the grid over all gives the whole
    descending = density.sort(descending=True).values
    held = descending.cumsum(0) * (2 * half / _CELLS) ** 2
    levels = [descending[min(int((held < part).sum()), len(held) - 1)].item() for part in _SHARES]
    values = density.reshape(_CELLS + 1, _CELLS + 1).numpy()
    return {
        "centre": centre.tolist(),
        "half": half,
        "contours": [contour(values, level, half, centre.numpy()) for level in levels],
        "gaussians": [{"mean": m.tolist(), "std": s.tolist()} for m, s in gaussians],
        "pixels": "".join(str(int(pixel)) for pixel in x),
    }


def contour(values: NDArray[np.float64], level: float, half: float, centre: NDArray[np.float64]) -> list[list[float]]:
    """The level line as segments [x1, y1, x2, y2]: a cell is cut in two triangles, a triangle by one segment."""
    count = len(values) - 1
    corners = np.stack([values[:-1, :-1], values[1:, :-1], values[1:, 1:], values[:-1, 1:]])
    places = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    found = []
    for triangle in ((0, 1, 2), (0, 2, 3)):
        above = corners[list(triangle)] > level
        for i, j in np.argwhere(above.any(0) & ~above.all(0)):
            ends = []
            for a, b in ((0, 1), (1, 2), (2, 0)):
                u, v = corners[triangle[a], i, j], corners[triangle[b], i, j]
                if (u > level) != (v > level):
                    p, q = places[triangle[a]], places[triangle[b]]
                    at = np.array((i, j)) + p + (level - u) / (v - u) * (q - p)
                    ends += list(np.round(centre + half * (2 * at / count - 1), 3))
            found.append([float(end) for end in ends])
    return found
