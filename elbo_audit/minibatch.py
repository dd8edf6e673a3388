"""Total correlation from a minibatch: log densities of every draw under every encoder of the batch."""

from __future__ import annotations

from elbo_audit import arrays as ar
from elbo_audit.laws import STANDARD, gaussian, kl_normal, log_normal
from elbo_audit.match import Match
from elbo_audit.players import Players, summed
from elbo_audit.terms import Poly, Refuse, exp, log, poly
from elbo_audit.words import text


def total_correlation(players: Players, part: Poly) -> Match | None:
    """part = a (log q(z) - sum_k log q(z_k)) + b (log q(z|x) - log q(z)) + c (sum_k log q(z_k) - log p(z)), estimated;
    or the first of them beside the divergence in closed form."""
    z, q = players.find("sample"), players.gaussian("q")
    if z is None or q is None or len(players.arrays[z].dims) != 2:
        return None
    kind = players.roles[q[1]].kind
    draw, mean, spread = (players.arrays[n] for n in (z, *q))
    try:
        own = ar.pointwise(lambda v, m, s: log_normal(v, gaussian(m, s, kind)), draw, mean, spread)
        rows = ar.Array((draw.dims[0], (), draw.dims[1]), draw.entry)
        every = ar.pointwise(lambda v, m, s: log_normal(v, gaussian(m, s, kind)), rows, mean, spread)
        joint = ar.pointwise(log, ar.reduced(ar.pointwise(exp, ar.reduced(every, [2], keep=False)), [1], keep=False))
        single = ar.pointwise(log, ar.reduced(ar.pointwise(exp, every), [1], keep=False))
        prior = ar.pointwise(lambda v: log_normal(v, STANDARD), draw)
        closed = ar.pointwise(lambda m, s: kl_normal(gaussian(m, s, kind), STANDARD), mean, spread)
        terms = [summed(t.entry, t.axes) for t in (joint, single, own, prior, closed)]
    except Refuse:
        return None
    found = _coefficients(players, part, terms)
    if found is None or not found[0]:
        return None
    joint_c, single_c, own_c, prior_c, closed_c = found
    information, pull = own_c, -prior_c
    correlation = joint_c + information
    if single_c != pull - correlation:
        return None
    batch = players.batch or poly(1)
    codes = draw.shape[1]
    both = log(batch * players.count)
    if closed_c:
        if own_c or prior_c:
            return None
        weight = joint_c / closed_c
        neutral = players.still(terms[4]) + weight * (
            players.still(terms[0]) - players.still(terms[1]) + batch * (codes - 1) * both
        )
        what = f"KL(q || N(0, I)) + {text(weight)} x total correlation by minibatch-weighted sampling"
        surrogate = f"one and {text(weight)} are the weights of divergence and total correlation: no bound by itself"
        return Match(closed_c, neutral, what, "total_correlation", prior="N(0, I)", surrogate=surrogate)
    if not own_c and not prior_c:
        # sum_i log q(z_i) - sum_ik log q(z_ik) less log(N B) each: (K - 1) log(N B) a datum
        neutral = players.still(terms[0]) - players.still(terms[1]) + batch * (codes - 1) * both
        return Match(joint_c, neutral, "total correlation by minibatch-weighted sampling", "total_correlation")
    if correlation == information == pull:
        return None  # it is log q(z|x) - log p(z) again
    neutral = (
        players.still(terms[0]) * joint_c + players.still(terms[1]) * single_c
        + players.still(terms[2]) * own_c + players.still(terms[3]) * prior_c
        + batch * both * (codes * -single_c - joint_c)
    ) / information  # fmt: skip
    weights = [text(c / information) for c in (correlation, pull)]
    words = f"information + {weights[0]} x total correlation + {weights[1]} x divergence a coordinate, by minibatch-weighted sampling"
    surrogate = "a divergence whose parts have weights of their own"
    return Match(information, neutral, words, "total_correlation", surrogate=surrogate)


def _coefficients(players: Players, part: Poly, terms: list[Poly]) -> list[Poly] | None:
    """part as a combination of the terms, read off at monomials that only one of them has."""
    tables = [{k: c for k, c in players.coefficients(t).items() if k != poly(1)} for t in terms]
    out: list[Poly] = []
    left = part
    for n, table in enumerate(tables):
        alone = [k for k in table if not any(k in t for j, t in enumerate(tables) if j > n)]
        if not alone:
            return None
        now = {k: c for k, c in players.coefficients(left).items() if k != poly(1)}
        c = now.get(alone[0], poly(0)) / table[alone[0]]
        out.append(c)
        left = left - terms[n] * c
    return out if not {k for k in players.coefficients(left) if k != poly(1)} else None
