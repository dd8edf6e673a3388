"""How statements print: LaTeX as the field writes it, and one line of plain text for the terminal."""

from __future__ import annotations

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter, greek_letters_set
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from derivations._kernel import AlmostEverywhere, Converges, Dominated, ForAll, Notation, Total, unfolded
from derivations._language.notation import ELBO, KL, Bernoulli, CrossEntropy, E, Entropy, Information, Law, Normal

oo = sp.oo

_TEX = {
    "u": "z", "v": "y", "zs": "z", "cov": r"\Sigma", "prec": r"\Lambda", "logdet": r"\log\det\Sigma",
    "beta": r"\beta", "eta": r"\eta", "logit": r"\ell", "logits": r"\ell", "odds": r"\mathrm{odds}",
    "mean": r"\mu", "std": r"\sigma", "var": r"\sigma^2", "logvar": r"\ell", "phi": r"\phi", "theta": r"\theta",
    "weight": "w", "bias": "b", "noise": r"\mathrm{noise}", "prior": r"\mathrm{prior}", "eps": r"\varepsilon",
}  # fmt: skip


def _tex_word(word: str) -> str:
    return _TEX.get(word) or (f"\\{word}" if word in greek_letters_set else word)


def _tex_name(name: str) -> str:
    if name == "var_noise":
        return r"\sigma_{x}^2"
    head, *subs = name.split("_")
    body = _tex_word(head)
    if not subs:
        return body
    under = ",".join(map(_tex_word, subs))
    return rf"\sigma_{{{under}}}^2" if head == "var" else f"{body}_{{{under}}}"


class _Tex(LatexPrinter):
    """LaTeX as the field writes it: densities with their bar, `log` without needless brackets, pluses first."""

    def _print_Symbol(self, e: sp.Symbol, **_: object) -> str:
        return _tex_name(e.name)

    def _print_Indexed(self, e: sp.Indexed) -> str:
        name = _tex_name(str(e.base.label))
        index = ",".join(map(self._print, e.indices))
        if name.endswith("^2"):
            return f"{name[:-3]},{index}}}^2" if name[:-2].endswith("}") else f"{name[:-2]}_{{{index}}}^2"
        return f"{name[:-1]},{index}}}" if name.endswith("}") else f"{name}_{{{index}}}"

    def _print_Add(self, e: sp.Add, order: object = None) -> str:
        terms = self._as_ordered_terms(e, order=order)
        plus = [s for s in terms if not s.could_extract_minus_sign()] or terms[:1]
        out = " + ".join(map(self._print, plus))
        for s in (s for s in terms if s not in plus):
            inner = self._print(-s)
            out += " - " + (rf"\left({inner}\right)" if (-s).is_Add else inner)
        return out

    def _print_log(self, e: sp.log, exp: object = None) -> str:
        inner = self._print(a := e.args[0])
        bare = a.is_Symbol or isinstance(a, AppliedUndef | Notation | sp.Indexed | sp.Integer) or sp.fraction(a)[1] != 1
        out = rf"\log {inner}" if bare else rf"\log\left({inner}\right)"
        return out if exp is None else rf"\left({out}\right)^{{{exp}}}"

    def _print_AppliedUndef(self, e: AppliedUndef, exp: object = None) -> str:
        out = _applied(e, [self._print(a) for a in e.args], r" \mid ", self._letter)
        return out if exp is None else rf"{out}^{{{exp}}}"

    _print_Function = _print_AppliedUndef

    def _letter(self, letter: str) -> str:
        name = letter.rstrip("'")  # a prime is a derivative
        head, _, sub = name.partition("_")
        body = f"{_tex_word(head)}_{{{_tex_word(sub)}}}" if sub else _tex_word(head)
        return body + letter[len(name) :]

    def _over(self, f: sp.Expr, pre: str, post: str) -> str:
        """An integral with each density as a factor of its own, never one fused fraction."""
        factors = sp.Mul.make_args(f)
        first = [g for g in factors if isinstance(g, AppliedUndef | Law)]
        rest = sp.Mul(*(g for g in factors if g not in first))
        minus = "-" if first and not rest.is_Add and rest.could_extract_minus_sign() else ""
        rest = -rest if minus else rest
        body = minus + r"\,".join(map(self._print, first))
        if rest != 1 or not first:
            inner = self._print(rest)
            inner = rf"\left({inner}\right)" if rest.is_Add else inner
            body = rf"{body}\,{inner}" if body else inner
        return rf"{pre} {body} {post}".rstrip()

    def _print_Integral(self, e: sp.Integral) -> str:
        (s, *ends) = e.args[1]
        lo, hi = map(self._print, ends)
        pre = r"\int" if ends == [-oo, oo] else rf"\int_{{{lo}}}^{{{hi}}}"
        return self._over(e.args[0], pre, rf"\,d{self._print(s)}")

    def _print_Total(self, e: Total) -> str:
        return self._over(e.args[0], r"\int", rf"\,d{self._print(e.args[1][0])}")

    def _print_Sum(self, e: sp.Sum) -> str:
        ranges = [rf"\sum_{{{self._print(s)}={self._print(lo)}}}^{{{self._print(hi)}}}" for s, lo, hi in e.args[:0:-1]]
        return self._over(e.args[0], "".join(ranges), "")

    def _print_Normal(self, e: Normal, exp: object = None) -> str:
        at, mean, variance = map(self._print, e.args)
        return rf"\mathcal{{N}}({at};\, {mean},\, {variance})"

    def _print_Bernoulli(self, e: Bernoulli, exp: object = None) -> str:
        return rf"\mathrm{{Ber}}({self._print(e.args[0])};\, {self._print(e.args[1] / (1 + e.args[1]))})"

    def _print_E(self, e: E, exp: object = None) -> str:
        return rf"\mathbb{{E}}_{{{self._print(e.args[1])}}}\left[{self._print(e.args[0])}\right]"

    def _print_Entropy(self, e: Entropy, exp: object = None) -> str:
        return rf"H\left[{self._print(e.args[0])}\right]"

    def _print_CrossEntropy(self, e: CrossEntropy, exp: object = None) -> str:
        return rf"H\left[{self._print(e.args[0])},\, {self._print(e.args[1])}\right]"

    def _print_KL(self, e: KL, exp: object = None) -> str:
        return rf"D_{{\mathrm{{KL}}}}\left({self._print(e.args[0])} \,\middle\|\, {self._print(e.args[1])}\right)"

    def _print_ELBO(self, e: ELBO, exp: object = None) -> str:
        return rf"\mathcal{{L}}\left({self._print(e.args[1])};\, {self._print(e.args[0])}\right)"

    def _print_Information(self, e: Information, exp: object = None) -> str:
        return rf"I({self._print(e.args[4][0])};\, {self._print(e.args[3][0])})"

    def _print_Relational(self, e: sp.Basic) -> str:
        sign = {"==": "=", ">=": r"\ge", "<=": r"\le", ">": ">", "<": "<", "!=": r"\ne"}[e.rel_op]
        return f"{self._print(e.lhs)} {sign} {self._print(e.rhs)}"

    def _print_ForAll(self, e: ForAll) -> str:
        body, places = _quantifiers(e)
        return rf"{self._print(body)} \quad\text{{for every }} " + r",\; ".join(map(self._place, places))

    def _place(self, r: sp.Basic) -> str:
        if not isinstance(r, sp.Tuple):
            return self._print(r)
        s, lo, hi = map(self._print, r)
        return rf"{s} = {lo}, \dots, {hi}" if r[0].is_integer else rf"{s} \in ({lo}, {hi})"

    def _print_AlmostEverywhere(self, e: AlmostEverywhere) -> str:
        return rf"{self._print(e.args[0])} \quad\text{{for almost every }} {self._print(e.args[1][0])}"

    def _print_Converges(self, e: Converges) -> str:
        return rf"{self._print(e.args[0])} \text{{ is finite}}"

    def _print_Dominated(self, e: Dominated) -> str:
        return rf"{self._print(e.args[0])} \text{{ is dominated near every }} {self._print(e.args[1])}"


class _Text(StrPrinter):
    """The same in plain text, for the terminal."""

    def _print_Function(self, e: sp.Function) -> str:
        if isinstance(e, AppliedUndef):
            return _applied(e, [self._print(a) for a in e.args], " | ", str)
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


def _applied(e: AppliedUndef, args: list[str], bar: str, letter: object) -> str:
    """q(z|x) at (z, x): the name says how many arguments stand before the bar."""
    name, _, slots = e.func.__name__.partition("(")
    before, _, after = slots.rstrip(")").partition("|")
    first = len(before.split(",")) if after else len(args)
    groups = [", ".join(args[:first]), ", ".join(args[first:])]
    return f"{letter(name)}({bar.join(g for g in groups if g)})"


def latex(e: sp.Basic) -> str:
    """LaTeX as the field writes it."""
    return _Tex({"fold_short_frac": False}).doprint(e)


def text(e: sp.Basic) -> str:
    """One line of plain text for the terminal."""
    return _Text({"order": None}).doprint(e)


def domains(*props: sp.Basic) -> list[tuple[str, str]]:
    """Each free symbol and abstract function of the propositions as (LaTeX, domain in words)."""
    free = set().union(*(p.free_symbols for p in props))
    out = {latex(s): _domain(s) for s in sorted((s for s in free if s.is_Symbol), key=str)}
    for p in props:
        for f in sorted(unfolded(p).atoms(AppliedUndef), key=str):
            out[latex(f)] = "a positive function" if f.is_positive else "a real function"
        for b in sorted(p.atoms(Total), key=str):
            out[latex(b.args[1][0])] = "a point of any measure space: real numbers, vectors, integers"
    return list(out.items())


def _domain(s: sp.Symbol) -> str:
    if s.is_integer:
        return "a positive integer" if s.is_positive else "an integer"
    return "a positive number" if s.is_positive else "a real number" if s.is_real else "a point of any measure space"
