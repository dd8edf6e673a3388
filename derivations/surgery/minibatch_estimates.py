r"""# The aggregate from a batch: MWS and MSS

The aggregate $q(z) = \frac1N \sum_n q(z \mid n)$ needs all $N$ encoders; a training step has a batch of $M$. The code was drawn
from the encoder of one point of the batch, and there its density $q(z \mid n)$ is large: the **own** term. The $M - 1$
others are as good as drawn from the rest; $r$ is the mean of an encoder's density over that rest, and $s(n)$ the density of the $n$-th
encoder of the batch.

**Naive**: the mean over the batch. It gives the own term the weight $1/M$ where $1/N$ belongs. On average it is too large by
$\frac{N - M}{M (N - 1)} (q(z \mid n) - q(z))$, so the information $\log \frac{q(z \mid n)}{q(z)}$ comes out too small.

**Minibatch weighted sampling (MWS)**: the naive mean divided by $N$ once more. Its information is the naive one plus $\log N$,
at every code, whatever the encoders. It has the same gradient.

**Minibatch stratified sampling (MSS)**: the own term weighs $1/N$, the others share the rest. On average this is the
aggregate; its logarithm is still below $\log q(z)$ on average.

**MSS as it was published in code** writes $1/N$ at the beginning of each row of its table of weights, where the diagonal was meant
(its index steps by the length of a row, and the diagonal is one further on). With $L = M - 1$ others, a row reads

$$\tfrac1N, \quad \tfrac{N - L}{N L}, \quad \tfrac1L, \;\dots,\; \tfrac1L .$$

It adds up to one, so that nothing looks wrong. But the own term of the third row is in the third column and weighs $1/L$: from
there on the bias is that of the naive mean over $L$, not $M$, encoders. The first row alone is right. One entry more is set, in the
first column of the last row but one, and that row adds up to $1 + \frac{N - 2L}{N L}$.

Keywords: minibatch weighted sampling, minibatch stratified sampling, MWS, MSS, beta-TCVAE, total correlation estimator, batch
estimate of the aggregate, log_importance_weight_matrix.
"""

from derivations import *

M, L = (Symbol(name, integer=True, positive=True) for name in "ML")
weight = Symbol("weight", real=True)
ENCODER, own = density("s", "n"), Symbol("own", positive=True)
rest, aggregate = Symbol("r", positive=True), Symbol("q_z", positive=True)
batch = Sum(ENCODER(n), (n, 1, M))
split = same(N * aggregate, own + (N - 1) * rest)
three = {N: 10, M: 3, own: 7, rest: Rational(1, 3), aggregate: 1}
alone = {N: 5, M: 1, own: 2, rest: Rational(1, 2), aggregate: Rational(4, 5)}


@theorem(
    same(log(own / (batch / (M * N))), log(own / (batch / M)) + log(N)),
    "Minibatch weighted sampling is the naive estimate plus log N",
    kind="definition",
    examples=({N: 10, M: 3, own: 2, ENCODER: Lambda(n, n)}, {N: 7, M: 1, own: 1, ENCODER: Lambda(n, 3)}),
)
def mws_is_naive() -> Thm:
    """The logarithm of a product."""
    return algebra(*mws_is_naive.statement.args)


@theorem(
    same((own + (M - 1) * rest) / M - aggregate, (N - M) / (M * (N - 1)) * (own - aggregate)),
    "A mean over the batch weighs the own encoder too much",
    given=(split, differs(N - 1, 0)),
    kind="step",
    examples=(three, alone),
)
def naive_batch_bias() -> Thm:
    """The rest is what the aggregate has beside the own encoder."""
    return rearrange(flip(given(split)), *naive_batch_bias.statement.args, times=(M - 1) / (M * (N - 1)))


@theorem(
    same(own / N + (N - 1) / N * rest, aggregate),
    "Stratified weights give the aggregate on average",
    given=(split,),
    kind="step",
    examples=(three, alone),
)
def stratified_weights() -> Thm:
    """Divide by N."""
    return rearrange(flip(given(split)), *stratified_weights.statement.args, times=1 / N)


# --- the weights of MSS, as its code ships them ---

shipped_first, shipped_second, shipped_rest = 1 / N, (N - L) / (N * L), Sum(1 / L, (n, 3, L + 1))
four, two_others = {N: 10, L: 3}, {N: 5, L: 2}


@theorem(
    same(shipped_first + shipped_second + shipped_rest, 1),
    "The weights of MSS as shipped add up to one in a row",
    examples=(four, two_others),
)
def shipped_weights_add_up() -> Thm:
    """All but the first two are equal."""
    return calc(shipped_weights_add_up.statement.lhs, constant(shipped_rest), to(1))


@theorem(
    same(2 * shipped_second + shipped_rest, 1 + (N - 2 * L) / (N * L)),
    "The weights of MSS as shipped do not add up to one in the last row but one",
    examples=(four, two_others),
)
def shipped_weights_exceed_one() -> Thm:
    """There the first weight is replaced by the second."""
    return calc(shipped_weights_exceed_one.statement.lhs, constant(shipped_rest), to(1 + (N - 2 * L) / (N * L)))


@theorem(
    same(weight * own + (1 - weight) * rest - aggregate, (N * weight - 1) / (N - 1) * (own - aggregate)),
    "The bias of a batch whose own encoder has any weight, the others sharing the rest",
    given=(split, differs(N - 1, 0)),
    kind="step",
    examples=({**three, weight: Rational(1, 2)}, {**alone, weight: Rational(-1, 3)}),
)
def own_weight_bias() -> Thm:
    """It is zero at the weight 1/N alone, or where the own density is that of the aggregate."""
    return rearrange(flip(given(split)), *own_weight_bias.statement.args, times=(1 - weight) / (N - 1))


shipped_average = (
    own / L + (shipped_first + shipped_second + shipped_rest - 1 / L) * rest
)  # own: one of the equal weights


@theorem(
    same(shipped_average - aggregate, (N - L) / (L * (N - 1)) * (own - aggregate)),
    "MSS as shipped has the bias of the naive mean over one encoder less, from the third row on",
    given=(split, differs(N - 1, 0)),
    examples=({**three, L: 3}, {N: 5, L: 2, own: 2, rest: Rational(1, 2), aggregate: Rational(4, 5)}),
    narrows={"": "not the last row but one"},
)
def mss_as_shipped_bias() -> Thm:
    """The own encoder weighs 1/L, and what the row has left goes to the others."""
    biased = substitute(own_weight_bias.thm, {weight: 1 / L})
    shares = calc(mss_as_shipped_bias.statement.lhs, constant(shipped_rest), to(biased.prop.lhs))
    return ending(chain(shares, biased), mss_as_shipped_bias.statement.rhs)
