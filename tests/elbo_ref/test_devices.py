"""Every function on an accelerator that is simulated: right values and derivatives, and how much it is made to do for them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import elbo_ref
from tests.elbo_ref.test_references import CASES, Case, onto, outputs, parameters

torch = pytest.importorskip("torch")
simulated = pytest.importorskip("tests.elbo_ref._simulated")
far, near = simulated.far, simulated.near


def spend(function: Callable[..., Any], *arrays: Any) -> tuple[Any, int, int]:
    """The result, kernels and waits."""
    simulated.counts.clear()
    result = function(*arrays)
    return result, simulated.counts["kernels"], simulated.counts["waits"]


def test_the_device_refuses_and_counts() -> None:
    """Otherwise nothing below would mean anything."""
    with simulated.device() as counts:
        x = far(torch.ones(3))
        assert x.device.type == simulated.NAME and (x + 1).device.type == simulated.NAME
        with pytest.raises(RuntimeError, match="on the same device"):
            x + torch.ones(3)
        counts.clear()
        (x * 2).sum().item()
        assert dict(counts) == {"kernels": 2, "waits": 1}
        counts.clear()
        x[x > 0]
        assert counts["waits"] == 1
        counts.clear()
        x.cpu()
        assert counts["waits"] == 1
        assert torch.zeros(2, device=simulated.NAME).device.type == simulated.NAME
    with simulated.device(without=(torch.float64,)), pytest.raises(TypeError, match="float64"):
        far(torch.ones(3)).double()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_values(name: str, dtype: str, rng: np.random.Generator) -> None:
    """With at most one wait for the look where a function has one formula and no matrix."""
    case: Case = CASES[name]
    arrays = [torch.tensor(a, dtype=getattr(torch, dtype)) for a in case.arguments(rng)]
    want = outputs(case.function(*arrays))
    with simulated.device():
        got, _, waits = spend(case.function, *map(far, arrays))
        if not name.startswith(("linear_gaussian", "kl_mvn", "entropy_mvn")):
            assert waits <= 1
        with elbo_ref.unchecked():
            quick, _, no_waits = spend(case.function, *map(far, arrays))
        assert no_waits == 0
    ulps = 8 if dtype == "float64" else 1
    for value, unchecked, exact in zip(outputs(got), outputs(quick), want, strict=True):
        assert isinstance(value, simulated.Far)
        for x in (value, unchecked):
            torch.testing.assert_close(near(x), exact, rtol=ulps * torch.finfo(exact.dtype).eps, atol=1e-15)


@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str, rng: np.random.Generator) -> None:
    case: Case = CASES[name]
    points = [
        x if i in case.fixed else onto(torch, kind, x).detach()
        for i, (kind, x) in enumerate(zip(case.onto, parameters(case, rng), strict=True))
    ]
    free = [i for i in range(len(points)) if i not in case.fixed]

    def gradients(arrays: list[Any]) -> Any:
        total = sum(y.sum() for y in outputs(case.function(*arrays)))
        return torch.autograd.grad(total, [arrays[i] for i in free])

    want = gradients([x.clone().requires_grad_(i in free) for i, x in enumerate(points)])
    with simulated.device():
        got = gradients([far(x, i in free) for i, x in enumerate(points)])
    for g, w in zip(got, want, strict=True):
        torch.testing.assert_close(near(g), w, rtol=1e-12, atol=1e-14)


def batch(*shapes: tuple[int, ...]) -> list[Any]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator) for shape in shapes]


def kl() -> tuple[Callable[..., Any], list[Any]]:
    return elbo_ref.kl_standard_normal, batch((128, 20), (128, 20))


def loss() -> tuple[Callable[..., Any], list[Any]]:
    x, *rest = batch((128, 784), (128, 784), (128, 20), (128, 20))
    bits = (x > 0).float()

    def function(logits: Any, mean: Any, logvar: Any) -> Any:
        data = far(bits) if isinstance(mean, simulated.Far) else bits
        return elbo_ref.negative_elbo_bernoulli(data, logits, mean, logvar, reduction="mean")

    return function, rest


def categorical() -> tuple[Callable[..., Any], list[Any]]:
    return elbo_ref.kl_categorical_logits, batch((128, 20), (128, 20))


def test_the_brief_gradient_of_a_categorical_divergence() -> None:
    """As good as the long one, near equality and far from it; where a logit is infinite the long one is taken."""
    a = torch.tensor([[0.5, -1.0, 3.0], [1e-20, 2e-20, 0.0], [60.0, -60.0, 0.0], [0.0, -np.inf, 1.0]])
    b = torch.tensor([[0.5, -1.0, 3.0 + 2.0**-21], [3e-20, 1e-20, 0.0], [-60.0, 60.0, 1.0], [0.5, -np.inf, 1.0]])
    points = [x.double().requires_grad_() for x in (a, b)]
    want = torch.autograd.grad(elbo_ref.kl_categorical_logits(*points).sum(), points)
    with simulated.device():
        for rows in (slice(0, 3), slice(3, 4)):
            there = [far(x[rows], True) for x in (a, b)]
            value = elbo_ref.kl_categorical_logits(*there)
            for by, exact in zip(torch.autograd.grad(value, there, far(torch.ones(len(a[rows])))), want, strict=True):
                torch.testing.assert_close(near(by), exact[rows].float(), rtol=2.0**-22, atol=1e-30)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_brief_gradient_of_a_loss(dtype: Any) -> None:
    """Rounded once from float64, however certain a pixel and however far a variance is from 1."""
    x = torch.tensor([[0.0, 1.0, 0.0, 1.0, 1.0]], dtype=dtype)
    points = [
        torch.tensor([[60.0, 60.0, -60.0, -1e-20, 3.0]]),
        torch.tensor([[0.5, 1e-20]]),
        torch.tensor([[1e-3, -60.0]]),
    ]
    points = [p.to(dtype) for p in points]

    def gradients(x: Any, points: list[Any]) -> Any:
        value = elbo_ref.negative_elbo_bernoulli(x, *points, reduction="mean", beta=0.75)
        return torch.autograd.grad(value, points)

    want = gradients(x.double(), [p.double().requires_grad_() for p in points])
    with simulated.device():
        got = gradients(far(x), [far(p, True) for p in points])
    for by, exact in zip(got, want, strict=True):
        torch.testing.assert_close(near(by).double(), exact, rtol=0.51 * torch.finfo(dtype).eps, atol=0)


def bound() -> tuple[Callable[..., Any], list[Any]]:
    return elbo_ref.iwae_bound, batch((50, 128))


# Kernels of a value, and of a value with its gradient.
BUDGET = [(kl, 10, 17), (loss, 19, 30), (categorical, 18, 52), (bound, 17, 45)]


@pytest.mark.parametrize(("case", "forward", "both"), BUDGET)
def test_what_a_training_step_costs(case: Callable[..., Any], forward: int, both: int | None) -> None:
    function, arrays = case()
    want = function(*arrays)
    with simulated.device():
        with torch.no_grad():
            value, kernels, waits = spend(function, *map(far, arrays))
            assert (kernels <= forward, waits) == (True, 1), (kernels, waits)
            with elbo_ref.unchecked():
                _, _, waits = spend(function, *map(far, arrays))
                assert waits == 0
        torch.testing.assert_close(near(value), want, rtol=2.0**-23, atol=0)
        if both is not None:
            points = [far(x, True) for x in arrays]
            ones = torch.ones_like(value)
            _, kernels, waits = spend(lambda *x: torch.autograd.grad(function(*x), x, ones), *points)
            assert (kernels <= both, waits) == (True, 1), (kernels, waits)


@pytest.mark.parametrize("named", [False, True])
def test_surgery_tables(named: bool) -> None:
    """In a fortieth of the kernels of the way that a CPU takes, with the same values, gradients and refusals."""
    q_n, conditional, p_z, p_n = [torch.softmax(x, -1) for x in batch((8,), (8, 30), (30,), (8,))]
    sparse = conditional.clone()
    sparse[3] = sparse[4] = torch.eye(30)[7]
    tables = [q_n, conditional, p_z, *[p_n] * named]

    def parts(*tables: Any) -> Any:
        return elbo_ref.elbo_surgery_table(*tables[:3], p_n=tables[3] if named else None)

    with simulated.device():
        got, kernels, waits = spend(parts, *map(far, tables))
        assert (kernels <= 37 + 5 * named, waits) == (True, 1), (kernels, waits)
        with_zeros = parts(far(q_n), far(sparse), *map(far, tables[2:]))
        there = [far(x, True) for x in tables]
        gradients = torch.autograd.grad(sum(parts(*there)), there)
        for wrong, message in ((q_n * 1.001, "the sum of q_n"), (q_n - 2 * q_n[0], "q_n must be in"), (q_n[:7], "q_n")):
            with pytest.raises(ValueError, match=message):
                parts(far(wrong), *map(far, tables[1:]))
    for found, given in ((got, tables), (with_zeros, [q_n, sparse, *tables[2:]])):
        for value, exact in zip(found, parts(*given), strict=True):
            torch.testing.assert_close(near(value), exact, rtol=2.0**-23, atol=1e-12)
    points = [x.requires_grad_() for x in tables]
    for by, exact in zip(gradients, torch.autograd.grad(sum(parts(*points)), points), strict=True):
        torch.testing.assert_close(near(by), exact, rtol=1e-5, atol=1e-6)


SINGLE = ["kl_normal", "kl_standard_normal", "kl_diag_normal", "bernoulli_log_likelihood_logits", "normal_log_density"]


@pytest.mark.parametrize("name", sorted(set(CASES) - {"entropy_mvn", "kl_mvn", "kl_mvn_tril"}))
def test_a_device_without_float64(name: str, rng: np.random.Generator) -> None:
    """In float32 throughout: within a few roundings of the sum of absolute terms, as the definition is."""
    case: Case = CASES[name]
    arrays = [torch.tensor(a, dtype=torch.float32) for a in case.arguments(rng)]
    want = outputs(case.function(*arrays))
    with simulated.device(without=(torch.float64,)):
        got = outputs(case.function(*map(far, arrays)))
    for value, exact in zip(got, want, strict=True):
        ulps = 2 if name in SINGLE else 16
        torch.testing.assert_close(near(value), exact.float(), rtol=ulps * 2.0**-23, atol=ulps * 2.0**-24)


def test_bad_arguments_are_refused_there() -> None:
    with simulated.device():
        with pytest.raises(ValueError, match=r"logvar must be finite, got inf at index \(1,\)"):
            elbo_ref.kl_standard_normal(far(torch.zeros(2)), far(torch.tensor([0.0, np.inf])))
        with pytest.raises(ValueError, match=r"std_q must be finite and > 0, got -1.0"):
            elbo_ref.kl_normal(far(torch.zeros(2)), far(-torch.ones(2)), 0.0, -1.0)
        with elbo_ref.unchecked():
            value = near(elbo_ref.kl_normal(far(torch.zeros(2)), far(-torch.ones(2)), 0.0, 1.0))
            assert not torch.isfinite(value).any()


def test_a_loss_of_parts_has_one_look(rng: np.random.Generator) -> None:
    x, mean_x = (torch.tensor(rng.integers(0, 2, size=(6, 30))).float(), torch.tensor(rng.normal(size=(6, 30))).float())
    mean, logvar = (torch.tensor(rng.normal(size=(6, 4))).float() for _ in range(2))

    def gaussian(*arrays: Any) -> Any:
        return elbo_ref.negative_elbo_gaussian(arrays[0], arrays[1], 0.7, *arrays[2:], reduction="mean")

    def with_free_bits(*arrays: Any) -> Any:
        return elbo_ref.negative_elbo_bernoulli(*arrays, reduction="sum", free_bits=0.1)

    for loss in (gaussian, with_free_bits):
        want = loss(x, mean_x, mean, logvar)
        with simulated.device():
            got, _, waits = spend(loss, *map(far, (x, mean_x, mean, logvar)))
            assert waits == 1
            with elbo_ref.unchecked():
                assert spend(loss, *map(far, (x, mean_x, mean, logvar)))[2] == 0
            with pytest.raises(ValueError, match="logvar must be finite"):
                loss(*map(far, (x, mean_x, mean, logvar / 0)))
        torch.testing.assert_close(near(got), want, rtol=2 * 2.0**-24, atol=0.0)
