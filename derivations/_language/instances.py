"""A refuted claim at its two instances: where its premises hold and it fails, and where both hold.

A refutation counts only if the claim is one that people could make: its premises hold at the counterexample, and there is
another instance, inside the premises too, at which it holds. Both are proved; tables of numbers are worked out here, and
for the rest the author hands in the proofs. Nothing here is trusted: the checker sees every one of these proofs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product

import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.core.relational import Relational

from derivations._kernel import (
    Converges,
    ForAll,
    Notation,
    ProofError,
    Thm,
    Total,
    algebra,
    chain,
    differ,
    flip,
    mapped,
    mask,
    monotone,
    rearrange,
    rewrite,
    sign,
    unequal,
    unfolded,
    write_out,
)
from derivations._language.granted import granted, outside
from derivations._language.steps import calc, opened
from derivations._language.verdicts import Counterexample

Case = tuple[sp.Basic, Thm]
FAILS = "the claim fails at the counterexample"


def restated(prop: sp.Basic, at: Mapping) -> sp.Basic:
    """The proposition at an instance, which gives values to symbols, to families and to abstract functions."""
    functions = {f: g for f, g in at.items() if isinstance(f, UndefinedFunction)}
    families = {f: v for f, v in at.items() if isinstance(f, sp.IndexedBase)}
    numbers = {s: sp.sympify(v) for s, v in at.items() if isinstance(s, sp.Symbol)}

    def here(e: sp.Basic, bound: frozenset[sp.Basic] = frozenset()) -> sp.Basic:
        bound |= {r[0] for r in e.args if isinstance(r, sp.Tuple)}
        if isinstance(e, AppliedUndef) and e.func in functions:
            g, args = functions[e.func], [here(a, bound) for a in e.args]
            return g(*args) if isinstance(g, sp.Lambda) else sp.sympify(g)
        if isinstance(e, sp.Indexed) and e.base in families:
            return sp.sympify(families[e.base][int(here(e.indices[0], bound)) - 1])
        if e in numbers and e not in bound:
            return numbers[e]
        if isinstance(e, sp.Derivative):
            return e.func(restated(e.args[0], {s: v for s, v in at.items() if s not in dict(e.args[1:])}), *e.args[1:])
        return e.func(*(here(a, bound) for a in e.args)) if e.args else e

    return mapped(prop, here)


def cases(prop: sp.Basic) -> Iterator[sp.Basic]:
    """A proposition about every number of a finite range, as one about each of them."""
    ranges = []
    while isinstance(prop, ForAll) and isinstance(prop.args[1], sp.Tuple) and _literal(prop.args[1]):
        prop, r = prop.args
        ranges.append(r)
    for values in product(*(range(int(r[1]), int(r[2]) + 1) for r in ranges)):
        point = {r[0]: sp.Integer(v) for r, v in zip(ranges, values, strict=True)}
        yield mapped(prop, lambda e, point=point: e.xreplace(point)) if point else prop


def _literal(r: sp.Tuple) -> bool:
    return len(r) == 3 and r[1].is_Integer and r[2].is_Integer


def decided(prop: sp.Basic) -> Thm:
    """A proof of a statement about closed numbers and finite tables; `ProofError` where none is found."""
    prop = mapped(prop, lambda e: e)
    if not isinstance(prop, sp.Eq | sp.Ne | sp.Ge):
        raise ProofError(f"no automatic proof of {prop}")
    if prop.lhs == prop.rhs and not isinstance(prop, sp.Ne):
        return algebra(*prop.args) if isinstance(prop, sp.Eq) else rearrange(sign(sp.S.Zero), *prop.args)
    left, right = (_worked(side) for side in prop.args)
    if isinstance(prop, sp.Ne):
        return unequal(left, right, differ(left.prop.rhs, right.prop.rhs))
    if isinstance(prop, sp.Eq):
        return chain(left, algebra(left.prop.rhs, right.prop.rhs), flip(right))
    slack = sp.expand(sp.expand_log(left.prop.rhs - right.prop.rhs, force=True))
    above = rearrange(sign(slack if slack else sp.S.Zero), left.prop.rhs, right.prop.rhs)
    return chain(left, above, flip(right))


def _worked(e: sp.Expr) -> Thm:
    """A closed number, its notation opened and its finite sums written out."""
    steps: list[Callable[[sp.Expr], Thm] | Thm] = []
    line = e
    while line.has(Notation):
        line = opened(line).prop.rhs
        steps.append(opened)
    for _ in range(6):
        if not line.has(sp.Sum, sp.Product):
            break
        sums = [s for s in line.atoms(sp.Sum) if not s.args[0].has(sp.Sum)]
        thms = [_written(s) for s in sorted(sums, key=str)]
        line = rewrite(line, *thms).prop.rhs
        steps.append(lambda e, thms=thms: rewrite(e, *thms))
    if not steps:
        return algebra(e, e)
    steps.append(lambda e: algebra(e, e))
    return calc(e, *steps)


def _written(e: sp.Sum) -> Thm:
    """A sum written out from the inside; SymPy merges nested ones."""
    if len(e.args) == 2:
        return write_out(e)
    *inner, last = e.args[1:]
    return monotone(_written(sp.Sum(e.args[0], *inner)), last)


def premises(verdict: Counterexample) -> list[Case]:
    """Each premise at the counterexample, with its proof."""
    return list(_shown(verdict.given, verdict.at, verdict.facts() if verdict.facts else ()))


def witness(verdict: Counterexample) -> list[Case]:
    """Each premise and the statement itself at the other instance, with their proofs."""
    if verdict.holds_at is None:
        raise ProofError("no instance is given at which the claim holds")
    known = verdict.witness() if verdict.witness else ()
    here = _shown((*verdict.given, verdict.statement), verdict.holds_at, known)
    return [*here, *_laws_at(verdict, verdict.holds_at, known)]


def laws(verdict: Counterexample) -> list[Case]:
    """What every document says of laws, at the counterexample, with its proof."""
    return _laws_at(verdict, verdict.at, verdict.facts() if verdict.facts else ())


def _laws_at(verdict: Counterexample, at: Mapping, known: Iterable[Thm]) -> list[Case]:
    if why := outside((verdict.statement, *verdict.given), at):
        raise ProofError(f"outside the domain of the claim: {why}")
    return list(_shown(granted(verdict.statement, verdict.given), at, known))


def shown(verdict: Counterexample) -> dict[str, Thm]:
    """Everything that makes the refutation count, by what it shows: that the claim fails, and each premise and witness."""
    found = {FAILS: fails(verdict)}
    asked = {"premise": premises(verdict), "law": laws(verdict)}
    if not verdict.misprinted:
        asked["witness"] = witness(verdict)
    for word, several in asked.items():
        found |= {f"{word} {k} holds": thm for k, (_, thm) in enumerate(several, 1)}
    return found


def _shown(props: Iterable[sp.Basic], at: Mapping, known: Iterable[Thm]) -> Iterator[Case]:
    by_hand = {unfolded(thm.prop): thm for thm in known if not thm.hyps}
    for prop in props:
        whole = mapped(restated(prop, at), lambda e: e)
        if unfolded(whole) in by_hand:
            yield whole, by_hand[unfolded(whole)]
            continue
        for one in cases(whole):
            yield one, by_hand.get(unfolded(one)) or decided(one)


def fails(verdict: Counterexample) -> Thm:
    """`left - right = c` for the sides of the claim at the counterexample: a number that contradicts it."""
    if name := straw(verdict):
        raise ProofError(f"no premise speaks of {name}, one side of the claim: every number refutes it, or none")
    if isinstance(verdict.negation, Relational) and verdict.negation.args[0] == verdict.negation.args[1]:
        raise ProofError(f"the negation has {verdict.negation.args[0]} on both sides: it says nothing")
    thm = verdict.thm
    if isinstance(verdict.statement, Converges) or verdict.statement.args[1] is sp.oo:
        return _infinite(verdict, thm)
    claim = mapped(restated(verdict.statement, verdict.at), lambda e: e)
    if mapped(claim, unfolded) == mapped(sp.Ne(*thm.prop.args, evaluate=False), unfolded) and isinstance(
        claim, sp.Ne | sp.Eq
    ):
        return thm
    gap, slack = (unfolded(p.lhs - p.rhs) for p in (claim, thm.prop))
    for times in (1, -1, sp.Rational(1, 2), -sp.Rational(1, 2), 2, -2):
        atoms: dict[sp.Basic, sp.Symbol] = {}
        rest = sp.simplify(sp.expand(sp.expand_log(mask(gap - times * slack, atoms))))
        if not rest.free_symbols & set(atoms.values()) and _contradicts(claim, thm.prop, rest, times):
            if mask(gap, {}) == gap and not _in_its_words(claim, thm.prop):
                continue  # a number less a number: any other equation has that form
            return thm
    raise ProofError(
        f"the proof does not contradict the claim at the counterexample\n  claim: {claim}\n  shown: {thm.prop}"
    )


def _in_its_words(claim: Relational, shown: Relational) -> bool:
    """Is a side of the claim, or the gap between them, a side of what is shown, and the other only moved by a number?"""
    left, right = (unfolded(side) for side in claim.args)
    ours = [unfolded(side) for side in shown.args]
    pairs = [(left, right), (right, left), (left - right, sp.S.Zero), (right - left, sp.S.Zero)]
    return any(one in ours and (isinstance(shown, sp.Eq) or other in ours) for one, other in pairs)


def straw(verdict: Counterexample) -> sp.Basic | None:
    """A symbol or function that only one side speaks of, and that moves this side wherever one likes: c in `p(x) >= c`.

    It is a side of its own, a factor or a term of one; or nothing else stands on this side. An inequality with a number
    is about its other side, and so is whatever a premise speaks of.
    """
    claim = verdict.statement
    if not isinstance(claim, Relational):
        return None
    premises = set().union(*map(_names, verdict.given))
    for side, other in (claim.args, claim.args[::-1]):
        known = premises | _names(other)
        if not _names(other) and (not isinstance(claim, sp.Eq | sp.Ne) or side.has(Notation, Total, sp.Derivative)):
            continue
        if (names := _names(side)) and not names & known:
            return min(names, key=str)
        while isinstance(side, sp.log | sp.exp):
            side = side.args[0]
        parts = side.args if isinstance(side, sp.Add | sp.Mul) else (side,)
        for part in parts:
            bare = part.as_coeff_Mul()[1].as_base_exp()[0]
            name = bare.func if isinstance(bare, AppliedUndef) else bare
            alone = name not in set().union(*(_names(p) for p in parts if p is not part))
            if (isinstance(bare, AppliedUndef) or bare.is_Symbol) and name not in known and alone:
                return bare
    return None


def _names(e: sp.Basic) -> set[sp.Basic]:
    """The abstract functions and the free symbols of what is said."""
    full = unfolded(e)
    return {a.func for a in full.atoms(AppliedUndef)} | {s for s in full.free_symbols if s.is_Symbol}


def _infinite(verdict: Counterexample, thm: Thm) -> Thm:
    """That a sum converges is contradicted by its being infinite; that it is infinite, by a number."""
    infinite = thm.prop.args[1] is sp.oo
    if infinite == isinstance(verdict.statement, Converges):
        return thm
    raise ProofError(f"the proof does not contradict the claim: {thm.prop}")


def _contradicts(claim: sp.Basic, shown: sp.Basic, rest: sp.Expr, times: sp.Expr) -> bool:
    """gap = times * slack + rest: what the proof says of the slack must make the claim false."""
    if rest.free_symbols:
        return isinstance(claim, sp.Eq) and isinstance(shown, sp.Eq) and bool(rest.is_nonzero)
    number = sp.sympify(rest).evalf(30)
    if not number.is_Float and number != 0:
        return False
    zero = abs(number) < sp.Float("1e-20")
    if isinstance(claim, sp.Ne):
        return isinstance(shown, sp.Eq) and zero
    if isinstance(claim, sp.Eq):
        return (isinstance(shown, sp.Eq) and not zero) or (isinstance(shown, sp.Ne) and zero)
    if isinstance(shown, sp.Eq):
        return bool(number < 0) or (isinstance(claim, sp.Gt) and zero)
    if isinstance(shown, sp.Ge) and times < 0:  # slack >= 0 and so gap <= rest
        return bool(number < 0) or (isinstance(claim, sp.Gt) and zero)
    return False
