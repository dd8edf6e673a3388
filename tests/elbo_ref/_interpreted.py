"""The kernels of Triton as its interpreter runs them, behind the functions that users call, on the simulated accelerator.

`test_kernels` runs this file in a process of its own, where TRITON_INTERPRET is set before Triton is imported.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import mpmath
import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import elbo_ref
from elbo_ref._core import by_kernels, by_loops, tensors
from tests.elbo_ref import _simulated as simulated

far, near = simulated.far, simulated.near

elbo_ref.kl_standard_normal(torch.zeros(2, 3), torch.zeros(2, 3))
with simulated.device():
    elbo_ref.kl_standard_normal(far(torch.zeros(2, 3)), far(torch.zeros(2, 3)))
EARLY = "elbo_ref._core.kernels" in sys.modules


def test_kernels_are_imported_for_a_tensor_on_a_device_and_not_before() -> None:
    assert not EARLY and "elbo_ref._core.kernels" in sys.modules


class Interpreted:
    """A kernel that finds the numbers of simulated tensors, and counts as one."""

    def __init__(self, name: str, kernel: Any, launched: list[str]):
        self._name, self._kernel, self._launched = name, kernel, launched

    def __getitem__(self, grid: tuple[int, ...]) -> Callable[..., None]:
        def run(*arguments: Any, **options: Any) -> None:
            self._launched.append(self._name)
            simulated.counts["kernels"] += 1
            assert not options["enable_fp_fusion"]
            assert not any(isinstance(x, torch.Tensor) and not isinstance(x, simulated.Far) for x in arguments)
            with np.errstate(all="ignore"):  # as on a device, where infinity and NaN are numbers like others
                self._kernel[grid](*map(near, arguments), **options)

        return run


NAMES = [f"{name}{end}" for name in ("kl_standard_normal", "negative_elbo_bernoulli") for end in ("", "_vjp")]


@pytest.fixture(autouse=True)
def launched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names of the kernels that have been started."""
    monkeypatch.setattr(by_kernels, "on_device", lambda x: isinstance(x, simulated.Far))
    monkeypatch.setattr(by_kernels._Kernels, "work", True)
    monkeypatch.setattr(by_loops._Loops, "loaded", False)  # those of the CPU take a second to load
    monkeypatch.setattr(tensors, "_PLAIN", (*tensors._PLAIN, simulated.Far))
    kernels, names = by_kernels._kernels(), []
    for name in NAMES:
        monkeypatch.setattr(kernels, name, Interpreted(name, getattr(kernels, name), names))
    with simulated.device():
        yield names


def within_half_a_unit(got: Any, want: Any) -> None:
    got, want = (near(x).detach().numpy() for x in (got, want))
    assert got.dtype == np.float32
    spacing = np.spacing(np.abs(want).astype(np.float32)).astype(np.float64)
    np.testing.assert_array_less(np.abs(got - want), 0.51 * spacing + np.finfo(np.float64).tiny)


def spent() -> dict[str, int]:
    """Kernels and waits since the last time."""
    found = {name: simulated.counts[name] for name in ("kernels", "waits")}
    simulated.counts.clear()
    return found


def normal(rng: np.random.Generator, *shape: int, spread: float = 1.0) -> torch.Tensor:
    return torch.tensor(spread * rng.normal(size=shape), dtype=torch.float32)


def bits(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.tensor(rng.random(shape) < 0.3, dtype=torch.float32)


def wide(*arrays: torch.Tensor) -> list[torch.Tensor]:
    return [x.double().requires_grad_() for x in arrays]


@pytest.mark.parametrize("spread", [1e-6, 1.0, 15.0])
@pytest.mark.parametrize("d", [1, 20, 784, 1500])
def test_a_divergence(d: int, spread: float, rng: np.random.Generator, launched: list[str]) -> None:
    """One kernel for the value and one for the gradient, each number rounded once."""
    n = 11 if d < 100 else 2
    arrays = normal(rng, n, d, spread=min(spread, 1)), normal(rng, n, d, spread=spread)
    exact = wide(*arrays)
    want = elbo_ref.kl_standard_normal(*exact)
    there, weights = [far(x, True) for x in arrays], normal(rng, n)
    g = far(weights)
    spent()
    value = elbo_ref.kl_standard_normal(*there)
    assert spent() == {"kernels": 1, "waits": 1}
    by = torch.autograd.grad(value, there, g)
    assert spent() == {"kernels": 1, "waits": 0}
    assert launched == ["kl_standard_normal", "kl_standard_normal_vjp"]
    within_half_a_unit(value, want)
    for got, derivative in zip(by, torch.autograd.grad(want, exact, weights.double()), strict=True):
        within_half_a_unit(got, derivative)


def test_mixed_precision(rng: np.random.Generator, launched: list[str]) -> None:
    """As under autocast: still one kernel each way, each gradient in the dtype of its tensor. The interpreter rounds no bfloat16
    right, so that one is left to `test_compiled_for_bfloat16`.
    """
    narrow = torch.float16
    data, logits, mean, logvar = bits(rng, 5, 30), *(normal(rng, 5, size).to(narrow) for size in (30, 4, 4))

    def both(x: Any, logits: Any, mean: Any, logvar: Any) -> tuple[Any, Any]:
        return loss(x, logits, mean, logvar), elbo_ref.kl_standard_normal(mean, logvar)

    exact = [data.double(), *wide(logits, mean, logvar)]
    there = [far(data), *(far(x, True) for x in (logits, mean, logvar))]
    for given in ("mixed", "narrow"):
        launched.clear()
        if given == "narrow":
            there[0] = far(data.to(narrow))
        values, wants = both(*there), both(*exact)
        assert [x.dtype for x in values] == [torch.float32 if given == "mixed" else narrow, narrow]
        assert all(torch.equal(near(a), b.to(a.dtype)) for a, b in zip(values, wants, strict=True))
        by, want = (torch.autograd.grad(sum(x.sum() for x in y), z[1:]) for y, z in ((values, there), (wants, exact)))
        assert launched == [NAMES[2], NAMES[0], NAMES[1], NAMES[3]]
        for a, b in zip(by, want, strict=True):
            assert a.dtype == narrow
            unit = torch.finfo(narrow).eps  # two gradients, each rounded, are added
            torch.testing.assert_close(near(a), b.to(narrow), rtol=2 * unit, atol=unit * float(b.abs().max()))


HARD = [1e-16, 0.0078, -0.0078, 2.0**-26, -(2.0**-26), 2.0**-13, -(2.0**-13), 2.0**-7, -(2.0**-7) * 1.01, 0.0, 1e-40]
HARD += [-1e-3, 88.9, -88.9, -300.0, -700.5, -750.0, -1e30, 1.0]


def exactly(function: Callable[..., Any], *columns: list[float]) -> torch.Tensor:
    """To 40 digits, which are 17 in the end."""
    with mpmath.workdps(40):
        return torch.tensor([float(function(*map(mpmath.mpf, row))) for row in zip(*columns, strict=True)]).double()


def test_hard_variances(launched: list[str]) -> None:
    """Where 1, or exp(logvar), or logvar drowns the rest."""
    torch.set_default_dtype(torch.float64)
    logvar = torch.tensor(HARD, dtype=torch.float32)
    mean = torch.where(logvar.abs() < 0.01, logvar / 3, 0.7)
    columns = mean.tolist(), logvar.tolist()
    there = [far(x[:, None], True) for x in (mean, logvar)]
    try:
        value = elbo_ref.kl_standard_normal(*there)
        by = torch.autograd.grad(value.sum(), there)
    finally:
        torch.set_default_dtype(torch.float32)
    assert launched == ["kl_standard_normal", "kl_standard_normal_vjp"]
    within_half_a_unit(value, exactly(lambda m, v: (mpmath.expm1(v) - v + m * m) / 2, *columns))
    within_half_a_unit(by[0][:, 0], mean.double())
    within_half_a_unit(by[1][:, 0], exactly(lambda _, v: mpmath.expm1(v) / 2, *columns))


def test_hard_logits(launched: list[str]) -> None:
    """Pixels that are certain, or certainly wrong, or not known at all, with a divergence of 0 beside them."""
    logits = torch.tensor([0.0, 1e-20, -1e-20, 30.0, -30.0, 60.0, -60.0, 100.0, 800.0, -800.0, 1e30, 1e-3] * 2)
    x = torch.tensor([0.0] * 12 + [1.0] * 12)
    codes = [torch.zeros(24, 2) for _ in range(2)]
    there = [far(logits[:, None], True), *map(far, codes)]
    value = elbo_ref.negative_elbo_bernoulli(far(x[:, None]), *there, reduction="none")
    (by,) = torch.autograd.grad(value.sum(), there[:1])
    assert launched == ["negative_elbo_bernoulli", "negative_elbo_bernoulli_vjp"]
    columns = (1 - 2 * x).tolist(), logits.tolist()
    within_half_a_unit(value, exactly(lambda s, v: mpmath.log1p(mpmath.exp(s * v)), *columns))
    within_half_a_unit(by[:, 0], exactly(lambda s, v: s / (1 + mpmath.exp(-s * v)), *columns))


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize(("d", "k"), [(1, 1), (20, 30), (1500, 5)])
def test_a_loss(reduction: Any, d: int, k: int, rng: np.random.Generator, launched: list[str]) -> None:
    """One kernel each way, and two more where losses are reduced: a sum, and its rounding. beta = 0.7 is no float32."""
    n = 2 if d > 100 else 9
    x, arrays = bits(rng, n, d), [normal(rng, n, d, spread=4), normal(rng, n, k), normal(rng, n, k)]
    exact, there, data = wide(*arrays), [far(a, True) for a in arrays], far(x)
    want = elbo_ref.negative_elbo_bernoulli(x.double(), *exact, reduction=reduction, beta=0.7)
    weights = normal(rng, *want.shape)
    g = far(weights)
    spent()
    value = elbo_ref.negative_elbo_bernoulli(data, *there, reduction=reduction, beta=0.7)
    assert spent() == {"kernels": 1 if reduction == "none" else 3, "waits": 1}
    by = torch.autograd.grad(value, there, g)
    assert spent() == {"kernels": 1, "waits": 0}
    assert launched == ["negative_elbo_bernoulli", "negative_elbo_bernoulli_vjp"]
    within_half_a_unit(value, want)
    for got, derivative in zip(by, torch.autograd.grad(want, exact, weights.double()), strict=True):
        within_half_a_unit(got, derivative)


def test_rows_in_any_order(rng: np.random.Generator, launched: list[str]) -> None:
    """Halves of what an encoder puts out, a row that is repeated, batches of batches, a g that is one number for all."""
    both = normal(rng, 5, 14)
    encoded = far(both, True)
    value = elbo_ref.kl_standard_normal(*encoded.chunk(2, -1))
    (by,) = torch.autograd.grad(value.sum(), encoded)
    exact = wide(both)
    want = elbo_ref.kl_standard_normal(*exact[0].chunk(2, -1))
    within_half_a_unit(value, want)
    within_half_a_unit(by, torch.autograd.grad(want.sum(), exact)[0])
    row, rows = both[:1, :7].expand(5, 7), both[:, 7:].contiguous()
    within_half_a_unit(
        elbo_ref.kl_standard_normal(far(both[:1, :7]).expand(5, 7), far(rows)),
        elbo_ref.kl_standard_normal(row.double(), rows.double()),
    )
    cube = normal(rng, 2, 3, 7)
    value = elbo_ref.kl_standard_normal(far(cube), far(cube))
    assert value.shape == (2, 3)
    within_half_a_unit(value, elbo_ref.kl_standard_normal(cube.double(), cube.double()))
    assert launched == ["kl_standard_normal", "kl_standard_normal_vjp", "kl_standard_normal", "kl_standard_normal"]


def test_kernels_run_on_the_device_of_their_tensors(
    rng: np.random.Generator, launched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which need not be the one that torch takes for others."""

    @contextmanager
    def device_of(x: Any) -> Iterator[None]:
        assert isinstance(x, simulated.Far)
        launched.append("there")
        yield
        launched.append("back")

    monkeypatch.setattr(torch.cuda, "device_of", device_of)
    there = [far(x, True) for x in arguments(divergence, rng)]
    divergence(*there).sum().backward()
    assert launched == ["there", "kl_standard_normal", "back", "there", "kl_standard_normal_vjp", "back"]


@pytest.mark.parametrize("wanted", [(0,), (1,), (2,), (0, 2)])
def test_only_some_are_trained(wanted: tuple[int, ...], rng: np.random.Generator, launched: list[str]) -> None:
    x, arrays = bits(rng, 3, 4), [normal(rng, 3, 4), normal(rng, 3, 2), normal(rng, 3, 2)]
    there, exact = [far(a, i in wanted) for i, a in enumerate(arrays)], wide(*arrays)
    elbo_ref.negative_elbo_bernoulli(far(x), *there, reduction="sum").backward()
    elbo_ref.negative_elbo_bernoulli(x.double(), *exact, reduction="sum").backward()
    assert launched == ["negative_elbo_bernoulli", "negative_elbo_bernoulli_vjp"]
    assert [i for i, a in enumerate(there) if a.grad is not None] == list(wanted)
    for i in wanted:
        within_half_a_unit(there[i].grad, exact[i].grad)


def divergence(mean: Any, logvar: Any) -> Any:
    return elbo_ref.kl_standard_normal(mean, logvar)


def loss(x: Any, logits: Any, mean: Any, logvar: Any, reduction: Any = "mean") -> Any:
    return elbo_ref.negative_elbo_bernoulli(x, logits, mean, logvar, reduction=reduction)


def arguments(function: Callable[..., Any], rng: np.random.Generator) -> list[torch.Tensor]:
    codes = [normal(rng, 3, 4), normal(rng, 3, 4)]
    return codes if function is divergence else [bits(rng, 3, 4), normal(rng, 3, 4), *codes]


INF, NAN = float("inf"), float("nan")
BAD = [
    (divergence, 0, NAN, "mean must be finite, got nan"),
    (divergence, 0, -INF, "mean must be finite, got -inf"),
    (divergence, 1, NAN, "logvar must be finite, got nan"),
    (divergence, 1, INF, "logvar must be finite, got inf"),
    (divergence, 1, -INF, "logvar must be finite, got -inf"),
    (loss, 0, 0.5, "x must be 0 or 1 .*got 0.5"),
    (loss, 0, -1.0, "x must be 0 or 1 .*got -1.0"),
    (loss, 0, 2.0**-99, "x must be 0 or 1 .*got 1.5777218104420236e-30"),
    (loss, 0, NAN, "x must be 0 or 1 .*got nan"),
    (loss, 0, INF, "x must be 0 or 1 .*got inf"),
    (loss, 1, NAN, "logits_x must be finite, got nan"),
    (loss, 1, INF, "logits_x must be finite, got inf"),
    (loss, 1, -INF, "logits_x must be finite, got -inf"),
    (loss, 2, INF, "mean must be finite, got inf"),
    (loss, 3, -INF, "logvar must be finite, got -inf"),
]


@pytest.mark.parametrize(("function", "position", "value", "message"), BAD)
def test_outside_the_domain(
    function: Callable[..., Any],
    position: int,
    value: float,
    message: str,
    rng: np.random.Generator,
    launched: list[str],
) -> None:
    """Refused with the place, also in training; unchecked, not finite, and nobody waits."""
    arrays = arguments(function, rng)
    arrays[position][1, 2] = value
    with pytest.raises(ValueError, match=message) as error:
        function(*(far(a, function is divergence or i > 0) for i, a in enumerate(arrays)))
    assert "(1, 2)" in str(error.value)
    spent()
    with elbo_ref.unchecked():
        result = function(*map(far, arrays))
    assert spent()["waits"] == 0
    assert not torch.isfinite(near(result).sum())
    assert [name.endswith("_vjp") for name in launched] == [False, False]


def test_a_bad_row_spoils_no_other(rng: np.random.Generator) -> None:
    for function, options in ((divergence, []), (loss, ["none"])):
        arrays = arguments(function, rng)
        want = function(*arrays, *options)
        arrays[-1][1, 2] = NAN
        with elbo_ref.unchecked():
            got = near(function(*map(far, arrays), *options))
        assert torch.isnan(got).tolist() == [False, True, False]
        torch.testing.assert_close(got[::2], want[::2])


def test_a_result_that_no_float_holds_is_no_error(launched: list[str]) -> None:
    x = far(torch.full((1, 1), 100.0))
    assert near(elbo_ref.kl_standard_normal(x, x)).tolist() == [INF]
    assert launched == ["kl_standard_normal"]


@pytest.mark.parametrize("function", [divergence, loss])
def test_a_second_derivative_takes_the_other_way(
    function: Callable[..., Any], rng: np.random.Generator, launched: list[str]
) -> None:
    """Whose first derivatives are the same."""
    arrays = arguments(function, rng)
    free = slice(0, 2) if function is divergence else slice(1, 4)
    there, exact = [far(a, True) for a in arrays], wide(*arrays)
    if function is loss:
        there[0], exact[0] = far(arrays[0]), exact[0].detach()

    def second(points: list[Any]) -> Any:
        value = function(*points).sum()
        once = torch.autograd.grad(value, points[free], create_graph=True)
        return once, torch.autograd.grad(sum((by * by).sum() for by in once), points[free])

    for got, want in zip(second(there), second(exact), strict=True):
        for by, derivative in zip(got, want, strict=True):
            torch.testing.assert_close(near(by), derivative.float(), rtol=1e-5, atol=1e-7)
    assert [name.endswith("_vjp") for name in launched] == [False]


def test_backward_twice(rng: np.random.Generator, launched: list[str]) -> None:
    arrays = arguments(loss, rng)
    there = [far(arrays[0]), *(far(a, True) for a in arrays[1:])]
    value = loss(*there)
    once, again = (torch.autograd.grad(value, there[1:], retain_graph=True) for _ in range(2))
    assert len(launched) == 3
    for a, b in zip(once, again, strict=True):
        assert torch.equal(near(a), near(b))


def ways_around(rng: np.random.Generator) -> dict[str, Callable[[], Any]]:
    """Calls that are no business of a kernel, each with arguments of its own."""
    mean, logvar = (far(normal(rng, 3, 4)) for _ in range(2))
    data, logits = far(bits(rng, 3, 4)), far(normal(rng, 3, 4))

    return {
        "float64": lambda: divergence(mean.double(), logvar.double()),
        "columns": lambda: divergence(mean.T, logvar.T),
        "broadcast": lambda: divergence(mean[0], logvar),
        "a number": lambda: divergence(mean, 0.0),
        "empty": lambda: divergence(mean[:0], logvar[:0]),
        "no axis but the batch": lambda: elbo_ref.kl_standard_normal(mean[:, :0], logvar[:, :0]),
        "vmap": lambda: torch.func.vmap(divergence)(mean, logvar),
        "std": lambda: elbo_ref.kl_standard_normal(mean, std=logvar.exp()),
        "samples": lambda: loss(data, logits.expand(2, 3, 4), mean, logvar),
        "beta for each": lambda: elbo_ref.negative_elbo_bernoulli(
            data, logits, mean, logvar, reduction="sum", beta=far(torch.ones(3))
        ),
        "free bits": lambda: elbo_ref.negative_elbo_bernoulli(
            data, logits, mean, logvar, reduction="sum", free_bits=0.1
        ),
        "differentiated data": lambda: loss(far(near(data), True), logits, mean, logvar),
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about itself
@pytest.mark.parametrize("name", ways_around(np.random.default_rng(0)))
def test_everything_else_takes_the_other_way(name: str, rng: np.random.Generator, launched: list[str]) -> None:
    ways_around(rng)[name]()
    assert launched == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about itself
def test_the_door_is_shut_while_torch_does_more_than_compute(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In forward mode, in its transforms, under whoever watches or rewrites what it does; on another device; for numbers that are
    not what lies in memory.
    """
    x = far(normal(rng, 3, 4))
    assert by_kernels.door(x, x)
    assert not by_kernels.door(x, near(x)) and not by_kernels.door(near(x), x) and not by_kernels.door(1.0, x)
    with torch.autograd.forward_ad.dual_level():
        assert not by_kernels.door(x, x)
    with TorchDispatchMode():
        assert not by_kernels.door(x, x)
    doors: list[bool] = []
    torch.func.grad(lambda y: doors.append(by_kernels.door(x, x)) or y)(torch.ones(()))
    assert doors == [False]
    assert by_kernels.door(x, x)
    monkeypatch.setattr(by_kernels, "on_device", lambda x: True)
    assert by_kernels.door(near(x)) and not by_kernels.door(torch._neg_view(near(x)))


def test_other_shapes_are_refused_as_ever(rng: np.random.Generator, launched: list[str]) -> None:
    x, logits, mean, logvar = map(far, arguments(loss, rng))
    for arrays in (
        (x, logits[:, :3], mean, logvar),
        (x, logits, mean[:2], logvar[:2]),
        (x[:2], logits[:2], mean, logvar),
    ):
        with pytest.raises(ValueError, match="must have the"):
            loss(*arrays)
    with pytest.raises(ValueError, match="must have at least 1 axis"):
        divergence(far(torch.zeros(())), far(torch.zeros(())))
    with pytest.raises(ValueError, match=r"beta must be finite and >= 0, got -1\.0"):
        elbo_ref.negative_elbo_bernoulli(x, logits, mean, logvar, reduction="sum", beta=-1.0)
    assert launched == []


@pytest.mark.parametrize("when", ["value", "gradient", "import"])
def test_a_kernel_that_fails_is_said_and_done_without(
    when: str, rng: np.random.Generator, launched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where nothing compiles C: once it is said, and the results are right."""
    arrays, weights = arguments(divergence, rng), normal(rng, 3)
    there, exact = [far(a, True) for a in arrays], wide(*arrays)

    def fails(*_: Any) -> Any:
        raise ImportError("no compiler for C")

    class Failing:
        __getitem__ = fails

    if when == "import":
        by_kernels._kernels.cache_clear()
        monkeypatch.setattr(by_kernels, "import_module", fails)
    else:
        name = "kl_standard_normal" + "_vjp" * (when == "gradient")
        monkeypatch.setattr(by_kernels._kernels(), name, Failing())

    def twice() -> tuple[Any, Any]:
        value = divergence(*there)
        by = torch.autograd.grad(value, there, far(weights))
        divergence(*there)
        return value, by

    with pytest.warns(UserWarning, match="the slower way, as .*no compiler for C") as said:
        value, by = twice()
    by_kernels._kernels.cache_clear()
    assert len(said) == 1 and len(launched) == (when == "gradient")
    want = divergence(*exact)
    within_half_a_unit(value, want)
    for got, derivative in zip(by, torch.autograd.grad(want, exact, weights.double()), strict=True):
        torch.testing.assert_close(near(got), derivative.float(), rtol=2.0**-22, atol=0)
