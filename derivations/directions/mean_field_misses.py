r"""# A mean-field fit can lose a mode

Two spins with a strong coupling $J$: the target puts almost one half on each of the modes $(1, 1)$ and $(2, 2)$. A
product that puts mass on both must put mass on the two other cells as well, at least twice the geometric mean of what
the modes get. There the target has next to nothing, so
$$D_{\mathrm{KL}}(q \,\|\, p) + \log 2 \ge 4 J \sqrt{q(1,1)\, q(2,2)} .$$

The sure distribution of one mode pays only $\log 2 + \log(1 + e^{-2J})$. So a fit that is no worse has
$\sqrt{q(1,1)\, q(2,2)} \le \log 2 / 2J$, since $\log(1 + e^{-2J})$ belongs to the price of both modes as well. As $J$ grows this tends to zero: one of the two
modes is left with nothing, while the target gives it one half. This is the false negative of a mean-field fit. It needs
the strong coupling: for $J < 1$ the best product covers both modes alike.

Keywords: mean field, bimodal posterior, missing mode, bad local optimum.
"""

from derivations import *
from derivations.directions import mean_field_price as price
from derivations.directions.mean_field_price import A, B, J, cosh, fit, tilt_1, tilt_2

both_modes = sqrt(A(1) * B(1) * A(2) * B(2))
floor, extra = 4 * J * both_modes, log(exp(J) + exp(-J)) - J


@theorem(
    at_least(fit + log(2), floor),
    "A product pays for having both of two strongly coupled modes",
    given=price.masses,
    claims=("000-86",),
    examples=(price.generic, price.frozen),
    narrows={
        "": "Q is a product of two variables of two values; P has two modes, and the bound grows with their coupling"
    },
)
def both_modes_are_dear() -> Thm:
    """A product on both modes is also on the two other cells, by at least twice the geometric mean."""
    mode, rest = exp(J) / (exp(J) + exp(-J)), exp(-J) / (exp(J) + exp(-J))
    more = chain(rearrange(below_tangent(mode), extra, rest), sign(rest))
    return chain(_pays(), rearrange(more, floor + extra, floor))


def _pays() -> Thm:
    """The two other cells get at least twice the geometric mean, at J a piece."""
    all_1, all_2 = price.written_masses()
    steps = price.least_price()
    product, total_1, total_2 = J * tilt_1 * tilt_2, A(1) + A(2), B(1) + B(2)
    line_1 = log(cosh(J)) - product
    line_2 = J - log(2) + extra - product
    line_3 = J * total_1 - log(2) + extra - product
    line_4 = J * total_1 * total_2 - log(2) + extra - product
    gap = 2 * J * (sqrt(A(1) * B(2)) - sqrt(A(2) * B(1))) ** 2
    links = chain(
        *steps,
        rearrange(sign((tilt_1**2 + tilt_2**2) / 2), steps[-1].prop.rhs, line_1),
        algebra(line_1, line_2),
        because(rearrange(all_1, line_2, line_3, times=-J), "the first factor has mass one"),
        because(rearrange(all_2, line_3, line_4, times=-J * total_1), "the second factor has mass one"),
        because(rearrange(sign(gap), line_4, floor + extra - log(2)), "the two other cells, and the means"),
    )
    return rearrange(links, fit + log(2), floor + extra)


one_mode = log(2) + extra
fitted = at_least(one_mode, fit)


@theorem(
    at_least(2 * log(2), floor),
    "A fitted product all but leaves out one of two strongly coupled modes",
    given=(*price.masses, fitted),
    claims=("000-87",),
    examples=(price.generic, {**price.fair, J: 2 * log(2)}),
    words={2: "the product is fitted: no worse than one that sits on a mode"},
    narrows={"": "almost none: what Q has of one mode vanishes as the coupling of the modes grows"},
)
def fitted_product_misses_a_mode() -> Thm:
    """What it pays for both modes is at most what one mode costs."""
    return rearrange(chain(given(fitted), rearrange(_pays(), fit, floor + extra - log(2))), 2 * log(2), floor)
