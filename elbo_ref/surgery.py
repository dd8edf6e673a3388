"""ELBO surgery: what the average KL term of many encoders is made of.

Drawing the index n uniformly and then z from q(z | n) gives a joint distribution of (n, z), with q(z) the aggregate of all encoders.
The average KL to the prior splits into the KL of the aggregate and the information that z carries about n. Exact for finite
tables; Monte Carlo for Gaussian encoders, with the noise as an argument, in memory O(N D) whatever the number of pairs.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from elbo_ref import _aggregate, _aggregate_gradient, _aggregate_pairs, _table_surgery
from elbo_ref._aggregate import chunks, wide
from elbo_ref._core.arguments import prepare
from elbo_ref._core.arrays import (
    Array,
    Namespace,
    beside,
    constant,
    device,
    dtype_name,
    gather,
    is_array,
    is_jax,
    looks,
    narrow,
    readable,
    widen,
)
from elbo_ref._core.checks import Check, finite, positive, simplex
from elbo_ref._core.shapes import components, has_axes, same_last_axis
from elbo_ref._core.special import HALF_LOG_TWO_PI, log_sum_exp, root
from elbo_ref._core.spread import CHECKS, named, std_of
from elbo_ref.discrete import conditional_entropy, entropy, kl_categorical, mutual_information
from elbo_ref.estimators import Estimate
from elbo_ref.gaussian import kl_diag_normal


class TableSurgery(NamedTuple):
    """The parts of the divergence of a joint table q(n) q(z | n) from p(n) p(z), in nats.

    average_kl = marginal_kl + mutual_information and joint_kl = average_kl + index_kl.
    """

    average_kl: Array
    """sum_n q(n) KL(q(z | n) || p(z))."""
    marginal_kl: Array
    """KL(q(z) || p(z)) of the aggregate q(z) = sum_n q(n) q(z | n)."""
    mutual_information: Array
    """I(n; z), between 0 and index_entropy."""
    index_entropy: Array
    """H(q(n)): log N where q(n) is uniform."""
    conditional_entropy: Array
    """E_q(z) H(q(n | z)) = index_entropy - mutual_information: what z leaves unknown of n."""
    index_kl: Array
    """KL(q(n) || p(n)): zero where both are uniform, the correction where they differ."""
    joint_kl: Array
    """KL(q(n) q(z | n) || p(n) p(z))."""


def elbo_surgery_table(q_n: Array, q_z_given_n: Array, p_z: Array, *, p_n: Array | None = None) -> TableSurgery:
    """Exact ELBO surgery of finite encoders.

    sum_n q(n) KL(q(z|n) || p(z)) = KL(q(z) || p(z)) + I(n; z), with I(n; z) = H(q(n)) - E_q(z) H(q(n|z)).

    Shapes: q_n (..., N), q_z_given_n (..., N, Z), p_z (..., Z), p_n like q_n -> (...) each. p_n is q_n unless given.
    Unit: nats. A KL is inf where p has no mass and q has.
    Raises ValueError if an argument is not a probability table over its last axis or the sizes differ.
    Source: ELBO Surgery, Derivation.
    Theorem: surgery_decomposition.
    """
    given = {"q_n": q_n, "q_z_given_n": q_z_given_n, "p_z": p_z} | ({} if p_n is None else {"p_n": p_n})
    found = _table_surgery.in_few_steps(**given)
    if found is not None:
        return TableSurgery._make(found)
    xp, dtype, *tables = prepare(**{name: (simplex, x) for name, x in given.items()})
    q_n, conditional, p_z, *prior = (x / xp.sum(x, axis=-1, keepdims=True) for x in tables)
    has_axes("q_z_given_n", conditional, 2)
    rows = conditional.shape[-2]
    for name, x in zip(("q_n", "p_n"), (q_n, *prior), strict=False):
        if x.shape[-1] != rows:
            raise ValueError(f"{name} must have {rows} entries, as q_z_given_n has rows, got {x.shape[-1]}")
    same_last_axis(q_z_given_n=conditional, p_z=p_z)
    joint = q_n[..., None] * conditional
    kl = kl_categorical(*xp.broadcast_arrays(conditional, p_z[..., None, :]))
    average_kl = xp.sum(q_n * xp.where(q_n > 0, kl, 0.0), axis=-1)  # a row that is never taken may have kl = inf
    index_kl = kl_categorical(q_n, *prior) if prior else 0 * q_n[..., 0]
    parts = xp.broadcast_arrays(
        average_kl,
        kl_categorical(xp.sum(joint, axis=-2), p_z),
        mutual_information(joint),
        entropy(q_n),
        conditional_entropy(xp.matrix_transpose(joint)),
        index_kl,
        average_kl + index_kl,
    )
    return TableSurgery._make(narrow(xp, x, dtype) for x in parts)


class GaussianSurgery(NamedTuple):
    """ELBO surgery of N Gaussian encoders, in nats. An `Estimate` holds a value and its standard error.

    marginal_kl + mutual_information = sampled_kl, sample by sample; sampled_kl estimates the exact average_kl.
    """

    average_kl: Array
    """(1 / N) sum_n KL(q(z | n) || p(z)), exact."""
    sampled_kl: Estimate
    """The same from the samples: a check of the noise that was given."""
    marginal_kl: Estimate
    """KL(q(z) || p(z)) of the aggregate q(z) = (1 / N) sum_n q(z | n)."""
    mutual_information: Estimate
    """I(n; z), never above log N."""
    conditional_entropy: Estimate
    """E_q(z) H(q(n | z)) = log N - I(n; z): what z leaves unknown of n."""
    aggregate_entropy: Estimate
    """Differential entropy of q(z)."""
    log_q_error: Array
    """Bound on the error of the log q(z) of any sample, from the rounding error predicted for each encoder."""


def elbo_surgery(
    mean: Array,
    std: Array | None = None,
    noise: Array | None = None,
    *,
    var: Array | None = None,
    logvar: Array | None = None,
    index: Array | None = None,
) -> GaussianSurgery:
    """ELBO surgery of N encoders q(z | n) = N(mean_n, diag(std_n^2)) against the standard normal prior.

    (1 / N) sum_n KL(q(z|n) || p(z)) = KL(q(z) || p(z)) + I(n; z), estimated at z = mean_n + std_n noise.

    Every one of the N encoders enters log q(z) = log((1 / N) sum_n q(z | n)): there is no minibatch bias. The memory is
    O(N D) plus blocks of fixed size; the work O(samples N D). The standard errors treat the samples as drawn with a random
    index; where every encoder has its own share of them, they are if anything too large. All but `log_q_error` has derivatives by
    every encoder, the samples moving with their noise; the first in torch's reverse mode lose as many digits as (mean / std)^2
    has. In JAX, and where torch traces, transforms or differentiates a derivative, all pairs are there at once, in memory
    O(samples N D).

    Shapes: mean, std (N, D); noise (N, D) or (S, N, D), standard normal. For a part of the samples, noise (M, D) and an
    integer index (M,), drawn uniformly from 0 to N - 1: the encoder of each sample. Unit: nats.
    The error of each log q(z) is at most 1e-9 for float64 arguments and 1e-5 for float32, or a few of its last digits
    where it is so large that these exceed that; the precision of each pass follows from the predicted error. See
    `log_q_error`.
    Raises ValueError if an argument is not finite, std is not positive, the shapes do not fit, there are fewer than two
    samples, or a std is so small that (mean / std)^2 overflows.
    Source: ELBO Surgery, Introduction.
    Theorem: surgery_decomposition.
    """
    return surgery_on(_aggregate.Machines(), mean, _std(std, var, logvar), noise, index)


class TotalCorrelation(NamedTuple):
    """The marginal KL of N Gaussian encoders, split by dimension, in nats. An `Estimate` holds a value and its error.

    marginal_kl = total_correlation + the sum of dimension_kl, sample by sample.
    """

    marginal_kl: Estimate
    """KL(q(z) || p(z)) of the aggregate."""
    total_correlation: Estimate
    """KL(q(z) || q(z_1) ... q(z_D)): what the dimensions of the aggregate know of each other."""
    dimension_kl: Estimate
    """KL(q(z_d) || p(z_d)) for each dimension d, shape (D,)."""
    log_q_error: Array
    """Bound on the error of any log q(z) or log q(z_d)."""


def total_correlation(
    mean: Array,
    std: Array | None = None,
    noise: Array | None = None,
    *,
    var: Array | None = None,
    logvar: Array | None = None,
    index: Array | None = None,
) -> TotalCorrelation:
    """Split the KL of the aggregate of N encoders N(mean_n, diag(std_n^2)) into total correlation and dimension-wise KL.

    KL(q(z) || p(z)) = KL(q(z) || prod_d q(z_d)) + sum_d KL(q(z_d) || p(z_d)), with p standard normal.

    Each marginal q(z_d) is the aggregate of N univariate encoders, so the work is D + 1 times that of `elbo_surgery`
    with one dimension; memory, accuracy, standard errors, and what is refused are as there.

    Shapes: mean, std, noise and index as in `elbo_surgery`; D entries in dimension_kl. Unit: nats.
    Raises ValueError as `elbo_surgery` does.
    Theorem: total_correlation.
    """
    return total_correlation_on(_aggregate.Machines(), mean, _std(std, var, logvar), noise, index)


# NumPy would warn of what is meant to happen: the weight of a pair overflows, and the row goes to a pass that scales it.
_quiet = np.errstate(over="ignore", invalid="ignore")


@_quiet
def aggregate_log_density(
    z: Array, mean: Array, std: Array | None = None, *, var: Array | None = None, logvar: Array | None = None
) -> Array:
    """Log density of the aggregate of N encoders at any points.

    log q(z) = log((1 / N) sum_n N(z; mean_n, diag(std_n^2))).

    Memory and accuracy are those of `elbo_surgery`, at points that need not come from any encoder; where log q(z) itself
    is so large that its last digit exceeds the tolerance, the error is a few of its last digits.

    Shapes: z (M, D); mean, std (N, D) -> (M,). Unit: nats.
    Raises ValueError if an argument is not finite, std is not positive, the shapes do not fit, a z is so far from a mean
    or a std so small that (z - mean)^2 / std^2 or (mean / std)^2 overflows.
    Theorem: surgery_decomposition.
    """
    xp, z, mean, std = _gather(z=(finite, z), mean=(finite, mean), std=(positive, _std(std, var, logvar)))
    components("N", mean=mean, std=std)
    if z.ndim != 2 or z.shape[1] != mean.shape[1]:
        raise ValueError(f"z must have shape (M, {mean.shape[1]}), got {tuple(z.shape)}")
    if _aggregate_pairs.at_once(z, mean, std):
        logs = _aggregate_pairs.log_densities(xp, z, mean, std)
        return narrow(xp, log_sum_exp(xp, logs, axis=1) - math.log(mean.shape[0]), mean.dtype)
    given, (z, mean, std) = (z, mean, std), map(constant, (z, mean, std))
    encoders = _aggregate.encoders(xp, mean, std, _aggregate.Machines())
    parts = []
    for start, stop in chunks(z):
        log_sum, _ = _aggregate.log_sum_refined(encoders, wide(xp, z[start:stop]))
        if not bool(xp.all(xp.isfinite(log_sum))):
            raise ValueError("z must not be so far from a mean, or std so small, that (z - mean)^2 / std^2 overflows")
        parts.append(log_sum)
    log_sum = xp.concat(parts) if parts else xp.zeros_like(wide(xp, z[:, 0]))
    if _aggregate_gradient.wanted(*given):
        log_sum = _aggregate_gradient.with_gradient(encoders, log_sum, wide(xp, given[0]), *given[1:])
    return narrow(xp, log_sum + (encoders.shift - math.log(encoders.total)), mean.dtype)


@_quiet
def surgery_on(
    machines: _aggregate.Machines, mean: Array, std: Array, noise: Array, index: Array | None
) -> GaussianSurgery:
    """The body of `elbo_surgery`, for the encoders of this machine among all."""
    xp, mean, std, noise, index = check(mean, std, noise, index)
    kl = xp.concat([kl_diag_normal(mean[a:b], std[a:b], 0.0, 1.0) for a, b in chunks(mean)])
    average_kl, _ = _estimates(xp, machines, mean.dtype, wide(xp, kl)[None])
    own, rest, log_q, log_p, error, total = _drawn(xp, mean, std, noise, index, machines)
    parts = xp.stack([own - log_p, log_q - log_p, math.log(total) - rest, rest, -log_q])  # in the order of the fields
    estimates = map(Estimate, *_estimates(xp, machines, mean.dtype, parts))
    return GaussianSurgery._make([average_kl[0], *estimates, narrow(xp, error, mean.dtype)])


@_quiet
def total_correlation_on(
    machines: _aggregate.Machines, mean: Array, std: Array, noise: Array, index: Array | None
) -> TotalCorrelation:
    """The body of `total_correlation`, for the encoders of this machine among all."""
    xp, mean, std, noise, index = check(mean, std, noise, index)
    whole = _drawn(xp, mean, std, noise, index, machines)
    error, log_q, by_dimension = whole.error, 0.0, []
    for d in range(int(mean.shape[1])):
        one = slice(d, d + 1)
        drawn = _drawn(xp, mean[:, one], std[:, one], noise[:, one], index, machines)
        error = xp.maximum(error, drawn.error)
        log_q = log_q + drawn.log_q
        by_dimension.append(drawn.log_q - drawn.log_p)
    parts = xp.stack([whole.log_q - whole.log_p, whole.log_q - log_q, *by_dimension])
    value, doubt = _estimates(xp, machines, mean.dtype, parts)
    return TotalCorrelation(
        marginal_kl=Estimate(value[0], doubt[0]),
        total_correlation=Estimate(value[1], doubt[1]),
        dimension_kl=Estimate(value[2:], doubt[2:]),
        log_q_error=narrow(xp, error, mean.dtype),
    )


def _estimates(xp: Namespace, machines: _aggregate.Machines, dtype: Any, x: Array) -> Estimate:
    """Of each row the mean over the samples of all machines, and its standard error."""
    size = machines.sum(xp.full((1,), int(x.shape[1]), dtype=x.dtype, device=device(x)))
    mean = machines.sum(xp.sum(x, axis=1, keepdims=True)) / size
    variance = machines.sum(xp.sum((x - mean) ** 2, axis=1)) / (size - 1)
    return Estimate(narrow(xp, mean[:, 0], dtype), narrow(xp, root(xp, variance / size), dtype))


class _Drawn(NamedTuple):
    """What is known of each of our samples (one entry each, float64), and of all."""

    own: Array  # log q(z | n)
    rest: Array  # -log q(n | z) = log of the sum of all q(z | n') over the own q(z | n)
    log_q: Array  # log q(z)
    log_p: Array  # log p(z)
    error: Array  # bound on the error of any log q(z)
    total: int  # number of encoders


_TOO_SMALL = "std must not be so small, or noise so large, that (z - mean)^2 / std^2 overflows"


def _log_standard(xp: Namespace, z: Array) -> Array:
    """log N(z; 0, I)."""
    return -xp.sum(z * z / 2 + HALF_LOG_TWO_PI, axis=1)


# Rows in the first chunk: what fails there for most of them is not tried on the rest.
_PILOT = 512


def _drawn(xp: Namespace, mean: Array, std: Array, noise: Array, index: Array, machines: _aggregate.Machines) -> _Drawn:
    if _aggregate_pairs.at_once(mean, std, noise):
        return _drawn_at_once(xp, mean, std, noise, index, machines)
    given, (mean, std, noise) = (mean, std, noise), map(constant, (mean, std, noise))
    encoders = _aggregate.encoders(xp, mean, std, machines)
    own, rest, log_p, errors = [], [], [], []
    pilot = min(_PILOT, int(noise.shape[0]))

    def rows() -> Iterator[_aggregate.Rows]:
        for start, stop in ((0, pilot), *chunks(noise, first=pilot)):
            n = index[start:stop]
            m, s = wide(xp, mean[n]), wide(xp, std[n])
            z = m + s * wide(xp, noise[start:stop])
            position = encoders.rank[n]
            # not from the noise: z is rounded, and where std is small beside mean that is another number of stds
            density = encoders.log_norm[position] - xp.sum(((z - m) / s) ** 2, axis=1) / 2
            own.append(density + encoders.shift)
            log_p.append(_log_standard(xp, z))
            yield _aggregate.Rows(z, density, position)

    level = 0
    for ours, chunk in machines.turns(rows()):
        value, error, level = _aggregate.log_rest(encoders, chunk, level)
        if not bool(xp.all(xp.isfinite(value))):
            raise ValueError(_TOO_SMALL)
        errors.append(xp.max(error))
        if ours:
            rest.append(value)
    own, rest, log_p = (xp.concat(x) for x in (own, rest, log_p))
    log_q = own + rest - math.log(encoders.total)
    drawn = _Drawn(own, rest, log_q, log_p, xp.max(xp.stack(errors)), encoders.total)
    return _differentiable(encoders, drawn, *given, index) if _aggregate_gradient.wanted(*given) else drawn


def _drawn_at_once(
    xp: Namespace, mean: Array, std: Array, noise: Array, index: Array, machines: _aggregate.Machines
) -> _Drawn:
    if type(machines) is not _aggregate.Machines:
        raise TypeError("mean must be a plain tensor: what is spread over processes is not traced or transformed")
    total, dimension = (int(size) for size in mean.shape)
    z = widen(xp, mean[index]) + widen(xp, std[index]) * widen(xp, noise)
    own, rest = _aggregate_pairs.own_and_rest(xp, z, mean, std, index)
    if looks(rest) and not bool(xp.all(xp.isfinite(rest))):
        raise ValueError(_TOO_SMALL)
    log_p, error = _log_standard(xp, z), _aggregate_pairs.error(xp, dimension, total, own)
    return _Drawn(own, rest, own + rest - math.log(total), log_p, error, total)


def _differentiable(
    encoders: _aggregate.Encoders, drawn: _Drawn, mean: Array, std: Array, noise: Array, index: Array
) -> _Drawn:
    """The same numbers as functions of the arguments. The samples move with their noise."""
    xp = encoders.xp
    s, e = wide(xp, std[index]), wide(xp, noise)
    z = wide(xp, mean[index]) + s * e
    own = _moving(drawn.own, -xp.sum(e * e / 2 + xp.log(s), axis=1))
    log_sum = drawn.own + drawn.rest - encoders.shift
    log_sum = _aggregate_gradient.with_gradient(encoders, log_sum, z, mean, std) + encoders.shift
    log_p = _moving(drawn.log_p, -xp.sum(z * z, axis=1) / 2)
    return drawn._replace(own=own, rest=log_sum - own, log_q=log_sum - math.log(drawn.total), log_p=log_p)


def _moving(value: Array, graph: Array) -> Array:
    """A value that is known, with the derivatives of an expression for it."""
    return value + (graph - constant(graph))


def _gather(**arguments: tuple[Check, Array]) -> tuple[Namespace, ...]:
    """Namespace and checked arguments."""
    xp, *values = gather(**{name: x for name, (_, x) in arguments.items()})
    look = looks(*values)
    return xp, *(check(name, x, look) for (name, (check, _)), x in zip(arguments.items(), values, strict=True))


def _std(std: Array | None, var: Array | None, logvar: Array | None) -> Array:
    """The std from any of the three, in the dtype that is given."""
    kind, width = named(std, var, logvar)
    if kind == "std":
        return width
    xp, width = _gather(**{kind: (CHECKS[kind], width)})
    return std_of(xp, kind, width)


def check(mean: Array, std: Array, noise: Array, index: Array | None) -> tuple[Namespace, Array, Array, Array, Array]:
    """Refuse what is not N encoders and noise for them; return one row of noise for each sample, draw after draw, and its encoder."""
    xp, mean, std, noise = _gather(mean=(finite, mean), std=(positive, std), noise=(finite, noise))
    components("N", mean=mean, std=std)
    n, d = (int(size) for size in mean.shape)
    shape = tuple(noise.shape)
    if index is None:
        if shape[-2:] != (n, d) or noise.ndim > 3 or 0 in shape:
            raise ValueError(f"noise must have shape ({n}, {d}) or (S, {n}, {d}) with S > 0, got {shape}")
        noise = xp.reshape(noise, (-1, d))
        index = xp.arange(noise.shape[0], device=device(mean)) % n
    else:
        if noise.ndim != 2 or shape[1] != d:
            raise ValueError(f"noise must have shape (M, {d}) beside an index, got {shape}")
        index = _index(xp, index, shape[0], mean)
    if noise.shape[0] < 2:
        raise ValueError(f"noise must hold at least 2 samples for a standard error, got shape {shape}")
    return xp, mean, std, noise, index


def _values(index: Array) -> Array:
    """What is known of an index beside arrays of JAX while these are traced: all of it, unless it is traced itself."""
    return index if "Tracer" in type(index).__name__ else np.asarray(index)


def _index(xp: Namespace, index: Array, samples: int, mean: Array) -> Array:
    """The index as integers that no library takes for a mask."""
    if not is_array(index) or not dtype_name(index.dtype).startswith(("int", "uint")):
        kind = f"{type(index).__name__} of {index.dtype}" if hasattr(index, "dtype") else type(index).__name__
        raise TypeError(f"index must be an array of integers, of one library with mean, got {kind}")
    given, index = index, beside(index, mean=mean)
    values = _values(given) if is_jax(index) else index
    if not readable(values):
        raise TypeError(
            "index must be an array whose values can be read, got a traced one: no library refuses one outside"
        )
    if tuple(index.shape) != (samples,):
        shape = tuple(index.shape)
        raise ValueError(f"index must have shape ({samples},), one encoder for each row of noise, got {shape}")
    if not is_jax(index):
        index = values = xp.astype(index, xp.int64)
    encoders = int(mean.shape[0])
    least, most = (int(values.min()), int(values.max())) if samples else (0, 0)
    if least < 0 or most >= encoders:
        raise ValueError(f"index must lie from 0 to {encoders - 1}, got values from {least} to {most}")
    return index
