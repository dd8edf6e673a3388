"""Why is a changed inference that the checker accepts true? Said by numbers and by shape, not by the checker's algebra.

    python -m tests.elbo_check._survivors book.json [changes of each conclusion [seed]]

prints, as tables of docs/guide/check.md, how many changed inferences were refused, kind by kind, and of those accepted how
many are true for which reason. What no reason is found for is printed in full, to be read; the exit status is 1 if there is
such a one.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import mpmath as mp

from elbo_check.load import Node, load
from elbo_check.notation import mentions, unfolded
from elbo_check.replay import deep
from elbo_check.terms import MEASURES, RELATIONS, Budget, Term, at, bare, close, ends, mk, mul, num, rel, sub, walk
from tests.elbo_check._models import DIGITS, TINY, Model, Unknown
from tests.elbo_check._mutants import Mutant, mutants

MODELS = 24
WORDS = {
    "capture": "a free variable caught by a binder",
    "dropped": "a hypothesis dropped",
    "end": "another end of a range",
    "head": "a function left out",
    "index": "another bound variable",
    "name": "another name",
    "number": "another number",
    "relation": "another relation, or turned round",
    "sign": "a sign turned",
    "sort": "another domain",
    "swap": "two arguments swapped",
}
# Whatever the hypotheses of their premises are, these rules add none of their own but what algebra needs.
NO_CONDITIONS = (
    "chain",
    "flip",
    "rewrite",
    "carry",
    "discharge",
    "rearrange",
    "slope_value",
    "unequal",
    "almost_equal",
    "derivative_of_sum",
)


def told(f: Callable[[Model], bool | None], opaque: bool, count: int = MODELS) -> bool:
    """True in every model that tells, and enough of them do."""
    said = 0
    for seed in range(3 * count):
        Budget.start()
        try:
            verdict = f(Model(seed, opaque))
        except (Unknown, OverflowError, ZeroDivisionError):
            continue
        if verdict is False:
            return False
        said += verdict is not None
        if said >= count:
            return True
        if seed > count and not said:
            break
    return said >= count // 2


def true_by_itself(p: Term) -> str:
    """Whatever the hypotheses."""
    if told(lambda m: m.truth(p), opaque=True):
        return "true whatever the hypotheses, integrals being any numbers"
    if told(lambda m: m.truth(p), opaque=False, count=6):
        return "true whatever the hypotheses, by quadrature"
    return ""


class Apart(Exception):
    """Two propositions of different shapes."""


def opened(m: Model, p: Term, q: Term, again: int = 0) -> tuple[Term, Term]:
    """Two propositions below their common quantifiers, at one value of each variable, in the range of both."""
    while p.op in ("all", "ae") and q.op in ("all", "ae"):
        if p.data[1] != q.data[1] or (q.op == "all" and p.op == "ae"):
            raise Apart
        mine, theirs = (m.samples(b, 6) for b in (p, q))
        if not theirs:
            raise Unknown("an empty range")
        if not all(x in mine for x in theirs):
            raise Apart
        v = mk("v", (f"?{len(m.given)}", q.data[1]))
        m.given = {**m.given, v: m.draw("opened", again, len(m.given)).choice(theirs)}
        p, q = at(p, v), at(q, v)
    return p, q


def no_stronger(old: Term, new: Term) -> str:
    """`new` follows from `old`, since it says the same of the same numbers, or less."""
    ratios: list[mp.mpf] = []
    if told(lambda m: same(m, *opened(m, old, new), ratios), opaque=True):
        return "says the same of the same numbers, or less"
    return ""


def same(m: Model, p: Term, q: Term, ratios: list[mp.mpf]) -> bool | None:
    """Of relations: the difference of the sides is that of before, up to a factor that is the same number in every model, and
    for an order positive; or for an order no less than before."""
    weaker = {(p.op, p.op), ("=", ">="), ("=", "<="), (">", ">="), ("<", "<="), (">", "!="), ("<", "!=")}
    if p.op not in RELATIONS or (p.op, q.op) not in weaker:
        raise Apart
    d, e = (m.value(x.kids[0]) - m.value(x.kids[1]) for x in (p, q))
    up = {">": 1, "<": -1}.get(q.op[0], 0)
    if up and p.op != "=" and (e - d) * up >= -TINY:
        return True
    if abs(d) < TINY or abs(e) < TINY:
        return abs(d) + abs(e) < TINY or bool(up * e > 0)
    ratios.append(e / d)
    return m.equal(ratios[0], e / d) and bool(p.op == "=" or ratios[0] > 0 or q.op == "!=")


# --- convergence ------------------------------------------------------------------------------------------------------
def measured(t: Term) -> tuple[list[Term], Term]:
    """A product with one integral or sum among its factors: the other factors, and it."""
    t = unfolded(t)
    factors = [t]
    while any(k.op == "*" for k in factors):
        factors = [x for k in factors for x in (k.kids if k.op == "*" else (k,))]
    (one,) = (k for k in factors if k.op in MEASURES)
    return [k for k in factors if k is not one], one


def same_integral(m: Model, p: Term, q: Term) -> bool | None:
    """conv, dom, inf of the same integrand up to a factor, over the same range or a part of it."""
    if p.op != q.op or p.op not in ("conv", "dom", "inf"):
        raise Apart
    if p.op == "dom":
        v = mk("v", ("?t", p.data[1]))
        p, q = at(p, v), at(q, v)
        told_at = [{v: x} for x in m.samples(mk("all", v.data, mk("=", None, v, v)), 3)]
    else:
        p, q = p.kids[0], q.kids[0]
        told_at = [{}]
    (a, e), (b, f) = measured(p), measured(q)
    if e.op != f.op or not part(m, e, f):
        return False
    ratios = []
    before = m.given
    for more in told_at:
        m.given = {**before, **more}
        c, d = (mp.fprod(map(m.value, x)) for x in (a, b))
        for x in m.samples(f, 6):
            one, two = c * m.at(e, x), d * m.at(f, x)
            if abs(one) + abs(two) < 1000 * TINY:
                continue
            if abs(one) < TINY or abs(two) < TINY:
                return False
            ratios.append(two / one)
    m.given = before
    return all(m.equal(r, ratios[0]) for r in ratios) if ratios else None


def part(m: Model, e: Term, f: Term) -> bool:
    """Is the range of f that of e, or a part of it?"""
    inside = {("real", "pos"), ("int", "nat")}
    if e.data[1] != f.data[1] and (e.data[1], f.data[1]) not in inside:
        return False
    (lo, hi), (low, high) = m.limits(e), m.limits(f)
    return (lo is None or (low is not None and low >= lo - TINY)) and (
        hi is None or (high is not None and high <= hi + TINY)
    )


def falls(m: Model, p: Term) -> bool:
    """conv(int f) over numbers, f entire by its shape and below exp(-c x^2) far out."""
    if p.op != "conv":
        raise Apart
    _, e = measured(p.kids[0])
    if m.whole(e) is not None:
        return True
    if e.data[1] not in ("real", "pos"):
        raise Apart
    if not entire(e.kids[-1], 0):
        return False
    if ends(e) and "end" not in {k.kind for k in ends(e)}:
        return True
    for x in (-900, -300, 300, 900):
        y = abs(m.at(e, mp.mpf(x)))
        if y and mp.log(y) > -mp.mpf(x * x) / 2000:
            return False
    return True


def convergent(p: Term) -> bool:
    """By its shape and far out, whatever the parameters."""
    with suppress(Apart, ValueError):
        return told(lambda m: falls(m, opened(m, p, p)[1]), opaque=True)
    return False


def entire(t: Term, k: int) -> bool:
    """Index k stands only below +, *, whole powers, exp, and inside sums that have finitely many terms."""
    if not mentions(t, k):
        return True
    if t.op == "^":
        n = t.kids[1]
        return n.op == "q" and n.data >= 0 and n.data.denominator == 1 and entire(t.kids[0], k)
    if t.op == "sum" and len(t.kids) == 3 and t.kids[1].kind != "end":
        return not any(mentions(e, k) for e in t.kids[:2]) and entire(t.kids[2], k + 1)
    return t.op == "b" or (t.op in ("+", "*", "exp") and all(entire(x, k) for x in t.kids))


def converges(old: Term, new: Term) -> str:
    """Why `new` of the form conv, dom, inf holds."""
    if told(lambda m: same_integral(m, *opened(m, old, new)), opaque=True):
        return "the same integrand up to a factor, over the same range or a part of it"
    if convergent(new):
        return "a polynomial times a Gaussian, or a finite range"
    if new.op == "inf" and told(lambda m: stays(m, new), opaque=True, count=4):
        return "terms that stay above a constant"
    return ""


def stays(m: Model, p: Term) -> bool:
    _, e = measured(p.kids[0])
    start, _ = m.limits(e)
    return min(m.at(e, start + i) for i in range(60)) > mp.mpf(10) ** -3


# --- reasons ----------------------------------------------------------------------------------------------------------
def another_range(node: Node, new: Node, nodes: list[Node]) -> str:
    """`for all`, and sums term by term: what the premise says holds for every value, whatever range is named."""
    (premise,), x, said = (nodes[i] for i in node.premises), node.extra, False
    if any(x in h.free for h in premise.hyps):
        return ""
    if node.rule == "for_all":
        said = new.goal.op == "all" and bare(new.goal.kids[-1]) is bare(node.goal.kids[-1])
    elif node.rule == "monotone" and premise.goal.op == "=":  # of what is 0 at each point
        zero = {bare(close(k, x)) for k in premise.goal.kids}
        sides = [unfolded(k) for k in new.goal.kids]
        said = any(k.op == "q" and k.data == 0 for k in zero) and all(
            k.op in MEASURES and k.data[1] == x.data[1] and bare(k.kids[-1]) in {bare(unfolded(z)) for z in zero}
            for k in sides
        )
    return "another range of a variable that no hypothesis is about" if said else ""


def same_slope(old: Term, new: Term) -> str:
    """Of a function that differs by a constant."""

    def here(m: Model) -> bool:
        p, q = opened(m, old, new)
        if (p.op, p.data, q.op, q.data) != ("slope", p.data, "slope", p.data) or bare(p.kids[0]) is not bare(q.kids[0]):
            raise Apart
        apart = [m.at(q, x) - m.at(p, x) for x in m.samples(mk("all", p.data, rel("=", num(0), num(0))), 5)]
        return m.equal(*map(m.value, (p.kids[2], q.kids[2]))) and all(m.equal(x, apart[0]) for x in apart)

    return "the slope of a function that differs by a constant" if told(here, opaque=True) else ""


def by_the_premises(new: Node, nodes: list[Node]) -> str:
    """Equals put for equals as the premises say, the conclusion is true whatever integrals are."""
    equal = {bare(p.goal.kids[0]): p.goal.kids[1] for p in (nodes[i] for i in new.premises) if p.goal.op == "="}
    turned = walk(new.goal, lambda t, _: equal.get(bare(t)))
    if equal and turned is not new.goal and told(lambda m: m.truth(turned), opaque=True):
        return "true once equals are put for equals as the premises say"
    return ""


def changed(old: Node, new: Node, nodes: list[Node]) -> str:
    """Why the changed conclusion is true; "" if none is found."""
    reasons = [lambda why=why: why(old.goal, new.goal) for why in (same_slope, no_stronger, converges)]
    reasons.insert(0, lambda: true_by_itself(new.goal))
    if old.rule in ("rewrite", "carry"):
        reasons.append(lambda: by_the_premises(new, nodes))
    if old.rule in ("for_all", "monotone"):
        reasons.insert(0, lambda: another_range(old, new, nodes))
    return first(reasons)


def first(reasons: list[Callable[[], str]]) -> str:
    for reason in reasons:
        with suppress(Apart, ValueError):
            if why := reason():
                return why
    return ""


def dropped(old: Node, new: Node, nodes: list[Node]) -> str:
    """Why a hypothesis is not missed; "" if no reason is found."""
    (h,) = (h for h in old.hyps if h not in new.hyps)
    of_premises = {bare(g) for i in old.premises for g in nodes[i].hyps}
    below = bare(h.kids[-1]) if h.op == "all" else None
    if old.rule in ("for_all", "derivative_of_sum", "monotone"):  # the hypotheses of the premise, for every value
        of_premises |= {bare(close(g, old.extra)) for g in (g for i in old.premises for g in nodes[i].hyps)}
    core = h
    while core.op in ("all", "ae"):
        core = core.kids[-1]
    reasons: list[Callable[[], str]] = [
        lambda: true_by_itself(new.goal) and "superfluous: the conclusion is " + true_by_itself(new.goal),
        lambda: "superfluous: it is " + true_by_itself(h) if true_by_itself(h) else "",
        lambda: "superfluous: it is the convergence of a polynomial times a Gaussian" if convergent(h) else "",
    ]
    if not of_premises & {bare(h), below} and old.rule in NO_CONDITIONS and core.op not in ("!=", ">", "<"):
        reasons.insert(0, lambda: "superfluous: no hypothesis of a premise, and the rule has no condition")
    if old.rule == "rearrange":
        reasons.append(lambda: identity(old, nodes))
    if old.rule == "linearity" and h.op in ("all", "ae"):
        reasons.append(lambda: adds_up(old))
    for g in new.hyps:
        reasons.append(lambda g=g: follows(g, h))
    return first(reasons)


def identity(node: Node, nodes: list[Node]) -> str:
    """c - d = t (a - b) with nothing asked, and the hypothesis is not one of the premise."""
    ((a, b),) = (nodes[i].goal.kids for i in node.premises)
    whole = rel("=", sub(*node.goal.kids), mul(node.extra, sub(a, b)))
    if told(lambda m: m.truth(whole), opaque=True):
        return "superfluous: the rearrangement is true whatever the hypotheses"
    return ""


def adds_up(node: Node) -> str:
    """Integrands add up at every point, whatever the integrals in them are; that the parts converge is not quantified."""

    def here(m: Model) -> bool:
        e, parts = unfolded(node.goal.kids[0]), [(c, unfolded(g)) for c, g in node.extra]
        points = m.samples(e, 5)
        return all(m.equal(m.at(e, x), mp.fsum(m.value(c) * m.at(g, x) for c, g in parts)) for x in points)

    return "superfluous: not about the integrals that are added" if told(here, opaque=True) else ""


def follows(g: Term, h: Term) -> str:
    """conv(int f) from int f = c, c not 0; or from another hypothesis of the same integral."""

    def here(m: Model) -> bool:
        p, q = opened(m, g, h)
        if p.op == "=" and q.op == "conv":
            for side, value in (p.kids, p.kids[::-1]):
                with suppress(ValueError):
                    if same_integral(m, mk("conv", None, side), q) and abs(m.value(value)) > TINY:
                        return True
            raise Apart
        return bool(same_integral(m, p, q))

    return "superfluous: it follows from another hypothesis" if told(here, opaque=True) else ""


def reason(mutant: Mutant, nodes: list[Node]) -> str:
    old = nodes[mutant.place]
    with mp.workdps(DIGITS):
        return (dropped if mutant.kind == "dropped" else changed)(old, mutant.node, nodes)


class Count(NamedTuple):
    tried: Counter[str]
    refused: Counter[str]
    reasons: Counter[str]
    unknown: list[str]


def count(nodes: list[Node], seed: int, each: int, places: Iterable[int] | None = None) -> Count:
    out = Count(Counter(), Counter(), Counter(), [])
    for m in mutants(nodes, random.Random(seed), each, places):
        out.tried[m.kind] += 1
        if m.why:
            out.refused[m.kind] += 1
        elif why := reason(m, nodes):
            out.reasons[why] += 1
        else:
            hyps, gone = ", ".join(map(repr, m.node.hyps)), set(nodes[m.place].hyps) - set(m.node.hyps)
            out.unknown.append(f"{m.place} {m.node.rule} [{m.kind}] {hyps} |- {m.node.goal!r} {gone or ''}")
    return out


def table(found: Count) -> str:
    """For docs/guide/check.md."""
    lines = ["| change | tried | refused |", "| --- | ---: | ---: |"]
    lines += [
        f"| {WORDS[kind]} | {found.tried[kind]:,} | {found.refused[kind]:,} |"
        for kind in sorted(found.tried, key=WORDS.get)
    ]
    lines += [f"| **all** | **{found.tried.total():,}** | **{found.refused.total():,}** |", ""]
    lines += ["| accepted, and true because | |", "| --- | ---: |"]
    lines += [f"| {why} | {n:,} |" for why, n in found.reasons.most_common()]
    return "\n".join([*lines, f"| no reason is known | {len(found.unknown):,} |"])


def main() -> int:
    each, seed = (int(x) for x in [*sys.argv[2:], *("3", "0")[len(sys.argv) - 2 :]])
    found = count(load(Path(sys.argv[1]).read_bytes()).nodes, seed, each)
    print(table(found), *found.unknown, sep="\n")
    return 1 if found.unknown else 0


if __name__ == "__main__":
    sys.exit(deep(main))
