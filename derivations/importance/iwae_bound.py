r"""# Averaging weights before the logarithm

The ELBO averages $\log w$, $w = p(x, z)/q(z \mid x)$. Take $K$ samples and average the weights first:
$$L_K = \mathbb{E}\left[\log \tfrac1K \textstyle\sum_k w_k\right] .$$
With $K = 1$ this is the ELBO. As the objective of a variational autoencoder it makes the importance weighted
autoencoder (IWAE).

**It is a bound.** The average weight has mean $p(x)$ like each single one, so Jensen gives $L_K \le \log p(x)$.

**It is never below the ELBO.** The logarithm of an average is at least the average of the logarithms, at every draw. So
the distance to $\log p(x)$ is never larger than the gap of the ELBO. It is the same when the weights do not vary, as
when $q(z \mid x)$ already is the posterior: then there is nothing to gain.

Neither fact needs independent samples. The first needs that each weight, by itself, has the mean $p(x)$, the second
that each has the expected logarithm of the ELBO. That one more sample never hurts, and the case of independent codes,
have pages of their own.

A smaller distance is not a better encoder: $\log p(x) - L_K$ is no longer the divergence of $q(z \mid x)$ from the
posterior.

Keywords: IWAE, IWAE bound, importance weighted autoencoder, importance weighted bound, K samples, log mean exp,
multi-sample bound.
"""

from derivations import *
from derivations.divergence.jensen import Q, Y, jensen, mass, q

W = density("w", "k,z")
w_k, average = W(n, u), Y(u)
evidence, elbo = Symbol("m", positive=True), Symbol("L", real=True)
samples = Tuple(n, 1, N)

definition = ForAll(same(average, Sum(w_k, samples) / N), u)
unbiased = ForAll(same(E(w_k, q, whole), evidence), samples)
single = ForAll(same(E(log(w_k), q, whole), elbo), samples)
finite_logs = ForAll(Converges(E(log(w_k), q, whole)), samples)
bound = E(log(average), q, whole)
finite = Converges(bound)

# two weights exchanged by z -> -z, or by k -> 5 - k
third, fifth = Rational(1, 3), Rational(1, 5)
bell = {N: 2, Q: Lambda(z, gauss(z, 0, 1)), W: Lambda((n, z), exp((2 * n - 3) * z + third))}
bell |= {Y: Lambda(z, exp(third) * (exp(z) + exp(-z)) / 2), evidence: exp(5 * third / 2), elbo: third}
table = {N: 2, K: 4, Q: Lambda(k, Rational(1, 4)), W: Lambda((n, k), (n - 1) * (5 - k) + (2 - n) * k)}
table |= {Y: Lambda(k, Rational(5, 2)), evidence: Rational(5, 2), elbo: log(24) / 4}
# three weights whose logarithms have the same mean; and weights that do not differ, so that nothing is gained
slopes = {**bell, N: 3, W: Lambda((n, z), exp((n - 2) * z - 2 * fifth)), elbo: -2 * fifth}
slopes |= {Y: Lambda(z, exp(-2 * fifth) * (exp(z) + 1 + exp(-z)) / 3)}
copies = {N: 3, K: 3, Q: Lambda(k, k / 6), W: Lambda((n, k), (k + 1) / 5), Y: Lambda(k, (k + 1) / 5)}
copies |= {elbo: log(2) / 6 + log(3) / 3 + log(4) / 2 - log(5)}


def mean_weight() -> Thm:
    """The average weight has the mean of each."""
    inner = Sum(w_k, samples)
    each_mean = termwise(folded(E(w_k, q, whole)), ("each has mean m", given(unbiased)))
    return calc(
        total(q * average, whole),
        ("the average of the weights", given(definition)),
        linearity,
        at(termwise(move_in(inner, q)), total(q * inner, whole)),
        at(swap, total(Sum(q * w_k, samples), whole)),
        at(each_mean, Sum(total(q * w_k, whole), samples)),
        at(constant, Sum(evidence, samples)),
        to(evidence),
    )


@theorem(
    at_least(log(evidence), bound),
    "The importance-weighted bound is a bound",
    given=(mass, definition, unbiased, finite),
    forms=on_both(bell, table),
)
def iwae_bound() -> Thm:
    """Jensen for the average weight."""
    its_mean = mean_weight()
    facts = chain(unfold(E(average, q, whole)), its_mean), integrable(its_mean)
    return settled_by(discharge(jensen.thm, *facts), unbiased)


def log_of_average(q: Expr, w_k: Expr, average: Expr, over: Tuple, is_average: Thm, each: Thm) -> tuple[Thm, Thm]:
    """int q log Y >= the mean of int q log w_n = L, for the average Y of w_1, ..., w_N, when int q log w_n = L."""
    above = q * log(average) - q + q / average * w_k
    summed = monotone(rearrange(log_tangent(w_k, average), above, q * log(w_k), times=q), samples)
    logs = summed.prop.rhs
    slopes_cancel = calc(
        summed.prop.lhs,
        linearity,
        at(constant, Sum(1, samples)),
        rearrange(flip(is_average), Sum(w_k, samples), N * average, times=N),
        to(N * q * log(average)),
    )
    draw = rearrange(chain(flip(slopes_cancel), summed), q * log(average), logs / N, times=1 / N)
    means = calc(
        total(logs / N, over),
        linearity,
        at(swap, total(logs, over)),
        at(termwise(("each has the same mean", each)), Sum(total(q * log(w_k), over), samples)),
        at(constant, Sum(each.prop.rhs, samples)),
        to(each.prop.rhs),
    )
    higher = discharge(monotone(draw, over), finite_sum(total(logs, over)))
    return because(higher, "at every draw, by the tangent at the average"), because(means, "each mean is the same")


@theorem(
    at_least(bound, elbo),
    "The importance-weighted bound is at least the ELBO",
    given=(definition, single, finite_logs, finite),
    forms=on_both((bell, slopes), (table, copies)),
    words={1: "all samples have the same distribution"},
)
def iwae_above_elbo() -> Thm:
    """At every draw the logarithm of the average lies above the average of the logarithms."""
    each = chain(flip(unfold(E(log(w_k), q, whole))), given(single))
    return chain(unfold(bound), *log_of_average(q, w_k, average, whole, given(definition), each))
