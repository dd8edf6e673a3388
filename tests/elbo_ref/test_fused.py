"""The loops that numba compiles for float32 arrays, beside the same functions in float64, which are exact to 4 ulp."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import elbo_ref
from elbo_ref import _loss_loops, _sampling
from elbo_ref._core import by_loops

pytest.importorskip("numba")

ENOUGH = by_loops.SMALL
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "kl_standard_normal": elbo_ref.kl_standard_normal,
    "kl_diag_normal": elbo_ref.kl_diag_normal,
    "bernoulli_log_likelihood_logits": elbo_ref.bernoulli_log_likelihood_logits,
}


@pytest.fixture(autouse=True)
def only_by_loops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the calls, so that no test passes because nothing went through a loop."""
    by_loops.ready(ENOUGH)
    calls: list[str] = []
    original = by_loops.run

    def run(like: Any, name: str, *rest: Any) -> int:
        calls.append("vjp" if name.endswith("_vjp") else "value")
        return original(like, name, *rest)

    in_one_step = _sampling.in_one_step

    def step(*arrays: Any) -> Any:
        found = in_one_step(*arrays)
        if found is not None:
            calls.append("value")
        return found

    for module in (by_loops, _loss_loops):
        monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(_sampling, "in_one_step", step)
    return calls


def arguments(name: str, rows: int, size: int, spread: float, rng: np.random.Generator) -> list[np.ndarray]:
    def normal(scale: float = spread) -> np.ndarray:
        return (scale * rng.normal(size=(rows, size))).astype(np.float32)

    if name == "kl_standard_normal":
        return [normal(min(spread, 1.0)), normal()]
    if name == "kl_diag_normal":
        mean, std = normal(1.0), np.exp(normal(3.0))
        return [mean + std * normal(min(spread, 1.0)), std * np.exp(normal(min(spread, 8.0))), mean, std]
    return [(rng.random((rows, size)) < 0.3).astype(np.float32), normal()]


def within_half_a_unit(got: np.ndarray, want: np.ndarray) -> None:
    assert got.dtype == np.float32
    spacing = np.spacing(np.abs(want).astype(np.float32)).astype(np.float64)
    np.testing.assert_array_less(np.abs(got - want), 0.51 * spacing)


@pytest.mark.parametrize("spread", [1e-12, 1e-6, 1e-3, 0.1, 1.0, 15.0])
@pytest.mark.parametrize("size", [1, 7, 64, 20_000])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_rounded_once(name: str, size: int, spread: float, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    arrays = arguments(name, -(-ENOUGH // size), size, spread, rng)
    got = FUNCTIONS[name](*arrays)
    assert set(only_by_loops) == {"value"}
    within_half_a_unit(got, FUNCTIONS[name](*(x.astype(np.float64) for x in arrays)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_same_without_numba(
    name: str, rng: np.random.Generator, only_by_loops: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = arguments(name, ENOUGH // 64, 64, 1.0, rng)
    with_loops = FUNCTIONS[name](*arrays)
    monkeypatch.setattr(by_loops._Loops, "loaded", False)
    without = FUNCTIONS[name](*arrays)
    assert set(only_by_loops) == {"value"}
    within_half_a_unit(without, FUNCTIONS[name](*(x.astype(np.float64) for x in arrays)))
    np.testing.assert_array_max_ulp(with_loops, without, 1)


def test_a_numba_that_cannot_be_imported_is_said_and_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when NumPy is newer than numba allows."""

    def fails(name: str) -> None:
        raise ImportError(f"Numba needs NumPy 2.3 or less, for {name}")

    monkeypatch.setattr(by_loops, "import_module", fails)
    monkeypatch.setattr(by_loops._Loops, "loaded", None)
    with pytest.warns(UserWarning, match="the slower way, as numba cannot be imported: Numba needs NumPy 2.3"):
        assert not by_loops.ready(ENOUGH)
    x = np.ones((ENOUGH, 1), dtype=np.float32)
    assert (elbo_ref.kl_standard_normal(x, 0 * x) == 0.5).all()


def test_the_loops_are_loaded_when_they_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_loops._Loops, "loaded", None)
    monkeypatch.setattr(by_loops._Loops, "calls", 0)
    assert [by_loops.ready(1) for _ in range(by_loops._CALLS + 1)] == [False] * by_loops._CALLS + [True]
    monkeypatch.setattr(by_loops._Loops, "loaded", None)
    monkeypatch.setattr(by_loops._Loops, "calls", 0)
    assert by_loops.ready(ENOUGH)


LARGEST = float(np.finfo(np.float32).max)
EXTREMES = np.array([1e-45, 1e-38, 1e-20, 1.0, 1e20, LARGEST], dtype=np.float32)


def test_any_two_scales(only_by_loops: list[str]) -> None:
    std_q, std_p = (np.tile(x, ENOUGH // 36 + 1)[:, None] for x in np.broadcast_arrays(*np.ix_(EXTREMES, EXTREMES)))
    std_q, std_p = std_q.reshape(-1, 1), std_p.reshape(-1, 1)
    zero = np.zeros_like(std_q)
    got = elbo_ref.kl_diag_normal(zero, std_q, zero, std_p)
    with np.errstate(over="ignore"):
        want = elbo_ref.kl_diag_normal(*(x.astype(np.float64) for x in (zero, std_q, zero, std_p))).astype(np.float32)
    assert set(only_by_loops) == {"value"}
    np.testing.assert_array_max_ulp(got[np.isfinite(want)], want[np.isfinite(want)], 1)
    np.testing.assert_array_equal(np.isinf(got), np.isinf(want))
    np.testing.assert_array_equal(got == 0, std_q[:, 0] == std_p[:, 0])


@pytest.mark.parametrize(
    "logvar", [-LARGEST, -1e10, -701.0, -699.0, -89.0, 88.0, 89.0, 89.5, 699.0, 701.0, 1e10, LARGEST]
)
def test_log_variances_of_any_size(logvar: float, only_by_loops: list[str]) -> None:
    torch = pytest.importorskip("torch")
    x = torch.zeros(ENOUGH // 4, 4)
    x[:, 2] = logvar
    x.requires_grad_()
    value = elbo_ref.kl_standard_normal(torch.zeros(4), x)
    wide = x.detach()[:1].double().requires_grad_()
    want = elbo_ref.kl_standard_normal(torch.zeros(4, dtype=torch.float64), wide)
    torch.testing.assert_close(value[:1], want.float(), rtol=2.0**-23, atol=0)
    (gradient,) = torch.autograd.grad(value.sum(), x)
    (exact,) = torch.autograd.grad(want.sum(), wide)
    assert set(only_by_loops) == {"value", "vjp"}
    torch.testing.assert_close(gradient[:1], exact.float(), rtol=2.0**-22, atol=0)


def shapes(*, rows: int) -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    return {
        "one row": ((16,), (rows, 16)),
        "a number": ((), (rows, 16)),
        "one column": ((rows, 1), (rows, 16)),
        "last axes": ((8, 16), (rows // 8, 8, 16)),
        "first axis": ((rows // 8, 1, 16), (rows // 8, 8, 16)),
        "both": ((rows // 8, 1, 16), (1, 8, 1)),
        "no other": ((1, rows * 16), (rows * 16,)),
    }


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize("kind", shapes(rows=8))
def test_shapes_that_broadcast(kind: str, library: str, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    arrays = [rng.normal(size=shape).astype(np.float32) for shape in shapes(rows=ENOUGH // 16)[kind]]
    want = elbo_ref.kl_standard_normal(*(x.astype(np.float64) for x in arrays))
    if library == "torch":
        torch = pytest.importorskip("torch")
        got = elbo_ref.kl_standard_normal(*map(torch.tensor, arrays)).numpy()
    else:
        got = elbo_ref.kl_standard_normal(*arrays)
    assert set(only_by_loops) == {"value"}
    assert got.shape == want.shape
    within_half_a_unit(got, want)


def test_the_largest_logits(only_by_loops: list[str]) -> None:
    logits = np.full((ENOUGH, 1), -LARGEST, dtype=np.float32)
    surprised = elbo_ref.bernoulli_log_likelihood_logits(np.ones((ENOUGH, 1), dtype=np.float32), logits)
    certain = elbo_ref.bernoulli_log_likelihood_logits(np.zeros((ENOUGH, 1), dtype=np.float32), logits)
    assert set(only_by_loops) == {"value"}
    assert (surprised == -LARGEST).all()
    assert (certain == 0).all()


@pytest.mark.parametrize("size", [64, 20_000])
def test_outcomes_that_are_almost_certain(size: int, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    """The surprise of one, exp(-80), is below the rounding of 1 + exp(-80); one in 20,000 may still be large."""
    rows = -(-ENOUGH // size)
    x = (rng.random((rows, size)) < 0.5).astype(np.float32)
    odds = np.exp(rng.uniform(2.5, 4.4, (rows, 1))) * np.ones(size)
    odds[0], odds[1:, 3] = 80, np.minimum(odds[1:, 3], 5 if size > 5_000 else 80)
    logits = ((2 * x - 1) * odds).astype(np.float32)
    got = elbo_ref.bernoulli_log_likelihood_logits(x, logits)
    want = elbo_ref.bernoulli_log_likelihood_logits(x.astype(np.float64), logits.astype(np.float64))
    assert set(only_by_loops) == {"value"}
    assert -1e-30 < want.max() < 0
    within_half_a_unit(got, want)


def test_memory_in_any_order(rng: np.random.Generator, only_by_loops: list[str]) -> None:
    mean, logvar = rng.normal(size=(2, 64, ENOUGH // 64)).astype(np.float32)
    got = elbo_ref.kl_standard_normal(mean.T, logvar.T[::-1])
    assert set(only_by_loops) == {"value"}
    np.testing.assert_array_equal(got, elbo_ref.kl_standard_normal(mean.T.copy(), np.ascontiguousarray(logvar.T[::-1])))


OUTSIDE = [
    ("kl_standard_normal", 0, np.inf),
    ("kl_standard_normal", 1, -np.inf),
    ("kl_standard_normal", 1, np.nan),
    ("kl_diag_normal", 0, np.nan),
    ("kl_diag_normal", 1, 0.0),
    ("kl_diag_normal", 1, -1.0),
    ("kl_diag_normal", 1, np.inf),
    ("kl_diag_normal", 2, -np.inf),
    ("kl_diag_normal", 3, -1e-45),
    ("kl_diag_normal", 3, np.nan),
    ("kl_diag_normal", 3, np.inf),
    ("bernoulli_log_likelihood_logits", 0, 0.5),
    ("bernoulli_log_likelihood_logits", 0, -1.0),
    ("bernoulli_log_likelihood_logits", 0, 1e-30),
    ("bernoulli_log_likelihood_logits", 0, np.nan),
    ("bernoulli_log_likelihood_logits", 0, np.inf),
    ("bernoulli_log_likelihood_logits", 1, np.inf),
    ("bernoulli_log_likelihood_logits", 1, np.nan),
]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about its own compiler
@pytest.mark.parametrize(("name", "position", "value"), OUTSIDE)
def test_outside_the_domain(
    name: str, position: int, value: float, rng: np.random.Generator, only_by_loops: list[str]
) -> None:
    """Refused with the place, or NaN in the row concerned and in no other where a compiled graph cannot raise."""
    arrays = arguments(name, ENOUGH // 64, 64, 1.0, rng)
    arrays[position][1000, 5] = value
    with pytest.raises(ValueError, match=r"at index \(1000, 5\)"):
        FUNCTIONS[name](*arrays)
    assert set(only_by_loops) == {"value"}
    torch = pytest.importorskip("torch")
    got = torch.compile(FUNCTIONS[name], backend="eager")(*map(torch.tensor, arrays))
    np.testing.assert_array_equal(np.isnan(got.numpy()), np.arange(ENOUGH // 64) == 1000)


@pytest.mark.parametrize("rows", [10, ENOUGH // 64])
@pytest.mark.parametrize("spread", [1e-9, 1e-3, 1.0, 15.0])
def test_gradients_are_rounded_once(
    spread: float, rows: int, rng: np.random.Generator, only_by_loops: list[str]
) -> None:
    torch = pytest.importorskip("torch")
    weights = torch.tensor(rng.normal(size=rows).astype(np.float32))
    arrays = [torch.tensor(x).requires_grad_() for x in arguments("kl_standard_normal", rows, 64, spread, rng)]
    wide = [x.detach().double().requires_grad_() for x in arrays]
    gradients = torch.autograd.grad((weights * elbo_ref.kl_standard_normal(*arrays)).sum(), arrays)
    assert set(only_by_loops) == {"value", "vjp"}
    exact = torch.autograd.grad((weights.double() * elbo_ref.kl_standard_normal(*wide)).sum(), wide)
    for gradient, want in zip(gradients, exact, strict=True):
        within_half_a_unit(gradient.numpy(), want.numpy())


LOSSES: dict[str, Callable[..., Any]] = {
    "bernoulli": elbo_ref.negative_elbo_bernoulli,
    "gaussian, var": lambda x, y, *code, **how: elbo_ref.negative_elbo_gaussian(x, y, 0.3, *code, **how),
    "gaussian, var 1": lambda x, y, *code, **how: elbo_ref.negative_elbo_gaussian(x, y, 1, *code, **how),
    "gaussian, std": lambda x, y, m, v, **how: elbo_ref.negative_elbo_gaussian(
        x, y, std_noise=1e-3, mean=m, logvar=v, **how
    ),
    "gaussian, logvar": lambda x, y, m, v, **how: elbo_ref.negative_elbo_gaussian(
        x, y, logvar_noise=-2.5, mean=m, logvar=v, **how
    ),
}


def rows_of(loss: str, rng: np.random.Generator) -> tuple[list[Any], list[Any]]:
    """Data, output and code, and the same in float64."""
    torch = pytest.importorskip("torch")
    kinds = "bernoulli_log_likelihood_logits", "kl_standard_normal"
    arrays = [torch.tensor(a) for kind in kinds for a in arguments(kind, 100, 64, 1.0, rng)]
    if loss != "bernoulli":
        arrays[0] = arrays[1] + 0.5 * torch.tensor(rng.normal(size=(100, 64)).astype(np.float32))
    return [
        [x.to(dtype).requires_grad_(i > 0) for i, x in enumerate(arrays)] for dtype in (torch.float32, torch.float64)
    ]


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
def test_a_loss_is_rounded_once(name: str, reduction: str, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    """Its terms are not: they stay in float64. So do its derivatives."""
    torch = pytest.importorskip("torch")
    arrays, wide = rows_of(name, rng)
    got, want = (LOSSES[name](*a, reduction=reduction, beta=0.7) for a in (arrays, wide))
    within_half_a_unit(got.detach().numpy(), want.detach().numpy())
    np.testing.assert_array_equal(
        LOSSES[name](*(x.detach().numpy() for x in arrays), reduction="none", beta=0.7),
        LOSSES[name](*arrays, reduction="none", beta=0.7).detach().numpy(),
    )
    gradients = torch.autograd.grad(got.sum(), arrays[1:])
    for gradient, exact in zip(gradients, torch.autograd.grad(want.sum(), wide[1:]), strict=True):
        torch.testing.assert_close(gradient, exact.float(), rtol=2.0**-22, atol=0)
    assert set(only_by_loops) == {"value", "vjp"}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["none", "mean"])
def test_a_loss_is_differentiated_again(
    name: str, reduction: str, rng: np.random.Generator, only_by_loops: list[str]
) -> None:
    """Backward a second time, and derivatives of second order, of several weights at once and of some arguments only."""
    torch = pytest.importorskip("torch")
    arrays, wide = rows_of(name, rng)
    got, want = (LOSSES[name](*a, reduction=reduction, beta=0.7) for a in (arrays, wide))
    assert "value" in only_by_loops
    once, again = (torch.autograd.grad(got.sum(), arrays[1:], retain_graph=True) for _ in range(2))
    for a, b in zip(once, again, strict=True):
        torch.testing.assert_close(a, b, rtol=2.0**-22, atol=0)
    for which in ([1, 2, 3], [3], [1]):
        first, exact = (
            torch.autograd.grad(y.sum(), [a[i] for i in which], create_graph=True)
            for y, a in ((got, arrays), (want, wide))
        )
        for a, b in zip(first, exact, strict=True):
            torch.testing.assert_close(a.double(), b, rtol=2.0**-22, atol=0)
        second, exact = (
            torch.autograd.grad(sum((x * x).sum() for x in y), [a[i] for i in which], retain_graph=True)
            for y, a in ((first, arrays), (exact, wide))
        )
        for a, b in zip(second, exact, strict=True):
            torch.testing.assert_close(a.double(), b, rtol=2.0**-20, atol=2.0**-22 * float(b.abs().max()))
    weights = torch.stack([torch.ones_like(got), torch.full_like(got, -2.0)])
    together = torch.autograd.grad(got, arrays[1:], weights, is_grads_batched=True)
    for a, b in zip(once, together, strict=True):
        torch.testing.assert_close(torch.stack([a, -2 * a]), b, rtol=2.0**-22, atol=0)


def test_noise_for_which_there_is_another_way(rng: np.random.Generator, only_by_loops: list[str]) -> None:
    torch = pytest.importorskip("torch")
    (x, y, mean, logvar), wide = rows_of("gaussian, var", rng)
    for noise in (0.0, -1.0, float("inf")):
        with pytest.raises(ValueError, match=f"var_noise must be finite and > 0, got {noise}"):
            elbo_ref.negative_elbo_gaussian(x, y, noise, mean, logvar, reduction="sum")
    for given in ({"var_noise": 1e-250}, {"std_noise": 1e-140}, {"logvar_noise": 650.0}, {"logvar_noise": -1300.0}):
        got = elbo_ref.negative_elbo_gaussian(x, y, mean=mean, logvar=logvar, reduction="none", **given)
        want = elbo_ref.negative_elbo_gaussian(*wide[:2], mean=wide[2], logvar=wide[3], reduction="none", **given)
        torch.testing.assert_close(got, want.float(), rtol=2.0**-23, atol=0)
    learned = torch.tensor(0.3, requires_grad=True)
    got = elbo_ref.negative_elbo_gaussian(x, y, learned, mean, logvar, reduction="sum")
    noise = learned.detach().double().requires_grad_()
    want = elbo_ref.negative_elbo_gaussian(*wide[:2], noise, *wide[2:], reduction="sum")
    by, exact = (torch.autograd.grad(loss, leaf)[0] for loss, leaf in ((got, learned), (want, noise)))
    torch.testing.assert_close(by.double(), exact, rtol=2.0**-22, atol=0)


def other_functions(rng: np.random.Generator) -> dict[str, tuple[Callable[..., Any], list[np.ndarray]]]:
    def normal(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    std = np.exp(normal(30, 7))
    return {
        "log_normal_diag": (elbo_ref.log_normal_diag, [normal(30, 7), normal(30, 7), std]),
        "log_normal_diag of samples": (elbo_ref.log_normal_diag, [normal(5, 30, 7), normal(30, 7), std]),
        "log_normal_diag, long rows": (
            elbo_ref.log_normal_diag,
            [normal(3, 1000), normal(3, 1000), np.exp(8 * normal(3, 1000))],
        ),
        "reparameterize": (elbo_ref.reparameterize, [normal(30, 7), std, normal(30, 7)]),
        "reparameterize samples": (elbo_ref.reparameterize, [normal(30, 7), std, normal(5, 30, 7)]),
        "reparameterize by logvar": (
            lambda mean, logvar, noise: elbo_ref.reparameterize(mean, logvar=logvar, noise=noise),
            [normal(30, 7), 8 * normal(30, 7), normal(5, 30, 7)],
        ),
        "kl_categorical_logits": (elbo_ref.kl_categorical_logits, [8 * normal(30, 7), 8 * normal(30, 7)]),
        "kl_categorical_logits, near": (
            elbo_ref.kl_categorical_logits,
            [a := normal(30, 7), a + 1e-6 * normal(30, 7) + 50],
        ),
        "iwae_bound": (elbo_ref.iwae_bound, [30 * normal(50, 130) - 500]),
    }


@pytest.mark.parametrize("name", other_functions(np.random.default_rng(0)))
@pytest.mark.parametrize("repeated", [1, 400])
def test_other_loops(name: str, repeated: int, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    """Values rounded once and gradients nearly so, by one thread and by several, in NumPy and torch."""
    torch = pytest.importorskip("torch")
    function, arrays = other_functions(rng)[name]
    arrays = [np.concatenate([x] * repeated, axis=1 if x.ndim == 3 or "iwae" in name else 0) for x in arrays]
    narrow = [torch.tensor(x, requires_grad=True) for x in arrays]
    wide = [torch.tensor(x.astype(np.float64), requires_grad=True) for x in arrays]
    got, want = function(*narrow), function(*wide)
    assert only_by_loops == ["value"]
    within_half_a_unit(got.detach().numpy(), want.detach().numpy())
    np.testing.assert_array_equal(function(*arrays), got.detach().numpy())
    weights = torch.tensor(rng.normal(size=got.shape).astype(np.float32))
    gradients = torch.autograd.grad((weights * got).sum(), narrow)
    for gradient, exact in zip(gradients, torch.autograd.grad((weights.double() * want).sum(), wide), strict=True):
        assert (gradient.double() - exact).abs().max() <= 2.0**-22 * exact.abs().max()


def test_a_step_that_rounds_twice_is_not_taken(monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator) -> None:
    """Where a processor does not fuse, the loop takes its place, and says the same."""
    torch = pytest.importorskip("torch")
    from elbo_ref._core import tensors

    arrays = [torch.tensor(x) for x in other_functions(rng)["reparameterize"][1]]
    in_one_step = elbo_ref.reparameterize(*arrays)
    monkeypatch.setattr(tensors, "fuses", lambda: False)
    assert _sampling.in_one_step(*arrays) is None
    assert torch.equal(elbo_ref.reparameterize(*arrays), in_one_step)


@pytest.mark.parametrize(
    ("function", "arrays", "message"),
    [
        (elbo_ref.log_normal_diag, [[0.0], [0.0], [-1.0]], "std must be finite and > 0, got -1.0"),
        (elbo_ref.log_normal_diag, [[0.0], [np.inf], [1.0]], "mean must be finite, got inf"),
        (elbo_ref.reparameterize, [[0.0], [-1.0], [0.0]], "std must be finite and > 0, got -1.0"),
        (elbo_ref.reparameterize, [[0.0], [1.0], [np.nan]], "noise must be finite, got nan"),
        (elbo_ref.kl_categorical_logits, [[0.0, np.inf], [0.0, 0.0]], "logits_q must be a number below inf, got inf"),
        (elbo_ref.kl_categorical_logits, [[0.0, 0.0], [np.nan, 0.0]], "logits_p must be a number below inf, got nan"),
        (elbo_ref.iwae_bound, [[0.0, np.inf]], "log_weights must be a number below inf, got inf"),
    ],
)
def test_other_loops_refuse(function: Any, arrays: Any, message: str, only_by_loops: list[str]) -> None:
    torch = pytest.importorskip("torch")
    for make in (lambda x: np.array(x, np.float32), lambda x: torch.tensor(x, requires_grad=True)):
        with pytest.raises(ValueError, match=message):
            function(*map(make, arrays))
    assert set(only_by_loops) == {"value"}


def test_rows_that_a_loop_leaves_are_done(only_by_loops: list[str]) -> None:
    """Absent classes and weights, and logits far apart, are for others."""
    far = elbo_ref.kl_categorical_logits(np.array([-np.inf, 0, 0], np.float32), np.array([5, 0, 0], np.float32))
    assert far == pytest.approx(np.log((np.exp(5) + 2) / 2), rel=1e-6)
    apart = elbo_ref.kl_categorical_logits(np.array([0, 0], np.float32), np.array([2000, -2000], np.float32))
    assert apart == pytest.approx(2000 - np.log(2), rel=1e-6)
    assert elbo_ref.iwae_bound(np.array([-np.inf, 0], np.float32)) == pytest.approx(-np.log(2), rel=1e-6)
    assert set(only_by_loops) == {"value"}


def test_a_second_derivative_takes_the_other_way(rng: np.random.Generator, only_by_loops: list[str]) -> None:
    torch = pytest.importorskip("torch")
    mean, logvar = (torch.tensor(x).requires_grad_() for x in arguments("kl_standard_normal", ENOUGH, 1, 1.0, rng))
    (first,) = torch.autograd.grad(elbo_ref.kl_standard_normal(mean, logvar).sum(), logvar, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), logvar)
    assert set(only_by_loops) == {"value"}
    torch.testing.assert_close(second, logvar.exp() / 2)


@pytest.mark.parametrize("dtype_name", ["float16", "bfloat16"])
def test_narrower_numbers_are_rounded_once(dtype_name: str, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, dtype_name)
    arrays = [torch.tensor(x).to(dtype) for x in arguments("kl_standard_normal", ENOUGH // 64, 64, 0.1, rng)]
    got = elbo_ref.kl_standard_normal(*arrays)
    assert only_by_loops == []  # a float32 on the way would be rounded twice
    assert torch.equal(got, elbo_ref.kl_standard_normal(*(x.double() for x in arrays)).to(dtype))


MIXED: dict[str, Callable[..., Any]] = {
    "kl_standard_normal": elbo_ref.kl_standard_normal,
    "reparameterize": lambda mean, logvar: elbo_ref.reparameterize(mean, logvar=logvar, noise=mean.detach()),
    "negative_elbo_bernoulli": lambda mean, logvar: elbo_ref.negative_elbo_bernoulli(
        (mean > 0).to(mean.dtype), mean, mean.detach(), logvar, reduction="none"
    ),
}


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("narrow", ["float16", "bfloat16"])
def test_mixed_precision(name: str, narrow: str, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    """As under autocast, and as halves of one tensor: by loops, each gradient in the dtype of its tensor."""
    torch = pytest.importorskip("torch")
    mean = torch.tensor(rng.normal(size=(7, 5)).astype(np.float32), requires_grad=True)
    output = torch.tensor(rng.normal(size=(7, 10))).to(getattr(torch, narrow)).requires_grad_()
    logvar = output[:, 5:]
    wide_mean, wide_logvar = (x.detach().double().requires_grad_() for x in (mean, logvar))
    got, want = MIXED[name](mean, logvar), MIXED[name](wide_mean, wide_logvar)
    assert got.dtype == torch.float32
    within_half_a_unit(got.detach().numpy(), want.detach().numpy())
    g = torch.tensor(rng.normal(size=got.shape).astype(np.float32))
    by = torch.autograd.grad(got, (mean, output), g)
    exact = torch.autograd.grad(want, (wide_mean, wide_logvar), g.double())
    assert set(only_by_loops) == ({"value"} if name == "reparameterize" else {"value", "vjp"})
    assert [x.dtype for x in by] == [torch.float32, output.dtype]
    torch.testing.assert_close(by[0].double(), exact[0], rtol=2.0**-22, atol=0)
    torch.testing.assert_close(
        by[1][:, 5:],
        exact[1].to(output.dtype),
        rtol=2 * torch.finfo(output.dtype).eps,
        atol=torch.finfo(output.dtype).tiny,
    )


def test_mixed_precision_where_no_loop_differentiates(rng: np.random.Generator, only_by_loops: list[str]) -> None:
    """As where a gradient will be differentiated, or several go back at once: still each is rounded once, to its own dtype."""
    torch = pytest.importorskip("torch")
    mean, noise, g = (torch.tensor(rng.normal(size=(64, 8)).astype(np.float32)).requires_grad_() for _ in range(3))
    logvar = torch.tensor(rng.normal(size=(64, 8))).bfloat16().requires_grad_()
    z = elbo_ref.reparameterize(mean, logvar=logvar, noise=noise)
    std = logvar.detach().double().div(2).exp()
    exact = g.double() * noise.double() * std / 2, g.double() * std
    for again in ({}, {"create_graph": True}, {"is_grads_batched": True}):
        weights = g[None] if "is_grads_batched" in again else g
        by_logvar, by_noise = torch.autograd.grad(z, (logvar, noise), weights.detach(), retain_graph=True, **again)
        assert torch.equal(by_logvar.reshape(64, 8), exact[0].detach().bfloat16())
        within_half_a_unit(by_noise.detach().reshape(64, 8).numpy(), exact[1].detach().numpy())
    assert set(only_by_loops) == {"value"}


@pytest.mark.parametrize("narrow", ["float16", "bfloat16"])
def test_backward_twice_in_narrow_numbers(narrow: str, rng: np.random.Generator, only_by_loops: list[str]) -> None:
    """By the same beta, which is a number and not one of the dtype."""
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, narrow)
    mean, logvar = (torch.tensor(x).to(dtype).requires_grad_() for x in rng.normal(size=(2, 50, 5)))
    x = (mean.detach() > 0).to(dtype)
    loss = elbo_ref.negative_elbo_bernoulli(x, mean * 2, mean, logvar, reduction="mean", beta=0.3)
    by = [torch.autograd.grad(loss, logvar, retain_graph=True, create_graph=again)[0] for again in (False, False, True)]
    assert torch.equal(by[0], by[1]) and torch.equal(by[0], by[2])


def test_a_sample_of_which_the_mean_takes_most_away(rng: np.random.Generator, only_by_loops: list[str]) -> None:
    logvar, noise = rng.normal(size=(2, 100, 10)).astype(np.float32)
    for near in (1, 1 + 2.0**-20, 1.01, 1.5):
        mean = (-near * np.exp(logvar.astype(np.float64) / 2) * noise).astype(np.float32)
        got = elbo_ref.reparameterize(mean, logvar=logvar, noise=noise)
        shift = np.exp(logvar.astype(np.float64) / 2) * noise
        unit = np.spacing(np.abs(mean + shift).astype(np.float32)).astype(np.float64)
        assert (np.abs(got - (mean + shift)) <= 0.51 * unit + 2.0**-51 * np.abs(shift)).all()
    assert set(only_by_loops) == {"value"}


def test_samples_by_logvar_are_recorded_by_torch(rng: np.random.Generator, only_by_loops: list[str]) -> None:
    """The loop puts numbers in the place of those that torch made: derivatives of any order are torch's, halves are read as they
    are, and where torch could not keep the std in float32 another way is taken.
    """
    torch = pytest.importorskip("torch")
    output = torch.tensor(rng.normal(size=(30, 14)).astype(np.float32), requires_grad=True)
    mean, logvar = output.chunk(2, -1)
    noise = torch.tensor(rng.normal(size=(30, 7)).astype(np.float32))
    z = elbo_ref.reparameterize(mean, logvar=logvar, noise=noise)
    assert only_by_loops == ["value"]
    assert torch.equal(z, elbo_ref.reparameterize(mean.detach(), logvar=logvar.detach(), noise=noise))
    (by,) = torch.autograd.grad(z.square().sum(), output, create_graph=True)
    (again,) = torch.autograd.grad(by.square().sum(), output)
    wide = output.detach().double().requires_grad_()
    square = (wide[:, :7] + torch.exp(wide[:, 7:] / 2) * noise).square()
    (exact,) = torch.autograd.grad(square.sum(), wide, create_graph=True)
    torch.testing.assert_close(by.double(), exact, rtol=2.0**-20, atol=2.0**-20)
    (exact,) = torch.autograd.grad(exact.square().sum(), wide)
    torch.testing.assert_close(again.double(), exact, rtol=2.0**-18, atol=2.0**-18)
    far = torch.tensor([[175.0, 180.0, -400.0]], requires_grad=True)
    noise = torch.tensor([[1e-3, 0.0, 1.0]])
    z = elbo_ref.reparameterize(torch.zeros(1, 3), logvar=far, noise=noise)
    (by,) = torch.autograd.grad(z.sum(), far)
    want = noise.double() * torch.exp(far.detach().double() / 2)
    torch.testing.assert_close(z.detach(), want.float(), rtol=2.0**-23, atol=0)
    torch.testing.assert_close(by, (want / 2).float(), rtol=2.0**-22, atol=0)


def test_halves_are_read_where_they_are(rng: np.random.Generator, only_by_loops: list[str]) -> None:
    torch = pytest.importorskip("torch")
    halves = torch.tensor(rng.normal(size=(50, 24)).astype(np.float32)).chunk(2, -1)
    copies = [x.contiguous() for x in halves]
    x = (copies[0] > 0).float()
    for function in (
        elbo_ref.kl_standard_normal,
        lambda m, v: elbo_ref.reparameterize(m, logvar=v, noise=x),
        lambda m, v: elbo_ref.negative_elbo_bernoulli(x, x, m, v, reduction="none"),
        lambda m, v: elbo_ref.negative_elbo_gaussian(x, 2 * x, 0.5, m, v, reduction="none"),
        lambda m, v: elbo_ref.kl_standard_normal(m.double(), v.double()),
    ):
        got, want = ([y.detach().requires_grad_() for y in arrays] for arrays in (halves, copies))
        assert not got[0].is_contiguous()
        a, b = function(*got), function(*want)
        assert torch.equal(a, b)
        for by, exact in zip(*(torch.autograd.grad(y.sum(), z) for y, z in ((a, got), (b, want))), strict=True):
            assert torch.equal(by, exact)
    assert set(only_by_loops) == {"value", "vjp"}


def test_a_bound_near_zero(rng: np.random.Generator) -> None:
    for size in (1e-6, 1e-3, 0.1, 1.0):
        x = (size * rng.normal(size=(20, 400))).astype(np.float32)
        want = np.log1p(np.expm1(x.astype(np.float64)).mean(0))
        unit = np.spacing(np.abs(want).astype(np.float32)).astype(np.float64)
        assert (np.abs(elbo_ref.iwae_bound(x) - want) <= 0.51 * unit + 2.0**-50).all()


@pytest.mark.parametrize("narrow", ["float16", "bfloat16"])
def test_a_loss_of_narrow_numbers_is_rounded_once(
    narrow: str, rng: np.random.Generator, only_by_loops: list[str]
) -> None:
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, narrow)
    mean, logvar = (torch.tensor(x).to(dtype) for x in rng.normal(size=(2, 500, 5)))
    got = MIXED["negative_elbo_bernoulli"](mean, logvar)
    assert only_by_loops == ["value"]
    assert torch.equal(got, MIXED["negative_elbo_bernoulli"](mean.double(), logvar.double()).to(dtype))


@pytest.mark.parametrize("rows", [1, 5])
def test_a_gradient_that_is_a_negative_view_keeps_its_sign(rows: int, rng: np.random.Generator) -> None:
    """As autograd hands back where a result goes through a complex conjugate."""
    torch = pytest.importorskip("torch")
    mean, logvar = (torch.tensor(x, requires_grad=True) for x in arguments("kl_standard_normal", rows, 3, 1.0, rng))
    kl, g = elbo_ref.kl_standard_normal(mean, logvar), torch.ones(rows)
    (by,) = torch.autograd.grad(kl, mean, torch._neg_view(g))
    torch.testing.assert_close(by, -mean, rtol=0, atol=0)


def test_many_gradients_at_once(rng: np.random.Generator) -> None:
    torch = pytest.importorskip("torch")
    mean, logvar = (torch.tensor(x) for x in arguments("kl_standard_normal", 4, 3, 1.0, rng))

    def loss(mean: Any, logvar: Any) -> Any:
        return elbo_ref.negative_elbo_bernoulli(torch.ones(4, 3), mean, mean, logvar, reduction="none")

    for function in (elbo_ref.kl_standard_normal, loss):
        one_by_one = torch.autograd.functional.jacobian(function, (mean, logvar))
        at_once = torch.autograd.functional.jacobian(function, (mean, logvar), vectorize=True)
        torch.testing.assert_close(at_once, one_by_one)


def test_large_results_may_be_changed_in_place() -> None:
    torch = pytest.importorskip("torch")
    mean = torch.ones(ENOUGH, dtype=torch.float64, requires_grad=True)
    elbo_ref.kl_normal(mean, 1.0, 0.0, 1.0).mul_(2).sum().backward()
    assert (mean.grad == 2).all()


@pytest.mark.parametrize("calls", range(by_loops._CALLS + 1))
def test_a_checkpoint_takes_the_same_way_again(calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever call it is: loops that come between would save other tensors, which torch refuses."""
    torch = pytest.importorskip("torch")
    checkpoint = pytest.importorskip("torch.utils.checkpoint").checkpoint
    monkeypatch.setattr(by_loops._Loops, "loaded", None)
    monkeypatch.setattr(by_loops._Loops, "calls", calls)
    x, mean = torch.zeros(4, 3), torch.ones(4, 3, requires_grad=True)

    def loss(mean: Any) -> Any:
        rate = elbo_ref.kl_standard_normal(mean, mean[0]).sum() + elbo_ref.iwae_bound(mean).sum()
        z = elbo_ref.reparameterize(mean, mean.exp(), x) + elbo_ref.reparameterize(mean, logvar=mean, noise=x)
        return rate + elbo_ref.negative_elbo_bernoulli(x, z, mean, mean, reduction="sum")

    checkpoint(loss, mean, use_reentrant=False).backward()
    (want,) = torch.autograd.grad(loss(mean), mean)
    torch.testing.assert_close(mean.grad, want)
