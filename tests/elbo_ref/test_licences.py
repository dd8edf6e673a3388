"""Every public function names, in its docstring, the theorem that licenses it; and that theorem is there."""

import inspect
import re

import pytest

import elbo_ref
from derivations._language.chapters import homes, verdicts
from elbo_ref import certified, distributed, estimators, quadrature, quadrature_torch

LICENCE = re.compile(r"^Theorems?: ([^.]+)\.$", re.MULTILINE)

# The integral of q f is what an expectation is: there is nothing to prove.
DEFINITIONS = {"elbo_ref.quadrature.expectation", "elbo_ref.quadrature_torch.expectation"}
SETTINGS = {"elbo_ref.unchecked"}
# Its docstring says "Theorem: none yet.", and why; no other does.
UNLICENSED = {"elbo_ref.tail_index"}


def _public(module):
    """The functions of a module that a reader may call: those it lists, or those that it defines."""
    names = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    objects = {n: getattr(module, n) for n in names}
    own = {n: f for n, f in objects.items() if inspect.isfunction(f) and f.__module__.startswith("elbo_ref")}
    return own if hasattr(module, "__all__") else {n: f for n, f in own.items() if f.__module__ == module.__name__}


FUNCTIONS = {
    f"{module.__name__}.{name}": function
    for module in (elbo_ref, estimators, distributed, quadrature, quadrature_torch, certified)
    for name, function in _public(module).items()
}


@pytest.fixture(scope="module")
def known():
    """The names of the verdicts, and of the modules, which stand for all theorems of a page."""
    return {v.name for v in verdicts()} | set(homes())


def test_there_are_functions():
    some = {"elbo_ref.kl_normal", "elbo_ref.quadrature.elbo", "elbo_ref.certified.gap"}
    assert some | DEFINITIONS | {"elbo_ref.elbo_surgery", "elbo_ref.distributed.sharded_iwae_bound"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - DEFINITIONS - SETTINGS))
def test_a_function_names_its_theorems(name, known):
    found = LICENCE.findall(inspect.getdoc(FUNCTIONS[name]) or "")
    assert len(found) == 1, f"{name} has {len(found)} lines 'Theorem: name.'"
    assert (found == ["none yet"]) == (name in UNLICENSED)
    if name in UNLICENSED:
        return
    missing = [theorem for theorem in re.split(r", | and ", found[0]) if theorem not in known]
    assert not missing, f"{name} names {missing}, which no derivation proves"
