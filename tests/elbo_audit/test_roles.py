"""The language of roles: what it holds, and what it refuses in one line."""

import pytest

from elbo_audit.packed import roles_of_parts
from elbo_audit.roles import KINDS, Role, cast, role
from tests.elbo_audit.shapes_roles import ROLES


@pytest.mark.parametrize("name", ROLES)
def test_the_arguments_of_forty_shapes_can_be_written(name):
    roles = cast(ROLES[name])
    assert {n: role(str(r)) for n, r in roles.items()} == roles  # what is printed is read back


def test_there_are_forty():
    assert len(ROLES) == 40


def test_whose_an_argument_is_follows_from_its_sizes():
    roles = cast(ROLES["l1-learned-logvar-tiny-kl"])
    assert [roles[n].of for n in ("x_hat", "mu", "logvar", "s")] == ["x", "q", "q", "x"]


@pytest.mark.parametrize(
    ("roles", "says"),
    [
        ({"x": "B D"}, "no kind"),
        ({"x": "B D binary mean"}, "several kinds"),
        ({"x": "binary B D"}, "sizes come first"),
        ({"x": "B D- binary"}, "'D-' in the role"),
        ({"x": "B 0 real"}, "no size"),
        ({"x": "B __import__('os') real"}, "no size"),
        ({"x": "B D real", "mu": "B K mean of y"}, "nothing of that name"),
        ({"mu": "B K mean", "m2": "B K mean"}, "both 'mean of q'"),
        ({"x": "B D real", "s": "logstd"}, "say whose"),
        ({"n": "count"}, "needs one name"),
        ({"m": "B mask of q"}, "of nobody"),
        ({"x": 3}, "a role is a text"),
    ],
)
def test_what_is_no_role_is_refused_in_one_line(roles, says):
    with pytest.raises(ValueError, match=says) as refusal:
        cast(roles)
    assert "\n" not in str(refusal.value)


def test_what_is_flattened_or_drawn_several_times_is_of_the_data():
    roles = cast({"x": "B 1 28 28 binary", "p": "B 784 probability", "mu": "B K mean", "logvar": "B K logvar"})
    assert (roles["p"].of, roles["p"].sizes) == ("x", (("B",), (28, 28)))
    assert cast({"x": "B D binary", "l": "S B D logits"})["l"].of == "x"


def test_two_halves_are_two_arguments():
    assert roles_of_parts({"h": "B 2*C H W mean|logvar of p"}) == {
        "h.mean": "B C H W mean of p", "h.logvar": "B C H W logvar of p",
    }  # fmt: skip


def test_every_kind_is_described():
    assert all(KINDS.values()) and len(KINDS) == 29


def test_a_role_is_data():
    assert role("B L*C onehot") == Role((("B",), ("L", "C")), "onehot")
