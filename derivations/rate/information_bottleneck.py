r"""# The variational information bottleneck

A code $z$ of the data $x$ should tell about a label $y$ and forget the rest:
$$\text{maximise}\quad I(y; z) - \beta\, I(x; z), \qquad \beta > 0 .$$
Neither information can be computed: both need the aggregate $q(z)$, a mixture over all data. Each has a bound that
needs a model only. Any guesser $p(y \mid z)$ bounds the first from below (Barber and Agakov), and any prior $p(z)$
bounds the second from above:
$$I(y; z) - \beta\, I(x; z) \;\ge\; H[y] + \mathbb{E}\log p(y \mid z)
  - \beta\; \mathbb{E}\, D_{\mathrm{KL}}(q(z \mid x) \,\|\, p(z)) .$$
The right-hand side is a reconstruction term less a weighted divergence: the loss of a classifier with a stochastic
code. Two divergences are missing: that of $q(y \mid z)$ from the guesser, and $\beta$ times that of the aggregate
from the prior.

Let the label be the data point itself. Then the right-hand side is the $\beta$-ELBO, averaged over the data, plus the
entropy of the data: maximising it maximises a lower bound on $(1 - \beta)\, I(x; z)$. At $\beta = 1$ the left-hand
side is zero whatever the codes tell. So, as a bottleneck, a variational autoencoder of weight one does not ask for
information; below one it asks for it, above one against it.

The label index is written $n$, and its distributions $q$; the data index $m$, and its distributions $q_x$. That the
code depends on the label through the data only is not used: it is enough that both conditional distributions mix to the
same aggregate.

Keywords: deep variational information bottleneck, VIB, mutual information regulariser.
"""

from derivations import *
from derivations.surgery import elbo_surgery as surgery
from derivations.surgery import information_bounds as bounds
from derivations.surgery.elbo_surgery import AGGREGATE, ENCODER, PRIOR, WEIGHT, information, p, points, q, w
from derivations.surgery.index_corrections import weights
from derivations.surgery.information_bounds import GUESSER, barber_agakov, information_below_average_kl, skill

beta, M = Symbol("beta", positive=True), Symbol("M", integer=True, positive=True)
DATA, CODE = density("q_x", "m"), density("q_x", "z|m")
share, code, data = DATA(m), CODE(u, m), (m, 1, M)

rate = total(share * KL(code, p, whole), data)
kept = Information(share, code, q, whole, data)
data_aggregate = ForAll(same(q, total(share * code, data)), u)
data_masses, data_weights = ForAll(normalised(code, whole), data), normalised(share, data)
data_surprise = ForAll(Converges(KL(code, q, whole)), data)
data_drift = ForAll(Converges(E(log(q / p), code, whole)), data)

of_prior = (bounds.prior_mass, bounds.marginal)
of_guesser = (surgery.guess, surgery.doubt, bounds.guesser_mass, bounds.guesser_finite)
of_points = (surgery.aggregate, surgery.masses, weights, surgery.surprise, surgery.drift)
of_labels = (surgery.aggregate, surgery.masses, surgery.surprise)
of_data = (data_aggregate, data_masses, data_weights, data_surprise, data_drift)


def _example(law: Expr, over: Symbol) -> dict:
    """Three data points with two labels, drawn with probability 1/(m + 2) and (m + 1)/(m + 2); the rest follows.

    The prior is the aggregate and the guesser the posterior: then both bounds are equalities.
    """
    label = (m + 1) ** (n - 1) / (m + 2)
    each_m = [(Rational(i, 6), label.subs(m, i), law.subs(m, i)) for i in (1, 2, 3)]
    weight = sum(a * b for a, b, _ in each_m)
    joint, mixture = sum(a * b * c for a, b, c in each_m), sum(a * c for a, _, c in each_m)
    example = {N: 2, M: 3, K: 4, beta: Rational(3, 4), DATA: Lambda(m, m / 6), CODE: Lambda((over, m), law)}
    example |= {WEIGHT: Lambda(n, weight), ENCODER: Lambda((over, n), joint / weight), AGGREGATE: Lambda(over, mixture)}
    posterior = Lambda((n, over), joint / mixture)
    return {**example, PRIOR: example[AGGREGATE], surgery.GUESS: posterior, GUESSER: posterior}


bells = _example(gauss(z, m - 2, Rational(1, 2)), z)
bells |= {PRIOR: Lambda(z, gauss(z, 0, 1)), GUESSER: Lambda((n, z), n / 3)}
tight = _example((k + m) / (10 + 4 * m), k)
loose = {**tight, beta: Rational(5, 2), PRIOR: Lambda(k, (5 - k) / 10)}
loose |= {GUESSER: Lambda((n, k), (3 * n + k) / (9 + 2 * k))}
with_label = on_both(bells, (tight, loose))


def _with_weight() -> dict[str, Form]:
    """The data of the bound for guessers, with a weight; and a case in which both bounds are equalities."""
    (bell, timid), (table, blind) = (form.examples for form in bounds.guessed.values())
    exact = {**table, PRIOR: table[AGGREGATE], GUESSER: table[surgery.GUESS]}
    less, more = {beta: Rational(3, 4)}, {beta: Rational(5, 2)}
    return on_both((bell | less, timid | more), (exact | less, table | more, blind | more))


def _finite_rate(law: Expr, index: tuple) -> Thm:
    """Every divergence from the prior is finite: that from the aggregate, and what the aggregate adds."""
    return for_all(combined(KL(law, p, whole), KL(law, q, whole) + E(log(q / p), law, whole)), index)


@theorem(
    at_least((1 - beta) * information, Entropy(w, points) + skill - beta * surgery.average),
    "The weighted ELBO of a data set as an information bottleneck",
    given=(*of_points, *of_prior, *of_guesser),
    forms=_with_weight(),
)
def bottleneck_of_autoencoder() -> Thm:
    """A guesser bounds the information from below, a prior from above; beta times the second is taken off."""
    told, kept_back = barber_agakov.thm, information_below_average_kl.thm
    line_1 = told.prop.rhs - beta * information
    thm = chain(
        rearrange(told, (1 - beta) * information, line_1),
        rearrange(kept_back, line_1, told.prop.rhs - beta * surgery.average, times=beta),
    )
    return discharge(thm, _finite_rate(surgery.q_n, points))


def _about_data(prop: ForAll) -> Thm:
    """What is assumed for every data point m, said with the letter n."""
    return for_all(substitute(each(assume(prop)), {m: n}), (n, 1, M))


def _data_cost() -> Thm:
    """The average divergence of the data is at least their information: the same theorem, with m for n."""
    as_data = {WEIGHT: Lambda(n, DATA(n)), ENCODER: Lambda((u, n), CODE(u, n))}
    thm = instantiate(substitute(information_below_average_kl.thm, {N: M}), as_data)
    mixture = for_all(chain(given(data_aggregate), rename(total(share * code, data), n)), u)
    mass = chain(rename(total(DATA(n), (n, 1, M)), m), given(data_weights))
    facts = (mixture, mass, *map(_about_data, (data_masses, data_surprise, data_drift)))
    left, right = rename(rate, n), rename(opened(kept).prop.rhs, n)
    back = calc(thm.prop.rhs, opened, flip(right), flip(opened(kept)))
    return chain(left, discharge(thm, *facts), back)


@theorem(
    at_least(information - beta * kept, Entropy(w, points) + skill - beta * rate),
    "The variational information bottleneck",
    given=(*of_labels, *of_data, *of_prior, *of_guesser),
    forms=with_label,
)
def information_bottleneck() -> Thm:
    """What the codes tell of the label is at least what a guesser shows; what they keep costs at most the rate."""
    told = barber_agakov.thm
    line_1 = told.prop.rhs - beta * kept
    thm = chain(
        rearrange(told, information - beta * kept, line_1),
        rearrange(_data_cost(), line_1, told.prop.rhs - beta * rate, times=beta),
    )
    return discharge(thm, _finite_rate(code, data))


bottleneck = Remark(
    "bottleneck",
    "information_bottleneck",
    "A name. The information bottleneck weighs two mutual informations; the divergence to the prior bounds one of them.",
    ("003-39",),
    nearest="information_bottleneck",
)
