"""Formulas as polynomials over atoms, in one normal form: two formulas with the same normal form are equal.

A `Poly` is a sum of rational numbers times monomials; a monomial is a product of atoms with rational exponents. Every
operation returns the normal form, so that nothing is ever simplified afterwards. Where the form is not unique (a
polynomial that nobody factorises), equal formulas may look different: then no more than "undecided" follows.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any, Final

Mono = tuple[tuple["Atom", Fraction], ...]
Axis = tuple[str, "Poly"]  # the name of an index, and how far it runs

ONE, HALF = Fraction(1), Fraction(1, 2)
IDEMPOTENT: Final = ("binary", "onehot", "mask")  # equal to their squares
POSITIVE: Final = ("positive", "probability", "simplex")
LIMIT: Final = 4000  # terms of one polynomial; beyond, the loss is too large to decide


class Refuse(Exception):
    """The audit cannot conclude; the message says why, in one line."""


class Atom:
    """What is not taken apart further. Atoms with the same key are the same."""

    __slots__ = ("args", "free", "head", "key", "positive")

    def __init__(self, head: str, args: tuple[Any, ...], key: str, free: frozenset[str], positive: bool) -> None:
        self.head, self.args, self.key, self.free, self.positive = head, args, key, free, positive

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key


class Poly:
    """A sum of monomials. Hashable; equal when the normal forms are."""

    __slots__ = ("_free", "_key", "terms")

    def __init__(self, terms: Mapping[Mono, Fraction]) -> None:
        self.terms = terms
        self._key = ""
        self._free: frozenset[str] | None = None

    @property
    def key(self) -> str:
        if not self._key:
            ordered = sorted(((mono_key(m), c) for m, c in self.terms.items()), key=lambda t: t[0])
            self._key = "+".join(f"{c}*{k}" for k, c in ordered) or "0"
        return self._key

    @property
    def free(self) -> frozenset[str]:
        if self._free is None:
            self._free = frozenset().union(*(a.free for m in self.terms for a, _ in m))
        return self._free

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return self.key

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __add__(self, other: Poly | int | Fraction) -> Poly:
        return _collect(itertools.chain(self.terms.items(), poly(other).terms.items()))

    def __sub__(self, other: Poly | int | Fraction) -> Poly:
        return self + poly(other) * Fraction(-1)

    def __neg__(self) -> Poly:
        return self * Fraction(-1)

    def __mul__(self, other: Poly | int | Fraction) -> Poly:
        if isinstance(other, int | Fraction):
            return Poly({m: c * other for m, c in self.terms.items()}) if other else ZERO
        return _product(self, other)

    def __truediv__(self, other: Poly | int | Fraction) -> Poly:
        return self * power(poly(other), Fraction(-1))

    def __rsub__(self, other: int | Fraction) -> Poly:
        return poly(other) - self

    def __rtruediv__(self, other: int | Fraction) -> Poly:
        return poly(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, k: int | Fraction) -> Poly:
        return power(self, Fraction(k))

    def number(self) -> Fraction | None:
        """The value, of a polynomial that is a rational number."""
        if not self.terms:
            return Fraction(0)
        return self.terms[()] if len(self.terms) == 1 and () in self.terms else None

    def monomial(self) -> tuple[Fraction, Mono] | None:
        """Coefficient and monomial, if there is one term."""
        if len(self.terms) != 1:
            return None
        ((m, c),) = self.terms.items()
        return c, m


def poly(x: Poly | int | Fraction) -> Poly:
    if isinstance(x, Poly):
        return x
    return Poly({(): Fraction(x)}) if x else ZERO


ZERO: Final = Poly({})
UNIT: Final = Poly({(): ONE})


def mono_key(m: Mono) -> str:
    return "*".join(a.key if e == 1 else f"{a.key}^{e}" for a, e in m)


def as_poly(m: Mono, c: Fraction = ONE) -> Poly:
    return Poly({m: c})


def of_atom(a: Atom, e: Fraction = ONE) -> Poly:
    return Poly({((a, e),): ONE})


def _collect(terms: Iterable[tuple[Mono, Fraction]]) -> Poly:
    out: dict[Mono, Fraction] = {}
    for m, c in terms:
        out[m] = out.get(m, Fraction(0)) + c
    out = {m: c for m, c in out.items() if c}
    if len(out) > LIMIT:
        raise Refuse(f"the formula grows beyond {LIMIT} terms")
    return _divided(Poly(out))


# --- atoms -----------------------------------------------------------------------------------------------------------

NONE: Final[frozenset[str]] = frozenset()


def symbol(name: str, positive: bool = True) -> Poly:
    """A size or a number that the caller named."""
    return of_atom(Atom("sym", (name,), f"${name}", NONE, positive))


def element(name: str, places: Sequence[str], sort: str = "real") -> Poly:
    """An entry of an array at these indices."""
    key = f"{name}[{','.join(places)}]" if places else f"{name}[]"
    return of_atom(Atom("elem", (name, tuple(places), sort), key, frozenset(p for p in places if p), sort in POSITIVE))


PI: Final = of_atom(Atom("pi", (), "pi", NONE, True))


def _number_atom(p: int) -> Atom:
    return Atom("num", (p,), f"{p:09d}", NONE, True)


def _exp_atom(m: Mono) -> Atom:
    return Atom("exp", (m,), f"exp({mono_key(m)})", frozenset().union(*(a.free for a, _ in m)), True)


def _log_atom(q: Poly) -> Atom:
    return Atom("log", (q,), f"log({q.key})", q.free, False)


def _poly_atom(q: Poly) -> Atom:
    return Atom("poly", (q,), f"({q.key})", q.free, positive(q))


def _abs_atom(q: Poly) -> Atom:
    return Atom("abs", (q,), f"|{q.key}|", q.free, False)


def positive(p: Poly) -> bool:
    """Known to be greater than zero."""
    if not p.terms:
        return False
    if all(c > 0 and _nonnegative(m) for m, c in p.terms.items()):
        return any(_positive_mono(m) for m in p.terms)
    return _complement(p)


def _complement(p: Poly) -> bool:
    """1 - p, where p is a probability."""
    rest = [(m, c) for m, c in p.terms.items() if m]
    return (
        len(p.terms) == 2
        and p.terms.get(()) == 1
        and rest[0][1] == -1
        and len(rest[0][0]) == 1
        and rest[0][0][0][1] == 1
        and sort_of(rest[0][0][0][0]) in ("probability", "simplex")
    )


def sort_of(a: Atom) -> str:
    return str(a.args[-1]) if a.head in ("elem", "call") else ""


def _nonnegative(m: Mono) -> bool:
    return all(a.positive or a.head == "abs" or e % 2 == 0 or sort_of(a) in IDEMPOTENT for a, e in m)


def _positive_mono(m: Mono) -> bool:
    return all(a.positive for a, _ in m)


# --- products and powers ---------------------------------------------------------------------------------------------


def _product(p: Poly, q: Poly) -> Poly:
    if len(p.terms) * len(q.terms) > LIMIT:
        raise Refuse(f"the formula grows beyond {LIMIT} terms")
    plain: list[tuple[Mono, Fraction]] = []
    others = ZERO
    for (m, c), (n, d) in itertools.product(p.terms.items(), q.terms.items()):
        found, factor, extra = _merged(m, n)
        if extra is None:
            plain.append((found, c * d * factor))
        else:
            others += as_poly(found, c * d * factor) * extra
    return _collect(itertools.chain(plain, others.terms.items()))


def _merged(m: Mono, n: Mono) -> tuple[Mono, Fraction, Poly | None]:
    """The product of two monomials: a monomial, a number, and what had to be multiplied out."""
    if not m or not n:
        return m or n, ONE, None
    exponents: dict[Atom, Fraction] = dict(m)
    factor, extra = ONE, None
    for a, e in n:
        exponents[a] = exponents.get(a, Fraction(0)) + e
    for a in {a for a, _ in m} & {a for a, _ in n}:
        e = exponents[a]
        if not e:
            del exponents[a]
        elif a.head == "num" and (e >= 1 or e < 0):
            whole = e.numerator // e.denominator
            factor *= Fraction(a.args[0]) ** whole
            exponents[a] = e - whole
            if e == whole:
                del exponents[a]
        elif a.head == "poly" and e >= 1:
            whole = e.numerator // e.denominator
            extra = (extra or UNIT) * power(a.args[0], Fraction(whole))
            exponents[a] = e - whole
            if e == whole:
                del exponents[a]
        elif a.head == "abs" and e >= 2:
            even = 2 * (e.numerator // (2 * e.denominator))
            extra = (extra or UNIT) * power(a.args[0], Fraction(even))
            exponents[a] = e - even
            if e == even:
                del exponents[a]
        elif e > 1 and e.denominator == 1 and sort_of(a) in IDEMPOTENT:
            exponents[a] = ONE
    return tuple(sorted(exponents.items(), key=lambda t: t[0].key)), factor, extra


def mono(factors: Iterable[tuple[Atom, Fraction]]) -> Mono:
    return tuple(sorted(factors, key=lambda t: t[0].key))


def _divided(p: Poly) -> Poly:
    """Divide by what stands in a denominator: where the leading monomial of q appears over q, it gives way."""
    for m, c in p.terms.items():
        for a, e in m:
            if a.head != "poly" or e > -1:
                continue
            q: Poly = a.args[0]
            lead = leading(q)
            have = dict(m)
            if not all(have.get(b, Fraction(0)) >= k for b, k in lead):
                continue
            rest = Poly({k: v for k, v in p.terms.items() if k != m})
            cut = without(m, lead)
            quotient = as_poly(without(cut, ((a, Fraction(-1)),)), c / q.terms[lead])
            less = Poly({k: v for k, v in q.terms.items() if k != lead})
            return rest + quotient - as_poly(cut, c / q.terms[lead]) * less
    return p


def without(m: Mono, n: Mono) -> Mono:
    found = dict(m)
    for a, e in n:
        found[a] = found.get(a, Fraction(0)) - e
    return mono((a, e) for a, e in found.items() if e)


def leading(q: Poly) -> Mono:
    """The largest monomial: by degree, then by name."""
    return max(q.terms, key=lambda m: (sum(e for _, e in m), mono_key(m)))


def primitive(p: Poly) -> tuple[Fraction, Mono, Poly]:
    """p = number x monomial x polynomial, the polynomial without denominators, common factors or a common number."""
    dens: dict[Atom, Fraction] = {}
    for m in p.terms:
        for a, e in m:
            if a.head == "poly" and e <= -1 and e.denominator == 1:
                dens[a] = min(dens.get(a, e), e)
    num = p
    for a, e in dens.items():
        num = num * of_atom(a, -e) if -e < 1 else _times_atom(num, a, -e)
    content = _common(num)
    prim = Poly({without(m, content): c for m, c in num.terms.items()})
    number = Fraction(0)
    for c in prim.terms.values():
        number = Fraction(gcd(number.numerator, c.numerator), lcm(number.denominator, c.denominator))
    prim = prim * (1 / number)
    whole = dict(content)
    for a, e in dens.items():
        whole[a] = whole.get(a, Fraction(0)) + e
    return number, mono((a, e) for a, e in whole.items() if e), prim


def _times_atom(p: Poly, a: Atom, e: Fraction) -> Poly:
    """p times an atom that stands in denominators, term by term: what cancels, cancels first."""
    out = ZERO
    for m, c in p.terms.items():
        have = dict(m).get(a, Fraction(0))
        left = without(m, ((a, have),)) if have else m
        out += as_poly(left, c) * power(a.args[0], have + e)
    return out


def _common(p: Poly) -> Mono:
    several = [dict(m) for m in p.terms]
    atoms = set().union(*several)
    least = {a: min(m.get(a, Fraction(0)) for m in several) for a in atoms}
    return mono((a, e) for a, e in least.items() if e)


def power(p: Poly, e: Fraction) -> Poly:
    """p to a rational power."""
    if not e:
        return UNIT
    if e == 1:
        return p
    if not p.terms:
        if e < 0:
            raise Refuse("a division by zero")
        return ZERO
    if e.denominator == 1 and e > 0 and len(p.terms) > 1:
        half = power(p, Fraction(e.numerator // 2))
        return half * half * p if e.numerator % 2 else half * half
    number, content, prim = primitive(p)
    if prim.number() is None and e.denominator != 1:
        number, content, prim, roots = _factored(number, content, prim)
        if number < 0:
            number, roots = -number, _negated(roots)
    else:
        roots = []
    out = _number_power(number, e) if prim.number() is None else _number_power(number * (prim.number() or 1), e)
    for a, k in content:
        out = out * _atom_power(a, k, e)
    if prim.number() is None:
        if e.denominator == 1:
            if prim.terms[leading(prim)] < 0 and not positive(prim):
                prim, out = -prim, out * (-1 if e % 2 else 1)
            roots = [(prim, ONE)]
        for q, k in roots:
            out = out * _root(q, k, e)
    return out


def _root(q: Poly, k: Fraction, e: Fraction) -> Poly:
    """(q^k)^e, with a q of several terms."""
    if e.denominator != 1 and k % 2 == 0 and not positive(q):
        return absolute(q) ** (k * e)
    whole = (k * e).numerator // (k * e).denominator
    if whole >= 1:
        rest = k * e - whole
        return power(q, Fraction(whole)) * (of_atom(_poly_atom(q), rest) if rest else UNIT)
    return of_atom(_poly_atom(q), k * e)


def _number_power(number: Fraction, e: Fraction) -> Poly:
    if number < 0 and e.denominator != 1:
        raise Refuse("a root of a negative number")
    if e.denominator == 1:
        return poly(number**e.numerator)
    out = UNIT
    for n, sign in ((number.numerator, 1), (number.denominator, -1)):
        for p, k in factors(n).items():
            exponent = sign * k * e
            whole = exponent.numerator // exponent.denominator
            out = out * Fraction(p) ** whole
            if exponent != whole:
                out = out * of_atom(_number_atom(p), exponent - whole)
    return out


def _atom_power(a: Atom, k: Fraction, e: Fraction) -> Poly:
    exponent = k * e
    if e.denominator == 1 or a.positive:
        if a.head == "poly" and exponent >= 1:
            return power(a.args[0], exponent)
        if sort_of(a) in IDEMPOTENT and exponent > 0:
            return of_atom(a)
        if a.head == "abs" and exponent >= 2:
            return of_atom(a) * of_atom(a) * _atom_power(a, exponent - 2, ONE) if exponent > 2 else a.args[0] ** 2
        if a.head == "num":
            return _number_power(Fraction(a.args[0]), exponent)
        return of_atom(a, exponent) if exponent else UNIT
    if a.head == "abs" or sort_of(a) in IDEMPOTENT:
        return of_atom(a, exponent)
    if k % 2 == 0:
        return absolute(of_atom(a)) ** exponent
    return of_atom(_poly_atom(of_atom(a)), exponent) if k == 1 else of_atom(_poly_atom(of_atom(a, k)), e)


def factors(n: int) -> dict[int, int]:
    """The prime factors of a whole number; what is too large to factorise counts as prime."""
    out: dict[int, int] = {}
    d = 2
    n = abs(n)
    while d * d <= n and d < 2000:
        while n % d == 0:
            out[d] = out.get(d, 0) + 1
            n //= d
        d += 1
    if n > 1:
        out[n] = out.get(n, 0) + 1
    return out


# --- exponential, logarithm, absolute value ---------------------------------------------------------------------------


def exp(p: Poly) -> Poly:
    """e^p, one factor a term; e^(c log u) is u^c."""
    out = UNIT
    for m, c in p.terms.items():
        if len(m) == 1 and m[0][0].head == "log" and m[0][1] == 1:
            out = out * power(m[0][0].args[0], c)
        else:
            out = out * of_atom(_exp_atom(m), c)
    return out


def log(p: Poly) -> Poly:
    """log p, split over the factors of p. At most one factor may be of unknown sign: where it is not positive, p has no log."""
    if not p.terms:
        raise Refuse("the logarithm of zero")
    number, content, prim = primitive(p)
    if prim.number() is None:
        number, content, prim, roots = _factored(number, content, prim)
    else:
        number, roots = number * (prim.number() or 1), []
    out, unknown = ZERO, 0
    if number < 0:
        number, roots = -number, _negated(roots)
    for a, e in content:
        unknown += not (a.positive or a.head == "abs" or e % 2 == 0)
        out += _log_of_atom(a, e)
    for q, k in roots:
        unknown += not (positive(q) or k % 2 == 0)
        out += of_atom(_log_atom(q if k % 2 else absolute(q))) * k
    if unknown > 1:
        raise Refuse("the logarithm of something that is not known to be positive")
    for n, sign in ((number.numerator, 1), (number.denominator, -1)):
        for prime, times in factors(n).items():
            out += of_atom(_log_atom(poly(prime))) * (sign * times)
    return out


def _negated(roots: list[tuple[Poly, Fraction]]) -> list[tuple[Poly, Fraction]]:
    """The factors of what was found negative, with the sign where it can belong."""
    odd = [q for q, k in roots if k % 2 and not positive(q)]
    if not odd:
        raise Refuse("the logarithm or root of a negative number")
    first = next((q for q in odd if positive(-q)), odd[0])
    return [(-q if q is first else q, k) for q, k in roots]


def _log_of_atom(a: Atom, e: Fraction) -> Poly:
    if a.head == "exp":
        return as_poly(a.args[0]) * e
    if a.head == "poly":
        return of_atom(_log_atom(a.args[0])) * e
    if a.head == "num":
        return of_atom(_log_atom(poly(a.args[0]))) * e
    signed = e % 2 == 0 and not a.positive and a.head != "abs"
    return of_atom(_log_atom(absolute(of_atom(a)) if signed else of_atom(a))) * e


def _factored(number: Fraction, content: Mono, prim: Poly) -> tuple[Fraction, Mono, Poly, list[tuple[Poly, Fraction]]]:
    """prim as a product of powers, where that is easily seen; small ones are handed to SymPy, atoms as symbols."""
    atoms = sorted({a for m in prim.terms for a, _ in m}, key=lambda a: a.key)
    whole = all(e.denominator == 1 and e > 0 for m in prim.terms for _, e in m)
    if (len(prim.terms) == 2 and not any(e > 1 for m in prim.terms for _, e in m)) or not whole or len(prim.terms) > 12:
        return number, content, prim, [(prim, ONE)]
    import sympy as sp

    names = {a: sp.Symbol(f"a{k}") for k, a in enumerate(atoms)}
    e = sp.Add(
        *(
            sp.Rational(c.numerator, c.denominator) * sp.Mul(*(names[a] ** int(k) for a, k in m))
            for m, c in prim.terms.items()
        )
    )
    lead, several = sp.factor_list(e)
    back = {v: k for k, v in names.items()}
    roots = []
    for f, k in several:
        q = ZERO
        for powers, c in sp.Poly(f, *names.values()).terms():
            q += as_poly(
                mono((back[s], Fraction(int(n))) for s, n in zip(names.values(), powers, strict=True) if n),
                Fraction(int(c.p), int(c.q)),
            )
        roots.append((q, Fraction(int(k))))
    return number * Fraction(int(lead.p), int(lead.q)), content, prim, roots


def absolute(p: Poly) -> Poly:
    """|p|."""
    if not p.terms:
        return p
    if positive(p):
        return p
    if (one := p.monomial()) is not None:
        c, m = one
        out = poly(abs(c))
        for a, e in m:
            if a.positive or a.head == "abs" or e % 2 == 0 or sort_of(a) in IDEMPOTENT:
                out = out * of_atom(a, e)
            else:
                out = out * of_atom(_abs_atom(of_atom(a))) ** e if a.head != "poly" else out * _abs_poly(a.args[0]) ** e
        return out
    number, content, prim = primitive(p)
    return absolute(as_poly(content, number)) * _abs_poly(prim)


def _abs_poly(q: Poly) -> Poly:
    if positive(q):
        return q
    return of_atom(_abs_atom(q if q.terms[leading(q)] > 0 else -q))


def larger(p: Poly, q: Poly) -> Poly:
    return (p + q + absolute(p - q)) * HALF


def smaller(p: Poly, q: Poly) -> Poly:
    return (p + q - absolute(p - q)) * HALF
