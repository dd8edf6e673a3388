"""What a program loses: log p of held-out images, and beside it what its own loss says."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import elbo_ref
from elbo_lab import plane, results
from elbo_lab.data import Images, binary
from elbo_lab.mistakes import PROGRAMS, Program, Sizes
from elbo_lab.model import Autoencoders, Shape, alone
from elbo_lab.training import Plan, Training

PLAN = Plan(epochs=120, batch=64, rate=2e-3)
REFIT = Plan(epochs=300, batch=100, rate=2e-3)
HIDDEN = 128
LATENT = (2, 20)
DRAWS = 1000
STEP = 0.1


def cost(program: Program, images: Images, seeds: Sequence[int], latent: int, *, plan: Plan = PLAN) -> dict[str, Any]:
    """One row: a list over the seeds for each number, in nats an image; `diverged` alone if its loss left the numbers.

    In two dimensions log p is integrated. Beyond, it is bounded from below by the importance-weighted bound of an encoder
    that is fitted anew, to the held-out images and the decoder as trained: the program's own may not fit at all.
    """
    black = torch.as_tensor(binary(images.train))
    shape = Shape(black.shape[1], HIDDEN, latent)
    step = program.step(Sizes(len(black), plan.batch, latent))
    training = Training(shape, seeds, torch.as_tensor(images.train) if program.grey else black, plan, step=step)
    for _ in range(plan.epochs):
        report = training.run_epoch()
        if not all(math.isfinite(loss) for loss in report.loss):
            return {"diverged": report.epoch}
    held_out = torch.as_tensor(binary(images.test))
    found: dict[str, Any] = {"says": report.loss}
    measured = [
        (_in_the_plane if latent == 2 else _by_weights)(program, training.networks, held_out, member)
        for member in range(len(seeds))
    ]
    return found | {name: [row[name] for row in measured] for name in measured[0]}


def _in_the_plane(program: Program, networks: Autoencoders, x: Tensor, member: int) -> dict[str, float]:
    network, wide = alone(networks, member), x.double()
    decode, (mean, logvar) = program.decode(network), program.encode(network, wide[None])
    log_p = plane.log_evidence(decode, wide, step=STEP)
    elbo = plane.elbo(decode, wide, mean[0], logvar[0])
    return {
        "log_p": log_p.value.mean().item(),
        "spread": log_p.value.std().item() / math.sqrt(len(x)),
        "halved": log_p.change.max().item(),
        "negative_elbo": -elbo.value.mean().item(),
        "elbo_halved": elbo.change.max().item(),
    }


def _by_weights(program: Program, networks: Autoencoders, x: Tensor, member: int) -> dict[str, float]:
    network = refitted(program, networks, x, member)
    draws = torch.Generator().manual_seed(member)
    with torch.no_grad():
        mean, logvar = network.encode(x[None])
        std = torch.exp(logvar / 2)
        bounds = []
        for row, m, s in zip(x, mean[0], std[0], strict=True):
            z = elbo_ref.reparameterize(m, s, torch.randn(DRAWS, len(m), generator=draws))
            likelihood = plane.log_likelihood(row[None], program.logits(network.decode(z[None])[0]))[0]
            bounds.append(elbo_ref.iwae_bound(likelihood + _log_ratio(z, m, s)))
    log_p = torch.stack(bounds).double()
    return {"log_p": log_p.mean().item(), "spread": log_p.std().item() / math.sqrt(len(x))}


def _log_ratio(z: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """log p(z) - log q(z)."""
    return elbo_ref.log_normal_diag(z, 0.0, 1.0) - elbo_ref.log_normal_diag(z, mean, std)


def refitted(program: Program, networks: Autoencoders, x: Tensor, member: int, plan: Plan = REFIT) -> Autoencoders:
    """The network of one seed with its decoder as it is, and an encoder of its own for these images."""

    def step(network: Autoencoders, x: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        mean, logvar = network.encode(x)
        z = elbo_ref.reparameterize(mean, torch.exp(logvar / 2), noise)
        logits = program.logits(network.decode(z))
        loss = elbo_ref.negative_elbo_bernoulli(x, logits, mean, logvar, reduction="none")
        return loss, loss.detach()

    training = Training(networks.shape, [member], x, plan, step=step)
    fitted = training.networks
    for theirs, layer in ((networks.out_of, fitted.out_of), (networks.logits, fitted.logits)):
        layer.load_state_dict({name: y[member : member + 1] for name, y in theirs.state_dict().items()})
        layer.requires_grad_(False)
    for _ in range(plan.epochs):
        training.run_epoch()
    return fitted


def rows(file: Path, images: Images, seeds: Sequence[int]) -> Iterator[str]:
    """Every program in both latent spaces into a file of results, saying each name as it begins.

    What a file holds already from the same code is kept: a run that was broken off goes on.
    """
    head = results.header("mistakes", "elbo-ref vae mistakes") | {"data": images.name, "seeds": list(seeds)}
    found = results.continued(file, head)
    table = found.setdefault("rows", {})
    for program in PROGRAMS:
        row = table.setdefault(program.name, {})
        for latent in LATENT:
            if str(latent) not in row:
                yield program.name
                row[str(latent)] = cost(program, images, seeds, latent)
                results.write(file, found)
