r"""# One more sample never lowers the bound

A sample $z_k$ has the weight $w_k = p(x, z_k)/q(z_k \mid x)$. The [importance-weighted bound](iwae_bound.md) $L_K$ is
the expected logarithm of the average of $K$ weights. In the theorem $N$ is the number $K$, $Y$ is the average of all
$N + 1$ weights, and $w_{rest}$ the average without the weight number $n$.

Take $K + 1$ weights and leave one out, each in turn. The $K + 1$ averages of the remaining $K$ have the average of all
$K + 1$ as *their* average. The logarithm of an average is at least the average of the logarithms, so $L_{K+1}$ is at
least the mean of their $K + 1$ expected logarithms.

The theorem assumes that every one of these averages has the same expected logarithm, $L_K$, whichever weight is left
out. Then $L_K \le L_{K+1}$. [Independent samples](iwae_independent.md) satisfy this, and more generally exchangeable
ones, for every $K$. Without it the mean of the $K + 1$ expected logarithms takes the place of $L_K$.

How fast $L_K$ grows, and that it reaches $\log p(x)$, needs more than exchangeable samples, and has a page of its own:
copies of one sample are exchangeable, and never gain anything.

Keywords: IWAE, tighter bound with more samples, monotone in K, importance weighted bound.
"""

from sympy import interpolate

from derivations import *
from derivations.divergence.jensen import Q, Y
from derivations.importance.iwae_bound import W, average, bell, bound, copies, elbo, finite, iwae_above_elbo, q

REST, bound_k = density("w_rest", "k,z"), Symbol("L_K", real=True)
more = Tuple(n, 1, N + 1)
w_n, rest = W(n, u), REST(n, u)
sum_of_all = Sum(W(m, u), (m, 1, N + 1))
all_average = ForAll(same(average, Sum(w_n, more) / (N + 1)), u)
left_out = ForAll(ForAll(same(N * rest + w_n, sum_of_all), more), u)
same_bound = ForAll(same(E(log(rest), q, whole), bound_k), more)
finite_rests = ForAll(Converges(E(log(rest), q, whole)), more)

cycle = interpolate([(2, 1), (3, 2), (4, 6), (5, 1), (6, 2)], k)  # 1, 2, 6 in turn, by n + k
wheel = {
    N: 2,
    K: 3,
    Q: Lambda(k, Rational(1, 3)),
    W: Lambda((n, k), cycle.xreplace({k: n + k})),
    REST: Lambda((n, k), (9 - cycle.xreplace({k: n + k})) / 2),
    Y: Lambda(k, 3),
    bound_k: log(21) / 3,
}
pair = {**bell, N: 1, REST: Lambda((n, z), exp((3 - 2 * n) * z + Rational(1, 3))), bound_k: Rational(1, 3)}
alike = {**copies, N: 2, REST: copies[W], bound_k: copies[elbo]}


@theorem(
    at_least(bound, bound_k),
    "One more sample never lowers the bound",
    given=(all_average, left_out, same_bound, finite_rests, finite),
    forms=on_both(pair, (wheel, alike)),
)
def iwae_grows() -> Thm:
    """The averages that leave one weight out have the average of all weights as their average."""
    lower = instantiate(substitute(iwae_above_elbo.thm, {N: N + 1, elbo: bound_k}), {W: Lambda((n, z), REST(n, z))})
    one_out = rearrange(given(left_out), rest, (sum_of_all - w_n) / N, times=1 / N)
    average_of_rests = calc(
        Sum(rest, more) / (N + 1),
        at(termwise(("one weight left out", one_out)), Sum(rest, more)),
        at(linearity, Sum((sum_of_all - w_n) / N, more)),
        at(constant, Sum(1, more)),
        rename(sum_of_all, n),
        to(Sum(w_n, more) / (N + 1)),
    )
    same_average = for_all(chain(given(all_average), flip(average_of_rests)), u)
    return discharge(lower, same_average)
