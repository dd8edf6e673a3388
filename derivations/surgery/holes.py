r"""# Narrow codes leave holes in the prior

Sample a code from the prior. Does it fall where the data have their codes? Call a place *covered* if the aggregate
$q(z)$ is at least a share $c$ of the prior there. How much of the prior is covered is bounded by the overlaps of the
codes with it, $\mathrm{BC}(n) = \int \sqrt{q(z \mid n)\, p(z)}\,dz$: at most $\sum_n \mathrm{BC}(n) / \sqrt{N c}$.

A narrow code overlaps little with anything. For the prior $\mathcal N(0, 1)$ and codes of variance $s^2$, wherever
their means are, no overlap exceeds $\sqrt{2 s / (1 + s^2)}$, so at most $\sqrt{2 N s / (c\,(1 + s^2))}$ of the prior
is covered. Let $s$ fall while $N$ and $c$ stay: almost all of the prior is a hole, and almost every sample of it
falls into one.

**Where people go wrong.** It takes finitely many data points and narrow codes. Leaving out the divergence from the
prior does not make codes narrow by itself, and without a bound on $N$ narrow codes may lie so close together that
they fill the prior.

Keywords: holes in the latent space, prior hole problem, codes that do not cover the prior, sampling without the KL term.
"""

from derivations import *
from derivations.divergence.kl_of_events import IN, a, a_set, part_converges
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var
from derivations.surgery import elbo_surgery as es
from derivations.surgery.elbo_surgery import equally_likely, p, points, q, q_n
from derivations.surgery.memorising import roots, square_is_more

OVERLAP, c = density("BC", "n"), Symbol("c", positive=True)
overlap = ForAll(same(OVERLAP(n), total(sqrt(q_n * p), whole)), n)
covered = ForAll(at_least(a * q, c * a * p), u)
prior_mass = normalised(p, whole)
both = total(sqrt(q_n) * sqrt(p), points)
bound = total(OVERLAP(n), points) / sqrt(N * c)


def _where_covered() -> Thm:
    """On the set p is at most the sum of the roots of q(z|m) p, over the root of N c; off it, the left side is zero."""
    on_a, reach = given(a_set), sqrt(p) * roots / sqrt(N * c)
    slope = sqrt(p) / (sqrt(N * c) * (roots + sqrt(N * c * p)))
    most, between_them = reach - (1 - a) ** 2 * reach, p + slope * N * (q - c * p)
    return chain(
        rearrange(sign((1 - a) ** 2 * reach), reach, most),
        rearrange(on_a, most, a**2 * reach, times=-2 * reach),
        rearrange(square_is_more(), a**2 * reach, a**2 * between_them, times=a**2 * slope),
        rearrange(on_a, a**2 * between_them, a * between_them, times=between_them),
        rearrange(given(covered), a * between_them, a * p, times=N * slope),
    )


def _example(code: Expr, prior: Expr, over: Symbol, size: int, close: Expr, where: Expr, least: Expr) -> dict:
    """Equally likely points, their codes and overlaps with the prior, and a covered set."""
    mixture = sum(code.subs(n, i) for i in range(1, size + 1)) / size
    laws = {es.ENCODER: Lambda((over, n), code), es.AGGREGATE: Lambda(over, mixture), es.PRIOR: Lambda(over, prior)}
    return {N: size, **laws, OVERLAP: Lambda(n, close), IN: Lambda(over, where), c: least}


half, speck = Rational(1, 2), Rational(1, 10**30)
nowhere_else, one = (2 - k) * (3 - k) / 2, Integer(1)
bells = _example(
    gauss(z, n, half), gauss(z, Rational(3, 2), half), z, 2, exp(-((n - Rational(3, 2)) ** 2) / 4), one, half
)
lone = _example(gauss(z, n, half), gauss(z, 1, half), z, 1, one, one, one)
roots_of_table = sum(sqrt((i + n) * i / (6 * (6 + 3 * n))) for i in range(1, 4))
table = {**_example((k + n) / (6 + 3 * n), k / 6, k, 2, roots_of_table, nowhere_else, one), K: 3}
sharp_roots = (1 + sqrt(speck)) / sqrt(2 * (1 + speck))
sharp = {**_example(speck ** ((k - n) ** 2) / (1 + speck), half, k, 2, sharp_roots, one, one), K: 2}


def _averaged() -> Thm:
    """The pointwise inequality, integrated; that the prior's mass of the set exists is left to show."""
    roots_n = ("numbered by n", rename(roots, n))
    reach = calc(sqrt(p) * roots / sqrt(N * c), roots_n, to(sqrt(p) / sqrt(N * c) * total(sqrt(q_n), points)))
    together = move_in(total(sqrt(q_n), points), sqrt(p))
    reach = chain(reach, rearrange(together, reach.prop.rhs, both / sqrt(N * c), times=1 / sqrt(N * c)))
    each_overlap = termwise(("the overlaps", flip(given(overlap))))
    overlaps = calc(total(both, whole), ("a finite sum moves past the integral", swap), each_overlap)
    value = calc(total(both / sqrt(N * c), whole), linearity, ("the overlaps add up", overlaps), to(bound))
    low = chain(flip(reach), _where_covered())
    thm = discharge(chain(flip(value), monotone(low, whole)), finite_sum(total(both, whole)))
    return discharge(thm, for_all(integrable(flip(given(overlap))), points))


@theorem(
    at_least(bound, total(a * p, whole)),
    "Codes that overlap little with the prior cover little of it",
    given=(equally_likely(es.aggregate), prior_mass, overlap, a_set, covered),
    forms=on_both((bells, lone), (table, sharp)),
    words={
        0: "the data points are equally likely",
        4: "a hole is where the aggregate is less than a share of the prior",
    },
)
def covered_mass() -> Thm:
    """Where the aggregate is at least c p, p is at most a root of the two over c; integrate."""
    return settled_by(discharge(_averaged(), part_converges(p)), prior_mass)


# --- Gaussian codes ---

MEAN, std_q = Function("mean(n)", real=True), Symbol("std_q", positive=True)
law_n, unit = Normal(z, MEAN(n), std_q**2), Normal(z, 0, 1)
widest = sqrt(2 * std_q / (1 + std_q**2))
offset = MEAN(n) ** 2 / (4 * (1 + std_q**2))
near = widest * exp(-offset)
GAUSSIAN = {es.ENCODER: Lambda((z, n), law_n), es.PRIOR: Lambda(z, unit), OVERLAP: Lambda(n, near)}


def _gaussian_overlap() -> Thm:
    """The root of the product is a Gaussian between the two, times a constant."""
    centre, spread = MEAN(n) / (1 + std_q**2), 2 * std_q**2 / (1 + std_q**2)
    product, between_them = sqrt(law_n) * sqrt(unit), near * Normal(z, centre, spread)
    logs = calc(log(product), opened, to(opened(log(between_them)).prop.rhs), folded(log(between_them)))
    mass = substitute(gaussian_mass.thm, {mean: centre, var: spread})
    return calc(
        total(product, line),
        ("a Gaussian between the two", unlog(logs)),
        linearity,
        ("the density integrates to one", mass),
    )


def _shrinks() -> Thm:
    """exp(t) >= 1 + t >= 1, so exp(-t) is at most 1."""
    touch = log_tangent(exp(offset))
    above = rearrange(touch, widest, near + offset * near, times=near)
    return chain(above, rearrange(sign(offset * near), near + offset * near, near))


code, where = es.AGGREGATE(z), IN(z)
mixture = (gauss(z, -1, 4) + gauss(z, 1, 4)) / 2
two_codes = {N: 2, MEAN: Lambda(n, 2 * n - 3), std_q: 2, es.AGGREGATE: Lambda(z, mixture), IN: Lambda(z, 1)}
two_codes |= {c: Rational(2, 5)}
prior_itself = {N: 1, MEAN: Lambda(n, 0), std_q: 1, es.AGGREGATE: Lambda(z, gauss(z, 0, 1)), IN: Lambda(z, 1), c: one}


@theorem(
    at_least(sqrt(2 * N * std_q / (c * (1 + std_q**2))), total(where * unit, line)),
    "How much of the prior the Gaussian codes of N data points can cover",
    given=(
        ForAll(same(code, total(law_n / N, points)), line),
        ForAll(same(where**2, where), line),
        ForAll(at_least(where * code, c * where * unit), line),
    ),
    claims=("003-45",),
    examples=(two_codes, prior_itself),
    narrows={"": "finitely many data points; Gaussian codes of one variance, narrow enough; the prior N(0, 1)"},
    words={
        0: "the data points are equally likely",
        2: "a hole is where the aggregate is less than a share of the prior",
    },
)
def narrow_codes_leave_holes() -> Thm:
    """No code of this width overlaps more with N(0, 1), wherever its mean is; as the width falls, that falls to nothing."""
    thm, exists = (instantiate(on_space(t, u, line), GAUSSIAN) for t in (_averaged(), part_converges(p)))
    mass = substitute(gaussian_mass.thm, {mean: 0, var: 1})
    exists = discharge(settled_by(exists, mass.prop), mass)
    thm = discharge(thm, for_all(flip(_gaussian_overlap()), n), exists)
    summed = monotone(_shrinks(), points)
    most = calc(total(widest, points), constant, to(N * widest))
    wider = rearrange(
        chain(flip(most), summed), narrow_codes_leave_holes.statement.lhs, thm.prop.lhs, times=1 / sqrt(N * c)
    )
    return chain(wider, thm)
