"""How the propositions of a certificate print, in text and in TeX: what is printed is what was proved.

Both outputs come from one walk over the rows of a certificate. Two propositions that differ print differently, up to the order of terms and
factors: ranges are shown where they are not the whole sort of their variable, and brackets where another reading is possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from operator import itemgetter
from typing import Any, Final

from derivations._language.certificate import Row
from derivations._reading.labels import labels
from derivations._reading.names import VALUES, Function, Names, Range, Sort, inside, key, words
from derivations._reading.styles import ATOM, BIG, MUL, POW, SUM, Printed, Tex, Text

Env = tuple[tuple[str, Sort], ...]  # the enclosing bound variables, innermost first

DENSITY: Final = 3  # its place in a product
LOG_KINDS: Final = ("v", "b", "f", "at")
RELATIONS: Final = ("=", ">=", ">", "<=", "<", "!=", "conv", "joint", "inf")
LAWS: Final = {"E": 1, "ELBO": 1, "Entropy": 0, "CrossEntropy": 0, "KL": 0}  # which argument integrates


class Printer:
    """The propositions of one verdict: everything printed here has one set of names."""

    def __init__(self, rows: Iterable[Row]) -> None:
        rows = list(rows)
        self.names = Names(rows)
        self._labels = {self.names.of(name, "real") for name in labels(rows)}
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
            shown, where = walk.style.name(name), "a point of any set" if name in self._labels else words(sort)
            if not isinstance(sort, str):
                d = walk.prop(sort[1], ())
                where = rf"a point of $\mathbb{{R}}^{{{d}}}$" if tex else f"a point of R^{d}"
            elif sort.startswith("@") and (first := spaces.setdefault(sort, shown)) != shown:
                where = f"a point of the space of {f'${first}$' if tex else first}"
            found.append((shown, where))
        applied = self.applied(tex)
        for (name, *_), f in sorted(self.names.functions.items(), key=lambda one: (one[1].letter, one[1].slots)):
            found.append((applied[name], VALUES[f.value]))
        return found

    def applied(self, tex: bool = False) -> dict[str, str]:
        """Each function by its name in the book, as it prints at its variables."""
        walk = self._tex if tex else self._text
        return {
            name: walk.application(f, [walk.style.name(a) for a in self.names.place(f)])
            for (name, *_), f in self.names.functions.items()
        }

    def heads(self, row: Row) -> set[str]:
        """The heads that stand in a row, KL among them."""
        return {r.parts[1] for r in _all(row) if r.parts[0] == "n"}

    def indices(self, row: Row, tex: bool = False) -> list[str]:
        """What is counted in a row and has no place among the domains: the n of a sum."""
        style = (self._tex if tex else self._text).style
        overs = {
            (hint, key(sort)): (hint, sort, ends) for r in _all(row) for _, o in inside(r) for hint, sort, ends in o
        }
        names = dict.fromkeys(self.names.bound(o, set()) for o in overs.values() if o[1] in ("int", "nat"))
        return [style.name(name) for name in sorted(names) if name not in self.names.said]


def _all(row: Row) -> Iterable[Row]:
    """A row and everything inside of it, each once."""
    found, walk = dict[str, Row](), [row]
    while walk:
        one = walk.pop()
        if one.key not in found:
            found[one.key] = one
            walk += [r for r, _ in inside(one)]
    return found.values()


class _Walk:
    """One walk over rows, in one style; the order of terms is that of the text."""

    def __init__(self, names: Names, style: Text, text: _Walk | None = None) -> None:
        self.names, self.style, self._text = names, style, text or self
        self._done: dict[Any, Printed] = {}

    # --- propositions ------------------------------------------------------------------------------------------------

    def prop(self, row: Row, env: Env) -> str:
        head, *rest = row.parts
        style = self.style
        if head in RELATIONS:
            return style.shape(head, *(self.term(r, env)[0] for r in rest))
        if head == "dom":
            hint, sort, body = rest
            name, inner = self._bind((hint, sort, []), row, env)
            return style.shape(head, self.term(body, inner)[0], style.name(name))
        if head == "slope":
            return style.shape(head, self._derivative(row, env)[0], self.term(rest[-1], env)[0])
        if head in ("all", "ae"):
            places = []
            while True:
                hint, sort, *ends, body = row.parts[1:]
                name, inner = self._bind((hint, sort, ends), row, env)
                places.append(self._place(name, sort, ends, env))
                row, env = body, inner
                if head == "ae" or row.parts[0] != head:
                    return style.shape(head, self.prop(row, env), style.comma.join(places))
        return self.term(row, env)[0]

    def _place(self, name: str, sort: Sort, ends: list[Row], env: Env, index: bool = False) -> str:
        """A variable and its range."""
        style = self.style
        if _whole(ends):
            return style.name(name)
        lo, hi = (self.term(e, env)[0] for e in ends)
        if sort in ("int", "nat"):
            equals, dots = ("=", style.dots) if index else (" = ", style.upto)
            return f"{style.name(name)}{equals}{lo}{dots}{hi}"
        left, right = ("(" if ends[0].parts[0] == "-oo" else "["), (")" if ends[1].parts[0] == "oo" else "]")
        return f"{style.name(name)}{style.within}{left}{lo}, {hi}{right}"

    def _bind(self, over: Range, row: Row, env: Env, inner: Env | None = None) -> tuple[str, Env]:
        """The name of a bound variable, which nothing that the row mentions has, and what is bound then.

        Where a row binds several variables, `inner` has those that come before.
        """
        inner = env if inner is None else inner
        own = inner[: len(inner) - len(env)]
        around = {n for n, _ in own} | {n for k, (n, _) in enumerate(env) if _mentions(row, k)}
        name = self.names.bound(over, self.names.taken(row) | around)
        return name, ((name, over[1]), *inner)

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
            case ("pi" | "oo" | "-oo" as head,):
                return style.shape(head), SUM if head == "-oo" else ATOM
            case ("v" | "b", *_):
                return self._leaf(style.name(self._variable(row, env)))
            case ("+", *terms):
                return self._sum(terms, env)
            case ("*", *factors):
                return self._product(factors, env)
            case ("^", _, _):
                return self._power(row, env)
            case ("log", r):
                return style.log(self.term(r, env), r.parts[0] in LOG_KINDS)
            case ("exp" | "abs" as head, r):
                return style.shape(head, self.term(r, env)[0]), ATOM
            case ("at", u, i):
                return self._leaf(style.index(self._variable(u, env), [self.term(i, env)[0]]))
            case ("f", name, value, *args):
                shown = [self._text.term(r, env)[0] for r in args]
                f = self.names.function(name, value, shown, [self._sort(r, env) for r in args])
                return self._leaf(self.application(f, [self.term(r, env)[0] for r in args]))
            case ("int" | "sum" | "prod" as head, hint, sort, *ends, body):
                name, inner = self._bind((hint, sort, ends), row, env)
                shown = [] if _whole(ends) else [self.term(e, env)[0] for e in ends]
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
            return style.shape("root", self.term(base, env)[0]), ATOM
        return style.power(self._base(base, env), style.number(q))

    def _power(self, row: Row, env: Env) -> Printed:
        base, exponent = row.parts[1:]
        if exponent.parts[0] == "q" and (below := self._inverse(row, env)) is not None:
            return self.style.ratio([], [], [below])
        if exponent.parts == ("q", "1/2"):
            return self.style.shape("root", self.term(base, env)[0]), ATOM
        return self.style.power(self._base(base, env), self.term(exponent, env))

    def _base(self, base: Row, env: Env) -> Printed:
        printed, level = self.term(base, env)
        return printed, POW if base.parts[0] == "exp" else level

    def _body(self, body: Row, env: Env) -> Printed:
        """Under a sum or an integral each density is a factor of its own."""
        if body.parts[0] != "*":
            return self.term(body, env)
        return self._product(body.parts[1:], env, apart=self.style.apart)

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
        return style.shape("at", whole, style.name(name), self.term(at, env)[0]), ATOM

    def _notation(self, row: Row, env: Env) -> Printed:
        """A range is shown unless it is whole and the law says the variable: z in E_{q(z | x)}."""
        head, ranges, *args = row.parts[1:]
        style, inner, places, names = self.style, env, [], []
        for hint, sort, *ends in reversed(ranges):
            name, under = self._bind((hint, sort, ends), row, env, inner)
            places.append(self._place(name, sort, ends, inner, index=True))
            names.append(name)
            inner = under
        shown = [self.term(a, inner)[0] for a in args]
        if head == "Information":
            return style.shape(head, *shown, outer=places[0], inner=places[1]), ATOM
        whole = all(_whole(ends) for _, _, *ends in ranges)
        over = (
            ""
            if whole and (not ranges or names == list(self._says(args[LAWS[head]], inner)))
            else style.comma.join(places)
        )
        sub, after = (f"_{{{over}}}", f"{style.comma}{over}") if over else ("", "")
        return style.shape(head, *shown, s=sub, r=after), ATOM

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


def _whole(ends: list[Row]) -> bool:
    return not ends or [e.parts[0] for e in ends] == ["-oo", "oo"]


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
