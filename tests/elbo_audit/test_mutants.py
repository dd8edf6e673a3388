"""The gate: no mutant of a right loss is called equal unless it is the same function; and what a verdict says of any
mutant, its scale, its weight and its constant, is what its numbers say."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice

import pytest
import torch

from elbo_audit import numbers
from elbo_audit.decide import Asked, decide
from elbo_audit.players import Players, summed
from elbo_audit.program import Program
from elbo_audit.roles import cast
from elbo_audit.terms import Refuse
from elbo_audit.torch_ops import Meaning
from elbo_audit.torch_trace import interpret, trace
from tests.elbo_audit.mutants import as_program, mutants
from tests.elbo_audit.shapes import SHAPES
from tests.elbo_audit.shapes_roles import ROLES
from tests.elbo_audit.wild import WILD

LOSSES = {
    **{
        n: (SHAPES[n].loss, ROLES[n], SHAPES[n].batch)
        for n in (
            "bce-sum-kl-sum", "original-dim-bce-kl-sum", "mse-sum-kl-sum", "kl-minus-zdim", "mc-log-ratio",
            "vits-half-analytic", "iwae-right", "gmvae-negative-entropy",
        )
    },
    **{
        n: (WILD[n].loss, WILD[n].roles, WILD[n].batch)
        for n in (
            "stable_by_hand", "sigma_vae", "learned_prior", "masked_sum", "half_squared_error", "bernoulli_distribution",
        )
    },
}  # fmt: skip
EVERY = {"mc-log-ratio": 3}  # of its hundred mutants, each third
TALLY: dict[str, int] = {}


def judged(program: Program, graph, names, batch):
    """The verdict on a graph, its numbers and gradients checked."""
    meaning = Meaning()
    array = interpret(graph, program, names, meaning)
    formula = summed(array.entry, array.axes)
    verdict = decide(Players(program.roles, meaning.draws), formula, Asked(batch, each=bool(array.axes)))
    if verdict.kind == "none":  # says nothing of the numbers
        return verdict, []
    mutant = as_program(program, graph)
    points = numbers.points(mutant)
    if wrong := numbers.disagreement(mutant, formula, points, meaning.draws, numbers.EXACT):
        raise Refuse(wrong)
    return verdict, points


@pytest.mark.parametrize("name", LOSSES)
def test_no_mutant_passes_for_the_loss(name):
    loss, roles, batch = LOSSES[name]
    program = Program(loss, cast(roles))
    graph, names = trace(program)
    right, _ = judged(program, graph, names, batch)
    assert right.kind in ("equal", "equal up to a constant")
    for what, made in islice(mutants(program), 0, None, EVERY.get(name, 1)):
        mutant = made()
        try:
            verdict, points = judged(program, mutant, names, batch)
        except (Refuse, RuntimeError, TypeError, IndexError):
            TALLY["undecided"] = TALLY.get("undecided", 0) + 1
            continue
        TALLY[verdict.kind] = TALLY.get(verdict.kind, 0) + 1
        if verdict.kind == "equal":
            passes = on_average if verdict.on_average and "eps" in roles else same
            assert passes(mutant, program, verdict, right), f"{what} passes for the loss: {verdict}"
        if verdict.kind in ("equal", "equal up to a constant", "weighted"):
            said_by_numbers(verdict, points, program, what)


def factors(verdict, right, point, program):
    """How many times the loss the mutant is, by what its verdict says of its scale."""
    arrays = {n: t for n, t in point.arguments.items() if isinstance(t, torch.Tensor)}
    arrays = {n: t.squeeze(1) if t.dim() == 3 and t.shape[1] == 1 else t for n, t in arrays.items()}
    return numbers.evaluate(verdict.scale, arrays, point.sizes) / numbers.evaluate(right.scale, arrays, point.sizes)


def same(mutant, program, verdict, right) -> bool:
    """The same numbers and gradients at every point, times the factor that the verdict names."""
    for p, q in zip(numbers.points(as_program(program, mutant)), numbers.points(program), strict=True):
        f = factors(verdict, right, q, program).detach()
        if not torch.allclose(p.value, q.value * f, rtol=1e-9, atol=1e-9):
            return False
        if not all(torch.allclose(p.slopes[n], q.slopes[n] * f, rtol=1e-8, atol=1e-8) for n in p.slopes):
            return False
    return True


def on_average(mutant, program, verdict, right) -> bool:
    """The same mean over the noise, by the rule of three points, which is exact where entries add up."""
    return all(
        math.isclose(mean_over_noise(as_program(program, mutant), q), mean_over_noise(program, q), rel_tol=1e-9)
        for q in numbers.points(program)
    )


def mean_over_noise(program, point) -> float:
    given = {n: t.detach() for n, t in point.arguments.items()}
    nodes = ((0.0, 2 / 3), (3**0.5, 1 / 6), (-(3**0.5), 1 / 6))
    return sum(w * float(program.call(**{**given, "eps": torch.full_like(given["eps"], e)})) for e, w in nodes)


def said_by_numbers(verdict, points, program, what):
    """scale x (negative log likelihood + beta x divergence) + constant, calculated here from the definitions."""
    if verdict.beta is None or verdict.on_average or not {"mu", "logvar"} <= program.roles.keys():
        return
    for point in points:
        given = {n: t for n, t in point.arguments.items() if isinstance(t, torch.Tensor)}

        def number(p, given=given, point=point) -> float:
            return float(numbers.evaluate(p, given, point.sizes).detach())

        variance = None if verdict.variance is None else number(verdict.variance)
        fit = misfit(given, variance, "mask is one" in verdict.model)
        if fit is None:
            return
        rate = 0.5 * (given["mu"] ** 2 + given["logvar"].exp() - 1 - given["logvar"]).sum()
        at_one = verdict.kind == "equal up to a constant" and verdict.variance is not None
        beta = 1.0 if at_one else number(verdict.beta)  # there the variance is what makes the weight one
        expected = number(verdict.scale) * float((fit + beta * rate).detach()) + number(verdict.constant)
        assert math.isclose(expected, float(point.value), rel_tol=1e-8, abs_tol=1e-8), (what, str(verdict))
        TALLY["checked by numbers"] = TALLY.get("checked by numbers", 0) + 1


def misfit(given, variance, masked):
    if "nll" in given:
        return (given["nll"] * given["mask"]).sum() if masked else given["nll"].sum()
    x = given["x"]
    if "prob" in given:
        return -(x * given["prob"].log() + (1 - x) * (1 - given["prob"]).log()).sum()
    if "logits" in given:
        return (torch.nn.functional.softplus(given["logits"]) - x * given["logits"]).sum()
    if "log_sigma" in given:
        s = given["log_sigma"]
        return (0.5 * ((x - given["x_hat"]) / s.exp()) ** 2 + s + 0.5 * math.log(2 * math.pi)).sum()
    if variance is not None:
        return ((x - given["x_hat"]) ** 2).sum() / (2 * variance) + x.numel() / 2 * math.log(2 * math.pi * variance)
    return None


def test_the_gate_is_wide_enough():
    several = sum(
        sum(1 for _ in islice(mutants(Program(loss, cast(roles))), 0, None, EVERY.get(name, 1)))
        for name, (loss, roles, _) in LOSSES.items()
    )
    assert len(LOSSES) >= 12 and several >= 300


@pytest.mark.parametrize(("kind", "defect"), [("equal", "scale"), ("weighted", "beta")])
def test_the_gate_can_fail(kind, defect):
    """A verdict whose scale or weight is off by a factor does not pass."""
    name = "bce-sum-kl-sum" if kind == "equal" else "bce-mean-kl-mean"
    program = Program(SHAPES[name].loss, cast(ROLES[name]))
    graph, names = trace(program)
    verdict, points = judged(program, graph, names, "any")
    assert verdict.kind == kind
    said_by_numbers(verdict, points, program, "as it is")
    wrong = replace(verdict, **{defect: getattr(verdict, defect) * 2})
    with pytest.raises(AssertionError):
        said_by_numbers(wrong, points, program, "planted")
