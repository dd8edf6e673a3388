r"""# A share of the prior keeps the weights bounded

Draw from the encoder most of the time and from the prior otherwise: $q'(z) = (1 - \varepsilon)\, q(z \mid x) + \varepsilon\, p(z)$. In the
theorems `kept` is $1 - \varepsilon$ and `share` is $\varepsilon$. Then the weight is bounded by the likelihood,

$$\frac{p(x \mid z)\, p(z)}{q'(z)} \le \frac{p(x \mid z)}{\varepsilon},$$

**whatever the encoder**, since $q'$ is at least $\varepsilon$ times the prior. If $p(x \mid z) \le c$ everywhere (of binary data $c = 1$),
the mean square of the weights, $\int p(x \mid z)^2 p(z)^2 / q'(z)\, \mathrm dz$, is at most $c\, p(x) / \varepsilon$. So their variance is finite, where that of the encoder's own weights
may be [infinite](infinite_variance.md), and the [$1/K$ law](iwae_rate.md) has a constant.

Finite is not small: $c / (\varepsilon\, p(x))$ is large for an image that is hard to explain, and the law begins where $K$ is larger
than $V / p(x)^2$.

Headline: defensive_weight_bound.
Keywords: defensive mixture, defensive importance sampling, safe proposal, bounded importance weights, mixture proposal, Owen and Zhou.
"""

from derivations import *
from derivations.divergence.jensen import Q, q

LIKELIHOOD, PRIOR = density("p", "x|z"), density("p", "z")
likelihood, prior = LIKELIHOOD(x, u), PRIOR(u)
kept, share, most = (Symbol(name, positive=True) for name in ("kept", "share", "c"))
evidence = Symbol("m", positive=True)
mixture = kept * q + share * prior
joint = likelihood * prior
weight, square = joint / mixture, joint**2 / mixture
has_evidence, capped = same(total(joint, whole), evidence), ForAll(at_least(most, likelihood), u)

tiny = Rational(1, 10**30)
here = {x: 1, kept: Rational(9, 10), share: Rational(1, 10)}
bell = {**here, Q: Lambda(z, gauss(z, 1, Rational(1, 4))), PRIOR: Lambda(z, gauss(z, 0, 1))}
bell |= {LIKELIHOOD: Lambda((x, z), exp(-(z**2) / 2) / 2), most: Rational(1, 2), evidence: 1 / (2 * sqrt(2))}
table = {**here, K: 3, Q: Lambda(k, k / 6), PRIOR: Lambda(k, (4 - k) / 6), LIKELIHOOD: Lambda((x, k), k / 4)}
table |= {most: Rational(3, 4), evidence: Rational(5, 12)}
flat = {**table, LIKELIHOOD: Lambda((x, k), Rational(1, 2)), most: Rational(1, 2), evidence: Rational(1, 2)}
flat |= {kept: tiny, share: 1}  # where the two sides meet


def _bounded(likelihood: Expr, prior: Expr, q: Expr) -> Thm:
    """The mixture is at least its share of the prior."""
    mixture = kept * q + share * prior
    weight = likelihood * prior / mixture
    return rearrange(sign(kept * q), likelihood / share, weight, times=likelihood / (share * mixture))


at_z = {u: z}
there = {z: Rational(1, 2), **{f: bell[f] for f in (Q, PRIOR, LIKELIHOOD)}}


@theorem(
    at_least(*(e.xreplace(at_z) for e in (likelihood / share, weight))),
    "A weight over a mixture with the prior is at most the likelihood over the share",
    examples=({**here, **there}, {**there, x: 1, kept: tiny, share: 1}),
)
def defensive_weight_bound() -> Thm:
    """The mixture is at least its share of the prior."""
    return _bounded(*(e.xreplace(at_z) for e in (likelihood, prior, q)))


@theorem(
    at_least(most * evidence / share, total(square, whole)),
    "The mean square of the weights over a mixture with the prior is finite",
    given=(has_evidence, capped),
    forms=on_both(bell, (table, flat)),
)
def defensive_mean_square() -> Thm:
    """One of the two weights is at most c over the share; the other, over the mixture, averages to the evidence."""
    bounded = rearrange(_bounded(likelihood, prior, q), likelihood * joint / share, square, times=joint)
    under = chain(
        rearrange(given(capped), most / share * joint, likelihood * joint / share, times=joint / share), bounded
    )
    average = calc(total(most / share * joint, whole), linearity, given(has_evidence), to(most * evidence / share))
    parts = most / share * total(joint, whole)
    finite = discharge(combined(total(most / share * joint, whole), parts), converges(has_evidence))
    below = discharge(monotone(under, whole), finite, discharge(between(under, sign(square), whole), finite))
    return chain(flip(average), below)
