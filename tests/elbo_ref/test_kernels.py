"""The kernels of Triton: run by its interpreter on the CPU, and compiled for a GPU that is not here. On one they have not run."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import elbo_ref

torch = pytest.importorskip("torch")
pytest.importorskip("triton")

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").exists())


def test_interpreted() -> None:
    """In a process of its own, for the interpreter has to be asked for before Triton is imported."""
    without = [f"-p no:{plugin}" for plugin in ("cacheprovider", "xdist", "playwright", "hypothesispytest")]
    command = [sys.executable, "-m", "pytest", "-q", *" ".join(without).split(), "tests/elbo_ref/_interpreted.py"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"TRITON_INTERPRET": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d\d passed in ", done.stdout, re.MULTILINE), done.stdout


class Absent:
    """The driver of a GPU that is not there."""

    def get_current_device(self) -> int:
        return 1000

    def get_current_stream(self, device: int) -> int:
        return 0

    def get_current_target(self) -> Any:
        from triton.backends.compiler import GPUTarget

        return GPUTarget("cuda", 80, 32)


class Compiled:
    """A kernel that is compiled for the arguments with which it is called, and not run."""

    def __init__(self, kernel: Any, codes: list[str]):
        self._kernel, self._codes = kernel, codes

    def __getitem__(self, grid: tuple[int, ...]) -> Callable[..., None]:
        def run(*arguments: Any, **options: Any) -> None:
            self._codes.append(self._kernel.run(*arguments, grid=grid, warmup=True, **options).asm["ptx"])

        return run


@pytest.fixture
def codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the kernels that are called are compiled to."""
    from triton.runtime import driver

    from elbo_ref._core import by_kernels, kernels

    found: list[str] = []
    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(driver, "_active", Absent())
    monkeypatch.setattr(by_kernels, "on_device", lambda x: True)
    for name in ("kl_standard_normal", "negative_elbo_bernoulli"):
        for end in ("", "_vjp"):
            monkeypatch.setattr(kernels, name + end, Compiled(getattr(kernels, name + end), found))
    return found


def test_compiled_in_float64(codes: list[str]) -> None:
    """What the interpreter does not show: Triton takes a float for one of 32 bits where it is not told otherwise. Both kernels of
    the loss, which hold all that the others do, have no arithmetic but in float64, and round once, to the nearest.
    """
    from elbo_ref._core import by_kernels

    x, logits, mean, logvar = (torch.zeros(3, d) for d in (784, 784, 20, 20))
    with elbo_ref.unchecked():
        value = by_kernels.negative_elbo_bernoulli(
            _no_other_way, x, logits.requires_grad_(), mean, logvar, beta=0.7, reduction="mean"
        )
    assert value is not None
    value.backward()
    assert len(codes) == 2
    for code in codes:
        assert len(re.findall(r"\.param \.f64", code)) == 1  # beta
        assert "0d3FC5555555555555" in code  # 1 / 6
        assert re.findall(r"\b(?:add|sub|mul|fma|div|rcp|ex2|lg2)[.\w]*\.f32\b", code) == []
        assert set(re.findall(r"cvt\.(?:(\w+)\.)?f32\.f64", code)) <= {"rn"}
    assert (
        "cvt.rn.f32.f64" in codes[1] and "cvt.rn.f32.f64" not in codes[0]
    )  # losses are averaged before they are rounded


def test_compiled_for_bfloat16(codes: list[str]) -> None:
    """Widened as it is read, worked on in float64, and rounded to the nearest by way of float32, but for products of two numbers,
    which LLVM finds at once.
    """
    from elbo_ref._core import by_kernels

    mean, logvar = torch.zeros(3, 20).bfloat16().requires_grad_(), torch.zeros(3, 20).bfloat16()
    with elbo_ref.unchecked():
        value = by_kernels.kl_standard_normal(_no_other_way, mean, logvar)
    assert value is not None and value.dtype == torch.bfloat16
    value.sum().backward()
    assert mean.grad is not None and mean.grad.dtype == torch.bfloat16
    assert len(codes) == 2
    for code in codes:
        arithmetic = re.findall(r"\b(?:add|sub|mul|fma|div|rcp|ex2|lg2)[.\w]*\.(?:f32|bf16)\b", code)
        assert set(arithmetic) <= {"fma.rn.bf16"}
        narrowing = set(re.findall(r"cvt\.((?:\w+\.)?(?:bf16\.f32|f32\.f64))", code))
        assert narrowing == {"rn.f32.f64", "rn.bf16.f32"}


def _no_other_way(g: torch.Tensor, *arrays: torch.Tensor) -> Any:
    raise AssertionError
