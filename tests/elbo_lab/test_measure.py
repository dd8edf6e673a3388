"""Identities hold for any weights: networks are drawn, not trained. Each check is shown to fail on a planted defect."""

import math

import pytest
import torch

import elbo_ref
from elbo_lab import aggregate, amortization, importance, measure, path, plane
from elbo_lab.model import Autoencoders, Shape, alone
from elbo_lab.training import Plan

EFFORT = measure.Effort(
    step=0.1, path=2, brackets=1, width=0.1, weighted=3, samples=2**9, surgery=256, batches=4, ascent=10,
    betas=(0.5, 8.0), plans=(Plan(1, 16),), units=(2,),
)  # fmt: skip


def drawn(activation="tanh", seed=0):
    """A network that is not trained, with codes about as wide as trained ones are, and images."""
    network = alone(Autoencoders(Shape(12, 16, 2, activation), [seed]), 0)
    with torch.no_grad():
        network.out_of.weight *= 3
        network.logits.weight *= 4
        network.mean.weight *= 4
        network.logvar.bias -= 1.5
    draws = torch.Generator().manual_seed(seed)
    return measure.seen(network, *(torch.rand(n, 12, generator=draws).round() for n in (48, 6)))


@pytest.mark.parametrize("name", measure.SECTIONS)
def test_every_identity_holds_within_its_own_error(name):
    ((_, found),) = measure.sections(drawn(), EFFORT, [name])
    assert all(row["holds"] for row in found["identities"]), found["identities"]


def broken(name):
    ((_, found),) = measure.sections(drawn(), EFFORT, [name])
    return {row["theorem"] for row in found["identities"] if row["residual"] > row["error"]}


def test_a_divergence_that_is_off_breaks_the_decomposition(monkeypatch):
    monkeypatch.setattr(elbo_ref, "kl_standard_normal", lambda mean, logvar: 1e-6 + _kl(mean, logvar))
    assert "evidence_decomposition" in broken("evidence")


_kl = elbo_ref.kl_standard_normal


def test_a_grid_that_is_too_small_leaves_the_bracket(monkeypatch):
    whole = plane.log_evidence
    monkeypatch.setattr(plane, "log_evidence", lambda decode, x, **options: whole(decode, x, radius=1.0, **options))
    assert "marginal_likelihood" in broken("evidence")


def test_an_aggregate_without_some_encoders_is_found_out(monkeypatch):
    monkeypatch.setattr(aggregate, "reach", lambda mean, logvar: 1.0)
    assert "surgery_decomposition" in broken("surgery")


def test_a_standard_deviation_for_a_variance_is_found_out(monkeypatch):
    density = elbo_ref.normal_log_density
    monkeypatch.setattr(elbo_ref, "normal_log_density", lambda z, mean, var: density(z, mean, var**0.5))
    assert {"surgery_decomposition", "total_correlation"} <= broken("surgery")


def test_the_gap_by_a_kinked_network_is_as_good_as_it_says():
    of = drawn("relu")
    gap = (
        plane.log_evidence(of.network.decode, of.test).value
        - plane.elbo(of.network.decode, of.test, of.mean, of.logvar).value
    )
    walked = path.gap(of.network.decode, of.test, of.mean, of.logvar)
    assert ((gap - walked.value).abs() <= walked.change + 1e-3).all()
    assert (walked.value > 0).all()


def test_more_samples_of_the_same_draws_never_lower_a_bound():
    of = drawn()
    weights = importance.log_weights(
        of.network.decode, of.test, of.mean, of.logvar, torch.Generator().manual_seed(1), samples=512
    )
    bounds = importance.nested(weights, (1, 2, 4, 8, 64))
    assert bounds == sorted(bounds)


def test_a_share_of_the_prior_makes_the_variance_finite():
    """Cut at more and more standard deviations, the variance of the encoder's weights grows; with the share it stays."""
    of = drawn()
    log_p = plane.log_evidence(of.network.decode, of.test[:1], step=0.1).value
    few = of.test[:1], log_p, of.mean[:1], of.logvar[:1] - 2

    def within(cut, share):
        return importance.relative_variance(of.network.decode, *few, share=share, cut=cut).value.item()

    assert within(18, share=0) > 1e3 * within(12, share=0) > 1e6 * within(6, share=0)
    assert within(math.inf, share=0.1) == pytest.approx(within(60, share=0.1), rel=1e-6)


def test_minibatch_weights_are_those_of_their_papers():
    """Naive: 1/M each. MWS: 1/(M N). MSS: own 1/N, and a row adds up to one; as shipped the own is not on the diagonal."""
    size, count = 8, 100
    naive, mws, shipped, mended = (aggregate.log_share(name, size, count).exp() for name in aggregate.ESTIMATORS)
    assert torch.allclose(naive.sum(1), torch.ones(size, dtype=torch.float64))
    assert torch.allclose(mws * count, naive)
    assert torch.allclose(mended.sum(1), torch.ones(size, dtype=torch.float64))
    assert torch.allclose(mended.diagonal(), torch.full((size,), 1 / count, dtype=torch.float64))
    others, weight = size - 1, (count - size + 1) / (count * (size - 1))  # the rows of the theorems mss_as_shipped_...
    rows = shipped.sum(1)
    assert torch.allclose(rows[[*range(size - 2), size - 1]], torch.ones(size - 1, dtype=torch.float64))
    assert rows[size - 2].item() == pytest.approx(1 + (count - 2 * others) / (count * others))
    assert torch.allclose(shipped[2:].diagonal(2), torch.full((size - 2,), 1 / others, dtype=torch.float64))
    assert shipped[0].tolist() == pytest.approx([1 / count, weight, *[1 / others] * (size - 2)])
    assert torch.allclose(shipped[:, 0][:-2], torch.full((size - 2,), 1 / count, dtype=torch.float64))


def test_the_search_for_gaussians_only_gains():
    of = drawn()
    found = amortization.parts(of.network.decode, of.test, of.mean, of.logvar, steps=10)
    assert (found.encoder <= found.diagonal).all() and (found.diagonal <= found.full).all()
    assert (found.full <= found.log_p + 1e-6).all()


def test_beyond_the_plane_it_is_refused():
    network = alone(Autoencoders(Shape(4, 3, 3), [0]), 0)
    with pytest.raises(ValueError, match="latent must be 2"):
        measure.seen(network, torch.zeros(2, 4), torch.zeros(2, 4))


def test_the_gap_without_a_draw_is_the_divergence_for_one_weight_and_meets_the_law_for_many():
    of, share, many = drawn(), 0.1, 2**14
    decode, few = of.network.decode, (of.test[:1], of.mean[:1], of.logvar[:1])
    log_p = plane.log_evidence(decode, of.test[:1], step=0.1).value
    at = few[0], log_p, *few[1:]
    gap = importance.exact_gap(decode, *at, share=share, counts=(1, many), step=0.2)
    over = plane.square(0.1, 8.0)
    log_q = importance.log_proposal(over.nodes, few[1][0], few[2][0], share)
    log_joint = plane.log_likelihood(few[0], decode(over.nodes[None])[0])[0] + plane.log_prior(over.nodes)
    divergence = (log_q.exp() * (log_q - log_joint + log_p)).sum() * 0.1**2
    assert gap.value[0, 0].item() == pytest.approx(divergence.item(), rel=1e-6)
    law = importance.relative_variance(decode, *at, share=share, step=0.1).value / 2
    assert (gap.value[0, 1] / law * many).item() == pytest.approx(1, abs=1e-2)


def test_draws_from_another_proposal_are_found_out(monkeypatch):
    monkeypatch.setattr(importance, "log_weights", lambda *args, **options: _weights(*args, **options | {"share": 0.6}))
    assert "iwae_bound" in broken("weights")


_weights = importance.log_weights
