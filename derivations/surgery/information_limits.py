r"""# Limits on measuring information

The information between data and codes is hard to measure from samples. Two ceilings of about $\log N$ must not be
confused.

**An elementary one, proved here.** A contrastive estimate asks which of $N$ candidates belongs to a code. Each
candidate gets a positive score, and the estimate averages the logarithm of the true candidate's score over the mean
score. The true candidate is one of the $N$, so its score is at most the sum of all, and the logarithm is at most
$\log N$: whatever the scores, and whatever the weights of the average. If the information is larger, the estimate is
too small. The same number bounds the information that the *index* of one of $N$ data points can have, on the page of
ELBO surgery; that is a fact about the encoder, not about a method.

**A general one, cited.** A *distribution-free* lower bound on the information that is computed from $N$ samples and
holds with high confidence is at most of the order of $\log N$, however it is computed. The proof is a paper of its own.
A bound that assumes something about the distribution, such as a known conditional density, is not affected.

Keywords: InfoNCE, contrastive bound, log N ceiling, limits of mutual information estimators, MINE.
"""

from derivations import *
from derivations.surgery.elbo_surgery import WEIGHT, points, w

SCORE, mean_score = density("s", "n"), Symbol("mean_score", positive=True)
score = SCORE(n)
scores = same(total(score, points), N * mean_score)
weights = normalised(w, points)

three = {N: 3, WEIGHT: Lambda(n, n / 6), SCORE: Lambda(n, n**2), mean_score: Rational(14, 3)}
blur = Rational(1, 10**30)
sure = {
    N: 2,
    WEIGHT: Lambda(n, blur ** (n - 1) / (1 + blur)),
    SCORE: Lambda(n, blur ** (n - 1)),
    mean_score: (1 + blur) / 2,
}


@theorem(
    at_least(log(N), total(w * log(score / mean_score), points)),
    "A contrast with N candidates never shows more than log N",
    given=(scores, weights),
    examples=(three, sure),
)
def contrastive_ceiling() -> Thm:
    """A score is at most N times the mean score; the logarithm lies below its tangent at N."""
    everyone = chain(flip(given(scores)), rename(total(score, points), m))
    below = chain(everyone, term_of_sum(everyone.prop.rhs, n))
    touch = log_tangent(score / mean_score, N)
    one = chain(rearrange(below, log(N), touch.prop.lhs, times=1 / (N * mean_score)), touch)
    summed = monotone(rearrange(one, w * log(N), w * log(score / mean_score), times=w), points)
    height = calc(total(w * log(N), points), linearity, ("the weights sum to one", given(weights)))
    return chain(flip(height), summed)


formal_limitation = Citation(
    "formal_limitation",
    "information_limits",
    "No distribution-free bound shows much more than log N",
    "Any distribution-free high-confidence lower bound on the mutual information, estimated from N samples, is at most of "
    "the order of log N.",
    "D. McAllester and K. Stratos (2020), Formal Limitations on the Measurement of Mutual Information, Theorem 1.1, "
    "AISTATS 2020, PMLR 108, pp. 875-884; first version 2018, arXiv:1811.04251",
    ("001-25",),
)
