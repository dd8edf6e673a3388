"""From the formula of a loss to the verdict: which likelihood, which divergence, with which factors, and what is left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from elbo_audit import mistakes as ms
from elbo_audit.divergence import divergence, gaussian_divergence
from elbo_audit.estimates import importance
from elbo_audit.laws import LOG_2PI
from elbo_audit.match import Match, sign
from elbo_audit.mistakes import Mistake
from elbo_audit.players import Players
from elbo_audit.reconstruction import reconstruction
from elbo_audit.sums import substitute
from elbo_audit.terms import HALF, PI, Poly, log, poly
from elbo_audit.verdict import Verdict
from elbo_audit.weights import origin
from elbo_audit.words import text

ZERO, ONE = poly(0), poly(1)
BATCH: Final = ("mean", "sum", "any")


@dataclass(frozen=True)
class Asked:
    """What the caller says of the loss as a whole."""

    batch: str = "any"
    maximised: bool = False
    each: bool = False  # the function returns one number a datum

    def factor(self, players: Players, rows: Poly | None = None) -> Poly | None:
        """The factor that the negative ELBO of the batch should have; nothing if any will do."""
        if self.batch == "any":
            return None
        rows = rows or players.batch
        out = ONE if self.batch == "sum" or rows is None or self.each else ONE / rows
        return -out if self.maximised else out


def decide(players: Players, loss: Poly, asked: Asked) -> Verdict:
    """The verdict on a formula; nothing is said of the function that it came from."""
    found = _decided(players, loss, asked)
    if found.kind == "none" and (free := released(loss)) != loss:
        value = _decided(players, free, asked)
        if value.kind != "none":
            words = f"its value is {value.reason}; part of it is held (detach), its gradient may be another"
            return replace(value, kind="surrogate", reason=words, formula=loss)
    return found


def released(loss: Poly) -> Poly:
    """The same value, with nothing held."""
    return substitute(loss, lambda a: released(a.args[0]) if a.head == "held" else None)


def _decided(players: Players, loss: Poly, asked: Asked) -> Verdict:
    rec_part, div_part, still, mixed = players.parts(loss)
    if mixed:
        bound = next((m for m in importance(players, loss) if m is not None), None)
        if bound is not None:
            return _alone(players, loss, players.still(loss), bound, asked, None)
        return _unknown("reconstruction and divergence are multiplied, or stand in one function", loss)
    rec = reconstruction(players, rec_part) if rec_part else None
    div = divergence(players, div_part) if div_part else None
    if (rec_part and rec is None) or (div_part and div is None):
        lost, name = (rec_part, "reconstruction") if rec_part and rec is None else (div_part, "divergence")
        known = rec or div
        beside = f"; beside it stands {text(known.factor)} x {known.what}" if known else ""
        return _unknown(f"no {name} that is known here: {text(lost)}{beside}", loss)
    if div is not None:
        div = replace(div, shared=div.shared or _is_shared(players, div_part))
        div = _settled(div, still - (rec.factor * rec.neutral if rec and not rec.fixed_variance else ZERO))
    if rec is None and div is None:
        return _unknown("nothing of the data or the encoder enters the loss", loss)
    both_expected = bool(players.rec - set(players.data)) and bool(_encoder(players))
    if rec is not None and div is not None:
        return _whole(players, loss, still, rec, div, asked)
    if rec is None and div is not None:
        wrong = ms.NO_RECONSTRUCTION if both_expected else None
        return _alone(players, loss, still, div, asked, wrong)
    assert rec is not None
    return _alone(players, loss, still, rec, asked, ms.NO_DIVERGENCE if both_expected else None)


def _is_shared(players: Players, part: Poly) -> bool:
    """Is the divergence that of a code which all data share: no argument in it has the rows of the data?"""
    rows = players.batch
    names = {n for m in part.terms for a, _ in m for n in players.names(a)} & players.roles.keys()
    if rows is None or not players.rec or not names - players.neutral:
        return False
    return not any(rows in players.arrays[n].shape for n in names - players.neutral)


def _settled(div: Match, still: Poly) -> Match:
    """The neutral terms decide between a prior that was meant and a slip."""
    if still == div.factor * div.neutral:
        return replace(div, another="") if div.needs_constant else div
    if div.slip is not None and still == div.factor * div.slip_neutral:
        return replace(div, mistake=div.slip, factor=div.slip_factor)
    return div


def _encoder(players: Players) -> set[str]:
    return {n for n in players.div if players.roles.get(n) and players.roles[n].kind != "noise"}


def _unknown(reason: str, loss: Poly) -> Verdict:
    return Verdict("none", reason, formula=loss)


def _mistake(said: dict[str, Any], *wrongs: Mistake, what: str = "", error: Poly | None = None) -> Verdict:
    """What is wrong, and how large the error is where the right formula is known."""
    first = wrongs[0]
    reason = f"{what}; {first.why}" if what else "; ".join(f"{w.name}: {w.why}" for w in wrongs)
    kept = {n: said[n] for n in ("model", "formula", "scale", "on_average")}
    return Verdict("mistake", reason, mistake=first, page=first.page, error=error, **kept)


def _of(players: Players, loss: Poly, which: int) -> Poly:
    return players.parts(loss)[which]


def _error(players: Players, part: Poly, m: Match) -> Poly | None:
    """What stands there less the divergence of the encoder from the prior, times the factor that it has there."""
    right = gaussian_divergence(players, part)
    if right is None or m.shared or m.what in _ESTIMATES or sign(m.factor) == 0:
        return None
    return part - (m.factor if sign(m.factor) > 0 else -m.factor) * right


_ESTIMATES: Final = ("q(z) (log q(z) - log p(z)) at a draw", "divergence with a floor")


# --- one part alone ----------------------------------------------------------------------------------------------------


def _alone(players: Players, loss: Poly, still: Poly, m: Match, asked: Asked, missing: Mistake | None) -> Verdict:
    constant = still - m.factor * m.neutral
    said: dict[str, Any] = {
        "model": m.what, "theorem": m.theorem, "prior": m.prior, "prior_variance": m.prior_variance, "formula": loss, "on_average": m.on_average,
        "scale": m.factor, "constant": constant,
    }  # fmt: skip
    if m.mistake is not None:
        return _mistake(said, m.mistake, error=_error(players, loss, m))
    if missing is not None:
        return _mistake(said, missing)
    negative = sign(m.factor) < 0
    if negative != asked.maximised:
        wrong = ms.SIGN_OF_LOSS if m.factor and asked.batch != "any" and m.entries else ms.SIGN_OF_KL
        if m.entries or m.theorem in ("bernoulli_vae_loss", "iwae_bound", "negative_elbo_loss"):
            wrong = ms.SIGN_OF_LOSS
        return _mistake(said, wrong, error=_error(players, loss, m) if wrong is ms.SIGN_OF_KL else None)
    if m.surrogate:
        if m.penalty is not None:
            return Verdict("surrogate", f"{m.what}: {m.surrogate}", beta=m.penalty, **said)
        if m.theorem == "half_square_gradient":
            return _weighted_estimator(players, m, said)
        return Verdict("surrogate", f"{m.what}: {m.surrogate}", **said)
    if m.fixed_variance or (m.another and m.entries):
        return Verdict(
            "another model" if m.another else "equal up to a constant",
            f"{_times(m.factor)}{m.what}" + (f", exact for {m.another}" if m.another else ""), **said,
        )  # fmt: skip
    if m.another:
        return Verdict("another model", f"{m.what}: exact for {m.another}, up to a constant", **said)
    return _scaled(players, asked, m.factor, said, m.what, m.rows)


def _weighted_estimator(players: Players, m: Match, said: dict[str, Any]) -> Verdict:
    """k2: the weight is what stands before the mean over what counts."""
    each = _per_entry(players, m.factor)
    if each == ONE:
        return Verdict("surrogate", f"{m.what}: {m.surrogate}", beta=each, **said)
    return Verdict("weighted", f"weight {text(each)} on {m.what}: {m.surrogate}", beta=each, **said)


def _per_entry(players: Players, factor: Poly) -> Poly:
    """A factor less the mean over entries, rows or what the mask leaves."""
    from elbo_audit.match import formula

    name = players.find("log-density", of="q")
    assert name is not None
    for masked in (True, False) if players.masks else (False,):
        whole = formula(players, [name], lambda v: ONE, masked)
        if (c := (factor * whole)).number() is not None:
            return c
    rows = players.batch
    if rows is not None and (c := factor * rows).number() is not None:
        return c
    return factor


def _scaled(
    players: Players, asked: Asked, factor: Poly, said: dict[str, Any], what: str, rows: Poly | None = None
) -> Verdict:
    """Right but for a factor, and a constant."""
    wanted = asked.factor(players, rows)
    constant = said["constant"]
    whole = said.get("beta") == ONE and not (rows or players.batch is None)  # then a number or a size scales it all
    if wanted is not None and factor != wanted and not (whole and _free_of(players, factor / wanted)):
        ratio = factor / wanted
        if ratio == poly(2) and said["theorem"] == "gaussian_kl_batch":
            return _mistake(said, ms.NO_HALF)
        wrong = ms.SCALE._replace(
            why=f"the loss is {text(ratio)} times what batch='{asked.batch}' asks for",
            instead=f"divide by {text(ratio)}",
        )
        return _mistake(said, wrong, what=what)
    times = _times(factor)
    if constant:
        return Verdict("equal up to a constant", f"{times}{what}, and the constant {text(constant)}", **said)
    return Verdict("equal", f"{times}{what}", **said)


# --- reconstruction and divergence -------------------------------------------------------------------------------------


def _whole(players: Players, loss: Poly, still: Poly, rec: Match, div: Match, asked: Asked) -> Verdict:
    constant = still - div.factor * div.neutral - (ZERO if rec.fixed_variance else rec.factor * rec.neutral)
    model = f"{rec.what}, {div.what}"
    said: dict[str, Any] = {
        "model": model, "theorem": rec.theorem, "prior": div.prior, "prior_variance": div.prior_variance, "formula": loss,
        "on_average": div.on_average, "scale": rec.factor, "constant": constant,
    }  # fmt: skip
    up = -1 if asked.maximised else 1
    if sign(rec.factor) == -up and sign(div.factor) == -up:
        return _mistake(said, ms.SIGN_OF_LOSS)
    if sign(rec.factor) == -up:
        return _mistake(said, ms.SIGN_OF_RECONSTRUCTION)
    if sign(div.factor) == -up:
        return _mistake(said, ms.SIGN_OF_KL, error=_error(players, loss - _of(players, loss, 0), div))
    wrongs = [m.mistake for m in (rec, div) if m.mistake is not None]
    if wrongs:
        part = _of(players, loss, 1) + still - (ZERO if rec.fixed_variance else rec.factor * rec.neutral)
        return _mistake(said, *wrongs, error=_error(players, part, div) if div.mistake and not rec.mistake else None)
    if rec.surrogate or div.surrogate:
        return Verdict("surrogate", rec.surrogate or f"{div.what}: {div.surrogate}", **said)
    factor = rec.factor
    if div.shared and players.batch is not None:
        factor = rec.factor * players.batch / players.count  # the batch stands for all the data
        said |= {"scale": factor, "theorem": "dataset_bound"}
    beta = div.factor / factor
    if rec.fixed_variance and not rec.another:
        return _squared_error(players, rec, div, constant, said, asked)
    if rec.what == "absolute error" and not div.another:
        return _absolute_error(players, rec, div, still, said, asked)
    if rec.another or div.another:
        whose = rec.another or div.another
        more = "" if beta == ONE else f", with the weight {text(beta)} on the divergence"
        return Verdict("another model", f"{model}: exact for {whose}, up to a constant{more}", beta=beta, **said)
    if beta != ONE:
        return Verdict(
            "weighted", f"{_times(factor)}({rec.what} + beta x {div.what}), beta = {text(beta)}{origin(players, beta).words}",
            beta=beta, page=origin(players, beta).page, **said,
        )  # fmt: skip
    if div.shared:
        return _shared(players, asked, factor, said, model)
    return _scaled(players, asked, factor, {**said, "beta": beta}, model)


def _times(factor: Poly) -> str:
    return "" if factor == ONE else f"{text(factor)} x "


def _shared(players: Players, asked: Asked, factor: Poly, said: dict[str, Any], what: str) -> Verdict:
    """A code that all data share: batch='mean' means the bound of the data set over the number of data."""
    if asked.batch == "any" or factor in (ONE, ONE / players.count):
        kind = "equal up to a constant" if said["constant"] else "equal"
        return Verdict(kind, f"{_times(factor)}the negative ELBO of the data set: {what}", beta=ONE, **said)
    return _scaled(players, asked, factor * (players.count / (players.batch or ONE)), {**said, "beta": ONE}, what)


def _squared_error(
    players: Players, rec: Match, div: Match, constant: Poly, said: dict[str, Any], asked: Asked
) -> Verdict:
    """Weight and variance are one choice, unless the constant says which variance is meant."""
    g = rec.factor  # before half the squared error
    k, n = div.factor, rec.entries
    variance = k / g
    per_entry = constant / n
    written = _coefficient_of_log_pi(players, per_entry) * 2  # the factor of the likelihood whose constant is there
    if written and sign(written) == 1:
        meant = written / g
        if written * HALF * (LOG_2PI + log(meant)) == per_entry:
            beta = k / written
            said = {**said, "scale": written, "constant": ZERO, "variance": meant}
            of = f"Gaussian decoder of variance {text(meant)}, {div.what}"
            if beta == ONE:
                return _scaled(players, asked, written, {**said, "beta": beta, "theorem": "gaussian_vae_loss"}, of)
            return Verdict(
                "weighted", f"{_times(written)}({of.split(',')[0]} + beta x {div.what}), beta = {text(beta)}"
                + origin(players, beta).words, beta=beta, page=origin(players, beta).page, **said,
            )  # fmt: skip
    at_half = variance * 2
    said = {
        **said, "scale": k, "variance": variance, "beta": at_half,
        "constant": constant - k * HALF * n * (LOG_2PI + log(variance)),
    }  # fmt: skip
    reading = f"a Gaussian decoder of variance {text(variance)}, weight one" + (
        f", times {text(k)}" if k != ONE else ""
    )
    if variance != poly(HALF):
        words = "" if at_half.number() is not None else origin(players, at_half).words
        reading += f"; or, at variance 1/2, beta = {text(at_half)}{words}"
    wanted = asked.factor(players)
    rows = players.batch
    if wanted is not None and rows is not None and _depends(k / wanted, rows):
        ratio = k / wanted
        wrong = ms.SCALE._replace(
            why=f"the divergence is {text(ratio)} times what batch='{asked.batch}' asks for",
            instead=f"divide by {text(ratio)}",
        )
        return _mistake(said, wrong, what=reading)
    return Verdict("equal up to a constant", reading, **said)


def _absolute_error(
    players: Players, rec: Match, div: Match, still: Poly, said: dict[str, Any], asked: Asked
) -> Verdict:
    """A Laplace decoder, if its constant is there; else another model than the one that was declared."""
    scale = div.factor / rec.factor
    own = div.factor * (div.neutral + rec.entries * log(scale * 2))
    said = {**said, "scale": div.factor, "constant": still - own, "beta": ONE, "laplace": scale}
    what = f"Laplace decoder of scale {text(scale)}, {div.what}"
    if still == own:
        return _scaled(players, asked, div.factor, said, what)
    return Verdict("another model", f"absolute error is the {what}, up to a constant", **said)


def _free_of(players: Players, ratio: Poly) -> bool:
    """A factor on the whole loss, the same for every batch: a unit, such as bits a dimension."""
    return sign(ratio) == 1 and players.batch is not None and not _depends(ratio, players.batch)


def _depends(p: Poly, on: Poly) -> bool:
    names = {a for m in on.terms for a, _ in m}
    return any(a in names for m in p.terms for a, _ in m)


def _coefficient_of_log_pi(players: Players, p: Poly) -> Poly:
    (target,) = {a for m in log(PI).terms for a, _ in m}
    out = ZERO
    for m, c in p.terms.items():
        if any(a == target and e == 1 for a, e in m):
            out += Poly({tuple((a, e) for a, e in m if a != target): c})
    return out
