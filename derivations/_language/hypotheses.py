"""What a theorem asks for, sorted by code: laws, definitions, terms that exist, and conditions.

    law         something called a law has mass one
    definition  an equation that says what a symbol stands for, whatever the other symbols are
    finite      an integral or sum converges
    condition   all else: what is asked for narrows what the theorem is about

An equation defines a symbol only if the others leave it free: hypotheses are taken one after the other, and each may
define one symbol that none of those before it has used. So two equations for one symbol are a definition and a condition.
And it must say it of whatever law: an equation with a number, with a family such as the Gaussians, or between parts of one
law that the rules of probability do not make equal (`q(x, y) = q(x) q(y)`), or of two (`q(z) = 2 r(z)`), is a condition in the
form of a definition. So is one function in terms of others at the same place (`f(x) = 2 g(x)^2`), whichever it is solved for,
and what makes a symbol whole, or one that cannot be negative, of what may be otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from derivations._kernel import BINDERS, Converges, Dominated, Notation, Total, mapped, unfolded
from derivations._language.densities import composed, marginal, named_law
from derivations._language.masses import Mass, is_first, is_mass, is_set, quantified, sets_of
from derivations._language.notation import Law
from derivations._language.printing import text

KINDS = ("law", "definition", "finite", "condition")
COMMON = {"law": "every distribution has mass one", "definition": "every symbol stands for what it is defined to be"}


class Part(NamedTuple):
    """One hypothesis: its kind, and what it asks for in words."""

    kind: str
    words: str
    prop: sp.Basic


def parts(given: Iterable[sp.Basic], words: Mapping[int, str] | None = None) -> list[Part]:
    """The hypotheses in their order. Laws and definitions have the words that all of them share, others their own."""
    given = list(given)
    alike = [mapped(h, lambda e: e) for h in given]
    sets = sets_of(alike)
    defined = _definitions(alike, sets)
    words = dict(words or {})
    found = []
    told: dict[sp.Basic, Mass] = {}
    slots: dict[tuple[object, ...], object] = {}
    for at, (h, same) in enumerate(zip(given, alike, strict=True)):
        kind = _kind(same, defined, sets, told)
        if kind in COMMON and not _in_its_slots(same, slots):
            kind = "condition"
        own = words.pop(at, "")
        if own and (kind != "condition" or own in COMMON.values()):
            raise ValueError(f"words must be for a condition, and its own; not {own!r} for the {kind} {text(h)}")
        found.append(Part(kind, own or COMMON.get(kind) or _said(h), h))
    if words:
        raise ValueError(f"words must be for one of the {len(given)} hypotheses; not for {min(words)}")
    return found


def _kind(h: sp.Basic, defined: Mapping[sp.Basic, sp.Basic], sets: set[sp.Basic], told: dict[sp.Basic, Mass]) -> str:
    body, _ = quantified(h)
    if isinstance(body, Converges):
        return "finite" if _a_term(body.args[0]) else "condition"
    if is_mass(body, sets):
        return "law" if is_first(body, told) else "condition"
    if h in defined or is_set(h):
        return "definition"
    if _is_share(body, defined):
        return "law"
    return "condition"


def _in_its_slots(h: sp.Basic, slots: dict[tuple[object, ...], object]) -> bool:
    """Is each density one of the variables that it was of before, and summed over the same range? q(z) for the law of y, too,
    says that the two are equal; a mixture of the first M of N components, that the others have no weight."""
    full = unfolded(h)
    taken: list[tuple[tuple[object, ...], object]] = []
    for f in sorted(filter(named_law, full.atoms(AppliedUndef)), key=str):
        own = [(i, x) for i, x in enumerate(f.args) if x.is_Symbol]
        taken += [((f.func, i), x) for i, x in own if not x.is_integer]
        over = [r for e in full.atoms(sp.Sum) if e.has(f) for r in e.args[1:]]
        taken += [((f.func, i, "over"), tuple(r[1:])) for i, x in own for r in over if r[0] == x]
    return all([slots.setdefault(slot, x) == x for slot, x in taken])  # noqa: C419 - every slot is taken


def _a_term(e: sp.Expr) -> bool:
    """A term of a claim about laws, or of a Gaussian; a moment of a law, such as that of z**2, asks for more than that."""
    full = unfolded(e)
    return _gaussian(full) or not _bare(full.xreplace({f: sp.Dummy() for f in full.atoms(AppliedUndef, sp.Indexed)}))


def asks_more(h: sp.Basic, spoken: Iterable[sp.Basic]) -> bool:
    """A finite mean of a power or an exponential of functions, of which nothing that is spoken of is a part: no term of theirs."""
    e = quantified(h)[0].args[0]
    parts = [
        p for p in e.atoms(sp.Pow, sp.exp) if p.atoms(AppliedUndef, sp.Indexed) and p.as_base_exp()[1] not in (1, -1)
    ]
    return bool(parts) and not any(unfolded(p).has(unfolded(e)) for p in spoken)


def _gaussian(e: sp.Expr) -> bool:
    """Does a factor like exp(-z**2) stand in it?"""
    bound = {r[0] for b in e.atoms(*BINDERS) for r in b.args[1:]}
    tops = [(p.args[0], v) for p in e.atoms(sp.exp) for v in sorted(bound & p.free_symbols, key=str)]
    return any(
        bool(sp.Poly(top, v).LC().is_negative) for top, v in tops if top.is_polynomial(v) and sp.degree(top, v) == 2
    )


def _is_share(body: sp.Basic, defined: Mapping[sp.Basic, sp.Basic]) -> bool:
    """`1 >= c` for the mass c of a density, or of one over the mass that it should have: a part is at most the whole."""
    if not isinstance(body, sp.Ge) or body.lhs != 1 or not body.rhs.is_Symbol:
        return False
    for h, name in defined.items():
        if name == body.rhs and isinstance(h, sp.Eq):
            for mass, of in (h.args, h.args[::-1]):
                if isinstance(mass, BINDERS) and isinstance(f := mass.args[0], AppliedUndef) and named_law(f):
                    return marginal(mass) is not None and marginal(mass) == composed(of / name)
    return False


def _definitions(given: list[sp.Basic], sets: set[sp.Basic]) -> dict[sp.Basic, sp.Basic]:
    """The hypotheses that define something, each with what it defines; the most that one order of them gives."""
    laws = [h for h in given if is_mass(quantified(h)[0], sets)]
    equations = [h for h in given if isinstance(quantified(h)[0], sp.Eq) and h not in laws]
    said = [h for h in given if not isinstance(quantified(h)[0], Converges | Dominated)]
    others = [h for h in said if h not in equations and h not in laws]
    shares = {h.rhs for h in others if isinstance(h, sp.Ge) and h.lhs == 1 and h.rhs.is_Symbol}
    pinned = set().union(*map(_names, others)) - shares if others else set()
    found: dict[sp.Basic, sp.Basic] = {}
    rest = [h for h in equations if _defines(h)]
    pinned |= set().union(*(_names(h) for h in equations if h not in rest)) if len(rest) < len(equations) else set()
    while rest:  # last things first: what only one equation that is left speaks of can be defined by it
        for h in rest:
            elsewhere = set().union(*(_names(k) for k in rest if k != h)) if len(rest) > 1 else set()
            free = [s for s in _defines(h) if s not in elsewhere]
            free.sort(key=lambda s: (s not in shares, s in pinned, str(s)))
            if free:
                found[h] = free[0]
                rest.remove(h)
                break
        else:
            break
    return found


def _names(h: sp.Basic) -> set[sp.Basic]:
    """What a proposition speaks of: abstract functions, families and free symbols."""
    full = unfolded(h)
    functions = {a.func for a in full.atoms(AppliedUndef)}
    families = {a.base for a in full.atoms(sp.Indexed)}
    return functions | families | {s for s in full.free_symbols if s.is_Symbol}


def _defines(h: sp.Basic) -> list[sp.Basic]:
    """What the equation could be solved for: a function at its variables, alone or as one factor of a side."""
    body, variables = quantified(h)
    if isinstance(body.lhs, sp.Derivative) or isinstance(body.rhs, sp.Derivative):
        return []
    found = []
    for side, other in ((body.lhs, body.rhs), (body.rhs, body.lhs)):
        side = side.args[0] if isinstance(side, sp.log) and not other.has(Total, sp.Integral, Notation) else side
        for factor in sp.Mul.make_args(side):
            name, rest = _name(factor), side / factor
            if not (rest.is_nonzero or (_positive(rest) and not rest.has(sp.Abs))):
                continue  # where it is zero, nothing is said of the symbol
            if name is None or name in _names(sp.Eq(other, rest, evaluate=False)):
                continue
            places = set().union(*(a.free_symbols for a in factor.args)) if factor.args else set()
            needed = variables & (other.free_symbols | rest.free_symbols)
            alone = factor == side and _name(other) is not None  # one thing called another is no definition
            free = _only_names(factor, other / rest, variables)
            if needed <= places and not alone and free and _of_its_kind(factor, other):
                found.append(name)
    return found


def _only_names(name: sp.Expr, what: sp.Expr, variables: set[sp.Basic]) -> bool:
    """Does an equation only give a name to what may be anything? That of a law is its own, by the rules of probability."""
    parts = what.atoms(AppliedUndef, sp.Indexed)
    bare = what.xreplace({part: sp.Dummy(str(part)) for part in parts})
    if not parts or what.has(Law, sp.exp) or bare.free_symbols & variables or _bare(bare):
        return False
    if isinstance(name, AppliedUndef) and named_law(name):
        return composed(what) == composed(name)
    of_laws = any(isinstance(part, AppliedUndef) and named_law(part) for part in parts)
    places = name.args[isinstance(name, sp.Indexed) :]
    return (
        (of_laws or what.has(*BINDERS, Notation)) and len({*places}) == len(places) and all(p.is_Symbol for p in places)
    )


def _of_its_kind(name: sp.Expr, other: sp.Expr) -> bool:
    """Is the other side whole where the name is, positive where it is, and of either sign where it may be?"""
    signed = name.is_nonzero or name.is_nonnegative or name.is_nonpositive
    whole = not name.is_integer or bool(other.is_integer)
    return whole and (not signed or (bool(name.is_nonnegative) and _positive(other)))


def _bare(e: sp.Expr) -> bool:
    """Does a variable of an integral or sum stand in it by itself, as z in z**2 q(z)?"""
    for f in sp.preorder_traversal(e):
        bound = {r[0] for r in f.args if isinstance(r, sp.Tuple)}
        if bound and any(a.free_symbols & bound for a in f.args if not isinstance(a, sp.Tuple)):
            return True
    return False


def _name(e: sp.Expr) -> sp.Basic | None:
    if isinstance(e, AppliedUndef):
        return e.func
    if isinstance(e, sp.Indexed):
        return e.base
    return e if e.is_Symbol else None


def _positive(e: sp.Expr) -> bool:
    """Positive by its shape: what is built from positive things without a difference."""
    if e.is_positive or isinstance(e, sp.Abs):
        return True
    if isinstance(e, Notation):
        return _positive(unfolded(e))
    if isinstance(e, (*BINDERS, sp.Product)):
        return _positive(e.args[0])
    if e.is_Add or e.is_Mul:
        return all(map(_positive, e.args))
    return bool(e.is_Pow and _positive(e.args[0]))


def _said(h: sp.Basic) -> str:
    """A hypothesis in words; of one without words of its own, the formula."""
    body, _ = quantified(h)
    if isinstance(body, Converges):
        return text(h)
    if isinstance(body, Dominated):
        return f"near every {body.args[1]} the derivative under the integral has an integrable bound"
    if isinstance(body, sp.Eq) and isinstance(body.lhs, sp.Derivative):
        f = body.lhs.args[0]
        name = f.func if isinstance(f, AppliedUndef) else text(f)
        return f"{name} has a derivative in {body.lhs.args[1][0]}"
    if isinstance(body, Relational) and _binary(body):
        return "the data are 0 or 1"
    return text(h)


def _binary(body: Relational) -> bool:
    """`(1 - x) x = 0`."""
    return (
        isinstance(body, sp.Eq)
        and body.rhs == 0
        and any(sp.expand(body.lhs - a * (1 - a)) == 0 for a in body.lhs.atoms(sp.Indexed))
    )
