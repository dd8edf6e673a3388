"""True and false inferences by the rules of logic and algebra. Each false one stands beside its true neighbour."""

from typing import Any

STEPS: list[tuple[bool, str, list[str], str, Any, str]] = []


def yes(rule: str, premises: list[str], sequent: str, extra: Any = None) -> None:
    STEPS.append((True, rule, premises, sequent, extra, ""))


def no(why: str, rule: str, premises: list[str], sequent: str, extra: Any = None) -> None:
    STEPS.append((False, rule, premises, sequent, extra, why))


# --- 1 hypothesis
yes("assume", [], "(<= 1 1)")
yes("assume", [], "(= x y) |- (= x y)")
yes("assume", [], "(<= x y) |- (>= y x)")
yes("assume", [], "(!= (* 2 x) 2) |- (!= 1 x)")
yes("assume", [], "(all x:real (> x 0)) |- (all y:real (> y 0))")
yes("assume", [], "(conv (int u (f:real u))) |- (conv (* 3 (int u (* 2 (f:real u)))))")
no("nothing assumed", "assume", [], "(= x y)")
no("a premise", "assume", ["(= x y)"], "(= x y) |- (= x y)")
no("another proposition", "assume", [], "(= x y) |- (= x z)")
no("!= is not >", "assume", [], "(!= x 0) |- (> x 0)")
no(">= is not >", "assume", [], "(>= x 0) |- (> x 0)")
no("turned round", "assume", [], "(>= x y) |- (>= y x)")
no("the sign of a factor", "assume", [], "(>= x y) |- (>= (* -1 x) (* -1 y))")
no("ae is not all", "assume", [], "(ae x:real (> x 0)) |- (all x:real (> x 0))")
no("another range", "assume", [], "(all n:nat 1 3 (> (f:real n) 0)) |- (all n:nat 1 4 (> (f:real n) 0))")
no("another sort", "assume", [], "(all p:pos (> (f:real p) 0)) |- (all x:real (> (f:real x) 0))")
no("x/x is not 1: a key with needs", "assume", [], "(= (* x (^ x -1)) y) |- (= 1 y)")
no("a key with needs on the other side", "assume", [], "(= 1 y) |- (= (* x (^ x -1)) y)")
no(
    "equal integrals do not share conv",
    "assume",
    [],
    "(conv (int u (f:real u))) , (= (int u (f:real u)) (int u (g:real u))) |- (conv (int u (g:real u)))",
)
no("conv of a multiple that may be 0", "assume", [], "(conv (* x (int u (f:real u)))) |- (conv (int u (f:real u)))")
no(
    "conv with a factor that may be 0 inside",
    "assume",
    [],
    "(conv (int u (* x (f:real u)))) |- (conv (int u (f:real u)))",
)
no("conv with x/x inside", "assume", [], "(conv (int z (* x (^ x -1) (f:real z)))) |- (conv (int z (f:real z)))")
no("conv over another range", "assume", [], "(conv (int z 0 1 (f:real z))) |- (conv (int z 0 2 (f:real z)))")
no("conv of another integrand", "assume", [], "(conv (int u (f:real u))) |- (conv (int u (^ (f:real u) 2)))")
no(
    "joint is not conv of conv",
    "assume",
    [],
    "(conv (int u (int v (abs (f:real u v))))) |- (joint (int u (int v (f:real u v))))",
)
yes("assume", [], "(joint (int u (int v (abs (f:real u v))))) |- (joint (int u (int v (f:real u v))))")
no(
    "dom with a factor that moves with t",
    "assume",
    [],
    "(dom t (int u (f:real t u))) |- (dom t (* (g:pos t) (int u (f:real t u))))",
)
yes("assume", [], "(dom t (int u (f:real t u))) |- (dom t (* 2 (int u (f:real t u))))")
no(
    "dom with a moving factor inside",
    "assume",
    [],
    "(dom t (int u (f:real t u))) |- (dom t (int u (* (g:pos t) (f:real t u))))",
)
no("dom of a finite sum is not for nothing", "assume", [], "(dom t (sum n 1 2 (f:real t n)))")
yes("assume", [], "(conv (sum n 1 2 (f:real n)))")
yes("assume", [], "(>= (* p q) 0)")
no("a sign that is not known", "assume", [], "(>= (* p x) 0)")
yes("assume", [], "(all n (>= n 1))")
no("m is not >= 2", "assume", [], "(all n (>= n 2))")
no("slope is not D", "assume", [], "(= (D t x (f:real t)) y) |- (slope t x (f:real t) y)")
no("a slope at another point", "assume", [], "(slope t x (f:real t) y) |- (slope t z (f:real t) y)")
no("inf of another sum", "assume", [], "(inf (sum n 1 oo (f:real n))) |- (inf (sum n 1 oo (g:real n)))")
no(
    "all and ae below are told apart",
    "assume",
    [],
    "(all x (ae y (> (f:real x y) 0))) |- (ae y (all x (> (f:real x y) 0)))",
)

# --- 2 discharge
yes("discharge", ["(= x 1) , (= y 2) |- (= z 3)", "(= t 0) |- (= x 1)"], "(= y 2) , (= t 0) |- (= z 3)")
yes("discharge", ["(= x 1) |- (= z 3)", "(= y 2) |- (= x 1)", "(= t 0) |- (= y 2)"], "(= t 0) |- (= z 3)")
no("a hypothesis dropped", "discharge", ["(= x 1) , (= y 2) |- (= z 3)", "(= t 0) |- (= x 1)"], "(= t 0) |- (= z 3)")
no("the fact's own hypothesis dropped", "discharge", ["(= x 1) |- (= z 3)", "(= t 0) |- (= x 1)"], "(= z 3)")
no("another fact", "discharge", ["(= x 1) |- (= z 3)", "|- (= x 2)"], "(= z 3)")
no("another conclusion", "discharge", ["(= x 1) |- (= z 3)", "|- (= x 1)"], "(= z 4)")
no(
    "facts in turn: what comes later is not gone",
    "discharge",
    ["(= x 1) |- (= z 3)", "|- (= y 2)", "(= y 2) |- (= x 1)"],
    "(= z 3)",
)
no("in a circle", "discharge", ["(= x 1) |- (= z 3)", "(= x 1) |- (= x 1)"], "(= z 3)")
no("x/x = 1 is not 1 = 1", "discharge", ["(= (* x (^ x -1)) y) |- (= z 3)", "|- (= 1 y)"], "(= z 3)")
no("a fact that is weaker", "discharge", ["(> x 0) |- (= z 3)", "|- (>= x 0)"], "(= z 3)")

# --- 3 for all
yes("for_all", ["|- (>= (^ x 2) 0)"], "(all x (>= (^ x 2) 0))", "x")
yes("for_all", ["(= x 1) |- (= y 2)"], "(all x (= x 1)) |- (all x (= y 2))", "x")
yes("for_all", ["(>= n 1) , (<= n N) |- (>= (f:real n) 0)"], "(all n 1 N (>= (f:real n) 0))", "n")
no("a hypothesis about x", "for_all", ["(= x 1) |- (= x 1)"], "(= x 1) |- (all x (= x 1))", "x")
no(
    "a fact of another range",
    "for_all",
    ["(>= n 1) , (<= n N) |- (>= (f:real n) 0)"],
    "(all n 1 m (>= (f:real n) 0))",
    "n",
)
no("no fact at all", "for_all", ["(<= n N) |- (>= (f:real n) 0)"], "(all n (>= (f:real n) 0))", "n")
no("another sort", "for_all", ["|- (>= (f:real p) 0)"], "(all x:real (>= (f:real x) 0))", "p")
no("x in the ends of its range", "for_all", ["(<= x y) |- (= y 2)"], "(all x 0 x (<= x y)) |- (all x 0 x (= y 2))", "x")
no("another variable", "for_all", ["|- (= x y)"], "(all y (= y y))", "x")
no("captured", "for_all", ["|- (all y (= (f:real x y) 0))"], "(all y (all y (= (f:real y y) 0)))", "x")
no("ae", "for_all", ["|- (>= (f:real x) 0)"], "(ae x (>= (f:real x) 0))", "x")
no("not a variable", "for_all", ["|- (= (f:real 2) 0)"], "(all x (= (f:real x) 0))", "2")
no("a dimension is not bound", "for_all", ["|- (= (f:real w d) 0)"], "(all d (= (f:real w d) 0))", "d")

# --- 4 each
yes("each", ["|- (all x (= (f:real x) 0))"], "(= (f:real (* 2 y)) 0)", "(* 2 y)")
yes("each", ["|- (all n 1 N (= (f:real n) 0))"], "(<= m N) |- (= (f:real m) 0)", "m")
yes("each", ["|- (all p (= (f:real p) 0))"], "(= (f:real (exp x)) 0)", "(exp x)")
yes("each", ["|- (all u (= (f:real u) 0))"], "(= (f:real u) 0)", "u")
yes("each", ["|- (all x (= (f:real x) 0))"], "(= (f:real (* y (^ y -1))) 0)", "(* y (^ y -1))")
no("outside of the range above", "each", ["|- (all n 1 N (= (f:real n) 0))"], "(>= m 1) |- (= (f:real m) 0)", "m")
no("outside of the range below", "each", ["|- (all i -1 N (= (f:real i) 0))"], "(<= j N) |- (= (f:real j) 0)", "j")
no("outside of a literal range", "each", ["|- (all n 1 3 (= (f:real n) 0))"], "(= (f:real 5) 0)", "5")
no("not positive", "each", ["|- (all p (= (f:real p) 0))"], "(= (f:real x) 0)", "x")
no("not known to be positive", "each", ["|- (all p (= (f:real p) 0))"], "(= (f:real (^ x 2)) 0)", "(^ x 2)")
no("not whole", "each", ["|- (all n (= (f:real n) 0))"], "(= (f:real (* 1/2 n)) 0)", "(* 1/2 n)")
no("not a natural number", "each", ["|- (all n (= (f:real n) 0))"], "(= (f:real (- n 1)) 0)", "(- n 1)")
no("a point of another space", "each", ["|- (all u (= (f:real u) 0))"], "(= (f:real v) 0)", "v")
no("a number for a point", "each", ["|- (all u (= (f:real u) 0))"], "(= (f:real x) 0)", "x")
no("a point for a number", "each", ["|- (all x (= (f:real x) 0))"], "(= (f:real u) 0)", "u")
no("a point of another dimension", "each", ["|- (all w:^d (= (f:real w) 0))"], "(= (f:real w:^n) 0)", "w:^n")
no(
    "in the sort only with needs",
    "each",
    ["|- (all p (= (f:real p) 0))"],
    "(= (f:real (* x (^ x -1))) 0)",
    "(* x (^ x -1))",
)
no("almost all", "each", ["|- (ae x (= (f:real x) 0))"], "(= (f:real y) 0)", "y")
no("another instance", "each", ["|- (all x (= (f:real x) 0))"], "(= (f:real y) 0)", "z")
no("the premise's hypothesis dropped", "each", ["(= y 1) |- (all x (= (f:real x) 0))"], "(= (f:real y) 0)", "y")

# --- 5 chain, 6 read backwards
yes("chain", ["|- (= x y)", "|- (>= y z)", "|- (= z t)"], "(>= x t)")
yes("chain", ["|- (= x y)", "|- (= y z)"], "(= x z)")
no(">= is lost", "chain", ["|- (= x y)", "|- (>= y z)"], "(= x z)")
no("broken", "chain", ["|- (= x y)", "|- (= z t)"], "(= x t)")
no("the other way round", "chain", ["|- (= x y)", "|- (>= y z)"], "(>= z x)")
no("!=", "chain", ["|- (!= x y)", "|- (!= y z)"], "(!= x z)")
no("> and <=", "chain", ["|- (> x y)", "|- (<= y z)"], "(> x z)")
no("joined only with a need", "chain", ["|- (= x (* y (^ y -1)))", "|- (= 1 z)"], "(= x z)")
yes("chain", ["|- (= x (* y (^ y -1)))", "|- (= 1 z)"], "(!= y 0) |- (= x z)")
no("a hypothesis dropped", "chain", ["(= t 0) |- (= x y)", "|- (= y z)"], "(= x z)")
no("nothing", "chain", [], "(= x x)")
yes("flip", ["|- (= x y)"], "(= y x)")
no(">= read backwards", "flip", ["|- (>= x y)"], "(>= y x)")
no("another", "flip", ["|- (= x y)"], "(= y z)")
no("a hypothesis dropped", "flip", ["(= t 0) |- (= x y)"], "(= y x)")

# --- 6b antisymmetry
yes("antisymmetry", ["(= t 0) |- (>= x y)", "(= t 1) |- (>= y x)"], "(= t 0) , (= t 1) |- (= x y)")
yes("antisymmetry", ["|- (>= (* 2 x) (+ y 1))", "|- (>= (+ 1 y) (+ x x))"], "(= (* 2 x) (+ y 1))")
no("twice the same", "antisymmetry", ["|- (>= x y)", "|- (>= x y)"], "(= x y)")
no("another upper bound", "antisymmetry", ["|- (>= x y)", "|- (>= y z)"], "(= x y)")
no("another lower bound", "antisymmetry", ["|- (>= x y)", "|- (>= z x)"], "(= x y)")
no("where a need fails", "antisymmetry", ["|- (>= (* x (^ x -1)) y)", "|- (>= y 1)"], "(= (* x (^ x -1)) y)")
no("for every x", "antisymmetry", ["|- (all x (>= x y))", "|- (all x (>= y x))"], "(all x (= x y))")
no("an equality of other numbers", "antisymmetry", ["|- (>= x y)", "|- (>= y x)"], "(= x z)")
no("strict", "antisymmetry", ["|- (> x y)", "|- (>= y x)"], "(= x y)")
no("a strict one second", "antisymmetry", ["|- (>= x y)", "|- (> y x)"], "(= x y)")
no("a hypothesis dropped", "antisymmetry", ["(= t 0) |- (>= x y)", "(= t 1) |- (>= y x)"], "(= t 0) |- (= x y)")
no("x/x is not 1", "antisymmetry", ["|- (>= x (* y (^ y -1)))", "|- (>= 1 x)"], "(= x 1)")

# --- 7 rewrite
yes("rewrite", ["|- (= (f:real x) (g:real x))"], "(= (int x (f:real x)) (int x (g:real x)))")
yes("rewrite", ["(= t 0) |- (= (f:real x) (g:real x))"], "(= t 0) |- (= (int x (f:real x)) (int x (g:real x)))")
yes("rewrite", ["|- (= (f:real x) 1)"], "(= (D x y (f:real x)) (D x y 1))")
yes("rewrite", ["|- (= (f:real x) 1)"], "(= (KL ((x)) (f:real x) p) (KL ((x)) 1 p))")
yes("rewrite", [], "(= (+ x x) (* 2 x))")
no(
    "a hypothesis about the bound variable",
    "rewrite",
    ["(= x 0) |- (= (f:real x) 1)"],
    "(= x 0) |- (= (int x (f:real x)) (int x 1))",
)
no(
    "the same in a notation",
    "rewrite",
    ["(= x 0) |- (= (f:real x) 1)"],
    "(= x 0) |- (= (KL ((x)) (f:real x) p) (KL ((x)) 1 p))",
)
no("the hypothesis dropped", "rewrite", ["(= t 0) |- (= x y)"], "(= (exp x) (exp y))")
no(
    "another sort of the same name",
    "rewrite",
    ["|- (= (f:real x:pos) 1)"],
    "(= (int x:real (f:real x)) (int x:real 1))",
)
no(
    "captured: y of the equation is free",
    "rewrite",
    ["(= y 1) |- (= x y)"],
    "(= y 1) |- (= (int y (* x (f:real y))) (int y (* y (f:real y))))",
)
no(
    "two variables of one equation",
    "rewrite",
    ["(= y 1) |- (= (f:real x y) 1)"],
    "(= y 1) |- (= (int y (int x (f:real x y))) (int y (int x 1)))",
)
no("in one place another value", "rewrite", ["|- (= (f:real x) (g:real x))"], "(= (f:real y) (g:real z))")
no("only what is there", "rewrite", ["|- (= x y)"], "(= (exp x) (exp z))")
no(">= does not rewrite", "rewrite", ["|- (>= x y)"], "(= (exp x) (exp y))")
no(
    "the nearest binder of the name counts",
    "rewrite",
    ["(= (g:real x) 0) |- (= (f:real x) 1)"],
    "(= (g:real x) 0) |- (= (+ (f:real x) (int x (f:real x))) (+ 1 (int x 1)))",
)
no(
    "0^|I| with a divergent integral cancelled",
    "rewrite",
    ["|- (= (int u (f:real u)) x)"],
    "(= (^ 0 (abs (- (int u (f:real u)) x))) 0)",
)

# --- 8 carry
yes("carry", ["|- (>= (f:real 1) 0)", "|- (= x 1)"], "(>= (f:real x) 0)")
yes("carry", ["|- (conv (int u (g:real u)))", "|- (= (f:real u) (g:real u))"], "(conv (int u (f:real u)))")
yes("carry", ["|- (slope t x (g:real t) 1)", "|- (= (f:real t) (g:real t))"], "(slope t x (f:real t) 1)")
no(
    "conv carried over an equality of integrals",
    "carry",
    ["|- (conv (int u (g:real u)))", "|- (= (int u (f:real u)) (int u (g:real u)))"],
    "(conv (int u (f:real u)))",
)
no(
    "the same times a constant",
    "carry",
    ["|- (conv (* 2 (int u (g:real u))))", "|- (= (int u (f:real u)) (int u (g:real u)))"],
    "(conv (* 2 (int u (f:real u))))",
)
no(
    "the whole product replaced",
    "carry",
    ["|- (conv (int u (g:real u)))", "|- (= (* x (int u (f:real u))) (int u (g:real u)))"],
    "(conv (* x (int u (f:real u))))",
)
no(
    "dom",
    "carry",
    ["|- (dom t (int u (g:real t u)))", "|- (= (int u (f:real t u)) (int u (g:real t u)))"],
    "(dom t (int u (f:real t u)))",
)
no(
    "inf",
    "carry",
    ["|- (inf (sum n 1 oo (g:real n)))", "|- (= (sum n 1 oo (f:real n)) (sum n 1 oo (g:real n)))"],
    "(inf (sum n 1 oo (f:real n)))",
)
no(
    "joint, the inner integral",
    "carry",
    ["|- (joint (int u (int v (g:real u v))))", "|- (= (int v (f:real u v)) (int v (g:real u v)))"],
    "(joint (int u (int v (f:real u v))))",
)
no(
    "joint, the outer integral",
    "carry",
    ["|- (joint (int u (int v (g:real u v))))", "|- (= (int u (int v (f:real u v))) (int u (int v (g:real u v))))"],
    "(joint (int u (int v (f:real u v))))",
)
no(
    "a hypothesis about the bound variable",
    "carry",
    ["|- (conv (int x (g:real x)))", "(= x 0) |- (= (f:real x) (g:real x))"],
    "(= x 0) |- (conv (int x (f:real x)))",
)
no(
    "below all",
    "carry",
    ["|- (all x (= (g:real x) 0))", "(= x 0) |- (= (f:real x) (g:real x))"],
    "(= x 0) |- (all x (= (f:real x) 0))",
)
no(
    "a slope, with a hypothesis about t",
    "carry",
    ["|- (slope t x (g:real t) 1)", "(= t 0) |- (= (f:real t) (g:real t))"],
    "(= t 0) |- (slope t x (f:real t) 1)",
)
no("backwards", "carry", ["|- (>= (f:real 1) 0)", "|- (= 1 x)"], "(>= (f:real x) 0)")
no("a hypothesis dropped", "carry", ["(= t 0) |- (>= (f:real 1) 0)", "|- (= x 1)"], "(>= (f:real x) 0)")
no("the equation's hypothesis dropped", "carry", ["|- (>= (f:real 1) 0)", "(= t 0) |- (= x 1)"], "(>= (f:real x) 0)")
no("another relation", "carry", ["|- (>= (f:real 1) 0)", "|- (= x 1)"], "(> (f:real x) 0)")

# --- 9 substitute
yes("substitute", ["(> x 0) |- (= (f:real x) 0)"], "(> (+ y 1) 0) |- (= (f:real (+ y 1)) 0)", [["x", "(+ y 1)"]])
yes("substitute", ["|- (= (f:real x y) 0)"], "(= (f:real y x) 0)", [["x", "y"], ["y", "x"]])
no(
    "positive only with a need, even in H",
    "substitute",
    ["|- (= (f:real p) 0)"],
    "(!= (abs y) 0) |- (= (f:real (* (abs y) (^ (abs y) -1))) 0)",
    [["p", "(* (abs y) (^ (abs y) -1))"]],
)
yes("substitute", ["|- (= (int y (f:real x y)) 0)"], "(= (int z (f:real y z)) 0)", [["x", "y"]])
yes("substitute", ["|- (= (f:real w) 0)"], "(= (f:real w:^3) 0)", [["d", "3"]])
no(
    "the hypothesis as it was",
    "substitute",
    ["(> x 0) |- (= (f:real x) 0)"],
    "(> x 0) |- (= (f:real y) 0)",
    [["x", "y"]],
)
no("not positive", "substitute", ["|- (= (f:real p) 0)"], "(= (f:real x) 0)", [["p", "x"]])
no("not whole", "substitute", ["|- (= (f:real n) 0)"], "(= (f:real p) 0)", [["n", "p"]])
no("0 is no natural number", "substitute", ["|- (= (f:real n) 0)"], "(= (f:real 0) 0)", [["n", "0"]])
no("a root is not whole", "substitute", ["|- (= (f:real i) 0)"], "(= (f:real (^ k 1/2)) 0)", [["i", "(^ k 1/2)"]])
no(
    "positive only with a need",
    "substitute",
    ["|- (= (f:real p) 0)"],
    "(= (f:real (* (abs y) (^ (abs y) -1))) 0)",
    [["p", "(* (abs y) (^ (abs y) -1))"]],
)
no("captured", "substitute", ["|- (= (int y (f:real x y)) 0)"], "(= (int y (f:real y y)) 0)", [["x", "y"]])
no("one after the other", "substitute", ["|- (= (f:real x y) 0)"], "(= (f:real x x) 0)", [["x", "y"], ["y", "x"]])
no("twice", "substitute", ["|- (= (f:real x) 0)"], "(= (f:real z) 0)", [["x", "y"], ["x", "z"]])
no("a number for a point", "substitute", ["|- (= (f:real u) 0)"], "(= (f:real x) 0)", [["u", "x"]])
no("a point of another space", "substitute", ["|- (= (f:real u) 0)"], "(= (f:real v) 0)", [["u", "v"]])
no("a dimension that is not whole", "substitute", ["|- (= (f:real w) 0)"], "(= (f:real w:^3) 0)", [["d", "5/2"]])
no(
    "another dimension than the point's",
    "substitute",
    ["|- (= (f:real w d) 0)"],
    "(= (f:real w:^d 3) 0)",
    [["d", "3"], ["w", "w:^d"]],
)
no("not a variable", "substitute", ["|- (= (f:real (+ x 1)) 0)"], "(= (f:real y) 0)", [["(+ x 1)", "y"]])

# --- 10 instantiate
yes("instantiate", ["|- (>= (f:pos x) 0)"], "(>= (exp x) 0)", [["f", "pos", ["a"], "(exp a)"]])
yes("instantiate", ["|- (= (f:real x y) (f:real y x))"], "(= (- x y) (- y x))", [["f", "real", ["a", "b"], "(- a b)"]])
yes("instantiate", ["|- (= (int p (f:pos p)) x)"], "(= (int p p) x)", [["f", "pos", ["a"], "a"]])
no("not positive", "instantiate", ["|- (> (f:pos x) 0)"], "(> x 0)", [["f", "pos", ["a"], "a"]])
no(
    "positive only where it is bound",
    "instantiate",
    ["|- (= (int x (f:pos x)) y)"],
    "(= (int x x) y)",
    [["f", "pos", ["a"], "a"]],
)
no(
    "positive only with a need",
    "instantiate",
    ["|- (> (f:pos x) 0)"],
    "(> (* x (^ x -1)) 0)",
    [["f", "pos", ["a"], "(* a (^ a -1))"]],
)
no(
    "a need, even in H",
    "instantiate",
    ["(!= x 0) |- (> (f:pos x) 0)"],
    "(!= x 0) |- (> (* x (^ x -1)) 0)",
    [["f", "pos", ["a"], "(* a (^ a -1))"]],
)
no("not whole", "instantiate", ["|- (= (f:nat x) y)"], "(= (exp x) y)", [["f", "nat", ["a"], "(exp a)"]])
no(
    "arguments swapped",
    "instantiate",
    ["|- (= (f:real x y) 0)"],
    "(= (- y (* 2 x)) 0)",
    [["f", "real", ["a", "b"], "(- a (* 2 b))"]],
)
no("captured", "instantiate", ["|- (= (int y (f:real x)) 0)"], "(= (int y y) 0)", [["f", "real", ["a"], "y"]])
no(
    "captured by a binder of the body",
    "instantiate",
    ["|- (= (f:real y) 0)"],
    "(= (int y y) 0)",
    [["f", "real", ["a"], "(int y a)"]],
)
no(
    "a derivative is not known to be measurable",
    "instantiate",
    ["|- (= (f:real x) 0)"],
    "(= (D t x (g:real t)) 0)",
    [["f", "real", ["a"], "(D t a (g:real t))"]],
)
no(
    "the hypothesis as it was",
    "instantiate",
    ["(= (f:real 1) 0) |- (= (f:real x) 0)"],
    "(= (f:real 1) 0) |- (= x 0)",
    [["f", "real", ["a"], "a"]],
)
no("another number of arguments", "instantiate", ["|- (= (f:real x y) 0)"], "(= x 0)", [["f", "real", ["a"], "a"]])
no(
    "a function of another sort",
    "instantiate",
    ["|- (= (f:real x) 0)"],
    "(= (exp x) 0)",
    [["f", "pos", ["a"], "(exp a)"]],
)
no("twice", "instantiate", ["|- (= (f:real x) 0)"], "(= x 0)", [["f", "real", ["a"], "0"], ["f", "real", ["a"], "a"]])
no("a point as a number", "instantiate", ["|- (= (f:real u) 0)"], "(= (* 2 x) 0)", [["f", "real", ["a"], "(* 2 a)"]])

# --- 11 on the space
yes("on_space", ["|- (= (int u (f:real u)) x)"], "(= (int z (f:real z)) x)", ("u", "z"))
yes("on_space", ["|- (= (int u (f:real u)) x)"], "(= (int z -oo oo (f:real z)) x)", ("u", "z", "-oo", "oo"))
no(
    "sums: no space of the rule",
    "on_space",
    ["|- (= (int u (f:real u)) x)"],
    "(= (sum n 1 N (f:real n)) x)",
    ("u", "n", "1", "N"),
)
yes("on_space", ["|- (= (int u (f:real u)) x)"], "(= (int v (f:real v)) x)", ("u", "v"))
yes("on_space", ["|- (= (int u (f:real u)) x)"], "(= (int w (f:real w)) x)", ("u", "w"))
yes("on_space", ["|- (= (f:real u) 0)"], "(= (f:real u:real) 0)", ("u", "z"))
no(
    "an empty range",
    "on_space",
    ["(all u (>= 0 1)) |- (>= 0 1)"],
    "(all n 1 (- N 1) (>= 0 1)) |- (>= 0 1)",
    ("u", "n", "1", "(- N 1)"),
)
no(
    "a range that may run backwards",
    "on_space",
    ["|- (all u (>= (f:real u) 0))"],
    "(all z x y (>= (f:real z) 0))",
    ("u", "z", "x", "y"),
)
no(
    "whole numbers between 1/3 and 2/3",
    "on_space",
    ["(all u (>= 0 1)) |- (>= 0 1)"],
    "(all i 1/3 2/3 (>= 0 1)) |- (>= 0 1)",
    ("u", "i", "1/3", "2/3"),
)
no(
    "positive numbers up to 0",
    "on_space",
    ["(all u (>= 0 1)) |- (>= 0 1)"],
    "(all p -1 0 (>= 0 1)) |- (>= 0 1)",
    ("u", "p", "-1", "0"),
)
no(
    "natural numbers up to -1",
    "on_space",
    ["(all u (>= 0 1)) |- (>= 0 1)"],
    "(all n -oo -1 (>= 0 1)) |- (>= 0 1)",
    ("u", "n", "-oo", "-1"),
)
no(
    "from 3/2 on",
    "on_space",
    ["(all u (>= 0 1)) |- (>= 0 1)"],
    "(all n 3/2 oo (>= 0 1)) |- (>= 0 1)",
    ("u", "n", "3/2", "oo"),
)
no(
    "a free point, and the new range has ends",
    "on_space",
    ["|- (= (f:real u) 0)"],
    "(= (f:real z) 0)",
    ("u", "z", "0", "1"),
)
no("a free point, ends", "on_space", ["|- (= (f:real u) 0)"], "(= (f:real u:real) 0)", ("u", "z", "0", "1"))
no(
    "coordinates: not an abstract space",
    "on_space",
    ["|- (= (int w (at w 1)) x)"],
    "(= (int z (at w 1)) x)",
    ("w", "z"),
)
no("not an abstract space", "on_space", ["|- (= (int w (f:real w)) x)"], "(= (int z (f:real z)) x)", ("w", "z"))
no(
    "the reals are no abstract space",
    "on_space",
    ["|- (= (int z (f:real z)) x)"],
    "(= (int v (f:real v)) x)",
    ("z", "v"),
)
no("another conclusion", "on_space", ["|- (= (int u (f:real u)) x)"], "(= (int z (g:real z)) x)", ("u", "z"))
no("only one of the spaces", "on_space", ["|- (= (int u (f:real u)) x)"], "(= (int z (f:real z)) x)", ("v", "z"))
no(
    "the hypothesis stays behind",
    "on_space",
    ["(= (int u (f:real u)) 1) |- (= x 0)"],
    "(= (int u (f:real u)) 1) |- (= x 0)",
    ("u", "z"),
)
no("reals are not summed", "on_space", ["|- (= (int u (f:real u)) x)"], "(= (int z (f:real z)) x)", ("u", "i"))
no(
    "a dimension captured",
    "on_space",
    ["|- (all d (= (int u (f:real u d)) x))"],
    "(all d (= (int w:^d (f:real w d)) 0))",
    ("u", "w"),
)
no(
    "an end captured",
    "on_space",
    ["|- (all N (= (int u (f:real u)) 0))"],
    "(all N (= (sum n 1 N (f:real n)) 0))",
    ("u", "n", "1", "N"),
)

# --- 12 definition
yes("unfold", [], "(= (KL ((u)) (f:pos u) (g:pos u)) (int u (* (f:pos u) (log (/ (f:pos u) (g:pos u))))))")
yes("unfold", [], "(= (Normal () x y p) (* (exp (* -1/2 (^ (- x y) 2) (^ p -1))) (^ (* 2 pi p) -1/2)))")
yes("unfold", [], "(= (Bernoulli () k p) (* (^ p k) (^ (+ 1 p) -1)))")
yes(
    "unfold",
    [],
    "(= (Information ((u) (v)) (f:pos v) (g:pos u v) (h:pos u)) (int v (* (f:pos v) (int u (* (g:pos u v) (log (/ (g:pos u v) (h:pos u))))))))",
)
yes("unfold", [], "(= (E ((u) (v)) (f:real u v) (g:pos u v)) (int v (int u (* (g:pos u v) (f:real u v)))))")
yes("unfold", [], "(= (ELBO ((u)) (f:pos u) (g:pos u)) (int u (* (g:pos u) (log (/ (f:pos u) (g:pos u))))))")
yes("unfold", [], "(= (Entropy ((u)) (f:pos u)) (* -1 (int u (* (f:pos u) (log (f:pos u))))))")
yes("unfold", [], "(= (CrossEntropy ((u)) (f:pos u) (g:pos u)) (* -1 (int u (* (f:pos u) (log (g:pos u))))))")
no(
    "KL the other way round",
    "unfold",
    [],
    "(= (KL ((u)) (f:pos u) (g:pos u)) (int u (* (g:pos u) (log (/ (g:pos u) (f:pos u))))))",
)
no(
    "KL under the other law",
    "unfold",
    [],
    "(= (KL ((u)) (f:pos u) (g:pos u)) (int u (* (g:pos u) (log (/ (f:pos u) (g:pos u))))))",
)
no(
    "ELBO under the joint",
    "unfold",
    [],
    "(= (ELBO ((u)) (f:pos u) (g:pos u)) (int u (* (f:pos u) (log (/ (f:pos u) (g:pos u))))))",
)
no("the sign of an entropy", "unfold", [], "(= (Entropy ((u)) (f:pos u)) (int u (* (f:pos u) (log (f:pos u)))))")
no(
    "a standard deviation for a variance",
    "unfold",
    [],
    "(= (Normal () x y p) (* (exp (* -1/2 (^ (- x y) 2) (^ p -2))) (^ (* 2 pi p) -1/2)))",
)
no("without the constant", "unfold", [], "(= (Normal () x y p) (exp (* -1/2 (^ (- x y) 2) (^ p -1))))")
no("a probability for odds", "unfold", [], "(= (Bernoulli () 1 p) p)")
no(
    "the ranges of an expectation, one only",
    "unfold",
    [],
    "(= (E ((u) (v)) (f:real u v) (g:pos u v)) (int u (* (g:pos u v) (f:real u v))))",
)
no("not a notation", "unfold", [], "(= x x)")
no("another range", "unfold", [], "(= (E ((z 0 1)) z 1) (int z 0 2 z))")
