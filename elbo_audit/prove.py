"""EQUAL as a theorem: the trace, mechanically read, equals scale x (- log likelihood + beta x divergence) + constant by
the rules of the kernel, and the independent checker accepts every inference.

What is assembled here and the tactic are not trusted: what they get wrong, the kernel or the checker refuses. Trusted are
torch's tracing, the mechanical reading of each operation (`plain.py`), and what the book says of its own kernel and checker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, NamedTuple

import sympy as sp

from derivations._checks.checker import NoVerdict, checked
from derivations._kernel import ForAll, ProofError, Thm, algebra, assume, chain, flip, rewrite
from derivations._language.certificate import CannotExport, certificate
from derivations._language.notation import N, d, m, n
from derivations._language.verdicts import Theorem
from derivations.gaussians.gaussian_kl_diagonal import j
from derivations.losses.gaussian_likelihood import D
from elbo_audit import rows
from elbo_audit.families import AGAIN, Dim, Family, Range
from elbo_audit.plain import MASK, Plain
from elbo_audit.players import Players
from elbo_audit.program import Program
from elbo_audit.roles import NUMBERS, Size
from elbo_audit.rows import Book, Part
from elbo_audit.tactic import Order, factored, normal
from elbo_audit.terms import Poly, Refuse
from elbo_audit.torch_trace import trace

TRUSTS: Final = (
    "sizes of at least 2",
    "torch's tracing",
    "the reading of each operation as it stands",
    "kernel and checker, as the book says",
    "the function keeps nothing from one call to the next",
)
TAKEN: Final = frozenset("dDijkmnNKxyzuvtb")  # letters that the statements of the book use themselves
BEST: Final = sp.Symbol("best_variance", positive=True)


@dataclass(frozen=True)
class Proof:
    """The theorem, and what the checker said of it."""

    theorem: Theorem
    inferences: int
    certificate: Mapping[str, Any]
    given: tuple[str, ...]  # in words


class Claim(NamedTuple):
    """What a loss is said to be: scale x (- log likelihood + beta x divergence) + constant."""

    scale: Poly
    variance: Poly | None = None  # of a Gaussian decoder, where no argument says it
    laplace: Poly | None = None  # the scale of a Laplace decoder, likewise
    constant: Poly | None = None
    prior: Poly | None = None  # the variance of the prior, where it is not 1 and no argument says it
    unguarded: bool = False  # about where no clamp acts
    beta: Poly | None = None
    share: Poly | None = None  # of a code that all data share: how many data one of the batch stands for


def proof(program: Program, players: Players, claim: Claim) -> Proof | str:
    """The theorem behind an equality, or why there is none."""
    try:
        statement, steps, entries = _theorem(program, players, claim)
    except (Refuse, ProofError, KeyError) as why:
        return " ".join(str(why).split())[:200]

    def audited_loss() -> Thm:
        """The likelihood of each datum, the divergence of each code, and the loss as it was traced."""
        return steps

    found = Theorem(statement, audited_loss, "The loss as it was traced", given=tuple(steps.hyps))
    try:
        written = certificate([found])
        said = checked(written).theorems[found.name]
    except (CannotExport, NoVerdict, ProofError, KeyError) as why:
        return " ".join(str(why).split())[:200]
    if strange := [h for h in steps.hyps if not _is_domain(h)]:
        return f"the proof would need {strange[0]}"
    if not said["proved"]:
        return f"the checker refuses: {said['why']}"
    given = tuple(dict.fromkeys(w for h in sorted(steps.hyps, key=str) for w in [_words(h, entries)] if w))
    return Proof(found, int(said["inferences"]), written, given)


def _is_domain(h: sp.Basic) -> bool:
    """For all indices, something is positive or not zero: where the formula has a value at all; or what a letter is."""
    while isinstance(h, ForAll):
        h = h.args[0]
    return (isinstance(h, sp.Gt | sp.Ne) and h.args[1] == 0) or (isinstance(h, sp.Eq) and h.args[0] == BEST)


def _words(h: sp.Basic, entries: Mapping[str, Family]) -> str:
    """A hypothesis with the arguments by their names."""
    quantified = isinstance(h, ForAll)
    while isinstance(h, ForAll):
        h = h.args[0]
    if isinstance(h, sp.Eq):
        return "the variance of the decoder is the mean squared error of the batch, and not zero"
    if h.has(sp.Sum):
        inside = {n for n, f in entries.items() if f.entry.atoms(sp.IndexedBase) & h.atoms(sp.IndexedBase)}
        if len(inside) > 1:  # multiples of the squared error
            return ""
        return f"the sum of {inside.pop()} is not zero"
    names: dict[sp.Basic, sp.Expr] = {}
    for name, f in entries.items():
        s = sp.Symbol(name, positive=True)
        odds = s / (1 - s)  # a probability was written by its odds
        names |= {a: s if a == f.entry else odds for a in f.entry.atoms(sp.Indexed)}
    left, right = (sp.cancel(side.xreplace(names)) for side in h.args)
    return f"{left} {h.rel_op} {right}" + " for every entry" * quantified


def _theorem(program: Program, players: Players, claim: Claim) -> tuple[sp.Basic, Thm, Mapping[str, Family]]:
    ranges = _ranges(players)
    entries = {name: _family(players, name, ranges) for name in program.roles}
    plain = Plain(ranges, entries, claim.unguarded)
    graph, names = trace(program)
    traced = plain.read(graph, program, names)
    book, order = Book(players, entries, ranges), Order(tuple(ranges.values()))
    theirs = normal(traced, order)

    def size(p: Poly | None, otherwise: int) -> sp.Expr:
        return sp.Integer(otherwise) if p is None else plain.size(p)

    why = "no theorem of the book covers this family yet"
    for fit, rate in _readings(book, plain, claim):
        try:
            parts = [p() for p in (*fit, *rate)]
            rest = sp.Add(*(size(claim.beta, 1) * p.expr for p in parts[len(fit) :]))
            left = size(claim.scale, 1) * (size(claim.share, 1) * sp.Add(*(p.expr for p in parts[: len(fit)])) + rest)
            left += size(claim.constant, 0)
            whole = rewrite(left, *(t for p in parts for t in p.thms))
            ours = normal(whole.prop.rhs, order)
            if ours.prop.rhs.has(BEST):
                ours = chain(ours, rewrite(ours.prop.rhs, _best(book, order)))
            thm = chain(whole, ours, algebra(ours.prop.rhs, theirs.prop.rhs), flip(theirs))
        except (Refuse, ProofError, KeyError) as refused:
            why = str(refused)
            continue
        return sp.Eq(left, traced, evaluate=False), thm, entries
    raise Refuse(why)


def _best(book: Book, order: Order) -> Thm:
    """Given what the best variance stands for: the mean squared error of the batch."""
    (x,) = book.players.data
    square, sizes = rows.squared_error(book, x)
    opened = normal(square, order).prop.rhs
    return assume(sp.Eq(BEST, factored(opened / sizes), evaluate=False))


Makes = Callable[[], Part]


def _readings(book: Book, plain: Plain, claim: Claim) -> Iterator[tuple[list[Makes], list[Makes]]]:
    """Likelihood and divergence in the ways in which the statement can be written."""
    if not book.players.masks:
        yield from _masked(book, plain, claim, (False, False))
        return
    for masked in ((True, False), (True, True), (False, True)):
        yield from _masked(book, plain, claim, masked)


def _masked(
    book: Book, plain: Plain, claim: Claim, masked: tuple[bool, bool]
) -> Iterator[tuple[list[Makes], list[Makes]]]:
    """The same, with the mask on the likelihood, on the divergence, or on both."""
    players = book.players
    fit_masked, rate_masked = masked
    fit: list[Makes] = []
    fixed = rows.Fixed(*(None if p is None else plain.size(p) for p in (claim.variance, claim.laplace)))
    if fixed == (None, None):
        fixed = rows.Fixed(BEST)
    fit += [partial(rows.likelihood, book, x, fixed, fit_masked) for x in players.data]
    rate: list[Makes] = []
    for name, r in players.roles.items():
        if r.kind in ("nll", "log-likelihood"):
            fit.append(partial(rows.given, book, name, fit_masked, 1 if r.kind == "nll" else -1))
        if r.kind == "divergence":
            rate.append(partial(rows.given, book, name, rate_masked))
    if weights := _log_weights(players):
        for s in reversed(book.names(*(book.entries[n] for n, _ in weights))):
            yield [partial(rows.importance, book, weights, s)], []
        if len(weights) == 1:
            yield [partial(rows.given, book, weights[0][0], False, -1)], []
            return
    prior = sp.Integer(1) if claim.prior is None else plain.size(claim.prior)
    given = [(n, 1 if r.of == "q" else -1) for n, r in players.roles.items() if r.kind == "log-density"]
    if len(given) == 2 and not players.find("log-det"):
        rate += [partial(rows.given, book, n, rate_masked, k) for n, k in given]
    if players.find("log-det"):
        yield fit, [partial(rows.through_a_flow, book, prior)]
        return
    if plain.draws or players.find("noise", "sample"):
        for closed in (False, True):
            yield fit, [partial(rows.at_a_draw, book, plain.draws, prior, closed)]
    codes = [replace(book, players=own) for own in players.codes() if own.law("q")]
    rate += [partial(rows.divergence, one, prior, rate_masked) for one in codes]
    if fit or rate:
        yield fit, rate


def _log_weights(players: Players) -> list[tuple[str, int]]:
    """The arguments that make up a log weight, each with its sign."""
    if name := players.find("log-weight"):
        return [(name, 1)]
    parts = [
        (players.find("log-likelihood"), 1),
        *((players.find("log-density", of=w), s) for w, s in (("p", 1), ("q", -1))),
    ]
    found = [(n, s) for n, s in parts if n is not None]
    return found if len(found) == 3 and len(players.roles[found[0][0]].sizes) > 1 else []


def labelled(sizes: Sequence[Size]) -> tuple[Dim, ...]:
    """Names for the axes; a size that comes again in one argument is marked."""
    seen: list[str] = []
    out: list[Dim] = []
    for size in sizes:
        names = []
        for p in size:
            name = str(p)
            while name in seen:
                name += AGAIN
            seen.append(name)
            names.append(name)
        out.append(tuple(names))
    return tuple(out)


def _ranges(players: Players) -> dict[str, Range]:
    """The sizes of the loss: rows, entries of the data and latent dimensions as the book calls them, others by name."""
    known: dict[str, Range] = {}
    letters = {"rows": (n, N), "data": (m, D), "codes": (j, d)}

    def put(name: str, what: str = "") -> None:
        if name in known:
            return
        index, size = letters.pop(what, (None, None))
        if index is None:
            index = sp.Symbol(f"i_{name}".replace(AGAIN, "_again"), integer=True, positive=True)
            size = sp.Symbol(f"{name}_all" if name in TAKEN else name, integer=True, positive=True)
        bare = name.rstrip(AGAIN)
        if bare != name and not bare.isdigit():
            size = known[bare].size
        known[name] = Range(index, sp.Integer(bare) if bare.isdigit() else size)

    def columns(sizes: Any, what: str) -> None:
        flat = [p for d in labelled(sizes) for p in d]
        if len(flat) > 1:
            put(flat[0], "rows")
        for p in flat[1:-1]:
            put(p)
        if flat:
            put(flat[-1], what)

    q = (players.gaussian("q") or ())[:1]
    for x in players.data[:1]:
        columns(players.roles[x].sizes, "data" if len(players.roles[x].sizes) > 1 else "rows")
    for name in q:
        columns(players.roles[name].sizes, "codes")
    for r in players.roles.values():
        if r.kind not in NUMBERS:
            columns(r.sizes, "")
    for r in players.roles.values():
        if r.kind in NUMBERS:
            put(str(r.sizes[0][0]))
    return known


def _family(players: Players, name: str, ranges: Mapping[str, Range]) -> Family:
    r = players.roles[name]
    if r.kind in NUMBERS:
        return Family((), sp.Integer(1))  # its size is read, never its entries
    dims = labelled(r.sizes)
    indices = tuple(ranges[s].index for dim in dims for s in dim)
    whole = {"integer": True} if r.kind in ("binary", "onehot", "mask", "label") else {}
    positive = {"positive": True} if r.kind in POSITIVE else {"real": True}
    own = f"{name}_" if name in TAKEN or name in ("zs", "pi", "E", "I") else name
    label = {"probability": "odds_", "simplex": "weight_", "label": "label_"}.get(r.kind, "") + own
    entry: sp.Expr = sp.Symbol(label, **(whole or positive))
    if indices:
        entry = sp.IndexedBase(label, **(whole or positive))[indices]
    if r.kind == "probability":
        entry = entry / (1 + entry)
    if r.kind == "simplex":  # positive weights, divided by their sum
        last = ranges[dims[-1][-1]]
        entry = entry / sp.Sum(entry, (last.index, 1, last.size))
    return Family(dims, entry, name if r.kind == "label" else MASK if r.kind == "mask" else "")


POSITIVE: Final = ("std", "variance", "probability", "weight", "simplex", "scale")
