r"""# When the reverse divergence picks a mode

"Reverse fitting seeks a mode" is a rule of thumb with three conditions: the target has modes, the modes are
*separated*, and the family cannot jump over the gap between them. A family that contains the target is fitted by the
target, with all its modes.

**One mode is cheap.** Let the target be a mixture that gives the component $f$ the weight $w$. Every distribution $q$
pays for the mixture at most $\log\frac1w$ more than for $f$. So $q = f$ pays at most $\log 2$ if two components are
equally likely, however far apart they are.

**The valley is expensive.** Cut the line into three cells: one side, the valley, the other side. A distribution with a
single peak, on cells of equal width, cannot put less on the valley than on *both* sides. Call a side that has no more than
the valley the third cell. Then mass on the third cell forces mass into the valley, and that costs its logarithm. A
distribution that does as well as one mode of weight $w$ has at most $2 \log\frac2w \big/ \log\frac1{p(2)}$ on those two cells
together, where $p(2)$ is the target's mass in the valley: next to nothing when the modes are well separated, although the
target may have half of its mass on the third cell. All the rest is on the first, which is one of the modes. A Gaussian has a
single peak, so this is about Gaussians too; for them there is also a bound in closed form, on a page of its own.

**Which mode?** The one with the largest *mass*, not the one with the highest peak. What a distribution misses, it pays
for with $\log\frac1c$, where $c$ is the target's mass on its support; a low and broad mode can win against a high and
narrow one.

Keywords: mode seeking, reverse KL, exclusive KL, mixture of Gaussians, multimodal posterior.
"""

from derivations import *

Q, F, G, P = density("q", "z"), density("f", "z"), density("g", "z"), density("p", "z")
q, f, g = Q(u), F(u), G(u)
w, w_2 = Symbol("w", positive=True), Symbol("w_2", positive=True)
mixture = w * f + w_2 * g

speck = Rational(1, 10**30)
bells = {Q: Lambda(z, gauss(z, 1, Rational(3, 2))), F: Lambda(z, gauss(z, 2, 1)), G: Lambda(z, gauss(z, -2, 2))}
bells |= {w: Rational(2, 5), w_2: Rational(3, 5)}
first, last = (Lambda(k, speck**e / (1 + speck)) for e in (k - 1, 2 - k))
apart = {K: 2, Q: first, F: first, G: last, w: Rational(1, 3), w_2: Rational(2, 3)}


@theorem(
    at_least(KL(q, f, whole) + log(1 / w), KL(q, mixture, whole)),
    "One component of a mixture costs at most its weight",
    given=(normalised(q, whole), Converges(KL(q, f, whole)), Converges(KL(q, mixture, whole))),
    forms=on_both(bells, apart),
)
def one_component_is_cheap() -> Thm:
    """The mixture is at least w f, everywhere."""
    share = w * f / mixture
    less = chain(
        rearrange(sign(w_2 * g / mixture), Integer(0), -w_2 * g / mixture),
        rearrange(below_tangent(share), -w_2 * g / mixture, log(share)),
    )
    pointwise = rearrange(less, q * log(q / f) + q * log(1 / w), q * log(q / mixture), times=q)
    average, mass = total(pointwise.prop.lhs, whole), converges(normalised(q, whole))
    unit = ("q integrates to one", given(normalised(q, whole)))
    split = calc(average, linearity, unit, folded(one_component_is_cheap.statement.lhs))
    finite = discharge(combined(average, KL(q, f, whole) + log(1 / w) * total(q, whole)), mass)
    above = because(discharge(monotone(pointwise, whole), finite), "the mixture is at least w f")
    return chain(flip(discharge(split, mass)), above, flip(unfold(KL(q, mixture, whole))))


cells = (k, 1, 3)
fit = KL(Q(k), P(k), cells)
masses = normalised(Q(k), cells), normalised(P(k), cells)
no_dip, as_good_as_a_mode = at_least(Q(2), Q(3)), at_least(log(1 / w), fit)
apart_cells = {
    Q: Lambda(k, Rational(1, 100) * 98 ** ((2 - k) * (3 - k) / 2)),
    P: Lambda(k, 10 ** (-6 * k * (4 - k)) * Integer(10) ** 18 / (2 + Rational(1, 10**6))),
    w: Rational(9, 20),
}
filled = {
    Q: Lambda(k, speck ** ((2 - k) * (3 - k) / 2) / (2 + speck)),
    P: Lambda(k, speck ** (3 - k) / (1 + speck + speck**2)),
    w: 2 * sqrt(speck),
}


@theorem(
    at_least(2 * log(2 / w), (Q(2) + Q(3)) * log(1 / P(2))),
    "A distribution with a single peak must choose between separated modes",
    given=(*masses, no_dip, as_good_as_a_mode),
    claims=("000-84",),
    narrows={"": "three cells: two modes and the valley between them; which mode is left open"},
    examples=(apart_cells, filled),
    words={
        2: "q has a single peak, so that one side, here the third cell, has no more than the valley",
        3: "q fits at least as well as a distribution on one mode",
    },
)
def single_peak_must_choose() -> Thm:
    """Tangents bound the cost of the sides; the valley costs its logarithm, and holds no less than the third cell: its price is that of both."""
    q_1, q_2, q_3, p_1, p_2, p_3 = Q(1), Q(2), Q(3), P(1), P(2), P(3)
    written = calc(fit, opened, write_out)
    all_q, all_p = (chain(flip(write_out(m.lhs)), given(m)) for m in masses)
    price, half = log(1 / p_2), Rational(1, 2)
    side_1, side_3 = (below_tangent(p / (2 * q)) for q, p in ((q_1, p_1), (q_3, p_3)))
    valley = below_tangent(1 / (2 * q_2))
    line_1 = -q_1 * log(2) + q_1 - p_1 / 2 + q_2 * log(q_2 / p_2) + q_3 * log(q_3 / p_3)
    line_2 = -(q_1 + q_3) * log(2) + q_1 + q_3 - (p_1 + p_3) / 2 + q_2 * log(q_2 / p_2)
    line_3 = -(q_1 + q_2 + q_3) * log(2) + q_1 + q_2 + q_3 - (p_1 + p_3) / 2 - half + q_2 * price
    line_4 = -log(2) + half - (p_1 + p_3) / 2 + q_2 * price
    line_5 = -log(2) + p_2 / 2 + q_2 * price
    small = 1 + (p_1 + p_3) / p_2
    whole_price = rewrite(log(small), rearrange(all_p, small, 1 / p_2, times=1 / p_2))
    lesser = rearrange(assume(no_dip), q_2 * log(small), q_3 * log(small), times=log(small))
    lesser = chain(rewrite(q_2 * price, flip(whole_price)), lesser, rewrite(q_3 * log(small), whole_price))
    both = (q_2 + q_3) * price / 2
    floor = chain(
        assume(as_good_as_a_mode),
        written,
        because(rearrange(side_1, written.prop.rhs, line_1, times=q_1), "the logarithm lies below its tangent"),
        because(rearrange(side_3, line_1, line_2, times=q_3), "the same on the third cell"),
        because(rearrange(valley, line_2, line_3, times=q_2), "and in the valley"),
        because(rearrange(all_q, line_3, line_4, times=1 - log(2)), "all mass of q"),
        because(rearrange(all_p, line_4, line_5, times=-half), "all mass of p"),
        rearrange(sign(p_2 / 2), line_5, -log(2) + q_2 * price),
        because(rearrange(lesser, -log(2) + q_2 * price, -log(2) + both, times=half), "no dip in the valley"),
    )
    return rearrange(floor, *single_peak_must_choose.statement.args, times=2)


PEAK, BROAD = density("q", "z"), density("q_2", "z")
peak, broad = (k, 1, 1), (k, 2, 4)
first = (2 - k) * (3 - k) * (4 - k) / 6  # 1 at 1, and 0 at 2, 3 and 4
peaked = (1 + first) / 5
wide, high = KL(Rational(1, 3), peaked, broad), KL(Integer(1), peaked, peak)


@counterexample(
    at_least(KL(BROAD(k), P(k), broad), KL(PEAK(k), P(k), peak)),
    same(wide, high - log(Rational(3, 2))),
    "The reverse fit sits at the highest point of the target",
    at={P: Lambda(k, peaked), PEAK: Lambda(k, 1), BROAD: Lambda(k, Rational(1, 3))},
    instead="gibbs_sharp",
    given=(
        same(total(P(k), (k, 1, 4)), 1),
        same(total(PEAK(k), peak), 1),
        same(total(BROAD(k), broad), 1),
        *(at_least(P(1), P(j)) for j in (2, 3, 4)),
    ),
    holds_at={P: Lambda(k, (1 + 5 * first) / 9), PEAK: Lambda(k, 1), BROAD: Lambda(k, Rational(1, 3))},
)
def highest_point_wins() -> Thm:
    """Masses 2/5, 1/5, 1/5, 1/5: the even distribution on the last three misses 2/5, the sure one on the first misses 3/5."""
    there, here = worked(wide, log(Rational(5, 3))), worked(high, log(Rational(5, 2)))
    return chain(there, flip(calc(high - log(Rational(3, 2)), here, to(log(Rational(5, 3))))))
