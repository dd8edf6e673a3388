"""Changed inferences of the book: refused, or true for a reason that `_survivors.py` finds by numbers and by shape.

This is a sample; `_survivors.py` takes the whole book. That its reasons tell true from false is tried on pairs of sequents.
"""

import json
import random

import mpmath as mp
import pytest

from derivations._language.certificate import certificate
from derivations._language.chapters import verdicts
from elbo_check.load import Node, load
from elbo_check.replay import deep
from elbo_check.rules_logic import RULES
from tests.elbo_check._dsl import Book
from tests.elbo_check._models import DIGITS
from tests.elbo_check._survivors import Count, changed, count, dropped

SAMPLE = (
    "gaussian_kl",
    "gibbs",
    "mutual_information_symmetric",
    "elbo_by_gibbs",
    "kl_fails_triangle",
    "pathwise_gradient",
)


def sampled(seed: int, some: int) -> Count:
    data = json.dumps(certificate([v for v in verdicts() if v.name in SAMPLE])).encode()

    def run() -> Count:
        nodes = load(data).nodes
        return count(nodes, seed, 2, sorted(random.Random(seed).sample(range(len(nodes)), some)))

    return deep(run)


def test_what_survives_is_true() -> None:
    found = sampled(0, 60)
    assert not found.unknown, "\n".join(found.unknown)
    assert found.refused.total() > 100 and found.reasons.total() > 0
    assert found.tried.total() == found.refused.total() + found.reasons.total()


@pytest.mark.parametrize("rule", ["algebra", "chain", "rewrite"])
def test_a_rule_that_accepts_anything_is_noticed(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, rule, lambda s: None)
    assert sampled(1, 40).unknown


F, G = "(int u (f:real u))", "(int u (g:real u))"
BELL = "(exp (* -1 (^ x 2)))"
TRUE, FALSE = True, False
CHANGED = [  # was accepted; is the changed conclusion true?
    ("|- (= (* 2 x) (+ x x))", "(= (* 2 x) (+ x x 0))", TRUE),
    ("|- (= (* 2 x) (+ x x))", "(= (* 3 x) (+ x x))", FALSE),
    ("|- (= (* 2 x) (+ x x))", "(!= (* 2 x) (+ x x))", FALSE),
    ("|- (>= (exp x) 0)", "(> (exp x) 0)", TRUE),
    ("|- (>= (exp x) 0)", "(>= (exp x) 1)", FALSE),
    ("|- (>= (^ x 2) 0)", "(>= (^ x 3) 0)", FALSE),
    ("|- (>= (^ x 2) 0)", "(> (^ x 2) 0)", FALSE),  # at 0
    ("|- (= (* x (^ x 0)) x)", "(= (* x x (^ x -1)) x)", TRUE),  # also at 0
    ("|- (= (^ x 0) 1)", "(= (* x (^ x -1)) 1)", FALSE),
    ("(= x y) |- (= x y)", "(= (* -1 x) (* -1 y))", TRUE),
    ("(= x y) |- (= x y)", "(>= x y)", TRUE),
    ("(= x y) |- (= x y)", "(= x (* -1 y))", FALSE),
    ("(>= x y) |- (>= x y)", "(>= y x)", FALSE),
    ("(>= x y) |- (>= x y)", "(> x y)", FALSE),
    ("(>= x y) |- (>= x y)", "(= x y)", FALSE),
    ("(>= x y) |- (>= x y)", "(>= (* -1 x) (* -1 y))", FALSE),
    ("(>= x p) |- (>= x p)", "(>= x (* -1 p))", TRUE),
    ("(all x (= (f:real x) 0)) |- (all x (= (f:real x) 0))", "(ae x (= (f:real x) 0))", TRUE),
    ("(ae x (= (f:real x) 0)) |- (ae x (= (f:real x) 0))", "(all x (= (f:real x) 0))", FALSE),
    ("(all n 1 2 (= (f:real n) 0)) |- (all n 1 2 (= (f:real n) 0))", "(all n 1 3 (= (f:real n) 0))", FALSE),
    (f"|- (= {F} {F})", f"(= (int u (* 2 (f:real u))) (* 2 {F}))", TRUE),
    (f"|- (= {F} {F})", f"(= (int u (+ (f:real u) (g:real u))) (+ {F} {G}))", FALSE),  # they may not converge
    (f"|- (= {F} {F})", "(= (int v (f:real v)) (int u (f:real u)))", FALSE),  # another space
    ("|- (= (int x 0 1 (exp x)) (- (exp 1) 1))", "(= (int x 0 1 (exp x)) (- (exp 1) 2))", FALSE),
    ("|- (= (int x 0 1 (exp x)) (- (exp 1) 1))", "(= (int x 0 1 (exp x)) (+ (exp 1) -1))", TRUE),
    (f"(conv {F}) |- (conv {F})", f"(conv (* -1 {F}))", TRUE),
    (f"(conv {F}) |- (conv {F})", f"(conv {G})", FALSE),
    (f"(conv {F}) |- (conv {F})", "(conv (int u (abs (+ 1 (f:real u)))))", FALSE),
    ("(conv (int x 0 9 (f:real x))) |- (conv (int x 0 9 (f:real x)))", "(conv (int x 1 9 (f:real x)))", TRUE),
    ("(conv (int x 0 9 (f:real x))) |- (conv (int x 0 9 (f:real x)))", "(conv (int x -1 9 (f:real x)))", FALSE),
    ("(conv (int x 0 9 (f:real x))) |- (conv (int x 0 9 (f:real x)))", "(conv (int x 0 oo (f:real x)))", FALSE),
    (f"|- (conv (int x {BELL}))", f"(conv (int x (* (^ x 3) {BELL})))", TRUE),
    (f"|- (conv (int x {BELL}))", f"(conv (int x (* (^ x -3) {BELL})))", FALSE),
    (f"|- (conv (int x {BELL}))", "(conv (int x (exp (^ x 2))))", FALSE),
    (f"|- (conv (int x {BELL}))", "(conv (int x (exp (* c (^ x 2)))))", FALSE),
    ("|- (slope t x (^ t 2) (* 2 x))", "(slope t x (+ 1 (^ t 2)) (* 2 x))", TRUE),
    ("|- (slope t x (^ t 2) (* 2 x))", "(slope t x (^ t 3) (* 2 x))", FALSE),
    ("|- (slope t x (^ t 2) (* 2 x))", "(slope t x (^ t 2) (* 3 x))", FALSE),
    ("|- (inf (sum n 1 oo 1))", "(inf (sum n 2 oo 1))", TRUE),
    ("|- (inf (sum n 1 oo 1))", "(inf (sum n -1 oo 1))", TRUE),
    ("|- (inf (sum n 1 oo 1))", "(inf (sum n 1 oo (^ n -2)))", FALSE),
]  # fmt: skip
DROPPED = [  # a hypothesis: is the sequent true without it?
    ("algebra", "(!= y 0) , (!= x 0) |- (= (* x (^ x -1)) 1)", FALSE, TRUE),
    ("linearity", f"(conv {F}) , (conv {G}) |- (= (int u (+ (f:real u) (g:real u))) (+ {F} {G}))", FALSE, FALSE),
    ("algebra", f"(conv {F}) |- (= (+ {F} 0) {F})", TRUE),
    ("integrable", f"(= {F} 1) , (conv {F}) |- (= {G} 0)", TRUE, FALSE),
    ("combine", f"(conv (int x {BELL})) |- (= (int x {BELL}) y)", TRUE),
]  # fmt: skip


def node(rule: str, sequent: str, *more: str) -> list[Node]:
    book = Book()
    hyps, _, _ = sequent.partition("|-")
    for text in (sequent, *(f"{hyps} |- {m}" for m in more)):
        book.node(rule, [], text)
    return load(book.bytes()).nodes


def test_reasons_tell_true_from_false() -> None:
    wrong = []
    with mp.workdps(DIGITS):
        for sequent, other, true in CHANGED:
            old, new = deep(lambda s=sequent, o=other: node("assume", s, o))
            why = deep(lambda a=old, b=new: changed(a, b, [a, b]))
            if bool(why) != true:
                wrong.append(f"{sequent} -> {other}: {why or 'no reason'}")
    assert not wrong, "\n".join(wrong)


def test_reasons_tell_which_hypothesis_is_missed() -> None:
    wrong = []
    with mp.workdps(DIGITS):
        for rule, sequent, *superfluous in DROPPED:
            _, _, goal = sequent.rpartition("|-")
            (old, _) = deep(lambda s=sequent, g=goal: node("assume", s, g))
            old = old._replace(rule=rule)
            for i, true in zip(range(len(old.hyps) - 1, -1, -1), superfluous, strict=True):
                new = old._replace(hyps=old.hyps[:i] + old.hyps[i + 1 :])
                why = deep(lambda a=old, b=new: dropped(a, b, [a, b]))
                if bool(why) != true:
                    wrong.append(f"{sequent}, without {old.hyps[i]}: {why or 'no reason'}")
    assert not wrong, "\n".join(wrong)
