r"""# Grey values need the continuous Bernoulli distribution

Binary cross-entropy at a grey value $x$ between $0$ and $1$ is a number, but not minus the logarithm of a density:
over $[0, 1]$ the function $\hat x^x (1 - \hat x)^{1-x}$ has the integral $\tanh(\ell/2)/\ell \le \frac12$, with
$\ell$ the logit of $\hat x$. That integral depends on $\ell$, so that dividing by it moves the optimum; it is no
constant to forget.

The **continuous Bernoulli** density divides by it: $\log p(x) = x\ell - \log\big((e^\ell - 1)/\ell\big)$, where the
last logarithm is $0$ at $\ell = 0$. Images that are loaded as grey values and never made binary need it, or have to be
rounded or sampled first.

**It has a trap at 0 and at 1.** It is a density and no probability: at $x = 0$ it is at least $|\ell|$ for a negative logit,
and so it has no maximum. A pixel that is black in every image drives its logit, and the loss, to $-\infty$: spread such
values by a little noise, or leave these pixels out.

Keywords: continuous Bernoulli loss negative, dequantisation, continuous Bernoulli, grey pixels, grey scale images, normalising constant, BCE is not a likelihood.
"""

from derivations import *
from derivations.losses.bernoulli_likelihood import cross_entropy, half, logit, logits
from derivations.losses.gaussian_likelihood import D, entries

greys = IndexedBase("x", real=True)
cross_entropy_of_grey = cross_entropy(x, exp(logit))
unit_interval = (x, 0, 1)


@theorem(
    same(total(exp(x * logit), unit_interval), (exp(logit) - 1) / logit),
    "The normaliser of the continuous Bernoulli density",
    given=(differs(logit, 0),),
)
def continuous_bernoulli_normaliser() -> Thm:
    """An exponential is its own antiderivative, up to the logit."""
    area = antiderivative(total(exp(x * logit), unit_interval), exp(x * logit) / logit)
    return ending(area, (exp(logit) - 1) / logit)


@theorem(
    same(total(exp(-cross_entropy_of_grey), unit_interval), (exp(logit) - 1) / (logit * (1 + exp(logit)))),
    "What the exponential of minus the cross-entropy integrates to over grey values",
    given=(differs(logit, 0),),
)
def grey_bernoulli_mass() -> Thm:
    """The normaliser of the continuous Bernoulli density, over one plus the odds."""
    return calc(
        grey_bernoulli_mass.statement.lhs,
        inside(exp(x * logit) / (1 + exp(logit))),
        linearity,
        ("the normaliser", continuous_bernoulli_normaliser.thm),
        to(grey_bernoulli_mass.statement.rhs),
    )


at_even_odds = total(exp(-cross_entropy(x, Integer(1))), unit_interval)


area = total(exp(z * logits[m]), (z, 0, 1))


@theorem(
    same(
        total(greys[m] * logits[m] - log(area), entries),
        total(greys[m] * logits[m] - log((exp(logits[m]) - 1) / logits[m]), entries),
    ),
    "The log likelihood of a continuous Bernoulli decoder",
    given=(ForAll(differs(logits[m], 0), entries),),
    computes="continuous_bernoulli_log_likelihood_logits",
    examples=({D: 3, greys: [half, Rational(1, 4), 1], logits: [half, -3, 1]},),
)
def continuous_bernoulli_likelihood() -> Thm:
    """The density exp(x logit) over its integral; the integral in closed form."""
    value = substitute(continuous_bernoulli_normaliser.thm, {logit: logits[m]})
    value = chain(flip(rename(value.prop.lhs, z)), value)
    return calc(continuous_bernoulli_likelihood.statement.lhs, termwise(value))


s = Symbol("s", positive=True)  # the logit is -log(1 + s), any that is negative
at_black = -log(s / ((1 + s) * log(1 + s)))  # minus the logarithm of the normaliser (e^l - 1)/l there


@theorem(
    same(at_black, log(log(1 + s)) + log(1 + 1 / s)),
    "At grey value 0 the log density is the logarithm of minus the logit, and something positive",
    kind="definition",
    examples=({s: Rational(1, 2)}, {s: 10**6}),
)
def continuous_bernoulli_at_black() -> Thm:
    """The logarithm of a product."""
    return algebra(*continuous_bernoulli_at_black.statement.args)
