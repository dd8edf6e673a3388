r"""# Binary cross-entropy is a log likelihood for binary data

A Bernoulli decoder gives each entry of a binary $x$ a probability $\hat x_m$, and

$$-\log p(x \mid z) = -\sum_m \left[ x_m \log \hat x_m + (1 - x_m) \log(1 - \hat x_m) \right] ,$$

the binary cross-entropy. Nothing is dropped: no constant, no scale. In terms of the logits $\ell_m$ that a network
returns it is $\sum_m \log(1 + e^{\ell_m}) - x_m \ell_m$, which loses no digits when $\hat x_m$ is near $0$ or $1$. In
exact arithmetic a sigmoid never reaches $0$ or $1$; in single precision it returns exactly $1$ from about $17$ on, the
logarithm of what is left is $-\infty$, and a library that clamps it (at $-100$, say) returns a number that is not the
likelihood.

For grey values between $0$ and $1$ the formula still returns a number, but not a likelihood: see the continuous
Bernoulli distribution.

Keywords: BCE, BCE loss, binary cross entropy, BCEWithLogits, binary_cross_entropy, Bernoulli decoder, MNIST loss,
sigmoid, logits.
"""

from derivations import *
from derivations.losses.gaussian_likelihood import D, entries
from derivations.losses.gaussian_likelihood import bell as gauss_bell
from derivations.losses.gaussian_likelihood import table as gauss_table

half = Rational(1, 2)
bit, odds = Symbol("b", integer=True), Symbol("odds", positive=True)
logit, logits = Symbol("logit", real=True), IndexedBase("logits_x", real=True)
each_odds, xs = IndexedBase("odds", positive=True), IndexedBase("x", integer=True)
binary = ForAll(same(xs[m] * (1 - xs[m]), 0), entries)  # x_m is 0 or 1; only then are the masses a law
bits = {D: 3, xs: [0, 1, 1], logits: [half, -2, 1]}
other_bits = {D: 4, xs: [1, 1, 0, 0], logits: [3, half, half, -1]}
odd_bits = {D: 3, xs: [0, 1, 1], each_odds: [half, 2, 3]}


def cross_entropy(value: Expr, chance: Expr) -> Expr:
    """-log of the mass at a binary value, whose odds are `chance`."""
    return -value * log(chance / (1 + chance)) - (1 - value) * log(1 / (1 + chance))


@theorem(same(total(Bernoulli(bit, odds), (bit, 0, 1)), 1), "The two masses of a Bernoulli distribution add up to one")
def bernoulli_mass() -> Thm:
    """odds / (1 + odds) and 1 / (1 + odds)."""
    return calc(total(Bernoulli(bit, odds), (bit, 0, 1)), opened, write_out, to(1))


@theorem(
    same(log(Product(Bernoulli(xs[m], each_odds[m]), entries)), -total(cross_entropy(xs[m], each_odds[m]), entries)),
    "The log likelihood of a Bernoulli decoder is minus the binary cross-entropy",
    claims=("002-67", "004-60"),
    examples=(odd_bits,),
    narrows={
        "": "the data are 0 or 1",
        "002-67": "for the code that was drawn; no logarithm below -100, where the library cuts it off",
        "004-60": "no logarithm below -100, where the library cuts it off",
    },
)
def bernoulli_cross_entropy() -> Thm:
    """The logarithm of a product is a sum."""
    return _minus_cross_entropy(each_odds[m])


from_logits = Product(Bernoulli(xs[m], exp(logits[m])), entries)
log_mass = xs[m] * logits[m] - log(1 + exp(logits[m]))


@theorem(
    same(log(from_logits), total(log_mass, entries)),
    "The log likelihood of a Bernoulli decoder, from its logits",
    computes="bernoulli_log_likelihood_logits",
    examples=(bits, other_bits),
    narrows={"": "the data are 0 or 1"},
)
def bernoulli_likelihood() -> Thm:
    """The logarithm of the odds is the logit."""
    return calc(log(from_logits), log_product(from_logits), termwise(opened, to(log_mass)))


@theorem(
    same(1 - exp(logit) / (1 + exp(logit)), 1 / (1 + exp(logit))),
    "What a sigmoid lacks from one",
    claims=("004-55",),
    kind="step",
)
def sigmoid_range() -> Thm:
    """It is a quotient of positive numbers, and so is what it lacks from one."""
    return algebra(*sigmoid_range.statement.args)


# --- the loss: q(z) stands for q(z | x) at the given x ---

ENCODER, PRIOR, ODDS = density("q", "z"), density("p", "z"), density("odds", "m|z")
q, prior, at_z = ENCODER(u), PRIOR(u), ODDS(m, u)
likelihood = Product(Bernoulli(xs[m], at_z), entries)
misfit = total(cross_entropy(xs[m], at_z), entries)
elbo, rate, distortion = ELBO(likelihood * prior, q, whole), KL(q, prior, whole), E(misfit, q, whole)
pixels = {D: 3, xs: [0, 1, 1]}
bell = {**pixels, **{f: gauss_bell[f] for f in (ENCODER, PRIOR)}, ODDS: Lambda((m, z), exp(m - z))}
table = {**pixels, **{f: gauss_table[f] for f in (ENCODER, PRIOR, K)}, ODDS: Lambda((m, k), m / k)}


@theorem(
    same(E(log(likelihood), q, whole), -distortion),
    "The reconstruction term of a Bernoulli decoder is minus the mean cross-entropy",
    claims=("002-27",),
    forms=on_both(bell, table),
    narrows={"": "the data are 0 or 1", "002-27": "the cross-entropy is averaged over the codes"},
)
def bernoulli_reconstruction() -> Thm:
    """The logarithm of a product is a sum, for every code; average."""
    log_mass = ("the logarithm of the likelihood", _minus_cross_entropy(at_z))
    return calc(E(log(likelihood), q, whole), opened, log_mass, linearity, folded(-distortion))


@theorem(
    same(-elbo, distortion + rate),
    "The negative ELBO of a Bernoulli decoder",
    given=(Converges(distortion), Converges(rate)),
    claims=("002-66",),
    forms=on_both(bell, table),
    narrows={"": "the data are 0 or 1", "002-66": "the cross-entropy is averaged over the codes"},
)
def bernoulli_vae_loss() -> Thm:
    """Cross-entropy and divergence from the prior; there is no constant."""
    return calc(
        -elbo,
        opened,
        ("likelihood and prior apart", inside(q * log(likelihood) - q * log(q / prior), elbo.definition())),
        ("the logarithm of the likelihood", _minus_cross_entropy(at_z)),
        at(linearity, total(-q * misfit - q * log(q / prior), whole)),
        folded(distortion + rate),
    )


def _minus_cross_entropy(chance: Expr) -> Thm:
    """log prod_m Ber(x_m) = -sum_m cross-entropy of x_m."""
    law, one = Product(Bernoulli(xs[m], chance), entries), cross_entropy(xs[m], chance)
    minus_out = flip(move_in(total(one, entries), Integer(-1)))
    return calc(log(law), log_product(law), termwise(opened, to(-one)), minus_out)


about_the_code = Remark(
    "about_the_code",
    "bernoulli_likelihood",
    "Describes the data that the code loads: grey images that are not made binary.",
    ("004-68",),
    nearest="grey_bernoulli_mass",
)


role_of_the_decoder = Remark(
    "role_of_the_decoder",
    "bernoulli_likelihood",
    "Says for which factor of the joint distribution the network stands: the likelihood.",
    ("004-54",),
    nearest="joint_factorisation",
)


outputs_are_probabilities = Definition(
    "outputs_are_probabilities",
    "bernoulli_likelihood",
    "Each output is the probability that its entry is 1, odds over one plus odds; one less it is that of 0.",
    ("004-56",),
    nearest="bernoulli_mass",
)
