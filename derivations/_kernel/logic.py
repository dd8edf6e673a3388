"""`Thm`, and the rules of logic: hypotheses, quantifiers, equality, and putting one thing in the place of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Final, TypeAlias, final

import sympy as sp
from sympy.core.assumptions import _assume_defined
from sympy.core.function import AppliedUndef, UndefinedFunction

from derivations._kernel.language import (
    BINDERS,
    AlmostEverywhere,
    ForAll,
    Notation,
    ProofError,
    Total,
    _ends,
    _eq,
    _ge,
    _in_range,
    _no_homonyms,
    _quantified,
    _variable,
    _well_formed,
    bound,
    defined,
    mapped,
    put,
    total,
)

_MINT: Final = object()
Said: TypeAlias = "sp.Basic | UndefinedFunction | tuple[Said, ...]"


@final
class Thm:
    """`hyps |- prop`, the rule and theorems it came from. Immutable; made only by rules.

    `said` is what else the rule was told: with it a checker can replay the inference.
    """

    __slots__ = ("hyps", "parents", "prop", "rule", "said", "why")
    hyps: frozenset[sp.Basic]
    parents: tuple[Thm, ...]
    prop: sp.Basic
    rule: str
    said: tuple[Said, ...]
    why: str

    def __init__(
        self,
        mint: object,
        prop: sp.Basic,
        rule: str,
        parents: tuple[Thm, ...] = (),
        hyps: Iterable[sp.Basic] = (),
        why: str = "",
        said: tuple[Said, ...] = (),
    ) -> None:
        if mint is not _MINT:
            raise TypeError("a Thm is made by a rule of inference, never by hand")
        if any(type(p) is not Thm for p in parents):
            raise TypeError(f"{rule}: not a theorem among {parents}")
        if type(said) is not tuple or not _sealed(said):
            raise TypeError(f"{rule}: not made of expressions: {said}")
        hyps = frozenset(mapped(h, lambda e: e) for h in hyps)
        for p in (prop, *hyps):
            _well_formed(p, rule)
        _no_homonyms((prop, *hyps), rule)
        seal = object.__setattr__
        seal(self, "prop", prop)
        seal(self, "rule", rule)
        seal(self, "parents", parents)
        seal(self, "hyps", hyps)
        seal(self, "said", said)
        seal(self, "why", why)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Thm is immutable")

    def __repr__(self) -> str:
        return f"{', '.join(sorted(map(str, self.hyps)))} |- {self.prop}".lstrip()


def _sealed(said: object) -> bool:
    """Expressions, abstract functions, and tuples of these: nothing that could change afterwards."""
    if type(said) is tuple:
        return all(map(_sealed, said))
    return isinstance(said, sp.Basic | UndefinedFunction)


def _hyps(thms: Iterable[Thm]) -> frozenset[sp.Basic]:
    return frozenset().union(*(t.hyps for t in thms))


def because(thm: Thm, why: str) -> Thm:
    """The same theorem with a reason in words for the reader."""
    if type(thm) is not Thm:
        raise TypeError(f"not a theorem: {thm}")
    return Thm(_MINT, thm.prop, thm.rule, thm.parents, thm.hyps, why, thm.said)


def assume(prop: sp.Basic) -> Thm:
    """`p |- p`."""
    prop = mapped(prop, lambda e: e)
    return Thm(_MINT, prop, "hypothesis", hyps=[prop])


def discharge(thm: Thm, *facts: Thm) -> Thm:
    """From `h, H |- p` and `K |- h` get `H, K |- p`."""
    hyps = thm.hyps
    for fact in facts:
        if (prop := mapped(fact.prop, lambda e: e)) not in hyps:
            raise ProofError(f"not a hypothesis: {fact.prop}\n  hypotheses: {thm.hyps}")
        hyps = (hyps - {prop}) | fact.hyps
    return Thm(_MINT, thm.prop, "discharge", (thm, *facts), hyps)


def for_all(thm: Thm, r: sp.Basic) -> Thm:
    """From `H(s) |- P(s)` get `for all s: H(s) |- for all s: P(s)`; r is s itself or a range (s, a, b)."""
    r = sp.Tuple(*r) if isinstance(r, tuple) else r
    if not _variable(r).is_Symbol:
        raise ProofError(f"not a variable: {r}")
    return Thm(_MINT, ForAll(thm.prop, r), "for all", (thm,), _quantified(thm.hyps, r), said=(_variable(r),))


def each(thm: Thm) -> Thm:
    """From `H |- for all s: P(s)` get `H |- P(s)`, with a <= s <= b when s has a range."""
    if not isinstance(thm.prop, ForAll):
        raise ProofError(f"not a 'for all': {thm.prop}")
    body, r = thm.prop.args
    return Thm(_MINT, body, "each", (thm,), thm.hyps | _in_range(r), said=(_variable(r),))


def chain(*links: Thm) -> Thm:
    """`a = b`, `b = c` gives `a = c`; one `>=` among the links makes the result `>=`."""
    for one, two in pairwise(links):
        if one.prop.rhs != two.prop.lhs:
            raise ProofError(f"broken chain\n  ends at:   {one.prop.rhs}\n  starts at: {two.prop.lhs}")
    kinds = {type(t.prop) for t in links}
    if not kinds <= {sp.Eq, sp.Ge}:
        raise ProofError(f"a chain joins = and >= only, not {kinds}")
    join = _ge if sp.Ge in kinds else _eq
    return Thm(_MINT, join(links[0].prop.lhs, links[-1].prop.rhs), "chain", links, _hyps(links))


def flip(thm: Thm) -> Thm:
    """From `a = b` get `b = a`."""
    if not isinstance(thm.prop, sp.Eq) or thm.prop.rhs.is_infinite:
        raise ProofError(f"only an equality of numbers can be read backwards: {thm.prop}")
    return Thm(_MINT, _eq(thm.prop.rhs, thm.prop.lhs), "read backwards", (thm,), thm.hyps)


def antisymmetry(one: Thm, two: Thm) -> Thm:
    """From `a >= b` and `b >= a` get `a = b`."""
    if not all(isinstance(t.prop, sp.Ge) for t in (one, two)) or one.prop.args != two.prop.args[::-1]:
        raise ProofError(f"need a >= b and b >= a, not {one.prop} and {two.prop}")
    return Thm(_MINT, _eq(*one.prop.args), "antisymmetry", (one, two), _hyps((one, two)))


def rewrite(e: sp.Expr, *equations: Thm) -> Thm:
    """`|- e = e[b for a]` by each theorem `a = b` in turn, also under binders.

    A free symbol of an equation stands for every value, so the equation may be used where that symbol is bound; a
    hypothesis about a bound variable is refused (quantify it first, with `for_all` and `each`).
    """
    result, side = e, set[sp.Basic]()
    for q in equations:
        if not isinstance(q.prop, sp.Eq) or q.prop.rhs.is_infinite:
            raise ProofError(f"only an equality of numbers rewrites: {q.prop}")
        before, (lhs, rhs) = result, q.prop.args
        result = before.xreplace({lhs: rhs})
        hole = sp.Dummy()
        kept = {a.xreplace({hole: rhs}) for a in _partial(before.xreplace({lhs: hole}))} | _partial(rhs)
        lost = _finite(kept - _partial(result))
        side |= lost
        if result == before and lhs != rhs:
            raise ProofError(f"nothing to rewrite: {q.prop.lhs}\n  does not occur in {before}")
        held = {h for h in q.hyps | lost if h.free_symbols & bound(before)}
        if held:
            raise ProofError(f"cannot rewrite under a binder: {held} is about the bound variable")
    return Thm(_MINT, _eq(e, result), "rewrite", equations, _hyps(equations) | side)


def _partial(e: sp.Expr) -> set[sp.Expr]:
    found = e.atoms(*BINDERS, Notation, sp.Pow, sp.log)
    merged = [b for b in found if isinstance(b, BINDERS) and len(b.args) > 2]  # SymPy merges nested integrals into one
    return found.union(b.func(*b.args[:k]) for b in merged for k in range(2, len(b.args)))


def _finite(gone: set[sp.Expr]) -> set[sp.Basic]:
    """What SymPy cancelled on the way must have been a number: oo - oo and 1/0 - 1/0 are not 0."""
    return set().union(*map(defined, gone))


def carry(thm: Thm, target: sp.Basic, *equations: Thm) -> Thm:
    """From `P[b for a]` and `a = b` get `P`, the target."""
    p = target = mapped(target, lambda e: e)
    links: list[Thm] = []
    for q in equations:

        def turn(e: sp.Expr, q: Thm = q) -> sp.Expr:
            links.append(rewrite(e, q))
            return links[-1].prop.rhs

        p = mapped(p, turn)
    if any(h.free_symbols & bound(target) for h in _hyps(links)):
        raise ProofError(f"a hypothesis is about a bound variable of {target}; quantify it first")
    if p != thm.prop:
        raise ProofError(f"the target turns into\n  {p}\nnot into\n  {thm.prop}")
    return Thm(_MINT, target, "carry", (thm, *equations), thm.hyps | _hyps(links))


def substitute(thm: Thm, new: Mapping[sp.Symbol, sp.Expr]) -> Thm:
    """From `H |- P` get `H[v for s] |- P[v for s]`: each value lies in its symbol's domain and none is captured."""
    new = {s: sp.sympify(v) for s, v in new.items()}
    for s, value in new.items():
        _same_domain(s, value)
        if not s.is_Symbol or not s.is_real:
            raise ProofError(f"not a symbol for a real number: {s}")

    def here(p: sp.Basic, move: Callable[..., Callable[[sp.Expr], sp.Expr]]) -> sp.Basic:
        values = {s: v for s, v in new.items() if s in p.free_symbols}
        put(p, values)  # refused where a quantifier catches something, which the parts do not see
        return mapped(p, move(lambda e: put(e, values)))

    return _everywhere(thm, here, "substitute", set().union(*map(defined, new.values())), tuple(new.items()))


def instantiate(thm: Thm, new: Mapping[UndefinedFunction, sp.Lambda]) -> Thm:
    """From `H |- P` get `H[g for f] |- P[g for f]`: each value has the declared sign of f and captures nothing."""
    names = set().union(*(p.atoms(sp.Symbol) for p in (thm.prop, *thm.hyps)))
    for f, g in new.items():
        if not isinstance(f, UndefinedFunction):
            raise ProofError(f"not an abstract function: {f}")
        _refuse_capture(thm, g.free_symbols)
        if bound(g.expr) & names.union(*(h.free_symbols for h in new.values())):
            raise ProofError(f"rename the bound variables of {g.expr}: they occur in the theorem")

    def apply(e: sp.Basic) -> sp.Basic:
        if isinstance(e, AppliedUndef) and e.func in new:
            g = new[e.func]
            value = put(g.expr, dict(zip(g.variables, map(apply, e.args), strict=True)))
            _same_domain(e, value)
            if condition := defined(value):
                raise ProofError(f"{value} is a number only under conditions: {condition}")
            return value
        return e.func(*map(apply, e.args)) if e.args else e

    return _everywhere(thm, lambda p, move: mapped(p, move(apply)), "instantiate", said=tuple(new.items()))


def on_space(thm: Thm, point: sp.Symbol, r: sp.Tuple) -> Thm:
    """A theorem about every measure space holds on the reals (z, a, b), on the integers (n, a, b), or renamed (v,)."""
    r = sp.Tuple(*r)
    if point.assumptions0 != {"commutative": True}:
        raise ProofError(f"{point} is not a point of an abstract space")
    if r[0] in set().union(*(p.atoms(sp.Symbol) for p in (thm.prop, *thm.hyps))):
        raise ProofError(f"{r[0]} already occurs in the theorem")
    _refuse_capture(thm, _ends(r))
    if r[1:] and not (r[2] - r[1]).is_extended_nonnegative:
        raise ProofError(f"a space has a point, but {r} may be empty")
    if r[1:] and any(point in p.free_symbols for p in (thm.prop, *thm.hyps)):
        raise ProofError(f"{point} is free in the theorem, so it is any point; quantify it first")

    def move(e: sp.Basic) -> sp.Basic:
        if isinstance(e, Total) and e.args[1][0] == point:
            return total(move(e.args[0]), r)
        if isinstance(e, sp.Tuple) and e == sp.Tuple(point):
            return r
        return r[0] if e == point else e.func(*map(move, e.args)) if e.args else e

    def restate(p: sp.Basic, moving: Callable[[Callable[..., sp.Basic]], Callable[..., sp.Basic]]) -> sp.Basic:
        if isinstance(p, ForAll) and p.args[1] == point:
            return ForAll(restate(p.args[0], moving), r if r[1:] else r[0])
        if isinstance(p, ForAll | AlmostEverywhere):
            return p.func(restate(p.args[0], moving), move(p.args[1]))
        return mapped(p, moving(move))

    return _everywhere(thm, restate, "on the space", said=(point, r))


def _everywhere(
    thm: Thm, put: Callable[..., sp.Basic], rule: str, conditions: Iterable[sp.Basic] = (), said: tuple[Said, ...] = ()
) -> Thm:
    """Change every formula of a theorem; an integral that SymPy cancels on the way must have been finite."""
    side = set(conditions)

    def changed(p: sp.Basic) -> sp.Basic:
        lost: set[sp.Basic] = set()

        def careful(f: Callable[[sp.Expr], sp.Expr]) -> Callable[[sp.Expr], sp.Expr]:
            def on(e: sp.Expr) -> sp.Expr:
                result = f(e)
                lost.update(_finite({f(a) for a in _partial(e)} - _partial(result)))
                return result

            return on

        result = put(p, careful)
        if any(h.free_symbols & (bound(p) | bound(result)) for h in lost):
            raise ProofError(f"SymPy cancelled something that may not be a number, under a binder: {p} -> {result}")
        side.update(lost)
        return result

    prop, *hyps = map(changed, (thm.prop, *thm.hyps))
    return Thm(_MINT, prop, rule, (thm,), side.union(hyps), said=said)


def _same_domain(old: sp.Expr, value: sp.Expr) -> None:
    for fact in _assume_defined:
        holds = getattr(old, f"is_{fact}")
        if holds is not None and getattr(value, f"is_{fact}") is not holds:
            raise ProofError(f"{value} is not known to be in the domain of {old} ({fact}={holds})")


def _refuse_capture(thm: Thm, new: set[sp.Basic]) -> None:
    if captured := new & set().union(*(bound(p) for p in (thm.prop, *thm.hyps))):
        raise ProofError(f"the bound variables {captured} would be captured")
