"""The usual lines of a loss with what an audit says of each, audited while the site is built."""

from __future__ import annotations

import importlib.util
import textwrap
from typing import Any, NamedTuple

from docs._generator.refer import link

BINARY = {"x": "B D binary", "prob": "B D probability", "mu": "B K mean", "logvar": "B K logvar"}
REAL = {"x": "B D real", "x_hat": "B D mean", "mu": "B K mean", "logvar": "B K logvar"}
CODE = {"mu": "B K mean", "logvar": "B K logvar"}
POLICY = {"logp": "B T log-density of q", "ref": "B T log-density of p"}
WEIGHTS = {"log_w": "S B log-weight"}
HALVES = {"h": "B 2*K mean|logvar"}
REWARDS = {"r": "B reward", "logp": "B log-density of q", "ref": "B log-density of p"}
BEFORE = """
    import math
    import torch
    import torch.nn.functional as F

    def gauss(mu, logvar):
        return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp())
    """


class Line(NamedTuple):
    """What people write, on the arguments that they have, with what they ask of the batch, and the kind it must be."""

    code: str
    roles: dict[str, str]
    batch: str
    kind: str


LINES = (
    Line('F.binary_cross_entropy(prob, x, reduction="sum") + gauss(mu, logvar).sum()', BINARY, "sum", "equal"),
    Line("F.binary_cross_entropy(prob, x) + gauss(mu, logvar).mean()", BINARY, "mean", "weighted"),
    Line("F.binary_cross_entropy(prob, x) + gauss(mu, logvar).sum(1).mean()", BINARY, "mean", "weighted"),
    Line('F.binary_cross_entropy(prob, x, reduction="sum") + gauss(mu, logvar).mean()', BINARY, "sum", "weighted"),
    Line("F.binary_cross_entropy_with_logits(prob, x) * x.shape[1] + gauss(mu, logvar).sum(1).mean()", BINARY, "mean",
         "mistake"),
    Line('F.binary_cross_entropy(prob, x, reduction="sum") - gauss(mu, logvar).sum()', BINARY, "sum", "mistake"),
    Line('F.mse_loss(x_hat, x, reduction="sum") + gauss(mu, logvar).sum()', REAL, "sum", "equal up to a constant"),
    Line("F.mse_loss(x_hat, x) + gauss(mu, logvar).mean()", REAL, "any", "equal up to a constant"),
    Line("0.5 * ((x - x_hat) ** 2).sum(1).mean() + gauss(mu, logvar).sum(1).mean()", REAL, "mean",
         "equal up to a constant"),
    Line("-torch.distributions.Normal(x_hat, 1.0).log_prob(x).mean() + gauss(mu, logvar).mean()", REAL, "any", "weighted"),
    Line("F.l1_loss(x_hat, x, reduction='sum') + gauss(mu, logvar).sum()", REAL, "sum", "another model"),
    Line("-torch.sum(1 + logvar - mu.pow(2) - logvar.exp())", CODE, "sum", "mistake"),
    Line("-0.5 * torch.sum(1 + 2 * logvar - mu.pow(2) - logvar.exp())", CODE, "sum", "mistake"),
    Line("0.5 * torch.sum(mu**2 + (2 * logvar).exp() - 1 - 2 * logvar)", CODE, "sum", "mistake"),
    Line("gauss(*h.chunk(2, -1)).sum(1).mean()", HALVES, "mean", "equal"),
    Line("gauss(*h.chunk(2, -1)[::-1]).sum(1).mean()", HALVES, "mean", "mistake"),
    Line("gauss(mu, logvar).sum(1).clamp(min=1.0).mean()", CODE, "mean", "mistake"),
    Line("(math.log(log_w.shape[0]) - log_w.logsumexp(0)).mean()", WEIGHTS, "mean", "equal"),
    Line("(math.log(log_w.shape[1]) - log_w.logsumexp(1)).mean()", WEIGHTS, "mean", "mistake"),
    Line("-log_w.logsumexp(0).mean()", WEIGHTS, "mean", "equal up to a constant"),
    Line("(math.log(log_w.shape[0]) - log_w.sum(1).logsumexp(0)) / log_w.shape[1]", WEIGHTS, "mean", "mistake"),
    Line("(torch.exp(ref - logp) - (ref - logp) - 1).mean()", POLICY, "any", "mistake"),
    Line("((logp - ref) ** 2).mean()", POLICY, "any", "weighted"),
    Line("-((r - 0.1 * (logp - ref)).detach() * logp).mean()", REWARDS, "any", "surrogate"),
    Line("-((r + 0.1 * (logp - ref)).detach() * logp).mean()", REWARDS, "any", "mistake"),
)  # fmt: skip


class WrongVerdict(AssertionError):
    """An audit says something else than the page is about."""


def table() -> str:
    """A row a line: what it is, the verdict, the page. Without torch the table says that it was not run."""
    if not importlib.util.find_spec("torch"):
        return "Not run here: torch is not installed.\n"
    rows = ["| the line | its verdict | because |", "| --- | --- | --- |"]
    return "\n".join([*rows, *map(row, LINES)]) + "\n"


def row(line: Line) -> str:
    """One line, audited."""
    from elbo_audit import audit

    names: dict[str, Any] = {}
    source = textwrap.dedent(BEFORE) + f"\ndef loss({', '.join(line.roles)}):\n    return {line.code}\n"
    exec(compile(source, "a line of the table", "exec"), names)  # noqa: S102 (the lines are our own)
    verdict = audit(names["loss"], batch=line.batch, roles=line.roles, prove=False)
    if verdict.kind != line.kind:
        raise WrongVerdict(f"{line.code}: {verdict.kind}, not {line.kind}: {verdict.reason}")
    page = verdict.page or verdict.theorem
    said = verdict.reason.replace("|", "\\|")
    return f"| `{line.code}` | {_kind(verdict)} | {said}" + (f": {link(page)}" if page else "") + " |"


def _kind(verdict: Any) -> str:
    """The kind; of a squared error that is right at a variance which nobody chose, also the weight at a fixed one."""
    from elbo_audit.words import text

    kind = f"**{verdict.kind}**"
    if verdict.kind != "equal up to a constant" or verdict.variance is None or verdict.variance.number() is not None:
        return kind
    return f"{kind} at variance {text(verdict.variance)}; **weighted** {text(verdict.beta)} at variance 1/2"
