"""Terms: interned and locally nameless. A bound variable is an index, a free one has a name and a sort.

Two terms are the same formula exactly when their `bare` terms (hints removed) are one object. Nothing is evaluated.
`mk` is the only maker, and it checks sorts: what exists is well formed, also when a rule built it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from time import monotonic
from typing import Any, TypeVar

WHOLE = ("int", "nat")
REALS = ("real", "pos")
NUMBERS = (*REALS, *WHOLE)
RANGED = ("int", "sum", "prod", "all", "ae")  # hint, sort; ends (none or two), body
BINDERS = (*RANGED, "D", "dom", "slope")  # D: at, body. dom: body. slope: at, body, value
MEASURES = ("int", "sum")
RELATIONS = ("=", ">=", ">", "<=", "<", "!=")
TERMS, FREES = 1_000_000, 5_000_000  # of one certificate: terms; members of all their sets of free variables
DEPTH, FREE = 400, 200  # limits on a term: nesting; free variables and functions


class Refused(Exception):
    """A certificate, or a step of it, that is not accepted; the message says why."""


def need(ok: object, why: str, *about: object) -> None:
    """Refuse unless ok; `about` fills the gaps of the reason."""
    if not ok:
        raise Refused(why.format(*about))


class Work:
    """Bounds the work per inference and per certificate: in parts of terms rebuilt, products of monomials, hypotheses; and,
    should that not do (dictionaries whose keys collide), in seconds."""

    __slots__ = ("began", "held", "in_all", "per_step", "seconds", "step", "total")

    def __init__(self) -> None:
        self.per_step, self.in_all, self.seconds = 60_000, 5_000_000, 300.0
        self.step = self.total = self.held = 0
        self.began = inf  # no clock before `start`

    def start(self) -> None:
        self.step = self.total = self.held = 0
        self.began = monotonic()

    def spend(self, n: int) -> None:
        self.step += n
        self.total += n
        if self.step > self.per_step or self.total > self.in_all:
            raise Refused("the work of this step is too large")
        if monotonic() - self.began >= self.seconds:
            raise Refused("this takes too long")


Budget = Work()


def sized(c: Fraction) -> Fraction:
    """A number that is small enough to go on with."""
    need(c.numerator.bit_length() + c.denominator.bit_length() <= 50_000, "a number is too large")
    return c


@dataclass(slots=True, eq=False, repr=False)
class Term:
    """op, data and kids; made by `mk`, which fills in the rest."""

    op: str
    data: Any
    kids: tuple[Term, ...]
    under: tuple[int, ...] = ()  # how many binders of its own each kid stands under
    kind: str = ""  # number, point, end, prop, or index (a number or a point, as its binder says)
    free: frozenset[Term] = frozenset()  # free variables, those in sorts included
    heads: frozenset[tuple[str, str, int]] = frozenset()  # abstract functions: name, sort, number of arguments
    uses: frozenset[tuple[int, str]] = frozenset()  # how dangling indices are used: (k, "number") or (k, "space")
    high: int = 0  # one more than the greatest dangling index
    level: int = 0  # how deep binders nest
    depth: int = 0
    has_d: bool = False
    _bare: Term | None = None

    def __repr__(self) -> str:
        return show(self)


Sort = Any  # a string, or ("^", dimension)
_TABLE: dict[tuple[Any, ...], Term] = {}


def forget() -> None:
    """Drop every term and all that was remembered of one (between certificates)."""
    Budget.start()
    for cache in CACHES:
        cache.clear()


CACHES: list[Any] = [_TABLE]
X = TypeVar("X")
Y = TypeVar("Y")


def cached(f: Callable[[X], Y]) -> Callable[[X], Y]:
    """f, remembered until `forget`."""
    memo: dict[X, Y] = {}
    CACHES.append(memo)

    def g(x: X) -> Y:
        if x not in memo:
            memo[x] = f(x)
        return memo[x]

    g.__doc__ = f.__doc__
    return g


def is_point(sort: Sort) -> bool:
    return isinstance(sort, tuple) or sort[:1] == "@"


def check_sort(sort: Sort) -> None:
    if isinstance(sort, tuple):
        d = sort[1]
        literal = d.op == "q" and d.data.denominator == 1 and d.data >= 1
        need(literal or (d.op == "v" and d.data[1] == "nat"), "a dimension is a whole number or a variable of sort nat")
    else:
        need(sort in NUMBERS or (sort[:1] == "@" and len(sort) > 1), "no such sort: {}", sort[:50])


def sorts_of(op: str, data: Any) -> list[Sort]:
    """The sorts that stand in a term itself, not in its kids."""
    if op == "v" or op in BINDERS:
        return [data[1]]
    return [s for _, s, _ in data[1]] if op == "n" else []


def mk(op: str, data: Any = None, *kids: Term) -> Term:
    """The term, made once. A range from -oo to oo is the same as none."""
    if op in RANGED and len(kids) == 3 and (kids[0].op, kids[1].op) == ("-oo", "oo"):
        kids = kids[2:]
    key = (op, str(data) if op == "q" else data, *map(id, kids))  # rationals can be chosen so that their hashes collide
    if (t := _TABLE.get(key)) is None:
        need(len(_TABLE) < TERMS, "too many terms")
        t = Term(op, data, kids)
        t.under = _under(op, data, kids)
        for s in (own := sorts_of(op, data)):
            check_sort(s)
        t.kind, t.uses = _kind(t)
        t.kind = "point" if op == "v" and is_point(data[1]) else t.kind
        dims = [s[1] for s in own if isinstance(s, tuple) and s[1].op == "v"]
        t.free = union([k.free for k in kids], [*dims, t] if op == "v" else dims)
        t.heads = union([k.heads for k in kids], [(*data, len(kids))] if op == "f" else [])
        t.high = data + 1 if op == "b" else max([0, *(k.high - d for k, d in zip(kids, t.under, strict=True))])
        t.level = max([0, *(k.level + d for k, d in zip(kids, t.under, strict=True))])
        t.depth = 1 + max([0, *(k.depth for k in kids)])
        t.has_d = op == "D" or any(k.has_d for k in kids)
        need(t.depth <= DEPTH, "a term nests too deeply")
        need(len(t.free) + len(t.heads) <= FREE, "a term has too many free variables and functions")
        _TABLE[key] = t
    return t


def union(sets: list[frozenset[Any]], more: list[Any]) -> frozenset[Any]:
    """The union; one of the sets themselves if it is that."""
    most = max(sets, key=len, default=frozenset[Any]())
    if most.issuperset(more) and all(s is most or s <= most for s in sets):
        return most
    new = most.union(*sets, more)
    Budget.held += len(new)
    need(Budget.held <= FREES, "too many free variables in all")
    return new


def _under(op: str, data: Any, kids: tuple[Term, ...]) -> tuple[int, ...]:
    if op in RANGED:
        need(len(kids) in (1, 3), "a range has no ends or two")
        return (0,) * (len(kids) - 1) + (1,)
    if op == "n":
        n, out = len(data[1]), []
        for j, (_, _, ends) in enumerate(data[1]):
            out += [n - 1 - j] * ends
        return tuple(out) + (n,) * (len(kids) - len(out))
    return {"D": (0, 1), "dom": (1,), "slope": (0, 1, 0)}.get(op, (0,) * len(kids))


def _kind(t: Term) -> tuple[str, frozenset[tuple[int, str]]]:
    """The kind of a term, and what it asks of the indices that dangle in it; refuses what is ill formed."""
    need(t.op in _KINDS, "no such term: {}", str(t.op)[:50])
    own, uses, roles = sorts_of(t.op, t.data), set[tuple[int, str]](), _roles(t)
    need(len(roles) == len(t.kids), "the wrong number of arguments of {}", t.op)
    for k, role, d in zip(t.kids, roles, t.under, strict=True):
        if role == "space":
            fits = k.op == "b" or (k.op == "v" and isinstance(k.data[1], tuple))
        else:
            fits = k.kind in {"number": ("number", "index"), "any": ("number", "index", "point")}.get(role, (role,))
        need(fits, "not a {} in {}: {}", role, t.op, k)
        for i, use in (*k.uses, *([(k.data, role)] if k.op == "b" and role != "any" else ())):
            if i >= d:
                uses.add((i - d, use))
                continue
            sort = own[len(own) - d + i]
            fits = isinstance(sort, tuple) if use == "space" else not is_point(sort)
            need(fits, "a variable of sort {} used as a {}", sort_name(sort), use)
    return _KINDS[t.op], frozenset(uses)


_PLAIN = {  # what each part has to be: number, prop, any (number or point), space (a point of R^d)
    **dict.fromkeys(("q", "pi", "oo", "-oo", "b", "v"), ()),
    **dict.fromkeys(("exp", "log", "abs", "conv", "joint", "inf", "dom"), ("number",)),
    **dict.fromkeys(("^", "D", *RELATIONS), ("number", "number")),
    "at": ("space", "number"),
    "slope": ("number", "number", "number"),
}
_KINDS = {
    **dict.fromkeys(
        ("q", "pi", "v", "+", "*", "^", "exp", "log", "abs", "f", "at", "D", "n", "int", "sum", "prod"), "number"
    ),
    **dict.fromkeys((*RELATIONS, "conv", "joint", "inf", "all", "ae", "dom", "slope"), "prop"),
    **dict.fromkeys(("oo", "-oo"), "end"),
    "b": "index",
}


def _roles(t: Term) -> Sequence[str]:
    """What each part has to be."""
    op, kids, n = t.op, t.kids, len(t.kids)
    if op == "f":
        need(t.data[1] in NUMBERS and kids, "an abstract function has a number sort and arguments")
        return ["any"] * n
    if op in ("+", "*"):
        return ["number"] * max(n, 2)
    if op == "n":
        ends: list[str] = []
        for _, s, m in t.data[1]:
            ends += _end_roles(s, kids[len(ends) : len(ends) + m])
        return ends + ["number"] * (n - len(ends))
    if op not in RANGED:
        need(op not in BINDERS or t.data[1] in REALS, "{} is over real or pos", op)
        return _PLAIN[op]
    sort, pair = t.data[1], kids[:-1]
    fits = sort in WHOLE if op in ("sum", "prod") else sort not in WHOLE if op == "int" else True
    need(fits, "no {} over {}", op, sort_name(sort))
    need(op != "prod" or (pair and "end" not in (pair[0].kind, pair[1].kind)), "a product is finite")
    need(op != "int" or not kids[-1].has_d, "a derivative below an integral")
    return [*_end_roles(sort, pair), "prop" if op in ("all", "ae") else "number"]


def _end_roles(sort: Sort, pair: tuple[Term, ...]) -> list[str]:
    need(len(pair) in (0, 2) and not (pair and is_point(sort)), "a range has no ends or two, a space none")
    return ["end" if k.op == infinity else "number" for k, infinity in zip(pair, ("-oo", "oo"), strict=False)]


def bare(t: Term) -> Term:
    """The term without the hints of its binders."""
    if t._bare is None:
        data = t.data
        if t.op in BINDERS:
            data = ("", data[1])
        elif t.op == "n":
            data = (data[0], tuple(("", s, n) for _, s, n in data[1]))
        t._bare = mk(t.op, data, *map(bare, t.kids))
        t._bare._bare = t._bare
    return t._bare


def identical(a: Term, b: Term) -> bool:
    return bare(a) is bare(b)


# --- putting terms into terms ---------------------------------------------------------------------------------------
def walk(t: Term, step: Callable[[Term, int], Term | None], sorts: Callable[[Sort], Sort] | None = None) -> Term:
    """Rebuild t; step(part, binders above it) gives a replacement or None. `sorts` is applied to every sort."""
    memo: dict[tuple[int, int], Term] = {}

    def go(t: Term, d: int) -> Term:
        if (key := (id(t), d)) not in memo:
            Budget.spend(1)
            r = step(t, d)
            if r is None:
                kids = [go(k, d + e) for k, e in zip(t.kids, t.under, strict=True)]
                data = t.data if sorts is None else _resorted(t, sorts)
                r = t if not kids and data is t.data else mk(t.op, data, *kids)
            memo[key] = r
        return memo[key]

    return go(t, 0)


def _resorted(t: Term, f: Callable[[Sort], Sort]) -> Any:
    if t.op == "v" or t.op in BINDERS:
        return (t.data[0], f(t.data[1]))
    if t.op == "n":
        return (t.data[0], tuple((h, f(s), n) for h, s, n in t.data[1]))
    return t.data


def shift(t: Term, by: int, cut: int = 0) -> Term:
    """Raise the dangling indices from `cut` on."""
    if by == 0 or t.high <= cut:
        return t
    return walk(t, lambda u, d: u if u.high <= cut + d else mk("b", u.data + by) if u.op == "b" else None)


def fill(body: Term, args: Iterable[Term]) -> Term:
    """Put args for the indices 0, 1, ... of body."""
    args = tuple(args)
    n = len(args)

    def step(u: Term, d: int) -> Term | None:
        if u.high <= d:
            return u
        if u.op == "b":
            return shift(args[u.data - d], d) if u.data - d < n else mk("b", u.data - n)
        return None

    return walk(body, step)


def close(t: Term, *vs: Term) -> Term:
    """Make the variables vs the indices 0, 1, ... A variable that stands in a sort cannot be bound."""
    place = {v: j for j, v in enumerate(vs)}

    def step(u: Term, d: int) -> Term | None:
        for s in sorts_of(u.op, u.data):
            need(not isinstance(s, tuple) or s[1] not in place, "a dimension cannot be bound")
        if u in place:
            return mk("b", place[u] + d)
        if u.op == "b":
            return mk("b", u.data + len(vs)) if u.data >= d else u
        return None if u.free & place.keys() or u.high > d else u

    return walk(t, step)


def put(t: Term, new: Mapping[Term, Term]) -> Term:
    """Free variables replaced, in sorts too, all at once; indices that dangle in the values are shifted: no capture."""
    if not t.free & new.keys():
        return t

    def step(u: Term, d: int) -> Term | None:
        return u if not u.free & new.keys() else shift(new[u], d) if u in new else None

    return walk(t, step, sorts=lambda s: put_sort(s, new))


def put_sort(s: Sort, new: Mapping[Term, Term]) -> Sort:
    return ("^", new.get(s[1], s[1])) if isinstance(s, tuple) else s


def opened(binder: Term) -> tuple[Term, Term]:
    """For normal forms and keys: a variable named by the binder's height, which no binder inside has, and the body at it."""
    v = mk("v", (f"#{binder.level:03}.0", binder.data[1]))
    return v, at(binder, v)


class Names:
    """For rules: variables `!1`, `!2`, ..., new each time. No certificate can contain these names, nor those of `opened`."""

    def __init__(self) -> None:
        self.count = 0

    def new(self, sort: Sort) -> Term:
        self.count += 1
        return mk("v", (f"!{self.count}", sort))

    def enter(self, binder: Term) -> tuple[Term, Term]:
        """A variable that is nowhere else, and the body of the binder at it."""
        v = self.new(binder.data[1])
        return v, at(binder, v)


def at(binder: Term, value: Term) -> Term:
    """The body of a binder with a value for its variable."""
    return fill(binder.kids[binder.under.index(1)], [value])


# --- shorthand ------------------------------------------------------------------------------------------------------
def num(c: int | Fraction) -> Term:
    return mk("q", Fraction(c))


def add(*k: Term) -> Term:
    return mk("+", None, *k) if len(k) > 1 else k[0] if k else num(0)


def mul(*k: Term) -> Term:
    return mk("*", None, *k) if len(k) > 1 else k[0] if k else num(1)


def power(a: Term, b: Term | int | Fraction) -> Term:
    return mk("^", None, a, b if isinstance(b, Term) else num(b))


def log(a: Term) -> Term:
    return mk("log", None, a)


def exp(a: Term) -> Term:
    return mk("exp", None, a)


def sub(a: Term, b: Term) -> Term:
    return add(a, mul(num(-1), b))


def rel(op: str, a: Term, b: Term) -> Term:
    return mk(op, None, a, b)


def conv(t: Term) -> Term:
    return mk("conv", None, t)


def over(binder: Term, body: Term, op: str = "") -> Term:
    """The range of a binder, around another body."""
    return mk(op or binder.op, binder.data, *binder.kids[:-1], body)


def ends(binder: Term) -> tuple[Term, ...]:
    return binder.kids[:-1]


def finite(t: Term) -> bool:
    """A sum or product over whole numbers between two numbers."""
    return t.op in ("sum", "prod", "all") and t.data[1] in WHOLE and [e.kind == "end" for e in ends(t)] == [False] * 2


# --- printing, of bounded length ------------------------------------------------------------------------------------
def sort_name(s: Sort) -> str:
    return f"R^{show(s[1])}" if isinstance(s, tuple) else str(s)


def show(t: Term, limit: int = 300) -> str:
    """For messages."""
    left = [limit]

    def go(t: Term, names: tuple[str, ...]) -> str:
        left[0] -= 1
        if left[0] < 0:
            return "..."
        k = t.kids
        if t.op == "q":
            return str(t.data) if t.data.denominator * abs(t.data.numerator) < 10**30 else "a large number"
        if t.op == "v":
            return str(t.data[0])
        if t.op == "b":
            return names[t.data] if t.data < len(names) else f"#{t.data}"
        parts = [go(x, (*hints(t, d), *names)) for x, d in zip(k, t.under, strict=True)]
        if t.op in ("+", "*", "^", *RELATIONS):
            text = f" {t.op} ".join(parts) if t.op not in ("*", "^") else t.op.join(parts)
            return text if t.op in RELATIONS else f"({text})"
        name = t.data[0] if t.op in ("f", "n") else t.op
        if t.op in BINDERS:
            name += f" {t.data[0]}:{sort_name(t.data[1])}"
        return f"{name}({', '.join(parts)})" if parts else name

    text = go(t, ())
    return text if len(text) <= limit else text[:limit] + "..."


def hints(t: Term, d: int) -> tuple[str, ...]:
    """The names of the d binders of t that a kid stands under, for the indices 0, 1, ..."""
    names = (t.data[0],) if t.op in BINDERS else tuple(h for h, _, _ in t.data[1]) if t.op == "n" else ()
    return names[len(names) - d :]
