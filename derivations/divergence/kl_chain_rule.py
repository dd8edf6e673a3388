r"""# The chain rule: divergences of pairs add up

Draw a pair $(z, y)$ by drawing $z$ first and then $y$ given $z$. Two distributions of the pair can disagree about the
first draw, and about the second draw once the first is known. The log ratio of the pair is the sum of the two log
ratios, so the divergence of the pair is the divergence of the first parts **plus** the average divergence of the second
parts. The average runs over $z \sim q$: what the distributions say about $y$ at a $z$ that $q$ never draws does not
count.

The second term is never negative, so forgetting $y$ can only lower a divergence. That is also why an encoder pays for
an extra latent variable: its divergence becomes the one that it had, plus the average divergence of the new variable.

Two slips are common: to average the second term under $p$, and to split one distribution along $z$ and the other along
$y$. Both distributions must be split along the same variable first. When a term is infinite so is the divergence of the
pair; what is proved here is the finite case, and the printed conditions say so.

Keywords: chain rule of relative entropy, KL of a joint distribution, conditional KL, data processing, additivity of
KL.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs

first, second = whole, Tuple(v)
Q_XY, Q_X, Q_YX = density("q", "x,y"), density("q", "x"), density("q", "y|x")
P_XY, P_X, P_YX = density("p", "x,y"), density("p", "x"), density("p", "y|x")
q_xy, q_x, q_yx = Q_XY(u, v), Q_X(u), Q_YX(v, u)
p_xy, p_x, p_yx = P_XY(u, v), P_X(u), P_YX(v, u)

split_q = ForAll(ForAll(same(q_xy, q_x * q_yx), v), u)
split_p = ForAll(ForAll(same(p_xy, p_x * p_yx), v), u)
mass_q, mass_p = (ForAll(normalised(law, second), u) for law in (q_yx, p_yx))
pair, head, tail = KL(q_xy, p_xy, second, first), KL(q_x, p_x, first), E(KL(q_yx, p_yx, second), q_x, first)
each_tail = ForAll(Converges(KL(q_yx, p_yx, second)), u)
finite = (Converges(head), each_tail, Converges(tail))


def _example(a: object, b: object, q: tuple[Expr, Expr], p: tuple[Expr, Expr]) -> dict:
    """Two distributions of a pair, each a distribution of a and a distribution of b given a; the joint distributions
    follow."""
    of_q = {Q_X: Lambda(a, q[0]), Q_YX: Lambda((b, a), q[1]), Q_XY: Lambda((a, b), q[0] * q[1])}
    return of_q | {P_X: Lambda(a, p[0]), P_YX: Lambda((b, a), p[1]), P_XY: Lambda((a, b), p[0] * p[1])}


half = Rational(1, 2)
bells = _example(x, y, (gauss(x, half, 1), gauss(y, x, half)), (gauss(x, 0, 2), gauss(y, -x / 2, 1)))
table = _example(k, m, (k / 10, (k + m) / (10 + 4 * k)), ((5 - k) / 10, m / 10)) | {K: 4}
same_tails = {**bells, P_YX: bells[Q_YX], P_XY: Lambda((x, y), bells[P_X](x) * bells[Q_YX](y, x))}
forms = on_both(bells, table)


@theorem(
    same(pair, head + tail),
    "Chain rule of the divergence",
    given=(split_q, split_p, mass_q, *finite),
    claims=("000-46",),
    forms=forms,
)
def kl_chain_rule() -> Thm:
    """The log ratio of the pair is a sum of two; the first one does not depend on y, the second one is averaged."""
    thm = calc(
        pair,
        unfold(pair),
        ("each distribution draws z, then y given z", given(split_q)),
        given(split_p),
        termwise(
            ("two log ratios", inside(q_x * log(q_x / p_x) * q_yx + q_x * q_yx * log(q_yx / p_yx))),
            ("the first does not depend on y", linearity),
            ("y given z is a distribution", given(mass_q)),
            folded(q_x * log(q_x / p_x) + q_x * KL(q_yx, p_yx, second)),
        ),
        linearity,
        folded(head + tail),
    )
    return settled_by(thm, mass_q)


@theorem(
    at_least(pair, head),
    "Forgetting a variable never raises a divergence",
    given=(split_q, split_p, mass_q, mass_p, *finite),
    forms=on_both((bells, same_tails), table),
)
def kl_forget() -> Thm:
    """The term that the chain rule adds is an average of divergences, and a divergence is never negative."""
    one = instantiate(on_space(gibbs.thm, u, second), {Q: Lambda(y, Q_YX(y, u)), P: Lambda(y, P_YX(y, u))})
    one = discharge(one, given(mass_q), given(mass_p))
    weighted = rearrange(one, q_x * KL(q_yx, p_yx, second), Integer(0), times=q_x)
    never_negative = chain(unfold(tail), monotone(weighted, first))
    return chain(kl_chain_rule.thm, rearrange(never_negative, head + tail, head))


ENC_ZA, ENC_Z, ENC_A = density("q", "z,a|x"), density("q", "z|x"), density("q", "a|z,x")
MOD_ZA, MOD_Z, MOD_A = density("p", "z,a|x"), density("p", "z|x"), density("p", "a|z,x")
rename = {Q_XY: Lambda((y, z), ENC_ZA(y, z, x)), Q_X: Lambda(y, ENC_Z(y, x)), Q_YX: Lambda((z, y), ENC_A(z, y, x))}
rename |= {P_XY: Lambda((y, z), MOD_ZA(y, z, x)), P_X: Lambda(y, MOD_Z(y, x)), P_YX: Lambda((z, y), MOD_A(z, y, x))}
enc_za, enc_z, enc_a = ENC_ZA(u, v, x), ENC_Z(u, x), ENC_A(v, u, x)
mod_za, mod_z, mod_a = MOD_ZA(u, v, x), MOD_Z(u, x), MOD_A(v, u, x)
tail_za = E(KL(enc_a, mod_a, second), enc_z, first)
splits_za = ForAll(ForAll(same(enc_za, enc_z * enc_a), v), u), ForAll(ForAll(same(mod_za, mod_z * mod_a), v), u)
finite_za = Converges(KL(enc_z, mod_z, first)), ForAll(Converges(KL(enc_a, mod_a, second)), u), Converges(tail_za)
bells_x = _example(y, z, (gauss(y, x, 1), gauss(z, y / 2 - x, 1)), (gauss(y, 0, 2), gauss(z, x * y / 2, 1)))
table_x = _example(k, m, (k / 10, (k + m * x) / (10 * x + 4 * k)), ((5 - k) / 10, m / 10))


def _at_x(example: dict) -> dict:
    """The same distributions, which may depend on x."""
    return {rename[f].expr.func: Lambda((*law.variables, x), law.expr) for f, law in example.items()} | {x: half}


@theorem(
    same(KL(enc_za, mod_za, second, first), KL(enc_z, mod_z, first) + tail_za),
    "Chain rule of the divergence, given a third variable",
    given=(*splits_za, ForAll(normalised(enc_a, second), u), *finite_za),
    forms=on_both(_at_x(bells_x), _at_x(table_x) | {K: 4}),
)
def kl_chain_rule_conditional() -> Thm:
    """Fix x and apply the chain rule to the two distributions of the pair (z, y) given x."""
    return instantiate(kl_chain_rule.thm, rename)
