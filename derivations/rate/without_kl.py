r"""# What happens without the divergence

Drop the divergence and keep only $\mathbb{E}_q[\log p(x \mid z)]$. What does it ask of the encoder?

**The best code, and nothing else.** An average is at most the largest value, and equal to it only where every code is
as good as the best. So any distribution of codes that is spread over better and worse ones loses, and the term is
served best by a point. For an affine decoder and a Gaussian code the loss is exact: the slope in the variance is
$-w^2 / 2\sigma_x^2$, the same at every variance. Nothing stops the code from shrinking. With the divergence something
does: a code of variance $s^2$ pays at least $\frac12 (\frac{s^2}{v} - 1 - \log \frac{s^2}{v})$, which grows without
bound as $s \to 0$.

**Where the codes are does not matter.** Move the codes and stretch them, and let the decoder undo it: the
reconstruction is the same number. So without the divergence "narrow" has no unit, and no place is home. The codes may
lie where the prior has almost no mass; a sample of the prior then falls where the decoder was never trained.

**Where people go wrong.** They *may* lie there, they need not: that [narrow codes of finitely many points leave
holes](holes.md) is a matter of their width, not of the missing term. And if the decoder does not look at $z$, or $w =
0$, nothing is gained by being narrow.

Keywords: autoencoder without KL, why the KL term, overfitting, deterministic autoencoder.
"""

from derivations import *
from derivations.linear_model import linear_gaussian as lg
from derivations.linear_model.linear_gaussian import mean_prior, mean_q, var_noise, var_prior, var_q, weight
from derivations.rate.beta_vae import ENCODER, LIKELIHOOD, encoder_mass, fit, likelihood, q

ceiling = Symbol("c", positive=True)
best_code = ForAll(at_least(ceiling, likelihood), u)


def _model(over: Symbol, encoder: Expr, decoder: Expr) -> dict:
    return {ENCODER: Lambda((over, x), encoder), LIKELIHOOD: Lambda((x, over), decoder)}


three_quarters = Rational(3, 4)
bell = {**_model(z, gauss(z, x / 4, three_quarters), exp(-((x - z) ** 2) / 2)), x: Rational(1, 2), ceiling: 1}
table = {**_model(k, (k + x) / 9, k / 4), x: 1, K: 3, ceiling: three_quarters}
flat_bell = {**bell, LIKELIHOOD: Lambda((x, z), 1)}
flat_table = {**table, LIKELIHOOD: Lambda((x, k), three_quarters)}


def _below_ceiling() -> Thm:
    """log c >= log p(x|z), for the logarithm grows."""
    touch = log_tangent(likelihood, ceiling)
    return chain(rearrange(given(best_code), log(ceiling), touch.prop.lhs, times=1 / ceiling), touch)


def _height() -> Thm:
    """log c = the integral of q log c."""
    level = total(q * log(ceiling), whole)
    return flip(calc(level, linearity, ("q integrates to one", given(encoder_mass)), to(log(ceiling))))


@theorem(
    at_least(log(ceiling), fit),
    "No distribution of codes reconstructs better than the best code",
    given=(encoder_mass, best_code, Converges(fit)),
    forms=on_both((bell, flat_bell), (table, flat_table)),
)
def best_code_ceiling() -> Thm:
    """Average log p(x|z) <= log c over the codes."""
    averaged = monotone(rearrange(_below_ceiling(), q * log(ceiling), q * log(likelihood), times=q), whole)
    thm = chain(_height(), averaged, folded(fit)(averaged.prop.rhs))
    level = combined(total(q * log(ceiling), whole), log(ceiling) * total(q, whole))
    return settled_by(discharge(thm, level), encoder_mass)


tight = same(fit, log(ceiling))


@theorem(
    AlmostEverywhere(same(likelihood, ceiling), whole),
    "As good as the best code only where every code is best",
    given=(encoder_mass, best_code, Converges(fit), tight),
    forms=on_both(flat_bell, flat_table),
)
def only_best_codes() -> Thm:
    """What the average falls short by is an integral of something never negative; it is zero, so that is zero."""
    short = q * log(ceiling) - q * log(likelihood)
    nothing = calc(
        total(short, whole),
        linearity,
        ("q integrates to one", given(encoder_mass)),
        folded(log(ceiling) - fit),
        ("nothing is lost", given(tight)),
        to(0),
    )
    below = rearrange(_below_ceiling(), short, Integer(0), times=q)
    nothing = settled_by(nothing, encoder_mass)
    parts = log(ceiling) * total(q, whole) - total(q * log(likelihood), whole)
    equal = vanish(below, nothing, whole, settled_by(combined(nothing.prop.lhs, parts), encoder_mass))
    same_logs = rearrange(assume(equal.prop.args[0]), log(likelihood), log(ceiling), times=-1 / q)
    return almost_all(equal, unlog(same_logs))


affine, code = lg.likelihood, lg.q


@theorem(
    same(Derivative(E(log(affine), code, line), var_q), -(weight**2) / (2 * var_noise)),
    "Without a divergence, every bit of spread costs",
    claims=("003-44",),
    narrows={"": "an affine Gaussian decoder; one dimension"},
)
def narrower_reconstructs_better() -> Thm:
    """Differentiate the closed form of the reconstruction term."""
    left, right = narrower_reconstructs_better.statement.args
    return calc(left, lg.linear_gaussian_reconstruction.thm, differentiate, to(right))


prior = Normal(z, mean_prior, var_prior)
share = var_q / var_prior
apart_means = {mean_q: Rational(1, 2), mean_prior: Rational(-1, 3), var_q: Rational(1, 7), var_prior: Rational(3, 2)}


@theorem(
    at_least(KL(code, prior, line), (share - 1 - log(share)) / 2),
    "A narrow code is expensive",
    examples=(apart_means, {**apart_means, mean_prior: Rational(1, 2)}),
)
def narrow_code_is_dear() -> Thm:
    """Drop the squared distance of the means."""
    square = (mean_q - mean_prior) ** 2 / (2 * var_prior)
    low = narrow_code_is_dear.statement.rhs
    value = lg.gauss_kl(mean_q, var_q, mean_prior, var_prior)
    return chain(value, algebra(value.prop.rhs, low + square), rearrange(sign(square), low + square, low))


stretch, shift = Symbol("a", positive=True), Symbol("b", real=True)
ENCODER_R, LIKELIHOOD_R = ENCODER(z, x), LIKELIHOOD(x, z)
place = stretch * z + shift


@theorem(
    same(E(log(LIKELIHOOD_R), ENCODER_R, line), E(log(LIKELIHOOD(x, place)), stretch * ENCODER(place, x), line)),
    "The reconstruction term does not see where the codes are, nor their unit",
    examples=({**bell, stretch: Rational(5, 2), shift: -three_quarters},),
)
def reconstruction_sees_no_place() -> Thm:
    """Change the variable of integration; the decoder undoes what is done to the codes."""
    left, right = reconstruction_sees_no_place.statement.args

    def moved(e: Expr) -> Thm:
        return change_of_variables(e, stretch * y + shift, y)

    return calc(left, opened, moved, lambda e: rename(e, z), folded(right))
