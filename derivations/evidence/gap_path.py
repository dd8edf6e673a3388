r"""# The gap without the evidence

Join the encoder and the posterior by a path of distributions, $q_t(z) \propto q(z)^{1 - t}\, p(x, z)^t$ for $0 \le t \le 1$. Let
$r = \log p(x, z) - \log q(z)$, and $\mathrm{Var}_t(r)$ its variance under $q_t$. Then

$$\log p(x) - \mathrm{ELBO} = \int_0^1 (1 - t)\, \mathrm{Var}_t(r)\, \mathrm dt .$$

Neither side needs the other's number: the right one never asks for $\log p(x)$, since the variance does not see the normaliser
of $q_t$. The gap is zero where the log weight does not vary, and only there.

**Why.** $A(t) = \log \mathbb E_q\, e^{t r}$ has $A(0) = 0$, $A(1) = \log p(x)$, $A'(0) = \mathrm{ELBO}$ and $A'' = \mathrm{Var}_t$:
this is Taylor's formula with the remainder as an integral, whose integrand is the derivative of $A + (1 - t) A'$.

The first theorem holds for any law, on any space. Its one condition is that $Z(t) = \int q\, e^{t r}$ may be differentiated twice under the integral,
for $t$ on the path. With finitely many codes that is no condition at all. In general it is enough that the weight has moments a little
beyond both ends: then $e^{(1 + \delta) r} + e^{-\delta r}$, times a constant, bounds all the integrands; between Gaussians some $\delta > 0$ always does.
In the statement $Z$ is a smooth positive function of all $t$ that has these values on the path; beyond it, it may be anything.

The second has a code with two values, where everything can be written out. On a network the formula is measured, for codes in
the plane: [the identities](../guide/network.md).

Headline: gap_along_any_path.
Keywords: thermodynamic integration, geometric path, annealed importance sampling, thermodynamic variational objective, gap
of the ELBO, estimating the evidence, variance of the log weight.
"""

from derivations import *
from derivations.divergence.jensen import Q, mass, q

R, LEVEL = Function("r(z)", real=True), Function("Z(t)", positive=True)
FIRST, SECOND = Function("Z'(t)", real=True), Function("Z''(t)", real=True)
r, level, first, second = R(u), LEVEL(t), FIRST(t), SECOND(t)
path = (t, 0, 1)
tilted = q * exp(t * r)
law = tilted / level
spread = E((r - first / level) ** 2, law, whole)


def _at(value: Expr, mean: Expr) -> ForAll:
    """On the path, this function is that mean under the unnormalised law."""
    return ForAll(same(total(mean, whole), value), path)


evidence = Symbol("m", positive=True)
slopes = tuple(ForAll(same(Derivative(f, t), g), t) for f, g in ((level, first), (first, second)))
means = _at(level, tilted), _at(first, tilted * r), _at(second, tilted * r**2)
finite = tuple(ForAll(Converges(total(tilted * r**j, whole)), path) for j in (1, 2))

bell = {Q: Lambda(z, gauss(z, 0, 1)), R: Lambda(z, z), evidence: exp(Rational(1, 2))}
bell |= {
    LEVEL: Lambda(t, exp(t**2 / 2)),
    FIRST: Lambda(t, t * exp(t**2 / 2)),
    SECOND: Lambda(t, (1 + t**2) * exp(t**2 / 2)),
}
powers = [Rational(1, 6), exp(log(2) * t) / 3, exp(log(3) * t) / 2]
table = {K: 3, Q: Lambda(k, k / 6), R: Lambda(k, log(k)), evidence: Rational(7, 3), LEVEL: Lambda(t, sum(powers))}
table |= {f: Lambda(t, log(2) ** j * powers[1] + log(3) ** j * powers[2]) for j, f in ((1, FIRST), (2, SECOND))}


def _variance() -> Thm:
    """The variance under the law of the path is Z'' / Z less the square of Z' / Z."""
    centre = first / level
    return calc(
        spread,
        opened,
        inside(tilted * r**2 / level - 2 * centre / level * (tilted * r) + centre**2 / level * tilted),
        linearity,
        *map(given, reversed(means)),
        to(second / level - centre**2),
    )


def _at_end(where: Integer, mean: ForAll) -> Thm:
    """What a mean is at an end of the path."""
    thm = substitute(given(mean), {t: where})
    return discharge(thm, sign(where), in_order(where, Integer(1)))


gap, spreads = log(evidence) - E(r, q, whole), total((1 - t) * spread, path)
has_evidence = same(E(exp(r), q, whole), evidence)


@theorem(
    same(gap, spreads),
    "The gap is an integral of variances along the path from the encoder to the posterior",
    given=(mass, has_evidence, *slopes, *means, *finite, Converges(spreads)),
    words={2: "Z has a derivative, which on the path is the mean of r, and that one another, the mean of its square"},
    forms=on_both(bell, table),
)
def gap_along_any_path() -> Thm:
    """The integrand is the derivative of log Z + (1 - t) Z'/Z, by the main theorem of calculus."""
    primitive = log(level) + (1 - t) * first / level
    height = (1 - t) * (second / level - (first / level) ** 2)
    slope = ending(differentiate(Derivative(primitive, t), *map(given, slopes)), height)
    variance = calc((1 - t) * spread, _variance(), to(height))
    alike = rearrange(sign(Integer(0)), height, height)
    finite = between(chain(variance, alike), chain(alike, flip(variance)), path)
    risen = discharge(integral_of_slope(slope, path), finite)
    begins, rises, ends = (_at_end(Integer(j), mean) for j, mean in ((0, means[0]), (0, means[1]), (1, means[0])))
    at_one = chain(flip(given(has_evidence)), unfold(has_evidence.lhs), ends)
    at_zero = chain(flip(begins), given(mass))
    left = calc(gap, opened, at_one, rises, to(log(LEVEL(1)) - log(1) - FIRST(0) / 1))
    right = calc(spreads, monotone(variance, path), risen, at_zero, to(left.prop.rhs))
    return discharge(chain(left, flip(right)), converges(means[0]))


# --- two values ---

odds, r_1, r_2 = Symbol("odds", positive=True), Symbol("r_1", real=True), Symbol("r_2", real=True)
chance, other = odds / (1 + odds), 1 / (1 + odds)
one, two = chance * exp(t * r_1), other * exp(t * r_2)
variance = one * two * (r_1 - r_2) ** 2 / (one + two) ** 2
both, elbo = chance * exp(r_1) + other * exp(r_2), chance * r_1 + other * r_2


@theorem(
    same(log(both) - elbo, total((1 - t) * variance, path)),
    "A code with two values: the gap is an integral of variances along the path from the encoder to the posterior",
    narrows={"": "the code has two values"},
    examples=({odds: 2, r_1: -1, r_2: 1}, {odds: Rational(1, 3), r_1: Rational(1, 2), r_2: Rational(-5, 3)}),
)
def gap_along_the_path() -> Thm:
    """The integrand is the derivative of A + (1 - t) A'."""
    cumulant = log(one + two)
    primitive = cumulant + (1 - t) * (r_1 * one + r_2 * two) / (one + two)
    integral = gap_along_the_path.statement.rhs
    return flip(ending(antiderivative(integral, primitive), log(both) - elbo))
