"""Steps of the attacks on this checker that it once accepted, each beside its true neighbour."""

from tests.elbo_check._steps_logic import no, yes

# --- a name of the checker's own that a rule had opened too
INNER = "(conv (int y (f:real x y)))"
no(
    "int f(y, y) dy for int f(x, y) dy",
    "almost_all",
    ["|- (ae x (= 0 0))", f"{INNER} |- {INNER}"],
    f"(conv (int y (f:real y y))) |- (ae x {INNER})",
    "x",
)
yes(
    "almost_all",
    ["|- (ae x (= 0 0))", "(conv (int y (f:real y y))) |- (= (g:real x) 0)"],
    "(conv (int y (* 2 (f:real y y)))) |- (ae x (= (g:real x) 0))",
    "x",
)

# --- an integral of the same value is not the same integral
Q = "(int y (exp (* -1 (^ y 2))))"
SAME = "(int x (* (exp (* -1 (^ x 2))) (int y (^ y 2))))"
MINE = f"(* (^ x 2) {Q})"
no(
    "conv of another integral of the same value",
    "vanish",
    [f"|- (>= {MINE} 0)", f"|- (= {SAME} 0)"],
    f"(conv {SAME}) |- (ae x (= {MINE} 0))",
    "x",
)
yes("vanish", [f"|- (>= {MINE} 0)", f"|- (= {SAME} 0)"], f"(conv (int x {MINE})) |- (ae x (= {MINE} 0))", "x")
no(
    "another integral is 0",
    "vanish",
    ["|- (>= (f:real x) 0)", "|- (= (int x (g:real x)) 0)"],
    "(conv (int x (f:real x))) , (conv (int x (g:real x))) |- (ae x (= (f:real x) 0))",
    "x",
)

# --- what is used for every value is needed for every value
G_OVER_G = "(- (* (g:real x) (^ (g:real x) -1)) 1)"
ALMOST = [f"|- (>= (h:real x) {G_OVER_G})", "|- (= (int x (h:real x)) 0)"]
no(
    "0 only where g is not",
    "vanish",
    ALMOST,
    "(conv (int x (h:real x))) , (!= (g:real x) 0) |- (ae x (= (h:real x) 0))",
    "x",
)
yes("vanish", ALMOST, "(conv (int x (h:real x))) , (all x (!= (g:real x) 0)) |- (ae x (= (h:real x) 0))", "x")
BENT = f"(>= (- (exp x) 1) {G_OVER_G})"
CURVE = "(+ (* -1 (exp x)) (* 1/2 (^ x 2)))"
LINE = "(+ (* -1 (exp a)) (* 1/2 (^ a 2)) (* (+ (* -1 (exp a)) a) (- x a)))"
no(
    "concave only where g is not 0",
    "tangent",
    [f"(all x {BENT}) |- {BENT}"],
    f"(all x {BENT}) , (!= (g:real x) 0) |- (>= {LINE} {CURVE})",
    [CURVE, "x", "a"],
)
yes(
    "tangent",
    [f"(all x {BENT}) |- {BENT}"],
    f"(all x {BENT}) , (all x (!= (g:real x) 0)) |- (>= {LINE} {CURVE})",
    [CURVE, "x", "a"],
)
F = "(* (^ t 3) (^ x -2) (exp (* -1 (^ t 2) (^ x -1))))"
DF = "(* (+ (* 3 (^ t 2) (^ x -2)) (* -2 (^ t 4) (^ x -3))) (exp (* -1 (^ t 2) (^ x -1))))"
END = "(* (g:real t) (^ (g:real t) -1))"
LEIBNIZ = f"(conv (int x 0 1 {F})) , (dom t (int x 0 {END} {DF})) |- (slope t t (int x 0 1 {F}) (int x 0 {END} {DF}))"
no("the range is the same at this t only", "leibniz", [], f"(!= (g:real t) 0) , {LEIBNIZ}")
no("a range that is the same by algebra only", "leibniz", [], f"(all t (!= (g:real t) 0)) , {LEIBNIZ}")

# --- a sign with needs
LOG = "(log (* (+ (^ x 2) p) (+ (^ x -2) q)))"
CHANGED = f"(= (int z (f:real z)) (int z (* (f:real (* {LOG} z)) {LOG})))"
BOUND = [f"|- (>= {LOG} {LOG})"]
no("positive only where x is not 0", "change_of_variables", BOUND, CHANGED, [f"(* {LOG} y)", "y"])
no("a sign with needs, even in H", "change_of_variables", BOUND, f"(!= x 0) |- {CHANGED}", [f"(* {LOG} y)", "y"])

# --- a coordinate that depends on the point
PROD = "(prod i 1 d (q:pos i (at w i)))"


def coordinate(j: str) -> tuple[str, list[object]]:
    given = f"(all i 1 d (= (int z (q:pos i z)) 1)) , (conv (int z (* (q:pos {j} z) (g:real z)))) , (<= {j} d)"
    left = f"(int w (* {PROD} (g:real (at w {j}))))"
    return f"{given} |- (= {left} (int z (* (q:pos {j} z) (g:real z))))", ["w", PROD, j, ("h", "(g:real h)")]


no("another coordinate at every point", "coordinate", [], *coordinate("(j:nat w)"))
yes("coordinate", [], *coordinate("(j:nat x)"))

# --- a factor in which an integral hides
MANY = f"(* {' '.join(['1'] * 1500)})"
TWO = "|- (conv (* 2 (int u (g:real u))))"
no(
    "a product of too many factors for a constant",
    "carry",
    [TWO, f"|- (= 1 {MANY})", f"|- (= (* {MANY} (int u (f:real u))) (int u (g:real u)))"],
    "(conv (* 2 (* 1 (int u (f:real u)))))",
)
yes("carry", [TWO, "|- (= 1 (* 1 1 1))", "|- (= (f:real u) (g:real u))"], "(conv (* 2 1 (int u (f:real u))))")
