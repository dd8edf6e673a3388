"""Time elbo_ref beside torch.distributions: both sides alternate in one run; medians, and the median of the ratios. What a
training loop calls is in `training.py`.

    python benchmarks/speed.py [import] [scalar] [surgery] [iwae] [--rounds 5] [--threads 1] [--cpu] [--kept-memory]

`--cpu` counts processor time instead of the time on the wall: on a busy machine only that, of one thread, can be compared.
Imports are always timed on the wall. A peer that would take minutes is measured on some rows and scaled. With `--kept-memory`
the allocator keeps what is freed, so that no side pays for fresh pages, which otherwise cost the side that allocates most.
"""

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import memory

if __name__ == "__main__" and "--kept-memory" in sys.argv:
    memory.keep()

import torch

import elbo_ref

Side = Callable[[], object]


class Bench(NamedTuple):
    """How often to time each side, and by which clock."""

    rounds: int
    clock: Callable[[], float]

    def seconds(self, call: Side) -> float:
        start = self.clock()
        call()
        return self.clock() - start

    def alternate(self, sides: dict[str, Side], shares: dict[str, float] | None = None) -> dict[str, list[float]]:
        """Warm every side up, then time them in turn; `shares` says of the sides that do a part of the work, which."""
        for side in sides.values():
            side()
        times: dict[str, list[float]] = {name: [] for name in sides}
        for _ in range(self.rounds):
            for name, side in sides.items():
                times[name].append(self.seconds(side) / (shares or {}).get(name, 1.0))
        return times


def report(title: str, times: dict[str, list[float]]) -> None:
    """One row for each side; the first is what the others are compared with."""
    first = next(iter(times.values()))
    for name, values in times.items():
        ratio = statistics.median(a / b for a, b in zip(first, values, strict=True))
        print(f"| {title} | {name} | {readable(statistics.median(values))} | {ratio:.3g} |", flush=True)


def readable(time_s: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if time_s >= size:
            return f"{time_s / size:.3g} {unit}"
    return f"{time_s * 1e9:.3g} ns"


def imports(bench: Bench) -> None:
    # as after an installation: modules compiled once, by the first, uncounted call
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def load(module: str) -> Side:
        return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=environment)

    bench = Bench(bench.rounds, time.perf_counter)  # the work is another process's

    sides = {"torch.distributions": "torch.distributions", "numpy alone": "numpy", "elbo_ref": "elbo_ref"}
    empty = statistics.median(bench.seconds(load("sys")) for _ in range(bench.rounds))
    times = bench.alternate({name: load(module) for name, module in sides.items()})
    report("import, less the start of Python", {name: [t - empty for t in values] for name, values in times.items()})
    heavy = "import sys, elbo_ref; print([m for m in ('torch', 'scipy', 'sympy') if m in sys.modules])"
    print(
        "loaded besides:",
        subprocess.run([sys.executable, "-c", heavy], check=True, capture_output=True, encoding="utf-8").stdout.strip(),
    )


def scalar(bench: Bench) -> None:
    from torch.distributions import Normal, kl_divergence

    numbers = [torch.tensor(x, dtype=torch.float64) for x in (0.3, 0.5, -0.1, 1.2)]

    def peer() -> None:
        for _ in range(1000):
            kl_divergence(Normal(*numbers[:2]), Normal(*numbers[2:]))

    def ours() -> None:
        for _ in range(1000):
            elbo_ref.kl_normal(0.3, 0.5, -0.1, 1.2)

    sides = {"torch.distributions": peer, "kl_normal of Python floats": ours}
    report("KL of two numbers", bench.alternate(sides, dict.fromkeys(sides, 1000.0)))


def broadcast_log_q(z: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """What people write: every pair of a few samples and all encoders at once, 256 MB at a time."""
    q = torch.distributions.Normal(mean, std, validate_args=False)
    rows = max(1, int(256e6 / (mean.numel() * mean.element_size())))
    parts = [torch.logsumexp(q.log_prob(part[:, None, :]).sum(-1), dim=1) for part in z.split(rows)]
    return torch.cat(parts) - math.log(len(mean))


def encoders(n: int, d: int, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
    torch.manual_seed(0)
    return torch.randn(n, d, dtype=dtype), 0.05 + 0.95 * torch.rand(n, d, dtype=dtype), torch.randn(n, d, dtype=dtype)


def aggregate(bench: Bench) -> None:
    n = 60_000
    index = torch.randperm(n)
    for dtype in (torch.float32, torch.float64):
        for d, rows in ((2, 256), (20, 32), (64, 16)):
            mean, std, noise = encoders(n, d, dtype)
            z = (mean + std * noise)[index[:rows]]
            times = bench.alternate(
                {
                    "torch.distributions": lambda z=z, mean=mean, std=std: broadcast_log_q(z, mean, std),
                    "elbo_surgery": lambda mean=mean, std=std, noise=noise: elbo_ref.elbo_surgery(mean, std, noise),
                },
                {"torch.distributions": rows / n},
            )
            report(f"surgery, N = M = 60000, D = {d}, {str(dtype).removeprefix('torch.')}", times)


def extra_memory(bench: Bench, d: int) -> None:
    """One full run in a process of its own."""
    arguments = encoders(60_000, d, torch.float32)
    elbo_ref.elbo_surgery(*(x[:512] for x in arguments))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = bench.seconds(lambda: elbo_ref.elbo_surgery(*arguments))
    extra = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"| surgery, N = M = 60000, D = {d}, float32, one full run | elbo_surgery | {readable(taken)}, {extra:.0f} MB | |"
    )


def iwae(bench: Bench) -> None:
    """Bounds of 100 images with 50 samples each: decoder 20 - 200 - 784, Bernoulli."""
    from torch.distributions import Bernoulli, Independent, Normal

    batch, samples, latent, pixels = 100, 50, 20, 784
    torch.manual_seed(0)
    decoder = torch.nn.Sequential(torch.nn.Linear(latent, 200), torch.nn.Tanh(), torch.nn.Linear(200, pixels))
    x = (torch.rand(batch, pixels) < 0.3).float()
    mean, std = torch.randn(batch, latent), torch.rand(batch, latent) + 0.1
    noise = torch.randn(samples, batch, latent)
    zeros, ones = torch.zeros(latent), torch.ones(latent)

    def peer(noise: torch.Tensor) -> torch.Tensor:
        q = Independent(Normal(mean, std), 1)
        z = mean + std * noise
        log_joint = Independent(Bernoulli(logits=decoder(z)), 1).log_prob(x) + Independent(
            Normal(zeros, ones), 1
        ).log_prob(z)
        return torch.logsumexp(log_joint - q.log_prob(z), 0) - math.log(samples)

    def log_weights(noise: torch.Tensor) -> torch.Tensor:
        z = elbo_ref.reparameterize(mean, std, noise)
        log_likelihood = elbo_ref.bernoulli_log_likelihood_logits(x, decoder(z))
        return log_likelihood + elbo_ref.log_normal_diag(z, 0.0, 1.0) - elbo_ref.log_normal_diag(z, mean, std)

    def ours(noise: torch.Tensor) -> torch.Tensor:
        return elbo_ref.iwae_bound(log_weights(noise))

    compiled = torch.compile(ours)
    sides = {"torch.distributions": peer, "elbo_ref": ours, "elbo_ref, compiled": compiled}
    with torch.no_grad():
        for side in sides.values():
            torch.testing.assert_close(side(noise), peer(noise), rtol=1e-5, atol=1e-3)
        times = bench.alternate({name: (lambda side=side: side(noise)) for name, side in sides.items()})
    report("IWAE forward, 100 x 50, 20-200-784 Bernoulli", times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    rows = {"import": imports, "scalar": scalar, "surgery": aggregate, "iwae": iwae}
    parser.add_argument("rows", nargs="*", help=f"of {', '.join(rows)}; all of them if none is named")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--memory", type=int, metavar="D", help="only one full surgery in D dimensions")
    parser.add_argument("--kept-memory", action="store_true", help="no side pays for fresh pages")
    parser.add_argument("--cpu", action="store_true", help="count processor time")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    bench = Bench(chosen.rounds, time.process_time if chosen.cpu else time.perf_counter)
    print("| what | side | median | times faster |\n| --- | --- | --- | --- |")
    if chosen.memory:
        extra_memory(bench, chosen.memory)
        return
    for name in chosen.rows or rows:
        rows[name](bench)


if __name__ == "__main__":
    main()
