r"""# What the weight on the divergence moves

Train with the bill $D + \beta R$, distortion plus weighted rate. How do the two items depend on $\beta$? Take an optimum for
each of two weights, each with an encoder and a decoder of its own. The first is at least as good as the second at the smaller weight, and the other way round at the
larger one. Add the two inequalities: distortions cancel, and what is left says that the larger weight has **no more
rate**. Put that back into the first: it has **no less distortion**. The exchange needs no Gaussians, no smoothness and no
convexity.

How far does the rate fall? A code that pays for itself may cost at most what it can gain. Where $p(x \mid z) \le c$ for
every code, nothing is gained beyond $\log c$; so a code that is worth its price has a divergence of at most a constant
over $\beta$. This is the sense in which a very large weight leaves $q(z \mid x) \approx p(z)$.

**Where people go wrong.** The statements are about exact optima, and "no more" is not "less": in the linear autoencoder
nothing changes any more once $\beta\sigma^2$ has reached the spread of the data. And the bound needs a ceiling $c$. A
probability has one, $c = 1$. A density has none if the decoder may learn its own variance: it can then pay any divergence
by concentrating on the data.
"""

from derivations import *
from derivations.rate.beta_vae import ENCODER, LIKELIHOOD, PRIOR, encoder_mass, fit
from derivations.rate.beta_vae import beta as weight
from derivations.rate.beta_vae import rate as code_rate
from derivations.rate.rate_distortion import ENCODER as RATES
from derivations.rate.rate_distortion import LIKELIHOOD as LIKELIHOOD_N
from derivations.rate.rate_distortion import (
    RIVAL,
    beta,
    cost,
    distortion,
    error,
    exact_bells,
    exact_table,
    finite,
    points,
    q_2,
    rate,
    rate_2,
    w,
)
from derivations.rate.rate_distortion import prior as prior_n
from derivations.rate.without_kl import best_code, best_code_ceiling, ceiling

LIKELIHOOD_2 = density("p_2", "n|z")
likelihood_2 = LIKELIHOOD_2(n, u)
distortion_2 = -total(w * E(log(likelihood_2), q_2, whole), points)
step = Symbol("eta", positive=True)
floor, base = Symbol("d_min", real=True), Symbol("b", real=True)
bill, bill_2 = distortion + (beta + step) * rate, distortion_2 + (beta + step) * rate_2
minimal = at_least(distortion_2 + beta * rate_2, distortion + beta * rate)
minimal_2 = at_least(bill, bill_2)
all_finite = (cost, error, finite(KL(q_2, prior_n, whole)), finite(E(log(likelihood_2), q_2, whole)))


heavier = {
    **exact_bells,
    step: Integer(1),
    RIVAL: Lambda((z, n), gauss(z, n / Integer(3), Rational(2, 3))),
    LIKELIHOOD_2: Lambda((n, z), gauss(z, n, Rational(11, 10))),
}
heavier_table = {
    **exact_table,
    step: Integer(1),
    RIVAL: Lambda((k, n), 2 ** (1 - (k - n) ** 2) / Integer(3)),
    LIKELIHOOD_2: Lambda((n, k), Rational(7, 3) ** (1 - (k - n) ** 2) * 3 / 10),
}


kinds = (("continuous", line, heavier), ("discrete", states, heavier_table))
both = {
    name: Form(over, (one, {**one, RIVAL: one[RATES], LIKELIHOOD_2: one[LIKELIHOOD_N]})) for name, over, one in kinds
}
flat = {
    name: {
        **one,
        RATES: Lambda((over, n), one[PRIOR](over)),
        LIKELIHOOD_N: Lambda((n, over), Rational(1, 4) + 0 * over),
    }
    for (name, _, one), over in zip(kinds, (z, k), strict=True)
}
bounded = {
    name: Form(over, ({**one, floor: Rational(1, 2), base: Integer(3)}, {**flat[name], floor: log(4), base: log(4)}))
    for name, over, one in kinds
}
bell = {
    weight: Integer(3),
    x: Rational(1, 2),
    ENCODER: Lambda((z, x), gauss(z, x / 4, Rational(3, 4))),
    PRIOR: Lambda(z, gauss(z, 0, 1)),
    LIKELIHOOD: Lambda((x, z), exp(-((x - z) ** 2) / 2)),
    ceiling: Integer(1),
    base: Rational(-5, 8),
}
table = {
    weight: Integer(2),
    x: Integer(1),
    K: Integer(3),
    ENCODER: Lambda((k, x), (k + x) / 9),
    PRIOR: Lambda(k, Rational(1, 3) + 0 * k),
    LIKELIHOOD: Lambda((x, k), k / Integer(4)),
    ceiling: Rational(3, 4),
    base: Rational(-4, 5),
}
still = [
    {**one, ENCODER: Lambda((over, x), one[PRIOR](over)), LIKELIHOOD: Lambda((x, over), Rational(3, 4) + 0 * over)}
    for one, over in ((bell, z), (table, k))
]
gone = [{**one, ceiling: Rational(3, 4), base: log(Rational(3, 4))} for one in still]
squeezed = {"continuous": Form(line, (bell, gone[0])), "discrete": Form(states, (table, gone[1]))}


@theorem(
    at_least(rate, rate_2),
    "A larger weight: no more rate at the optimum",
    given=(minimal, minimal_2, *all_finite),
    amends=("003-77",),
    forms=both,
)
def rate_falls_with_weight() -> Thm:
    """Add the two inequalities: the distortions cancel, and the weights leave their difference."""
    traded = chain(assume(minimal_2), rearrange(assume(minimal), bill_2, distortion + beta * rate + step * rate_2))
    return rearrange(traded, rate, rate_2, times=1 / step)


@theorem(
    at_least(distortion_2, distortion),
    "A larger weight: no less distortion at the optimum",
    given=(minimal, minimal_2, *all_finite),
    forms=both,
)
def distortion_grows_with_weight() -> Thm:
    """At the smaller weight, what the second saves in rate it must pay for in distortion."""
    saved = distortion + beta * (rate - rate_2)
    return chain(
        rearrange(assume(minimal), distortion_2, saved),
        rearrange(rate_falls_with_weight.thm, saved, distortion, times=beta),
    )


@theorem(
    at_least((base - floor) / beta, rate),
    "The rate that is worth its price falls like one over the weight",
    given=(at_least(base, distortion + beta * rate), at_least(distortion, floor), cost, error),
    forms=bounded,
)
def worthwhile_rate() -> Thm:
    """The rate may cost what it saves in distortion, and that is bounded."""
    bill_1 = distortion + beta * rate
    paid = chain(
        assume(at_least(base, bill_1)), rearrange(assume(at_least(distortion, floor)), bill_1, floor + beta * rate)
    )
    return rearrange(paid, (base - floor) / beta, rate, times=1 / beta)


worth = at_least(fit - weight * code_rate, base)


@theorem(
    at_least((log(ceiling) - base) / weight, code_rate),
    "A very large weight leaves every code at the prior",
    given=(encoder_mass, best_code, worth, Converges(fit), Converges(code_rate)),
    amends=("003-49",),
    forms=squeezed,
)
def heavy_weight_squeezes() -> Thm:
    """A code gains at most log c - b over collapse, and pays beta times its divergence.

    Here b is what collapse gives for x, for example log h(x) of a decoder without code: it does not depend on the weight.
    """
    gained = rearrange(best_code_ceiling.thm, log(ceiling) - weight * code_rate, fit - weight * code_rate)
    paid = chain(gained, assume(worth))
    return rearrange(paid, (log(ceiling) - base) / weight, code_rate, times=1 / weight)
