"""Every identity of the book that a trained network instantiates: two computations, what is between them, and their errors.

An `Identity` holds if its residual is within its error, which is computed with it: halved steps for what is integrated, four
standard errors for what is sampled, rounding for what is exact.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import Tensor

import elbo_ref
from elbo_lab import aggregate, amortization, importance, linear, path, plane, portrait, tradeoff
from elbo_lab.model import Autoencoders, Shape
from elbo_lab.training import Plan
from elbo_ref.certified import log_evidence_network

_SIGMAS = 4.0
_ROUNDING = 1e-10  # of sums of some thousand terms of a few hundred nats in float64


@dataclass(frozen=True)
class Identity:
    """left = right by the theorem; the residual is the largest over what was looked at, with the error that it may have."""

    theorem: str
    words: str
    left: float
    right: float
    residual: float
    error: float

    @property
    def holds(self) -> bool:
        return self.residual <= self.error


class Effort(NamedTuple):
    """How many images, samples and steps each section takes."""

    step: float = 0.05
    path: int = 40
    brackets: int = 20
    width: float = 1e-2
    weighted: int = 80
    samples: int = 2**15
    surgery: int = 16
    batches: int = 400
    ascent: int = 120
    betas: Sequence[float] = tradeoff.BETAS
    plans: Sequence[Plan] = (Plan(100), Plan(30, batch=256, rate=3e-4))
    units: Sequence[int] = (2, 4, 8, 19)


class Seen(NamedTuple):
    """A network, the images, and what its encoder says of them: everything in float64."""

    network: Autoencoders
    train: Tensor
    test: Tensor
    train_mean: Tensor
    train_logvar: Tensor
    mean: Tensor
    logvar: Tensor


def seen(network: Autoencoders, train: Tensor, test: Tensor) -> Seen:
    """Refused beyond the plane, where these integrals are not to be had."""
    if network.shape.latent != 2:
        raise ValueError(f"latent must be 2, where everything can be integrated, got {network.shape.latent}")
    train, test = train.double(), test.double()
    codes = [part[0] for x in (train, test) for part in network.encode(x[None])]
    return Seen(network, train, test, *codes)


Section = tuple[dict[str, Any], list[Identity]]


def evidence(of: Seen, effort: Effort) -> Section:
    """log p, ELBO and gap; the gap once more along the path; log p between two floats."""
    log_p = plane.log_evidence(of.network.decode, of.test, step=effort.step)
    elbo = plane.elbo(of.network.decode, of.test, of.mean, of.logvar)
    gap = log_p.value - elbo.value
    few = slice(effort.path)
    walked = path.gap(of.network.decode, of.test[few], of.mean[few], of.logvar[few], step=effort.step)
    off = (gap[few] - walked.value).abs()
    error = log_p.change[few] + elbo.change[few] + walked.change + _ROUNDING
    worst = int((off - error).argmax())
    brackets = [bracket(of.network, x, effort.width) for x in of.test[: effort.brackets]]
    outside = [max(b.lower - p, p - b.upper, 0.0) for b, p in zip(brackets, log_p.value.tolist(), strict=False)]
    first = brackets[0]
    numbers = {
        "log_p": mean_and_error(log_p.value),
        "elbo": mean_and_error(elbo.value),
        "gap": mean_and_error(gap),
        "gap_quantiles": torch.quantile(gap, torch.linspace(0, 1, 101, dtype=gap.dtype)).tolist(),
        "log_p_halved": log_p.change.max().item(),
        "elbo_halved": elbo.change.max().item(),
        "bracket_width": max(b.upper - b.lower for b in brackets),
        "bracket_squares": sum(b.squares for b in brackets),
        "brackets": len(brackets),
    }
    return numbers, [
        Identity("evidence_decomposition", "log p(x) = ELBO + gap, the gap without log p, along a path of laws",
                 log_p.value[few][worst].item(), (elbo.value[few] + walked.value)[worst].item(), off[worst].item(),
                 error[worst].item()),
        Identity("marginal_likelihood", "log p(x) by the grid lies between two floats that are rounded outward",
                 log_p.value[0].item(), (first.lower + first.upper) / 2, max(outside), log_p.change.max().item()),
        Identity("elbo_lower_bound", "no ELBO is above its log p(x)", elbo.value[gap.argmin()].item(),
                 log_p.value[gap.argmin()].item(), max(0.0, -gap.min().item()),
                 (log_p.change + elbo.change).max().item()),
    ]  # fmt: skip


def bracket(network: Autoencoders, x: Tensor, width: float) -> Any:
    arrays = [part[0] for layer in (network.out_of, network.logits) for part in (layer.weight, layer.bias[:, 0])]
    return log_evidence_network(
        x.numpy(), *(a.numpy() for a in arrays), activation=network.shape.activation, width=width
    )


def weights(of: Seen, effort: Effort) -> Section:
    """Importance-weighted bounds of the encoder as it is, and of one that a share of the prior makes safe."""
    few = slice(effort.weighted)
    decode, x, mean, logvar = of.network.decode, of.test[few], of.mean[few], of.logvar[few]
    log_p = plane.log_evidence(decode, x, step=effort.step).value
    draws = torch.Generator().manual_seed(3)
    counts = tuple(c for c in importance.COUNTS if 8 * c <= effort.samples)
    found: dict[str, Any] = {"counts": counts, "images": len(x)}
    for name, share in (("encoder", 0.0), ("defensive", importance.SHARE)):
        drawn = importance.log_weights(decode, x, mean, logvar, draws, share=share, samples=effort.samples)
        found[name] = importance.decay(drawn, log_p, counts)._asdict()
        found[name]["bound"] = importance.nested(drawn, counts)
        found[name]["tail_index"] = elbo_ref.tail_index(drawn, axis=1).median().item()
        found[name]["effective"] = (elbo_ref.effective_sample_size(drawn, axis=1) / effort.samples).median().item()
    bound = found["encoder"]["bound"]
    fall = max(0.0, max(a - b for a, b in pairwise(bound)))
    found["infinite"] = int((logvar.min(1).values < math.log(0.5)).sum())
    found["cut"] = {
        str(cut): importance.relative_variance(decode, x, log_p, mean, logvar, share=0, cut=cut, step=effort.step)
        .value.median()
        .item()
        for cut in (4, 6, 8, 10, 12)
    }
    variance = importance.relative_variance(decode, x, log_p, mean, logvar, share=importance.SHARE, step=effort.step)
    found["variance"] = mean_and_error(variance.value) | {"halved": variance.change.max().item()}
    found["variance"] |= {"median": variance.value.median().item(), "most": variance.value.max().item()}
    exact = importance.exact_gap(
        decode, x, log_p, mean, logvar, share=importance.SHARE, counts=counts, step=effort.step
    )
    law = variance.value[:, None] / (2 * torch.tensor(counts))
    gap, theory, drawn_gap = exact.value.mean(0), law.mean(0), torch.tensor(found["defensive"]["gap"])
    found["exact"] = gap.tolist()
    found["theory"] = theory.tolist()
    found["ratio"] = {
        "exact": (gap / theory).tolist(),
        "each": (exact.value / law).mean(0).tolist(),
        "drawn": (drawn_gap / theory).tolist(),
    }
    middle = len(counts) // 2
    return found, [
        Identity("iwae_bound", "the mean gap of some weights, by draws and by an integral over the plane",
                 found["defensive"]["gap"][middle], found["exact"][middle],
                 abs(found["defensive"]["gap"][middle] - found["exact"][middle]),
                 _SIGMAS * found["defensive"]["standard_error"][middle] + exact.change.max().item()),
        Identity("iwae_grows", "on the same draws, twice the samples never lower the bound", bound[0], bound[-1], fall,
                 _ROUNDING),
        Identity("iwae_bound", "no importance-weighted bound is above log p(x), on average", bound[-1],
                 log_p.mean().item(), max(0.0, bound[-1] - log_p.mean().item()),
                 _SIGMAS * found["encoder"]["standard_error"][-1] + _ROUNDING),
    ]  # fmt: skip


def surgery(of: Seen, effort: Effort) -> Section:
    """The aggregate of all encoders by quadrature, by `elbo_surgery`, and by the estimates of a minibatch."""
    mean, logvar = of.train_mean, of.train_logvar
    std, count = torch.exp(logvar / 2), len(mean)
    exact, coarse = (aggregate.by_quadrature(mean, logvar, step=step) for step in (0.01, 0.02))
    draws = torch.Generator().manual_seed(5)
    noise = torch.randn(effort.surgery, count, 2, generator=draws, dtype=torch.float64)
    sampled = elbo_ref.elbo_surgery(mean, std, noise)
    split = elbo_ref.total_correlation(mean, std, noise)
    sizes = [size for size in (32, 128, 512) if size < count]
    found = {
        "encoders": count,
        "log_count": math.log(count),
        "average_kl": sampled.average_kl.item(),
        "exact": exact._asdict(),
        "halved": max(abs(a - b) for a, b in zip(exact, coarse, strict=True)),
        "minibatch": {
            str(size): aggregate.minibatch(mean, logvar, size, max(2, effort.batches * 32 // size), draws)
            for size in sizes
        },
    }
    estimates = (
        ("surgery_decomposition", "the divergence of the aggregate from the prior, by quadrature and by elbo_surgery", exact.marginal_kl,
         sampled.marginal_kl),
        ("surgery_decomposition", "the information in the codes, by quadrature and by elbo_surgery", exact.mutual_information,
         sampled.mutual_information),
        ("total_correlation", "the total correlation by quadrature and by total_correlation",
         exact.total_correlation, split.total_correlation),
    )  # fmt: skip
    identities = [
        Identity(theorem, words, value, estimate.value.item(), abs(value - estimate.value.item()),
                 _SIGMAS * estimate.standard_error.item() + found["halved"])
        for theorem, words, value, estimate in estimates
    ]  # fmt: skip
    parts = sampled.marginal_kl.value + sampled.mutual_information.value
    identities += [
        Identity("surgery_decomposition", "the two parts of every sample are its whole", sampled.sampled_kl.value.item(),
                 parts.item(), abs((sampled.sampled_kl.value - parts).item()), _ROUNDING),
        Identity("surgery_bounds", "the information is at most log N", exact.mutual_information, math.log(count),
                 max(0.0, exact.mutual_information - math.log(count)), found["halved"]),
    ]  # fmt: skip
    if sizes:
        mws, naive = (found["minibatch"][str(sizes[0])][name]["mutual_information"][0] for name in ("MWS", "naive"))
        identities.append(
            Identity("mws_is_naive", "minibatch weighted sampling is the naive estimate plus log N", mws,
                     naive + math.log(count), abs(mws - naive - math.log(count)), _ROUNDING)
        )  # fmt: skip
    return found, identities


def amortized(of: Seen, effort: Effort) -> Section:
    """What the gap is made of."""
    few = slice(effort.weighted)
    found = amortization.parts(
        of.network.decode, of.test[few], of.mean[few], of.logvar[few], steps=effort.ascent, step=effort.step
    )
    family, diagonal, encoder = (
        found.log_p - found.full, found.full - found.diagonal, found.diagonal - found.encoder,
    )  # fmt: skip
    least = family.min().item()
    numbers = {"family": family, "diagonal": diagonal, "amortization": encoder, "gap": found.log_p - found.encoder}
    share = (encoder.sum() / (found.log_p - found.encoder).sum()).item()
    order = numbers["gap"].argsort()
    chosen = order[[min(2, len(order) - 1), len(order) // 2, int(0.9 * len(order)), len(order) - 1]]
    gaussians = [
        (mean[chosen], std[chosen]) for mean, std in ((of.mean, torch.exp(of.logvar / 2)), (found.mean, found.std))
    ]
    drawn = portrait.posteriors(of.network, of.test[chosen], gaussians)
    for i, each in zip(chosen.tolist(), drawn, strict=True):
        each |= {name: part[i].item() for name, part in numbers.items()}
    return {name: mean_and_error(part) for name, part in numbers.items()} | {
        "images": len(family),
        "share": share,
        "each": {name: part.tolist() for name, part in numbers.items() if name != "gap"},
        "posteriors": drawn,
        }, [
        Identity("larger_family", "the best ELBO of all Gaussians is no more than log p(x)", 0.0, least,
                 max(0.0, -least), 1e-6),  # of the rule with 12 by 12 nodes
    ]  # fmt: skip


def over_beta(of: Seen, effort: Effort) -> Section:
    """Rate and distortion, and what the exchange between two weights says of the training."""
    points = tradeoff.curve(
        of.network.shape, of.train.float(), of.test.float(), effort.plans, effort.betas, step=2 * effort.step
    )
    missed = max(p.distortion + p.beta * p.rate - min(q.distortion + p.beta * q.rate for q in points) for p in points)
    best = max(points, key=lambda p: p.log_p)
    return {"points": [p._asdict() for p in points], "missed": missed, "best_beta": best.beta}, [
        Identity("information_below_average_kl", "at every weight the information is at most the rate", 0.0, 0.0,
                 max(0.0, *(p.mutual_information - p.rate for p in points)), _ROUNDING)
    ]  # fmt: skip


def linear_optimum(of: Seen, effort: Effort) -> Section:
    """Active units of a linear autoencoder on the same images."""
    cov = linear.covariance(of.train)
    latent = min(20, len(cov) - 1)
    variances = torch.linalg.eigvalsh(cov).flip(0)
    between = [((variances[k - 1] + variances[k]) / 2).item() for k in effort.units if k < latent]
    rows = [linear.fitted(cov, latent, 1.0, level) for level in between]
    rows += [linear.fitted(cov, latent, 4.0, level / 4) for level in between[:2]]
    wrong = sum(row.active != row.predicted for row in rows)
    excess = max(abs(row.excess) for row in rows)
    return {"latent": latent, "rows": [row._asdict() for row in rows]}, [
        Identity("linear_vae_collapse", "a direction is in use where its variance exceeds beta times the noise",
                 rows[0].active, rows[0].predicted, float(wrong), 0.0),
        Identity("linear_vae_optimum", "the least loss found is that of the closed form", rows[0].loss,
                 rows[0].loss - rows[0].excess, excess, 1e-4 * abs(rows[0].loss)),
    ]  # fmt: skip


def pictures(of: Seen, effort: Effort) -> Section:
    """What is drawn and not measured: the codes, and what codes decode to."""
    codes = [[round(entry, 2) for entry in code] for code in of.train_mean.tolist()]
    return {"manifold": portrait.manifold(of.network), "codes": codes}, []


def mean_and_error(x: Tensor) -> dict[str, float]:
    """Over the images."""
    return {"mean": x.mean().item(), "standard_error": x.std().item() / math.sqrt(len(x))}


SECTIONS: dict[str, Callable[[Seen, Effort], Section]] = {
    "evidence": evidence,
    "weights": weights,
    "surgery": surgery,
    "amortization": amortized,
    "beta": over_beta,
    "linear": linear_optimum,
    "pictures": pictures,
}


def sections(of: Seen, effort: Effort | None = None, names: Sequence[str] = ()) -> Iterator[tuple[str, dict[str, Any]]]:
    """The numbers of each section with its identities, as they come."""
    for name in names or SECTIONS:
        numbers, identities = SECTIONS[name](of, effort or Effort())
        rows = [asdict(identity) | {"holds": identity.holds} for identity in identities]
        yield name, numbers | {"identities": rows}


def shape(side: int, activation: str, latent: int = 2, hidden: int = 128) -> Shape:
    """The networks of this package."""
    return Shape(side * side, hidden, latent, activation)  # type: ignore[arg-type]
