"""The log density of a mixture of many diagonal Gaussians at many points, in blocks, with a bound on the error of each value.

log sum_n N(z_m; mean_n, diag(std_n^2)) needs every pair (m, n). A matrix product gives a block of pairs at once,

    log2 N(z; mean, diag(std^2)) = [z^2, z, 1] . [-1 / (2 std^2), mean / std^2, const] / log 2,

and `exp2` is the fast exponential. The product cancels: its error grows with (mean / std)^2. So the mean of all means is
subtracted first, and `predicted_error` says, before anything is computed, how far a column may be off. Three answers follow.

- The density of the encoder that a sample was drawn from is known without cancellation. It is the unit in which the rest
  of the row is summed, and is left out of the sum: log q = own + log(1 + rest). An error in a small `rest` does not matter.
- In few dimensions, loops take each pair as it is written and need no product.
- A row whose bound exceeds the tolerance is repeated at the next of the `levels`.
- What still fails, and any point without an encoder of its own, goes through `log_sum_refined`: the product only says which
  pairs can matter, and those are evaluated as they are written, ((z - mean) / std)^2.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from elbo_ref._core.arrays import Array, Namespace, device, is_float64, is_torch, narrow, on_cpu
from elbo_ref._core.by_loops import ready
from elbo_ref._core.special import HALF_LOG_TWO_PI
from elbo_ref._core.threads import team_for

_LOG2_E = 1 / math.log(2)


class Level(NamedTuple):
    """The precisions of a pass: of the product, and of what follows it within a block."""

    product: str
    weights: str


def levels(xp: Namespace, tolerance: float) -> list[Level]:
    """The passes by a product to try for an error of `tolerance` nats, cheapest first."""
    if tolerance < 1e-6:
        return [FINEST]
    return [Level("float32", "float32")] * _full_products(xp) + [Level("float64", "float32")]


def _full_products(xp: Namespace) -> bool:
    """Whether float32 products are taken in float32: torch may be told to round their factors to fewer bits."""
    torch = getattr(xp, "torch", None)
    if torch is None:
        return True
    try:
        if torch.get_float32_matmul_precision() != "highest":
            return False
    except RuntimeError:  # set in the newer way, which the older does not read
        return False
    backends = [getattr(torch.backends, "cuda", None), getattr(torch.backends, "mkldnn", None)]
    newer = [torch.backends, *(getattr(backend, "matmul", None) for backend in backends)]
    return all(getattr(setting, "fp32_precision", "none") in ("none", "ieee") for setting in newer)


FINEST = Level("float64", "float64")
LOOPS = Level("none", "float64")


def _unit_roundoff(dtype: str) -> float:
    return 2.0**-24 if dtype == "float32" else 2.0**-53


class Rows(NamedTuple):
    """Samples, all float64."""

    z: Array  # (m, D)
    own: Array  # (m,) log density under the encoder that the sample was drawn from, less the shift
    position: Array  # (m,) sorted position of that encoder, -1 where it is on another machine


class Machines:
    """Where the encoders are, and samples of them: here, all of both. What has several machines overrides this."""

    def sum(self, x: Array) -> Array:
        """Add up the `x` of all machines."""
        return x

    def max(self, x: Array) -> Array:
        """The largest `x` of all machines, entry by entry."""
        return x

    def turns(self, rows: Iterable[Rows]) -> Iterator[tuple[bool, Rows]]:
        """Each machine's rows in turn, seen by all, and whether they are ours."""
        return ((True, chunk) for chunk in rows)


class Blocks(NamedTuple):
    """Rows whose operands are held at once, and rows and columns of a block of pairs."""

    chunk: int
    rows: int
    columns: int


def blocks(x: Array) -> Blocks:
    """Sizes that keep a block in cache on a CPU, and few kernel launches on an accelerator."""
    return Blocks(16384, 512, 1024) if on_cpu(x) else Blocks(65536, 4096, 4096)


class Encoders(NamedTuple):
    """Diagonal Gaussians, in the order of their predicted error: each block of columns then has one bound of its own."""

    xp: Namespace
    mean: Array  # (n, D), as given
    std: Array
    order: Array  # (n,) from sorted position to row of mean
    rank: Array  # (n,) back
    log_norm: Array  # (n,) sorted: log of the density at the mean, less `shift`
    spread: Array  # (n,) sorted, ascending: the size of the terms that cancel
    centre: Array  # (D,) subtracted from every mean and sample
    shift: float  # subtracted from every log density, so that less cancels
    total: int  # encoders on all machines
    machines: Machines

    @property
    def tolerance(self) -> float:
        """How far a log density may be off, in nats."""
        return 1e-9 if is_float64(self.mean.dtype) else 1e-5

    def at(self, position: Array | slice) -> tuple[Array, Array]:
        """Means and standard deviations at sorted positions, in float64."""
        index = self.order[position]
        return wide(self.xp, self.mean[index]), wide(self.xp, self.std[index])


def wide(xp: Namespace, x: Array) -> Array:
    return narrow(xp, x, xp.float64)


def slices(size: int, step: int, first: int = 0) -> Iterator[tuple[int, int]]:
    for start in range(first, size, step):
        yield start, min(start + step, size)


def chunks(x: Array, first: int = 0) -> Iterator[tuple[int, int]]:
    return slices(int(x.shape[0]), blocks(x).chunk, first)


def encoders(xp: Namespace, mean: Array, std: Array, machines: Machines) -> Encoders:
    """Predict how much the product cancels for each encoder, and sort by it."""
    n, dimension = (int(size) for size in mean.shape)
    on = device(mean)
    centre = xp.zeros(dimension, dtype=xp.float64, device=on)
    log_norm = xp.zeros(n, dtype=xp.float64, device=on)
    for start, stop in chunks(mean):
        centre += xp.sum(wide(xp, mean[start:stop]), axis=0)
        log_norm[start:stop] = -xp.sum(xp.log(wide(xp, std[start:stop])) + HALF_LOG_TWO_PI, axis=1)
    total = int(machines.sum(xp.full((1,), n, dtype=xp.float64, device=on))[0])
    centre = machines.sum(centre) / total
    shift = float(machines.sum(xp.sum(log_norm, axis=0, keepdims=True))[0]) / total
    log_norm -= shift

    spread = xp.zeros_like(log_norm)
    for start, stop in chunks(mean):
        standardized = (wide(xp, mean[start:stop]) - centre) / wide(xp, std[start:stop])
        # |z| <= |mean| + |z - mean| bounds the sum of all absolute terms by these and what `predicted_error` adds
        spread[start:stop] = 4 * xp.sum(standardized**2, axis=1) + 3 * xp.abs(log_norm[start:stop])
    order = xp.argsort(spread)
    rank = xp.argsort(order)
    return Encoders(xp, mean, std, order, rank, log_norm[order], spread[order], centre, shift, total, machines)


def predicted_error(level: Level, dimension: int, spread: Array, depth: float, own: Array) -> Array:
    """Bound in nats on the error of log density - own at a pair that lies at most `depth` nats below `own`.

    The absolute values of the terms of such a pair add up to at most spread + 2 depth + 3 |own|. Each was rounded a few
    times before the product (more often where the operands are prepared in the precision of the product itself), and the
    partial sums round like a random walk of as many steps as there are terms: hence the square root. The constants were
    calibrated against exact densities at 1 to 256 dimensions, where the observed error stayed below 0.7 of this.
    """
    prepared = 2 if level.product == "float32" else 4
    growth = prepared + math.sqrt(2 * dimension + 2) / 4
    product = growth * (spread + 2 * depth + 3 * abs(own)) * _unit_roundoff(level.product)
    return product + (2 * depth + 16) * _unit_roundoff(level.weights)


def operand(enc: Encoders, start: int, stop: int, *, own: bool) -> Array:
    """The right factor of the product for a block of encoders, in float64: (columns, terms)."""
    xp = enc.xp
    mean, std = enc.at(slice(start, stop))
    inverse = 1 / std
    standardized = (mean - enc.centre) * inverse
    constant = enc.log_norm[start:stop] - xp.sum(standardized**2, axis=1) / 2
    parts = [-(inverse**2) * (_LOG2_E / 2), standardized * inverse * _LOG2_E, constant[:, None] * _LOG2_E]
    return xp.concat([*parts, xp.ones_like(constant[:, None])] if own else parts, axis=1)


def rows_operand(enc: Encoders, z: Array, own: Array | None) -> Array:
    xp = enc.xp
    centred = z - enc.centre
    parts = [centred**2, centred, xp.ones_like(z[:, :1])]
    return xp.concat(parts if own is None else [*parts, -own[:, None] * _LOG2_E], axis=1)


def _blocks_of(xp: Namespace, size: Blocks, dtype: Any, like: Array) -> Callable[[int, int], Array]:
    """Blocks that share one allocation: fresh memory for each would cost more than the arithmetic."""
    flat = xp.empty(size.rows * size.columns, dtype=dtype, device=device(like))
    return lambda rows, columns: flat[: rows * columns].reshape(rows, columns)


def log_rest(enc: Encoders, rows: Rows, first_level: int) -> tuple[Array, Array, int]:
    """log(1 + sum over the other encoders of their density over the own one), at samples drawn from an encoder each.

    Returns the values, a bound on the error of each, and the level at which to start the next rows.
    """
    xp, tolerance, machines = enc.xp, enc.tolerance, enc.machines
    z, own, position = rows
    value = xp.full_like(own, math.nan)
    bound = xp.full_like(own, math.inf)
    todo = xp.arange(own.shape[0], device=device(own))
    passes = [LOOPS] if _worth_loops(enc) else levels(xp, tolerance)
    reach = math.log(enc.total / tolerance) + math.log(100)  # what lies lower adds at most tolerance / 100
    own_error = predicted_error(FINEST, int(z.shape[1]), xp.zeros_like(own), 0.0, own)
    next_first = first_level
    for number in range(first_level, len(passes)):
        rest, weighted_error = _summed_rows(enc, Rows(z[todo], own[todo], position[todo]), passes[number])
        rest, weighted_error = machines.sum(rest), machines.sum(weighted_error)
        found = xp.log1p(rest)
        error = weighted_error / (1 + rest) + tolerance / 100 + own_error
        good = (error <= tolerance + own_error) & (found <= reach)
        value[todo[good]] = found[good]
        bound[todo[good]] = error[good]
        before = int(todo.shape[0])
        todo, own_error = todo[~good], own_error[~good]
        if 2 * int(todo.shape[0]) > before:
            next_first = number + 1
        if not int(todo.shape[0]):
            break
    else:
        log_sum, error = log_sum_refined(enc, z[todo])
        value[todo] = xp.maximum(log_sum - own[todo], xp.zeros_like(log_sum))  # it contains own: only rounding is cut
        bound[todo] = error
    return value, bound, next_first


def _weights(xp: Namespace, exponents: Array) -> None:
    """Replace the exponents by their powers of two; what is far too small to matter becomes merely tiny.

    Letting the results become subnormal would make the exponential of a CPU ten times slower.
    """
    if on_cpu(exponents):
        floor = xp.asarray(-120.0, dtype=exponents.dtype, device=device(exponents))
        xp.maximum(exponents, floor, out=exponents)
    xp.exp2(exponents, out=exponents)


_FEW = 10  # dimensions in which a pair as it is written costs no more than its share of a product
_MANY = 4096  # encoders for which loops are faster even though they may have to be compiled first
_ALL = 2**62  # pairs for which they surely are


def _worth_loops(enc: Encoders) -> bool:
    """Whether to take LOOPS; the same on all machines."""
    return on_cpu(enc.mean) and enc.mean.shape[1] <= _FEW and enc.total >= _MANY and ready(_ALL)


def _summed_by_loops(enc: Encoders, rows: Rows) -> tuple[Array, Array]:
    """What `_summed_rows` returns, pair by pair: no term is larger than the exponent and its normalisers."""
    from elbo_ref._core.loops import densities
    from elbo_ref._core.loops.numbers import EXP_ERROR

    xp = enc.xp
    mean, std = enc.at(slice(None))
    arrays = (x.numpy(force=True) if is_torch(x) else x for x in (*rows, mean, std, enc.log_norm))
    rest = xp.asarray(densities.density_ratios(team_for(mean), *arrays))
    rest = rest + 0 * (rows.own + enc.spread[-1])  # NaN where a square overflows, as in the product
    largest = 3 * xp.max(xp.abs(enc.log_norm))
    error = predicted_error(FINEST, int(mean.shape[1]), largest, math.log(enc.total), rows.own)
    return rest, rest * (error + EXP_ERROR)


def _summed_rows(enc: Encoders, rows: Rows, level: Level) -> tuple[Array, Array]:
    """Sum of density / own density over the encoders of this machine but the own one, and the bound on its error.

    The error is the mean of those of the pairs by their share in the sum. How deep a pair lies is the logarithm of one
    over its share, whose mean is an entropy: at most the logarithm of the number of pairs.
    """
    if level is LOOPS:
        return _summed_by_loops(enc, rows)
    z, own, position = rows
    xp, size, depth = enc.xp, blocks(z), math.log(enc.total)
    rest, weighted_error = xp.zeros_like(own), xp.zeros_like(own)
    dtype = getattr(xp, level.product)
    left = xp.astype(rows_operand(enc, z, own), dtype)
    products = _blocks_of(xp, size, dtype, z)
    narrowed = products if level.weights == level.product else _blocks_of(xp, size, getattr(xp, level.weights), z)
    for start, stop in slices(int(enc.order.shape[0]), size.columns):
        right = xp.astype(operand(enc, start, stop, own=True), dtype).T
        error = xp.expm1(predicted_error(level, int(z.shape[1]), enc.spread[stop - 1], depth, own))
        total = xp.zeros_like(rest)
        for low, high in slices(int(z.shape[0]), size.rows):
            block = products(high - low, stop - start)
            xp.matmul(left[low:high], right, out=block)
            if narrowed is not products:
                wider, block = block, narrowed(high - low, stop - start)
                block[...] = wider
            _weights(xp, block)
            column = position[low:high] - start
            (own_rows,) = xp.nonzero((column >= 0) & (column < stop - start))
            block[own_rows, column[own_rows]] = 0.0
            total[low:high] = xp.sum(block, axis=1)
        rest += total
        weighted_error += total * error
    return rest, weighted_error


def log_sum_refined(enc: Encoders, z: Array) -> tuple[Array, Array]:
    """log of the sum of the densities at any points, less the shift, and a bound on the error of each value.

    One pass over all pairs finds a lower bound of the largest log density of each row; the second evaluates exactly the
    pairs that may come within reach of it and whose predicted error matters.
    """
    xp, size, tolerance, machines = enc.xp, blocks(z), enc.tolerance, enc.machines
    reach = math.log(enc.total / tolerance) + math.log(100)
    negligible = tolerance / 4
    left = rows_operand(enc, z, None)
    buffer = _blocks_of(xp, size, xp.float64, z)
    zero = xp.zeros((), dtype=xp.float64, device=device(z))
    error = predicted_error(FINEST, z.shape[1], enc.spread, reach, zero)

    def products() -> Iterator[tuple[int, int, int, int, Array]]:
        for start, stop in slices(int(enc.order.shape[0]), size.columns):
            right = operand(enc, start, stop, own=False).T
            for low, high in slices(int(z.shape[0]), size.rows):
                block = buffer(high - low, stop - start)
                yield start, stop, low, high, xp.matmul(left[low:high], right, out=block)

    largest = xp.full_like(z[:, 0], -math.inf)
    for start, stop, low, high, block in products():
        block -= error[start:stop] * _LOG2_E
        largest[low:high] = xp.maximum(largest[low:high], xp.max(block, axis=1))
    largest = machines.max(largest)
    # far from all encoders every exponent is large, and so is the rounding of its terms
    far = 2 * predicted_error(FINEST, z.shape[1], zero, 0.0, largest / _LOG2_E)
    threshold = largest - (reach + far) * _LOG2_E

    pivot = xp.full_like(largest, -math.inf)
    total = xp.zeros_like(largest)
    for start, stop, low, high, block in products():
        if float(error[stop - 1]) > negligible:
            matters = block + error[start:stop] * _LOG2_E > threshold[low:high, None]
            row, column = xp.nonzero(matters)
            for a, b in slices(int(row.shape[0]), max(1, size.rows * size.columns // (4 * z.shape[1]))):
                i, j = row[a:b], column[a:b]
                block[i, j] = _exact(enc, z[low + i], start + j) * _LOG2_E
        top = xp.maximum(pivot[low:high], xp.max(block, axis=1))
        block -= top[:, None]
        _weights(xp, block)
        total[low:high] = total[low:high] * xp.exp2(pivot[low:high] - top) + xp.sum(block, axis=1)
        pivot[low:high] = top
    top = machines.max(pivot)
    total = machines.sum(total * xp.exp2(pivot - top))
    log_sum = top / _LOG2_E + xp.log(total)
    return log_sum, far + negligible + tolerance / 100


def _exact(enc: Encoders, z: Array, position: Array) -> Array:
    """Log densities of single pairs, less the shift, with nothing expanded."""
    xp = enc.xp
    mean, std = enc.at(position)
    return enc.log_norm[position] - xp.sum(((z - mean) / std) ** 2, axis=1) / 2
