r"""# The best product, forward

Approximate a distribution $q(z, y)$ by a product $p(z)\, p(y)$, and measure the loss by the forward divergence
$D_{\mathrm{KL}}(q(z, y) \,\|\, p(z)\, p(y))$. It splits into the total correlation of $q$, on which the product has no
influence, and one divergence for each factor. So the best factors are the marginals, whatever $q$ is, and the total
correlation is the loss that no product avoids.

Compare the reverse direction, which mean field takes. There the best factors need not be the marginals: for a
correlated Gaussian they have the variances of one coordinate given the other, and are too narrow.

Keywords: best factorised approximation, forward KL, product of marginals, M-projection.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs
from derivations.surgery import total_correlation as tc
from derivations.surgery.total_correlation import bells, dependence, first, second, table, whole_gap

masses = (normalised(tc.q_1, first), normalised(tc.q_2, second), normalised(tc.p_1, first), normalised(tc.p_2, second))


def _at_marginals(example: dict) -> dict:
    """The product of the marginals itself, which loses the total correlation and no more."""
    return {**example, tc.P_X: example[tc.Q_X], tc.P_Y: example[tc.Q_Y]}


@theorem(
    at_least(whole_gap, dependence),
    "The best product, forward, is the product of the marginals",
    given=(*tc.total_correlation.given, Converges(tc.gap_2), *masses),
    forms=on_both((bells, _at_marginals(bells)), (table, _at_marginals(table))),
)
def forward_product() -> Thm:
    """Of the three parts of the divergence the product has a say in two, and neither is below zero."""
    one = instantiate(gibbs.thm, {Q: Lambda(u, tc.q_1), P: Lambda(u, tc.p_1)})
    two = instantiate(on_space(gibbs.thm, u, second), {Q: Lambda(v, tc.q_2), P: Lambda(v, tc.p_2)})
    split = tc.total_correlation.thm
    return chain(
        split,
        because(rearrange(one, split.prop.rhs, dependence + tc.gap_2), "Gibbs for the first factor"),
        because(rearrange(two, dependence + tc.gap_2, dependence), "Gibbs for the second factor"),
    )
