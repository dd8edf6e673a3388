"""Means over standard normal noise, of formulas that are polynomials in it; draws from the encoder as noise."""

from __future__ import annotations

from fractions import Fraction

from elbo_audit import arrays as ar
from elbo_audit.laws import SPREAD
from elbo_audit.players import Players
from elbo_audit.sums import opened_sum as opened
from elbo_audit.sums import substitute, total
from elbo_audit.terms import Atom, Mono, Poly, Refuse, as_poly, element, of_atom, poly, power

HALF = Fraction(1, 2)


def drawn(players: Players, part: Poly) -> Poly:
    """Draws from the encoder written as mean + std x noise."""
    z, q = players.find("sample"), players.gaussian("q")
    if z is None or q is None:
        return part
    kind = players.roles[q[1]].kind
    dims, (m, s, old) = ar.aligned(players.arrays[q[0]], players.arrays[q[1]], players.arrays[z])
    if [len(d) for d in dims] != [len(d) for d in players.arrays[z].dims]:
        raise Refuse("several draws for one encoder")
    places = next(iter(old.terms))[0][0].args[1]
    value = m + power(SPREAD[kind].variance(s), HALF) * element(f"noise of {z}", places, "noise")

    def here(a: Atom) -> Poly | None:
        if a.head != "elem" or a.args[0] != z:
            return None
        from elbo_audit.sums import rename

        return rename(value, dict(zip(places, a.args[1], strict=True)))

    return substitute(part, here)


def averaged(players: Players, part: Poly) -> Poly:
    """The mean over all noise; refused where noise stands inside another function, or at two places of one product."""
    out = poly(0)
    for m, c in part.terms.items():
        term = poly(c)
        noisy = [(a, e) for a, e in m if _has_noise(players, a)]
        if len(noisy) > 1 or any(e != 1 for _, e in noisy):
            raise Refuse("a product of sums of noise")
        for a, e in m:
            term = term * (_mean_of(players, a) if (a, e) in noisy else of_atom(a, e))
        out += term
    return out


def _is_noise(a: Atom) -> bool:
    return a.head == "elem" and a.args[2] == "noise"


def _has_noise(players: Players, a: Atom) -> bool:
    from elbo_audit.sums import atoms

    return any(_is_noise(b) for b in atoms(of_atom(a)))


def _mean_of(players: Players, a: Atom) -> Poly:
    if _is_noise(a):
        return poly(0)
    if a.head != "sum":
        raise Refuse("noise inside another function")
    body, axes = opened(a)
    moment, rest = Fraction(1), list[tuple[Atom, Fraction]]()
    seen = 0
    for b, e in body:
        if _is_noise(b):
            seen += 1
            if e.denominator != 1 or e < 0 or seen > 1:
                raise Refuse("noise to a power that has no mean here, or two entries of noise in one product")
            moment *= 0 if e % 2 else _odd_product(int(e))
        elif _has_noise(players, b):
            raise Refuse("noise inside another function")
        else:
            rest.append((b, e))
    left: Mono = tuple(rest)
    return total(as_poly(left, moment), axes) if moment else poly(0)


def _odd_product(n: int) -> int:
    """The mean of the n-th power of a standard normal number, n even: 1 x 3 x ... x (n - 1)."""
    out = 1
    for k in range(1, n, 2):
        out *= k
    return out
