"""What several derivations do in the same way, by name. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp
from sympy.core.function import AppliedUndef

from derivations._kernel import (
    BINDERS,
    ForAll,
    Notation,
    Thm,
    algebra,
    assume,
    chain,
    combine,
    discharge,
    each,
    flip,
    for_all,
    integrable,
    linearity,
    log_product,
    rewrite,
    substitute,
    tangent,
    unfold,
    unfolded,
    unlog,
    write_out,
)
from derivations._language.notation import line, states
from derivations._language.steps import calc, inside, opened, to
from derivations._language.verdicts import Form


def ending(thm: Thm, rhs: sp.Expr) -> Thm:
    """The same theorem, its right-hand side written as rhs by algebra."""
    return chain(thm, algebra(thm.prop.rhs, rhs))


def combined(e: sp.Expr, parts: sp.Expr) -> Thm:
    """`int (a f + b g)` is finite when int f and int g are: parts is `a int f + b int g`, in any notation."""
    pairs = [_factor_and_integral(term) for term in sp.Add.make_args(unfolded(parts))]
    return combine(unfolded(e), *pairs)


def _factor_and_integral(term: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    (integral,) = (f for f in sp.Mul.make_args(term) if isinstance(f, BINDERS))
    return term / integral, integral


def on_both(continuous: Mapping | tuple, discrete: Mapping | tuple) -> dict[str, Form]:
    """A theorem read on the line and on the states, each with an example or with several."""
    on_line, on_states = (e if isinstance(e, tuple) else (e,) for e in (continuous, discrete))
    return {"continuous": Form(line, on_line), "discrete": Form(states, on_states)}


def converges(value: sp.Basic) -> Thm:
    """From the hypothesis `int f = c` with f >= 0, for every value of what it quantifies, that int f converges."""
    ranges, thm = [], assume(value)
    while isinstance(thm.prop, ForAll):
        ranges.append(thm.prop.args[1])
        thm = each(thm)
    if isinstance(thm.prop.lhs, Notation):
        thm = chain(flip(unfold(thm.prop.lhs)), thm)
    thm = integrable(thm if isinstance(thm.prop.lhs, BINDERS) else flip(thm))
    for r in reversed(ranges):
        thm = for_all(thm, r)
    return thm


def settled_by(thm: Thm, *values: sp.Basic) -> Thm:
    """Discharge the convergence that follows from each hypothesis of the form `int f = c` with f >= 0."""
    return discharge(thm, *map(converges, values))


def log_tangent(e: sp.Expr, c: sp.Expr = 1) -> Thm:
    """`log c + (e - c)/c >= log e`: the logarithm lies below its tangent at c, which is e - 1 at c = 1."""
    t, a = sp.symbols("t a", positive=True)
    return substitute(tangent(sp.log(t), t, a), {t: e, a: c})


def at_instance(e: sp.Expr, values: Mapping) -> sp.Expr:
    """The expression with each abstract function replaced by its value at the instance."""

    def here(f: sp.Expr) -> sp.Expr:
        if isinstance(f, AppliedUndef) and f.func in values:
            return values[f.func](*f.args)
        return f.func(*map(here, f.args)) if f.args else f

    return here(e)


def worked(e: sp.Expr, value: sp.Expr) -> Thm:
    """A finite sum of numbers, written out from the inside."""

    def written(line: sp.Expr) -> Thm:
        sums = [s for s in line.atoms(sp.Sum) if not s.args[0].has(sp.Sum)]
        return rewrite(line, *map(write_out, sorted(sums, key=str)))

    return calc(e, opened, *([opened] if opened(e).prop.rhs.has(Notation) else []), written, written, to(value))


def merged(one: sp.Expr, two: sp.Expr, over: sp.Tuple) -> Thm:
    """A product of two products is the product of the products: their logarithms are one sum."""
    first, second, both = (sp.Product(f, over) for f in (one, two, one * two))
    sums = flip(linearity(sp.Sum(sp.log(one) + sp.log(two), over)))
    apart, joined = sp.log(first) + sp.log(second), inside(sp.log(one * two))
    logs = [log_product(first), log_product(second)]
    plain = [isinstance(sp.log(f), sp.log) for f in (one, two)]
    logs += [
        linearity(known.prop.rhs) for known, is_log in zip(logs, plain, strict=True) if not is_log
    ]  # of exp(f), it is f
    return unlog(calc(sp.log(first * second), to(apart), *logs, sums, joined, flip(log_product(both))))
