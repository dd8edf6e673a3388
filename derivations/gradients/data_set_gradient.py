r"""# The gradient of the objective of a data set

The objective of training is a sum over the data, $\sum_m \mathcal L(\theta, \phi; x_m)$. With its samples written as functions of noise,
the ELBO of each data point is an average over noise that does not depend on the parameters. Then the gradient of the sum is the sum
of averages of gradients, which is what backpropagation computes from one draw of noise for each data point.

As on the page on all parameters at once, $t$ runs along a line in any direction $v$ through the parameters, $h(m, t, z)$ is what is
averaged for the data point $m$ at the noise $z$, and $h'_i$ its derivative in the $i$-th parameter. A network of ReLUs will do: the
derivatives need exist for almost every noise only. Data, codes and noise may live on any space.

Keywords: gradient of the training objective, backpropagation through the ELBO, gradient of a sum over data.
"""

from derivations import *
from derivations.gradients import gradient_of_all_parameters as one
from derivations.gradients.gradient_of_all_parameters import N, along, i, noise, two
from derivations.gradients.gradient_with_kinks import almost, bounded, room

M = Symbol("M", integer=True, positive=True)
data, each_i = Tuple(m, 1, M), Tuple(i, 1, N)
PULLED, PARTS, STEEP = Function("h(m,t,z)", real=True), Function("h'(i,m,t,z)", real=True), density("L", "m,z")
pulled, part, steep = PULLED(m, t, u), PARTS(i, m, t, u), STEEP(m, u)
at_m = {one.PULLED: Lambda((t, z), PULLED(m, t, z)), one.STEEP: Lambda(z, STEEP(m, z))}
at_m |= {one.PULLED_PARTS: Lambda((i, t, z), PARTS(i, m, t, z))}
bent = {**two, M: 1, room: 1, one.NOISE: one.bent[one.NOISE]}
bent |= {PULLED: Lambda((m, t, z), (t + z) ** 2 - m * t * z / 2), STEEP: Lambda((m, z), 6 + z**2)}
bent |= {PARTS: Lambda((i, m, t, z), (2 - i) * 2 * (t + z) + (i - 1) * m * z)}
fold = {**two, M: 2, room: 1, K: 3, one.NOISE: one.fold[one.NOISE]}
fold |= {PULLED: Lambda((m, t, k), Abs(t - k) + m * k * t**2 / 4), STEEP: Lambda((m, k), 1 + m * k)}
fold |= {PARTS: Lambda((i, m, t, k), (2 - i) * (t - k) / Abs(t - k) - (i - 1) * m * k * t)}


@theorem(
    same(Derivative(total(E(pulled, noise, whole), data), t), total(along(E(part, noise, whole)), data)),
    "The objective of a data set has a gradient in all parameters, also with kinks",
    given=(
        ForAll(almost(pulled, t, along(part), whole), data),
        ForAll(ForAll(bounded(pulled, t, steep), u), data),
        ForAll(Converges(E(pulled, noise, whole)), data),
        ForAll(Converges(E(steep, noise, whole)), data),
        ForAll(ForAll(Converges(total(noise * part, whole)), each_i), data),
    ),
    claims=("000-98",),
    forms=on_both(bent, fold),
    words={
        0: "for almost every noise the integrand has a gradient in the parameters",
        1: "near each parameter the integrand is Lipschitz, with a constant of finite mean",
    },
    narrows={"": "the samples are functions of noise that has no parameters"},
)
def data_set_gradient_of_all_parameters() -> Thm:
    """The gradient of a finite sum is the sum of the gradients."""
    return derivative_of_sum(instantiate(one.gradient_of_all_parameters.thm, at_m), data)
