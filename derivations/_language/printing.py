"""Expressions in one line, for what the checks have to say. Pages print certificates: `_reading/formulas.py`."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from derivations._kernel import AlmostEverywhere, Converges, Dominated, ForAll
from derivations._language.notation import ELBO, KL, Bernoulli, CrossEntropy, E, Entropy, Information, Normal

oo = sp.oo


class _Text(StrPrinter):
    """One line of plain text."""

    def _print_Function(self, e: sp.Function) -> str:
        if isinstance(e, AppliedUndef):
            return _applied(e, [self._print(a) for a in e.args])
        return super()._print_Function(e)

    def _print_Symbol(self, e: sp.Symbol) -> str:
        return {"u": "z", "v": "y", "zs": "z"}.get(e.name, e.name)

    def _print_IndexedBase(self, e: sp.IndexedBase) -> str:
        return self._print(e.label)

    def _print_Integral(self, e: sp.Integral) -> str:
        s, *ends = e.args[1]
        sign = "∫" if ends in ([], [-oo, oo]) else f"∫_{{{self._print(ends[0])}..{self._print(ends[1])}}}"
        return f"{sign} {self._factor(e.args[0])} d{self._print(s)}"

    _print_Total = _print_Integral

    def _print_Sum(self, e: sp.Sum) -> str:
        return "".join(f"Σ_{{{s}={lo}..{hi}}} " for s, lo, hi in e.args[:0:-1]) + self._body(e.args[0])

    def _print_Product(self, e: sp.Product) -> str:
        return "".join(f"Π_{{{s}={lo}..{hi}}} " for s, lo, hi in e.args[1:]) + self._body(e.args[0])

    def _body(self, e: sp.Expr) -> str:
        """What is added up, in brackets: a sum has no sign at its end."""
        return f"({self._print(e)})" if e.is_Add or e.is_Mul or e.is_Pow else self._print(e)

    def parenthesize(self, item: sp.Basic, level: int, strict: bool = False) -> str:
        if isinstance(item, sp.Sum | sp.Product) and level > PRECEDENCE["Add"]:
            return f"({self._print(item)})"
        return super().parenthesize(item, level, strict)

    def _factor(self, e: sp.Expr) -> str:
        return f"({self._print(e)})" if e.is_Add else self._print(e)

    def _print_Normal(self, e: Normal) -> str:
        return "N({}; {}, {})".format(*map(self._print, e.args))

    def _print_Bernoulli(self, e: Bernoulli) -> str:
        return f"Ber({self._print(e.args[0])}; odds {self._print(e.args[1])})"

    def _print_E(self, e: E) -> str:
        return f"E_{{{self._print(e.args[1])}}}[{self._print(e.args[0])}]"

    def _print_Entropy(self, e: Entropy) -> str:
        return f"H[{self._print(e.args[0])}]"

    def _print_CrossEntropy(self, e: CrossEntropy) -> str:
        return f"H[{self._print(e.args[0])}, {self._print(e.args[1])}]"

    def _print_KL(self, e: KL) -> str:
        return f"KL({self._print(e.args[0])} || {self._print(e.args[1])})"

    def _print_ELBO(self, e: ELBO) -> str:
        return f"ELBO({self._print(e.args[1])}; {self._print(e.args[0])})"

    def _print_Information(self, e: Information) -> str:
        return f"I({self._print(e.args[4][0])}; {self._print(e.args[3][0])})"

    def _print_Relational(self, e: sp.Basic) -> str:
        sign = {"==": "=", ">=": "≥", "<=": "≤", ">": ">", "<": "<", "!=": "≠"}[e.rel_op]
        return f"{self._print(e.lhs)} {sign} {self._print(e.rhs)}"

    def _print_ForAll(self, e: ForAll) -> str:
        body, places = _quantifiers(e)
        return f"{self._print(body)} for every {', '.join(map(self._place, places))}"

    def _place(self, r: sp.Basic) -> str:
        if not isinstance(r, sp.Tuple):
            return self._print(r)
        return f"{r[0]} = {r[1]}..{r[2]}" if r[0].is_integer else f"{r[0]} in ({r[1]}, {r[2]})"

    def _print_Add(self, e: sp.Add, order: object = None) -> str:
        terms = self._as_ordered_terms(e, order=order)
        plus = [s for s in terms if not s.could_extract_minus_sign()] or terms[:1]
        out = " + ".join(map(self._print, plus))
        for s in (s for s in terms if s not in plus):
            inner = self._print(-s)
            out += f" - ({inner})" if (-s).is_Add else f" - {inner}"
        return out

    def _print_AlmostEverywhere(self, e: AlmostEverywhere) -> str:
        return f"{self._print(e.args[0])} for almost every {self._print(e.args[1][0])}"

    def _print_Converges(self, e: Converges) -> str:
        return f"{self._print(e.args[0])} is finite"

    def _print_Dominated(self, e: Dominated) -> str:
        return f"{self._print(e.args[0])} is dominated near every {e.args[1]}"


def _quantifiers(e: ForAll) -> tuple[sp.Basic, list[sp.Basic]]:
    """The proposition under nested quantifiers, and their variables, outermost first."""
    places = []
    while isinstance(e, ForAll):
        e, r = e.args
        places.append(r)
    return e, places


def _applied(e: AppliedUndef, args: list[str]) -> str:
    """q(z|x) at (z, x): the name says how many arguments stand before the bar."""
    name, _, slots = e.func.__name__.partition("(")
    before, _, after = slots.rstrip(")").partition("|")
    first = len(before.split(",")) if after else len(args)
    groups = [", ".join(args[:first]), ", ".join(args[first:])]
    return f"{name}({' | '.join(g for g in groups if g)})"


def text(e: sp.Basic) -> str:
    """One line of plain text for the terminal."""
    return _Text({"order": None}).doprint(e)
