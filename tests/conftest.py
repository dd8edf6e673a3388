"""Seeds, and a garbage collector that leaves alone what stays."""

import gc

import numpy as np
import pytest

gc.set_threshold(20_000, 20, 20)  # tests make many objects and little garbage that goes round in a circle


def pytest_collection_finish() -> None:
    """The book, torch and JAX are there until the end: to walk through them again and again is a tenth of the time."""
    gc.freeze()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261121)
