"""How the propositions of a certificate print, in text and in TeX: what is printed is what was proved.

Both outputs come from one walk over the rows of a certificate. Two propositions that differ print differently, up to the order of terms and
factors: ranges are shown where they are not the whole sort of their variable, and brackets where another reading is possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, Final

from derivations._reading.certificate import Row
from derivations._reading.names import VALUES, Function, Names, Range, Sort, inside, key, tex_name, words

SUM, BIG, MUL, RATIO, POW, ATOM = range(6)  # how tightly what is printed holds together
Printed = tuple[str, int]
Env = tuple[tuple[str, Sort], ...]  # the enclosing bound variables, innermost first

DENSITY: Final = 3  # its place in a product
LOG_KINDS: Final = ("v", "b", "f", "at")
LAWS: Final = {"E": 1, "ELBO": 1, "Entropy": 0, "CrossEntropy": 0, "KL": 0}  # which argument integrates


class Text:
    """One line for a terminal."""

    relation: ClassVar[Mapping[str, str]] = {"=": "=", ">=": "≥", ">": ">", "<=": "≤", "<": "<", "!=": "≠"}
    infinity, pi, dots, upto, comma, bar, within = "∞", "pi", "..", "..", ", ", " | ", " in "
    big: ClassVar[Mapping[str, str]] = {"sum": "Σ", "prod": "Π", "int": "∫"}
    said: ClassVar[Mapping[str, str]] = {
        "conv": " is finite", "joint": " is finite in every order", "inf": " = ∞", "exists": " exists and is ", "dom": " is dominated near every ",
        "all": " for every ", "ae": " for almost every ",
    }  # fmt: skip
    name, apart = staticmethod(str), False

    def brackets(self, inner: str) -> str:
        return f"({inner})"

    def index(self, name: str, indices: list[str]) -> str:
        return f"{name}[{', '.join(indices)}]"

    def number(self, q: Fraction) -> Printed:
        return str(q), SUM if q < 0 else MUL if q.denominator > 1 else ATOM

    def power(self, base: Printed, exponent: Printed) -> Printed:
        return f"{self.least(base, ATOM)}**{self.least(exponent, ATOM)}", POW

    def least(self, printed: Printed, level: int) -> str:
        return printed[0] if printed[1] >= level else self.brackets(printed[0])

    def root(self, inner: Printed) -> Printed:
        return f"sqrt({inner[0]})", ATOM

    def exp(self, inner: Printed) -> Printed:
        return f"exp({inner[0]})", ATOM

    def log(self, inner: Printed, bare: bool) -> Printed:
        return f"log({inner[0]})", ATOM

    def abs(self, inner: Printed) -> Printed:
        return f"abs({inner[0]})", ATOM

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
        sign = self.big[head]
        if head == "int":
            sign += f"_{{{'..'.join(ends)}}}" if ends else ""
            return f"{sign} {self.least(body, BIG)} d{variable}", BIG
        over = f"{variable}={'..'.join(ends)}" if ends else variable
        inner = body[0] if body[0].startswith(("Σ", "Π")) and body[1] == BIG else self.least(body, ATOM)
        return f"{sign}_{{{over}}} {inner}", BIG

    def derivative(self, variable: str, body: Printed) -> Printed:
        return f"d/d{variable} {self.least(body, ATOM)}", BIG

    def at(self, inner: str, variable: str, point: str) -> Printed:
        return f"[{inner}]_{{{variable}={point}}}", ATOM

    def notation(self, head: str, args: list[str], over: str, names: list[str]) -> Printed:
        sub = f"_{{{over}}}" if over else ""
        match head, args:
            case "Normal", (z, m, v):
                return f"N({z}; {m}, {v})", ATOM
            case "Bernoulli", (x, odds):
                return f"Ber({x}; odds {odds})", ATOM
            case "E", (f, q):
                return f"E_{{{q}{', ' if over else ''}{over}}}[{f}]", ATOM
            case "Entropy" | "CrossEntropy", _:
                return f"H{sub}[{', '.join(args)}]", ATOM
            case "KL", (q, p):
                return f"KL{sub}({q} || {p})", ATOM
            case "ELBO", (joint, q):
                return f"ELBO{sub}({q}; {joint})", ATOM
            case "Information", (w, c, m):
                return f"I_{{{w}, {c}, {m}}}({'; '.join(names)})", ATOM
        raise ValueError(f"the notation {head} has no printed form")


class Tex(Text):
    """LaTeX as the field writes it, where the functions have these letters."""

    def __init__(self, letters: Iterable[str] = ()) -> None:
        self.letters = frozenset(map(tex_name, letters))

    relation: ClassVar[Mapping[str, str]] = {"=": "=", ">=": r"\ge", ">": ">", "<=": r"\le", "<": "<", "!=": r"\ne"}
    infinity, pi, dots, upto = r"\infty", r"\pi", "{..}", r", \dots, "
    comma, bar, within = r",\; ", r" \mid ", r" \in "
    big: ClassVar[Mapping[str, str]] = {"sum": r"\sum", "prod": r"\prod", "int": r"\int"}
    said: ClassVar[Mapping[str, str]] = {
        "conv": r" \text{ is finite}", "joint": r" \text{ is finite in every order}", "inf": r" = \infty", "exists": r" \text{ exists and is } ",
        "dom": r" \text{ is dominated near every } ", "all": r" \quad\text{for every } ", "ae": r" \quad\text{for almost every } ",
    }  # fmt: skip
    name, apart = staticmethod(tex_name), True

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

    def root(self, inner: Printed) -> Printed:
        return rf"\sqrt{{{inner[0]}}}", ATOM

    def exp(self, inner: Printed) -> Printed:
        return f"e^{{{inner[0]}}}", POW

    def log(self, inner: Printed, bare: bool) -> Printed:
        return (rf"\log {inner[0]}" if bare or inner[1] in (RATIO, ATOM) else rf"\log{self.brackets(inner[0])}"), POW

    def abs(self, inner: Printed) -> Printed:
        return rf"\left|{inner[0]}\right|", ATOM

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
            out += (r" \cdot " if numbers or applied else space) + one
        return out

    def under(self, head: str, variable: str, ends: list[str], body: Printed) -> Printed:
        sign = self.big[head]
        if head == "int":
            sign += rf"_{{{ends[0]}}}^{{{ends[1]}}}" if ends else ""
            return rf"{sign} {self.least(body, BIG)} \,\mathrm{{d}}{variable}", BIG
        sign += rf"_{{{variable}={ends[0]}}}^{{{ends[1]}}}" if ends else f"_{{{variable}}}"
        return f"{sign} {self.least(body, BIG)}", BIG

    def derivative(self, variable: str, body: Printed) -> Printed:
        return rf"\frac{{\partial}}{{\partial {variable}}} {self.least(body, MUL)}", BIG

    def at(self, inner: str, variable: str, point: str) -> Printed:
        return rf"\left[{inner}\right]_{{{variable}={point}}}", ATOM

    def notation(self, head: str, args: list[str], over: str, names: list[str]) -> Printed:
        sub = f"_{{{over}}}" if over else ""
        match head, args:
            case "Normal", (z, m, v):
                return rf"\mathcal{{N}}({z};\, {m},\, {v})", ATOM
            case "Bernoulli", (x, odds):
                return rf"\mathrm{{Ber}}({x};\, \text{{odds }} {odds})", ATOM
            case "E", (f, q):
                return rf"\mathbb{{E}}_{{{q}{self.comma if over else ''}{over}}}\left[{f}\right]", ATOM
            case "Entropy" | "CrossEntropy", _:
                return rf"H{sub}\left[{self.comma.join(args)}\right]", ATOM
            case "KL", (q, p):
                mark = rf"\mathrm{{KL}}{self.comma if over else ''}{over}"
                return rf"D_{{{mark}}}\left({q} \,\middle\|\, {p}\right)", ATOM
            case "ELBO", (joint, q):
                return rf"\mathcal{{L}}{sub}\left({q};\, {joint}\right)", ATOM
            case "Information", (w, c, m):
                return rf"I_{{{self.comma.join((w, c, m))}}}(" + r";\, ".join(names) + ")", ATOM
        raise ValueError(f"the notation {head} has no printed form")


class Printer:
    """The propositions of one verdict: everything printed here has one set of names."""

    def __init__(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        self.names = Names(rows)
        self._text = _Walk(self.names, Text())
        self._tex = _Walk(self.names, Tex(self.names.letters), self._text)
        for row in rows:
            self.text(row)

    def text(self, row: Row) -> str:
        return self._text.prop(row, ())

    def tex(self, row: Row) -> str:
        return self._tex.prop(row, ())

    def domains(self, tex: bool = False) -> list[tuple[str, str]]:
        """Each symbol and each function, and where it lives in words."""
        walk = self._tex if tex else self._text
        found, spaces = [], dict[str, str]()
        for name, sort in sorted(self.names.said.items(), key=itemgetter(0)):
            shown, where = walk.style.name(name), words(sort)
            if not isinstance(sort, str):
                d = walk.prop(sort[1], ())
                where = rf"a point of $\mathbb{{R}}^{{{d}}}$" if tex else f"a point of R^{d}"
            elif sort.startswith("@") and (first := spaces.setdefault(sort, shown)) != shown:
                where = f"a point of the space of {f'${first}$' if tex else first}"
            found.append((shown, where))
        for f in sorted(self.names.functions.values(), key=attrgetter("letter", "slots")):
            args = [walk.style.name(a) for a in self.names.place(f)]
            found.append((walk.application(f, args), VALUES[f.value]))
        return found


class _Walk:
    """One walk over rows, in one style; the order of terms is that of the text."""

    def __init__(self, names: Names, style: Text, text: _Walk | None = None) -> None:
        self.names, self.style, self._text = names, style, text or self
        self._done: dict[Any, Printed] = {}

    # --- propositions ------------------------------------------------------------------------------------------------

    def prop(self, row: Row, env: Env) -> str:
        head, *rest = row.parts
        style = self.style
        if head in style.relation:
            left, right = (self.term(r, env)[0] for r in rest)
            return f"{left} {style.relation[head]} {right}"
        if head in ("conv", "joint", "inf"):
            return self.term(rest[0], env)[0] + style.said[head]
        if head == "dom":
            hint, sort, body = rest
            name, inner = self._bind((hint, sort, []), row, env)
            return f"{self.term(body, inner)[0]}{style.said['dom']}{style.name(name)}"
        if head == "slope":
            return self._derivative(row, env)[0] + style.said["exists"] + self.term(rest[-1], env)[0]
        if head in ("all", "ae"):
            places = []
            while True:
                hint, sort, *ends, body = row.parts[1:]
                name, inner = self._bind((hint, sort, ends), row, env)
                places.append(self._place(name, sort, ends, env))
                row, env = body, inner
                if head == "ae" or row.parts[0] != head:
                    return self.prop(row, env) + style.said[head] + style.comma.join(places)
        return self.term(row, env)[0]

    def _place(self, name: str, sort: Sort, ends: list[Row], env: Env, index: bool = False) -> str:
        """A variable and its range."""
        style = self.style
        if not ends or [e.parts[0] for e in ends] == ["-oo", "oo"]:
            return style.name(name)
        lo, hi = (self.term(e, env)[0] for e in ends)
        if sort in ("int", "nat"):
            equals, dots = ("=", style.dots) if index else (" = ", style.upto)
            return f"{style.name(name)}{equals}{lo}{dots}{hi}"
        left, right = ("(" if ends[0].parts[0] == "-oo" else "["), (")" if ends[1].parts[0] == "oo" else "]")
        return f"{style.name(name)}{style.within}{left}{lo}, {hi}{right}"

    def _bind(self, over: Range, row: Row, env: Env) -> tuple[str, Env]:
        """The name of a bound variable, which nothing around or inside has, and what is bound with it."""
        around = {n for k, (n, _) in enumerate(env) if _mentions(row, k)}
        name = self.names.bound(over, self.names.taken(row) | around)
        return name, ((name, over[1]), *env)

    # --- terms -------------------------------------------------------------------------------------------------------

    def term(self, row: Row, env: Env) -> Printed:
        known = row.key, tuple(n for n, _ in env)
        if known not in self._done:
            self._done[known] = self._term(row, env)
        return self._done[known]

    def _term(self, row: Row, env: Env) -> Printed:
        style = self.style
        match row.parts:
            case ("q", q):
                return style.number(Fraction(q))
            case ("pi",):
                return style.pi, ATOM
            case ("oo",):
                return style.infinity, ATOM
            case ("-oo",):
                return f"-{style.infinity}", SUM
            case ("v" | "b", *_):
                return self._leaf(style.name(self._variable(row, env)))
            case ("+", *terms):
                return self._sum(terms, env)
            case ("*", *factors):
                return self._product(factors, env)
            case ("^", _, _):
                return self._power(row, env)
            case ("exp", r):
                return style.exp(self.term(r, env))
            case ("log", r):
                return style.log(self.term(r, env), r.parts[0] in LOG_KINDS)
            case ("abs", r):
                return style.abs(self.term(r, env))
            case ("at", u, i):
                return self._leaf(style.index(self._variable(u, env), [self.term(i, env)[0]]))
            case ("f", name, value, *args):
                shown = [self._text.term(r, env)[0] for r in args]
                f = self.names.function(name, value, shown, [self._sort(r, env) for r in args])
                return self._leaf(self.application(f, [self.term(r, env)[0] for r in args]))
            case ("int" | "sum" | "prod" as head, hint, sort, *ends, body):
                name, inner = self._bind((hint, sort, ends), row, env)
                whole = not ends or [e.parts[0] for e in ends] == ["-oo", "oo"]
                shown = [] if whole else [self.term(e, env)[0] for e in ends]
                return style.under(head, style.name(name), shown, self._body(body, inner))
            case ("D", *_):
                return self._derivative(row, env)
            case ("n", *_):
                return self._notation(row, env)
        raise ValueError(f"not a term: {row.parts[0]}")

    def _leaf(self, printed: str) -> Printed:
        return printed, MUL if printed.startswith(r"\log") else POW if printed.endswith("^2") else ATOM

    def _variable(self, row: Row, env: Env) -> str:
        return env[row.parts[1]][0] if row.parts[0] == "b" else self.names.of(*row.parts[1:])

    def _sort(self, row: Row, env: Env) -> Sort:
        """The sort of a variable."""
        head, *rest = row.parts
        return env[rest[0]][1] if head == "b" else rest[1] if head == "v" else None

    def application(self, f: Function, args: list[str]) -> str:
        if f.indexed:
            return self.style.index(f.letter, args)
        groups = [", ".join(args[: f.before]), ", ".join(args[f.before :])]
        return f"{self.style.name(f.letter)}({self.style.bar.join(g for g in groups if g)})"

    def _sum(self, terms: Iterable[Row], env: Env) -> Printed:
        """What is added first, then what is subtracted; numbers last."""
        style, out = self.style, ""
        for t in self._terms(terms, env):
            if _negative(t):
                out += (" - " if out else "-") + style.least(self._negated(t, env), BIG)
            else:
                out += (" + " if out else "") + style.least(self.term(t, env), BIG)
        return out, SUM

    def _order(self, row: Row, env: Env) -> tuple[str, str]:
        printed = self._text.term(row, env)[0]
        return printed.lstrip("(-").replace("-", "~"), printed

    def _terms(self, rows: Iterable[Row], env: Env) -> list[Row]:
        return sorted(rows, key=lambda t: (_negative(t), t.parts[0] == "q", self._order(t, env)))

    def _factors(self, rows: Iterable[Row], env: Env) -> list[Row]:
        return sorted(rows, key=lambda f: (_rank(f), self._order(f, env)))

    def _negated(self, row: Row, env: Env) -> Printed:
        """What stands after a minus."""
        if row.parts[0] == "q":
            return self.style.number(-Fraction(row.parts[1]))
        return self._product(row.parts[1:], env, negated=True)

    def _product(self, factors: Iterable[Row], env: Env, negated: bool = False, apart: bool = False) -> Printed:
        """Numbers, letters, densities, brackets, sums and integrals over what is divided by; densities `apart` stand before it."""
        style, rows = self.style, list(factors)
        literals = [f for f in rows if f.parts[0] == "q"]
        q = Fraction(literals[0].parts[1]) if len(literals) == 1 else Fraction(1)
        rows = rows if q == 1 else [f for f in rows if f is not literals[0]]
        laws, above, below = [], [], []
        for f in self._factors(rows, env):
            if (inverse := self._inverse(f, env)) is not None:
                below.append(inverse)
            else:
                printed = self.term(f, env)
                (laws if apart and _rank(f) == DENSITY else above).append(
                    (style.brackets(printed[0]), POW) if f.parts[0] in ("q", "*") else printed
                )
        if not above:
            laws, above = [], laws
        if abs(q.numerator) != 1:
            above.insert(0, style.number(Fraction(abs(q.numerator))))
        if q.denominator != 1:
            below.insert(0, style.number(Fraction(q.denominator)))
        printed = style.ratio(laws, above, below)
        return printed if q >= 0 or negated else (f"-{style.least(printed, BIG)}", SUM)

    def _inverse(self, row: Row, env: Env) -> Printed | None:
        """What is divided by: the base of a negative power, with the power made positive."""
        if row.parts[0] != "^":
            return None
        base, exponent = row.parts[1:]
        style = self.style
        if exponent.parts[0] == "*" and _negative(exponent):
            return style.power(self._base(base, env), self._negated(exponent, env))
        if exponent.parts[0] != "q" or not _negative(exponent) or base.parts[0] == "q":
            return None
        q = -Fraction(exponent.parts[1])
        if q == 1:
            printed, level = self.term(base, env)
            if base.parts[0] == "^":
                return style.brackets(printed), POW
            return printed, MUL if base.parts[0] == "*" else level
        if q == Fraction(1, 2):
            return style.root(self.term(base, env))
        return style.power(self._base(base, env), style.number(q))

    def _power(self, row: Row, env: Env) -> Printed:
        base, exponent = row.parts[1:]
        if exponent.parts[0] == "q" and (below := self._inverse(row, env)) is not None:
            return self.style.ratio([], [], [below])
        if exponent.parts == ("q", "1/2"):
            return self.style.root(self.term(base, env))
        return self.style.power(self._base(base, env), self.term(exponent, env))

    def _base(self, base: Row, env: Env) -> Printed:
        printed, level = self.term(base, env)
        return printed, POW if base.parts[0] == "exp" else level

    def _body(self, body: Row, env: Env) -> Printed:
        """Under a sum or an integral each density is a factor of its own."""
        return (
            self._product(body.parts[1:], env, apart=self.style.apart) if body.parts[0] == "*" else self.term(body, env)
        )

    def _derivative(self, row: Row, env: Env) -> Printed:
        """By the variable at which it is taken, or at a point."""
        hint, sort, at, body = row.parts[1:5]
        style = self.style
        if at.parts[0] in ("v", "b"):
            name, own = (at.parts[1], at.parts[2]) if at.parts[0] == "v" else env[at.parts[1]]
            name = self.names.of(name, own) if at.parts[0] == "v" else name
            again = _mentions(body, at.parts[1] + 1) if at.parts[0] == "b" else name in self.names.taken(body)
            if key(own) == key(sort) and not again:
                return style.derivative(style.name(name), self.term(body, ((name, sort), *env)))
        name, inner = self._bind((hint, sort, []), row, env)
        whole = style.derivative(style.name(name), self.term(body, inner))[0]
        return style.at(whole, style.name(name), self.term(at, env)[0])

    def _notation(self, row: Row, env: Env) -> Printed:
        """A range is shown unless it is whole and the law says the variable: z in E_{q(z | x)}."""
        head, ranges, *args = row.parts[1:]
        style, inner, places, names = self.style, env, [], []
        for hint, sort, *ends in reversed(ranges):
            name, under = self._bind((hint, sort, ends), row, inner)
            places.append(self._place(name, sort, ends, inner, index=True))
            names.append(name)
            inner = under
        shown = [self.term(a, inner)[0] for a in args]
        whole = all(len(r) == 2 or [e.parts[0] for e in r[2:]] == ["-oo", "oo"] for r in ranges)
        said = whole and head in LAWS and names == list(self._says(args[LAWS[head]], inner))
        return style.notation(head, shown, "" if said else style.comma.join(places), places)

    def _says(self, law: Row, env: Env) -> dict[str, None]:
        """The variables that a law is written as a law of, from left to right: those before the bar."""
        match law.parts:
            case ("f", name, value, *args):
                own = args[: self.names.functions[name, value, len(args)].before]
            case ("n", "Normal" | "Bernoulli", _, at, *_):
                own = [at]
            case ("prod", hint, sort, *ends, body):
                return self._says(body, self._bind((hint, sort, ends), law, env)[1])
            case ("+" | "*" as head, *parts):
                parts = self._terms(parts, env) if head == "+" else self._factors(parts, env)
                return {name: None for p in parts for name in self._says(p, env)}
            case _:
                return {}
        points = [r.parts[1] if r.parts[0] == "at" else r for r in own]
        return {self._variable(r, env): None for r in points if r.parts[0] in ("v", "b")}


def _negative(row: Row) -> bool:
    """Whether it prints with a minus: a number, or a product with one number."""
    head, *rest = row.parts
    numbers = [row] if head == "q" else [f for f in rest if f.parts[0] == "q"] if head == "*" else []
    return len(numbers) == 1 and numbers[0].parts[1].startswith("-")


def _rank(row: Row) -> int:
    """Where a factor stands in a product; a power where its base does."""
    head, *rest = row.parts
    if head == "^":
        return max(_rank(rest[0]), 1)
    if head == "n":
        return DENSITY if rest[0] in ("Normal", "Bernoulli") else 7
    if head == "f":
        return 2 if rest[0].endswith("[]") else DENSITY if rest[1] == "pos" else 4
    return {"q": 0, "pi": 1, "v": 2, "b": 2, "at": 2, "exp": 4, "abs": 4, "+": 5, "*": 5, "log": 6}.get(head, 8)


def _mentions(row: Row, k: int) -> bool:
    """Whether the variable of the k-th binder around stands in a row."""
    return row.parts == ("b", k) or any(_mentions(r, k + len(over)) for r, over in inside(row))
