"""Divergences and bounds from numbers at draws: log densities, log weights, rewards, and what a flow does to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from elbo_audit import arrays as ar
from elbo_audit import mistakes as ms
from elbo_audit.arrays import Array
from elbo_audit.laws import STANDARD, gaussian, log_normal
from elbo_audit.match import ROW, Match, formula, matched, of_array, sign
from elbo_audit.players import Players
from elbo_audit.sums import held
from elbo_audit.terms import HALF, Poly, Refuse, exp, log, poly, symbol
from elbo_audit.words import text

Body = Callable[[Poly, Poly], Poly]
K1: Final[Body] = lambda a, b: a - b
K2: Final[Body] = lambda a, b: (a - b) ** 2 * HALF
K3: Final[Body] = lambda a, b: exp(b - a) - 1 - (b - a)


def estimates(players: Players, part: Poly) -> Iterator[Match | None]:
    yield from _rewarded(players, part)
    yield from _log_densities(players, part)
    yield from importance(players, part)
    yield from _flow(players, part)


# --- log densities ---------------------------------------------------------------------------------------------------


def _log_densities(players: Players, part: Poly) -> Iterator[Match | None]:
    """The estimators of a divergence from log densities at draws from q: in a loss, or in a reward."""
    q, p = players.find("log-density", of="q"), players.find("log-density", of="p")
    if q is None or p is None:
        return
    both = [q, p]
    if players.rec:  # of a model: what stands there is differentiated along the draws, too
        yield matched(
            players, part, both, K1, what="KL(q || p) at a draw", theorem="kl_is_expected_log_ratio",
            prior="the given p", on_average=True,
        )  # fmt: skip
    for body in (lambda a, b: held(a - b) * a, lambda a, b: (held(a) - b) * a):
        yield matched(
            players, part, both, body, rows=True, what="the log ratio as a reward",
            surrogate="its gradient is that of KL(q || p), by the score; its value is none", theorem="kl_score_gradient",
        )  # fmt: skip
    for k, name in ((K2, "half the square of the log ratio (k2)"), (K3, "p/q - 1 - log(p/q) (k3)")):
        for body in (lambda a, b, k=k: held(k(a, b)) * a, lambda a, b, k=k: k(held(a), b) * a):
            yield matched(players, part, both, body, rows=True, what=f"{name} as a reward", mistake=ms.REWARD_GRADIENT)
    yield matched(
        players, part, both, K2, rows=True, what="half the square of the log ratio (k2)",
        surrogate="its mean gradient is that of KL(q || p); its value is no divergence", theorem="half_square_gradient",
    )  # fmt: skip
    yield matched(players, part, both, K3, rows=True, what="k3, p/q - 1 - log(p/q)", mistake=ms.OTHER_GRADIENT)
    yield matched(
        players, part, both, lambda a, b: K3(b, a), rows=True, what="q/p - 1 - log(q/p)", mistake=ms.INVERTED_K3
    )
    yield matched(players, part, both, K1, rows=True, what="the log ratio (k1)", mistake=ms.NO_GRADIENT)


def _rewarded(players: Players, part: Poly) -> Iterator[Match | None]:
    """- reward x log q, and an estimate of the divergence beside it or in the reward."""
    r, q = players.find("reward"), players.find("log-density", of="q")
    if r is None or q is None:
        return
    for masked in (False, True, ROW) if players.masks else (False,):
        try:
            policy = formula(_beside_rows(players, r, q), [r, q], lambda v, a: -v * a, masked)
        except Refuse:
            continue
        theirs, ours = players.coefficients(policy), players.coefficients(part)
        key = min(theirs, key=lambda k: k.key)
        if key not in ours:
            continue
        factor = ours[key] / theirs[key]
        rest = part - policy * factor
        if not any(k != poly(1) for k in players.coefficients(rest)):
            words = "its gradient is that of minus the mean reward, by the score"
            yield Match(factor, poly(0), "reward x log q", "score_function", surrogate=words)
            return
        for m in _log_densities(players, rest):
            if m is not None:
                yield _penalised(m, factor)
                return


def _penalised(m: Match, factor: Poly) -> Match:
    """A reward less a weight times a divergence."""
    beta = m.factor / factor
    what = f"reward x log q, and {text(beta)} x {m.what}"
    if sign(beta) < 0:
        return replace(m, factor=factor, what=what, mistake=ms.SIGN_OF_PENALTY)
    words = f"its gradient is that of - reward + {text(beta)} KL(q || p), by the score; its value is none"
    return replace(m, factor=factor, what=what, surrogate=words if m.surrogate else "", penalty=beta)


def _beside_rows(players: Players, r: str, q: str) -> Players:
    """A reward a row stands before the axes of what it is multiplied with."""
    one, other = players.arrays[r], players.arrays[q]
    if len(one.dims) < len(other.dims) and one.shape == other.shape[: len(one.dims)]:
        padded = Array((*one.dims, *((),) * (len(other.dims) - len(one.dims))), one.entry)
        players = Players(players.roles, players.draws)
        players.arrays[r] = padded
    return players


# --- importance weights ----------------------------------------------------------------------------------------------


def importance(players: Players, part: Poly) -> Iterator[Match | None]:
    """Bounds from log weights; the rows are those of the data, or the axis that is called B."""
    w = _log_weights(players)
    if w is None:
        return
    rows = _rows_of_weights(players, w)
    for k in range(len(w.dims)):
        samples = w.shape[k]
        inside = ar.reduced(ar.pointwise(exp, w), [k], keep=False)
        bound = ar.pointwise(lambda s, n=samples: log(n) - log(s), inside)
        if k == rows:
            yield of_array(players, part, bound, what="one logarithm over the rows", mistake=ms.BATCH_INSIDE)
            continue
        said = {"what": "importance-weighted bound", "theorem": "iwae_bound"}
        yield of_array(players, part, bound, rows=ar.count(bound, []), **said)
        batch = ar.reduced(w, [d for d in range(len(w.dims)) if d != k], keep=False) if len(w.dims) > 1 else None
        for mixed in (w,) if batch is None else (batch, w):
            wrong = ar.pointwise(lambda s: -log(s), ar.reduced(ar.pointwise(exp, mixed), [], keep=False))
            if len(w.dims) > 1:
                yield of_array(players, part, wrong, what="one logarithm for the whole batch", mistake=ms.BATCH_INSIDE)
        shares = ar.pointwise(lambda v, s: exp(v) / s, w, ar.reduced(ar.pointwise(exp, w), [k], keep=True))
        yield of_array(
            players, part, ar.pointwise(lambda s, v: -held(s) * v, shares, w),
            what="log weights by their normalised weights, held", theorem="iwae_bound",
            surrogate="its gradient is that of the importance-weighted bound along the path; its value is none",
        )  # fmt: skip
    minus = ar.pointwise(lambda v: -v, w)
    yield of_array(
        players, part, minus, what="mean log weight: the ELBO", theorem="elbo_definition", rows=ar.count(minus, [])
    )


def _rows_of_weights(players: Players, w: Array) -> int | None:
    """Which axis of the log weights has the data; None where there is one axis, of samples."""
    if len(w.dims) == 1:
        return None
    known = {symbol("B"), *(players.arrays[x].shape[0] for x in players.data if players.arrays[x].dims)}
    found = [k for k, n in enumerate(w.shape) if n in known]
    if len(found) != 1:
        raise Refuse(
            "which axis of the log weights has the data and which the draws? Call the rows B, as in 'B S log-weight'"
        )
    return found[0]


def _log_weights(players: Players) -> Array | None:
    """Log weights that are given, or made of the log likelihood and the log densities of prior and encoder."""
    if name := players.find("log-weight"):
        return players.arrays[name]
    names = players.find("log-likelihood"), players.find("log-density", of="p"), players.find("log-density", of="q")
    if None in names:
        return None
    x, p, q = (players.arrays[str(n)] for n in names)
    return ar.pointwise(lambda a, b, c: a + b - c, x, p, q)


# --- flows -----------------------------------------------------------------------------------------------------------


def _flow(players: Players, part: Poly) -> Iterator[Match | None]:
    """log q of the noise, less the log determinant, less log p of what the flow made."""
    det = players.find("log-det")
    if det is None:
        return
    start, end = _log_of_start(players), _log_of_end(players)
    if start is None or end is None:
        return
    for s, wrong in ((-1, None), (1, ms.SIGN_OF_LOG_DET)):
        each = ar.pointwise(lambda a, d, b, s=s: a + d * s - b, start, players.arrays[det], end)
        yield of_array(
            players, part, each, what="KL(q || p) of what a flow makes, at a draw", theorem="flow_elbo",
            mistake=wrong, on_average=True, prior="the given p",
        )  # fmt: skip


def _rows(each: Array) -> Array:
    return ar.reduced(each, [-1], keep=False) if len(each.dims) > 1 else each


def _log_of_start(players: Players) -> Array | None:
    z, q, given = players.find("sample"), players.gaussian("q"), players.find("log-density", of="q")
    if given:
        return players.arrays[given]
    if z is None or q is None:
        return None
    kind = players.roles[q[1]].kind
    return _rows(
        ar.pointwise(lambda v, m, s: log_normal(v, gaussian(m, s, kind)), *(players.arrays[n] for n in (z, *q)))
    )


def _log_of_end(players: Players) -> Array | None:
    z, p, given = players.find("flowed"), players.gaussian("p"), players.find("log-density", of="p")
    if given:
        return players.arrays[given]
    if z is None:
        return None
    if p is None:
        return _rows(ar.pointwise(lambda v: log_normal(v, STANDARD), players.arrays[z]))
    kind = players.roles[p[1]].kind
    return _rows(
        ar.pointwise(lambda v, m, s: log_normal(v, gaussian(m, s, kind)), *(players.arrays[n] for n in (z, *p)))
    )
