r"""# The gradient of the importance-weighted bound, without its score

The importance-weighted bound (IWAE) with $K$ samples is the average of $\log \tfrac1K \sum_k w_k$, where
$w_k = p(x, z_k)/q(z_k \mid x)$ is the importance weight of sample $k$. Keep all samples but one fixed, and let $b$ be the sum
of their weights. The remaining sample $z$, with the weight $w$, enters the bound through

$$\mathbb E_{q}\big[\log(w(z) + b)\big], \qquad w(z) = \frac{p(x, z)}{q(z \mid x)}, \qquad
\tilde w = \frac{w}{w + b},$$

and what it contributes to the gradient is weighed by $\tilde w$, its **normalized weight**. By the reparameterization trick the
gradient has two terms: the pathwise one, through $z$, times $\tilde w$; and minus the score of the encoder, times $\tilde w$.
The score alone averages to zero. Times $\tilde w$ it does not, but it can be reparameterized a second time (Stein's
identity for the function $\tilde w$). That makes it a pathwise term with the weight $\tilde w (1 - \tilde w)$, because

$$\partial_z \tilde w = \tilde w (1 - \tilde w)\, \partial_z \log w .$$

Since $\tilde w - \tilde w (1 - \tilde w) = \tilde w^2$, what remains is **the pathwise term alone, with squared normalized
weights**. This is the doubly reparameterized gradient (DReG) of Tucker, Lawson, Gu and Maddison (2018). Where the encoder is the
posterior, $w$ does not depend on $z$, and the estimate is zero for every sample: it has no variance at all. With the score
left in it has.

With one sample $b$ would be $0$ and $\tilde w$ would be $1$: that is *sticking the landing*. About the other samples nothing is
assumed but that their weights are positive, so the identity holds for each of their values. The gradient of the whole bound is
the sum over the samples, averaged over the other samples; that last average over $K$ independent samples needs Fubini's theorem
for $K$ integrals, which is not proved here.

In the last two theorems the encoder is $\mathcal N(m, s^2)$. Their hypotheses ask for an integrable bound near every mean $\mu$
and every deviation $\sigma$ of the sampling distribution, while the encoder inside $\tilde w$ stays where it is.

Headline: doubly_reparameterized_mean.
Keywords: DReG, doubly reparameterized gradient, IWAE gradient, importance weighted gradient, signal to noise.
"""

from typing import NamedTuple

from sympy import simplify

from derivations import *
from derivations.gradients.pathwise_gradient import SLOPE, slope
from derivations.gradients.reparameterization import F, eps, mean, noise, noise_line, reparameterization, std
from derivations.gradients.score_function import score_std, stein, stein_std

# --- any weight ---

W, W_SLOPE = Function("w(z)", positive=True), Function("w'(z)", real=True)
b = Symbol("b", positive=True)


def _share(w: Expr, w_slope: Expr) -> tuple[Expr, Expr]:
    """The share of a weight, and its slope."""
    return w / (w + b), b * w_slope / (w + b) ** 2


share, share_slope = _share(W(z), W_SLOPE(z))
smooth = slope(W(t), t, W_SLOPE(t))
place = {b: Rational(5, 2), mean: Rational(1, 2), std: Rational(3, 2)}
quartic = {W: Lambda(z, 1 + z**4), W_SLOPE: Lambda(z, 4 * z**3), **place}


def _tame(share: Expr, share_slope: Expr, centre: Expr, spread: Expr) -> tuple[tuple[Basic, ...], tuple[Basic, ...]]:
    """What Stein's identity asks of a share under N(centre, spread^2): for the mean, and for the standard deviation."""

    def asked(law_mean: Expr, law_std: Expr, by: Symbol, speed: Expr) -> tuple[Basic, ...]:
        path = {z: law_mean + law_std * eps}
        moved = diff(unfolded(Normal(z, law_mean, law_std**2)) * F(z), by).xreplace({F(z): share})
        still = {mean: centre, std: spread}
        return (
            Converges(E(share, Normal(z, centre, spread**2), line)),
            Converges(total(noise * share.xreplace(path), noise_line).xreplace(still)),
            Dominated(total(noise * speed * share_slope.xreplace(path), noise_line), by),
            Dominated(total(moved, line), by),
        )

    return asked(mean, spread, mean, Integer(1)), asked(centre, std, std, eps)


def _everywhere(function: Expr, known: ForAll, found: Expr) -> Thm:
    """The slope of a function of z, at every z."""
    function, found = (e.xreplace({z: t}) for e in (function, found))
    return for_all(calc(Derivative(function, t), opened, lambda e: differentiate(e, given(known)), folded(found)), t)


def _of_share(thm: Thm) -> Thm:
    """Stein's identity for the share."""
    thm = instantiate(thm, {F: Lambda(z, share), SLOPE: Lambda(z, share_slope)})
    return discharge(thm, _everywhere(share, smooth, share_slope))


def _finite(thm: Thm, *known: Basic) -> Thm:
    """Use what is known to converge for what differs from it by a constant factor."""
    for needed in sorted((h for h in thm.hyps if isinstance(h, Converges)), key=str):
        for e in (unfolded(k.args[0]) for k in known if isinstance(k, Converges)):
            (f, over), (g, same_over) = needed.args[0].args, e.args
            if over == same_over:
                factor = simplify((f / g).xreplace({over[0]: Integer(0)}))
                thm = discharge(thm, combine(needed.args[0], (factor, e)))
    return thm


law = Normal(z, mean, std**2)
traded = share * (1 - share) * W_SLOPE(z) / W(z)
tame, tame_std = _tame(share, share_slope, mean, std)


@theorem(
    same(E(share * (z - mean) / std**2, law, line), E(traded, law, line)),
    "A weighted score is a weighted path",
    given=(smooth, *tame),
    examples=(quartic,),
)
def weighted_score() -> Thm:
    """Stein's identity for the share, whose slope is share (1 - share) times that of log w."""
    by_parts = flip(_finite(_of_share(stein.thm), *tame))
    return calc(by_parts.prop.lhs, by_parts, opened, termwise(to(law * traded)), folded(E(traded, law, line)))


@theorem(
    same(E(share * score_std, law, line), E(traded * (z - mean) / std, law, line)),
    "The same for the standard deviation",
    given=(smooth, *tame_std),
    examples=(quartic,),
)
def weighted_score_std() -> Thm:
    """A sample one deviation away moves as fast as the deviation grows."""
    by_parts, path = flip(_finite(_of_share(stein_std.thm), *tame_std)), traded * (z - mean) / std
    return calc(by_parts.prop.lhs, by_parts, opened, termwise(to(law * path)), folded(E(path, law, line)))


# --- the weight of a sample of the encoder ---

JOINT, JOINT_SLOPE = density("p", "x,z"), Function("p'(x,z)", real=True)
m, s = Symbol("m", real=True), Symbol("s", positive=True)
encoder = Normal(z, m, s**2)
weight = JOINT(x, z) / encoder
log_slope = JOINT_SLOPE(x, z) / JOINT(x, z) + (z - m) / s**2  # of the weight in z, with the law held still
own_share, own_share_slope = _share(weight, weight * log_slope)
objective = E(log(weight + b), encoder, line)
smooth_model = ForAll(slope(JOINT(x, z), z, JOINT_SLOPE(x, z)), x)

sample = m + s * eps
at_sample = JOINT(x, sample) * s * sqrt(2 * pi) * exp(eps**2 / 2)  # the weight, there
both = 1 / ((9 + (x - z) ** 2) * (16 + z**2))
here = {x: Rational(1, 2), b: Rational(1, 50), m: Rational(1, 3), s: Rational(3, 2)}
moved_to = {mean: Rational(1, 4), std: Rational(5, 4)}  # the law inside the hypotheses
model = {JOINT: Lambda((x, z), both), JOINT_SLOPE: Lambda((x, z), diff(both, z)), **here, **moved_to}

KEPT, IN, OUT = (Function(f"{name}(z)", real=True) for name in ("h", "i", "o"))


def _cancelled(kept: Expr, both: Thm) -> Thm:
    """int (kept + f - g) = int kept, for int f = int g."""
    pieces = [total(f(z), line) for f in (KEPT, IN, OUT)]
    thm = calc(total(KEPT(z) + IN(z) - OUT(z), line), linearity, given(same(*pieces[1:])))
    f, g = both.prop.lhs.args[0], both.prop.rhs.args[0]
    return discharge(instantiate(thm, {KEPT: Lambda(z, kept), IN: Lambda(z, f), OUT: Lambda(z, g)}), both)


def _of_weight(thm: Thm, tame: tuple[Basic, ...]) -> Thm:
    """What holds for the share of any weight, for that of p / q, with the distribution q held still inside it."""
    thm = instantiate(thm, {W: Lambda(z, weight), W_SLOPE: Lambda(z, weight * log_slope)})
    thm = discharge(thm, _everywhere(weight, smooth_model, weight * log_slope))
    return _finite(substitute(thm, {mean: m, std: s}), *tame)


class Direction(NamedTuple):
    """A parameter of the encoder, and what it does to a sample z and to its density there."""

    by: Symbol
    path: Expr  # dz / d by
    by_itself: Expr  # minus the slope of log q at its own sample
    score: Expr  # that of log q at a fixed z
    tame: tuple[Basic, ...]

    @property
    def goal(self) -> Expr:
        return E(own_share**2 * log_slope * self.path, encoder, line)

    @property
    def given(self) -> tuple[Basic, ...]:
        share_in_noise = at_sample / (at_sample + b)
        through = share_in_noise * JOINT_SLOPE(x, sample) / JOINT(x, sample) * self.path.xreplace({z: sample})
        return (
            smooth_model,
            Converges(total(noise * log(at_sample + b), noise_line)),
            Dominated(total(noise * through + noise * share_in_noise * self.by_itself, noise_line), self.by),
            Converges(self.goal),
            Converges(E(own_share * self.score, encoder, line)),
            Converges(E(own_share * (1 - own_share) * log_slope * self.path, encoder, line)),
            *self.tame,
        )


own_tame, own_tame_std = _tame(own_share, own_share_slope, m, s)
of_mean = Direction(m, Integer(1), Integer(0), (z - m) / s**2, own_tame)
of_std = Direction(s, (z - m) / s, 1 / s, ((z - m) ** 2 / s**2 - 1) / s, own_tame_std)


def _gradient(along: Direction, no_score: Thm) -> Thm:
    """Move the sample, then trade the score, weighted by the share, for a path."""
    moved = own_share * (JOINT_SLOPE(x, z) / JOINT(x, z) * along.path + along.by_itself)
    in_noise = substitute(instantiate(reparameterization.thm, {F: Lambda(z, moved)}), {mean: m, std: s})
    traded_back = chain(flip(opened(no_score.prop.rhs)), flip(no_score), opened(no_score.prop.lhs))
    cancelled = _cancelled(opened(along.goal).prop.rhs.args[0], traded_back)
    weight_there = termwise(opened, folded(noise * log(at_sample + b)))
    from_noise = calc(objective, opened, lambda e: change_of_variables(e, sample, eps), weight_there)
    return calc(
        Derivative(objective, along.by),
        from_noise,
        lambda e: leibniz(e, given(smooth_model)),
        termwise(opened, folded(noise * moved.xreplace({z: sample}))),
        folded(in_noise.prop.rhs),
        ("back from the noise", flip(in_noise)),
        opened,
        termwise(to(cancelled.prop.lhs.args[0])),
        ("the weighted score is a weighted path", cancelled),
        folded(along.goal),
    )


@theorem(
    same(Derivative(objective, m), of_mean.goal),
    "The path alone, with squared weights: the mean of the encoder",
    given=of_mean.given,
    examples=(model,),
)
def doubly_reparameterized_mean() -> Thm:
    """The density at its own sample does not change with the mean; the score, put back, makes the path that of w."""
    return _gradient(of_mean, _of_weight(weighted_score.thm, own_tame))


@theorem(
    same(Derivative(objective, s), of_std.goal),
    "The same for its standard deviation",
    given=of_std.given,
    examples=(model,),
)
def doubly_reparameterized_std() -> Thm:
    """A sample moves by its noise, and its own density falls as the deviation grows."""
    return _gradient(of_std, _of_weight(weighted_score_std.thm, own_tame_std))
