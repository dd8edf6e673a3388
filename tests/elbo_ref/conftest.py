"""Every array library, device and dtype that the functions support."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class Backend:
    """Where a test runs: the array library, the device and the dtype, and the way from and to NumPy float64."""

    xp: Any
    device: str
    dtype_name: str
    to_numpy: Callable[[Any], np.ndarray]

    @property
    def dtype(self) -> Any:
        return getattr(self.xp, self.dtype_name)

    @property
    def eps(self) -> float:
        return float(self.xp.finfo(self.dtype).eps)

    def array(self, x: Any) -> Any:
        """Round to the dtype."""
        wide = self.xp.asarray(np.array(x, dtype=np.float64), device=self.device)
        return self.xp.astype(wide, self.dtype)

    def exact(self, x: Any) -> np.ndarray:
        """The values as float64, which holds those of every dtype."""
        return self.to_numpy(self.xp.astype(x, self.xp.float64))


DTYPES = ("float64", "float32", "float16", "bfloat16")
BACKENDS = [
    (library, dtype)
    for library in ("numpy", "torch", "torch-cuda")
    for dtype in DTYPES
    if (library, dtype) != ("numpy", "bfloat16")  # NumPy has none
]


@pytest.fixture(params=BACKENDS, ids=lambda pair: "-".join(pair))
def backend(request: pytest.FixtureRequest) -> Backend:
    library, dtype = request.param
    if library == "numpy":
        import array_api_compat.numpy as xp

        return Backend(xp, "cpu", dtype, np.asarray)
    torch = pytest.importorskip("torch")
    import array_api_compat.torch as xp

    device = "cuda" if library == "torch-cuda" else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    return Backend(xp, device, dtype, lambda x: x.detach().cpu().numpy())
