r"""# Narrow codes remember every data point

Give each of $N$ data points a code of its own: $q(z \mid n)$ narrow, and the codes far from each other. Then a code tells
which point it came from. How sure can one be? Measure how much two codes share by their overlap
$\mathrm{BC}(m, n) = \int \sqrt{q(z \mid m)\, q(z \mid n)}\,dz$, the Bhattacharyya coefficient: $1$ for equal codes, near $0$
for codes far apart. The best decoder, Bayes' rule, then reconstructs the index with an average log probability of at least
$-\frac2N \sum_n \log \sum_m \mathrm{BC}(m, n)$. A log probability cannot exceed $0$, so codes without overlap are the
best that the reconstruction term can ask for; and the information in them is within the same number of $\log N$, the
most there is to tell. The rest is never quite zero for densities that are positive everywhere, such as Gaussians: a draw
from the guess $q(n \mid z)$ is then sometimes wrong, and the information stays below $\log N$ by at least that chance.

For Gaussian codes at distance $g$ with variance $s^2$ the overlap is $e^{-g^2 (m-n)^2 / 8 s^2}$. Halve the standard
deviation and every exponent is four times as large. So an encoder that is not charged for its divergence **can** learn the
data by heart, and gains by it. With $N$ of a few thousand, $\log N$ is less than ten nats: one coordinate of $z$ is enough.

**Where people go wrong.** To memorise is to give codes that can be told apart, not codes that look random; a large
divergence from the prior is not enough, as it may come from a common shift. And "could" is not "does": whether training
finds such an encoder is not decided here.

Keywords: memorisation, overfitting of a VAE, narrow posteriors, mutual information equal to log N.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.surgery import elbo_surgery as es
from derivations.surgery.elbo_surgery import ENCODER, GUESS, equally_likely, information, points, q, q_n, r, w

OVERLAP = density("BC", "m,n")
q_m, others = ENCODER(u, m), (m, 1, N)
overlap = ForAll(ForAll(same(OVERLAP(m, n), total(sqrt(q_m * q_n), whole)), m), n)
crowd = total(OVERLAP(m, n), others)  # of the codes of all points with those of point n
roots = total(sqrt(q_m), others)
skill = total(E(log(r), q_n, whole), points) / N
blur = 2 * total(log(crowd), points) / N
both = total(sqrt(q_m) * sqrt(q_n), others)
j = Symbol("j", integer=True, positive=True)


def square_is_more() -> Thm:
    """(sum of roots)^2 >= sum of the q_m = N q(z): the sum of roots is at least each of its terms."""
    other = total(sqrt(ENCODER(u, j)), (j, 1, N))
    term = rearrange(term_of_sum(other, m), other * sqrt(q_m), q_m, times=sqrt(q_m))
    mixture = calc(
        N * q,
        ("the aggregate", given(equally_likely(es.aggregate))),
        at(lambda e: rename(e, m), total(q_n / N, points)),
        at(linearity, total(q_m / N, others)),
    )
    squared = flip(rewrite(other * roots, rename(other, m)))
    return chain(squared, move_in(roots, other), monotone(term, others), flip(mixture))


def _one_code() -> Thm:
    """q log q(n|z) is at least a combination of q and of the root of its product with the others."""
    ratio = calc(log(r), ("Bayes' rule", given(equally_likely(es.guess))), to(log(q_n) - log(N * q)))
    grows, touch = log_tangent(N * q, roots**2), log_tangent(roots / sqrt(q_n), crowd)
    first = chain(
        ratio,
        rearrange(grows, ratio.prop.rhs, log(q_n) - grows.prop.lhs),
        rearrange(square_is_more(), log(q_n) - grows.prop.lhs, log(q_n) - 2 * log(roots), times=1 / roots**2),
    )
    second = rearrange(touch, log(q_n) - 2 * log(roots), -2 * touch.prop.lhs, times=Integer(2))
    together = chain(first, second)
    gathered = -2 * log(crowd) * q_n - 2 / crowd * both + 2 * q_n
    averaged = rearrange(together, q_n * log(r), q_n * together.prop.rhs, times=q_n)
    return chain(averaged, flip(calc(gathered, flip(move_in(roots, sqrt(q_n))), to(averaged.prop.rhs))))


def _example(code: Expr, over: Symbol, size: int, close: Expr) -> dict:
    """Equally likely points and their codes; the aggregate and the guess follow."""
    mixture = sum(code.subs(n, i) for i in range(1, size + 1)) / size
    return {
        N: size,
        ENCODER: Lambda((over, n), code),
        es.AGGREGATE: Lambda(over, mixture),
        GUESS: Lambda((n, over), code / (size * mixture)),
        OVERLAP: Lambda((m, n), close),
    }


bells = _example(gauss(z, 2 * n, Rational(1, 2)), z, 3, exp(-((m - n) ** 2)))
table = {**_example(9 ** (1 - (k - n) ** 2) / 10, k, 2, Rational(3, 5) ** ((m - n) ** 2)), K: 2}
lone = _example(gauss(z, n, Rational(1, 2)), z, 1, exp(-((m - n) ** 2) / 4))
speck = Rational(1, 10**30)
hardly = (2 * sqrt(speck) / (1 + speck)) ** ((m - n) ** 2)
sharp = {**_example(speck ** ((k - n) ** 2) / (1 + speck), k, 2, hardly), K: 2}
apart_codes = on_both(bells, (table, sharp))


@theorem(
    at_least(skill, -blur),
    "Codes that are far apart are told apart",
    given=(*map(equally_likely, (es.aggregate, es.guess)), es.masses, es.doubt, overlap),
    forms=apart_codes,
)
def separated_codes() -> Thm:
    """The sum of the q(z|m) is at most the square of the sum of their roots, and the logarithm lies below its tangents."""
    low = _one_code()
    each_overlap = termwise(("the overlaps", flip(given(overlap))))
    overlaps = calc(total(both, whole), ("a finite sum moves past the integral", swap), each_overlap)
    value = calc(
        total(low.prop.rhs, whole),
        linearity,
        ("each q(z|n) integrates to one", given(es.masses)),
        ("the overlaps add up", overlaps),
        to(-2 * log(crowd)),
    )
    one = chain(unfold(E(log(r), q_n, whole)), monotone(low, whole), value)
    summed = monotone(one, points)
    thm = rearrange(chain(summed, linearity(summed.prop.rhs)), skill, -blur, times=1 / N)
    parts = (2 - 2 * log(crowd)) * total(q_n, whole) - 2 / crowd * total(both, whole)
    finite = combined(total(low.prop.rhs, whole), parts), finite_sum(total(both, whole))
    near = for_all(for_all(integrable(flip(given(overlap))), others), points)
    return discharge(discharge(thm, *(for_all(each_n, points) for each_n in finite)), converges(es.masses), near)


@theorem(
    at_least(equally_likely(information), log(N) - blur),
    "Codes that are far apart remember every data point",
    given=(*map(equally_likely, (es.aggregate, es.guess)), es.masses, es.doubt, overlap),
    forms=apart_codes,
)
def memorising_codes() -> Thm:
    """The information is log N less the average doubt, and minus the doubt is what the best decoder reconstructs."""
    told = instantiate(es.surgery_information.thm, es.uniform)
    value = calc(
        told.prop.lhs,
        told,
        ("the entropy of N equally likely points", es.log_n()),
        ("minus the doubt is what the best decoder reconstructs", _doubt_is_skill()),
    )
    return chain(value, rearrange(separated_codes.thm, value.prop.rhs, log(N) - blur))


def _doubt_is_skill() -> Thm:
    """The average entropy of the guess is minus the average log guess."""
    doubts = instantiate(es.doubt_is_average(), es.uniform)
    finite = instantiate(es.average_converges(), es.uniform)
    each_n = calc(total(total(q_n * log(r), whole) / N, points), termwise(folded(E(log(r), q_n, whole) / N)), linearity)
    thm = rearrange(chain(flip(doubts), each_n), -doubts.prop.rhs, -skill, times=Integer(-1))
    return discharge(thm, finite)


spacing, var_q = Symbol("g", positive=True), Symbol("var_q", positive=True)
law_n, law_m = Normal(z, spacing * n, var_q), Normal(z, spacing * m, var_q)
far = exp(-((spacing * (m - n)) ** 2) / (8 * var_q))
GAUSSIAN = {ENCODER: Lambda((z, n), law_n), OVERLAP: Lambda((m, n), far)}


def _gaussian_overlap() -> Thm:
    """The root of the product is a Gaussian half way between the two, times a constant."""
    between = Normal(z, spacing * (m + n) / 2, var_q)
    product = sqrt(law_m) * sqrt(law_n)
    halves = calc(log(product), opened, to(opened(log(far * between)).prop.rhs), folded(log(far * between)))
    mass = substitute(gaussian_mass.thm, {mean: spacing * (m + n) / 2, var: var_q})
    halfway = ("half way between", unlog(halves))
    return calc(total(product, line), halfway, linearity, ("the density integrates to one", mass))


law_q, law_r = es.AGGREGATE(z), GUESS(n, z)
three, one = ({**e, spacing: g, var_q: Rational(1, 2)} for e, g in ((bells, 2), (lone, 1)))


@theorem(
    at_least(Information(1 / N, law_n, law_q, line, points), log(N) - 2 * total(log(total(far, others)), points) / N),
    "Narrow Gaussian codes remember every data point",
    given=(
        ForAll(same(law_q, total(law_n / N, points)), line),
        ForAll(ForAll(same(law_r, law_n / (N * law_q)), line), n),
        ForAll(Converges(E(log(law_r), law_n, line)), points),
    ),
    claims=("003-43",),
    examples=(three, one),
    narrows={"": "Gaussian codes of one variance at equal distances"},
    words={0: "Gaussian codes of one variance at equal distances", 1: "the data points are equally likely"},
)
def narrow_codes_memorise() -> Thm:
    """The overlap of two of these codes is exp(-distance^2 / 8 var); it falls to nothing as the variance does."""
    thm = instantiate(on_space(memorising_codes.thm, u, line), GAUSSIAN)
    near = for_all(for_all(flip(_gaussian_overlap()), m), n)
    mass = for_all(substitute(gaussian_mass.thm, {mean: spacing * n, var: var_q}), points)
    return discharge(thm, near, mass)


wrong = E(total(r * (1 - r), points), q, whole)  # how often a point drawn from the guess is not the right one


@theorem(
    at_least(Entropy(w, points) - wrong, information),
    "Codes that overlap at all are not remembered in full",
    given=(es.guess, es.masses, es.doubt, Converges(wrong)),
    forms=es.weighted,
)
def memory_is_imperfect() -> Thm:
    """The entropy of the guess is at least the chance that a draw from it is wrong: the logarithm lies below its tangent."""
    one = monotone(rearrange(log_tangent(r), -r * log(r), r * (1 - r), times=r), points)
    entropy = chain(calc(Entropy(r, points), opened, flip(linearity(one.prop.lhs))), one)
    averaged = monotone(rearrange(entropy, q * Entropy(r, points), q * one.prop.rhs, times=q), whole)
    more = chain(unfold(E(Entropy(r, points), q, whole)), averaged, flip(unfold(wrong)))
    told = es.surgery_information.thm
    thm = chain(rearrange(more, Entropy(w, points) - wrong, told.prop.rhs), flip(told))
    return discharge(thm, es.average_converges())
