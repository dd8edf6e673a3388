"""What is settled, as numbers: random statements under random hypotheses, at points where the hypotheses hold.

What a hypothesis itself asks is part of it. A thing that is settled and false at such a point is a fault of settle.py.
"""

import random

import mpmath as mp
import pytest

from elbo_check.load import load
from elbo_check.meaning import Obligation, obligations, settle
from elbo_check.meaning.obligations import asked
from elbo_check.replay import deep
from elbo_check.terms import Budget, Refused, Term
from tests.elbo_check._dsl import Book
from tests.elbo_check._models import DIGITS, Model, Unknown

KINDS = ("logarithm", "denominator", "power", "range", "coordinate")
NUMBERS, VARIABLES = ["1", "2", "-1", "0", "1/2"], ["x", "y", "p", "m"]
SHAPES = (
    *("(+ {} {})", "(* {} {})", "(- {} {})", "(^ {} 2)", "(^ {} -1)", "(^ {} {})", "(abs {})", "(exp {})", "(log {})"),
    *("(f:real {})", "(h:pos {})", "(sum n 1 3 {})", "(prod n 1 2 {})"),
)
POINTWISE = ("(f:real y)", "(* x (f:real y))", "(- (f:real y) x)", "(log (+ 1 (f:real y)))", "(^ (f:real y) -1)")
ORDERS = (">", ">=", "<", "<=", "!=")


def expression(rng: random.Random, depth: int, names: list[str]) -> str:
    if not depth or rng.random() < 0.25:
        return rng.choice(names + NUMBERS)
    shape = rng.choice(SHAPES)
    inside = [*names, "n"] if " n " in shape else names
    return shape.format(*(expression(rng, depth - 1, inside) for _ in range(shape.count("{}"))))


def statement(rng: random.Random) -> str:
    body = expression(rng, rng.choice([0, 1, 2]), VARIABLES)
    core = rng.choice(["(log {})", "(^ {} -1)", "(^ {} 1/2)"]).format(body)
    whole = rng.choice(["{}", "{}", "(sum n 1 N {})", "(int y 0 1 {})"]).format(core)
    given = []
    for _ in range(rng.choice([0, 1, 1, 2])):
        order, small = rng.choice(ORDERS), expression(rng, 1, VARIABLES)
        plain = f"({order} {expression(rng, 1, VARIABLES)} {rng.choice([small, '0'])})"
        given.append(
            rng.choice(
                [
                    plain,
                    plain,
                    f"({rng.choice(['all', 'ae'])} y ({order} {rng.choice(POINTWISE)} {rng.choice('01xp')}))",
                ]
            )
        )
    if rng.random() < 0.5:
        given.append(f"({rng.choice(ORDERS)} {rng.choice([body, 'x', 'y'])} {rng.choice(['0', '1', '-1'])})")
    return " , ".join(given) + f" |- (= {whole} {whole})"


def true(m: Model, p: Term) -> bool | None:
    Budget.start()
    try:
        return m.truth(p)
    except (Unknown, OverflowError, ZeroDivisionError):
        return None


def wrong(sequent: str) -> tuple[int, list[Obligation]]:
    """How often something settled was tried, and what is false somewhere."""
    book = Book()
    book.theorem("it", book.node("algebra", [], sequent), sequent)
    cert = load(book.bytes())
    given = cert.theorems[0].given
    found = [o for o in obligations(cert).get("it", []) if o.kind in KINDS and o.way not in ("proviso", "follows")]
    told = [*given, *(a.prop for h in given for a in asked(h, True) if a.kind in KINDS)]
    tried, bad = 0, list[Obligation]()
    for seed in range(80):
        m = Model(seed, opaque=True)
        if found and all(true(m, p) for p in told):
            verdicts = [true(m, o.prop) for o in found]
            tried += sum(v is not None for v in verdicts)
            bad += [o for o, v in zip(found, verdicts, strict=True) if v is False]
    return tried, bad


def tried_and_false(seeds: range) -> tuple[int, list[str]]:
    tried, false = 0, list[str]()
    for seed in seeds:
        sequent = statement(random.Random(seed))
        with mp.workdps(DIGITS):
            try:
                count, bad = deep(lambda s=sequent: wrong(s))
            except Refused:
                continue
        tried += count
        false += [f"{sequent}: {o.text}, {o.way}" for o in bad]
    return tried, false


def test_what_is_settled_is_true() -> None:
    tried, false = tried_and_false(range(40))
    assert not false, "\n".join(false)
    assert tried > 200


@pytest.mark.parametrize("op", [">", "!="])
def test_a_way_that_settles_anything_is_noticed(op: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settle.WAYS_TO, op, (lambda *_: settle.GIVEN,))
    assert tried_and_false(range(40))[1]
