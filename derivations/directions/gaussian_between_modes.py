r"""# A Gaussian between two modes

The textbook picture of reverse fitting: the target is an even mixture of $\mathcal N(-c, 1)$ and $\mathcal N(c, 1)$,
the approximation one Gaussian $\mathcal N(\mu, \sigma^2)$. Sitting on one mode costs at most $\log 2$, however large
$c$ is. What does it cost to cover both?

Put a bump $e^{-z^2/2w}$ into the valley. What a Gaussian has under it is
$$r(\mu, \sigma^2) = \sqrt{\frac{w}{w + \sigma^2}}\; e^{-\mu^2 / 2 (w + \sigma^2)} .$$
The target has $r(c, 1)$, which falls like $e^{-c^2/2(w + 1)}$. A Gaussian in the middle with $\sigma = c$ has about
$\sqrt{w}/c$. So the bump is a witness against a distribution that straddles, and Gibbs' inequality for the target,
reweighted by $1 + b$ times the bump, turns it into a bound for every $b > 0$. With $w = 1$ and $b$ like $e^{c^2/4}$ the
bound grows like $c/4$: without limit, where one mode costs $\log 2$. At $c = 8$ it is already $1.4$ for $\mu = 0$,
$\sigma = 8$.

The bump is scaled by $1/(1 + \varepsilon)$, with $\varepsilon$ as small as one likes, so that it stays below one. The
function that the hypothesis calls rest is $(1 + \varepsilon)\, e^{z^2/2w} - 1$, which is positive.

When the modes are close this says nothing. For $c \le 1$ the target does not even have two peaks.

Keywords: bimodal posterior, mixture of Gaussians, forward KL, mass covering.
"""

from derivations import *
from derivations.divergence import gibbs_support as chords
from derivations.gaussians import gaussian_moments as moments

mean, std, c = Symbol("mean", real=True), Symbol("std", positive=True), Symbol("c", real=True)
width, size, eps, Z = (Symbol(s, positive=True) for s in ("w", "b", "eps", "Z"))
REST = density("rest", "z")
rest = REST(z)
q = Normal(z, mean, std**2)
left, right = Normal(z, -c, 1), Normal(z, c, 1)
target = left / 2 + right / 2
bump = exp(-(z**2) / (2 * width))


def under_bump(about: Expr, variance: Expr) -> Expr:
    """What N(about, variance) has under the bump."""
    return sqrt(width / (width + variance)) * exp(-(about**2) / (2 * (width + variance)))


def _mass(law: Normal) -> Thm:
    _, about, variance = law.args
    return substitute(moments.gaussian_mass.thm, {moments.mean: about, moments.var: variance})


def _mean_bump() -> Thm:
    """Gaussian times bump is again a Gaussian, up to a factor."""
    narrower = Normal(z, mean * width / (width + std**2), std**2 * width / (width + std**2))
    product = under_bump(mean, std**2) * narrower
    square = unlog(calc(log(q * bump), opened, to(opened(log(product)).prop.rhs), flip(opened(log(product)))))
    one = ("a Gaussian integrates to one", _mass(narrower))
    return calc(total(q * bump, line), ("complete the square", square), linearity, one)


def _means() -> list[Thm]:
    """The mass of each Gaussian, and its mass under the bump."""
    under = _mean_bump()
    return [*map(_mass, (q, left, right)), under, *(substitute(under, {mean: peak, std: 1}) for peak in (-c, c))]


def _chord() -> Thm:
    """log(1 + b h) >= h log(1 + b) for the height h of the bump, 0 < h < 1."""
    top, cut = log(1 + size), 1 / (1 + rest)
    chord = substitute(chords.log_above_chords.thm, {chords.A: 1, chords.B: 1 + size, chords.r: 1 / rest})
    chord = rearrange(chord, log(1 + size * cut), top * cut)
    there = rewrite(chord.prop.lhs, given(soft_cut))
    return chain(flip(there), chord, rewrite(chord.prop.rhs, given(soft_cut)))


normaliser = 1 + size * under_bump(c, Integer(1)) / (1 + eps)
soft_cut = ForAll(same(1 / (1 + rest), bump / (1 + eps)), z)
wide = {mean: 0, std: 8, c: 8, width: 1, size: exp(16), eps: Rational(1, 100)}
asked = {mean: Rational(1, 2), std: 3, c: 4, width: 2, size: 30, eps: Rational(1, 5)}
speck = Rational(1, 10**13)
flat = {mean: 0, std: 1, c: 0, width: 1 / speck, size: 3, eps: speck}
examples = tuple({**e, REST: Lambda(z, (1 + e[eps]) * exp(z**2 / (2 * e[width])) - 1)} for e in (asked, flat, wide))


@theorem(
    at_least(KL(q, target, line), log(1 + size) * under_bump(mean, std**2) / (1 + eps) - log(normaliser)),
    "A Gaussian pays for what it has between two modes",
    given=(soft_cut, Converges(KL(q, target, line))),
    examples=examples,
)
def between_modes_is_dear() -> Thm:
    """Gibbs' inequality for the target reweighted by 1 + b times the bump, and a chord of the logarithm."""
    part, top = bump / (1 + eps), log(1 + size)
    reweighted = target * (1 + size * part) / Z
    below = log_tangent(reweighted / q)
    line_1 = q * log(1 + size * part) - q * log(Z) + q - reweighted
    line_2 = q * top * part - q * log(Z) + q - reweighted
    draw = chain(
        because(rearrange(below, q * log(q / target), line_1, times=q), "Gibbs for the reweighted target"),
        because(rearrange(_chord(), line_1, line_2, times=q), "the logarithm lies above its chord"),
    )
    side, side_under = -1 / (2 * Z), -size / (2 * Z * (1 + eps))
    scales = {q: 1 - log(Z), q * bump: top / (1 + eps)}
    scales |= {left: side, right: side, left * bump: side_under, right * bump: side_under}
    means = _means()
    known = [integrable(thm) for thm in means]
    average = calc(
        total(line_2, line),
        inside(sum(scale * f for f, scale in scales.items())),
        linearity,
        *(("Gaussians, and Gaussians under the bump", thm) for thm in means),
    )
    finite = discharge(combined(total(line_2, line), sum(s * total(f, line) for f, s in scales.items())), *known)
    anywhere = chain(unfold(KL(q, target, line)), discharge(monotone(draw, line), finite), discharge(average, *known))
    return ending(substitute(anywhere, {Z: normaliser}), between_modes_is_dear.statement.rhs)
