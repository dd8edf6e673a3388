"""Run by `make wheel` in an environment that holds the wheel, NumPy and array-api-compat, and nothing else."""

import importlib.util
import sys
from pathlib import Path

import numpy as np

import elbo_ref

assert Path(elbo_ref.__file__).is_relative_to(sys.prefix), f"{elbo_ref.__file__} is not what was installed"
assert (Path(elbo_ref.__file__).parent / "py.typed").exists()
for absent in ("torch", "sympy", "scipy", "flint"):
    assert importlib.util.find_spec(absent) is None, f"{absent} is here: this environment proves nothing"

kl = elbo_ref.kl_standard_normal(np.array([[0.3, -1.2]]), np.array([[-0.5, 0.1]]))
by_hand = (0.3**2 + 1.2**2 + np.exp(-0.5) - 1 + 0.5 + np.exp(0.1) - 1 - 0.1) / 2
assert abs(kl[0] - by_hand) < 1e-15, kl
assert elbo_ref.kl_normal(1.0, 2.0, 1.0, 2.0) == 0
print(f"elbo_ref of the wheel: {len(elbo_ref.__all__)} functions, KL {kl[0]:.6f}")
