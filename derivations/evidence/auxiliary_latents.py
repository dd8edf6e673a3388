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
training reaches it is another question. At its best an encoder of two layers, if it may copy one of one layer and draw the second
as the model does, has no larger gap than that. And the sum above is what training sees: not the gap of the mixture, but that
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


# --- the best of a family with both layers ---

PAIR, phi, best, copy = density("q", "z,y|x,phi"), *(Symbol(s, real=True) for s in ("phi", "best", "copy"))
target = ed.posterior * aim


def _pair_gap(at: Expr) -> KL:
    """The gap of the member of the family of pairs with this parameter."""
    return KL(PAIR(u, v, x, at), target, second, whole)


copies = ForAll(ForAll(same(PAIR(u, v, x, copy), q * aim), v), u)
least = ForAll(at_least(_pair_gap(phi), _pair_gap(best)), phi)


def _family(example: dict, pair: Lambda, found: Expr, held: Expr) -> dict:
    """A family of pairs, its best member, and the encoder of one layer that one member copies."""
    (z_, y_, x_, phi_), law = pair.variables, pair.expr
    second_layer = example[AIM](y_, z_, x_)
    return {
        **{f: e for f, e in example.items() if f is not LAYER},
        PAIR: Lambda((z_, y_, x_, phi_), law * second_layer),
        ed.ENCODER: Lambda((z_, x_), law.xreplace({phi_: held})),
        best: found,
        copy: held,
    }


shifted = Lambda((z, y, x, phi), gauss(z, phi * x, Rational(1, 2)))
leaning = Lambda((k, m, x, phi), (Rational(5, 2) + (5 - k) * phi**2) / (10 + 10 * phi**2))


@theorem(
    at_least(gap, _pair_gap(best)),
    "The best encoder of two layers has no larger gap than one of one layer that it may copy",
    given=(aim_mass, copies, least),
    claims=("002-62",),
    forms=on_both(
        tuple(_family(layers_of_bells, shifted, Rational(2, 3), held) for held in (Rational(1, 2), Rational(2, 3))),
        tuple(_family(layers_of_tables, leaning, Integer(0), held) for held in (Integer(1), Integer(0))),
    ),
    narrows={"002-62": "the model of x and z stays as it is"},
    words={
        1: "the encoder of both layers may draw the second as the model does",
        2: "within the larger family the best member is found",
    },
)
def best_layers_have_no_larger_gap() -> Thm:
    """A copy of the encoder of one layer, with the second layer of the model, has the same gap; the best has no larger."""
    copied = calc(
        _pair_gap(copy),
        opened,
        ("the copy", given(copies)),
        termwise(
            ("the second layer cancels", inside(q * log(q / ed.posterior) * aim)),
            ("the first does not depend on the new variable", linearity),
            ("the second layer is a distribution", given(aim_mass)),
        ),
        folded(gap),
    )
    return chain(flip(settled_by(copied, aim_mass)), substitute(given(least), {phi: copy}))


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
