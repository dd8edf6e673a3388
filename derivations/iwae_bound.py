r"""# Averaging weights before the logarithm

The ELBO averages $\log w$, $w = p(x, z)/q(z \mid x)$. Take $K$ samples and average the weights first:
$$L_K = \mathbb{E}\left[\log \tfrac1K \textstyle\sum_k w_k\right] .$$
The average weight has mean $p(x)$ like each single one, so Jensen gives $L_K \le \log p(x)$. The logarithm of an
average is at least the average of the logarithms, at every draw, so $L_K$ is at least the ELBO. **Neither half uses that
the samples are independent**: only that each weight, by itself, has the mean $p(x)$ and the expected logarithm of the
single-sample bound. Independence matters for how fast $L_K$ grows.

Only the upper half is proved here. With $K = 1$ the two bounds are one and the same. That $L_K \le L_{K+1}$, and that $L_K$ tends to $\log p(x)$, is true for
independent samples with some conditions and is not proved here.

A richer encoder is no guarantee. An auxiliary variable $a$ adds the average divergence between its laws under the
encoder and under the model, and that is zero only when the two agree.
"""

from sympy import Integer, Lambda, Rational, Sum, Symbol, Tuple, exp, log, pi, sqrt

from derivations import Form, counterexample, theorem
from derivations._kernel import (
    Converges,
    ForAll,
    Thm,
    chain,
    constant,
    discharge,
    flip,
    for_all,
    integrable,
    linearity,
    move_in,
    swap,
    total,
    unfold,
    write_out,
)
from derivations._notation import KL, E, K, N, at_least, density, k, line, n, normalised, same, states, u, whole, z
from derivations._steps import at, calc, folded, given, opened, termwise, to
from derivations.jensen import Q, Y, jensen

W, A = density("w", "k,z"), density("Y", "z")
q, w_k, average = Q(u), W(n, u), Y(u)
evidence, elbo = Symbol("m", positive=True), Symbol("L", real=True)
samples = Tuple(n, 1, N)

mass = normalised(q, whole)
definition = ForAll(same(average, Sum(w_k, samples) / N), u)
unbiased = ForAll(same(E(w_k, q, whole), evidence), samples)
single = ForAll(same(E(log(w_k), q, whole), elbo), samples)
finite_weights = ForAll(Converges(E(w_k, q, whole)), samples)
finite_logs = ForAll(Converges(E(log(w_k), q, whole)), samples)
finite = Converges(E(log(average), q, whole))
bound = E(log(average), q, whole)

# two weights exchanged by z -> -z, or by k -> 5 - k
bell = {
    N: Integer(2),
    Q: Lambda(z, exp(-(z**2) / 2) / sqrt(2 * pi)),
    W: Lambda((n, z), exp((2 * n - 3) * z)),
    Y: Lambda(z, (exp(z) + exp(-z)) / 2),
    evidence: exp(Rational(1, 2)),
    elbo: Integer(0),
}
table = {
    N: Integer(2),
    K: Integer(4),
    Q: Lambda(k, Rational(1, 4) + 0 * k),
    W: Lambda((n, k), (n - 1) * (5 - k) + (2 - n) * k),
    Y: Lambda(k, Rational(5, 2) + 0 * k),
    evidence: Rational(5, 2),
    elbo: log(24) / 4,
}
forms = {"continuous": Form(line, (bell,)), "discrete": Form(states, (table,))}


def _mean_weight() -> Thm:
    """The average weight has the mean of each."""
    inner = Sum(w_k, samples)
    return calc(
        total(q * average, whole),
        ("the average of the weights", given(definition)),
        linearity,
        at(termwise(move_in(inner, q)), total(q * inner, whole)),
        at(swap, total(Sum(q * w_k, samples), whole)),
        at(
            termwise(folded(E(w_k, q, whole)), ("each has mean m", given(unbiased))),
            Sum(total(q * w_k, whole), samples),
        ),
        at(constant, Sum(evidence, samples)),
        to(evidence),
    )


@theorem(
    at_least(log(evidence), bound),
    "The importance-weighted bound is a bound",
    given=(mass, definition, unbiased, finite),
    forms=forms,
)
def iwae_bound() -> Thm:
    """Jensen for the average weight."""
    mean_weight = _mean_weight()
    facts = chain(unfold(E(average, q, whole)), mean_weight), integrable(mean_weight)
    each_finite = integrable(chain(flip(unfold(E(w_k, q, whole))), given(unbiased)))
    return discharge(discharge(jensen.thm, *facts), for_all(each_finite, samples))


# --- an auxiliary variable ---

two = (k, 1, 2)
ENCODER, MODEL = density("q", "a|z"), density("r", "a|z")
plain, wide = KL(Integer(1), Integer(1), two), KL(k / 3, Rational(1, 2), two)


@counterexample(
    at_least(KL(Q(n), Y(n), (n, 1, N)), KL(Q(n) * ENCODER(k, n), Y(n) * MODEL(k, n), states, (n, 1, N))),
    same(KL(k / 3, Rational(1, 2), (k, 1, 2), (n, 1, 1)), KL(Integer(1), Integer(1), (n, 1, 1)) + log(32) / 3 - log(3)),
    "Another layer of latent variables reduces the gap",
    at={
        N: Integer(1),
        K: Integer(2),
        Q: Lambda(n, Integer(1)),
        Y: Lambda(n, Integer(1)),
        ENCODER: Lambda((k, n), k / 3),
        MODEL: Lambda((k, n), Rational(1, 2)),
    },
    instead="iwae_bound",
    claims=("002-62",),
)
def layers_reduce_the_gap() -> Thm:
    """A code with one value has no gap; a second one that the model draws as 1:1 and the encoder as 1:2 makes one."""
    left, right = layers_reduce_the_gap.negation.args
    none = calc(right.atoms(KL).pop(), opened, write_out, to(0))
    made = calc(left, opened, constant, write_out, to(log(32) / 3 - log(3)))
    return chain(made, flip(calc(right, none, to(log(32) / 3 - log(3)))))
