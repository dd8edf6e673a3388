r"""# The gap without the evidence

Join the encoder and the posterior by a path of distributions, $q_t(z) \propto q(z)^{1 - t}\, p(x, z)^t$ for $0 \le t \le 1$. Let
$r = \log p(x, z) - \log q(z)$, and $\mathrm{Var}_t(r)$ its variance under $q_t$. Then

$$\log p(x) - \mathrm{ELBO} = \int_0^1 (1 - t)\, \mathrm{Var}_t(r)\, \mathrm dt .$$

Neither side needs the other's number: the right one never asks for $\log p(x)$, since the variance does not see the normaliser
of $q_t$. The gap is zero where the log weight does not vary, and only there.

**Why.** $A(t) = \log \mathbb E_q\, e^{t r}$ has $A(0) = 0$, $A(1) = \log p(x)$, $A'(0) = \mathrm{ELBO}$ and $A'' = \mathrm{Var}_t$:
this is Taylor's formula with the remainder as an integral, whose integrand is the derivative of $A + (1 - t) A'$.

Proved here for a code with two values, where everything can be written out; measured, for codes in the plane, on [a
network](../guide/network.md).

Keywords: thermodynamic integration, geometric path, annealed importance sampling, thermodynamic variational objective, gap
of the ELBO, estimating the evidence, variance of the log weight.
"""

from derivations import *

odds, r_1, r_2 = Symbol("odds", positive=True), Symbol("r_1", real=True), Symbol("r_2", real=True)
chance, other = odds / (1 + odds), 1 / (1 + odds)
one, two = chance * exp(t * r_1), other * exp(t * r_2)
variance = one * two * (r_1 - r_2) ** 2 / (one + two) ** 2
evidence, elbo = chance * exp(r_1) + other * exp(r_2), chance * r_1 + other * r_2


@theorem(
    same(log(evidence) - elbo, total((1 - t) * variance, (t, 0, 1))),
    "A code with two values: the gap is an integral of variances along the path from the encoder to the posterior",
    narrows={"": "the code has two values"},
    examples=({odds: 2, r_1: -1, r_2: 1}, {odds: Rational(1, 3), r_1: Rational(1, 2), r_2: Rational(-5, 3)}),
)
def gap_along_the_path() -> Thm:
    """The integrand is the derivative of A + (1 - t) A'."""
    cumulant = log(one + two)
    primitive = cumulant + (1 - t) * (r_1 * one + r_2 * two) / (one + two)
    integral = gap_along_the_path.statement.rhs
    return flip(ending(antiderivative(integral, primitive), log(evidence) - elbo))
