"""Polynomials over atoms: the shape of the normal form.

A polynomial is a dict {monomial: rational}; a monomial a sorted tuple of (atom, exponent); an exponent a rational or a
frozen polynomial. Atoms are numbers into `Atoms.what`, whose entries say what they are:

    ("e",) ("pi",) ("prime", p) ("var", v) ("fun", (name, sort), key, ..) ("at", key, key) ("oo",) ("-oo",)
    ("poly", key): a sum as a base   ("pow", key, exponent): a power that does not split   ("log", key)   ("abs", key)
    ("int" | "sum" | "prod", sort, (key of lo, key of hi) or (), key of the body)   ("D", sort, key of at, key of body)

A key is a frozen polynomial; a bound variable is `#h` in it, h the height of binders below. Invariant: an atom that is
not known to be positive has whole exponents only.

A `Form` is a polynomial with its needs: closed propositions under which the term equals the polynomial. No function
here or later returns a polynomial apart from the needs that made it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from elbo_check.terms import *

Exponent = Any  # Fraction or Key
Mono = tuple[tuple[int, Exponent], ...]
Poly = dict[Mono, Fraction]
Key = frozenset[tuple[Mono, Fraction]]
ONE = Fraction(1)


class Form:
    """A polynomial and what it takes for granted."""

    __slots__ = ("needs", "p")

    def __init__(self, p: Poly, needs: frozenset[Term] = frozenset()) -> None:
        self.p, self.needs = p, needs

    def plus(self, other: Form, k: Fraction = ONE) -> Form:
        return Form(plus(self.p, other.p, k), self.needs | other.needs)

    def minus(self, other: Form) -> Form:
        return self.plus(other, -ONE)

    def scaled(self, k: Fraction) -> Form:
        return Form({m: c * k for m, c in self.p.items()} if k else {}, self.needs)

    def needing(self, needs: frozenset[Term]) -> Form:
        return Form(self.p, self.needs | needs) if needs else self


# --- atoms ------------------------------------------------------------------------------------------------------------
class Atoms:
    what: list[tuple[Any, ...]] = []  # noqa: RUF012 - one table, emptied by `forget`
    number: dict[tuple[Any, ...], int] = {}  # noqa: RUF012

    @classmethod
    def clear(cls) -> None:
        cls.what.clear()
        cls.number.clear()
        for w in (("e",), ("pi",)):
            atom(*w)


def atom(*what: Any) -> int:
    if what not in Atoms.number:
        Atoms.number[what] = len(Atoms.what)
        Atoms.what.append(what)
    return Atoms.number[what]


E, PI = atom("e"), atom("pi")
CACHES.append(Atoms)


def kind(a: int) -> str:
    return str(Atoms.what[a][0])


# --- plain arithmetic, without needs --------------------------------------------------------------------------------
def const(c: Fraction | int) -> Poly:
    return {(): Fraction(c)} if c else {}


def single(a: int, e: Exponent = ONE) -> Poly:
    return {((a, e),): ONE} if e != 0 else const(1)


def frozen(p: Poly) -> Key:
    return frozenset(p.items())


def thaw(e: Exponent) -> Poly:
    return const(e) if isinstance(e, Fraction) else dict(e)


def exponent(p: Poly) -> Exponent:
    return p.get((), Fraction(0)) if is_const(p) else frozen(p)


def is_const(p: Poly) -> bool:
    return not p or (len(p) == 1 and () in p)


def value(p: Poly) -> Fraction:
    return p.get((), Fraction(0))


def plus(a: Poly, b: Poly, k: Fraction = ONE) -> Poly:
    Budget.spend(len(a) + len(b))
    out = dict(a)
    for m, c in b.items():
        if c := out.get(m, 0) + k * c:
            out[m] = sized(c)
        else:
            out.pop(m, None)
    return out


def exponents_add(x: Exponent, y: Exponent, k: Fraction = ONE) -> Exponent:
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return sized(x + k * y)
    return exponent(plus(thaw(x), thaw(y), k))


def is_whole(e: Exponent) -> bool:
    return isinstance(e, Fraction) and e.denominator == 1


# --- looking into keys --------------------------------------------------------------------------------------------------
@cached
def atoms_of(x: Any) -> frozenset[int]:
    """The atoms in a key, those of its exponents included; in a tuple, those of its keys."""
    if isinstance(x, frozenset):
        return frozenset().union(*({a} | (atoms_of(e) if isinstance(e, frozenset) else NO) for m, _ in x for a, e in m))
    return frozenset().union(*map(atoms_of, x)) if isinstance(x, tuple) else NO


NO: frozenset[int] = frozenset()
BINDING = ("int", "sum", "prod", "D")


@cached
def height(a: int) -> int:
    """How deep binders nest in an atom."""
    w = Atoms.what[a]
    return max([0, *map(height, atoms_of(w[1:]))]) + (w[0] in BINDING)


def height_of(p: Poly) -> int:
    return max([0, *map(height, atoms_of(frozen(p)))])


def bound_name(body: Key | Poly, sort: Sort) -> Term:
    return mk("v", (f"#{height_of(dict(body)):03}", sort))


@cached
def variables(a: int) -> frozenset[Term]:
    """The free variables of an atom, those in its exponents and arguments included."""
    w = Atoms.what[a]
    if w[0] == "var":
        return frozenset([w[1]])
    out: frozenset[Term] = frozenset().union(*map(variables, atoms_of(w[1:])))
    return out - {bound_name(w[-1], w[1])} if w[0] in BINDING else out


def free_of(x: Poly | Exponent, v: Term) -> bool:
    """Is v free nowhere in a polynomial or exponent? Exponents are looked into."""
    return not any(v in variables(a) for a in atoms_of(frozen(x) if isinstance(x, dict) else x))


def rename(p: Poly, old: Term, new: Term) -> Poly:
    """One variable for another of the same sort, all the way down."""
    memo: dict[Any, Any] = {}

    def poly(p: Iterable[tuple[Mono, Fraction]]) -> Poly:
        out: Poly = {}
        for m, c in p:
            out[tuple(sorted(((at(a), deep(e)) for a, e in m), key=lambda ae: ae[0]))] = c
        return out

    def deep(x: Any) -> Any:
        if isinstance(x, frozenset):
            if x not in memo:
                memo[x] = frozen(poly(x))
            return memo[x]
        return tuple(map(deep, x)) if isinstance(x, tuple) else x

    def at(a: int) -> int:
        if a not in memo:
            w = Atoms.what[a]
            if old not in variables(a):
                memo[a] = a
            elif w[0] == "var":
                memo[a] = atom("var", new)
            else:
                kept = 2 if w[0] == "fun" or w[0] in BINDING else 1  # a name, a sort
                memo[a] = atom(*w[:kept], *map(deep, w[kept:]))
        return int(memo[a])

    return poly(p.items())


# --- one total order, the same whatever bound variables are called -------------------------------------------------
@cached
def atom_order(a: int) -> tuple[Any, ...]:
    return tuple(map(_order, Atoms.what[a]))


def _order(x: Any) -> Any:
    if isinstance(x, Term):
        return (x.data[0], sort_name(x.data[1]))
    if isinstance(x, frozenset):
        return (1, tuple(sorted((mono_order(m), c) for m, c in x)))
    if isinstance(x, Fraction):
        return (0, x)
    if isinstance(x, tuple):
        return sort_name(x) if x[:1] == ("^",) and isinstance(x[1], Term) else tuple(map(_order, x))
    return x


@cached
def mono_order(m: Mono) -> tuple[Any, ...]:
    return tuple(sorted((atom_order(a), _order(e)) for a, e in m))


def leading(p: Poly) -> Mono:
    return max(p, key=mono_order)


def less(x: Exponent, y: Exponent) -> bool:
    """A total order of exponents that adding the same to both sides keeps: the leading coefficient of the difference."""
    d = thaw(exponents_add(y, x, -ONE))
    return bool(d) and d[leading(d)] > 0


# --- back to terms ----------------------------------------------------------------------------------------------------
def term_of(p: Poly | Exponent) -> Term:
    """A term whose normal form this is; for needs and for messages."""
    if isinstance(p, Fraction):
        return num(p)
    return _term_of(frozen(p) if isinstance(p, dict) else p)


@cached
def _term_of(p: Key) -> Term:
    items = sorted(dict(p).items(), key=lambda mc: mono_order(mc[0]))
    return add(*(mul(*([num(c)] if c != 1 or not m else []), *(_factor(a, e) for a, e in m)) for m, c in items))


def _factor(a: int, e: Exponent) -> Term:
    t = term_of_atom(a)
    if a == E:
        return mk("exp", None, term_of(e))
    return t if e == 1 else power(t, term_of(e))


@cached
def term_of_atom(a: int) -> Term:
    w = Atoms.what[a]
    match w[0]:
        case "e":
            return mk("exp", None, num(1))
        case "pi" | "oo" | "-oo":
            return mk(w[0])
        case "prime":
            return num(w[1])
        case "var":
            v: Term = w[1]
            return v
        case "fun":
            return mk("f", w[1], *map(term_of, w[2:]))
        case "at":
            return mk("at", None, *map(term_of, w[1:]))
        case "poly":
            return term_of(w[1])
        case "pow":
            return power(term_of(w[1]), term_of(w[2]))
        case "log" | "abs":
            return mk(w[0], None, term_of(w[1]))
        case "D":
            body = close(term_of(w[3]), bound_name(w[3], w[1]))
            return mk("D", ("", w[1]), term_of(w[2]), body)
        case "int" | "sum" | "prod":
            body = close(term_of(w[3]), bound_name(w[3], w[1]))
            return mk(w[0], ("", w[1]), *map(term_of, w[2]), body)
    raise Refused(f"no term for {w[0]}")
