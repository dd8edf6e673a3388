"""Two ways to write a formula, text and TeX, which share what brackets mean and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from typing import Final

from derivations._reading.names import tex_name

SUM, BIG, MUL, RATIO, POW, ATOM = range(6)  # how tightly what is printed holds together
Printed = tuple[str, int]

# Text and TeX. Of a notation, its arguments by their places; {s} are the ranges that are shown, {r} the same after a comma.
SHAPES: Final = {
    "=": ("{} = {}", "{} = {}"), ">": ("{} > {}", "{} > {}"), "<": ("{} < {}", "{} < {}"),
    ">=": ("{} ≥ {}", r"{} \ge {}"), "<=": ("{} ≤ {}", r"{} \le {}"), "!=": ("{} ≠ {}", r"{} \ne {}"),
    "conv": ("{} is finite", r"{} \text{{ is finite}}"), "inf": ("{} = ∞", r"{} = \infty"),
    "joint": ("{} is finite in every order", r"{} \text{{ is finite in every order}}"),
    "dom": ("{} is dominated near every {}", r"{} \text{{ is dominated near every }} {}"),
    "slope": ("{} exists and is {}", r"{} \text{{ exists and is }} {}"),
    "all": ("{} for every {}", r"{} \quad\text{{for every }} {}"),
    "ae": ("{} for almost every {}", r"{} \quad\text{{for almost every }} {}"),
    "sum": ("Σ", r"\sum"), "prod": ("Π", r"\prod"), "int": ("∫", r"\int"),
    "pi": ("pi", r"\pi"), "oo": ("∞", r"\infty"), "-oo": ("-∞", r"-\infty"),
    "exp": ("exp({})", "e^{{{}}}"), "abs": ("abs({})", r"\left|{}\right|"), "root": ("sqrt({})", r"\sqrt{{{}}}"),
    "at": ("[{}]_{{{}={}}}", r"\left[{}\right]_{{{}={}}}"),
    "Normal": ("N({}; {}, {})", r"\mathcal{{N}}({};\, {},\, {})"),
    "Bernoulli": ("Ber({}; odds {})", r"\mathrm{{Ber}}({};\, \text{{odds }} {})"),
    "E": ("E_{{{1}{r}}}[{0}]", r"\mathbb{{E}}_{{{1}{r}}}\left[{0}\right]"),
    "Entropy": ("H{s}[{}]", r"H{s}\left[{}\right]"),
    "CrossEntropy": ("H{s}[{}, {}]", r"H{s}\left[{},\; {}\right]"),
    "KL": ("KL{s}({} || {})", r"D_{{\mathrm{{KL}}{r}}}\left({} \,\middle\|\, {}\right)"),
    "ELBO": ("ELBO{s}({1}; {0})", r"\mathcal{{L}}{s}\left({1};\, {0}\right)"),
    "Information": ("I_{{{}, {}, {}}}({outer}; {inner})", r"I_{{{},\; {},\; {}}}({outer};\, {inner})"),
}  # fmt: skip

WORD = re.compile(r"\\mathrm\{[a-zA-Z]{2,}\}(?:[_^](?:\{[^ ]*\}|\w))*")  # a name of several letters


class Text:
    """One line for a terminal."""

    dots, upto, comma, bar, within = "..", "..", ", ", " | ", " in "
    name, apart, which = staticmethod(str), False, 0

    def brackets(self, inner: str) -> str:
        return f"({inner})"

    def index(self, name: str, indices: list[str]) -> str:
        return f"{name}[{', '.join(indices)}]"

    def shape(self, head: str, *args: str, **more: str) -> str:
        """One of the forms above with its parts put in."""
        return SHAPES[head][self.which].format(*args, **more)

    def number(self, q: Fraction) -> Printed:
        return str(q), SUM if q < 0 else MUL if q.denominator > 1 else ATOM

    def power(self, base: Printed, exponent: Printed) -> Printed:
        return f"{self.least(base, ATOM)}**{self.least(exponent, ATOM)}", POW

    def least(self, printed: Printed, level: int) -> str:
        return printed[0] if printed[1] >= level else self.brackets(printed[0])

    def log(self, inner: Printed, bare: bool) -> Printed:
        return f"log({inner[0]})", ATOM

    def ratio(self, laws: list[Printed], above: list[Printed], below: list[Printed]) -> Printed:
        """Densities and the rest of a numerator, in order, over a denominator."""
        above = laws + above
        if not above[1:] and not below:
            return above[0]
        open_end = not below and above[-1][0].startswith("∫")  # closed by its differential
        tight = [self.least(p, BIG if open_end and p is above[-1] else POW) for p in above]
        inner = "*".join(tight) or "1"
        many = "*".join(self.least(p, POW) for p in below)
        apart = below[1:] or (below and below[0][1] == MUL)  # a product that is one factor has brackets of its own
        return (f"{inner}/{self.brackets(many) if apart else many}" if below else inner), MUL

    def under(self, head: str, variable: str, ends: list[str], body: Printed) -> Printed:
        sign = self.shape(head)
        if head == "int":
            sign += f"_{{{'..'.join(ends)}}}" if ends else ""
            return f"{sign} {self.least(body, BIG)} d{variable}", BIG
        over = f"{variable}={'..'.join(ends)}" if ends else variable
        inner = body[0] if body[0].startswith(("Σ", "Π")) and body[1] == BIG else self.least(body, ATOM)
        return f"{sign}_{{{over}}} {inner}", BIG

    def derivative(self, variable: str, body: Printed) -> Printed:
        return f"d/d{variable} {self.least(body, ATOM)}", BIG


class Tex(Text):
    """LaTeX as the field writes it, where the functions have these letters."""

    def __init__(self, letters: Iterable[str] = ()) -> None:
        self.letters = frozenset(map(tex_name, letters))

    dots, upto, comma, bar, within = "{..}", r", \dots, ", r",\; ", r" \mid ", r" \in "
    name, apart, which = staticmethod(tex_name), True, 1

    def brackets(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def index(self, name: str, indices: list[str]) -> str:
        return tex_name(name, ",".join(indices))

    def number(self, q: Fraction) -> Printed:
        if q.denominator == 1:
            return super().number(q)
        return ("-" if q < 0 else "") + rf"\frac{{{abs(q.numerator)}}}{{{q.denominator}}}", SUM if q < 0 else RATIO

    def power(self, base: Printed, exponent: Printed) -> Printed:
        return f"{self.least(base, ATOM)}^{{{exponent[0]}}}", POW

    def log(self, inner: Printed, bare: bool) -> Printed:
        return (rf"\log {inner[0]}" if bare or inner[1] in (RATIO, ATOM) else rf"\log{self.brackets(inner[0])}"), POW

    def ratio(self, laws: list[Printed], above: list[Printed], below: list[Printed]) -> Printed:
        after = [p for p in above if p[1] == BIG]
        above = [p for p in above if p[1] != BIG]
        if below:
            over = self.product(above)[0] if above else "1"
            sole = not below[1:] and below[0][1] != MUL
            under = below[0][0] if sole else self.joined([self.least(p, POW) for p in below])
            above = [(rf"\frac{{{over}}}{{{under}}}", RATIO)]
        return self.product([*laws, *above, *after], r"\," if laws else " ")

    def product(self, several: list[Printed], space: str = " ") -> Printed:
        if not several[1:]:
            return several[0]
        first = [self.closed(p[0]) if p[0].startswith(r"\log ") else self.least(p, RATIO) for p in several[:-1]]
        last = self.least(several[-1], BIG if several[-1][1] == BIG else RATIO)
        return self.joined([*first, last], space), MUL

    def closed(self, log: str) -> str:
        """A logarithm before another factor."""
        return r"\log" + self.brackets(log.removeprefix(r"\log "))

    def joined(self, several: list[str], space: str = " ") -> str:
        out = several[0]
        for before, one in pairwise(several):
            numbers = one[0].isdigit() or (before[-1].isdigit() and one.startswith(r"\frac"))
            applied = before in self.letters and one.startswith(r"\left(")  # no value of a function
            spoken = WORD.match(one) or WORD.fullmatch(before)  # D rate is no Drate
            out += (r" \cdot " if numbers or applied else r" \, " if spoken else space) + one
        return out

    def under(self, head: str, variable: str, ends: list[str], body: Printed) -> Printed:
        sign = self.shape(head)
        if head == "int":
            sign += rf"_{{{ends[0]}}}^{{{ends[1]}}}" if ends else ""
            return rf"{sign} {self.least(body, BIG)} \,\mathrm{{d}}{variable}", BIG
        sign += rf"_{{{variable}={ends[0]}}}^{{{ends[1]}}}" if ends else f"_{{{variable}}}"
        return f"{sign} {self.least(body, BIG)}", BIG

    def derivative(self, variable: str, body: Printed) -> Printed:
        return rf"\frac{{\partial}}{{\partial {variable}}} {self.least(body, MUL)}", BIG
