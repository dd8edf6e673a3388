r"""# The gradient of the ELBO

Put the noise into the ELBO of a Gaussian encoder and take the logarithm of its density at its own sample,
$z = \mu_\phi + \sigma_\phi\,\varepsilon$:

$$\mathrm{ELBO} = \mathbb E_\varepsilon\big[\log p(x, \mu_\phi + \sigma_\phi\,\varepsilon) + \log\sigma_\phi
+ \tfrac12 \varepsilon^2 + \tfrac12 \log 2\pi\big] .$$

The parameter stands in two places. Through the sample it moves $\log p$; by itself it moves $\log \sigma_\phi$, the
entropy of the encoder, and that part of the gradient, $\sigma'_\phi/\sigma_\phi$, knows nothing of the data. It is what
keeps $\sigma_\phi$ from shrinking to zero. A gradient written as
$\mathbb E_\varepsilon[\nabla_\phi f(g_\phi(\varepsilon))]$ for a fixed $f$ leaves it out.

The parameters of the decoder are easier. The distribution of $z$ does not contain them, so the gradient goes straight
under the expectation, with samples of any kind.

"The objective is differentiable" is therefore a statement about the model: the decoder has a slope in $z$ at every point,
the encoder has slopes in $\phi$, and the slopes are dominated. A linear, softplus or tanh network has all that; a ReLU network has
enough of it, [by a page of its own](gradient_with_kinks.md). A step in the decoder breaks it, and so does a code with finitely many values, whose gradient needs the score.

The second part can be traded. Differentiate $\log w = \log p(x, z) - \log q(z \mid x)$ along the path of the sample
alone, with the distribution of the encoder held still: its slope in $z$ is $p'/p + \varepsilon/\sigma$. The mean of
that, times the speed of the sample, is the same gradient, because what is left out is the score, which has mean zero.
Where $q(z \mid x)$ is the posterior, $\log w$ has no slope at all: every single draw gives zero, not only the average,
so the noise of the gradient dies out as the encoder arrives. Roeder, Wu and Duvenaud call this *sticking the landing*
(2017). It is the case $K = 1$ of the doubly reparameterized gradient of Tucker and others (2018) for the
importance-weighted bound, which has a page of its own.

Here $p'(x, z)$ is the derivative in $z$, $\mu'$ and $\sigma'$ those in $\phi$, and $\phi$ is one of the parameters: the
gradient is the list of these derivatives.

Keywords: sticking the landing, pathwise gradient of the ELBO, path derivative estimator, stop gradient, decoder
gradient.
"""

from derivations import *
from derivations.gradients.pathwise_gradient import phi, slope
from derivations.gradients.reparameterization import eps, noise, noise_line

JOINT, JOINT_SLOPE = density("p", "x,z"), Function("p'(x,z)", real=True)
MEAN, MEAN_SLOPE = Function("mean(phi,x)", real=True), Function("mean'(phi,x)", real=True)
STD, STD_SLOPE = Function("std(phi,x)", positive=True), Function("std'(phi,x)", real=True)

encoder = Normal(z, MEAN(phi, x), STD(phi, x) ** 2)
elbo = ELBO(JOINT(x, z), encoder, line)
sample = MEAN(phi, x) + STD(phi, x) * eps
size = log(STD(phi, x)) + eps**2 / 2 + log(2 * pi) / 2  # minus the log density of the encoder, at its own sample
speed = MEAN_SLOPE(phi, x) + STD_SLOPE(phi, x) * eps
through = JOINT_SLOPE(x, sample) / JOINT(x, sample) * speed
by_itself = STD_SLOPE(phi, x) / STD(phi, x)
step = through + by_itself
smooth = (
    ForAll(slope(JOINT(x, z), z, JOINT_SLOPE(x, z)), x),
    ForAll(slope(MEAN(phi, x), phi, MEAN_SLOPE(phi, x)), x),
    ForAll(slope(STD(phi, x), phi, STD_SLOPE(phi, x)), x),
)
finite = Converges(total(noise * (log(JOINT(x, sample)) + size), noise_line))
tame = Dominated(total(noise * through + noise * by_itself, noise_line), phi)

model = 1 / ((9 + (x - z) ** 2) * (16 + z**2))  # tails that float64 can divide
spread = exp(phi * (1 + x**2 / 8) / 2)
network = {JOINT: Lambda((x, z), model), JOINT_SLOPE: Lambda((x, z), model.diff(z)), phi: Rational(1, 3)}
network |= {MEAN: Lambda((phi, x), phi * x - phi**2), MEAN_SLOPE: Lambda((phi, x), x - 2 * phi)}
network |= {STD: Lambda((phi, x), spread), STD_SLOPE: Lambda((phi, x), diff(spread, phi))}


def inside_noise() -> Thm:
    """The sample, written with the noise."""
    pulled = noise * (log(JOINT(x, sample)) + size)
    return calc(elbo, opened, lambda e: change_of_variables(e, sample, eps), termwise(opened, folded(pulled)))


def _under_noise() -> Thm:
    """The derivative, taken under the integral over the noise."""
    return calc(
        Derivative(inside_noise().prop.rhs, phi),
        lambda e: leibniz(e, *map(given, smooth)),
        inside(noise * step),
        folded(E(step, noise, noise_line)),
    )


@theorem(
    same(Derivative(elbo, phi), E(step, noise, noise_line)),
    "The gradient of the ELBO, through the noise",
    given=(*smooth, finite, tame),
    examples=(network | {x: Rational(1, 2)},),
    narrows={"": "one latent dimension"},
)
def elbo_pathwise_gradient() -> Thm:
    """Write the sample with the noise. The Gaussian at its own sample is the noise density, divided by the deviation."""
    return calc(Derivative(elbo, phi), inside_noise(), _under_noise())


path_of_log_weight = (JOINT_SLOPE(x, sample) / JOINT(x, sample) + eps / STD(phi, x)) * speed


@theorem(
    same(Derivative(elbo, phi), E(path_of_log_weight, noise, noise_line)),
    "The same gradient without the score: sticking the landing",
    given=elbo_pathwise_gradient.given,
    examples=elbo_pathwise_gradient.examples,
)
def sticking_the_landing() -> Thm:
    """The two integrands differ by a multiple of eps and one of eps^2 - 1, whose means are zero."""
    up, out = MEAN_SLOPE(phi, x), STD_SLOPE(phi, x)
    score, terms = up * eps + out * eps**2 - out, out * (eps**2 - 1) * noise + up * eps * noise
    square = antiderivative(total((eps**2 - 1) * noise, noise_line), -eps * noise)
    first = antiderivative(total(eps * noise, noise_line), -noise)
    no_score = settled(calc(total(score * noise, noise_line), inside(terms), linearity, square, first))
    thm = calc(
        E(path_of_log_weight, noise, noise_line),
        opened,
        inside(noise * step + score / STD(phi, x) * noise),
        linearity,
        ("the score has mean zero", no_score),
        folded(E(step, noise, noise_line)),
    )
    return chain(elbo_pathwise_gradient.thm, flip(settled(discharge(thm, dominated(given(tame))))))


# --- a data set ---

X = IndexedBase("x", real=True)
each_n = Tuple(n, 1, N)


def _at_n(e: Expr) -> Expr:
    """The same for the n-th data point."""
    return e.xreplace({x: X[n]})


@theorem(
    same(Derivative(total(_at_n(elbo), each_n), phi), total(_at_n(E(step, noise, noise_line)), each_n)),
    "The objective of a data set has a gradient",
    given=(*smooth, ForAll(_at_n(finite), each_n), ForAll(_at_n(tame), each_n)),
    examples=(network | {N: 2, X: [Rational(1, 2), Rational(-3, 4)]},),
    narrows={"": "one latent dimension"},
)
def data_set_gradient() -> Thm:
    """The gradient of a finite sum is the sum of the gradients. Averages and minus signs change nothing."""
    under_sum = derivative_of_sum(substitute(_under_noise(), {x: X[n]}), each_n)
    at_n = substitute(inside_noise(), {x: X[n]})
    thm = calc(Derivative(total(_at_n(elbo), each_n), phi), at_n, under_sum)
    return discharge(thm, for_all(dominated(given(ForAll(_at_n(tame), each_n))), each_n))


# --- the decoder ---

theta = Symbol("theta", real=True)
MODEL, MODEL_SLOPE, ENCODER = density("p", "x,z|theta"), Function("p'(x,z|theta)", real=True), density("q", "z|x")
p_xz, p_slope, q_z = MODEL(x, u, theta), MODEL_SLOPE(x, u, theta), ENCODER(u, x)
bound = ELBO(p_xz, q_z, whole)
moves = ForAll(slope(p_xz, theta, p_slope), u)
decoder = exp(-((x - theta * z) ** 2) / 2 - (z - 1) ** 2 / 3) / 7
table = (k + theta**2) / (20 + 4 * theta**2)


def _example(at: Symbol, model: Expr, code: Expr) -> dict:
    """A decoder that moves with theta, its slope, and an encoder."""
    moving = {MODEL: Lambda((x, at, theta), model), MODEL_SLOPE: Lambda((x, at, theta), model.diff(theta))}
    return {**moving, ENCODER: Lambda((at, x), code), theta: Rational(1, 3), x: Rational(1, 2)}


bells = _example(z, decoder, gauss(z, x, Rational(1, 2)))
counts = {**_example(k, table, k / 10), K: 4}


@theorem(
    same(Derivative(bound, theta), E(p_slope / p_xz, q_z, whole)),
    "The gradient of the ELBO in the decoder",
    given=(moves, Converges(bound), Dominated(total(q_z * p_slope / p_xz, whole), theta)),
    forms=on_both(bells, counts),
)
def decoder_gradient() -> Thm:
    """The distribution of z does not contain the parameter, so the derivative meets nothing but the logarithm."""
    mean_slope = folded(E(p_slope / p_xz, q_z, whole))
    return calc(Derivative(bound, theta), opened, lambda e: leibniz(e, given(moves)), mean_slope)


what_is_needed = Remark(
    "what_is_needed",
    "elbo_gradient",
    "Says which gradient is needed, not what it is.",
    ("003-62",),
    nearest="elbo_pathwise_gradient",
)
