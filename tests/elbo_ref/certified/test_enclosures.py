"""Enclosures: the bounds behind them, the values inside them, and what they keep out.

The reference here is `acb.integral` on the definitions in the original variable, with its own bound of the tails; it
shares with the module neither the rule, nor the change of variable, nor the strip.
"""

import itertools
import math
import random
from fractions import Fraction

import mpmath
import pytest
from flint import acb, arb, ctx

from elbo_ref.certified import (
    Enclosure,
    PrecisionError,
    ball,
    bernoulli_decoder,
    decoders,
    elbo,
    gap,
    gaussian_decoder,
    kl_gaussian,
    kl_laplace,
    kl_mixtures,
    laplace,
    log_evidence,
    mixtures,
    models,
    reconstruction,
    tanh_decoder,
    trapezoid,
)

BITS = 140  # working precision of the references: 30 digits and room


@pytest.fixture(autouse=True)
def precision():
    with ctx.workprec(BITS):
        yield


def phi(t):
    return (-t * t / 2).exp() / (2 * arb.pi()).sqrt()


# --- The rule ---------------------------------------------------------------------------------------------------------


def test_the_step_bound_is_what_a_gaussian_attains():
    """For g = 1 the sum exceeds 1 by 2 exp(-2 pi^2 / h^2) + 2 exp(-8 pi^2 / h^2) + ...: the best a is 2 pi / h."""
    with ctx.workprec(400):
        for h in (arb(1), arb(1.5), arb(2)):
            total = h * sum((phi(k * h) for k in range(-60, 61)), start=arb(0))
            error = abs(total - 1)
            bound = trapezoid.step_error(trapezoid.Growth(arb(1), arb(0), arb(0)), 2 * arb.pi() / h, h)
            assert error <= bound
            assert bound <= 1.001 * error  # so a bound smaller by one in a thousand would be false


@pytest.mark.parametrize("omega", [0.5, 1.0, 3.0, 8.0])
def test_oscillating_integrand(omega):
    """E cos(omega t) = exp(-omega^2 / 2), and |cos(omega (u + i v))| <= cosh(omega v)."""
    integrand = trapezoid.Integrand(
        lambda t: (omega * t).cos(), None, lambda a: trapezoid.Growth((omega * a).cosh(), arb(0), arb(0))
    )
    for bits in (10, 20, 40, 80):
        value = trapezoid.gaussian_mean(integrand, bits)
        assert value.contains((-arb(omega) * omega / 2).exp())
        assert value.rad() < arb((1, 2 - bits))


@pytest.mark.parametrize("c", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 3, 5)])
@pytest.mark.parametrize("radius", [1.5, 3.0, 7.0, 20.0])
def test_the_end_bound(c, radius):
    """The bound against the exact integral of the tail, and against a sum of the kind that is left out."""
    radius = arb(radius)
    bound = trapezoid.Growth(*map(arb, c)).beyond(radius)
    both_tails = (radius / arb(2).sqrt()).erfc()
    exact = c[0] * both_tails + 2 * c[1] * phi(radius) + c[2] * (2 * radius * phi(radius) + both_tails)
    assert not bound < exact  # they are equal where c1 is alone
    assert bound <= 2 * exact * (1 + arb("1e-30"))
    h = arb(0.25)
    nodes = (radius + k * h for k in range(1, 400))
    assert 2 * h * sum((phi(t) * (c[0] + c[1] * t + c[2] * t * t) for t in nodes), start=arb(0)) <= bound


DECODERS = {
    "gaussian": lambda r: gaussian_decoder(r.uniform(-3, 3), r.uniform(-3, 3), r.uniform(-1, 1), r.uniform(0.01, 4)),
    "bernoulli": lambda r: bernoulli_decoder(r.randrange(2), r.uniform(-4, 4), r.uniform(-2, 2)),
    "tanh": lambda r: tanh_decoder(r.uniform(-3, 3), r.uniform(-3, 3), r.uniform(-1, 1), r.uniform(0.01, 4)),
}


def check_bounds(local, a, points):
    """|value| <= c0 + c1 |u| + c2 u^2, and of the rest |rest| <= c0 + c1 |u| and Re rest <= upper, where |v| <= a."""
    c0, c1, c2 = local.growth(a)
    for u, v in points:
        value = local.value(acb(u, v * a))
        assert value.abs_lower() <= (c0 + c1 * abs(u) + c2 * u * u).upper()
        if local.rest is not None:
            d0, d1 = local.rest.growth(a)
            rest = local.rest.value(acb(u, v * a))
            assert rest.abs_lower() <= (d0 + d1 * abs(u)).upper()
            assert rest.real.lower() <= local.rest.upper(a).upper()


@pytest.mark.parametrize("kind", DECODERS)
def test_growth_bounds_hold_on_the_strip(kind):
    r = random.Random(kind)
    for _ in range(30):
        local = DECODERS[kind](r)(arb(r.uniform(-2, 2)), arb(r.uniform(0.1, 2)))
        a = 0.98 * r.random() * (arb(10) if local.rest is None else local.rest.strip)
        points = [(arb(r.gauss(0, 4)), arb(r.choice([-1, 1, r.uniform(-1, 1)]))) for _ in range(40)]
        check_bounds(local, a, points)


GRID = [(arb(k) / 10, arb(1)) for k in range(-40, 41)]


@pytest.mark.parametrize("part", ["0.01", "0.5", "0.75", "0.99"])
@pytest.mark.parametrize(
    "decoder",
    [
        bernoulli_decoder(1),
        bernoulli_decoder(0, 1, -9),
        bernoulli_decoder(1, 3, -4),
        tanh_decoder(0),
        tanh_decoder("1.5", 1, "0.2", "0.3"),
        tanh_decoder(40),
        gaussian_decoder(0),
        gaussian_decoder(3, "0.1", -2, "1e-3"),
    ],
)
def test_growth_bounds_where_they_are_tight(decoder, part):
    """On the edge of the strip, where the functions are largest: near the poles of tanh, and near l = 0."""
    local = decoder(arb(0), arb(1))
    check_bounds(local, arb(part) * (arb(3) if local.rest is None else local.rest.strip), GRID)


def test_softplus_is_not_finite_where_it_is_not_analytic():
    """Arb takes a finite value on a rectangle as the word that the function is analytic there.

    In neither half-plane, that is on a rectangle across Re x = 0, a point i pi + 2 i pi k must make it infinite.
    """
    r = random.Random(3)
    for _ in range(200):
        centre, width = r.uniform(-1, 1), r.uniform(1, 3)
        turn, height = r.randrange(-2, 3), r.uniform(0.1, 3)
        off = r.uniform(-1, 1) * height
        assert not decoders.softplus(acb(arb(centre, width), arb.pi() * (2 * turn + 1) + arb(off, height))).is_finite()
    for x in (acb(arb(0, 0.5), arb(0, 0.5)), acb(arb(3, 1), arb(0, 9)), acb(arb(-3, 1), arb(0, 9))):
        assert decoders.softplus(x).is_finite()


def test_a_mixture_is_not_finite_across_the_cut_of_its_logarithm():
    laws = [(0.125, k - 3.5, 1) for k in range(8)]
    mixture = mixtures.Mixture([tuple(ball.rational("c", value) for value in law) for law in laws])
    r = random.Random(4)
    refused = 0
    for _ in range(1000):
        z = acb(arb(r.uniform(-3, 3), 0.02), arb(r.uniform(-6, 6), 0.02))
        free, _ = mixture.log_and_density(z, False)
        strict, _ = mixture.log_and_density(z, True)
        if free.is_finite() and free.imag.rad() > 3:  # both sides of the cut
            refused += 1
            assert not strict.is_finite()
    assert refused > 0


def test_mixture_bounds():
    r = random.Random(1)
    for _ in range(40):
        components = [tuple(ball.rational("c", r.uniform(low, 1)) for low in (0.01, -3, 0.01)) for _ in range(3)]
        mixture = mixtures.Mixture(components)
        mean, std = arb(r.uniform(-2, 2)), arb(r.uniform(0.1, 2))
        c0, c1, c2 = mixture.growth(mean, std)
        for t in (arb(r.gauss(0, 3)) for _ in range(20)):
            log, density = mixture.log_and_density(acb(mean + std * t), False)
            assert log.abs_lower() <= c0 + c1 * abs(t) + c2 * t * t
            assert density.overlaps(log.exp())


def test_the_highest_peak_bounds_a_mixture():
    narrow = mixtures.Mixture([tuple(map(ball.rational, "abc", (1, 0, "1e-20")))])
    wide_and_narrow = mixtures.Mixture(
        [tuple(map(ball.rational, "abc", law)) for law in ((0.5, 0, "1e-20"), (0.5, 5, "0.15"))]
    )
    for mixture in (narrow, wide_and_narrow):
        log, _ = mixture.log_and_density(acb(0), False)
        assert abs(log.real) <= mixture.growth(arb(0), arb(1)).c0


# --- Models against the definitions -----------------------------------------------------------------------------------


class Model:
    """A model by the logarithms of its definition, as functions of z, with what is needed to bound its tails."""

    def __init__(self, kind, r):
        self.kind = kind
        if kind == "bernoulli":
            self.parameters = r.randrange(2), r.uniform(-4, 4), r.uniform(-2, 2)
            self.decoder = bernoulli_decoder(*self.parameters)
        else:
            self.parameters = r.uniform(-2, 2), r.uniform(-2, 2), r.uniform(-1, 1), r.uniform(0.05, 2)
            self.decoder = (gaussian_decoder if kind == "gaussian" else tanh_decoder)(*self.parameters)
        self.q = r.uniform(-2, 2), r.uniform(0.02, 2)
        self.prior = r.uniform(-2, 2), r.uniform(0.1, 3)

    def log_likelihood(self, z, analytic=False):
        x, weight, bias, *var = self.parameters
        if self.kind == "bernoulli":
            return x * (weight * z + bias) - (1 + (weight * z + bias).exp()).log(analytic)
        mean = (weight * z + bias).tanh() if self.kind == "tanh" else weight * z + bias
        return log_normal(acb(x), mean, *var)


def log_normal(x, mean, var):
    return -((x - mean) * (x - mean) / arb(var) + (2 * arb.pi() * arb(var)).log()) / 2


def reference(integrand, mean, var):
    """The integral of a density N(mean, var) times a factor that is at most 10^5 (1 + t^2) at t standard deviations.

    Beyond 18 of them that is below 10^-50: the density is below 10^-70 there. No model above has a larger factor.
    """
    std = arb(var).sqrt()
    edges = [arb(mean) + 3 * k * std for k in range(-6, 7)]
    pieces = (acb.integral(integrand, left, right) for left, right in itertools.pairwise(edges))
    return sum(pieces, start=acb(0)).real + arb(0, arb("1e-50"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", DECODERS)
def test_models_against_their_definitions(kind, seed):
    model = Model(kind, random.Random(f"{kind} {seed}"))
    evidence = reference(
        lambda z, analytic: (log_normal(z, *model.prior) + model.log_likelihood(z, analytic)).exp(), *model.prior
    ).log()

    def under_q(log_ratio):
        return reference(lambda z, analytic: log_normal(z, *model.q).exp() * log_ratio(z, analytic), *model.q)

    expected = {
        log_evidence: evidence,
        reconstruction: under_q(model.log_likelihood),
        elbo: under_q(
            lambda z, analytic: (
                model.log_likelihood(z, analytic) + log_normal(z, *model.prior) - log_normal(z, *model.q)
            )
        ),
    }
    expected[gap] = evidence - expected[elbo]
    arguments = {log_evidence: model.prior, reconstruction: model.q}
    for function, value in expected.items():
        for digits in (8, 30):
            found = function(model.decoder, *arguments.get(function, (*model.q, *model.prior)), digits=digits)
            assert found.ball.overlaps(value), function.__name__
            assert found.radius <= Fraction(1, 10**digits) * max(1, abs(found.midpoint))
    assert value.rad() < arb("1e-28")  # the reference itself says something


def kl_of_normals(mean_q, var_q, mean_p, var_p):
    """The closed form, in ball arithmetic, of exact inputs."""
    mean_q, var_q, mean_p, var_p = map(arb, (mean_q, var_q, mean_p, var_p))
    ratio = var_q / var_p
    return (ratio - 1 - ratio.log() + (mean_q - mean_p) * (mean_q - mean_p) / var_p) / 2


NARROW = [
    ("10", "1e-4", "0", "1"),
    ("1e4", "1e-8", "0", "1"),
    ("1e4", "1e-16", "1e4", "2e-16"),
    ("0", "1", "10", "1e-4"),
    ("1e-300", "1e-300", "0", "1e-299"),
    ("0", "1", "1e4", "1e16"),
]


@pytest.mark.parametrize("laws", NARROW)
def test_narrow_densities(laws):
    """Where SciPy and mpmath answer 0."""
    with ctx.workprec(2500):
        expected = kl_of_normals(*(arb(Fraction(law).numerator) / Fraction(law).denominator for law in laws))
        found = kl_gaussian(*laws)
        assert found.ball.overlaps(expected)
        assert found.radius <= max(1, abs(found.midpoint)) / 10**30


def test_mpmath_and_narrow_densities():
    def density(z):
        return mpmath.exp(-(((z - 10) / mpmath.mpf("0.01")) ** 2) / 2) / mpmath.sqrt(2 * mpmath.pi) / mpmath.mpf("0.01")

    assert abs(mpmath.quad(density, [-mpmath.inf, mpmath.inf])) < 1e-9  # the trap: this integral is 1


def test_a_thousand_random_divergences():
    r = random.Random(0)
    with ctx.workprec(400):
        for _ in range(1000):
            mean = r.uniform(-1, 1) * 10 ** r.uniform(-4, 4)
            std = abs(mean) * 10 ** r.uniform(-8, 1)
            laws = mean, std * std, mean + r.gauss(0, 2) * std, std * std * 10 ** r.uniform(-2, 2)
            assert kl_gaussian(*laws, digits=15).ball.overlaps(kl_of_normals(*laws))


MUTANTS = {
    "sign of the logarithm": lambda m, s, n, t: (s / t - 1 + mpmath.log(s / t) + (m - n) ** 2 / t) / 2,
    "no half": lambda m, s, n, t: s / t - 1 - mpmath.log(s / t) + (m - n) ** 2 / t,
    "no -1": lambda m, s, n, t: (s / t - mpmath.log(s / t) + (m - n) ** 2 / t) / 2,
    "laws exchanged": lambda m, s, n, t: (t / s - 1 - mpmath.log(t / s) + (m - n) ** 2 / s) / 2,
    "standard deviation for variance": lambda m, s, n, t: (
        (mpmath.sqrt(s / t) - 1 - mpmath.log(s / t) + (m - n) ** 2 / t) / 2
    ),
    "variance of q under the distance": lambda m, s, n, t: (s / t - 1 - mpmath.log(s / t) + (m - n) ** 2 / s) / 2,
    "no distance": lambda m, s, n, t: (s / t - 1 - mpmath.log(s / t)) / 2,
    "last digit": lambda m, s, n, t: (s / t - 1 - mpmath.log(s / t) + (m - n) ** 2 / t) / 2 + mpmath.mpf("2e-30"),
}


def test_an_enclosure_holds_the_closed_form_and_no_mutant_of_it():
    with mpmath.workdps(60):
        laws = [mpmath.mpf(2) / 3, mpmath.mpf(33) / 100, mpmath.mpf("0.25"), mpmath.mpf("1.5")]
        found = kl_gaussian("2/3", "0.33", "0.25", "1.5")
        m, s, n, t = laws
        assert found.contains(str((s / t - 1 - mpmath.log(s / t) + (m - n) ** 2 / t) / 2))
        for name, mutant in MUTANTS.items():
            assert not found.contains(str(mutant(*laws))), name


def test_the_step_bound_is_what_makes_it_true(monkeypatch):
    """With a step that is too wide the enclosure is wide and true; without the bound it is narrow and false."""
    arguments = gaussian_decoder(1, 1, 0, "0.5"), (ball.rational("mean", 0), ball.rational("var", 1)), 60
    fine = log_evidence(arguments[0], digits=40).ball
    monkeypatch.setattr(trapezoid, "widest_step", lambda integrand, nats: (arb(4), arb(1.5)))
    assert models._log_evidence(*arguments).overlaps(fine)
    monkeypatch.setattr(trapezoid, "step_error", lambda growth, a, h: arb(0))
    assert not models._log_evidence(*arguments).overlaps(fine)


def test_what_the_sum_leaves_out_is_added(monkeypatch):
    """With a step so short that its error is nothing, all that is missing from E 1 = 1 lies beyond the last node."""
    integrand = trapezoid.Integrand(lambda t: arb(1), None, lambda a: trapezoid.Growth(arb(1), arb(0), arb(0)))
    monkeypatch.setattr(trapezoid, "widest_step", lambda integrand, nats: (arb(4), arb(0.25)))
    monkeypatch.setattr(trapezoid, "step_error", lambda growth, a, h: arb(0))
    value = trapezoid.gaussian_mean(integrand, 20)
    assert value.contains(1) and not value.mid().contains(1)


def test_a_range_that_is_too_short_is_made_up_for(monkeypatch):
    """The range is a guess, and its complement is bounded: with a guess far too short the results are as true."""
    decoder, mixture = bernoulli_decoder(1, 2, "0.5"), (["1/4", "3/4"], [0, 1], [1, 2], [1], [0], [1])
    expected = reconstruction(decoder, 0, 1, digits=40), kl_mixtures(*mixture), kl_laplace(1, 2, 0, 1, digits=40)
    for room in (trapezoid, mixtures, laplace):
        monkeypatch.setattr(room, "log_of", lambda x: -25.0)
    for nodes_per_bit in (4, 0):
        monkeypatch.setattr(trapezoid, "_NODES_PER_BIT", nodes_per_bit)
        assert reconstruction(decoder, 0, 1, digits=9).ball.overlaps(expected[0].ball)
    assert kl_mixtures(*mixture, digits=9).ball.overlaps(expected[1].ball)
    assert kl_laplace(1, 2, 0, 1, digits=9).ball.overlaps(expected[2].ball)


@pytest.mark.parametrize(("var_noise", "weight"), [("1/100", 5), ("1/2", -1), ("4", 2)])
def test_two_observations_of_one_latent(var_noise, weight):
    """A quadratic part and a rest together: the product of a Gaussian and a Bernoulli likelihood."""
    gaussian, bernoulli = gaussian_decoder(1, 2, 0, var_noise), bernoulli_decoder(1, weight, 1)
    var = arb(Fraction(var_noise).numerator) / Fraction(var_noise).denominator

    def joint(z, analytic):
        logit = weight * z + 1
        log_likelihood = log_normal(acb(1), 2 * z, var) + logit - (1 + logit.exp()).log(analytic)
        return (log_normal(z, 0, 1) + log_likelihood).exp()

    for digits in (5, 30):
        found = log_evidence(lambda mean, std: bernoulli(mean, std).plus(gaussian(mean, std)), digits=digits)
        assert found.ball.overlaps(reference(joint, 0, 1).log())


def test_steep_and_narrow_likelihoods_go_through_bisection(monkeypatch):
    """Both ways agree where both are possible, and the narrow way is taken where the strip is narrow."""
    taken = []
    bisect = trapezoid.gaussian_mean_by_bisection
    monkeypatch.setattr(
        trapezoid, "gaussian_mean_by_bisection", lambda *arguments: taken.append(1) or bisect(*arguments)
    )
    cases = [tanh_decoder("0.3", 10, "0.1", "0.01"), bernoulli_decoder(1, 30, "0.5"), bernoulli_decoder(0, -30, 3)]
    for decoder in cases:
        monkeypatch.setattr(trapezoid, "_NODES_PER_BIT", 1000)
        by_steps = log_evidence(decoder, digits=15), reconstruction(decoder, 0, 1, digits=15)
        assert not taken
        monkeypatch.setattr(trapezoid, "_NODES_PER_BIT", 0)
        by_bisection = log_evidence(decoder, digits=15), reconstruction(decoder, 0, 1, digits=15)
        assert taken
        taken.clear()
        assert all(one.ball.overlaps(other.ball) for one, other in zip(by_steps, by_bisection, strict=True))
    monkeypatch.undo()
    assert float(log_evidence(tanh_decoder("0.3", 1, 0, "1e-12"))) == pytest.approx(
        # as the noise vanishes p(x) is the density of tanh(z) at x
        -(math.atanh(0.3) ** 2) / 2 - math.log(2 * math.pi) / 2 - math.log(1 - 0.09),
        abs=1e-10,
    )


def test_a_likelihood_steeper_than_floats_can_say():
    """tanh(10^400 z) is the sign of z, to more digits than are asked for."""
    one, other = (log_normal(arb("0.3"), mean, 1).exp() for mean in (1, -1))
    assert log_evidence(tanh_decoder("0.3", 10**400)).ball.overlaps(((one + other) / 2).log())


def test_evidence_far_in_the_tail():
    """p(x) = exp(-333333...) for x = 1000, and E exp(z) for a logit that is never positive."""
    var = Fraction(3, 2)
    expected = -(arb(2 * 10**6) / 3 + (3 * arb.pi()).log()) / 2
    assert log_evidence(gaussian_decoder(1000, 1, 0, var - 1)).ball.overlaps(expected)
    assert log_evidence(bernoulli_decoder(1), -1000, 1).contains("-999.5")
    assert log_evidence(bernoulli_decoder(0), 1000, 1).contains("-999.5")
    assert log_evidence(bernoulli_decoder(1), -(10**6), 1).contains("-999999.5")


# --- Mixtures and Laplace laws ----------------------------------------------------------------------------------------

MIXTURES = [
    ((["0.3", "0.7"], [-1, 2], ["0.25", "0.5"]), ([1], [0], [1])),
    ((["0.3", "0.7"], [-1, 2], ["0.25", "0.5"]), (["0.5", "0.5"], [0, 1], [1, 2])),
    (([0.5, 0.5], [-100, 100], [1, 1]), ([1], [0], [10**4])),
    (([0.5, 0.5], [10, 0], ["1e-4", 1]), ([0.5, 0.5], [10, 1], ["4e-4", 2])),
    (([0.2] * 5, [0, 1, 2, 3, 4], ["0.04"] * 5), ([1], [0], [1])),
]


@pytest.mark.parametrize(("q", "p"), MIXTURES)
def test_mixtures_against_float_quadrature(q, p):
    from elbo_ref import quadrature

    def density(weights, means, variances):
        parts = [(float(w), float(m), float(v)) for w, m, v in zip(weights, means, variances, strict=True)]

        def log(z):
            logs = [math.log(w / math.sqrt(2 * math.pi * v)) - (z - m) * (z - m) / (2 * v) for w, m, v in parts]
            return max(logs) + math.log(sum(math.exp(term - max(logs)) for term in logs))

        stds = tuple(m + k * math.sqrt(v) for _, m, v in parts for k in range(-8, 9))
        return quadrature.Density(log, parts[0][1], math.sqrt(parts[0][2]), breaks=stds)

    expected = quadrature.kl(density(*q), density(*p))
    assert float(kl_mixtures(*q, *p, digits=15)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_mixtures_of_one_are_gaussians():
    for laws in NARROW[:2] + NARROW[3:4] + [("0.3", "2", "-1", "0.7")]:
        mean_q, var_q, mean_p, var_p = laws
        one = kl_mixtures([1], [mean_q], [var_q], [1], [mean_p], [var_p])
        assert one.ball.overlaps(kl_gaussian(*laws).ball)


def test_a_mixture_written_in_two_ways():
    split = kl_mixtures(["1/4", "3/4"], [1, 1], [2, 2], [1], [0], [1])
    assert split.ball.overlaps(kl_gaussian(1, 2, 0, 1).ball)
    thirds = kl_mixtures(
        [1 / 3] * 3, [0] * 3, [1] * 3, [1], [0], [1], digits=20
    )  # three times this float is not exactly 1
    assert thirds.contains(0)


@pytest.mark.parametrize(
    "laws", [("1", "2", "0.3", "0.7"), ("0", "1", "0", "1"), ("1e4", "1e-8", "0", "1"), ("0", "1", "1000", "1e-3")]
)
def test_laplace(laws):
    mean_q, scale_q, mean_p, scale_p = (arb(Fraction(law).numerator) / Fraction(law).denominator for law in laws)
    distance = abs(mean_q - mean_p)
    expected = (scale_p / scale_q).log() - 1 + (distance + scale_q * (-distance / scale_q).exp()) / scale_p
    for digits in (10, 30):
        assert kl_laplace(*laws, digits=digits).ball.overlaps(expected)


# --- Enclosures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", [1, 15, 30, 100, 400])
def test_the_radius_meets_the_digits(digits):
    found = elbo(gaussian_decoder(1, 1, 0, "0.5"), "2/3", "0.33", digits=digits)
    assert 0 < found.radius <= Fraction(1, 10**digits) * max(1, abs(found.midpoint))
    assert found.ball.overlaps(elbo(gaussian_decoder(1, 1, 0, "0.5"), "2/3", "0.33", digits=digits + 50).ball)
    assert ctx.prec == BITS  # the caller's precision is left as it was


def test_digits_that_cancel_are_made_up_for():
    """log p(x) and the ELBO are about -10^17 here, and their difference is the gap of the exercise."""
    near = gap(gaussian_decoder(1, 1, 0, "1/2"), "2/3", "0.33")
    far = gap(gaussian_decoder(3 * 10**8, 1, 0, "1/2"), 2 * 10**8, "0.33")
    assert far.ball.overlaps(near.ball)
    assert far.radius <= Fraction(1, 10**30)


def test_large_values_are_relative():
    found = kl_gaussian(0, 1, 0, "1e-40")
    assert 0 < found.radius <= found.midpoint / 10**30


def test_divergence_of_equal_laws():
    found = kl_gaussian("1e4", "1e-8", "1e4", "1e-8")
    assert found.contains(0) and found.radius <= Fraction(1, 10**30)


def test_decimal():
    third = Enclosure(arb(1) / 3, 30)
    assert third.decimal() == "0." + "3" * 30
    assert third.decimal(5) == "0.33333"
    assert Enclosure(arb(-2) / 3 * 10**4, 20).decimal(6) == "-6666.67"
    assert Enclosure(arb(1) / 2, 5).decimal() == "0.50000"
    assert Enclosure(arb("1e-20"), 5).decimal(3) == "1.00E-20"
    for radius in (1e-4, 0.7e-5):
        with pytest.raises(PrecisionError, match="5 digits are not certain"):
            Enclosure(arb(1) / 3 + arb(0, radius), 5).decimal()
    with pytest.raises(PrecisionError):
        Enclosure(arb(0, 1e-4), 5).decimal(1)


def test_contains_and_float():
    ball = Enclosure(arb(1, 0.25), 5)
    assert ball.contains(1) and ball.contains("0.75") and ball.contains(Fraction(5, 4))
    assert not ball.contains(1.26) and not ball.contains("0.7499")
    assert float(ball) == 1.0
    assert str(Enclosure(arb(1) / 3, 5)).startswith("0.33333 +/- ")


def test_numbers_are_exact():
    for text, value in (("0.33", Fraction(33, 100)), ("-2/3", Fraction(-2, 3)), ("1e-3", Fraction(1, 1000))):
        assert ball.rational("x", text) == ball.rational("x", value)
    assert ball.rational("x", 0.1) == ball.rational("x", Fraction(0.1))
    assert ball.rational("x", 0.1) != ball.rational("x", "0.1")


def test_what_cannot_be_certified_is_refused():
    """p(x) is about exp(-10^8 / 2) here, and the logit as steep as 10^4: not one digit of it comes within reach."""
    with pytest.raises(PrecisionError):
        log_evidence(bernoulli_decoder(1, 10**4, -(10**8)), digits=1)


BAD = [
    (lambda: kl_gaussian(0, 0, 0, 1), ValueError, "var_q must be positive, got 0"),
    (lambda: kl_gaussian(0, 1, 0, "-1/2"), ValueError, "var_p must be positive, got -1/2"),
    (lambda: kl_gaussian(math.nan, 1, 0, 1), ValueError, "mean_q must be finite, got nan"),
    (lambda: kl_gaussian(0, math.inf, 0, 1), ValueError, "var_q must be finite, got inf"),
    (lambda: kl_gaussian("one", 1, 0, 1), ValueError, "mean_q must be a finite number, got 'one'"),
    (lambda: kl_gaussian("1/0", 1, 0, 1), ValueError, "mean_q must be a finite number, got '1/0'"),
    (lambda: kl_gaussian("inf", 1, 0, 1), ValueError, "mean_q must be a finite number, got 'inf'"),
    (lambda: kl_gaussian("nan", 1, 0, 1), ValueError, "mean_q must be a finite number, got 'nan'"),
    (lambda: kl_gaussian("", 1, 0, 1), ValueError, "mean_q must be a finite number, got ''"),
    (lambda: kl_gaussian(None, 1, 0, 1), TypeError, "mean_q must be an int, .*, got NoneType"),
    (lambda: kl_gaussian(0, 1, 0, 1, digits=0), ValueError, "digits must be a positive integer, got 0"),
    (lambda: gaussian_decoder(1, var_noise=-1), ValueError, "var_noise must be positive, got -1"),
    (lambda: tanh_decoder(1, var_noise=0), ValueError, "var_noise must be positive, got 0"),
    (lambda: bernoulli_decoder(0.5), ValueError, r"x must be 0 or 1, got 0\.5"),
    (lambda: kl_laplace(0, 1, 0, 0), ValueError, "scale_p must be positive, got 0"),
    (lambda: kl_mixtures([0.5, 0.6], [0, 1], [1, 1], [1], [0], [1]), ValueError, r"weights_q must sum to 1, got 1\.1"),
    (lambda: kl_mixtures([1], [0], [1], [1], [0, 1], [1]), ValueError, "same length of at least 1, got 1, 2 and 1"),
    (lambda: kl_mixtures([], [], [], [1], [0], [1]), ValueError, "same length of at least 1, got 0, 0 and 0"),
    (lambda: kl_mixtures([1], [0], [0], [1], [0], [1]), ValueError, r"vars_q\[0\] must be positive, got 0"),
    (lambda: kl_mixtures([2, -1], [0, 0], [1, 1], [1], [0], [1]), ValueError, r"weights_q\[1\] must be positive"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
