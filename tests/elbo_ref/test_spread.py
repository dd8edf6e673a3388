"""How wide a Gaussian is may be said in three ways: each is right to its last digits, and only one may be used."""

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import elbo_ref

torch = pytest.importorskip("torch")

OF = {"std": lambda s: s, "var": lambda s: s * s, "logvar": lambda s: 2 * mp.log(s)}
STD = {"std": lambda x: x, "var": mp.sqrt, "logvar": lambda x: mp.exp(x / 2)}


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(60):
        yield


def log_density(x: Any, m: Any, s: Any) -> Any:
    return -(((x - m) / s) ** 2) / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2


def kl(m: Any, s: Any, n: Any, t: Any) -> Any:
    return mp.log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - mp.mpf(1) / 2


# The function, its definition by stds, the names of its arguments (WIDE is one of three), and points with stds.
CASES: dict[str, tuple[Callable[..., Any], tuple[str, ...], list[tuple[float, ...]]]] = {
    "normal_log_density": (log_density, ("x", "mean", ""), [(1.0, 3.0, 0.25), (1.0, 1.0, 1.0), (-2.0, 0.5, 4.0)]),
    "log_normal_diag": (log_density, ("z", "mean", ""), [(1.0, 3.0, 0.25), (1.0, 1.0, 1.0), (-2.0, 0.5, 4.0)]),
    "reparameterize": (lambda m, s, e: m + s * e, ("mean", "", "noise"), [(1.0, 0.25, -1.5), (0.0, 4.0, 2.0)]),
    "entropy_normal": (lambda s: mp.log(s) + (1 + mp.log(2 * mp.pi)) / 2, ("",), [(0.5,), (3.0,)]),
    "cross_entropy_normal": (
        lambda m, s, n, t: kl(m, s, n, t) + mp.log(s) + (1 + mp.log(2 * mp.pi)) / 2,
        ("mean_q", "_q", "mean_p", "_p"),
        [(0.0, 1.0, 2.0, 8.0), (1.0, 0.5, 1.0, 0.5)],
    ),
    "kl_normal": (
        kl,
        ("mean_q", "_q", "mean_p", "_p"),
        [(0.3, 0.5, 0.3, 0.50001), (0.0, 1.0, 2.0, 8.0), (0.0, 8.0, -1.0, 0.01), (1.0, 1e-3, 1.0, 1.0)],
    ),
    "kl_diag_normal": (kl, ("mean_q", "_q", "mean_p", "_p"), [(0.3, 0.5, 0.3, 0.50001), (0.0, 8.0, -1.0, 0.01)]),
    "kl_standard_normal": (lambda m, s: kl(m, s, 0, 1), ("mean", ""), [(0.0, 1.0001), (1.5, 0.3), (0.0, 1e-6)]),
}
ROWS = {"log_normal_diag", "kl_diag_normal", "kl_standard_normal"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", OF)
@pytest.mark.parametrize("name", CASES)
def test_each_way_is_right(name: str, kind: str, dtype: str) -> None:
    definition, names, points = CASES[name]
    function = getattr(elbo_ref, name)
    for point in points:
        wide = [argument.startswith("_") or not argument for argument in names]
        numbers = [
            np.array([float(OF[kind](mp.mpf(x)))] if w else [x], dtype=dtype) for x, w in zip(point, wide, strict=True)
        ]
        exact = definition(
            *(STD[kind](mp.mpf(float(x[0]))) if w else mp.mpf(float(x[0])) for x, w in zip(numbers, wide, strict=True))
        )
        keys = [kind + argument if w else argument for argument, w in zip(names, wide, strict=True)]
        arrays = dict(zip(keys, numbers, strict=True))
        for found in (function(**arrays), function(**{key: torch.tensor(x) for key, x in arrays.items()})):
            value = float(found if name in ROWS else found[0])
            allowed = float(np.finfo(dtype).eps) * (8 if dtype == "float64" else 0.51)
            assert abs(value - exact) <= allowed * max(abs(exact), mp.mpf("1e-300")), (point, value, float(exact))


@pytest.mark.parametrize("kind", OF)
@pytest.mark.parametrize("name", CASES)
def test_gradients(name: str, kind: str) -> None:
    _, names, points = CASES[name]
    function = getattr(elbo_ref, name)
    wide = [argument.startswith("_") or not argument for argument in names]
    keys = [kind + argument if w else argument for argument, w in zip(names, wide, strict=True)]
    at = [
        torch.tensor([float(OF[kind](mp.mpf(x))) if w else x], dtype=torch.float64, requires_grad=True)
        for x, w in zip(points[-1 if name == "kl_standard_normal" else 0], wide, strict=True)
    ]
    if name == "kl_standard_normal":
        at[1] = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)

    def call(*numbers: Any) -> Any:
        return function(**dict(zip(keys, numbers, strict=True)))

    assert torch.autograd.gradcheck(call, at)
    assert torch.autograd.gradgradcheck(call, at)


def test_only_one_way_at_a_time() -> None:
    x = np.ones(2)
    for call, message in (
        (lambda: elbo_ref.reparameterize(x, noise=x), "one of std, var, logvar must be given, .* got none of them"),
        (lambda: elbo_ref.reparameterize(x, x, x, logvar=x), "one only, got std and logvar"),
        (lambda: elbo_ref.kl_normal(x, x, x, logvar_p=x), "q and p must be given in one way, got std_q and logvar_p"),
        (lambda: elbo_ref.kl_diag_normal(x, mean_p=x, var_q=x, std_q=x, var_p=x), "got std_q and var_q"),
        (lambda: elbo_ref.kl_standard_normal(x), "one of std, var, logvar must be given"),
        (lambda: elbo_ref.kl_standard_normal(x, var=-x), "var must be finite and > 0, got -1.0"),
        (lambda: elbo_ref.reparameterize(x, var=0 * x, noise=x), "var must be finite and > 0, got 0.0"),
        (lambda: elbo_ref.log_normal_diag(x, x, logvar=np.inf * x), "logvar must be finite, got inf"),
        (lambda: elbo_ref.elbo_surgery(x[:, None], var=-x[:, None], noise=x[:, None]), "var must be finite and > 0"),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_parameters_that_are_held_still() -> None:
    """Sticking the landing: where q is the posterior every draw has gradient zero; by z it is that of `log_normal_diag`."""
    mean, logvar = torch.tensor([0.25, -1.0], requires_grad=True), torch.tensor([0.5, 0.1], requires_grad=True)
    noise = torch.tensor([[0.3, -1.2], [2.0, 0.1]])
    z = elbo_ref.reparameterize(mean, logvar=logvar, noise=noise)
    held = elbo_ref.log_normal_diag_held(z, mean, logvar=logvar)
    assert torch.equal(held, elbo_ref.log_normal_diag(z, mean, logvar=logvar))
    log_joint = elbo_ref.log_normal_diag(z, mean.detach(), logvar=logvar.detach()) - 3.5
    for by in torch.autograd.grad((log_joint - held).sum(), (mean, logvar)):
        torch.testing.assert_close(by, torch.zeros(2), rtol=0, atol=1e-6)
    jax = pytest.importorskip("jax")

    def of_mean(mean: Any) -> Any:
        return elbo_ref.log_normal_diag_held(jax.numpy.ones(2), mean, jax.numpy.ones(2))

    assert not jax.grad(of_mean)(jax.numpy.zeros(2)).any()


def test_narrow_floats_may_stand_beside_each_other() -> None:
    """The result is float32, what it would be after converting; each gradient has the dtype of its tensor."""
    mean, logvar = torch.tensor([0.25, -1.0]), torch.tensor([0.5, 0.125])
    want = elbo_ref.kl_standard_normal(mean, logvar)
    for dtype in (torch.bfloat16, torch.float16):
        narrow = logvar.to(dtype).requires_grad_()
        found = elbo_ref.kl_standard_normal(mean, narrow)
        assert found.dtype == torch.float32
        assert torch.equal(found, want)
        (by,) = torch.autograd.grad(found, narrow)
        assert by.dtype == dtype
    assert elbo_ref.kl_standard_normal(mean.bfloat16(), logvar.half()).dtype == torch.float32
    assert elbo_ref.kl_standard_normal(mean.numpy().astype(np.float16), logvar.numpy()).dtype == np.float32
    with pytest.raises(TypeError, match=r"logvar must have the dtype of mean, .*float64, got .*float32: convert one"):
        elbo_ref.kl_standard_normal(mean.double(), logvar)
