"""What a loss is proved to be: the log likelihood of each datum and the divergence of each code, as the book writes them.

A part of the statement is an expression and, unless it is a number that somebody hands over, the equation of the kernel
that opens it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sympy as sp

from derivations._kernel import Thm, algebra, chain, log_product, monotone, rewrite, substitute, unfold
from derivations._language.notation import KL, Bernoulli, Entropy, Normal, line, z
from derivations._language.steps import calc
from derivations.gaussians import gaussian_kl as one
from derivations.gaussians.gaussian_kl_diagonal import each_j, product, product_divergence, space
from elbo_audit.families import Family, Range, raised
from elbo_audit.laws import SCALE
from elbo_audit.plain import indicator
from elbo_audit.players import GAUSSIAN, Players
from elbo_audit.tactic import logs
from elbo_audit.terms import Refuse

HALF = sp.Rational(1, 2)


class Part(NamedTuple):
    """What stands in the statement, and the equations that say what it is in terms of the arguments."""

    expr: sp.Expr
    thms: tuple[Thm, ...] = ()


class Fixed(NamedTuple):
    """How wide a decoder is, where no argument says it."""

    variance: sp.Expr | None = None
    laplace: sp.Expr | None = None


@dataclass(frozen=True)
class Book:
    """The arguments as families, with the sizes of the loss."""

    players: Players
    entries: Mapping[str, Family]
    ranges: Mapping[str, Range]

    def entry(self, name: str) -> sp.Expr:
        return self.entries[name].entry

    def names(self, *families: Family) -> list[str]:
        """The sizes of several families lined up, the outermost first."""
        longest = max((f.names for f in families), key=len)
        if lost := [s for f in families for s in f.names if s not in longest]:
            raise Refuse(f"the axis {lost[0]} is not one of the others")
        return longest

    def clear(self, names: Sequence[str], *several: sp.Expr) -> tuple[list[sp.Expr], list[sp.Tuple]]:
        """The expressions with free indices that are not bound inside, and the ranges of these indices."""
        found: sp.Basic = sp.Tuple(*several)
        limits = []
        for s in names:
            found, limit = raised(found, self.ranges[s])
            limits.append(limit)
        return list(found.args), limits

    def law(self, of: str) -> tuple[sp.Expr, sp.Expr] | None:
        """Mean and standard deviation of a Gaussian."""
        found = self.players.gaussian(of)
        if found is None:
            return None
        mean, spread = found
        return self.entry(mean), width(self.players.roles[spread].kind, self.entry(spread))

    @property
    def masks(self) -> list[Family]:
        return [self.entries[m] for m in self.players.masks]


def width(kind: str, s: sp.Expr) -> sp.Expr:
    """The standard deviation."""
    return {"std": s, "variance": sp.sqrt(s), "logvar": sp.exp(s / 2), "logstd": sp.exp(s)}[kind]


def over(thm: Thm, limits: Sequence[sp.Tuple]) -> Part:
    """Both sides summed, the last range innermost."""
    for limit in reversed(limits):
        thm = monotone(thm, limit)
    return Part(thm.prop.lhs, (thm,))


def opened(mass: sp.Expr) -> Thm:
    """log of a mass or density = its logarithm, written out."""
    if not isinstance(mass, Normal | Bernoulli):
        return algebra(sp.log(mass), _apart(sp.log(mass)))
    e = sp.log(unfold(mass).prop.rhs)
    return chain(rewrite(sp.log(mass), unfold(mass)), algebra(e, _apart(e)))


def _apart(e: sp.Expr) -> sp.Expr:
    """Logarithms split, with sums as unknowns."""
    sums = {s: sp.Dummy(positive=True) if s.is_positive else sp.Dummy(real=True) for s in e.atoms(sp.Sum)}
    return logs(e.xreplace(sums)).xreplace({v: k for k, v in sums.items()})


# --- likelihoods -----------------------------------------------------------------------------------------------------


def likelihood(book: Book, x: str, fixed: Fixed, masked: bool) -> Part:
    """The sum over data of - log p(x | z), where the mask is one."""
    law = book.players.law(x)
    if book.players.roles[x].kind in ("label", "onehot"):
        return _categorical(book, x, law, masked)
    mass, used = _mass(book, x, law, fixed)
    names = book.names(book.entries[x], *(book.entries[n] for n in used))
    several = sp.Mul(*(book.ranges[n].size for n in names if n not in book.entries[x].names))
    found = _of_entries(book, mass, names, masked)
    return found._replace(expr=found.expr / several)


def _of_entries(book: Book, mass: sp.Expr, names: Sequence[str], masked: bool) -> Part:
    if masked or len(names) < 2:
        weight = sp.Mul(*(m.entry for m in book.masks)) if masked else sp.Integer(1)
        (mass, weight), limits = book.clear(names, mass, weight)
        return over(rewrite(-weight * sp.log(mass), opened(mass)), limits)
    (mass,), limits = book.clear(names, mass)
    return _rows(mass, limits)


def _rows(mass: sp.Expr, limits: Sequence[sp.Tuple]) -> Part:
    """The product over the last range, its logarithm summed over the others."""
    *rows, last = limits
    row = sp.Product(mass, last)
    inner = calc(sp.log(row), log_product(row), monotone(opened(mass), last))
    return over(rewrite(-sp.log(row), inner), rows)


def _mass(book: Book, x: str, law: Mapping[str, str], fixed: Fixed) -> tuple[sp.Expr, list[str]]:
    """The mass or density of one entry, and the arguments in it."""
    at, binary = book.entry(x), book.players.roles[x].kind == "binary"
    if binary and "probability" in law:
        r = book.entry(law["probability"])
        return Bernoulli(at, sp.cancel(r / (1 - r))), [law["probability"]]
    if binary and "logits" in law:
        return Bernoulli(at, sp.exp(book.entry(law["logits"]))), [law["logits"]]
    if "mean" not in law:
        raise Refuse("no theorem of the book covers this decoder yet")
    mean = book.entry(law["mean"])
    if scale := next((k for k in SCALE if k in law), None):
        b = book.entry(law[scale])
        return _laplace(at, mean, sp.exp(b) if scale == "logscale" else b), [law["mean"], law[scale]]
    if spread := next((k for k in GAUSSIAN if k in law), None):
        return Normal(at, mean, width(spread, book.entry(law[spread])) ** 2), [law["mean"], law[spread]]
    if fixed.laplace is not None:
        return _laplace(at, mean, fixed.laplace), [law["mean"]]
    if fixed.variance is None:
        raise Refuse("a variance that nothing fixes")
    return Normal(at, mean, fixed.variance), [law["mean"]]


def _laplace(at: sp.Expr, mean: sp.Expr, scale: sp.Expr) -> sp.Expr:
    """The density, for which the book has no head of its own."""
    return sp.exp(-sp.Abs(at - mean) / scale) / (2 * scale)


def squared_error(book: Book, x: str) -> tuple[sp.Expr, sp.Expr]:
    """The sum of the squared errors of the batch, and how many there are."""
    mean = book.players.law(x)["mean"]
    (square,), limits = book.clear(book.entries[x].names, (book.entry(x) - book.entry(mean)) ** 2)
    return sp.Sum(square, *reversed(limits)), sp.Mul(*(limit[2] for limit in limits))


def _categorical(book: Book, x: str, law: Mapping[str, str], masked: bool) -> Part:
    """Of the classes the one that is there: the product of the probabilities, each to the power of 1 or 0."""
    name = law.get("logits") or law.get("simplex")
    if name is None:
        raise Refuse("no theorem of the book covers this decoder yet")
    names = book.entries[name].names
    hot = book.entry(x)
    if book.players.roles[x].kind == "label":
        hot = indicator(x, names, book.ranges)
    chance = table(book, name)
    weight = sp.Mul(*(m.entry for m in book.masks)) if masked else sp.Integer(1)
    (chance, hot, weight), limits = book.clear(names, chance, hot, weight)
    *rows, last = limits
    each = algebra(sp.log(chance**hot), sp.expand(hot * _apart(sp.log(chance))))
    row = sp.Product(chance**hot, last)
    inner = calc(sp.log(row), log_product(row), monotone(each, last))
    return over(rewrite(-weight * sp.log(row), inner), rows)


def table(book: Book, name: str) -> sp.Expr:
    """The probability of a class, from logits; one that is given is positive weights over their sum already."""
    entry = book.entry(name)
    if book.players.roles[name].kind == "simplex":
        return entry
    last = book.ranges[book.entries[name].names[-1]]
    return sp.exp(entry) / sp.Sum(sp.exp(entry), (last.index, 1, last.size))


# --- divergences -----------------------------------------------------------------------------------------------------


def divergence(book: Book, prior: sp.Expr, masked: bool) -> Part:
    """The sum over codes of KL(q || p), coordinate by coordinate."""
    q = book.law("q")
    if q is None:
        return _discrete(book)
    mu, s = q
    nu, t = book.law("p") or (sp.Integer(0), sp.sqrt(prior))
    used = [book.entries[n] for of in ("q", "p") for n in book.players.gaussian(of) or ()]
    one_law, other = Normal(z, mu, s**2), Normal(z, nu, t**2)
    if t == 1:
        each = substitute(one.gaussian_kl_unit.thm, {one.mean_q: mu, one.std_q: s})
    else:
        each = substitute(one.gaussian_kl.thm, {one.mean_q: mu, one.std_q: s, one.mean_p: nu, one.std_p: t})
    names = book.names(*used)
    _, limits = book.clear(names)
    vector = limits and limits[-1] == each_j and not masked
    if not vector:
        weight = sp.Mul(*(m.entry for m in book.masks)) if masked else sp.Integer(1)
        return over(rewrite(weight * KL(one_law, other, line), each), limits)
    row = calc(KL(product(one_law), product(other), space), product_divergence(one_law, other), monotone(each, each_j))
    return over(row, limits[:-1])


def _discrete(book: Book) -> Part:
    """KL of a table from the uniform distribution, or from another table."""
    law, other = book.players.law("q"), book.players.law("p")
    name = law.get("simplex") or law.get("logits")
    if name is None:
        raise Refuse("no theorem of the book covers this divergence yet")
    names = book.entries[name].names
    theirs = other.get("simplex") or other.get("logits")
    p = 1 / book.ranges[names[-1]].size if theirs is None else table(book, theirs)
    (q, p), limits = book.clear(names, table(book, name), p)
    *rows, last = limits
    row = unfold(KL(q, p, last))
    return over(row, rows)


def at_a_draw(book: Book, draws: Sequence[Family], prior: sp.Expr, closed: bool) -> Part:
    """log q(z) - log p(z) at a draw, or less the entropy of q in closed form; the mean over draws that are too many."""
    q = book.law("q")
    names, at = _draw(book, draws, q)
    masks = sp.Mul(*(m.entry for m in book.masks)) if book.masks else sp.Integer(1)
    nu, t = book.law("p") or (sp.Integer(0), sp.sqrt(prior))
    p_at = Normal(at, nu, t**2)
    spread = next((n for k, n in book.players.law("q").items() if k in GAUSSIAN), None)
    if spread is None:
        raise Refuse("no theorem of the book covers this divergence yet")
    s = width(book.players.roles[spread].kind, book.entry(spread))
    if closed:
        mu = q[0] if q else sp.Symbol("mean_of_q", real=True)
        own = Normal(z, mu, s**2)
        entropy = substitute(one.gaussian_entropy.thm, {one.mean_q: mu, one.std_q: s})
        e = -Entropy(own, line) - sp.log(p_at)
        thm = rewrite(masks * e, entropy, opened(p_at))
    else:
        if q is None:
            raise Refuse("the encoder has no mean")
        q_at = Normal(at, q[0], s**2)
        thm = rewrite(masks * (sp.log(q_at) - sp.log(p_at)), opened(q_at), opened(p_at))
    _, limits = book.clear(names)
    kept = book.entries[spread].names
    several = sp.Mul(*(book.ranges[n].size for n in names if n not in kept))
    whole = over(thm, limits)
    return whole._replace(expr=whole.expr / several)


def _draw(book: Book, draws: Sequence[Family], q: tuple[sp.Expr, sp.Expr] | None) -> tuple[list[str], sp.Expr]:
    """The sizes of a draw from the encoder, and its entry."""
    if sample := book.players.find("sample"):
        return book.entries[sample].names, book.entry(sample)
    noise = [*draws, *(book.entries[n] for n, r in book.players.roles.items() if r.kind == "noise")]
    if q is None or len(noise) != 1:
        raise Refuse("no draw from the encoder, or several")
    return noise[0].names, q[0] + q[1] * noise[0].entry


def through_a_flow(book: Book, prior: sp.Expr) -> Part:
    """log q of the noise, less the log determinant, less log p of what the flow made."""
    (det,) = [n for n, r in book.players.roles.items() if r.kind == "log-det"]
    start, end = (_density(book, of, kind, prior) for of, kind in (("q", "sample"), ("p", "flowed")))
    e = start.expr - given(book, det, False).expr - end.expr
    return Part(e, (*start.thms, *end.thms))


def _density(book: Book, of: str, kind: str, prior: sp.Expr) -> Part:
    """The sum of the log densities of all draws, given or by the law that the arguments describe."""
    if name := book.players.find("log-density", of=of):
        return given(book, name, False)
    z = book.players.find(kind)
    if z is None:
        raise Refuse("a flow whose ends are not given")
    mu, s = book.law(of) or (sp.Integer(0), sp.sqrt(prior))
    _, limits = book.clear(book.entries[z].names)
    return over(opened(Normal(book.entry(z), mu, s**2)), limits)


# --- numbers that are handed over ------------------------------------------------------------------------------------


def given(book: Book, name: str, masked: bool, sign: int = 1) -> Part:
    """The sum of numbers that somebody else computed."""
    weight = sp.Mul(*(m.entry for m in book.masks)) if masked else sp.Integer(1)
    (e,), limits = book.clear(book.entries[name].names, sign * weight * book.entry(name))
    return Part(sp.Sum(e, *reversed(limits)) if limits else e)


def importance(book: Book, parts: Sequence[tuple[str, int]], samples: str) -> Part:
    """The sum over data of minus the logarithm of the mean weight, whose logarithm is the sum of the parts."""
    names = book.names(*(book.entries[n] for n, _ in parts))
    r = book.ranges[samples]
    log_weight = sp.Add(*(sign * book.entry(n) for n, sign in parts))
    inside = sp.Sum(sp.exp(log_weight), (r.index, 1, r.size)) / r.size
    (e,), limits = book.clear([s for s in names if s != samples], -sp.log(inside))
    return Part(sp.Sum(e, *reversed(limits)) if limits else e)
