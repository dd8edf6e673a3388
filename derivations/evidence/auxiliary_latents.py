r"""# More latent variables need not help

Give the model a second latent variable $y$ beside $z$, a second layer. The encoder now has a distribution
$q(y \mid z, x)$ to choose, and the model has a distribution $r(y \mid z, x)$ that it should meet. The log ratio in the
ELBO gets one more term, and that term averages to minus a divergence:

$$\log p(x) - \mathcal L_{z, y} = D_{\mathrm{KL}}\big(q(z \mid x) \,\|\, p(z \mid x)\big)
+ \mathbb E_{q(z \mid x)}\, D_{\mathrm{KL}}\big(q(y \mid z, x) \,\|\, r(y \mid z, x)\big) .$$

The new gap is the old one **plus** the average divergence of the new layer. For the same distributions of $z$ it can be
no smaller, and it stays the same only when the two distributions of $y$ agree. Here $r$ is the conditional distribution
of $y$ in a model whose distribution of $x$ and $z$ is the old one. Any such $r$ will do: a deeper prior, or a network
that was added to guess $y$.

What a deeper hierarchy can do is make the *family* of distributions of $z$ richer: $q(z \mid x)$, with $y$ integrated
out of $q(y \mid x)\, q(z \mid y, x)$, may be a mixture. That lowers the best gap that the family can reach. Whether
training reaches it is another question. And the sum above is what training sees: not the gap of the mixture, but that
gap and the price of $y$.

Keywords: hierarchical VAE, auxiliary variables, ladder VAE, more latent layers, auxiliary deep generative models.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs
from derivations.divergence.kl_chain_rule import second
from derivations.evidence import evidence_decomposition as ed
from derivations.evidence.evidence_decomposition import elbo, evidence, finite, gap, joint, q
from derivations.evidence.gap import gap_is_deficit

LAYER, AIM = density("q", "y|z,x"), density("r", "y|z,x")
layer, aim = LAYER(v, u, x), AIM(v, u, x)
wide_elbo = ELBO(joint * aim, q * layer, second, whole)
price_at_z = KL(layer, aim, second)
price = E(price_at_z, q, whole)
layer_mass, aim_mass = (ForAll(normalised(law, second), u) for law in (layer, aim))
costs = (ForAll(Converges(price_at_z), u), Converges(price))

of_bells = {
    LAYER: Lambda((y, z, x), gauss(y, z - x / 3, Rational(3, 2))),
    AIM: Lambda((y, z, x), gauss(y, z * x / 2, 2)),
}
of_tables = {LAYER: Lambda((m, k, x), (k + m * x) / (4 * k + 10 * x)), AIM: Lambda((m, k, x), (5 - m) / 10)}
layers_of_bells, layers_of_tables = ed.bell | of_bells, ed.table | of_tables
agreeing = {**layers_of_tables, AIM: layers_of_tables[LAYER]}
forms = on_both(layers_of_bells, layers_of_tables)


@theorem(same(wide_elbo, elbo - price), "What a second layer costs", given=(layer_mass, finite, *costs), forms=forms)
def auxiliary_elbo() -> Thm:
    """Two log ratios: the first does not contain the new variable, the second is minus that of the new layer."""
    thm = calc(
        wide_elbo,
        opened,
        termwise(
            ("two log ratios", inside(q * log(joint / q) * layer - q * layer * log(layer / aim))),
            ("the first does not depend on the new variable", linearity),
            ("the new layer is a distribution", given(layer_mass)),
            folded(q * log(joint / q) - q * price_at_z),
        ),
        linearity,
        folded(elbo - price),
    )
    return settled_by(thm, layer_mass)


@theorem(
    same(log(evidence) - wide_elbo, gap + price),
    "The gap with a second layer",
    given=(ed.bayes, ed.encoder_mass, layer_mass, finite, *costs),
    forms=forms,
)
def auxiliary_gap() -> Thm:
    """What the ELBO loses by the second layer is added to what it lacked."""
    sum_of_both = calc(gap + price, ("what the ELBO of one layer lacks", gap_is_deficit.thm))
    return calc(log(evidence) - wide_elbo, auxiliary_elbo.thm, flip(sum_of_both))


@theorem(
    at_least(elbo, wide_elbo),
    "A second layer never raises the ELBO",
    given=(layer_mass, aim_mass, finite, *costs),
    forms=on_both(layers_of_bells, (layers_of_tables, agreeing)),
)
def auxiliary_loosens() -> Thm:
    """Its price is an average of divergences, none of which is negative."""
    one = instantiate(on_space(gibbs.thm, u, second), {Q: Lambda(y, LAYER(y, u, x)), P: Lambda(y, AIM(y, u, x))})
    one = discharge(one, given(layer_mass), given(aim_mass))
    no_gift = chain(unfold(price), monotone(rearrange(one, q * price_at_z, Integer(0), times=q), whole))
    return chain(rearrange(no_gift, elbo, elbo - price), flip(auxiliary_elbo.thm))


# --- one code, two laws of a second variable ---

ENCODER, MODEL = density("q", "a|z"), density("r", "a|z")
codes = (n, 1, N)
plain, wide = KL(1, 1, (n, 1, 1)), KL(k / 3, Rational(1, 2), (k, 1, 2), (n, 1, 1))
excess = log(32) / 3 - log(3)
one_code = {N: 1, K: 2, Q: Lambda(n, 1), P: Lambda(n, 1)}
one_code |= {ENCODER: Lambda((k, n), k / 3), MODEL: Lambda((k, n), Rational(1, 2))}


@counterexample(
    at_least(KL(Q(n), P(n), codes), KL(Q(n) * ENCODER(k, n), P(n) * MODEL(k, n), states, codes)),
    same(wide, plain + excess),
    "Another layer of latent variables reduces the gap",
    at=one_code,
    instead="auxiliary_gap",
    claims=("002-62",),
    given=(
        same(total(Q(n), codes), 1),
        same(total(P(n), codes), 1),
        *(ForAll(same(total(law, states), 1), codes) for law in (ENCODER(k, n), MODEL(k, n))),
    ),
    holds_at={**one_code, MODEL: Lambda((k, n), k / 3)},
)
def layers_reduce_the_gap() -> Thm:
    """A code with one value has no gap; a second one that the model draws as 1:1 and the encoder as 1:2 makes one."""
    none = calc(plain, opened, write_out, to(0))
    made = calc(wide, opened, constant, write_out, to(excess))
    return chain(made, flip(calc(plain + excess, none, to(excess))))
