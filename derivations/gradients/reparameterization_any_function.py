r"""# Noise first, for every function of a vector

A code $z \in \mathbb R^d$ is noise, stretched and shifted: $z = \mu + \sigma \odot \varepsilon$ with a scale for each coordinate, or
$z = \mu + L\varepsilon$ with a lower triangular $L$. Both sides have the same average, whatever is averaged:

$$\mathbb E_{q}[f(z)] = \mathbb E_{\varepsilon}[f(\mu + L\varepsilon)], \qquad \varepsilon \sim \mathcal N(0, I) .$$

In the formulas $f(z)$ is written $f\big(\sum_i g_i(z_i)\big)$, with measurable functions of one variable each. Nothing is lost by that:
*every* function of $d$ variables has this form. Let $g_i$ squash $z_i$ into $(0, 1)$ and write its binary digits into the places $i, i + d, i + 2d, \dots$ of a
number in base three. Digits 0 and 1 never carry, so the sum shows every digit of every coordinate: it is the whole vector, and $f$ reads it
there. With networks as $f$ and $g_i$ it is a network, as it stands.

With a full scale the density of $z$ is a product as well, of each coordinate given those before it. Its mean is
$\mu_i + \sum_{k<i} b_{ik} (z_k - \mu_k)$ and its standard deviation $l_{ii}$. What the coordinates before $z_i$ say of it is what their noise
says, $\sum_{k<i} b_{ik} (z_k - \mu_k) = \sum_{k<i} l_{ik}\varepsilon_k$, and that is the hypothesis: $B$ is the matrix with $B L = L - \operatorname{diag}(L)$.
This $q$ is the Gaussian with mean $\mu$ and covariance $L L^\top$. A diagonal $L$ has $b_{ik} = 0$.

Headline: reparameterization_of_vectors.
Keywords: every function of a vector, reparameterization trick in d dimensions, law of the unconscious statistician, diagonal Gaussian encoder, full covariance
encoder, Cholesky factor, change of variables in R^d, z = mu + L epsilon.
"""

from derivations import *

i = Symbol("i", integer=True, positive=True)
code, draw = (IndexedBase(name, shape=(d,), real=True) for name in ("zs", "es"))
means, stds = IndexedBase("mean", real=True), IndexedBase("std", positive=True)
each_i = Tuple(i, 1, d)
FORM = "written as a function of a sum, one term a coordinate; that all functions of a vector are such is prose"
PART, WHOLE = Function("g(i,z)", real=True), Function("f(s)", real=True)
unit = Normal(draw[i], 0, 1)


def of_vector(coordinate: Expr, each: Tuple = each_i) -> Expr:
    """Any function of a vector, from one of its coordinates, which has the index of the range."""
    return WHOLE(Sum(PART(each[0], coordinate), each))


def under(law: Expr, coordinate: Expr, point: IndexedBase, each: Tuple = each_i) -> Expr:
    """The expectation of this function, under the product of these laws."""
    return E(of_vector(coordinate, each), Product(law, each), Tuple(point.label))


def as_noise(law: Expr, scale: Expr, each: Tuple, *steps: Thm) -> Thm:
    """A product of laws, times their scales, is the density of the noise if that is so of each: their logarithms are equal sums."""
    unit = Normal(draw[each[0]], 0, 1)
    scaled_law, density_of_noise = Product(law * scale, each), Product(unit, each)
    one = calc(log(law * scale), opened, *steps, to(opened(log(unit)).prop.rhs), folded(log(unit)))
    logs = log_product(scaled_law), monotone(one, each), flip(log_product(density_of_noise))
    return chain(merged(law, scale, each), unlog(calc(log(scaled_law), *logs)))


def with_noise(law: Expr, sample: Expr, maps: tuple, each: Tuple, *steps: Thm) -> Thm:
    """Change the variables to the noise, of which the laws, times their scales, are then the density.

    `maps` are shift, rows below the diagonal, and scale of the map that gives the sample.
    """
    before = under(law, code[each[0]], code, each)
    moved, _ = triangular(opened(before).prop.rhs, draw.label, each[0], k, *maps)
    (moved_law,) = (p.args[0] for p in moved.prop.rhs.atoms(Product) if p.has(Normal))
    f, noise = of_vector(sample, each), Normal(draw[each[0]], 0, 1)
    return calc(
        before,
        opened,
        moved,
        termwise(lambda e: rearrange(as_noise(moved_law, maps[2], each, *steps), e, f * Product(noise, each), times=f)),
        folded(under(noise, sample, draw, each)),
    )


two = {d: 2, means: [Rational(1, 2), -1], stds: [Rational(3, 2), Rational(2, 3)]}
two |= {WHOLE: Lambda(t, t**2 + t), PART: Lambda((i, z), i * z + z**2 / 4)}

scaled = means[i] + stds[i] * draw[i]
diagonal = Normal(code[i], means[i], stds[i] ** 2)


@theorem(
    same(under(diagonal, code[i], code), under(unit, scaled, draw)),
    "A vector with a diagonal scale: any function of it is a function of standard noise",
    claims=("002-54", "003-61", "003-64", "003-65", "003-85", "003-92", "004-50"),
    examples=(two,),
    narrows={
        "": FORM,
        **dict.fromkeys(("002-54", "003-61", "003-64", "003-65", "003-85", "003-92", "004-50"), "Gaussian noise"),
    },
)
def reparameterization_of_vectors() -> Thm:
    """Stretch and shift every coordinate; the stretch turns the law of each into that of its noise."""
    return with_noise(diagonal, scaled, (means[i], 0, stds[i]), each_i)


logvars = IndexedBase("logvar", real=True)
by_logvar = Normal(code[i], means[i], exp(logvars[i]))
scaled_by_logvar = means[i] + exp(logvars[i] / 2) * draw[i]


@theorem(
    same(under(by_logvar, code[i], code), under(unit, scaled_by_logvar, draw)),
    "The same with a log-variance for each coordinate",
    claims=("004-52",),
    examples=({**{f: v for f, v in two.items() if f != stds}, logvars: [Rational(1, 3), Rational(-1, 2)]},),
    narrows={"": FORM, **dict.fromkeys(("004-52",), "Gaussian noise")},
)
def reparameterization_of_vectors_log_variance() -> Thm:
    """The scale of a coordinate is the exponential of half its log-variance."""
    return with_noise(by_logvar, scaled_by_logvar, (means[i], 0, exp(logvars[i] / 2)), each_i)


# --- a full scale ---

LOWER, SLOPES = IndexedBase("l", real=True), IndexedBase("b", real=True)
j = Symbol("j", integer=True, positive=True)
earlier = Tuple(j, 1, i - 1)


def spread(at: Symbol) -> Expr:
    """What the noise of the coordinates before adds to this one."""
    return Sum(LOWER[at, k] * draw[k], (k, 1, at - 1))


sample = means[i] + spread(i) + stds[i] * draw[i]
pull = Sum(SLOPES[i, j] * (code[j] - means[j]), earlier)
conditional = Normal(code[i], means[i] + pull, stds[i] ** 2)
told = same(Sum(SLOPES[i, j] * (spread(j) + stds[j] * draw[j]), earlier), spread(i))
told_by_earlier = ForAll(ForAll(told, draw.label), each_i)
full = {**two, LOWER: [[0, 0], [Rational(-1, 2), 0]], SLOPES: [[0, 0], [Rational(-1, 3), 0]]}


@theorem(
    same(under(conditional, code[i], code), under(unit, sample, draw)),
    "A vector with a full scale: any function of it is a function of standard noise",
    given=(told_by_earlier,),
    examples=(full,),
    words={0: "the slopes b are those of the Gaussian with the scale L: B L is L without its diagonal"},
)
def reparameterization_of_vectors_full() -> Thm:
    """Given the coordinates before, what is left of each is its own noise."""
    return with_noise(conditional, sample, (means[i], LOWER[i, k], stds[i]), each_i, given(told_by_earlier))
