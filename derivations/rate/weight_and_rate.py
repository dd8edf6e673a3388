r"""# What the weight on the divergence moves

Train with the bill $D + \beta R$, distortion plus weighted rate. How do the two items depend on $\beta$? Take an
optimum for each of two weights, each with an encoder and a decoder of its own. The first is at least as good as the
second at the smaller weight, and the other way round at the larger one. Add the two inequalities: distortions cancel,
and what is left says that the larger weight has **no more rate**. Put that back into the first: it has **no less
distortion**. The exchange needs no Gaussians, no smoothness and no convexity.

How far does the rate fall? A code that pays for itself may cost at most what it can gain. Where $p(x \mid z) \le c$ for
every code, nothing is gained beyond $\log c$; so a code that is worth its price has a divergence of at most a constant
over $\beta$. This is the sense in which a very large weight leaves $q(z \mid x) \approx p(z)$.

**Where people go wrong.** The statements are about exact optima, and "no more" is not "less": in the linear autoencoder
nothing changes any more once $\beta\sigma^2$ has reached the spread of the data. And the bound needs a ceiling $c$. A
probability has one, $c = 1$. A density has none if the decoder may learn its own variance: it can then pay any
divergence by concentrating on the data.

Keywords: beta-VAE, KL weight, KL annealing, rate falls with beta, rate-distortion curve.
"""

from derivations import *
from derivations.rate import rate_distortion as rd
from derivations.rate import without_kl
from derivations.rate.beta_vae import ENCODER, LIKELIHOOD, PRIOR, encoder_mass, fit
from derivations.rate.beta_vae import beta as weight
from derivations.rate.beta_vae import rate as code_rate
from derivations.rate.rate_distortion import beta, distortion, points, q_2, rate, rate_2, w
from derivations.rate.without_kl import best_code, ceiling

LIKELIHOOD_2 = density("p_2", "n|z")
likelihood_2 = LIKELIHOOD_2(n, u)
distortion_2 = -total(w * E(log(likelihood_2), q_2, whole), points)
step = Symbol("eta", positive=True)
floor, base = Symbol("d_min", real=True), Symbol("b", real=True)
bill, bill_2 = distortion + (beta + step) * rate, distortion_2 + (beta + step) * rate_2
minimal = at_least(distortion_2 + beta * rate_2, distortion + beta * rate)
minimal_2 = at_least(bill, bill_2)
finite_2 = (rd.finite(KL(q_2, rd.prior, whole)), rd.finite(E(log(likelihood_2), q_2, whole)))
all_finite = (rd.cost, rd.error, *finite_2)

heavier, heavier_table = {**rd.exact_bells, step: 1}, {**rd.exact_table, step: 1}
heavier[rd.RIVAL] = Lambda((z, n), gauss(z, n / 3, Rational(2, 3)))
heavier[LIKELIHOOD_2] = Lambda((n, z), gauss(z, n, Rational(11, 10)))
heavier_table[rd.RIVAL] = Lambda((k, n), 2 ** (1 - (k - n) ** 2) / 3)
heavier_table[LIKELIHOOD_2] = Lambda((n, k), 3 * Rational(7, 3) ** (1 - (k - n) ** 2) / 10)


def _unmoved(example: dict) -> dict:
    """The second optimum is the first."""
    return {**example, rd.RIVAL: example[rd.ENCODER], LIKELIHOOD_2: example[rd.LIKELIHOOD]}


def _blind(example: dict, over: Symbol) -> dict:
    """Codes from the prior, and a decoder that ignores them."""
    code, decoder = Lambda((over, n), example[PRIOR](over)), Lambda((n, over), Rational(1, 4))
    return {**example, rd.ENCODER: code, rd.LIKELIHOOD: decoder, floor: log(4), base: log(4)}


both = on_both((heavier, _unmoved(heavier)), (heavier_table, _unmoved(heavier_table)))
loose = {floor: Rational(1, 2), base: 3}
bounded = on_both((heavier | loose, _blind(heavier, z)), (heavier_table | loose, _blind(heavier_table, k)))


@theorem(
    at_least(rate, rate_2),
    "A larger weight: no more rate at the optimum",
    given=(minimal, minimal_2, *all_finite),
    claims=("003-77",),
    forms=both,
    words={
        0: "each pair minimises distortion + weight times rate, at its own weight",
        1: "each pair minimises distortion + weight times rate, at its own weight",
    },
)
def rate_falls_with_weight() -> Thm:
    """Add the two inequalities: the distortions cancel, and the weights leave their difference."""
    traded = chain(assume(minimal_2), rearrange(assume(minimal), bill_2, distortion + beta * rate + step * rate_2))
    return rearrange(traded, rate, rate_2, times=1 / step)


@theorem(
    at_least(distortion_2, distortion),
    "A larger weight: no less distortion at the optimum",
    given=(minimal, minimal_2, *all_finite),
    claims=("003-77",),
    forms=both,
    words={
        0: "each pair minimises distortion + weight times rate, at its own weight",
        1: "each pair minimises distortion + weight times rate, at its own weight",
    },
)
def distortion_grows_with_weight() -> Thm:
    """At the smaller weight, what the second saves in rate it must pay for in distortion."""
    saved = distortion + beta * (rate - rate_2)
    return chain(
        rearrange(assume(minimal), distortion_2, saved),
        rearrange(rate_falls_with_weight.thm, saved, distortion, times=beta),
    )


bill_1 = distortion + beta * rate
worth_it, good_at_best = at_least(base, bill_1), at_least(distortion, floor)


@theorem(
    at_least((base - floor) / beta, rate),
    "The rate that is worth its price falls like one over the weight",
    given=(worth_it, good_at_best, rd.cost, rd.error),
    forms=bounded,
)
def worthwhile_rate() -> Thm:
    """The rate may cost what it saves in distortion, and that is bounded."""
    paid = chain(assume(worth_it), rearrange(assume(good_at_best), bill_1, floor + beta * rate))
    return rearrange(paid, (base - floor) / beta, rate, times=1 / beta)


bell = {**without_kl.bell, weight: 3, PRIOR: Lambda(z, gauss(z, 0, 1)), base: Rational(-5, 8)}
table = {**without_kl.table, weight: 2, PRIOR: Lambda(k, Rational(1, 3)), base: Rational(-4, 5)}


def _asleep(example: dict, over: Symbol) -> dict:
    """Codes from the prior, a decoder that ignores them, and what that gives."""
    code, decoder = Lambda((over, x), example[PRIOR](over)), Lambda((x, over), Rational(3, 4))
    return {**example, ENCODER: code, LIKELIHOOD: decoder, ceiling: Rational(3, 4), base: log(Rational(3, 4))}


worth = at_least(fit - weight * code_rate, base)


@theorem(
    at_least((log(ceiling) - base) / weight, code_rate),
    "A bounded decoder: the divergence is at most a constant over the weight",
    given=(encoder_mass, best_code, worth, Converges(fit), Converges(code_rate)),
    claims=("003-49",),
    forms=on_both((bell, _asleep(bell, z)), (table, _asleep(table, k))),
    words={1: "the likelihood is bounded", 2: "the encoder does no worse than some fixed value"},
)
def heavy_weight_squeezes() -> Thm:
    """A code gains at most log c - b over collapse, and pays beta times its divergence.

    Here b is what collapse gives for x, for example log h(x) of a decoder without code: it does not depend on the weight.
    """
    gained = rearrange(without_kl.best_code_ceiling.thm, log(ceiling) - weight * code_rate, fit - weight * code_rate)
    return rearrange(chain(gained, assume(worth)), (log(ceiling) - base) / weight, code_rate, times=1 / weight)
