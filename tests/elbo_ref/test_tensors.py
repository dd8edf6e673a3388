"""Tensors that are more, or less, than numbers in memory: fake ones, those of several processes, programs for another device."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import elbo_ref

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # of torch, about itself

torch = pytest.importorskip("torch")
simulated = pytest.importorskip("tests.elbo_ref._simulated")

SIZES = (4, 20_000)  # the larger goes to several threads where it is numbers in memory


def arrays(rows: int) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    mean, logvar, noise = torch.randn(3, rows, 3, generator=generator)
    logits = torch.randn(rows, 6, generator=generator)
    return {"mean": mean, "logvar": logvar, "noise": noise, "logits": logits, "x": (logits > 0).float()}


FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "kl_standard_normal": (elbo_ref.kl_standard_normal, ("mean", "logvar")),
    "kl_diag_normal": (
        lambda mean, logvar: elbo_ref.kl_diag_normal(mean, logvar.exp(), mean + 1, logvar.exp()),
        ("mean", "logvar"),
    ),
    "kl_categorical_logits": (elbo_ref.kl_categorical_logits, ("mean", "logvar")),
    "reparameterize": (
        lambda mean, logvar, noise: elbo_ref.reparameterize(mean, logvar.exp(), noise),
        ("mean", "logvar", "noise"),
    ),
    "negative_elbo_bernoulli": (
        lambda logits, x, mean, logvar: elbo_ref.negative_elbo_bernoulli(x, logits, mean, logvar, reduction="mean"),
        ("logits", "x", "mean", "logvar"),
    ),
}


@pytest.fixture(params=FUNCTIONS)
def call(request: pytest.FixtureRequest) -> Callable[[int], tuple[Callable[..., Any], list[Any]]]:
    function, names = FUNCTIONS[request.param]
    return lambda rows: (function, [arrays(rows)[name] for name in names])


@pytest.mark.parametrize("rows", SIZES)
def test_fake_tensors(call: Any, rows: int) -> None:
    """A shape and a dtype, and no look at numbers that are not there."""
    from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

    function, given = call(rows)
    want = function(*given)
    with FakeTensorMode() as mode:
        got = function(*map(mode.from_tensor, given))
    assert isinstance(got, FakeTensor)
    assert (got.shape, got.dtype) == (want.shape, want.dtype)


@pytest.fixture(scope="module")
def mesh() -> Iterator[Any]:
    """This process as the only one of a group."""
    import torch.distributed as dist

    import elbo_ref.distributed  # before there is a group: see there

    if not (dist.is_available() and dist.is_gloo_available()):
        pytest.skip("torch without gloo")
    assert elbo_ref.distributed
    dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)
    yield torch.distributed.init_device_mesh("cpu", (1,))
    dist.destroy_process_group()


@pytest.mark.parametrize("rows", SIZES)
def test_distributed_tensors(call: Any, rows: int, mesh: Any) -> None:
    from torch.distributed.tensor import DTensor, Shard, distribute_tensor

    function, given = call(rows)
    plain = [x.requires_grad_(i != 1 or len(given) < 4) for i, x in enumerate(given)]
    want = function(*plain)
    sharded = [distribute_tensor(x.detach(), mesh, [Shard(0)]).requires_grad_(x.requires_grad) for x in plain]
    got = function(*sharded)
    assert isinstance(got, DTensor)
    torch.testing.assert_close(got.full_tensor(), want, rtol=2.0**-23, atol=0)
    want.sum().backward()
    got.sum().backward()
    for x, y in zip(sharded, plain, strict=True):
        if y.requires_grad:
            torch.testing.assert_close(x.grad.full_tensor(), y.grad, rtol=1e-5, atol=1e-7)


def test_an_exported_program_runs_on_another_device(call: Any) -> None:
    from torch.export.passes import move_to_device_pass

    function, given = call(SIZES[0])

    class Program(torch.nn.Module):
        def forward(self, *arrays: Any) -> Any:
            return function(*arrays)

    exported = torch.export.export(Program(), tuple(given))
    with simulated.device():
        got = move_to_device_pass(exported, f"{simulated.NAME}:0").module()(*map(simulated.far, given))
    assert isinstance(got, simulated.Far)
    torch.testing.assert_close(simulated.near(got), function(*given), rtol=8 * 2.0**-23, atol=1e-6)
