"""What the kernel speaks about: integrals, notation, hypotheses, and what it refuses to hear. Makes no theorem."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from operator import methodcaller
from typing import Any, Final, Self

import sympy as sp
from sympy.core.assumptions import _assume_defined
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean


class Notation(sp.Expr):
    """A head that stands for `definition()` and prints as itself; what is known of it is known of its definition."""

    is_commutative = True

    def __new__(cls, *args: object) -> Self:
        return sp.Expr.__new__(cls, *map(sp.sympify, args))

    def __init_subclass__(cls) -> None:
        if extra := {a for a in vars(cls) if not a.startswith("__")} - {"definition"}:
            raise TypeError(f"a notation has a definition and nothing else: {extra}")
        super().__init_subclass__()

    def definition(self) -> sp.Expr:
        raise NotImplementedError

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return opened(self).free_symbols

    def _eval_is_positive(self) -> bool | None:
        return opened(self).is_positive

    def _eval_is_real(self) -> bool | None:
        return opened(self).is_real


@lru_cache(4096)
def opened(e: Notation) -> sp.Expr:
    """The definition, a template: it sees empty places and ranges, never what stands in the places."""
    places = {sp.Dummy(): a for a in e.args if not isinstance(a, sp.Tuple)}
    order = iter(places)
    blind = type(e)(*(a if isinstance(a, sp.Tuple) else next(order) for a in e.args))
    d = blind.definition()
    names = {type(a) if isinstance(a, AppliedUndef) else a for a in d.atoms(sp.Symbol, AppliedUndef)}
    own = {type(a) if isinstance(a, AppliedUndef) else a for a in blind.atoms(sp.Symbol, AppliedUndef)}
    if d != blind.definition() or names - own:
        raise ProofError(f"{e} is not a definition: {d}")
    return _put_in(d, places)


def _put_in(e: sp.Basic, places: dict[sp.Basic, sp.Basic]) -> sp.Basic:
    """What stands in the places, everything built anew."""
    if e in places:
        return places[e]
    return e.func(*(_put_in(a, places) for a in e.args)) if e.args else e


class Total(sp.Expr):
    """The integral of f(u) over a whole sigma-finite measure space, whose points are written u."""

    is_commutative = True

    def __new__(cls, f: sp.Expr, space: sp.Tuple) -> Self:
        return sp.Expr.__new__(cls, sp.sympify(f), sp.Tuple(*space))

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return self.args[0].free_symbols - {self.args[1][0]}


class Property(Boolean):
    """A property that only hypotheses and rules decide; SymPy never evaluates it."""

    def __new__(cls, *args: object) -> Self:
        return sp.Basic.__new__(cls, *map(sp.sympify, args))


class Converges(Property):
    """Converges(I): the integral or sum I converges absolutely."""


class ForAll(Property):
    """ForAll(P, s): P for every s of its declared domain. ForAll(P, (s, a, b)): for every s from a to b."""

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return (self.args[0].free_symbols | _ends(self.args[1])) - {_variable(self.args[1])}


class AlmostEverywhere(Property):
    """AlmostEverywhere(P, range): P holds for all points of the range outside a null set of the base measure."""

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return (self.args[0].free_symbols | _ends(self.args[1])) - {self.args[1][0]}


class Dominated(Property):
    """Dominated(int g, t): near every t, |g| is at most some h that is free of t and converges."""

    @property
    def free_symbols(self) -> set[sp.Basic]:
        return self.args[0].free_symbols - {self.args[1]}


BINDERS: Final = (sp.Integral, sp.Sum, Total)
_OPAQUE: Final = (*BINDERS, sp.Product, sp.Derivative, Notation, AppliedUndef, sp.Indexed)
_PLAIN: Final = (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.Abs)
_WITH_RANGE: Final = (*BINDERS, sp.Product)
_WHOLE: Final = {"integer": True}
_COUNT: Final = {"integer": True, "positive": True}
_SMOOTH: Final = (sp.Add, sp.Mul, sp.Pow, sp.exp, sp.log, sp.Symbol, sp.Number, sp.NumberSymbol)


_EXACT: Final = frozenset(
    {*_PLAIN, *BINDERS, sp.Product, sp.Derivative, sp.Indexed, sp.IndexedBase, sp.Tuple, sp.core.symbol.Str}
    | {
        sp.Symbol,
        sp.Dummy,
        type(sp.pi),
        type(sp.E),
        type(sp.oo),
        type(-sp.oo),
        Converges,
        ForAll,
        AlmostEverywhere,
        Dominated,
    }
    | {sp.Eq, sp.Ne, sp.Ge, sp.Gt, sp.Le, sp.Lt}
)
_ASSUMPTIONS: Final = {*_assume_defined}


class ProofError(Exception):
    """A step that the rules do not allow. The message says whether it is false or merely not shown."""


def _finite_range(e: sp.Expr) -> bool:
    return all(b.is_finite for r in e.args[1:] for b in r[1:])


def _variable(r: sp.Basic) -> sp.Symbol:
    return r[0] if isinstance(r, sp.Tuple) else r


def _ends(r: sp.Basic) -> set[sp.Basic]:
    return set().union(*(b.free_symbols for b in r[1:])) if isinstance(r, sp.Tuple) else set()


def total(f: sp.Expr, *over: sp.Tuple) -> sp.Expr:
    """Integrate or sum f, innermost range first: (u,) a measure space, (z, a, b) reals, (n, a, b) integers."""
    for r in over:
        head = Total if len(r) == 1 else sp.Sum if r[0].is_integer else sp.Integral
        f = head(f, sp.Tuple(*r))
    return f


@lru_cache(4096)
def unfolded(e: sp.Basic) -> sp.Basic:
    """Every notation replaced by its definition, all the way down."""
    while heads := e.atoms(Notation):
        outer = [h for h in heads if not any(h != k and k.has(h) for k in heads)]
        e = mapped(e, methodcaller("xreplace", {h: opened(h) for h in outer}))
    return e


def mapped(prop: sp.Basic, f: Callable[[sp.Expr], sp.Expr]) -> sp.Basic:
    """Apply f to the expressions of a proposition, without letting SymPy evaluate the proposition."""
    if isinstance(prop, Relational):
        return prop.func(f(prop.lhs), f(prop.rhs), evaluate=False)
    if isinstance(prop, Converges):
        return _converges(f(prop.args[0]))
    if isinstance(prop, Property):
        r = prop.args[1]
        return prop.func(mapped(prop.args[0], f), sp.Tuple(r[0], *map(f, r[1:])) if isinstance(r, sp.Tuple) else r)
    return f(prop)


@lru_cache(4096)
def bound(e: sp.Basic) -> frozenset[sp.Symbol]:
    """The variables that some binder inside e binds, definitions included."""
    full = unfolded(e)
    inner = {r[0] for b in full.atoms(*_WITH_RANGE) for r in b.args[1:]}
    inner |= {s for b in full.atoms(sp.Derivative) for s, _ in b.args[1:]}
    return frozenset(inner | {_variable(p.args[1]) for p in full.atoms(ForAll, Dominated, AlmostEverywhere)})


@lru_cache(8192)
def _converges(e: sp.Expr) -> Boolean:
    """Converges(e) in one shape: definitions open, logarithms split, non-zero constant factors dropped."""
    e = unfolded(e).as_coeff_Mul(rational=True)[1]
    if not isinstance(e, BINDERS):
        raise ProofError(f"not one integral or sum: {e}")
    atoms: dict[sp.Basic, sp.Symbol] = {}
    masked = sp.expand(sp.expand_log(sp.expand(mask(e.args[0], atoms))))
    f = masked.xreplace({v: k for k, v in atoms.items()})
    common = sp.gcd_terms(f) if f.is_Add else f
    factor = common.as_independent(*(r[0] for r in e.args[1:]), as_Add=False)[0]
    if factor.is_nonzero:
        f = sp.Add(*(t / factor for t in sp.Add.make_args(f)))
    if f.could_extract_minus_sign():
        f = sp.Add(*(-t for t in sp.Add.make_args(f)))
    return Converges(e.func(f, *e.args[1:]))


def _positive(e: sp.Basic) -> bool:
    """Known to be positive; SymPy does not see it of a `Product`."""
    if e.is_Mul or (e.is_Pow and e.exp.is_real):
        return all(map(_positive, e.args if e.is_Mul else e.args[:1]))
    return bool(e.is_positive or (isinstance(e, sp.Product) and e.args[0].is_positive and _finite_range(e)))


def mask(e: sp.Basic, atoms: dict[sp.Basic, sp.Symbol]) -> sp.Basic:
    """e with every integral, sum, notation and abstract function value replaced by one unknown number each."""
    if isinstance(e, _OPAQUE):
        return atoms.setdefault(e, _unknown(e))
    return e.func(*(mask(a, atoms) for a in e.args)) if e.args else e


@lru_cache(4096)
def _unknown(e: sp.Basic) -> sp.Symbol:
    """The unknown for e; the same again, so that SymPy remembers what it made of it."""
    return sp.Dummy(str(e), positive=True) if _positive(e) else sp.Dummy(str(e), real=True)


def _plain(kind: Any) -> bool:
    """Whether a function has a name and assumptions, and nothing else: attributes of its own could be methods."""
    own = dict(vars(kind))
    name, told = own.get("name"), own.get("_kwargs")
    if type(name) is not str or type(told) is not dict:
        return False
    if not all(type(k) is str and k in _ASSUMPTIONS and (v is None or type(v) is bool) for k, v in told.items()):
        return False
    plain = vars(sp.Function(name, **told))
    return plain.keys() == own.keys() and all(type(v) is type(own[k]) and v == own[k] for k, v in plain.items())


def _known(e: sp.Basic) -> bool:
    """Of exactly a class that is known here: one derived from it could claim any assumption. Of numbers the exact ones."""
    kind = type(e)
    if isinstance(e, AppliedUndef):
        return type(kind) is UndefinedFunction and kind.__bases__ == (AppliedUndef,) and _plain(kind)
    if isinstance(e, Notation):
        line = kind.__mro__[: kind.__mro__.index(Notation)]
        return all(issubclass(c, Notation) for c in line)
    return kind in _EXACT or (isinstance(e, sp.Rational) and kind.__module__ == sp.Rational.__module__)


def _well_formed(prop: sp.Basic, rule: str) -> None:
    """Refuse what SymPy collapsed or cannot rebuild, unknown functions, shadowed variables, stray infinities."""
    if not isinstance(prop, Relational | Property):
        raise ProofError(f"{rule}: SymPy collapsed the statement to {prop}; build it with evaluate=False")
    # The one place where infinity may stand.
    infinite = type(prop) is sp.Eq and _infinity(prop.rhs) and not prop.lhs.is_infinite
    try:
        for e in prop.args if infinite else (prop,):
            _sound(e)
    except ProofError as why:
        raise ProofError(f"{rule}: {why}") from None


def _infinity(e: sp.Basic) -> bool:
    return isinstance(e, sp.Number) and bool(e.is_infinite)


@lru_cache(2**15)
def _sound(e: sp.Basic) -> None:
    """The same of an expression and all its parts, each of which is looked at once, however many theorems it stands in."""
    if not _known(e):
        raise ProofError(f"{type(e).__name__} is not in the kernel's language: {e}")
    for a in e.args:
        _sound(a)
    if e.args and not isinstance(e, Relational | Property) and e.func(*e.args) != e:
        raise ProofError(f"SymPy does not rebuild {e}")
    if any(map(_infinity, e.args)) and not (isinstance(e, sp.Tuple) and len(e) == 3):
        raise ProofError(f"infinity is not a number, in {e}")
    moving = [s for s, _ in e.args[1:]] if isinstance(e, sp.Derivative) else []
    moving += e.args[1:] if isinstance(e, Dominated) else []
    if not all(s.is_Symbol for s in moving):
        raise ProofError(f"a derivative is taken in a symbol, not in {moving}")
    if isinstance(e, sp.Product) and (e.has_empty_sequence or not e.args[0].is_positive):
        raise ProofError(f"SymPy may be wrong about a product that is empty, and factors are positive: {e}")
    if isinstance(e, sp.Pow) and e.base.is_zero:
        raise ProofError(f"SymPy does not know when 0 to a power is 1: {e}")
    if isinstance(e, sp.Indexed) and e.base.label.assumptions0 == {"commutative": True}:
        raise ProofError(f"a point with coordinates is real, not of an abstract space: {e}")
    if isinstance(e, ForAll | AlmostEverywhere):
        _fit(e, e.args[1] if isinstance(e.args[1], sp.Tuple) else sp.Tuple(e.args[1]))
    if isinstance(e, (*_WITH_RANGE, Notation)):
        inner = e.args[0] if isinstance(e, _WITH_RANGE) else e
        ranges = e.args[1:] if isinstance(e, _WITH_RANGE) else ()
        own = [r[0] for r in ranges]
        if (set(own) & bound(inner)) or (e.free_symbols & bound(e)) or len(own) != len(set(own)):
            raise ProofError(f"a variable is bound twice, or both bound and free, in {e}")
        for r in ranges:
            _fit(e, r)


def _fit(e: sp.Basic, r: sp.Tuple) -> None:
    """A variable runs forwards, inside the domain of its symbol, over the kind of range that its binder is for."""
    s, *ends = r
    kind = Total if len(r) == 1 else sp.Integral if not s.is_integer else sp.Sum | sp.Product
    if not s.is_Symbol or len(r) not in (1, 3) or not isinstance(e, kind | Property):
        raise ProofError(f"{r} is not a range for {type(e).__name__}")
    if not ends and isinstance(e, Property):
        return
    kinds = ({"real": True}, {"positive": True}, _WHOLE, _COUNT) if ends else ({}, {"real": True})
    if s.assumptions0 not in [sp.Symbol("", **k).assumptions0 for k in kinds]:
        raise ProofError(f"the symbol {s} has a domain that no range fills")
    if not ends:
        return
    if s in _ends(r):
        raise ProofError(f"an end of the range of {s} depends on {s}, in {e}")
    lo, hi = ends
    inside = not s.is_positive or lo.is_extended_positive or (lo == 0 and not s.is_integer)
    whole = not s.is_integer or all(b.is_integer or b.is_infinite for b in ends)
    forward = (hi - lo + (1 if s.is_integer else 0)).is_extended_nonnegative and lo is not sp.oo and hi is not -sp.oo
    if not (inside and whole and forward):
        raise ProofError(f"the range ({lo}, {hi}) runs backwards or leaves the domain of {s}")


def _no_homonyms(props: tuple[sp.Basic, ...], rule: str) -> None:
    """Two symbols or functions that print alike must be the same."""
    names: dict[str, sp.Basic] = {}
    for p in props:
        for name, s in _names(p):
            if names.setdefault(name, s) == s:
                continue
            if isinstance(s, sp.IndexedBase):
                raise ProofError(f"{rule}: the space of {s} would have two dimensions")
            raise ProofError(f"{rule}: two different symbols are both called {s}")


@lru_cache(4096)
def _names(p: sp.Basic) -> tuple[tuple[str, sp.Basic], ...]:
    """Every symbol, function and indexed base in p with how it prints."""
    symbols = p.atoms(sp.Symbol) | {a.func for a in p.atoms(AppliedUndef)}
    return *((str(s), s) for s in symbols), *((f"{b}[]", b) for b in p.atoms(sp.IndexedBase))


def put(e: sp.Basic, new: Mapping[sp.Basic, sp.Basic]) -> sp.Basic:
    """e with the values in the place of its free symbols, all at once: the one substitution. Refused where a binder of e
    would catch something of a value, or a value would bind anew what is bound in e."""
    new = {s: v for s, v in new.items() if s in e.free_symbols}
    if caught := bound(e) & set(new).union(*(v.free_symbols | bound(v) for v in new.values())):
        raise ProofError(f"the bound variables {caught} of {e} would be captured")
    return mapped(e, methodcaller("xreplace", new))


def number(e: sp.Expr | int) -> sp.Expr:
    """An expression, or a whole number as one; nothing is parsed."""
    return sp.sympify(e, strict=True)


def _eq(lhs: sp.Expr, rhs: sp.Expr) -> Relational:
    return sp.Eq(lhs, rhs, evaluate=False)


def _ge(lhs: sp.Expr, rhs: sp.Expr) -> Relational:
    return sp.Ge(lhs, rhs, evaluate=False)


def defined(e: sp.Expr) -> set[sp.Basic]:
    """What must hold for e to be a real number: the side conditions of every partial operation in it."""
    if isinstance(e, Notation):
        return defined(opened(e))
    if isinstance(e, _WITH_RANGE):
        finite = isinstance(e, sp.Sum | sp.Product) and _finite_range(e)
        ends = (b for r in e.args[1:] for b in r[1:] if not b.is_infinite)
        here = set() if finite else {_converges(e)}
        return here.union(_quantified(defined(e.args[0]), *e.args[1:]), *map(defined, ends))
    if isinstance(e, sp.Symbol | AppliedUndef | sp.Indexed) and not e.is_real:
        raise ProofError(f"{e} is not known to be a real number")
    if isinstance(e, AppliedUndef | sp.Indexed) and e.is_finite:
        places = e.indices if isinstance(e, sp.Indexed) else e.args
        return set().union(*(defined(a) for a in places if not a.is_Symbol))  # a point of a space is no number
    if isinstance(e, sp.Symbol | sp.Number | sp.NumberSymbol) and e.is_finite:
        return set()
    if not isinstance(e, _PLAIN):
        raise ProofError(f"no rule says where {e.func} is defined: {e}")
    here = set()
    if isinstance(e, sp.log) and not _positive(e.args[0]):
        here.add(sp.Gt(e.args[0], 0, evaluate=False))
    if isinstance(e, sp.Pow):
        base, power = e.args
        if not power.is_nonnegative and not base.is_nonzero and not _positive(base):
            here.add(sp.Ne(base, 0, evaluate=False))
        if not power.is_integer and not base.is_nonnegative:
            here.add(_ge(base, sp.S.Zero))
    return here.union(*map(defined, e.args))


def _quantified(hyps: Iterable[sp.Basic], *ranges: sp.Basic) -> set[sp.Basic]:
    """The hypotheses for every value of the variables; that a variable lies in its range then holds by itself."""
    out = set(hyps)
    for r in ranges:
        r = r[0] if isinstance(r, sp.Tuple) and len(r) == 1 else r
        out = {ForAll(h, r) if _variable(r) in h.free_symbols else h for h in out - _in_range(r)}
    return out


def _in_range(r: sp.Basic) -> set[sp.Basic]:
    if not isinstance(r, sp.Tuple) or len(r) == 1:
        return set()
    s, lo, hi = r
    ends = (_ge(s, lo), lo), (sp.Le(s, hi, evaluate=False), hi)
    return {fact for fact, end in ends if not end.is_infinite}
