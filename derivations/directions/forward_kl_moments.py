r"""# What forward fitting does to a Gaussian

Among Gaussians, the forward divergence $D_{\mathrm{KL}}(p \,\|\, q)$ from *any* target $p$ with a mean and a variance
is least at the one with that mean and that variance: moment matching. The logarithm of a Gaussian is a quadratic, so
the target enters only through its first two moments, and the rest is the divergence between two Gaussians.

So the forward fit covers all of the target. For two separated modes of equal weight it puts its largest density in the
middle, where the target may have next to none. The reverse fit is another matter: it is charged for the middle.

Keywords: forward KL, moment matching, inclusive KL, M-projection, mass covering, expectation propagation.
"""

from derivations import *
from derivations.gaussians import gaussian_kl as gk

P = density("p", "z")
mean, centre = Symbol("mean", real=True), Symbol("centre", real=True)
std, width = Symbol("std", positive=True), Symbol("width", positive=True)
target, matched, other = P(z), Normal(z, mean, std**2), Normal(z, centre, width**2)
moments = (normalised(target, line), same(E(z - mean, target, line), 0), same(E((z - mean) ** 2, target, line), std**2))
bumps = (exp(-((z - 1) ** 2)) + exp(-((z + 1) ** 2))) / (2 * sqrt(pi))


@theorem(
    same(KL(target, other, line), KL(target, matched, line) + KL(matched, other, line)),
    "Forward fitting of a Gaussian matches the mean and the variance",
    given=(*moments, Converges(E(z - mean, target, line)), Converges(KL(target, matched, line))),
    examples=({P: Lambda(z, bumps), mean: 0, std: sqrt(Rational(3, 2)), centre: 1, width: 2},),
    words={1: "the Gaussian has the mean of the target", 2: "the Gaussian has the variance of the target"},
    narrows={"": "Q is Gaussian, in one dimension"},
)
def moment_matching() -> Thm:
    """The log ratio of two Gaussians is a quadratic, and the target has the moments of the matched one."""
    offset = mean - centre
    constant = log(width / std) + offset**2 / (2 * width**2)
    square = 1 / (2 * width**2) - 1 / (2 * std**2)
    quadratic = constant + offset / width**2 * (z - mean) + square * (z - mean) ** 2
    ratio = calc(log(matched / other), opened, to(quadratic))
    closed = substitute(gk.gaussian_kl.thm, {gk.mean_q: mean, gk.std_q: std, gk.mean_p: centre, gk.std_p: width})
    mass, first, second = total(target, line), E(z - mean, target, line), E((z - mean) ** 2, target, line)
    averages = constant * mass + offset / width**2 * first + square * second
    between = calc(
        total(target * quadratic, line),
        inside(constant * target + offset / width**2 * ((z - mean) * target) + square * ((z - mean) ** 2 * target)),
        linearity,
        folded(averages),
        *(("the moments of the target", given(m)) for m in moments),
        to(closed.prop.rhs),
        flip(closed),
    )
    finite = converges(moments[0]), converges(moments[2])
    between = discharge(between, *finite)
    thm = calc(
        KL(target, other, line),
        opened,
        inside(target * log(target / matched) + target * log(matched / other)),
        linearity,
        ("the ratio of two Gaussians", ratio),
        between,
        flip(unfold(KL(target, matched, line))),
    )
    return discharge(thm, discharge(combined(total(target * quadratic, line), averages), *finite))
