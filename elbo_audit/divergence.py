"""What the divergence of a loss is: of which laws, times what; in closed form, at a draw, or on the average."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from elbo_audit import arrays as ar
from elbo_audit import mistakes as ms
from elbo_audit.estimates import estimates
from elbo_audit.features import gaussian_features
from elbo_audit.laws import SPREAD, STANDARD, cross_entropy_of_draw, gaussian, kl_normal, log_normal
from elbo_audit.match import Match, formula, matched, of_array, sign
from elbo_audit.minibatch import total_correlation
from elbo_audit.noise import averaged, drawn
from elbo_audit.players import GAUSSIAN, Players
from elbo_audit.sums import atoms, opened_sum, substitute, total
from elbo_audit.terms import Axis, Poly, Refuse, as_poly, exp, log, of_atom, poly
from elbo_audit.words import text


def divergence(players: Players, part: Poly) -> Match | None:
    """What the divergence is, or the divergences of a model with several codes."""
    codes = players.codes()
    if len(codes) == 1:
        return _one_code(players, part)
    found = []
    for own in codes:
        names = {n for n, r in own.roles.items() if r.of in ("q", "p")}
        mine = Poly({m: c for m, c in part.terms.items() if names & {n for a, _ in m for n in players.names(a)}})
        part = part - mine
        one = _one_code(own, mine)
        if one is None:
            return None
        found.append(one)
    return None if part else _together(found)


def _together(found: list[Match]) -> Match:
    """The sum of several divergences, or the first mistake in one."""
    wrong = next((m for m in found if m.mistake is not None), None)
    if wrong is not None:
        return wrong
    first = found[0]
    what = " + ".join(f"the {k}. {m.what}" for k, m in enumerate(found, 1))
    if any(m.factor != first.factor for m in found):
        weights = " : ".join(text(m.factor / first.factor) for m in found)
        return replace(first, what=what, surrogate=f"the divergences of the codes weigh {weights}")
    neutral = sum((m.neutral for m in found), poly(0))
    several = {m.surrogate for m in found if m.surrogate}
    return replace(
        first, neutral=neutral, what=what, on_average=any(m.on_average for m in found), surrogate="; ".join(several)
    )


def _one_code(players: Players, part: Poly) -> Match | None:
    """The first reading that fits: as it stands, with its kinks taken apart, on the average over the draws."""
    for reading in (_plain, _kinks, _average):
        if (m := reading(players, part)) is not None:
            return m
    return None


def _plain(players: Players, part: Poly) -> Match | None:
    return next((m for m in _readings(players, part) if m is not None), None)


def _average(players: Players, part: Poly) -> Match | None:
    """The mean over the noise, and over draws from the encoder written as mean + std x noise."""
    try:
        part = averaged(players, drawn(players, part))
    except Refuse:
        return None
    found = _plain(players, part)
    if found is None:
        return None
    words = "in expectation over the draws, " + found.what
    return replace(found, on_average=True, what=words, neutral=found.neutral - _still_of(players, part, found))


def _still_of(players: Players, part: Poly, found: Match) -> Poly:
    """What the average adds to the neutral terms of the loss, in units of the formula."""
    still = players.still(part)
    return still / found.factor if still else poly(0)


def _kinks(players: Players, part: Poly) -> Match | None:
    """Floors, targets and absolute values: both cases of |a|."""
    if not any(a.head == "abs" for a in atoms(part)):
        return None
    above = substitute(part, lambda a: a.args[0] if a.head == "abs" else None)
    below = substitute(part, lambda a: -a.args[0] if a.head == "abs" else None)
    signs = {_sign_of_divergence(players, a, axes) for a, axes in _kinked(part, [])}
    if signs in ({1}, {-1}):  # what is cut off at zero, or turned round there, is never negative
        known = above if signs == {1} else below
        one = _plain(players, known)
        return one and replace(one, neutral=one.neutral - _still_of(players, known, one))
    if not players.coefficients(above).keys() - {poly(1)}:
        above, below = below, above
    one, other = _plain(players, above) or _average(players, above), players.coefficients(below).keys() - {poly(1)}
    if one is None:
        return None
    if players.multiple(below, above) == poly(-1) and sign(one.factor) < 0:
        above, below = below, above
        one = replace(one, factor=-one.factor)
    if not other and _bends(part) == -sign(one.factor):
        return replace(one, what="divergence with a ceiling", mistake=ms.CEILING, surrogate="", theorem="")
    if not other:  # constant on one side: a floor
        return replace(one, what="divergence with a floor", mistake=ms.FREE_BITS, surrogate="", theorem="")
    if players.multiple(below, above) == poly(-1):
        estimate = one.on_average or "at a draw" in one.what
        if estimate:
            return replace(one, mistake=ms.ABSOLUTE)
        return replace(one, what=f"distance of the {one.what} from a target", surrogate="a divergence held at a target")
    return None


def _kinked(part: Poly, axes: list[Axis]) -> Iterator[tuple[Poly, list[Axis]]]:
    """What absolute values are taken of, with the axes that sums around it run over."""
    for m in part.terms:
        for a, _ in m:
            if a.head == "abs":
                yield a.args[0], [x for x in axes if x[0] in a.free]
            elif a.head == "sum":
                body, more = opened_sum(a)
                yield from _kinked(as_poly(body), [*axes, *more])


def _sign_of_divergence(players: Players, part: Poly, axes: list[Axis]) -> int:
    """1 if it is a divergence in closed form, constant and all, and so never negative; -1 if minus one; else 0."""
    whole = total(part, axes)
    m = _plain(players, whole)
    exact = m is not None and m.mistake is None and not m.on_average and m.what.startswith("KL(")
    if m is None or not exact or players.still(whole) != m.factor * m.neutral:
        return 0
    return sign(m.factor)


def _bends(part: Poly) -> int:
    """+1 where the kinks bend it upwards, -1 downwards, 0 if it is not known."""
    signs = {
        1 if c > 0 else -1
        for m, c in part.terms.items()
        for a, _ in m
        if any(b.head == "abs" for b in atoms(of_atom(a)))
    }
    return signs.pop() if len(signs) == 1 else 0


def gaussian_divergence(players: Players, part: Poly) -> Poly | None:
    """The sum over rows and coordinates of KL(q || p), whole, where both are Gaussian and nothing is a draw."""
    q, p = players.gaussian("q"), players.gaussian("p")
    if q is None or players.draws or players.find("sample"):
        return None
    kinds = [players.roles[law[1]].kind for law in (q, p) if law]

    def body(m: Poly, s: Poly, *other: Poly) -> Poly:
        prior = gaussian(other[0], other[1], kinds[1]) if other else STANDARD
        return kl_normal(gaussian(m, s, kinds[0]), prior)

    used = bool(set(players.masks) & {n for m in part.terms for a, _ in m for n in players.names(a)})
    return formula(players, [*q, *(p or ())], body, used)


# --- readings of what stands there ---------------------------------------------------------------------------------


def _readings(players: Players, part: Poly) -> Iterator[Match | None]:
    yield from _numbers(players, part)
    yield from _discrete(players, part)
    yield from _gaussians(players, part)
    yield from _at_draws(players, part)
    yield from estimates(players, part)
    yield total_correlation(players, part)


def _numbers(players: Players, part: Poly) -> Iterator[Match | None]:
    for name, r in players.roles.items():
        if r.kind == "divergence":
            yield matched(
                players, part, [name], lambda v: v, what="the given divergence", theorem="negative_elbo_loss",
                shared=not r.sizes,
            )  # fmt: skip


def _gaussians(players: Players, part: Poly) -> Iterator[Match | None]:
    q, p = players.gaussian("q"), players.gaussian("p")
    if q is None:
        return
    mean, spread = q
    kind = players.roles[spread].kind
    if p is None:
        said: dict[str, Any] = {"what": "KL(q || N(0, I))", "theorem": "gaussian_kl_batch", "prior": "N(0, I)"}
        yield matched(players, part, [mean, spread], lambda m, s: kl_normal(gaussian(m, s, kind), STANDARD), **said)
        yield gaussian_features(players, part, mean, spread)
        for other in GAUSSIAN:
            if other != kind:
                yield matched(
                    players, part, [mean, spread],
                    lambda m, s, k=other: kl_normal(gaussian(m, s, k), STANDARD),
                    what=f"KL(q || N(0, I)) of a {kind} read as a {other}", mistake=ms.MIX_UP,
                )  # fmt: skip
        if kind in ("logvar", "logstd"):
            yield matched(
                players, part, [mean, spread], lambda m, s: kl_normal(gaussian(s, m, kind), STANDARD),
                what="KL(q || N(0, I)) with mean and spread exchanged", mistake=ms.SWAPPED_HEADS,
            )  # fmt: skip
        yield matched(
            players, part, [mean, spread], lambda m, s: kl_normal(STANDARD, gaussian(m, s, kind)),
            what="KL(N(0, I) || q)", mistake=ms.SWAPPED_KL,
        )  # fmt: skip
        return
    names = [mean, spread, *p]
    prior_kind = players.roles[p[1]].kind

    def both(m: Poly, s: Poly, n: Poly, t: Poly, k: str = kind, j: str = prior_kind) -> Poly:
        return kl_normal(gaussian(m, s, k), gaussian(n, t, j))

    yield matched(players, part, names, both, what="KL(q || p)", theorem="gaussian_kl_diagonal", prior="the given p")
    yield matched(
        players, part, names,
        lambda m, s, n, t: kl_normal(gaussian(n, t, prior_kind), gaussian(m, s, kind)),
        what="KL(p || q)", mistake=ms.SWAPPED_KL,
    )  # fmt: skip
    for k in GAUSSIAN:
        for j in GAUSSIAN:
            if (k, j) != (kind, prior_kind) and (k in (kind, j) or j == prior_kind):
                yield matched(
                    players, part, names, lambda m, s, n, t, k=k, j=j: both(m, s, n, t, k, j),
                    what=f"KL(q || p) with q's {kind} read as a {k}, p's {prior_kind} as a {j}", mistake=ms.MIX_UP,
                )  # fmt: skip


def _at_draws(players: Players, part: Poly) -> Iterator[Match | None]:
    z, q, p = players.find("sample"), players.gaussian("q"), players.gaussian("p")
    spread = next((n for k, n in players.law("q").items() if k in GAUSSIAN), None)
    if z is None or spread is None:
        return
    kind = players.roles[spread].kind
    if p is not None:
        prior_kind = players.roles[p[1]].kind
        yield matched(
            players, part, [z, spread, *p],
            lambda v, s, n, t: cross_entropy_of_draw(v, SPREAD[kind].log_variance(s), gaussian(n, t, prior_kind)),
            what="KL(q || p), the entropy in closed form, the cross-entropy at a draw", theorem="kl_entropy",
            prior="the given p", on_average=True,
        )  # fmt: skip
    if q is not None and p is None:
        yield matched(
            players, part, [z, spread],
            lambda v, s: cross_entropy_of_draw(v, SPREAD[kind].log_variance(s), STANDARD),
            what="KL(q || N(0, I)), the entropy in closed form, the cross-entropy at a draw", theorem="kl_entropy",
            prior="N(0, I)", on_average=True,
        )  # fmt: skip

        def twice(v: Poly, m: Poly, s: Poly) -> Poly:
            log_q = log_normal(v, gaussian(m, s, kind))
            return exp(log_q) * (log_q - log_normal(v, STANDARD))

        yield matched(players, part, [z, *q], twice, what="q(z) (log q(z) - log p(z)) at a draw", mistake=ms.TWICE)


def _discrete(players: Players, part: Poly) -> Iterator[Match | None]:
    """The divergence of a table of probabilities from the uniform distribution, or from another table."""
    mine, theirs = _log_table(players, "q"), _log_table(players, "p")
    if mine is None:
        return
    uniform = ar.constant(-log(mine.shape[-1]), [])
    said = {"what": "KL(q || uniform)", "prior": "the uniform distribution", "theorem": "kl_entropy"}
    if theirs is not None:
        said = {"what": "KL(q || p)", "prior": "the given p", "theorem": "kl_is_expected_log_ratio"}
    other = uniform if theirs is None else theirs
    yield of_array(players, part, ar.pointwise(lambda a, b: exp(a) * (a - b), mine, other), **said)
    said = {"what": said["what"].replace("q || uniform", "uniform || q").replace("q || p", "p || q")}
    yield of_array(
        players, part, ar.pointwise(lambda a, b: exp(b) * (b - a), mine, other), mistake=ms.SWAPPED_KL, **said
    )


def _log_table(players: Players, of: str) -> ar.Array | None:
    law = players.law(of)
    if "simplex" in law:
        return ar.pointwise(log, players.arrays[law["simplex"]])
    if "logits" in law:
        table = players.arrays[law["logits"]]
        rows = ar.reduced(ar.pointwise(exp, table), [-1], keep=True)
        return ar.pointwise(lambda v, s: v - log(s), table, rows)
    return None
