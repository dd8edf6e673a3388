"""What each symbol and function of a verdict is called where it is printed, so that no two are called the same.

A point `u` of a measure space prints as z, like the field writes it; where a name is taken, a prime tells the two apart.
Two functions that a reader could not tell from each other are refused, and so is a name that is none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sympy.printing.latex import greek_letters_set

from derivations._language.certificate import Row

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*'*")
FUNCTION: Final = re.compile(rf"({NAME.pattern})(?:(\[\])|\(([^()]+)\))?")
ALIAS: Final = {"u": "z", "v": "y", "zs": "z"}
RESERVED: Final = {"H", "abs", "e", "exp", "log", "oo", "pi", "sqrt"}
HEADS: Final = {"Cov", "E", "H", "I", "Pr", "Var", "abs", "exp", "log", "sqrt"}  # reserved with an index too, as H_q
LAWS: Final = {
    "bern",
    "bernoulli",
    "ber",
    "crossentropy",
    "dkl",
    "elbo",
    "entropy",
    "kl",
}  # anywhere, in any letters: D_KL
WORDS: Final = {
    "cov": r"\Sigma", "prec": r"\Lambda", "logdet": r"\log\det\Sigma", "logit": r"\ell", "logits": r"\ell",
    "mean": r"\mu", "std": r"\sigma", "var": r"\sigma^2", "logvar": r"\ell", "weight": "w", "bias": "b",
    "eps": r"\varepsilon", "es": r"\varepsilon", "zs": r"\mathbf{z}", "log_weights": r"\ell",
}  # fmt: skip
BINDERS: Final = ("int", "sum", "prod", "all", "ae")

Sort = Any  # a word, or ["^", row]
Range = tuple[str, Sort, list[Row]]  # hint, sort, ends
Shown = dict[tuple[str, ...], list[Any]]  # the arguments of a function as they print, and the sorts of variables


class Alike(ValueError):
    """Two things of one verdict that a reader could not tell apart, or a name that cannot be printed."""


def tex_name(name: str, index: str = "") -> str:
    r"""`mean_q` is \mu_{q}, with an index \mu_{q,j}; a variance keeps its square: \sigma_{q,j}^2."""
    bare = name.rstrip("'")
    primes = name[len(bare) :]
    head, *subs = ("std", "x") if bare == "var_noise" else (bare,) if bare in WORDS else bare.split("_")
    under = ",".join([*map(_word, subs), *([index] if index else [])])
    square = "^2" if head == "var" or bare == "var_noise" else ""
    body = _word("std" if square else head) + (f"_{{{under}}}" if under else "")
    return f"({body}{square}){primes}" if square and primes else body + square + primes


def _word(word: str) -> str:
    if word in WORDS:
        return WORDS[word]
    if word in greek_letters_set or word == "varphi":
        return f"\\{word}"
    return word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{word}}}"


def reserved(name: str, of_function: bool = False) -> bool:
    """Whether it is the name of a law, of a functional or of a number: N is one with arguments, and a count without."""
    stem, *subs = (part.rstrip("0123456789") for part in name.rstrip("'").split("_"))
    law = any(part.lower() in LAWS for part in (stem, *subs))
    bare = name.rstrip("'")
    return bare not in WORDS and (bare in RESERVED or stem in HEADS or law or (of_function and stem == "N"))


def key(sort: Sort) -> Sort:
    return sort if isinstance(sort, str) else ("^", sort[1].key)


def inside(row: Row) -> Iterator[tuple[Row, tuple[Range, ...]]]:
    """The rows directly inside a row, each with the ranges under which it stands, the innermost first."""
    match row.parts:
        case ("q" | "pi" | "oo" | "-oo" | "b", *_):
            return
        case ("v", _, sort):
            yield from _dimension(sort)
        case ("f", _, _, *rows):
            yield from ((r, ()) for r in rows)
        case ("n", _, ranges, *rows):
            under = tuple((hint, sort, ends) for hint, sort, *ends in ranges)
            for j, (_, sort, ends) in enumerate(under):
                yield from ((r, under[j + 1 :]) for r in [d for d, _ in _dimension(sort)] + ends)
            yield from ((r, under) for r in rows)
        case ("dom" | "D" | "slope" | "int" | "sum" | "prod" | "all" | "ae" as head, hint, sort, *rows):
            yield from _dimension(sort)
            at = {"dom": 0, "D": 1, "slope": 1}.get(head, len(rows) - 1)
            ends = rows[:at] if head in BINDERS else []
            yield from ((r, ((hint, sort, ends),) if j == at else ()) for j, r in enumerate(rows))
        case (_, *rows):
            yield from ((r, ()) for r in rows)


def _dimension(sort: Sort) -> Iterator[tuple[Row, tuple[Range, ...]]]:
    if not isinstance(sort, str):
        yield sort[1], ()


def default(sort: Sort, ends: list[Row]) -> bool:
    """Whether the sort of a bound variable goes without saying: real numbers, and what a sum counts."""
    if not ends or sort in ("real", "pos"):
        return sort == "real"
    low = ends[0].parts
    return sort == ("nat" if low[0] == "q" and not low[1].startswith("-") and low[1] != "0" else "int")


def _turn(name: str) -> tuple[int, str]:
    """Who takes a name first: what is called so, then a point, then a vector."""
    return list(ALIAS).index(name) + 1 if name in ALIAS else 0, name


class Function:
    """An abstract function and how it is written: letter, slots before the bar and after it; or a letter with indices."""

    def __init__(self, name: str, value: str, arity: int) -> None:
        self.name, self.value, self.arity = name, value, arity
        found = FUNCTION.fullmatch(name)
        if not found or reserved(found[1], of_function=True):
            raise Alike(f"the function {name!r} has a name that cannot be printed")
        self.letter, self.indexed = found[1], bool(found[2])
        before, _, after = (found[3] or ",".join("ijklmnop"[:arity])).partition("|")
        self.slots = [ALIAS.get(s.strip(), s.strip()) for s in f"{before},{after}".split(",") if s.strip()]
        self.before = len(before.split(",")) if after else arity
        if not self.indexed and (len(self.slots) != arity or not all(map(NAME.fullmatch, self.slots))):
            raise Alike(f"the function {name!r} has {arity} arguments, and its name says otherwise")

    @property
    def kind(self) -> tuple[object, ...]:
        """What a reader sees of it besides its arguments."""
        return tex_name(self.letter), self.indexed, self.before, self.arity


class Names:
    """The names of one verdict: of its free symbols, its bound variables and its functions."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.functions: dict[tuple[str, str, int], Function] = {}
        self.free: list[tuple[str, Sort]] = []
        self.said: dict[str, Sort] = {}  # what has a place in the list of domains
        self._free_of: dict[str, frozenset[tuple[str, Sort]]] = {}
        self._owner: dict[str, object] = {}
        self._given: dict[tuple[str, Sort], list[str]] = {}
        self._indexed: set[str] = set()
        bound: dict[tuple[str, Sort], None] = {}
        seen: set[str] = set()
        stack = list(rows)[::-1]
        while stack:
            row = stack.pop()
            if row.key in seen:
                continue
            seen.add(row.key)
            below = list(inside(row))
            stack += [r for r, _ in reversed(below)]
            bound |= {(hint, key(sort)): None for _, over in below for hint, sort, _ in over}
            match row.parts:
                case ("v", name, sort):
                    self._symbol(name, sort)
                case ("f", name, value, *args):
                    self._function(name, value, len(args))
                case ("at", point, _) if point.parts[0] == "v":
                    self._indexed.add(ALIAS.get(point.parts[1], point.parts[1]))
        for name, sort in sorted(self.free, key=lambda s: _turn(s[0])):
            self.said[self._name(name, key(sort))] = sort
        for name, sort in sorted(bound, key=lambda s: _turn(s[0])):
            self._name(name, sort)
        self._groups: dict[tuple[object, ...], list[Function]] = defaultdict(list)
        for f in self.functions.values():
            self._groups[f.kind].append(f)
        self.letters = {f.letter for f in self.functions.values() if not f.indexed}
        self.shown: dict[Function, Shown] = defaultdict(dict)

    def _symbol(self, name: str, sort: Sort) -> None:
        for other, another in self.free:
            if other == name and key(another) != key(sort):
                raise Alike(f"the symbol {name!r} stands for two things, one {words(sort)} and one {words(another)}")
        if not NAME.fullmatch(name) or reserved(name):
            raise Alike(f"the symbol {name!r} has a name that cannot be printed")
        self.free.append((name, sort))

    def _function(self, name: str, value: str, arity: int) -> None:
        new = self.functions.setdefault((name, value, arity), Function(name, value, arity))
        if new.indexed:
            self._indexed.add(new.letter)
        for old in self.functions.values():
            if old.name == name and old.value != value:
                raise Alike(f"the function {name!r} has values of two sorts, {old.value} and {value}")

    def of(self, name: str, sort: Sort) -> str:
        """What a free symbol is called."""
        return self._name(name, key(sort))

    def bound(self, over: Range, taken: set[str]) -> str:
        """What a bound variable is called where these names are taken."""
        hint, sort, ends = over
        level = 0
        while (name := self._name(hint, key(sort), level)) in taken:
            level += 1
        if name not in self.said and not default(sort, ends):
            self.said[name] = sort
        return name

    def _name(self, name: str, sort: Sort, level: int = 0) -> str:
        given = self._given.setdefault((name, sort), [])
        for candidate in self._candidates(name) if level >= len(given) else ():
            if level < len(given):
                break
            keys = {candidate, tex_name(candidate)}
            if candidate.split("_")[0].rstrip("'") == "var":
                keys.add(tex_name(candidate.replace("var", "std", 1)))
            free = all(self._owner.get(k, (name, sort)) == (name, sort) for k in keys)
            if free and candidate not in given and not reserved(candidate) and not self._like_an_index(candidate):
                self._owner |= dict.fromkeys(keys, (name, sort))
                given.append(candidate)
        return given[level]

    def _candidates(self, name: str) -> Iterator[str]:
        name = name if NAME.fullmatch(name) and not reserved(name) else "t"
        yield ALIAS.get(name, name)
        while True:
            yield name
            name += "'"

    def _like_an_index(self, name: str) -> bool:
        """Whether it looks like an element of something indexed: a prime tells the two apart."""
        head, *subs = name.split("_")
        return not name.endswith("'") and any("_".join([head, *subs[:k]]) in self._indexed for k in range(len(subs)))

    def variables(self, row: Row) -> frozenset[tuple[str, Sort]]:
        """The free symbols of a row."""
        if row.key not in self._free_of:
            own = {(row.parts[1], key(row.parts[2]))} if row.parts[0] == "v" else set()
            self._free_of[row.key] = frozenset(own).union(*(self.variables(r) for r, _ in inside(row)))
        return self._free_of[row.key]

    def taken(self, row: Row) -> set[str]:
        return {self._name(*s) for s in self.variables(row)}

    def function(self, name: str, value: str, args: list[str], sorts: list[Sort]) -> Function:
        """The function at these arguments as they print, with the sorts of those that are variables.

        Functions that share a letter are told apart by the sorts of their arguments, as q(n | z) and q(z | n), or each is
        written with variables of its own, as p(x) and p(z).
        """
        f = self.functions[name, value, len(args)]
        if tuple(args) not in self.shown[f]:
            self.shown[f][tuple(args)] = [s and key(s) for s in sorts]
            for g in self._groups[f.kind]:
                if g is not f and not self._apart(self.shown[f], self.shown[g]):
                    raise Alike(f"the functions {f.name!r} and {g.name!r} would print alike, one at {', '.join(args)}")
        return f

    @staticmethod
    def _apart(f: Shown, g: Shown) -> bool:
        if all(
            any(s and t and s != t for s, t in zip(ours, theirs, strict=True))
            for ours in f.values()
            for theirs in g.values()
        ):
            return True
        return (
            len(f) == len(g) == 1 and f.keys() != g.keys() and all(all(sorts) for h in (f, g) for sorts in h.values())
        )

    def place(self, f: Function) -> list[str]:
        """Arguments with which to name a function: those that it has, if they are always the same variables."""
        several = [args for args, sorts in self.shown[f].items() if all(sorts)]
        return list(several[0]) if len(several) == 1 or (several and tuple(f.slots) not in several) else f.slots


def words(sort: Sort, dimension: str = "d") -> str:
    """Where a symbol lives."""
    numbers = {"real": "a real number", "pos": "a positive number", "int": "an integer", "nat": "a positive integer"}
    if not isinstance(sort, str):
        return f"a point of R^{dimension}"
    return numbers.get(sort, "a point of any measure space")


VALUES: Final = {
    "real": "a real function", "pos": "a positive function",
    "int": "a function whose values are integers", "nat": "a function whose values are positive integers",
}  # fmt: skip
