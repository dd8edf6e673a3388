"""What torch.compile gets to see: a step a formula, whole losses without a break, and the words of what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

import elbo_ref

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, about its own compiler


def drawn(*shapes: tuple[int, ...]) -> list[Any]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator) for shape in shapes]


def bits(logits: Any, mean: Any, logvar: Any) -> Any:
    return elbo_ref.negative_elbo_bernoulli(logits > 0.5, logits, mean, logvar, reduction="mean", beta=2.0)


def labels(logits: Any, mean: Any, logvar: Any) -> Any:
    x = torch.arange(3)[:, None] % logits.shape[-1]
    logits = logits[:, None, :]
    return elbo_ref.negative_elbo_categorical(x, logits, mean, logvar, reduction="none")


def levels(mean_x: Any, mean: Any, logvar: Any) -> Any:
    x = (mean_x > 0).int() * 7
    return elbo_ref.negative_elbo_discretized_logistic(x, mean_x, 0 * mean_x, mean, logvar, levels=8, reduction="sum")


@pytest.mark.parametrize("loss", [bits, labels, levels])
def test_a_loss_is_compiled_whole(loss: Callable[..., Any]) -> None:
    torch.compiler.reset()
    arrays = drawn((3, 5), (3, 2), (3, 2))

    def value_and_gradients(function: Callable[..., Any]) -> list[Any]:
        points = [x.clone().requires_grad_() for x in arrays]
        value = function(*points)
        return [value, *torch.autograd.grad(value.sum(), points)]

    compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
    for got, want in zip(value_and_gradients(compiled), value_and_gradients(loss), strict=True):
        torch.testing.assert_close(got, want, rtol=8 * 2.0**-23, atol=8 * 2.0**-23)


def test_a_formula_is_one_step() -> None:
    """Of its parts torch.compile would ask before each call whether they are what they were: longer than a batch takes."""
    torch.compiler.reset()
    graphs = []

    def look(graph: Any, inputs: Any) -> Any:
        graphs.append(graph)
        return graph

    mean, logvar = drawn((4, 2), (4, 2))
    got = torch.compile(elbo_ref.kl_standard_normal, backend=look, fullgraph=True)(mean, logvar)
    torch.testing.assert_close(got, elbo_ref.kl_standard_normal(mean, logvar), rtol=2.0**-22, atol=0)
    assert [node.op for graph in graphs for node in graph.graph.nodes].count("call_function") == 1


def test_shapes_are_refused_in_words() -> None:
    torch.compiler.reset()
    mean, logvar = drawn((4, 2), (3, 2))
    with pytest.raises(RuntimeError, match=r"logvar must broadcast with mean of shape \(4, 2\), got shape \(3, 2\)"):
        torch.compile(elbo_ref.kl_standard_normal, backend="aot_eager")(mean, logvar)
