"""Seeds, a garbage collector that is called less often, and a compiler that does not compile the same again."""

import gc
import os

import numpy as np
import pytest

gc.set_threshold(20_000, 20, 20)  # tests make many objects and little garbage that goes round in a circle


def pytest_configure(config: pytest.Config) -> None:
    """What XLA compiles is kept for later runs, under the hash of the program, the options and the compiler's version."""
    if (cache := getattr(config, "cache", None)) is not None:
        kept = {
            "JAX_COMPILATION_CACHE_DIR": str(cache.mkdir("jax")),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        }
        os.environ.update({name: value for name, value in kept.items() if name not in os.environ})


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261121)
