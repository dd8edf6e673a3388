"""First and second derivatives in every mode of torch, against 40 digits, where they are hard: at equality, at 0, far out."""

from collections.abc import Callable
from typing import Any

import mpmath as mp
import pytest

import elbo_ref

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # of torch, about its own forward mode

torch = pytest.importorskip("torch")
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vmap

log = mp.log


def softplus(x: Any) -> Any:
    return log(1 + mp.exp(x))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mp.exp(-x))


def kl_logits(a: Any, b: Any, c: Any, d: Any) -> Any:
    q, p = [mp.exp(a), mp.exp(b), mp.mpf(1)], [mp.exp(c), mp.exp(d), mp.mpf(1)]
    return sum(x / sum(q) * log(x / y) for x, y in zip(q, p, strict=True)) - log(sum(q)) + log(sum(p))


def kl(q: list[Any], p: list[Any]) -> Any:
    return sum(x * log(x / y) for x, y in zip(q, p, strict=True))


def half(x: Any, y: Any) -> Any:
    return [(a + b) / 2 for a, b in zip(x, y, strict=True)]


def ones(x: Any, value: float = 1.0) -> Any:
    return torch.full((1,), value, dtype=x.dtype)


def stack(*x: Any) -> Any:
    return torch.stack(x)


# A function of numbers, the same in mpmath, and points.
CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], list[tuple[float, ...]]]] = {
    "kl_normal": (
        elbo_ref.kl_normal,
        lambda m, s, n, t: log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - mp.mpf(1) / 2,
        [
            (0.3, 0.5, 0.3, 0.5),
            (0.3, 0.5, 0.31, 0.500001),
            (0.0, 1.0, 2.0, 8.0),
            (0.0, 8.0, -1.0, 0.01),
            (1.0, 1e-3, 1.0, 1.0),
        ],
    ),
    "kl_diag_normal": (
        lambda m, s, n, t: elbo_ref.kl_diag_normal(m[None], s[None], n[None], t[None]),
        lambda m, s, n, t: log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - mp.mpf(1) / 2,
        [(0.3, 0.5, 0.3, 0.5), (0.0, 1.0, 2.0, 8.0)],
    ),
    "kl_standard_normal": (
        lambda m, v: elbo_ref.kl_standard_normal(m[None], v[None]),
        lambda m, v: (m * m + mp.expm1(v) - v) / 2,
        [(0.0, 0.0), (0.5, 1e-9), (1.0, -30.0), (1.0, 3.0), (0.0, -0.7)],
    ),
    "kl_bernoulli": (
        elbo_ref.kl_bernoulli,
        lambda q, p: kl([q, 1 - q], [p, 1 - p]),
        [(0.3, 0.3), (0.5, 0.5), (0.1, 0.9), (1e-6, 0.2), (0.7, 0.700001), (0.999, 0.01)],
    ),
    "kl_bernoulli_logits": (
        elbo_ref.kl_bernoulli_logits,
        lambda a, b: sigmoid(a) * (a - b) - softplus(a) + softplus(b),
        [(0.7, 0.7), (0.0, 1.0), (0.0, 0.0), (-3.0, 5.0), (20.0, -20.0), (-40.0, -39.0), (1.0, 1 + 1e-9)],
    ),
    "kl_categorical": (
        lambda a, b, c, d: elbo_ref.kl_categorical(stack(a, b, 1 - a - b), stack(c, d, 1 - c - d)),
        lambda a, b, c, d: kl([a, b, 1 - a - b], [c, d, 1 - c - d]),
        [(0.2, 0.3, 0.2, 0.3), (0.2, 0.3, 0.5, 0.1), (0.01, 0.98, 0.3, 0.3)],
    ),
    "kl_categorical_logits": (
        lambda a, b, c, d: elbo_ref.kl_categorical_logits(stack(a, b, 0 * a), stack(c, d, 0 * c)),
        kl_logits,
        [(0.2, 0.3, 0.2, 0.3), (0.0, 0.0, 0.0, 0.0), (3.0, -2.0, -1.0, 0.5), (9.0, -8.0, -7.0, 3.0)],
    ),
    "jensen_shannon": (
        lambda a, c: elbo_ref.jensen_shannon(stack(a, 1 - a), stack(c, 1 - c)),
        lambda a, c: sum(kl(x, half([a, 1 - a], [c, 1 - c])) for x in ([a, 1 - a], [c, 1 - c])) / 2,
        [(0.3, 0.3), (0.2, 0.9), (0.001, 0.5)],
    ),
    "entropy": (
        lambda a: elbo_ref.entropy(stack(a, 1 - a)),
        lambda a: -a * log(a) - (1 - a) * log(1 - a),
        [(0.5,), (0.3,), (1e-6,)],
    ),
    "cross_entropy": (
        lambda a, c: elbo_ref.cross_entropy(stack(a, 1 - a), stack(c, 1 - c)),
        lambda a, c: -a * log(c) - (1 - a) * log(1 - c),
        [(0.3, 0.3), (0.2, 0.9)],
    ),
    "mutual_information": (
        lambda a, b: elbo_ref.mutual_information(torch.stack([stack(a, 0.5 - a), stack(b, 0.5 - b)])),
        lambda a, b: kl([a, 0.5 - a, b, 0.5 - b], [(a + b) / 2, (1 - a - b) / 2] * 2),
        [(0.25, 0.25), (0.1, 0.4), (0.2, 0.3)],
    ),
    "bernoulli_log_likelihood_logits": (
        lambda v: elbo_ref.bernoulli_log_likelihood_logits(ones(v), v[None]),
        lambda v: -softplus(-v),
        [(0.0,), (1.0,), (-40.0,), (40.0,), (1e-9,)],
    ),
    "continuous_bernoulli_log_likelihood_logits": (
        lambda v: elbo_ref.continuous_bernoulli_log_likelihood_logits(ones(v, 0.25), v[None]),
        lambda v: v / 4 - log(mp.expm1(v) / v if v != 0 else mp.mpf(1)),
        [(0.5,), (1.0,), (-3.0,), (30.0,), (1e-2,)],
    ),
    "negative_elbo_bernoulli": (
        lambda v, m, s: elbo_ref.negative_elbo_bernoulli(
            ones(v)[None], v[None, None], m[None, None], s[None, None], reduction="sum"
        ),
        lambda v, m, s: softplus(-v) + (m * m + mp.expm1(s) - s) / 2,
        [(0.0, 0.0, 0.0), (1.0, 0.5, -2.0)],
    ),
    "normal_log_density": (
        elbo_ref.normal_log_density,
        lambda x, m, v: -((x - m) ** 2) / (2 * v) - log(2 * mp.pi * v) / 2,
        [(1.0, 1.0, 1.0), (1.0, 3.0, 0.2)],
    ),
    "log_normal_diag": (
        lambda z, m, s: elbo_ref.log_normal_diag(z[None], m[None], s[None]),
        lambda z, m, s: -((z - m) ** 2) / (2 * s * s) - log(s) - log(2 * mp.pi) / 2,
        [(1.0, 1.0, 1.0), (1.0, 2.0, 0.3)],
    ),
    "cross_entropy_normal": (
        elbo_ref.cross_entropy_normal,
        lambda m, s, n, t: log(t) + log(2 * mp.pi) / 2 + (s * s + (m - n) ** 2) / (2 * t * t),
        [(0.3, 0.5, 0.3, 0.5), (1.0, 2.0, 3.0, 0.4)],
    ),
    "reparameterize": (elbo_ref.reparameterize, lambda m, s, e: m + s * e, [(0.3, 0.5, -1.0)]),
    "iwae_bound": (
        lambda a, b: elbo_ref.iwae_bound(stack(a, b)),
        lambda a, b: log((mp.exp(a) + mp.exp(b)) / 2),
        [(0.0, 0.0), (1.0, -3.0), (500.0, 490.0)],
    ),
    "kl_estimator_bregman": (
        elbo_ref.kl_estimator_bregman,
        lambda a, b: mp.exp(b - a) - 1 - (b - a),
        [(0.0, 0.0), (1.0, 0.5), (-1.0, 2.0)],
    ),
    "linear_gaussian_log_evidence": (
        lambda x, w: elbo_ref.linear_gaussian_log_evidence(x, w, 0.25, 0.5, 1.0, 2.0),
        lambda x, w: -((x - w - 0.25) ** 2) / (4 * w * w + 1) - log(2 * mp.pi * (2 * w * w + 0.5)) / 2,
        [(1.0, 1.0), (1.0, 0.0), (0.5, -3.0)],
    ),
    "linear_gaussian_gap": (
        lambda m, v: elbo_ref.linear_gaussian_gap(1.0, m, v, 1.0, 0.0, 0.5, 0.0, 1.0),
        lambda m, v: (v * 3 - 1 - log(v * 3) + (m - mp.mpf(2) / 3) ** 2 * 3) / 2,
        [(0.5, 0.25), (0.75, 1.0)],
    ),
}

FIRST = {
    "reverse": grad,
    "forward": jacfwd,
    "jvp": lambda f: lambda x: torch.stack([jvp(f, (x,), (unit,))[1] for unit in torch.eye(len(x), dtype=x.dtype)]),
}
SECOND = {
    "double backward": lambda f: lambda x: torch.autograd.functional.hessian(f, x),
    "hessian": hessian,
    "reverse over reverse": lambda f: jacrev(jacrev(f)),
    "reverse over forward": lambda f: jacrev(jacfwd(f)),
    "forward over forward": lambda f: jacfwd(jacfwd(f)),
    "hessians of a batch": lambda f: lambda x: vmap(hessian(f))(torch.stack([x, x]))[1],
}
TOLERANCE = 2.0**-36  # closed gradients are differentiated where they are differences: that costs digits far out


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mp.workdps(40):
        yield


def derivatives(f: Callable[..., Any], point: tuple[float, ...]) -> tuple[list[Any], list[list[Any]]]:
    n, at = len(point), tuple(map(mp.mpf, point))

    def partial(*axes: int) -> Any:
        orders = tuple(axes.count(k) for k in range(n))
        return mp.diff(f, at, orders) if n > 1 else mp.diff(f, at[0], len(axes))

    return [partial(k) for k in range(n)], [[partial(i, k) for k in range(n)] for i in range(n)]


def close(got: Any, want: list[Any], mode: str) -> None:
    """Each up to a few roundings of the largest, and of itself."""
    largest = max(1e-6, *(abs(float(x)) for x in want))
    for value, exact in zip(got.reshape(-1).tolist(), want, strict=True):
        assert abs(value - float(exact)) <= TOLERANCE * abs(float(exact)) + 2.0**-46 * largest, (mode, value, exact)


@pytest.mark.parametrize("name", CASES)
def test_derivatives(name: str) -> None:
    function, exact, points = CASES[name]
    for point in points:
        first, second = derivatives(exact, point)
        x = torch.tensor(point, dtype=torch.float64)
        for mode, derivative in FIRST.items():
            close(derivative(lambda x: function(*x.unbind()))(x), first, f"{mode} at {point}")
        for mode, derivative in SECOND.items():
            close(
                derivative(lambda x: function(*x.unbind()))(x), [h for row in second for h in row], f"{mode} at {point}"
            )


def test_third_derivatives() -> None:
    """Of q log q + ..., at equality: by q three times -1 / q^2 + 1 / (1 - q)^2."""
    q = torch.tensor(0.3, dtype=torch.float64)
    for order in (jacrev, jacfwd):
        third = order(order(order(lambda q: elbo_ref.kl_bernoulli(q, 0.3))))(q)
        assert float(third) == pytest.approx(-1 / 0.3**2 + 1 / 0.7**2, rel=1e-9)


def test_dual_numbers() -> None:
    """Forward mode outside of `torch.func`, in the dtype and with the value of the function itself."""
    from torch.autograd import forward_ad

    mean, logvar = torch.tensor([[0.5, -1.0]]), torch.tensor([[0.25, 1e-5]])
    with forward_ad.dual_level():
        dual = elbo_ref.kl_standard_normal(mean, forward_ad.make_dual(logvar, torch.ones_like(logvar)))
        value, tangent = forward_ad.unpack_dual(dual)
    assert torch.equal(value, elbo_ref.kl_standard_normal(mean, logvar))
    torch.testing.assert_close(tangent, (torch.expm1(logvar) / 2).sum(-1), rtol=1e-6, atol=0)


@pytest.mark.parametrize("options", [{}, {"free_bits": 0.1}, {"capacity": 1.0}])
def test_the_derivative_by_a_bit_is_its_logit_whichever_way(options: dict[str, float]) -> None:
    """That of x l - softplus(l): the form that loses no digits is the same at 0 and 1, and another function between them."""
    x, logits, code = (torch.tensor([row], dtype=torch.float64) for row in ([0.0, 1.0], [0.3, -0.7], [0.2]))

    def loss(x: torch.Tensor) -> torch.Tensor:
        return elbo_ref.negative_elbo_bernoulli(x, logits.to(x), code.to(x), code.to(x), reduction="sum", **options)

    for dtype in (torch.float64, torch.float32):
        bits = x.to(dtype).requires_grad_()
        by_reverse = torch.autograd.grad(loss(bits), bits)[0]
        for by in (by_reverse, torch.func.grad(loss)(x.to(dtype)), torch.func.jacfwd(loss)(x.to(dtype))):
            torch.testing.assert_close(by, -logits.to(dtype))
