"""What the reconstruction of a loss is: which likelihood, times what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from elbo_audit import mistakes as ms
from elbo_audit.laws import LOG_2PI, SCALE, bernoulli, bernoulli_logits, gaussian, laplace, log_normal
from elbo_audit.match import Match, matched
from elbo_audit.players import GAUSSIAN, Players, summed
from elbo_audit.sums import total
from elbo_audit.terms import HALF, Poly, absolute, exp, log, poly


def reconstruction(players: Players, part: Poly) -> Match | None:
    """The first reading that fits, the right ones before the mistakes."""
    return next((m for m in _readings(players, part) if m is not None), None)


def _readings(players: Players, part: Poly) -> Iterator[Match | None]:
    for name, r in players.roles.items():
        if r.kind == "log-likelihood":
            yield matched(
                players, part, [name], lambda v: -v, what="the given log likelihood", theorem="negative_elbo_loss"
            )
        if r.kind == "nll":
            yield matched(
                players, part, [name], lambda v: v, what="the given reconstruction loss", theorem="negative_elbo_loss"
            )
    for x in players.data:
        kind, law = players.roles[x].kind, players.law(x)
        if kind in ("onehot", "label"):
            yield from _categorical(players, part, x, law)
        yield from _bernoulli(players, part, x, kind, law)
        mean = law.get("mean") or law.get("probability")
        if mean:
            yield from _gaussian(players, part, x, mean, law)
        if "logits" in law and kind in ("binary", "grey", "real"):
            yield matched(
                players, part, [x, law["logits"]], lambda v, s: _square(v, exp(s) / (exp(s) + 1)),
                what="Gaussian decoder", theorem="sse_loss_fixes_variance", fixed_variance=True,
                another="a Gaussian decoder whose mean is the probability",
            )  # fmt: skip
            yield matched(
                players, part, [x, law["logits"]], _square, what="squared error of logits", mistake=ms.ERROR_OF_LOGITS
            )


def _square(x: Poly, r: Poly) -> Poly:
    return (x - r) ** 2 * HALF


def _bernoulli(players: Players, part: Poly, x: str, kind: str, law: dict[str, str]) -> Iterator[Match | None]:
    if kind == "real":
        return
    grey = "cross-entropy of grey values, which is no log likelihood" if kind == "grey" else ""
    hot = "independent coins for the entries of a one-hot row" if kind == "onehot" else ""
    said: dict[str, Any] = {
        "what": "Bernoulli decoder",
        "theorem": "bernoulli_vae_loss",
        "surrogate": grey,
        "another": hot,
    }
    if "probability" in law:
        both = [x, law["probability"]]
        yield matched(players, part, both, bernoulli, **said)
        yield matched(players, part, both, bernoulli_logits, what="Bernoulli decoder", mistake=ms.DOUBLE_SIGMOID)
        yield matched(
            players, part, both, lambda v, r: bernoulli(r, v), what="Bernoulli decoder", mistake=ms.SWAPPED_BCE
        )
        if kind == "binary":  # torch cuts the logarithm of a zero off at -100
            yield matched(
                players, part, both, lambda v, r: r + v - r * v * 2, what="Bernoulli decoder", mistake=ms.SWAPPED_BCE
            )
    if "logits" in law and kind != "onehot":
        yield matched(players, part, [x, law["logits"]], bernoulli_logits, **said)


def _categorical(players: Players, part: Poly, x: str, law: dict[str, str]) -> Iterator[Match | None]:
    from elbo_audit import arrays as ar
    from elbo_audit.torch_ops import chosen

    name = law.get("logits") or law.get("simplex")
    if name is None:
        return
    table = players.arrays[name]
    logs = ar.pointwise(log, table)
    if "logits" in law:
        rows = ar.reduced(ar.pointwise(exp, table), [len(table.dims) - 1], keep=True)
        logs = ar.pointwise(lambda v, s: v - log(s), table, rows)
    if players.roles[x].kind == "label":
        each = chosen(logs, players.arrays[x], len(logs.dims) - 1, sign=-1)
    else:
        each = ar.reduced(ar.pointwise(lambda v, y: -v * y, logs, players.arrays[x]), [-1], keep=False)
    for masked in (True, False) if players.masks else (False,):
        whole = each
        for m in players.masks if masked else ():
            whole = ar.pointwise(lambda a, b: a * b, whole, players.arrays[m])
        t = total(whole.entry, whole.axes)
        if (a := players.multiple(part, t)) is not None:
            yield Match(a, players.still(t), "categorical decoder", "negative_elbo_loss")


def _gaussian(players: Players, part: Poly, x: str, mean: str, law: dict[str, str]) -> Iterator[Match | None]:
    coins = "probability" in law and "mean" not in law
    spread = next((k for k in GAUSSIAN if k in law), None)
    scale = next((k for k in SCALE if k in law), None)
    axes, _ = players.entries(x, mean)
    entries = total(poly(1), axes)
    if spread:
        names = [x, mean, law[spread]]
        for reading in (spread, *(k for k in GAUSSIAN if k != spread)):
            wrong = None if reading == spread else ms.MIX_UP
            what = "Gaussian decoder with a learned variance" + (f", its {spread} read as a {reading}" if wrong else "")
            yield matched(
                players, part, names, lambda v, m, s, k=reading: -log_normal(v, gaussian(m, s, k)),
                what=what, theorem="gaussian_vae_loss", mistake=wrong,
            )  # fmt: skip
    if scale:
        of, log_of = SCALE[scale]
        yield matched(
            players, part, [x, mean, law[scale]], lambda v, m, s: laplace(v, m, of(s), log_of(s)),
            what="Laplace decoder with a learned scale", theorem="negative_elbo_loss",
        )  # fmt: skip
    another = "a Gaussian decoder whose mean is the probability" if coins else ""
    yield matched(
        players, part, [x, mean], _square, what="Gaussian decoder", theorem="sse_loss_fixes_variance",
        fixed_variance=True, another=another, entries=entries,
    )  # fmt: skip
    yield matched(
        players, part, [x, mean], lambda v, m: absolute(v - m), what="absolute error", theorem="negative_elbo_loss",
        another="a Laplace decoder", entries=entries,
    )  # fmt: skip
    axes, (v, m) = players.entries(x, mean)
    square = summed((v - m) ** 2, axes)
    best = (log(square) - log(entries) + LOG_2PI + 1) * entries * HALF
    if (a := players.multiple(part, best)) is not None:
        yield Match(a, players.still(best), "Gaussian decoder at the best variance of the batch", "learned_variance")
