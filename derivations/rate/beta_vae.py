r"""# Another weight on the divergence

Replace the weight 1 of the divergence by $\beta > 0$. Divide by $\beta$, and the objective is an ELBO for the likelihood
$p(x \mid z)^{1/\beta}$: with $t(z) = p(z)\, p(x \mid z)^{1/\beta} / Z$,
$$\mathbb{E}_q[\log p(x \mid z)] - \beta D_{\mathrm{KL}}(q \,\|\, p(z))
  = \beta \log Z - \beta D_{\mathrm{KL}}(q \,\|\, t).$$
Without limits on $q$ the best encoder is therefore the **tempered posterior** $t$, and the posterior itself only for
$\beta = 1$. For a Gaussian decoder $\beta$ multiplies the variance of the noise.

For $\beta > 1$ the objective is below the ELBO and so still a bound. For $\beta < 1$ it may exceed $\log p(x)$; calling it
the negative ELBO, whatever $\beta$, is wrong.

This page holds the decoder fixed and asks for the best encoder. What the weight does to rate and distortion when both are
trained, and when it makes the codes collapse, are pages of their own.

Keywords: beta-VAE, beta VAE, KL weight, KL annealing, KL warm-up, KL warmup, disentanglement, tempered posterior, cold
posterior, free bits, weight on the KL.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs

beta, mass_t = Symbol("beta", positive=True), Symbol("Z", positive=True)
ENCODER, PRIOR, LIKELIHOOD = density("q", "z|x"), density("p", "z"), density("p", "x|z")
TEMPERED = density("t", "z|x")
q, prior, likelihood, tempered = ENCODER(u, x), PRIOR(u), LIKELIHOOD(x, u), TEMPERED(u, x)

encoder_mass, tempered_mass = normalised(q, whole), normalised(tempered, whole)
bend = ForAll(same(tempered * mass_t, prior * likelihood ** (1 / beta)), u)
fit, rate, gap = E(log(likelihood), q, whole), KL(q, prior, whole), KL(q, tempered, whole)
objective = fit - beta * rate
finite = (Converges(fit), Converges(rate))


def _model(over: Symbol, encoder: Expr, prior: Expr, likelihood: Expr, tempered: Expr) -> dict:
    laws = {ENCODER: Lambda((over, x), encoder), PRIOR: Lambda(over, prior), LIKELIHOOD: Lambda((x, over), likelihood)}
    return {**laws, TEMPERED: Lambda((over, x), tempered)}


# p(x|z) = exp(-(x - z)^2 / 2), weight 2, x = 0: t = N(0, 2/3)
half, third = Rational(1, 2), Rational(1, 3)
bell = _model(z, gauss(z, half, Rational(3, 4)), gauss(z, 0, 1), exp(-((x - z) ** 2) / 2), gauss(z, x / 3, 2 * third))
bell |= {beta: 2, x: 0, mass_t: sqrt(2 * third)}
table = {**_model(k, (4 - k) / 6, third, k / 4, k**2 / 14), beta: half, x: 1, K: 3, mass_t: Rational(7, 24)}
tight = bell | {ENCODER: bell[TEMPERED]}


@theorem(
    same(objective, beta * log(mass_t) - beta * gap),
    "The weighted objective is a constant minus a divergence",
    given=(encoder_mass, bend, *finite, Converges(gap)),
    forms=on_both(bell, table),
)
def tempered_decomposition() -> Thm:
    """Solve the definition of t for t; the normaliser leaves the expectation, as the evidence does from the gap."""
    solved = rearrange(given(bend), tempered, prior * likelihood ** (1 / beta) / mass_t, times=1 / mass_t)
    thm = calc(
        gap,
        opened,
        ("the tempered posterior", solved),
        inside(q * log(q / prior) - q * log(likelihood) / beta + log(mass_t) * q),
        linearity,
        ("q integrates to one", given(encoder_mass)),
        folded(rate - fit / beta + log(mass_t)),
    )
    thm = rearrange(flip(thm), objective, beta * log(mass_t) - beta * gap, times=-beta)
    return settled_by(thm, encoder_mass)


@theorem(
    at_least(beta * log(mass_t), objective),
    "The best encoder for a weighted divergence is the tempered posterior",
    given=(encoder_mass, tempered_mass, bend, *finite, Converges(gap)),
    forms=on_both((bell, tight), table),
)
def tempered_posterior() -> Thm:
    """The divergence from it is never negative, and zero when q is t."""
    positive = instantiate(gibbs.thm, {Q: Lambda(u, q), P: Lambda(u, tempered)})
    upper = rearrange(positive, beta * log(mass_t), beta * log(mass_t) - beta * gap, times=beta)
    return chain(upper, flip(tempered_decomposition.thm))


share, codes = k / 3, (k, 1, K)
code, prior_k, likely = ENCODER(k, x), PRIOR(k), LIKELIHOOD(x, k)
coded = {K: 2, x: 0, ENCODER: Lambda((k, x), share), PRIOR: Lambda(k, half), LIKELIHOOD: Lambda((x, k), share)}
loss = E(-log(likely), code, codes) + beta * KL(code, prior_k, codes)
negative_elbo = -ELBO(likely * prior_k, code, codes)
doubled = {**coded, beta: 2}


@counterexample(
    same(loss, negative_elbo),
    differs(*(at_instance(e, coded).subs({beta: 2, K: 2}) for e in (loss, negative_elbo))),
    "Reconstruction loss + weight times divergence is the negative ELBO, for every weight",
    at=doubled,
    holds_at={**coded, beta: 1},
    given=(same(total(code, codes), 1), same(total(prior_k, codes), 1)),
    instead="tempered_decomposition",
    claims=("002-70",),
)
def weighted_loss_is_the_negative_elbo() -> Thm:
    """Two codes of posterior 1/3 and 2/3, the prior even: at weight 2 the loss has the divergence once too often.

    What it is instead: up to a constant, a divergence from a tempered posterior. For a weight above 1 minus the loss is still a
    lower bound of the log evidence; below 1 it need not be.
    """
    return decided(weighted_loss_is_the_negative_elbo.negation)


disentanglement = Remark(
    "disentanglement",
    "beta_vae",
    "An experience with data sets: disentangled has no definition here.",
    ("003-68",),
    nearest="tempered_posterior",
)


weighted_loss = Definition(
    "weighted_loss",
    "beta_vae",
    "The loss with a weight: ours is its negative, reconstruction term minus weight times divergence.",
    ("003-86",),
    nearest="tempered_decomposition",
)
