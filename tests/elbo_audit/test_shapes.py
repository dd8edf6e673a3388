"""Forty shapes from practice, each with the right verdict."""

import pytest

from elbo_audit import audit
from elbo_audit.words import text
from tests.elbo_audit.shapes import SHAPES
from tests.elbo_audit.shapes_roles import ROLES

PROVED = {  # one of each family
    "optimal-sigma-log-mse", "gmvae-negative-entropy", "vits-half-analytic", "mc-log-ratio", "iwae-right", "bnn-kl-over-data",
    "l1-learned-logvar-tiny-kl",
}  # fmt: skip


def said(verdict, name):
    value = getattr(verdict, name)
    return value.name if name == "mistake" else value if isinstance(value, str) else text(value)


def test_every_shape_has_its_program():
    assert SHAPES.keys() == ROLES.keys()


@pytest.mark.parametrize("name", SHAPES)
def test_the_verdict_is_right(name):
    shape = SHAPES[name]
    verdict = audit(shape.loss, batch=shape.batch, prove=name in PROVED, roles=ROLES[name])
    assert verdict.kind == shape.kind, str(verdict)
    assert {n: said(verdict, n) for n in shape.says} == shape.says
    assert verdict.proved == (name in PROVED), verdict.proof
