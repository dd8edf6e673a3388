r"""# Importance weighting with independent samples

Draw $z_1, \dots, z_K$ independently from $q(z)$, the encoder at one $x$. The average weight is then a function of a
point of $\mathbb{R}^K$ whose density is a product. A function of one coordinate, averaged under a product, sees its own
factor only, so each expected logarithm is the ELBO, and the hypothesis of the general bound becomes a fact. It is
stated here for codes on the real line.

Keywords: IWAE, importance weighted bound, independent samples.
"""

from derivations import *
from derivations.importance.iwae_bound import log_of_average, samples

CODE, JOINT = density("q", "z"), density("p", "z,x")
i = Symbol("i", integer=True, positive=True)
draws = IndexedBase("zs", shape=(N,), real=True)
space = Tuple(draws.label)
code, joint = CODE(z), JOINT(z, x)
independent = Product(CODE(draws[i]), (i, 1, N))
weight = Lambda(z, joint / code)
all_weights = Sum(weight(draws[m]), (m, 1, N))
average_weight = all_weights / N
one_sample, expected = ELBO(joint, code, line), E(log(average_weight), independent, space)
apart, alike = exp(-(z**2) / 4 - (x - z) ** 2 / 8) / 5, exp(-((z - 1) ** 2) / 2) / (3 + x**2)
joints = Lambda((z, x), apart), Lambda((z, x), alike)


@theorem(
    at_least(expected, one_sample),
    "Independent samples: the bound is at least the ELBO",
    given=(normalised(code, line), Converges(one_sample), Converges(expected)),
    examples=tuple({N: 2, x: Rational(1, 2), CODE: Lambda(z, gauss(z, 1, 1)), JOINT: joint} for joint in joints),
    claims=("002-61",),
    narrows={"": "one latent dimension"},
)
def iwae_above_elbo_independent() -> Thm:
    """A sample by itself has the distribution q, so each expected logarithm is the ELBO."""
    unit = for_all(given(normalised(code, line)), (i, 1, N))
    one = total(independent * log(weight(draws[n])), space)
    equal, finite_one = (discharge(t, unit) for t in coordinate(one, independent, n, Lambda(z, log(weight(z))), line))
    each = chain(equal, flip(unfold(one_sample)))
    is_average = rewrite(average_weight, rename(all_weights, n))
    higher, means = log_of_average(independent, weight(draws[n]), average_weight, space, is_average, each)
    finite = for_all(finite_one, samples)
    return chain(unfold(expected), discharge(higher, finite), discharge(means, finite))
