r"""# When a linear autoencoder gives up its codes

Take the smallest autoencoder. The decoder is $\mathcal N(w z + b, \sigma_x^2)$ with slope $w$, the prior is
$\mathcal N(0, 1)$, each of $N$ observations $x_n$ has a Gaussian code, and $\beta$ is the weight on the divergence.
Write $\sigma_{data}^2$ for the mean of $(x_n - b)^2$, the spread of the data. Then everything can be solved. The best
codes for a slope are the **tempered posteriors**, prior times likelihood to the power $1/\beta$, normalised. Put them
in, and what remains, the **profile**, depends on the slope through $w^2 + \beta\sigma_x^2$ alone, and is largest where
that is $\sigma_{data}^2$, if a slope gets there. So there are two cases.

- $\beta\sigma_x^2 \ge \sigma_{data}^2$. Then $0$ is a best slope: the decoder does not look at the code, and the prior
  is a best code. This is **posterior collapse**, and it is a true optimum, not an accident of the search.
- $\beta\sigma_x^2 < \sigma_{data}^2$. Then a best slope is one with $w^2 = \sigma_{data}^2 - \beta\sigma_x^2$. There
  the **rate**, the divergence of the codes from the prior, is $\frac12 \log\frac{\sigma_{data}^2}{\beta\sigma_x^2}$
  nats on average over the observations. The **distortion**, the average of minus the reconstruction term, is
  $\frac\beta2 + \frac12\log(2\pi\sigma_x^2)$. For a Gaussian decoder it is the squared error, averaged over codes and
  observations, over $2\sigma_x^2$, plus the same logarithm; so that average is $\beta\sigma_x^2$.

**Where people go wrong.** Collapse is often put down to too large a weight. The weight decides only through
$\beta\sigma_x^2$. At $\beta = 1$, the ELBO itself, the model collapses when its noise is as large as the spread of the
data; at $\beta = 10$ it does not when the noise is small. To the question of collapse, a decoder that believes in much
noise and a large weight are the same thing. The optimum is meant over slope and codes, with $b$ and $\sigma_x^2$ held
fixed. A real network may also collapse because gradient descent stops before it gets to the optimum; about that,
nothing is said here.

See *Don't Blame the ELBO! A Linear VAE Perspective on Posterior Collapse* (Lucas, Tucker, Grosse, Norouzi, 2019) for
several dimensions and a learned noise.

Headline: linear_vae_collapse.
Keywords: linear VAE, linear variational autoencoder, probabilistic PCA, PPCA, collapse threshold, active units, collapse of dimensions.
"""

from derivations import *
from derivations.linear_model import linear_gaussian as lg
from derivations.linear_model.linear_gaussian import bias, mean_q, q, var_noise, var_q

X, MEAN, VAR = Function("x(n)", real=True), Function("mean(n)", real=True), density("var", "n")
slope = Symbol("w", real=True)  # not `weight`: on this page that is beta
likelihood = Normal(x, slope * z + bias, var_noise)
beta, var_data = Symbol("beta", positive=True), Symbol("var_data", positive=True)
points, unit = (n, 1, N), Normal(z, 0, 1)
cloud, seen = beta * var_noise, slope**2 + beta * var_noise  # the noise as the weight sees it; that and the signal
spread = same(total((X(n) - bias) ** 2, points), N * var_data)


def fit_at(mean: Expr, var: Expr) -> Expr:
    """The reconstruction term of observation n, for a code N(mean, var)."""
    return E(log(Normal(X(n), slope * z + bias, var_noise)), Normal(z, mean, var), line)


def objective_at(mean: Expr, var: Expr) -> Expr:
    """Reconstruction less the weighted divergence, over the data, for codes N(mean, var)."""
    return total(fit_at(mean, var) - beta * KL(Normal(z, mean, var), unit, line), points)


blank = log(Normal(X(n), bias, var_noise))
collapsed, objective = total(blank, points), objective_at(MEAN(n), VAR(n))
mean_t, var_t = slope * (x - bias) / seen, cloud / seen
tempered = Normal(z, mean_t, var_t)
ratio = var_data / cloud


def _reconstruction() -> Thm:
    """The reconstruction term, with the letter of this page for the slope."""
    return substitute(lg.linear_gaussian_reconstruction.thm, {lg.weight: slope})


some = {N: 2, X: Lambda(n, 3 * n - 4), bias: Rational(1, 4), var_data: Rational(37, 16), slope: Rational(3, 4)}
some |= {MEAN: Lambda(n, 2 * n / 3 - 1), VAR: Lambda(n, n / 4), beta: Rational(3, 2), var_noise: Rational(2, 3)}

gain, height = slope**2 / (2 * var_noise * seen), beta * log(seen / cloud) / 2
best_code = log(Normal(x, bias, var_noise)) + gain * (x - bias) ** 2 - height
kept = best_code.xreplace({x: X(n)})
profile = collapsed + N * beta * (ratio - var_data / seen - log(seen / cloud)) / 2


@theorem(
    same(E(log(likelihood), q, line) - beta * KL(q, unit, line), best_code - beta * KL(q, tempered, line)),
    "What a code adds to a decoder without code",
)
def linear_vae_code() -> Thm:
    """Closed forms on both sides: the same quadratic, and the same logarithms."""
    left, right = linear_vae_code.statement.args
    value = calc(left, ("the reconstruction term", _reconstruction()), lg.gauss_kl(mean_q, var_q, 0, 1))
    gap = lg.gauss_kl(mean_q, var_q, mean_t, var_t)
    return chain(value, flip(calc(right, gap, opened, ("complete the square", to(value.prop.rhs)))))


share, square = var_q / var_t, (mean_q - mean_t) ** 2 / var_t
at_n = {x: X(n), mean_q: MEAN(n), var_q: VAR(n)}


def _closed() -> Thm:
    """The objective of one observation, without an integral."""
    gap = lg.gauss_kl(mean_q, var_q, mean_t, var_t)
    left = linear_vae_code.statement.lhs
    return calc(left, linear_vae_code.thm, gap, to(best_code - beta * (share - 1 - log(share) + square) / 2))


def _best_code() -> Thm:
    """The divergence from the tempered posterior is not negative: log t <= t - 1 at the ratio of the variances."""
    worst, between = _closed().prop.rhs, best_code - beta * square / 2
    return chain(
        rearrange(sign(square), best_code, between, times=beta / 2),
        rearrange(log_tangent(share), between, worst, times=beta / 2),
    )


def _gathered() -> Thm:
    """What is left without any divergence, summed over the data."""
    data = ("the spread of the data", given(spread))
    return calc(total(kept, points), linearity, data, at(constant, total(1, points)), to(profile))


fitted = {**some, MEAN: Lambda(n, 3 * (12 * n - 17) / 25), VAR: Lambda(n, Rational(16, 25))}


@theorem(
    at_least(profile, objective), "The best codes for a slope of the decoder", given=(spread,), examples=(some, fitted)
)
def linear_vae_profile() -> Thm:
    """Drop the divergence from the tempered posterior at each observation, and add up."""
    return chain(
        flip(_gathered()),
        because(monotone(substitute(_best_code(), at_n), points), "no code is better than the tempered posterior"),
        flip(calc(objective, termwise(substitute(_closed(), at_n)))),
    )


noisy = {**some, var_noise: 2}
gone = {**noisy, slope: 0, MEAN: Lambda(n, 0), VAR: Lambda(n, 1)}


@theorem(
    at_least(collapsed, objective),
    "A large weight or a noisy decoder: collapse is the optimum",
    given=(spread, at_least(cloud, var_data)),
    examples=(noisy, gone),
)
def linear_vae_collapse() -> Thm:
    """The profile falls in the slope: the logarithm grows faster than the fit. Slope 0, codes at the prior reach it."""
    excess = rearrange(assume(at_least(cloud, var_data)), cloud - var_data, Integer(0))
    price = N * beta / (2 * cloud * seen)
    charged = profile + price * slope**2 * (cloud - var_data)
    below = rearrange(log_tangent(cloud / seen), collapsed, charged, times=N * beta / 2)
    free = rearrange(excess, charged, profile, times=price * slope**2)
    return chain(
        because(below, "the logarithm lies below its tangent"),
        because(free, "the noise as the weight sees it exceeds the spread"),
        because(linear_vae_profile.thm, "the best codes for this slope"),
    )


solved = {**some, beta: Rational(3, 4), var_noise: Rational(7, 3)}
peaked = {**solved, MEAN: Lambda(n, 3 * (12 * n - 17) / 37), VAR: Lambda(n, Rational(28, 37))}
highest = collapsed + N * beta * (ratio - 1 - log(ratio)) / 2


@theorem(at_least(highest, objective), "What codes can add, at most", given=(spread,), examples=(some, peaked))
def linear_vae_ceiling() -> Thm:
    """The profile is largest where signal and noise together are the spread of the data."""
    peak = rearrange(log_tangent(var_data / seen), highest, profile, times=N * beta / 2)
    return chain(peak, linear_vae_profile.thm)


mean_best, var_best = slope * (X(n) - bias) / var_data, cloud / var_data
matched = same(slope**2 + cloud, var_data)
optimal = (spread, matched)
best = objective_at(mean_best, var_best)
rate_best = total(KL(Normal(z, mean_best, var_best), unit, line), points) / N
distortion_best = -total(fit_at(mean_best, var_best), points) / N
touching = {**some, beta: Rational(37, 32), var_noise: 2, slope: 0}  # at the threshold
solved_2 = {**some, beta: 3, var_noise: Rational(1, 4), slope: Rational(-5, 4)}


@theorem(same(best, highest), "The best slope, and what its codes add", given=optimal, examples=(solved, solved_2))
def linear_vae_optimum() -> Thm:
    """Signal and noise together are the spread of the data: the profile is at its peak, and no divergence is left."""
    one = substitute(_closed(), {x: X(n), mean_q: mean_t.xreplace({x: X(n)}), var_q: var_t})
    why, there = "signal and noise make up the spread", given(matched)
    return calc(best, (why, flip(there)), termwise(one, to(kept)), _gathered(), (why, there), to(highest))


@theorem(
    at_least(best, collapsed + N * beta * (sqrt(ratio) - 1) ** 2 / 2),
    "Where the noise is small enough, collapse is a loss",
    given=optimal,
    examples=(solved, solved_2, touching),
)
def linear_vae_awake() -> Thm:
    """log t <= t - 1 at the root of the ratio: what the codes add is at least a square, zero only at the threshold."""
    low = linear_vae_awake.statement.rhs
    return chain(linear_vae_optimum.thm, rearrange(log_tangent(sqrt(ratio)), highest, low, times=N * beta))


def _averaged(statement: Basic, one: Thm, level: Expr, tilt: Expr) -> Thm:
    """A mean over the data, of terms that are level + tilt (x - b)^2."""
    left, right = statement.args
    summand = level + tilt * (X(n) - bias) ** 2
    return calc(
        left,
        at(termwise(one, to(summand)), total(one.prop.lhs, points)),
        at(linearity, total(summand, points)),
        at(constant, total(1, points)),
        ("the spread of the data", given(spread)),
        ("the signal is what the noise leaves", rearrange(given(matched), slope**2, var_data - cloud)),
        to(right),
    )


best_codes = {x: X(n), mean_q: mean_best, var_q: var_best}


@theorem(same(rate_best, log(ratio) / 2), "The rate at the optimum", given=optimal, examples=(solved, solved_2))
def linear_vae_rate() -> Thm:
    """The quadratic terms add up to one, and only the logarithm is left."""
    rate = substitute(lg.gauss_kl(mean_q, var_q, 0, 1), best_codes)
    level, tilt = (cloud / var_data - 1 + log(ratio)) / 2, slope**2 / (2 * var_data**2)
    return _averaged(linear_vae_rate.statement, rate, level, tilt)


@theorem(
    same(distortion_best, beta / 2 + log(2 * pi * var_noise) / 2),
    "The distortion at the optimum",
    given=optimal,
    examples=(solved, solved_2),
)
def linear_vae_distortion() -> Thm:
    """The squared error that is left and the spread of the codes add up to the noise as the weight sees it."""
    fit = substitute(_reconstruction(), best_codes)
    level = -log(2 * pi * var_noise) / 2 - slope**2 * cloud / var_data / (2 * var_noise)
    tilt = -((1 - slope**2 / var_data) ** 2) / (2 * var_noise)
    return _averaged(linear_vae_distortion.statement, fit, level, tilt)


# --- what the weight alone does not decide: the data 1 and -1, whose mean square is 1 ---

data = {N: Integer(2), bias: Integer(0), X: Lambda(n, 3 - 2 * n)}


def _here(thm: Thm, values: dict) -> Thm:
    """A theorem for these data."""
    numbers = {s: v for s, v in {**data, **values, var_data: 1}.items() if s not in (X, MEAN, VAR)}
    functions = {f: v for f, v in {**data, **values}.items() if f in (X, MEAN, VAR)}
    square = calc(total((3 - 2 * n) ** 2, (n, 1, 2)), write_out, to(2))
    return discharge(substitute(instantiate(thm, functions), numbers), square)


def _instance(e: Expr, values: dict) -> Expr:
    """An expression for these data."""
    return at_instance(e, {**data, **values}).xreplace({**data, **values})


datum, pair, rival = 3 - 2 * n, (n, 1, 2), Symbol("w_2", real=True)


def _code(s: Expr) -> tuple[Expr, Expr]:
    """Mean and variance of the exact posterior of a datum, for slope s: the best code at weight 1."""
    return s * datum / (s**2 + var_noise), var_noise / (s**2 + var_noise)


def _with_best_codes(s: Expr) -> Expr:
    """The ELBO of the data with the best codes of slope s."""
    fit = E(log(Normal(datum, s * z, var_noise)), Normal(z, *_code(s)), line)
    return total(fit - KL(Normal(z, *_code(s)), unit, line), pair)


def _best_at_weight_one(thm: Thm, noise: Expr) -> Thm:
    """A bound on every slope and its codes, for the best codes of any other slope."""
    mean, var = (e.xreplace({var_noise: noise}) for e in _code(rival))
    values = {slope: rival, beta: Integer(1), var_noise: noise, MEAN: Lambda(n, mean), VAR: Lambda(n, var)}
    return _here(thm, values)


def _asleep() -> Thm:
    """With noise of variance 2 no slope beats slope 0, whose best codes are the prior."""
    enough = rearrange(sign(Integer(1)), Integer(2), Integer(1))
    others = discharge(_best_at_weight_one(linear_vae_collapse.thm, Integer(2)), enough)
    values = {x: datum, bias: 0, slope: 0, beta: 1, var_noise: 2, mean_q: 0, var_q: 1}
    return for_all(chain(monotone(substitute(_closed(), values), pair), others), rival)


quiet = {var_noise: Rational(9, 25), slope: Rational(4, 5)}


def _at_peak(thm: Thm) -> Thm:
    """A theorem about the best slope, with noise of variance 9/25."""
    return discharge(_here(thm, {**quiet, beta: Integer(1)}), algebra(1, 1))


def _awake() -> Thm:
    """With noise of variance 9/25 no slope beats 4/5."""
    highest_there = _best_at_weight_one(linear_vae_ceiling.thm, quiet[var_noise])
    return for_all(chain(_at_peak(linear_vae_optimum.thm), highest_there), rival)


def _told() -> Thm:
    """Its best codes differ from the prior, by log(5/3) nats a datum."""
    mean, var = (e.xreplace(quiet) for e in _code(slope))
    rate = calc(total(KL(Normal(z, mean, var), unit, line), pair), termwise(lg.gauss_kl(mean, var, 0, 1)), write_out)
    return apart(rate, algebra(0, 0))


@counterexample(
    differs(total(KL(Normal(z, *_code(slope)), unit, line), pair), 0),
    same(total(KL(unit, unit, line), pair), 0),
    "At weight 1 the best decoder uses its codes",
    at={var_noise: 2, slope: 0},
    holds_at=quiet,
    given=(ForAll(at_least(_with_best_codes(slope), _with_best_codes(rival)), rival),),
    facts=lambda: (_asleep(),),
    witness=lambda: (_awake(), _told()),
    instead="linear_vae_collapse",
    claims=("003-50",),
)
def collapse_needs_a_heavy_weight() -> Thm:
    """Were collapse the work of too large a weight, then at weight 1 the best slope would have codes unlike the prior.

    Take the data 1 and -1 and noise of variance 2. Slope 0 is the best, with any codes: that is `linear_vae_collapse` at
    weight 1. Its best codes are the prior. With noise of variance 1/10 the best slope has codes that do tell something.
    """
    nothing = lg.gauss_kl(0, 1, 0, 1)
    return calc(total(KL(unit, unit, line), pair), termwise(nothing, to(Integer(0))), linearity)


ten = {beta: Integer(10)}
sharp = {var_noise: Rational(9, 250), slope: Rational(4, 5)}
sharp |= {MEAN: Lambda(n, 4 * (3 - 2 * n) / 5), VAR: Lambda(n, Rational(9, 25))}


def _noisy() -> Thm:
    """With noise of variance 1 a weight of ten does collapse the codes."""
    values = {**ten, **sharp, var_noise: Integer(1)}
    return discharge(_here(linear_vae_collapse.thm, values), rearrange(sign(Integer(9)), Integer(10), Integer(1)))


without_sharp, using_sharp = _instance(collapsed, sharp), _instance(objective, {**ten, **sharp})


@counterexample(
    at_least(collapsed, objective.xreplace(ten)),
    at_least(using_sharp, without_sharp + Rational(40, 9)),
    "A weight of ten collapses the codes",
    at={**data, **sharp},
    holds_at={**data, **sharp, var_noise: Integer(1)},
    witness=lambda: (_noisy(),),
    instead="linear_vae_awake",
)
def heavy_weight_collapses() -> Thm:
    """Weight 10, the data 1 and -1, noise of variance 9/250: the best codes of slope 4/5 gain at least 40/9 nats."""
    return discharge(_here(linear_vae_awake.thm, {**ten, **sharp}), algebra(1, 1))
