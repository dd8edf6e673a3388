"""Kernels that Triton compiles: of a divergence and a loss, and of the derivatives of each, in float64 until the last rounding.

A program takes ROWS rows, and BLOCK numbers of each of them at a time. Of an array it gets where it begins, and the step from
one row to the next. What is outside the domain makes its row NaN or infinite: who reads the result sees it there.
"""

import triton
import triton.language as tl


@triton.jit
def _near(x):
    """exp(x) - 1 - x where |x| < 2^-7, right to 2^-36."""
    return x * x * (0.5 + x * (1 / 6 + x * (1 / 24 + x * (1 / 120))))


@triton.jit
def _psi(x):
    """exp(x) - 1 - x."""
    return tl.where(tl.abs(x) < 0.0078125, _near(x), tl.exp(x) - 1 - x)


@triton.jit
def _expm1(x):
    """exp(x) - 1."""
    return tl.where(tl.abs(x) < 0.0078125, x + _near(x), tl.exp(x) - 1)


@triton.jit
def _log1p(x):
    """log(1 + x) for 0 <= x <= 1: what 1 + x has lost is added to its logarithm."""
    y = 1 + x
    return tl.log(y) + (x - (y - 1)) / y


@triton.jit
def _rows(n, ROWS: tl.constexpr):
    """The rows of this program, and which of them there are; as many numbers as an array may have do not fit in 32 bits."""
    rows = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    return rows, rows < n


@triton.jit
def _block(rows, inside, step, first, d, BLOCK: tl.constexpr):
    """Where the numbers of these rows from column `first` on lie, and which of them there are."""
    columns = first + tl.arange(0, BLOCK)
    return rows[:, None] * step + columns[None, :], inside[:, None] & (columns < d)[None, :]


@triton.jit
def _load(x, rows, inside, step, first, d, BLOCK: tl.constexpr):
    place, there = _block(rows, inside, step, first, d, BLOCK)
    return tl.load(x + place, mask=there, other=0.0).to(tl.float64)


@triton.jit
def _store(out, values, rows, inside, first, d, BLOCK: tl.constexpr):
    """Rounded to the numbers of `out`, whose rows follow each other."""
    place, there = _block(rows, inside, d, first, d, BLOCK)
    tl.store(out + place, values.to(out.dtype.element_ty), mask=there)


@triton.jit
def _divergence(mean, mean_step, logvar, logvar_step, rows, inside, d, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    """The divergence of N(mean, exp(logvar)) from N(0, 1), row by row."""
    twice = tl.zeros((ROWS,), tl.float64)
    for first in range(0, d, BLOCK):
        m = _load(mean, rows, inside, mean_step, first, d, BLOCK)
        twice += tl.sum(_psi(_load(logvar, rows, inside, logvar_step, first, d, BLOCK)) + m * m, 1)
    return twice / 2


@triton.jit
def _divergence_vjp(
    by_mean, by_logvar, weight, mean, mean_step, logvar, logvar_step, rows, inside, d, BLOCK: tl.constexpr
):
    for first in range(0, d, BLOCK):
        m = _load(mean, rows, inside, mean_step, first, d, BLOCK)
        v = _load(logvar, rows, inside, logvar_step, first, d, BLOCK)
        _store(by_mean, weight[:, None] * m, rows, inside, first, d, BLOCK)
        _store(by_logvar, weight[:, None] / 2 * _expm1(v), rows, inside, first, d, BLOCK)


@triton.jit
def kl_standard_normal(out, mean, mean_step, logvar, logvar_step, n, d, ROWS: tl.constexpr, BLOCK: tl.constexpr):
    rows, inside = _rows(n, ROWS)
    value = _divergence(mean, mean_step, logvar, logvar_step, rows, inside, d, ROWS, BLOCK)
    tl.store(out + rows, value.to(out.dtype.element_ty), mask=inside)


@triton.jit
def kl_standard_normal_vjp(
    by_mean, by_logvar, g, g_step, mean, mean_step, logvar, logvar_step, n, d, ROWS: tl.constexpr, BLOCK: tl.constexpr
):
    rows, inside = _rows(n, ROWS)
    weight = tl.load(g + rows * g_step, mask=inside, other=0.0).to(tl.float64)
    _divergence_vjp(by_mean, by_logvar, weight, mean, mean_step, logvar, logvar_step, rows, inside, d, BLOCK)


@triton.jit
def negative_elbo_bernoulli(
    out,
    x,
    x_step,
    logits,
    logits_step,
    mean,
    mean_step,
    logvar,
    logvar_step,
    beta: tl.float64,  # Triton takes a float for one of 32 bits
    n,
    d,
    k,
    ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
    CODE: tl.constexpr,
):
    """The sum over pixels of softplus((1 - 2 x) l), and beta times the divergence of the code."""
    rows, inside = _rows(n, ROWS)
    value = beta * _divergence(mean, mean_step, logvar, logvar_step, rows, inside, k, ROWS, CODE)
    for first in range(0, d, BLOCK):
        bit = _load(x, rows, inside, x_step, first, d, BLOCK)
        logit = _load(logits, rows, inside, logits_step, first, d, BLOCK)
        y = (1 - 2 * bit) * logit
        surprise = tl.where(y > 0, y, 0.0) + _log1p(tl.exp(-tl.abs(y)))
        surprise = tl.where((bit * bit == bit) & (tl.abs(logit) < float("inf")), surprise, float("nan"))
        _, there = _block(rows, inside, d, first, d, BLOCK)
        value += tl.sum(tl.where(there, surprise, 0.0), 1)
    tl.store(out + rows, value.to(out.dtype.element_ty), mask=inside)


@triton.jit
def negative_elbo_bernoulli_vjp(
    by_logits,
    by_mean,
    by_logvar,
    g,
    g_step,
    share,
    x,
    x_step,
    logits,
    logits_step,
    mean,
    mean_step,
    logvar,
    logvar_step,
    beta: tl.float64,
    n,
    d,
    k,
    ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
    CODE: tl.constexpr,
):
    """By a logit, sigmoid(l) - x as (1 - 2 x) sigmoid((1 - 2 x) l). Each row has the `share`th part of g."""
    rows, inside = _rows(n, ROWS)
    weight = tl.load(g + rows * g_step, mask=inside, other=0.0).to(tl.float64) / share
    _divergence_vjp(by_mean, by_logvar, beta * weight, mean, mean_step, logvar, logvar_step, rows, inside, k, CODE)
    for first in range(0, d, BLOCK):
        sign = 1 - 2 * _load(x, rows, inside, x_step, first, d, BLOCK)
        y = sign * _load(logits, rows, inside, logits_step, first, d, BLOCK)
        small = tl.exp(-tl.abs(y))
        sigmoid = tl.where(y < 0, small, 1.0) / (1 + small)
        _store(by_logits, weight[:, None] * sign * sigmoid, rows, inside, first, d, BLOCK)
