r"""# One term of a sum, drawn at random

The variational bound of a diffusion model is a sum over time steps, that of a data set a sum over observations. To evaluate one
term, drawn at random, is enough, but not without a factor: what is drawn with probability $q(k)$ has to be **divided by** $q(k)$.
Then the average is the whole sum, whatever $q$ is, as long as every term can be drawn.

**Drawn uniformly**, the factor is the number of terms. One of $T$ time steps is multiplied by $T$; a batch of $B$ of $N$
observations, each of which is a term drawn like this, by $N/B$, which need not be an integer. Without the factor the estimate is of
the mean of the terms, and whatever is added to it, a term for the prior or the weights, then weighs $T$ or $N$ times too much.

**Drawn by importance**, large terms more often, the variance falls and the mean stays.

Headline: drawn_term_is_unbiased.
Keywords: diffusion timestep, DDPM loss, random timestep, factor T, variational lower bound of a diffusion model, subsampling, plate, minibatch
scale N / B, stochastic variational inference, importance sampling of timesteps.
"""

from derivations import *

TERM, DRAWN = Function("f(k)", real=True), density("q", "k")
term, drawn = TERM(k), DRAWN(k)
the_sum, twice = total(term, states), (k, 1, 2)
steps = {TERM: Lambda(k, 3 - k), DRAWN: Lambda(k, Rational(1, 2)), K: 2}


@theorem(
    same(E(term / drawn, drawn, states), the_sum),
    "One term over its probability is on average the sum",
    examples=(steps, {**steps, DRAWN: Lambda(k, k / 6), K: 3}),
    kind="definition",
)
def drawn_term_is_unbiased() -> Thm:
    """The probability of a term cancels against what it is divided by."""
    return calc(E(term / drawn, drawn, states), opened, inside(term))


@theorem(
    same(E(K * term, 1 / K, states), the_sum),
    "One term drawn uniformly, times their number, is on average the sum",
    examples=(steps,),
    kind="definition",
)
def uniform_term_is_unbiased() -> Thm:
    """The probability is one over the number."""
    return calc(E(K * term, 1 / K, states), opened, inside(term))


@counterexample(
    same(E(term, 1 / K, states), the_sum),
    differs(E(k, Rational(1, 2), twice), total(k, twice)),
    "One term drawn uniformly is on average the sum",
    at={TERM: Lambda(k, k), K: 2},
    holds_at={TERM: Lambda(k, k), K: 1},
    instead="uniform_term_is_unbiased",
)
def drawn_term_without_its_factor() -> Thm:
    """Two terms, 1 and 2: a term is 3/2 on average, the sum is 3."""
    return apart(calc(E(k, Rational(1, 2), twice), opened, write_out), calc(total(k, twice), write_out))
