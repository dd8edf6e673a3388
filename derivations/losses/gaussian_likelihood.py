r"""# A Gaussian decoder is a squared error, up to two constants

Let the decoder say $x_m \mid z \sim \mathcal N(\hat x_m(z), \sigma_x^2)$, independently for $m = 1, \dots, D$. Then

$$-\log p(x \mid z) = \frac{1}{2\sigma_x^2} \sum_m (x_m - \hat x_m(z))^2 + \frac D2 \log(2\pi\sigma_x^2) .$$

"The reconstruction term is the squared error" forgets the factor, the constant and the average over $z$. The term is an
**affine** function of the average squared error, with a slope and an offset that both depend on $\sigma_x^2$. It is
not proportional to it: a perfect reconstruction has error zero and a log likelihood of $-\frac D2
\log(2\pi\sigma_x^2)$, which is positive when $\sigma_x^2$ is small. With $\sigma_x^2$ fixed the constant does not
move the optimum. With $\sigma_x^2$ learned it is the only thing that keeps the variance from growing.

The average over $z$ stays. The error at the encoder's mean is not the mean error: for an affine decoder the two
differ by the spread of the codes, passed on by the decoder (see the linear Gaussian model).

Keywords: MSE, squared error, Gaussian decoder, log likelihood of a Gaussian, reconstruction loss, missing log 2 pi,
decoder variance.
"""

from derivations import *

D = Symbol("D", integer=True, positive=True)
mean, var, var_noise = Symbol("mean", real=True), Symbol("var", positive=True), Symbol("var_noise", positive=True)
xs, mean_x = IndexedBase("x", real=True), IndexedBase("mean_x", real=True)
each_var = IndexedBase("var_noise", positive=True)
entries = (m, 1, D)


@theorem(
    same(log(Normal(x, mean, var)), -((x - mean) ** 2) / (2 * var) - log(2 * pi * var) / 2),
    "The logarithm of a Gaussian density",
    computes="normal_log_density",
    kind="step",
)
def gaussian_log_density() -> Thm:
    """The exponent, and the logarithm of the constant in front."""
    return calc(log(Normal(x, mean, var)), opened, to(gaussian_log_density.statement.rhs))


laws = Product(Normal(xs[m], mean_x[m], each_var[m]), entries)
logarithms = -((xs[m] - mean_x[m]) ** 2) / (2 * each_var[m]) - log(2 * pi * each_var[m]) / 2


@theorem(
    same(log(laws), total(logarithms, entries)),
    "The log likelihood of a Gaussian decoder",
    computes="gaussian_log_likelihood",
)
def gaussian_likelihood() -> Thm:
    """The logarithm of a product is a sum."""
    density_m = substitute(gaussian_log_density.thm, {x: xs[m], mean: mean_x[m], var: each_var[m]})
    return calc(log(laws), log_product(laws), termwise(density_m))


@theorem(
    same(
        log(Product(Normal(xs[m], mean_x[m], var), entries)),
        -total((xs[m] - mean_x[m]) ** 2, entries) / (2 * var) - D * log(2 * pi * var) / 2,
    ),
    "With one variance: squared error and a constant",
    claims=("003-26",),
    narrows={"": "a Gaussian decoder"},
)
def gaussian_squared_error() -> Thm:
    """Take the common factor and the constant out of the sum."""
    return _squared_error(mean_x[m], var)


def _squared_error(about: Expr, spread: Expr) -> Thm:
    """log prod_i N(x_i; m_i, v) = -sum_i (x_i - m_i)^2 / 2v - (D/2) log(2 pi v)."""
    law, one = Product(Normal(xs[m], about, spread), entries), (xs[m] - about) ** 2
    density_m = substitute(gaussian_log_density.thm, {x: xs[m], mean: about, var: spread})
    return calc(
        log(law),
        log_product(law),
        termwise(density_m, to(-one / (2 * spread) - log(2 * pi * spread) / 2)),
        linearity,
        at(constant, total(1, entries)),
        to(-total(one, entries) / (2 * spread) - D * log(2 * pi * spread) / 2),
    )


# --- one variance, any encoder: q(z) stands for q(z | x) at the given x ---

ENCODER, PRIOR = density("q", "z"), density("p", "z")
MEAN = Function("mean_x(m|z)", real=True)
q, prior = ENCODER(u), PRIOR(u)
likelihood = Product(Normal(xs[m], MEAN(m, u), var_noise), entries)
error = total((xs[m] - MEAN(m, u)) ** 2, entries)
offset = D * log(2 * pi * var_noise) / 2
distortion, mass = E(error, q, whole), normalised(q, whole)

pixels = {D: 3, xs: [Rational(1, 2), Rational(-3, 4), 1], var_noise: Rational(3, 4)}
bell = {**pixels, ENCODER: Lambda(z, gauss(z, 1, Rational(1, 2))), PRIOR: Lambda(z, gauss(z, 0, 1))}
bell |= {MEAN: Lambda((m, z), m * z / 2 - 1)}
table = {**pixels, K: 4, ENCODER: Lambda(k, (5 - k) / 10), PRIOR: Lambda(k, k / 10), MEAN: Lambda((m, k), m * k / 4)}


def log_likelihood() -> Thm:
    """log p(x | z) is the squared error over -2 var, less a constant."""
    return _squared_error(MEAN(m, u), var_noise)


@theorem(
    same(E(log(likelihood), q, whole), -distortion / (2 * var_noise) - offset),
    "The reconstruction term is affine in the mean squared error",
    given=(mass, Converges(distortion)),
    claims=("003-24", "002-25", "003-27"),
    forms=on_both(bell, table),
    narrows={
        "003-24": "a Gaussian decoder",
        "002-25": "the squared error is averaged over the codes",
        "003-27": "the squared error is averaged over the codes",
    },
)
def gaussian_reconstruction() -> Thm:
    """Average the squared error; the constant comes out."""
    thm = calc(
        E(log(likelihood), q, whole),
        opened,
        ("the logarithm of the likelihood", log_likelihood()),
        ("error and constant apart", inside(-q * error / (2 * var_noise) - offset * q)),
        linearity,
        ("q integrates to one", given(mass)),
        folded(-distortion / (2 * var_noise) - offset),
    )
    return settled_by(thm, mass)


# --- not proportional ---

slope, perfect = Symbol("c", positive=True), Normal(0, 0, 1)


@counterexample(
    same(log(Normal(x, mean, var)), -slope * (x - mean) ** 2),
    differs(log(perfect), 0),
    "The reconstruction term is proportional to the squared error",
    at={x: 0, mean: 0, var: 1, slope: Rational(1, 2)},
    holds_at={x: 1, mean: 0, var: 1 / (2 * pi), slope: pi},
    given=(same(2 * slope * var, 1),),
    instead="gaussian_reconstruction",
    claims=("002-26",),
)
def gaussian_term_is_proportional() -> Thm:
    """A perfect reconstruction: the error is zero, whatever the slope, and the term is -log(2 pi)/2."""
    term = calc(log(perfect), opened, to(-log(2 * pi) / 2))
    return apart(term, algebra(0, 0))


likelihood_choice = Remark(
    "likelihood_choice",
    "gaussian_likelihood",
    "An announcement of a later text.",
    ("002-81",),
    nearest="gaussian_reconstruction",
)


one_slot_two_types = Misprint(
    "one_slot_two_types",
    "gaussian_likelihood",
    "One slot holds a standard deviation here and a covariance matrix later: they are of different types.",
    ("000-02",),
    nearest="gaussian_likelihood",
)
