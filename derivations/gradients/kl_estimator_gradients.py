r"""# The gradients of three divergence estimators

Draw $z$ from $q_\phi$ and put $r = p(z)/q_\phi(z)$. Three numbers are in use as estimates of
$D_{\mathrm{KL}}(q_\phi \,\|\, p)$: the log ratio $k_1 = -\log r$, its half square $k_2 = \tfrac12(\log r)^2$, and
$k_3 = r - 1 - \log r$. The values of $k_1$ and $k_3$ are right on the average; that of $k_2$ is not.

As terms of a loss they are *differentiated*, usually with the sample held still: a sample of a discrete code has no
path back to $\phi$, and in code it is often detached. Then only the $\phi$ inside the estimator moves. With the score
$s = \partial_\phi \log q_\phi(z)$, one line of calculus each gives

$$\partial k_1 = s, \qquad \partial k_2 = \log\frac{q_\phi}{p}\; s, \qquad \partial k_3 = (1 - r)\, s .$$

Average them over $q_\phi$, and remember that the score has mean zero.

- $k_1$ gives **zero**, whatever $p$ is. As a loss it trains nothing, although its value is unbiased.
- $k_2$ gives the gradient of $D_{\mathrm{KL}}(q_\phi \,\|\, p)$, **exactly**, although its value is biased.
- $k_3$ gives $-\mathbb E_p[s]$, the gradient of the **other** direction, $D_{\mathrm{KL}}(p \,\|\, q_\phi)$.

So neither property follows from the other. The reason is that the distribution of the sample contains $\phi$ as well:
the gradient of an expectation has a second term, value times score, and these averages leave it out. Whoever adds that
term to $k_1$ or $k_3$, or moves the sample along a path, has the gradient of $D_{\mathrm{KL}}(q_\phi \,\|\, p)$ again.

In a **reward** the estimate is held, and multiplies the score. There $k_1$ is right: its mean is the gradient of
$D_{\mathrm{KL}}(q_\phi \,\|\, p)$. With $k_3$ in its place the mean is that gradient *less* the one of the other
direction.

Below, $k_1'$, $k_2'$, $k_3'$ are the derivatives in $\phi$ at a fixed sample, and $D'$ is that of
$D_{\mathrm{KL}}(p \,\|\, q_\phi)$. For the gradients $p$ need not even be normalised.

Headline: half_square_gradient.
Keywords: k1 k2 k3 gradient, KL as a loss, KL penalty in RLHF, KL in the reward, PPO KL, GRPO, token-level KL,
unbiased value biased gradient, approximating KL (Schulman).
"""

from sympy import expand_log

from derivations import *
from derivations.gradients import score_function as sf
from derivations.gradients.pathwise_gradient import slope
from derivations.gradients.score_function import LAW, LAW_SLOPE, law, law_slope, mass, moves, phi, tame

TARGET = density("p", "z")
target = TARGET(u)
score, ratio = law_slope / law, target / law
there, back = KL(law, target, whole), KL(target, law, whole)

LOG_RATIO, HALF_SQUARE, BREGMAN = -log(ratio), log(ratio) ** 2 / 2, ratio - 1 - log(ratio)
SLOPE_1, SLOPE_2, SLOPE_3 = (Function(f"k_{j}'(z|phi)", real=True) for j in (1, 2, 3))
BACK_SLOPE = Function("D'(phi)", real=True)
slope_1, slope_2, slope_3 = (f(u, phi) for f in (SLOPE_1, SLOPE_2, SLOPE_3))


def _held_still(value: Expr, its_slope: Expr) -> ForAll:
    """The derivative of the estimator at a fixed sample."""
    return ForAll(slope(value, phi, its_slope), u)


def _example(at: Symbol, own: Expr, other: Expr, back: Expr) -> dict:
    """A distribution that moves, a fixed target, the slopes of the estimators and of the divergence of the other
    direction."""
    log_ratio = expand_log(log(own)) - expand_log(log(other))
    values = {SLOPE_1: log_ratio, SLOPE_2: log_ratio**2 / 2, SLOPE_3: exp(-log_ratio) - 1 + log_ratio}
    slopes = {f: Lambda((at, phi), diff(value, phi)) for f, value in values.items()}
    moving = {LAW: Lambda((at, phi), own), LAW_SLOPE: Lambda((at, phi), diff(own, phi))}
    fixed = {TARGET: Lambda(at, other), phi: Rational(1, 3), BACK_SLOPE: Lambda(phi, diff(back, phi))}
    return {**moving, **fixed, **slopes}


half = Rational(1, 2)
slow, bell_aim = gauss(z, 1 + phi / 8, exp(phi / 16)), gauss(z, half, half)
bells = _example(z, slow, bell_aim, phi / 32 + (half + (half + phi / 8) ** 2) / (2 * exp(phi / 16)))
chance, aim = sf.coin[LAW].expr, (k + 1) / 9
coins = {**_example(k, chance, aim, -sum((aim * log(chance)).subs(k, c) for c in (1, 2, 3))), K: 3}
forms = on_both(bells, coins)
same_law = (moves, mass, tame)


def _slope_is(name: Expr, value: Expr, found: Expr) -> Thm:
    """The derivative of an estimator, computed."""
    still = ("the sample is held still", flip(given(_held_still(value, name))))
    return calc(name, still, differentiate(Derivative(value, phi), given(moves)), to(found))


@theorem(
    same(E(slope_1, law, whole), 0),
    "The log ratio: its mean gradient is zero",
    given=(*same_law, _held_still(LOG_RATIO, slope_1)),
    forms=forms,
)
def log_ratio_gradient() -> Thm:
    """The target does not contain the parameter, so the slope is the score, whose mean is zero."""
    return calc(E(slope_1, law, whole), _slope_is(slope_1, LOG_RATIO, score), sf.score_mean_zero_in_general.thm)


weighted = E(log(law / target) * score, law, whole)
there_tame = Dominated(total((log(law / target) + 1) * law_slope, whole), phi)
back_tame = Dominated(total(-target * score, whole), phi)


@theorem(
    same(Derivative(there, phi), weighted),
    "The gradient of the divergence, by the score",
    given=(*same_law, Converges(there), Converges(weighted), there_tame),
    forms=forms,
)
def kl_score_gradient() -> Thm:
    """The product rule gives two terms; the second is the mean of the score."""
    thm = calc(
        Derivative(there, phi),
        opened,
        lambda e: leibniz(e, given(moves)),
        termwise(to(log(law / target) * law_slope + law_slope)),
        linearity,
        folded(weighted + E(score, law, whole)),
        sf.score_mean_zero_in_general.thm,
    )
    return discharge(thm, dominated(given(tame)))


@theorem(
    same(E(slope_2, law, whole), Derivative(there, phi)),
    "The half square: its mean gradient is that of the divergence",
    given=(*kl_score_gradient.given, _held_still(HALF_SQUARE, slope_2)),
    forms=forms,
)
def half_square_gradient() -> Thm:
    """The square brings down the log ratio, as the weight of the score."""
    its_slope = _slope_is(slope_2, HALF_SQUARE, log(law / target) * score)
    return calc(E(slope_2, law, whole), its_slope, flip(kl_score_gradient.thm))


@theorem(
    same(E(slope_3, law, whole), BACK_SLOPE(phi)),
    "The ratio less one, less the log ratio: its mean gradient is that of the other direction",
    given=(*same_law, Converges(back), back_tame, _held_still(BREGMAN, slope_3), slope(back, phi, BACK_SLOPE(phi))),
    forms=forms,
)
def bregman_gradient() -> Thm:
    """Under q the ratio turns the mean over q into one over p. In the other direction only the logarithm moves."""
    minus_score = folded(-E(score, target, whole))
    other = calc(Derivative(back, phi), opened, lambda e: leibniz(e, given(moves)), linearity, minus_score)
    thm = calc(
        E(slope_3, law, whole),
        _slope_is(slope_3, BREGMAN, (1 - ratio) * score),
        opened,
        inside(law_slope - target * score),
        linearity,
        folded(E(score, law, whole) - E(score, target, whole)),
        sf.score_mean_zero_in_general.thm,
        flip(other),
        given(slope(back, phi, BACK_SLOPE(phi))),
    )
    return discharge(thm, dominated(given(tame)), dominated(given(back_tame)))


# --- a coin against a fair one, in the odds of the coin ---

odds, j = Symbol("odds", positive=True), Symbol("j", integer=True)
coin_law, fair, both = Bernoulli(j, odds), Rational(1, 2), (j, 0, 1)
coin_score, coin_ratio = j / odds - 1 / (1 + odds), fair / coin_law
SCORE = Function("s(j)", real=True)
coin_slope = log(odds) / (1 + odds) ** 2
coin_divergence = Derivative(KL(coin_law, fair, both), odds)


def _over_coin(e: Expr, value: Expr) -> Thm:
    """A mean over the two sides of a coin."""
    return calc(e, opened, write_out, opened, to(value))


@theorem(same(coin_divergence, coin_slope), "The gradient of the divergence of a coin from a fair one")
def coin_gradient() -> Thm:
    """Two terms: the divergence of the coin from a fair one is log 2, less the entropy of the coin."""
    closed = _over_coin(KL(coin_law, fair, both), odds * log(odds) / (1 + odds) - log(1 + odds) + log(2))
    return calc(coin_divergence, closed, differentiate, to(coin_slope))


is_score = ForAll(same(SCORE(j), coin_score), both)
two_of_three, even_odds = ({odds: v, SCORE: Lambda(j, coin_score.subs(odds, v))} for v in (2, 1))


def _estimate(weight: Expr) -> Expr:
    """The mean gradient of an estimate, where the weight times the score is its gradient."""
    return E(weight * SCORE(j), coin_law, both)


def _at_two(e: Expr) -> Expr:
    return at_instance(e, two_of_three).subs(odds, 2)


@counterexample(
    same(coin_slope, _estimate(Integer(1))),
    differs(_at_two(coin_slope), _at_two(_estimate(Integer(1)))),
    "An unbiased estimate has an unbiased gradient: the log ratio",
    at=two_of_three,
    holds_at=even_odds,
    given=(is_score,),
    instead="log_ratio_gradient",
)
def unbiased_value_no_gradient() -> Thm:
    """At odds 2:1 the divergence from a fair coin has the slope (log 2)/9; the mean gradient of its estimate is 0."""
    return decided(unbiased_value_no_gradient.negation)


@counterexample(
    same(coin_slope, _estimate(1 - coin_ratio)),
    differs(_at_two(coin_slope), _at_two(_estimate(1 - coin_ratio))),
    "An unbiased estimate has an unbiased gradient: the ratio less one, less the log ratio",
    at=two_of_three,
    holds_at=even_odds,
    given=(is_score,),
    instead="bregman_gradient",
)
def unbiased_value_other_gradient() -> Thm:
    """At odds 2:1 the mean gradient of the estimate is 1/12; the slope of the divergence is less, (log 2)/9."""
    return decided(unbiased_value_other_gradient.negation)


@counterexample(
    same(coin_slope, _estimate(coin_ratio - 1 - log(coin_ratio))),
    differs(_at_two(coin_slope), _at_two(_estimate(coin_ratio - 1 - log(coin_ratio)))),
    "Any unbiased estimate may stand in a reward: the ratio less one, less the log ratio",
    at=two_of_three,
    holds_at=even_odds,
    given=(is_score,),
    instead="kl_score_gradient",
)
def other_estimates_as_rewards() -> Thm:
    """At odds 2:1 the estimate times the score has the mean (log 2)/9 - 1/12; the slope of the divergence is (log 2)/9."""
    return decided(other_estimates_as_rewards.negation)


two_to_one = Bernoulli(j, 2)
half_square, divergence = E(log(fair / two_to_one) ** 2 / 2, two_to_one, both), KL(two_to_one, fair, both)


@counterexample(
    same(E(log(coin_ratio) ** 2 / 2, coin_law, both), KL(coin_law, fair, both)),
    differs(half_square, divergence),
    "A right gradient needs a right value: the half square",
    at={odds: 2},
    holds_at={odds: 1},
    instead="half_square_gradient",
)
def biased_value_right_gradient() -> Thm:
    """The half square has a mean of its own; only its gradient is that of the divergence."""
    value = log(Rational(3, 2)) ** 2 / 6 + log(Rational(3, 4)) ** 2 / 3
    return apart(_over_coin(half_square, value), _over_coin(divergence, log(32) / 3 - log(3)))
