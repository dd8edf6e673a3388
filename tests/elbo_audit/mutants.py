"""One-place mutants of traced losses: an operation, a number, an order or an axis changed in the graph."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch

from elbo_audit.program import Program
from elbo_audit.torch_trace import trace

aten = torch.ops.aten
OTHERS: dict[Any, list[Any]] = {
    aten.add.Tensor: [aten.sub.Tensor],
    aten.sub.Tensor: [aten.add.Tensor],
    aten.rsub.Scalar: [aten.add.Tensor],
    aten.mul.Tensor: [aten.div.Tensor, aten.add.Tensor],
    aten.div.Tensor: [aten.mul.Tensor],
    aten.exp.default: [aten.neg.default, aten.expm1.default],
    aten.log.default: [aten.log1p.default, aten.neg.default],
    aten.neg.default: [aten.abs.default],
    aten.softplus.default: [aten.exp.default],
    aten.sum.default: [aten.mean.default],
    aten.mean.default: [aten.sum.default],
    aten.sum.dim_IntList: [aten.mean.dim],
    aten.mean.dim: [aten.sum.dim_IntList],
}
SWAPPED = (aten.sub.Tensor, aten.div.Tensor, aten.binary_cross_entropy.default)


def mutants(program: Program) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is changed, and what makes the changed graph."""
    graph, _ = trace(program)
    for k, node in enumerate(graph.graph.nodes):
        if node.op != "call_function":
            continue
        for other in OTHERS.get(node.target, []):
            yield f"{node}: {other}", partial(_changed, graph, k, target=other)
        if node.target in SWAPPED and len(node.args) > 1 and isinstance(node.args[1], torch.fx.Node):
            yield (
                f"{node}: arguments swapped",
                partial(_changed, graph, k, args=(node.args[1], node.args[0], *node.args[2:])),
            )
        for place, a in enumerate(node.args):
            if isinstance(a, float) or (isinstance(a, int) and not isinstance(a, bool) and _is_value(node, place)):
                for new in {a * 2, a / 2, -a, a + 1} - {a}:
                    if isinstance(a, int) and new != int(new):
                        continue
                    args = (*node.args[:place], type(a)(new), *node.args[place + 1 :])
                    yield f"{node}: {a} is {new}", partial(_changed, graph, k, args=args)
        if len(node.args) == 1 and isinstance(node.args[0], torch.fx.Node) and node.target in OTHERS:
            same = node.meta["val"].shape == node.args[0].meta["val"].shape
            if same:
                yield f"{node}: left out", partial(_changed, graph, k, target=aten.alias.default)


def _is_value(node: Any, place: int) -> bool:
    return "dim" not in str(node.target) and node.target not in (
        aten.mean.dim, aten.sum.dim_IntList, aten.logsumexp.default, aten._softmax.default,
        aten._log_softmax.default, aten.binary_cross_entropy.default, aten.unsqueeze.default, aten.sym_size.int,
        aten.transpose.int,
    ) and isinstance(node.meta.get("val"), torch.Tensor)  # fmt: skip


def _changed(graph: Any, k: int, target: Any = None, args: Any = None) -> Any:
    new = copy.copy(graph)
    new.graph = torch.fx.Graph()
    out = new.graph.graph_copy(graph.graph, table := {})
    nodes = list(graph.graph.nodes)
    for old in nodes:
        if old in table:
            table[old].meta = dict(old.meta)
    new.graph.output(out)
    node = table[nodes[k]]
    if target is not None:
        node.target = target
    if args is not None:
        node.args = torch.fx.node.map_arg(args, lambda n: table[n])
    new.recompile()
    return new


def as_program(program: Program, graph: Any) -> Program:
    """The mutated graph as a function of the same arguments."""
    names = list(program.roles)
    return Program(lambda **given: graph(*(given[n] for n in names)), program.roles)
