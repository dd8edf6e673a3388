"""Inputs on which a divergence is hard to compute, and its value there by ball arithmetic on the exact floats.

Shared by the accuracy tests (a thousand points a family) and by `benchmarks/accuracy.py` (a million).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import flint
import numpy as np
from flint import arb

import elbo_ref

Rng = np.random.Generator
Columns = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Family:
    """One function on one kind of input: `sample` draws columns of arguments, `exact` takes one row of floats."""

    name: str
    function: Callable[..., np.ndarray]
    sample: Callable[[Rng, int], Columns]
    exact: Callable[..., arb]

    def exact_values(self, columns: Columns) -> Iterator[arb]:
        """The value of each row, as a ball far narrower than a float."""
        for row in zip(*columns, strict=True):
            yield sharp(self.exact, *row)


def sharp(exact: Callable[..., arb], *row: float | np.ndarray) -> arb:
    """Evaluate with as many bits as it takes to know the value to 90 of them, or to know that it is exactly 0."""
    for bits in (256, 1024, 4096, 16384):
        with flint.ctx.workprec(bits):
            value = exact(*(balls(x) for x in row))
            if value.is_exact() or value.rel_accuracy_bits() > 90 or not value.is_finite():
                return value
    raise ArithmeticError(f"no sharp value at {row}")


def balls(x: float | np.ndarray) -> arb | list[arb]:
    return arb(float(x)) if np.ndim(x) == 0 else [balls(entry) for entry in x]


def ulps(got: float, exact: arb, spacing: Callable[[float], float] = np.spacing) -> float:
    """Distance in units of the last place of the exact value, rounded to the dtype that `spacing` belongs to."""
    nearest = float(exact)
    if not np.isfinite(got) or not np.isfinite(nearest):
        return 0.0 if got == nearest else np.inf
    if exact == 0:
        return 0.0 if got == 0 else np.inf
    return abs(float((arb(float(got)) - exact) / arb(float(spacing(abs(nearest))))))


# What the floats mean


def kl_normal(mean_q: arb, std_q: arb, mean_p: arb, std_p: arb) -> arb:
    if mean_q == mean_p and std_q == std_p:
        return arb(0)
    r, d = std_q / std_p, (mean_q - mean_p) / std_p
    return (r * r - 1 + d * d) / 2 - r.log()


def kl_standard_normal(mean: arb, logvar: arb) -> arb:
    return ((logvar.expm1() - logvar) + mean * mean) / 2 if mean != 0 or logvar != 0 else arb(0)


def kl_standard_row(mean: list[arb], logvar: list[arb]) -> arb:
    return sum(map(kl_standard_normal, mean, logvar), arb(0))


def kl_diag_normal(*columns: list[arb]) -> arb:
    return sum(map(kl_normal, *columns), arb(0))


def kl_tables(q: list[arb], p: list[arb]) -> arb:
    """KL of q / sum(q) from p / sum(p)."""
    if any(a != 0 and b == 0 for a, b in zip(q, p, strict=True)):
        return arb("inf")
    if q == p:
        return arb(0)
    total_q, total_p = sum(q, arb(0)), sum(p, arb(0))
    terms = (a * (a / b).log() for a, b in zip(q, p, strict=True) if a != 0)
    return sum(terms, arb(0)) / total_q + (total_p / total_q).log()


def kl_bernoulli(q: arb, p: arb) -> arb:
    return kl_tables([q, 1 - q], [p, 1 - p])


def kl_bernoulli_logits(a: arb, b: arb) -> arb:
    if a == b:
        return arb(0)
    q = 1 / (1 + (-a).exp())
    return q * (a - b) + (1 + b.exp()).log() - (1 + a.exp()).log()


def kl_logits(a: list[arb], b: list[arb]) -> arb:
    shift = b[0] - a[0]
    if all(y - x == shift for x, y in zip(a, b, strict=True)):
        return arb(0)
    weights = [(x - a[0]).exp() for x in a]
    total = sum(weights, arb(0))
    total_p = sum(((y - b[0]).exp() for y in b), arb(0))
    mean = sum((w * ((y - x) - shift) for w, x, y in zip(weights, a, b, strict=True)), arb(0)) / total
    return (total_p / total).log() - mean


def jensen_shannon(q: list[arb], p: list[arb]) -> arb:
    if q == p:
        return arb(0)
    total_q, total_p = sum(q, arb(0)), sum(p, arb(0))
    q, p = [a / total_q for a in q], [b / total_p for b in p]

    def half(x: list[arb], y: list[arb]) -> arb:
        return sum((a * (2 * a / (a + b)).log() for a, b in zip(x, y, strict=True) if a != 0), arb(0)) / 2

    return half(q, p) + half(p, q)


def mutual_information(joint: list[list[arb]]) -> arb:
    total = sum((sum(row, arb(0)) for row in joint), arb(0))
    rows = [sum(row, arb(0)) for row in joint]
    columns = [sum(column, arb(0)) for column in zip(*joint, strict=True)]
    terms = (
        x * (x * total / (rows[i] * columns[j])).log()
        for i, row in enumerate(joint)
        for j, x in enumerate(row)
        if x != 0
    )
    return sum(terms, arb(0)) / total


def entropy(p: list[arb]) -> arb:
    total = sum(p, arb(0))
    return -sum((x * (x / total).log() for x in p if x != 0), arb(0)) / total


def conditional_entropy(joint: list[list[arb]]) -> arb:
    total = sum((sum(row, arb(0)) for row in joint), arb(0))
    return sum((entropy(row) * sum(row, arb(0)) for row in joint if any(x != 0 for x in row)), arb(0)) / total


def cross_entropy(q: list[arb], p: list[arb]) -> arb:
    total_p = sum(p, arb(0))
    terms = (a * (b / total_p).log() for a, b in zip(q, p, strict=True) if a != 0)
    return -sum(terms, arb(0)) / sum(q, arb(0))


# How to draw them


def scale(rng: Rng, low: float, high: float, n: int) -> np.ndarray:
    """Powers of ten between 10^low and 10^high."""
    return 10.0 ** rng.uniform(low, high, n)


def nearby(rng: Rng, x: np.ndarray) -> np.ndarray:
    """x moved by a relative 1e-15 to 1e-1, either way."""
    return x * (1 + rng.choice([-1.0, 1.0], x.shape) * scale(rng, -15, -1, x.shape))


def moderate(rng: Rng, n: int) -> Columns:
    mean_q, mean_p = rng.normal(size=(2, n)) * scale(rng, -3, 3, (2, n))
    return mean_q, scale(rng, -3, 3, n), mean_p, scale(rng, -3, 3, n)


def near_equal(rng: Rng, n: int) -> Columns:
    mean, std = rng.normal(size=n), scale(rng, -3, 3, n)
    return nearby(rng, mean), nearby(rng, std), mean, std


def equal_means(rng: Rng, n: int) -> Columns:
    mean, std = rng.normal(size=n), scale(rng, -3, 3, n)
    return mean, nearby(rng, std), mean, std


def large_means(rng: Rng, n: int) -> Columns:
    mean_q, mean_p = rng.normal(size=(2, n)) * 1e6
    return mean_q, scale(rng, -3, 3, n), mean_p, scale(rng, -3, 3, n)


def any_scale(rng: Rng, n: int) -> Columns:
    mean_q, mean_p = rng.normal(size=(2, n)) * scale(rng, -300, 300, (2, n))
    return mean_q, scale(rng, -300, 300, n), mean_p, scale(rng, -300, 300, n)


def common_scale(rng: Rng, n: int) -> Columns:
    unit = scale(rng, -300, 300, n)
    mean_q, mean_p = rng.normal(size=(2, n)) * unit
    return mean_q, scale(rng, -3, 3, n) * unit, mean_p, scale(rng, -3, 3, n) * unit


def extreme_floats(rng: Rng, n: int) -> Columns:
    """Subnormal and nearly overflowing numbers, mixed with ordinary ones."""
    sizes = np.array([5e-324, 1e-310, 2.3e-308, 1e-154, 1e-5, 1.0, 3.0, 1e154, 1.7e308])
    draw = rng.choice(sizes, (4, n)) * rng.uniform(0.5, 1.0, (4, n))
    draw = np.maximum(draw, 5e-324)
    return draw[0] * rng.choice([-1.0, 1.0], n), draw[1], draw[2], draw[3]


NORMAL = {
    "moderate": moderate,
    "near equal": near_equal,
    "equal means": equal_means,
    "large means": large_means,
    "any scale": any_scale,
    "common scale": common_scale,
    "extreme floats": extreme_floats,
}


def collapsed(rng: Rng, n: int) -> Columns:
    """A latent dimension that has collapsed to the prior."""
    return np.zeros(n), rng.choice([-1.0, 1.0], n) * scale(rng, -15, -1, n)


def ordinary_encoder(rng: Rng, n: int) -> Columns:
    return rng.normal(size=n), rng.normal(size=n)


def any_encoder(rng: Rng, n: int) -> Columns:
    signs = rng.choice([-1.0, 1.0], (2, n))
    return signs[0] * scale(rng, -160, 154, n), signs[1] * scale(rng, -160, 3, n)


STANDARD = {"collapsed": collapsed, "ordinary": ordinary_encoder, "any scale": any_encoder}


def rows(sample: Callable[[Rng, int], Columns], length: int) -> Callable[[Rng, int], Columns]:
    """The same for the sum over a last axis."""
    return lambda rng, n: tuple(x.reshape(n, length) for x in sample(rng, n * length))


def as_rows(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Call a function that sums over the last axis on columns of numbers."""
    return lambda *columns: function(*(x[:, None] for x in columns))


def probabilities(rng: Rng, n: int) -> Columns:
    q, p = rng.uniform(size=(2, n))
    return q, p


def near_probabilities(rng: Rng, n: int) -> Columns:
    p = rng.uniform(0.01, 0.9, n)
    return nearby(rng, p), p


def tiny_probabilities(rng: Rng, n: int) -> Columns:
    return scale(rng, -320, 0, n), scale(rng, -320, 0, n)


def probabilities_at_one(rng: Rng, n: int) -> Columns:
    q, p = 1 - scale(rng, -16, -1, (2, n))
    return q, p


BERNOULLI = {
    "ordinary": probabilities,
    "near equal": near_probabilities,
    "tiny": tiny_probabilities,
    "close to 1": probabilities_at_one,
}


def moderate_logits(rng: Rng, n: int) -> Columns:
    a, b = rng.uniform(-80, 80, (2, n))
    return a, b


def near_logits(rng: Rng, n: int) -> Columns:
    b = rng.uniform(-30, 30, n)
    return nearby(rng, b), b


def any_logits(rng: Rng, n: int) -> Columns:
    a, b = rng.choice([-1.0, 1.0], (2, n)) * scale(rng, -20, 2.8, (2, n))
    return a, b


def logits_apart(rng: Rng, n: int) -> Columns:
    """Neither close nor far: where the two ways to the divergence meet."""
    b = rng.uniform(-6, 6, n)
    return b + rng.choice([-1.0, 1.0], n) * rng.uniform(1.5, 6, n), b


BERNOULLI_LOGITS = {
    "apart": logits_apart,
    "within 80": moderate_logits,
    "near equal": near_logits,
    "any scale": any_logits,
}


def normalized(x: np.ndarray) -> np.ndarray:
    return x / x.sum(axis=-1, keepdims=True)


def tables(length: int) -> dict[str, Callable[[Rng, int], Columns]]:
    def ordinary(rng: Rng, n: int) -> Columns:
        q, p = rng.dirichlet(np.ones(length), (2, n))
        return q, p

    def near(rng: Rng, n: int) -> Columns:
        p = rng.dirichlet(np.ones(length), n)
        size = scale(rng, -15, -1, (n, 1))
        return normalized(p * (1 + size * rng.uniform(-1, 1, p.shape))), p

    def sparse(rng: Rng, n: int) -> Columns:
        q, p = normalized(scale(rng, -300, 0, (2, n, length)))
        q[rng.uniform(size=q.shape) < 0.2] = 0
        return normalized(q + (q.sum(axis=-1, keepdims=True) == 0)), p

    return {"ordinary": ordinary, "near equal": near, "sparse": sparse}


def table_logits(length: int) -> dict[str, Callable[[Rng, int], Columns]]:
    def ordinary(rng: Rng, n: int) -> Columns:
        a, b = 3 * rng.normal(size=(2, n, length))
        return a, b

    def near(rng: Rng, n: int) -> Columns:
        b = 3 * rng.normal(size=(n, length))
        return b + scale(rng, -15, -1, (n, 1)) * rng.uniform(-1, 1, b.shape) + rng.normal(size=(n, 1)), b

    def wide(rng: Rng, n: int) -> Columns:
        a, b = rng.uniform(-300, 300, (2, n, length))
        return a, b

    return {"ordinary": ordinary, "near equal": near, "wide": wide}


def joint_tables(rng: Rng, n: int) -> tuple[np.ndarray]:
    return (rng.dirichlet(np.ones(12), n).reshape(n, 3, 4),)


def independent_tables(rng: Rng, n: int) -> tuple[np.ndarray]:
    """Almost independent rows and columns."""
    product = rng.dirichlet(np.ones(3), n)[:, :, None] * rng.dirichlet(np.ones(4), n)[:, None, :]
    joint = product * (1 + scale(rng, -12, -1, (n, 1, 1)) * rng.uniform(-1, 1, product.shape))
    return (joint / joint.sum(axis=(1, 2), keepdims=True),)


def certain_rows(rng: Rng, n: int) -> tuple[np.ndarray]:
    """Probability tables with nearly all mass in one entry."""
    p = scale(rng, -30, -3, (n, 5))
    p[:, 0] = 1
    return (normalized(p),)


def _families() -> Iterator[Family]:
    for kind, sample in NORMAL.items():
        yield Family(f"kl_normal, {kind}", elbo_ref.kl_normal, sample, kl_normal)
    for kind in ("moderate", "near equal"):
        yield Family(f"kl_diag_normal, D = 20, {kind}", elbo_ref.kl_diag_normal, rows(NORMAL[kind], 20), kl_diag_normal)
    for kind, sample in STANDARD.items():
        yield Family(f"kl_standard_normal, {kind}", as_rows(elbo_ref.kl_standard_normal), sample, kl_standard_normal)
    for kind in ("collapsed", "ordinary"):
        function, sample = elbo_ref.kl_standard_normal, rows(STANDARD[kind], 20)
        yield Family(f"kl_standard_normal, D = 20, {kind}", function, sample, kl_standard_row)
    for kind, sample in BERNOULLI.items():
        yield Family(f"kl_bernoulli, {kind}", elbo_ref.kl_bernoulli, sample, kl_bernoulli)
    for kind, sample in BERNOULLI_LOGITS.items():
        yield Family(f"kl_bernoulli_logits, {kind}", elbo_ref.kl_bernoulli_logits, sample, kl_bernoulli_logits)
    for length in (2, 10, 1000):
        for kind, sample in tables(length).items():
            yield Family(f"kl_categorical, K = {length}, {kind}", elbo_ref.kl_categorical, sample, kl_tables)
        for kind, sample in table_logits(length).items():
            yield Family(
                f"kl_categorical_logits, K = {length}, {kind}", elbo_ref.kl_categorical_logits, sample, kl_logits
            )
    for kind, sample in tables(10).items():
        yield Family(f"jensen_shannon, K = 10, {kind}", elbo_ref.jensen_shannon, sample, jensen_shannon)
    yield Family("cross_entropy, K = 10", elbo_ref.cross_entropy, tables(10)["ordinary"], cross_entropy)
    yield Family("entropy, nearly certain", elbo_ref.entropy, certain_rows, entropy)
    for kind, sample in {"ordinary": joint_tables, "nearly independent": independent_tables}.items():
        yield Family(f"mutual_information, {kind}", elbo_ref.mutual_information, sample, mutual_information)
        yield Family(f"conditional_entropy, {kind}", elbo_ref.conditional_entropy, sample, conditional_entropy)


FAMILIES = {family.name: family for family in _families()}
