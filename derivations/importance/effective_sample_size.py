r"""# How many samples weights are worth

$$\mathrm{ESS} = \frac{\left(\sum_k w_k\right)^2}{\sum_k w_k^2}$$

is the number of equal weights whose mean would vary as much. With $m$ and $V$ the mean and the variance of the weights *in this
draw* it is $K / (1 + V / m^2)$, or $K$ less the share that $V$ has in the mean square $V + m^2$. So it is $K$ when the weights are
equal. It is never above $K$, since a variance is not negative, and never below $1$, since the square of a sum of positive numbers
contains all squares.

It sees what was drawn. Where the variance of the weights is [infinite](infinite_variance.md) the number is as good-looking as
elsewhere, as long as no large weight has been drawn.

Headline: effective_sample_size.
Keywords: effective sample size, ESS, Kish, importance sampling diagnostics, degenerate weights.
"""

from derivations import *

logs = IndexedBase("log_weights", real=True)
weight, draws = exp(logs[k]), Tuple(k, 1, K)
total_weight, squares = Sum(weight, draws), Sum(weight**2, draws)
mean, size = total_weight / K, total_weight**2 / squares
own, each = exp(logs[n]), Tuple(n, 1, K)
deviations = Sum((own - mean) ** 2, each)
three, close = {K: 3, logs: [0, Rational(1, 2), -2]}, {K: 2, logs: [Rational(3, 4), 1]}
alike = {K: 4, logs: [-1, -1, -1, -1]}
alone = {K: 1, logs: [Rational(3, 4)]}


def _deviations() -> Thm:
    """Open the square: the mean of the weights is their sum over K."""
    return calc(
        deviations,
        inside(own**2 - 2 * mean * own + mean**2),
        linearity,
        at(constant, Sum(1, each)),
        rename(Sum(own, each), k),
        rename(Sum(own**2, each), k),
        to(squares - total_weight**2 / K),
    )


@theorem(
    same(K - K * deviations / squares, size),
    "The effective sample size falls short of K by the share that the variance has in the mean square",
    computes="effective_sample_size",
    examples=(three, close, alike),
)
def effective_sample_size() -> Thm:
    """The variance of the weights is the mean of their squares less the square of their mean."""
    return rearrange(_deviations(), K - K * deviations / squares, size, times=-K / squares)


@theorem(at_least(K, size), "The effective sample size is at most K", examples=(three, close, alike))
def effective_sample_size_below_k() -> Thm:
    """The squared deviations add up to no less than zero."""
    squared = chain(flip(_deviations()), monotone(sign((own - mean) ** 2), each))
    return rearrange(squared, K, size, times=K / squares)


@theorem(at_least(size, 1), "The effective sample size is at least one", examples=(three, alone))
def effective_sample_size_above_one() -> Thm:
    """Each weight is at most the sum of all; multiply by the weight, and add up."""
    under = rearrange(term_of_sum(total_weight, n), own * total_weight, own**2, times=own)
    summed = calc(Sum(own * total_weight, each), linearity, rename(Sum(own, each), k), to(total_weight**2))
    larger = chain(flip(summed), monotone(under, each), rename(Sum(own**2, each), k))
    return rearrange(larger, size, Integer(1), times=1 / squares)
