"""What is written to fool the audit does not."""

import random

import pytest
import torch

from elbo_audit import audit
from tests.elbo_audit.fooling import FOOLS


@pytest.mark.parametrize("name", FOOLS)
def test_it_is_not_fooled(name):
    random.seed(1)
    torch.manual_seed(1)
    fool = FOOLS[name]
    verdict = audit(fool.loss, batch=fool.batch, roles=fool.roles)
    assert verdict.kind in fool.kinds, str(verdict)
    assert fool.says in verdict.reason


def test_there_are_enough():
    assert sum("equal" not in f.kinds for f in FOOLS.values()) >= 20
