r"""# Weights that nobody chose

A mean where a sum belongs divides one part of a loss and not the other. Let $f$ be the misfit of a datum, summed over
its $D$ entries, and $r$ its divergence, summed over $d$ latent dimensions.

**Means everywhere.** $f/D + r/d$ is $1/D$ times $f + \beta r$ with $\beta = D/d$: for 784 pixels and 20 dimensions a
weight of 39.2 on the divergence. The misfit is in nats: a squared error is one for a decoder of variance $\frac12$, and at a
variance $\sigma_x^2$ the weight is $D/(2\sigma_x^2 d)$, half as much at variance 1.

**A mean over the latent dimensions** alone is $\beta = 1/d$; **a mean over the pixels** alone is $\beta = D$.

**A code that all data share**, such as the weights of a Bayesian network, is paid for once. With a mean misfit over a
batch of $B$ of $N$ data, dividing its divergence by $B$ weighs it with $\beta = N/B$; it is to be divided by $N$.

**A sigmoid twice.** A function that expects logits and is given probabilities takes the sigmoid of a sigmoid: no
probability then leaves the interval from $\frac12$ to $0.731$.

Keywords: mean or sum, reduction, kld_weight, KL weight too large, beta nobody chose, divide KL by batch size, N over B, sigmoid
twice, BCEWithLogits.
"""

from derivations import *
from derivations.losses.bernoulli_likelihood import cross_entropy
from derivations.losses.gaussian_likelihood import D

misfit, rate = Symbol("misfit", real=True), Symbol("rate", real=True)
B = Symbol("B", integer=True, positive=True)


def _by_algebra(statement: Basic) -> Thm:
    return algebra(*statement.args)


@theorem(
    same(misfit / D + rate / d, (misfit + D / d * rate) / D),
    "Means over entries and over latent dimensions: the weight D/d",
    kind="definition",
)
def means_everywhere() -> Thm:
    """Take 1/D out."""
    return _by_algebra(means_everywhere.statement)


@theorem(
    same(misfit / D + rate, (misfit + D * rate) / D), "A mean over the entries alone: the weight D", kind="definition"
)
def mean_over_entries() -> Thm:
    """Take 1/D out."""
    return _by_algebra(mean_over_entries.statement)


@theorem(
    same(misfit / B + rate / B, (N / B * misfit + N / B * rate) / N),
    "The divergence of a shared code over the batch size: the weight N/B",
    kind="definition",
)
def shared_code_over_the_batch() -> Thm:
    """The misfit of the batch stands for N/B as much; the divergence would have to stand there once."""
    return _by_algebra(shared_code_over_the_batch.statement)


@theorem(
    same(misfit / B + rate / N, (N / B * misfit + rate) / N),
    "The divergence of a shared code over the number of data: the weight one",
    kind="definition",
)
def shared_code_over_the_data() -> Thm:
    """One N-th of the misfit of all the data and of the divergence."""
    return _by_algebra(shared_code_over_the_data.statement)


chance, bit = Symbol("prob", positive=True), Symbol("x", integer=True)


@theorem(
    same(log(1 + exp(chance)) - bit * chance, cross_entropy(bit, exp(chance))),
    "A probability in the place of its logit: the cross-entropy of odds between 1 and e",
    kind="definition",
)
def probability_for_a_logit() -> Thm:
    """The odds are e to the power of what stands for the logit."""
    return _by_algebra(probability_for_a_logit.statement)
