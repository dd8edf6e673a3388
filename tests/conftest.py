"""Seeds, and a garbage collector that is called less often."""

import gc

import numpy as np
import pytest

gc.set_threshold(20_000, 20, 20)  # tests make many objects and little garbage that goes round in a circle


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261121)
