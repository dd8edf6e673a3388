"""What the kernel did, as a certificate that a program without computer algebra replays. Nothing here is trusted.

The format is `elbo_check/FORMAT.md`. A theorem of the kernel becomes one inference, a derivative two: `slope` says that
a function is differentiable, with this derivative, and the equation follows from it. Hypotheses speak of slopes, too.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from derivations._kernel import AlmostEverywhere, Converges, Dominated, ForAll, Notation, Thm, Total
from derivations._language.spaces import Dimensions, Unknown
from derivations._language.verdicts import Counterexample, Theorem

Proof = Theorem | Counterexample
Env = Mapping[sp.Symbol, int]


class CannotExport(ValueError):
    """A verdict that has no certificate, with the reason."""


class Draft(NamedTuple):
    """The inferences on which one verdict rests, and what it says; rows of terms are objects still."""

    nodes: list[list[Any]]
    theorem: list[Any]


def draft(verdict: Proof) -> Draft:
    """What the proof of one verdict did."""
    return _drafted(verdict)[0]


def fact(name: str, thm: Thm) -> Draft:
    """What was done for a fact that stands beside a verdict, such as a premise of a refuted claim."""
    try:
        book = _Nodes(Dimensions([thm]))
        node, terms = book.conclusion(thm), book.terms(thm)
        return _needed(book.nodes, [name, node, terms.term(thm.prop), [terms.hypothesis(h) for h in thm.hyps]])[0]
    except Unknown as why:
        raise CannotExport(f"{name} has no certificate: {why}") from None


def placed(verdict: Proof) -> tuple[dict[str, Any], dict[int, int]]:
    """The certificate of one verdict, and for each theorem of its proof, by identity, the inference that concludes it."""
    found, places = _drafted(verdict)
    return assembled([found]), places


def _drafted(verdict: Proof) -> tuple[Draft, dict[int, int]]:
    try:
        book = _Nodes(Dimensions([verdict.thm]))
        found, at = _needed(book.nodes, book.theorem(verdict))
    except Unknown as why:
        raise CannotExport(f"{verdict.name} has no certificate: {why}") from None
    return found, {thm: at[node] for thm, node in book.places.items() if node in at}


def assembled(drafts: Iterable[Draft]) -> dict[str, Any]:
    """One certificate of all: equal rows and equal inferences stand in it once."""
    nodes: list[list[Any]] = []
    at: dict[str, int] = {}
    theorems = []
    for one in drafts:
        new: list[int] = []
        for rule, premises, *rest in one.nodes:
            node = [rule, [new[p] for p in premises], *rest]
            key = repr(_keys(node))
            if key not in at:
                at[key] = len(nodes)
                nodes.append(node)
            new.append(at[key])
        name, last, *said = one.theorem
        theorems.append([name, new[last], *said])
    return _numbered(nodes, theorems)


def certificate(verdicts: Iterable[Proof]) -> dict[str, Any]:
    """The certificate of these theorems and counterexamples."""
    return assembled(map(draft, verdicts))


def _needed(nodes: list[list[Any]], theorem: list[Any]) -> tuple[Draft, dict[int, int]]:
    """Only the inferences on which the theorem rests, and their new numbers."""
    name, last, *said = theorem
    used = {last}
    for k in reversed(range(len(nodes))):
        if k in used:
            used.update(nodes[k][1])
    at = {k: new for new, k in enumerate(sorted(used))}
    kept = [[rule, [at[p] for p in premises], *rest] for rule, premises, *rest in map(nodes.__getitem__, at)]
    return Draft(kept, [name, at[last], *said]), at


def write(path: Path, verdicts: Iterable[Proof]) -> None:
    """Write the certificate of these verdicts, whole or not at all; what is no file, such as a pipe, is not replaced."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    text = json.dumps(certificate(verdicts), ensure_ascii=False, separators=(",", ":")) + "\n"
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


class Row:
    """One row of the table of terms: words, other rows, and lists of these. Equal rows have equal keys."""

    __slots__ = ("key", "parts")

    def __init__(self, *parts: Any) -> None:
        self.parts = parts
        self.key = hashlib.sha256(repr(_keys(parts)).encode()).hexdigest()


def read(terms: Iterable[Sequence[Any]]) -> list[Row]:
    """The rows of a table that stands in a certificate."""
    rows: list[Row] = []

    def sort(s: Any) -> Any:
        return ["^", rows[s[1]]] if isinstance(s, list) else s

    def of(numbers: Iterable[int]) -> list[Row]:
        return [rows[i] for i in numbers]

    for head, *rest in terms:
        if head in ("q", "b"):
            rows.append(Row(head, *rest))
        elif head == "n":
            ranges = [[hint, sort(s), *of(ends)] for hint, s, *ends in rest[1]]
            rows.append(Row(head, rest[0], ranges, *of(rest[2:])))
        elif rest and isinstance(rest[0], str):  # a variable, a function, a binder: a name and a sort come first
            rows.append(Row(head, rest[0], sort(rest[1]), *of(rest[2:])))
        else:
            rows.append(Row(head, *of(rest)))
    return rows


def packed(one: Draft) -> dict[str, Any]:
    """A draft as plain data, for another process: rows in a table, and where one stands, its number in a pair."""
    table: list[Any] = []
    at: dict[str, int] = {}

    def plain(x: Any) -> Any:
        if isinstance(x, list | tuple):
            return [plain(y) for y in x]
        if isinstance(x, Row):
            if x.key not in at:
                parts = plain(x.parts)
                at[x.key] = len(table)
                table.append(parts)
            return {"row": at[x.key]}
        return x

    return {"nodes": plain(one.nodes), "theorem": plain(one.theorem), "rows": table}


def unpacked(data: Mapping[str, Any]) -> Draft:
    """The draft again; what is not of this form is a `ValueError`. Whether it proves anything is for the checker to say."""
    rows: list[Row] = []

    def whole(x: Any) -> Any:
        match x:
            case list():
                return [whole(y) for y in x]
            case {"row": int(k)} if 0 <= k < len(rows) and len(x) == 1:
                return rows[k]
            case str() | int():
                return x
        raise ValueError(f"no part of a draft: {str(x)[:100]}")

    try:
        for parts in data["rows"]:
            rows.append(Row(*whole(parts)))
        nodes, theorem = whole(data["nodes"]), whole(data["theorem"])
        for k, (_, premises, *_) in enumerate(nodes):
            if any(type(p) is not int or not 0 <= p < k for p in premises):
                raise ValueError(f"inference {k} has no such premise")
        if not (isinstance(theorem[0], str) and len(theorem) == 4 and 0 <= theorem[1] < len(nodes)):
            raise ValueError("no theorem")
    except (KeyError, TypeError, IndexError, RecursionError) as why:
        raise ValueError(f"no draft: {type(why).__name__}: {why}") from None
    return Draft(nodes, theorem)


def says(one: Draft) -> str:
    """A hash of what a certificate states: statement and hypotheses, whatever proves them."""
    _, _, *said = one.theorem
    return hashlib.sha256(repr(_keys(said)).encode()).hexdigest()


def _keys(x: Any) -> Any:
    return x.key if isinstance(x, Row) else [_keys(y) for y in x] if isinstance(x, list | tuple) else x


def _with(x: Any, old: Row, new: Row) -> Any:
    """One row in the place of another."""
    if isinstance(x, Row):
        return new if x.key == old.key else Row(*(_with(y, old, new) for y in x.parts))
    return [_with(y, old, new) for y in x] if isinstance(x, list) else x


def _numbered(nodes: list[list[Any]], theorems: list[list[Any]]) -> dict[str, Any]:
    """Rows get their numbers in the order in which the inferences mention them."""
    terms: list[Any] = []
    at: dict[str, int] = {}

    def number(x: Any) -> Any:
        if isinstance(x, list | tuple):
            return [number(y) for y in x]
        if isinstance(x, Row) and x.key not in at:
            row = [number(y) for y in x.parts]
            at[x.key] = len(terms)
            terms.append(row)
        return at[x.key] if isinstance(x, Row) else x

    return {"nodes": number(nodes), "theorems": number(theorems), "terms": terms}


# --- terms -----------------------------------------------------------------------------------------------------------

_SORTS: Final = [
    (name, sp.Symbol("", **known).assumptions0)
    for name, known in {
        "real": {"real": True},
        "pos": {"positive": True},
        "int": {"integer": True},
        "nat": {"integer": True, "positive": True},
    }.items()
]
_RELATIONS: Final = {"==": "=", ">=": ">=", ">": ">", "<=": "<=", "<": "<", "!=": "!="}
_PLAIN: Final = {sp.Add: "+", sp.Mul: "*", sp.Pow: "^", sp.exp: "exp", sp.log: "log", sp.Abs: "abs"}
_BINDERS: Final = {sp.Integral: "int", Total: "int", sp.Sum: "sum", sp.Product: "prod"}


class _Terms:
    """Expressions as rows, with bound variables as indices, where `spaces` gives the points their dimensions."""

    def __init__(self, spaces: Mapping[sp.Symbol, sp.Expr | None]) -> None:
        self.spaces = spaces
        self._known: dict[Any, Row] = {}

    def sort(self, s: sp.Symbol, env: Env) -> Any:
        if s in self.spaces:
            d = self.spaces[s]
            if d is None or d in env:
                raise Unknown(f"the dimension of the space of {s} is not known, or bound: {d}")
            return ["^", self.term(d)]
        if s.assumptions0 == {"commutative": True}:
            return f"@{s.name}"
        for name, known in _SORTS:
            if s.assumptions0 == known:
                return name
        raise Unknown(f"the symbol {s} is of no sort")

    def range(self, r: sp.Basic, env: Env) -> list[Any]:
        """Hint, sort and ends, which stand outside of the binder."""
        s, *ends = r if isinstance(r, sp.Tuple) else (r,)
        return [s.name, self.sort(s, env), *(self.term(b, env) for b in ends)]

    def term(self, e: sp.Basic, env: Env | None = None) -> Row:
        env = env or {}
        here = frozenset((s, k) for s, k in env.items() if s in _symbols(e))
        if (e, here) not in self._known:
            self._known[e, here] = self._term(e, env)
        return self._known[e, here]

    def _term(self, e: sp.Basic, env: Env) -> Row:
        def of(*several: sp.Basic) -> list[Row]:
            return [self.term(x, env) for x in several]

        if isinstance(e, sp.Rational):
            return Row("q", str(e))
        if e in _NUMBERS:
            return _NUMBERS[e]
        if isinstance(e, sp.Symbol):
            return Row("b", env[e]) if e in env else Row("v", e.name, self.sort(e, env))
        if type(e) in _PLAIN:
            return Row(_PLAIN[type(e)], *of(*e.args))
        if isinstance(e, AppliedUndef):
            return Row("f", str(e.func), _value(e), *of(*e.args))
        if isinstance(e, sp.Indexed):
            label = e.base.label
            if label in self.spaces:
                return Row("at", *of(label, *e.indices))
            if label in env:
                raise Unknown(f"{e} is a coordinate in a space of unknown dimension")
            return Row("f", f"{label}[]", _value(e), *of(*e.indices))
        if type(e) in _BINDERS:
            head, (body, *ranges) = _BINDERS[type(e)], e.args
            return self._nested(head, body, ranges, env)
        if isinstance(e, sp.Derivative):
            f, t = _derivative(e)
            return Row("D", *self.range(t, env), *of(t), self.term(f, _under(t, env)))
        if isinstance(e, Notation):
            rows: list[Any] = []
            inner = env
            for r in reversed([a for a in e.args if isinstance(a, sp.Tuple)]):
                rows.insert(0, self.range(r, inner))
                inner = _under(r[0], inner)
            args = [self.term(a, inner) for a in e.args if not isinstance(a, sp.Tuple)]
            return Row("n", type(e).__name__, rows, *args)
        return self._proposition(e, env)

    def _nested(self, head: str, body: sp.Basic, ranges: Sequence[sp.Tuple], env: Env) -> Row:
        if not ranges:
            return self.term(body, env)
        *inner, r = ranges
        return Row(head, *self.range(r, env), self._nested(head, body, inner, _under(r[0], env)))

    def _proposition(self, e: sp.Basic, env: Env, slope: bool = False) -> Row:
        if slope and _is_slope(e):
            f, t = _derivative(e.lhs)
            return Row("slope", *self.range(t, env), *(self.term(x, env) for x in (t,)), self.term(f, _under(t, env)),
                       self.term(e.rhs, env))  # fmt: skip
        if isinstance(e, Relational):
            if e.args[1] is sp.oo and isinstance(e, sp.Eq):
                return Row("inf", self.term(e.lhs, env))  # infinity is no value
            return Row(_RELATIONS[e.rel_op], *(self.term(x, env) for x in e.args))
        if type(e) in _MEASURED:
            return Row(_MEASURED[type(e)], self.term(e.args[0], env))
        if isinstance(e, ForAll | AlmostEverywhere):
            body, r = e.args
            inner = _under(r[0] if isinstance(r, sp.Tuple) else r, env)
            head = "all" if isinstance(e, ForAll) else "ae"
            return Row(head, *self.range(r, env), self._proposition(body, inner, slope))
        if isinstance(e, Dominated):
            return Row("dom", *self.range(e.args[1], env), self.term(e.args[0], _under(e.args[1], env)))
        raise Unknown(f"{type(e).__name__} has no form in a certificate: {e}")

    def hypothesis(self, e: sp.Basic) -> Row:
        """A hypothesis about a derivative says that there is one."""
        return self._proposition(e, {}, slope=True)

    def function(self, g: sp.Lambda) -> list[Any]:
        """The number of arguments and the body, where the last argument is innermost."""
        env: Env = {}
        for s in g.variables:
            env = _under(s, env)
        return [len(g.variables), self.term(g.expr, env)]


Terms = _Terms

_NUMBERS: Final = {sp.pi: Row("pi"), sp.E: Row("exp", Row("q", "1")), sp.oo: Row("oo"), -sp.oo: Row("-oo")}
_MEASURED: Final = {Converges: "conv"}


def _under(s: sp.Symbol, env: Env) -> Env:
    return {**{t: k + 1 for t, k in env.items()}, s: 0}


@cache
def _symbols(e: sp.Basic) -> frozenset[sp.Symbol]:
    return frozenset(e.atoms(sp.Symbol))


def _value(e: sp.Expr) -> str:
    if e.is_integer:
        return "nat" if e.is_positive else "int"
    if not e.is_real:
        raise Unknown(f"the value of {e} is of no sort")
    return "pos" if e.is_positive else "real"


def _derivative(e: sp.Derivative) -> tuple[sp.Expr, sp.Symbol]:
    f, (t, order), *more = e.args
    if order != 1 or more:
        raise Unknown(f"not a first derivative: {e}")
    return f, t


def _is_slope(e: sp.Basic) -> bool:
    return isinstance(e, sp.Eq) and isinstance(e.lhs, sp.Derivative)


def _almost(e: sp.Basic) -> sp.Basic:
    return e.args[0] if isinstance(e, AlmostEverywhere) else e


def _about_slope(e: sp.Basic) -> bool:
    while isinstance(e, ForAll):
        e = e.args[0]
    return _is_slope(e)


# --- inferences ------------------------------------------------------------------------------------------------------

_RULES: Final = {
    "a strictly concave function touches once": "touches_once",
    "algebra": "algebra",
    "a product over coordinates": "coordinates",
    "almost all": "almost_all",
    "antiderivative": "antiderivative",
    "antisymmetry": "antisymmetry",
    "between": "between",
    "carry": "carry",
    "chain": "chain",
    "change of variables": "change_of_variables",
    "combination of convergent integrals": "combine",
    "constant sum": "constant",
    "definition": "unfold",
    "derivative of a finite sum": "derivative_of_sum",
    "difference quotients": "lipschitz",
    "differentiate": "differentiate",
    "discharge": "discharge",
    "divergence": "diverges",
    "dominated": "dominated",
    "each": "each",
    "equal almost everywhere": "almost_equal",
    "equal logarithms": "unlog",
    "evaluate": "assume",
    "finite integral": "integrable",
    "finite sum of convergent integrals": "finite_sum",
    "for all": "for_all",
    "Gaussian bound": "gaussian_bound",
    "Gaussian tail": "gaussian_tail",
    "Gauss's integral": "cite",
    "hypothesis": "assume",
    "instantiate": "instantiate",
    "leibniz": "leibniz",
    "log of a product": "log_product",
    "monotone": "monotone",
    "on the space": "on_space",
    "one coordinate of a product": "coordinate",
    "read backwards": "flip",
    "rearrange": "rearrange",
    "rename": "algebra",
    "rewrite": "rewrite",
    "sign": "assume",
    "substitute": "substitute",
    "swap": "swap",
    "term by term": "monotone",
    "term of a sum": "term_of_sum",
    "telescope": "telescope",
    "triangular map": "triangular",
    "variance of a sum": "variance_of_sum",
    "tangent of a concave function": "tangent",
    "unequal": "carry",
    "write out": "write_out",
    "zero integral": "vanish",
}
_FROM_SLOPES: Final = ("differentiate", "difference quotients", "leibniz", "derivative of a finite sum")
_KEEP_SLOPES: Final = ("each", "for all", "discharge", "substitute", "instantiate", "on the space")


def _rule(thm: Thm) -> str:
    """The rule of the format; two of the kernel's rules can share their words."""
    if thm.rule == "linearity":
        return "linearity" if thm.said else "algebra"  # a factor moved in is a matter of algebra
    if thm.rule in ("rewrite", "carry") and not thm.parents[thm.rule == "carry" :]:
        return "algebra"
    if thm.rule not in _RULES:
        raise Unknown(f"the rule {thm.rule!r} has no form in a certificate: {thm.prop}")
    return _RULES[thm.rule]


class _Nodes:
    """Inferences in order, each once."""

    def __init__(self, dimensions: Dimensions) -> None:
        self.nodes: list[list[Any]] = []
        self._dimensions = dimensions
        self._tables: dict[frozenset[Any], _Terms] = {}
        self._at: dict[str, int] = {}
        self._done: dict[tuple[int, bool], int] = {}

    def theorem(self, verdict: Proof) -> list[Any]:
        thm, terms = verdict.thm, self.terms(verdict.thm)
        node = self.conclusion(thm)
        if isinstance(verdict, Theorem):
            return [verdict.name, node, terms.term(verdict.statement), [terms.hypothesis(g) for g in verdict.given]]
        return [verdict.name, node, terms.term(verdict.negation), []]

    @property
    def places(self) -> dict[int, int]:
        """The node that concludes what each theorem says, by identity."""
        return {thm: node for (thm, slope), node in self._done.items() if not slope}

    def conclusion(self, thm: Thm) -> int:
        """The node of a theorem, its parents first; without recursion, for proofs are deep."""
        stack = [thm]
        while stack:
            one = stack[-1]
            if waiting := [p for p in one.parents if (id(p), False) not in self._done]:
                stack += waiting
                continue
            stack.pop()
            if (id(one), False) not in self._done:
                self._done[id(one), False] = self._plain(one)
        return self._done[id(thm), False]

    def terms(self, thm: Thm) -> _Terms:
        spaces = self._dimensions.of(thm)
        return self._tables.setdefault(frozenset(spaces.items()), _Terms(spaces))

    def _put(self, rule: str, premises: list[int], conclusion: Row, hyps: list[Row], *extra: Any) -> int:
        node = [rule, premises, conclusion, hyps, *extra]
        key = repr(_keys(node))
        if key not in self._at:
            self._at[key] = len(self.nodes)
            self.nodes.append(node)
        return self._at[key]

    def _hyps(self, thm: Thm, terms: _Terms) -> list[Row]:
        rows = {row.key: row for row in map(terms.hypothesis, thm.hyps)}
        return [rows[key] for key in sorted(rows)]

    def _plain(self, thm: Thm) -> int:
        """The node that concludes what the theorem says; of a derivative, the equation."""
        if thm.rule == "chain" and thm.prop.rhs is sp.oo:
            return self._unbounded(thm)
        if not _about_slope(thm.prop) or (slope := self._slope(thm)) is None:
            return self._inference(thm, [self._premise(thm, k) for k in range(len(thm.parents))], slope=False)
        terms, prop, quantified = self.terms(thm), thm.prop, []
        hyps = self._hyps(thm, terms)
        while isinstance(prop, ForAll):
            body, r = prop.args
            s = r[0] if isinstance(r, sp.Tuple) else r
            quantified.append((prop, s))
            facts = [terms.term(f) for f in _facts(r)]
            hyps = [*hyps, *facts]
            prop = body
            slope = self._put("each", [slope], terms.hypothesis(prop), hyps, terms.term(s))
        node = self._put("slope_value", [slope], terms.term(prop), hyps)
        for outer, s in reversed(quantified):
            hyps = hyps[: len(hyps) - len(_facts(outer.args[1]))]
            node = self._put("for_all", [node], terms.term(outer), hyps, terms.term(s))
        return node

    def _slope(self, thm: Thm, wanted: bool = False) -> int | None:
        """The node that says that there is this derivative; None where the theorem is an equation by its proof.

        A chain is one, unless the slope is wanted.
        """
        if (id(thm), True) not in self._done:
            premises: list[int] | None = None
            if thm.rule in ("hypothesis", *_FROM_SLOPES):
                premises = [self._premise(thm, k) for k in range(len(thm.parents))]
            elif thm.rule == "chain" and wanted:
                return self._slope_of_chain(thm)
            elif thm.rule in _KEEP_SLOPES and (first := self._slope(thm.parents[0], wanted)) is not None:
                premises = [first, *(self._premise(thm, k) for k in range(1, len(thm.parents)))]
            if premises is None:
                return None
            self._done[id(thm), True] = self._inference(thm, premises, slope=True)
        return self._done[id(thm), True]

    def _slope_of_chain(self, thm: Thm) -> int | None:
        """`D f = D g` where equations turn f into g, the slope of g, and what it equals: the slope of f."""
        links, changes = list(thm.parents), list[Thm]()
        while links and _is_slope(links[0].prop) and (slope := self._slope(links[0], wanted=True)) is None:
            before = links.pop(0)
            if before.rule != "rewrite":
                return None
            changes += [q for q in before.parents if q.rule != "definition"]
        if not links or slope is None or not _is_slope(links[0].prop):
            return None
        terms, after = self.terms(thm), []
        for link in reversed(links[1:]):
            a, b = map(terms.term, link.prop.args)
            after.append(self._put("flip", [self.conclusion(link)], Row("=", b, a), self._hyps(link, self.terms(link))))
        if not changes and not after:
            return slope
        premises = [slope, *map(self.conclusion, changes), *after]
        self._done[id(thm), True] = self._put("carry", premises, terms.hypothesis(thm.prop), self._hyps(thm, terms))
        return self._done[id(thm), True]

    def _unbounded(self, thm: Thm) -> int:
        """Terms of a sum that are unbounded; what equals them term by term gives a sum that is unbounded, too."""
        *links, last = thm.parents
        start, equations = thm.prop.lhs, list[Thm]()
        for link in links:
            if link.rule == "rewrite" and all(q.rule == "definition" for q in link.parents) and not equations:
                start = link.prop.rhs
            elif link.rule == "term by term":
                equations += link.parents
            else:
                raise Unknown(f"a sum that is unbounded is known by its terms, not by {link.rule!r}: {link.prop}")
        terms = self.terms(thm)
        if not equations:
            return self.conclusion(last)
        premises = [self.conclusion(last), *map(self.conclusion, equations)]
        return self._put("carry", premises, Row("inf", terms.term(start)), self._hyps(thm, terms))

    def _premise(self, thm: Thm, k: int) -> int:
        parent = thm.parents[k]
        if (thm.rule in _FROM_SLOPES or (thm.rule == "discharge" and k)) and _about_slope(_almost(parent.prop)):
            if (found := self._slope(parent, wanted=True)) is None:
                raise Unknown(f"{thm.rule} needs a derivative that is known to exist, not an equation: {parent.prop}")
            return found
        return self._done[id(parent), False]

    def _inference(self, thm: Thm, premises: list[int], slope: bool) -> int:
        terms, rule = self.terms(thm), _rule(thm)
        if thm.rule == "carry" and rule == "algebra":
            return premises[0]
        conclusion = terms.hypothesis(thm.prop) if slope else terms.term(thm.prop)
        hyps = self._hyps(thm, terms)
        if rule == "vanish" and len(premises) == 3:
            return self._vanishes(thm, premises, conclusion, hyps)
        if rule == "on_space":
            return self._moved(thm, premises[0], conclusion, hyps)
        if thm.rule == "unequal":  # what differs, with equals put for equals
            premises = [premises[2], *premises[:2]]
        if rule in ("tangent", "change_of_variables") and not premises:  # what the prover saw by itself
            f, t = thm.said[:2]
            slope = sp.diff(f, t)
            seen = (-sp.diff(slope, t), sp.S.Zero) if rule == "tangent" else (slope, slope)
            premises = [self._put("assume", [], Row(">=", *map(terms.term, seen)), [])]
        return self._put(rule, premises, conclusion, hyps, *self._extra(thm, rule, terms))

    def _vanishes(self, thm: Thm, premises: list[int], conclusion: Row, hyps: list[Row]) -> int:
        """That the integral converges is a hypothesis of the rule, which the third theorem then meets."""
        *two, finite = premises
        terms = self.terms(thm)
        known = terms.term(thm.parents[2].prop)
        node = self._put("vanish", two, conclusion, [*hyps, known], terms.term(thm.said[0]))
        return self._put("discharge", [node, finite], conclusion, hyps)

    def _moved(self, thm: Thm, premise: int, conclusion: Row, hyps: list[Row]) -> int:
        """A free point keeps its name on the new space, in a certificate; the kernel gives it the new one."""
        point, r = thm.said
        before, terms = self.terms(thm.parents[0]), self.terms(thm)
        extra = [before.term(point), terms.range(r, {})]
        new = r[0]
        if not any(new in p.free_symbols for p in (thm.prop, *thm.hyps)):
            return self._put("on_space", [premise], conclusion, hyps, extra)
        old, now = Row("v", point.name, terms.sort(new, {})), terms.term(new)
        kept = [_with(row, now, old) for row in hyps]
        node = self._put("on_space", [premise], _with(conclusion, now, old), kept, extra)
        return self._put("substitute", [node], conclusion, hyps, [[old, now]])

    def _extra(self, thm: Thm, rule: str, terms: _Terms) -> list[Any]:
        said: Any = thm.said
        if rule in ("linearity", "combine"):
            return [[[terms.term(c), terms.term(i)] for c, i in said]]
        if rule == "substitute":
            before = self.terms(thm.parents[0])
            return [[[before.term(s), terms.term(v)] for s, v in said]]
        if rule == "instantiate":
            return [[[str(f), _value(f(*g.variables)), *terms.function(g)] for f, g in said]]
        if rule == "coordinate":
            u, q, j, g, _ = said
            return [[terms.term(u), terms.term(q), terms.term(j), terms.function(g)[1]]]
        if rule == "cite":
            return ["gaussian"]
        rows = [terms.term(x) for x in said]
        return [] if not rows else rows if len(rows) == 1 else [rows]


def _facts(r: sp.Basic) -> list[sp.Basic]:
    """A variable of a range lies in it."""
    if not isinstance(r, sp.Tuple) or len(r) == 1:
        return []
    s, lo, hi = r
    below = [] if lo.is_infinite else [sp.Ge(s, lo, evaluate=False)]
    return below + ([] if hi.is_infinite else [sp.Le(s, hi, evaluate=False)])
