"""What several derivations do in the same way, by name. Nothing here is trusted."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from derivations._kernel import BINDERS, Thm, algebra, chain, combine, unfolded
from derivations._language.notation import line, states
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
