"""What the gap is made of: no Gaussian is the posterior, a diagonal one less so, and one encoder serves all images.

For each image the best Gaussian is looked for by Adam, from where the encoder starts and from the posterior's moments; the
better end counts, so each part is known up to what the search misses: it overstates the family's part, and understates the
encoder's.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import softplus

from elbo_lab import plane
from elbo_lab.plane import Decode


class Parts(NamedTuple):
    """ELBO of each image by the encoder, at the best diagonal Gaussian and at the best of all; log p; that diagonal one."""

    encoder: Tensor
    diagonal: Tensor
    full: Tensor
    log_p: Tensor
    mean: Tensor
    std: Tensor


class _Gaussians(NamedTuple):
    """N(mean, root root^T) with root = [[exp(a), 0], [below, exp(b)]], log_diagonal = (a, b)."""

    mean: Tensor
    log_diagonal: Tensor
    below: Tensor

    @property
    def root(self) -> Tensor:
        return torch.diag_embed(self.log_diagonal.exp()) + torch.diag_embed(self.below[:, None], offset=-1)


def parts(decode: Decode, x: Tensor, mean: Tensor, logvar: Tensor, *, steps: int = 200, step: float = 0.05) -> Parts:
    """Both searches, from both starts."""
    log_p = plane.log_evidence(decode, x, step=step, radius=8.0).value
    encoder = _elbo(decode, x, _Gaussians(mean, logvar / 2, torch.zeros(len(x), dtype=x.dtype))).detach()
    best, best_mean, best_std = encoder, mean, torch.exp(logvar / 2)
    starts = [_Gaussians(mean, logvar / 2, torch.zeros(len(x), dtype=x.dtype)), _moments(decode, x, log_p, step)]
    for start in starts:
        found, value = _ascend(decode, x, start._replace(below=0 * start.below), steps, full=False)
        better = value > best
        best = torch.where(better, value, best)
        best_mean = torch.where(better[:, None], found.mean, best_mean)
        best_std = torch.where(better[:, None], found.log_diagonal.exp(), best_std)
    full = best
    for start in starts:
        full = torch.maximum(full, _ascend(decode, x, start, steps, full=True)[1])
    return Parts(encoder, best, full, log_p, best_mean, best_std)


def _moments(decode: Decode, x: Tensor, log_p: Tensor, step: float) -> _Gaussians:
    """The Gaussians with the means and covariances of the posteriors."""
    nodes = plane.square(step, 8.0).nodes
    log_joint = plane.log_likelihood(x, decode(nodes[None])[0]) + plane.log_prior(nodes)
    share = torch.exp(log_joint - log_p[:, None]) * step**2
    mean = share @ nodes
    second = torch.einsum("nz,zi,zj->nij", share, nodes, nodes)
    root = torch.linalg.cholesky(second - mean[:, :, None] * mean[:, None])
    return _Gaussians(mean, root.diagonal(dim1=1, dim2=2).log(), root[:, 1, 0])


def _ascend(decode: Decode, x: Tensor, start: _Gaussians, steps: int, *, full: bool) -> tuple[_Gaussians, Tensor]:
    """Adam, slower in the last third."""
    here = _Gaussians(*(part.detach().clone().requires_grad_() for part in start))
    moved = here if full else here[:2]
    optimiser = torch.optim.Adam(moved, lr=0.02)
    for i in range(steps):
        if i == 2 * steps // 3:
            optimiser.param_groups[0]["lr"] = 0.004
        optimiser.zero_grad()
        (-_elbo(decode, x, here).sum()).backward()
        optimiser.step()
    with torch.no_grad():
        return _Gaussians(*(part.detach() for part in here)), _elbo(decode, x, here)


def _elbo(decode: Decode, x: Tensor, q: _Gaussians) -> Tensor:
    """By Gauss and Hermite, 12 by 12 nodes; the divergence from the prior in closed form."""
    points, weights = np.polynomial.hermite_e.hermegauss(12)
    weights = weights / weights.sum()
    nodes = torch.as_tensor(np.stack(np.meshgrid(points, points, indexing="ij"), -1).reshape(-1, 2))
    z = q.mean[:, None] + nodes @ q.root.transpose(1, 2)
    logits = decode(z.reshape(1, -1, 2))[0].reshape(len(x), len(nodes), -1)
    likelihood = torch.einsum("nd,nzd->nz", x, logits) - softplus(logits).sum(-1)
    squares = (q.root**2).sum((1, 2)) + (q.mean**2).sum(1)
    return likelihood @ torch.as_tensor(np.outer(weights, weights).ravel()) - (squares - 2) / 2 + q.log_diagonal.sum(1)
