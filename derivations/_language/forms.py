"""What a theorem fixes by its form alone: a family, one real variable, a range of numbers or values written out, a sign.

No hypothesis says so, and a claim about all laws is not settled by a theorem about Gaussians. An author says it in
words (`narrows`); where none are found the form is said as it stands, unless the document is about just that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations._kernel import AlmostEverywhere, ForAll, unfolded
from derivations._language.densities import named_law
from derivations._language.notation import Law
from derivations._language.verdicts import Theorem

EXISTS = "one instance is enough"  # a premise of claims that something happens, or need not: no form narrows these
REAL = re.compile(r"(x|y|z|u|v|eps|mu|mean|bias|logvar|logit|theta|phi)s?(_\w+)?'*")
KINDS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer")
WORDS = {"nonnegative": "non-negative", "nonpositive": "non-positive", "nonzero": "non-zero", "integer": "whole"}


def forms(theorem: Theorem) -> list[str]:
    """In words, what the statement and its hypotheses are about by their form."""
    return list(dict.fromkeys(_found(theorem)))


def _found(theorem: Theorem) -> Iterator[str]:
    props = (theorem.statement, *theorem.given)
    laws = {type(law).__name__ for p in props for law in p.atoms(Law)}
    yield from (f"stated for {name} distributions" for name in sorted(laws))
    averages = [e for p in props for e in sp.preorder_traversal(p) if not isinstance(e, ForAll | AlmostEverywhere)]
    ranges = [r for e in averages for r in e.args if isinstance(r, sp.Tuple) and len(r) == 3]
    for r in ranges:
        if r[0].is_integer and r[1].is_number and r[2].is_Integer:
            yield f"stated for {r[0]} from {r[1]} to {r[2]}"
        elif not r[0].is_integer:
            yield "stated for one real variable"
    if any(_one_by_one(e) for e in averages) and not any(_is_point(r) for e in averages for r in e.args):
        yield "stated for a sum over the coordinates, one real variable each"
    unknowns = sorted({(_called(e), e) for p in props for e in _unknowns(p)}, key=str)
    for name, e in unknowns:
        if REAL.fullmatch(name) and (kind := next((k for k in KINDS if getattr(e, f"is_{k}")), "")):
            yield f"stated for {WORDS.get(kind, kind)} {name}"
    values = {(name, e.args[0]) for name, e in unknowns if isinstance(e, AppliedUndef) and named_law(e)}
    for name in sorted({name for name, at in values if at.is_Integer}):
        yield f"stated for the values {', '.join(str(at) for n, at in sorted(values, key=str) if n == name and at.is_Integer)} of {name}"


def _one_by_one(e: sp.Basic) -> bool:
    """Is it a sum over j = 1..d of averages over one real variable? Of a law of all coordinates it says nothing by itself."""
    if not isinstance(e, sp.Sum) or not any(r[2].is_Symbol and r[2].name in ("d", "D") for r in e.args[1:]):
        return False
    ranges = [r for f in sp.preorder_traversal(e.args[0]) for r in f.args if isinstance(r, sp.Tuple)]
    return any(len(r) == 3 and not r[0].is_integer for r in ranges)


def _is_point(r: sp.Basic) -> bool:
    """Is it the range of a point of R^d?"""
    return isinstance(r, sp.Tuple) and len(r) == 1 and bool(r[0].is_real)


def _unknowns(p: sp.Basic) -> set[sp.Basic]:
    full = unfolded(p)
    return {s for s in full.free_symbols if isinstance(s, sp.Symbol)} | set(full.atoms(AppliedUndef))


def _called(e: sp.Basic) -> str:
    return str(e.func.__name__ if isinstance(e, AppliedUndef) else e).partition("(")[0]
