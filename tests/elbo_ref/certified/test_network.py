"""The bracket of a network's log evidence: grids lie in it, and a bound that is a little too tight is found out."""

import math

import numpy as np
import pytest
from flint import arb, ctx

from elbo_ref.certified import PrecisionError, log_evidence_network, network

NAMES = ("hidden_weight", "hidden_bias", "weight", "bias")


def drawn(seed, hidden=12, pixels=9, scale=1.5):
    rng = np.random.default_rng(seed)
    shapes = (2, hidden), (hidden,), (hidden, pixels), (pixels,)
    return (rng.integers(0, 2, pixels), *(scale * rng.standard_normal(shape) for shape in shapes))


def by_grid(x, *arrays, act, step=1 / 32, reach=9.0):
    """The trapezoid rule, with nothing of the bracket's."""
    line = np.arange(-reach, reach + step / 2, step)
    z = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    hidden = z @ arrays[0] + arrays[1]
    logits = (np.tanh(hidden) if act == "tanh" else np.maximum(hidden, 0)) @ arrays[2] + arrays[3]
    log_joint = -np.logaddexp(0, (1 - 2 * x) * logits).sum(1) - (z**2).sum(1) / 2
    return float(np.logaddexp.reduce(log_joint)) + 2 * math.log(step) - math.log(2 * math.pi)


@pytest.mark.parametrize("act", ["tanh", "relu"])
def test_the_grid_lies_in_the_bracket(act):
    for seed in range(3):
        for width in (1e-1, 5e-3):
            found = log_evidence_network(*drawn(seed), activation=act, width=width)
            assert found.lower <= by_grid(*drawn(seed), act=act) <= found.upper <= found.lower + width


@pytest.mark.parametrize("act", ["tanh", "relu"])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_hidden_layer_without_its_error_is_found_out(act, side, monkeypatch):
    """The line moved to one end of its band and no band left."""
    line = network.ACTIVATIONS[act]

    def too_sure(a, reach):
        value, slope, error = line(a, reach)
        return network._Line(value + side * error, slope, 0 * error)

    monkeypatch.setitem(network.ACTIVATIONS, act, too_sure)
    outside = 0
    for seed in range(3):
        found = log_evidence_network(*drawn(seed), activation=act, width=0.02)
        outside += not found.lower <= by_grid(*drawn(seed), act=act) <= found.upper
    assert outside


def test_a_line_holds_the_function():
    rng = np.random.default_rng(0)
    a, reach, t = rng.normal(0, 3, 20_000), rng.exponential(1, 20_000), rng.uniform(-1, 1, 20_000)
    for act, f in (("tanh", np.tanh), ("relu", lambda x: np.maximum(x, 0))):
        line = network.ACTIVATIONS[act](a, reach)
        off = np.abs(f(a + t * reach) - line.value - line.slope * t * reach)
        assert (off <= line.error + 1e-14 * (1 + np.abs(a) + reach)).all()


def test_without_a_hidden_layer_that_matters_it_is_the_likelihood():
    x = np.array([1, 0, 1])
    bias = np.array([0.3, -2.0, 1.7])
    found = log_evidence_network(
        x, np.zeros((2, 1)), np.zeros(1), np.zeros((1, 3)), bias, activation="tanh", width=1e-2
    )
    assert found.lower <= -np.logaddexp(0, (1 - 2 * x) * bias).sum() <= found.upper


@pytest.mark.parametrize(("f", "exact"), [(np.exp, arb.exp), (np.log1p, arb.log1p), (np.tanh, arb.tanh)])
def test_the_functions_of_numpy_are_as_good_as_assumed(f, exact):
    rng = np.random.default_rng(1)
    points = np.concatenate([-rng.exponential(10, 400), -(10.0 ** rng.uniform(-12, 0, 400))])
    points = np.abs(points) if f is np.log1p else points
    with ctx.workprec(100):
        for x in points:
            value = f(x)
            assert abs(arb(float(value)) - exact(arb(float(x)))) < 8 * arb(float(np.spacing(abs(value))))


def test_what_cannot_be_met_is_refused():
    with pytest.raises(PrecisionError, match="squares"):
        log_evidence_network(*drawn(0), activation="tanh", width=1e-6, most=5000)
    x, *arrays = drawn(0)
    for name, bad in (("x", 0.5 * x), ("bias", arrays[3][:-1]), ("hidden_weight", arrays[0] * math.nan)):
        given = dict(zip(("x", *NAMES), (x, *arrays), strict=True)) | {name: bad}
        with pytest.raises(ValueError, match=name):
            log_evidence_network(**given, activation="relu")
    with pytest.raises(ValueError, match="activation must be one of tanh, relu"):
        log_evidence_network(x, *arrays, activation="gelu")
    with pytest.raises(ValueError, match="width must be positive"):
        log_evidence_network(x, *arrays, activation="tanh", width=0)
