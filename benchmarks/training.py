"""Time what a training loop calls beside what people write: in one run, in turn, with the error of each beside its time.

    python benchmarks/training.py [NAME ...] [--rounds 61] [--threads 1] [--default-memory]

Peers: the line that textbooks have, the same compiled, and `torch.distributions`. Memory is kept by the allocator unless
`--default-memory` is given: by default glibc gives large arrays back and gets them as fresh pages, which then costs a call that
allocates more than its arithmetic; how many pages a call touched for the first time is in the table. Times are the minimum and
the median of the rounds; ratios are those of the minima, to the textbook line. Errors are in units of the last place of float32
at the value in float64, the largest of those rows whose value is not 0.
"""

import argparse
import math
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import memory

if __name__ == "__main__" and "--default-memory" not in sys.argv:
    memory.keep()

import numpy as np
import torch
import torch.nn.functional as F
from torch import distributions as law

import elbo_ref

Call = Callable[..., Any]


class Row(NamedTuple):
    """Functions of the same arguments, and which of these are trained."""

    name: str
    ours: Call
    textbook: Call
    distributions: Call | None
    arguments: tuple[torch.Tensor, ...]
    trained: tuple[int, ...]


def kl_textbook(mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    return -0.5 * torch.sum(1 + logvar - mean.pow(2) - logvar.exp(), dim=-1)


def kl_distributions(mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    q = law.Independent(law.Normal(mean, torch.exp(logvar / 2)), 1)
    return law.kl_divergence(q, law.Independent(law.Normal(torch.zeros_like(mean), torch.ones_like(mean)), 1))


def loss(x: torch.Tensor, logits: torch.Tensor, mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    return elbo_ref.negative_elbo_bernoulli(x, logits, mean, logvar, reduction="mean")


def loss_textbook(x: torch.Tensor, logits: torch.Tensor, mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x) + kl_textbook(mean, logvar).mean()


def loss_distributions(x: torch.Tensor, logits: torch.Tensor, mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    surprise = -law.Independent(law.Bernoulli(logits=logits), 1).log_prob(x)
    return (surprise + kl_distributions(mean, logvar)).mean()


def loss_of_samples(x: torch.Tensor, logits: torch.Tensor, mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    surprise = F.binary_cross_entropy_with_logits(logits, x.expand_as(logits), reduction="sum")
    return surprise / (len(logits) * len(x)) + kl_textbook(mean, logvar).mean()


def gaussian(x: torch.Tensor, mean_x: torch.Tensor, mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    return elbo_ref.negative_elbo_gaussian(x, mean_x, 1.0, mean, logvar, reduction="mean")


def gaussian_textbook(x: torch.Tensor, mean_x: torch.Tensor, mean: torch.Tensor, logvar: torch.Tensor) -> torch.Tensor:
    error = F.mse_loss(mean_x, x, reduction="sum") / (2 * len(x))
    return error + math.log(2 * math.pi) * x.shape[1] / 2 + kl_textbook(mean, logvar).mean()


def density_textbook(z: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    return (-0.5 * ((z - mean) / std) ** 2 - std.log() - 0.5 * math.log(2 * math.pi)).sum(-1)


def density_distributions(z: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    return law.Independent(law.Normal(mean, std), 1).log_prob(z)


def categorical_textbook(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    log_q, log_p = F.log_softmax(a, -1), F.log_softmax(b, -1)
    return (log_q.exp() * (log_q - log_p)).sum(-1)


def categorical_distributions(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return law.kl_divergence(law.Categorical(logits=a), law.Categorical(logits=b))


def rows() -> list[Row]:
    torch.manual_seed(0)
    batch, latent, pixels, samples = 128, 20, 784, 50

    def normal(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.randn(*shape, dtype=dtype)

    def kl(name: str, *shape: int, dtype: torch.dtype = torch.float32) -> Row:
        arguments = normal(*shape, dtype=dtype), normal(*shape, dtype=dtype).mul_(0.5)
        return Row(name, elbo_ref.kl_standard_normal, kl_textbook, kl_distributions, arguments, (0, 1))

    mean, logvar = normal(batch, latent), normal(batch, latent).mul_(0.5)
    std = torch.exp(logvar / 2)
    image = (torch.rand(batch, pixels) < 0.3).float(), normal(batch, pixels)
    weights = normal(samples, batch).mul_(3) - 100
    density = elbo_ref.log_normal_diag, density_textbook, density_distributions
    return [
        kl("kl_standard_normal 128x20", batch, latent),
        kl("kl_standard_normal 128x784", batch, pixels),
        kl("kl_standard_normal 128x20 float64", batch, latent, dtype=torch.float64),
        Row(
            "negative_elbo_bernoulli 128x784",
            loss,
            loss_textbook,
            loss_distributions,
            (*image, mean, logvar),
            (1, 2, 3),
        ),
        Row(
            "negative_elbo_bernoulli 5x128x784",
            loss,
            loss_of_samples,
            None,
            (image[0], normal(5, batch, pixels), mean, logvar),
            (1, 2, 3),
        ),
        Row("negative_elbo_gaussian 128x784", gaussian, gaussian_textbook, None, (*image, mean, logvar), (1, 2, 3)),
        Row("log_normal_diag 128x20", *density, (normal(batch, latent), mean, std), (0, 1, 2)),
        Row("log_normal_diag 50x128x20", *density, (normal(samples, batch, latent), mean, std), (0, 1, 2)),
        Row(
            "kl_categorical_logits 128x20",
            elbo_ref.kl_categorical_logits,
            categorical_textbook,
            categorical_distributions,
            (mean, logvar),
            (0, 1),
        ),
        Row(
            "iwae_bound 50x128",
            elbo_ref.iwae_bound,
            lambda w: torch.logsumexp(w, 0) - math.log(len(w)),
            None,
            (weights,),
            (0,),
        ),
        Row(
            "reparameterize 128x20",
            elbo_ref.reparameterize,
            lambda mean, std, noise: mean + std * noise,
            lambda mean, std, noise: law.Normal(mean, std).loc + std * noise,
            (mean, std, normal(batch, latent)),
            (0, 1),
        ),
        Row(
            "reparameterize by logvar 128x20",
            lambda mean, logvar, noise: elbo_ref.reparameterize(mean, logvar=logvar, noise=noise),
            lambda mean, logvar, noise: mean + torch.exp(0.5 * logvar) * noise,
            lambda mean, logvar, noise: law.Normal(mean, torch.exp(0.5 * logvar)).loc + torch.exp(0.5 * logvar) * noise,
            (mean, logvar, normal(batch, latent)),
            (0, 1),
        ),
        kl("kl_standard_normal 262144x64", 262_144, 64),
    ]


def sides(row: Row) -> dict[str, Call]:
    torch.compiler.reset()
    found: dict[str, Call] = {"textbook": row.textbook, "elbo_ref": row.ours}
    found["textbook, compiled"] = torch.compile(row.textbook, dynamic=False)
    found["elbo_ref, compiled"] = torch.compile(row.ours, dynamic=False)
    if row.distributions:
        found["torch.distributions"] = row.distributions
    return found


def forward_and_backward(function: Call, row: Row) -> Callable[[], Any]:
    arguments = [x.clone().requires_grad_(i in row.trained) for i, x in enumerate(row.arguments)]
    trained = [arguments[i] for i in row.trained]
    return lambda: torch.autograd.grad(function(*arguments).sum(), trained)


def ulps(function: Call, row: Row) -> float:
    wide = row.ours(*(x.double() for x in row.arguments)).detach().numpy()
    if row.arguments[0].dtype == torch.float64:
        return math.nan  # the yardstick itself: see docs/reference/accuracy.md
    got = function(*row.arguments).detach().double().numpy()
    spacing = np.spacing(np.abs(wide).astype(np.float32)).astype(np.float64)
    return float(np.max(np.where(wide == 0, 0.0, np.abs(got - wide) / spacing)))


def faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def measure(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, tuple[float, float, float]]:
    """Minimum, median, and pages touched first in a call."""
    repeat = {}
    for name, call in calls.items():
        for _ in range(12):  # our loops are loaded at the eleventh call
            call()
        start = time.perf_counter()
        call()
        repeat[name] = max(1, int(5e-4 / (time.perf_counter() - start)))  # short enough that most are undisturbed
    times: dict[str, list[float]] = {name: [] for name in calls}
    touched = dict.fromkeys(calls, 0)
    for _ in range(rounds):
        for name, call in calls.items():
            before, start = faults(), time.perf_counter()
            for _ in range(repeat[name]):
                call()
            times[name].append((time.perf_counter() - start) / repeat[name])
            touched[name] += faults() - before
    return {name: (min(t), statistics.median(t), touched[name] / rounds / repeat[name]) for name, t in times.items()}


def report(title: str, found: dict[str, tuple[float, float, float]], errors: dict[str, float]) -> None:
    base = found["textbook"]
    for name, (least, median, pages) in found.items():
        error = "" if math.isnan(errors.get(name, math.nan)) else f"{errors[name]:.3g}"
        ratio = f"{least / base[0]:.2f} | {median / base[1]:.2f}"
        print(
            f"| {title} | {name} | {least * 1e6:.4g} | {median * 1e6:.4g} | {ratio} | {pages:.0f} | {error} |",
            flush=True,
        )


def training_step(rounds: int) -> None:
    """One step of Adam of a VAE 784-400-20 on a batch of 128."""
    torch.manual_seed(0)
    x = (torch.rand(128, 784) < 0.3).float()
    noise = torch.randn(128, 20)

    def step(loss: Call, sample: Call) -> Callable[[], Any]:
        torch.manual_seed(1)
        encoder = torch.nn.Sequential(torch.nn.Linear(784, 400), torch.nn.ReLU(), torch.nn.Linear(400, 40))
        decoder = torch.nn.Sequential(torch.nn.Linear(20, 400), torch.nn.ReLU(), torch.nn.Linear(400, 784))
        optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-3)

        def run() -> None:
            mean, logvar = encoder(x).chunk(2, -1)
            optimizer.zero_grad()
            loss(x, decoder(sample(mean, logvar, noise)), mean, logvar).backward()
            optimizer.step()

        return run

    calls = {
        "textbook": step(loss_textbook, lambda mean, logvar, noise: mean + torch.exp(0.5 * logvar) * noise),
        "elbo_ref": step(loss, lambda mean, logvar, noise: elbo_ref.reparameterize(mean, logvar=logvar, noise=noise)),
    }
    report("VAE step 784-400-20, batch 128", measure(calls, 8 * rounds), {})  # a slice is but one call here


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only rows whose name contains one of these, or `step`")
    parser.add_argument("--rounds", type=int, default=61)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--default-memory", action="store_true")
    parser.add_argument("--eager", action="store_true", help="compile nothing")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    warnings.simplefilter("ignore")
    print(f"memory {'by default' if chosen.default_memory else 'kept'}, {chosen.threads} thread(s), microseconds")
    print("| what | side | least | median | least, x textbook | median, x textbook | pages | ulp |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for row in rows():
        if chosen.names and not any(name in row.name for name in chosen.names):
            continue
        calls = {n: f for n, f in sides(row).items() if not (chosen.eager and "compiled" in n)}
        errors = {name: ulps(call, row) for name, call in calls.items()}
        with torch.no_grad():
            values = {name: (lambda call=call, row=row: call(*row.arguments)) for name, call in calls.items()}
            report(row.name, measure(values, chosen.rounds), errors)
        both = {name: forward_and_backward(call, row) for name, call in calls.items()}
        report(f"{row.name}, with backward", measure(both, chosen.rounds), {})
    if not chosen.names or "step" in chosen.names:
        training_step(chosen.rounds)


if __name__ == "__main__":
    main()
