"""Terms that differ a little from a given one: for printers, which must not print the two alike."""

import random

from derivations._language.certificate import Row

ONE, TWO = Row("q", "1"), Row("q", "2")
RELATIONS = ["=", ">=", ">", "<=", "<", "!="]
TERMS = {"q", "pi", "v", "b", "+", "*", "^", "exp", "log", "abs", "f", "at", "int", "sum", "prod", "D", "n"}
ALIKE = ["KL", "CrossEntropy", "E", "ELBO"]  # notations of one shape
SORTS = ["real", "pos", "int", "nat", "@u", "@w", ["^", TWO], ["^", Row("v", "d", "nat")]]


def below(row):
    """The rows directly inside, but not those in sorts, each with its place and the number of binders over it."""
    head, *parts = row.parts
    if head == "n":
        k = len(parts[1])
        for j, (_, _, *ends) in enumerate(parts[1]):
            yield from (((2, j, 2 + i), r, k - j - 1) for i, r in enumerate(ends))
        yield from (((3 + i,), r, k) for i, r in enumerate(parts[2:]))
        return
    at = {"dom": 0, "D": 1, "slope": 1}.get(head, -1)
    start = 3 if head in ("int", "sum", "prod", "all", "ae", "D", "slope", "dom") else 3 if head == "f" else 1
    rows = [(i, r) for i, r in enumerate(row.parts) if i >= start and isinstance(r, Row)]
    for k, (i, r) in enumerate(rows):
        last = k == len(rows) - 1 if at == -1 else k == at
        yield (i,), r, int(head != "f" and start == 3 and last)


def put(row, place, new):
    parts = list(row.parts)
    if len(place) == 1:
        parts[place[0]] = new
    else:
        ranges = [list(r) for r in parts[2]]
        ranges[place[1]][place[2]] = new
        parts[2] = ranges
    return Row(*parts)


def mutant(row, rng: random.Random, pool, depth=0):
    """One change somewhere in a row; `pool` has variables and functions to put in."""
    inside = [(p, r, d) for p, r, d in below(row) if r.parts[0] not in ("oo", "-oo")]
    if row.parts[0] == "at":
        inside = inside[1:]
    if inside and rng.random() < 0.8:
        place, r, d = rng.choice(inside)
        return put(row, place, mutant(r, rng, pool, depth + d))
    return rng.choice(list(changes(row, rng, pool, depth)) or [row])


def changes(row, rng, pool, depth):
    head, *parts = row.parts
    if head in TERMS:
        minus = Row("q", "-1")
        yield from (Row("*", minus, row), Row("+", row, ONE), Row("^", row, minus), Row("^", row, Row("q", "1/2")))
        yield from (Row("^", row, Row("q", "-1/2")), Row("^", Row("^", row, TWO), Row("q", "3")), Row("log", row))
        yield from (Row("*", TWO, Row("q", "3"), row), Row("*", ONE, row), Row("*", Row("q", "-2/3"), row))
        yield from (Row("exp", row), Row("abs", row), Row("*", row, Row("*", row, TWO)), Row("^", TWO, row))
        yield from (Row("^", TWO, Row("*", minus, row)), Row("^", TWO, Row("*", minus, Row("*", row, row))))
        yield from (
            Row("*", row, Row("^", Row("*", row, TWO), minus)),
            Row("*", row, Row("^", Row("+", row, ONE), minus)),
        )
        yield from (Row("*", row, Row("^", Row("exp", ONE), row)), Row("^", Row("exp", row), TWO), rng.choice(pool))
        yield from (Row("sum", "n", "nat", ONE, TWO, row), Row("int", "z", "real", row)) if depth == 0 else ()
        yield from (Row("b", k) for k in range(depth))
    if head in RELATIONS:
        yield Row(head, *reversed(parts))
        yield Row(rng.choice(RELATIONS), *parts)
    if head in ("+", "*") and len(parts) > 2:
        yield Row(head, Row(head, *parts[:2]), *parts[2:])
        yield Row(head, *parts[:1], Row(head, *parts[1:]))
    if head == "q":
        yield from (Row("q", "7"), Row("q", "-1/3"), Row("q", "0"))
    if head == "^":
        yield Row(head, *reversed(parts))
    if head == "v":
        yield from (
            Row("v", parts[0], rng.choice(SORTS)),
            Row("v", rng.choice(["z", "u", "zs", "mean", "mu", "x_1"]), parts[1]),
        )
    if head == "f":
        yield Row("f", parts[0], rng.choice(["real", "pos", "nat"]), *parts[2:])
        yield Row("f", *parts[:2], *reversed(parts[2:]))
        others = [r.parts[1] for r in pool if r.parts[0] == "f" and len(r.parts) == len(row.parts)]
        yield from (Row("f", name, *parts[1:]) for name in others)
    if head in ("conv", "joint", "inf"):
        yield from (Row(h, *parts) for h in ("conv", "joint", "inf"))
    if head in ("all", "ae", "int", "sum", "prod"):
        ends = [
            [],
            [ONE, TWO],
            [Row("q", "0"), Row("oo")],
            [Row("-oo"), ONE],
            [Row("v", "a", "real"), Row("v", "b", "real")],
        ]
        ends = ends[1:] if head == "prod" else ends
        sorts = {"sum": ["int", "nat"], "prod": ["int", "nat"], "int": ["real", "pos"]}.get(head, SORTS[:4])
        yield Row(head, rng.choice(["z", "y", "u", "n", "", "z'"]), *parts[1:])
        yield Row(head, parts[0], rng.choice(sorts), *rng.choice(ends), parts[-1])
        yield Row("ae" if head == "all" else "all", *parts) if head in ("all", "ae") else row
    if head in ("D", "slope"):
        yield Row(head, parts[0], "pos" if parts[1] == "real" else "real", *parts[2:])
        yield Row(head, *parts[:2], rng.choice([r for r in pool if r.parts[0] == "v"] or [ONE]), *parts[3:])
    if head == "n":
        yield from (Row("n", other, *parts[1:]) for other in ALIKE if parts[0] in ALIKE)
        yield Row("n", *parts[:2], *reversed(parts[2:]))
        yield Row("n", parts[0], parts[1][::-1], *parts[2:])
        yield Row("n", parts[0], [["z", *r[1:]] for r in parts[1]], *parts[2:])
        yield Row("n", parts[0], [[h, "pos" if s == "real" else s, *e] for h, s, *e in parts[1]], *parts[2:])
        numbers = [[h, s if isinstance(s, str) and s[0] != "@" else "real", ONE, TWO] for h, s, *_ in parts[1]]
        yield Row("n", parts[0], numbers, *parts[2:])
        yield Row("n", parts[0], [[h, s] for h, s, *_ in parts[1]], *parts[2:])
