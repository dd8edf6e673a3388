"""Time a step of a VAE in plain JAX with losses of the reference beside the lines people write, both under `jit`.

    python benchmarks/training_jax.py [--rounds 61]

One step of gradient descent of a VAE 784-400-20 on a batch of 128, in float32: minimum and median of the rounds, in turn.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

import elbo_ref

Loss = Callable[[Any, Any, Any, Any], Any]
Sample = Callable[[Any, Any, Any], Any]


def layer(key: Any, inputs: int, outputs: int) -> dict[str, Any]:
    return {"w": jax.random.normal(key, (inputs, outputs)) * inputs**-0.5, "b": jnp.zeros(outputs)}


def apply(first: dict[str, Any], second: dict[str, Any], x: Any) -> Any:
    return jax.nn.relu(x @ first["w"] + first["b"]) @ second["w"] + second["b"]


def ours(x: Any, logits: Any, mean: Any, logvar: Any) -> Any:
    return elbo_ref.negative_elbo_bernoulli(x, logits, mean, logvar, reduction="mean")


def ours_sampled(mean: Any, logvar: Any, noise: Any) -> Any:
    return elbo_ref.reparameterize(mean, logvar=logvar, noise=noise)


def textbook(x: Any, logits: Any, mean: Any, logvar: Any) -> Any:
    surprise = jnp.sum(jax.nn.softplus(logits) - x * logits, axis=-1)
    return jnp.mean(surprise - 0.5 * jnp.sum(1 + logvar - mean**2 - jnp.exp(logvar), axis=-1))


def textbook_sampled(mean: Any, logvar: Any, noise: Any) -> Any:
    return mean + jnp.exp(0.5 * logvar) * noise


def step(loss: Loss, sample: Sample) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
    def total(parameters: Any, x: Any, noise: Any) -> Any:
        mean, logvar = jnp.split(apply(*parameters[:2], x), 2, axis=-1)
        return loss(x, apply(*parameters[2:], sample(mean, logvar, noise)), mean, logvar)

    def run(parameters: Any, x: Any, noise: Any) -> tuple[Any, Any]:
        value, by = jax.value_and_grad(total)(parameters, x, noise)
        return jax.tree.map(lambda p, g: p - 1e-3 * g, parameters, by), value

    return jax.jit(run)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=61)
    rounds = parser.parse_args().rounds
    keys = jax.random.split(jax.random.key(0), 6)
    x = (jax.random.uniform(keys[0], (128, 784)) < 0.3).astype(jnp.float32)
    noise = jax.random.normal(keys[1], (128, 20))
    sizes = [(784, 400), (400, 40), (20, 400), (400, 784)]
    start = [layer(key, *size) for key, size in zip(keys[2:], sizes, strict=True)]
    steps = {"textbook": step(textbook, textbook_sampled), "elbo_ref": step(ours, ours_sampled)}
    states, values = dict.fromkeys(steps, start), dict[str, Any]()
    times: dict[str, list[float]] = {name: [] for name in steps}
    for number in range(rounds + 2):
        for name, run in steps.items():
            began = time.perf_counter()
            states[name], values[name] = jax.block_until_ready(run(states[name], x, noise))
            if number >= 2:
                times[name].append(time.perf_counter() - began)
    for name, found in times.items():
        ratio = min(found) / min(times["textbook"]), statistics.median(found) / statistics.median(times["textbook"])
        print(
            f"{name}: {min(found) * 1e6:.0f} us, {ratio[0]:.2f}; median {ratio[1]:.2f}; loss {float(values[name]):.4f}"
        )


if __name__ == "__main__":
    main()
