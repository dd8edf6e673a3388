"""Losses of others, in three rounds: the verdicts were there before the audit saw them."""

import pytest

from elbo_audit import audit
from tests.elbo_audit.later import LATER
from tests.elbo_audit.test_shapes import said
from tests.elbo_audit.unseen import UNSEEN
from tests.elbo_audit.wild import WILD

LOSSES = {**WILD, **UNSEEN, **LATER}


@pytest.mark.parametrize("name", LOSSES)
def test_the_verdict_is_right(name):
    wild = LOSSES[name]
    verdict = audit(wild.loss, batch=wild.batch, maximised=wild.maximised, prove=False, roles=wild.roles)
    assert verdict.kind == wild.kind, str(verdict)
    assert {n: said(verdict, n) for n in wild.says} == wild.says


def test_there_are_enough():
    assert len(LOSSES) == len(WILD) + len(UNSEEN) + len(LATER) >= 110
    assert {w.kind for w in WILD.values()} >= {"equal", "weighted", "mistake", "surrogate", "another model", "none"}
