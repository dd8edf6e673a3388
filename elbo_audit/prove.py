"""EQUAL as a theorem: the trace, mechanically read, equals scale x (- log likelihood + divergence) by the rules of the
kernel, and the independent checker accepts every inference.

The tactic below is not trusted: what it gets wrong, the kernel or the checker refuses. Trusted are torch's tracing,
the mechanical reading of each operation (`plain.py`), and what the book says of its own kernel and checker.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import sympy as sp

from derivations._checks.checker import NoVerdict, checked
from derivations._kernel import (
    ForAll,
    ProofError,
    Thm,
    algebra,
    chain,
    constant,
    flip,
    linearity,
    log_product,
    monotone,
    rewrite,
    substitute,
    swap,
    unfold,
)
from derivations._language.certificate import CannotExport, certificate
from derivations._language.notation import KL, Bernoulli, N, Normal, d, m, n, z
from derivations._language.steps import calc
from derivations._language.verdicts import Theorem
from derivations.gaussians import gaussian_kl as one
from derivations.gaussians.gaussian_kl_diagonal import each_j, j, product, product_divergence, space
from derivations.losses.gaussian_likelihood import D
from elbo_audit.plain import Family, Plain, Range
from elbo_audit.players import GAUSSIAN, Players
from elbo_audit.program import Program
from elbo_audit.roles import NUMBERS
from elbo_audit.terms import Poly, Refuse
from elbo_audit.torch_trace import trace

ORDER: Final = (n, m, j)  # the outermost index first
TRUSTS: Final = (
    "sizes of at least 2",
    "torch's tracing",
    "the reading of each operation as it stands",
    "kernel and checker, as the book says",
)


@dataclass(frozen=True)
class Proof:
    """The theorem, and what the checker said of it."""

    theorem: Theorem
    inferences: int
    certificate: Mapping[str, Any]
    given: tuple[str, ...]  # in words


class Claim(NamedTuple):
    """What a loss is said to be: scale x (- log likelihood + divergence) + constant."""

    scale: Poly
    variance: Poly | None = None  # of a Gaussian decoder, where no argument says it
    constant: Poly | None = None
    prior: Poly | None = None  # the variance of the prior, where it is not 1 and no argument says it
    unguarded: bool = False  # about where no clamp acts


def proof(program: Program, players: Players, claim: Claim) -> Proof | str:
    """The theorem behind an equality, or why there is none."""
    try:
        statement, steps, entries = _theorem(program, players, claim)
    except (Refuse, ProofError, KeyError) as why:
        return " ".join(str(why).split())[:200]

    def audited_loss() -> Thm:
        """The likelihood of each row, the divergence of each row, and the loss as it was traced."""
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
    return Proof(found, int(said["inferences"]), written, tuple(_words(h, entries) for h in steps.hyps))


def _is_domain(h: sp.Basic) -> bool:
    """For all indices, something is positive or not zero: where the formula has a value at all."""
    while isinstance(h, ForAll):
        h = h.args[0]
    return isinstance(h, sp.Gt | sp.Ne) and h.args[1] == 0


def _words(h: sp.Basic, entries: Mapping[str, Family]) -> str:
    """A hypothesis with the arguments by their names."""
    quantified = isinstance(h, ForAll)
    while isinstance(h, ForAll):
        h = h.args[0]
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
    over = {r.index: sp.Tuple(r.index, 1, r.size) for r in ranges.values()}
    parts = []
    if players.data:
        fixed = None if claim.variance is None else plain.size(claim.variance)
        parts.append(_likelihood(players, entries, fixed, over[n], over[m]))
    if players.gaussian("q"):
        prior = sp.Integer(1) if claim.prior is None else plain.size(claim.prior)
        parts.append(_divergence(players, entries, over.get(n), prior))
    if not parts or players.draws or players.masks:
        raise Refuse("no theorem of the book covers this family yet")
    rest = sp.Integer(0) if claim.constant is None else plain.size(claim.constant)
    left = plain.size(claim.scale) * sp.Add(*(p.prop.lhs for p in parts)) + rest
    rows = rewrite(left, *parts)
    ours, theirs = normal(rows.prop.rhs), normal(traced)
    same = algebra(ours.prop.rhs, theirs.prop.rhs)
    thm = chain(rows, ours, same, flip(theirs))
    return sp.Eq(left, traced, evaluate=False), thm, entries


def _ranges(players: Players) -> dict[str, Range]:
    """The sizes of the loss as those of the book: rows, entries of the data, latent dimensions."""
    known: dict[str, Range] = {}
    data = [(players.roles[x].sizes, m, D) for x in players.data[:1]]
    codes = [(players.roles[q].sizes, j, d) for q in (players.gaussian("q") or ())[:1]]
    for sizes, index, book in (*data, *codes):
        names = [s[0] for s in sizes if len(s) == 1]
        if len(names) != len(sizes) or not 1 <= len(sizes) <= 2 or (len(sizes) == 1 and data):
            raise Refuse("the theorems are about rows and columns, each of one length")
        if len(names) == 2:
            known[str(names[0])] = Range(n, N if isinstance(names[0], str) else sp.Integer(names[0]))
        if str(names[-1]) in known:
            raise Refuse("two axes of one length: give them two names")
        known[str(names[-1])] = Range(index, book if isinstance(names[-1], str) else sp.Integer(names[-1]))
    for r in players.roles.values():
        if r.kind == "count":
            name = str(r.sizes[0][0])
            known.setdefault(name, Range(sp.Symbol(f"i_{name}"), sp.Symbol(f"{name}_all", integer=True, positive=True)))
    return known


def _family(players: Players, name: str, ranges: Mapping[str, Range]) -> Family:
    r = players.roles[name]
    if r.kind in NUMBERS:
        return Family((), sp.Integer(1))  # its size is read, never its entries
    if any(len(s) > 1 or (s and str(s[0]) not in ranges) for s in r.sizes):
        raise Refuse(f"the prover has no name for the sizes of {name}")
    dims = tuple(tuple(str(p) for p in s) for s in r.sizes)
    indices = [ranges[s].index for dim in dims for s in dim]
    whole = {"integer": True} if r.kind == "binary" else {}
    positive = {"positive": True} if r.kind in ("std", "variance", "probability", "weight") else {"real": True}
    label = f"odds_{name}" if r.kind == "probability" else name
    if not indices:
        return Family(dims, sp.Symbol(label, **(whole or positive)))
    entry = sp.IndexedBase(label, **(whole or positive))[tuple(indices)]
    return Family(dims, entry / (1 + entry) if r.kind == "probability" else entry)


# --- the rows of the book ----------------------------------------------------------------------------------------------


def _width(kind: str, s: sp.Expr) -> sp.Expr:
    """The standard deviation."""
    return {"std": s, "variance": sp.sqrt(s), "logvar": sp.exp(s / 2), "logstd": sp.exp(s)}[kind]


def _divergence(players: Players, entries: Mapping[str, Family], rows: sp.Tuple | None, prior: sp.Expr) -> Thm:
    """The sum over rows of KL(q_n || p), coordinate by coordinate."""
    laws: list[tuple[sp.Expr, sp.Expr]] = []
    for of in ("q", "p"):
        found = players.gaussian(of)
        if found is None:
            laws.append((sp.Integer(0), sp.sqrt(prior)))
            continue
        mean, spread = found
        laws.append((entries[mean].entry, _width(players.roles[spread].kind, entries[spread].entry)))
    (mu, s), (nu, t) = laws
    q, p = Normal(z, mu, s**2), Normal(z, nu, t**2)
    if t == 1:
        each = substitute(one.gaussian_kl_unit.thm, {one.mean_q: mu, one.std_q: s})
    else:
        each = substitute(one.gaussian_kl.thm, {one.mean_q: mu, one.std_q: s, one.mean_p: nu, one.std_p: t})
    row = calc(KL(product(q), product(p), space), product_divergence(q, p), monotone(each, each_j))
    return monotone(row, rows) if rows else row


def _likelihood(
    players: Players, entries: Mapping[str, Family], variance: sp.Expr | None, rows: sp.Tuple, pixels: sp.Tuple
) -> Thm:
    """The sum over rows of - log p(x_n | z_n), entry by entry."""
    (x,) = players.data
    law = players.law(x)
    at = entries[x].entry
    if players.roles[x].kind == "binary" and "probability" in law:
        r = entries[law["probability"]].entry
        mass = Bernoulli(at, sp.cancel(r / (1 - r)))
    elif players.roles[x].kind == "binary" and "logits" in law:
        mass = Bernoulli(at, sp.exp(entries[law["logits"]].entry))
    elif "mean" in law:
        spread = next((k for k in GAUSSIAN if k in law), None)
        if spread is None and variance is None:
            raise Refuse("a variance that nothing fixes")
        width = variance if spread is None else _width(spread, entries[law[spread]].entry) ** 2
        mass = Normal(at, entries[law["mean"]].entry, width)
    else:
        raise Refuse("no theorem of the book covers this decoder yet")
    row = sp.Product(mass, pixels)
    opened = unfold(mass).prop.rhs
    each = chain(rewrite(sp.log(mass), unfold(mass)), algebra(sp.log(opened), _logs(sp.log(opened))))
    inner = calc(sp.log(row), log_product(row), monotone(each, pixels))
    return monotone(rewrite(-sp.log(row), inner), rows)


# --- the tactic ----------------------------------------------------------------------------------------------------------


def _logs(e: sp.Expr) -> sp.Expr:
    """Logarithms of products as sums, quotients of sums made one."""
    out = e.replace(sp.log, lambda a: sp.log(sp.factor(sp.together(a))))
    return sp.expand(sp.expand_log(sp.expand(out)))


def normal(e: sp.Expr) -> Thm:
    """e = a sum of numbers times sums of single products, each with its indices in one order."""
    steps: list[Thm] = []
    here = e
    for s in sorted(_outer(here), key=sp.default_sort_key):
        thm = _sum(s)
        if thm.prop.rhs != s:
            step = rewrite(here, thm)
            steps.append(step)
            here = step.prop.rhs
    flat = _flat(here)
    if flat != here:
        steps.append(algebra(here, flat))
    return chain(*steps) if steps else algebra(e, e)


def _flat(e: sp.Expr) -> sp.Expr:
    """Expanded, with sums as unknowns."""
    sums = {s: sp.Dummy(f"s{k}", real=True) for k, s in enumerate(sorted(_outer(e), key=sp.default_sort_key))}
    return _logs(e.xreplace(sums)).xreplace({v: k for k, v in sums.items()})


def _outer(e: sp.Expr) -> set[sp.Sum]:
    if isinstance(e, sp.Sum):
        return {e}
    return set().union(*map(_outer, e.args)) if e.args else set()


def _sum(s: sp.Sum) -> Thm:
    """One sum, from the inside out."""
    f, r = (s.args[0] if len(s.args) == 2 else s.func(*s.args[:-1])), s.args[-1]
    steps: list[Thm] = []
    inner = normal(f)
    here: sp.Expr = s
    if inner.prop.rhs != f:
        steps.append(monotone(inner, r))
        here = steps[-1].prop.rhs
    if isinstance(here, sp.Sum):
        split = linearity(here)
        if split.prop.rhs != here:
            steps.append(split)
            here = split.prop.rhs
    for part in sorted(_outer(here), key=sp.default_sort_key):
        fixed = _ordered(part)
        if fixed is not None and fixed.prop.rhs != part:
            step = rewrite(here, fixed)
            steps.append(step)
            here = step.prop.rhs
    return chain(*steps) if steps else algebra(s, s)


def _ordered(s: sp.Sum) -> Thm | None:
    """A sum of a constant as a product; two sums in the other order, if the outer index is the later one."""
    body, *limits = s.args
    outer = limits[-1]
    under = body if len(limits) == 1 else s.func(body, *limits[:-1])
    if outer[0] not in under.free_symbols:
        with contextlib.suppress(ProofError):
            return constant(s)
    if len(limits) == 2 and _rank(limits[0][0]) < _rank(outer[0]):
        return swap(s)
    return None


@functools.cache
def _rank(index: sp.Symbol) -> int:
    return ORDER.index(index) if index in ORDER else len(ORDER)
