r"""# The signs of a loss

The reconstruction *term* $\mathbb E_q[\log p(x \mid z)]$ is to be large. A reconstruction *loss* is its
negative. The loss of a training loop is the negative ELBO, the sum of reconstruction loss and divergence; it is not the
reconstruction term plus the divergence with the sign changed.

Keywords: negative ELBO, negative ELBO loss, sign of the KL, minimise or maximise the ELBO, ELBO loss.
"""

from derivations import *
from derivations.evidence import reconstruction_minus_kl as rk
from derivations.evidence.reconstruction_minus_kl import ENCODER, JOINT, LIKELIHOOD, PRIOR, half, rate, reconstruction

reconstruction_loss = E(-log(rk.likelihood), rk.q, whole)


@theorem(
    same(-rk.elbo, reconstruction_loss + rate),
    "The loss is the negative ELBO: reconstruction loss + divergence",
    given=rk.split,
    claims=("002-63", "004-63"),
    forms=rk.forms,
)
def negative_elbo_loss() -> Thm:
    """Change every sign; the reconstruction loss is minus the reconstruction term."""
    loss = calc(reconstruction_loss, opened, linearity, folded(-reconstruction))
    minus = ("the loss is minus the term", flip(loss))
    return calc(-rk.elbo, rk.elbo_standard_form.thm, to(rate - reconstruction), minus)


# --- two tables that say one half ---

loss_k, term_k = E(-log(LIKELIHOOD(x, k)), ENCODER(k, x), states), E(log(LIKELIHOOD(x, k)), ENCODER(k, x), states)
coin = (k, 1, 2)
fair = {K: 2, LIKELIHOOD: Lambda((x, k), half), ENCODER: Lambda((k, x), half), PRIOR: Lambda(k, half)}
fair |= {JOINT: Lambda((x, k), half**2), x: 1}


@counterexample(
    same(loss_k, term_k),
    differs(E(-log(half), half, coin), E(log(half), half, coin)),
    "A reconstruction loss is the reconstruction term",
    at=fair,
    misprinted=True,
    instead="negative_elbo_loss",
    claims=("003-23", "004-58", "004-65", "004-83"),
)
def reconstruction_loss_is_the_term() -> Thm:
    """A decoder that says one half whatever the code: the term is -log 2, a loss is log 2."""
    loss, term = (calc(E(f, half, coin), opened, constant, to(f)) for f in (log(2), -log(2)))
    return apart(loss, term)


@counterexample(
    same(ELBO(JOINT(x, k), ENCODER(k, x), states), -(term_k + KL(ENCODER(k, x), PRIOR(k), states))),
    differs(ELBO(half**2, half, coin), -E(log(half), half, coin) - KL(half, half, coin)),
    "The ELBO is the negative sum of reconstruction term and divergence",
    at=fair,
    misprinted=True,
    instead="elbo_standard_form",
    claims=("004-85",),
)
def elbo_is_the_negative_sum() -> Thm:
    """The same decoder with the prior for an encoder: the ELBO is -log 2, the negative sum is log 2."""
    elbo = calc(ELBO(half**2, half, coin), opened, constant, to(-log(2)))
    other = -E(log(half), half, coin) - KL(half, half, coin)
    term = calc(E(log(half), half, coin), opened, constant, to(-log(2)))
    nothing = calc(KL(half, half, coin), opened, constant, to(0))
    return apart(elbo, calc(other, term, nothing, to(log(2))))
