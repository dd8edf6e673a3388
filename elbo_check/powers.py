"""Products, powers, logarithms and exponentials of forms, each with the condition under which it rewrites.

a^x a^y = a^(x+y)                      whole x, y of one sign, or a > 0; of opposite signs it needs a != 0
(k prod a^x q)^e = k^e prod a^(xe) q^e e whole; or all factors > 0
log(k prod a^x q) = log k + ..., exp(c log q) = q^c    all factors > 0
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import floor, gcd

from elbo_check.poly import *
from elbo_check.signs import atom_sign, nonzero, positive, sign
from elbo_check.terms import Budget, Term, need, num, rel, sized

Factors = dict[int, Exponent]
NONE: frozenset[Term] = frozenset()
ZERO = Fraction(0)


def build(factors: Factors) -> Form:
    """The product of atom^exponent. Whole powers of sums, even powers of absolute values are multiplied out."""
    coefficient, out, rest = ONE, [], list[Form]()
    for a in sorted(factors):
        e = factors[a]
        if e == 0:
            continue
        w = Atoms.what[a]
        if w[0] == "prime" and (n := floor(value(thaw(e)))):
            coefficient *= rational_power(Fraction(w[1]), n)
            e = exponents_add(e, Fraction(-n))
        elif w[0] == "poly" and isinstance(e, Fraction) and e >= 1:
            rest.append(whole_power(Form(thaw(w[1])), floor(e)))
            e -= floor(e)
        elif w[0] == "abs" and is_whole(e) and e >= 2:
            rest.append(whole_power(Form(thaw(w[1])), int(e) - int(e) % 2))
            e %= 2
        if e != 0:
            out.append((a, e))
    form = Form({tuple(out): coefficient})
    for r in rest:
        form = times(form, r)
    return form


def rational_power(c: Fraction, n: int) -> Fraction:
    bits = max(c.numerator.bit_length(), c.denominator.bit_length())
    need(bits <= 1 or bits * abs(n) <= 50_000, "a power is too large")
    return c**n if c else Fraction(n == 0)


def merge(m1: Mono, m2: Mono) -> tuple[Factors, frozenset[Term]]:
    """The exponents of a product added, and what that needs."""
    out, needs = dict(m1), NONE
    for a, e in m2:
        if a not in out:
            out[a] = e
            continue
        x = out[a]
        if not nonzero(a):
            need(is_whole(x) and is_whole(e), "a power of what may not be positive")  # the invariant of forms
            if x * e < 0:
                needs |= {rel("!=", term_of_atom(a), num(0))}
        out[a] = exponents_add(x, e)
    return out, needs


def times(f: Form, g: Form) -> Form:
    out: Poly = {}
    needs = f.needs | g.needs
    for m1, c1 in f.p.items():
        for m2, c2 in g.p.items():
            Budget.spend(1 + (len(m1) + len(m2)) // 8)
            if not m1 or not m2:
                r = {m1 or m2: ONE}
            else:
                factors, why = merge(m1, m2)
                form = build(factors)
                r, needs = form.p, needs | why | form.needs
            for m, c in r.items():
                if c := out.get(m, 0) + c * sized(c1 * c2):
                    out[m] = sized(c)
                else:
                    out.pop(m, None)
    need(len(out) <= 20_000, "the algebra of this step is too large")
    return Form(out, needs)


def whole_power(f: Form, n: int) -> Form:
    """f^n, n >= 0."""
    need(n <= 1000, "a power is too large")
    out = Form(const(1), f.needs)
    for _ in range(n):
        out = times(out, f)
    return out


# --- canonical factors ------------------------------------------------------------------------------------------------
def common_powers(monos: Iterable[Mono]) -> Factors:
    """The greatest powers of atoms that come out of every monomial.

    An atom that may be 0 comes out only where all its exponents are > 0, or all the same: 1 + 1/a is not (a + 1)/a at 0.
    """
    common: Factors = {}
    some = [dict(m) for m in monos]
    for a in {a: None for m in some for a in m}:
        exponents = [m.get(a, ZERO) for m in some]
        if not nonzero(a) and any(e < 0 for e in exponents) and len(set(exponents)) > 1:
            continue
        low = exponents[0]
        for e in exponents[1:]:
            if less(e, low):
                low = e
        if low != 0:
            common[a] = low
    return common


def divided(f: Form, by: Factors) -> Form:
    """f / by, exponent by exponent; whoever divides by what may be 0 answers for it."""
    out = Form({}, f.needs)
    for m, c in f.p.items():
        factors = dict(m)
        for a, e in by.items():
            factors[a] = exponents_add(factors.get(a, ZERO), e, -ONE)
        out = out.plus(build(factors), c)
    return out


def primitive(f: Form) -> tuple[Fraction, Factors, Form]:
    """f = k * common * q; q has whole coefficients without a common factor, and q > 0 where that is known."""
    if not f.p:
        return Fraction(0), {}, f
    common = common_powers(f.p)
    q = divided(f, common)
    n, d = 0, 1
    for c in q.p.values():
        n, d = gcd(n, c.numerator), d * c.denominator // gcd(d, c.denominator)
    k = Fraction(n, d)
    q = q.scaled(1 / k)
    s = sign(q.p)
    if s in ("-", "0-") or (s not in ("+", "0+") and q.p[leading(q.p)] < 0):
        q, k = q.scaled(-ONE), -k
    return k, common, q


def primes(c: Fraction) -> dict[int, int]:
    """The prime powers of a positive rational."""
    out: dict[int, int] = {}
    for n, s in ((c.numerator, 1), (c.denominator, -1)):
        p = 2
        while p * p <= n:
            if n % p == 0:
                n //= p
                out[p] = out.get(p, 0) + s
            else:
                p += 1
                need(p <= 100_000, "a large prime")
        Budget.spend(p)
        if n > 1:
            out[n] = out.get(n, 0) + s
    return out


def _product(x: Exponent, y: Exponent) -> tuple[Exponent, frozenset[Term]]:
    f = times(Form(thaw(x)), Form(thaw(y)))
    return exponent(f.p), f.needs


def _one(p: Poly) -> bool:
    return p == {(): ONE}


def all_positive(k: Fraction, common: Factors, q: Form) -> bool:
    return k > 0 and all(map(positive, common)) and (_one(q.p) or sign(q.p) == "+")


def power_of(f: Form, e: Exponent) -> Form:
    """f^e."""
    if is_whole(e) and e >= 0:
        return whole_power(f, int(e))
    if not f.p and (isinstance(e, Fraction) or sign(thaw(e)) in ("+", "-")):
        return f
    whole = is_whole(e)
    k, common, q = primitive(f)
    if not whole and not all_positive(k, common, q):
        return Form(single(atom("pow", frozen(f.p), e)), f.needs)
    needs, factors = f.needs | q.needs, Factors()
    for a, x in common.items():
        factors[a], why = _product(x, e)
        needs |= why
    if not _one(q.p):  # the sum may be among the factors already
        factors, why = merge(tuple(factors.items()), ((atom("poly", frozen(q.p)), e),))
        needs |= why
    out = build(factors)
    if whole:
        return out.scaled(rational_power(k, int(e))).needing(needs)
    for p, n in primes(k).items():
        x, why = _product(Fraction(n), e)
        out, needs = times(out, build({atom("prime", p): x})), needs | why
    return out.needing(needs)


def log_of(f: Form) -> Form:
    """log f: a sum over the factors where all are positive."""
    k, common, q = primitive(f)
    if not all_positive(k, common, q):
        return Form(single(atom("log", frozen(f.p))), f.needs)
    out = Form({}, f.needs | q.needs)
    for p, n in primes(k).items():
        out = out.plus(Form(single(atom("log", frozen(const(p))))), Fraction(n))
    for a, x in common.items():
        w = Atoms.what[a]
        if w[0] == "poly":
            one = log_of(Form(thaw(w[1])))
        else:
            inside = const(w[1]) if w[0] == "prime" else single(a)
            one = Form(const(1) if a == E else single(atom("log", frozen(inside))))
        out = out.plus(times(Form(thaw(x)), one))
    return out if _one(q.p) else out.plus(Form(single(atom("log", frozen(q.p)))))


def exp_of(f: Form) -> Form:
    """exp f; exp(c log q) is q^c where q > 0."""
    out, rest = Form(const(1), f.needs), Poly()
    for m, c in f.p.items():
        logs = [a for a, e in m if kind(a) == "log" and e == 1 and sign(thaw(Atoms.what[a][1])) == "+"]
        if len(logs) == 1:
            times_log = exponent({tuple(ae for ae in m if ae[0] != logs[0]): c})
            out = times(out, power_of(Form(thaw(Atoms.what[logs[0]][1])), times_log))
        else:
            rest[m] = c
    return times(out, build({E: exponent(rest)})) if rest else out


def abs_of(f: Form) -> Form:
    """|f|, factor by factor."""
    if not f.p:
        return f
    k, common, q = primitive(f)
    out = Form(const(abs(k)), f.needs | q.needs)
    for a, e in common.items():
        b = (
            a
            if atom_sign(a) in ("+", "0+") or (is_whole(e) and e.numerator % 2 == 0)
            else atom("abs", frozen(single(a)))
        )
        out = times(out, build({b: e}))
    if _one(q.p):
        return out
    return times(out, Form(q.p if sign(q.p) else single(atom("abs", frozen(q.p)))))
