"""Where a weight on the divergence comes from, in words, and the page that says so."""

from __future__ import annotations

from typing import NamedTuple

from elbo_audit.players import Players
from elbo_audit.terms import HALF, UNIT, Poly


class Origin(NamedTuple):
    """In words, after a colon, and a verdict of the book."""

    words: str = ""
    page: str = ""


LATENT = ("mean", "logvar", "std", "logstd", "variance")


def origin(players: Players, beta: Poly) -> Origin:
    """The reductions whose quotient a weight is."""
    if beta.number() == 2:
        return Origin(": the factor 1/2 of the divergence is missing", "divergence_without_half")
    if beta.number() == HALF:
        return Origin(": the factor 1/2 of the divergence is there twice")
    for weight, words, page in _known(players):
        q = beta / weight
        if q == UNIT:
            return Origin(f": {words}", page)
        if q.number() in (2, HALF, 4, HALF * HALF):
            return Origin(f": {words}; and a factor {q.number()}", page)
    return Origin()


def _known(players: Players) -> list[tuple[Poly, str, str]]:
    latent = [n for n in players.div if n in players.roles and players.roles[n].kind in LATENT]
    pixels, codes, rows = _entries(players, players.data), _entries(players, latent), players.batch
    means: list[tuple[Poly, str, str]] = []
    if pixels is not None:
        words = "the reconstruction is averaged over its entries, the divergence is summed"
        means.append((pixels, words, "mean_over_entries"))
    if codes is not None:
        means.append((UNIT / codes, "the divergence is averaged over the latent dimensions", "means_everywhere"))
    if pixels is not None and codes is not None:
        words = "the reconstruction is averaged over its entries, the divergence over the latent dimensions"
        means.append((pixels / codes, words, "means_everywhere"))
    if rows is None:
        return means
    out = [*means, (UNIT / rows, "the divergence is divided by the batch once too often", "means_everywhere")]
    out.append((rows, "the divergence is summed over the batch, the reconstruction averaged", "mean_over_entries"))
    for weight, words, page in means:
        out.append(
            (weight * rows, f"{words}; and the batch is averaged in the reconstruction, summed in the divergence", page)
        )
        out.append((weight / rows, f"{words}; and the divergence is divided by the batch once more", page))
    if players.find("count"):
        words = "a batch stands for all the data without the factor N/B"
        out.append((players.count / rows, words, "shared_code_over_the_batch"))
    return out


def _entries(players: Players, names: list[str]) -> Poly | None:
    """How many entries a datum has, of the first of these arguments."""
    for n in names:
        shape = players.arrays[n].shape
        if len(shape) > 1:
            out = UNIT
            for size in shape[1:]:
                out = out * size
            return out
    return None
