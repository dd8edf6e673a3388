"""True and false inferences by the rules of algebra, sums, integrals and derivatives."""

from tests.elbo_check._steps_logic import no, yes

# --- 13 algebra, and the normal form
yes("algebra", [], "(= (^ (+ x y) 2) (+ (^ x 2) (* 2 x y) (^ y 2)))")
yes("algebra", [], "(!= x 0) |- (= (* x (^ x -1)) 1)")
yes("algebra", [], "(= (* p (^ p -1)) 1)")
yes("algebra", [], "(= (log (* p q)) (+ (log p) (log q)))")
yes("algebra", [], "(= (exp (* x (log p))) (^ p x))")
yes("algebra", [], "(= (log (+ p (^ p 2))) (+ (log p) (log (+ 1 p))))")
yes("algebra", [], "(= (int z (* x (f:real z))) (* x (int z (f:real z))))")
yes("algebra", [], "(= (int z (exp (+ x (* -1 (^ z 2))))) (* (exp x) (int z (exp (* -1 (^ z 2))))))")
yes("algebra", [], "(= (sum n 1 N (+ (f:real n) (g:real n))) (+ (sum n 1 N (f:real n)) (sum n 1 N (g:real n))))")
yes("algebra", [], "(all x (!= (f:real x) 0)) |- (= (int x (* (f:real x) (^ (f:real x) -1))) (int x 1))")
yes("algebra", [], "(= (^ 0 0) 1)")
yes("algebra", [], "(= (^ 0 -1) 0)")
yes("algebra", [], "(= (/ (- (^ x 2) 1) (^ 2 1/2)) (* 1/2 (^ 2 1/2) (- x 1) (+ x 1)))")
yes("algebra", [], "(= (- (/ 1 (+ p q)) (/ 1 (+ p q 1))) (/ 1 (* (+ p q) (+ p q 1))))")
yes("algebra", [], "(= (D t x (* 2 (f:real t))) (D t x (+ (f:real t) (f:real t))))")
no("x/x at 0", "algebra", [], "(= (* x (^ x -1)) 1)")
no("x/x = 1 from 1 = 1", "algebra", [], "(= 1 1) |- (= (* x (^ x -1)) 1)")
no("a need about another variable", "algebra", [], "(!= y 0) |- (= (* x (^ x -1)) 1)")
no(
    "a fact about f at one point, used at another",
    "algebra",
    [],
    "(!= (f:real y) 0) |- (= (* (f:real x) (^ (f:real x) -1)) 1)",
)
no(
    "a fact for n = 1..3 used at n = 5",
    "algebra",
    [],
    "(all n 1 3 (!= (f:real n) 0)) |- (= (* (f:real 5) (^ (f:real 5) -1)) 1)",
)
no(
    "a fact in a range is no fact for every x",
    "algebra",
    [],
    "(all x 0 1 (!= (f:real x) 0)) |- (= (int x (* (f:real x) (^ (f:real x) -1))) (int x 1))",
)
no(
    "a fact at a free x, for the bound one",
    "algebra",
    [],
    "(!= (f:real x) 0) |- (= (int x (* (f:real x) (^ (f:real x) -1))) (int x 1))",
)
no(
    "a fact almost everywhere",
    "algebra",
    [],
    "(ae x (!= (f:real x) 0)) |- (= (int x (* (f:real x) (^ (f:real x) -1))) (int x 1))",
)
no("a need below a product", "algebra", [], "(= (prod n 1 N (* (f:real n) (^ (f:real n) -1))) 1)")
no("a need below a derivative", "algebra", [], "(= (D t x (* t (^ t -1))) (D t x 1))")
no("a need in a function's argument", "algebra", [], "(= (f:real (* x (^ x -1))) (f:real 1))")
no("a need in an exponent", "algebra", [], "(= (^ p (* x (^ x -1))) p)")
no("a need in a logarithm", "algebra", [], "(= (log (* x (^ x -1))) 0)")
no("a need in an absolute value", "algebra", [], "(= (abs (* x (^ x -1))) 1)")
no("a need at an end of a range", "algebra", [], "(= (sum n 1 (* x (^ x -1)) (f:real n)) (sum n 1 1 (f:real n)))")
no("a need at the point of a derivative", "algebra", [], "(= (D t (* x (^ x -1)) (f:real t)) (D t 1 (f:real t)))")
no("a need in a notation", "algebra", [], "(= (E ((z)) (* z (^ z -1)) (f:pos z)) (E ((z)) 1 (f:pos z)))")
no("a need in a coordinate", "algebra", [], "(= (at w (* x (^ x -1))) (at w 1))")
no("a root of a square", "algebra", [], "(= (^ (^ x 2) 1/2) x)")
no("a square of a root", "algebra", [], "(= (^ (^ x 1/2) 2) x)")
no("roots of a product", "algebra", [], "(= (^ (* x y) 1/2) (* (^ x 1/2) (^ y 1/2)))")
no("exponents of what may be negative", "algebra", [], "(= (* (^ x 1/2) (^ x 1/2)) x)")
no("a power of a power", "algebra", [], "(= (^ (^ x 2) 3/2) (^ x 3))")
no("symbolic exponents of what may be 0", "algebra", [], "(= (* (^ x n) (^ x (* -1 n))) 1)")
no("log of what may not be positive", "algebra", [], "(= (log (* x y)) (+ (log x) (log y)))")
no("log of a power", "algebra", [], "(= (log (^ x 2)) (* 2 (log x)))")
no("exp(log x) below 0", "algebra", [], "(= (exp (log x)) x)")
no("the inverse of what is 1 only where it is defined", "algebra", [], "(= (^ (* (+ 1 x) (^ (+ 1 x) -1)) -1) 1)")
no("1/(1/x)/x", "algebra", [], "(= (* (^ (^ x -1) -1) (^ x -1)) 1)")
no("1 + 1/x in lowest terms", "algebra", [], "(= (^ (+ 1 (^ x -1)) -1) (* x (^ (+ 1 x) -1)))")
no("denominators cleared that may be 0", "algebra", [], "(= (/ (- (^ x 2) 1) (- x 1)) (+ x 1))")
no("0^x", "algebra", [], "(= (^ 0 x) 0)")
no(
    "what moves is not pulled out: in an exponent",
    "algebra",
    [],
    "(= (int x (exp (^ x 2))) (* (exp (^ x 2)) (int x 1)))",
)
no("e^(x z): the exponent moves", "algebra", [], "(= (int z (exp (* x z))) (* (exp (* x z)) (int z 1)))")
no(
    "an infinite sum does not split",
    "algebra",
    [],
    "(= (sum n 1 oo (+ (f:real n) (g:real n))) (+ (sum n 1 oo (f:real n)) (sum n 1 oo (g:real n))))",
)
no(
    "an integral does not split",
    "algebra",
    [],
    "(= (int u (+ (f:real u) (g:real u))) (+ (int u (f:real u)) (int u (g:real u))))",
)
no("an index taken for another", "algebra", [], "(= (int x (int y (f:real x y))) (int x (int y (f:real y x))))")
no("an integral of 1 is no number one may divide by", "algebra", [], "(= (* (int u 1) (^ (int u 1) -1)) 1)")
no("an integral of what is positive may be 0", "algebra", [], "(= (* (int u (f:pos u)) (^ (int u (f:pos u)) -1)) 1)")
no("a sum of what is positive may be empty", "algebra", [], "(= (* (sum n 1 (- N 1) p) (^ (sum n 1 (- N 1) p) -1)) 1)")
yes("algebra", [], "(= (* (sum n 1 N (f:pos n)) (^ (sum n 1 N (f:pos n)) -1)) 1)")
no("a sum from 3/2 to 7/4", "algebra", [], "(= (* (sum i 3/2 7/4 p) (^ (sum i 3/2 7/4 p) -1)) 1)")
no("a sum over n from 0 to 0 is empty", "algebra", [], "(= (* (sum n 0 0 p) (^ (sum n 0 0 p) -1)) 1)")
no("two spaces", "algebra", [], "(= (int u (f:real 1)) (int v (f:real 1)))")
no("two dimensions", "algebra", [], "(= (int w:^d (f:real w)) (int w:^n (f:real w)))")
no("f and g", "algebra", [], "(= (f:real x) (g:real x))")
no("f of two sorts", "algebra", [], "(= (f:real x) (f:pos x))")
no("x of two sorts", "algebra", [], "(= x:real x:pos)")
no("|x + y|", "algebra", [], "(= (abs (+ x y)) (+ (abs x) (abs y)))")
no("|x|", "algebra", [], "(= (abs x) x)")
no("an order of exponents", "algebra", [], "(= (log (+ 1 (^ 2 x))) (log (+ (^ 2 (* -1 x)) 1)))")
no("a premise", "algebra", ["|- (= x y)"], "(= x x)")
no("not an equality", "algebra", [], "(>= x x)")

# --- 14 rearrange
yes("rearrange", ["|- (= x y)"], "(= (* 2 x) (* 2 y))", "2")
yes("rearrange", ["|- (>= x y)"], "(>= (- x y) 0)", "1")
yes("rearrange", ["|- (>= x y)"], "(>= (* p x) (* p y))", "p")
yes("rearrange", ["|- (= x y)"], "(= (* z x) (* z y))", "z")
no("a factor that may be negative", "rearrange", ["|- (>= x y)"], "(>= (* z x) (* z y))", "z")
no("a negative factor", "rearrange", ["|- (>= x y)"], "(>= (* -1 x) (* -1 y))", "-1")
no("another factor", "rearrange", ["|- (= x y)"], "(= (* 2 x) (* 3 y))", "2")
no("= from >=", "rearrange", ["|- (>= x y)"], "(= x y)", "1")
no("a factor positive only with a need", "rearrange", ["|- (>= x y)"], "(>= (* z (^ z -1) x) y)", "1")
no("a hypothesis dropped", "rearrange", ["(= t 0) |- (= x y)"], "(= (* 2 x) (* 2 y))", "2")
no("divided by what may be 0", "rearrange", ["|- (= (* x y) (* x z))"], "(= y z)", "(^ x -1)")
yes("rearrange", ["|- (= (* x y) (* x z))"], "(!= x 0) |- (= y z)", "(^ x -1)")
no("!=", "rearrange", ["|- (!= x y)"], "(!= (* 0 x) (* 0 y))", "0")

# --- 15 equal logarithms
yes("unlog", ["|- (= (log p) (log q))"], "(= p q)")
no("what may not be positive", "unlog", ["|- (= (log x) (log p))"], "(= x p)")
no("the right side", "unlog", ["|- (= (log p) (log x))"], "(= p x)")
no(
    "positive only with a need",
    "unlog",
    ["|- (= (log (* p (^ x 2) (^ x -2))) (log q))"],
    "(= (* p (^ x 2) (^ x -2)) q)",
)
no("not logarithms", "unlog", ["|- (= (^ x 2) (^ y 2))"], "(= x y)")
no("others", "unlog", ["|- (= (log p) (log q))"], "(= p r)")
no("a hypothesis dropped", "unlog", ["(= t 0) |- (= (log p) (log q))"], "(= p q)")

# --- 16 sign: what is assumed may be known by its sign
yes("assume", [], "(>= (+ (^ x 2) (exp y)) 0)")
yes("assume", [], "(>= (log (+ 1 p)) 0)")
yes("assume", [], "(>= (int u (^ (f:real u) 2)) 0)")
yes("assume", [], "(>= (prod n 1 N (f:pos n)) 0)")
yes("assume", [], "(>= (- N 1) 0)")
yes("assume", [], "(>= (- (log 3) (log 2)) 0)")
yes("assume", [], "(>= (abs x) 0)")
no("of unknown sign", "assume", [], "(>= x 0)")
no("an odd power", "assume", [], "(>= (^ x 3) 0)")
no("a logarithm", "assume", [], "(>= (log p) 0)")
no("log(1 + x)", "assume", [], "(>= (log (+ 1 x)) 0)")
no("n >= 2", "assume", [], "(>= (- n 2) 0)")
no("whole numbers", "assume", [], "(>= (- i 1) 0)")
no("a positive real is not >= 1", "assume", [], "(>= (- p 1) 0)")
no("n - m", "assume", [], "(>= (- n m) 0)")
no("the discriminant", "assume", [], "(>= (+ (^ x 2) (* -3 x) 1) 0)")
no("an integral of unknown sign", "assume", [], "(>= (int u (f:real u)) 0)")
no("a product with negative factors", "assume", [], "(>= (prod n 1 N (f:real n)) 0)")
no("a closed number", "assume", [], "(>= (- (log 2) (log 3)) 0)")
no("not against 0", "assume", [], "(>= p 1)")
no("a derivative of what grows", "assume", [], "(>= (D t x (exp t)) 0)")
no("with a need", "assume", [], "(>= (* x (^ x -1) (- (* x (^ x -1)) 1/2)) 0)")
no("a root of what may be negative", "assume", [], "(>= (^ x 1/2) 0)")
no("a coordinate", "assume", [], "(>= (at w 1) 0)")

# --- 17 evaluate: or by enclosures; 18 unequal: equals carried into it
yes("assume", [], "(!= (log 2) 7/10)")
no("the same number", "assume", [], "(!= (* 2 (log 2)) (log 4))")
no("not closed", "assume", [], "(!= x (+ x 1)) |- (!= x 0)")
no("a variable", "assume", [], "(!= x 0)")
no("an integral", "assume", [], "(!= (int u 1) 2)")
no(
    "too near to tell",
    "assume",
    [],
    "(!= pi 31415926535897932384626433832795028841971/10000000000000000000000000000000000000000)",
)
no("equal", "assume", [], "(!= 1 1)")
T = "(- pi 31415926535897932384626433832795028841971/10000000000000000000000000000000000000000)"
no("with a need", "assume", [], f"(!= (* {T} (^ {T} -1)) 0)")
yes("carry", ["|- (!= 1 2)", "|- (= x 1)", "|- (= y 2)"], "(!= x y)")
no("equal to others", "carry", ["|- (!= 1 2)", "|- (= x 1)", "|- (= y 1)"], "(!= x y)")
no("equal to others on the left", "carry", ["|- (!= 3 2)", "|- (= x 2)", "|- (= y 2)"], "(!= x y)")
no("another conclusion", "carry", ["|- (!= 1 2)", "|- (= x 1)", "|- (= y 2)"], "(!= x z)")
no("a hypothesis dropped", "carry", ["|- (!= 1 2)", "(= t 0) |- (= x 1)", "|- (= y 2)"], "(!= x y)")
no(">= is not =", "carry", ["|- (!= 1 2)", "|- (>= x 1)", "|- (= y 2)"], "(!= x y)")
no(">= is not !=", "carry", ["|- (>= 1 1)", "|- (= x 1)", "|- (= y 1)"], "(!= x y)")

# --- 19 linearity
F, G, FG = "(int u (f:real u))", "(int u (g:real u))", "(int u (+ (f:real u) (g:real u)))"
BOTH = f"(conv {F}) , (conv {G})"
yes("linearity", [], f"{BOTH} |- (= {FG} (+ {F} {G}))", [["1", F], ["1", G]])
yes("linearity", [], f"(= (int u (* x (f:real u))) (* x {F}))", [["x", F]])
yes("linearity", [], "(= (int u 0) 0)", [])
no("without convergence", "linearity", [], f"(= {FG} (+ {F} {G}))", [["1", F], ["1", G]])
no("only one converges", "linearity", [], f"(conv {F}) |- (= {FG} (+ {F} {G}))", [["1", F], ["1", G]])
no("the whole converges", "linearity", [], f"(conv {FG}) |- (= {FG} (+ {F} {G}))", [["1", F], ["1", G]])
no("another right side", "linearity", [], f"{BOTH} |- (= {FG} (- {F} {G}))", [["1", F], ["1", G]])
no(
    "another integrand",
    "linearity",
    [],
    f"{BOTH} |- (= (int u (- (f:real u) (g:real u))) (+ {F} {G}))",
    [["1", F], ["1", G]],
)
no(
    "a coefficient that moves",
    "linearity",
    [],
    "(= (int x (* x (f:real x))) (* x (int x (f:real x))))",
    [["x", "(int x (f:real x))"]],
)
no(
    "another range",
    "linearity",
    [],
    "(= (int z 0 1 (f:real z)) (int z 0 2 (f:real z)))",
    [["1", "(int z 0 2 (f:real z))"]],
)
no(
    "an end at infinity",
    "linearity",
    [],
    "(= (int z 0 oo (f:real z)) (int z 0 1 (f:real z)))",
    [["1", "(int z 0 1 (f:real z))"]],
)
no("another space", "linearity", [], "(= (int u 1) (int v 1))", [["1", "(int v 1)"]])
no("a sum for an integral", "linearity", [], "(= (int z 0 1 1) (sum i 0 1 1))", [["1", "(sum i 0 1 1)"]])
no(
    "a coefficient that may be 0 only with a need",
    "linearity",
    [],
    f"(conv {F}) |- (= (int u (+ (f:real u) (* (- (* x (^ x -1)) 1) (g:real u)))) (+ {F} (* (- (* x (^ x -1)) 1) {G})))",
    [["1", F], ["(- (* x (^ x -1)) 1)", G]],
)
no(
    "a need below the integral",
    "linearity",
    [],
    "(= (int x (* x (^ x -1) (f:real x))) (int x (f:real x)))",
    [["1", "(int x (f:real x))"]],
)
no("no part, but something there", "linearity", [], f"(= {F} 0)", [])

# --- 20 constant sum, 21 write out, 22 log of a product
yes("constant", [], "(= (sum n 1 N x) (* N x))")
yes("constant", [], "(= (sum n 1 (- N 1) x) (* (- N 1) x))")
yes("constant", [], "(= (sum i 0 3 x) (* 4 x))")
no("not a constant", "constant", [], "(= (sum n 1 N n) (* N n))")
no("one too many", "constant", [], "(= (sum n 1 N x) (* (+ N 1) x))")
no("backwards", "constant", [], "(= (sum i 5 1 x) (* -3 x))")
no("may run backwards", "constant", [], "(= (sum i 1 j x) (* j x))")
no("from 0, over natural numbers", "constant", [], "(= (sum n 0 3 x) (* 4 x))")
no("from 1/2", "constant", [], "(= (sum i 1/2 5/2 x) (* 3 x))")
no("up to 5/2", "constant", [], "(= (sum i 1 5/2 x) (* 5/2 x))")
no("a real end", "constant", [], "(>= y 1) |- (= (sum i 1 y x) (* y x))")
no("a whole end only with a need", "constant", [], "(= (sum i (* z (^ z -1)) 3 x) (* 3 x))")
no("an infinite sum", "constant", [], "(= (sum n 1 oo x) 0)")
no("an integral", "constant", [], "(= (int z 1 3 x) (* 3 x))")
yes("write_out", [], "(= (sum n 1 3 (f:real n)) (+ (f:real 1) (f:real 2) (f:real 3)))")
yes("write_out", [], "(= (sum i 3 1 (f:real i)) 0)")
no("one is missing", "write_out", [], "(= (sum n 1 3 (f:real n)) (+ (f:real 1) (f:real 2)))")
no("from 0, over natural numbers", "write_out", [], "(= (sum n 0 1 (f:real n)) (+ (f:real 0) (f:real 1)))")
no("from 1/2", "write_out", [], "(= (sum i 1/2 3/2 (f:real i)) (+ (f:real 1/2) (f:real 3/2)))")
no("from 1/2, as if from 0", "write_out", [], "(= (sum i 1/2 3/2 (f:real i)) (+ (f:real 0) (f:real 1)))")
no("up to N", "write_out", [], "(= (sum n 1 N (f:real n)) (+ (f:real 1) (f:real N)))")
no("an integral", "write_out", [], "(= (int z 1 2 (f:real z)) (+ (f:real 1) (f:real 2)))")
no("too many", "write_out", [], "(= (sum i 1 2000 0) 0)")
yes("log_product", [], "(= (log (prod n 1 N (f:pos n))) (sum n 1 N (log (f:pos n))))")
no(
    "positive with a need, even in H",
    "log_product",
    [],
    "(all n (!= (f:real n) 0)) |- (= (log (prod n 1 N (* p (f:real n) (^ (f:real n) -1)))) (sum n 1 N (log (* p (f:real n) (^ (f:real n) -1)))))",
)
no("factors that may be negative", "log_product", [], "(= (log (prod n 1 N (f:real n))) (sum n 1 N (log (f:real n))))")
no(
    "factors that may be 0",
    "log_product",
    [],
    "(= (log (prod n 1 N (^ (f:real n) 2))) (sum n 1 N (log (^ (f:real n) 2))))",
)
no(
    "positive only with a need",
    "log_product",
    [],
    "(= (log (prod n 1 N (* p (f:real n) (^ (f:real n) -1)))) (sum n 1 N (log (* p (f:real n) (^ (f:real n) -1)))))",
)
no("another range", "log_product", [], "(= (log (prod n 1 N (f:pos n))) (sum n 1 m (log (f:pos n))))")
no("not a product", "log_product", [], "(= (log (sum n 1 N (f:pos n))) (sum n 1 N (log (f:pos n))))")

# --- 23 swap
UV, VU = "(int u (int v (f:real u v)))", "(int v (int u (f:real u v)))"
yes("swap", [], f"(joint {UV}) |- (= {UV} {VU})")
yes("swap", [], f"(all u (conv (int v (f:real u v)))) , (conv (int u (int v (abs (f:real u v))))) |- (= {UV} {VU})")
yes(
    "swap",
    [],
    "(all n 1 N (conv (int u (f:real u n)))) |- (= (int u (sum n 1 N (f:real u n))) (sum n 1 N (int u (f:real u n))))",
)
yes(
    "swap",
    [],
    "(all n 1 N (conv (int u (f:real u n)))) |- (= (sum n 1 N (int u (f:real u n))) (int u (sum n 1 N (f:real u n))))",
)
no("nothing converges", "swap", [], f"(= {UV} {VU})")
no(
    "positive, but both sides may be infinite",
    "swap",
    [],
    "(= (int u (int v (f:pos u v))) (int v (int u (f:pos u v))))",
)
no("only over both", "swap", [], f"(conv (int u (int v (abs (f:real u v))))) |- (= {UV} {VU})")
no("only for every u", "swap", [], f"(all u (conv (int v (f:real u v)))) |- (= {UV} {VU})")
no("without the absolute value", "swap", [], f"(all u (conv (int v (f:real u v)))) , (conv {UV}) |- (= {UV} {VU})")
no(
    "for every v instead",
    "swap",
    [],
    f"(all v (conv (int u (f:real u v)))) , (conv (int u (int v (abs (f:real u v))))) |- (= {UV} {VU})",
)
no("a sum without convergence", "swap", [], "(= (int u (sum n 1 N (f:real u n))) (sum n 1 N (int u (f:real u n))))")
no(
    "a sum outside without convergence",
    "swap",
    [],
    "(= (sum n 1 N (int u (f:real u n))) (int u (sum n 1 N (f:real u n))))",
)
no(
    "convergence in another range",
    "swap",
    [],
    "(all n 1 m (conv (int u (f:real u n)))) |- (= (int u (sum n 1 N (f:real u n))) (sum n 1 N (int u (f:real u n))))",
)
no(
    "an infinite sum asks for more",
    "swap",
    [],
    "(all n 1 oo (conv (int u (f:real u n)))) |- (= (int u (sum n 1 oo (f:real u n))) (sum n 1 oo (int u (f:real u n))))",
)
no(
    "an end that moves",
    "swap",
    [],
    "(all k 1 n (conv (sum n 1 N (f:real n k)))) |- (= (sum n 1 N (sum k 1 n (f:real n k))) (sum k 1 n (sum n 1 N (f:real n k))))",
)
no(
    "a factor that moves",
    "swap",
    [],
    "(all n 1 N (conv (int x (f:real x n)))) |- (= (int x (* x (sum n 1 N (f:real x n)))) (* x (sum n 1 N (int x (f:real x n)))))",
)
no("indices swapped", "swap", [], f"(joint {UV}) |- (= {UV} (int v (int u (f:real v u))))")
no("joint of another", "swap", [], f"(joint (int u (int v (g:real u v)))) |- (= {UV} {VU})")
no("one integral", "swap", [], f"(joint {UV}) |- (= {F} {F})")

# --- 25 term by term, monotone
PF, PG = "(int z (f:real z))", "(int z (g:real z))"
yes("monotone", ["|- (= (f:real z) (g:real z))"], f"(= {PF} {PG})", "z")
yes("monotone", ["|- (>= (f:real z) (g:real z))"], f"(conv {PF}) , (conv {PG}) |- (>= {PF} {PG})", "z")
yes("monotone", ["|- (>= (f:real z) 0)"], f"(>= {PF} 0)", "z")
yes("monotone", ["(= (h:real z) 1) |- (>= (f:real z) 0)"], f"(all z (= (h:real z) 1)) |- (>= {PF} 0)", "z")
yes("monotone", ["(>= n 1) , (<= n N) |- (>= (f:real n) 0)"], "(>= (sum n 1 N (f:real n)) 0)", "n")
no("nothing converges", "monotone", ["|- (>= (f:real z) (g:real z))"], f"(>= {PF} {PG})", "z")
no(
    "the greater does not converge",
    "monotone",
    ["|- (>= (f:real z) (g:real z))"],
    f"(conv {PG}) |- (>= {PF} {PG})",
    "z",
)
no(
    "the smaller does not converge",
    "monotone",
    ["|- (>= (f:real z) (g:real z))"],
    f"(conv {PF}) |- (>= {PF} {PG})",
    "z",
)
no(
    "a bound that is 0 only with a need",
    "monotone",
    ["|- (>= (f:real z) (- (* z (^ z -1)) 1))"],
    f"(>= {PF} (int z (- (* z (^ z -1)) 1)))",
    "z",
)
no("a hypothesis about z", "monotone", ["(= z 1) |- (>= (f:real z) 0)"], f"(= z 1) |- (>= {PF} 0)", "z")
no("a hypothesis dropped", "monotone", ["(= (h:real z) 1) |- (>= (f:real z) 0)"], f"(>= {PF} 0)", "z")
no(
    "a fact of another range",
    "monotone",
    ["(>= n 1) , (<= n N) |- (>= (f:real n) 0)"],
    "(>= (sum n 1 m (f:real n)) 0)",
    "n",
)
no(
    "a range without such an end",
    "monotone",
    ["(>= n 1) , (<= n N) |- (>= (f:real n) 0)"],
    "(>= (sum n 1 oo (f:real n)) 0)",
    "n",
)
no("turned round", "monotone", ["|- (>= (f:real z) (g:real z))"], f"(conv {PF}) , (conv {PG}) |- (>= {PG} {PF})", "z")
no("= from >=", "monotone", ["|- (>= (f:real z) (g:real z))"], f"(conv {PF}) , (conv {PG}) |- (= {PF} {PG})", "z")
no("strict", "monotone", ["|- (> (f:real z) 0)"], f"(> {PF} 0)", "z")
no(
    "z in the ends",
    "monotone",
    ["(<= z x) |- (>= (f:real z) 0)"],
    "(all y 0 z (<= y x)) |- (>= (int y 0 z (f:real y)) 0)",
    "z",
)
no("two ranges", "monotone", ["|- (= (f:real z) (g:real z))"], "(= (int z 0 1 (f:real z)) (int z 0 2 (g:real z)))", "z")
no("another sort", "monotone", ["|- (>= (f:real p) 0)"], f"(>= {PF} 0)", "p")
no(
    "a derivative below an integral",
    "monotone",
    ["|- (= (f:real z) (D t z (f:real t)))"],
    "(= (int z (f:real z)) (int z (D t z (f:real t))))",
    "z",
)

# --- 26 term of a sum
yes("term_of_sum", [], "(<= m N) |- (>= (sum n 1 N (f:pos n)) (f:pos m))", "m")
yes("term_of_sum", [], "(conv (sum n 1 oo (f:pos n))) |- (>= (sum n 1 oo (f:pos n)) (f:pos 3))", "3")
no("outside of the range", "term_of_sum", [], "(>= m 1) |- (>= (sum n 1 N (f:pos n)) (f:pos m))", "m")
no("below the range", "term_of_sum", [], "(<= j N) |- (>= (sum i 1 N (f:pos i)) (f:pos j))", "j")
no(
    "terms that may be negative",
    "term_of_sum",
    [],
    "(>= m 1) , (<= m N) |- (>= (sum n 1 N (f:real n)) (f:real m))",
    "m",
)
no("an infinite sum may diverge", "term_of_sum", [], "(>= (sum n 1 oo (f:pos n)) (f:pos 3))", "3")
no("not whole", "term_of_sum", [], "(>= x 1) , (<= x N) |- (>= (sum i 1 N (f:pos i)) (f:pos x))", "x")
no("not a natural number", "term_of_sum", [], "(>= (sum n -3 N (f:pos n)) (f:pos 0))", "0")
no("an integral", "term_of_sum", [], "(>= (int z 0 1 (f:pos z)) (f:pos 1/2))", "1/2")
no("another term", "term_of_sum", [], "(>= m 1) , (<= m N) |- (>= (sum n 1 N (f:pos n)) (f:pos k))", "m")
no(
    ">= 0 only with a need",
    "term_of_sum",
    [],
    "(>= m 1) , (<= m N) |- (>= (sum n 1 N (* (f:real n) (^ (f:real n) -1))) 1)",
    "m",
)

# --- 27 zero integral, 28, 29 almost everywhere
yes("vanish", ["|- (>= (f:real u) 0)", f"|- (= {F} 0)"], f"(conv {F}) |- (ae u (= (f:real u) 0))", "u")
no("a divergent integral is 0 too", "vanish", ["|- (>= (f:real u) 0)", f"|- (= {F} 0)"], "(ae u (= (f:real u) 0))", "u")
no(
    "a hypothesis about the point",
    "vanish",
    ["(= (g:real u) 0) |- (>= (f:real u) 0)", f"|- (= {F} 0)"],
    f"(conv {F}) , (= (g:real u) 0) |- (ae u (= (f:real u) 0))",
    "u",
)
no("not 0", "vanish", ["|- (>= (f:real u) 0)", f"|- (= {F} 1)"], f"(conv {F}) |- (ae u (= (f:real u) 0))", "u")
no("not below 0", "vanish", ["|- (>= (f:real u) -1)", f"|- (= {F} 0)"], f"(conv {F}) |- (ae u (= (f:real u) 0))", "u")
no(
    "another integral",
    "vanish",
    ["|- (>= (f:real u) 0)", f"|- (= {G} 0)"],
    f"(conv {G}) |- (ae u (= (f:real u) 0))",
    "u",
)
no(
    "of another sort",
    "vanish",
    ["|- (>= (f:real p) 0)", "|- (= (int z (f:real z)) 0)"],
    "(conv (int z (f:real z))) |- (ae z (= (f:real z) 0))",
    "p",
)
no("everywhere", "vanish", ["|- (>= (f:real u) 0)", f"|- (= {F} 0)"], f"(conv {F}) |- (all u (= (f:real u) 0))", "u")
no(
    "another conclusion",
    "vanish",
    ["|- (>= (f:real u) 0)", f"|- (= {F} 0)"],
    f"(conv {F}) |- (ae u (= (g:real u) 0))",
    "u",
)
no(
    "another space",
    "vanish",
    ["|- (>= (f:real 1) 0)", "|- (= (int u (f:real 1)) 0)"],
    "(conv (int u (f:real 1))) |- (ae v (= (f:real 1) 0))",
    "u",
)
no(
    "another range",
    "vanish",
    ["|- (>= (f:real z) 0)", "|- (= (int z 0 1 (f:real z)) 0)"],
    "(conv (int z 0 1 (f:real z))) |- (ae z (= (f:real z) 0))",
    "z",
)
no(
    "a hypothesis dropped",
    "vanish",
    ["(= t 0) |- (>= (f:real u) 0)", f"|- (= {F} 0)"],
    f"(conv {F}) |- (ae u (= (f:real u) 0))",
    "u",
)
yes("almost_equal", ["|- (ae u (= (f:real u) (g:real u)))"], f"(= {F} {G})")
no("another range", "almost_equal", ["|- (ae z 0 1 (= (f:real z) (g:real z)))"], f"(= {PF} {PG})")
no(">=", "almost_equal", ["|- (ae u (>= (f:real u) (g:real u)))"], f"(>= {F} {G})")
no("others", "almost_equal", ["|- (ae u (= (f:real u) (g:real u)))"], f"(= {F} (int u (h:real u)))")
no("a hypothesis dropped", "almost_equal", ["(= t 0) |- (ae u (= (f:real u) (g:real u)))"], f"(= {F} {G})")
yes(
    "almost_all",
    ["|- (ae u (= (f:real u) 0))", "(= (f:real u) 0) , (= x 1) |- (= (g:real u) 0)"],
    "(= x 1) |- (ae u (= (g:real u) 0))",
    "u",
)
no(
    "another hypothesis about the point",
    "almost_all",
    ["|- (ae u (= (f:real u) 0))", "(= (f:real u) 0) , (= (h:real u) 1) |- (= (g:real u) 0)"],
    "(= (h:real u) 1) |- (ae u (= (g:real u) 0))",
    "u",
)
no(
    "another premise",
    "almost_all",
    ["|- (ae u (= (f:real u) 0))", "(= (h:real u) 0) |- (= (g:real u) 0)"],
    "(ae u (= (g:real u) 0))",
    "u",
)
no(
    "another conclusion",
    "almost_all",
    ["|- (ae u (= (f:real u) 0))", "(= (f:real u) 0) |- (= (g:real u) 0)"],
    "(ae u (= (h:real u) 0))",
    "u",
)
no(
    "everywhere",
    "almost_all",
    ["|- (ae u (= (f:real u) 0))", "(= (f:real u) 0) |- (= (g:real u) 0)"],
    "(all u (= (g:real u) 0))",
    "u",
)
no(
    "another range",
    "almost_all",
    ["|- (ae z 0 1 (= (f:real z) 0))", "(= (f:real z) 0) |- (= (g:real z) 0)"],
    "(ae z 0 2 (= (g:real z) 0))",
    "z",
)
no(
    "a hypothesis dropped",
    "almost_all",
    ["(= x 1) |- (ae u (= (f:real u) 0))", "(= (f:real u) 0) |- (= (g:real u) 0)"],
    "(ae u (= (g:real u) 0))",
    "u",
)
no(
    "the other's hypothesis dropped",
    "almost_all",
    ["|- (ae u (= (f:real u) 0))", "(= (f:real u) 0) , (= x 1) |- (= (g:real u) 0)"],
    "(ae u (= (g:real u) 0))",
    "u",
)
no(
    "the variable is free in the premise",
    "almost_all",
    ["|- (ae y (= (f:real y x) 0))", "(= (f:real x x) 0) |- (= (g:real x) 0)"],
    "(ae y (= (g:real y) 0))",
    "x",
)
no(
    "another sort",
    "almost_all",
    ["|- (ae x (= (f:real x) 0))", "(= (f:real p) 0) |- (= (g:real p) 0)"],
    "(ae x (= (g:real x) 0))",
    "p",
)

# --- 30 to 34 convergence
yes("integrable", [f"|- (= {F} 1)"], f"(conv {F})")
yes("integrable", [f"|- (= {F} x)"], f"(!= x 0) |- (conv {F})")
yes("integrable", [f"|- (= (* 2 {F}) 3)"], f"(conv {F})")
no("a value that may be 0", "integrable", [f"|- (= {F} x)"], f"(conv {F})")
no("0", "integrable", [f"|- (= {F} 0)"], f"(conv {F})")
no("another", "integrable", [f"|- (= {F} 1)"], f"(conv {G})")
no("not 0 only with a need", "integrable", [f"|- (= {F} (* x (^ x -1)))"], f"(conv {F})")
no("concludes an equality", "integrable", [f"|- (= {F} 1)"], f"(= {F} 2)")
no("a hypothesis dropped", "integrable", [f"(= t 0) |- (= {F} 1)"], f"(conv {F})")
no(">=", "integrable", [f"|- (>= {F} 1)"], f"(conv {F})")
no("joint", "integrable", [f"|- (= {UV} 1)"], f"(joint {UV})")
yes("dominated", ["|- (dom t (int u (f:real t u)))"], "(conv (int u (f:real x u)))", "x")
no("outside of the sort", "dominated", ["|- (dom p (int u (f:real p u)))"], "(conv (int u (f:real x u)))", "x")
no("another", "dominated", ["|- (dom t (int u (f:real t u)))"], "(conv (int u (g:real x u)))", "x")
no("an equality", "dominated", ["|- (dom t (int u (f:real t u)))"], "(= (int u (f:real x u)) 0)", "x")
no("at another point", "dominated", ["|- (dom t (int u (f:real t u)))"], "(conv (int u (f:real y u)))", "x")
no("a hypothesis dropped", "dominated", ["(= y 0) |- (dom t (int u (f:real t u)))"], "(conv (int u (f:real x u)))", "x")
BETWEEN = ["|- (>= (h:real u) (f:real u))", "|- (>= (f:real u) (g:real u))"]
ENDS = "(conv (int u (h:real u))) , (conv (int u (g:real u)))"
yes("between", BETWEEN, f"{ENDS} |- (conv (int u (f:real u)))", "u")
yes("between", BETWEEN, f"{ENDS} |- (conv (* 2 (int u (f:real u))))", "u")
yes(
    "between",
    ["|- (>= (h:real u) (f:real u))", "|- (>= (f:real u) 0)"],
    "(conv (int u (h:real u))) |- (conv (int u (f:real u)))",
    "u",
)
yes(
    "between",
    ["(<= z 1) , (= (l:real z) 0) |- (>= (h:real z) (f:real z))", "(>= z 0) , (= x 0) |- (>= (f:real z) 0)"],
    "(all z 0 1 (= (l:real z) 0)) , (= x 0) , (conv (int z 0 1 (h:real z))) |- (conv (int z 0 1 (f:real z)))",
    "z",
)
no("no bound above", "between", BETWEEN, "(conv (int u (g:real u))) |- (conv (int u (f:real u)))", "u")
no("no bound below", "between", BETWEEN, "(conv (int u (h:real u))) |- (conv (int u (f:real u)))", "u")
no(
    "another function below",
    "between",
    [BETWEEN[0], BETWEEN[1].replace("f:", "l:")],
    f"{ENDS} |- (conv (int u (f:real u)))",
    "u",
)
no("another conclusion", "between", BETWEEN, f"{ENDS} |- (conv (int u (l:real u)))", "u")
no(
    "a factor that may be 0",
    "between",
    ["|- (>= (h:real u) (* x (f:real u)))", "|- (>= (* x (f:real u)) (g:real u))"],
    f"{ENDS} |- (conv (int u (f:real u)))",
    "u",
)
no(
    "at one point",
    "between",
    ["(= (h:real u) 1) |- (>= (h:real u) (f:real u))", BETWEEN[1]],
    f"(= (h:real u) 1) , {ENDS} |- (conv (int u (f:real u)))",
    "u",
)
no(
    "the other at one point",
    "between",
    [BETWEEN[0], "(= (h:real u) 1) |- (>= (f:real u) (g:real u))"],
    f"(= (h:real u) 1) , {ENDS} |- (conv (int u (f:real u)))",
    "u",
)
no("twice above", "between", [BETWEEN[0], BETWEEN[0]], f"{ENDS} |- (conv (int u (f:real u)))", "u")
no(
    "equal, with a need",
    "between",
    ["|- (>= (h:real z) (* z (^ z -1)))", "|- (>= 1 0)"],
    "(conv (int z (h:real z))) |- (conv (int z (* z (^ z -1))))",
    "z",
)
no(
    "another sort",
    "between",
    ["|- (>= (h:real p) (f:real p))", "|- (>= (f:real p) 0)"],
    "(conv (int z (h:real z))) |- (conv (int z (f:real z)))",
    "p",
)
no(
    "another range",
    "between",
    ["|- (>= (h:real z) (f:real z))", "|- (>= (f:real z) 0)"],
    "(conv (int z 0 1 (h:real z))) |- (conv (int z 0 2 (f:real z)))",
    "z",
)
for where, given in (
    ("a bound over a range that runs backwards", ENDS.replace("u (", "u:real 1 0 (")),
    ("a bound times 0", "(conv (* 0 (int u (h:real u)))) , (conv (int u (g:real u)))"),
    ("a bound times what may be 0", "(conv (* x (int u (h:real u)))) , (conv (int u (g:real u)))"),
):
    no(where, "between", BETWEEN, f"{given} |- (conv (int u (f:real u)))", "u")
no("a factor that moves", "between", BETWEEN, f"{ENDS} |- (conv (* (l:real u) (int u (f:real u))))", "u")
no(
    "a strict end is no fact of the range",
    "between",
    ["(> z 0) |- (>= (h:real z) (f:real z))", "|- (>= (f:real z) 0)"],
    "(conv (int z 0 1 (h:real z))) |- (conv (int z 0 1 (f:real z)))",
    "z",
)
no("a value", "between", BETWEEN, f"{ENDS} |- (>= (int u (h:real u)) (int u (f:real u)))", "u")
yes("combine", [], f"{BOTH} |- (conv (int u (+ (* x (f:real u)) (g:real u))))", [["x", F], ["1", G]])
yes("combine", [], "(conv (int u 0))", [])
yes("combine", [], f"(conv {F}) |- (conv (int u (* 3 (f:real u))))", [["1", F]])
no("one does not converge", "combine", [], f"(conv {F}) |- (conv {FG})", [["1", F], ["1", G]])
no("another", "combine", [], f"{BOTH} |- (conv (int u (h:real u)))", [["1", F], ["1", G]])
no(
    "a coefficient that moves",
    "combine",
    [],
    "(conv (int x (f:real x))) |- (conv (int x (* x (f:real x))))",
    [["x", "(int x (f:real x))"]],
)
no(
    "up to a constant that may be 0",
    "combine",
    [],
    "(conv (int u (* x (f:real u)))) |- (conv (int u (f:real u)))",
    [["1", "(int u (* x (f:real u)))"]],
)
no(
    "another range",
    "combine",
    [],
    "(conv (int z 0 1 (f:real z))) |- (conv (int z 0 2 (f:real z)))",
    [["1", "(int z 0 1 (f:real z))"]],
)
no(
    "a sum for an integral",
    "combine",
    [],
    "(conv (sum i (f:real i))) |- (conv (int z (f:real z)))",
    [["1", "(sum i (f:real i))"]],
)
no("an equality", "combine", [], f"{BOTH} |- (= {FG} 0)", [["1", F], ["1", G]])
no(
    "a need below",
    "combine",
    [],
    "(conv (int x (f:real x))) |- (conv (int x (* x (^ x -1) (f:real x))))",
    [["1", "(int x (f:real x))"]],
)
yes("finite_sum", [], "(all n 1 N (conv (int u (f:real n u)))) |- (conv (int u (sum n 1 N (f:real n u))))")
no(
    "in another range",
    "finite_sum",
    [],
    "(all n 1 m (conv (int u (f:real n u)))) |- (conv (int u (sum n 1 N (f:real n u))))",
)
no(
    "an infinite sum",
    "finite_sum",
    [],
    "(all n 1 oo (conv (int u (f:real n u)))) |- (conv (int u (sum n 1 oo (f:real n u))))",
)
no(
    "a range that moves",
    "finite_sum",
    [],
    "(all n 1 k (conv (sum k (f:real n k)))) |- (conv (sum k (sum n 1 k (f:real n k))))",
)
no("nothing converges", "finite_sum", [], "(conv (int u (sum n 1 N (f:real n u))))")
no(
    "a factor left out",
    "finite_sum",
    [],
    "(all n 1 N (conv (int z (f:real n z)))) |- (conv (int z (* z (sum n 1 N (f:real n z)))))",
)
no("an equality", "finite_sum", [], "(all n 1 N (conv (int u (f:real n u)))) |- (= (int u (sum n 1 N (f:real n u))) 0)")
yes("diverges", ["|- (>= (f:real n) p)"], "(inf (sum n 1 oo (f:real n)))", "n")
no("a bound that may be 0", "diverges", ["|- (>= (f:real n) x)"], "(inf (sum n 1 oo (f:real n)))", "n")
no("a bound that moves", "diverges", ["|- (>= (f:real n) (^ n -2))"], "(inf (sum n 1 oo (f:real n)))", "n")
no(
    "a hypothesis about n",
    "diverges",
    ["(= n 1) |- (>= (f:real n) p)"],
    "(= n 1) |- (inf (sum n 1 oo (f:real n)))",
    "n",
)
no("a finite sum", "diverges", ["|- (>= (f:real n) p)"], "(inf (sum n 1 N (f:real n)))", "n")
no("another sum", "diverges", ["|- (>= (f:real n) p)"], "(inf (sum n 1 oo (g:real n)))", "n")
no("another sort", "diverges", ["|- (>= (f:real n) p)"], "(inf (sum i 1 oo (f:real i)))", "n")
no("a value", "diverges", ["|- (>= (f:real n) p)"], "(= (sum n 1 oo (f:real n)) 0)", "n")
no("a hypothesis dropped", "diverges", ["(= t 0) |- (>= (f:real n) p)"], "(inf (sum n 1 oo (f:real n)))", "n")
no("<=", "diverges", ["|- (<= (f:real n) p)"], "(inf (sum n 1 oo (f:real n)))", "n")

# --- 35 one coordinate
Q = "(prod n 1 d (f:pos n (at w n)))"
ONES = "(all n 1 d (= (int z (f:pos n z)) 1)) , (conv (int z (* (f:pos m z) (g:real z))))"
LEFT = f"(int w (* {Q} (g:real (at w m))))"
RIGHT = "(int z (* (f:pos m z) (g:real z)))"
TOLD = ("w", Q, "m", ("z", "(g:real z)"))
yes("coordinate", [], f"{ONES} , (<= m d) |- (= {LEFT} {RIGHT})", TOLD)
yes("coordinate", [], f"{ONES} , (<= m d) |- (conv {LEFT})", TOLD)
no("j may be above d", "coordinate", [], f"{ONES} |- (= {LEFT} {RIGHT})", TOLD)
no("factors that are not laws", "coordinate", [], f"(conv {RIGHT}) , (<= m d) |- (= {LEFT} {RIGHT})", TOLD)
no(
    "nothing converges",
    "coordinate",
    [],
    f"(all n 1 d (= (int z (f:pos n z)) 1)) , (<= m d) |- (= {LEFT} {RIGHT})",
    TOLD,
)
no(
    "laws for fewer coordinates",
    "coordinate",
    [],
    f"(all n 1 3 (= (int z (f:pos n z)) 1)) , (conv {RIGHT}) , (<= m d) |- (= {LEFT} {RIGHT})",
    TOLD,
)
no("another value", "coordinate", [], f"{ONES} , (<= m d) |- (= {LEFT} (int z (* (f:pos k z) (g:real z))))", TOLD)
Q2 = "(prod n 1 N (f:pos n (at w n)))"
no(
    "a product over another range",
    "coordinate",
    [],
    f"(all n 1 N (= (int z (f:pos n z)) 1)) , (conv {RIGHT}) , (<= m d) , (<= m N) |- (= (int w (* {Q2} (g:real (at w m)))) {RIGHT})",
    ("w", Q2, "m", ("z", "(g:real z)")),
)
Q3 = "(prod n 2 d (f:pos n (at w n)))"
no(
    "a product from 2 on",
    "coordinate",
    [],
    f"(all n 2 d (= (int z (f:pos n z)) 1)) , (conv {RIGHT}) , (<= m d) |- (= (int w (* {Q3} (g:real (at w m)))) {RIGHT})",
    ("w", Q3, "m", ("z", "(g:real z)")),
)
Q4 = "(prod n 1 d (f:real n (at w n)))"
no(
    "factors that may be negative",
    "coordinate",
    [],
    f"(all n 1 d (= (int z (f:real n z)) 1)) , (conv (int z (* (f:real m z) (g:real z)))) , (<= m d) |- (= (int w (* {Q4} (g:real (at w m)))) (int z (* (f:real m z) (g:real z))))",
    ("w", Q4, "m", ("z", "(g:real z)")),
)
Q5 = "(prod n 1 d (f:pos n (at w n) (at w 1)))"
no(
    "a factor about two coordinates",
    "coordinate",
    [],
    f"(= x 0) |- (= (int w (* {Q5} (g:real (at w m)))) x)",
    ("w", Q5, "m", ("z", "(g:real z)")),
)
Q6 = "(sum n 1 d (f:pos n (at w n)))"
no(
    "a sum of factors",
    "coordinate",
    [],
    f"{ONES} , (<= m d) |- (= (int w (* {Q6} (g:real (at w m)))) {RIGHT})",
    ("w", Q6, "m", ("z", "(g:real z)")),
)
H5 = "(all n 1 d (= (int z (f:pos n z (at w 1))) 1)) , (conv (int z (* (f:pos m z (at w 1)) (g:real z))))"
no(
    "a factor about two coordinates, one free",
    "coordinate",
    [],
    f"{H5} , (<= m d) |- (= (int w (* {Q5} (g:real (at w m)))) (int z (* (f:pos m z (at w 1)) (g:real z))))",
    ("w", Q5, "m", ("z", "(g:real z)")),
)
H6 = "(all n 1 d (= (int z (f:pos n z)) 1)) , (conv (int z (* (f:pos m z) (g:real z) (h:real w))))"
no(
    "g of the whole point, one free",
    "coordinate",
    [],
    f"{H6} , (<= m d) |- (= (int w (* {Q} (g:real (at w m)) (h:real w))) (int z (* (f:pos m z) (g:real z) (h:real w))))",
    ("w", Q, "m", ("z", "(* (g:real z) (h:real w))")),
)
H7 = "(all n 1 d (= (int z (f:pos n z)) 1)) , (conv (int z (* (f:pos 3/2 z) (g:real z)))) , (<= 3/2 d)"
no(
    "coordinate 3/2",
    "coordinate",
    [],
    f"{H7} |- (= (int w (* {Q} (g:real (at w 3/2)))) (int z (* (f:pos 3/2 z) (g:real z))))",
    ("w", Q, "3/2", ("z", "(g:real z)")),
)
no("conv of another", "coordinate", [], f"{ONES} , (<= m d) |- (conv (int w (* {Q} (h:real w))))", TOLD)
no(
    "another dimension",
    "coordinate",
    [],
    f"{ONES} , (<= m d) |- (= (int w:^N (* (prod n 1 d (f:pos n (at w n))) (g:real (at w m)))) {RIGHT})",
    TOLD,
)
no(
    "g of the whole point",
    "coordinate",
    [],
    f"{ONES} , (<= m d) |- (= {LEFT} {RIGHT})",
    ("w", Q, "m", ("z", "(* (g:real z) (h:real w))")),
)

# --- 35b a product over coordinates
EACH, WHOLE_SPACE, VALUES = (
    "(all n 1 d (= (int z (f:real n z)) (c:pos n)))",
    "(int w (prod n 1 d (f:real n (at w n))))",
    "(prod n 1 d (c:pos n))",
)
BY = ("w", "(prod n 1 d (f:real n (at w n)))", VALUES)
yes("coordinates", [], f"{EACH} |- (= {WHOLE_SPACE} {VALUES})", BY)
yes("coordinates", [], f"{EACH} |- (conv {WHOLE_SPACE})", BY)
no("values unknown", "coordinates", [], f"(= {WHOLE_SPACE} {VALUES})", BY)
no(
    "values that may be 0",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("c:pos", "c:real"),
    (*BY[:2], VALUES.replace("c:pos", "c:real")),
)
no("other values", "coordinates", [], f"{EACH} |- (= {WHOLE_SPACE} (prod n 1 d (b:pos n)))", BY)
no("other factors", "coordinates", [], f"{EACH} |- (= (int w (prod n 1 d (g:real n (at w n)))) {VALUES})", BY)
no("conv of another", "coordinates", [], f"{EACH} |- (conv (int w (prod n 1 d (g:real n (at w n)))))", BY)
no(
    "for the first three",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("(all n 1 d", "(all n 1 3"),
    BY,
)
no(
    "values over another range",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} (prod n 1 N (c:pos n)))",
    (*BY[:2], "(prod n 1 N (c:pos n))"),
)
no(
    "a sum of values",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} (sum n 1 d (c:pos n)))",
    (*BY[:2], "(sum n 1 d (c:pos n))"),
)
for low, high, what in (("1", "N", "another dimension"), ("2", "d", "all but the first")):
    part = [text.replace("n 1 d", f"n {low} {high}") for text in (EACH, WHOLE_SPACE, VALUES, BY[1])]
    no(what, "coordinates", [], f"{part[0]} |- (= {part[1]} {part[2]})", ("w", part[3], part[2]))
no(
    "a sum of factors",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("(int w (prod", "(int w (sum"),
    ("w", BY[1].replace("prod", "sum"), VALUES),
)
no(
    "a factor of the first coordinate",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("at w n", "at w 1"),
    ("w", BY[1].replace("at w n", "at w 1"), VALUES),
)
no(
    "a factor of all of the point",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("(at w n)", "w"),
    ("w", BY[1].replace("(at w n)", "w"), VALUES),
)
no(
    "values of size",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("(c:pos n)", "(abs (c:real n))"),
    BY,
)
no("the next coordinate", "coordinates", [], f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("w n", "w (+ n 1)"), BY)
no(
    "values over half a line",
    "coordinates",
    [],
    f"{EACH} |- (= {WHOLE_SPACE} {VALUES})".replace("int z", "int z 0 oo"),
    BY,
)
no("a point of another space", "coordinates", [], f"{EACH} |- (= {WHOLE_SPACE} {VALUES})", ("u", *BY[1:]))
no(">=", "coordinates", [], f"{EACH} |- (>= {WHOLE_SPACE} {VALUES})", BY)

# --- 35c the variance of a sum of independent coordinates
LAWS = "(all n 1 d (= (int z (f:pos n z)) 1))"
MEANS = "(all n 1 d (= (int z (* (f:pos n z) (g:real n z))) 0))"
SQUARES = "(all n 1 d (conv (int z (* (f:pos n z) (^ (g:real n z) 2)))))"
DENSITY, ADDENDS = "(prod n 1 d (f:pos n (at w n)))", "(sum n 1 d (g:real n (at w n)))"
SPREAD = f"(int w (* {DENSITY} (^ {ADDENDS} 2)))"
VARIANCES = "(sum n 1 d (int z (* (f:pos n z) (^ (g:real n z) 2))))"
SUMMED = ("w", DENSITY, ADDENDS)
KNOWN = f"{LAWS} , {MEANS} , {SQUARES}"
yes("variance_of_sum", [], f"{KNOWN} |- (= {SPREAD} {VARIANCES})", SUMMED)
yes("variance_of_sum", [], f"{KNOWN} |- (conv {SPREAD})", SUMMED)
no("factors that are not laws", "variance_of_sum", [], f"{MEANS} , {SQUARES} |- (= {SPREAD} {VARIANCES})", SUMMED)
no("means that are not 0", "variance_of_sum", [], f"{LAWS} , {SQUARES} |- (= {SPREAD} {VARIANCES})", SUMMED)
no("squares that do not converge", "variance_of_sum", [], f"{LAWS} , {MEANS} |- (= {SPREAD} {VARIANCES})", SUMMED)
no("the square of another sum", "variance_of_sum", [], f"{KNOWN} |- (= {SPREAD} {VARIANCES})".replace("(sum n 1 d (g:real n", "(sum n 1 d (h:real n"), SUMMED)  # fmt: skip
no("means of squares, not squares of means", "variance_of_sum", [], f"{KNOWN} |- (= {SPREAD} (^ (sum n 1 d (int z (* (f:pos n z) (g:real n z)))) 2))", SUMMED)  # fmt: skip
no("conv of another", "variance_of_sum", [], f"{KNOWN} |- (conv (int w (* {DENSITY} (^ {ADDENDS} 4))))", SUMMED)
no(">=", "variance_of_sum", [], f"{KNOWN} |- (>= {SPREAD} {VARIANCES})", SUMMED)
for what, old, new in (
    ("for the first three", "(all n 1 d", "(all n 1 3"),
    ("all but the first", "n 1 d", "n 2 d"),
    ("another dimension", "n 1 d", "n 1 N"),
    ("a sum over fewer", "(sum n 1 d", "(sum n 2 d"),
    ("a product over fewer", "(prod n 1 d", "(prod n 2 d"),
    ("a sum of factors", "(prod", "(sum"),
    ("a product of addends", "(sum n 1 d (g:real n (at", "(prod n 1 d (g:real n (at"),
    ("factors that may be negative", "f:pos", "f:real"),
    ("an addend of the first coordinate", "(g:real n (at w n))", "(g:real n (at w 1))"),
    ("an addend of all of the point", "(g:real n (at w n))", "(g:real n w)"),
    ("a factor of all of the point", "(f:pos n (at w n))", "(f:pos n w)"),
    ("a point of another space", "w", "u"),
):
    told = f"{KNOWN} |- (= {SPREAD} {VARIANCES})", *SUMMED
    sequent, *told = (text.replace(old, new) for text in told)
    no(what, "variance_of_sum", [], sequent, tuple(told))

# --- 41b a triangular map of R^d
LOWER = ("k", "l", "(a:real k)", "(b:real k l)", "(c:pos k)")
STRETCH = "(prod n 1 d (c:pos n))"


def mapped(index: str) -> str:
    """Where the map takes this coordinate."""
    row = f"(sum l 1 (- {index} 1) (* (b:real {index} l) (at w l)))"
    return f"(+ (a:real {index}) {row} (* (c:pos {index}) (at w {index})))"


def moving(function: str, index: str, stretch: str = STRETCH) -> str:
    """The equation for a function of this coordinate, which is written # in it."""
    left, right = function.replace("#", f"(at w {index})"), function.replace("#", mapped(index))
    return f"(= (int w {left}) (int w (* {right} {stretch})))"


EVERY = "(f:real (sum n 1 d (g:real n #)))"
yes("triangular", [], moving(EVERY, "n"), LOWER)
yes("triangular", [], f"(<= m d) |- {moving('(f:real #)', 'm')}", LOWER)
yes("triangular", [], f"(<= k d) |- {moving('(f:real #)', 'k')}", LOWER)
yes("triangular", [], f"(<= l d) |- {moving('(f:real #)', 'l').replace('sum l', 'sum q:nat').replace('at w l))) (*', 'at w q))) (*').replace('(b:real l l)', '(b:real l q)')}", LOWER)  # fmt: skip
yes("triangular", [], moving("(f:real #)", "1"), LOWER)
yes("triangular", [], moving("(f:real (sum m 1 d (prod n 1 m (f:pos m #))))", "n"), LOWER)
yes("triangular", [], moving("(f:real (sum m 1 d (sum n 1 (- m 1) (g:real m #))))", "n"), LOWER)
yes("triangular", [], moving("(int x (f:real x (sum n 1 d #)))", "n"), LOWER)
AFTER = moving(EVERY, "n").partition(") (int w (* ")[2][:-1]
BEFORE = f"(int w {EVERY.replace('#', '(at w n)')})"
yes("triangular", [], f"(conv (int w (* {AFTER}) |- (conv {BEFORE})", LOWER)
no("nothing converges", "triangular", [], f"(conv {BEFORE})", LOWER)
no("another converges", "triangular", [], f"(conv (int w (* (f:real (at w 1)) {STRETCH}))) |- (conv {BEFORE})", LOWER)
no("a coordinate that may be beyond d", "triangular", [], moving("(f:real #)", "m"), LOWER)
no("the next coordinate", "triangular", [], moving(EVERY, "(+ n 1)"), LOWER)
no("coordinate 2", "triangular", [], moving("(f:real #)", "2"), LOWER)
no("coordinate 1/2", "triangular", [], f"(<= 1/2 d) |- {moving('(f:real #)', '1/2')}", LOWER)
no("coordinate 0", "triangular", [], f"(<= 0 d) |- {moving('(f:real #)', '0')}", LOWER)
no("whole numbers from 0", "triangular", [], moving("(f:real (sum i 0 d (g:real i #)))", "i"), LOWER)
no("up to another dimension", "triangular", [], moving("(f:real (sum n 1 N (g:real n #)))", "n"), LOWER)
no("all natural numbers", "triangular", [], moving("(f:real (sum n 1 oo (g:real n #)))", "n"), LOWER)
no("up to the next", "triangular", [], moving("(f:real (sum m 1 d (sum n 1 (+ m 1) (g:real n #))))", "n"), LOWER)
no("up to what is no index", "triangular", [], moving("(f:real (sum m 1 N (sum n 1 m (g:real n #))))", "n"), LOWER)
no("every natural number", "triangular", [], moving("(f:real (int x (sum n (g:real n #))))", "n"), LOWER)
no("the whole point", "triangular", [], f"(= (int w (f:real w)) (int w (* (f:real w) {STRETCH})))", LOWER)
no("the whole point beside", "triangular", [], moving("(* (f:real #) (h:real w))", "1"), LOWER)
no("without the stretch", "triangular", [], moving(EVERY, "n", "1"), LOWER)
no("the stretch of others", "triangular", [], moving(EVERY, "n", STRETCH.replace("c:pos", "f:pos")), LOWER)
no("not stretched", "triangular", [], moving(EVERY, "n").replace("(* (c:pos n) (at w n))", "(at w n)"), LOWER)
no("not shifted", "triangular", [], moving(EVERY, "n").replace("(a:real n)", "0"), LOWER)
no("another row", "triangular", [], moving(EVERY, "n").replace("(b:real n l)", "(b:real l n)"), LOWER)
no("by itself, too", "triangular", [], moving(EVERY, "n").replace("(- n 1)", "n"), LOWER)
no("turned around", "triangular", [], moving(EVERY, "n").replace("c:pos", "c:real"), tuple(t.replace("c:pos", "c:real") for t in LOWER))  # fmt: skip
no("another dimension", "triangular", [], moving(EVERY, "n").replace("(int w (*", "(int w:^N (*"), LOWER)
no("on the line", "triangular", [], "(= (int z (f:real 1)) (int z (* (f:real 1) (c:pos 1))))", LOWER)
no(">=", "triangular", [], moving(EVERY, "n").replace("(= (int", "(>= (int"), LOWER)

# --- 36 to 38 derivatives
no("a power by itself, as if by a number", "differentiate", [], "(> x 0) |- (slope t x (^ t t) 0)")
no("a power by what may be 0", "differentiate", [], "(slope t x (^ t (* y (^ y -1))) 1)")
yes("differentiate", [], "(slope t x (^ t 3) (* 3 (^ x 2)))")
yes("differentiate", [], "(> x 0) |- (slope t x (log t) (^ x -1))")
yes("differentiate", [], "(slope p q (log p) (^ q -1))")
yes("differentiate", [], "(!= x 0) |- (slope t x (^ t -1) (* -1 (^ x -2)))")
yes("differentiate", ["|- (slope y y (f:real y) (g:real y))"], "(slope t x (f:real (^ t 2)) (* 2 x (g:real (^ x 2))))")
yes("differentiate", ["|- (slope y y (f:real y u) (g:real y u))"], "(slope t x (f:real t u) (g:real x u))")
no("another slope", "differentiate", [], "(slope t x (^ t 3) (^ x 2))")
no("a pole", "differentiate", [], "(slope t x (^ t -1) (* -1 (^ x -2)))")
no("a logarithm", "differentiate", [], "(slope t x (log t) (^ x -1))")
no("a root at 0", "differentiate", [], "(slope t x (^ t 1/2) (* 1/2 (^ x -1/2)))")
no("x != 0 is not enough for a root", "differentiate", [], "(!= x 0) |- (slope t x (^ t 1/2) (* 1/2 (^ x -1/2)))")
no("a kink", "differentiate", [], "(slope t x (abs t) 1)")
no("t/t is not 1: the normal form hides the pole", "differentiate", [], "(slope t 0 (* t (^ t -1)) 0)")
no("an abstract function", "differentiate", [], "(slope t x (f:real t) (D t x (f:real t)))")
no("a total derivative is no slope", "differentiate", ["|- (= (D y y (f:real y)) 0)"], "(slope t x (f:real t) 0)")
no(
    "a slope that holds at one point",
    "differentiate",
    ["(= y 1) |- (slope y y (f:real y) (g:real y))"],
    "(= y 1) |- (slope t x (f:real t) (g:real x))",
)
no("a slope at a constant", "differentiate", ["|- (slope y 1 (f:real y) 3)"], "(slope t x (f:real t) 3)")
no(
    "the variable besides its place",
    "differentiate",
    ["|- (slope y x (f:real x y) (g:real x))"],
    "(slope t z (f:real t t) (g:real z))",
)
no(
    "t by itself, too",
    "differentiate",
    ["|- (slope y y (f:real y x) (g:real y x))"],
    "(slope t z (f:real t t) (g:real z z))",
)
no(
    "outside of the sort",
    "differentiate",
    ["|- (slope p p (f:real p) (g:real p))"],
    "(slope t x (f:real t) (g:real x))",
)
no(
    "the chain rule forgets g'",
    "differentiate",
    ["|- (slope y y (f:real y) (g:real y))"],
    "(slope t x (f:real (^ t 2)) (g:real (^ x 2)))",
)
no("an integral", "differentiate", [], "(slope t x (int u (* t (f:real u))) (int u (f:real u)))")
no("a point outside of the sort", "differentiate", [], "(slope p x (^ p 2) (* 2 x))")
no(
    "captured in k",
    "differentiate",
    ["|- (slope y y (f:real y) (int z (h:real y z)))"],
    "(slope t z (f:real t) (int z (h:real z z)))",
)
no(
    "the slope's hypothesis dropped",
    "differentiate",
    ["(= x 0) |- (slope y y (f:real y) (g:real y))"],
    "(slope t z (f:real t) (g:real z))",
)
no("concludes D", "differentiate", [], "(= (D t x (^ t 2)) (* 2 x))")
yes("slope_value", ["|- (slope t x (f:real t) y)"], "(= (D t x (f:real t)) y)")
no("never back", "slope_value", ["|- (= (D t x (f:real t)) y)"], "(slope t x (f:real t) y)")
no("another value", "slope_value", ["|- (slope t x (f:real t) y)"], "(= (D t x (f:real t)) z)")
no("another point", "slope_value", ["|- (slope t x (f:real t) y)"], "(= (D t z (f:real t)) y)")
no("a hypothesis dropped", "slope_value", ["(= z 0) |- (slope t x (f:real t) y)"], "(= (D t x (f:real t)) y)")
HALF = "(slope y y (f:real y u) (g:real y u))"
IN, OUT = "(int u (f:real t u))", "(int u (g:real t u))"
yes("leibniz", [f"|- {HALF}"], f"(conv {IN}) , (dom t {OUT}) |- (slope t t {IN} {OUT})")
no("int f does not converge", "leibniz", [f"|- {HALF}"], f"(dom t {OUT}) |- (slope t t {IN} {OUT})")
no("not dominated", "leibniz", [f"|- {HALF}"], f"(conv {IN}) , (conv {OUT}) |- (slope t t {IN} {OUT})")
no("f itself is dominated", "leibniz", [f"|- {HALF}"], f"(conv {IN}) , (dom t {IN}) |- (slope t t {IN} {OUT})")
no("no slope", "leibniz", [], f"(conv {IN}) , (dom t {OUT}) |- (slope t t {IN} {OUT})")
no(
    "a slope at one u only",
    "leibniz",
    [f"(= (h:real u) 0) |- {HALF}"],
    f"(= (h:real u) 0) , (conv {IN}) , (dom t {OUT}) |- (slope t t {IN} {OUT})",
)
no(
    "a moving range",
    "leibniz",
    [],
    "(conv (int z 0 t (* t z))) , (dom t (int z 0 t z)) |- (slope t t (int z 0 t (* t z)) (int z 0 t z))",
)
no(
    "a kink at one t",
    "leibniz",
    [],
    "(conv (int z 0 1 (^ (- t z) 1/3))) , (dom t (int z 0 1 (* 1/3 (^ (- t z) -2/3)))) |- (slope t t (int z 0 1 (^ (- t z) 1/3)) (int z 0 1 (* 1/3 (^ (- t z) -2/3))))",
)
no(
    "smooth at this t only",
    "leibniz",
    [],
    "(!= t 0) , (conv (int z 0 1 (* z (^ t -1)))) , (dom t (int z 0 1 (* -1 z (^ t -2)))) |- (slope t t (int z 0 1 (* z (^ t -1))) (int z 0 1 (* -1 z (^ t -2))))",
)
no("another integrand", "leibniz", [f"|- {HALF}"], f"(conv {IN}) , (dom t {F}) |- (slope t t {IN} {F})")
no(
    "t in the function besides",
    "leibniz",
    ["|- (slope y y (f:real y x) (g:real y x))"],
    "(conv (int u (* (h:real u) (f:real t t)))) , (dom t (int u (* (h:real u) (g:real t t)))) |- (slope y t (int u (* (h:real u) (f:real y t))) (int u (* (h:real u) (g:real t t))))",
)
no("a hypothesis dropped", "leibniz", [f"(= x 0) |- {HALF}"], f"(conv {IN}) , (dom t {OUT}) |- (slope t t {IN} {OUT})")
no(
    "another range",
    "leibniz",
    [],
    "(conv (int z 0 1 (* t (exp z)))) , (dom t (int z 0 2 (exp z))) |- (slope t t (int z 0 1 (* t (exp z))) (int z 0 2 (exp z)))",
)
yes(
    "derivative_of_sum",
    ["|- (slope t x (f:real t n) (g:real x n))"],
    "(slope t x (sum n 1 N (f:real t n)) (sum n 1 N (g:real x n)))",
    "n",
)
no(
    "an infinite sum",
    "derivative_of_sum",
    ["|- (slope t x (f:real t n) (g:real x n))"],
    "(slope t x (sum n 1 oo (f:real t n)) (sum n 1 oo (g:real x n)))",
    "n",
)
no(
    "for one n only",
    "derivative_of_sum",
    ["(= n 1) |- (slope t x (f:real t n) (g:real x n))"],
    "(= n 1) |- (slope t x (sum n 1 N (f:real t n)) (sum n 1 N (g:real x n)))",
    "n",
)
no(
    "at a point that depends on n",
    "derivative_of_sum",
    ["|- (slope t n (f:real t) (g:real n))"],
    "(slope t n (sum n 1 N (f:real t)) (sum n 1 N (g:real n)))",
    "n",
)
no(
    "at another point",
    "derivative_of_sum",
    ["|- (slope t x (f:real t n) (g:real x n))"],
    "(slope t y (sum n 1 N (f:real t n)) (sum n 1 N (g:real x n)))",
    "n",
)
no(
    "ends that move",
    "derivative_of_sum",
    ["|- (slope t x (f:real t i) 0)"],
    "(slope t x (sum i 1 t (f:real t i)) (sum i 1 x 0))",
    "i",
)
no(
    "another function",
    "derivative_of_sum",
    ["|- (slope t x (f:real t n) (g:real x n))"],
    "(slope t x (sum n 1 N (h:real t n)) (sum n 1 N (g:real x n)))",
    "n",
)
no(
    "another value",
    "derivative_of_sum",
    ["|- (slope t x (f:real t n) (g:real x n))"],
    "(slope t x (sum n 1 N (f:real t n)) (sum n 1 m (g:real x n)))",
    "n",
)
no(
    "another sort",
    "derivative_of_sum",
    ["|- (slope t x (f:real t n) (g:real x n))"],
    "(slope t x (sum i 1 N (f:real t i)) (sum i 1 N (g:real x i)))",
    "n",
)

# --- 37b difference quotients
KINK = "|- (ae u (slope t x (h:real t u) (k:real x u)))"
STEEP = "|- (all t (>= (* (b:real u) (abs (- t x))) (abs (- (h:real t u) (h:real x u)))))"
NEAR = "|- (all t (- x 1) (+ x 1) (>= (* (b:real u) (abs (- t x))) (abs (- (h:real t u) (h:real x u)))))"
SUM_OF = "(int u (* (f:pos u) (h:real t u)))"
AT_X, BOUND = "(conv (int u (* (f:pos u) (h:real x u))))", "(conv (int u (* (f:pos u) (b:real u))))"
MOVED = f"(slope t x {SUM_OF} (int u (* (f:pos u) (k:real x u))))"
SAYS = ["u", "(b:real u)", "(f:pos u)"]
yes("lipschitz", [KINK, STEEP], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
yes("lipschitz", [KINK, NEAR], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
yes(
    "lipschitz",
    [
        "(= y 1) |- (ae z 0 1 (slope t a (h:real t z) (k:real z)))",
        "|- (all t (>= (abs (- t a)) (abs (- (h:real t z) (h:real a z)))))",
    ],
    "(= y 1) , (conv (int z 0 1 (h:real a z))) , (conv (int z 0 1 1)) |- (slope t a (int z 0 1 (h:real t z)) (int z 0 1 (k:real z)))",
    ["z", "1", "1"],
)
yes(
    "lipschitz",
    [
        "|- (ae u (slope p q (h:real p u) (k:real u)))",
        "|- (all p (>= (* y (abs (- p q))) (abs (- (h:real p u) (h:real q u)))))",
    ],
    "(conv (int u (h:real q u))) , (conv (int u y)) |- (slope p q (int u (h:real p u)) (int u (k:real u)))",
    ["u", "y", "1"],
)
no("no integral at t", "lipschitz", [KINK, STEEP], f"{BOUND} |- {MOVED}", SAYS)
no("a bound that may not converge", "lipschitz", [KINK, STEEP], f"{AT_X} |- {MOVED}", SAYS)
no("the bound without its weight", "lipschitz", [KINK, STEEP], f"{AT_X} , (conv (int u (b:real u))) |- {MOVED}", SAYS)
no("another weight", "lipschitz", [KINK, STEEP], f"{AT_X} , {BOUND} |- {MOVED}", [*SAYS[:2], "1"])
no(
    "another integrand, as flat",
    "lipschitz",
    ["|- (ae u (slope t x (h:real t u) 0))", STEEP],
    f"(conv (int u (l:real x u))) , {BOUND} |- (slope t x (int u (l:real t u)) (int u 0))",
    SAYS,
)
no("a slope at a few points only", "lipschitz", ["|- (all u (= 0 0))", STEEP], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no(
    "no slope",
    "lipschitz",
    ["|- (ae u (= (D t x (h:real t u)) (k:real x u)))", STEEP],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no("a slope elsewhere", "lipschitz", [KINK.replace("t x (", "t y ("), STEEP], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no("the slope of another", "lipschitz", [KINK.replace("h:", "l:"), STEEP], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no("another slope", "lipschitz", [KINK.replace("k:", "l:"), STEEP], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no("a bound of another", "lipschitz", [KINK, STEEP.replace("h:", "l:")], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no("a bound about another point", "lipschitz", [KINK, STEEP.replace("x", "y")], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no(
    "no multiple of the distance",
    "lipschitz",
    [KINK, STEEP.replace("(abs (- t x))", "1")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "a root of the distance",
    "lipschitz",
    [KINK, STEEP.replace("(abs (- t x))", "(^ (abs (- t x)) 1/2)")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no("a strict bound", "lipschitz", [KINK, STEEP.replace("(>= ", "(> ")], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no("almost every t", "lipschitz", [KINK, STEEP.replace("(all t", "(ae t")], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no(
    "a bound at one u",
    "lipschitz",
    [KINK, STEEP.replace("|-", "(= (f:pos u) 1) |-")],
    f"(= (f:pos u) 1) , {AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "a bound on one side, above",
    "lipschitz",
    [KINK, NEAR.replace("(- x 1)", "x")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "a bound on one side, below",
    "lipschitz",
    [KINK, NEAR.replace("(+ x 1)", "x")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "an interval that may be empty",
    "lipschitz",
    [KINK, NEAR.replace("(+ x 1)", "(+ x y)")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "an interval for each u, without a least",
    "lipschitz",
    [KINK, NEAR.replace("(+ x 1)", "(+ x (r:pos u))")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "a bound that moves with t",
    "lipschitz",
    [KINK, STEEP.replace("b:real u", "b:real u t")],
    f"{AT_X} , (conv (int u (* (f:pos u) (b:real u t)))) |- {MOVED}",
    ["u", "(b:real u t)", "(f:pos u)"],
)
no(
    "a bound for what is positive",
    "lipschitz",
    [KINK, STEEP.replace("all t", "all t:pos")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "a slope of what is positive",
    "lipschitz",
    [KINK.replace("slope t", "slope t:pos"), STEEP],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no("a hypothesis dropped", "lipschitz", [KINK.replace("|-", "(= y 1) |-"), STEEP], f"{AT_X} , {BOUND} |- {MOVED}", SAYS)
no(
    "the other's hypothesis dropped",
    "lipschitz",
    [KINK, STEEP.replace("|-", "(= y 1) |-")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "at a point outside of the sort",
    "lipschitz",
    [
        "|- (ae u (slope p x (h:real p u) (k:real u)))",
        "|- (all p (>= (* y (abs (- p x))) (abs (- (h:real p u) (h:real x u)))))",
    ],
    "(conv (int u (h:real x u))) , (conv (int u y)) |- (slope p x (int u (h:real p u)) (int u (k:real u)))",
    ["u", "y", "1"],
)
no(
    "a weight that moves with t",
    "lipschitz",
    [KINK, STEEP],
    f"{AT_X} , {BOUND} |- {MOVED}".replace("f:pos u", "f:pos u t"),
    [*SAYS[:2], "(f:pos u t)"],
)
no(
    "a weight as it is at the point",
    "lipschitz",
    [KINK, STEEP],
    f"{AT_X} , {BOUND} |- {MOVED}".replace("f:pos u", "f:pos u x").replace("u x) (h:real t", "u t) (h:real t"),
    [*SAYS[:2], "(f:pos u x)"],
)
no("a weight of 0", "lipschitz", [KINK, STEEP], f"{AT_X} |- {MOVED}", [*SAYS[:2], "0"])
no(
    "quotients of distance by distance",
    "lipschitz",
    [KINK, STEEP.replace("(abs (- t x))", "(- t x) (^ (- t x) -1)")],
    f"{AT_X} , {BOUND} |- {MOVED}",
    SAYS,
)
no(
    "another point for each u",
    "lipschitz",
    [text.replace("u", "z").replace(" x", " z") for text in (KINK, STEEP)],
    f"{AT_X} , {BOUND} |- {MOVED}".replace("int u", "int z").replace(" u", " z").replace(" x", " z"),
    ["z", "(b:real z)", "(f:pos z)"],
)
no(
    "a sum that may not converge",
    "lipschitz",
    [KINK.replace("ae u", "ae n 1 oo").replace(" u)", " n)"), STEEP.replace(" u)", " n)")],
    "(conv (sum n 1 oo (b:real n))) |- (slope t x (sum n 1 oo (h:real t n)) (sum n 1 oo (k:real x n)))",
    ["n", "(b:real n)", "1"],
)
LINE = [
    "|- (ae z 0 1 (slope t a (h:real t z) (k:real z)))",
    "|- (all t (>= (abs (- t a)) (abs (- (h:real t z) (h:real a z)))))",
]
KEPT = "(conv (int z 0 1 (h:real a z))) , (conv (int z 0 2 (h:real a z))) , (conv (int z 0 1 1)) , (conv (int z 0 2 1)) , (conv (int z 0 a (h:real a z))) , (conv (int z 0 a 1)) , (conv (int q 0 1 (h:real a q))) , (conv (int q 0 1 1))"
no(
    "slopes on a part",
    "lipschitz",
    LINE,
    f"{KEPT} |- (slope t a (int z 0 2 (h:real t z)) (int z 0 2 (k:real z)))",
    ["z", "1", "1"],
)
no(
    "another range of the value",
    "lipschitz",
    LINE,
    f"{KEPT} |- (slope t a (int z 0 1 (h:real t z)) (int z 0 2 (k:real z)))",
    ["z", "1", "1"],
)
no(
    "a range that moves",
    "lipschitz",
    ["|- (ae z 0 a (slope t a (h:real t z) (k:real z)))", LINE[1]],
    f"{KEPT} |- (slope t a (int z 0 t (h:real t z)) (int z 0 a (k:real z)))",
    ["z", "1", "1"],
)
no(
    "a bound at another kind of point",
    "lipschitz",
    [
        "|- (ae z 0 1 (slope t a (h:real t z) (k:real z)))",
        "|- (all t (>= (abs (- t a)) (abs (- (h:real t q) (h:real a q)))))",
    ],
    f"{KEPT} |- (slope t a (int z 0 1 (h:real t z)) (int z 0 1 (k:real z)))",
    ["q", "1", "1"],
)

# --- 39, 40 tangents
LOG2 = "|- (>= (^ p -2) 0)"  # the second derivative of log p, its sign turned
yes("tangent", [LOG2], "(>= (+ (log q) (* (^ q -1) (- p q))) (log p))", ["(log p)", "p", "q"])
yes("tangent", ["|- (>= 2 0)"], "(>= (+ (* -1 (^ a 2)) (* -2 a (- t a))) (* -1 (^ t 2)))", ["(* -1 (^ t 2))", "t", "a"])
no("convex", "tangent", ["|- (>= 2 0)"], "(>= (+ (^ a 2) (* 2 a (- t a))) (^ t 2))", ["(^ t 2)", "t", "a"])
no(
    "concave on one side only",
    "tangent",
    ["(>= (* -1 t) 0) |- (>= (* -6 t) 0)"],
    "(>= (* -1 t) 0) |- (>= (+ (^ a 3) (* 3 (^ a 2) (- t a))) (^ t 3))",
    ["(^ t 3)", "t", "a"],
)
no(
    "not smooth",
    "tangent",
    ["|- (>= 0 0)"],
    "(>= (+ (* -1 (abs a)) (* -1 (- t a))) (* -1 (abs t)))",
    ["(* -1 (abs t))", "t", "a"],
)
no(
    "a logarithm of any number",
    "tangent",
    ["|- (>= (^ t -2) 0)"],
    "(>= (+ (log a) (* (^ a -1) (- t a))) (log t))",
    ["(log t)", "t", "a"],
)
no("another line", "tangent", [LOG2], "(>= (+ (log q) (* (^ p -1) (- p q))) (log p))", ["(log p)", "p", "q"])
no("the tangent below", "tangent", [LOG2], "(>= (log p) (+ (log q) (* (^ q -1) (- p q))))", ["(log p)", "p", "q"])
no("one variable", "tangent", [LOG2], "(>= (log p) (log p))", ["(log p)", "p", "p"])
no("two sorts", "tangent", [LOG2], "(>= (+ (log q) (* (^ q -1) (- x q))) (log x))", ["(log p)", "p", "q"])
no("nothing known of f''", "tangent", [], "(>= (+ (log q) (* (^ q -1) (- p q))) (log p))", ["(log p)", "p", "q"])
no(
    "a parameter that turns it",
    "tangent",
    [LOG2],
    "(>= (+ (* x (log q)) (* x (^ q -1) (- p q))) (* x (log p)))",
    ["(* x (log p))", "p", "q"],
)
no(
    "whole numbers are no interval",
    "tangent",
    ["|- (>= (^ n -2) 0)"],
    "(>= (+ (log m) (* (^ m -1) (- n m))) (log n))",
    ["(log n)", "n", "m"],
)
no("equality", "tangent", [LOG2], "(= (+ (log q) (* (^ q -1) (- p q))) (log p))", ["(log p)", "p", "q"])
T2 = "(>= (+ (* x (log q)) (* x (^ q -1) (- p q))) (* x (log p)))"
yes("tangent", ["(>= x 0) |- (>= (* x (^ p -2)) 0)"], f"(>= x 0) |- {T2}", ["(* x (log p))", "p", "q"])
no(
    "at one point only",
    "tangent",
    ["(>= (- 2 p) 0) |- (>= (* -1 (- (* 6 p) 12)) 0)"],
    "(>= (- 2 p) 0) |- (>= (+ (- (^ q 3) (* 6 (^ q 2))) (* (- (* 3 (^ q 2)) (* 12 q)) (- p q))) (- (^ p 3) (* 6 (^ p 2))))",
    ["(- (^ p 3) (* 6 (^ p 2)))", "p", "q"],
)
no("f'' of another", "tangent", ["(>= x 0) |- (>= (* x (^ p -1)) 0)"], f"(>= x 0) |- {T2}", ["(* x (log p))", "p", "q"])
no(
    "another line",
    "tangent",
    ["(>= x 0) |- (>= (* x (^ p -2)) 0)"],
    "(>= x 0) |- (>= (+ (* x (log q)) (* x (^ p -1) (- p q))) (* x (log p)))",
    ["(* x (log p))", "p", "q"],
)
no("f'' >= 0", "tangent", ["(>= x 0) |- (>= (* -1 x (^ p -2)) 0)"], f"(>= x 0) |- {T2}", ["(* x (log p))", "p", "q"])
no("not against 0", "tangent", ["(>= x 0) |- (>= (* x (^ p -2)) -1)"], f"(>= x 0) |- {T2}", ["(* x (log p))", "p", "q"])
no("a hypothesis dropped", "tangent", ["(>= x 0) |- (>= (* x (^ p -2)) 0)"], T2, ["(* x (log p))", "p", "q"])
no(
    "a in the function",
    "tangent",
    ["|- (>= (* q (^ p -2)) 0)"],
    "(>= (+ (* q (log q)) (- p q)) (* q (log p)))",
    ["(* q (log p))", "p", "q"],
)
no(
    "a pole",
    "tangent",
    ["|- (>= (* 6 (^ t -4)) 0)"],
    "(>= (+ (* -1 (^ a -2)) (* 2 (^ a -3) (- t a))) (* -1 (^ t -2)))",
    ["(* -1 (^ t -2))", "t", "a"],
)
yes("touches_once", [], "(= (+ (log q) (* (^ q -1) (- p q))) (log p)) |- (= p q)", ["(log p)", "p", "q"])
no("without the equality", "touches_once", [], "(= p q)", ["(log p)", "p", "q"])
no("a straight line", "touches_once", [], "(= (+ a (- t a)) t) |- (= t a)", ["t", "t", "a"])
no(
    "of another function",
    "touches_once",
    [],
    "(= (+ (log q) (* (^ q -1) (- p q))) (log r)) |- (= p q)",
    ["(log p)", "p", "q"],
)
no("others", "touches_once", [], "(= (+ (log q) (* (^ q -1) (- p q))) (log p)) |- (= p r)", ["(log p)", "p", "q"])
no(
    "f'' < 0 with a parameter",
    "touches_once",
    [],
    "(= (+ (* x (log q)) (* x (^ q -1) (- p q))) (* x (log p))) |- (= p q)",
    ["(* x (log p))", "p", "q"],
)

# --- 41 change of variables
yes(
    "change_of_variables",
    ["|- (>= p p)"],
    "(= (int z (f:real z)) (int y (* p (f:real (+ (* p y) x)))))",
    ["(+ (* p y) x)", "y"],
)
no(
    "without the slope",
    "change_of_variables",
    ["|- (>= p p)"],
    "(= (int z (f:real z)) (int y (f:real (+ (* p y) x))))",
    ["(+ (* p y) x)", "y"],
)
no(
    "a slope that may be negative",
    "change_of_variables",
    ["|- (>= x x)"],
    "(= (int z (f:real z)) (int y (* x (f:real (* x y)))))",
    ["(* x y)", "y"],
)
no(
    "not affine",
    "change_of_variables",
    ["|- (>= (exp y) (exp y))"],
    "(= (int z (f:real z)) (int y (* (exp y) (f:real (exp y)))))",
    ["(exp y)", "y"],
)
no(
    "not the whole line",
    "change_of_variables",
    ["|- (>= p p)"],
    "(= (int z 0 1 (f:real z)) (int y 0 1 (* p (f:real (* p y)))))",
    ["(* p y)", "y"],
)
no(
    "over the positive reals",
    "change_of_variables",
    ["|- (>= 1 1)"],
    "(= (int q (f:real q)) (int q (f:real (+ 1 q))))",
    ["(+ 1 y)", "y"],
)
no(
    "captured: y is free in the integrand",
    "change_of_variables",
    ["|- (>= p p)"],
    "(= (int z (f:real z y)) (int y (* p (f:real (* p y) y))))",
    ["(* p y)", "y"],
)
no(
    "with a need",
    "change_of_variables",
    ["|- (>= (* x (^ x -1)) (* x (^ x -1)))"],
    "(= (int z (f:real z)) (int y (* (f:real (* x (^ x -1) y)))))",
    ["(* x (^ x -1) y)", "y"],
)
yes(
    "change_of_variables",
    ["|- (>= (+ 1 (* 3 (^ y 2))) 1)"],
    "(= (int z (f:real z)) (int y (* (+ 1 (* 3 (^ y 2))) (f:real (+ y (^ y 3))))))",
    ["(+ y (^ y 3))", "y"],
)
no(
    "a bound at one point",
    "change_of_variables",
    ["(>= y 1) |- (>= (* 2 y) 2)"],
    "(>= y 1) |- (= (int z (f:real z)) (int y (* 2 y (f:real (^ y 2)))))",
    ["(^ y 2)", "y"],
)
no(
    "a bound that is 0",
    "change_of_variables",
    ["|- (>= (exp y) 0)"],
    "(= (int z (f:real z)) (int y (* (exp y) (f:real (exp y)))))",
    ["(exp y)", "y"],
)
no(
    "a bound that moves",
    "change_of_variables",
    ["|- (>= (exp y) (exp y))"],
    "(= (int z (f:real z)) (int y (* (exp y) (f:real (exp y)))))",
    ["(exp y)", "y"],
)
no(
    "of another slope",
    "change_of_variables",
    ["|- (>= (+ 2 (* 3 (^ y 2))) 1)"],
    "(= (int z (f:real z)) (int y (* (+ 1 (* 3 (^ y 2))) (f:real (+ y (^ y 3))))))",
    ["(+ y (^ y 3))", "y"],
)
no(
    "not smooth",
    "change_of_variables",
    ["|- (>= (+ 2 (* -1/3 (^ y -2) y)) 1)"],
    "(= (int z (f:real z)) (int y (f:real (+ (* 2 y) (^ y -1)))))",
    ["(+ (* 2 y) (^ y -1))", "y"],
)
no(
    "a hypothesis dropped",
    "change_of_variables",
    ["(= x 0) |- (>= (+ 1 (* 3 (^ y 2))) 1)"],
    "(= (int z (f:real z)) (int y (* (+ 1 (* 3 (^ y 2))) (f:real (+ y (^ y 3))))))",
    ["(+ y (^ y 3))", "y"],
)

# --- 42 antiderivative, telescope
yes("antiderivative", [], "(= (int z 0 1 (^ z 2)) 1/3)", ["(* 1/3 (^ z 3))", "z"])
yes("antiderivative", [], "(= (int p 1 2 (^ p -1)) (log 2))", ["(log p)", "p"])
yes("antiderivative", [], "(<= x y) |- (= (int z x y 1) (- y x))", ["z", "z"])
yes("antiderivative", [], "(= (int z (* z (exp (* -1/2 (^ z 2))))) 0)", ["(* -1 (exp (* -1/2 (^ z 2))))", "z"])
yes("antiderivative", [], "(conv (int z 0 (^ x 2) 1))", ["z", "z"])
yes("antiderivative", [], "(= (int p 0 1 (+ (* p (log p)) (* 1/2 p))) 0)", ["(* 1/2 p p (log p))", "p"])
POWER = "(^ p (* p (^ p -1)))"  # p for p > 0, and 1 at 0
no("what rests on p > 0, at 0", "antiderivative", [], "(= (int p 0 q 1) (- q 1))", [POWER, "p"])
no("the same, with another value", "antiderivative", [], "(= (int p 0 q 1) q)", [POWER, "p"])
yes("antiderivative", [], "(= (int p 0 1 (log p)) -1)", ["(- (* p (log p)) p)", "p"])
no("a pole in the range", "antiderivative", [], "(= (int z -1 1 (^ z -2)) -2)", ["(* -1 (^ z -1))", "z"])
no("a pole that the normal form hides", "antiderivative", [], "(= (int z -1 1 1) 1)", ["(* z z (^ z -1))", "z"])
no("backwards", "antiderivative", [], "(= (int z 1 0 1) -1)", ["z", "z"])
no("may run backwards", "antiderivative", [], "(= (int z x y 1) (- y x))", ["z", "z"])
no("conv, but a pole", "antiderivative", [], "(conv (int z -1 1 (^ z -2)))", ["(* -1 (^ z -1))", "z"])
no("leaves the sort", "antiderivative", [], "(= (int p -1 1 1) 2)", ["p", "p"])
no(
    "the whole sort pos",
    "antiderivative",
    [],
    "(= (int p (* p (exp (* -1/2 (^ p 2))))) 0)",
    ["(* -1 (exp (* -1/2 (^ p 2))))", "p"],
)
no("1/s from 0", "antiderivative", [], "(= (int p 0 1 (^ p -1)) 0)", ["(log p)", "p"])
no("s^-2 from 0", "antiderivative", [], "(= (int p 0 1 (^ p -2)) -1)", ["(* -1 (^ p -1))", "p"])
no("a step at 0 that positive p do not see", "antiderivative", [], "(= (int p 0 1 1) 2)", ["(+ p (* p (^ p -1)))", "p"])
no("log s / s from 0", "antiderivative", [], "(= (int p 0 1 (* (^ p -1) (log p))) 0)", ["(* 1/2 (^ (log p) 2))", "p"])
no("s^0 log s", "antiderivative", [], "(= (int p 0 1 (^ p -1)) 0)", ["(* (^ p 0) (log p))", "p"])
no("an infinite end", "antiderivative", [], "(= (int z 0 oo 1) 0)", ["z", "z"])
no("an infinite end, not a Gaussian", "antiderivative", [], "(= (int p 1 oo (^ p -2)) 1)", ["(* -1 (^ p -1))", "p"])
no(
    "a Gaussian the wrong way up",
    "antiderivative",
    [],
    "(= (int z 0 oo (* z (exp (* 1/2 (^ z 2))))) -1)",
    ["(exp (* 1/2 (^ z 2)))", "z"],
)
no("a bound for a value", "antiderivative", [], "(>= (int z 0 1 (^ z 2)) 5)", ["(* 1/3 (^ z 3))", "z"])
no("not the value", "antiderivative", [], "(!= (int z 0 1 (^ z 2)) 1/3)", ["(* 1/3 (^ z 3))", "z"])
no("a bound", "telescope", [], "(>= (sum n 1 oo (^ 2 (* -1 n))) 5)", ["(* 2 (^ 2 (* -1 n)))", "n"])
no("another derivative", "antiderivative", [], "(= (int z 0 1 (^ z 2)) 1/2)", ["(* 1/2 (^ z 2))", "z"])
no("another value", "antiderivative", [], "(= (int z 0 1 (^ z 2)) 2/3)", ["(* 1/3 (^ z 3))", "z"])
no("with a need in z", "antiderivative", [], "(all z (!= z 0)) |- (= (int z 0 1 (* z (^ z -1))) 1)", ["z", "z"])
no("with a need", "antiderivative", [], "(= (int z 0 1 (* x (^ x -1))) 1)", ["z", "z"])
no("a sum", "antiderivative", [], "(= (sum i 0 1 1) 1)", ["z", "z"])
no("captured: z is free in the integrand", "antiderivative", [], "(= (int y 0 1 z) 1/2)", ["(* 1/2 (^ z 2))", "z"])
no("z among the ends", "antiderivative", [], "(<= 0 z) |- (= (int y 0 z z) (* 1/2 (^ z 2)))", ["(* 1/2 (^ z 2))", "z"])
no("a hypothesis about the free z", "antiderivative", [], "(> z 0) |- (= (int z -1 1 (^ z -1)) 0)", ["(log z)", "z"])
yes("telescope", [], "(= (sum n 1 oo (^ 2 (* -1 n))) 1)", ["(* 2 (^ 2 (* -1 n)))", "n"])
yes("telescope", [], "(conv (sum n 1 oo (^ 2 (* -1 n))))", ["(* 2 (^ 2 (* -1 n)))", "n"])
no("does not fall", "telescope", [], "(= (sum n 1 oo 1) -1)", ["(* -1 n)", "n"])
no("grows", "telescope", [], "(= (sum n 1 oo (^ 2 n)) -2)", ["(* -1 (^ 2 n))", "n"])
no("falls too slowly", "telescope", [], "(= (sum n 1 oo (- (^ n -1) (^ (+ n 1) -1))) 1)", ["(^ n -1)", "n"])
no(
    "3^n 2^-n",
    "telescope",
    [],
    "(= (sum n 1 oo (* -1/2 (^ 3 n) (^ 2 (* -1 n)))) 3/2)",
    ["(* (^ 3 n) (^ 2 (* -1 n)))", "n"],
)
no("another value", "telescope", [], "(= (sum n 1 oo (^ 2 (* -1 n))) 2)", ["(* 2 (^ 2 (* -1 n)))", "n"])
no("another term", "telescope", [], "(= (sum n 1 oo (^ 3 (* -1 n))) 1)", ["(* 2 (^ 2 (* -1 n)))", "n"])
no("from 0 over natural numbers", "telescope", [], "(= (sum n 0 oo (^ 2 (* -1 n))) 2)", ["(* 2 (^ 2 (* -1 n)))", "n"])
no("a finite sum", "telescope", [], "(= (sum n 1 N (^ 2 (* -1 n))) 1)", ["(* 2 (^ 2 (* -1 n)))", "n"])
no(
    "an exponent that falls like a root of n",
    "telescope",
    [],
    "(= (sum n 1 oo (- (exp (* -1 (^ n 1/2))) (exp (* -1 (^ (+ n 1) 1/2))))) (exp -1))",
    ["(exp (* -1 (^ n 1/2)))", "n"],
)
no(
    "an abstract factor",
    "telescope",
    [],
    "(= (sum n 1 oo (- (* (f:real n) (^ 2 (* -1 n))) (* (f:real (+ n 1)) (^ 2 (* -1 (+ n 1)))))) (* 1/2 (f:real 1)))",
    ["(* (f:real n) (^ 2 (* -1 n)))", "n"],
)
no(
    "an unknown rate",
    "telescope",
    [],
    "(= (sum n 1 oo (- (exp (* x n)) (exp (* x (+ n 1))))) (exp x))",
    ["(exp (* x n))", "n"],
)

# --- 43 cited, 44 Gaussians
yes("cite", [], "(= (int z (exp (* -1/2 (^ z 2)))) (^ (* 2 pi) 1/2))", "gaussian")
no("another value", "cite", [], "(= (int z (exp (* -1/2 (^ z 2)))) 1)", "gaussian")
no("another range", "cite", [], "(= (int z 0 oo (exp (* -1/2 (^ z 2)))) (^ (* 2 pi) 1/2))", "gaussian")
no("over the positive reals", "cite", [], "(= (int p (exp (* -1/2 (^ p 2)))) (^ (* 2 pi) 1/2))", "gaussian")
no("no such citation", "cite", [], "(= 0 1)", "folklore")
yes("gaussian_tail", [], "(conv (int z (* (^ z 3) (exp (+ (* -1 p (^ z 2)) (* x z) y)))))")
yes("gaussian_tail", [], "(conv (int p 0 oo (* p (exp (* -1 q (^ p 2))))))")
no("not falling", "gaussian_tail", [], "(conv (int z (exp (* x (^ z 2)))))")
no("growing", "gaussian_tail", [], "(conv (int z (exp (^ z 2))))")
no("no Gaussian", "gaussian_tail", [], "(conv (int z (^ z 2)))")
no("an exponential alone", "gaussian_tail", [], "(conv (int z (exp (* -1 z))))")
no("one term without", "gaussian_tail", [], "(conv (int z (+ 1 (exp (* -1 (^ z 2))))))")
no("exp(-z^2 + e^z)", "gaussian_tail", [], "(conv (int z (exp (+ (* -1 (^ z 2)) (exp z)))))")
no("exp(-e^-z z^2)", "gaussian_tail", [], "(conv (int z (exp (* -1 (exp (* -1 z)) (^ z 2)))))")
no(
    "a coefficient that moves in its exponent",
    "gaussian_tail",
    [],
    "(conv (int z (* (^ p (^ z 4)) (exp (* -1 (^ z 2))))))",
)
no("an abstract factor", "gaussian_tail", [], "(conv (int z (* (f:real z) (exp (* -1 (^ z 2))))))")
no("a pole", "gaussian_tail", [], "(conv (int z (* (^ z -1) (exp (* -1 (^ z 2))))))")
no("a cube", "gaussian_tail", [], "(conv (int z (exp (+ (* -1 (^ z 2)) (^ z 3)))))")
no("over whole numbers", "gaussian_tail", [], "(conv (sum i (exp (* -1 (^ i 2)))))")
no("an equality", "gaussian_tail", [], "(= (int z (exp (* -1 (^ z 2)))) 0)")
no("with a need", "gaussian_tail", [], "(conv (int z (* z (^ z -1) (exp (* -1 (^ z 2))))))")
no("1/0: a that is 0", "gaussian_tail", [], "(conv (int z (exp (* -1 (^ x 2) (^ z 2)))))")
yes("gaussian_bound", [], "(dom t (int z (* (exp t) (exp (- (* t z) (^ z 2))))))")
yes("gaussian_bound", [], "(dom p (int z (exp (* -1 p (^ z 2)))))")
no("a root of t at 0", "gaussian_bound", [], "(dom t (int z (* (^ (^ t 2) 1/2) (^ t -2) (exp (* -1 (^ z 2))))))")
no("a pole in t", "gaussian_bound", [], "(dom t (int z (* (^ t -1) (exp (* -1 (^ z 2))))))")
no("an abstract factor", "gaussian_bound", [], "(dom t (int z (* (f:real t) (exp (* -1 (^ z 2))))))")
no("an abstract factor outside", "gaussian_bound", [], "(dom t (* (f:pos t) (int z (exp (* -1 (^ z 2))))))")
no("not falling for every t", "gaussian_bound", [], "(dom t (int z (exp (* -1 (^ t 2) (^ z 2)))))")
no("a range that moves", "gaussian_bound", [], "(dom t (int z 0 t (exp (* -1 (^ z 2)))))")
no("conv", "gaussian_bound", [], "(conv (int z (exp (* -1 (^ z 2)))))")
no("with a need", "gaussian_bound", [], "(dom t (int z (* t (^ t -1) (exp (* -1 (^ z 2))))))")
