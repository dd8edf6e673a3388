"""Training: seeds, checkpoints and devices. What was broken off goes on to the same weights."""

import os

import numpy as np
import pytest
import torch

from elbo_lab import checkpoint
from elbo_lab.mistakes import RIGHT, Sizes
from elbo_lab.model import Autoencoders, Shape
from elbo_lab.training import Plan, Training
from tests.elbo_ref import _simulated as simulated  # before anything is differentiated: torch then counts its devices

SHAPE, PLAN = Shape(6, 5, 2), Plan(3, batch=8)
IMAGES = torch.as_tensor(np.random.default_rng(0).integers(0, 2, (40, 6))).float()


def trained(epochs, seeds=(0,), **options):
    training = Training(SHAPE, list(seeds), IMAGES, PLAN, **options)
    for _ in range(epochs):
        training.run_epoch()
    return training


def weights(training, member=0):
    return torch.cat([p.detach()[member].reshape(-1).cpu() for p in training.networks.parameters()])


def test_a_member_of_a_stack_is_what_it_is_alone():
    """Other sizes of a matrix product may round otherwise, to some units of the last place of each of the steps."""
    for member, seed in enumerate((3, 4)):
        stacked, alone = weights(trained(2, (3, 4)), member), weights(trained(2, (seed,)))
        assert torch.allclose(stacked, alone, rtol=0, atol=1e3 * torch.finfo(torch.float32).eps)
    assert not torch.allclose(weights(trained(1, (3,))), weights(trained(1, (4,))), atol=1e-2)


def test_the_loss_is_the_textbook_line():
    textbook = trained(1, step=RIGHT.step(Sizes(len(IMAGES), PLAN.batch, 2)))
    assert torch.allclose(weights(trained(1)), weights(textbook), rtol=0, atol=1e-5)


def test_it_learns_and_says_so():
    training = Training(SHAPE, [0], IMAGES, Plan(60, batch=8, rate=1e-2))
    first, *_, last = (training.run_epoch() for _ in range(60))
    assert last.loss[0] < first.loss[0] and last.epoch == 60
    assert last.loss[0] == pytest.approx(last.reconstruction[0] + last.kl[0], rel=1e-6)


def test_a_broken_run_goes_on_to_the_same_weights(tmp_path):
    whole, file = trained(3), tmp_path / "checkpoint.pt"
    checkpoint.save(trained(1), file, {"seed": 0})
    again = trained(0)
    checkpoint.restore(again, checkpoint.read(file), {"seed": 0})
    while again.epoch < 3:
        again.run_epoch()
    assert torch.equal(weights(again), weights(whole))


def test_without_its_generators_it_would_not(tmp_path):
    file = tmp_path / "checkpoint.pt"
    checkpoint.save(trained(1), file, {})
    state = checkpoint.read(file)
    state["draws"] = [torch.Generator().manual_seed(9).get_state()]
    again = trained(0)
    checkpoint.restore(again, state, {})
    again.run_epoch()
    assert not torch.equal(weights(again), weights(trained(2)))


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-7], lambda b: b[:200] + bytes([b[200] ^ 1]) + b[201:], lambda b: b + b"x"]
)
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path, damage):
    file = tmp_path / "checkpoint.pt"
    checkpoint.save(trained(0), file, {})
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=r"checkpoint\.pt is damaged"):
        checkpoint.read(file)


def test_what_is_no_checkpoint_or_of_another_run_is_refused(tmp_path):
    file = tmp_path / "checkpoint.pt"
    with pytest.raises(ValueError, match="there is no checkpoint"):
        checkpoint.read(file)
    file.write_bytes(b"PK")
    with pytest.raises(ValueError, match="is no checkpoint of elbo-lab"):
        checkpoint.read(file)
    checkpoint.save(trained(0), file, {"beta": 1.0, "seed": 0})
    with pytest.raises(ValueError, match=r"made with beta 1\.0"):
        checkpoint.restore(trained(0), checkpoint.read(file), {"beta": 2.0, "seed": 0})


def test_a_crash_while_writing_leaves_the_checkpoint_of_before(tmp_path, monkeypatch):
    file = tmp_path / "checkpoint.pt"
    checkpoint.save(trained(0), file, {"n": 1})

    def crash(*_):
        raise OSError("the power is gone")

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(OSError):
        checkpoint.save(trained(1), file, {"n": 2})
    assert checkpoint.read(file)["about"] == {"n": 1}


def test_what_cannot_be_trained_is_refused():
    for plan, words in ((Plan(0), "epochs"), (Plan(1, 41), "at most 40"), (Plan(1, 8, beta=-1), "beta")):
        with pytest.raises(ValueError, match=words):
            Training(SHAPE, [0], IMAGES, plan)
    with pytest.raises(ValueError, match="activation must be one of tanh, relu"):
        Autoencoders(Shape(4, 3, 2, "gelu"), [0])
    if not torch.cuda.is_available():
        with pytest.raises(ValueError, match="no CUDA device"):
            Training(SHAPE, [0], IMAGES, PLAN, device="cuda")


def test_everything_is_put_on_the_device():
    """On a device in software, which refuses what lies elsewhere."""
    with simulated.device():
        far = trained(1, device=simulated.NAME)
        assert {p.device.type for p in far.networks.parameters()} == {simulated.NAME}
        assert torch.allclose(weights(far), weights(trained(1)), rtol=0, atol=1e3 * torch.finfo(torch.float32).eps)
