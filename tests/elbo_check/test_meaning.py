"""What a statement asks for its usual meaning: asked, settled in each way, left where a hypothesis says too little.

The statements are `t = t`, which the algebra proves whatever t is; what they ask is what t asks.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mpmath as mp
import pytest

from elbo_check.load import load
from elbo_check.meaning import Obligation, as_json, obligations, rows
from elbo_check.meaning.lemmas import keeps, same_function
from elbo_check.terms import Refused
from tests.elbo_check._dsl import Book
from tests.elbo_check._models import DIGITS
from tests.elbo_check._survivors import told

Lemmas = Callable[[Book], object] | None


def asks(term: str, *given: str, lemmas: Lemmas = None, prop: str = "") -> list[Obligation]:
    book = Book()
    if lemmas:
        lemmas(book)
    sequent = " , ".join(given) + " |- " + (prop or f"(= {term} {term})")
    node = book.node("assume" if prop else "algebra", [], sequent)
    book.theorem("it", node, sequent)
    found = obligations(book.bytes())
    assert "it" in found, "the statement is not accepted"
    return found["it"]


def way(kind: str, term: str, *given: str, lemmas: Lemmas = None) -> str:
    """How what is asked of this kind is settled; the worst way, if several are asked."""
    order = ["by sorts", "given", "by a lemma", "follows", "unnormalised", "iterated", "proviso"]
    mine = [o.way for o in asks(term, *given, lemmas=lemmas) if o.kind == kind]
    assert mine, f"nothing of kind {kind} is asked of {term}"
    return max(mine, key=order.index)


F, G = "(int u (f:real u))", "(int u (g:real u))"
POSITIVE = "(int u (h:pos u))"
INNER = "(int u (int v (f:real u v)))"

CASES = [
    # integrals: asked and left; given; drawn; lemma; rules
    ("integral", F, [], "proviso"),
    ("integral", F, [f"(conv {F})"], "given"),
    ("integral", F, [f"(= {F} 0)"], "given"),  # a hypothesis is read as "is defined and holds"
    ("integral", F, [f"(= {G} 0)"], "proviso"),
    ("integral", "(int u (* c (f:real u)))", [f"(conv {F})"], "given"),
    ("integral", F, ["(conv (int u (* c (f:real u))))"], "proviso"),  # c may be 0
    ("integral", F, ["(conv (int u (* p (f:real u))))"], "given"),
    ("integral", "(int u (+ (f:real u) (* c (g:real u))))", [f"(conv {F})", f"(conv {G})"], "given"),
    ("integral", F, ["(conv (int u (+ (f:real u) (g:real u))))"], "proviso"),
    ("integral", F, ["(conv (int u (+ (f:real u) (g:real u))))", f"(conv {G})"], "given"),
    ("integral", "(int x (f:real x))", ["(conv (int x 0 1 (f:real x)))"], "proviso"),  # a smaller range
    ("integral", "(int x (* x (exp (* -1 (^ x 2)))))", [], "by a lemma"),  # a Gaussian tail
    ("integral", "(int x (* x (exp (^ x 2))))", [], "proviso"),
    ("integral", "(int x 0 1 (exp (* c x)))", [], "by sorts"),
    ("integral", "(int x 0 1 (^ x -1))", [], "proviso"),  # a pole
    ("integral", "(int x 0 oo (exp (* c x)))", [], "proviso"),
    ("integral", "(int u (sum n 1 N (f:real n u)))", ["(all n 1 N (conv (int u (f:real n u))))"], "given"),
    ("integral", "(int u (sum n 1 N (f:real n u)))", ["(all n 2 N (conv (int u (f:real n u))))"], "proviso"),
    (
        "integral",
        "(int x (* (f:real x) (Normal () x a p)))",
        ["(conv (int y (* (f:real (+ a (* (^ p 1/2) y))) (Normal () y 0 1))))"],
        "given",
    ),
    (
        "integral",
        "(int x (* (f:real x) (Normal () x a p)))",
        ["(conv (int y (* (f:real (+ b (* (^ p 1/2) y))) (Normal () y 0 1))))"],
        "proviso",
    ),
    ("integral", "(KL ((u)) (q:pos u) (p:pos u))", [], "proviso"),
    (
        "integral",
        "(KL ((u)) (q:pos u) (p:pos u))",
        ["(conv (Entropy ((u)) (q:pos u)))", "(conv (CrossEntropy ((u)) (q:pos u) (p:pos u)))"],
        "given",
    ),
    ("integral", "(KL ((u)) (q:pos u) (p:pos u))", ["(conv (KL ((u)) (p:pos u) (q:pos u)))"], "proviso"),
    ("sum", "(sum n 1 oo (f:real n))", [], "proviso"),
    ("sum", "(sum n 1 oo (f:real n))", ["(conv (sum n 1 oo (f:real n)))"], "given"),
    ("sum", "(sum n 1 oo (f:real n))", ["(conv (sum n 2 oo (f:real n)))"], "proviso"),
    # nesting: at every level; for almost every value of an outer variable, and for every value where it is a parameter
    (
        "integral",
        INNER,
        [f"(conv {INNER})"],
        "given",
    ),  # what the hypothesis asks is given: the inner one, almost everywhere
    ("integral", INNER, ["(all u (conv (int v (f:real u v))))"], "proviso"),  # the outer one is left
    ("integral", INNER, ["(ae u (conv (int v (f:real u v))))", f"(conv {INNER})"], "given"),
    ("integral", "(sum n 1 N (int v (f:real n v)))", ["(all n 1 N (conv (int v (f:real n v))))"], "given"),
    ("integral", "(int v (f:real x v))", ["(all x (conv (int v (f:real x v))))"], "given"),
    ("integral", "(int v (f:real x v))", ["(ae x (conv (int v (f:real x v))))"], "proviso"),  # x may be an exception
    ("integral", "(int v (f:real x v))", ["(conv (int x (int v (f:real x v))))"], "proviso"),
    ("integral", "(int v (f:real x v))", ["(all x 0 1 (conv (int v (f:real x v))))"], "proviso"),
    ("integral", "(int v (f:real x v))", ["(all x 0 1 (conv (int v (f:real x v))))", "(>= x 0)", "(<= x 1)"], "given"),
    ("integral", "(int v (f:real x v))", ["(dom x (int v (f:real x v)))"], "given"),
    ("integral", "(sum n 1 N (int v (f:real n v)))", ["(all n 1 N (conv (int v (f:real m v))))"], "proviso"),
    ("integral", "(int u (sum n 1 oo (f:real n u)))", ["(all n (conv (int u (f:real n u))))"], "proviso"),
    ("integral", "(int x (sum i 0 x (f:real i x)))", ["(all i (conv (int x (f:real i x))))"], "proviso"),
    (
        "integral",
        "(int x (* (f:real x) (Normal () x (^ x 2) p)))",  # no affine change of variables
        [
            (
                "(conv (int y (* (f:real (+ (^ y 2) (* (^ p 1/2) y))) (Normal () (+ (^ y 2) (* (^ p 1/2) y))"
                " (^ (+ (^ y 2) (* (^ p 1/2) y)) 2) p))))"
            )
        ],
        "proviso",
    ),
    # equations inside
    (
        "integral",
        "(int u (* (g:real u) (q:pos u)))",
        ["(all u (= (q:pos u) (* p (r:pos u))))", "(conv (int u (* (g:real u) (r:pos u))))"],
        "given",
    ),
    (
        "integral",
        "(int u (* (g:real u) (q:pos u)))",
        ["(ae u (= (q:pos u) (* p (r:pos u))))", "(conv (int u (* (g:real u) (r:pos u))))"],
        "given",
    ),
    ("integral", "(int x (q:pos x))", ["(all x 0 1 (= (q:pos x) (r:pos x)))", "(conv (int x (r:pos x)))"], "proviso"),
    ("sum", "(sum n 1 oo (f:real n))", ["(= (f:real 1) (g:real 1))", "(conv (sum n 1 oo (g:real n)))"], "proviso"),
    # logarithms
    ("logarithm", "(log x)", [], "proviso"),
    ("logarithm", "(log p)", [], "by sorts"),
    ("logarithm", "(log x)", ["(> x 0)"], "given"),
    ("logarithm", "(log x)", ["(>= x 0)"], "proviso"),
    ("logarithm", "(log x)", ["(>= x 1)"], "given"),
    ("logarithm", "(log x)", ["(>= (log x) 0)"], "given"),
    ("logarithm", "(log x)", ["(ae x (> x 0))"], "proviso"),
    ("logarithm", "(int y (* (log (f:real y)) (exp (* -1 (^ y 2)))))", ["(ae y (> (f:real y) 0))"], "given"),
    ("logarithm", "(log (f:real y))", ["(ae y (> (f:real y) 0))"], "proviso"),
    ("logarithm", "(log (f:real y))", ["(= (int y (log (f:real y))) 0)"], "proviso"),
    ("logarithm", "(int y (log (f:real y)))", ["(= (int y (log (f:real y))) 0)"], "given"),
    ("logarithm", "(sum n 1 3 (log (- 28 (* 9 n))))", [], "by sorts"),
    ("logarithm", "(sum n 1 4 (log (- 28 (* 9 n))))", [], "proviso"),
    ("logarithm", f"(log {POSITIVE})", [f"(conv {POSITIVE})"], "proviso"),  # the space may be a null set
    ("logarithm", f"(log {POSITIVE})", [f"(conv {POSITIVE})", "(= (int u (r:pos u)) 1)"], "given"),
    ("logarithm", "(log (int x (h:pos x)))", ["(conv (int x (h:pos x)))"], "given"),
    ("logarithm", "(log (int x a b (h:pos x)))", ["(conv (int x a b (h:pos x)))"], "proviso"),  # a = b is left open
    ("logarithm", "(log (int x a b (h:pos x)))", ["(conv (int x a b (h:pos x)))", "(< a b)"], "given"),
    ("logarithm", "(log (sum i 1/3 2/3 (h:pos i)))", [], "proviso"),  # no whole number there
    ("logarithm", "(log (- 1 (* p (^ (+ 1 p) -1))))", [], "by sorts"),
    ("logarithm", "(log (- 1 (* x (^ (+ 1 x) -1))))", [], "proviso"),
    ("logarithm", "(log (f:real x))", ["(all p (> (f:real p) 0))"], "proviso"),  # x may be negative
    # bases
    ("denominator", "(^ x -1)", [], "proviso"),
    ("denominator", "(^ x -1)", ["(!= x 0)"], "given"),
    ("denominator", "(^ x -2)", ["(> x 0)"], "given"),
    ("denominator", "(^ x -1)", ["(!= x -1)"], "proviso"),  # once: taken for an order, which it is not
    ("denominator", "(^ (- x x) -1)", ["(!= 1 0)"], "proviso"),
    ("denominator", "(^ (+ x 3) -1)", ["(!= 1 x)"], "proviso"),
    ("denominator", "(^ p -1)", [], "by sorts"),
    ("denominator", "(^ x -1)", ["(= (^ x -1) 2)"], "given"),
    ("denominator", "(^ x -1)", ["(all i 1 0 (= (^ x -1) i))"], "proviso"),  # over no i at all
    ("denominator", "(^ x -1)", ["(ae u (= (* (^ x -1) (f:real u)) 1))"], "proviso"),  # the space may be a null set
    ("denominator", "(^ x -1)", ["(all y (= (* (^ x -1) (f:real y)) 1))"], "given"),
    ("denominator", "(^ x i)", [], "proviso"),
    (
        "denominator",
        "(^ (^ x a) -1)",
        ["(!= x 0)"],
        "follows",
    ),  # not given: (-1)^a is some number, perhaps 0; from x > 0, which x^a asks
    ("denominator", "(^ (^ x i) -1)", ["(!= x 0)"], "given"),
    ("power", "(^ x 1/2)", [], "proviso"),
    ("power", "(^ x 1/2)", ["(>= x 0)"], "given"),
    ("power", "(^ x -1/2)", ["(>= x 0)"], "proviso"),
    ("power", "(^ x y)", ["(> x 0)"], "given"),
    ("power", "(^ x p)", ["(>= x 0)"], "given"),
    ("power", "(^ p y)", [], "by sorts"),
    ("power", "(^ (^ x 2) 1/2)", [], "by sorts"),
    # derivatives
    ("derivative", "(D t x (^ t 3))", [], "by sorts"),
    ("derivative", "(D t x (abs t))", [], "proviso"),
    ("derivative", "(D t x (f:real t))", [], "proviso"),
    ("derivative", "(D t x (f:real t))", ["(all t (slope t t (f:real t) (g:real t)))"], "given"),
    ("derivative", "(D t x (f:real t))", ["(slope t x (f:real t) c)"], "given"),
    ("derivative", "(D t x (f:real t))", ["(slope t y (f:real t) c)"], "proviso"),
    ("derivative", "(D t x (f:real (^ t 2)))", ["(slope t x (f:real t) c)"], "proviso"),
    ("derivative", "(D t x (f:real t b))", ["(all t (slope t t (f:real t a) c))"], "proviso"),
    ("derivative", "(D t x (f:real (^ t 2)))", ["(all t (slope t t (f:real t) (g:real t)))"], "given"),
    ("derivative", "(D t x (sum n 1 N (f:real t n)))", ["(all n 1 N (slope t x (f:real t n) (g:real n)))"], "given"),
    ("derivative", "(D t x (sum n 1 N (f:real t n)))", ["(all n 2 N (slope t x (f:real t n) (g:real n)))"], "proviso"),
    ("derivative", "(D t x (int u (f:real t u)))", ["(all u (slope t x (f:real t u) (g:real u)))"], "proviso"),
    ("derivative", "(D t x (sum i 0 t (f:real t i)))", ["(all i (slope t x (f:real t i) (g:real i)))"], "proviso"),
    (
        "derivative",
        "(D t x (f:real (^ t 2)))",
        ["(slope t x (h:real t) c)", "(all t (slope t t (f:real t) (g:real t)))"],
        "given",
    ),
    # ranges
    ("range", "(sum n 1 N (f:real n))", [], "by sorts"),
    ("range", "(sum n m N (f:real n))", [], "proviso"),
    ("range", "(sum n m N (f:real n))", ["(>= N m)"], "given"),
    ("range", "(sum n i N (f:real n))", ["(>= N i)"], "proviso"),  # i may be below 1
    ("range", "(sum n 1 (- N 1) (f:real n))", [], "by sorts"),  # empty for N = 1: the usual 0
    ("range", "(int x a b (f:real x))", [], "proviso"),
    ("range", "(int x a b (f:real x))", ["(<= a b)"], "given"),
    ("range", "(prod n 3 1 (f:real n))", [], "proviso"),
    ("whole", "(sum n 1 x (f:real n))", ["(>= x 1)"], "proviso"),
    # coordinates
    ("coordinate", "(f:real (at w n))", [], "proviso"),
    ("coordinate", "(f:real (at w n))", ["(<= n d)"], "given"),
    ("coordinate", "(sum n 1 d (at w n))", [], "by sorts"),
    ("coordinate", "(sum n 1 N (at w n))", [], "proviso"),
    # notes: laws, integrals over two ranges
    ("law", "(E ((u)) (f:real u) (q:pos u))", [], "unnormalised"),
    ("law", "(E ((u)) (f:real u) (q:pos u))", ["(= (int u (q:pos u)) 1)"], "given"),
    ("law", "(E ((u)) (f:real u) (q:real u))", ["(= (int u (q:real u)) 1)"], "unnormalised"),  # may be negative
    ("law", "(E ((x)) (f:real x) (Normal () x a p))", [], "by a lemma"),
    ("law", "(E ((x)) (f:real x) (Normal () a x p))", [], "unnormalised"),
    ("law", "(E ((i 0 1)) (f:real i) (Bernoulli () i 1/3))", [], "by sorts"),
    ("law", "(KL ((i 0 1)) 1/2 (Bernoulli () i 2))", [], "by sorts"),
    ("law", "(KL ((i 0 1)) 1/2 1/3)", [], "unnormalised"),
    ("law", "(KL ((u)) (q:pos u) (p:pos u))", ["(= (int u (q:pos u)) 1)"], "unnormalised"),
    (
        "law",
        "(E ((v) (u)) (f:real u) (* (q:pos u) (r:pos v u)))",
        ["(= (int u (q:pos u)) 1)", "(all u (= (int v (r:pos v u)) 1))"],
        "given",
    ),
    ("law", "(E ((u)) (g:real u) (q:pos u))", ["(conv (E ((u)) (f:real u) (q:pos u)))"], "unnormalised"),
    ("law", "(E ((w)) 2 (prod i 1 d (q:pos (at w i))))", ["(= (int x (q:pos x)) 1)"], "given"),
    ("law", "(E ((w)) 2 (prod i 1 N (q:pos (at w i))))", ["(= (int x (q:pos x)) 1)"], "unnormalised"),
    (
        "law",
        "(E ((w)) 2 (prod i 1 d (* (q:pos (at w i)) (r:pos (at w 1)))))",
        ["(= (int x (* (q:pos x) (r:pos a))) 1)"],
        "unnormalised",
    ),
    ("joint", "(E ((x) (y)) 2 (exp (- (* x y) (+ (^ x 2) (^ y 2)))))", [], "iterated"),
    ("joint", "(E ((v) (u)) (f:real u) (q:pos u v))", [], "iterated"),
    ("joint", "(E ((v) (u)) (f:real u) (q:pos u v))", ["(joint (int u (int v (* (f:real u) (q:pos u v)))))"], "given"),
    ("joint", "(E ((x) (y)) x (* (Normal () x 0 1) (Normal () y 0 p)))", [], "by a lemma"),
]


@pytest.mark.parametrize("kind", sorted({c[0] for c in CASES}))
def test_each_kind_is_asked_and_settled(kind: str) -> None:
    wrong = []
    for k, term, given, expected in CASES:
        if k == kind and (got := way(kind, term, *given)) != expected:
            wrong.append(f"{term} given {given}: {got}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_every_kind_is_left_somewhere() -> None:
    """A kind that is always settled tests nothing."""
    for kind in {c[0] for c in CASES}:
        assert any(k == kind and w in ("proviso", "unnormalised", "iterated") for k, *_, w in CASES), kind
        assert kind == "whole" or any(
            k == kind and w not in ("proviso", "unnormalised", "iterated") for k, *_, w in CASES
        )


def test_without_its_hypotheses_nothing_is_given() -> None:
    """Mutants: what needed a hypothesis is left when that is dropped, weakened, or about another function."""
    for kind, term, given, expected in CASES:
        if expected == "given":
            assert way(kind, term) not in ("given", "by sorts"), (kind, term)
            other = [g.replace("f:", "f_:").replace("q:", "q_:").replace("h:", "h_:") for g in given]
            if other != given and kind in ("integral", "sum", "derivative"):
                assert way(kind, term, *other) != "given", (kind, term, other)
            almost = [g.replace("(all x ", "(ae x ").replace("(all t ", "(ae t ") for g in given]
            if almost != given and "(int x" not in term:
                assert way(kind, term, *almost) != "given", (kind, term, almost)


# --- lemmas -----------------------------------------------------------------------------------------------------------
def square(book: Book) -> None:
    """int_1^2 z^2 z^-1 = 3/2, by its antiderivative."""
    book.node("antiderivative", [], "|- (= (int p 1 2 (* p (log p))) (- (* 2 (log 2)) 3/4))",
              ["(+ (* 1/2 (* (^ p 2) (log p))) (* -1/4 (^ p 2)))", "p:pos"])  # fmt: skip


def test_a_lemma_settles() -> None:
    term = "(int p 1 2 (* p (log p)))"
    assert way("integral", term) == "proviso"
    assert way("integral", term, lemmas=square) == "by a lemma"
    assert way("integral", "(int p 1 3 (* p (log p)))", lemmas=square) == "proviso"


def test_a_refused_lemma_does_not() -> None:
    def false(book: Book) -> None:
        book.node("combine", [], f"|- (conv {F})", [])

    def rests_on_it(book: Book) -> None:
        false(book)
        book.node("discharge", [0, 0], f"|- (conv {F})")

    def assumed(book: Book) -> None:
        book.node("assume", [], f"(conv {F}) |- (conv {F})")

    for lemmas in (false, rests_on_it, assumed):
        assert way("integral", F, lemmas=lemmas) == "proviso"


def test_equations_that_keep_convergence() -> None:
    """int f = int g by f = g at every point: they converge together. By another way to the same value: not."""
    g = "(int u (* 2 (g:real u)))"
    point = "(all u (= (f:real u) (* 2 (g:real u))))"

    def by_points(book: Book) -> None:
        one = book.node("assume", [], f"{point} |- {point}")
        two = book.node("each", [one], f"{point} |- (= (f:real u) (* 2 (g:real u)))", "u")
        book.node("monotone", [two], f"{point} |- (= {F} {g})", "u")

    def by_value(book: Book) -> None:
        book.node("assume", [], f"(= {F} {g}) |- (= {F} {g})")

    assert way("integral", F, point, f"(conv {G})", lemmas=by_points) in ("given", "by a lemma")
    assert way("integral", F, f"(conv {G})", lemmas=by_points) == "proviso"
    assert way("integral", F, f"(conv {G})", lemmas=by_value) == "proviso"


def test_follows_from_another_proviso() -> None:
    """Two provisos of which one gives the other: the page prints one."""
    found = asks(f"(+ {F} (int u (+ (f:real u) (* (exp -1) (f:real u)))))")
    assert [o.way for o in found if o.kind == "integral"].count("proviso") == 1


def test_a_hypothesis_asks_inside_its_own_quantifier() -> None:
    """`all m: int f(m, v) = 0` gives conv for every m; below an integral only for almost every value."""
    every, almost = "(all x (= (int v (f:real x v)) 0))", "(= (int x (abs (int v (f:real x v)))) 0)"
    assert way("integral", "(int v (f:real y v))", every) == "given"
    assert way("integral", "(int v (f:real y v))", almost) == "proviso"
    assert way("integral", "(int v (f:real x v))", almost) == "proviso"


def test_exceptions_of_uncountably_many() -> None:
    """For every y almost every x: not for almost every x every y; nor on the diagonal."""
    fact = "(all y (ae x (> (f:real x y) 0)))"
    assert way("logarithm", "(int x (* (exp (* -1 (^ x 2))) (log (f:real x y))))", fact) == "given"
    assert way("logarithm", "(int x (* (exp (* -1 (^ x 2))) (log (f:real x x))))", fact) == "proviso"
    countable = "(all n (ae x (> (f:real x n) 0)))"
    assert way("logarithm", "(int x (* (exp (* -1 (^ x 2))) (sum n 1 N (log (f:real x n)))))", countable) == "given"

    for given, name, expected in ((fact, "y", "proviso"), (countable, "n", "given")):
        body = f"(log (f:real x {name}))"
        found = asks("", given, prop=f"(ae x (all {name} (= {body} {body})))")
        assert [o.way for o in found if o.kind == "logarithm"] == [expected]


def test_a_lemma_about_one_variable_is_not_about_two() -> None:
    """A bound n below a free n: what is known of h(n, n) says nothing of h(bound, free)."""
    fact = "(all n (conv (int u (h:real n n u))))"

    def lemmas(book: Book) -> None:
        one = book.node("assume", [], f"{fact} |- {fact}")
        book.node("each", [one], f"{fact} |- (conv (int u (h:real n n u)))", "n")

    assert way("integral", "(sum n 1 N (int u (h:real n n u)))", fact, lemmas=lemmas) in ("given", "by a lemma")
    assert way("integral", "(sum n 1 N (int u (h:real n n:nat u)))", fact, lemmas=lemmas) == "proviso"


def test_leibniz_gives_convergence_for_every_value() -> None:
    smooth = "(all u (all t (slope t t (f:real t u) (g:real t u))))"
    given = [smooth, "(conv (int u (f:real t u)))", "(dom t (int u (g:real t u)))"]

    def lemmas(book: Book) -> None:
        one = book.node("assume", [], f"{smooth} |- {smooth}")
        two = book.node("each", [one], f"{smooth} |- (all t (slope t t (f:real t u) (g:real t u)))", "u")
        three = book.node("each", [two], f"{smooth} |- (slope t t (f:real t u) (g:real t u))", "t")
        goal = "(slope t t (int u (f:real t u)) (int u (g:real t u)))"
        book.node("leibniz", [three], " , ".join(given) + f" |- {goal}")

    for kind in ("derivative", "integral"):
        term = "(D t t (int u (f:real t u)))"
        assert way(kind, term, *given, lemmas=lemmas) == "by a lemma"
        for i in range(3):
            assert way(kind, term, *given[:i], *given[i + 1 :], lemmas=lemmas) in ("proviso", "follows")


def test_what_keeps_convergence() -> None:
    """Equal by value is not enough, nor any rule that joins such equations."""
    book = Book()
    same = f"(= {F} {G})"
    one = book.node("assume", [], f"{same} |- {same}")
    two = book.node("flip", [one], f"{same} |- (= {G} {F})")
    three = book.node("chain", [one], f"{same} |- {same}")
    four = book.node("rewrite", [one], f"{same} |- {same}")
    nodes = load(book.bytes()).nodes
    for i in (one, two, three, four):
        before = [nodes[j] for j in nodes[i].premises]
        with pytest.raises(Refused):
            keeps(nodes[i], before, [False for _ in before])
        if before:
            keeps(nodes[i], before, [True])


def test_derivatives_of_equal_functions() -> None:
    """D f = D g at t by rewriting with f(t) = g(t) for this t alone: no derivative moves."""
    book = Book()
    one = book.node("assume", [], "(= (f:real t) (g:real t)) |- (= (f:real t) (g:real t))")
    all_t = "(all t (= (f:real t) (g:real t)))"
    two = book.node(
        "each", [book.node("assume", [], f"{all_t} |- {all_t}")], f"{all_t} |- (= (f:real t) (g:real t))", "t"
    )
    goal = "(= (D t t (f:real t)) (D t t (g:real t)))"
    bad = book.node("rewrite", [one], f"(= (f:real t) (g:real t)) |- {goal}")
    good = book.node("rewrite", [two], f"{all_t} |- {goal}")
    nodes = load(book.bytes()).nodes
    same_function(nodes[good], [nodes[two]])
    with pytest.raises(Refused):
        same_function(nodes[bad], [nodes[one]])


def test_moved_with_a_theorem() -> None:
    """What was settled for a theorem holds of an instance if what it rested on does."""
    for given, expected in (([], "proviso"), ([f"(conv {G})"], "given")):
        book = Book()
        one = book.node("algebra", [], f"|- (= {F} {F})")
        book.theorem("first", one, f"(conv {F}) |- (= {F} {F})")
        two = book.node("instantiate", [one], f"|- (= {G} {G})", [["f", "real", ["u"], "(g:real u)"]])
        book.theorem("second", two, " , ".join(given) + f" |- (= {G} {G})")
        found = obligations(book.bytes())
        assert [o.way for o in found["first"]] == ["given"] and [o.way for o in found["second"]] == [expected]


def test_moved_twice() -> None:
    """Onto the reals, then to another function; each move's hypotheses count."""
    line = "(int x (g:real x))"
    for given, expected in (([], "proviso"), ([f"(conv {line})"], "given"), ([f"(conv {G})"], "proviso")):
        book = Book()
        one = book.node("algebra", [], f"|- (= {F} {F})")
        book.theorem("first", one, f"(conv {F}) |- (= {F} {F})")
        two = book.node("on_space", [one], "|- (= (int x (f:real x)) (int x (f:real x)))", ["u", "x"])
        three = book.node("instantiate", [two], f"|- (= {line} {line})", [["f", "real", ["x"], "(g:real x)"]])
        book.theorem("second", three, " , ".join(given) + f" |- (= {line} {line})")
        assert [o.way for o in obligations(book.bytes())["second"]] == [expected], given


def test_a_lemma_with_a_given_equation_used_inside() -> None:
    """Of two equations for one function either may be the one that is wanted."""
    f, ways = "(f:real u v)", {name: f"(all u (all v (= (f:real u v) ({name}:real u v))))" for name in ("g", "h")}
    joint = f"(joint (int u (int v {f})))"

    def settled(name: str, *given: str) -> str:
        book, new = Book(), f"({name}:real u v)"
        first, last = f"(int u (int v {f}))", f"(int v (int u {new}))"
        one = book.node("swap", [], f"{joint} |- (= {first} (int v (int u {f})))")
        two = book.node("assume", [], f"{ways[name]} |- {ways[name]}")
        two = book.node("each", [two], f"{ways[name]} |- (all v (= {f} {new}))", "u")
        two = book.node("each", [two], f"{ways[name]} |- (= {f} {new})", "v")
        two = book.node("rewrite", [two], f"{ways[name]} |- (= (int v (int u {f})) {last})")
        two = book.node("chain", [one, two], f"{joint} , {ways[name]} |- (= {first} {last})")
        book.theorem("it", two, " , ".join([joint, ways[name], *given]) + f" |- (= {first} {last})")
        return next(o.way for o in obligations(book.bytes())["it"] if o.text.startswith("ae v") and name in o.text)

    for name in ways:
        assert settled(name) == "by a lemma"
        assert settled(name, *(ways[other] for other in ways if other != name)) == "by a lemma"


def test_what_holds_by_sorts_holds_in_numbers() -> None:
    """Relations that are settled whatever the hypotheses, at points of many models, and none settled that is false at one."""
    judged = 0
    for _, term, given, _ in CASES:
        for o in asks(term, *given):
            if o.way == "by sorts" and o.kind in ("logarithm", "denominator", "power", "range", "coordinate"):
                with mp.workdps(DIGITS):
                    assert told(lambda m, p=o.prop: m.truth(p), opaque=True), o.text
                judged += 1
    assert judged > 10


def test_two_provisos_that_give_each_other() -> None:
    """One of them is printed."""
    found = asks(f"(+ {F} {G})", "(all u (= (f:real u) (g:real u)))")
    assert sorted(o.way for o in found) == ["follows", "proviso"]


def test_only_accepted_theorems_are_read() -> None:
    book = Book()
    book.theorem("it", book.node("algebra", [], "|- (= 0 1)"), "|- (= 0 1)")
    assert obligations(book.bytes()) == {}


def test_names() -> None:
    found = asks("(sum x:nat 1 N (f:real x x:real))")
    assert [o.way for o in found if o.kind == "name"] == ["ambiguous"]
    assert not [o for o in asks("(+ x (sum n 1 N (f:real n)))") if o.kind == "name"]
    assert [o.kind for o in asks("(sum n 1 N (sum n 1 2 (f:real n)))")].count(
        "name"
    ) == 0  # the outer one is not used inside


# --- output -----------------------------------------------------------------------------------------------------------
def test_rows_read_back() -> None:
    found = [o for kind, term, given, _ in CASES[::7] for o in asks(term, *given)]
    for o in found[:60]:
        table, (i,) = rows([o.prop])
        if o.prop.kind != "prop":
            continue
        node = ["assume", [], i, [i]]
        again = load(json.dumps({"terms": table, "nodes": [node], "theorems": []}).encode()).nodes[0].goal
        assert str(again) == o.text


def test_command(tmp_path: Path) -> None:
    book = Book()
    node = book.node("algebra", [], "|- (= (log x) (log x))")
    book.theorem("it", node, "|- (= (log x) (log x))")
    file = tmp_path / "book.json"
    file.write_bytes(book.bytes())
    root = Path(__file__).resolve().parent.parent.parent
    run = [sys.executable, "-m", "elbo_check", str(file), "--meaning"]
    text = subprocess.run(run, cwd=root, capture_output=True, encoding="utf-8", check=True).stdout
    assert "it: 1 left" in text and "provided that x > 0" in text and "0 of 1 statements" in text
    told = json.loads(
        subprocess.run([*run, "--json"], cwd=root, capture_output=True, encoding="utf-8", check=True).stdout
    )
    assert told == json.loads(json.dumps(as_json(obligations(book.bytes()))))
    (o,) = told["theorems"][0]["asked"]
    assert told["terms"][o["prop"]][0] == ">" and o["way"] == "proviso"
