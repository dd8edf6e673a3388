r"""# Normalizing flows: a distribution that is made, not written down

Draw noise $\varepsilon \sim q_0$ and push it through a smooth increasing map, $z = g(\varepsilon)$. Where $g$ is
steep the mass is spread over more room, so the density is lower there:
$$q(z)\, g'(\varepsilon) = q_0(\varepsilon), \qquad \log q(z) = \log q_0(\varepsilon) - \log g'(\varepsilon) .$$
An expectation under $q$ needs neither the density of $q$ nor the inverse of $g$:
$\mathbb{E}_q[f(z)] = \mathbb{E}_{q_0}[f(g(\varepsilon))]$. The entropy needs only the slope,
$H[q] = H[q_0] + \mathbb{E}_{q_0}[\log g'(\varepsilon)]$, and so the ELBO of a flow is
$$\mathbb{E}_{q_0}[\log p(x, g(\varepsilon)) + \log g'(\varepsilon)] + H[q_0] .$$

A change of variables in an integral wants a map of the line *onto* the line. Increasing alone is not enough:
$e^\varepsilon$ is smooth and increasing and reaches half of the line. A slope that stays above a positive constant is
enough, and this is what is checked here. The layer is
$$g(\varepsilon) = a\varepsilon + b + w \log(1 + e^\varepsilon), \qquad a > 0,\; w > 0,$$
whose slope runs from $a$ on the left to $a + w$ on the right. It bends a Gaussian into a skewed distribution, which no
affine map does. The noise may have any density, so it may itself be made: use the theorems again with the first
distribution as the noise, and the logarithms of the slopes add up, each at the point that its own layer receives.

What is proved: all of the above on the line, for this layer and any noise with a density. The rule that it rests on
takes any smooth map with a slope above a positive constant. That $q$ is the density of the flow is the printed
hypothesis $q(g(\varepsilon))\, g'(\varepsilon) = q_0(\varepsilon)$, which fixes $q$ on the whole line. What is not
proved: flows in $\mathbb{R}^d$, where the slope is the absolute value of the determinant of the Jacobian.

The sign is the usual slip: the logarithm of the slope is *subtracted* in $\log q$ and *added* in the ELBO.

Headline: flow_elbo.
Keywords: normalising flow, flow posterior, log determinant, change of variables, planar flow, log det Jacobian sign.
"""

from derivations import *

eps = Symbol("eps", real=True)
noise_line = (eps, -oo, oo)
scale, shift, bend = Symbol("a", positive=True), Symbol("b", real=True), Symbol("w", positive=True)
NOISE, FLOW, JOINT = density("q_0", "z"), density("q", "z"), density("p", "x,z")
F = Function("f(z)", real=True)
q_0, q, joint = NOISE(eps), FLOW(z), JOINT(x, z)

made = scale * eps + shift + bend * log(1 + exp(eps))
slope = scale + bend * exp(eps) / (1 + exp(eps))
density_of_flow = ForAll(same(FLOW(made) * slope, q_0), eps)
mass = normalised(q_0, noise_line)
stretch = E(log(slope), q_0, noise_line)
spread = Converges(Entropy(q_0, noise_line))
finite = (spread, Converges(stretch))


def _pulled(values: dict, law: Expr) -> dict:
    """The noise that this layer turns into the distribution: the density of the distribution at g(eps), times the
    slope."""
    noise = law.subs(z, made) * slope
    return {**values, FLOW: Lambda(z, law), NOISE: Lambda(eps, noise.xreplace(values))}


half, where = Rational(1, 2), Rational(2, 3)
bent = _pulled({scale: half, shift: Rational(1, 3), bend: Rational(3, 4)}, gauss(z, half, Rational(4, 5)))
steep = _pulled({scale: 3 * half, shift: -1, bend: 2}, gauss(z, 1, 3))
examples = (bent, steep)
seen = tuple({**e, x: where, JOINT: Lambda((x, z), gauss(z, x / 4, 2) / (2 + x**2))} for e in examples)
observed = tuple({**e, F: Lambda(z, z**2 + z)} for e in examples)


def _onto() -> Thm:
    """The slope of the layer is at least a > 0: it maps the line onto the line."""
    return rearrange(sign(bend * exp(eps) / (1 + exp(eps))), slope, scale)


def _change(e: Expr) -> Thm:
    """Change variables from z to the noise."""
    return change_by_slope(e, made, eps, _onto())


@theorem(
    same(Derivative(made, eps), slope),
    "The slope of one layer",
    examples=tuple({eps: where, **{s: e[s] for s in (scale, shift, bend)}} for e in examples),
)
def flow_slope() -> Thm:
    """A straight line plus a softplus, whose slope is the logistic function."""
    return ending(differentiate(Derivative(made, eps)), slope)


@theorem(
    same(log(FLOW(made)), log(q_0) - log(slope)),
    "The density of a flow",
    given=(density_of_flow,),
    examples=tuple({**e, eps: where} for e in examples),
    kind="step",
)
def flow_density() -> Thm:
    """Take the logarithm of q(z) g'(eps) = q_0(eps)."""
    left, right = flow_density.statement.args
    return calc(left, to(log(FLOW(made) * slope) - log(slope)), given(density_of_flow), to(right))


def _noise(factor: Expr) -> tuple:
    """q(g(eps)) g'(eps) f = q_0(eps) f."""
    made_density = FLOW(made) * slope * factor
    noise = rearrange(given(density_of_flow), made_density, q_0 * factor, times=factor)
    return to(made_density), ("the density of a flow", noise)


@theorem(
    same(E(F(z), q, line), E(F(made), q_0, noise_line)),
    "An expectation under a flow is one under the noise",
    given=(density_of_flow,),
    examples=observed,
)
def flow_expectation() -> Thm:
    """Change variables; density times slope is the density of the noise."""
    on_noise = E(F(made), q_0, noise_line)
    return calc(E(F(z), q, line), opened, _change, termwise(*_noise(F(made))), folded(on_noise))


@theorem(same(total(q, line), 1), "A flow makes a distribution", given=(density_of_flow, mass), examples=examples)
def flow_mass() -> Thm:
    """The mass is the mass of the noise."""
    return calc(total(q, line), _change, termwise(*_noise(Integer(1))), ("the noise is a distribution", given(mass)))


entropy = Entropy(q_0, noise_line) + stretch


@theorem(
    same(Entropy(q, line), entropy),
    "A flow adds the mean logarithm of its slope to the entropy",
    given=(density_of_flow, *finite),
    examples=examples,
)
def flow_entropy() -> Thm:
    """-log q at the made point is -log q_0 plus the logarithm of the slope."""
    its_logarithm, two_logs = ("its logarithm", flow_density.thm), to(q_0 * log(q_0) - q_0 * log(slope))
    on_noise = termwise(*_noise(log(FLOW(made))), its_logarithm, two_logs)
    moved = calc(total(q * log(q), line), _change, on_noise, linearity)
    return calc(Entropy(q, line), opened, moved, folded(entropy))


fit = E(log(JOINT(x, made)), q_0, noise_line)
elbo = fit + stretch + Entropy(q_0, noise_line)


@theorem(
    same(ELBO(joint, q, line), elbo),
    "The ELBO of a flow",
    given=(density_of_flow, *finite, Converges(fit)),
    examples=seen,
)
def flow_elbo() -> Thm:
    """Change variables in E_q[log p - log q]; the slope enters with a plus."""
    ratio = log(JOINT(x, made) / FLOW(made))
    apart = q_0 * log(JOINT(x, made)) - q_0 * log(q_0) + q_0 * log(slope)
    return calc(
        ELBO(joint, q, line),
        opened,
        _change,
        termwise(
            *_noise(ratio),
            to(q_0 * log(JOINT(x, made)) - q_0 * log(FLOW(made))),
            ("its logarithm", flow_density.thm),
            to(apart),
        ),
        linearity,
        folded(elbo),
    )
