"""Certified surgery and certified models with two latents, against other ways to the same numbers; theorems named."""

import inspect
import random
import re

import pytest
from flint import acb, arb, arb_mat, ctx

from derivations._language.chapters import verdicts
from derivations._language.verdicts import Theorem
from elbo_ref import certified
from elbo_ref.certified import (
    PrecisionError,
    bernoulli_decoder,
    elbo,
    elbo_plane,
    elbo_surgery,
    gaussian_decoder,
    kl_gaussian,
    kl_mixtures,
    log_evidence,
    log_evidence_plane,
    plane,
    reconstruction,
    tanh_decoder,
)
from elbo_ref.certified.ball import rational


@pytest.fixture(autouse=True)
def precision():
    with ctx.workprec(140):
        yield


@pytest.mark.parametrize(("mean", "var"), [("10", "1e-4"), ("1e4", "1e-8")])
def test_narrow_laws_are_no_trap(mean, var):
    """Where `scipy.integrate.quad` over the real line returns 0 for every one of these and claims no error."""
    decoder = gaussian_decoder(10, 1, 0, 1)
    m, v = exact(mean), exact(var)
    residual = 10 - m
    evidence = -((2 * arb.pi() * (v + 1)).log() + residual * residual / (v + 1)) / 2
    assert log_evidence(decoder, mean, var).ball.overlaps(evidence)
    within = reconstruction(decoder, mean, var).ball
    assert within.overlaps(-((2 * arb.pi()).log() + residual * residual + v) / 2)
    kl = (v - 1 - v.log() + m * m) / 2
    assert elbo(decoder, mean, var).ball.overlaps(within - kl)
    found = elbo_surgery([mean, 0], [var, 1])
    assert found.average_kl.ball.overlaps(kl / 2) and found.mutual_information.ball.overlaps(arb.const_log2())
    with pytest.raises(PrecisionError, match="too narrow or too far out"):
        log_evidence_plane([(gaussian_decoder(mean, 1, 0, var), 1, 0)])


def exact(x):
    value = rational("x", x)
    return arb(int(value.p)) / int(value.q)


@pytest.mark.parametrize("name", [name for name in certified.__all__ if name[0].islower()])
def test_every_function_says_which_theorem_licenses_it(name):
    last = (inspect.getdoc(getattr(certified, name)) or "").splitlines()[-1]
    found = re.fullmatch(r"Theorem: (\w+)\.", last)
    assert found, last
    assert found[1] in {v.name for v in verdicts() if isinstance(v, Theorem)}


# Surgery

ENCODERS = [
    ([0, 1, -2], ["0.5", "0.1", "0.3"]),
    ([0.3], [0.7]),
    ([5, -5], ["1e-4", "1e-4"]),  # codes without overlap: the information is log 2
    ([1, 1], [2, 2]),  # codes that say nothing
]


@pytest.mark.parametrize(("means", "variances"), ENCODERS)
@pytest.mark.parametrize("prior", [(0, 1), ("0.5", "2")])
def test_surgery_against_its_definitions(means, variances, prior):
    count = len(means)
    found = elbo_surgery(means, variances, *prior)
    kls = [kl_gaussian(m, v, *prior).ball for m, v in zip(means, variances, strict=True)]
    assert found.average_kl.ball.overlaps(sum(kls, start=arb(0)) / count)
    weights = [f"1/{count}"] * count
    assert found.marginal_kl.ball.overlaps(
        kl_mixtures(weights, means, variances, [1], [prior[0]], [prior[1]], digits=20).ball
    )
    from_aggregate = [
        kl_mixtures([1], [m], [v], weights, means, variances, digits=15).ball
        for m, v in zip(means, variances, strict=True)
    ]
    information = sum(from_aggregate, start=arb(0)) / count
    assert found.mutual_information.ball.overlaps(information)
    assert found.conditional_entropy.ball.overlaps(arb(count).log() - information)
    assert all(term.radius <= max(1, abs(term.midpoint)) / 10**15 for term in found)


def test_surgery_at_its_ends():
    apart, same = elbo_surgery(*ENCODERS[2]), elbo_surgery(*ENCODERS[3])
    assert apart.mutual_information.ball.overlaps(arb.const_log2()) and apart.conditional_entropy.contains(0)
    assert same.mutual_information.contains(0) and same.conditional_entropy.ball.overlaps(arb.const_log2())


# Two latents


def evidence_of_gaussians(observations):
    """log N(x; bias, V V^T + D) of several Gaussian observations (x, bias, var_noise, v1, v2)."""
    xs, biases, noises, v1s, v2s = ([exact(entry) for entry in column] for column in zip(*observations, strict=True))
    count = len(xs)
    covariance = arb_mat(
        [[v1s[i] * v1s[j] + v2s[i] * v2s[j] + (noises[i] if i == j else 0) for j in range(count)] for i in range(count)]
    )
    residual = arb_mat([[x - b] for x, b in zip(xs, biases, strict=True)])
    square = (residual.transpose() * covariance.inv() * residual)[0, 0]
    return -(square + count * (2 * arb.pi()).log() + covariance.det().log()) / 2


GAUSSIANS = [
    [("1", "0", "0.5", "1", "2")],
    [("1", "0.1", "0.5", "1", "2"), ("-0.3", "0", "1", "-0.5", "0.25")],
    [("1", "0", "2", "1", "0"), ("0.5", "0", "1", "0", "1"), ("2", "1", "3", "1", "1")],
]


@pytest.mark.parametrize("observations", GAUSSIANS)
@pytest.mark.parametrize("digits", [6, 20])
def test_evidence_of_gaussians_in_the_plane(observations, digits):
    found = log_evidence_plane(
        [(gaussian_decoder(x, 1, bias, noise), v1, v2) for x, bias, noise, v1, v2 in observations], digits=digits
    )
    assert found.ball.overlaps(evidence_of_gaussians(observations))
    assert found.radius <= max(1, abs(found.midpoint)) / 10**digits


@pytest.mark.parametrize("seed", range(3))
def test_one_direction_is_one_latent(seed):
    """All observations of s = 3 z1 + 4 z2, which is N(0, 25): the plane and the line agree."""
    r = random.Random(seed)
    decoders = [
        bernoulli_decoder(r.randrange(2), r.uniform(-0.4, 0.4), r.uniform(-2, 2)),
        tanh_decoder(r.uniform(-1, 1), r.uniform(-0.3, 0.3), 0, r.uniform(1, 2)),
    ]
    for decoder in decoders:
        plane_value = log_evidence_plane([(decoder, 3, 4)], digits=10)
        assert plane_value.ball.overlaps(log_evidence(decoder, 0, 25, digits=20).ball)


def test_a_gaussian_direction_integrates_out():
    """z2 appears in a Gaussian observation alone: given z1 it is N(z1, 4 + 1/2), and one integral is left."""
    observations = [(gaussian_decoder(1, 1, 0, "1/2"), 1, 2), (tanh_decoder("0.3", 1, "0.1", "0.3"), 1, 0)]
    wide, noise, shift = exact("4.5"), exact("0.3"), exact("0.1")

    def joint(z, _):
        residual, first = exact("0.3") - (z + shift).tanh(), 1 - z
        exponent = -(z * z + residual * residual / noise + first * first / wide) / 2
        return exponent.exp() / ((2 * arb.pi()).sqrt() * 2 * arb.pi() * (noise * wide).sqrt())

    pieces = (acb.integral(joint, 3 * k, 3 * k + 3).real for k in range(-5, 5))
    expected = (sum(pieces, start=arb(0)) + arb(0, 1e-45)).log()
    assert log_evidence_plane(observations, digits=12).ball.overlaps(expected)


PIXELS = [(bernoulli_decoder(1, 1, "-0.3"), 1, "0.5"), (bernoulli_decoder(0, 1, "0.2"), "-0.4", 1)]


def test_elbo_in_the_plane():
    evidence, bound = log_evidence_plane(PIXELS), elbo_plane(PIXELS, ["0.1", "0.2"], ["0.8", "0.9"])
    assert bound.ball < evidence.ball
    apart = [(gaussian_decoder(1, 1, 0, 1), 1, 0), (gaussian_decoder("0.5", 2, 0, "3"), 0, 1)]
    # the posterior is N(1/2, 1/2) times N(1/7, 3/7): there the bound is tight
    tight = elbo_plane(apart, ["1/2", "1/7"], ["1/2", "3/7"], digits=20)
    assert tight.ball.overlaps(log_evidence_plane(apart, digits=20).ball)
    assert elbo_plane(apart, ["1/2", "1/7"], ["1/2", "3/8"], digits=20).ball < tight.ball


def test_the_bounds_are_what_makes_it_true(monkeypatch):
    fine = log_evidence_plane(PIXELS, digits=25).ball
    seen = plane._seen(PIXELS)
    monkeypatch.setattr(plane, "widest_step", lambda integrand, nats: (arb(1.5), arb(1.5)))
    assert plane._evidence(plane._Product(seen), 60).log().overlaps(fine)
    monkeypatch.setattr(plane, "step_error", lambda growth, a, h: arb(0))
    assert not plane._evidence(plane._Product(seen), 60).log().overlaps(fine)


def test_what_the_sum_leaves_out_is_added(monkeypatch):
    """Bits that ask for a short range only: the ball must still hold the value, which its centre misses."""
    fine = log_evidence_plane(PIXELS, digits=25).ball.exp()
    monkeypatch.setattr(plane, "widest_step", lambda integrand, nats: (arb(1.5), arb(0.25)))
    value = plane._evidence(plane._Product(plane._seen(PIXELS)), 4)
    assert value.overlaps(fine) and not value.mid().overlaps(fine)
    monkeypatch.setattr(plane.Growth, "beyond", lambda self, radius: arb(0))
    assert not plane._evidence(plane._Product(plane._seen(PIXELS)), 4).overlaps(fine)


@pytest.mark.parametrize(
    "decoder",
    [
        bernoulli_decoder(1, 2, -9),
        bernoulli_decoder(0, 1, "0.3"),
        bernoulli_decoder(1, 0, 2),
        tanh_decoder("1.5", 1, "0.2", "0.3"),
        gaussian_decoder(3, "0.1", -2, "1e-1"),
        gaussian_decoder(3, 2, 1, 4),
    ],
)
def test_ceilings_hold_on_the_strip(decoder):
    local = decoder(arb(0), arb(1))
    strip = arb(3) if local.rest is None or local.rest.strip is None else local.rest.strip
    for part in ("0", "0.3", "0.7", "0.99"):
        a = arb(part) * strip
        for u in range(-60, 61):
            value = local.value(acb(arb(u) / 10, a))
            assert value.real.lower() <= local.ceiling(a).upper()
            if local.rest is not None:
                assert local.rest.exp(acb(arb(u) / 10, a)).overlaps(local.rest.value(acb(arb(u) / 10, a)).exp())


BAD = [
    (lambda: elbo_surgery([0, 1], [1]), ValueError, "means and variances must have one .*, got 2 and 1"),
    (lambda: elbo_surgery([], []), ValueError, "length of at least 1, got 0 and 0"),
    (lambda: elbo_surgery([0], [0]), ValueError, r"variances\[0\] must be positive, got 0"),
    (lambda: elbo_surgery([0], [1], 0, -1), ValueError, "var_prior must be positive, got -1"),
    (lambda: elbo_surgery([float("nan")], [1]), ValueError, r"means\[0\] must be finite, got nan"),
    (lambda: log_evidence_plane([]), ValueError, "observations must not be empty"),
    (lambda: log_evidence_plane([(PIXELS[0][0], 0, 0)]), ValueError, r"observations\[0\] must have a direction other"),
    (lambda: log_evidence_plane([(PIXELS[0][0], 1, "x")]), ValueError, r"observations\[0\]\[2\] must be a finite"),
    (lambda: elbo_plane(PIXELS, [0], [1]), ValueError, "must have length 2, got 1 and 1"),
    (lambda: elbo_plane(PIXELS, [0, 0], [1, 0]), ValueError, r"vars_q\[1\] must be positive, got 0"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()
