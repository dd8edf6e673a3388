"""Time the training of `elbo_lab` beside the same loop with the textbook's lines: epochs in turn, in one run.

    python benchmarks/lab.py [--rounds 40] [--threads 1]

The two differ in the loss and in how z is drawn, and in nothing else.
"""

import argparse
import statistics
import time

import torch

from elbo_lab.data import binary, load
from elbo_lab.mistakes import RIGHT, Sizes
from elbo_lab.model import Shape
from elbo_lab.training import Plan, Training


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--threads", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    digits = torch.as_tensor(binary(load("digits").train))
    noise = torch.as_tensor(torch.rand(2560, 784, generator=torch.Generator().manual_seed(0)) < 0.3).float()
    print("| network, batch | ours, ms an epoch | textbook | ratio of the least | ratio of the medians |")
    print("| --- | --- | --- | --- | --- |")
    for images, shape, batch in ((digits, Shape(64, 128, 2), 64), (noise, Shape(784, 400, 20, "relu"), 128)):
        plan = Plan(1, batch)
        textbook = RIGHT.step(Sizes(len(images), batch, shape.latent))
        sides = [Training(shape, [0], images, plan, step=step) for step in (None, textbook)]
        times: list[list[float]] = [[], []]
        for _ in range(2 + chosen.rounds):
            for side, spent in zip(sides, times, strict=True):
                start = time.perf_counter()
                side.run_epoch()
                spent.append(1e3 * (time.perf_counter() - start))
        ours, theirs = (spent[2:] for spent in times)  # what is compiled, is compiled in the first two
        least, median = min(ours) / min(theirs), statistics.median(ours) / statistics.median(theirs)
        sizes = f"{shape.pixels}-{shape.hidden}-{shape.latent}, {batch}"
        print(f"| {sizes} | {min(ours):.1f} | {min(theirs):.1f} | {least:.2f} | {median:.2f} |", flush=True)


if __name__ == "__main__":
    main()
