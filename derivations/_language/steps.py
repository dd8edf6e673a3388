"""How proofs are written down: conveniences over the kernel's rules. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from derivations._kernel import (
    BINDERS,
    Dominated,
    ForAll,
    Notation,
    ProofError,
    Thm,
    algebra,
    assume,
    because,
    chain,
    differ,
    discharge,
    each,
    flip,
    gaussian_bound,
    gaussian_tail,
    monotone,
    rewrite,
    substitute,
    tangent,
    unequal,
    unfold,
)

Step = Thm | Callable[[sp.Expr], Thm]


def calc(start: sp.Expr, *steps: Step | tuple[str, Step]) -> Thm:
    """`start = ... = end`: each step is a rule applied to the line so far, or an equation to rewrite it with.

    A step may come with its reason in words: ("q integrates to one", given(mass)).
    """
    links, line = [], start
    for item in steps:
        why, step = item if isinstance(item, tuple) else ("", item)
        thm = step if isinstance(step, Thm) else step(line)
        if thm.prop.lhs != line:
            thm = rewrite(line, thm)
        if thm.prop.rhs == line and not thm.hyps:  # the line already reads so
            continue
        links.append(because(thm, why) if why else thm)
        line = thm.prop.rhs
    return chain(*links)


def given(prop: sp.Basic) -> Thm:
    """Use a hypothesis; one that holds for every value is used at its own variables."""
    thm = assume(prop)
    while isinstance(thm.prop, ForAll):
        thm = each(thm)
    return thm


def opened(e: sp.Expr) -> Thm:
    """`e = e` with its outermost notation replaced by the definition."""
    heads = e.atoms(Notation)
    outer = [h for h in heads if not any(h != k and k.has(h) for k in heads)]
    return rewrite(e, *(unfold(h) for h in sorted(outer, key=str)))


def folded(e: sp.Expr) -> Callable[[sp.Expr], Thm]:
    """The line is what `e` says once its notation is opened, up to algebra."""

    def step(line: sp.Expr) -> Thm:
        back = flip(opened(e))
        return back if back.prop.lhs == line else chain(algebra(line, back.prop.lhs), back)

    return step


def to(rhs: sp.Expr) -> Callable[[sp.Expr], Thm]:
    """The line equals rhs by algebra."""
    return lambda line: algebra(line, rhs)


def inside(new: sp.Expr, of: sp.Expr | None = None) -> Callable[[sp.Expr], Thm]:
    """The innermost function of one integral or sum (the whole line, or `of` in it) equals `new` by algebra."""

    def step(line: sp.Expr) -> Thm:
        e = line if of is None else of
        while isinstance(e.args[0], BINDERS):
            e = e.args[0]
        return rewrite(line, algebra(e.args[0], new))

    return step


def at(rule: Callable[[sp.Expr], Thm], part: sp.Expr) -> Callable[[sp.Expr], Thm]:
    """Apply a rule to one part of the line."""
    return lambda line: rewrite(line, rule(part))


def termwise(*steps: Step | tuple[str, Step]) -> Callable[[sp.Expr], Thm]:
    """Work on the function under the outermost integral or sum of the line."""

    def under(line: sp.Expr) -> Thm:
        f = line.args[0] if len(line.args) == 2 else line.func(*line.args[:-1])
        return monotone(calc(f, *steps), line.args[-1])

    return under


def settled(thm: Thm) -> Thm:
    """Discharge every hypothesis of convergence or domination about a polynomial times a Gaussian."""
    for h in sorted(thm.hyps, key=str):
        try:
            thm = discharge(thm, gaussian_bound(h) if isinstance(h, Dominated) else gaussian_tail(h.args[0]))
        except (ProofError, AttributeError):
            continue
    return thm


def below_tangent(e: sp.Expr) -> Thm:
    """`e - 1 >= log e`: the logarithm lies below its tangent at one."""
    t, a = sp.symbols("t a", positive=True)
    return substitute(substitute(tangent(sp.log(t), t, a), {a: sp.S.One}), {t: e})


def apart(one: Thm, two: Thm) -> Thm:
    """From `a = c` and `b = d`, with c and d different numbers, get `a != b`."""
    return unequal(one, two, differ(one.prop.rhs, two.prop.rhs))
