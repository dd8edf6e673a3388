"""The book: a folder is a chapter, a file in it a derivation, a verdict in that a theorem or a counterexample.

In the order of reading: divergence, gaussians, evidence, linear_model, losses, surgery, rate, directions, importance,
training, gradients.

What stands here is the vocabulary of authors; a derivation opens with `from derivations import *`. The packages with a
leading underscore are the engine: each knows only those before it in `_kernel`, `_language`, `_values`, `_checks`,
`_reading`, and none knows a chapter.
"""

# fmt: off
# isort: off
from sympy import (
    Abs, Basic, Derivative, Expr, Function, IndexedBase, Integer, Lambda, Product, Rational, Sum, Symbol,
    Tuple, diff, exp, log, oo, pi, sqrt,
)
from derivations._kernel import (
    AlmostEverywhere, Converges, Dominated, ForAll, Thm, algebra, almost_all, almost_equal, antiderivative, antisymmetry, assume,
    because, between, carry, chain, change_by_slope, change_of_variables, combine, constant, coordinate, coordinates, derivative_of_sum,
    differ, differentiate, discharge, diverges, dominated, each, finite_sum, flip, for_all, fubini,
    gaussian_integral, gaussian_tail,
    instantiate, integrable, leibniz, linearity, lipschitz, log_product, mapped, monotone, move_in, on_space, rearrange,
    rename, rewrite, sign, substitute, swap, tangent, tangent_of, telescope, term_of_sum, total, touches_once, triangular, unfold,
    unfolded, unlog, vanish, variance_of_sum, write_out,
)
from derivations._language.instances import decided
from derivations._language.notation import (
    ELBO, KL, Bernoulli, CrossEntropy, E, Entropy, Information, K, N, Normal, above, at_least, d, density, differs, gauss, k, line, m, n,
    normalised, same, states, t, u, v, whole, x, y, z,
)
from derivations._language.steps import (
    apart, at, below_tangent, calc, folded, given, inside, opened, settled, termwise, to,
)
from derivations._language.tactics import at_instance, combined, converges, ending, log_tangent, merged, on_both, settled_by, worked
from derivations._language.verdicts import Citation, Definition, Form, Misprint, Remark, counterexample, theorem

__all__ = [name for name in dir() if not name.startswith("_")]
