r"""# Total correlation: what dependence costs under a prior with independent coordinates

A prior with independent coordinates, $p(z)\, p(y)$, is compared with codes whose coordinates may depend on each other. The
divergence splits in two: what the coordinates know of each other, and how far each of them is from its own prior.

$$D_{\mathrm{KL}}\left(q(z, y) \,\|\, p(z)\, p(y)\right)
= D_{\mathrm{KL}}\left(q(z, y) \,\|\, q(z)\, q(y)\right)
+ D_{\mathrm{KL}}\left(q(z) \,\|\, p(z)\right) + D_{\mathrm{KL}}\left(q(y) \,\|\, p(y)\right)$$

The first term is the mutual information of the two coordinates, called the total correlation when there are more.

The theorem is for two groups of coordinates of any size. Split off one coordinate, then one of the rest, and so on: with
$D$ coordinates the total correlation is the sum of the informations that the steps leave behind.

Keywords: total correlation, TC, beta-TCVAE, beta-TCVAE decomposition, FactorVAE, factor VAE, disentanglement, independent latents,
dual total correlation.
"""

from derivations import *

first, second = whole, Tuple(v)
Q_XY, Q_X, Q_Y = density("q", "x,y"), density("q", "x"), density("q", "y")
P_X, P_Y = density("p", "x"), density("p_2", "y")
pair, q_1, q_2, p_1, p_2 = Q_XY(u, v), Q_X(u), Q_Y(v), P_X(u), P_Y(v)

row = ForAll(same(total(pair, second), q_1), u)
column = ForAll(same(total(pair, first), q_2), v)
whole_gap, dependence = KL(pair, p_1 * p_2, second, first), KL(pair, q_1 * q_2, second, first)
gap_1, gap_2 = KL(q_1, p_1, first), KL(q_2, p_2, second)
cross = pair * log(q_2 / p_2)


bells = {
    Q_XY: Lambda((x, y), gauss(x, 0, 1) * gauss(y, x / 2, Rational(1, 2))),
    Q_X: Lambda(x, gauss(x, 0, 1)),
    Q_Y: Lambda(y, gauss(y, 0, Rational(3, 4))),
    P_X: Lambda(x, gauss(x, Rational(1, 2), 1)),
    P_Y: Lambda(y, gauss(y, 0, 2)),
}
table = {
    K: 3,
    Q_XY: Lambda((k, m), (k + m) / 36),
    Q_X: Lambda(k, (k + 2) / 12),
    Q_Y: Lambda(m, (m + 2) / 12),
    P_X: Lambda(k, k / 6),
    P_Y: Lambda(m, (5 - m) / 9),
}


@theorem(
    same(whole_gap, dependence + gap_1 + gap_2),
    "Divergence from an independent prior = total correlation + one divergence a group",
    given=(
        row,
        column,
        ForAll(Converges(total(pair * log(pair / (q_1 * q_2)), second)), u),
        ForAll(Converges(total(cross, second)), u),
        Converges(dependence),
        Converges(gap_1),
        Converges(total(cross, second, first)),
        Converges(total(Abs(cross), second, first)),
    ),
    forms=on_both(bells, table),
)
def total_correlation() -> Thm:
    """Three log ratios; the second depends on z alone and the third on y alone, so only a marginal is left of each."""
    third = calc(
        total(cross, second, first), ("Fubini", fubini), termwise(linearity, ("the marginal of y", given(column)))
    )
    thm = calc(
        whole_gap,
        unfold(whole_gap),
        termwise(
            ("through the marginals", inside(pair * log(pair / (q_1 * q_2)) + log(q_1 / p_1) * pair + cross)),
            linearity,
            ("the marginal of z", given(row)),
        ),
        linearity,
        third,
        folded(dependence + gap_1 + gap_2),
    )
    return discharge(thm, converges(row), converges(column))
