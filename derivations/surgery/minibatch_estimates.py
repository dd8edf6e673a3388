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
aggregate; its logarithm is still below $\log q(z)$ on average. The code that was published with it counts the own term from the
beginning of each row of the table and not from its diagonal, so that the own term keeps the weight of any other, which is
the naive mean but for one column.

Keywords: minibatch weighted sampling, minibatch stratified sampling, MWS, MSS, beta-TCVAE, total correlation estimator, batch
estimate of the aggregate.
"""

from derivations import *

M = Symbol("M", integer=True, positive=True)
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
