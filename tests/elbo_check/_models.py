"""A closed proposition as numbers, read by the semantics of FORMAT.md and by nothing of the checker's algebra.

One `Model` gives every variable a value of its sort and every abstract function a smooth function; then terms are numbers to
`DIGITS` digits. An integral or infinite sum is read in one of two ways:

opaque    some number that depends on the integrand alone and scales with it; nothing else is taken to hold, least of all
          that integrals add up. What is true so, is true whatever converges.
measured  by quadrature. Unknown is what may not converge: over an abstract space, of an abstract function, or where the
          integrand does not die out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import mpmath as mp

from elbo_check.notation import mentions, unfolded
from elbo_check.terms import MEASURES, WHOLE, Sort, Term, at, ends, is_point, mk

DIGITS = 40
TINY = mp.mpf(10) ** -28
COARSE = mp.mpf(10) ** -9  # of a quadrature
Value = object  # a number, an atom of a space, or the coordinates of a point


class Unknown(Exception):
    """Not to be told by these numbers."""


class Model:
    """Values for what is free, the same whenever asked."""

    def __init__(self, seed: int, opaque: bool) -> None:
        self.seed, self.opaque = seed, opaque
        self.given: dict[Term, Value] = {}
        self.bodies: dict[tuple[Term, int], tuple[Term, Term]] = {}
        self.coarse = False
        self.depth = 0

    @property
    def tolerance(self) -> mp.mpf:
        return COARSE if self.coarse else TINY

    def draw(self, *what: object) -> random.Random:
        return random.Random(repr((self.seed, *what)))

    # --- values of variables and functions
    def of_sort(self, sort: Sort, *name: object) -> Value:
        rng = self.draw("value", sort if isinstance(sort, str) else "^", *name)
        if isinstance(sort, tuple):
            return tuple(mp.mpf(rng.uniform(-2, 2)) for _ in range(self.dimension(sort)))
        if sort in WHOLE:
            return mp.mpf(rng.randint(1, 3) if sort == "nat" else rng.randint(-2, 3))
        if is_point(sort):
            return rng.choice(self.atoms(sort))
        special = rng.random() < 0.3
        if sort == "pos":
            return mp.mpf(rng.choice([1, 2, 0.5])) if special else mp.mpf(rng.uniform(0.4, 1.9))
        return mp.mpf(rng.choice([0, 1, -1, 2])) if special else mp.mpf(rng.uniform(-1.5, 1.5))

    def dimension(self, sort: Sort) -> int:
        n = self.value(sort[1])
        if not 1 <= n <= 3:
            raise Unknown("a space of many dimensions")
        return int(n)

    def atoms(self, sort: str) -> list[Value]:
        """Some points of an abstract space."""
        return [(sort, i) for i in range(3)]

    def function(self, name: str, sort: Sort, args: list[Value]) -> mp.mpf:
        """Smooth in numbers; of an atom, a value of its own; what is positive dies out."""
        labels = [a for a in args if isinstance(a, tuple) and a and isinstance(a[0], str)]
        flat = [x for a in args if a not in labels for x in (a if isinstance(a, tuple) else (a,))]
        rng = self.draw("function", name, sort, len(args), labels)
        wave = mp.fsum(
            mp.mpf(rng.uniform(0.3, 0.9))
            * mp.sin(mp.fsum(mp.mpf(rng.uniform(-1, 1)) * x for x in flat) + rng.uniform(0, 6))
            for _ in range(2)
        )
        if sort == "real":
            return 2 * wave
        if sort == "pos":
            return mp.exp(wave - mp.fsum(x * x for x in flat) / 5)
        whole = random.Random(repr((self.seed, name, [mp.nstr(x, 20) for x in flat], labels)))
        return mp.mpf(whole.randint(1, 3) if sort == "nat" else whole.randint(-2, 3))

    # --- terms
    def value(self, t: Term) -> mp.mpf:
        return self.eval(unfolded(t))

    def eval(self, t: Term) -> Value:
        k = t.kids
        match t.op:
            case "q":
                return mp.mpf(t.data.numerator) / t.data.denominator
            case "pi":
                return +mp.pi
            case "v":
                return self.given[t] if t in self.given else self.of_sort(t.data[1], t.data[0])
            case "f":
                return self.function(*t.data, list(map(self.eval, k)))
            case "at":
                point, j = map(self.eval, k)
                there = j == int(j) and 1 <= j <= len(point)
                return point[int(j) - 1] if there else 3 + mp.sin(j)  # some number that nobody expects
            case "+":
                return mp.fsum(map(self.eval, k))
            case "*":
                return mp.fprod(map(self.eval, k))
            case "exp":
                return mp.exp(self.small(self.eval(k[0])))
            case "abs":
                return abs(self.eval(k[0]))
            case "log":
                x = self.told(self.eval(k[0]))
                return mp.log(x) if x > 0 else 3 + mp.sin(7 * x)  # some function that nobody expects
            case "^":
                return self.power(*map(self.eval, k))
            case "int" | "sum" | "prod":
                return self.total(t)
            case "D":
                x = self.eval(k[0])
                return self.some_number(t, x) if self.opaque and any(map(unbounded, k)) else self.slope(t, x)
        raise Unknown(t.op)

    def small(self, x: mp.mpf) -> mp.mpf:
        if abs(x) > 10**7:
            raise Unknown("a number that is too large")
        return x

    def told(self, x: mp.mpf) -> mp.mpf:
        if x and abs(x) < TINY:
            raise Unknown("0, or so small: not to be told")
        return x

    def power(self, x: mp.mpf, y: mp.mpf) -> mp.mpf:
        whole = mp.nint(self.small(y))
        if abs(y) < TINY:
            return mp.mpf(1)
        if self.told(x) == 0:
            return mp.mpf(0)
        if abs(y - whole) < TINY:
            return x ** int(whole)
        return x**y if x > 0 else 2 + mp.cos(3 * x + 5 * y)

    def at(self, binder: Term, x: Value) -> mp.mpf:
        """The body of a binder at a value."""
        here = (binder, self.depth)
        if here not in self.bodies:
            v = mk("v", (f"!{self.depth}", binder.data[1]))
            self.bodies[here] = v, at(binder, v)
        v, body = self.bodies[here]
        before, self.depth = self.given, self.depth + 1
        self.given = {**before, v: x}
        try:
            return self.truth(body) if body.kind == "prop" else self.eval(body)
        finally:
            self.given, self.depth = before, self.depth - 1

    def slope(self, binder: Term, x: mp.mpf) -> mp.mpf:
        """By differences from both sides, which must agree."""
        h = mp.mpf(10) ** -13
        f, up, down = (self.at(binder, y) for y in (x, x + h, x - h))
        if abs((up - f) / h - (f - down) / h) > mp.mpf(10) ** -6:
            raise Unknown("no derivative in sight")
        self.coarse = True
        return (up - down) / (2 * h)

    # --- sums and integrals
    def whole(self, t: Term) -> list[mp.mpf] | None:
        """The whole numbers of a finite range."""
        pair = ends(t)
        if t.data[1] not in WHOLE or not pair or "end" in (pair[0].kind, pair[1].kind):
            return None
        lo, hi = map(self.eval, pair)
        first = max(mp.ceil(lo - TINY), 1) if t.data[1] == "nat" else mp.ceil(lo - TINY)
        if hi - first > 200:
            raise Unknown("a long sum")
        return [first + i for i in range(int(mp.floor(hi + TINY) - first) + 1)]

    def total(self, t: Term) -> mp.mpf:
        if (points := self.whole(t)) is not None:
            values = [self.at(t, n) for n in points]
            return mp.fsum(values) if t.op == "sum" else mp.fprod(values)
        if self.opaque:
            return self.some_number(t)
        if (isinstance(t.data[1], str) and t.data[1][0] == "@") or abstract(t.kids[-1], 0):
            raise Unknown("whether it converges")
        self.coarse = True
        return mp.fsum(w * self.at(t, x) for x, w in self.nodes(t))

    def some_number(self, t: Term, *where: object) -> mp.mpf:
        """Scales with the body; of an integral it has the sign of the body."""
        values = [self.at(t, x) for x in self.samples(t, 4)]
        lead = next((v for v in values if v), mp.mpf(0))
        if t.op != "D":
            where = tuple(mp.nstr(self.eval(e), 18) if e.kind != "end" else e.op for e in ends(t))
        shape = [mp.nstr(v / lead, 18) for v in values] if lead else []
        return lead * self.draw(t.op, t.data[1] if isinstance(t.data[1], str) else "^", where, shape).uniform(0.2, 2)

    def samples(self, binder: Term, count: int) -> list[Value]:
        """Points of the range."""
        sort, pair = binder.data[1], ends(binder) if binder.op not in ("D", "slope", "dom") else ()
        if not pair and isinstance(sort, str) and sort[0] == "@":
            return self.atoms(sort)
        if (points := self.whole(binder)) is not None:
            return points
        drawn = [self.of_sort(sort, "sample", i) for i in range(count)]
        if not pair:
            return drawn
        lo, hi = self.limits(binder)
        if sort in WHOLE:
            start = lo if lo is not None else hi - count
            return [start + i for i in range(count)]
        if lo is not None and hi is not None:
            return [lo + (hi - lo) * mp.mpf(2 * i + 1) / (2 * count) for i in range(count)]
        return [lo + abs(x) if lo is not None else hi - abs(x) for x in drawn]

    def limits(self, binder: Term) -> tuple[mp.mpf | None, mp.mpf | None]:
        """The ends of a range of numbers, None for none."""
        pair, sort = ends(binder), binder.data[1]
        lo, hi = (None if e.kind == "end" else self.value(e) for e in pair) if pair else (None, None)
        if sort in WHOLE and lo is not None:
            lo = mp.ceil(lo - TINY)
        least = {"nat": mp.mpf(1), "pos": mp.mpf(0)}.get(sort) if isinstance(sort, str) else None
        return (least if lo is None else lo if least is None else max(lo, least)), hi

    def nodes(self, t: Term) -> Iterator[tuple[Value, mp.mpf]]:
        """Points and weights of a quadrature."""
        sort, pair = t.data[1], ends(t)
        if isinstance(sort, tuple):
            axis = list(self.line())[::3]
            grids = [[((), mp.mpf(1))]]
            for _ in range(self.dimension(sort)):
                grids.append([((*p, x), w * 3 * v) for p, w in grids[-1] for x, v in axis])
            yield from grids[-1]
        elif sort in WHOLE:
            yield from self.to_infinity(t)
        elif not pair and sort == "real":
            yield from self.faded(t, list(self.line()))
        else:
            lo, hi = (
                (None if e.kind == "end" else self.eval(e) for e in pair or (None, None)) if pair else (mp.mpf(0), None)
            )
            far = [0, 1, 3, 6, 12, 24]
            cuts = (
                [lo, hi]
                if None not in (lo, hi)
                else [lo + x for x in far]
                if lo is not None
                else [hi - x for x in far[::-1]]
            )
            if cuts[0] > cuts[-1]:
                return
            found = [node for a, b in pairwise(cuts) for node in legendre(a, b)]
            yield from found if None not in (lo, hi) else self.faded(t, found)

    def line(self) -> Iterator[tuple[mp.mpf, mp.mpf]]:
        """The trapezoidal rule, which is exact to many digits for smooth functions that die out."""
        h = mp.mpf(3) / 10
        yield from ((h * i, h) for i in range(-54, 55))

    def faded(self, t: Term, nodes: list[tuple[Value, mp.mpf]]) -> list[tuple[Value, mp.mpf]]:
        """Nodes at whose ends the integrand is gone."""
        both = ends(t)[1].kind == "end" if ends(t) else True
        left = (not ends(t) and t.data[1] == "real") or (ends(t) and ends(t)[0].kind == "end")
        for x, there in ((nodes[0][0], left), (nodes[-1][0], both)):
            if there and abs(self.at(t, x)) > COARSE / 100:
                raise Unknown("the integrand does not die out in sight")
        return nodes

    def to_infinity(self, t: Term) -> Iterator[tuple[mp.mpf, mp.mpf]]:
        pair = ends(t)
        start = self.eval(pair[0]) if pair and pair[0].kind != "end" else mp.mpf(1)
        if t.data[1] == "int" and not (pair and pair[0].kind != "end"):
            raise Unknown("a sum over all whole numbers")
        if abs(self.at(t, start + 160)) > TINY:
            raise Unknown("the terms do not die out in sight")
        yield from ((start + i, mp.mpf(1)) for i in range(160))

    # --- propositions
    def truth(self, p: Term) -> bool:
        p = unfolded(p)
        k = p.kids
        match p.op:
            case "all" | "ae":
                return all(self.at(p, x) for x in self.samples(p, 6))
            case "slope":
                return self.equal(self.slope(p, self.value(k[0])), self.value(k[2]))
            case "=":
                return self.equal(*map(self.value, k))
            case "!=":
                a, b = map(self.value, k)
                if a != b and self.equal(a, b):
                    raise Unknown("apart, but so little: not to be told")
                return a != b
            case ">=" | ">" | "<=" | "<":
                a, b = map(self.value, k if p.op[0] == ">" else k[::-1])
                slack = self.tolerance * (1 + abs(a) + abs(b))
                if len(p.op) == 1 and 0 < a - b <= slack:
                    raise Unknown("more, but so little: not to be told")
                return bool(a - b > (slack if len(p.op) == 1 else -slack))
        raise Unknown(p.op)

    def equal(self, a: mp.mpf, b: mp.mpf) -> bool:
        return bool(abs(a - b) <= self.tolerance * (1 + abs(a) + abs(b)))


def abstract(t: Term, k: int) -> bool:
    """Does an abstract function have index k among its arguments?"""
    if t.op == "f":
        return mentions(t, k)
    return any(abstract(x, k + d) for x, d in zip(t.kids, t.under, strict=True))


def unbounded(t: Term) -> bool:
    """Is there an integral or infinite sum in it?"""
    here = t.op in MEASURES and not (t.op == "sum" and ends(t) and "end" not in {e.kind for e in ends(t)})
    return here or any(map(unbounded, t.kids))


_RULE: dict[int, list[tuple[mp.mpf, mp.mpf]]] = {}


def legendre(a: mp.mpf, b: mp.mpf, n: int = 20) -> list[tuple[mp.mpf, mp.mpf]]:
    """Gauss and Legendre on an interval."""
    if n not in _RULE:
        roots = mp.polyroots(mp.taylor(lambda x: mp.legendre(n, x), 0, n)[::-1], maxsteps=200, extraprec=200)
        slope = [mp.diff(lambda x: mp.legendre(n, x), mp.re(r)) for r in roots]
        _RULE[n] = [(mp.re(r), 2 / ((1 - mp.re(r) ** 2) * d**2)) for r, d in zip(roots, slope, strict=True)]
    return [((a + b) / 2 + (b - a) / 2 * x, (b - a) / 2 * w) for x, w in _RULE[n]]
