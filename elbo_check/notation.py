"""The templates of notations. Arguments are put in as they stand; no template looks at their shape."""

from __future__ import annotations

from fractions import Fraction

from elbo_check.terms import *

HALF = Fraction(1, 2)
ARITY = {  # head: arguments, least and greatest number of ranges
    "Normal": (3, 0, 0),
    "Bernoulli": (2, 0, 0),
    "E": (2, 1, 99),
    "Entropy": (1, 1, 99),
    "CrossEntropy": (2, 1, 99),
    "KL": (2, 1, 99),
    "ELBO": (2, 1, 99),
    "Information": (3, 2, 2),
}


def template(t: Term) -> Term:
    """What a notation stands for. Its arguments stand under all its ranges; the first range is the innermost."""
    head, ranges = t.data
    count = sum(n for _, _, n in ranges)
    args, ends = t.kids[count:], iter(t.kids[:count])
    need(head in ARITY, "no such notation: {}", head[:50])
    n, least, most = ARITY[head]
    need(len(args) == n and least <= len(ranges) <= most, "the wrong number of arguments or ranges of {}", head)
    own = [(h, s, [next(ends) for _ in range(m)]) for h, s, m in ranges]

    def total(body: Term, which: range) -> Term:
        for j in which:
            hint, sort, pair = own[j]
            body = mk("sum" if sort in WHOLE else "int", (hint, sort), *pair, body)
        return body

    every = range(len(ranges))
    match head:
        case "Normal":
            z, m, v = args
            density = exp(mul(num(-HALF), power(sub(z, m), 2), power(v, -1)))
            return mul(density, power(mul(num(2), mk("pi"), v), -HALF))
        case "Bernoulli":
            return mul(power(args[1], args[0]), power(add(num(1), args[1]), -1))
        case "E":
            return total(mul(args[1], args[0]), every)
        case "Entropy":
            return mul(num(-1), total(mul(args[0], log(args[0])), every))
        case "CrossEntropy":
            return mul(num(-1), total(mul(args[0], log(args[1])), every))
        case "KL":
            return total(mul(args[0], log(ratio(*args))), every)
        case "ELBO":
            return total(mul(args[1], log(ratio(*args))), every)
        case _:  # Information
            w, c, m = args
            need(not mentions(w, 0), "the weight of an Information mentions the inner variable")
            return total(mul(shift(w, -1, 1), total(mul(c, log(ratio(c, m))), range(1))), range(1, 2))


def ratio(p: Term, q: Term) -> Term:
    return mul(p, power(q, -1))


def mentions(t: Term, k: int) -> bool:
    """Does index k dangle in t?"""
    seen: set[tuple[int, int]] = set()

    def go(t: Term, k: int) -> bool:
        if t.high <= k or (id(t), k) in seen:
            return False
        seen.add((id(t), k))
        return t.data == k if t.op == "b" else any(go(x, k + d) for x, d in zip(t.kids, t.under, strict=True))

    return go(t, k)


@cached
def unfolded(t: Term) -> Term:
    """Every notation opened, all the way down."""
    u = mk(t.op, t.data, *map(unfolded, t.kids)) if t.kids else t
    return unfolded(template(u)) if u.op == "n" else u
