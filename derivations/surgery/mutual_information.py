r"""# Mutual information, four ways

How much does $y$ tell about $z$? Compare the joint distribution with what it would be if the two had nothing to do with
each other, the product of its marginals. The divergence between the two is the **mutual information**:

$$I(z; y) = D_{\mathrm{KL}}\left(p(z, y) \,\|\, p(z)\, p(y)\right).$$

Split the logarithm and the same number appears in other forms. It is the average divergence of $p(y \mid z)$ from
$p(y)$: how far, on average, learning $z$ moves the distribution of $y$. It is $H[y]$ less the average entropy of $y$
given $z$: the doubt about $y$ that $z$ removes. And it is $H[z] + H[y] - H[z, y]$, which shows that it does not matter
which of the two is learned and which is guessed.

The forms with entropies subtract numbers that must be finite; the divergences need nothing of the kind, and are the
safe definition. For densities the entropies are differential: each changes with the unit of $z$ or $y$, and the changes
cancel in the sum. The average entropy $\mathbb{E}\, H[p(y \mid z)]$ is written $H(y \mid z)$; it is an average over
$z$, not a function of it.

Keywords: mutual information, entropy, conditional entropy, mutual information of Gaussians, channel, information
gain.
"""

from derivations import *
from derivations.divergence.gibbs import P, Q, gibbs
from derivations.gaussians.gaussian_moments import centre, gaussian_mass, gaussian_second_moment, mean, var
from derivations.linear_model.linear_gaussian import closed_kl, gauss_kl, var_noise, var_prior, weight

i, j = Symbol("i", integer=True, positive=True), Symbol("j", integer=True, positive=True)
first, second = whole, Tuple(v)
P_XY, P_X, P_Y, P_YX = density("p", "x,y"), density("p", "x"), density("p", "y"), density("p", "y|x")
P_BACK = density("p", "x|y")
p_xy, p_x, p_y, p_yx = P_XY(u, v), P_X(u), P_Y(v), P_YX(v, u)

row = ForAll(same(total(p_xy, second), p_x), u)
column = ForAll(same(total(p_xy, first), p_y), v)
split = ForAll(ForAll(same(p_xy, p_x * p_yx), v), u)
conditional_mass = ForAll(normalised(p_yx, second), u)
mixture = ForAll(same(total(p_x * p_yx, first), p_y), v)
information = KL(p_xy, p_x * p_y, second, first)
average = Information(p_x, p_yx, p_y, second, first)


bells = {
    P_X: Lambda(x, gauss(x, 0, 1)),
    P_YX: Lambda((y, x), gauss(y, x / 2, Rational(1, 2))),
    P_Y: Lambda(y, gauss(y, 0, Rational(3, 4))),
    P_XY: Lambda((x, y), gauss(x, 0, 1) * gauss(y, x / 2, Rational(1, 2))),
    P_BACK: Lambda((x, y), gauss(x, 2 * y / 3, Rational(2, 3))),
}
table = {
    K: 3,
    P_X: Lambda(k, (k + 2) / 12),
    P_YX: Lambda((m, k), (k + m) / (3 * k + 6)),
    P_Y: Lambda(m, (m + 2) / 12),
    P_XY: Lambda((k, m), (k + m) / 36),
    P_BACK: Lambda((k, m), (k + m) / (3 * m + 6)),
}
apart_bells = {**bells, P_YX: Lambda((y, x), bells[P_Y](y)), P_XY: Lambda((x, y), bells[P_X](x) * bells[P_Y](y))}
even_table = {**table, P_YX: Lambda((m, k), table[P_Y](m)), P_XY: Lambda((k, m), table[P_X](k) * table[P_Y](m))}
forms = on_both(bells, table)


@theorem(
    same(information, average),
    "Mutual information is the average divergence of the conditional from the marginal",
    given=(split,),
    claims=("000-47",),
    forms=forms,
)
def mutual_information_average() -> Thm:
    """The distribution of z cancels in the ratio, and comes out of the inner integral."""
    return calc(
        information,
        unfold(information),
        ("draw z, then y given z", given(split)),
        termwise(linearity, folded(p_x * KL(p_yx, p_y, second))),
        flip(unfold(average)),
    )


doubt = E(Entropy(p_yx, second), p_x, first)
cross = total(total(p_x * p_yx * log(p_y), second), first)
finite_cross = (Converges(cross), Converges(total(Abs(p_x * p_yx * log(p_y)), second, first)))
each_doubt = ForAll(Converges(Entropy(p_yx, second)), u)
each_cross = ForAll(Converges(E(log(p_y), p_yx, second)), u)


def _marginal_entropy() -> Thm:
    """E_{p(z)} E_{p(y|z)}[log p(y)] = -H[p(y)]: forgetting z leaves the marginal."""
    forget = termwise(("log p(y) does not depend on z", linearity), ("the marginal of y", given(mixture)))
    return discharge(calc(cross, ("Fubini", fubini), forget, folded(-Entropy(p_y, second))), converges(mixture))


@theorem(
    same(average, Entropy(p_y, second) - doubt),
    "Mutual information = entropy - average entropy of the conditional",
    given=(mixture, each_doubt, each_cross, Converges(doubt), *finite_cross),
    forms=forms,
)
def mutual_information_doubt() -> Thm:
    """Split the log ratio: one half is the entropy given x, the other depends on z only through the marginal of y."""
    guess = total(p_yx * log(p_y), second)
    halves = inside(p_yx * log(p_yx) - p_yx * log(p_y))
    inner = calc(KL(p_yx, p_y, second), opened, halves, linearity, folded(-Entropy(p_yx, second) - guess))
    thm = calc(
        average,
        unfold(average),
        termwise(("the logarithm of a ratio", inner), to(-p_x * Entropy(p_yx, second) - p_x * guess)),
        linearity,
        at(termwise(move_in(guess, p_x)), total(p_x * guess, first)),
        ("the marginal of y", _marginal_entropy()),
        flip(unfold(doubt)),
    )
    return discharge(thm, carry(given(Converges(cross)), Converges(total(p_x * guess, first)), move_in(guess, p_x)))


entropies = (Converges(Entropy(p_x, first)), each_doubt, Converges(doubt))


@theorem(
    same(Entropy(p_xy, second, first), Entropy(p_x, first) + doubt),
    "Chain rule of the entropy",
    given=(split, conditional_mass, *entropies),
    forms=forms,
)
def entropy_chain_rule() -> Thm:
    """The logarithm of the joint is a sum of two; the first one does not depend on y."""
    at_one_z = p_x * log(p_x) - p_x * Entropy(p_yx, second)
    inner = termwise(
        inside(p_x * log(p_x) * p_yx + p_x * p_yx * log(p_yx)),
        linearity,
        ("y given z is a distribution", given(conditional_mass)),
        folded(at_one_z),
    )
    thm = calc(
        Entropy(p_xy, second, first),
        opened,
        ("draw z, then y given z", given(split)),
        at(inner, total(p_x * p_yx * log(p_x * p_yx), second, first)),
        at(linearity, total(at_one_z, first)),
        flip(unfold(doubt)),
        rearrange(unfold(Entropy(p_x, first)), total(p_x * log(p_x), first), -Entropy(p_x, first)),
        to(Entropy(p_x, first) + doubt),
    )
    return discharge(thm, converges(conditional_mass))


@theorem(
    same(information, Entropy(p_x, first) + Entropy(p_y, second) - Entropy(p_xy, second, first)),
    "Mutual information from three entropies",
    given=(split, conditional_mass, mixture, *entropies, Converges(Entropy(p_y, second)), each_cross, *finite_cross),
    forms=forms,
)
def mutual_information_entropies() -> Thm:
    """The doubt about y given z is what the pair has beyond z."""
    both = Entropy(p_x, first) + Entropy(p_y, second) - Entropy(p_xy, second, first)
    pair = calc(both, entropy_chain_rule.thm, to(Entropy(p_y, second) - doubt))
    return chain(mutual_information_average.thm, mutual_information_doubt.thm, flip(pair))


@theorem(
    at_least(information, 0),
    "Mutual information is never negative",
    given=(split, conditional_mass, normalised(p_y, second), ForAll(Converges(KL(p_yx, p_y, second)), u)),
    forms=on_both((bells, apart_bells), (table, even_table)),
)
def mutual_information_nonnegative() -> Thm:
    """It is an average of divergences."""
    one = instantiate(on_space(gibbs.thm, u, second), {Q: Lambda(y, P_YX(y, u)), P: Lambda(y, P_Y(y))})
    one = discharge(one, given(conditional_mass))
    weighted = monotone(rearrange(one, p_x * KL(p_yx, p_y, second), Integer(0), times=p_x), first)
    return chain(mutual_information_average.thm, unfold(average), weighted)


back = P_BACK(u, v)
split_back = ForAll(ForAll(same(p_xy, p_y * back), v), u)
other_way = Information(p_y, back, p_x, first, second)


@theorem(
    same(average, other_way),
    "What z tells about y is what y tells about z",
    given=(
        split,
        split_back,
        ForAll(Converges(total(p_xy * log(p_xy / (p_x * p_y)), second)), u),
        Converges(total(Abs(p_xy * log(p_xy / (p_x * p_y))), second, first)),
    ),
    forms=forms,
)
def mutual_information_symmetric() -> Thm:
    """Both are the divergence of the pair from independence, and the order of integration does not matter."""
    return calc(
        average,
        flip(mutual_information_average.thm),
        unfold(information),
        ("Fubini", fubini),
        ("draw y, then z given y", given(split_back)),
        termwise(linearity, folded(p_y * KL(back, p_x, first))),
        flip(unfold(other_way)),
    )


inputs, outputs = Tuple(x, -oo, oo), Tuple(y, -oo, oo)
var_y = weight**2 * var_prior + var_noise
code, answer, marginal = Normal(x, 0, var_prior), Normal(y, weight * x, var_noise), Normal(y, 0, var_y)


@theorem(
    same(Information(code, answer, marginal, outputs, inputs), log(var_y / var_noise) / 2),
    "Mutual information of a Gaussian channel",
)
def mutual_information_gaussian() -> Thm:
    """Each divergence is a quadratic in x; on average only the logarithm of the two variances of y is left."""
    renamed = KL(Normal(z, weight * x, var_noise), Normal(z, 0, var_y), line)
    rest, bend = closed_kl(Integer(0), var_noise, Integer(0), var_y), weight**2 / (2 * var_y)
    given_x = calc(
        KL(answer, marginal, outputs),
        opened,
        lambda e: rename(e, z),
        flip(unfold(renamed)),
        gauss_kl(weight * x, var_noise, Integer(0), var_y),
        to(bend * x**2 + rest),
    )
    law, at_code = Normal(z, 0, var_prior), {mean: 0, var: var_prior, centre: 0}
    return settled(
        calc(
            Information(code, answer, marginal, outputs, inputs),
            opened,
            ("the divergence between two Gaussians", given_x),
            inside(bend * x**2 * code + rest * code),
            lambda e: rename(e, z),
            linearity,
            folded(bend * E((z - 0) ** 2, law, line) + rest * total(law, line)),
            ("the variance of x", substitute(gaussian_second_moment.thm, at_code)),
            ("the density integrates to one", substitute(gaussian_mass.thm, at_code)),
            to(log(var_y / var_noise) / 2),
        )
    )


rows, columns, others = Tuple(n, 1, K), Tuple(m, 1, N), (Tuple(i, 1, K), Tuple(j, 1, N))
joint = IndexedBase("joint", positive=True)
cell = joint[n, m]
row_sum, column_sum = Sum(joint[n, j], others[1]), Sum(joint[i, m], others[0])
information_of_table = KL(cell, row_sum * column_sum, columns, rows)
cells = [[Rational(1, 8), Rational(1, 4), Rational(1, 16)], [Rational(1, 4), Rational(1, 16), Rational(1, 4)]]
small = {joint: cells, K: 2, N: 3}
three = Entropy(row_sum, rows) + Entropy(column_sum, columns) - Entropy(cell, columns, rows)


def _along_row() -> Thm:
    """Along a row the cells add up to the row sum."""
    return rewrite(total(log(row_sum) * total(cell, columns), rows), rename(total(cell, columns), j))


@theorem(
    same(information_of_table, three), "Mutual information of a table", computes="mutual_information", examples=(small,)
)
def mutual_information() -> Thm:
    """Finite sums: the logarithm of a row is the same along the row, and that of a column along the column."""
    down_column = termwise(linearity, at(lambda e: rename(e, i), total(cell, rows)))
    by_column = calc(total(cell * log(column_sum), columns, rows), swap, down_column)
    return calc(
        information_of_table,
        opened,
        termwise(inside(cell * log(cell) - cell * log(row_sum) - cell * log(column_sum)), linearity),
        linearity,
        ("row by row", _along_row()),
        ("column by column", by_column),
        folded(three),
    )


doubt_of_table = total(cell * log(cell / row_sum), columns, rows)
beyond_rows = Entropy(cell, columns, rows) - Entropy(row_sum, rows)


@theorem(
    same(-doubt_of_table, beyond_rows),
    "Conditional entropy of a table",
    computes="conditional_entropy",
    examples=(small,),
)
def conditional_entropy() -> Thm:
    """The logarithm of a row is the same along the row."""
    return calc(
        -doubt_of_table,
        at(termwise(inside(cell * log(cell) - cell * log(row_sum)), linearity), doubt_of_table),
        at(linearity, total(total(cell * log(cell), columns) - log(row_sum) * total(cell, columns), rows)),
        ("row by row", _along_row()),
        folded(beyond_rows),
    )
