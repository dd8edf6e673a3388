r"""# The ELBO is reconstruction minus divergence from the prior

The joint density is likelihood times prior, $p(x, z) = p(x \mid z)\, p(z)$. Inside *one* expectation nothing can go
wrong:

$$\mathcal L = \mathbb E_q[\log p(x \mid z) + \log p(z) - \log q(z \mid x)] .$$

Split it after the first term and you have the form that every variational autoencoder trains: how well the codes
explain the data, minus what the codes cost against the prior. Split it twice and you have three separate expectations.

**Each split needs its parts to be finite**; the next page has a model with a finite ELBO whose two halves are both
$+\infty$. The three-term form fails even when the encoder *is* the prior, if that distribution has infinite entropy.

**Letters.** Where a page writes $q(z)$ for the encoder, read $q(z \mid x)$. Averaged over data, $q(z)$ is another
distribution, and the divergence of the average is not the average divergence: the difference is the information of the
codes.

Headline: elbo_standard_form.
Keywords: ELBO = reconstruction - KL, reconstruction term, KL to the prior, regulariser, VAE objective, rate and
distortion, ELBO in three forms.
"""

from derivations import *

ENCODER, JOINT = density("q", "z|x"), density("p", "x,z")
LIKELIHOOD, PRIOR = density("p", "x|z"), density("p", "z")
q, joint, likelihood, prior = ENCODER(u, x), JOINT(x, u), LIKELIHOOD(x, u), PRIOR(u)

factored = ForAll(same(joint, likelihood * prior), u)
elbo, rate = ELBO(joint, q, whole), KL(q, prior, whole)
reconstruction = E(log(likelihood), q, whole)
split = (factored, Converges(reconstruction), Converges(rate))
log_prior, log_encoder = E(log(prior), q, whole), E(log(q), q, whole)


half = Rational(1, 2)
bell = {LIKELIHOOD: Lambda((x, z), gauss(x, z, half)), PRIOR: Lambda(z, gauss(z, 0, 1)), x: 1}
bell |= {JOINT: Lambda((x, z), gauss(x, z, half) * gauss(z, 0, 1)), ENCODER: Lambda((z, x), gauss(z, x / 2, half))}
table = {LIKELIHOOD: Lambda((x, k), k * x / (2 + k)), PRIOR: Lambda(k, k / 10), K: 4, x: half}
table |= {JOINT: Lambda((x, k), k**2 * x / (20 + 10 * k)), ENCODER: Lambda((k, x), (5 - k) / 10)}
forms = on_both(bell, table)


in_two_logs = log(joint) - log(q)


@theorem(
    same(elbo, E(in_two_logs, q, whole)),
    "The ELBO is the mean of log p(x, z) - log q(z | x)",
    claims=("000-64", "000-88", "002-10", "003-18", "003-19", "004-30", "004-64", "004-80"),
    forms=forms,
    kind="definition",
)
def elbo_definition() -> Thm:
    """The definition, with the logarithm of the ratio written out."""
    return calc(elbo, opened, inside(q * in_two_logs), folded(E(in_two_logs, q, whole)))


factored_here = same(JOINT(x, z), LIKELIHOOD(x, z) * PRIOR(z))


@theorem(
    same(log(JOINT(x, z)), log(LIKELIHOOD(x, z)) + log(PRIOR(z))),
    "log joint = log likelihood + log prior",
    given=(factored_here,),
    claims=("000-90",),
    examples=({**bell, z: -half}, {**bell, z: 2}),
    kind="step",
)
def log_joint_factorisation() -> Thm:
    """The chain rule of probability, under the logarithm."""
    return calc(log(JOINT(x, z)), given(factored_here), to(log_joint_factorisation.statement.rhs))


@theorem(
    same(elbo, E(log(likelihood) + log(prior) - log(q), q, whole)),
    "The ELBO under one expectation",
    given=(factored,),
    claims=("002-20",),
    forms=forms,
    kind="step",
)
def elbo_one_expectation() -> Thm:
    """Nothing is split, so nothing has to be finite."""
    logs = calc(log(joint), given(factored), to(log(likelihood) + log(prior)))
    return calc(elbo, elbo_definition.thm, ("the chain rule of probability", logs))


rate_in_logs = log(q) - log(prior)


@theorem(
    same(rate, E(rate_in_logs, q, whole)),
    "The divergence from the prior is a mean log ratio",
    claims=("000-92",),
    forms=forms,
    kind="definition",
)
def rate_definition() -> Thm:
    """The definition, with the logarithm of the ratio written out."""
    return calc(rate, opened, inside(q * rate_in_logs), folded(E(rate_in_logs, q, whole)))


@theorem(
    same(elbo, reconstruction - rate),
    "ELBO = reconstruction - divergence from the prior",
    given=split,
    claims=("000-94", "002-21", "002-22", "002-23", "002-72", "003-21", "003-22", "003-89", "004-57", "004-82"),
    forms=forms,
)
def elbo_standard_form() -> Thm:
    """Split after the likelihood; what is left is minus a divergence."""
    return calc(
        elbo,
        opened,
        ("joint = likelihood times prior", given(factored)),
        ("likelihood and prior apart", inside(q * log(likelihood) - q * log(q / prior))),
        ("both halves converge", linearity),
        folded(reconstruction - rate),
    )


@theorem(
    same(elbo, reconstruction + log_prior - log_encoder),
    "The ELBO in three terms",
    given=(factored, Converges(reconstruction), Converges(log_prior), Converges(log_encoder)),
    claims=("000-91", "004-81"),
    forms=forms,
)
def elbo_three_terms() -> Thm:
    """Split twice: every one of the three must converge."""
    return calc(
        elbo,
        opened,
        ("joint = likelihood times prior", given(factored)),
        ("three logarithms", inside(q * log(likelihood) + q * log(prior) - q * log(q))),
        linearity,
        folded(reconstruction + log_prior - log_encoder),
    )


onwards = E(log(prior / q), q, whole)


@theorem(
    same(elbo, reconstruction + onwards),
    "The ELBO, split after the likelihood",
    given=split,
    claims=("003-20",),
    forms=forms,
)
def elbo_after_the_likelihood() -> Thm:
    """What is left is the mean log ratio of prior and encoder, minus a divergence."""
    rest = calc(onwards, opened, inside(-(q * log(q / prior))), linearity, folded(-rate))
    return calc(elbo, elbo_standard_form.thm, flip(rest))


@theorem(
    same(log_prior - log_encoder, -rate),
    "The last two terms are minus the divergence from the prior",
    given=(Converges(log_prior), Converges(log_encoder)),
    claims=("000-93",),
    forms=forms,
)
def rate_in_two_terms() -> Thm:
    """Join the two expectations again."""
    apart = calc(rate, opened, inside(q * log(q) - q * log(prior)), linearity, folded(log_encoder - log_prior))
    return flip(calc(-rate, apart, to(log_prior - log_encoder)))


log_joint = E(log(joint), q, whole)


@theorem(
    same(elbo, log_joint - log_encoder),
    "The ELBO in two expectations",
    given=(Converges(log_joint), Converges(log_encoder)),
    claims=("002-71",),
    forms=forms,
)
def elbo_two_expectations() -> Thm:
    """The mean log joint plus the entropy of q, which must be finite."""
    return calc(elbo, opened, inside(q * log(joint) - q * log(q)), linearity, folded(log_joint - log_encoder))


# --- the average over data points ---

points, three = (n, 1, N), {N: 3}
of_n = {x: n}
elbo_n, split_n = elbo.xreplace(of_n), (reconstruction - rate).xreplace(of_n)


@theorem(
    same(total(elbo_n, points) / N, total(split_n, points) / N),
    "The average ELBO is the average of reconstruction - divergence",
    given=tuple(ForAll(h.xreplace(of_n), points) for h in split),
    claims=("001-04",),
    forms=on_both(bell | three, table | three),
)
def average_of_splits() -> Thm:
    """The split at every data point, added up."""
    return calc(total(elbo_n, points) / N, monotone(substitute(elbo_standard_form.thm, of_n), points))


names_of_terms = Definition(
    "names_of_terms",
    "reconstruction_minus_kl",
    "The mean log-likelihood under the encoder is the reconstruction term; the other is a divergence.",
    ("000-95", "002-24", "004-59"),
    nearest="elbo_standard_form",
)
