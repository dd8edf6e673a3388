r"""# The linear Gaussian model with a matrix

$x = W z + b + \text{noise}$ with $z \in \mathbb R^d$, $x \in \mathbb R^D$ and a full matrix $W$. Codes and prior $\mathcal N(0, I)$ look the same from all
sides, so the axes of the codes may be chosen: along the right singular vectors of $W$. Then the columns of $W$ are orthogonal, of lengths
$s_1, \dots, s_d$, its singular values, and that is the hypothesis, for all codes at once:

$$|W z|^2 = \sum_i s_i^2 z_i^2 .$$

With it the likelihood is a product over the coordinates of the code, whatever the dimension of the data. What the data say of coordinate $i$ is
$t_i = \sum_k W_{ki} (x_k - b_k)$, and so the posterior is Gaussian with independent coordinates, of means $t_i/(s_i^2 + \sigma^2)$ and variances
$\sigma^2/(s_i^2 + \sigma^2)$. The evidence is that of a model without codes, times a factor for each of them.

The rotation of the codes to these axes is not carried out here. For the rest, nothing is assumed of $W$: a singular value may be zero, and there
may be more codes than data.

Headline: matrix_posterior.
Keywords: linear Gaussian model with a matrix, probabilistic PCA, factor analysis, singular value decomposition, linear decoder, posterior covariance, PPCA evidence.
"""

from derivations import *
from derivations.gaussians.gaussian_moments import gaussian_mass, mean, var

i, D = Symbol("i", integer=True, positive=True), Symbol("D", integer=True, positive=True)
code = IndexedBase("zs", shape=(d,), real=True)
space, each_i, each_k = Tuple(code.label), Tuple(i, 1, d), Tuple(k, 1, D)
data, biases, weights, lengths = (IndexedBase(name, real=True) for name in ("x", "bias", "weight", "s"))
var_noise = Symbol("var_noise", positive=True)
decoded, rest = Sum(weights[k, i] * code[i], each_i), data[k] - biases[k]
seen = Sum(weights[k, i] * rest, each_k)  # what the data say of coordinate i
prior = Product(Normal(code[i], 0, 1), each_i)
likelihood = Product(Normal(data[k], biases[k] + decoded, var_noise), each_k)
without_code = Product(Normal(data[k], biases[k], var_noise), each_k)
orthogonal = ForAll(same(Sum(decoded**2, each_k), Sum(lengths[i] ** 2 * code[i] ** 2, each_i)), code.label)
told = seen * code[i] / var_noise - lengths[i] ** 2 * code[i] ** 2 / (
    2 * var_noise
)  # the log-likelihood of coordinate i
precise = lengths[i] ** 2 + var_noise
mean_post, var_post = seen / precise, var_noise / precise
gain = sqrt(var_post) * exp(seen**2 / (2 * var_noise * precise))
evidence = without_code * Product(gain, each_i)
posterior = Product(Normal(code[i], mean_post, var_post), each_i)
tall = {d: 2, D: 3, data: [Rational(1, 2), -1, 2], biases: [0, Rational(1, 3), 1], var_noise: Rational(3, 2)}
tall |= {weights: [[1, -1], [1, 1], [0, 1]], lengths: [sqrt(2), sqrt(3)]}


def by_coordinates(x: Expr = data[k], weight: Expr = weights[k, i]) -> Thm:
    """The log-likelihood is what no code changes, and a sum over the coordinates of the code."""
    whole_code, off = Sum(weight * code[i], each_i), x - biases[k]
    one, base = log(Normal(x, biases[k] + whole_code, var_noise)), log(Normal(x, biases[k], var_noise))
    apart = calc(
        base + off * whole_code / var_noise - whole_code**2 / (2 * var_noise), opened, to(opened(one).prop.rhs)
    )
    by_data = Sum(weight * off, each_k)
    crossed = calc(
        Sum(off * whole_code, each_k),
        termwise(move_in(whole_code, off)),
        swap,
        termwise(flip(move_in(by_data, code[i]))),
    )
    by_code = Sum(by_data * code[i] / var_noise - lengths[i] ** 2 * code[i] ** 2 / (2 * var_noise), each_i)
    with_code, without = (Product(law.args[0], each_k) for law in (one, base))
    squares = ForAll(same(Sum(whole_code**2, each_k), Sum(lengths[i] ** 2 * code[i] ** 2, each_i)), code.label)
    return calc(
        log(with_code),
        log_product(with_code),
        termwise(chain(opened(one), flip(apart))),
        linearity,
        crossed,
        ("the columns of the matrix are orthogonal", given(squares)),
        flip(log_product(without)),
        lambda e: rearrange(flip(linearity(by_code)), e, log(without) + by_code),
    )


factor = Normal(code[i], 0, 1) * exp(told)


def _joint() -> Thm:
    """Prior times likelihood is a product over the coordinates of the code, times what no code changes."""
    each_log = log(Normal(code[i], 0, 1)) + told
    factors, logs = Product(factor, each_i), Sum(each_log, each_i)
    return unlog(
        calc(
            log(likelihood * prior),
            to(log(likelihood) + log(prior)),
            by_coordinates(),
            at(linearity, Sum(told, each_i)),
            log_product(prior),
            lambda e: rearrange(flip(linearity(logs)), e, log(without_code) + logs),
            at(termwise(to(log(factor))), logs),
            flip(log_product(factors)),
            to(log(without_code * factors)),
        )
    )


def _factor() -> Thm:
    """Complete the square: a factor is the posterior of its coordinate, times what it adds to the evidence."""
    left, right = log(factor), log(gain * Normal(code[i], mean_post, var_post))
    return unlog(calc(left, opened, to(opened(right).prop.rhs), folded(right)))


@theorem(
    same(likelihood * prior, posterior * evidence),
    "A linear decoder with a full matrix: the posterior is Gaussian, with independent coordinates",
    given=(orthogonal,),
    examples=({**tall, code: [Rational(3, 4), Rational(-1, 2)]},),
    claims=("000-12",),
    words={0: "the columns of the matrix are orthogonal: the codes are in the axes of its singular vectors"},
    narrows={"": "constant noise, the same in all directions"},
)
def matrix_posterior() -> Thm:
    """The joint is a product over the coordinates of the code; complete the square in each."""
    own = rewrite(Product(factor, each_i), _factor())
    apart = chain(own, flip(merged(gain, Normal(code[i], mean_post, var_post), each_i)))
    return calc(likelihood * prior, _joint(), lambda e: rearrange(apart, e, posterior * evidence, times=without_code))


@theorem(
    same(total(likelihood * prior, space), evidence),
    "The evidence of a linear Gaussian model with a full matrix",
    given=(orthogonal,),
    examples=(tall,),
    claims=("000-12",),
    words={0: "the columns of the matrix are orthogonal: the codes are in the axes of its singular vectors"},
    narrows={"": "constant noise, the same in all directions"},
)
def matrix_evidence() -> Thm:
    """Each coordinate of the code by itself: its posterior integrates to one."""
    value, _ = coordinates(total(Product(factor, each_i), space), Product(gain, each_i), line)
    mass = substitute(gaussian_mass.thm, {mean: mean_post, var: var_post})
    here, post = factor.xreplace({code[i]: z}), Normal(z, mean_post, var_post)
    square = unlog(calc(log(here), opened, to(opened(log(gain * post)).prop.rhs), folded(log(gain * post))))
    one = calc(total(here, line), termwise(square), linearity, mass, to(gain))
    return calc(total(likelihood * prior, space), termwise(_joint()), linearity, discharge(value, for_all(one, each_i)))
