"""Losses of others, in three rounds: the verdicts were there before the audit saw them."""

import pytest

from elbo_audit import audit
from tests.elbo_audit.later import LATER
from tests.elbo_audit.test_shapes import said
from tests.elbo_audit.unseen import UNSEEN
from tests.elbo_audit.wild import WILD

LOSSES = {**WILD, **UNSEEN, **LATER}

PROVED = {  # one or two of each family
    "narrow_independent", "learned_prior", "from_std", "compute_elbo", "clamped_logvar", "bernoulli_distribution",
    "masked_sum", "sentence", "two_tables", "shifted_by_the_maximum", "drawn_inside", "laplace_of_scale_one",
    "images_flattened", "chunked", "flow", "several_reconstructions", "two_codes", "beta_four",
}  # fmt: skip


@pytest.mark.parametrize("name", LOSSES)
def test_the_verdict_is_right(name):
    wild = LOSSES[name]
    verdict = audit(wild.loss, batch=wild.batch, maximised=wild.maximised, prove=name in PROVED, roles=wild.roles)
    assert verdict.kind == wild.kind, str(verdict)
    assert {n: said(verdict, n) for n in wild.says} == wild.says
    assert verdict.proved == (name in PROVED), verdict.proof


def test_there_are_enough():
    assert len(LOSSES) == len(WILD) + len(UNSEEN) + len(LATER) >= 110
    assert {w.kind for w in WILD.values()} >= {"equal", "weighted", "mistake", "surrogate", "another model", "none"}
