r"""# Slips in an estimate

A divergence or a bound that is estimated from draws goes wrong in its own ways. All of them show on a coin: $q$ gives
heads $\frac34$ and tails $\frac14$, $p$ is fair.

**The density once more.** With $z$ drawn from $q$, the mean of $\log q - \log p$ is the divergence. A factor $q(z)$ in
front weighs every draw twice.

**The absolute value of an estimate.** A log ratio may be negative at a draw; that is no error to be repaired. Its
absolute value is too large on the average.

**The ratio upside down.** $p/q - 1 - \log(p/q)$ at draws from $q$ averages to the divergence; with $q/p$ in place of
$p/q$ it does not.

**One logarithm for a batch.** Each datum has its own importance-weighted bound. The logarithm of the mean of *products*
over the batch is something else; and the logarithm of the *sum* of $K$ weights exceeds that of their mean by $\log K$,
so that it bounds nothing.

**The sign of a log determinant.** A flow that stretches thins out: the logarithm of its slope is subtracted in
$\log q$.

**A floor.** Free bits count a divergence below a floor as the floor. The number is then no negative ELBO, and has no
gradient below the floor. A ceiling counts too little, and has no gradient above it.

Keywords: importance-weighted loss, IWAE log K missing, logsumexp over the batch, free bits as a loss, KL clamp, abs of KL, k3
estimator, log det sign.
"""

from derivations import *

quarter, half = Rational(1, 4), Rational(1, 2)
Q, P = density("q", "k"), density("p", "k")
q, p, coin = Q(k), P(k), Tuple(k, 1, 2)
heads = (5 - 2 * k) / 4  # 3/4 and 1/4
biased = {K: 2, Q: Lambda(k, (5 - 2 * k) / 4), P: Lambda(k, half)}
fair = {K: 2, Q: Lambda(k, half), P: Lambda(k, half)}
rate = KL(q, p, states)


def _coin(f: Expr, value: Expr) -> Thm:
    """The mean of a function of the toss under the biased coin."""
    return worked(E(f, heads, coin), value)


def _rate() -> Thm:
    """KL(3/4 heads || fair) in logarithms of whole numbers."""
    return worked(KL(heads, half, coin), Rational(3, 4) * log(3) - log(2))


@counterexample(
    same(rate, E(q * log(q / p), q, states)),
    differs(KL(heads, half, coin), E(heads * log(heads / half), heads, coin)),
    "Draws from q need the density of q once more",
    at=biased,
    holds_at=fair,
    instead="kl_is_expected_log_ratio",
)
def draws_need_the_density_again() -> Thm:
    """The coin: 3/4 log 3 - log 2 against 9/16 log 3 - 5/8 log 2."""
    twice = _coin(heads * log(heads / half), Rational(9, 16) * log(3) - Rational(5, 8) * log(2))
    return apart(_rate(), twice)


@counterexample(
    same(rate, E(Abs(log(q / p)), q, states)),
    differs(KL(heads, half, coin), E(Abs(log(heads / half)), heads, coin)),
    "The absolute value of an estimate has the same mean",
    at=biased,
    holds_at=fair,
    instead="kl_is_expected_log_ratio",
)
def absolute_value_keeps_the_mean() -> Thm:
    """The coin shows tails with a log ratio of -log 2; its absolute value adds (log 2)/2 to the mean."""
    value = Rational(3, 4) * (log(3) - log(2)) + log(2) / 4
    return apart(_rate(), _coin(Abs(log(heads / half)), value))


@counterexample(
    same(rate, E(q / p - 1 - log(q / p), q, states)),
    differs(KL(heads, half, coin), E(heads / half - 1 - log(heads / half), heads, coin)),
    "The estimator that is never negative works upside down",
    at=biased,
    holds_at=fair,
    instead="kl_estimators",
)
def inverted_estimator() -> Thm:
    """The coin: the mean of q/p - 1 is 1/4, not 0, and the logarithm has the wrong sign."""
    return apart(_rate(), _coin(heads / half - 1 - log(heads / half), quarter - Rational(3, 4) * log(3) + log(2)))


# --- importance weights: two data, two draws each, weights 1 and 2 ---

W, V = density("w", "k"), density("v", "k")
mean_w, mean_v = total(W(k), states) / K, total(V(k), states) / K
weights, even = ({K: 2, W: Lambda(k, each), V: Lambda(k, each)} for each in (k, Integer(1)))


@counterexample(
    same(log(total(W(k) * V(k), states) / K), log(mean_w) + log(mean_v)),
    differs(log(total(k * k, coin) / 2), log(total(k, coin) / 2) + log(total(k, coin) / 2)),
    "The logarithm may be taken of the mean of products over a batch",
    at=weights,
    holds_at=even,
    instead="iwae_bound",
)
def batch_inside_the_logarithm() -> Thm:
    """Weights 1 and 2 for either datum: log(5/2) inside, 2 log(3/2) datum by datum."""
    inside_ = calc(log(total(k * k, coin) / 2), at(write_out, total(k * k, coin)), to(log(5) - log(2)))
    each_ = log(total(k, coin) / 2) + log(total(k, coin) / 2)
    return apart(inside_, calc(each_, at(write_out, total(k, coin)), to(2 * log(3) - 2 * log(2))))


@counterexample(
    same(log(total(W(k), states)), log(mean_w)),
    differs(log(total(k, coin)), log(total(k, coin) / 2)),
    "The importance-weighted bound needs no log K",
    at={K: 2, W: Lambda(k, k)},
    holds_at={K: 1, W: Lambda(k, k)},
    instead="iwae_bound",
)
def log_sum_is_the_bound() -> Thm:
    """Two weights, 1 and 2: log 3 against log(3/2), log 2 too much."""
    whole_sum = calc(log(total(k, coin)), at(write_out, total(k, coin)), to(log(3)))
    return apart(whole_sum, calc(log(total(k, coin) / 2), at(write_out, total(k, coin)), to(log(3) - log(2))))


floor, some_rate = Symbol("floor", positive=True), Symbol("rate", real=True)
floored = (some_rate + floor + Abs(some_rate - floor)) / 2  # the larger of the two


@counterexample(
    same(floored, some_rate),
    differs((0 + Integer(1) + Abs(Integer(0) - 1)) / 2, Integer(0)),
    "A divergence with a floor is the divergence",
    at={some_rate: 0, floor: 1},
    holds_at={some_rate: 2, floor: 1},
    instead="negative_elbo_loss",
)
def free_bits_is_the_negative_elbo() -> Thm:
    """A collapsed code costs nothing; with a floor of one nat the loss counts one."""
    return apart(algebra(Integer(1), Integer(1)), algebra(Integer(0), Integer(0)))


capped = (some_rate + floor - Abs(some_rate - floor)) / 2  # the smaller of the two


@counterexample(
    same(capped, some_rate),
    differs((Integer(2) + 1 - Abs(Integer(2) - 1)) / 2, Integer(2)),
    "A divergence with a ceiling is the divergence",
    at={some_rate: 2, floor: 1},
    holds_at={some_rate: 1, floor: 2},
    instead="negative_elbo_loss",
)
def capped_divergence_is_the_divergence() -> Thm:
    """A code two nats away is charged one."""
    return apart(algebra(Integer(1), Integer(1)), algebra(Integer(2), Integer(2)))


stretch, at_noise = Symbol("stretch", positive=True), Symbol("eps", real=True)


@counterexample(
    same(log(Normal(stretch * at_noise, 0, stretch**2)), log(Normal(at_noise, 0, 1)) + log(stretch)),
    differs(log(Normal(0, 0, 4)), log(Normal(0, 0, 1)) + log(2)),
    "The logarithm of the slope of a flow is added to the log density of the noise",
    at={stretch: 2, at_noise: 0},
    holds_at={stretch: 1, at_noise: 1},
    instead="flow_density",
)
def flow_adds_the_log_slope() -> Thm:
    """Noise stretched to twice its width has half the density in the middle: log 2 less, not log 2 more."""
    wide = calc(log(Normal(0, 0, 4)), opened, to(-log(8 * pi) / 2))
    added = calc(log(Normal(0, 0, 1)) + log(2), opened, to(log(2) - log(2 * pi) / 2))
    return apart(wide, added)
