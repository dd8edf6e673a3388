r"""# What is left out, or put in the wrong place

A loss has a misfit $f$ of the data and a divergence $r$ of the code from the prior. These slips are about the parts as
a whole.

**No divergence.** The misfit alone is the loss of an autoencoder: it is less than the negative ELBO by the divergence.
The divergence alone says nothing of the data; it is least when every code is the prior.

**A mask that is forgotten.** Entries that were not observed are then paid for as well, with their full misfit.

**No sample.** The decoder is run at the mean of the code in place of a draw. For an affine decoder $az + b$ the squared
error is then too small by $a^2\sigma^2$: nothing in it asks for a narrow code.

**Sum or mean over the batch.** The sum is $B$ times the mean: the same minimum, a step $B$ times as long.

**Prediction and data exchanged** in a cross-entropy. The logarithm of a zero is minus infinity; a library that cuts it
off at $-c$ returns $c\,(\hat x + x - 2 x \hat x)$, which is no cross-entropy.

**Squared error of logits.** With no sigmoid the decoder's mean is the logit itself.

Keywords: forgot the KL, loss without KL, masked loss, padding in the loss, no reparameterization, decoder at the mean,
binary_cross_entropy arguments swapped, MSE on logits, batch sum or mean, loss scale.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import centre, gaussian_second_moment, mean, var
from derivations.losses.bernoulli_likelihood import bit, cross_entropy, odds
from derivations.losses.gaussian_likelihood import D
from derivations.losses.gaussian_likelihood import entries as every_entry
from derivations.losses.mistake_weight import B, misfit, rate

FIT = IndexedBase("misfit", real=True)
MASK = IndexedBase("mask", integer=True)


@theorem(same(misfit, (misfit + rate) - rate), "Without the divergence: too small by the divergence", kind="definition")
def divergence_left_out() -> Thm:
    """The misfit is what is left of the sum."""
    return algebra(*divergence_left_out.statement.args)


@theorem(same(rate, (misfit + rate) - misfit), "Without the data: too small by the misfit", kind="definition")
def data_left_out() -> Thm:
    """The divergence is what is left of the sum."""
    return algebra(*data_left_out.statement.args)


@theorem(
    same(B * misfit, B * (misfit + rate) - B * rate),
    "A factor on the whole loss is one on each part",
    kind="definition",
)
def factor_on_the_whole() -> Thm:
    """Multiply out."""
    return algebra(*factor_on_the_whole.statement.args)


seen, unseen = Sum(MASK[m] * FIT[m], every_entry), Sum((1 - MASK[m]) * FIT[m], every_entry)
missing = {D: 3, MASK: [1, 0, 1], FIT: [Rational(1, 2), 2, Rational(3, 4)]}


@theorem(
    same(Sum(FIT[m], every_entry), seen + unseen),
    "A forgotten mask: too much by the misfit of what is not there",
    examples=(missing, {**missing, MASK: [0, 0, 1]}),
)
def mask_forgotten() -> Thm:
    """Every entry is there or it is not."""
    together = calc(seen + unseen, flip(linearity(Sum(MASK[m] * FIT[m] + (1 - MASK[m]) * FIT[m], every_entry))))
    return flip(calc(together.prop.lhs, together, inside(FIT[m])))


slope, shift, std = Symbol("a", positive=True), Symbol("b", real=True), Symbol("std", positive=True)
code = Normal(z, mean, std**2)
error = (x - slope * z - shift) ** 2


@theorem(
    same(E(error, code, line), (x - slope * mean - shift) ** 2 + slope**2 * std**2),
    "The error at the mean code is too small by what the decoder makes of the spread",
)
def error_at_the_mean() -> Thm:
    """The second moment of the code about the code that would reconstruct x."""
    best = x / slope - shift / slope
    moment = substitute(gaussian_second_moment.thm, {var: std**2, centre: best})
    thm = calc(
        E(error, code, line),
        opened,
        inside(slope**2 * (z - best) ** 2 * code),
        linearity,
        folded(slope**2 * E((z - best) ** 2, code, line)),
        moment,
        to(error_at_the_mean.statement.rhs),
    )
    return settled(thm)


cut = Symbol("cut", positive=True)
chance = odds / (1 + odds)


@counterexample(
    same(cross_entropy(bit, odds), cut * (chance + bit - 2 * bit * chance)),
    differs(cross_entropy(Integer(1), Integer(1)), 100 * (Rational(1, 2) + 1 - 1)),
    "The cross-entropy may be taken with prediction and data exchanged",
    at={bit: 1, odds: 1, cut: 100},
    holds_at={bit: 1, odds: 1, cut: 2 * log(2)},
    given=(at_least(cut, 1),),
    instead="bernoulli_cross_entropy",
)
def cross_entropy_is_symmetric() -> Thm:
    """A fair prediction of a one costs log 2; with the logarithm of zero cut off at -100 the exchanged one costs 50."""
    right = algebra(cross_entropy(Integer(1), Integer(1)), log(2))
    return apart(right, algebra(100 * (Rational(1, 2) + 1 - 1), Integer(50)))


logit = Symbol("logit", real=True)


@theorem(
    same((x - logit) ** 2 / 2, -log(Normal(x, logit, 1)) - log(2 * pi) / 2),
    "The squared error of a logit: a Gaussian decoder whose mean is the logit",
    kind="definition",
)
def error_of_a_logit() -> Thm:
    """The exponent of the density, and its constant."""
    left, right = error_of_a_logit.statement.args
    return flip(calc(right, opened, to(left)))
