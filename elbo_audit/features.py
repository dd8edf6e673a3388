"""A divergence from N(0, 1), term by term: what stands before mu^2, the variance, its logarithm, and what else is there."""

from __future__ import annotations

from elbo_audit import mistakes as ms
from elbo_audit.laws import SPREAD
from elbo_audit.match import Match, formula
from elbo_audit.mistakes import Mistake
from elbo_audit.players import Players
from elbo_audit.terms import HALF, Poly, Refuse, absolute, log, poly, power

ZERO, ONE = poly(0), poly(1)


def gaussian_features(players: Players, part: Poly, mean: str, spread: str) -> Match | None:
    """The coefficients of the terms, and what they make of the divergence."""
    kind = players.roles[spread].kind
    variance, log_variance = SPREAD[kind]
    features = {
        "mean^2": lambda m, s: m * m,
        "variance": lambda m, s: variance(s),
        "log": lambda m, s: log_variance(s),
        "mean": lambda m, s: m,
        "|mean|": lambda m, s: absolute(m),
        "std": lambda m, s: power(variance(s), HALF),
        "variance^2": lambda m, s: variance(s) ** 2,
        "log^2": lambda m, s: log_variance(s) ** 2,
        "spread": lambda m, s: s,
        "spread^2": lambda m, s: s * s,
    }
    used = bool(set(players.masks) & {n for m in part.terms for a, _ in m for n in players.names(a)})
    have = players.coefficients(part)
    have.pop(ONE, None)
    found: dict[str, Poly] = {}
    for name, body in features.items():
        try:
            term = formula(players, [mean, spread], body, used)
        except Refuse:
            continue
        keys = [(k, c) for k, c in players.coefficients(term).items() if k != ONE]
        if len(keys) == 1 and keys[0][0] in have:
            found[name] = have.pop(keys[0][0]) / keys[0][1]
    if have or not {"mean^2", "variance", "log"} & found.keys():
        return None
    count = formula(players, [mean, spread], lambda m, s: ONE, used)
    return _said(found, count)


def _said(found: dict[str, Poly], count: Poly) -> Match | None:
    a, v, w = (found.pop(n, ZERO) for n in ("mean^2", "variance", "log"))
    if found:
        mistake = _other(found, a, v, w)
        return None if mistake is None else _wrong(mistake, a or v)
    if not (a and v and w):
        return (
            _wrong(ms.NO_MEAN if not a else ms.NO_VARIANCE if not v else ms.NO_LOG, a or v) if w or (a and v) else None
        )
    if a == -v:
        return _wrong(ms.SIGN_OF_MEAN if _negative(a) else ms.SIGN_OF_VARIANCE, v if _negative(a) else a)
    if a != v:
        return _wrong(ms.MEAN_WEIGHT, v)
    prior = -w / a  # k [(mu^2 + s^2) / (2 v) - (log s^2) / 2]: the variance of the prior
    if _negative(prior):
        return _wrong(ms.SIGN_OF_LOG, a)
    k = -w * 2
    own = (log(prior) - 1) * HALF * count
    name = f"N(0, {_number(prior)} I)"
    slip = ms.MIX_UP if prior in (poly(2), poly(HALF)) else None  # with the constant of N(0, 1), a 2 went astray
    return Match(
        k, own, f"KL(q || {name})", "gaussian_kl_diagonal", prior=name, prior_variance=prior, another=f"the prior {name}",
        slip=slip, slip_neutral=-a * count / k, slip_factor=a * 2, needs_constant=True,
    )  # fmt: skip


def _other(found: dict[str, Poly], a: Poly, v: Poly, w: Poly) -> Mistake | None:
    names = set(found)
    if names in ({"log^2"}, {"spread^2"}) and a and v:
        return ms.LOG_SQUARED
    squared = names in ({"log^2"}, {"spread^2"}) and not v  # the square of a log-variance for its exponential
    if (squared or names <= {"std", "variance^2", "spread", "spread^2"}) and a:
        return ms.MIX_UP
    if names in ({"mean"}, {"|mean|"}) and not a:
        return ms.MEAN_NOT_SQUARED
    return None


def _wrong(mistake: Mistake, factor: Poly) -> Match:
    return Match(factor * 2, ZERO, "a divergence from N(0, I) with a slip", mistake=mistake)


def _negative(p: Poly) -> bool:
    """Less than zero, for positive sizes and weights."""
    return bool(p.terms) and all(c < 0 for c in p.terms.values())


def _number(p: Poly) -> str:
    from elbo_audit.words import text

    return text(p).replace(" / ", "/")
